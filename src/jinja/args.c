/* Arguments, bound to parameters as Python does it. */
#include "config.h"

#include "jinja/internal.h"

static bool is_star(const struct jinja_param *p)
{
    return (p->flags & (JINJA_VARARGS | JINJA_KWARGS)) != 0;
}

static bool is_positional(const struct jinja_param *p)
{
    return !is_star(p) && (p->flags & JINJA_KEYWORD_ONLY) == 0;
}

static size_t positional_count(const struct binding *b, size_t *required)
{
    size_t n = 0;

    *required = 0;
    for (size_t i = 0; i < b->count && is_positional(&b->params[i]); i++) {
        n++;
        *required += (b->params[i].flags & JINJA_OPTIONAL) == 0;
    }
    return n;
}

/* How functions written in C complain; the object itself is not counted. */
static int builtin_count(const struct binding *b, size_t most, size_t required)
{
    struct jinja_run *run = b->call->run;
    size_t given = b->call->arg_count - 1;
    const char *type = jinja_type_name(b->call->args[0]);
    const char *name = b->call->name;

    most--;
    required--;
    size_t wanted = given < required ? required : most;
    const char *bound = given < required ? "at least" : "at most";
    if (b->style != ARGS_C) {
        return jinja_raise(run, "TypeError", "%s() takes %s %zu argument%s (%zu given)",
                           name, bound, wanted, wanted == 1 ? "" : "s",
                           given +
                               (b->style == ARGS_KEYWORDS ? b->call->kwarg_count : 0));
    }
    if (most == 0 && b->count > 1) { /* keywords only */
        return jinja_raise(run, "TypeError", "%s() takes no positional arguments",
                           name);
    }
    if (most == 0) {
        return jinja_raise(run, "TypeError", "%s.%s() takes no arguments (%zu given)",
                           type, name, given);
    }
    if (most == required && most == 1) {
        return jinja_raise(run, "TypeError",
                           "%s.%s() takes exactly one argument (%zu given)", type, name,
                           given);
    }
    return jinja_raise(run, "TypeError", "%s expected %s%s%zu argument%s, got %zu",
                       name, most == required ? "" : bound, most == required ? "" : " ",
                       wanted, wanted == 1 ? "" : "s", given);
}

/* What functions written in C check before they look at any argument: 0/-1. */
static int builtin_keywords(const struct binding *b, size_t most, size_t required)
{
    bool open = b->count > most; /* keyword-only parameters or **kwargs */

    if (b->call->kwarg_count == 0 || open) {
        return 0;
    }
    if (b->style == ARGS_KEYWORDS) {
        return b->call->arg_count + b->call->kwarg_count > most
                   ? builtin_count(b, most, required)
                   : 0;
    }
    if (b->style == ARGS_PARSED) {
        return jinja_raise(b->call->run, "TypeError", "%s() takes no keyword arguments",
                           b->call->name);
    }
    return jinja_raise(b->call->run, "TypeError", "%s.%s() takes no keyword arguments",
                       jinja_type_name(b->call->args[0]), b->call->name);
}

static int too_many(const struct binding *b, size_t most, size_t required)
{
    if (b->style < 0) {
        return builtin_count(b, most, required);
    }
    size_t hidden = (size_t)b->style;
    size_t given = b->call->arg_count + hidden;
    if (required != most) {
        return jinja_raise(b->call->run, "TypeError",
                           "%s() takes from %zu to %zu positional arguments but %zu %s"
                           " given",
                           b->call->name, required + hidden, most + hidden, given,
                           given == 1 ? "was" : "were");
    }
    return jinja_raise(b->call->run, "TypeError",
                       "%s() takes %zu positional argument%s but %zu %s given",
                       b->call->name, most + hidden, most + hidden == 1 ? "" : "s",
                       given, given == 1 ? "was" : "were");
}

static int missing_args(const struct binding *b)
{
    size_t required;
    size_t most = positional_count(b, &required);

    if (b->style < 0) {
        return builtin_count(b, most, required);
    }

    struct buf names = BUF_INIT;
    size_t missing = 0;
    size_t seen = 0;
    bool keyword_only = false;

    for (size_t i = 0; i < b->count; i++) {
        missing += (b->params[i].flags & JINJA_OPTIONAL) == 0 &&
                   !is_star(&b->params[i]) && is_missing(b->out[i]);
    }
    for (size_t i = 0; i < b->count; i++) {
        if ((b->params[i].flags & JINJA_OPTIONAL) == 0 && !is_star(&b->params[i]) &&
            is_missing(b->out[i])) {
            keyword_only = (b->params[i].flags & JINJA_KEYWORD_ONLY) != 0;
            buf_addf(&names, "%s'%s'",
                     seen == 0            ? ""
                     : seen + 1 < missing ? ", "
                     : missing == 2       ? " and "
                                          : ", and ",
                     b->params[i].name);
            seen++;
        }
    }
    jinja_raise(b->call->run, "TypeError",
                "%s() missing %zu required %s argument%s: %s", b->call->name, missing,
                keyword_only ? "keyword-only" : "positional", missing == 1 ? "" : "s",
                buf_str(&names));
    buf_fini(&names);
    return -1;
}

static int bind_keyword(const struct binding *b, const struct jinja_kwarg *kwarg)
{
    struct jinja_run *run = b->call->run;

    for (size_t i = 0; i < b->count; i++) {
        const struct jinja_param *p = &b->params[i];
        if (!is_star(p) && (p->flags & JINJA_POSITIONAL_ONLY) == 0 &&
            strcmp(p->name, kwarg->name.as.s) == 0) {
            if (!is_missing(b->out[i])) {
                return b->style < 0
                           ? jinja_raise(run, "TypeError",
                                         "argument for %s() given by name ('%s') and"
                                         " position (%zu)",
                                         b->call->name, p->name, i)
                           : jinja_raise(run, "TypeError",
                                         "%s() got multiple values for argument '%s'",
                                         b->call->name, p->name);
            }
            b->out[i] = kwarg->value;
            return 0;
        }
    }
    if (b->count > 0 && (b->params[b->count - 1].flags & JINJA_KWARGS) != 0) {
        value_dict_put_value(b->out[b->count - 1], kwarg->name, kwarg->value);
        return 0;
    }
    return b->style < 0 ? jinja_raise(run, "TypeError",
                                      "'%s' is an invalid keyword argument for %s()",
                                      kwarg->name.as.s, b->call->name)
                        : jinja_raise(run, "TypeError",
                                      "%s() got an unexpected keyword argument '%s'",
                                      b->call->name, kwarg->name.as.s);
}

/* An undefined value that was passed must not look like one that was not. */
static struct value given(struct jinja_run *run, struct value v)
{
    return is_missing(v) ? jinja_undefined(run, "", "value is undefined") : v;
}

int bind_args(const struct binding *b)
{
    struct jinja_call *call = b->call;
    size_t required;
    size_t most = positional_count(b, &required);
    bool variadic = most < b->count && (b->params[most].flags & JINJA_VARARGS) != 0;

    if (b->style < 0 && builtin_keywords(b, most, required) != 0) {
        return -1;
    }
    for (size_t i = 0; i < b->count; i++) {
        b->out[i] = value_undefined();
    }
    for (size_t i = 0; i < call->arg_count && i < most; i++) {
        b->out[i] = given(call->run, call->args[i]);
    }
    if (variadic) {
        b->out[most] = value_tuple_new(call->arena, call->arg_count);
        for (size_t i = most; i < call->arg_count; i++) {
            value_list_push(b->out[most], call->args[i]);
        }
    } else if (call->arg_count > most) {
        return too_many(b, most, required);
    }
    if (b->count > 0 && (b->params[b->count - 1].flags & JINJA_KWARGS) != 0) {
        b->out[b->count - 1] = value_dict_new(call->arena, call->kwarg_count);
    }
    for (size_t i = 0; i < call->kwarg_count; i++) {
        if (bind_keyword(b, &call->kwargs[i]) != 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < b->count; i++) {
        if ((b->params[i].flags & JINJA_OPTIONAL) == 0 && !is_star(&b->params[i]) &&
            is_missing(b->out[i])) {
            return missing_args(b);
        }
    }
    return 0;
}

int jinja_args(struct jinja_call *call, const struct jinja_param *params, size_t count,
               struct value *out)
{
    struct binding b = {call, params, count, out, 0};

    return bind_args(&b);
}

int jinja_want_str(struct jinja_call *call, const char *what, struct value v,
                   const char **out)
{
    if (v.type != VALUE_STRING) {
        return v.type == VALUE_UNDEFINED && !is_missing(v)
                   ? undefined_raise(call->run, v)
                   : jinja_raise(call->run, "TypeError",
                                 "%s() argument '%s' must be str,"
                                 " not %s",
                                 call->name, what, jinja_type_name(v));
    }
    *out = v.as.s;
    return 0;
}
