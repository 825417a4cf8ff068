#include "config.h"

#include "sandbox/api.h"

#include <ctype.h>
#include <string.h>

#include "base/str.h"
#include "value/json.h"

#define MAX_NAME       100
#define MAX_SQL        (4 * 1024 * 1024)
#define MAX_PROPERTIES 8192
#define MAX_POOL       255
#define MAX_PRINCIPAL  1024

enum member_kind { MEMBER_STRING, MEMBER_BOOL, MEMBER_DICT, MEMBER_ANY };

struct member {
    const char *name;
    enum member_kind kind;
};

static const struct member statement_members[] = {
    {"api_version", MEMBER_STRING},
    {"kind", MEMBER_STRING},
    {"metadata", MEMBER_DICT},
    {"name", MEMBER_STRING},
    {"organization_id", MEMBER_STRING},
    {"environment_id", MEMBER_STRING},
    {"spec", MEMBER_DICT},
    {"status", MEMBER_DICT},
    {"result", MEMBER_DICT},
    {NULL, MEMBER_ANY},
};

static const struct member spec_members[] = {
    {"statement", MEMBER_STRING},
    {"properties", MEMBER_DICT},
    {"compute_pool_id", MEMBER_STRING},
    {"principal", MEMBER_STRING},
    {"stopped", MEMBER_BOOL},
    {"execution_mode", MEMBER_STRING},
    {"scaling", MEMBER_DICT},
    {"statement_name", MEMBER_STRING},
    {NULL, MEMBER_ANY},
};

static const struct member metadata_members[] = {
    {"self", MEMBER_STRING},
    {"created_at", MEMBER_STRING},
    {"updated_at", MEMBER_STRING},
    {"uid", MEMBER_STRING},
    {"resource_version", MEMBER_STRING},
    {"resource_name", MEMBER_STRING},
    {"labels", MEMBER_DICT},
    {"deleted_at", MEMBER_STRING},
    {NULL, MEMBER_ANY},
};

static bool kind_fits(struct value v, enum member_kind kind)
{
    switch (kind) {
    case MEMBER_STRING:
        return value_is(v, VALUE_STRING);
    case MEMBER_BOOL:
        return value_is(v, VALUE_BOOL);
    case MEMBER_DICT:
        return value_is(v, VALUE_DICT);
    default:
        return true;
    }
}

/* Names and types of the members of an object. */
static int check_members(const struct http_request *req, struct http_response *res,
                         struct value dict, const struct member *members,
                         const char *where)
{
    size_t at = 0;
    const struct value_pair *pair;
    while ((pair = http_next(dict, &at)) != NULL) {
        const char *key = value_cstr(pair->key, "");
        const struct member *m = members;
        while (m->name != NULL && strcmp(m->name, key) != 0) {
            m++;
        }
        const char *pointer = arena_printf(req->arena, "%s/%s", where, key);
        if (m->name == NULL) {
            return http_fail(req, res, 422, "invalid_configuration", pointer, NULL,
                             "unknown field '%s'", key);
        }
        if (!value_is_null(pair->value) && !kind_fits(pair->value, m->kind)) {
            return http_fail(req, res, 422, "invalid_configuration", pointer, NULL,
                             "'%s' can't be of type %s", key,
                             value_type_name(pair->value));
        }
    }
    return 1;
}

static int check_text(const struct http_request *req, struct http_response *res,
                      struct value dict, const char *name, const char *pointer,
                      size_t max)
{
    struct value v = value_dict_get(dict, name);
    if (value_is_str(v) && v.len > max) {
        return http_fail(req, res, 422, "invalid_configuration", pointer, NULL,
                         "'%s' is longer than %zu characters", name, max);
    }
    if (value_is_str(v) && strlen(v.as.s) != v.len) {
        return http_fail(req, res, 422, "invalid_configuration", pointer, NULL,
                         "'%s' contains a NUL character", name);
    }
    return 1;
}

static int check_properties(const struct http_request *req, struct http_response *res,
                            struct value properties)
{
    size_t at = 0;
    const struct value_pair *pair;
    if (value_dict_count(properties) > MAX_PROPERTIES) {
        return http_fail(req, res, 422, "invalid_configuration", "/spec/properties",
                         NULL, "more than %d properties", MAX_PROPERTIES);
    }
    while ((pair = http_next(properties, &at)) != NULL) {
        uint8_t type = pair->value.type;
        if (type != VALUE_STRING && type != VALUE_INT && type != VALUE_BOOL) {
            const char *key = value_cstr(pair->key, "");
            return http_fail(req, res, 422, "invalid_configuration",
                             arena_printf(req->arena, "/spec/properties/%s", key), NULL,
                             "property '%s' is not a string", key);
        }
    }
    return 1;
}

static int check_labels(const struct http_request *req, struct http_response *res,
                        struct value labels)
{
    size_t at = 0;
    const struct value_pair *pair;
    while ((pair = http_next(labels, &at)) != NULL) {
        if (!value_is_str(pair->value)) {
            const char *key = value_cstr(pair->key, "");
            return http_fail(req, res, 422, "invalid_configuration",
                             arena_printf(req->arena, "/metadata/labels/%s", key), NULL,
                             "label '%s' is not a string", key);
        }
    }
    return 1;
}

static int check_spec(const struct http_request *req, struct http_response *res,
                      struct value spec)
{
    struct value sql = value_dict_get(spec, "statement");
    if (value_is_str(sql) && sql.len > MAX_SQL) {
        return http_fail(req, res, 400, "bad_request", "/spec/statement", NULL,
                         "This query is too large to process (exceeds %d bytes). "
                         "Reduce its size and try again.",
                         MAX_SQL);
    }
    return check_members(req, res, spec, spec_members, "/spec") != 0 &&
           check_text(req, res, spec, "statement", "/spec/statement", MAX_SQL) != 0 &&
           check_text(req, res, spec, "compute_pool_id", "/spec/compute_pool_id",
                      MAX_POOL) != 0 &&
           check_text(req, res, spec, "principal", "/spec/principal", MAX_PRINCIPAL) !=
               0 &&
           check_properties(req, res, value_dict_get(spec, "properties")) != 0;
}

/* Lower-case letters, digits and '-'; the ends are no '-'. */
static bool name_is_valid(const char *name)
{
    size_t len = strlen(name);
    if (len == 0 || name[0] == '-' || name[len - 1] == '-') {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)name[i];
        if (!islower(c) && !isdigit(c) && c != '-') {
            return false;
        }
    }
    return true;
}

static int check_name(const struct http_request *req, struct http_response *res,
                      struct value name)
{
    if (!value_is_str(name)) {
        return 1;
    }
    if (name.len > MAX_NAME) {
        return http_fail(req, res, 422, "invalid_configuration", "/name", NULL,
                         "the name is longer than %d characters", MAX_NAME);
    }
    if (!name_is_valid(name.as.s)) {
        return http_fail(req, res, 422, "invalid_configuration", "/name", NULL,
                         "a name consists of lower-case letters, digits and '-', and "
                         "starts and ends with a letter or digit: '%s'",
                         name.as.s);
    }
    return 1;
}

static int check_constant(const struct http_request *req, struct http_response *res,
                          struct value body, const char *name, const char *expected)
{
    struct value v = value_dict_get(body, name);
    if (value_is_str(v) && strcmp(v.as.s, expected) != 0) {
        return http_fail(req, res, 422, "invalid_configuration",
                         arena_printf(req->arena, "/%s", name), NULL,
                         "'%s' is not '%s'", name, expected);
    }
    return 1;
}

int api_check_statement(const struct http_request *req, struct http_response *res,
                        struct value body)
{
    if (!value_is(body, VALUE_DICT)) {
        return http_fail(req, res, 400, "bad_request", "", NULL,
                         "the body is not a JSON object");
    }
    struct value metadata = value_dict_get(body, "metadata");
    return check_members(req, res, body, statement_members, "") != 0 &&
           check_constant(req, res, body, "api_version", "sql/v1") != 0 &&
           check_constant(req, res, body, "kind", "Statement") != 0 &&
           check_name(req, res, value_dict_get(body, "name")) != 0 &&
           check_members(req, res, metadata, metadata_members, "/metadata") != 0 &&
           check_labels(req, res, value_dict_get(metadata, "labels")) != 0 &&
           check_spec(req, res, value_dict_get(body, "spec")) != 0;
}

int api_body(const struct http_request *req, struct http_response *res,
             struct value *out)
{
    struct err err = {0};
    if (req->body_len == 0) {
        return http_fail(req, res, 400, "bad_request", NULL, NULL,
                         "the request has no body");
    }
    if (json_parse(req->body, req->body_len, "request body", req->arena, out, &err) !=
        0) {
        return http_fail(req, res, 400, "bad_request", NULL, NULL, "%s", err.msg);
    }
    return 1;
}
