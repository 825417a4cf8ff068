/* Results as agate tables: table.rows, table.columns['a'].values(), row['a'] … */
#include "config.h"

#include "compile/internal.h"

#include <string.h>

struct table_object { /* also its rows and its columns, as collections */
    struct value_object base;
    const struct compile_table *table;
};

struct line_object { /* one row or one column */
    struct value_object base;
    const struct compile_table *table;
    size_t at;
};

static struct value cell(const struct compile_table *table, size_t row, size_t column)
{
    return table->rows[row * table->column_count + column];
}

static bool find_column(const struct compile_table *table, struct value key,
                        size_t *out)
{
    if (value_is(key, VALUE_INT)) {
        int64_t at = key.as.i < 0 ? key.as.i + (int64_t)table->column_count : key.as.i;
        *out = (size_t)at;
        return at >= 0 && at < (int64_t)table->column_count;
    }
    for (size_t i = 0; value_is_str(key) && i < table->column_count; i++) {
        if (strcmp(table->columns[i], key.as.s) == 0) {
            *out = i;
            return true;
        }
    }
    return false;
}

static struct value names_tuple(struct arena *arena, const struct compile_table *table)
{
    struct value names = value_tuple_new(arena, table->column_count);

    for (size_t i = 0; i < table->column_count; i++) {
        value_list_push(names, value_str(table->columns[i]));
    }
    return names;
}

static struct value line_value(struct arena *arena, const struct jinja_class *class,
                               const struct compile_table *table, size_t at)
{
    struct line_object *line = arena_new(arena, struct line_object);

    line->base.class = &class->base;
    line->table = table;
    line->at = at;
    return jinja_object_value(&line->base);
}

/* ---- rows ---------------------------------------------------------------------------
 */

static struct value row_tuple(struct arena *arena, const struct line_object *row)
{
    struct value values = value_tuple_new(arena, row->table->column_count);

    for (size_t i = 0; i < row->table->column_count; i++) {
        value_list_push(values, cell(row->table, row->at, i));
    }
    return values;
}

static int row_values(struct jinja_call *call, struct value *out)
{
    *out = row_tuple(call->arena, call->context);
    return 0;
}

static int row_keys(struct jinja_call *call, struct value *out)
{
    *out = names_tuple(call->arena, ((struct line_object *)call->context)->table);
    return 0;
}

static int row_dict(struct jinja_call *call, struct value *out)
{
    const struct line_object *row = call->context;

    *out = value_dict_new(call->arena, row->table->column_count + 1);
    for (size_t i = 0; i < row->table->column_count; i++) {
        value_dict_put(*out, row->table->columns[i], cell(row->table, row->at, i));
    }
    return 0;
}

static int row_items(struct jinja_call *call, struct value *out)
{
    const struct line_object *row = call->context;

    *out = value_list_new(call->arena, row->table->column_count + 1);
    for (size_t i = 0; i < row->table->column_count; i++) {
        struct value pair = value_tuple_new(call->arena, 2);
        value_list_push(pair, value_str(row->table->columns[i]));
        value_list_push(pair, cell(row->table, row->at, i));
        value_list_push(*out, pair);
    }
    return 0;
}

static int row_get(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"key", 0},
                                                {"default", JINJA_OPTIONAL}};
    const struct line_object *row = call->context;
    struct value args[2];
    size_t at;

    if (jinja_args(call, params, 2, args) != 0) {
        return -1;
    }
    *out = find_column(row->table, args[0], &at) ? cell(row->table, row->at, at)
           : jinja_is_missing(args[1])           ? value_none()
                                                 : args[1];
    return 0;
}

static int line_method(struct jinja_run *run, const struct jinja_name *name,
                       const struct jinja_def *defs, size_t count, void *self,
                       struct value *out)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(name->s, defs[i].name) == 0) {
            *out = jinja_function_value(jinja_arena(run), defs[i].name,
                                        defs[i].function, self);
            return 1;
        }
    }
    return 0;
}

static int row_getattr(struct value_object *self, struct jinja_run *run,
                       const struct jinja_name *name, struct value *out)
{
    static const struct jinja_def defs[] = {{"dict", row_dict, NULL},
                                            {"get", row_get, NULL},
                                            {"items", row_items, NULL},
                                            {"keys", row_keys, NULL},
                                            {"values", row_values, NULL}};

    return line_method(run, name, defs, sizeof defs / sizeof defs[0], self, out);
}

static int row_getitem(struct value_object *self, struct jinja_run *run,
                       struct value key, struct value *out)
{
    const struct line_object *row = (const struct line_object *)self;
    size_t at;

    (void)run;
    if (!find_column(row->table, key, &at)) {
        return 0;
    }
    *out = cell(row->table, row->at, at);
    return 1;
}

static int row_next(struct value_object *self, struct jinja_run *run, size_t *at,
                    struct value *out)
{
    const struct line_object *row = (const struct line_object *)self;

    (void)run;
    if (*at >= row->table->column_count) {
        return 0;
    }
    *out = cell(row->table, row->at, (*at)++);
    return 1;
}

static int64_t row_length(struct value_object *self)
{
    return (int64_t)((struct line_object *)self)->table->column_count;
}

static int row_repr(struct value_object *self, struct jinja_run *run, struct buf *out)
{
    buf_adds(out, "<agate.Row: ");
    if (jinja_repr(run, row_tuple(jinja_arena(run), (struct line_object *)self), out) !=
        0) {
        return -1;
    }
    buf_addc(out, '>');
    return 0;
}

static const struct jinja_class row_class = {
    .base = {.name = "Row"},
    .getattr = row_getattr,
    .getitem = row_getitem,
    .next = row_next,
    .length = row_length,
    .repr = row_repr,
    .mapping = true,
};

/* ---- columns
 * --------------------------------------------------------------------------- */

static struct value column_tuple(struct arena *arena, const struct line_object *column)
{
    struct value values = value_tuple_new(arena, column->table->row_count);

    for (size_t i = 0; i < column->table->row_count; i++) {
        value_list_push(values, cell(column->table, i, column->at));
    }
    return values;
}

static int column_values(struct jinja_call *call, struct value *out)
{
    *out = column_tuple(call->arena, call->context);
    return 0;
}

static int column_distinct(struct jinja_call *call, struct value *out)
{
    struct value values = column_tuple(call->arena, call->context);
    struct value seen = value_dict_new(call->arena, 8);

    *out = value_tuple_new(call->arena, value_list_count(values));
    for (size_t i = 0; i < value_list_count(values); i++) {
        struct value item = value_list_at(values, i);
        if (value_is(value_dict_get_value(seen, item), VALUE_UNDEFINED)) {
            value_dict_put_value(seen, item, value_bool(true));
            value_list_push(*out, item);
        }
    }
    return 0;
}

static int column_without_nulls(struct jinja_call *call, struct value *out)
{
    struct value values = column_tuple(call->arena, call->context);

    *out = value_tuple_new(call->arena, value_list_count(values));
    for (size_t i = 0; i < value_list_count(values); i++) {
        if (!value_is_null(value_list_at(values, i))) {
            value_list_push(*out, value_list_at(values, i));
        }
    }
    return 0;
}

static int column_getattr(struct value_object *self, struct jinja_run *run,
                          const struct jinja_name *name, struct value *out)
{
    static const struct jinja_def defs[] = {
        {"values", column_values, NULL},
        {"values_distinct", column_distinct, NULL},
        {"values_without_nulls", column_without_nulls, NULL}};
    const struct line_object *column = (const struct line_object *)self;

    if (strcmp(name->s, "name") == 0) {
        *out = value_str(column->table->columns[column->at]);
        return 1;
    }
    if (strcmp(name->s, "index") == 0) {
        *out = value_int((int64_t)column->at);
        return 1;
    }
    return line_method(run, name, defs, sizeof defs / sizeof defs[0], self, out);
}

static int column_next(struct value_object *self, struct jinja_run *run, size_t *at,
                       struct value *out)
{
    const struct line_object *column = (const struct line_object *)self;

    (void)run;
    if (*at >= column->table->row_count) {
        return 0;
    }
    *out = cell(column->table, (*at)++, column->at);
    return 1;
}

static int64_t column_length(struct value_object *self)
{
    return (int64_t)((struct line_object *)self)->table->row_count;
}

static int column_getitem(struct value_object *self, struct jinja_run *run,
                          struct value key, struct value *out)
{
    const struct line_object *column = (const struct line_object *)self;
    int64_t count = (int64_t)column->table->row_count;
    int64_t at = value_is(key, VALUE_INT) ? key.as.i : count;

    (void)run;
    at = at < 0 ? at + count : at;
    if (at < 0 || at >= count) {
        return 0;
    }
    *out = cell(column->table, (size_t)at, column->at);
    return 1;
}

static const struct jinja_class column_class = {
    .base = {.name = "Column"},
    .getattr = column_getattr,
    .getitem = column_getitem,
    .next = column_next,
    .length = column_length,
    .sequence = true,
};

/* ---- table.rows, table.columns, table
 * ------------------------------------------------ */

static const struct jinja_class rows_class, columns_class;

static struct value part_value(struct arena *arena, const struct jinja_class *class,
                               const struct compile_table *table)
{
    struct table_object *part = arena_new(arena, struct table_object);

    part->base.class = &class->base;
    part->table = table;
    return jinja_object_value(&part->base);
}

static int rows_next(struct value_object *self, struct jinja_run *run, size_t *at,
                     struct value *out)
{
    const struct compile_table *table = ((struct table_object *)self)->table;

    if (*at >= table->row_count) {
        return 0;
    }
    *out = line_value(jinja_arena(run), &row_class, table, (*at)++);
    return 1;
}

static int rows_getitem(struct value_object *self, struct jinja_run *run,
                        struct value key, struct value *out)
{
    const struct compile_table *table = ((struct table_object *)self)->table;
    int64_t count = (int64_t)table->row_count;
    int64_t at = value_is(key, VALUE_INT) ? key.as.i : count;

    at = at < 0 ? at + count : at;
    if (at < 0 || at >= count) {
        return 0;
    }
    *out = line_value(jinja_arena(run), &row_class, table, (size_t)at);
    return 1;
}

static int64_t rows_length(struct value_object *self)
{
    return (int64_t)((struct table_object *)self)->table->row_count;
}

static int rows_values(struct jinja_call *call, struct value *out)
{
    return jinja_to_list(call->run, jinja_object_value(call->context), out);
}

static int collection_getattr(struct value_object *self, struct jinja_run *run,
                              const struct jinja_name *name, struct value *out)
{
    static const struct jinja_def defs[] = {{"values", rows_values, NULL}};
    const struct compile_table *table = ((struct table_object *)self)->table;

    if (self->class == &columns_class.base && strcmp(name->s, "keys") == 0) {
        *out = names_tuple(jinja_arena(run), table);
        return 1;
    }
    return line_method(run, name, defs, 1, self, out);
}

static const struct jinja_class rows_class = {
    .base = {.name = "MappedSequence"},
    .getattr = collection_getattr,
    .getitem = rows_getitem,
    .next = rows_next,
    .length = rows_length,
    .sequence = true,
};

static int columns_next(struct value_object *self, struct jinja_run *run, size_t *at,
                        struct value *out)
{
    const struct compile_table *table = ((struct table_object *)self)->table;

    if (*at >= table->column_count) {
        return 0;
    }
    *out = line_value(jinja_arena(run), &column_class, table, (*at)++);
    return 1;
}

static int columns_getitem(struct value_object *self, struct jinja_run *run,
                           struct value key, struct value *out)
{
    const struct compile_table *table = ((struct table_object *)self)->table;
    size_t at;

    if (!find_column(table, key, &at)) {
        return 0;
    }
    *out = line_value(jinja_arena(run), &column_class, table, at);
    return 1;
}

static int64_t columns_length(struct value_object *self)
{
    return (int64_t)((struct table_object *)self)->table->column_count;
}

static const struct jinja_class columns_class = {
    .base = {.name = "MappedSequence"},
    .getattr = collection_getattr,
    .getitem = columns_getitem,
    .next = columns_next,
    .length = columns_length,
    .sequence = true,
};

static int table_print(struct jinja_call *call, struct value *out)
{
    (void)call;
    *out = value_none();
    return 0;
}

static int table_getattr(struct value_object *self, struct jinja_run *run,
                         const struct jinja_name *name, struct value *out)
{
    const struct compile_table *table = ((struct table_object *)self)->table;
    struct arena *arena = jinja_arena(run);

    if (strcmp(name->s, "rows") == 0) {
        *out = part_value(arena, &rows_class, table);
    } else if (strcmp(name->s, "columns") == 0) {
        *out = part_value(arena, &columns_class, table);
    } else if (strcmp(name->s, "column_names") == 0) {
        *out = names_tuple(arena, table);
    } else if (strcmp(name->s, "print_table") == 0) {
        *out = jinja_function_value(arena, "print_table", table_print, self);
    } else {
        return 0;
    }
    return 1;
}

static bool table_truth(struct value_object *self)
{
    (void)self;
    return true;
}

static const struct jinja_class table_class = {
    .base = {.name = "Table"},
    .getattr = table_getattr,
    .getitem = columns_getitem,
    .next = rows_next,
    .length = rows_length,
    .truth = table_truth,
};

struct value table_value(struct arena *arena, const struct compile_table *table)
{
    return part_value(arena, &table_class, table);
}

const struct compile_table *table_from(struct value v)
{
    return jinja_is_a(v, &table_class) ? ((struct table_object *)v.as.obj)->table
                                       : NULL;
}
