#include "config.h"

#include "sandbox/fault.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "value/json.h"

void fault_init(struct fault_state *fault, uint64_t seed)
{
    *fault = (struct fault_state){
        .random = seed ^ 0xfa17fa17fa17fa17ULL,
        .retry_after = 1,
        .slow_chunk = 64,
        .slow_delay = 20,
    };
}

static const struct {
    const char *name;
    size_t offset;
} numbers[] = {
#define X(field, name) {name, offsetof(struct fault_state, field)},
    FAULT_NUMBERS(X)
#undef X
};

static const struct {
    const char *name;
    size_t offset;
    enum fault_kind kind;
    int status;
} rates[] = {
    {"429", offsetof(struct fault_state, rate_429), FAULT_STATUS, 429},
    {"500", offsetof(struct fault_state, rate_500), FAULT_STATUS, 500},
    {"502", offsetof(struct fault_state, rate_502), FAULT_STATUS, 502},
    {"503", offsetof(struct fault_state, rate_503), FAULT_STATUS, 503},
    {"reset-before", offsetof(struct fault_state, reset_before), FAULT_RESET_BEFORE, 0},
    {"reset-after", offsetof(struct fault_state, reset_after), FAULT_RESET_AFTER, 0},
    {"truncate", offsetof(struct fault_state, truncate), FAULT_TRUNCATE, 0},
    {"slow", offsetof(struct fault_state, slow), FAULT_SLOW, 0},
};

static const struct {
    const char *name;
    size_t offset;
    size_t size;
} texts[] = {
    {"method", offsetof(struct fault_state, method),
     sizeof((struct fault_state){0}.method)},
    {"route", offsetof(struct fault_state, route),
     sizeof((struct fault_state){0}.route)},
    {"message", offsetof(struct fault_state, message),
     sizeof((struct fault_state){0}.message)},
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static int set_number(struct fault_state *fault, size_t at, const char *value,
                      int64_t now, struct err *err)
{
    char *end;
    errno = 0;
    long long number = strtoll(value, &end, 10);
    bool is_fail_at = strcmp(numbers[at].name, "fail-at") == 0;
    if (is_fail_at && (strcmp(end, ":after") == 0 || strcmp(end, ":before") == 0)) {
        fault->fail_after = strcmp(end, ":after") == 0;
        end += strlen(end);
    } else if (is_fail_at) {
        fault->fail_after = false;
    }
    if (end == value || *end != '\0' || errno != 0) {
        return err_set(err, ERR_USAGE, "fault '%s': '%s' is not a number",
                       numbers[at].name, value);
    }
    if (number < 0 && strcmp(numbers[at].name, "clock-skew") != 0) {
        return err_set(err, ERR_USAGE, "fault '%s' can't be negative",
                       numbers[at].name);
    }
    *(int64_t *)(void *)((char *)fault + numbers[at].offset) = number;
    if (is_fail_at) {
        fault->served = 0;
    } else if (strcmp(numbers[at].name, "pool-exhausted") == 0) {
        fault->pool_until = number > 0 ? now + number : 0;
    }
    return 0;
}

static int set_rate(struct fault_state *fault, size_t at, const char *value,
                    struct err *err)
{
    char *end;
    double number = strtod(value, &end);
    if (*end == '%') {
        end++;
    }
    if (end == value || *end != '\0' || !(number >= 0 && number <= 100)) {
        return err_set(err, ERR_USAGE, "fault '%s': '%s' is no rate from 0 to 100",
                       rates[at].name, value);
    }
    *(double *)(void *)((char *)fault + rates[at].offset) = number;
    return 0;
}

int fault_set(struct fault_state *fault, const char *name, const char *value,
              int64_t now, struct err *err)
{
    for (size_t i = 0; i < COUNT(numbers); i++) {
        if (strcmp(numbers[i].name, name) == 0) {
            return set_number(fault, i, value, now, err);
        }
    }
    for (size_t i = 0; i < COUNT(rates); i++) {
        if (strcmp(rates[i].name, name) == 0) {
            fault->fired = 0;
            return set_rate(fault, i, value, err);
        }
    }
    for (size_t i = 0; i < COUNT(texts); i++) {
        if (strcmp(texts[i].name, name) == 0) {
            str_copy((char *)fault + texts[i].offset, texts[i].size, value);
            return 0;
        }
    }
    return err_set(err, ERR_USAGE, "there is no fault '%s'", name);
}

/* xorshift64* in [0, 100). */
static double roll(struct fault_state *fault)
{
    uint64_t x = fault->random;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    fault->random = x != 0 ? x : 1;
    return (double)((x * 0x2545f4914f6cdd1dULL) >> 11) / 9007199254740992.0 * 100.0;
}

void fault_choose(struct fault_state *fault, const char *method, const char *route,
                  struct fault_choice *out)
{
    *out = (struct fault_choice){0};
    if ((fault->method[0] != '\0' && strcmp(fault->method, method) != 0) ||
        (fault->route[0] != '\0' && strstr(route, fault->route) == NULL)) {
        return;
    }
    fault->served++;
    out->delay = fault->latency;
    if (fault->jitter > 0) {
        out->delay += (int64_t)(roll(fault) / 100.0 * (double)fault->jitter);
    }
    if (fault->fail_at > 0 && fault->served == fault->fail_at) {
        out->kind = fault->fail_after ? FAULT_RESET_AFTER : FAULT_RESET_BEFORE;
        return;
    }
    for (size_t i = 0; i < COUNT(rates); i++) {
        double rate = *(double *)(void *)((char *)fault + rates[i].offset);
        if (rate <= 0 || (fault->limit > 0 && fault->fired >= fault->limit) ||
            roll(fault) >= rate) {
            continue;
        }
        fault->fired++;
        out->kind = rates[i].kind;
        out->status = rates[i].status;
        return;
    }
}

void fault_write(const struct fault_state *fault, struct buf *out)
{
    buf_addc(out, '{');
    for (size_t i = 0; i < COUNT(numbers); i++) {
        long long number =
            *(const int64_t *)(const void *)((const char *)fault + numbers[i].offset);
        if (strcmp(numbers[i].name, "fail-at") == 0) {
            buf_addf(out, "\"fail-at\":\"%lld:%s\",", number,
                     fault->fail_after ? "after" : "before");
        } else {
            buf_addf(out, "\"%s\":%lld,", numbers[i].name, number);
        }
    }
    for (size_t i = 0; i < COUNT(rates); i++) {
        buf_addf(
            out, "\"%s\":%g,", rates[i].name,
            *(const double *)(const void *)((const char *)fault + rates[i].offset));
    }
    for (size_t i = 0; i < COUNT(texts); i++) {
        const char *text = (const char *)fault + texts[i].offset;
        buf_addf(out, "\"%s\":", texts[i].name);
        json_write_str(text, strlen(text), 0, out);
        buf_addc(out, ',');
    }
    buf_addf(out, "\"served\":%lld,\"fired\":%lld}", (long long)fault->served,
             (long long)fault->fired);
}
