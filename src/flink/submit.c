#include "config.h"

#include "flink/submit.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "flink/client.h"
#include "flink/temporary.h"
#include "value/json.h"

#define SQL_MAX        ((size_t)4194304)
#define NAME_MAX_LEN   100
#define PROPERTIES_MAX 8192

bool flink_name_valid(const char *name)
{
    size_t len = strlen(name);

    if (len == 0 || len > NAME_MAX_LEN || !isalnum((unsigned char)name[0])) {
        return false;
    }
    for (const char *p = name; *p != '\0'; p++) {
        bool ok = (*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || *p == '-' ||
                  *p == '.';
        if (!ok) {
            return false;
        }
    }
    return true;
}

static void put(const char *key, const char *text, bool *first, struct buf *out)
{
    buf_addc(out, *first ? '{' : ',');
    json_write_str(key, strlen(key), 0, out);
    buf_addc(out, ':');
    json_write_str(text, strlen(text), 0, out);
    *first = false;
}

static bool reserved(const char *key)
{
    static const char *const keys[] = {"sql.current-catalog", "sql.current-database",
                                       "sql.snapshot.mode"};

    for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
        if (strcmp(keys[i], key) == 0) {
            return true;
        }
    }
    return false;
}

static int put_user_property(const struct value_pair *pair, bool *first,
                             struct buf *out, struct err *err)
{
    struct value v = pair->value;

    if (!value_is_str(pair->key)) {
        return err_set(err, ERR_USAGE, "property names must be strings");
    }
    const char *key = pair->key.as.s;
    if (reserved(key)) {
        return err_set(err, ERR_USAGE, "'%s' is a reserved system property.", key);
    }
    if (!value_is_str(v) && v.type != VALUE_INT && v.type != VALUE_BOOL) {
        return err_set(err, ERR_USAGE,
                       "properties values must be str, int, or bool, got %s for key "
                       "'%s'",
                       v.type == VALUE_FLOAT ? "float" : value_type_name(v), key);
    }
    if (value_is_str(v)) {
        put(key, v.as.s, first, out);
    } else if (v.type == VALUE_BOOL) {
        put(key, v.as.b ? "true" : "false", first, out);
    } else {
        char text[24];
        snprintf(text, sizeof(text), "%" PRId64, v.as.i);
        put(key, text, first, out);
    }
    return 0;
}

static int put_properties(const struct flink_config *config,
                          const struct flink_submit *submit, struct buf *out,
                          struct err *err)
{
    const char *database =
        submit->database != NULL ? submit->database : config->database;
    bool first = true;
    size_t at = 0;

    if (value_dict_count(submit->properties) > PROPERTIES_MAX) {
        return err_set(err, ERR_USAGE, "a statement can't have more than %d properties",
                       PROPERTIES_MAX);
    }
    put("sql.current-catalog", config->environment_id, &first, out);
    if (database != NULL) {
        put("sql.current-database", database, &first, out);
    }
    if (submit->snapshot) {
        put("sql.snapshot.mode", "now", &first, out);
    }
    if (submit->dry_run) {
        put("sql.dry-run", "true", &first, out);
    }
    for (const struct value_pair *pair;
         (pair = value_dict_next(submit->properties, &at)) != NULL;) {
        if (put_user_property(pair, &first, out, err) != 0) {
            return -1;
        }
    }
    buf_addc(out, '}');
    return 0;
}

static void put_labels(const struct flink_submit *submit, struct buf *out)
{
    bool first = true;
    size_t at = 0;

    for (const struct value_pair *pair;
         (pair = value_dict_next(submit->labels, &at)) != NULL;) {
        if (value_is_str(pair->key) && value_is_str(pair->value)) {
            put(pair->key.as.s, pair->value.as.s, &first, out);
        }
    }
    if (submit->hidden) {
        put("user.confluent.io/hidden", "true", &first, out);
    }
    if (submit->temporary && !submit->dry_run) {
        char process[FLINK_PROCESS_SIZE];
        flink_process_name(process);
        put(FLINK_TEMPORARY_LABEL, "true", &first, out);
        put(FLINK_PROCESS_LABEL, process, &first, out);
    }
    buf_adds(out, first ? "{}" : "}");
}

static int check(const struct flink_submit *submit, struct err *err)
{
    if (submit->name == NULL || !flink_name_valid(submit->name)) {
        err_set(err, ERR_USAGE, "'%s' can't be a statement's name",
                submit->name != NULL ? submit->name : "");
        err_hint(err, "names have 1 to %d lower-case letters, digits and '-'",
                 NAME_MAX_LEN);
        return -1;
    }
    if (submit->sql == NULL || submit->sql[0] == '\0') {
        return err_set(err, ERR_USAGE, "statement '%s' has no SQL", submit->name);
    }
    if (strlen(submit->sql) > SQL_MAX) {
        return err_set(err, ERR_USAGE,
                       "the SQL of statement '%s' is %zu bytes long, more than the %zu "
                       "that the server takes",
                       submit->name, strlen(submit->sql), SQL_MAX);
    }
    return 0;
}

static const char *text_or(const char *text, const char *fallback)
{
    return text != NULL && text[0] != '\0' ? text : fallback;
}

int flink_submit_encode(const struct flink_client *client,
                        const struct flink_submit *submit, struct buf *out,
                        struct err *err)
{
    const struct flink_config *config = flink_client_config(client);
    const char *pool = text_or(submit->compute_pool_id, config->compute_pool_id);
    const char *principal = text_or(submit->principal, config->principal);
    bool first = true;

    if (check(submit, err) != 0) {
        return -1;
    }
    put("name", submit->name, &first, out);
    put("organization_id", config->organization_id, &first, out);
    put("environment_id", config->environment_id, &first, out);
    buf_adds(out, ",\"metadata\":{\"labels\":");
    put_labels(submit, out);
    buf_adds(out, "},\"spec\":");
    first = true;
    put("statement", submit->sql, &first, out);
    buf_adds(out, ",\"properties\":");
    if (put_properties(config, submit, out, err) != 0) {
        return -1;
    }
    if (pool != NULL) {
        put("compute_pool_id", pool, &first, out);
    }
    if (principal != NULL) {
        put("principal", principal, &first, out);
    }
    buf_adds(out, ",\"stopped\":false}}");
    return 0;
}

/* Whether every pair of the object is among `pairs`. */
static bool contains(const struct flink_pairs *pairs, struct value object)
{
    size_t at = 0;

    for (const struct value_pair *pair;
         (pair = value_dict_next(object, &at)) != NULL;) {
        const char *found = flink_pairs_get(pairs, value_cstr(pair->key, ""));
        if (found == NULL || strcmp(found, value_cstr(pair->value, "")) != 0) {
            return false;
        }
    }
    return true;
}

bool flink_submit_matches(const char *body, size_t len,
                          const struct flink_statement *statement)
{
    struct arena arena = {0};
    struct value json;
    struct err err = {0};
    bool same = false;

    if (json_parse(body, len, "the request", &arena, &json, &err) == 0) {
        struct value spec = value_dict_get(json, "spec");
        struct value labels =
            value_dict_get(value_dict_get(json, "metadata"), "labels");
        same = strcmp(value_cstr(value_dict_get(spec, "statement"), ""),
                      statement->sql) == 0 &&
               contains(&statement->properties, value_dict_get(spec, "properties")) &&
               contains(&statement->labels, labels);
    }
    arena_fini(&arena);
    return same;
}

char *flink_statement_path(const char *name, const char *rest)
{
    struct buf path = BUF_INIT;

    buf_adds(&path, "/statements/");
    flink_url_encode(name, &path);
    buf_adds(&path, rest);
    return buf_take(&path);
}

int flink_statement_parse(const struct flink_reply *reply, struct arena *arena,
                          struct flink_statement *out, struct err *err)
{
    struct value json;

    if (flink_reply_json(reply->body, reply->len, arena, &json, err) != 0) {
        return -1;
    }
    return flink_statement_decode(json, arena, out, err);
}
