/* The editor: for a model's file, and for the statement at hand. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/path.h"
#include "base/str.h"
#include "shell/select_args.h"
#include "shell/shell.h"

static const char *editor(void)
{
    static const char *const names[] = {"CFLOWSH_EDITOR", "EDITOR", "VISUAL"};

    for (size_t i = 0; i < 3; i++) {
        const char *value = getenv(names[i]);
        if (value != NULL && value[0] != '\0') {
            return value;
        }
    }
    return "vi";
}

static int run_editor(const char *path, struct arena *arena, struct err *err)
{
    struct buf quoted = BUF_INIT;
    int status;

    for (const char *at = path; *at != '\0'; at++) {
        if (*at == '\'') {
            buf_adds(&quoted, "'\\''");
        } else {
            buf_addc(&quoted, *at);
        }
    }
    fflush(NULL);
    status = system(arena_printf(arena, "%s '%s'", editor(), buf_str(&quoted)));
    buf_fini(&quoted);
    if (status == -1 || (WIFEXITED(status) && WEXITSTATUS(status) == 127)) {
        return err_set(err, ERR_IO, "could not start the editor %s", editor());
    }
    return 0;
}

/* \e alone edits the statement; what comes back is put into the query buffer. */
static int edit_query(struct shell *shell, struct cmd_call *call, struct err *err)
{
    char path[] = "/tmp/cflowsh.XXXXXX.sql";
    int fd = mkstemps(path, 4);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    struct buf text = BUF_INIT;
    int result = -1;

    if (file == NULL) {
        return err_set_errno(err, ERR_IO, "%s", path);
    }
    fprintf(file, "%s\n", call->query);
    fclose(file);
    if (run_editor(path, call->arena, err) == 0 &&
        path_read(path, SCRIPT_QUERY_MAX, &text, err) == 0) {
        while (text.len > 0 && strchr(" \n\r\t", text.data[text.len - 1]) != NULL) {
            buf_truncate(&text, text.len - 1);
        }
        script_reset(shell->script);
        print_line(&shell->print, buf_str(&text));
        script_put(shell->script, buf_str(&text), text.len);
        result = 0;
    }
    remove(path);
    buf_fini(&text);
    return result;
}

static int exec_edit(struct shell *shell, struct cmd_call *call, struct err *err)
{
    struct node *node;

    if (call->argc == 0) {
        return edit_query(shell, call, err);
    }
    if (strchr(call->argv[0], '/') != NULL) {
        return run_editor(path_expand_home(call->arena, call->argv[0]), call->arena,
                          err);
    }
    if (select_one(shell, call->argv[0], call->arena, &node, err) != 0) {
        return -1;
    }
    if (node->file == NULL) {
        return err_set(err, ERR_NOT_FOUND, "%s is in no file", node->unique_id);
    }
    return run_editor(node->file->full, call->arena, err);
}

const struct cmd cmd_edit_table[] = {
    {.name = "e",
     .aliases = "edit",
     .group = "Project",
     .usage = "[NAME | FILE]",
     .summary = "edit a model's file, or the statement at hand",
     .max = 1,
     .flags = CMD_QUERY,
     .complete = CMD_COMPLETE_NODE,
     .exec = exec_edit},
    {0},
};
