#include "config.h"

#include "jinja/number.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "value/bigint.h"

#define MAX_BITS ((size_t)4 * 1024 * 1024)

/* An integer as mpz; to be cleared. */
static void to_mpz(struct value v, mpz_t out)
{
    if (v.type == VALUE_BIGINT) {
        mpz_t view;
        value_bigint_view(v, view);
        mpz_init_set(out, view);
    } else {
        mpz_init_set_si(out, v.type == VALUE_BOOL ? v.as.b : v.as.i);
    }
}

int number_float(struct jinja_run *run, struct value v, double *out)
{
    switch (v.type) {
    case VALUE_FLOAT:
        *out = v.as.f;
        return 0;
    case VALUE_INT:
        *out = (double)v.as.i;
        return 0;
    case VALUE_BOOL:
        *out = v.as.b;
        return 0;
    default: {
        mpz_t z;
        value_bigint_view(v, z);
        *out = mpz_sizeinbase(z, 2) > 1024 ? INFINITY : mpz_get_d(z);
        return isfinite(*out) ? 0
                              : jinja_raise(run, "OverflowError",
                                            "int too large to convert to float");
    }
    }
}

static int zero_division(struct jinja_run *run, char op, bool real)
{
    const char *text = "integer division or modulo by zero";

    if (op == '/') {
        text = real ? "float division by zero" : "division by zero";
    } else if (real) {
        text = op == '%' ? "float modulo" : "float floor division by zero";
    } else if (op == '%') {
        text = "integer modulo by zero";
    }
    return jinja_raise(run, "ZeroDivisionError", "%s", text);
}

static double float_mod(double a, double b)
{
    double mod = fmod(a, b);

    if (mod != 0) {
        return (b < 0) != (mod < 0) ? mod + b : mod;
    }
    return copysign(0.0, b);
}

static double float_floordiv(double a, double b)
{
    double mod = fmod(a, b);
    double div = (a - mod) / b;

    if (mod != 0 && (b < 0) != (mod < 0)) {
        div -= 1.0;
    }
    if (div == 0) {
        return copysign(0.0, a / b);
    }
    double floored = floor(div);
    return div - floored > 0.5 ? floored + 1.0 : floored;
}

static int float_pow(struct jinja_run *run, double a, double b, struct value *out)
{
    if (a == 0 && b < 0) {
        return jinja_raise(run, "ZeroDivisionError",
                           "0.0 cannot be raised to a negative power");
    }
    if (a < 0 && isfinite(a) && isfinite(b) && floor(b) != b) {
        return jinja_raise(run, "ValueError", "complex numbers are not supported");
    }
    double result = pow(a, b);
    if (isinf(result) && isfinite(a) && isfinite(b)) {
        return jinja_raise(run, "OverflowError",
                           "(34, 'Numerical result out of range')");
    }
    *out = value_float(result);
    return 0;
}

static int float_binary(struct jinja_run *run, char op, struct value x, struct value y,
                        struct value *out)
{
    double a;
    double b;

    if (number_float(run, x, &a) != 0 || number_float(run, y, &b) != 0) {
        return -1;
    }
    if (b == 0 && (op == '/' || op == '%' || op == 'f')) {
        return zero_division(run, op, true);
    }
    switch (op) {
    case '+':
        *out = value_float(a + b);
        return 0;
    case '-':
        *out = value_float(a - b);
        return 0;
    case '*':
        *out = value_float(a * b);
        return 0;
    case '/':
        *out = value_float(a / b);
        return 0;
    case '%':
        *out = value_float(float_mod(a, b));
        return 0;
    case 'f':
        *out = value_float(float_floordiv(a, b));
        return 0;
    default:
        return float_pow(run, a, b, out);
    }
}

/* a / b of integers, correctly rounded as Python's. */
static int true_divide(struct jinja_run *run, struct value a, struct value b,
                       struct value *out)
{
    mpz_t x;
    mpz_t y;

    if (a.type != VALUE_BIGINT && b.type != VALUE_BIGINT) {
        int64_t i = a.type == VALUE_BOOL ? a.as.b : a.as.i;
        int64_t j = b.type == VALUE_BOOL ? b.as.b : b.as.i;
        if (llabs(i) < (1ll << 53) && llabs(j) < (1ll << 53)) {
            *out = value_float((double)i / (double)j);
            return 0;
        }
    }
    to_mpz(a, x);
    to_mpz(b, y);
    long shift = (long)mpz_sizeinbase(x, 2) - (long)mpz_sizeinbase(y, 2) - 66;
    mpz_t q;
    mpz_init(q);
    if (shift < 0) {
        mpz_mul_2exp(x, x, (mp_bitcnt_t)-shift);
    } else {
        mpz_mul_2exp(y, y, (mp_bitcnt_t)shift);
    }
    mpz_t r;
    mpz_init(r);
    mpz_tdiv_qr(q, r, x, y);
    if (mpz_sgn(r) != 0) { /* a sticky bit, so that the rounding below is right */
        mpz_mul_2exp(q, q, 1);
        mpz_setbit(q, 0);
        shift--;
    }
    mpf_set_default_prec(256);
    size_t bits = mpz_sizeinbase(q, 2);
    bool huge = mpz_sgn(q) != 0 && (long)bits + shift > 1024;
    double f = 0;
    if (!huge && mpz_sgn(q) != 0) {
        /* round half to even to 53 bits by hand */
        long drop = (long)bits - 53;
        if ((long)bits + shift < -1021) {
            drop += -1021 - ((long)bits + shift);
        }
        mpz_t rest;
        mpz_init(rest);
        mpz_tdiv_r_2exp(rest, q, (mp_bitcnt_t)drop);
        mpz_tdiv_q_2exp(q, q, (mp_bitcnt_t)drop);
        mpz_t half;
        mpz_init_set_ui(half, 1);
        mpz_mul_2exp(half, half, (mp_bitcnt_t)(drop - 1));
        int order = mpz_cmpabs(rest, half);
        bool negative = mpz_sgn(x) * mpz_sgn(y) < 0;
        if (order > 0 || (order == 0 && mpz_odd_p(q))) {
            if (negative) {
                mpz_sub_ui(q, q, 1);
            } else {
                mpz_add_ui(q, q, 1);
            }
        }
        f = ldexp(mpz_get_d(q), (int)(drop + shift));
        mpz_clears(rest, half, NULL);
    }
    mpz_clears(x, y, q, r, NULL);
    if (huge || isinf(f)) {
        return jinja_raise(run, "OverflowError",
                           "integer division result too large for a float");
    }
    *out = value_float(f);
    return 0;
}

static int int_pow(struct jinja_run *run, struct value a, struct value b,
                   struct value *out)
{
    mpz_t x;

    if (b.type == VALUE_BIGINT || (b.type == VALUE_INT && b.as.i < 0)) {
        if (b.type == VALUE_INT || b.as.big->size < 0) {
            if (!jinja_truth(a)) {
                return jinja_raise(run, "ZeroDivisionError",
                                   "0.0 cannot be raised to a negative power");
            }
            return float_binary(run, 'p', a, b, out);
        }
        return jinja_raise(run, "MemoryError", "number is too large");
    }
    uint64_t exponent = b.type == VALUE_BOOL ? b.as.b : (uint64_t)b.as.i;
    to_mpz(a, x);
    size_t bits = mpz_sizeinbase(x, 2);
    if (mpz_cmpabs_ui(x, 1) > 0 &&
        (exponent > MAX_BITS || bits * exponent > MAX_BITS)) {
        mpz_clear(x);
        return jinja_raise(run, "MemoryError", "number is too large");
    }
    if (mpz_cmpabs_ui(x, 1) <= 0) {
        exponent = exponent > 2 ? 2 + exponent % 2 : exponent;
    }
    mpz_pow_ui(x, x, exponent);
    *out = value_from_mpz(run->arena, x);
    mpz_clear(x);
    return 0;
}

static int int_binary(struct jinja_run *run, char op, struct value a, struct value b,
                      struct value *out)
{
    mpz_t x;
    mpz_t y;

    if (op == 'p') {
        return int_pow(run, a, b, out);
    }
    if (!jinja_truth(b) && (op == '/' || op == '%' || op == 'f')) {
        return zero_division(run, op, false);
    }
    if (op == '/') {
        return true_divide(run, a, b, out);
    }
    to_mpz(a, x);
    to_mpz(b, y);
    if (mpz_sizeinbase(x, 2) + mpz_sizeinbase(y, 2) > MAX_BITS) {
        mpz_clears(x, y, NULL);
        return jinja_raise(run, "MemoryError", "number is too large");
    }
    switch (op) {
    case '+':
        mpz_add(x, x, y);
        break;
    case '-':
        mpz_sub(x, x, y);
        break;
    case '*':
        mpz_mul(x, x, y);
        break;
    case '%':
        mpz_fdiv_r(x, x, y);
        break;
    default:
        mpz_fdiv_q(x, x, y);
        break;
    }
    *out = value_from_mpz(run->arena, x);
    mpz_clears(x, y, NULL);
    return 0;
}

static bool small_division(char op, struct value a, struct value b, struct value *out)
{
    int64_t x = a.as.i;
    int64_t y = b.as.i;

    if (a.type != VALUE_INT || b.type != VALUE_INT || y == 0 || y == -1 ||
        (op != '%' && op != 'f')) {
        return false;
    }
    int64_t q = x / y;
    int64_t r = x % y;
    if (r != 0 && (r < 0) != (y < 0)) {
        q--;
        r += y;
    }
    *out = value_int(op == '%' ? r : q);
    return true;
}

int number_binary(struct jinja_run *run, char op, struct value a, struct value b,
                  struct value *out)
{
    if (a.type == VALUE_FLOAT || b.type == VALUE_FLOAT) {
        return float_binary(run, op, a, b, out);
    }
    return small_division(op, a, b, out) ? 0 : int_binary(run, op, a, b, out);
}

int number_unary(struct jinja_run *run, char op, struct value v, struct value *out)
{
    if (v.type == VALUE_FLOAT) {
        *out = value_float(op == '-' ? -v.as.f : v.as.f);
        return 0;
    }
    if (v.type == VALUE_BOOL) {
        v = value_int(v.as.b);
    }
    return op == '-' ? number_binary(run, '-', value_int(0), v, out) : (*out = v, 0);
}

int number_order(struct value a, struct value b)
{
    if (a.type == VALUE_BIGINT || b.type == VALUE_BIGINT) {
        mpz_t x;
        int order;
        bool swap = a.type != VALUE_BIGINT;
        struct value other = swap ? a : b;
        value_bigint_view(swap ? b : a, x);
        if (other.type == VALUE_FLOAT) {
            if (isnan(other.as.f)) {
                return NUMBER_UNORDERED;
            }
            order = mpz_cmp_d(x, other.as.f);
        } else {
            mpz_t y;
            to_mpz(other, y);
            order = mpz_cmp(x, y);
            mpz_clear(y);
        }
        order = (order > 0) - (order < 0);
        return swap ? -order : order;
    }
    if (a.type == VALUE_FLOAT || b.type == VALUE_FLOAT) {
        double x = a.type == VALUE_FLOAT  ? a.as.f
                   : a.type == VALUE_BOOL ? a.as.b
                                          : (double)a.as.i;
        double y = b.type == VALUE_FLOAT  ? b.as.f
                   : b.type == VALUE_BOOL ? b.as.b
                                          : (double)b.as.i;
        return isnan(x) || isnan(y) ? NUMBER_UNORDERED : (x > y) - (x < y);
    }
    int64_t i = a.type == VALUE_BOOL ? a.as.b : a.as.i;
    int64_t j = b.type == VALUE_BOOL ? b.as.b : b.as.i;
    return (i > j) - (i < j);
}

int number_truncate(struct jinja_run *run, double f, struct value *out)
{
    if (!isfinite(f)) {
        return isnan(f) ? jinja_raise(run, "ValueError",
                                      "cannot convert float NaN to integer")
                        : jinja_raise(run, "OverflowError",
                                      "cannot convert float infinity to integer");
    }
    if (fabs(f) < 9e18) {
        *out = value_int((int64_t)f);
        return 0;
    }
    mpz_t z;
    mpz_init_set_d(z, f);
    *out = value_from_mpz(run->arena, z);
    mpz_clear(z);
    return 0;
}

/* ---- numbers from text --------------------------------------------------------------
 */

static void strip(const char **s, size_t *len)
{
    while (*len > 0 && text_is_space((unsigned char)**s)) {
        (*s)++;
        (*len)--;
    }
    while (*len > 0 && text_is_space((unsigned char)(*s)[*len - 1])) {
        (*len)--;
    }
}

static int digit_value(char c)
{
    return c >= '0' && c <= '9'                     ? c - '0'
           : (c | 0x20) >= 'a' && (c | 0x20) <= 'z' ? (c | 0x20) - 'a' + 10
                                                    : 99;
}

/* The base that a prefix like 0x names, if `base` allows it. */
static int prefix_base(const char *s, size_t len, int base)
{
    char c = len > 2 && s[0] == '0' ? (char)(s[1] | 0x20) : '\0';
    int named = c == 'x' ? 16 : c == 'o' ? 8 : c == 'b' ? 2 : 0;

    return named != 0 && (base == 0 || base == named) ? named : 0;
}

int number_parse_int(struct jinja_run *run, const char *s, size_t len, int base,
                     struct value *out)
{
    char *digits;
    size_t n = 0;
    bool last_underscore = true;

    strip(&s, &len);
    if (len == 0 || len > 5000) {
        return 0;
    }
    digits = arena_alloc(run->arena, len + 1);
    if (*s == '+' || *s == '-') {
        if (*s == '-') {
            digits[n++] = '-';
        }
        s++;
        len--;
    }
    int named = prefix_base(s, len, base);
    bool zero = base == 0 && named == 0;
    if (named != 0) {
        s += 2;
        len -= 2;
        last_underscore = false;
    }
    base = named != 0 ? named : base == 0 ? 10 : base;
    size_t first = n;
    for (size_t i = 0; i < len; i++) {
        if (s[i] == '_' && !last_underscore) {
            last_underscore = true;
            continue;
        }
        if (digit_value(s[i]) >= base) {
            return 0;
        }
        digits[n++] = s[i];
        last_underscore = false;
    }
    digits[n] = '\0';
    if (n == first || last_underscore ||
        (zero && digits[first] == '0' && strspn(digits + first, "0") != n - first)) {
        return 0;
    }
    *out = value_bigint_parse(run->arena, digits, base);
    return out->type != VALUE_UNDEFINED;
}

int number_parse_float(const char *s, size_t len, double *out)
{
    char text[512];
    size_t n = 0;
    bool digit = false;

    strip(&s, &len);
    if (len == 0 || len >= sizeof(text)) {
        return 0;
    }
    for (size_t i = 0; i < len; i++) {
        bool is_digit = s[i] >= '0' && s[i] <= '9';
        if (s[i] == '_') {
            if (!digit || i + 1 == len || s[i + 1] < '0' || s[i + 1] > '9') {
                return 0;
            }
            continue;
        }
        if ((s[i] | 0x20) == 'x' || s[i] == '(') {
            return 0; /* hexadecimal and nan(…) are strtod's, not Python's */
        }
        text[n++] = s[i];
        digit = is_digit;
    }
    text[n] = '\0';
    char *end;
    *out = strtod(text, &end);
    return end == text + n;
}

/* ---- attributes ---------------------------------------------------------------------
 */

static int call_is_integer(struct jinja_call *call, struct value *out)
{
    const struct value *v = call->context;

    *out = value_bool(v->type != VALUE_FLOAT ||
                      (isfinite(v->as.f) && floor(v->as.f) == v->as.f));
    return 0;
}

static int call_bit_length(struct jinja_call *call, struct value *out)
{
    const struct value *v = call->context;
    mpz_t z;

    to_mpz(*v, z);
    *out = value_int(mpz_sgn(z) == 0 ? 0 : (int64_t)mpz_sizeinbase(z, 2));
    mpz_clear(z);
    return 0;
}

static int call_conjugate(struct jinja_call *call, struct value *out)
{
    *out = *(const struct value *)call->context;
    return 0;
}

int number_attr(struct jinja_run *run, struct value v, int id, struct value *out)
{
    bool real = v.type == VALUE_FLOAT;
    if (v.type == VALUE_BOOL) {
        v = value_int(v.as.b);
    }
    jinja_function function = id == ATTR_is_integer && real    ? call_is_integer
                              : id == ATTR_bit_length && !real ? call_bit_length
                              : id == ATTR_conjugate           ? call_conjugate
                                                               : NULL;

    if (function != NULL) {
        struct value *self = arena_new(run->arena, struct value);
        *self = v;
        *out = jinja_function_value(run->arena, "method", function, self);
        return 1;
    }
    switch (id) {
    case ATTR_real:
        *out = v;
        return 1;
    case ATTR_imag:
        *out = real ? value_float(0) : value_int(0);
        return 1;
    case ATTR_numerator:
        *out = v;
        return !real;
    case ATTR_denominator:
        *out = value_int(1);
        return !real;
    default:
        return 0;
    }
}
