#include "config.h"

#include "sandbox/connection.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistr.h>
#include <sys/socket.h>

#include "base/clock.h"
#include "base/xmalloc.h"
#include "sandbox/count.h"
#include "sandbox/route.h"
#include "value/json.h"

enum stage { STAGE_BODY, STAGE_DELAYED, STAGE_ANSWER };

struct connection_state {
    struct connection_context *context;
    struct MHD_Connection *mhd;
    struct arena arena;
    struct buf body;
    bool too_large;
    enum stage stage;
    struct http_request req;
    struct http_response res;
    struct route route;
    struct fault_choice fault;
    char request_id[37];
    int64_t began;
    int64_t due; /* while suspended */
    bool suspended;
    size_t sent;     /* of a slow or truncated body */
    bool pause_next; /* slow body: wait before the next piece */
    struct connection_state *next;
};

static void suspend(struct connection_state *state, int64_t delay)
{
    state->due = clock_now_ms(&clock_system) + delay;
    state->suspended = true;
    state->next = state->context->waiting;
    state->context->waiting = state;
    MHD_suspend_connection(state->mhd);
}

void connection_resume_due(struct connection_context *context, int64_t now)
{
    struct connection_state **link = &context->waiting;
    while (*link != NULL) {
        struct connection_state *state = *link;
        if (state->due > now) {
            link = &state->next;
            continue;
        }
        *link = state->next;
        state->suspended = false;
        MHD_resume_connection(state->mhd);
    }
}

int64_t connection_next_due(const struct connection_context *context)
{
    int64_t due = -1;
    for (struct connection_state *at = context->waiting; at != NULL; at = at->next) {
        if (due < 0 || at->due < due) {
            due = at->due;
        }
    }
    return due;
}

static enum MHD_Result add_argument(void *cls, enum MHD_ValueKind kind,
                                    const char *name, const char *value)
{
    struct http_request *req = cls;
    (void)kind;
    if (req->arg_count < HTTP_MAX_ARGS) {
        struct http_arg *arg = &req->args[req->arg_count++];
        arg->name = arena_strdup(req->arena, name);
        arg->value = arena_strdup(req->arena, value != NULL ? value : "");
    }
    return MHD_YES;
}

/* The Host header as base of links, when it looks like one; so that a client that came
 * by "localhost" stays there. */
static const char *base_of(struct connection_state *state)
{
    const char *host = MHD_lookup_connection_value(state->mhd, MHD_HEADER_KIND, "Host");
    size_t i;
    if (host == NULL || host[0] == '\0') {
        return state->context->base;
    }
    for (i = 0; host[i] != '\0' && i < 100; i++) {
        if (!isalnum((unsigned char)host[i]) && strchr(".-:[]", host[i]) == NULL) {
            return state->context->base;
        }
    }
    return host[i] == '\0' ? arena_printf(&state->arena, "http://%s", host)
                           : state->context->base;
}

static const char *header(struct connection_state *state, const char *name)
{
    const char *value = MHD_lookup_connection_value(state->mhd, MHD_HEADER_KIND, name);
    return value != NULL ? arena_strdup(&state->arena, value) : NULL;
}

/* A request may name the whole URL. */
static const char *path_of(const char *url)
{
    const char *path = strncmp(url, "http://", 7) == 0 ? strchr(url + 7, '/') : url;
    return path != NULL ? path : "/";
}

static struct connection_state *state_new(struct connection_context *context,
                                          struct MHD_Connection *mhd, const char *url,
                                          const char *method)
{
    struct connection_state *state = xcalloc(1, sizeof(*state));
    state->context = context;
    state->mhd = mhd;
    state->began = clock_now_ms(&clock_system);
    buf_init(&state->body, HTTP_MAX_BODY);
    sandbox_uuid(context->sandbox, state->request_id);
    state->req = (struct http_request){
        .arena = &state->arena,
        .method = arena_strdup(&state->arena, method),
        .path = arena_strdup(&state->arena, path_of(url)),
        .base = base_of(state),
        .auth = header(state, "Authorization"),
        .content_type = header(state, "Content-Type"),
        .request_id = state->request_id,
    };
    MHD_get_connection_values(mhd, MHD_GET_ARGUMENT_KIND, add_argument, &state->req);
    route_find(&state->req, &state->route);
    context->active++;
    return state;
}

static void write_log(struct connection_state *state, int status)
{
    static const char *const kinds[] = {
        "", "status", "reset-before", "reset-after", "truncate", "slow"};
    struct buf line = BUF_INIT;
    char at[CLOCK_ISO_SIZE];
    if (state->context->log == NULL) {
        return;
    }
    clock_iso(clock_wall_ms(), at);
    buf_addf(&line, "{\"time\":\"%s\",\"id\":\"%s\",\"method\":", at,
             state->request_id);
    json_write_str(state->req.method, strlen(state->req.method), 0, &line);
    buf_adds(&line, ",\"path\":");
    json_write_str(state->req.path, strlen(state->req.path), 0, &line);
    buf_adds(&line, ",\"query\":{");
    for (size_t i = 0; i < state->req.arg_count; i++) {
        const struct http_arg *arg = &state->req.args[i];
        buf_adds(&line, i > 0 ? "," : "");
        json_write_str(arg->name, strlen(arg->name), 0, &line);
        buf_addc(&line, ':');
        json_write_str(arg->value, strlen(arg->value), 0, &line);
    }
    buf_addf(&line,
             "},\"route\":\"%s\",\"status\":%d,\"request_bytes\":%zu,"
             "\"response_bytes\":%zu,\"ms\":%lld",
             route_name(state->route.id), status, state->body.len, state->res.body.len,
             (long long)(clock_now_ms(&clock_system) - state->began));
    if (state->fault.kind != FAULT_NONE) {
        buf_addf(&line, ",\"fault\":\"%s\"", kinds[state->fault.kind]);
    }
    buf_adds(&line, "}\n");
    fputs(buf_str(&line), state->context->log);
    fflush(state->context->log);
    buf_fini(&line);
}

/* Body of a slow or truncated reply, piece by piece. */
static ssize_t read_body(void *cls, uint64_t pos, char *out, size_t max)
{
    struct connection_state *state = cls;
    const struct fault_state *fault = &state->context->sandbox->fault;
    size_t end = state->res.body.len;
    size_t chunk = max;

    if (state->fault.kind == FAULT_TRUNCATE) {
        end /= 2;
        if (pos >= end) {
            return MHD_CONTENT_READER_END_WITH_ERROR;
        }
    } else if (state->pause_next) {
        state->pause_next = false;
        suspend(state, fault->slow_delay);
        return 0;
    } else {
        chunk = fault->slow_chunk > 0 ? (size_t)fault->slow_chunk : 1;
        state->pause_next = true;
    }
    size_t rest = end - (size_t)pos;
    size_t count = rest < chunk ? rest : chunk;
    count = count < max ? count : max;
    memcpy(out, state->res.body.data + pos, count);
    return (ssize_t)count;
}

static struct MHD_Response *make_response(struct connection_state *state)
{
    bool odd = state->fault.kind == FAULT_TRUNCATE || state->fault.kind == FAULT_SLOW;
    size_t len = state->res.body.len;
    if (odd && len > 1) {
        return MHD_create_response_from_callback(len, 16384, read_body, state, NULL);
    }
    return MHD_create_response_from_buffer(
        len, (void *)(uintptr_t)buf_str(&state->res.body), MHD_RESPMEM_PERSISTENT);
}

static void add_headers(struct connection_state *state, struct MHD_Response *response)
{
    const struct http_response *res = &state->res;
    char seconds[16];
    MHD_add_response_header(response, "X-Request-Id", state->request_id);
    if (res->body.len > 0) {
        MHD_add_response_header(response, "Content-Type", "application/json");
    }
    if (res->location != NULL) {
        MHD_add_response_header(response, "Location", res->location);
    }
    if (res->authenticate != NULL) {
        MHD_add_response_header(response, "WWW-Authenticate", res->authenticate);
    }
    if (res->allow != NULL) {
        MHD_add_response_header(response, "Allow", res->allow);
    }
    if (res->retry_after > 0) {
        snprintf(seconds, sizeof(seconds), "%d", res->retry_after);
        MHD_add_response_header(response, "Retry-After", seconds);
    }
}

/* Closes the connection without a reply; SO_LINGER makes it a reset. */
static enum MHD_Result cut(struct connection_state *state)
{
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(state->mhd, MHD_CONNECTION_INFO_CONNECTION_FD);
    if (info != NULL) {
        setsockopt(info->connect_fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
    }
    return MHD_NO;
}

static void handle_request(struct connection_state *state)
{
    struct sandbox *sandbox = state->context->sandbox;
    struct http_request *req = &state->req;
    struct http_response *res = &state->res;

    if (state->too_large) {
        http_fail(req, res, 413, "too_large", NULL, NULL,
                  "the body is larger than %zu bytes", HTTP_MAX_BODY);
    } else if (state->fault.kind == FAULT_STATUS) {
        http_fail(req, res, state->fault.status,
                  state->fault.status == 429 ? "too_many_requests" : "internal_error",
                  NULL, NULL, "injected by the sandbox");
        if (state->fault.status == 429 || state->fault.status == 503) {
            res->retry_after = (int)sandbox->fault.retry_after;
        }
        if (state->fault.status == 429) {
            buf_reset(&res->body);
        }
    } else {
        route_handle(sandbox, req, &state->route, res);
    }
}

static enum MHD_Result answer(struct connection_state *state)
{
    bool counted = state->route.id != ROUTE_CONTROL;
    state->stage = STAGE_ANSWER;
    state->req.body = buf_str(&state->body);
    state->req.body_len = state->body.len;
    if (state->fault.kind != FAULT_RESET_BEFORE) {
        handle_request(state);
    }
    bool is_cut = state->fault.kind == FAULT_RESET_BEFORE ||
                  state->fault.kind == FAULT_RESET_AFTER;
    int status = is_cut ? 0 : state->res.status;
    if (counted) {
        count_add(state->context->sandbox->counts, state->route.id, state->req.method,
                  status);
    }
    write_log(state, status);
    if (is_cut) {
        return cut(state);
    }
    struct MHD_Response *response = make_response(state);
    add_headers(state, response);
    enum MHD_Result queued =
        MHD_queue_response(state->mhd, (unsigned)state->res.status, response);
    MHD_destroy_response(response);
    return queued;
}

size_t connection_unescape(void *cls, struct MHD_Connection *mhd, char *text)
{
    size_t len = MHD_http_unescape(text);
    const uint8_t *bad;
    (void)cls;
    (void)mhd;
    for (size_t i = 0; i < len; i++) {
        text[i] = text[i] == '\0' ? '?' : text[i];
    }
    while ((bad = u8_check((const uint8_t *)text, len)) != NULL) {
        text[bad - (const uint8_t *)text] = '?';
    }
    return len;
}

enum MHD_Result connection_handle(void *cls, struct MHD_Connection *mhd,
                                  const char *url, const char *method,
                                  const char *version, const char *data, size_t *size,
                                  void **slot)
{
    struct connection_state *state = *slot;
    (void)version;

    if (state == NULL) {
        *slot = state_new(cls, mhd, url, method);
        return MHD_YES;
    }
    if (state->stage == STAGE_BODY && *size > 0) {
        buf_add(&state->body, data, *size);
        state->too_large = state->body.overflow;
        *size = 0;
        return MHD_YES;
    }
    if (state->stage == STAGE_BODY) {
        state->stage = STAGE_DELAYED;
        if (state->route.id != ROUTE_CONTROL) {
            fault_choose(&state->context->sandbox->fault, method,
                         route_name(state->route.id), &state->fault);
        }
        if (state->fault.delay > 0) {
            suspend(state, state->fault.delay);
            return MHD_YES;
        }
    }
    return state->stage == STAGE_DELAYED ? answer(state) : MHD_YES;
}

void connection_done(void *cls, struct MHD_Connection *mhd, void **slot,
                     enum MHD_RequestTerminationCode code)
{
    struct connection_context *context = cls;
    struct connection_state *state = *slot;
    (void)mhd;
    (void)code;
    if (state == NULL) {
        return;
    }
    struct connection_state **link = &context->waiting;
    while (*link != NULL && *link != state) {
        link = &(*link)->next;
    }
    if (*link == state) {
        *link = state->next;
    }
    context->active--;
    buf_fini(&state->body);
    buf_fini(&state->res.body);
    arena_fini(&state->arena);
    free(state);
    *slot = NULL;
}
