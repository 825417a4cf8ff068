/* modules.re over PCRE2: the functions of the module and of compiled patterns. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include <unistr.h>

#include "compile/datetime.h"
#include "compile/regex.h"

#define MATCH_LIMIT 1000000

enum anchor { ANYWHERE, AT_START, WHOLE };

static const struct jinja_class pattern_class;

/* ---- compiling ------------------------------------------------------------------- */

struct value pattern_value(struct pattern *pattern)
{
    return jinja_object_value(&pattern->base);
}

static uint32_t pcre_options(unsigned flags, enum anchor anchor)
{
    return PCRE2_UTF | ((flags & REGEX_ASCII) != 0 ? 0 : PCRE2_UCP) |
           ((flags & REGEX_IGNORECASE) != 0 ? PCRE2_CASELESS : 0) |
           ((flags & REGEX_MULTILINE) != 0 ? PCRE2_MULTILINE : 0) |
           ((flags & REGEX_DOTALL) != 0 ? PCRE2_DOTALL : 0) |
           (anchor != ANYWHERE ? PCRE2_ANCHORED : 0) |
           (anchor == WHOLE ? PCRE2_ENDANCHORED : 0);
}

/* Fills `pattern->code`, which the caller frees. */
static int pattern_open(struct jinja_run *run, struct pattern *pattern, unsigned flags,
                        enum anchor anchor)
{
    struct buf text = BUF_INIT;
    int error = 0;
    size_t offset;

    if (regex_translate(run, pattern->text, flags, &pattern->syntax, &text) != 0) {
        buf_fini(&text);
        return -1;
    }
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    pcre2_set_newline(context, PCRE2_NEWLINE_LF);
    pattern->code = pcre2_compile((PCRE2_SPTR)buf_str(&text), text.len,
                                  pcre_options(pattern->syntax.flags, anchor), &error,
                                  &offset, context);
    pcre2_compile_context_free(context);
    buf_fini(&text);
    if (pattern->code == NULL) {
        PCRE2_UCHAR message[128];
        pcre2_get_error_message(error, message, sizeof message);
        return error == 125 ? jinja_raise(run, "error",
                                          "look-behind requires fixed-width pattern")
                            : jinja_raise(run, "error", "%s", (char *)message);
    }
    return 0;
}

static struct pattern *pattern_new(struct arena *arena, struct value text)
{
    struct pattern *pattern = arena_new(arena, struct pattern);

    pattern->base.class = &pattern_class.base;
    pattern->text = text;
    return pattern;
}

/* ---- arguments ------------------------------------------------------------------- */

/* One call of a function: of the module, with a pattern and flags, or of a pattern. */
struct work {
    struct jinja_call *call;
    struct pattern *pattern;
    pcre2_match_data *data;
    struct value subject;
    struct value replacement;
    int64_t most; /* count or maxsplit */
    size_t from;  /* pos and endpos, in bytes */
    size_t to;
};

static int want_int(struct jinja_call *call, struct value v, int64_t fallback,
                    int64_t *out)
{
    *out = value_is(v, VALUE_INT)    ? v.as.i
           : value_is(v, VALUE_BOOL) ? v.as.b
                                     : fallback;
    if (jinja_is_missing(v) || value_is(v, VALUE_INT) || value_is(v, VALUE_BOOL)) {
        return 0;
    }
    return jinja_raise(call->run, "TypeError",
                       "'%s' object cannot be interpreted as an integer",
                       jinja_type_name(v));
}

/* The first argument of the module's functions. */
static int want_pattern(struct work *work, struct value v, struct value flags,
                        enum anchor anchor)
{
    struct jinja_call *call = work->call;
    int64_t given;

    if (want_int(call, flags, 0, &given) != 0) {
        return -1;
    }
    if (jinja_is_a(v, &pattern_class)) {
        if (given != 0) {
            return jinja_raise(call->run, "ValueError",
                               "cannot process flags argument with a compiled pattern");
        }
        struct pattern *compiled = (struct pattern *)(void *)v.as.obj;
        work->pattern = pattern_new(call->arena, compiled->text);
        given = (int64_t)compiled->syntax.flags;
    } else if (value_is_str(v)) {
        work->pattern = pattern_new(call->arena, v);
    } else {
        return value_hashable(v)
                   ? jinja_raise(call->run, "TypeError",
                                 "first argument must be string or compiled pattern")
                   : jinja_raise(call->run, "TypeError", "unhashable type: '%s'",
                                 jinja_type_name(v));
    }
    return pattern_open(call->run, work->pattern, (unsigned)given, anchor);
}

static int want_subject(struct work *work, struct value v)
{
    if (!value_is_str(v)) {
        return jinja_raise(work->call->run, "TypeError",
                           "expected string or bytes-like object, got '%s'",
                           jinja_type_name(v));
    }
    if (u8_check((const uint8_t *)v.as.s, v.len) != NULL) {
        return jinja_raise(work->call->run, "UnicodeDecodeError",
                           "invalid UTF-8 in the text for a regular expression");
    }
    work->subject = v;
    work->to = v.len;
    return 0;
}

/* pos or endpos, from characters to bytes. */
static int want_place(struct work *work, struct value v, size_t *out)
{
    const uint8_t *s = (const uint8_t *)work->subject.as.s;
    size_t length = u8_mbsnlen(s, work->subject.len);
    int64_t n;

    if (want_int(work->call, v, 0, &n) != 0) {
        return -1;
    }
    if (!jinja_is_missing(v)) {
        size_t at = 0;
        n = n < 0 ? 0 : n > (int64_t)length ? (int64_t)length : n;
        while (n-- > 0) {
            at += (size_t)u8_mblen(s + at, work->subject.len - at);
        }
        *out = at;
    }
    return 0;
}

/* The kinds of argument lists. */
enum shape { SHAPE_FIND, SHAPE_SPLIT, SHAPE_SUB };

static const struct jinja_param module_params[][5] = {
    [SHAPE_FIND] = {{"pattern", 0}, {"string", 0}, {"flags", JINJA_OPTIONAL}},
    [SHAPE_SPLIT] = {{"pattern", 0},
                     {"string", 0},
                     {"maxsplit", JINJA_OPTIONAL},
                     {"flags", JINJA_OPTIONAL}},
    [SHAPE_SUB] = {{"pattern", 0},
                   {"repl", 0},
                   {"string", 0},
                   {"count", JINJA_OPTIONAL},
                   {"flags", JINJA_OPTIONAL}},
};
static const struct jinja_param method_params[][3] = {
    [SHAPE_FIND] = {{"string", 0}, {"pos", JINJA_OPTIONAL}, {"endpos", JINJA_OPTIONAL}},
    [SHAPE_SPLIT] = {{"string", 0}, {"maxsplit", JINJA_OPTIONAL}},
    [SHAPE_SUB] = {{"repl", 0}, {"string", 0}, {"count", JINJA_OPTIONAL}},
};
static const size_t param_count[] = {3, 2, 3}; /* of methods; functions have `flags` */

static int read_module_args(struct work *work, enum shape shape, enum anchor anchor)
{
    struct value args[5];
    size_t count = shape == SHAPE_FIND ? 3 : param_count[shape] + 2;
    size_t at = 1;

    if (jinja_args(work->call, module_params[shape], count, args) != 0 ||
        want_pattern(work, args[0], args[count - 1], anchor) != 0) {
        return -1;
    }
    if (shape == SHAPE_SUB) {
        work->replacement = args[at++];
    }
    if (want_subject(work, args[at]) != 0) {
        return -1;
    }
    return shape == SHAPE_FIND ? 0 : want_int(work->call, args[at + 1], 0, &work->most);
}

static int read_method_args(struct work *work, struct pattern *self, enum shape shape,
                            enum anchor anchor)
{
    struct value args[3];
    size_t at = 0;

    if (jinja_args(work->call, method_params[shape], param_count[shape], args) != 0) {
        return -1;
    }
    work->pattern = pattern_new(work->call->arena, self->text);
    if (pattern_open(work->call->run, work->pattern, self->syntax.flags, anchor) != 0) {
        return -1;
    }
    if (shape == SHAPE_SUB) {
        work->replacement = args[at++];
    }
    if (want_subject(work, args[at]) != 0) {
        return -1;
    }
    if (shape != SHAPE_FIND) {
        return want_int(work->call, args[at + 1], 0, &work->most);
    }
    return want_place(work, args[1], &work->from) != 0 ||
                   want_place(work, args[2], &work->to) != 0
               ? -1
               : 0;
}

static void end_work(struct work *work)
{
    pcre2_match_data_free(work->data);
    if (work->pattern != NULL) {
        pcre2_code_free(work->pattern->code);
        work->pattern->code = NULL;
    }
}

/* Ended by end_work(), which a failure does by itself. */
static int begin_work(struct work *work, struct jinja_call *call, enum shape shape,
                      enum anchor anchor)
{
    struct pattern *self = call->context;

    *work = (struct work){.call = call};
    int rc = self == NULL ? read_module_args(work, shape, anchor)
                          : read_method_args(work, self, shape, anchor);
    if (rc != 0) {
        end_work(work);
        return -1;
    }
    work->data = pcre2_match_data_create_from_pattern(work->pattern->code, NULL);
    return 0;
}

/* ---- searching ------------------------------------------------------------------- */

/* One match from `from`: 1 found, 0 none, -1 raised. */
static int match_once(struct work *work, size_t from, uint32_t options)
{
    pcre2_match_context *limits = pcre2_match_context_create(NULL);

    pcre2_set_match_limit(limits, MATCH_LIMIT);
    int found =
        from > work->to
            ? PCRE2_ERROR_NOMATCH
            : pcre2_match(work->pattern->code, (PCRE2_SPTR)work->subject.as.s, work->to,
                          from, options | PCRE2_NO_UTF_CHECK, work->data, limits);
    pcre2_match_context_free(limits);
    if (found == PCRE2_ERROR_NOMATCH) {
        return 0;
    }
    return found >= 0 ? 1
                      : jinja_raise(work->call->run, "RuntimeError",
                                    "a regular expression takes too long on this text");
}

static struct value found_match(const struct work *work)
{
    return match_new(work->call->arena, work->pattern, work->subject,
                     pcre2_get_ovector_pointer(work->data), work->from, work->to);
}

static int find(struct jinja_call *call, enum anchor anchor, struct value *out)
{
    struct work work;

    if (begin_work(&work, call, SHAPE_FIND, anchor) != 0) {
        return -1;
    }
    int found = match_once(&work, work.from, 0);
    *out = found == 1 ? found_match(&work) : value_none();
    end_work(&work);
    return found < 0 ? -1 : 0;
}

static int call_match(struct jinja_call *call, struct value *out)
{
    return find(call, AT_START, out);
}

static int call_fullmatch(struct jinja_call *call, struct value *out)
{
    return find(call, WHOLE, out);
}

static int call_search(struct jinja_call *call, struct value *out)
{
    return find(call, ANYWHERE, out);
}

/*
 * Calls `visit` for every match; `between` is where the text before it begins, `*rest`
 * becomes where the text after the last one does. Stops after `work->most` matches
 * unless that is 0. After an empty match the next may begin there, but not be empty.
 */
static int each_match(struct work *work,
                      int (*visit)(struct work *work, size_t between, void *state),
                      void *state, size_t *rest)
{
    size_t from = work->from;
    uint32_t options = 0;
    int found = 0;

    *rest = 0;
    for (int64_t n = 0; work->most == 0 || n < work->most; n++) {
        found = match_once(work, from, options);
        if (found <= 0) {
            break;
        }
        const size_t *spans = pcre2_get_ovector_pointer(work->data);
        if (visit(work, *rest, state) != 0) {
            return -1;
        }
        options = spans[0] == spans[1] ? PCRE2_NOTEMPTY_ATSTART : 0;
        from = *rest = spans[1];
    }
    return found < 0 ? -1 : 0;
}

/* The groups of findall: the whole match, the only group, or a tuple. */
static int visit_find(struct work *work, size_t between, void *state)
{
    const struct match *match = (const void *)found_match(work).as.obj;
    struct arena *arena = work->call->arena;
    struct value empty = value_str_n("", 0);

    (void)between;
    if (match->count <= 2) {
        value_list_push(*(struct value *)state,
                        match_group(arena, match, match->count - 1, empty));
        return 0;
    }
    struct value tuple = value_tuple_new(arena, match->count);
    for (size_t i = 1; i < match->count; i++) {
        value_list_push(tuple, match_group(arena, match, i, empty));
    }
    value_list_push(*(struct value *)state, tuple);
    return 0;
}

static int visit_iterate(struct work *work, size_t between, void *state)
{
    (void)between;
    value_list_push(*(struct value *)state, found_match(work));
    return 0;
}

static int find_all(struct jinja_call *call,
                    int (*visit)(struct work *work, size_t between, void *state),
                    struct value *out)
{
    struct work work;
    size_t rest;

    if (begin_work(&work, call, SHAPE_FIND, ANYWHERE) != 0) {
        return -1;
    }
    *out = value_list_new(call->arena, 4);
    int rc = each_match(&work, visit, out, &rest);
    end_work(&work);
    return rc;
}

static int call_findall(struct jinja_call *call, struct value *out)
{
    return find_all(call, visit_find, out);
}

static int call_finditer(struct jinja_call *call, struct value *out)
{
    return find_all(call, visit_iterate, out);
}

/* ---- split and sub --------------------------------------------------------------- */

static int visit_split(struct work *work, size_t between, void *state)
{
    const struct match *match = (const void *)found_match(work).as.obj;
    struct arena *arena = work->call->arena;
    struct value *list = state;

    value_list_push(*list, value_copy_str_n(arena, work->subject.as.s + between,
                                            match->spans[0] - between));
    for (size_t i = 1; i < match->count; i++) {
        value_list_push(*list, match_group(arena, match, i, value_none()));
    }
    return 0;
}

static int call_split(struct jinja_call *call, struct value *out)
{
    struct work work;
    size_t rest;

    if (begin_work(&work, call, SHAPE_SPLIT, ANYWHERE) != 0) {
        return -1;
    }
    *out = value_list_new(call->arena, 4);
    int rc = each_match(&work, visit_split, out, &rest);
    if (rc == 0) {
        value_list_push(*out, value_copy_str_n(call->arena, work.subject.as.s + rest,
                                               work.subject.len - rest));
    }
    end_work(&work);
    return rc;
}

struct replaced {
    struct buf text;
    int64_t count;
};

static int visit_sub(struct work *work, size_t between, void *state)
{
    struct replaced *out = state;
    struct jinja_run *run = work->call->run;
    struct value match = found_match(work);
    const struct match *m = (const void *)match.as.obj;
    struct value text;

    buf_add(&out->text, work->subject.as.s + between, m->spans[0] - between);
    out->count++;
    if (value_is_str(work->replacement)) {
        return match_expand(run, m, work->replacement, &out->text);
    }
    if (jinja_call_value(run, work->replacement, &match, 1, NULL, 0, &text) != 0) {
        return -1;
    }
    if (!value_is_str(text) && !value_is(text, VALUE_NONE)) {
        return jinja_raise(run, "TypeError",
                           "sequence item %lld: expected str instance, %s found",
                           (long long)(out->count - 1), jinja_type_name(text));
    }
    buf_add(&out->text, value_cstr(text, ""), text.len);
    return 0;
}

static int replace(struct jinja_call *call, struct value *out, int64_t *count)
{
    struct work work;
    struct replaced replaced = {.text = BUF_INIT};
    size_t rest;

    if (begin_work(&work, call, SHAPE_SUB, ANYWHERE) != 0) {
        return -1;
    }
    int rc = 0;
    if (!value_is_str(work.replacement) && !jinja_callable(work.replacement)) {
        rc = jinja_raise(call->run, "TypeError",
                         "decoding to str: need a bytes-like object, %s found",
                         jinja_type_name(work.replacement));
    }
    rc = rc == 0 ? each_match(&work, visit_sub, &replaced, &rest) : rc;
    if (rc == 0) {
        buf_add(&replaced.text, work.subject.as.s + rest, work.subject.len - rest);
        *out =
            value_copy_str_n(call->arena, buf_str(&replaced.text), replaced.text.len);
        *count = replaced.count;
    }
    buf_fini(&replaced.text);
    end_work(&work);
    return rc;
}

static int call_sub(struct jinja_call *call, struct value *out)
{
    int64_t count;

    return replace(call, out, &count);
}

static int call_subn(struct jinja_call *call, struct value *out)
{
    struct value text;
    int64_t count;

    if (replace(call, &text, &count) != 0) {
        return -1;
    }
    *out = value_tuple_new(call->arena, 2);
    value_list_push(*out, text);
    value_list_push(*out, value_int(count));
    return 0;
}

/* ---- compiled patterns ----------------------------------------------------------- */

static const struct {
    const char *name;
    jinja_function function;
} pattern_methods[] = {
    {"findall", call_findall},
    {"finditer", call_finditer},
    {"fullmatch", call_fullmatch},
    {"match", call_match},
    {"search", call_search},
    {"split", call_split},
    {"sub", call_sub},
    {"subn", call_subn},
};

static int pattern_getattr(struct value_object *self, struct jinja_run *run,
                           const struct jinja_name *name, struct value *out)
{
    const struct pattern *pattern = (const struct pattern *)self;

    for (size_t i = 0; i < sizeof pattern_methods / sizeof pattern_methods[0]; i++) {
        if (strcmp(name->s, pattern_methods[i].name) == 0) {
            *out = jinja_function_value(jinja_arena(run), pattern_methods[i].name,
                                        pattern_methods[i].function, self);
            return 1;
        }
    }
    if (strcmp(name->s, "pattern") == 0) {
        *out = pattern->text;
    } else if (strcmp(name->s, "flags") == 0) {
        unsigned flags = pattern->syntax.flags;
        *out = value_int(flags | ((flags & REGEX_ASCII) != 0 ? 0u : REGEX_UNICODE));
    } else if (strcmp(name->s, "groups") == 0) {
        *out = value_int((int64_t)pattern->syntax.count - 1);
    } else if (strcmp(name->s, "groupindex") == 0) {
        *out = value_clone(jinja_arena(run), pattern->syntax.names);
    } else {
        return 0;
    }
    return 1;
}

static const struct {
    const char *letter;
    const char *name;
    int64_t value;
} flag_names[] = {
    {"A", "ASCII", REGEX_ASCII},     {"I", "IGNORECASE", REGEX_IGNORECASE},
    {"L", "LOCALE", REGEX_LOCALE},   {"M", "MULTILINE", REGEX_MULTILINE},
    {"S", "DOTALL", REGEX_DOTALL},   {"U", "UNICODE", REGEX_UNICODE},
    {"X", "VERBOSE", REGEX_VERBOSE},
};
#define FLAG_COUNT (sizeof flag_names / sizeof flag_names[0])

/* re.compile('a', re.IGNORECASE|re.DOTALL): flags from low to high. */
static int pattern_repr(struct value_object *self, struct jinja_run *run,
                        struct buf *out)
{
    const struct pattern *pattern = (const struct pattern *)self;
    const char *before = ", ";

    buf_adds(out, "re.compile(");
    if (jinja_repr(run, pattern->text, out) != 0) {
        return -1;
    }
    for (int64_t bit = 1; bit <= REGEX_ASCII; bit *= 2) {
        for (size_t i = 0; i < FLAG_COUNT; i++) {
            if (flag_names[i].value == bit && bit != REGEX_UNICODE &&
                ((int64_t)pattern->syntax.flags & bit) != 0) {
                buf_addf(out, "%sre.%s", before, flag_names[i].name);
                before = "|";
            }
        }
    }
    buf_addc(out, ')');
    return 0;
}

static bool pattern_equal(const struct value_object *self, struct value other)
{
    const struct pattern *a = (const struct pattern *)self;

    if (!jinja_is_a(other, &pattern_class)) {
        return false;
    }
    const struct pattern *b = (const struct pattern *)(void *)other.as.obj;
    return value_equal(a->text, b->text) && a->syntax.flags == b->syntax.flags;
}

static uint32_t pattern_hash(const struct value_object *self)
{
    return value_hash(((const struct pattern *)self)->text);
}

static const struct jinja_class pattern_class = {
    .base = {.name = "re.Pattern", .equal = pattern_equal, .hash = pattern_hash},
    .qualified = true,
    .getattr = pattern_getattr,
    .repr = pattern_repr,
};

/* ---- the module ------------------------------------------------------------------ */

static int call_compile(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"pattern", 0},
                                                {"flags", JINJA_OPTIONAL}};
    struct work work = {.call = call};
    struct value args[2];

    if (jinja_args(call, params, 2, args) != 0 ||
        want_pattern(&work, args[0], args[1], ANYWHERE) != 0) {
        return -1;
    }
    end_work(&work);
    *out = pattern_value(work.pattern);
    return 0;
}

static int call_escape(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"pattern", 0}};
    struct value arg;
    struct buf escaped = BUF_INIT;

    if (jinja_args(call, params, 1, &arg) != 0) {
        return -1;
    }
    if (!value_is_str(arg)) {
        return jinja_raise(call->run, "TypeError",
                           "decoding to str: need a bytes-like object, %s found",
                           jinja_type_name(arg));
    }
    for (uint32_t i = 0; i < arg.len; i++) {
        char c = arg.as.s[i];
        if (c != '\0' && strchr("()[]{}?*+-|^$\\.&~# \t\n\r\v\f", c) != NULL) {
            buf_addc(&escaped, '\\');
        }
        buf_addc(&escaped, c);
    }
    *out = value_copy_str_n(call->arena, buf_str(&escaped), escaped.len);
    buf_fini(&escaped);
    return 0;
}

static int call_purge(struct jinja_call *call, struct value *out)
{
    *out = value_none();
    return jinja_args(call, NULL, 0, NULL);
}

struct value re_module(struct arena *arena)
{
    static const struct {
        const char *name;
        jinja_function function;
    } functions[] = {
        {"compile", call_compile},     {"escape", call_escape},
        {"findall", call_findall},     {"finditer", call_finditer},
        {"fullmatch", call_fullmatch}, {"match", call_match},
        {"purge", call_purge},         {"search", call_search},
        {"split", call_split},         {"sub", call_sub},
        {"subn", call_subn},
    };
    struct value module = value_dict_new(arena, 32);

    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        value_dict_put(module, functions[i].name,
                       jinja_function_value(arena, functions[i].name,
                                            functions[i].function, NULL));
    }
    for (size_t i = 0; i < FLAG_COUNT; i++) {
        value_dict_put(module, flag_names[i].letter, value_int(flag_names[i].value));
        value_dict_put(module, flag_names[i].name, value_int(flag_names[i].value));
    }
    value_dict_put(module, "NOFLAG", value_int(0));
    return module;
}
