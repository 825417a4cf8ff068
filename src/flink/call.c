#include "config.h"

#include "flink/client.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "base/xmalloc.h"

#define REDIRECTS_MAX      5
#define ATTEMPTS_MAX       4 /* while the server has never answered */
#define ATTEMPTS_MAX_KNOWN 8
#define THROTTLED_MAX      30
#define BACKOFF_MS         200
#define BACKOFF_MAX_MS     8000

/* One request until its final answer. */
struct flink_call {
    struct flink_task op;
    struct flink_client *client;
    struct flink_call *next; /* in the queue */
    struct flink_exchange exchange;
    char *body;
    bool once;
    bool lost; /* an answer went missing on the way */
    int attempts;
    int throttled;
    int redirects;
    int64_t queued_ms;
    flink_reply_fn *done;
};

static void call_free(struct flink_task *op)
{
    struct flink_call *call = (struct flink_call *)op;

    flink_exchange_clear(call->client, &call->exchange);
    free(call->exchange.url);
    free(call->body);
    free(call);
}

static void enqueue(struct flink_call *call)
{
    struct flink_client *client = call->client;

    call->next = NULL;
    call->queued_ms = flink_now(client);
    *client->queue_end = call;
    client->queue_end = &call->next;
}

static void enqueue_later(void *context)
{
    enqueue(context);
}

static void deliver(struct flink_call *call, const struct flink_reply *reply,
                    const struct flink_error *error)
{
    flink_task_close(call->client, &call->op);
    if (!call->op.dropped) {
        call->done((void *)call->op.context, reply, error);
    }
    call_free(&call->op);
}

static void fail(struct flink_call *call)
{
    struct flink_exchange *exchange = &call->exchange;
    struct flink_error error = {.lost = call->lost};

    if (exchange->outcome == FLINK_EXCHANGE_ANSWERED) {
        flink_reply_error(call->client, exchange, &error);
    } else {
        error.err = exchange->err;
    }
    flink_redact(call->client, error.err.msg, sizeof(error.err.msg));
    flink_redact(call->client, error.err.hint, sizeof(error.err.hint));
    deliver(call, NULL, &error);
}

static void succeed(struct flink_call *call)
{
    struct flink_reply reply = {
        .status = call->exchange.status,
        .body = buf_str(&call->exchange.reply),
        .len = call->exchange.reply.len,
        .location = call->exchange.location,
    };

    deliver(call, &reply, NULL);
}

static void again(struct flink_call *call, int64_t delay_ms)
{
    call->client->stats.retries++;
    flink_exchange_clear(call->client, &call->exchange);
    flink_timer_start(call->client, delay_ms, enqueue_later, call);
}

static int64_t backoff(struct flink_call *call)
{
    int64_t ms = BACKOFF_MS << (call->attempts < 8 ? call->attempts - 1 : 7);

    ms = flink_jitter(call->client, ms < BACKOFF_MAX_MS ? ms : BACKOFF_MAX_MS);
    int64_t asked = call->exchange.retry_after_ms;
    return asked > ms ? asked : ms;
}

static void throttle(struct flink_call *call)
{
    struct flink_client *client = call->client;
    int64_t asked = call->exchange.retry_after_ms;
    int64_t wait = asked > 0 ? asked : flink_jitter(client, 1000);
    int64_t until = flink_now(client) + wait;

    client->stats.throttled++;
    if (until > client->hold_until_ms) {
        client->hold_until_ms = until;
    }
    log_debug("throttled: nothing is sent for %lld ms", (long long)wait);
    again(call, flink_jitter(client, 100));
}

/* Follows a redirect to the same origin; credentials go nowhere else. */
static void redirect(struct flink_call *call)
{
    struct flink_exchange *exchange = &call->exchange;
    bool loopback;
    bool tls;
    char *origin = exchange->location == NULL
                       ? NULL
                       : flink_url_origin(exchange->location, &loopback, &tls);

    if (origin != NULL && strcmp(origin, call->client->origin) == 0 &&
        call->redirects++ < REDIRECTS_MAX) {
        free(exchange->url);
        exchange->url = xstrdup(exchange->location);
        again(call, 0);
    } else {
        struct flink_error error = {.status = exchange->status};
        if (origin != NULL && strcmp(origin, call->client->origin) == 0) {
            err_set(&error.err, ERR_SERVER, "the server redirects without end");
        } else {
            err_set(&error.err, ERR_SERVER, "the server redirects to another host (%s)",
                    origin != NULL ? origin : "not a URL");
            err_hint(&error.err, "nothing was sent there; if that host is right, make "
                                 "it the endpoint");
        }
        deliver(call, NULL, &error);
    }
    free(origin);
}

static bool repeatable(const struct flink_call *call)
{
    return !call->once && call->exchange.method != FLINK_POST &&
           call->exchange.method != FLINK_PUT;
}

static bool server_trouble(int status)
{
    return status == 500 || status == 502 || status == 503 || status == 504;
}

static bool worth_repeating(const struct flink_call *call)
{
    const struct flink_exchange *exchange = &call->exchange;
    int max = call->client->reached ? ATTEMPTS_MAX_KNOWN : ATTEMPTS_MAX;

    if (call->attempts >= max) {
        return false;
    }
    switch (exchange->outcome) {
    case FLINK_EXCHANGE_UNSENT:
        return true;
    case FLINK_EXCHANGE_LOST:
        return repeatable(call);
    case FLINK_EXCHANGE_ANSWERED:
        /* a patch can meet a newer resource_version: it holds for that one as well */
        return repeatable(call) &&
               (server_trouble(exchange->status) ||
                (exchange->status == 409 && exchange->method == FLINK_PATCH));
    default:
        return false;
    }
}

static void answered(struct flink_exchange *exchange)
{
    struct flink_call *call = exchange->context;
    int status = exchange->status;

    call->attempts++;
    if (exchange->outcome == FLINK_EXCHANGE_LOST ||
        (exchange->outcome == FLINK_EXCHANGE_ANSWERED && server_trouble(status))) {
        call->lost = true;
    }
    if (exchange->outcome == FLINK_EXCHANGE_ANSWERED && status == 429 &&
        call->throttled++ < THROTTLED_MAX) {
        call->attempts--;
        throttle(call);
    } else if (status == 301 || status == 302 || status == 307 || status == 308) {
        redirect(call);
    } else if (worth_repeating(call)) {
        again(call, backoff(call));
    } else if (status >= 200 && status < 300 &&
               exchange->outcome == FLINK_EXCHANGE_ANSWERED) {
        succeed(call);
    } else {
        fail(call);
    }
}

void flink_call_start(struct flink_client *client, enum flink_method method,
                      const char *path, const char *body, size_t len, bool once,
                      flink_reply_fn *done, void *context)
{
    struct flink_call *call = xcalloc(1, sizeof(*call));

    call->client = client;
    call->once = once;
    call->done = done;
    call->exchange.method = method;
    call->exchange.url = xasprintf("%s%s", client->base, path);
    if (body != NULL) {
        call->body = xstrndup(body, len);
        call->exchange.body = call->body;
        call->exchange.body_len = len;
    }
    call->exchange.done = answered;
    call->exchange.context = call;
    flink_task_open(client, &call->op, context, call_free);
    enqueue(call);
}

void flink_request_async(struct flink_client *client, enum flink_method method,
                         const char *path, const char *body, size_t len,
                         flink_reply_fn *done, void *context)
{
    flink_call_start(client, method, path, body, len, false, done, context);
}

static struct flink_call *dequeue(struct flink_client *client)
{
    struct flink_call *call = client->queue;

    client->queue = call->next;
    if (client->queue == NULL) {
        client->queue_end = &client->queue;
    }
    return call;
}

static void send_call(struct flink_call *call, int64_t now)
{
    struct flink_client *client = call->client;

    if (call->op.dropped && call->exchange.method == FLINK_GET) {
        flink_task_close(client, &call->op);
        call_free(&call->op);
        return;
    }
    client->stats.waited_ms += (size_t)(now - call->queued_ms);
    flink_rate_take(&client->rate, now);
    if (flink_exchange_start(client, &call->exchange) != 0) {
        call->exchange.outcome = FLINK_EXCHANGE_BROKEN;
        err_set(&call->exchange.err, ERR_INTERNAL, "curl can't start a request");
        fail(call);
    }
}

void flink_call_pump(struct flink_client *client)
{
    int64_t now = flink_now(client);

    while (client->queue != NULL &&
           client->active < (size_t)client->config.max_concurrent &&
           now >= client->hold_until_ms && flink_rate_wait(&client->rate, now) == 0) {
        send_call(dequeue(client), now);
    }
}

int64_t flink_call_wait(const struct flink_client *client)
{
    int64_t now = flink_now(client);

    if (client->queue == NULL ||
        client->active >= (size_t)client->config.max_concurrent) {
        return -1;
    }
    int64_t rate = flink_rate_wait(&client->rate, now);
    int64_t hold = client->hold_until_ms - now;
    return hold > rate ? hold : rate;
}

/* ---- blocking GET ---- */

struct get_json {
    struct arena *arena;
    struct value *out;
    struct err *err;
    bool done;
    int rc;
};

static void got_json(void *context, const struct flink_reply *reply,
                     const struct flink_error *error)
{
    struct get_json *get = context;

    get->done = true;
    if (error != NULL) {
        *get->err = error->err;
        get->rc = -1;
        return;
    }
    get->rc = flink_reply_json(reply->body, reply->len, get->arena, get->out, get->err);
}

int flink_get_json(struct flink_client *client, const char *path, struct arena *arena,
                   struct value *out, struct err *err)
{
    struct get_json get = {.arena = arena, .out = out, .err = err};

    flink_request_async(client, FLINK_GET, path, NULL, 0, got_json, &get);
    if (flink_client_run(client, &get.done, err) != 0) {
        flink_client_forget(client, &get);
        return -1;
    }
    return get.rc;
}
