/* The server's complaints, warnings and notes, brought to where the model is. */
#include "config.h"

#include "run/machine.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

/* ---- "at line 36, column 9" ---- */

static bool read_place(const char *text, int *line, int *column)
{
    const char *at = strstr(text, "line ");

    while (at != NULL) {
        if (sscanf(at, "line %d, column %d", line, column) == 2 && *line > 0 &&
            *column > 0) {
            return true;
        }
        at = strstr(at + 1, "line ");
    }
    return false;
}

/* Byte offset of a line and column, both from 1, columns in characters. */
static size_t offset_of(const char *text, int line, int column)
{
    const char *p = text;

    for (; line > 1; line--) {
        p = strchr(p, '\n');
        if (p == NULL) {
            return strlen(text);
        }
        p++;
    }
    while (column > 1 && *p != '\0' && *p != '\n') {
        p++;
        while (((unsigned char)*p & 0xc0) == 0x80) {
            p++;
        }
        column--;
    }
    return (size_t)(p - text);
}

void run_explain(const struct run_node *node, struct err *err)
{
    const struct plan_action *action = node->action;
    int line;
    int column;

    if (node->sql == NULL || !read_place(err->msg, &line, &column)) {
        return;
    }
    size_t offset = offset_of(node->sql, line, column);
    const char *model = action->compiled_sql != NULL && action->compiled_sql[0] != '\0'
                            ? strstr(node->sql, action->compiled_sql)
                            : NULL;
    if (model != NULL && offset >= (size_t)(model - node->sql) &&
        offset <= (size_t)(model - node->sql) + strlen(action->compiled_sql)) {
        err_at_offset(err, action->compiled_path, action->compiled_sql,
                      strlen(action->compiled_sql),
                      offset - (size_t)(model - node->sql));
    } else {
        err_at_offset(err, "the statement that cflowsh made", node->sql,
                      strlen(node->sql), offset);
    }
}

/* ---- notes ---- */

/* Whether this is the first time; remembers it. */
static bool first_time(struct run_node *node, const char *text)
{
    if (map_get(&node->noted, text) != NULL) {
        return false;
    }
    map_put(&node->noted, arena_strdup(&node->run->report->arena, text), node);
    return true;
}

void run_note_statement(struct run_node *node, const struct flink_statement *statement)
{
    const char *limit = statement->state_limit_state;

    for (size_t i = 0; i < statement->warning_count; i++) {
        const struct flink_warning *warning = &statement->warnings[i];
        const char *text =
            warning->message[0] != '\0' ? warning->message : warning->reason;
        if (first_time(node, text)) {
            run_node_note(node, true, "%s%s%s", warning->severity,
                          warning->severity[0] != '\0' ? ": " : "", text);
        }
    }
    if (limit[0] != '\0' && strcmp(limit, "OK") != 0 && first_time(node, limit)) {
        run_node_note(node, true, "statement '%s': its state is %s%s%s",
                      statement->name, limit,
                      statement->state_limit_detail[0] != '\0' ? ": " : "",
                      statement->state_limit_detail);
    }
    if (statement->phase == FLINK_PHASE_UNKNOWN &&
        first_time(node, statement->phase_text)) {
        run_node_note(node, true,
                      "statement '%s' is in a phase that is not known here: %s",
                      statement->name, statement->phase_text);
    }
}
