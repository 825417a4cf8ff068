#include "config.h"

#include <string.h>

#include "base/path.h"
#include "sandbox/http.h"
#include "sandbox/options.h"
#include "value/yaml.h"

static int fail(const struct yaml_doc *doc, struct value dict, const char *key,
                const char *path, struct err *err, const char *message)
{
    struct yaml_position at = {0};
    yaml_key_position(doc, dict, key, &at);
    err_set(err, ERR_USAGE, "'%s' %s", key, message);
    err_at(err, path, at.line, at.column);
    return -1;
}

static int read_databases(struct options *options, struct value list, const char *env)
{
    for (size_t i = 0; i < value_list_count(list); i++) {
        struct value item = value_list_at(list, i);
        struct options_place *place = options_add(options, &options->databases);
        place->env = env;
        place->name = value_is_str(item)
                          ? item.as.s
                          : value_cstr(value_dict_get(item, "name"), NULL);
        place->id = value_cstr(value_dict_get(item, "id"), NULL);
        if (place->name == NULL) {
            return -1;
        }
    }
    return 0;
}

static int read_pools(struct options *options, struct value list, const char *env)
{
    for (size_t i = 0; i < value_list_count(list); i++) {
        struct value item = value_list_at(list, i);
        struct value cfu = value_dict_get(item, "max_cfu");
        struct options_place *place = options_add(options, &options->pools);
        place->env = env;
        place->id = value_is_str(item) ? item.as.s
                                       : value_cstr(value_dict_get(item, "id"), NULL);
        place->max_cfu = value_is(cfu, VALUE_INT) ? (int)cfu.as.i : 50;
        if (place->id == NULL) {
            return -1;
        }
    }
    return 0;
}

static int read_environments(struct options *options, const struct yaml_doc *doc,
                             struct value list, const char *path, struct err *err)
{
    for (size_t i = 0; i < value_list_count(list); i++) {
        struct value item = value_list_at(list, i);
        const char *id = value_cstr(value_dict_get(item, "id"), NULL);
        if (id == NULL) {
            return fail(doc, doc->root, "environments", path, err,
                        "has an item without 'id'");
        }
        struct options_place *place = options_add(options, &options->environments);
        place->id = id;
        place->name = value_cstr(value_dict_get(item, "name"), id);
        if (read_databases(options, value_dict_get(item, "databases"), id) != 0) {
            return fail(doc, item, "databases", path, err,
                        "has an item without a name");
        }
        if (read_pools(options, value_dict_get(item, "compute_pools"), id) != 0) {
            return fail(doc, item, "compute_pools", path, err,
                        "has an item without 'id'");
        }
    }
    return 0;
}

static int read_keys(struct options *options, const struct yaml_doc *doc,
                     struct value list, const char *path, struct err *err)
{
    for (size_t i = 0; i < value_list_count(list); i++) {
        struct value item = value_list_at(list, i);
        const char *key = value_cstr(value_dict_get(item, "key"), NULL);
        const char *secret = value_cstr(value_dict_get(item, "secret"), NULL);
        if (key == NULL || secret == NULL) {
            return fail(doc, doc->root, "keys", path, err,
                        "has an item without 'key' and 'secret'");
        }
        options_add_key(options, arena_printf(&options->arena, "%s:%s", key, secret));
    }
    return 0;
}

static int read_faults(struct options *options, const struct yaml_doc *doc,
                       struct value faults, const char *path, struct err *err)
{
    size_t at = 0;
    const struct value_pair *pair;
    while ((pair = http_next(faults, &at)) != NULL) {
        struct buf text = BUF_INIT;
        const char *key = value_cstr(pair->key, NULL);
        if (value_is(pair->key, VALUE_INT)) {
            key = arena_printf(&options->arena, "%lld", (long long)pair->key.as.i);
        }
        if (value_is(pair->value, VALUE_INT)) {
            buf_addf(&text, "%lld", (long long)pair->value.as.i);
        } else if (value_is(pair->value, VALUE_FLOAT)) {
            value_float_text(pair->value.as.f, &text);
        } else {
            buf_adds(&text, value_cstr(pair->value, ""));
        }
        if (key == NULL) {
            buf_fini(&text);
            return fail(doc, doc->root, "faults", path, err,
                        "has a key that is no name");
        }
        options_add_fault(options, key, arena_strdup(&options->arena, buf_str(&text)));
        buf_fini(&text);
    }
    return 0;
}

static int read_root(struct options *options, const struct yaml_doc *doc,
                     const char *path, struct err *err)
{
    size_t at = 0;
    const struct value_pair *pair;
    while ((pair = http_next(doc->root, &at)) != NULL) {
        const char *key = value_cstr(pair->key, "");
        struct value v = pair->value;
        int rc = 0;
        if (strcmp(key, "organization") == 0 && value_is_str(v)) {
            options->settings.organization = v.as.s;
        } else if (strcmp(key, "principal") == 0 && value_is_str(v)) {
            options->settings.principal = v.as.s;
        } else if (strcmp(key, "environments") == 0 && value_is(v, VALUE_LIST)) {
            rc = read_environments(options, doc, v, path, err);
        } else if (strcmp(key, "keys") == 0 && value_is(v, VALUE_LIST)) {
            rc = read_keys(options, doc, v, path, err);
        } else if (strcmp(key, "faults") == 0 && value_is(v, VALUE_DICT)) {
            rc = read_faults(options, doc, v, path, err);
        } else {
            rc = fail(doc, doc->root, key, path, err,
                      "is unknown or of the wrong type here");
        }
        if (rc != 0) {
            return -1;
        }
    }
    return 0;
}

int options_read_config(struct options *options, const char *path, struct err *err)
{
    struct buf text = BUF_INIT;
    struct yaml_doc doc;
    int rc = path_read(path, 1024 * 1024, &text, err);
    if (rc == 0) {
        rc = yaml_parse(buf_str(&text), text.len, path, &options->arena, &doc, err);
    }
    buf_fini(&text);
    return rc == 0 ? read_root(options, &doc, path, err) : -1;
}
