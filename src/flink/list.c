#include "config.h"

#include "flink/submit.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xmalloc.h"
#include "flink/client.h"
#include "flink/field.h"

#define PAGES_MAX       1000
#define EMPTY_PAGES_MAX 100

struct list {
    struct flink_task op;
    struct flink_client *client;
    char *query;
    char *name_prefix;
    struct arena tokens;
    struct flink_pages pages;
    flink_progress_fn *each;
    flink_done_fn *done;
};

static void list_free(struct flink_task *op)
{
    struct list *list = (struct list *)op;

    free(list->query);
    free(list->name_prefix);
    map_fini(&list->pages.seen);
    arena_fini(&list->tokens);
    free(list);
}

static void deliver(struct list *list, const struct flink_error *error)
{
    flink_task_close(list->client, &list->op);
    if (!list->op.dropped) {
        list->done((void *)list->op.context, error);
    }
    list_free(&list->op);
}

static void got_page(void *context, const struct flink_reply *reply,
                     const struct flink_error *error);

static void ask(struct list *list, const char *token)
{
    struct buf path = BUF_INIT;

    buf_adds(&path, list->query);
    if (token != NULL) {
        buf_adds(&path, "&page_token=");
        flink_url_encode(token, &path);
    }
    flink_request_async(list->client, FLINK_GET, path.data, NULL, 0, got_page, list);
    buf_fini(&path);
}

static int give_page(struct list *list, struct value data, struct arena *arena,
                     struct err *err)
{
    size_t count = value_list_count(data);

    for (size_t i = 0; i < count; i++) {
        struct flink_statement statement;
        if (flink_statement_decode(value_list_at(data, i), arena, &statement, err) !=
            0) {
            return -1;
        }
        if (!list->op.dropped && (list->name_prefix == NULL ||
                                  str_starts(statement.name, list->name_prefix))) {
            list->each((void *)list->op.context, &statement);
        }
    }
    return 0;
}

const char *flink_pages_next(struct flink_pages *pages, struct value json,
                             struct err *err)
{
    struct field_reader reader = {.what = "list", .err = err};
    struct value metadata = field_object(&reader, json, "metadata", false);
    const char *next = field_text(&reader, metadata, "next", false);

    if (err->code != ERR_NONE || next[0] == '\0') {
        return NULL;
    }
    char *token = flink_url_parameter(next, "page_token", pages->arena);
    if (token == NULL || token[0] == '\0') {
        err_set(err, ERR_SERVER,
                "the server sent a list of %s whose 'next' has no page token",
                pages->what);
        return NULL;
    }
    if (map_put(&pages->seen, token, pages) != NULL) {
        err_set(err, ERR_SERVER, "the server sends the same page of %s again",
                pages->what);
        return NULL;
    }
    bool is_empty = value_list_count(value_dict_get(json, "data")) == 0;
    pages->empty = is_empty ? pages->empty + 1 : 0;
    if (pages->empty >= EMPTY_PAGES_MAX) {
        err_set(err, ERR_SERVER, "the server sends one empty page of %s after another",
                pages->what);
        return NULL;
    }
    if (++pages->count >= pages->max) {
        err_set(err, ERR_LIMIT, "there are more than %zu pages of %s", pages->max,
                pages->what);
        return NULL;
    }
    return token;
}

static void got_page(void *context, const struct flink_reply *reply,
                     const struct flink_error *error)
{
    struct list *list = context;
    struct arena arena = {0};
    struct flink_error bad = {0};
    struct field_reader reader = {.what = "list of statements", .err = &bad.err};
    struct value json;
    const char *token = NULL;

    if (reply == NULL) {
        deliver(list, error);
        return;
    }
    bad.status = reply->status;
    if (flink_reply_json(reply->body, reply->len, &arena, &json, &bad.err) == 0 &&
        give_page(list, field_list(&reader, json, "data"), &arena, &bad.err) == 0) {
        token = flink_pages_next(&list->pages, json, &bad.err);
    }
    if (bad.err.code != ERR_NONE) {
        deliver(list, &bad);
    } else if (token != NULL && !list->op.dropped) {
        ask(list, token);
    } else {
        deliver(list, NULL);
    }
    arena_fini(&arena);
}

static char *first_query(const struct flink_filter *filter)
{
    struct buf path = BUF_INIT;

    buf_adds(&path, "/statements?page_size=100");
    if (filter->label_key != NULL) {
        struct buf selector = BUF_INIT;
        buf_addf(&selector, "%s=%s", filter->label_key,
                 filter->label_value != NULL ? filter->label_value : "true");
        buf_adds(&path, "&label_selector=");
        flink_url_encode(selector.data, &path);
        buf_fini(&selector);
    }
    if (filter->compute_pool_id != NULL) {
        buf_adds(&path, "&spec.compute_pool_id=");
        flink_url_encode(filter->compute_pool_id, &path);
    }
    return buf_take(&path);
}

void flink_statement_list_async(struct flink_client *client,
                                const struct flink_filter *filter,
                                flink_progress_fn *each, flink_done_fn *done,
                                void *context)
{
    static const struct flink_filter everything = {0};
    struct list *list = xcalloc(1, sizeof(*list));

    filter = filter != NULL ? filter : &everything;
    list->client = client;
    list->query = first_query(filter);
    list->name_prefix =
        filter->name_prefix != NULL ? xstrdup(filter->name_prefix) : NULL;
    list->pages = (struct flink_pages){
        .what = "statements",
        .arena = &list->tokens,
        .max = filter->max_pages > 0 ? filter->max_pages : PAGES_MAX,
    };
    list->each = each;
    list->done = done;
    flink_task_open(client, &list->op, context, list_free);
    ask(list, NULL);
}

/* ---- blocking forms ---- */

struct blocking {
    bool done;
    int rc;
    struct arena *arena;
    struct flink_statement *statements; /* heap while it grows */
    struct flink_exception *exceptions;
    size_t count;
    size_t cap;
    struct err *err;
};

static void collect(void *context, const struct flink_statement *statement)
{
    struct blocking *blocking = context;

    if (blocking->count == blocking->cap) {
        blocking->cap = blocking->cap > 0 ? blocking->cap * 2 : 100;
        blocking->statements = xreallocarray(blocking->statements, blocking->cap,
                                             sizeof(*blocking->statements));
    }
    flink_statement_copy(blocking->arena, statement,
                         &blocking->statements[blocking->count++]);
}

static void finish(void *context, const struct flink_error *error)
{
    struct blocking *blocking = context;

    blocking->done = true;
    if (error != NULL) {
        *blocking->err = error->err;
        blocking->rc = -1;
    }
}

int flink_statement_list(struct flink_client *client, const struct flink_filter *filter,
                         struct arena *arena, struct flink_statement **out,
                         size_t *count, struct err *err)
{
    struct blocking blocking = {.arena = arena, .err = err};

    flink_statement_list_async(client, filter, collect, finish, &blocking);
    if (flink_client_run(client, &blocking.done, err) != 0) {
        flink_client_forget(client, &blocking);
        blocking.rc = -1;
    }
    *count = blocking.rc == 0 ? blocking.count : 0;
    *out = arena_array(arena, struct flink_statement, *count + 1);
    if (*count > 0) {
        memcpy(*out, blocking.statements, *count * sizeof(**out));
    }
    free(blocking.statements);
    return blocking.rc;
}

static void collect_exceptions(void *context, const struct flink_exception *items,
                               size_t count, const struct flink_error *error)
{
    struct blocking *blocking = context;

    blocking->exceptions =
        arena_array(blocking->arena, struct flink_exception, count + 1);
    blocking->count = count;
    for (size_t i = 0; i < count; i++) {
        blocking->exceptions[i] = (struct flink_exception){
            .name = arena_strdup(blocking->arena, items[i].name),
            .message = arena_strdup(blocking->arena, items[i].message),
            .timestamp = arena_strdup(blocking->arena, items[i].timestamp),
        };
    }
    finish(context, error);
}

int flink_statement_exceptions(struct flink_client *client, const char *name,
                               struct arena *arena, struct flink_exception **out,
                               size_t *count, struct err *err)
{
    struct blocking blocking = {.arena = arena, .err = err};

    flink_statement_exceptions_async(client, name, collect_exceptions, &blocking);
    if (flink_client_run(client, &blocking.done, err) != 0) {
        flink_client_forget(client, &blocking);
        blocking.rc = -1;
    }
    *out = blocking.exceptions;
    *count = blocking.count;
    return blocking.rc;
}
