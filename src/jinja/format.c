#include "config.h"

#include "jinja/format.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistr.h>

#include "jinja/number.h"
#include "value/bigint.h"

#define MAX_WIDTH 1000000

void format_fixed(double f, int decimals, struct buf *out)
{
    buf_addf(out, "%.*f", decimals, f);
}

/* ---- format specs
 * ----------------------------------------------------------------------- */

struct spec {
    char fill[5];
    char align; /* '<' '>' '^' '=' or 0 */
    char sign;  /* '+' '-' ' ' */
    bool alternate;
    bool zero;
    int64_t width;
    char group;        /* ',' '_' or 0 */
    int64_t precision; /* -1 = none */
    char type;
};

static bool is_align(char c)
{
    return c == '<' || c == '>' || c == '^' || c == '=';
}

/* Digits at *p; false when the number is too large. */
static bool read_digits(const char **p, const char *end, int64_t *out)
{
    *out = 0;
    while (*p < end && **p >= '0' && **p <= '9') {
        *out = *out * 10 + (*(*p)++ - '0');
        if (*out > MAX_WIDTH) {
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

    *out = (struct spec){.fill = " ", .sign = '-', .precision = -1};
    if (len > first && is_align(s[first])) {
        memcpy(out->fill, s, first);
        out->fill[first] = '\0';
        out->align = s[first];
        s += first + 1;
    } else if (len > 0 && is_align(*s)) {
        out->align = *s++;
    }
    if (s < end && (*s == '+' || *s == '-' || *s == ' ')) {
        out->sign = *s++;
    }
    if (s < end && *s == '#') {
        out->alternate = true;
        s++;
    }
    if (s < end && *s == '0') {
        out->zero = true;
        s++;
        if (out->align == '\0') {
            out->align = '=';
            out->fill[0] = '0';
        }
    }
    if (!read_digits(&s, end, &out->width)) {
        return jinja_raise(run, "ValueError",
                           "Too many decimal digits in format string");
    }
    if (s < end && (*s == ',' || *s == '_')) {
        out->group = *s++;
    }
    if (s < end && *s == '.') {
        const char *digits = ++s;
        if (!read_digits(&s, end, &out->precision) || s == digits) {
            return jinja_raise(run, "ValueError", "Format specifier missing precision");
        }
    }
    if (s < end) {
        out->type = *s++;
    }
    return s == end ? 0
                    : jinja_raise(run, "ValueError",
                                  "Invalid format specifier '%.*s' for object of type"
                                  " '%s'",
                                  (int)len, end - len, type_name);
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
static void put_aligned(const struct spec *spec, const char *prefix, const char *text,
                        size_t len, char fallback, struct buf *out)
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

static const char *sign_of(const struct spec *spec, bool negative)
{
    return negative ? "-" : spec->sign == '+' ? "+" : spec->sign == ' ' ? " " : "";
}

static int format_float(struct jinja_run *run, double f, struct spec *spec,
                        const char *type_name, struct buf *out);

static int format_int(struct jinja_run *run, struct value v, struct spec *spec,
                      struct buf *out)
{
    char type = spec->type != '\0' ? spec->type : 'd';
    int base = type == 'x' || type == 'X' ? 16 : type == 'o' ? 8 : type == 'b' ? 2 : 10;
    char prefix[8];
    struct buf digits = BUF_INIT;
    mpz_t z;

    if (strchr("eEfFgG%", type) != NULL) {
        double f;
        return number_float(run, v, &f) == 0 ? format_float(run, f, spec, "int", out)
                                             : -1;
    }
    if (spec->precision >= 0) {
        return jinja_raise(run, "ValueError",
                           "Precision not allowed in integer format specifier");
    }
    if (strchr("dnxXobc", type) == NULL) {
        return unknown_code(run, spec, "int");
    }
    if (type == 'c') {
        uint8_t utf8[6];
        int n = v.type == VALUE_INT && v.as.i >= 0 && v.as.i <= 0x10ffff
                    ? u8_uctomb(utf8, (ucs4_t)v.as.i, 6)
                    : -1;
        if (n < 0) {
            return jinja_raise(run, "OverflowError", "%%c arg not in range(0x110000)");
        }
        put_aligned(spec, "", (char *)utf8, (size_t)n, '<', out);
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
    snprintf(prefix, sizeof(prefix), "%s%s", sign_of(spec, negative),
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
    put_aligned(spec, prefix, digits.data, digits.len, '>', out);
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

static int format_float(struct jinja_run *run, double f, struct spec *spec,
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
        int64_t room = spec->width - (int64_t)strlen(sign_of(spec, negative)) -
                       (int64_t)(digits.len - whole);
        group_digits(&digits, whole, spec->group, 3, fill ? room : 0);
    }
    put_aligned(spec, sign_of(spec, negative), digits.data, digits.len, '>', out);
    buf_fini(&digits);
    return 0;
}

static int format_text(struct jinja_run *run, struct value v, struct spec *spec,
                       struct buf *out)
{
    size_t len = v.len;

    if (spec->type != '\0' && spec->type != 's') {
        return unknown_code(run, spec, jinja_type_name(v));
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
    put_aligned(spec, "", v.as.s, len, '<', out);
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
        return format_text(run, v, &spec, out);
    }
    return v.type == VALUE_FLOAT ? format_float(run, v.as.f, &spec, "float", out)
                                 : format_int(run, v, &spec, out);
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

static int convert_value(struct jinja_run *run, char conversion, struct value *v)
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
    if (field_value(b, s, name, &v) != 0 ||
        convert_value(b->run, conversion, &v) != 0) {
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

/* ---- "%s" % x
 * ------------------------------------------------------------------------------ */

struct percent {
    struct jinja_run *run;
    struct value args;
    size_t next;
    bool tuple;
    bool used_mapping;
};

static int next_arg(struct percent *p, struct value *out)
{
    if (p->tuple) {
        if (p->next >= value_list_count(p->args)) {
            return jinja_raise(p->run, "TypeError",
                               "not enough arguments for format string");
        }
        *out = value_list_at(p->args, p->next++);
        return 0;
    }
    if (p->next++ > 0) {
        return jinja_raise(p->run, "TypeError",
                           "not enough arguments for format string");
    }
    *out = p->args;
    return 0;
}

static int mapping_arg(struct percent *p, const char *key, size_t len,
                       struct value *out)
{
    struct value name = value_copy_str_n(p->run->arena, key, len);

    if (p->args.type != VALUE_DICT) {
        return jinja_raise(p->run, "TypeError", "format requires a mapping");
    }
    p->used_mapping = true;
    const struct value *found = value_dict_find(p->args, name, value_hash(name));
    if (found == NULL) {
        return jinja_raise(p->run, "KeyError", "'%s'", name.as.s);
    }
    *out = *found;
    return 0;
}

/* Width or precision: digits or '*'. */
static int percent_number(struct percent *p, const char **at, const char *end,
                          int64_t *out)
{
    if (*at < end && **at == '*') {
        struct value v;
        (*at)++;
        if (next_arg(p, &v) != 0) {
            return -1;
        }
        if (v.type != VALUE_INT) {
            return jinja_raise(p->run, "TypeError", "* wants int");
        }
        *out = v.as.i > MAX_WIDTH ? MAX_WIDTH : v.as.i;
        return 0;
    }
    return read_digits(at, end, out)
               ? 0
               : jinja_raise(p->run, "ValueError", "width too big");
}

static int percent_int(struct percent *p, struct value v, struct spec *spec,
                       struct buf *out)
{
    int64_t precision = spec->precision;

    if (v.type == VALUE_FLOAT && strchr("diu", spec->type) != NULL) {
        if (number_truncate(p->run, v.as.f, &v) != 0) {
            return -1;
        }
    }
    if (!is_integer(v)) {
        if (v.type == VALUE_UNDEFINED && strchr("diu", spec->type) != NULL) {
            return undefined_raise(p->run, v);
        }
        return jinja_raise(
            p->run, "TypeError", "%%%c format: %s is required, not %s", spec->type,
            strchr("diu", spec->type) != NULL ? "a real number" : "an integer",
            jinja_type_name(v));
    }
    spec->type = spec->type == 'i' || spec->type == 'u' ? 'd' : spec->type;
    spec->precision = -1;
    if (precision >= 0) { /* that many digits at least */
        struct buf digits = BUF_INIT;
        struct spec bare = {.fill = "0",
                            .align = '=',
                            .sign = '-',
                            .width = precision,
                            .type = spec->type,
                            .precision = -1};
        bare.width += number_order(v, value_int(0)) < 0 ? 1 : 0;
        int rc = format_int(p->run, v, &bare, &digits);
        const char *text = buf_str(&digits);
        bool negative = *text == '-';
        put_aligned(spec, sign_of(spec, negative), text + negative,
                    digits.len - (negative ? 1 : 0), '>', out);
        buf_fini(&digits);
        return rc;
    }
    return format_int(p->run, v, spec, out);
}

static int percent_text(struct percent *p, struct value v, struct spec *spec,
                        struct buf *out)
{
    struct spec text = *spec;

    text.type = 's';
    if (spec->type == 'c') {
        if (v.type == VALUE_STRING && text_length(v.as.s, v.len) == 1) {
            return format_text(p->run, v, &text, out);
        }
        if (v.type != VALUE_INT) {
            return jinja_raise(p->run, "TypeError", "%%c requires int or char");
        }
        text.type = 'c';
        return format_int(p->run, v, &text, out);
    }
    if (spec->type == 's' ? jinja_to_str(p->run, v, &v) != 0
                          : convert_value(p->run, 'r', &v) != 0) {
        return -1;
    }
    text.zero = false;
    text.align = spec->align == '<' ? '<' : '>';
    text.fill[0] = ' ';
    return format_text(p->run, v, &text, out);
}

static int percent_value(struct percent *p, struct value v, struct spec *spec,
                         size_t offset, struct buf *out)
{
    double f;

    switch (spec->type) {
    case 'd':
    case 'i':
    case 'u':
    case 'x':
    case 'X':
    case 'o':
        return percent_int(p, v, spec, out);
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
        if (v.type == VALUE_UNDEFINED) {
            return undefined_raise(p->run, v);
        }
        if (!is_number(v)) {
            return jinja_raise(p->run, "TypeError", "must be real number, not %s",
                               jinja_type_name(v));
        }
        return number_float(p->run, v, &f) == 0
                   ? format_float(p->run, f, spec, "float", out)
                   : -1;
    case 's':
    case 'r':
    case 'a':
    case 'c':
        return percent_text(p, v, spec, out);
    default:
        return jinja_raise(p->run, "ValueError",
                           "unsupported format character '%c' (0x%x) at index %zu",
                           spec->type, (unsigned)(unsigned char)spec->type, offset);
    }
}

static void percent_flags(const char **at, const char *end, struct spec *spec)
{
    for (; *at < end && strchr("-+ #0", **at) != NULL && **at != '\0'; (*at)++) {
        switch (**at) {
        case '-':
            spec->align = '<';
            spec->fill[0] = ' ';
            break;
        case '0':
            if (spec->align == '\0') {
                spec->align = '=';
                spec->fill[0] = '0';
            }
            break;
        case '#':
            spec->alternate = true;
            break;
        default:
            spec->sign = spec->sign == '+' ? '+' : **at;
            break;
        }
    }
}

/* Behind the '%'. */
static int percent_one(struct percent *p, const char **at, const char *start,
                       const char *end, struct buf *out)
{
    struct spec spec = {.fill = " ", .sign = '-', .precision = -1};
    struct value v = value_undefined();
    bool mapped = false;

    if (*at < end && **at == '(') {
        const char *key = ++*at;
        int nested = 1;
        while (*at < end && nested > 0) {
            nested += **at == '(' ? 1 : **at == ')' ? -1 : 0;
            (*at)++;
        }
        if (nested > 0) {
            return jinja_raise(p->run, "ValueError", "incomplete format key");
        }
        if (mapping_arg(p, key, (size_t)(*at - key - 1), &v) != 0) {
            return -1;
        }
        mapped = true;
    }
    percent_flags(at, end, &spec);
    if (percent_number(p, at, end, &spec.width) != 0) {
        return -1;
    }
    if (spec.width < 0) {
        spec.align = '<';
        spec.fill[0] = ' ';
        spec.width = -spec.width;
    }
    if (*at < end && **at == '.') {
        (*at)++;
        if (percent_number(p, at, end, &spec.precision) != 0) {
            return -1;
        }
    }
    while (*at < end && (**at == 'l' || **at == 'h' || **at == 'L')) {
        (*at)++;
    }
    if (*at >= end) {
        return jinja_raise(p->run, "ValueError", "incomplete format");
    }
    spec.type = *(*at)++;
    if (spec.type == '%') {
        buf_addc(out, '%');
        return 0;
    }
    if (!mapped && next_arg(p, &v) != 0) {
        return -1;
    }
    return percent_value(p, v, &spec, (size_t)(*at - start - 1), out);
}

static struct value escape_args(struct jinja_run *run, struct value v)
{
    struct value out;
    size_t at = 0;

    if (v.type == VALUE_STRING) {
        return markup_escape(run, v);
    }
    if (v.type == VALUE_TUPLE) {
        out = value_tuple_new(run->arena, value_list_count(v));
        for (size_t i = 0; i < value_list_count(v); i++) {
            value_list_push(out, escape_args(run, value_list_at(v, i)));
        }
        return out;
    }
    if (v.type != VALUE_DICT) {
        return v;
    }
    out = value_dict_new(run->arena, value_dict_count(v));
    for (const struct value_pair *p; (p = value_dict_next(v, &at)) != NULL;) {
        value_dict_put_value(out, p->key, escape_args(run, p->value));
    }
    return out;
}

int format_percent(struct jinja_run *run, struct value format, struct value args,
                   struct value *out)
{
    bool markup = (format.flags & VALUE_MARKUP) != 0;
    struct percent p = {.run = run,
                        .args = markup ? escape_args(run, args) : args,
                        .tuple = args.type == VALUE_TUPLE};
    struct buf text = {.max = run->env->limits.output};
    const char *at = format.as.s;
    const char *end = at + format.len;
    int rc = 0;

    while (at < end && rc == 0) {
        const char *percent = memchr(at, '%', (size_t)(end - at));
        if (percent == NULL) {
            buf_add(&text, at, (size_t)(end - at));
            break;
        }
        buf_add(&text, at, (size_t)(percent - at));
        at = percent + 1;
        rc = percent_one(&p, &at, format.as.s, end, &text);
    }
    bool mapping = args.type == VALUE_DICT || args.type == VALUE_LIST ||
                   args.type == VALUE_UNDEFINED ||
                   (args.type == VALUE_OBJECT && !p.tuple);
    if (rc == 0 && ((p.tuple && p.next < value_list_count(p.args)) ||
                    (!p.tuple && p.next == 0 && !p.used_mapping && !mapping))) {
        rc = jinja_raise(run, "TypeError",
                         "not all arguments converted during string formatting");
    }
    if (rc == 0) {
        *out = value_copy_str_n(run->arena, buf_str(&text), text.len);
        out->flags = format.flags;
    }
    buf_fini(&text);
    return rc;
}
