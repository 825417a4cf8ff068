#include "config.h"

#include "sql/parser.h"

/* CREATE TABLE: elements and clauses; also those of ALTER TABLE. */

struct sql_option_list sql_p_options(struct parser *p)
{
    struct sql_option_list list = {.present = true, .at.start = sql_p_start(p)};

    sql_p_expect(p, '(');
    while (!sql_p_is(p, ')')) {
        struct sql_option_def option = {.key_at.start = sql_p_start(p)};

        option.key = sql_p_string(p, NULL);
        option.key_at = sql_p_span(p, option.key_at.start);
        if (sql_p_accept(p, '=')) {
            option.value_at.start = sql_p_start(p);
            option.value = sql_p_string(p, NULL);
            option.value_at = sql_p_span(p, option.value_at.start);
        }
        *SQL_P_PUSH(p, list.items, list.count) = option;
        if (!sql_p_accept(p, ',')) {
            break;
        }
    }
    sql_p_expect(p, ')');
    list.at = sql_p_span(p, list.at.start);
    return list;
}

void sql_p_distribution(struct parser *p, struct sql_distribution_def *out)
{
    out->present = true;
    if (sql_p_accept(p, KW_BY)) {
        if (sql_p_is(p, KW_HASH) || sql_p_is(p, KW_RANGE)) {
            out->method = sql_p_upper(p, 0);
            sql_p_take(p);
        }
        out->columns = sql_p_idents(p);
    }
    if (sql_p_accept(p, KW_INTO)) {
        out->buckets = sql_p_integer(p);
        sql_p_expect(p, KW_BUCKETS);
    }
    out->at = sql_p_span(p, out->at.start);
}

static enum sql_enforcement enforcement(struct parser *p)
{
    if (sql_p_accept2(p, KW_NOT, KW_ENFORCED)) {
        return SQL_NOT_ENFORCED;
    }
    return sql_p_accept(p, KW_ENFORCED) ? SQL_ENFORCED : SQL_ENFORCEMENT_UNSAID;
}

/* PRIMARY KEY or UNIQUE; false when it is neither. */
static bool constraint_word(struct parser *p, bool *primary)
{
    *primary = sql_p_is(p, KW_PRIMARY);
    if (sql_p_accept(p, KW_PRIMARY)) {
        sql_p_expect(p, KW_KEY);
        return true;
    }
    return sql_p_accept(p, KW_UNIQUE);
}

static void add_constraint(struct parser *p, struct sql_table_def *def,
                           struct sql_constraint_def constraint)
{
    constraint.enforcement = enforcement(p);
    constraint.at = sql_p_span(p, constraint.at.start);
    *SQL_P_PUSH(p, def->constraints, def->constraint_count) = constraint;
}

/* [CONSTRAINT name] PRIMARY KEY | UNIQUE (columns); false when it is none. */
static bool table_constraint(struct parser *p, struct sql_table_def *def)
{
    struct sql_constraint_def constraint = {.at.start = sql_p_start(p)};

    if (sql_p_accept(p, KW_CONSTRAINT)) {
        constraint.name = sql_p_ident(p);
    }
    if (!constraint_word(p, &constraint.primary_key)) {
        if (constraint.name.text != NULL) {
            sql_p_fail(p, "PRIMARY KEY");
        }
        return false;
    }
    constraint.columns = sql_p_idents(p);
    add_constraint(p, def, constraint);
    return true;
}

static bool watermark(struct parser *p, struct sql_table_def *def)
{
    struct sql_watermark_def watermark = {.at.start = sql_p_start(p)};

    if (!sql_p_accept2(p, KW_WATERMARK, KW_FOR)) {
        return false;
    }
    watermark.column = sql_p_name(p);
    sql_p_expect(p, KW_AS);
    watermark.expr = sql_p_expr(p);
    watermark.at = sql_p_span(p, watermark.at.start);
    *SQL_P_PUSH(p, def->watermarks, def->watermark_count) = watermark;
    return true;
}

/* a INT [CONSTRAINT n] PRIMARY KEY NOT ENFORCED */
static void column_constraints(struct parser *p, struct sql_column_def *column,
                               struct sql_table_def *def)
{
    while (sql_p_is(p, KW_CONSTRAINT) || sql_p_is(p, KW_PRIMARY) ||
           sql_p_is(p, KW_UNIQUE)) {
        struct sql_constraint_def constraint = {.at.start = sql_p_start(p)};
        struct sql_ident *name = arena_new(p->arena, struct sql_ident);

        if (sql_p_accept(p, KW_CONSTRAINT)) {
            constraint.name = sql_p_ident(p);
        }
        if (!constraint_word(p, &constraint.primary_key)) {
            sql_p_fail(p, "PRIMARY KEY");
        }
        *name = column->name;
        constraint.columns = (struct sql_ident_list){name, 1};
        column->primary_key |= constraint.primary_key;
        column->unique |= !constraint.primary_key;
        add_constraint(p, def, constraint);
    }
}

static void typed_column(struct parser *p, struct sql_column_def *column,
                         struct sql_table_def *def)
{
    column->type = sql_p_type(p);
    column_constraints(p, column, def);
    if (sql_p_accept(p, KW_METADATA)) {
        column->kind = SQL_DEF_METADATA;
        if (sql_p_accept(p, KW_FROM)) {
            column->metadata_key = sql_p_string(p, NULL);
        }
        column->is_virtual = sql_p_accept(p, KW_VIRTUAL);
    }
    column_constraints(p, column, def);
}

struct sql_column_def *sql_p_column(struct parser *p, struct sql_table_def *def)
{
    struct sql_column_def column = {.at.start = sql_p_start(p)};
    struct sql_column_def *out;

    column.name = sql_p_ident(p);
    if (sql_p_accept(p, KW_AS)) {
        column.kind = SQL_DEF_COMPUTED;
        column.expr = sql_p_expr(p);
    } else if (sql_p_is_word(p, 0) && !sql_p_is(p, KW_COMMENT) &&
               !sql_p_is(p, KW_FIRST) && !sql_p_is(p, KW_AFTER)) {
        typed_column(p, &column, def);
    }
    if (sql_p_accept(p, KW_COMMENT)) {
        column.comment = sql_p_string(p, NULL);
    }
    column.first = sql_p_accept(p, KW_FIRST);
    if (!column.first && sql_p_accept(p, KW_AFTER)) {
        column.after = sql_p_ident(p);
    }
    column.at = sql_p_span(p, column.at.start);
    out = SQL_P_PUSH(p, def->columns, def->column_count);
    *out = column;
    return out;
}

static void element(struct parser *p, struct sql_table_def *def)
{
    if (sql_p_is(p, KW_CONSTRAINT) || sql_p_is(p, KW_PRIMARY) ||
        sql_p_is(p, KW_UNIQUE)) {
        table_constraint(p, def);
    } else if (!watermark(p, def)) {
        sql_p_column(p, def);
    }
}

void sql_p_table_elements(struct parser *p, struct sql_table_def *def)
{
    def->has_elements = true;
    do {
        element(p, def);
    } while (sql_p_accept(p, ','));
}

/* LIKE t [(INCLUDING ALL, …)] */
static void like(struct parser *p, struct sql_like_def *like)
{
    like->present = true;
    like->table = sql_p_name(p);
    if (!sql_p_accept(p, '(')) {
        return;
    }
    while (sql_p_is_word(p, 0)) {
        struct sql_like_option option = {.mode = sql_p_upper(p, 0)};

        sql_p_take(p);
        if (!sql_p_is_word(p, 0)) {
            sql_p_fail(p, "ALL, OPTIONS, CONSTRAINTS, GENERATED, WATERMARKS …");
        }
        option.what = sql_p_upper(p, 0);
        sql_p_take(p);
        *SQL_P_PUSH(p, like->options, like->option_count) = option;
        sql_p_accept(p, ',');
    }
    sql_p_expect(p, ')');
}

static void start_mode(struct parser *p, struct sql_start_mode *out)
{
    sql_p_expect(p, '=');
    out->at.start = sql_p_start(p);
    if (!sql_p_is_word(p, 0)) {
        sql_p_fail(p, "FROM_BEGINNING, FROM_NOW, FROM_TIMESTAMP or RESUME_OR_…");
    }
    out->mode = sql_p_upper(p, 0);
    sql_p_take(p);
    if (sql_p_accept(p, '(')) {
        if (!sql_p_is(p, ')')) {
            out->arg = sql_p_expr(p);
        }
        sql_p_expect(p, ')');
    }
    out->at = sql_p_span(p, out->at.start);
}

/* One clause of CREATE TABLE after the elements; false at something else. */
static bool table_clause(struct parser *p, struct sql_table_def *def)
{
    uint32_t start = sql_p_start(p);

    if (sql_p_accept(p, KW_COMMENT)) {
        def->comment = sql_p_string(p, NULL);
    } else if (sql_p_accept(p, KW_DISTRIBUTED)) {
        def->distribution.at.start = start;
        sql_p_distribution(p, &def->distribution);
    } else if (sql_p_accept2(p, KW_PARTITIONED, KW_BY)) {
        def->partitioned = true;
        def->partitioned_by = sql_p_idents(p);
    } else if (sql_p_accept(p, KW_WITH)) {
        def->options = sql_p_options(p);
    } else if (sql_p_accept(p, KW_LIKE)) {
        like(p, &def->like);
    } else if (sql_p_accept(p, KW_START_MODE)) {
        start_mode(p, &def->start_mode);
    } else if (sql_p_accept(p, KW_FRESHNESS)) {
        sql_p_expect(p, '=');
        def->freshness = sql_p_expr(p);
    } else if (sql_p_accept(p, KW_REFRESH_MODE)) {
        sql_p_expect(p, '=');
        def->refresh_mode = sql_p_upper(p, 0);
        sql_p_take(p);
    } else {
        return false;
    }
    return true;
}

void sql_p_require_types(struct parser *p, const struct sql_table_def *def, bool bare)
{
    size_t typed = 0;
    size_t names = 0;

    for (size_t i = 0; i < def->column_count; i++) {
        bool untyped =
            def->columns[i].kind == SQL_DEF_PHYSICAL && def->columns[i].type == NULL;

        names += untyped;
        typed += !untyped;
    }
    if (names > 0 && (!bare || typed > 0)) {
        sql_p_doubt(p, "a column has no type",
                    "only CREATE TABLE … AS takes names alone, and then all of them");
    }
}

void sql_p_table_clauses(struct parser *p, struct sql_table_def *def)
{
    while (table_clause(p, def)) {
    }
    if (sql_p_accept(p, KW_AS)) {
        def->query = sql_p_query(p);
    }
}
