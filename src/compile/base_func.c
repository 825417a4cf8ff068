/* Functions of every context: JSON, YAML, sets, zip, md5 (dbt's context/base.py). */
#include "config.h"

#include "compile/internal.h"

#include <string.h>

#include <nettle/md5.h>

#include "base/str.h"
#include "value/json.h"
#include "value/yaml.h"

int func_return(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"data", 0}};
    struct value arg;

    (void)out;
    if (jinja_args(call, params, 1, &arg) != 0) {
        return -1;
    }
    return jinja_return(call->run, arg);
}

/* ---- JSON and YAML -------------------------------------------------------------- */

int func_fromjson(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"string", 0},
                                                {"default", JINJA_OPTIONAL}};
    struct value args[2];
    struct err err = {0};

    if (jinja_args(call, params, 2, args) != 0) {
        return -1;
    }
    if (!value_is_str(args[0])) {
        return jinja_raise(call->run, "TypeError",
                           "the JSON object must be str, bytes or bytearray, not %s",
                           jinja_type_name(args[0]));
    }
    if (json_parse(args[0].as.s, args[0].len, "json", call->arena, out, &err) != 0) {
        *out = value_is_null(args[1]) ? value_none() : args[1];
    }
    return 0;
}

int func_tojson(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {
        {"value", 0}, {"default", JINJA_OPTIONAL}, {"sort_keys", JINJA_OPTIONAL}};
    struct value args[3];
    struct buf text = BUF_INIT;

    if (jinja_args(call, params, 3, args) != 0) {
        return -1;
    }
    int status = jinja_to_json(call->run, args[0], jinja_truth(args[2]), &text);
    *out = value_copy_str_n(call->arena, buf_str(&text), text.len);
    buf_fini(&text);
    return status;
}

int func_fromyaml(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"value", 0},
                                                {"default", JINJA_OPTIONAL}};
    struct value args[2];
    struct yaml_doc doc = {0};
    struct err err = {0};

    if (jinja_args(call, params, 2, args) != 0) {
        return -1;
    }
    if (!value_is_str(args[0])) {
        return jinja_raise(call->run, "TypeError",
                           "a string or stream input is required");
    }
    *out = value_is_null(args[1]) ? value_none() : args[1];
    if (yaml_parse(args[0].as.s, args[0].len, "yaml", call->arena, &doc, &err) == 0) {
        *out = doc.root;
    }
    return 0;
}

int func_toyaml(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {
        {"value", 0}, {"default", JINJA_OPTIONAL}, {"sort_keys", JINJA_OPTIONAL}};
    struct value args[3];
    struct buf text = BUF_INIT;
    struct err err = {0};

    if (jinja_args(call, params, 3, args) != 0) {
        return -1;
    }
    if (yaml_write(args[0], jinja_truth(args[2]), &text, &err) == 0) {
        *out = value_copy_str_n(call->arena, buf_str(&text), text.len);
    } else {
        *out = value_is_null(args[1]) ? value_none() : args[1];
    }
    buf_fini(&text);
    return 0;
}

/* ---- sets ---------------------------------------------------------------------------
 */

struct set_object {
    struct value_object base;
    struct value list;
};

static int set_next(struct value_object *self, struct jinja_run *run, size_t *at,
                    struct value *out)
{
    struct value list = ((struct set_object *)self)->list;

    (void)run;
    if (*at >= value_list_count(list)) {
        return 0;
    }
    *out = value_list_at(list, (*at)++);
    return 1;
}

static int64_t set_length(struct value_object *self)
{
    return (int64_t)value_list_count(((struct set_object *)self)->list);
}

static int set_repr(struct value_object *self, struct jinja_run *run, struct buf *out)
{
    struct value list = ((struct set_object *)self)->list;

    if (value_list_count(list) == 0) {
        buf_adds(out, "set()");
        return 0;
    }
    for (size_t i = 0; i < value_list_count(list); i++) {
        buf_adds(out, i == 0 ? "{" : ", ");
        if (jinja_repr(run, value_list_at(list, i), out) != 0) {
            return -1;
        }
    }
    buf_addc(out, '}');
    return 0;
}

static const struct jinja_class set_class;

/* The members of any iterable, each once; -1 with an error raised. */
static int distinct(struct jinja_run *run, struct value v, struct value *out)
{
    struct value list, seen = value_dict_new(jinja_arena(run), 8);

    if (jinja_to_list(run, v, &list) != 0) {
        return -1;
    }
    *out = value_list_new(jinja_arena(run), value_list_count(list) + 1);
    for (size_t i = 0; i < value_list_count(list); i++) {
        struct value item = value_list_at(list, i);
        if (!value_hashable(item)) {
            return jinja_raise(run, "TypeError", "unhashable type: '%s'",
                               jinja_type_name(item));
        }
        if (value_is(value_dict_get_value(seen, item), VALUE_UNDEFINED)) {
            value_dict_put_value(seen, item, value_bool(true));
            value_list_push(*out, item);
        }
    }
    return 0;
}

static bool set_has(struct value list, struct value item)
{
    for (size_t i = 0; i < value_list_count(list); i++) {
        if (value_equal(value_list_at(list, i), item)) {
            return true;
        }
    }
    return false;
}

/* union, intersection, difference with another iterable. */
static int combine(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"other", 0}};
    const struct set_object *self = call->context;
    struct value other, result;

    if (jinja_args(call, params, 1, &other) != 0 ||
        distinct(call->run, other, &other) != 0) {
        return -1;
    }
    bool unite = strcmp(call->name, "union") == 0;
    bool both = strcmp(call->name, "intersection") == 0;
    result = value_list_new(call->arena, 8);
    for (size_t i = 0; i < value_list_count(self->list); i++) {
        struct value item = value_list_at(self->list, i);
        if (unite || set_has(other, item) == both) {
            value_list_push(result, item);
        }
    }
    for (size_t i = 0; unite && i < value_list_count(other); i++) {
        if (!set_has(self->list, value_list_at(other, i))) {
            value_list_push(result, value_list_at(other, i));
        }
    }
    *out = set_value(call->arena, result);
    return 0;
}

static int set_add(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"elem", 0}};
    struct set_object *self = call->context;
    struct value arg;

    if (jinja_args(call, params, 1, &arg) != 0) {
        return -1;
    }
    if (!set_has(self->list, arg)) {
        value_list_push(self->list, arg);
    }
    *out = value_none();
    return 0;
}

static int set_getattr(struct value_object *self, struct jinja_run *run,
                       const struct jinja_name *name, struct value *out)
{
    static const char *const names[] = {"union", "intersection", "difference"};

    if (strcmp(name->s, "add") == 0) {
        *out = jinja_function_value(jinja_arena(run), "add", set_add, self);
        return 1;
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(name->s, names[i]) == 0) {
            *out = jinja_function_value(jinja_arena(run), names[i], combine, self);
            return 1;
        }
    }
    return 0;
}

static bool set_equal(const struct value_object *self, struct value other)
{
    const struct set_object *a = (const struct set_object *)self;

    if (!jinja_is_a(other, &set_class)) {
        return false;
    }
    const struct set_object *b = (const struct set_object *)other.as.obj;
    if (value_list_count(a->list) != value_list_count(b->list)) {
        return false;
    }
    for (size_t i = 0; i < value_list_count(a->list); i++) {
        if (!set_has(b->list, value_list_at(a->list, i))) {
            return false;
        }
    }
    return true;
}

static const struct jinja_class set_class = {
    .base = {.name = "set", .equal = set_equal, .unhashable = true},
    .getattr = set_getattr,
    .repr = set_repr,
    .length = set_length,
    .next = set_next,
};

struct value set_value(struct arena *arena, struct value list)
{
    struct set_object *set = arena_new(arena, struct set_object);

    set->base.class = &set_class.base;
    set->list = list;
    return jinja_object_value(&set->base);
}

/* What dbt makes of the TypeError of a strict function. */
static int strict_error(struct jinja_run *run, const char *type)
{
    struct err err = {0};

    if (strcmp(jinja_error(run)->type, "TypeError") != 0 || !jinja_catch(run, &err)) {
        return -1;
    }
    return jinja_raise(run, type, "Compilation Error\n  %s", err.msg);
}

int func_set_strict(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"value", 0}};
    struct value arg, list;

    if (jinja_args(call, params, 1, &arg) != 0) {
        return -1;
    }
    if (distinct(call->run, arg, &list) != 0) {
        return strict_error(call->run, "SetStrictWrongTypeError");
    }
    *out = set_value(call->arena, list);
    return 0;
}

int func_set(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"value", 0},
                                                {"default", JINJA_OPTIONAL}};
    struct value args[2], list;
    struct err ignored;

    if (jinja_args(call, params, 2, args) != 0) {
        return -1;
    }
    if (distinct(call->run, args[0], &list) == 0) {
        *out = set_value(call->arena, list);
        return 0;
    }
    if (!jinja_catch(call->run, &ignored)) {
        return -1;
    }
    *out = value_is_null(args[1]) ? value_none() : args[1];
    return 0;
}

/* ---- zip
 * ----------------------------------------------------------------------------- */

static int zip(struct jinja_call *call, struct value *out)
{
    size_t count = call->arg_count, shortest = SIZE_MAX;
    struct value *lists = arena_array(call->arena, struct value, count + 1);

    for (size_t i = 0; i < count; i++) {
        if (jinja_to_list(call->run, call->args[i], &lists[i]) != 0) {
            return -1;
        }
        if (value_list_count(lists[i]) < shortest) {
            shortest = value_list_count(lists[i]);
        }
    }
    if (count == 0) {
        shortest = 0;
    }
    *out = value_list_new(call->arena, shortest + 1);
    for (size_t row = 0; row < shortest; row++) {
        struct value tuple = value_tuple_new(call->arena, count);
        for (size_t i = 0; i < count; i++) {
            value_list_push(tuple, value_list_at(lists[i], row));
        }
        value_list_push(*out, tuple);
    }
    return 0;
}

int func_zip_strict(struct jinja_call *call, struct value *out)
{
    if (call->kwarg_count > 0) {
        return jinja_raise(call->run, "TypeError",
                           "BaseContext.zip_strict() got an unexpected keyword argument"
                           " '%s'",
                           value_cstr(call->kwargs[0].name, ""));
    }
    return zip(call, out) == 0 ? 0 : strict_error(call->run, "ZipStrictWrongTypeError");
}

int func_zip(struct jinja_call *call, struct value *out)
{
    struct err ignored;

    if (zip(call, out) == 0) {
        return 0;
    }
    if (!jinja_catch(call->run, &ignored)) {
        return -1;
    }
    *out = value_none();
    for (size_t i = 0; i < call->kwarg_count; i++) {
        if (strcmp(value_cstr(call->kwargs[i].name, ""), "default") == 0) {
            *out = call->kwargs[i].value;
        }
    }
    return 0;
}

/* ---- md5 and dicts ----------------------------------------------------------------
 */

int func_local_md5(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"value", 0}};
    struct value arg;
    struct md5_ctx md5;
    uint8_t digest[MD5_DIGEST_SIZE];
    char *hex = arena_alloc(call->arena, 2 * MD5_DIGEST_SIZE + 1);

    if (jinja_args(call, params, 1, &arg) != 0) {
        return -1;
    }
    if (value_is(arg, VALUE_UNDEFINED)) {
        const char *never;
        return jinja_want_str(call, "value", arg, &never);
    }
    if (!value_is_str(arg)) {
        return jinja_raise(call->run, "AttributeError",
                           "'%s' object has no attribute 'encode'",
                           jinja_type_name(arg));
    }
    md5_init(&md5);
    md5_update(&md5, arg.len, (const uint8_t *)arg.as.s);
    md5_digest(&md5, sizeof digest, digest);
    for (size_t i = 0; i < sizeof digest; i++) {
        hex[2 * i] = "0123456789abcdef"[digest[i] >> 4];
        hex[2 * i + 1] = "0123456789abcdef"[digest[i] & 15];
    }
    hex[2 * MD5_DIGEST_SIZE] = '\0';
    *out = value_str(hex);
    return 0;
}

static struct value find_folded(struct value dict, const char *key)
{
    size_t at = 0;
    const struct value_pair *pair;

    while ((pair = value_dict_next(dict, &at)) != NULL) {
        if (str_ieq(value_cstr(pair->key, ""), key)) {
            return pair->value;
        }
    }
    return value_undefined();
}

static bool has_folded(struct value list, const char *word)
{
    for (size_t i = 0; i < value_list_count(list); i++) {
        if (str_ieq(value_cstr(value_list_at(list, i), ""), word)) {
            return true;
        }
    }
    return false;
}

/* dict_a without what dict_b has, letter case aside. */
int func_diff_of_two_dicts(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"dict_a", 0}, {"dict_b", 0}};
    struct value args[2];
    size_t at = 0;
    const struct value_pair *pair;

    if (jinja_args(call, params, 2, args) != 0) {
        return -1;
    }
    *out = value_dict_new(call->arena, value_dict_count(args[0]) + 1);
    while ((pair = value_dict_next(args[0], &at)) != NULL) {
        struct value other = find_folded(args[1], value_cstr(pair->key, ""));
        if (value_is(other, VALUE_UNDEFINED)) {
            value_dict_put_value(*out, pair->key, pair->value);
            continue;
        }
        struct value rest = value_list_new(call->arena, 4);
        for (size_t i = 0; i < value_list_count(pair->value); i++) {
            struct value item = value_list_at(pair->value, i);
            if (!has_folded(other, value_cstr(item, ""))) {
                value_list_push(rest, item);
            }
        }
        if (value_list_count(rest) > 0) {
            value_dict_put_value(*out, pair->key, rest);
        }
    }
    return 0;
}
