/* Constraints of contracts as DDL. */
#include "config.h"

#include "compile/constraint.h"

#include <string.h>

#include "base/buf.h"

static const char *text_of(struct value dict, const char *key)
{
    return value_cstr(value_dict_get(dict, key), "");
}

static void add_list(struct value list, struct buf *out)
{
    for (size_t i = 0; i < value_list_count(list); i++) {
        buf_addf(out, "%s%s", i > 0 ? ", " : "",
                 value_cstr(value_list_at(list, i), ""));
    }
}

/* "t (a, b)" for {to: t, to_columns: [a, b]}, or the expression; false for neither. */
static bool add_reference(struct value constraint, struct buf *out)
{
    struct value columns = value_dict_get(constraint, "to_columns");

    if (text_of(constraint, "to")[0] != '\0' && value_list_count(columns) > 0) {
        buf_addf(out, "references %s (", text_of(constraint, "to"));
        add_list(columns, out);
        buf_addc(out, ')');
        return true;
    }
    buf_addf(out, "references %s", text_of(constraint, "expression"));
    return text_of(constraint, "expression")[0] != '\0';
}

enum kind { CHECK, CUSTOM, FOREIGN_KEY, NOT_NULL, PRIMARY_KEY, UNIQUE, UNKNOWN };

static enum kind kind_of(struct value constraint, struct err *err)
{
    static const char *const names[] = {"check",    "custom",      "foreign_key",
                                        "not_null", "primary_key", "unique"};
    const char *type = text_of(constraint, "type");

    for (int i = 0; i < UNKNOWN; i++) {
        if (strcmp(type, names[i]) == 0) {
            return (enum kind)i;
        }
    }
    err_set(err, ERR_COMPILE, "Could not parse constraint: type '%s'", type);
    return UNKNOWN;
}

/* Appends the constraint of one column; false when there is nothing to render. */
static bool add_column(enum kind kind, struct value constraint, struct buf *out)
{
    static const char *const words[] = {
        [NOT_NULL] = "not null", [PRIMARY_KEY] = "primary key", [UNIQUE] = "unique"};
    const char *expression = text_of(constraint, "expression");

    switch (kind) {
    case NOT_NULL:
    case PRIMARY_KEY:
    case UNIQUE:
        buf_adds(out, words[kind]);
        buf_addf(out, "%s%s", expression[0] != '\0' ? " " : "", expression);
        return true;
    case FOREIGN_KEY:
        return add_reference(constraint, out);
    case CUSTOM:
        buf_adds(out, expression);
        return expression[0] != '\0';
    default:
        return false; /* Flink has no CHECK */
    }
}

int constraint_columns(struct value columns, struct arena *arena, struct value *out,
                       struct err *err)
{
    size_t at = 0;
    const struct value_pair *pair;
    struct buf text = BUF_INIT, one = BUF_INIT;

    *out = value_list_new(arena, value_dict_count(columns) + 1);
    while ((pair = value_dict_next(columns, &at)) != NULL && err->code == ERR_NONE) {
        const char *quote =
            value_is_true(value_dict_get(pair->value, "quote"), false) ? "`" : "";
        struct value list = value_dict_get(pair->value, "constraints");
        buf_reset(&text);
        buf_addf(&text, "%s%s%s %s", quote, text_of(pair->value, "name"), quote,
                 text_of(pair->value, "data_type"));
        for (size_t i = 0; i < value_list_count(list); i++) {
            struct value constraint = value_list_at(list, i);
            enum kind kind = kind_of(constraint, err);
            buf_reset(&one);
            if (kind != UNKNOWN && add_column(kind, constraint, &one)) {
                buf_addf(&text, " %s", buf_str(&one));
            }
        }
        value_list_push(*out, value_copy_str_n(arena, buf_str(&text), text.len));
    }
    buf_fini(&text);
    buf_fini(&one);
    return err->code == ERR_NONE ? 0 : -1;
}

/* Flink wants PRIMARY KEY (columns) NOT ENFORCED: the expression comes last. */
static bool add_model(enum kind kind, struct value constraint, struct buf *out)
{
    const char *name = text_of(constraint, "name");
    const char *expression = text_of(constraint, "expression");
    const char *blank = expression[0] != '\0' ? " " : "";
    struct value columns = value_dict_get(constraint, "columns");

    if (name[0] != '\0') {
        buf_addf(out, "constraint %s ", name);
    }
    switch (kind) {
    case PRIMARY_KEY:
        buf_adds(out, "primary key (");
        add_list(columns, out);
        buf_addf(out, ")%s%s", blank, expression);
        return true;
    case UNIQUE:
        buf_addf(out, "unique%s%s (", blank, expression);
        add_list(columns, out);
        buf_addc(out, ')');
        return true;
    case FOREIGN_KEY:
        buf_adds(out, "foreign key (");
        add_list(columns, out);
        buf_adds(out, ") ");
        return add_reference(constraint, out);
    case CUSTOM:
        buf_adds(out, expression);
        return expression[0] != '\0';
    default:
        return false;
    }
}

int constraint_model(struct value constraints, struct arena *arena, struct value *out,
                     struct err *err)
{
    struct buf text = BUF_INIT;

    *out = value_list_new(arena, value_list_count(constraints) + 1);
    for (size_t i = 0; i < value_list_count(constraints); i++) {
        struct value constraint = value_list_at(constraints, i);
        enum kind kind = kind_of(constraint, err);
        buf_reset(&text);
        if (kind != UNKNOWN && add_model(kind, constraint, &text)) {
            value_list_push(*out, value_copy_str_n(arena, buf_str(&text), text.len));
        }
    }
    buf_fini(&text);
    return err->code == ERR_NONE ? 0 : -1;
}
