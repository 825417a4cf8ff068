/* "%s" % x, as Python formats it. */
#include "config.h"

#include "jinja/format_spec.h"

#include "jinja/number.h"

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

/* What Python takes for a mapping: whatever has items, but for tuples and text. */
static bool is_mapping(struct value v)
{
    return v.type == VALUE_DICT || v.type == VALUE_LIST || v.type == VALUE_UNDEFINED ||
           v.type == VALUE_OBJECT;
}

static int mapping_arg(struct percent *p, const char *key, size_t len,
                       struct value *out)
{
    struct value name = value_copy_str_n(p->run->arena, key, len);

    if (p->args.type == VALUE_UNDEFINED) {
        return undefined_raise(p->run, p->args);
    }
    if (p->args.type == VALUE_LIST) {
        return jinja_raise(p->run, "TypeError",
                           "list indices must be integers or slices, not str");
    }
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
        *out = v.as.i > SPEC_MAX_WIDTH ? SPEC_MAX_WIDTH : v.as.i;
        return 0;
    }
    return spec_read_digits(at, end, out)
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
        int rc = spec_format_int(p->run, v, &bare, &digits);
        const char *text = buf_str(&digits);
        bool negative = *text == '-';
        spec_put(spec, spec_sign(spec, negative), text + negative,
                 digits.len - (negative ? 1 : 0), '>', out);
        buf_fini(&digits);
        return rc;
    }
    return spec_format_int(p->run, v, spec, out);
}

static int percent_text(struct percent *p, struct value v, struct spec *spec,
                        struct buf *out)
{
    struct spec text = *spec;

    text.type = 's';
    text.zero = false;
    text.align = spec->align == '<' ? '<' : '>';
    text.fill[0] = ' ';
    if (spec->type == 'c') {
        if (v.type == VALUE_STRING && text_length(v.as.s, v.len) == 1) {
            return spec_format_text(p->run, v, &text, out);
        }
        if (!is_integer(v)) {
            return jinja_raise(p->run, "TypeError", "%%c requires int or char");
        }
        text.type = 'c';
        return spec_format_int(p->run, v, &text, out);
    }
    if (spec->type == 's' ? jinja_to_str(p->run, v, &v) != 0
                          : spec_convert(p->run, spec->type, &v) != 0) {
        return -1;
    }
    return spec_format_text(p->run, v, &text, out);
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
                   ? spec_format_float(p->run, f, spec, "float", out)
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
    const char *start_of_spec = *at - 1;
    struct value v = value_undefined();
    bool mapped = false;

    if (*at < end && **at == '(') {
        const char *key = ++*at;
        int nested = 1;
        while (*at < end && nested > 0) {
            nested += **at == '(' ? 1 : **at == ')' ? -1 : 0;
            (*at)++;
        }
        if (nested > 0 && is_mapping(p->args)) {
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
    if (spec.type == '%' && *at - 2 == start_of_spec) {
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
    if (rc == 0 &&
        ((p.tuple && p.next < value_list_count(p.args)) ||
         (!p.tuple && p.next == 0 && !p.used_mapping && !is_mapping(args)))) {
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
