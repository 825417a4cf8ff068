#include "config.h"

#include "shell/names.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/map.h"
#include "base/path.h"
#include "base/str.h"
#include "base/xmalloc.h"
#include "flink/catalog.h"
#include "flink/statement.h"
#include "shell/session.h"
#include "shell/shell.h"
#include "value/yaml.h"

#define NAMES_MAX 20000

struct list {
    struct arena arena;
    const char **items;
    size_t count;
    size_t cap;
};

struct names {
    struct list lists[SHELL_NAMES_COUNT];
    const struct project *project; /* that NODES and TAGS are of */
    struct list coming;            /* statements of the listing under way */
    struct map failed;             /* names that were told, or failed at the start */
    struct arena failed_arena;
    bool failed_known;
    struct buf notices;
    struct arena catalog_arena;
    int64_t asked_at;
    bool asked;
    bool stale; /* something was done since */
    bool list_open;
    bool catalog_open;
};

struct names *names_new(void)
{
    return xcalloc(1, sizeof(struct names));
}

static void list_clear(struct list *list)
{
    arena_fini(&list->arena);
    free(list->items);
    *list = (struct list){0};
}

void names_free(struct names *names)
{
    for (int i = 0; i < SHELL_NAMES_COUNT; i++) {
        list_clear(&names->lists[i]);
    }
    list_clear(&names->coming);
    map_fini(&names->failed);
    arena_fini(&names->failed_arena);
    arena_fini(&names->catalog_arena);
    buf_fini(&names->notices);
    free(names);
}

static void list_add(struct list *list, const char *text)
{
    if (list->count >= NAMES_MAX) {
        return;
    }
    if (list->count == list->cap) {
        list->cap = list->cap == 0 ? 64 : list->cap * 2;
        list->items = xreallocarray(list->items, list->cap, sizeof(list->items[0]));
    }
    list->items[list->count++] = arena_strdup(&list->arena, text);
}

static void add_tags(struct list *list, struct map *seen, const struct node *node)
{
    for (size_t i = 0; i < value_list_count(node->tags); i++) {
        const char *tag = value_cstr(value_list_at(node->tags, i), "");
        if (map_get(seen, tag) == NULL) {
            map_put(seen, tag, (void *)tag);
            list_add(list, tag);
        }
    }
}

static void read_project(struct names *names, const struct project *project)
{
    struct map seen = {0};

    list_clear(&names->lists[SHELL_NAMES_NODES]);
    list_clear(&names->lists[SHELL_NAMES_TAGS]);
    for (size_t i = 0; i < project->node_count; i++) {
        const struct node *node = project->nodes[i];
        if (node->type == NODE_MODEL || node->type == NODE_SEED ||
            node->type == NODE_SNAPSHOT) {
            list_add(&names->lists[SHELL_NAMES_NODES], node->name);
        }
        add_tags(&names->lists[SHELL_NAMES_TAGS], &seen, node);
    }
    map_fini(&seen);
    names->project = project;
}

/* Targets of the profile, straight from profiles.yml. */
static void read_targets(struct shell *shell, struct names *names)
{
    struct arena arena = {0};
    struct buf text = BUF_INIT;
    struct yaml_doc doc;
    struct err ignored = {0};
    const struct profile *profile;
    const struct value_pair *pair;
    struct value outputs;
    size_t at = 0;

    list_clear(&names->lists[SHELL_NAMES_TARGETS]);
    if (session_profile(shell, &profile, &ignored) == 0 && profile->file[0] != '\0' &&
        path_read(profile->file, 0, &text, &ignored) == 0 &&
        yaml_parse(buf_str(&text), text.len, profile->file, &arena, &doc, &ignored) ==
            0) {
        outputs = value_dict_get(value_dict_get(doc.root, profile->name), "outputs");
        while ((pair = value_dict_next(outputs, &at)) != NULL) {
            list_add(&names->lists[SHELL_NAMES_TARGETS], value_cstr(pair->key, ""));
        }
    }
    buf_fini(&text);
    arena_fini(&arena);
}

size_t shell_names(struct shell *shell, enum shell_names which, const char *const **out)
{
    struct names *names = shell->names;
    const struct project *project = session_project_now(shell);

    if (project != NULL && names->project != project) {
        read_project(names, project);
    }
    if (which == SHELL_NAMES_TARGETS && names->lists[which].count == 0) {
        read_targets(shell, names);
    }
    *out = names->lists[which].items;
    return names->lists[which].count;
}

static void on_statement(void *context, const struct flink_statement *statement)
{
    struct names *names = context;
    const char *name;

    list_add(&names->coming, statement->name);
    if (statement->phase != FLINK_PHASE_FAILED ||
        map_get(&names->failed, statement->name) != NULL ||
        flink_pairs_get(&statement->labels, "user.confluent.io/hidden") != NULL) {
        return;
    }
    name = arena_strdup(&names->failed_arena, statement->name);
    map_put(&names->failed, name, (void *)name);
    if (names->failed_known) {
        buf_addf(&names->notices, "Statement %s has FAILED: %.*s\n", name,
                 (int)strcspn(statement->detail, "\n"), statement->detail);
    }
}

static void on_list_done(void *context, const struct flink_error *error)
{
    struct names *names = context;

    names->list_open = false;
    if (error == NULL) {
        list_clear(&names->lists[SHELL_NAMES_STATEMENTS]);
        names->lists[SHELL_NAMES_STATEMENTS] = names->coming;
        names->coming = (struct list){0};
        names->failed_known = true;
    }
    list_clear(&names->coming);
}

static void on_catalog(void *context, const struct flink_catalog *catalog,
                       const struct flink_error *error)
{
    struct names *names = context;
    struct map seen = {0};

    names->catalog_open = false;
    if (error == NULL) {
        list_clear(&names->lists[SHELL_NAMES_RELATIONS]);
        list_clear(&names->lists[SHELL_NAMES_COLUMNS]);
        for (size_t i = 0; i < catalog->count; i++) {
            const struct flink_relation *relation = &catalog->relations[i];
            list_add(&names->lists[SHELL_NAMES_RELATIONS], relation->name);
            for (size_t c = 0; c < relation->column_count; c++) {
                const char *column = relation->columns[c].name;
                if (!relation->columns[c].hidden && map_get(&seen, column) == NULL) {
                    map_put(&seen, column, (void *)column);
                    list_add(&names->lists[SHELL_NAMES_COLUMNS], column);
                }
            }
        }
    }
    map_fini(&seen);
    arena_reset(&names->catalog_arena);
}

static void ask(struct shell *shell, struct flink_client *client)
{
    struct names *names = shell->names;
    const char *database = session_database(shell);
    struct flink_catalog_query query = {.schemas = &database, .schema_count = 1};

    names->asked = true;
    names->stale = false;
    names->asked_at = clock_now_ms(&clock_system);
    names->list_open = true;
    flink_statement_list_async(client, NULL, on_statement, on_list_done, names);
    if (database[0] != '\0') {
        names->catalog_open = true;
        flink_catalog_read_async(client, &query, &names->catalog_arena, on_catalog,
                                 names);
    }
}

void names_background(struct shell *shell)
{
    struct names *names = shell->names;
    struct flink_client *client = session_client_now(shell);
    struct err ignored = {0};
    int64_t age;

    if (client == NULL) {
        return;
    }
    age = clock_now_ms(&clock_system) - names->asked_at;
    if (!names->list_open && !names->catalog_open &&
        (!names->asked || age > (names->stale ? NAMES_PAUSE_MS : NAMES_AGE_MS))) {
        ask(shell, client);
    }
    if (names->list_open || names->catalog_open) {
        flink_client_turn(client, 0, &ignored);
    }
}

void names_notices(struct shell *shell)
{
    struct names *names = shell->names;

    if (names->notices.len > 0) {
        buf_truncate(&names->notices, names->notices.len - 1);
        print_note(&shell->print, "%s", buf_str(&names->notices));
    }
    buf_reset(&names->notices);
}

void names_forget(struct shell *shell)
{
    struct names *names = shell->names;
    struct flink_client *client = session_client_now(shell);

    if (client != NULL) {
        flink_client_forget(client, names);
    }
    names->list_open = names->catalog_open = names->asked = false;
    list_clear(&names->coming);
}

void names_project_gone(struct shell *shell)
{
    shell->names->project = NULL;
}

void names_stale(struct shell *shell)
{
    shell->names->stale = true;
}
