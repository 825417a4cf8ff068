/* CREATE TABLE, CREATE TABLE AS, LIKE, CREATE VIEW: what they would make. */
#include "config.h"

#include "sql/infer_impl.h"

#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "sql/type_rules.h"

/* A table while it is put together. */
struct making {
    struct infer *in;
    const struct sql_table_def *def;
    struct sql_table *table;
    struct sql_column *columns;
    size_t count;
    size_t cap;
};

static struct sql_span no_span(void)
{
    return (struct sql_span){0, 0};
}

static size_t find_column(const struct making *m, const char *name)
{
    for (size_t i = 0; i < m->count; i++) {
        if (text_eq(m->columns[i].name, name)) {
            return i;
        }
    }
    return SQL_NO_COLUMN;
}

static struct sql_column *add_column(struct making *m, const struct sql_column *column)
{
    if (m->count == m->cap) {
        size_t cap = m->cap ? m->cap * 2 : 16;
        m->columns =
            arena_realloc(m->in->arena, m->columns, m->cap * sizeof *m->columns,
                          cap * sizeof *m->columns);
        m->cap = cap;
    }
    m->columns[m->count] = *column;
    return &m->columns[m->count++];
}

static const char *source_text(struct infer *in, struct sql_span at)
{
    if (!in->text || at.end > in->len || at.start > at.end) {
        return NULL;
    }
    return arena_strndup(in->arena, in->text + at.start, at.end - at.start);
}

static int declare(struct making *m, const struct sql_column_def *def)
{
    struct infer *in = m->in;
    struct sql_column column = {.name = def->name.text,
                                .is_virtual = def->is_virtual,
                                .metadata_key = def->metadata_key,
                                .comment = def->comment};
    if (find_column(m, column.name) != SQL_NO_COLUMN) {
        infer_error(in, def->name.at, "a column named '%s' already exists in the table",
                    column.name);
        return -1;
    }
    if (def->kind != SQL_DEF_COMPUTED && !def->type) {
        infer_error(in, def->at, "column '%s' needs a type", column.name);
        return -1;
    }
    if (def->kind == SQL_DEF_COMPUTED) {
        column.kind = SQL_COLUMN_COMPUTED;
        column.type = sql_type_unknown();
        column.expression = source_text(in, def->expr->at);
    } else {
        column.kind =
            def->kind == SQL_DEF_METADATA ? SQL_COLUMN_METADATA : SQL_COLUMN_PHYSICAL;
        column.type = sql_type_from_spec(in->arena, def->type, in->err);
        if (!column.type) {
            if (in->text) {
                err_at_offset(in->err, "", in->text, in->len, def->type->at.start);
            }
            return -1;
        }
    }
    add_column(m, &column);
    return 0;
}

/* The columns as a scope for computed columns and watermarks. */
static void column_scope(struct making *m, struct scope *scope, bool computed)
{
    struct rel *rel = rel_new(m->in, m->count);
    size_t n = 0;
    for (size_t i = 0; i < m->count; i++) {
        if (computed || m->columns[i].kind != SQL_COLUMN_COMPUTED) {
            rel->columns[n++] = (struct rel_column){.name = m->columns[i].name,
                                                    .type = m->columns[i].type};
        }
    }
    rel->count = n;
    scope_add(m->in, scope, NULL, NULL, rel);
}

static int type_computed(struct making *m)
{
    struct scope scope = {0};
    struct view view = {.in = m->in, .scope = &scope, .clause = "computed column"};
    column_scope(m, &scope, false);
    for (size_t i = 0; i < m->def->column_count; i++) {
        const struct sql_column_def *def = &m->def->columns[i];
        if (def->kind != SQL_DEF_COMPUTED) {
            continue;
        }
        const struct sql_type *type = infer_typed(&view, def->expr);
        if (!type) {
            return -1;
        }
        if (type->time_attr == SQL_TIME_ROWTIME) {
            type = sql_type_time_attr(m->in->arena, type, SQL_TIME_NONE);
        }
        m->columns[find_column(m, def->name.text)].type = type;
    }
    return 0;
}

static int add_watermarks(struct making *m)
{
    for (size_t i = 0; i < m->def->watermark_count; i++) {
        const struct sql_watermark_def *def = &m->def->watermarks[i];
        struct scope scope = {0};
        struct view view = {.in = m->in, .scope = &scope, .clause = "WATERMARK"};
        column_scope(m, &scope, true);
        const char *name = def->column.parts[0].text;
        size_t at = find_column(m, name);
        if (at == SQL_NO_COLUMN || def->column.count != 1) {
            infer_error(m->in, def->column.at,
                        "invalid column name '%s' for rowtime attribute in watermark "
                        "declaration",
                        name);
            return -1;
        }
        const struct sql_type *type = m->columns[at].type;
        bool unknown = type->root == SQL_TYPE_UNKNOWN;
        if (type->time_attr == SQL_TIME_PROCTIME) {
            infer_error(m->in, def->column.at,
                        "a watermark can not be defined for a processing-time "
                        "attribute");
            return -1;
        }
        if (!unknown && (!sql_type_is_timestamp(type) || type->precision > 3)) {
            infer_error(
                m->in, def->column.at,
                "invalid data type of time field for watermark definition: the "
                "field must be TIMESTAMP(p) or TIMESTAMP_LTZ(p) with p from 0 "
                "to 3, but is %s",
                sql_type_text(m->in->arena, type, SQL_TYPE_FORM_SUMMARY, false));
            return -1;
        }
        const struct sql_type *expr = infer_typed(&view, def->expr);
        if (!expr) {
            return -1;
        }
        if (expr->root != SQL_TYPE_UNKNOWN && !sql_type_is_timestamp(expr)) {
            infer_error(m->in, def->expr->at,
                        "invalid data type of expression for watermark definition");
            return -1;
        }
        m->columns[at].type = sql_type_time_attr(m->in->arena, type, SQL_TIME_ROWTIME);
        m->table->watermark_column = name;
        m->table->watermark_expression = source_text(m->in, def->expr->at);
    }
    return 0;
}

static int add_primary_key(struct making *m, const struct sql_constraint_def *def,
                           bool from_query)
{
    if (!def->primary_key) {
        infer_error(m->in, def->at, "UNIQUE constraint is not supported yet");
        return -1;
    }
    if (def->enforcement != SQL_NOT_ENFORCED) {
        infer_error(m->in, def->at,
                    "Flink doesn't support ENFORCED mode for PRIMARY KEY constraint");
        return -1;
    }
    if (m->table->primary_key_count > 0) {
        infer_error(m->in, def->at, "duplicate primary key definition");
        return -1;
    }
    size_t *key = arena_array(m->in->arena, size_t, def->columns.count + 1);
    for (size_t i = 0; i < def->columns.count; i++) {
        const struct sql_ident *name = &def->columns.items[i];
        size_t at = find_column(m, name->text);
        if (at == SQL_NO_COLUMN) {
            infer_error(m->in, name->at,
                        "primary key column '%s' is not defined in the schema",
                        name->text);
            return -1;
        }
        if (m->columns[at].kind != SQL_COLUMN_PHYSICAL) {
            infer_error(
                m->in, name->at,
                "could not create a PRIMARY KEY with column '%s': a PRIMARY KEY "
                "must be declared on physical columns",
                name->text);
            return -1;
        }
        if (from_query && m->columns[at].type->nullable &&
            m->columns[at].type->root != SQL_TYPE_UNKNOWN) {
            infer_error(m->in, name->at, "invalid primary key: column '%s' is nullable",
                        name->text);
            return -1;
        }
        m->columns[at].type =
            sql_type_nullable(m->in->arena, m->columns[at].type, false);
        for (size_t k = 0; k < i; k++) {
            if (key[k] == at) {
                infer_error(m->in, name->at,
                            "a primary key must not contain duplicate columns: %s",
                            name->text);
                return -1;
            }
        }
        key[i] = at;
    }
    m->table->primary_key = key;
    m->table->primary_key_count = def->columns.count;
    return 0;
}

static int add_distribution(struct making *m)
{
    const struct sql_distribution_def *def = &m->def->distribution;
    if (!def->present) {
        return 0;
    }
    size_t *columns = arena_array(m->in->arena, size_t, def->columns.count + 1);
    for (size_t i = 0; i < def->columns.count; i++) {
        const struct sql_ident *name = &def->columns.items[i];
        columns[i] = find_column(m, name->text);
        if (columns[i] == SQL_NO_COLUMN ||
            m->columns[columns[i]].kind != SQL_COLUMN_PHYSICAL) {
            infer_error(m->in, name->at,
                        "invalid bucket key '%s': a bucket key for a distribution must "
                        "reference a physical column in the schema",
                        name->text);
            return -1;
        }
    }
    m->table->distribution = columns;
    m->table->distribution_count = def->columns.count;
    m->table->buckets = def->buckets > 1000000 ? 1000000 : (int)def->buckets;
    return 0;
}

static const char *option(const struct sql_table *table, const char *key)
{
    for (size_t i = table->option_count; i > 0; i--) {
        if (text_eq(table->options[i - 1].key, key)) {
            return table->options[i - 1].value;
        }
    }
    return NULL;
}

static void add_options(struct making *m, const struct sql_table *base)
{
    const struct sql_option_list *list = &m->def->options;
    size_t inherited = base ? base->option_count : 0;
    struct sql_option *options =
        arena_array(m->in->arena, struct sql_option, inherited + list->count + 1);
    size_t n = 0;
    for (size_t i = 0; i < inherited; i++) {
        options[n++] = base->options[i];
    }
    for (size_t i = 0; i < list->count; i++) {
        options[n++] = (struct sql_option){list->items[i].key, list->items[i].value};
    }
    m->table->options = options;
    m->table->option_count = n;
}

void infer_table_changes(struct sql_table *table)
{
    const char *mode = option(table, "changelog.mode");
    const char *connector = option(table, "connector");
    bool generated = text_eq(connector, "faker") || text_eq(connector, "datagen");
    table->bounded = generated && option(table, "number-of-rows");
    if (generated || text_eq(mode, "append")) {
        table->changes = SQL_CHANGES_APPEND;
    } else if (text_eq(mode, "upsert")) {
        table->changes = SQL_CHANGES_UPSERT;
    } else if (text_eq(mode, "retract")) {
        table->changes = SQL_CHANGES_RETRACT;
    } else {
        table->changes =
            table->primary_key_count ? SQL_CHANGES_UPSERT : SQL_CHANGES_APPEND;
    }
}

static bool like_has(const struct sql_like_def *like, const char *what, bool fallback)
{
    for (size_t pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < like->option_count; i++) {
            const struct sql_like_option *item = &like->options[i];
            if (text_eq(item->what, pass ? "ALL" : what)) {
                return !text_eq(item->mode, "EXCLUDING");
            }
        }
    }
    return fallback;
}

/* Columns and constraints of the table behind LIKE come first. */
static const struct sql_table *add_like(struct making *m)
{
    const struct sql_like_def *like = &m->def->like;
    const struct sql_table *base = infer_lookup(m->in, &like->table);
    if (!base) {
        return NULL;
    }
    if (base->kind == SQL_TABLE_VIEW) {
        return infer_error(m->in, like->table.at,
                           "source table '%s' of the LIKE clause can not be a VIEW",
                           base->name);
    }
    bool generated = like_has(like, "GENERATED", true);
    bool metadata = like_has(like, "METADATA", true);
    bool watermark = like_has(like, "WATERMARKS", true) && m->def->watermark_count == 0;
    size_t *moved = arena_array(m->in->arena, size_t, base->column_count + 1);
    for (size_t i = 0; i < base->column_count; i++) {
        const struct sql_column *column = &base->columns[i];
        moved[i] = SQL_NO_COLUMN;
        if (column->hidden || (column->kind == SQL_COLUMN_COMPUTED && !generated) ||
            (column->kind == SQL_COLUMN_METADATA && !metadata)) {
            continue;
        }
        moved[i] = m->count;
        struct sql_column *copy = add_column(m, column);
        if (copy->type->time_attr == SQL_TIME_ROWTIME && !watermark) {
            copy->type = sql_type_time_attr(m->in->arena, copy->type, SQL_TIME_NONE);
        }
    }
    if (watermark) {
        m->table->watermark_column = base->watermark_column;
        m->table->watermark_expression = base->watermark_expression;
    }
    bool own = false;
    for (size_t i = 0; i < m->def->constraint_count; i++) {
        own = own || m->def->constraints[i].primary_key;
    }
    bool constraints = like_has(like, "CONSTRAINTS", true);
    if (constraints && own && base->primary_key_count > 0) {
        return infer_error(m->in, like->table.at,
                           "the base table already has a primary key; EXCLUDING "
                           "CONSTRAINTS leaves it out");
    }
    if (constraints && base->primary_key_count > 0) {
        size_t *key = arena_array(m->in->arena, size_t, base->primary_key_count);
        for (size_t i = 0; i < base->primary_key_count; i++) {
            key[i] = moved[base->primary_key[i]];
        }
        m->table->primary_key = key;
        m->table->primary_key_count = base->primary_key_count;
    }
    return base;
}

static void query_column(struct making *m, const struct rel_column *from)
{
    struct sql_column column = {
        .name = from->name,
        .type = sql_type_time_attr(m->in->arena, from->type, SQL_TIME_NONE)};
    add_column(m, &column);
}

/* CREATE TABLE t (b, a) AS …: the query's columns in another order. */
static int reorder_columns(struct making *m, const struct rel *rel)
{
    const struct sql_table_def *def = m->def;
    for (size_t i = 0; i < def->column_count; i++) {
        const struct sql_ident *name = &def->columns[i].name;
        size_t at = 0;
        while (at < rel->count && !text_eq(rel->columns[at].name, name->text)) {
            at++;
        }
        if (at == rel->count && !rel->unknown) {
            infer_error(m->in, name->at, "column '%s' not found in the source schema",
                        name->text);
            return -1;
        }
        struct rel_column unknown = {.name = name->text, .type = sql_type_unknown()};
        query_column(m, at < rel->count ? &rel->columns[at] : &unknown);
    }
    if (!rel->unknown && def->column_count != rel->count) {
        infer_error(m->in, def->name.at,
                    "the number of columns in the column list must match the number of "
                    "columns in the source schema");
        return -1;
    }
    return 0;
}

/* Declared columns first, but those that the query has keep its place in it. */
static int merge_query(struct making *m, const struct rel *rel)
{
    const struct sql_table_def *def = m->def;
    bool bare = def->column_count > 0;
    for (size_t i = 0; i < def->column_count; i++) {
        bare =
            bare && def->columns[i].kind == SQL_DEF_PHYSICAL && !def->columns[i].type;
    }
    if (bare) {
        return reorder_columns(m, rel);
    }
    for (size_t i = 0; i < def->column_count; i++) {
        if (declare(m, &def->columns[i]) < 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < rel->count; i++) {
        size_t at = find_column(m, rel->columns[i].name);
        if (at == SQL_NO_COLUMN) {
            query_column(m, &rel->columns[i]);
            continue;
        }
        if (m->columns[at].kind != SQL_COLUMN_PHYSICAL) {
            infer_error(m->in, def->name.at,
                        "a column named '%s' already exists in the table",
                        rel->columns[i].name);
            return -1;
        }
        struct sql_column column = m->columns[at];
        memmove(&m->columns[at], &m->columns[at + 1],
                (m->count - at - 1) * sizeof *m->columns);
        m->columns[m->count - 1] = column;
    }
    m->table->columns_unknown = m->table->columns_unknown || rel->unknown;
    return 0;
}

static int add_columns(struct making *m, struct rel *rel)
{
    if (rel) {
        return merge_query(m, rel);
    }
    for (size_t i = 0; i < m->def->column_count; i++) {
        if (declare(m, &m->def->columns[i]) < 0) {
            return -1;
        }
    }
    return 0;
}

static int check_partitions(struct making *m)
{
    const struct sql_ident_list *list = &m->def->partitioned_by;
    for (size_t i = 0; i < list->count; i++) {
        if (find_column(m, list->items[i].text) == SQL_NO_COLUMN) {
            infer_error(m->in, list->items[i].at,
                        "partition column '%s' not defined in the table schema",
                        list->items[i].text);
            return -1;
        }
    }
    return 0;
}

static void name_table(struct infer *in, struct sql_table *table,
                       const struct sql_name *name)
{
    if (name->count == 0) {
        return;
    }
    table->name = name->parts[name->count - 1].text;
    table->database = name->count > 1 ? name->parts[name->count - 2].text
                      : in->catalog   ? in->catalog->current_database
                                      : NULL;
    table->catalog = name->count > 2 ? name->parts[name->count - 3].text
                     : in->catalog   ? in->catalog->current_catalog
                                     : NULL;
}

struct sql_table *infer_table_def(struct infer *in, const struct sql_table_def *def,
                                  struct rel **query)
{
    struct making m = {.in = in, .def = def};
    const struct sql_table *base = NULL;
    m.table = arena_new(in->arena, struct sql_table);
    m.table->kind = def->materialized ? SQL_TABLE_MATERIALIZED : SQL_TABLE_TABLE;
    m.table->comment = def->comment;
    name_table(in, m.table, &def->name);
    *query = NULL;
    if (def->query && !(*query = infer_query(in, def->query, NULL))) {
        return NULL;
    }
    if (*query) {
        rel_unique_names(in, *query);
    }
    if (def->like.present && !(base = add_like(&m))) {
        return NULL;
    }
    if (add_columns(&m, *query) < 0) {
        return NULL;
    }
    for (size_t i = 0; i < def->constraint_count; i++) {
        if (add_primary_key(&m, &def->constraints[i], *query != NULL) < 0) {
            return NULL;
        }
    }
    if (type_computed(&m) < 0 || add_watermarks(&m) < 0 || add_distribution(&m) < 0 ||
        check_partitions(&m) < 0) {
        return NULL;
    }
    add_options(&m, base && like_has(&def->like, "OPTIONS", true) ? base : NULL);
    infer_table_changes(m.table);
    if (m.count == 0 && !m.table->columns_unknown && !*query && !base) {
        infer_error(in, no_span(), "a table needs columns");
        return NULL;
    }
    m.table->query = def->query ? source_text(in, def->query->at) : NULL;
    m.table->columns = m.columns;
    m.table->column_count = m.count;
    return m.table;
}

struct sql_table *infer_table_elements(struct infer *in, struct sql_table *table,
                                       const struct sql_table_def *def)
{
    struct making m = {.in = in, .def = def, .table = table};
    for (size_t i = 0; i < table->column_count; i++) {
        add_column(&m, &table->columns[i]);
    }
    for (size_t i = 0; i < def->column_count; i++) {
        size_t at = find_column(&m, def->columns[i].name.text);
        if (at != SQL_NO_COLUMN) {
            m.columns[at].name = "";
        }
        if (declare(&m, &def->columns[i]) < 0) {
            return NULL;
        }
        if (at != SQL_NO_COLUMN) {
            m.columns[at] = m.columns[--m.count];
        }
    }
    if (def->constraint_count > 0) {
        table->primary_key_count = 0;
    }
    for (size_t i = 0; i < def->constraint_count; i++) {
        if (add_primary_key(&m, &def->constraints[i], false) < 0) {
            return NULL;
        }
    }
    for (size_t i = 0; def->watermark_count > 0 && i < m.count; i++) {
        if (m.columns[i].type->time_attr == SQL_TIME_ROWTIME) {
            m.columns[i].type =
                sql_type_time_attr(in->arena, m.columns[i].type, SQL_TIME_NONE);
        }
    }
    if (type_computed(&m) < 0 || add_watermarks(&m) < 0 || add_distribution(&m) < 0) {
        return NULL;
    }
    table->columns = m.columns;
    table->column_count = m.count;
    infer_table_changes(table);
    return table;
}

static int view_names(struct infer *in, const struct sql_view_def *def, struct rel *rel)
{
    if (def->column_count > 0 && !rel->unknown && def->column_count != rel->count) {
        infer_error(
            in, def->columns[0].at,
            "VIEW definition and input fields do not match: %zu and %zu columns",
            def->column_count, rel->count);
        return -1;
    }
    for (size_t i = 0; i < def->column_count && i < rel->count; i++) {
        rel->columns[i].name = def->columns[i].name.text;
    }
    return 0;
}

/* A view can't repeat a name, though a query can. */
static bool repeats_names(struct infer *in, const struct sql_query *query,
                          struct rel *rel)
{
    rel_mark_doubles(rel);
    for (size_t i = 0; i < rel->count; i++) {
        if (rel->columns[i].doubled) {
            infer_error(in, query->at, "a column named '%s' already exists",
                        rel->columns[i].name);
            return true;
        }
    }
    return false;
}

struct sql_table *infer_view_def(struct infer *in, const struct sql_view_def *def,
                                 struct rel **query)
{
    struct rel *rel = infer_query(in, def->query, NULL);
    *query = rel;
    if (!rel || (def->column_count == 0 && repeats_names(in, def->query, rel)) ||
        view_names(in, def, rel) < 0) {
        return NULL;
    }
    struct sql_table *table = arena_new(in->arena, struct sql_table);
    struct sql_column *columns =
        arena_array(in->arena, struct sql_column, rel->count + 1);
    for (size_t i = 0; i < rel->count; i++) {
        columns[i].name = rel->columns[i].name;
        columns[i].type = rel->columns[i].type;
    }
    name_table(in, table, &def->name);
    table->kind = SQL_TABLE_VIEW;
    table->columns = columns;
    table->column_count = rel->count;
    table->columns_unknown = rel->unknown;
    table->changes = rel->changes;
    table->bounded = rel->bounded;
    table->upsert_keys = rel->keys;
    table->upsert_key_count = rel->key_count;
    table->comment = def->comment;
    table->query = source_text(in, def->query->at);
    return table;
}
