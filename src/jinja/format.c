#include "config.h"

#include "jinja/format_spec.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistr.h>

#include "jinja/number.h"
#include "value/bigint.h"

void format_fixed(double f, int decimals, struct buf *out)
{
    buf_addf(out, "%.*f", decimals, f);
}

/* ---- format specs
 * ----------------------------------------------------------------------- */

static bool is_align(char c)
{
    return c == '<' || c == '>' || c == '^' || c == '=';
}

/* Digits at *p; false when the number is too large. */
bool spec_read_digits(const char **p, const char *end, int64_t *out)
{
    *out = 0;
    while (*p < end && **p >= '0' && **p <= '9') {
        *out = *out * 10 + (*(*p)++ - '0');
        if (*out > SPEC_MAX_WIDTH) {
            return false;
        }
    }
    return true;
}

static int parse_spec(struct jinja_run *run, const char *s, size_t len,
                      const char *type_name, struct spec *out)
{
    const char *end = s + len;
    size_t first = len > 0 ? text_char_size((unsigned char)*s) : 0;

    bool filled = len > first && is_align(s[first]);
    *out = (struct spec){.fill = " ", .sign = '-', .precision = -1};
    if (filled) {
        memcpy(out->fill, s, first);
        out->fill[first] = '\0';
        out->align = s[first];
        s += first + 1;
    } else if (len > 0 && is_align(*s)) {
        out->align = *s++;
    }
    if (s < end && (*s == '+' || *s == '-' || *s == ' ')) {
        out->minus = *s == '-';
        out->sign = *s++;
    }
    if (s < end && *s == 'z') {
        out->no_minus_zero = true;
        s++;
    }
    if (s < end && *s == '#') {
        out->alternate = true;
        s++;
    }
    if (s < end && *s == '0') {
        out->zero = true;
        s++;
        if (out->fill[0] == ' ' && !filled) {
            out->fill[0] = '0';
        }
        if (out->align == '\0') {
            out->align = '=';
        }
    }
    if (!spec_read_digits(&s, end, &out->width)) {
        return jinja_raise(run, "ValueError",
                           "Too many decimal digits in format string");
    }
    if (s < end && (*s == ',' || *s == '_')) {
        out->group = *s++;
    }
    if (s < end && *s == '.') {
        const char *digits = ++s;
        if (!spec_read_digits(&s, end, &out->precision) || s == digits) {
            return jinja_raise(run, "ValueError", "Format specifier missing precision");
        }
    }
    if (s < end) {
        out->type = *s++;
    }
    if (s != end) {
        return jinja_raise(run, "ValueError",
                           "Invalid format specifier '%.*s' for object of type '%s'",
                           (int)len, end - len, type_name);
    }
    if (out->group != '\0' && out->type != '\0' &&
        strchr(out->group == '_' ? "deEfFgG%boxX" : "deEfFgG%", out->type) == NULL) {
        return jinja_raise(run, "ValueError", "Cannot specify '%c' with '%c'.",
                           out->group, out->type);
    }
    return 0;
}

static int unknown_code(struct jinja_run *run, const struct spec *spec,
                        const char *type_name)
{
    return jinja_raise(run, "ValueError",
                       "Unknown format code '%c' for object of type '%s'", spec->type,
                       type_name);
}

static void add_fill(const struct spec *spec, int64_t n, struct buf *out)
{
    for (int64_t i = 0; i < n; i++) {
        buf_adds(out, spec->fill);
    }
}

/* `prefix` (sign, 0x) goes before the fill when the alignment is '='. */
void spec_put(const struct spec *spec, const char *prefix, const char *text, size_t len,
              char fallback, struct buf *out)
{
    char align = spec->align != '\0' ? spec->align : fallback;
    int64_t missing = spec->width - (int64_t)(strlen(prefix) + text_length(text, len));

    missing = missing > 0 ? missing : 0;
    int64_t left = align == '>' ? missing : align == '^' ? missing / 2 : 0;
    add_fill(spec, left, out);
    buf_adds(out, prefix);
    add_fill(spec, align == '=' ? missing : 0, out);
    buf_add(out, text, len);
    add_fill(spec, align == '<' ? missing : align == '^' ? missing - left : 0, out);
}

/* Puts separators between groups of digits; `len` is that of the whole part. */
static void group_digits(struct buf *digits, size_t len, char separator, int size,
                         int64_t min_width)
{
    struct buf out = BUF_INIT;
    size_t n = 0;

    /* zero padding takes part in the grouping */
    while (min_width > 0 &&
           (int64_t)(len + n + (len + n - 1) / (size_t)size) < min_width) {
        n++;
    }
    for (size_t i = 0; i < len + n; i++) {
        if (i > 0 && (len + n - i) % (size_t)size == 0) {
            buf_addc(&out, separator);
        }
        buf_addc(&out, i < n ? '0' : digits->data[i - n]);
    }
    buf_add(&out, digits->data + len, digits->len - len);
    buf_fini(digits);
    *digits = out;
}

const char *spec_sign(const struct spec *spec, bool negative)
{
    return negative ? "-" : spec->sign == '+' ? "+" : spec->sign == ' ' ? " " : "";
}

int spec_format_int(struct jinja_run *run, struct value v, struct spec *spec,
                    struct buf *out)
{
    char type = spec->type != '\0' ? spec->type : 'd';
    int base = type == 'x' || type == 'X' ? 16 : type == 'o' ? 8 : type == 'b' ? 2 : 10;
    char prefix[8];
    struct buf digits = BUF_INIT;
    mpz_t z;

    if (strchr("eEfFgG%", type) != NULL) {
        double f;
        return number_float(run, v, &f) == 0
                   ? spec_format_float(run, f, spec, "int", out)
                   : -1;
    }
    if (strchr("dnxXobc", type) == NULL) {
        return unknown_code(run, spec, jinja_type_name(v));
    }
    if (spec->precision >= 0) {
        return jinja_raise(run, "ValueError",
                           "Precision not allowed in integer format specifier");
    }
    if (spec->no_minus_zero) {
        return jinja_raise(run, "ValueError",
                           "Negative zero coercion (z) not allowed in integer"
                           " format specifier");
    }
    if (type == 'c') {
        uint8_t utf8[6];
        int64_t c = v.type == VALUE_INT ? v.as.i : v.type == VALUE_BOOL ? v.as.b : -1;
        int n = c >= 0 && c <= 0x10ffff ? u8_uctomb(utf8, (ucs4_t)c, 6) : -1;
        if (n < 0) {
            return jinja_raise(run, "OverflowError", "%%c arg not in range(0x110000)");
        }
        spec_put(spec, "", (char *)utf8, (size_t)n, '<', out);
        return 0;
    }
    if (v.type == VALUE_BIGINT) {
        mpz_t view;
        value_bigint_view(v, view);
        mpz_init_set(z, view);
    } else {
        mpz_init_set_si(z, v.type == VALUE_BOOL ? v.as.b : v.as.i);
    }
    bool negative = mpz_sgn(z) < 0;
    mpz_abs(z, z);
    char *text = mpz_get_str(NULL, type == 'X' ? -16 : base, z);
    buf_adds(&digits, text);
    free(text);
    mpz_clear(z);
    snprintf(prefix, sizeof(prefix), "%s%s", spec_sign(spec, negative),
             !spec->alternate || base == 10 ? ""
             : base == 2                    ? "0b"
             : base == 8                    ? "0o"
             : type == 'X'                  ? "0X"
                                            : "0x");
    if (spec->group != '\0') {
        bool fill = spec->zero && spec->align == '=';
        group_digits(&digits, digits.len, spec->group, base == 10 ? 3 : 4,
                     fill ? spec->width - (int64_t)strlen(prefix) : 0);
    }
    spec_put(spec, prefix, digits.data, digits.len, '>', out);
    buf_fini(&digits);
    return 0;
}

/* repr() with at least one decimal, as format(f, "") and with a precision %g-like. */
static void general_float(double f, const struct spec *spec, struct buf *digits)
{
    if (spec->precision < 0) {
        value_float_text(f, digits);
        return;
    }
    int precision = spec->precision > 0 ? (int)spec->precision : 1;
    buf_addf(digits, "%.*g", precision, f);
    if (strpbrk(digits->data, ".einf") == NULL) {
        if ((int)digits->len >= precision) {
            struct buf exponent = BUF_INIT;
            buf_addf(&exponent, "%.*e", precision - 1, f);
            buf_fini(digits);
            *digits = exponent;
        } else {
            buf_adds(digits, ".0");
        }
    }
}

/* Whether nothing but zeros is left of it. */
static bool rounds_to_zero(double f, const struct spec *spec)
{
    char text[1400];

    if (f == 0 || spec->type == '\0' || strchr("fF%", spec->type) == NULL) {
        return f == 0;
    }
    snprintf(text, sizeof(text), "%.*f", spec->precision < 0 ? 6 : (int)spec->precision,
             spec->type == '%' ? f * 100 : f);
    return text[strspn(text, "0.")] == '\0';
}

int spec_format_float(struct jinja_run *run, double f, struct spec *spec,
                      const char *type_name, struct buf *out)
{
    char type = spec->type;
    struct buf digits = BUF_INIT;
    bool negative = signbit(f) && !isnan(f);
    int precision = spec->precision >= 0 ? (int)spec->precision : 6;
    char fmt[16];

    if (type != '\0' && strchr("eEfFgGn%", type) == NULL) {
        return unknown_code(run, spec, type_name);
    }
    if (precision > 1000) {
        return jinja_raise(run, "ValueError", "precision too big");
    }
    f = fabs(f);
    negative = negative && !(spec->no_minus_zero && rounds_to_zero(f, spec));
    if (type == '\0') {
        general_float(f, spec, &digits);
    } else {
        char code = type == '%' ? 'f' : type == 'n' ? 'g' : type;
        if ((code == 'g' || code == 'G') && precision == 0) {
            precision = 1;
        }
        snprintf(fmt, sizeof(fmt), "%%%s.%d%c", spec->alternate ? "#" : "", precision,
                 code);
        double scaled = type == '%' ? f * 100 : f;
        char text[1400];
        int n = snprintf(text, sizeof(text), fmt, scaled);
        buf_add(&digits, text, n > 0 ? (size_t)n : 0);
        if (type == '%') {
            buf_addc(&digits, '%');
        }
    }
    if (spec->group != '\0' && isfinite(f)) {
        bool fill = spec->zero && spec->align == '=';
        size_t whole = strspn(digits.data, "0123456789");
        int64_t room = spec->width - (int64_t)strlen(spec_sign(spec, negative)) -
                       (int64_t)(digits.len - whole);
        group_digits(&digits, whole, spec->group, 3, fill ? room : 0);
    }
    spec_put(spec, spec_sign(spec, negative), digits.data, digits.len, '>', out);
    buf_fini(&digits);
    return 0;
}

int spec_format_text(struct jinja_run *run, struct value v, struct spec *spec,
                     struct buf *out)
{
    size_t len = v.len;

    if (spec->group != '\0' && spec->type == '\0') {
        return jinja_raise(run, "ValueError", "Cannot specify '%c' with 's'.",
                           spec->group);
    }
    if (spec->type != '\0' && spec->type != 's') {
        return unknown_code(run, spec, jinja_type_name(v));
    }
    const char *refused = spec->sign == ' '                  ? "Space"
                          : spec->sign != '-' || spec->minus ? "Sign"
                          : spec->no_minus_zero ? "Negative zero coercion (z)"
                          : spec->alternate     ? "Alternate form (#)"
                                                : NULL;
    if (refused != NULL) {
        return jinja_raise(run, "ValueError",
                           "%s not allowed in string format specifier", refused);
    }
    if (spec->zero && spec->align == '=' && spec->fill[0] == '0') {
        spec->align = '<'; /* Python 3.10: zero padding of text is on the right */
    }
    if (spec->align == '=') {
        return jinja_raise(run, "ValueError",
                           "'=' alignment not allowed in string format specifier");
    }
    if (spec->precision >= 0) {
        len = text_offset(v.as.s, v.len, (size_t)spec->precision);
    }
    spec_put(spec, "", v.as.s, len, '<', out);
    return 0;
}

int format_spec(struct jinja_run *run, struct value v, const char *s, size_t len,
                struct buf *out)
{
    struct spec spec;

    if (len == 0) {
        return jinja_str(run, v, out);
    }
    if (!is_number(v) && v.type != VALUE_STRING) {
        if (v.type == VALUE_OBJECT) {
            const struct jinja_class *class = (const void *)v.as.obj->class;
            if (class->format != NULL) {
                return class->format(v.as.obj, run, s, len, out);
            }
        }
        return jinja_raise(run, "TypeError",
                           "unsupported format string passed to %s.__format__",
                           jinja_type_name(v));
    }
    if (parse_spec(run, s, len, jinja_type_name(v), &spec) != 0) {
        return -1;
    }
    if (v.type == VALUE_STRING) {
        return spec_format_text(run, v, &spec, out);
    }
    return v.type == VALUE_FLOAT ? spec_format_float(run, v.as.f, &spec, "float", out)
                                 : spec_format_int(run, v, &spec, out);
}

/* ---- "{}".format()
 * ------------------------------------------------------------------------ */

struct braces {
    struct jinja_run *run;
    const struct value *args;
    size_t count;
    struct value kwargs;
    int64_t next; /* automatic numbering; -1 = given by hand */
    bool markup;
};

static int field_start(struct braces *b, const char *s, size_t len, struct value *out)
{
    struct jinja_run *run = b->run;
    int64_t index = 0;

    if (len == 0) {
        if (b->next < 0) {
            return jinja_raise(run, "ValueError",
                               "cannot switch from manual field specification to"
                               " automatic field numbering");
        }
        index = b->next++;
    } else if (strspn(s, "0123456789") >= len) {
        if (b->next > 0) {
            return jinja_raise(run, "ValueError",
                               "cannot switch from manual field specification to"
                               " automatic field numbering");
        }
        b->next = -1;
        index = strtoll(s, NULL, 10);
    } else {
        struct value key = value_copy_str_n(run->arena, s, len);
        const struct value *found =
            b->kwargs.type == VALUE_DICT
                ? value_dict_find(b->kwargs, key, value_hash(key))
                : NULL;
        if (found == NULL) {
            return jinja_raise(run, "KeyError", "'%s'", key.as.s);
        }
        *out = *found;
        return 0;
    }
    if (index < 0 || (uint64_t)index >= b->count) {
        return jinja_raise(run, "IndexError", "tuple index out of range");
    }
    *out = b->args[index];
    return 0;
}

/* name.attr[item]… */
static int field_value(struct braces *b, const char *s, size_t len, struct value *out)
{
    size_t at = 0;

    while (at < len && s[at] != '.' && s[at] != '[') {
        at++;
    }
    if (field_start(b, s, at, out) != 0) {
        return -1;
    }
    while (at < len) {
        bool attribute = s[at++] == '.';
        size_t end = at;
        while (end < len &&
               (attribute ? s[end] != '.' && s[end] != '[' : s[end] != ']')) {
            end++;
        }
        if (end == at) {
            return jinja_raise(b->run, "ValueError",
                               "Empty attribute in format string");
        }
        struct value key = value_copy_str_n(b->run->arena, s + at, end - at);
        if (attribute) {
            if (jinja_getattr(b->run, *out, key.as.s, out) != 0) {
                return -1;
            }
        } else {
            if (strspn(key.as.s, "0123456789") == key.len) {
                key = value_bigint_parse(b->run->arena, key.as.s, 10);
            }
            if (value_item(b->run, *out, key, out) != 0) {
                return -1;
            }
            end++;
        }
        at = end;
    }
    return 0;
}

/* Escapes what is not ASCII in a repr(). */
static void to_ascii(struct jinja_run *run, struct value *v)
{
    size_t mark;
    struct buf *text = scratch_begin(run, &mark);
    const uint8_t *s = (const uint8_t *)v->as.s;

    for (size_t at = 0; at < v->len;) {
        ucs4_t c;
        at += (size_t)u8_mbtoucr(&c, s + at, v->len - at);
        if (c < 0x80) {
            buf_addc(text, (char)c);
        } else {
            buf_addf(text,
                     c < 0x100     ? "\\x%02x"
                     : c < 0x10000 ? "\\u%04x"
                                   : "\\U%08x",
                     c);
        }
    }
    *v = scratch_take(run, mark);
}

int spec_convert(struct jinja_run *run, char conversion, struct value *v)
{
    size_t mark;
    struct buf *text;

    switch (conversion) {
    case '\0':
        return 0;
    case 's':
        return jinja_to_str(run, *v, v);
    case 'r':
    case 'a':
        text = scratch_begin(run, &mark);
        if (jinja_repr(run, *v, text) != 0) {
            return -1;
        }
        *v = scratch_take(run, mark);
        if (conversion == 'a') {
            to_ascii(run, v);
        }
        return 0;
    default:
        return jinja_raise(run, "ValueError", "Unknown conversion specifier %c",
                           conversion);
    }
}

static int expand(struct braces *b, const char *s, size_t len, int depth,
                  struct buf *out);

/* The field between braces: name!conversion:spec */
static int put_field(struct braces *b, const char *s, size_t len, int depth,
                     struct buf *out)
{
    struct buf spec = BUF_INIT;
    struct value v;
    char conversion = '\0';
    size_t name = 0;
    bool bracket = false;

    while (name < len && (bracket || (s[name] != '!' && s[name] != ':'))) {
        bracket = s[name] == '[' || (bracket && s[name] != ']');
        name++;
    }
    size_t at = name;
    if (at < len && s[at] == '!') {
        conversion = at + 1 < len ? s[at + 1] : '\0';
        at += 2;
        if (conversion == '\0' || (at < len && s[at] != ':')) {
            return jinja_raise(b->run, "ValueError",
                               "expected ':' after conversion specifier");
        }
    }
    if (field_value(b, s, name, &v) != 0 || spec_convert(b->run, conversion, &v) != 0) {
        return -1;
    }
    int rc = at < len ? expand(b, s + at + 1, len - at - 1, depth + 1, &spec) : 0;
    if (rc == 0 && b->markup && v.type != VALUE_STRING) {
        rc = jinja_to_str(b->run, v, &v);
    }
    if (rc == 0 && b->markup) {
        v = markup_escape(b->run, v);
    }
    if (rc == 0) {
        rc = format_spec(b->run, v, buf_str(&spec), spec.len, out);
    }
    buf_fini(&spec);
    return rc;
}

static int expand(struct braces *b, const char *s, size_t len, int depth,
                  struct buf *out)
{
    if (depth > 2) {
        return jinja_raise(b->run, "ValueError", "Max string recursion exceeded");
    }
    for (size_t at = 0; at < len;) {
        char c = s[at];
        if ((c == '{' || c == '}') && at + 1 < len && s[at + 1] == c) {
            buf_addc(out, c);
            at += 2;
        } else if (c == '}') {
            return jinja_raise(b->run, "ValueError",
                               "Single '}' encountered in format string");
        } else if (c == '{') {
            size_t end = at + 1;
            int nested = 1;
            while (end < len && nested > 0) {
                nested += s[end] == '{' ? 1 : s[end] == '}' ? -1 : 0;
                end++;
            }
            if (nested > 0) {
                return jinja_raise(b->run, "ValueError",
                                   at + 1 == len
                                       ? "Single '{' encountered in format string"
                                       : "expected '}' before end of string");
            }
            if (put_field(b, s + at + 1, end - at - 2, depth, out) != 0) {
                return -1;
            }
            at = end;
        } else {
            buf_addc(out, c);
            at++;
        }
    }
    return 0;
}

int format_braces(struct jinja_run *run, struct value format, const struct value *args,
                  size_t count, struct value kwargs, struct value *out)
{
    struct braces b = {.run = run,
                       .args = args,
                       .count = count,
                       .kwargs = kwargs,
                       .markup = (format.flags & VALUE_MARKUP) != 0};
    struct buf text = {.max = run->env->limits.output};

    int rc = expand(&b, format.as.s, format.len, 0, &text);
    if (rc == 0) {
        *out = value_copy_str_n(run->arena, buf_str(&text), text.len);
        out->flags = format.flags;
    }
    buf_fini(&text);
    return rc;
}
