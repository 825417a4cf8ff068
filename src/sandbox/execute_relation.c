#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "base/map.h"
#include "base/str.h"
#include "sandbox/execute_impl.h"
#include "sql/parse.h"
#include "value/json.h"

/* The SQL of stored relations: their rows, what is being written to them, faker
 * sources, views. Each goes into the WITH list once. */

static void add_physical(const struct sql_table *table, struct buf *out)
{
    size_t at = 0;
    for (size_t i = 0; i < table->column_count; i++) {
        if (table->columns[i].kind == SQL_COLUMN_PHYSICAL) {
            buf_addf(out, "json_extract(row,'$[%zu]') AS p%zu, ", at++, i);
        }
    }
}

/* Rows of a faker source so far. */
static int add_faker(struct xlate *x, const struct catalog_relation *rel,
                     struct buf *out)
{
    const char *rate_text = catalog_option(&rel->table, "rows-per-second");
    const char *limit_text = catalog_option(&rel->table, "number-of-rows");
    int64_t rate = rate_text != NULL ? strtoll(rate_text, NULL, 10) : 10;
    int64_t count = rate > 0 ? (x->now - x->start) * rate / 1000 : 0;
    int64_t limit = limit_text != NULL ? strtoll(limit_text, NULL, 10) : -1;
    uint64_t seed = (uint64_t)x->seed * 1000003U + (uint64_t)rel->id;
    if (limit >= 0 && (count > limit || x->snapshot)) {
        count = limit;
    } else if (x->snapshot && count < rate) {
        count = rate;
    }
    count = x->snapshot ? count : count + 1;
    count = limit >= 0 && count > limit ? limit : count;
    count = x->first && count > 1 ? 1 : count;
    count = count < 0 ? 0 : count > EXECUTE_MAX_FAKER ? EXECUTE_MAX_FAKER : count;
    buf_adds(out, "SELECT ");
    for (size_t i = 0; i < rel->table.column_count; i++) {
        const struct sql_column *column = &rel->table.columns[i];
        if (column->kind != SQL_COLUMN_PHYSICAL) {
            continue;
        }
        const char *key = arena_printf(x->arena, "fields.%s.expression", column->name);
        const char *null_key =
            arena_printf(x->arena, "fields.%s.null-rate", column->name);
        const char *expression = catalog_option(&rel->table, key);
        const char *null_rate = catalog_option(&rel->table, null_key);
        const char *why = NULL;
        if (expression == NULL || !faker_check(x->arena, expression, &why)) {
            return xlate_fail(x, "the faker expression %s", why != NULL ? why : "");
        }
        struct buf call = BUF_INIT;
        buf_adds(&call, "fl_faker(");
        xlate_string(&call, expression);
        buf_addf(&call, ",%g,%lld,i,%lld+i*1000/%lld)",
                 null_rate != NULL ? strtod(null_rate, NULL) : 0.0,
                 (long long)(seed * 31 + i), (long long)x->start,
                 (long long)(rate > 0 ? rate : 1));
        int rc = xlate_cast(x, buf_str(&call), xlate_type(x, SQL_TYPE_VARCHAR),
                            column->type, true, out);
        buf_fini(&call);
        if (rc != 0) {
            return -1;
        }
        buf_addf(out, " AS p%zu, ", i);
    }
    buf_addf(
        out,
        "(%lld+i*1000/%lld)*1000 AS a, i AS o FROM (WITH RECURSIVE n(i) AS (SELECT "
        "0 WHERE %lld > 0 UNION ALL SELECT i+1 FROM n WHERE i+1 < %lld) SELECT i "
        "FROM n)",
        (long long)x->start, (long long)(rate > 0 ? rate : 1), (long long)count,
        (long long)count);
    return 0;
}

/* Which column of a writer's query feeds a column of the table; -1: none. `columns` is
 * "/a/b/", or NULL when the query has them in the table's order. */
static int source_column(struct xlate *x, const char *columns, const char *name,
                         size_t at)
{
    if (columns == NULL) {
        return (int)at;
    }
    const char *found = strstr(columns, arena_printf(x->arena, "/%s/", name));
    int from = found != NULL ? 0 : -1;
    for (const char *c = columns + 1; found != NULL && c <= found; c++) {
        from += *c == '/' ? 1 : 0;
    }
    return from;
}

int xlate_writer(struct xlate *x, const struct catalog_relation *rel, sqlite3_stmt *row,
                 struct buf *out)
{
    struct sql_query *tree;
    struct xquery query;
    struct err wrong = {0};
    const char *text = db_column(row, 1, x->arena);
    const char *columns = db_column(row, 2, x->arena);
    struct catalog_context context = {db_column(row, 4, x->arena),
                                      db_column(row, 5, x->arena)};
    struct xlate saved = *x;
    x->seed = sqlite3_column_int64(row, 0);
    x->start = sqlite3_column_int64(row, 3);
    x->context = context;
    x->ctes = NULL;
    x->offsets = db_column(row, 6, x->arena);
    int rc = sql_parse_query(x->arena, text, strlen(text), &tree, &wrong);
    if (rc == 0) {
        rc = xlate_query(x, tree, NULL, &query);
    }
    x->seed = saved.seed;
    x->start = saved.start;
    x->context = saved.context;
    x->ctes = saved.ctes;
    x->offsets = saved.offsets;
    if (rc != 0) {
        return xlate_fail(x, "what writes to %s", rel->name.name);
    }
    buf_adds(out, "SELECT ");
    size_t at = 0;
    for (size_t i = 0; i < rel->table.column_count; i++) {
        const struct sql_column *column = &rel->table.columns[i];
        if (column->kind != SQL_COLUMN_PHYSICAL) {
            continue;
        }
        int from = source_column(x, columns, column->name, at++);
        if (from < 0 || (size_t)from >= query.count) {
            buf_addf(out, "NULL AS p%zu, ", i);
            continue;
        }
        rc = xlate_cast(x, arena_printf(x->arena, "c%d", from),
                        query.columns[from].type, column->type, true, out);
        if (rc != 0) {
            return -1;
        }
        buf_addf(out, " AS p%zu, ", i);
    }
    buf_addf(out, "a, 0 AS o FROM (%s)", query.sql);
    return 0;
}

/* Where a statement goes on that was started from another one's offsets. */
static int64_t rows_to_skip(struct xlate *x, const char *table)
{
    struct value v;
    struct err err = {0};
    if (x->offsets == NULL || json_parse(x->offsets, strlen(x->offsets), "offsets",
                                         x->arena, &v, &err) != 0) {
        return 0;
    }
    const char *text = value_cstr(value_dict_get(v, table), "");
    const char *offset = strstr(text, "offset:");
    return offset != NULL ? strtoll(offset + 7, NULL, 10) : 0;
}

static bool is_upsert(const struct catalog_relation *rel)
{
    const char *mode = catalog_option(&rel->table, "changelog.mode");
    return rel->table.primary_key_count > 0 && mode != NULL &&
           strcmp(mode, "upsert") == 0;
}

/* Rows that were stored and those of writers; the latest of each key, unless all
 * versions are wanted. */
static int add_stored(struct xlate *x, const struct catalog_relation *rel,
                      struct buf *out)
{
    struct buf rows = BUF_INIT;
    buf_init(&rows, EXECUTE_MAX_SQL);
    buf_adds(&rows, x->first ? "SELECT * FROM (SELECT " : "SELECT ");
    add_physical(&rel->table, &rows);
    buf_addf(&rows, "at*1000 AS a, seq AS o FROM main.table_row WHERE relation = %lld",
             (long long)rel->id);
    buf_adds(&rows, x->first ? " ORDER BY seq LIMIT 1)" : "");
    sqlite3_stmt *row = NULL;
    const char *sql =
        "SELECT " XLATE_WRITER_COLUMNS " FROM writer WHERE relation = ? AND active = 1";
    if (sqlite3_prepare_v2(x->sandbox->db.handle, sql, -1, &row, NULL) != SQLITE_OK) {
        return xlate_fail(x, "%s", sqlite3_errmsg(x->sandbox->db.handle));
    }
    sqlite3_bind_int64(row, 1, rel->id);
    int rc = 0;
    while (rc == 0 && sqlite3_step(row) == SQLITE_ROW) {
        bool ended = x->snapshot;
        bool batch = x->batch;
        x->snapshot = x->batch = false;
        buf_adds(&rows, " UNION ALL ");
        rc = xlate_writer(x, rel, row, &rows);
        x->snapshot = ended;
        x->batch = batch;
    }
    sqlite3_finalize(row);
    int64_t skip = rows_to_skip(x, rel->table.name);
    if (skip > 0) {
        const char *all = arena_strdup(x->arena, buf_str(&rows));
        buf_reset(&rows);
        buf_addf(&rows, "SELECT * FROM (%s) ORDER BY a, o LIMIT -1 OFFSET %lld", all,
                 (long long)skip);
    }
    if (is_upsert(rel) && !x->versions) {
        buf_addf(out, "SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY ");
        for (size_t i = 0; i < rel->table.primary_key_count; i++) {
            buf_addf(out, "%sp%zu", i > 0 ? ", " : "", rel->table.primary_key[i]);
        }
        buf_addf(out, " ORDER BY a DESC, o DESC) AS k FROM (%s)) WHERE k = 1",
                 buf_str(&rows));
    } else {
        buf_adds(out, buf_str(&rows));
    }
    buf_fini(&rows);
    return rc;
}

/* Metadata that the sandbox can tell of a row. */
static const char *metadata_sql(const struct sql_column *column)
{
    static const struct {
        const char *key;
        const char *sql;
    } keys[] = {
        {"rowtime", "a/1000*1000"},
        {"timestamp", "a/1000*1000"},
        {"offset", "o"},
        {"partition", "0"},
        {"headers", "'[]'"},
        {"timestamp-type", "'CreateTime'"},
        {"leader-epoch", "0"},
    };
    const char *key =
        column->metadata_key != NULL ? column->metadata_key : column->name;
    for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
        if (strcmp(keys[i].key, key) == 0) {
            return keys[i].sql;
        }
    }
    return "NULL";
}

/* Computed and metadata columns on top of the physical ones. */
static int add_all_columns(struct xlate *x, const struct catalog_relation *rel,
                           const char *physical, struct buf *out)
{
    const struct sql_table *table = &rel->table;
    struct xscope scope = {0};
    struct xrel *self = xscope_add(x, &scope, table->name);
    const char **exprs = arena_array(x->arena, const char *, table->column_count + 1);
    self->columns = arena_array(x->arena, struct xcolumn, table->column_count + 1);
    self->exprs = exprs;
    self->count = table->column_count;
    for (size_t i = 0; i < table->column_count; i++) {
        const struct sql_column *column = &table->columns[i];
        self->columns[i].name = column->name;
        self->columns[i].type = column->type;
        exprs[i] = column->kind == SQL_COLUMN_METADATA
                       ? metadata_sql(column)
                       : arena_printf(x->arena, "p%zu", i);
    }
    buf_adds(out, "SELECT ");
    for (size_t i = 0; i < table->column_count; i++) {
        const struct sql_column *column = &table->columns[i];
        if (column->kind == SQL_COLUMN_COMPUTED && column->expression != NULL) {
            struct sql_expr *expr;
            struct err wrong = {0};
            if (sql_parse_expr(x->arena, column->expression, strlen(column->expression),
                               &expr, &wrong) != 0) {
                return xlate_fail(x, "the computed column %s", column->name);
            }
            if (xlate_expr(x, &scope, expr, out, NULL) != 0) {
                return -1;
            }
            buf_addf(out, " AS c%zu, ", i);
        } else {
            buf_addf(out, "%s AS c%zu, ", exprs[i], i);
        }
    }
    buf_addf(out, "a FROM (%s)", physical);
    return 0;
}

/* Rows that a materialized table had before its query was changed. */
static void add_kept(const struct catalog_relation *rel, struct buf *out)
{
    size_t at = 0;
    buf_adds(out, " UNION ALL SELECT ");
    for (size_t i = 0; i < rel->table.column_count; i++) {
        if (rel->table.columns[i].kind == SQL_COLUMN_PHYSICAL) {
            buf_addf(out, "json_extract(row,'$[%zu]'), ", at++);
        } else {
            buf_addf(out, "%s, ", rel->table.columns[i].hidden ? "at*1000" : "NULL");
        }
    }
    buf_addf(out, "at*1000 FROM main.table_row WHERE relation = %lld",
             (long long)rel->id);
}

static int add_view(struct xlate *x, const struct catalog_relation *rel,
                    struct buf *out)
{
    struct sql_query *tree;
    struct xquery query;
    struct err wrong = {0};
    struct xlate saved = *x;
    const struct sql_table *table = &rel->table;
    x->context = rel->context;
    x->ctes = NULL;
    if (table->kind == SQL_TABLE_MATERIALIZED) {
        x->seed = -rel->id;
        x->start = rel->created;
        x->snapshot = x->batch = false;
    }
    int rc =
        sql_parse_query(x->arena, table->query, strlen(table->query), &tree, &wrong);
    if (rc == 0) {
        rc = xlate_query(x, tree, NULL, &query);
    }
    x->context = saved.context;
    x->ctes = saved.ctes;
    x->seed = saved.seed;
    x->start = saved.start;
    x->snapshot = saved.snapshot;
    x->batch = saved.batch;
    if (rc != 0) {
        return xlate_fail(x, "the query of %s", rel->name.name);
    }
    buf_adds(out, "SELECT ");
    size_t at = 0;
    for (size_t i = 0; i < table->column_count; i++) {
        const struct sql_column *column = &table->columns[i];
        if (column->kind == SQL_COLUMN_PHYSICAL && at < query.count) {
            if (xlate_cast(x, arena_printf(x->arena, "c%zu", at),
                           query.columns[at].type, column->type, true, out) != 0) {
                return -1;
            }
            at++;
        } else {
            buf_adds(out, column->kind == SQL_COLUMN_METADATA ? metadata_sql(column)
                                                              : "NULL");
        }
        buf_addf(out, " AS c%zu, ", i);
    }
    buf_addf(out, "a FROM (SELECT *, 0 AS o FROM (%s))", query.sql);
    if (table->kind == SQL_TABLE_MATERIALIZED) {
        add_kept(rel, out);
    }
    return 0;
}

static bool is_faker(const struct catalog_relation *rel)
{
    const char *connector = catalog_option(&rel->table, "connector");
    return connector != NULL && strcmp(connector, "faker") == 0;
}

static int make_relation(struct xlate *x, const struct catalog_relation *rel,
                         struct buf *out)
{
    struct buf physical = BUF_INIT;
    buf_init(&physical, EXECUTE_MAX_SQL);
    int rc;
    if (rel->table.query != NULL && rel->table.kind != SQL_TABLE_TABLE) {
        buf_fini(&physical);
        return add_view(x, rel, out);
    }
    rc = is_faker(rel) ? add_faker(x, rel, &physical) : add_stored(x, rel, &physical);
    if (rc == 0) {
        rc = add_all_columns(x, rel, buf_str(&physical), out);
    }
    if (physical.overflow) {
        rc = xlate_fail(x, "the query is too large");
    }
    buf_fini(&physical);
    return rc;
}

static struct xmemo *find_memo(struct xlate *x, const struct catalog_relation *rel)
{
    bool own = is_faker(rel) || rel->table.kind == SQL_TABLE_VIEW || x->offsets != NULL;
    for (struct xmemo *memo = x->memo; memo != NULL; memo = memo->next) {
        if (memo->relation == rel->id && memo->versions == x->versions &&
            (!own || (memo->seed == x->seed && memo->start == x->start))) {
            return memo;
        }
    }
    return NULL;
}

static int use_relation(struct xlate *x, const struct catalog_relation *stored,
                        struct xrel *rel, struct buf *out)
{
    const struct sql_table *table = &stored->table;
    struct xmemo *memo = find_memo(x, stored);
    if (memo == NULL) {
        struct buf sql = BUF_INIT;
        buf_init(&sql, EXECUTE_MAX_SQL);
        if (++x->depth > EXECUTE_MAX_DEPTH) {
            return xlate_fail(x, "tables that feed each other");
        }
        int rc = make_relation(x, stored, &sql);
        x->depth--;
        memo = arena_new(x->arena, struct xmemo);
        *memo = (struct xmemo){.relation = stored->id,
                               .versions = x->versions,
                               .seed = x->seed,
                               .start = x->start,
                               .number = x->next++,
                               .next = x->memo};
        x->memo = memo;
        buf_addf(&x->with, "%sr%d AS (%s)", x->with.len > 0 ? ", " : "WITH ",
                 memo->number, buf_str(&sql));
        buf_fini(&sql);
        if (rc != 0) {
            return -1;
        }
    }
    rel->columns = arena_array(x->arena, struct xcolumn, table->column_count + 1);
    rel->count = table->column_count;
    for (size_t i = 0; i < table->column_count; i++) {
        rel->columns[i].name = table->columns[i].name;
        rel->columns[i].type = table->columns[i].type;
        rel->columns[i].hidden = table->columns[i].hidden;
    }
    buf_addf(out, "r%d", memo->number);
    return 0;
}

int xlate_relation_id(struct xlate *x, int64_t id, struct xrel *rel, struct buf *out)
{
    struct catalog_relation stored;
    struct err err = {0};
    if (catalog_load_id(x->sandbox, x->arena, id, &stored, &err) != 1) {
        return xlate_fail(x, "a table that is gone");
    }
    return use_relation(x, &stored, rel, out);
}

/* The stored relation that a name stands for. */
static int find_relation(struct xlate *x, const struct sql_name *name,
                         struct catalog_relation *stored)
{
    struct catalog_name full;
    struct err err = {0};
    const char *parts[4] = {0};
    size_t count = name->count < 4 ? name->count : 4;
    for (size_t i = 0; i < count; i++) {
        parts[i] = name->parts[i].text;
    }
    if (catalog_resolve(x->sandbox, x->arena, &x->context, parts, count, &full) !=
            CATALOG_FOUND ||
        full.database_id == NULL ||
        catalog_load(x->sandbox, x->arena, &full, stored, &err) != 1) {
        return xlate_fail(x, "the table %s", parts[count - 1]);
    }
    return 0;
}

int xlate_relation(struct xlate *x, const struct sql_name *name, struct xrel *rel,
                   struct buf *out)
{
    struct catalog_relation stored;
    return find_relation(x, name, &stored) != 0 ? -1
                                                : use_relation(x, &stored, rel, out);
}

/* The column that tells a row's time: the watermark's, else the hidden one. */
static const char *version_time(const struct sql_table *table, struct xlate *x)
{
    for (size_t i = 0; i < table->column_count; i++) {
        const struct sql_column *column = &table->columns[i];
        if (column->type != NULL && column->type->time_attr == SQL_TIME_ROWTIME &&
            !column->hidden) {
            return arena_printf(x->arena, "c%zu", i);
        }
    }
    return "a";
}

int xlate_versions(struct xlate *x, const struct sql_name *name, struct xrel *rel,
                   struct buf *out)
{
    struct catalog_relation stored;
    struct buf rows = BUF_INIT;
    if (find_relation(x, name, &stored) != 0) {
        return -1;
    }
    const struct sql_table *table = &stored.table;
    bool before = x->versions;
    x->versions = table->kind == SQL_TABLE_TABLE && table->primary_key_count > 0;
    int rc = use_relation(x, &stored, rel, &rows);
    x->versions = before;
    const char *from = xlate_keep(x, &rows);
    const char *time = version_time(table, x);
    if (table->primary_key_count == 0) {
        /* a view that keeps the latest row of each key: that row, from its time on */
        buf_addf(out, "(SELECT *, %s AS v, NULL AS w FROM %s)", time, from);
        return rc;
    }
    buf_addf(out, "(SELECT *, %s AS v, lead(%s) OVER (", time, time);
    for (size_t i = 0; i < table->primary_key_count; i++) {
        buf_addf(out, "%sc%zu", i > 0 ? ", " : "PARTITION BY ", table->primary_key[i]);
    }
    buf_addf(out, " ORDER BY %s) AS w FROM %s)", time, from);
    return rc;
}
