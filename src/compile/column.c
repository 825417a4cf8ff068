/* Columns as templates see them: dbt-adapters' Column as dbt-confluent has it. */
#include "config.h"

#include "compile/internal.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

struct column {
    struct value_object base;
    const char *name;
    const char *dtype;
    struct value char_size;
    struct value precision;
    struct value scale;
};

static const struct jinja_class column_class;

static const char *const string_types[] = {"text", "character varying", "character",
                                           "varchar", NULL};
static const char *const float_types[] = {
    "real", "float4", "float", "double precision", "float8", "double", NULL};
static const char *const integer_types[] = {
    "smallint", "integer", "bigint",  "smallserial", "serial",  "bigserial", "int2",
    "int4",     "int8",    "serial2", "serial4",     "serial8", NULL};
static const char *const numeric_types[] = {"numeric", "decimal", NULL};

static bool is_one_of(const struct column *column, const char *const *types)
{
    for (; *types != NULL; types++) {
        if (str_ieq(column->dtype, *types)) {
            return true;
        }
    }
    return false;
}

static int64_t string_size(const struct column *column)
{
    return strcmp(column->dtype, "text") == 0 || !value_is(column->char_size, VALUE_INT)
               ? 256
               : column->char_size.as.i;
}

static int data_type(const struct column *column, struct jinja_run *run,
                     struct buf *out)
{
    if (is_one_of(column, string_types)) {
        buf_addf(out, "character varying(%lld)", (long long)string_size(column));
        return 0;
    }
    buf_adds(out, column->dtype);
    if (is_one_of(column, numeric_types) && !value_is_null(column->precision) &&
        !value_is_null(column->scale)) {
        buf_addc(out, '(');
        if (jinja_str(run, column->precision, out) != 0) {
            return -1;
        }
        buf_addc(out, ',');
        if (jinja_str(run, column->scale, out) != 0) {
            return -1;
        }
        buf_addc(out, ')');
    }
    return 0;
}

static int data_type_value(const struct column *column, struct jinja_run *run,
                           struct value *out)
{
    struct buf text = BUF_INIT;
    int status = data_type(column, run, &text);

    *out = value_copy_str_n(jinja_arena(run), buf_str(&text), text.len);
    buf_fini(&text);
    return status;
}

/* ---- methods ----------------------------------------------------------------------
 */

static int call_is_string(struct jinja_call *call, struct value *out)
{
    *out = value_bool(is_one_of(call->context, string_types));
    return 0;
}

static int call_is_float(struct jinja_call *call, struct value *out)
{
    *out = value_bool(is_one_of(call->context, float_types));
    return 0;
}

static int call_is_integer(struct jinja_call *call, struct value *out)
{
    *out = value_bool(is_one_of(call->context, integer_types));
    return 0;
}

static int call_is_numeric(struct jinja_call *call, struct value *out)
{
    *out = value_bool(is_one_of(call->context, numeric_types));
    return 0;
}

static int call_is_number(struct jinja_call *call, struct value *out)
{
    *out = value_bool(is_one_of(call->context, float_types) ||
                      is_one_of(call->context, integer_types) ||
                      is_one_of(call->context, numeric_types));
    return 0;
}

static int call_string_size(struct jinja_call *call, struct value *out)
{
    if (!is_one_of(call->context, string_types)) {
        return jinja_raise(call->run, "DbtRuntimeError",
                           "Called string_size() on non-string field!");
    }
    *out = value_int(string_size(call->context));
    return 0;
}

static int call_can_expand_to(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"other_column", 0}};
    const struct column *column = call->context;
    struct value arg;

    if (jinja_args(call, params, 1, &arg) != 0) {
        return -1;
    }
    if (!jinja_is_a(arg, &column_class)) {
        return jinja_raise(call->run, "TypeError", "other_column must be a column");
    }
    const struct column *other = (const struct column *)arg.as.obj;
    *out =
        value_bool(is_one_of(column, string_types) && is_one_of(other, string_types) &&
                   string_size(other) > string_size(column));
    return 0;
}

static int call_literal(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"value", 0}};
    struct value arg, type;

    if (jinja_args(call, params, 1, &arg) != 0 ||
        jinja_to_str(call->run, arg, &arg) != 0 ||
        data_type_value(call->context, call->run, &type) != 0) {
        return -1;
    }
    *out = value_str(arena_printf(call->arena, "%s::%s", arg.as.s, type.as.s));
    return 0;
}

static const struct {
    const char *name;
    jinja_function function;
} methods[] = {
    {"can_expand_to", call_can_expand_to},
    {"is_float", call_is_float},
    {"is_integer", call_is_integer},
    {"is_number", call_is_number},
    {"is_numeric", call_is_numeric},
    {"is_string", call_is_string},
    {"literal", call_literal},
    {"string_size", call_string_size},
};

static int column_getattr(struct value_object *self, struct jinja_run *run,
                          const struct jinja_name *name, struct value *out)
{
    struct column *column = (struct column *)self;
    struct arena *arena = jinja_arena(run);

    if (strcmp(name->s, "name") == 0 || strcmp(name->s, "column") == 0) {
        *out = value_str(column->name);
    } else if (strcmp(name->s, "dtype") == 0) {
        *out = value_str(column->dtype);
    } else if (strcmp(name->s, "data_type") == 0 ||
               strcmp(name->s, "expanded_data_type") == 0) {
        return data_type_value(column, run, out) == 0 ? 1 : -1;
    } else if (strcmp(name->s, "quoted") == 0) {
        *out = value_str(arena_printf(arena, "`%s`", column->name));
    } else if (strcmp(name->s, "char_size") == 0) {
        *out = column->char_size;
    } else if (strcmp(name->s, "numeric_precision") == 0) {
        *out = column->precision;
    } else if (strcmp(name->s, "numeric_scale") == 0) {
        *out = column->scale;
    } else {
        for (size_t i = 0; i < sizeof methods / sizeof methods[0]; i++) {
            if (strcmp(name->s, methods[i].name) == 0) {
                *out = jinja_function_value(arena, methods[i].name, methods[i].function,
                                            column);
                return 1;
            }
        }
        return 0;
    }
    return 1;
}

static int column_repr(struct value_object *self, struct jinja_run *run,
                       struct buf *out)
{
    const struct column *column = (const struct column *)self;
    const struct {
        const char *name;
        struct value value;
    } fields[] = {
        {"ConfluentColumn(column=", value_str(column->name)},
        {", dtype=", value_str(column->dtype)},
        {", char_size=", column->char_size},
        {", numeric_precision=", column->precision},
        {", numeric_scale=", column->scale},
    };

    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        buf_adds(out, fields[i].name);
        if (jinja_repr(run, fields[i].value, out) != 0) {
            return -1;
        }
    }
    buf_addc(out, ')');
    return 0;
}

static bool column_equal(const struct value_object *self, struct value other)
{
    const struct column *a = (const struct column *)self;

    if (!jinja_is_a(other, &column_class)) {
        return false;
    }
    const struct column *b = (const struct column *)other.as.obj;
    return strcmp(a->name, b->name) == 0 && strcmp(a->dtype, b->dtype) == 0 &&
           value_equal(a->char_size, b->char_size) &&
           value_equal(a->precision, b->precision) && value_equal(a->scale, b->scale);
}

static const struct jinja_class column_class = {
    .base = {.name = "ConfluentColumn", .equal = column_equal, .unhashable = true},
    .getattr = column_getattr,
    .repr = column_repr,
};

/* ---- api.Column
 * ----------------------------------------------------------------------- */

static struct column *column_new(struct arena *arena, const char *name,
                                 const char *dtype)
{
    struct column *column = arena_new(arena, struct column);

    column->base.class = &column_class.base;
    column->name = name;
    column->dtype = dtype;
    column->char_size = value_none();
    column->precision = value_none();
    column->scale = value_none();
    return column;
}

struct value column_value(struct arena *arena, const char *name, const char *type)
{
    return jinja_object_value(&column_new(arena, name, type)->base);
}

const char *column_name_of(struct value column)
{
    return jinja_is_a(column, &column_class) ? ((struct column *)column.as.obj)->name
                                             : "";
}

static struct value none_if_missing(struct value v)
{
    return value_is_null(v) ? value_none() : v;
}

static int call_class(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {
        {"column", 0},
        {"dtype", 0},
        {"char_size", JINJA_OPTIONAL},
        {"numeric_precision", JINJA_OPTIONAL},
        {"numeric_scale", JINJA_OPTIONAL},
    };
    struct value args[5];

    if (jinja_args(call, params, 5, args) != 0 ||
        jinja_to_str(call->run, args[0], &args[0]) != 0 ||
        jinja_to_str(call->run, args[1], &args[1]) != 0) {
        return -1;
    }
    struct column *column = column_new(call->arena, args[0].as.s, args[1].as.s);
    column->char_size = none_if_missing(args[2]);
    column->precision = none_if_missing(args[3]);
    column->scale = none_if_missing(args[4]);
    *out = jinja_object_value(&column->base);
    return 0;
}

static int call_create(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"name", 0}, {"label_or_dtype", 0}};
    struct value args[2];

    if (jinja_args(call, params, 2, args) != 0 ||
        jinja_to_str(call->run, args[0], &args[0]) != 0 ||
        jinja_to_str(call->run, args[1], &args[1]) != 0) {
        return -1;
    }
    *out = column_value(call->arena, args[0].as.s, args[1].as.s);
    return 0;
}

/* dbt-confluent has no labels: every type is its own translation. */
static int call_translate_type(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"dtype", 0}};

    return jinja_args(call, params, 1, out);
}

static int call_string_type(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"size", 0}};
    struct value arg;

    if (jinja_args(call, params, 1, &arg) != 0 ||
        jinja_to_str(call->run, arg, &arg) != 0) {
        return -1;
    }
    *out = value_str(arena_printf(call->arena, "character varying(%s)", arg.as.s));
    return 0;
}

static int call_numeric_type(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {
        {"dtype", 0}, {"precision", 0}, {"scale", 0}};
    struct value args[3];

    if (jinja_args(call, params, 3, args) != 0) {
        return -1;
    }
    if (value_is_null(args[1]) || value_is_null(args[2])) {
        *out = args[0];
        return 0;
    }
    for (int i = 0; i < 3; i++) {
        if (jinja_to_str(call->run, args[i], &args[i]) != 0) {
            return -1;
        }
    }
    *out = value_str(arena_printf(call->arena, "%s(%s,%s)", args[0].as.s, args[1].as.s,
                                  args[2].as.s));
    return 0;
}

static int want_number(struct jinja_call *call, const char *raw, const char *text,
                       struct value *out)
{
    char *end;
    long number = strtol(text, &end, 10);

    while (*end == ' ') {
        end++;
    }
    if (end == text || *end != '\0') {
        return jinja_raise(call->run, "DbtRuntimeError",
                           "Could not interpret data_type \"%s\": could not convert "
                           "\"%s\" to an integer",
                           raw, text);
    }
    *out = value_int(number);
    return 0;
}

/* "decimal(10,2)" into its parts. */
static int call_from_description(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"name", 0}, {"raw_data_type", 0}};
    struct value args[2];
    const char *raw;

    if (jinja_args(call, params, 2, args) != 0 ||
        jinja_to_str(call->run, args[0], &args[0]) != 0 ||
        jinja_want_str(call, "raw_data_type", args[1], &raw) != 0) {
        return -1;
    }
    size_t base = strcspn(raw, "(");
    if (base == 0) {
        return jinja_raise(call->run, "DbtRuntimeError",
                           "Could not interpret data type \"%s\"", raw);
    }
    struct column *column =
        column_new(call->arena, args[0].as.s, arena_strndup(call->arena, raw, base));
    *out = jinja_object_value(&column->base);
    size_t close = strcspn(raw, ")");
    if (raw[base] == '\0' || raw[close] == '\0') {
        return 0;
    }
    char *inner = arena_strndup(call->arena, raw + base + 1, close - base - 1);
    char *comma = strchr(inner, ',');
    if (comma == NULL) {
        return want_number(call, raw, inner, &column->char_size);
    }
    *comma = '\0';
    return want_number(call, raw, inner, &column->precision) != 0
               ? -1
               : want_number(call, raw, comma + 1, &column->scale);
}

static const struct {
    const char *name;
    jinja_function function;
} class_methods[] = {
    {"create", call_create},
    {"from_description", call_from_description},
    {"numeric_type", call_numeric_type},
    {"string_type", call_string_type},
    {"translate_type", call_translate_type},
};

static int class_getattr(struct value_object *self, struct jinja_run *run,
                         const struct jinja_name *name, struct value *out)
{
    for (size_t i = 0; i < sizeof class_methods / sizeof class_methods[0]; i++) {
        if (strcmp(name->s, class_methods[i].name) == 0) {
            *out = jinja_function_value(jinja_arena(run), class_methods[i].name,
                                        class_methods[i].function, self);
            return 1;
        }
    }
    return 0;
}

static const struct jinja_class column_class_class = {
    .base = {.name = "type"},
    .getattr = class_getattr,
    .call = call_class,
};

struct value column_class_value(struct arena *arena)
{
    static struct value_object object = {&column_class_class.base};

    (void)arena;
    return jinja_object_value(&object);
}
