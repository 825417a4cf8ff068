/* modules.re over PCRE2. */
#include "config.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include <pcre2.h>

#include "compile/datetime.h"
#include "compile/internal.h"

#define MATCH_LIMIT 1000000

enum { ANYWHERE, AT_START, WHOLE };

struct pattern_object {
    struct value_object base;
    const char *text;
    uint32_t flags; /* of PCRE2 */
};

struct match_object {
    struct value_object base;
    const char *subject;
    size_t count;
    size_t *spans;      /* start and end, SIZE_MAX when a group took no part */
    struct value names; /* dict: name → group */
};

static const struct jinja_class pattern_class, match_class;

/* ---- compiling and matching
 * ----------------------------------------------------------- */

static pcre2_code *compile_pattern(struct jinja_run *run, const char *text,
                                   uint32_t flags, int anchor)
{
    int error;
    size_t offset;
    uint32_t options = flags | PCRE2_UTF | PCRE2_UCP | PCRE2_ALLOW_EMPTY_CLASS;

    if (anchor != ANYWHERE) {
        options |= PCRE2_ANCHORED;
    }
    if (anchor == WHOLE) {
        options |= PCRE2_ENDANCHORED;
    }
    pcre2_code *code = pcre2_compile((PCRE2_SPTR)text, PCRE2_ZERO_TERMINATED, options,
                                     &error, &offset, NULL);
    if (code == NULL) {
        PCRE2_UCHAR message[128];
        pcre2_get_error_message(error, message, sizeof message);
        jinja_raise(run, "error", "%s at position %zu", (char *)message, offset);
    }
    return code;
}

/* One match from `from`: 1 found, 0 none, -1 raised. */
static int match_once(struct jinja_run *run, pcre2_code *code, pcre2_match_data *data,
                      const char *subject, size_t len, size_t from)
{
    pcre2_match_context *limits = pcre2_match_context_create(NULL);

    pcre2_set_match_limit(limits, MATCH_LIMIT);
    int found = pcre2_match(code, (PCRE2_SPTR)subject, len, from, 0, data, limits);
    pcre2_match_context_free(limits);
    if (found == PCRE2_ERROR_NOMATCH) {
        return 0;
    }
    if (found < 0) {
        return jinja_raise(run, "RuntimeError",
                           "a regular expression takes too long on this text");
    }
    return 1;
}

static struct value group_names(struct arena *arena, pcre2_code *code)
{
    uint32_t count = 0, size = 0;
    PCRE2_SPTR table = NULL;
    struct value names = value_dict_new(arena, 4);

    pcre2_pattern_info(code, PCRE2_INFO_NAMECOUNT, &count);
    pcre2_pattern_info(code, PCRE2_INFO_NAMEENTRYSIZE, &size);
    pcre2_pattern_info(code, PCRE2_INFO_NAMETABLE, &table);
    for (uint32_t i = 0; i < count; i++, table += size) {
        value_dict_put(names, arena_strdup(arena, (const char *)table + 2),
                       value_int(table[0] << 8 | table[1]));
    }
    return names;
}

static struct value match_value(struct arena *arena, pcre2_code *code,
                                pcre2_match_data *data, const char *subject)
{
    struct match_object *match = arena_new(arena, struct match_object);
    const size_t *spans = pcre2_get_ovector_pointer(data);

    match->base.class = &match_class.base;
    match->subject = subject;
    match->count = pcre2_get_ovector_count(data);
    match->spans = arena_array(arena, size_t, 2 * match->count);
    memcpy(match->spans, spans, 2 * match->count * sizeof *spans);
    match->names = group_names(arena, code);
    return jinja_object_value(&match->base);
}

static struct value group_value(struct arena *arena, const char *subject,
                                const size_t *spans, size_t group)
{
    size_t start = spans[2 * group], end = spans[2 * group + 1];

    if (start == PCRE2_UNSET) {
        return value_none();
    }
    return value_copy_str_n(arena, subject + start, end > start ? end - start : 0);
}

/* ---- match objects
 * ---------------------------------------------------------------------- */

static int find_group(struct jinja_call *call, struct value key, size_t *out)
{
    const struct match_object *match = call->context;

    if (value_is_str(key)) {
        key = value_dict_get_value(match->names, key);
    }
    if (!value_is(key, VALUE_INT) || key.as.i < 0 || (size_t)key.as.i >= match->count) {
        return jinja_raise(call->run, "IndexError", "no such group");
    }
    *out = (size_t)key.as.i;
    return 0;
}

static int call_group(struct jinja_call *call, struct value *out)
{
    const struct match_object *match = call->context;
    struct value tuple = value_tuple_new(call->arena, call->arg_count + 1);
    size_t group = 0;

    for (size_t i = 0; i < call->arg_count; i++) {
        if (find_group(call, call->args[i], &group) != 0) {
            return -1;
        }
        value_list_push(tuple,
                        group_value(call->arena, match->subject, match->spans, group));
    }
    *out = call->arg_count > 1
               ? tuple
               : group_value(call->arena, match->subject, match->spans, group);
    return 0;
}

static int call_groups(struct jinja_call *call, struct value *out)
{
    const struct match_object *match = call->context;

    *out = value_tuple_new(call->arena, match->count);
    for (size_t i = 1; i < match->count; i++) {
        value_list_push(*out,
                        group_value(call->arena, match->subject, match->spans, i));
    }
    return 0;
}

static int call_groupdict(struct jinja_call *call, struct value *out)
{
    const struct match_object *match = call->context;
    size_t at = 0;
    const struct value_pair *pair;

    *out = value_dict_new(call->arena, 4);
    while ((pair = value_dict_next(match->names, &at)) != NULL) {
        value_dict_put_value(*out, pair->key,
                             group_value(call->arena, match->subject, match->spans,
                                         (size_t)pair->value.as.i));
    }
    return 0;
}

/* start(), end(), span() of a group, in characters. */
static int call_span(struct jinja_call *call, struct value *out)
{
    const struct match_object *match = call->context;
    size_t group = 0;
    int64_t ends[2] = {0, 0};

    if (call->arg_count > 0 && find_group(call, call->args[0], &group) != 0) {
        return -1;
    }
    for (int k = 0; k < 2; k++) {
        for (size_t i = 0; i < match->spans[2 * group + (size_t)k]; i++) {
            ends[k] += ((unsigned char)match->subject[i] & 0xC0) != 0x80;
        }
    }
    if (strcmp(call->name, "span") == 0) {
        *out = value_tuple_new(call->arena, 2);
        value_list_push(*out, value_int(ends[0]));
        value_list_push(*out, value_int(ends[1]));
    } else {
        *out = value_int(ends[call->name[0] == 'e']);
    }
    return 0;
}

static const struct {
    const char *name;
    jinja_function function;
} match_methods[] = {
    {"end", call_span},      {"group", call_group}, {"groupdict", call_groupdict},
    {"groups", call_groups}, {"span", call_span},   {"start", call_span},
};

static int match_getattr(struct value_object *self, struct jinja_run *run,
                         const struct jinja_name *name, struct value *out)
{
    for (size_t i = 0; i < sizeof match_methods / sizeof match_methods[0]; i++) {
        if (strcmp(name->s, match_methods[i].name) == 0) {
            *out = jinja_function_value(jinja_arena(run), match_methods[i].name,
                                        match_methods[i].function, self);
            return 1;
        }
    }
    return 0;
}

static int match_getitem(struct value_object *self, struct jinja_run *run,
                         struct value key, struct value *out)
{
    const struct match_object *match = (const struct match_object *)self;

    if (value_is_str(key)) {
        key = value_dict_get_value(match->names, key);
    }
    if (!value_is(key, VALUE_INT) || key.as.i < 0 || (size_t)key.as.i >= match->count) {
        return 0;
    }
    *out =
        group_value(jinja_arena(run), match->subject, match->spans, (size_t)key.as.i);
    return 1;
}

static const struct jinja_class match_class = {
    .base = {.name = "re.Match"},
    .getattr = match_getattr,
    .getitem = match_getitem,
};

/* ---- functions: of the module (pattern first) and of compiled patterns
 * ---------------- */

struct work {
    struct jinja_call *call;
    pcre2_code *code;
    pcre2_match_data *data;
    const char *subject;
    size_t len;
    size_t next; /* index of the first argument after the subject */
    struct value replacement;
};

static uint32_t wanted_flags(struct value v)
{
    static const struct {
        int python;
        uint32_t pcre;
    } flags[] = {{2, PCRE2_CASELESS},
                 {8, PCRE2_MULTILINE},
                 {16, PCRE2_DOTALL},
                 {64, PCRE2_EXTENDED}};
    uint32_t wanted = 0;

    for (size_t i = 0; i < 4 && value_is(v, VALUE_INT); i++) {
        wanted |= (v.as.i & flags[i].python) != 0 ? flags[i].pcre : 0;
    }
    return wanted;
}

/* Reads pattern, [replacement,] subject, [flags]. */
static int begin_work(struct work *work, struct jinja_call *call, int anchor,
                      bool replaces)
{
    const struct pattern_object *self = call->context;
    struct value text = value_undefined(), subject;
    size_t at = 0;
    uint32_t flags = self != NULL ? self->flags : 0;

    *work = (struct work){.call = call};
    size_t needed = (self == NULL) + replaces + 1u;
    if (call->arg_count < needed) {
        return jinja_raise(call->run, "TypeError",
                           "%s() takes %zu positional arguments", call->name, needed);
    }
    if (self == NULL) {
        text = call->args[at++];
        const struct pattern_object *given = jinja_is_a(text, &pattern_class)
                                                 ? (struct pattern_object *)text.as.obj
                                                 : NULL;
        if (given != NULL) {
            text = value_str(given->text);
            flags = given->flags;
        }
    } else {
        text = value_str(self->text);
    }
    if (replaces) {
        work->replacement = call->args[at++];
    }
    subject = call->args[at++];
    if (!value_is_str(text) || !value_is_str(subject)) {
        return jinja_raise(call->run, "TypeError",
                           "expected string or bytes-like object, got '%s'",
                           jinja_type_name(value_is_str(text) ? subject : text));
    }
    work->next = at;
    for (size_t i = 0; i < call->kwarg_count; i++) {
        if (strcmp(value_cstr(call->kwargs[i].name, ""), "flags") == 0) {
            flags |= wanted_flags(call->kwargs[i].value);
        }
    }
    if (!replaces && self == NULL && call->arg_count > at) {
        flags |= wanted_flags(call->args[call->arg_count - 1]);
    }
    work->subject = subject.as.s;
    work->len = subject.len;
    work->code = compile_pattern(call->run, text.as.s, flags, anchor);
    if (work->code == NULL) {
        return -1;
    }
    work->data = pcre2_match_data_create_from_pattern(work->code, NULL);
    return 0;
}

static void end_work(struct work *work)
{
    pcre2_match_data_free(work->data);
    pcre2_code_free(work->code);
}

static int find(struct jinja_call *call, int anchor, struct value *out)
{
    struct work work;

    if (begin_work(&work, call, anchor, false) != 0) {
        return -1;
    }
    int found = match_once(call->run, work.code, work.data, work.subject, work.len, 0);
    *out = found == 1 ? match_value(call->arena, work.code, work.data, work.subject)
                      : value_none();
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

/* Calls `visit` for every match; `between` is where the text before it begins. */
static int each_match(struct work *work, size_t most,
                      int (*visit)(struct work *work, size_t between, void *state),
                      void *state, size_t *rest)
{
    size_t from = 0, last = 0, count = 0;

    while (from <= work->len && (most == 0 || count < most)) {
        int found = match_once(work->call->run, work->code, work->data, work->subject,
                               work->len, from);
        if (found <= 0) {
            *rest = last;
            return found;
        }
        const size_t *spans = pcre2_get_ovector_pointer(work->data);
        if (visit(work, last, state) != 0) {
            return -1;
        }
        count++;
        last = spans[1];
        from = spans[1];
        if (spans[1] == spans[0]) { /* empty: go on by one character */
            do {
                from++;
            } while (from < work->len &&
                     ((unsigned char)work->subject[from] & 0xC0) == 0x80);
        }
    }
    *rest = last;
    return 0;
}

/* The groups of findall: the whole match, the only group, or a tuple. */
static int visit_find(struct work *work, size_t between, void *state)
{
    struct value *list = state;
    const size_t *spans = pcre2_get_ovector_pointer(work->data);
    size_t count = pcre2_get_ovector_count(work->data);
    struct arena *arena = work->call->arena;

    (void)between;
    if (count <= 2) {
        value_list_push(*list, group_value(arena, work->subject, spans, count - 1));
        return 0;
    }
    struct value tuple = value_tuple_new(arena, count);
    for (size_t i = 1; i < count; i++) {
        struct value group = group_value(arena, work->subject, spans, i);
        value_list_push(tuple, value_is_null(group) ? value_str("") : group);
    }
    value_list_push(*list, tuple);
    return 0;
}

static int call_findall(struct jinja_call *call, struct value *out)
{
    struct work work;
    size_t rest;

    if (begin_work(&work, call, ANYWHERE, false) != 0) {
        return -1;
    }
    *out = value_list_new(call->arena, 4);
    int status = each_match(&work, 0, visit_find, out, &rest);
    end_work(&work);
    return status;
}

static int visit_iterate(struct work *work, size_t between, void *state)
{
    (void)between;
    value_list_push(*(struct value *)state, match_value(work->call->arena, work->code,
                                                        work->data, work->subject));
    return 0;
}

static int call_finditer(struct jinja_call *call, struct value *out)
{
    struct work work;
    size_t rest;

    if (begin_work(&work, call, ANYWHERE, false) != 0) {
        return -1;
    }
    *out = value_list_new(call->arena, 4);
    int status = each_match(&work, 0, visit_iterate, out, &rest);
    end_work(&work);
    return status;
}

static int visit_split(struct work *work, size_t between, void *state)
{
    struct value *list = state;
    const size_t *spans = pcre2_get_ovector_pointer(work->data);
    struct arena *arena = work->call->arena;

    value_list_push(
        *list, value_copy_str_n(arena, work->subject + between, spans[0] - between));
    for (size_t i = 1; i < pcre2_get_ovector_count(work->data); i++) {
        value_list_push(*list, group_value(arena, work->subject, spans, i));
    }
    return 0;
}

static size_t limit_of(const struct work *work)
{
    const struct jinja_call *call = work->call;
    struct value v =
        work->next < call->arg_count ? call->args[work->next] : value_undefined();

    for (size_t i = 0; i < call->kwarg_count; i++) {
        const char *name = value_cstr(call->kwargs[i].name, "");
        if (strcmp(name, "count") == 0 || strcmp(name, "maxsplit") == 0) {
            v = call->kwargs[i].value;
        }
    }
    return value_is(v, VALUE_INT) && v.as.i > 0 ? (size_t)v.as.i : 0;
}

static int call_split(struct jinja_call *call, struct value *out)
{
    struct work work;
    size_t rest;

    if (begin_work(&work, call, ANYWHERE, false) != 0) {
        return -1;
    }
    *out = value_list_new(call->arena, 4);
    int status = each_match(&work, limit_of(&work), visit_split, out, &rest);
    if (status == 0) {
        value_list_push(
            *out, value_copy_str_n(call->arena, work.subject + rest, work.len - rest));
    }
    end_work(&work);
    return status;
}

/* Python's replacement texts: \1, \g<1>, \g<name>, \n … */
static int add_expanded(struct work *work, const char *text, struct buf *out)
{
    const size_t *spans = pcre2_get_ovector_pointer(work->data);
    size_t count = pcre2_get_ovector_count(work->data);
    struct arena *arena = work->call->arena;

    for (const char *p = text; *p != '\0'; p++) {
        size_t group = count;
        if (*p != '\\' || p[1] == '\0') {
            buf_addc(out, *p);
            continue;
        }
        p++;
        const char *close = *p == 'g' && p[1] == '<' ? strchr(p, '>') : NULL;
        if (isdigit((unsigned char)*p)) {
            group = (size_t)(*p - '0');
            if (isdigit((unsigned char)p[1])) {
                group = group * 10 + (size_t)(*++p - '0');
            }
        } else if (close != NULL) {
            const char *name = arena_strndup(arena, p + 2, (size_t)(close - p) - 2);
            struct value number = value_dict_get(group_names(arena, work->code), name);
            group = value_is(number, VALUE_INT)       ? (size_t)number.as.i
                    : isdigit((unsigned char)name[0]) ? strtoul(name, NULL, 10)
                                                      : count;
            p = close;
        } else {
            static const char escapes[] = "n\nt\tr\rf\fv\va\ab\b";
            const char *known = *p != '\0' ? strchr("ntrfvab", *p) : NULL;
            if (known != NULL) {
                buf_addc(out, escapes[2 * (known - "ntrfvab") + 1]);
            } else {
                buf_adds(out, *p == '\\' ? "" : "\\");
                buf_addc(out, *p);
            }
            continue;
        }
        if (group >= count) {
            return jinja_raise(work->call->run, "error", "invalid group reference %zu",
                               group);
        }
        struct value v = group_value(arena, work->subject, spans, group);
        buf_add(out, value_cstr(v, ""), v.len);
    }
    return 0;
}

static int visit_sub(struct work *work, size_t between, void *state)
{
    struct buf *out = state;
    const size_t *spans = pcre2_get_ovector_pointer(work->data);
    size_t start = spans[0];

    buf_add(out, work->subject + between, start - between);
    if (value_is_str(work->replacement)) {
        return add_expanded(work, work->replacement.as.s, out);
    }
    struct value match =
        match_value(work->call->arena, work->code, work->data, work->subject);
    struct value text;
    return jinja_call_value(work->call->run, work->replacement, &match, 1, NULL, 0,
                            &text) != 0
               ? -1
               : jinja_str(work->call->run, text, out);
}

static int call_sub(struct jinja_call *call, struct value *out)
{
    struct work work;
    struct buf text = BUF_INIT;
    size_t rest;

    if (begin_work(&work, call, ANYWHERE, true) != 0) {
        return -1;
    }
    int status = each_match(&work, limit_of(&work), visit_sub, &text, &rest);
    if (status == 0) {
        buf_add(&text, work.subject + rest, work.len - rest);
        *out = value_copy_str_n(call->arena, buf_str(&text), text.len);
    }
    buf_fini(&text);
    end_work(&work);
    return status;
}

static int call_escape(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"pattern", 0}};
    struct value arg;
    const char *text;
    struct buf escaped = BUF_INIT;

    if (jinja_args(call, params, 1, &arg) != 0 ||
        jinja_want_str(call, "pattern", arg, &text) != 0) {
        return -1;
    }
    for (; *text != '\0'; text++) {
        if (strchr("()[]{}?*+-|^$\\.&~# \t\n\r\v\f", *text) != NULL) {
            buf_addc(&escaped, '\\');
        }
        buf_addc(&escaped, *text);
    }
    *out = value_copy_str_n(call->arena, buf_str(&escaped), escaped.len);
    buf_fini(&escaped);
    return 0;
}

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
};

static int pattern_getattr(struct value_object *self, struct jinja_run *run,
                           const struct jinja_name *name, struct value *out)
{
    for (size_t i = 0; i < sizeof pattern_methods / sizeof pattern_methods[0]; i++) {
        if (strcmp(name->s, pattern_methods[i].name) == 0) {
            *out = jinja_function_value(jinja_arena(run), pattern_methods[i].name,
                                        pattern_methods[i].function, self);
            return 1;
        }
    }
    if (strcmp(name->s, "pattern") == 0) {
        *out = value_str(((struct pattern_object *)self)->text);
        return 1;
    }
    return 0;
}

static const struct jinja_class pattern_class = {
    .base = {.name = "re.Pattern"},
    .getattr = pattern_getattr,
};

static int call_compile(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"pattern", 0},
                                                {"flags", JINJA_OPTIONAL}};
    struct value args[2];
    const char *text;

    if (jinja_args(call, params, 2, args) != 0 ||
        jinja_want_str(call, "pattern", args[0], &text) != 0) {
        return -1;
    }
    pcre2_code *code = compile_pattern(call->run, text, 0, ANYWHERE);
    if (code == NULL) {
        return -1;
    }
    pcre2_code_free(code);
    struct pattern_object *pattern = arena_new(call->arena, struct pattern_object);
    pattern->base.class = &pattern_class.base;
    pattern->text = text;
    pattern->flags = wanted_flags(args[1]);
    *out = jinja_object_value(&pattern->base);
    return 0;
}

static int get_caseless(void *context, struct jinja_run *run, struct value *out)
{
    (void)context;
    (void)run;
    *out = value_int(2);
    return 0;
}

static int get_multiline(void *context, struct jinja_run *run, struct value *out)
{
    (void)context;
    (void)run;
    *out = value_int(8);
    return 0;
}

static int get_dotall(void *context, struct jinja_run *run, struct value *out)
{
    (void)context;
    (void)run;
    *out = value_int(16);
    return 0;
}

static int get_verbose(void *context, struct jinja_run *run, struct value *out)
{
    (void)context;
    (void)run;
    *out = value_int(64);
    return 0;
}

struct value re_module(struct arena *arena)
{
    static const struct jinja_def defs[] = {
        {"DOTALL", NULL, get_dotall},
        {"I", NULL, get_caseless},
        {"IGNORECASE", NULL, get_caseless},
        {"M", NULL, get_multiline},
        {"MULTILINE", NULL, get_multiline},
        {"S", NULL, get_dotall},
        {"VERBOSE", NULL, get_verbose},
        {"X", NULL, get_verbose},
        {"compile", call_compile, NULL},
        {"escape", call_escape, NULL},
        {"findall", call_findall, NULL},
        {"finditer", call_finditer, NULL},
        {"fullmatch", call_fullmatch, NULL},
        {"match", call_match, NULL},
        {"search", call_search, NULL},
        {"split", call_split, NULL},
        {"sub", call_sub, NULL},
    };

    return jinja_module_value(arena, "dict", defs, sizeof defs / sizeof defs[0], NULL);
}
