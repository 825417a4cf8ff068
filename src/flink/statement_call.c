#include "config.h"

#include "flink/submit.h"

#include <stdlib.h>

#include "base/xmalloc.h"
#include "flink/client.h"
#include "flink/field.h"
#include "value/json.h"

/* One operation on one statement: get, stop, resume, delete, exceptions. */
struct statement_call {
    struct flink_task op;
    struct flink_client *client;
    char *path;
    bool stopped;
    int puts;
    flink_statement_fn *statement_done;
    flink_done_fn *done;
    flink_exceptions_fn *exceptions_done;
};

#define PUTS_MAX 5

static void call_free(struct flink_task *op)
{
    struct statement_call *call = (struct statement_call *)op;

    free(call->path);
    free(call);
}

static struct statement_call *call_new(struct flink_client *client, const char *name,
                                       const char *rest, void *context)
{
    struct statement_call *call = xcalloc(1, sizeof(*call));

    call->client = client;
    call->path = flink_statement_path(name, rest);
    flink_task_open(client, &call->op, context, call_free);
    return call;
}

static void deliver(struct statement_call *call,
                    const struct flink_statement *statement,
                    const struct flink_error *error)
{
    flink_task_close(call->client, &call->op);
    if (!call->op.dropped) {
        call->statement_done((void *)call->op.context, statement, error);
    }
    call_free(&call->op);
}

/* ---- get ---- */

static void got(void *context, const struct flink_reply *reply,
                const struct flink_error *error)
{
    struct statement_call *call = context;
    struct arena arena = {0};
    struct flink_statement statement;
    struct flink_error bad = {0};

    if (reply != NULL) {
        bad.status = reply->status;
        if (flink_statement_parse(reply, &arena, &statement, &bad.err) == 0) {
            deliver(call, &statement, NULL);
            arena_fini(&arena);
            return;
        }
        error = &bad;
    }
    deliver(call, NULL, error);
    arena_fini(&arena);
}

static void get(struct statement_call *call)
{
    flink_request_async(call->client, FLINK_GET, call->path, NULL, 0, got, call);
}

void flink_statement_get_async(struct flink_client *client, const char *name,
                               flink_statement_fn *done, void *context)
{
    struct statement_call *call = call_new(client, name, "", context);

    call->statement_done = done;
    get(call);
}

/* ---- stop and resume ---- */

static void read_to_put(struct statement_call *call);

static void put_done(void *context, const struct flink_reply *reply,
                     const struct flink_error *error)
{
    struct statement_call *call = context;

    if (reply != NULL) {
        get(call);
    } else if (call->puts < PUTS_MAX && (error->status == 409 || error->lost)) {
        read_to_put(call);
    } else {
        deliver(call, NULL, error);
    }
}

/* The whole object goes back with the change and the version that was read. */
static void put(void *context, const struct flink_reply *reply,
                const struct flink_error *error)
{
    struct statement_call *call = context;
    struct arena arena = {0};
    struct buf body = BUF_INIT;
    struct value json;
    struct flink_error bad = {0};

    if (reply == NULL) {
        deliver(call, NULL, error);
        return;
    }
    if (flink_reply_json(reply->body, reply->len, &arena, &json, &bad.err) == 0) {
        struct value spec = value_dict_get(json, "spec");
        if (value_is(spec, VALUE_DICT)) {
            value_dict_put(spec, "stopped", value_bool(call->stopped));
        }
        json_write(json, JSON_COMPACT, &body, &bad.err);
    }
    if (bad.err.code == ERR_NONE) {
        flink_request_async(call->client, FLINK_PUT, call->path, body.data, body.len,
                            put_done, call);
    } else {
        deliver(call, NULL, &bad);
    }
    buf_fini(&body);
    arena_fini(&arena);
}

static void read_to_put(struct statement_call *call)
{
    call->puts++;
    flink_request_async(call->client, FLINK_GET, call->path, NULL, 0, put, call);
}

static void patched(void *context, const struct flink_reply *reply,
                    const struct flink_error *error)
{
    struct statement_call *call = context;

    if (reply != NULL && reply->len == 0) {
        get(call);
    } else if (reply == NULL &&
               (error->status == 405 || error->status == 415 || error->status == 501)) {
        read_to_put(call); /* a server that knows no PATCH */
    } else {
        got(call, reply, error);
    }
}

void flink_statement_set_stopped_async(struct flink_client *client, const char *name,
                                       bool stopped, flink_statement_fn *done,
                                       void *context)
{
    struct statement_call *call = call_new(client, name, "", context);
    struct buf body = BUF_INIT;

    call->statement_done = done;
    call->stopped = stopped;
    buf_addf(&body, "[{\"op\":\"replace\",\"path\":\"/spec/stopped\",\"value\":%s}]",
             stopped ? "true" : "false");
    flink_request_async(client, FLINK_PATCH, call->path, body.data, body.len, patched,
                        call);
    buf_fini(&body);
}

/* ---- delete ---- */

static void deleted(void *context, const struct flink_reply *reply,
                    const struct flink_error *error)
{
    struct statement_call *call = context;

    (void)reply;
    call->client->deletes--;
    if (error != NULL && error->status == 404 && error->lost) {
        error = NULL; /* an earlier attempt has done it */
    }
    flink_task_close(call->client, &call->op);
    if (!call->op.dropped) {
        call->done((void *)call->op.context, error);
    }
    call_free(&call->op);
}

void flink_statement_delete_async(struct flink_client *client, const char *name,
                                  flink_done_fn *done, void *context)
{
    struct statement_call *call = call_new(client, name, "", context);

    call->done = done;
    client->deletes++;
    flink_request_async(client, FLINK_DELETE, call->path, NULL, 0, deleted, call);
}

/* ---- exceptions ---- */

static size_t decode_exceptions(const struct flink_reply *reply, struct arena *arena,
                                struct flink_exception **out, struct err *err)
{
    struct field_reader reader = {
        .what = "list of exceptions", .arena = arena, .err = err};
    struct value json;

    if (flink_reply_json(reply->body, reply->len, arena, &json, err) != 0) {
        return 0;
    }
    struct value list = field_list(&reader, json, "data");
    size_t count = value_list_count(list);
    *out = arena_array(arena, struct flink_exception, count + 1);
    for (size_t i = 0; i < count; i++) {
        struct value item = value_list_at(list, i);
        (*out)[i] = (struct flink_exception){
            .name = field_text(&reader, item, "name", false),
            .message = field_text(&reader, item, "message", false),
            .timestamp = field_text(&reader, item, "timestamp", false),
        };
    }
    return count;
}

static void got_exceptions(void *context, const struct flink_reply *reply,
                           const struct flink_error *error)
{
    struct statement_call *call = context;
    struct arena arena = {0};
    struct flink_exception *items = NULL;
    struct flink_error bad = {0};
    size_t count = 0;

    if (reply != NULL) {
        bad.status = reply->status;
        count = decode_exceptions(reply, &arena, &items, &bad.err);
        error = bad.err.code != ERR_NONE ? &bad : NULL;
    }
    flink_task_close(call->client, &call->op);
    if (!call->op.dropped) {
        call->exceptions_done((void *)call->op.context, items,
                              error == NULL ? count : 0, error);
    }
    call_free(&call->op);
    arena_fini(&arena);
}

void flink_statement_exceptions_async(struct flink_client *client, const char *name,
                                      flink_exceptions_fn *done, void *context)
{
    struct statement_call *call = call_new(client, name, "/exceptions", context);

    call->exceptions_done = done;
    flink_request_async(client, FLINK_GET, call->path, NULL, 0, got_exceptions, call);
}
