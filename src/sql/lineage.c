#include "config.h"

#include "sql/lineage.h"

#include <string.h>

#include "base/arena.h"
#include "base/map.h"
#include "sql/walk.h"

/* A name of WITH that is in force; the innermost one first. */
struct scope {
    struct scope *outer;
    struct scope *hidden;          /* the one of the same name that this one hides */
    const struct sql_query *query; /* whose WITH it is */
    const char *name;
};

struct collector {
    struct arena *arena;
    struct sql_lineage *out;
    struct scope *scope;
    struct map names;   /* of WITH in force: struct scope */
    struct map seen;    /* keys of what is read */
    struct map targets; /* keys of what is written */
};

static void *grow(struct arena *arena, void *items, size_t count, size_t size)
{
    if ((count & (count - 1)) == 0) {
        items = arena_realloc(arena, items, count * size,
                              (count == 0 ? 1 : count * 2) * size);
    }
    return items;
}

static bool is_cte(const struct collector *c, const struct sql_name *name)
{
    return name->count == 1 && map_get(&c->names, name->parts[0].text) != NULL;
}

/* The parts, each with its length before it, so that no two names share a key. */
static const char *key_of(struct arena *arena, const struct sql_name *name)
{
    const char *key = "";

    for (size_t i = 0; i < name->count; i++) {
        key = arena_printf(arena, "%s%zu:%s", key, strlen(name->parts[i].text),
                           name->parts[i].text);
    }
    return key;
}

static void read(struct collector *c, const struct sql_name *name)
{
    struct sql_lineage *out = c->out;
    const char *key;

    if (name->count == 0 || is_cte(c, name)) {
        return;
    }
    out->mentions =
        grow(c->arena, out->mentions, out->mention_count, sizeof(*out->mentions));
    out->mentions[out->mention_count++].name = *name;
    key = key_of(c->arena, name);
    if (map_put(&c->seen, key, c) == NULL) {
        out->reads = grow(c->arena, out->reads, out->read_count, sizeof(*out->reads));
        out->reads[out->read_count++].name = *name;
    }
}

static bool on_from(void *ctx, const struct sql_from *from)
{
    if (from->kind == SQL_FROM_TABLE) {
        read(ctx, &from->table);
    }
    return true;
}

static bool on_query(void *ctx, const struct sql_query *query)
{
    if (query->kind == SQL_QUERY_TABLE && query->cte_count == 0) {
        read(ctx, &query->table);
    }
    return true;
}

static void push(struct collector *c, const struct sql_query *query,
                 const struct sql_cte *cte)
{
    struct scope *scope = arena_new(c->arena, struct scope);

    *scope = (struct scope){.outer = c->scope, .query = query, .name = cte->name.text};
    scope->hidden = map_put(&c->names, scope->name, scope);
    c->scope = scope;
}

static void on_enter_cte(void *ctx, const struct sql_query *query,
                         const struct sql_cte *cte)
{
    if (query->recursive) {
        push(ctx, query, cte);
    }
}

static void on_leave_cte(void *ctx, const struct sql_query *query,
                         const struct sql_cte *cte)
{
    if (!query->recursive) {
        push(ctx, query, cte);
    }
    /* TABLE x after WITH x AS (…) is read once all of WITH is known. */
    if (query->kind == SQL_QUERY_TABLE && cte == &query->ctes[query->cte_count - 1]) {
        read(ctx, &query->table);
    }
}

static void on_leave_query(void *ctx, const struct sql_query *query)
{
    struct collector *c = ctx;

    while (c->scope != NULL && c->scope->query == query) {
        map_put(&c->names, c->scope->name, c->scope->hidden);
        c->scope = c->scope->outer;
    }
}

static struct sql_visitor visitor_of(struct collector *collector)
{
    return (struct sql_visitor){.ctx = collector,
                                .query = on_query,
                                .from = on_from,
                                .enter_cte = on_enter_cte,
                                .leave_cte = on_leave_cte,
                                .leave_query = on_leave_query};
}

static void written(struct collector *c, const struct sql_name *name)
{
    struct sql_lineage *out = c->out;
    const char *key = key_of(c->arena, name);

    if (map_put(&c->targets, key, c) != NULL) {
        return;
    }
    out->writes = grow(c->arena, out->writes, out->write_count, sizeof(*out->writes));
    out->writes[out->write_count++].name = *name;
}

static bool writes_object(enum sql_statement_kind kind)
{
    switch (kind) {
    case SQL_STATEMENT_DROP_TABLE:
    case SQL_STATEMENT_DROP_VIEW:
    case SQL_STATEMENT_DROP_MATERIALIZED_TABLE:
    case SQL_STATEMENT_DELETE:
    case SQL_STATEMENT_UPDATE:
    case SQL_STATEMENT_TRUNCATE_TABLE:
        return true;
    default:
        return false;
    }
}

static void collect_writes(struct collector *c, const struct sql_statement *statement)
{
    if (statement->insert != NULL) {
        written(c, &statement->insert->target);
    }
    if (statement->table != NULL) {
        written(c, &statement->table->name);
    }
    if (statement->view != NULL) {
        written(c, &statement->view->name);
    }
    if (statement->kind == SQL_STATEMENT_ALTER_TABLE ||
        statement->kind == SQL_STATEMENT_ALTER_VIEW ||
        statement->kind == SQL_STATEMENT_ALTER_MATERIALIZED_TABLE) {
        written(c, &statement->alter->name);
    }
    if (writes_object(statement->kind)) {
        written(c, &statement->object->name);
    }
    if (statement->kind == SQL_STATEMENT_EXPLAIN) {
        return;
    }
    for (size_t i = 0; i < statement->child_count; i++) {
        collect_writes(c, statement->children[i]);
    }
}

static void finish(struct collector *collector)
{
    map_fini(&collector->names);
    map_fini(&collector->seen);
    map_fini(&collector->targets);
}

void sql_lineage_of(struct arena *arena, const struct sql_statement *statement,
                    struct sql_lineage *out)
{
    struct collector collector = {.arena = arena, .out = out};
    struct sql_visitor visitor = visitor_of(&collector);

    *out = (struct sql_lineage){0};
    sql_walk_statement(&visitor, statement);
    collect_writes(&collector, statement);
    finish(&collector);
}

void sql_lineage_of_query(struct arena *arena, const struct sql_query *query,
                          struct sql_lineage *out)
{
    struct collector collector = {.arena = arena, .out = out};
    struct sql_visitor visitor = visitor_of(&collector);

    *out = (struct sql_lineage){0};
    sql_walk_query(&visitor, query);
    finish(&collector);
}
