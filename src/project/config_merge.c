#include "config.h"

#include "project/internal.h"

#include <string.h>

#include "base/str.h"
#include "value/json.h"

enum merge { MERGE_CLOBBER, MERGE_APPEND, MERGE_UPDATE, MERGE_KEY_APPEND };

static const struct {
    const char *key;
    enum merge merge;
} merges[] = {
    {"tags", MERGE_APPEND},         {"packages", MERGE_APPEND},
    {"pre-hook", MERGE_APPEND},     {"post-hook", MERGE_APPEND},
    {"meta", MERGE_UPDATE},         {"quoting", MERGE_UPDATE},
    {"docs", MERGE_UPDATE},         {"contract", MERGE_UPDATE},
    {"column_types", MERGE_UPDATE}, {"grants", MERGE_KEY_APPEND},
};

static enum merge merge_of(const char *key)
{
    for (size_t i = 0; i < sizeof(merges) / sizeof(merges[0]); i++) {
        if (str_eq(key, merges[i].key)) {
            return merges[i].merge;
        }
    }
    return MERGE_CLOBBER;
}

/* Other spellings of a key: dbt's for hooks, the adapter's for names. */
static const char *canonical(const char *key)
{
    static const struct {
        const char *alias;
        const char *key;
    } names[] = {{"pre_hook", "pre-hook"},
                 {"post_hook", "post-hook"},
                 {"environment_id", "database"},
                 {"dbname", "schema"}};

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (str_eq(key, names[i].alias)) {
            return names[i].key;
        }
    }
    return key;
}

static struct value concat(struct arena *arena, struct value a, struct value b)
{
    struct value first = project_listify(arena, a);
    struct value second = project_listify(arena, b);
    struct value list =
        value_list_new(arena, value_list_count(first) + value_list_count(second));

    for (size_t i = 0; i < value_list_count(first); i++) {
        value_list_push(list, value_list_at(first, i));
    }
    for (size_t i = 0; i < value_list_count(second); i++) {
        value_list_push(list, value_list_at(second, i));
    }
    return list;
}

static struct value update(struct arena *arena, struct value a, struct value b)
{
    struct value dict =
        value_dict_new(arena, value_dict_count(a) + value_dict_count(b));
    size_t at = 0;

    for (const struct value_pair *p; (p = value_dict_next(a, &at)) != NULL;) {
        value_dict_put_value(dict, p->key, p->value);
    }
    at = 0;
    for (const struct value_pair *p; (p = value_dict_next(b, &at)) != NULL;) {
        value_dict_put_value(dict, p->key, p->value);
    }
    return dict;
}

/* grants: a key replaces the list, "+key" extends it. */
static struct value key_append(struct arena *arena, struct value a, struct value b)
{
    struct value dict = value_dict_new(arena, 4);
    size_t at = 0;

    for (const struct value_pair *p; (p = value_dict_next(a, &at)) != NULL;) {
        value_dict_put_value(dict, p->key, project_listify(arena, p->value));
    }
    at = 0;
    for (const struct value_pair *p; (p = value_dict_next(b, &at)) != NULL;) {
        const char *key = value_cstr(p->key, "");
        bool extend = *key == '+';
        struct value name = value_str(key + (extend ? 1 : 0));
        struct value have = value_dict_get_value(dict, name);
        value_dict_put_value(dict, name,
                             extend && have.type != VALUE_UNDEFINED
                                 ? concat(arena, have, p->value)
                                 : project_listify(arena, p->value));
    }
    return dict;
}

static int merge_key(struct arena *arena, struct value into, const char *key,
                     struct value v, struct err *err)
{
    struct value have = value_dict_get(into, key);
    enum merge merge = merge_of(key);

    if (merge == MERGE_APPEND) {
        value_dict_put(into, key, concat(arena, have, v));
        return 0;
    }
    if (merge != MERGE_CLOBBER) {
        if (v.type != VALUE_DICT) {
            struct buf text = {.max = 256};
            project_python_repr(v, &text);
            err_set(err, ERR_PROJECT, "config '%s' must be a mapping, got %s", key,
                    buf_str(&text));
            buf_fini(&text);
            return -1;
        }
        value_dict_put(into, key,
                       merge == MERGE_UPDATE ? update(arena, have, v)
                                             : key_append(arena, have, v));
        return 0;
    }
    value_dict_put(into, key, v);
    return 0;
}

int config_merge(struct arena *arena, struct value into, struct value from,
                 struct err *err)
{
    size_t at = 0;

    for (const struct value_pair *p; (p = value_dict_next(from, &at)) != NULL;) {
        if (p->key.type != VALUE_STRING) {
            return err_set(err, ERR_PROJECT, "a config key is not a string (%s)",
                           value_type_name(p->key));
        }
        const char *key = canonical(p->key.as.s);
        if (key != p->key.as.s && value_dict_has(from, key)) {
            return err_set(err, ERR_PROJECT,
                           "Got duplicate keys: (%s) all map to \"%s\"", p->key.as.s,
                           key);
        }
        if (merge_key(arena, into, key, p->value, err) != 0) {
            return -1;
        }
    }
    return 0;
}

static int call_key(struct arena *arena, struct value into, const char *key,
                    struct value v, struct err *err)
{
    struct value have = value_dict_get(into, key);

    if (merge_of(key) == MERGE_KEY_APPEND && v.type == VALUE_DICT) {
        struct value lists = value_dict_new(arena, 2);
        const struct value parts[] = {have, v};
        for (size_t i = 0; i < 2; i++) {
            size_t at = 0;
            for (const struct value_pair *p;
                 (p = value_dict_next(parts[i], &at)) != NULL;) {
                value_dict_put_value(lists, p->key, project_listify(arena, p->value));
            }
        }
        value_dict_put(into, key, lists);
        return 0;
    }
    return merge_key(arena, into, key, v, err);
}

int config_call_merge(struct arena *arena, struct value *into, struct value kwargs,
                      struct err *err)
{
    bool first = into->type != VALUE_DICT;
    size_t at = 0;

    if (first) {
        *into = value_dict_new(arena, value_dict_count(kwargs));
    }
    for (const struct value_pair *p; (p = value_dict_next(kwargs, &at)) != NULL;) {
        const char *key = value_cstr(p->key, "");
        if (str_eq(key, "pre_hook") || str_eq(key, "post_hook")) {
            key = canonical(key);
        }
        if (first) {
            value_dict_put(*into, key, p->value);
        } else if (call_key(arena, *into, key, p->value, err) != 0) {
            return -1;
        }
    }
    return 0;
}

/* One hook as a dict: from a string, a JSON string or a dict. */
static struct value hook_dict(struct arena *arena, struct value hook)
{
    struct value dict = value_dict_new(arena, 3);
    struct value given = hook;

    if (hook.type == VALUE_STRING && hook.len > 0 && hook.as.s[0] == '{') {
        struct err ignored = {0};
        struct value parsed;
        if (json_parse(hook.as.s, hook.len, "hook", arena, &parsed, &ignored) == 0) {
            given = parsed;
        }
    }
    struct value transaction = value_dict_get(given, "transaction");
    struct value index = value_dict_get(given, "index");
    value_dict_put(dict, "sql",
                   given.type == VALUE_DICT ? value_dict_get(given, "sql") : hook);
    value_dict_put(dict, "transaction",
                   transaction.type != VALUE_UNDEFINED ? transaction
                                                       : value_bool(true));
    value_dict_put(dict, "index", index.type != VALUE_UNDEFINED ? index : value_none());
    return dict;
}

int config_mangle_hooks(struct arena *arena, struct value config, struct err *err)
{
    static const char *const keys[] = {"pre-hook", "post-hook"};

    for (size_t k = 0; k < 2; k++) {
        struct value hooks = value_dict_get(config, keys[k]);
        if (value_list_count(hooks) == 0) {
            continue;
        }
        struct value list = value_list_new(arena, value_list_count(hooks));
        for (size_t i = 0; i < value_list_count(hooks); i++) {
            struct value hook = hook_dict(arena, value_list_at(hooks, i));
            if (value_dict_get(hook, "sql").type != VALUE_STRING) {
                return err_set(err, ERR_PROJECT, "a %s must be SQL text", keys[k]);
            }
            value_list_push(list, hook);
        }
        value_dict_put(config, keys[k], list);
    }
    return 0;
}
