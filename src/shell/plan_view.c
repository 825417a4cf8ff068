#include "config.h"

#include "shell/plan_view.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "shell/shell.h"
#include "shell/wrap.h"
#include "value/json.h"

static enum term_style style_of(enum plan_verb verb)
{
    switch (verb) {
    case PLAN_CREATE:
    case PLAN_START:
    case PLAN_RESUME:
    case PLAN_RUN:
        return TERM_GREEN;
    case PLAN_REPLACE:
    case PLAN_UPDATE:
    case PLAN_REFRESH:
    case PLAN_CHANGED:
        return TERM_YELLOW;
    case PLAN_DRIFT:
    case PLAN_REFUSE:
    case PLAN_DROP:
        return TERM_RED;
    case PLAN_SAME:
    case PLAN_WAIT:
    case PLAN_ORPHAN:
        break;
    }
    return TERM_DIM;
}

static const char *kind_of(const struct plan_action *action)
{
    bool materialized =
        action->materialization != NULL && action->materialization[0] != '\0';

    return materialized ? action->materialization : action->resource_type;
}

/* Appends foreign text without what could drive a terminal. */
static void add_safe(struct buf *out, const char *text)
{
    char space[4096];

    term_sanitize(text, strlen(text), false, space, sizeof(space));
    buf_adds(out, space);
}

/* Text that ends its line; on a screen (0: none) it goes on below where it began. */
static void add_text(struct buf *out, const char *text, size_t column, size_t screen)
{
    char space[4096];
    size_t indent = column;

    term_sanitize(text, strlen(text), false, space, sizeof(space));
    if (screen > 0 && screen < column + 24) {
        while (out->len > 0 && out->data[out->len - 1] == ' ') {
            buf_truncate(out, out->len - 1);
        }
        buf_addc(out, '\n');
        indent = 6;
        column = 0;
    }
    wrap_words(out, space, column, indent, screen > 0 ? screen : SIZE_MAX);
}

struct widths {
    size_t name;
    size_t kind;
    size_t screen; /* 0: lines may be of any length */
};

static struct widths measure(const struct plan *plan)
{
    struct widths widths = {0};

    for (size_t i = 0; i < plan->count; i++) {
        size_t name = str_width(plan->actions[i].name, strlen(plan->actions[i].name));
        size_t kind = strlen(kind_of(&plan->actions[i]));
        widths.name = name > widths.name ? name : widths.name;
        widths.kind = kind > widths.kind ? kind : widths.kind;
    }
    widths.name = widths.name > 48 ? 48 : widths.name;
    return widths;
}

static void pad_to(struct buf *out, const char *text, size_t width)
{
    size_t used = str_width(text, strlen(text));

    add_safe(out, text);
    buf_pad(out, ' ', used < width ? width - used : 0);
}

static void add_line(struct buf *out, const struct terminal *term,
                     const struct plan_action *action, struct widths widths)
{
    const char *mark = plan_verb_mark(action->verb);

    buf_pad(out, ' ', strlen(mark) < 3 ? 3 - strlen(mark) : 0);
    buf_addf(out, "%s%s%s ", term_style(term, style_of(action->verb)), mark,
             term_style(term, TERM_PLAIN));
    pad_to(out, action->name, widths.name);
    buf_adds(out, "  ");
    pad_to(out, kind_of(action), widths.kind);
    buf_adds(out, "  ");
    pad_to(out, plan_verb_name(action->verb), 8);
    buf_adds(out, "  ");
    if (action->reason != NULL) {
        add_text(out, action->reason, 4 + widths.name + 2 + widths.kind + 2 + 8 + 2,
                 widths.screen);
    }
    while (out->len > 0 && strchr(" \n", out->data[out->len - 1]) != NULL) {
        buf_truncate(out, out->len - 1);
    }
    buf_addc(out, '\n');
}

static void add_indented(struct buf *out, const char *text, const char *prefix)
{
    while (text != NULL && *text != '\0') {
        size_t len = strcspn(text, "\n");
        char *line = NULL;
        struct buf copy = BUF_INIT;
        buf_add(&copy, text, len);
        line = buf_take(&copy);
        buf_adds(out, prefix);
        add_safe(out, line);
        buf_addc(out, '\n');
        free(line);
        text += len + (text[len] == '\n');
    }
}

static void add_details(struct buf *out, const struct plan_action *action, bool verbose,
                        size_t screen)
{
    for (size_t i = 0; i < action->note_count; i++) {
        const char *prefix = action->notes[i].warning ? "      warning: " : "      ";
        buf_adds(out, prefix);
        add_text(out, action->notes[i].text, strlen(prefix), screen);
    }
    if (action->error != NULL && action->verb == PLAN_REFUSE) {
        add_indented(out, action->error, "      ");
    }
    if (!verbose) {
        return;
    }
    for (size_t i = 0; i < action->drift.count; i++) {
        buf_adds(out, "      - ");
        add_safe(out, action->drift.items[i].text);
        buf_adds(out, action->drift.items[i].note ? " (note)\n" : "\n");
    }
    if (action->query_before != NULL) {
        add_indented(out, action->query_before, "      - ");
        add_indented(out, action->query_after, "      + ");
    }
    for (size_t i = 0; i < action->step_count; i++) {
        const struct step *step = &action->steps[i];
        buf_addf(out, "      %zu. %s", i + 1, step_kind_name(step->kind));
        buf_addf(out, "%s%s", step->summary != NULL ? " " : "",
                 step->summary != NULL ? step->summary : "");
        buf_addf(out, "%s%s\n", step->statement_name != NULL ? "  " : "",
                 step->statement_name != NULL ? step->statement_name : "");
        add_indented(out, step->sql, "           ");
    }
}

static void add_summary(struct buf *out, const struct plan *plan)
{
    bool first = true;

    buf_adds(out, "Plan: ");
    for (int verb = 0; verb <= PLAN_DROP; verb++) {
        if (plan->verb_counts[verb] > 0) {
            buf_addf(out, "%s%zu %s", first ? "" : ", ", plan->verb_counts[verb],
                     plan_verb_summary((enum plan_verb)verb));
            first = false;
        }
    }
    buf_adds(out, first ? "nothing to do.\n" : ".\n");
}

static void add_field(struct buf *out, const char *name, const char *value)
{
    if (value == NULL) {
        return;
    }
    buf_addf(out, ",\"%s\":", name);
    json_write_str(value, strlen(value), 0, out);
}

static void add_json_action(struct buf *out, const struct plan_action *action)
{
    buf_addf(out, "{\"event\":\"action\",\"action\":\"%s\"",
             plan_verb_name(action->verb));
    add_field(out, "unique_id", action->unique_id);
    add_field(out, "name", action->name);
    add_field(out, "resource_type", action->resource_type);
    add_field(out, "materialization", action->materialization);
    add_field(out, "relation", action->relation_text);
    add_field(out, "reason", action->reason);
    add_field(out, "error", action->error);
    buf_adds(out, ",\"differences\":[");
    for (size_t i = 0; i < action->drift.count; i++) {
        buf_adds(out, i > 0 ? "," : "");
        json_write_str(action->drift.items[i].text, strlen(action->drift.items[i].text),
                       0, out);
    }
    buf_adds(out, "],\"steps\":[");
    for (size_t i = 0; i < action->step_count; i++) {
        const struct step *step = &action->steps[i];
        buf_addf(out, "%s{\"kind\":\"%s\"", i > 0 ? "," : "",
                 step_kind_name(step->kind));
        add_field(out, "summary", step->summary);
        add_field(out, "statement", step->statement_name);
        add_field(out, "sql", step->sql);
        buf_addc(out, '}');
    }
    buf_adds(out, "]}\n");
}

static void view_json(struct shell *shell, const struct plan *plan)
{
    struct buf text = BUF_INIT;
    bool first = true;

    for (size_t i = 0; i < plan->count; i++) {
        add_json_action(&text, &plan->actions[i]);
    }
    buf_adds(&text, "{\"event\":\"plan\"");
    add_field(&text, "command", plan->command);
    add_field(&text, "target", plan->target);
    add_field(&text, "fingerprint", plan->fingerprint);
    buf_adds(&text, ",\"counts\":{");
    for (int verb = 0; verb <= PLAN_DROP; verb++) {
        if (plan->verb_counts[verb] > 0) {
            buf_addf(&text, "%s\"%s\":%zu", first ? "" : ",",
                     plan_verb_name((enum plan_verb)verb), plan->verb_counts[verb]);
            first = false;
        }
    }
    buf_adds(&text, "}}\n");
    fwrite(buf_str(&text), 1, text.len, shell->print.out);
    buf_fini(&text);
}

void plan_view(struct shell *shell, const struct plan *plan, bool verbose)
{
    struct terminal plain = {0};
    const struct terminal *term =
        shell->print.out == stdout ? &shell->print.term : &plain;
    struct widths widths = measure(plan);
    struct buf text = BUF_INIT;

    if (print_is_json(&shell->print)) {
        view_json(shell, plan);
        return;
    }
    if (print_to_terminal(&shell->print)) {
        widths.screen = (size_t)shell->print.term.width;
    }
    for (size_t i = 0; i < plan->count; i++) {
        add_line(&text, term, &plan->actions[i], widths);
        add_details(&text, &plan->actions[i], verbose, widths.screen);
    }
    add_summary(&text, plan);
    print_styled(&shell->print, buf_str(&text), text.len);
    buf_fini(&text);
}
