/* Lines, commands and statements: what every input goes through. */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/str.h"
#include "base/xmalloc.h"
#include "shell/args.h"
#include "shell/foreign.h"
#include "shell/query.h"
#include "shell/shell.h"

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
    shell_finish(shell, result, &err);
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
    const char *first = text + name_len + strspn(text + name_len, " \t");
    const char *raw;

    if ((cmd->flags & CMD_RAW) != 0 ||
        ((cmd->flags & CMD_PIPE) != 0 && first[0] == '|')) {
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
        if ((cmd->flags & CMD_BRANCH) != 0) {
            cmd->exec(shell, &call, err); /* as with an expression that is false */
            return active || strcmp(cmd->name, "if") != 0 ? -1 : 0;
        }
        return active ? -1 : 0;
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
        shell_finish(shell, result, &err);
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
    const struct cmd *cmd = cmd_find(text, command_name_length(text));
    bool timed =
        cmd == NULL || (cmd->flags & CMD_QUERY) == 0; /* a query tells its own */
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
    shell_finish(shell, result, &err);
    fflush(shell->print.out);
    if (timed && now_ms() - start >= 5) {
        show_time(shell, start);
    }
    arena_fini(&arena);
}

static void too_long(struct shell *shell)
{
    struct err err = {0};

    err_set(&err, ERR_LIMIT, "statement longer than %zu bytes", SCRIPT_QUERY_MAX);
    shell_finish(shell, -1, &err);
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
            shell_finish(shell, -1, &err);
        } else {
            shell_run_query(shell, script);
        }
    }
    if (going_on(shell) && script->branch_count > 0) {
        err_clear(&err);
        err_set(&err, ERR_USAGE,
                "reached end of input without finding closing \\endif");
        shell_finish(shell, -1, &err);
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
        shell_finish(shell, -1, &err);
        return going_on(shell) ? 0 : -1;
    }
    shell_exec_stream(shell, in, path);
    fclose(in);
    return going_on(shell) ? 0 : -1;
}
