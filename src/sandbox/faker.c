#include "config.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "sandbox/execute_impl.h"

/* Values of '#{Class.method ''arg'',…}' expressions. A value depends on seed and row
 * number only, so that reading again gives the same rows. */

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define MAX_ARGS     8

struct draw {
    uint64_t state;
    int64_t at_ms;
};

static uint64_t next(struct draw *d)
{
    uint64_t z = (d->state += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

static int64_t between(struct draw *d, int64_t low, int64_t high)
{
    return high <= low ? low : low + (int64_t)(next(d) % (uint64_t)(high - low));
}

static const char *const first_names[] = {"Ada",      "Grace",  "Alan",  "Edsger",
                                          "Barbara",  "Ken",    "Radia", "Linus",
                                          "Margaret", "Donald", "Joan",  "Niklaus"};
static const char *const last_names[] = {"Lovelace", "Hopper",   "Turing",  "Dijkstra",
                                         "Liskov",   "Thompson", "Perlman", "Torvalds",
                                         "Hamilton", "Knuth",    "Clarke",  "Wirth"};
static const char *const cities[] = {"Lakeside", "Northport", "Springfield",
                                     "Riverton", "Fairview",  "Oakdale",
                                     "Milltown", "Westhaven"};
static const char *const streets[] = {"Main Street",  "Oak Avenue", "Mill Lane",
                                      "Station Road", "Park Row",   "High Street"};
static const char *const countries[] = {"Germany", "France", "Japan", "Brazil",
                                        "Kenya",   "Canada", "India", "Italy"};
static const char *const states[] = {"Ohio",   "Texas", "Oregon",
                                     "Nevada", "Maine", "Utah"};
static const char *const products[] = {"Sturdy Wooden Lamp", "Small Steel Chair",
                                       "Plain Cotton Shirt", "Heavy Marble Table",
                                       "Light Linen Bag",    "Fine Wool Hat"};
static const char *const departments[] = {"Books", "Garden", "Music",   "Sports",
                                          "Toys",  "Home",   "Outdoors"};
static const char *const brands[] = {"Acme", "Globex", "Initech", "Umbra", "Vandelay"};
static const char *const words[] = {"alpha", "river",  "stone",  "cloud",
                                    "ember", "harbor", "linen",  "maple",
                                    "north", "orbit",  "quartz", "violet"};
static const char *const colors[] = {"red",    "green", "blue",
                                     "yellow", "black", "white"};
static const char *const agents[] = {"Mozilla/5.0 (X11; Linux x86_64)",
                                     "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15)",
                                     "curl/8.0"};
static const char *const jobs[] = {"Engineer", "Analyst", "Designer", "Nurse",
                                   "Teacher"};
static const char *const codes[] = {"EUR", "USD", "JPY", "GBP", "CHF"};

/* Methods that pick from a list. */
static const struct {
    const char *name; /* lower case */
    const char *const *list;
    size_t count;
} picks[] = {
    {"name.firstname", first_names, COUNT(first_names)},
    {"name.lastname", last_names, COUNT(last_names)},
    {"address.city", cities, COUNT(cities)},
    {"address.cityname", cities, COUNT(cities)},
    {"address.streetname", streets, COUNT(streets)},
    {"address.country", countries, COUNT(countries)},
    {"address.state", states, COUNT(states)},
    {"commerce.productname", products, COUNT(products)},
    {"commerce.department", departments, COUNT(departments)},
    {"commerce.brand", brands, COUNT(brands)},
    {"commerce.material", words, COUNT(words)},
    {"company.name", brands, COUNT(brands)},
    {"company.industry", departments, COUNT(departments)},
    {"lorem.word", words, COUNT(words)},
    {"color.name", colors, COUNT(colors)},
    {"internet.useragent", agents, COUNT(agents)},
    {"internet.useragentany", agents, COUNT(agents)},
    {"job.title", jobs, COUNT(jobs)},
    {"currency.code", codes, COUNT(codes)},
};

struct call {
    char name[64]; /* lower case, '_' left out */
    char args[MAX_ARGS][128];
    size_t count;
};

static void hex(struct draw *d, int digits, struct buf *out)
{
    for (int i = 0; i < digits; i++) {
        buf_addc(out, "0123456789abcdef"[next(d) & 15]);
    }
}

static void make_uuid(struct draw *d, struct buf *out)
{
    hex(d, 8, out);
    buf_addc(out, '-');
    hex(d, 4, out);
    buf_adds(out, "-4");
    hex(d, 3, out);
    buf_addf(out, "-%c", "89ab"[next(d) & 3]);
    hex(d, 3, out);
    buf_addc(out, '-');
    hex(d, 12, out);
}

static int64_t unit_ms(const char *unit)
{
    static const struct {
        const char *unit;
        int64_t ms;
    } units[] = {{"SECONDS", 1000},
                 {"MINUTES", 60000},
                 {"HOURS", 3600000},
                 {"DAYS", 86400000},
                 {"MILLISECONDS", 1}};
    for (size_t i = 0; i < COUNT(units); i++) {
        if (str_ieq(units[i].unit, unit)) {
            return units[i].ms;
        }
    }
    return 86400000;
}

/* date.past 'max','unit' and date.future */
static void make_date(struct draw *d, const struct call *call, int sign,
                      struct buf *out)
{
    int64_t max = call->count > 0 ? strtoll(call->args[0], NULL, 10) : 1;
    int64_t low = call->count > 2 ? strtoll(call->args[1], NULL, 10) : 0;
    int64_t unit = unit_ms(call->count > 1 ? call->args[call->count - 1] : "DAYS");
    int64_t ms = d->at_ms + sign * between(d, low * unit, max * unit);
    time_write_timestamp(ms * 1000, 3, out);
}

/* The few forms of regexify that are in use: literals, [a-z0-9], {n} and {m,n},
 * (a|b|c) and \d \w. */
static void make_regex(struct draw *d, const char *at, int depth, struct buf *out);

static size_t class_of(const char *at, char *set, size_t size)
{
    size_t count = 0;
    const char *start = at;
    for (at++; *at != ']' && *at != '\0'; at++) {
        if (at[1] == '-' && at[2] != ']' && at[2] != '\0') {
            for (int c = (unsigned char)at[0]; c <= (unsigned char)at[2]; c++) {
                if (count < size) {
                    set[count++] = (char)c;
                }
            }
            at += 2;
        } else if (count < size) {
            set[count++] = *at;
        }
    }
    set[count < size ? count : size - 1] = '\0';
    return (size_t)(at - start) + (*at == ']' ? 1 : 0);
}

static size_t repeat_of(struct draw *d, const char *at, int64_t *times)
{
    char *end;
    *times = 1;
    if (*at == '?') {
        *times = between(d, 0, 2);
        return 1;
    }
    if (*at == '*' || *at == '+') {
        *times = between(d, *at == '+', 6);
        return 1;
    }
    if (*at != '{') {
        return 0;
    }
    int64_t low = strtoll(at + 1, &end, 10);
    int64_t high = *end == ',' ? strtoll(end + 1, &end, 10) : low;
    *times = between(d, low, high + 1);
    *times = *times > 256 ? 256 : *times;
    return *end == '}' ? (size_t)(end - at) + 1 : 1;
}

static size_t group_len(const char *at)
{
    int depth = 0;
    size_t i;
    for (i = 0; at[i] != '\0'; i++) {
        depth += at[i] == '(' ? 1 : at[i] == ')' ? -1 : 0;
        if (depth == 0) {
            return i + 1;
        }
    }
    return i;
}

/* One of the alternatives inside of parentheses. */
static void make_group(struct draw *d, const char *at, size_t len, int depth,
                       struct buf *out)
{
    char text[512];
    const char *parts[64] = {text};
    size_t count = 1;
    int level = 0;
    str_copy_n(text, sizeof(text), at + 1, len >= 2 ? len - 2 : 0);
    for (char *c = text; *c != '\0'; c++) {
        level += *c == '(' ? 1 : *c == ')' ? -1 : 0;
        if (*c == '|' && level == 0 && count < COUNT(parts)) {
            *c = '\0';
            parts[count++] = c + 1;
        }
    }
    make_regex(d, parts[between(d, 0, (int64_t)count)], depth + 1, out);
}

static void make_regex(struct draw *d, const char *at, int depth, struct buf *out)
{
    char set[128];
    while (*at != '\0' && depth < 8 && out->len < 4096) {
        size_t len = 1;
        char kind = *at;
        const char *start = at;
        if (kind == '[') {
            len = class_of(at, set, sizeof(set));
        } else if (kind == '(') {
            len = group_len(at);
        } else if (kind == '\\' && at[1] != '\0') {
            len = 2;
            str_copy(set, sizeof(set),
                     at[1] == 'd'   ? "0123456789"
                     : at[1] == 'w' ? "abcdefghijklmnopqrstuvwxyz0123456789_"
                                    : (char[]){at[1], '\0'});
        } else {
            str_copy(set, sizeof(set),
                     kind == '.' ? "abcdefghijklmnopqrstuvwxyz" : (char[]){kind, '\0'});
        }
        int64_t times;
        at += len;
        at += repeat_of(d, at, &times);
        for (; times > 0; times--) {
            if (kind == '(') {
                make_group(d, start, len, depth, out);
            } else if (set[0] != '\0') {
                buf_addc(out, set[next(d) % strlen(set)]);
            }
        }
    }
}

static void make_double(struct draw *d, const struct call *call, struct buf *out)
{
    int decimals = call->count > 0 ? atoi(call->args[0]) : 2;
    double low = call->count > 1 ? strtod(call->args[1], NULL) : 0;
    double high = call->count > 2 ? strtod(call->args[2], NULL) : 1000;
    double share = (double)(next(d) >> 11) / 9007199254740992.0;
    decimals = decimals < 0 ? 0 : decimals > 15 ? 15 : decimals;
    buf_addf(out, "%.*f", decimals, low + share * (high - low));
}

static void make_letters(struct draw *d, int64_t count, const char *set,
                         struct buf *out)
{
    count = count < 0 ? 0 : count > 4096 ? 4096 : count;
    for (; count > 0; count--) {
        buf_addc(out, set[next(d) % strlen(set)]);
    }
}

static const char *pick(struct draw *d, const char *const *list, size_t count)
{
    return list[next(d) % count];
}

static bool is(const struct call *call, const char *name)
{
    return strcmp(call->name, name) == 0;
}

static int64_t arg(const struct call *call, size_t at, int64_t fallback)
{
    return at < call->count ? strtoll(call->args[at], NULL, 10) : fallback;
}

static bool make_text(struct draw *d, const struct call *call, struct buf *out)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
    if (is(call, "name.fullname") || is(call, "name.name")) {
        buf_addf(out, "%s %s", pick(d, first_names, COUNT(first_names)),
                 pick(d, last_names, COUNT(last_names)));
    } else if (is(call, "internet.emailaddress") ||
               is(call, "internet.safeemailaddress")) {
        const char *name = pick(d, words, COUNT(words));
        buf_addf(out, "%s.%lld@example.com", name, (long long)between(d, 1, 10000));
    } else if (is(call, "name.username") || is(call, "internet.username")) {
        buf_addf(out, "%s%lld", pick(d, words, COUNT(words)),
                 (long long)between(d, 1, 1000));
    } else if (is(call, "internet.url") || is(call, "internet.domainname")) {
        buf_addf(out, "%s.example.com", pick(d, words, COUNT(words)));
    } else if (is(call, "internet.ipv4address") ||
               is(call, "internet.publicipv4address") ||
               is(call, "internet.ipv4cidr")) {
        buf_addf(out, "%d.%d.%d.%d", (int)between(d, 1, 224), (int)between(d, 0, 256),
                 (int)between(d, 0, 256), (int)between(d, 1, 255));
    } else if (is(call, "address.streetaddress") || is(call, "address.fulladdress")) {
        buf_addf(out, "%lld %s", (long long)between(d, 1, 400),
                 pick(d, streets, COUNT(streets)));
    } else if (is(call, "address.postcode") || is(call, "address.zipcode")) {
        buf_addf(out, "%05lld", (long long)between(d, 1000, 99999));
    } else if (is(call, "lorem.characters")) {
        make_letters(d, arg(call, 0, 10), letters, out);
    } else if (is(call, "lorem.sentence") || is(call, "lorem.words") ||
               is(call, "lorem.paragraph")) {
        for (int i = 0; i < 4; i++) {
            buf_addf(out, "%s%s", i > 0 ? " " : "", pick(d, words, COUNT(words)));
        }
    } else if (is(call, "commerce.price")) {
        struct call price = *call;
        buf_addf(
            out, "%.2f",
            (double)between(d, arg(&price, 0, 1) * 100, arg(&price, 1, 100) * 100) /
                100);
    } else if (is(call, "phonenumber.phonenumber") ||
               is(call, "phonenumber.cellphone")) {
        buf_addf(out, "555-%04lld", (long long)between(d, 0, 10000));
    } else if (is(call, "code.ean13") || is(call, "finance.creditcard")) {
        make_letters(d, 13, "0123456789", out);
    } else {
        return false;
    }
    return true;
}

static bool make_value(struct draw *d, const struct call *call, struct buf *out)
{
    for (size_t i = 0; i < COUNT(picks); i++) {
        if (is(call, picks[i].name)) {
            buf_adds(out, pick(d, picks[i].list, picks[i].count));
            return true;
        }
    }
    if (is(call, "number.numberbetween")) {
        buf_addf(out, "%lld",
                 (long long)between(d, arg(call, 0, 0), arg(call, 1, 2147483647)));
    } else if (is(call, "number.randomdouble")) {
        make_double(d, call, out);
    } else if (is(call, "number.randomdigit") || is(call, "number.digit")) {
        buf_addf(out, "%lld", (long long)between(d, 0, 10));
    } else if (is(call, "number.randomdigitnotzero")) {
        buf_addf(out, "%lld", (long long)between(d, 1, 10));
    } else if (is(call, "number.randomnumber") || is(call, "number.positive")) {
        buf_addf(out, "%lld", (long long)between(d, 1, 1000000));
    } else if (is(call, "internet.uuid")) {
        make_uuid(d, out);
    } else if (is(call, "bool.bool")) {
        buf_adds(out, (next(d) & 1) != 0 ? "true" : "false");
    } else if (is(call, "date.past") || is(call, "timeanddate.past")) {
        make_date(d, call, -1, out);
    } else if (is(call, "date.future") || is(call, "timeanddate.future")) {
        make_date(d, call, 1, out);
    } else if (is(call, "date.birthday")) {
        time_write_date(between(d, 0, 12000), out);
    } else if ((is(call, "options.option") || is(call, "option")) && call->count > 0) {
        buf_adds(out, call->args[next(d) % call->count]);
    } else if (is(call, "regexify")) {
        make_regex(d, call->count > 0 ? call->args[0] : "", 0, out);
    } else if (is(call, "numerify") || is(call, "bothify") || is(call, "letterify")) {
        for (const char *c = call->count > 0 ? call->args[0] : ""; *c != '\0'; c++) {
            buf_addc(out, *c == '#'   ? (char)('0' + next(d) % 10)
                          : *c == '?' ? (char)('a' + next(d) % 26)
                                      : *c);
        }
    } else {
        return make_text(d, call, out);
    }
    return true;
}

/* Reads "Class.method 'a','b'" up to the closing brace; false when it is no such. */
static bool read_call(const char **at, struct call *call)
{
    size_t len = 0;
    *call = (struct call){0};
    for (; isalnum((unsigned char)**at) || **at == '.' || **at == '_'; (*at)++) {
        if (**at != '_' && len + 1 < sizeof(call->name)) {
            call->name[len++] = (char)tolower((unsigned char)**at);
        }
    }
    for (;;) {
        *at += strspn(*at, " ,\t");
        if (**at != '\'') {
            break;
        }
        const char *end = strchr(*at + 1, '\'');
        if (end == NULL || call->count == MAX_ARGS) {
            return false;
        }
        str_copy_n(call->args[call->count], sizeof(call->args[0]), *at + 1,
                   (size_t)(end - *at - 1));
        call->count++;
        *at = end + 1;
    }
    return **at == '}' && len > 0;
}

static bool expand(struct draw *d, const char *expression, struct buf *out,
                   const char **bad)
{
    struct call call;
    for (const char *at = expression; *at != '\0'; at++) {
        if (at[0] != '#' || at[1] != '{') {
            buf_addc(out, *at);
            continue;
        }
        *bad = at;
        at += 2;
        if (!read_call(&at, &call) || !make_value(d, &call, out)) {
            return false;
        }
    }
    return true;
}

bool faker_check(struct arena *arena, const char *expression, const char **why)
{
    struct draw d = {.state = 1};
    struct buf out = BUF_INIT;
    const char *bad = expression;
    bool ok = expand(&d, expression, &out, &bad);
    buf_fini(&out);
    if (!ok) {
        *why = arena_strndup(arena, bad, strcspn(bad, "}") + 1);
    }
    return ok;
}

bool faker_value(const char *expression, double null_rate, uint64_t seed, int64_t index,
                 int64_t at_ms, struct buf *out)
{
    struct draw d = {.state = seed * 0x2545f4914f6cdd1dULL + (uint64_t)index,
                     .at_ms = at_ms};
    const char *bad;
    next(&d);
    if (null_rate > 0 && (double)(next(&d) % 1000000) < null_rate * 1000000) {
        return false;
    }
    return expand(&d, expression, out, &bad);
}
