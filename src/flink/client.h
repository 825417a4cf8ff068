/* What the files of this room share: the client, its open operations, HTTP exchanges.
 */
#ifndef FLINK_CLIENT_H
#define FLINK_CLIENT_H

#include "base/buf.h"
#include "base/map.h"
#include "flink/flink.h"
#include "flink/rate.h"

/* An open operation; first member of whatever carries it out. */
struct flink_task {
    struct flink_task *prev;
    struct flink_task *next;
    const void *context; /* the user's; see flink_client_forget() */
    bool dropped;        /* don't call back */
    void (*free)(struct flink_task *op);
};

struct flink_timer {
    int64_t due_ms;
    uint64_t seq;
    flink_timer_fn *fn; /* NULL: forgotten */
    void *context;
};

/* One HTTP exchange; see exchange.c. */
struct flink_exchange {
    enum flink_method method;
    char *url;
    const char *body; /* borrowed */
    size_t body_len;
    size_t body_sent;
    /* the answer */
    struct buf reply;
    int status;             /* 0: none came */
    int64_t retry_after_ms; /* -1: not said */
    char *location;         /* absolute; or NULL */
    char *www_authenticate;
    enum {
        FLINK_EXCHANGE_ANSWERED,
        FLINK_EXCHANGE_UNSENT, /* failed before the request went out */
        FLINK_EXCHANGE_LOST,   /* may have been acted on */
        FLINK_EXCHANGE_BROKEN  /* answered beyond a ceiling, or TLS trouble: final */
    } outcome;
    struct err err; /* unless answered */
    void (*done)(struct flink_exchange *exchange);
    void *context;
    void *easy; /* CURL *, while under way */
    struct curl_slist *headers;
};

struct flink_client {
    struct flink_config config; /* strings owned */
    char *api_key;
    char *api_secret;
    char *credentials64; /* as in the header: never to be shown */
    char *base;          /* endpoint + /sql/v1/… */
    char *origin;        /* scheme://host:port */
    const struct clock *clock;
    void *multi; /* CURLM * */
    struct flink_rate rate;
    int64_t hold_until_ms; /* nothing is sent before: 429 */
    struct flink_stats stats;
    struct flink_task ops; /* ring of open operations */
    size_t op_count;
    struct flink_timer *timers; /* heap, soonest first */
    size_t timer_count;
    size_t timer_cap;
    uint64_t timer_seq;
    struct flink_call *queue; /* calls that may be sent as the limits allow */
    struct flink_call **queue_end;
    size_t active;  /* exchanges under way */
    size_t deletes; /* under way: free() lets them finish */
    bool reached;   /* the server has answered before */
    uint64_t random;
    const volatile sig_atomic_t *interrupt;
};

/* client.c */
void flink_task_open(struct flink_client *client, struct flink_task *op,
                     const void *context, void (*free)(struct flink_task *op));
/* Takes it out of the list; the memory stays the caller's. */
void flink_task_close(struct flink_client *client, struct flink_task *op);
int64_t flink_now(const struct flink_client *client);
/* `ms` changed by up to a quarter, up or down. */
int64_t flink_jitter(struct flink_client *client, int64_t ms);
bool flink_interrupted(const struct flink_client *client);
/* Replaces credentials that a server or a library put into a text. */
void flink_redact(const struct flink_client *client, char *text, size_t size);

/* exchange.c: the only code that knows curl. */
int flink_exchange_init(struct flink_client *client, struct err *err);
void flink_exchange_fini(struct flink_client *client);
/* Starts; `done` is called from flink_exchange_poll(). -1: could not be started. */
int flink_exchange_start(struct flink_client *client, struct flink_exchange *exchange);
/* Sends and receives; waits at most `timeout_ms`. Returns -1 when curl fails. */
int flink_exchange_poll(struct flink_client *client, int timeout_ms, struct err *err);
/* Drops the answer and frees what it holds; also one that is under way. */
void flink_exchange_clear(struct flink_client *client, struct flink_exchange *exchange);
/* "scheme://host:port" of a URL, lower case, on the heap; NULL when it is none. */
char *flink_url_origin(const char *url, bool *loopback, bool *tls);
/* The decoded value of a parameter of a URL's query string, in `arena`; or NULL. */
char *flink_url_parameter(const char *url, const char *name, struct arena *arena);
/* Appends `text` percent-encoded. */
void flink_url_encode(const char *text, struct buf *out);

/* call.c: requests with retries. */
void flink_call_pump(struct flink_client *client);
/* Milliseconds until the queue can be pumped again; -1: nothing is queued. */
int64_t flink_call_wait(const struct flink_client *client);

/*
 * As flink_request_async(); with `once` the request is not repeated after its answer
 * was lost, whatever the method.
 */
void flink_call_start(struct flink_client *client, enum flink_method method,
                      const char *path, const char *body, size_t len, bool once,
                      flink_reply_fn *done, void *context);

/* reply.c */
/* Fills `error` from an answer that is no success. */
void flink_reply_error(const struct flink_client *client,
                       const struct flink_exchange *exchange,
                       struct flink_error *error);
/*
 * Parses a body that must be a JSON object. ERR_SERVER with a hint when it is HTML or
 * anything else.
 */
int flink_reply_json(const char *body, size_t len, struct arena *arena,
                     struct value *out, struct err *err);

/* list.c: following the pages of a list. */
struct flink_pages {
    const char *what; /* for messages: "statements" */
    struct arena *arena;
    size_t max;
    size_t count;
    size_t empty;    /* pages with no data, in a row */
    struct map seen; /* tokens, so that no page comes twice; see map_fini() */
};
/*
 * The token of the page after `json`, or NULL: that was the last one, or `err` is set
 * (ERR_SERVER for a page that comes again and for 100 empty ones in a row, ERR_LIMIT
 * beyond `max`).
 */
const char *flink_pages_next(struct flink_pages *pages, struct value json,
                             struct err *err);

#define FLINK_REPLY_MAX ((size_t)64 * 1024 * 1024)

#endif
