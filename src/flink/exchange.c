#include "config.h"

#include "flink/client.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/log.h"
#include "base/str.h"
#include "base/xmalloc.h"

#define RETRY_AFTER_MAX_MS 300000

int flink_exchange_init(struct flink_client *client, struct err *err)
{
    static bool initialized;

    if (!initialized && curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        return err_set(err, ERR_INTERNAL, "curl can't be initialized");
    }
    initialized = true;
    client->multi = curl_multi_init();
    if (client->multi == NULL) {
        return err_set(err, ERR_INTERNAL, "curl can't be initialized");
    }
    curl_multi_setopt(client->multi, CURLMOPT_MAX_TOTAL_CONNECTIONS,
                      (long)client->config.max_concurrent);
    curl_multi_setopt(client->multi, CURLMOPT_MAXCONNECTS,
                      (long)client->config.max_concurrent);
    return 0;
}

void flink_exchange_fini(struct flink_client *client)
{
    if (client->multi != NULL) {
        curl_multi_cleanup(client->multi);
        client->multi = NULL;
    }
}

/* ---- URLs ---- */

static bool host_is_loopback(const char *host)
{
    return strcasecmp(host, "localhost") == 0 || str_starts(host, "127.") ||
           strcmp(host, "[::1]") == 0;
}

char *flink_url_origin(const char *url, bool *loopback, bool *tls)
{
    CURLU *parsed = curl_url();
    char *scheme = NULL;
    char *host = NULL;
    char *port = NULL;
    char *origin = NULL;

    if (curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK &&
        curl_url_get(parsed, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
        curl_url_get(parsed, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
        curl_url_get(parsed, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK &&
        (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0)) {
        origin = xasprintf("%s://%s:%s", scheme, host, port);
        for (char *p = origin; *p != '\0'; p++) {
            *p = *p >= 'A' && *p <= 'Z' ? (char)(*p + 32) : *p;
        }
        *loopback = host_is_loopback(host);
        *tls = strcmp(scheme, "https") == 0;
    }
    curl_free(scheme);
    curl_free(host);
    curl_free(port);
    curl_url_cleanup(parsed);
    return origin;
}

/* `location` against the URL that it came from, on the heap; NULL when malformed. */
static char *resolve(const char *url, const char *location)
{
    CURLU *parsed = curl_url();
    char *full = NULL;
    char *result = NULL;

    if (curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK &&
        curl_url_set(parsed, CURLUPART_URL, location, 0) == CURLUE_OK &&
        curl_url_get(parsed, CURLUPART_URL, &full, 0) == CURLUE_OK) {
        result = xstrdup(full);
    }
    curl_free(full);
    curl_url_cleanup(parsed);
    return result;
}

char *flink_url_parameter(const char *url, const char *name, struct arena *arena)
{
    const char *at = strchr(url, '?');
    size_t name_len = strlen(name);

    while (at != NULL) {
        at++;
        const char *end = at + strcspn(at, "&#");
        if (strncmp(at, name, name_len) == 0 && at[name_len] == '=') {
            const char *start = at + name_len + 1;
            int len = 0;
            char *text = curl_easy_unescape(NULL, start, (int)(end - start), &len);
            char *copy = text == NULL ? NULL : arena_strndup(arena, text, (size_t)len);
            curl_free(text);
            return copy;
        }
        at = *end == '&' ? end : NULL;
    }
    return NULL;
}

void flink_url_encode(const char *text, struct buf *out)
{
    char *encoded = curl_easy_escape(NULL, text, (int)strlen(text));

    buf_adds(out, encoded != NULL ? encoded : "");
    curl_free(encoded);
}

/* ---- one transfer ---- */

static size_t take_body(char *data, size_t size, size_t count, void *context)
{
    struct flink_exchange *exchange = context;

    buf_add(&exchange->reply, data, size * count);
    return exchange->reply.overflow ? 0 : size * count;
}

/*
 * The body goes out through a function that can't rewind, so that curl does not by
 * itself send a POST again over a new connection when a kept one dies without an
 * answer: the server may have acted on it.
 */
static size_t give_body(char *data, size_t size, size_t count, void *context)
{
    struct flink_exchange *exchange = context;
    size_t left = exchange->body_len - exchange->body_sent;
    size_t n = size * count < left ? size * count : left;

    memcpy(data, exchange->body + exchange->body_sent, n);
    exchange->body_sent += n;
    return n;
}

static int64_t parse_retry_after(const char *text)
{
    char *end;
    double seconds = strtod(text, &end);

    if (end == text) {
        time_t when = curl_getdate(text, NULL);
        if (when == -1) {
            return -1;
        }
        seconds = difftime(when, time(NULL));
    }
    if (!(seconds >= 0)) {
        return 0;
    }
    return seconds > RETRY_AFTER_MAX_MS / 1000.0 ? RETRY_AFTER_MAX_MS
                                                 : (int64_t)(seconds * 1000);
}

/* The header's value, on the heap, when `line` is that header. */
static char *header_value(const char *line, size_t len, const char *name)
{
    size_t n = strlen(name);

    if (len <= n || strncasecmp(line, name, n) != 0 || line[n] != ':') {
        return NULL;
    }
    for (n++; n < len && (line[n] == ' ' || line[n] == '\t'); n++) {
    }
    while (len > n &&
           (line[len - 1] == '\r' || line[len - 1] == '\n' || line[len - 1] == ' ')) {
        len--;
    }
    return xstrndup(line + n, len - n);
}

static size_t take_header(char *line, size_t size, size_t count, void *context)
{
    struct flink_exchange *exchange = context;
    size_t len = size * count;
    char *value;

    if ((value = header_value(line, len, "Retry-After")) != NULL ||
        (exchange->retry_after_ms < 0 &&
         (value = header_value(line, len, "X-RateLimit-Reset")) != NULL)) {
        exchange->retry_after_ms = parse_retry_after(value);
        free(value);
    } else if ((value = header_value(line, len, "Location")) != NULL) {
        free(exchange->location);
        exchange->location = resolve(exchange->url, value);
        free(value);
    } else if ((value = header_value(line, len, "WWW-Authenticate")) != NULL) {
        free(exchange->www_authenticate);
        exchange->www_authenticate = value;
    }
    return len;
}

static const char *method_name(enum flink_method method)
{
    static const char *const names[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};

    return names[method];
}

static struct curl_slist *make_headers(const struct flink_exchange *exchange)
{
    struct curl_slist *list = curl_slist_append(NULL, "Accept: application/json");

    list = curl_slist_append(list, "Expect:");
    if (exchange->body != NULL) {
        list = curl_slist_append(list, exchange->method == FLINK_PATCH
                                           ? "Content-Type: application/json-patch+json"
                                           : "Content-Type: application/json");
    }
    return list;
}

static void set_method(CURL *easy, struct flink_exchange *exchange)
{
    if (exchange->body != NULL) {
        curl_easy_setopt(easy, CURLOPT_POST, 1L);
        curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                         (curl_off_t)exchange->body_len);
        curl_easy_setopt(easy, CURLOPT_READFUNCTION, give_body);
        curl_easy_setopt(easy, CURLOPT_READDATA, exchange);
    }
    if (exchange->method != FLINK_GET) {
        curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, method_name(exchange->method));
    }
}

static void set_options(const struct flink_client *client, CURL *easy,
                        struct flink_exchange *exchange)
{
    const struct flink_config *config = &client->config;

    curl_easy_setopt(easy, CURLOPT_URL, exchange->url);
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    if (config->ca_file != NULL) {
        curl_easy_setopt(easy, CURLOPT_CAINFO, config->ca_file);
    }
    curl_easy_setopt(easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
    curl_easy_setopt(easy, CURLOPT_USERNAME, client->api_key);
    curl_easy_setopt(easy, CURLOPT_PASSWORD, client->api_secret);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, config->user_agent);
    curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, (long)config->connect_timeout_ms);
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, (long)config->request_timeout_ms);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, exchange->headers);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, exchange);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, take_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, exchange);
    curl_easy_setopt(easy, CURLOPT_PRIVATE, exchange);
}

int flink_exchange_start(struct flink_client *client, struct flink_exchange *exchange)
{
    CURL *easy = curl_easy_init();

    if (easy == NULL) {
        return -1;
    }
    buf_init(&exchange->reply, FLINK_REPLY_MAX);
    exchange->status = 0;
    exchange->retry_after_ms = -1;
    exchange->body_sent = 0;
    exchange->headers = make_headers(exchange);
    exchange->easy = easy;
    set_options(client, easy, exchange);
    set_method(easy, exchange);
    if (curl_multi_add_handle(client->multi, easy) != CURLM_OK) {
        flink_exchange_clear(client, exchange);
        return -1;
    }
    client->stats.requests++;
    client->active++;
    return 0;
}

static void end_transfer(struct flink_client *client, struct flink_exchange *exchange)
{
    if (exchange->easy == NULL) {
        return;
    }
    if (curl_multi_remove_handle(client->multi, exchange->easy) == CURLM_OK &&
        client->active > 0) {
        client->active--;
    }
    curl_easy_cleanup(exchange->easy);
    curl_slist_free_all(exchange->headers);
    exchange->easy = NULL;
    exchange->headers = NULL;
}

void flink_exchange_clear(struct flink_client *client, struct flink_exchange *exchange)
{
    end_transfer(client, exchange);
    buf_fini(&exchange->reply);
    free(exchange->location);
    free(exchange->www_authenticate);
    exchange->location = NULL;
    exchange->www_authenticate = NULL;
    exchange->status = 0;
    err_clear(&exchange->err);
}

/* ---- how it ended ---- */

static const struct {
    CURLcode code;
    int outcome;
    const char *hint;
} failures[] = {
    {CURLE_COULDNT_RESOLVE_HOST, FLINK_EXCHANGE_UNSENT,
     "is the endpoint (or its region and provider) spelt right?"},
    {CURLE_COULDNT_RESOLVE_PROXY, FLINK_EXCHANGE_UNSENT,
     "look at the proxy settings in the environment"},
    {CURLE_COULDNT_CONNECT, FLINK_EXCHANGE_UNSENT,
     "is the network up, and the endpoint right?"},
    {CURLE_SSL_CONNECT_ERROR, FLINK_EXCHANGE_UNSENT, "does the endpoint speak TLS?"},
    {CURLE_PEER_FAILED_VERIFICATION, FLINK_EXCHANGE_BROKEN,
     "the server's certificate is not trusted here; nothing was sent to it"},
    {CURLE_SSL_CACERT_BADFILE, FLINK_EXCHANGE_BROKEN, "look at the CA file"},
    {CURLE_URL_MALFORMAT, FLINK_EXCHANGE_BROKEN, "look at the endpoint"},
    {CURLE_UNSUPPORTED_PROTOCOL, FLINK_EXCHANGE_BROKEN, "look at the endpoint"},
    {CURLE_WRITE_ERROR, FLINK_EXCHANGE_BROKEN, ""},
};

static void set_failure(struct flink_client *client, struct flink_exchange *exchange,
                        CURLcode code)
{
    const char *hint = "";
    long request_size = 0;

    curl_easy_getinfo(exchange->easy, CURLINFO_REQUEST_SIZE, &request_size);
    exchange->outcome = request_size == 0 ? FLINK_EXCHANGE_UNSENT : FLINK_EXCHANGE_LOST;
    for (size_t i = 0; i < sizeof(failures) / sizeof(*failures); i++) {
        if (failures[i].code == code) {
            exchange->outcome = failures[i].outcome;
            hint = failures[i].hint;
        }
    }
    if (exchange->reply.overflow) {
        err_set(&exchange->err, ERR_SERVER,
                "the server's answer is larger than %zu MiB; it was not read",
                FLINK_REPLY_MAX >> 20);
        return;
    }
    err_set(&exchange->err, ERR_CONNECTION, "%s: %s", client->origin,
            curl_easy_strerror(code));
    if (hint[0] != '\0') {
        err_hint(&exchange->err, "%s", hint);
    }
}

static void finish(struct flink_client *client, struct flink_exchange *exchange,
                   CURLcode code)
{
    long status = 0;
    double seconds = 0;

    curl_easy_getinfo(exchange->easy, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(exchange->easy, CURLINFO_TOTAL_TIME, &seconds);
    client->stats.bytes_in += exchange->reply.len;
    if (code == CURLE_OK && status > 0) {
        exchange->outcome = FLINK_EXCHANGE_ANSWERED;
        exchange->status = (int)status;
        client->reached = true;
    } else {
        set_failure(client, exchange, code);
    }
    log_debug("%s %s -> %ld (%s) %.0f ms, %zu bytes", method_name(exchange->method),
              exchange->url + strlen(client->config.endpoint), status,
              curl_easy_strerror(code), seconds * 1000, exchange->reply.len);
    end_transfer(client, exchange);
    exchange->done(exchange);
}

/* Ends what curl has finished; returns how many. */
static int collect(struct flink_client *client)
{
    int left;
    int count = 0;

    for (CURLMsg *msg; (msg = curl_multi_info_read(client->multi, &left)) != NULL;) {
        if (msg->msg == CURLMSG_DONE) {
            struct flink_exchange *exchange = NULL;
            CURLcode code = msg->data.result;
            curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, (char **)&exchange);
            finish(client, exchange, code);
            count++;
        }
    }
    return count;
}

int flink_exchange_poll(struct flink_client *client, int timeout_ms, struct err *err)
{
    int running = 0;
    CURLMcode code = curl_multi_perform(client->multi, &running);

    if (code == CURLM_OK && collect(client) == 0) {
        code = curl_multi_poll(client->multi, NULL, 0, timeout_ms, NULL);
        if (code == CURLM_OK) {
            code = curl_multi_perform(client->multi, &running);
            collect(client);
        }
    }
    if (code != CURLM_OK) {
        return err_set(err, ERR_INTERNAL, "curl: %s", curl_multi_strerror(code));
    }
    return 0;
}
