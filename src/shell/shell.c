#include "config.h"

#include "shell/shell.h"

#include <errno.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/str.h"
#include "base/xmalloc.h"
#include "shell/args.h"
#include "shell/foreign.h"
#include "shell/names.h"
#include "shell/query.h"
#include "shell/session.h"

volatile sig_atomic_t shell_interrupts;

static void on_interrupt(int signal_number)
{
    (void)signal_number;
    shell_interrupts++;
}

void shell_catch_interrupts(void)
{
    struct sigaction action = {.sa_handler = on_interrupt};

    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
}

struct shell *shell_new(const struct shell_options *options)
{
    struct shell *shell = xcalloc(1, sizeof(*shell));

    shell->options = *options;
    print_init(&shell->print, options->color);
    shell->print.quiet = options->quiet;
    shell->print.interactive = options->interactive;
    if (options->quiet) {
        vars_put(&shell->vars, "QUIET", "on");
    }
    shell->names = names_new();
    shell->session = session_new(shell);
    shell->vars.missing = session_variable;
    shell->vars.context = shell;
    shell->vars.busy = &shell->vars_busy;
    return shell;
}

void shell_free(struct shell *shell)
{
    if (shell == NULL) {
        return;
    }
    names_forget(shell);
    session_free(shell->session);
    names_free(shell->names);
    print_fini(&shell->print);
    vars_fini(&shell->vars);
    free(shell->query_out);
    free(shell->last_command);
    free(shell);
}

static bool stops_on_error(const struct shell *shell)
{
    return vars_bool(&shell->vars, "ON_ERROR_STOP", !shell->options.interactive);
}

void shell_report(struct shell *shell, const struct err *err)
{
    struct err shown = *err;
    const char *verbosity = vars_text(&shell->vars, "VERBOSITY");

    shell->last_error = *err;
    vars_put(&shell->vars, "LAST_ERROR", err_code_name(err->code));
    vars_put(&shell->vars, "LAST_ERROR_MESSAGE", err->msg);
    fflush(shell->print.out);
    if (strcmp(verbosity, "terse") == 0) {
        shown.source[0] = shown.trace[0] = shown.hint[0] = '\0';
    }
    if (shown.file[0] == '\0' && shown.line == 0 && shell->script != NULL &&
        shell->script->name[0] != '\0') {
        str_copy(shown.file, sizeof(shown.file), shell->script->name);
        shown.line = shell->script->line;
    }
    err_print(&shown, stderr, shell->print.term_err.color);
    if (strcmp(verbosity, "verbose") == 0) {
        fprintf(stderr, "code: %s\n", err_code_name(err->code));
    }
    fflush(stderr);
}

/* Books the result of a command or statement. */
static void finish(struct shell *shell, int result, const struct err *err)
{
    struct err unwritten = {0};

    if (print_check(&shell->print, &unwritten) != 0 && result == 0) {
        result = -1;
        err = &unwritten;
    }
    shell->failed = result != 0;
    vars_put(&shell->vars, "ERROR", shell->failed ? "true" : "false");
    if (result == 0) {
        shell->result = 0;
        return;
    }
    if (err->code != ERR_NONE) {
        shell_report(shell, err);
        shell->result = err_exit_status(err->code);
    } else if (shell->result == 0) {
        shell->result = 1;
    }
    if (shell->status == 0) {
        shell->status = shell->result;
    }
    if (err->code == ERR_INTERRUPTED && !shell->options.interactive) {
        shell->status = shell->result;
        shell->quit = true;
    }
    if (stops_on_error(shell)) {
        shell->stop = true;
    }
}

static void echo_query(struct shell *shell, const char *sql)
{
    const char *echo = vars_text(&shell->vars, "ECHO");

    if (strcmp(echo, "queries") == 0) {
        print_line(&shell->print, sql);
    } else if (strcmp(echo, "errors") == 0 && shell->failed) {
        print_note(&shell->print, "STATEMENT:  %s", sql);
    }
}

static double now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1000 + (double)now.tv_nsec / 1e6;
}

/* As psql's \timing: from a second on also as minutes and seconds. */
static void show_time(struct shell *shell, double start)
{
    double ms = now_ms() - start;
    int minutes = (int)(ms / 60000);

    if (!shell->timing) {
        return;
    }
    print_data(&shell->print, "Time: %.3f ms", ms);
    if (ms >= 1000) {
        print_data(&shell->print, " (%02d:%06.3f)", minutes, ms / 1000 - minutes * 60);
    }
    print_data(&shell->print, "\n");
}

int shell_run_query(struct shell *shell, struct script *script)
{
    struct err err = {0};
    double start = now_ms();
    int result;

    if (strcmp(vars_text(&shell->vars, "ECHO"), "queries") == 0) {
        echo_query(shell, buf_str(&script->query));
    }
    shell_interrupts = 0;
    free(shell->last_command);
    shell->last_command = NULL;
    shell->result = 0;
    result = query_run(shell, buf_str(&script->query), &err);
    if (err.line > 0 && err.file[0] == '\0' && script->name[0] != '\0') {
        str_copy(err.file, sizeof(err.file), script->name);
        err.line += script->query_line - 1;
    }
    finish(shell, result, &err);
    if (result != 0 && strcmp(vars_text(&shell->vars, "ECHO"), "errors") == 0) {
        echo_query(shell, buf_str(&script->query));
    }
    show_time(shell, start);
    script_sent(script);
    return result;
}

static int unknown_command(const char *name, size_t len, struct err *err)
{
    char text[64];
    const char *advice = foreign_advice(name, len);
    const char *near;

    str_copy_n(text, sizeof(text), name, len);
    near = cmd_nearest(text);
    err_set(err, ERR_USAGE, "invalid command \\%s", text);
    if (text[0] == ';') {
        err_hint(err, "statements are sent one by one: leave the backslash out");
    } else if (advice != NULL) {
        err_hint(err, "%s", advice);
    } else if (near != NULL) {
        err_hint(err, "did you mean \\%s? \\? lists all commands", near);
    } else {
        err_hint(err, "\\? lists all commands");
    }
    return -1;
}

static size_t command_name_length(const char *text)
{
    size_t len = strcspn(text, " \t\r\n\\");

    if (text[0] == '!' || (text[0] == '?' && len > 1)) {
        return 1;
    }
    return len;
}

static const char *trimmed(struct arena *arena, const char *text)
{
    size_t len;

    text += strspn(text, " \t");
    len = strlen(text);
    while (len > 0 && strchr(" \t\r\n", text[len - 1]) != NULL) {
        len--;
    }
    return arena_strndup(arena, text, len);
}

/* The words of the command into `call`; moves on script->at. */
static int read_words(struct shell *shell, struct script *script, const struct cmd *cmd,
                      size_t name_len, struct cmd_call *call, struct err *err)
{
    const char *text = buf_str(&script->text) + script->at;
    struct args args = {0};
    const char *raw;

    if ((cmd->flags & CMD_RAW) != 0) {
        raw = trimmed(call->arena, text + name_len);
        script->at = script->text.len;
        return cmd_parse(cmd, &raw, raw[0] != '\0' ? 1 : 0, call, err);
    }
    if (args_split(text + name_len, script_active(script) ? &shell->vars : NULL,
                   call->arena, &args, err) != 0) {
        script->at = script->text.len;
        return -1;
    }
    script->at = (size_t)(args.rest - buf_str(&script->text));
    return cmd_parse(cmd, args.words, args.count, call, err);
}

static void set_query(struct cmd_call *call, const struct script *script)
{
    bool fresh = script->has_text && !script->done;

    call->query = fresh ? buf_str(&script->query) : buf_str(&script->previous);
    call->query = arena_strdup(call->arena, call->query);
}

static int call_command(struct shell *shell, struct script *script, struct arena *arena,
                        struct err *err)
{
    const char *text = buf_str(&script->text) + script->at;
    size_t len = command_name_length(text);
    const struct cmd *cmd = cmd_find(text, len);
    struct cmd_call call = {.arena = arena, .query = ""};
    bool active = script_active(script);

    if (cmd == NULL) {
        int result = active ? unknown_command(text, len, err) : 0;
        script->at = script->text.len;
        return result;
    }
    call.plus = len > 0 && text[len - 1] == '+';
    call.name = arena_strndup(arena, text, len - call.plus);
    if (read_words(shell, script, cmd, len, &call, err) != 0) {
        return active || (cmd->flags & CMD_BRANCH) != 0 ? -1 : 0;
    }
    if (!active && (cmd->flags & CMD_BRANCH) == 0) {
        return 0;
    }
    if ((cmd->flags & CMD_QUERY) != 0) {
        set_query(&call, script);
    }
    return cmd->exec(shell, &call, err);
}

/* What \watch would repeat: commands that show something from outside. */
static bool is_repeatable(const struct cmd *cmd)
{
    return cmd != NULL &&
           (strcmp(cmd->group, "Cloud") == 0 || strcmp(cmd->group, "Project") == 0 ||
            strcmp(cmd->name, "plan") == 0);
}

static void remember_command(struct shell *shell, const char *text, size_t len)
{
    size_t name = strcspn(text, " \t\\");

    if (is_repeatable(cmd_find(text, name < len ? name : len))) {
        free(shell->last_command);
        shell->last_command = xstrndup(text, len);
    }
}

int shell_run_command(struct shell *shell, struct script *script, const char *text)
{
    struct script again;
    struct err err = {0};
    struct arena arena = {0};
    int result;

    script_init(&again, script->name);
    script_begin_line(&again, text, strlen(text));
    shell->result = 0;
    result = call_command(shell, &again, &arena, &err);
    if (result != SHELL_QUIET_FAILURE) {
        finish(shell, result, &err);
    }
    arena_fini(&arena);
    script_fini(&again);
    return result;
}

static void run_command(struct shell *shell, struct script *script)
{
    struct arena arena = {0};
    struct err err = {0};
    double start = now_ms();
    size_t at = script->at;
    char *text = xstrdup(buf_str(&script->text) + at);
    int result;

    shell_interrupts = 0;
    shell->result = 0;
    result = call_command(shell, script, &arena, &err);
    if (script->at >= at && script->at - at <= strlen(text)) {
        remember_command(shell, text, script->at - at);
    }
    free(text);
    if (result == SHELL_QUIET_FAILURE) {
        arena_fini(&arena);
        return;
    }
    finish(shell, result, &err);
    fflush(shell->print.out);
    if (shell->timing && now_ms() - start >= 5) {
        show_time(shell, start);
    }
    arena_fini(&arena);
}

static void too_long(struct shell *shell)
{
    struct err err = {0};

    err_set(&err, ERR_LIMIT, "statement longer than %zu bytes", SCRIPT_QUERY_MAX);
    finish(shell, -1, &err);
}

static bool going_on(const struct shell *shell)
{
    return !shell->quit && !shell->stop && !shell->leave;
}

int shell_exec(struct shell *shell, struct script *script, const char *line)
{
    struct script *outer = shell->script;
    enum script_item item = SCRIPT_SQL;

    shell->script = script;
    if (strcmp(vars_text(&shell->vars, "ECHO"), "all") == 0 &&
        !shell->options.interactive) {
        print_line(&shell->print, line);
    }
    script_begin_line(script, line, strlen(line));
    while (item != SCRIPT_NONE && going_on(shell)) {
        item = script_next(script, &shell->vars);
        if (item == SCRIPT_SQL && script_active(script)) {
            shell_run_query(shell, script);
        } else if (item == SCRIPT_SQL) {
            script->done = true;
        } else if (item == SCRIPT_COMMAND) {
            run_command(shell, script);
        } else if (item == SCRIPT_TOO_LONG) {
            too_long(shell);
        }
    }
    script_end_line(script);
    shell->script = outer;
    return going_on(shell) ? 0 : -1;
}

int shell_exec_end(struct shell *shell, struct script *script)
{
    struct script *outer = shell->script;
    struct err err = {0};

    shell->script = script;
    if (going_on(shell) && script->has_text && !script->done && script_active(script)) {
        if (script->lex != SCRIPT_READY && script->lex != SCRIPT_COMMENT) {
            err_set(&err, ERR_USAGE, "unterminated quoted string or identifier");
            err_at(&err, script->name, script->query_line, 0);
            finish(shell, -1, &err);
        } else {
            shell_run_query(shell, script);
        }
    }
    if (going_on(shell) && script->branch_count > 0) {
        err_clear(&err);
        err_set(&err, ERR_USAGE,
                "reached end of input without finding closing \\endif");
        finish(shell, -1, &err);
    }
    shell->script = outer;
    return going_on(shell) ? 0 : -1;
}

int shell_exec_text(struct shell *shell, const char *text)
{
    struct script script;
    struct buf line = BUF_INIT;
    int result = 0;

    script_init(&script, "");
    shell->leave = false;
    while (result == 0 && *text != '\0') {
        size_t len = strcspn(text, "\n");
        buf_reset(&line);
        buf_add(&line, text, len);
        result = shell_exec(shell, &script, buf_str(&line));
        text += len + (text[len] == '\n');
    }
    if (result == 0) {
        result = shell_exec_end(shell, &script);
    }
    shell->leave = false;
    buf_fini(&line);
    script_fini(&script);
    return going_on(shell) ? 0 : -1;
}

int shell_exec_stream(struct shell *shell, FILE *in, const char *name)
{
    struct script script;
    char *line = NULL;
    size_t cap = 0;
    ssize_t len;
    int result = 0;

    script_init(&script, name);
    shell->include_depth++;
    while (result == 0 && (len = getline(&line, &cap, in)) >= 0) {
        while (len > 0 && (line[len - 1] == '\n' || line[len - 1] == '\r')) {
            line[--len] = '\0';
        }
        bool mark = script.line == 0 && str_starts(line, "\xef\xbb\xbf");
        result = shell_exec(shell, &script, line + (mark ? 3 : 0));
    }
    if (result == 0) {
        result = shell_exec_end(shell, &script);
    }
    shell->leave = false;
    shell->include_depth--;
    free(line);
    script_fini(&script);
    return going_on(shell) ? 0 : -1;
}

int shell_exec_file(struct shell *shell, const char *path)
{
    struct err err = {0};
    struct stat status;
    FILE *in;

    if (strcmp(path, "-") == 0) {
        return shell_exec_stream(shell, stdin, "<stdin>");
    }
    in = fopen(path, "re");
    if (in == NULL) {
        err_set_errno(&err, ERR_IO, "%s", path);
    } else if (fstat(fileno(in), &status) == 0 && S_ISDIR(status.st_mode)) {
        err_set(&err, ERR_IO, "%s: is a directory", path);
    }
    if (err.code != ERR_NONE) {
        if (in != NULL) {
            fclose(in);
        }
        finish(shell, -1, &err);
        return going_on(shell) ? 0 : -1;
    }
    shell_exec_stream(shell, in, path);
    fclose(in);
    return going_on(shell) ? 0 : -1;
}

static int read_line_answer(const char *question, char *out, size_t size)
{
    FILE *terminal = fopen("/dev/tty", "r+e");

    if (terminal == NULL) {
        return -1;
    }
    fputs(question, terminal);
    fflush(terminal);
    if (fgets(out, (int)size, terminal) == NULL) {
        out[0] = '\0';
    }
    fclose(terminal);
    out[strcspn(out, "\r\n")] = '\0';
    return 0;
}

int shell_ask(struct shell *shell, const char *question, char *out, size_t size)
{
    out[0] = '\0';
    fflush(shell->print.out);
    return shell->read_answer != NULL ? shell->read_answer(shell, question, out, size)
                                      : read_line_answer(question, out, size);
}

int shell_confirm(struct shell *shell, const char *question, struct err *err)
{
    char prompt[256];
    char answer[64];

    if (shell->options.yes) {
        return 0;
    }
    if (!shell->options.interactive) {
        err_set(err, ERR_REFUSED, "%.*s: not confirmed", (int)strcspn(question, "?"),
                question);
        err_hint(err, "nobody can be asked here: --yes (-y) answers yes");
        return -1;
    }
    snprintf(prompt, sizeof(prompt), "%s [y/N] ", question);
    result = shell_ask(shell, prompt, answer, sizeof(answer));
    if (result == 0 && (str_ieq(answer, "y") || str_ieq(answer, "yes"))) {
        return 0;
    }
    return err_set(err, ERR_REFUSED, "not confirmed: nothing was changed");
}
