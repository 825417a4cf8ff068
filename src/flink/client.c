#include "config.h"

#include "flink/client.h"

#include <stdlib.h>
#include <string.h>
#include <uuid/uuid.h>

#include "base/str.h"
#include "base/xmalloc.h"

#define LAST_DELETES_MS 3000

/* ---- configuration ---- */

static char *copy(const char *text)
{
    return text == NULL || text[0] == '\0' ? NULL : xstrdup(text);
}

static int check_config(const struct flink_config *config, struct err *err)
{
    if (config->endpoint == NULL || config->endpoint[0] == '\0') {
        return err_set(err, ERR_USAGE, "no REST endpoint is configured");
    }
    if (config->organization_id == NULL || config->organization_id[0] == '\0') {
        return err_set(err, ERR_USAGE, "Organization ID is required");
    }
    if (config->environment_id == NULL || config->environment_id[0] == '\0') {
        return err_set(err, ERR_USAGE, "environment id is required");
    }
    if (config->api_key == NULL || config->api_key[0] == '\0' ||
        config->api_secret == NULL || config->api_secret[0] == '\0') {
        err_set(err, ERR_CREDENTIALS, "no API key and secret are configured");
        err_hint(err, "set flink_api_key and flink_api_secret, or global_api_key and "
                      "global_api_secret, in the profile");
        return -1;
    }
    return 0;
}

static int check_endpoint(struct flink_client *client, struct err *err)
{
    bool loopback;
    bool tls;

    client->origin = flink_url_origin(client->config.endpoint, &loopback, &tls);
    if (client->origin == NULL) {
        err_set(err, ERR_USAGE, "the endpoint '%s' is not an http or https URL",
                client->config.endpoint);
        err_hint(err, "for example https://flink.eu-west-1.aws.confluent.cloud");
        return -1;
    }
    if (!tls && !loopback) {
        err_set(err, ERR_USAGE,
                "the endpoint '%s' is not encrypted: API keys would be readable on the "
                "way",
                client->config.endpoint);
        err_hint(err, "use https; plain http is for this machine only");
        return -1;
    }
    return 0;
}

static void copy_config(struct flink_client *client, const struct flink_config *from)
{
    struct flink_config *to = &client->config;

    *to = *from;
    to->endpoint = copy(from->endpoint);
    size_t len = strlen(to->endpoint);
    while (len > 0 && to->endpoint[len - 1] == '/') {
        ((char *)to->endpoint)[--len] = '\0';
    }
    to->organization_id = copy(from->organization_id);
    to->environment_id = copy(from->environment_id);
    to->database = copy(from->database);
    to->compute_pool_id = copy(from->compute_pool_id);
    to->principal = copy(from->principal);
    to->name_prefix =
        xstrdup(from->name_prefix != NULL ? from->name_prefix : "cflowsh-");
    to->user_agent = xstrdup(from->user_agent != NULL ? from->user_agent
                                                      : "cflowsh/" PACKAGE_VERSION);
    to->ca_file = copy(from->ca_file);
    to->api_key = NULL;
    to->api_secret = NULL;
    to->connect_timeout_ms =
        from->connect_timeout_ms > 0 ? from->connect_timeout_ms : 10000;
    to->request_timeout_ms =
        from->request_timeout_ms > 0 ? from->request_timeout_ms : 60000;
    to->rate_per_second = from->rate_per_second != 0 ? from->rate_per_second : 50;
    to->rate_per_minute = from->rate_per_minute != 0 ? from->rate_per_minute : 1000;
    to->max_concurrent = from->max_concurrent > 0 ? from->max_concurrent : 100;
    client->api_key = xstrdup(from->api_key);
    client->api_secret = xstrdup(from->api_secret);
}

static char *base64(const char *data, size_t len)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *out = xmalloc((len + 2) / 3 * 4 + 1);
    size_t at = 0;

    for (size_t i = 0; i < len; i += 3) {
        unsigned long bits = (unsigned long)(unsigned char)data[i] << 16;
        bits |= i + 1 < len ? (unsigned long)(unsigned char)data[i + 1] << 8 : 0;
        bits |= i + 2 < len ? (unsigned long)(unsigned char)data[i + 2] : 0;
        out[at++] = alphabet[bits >> 18];
        out[at++] = alphabet[bits >> 12 & 63];
        out[at++] = i + 1 < len ? alphabet[bits >> 6 & 63] : '=';
        out[at++] = i + 2 < len ? alphabet[bits & 63] : '=';
    }
    out[at] = '\0';
    return out;
}

static void make_base(struct flink_client *client)
{
    struct buf buf = BUF_INIT;

    buf_adds(&buf, client->config.endpoint);
    buf_adds(&buf, "/sql/v1/organizations/");
    flink_url_encode(client->config.organization_id, &buf);
    buf_adds(&buf, "/environments/");
    flink_url_encode(client->config.environment_id, &buf);
    client->base = buf_take(&buf);
}

struct flink_client *flink_client_new(const struct flink_config *config,
                                      const struct clock *clock, struct err *err)
{
    if (check_config(config, err) != 0) {
        return NULL;
    }
    struct flink_client *client = xcalloc(1, sizeof(*client));
    client->clock = clock != NULL ? clock : &clock_system;
    client->ops.next = &client->ops;
    client->ops.prev = &client->ops;
    client->queue_end = &client->queue;
    copy_config(client, config);
    if (check_endpoint(client, err) != 0 || flink_exchange_init(client, err) != 0) {
        flink_client_free(client);
        return NULL;
    }
    char *pair = xasprintf("%s:%s", client->api_key, client->api_secret);
    client->credentials64 = base64(pair, strlen(pair));
    explicit_bzero(pair, strlen(pair));
    free(pair);
    make_base(client);
    flink_rate_init(&client->rate, client->config.rate_per_second,
                    client->config.rate_per_minute);
    uuid_t seed;
    uuid_generate_random(seed);
    memcpy(&client->random, seed, sizeof(client->random));
    client->random |= 1;
    return client;
}

static void free_secret(char *text)
{
    if (text != NULL) {
        explicit_bzero(text, strlen(text));
        free(text);
    }
}

static void free_config(struct flink_config *config)
{
    const char *strings[] = {
        config->endpoint,    config->organization_id, config->environment_id,
        config->database,    config->compute_pool_id, config->principal,
        config->name_prefix, config->user_agent,      config->ca_file};

    for (size_t i = 0; i < sizeof(strings) / sizeof(*strings); i++) {
        free((char *)strings[i]);
    }
}

/* Statements that were only read are to be gone when the program is. */
static void finish_deletes(struct flink_client *client)
{
    int64_t until = flink_now(client) + LAST_DELETES_MS;
    struct err err = {0};

    while (client->deletes > 0 && !flink_interrupted(client) &&
           flink_now(client) < until && flink_client_turn(client, 100, &err) >= 0) {
    }
}

void flink_client_free(struct flink_client *client)
{
    if (client == NULL) {
        return;
    }
    finish_deletes(client);
    while (client->ops.next != &client->ops) {
        struct flink_task *op = client->ops.next;
        flink_task_close(client, op);
        op->free(op);
    }
    flink_exchange_fini(client);
    flink_rate_fini(&client->rate);
    free(client->timers);
    free(client->base);
    free(client->origin);
    free_secret(client->api_key);
    free_secret(client->api_secret);
    free_secret(client->credentials64);
    free_config(&client->config);
    free(client);
}

const struct flink_config *flink_client_config(const struct flink_client *client)
{
    return &client->config;
}

const struct flink_stats *flink_client_stats(const struct flink_client *client)
{
    return &client->stats;
}

void flink_client_set_interrupt(struct flink_client *client,
                                const volatile sig_atomic_t *flag)
{
    client->interrupt = flag;
}

bool flink_interrupted(const struct flink_client *client)
{
    return client->interrupt != NULL && *client->interrupt != 0;
}

int64_t flink_now(const struct flink_client *client)
{
    return clock_now_ms(client->clock);
}

int64_t flink_jitter(struct flink_client *client, int64_t ms)
{
    uint64_t x = client->random;

    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    client->random = x;
    return ms - ms / 4 + (int64_t)(x % (uint64_t)(ms / 2 + 1));
}

static void redact_word(char *text, size_t size, const char *word)
{
    size_t len = word == NULL ? 0 : strlen(word);

    if (len < 6) {
        return;
    }
    for (char *hit; (hit = strstr(text, word)) != NULL;) {
        memset(hit, '*', 3);
        memmove(hit + 3, hit + len, strnlen(hit + len, size) + 1);
    }
}

void flink_redact(const struct flink_client *client, char *text, size_t size)
{
    redact_word(text, size, client->credentials64);
    redact_word(text, size, client->api_secret);
}

char *flink_name_new(const struct flink_client *client, const char *prefix,
                     struct arena *arena)
{
    uuid_t id;
    char text[UUID_STR_LEN];

    uuid_generate_random(id);
    uuid_unparse_lower(id, text);
    return arena_printf(arena, "%s%s",
                        prefix != NULL ? prefix : client->config.name_prefix, text);
}

/* ---- open operations ---- */

void flink_task_open(struct flink_client *client, struct flink_task *op,
                     const void *context, void (*free)(struct flink_task *op))
{
    op->context = context;
    op->free = free;
    op->dropped = false;
    op->next = &client->ops;
    op->prev = client->ops.prev;
    op->prev->next = op;
    client->ops.prev = op;
    client->op_count++;
}

void flink_task_close(struct flink_client *client, struct flink_task *op)
{
    op->prev->next = op->next;
    op->next->prev = op->prev;
    client->op_count--;
}

void flink_client_forget(struct flink_client *client, const void *context)
{
    for (struct flink_task *op = client->ops.next; op != &client->ops; op = op->next) {
        if (op->context == context) {
            op->dropped = true;
        }
    }
    for (size_t i = 0; i < client->timer_count; i++) {
        if (client->timers[i].context == context) {
            client->timers[i].fn = NULL;
        }
    }
}

/* ---- timers: a binary heap ---- */

static bool sooner(const struct flink_timer *a, const struct flink_timer *b)
{
    return a->due_ms != b->due_ms ? a->due_ms < b->due_ms : a->seq < b->seq;
}

static void timer_swap(struct flink_timer *a, struct flink_timer *b)
{
    struct flink_timer t = *a;

    *a = *b;
    *b = t;
}

void flink_timer_start(struct flink_client *client, int64_t delay_ms,
                       flink_timer_fn *fn, void *context)
{
    if (client->timer_count == client->timer_cap) {
        client->timer_cap = client->timer_cap > 0 ? client->timer_cap * 2 : 16;
        client->timers =
            xreallocarray(client->timers, client->timer_cap, sizeof(*client->timers));
    }
    size_t i = client->timer_count++;
    client->timers[i] = (struct flink_timer){flink_now(client) + delay_ms,
                                             client->timer_seq++, fn, context};
    while (i > 0 && sooner(&client->timers[i], &client->timers[(i - 1) / 2])) {
        timer_swap(&client->timers[i], &client->timers[(i - 1) / 2]);
        i = (i - 1) / 2;
    }
}

static struct flink_timer timer_pop(struct flink_client *client)
{
    struct flink_timer *heap = client->timers;
    struct flink_timer top = heap[0];
    size_t count = --client->timer_count;

    heap[0] = heap[count];
    for (size_t i = 0;;) {
        size_t least = i;
        for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < count; child++) {
            if (sooner(&heap[child], &heap[least])) {
                least = child;
            }
        }
        if (least == i) {
            return top;
        }
        timer_swap(&heap[i], &heap[least]);
        i = least;
    }
}

/* Fires what is due now, not what that starts anew. Returns how many. */
static size_t fire_timers(struct flink_client *client)
{
    int64_t now = flink_now(client);
    uint64_t limit = client->timer_seq;
    size_t fired = 0;

    while (client->timer_count > 0 && client->timers[0].due_ms <= now &&
           client->timers[0].seq < limit) {
        struct flink_timer timer = timer_pop(client);
        if (timer.fn != NULL) {
            timer.fn(timer.context);
            fired++;
        }
    }
    return fired;
}

/* ---- the loop ---- */

static int wait_time(const struct flink_client *client, int timeout_ms)
{
    int64_t wait = timeout_ms;

    if (client->timer_count > 0) {
        int64_t timer = client->timers[0].due_ms - flink_now(client);
        wait = timer < wait ? timer : wait;
    }
    int64_t queue = flink_call_wait(client);
    if (queue >= 0 && queue < wait) {
        wait = queue;
    }
    return wait < 0 ? 0 : (int)wait;
}

int flink_client_turn(struct flink_client *client, int timeout_ms, struct err *err)
{
    size_t fired = fire_timers(client);

    flink_call_pump(client);
    if (flink_exchange_poll(client, fired > 0 ? 0 : wait_time(client, timeout_ms),
                            err) != 0) {
        return -1;
    }
    fire_timers(client);
    flink_call_pump(client);
    return (int)(client->op_count + client->timer_count);
}

int flink_client_run(struct flink_client *client, const bool *done, struct err *err)
{
    while (!*done) {
        if (flink_interrupted(client)) {
            return err_set(err, ERR_INTERRUPTED, "interrupted");
        }
        int open = flink_client_turn(client, 100, err);
        if (open < 0) {
            return -1;
        }
        if (open == 0 && !*done) {
            return err_set(err, ERR_INTERNAL, "an operation ended without an answer");
        }
    }
    return 0;
}
