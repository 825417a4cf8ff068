#include "config.h"

#include "repl/history.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include <readline/history.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/path.h"
#include "base/str.h"
#include "shell/shell.h"

#define ENTRY_MAX     ((size_t)256 * 1024)
#define HISTORY_LIMIT 100000

/* Newlines inside of an entry are kept as this byte in the file. */
#define NEWLINE_MARK '\001'

static struct buf entry;

static void swap_newlines(char from, char to)
{
    for (int i = 0; i < history_length; i++) {
        HIST_ENTRY *item = history_get(history_base + i);
        for (char *at = item != NULL ? item->line : NULL; at != NULL && *at != '\0';
             at++) {
            *at = *at == from ? to : *at;
        }
    }
}

bool history_is_secret(const char *text)
{
    static const char *const words[] = {"secret",  "password", "passwd", "api_key",
                                        "api-key", "apikey",   "token",  "credential",
                                        "bearer",  "sasl.jaas"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcasestr(text, words[i]) != NULL) {
            return true;
        }
    }
    return false;
}

/* One file per project: the name says which, the hash keeps equal names apart. */
static const char *file_of(struct shell *shell, struct arena *arena)
{
    const char *set = vars_text(&shell->vars, "HISTFILE");
    const char *state = getenv("XDG_STATE_HOME");
    const char *home = getenv("HOME");
    const char *project = vars_text(&shell->vars, "PROJECT");
    const char *root = shell_project_root(shell);
    const char *dir;

    if (set[0] != '\0') {
        return path_expand_home(arena, set);
    }
    if (state != NULL && state[0] == '/') {
        dir = path_join(arena, state, "cflowsh");
    } else if (home != NULL && home[0] != '\0') {
        dir = path_join(arena, home, ".local/state/cflowsh");
    } else {
        return NULL;
    }
    if (root[0] == '\0') {
        return path_join(arena, dir, "history");
    }
    return path_join(
        arena, dir,
        arena_printf(arena, "history-%s-%08x", project, map_hash(root, strlen(root))));
}

void history_start(struct shell *shell)
{
    struct arena arena = {0};
    const char *file = file_of(shell, &arena);

    using_history();
    buf_init(&entry, ENTRY_MAX);
    if (file != NULL && read_history(file) == 0) {
        swap_newlines(NEWLINE_MARK, '\n');
    }
    arena_fini(&arena);
}

static bool is_left_out(struct shell *shell, const char *text)
{
    const char *control = vars_text(&shell->vars, "HISTCONTROL");
    bool both = strcmp(control, "ignoreboth") == 0;
    HIST_ENTRY *last =
        history_length > 0 ? history_get(history_base + history_length - 1) : NULL;

    if (text[strspn(text, " \t\n")] == '\0' || history_is_secret(text)) {
        return true;
    }
    if ((both || strcmp(control, "ignorespace") == 0) && text[0] == ' ') {
        return true;
    }
    return (both || strcmp(control, "ignoredups") == 0) && last != NULL &&
           strcmp(last->line, text) == 0;
}

void history_line(const char *line)
{
    if (entry.len > 0) {
        buf_addc(&entry, '\n');
    }
    buf_adds(&entry, line);
}

void history_commit(struct shell *shell)
{
    if (!entry.overflow && !is_left_out(shell, buf_str(&entry))) {
        add_history(buf_str(&entry));
    }
    buf_reset(&entry);
}

void history_drop(void)
{
    buf_reset(&entry);
}

static int write_to(const char *file, struct err *err)
{
    int fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    int result = 0;

    if (fd < 0 || fchmod(fd, 0600) != 0) {
        err_set_errno(err, ERR_IO, "%s", file);
        if (fd >= 0) {
            close(fd);
        }
        return -1;
    }
    close(fd);
    swap_newlines('\n', NEWLINE_MARK);
    if (write_history(file) != 0 || chmod(file, 0600) != 0) {
        result = err_set_errno(err, ERR_IO, "%s", file);
    }
    swap_newlines(NEWLINE_MARK, '\n');
    return result;
}

void history_finish(struct shell *shell)
{
    struct arena arena = {0};
    struct err err = {0};
    const char *file = file_of(shell, &arena);
    long size = vars_number(&shell->vars, "HISTSIZE", 2000);

    if (file != NULL && size > 0) {
        stifle_history((int)(size < HISTORY_LIMIT ? size : HISTORY_LIMIT));
        if (path_mkdirs(path_dir(&arena, file), &err) != 0 ||
            write_to(file, &err) != 0) {
            print_warning(&shell->print, "history not saved: %s", err.msg);
        }
    }
    arena_fini(&arena);
    clear_history();
    buf_fini(&entry);
}

int history_save(const char *file, struct err *err)
{
    return write_to(file, err);
}

int history_print(struct print *print)
{
    struct buf text = BUF_INIT;

    for (int i = 0; i < history_length; i++) {
        HIST_ENTRY *item = history_get(history_base + i);
        if (item != NULL) {
            buf_adds(&text, item->line);
            buf_addc(&text, '\n');
        }
    }
    print_text(print, buf_str(&text), text.len);
    buf_fini(&text);
    return 0;
}
