#include "config.h"

#include "sql_dump.h"

#include <string.h>

#include "base/buf.h"
#include "sql/render.h"

static const char *const expr_names[] = {
#define X(name, text) text,
    SQL_EXPRS(X)
#undef X
};

static const char *const op_names[] = {
#define X(name, text) text,
    SQL_OPS(X)
#undef X
};

/* Lists of one kind of item: "(label item item)", nothing when there are none. */

static void open(struct buf *out, const char *label)
{
    buf_addf(out, " (%s", label);
}

static void text(struct buf *out, const char *label, const char *value)
{
    if (value != NULL) {
        buf_addf(out, " (%s ", label);
        sql_quote_string(out, value, strlen(value));
        buf_addc(out, ')');
    }
}

static void flag(struct buf *out, bool set, const char *label)
{
    if (set) {
        buf_addf(out, " %s", label);
    }
}

static void ident(struct buf *out, const struct sql_ident *value)
{
    if (value->quoted) {
        sql_quote_identifier(out, value->text, strlen(value->text));
    } else {
        buf_adds(out, value->text);
    }
}

static void labelled_ident(struct buf *out, const char *label,
                           const struct sql_ident *value)
{
    if (value->text != NULL) {
        open(out, label);
        buf_addc(out, ' ');
        ident(out, value);
        buf_addc(out, ')');
    }
}

static void name(struct buf *out, const struct sql_name *value)
{
    for (size_t i = 0; i < value->count; i++) {
        buf_adds(out, i == 0 ? " " : ".");
        ident(out, &value->parts[i]);
    }
}

static void labelled_name(struct buf *out, const char *label,
                          const struct sql_name *value)
{
    if (value->count > 0) {
        open(out, label);
        name(out, value);
        buf_addc(out, ')');
    }
}

static void idents(struct buf *out, const char *label,
                   const struct sql_ident_list *list)
{
    if (list->count == 0) {
        return;
    }
    open(out, label);
    for (size_t i = 0; i < list->count; i++) {
        buf_addc(out, ' ');
        ident(out, &list->items[i]);
    }
    buf_addc(out, ')');
}

static void expr(struct buf *out, const struct sql_expr *value);
static void from(struct buf *out, const struct sql_from *value);

static void labelled_expr(struct buf *out, const char *label,
                          const struct sql_expr *value)
{
    if (value != NULL) {
        open(out, label);
        expr(out, value);
        buf_addc(out, ')');
    }
}

static void exprs(struct buf *out, const char *label, const struct sql_expr_list *list)
{
    if (list->count == 0) {
        return;
    }
    open(out, label);
    for (size_t i = 0; i < list->count; i++) {
        expr(out, list->items[i]);
    }
    buf_addc(out, ')');
}

static void orders(struct buf *out, const char *label,
                   const struct sql_order_list *list)
{
    if (list->count == 0) {
        return;
    }
    open(out, label);
    for (size_t i = 0; i < list->count; i++) {
        expr(out, list->items[i].expr);
        flag(out, list->items[i].descending, "desc");
        flag(out, list->items[i].nulls == SQL_NULLS_FIRST, "nulls-first");
        flag(out, list->items[i].nulls == SQL_NULLS_LAST, "nulls-last");
    }
    buf_addc(out, ')');
}

static void bound(struct buf *out, const struct sql_bound *value)
{
    static const char *const names[] = {"",          "unbounded-preceding",
                                        "preceding", "current-row",
                                        "following", "unbounded-following"};

    if (value->kind != SQL_BOUND_NONE) {
        buf_addf(out, " (%s", names[value->kind]);
        if (value->offset != NULL) {
            expr(out, value->offset);
        }
        buf_addc(out, ')');
    }
}

static void window(struct buf *out, const char *label, const struct sql_window *value)
{
    static const char *const units[] = {"", "rows", "range"};

    if (value == NULL) {
        return;
    }
    open(out, label);
    labelled_ident(out, "name", &value->name);
    labelled_ident(out, value->bare ? "ref" : "base", &value->base);
    exprs(out, "partition", &value->partition_by);
    orders(out, "order", &value->order_by);
    if (value->unit != SQL_FRAME_NONE) {
        open(out, units[value->unit]);
        bound(out, &value->lower);
        bound(out, &value->upper);
        buf_addc(out, ')');
    }
    buf_addc(out, ')');
}

static void call(struct buf *out, const struct sql_call *value)
{
    flag(out, value->no_parentheses, "bare");
    flag(out, value->distinct, "distinct");
    flag(out, value->all, "all");
    flag(out, value->final, "final");
    flag(out, value->running, "running");
    flag(out, value->nulls == SQL_IGNORE_NULLS, "ignore-nulls");
    flag(out, value->nulls == SQL_RESPECT_NULLS, "respect-nulls");
    orders(out, "order", &value->order_by);
    orders(out, "within-group", &value->within_group);
    exprs(out, "within-distinct", &value->within_distinct);
    labelled_expr(out, "filter", value->filter);
    if (value->returning != NULL) {
        buf_adds(out, " (returning ");
        sql_render_type_spec(out, value->returning);
        buf_addc(out, ')');
    }
    text(out, "wrapper", value->wrapper);
    text(out, "on-empty", value->on_empty);
    labelled_expr(out, "empty-default", value->empty_default);
    text(out, "on-error", value->on_error);
    labelled_expr(out, "error-default", value->error_default);
    text(out, "on-null", value->on_null);
    window(out, "over", value->over);
}

static void interval(struct buf *out, const struct sql_interval *value)
{
    if (value->from == NULL) {
        return;
    }
    buf_addf(out, " %s", value->from);
    if (value->from_precision >= 0) {
        buf_addf(out, "(%d)", value->from_precision);
    }
    if (value->to != NULL) {
        buf_addf(out, "-%s", value->to);
    }
    if (value->to_precision >= 0) {
        buf_addf(out, "(%d)", value->to_precision);
    }
}

static void table_arg(struct buf *out, const struct sql_table_arg *value)
{
    from(out, value->input);
    exprs(out, "partition", &value->partition_by);
    orders(out, "order", &value->order_by);
}

/* Columns and plain literals are short. */
static bool brief(struct buf *out, const struct sql_expr *value)
{
    switch (value->kind) {
    case SQL_EXPR_COLUMN:
        name(out, &value->name);
        return true;
    case SQL_EXPR_NUMBER:
    case SQL_EXPR_BOOLEAN:
    case SQL_EXPR_KEYWORD:
        buf_addf(out, " %s", value->text);
        return true;
    case SQL_EXPR_STRING:
        buf_addc(out, ' ');
        sql_quote_string(out, value->text, value->text_len);
        return true;
    case SQL_EXPR_NULL:
        buf_adds(out, " NULL");
        return true;
    case SQL_EXPR_STAR:
        name(out, &value->name);
        buf_adds(out, value->name.count > 0 ? ".*" : " *");
        return true;
    default:
        return false;
    }
}

static void expr(struct buf *out, const struct sql_expr *value)
{
    if (brief(out, value)) {
        return;
    }
    open(out, value->kind == SQL_EXPR_OPERATOR || value->kind == SQL_EXPR_UNARY ||
                      value->kind == SQL_EXPR_LOGIC
                  ? op_names[value->op]
                  : expr_names[value->kind]);
    flag(out, value->negated, "not");
    flag(out, value->symmetric, "symmetric");
    flag(out, value->explicit, "explicit");
    flag(out, value->zone == SQL_ZONE_LOCAL, "local");
    if (value->kind == SQL_EXPR_IS || value->kind == SQL_EXPR_LIKE ||
        value->kind == SQL_EXPR_QUANTIFIED) {
        buf_addf(out, " %s", op_names[value->op]);
    }
    name(out, &value->name);
    if (value->text != NULL) {
        buf_addc(out, ' ');
        sql_quote_string(out, value->text, value->text_len);
    }
    interval(out, &value->interval);
    for (size_t i = 0; i < value->arg_count; i++) {
        if (value->args[i] == NULL) {
            buf_adds(out, " -");
        } else {
            expr(out, value->args[i]);
        }
    }
    if (value->type != NULL) {
        buf_adds(out, " (type ");
        sql_render_type_spec(out, value->type);
        buf_addc(out, ')');
    }
    if (value->query != NULL) {
        sql_dump_query(out, value->query);
    }
    if (value->table_arg != NULL) {
        table_arg(out, value->table_arg);
    }
    if (value->call != NULL) {
        call(out, value->call);
    }
    buf_addc(out, ')');
}

void sql_dump_expr(struct buf *out, const struct sql_expr *value)
{
    expr(out, value);
}

static void hints(struct buf *out, const struct sql_hint_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        open(out, "hint ");
        ident(out, &list->items[i].name);
        for (size_t j = 0; j < list->items[i].count; j++) {
            buf_addf(out, " %s", list->items[i].keys[j].text);
            if (list->items[i].values[j] != NULL) {
                buf_addf(out, "=%s", list->items[i].values[j]);
            }
        }
        buf_addc(out, ')');
    }
}

static void items(struct buf *out, const char *label,
                  const struct sql_select_item *list, size_t count)
{
    open(out, label);
    for (size_t i = 0; i < count; i++) {
        if (list[i].alias.text == NULL) {
            expr(out, list[i].expr);
            continue;
        }
        open(out, "as ");
        ident(out, &list[i].alias);
        expr(out, list[i].expr);
        buf_addc(out, ')');
    }
    buf_addc(out, ')');
}

static void groups(struct buf *out, const struct sql_group *list, size_t count)
{
    static const char *const names[] = {"group", "rollup", "cube", "grouping-sets"};

    for (size_t i = 0; i < count; i++) {
        open(out, names[list[i].kind]);
        for (size_t j = 0; j < list[i].exprs.count; j++) {
            expr(out, list[i].exprs.items[j]);
        }
        groups(out, list[i].children, list[i].child_count);
        buf_addc(out, ')');
    }
}

static void pattern(struct buf *out, const struct sql_pattern *value)
{
    static const char *const names[] = {"var", "seq", "alt", "permute", "exclude"};

    open(out, names[value->kind]);
    if (value->variable.text != NULL) {
        buf_addc(out, ' ');
        ident(out, &value->variable);
    }
    for (size_t i = 0; i < value->child_count; i++) {
        pattern(out, value->children[i]);
    }
    buf_addc(out, ')');
    if (value->quantified) {
        buf_addf(out, "{%d,%d}%s", value->min, value->max, value->reluctant ? "?" : "");
    }
}

static void match(struct buf *out, const struct sql_match *value)
{
    static const char *const after[] = {"", "next-row", "past-last-row", "first",
                                        "last"};

    exprs(out, "partition", &value->partition_by);
    orders(out, "order", &value->order_by);
    items(out, "measures", value->measures, value->measure_count);
    flag(out, value->rows == SQL_ROWS_ONE, "one-row");
    flag(out, value->rows == SQL_ROWS_ALL, "all-rows");
    if (value->after != SQL_AFTER_UNSAID) {
        buf_addf(out, " (after %s", after[value->after]);
        labelled_ident(out, "at", &value->after_variable);
        buf_addc(out, ')');
    }
    flag(out, value->strict_start, "^");
    pattern(out, value->pattern);
    flag(out, value->strict_end, "$");
    labelled_expr(out, "within", value->within);
    for (size_t i = 0; i < value->subset_count; i++) {
        idents(out, value->subsets[i].name.text, &value->subsets[i].members);
    }
    for (size_t i = 0; i < value->define_count; i++) {
        open(out, "define ");
        ident(out, &value->defines[i].name);
        expr(out, value->defines[i].expr);
        buf_addc(out, ')');
    }
}

static void join(struct buf *out, const struct sql_from *value)
{
    static const char *const names[] = {",", "cross", "inner", "left", "right", "full"};

    buf_addf(out, " %s", names[value->join]);
    flag(out, value->natural, "natural");
    from(out, value->left);
    from(out, value->right);
    labelled_expr(out, "on", value->on);
    idents(out, "using", &value->using_columns);
}

static void from(struct buf *out, const struct sql_from *value)
{
    static const char *const names[] = {"table",  "query", "function",
                                        "unnest", "join",  "match"};

    open(out, names[value->kind]);
    flag(out, value->lateral, "lateral");
    name(out, &value->table);
    hints(out, &value->hints);
    labelled_expr(out, "as-of", value->system_time);
    text(out, "sample", value->sample);
    text(out, "pivot", value->pivot);
    if (value->query != NULL) {
        sql_dump_query(out, value->query);
    }
    if (value->call != NULL) {
        expr(out, value->call);
    }
    for (size_t i = 0; i < value->exprs.count; i++) {
        expr(out, value->exprs.items[i]);
    }
    flag(out, value->with_ordinality, "ordinality");
    if (value->kind == SQL_FROM_JOIN) {
        join(out, value);
    }
    if (value->kind == SQL_FROM_MATCH) {
        from(out, value->left);
        match(out, value->match);
    }
    labelled_ident(out, "as", &value->alias);
    idents(out, "columns", &value->columns);
    buf_addc(out, ')');
}

static void select(struct buf *out, const struct sql_select *value)
{
    hints(out, &value->hints);
    flag(out, value->stream, "stream");
    flag(out, value->distinct, "distinct");
    flag(out, value->all, "all");
    items(out, "items", value->items, value->item_count);
    if (value->from != NULL) {
        open(out, "from");
        from(out, value->from);
        buf_addc(out, ')');
    }
    labelled_expr(out, "where", value->where);
    if (value->grouped) {
        open(out, "group-by");
        flag(out, value->group_distinct, "distinct");
        groups(out, value->groups, value->group_count);
        buf_addc(out, ')');
    }
    labelled_expr(out, "having", value->having);
    for (size_t i = 0; i < value->window_count; i++) {
        window(out, "window", &value->windows[i]);
    }
    labelled_expr(out, "qualify", value->qualify);
}

void sql_dump_query(struct buf *out, const struct sql_query *value)
{
    static const char *const kinds[] = {"select", "values", "table", "set", "nested"};
    static const char *const ops[] = {"union", "intersect", "except"};

    open(out, value->kind == SQL_QUERY_SET ? ops[value->set_op] : kinds[value->kind]);
    flag(out, value->set_all, "all");
    flag(out, value->recursive, "recursive");
    for (size_t i = 0; i < value->cte_count; i++) {
        open(out, "with ");
        ident(out, &value->ctes[i].name);
        idents(out, "columns", &value->ctes[i].columns);
        sql_dump_query(out, value->ctes[i].query);
        buf_addc(out, ')');
    }
    if (value->select != NULL) {
        select(out, value->select);
    }
    for (size_t i = 0; i < value->rows.count; i++) {
        expr(out, value->rows.items[i]);
    }
    name(out, &value->table);
    for (size_t i = 0; i < value->input_count; i++) {
        sql_dump_query(out, value->inputs[i]);
    }
    orders(out, "order", &value->order_by);
    labelled_expr(out, "limit", value->limit);
    labelled_expr(out, "offset", value->offset);
    buf_addc(out, ')');
}

/* Statements. */

static void options(struct buf *out, const char *label,
                    const struct sql_option_list *list)
{
    if (!list->present) {
        return;
    }
    open(out, label);
    for (size_t i = 0; i < list->count; i++) {
        buf_addf(out, " %s", list->items[i].key);
        if (list->items[i].value != NULL) {
            buf_addf(out, "=%s", list->items[i].value);
        }
    }
    buf_addc(out, ')');
}

static void column(struct buf *out, const struct sql_column_def *value)
{
    static const char *const kinds[] = {"column ", "computed ", "metadata "};

    open(out, kinds[value->kind]);
    ident(out, &value->name);
    if (value->type != NULL) {
        buf_addc(out, ' ');
        sql_render_type_spec(out, value->type);
    }
    if (value->expr != NULL) {
        expr(out, value->expr);
    }
    text(out, "key", value->metadata_key);
    flag(out, value->is_virtual, "virtual");
    flag(out, value->first, "first");
    labelled_ident(out, "after", &value->after);
    text(out, "comment", value->comment);
    buf_addc(out, ')');
}

static void distribution(struct buf *out, const struct sql_distribution_def *value)
{
    if (value->present) {
        open(out, "distributed");
        idents(out, value->method != NULL ? value->method : "by", &value->columns);
        buf_addf(out, " %lld)", (long long)value->buckets);
    }
}

static void like(struct buf *out, const struct sql_like_def *value)
{
    if (value->present) {
        open(out, "like");
        name(out, &value->table);
        for (size_t i = 0; i < value->option_count; i++) {
            buf_addf(out, " %s-%s", value->options[i].mode, value->options[i].what);
        }
        buf_addc(out, ')');
    }
}

static void elements(struct buf *out, const struct sql_table_def *value)
{
    for (size_t i = 0; i < value->column_count; i++) {
        column(out, &value->columns[i]);
    }
    for (size_t i = 0; i < value->watermark_count; i++) {
        open(out, "watermark");
        name(out, &value->watermarks[i].column);
        expr(out, value->watermarks[i].expr);
        buf_addc(out, ')');
    }
    for (size_t i = 0; i < value->constraint_count; i++) {
        const struct sql_constraint_def *c = &value->constraints[i];

        open(out, c->primary_key ? "primary-key" : "unique");
        labelled_ident(out, "name", &c->name);
        idents(out, "columns", &c->columns);
        flag(out, c->enforcement == SQL_NOT_ENFORCED, "not-enforced");
        buf_addc(out, ')');
    }
    distribution(out, &value->distribution);
}

static void table_def(struct buf *out, const struct sql_table_def *value)
{
    name(out, &value->name);
    flag(out, value->temporary, "temporary");
    flag(out, value->or_replace, "or-replace");
    flag(out, value->if_not_exists, "if-not-exists");
    elements(out, value);
    text(out, "comment", value->comment);
    idents(out, "partitioned", &value->partitioned_by);
    options(out, "with", &value->options);
    like(out, &value->like);
    text(out, "start-mode", value->start_mode.mode);
    labelled_expr(out, "start", value->start_mode.arg);
    labelled_expr(out, "freshness", value->freshness);
    text(out, "refresh-mode", value->refresh_mode);
    if (value->query != NULL) {
        sql_dump_query(out, value->query);
    }
}

static void view_def(struct buf *out, const struct sql_view_def *value)
{
    name(out, &value->name);
    flag(out, value->temporary, "temporary");
    flag(out, value->or_replace || value->or_alter, "or-replace");
    flag(out, value->if_not_exists, "if-not-exists");
    for (size_t i = 0; i < value->column_count; i++) {
        column(out, &value->columns[i]);
    }
    text(out, "comment", value->comment);
    sql_dump_query(out, value->query);
}

static void insert(struct buf *out, const struct sql_insert *value)
{
    name(out, &value->target);
    flag(out, value->kind == SQL_INSERT_OVERWRITE, "overwrite");
    hints(out, &value->hints);
    options(out, "partition", &value->partition);
    idents(out, "columns", &value->columns);
    sql_dump_query(out, value->query);
    text(out, "on-conflict", value->on_conflict);
}

static void alter(struct buf *out, const struct sql_alter *value)
{
    static const char *const names[] = {
#define X(name) #name,
        SQL_ALTERS(X)
#undef X
    };

    name(out, &value->name);
    flag(out, value->if_exists, "if-exists");
    open(out, names[value->kind]);
    idents(out, "names", &value->names);
    labelled_name(out, "to", &value->new_name);
    options(out, "options", &value->options);
    text(out, "text", value->text);
    if (value->elements != NULL) {
        table_def(out, value->elements);
    } else if (value->query != NULL) {
        sql_dump_query(out, value->query);
    }
    buf_addc(out, ')');
}

static void object(struct buf *out, const struct sql_object_def *value)
{
    name(out, &value->name);
    flag(out, value->temporary, "temporary");
    flag(out, value->system, "system");
    flag(out, value->if_exists, "if-exists");
    flag(out, value->cascade, "cascade");
    flag(out, value->extended, "extended");
    text(out, "class", value->class_name);
    text(out, "language", value->language);
    for (size_t i = 0; i < value->jar_count; i++) {
        text(out, "jar", value->jars[i]);
    }
    text(out, "comment", value->comment);
    options(out, "with", &value->options);
    for (size_t i = 0; i < value->input_count; i++) {
        open(out, "input");
        column(out, &value->inputs[i]);
        buf_addc(out, ')');
    }
    for (size_t i = 0; i < value->output_count; i++) {
        open(out, "output");
        column(out, &value->outputs[i]);
        buf_addc(out, ')');
    }
    flag(out, value->body.end > value->body.start, "…");
}

static void show(struct buf *out, const struct sql_show *value)
{
    labelled_name(out, "from", &value->from);
    flag(out, value->user, "user");
    flag(out, value->full, "full");
    flag(out, value->negated, "not");
    text(out, value->ilike ? "ilike" : "like", value->like);
}

void sql_dump_statement(struct buf *out, const struct sql_statement *value)
{
    buf_addf(out, "(%s", sql_statement_kind_name(value->kind));
    if (value->query != NULL) {
        sql_dump_query(out, value->query);
    }
    if (value->insert != NULL) {
        insert(out, value->insert);
    }
    if (value->table != NULL) {
        table_def(out, value->table);
    }
    if (value->view != NULL) {
        view_def(out, value->view);
    }
    if (value->alter != NULL) {
        alter(out, value->alter);
    }
    if (value->object != NULL) {
        object(out, value->object);
    }
    if (value->show != NULL) {
        show(out, value->show);
    }
    if (value->setting != NULL) {
        text(out, "key", value->setting->key);
        text(out, "value", value->setting->value);
    }
    text(out, "details", value->details);
    for (size_t i = 0; i < value->child_count; i++) {
        buf_addc(out, ' ');
        sql_dump_statement(out, value->children[i]);
    }
    buf_addc(out, ')');
}
