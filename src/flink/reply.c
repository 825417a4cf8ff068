#include "config.h"

#include "flink/client.h"

#include <string.h>

#include "base/str.h"
#include "value/json.h"

#define ERRORS_MAX 5

static const struct {
    int status;
    enum err_code code;
    const char *text;
    const char *hint;
} statuses[] = {
    {400, ERR_SERVER, "the server did not understand the request", ""},
    {401, ERR_CREDENTIALS, "the API key or its secret was not accepted",
     "check the key and secret in the profile; a Flink key holds for one region of one "
     "environment"},
    {402, ERR_LIMIT, "a quota is used up", ""},
    {403, ERR_CREDENTIALS, "the API key's owner may not do this",
     "it needs the FlinkDeveloper role (and rights on the topics) in this environment"},
    {404, ERR_NOT_FOUND, "there is nothing of that name", ""},
    {409, ERR_CONFLICT, "the server reports a conflict", ""},
    {422, ERR_SERVER, "the server refused the request", ""},
    {429, ERR_LIMIT, "the server's rate limit is exceeded", "try again later"},
};

/* HTML or something else that no API sends: says so, with its first words. */
static void describe_garbage(const char *body, size_t len, int status, struct err *err)
{
    size_t skip = 0;
    char start[81];

    while (skip < len && strchr(" \t\r\n", body[skip]) != NULL) {
        skip++;
    }
    str_copy_n(start, sizeof(start), body + skip, len - skip);
    start[strcspn(start, "\r\n")] = '\0';
    if (start[0] == '\0') {
        err_set(err, ERR_SERVER, "the server's answer (HTTP %d) is empty", status);
    } else if (start[0] == '<') {
        err_set(err, ERR_SERVER,
                "the server answered with a web page, not with JSON: %s", start);
        err_hint(err, "is this the endpoint of the Flink REST API? A proxy or log-in "
                      "page may be in between");
    } else {
        err_set(err, ERR_SERVER, "the server's answer is not JSON: %s", start);
    }
}

int flink_reply_json(const char *body, size_t len, struct arena *arena,
                     struct value *out, struct err *err)
{
    struct err inner = {0};
    size_t skip = 0;

    while (skip < len && strchr(" \t\r\n", body[skip]) != NULL) {
        skip++;
    }
    if (skip == len || body[skip] != '{') {
        describe_garbage(body, len, 200, err);
        return -1;
    }
    if (json_parse(body, len, "the server's answer", arena, out, &inner) != 0) {
        err_set(err, ERR_SERVER, "%s", inner.msg);
        err_hint(err, "the answer may have been cut off on the way");
        return -1;
    }
    return 0;
}

/* Joins what the errors say: detail, else title, else code; with what it is about. */
static void join_errors(struct value errors, struct buf *out)
{
    size_t count = value_list_count(errors);

    for (size_t i = 0; i < count && i < ERRORS_MAX; i++) {
        struct value item = value_list_at(errors, i);
        const char *detail = value_cstr(value_dict_get(item, "detail"), "");
        if (detail[0] == '\0') {
            detail = value_cstr(value_dict_get(item, "title"), "");
        }
        if (detail[0] == '\0') {
            detail = value_cstr(value_dict_get(item, "code"), "");
        }
        if (detail[0] == '\0') {
            continue;
        }
        buf_adds(out, out->len > 0 ? "; " : "");
        buf_adds(out, detail);
        struct value source = value_dict_get(item, "source");
        const char *about = value_cstr(value_dict_get(source, "pointer"), "");
        if (about[0] == '\0') {
            about = value_cstr(value_dict_get(source, "parameter"), "");
        }
        if (about[0] != '\0') {
            buf_addf(out, " (%s)", about);
        }
    }
}

/* error_description="…" of a WWW-Authenticate header. */
static void add_challenge(const char *header, struct buf *out)
{
    const char *at = header == NULL ? NULL : strstr(header, "error_description=\"");

    if (at != NULL && out->len == 0) {
        at += strlen("error_description=\"");
        buf_add(out, at, strcspn(at, "\""));
    }
}

void flink_reply_error(const struct flink_client *client,
                       const struct flink_exchange *exchange, struct flink_error *error)
{
    struct arena arena = {0};
    struct buf words = BUF_INIT;
    struct value body;
    struct err ignored = {0};
    const char *text = "the server could not do it";
    const char *hint = "";
    enum err_code code = ERR_SERVER;

    (void)client;
    error->status = exchange->status;
    for (size_t i = 0; i < sizeof(statuses) / sizeof(*statuses); i++) {
        if (statuses[i].status == exchange->status) {
            text = statuses[i].text;
            hint = statuses[i].hint;
            code = statuses[i].code;
        }
    }
    if (flink_reply_json(buf_str(&exchange->reply), exchange->reply.len, &arena, &body,
                         &ignored) == 0) {
        join_errors(value_dict_get(body, "errors"), &words);
        if (words.len == 0) {
            buf_adds(&words, value_cstr(value_dict_get(body, "message"), ""));
        }
    } else if (exchange->reply.len > 0) {
        buf_adds(&words, ignored.msg);
    }
    add_challenge(exchange->www_authenticate, &words);
    if (words.len > 0 && code != ERR_CREDENTIALS && code != ERR_LIMIT) {
        err_set(&error->err, code, "%s (HTTP %d)", buf_str(&words), exchange->status);
    } else {
        err_set(&error->err, code, words.len > 0 ? "%s (HTTP %d): %s" : "%s (HTTP %d)",
                text, exchange->status, buf_str(&words));
    }
    if (hint[0] != '\0') {
        err_hint(&error->err, "%s", hint);
    }
    buf_fini(&words);
    arena_fini(&arena);
}
