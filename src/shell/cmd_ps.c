/* \ps: the statements in the cloud. */
#include "config.h"

#include <fnmatch.h>
#include <string.h>

#include "base/str.h"
#include "flink/statement.h"
#include "shell/phases.h"
#include "shell/session.h"
#include "shell/shell.h"

#define HIDDEN_LABEL "user.confluent.io/hidden"

/* Name of the statement -> name of its model, as far as the project can be loaded. */
static void models_by_statement(struct shell *shell, struct arena *arena,
                                struct map *out)
{
    struct project *project;
    struct err ignored = {0};

    if (!session_has_project(shell) ||
        session_project(shell, &project, &ignored) != 0) {
        return;
    }
    for (size_t i = 0; i < project->node_count; i++) {
        static const char *const suffixes[] = {"", "-ddl"};
        struct node *node = project->nodes[i];
        for (size_t k = 0; k < 2 && node->type == NODE_MODEL; k++) {
            struct buf name = BUF_INIT;
            if (compile_statement_name(session_compiler(shell), node, suffixes[k],
                                       &name, &ignored) == 0) {
                map_put(out, arena_strdup(arena, buf_str(&name)), node);
            }
            buf_fini(&name);
        }
    }
}

static bool matches(const struct flink_statement *statement, const struct node *node,
                    const char *pattern)
{
    if (pattern == NULL) {
        return true;
    }
    return fnmatch(pattern, statement->name, 0) == 0 ||
           fnmatch(pattern, statement->phase_text, FNM_CASEFOLD) == 0 ||
           (strpbrk(pattern, "*?[") == NULL &&
            strstr(statement->name, pattern) != NULL) ||
           (node != NULL && fnmatch(pattern, node->name, 0) == 0);
}

static const char *first_line(struct arena *arena, const char *text)
{
    return arena_strndup(arena, text, strcspn(text, "\n"));
}

enum { PS_NAME, PS_PHASE, PS_AGE, PS_POOL, PS_MODEL, PS_DETAIL, PS_KIND, PS_COLUMNS };

struct ps_row {
    const char *texts[PS_COLUMNS];
};

static struct ps_row ps_row(const struct flink_statement *s, const struct node *node,
                            struct arena *arena)
{
    bool quiet = s->phase == FLINK_PHASE_COMPLETED || s->phase == FLINK_PHASE_DELETING;

    return (struct ps_row){{
        [PS_NAME] = s->name,
        [PS_PHASE] = s->phase_text,
        [PS_AGE] = phases_age(s->created_at, arena),
        [PS_POOL] = s->compute_pool_id,
        [PS_MODEL] = node != NULL ? node->name : "",
        [PS_DETAIL] = quiet ? "" : first_line(arena, s->detail),
        [PS_KIND] = s->traits.known ? s->traits.sql_kind : "",
    }};
}

/* Whether a column says nothing that a person has to see: it is the same everywhere. */
static bool is_dull(const struct ps_row *rows, size_t count, int column)
{
    const char *first = count > 0 ? rows[0].texts[column] : "";

    if (column == PS_DETAIL) {
        first = "";
    } else if (column != PS_POOL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!str_eq(rows[i].texts[column], first)) {
            return false;
        }
    }
    return true;
}

static void show_ps(struct shell *shell, const struct ps_row *rows, size_t count,
                    bool all)
{
    static const char *const names[] = {
        [PS_NAME] = "name", [PS_PHASE] = "phase", [PS_AGE] = "age",
        [PS_POOL] = "pool", [PS_MODEL] = "model", [PS_DETAIL] = "detail",
        [PS_KIND] = "kind",
    };
    bool brief = !all && print_to_terminal(&shell->print);
    struct format_column columns[PS_COLUMNS];
    int shown[PS_COLUMNS];
    size_t width = 0;
    struct print_table *table;

    for (int i = 0; i < PS_COLUMNS; i++) {
        if ((i != PS_KIND || all) && !(brief && is_dull(rows, count, i))) {
            columns[width] = (struct format_column){names[i], FORMAT_TEXT};
            shown[width++] = i;
        }
    }
    table = print_table_begin(&shell->print, columns, width, NULL);
    for (size_t r = 0; r < count; r++) {
        const char *texts[PS_COLUMNS];
        for (size_t i = 0; i < width; i++) {
            texts[i] = rows[r].texts[shown[i]];
        }
        if (print_table_texts(table, texts, width) != 0) {
            break;
        }
    }
    print_table_end(table, NULL);
}

static int exec_ps(struct shell *shell, struct cmd_call *call, struct err *err)
{
    const char *pattern = call->argc > 0 ? call->argv[0] : NULL;
    struct flink_client *client;
    struct flink_statement *items;
    struct map models = {0};
    struct ps_row *rows;
    size_t count;
    size_t found = 0;
    size_t over = 0; /* what ended well, and was not asked for */

    if (session_client(shell, &client, err) != 0 ||
        flink_statement_list(client, NULL, call->arena, &items, &count, err) != 0) {
        return -1;
    }
    models_by_statement(shell, call->arena, &models);
    rows = arena_array(call->arena, struct ps_row, count + 1);
    for (size_t i = 0; i < count; i++) {
        const struct node *node = map_get(&models, items[i].name);
        bool hidden = flink_pairs_get(&items[i].labels, HIDDEN_LABEL) != NULL;
        if ((hidden && !call->plus) || !matches(&items[i], node, pattern)) {
            continue;
        }
        if (items[i].phase == FLINK_PHASE_COMPLETED && !call->plus && pattern == NULL) {
            over++;
            continue;
        }
        rows[found++] = ps_row(&items[i], node, call->arena);
    }
    show_ps(shell, rows, found, call->plus || print_is_json(&shell->print));
    if (over > 0) {
        print_note(&shell->print, "%zu completed: \\ps+ or \\ps completed lists %s",
                   over, over == 1 ? "it" : "them");
    }
    map_fini(&models);
    return 0;
}

const struct cmd cmd_ps_table[] = {
    {.name = "ps",
     .group = "Cloud",
     .usage = "[PATTERN]",
     .summary = "list statements that are not over; \\ps+ all, and their kind",
     .max = 1,
     .complete = CMD_COMPLETE_STATEMENT,
     .exec = exec_ps},
    {0},
};
