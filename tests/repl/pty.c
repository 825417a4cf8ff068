/*
 * Plays transcripts on a pseudo-terminal. `pty FILE...` runs each file and exits with 1
 * when one fails. A transcript is a list of lines:
 *
 *   # comment
 *   env NAME=VALUE      for the program; before `run`
 *   write FILE TEXT     makes a file in the working directory
 *   script FILE TEXT    the same, executable; $REAL_SANDBOX is the sandbox to test
 *   size COLUMNSxLINES  also while the program runs
 *   run ARGUMENTS       starts $CFLOWSH -X ARGUMENTS in an empty directory
 *   spawn ARGUMENTS     as run, without -X
 *   > TEXT              types TEXT and Enter; {C-x} {tab} {esc} {nl} {x01} are keys
 *   + TEXT              types TEXT
 *   < TEXT              waits until TEXT appears in what came since the last match
 *   ! TEXT              TEXT must not have come since the last match
 *   ~ TEXT              TEXT must not have come since the program began
 *   pause MS            waits that long
 *   exit STATUS         waits for the end of the program
 *   mode FILE OCTAL     a file's permissions
 *   has FILE TEXT       a file contains the text
 *   lacks FILE TEXT     a file does not
 *
 * Every wait has a deadline, so nothing can hang.
 */
#include "config.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define OUTPUT_MAX  ((size_t)1024 * 1024)
#define DEADLINE_MS 20000
#define ARGS_MAX    64
#define WORDS       11

struct play {
    const char *file;
    int line;
    char dir[PATH_MAX];
    int fd; /* of the terminal; -1: not running */
    pid_t pid;
    char *output; /* everything that came */
    size_t len;
    size_t matched; /* end of the last match */
    struct winsize size;
    bool ended;
};

static long long now_ms(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (long long)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

static int fail(struct play *play, const char *what, const char *text)
{
    fprintf(stderr, "%s:%d: %s: %s\n--- output since the last match:\n%.*s\n---\n",
            play->file, play->line, what, text, (int)(play->len - play->matched),
            play->output + play->matched);
    return -1;
}

/* Reads what is there, waiting at most `ms`. */
static void receive(struct play *play, int ms)
{
    struct pollfd poll_fd = {.fd = play->fd, .events = POLLIN};
    ssize_t n;

    if (play->fd < 0 || play->ended || poll(&poll_fd, 1, ms) <= 0) {
        return;
    }
    if (play->len + 4096 > OUTPUT_MAX) {
        play->len = play->matched = 0;
    }
    n = read(play->fd, play->output + play->len, 4096);
    if (n <= 0) {
        play->ended = true;
        return;
    }
    for (ssize_t i = 0; i < n; i++) {
        char c = play->output[play->len + (size_t)i];
        play->output[play->len + (size_t)i] = c == '\0' ? ' ' : c;
    }
    play->len += (size_t)n;
    play->output[play->len] = '\0';
}

/* The byte that a name in braces means; -1 when it is none. */
static int key_byte(const char *name, size_t len)
{
    static const struct {
        const char *name;
        int byte;
    } keys[] = {{"nl", '\n'}, {"cr", '\r'}, {"tab", '\t'}, {"esc", '\033'}};

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (strlen(keys[i].name) == len && strncmp(keys[i].name, name, len) == 0) {
            return keys[i].byte;
        }
    }
    if (len == 3 && name[0] == 'C' && name[1] == '-') {
        return name[2] & 0x1f;
    }
    if (len == 3 && name[0] == 'x') {
        return (int)strtol((char[]){name[1], name[2], '\0'}, NULL, 16);
    }
    return -1;
}

static size_t unescape(const char *text, char *out, size_t size)
{
    size_t n = 0;

    while (*text != '\0' && n + 1 < size) {
        size_t len = *text == '{' ? strcspn(text + 1, "}") : 0;
        int byte = len > 0 && text[len + 1] == '}' ? key_byte(text + 1, len) : -1;
        out[n++] = byte >= 0 ? (char)byte : *text;
        text += byte >= 0 ? len + 2 : 1;
    }
    out[n] = '\0';
    return n;
}

static int type(struct play *play, const char *text, bool enter)
{
    char keys[4096];
    size_t len = unescape(text, keys, sizeof(keys) - 1);

    if (enter) {
        keys[len++] = '\r';
    }
    for (size_t at = 0; at < len;) {
        ssize_t n = write(play->fd, keys + at, len - at);
        if (n < 0) {
            return fail(play, "can't type", text);
        }
        at += (size_t)n;
        receive(play, 0);
    }
    return 0;
}

static int expect(struct play *play, const char *text)
{
    char wanted[4096];
    long long end = now_ms() + DEADLINE_MS;

    unescape(text, wanted, sizeof(wanted));
    for (;;) {
        const char *found = strstr(play->output + play->matched, wanted);
        if (found != NULL) {
            play->matched = (size_t)(found - play->output) + strlen(wanted);
            return 0;
        }
        if (play->ended) {
            return fail(play, "ended without", text);
        }
        if (now_ms() > end) {
            return fail(play, "did not come", text);
        }
        receive(play, 100);
    }
}

static int refuse(struct play *play, size_t from, const char *text)
{
    char unwanted[4096];

    unescape(text, unwanted, sizeof(unwanted));
    receive(play, 50);
    return strstr(play->output + from, unwanted) == NULL ? 0 : fail(play, "came", text);
}

static int resize(struct play *play, const char *text)
{
    unsigned columns;
    unsigned lines;

    if (sscanf(text, "%ux%u", &columns, &lines) != 2) {
        return fail(play, "bad size", text);
    }
    play->size.ws_col = (unsigned short)columns;
    play->size.ws_row = (unsigned short)lines;
    if (play->fd >= 0) {
        ioctl(play->fd, TIOCSWINSZ, &play->size);
    }
    return 0;
}

/* Splits at blanks; '…' keeps them. */
static void split(char *text, char **argv, size_t *count)
{
    char *out = text;

    while (*text != '\0' && *count + 1 < ARGS_MAX) {
        while (*text == ' ') {
            text++;
        }
        if (*text == '\0') {
            break;
        }
        argv[(*count)++] = out;
        for (bool quoted = false; *text != '\0' && (quoted || *text != ' '); text++) {
            if (*text == '\'') {
                quoted = !quoted;
            } else {
                *out++ = *text;
            }
        }
        text += *text == ' ';
        *out++ = '\0';
    }
    argv[*count] = NULL;
}

static int start(struct play *play, const char *text, bool rc)
{
    char *argv[ARGS_MAX];
    char copy[4096];
    size_t count = 0;
    const char *program = getenv("CFLOWSH");

    if (program == NULL) {
        return fail(play, "CFLOWSH is not set", "");
    }
    argv[count++] = (char *)program;
    if (!rc) {
        argv[count++] = (char *)"-X";
    }
    snprintf(copy, sizeof(copy), "%s", text);
    split(copy, argv, &count);
    play->ended = false;
    play->matched = play->len = 0;
    play->output[0] = '\0';
    play->pid = forkpty(&play->fd, NULL, NULL, &play->size);
    if (play->pid == 0) {
        if (chdir(play->dir) != 0) {
            _exit(126);
        }
        execv(program, argv);
        _exit(127);
    }
    return play->pid > 0 ? 0 : fail(play, "can't start", program);
}

static int wait_exit(struct play *play, const char *text)
{
    long long end = now_ms() + DEADLINE_MS;
    int status;
    int code;

    for (;;) {
        receive(play, 20);
        if (waitpid(play->pid, &status, WNOHANG) == play->pid) {
            break;
        }
        if (now_ms() > end) {
            return fail(play, "does not end", text);
        }
    }
    play->pid = 0;
    code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    if (code != atoi(text)) {
        char got[32];
        snprintf(got, sizeof(got), "%d, not %s", code, text);
        return fail(play, "exit status is", got);
    }
    close(play->fd);
    play->fd = -1;
    return 0;
}

static void full_path(const struct play *play, const char *name, size_t len, char *out,
                      size_t size)
{
    snprintf(out, size, "%s/%.*s", play->dir, (int)len, name);
}

static int write_file(struct play *play, const char *text, mode_t mode)
{
    size_t len = strcspn(text, " ");
    char path[PATH_MAX * 2];
    char content[8192];
    FILE *file;

    full_path(play, text, len, path, sizeof(path));
    for (char *at = path + strlen(play->dir) + 1; (at = strchr(at, '/')) != NULL;
         at++) {
        *at = '\0';
        mkdir(path, 0755);
        *at = '/';
    }
    unescape(text + len + (text[len] == ' '), content, sizeof(content));
    file = fopen(path, "w");
    if (file == NULL) {
        return fail(play, "can't write", path);
    }
    fputs(content, file);
    fclose(file);
    return chmod(path, mode);
}

static int check_mode(struct play *play, const char *text)
{
    size_t len = strcspn(text, " ");
    char path[PATH_MAX * 2];
    struct stat status;

    full_path(play, text, len, path, sizeof(path));
    if (stat(path, &status) != 0) {
        return fail(play, "missing file", path);
    }
    return (status.st_mode & 07777) == (mode_t)strtol(text + len, NULL, 8)
               ? 0
               : fail(play, "wrong mode", path);
}

static int check_content(struct play *play, const char *text, bool wanted)
{
    size_t len = strcspn(text, " ");
    char path[PATH_MAX * 2];
    char content[65536];
    char part[4096];
    size_t n = 0;
    FILE *file;

    full_path(play, text, len, path, sizeof(path));
    file = fopen(path, "r");
    if (file != NULL) {
        n = fread(content, 1, sizeof(content) - 1, file);
        fclose(file);
    } else if (wanted) {
        return fail(play, "missing file", path);
    }
    content[n] = '\0';
    unescape(text + len + (text[len] == ' '), part, sizeof(part));
    if ((strstr(content, part) != NULL) == wanted) {
        return 0;
    }
    return fail(play, wanted ? "file lacks" : "file has", part);
}

static int set_env(struct play *play, const char *text)
{
    char name[256];
    const char *value = strchr(text, '=');

    if (value == NULL) {
        unsetenv(text);
        return 0;
    }
    snprintf(name, sizeof(name), "%.*s", (int)(value - text), text);
    (void)play;
    setenv(name, value + 1, 1);
    return 0;
}

static int pause_ms(struct play *play, const char *text)
{
    long long end = now_ms() + atoi(text);

    while (now_ms() < end) {
        receive(play, 20);
    }
    return 0;
}

static int perform(struct play *play, const char *line)
{
    static const char *const words[] = {"env ",  "write ", "size ",  "run",
                                        "spawn", "pause ", "exit ",  "mode ",
                                        "has ",  "lacks ", "script "};
    size_t which = 0;

    if (line[0] == '\0' || line[0] == '#') {
        return 0;
    }
    if (line[0] == '>') {
        return type(play, line + (line[1] == ' ' ? 2 : 1), true);
    }
    if (line[0] == '+') {
        return type(play, line + 2, false);
    }
    if (line[0] == '<') {
        return expect(play, line + 2);
    }
    if (line[0] == '!') {
        return refuse(play, play->matched, line + 2);
    }
    if (line[0] == '~') {
        return refuse(play, 0, line + 2);
    }
    while (which < WORDS && strncmp(line, words[which], strlen(words[which])) != 0) {
        which++;
    }
    line += which < WORDS ? strlen(words[which]) : 0;
    switch (which) {
    case 0:
        return set_env(play, line);
    case 1:
        return write_file(play, line, 0644);
    case 2:
        return resize(play, line);
    case 3:
        return start(play, line, false);
    case 4:
        return start(play, line, true);
    case 5:
        return pause_ms(play, line);
    case 6:
        return wait_exit(play, line);
    case 7:
        return check_mode(play, line);
    case 8:
        return check_content(play, line, true);
    case 9:
        return check_content(play, line, false);
    case 10:
        return write_file(play, line, 0755);
    default:
        return fail(play, "unknown line", line);
    }
}

static void remove_tree(const char *path)
{
    DIR *dir = opendir(path);
    struct dirent *entry;

    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        char name[PATH_MAX * 2];
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0) {
            snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
            if (unlink(name) != 0) {
                remove_tree(name);
            }
        }
    }
    if (dir != NULL) {
        closedir(dir);
    }
    rmdir(path);
}

static void prepare(struct play *play)
{
    static const char *const unset[] = {
        "COLUMNS",          "LINES",           "NO_COLOR",       "PAGER",
        "EDITOR",           "VISUAL",          "XDG_STATE_HOME", "XDG_CONFIG_HOME",
        "DBT_PROFILES_DIR", "DBT_PROJECT_DIR", "DBT_TARGET"};

    for (size_t i = 0; i < sizeof(unset) / sizeof(unset[0]); i++) {
        unsetenv(unset[i]);
    }
    if (getenv("CFLOWSH_SANDBOX") != NULL) {
        setenv("REAL_SANDBOX", getenv("CFLOWSH_SANDBOX"), 1);
    }
    setenv("TERM", "dumb", 1);
    setenv("INPUTRC", "/dev/null", 1);
    setenv("HOME", play->dir, 1);
    setenv("TZ", "UTC", 1);
}

/* One transcript, in a process of its own. */
static int play_file(const char *path)
{
    struct play play = {.file = path, .fd = -1, .size = {.ws_row = 24, .ws_col = 80}};
    FILE *file = fopen(path, "r");
    const char *base = getenv("TMPDIR");
    char *line = NULL;
    size_t cap = 0;
    ssize_t len;
    int result = 0;

    snprintf(play.dir, sizeof(play.dir), "%s/cflowsh-pty.XXXXXX",
             base != NULL ? base : "/tmp");
    if (file == NULL || mkdtemp(play.dir) == NULL) {
        fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return -1;
    }
    play.output = calloc(1, OUTPUT_MAX + 1);
    prepare(&play);
    while (result == 0 && (len = getline(&line, &cap, file)) >= 0) {
        play.line++;
        if (len > 0 && line[len - 1] == '\n') {
            line[len - 1] = '\0';
        }
        result = perform(&play, line);
    }
    if (play.pid > 0) {
        kill(play.pid, SIGKILL);
        waitpid(play.pid, NULL, 0);
    }
    fclose(file);
    free(line);
    free(play.output);
    remove_tree(play.dir);
    return result;
}

int main(int argc, char **argv)
{
    int failed = 0;

    for (int i = 1; i < argc; i++) {
        pid_t pid;
        int status = 1;
        fflush(NULL);
        pid = fork();
        if (pid == 0) {
            _exit(play_file(argv[i]) == 0 ? 0 : 1);
        }
        if (pid < 0 || waitpid(pid, &status, 0) < 0 || status != 0) {
            failed++;
        }
    }
    printf("%d passed, %d failed\n", argc - 1 - failed, failed);
    return failed > 0 ? 1 : 0;
}
