#include "config.h"

#include "sandbox/decimal.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define MAX_DIGITS   4000 /* of a text that is read as a number */
#define MAX_EXPONENT 90

void decimal_init(struct decimal *d, long value)
{
    mpz_init_set_si(d->unscaled, value);
    d->scale = 0;
}

void decimal_free(struct decimal *d)
{
    mpz_clear(d->unscaled);
}

static void power_of_ten(mpz_t out, long exponent)
{
    mpz_init(out);
    mpz_ui_pow_ui(out, 10, exponent > 0 ? (unsigned long)exponent : 0);
}

/* The same number with a larger scale. */
static void widen(struct decimal *d, long scale)
{
    mpz_t factor;
    if (scale > d->scale) {
        power_of_ten(factor, scale - d->scale);
        mpz_mul(d->unscaled, d->unscaled, factor);
        mpz_clear(factor);
        d->scale = scale;
    }
}

/* Digits [from, from + len) of a text, both sides of the point, into `d`. */
static bool set_digits(struct decimal *d, const struct buf *digits)
{
    return digits->len > 0 && digits->len <= MAX_DIGITS &&
           mpz_set_str(d->unscaled, buf_str(digits), 10) == 0;
}

bool decimal_parse(struct decimal *d, const char *text)
{
    struct buf digits = BUF_INIT;
    char *end;
    long exponent = 0;
    text += strspn(text, " \t\r\n");
    bool negative = *text == '-';
    text += *text == '-' || *text == '+' ? 1 : 0;
    size_t whole = strspn(text, "0123456789");
    buf_add(&digits, text, whole);
    text += whole;
    d->scale = 0;
    if (*text == '.') {
        size_t fraction = strspn(text + 1, "0123456789");
        buf_add(&digits, text + 1, fraction);
        d->scale = (long)fraction;
        text += fraction + 1;
    }
    if (*text == 'e' || *text == 'E') {
        exponent = strtol(text + 1, &end, 10);
        text = end == text + 1 || isspace((unsigned char)text[1]) ? "?" : end;
    }
    text += strspn(text, " \t\r\n");
    bool ok = *text == '\0' && exponent <= MAX_EXPONENT && exponent >= -MAX_DIGITS &&
              set_digits(d, &digits);
    buf_fini(&digits);
    if (ok && negative) {
        mpz_neg(d->unscaled, d->unscaled);
    }
    d->scale -= exponent;
    return ok;
}

bool decimal_decode(struct decimal *d, const char *text)
{
    struct buf digits = BUF_INIT;
    bool negative = text[0] == 'n';
    if ((!negative && text[0] != 'p') || !isdigit((unsigned char)text[1]) ||
        !isdigit((unsigned char)text[2])) {
        return false;
    }
    long whole = (text[1] - '0') * 10 + text[2] - '0';
    whole = negative ? 99 - whole : whole;
    const char *at = text + 3;
    for (; isdigit((unsigned char)*at); at++) {
        buf_addc(&digits, negative ? (char)('9' - (*at - '0')) : *at);
    }
    d->scale = (long)digits.len - whole;
    bool ok = strcmp(at, negative ? "~" : "") == 0;
    if (digits.len == 0) {
        buf_addc(&digits, '0');
    }
    ok = ok && set_digits(d, &digits);
    buf_fini(&digits);
    if (ok && negative) {
        mpz_neg(d->unscaled, d->unscaled);
    }
    return ok;
}

/* The digits of the number without its sign; zeros in front so that there are at least
 * `scale` of them. */
static const char *digits_of(const struct decimal *d, struct buf *out)
{
    char *text = mpz_get_str(NULL, 10, d->unscaled);
    const char *digits = *text == '-' ? text + 1 : text;
    for (long i = (long)strlen(digits); i < d->scale; i++) {
        buf_addc(out, '0');
    }
    buf_adds(out, digits);
    free(text);
    return buf_str(out);
}

void decimal_encode(const struct decimal *d, struct buf *out)
{
    struct buf text = BUF_INIT;
    struct decimal copy;
    bool negative = mpz_sgn(d->unscaled) < 0;
    mpz_init_set(copy.unscaled, d->unscaled);
    copy.scale = d->scale;
    widen(&copy, 0);
    const char *digits = digits_of(&copy, &text);
    size_t whole = text.len - (size_t)copy.scale;
    size_t from = strspn(digits, "0");
    from = from < whole ? from : whole;
    size_t end = text.len;
    while (end > from && digits[end - 1] == '0' && end > whole) {
        end--;
    }
    while (end > from && digits[end - 1] == '0') {
        end--;
    }
    size_t count = whole - from;
    buf_addf(out, "%c%02zu", negative ? 'n' : 'p', negative ? 99 - count : count);
    for (size_t i = from; i < end; i++) {
        buf_addc(out, negative ? (char)('9' - (digits[i] - '0')) : digits[i]);
    }
    buf_adds(out, negative ? "~" : "");
    buf_fini(&text);
    mpz_clear(copy.unscaled);
}

void decimal_write(const struct decimal *d, int scale, struct buf *out)
{
    struct buf text = BUF_INIT;
    struct decimal copy;
    mpz_init_set(copy.unscaled, d->unscaled);
    copy.scale = d->scale;
    decimal_cut(&copy, scale, DECIMAL_HALF_UP);
    widen(&copy, scale);
    digits_of(&copy, &text);
    size_t whole = text.len - (size_t)scale;
    buf_adds(out, mpz_sgn(copy.unscaled) < 0 ? "-" : "");
    buf_adds(out, whole == 0 ? "0" : "");
    buf_add(out, buf_str(&text), whole);
    if (scale > 0) {
        buf_addc(out, '.');
        buf_add(out, buf_str(&text) + whole, (size_t)scale);
    }
    buf_fini(&text);
    mpz_clear(copy.unscaled);
}

double decimal_double(const struct decimal *d)
{
    struct buf text = BUF_INIT;
    char *digits = mpz_get_str(NULL, 10, d->unscaled);
    buf_addf(&text, "%se%ld", digits, -d->scale);
    double value = strtod(buf_str(&text), NULL);
    free(digits);
    buf_fini(&text);
    return value;
}

/* Rounds half away from zero: |q| + 1 when the rest is half of the divisor or more. */
static void divide_half_up(mpz_t q, const mpz_t a, const mpz_t b)
{
    mpz_t rest;
    int sign = mpz_sgn(a) * mpz_sgn(b);
    mpz_init(rest);
    mpz_tdiv_qr(q, rest, a, b);
    mpz_mul_2exp(rest, rest, 1);
    if (mpz_cmpabs(rest, b) >= 0) {
        if (sign < 0) {
            mpz_sub_ui(q, q, 1);
        } else {
            mpz_add_ui(q, q, 1);
        }
    }
    mpz_clear(rest);
}

void decimal_cut(struct decimal *d, long scale, enum decimal_cut how)
{
    mpz_t factor;
    if (scale >= d->scale) {
        return;
    }
    power_of_ten(factor, d->scale - scale);
    switch (how) {
    case DECIMAL_TRUNCATE:
        mpz_tdiv_q(d->unscaled, d->unscaled, factor);
        break;
    case DECIMAL_FLOOR:
        mpz_fdiv_q(d->unscaled, d->unscaled, factor);
        break;
    case DECIMAL_CEILING:
        mpz_cdiv_q(d->unscaled, d->unscaled, factor);
        break;
    default:
        divide_half_up(d->unscaled, d->unscaled, factor);
        break;
    }
    mpz_clear(factor);
    d->scale = scale;
}

bool decimal_fit(struct decimal *d, int precision, int scale)
{
    mpz_t limit;
    decimal_cut(d, scale, DECIMAL_HALF_UP);
    widen(d, scale);
    power_of_ten(limit, precision);
    bool fits = mpz_cmpabs(d->unscaled, limit) < 0;
    mpz_clear(limit);
    return fits;
}

static void divide(struct decimal *a, const struct decimal *b, int scale)
{
    mpz_t divisor;
    mpz_init_set(divisor, b->unscaled);
    /* a / 10^as / (b / 10^bs) has `scale` digits when as - bs is `scale` */
    if (a->scale - b->scale < scale) {
        widen(a, scale + b->scale);
    } else {
        mpz_t factor;
        power_of_ten(factor, a->scale - b->scale - scale);
        mpz_mul(divisor, divisor, factor);
        mpz_clear(factor);
    }
    divide_half_up(a->unscaled, a->unscaled, divisor);
    a->scale = scale;
    mpz_clear(divisor);
}

bool decimal_apply(struct decimal *a, char op, const struct decimal *b, int scale)
{
    struct decimal other;
    if (op == '*') {
        mpz_mul(a->unscaled, a->unscaled, b->unscaled);
        a->scale += b->scale;
        return true;
    }
    if ((op == '/' || op == '%') && mpz_sgn(b->unscaled) == 0) {
        return false;
    }
    if (op == '/') {
        divide(a, b, scale);
        return true;
    }
    mpz_init_set(other.unscaled, b->unscaled);
    other.scale = b->scale;
    widen(a, other.scale);
    widen(&other, a->scale);
    if (op == '+') {
        mpz_add(a->unscaled, a->unscaled, other.unscaled);
    } else if (op == '-') {
        mpz_sub(a->unscaled, a->unscaled, other.unscaled);
    } else {
        mpz_tdiv_r(a->unscaled, a->unscaled, other.unscaled);
    }
    mpz_clear(other.unscaled);
    return true;
}
