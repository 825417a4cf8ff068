/* Calls: arguments as Python binds them, built-in functions, methods. */
#include "config.h"

#include "jinja/internal.h"

#include <stdio.h>

/* ---- binding arguments ------------------------------------------------------------
 */

struct binding {
    struct jinja_call *call;
    const struct jinja_param *params;
    size_t count;
    struct value *out;
    int hidden; /* shown in counts, not passed */
};

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
    if (most == 0) {
        return jinja_raise(run, "TypeError", "%s.%s() takes no arguments (%zu given)",
                           type, name, given);
    }
    if (most == required && most == 1) {
        return jinja_raise(run, "TypeError",
                           "%s.%s() takes exactly one argument (%zu given)", type, name,
                           given);
    }
    return jinja_raise(run, "TypeError", "%s expected %s%zu argument%s, got %zu", name,
                       most == required   ? ""
                       : given < required ? "at least "
                                          : "at most ",
                       given < required ? required : most,
                       (given < required ? required : most) == 1 ? "" : "s", given);
}

static int too_many(const struct binding *b, size_t most, size_t required)
{
    size_t hidden = (size_t)b->hidden;
    size_t given = b->call->arg_count + hidden;

    if (b->hidden < 0) {
        return builtin_count(b, most, required);
    }

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

    if (b->hidden < 0) {
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
                return jinja_raise(run, "TypeError",
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
    return jinja_raise(run, "TypeError", "%s() got an unexpected keyword argument '%s'",
                       b->call->name, kwarg->name.as.s);
}

/* An undefined value that was passed must not look like one that was not. */
static struct value given(struct jinja_run *run, struct value v)
{
    return is_missing(v) ? jinja_undefined(run, "", "value is undefined") : v;
}

static int bind_args(const struct binding *b)
{
    struct jinja_call *call = b->call;
    size_t required;
    size_t most = positional_count(b, &required);
    bool variadic = most < b->count && (b->params[most].flags & JINJA_VARARGS) != 0;

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

/* ---- built-ins --------------------------------------------------------------------
 */

static void init_param(struct builtin *b, char *word)
{
    struct jinja_param *p = &b->params[b->count++];
    size_t len = strlen(word);

    if (word[0] == '*') {
        p->flags = word[1] == '*' ? JINJA_KWARGS : JINJA_VARARGS;
        p->name = word + (word[1] == '*' ? 2 : 1);
        b->open = true;
        return;
    }
    if (word[len - 1] == '?') {
        p->flags = JINJA_OPTIONAL;
    } else if (word[len - 1] == '!') {
        p->flags = JINJA_OPTIONAL | JINJA_KEYWORD_ONLY;
        b->open = true;
    }
    if (p->flags != 0) {
        word[len - 1] = '\0';
    }
    p->name = word;
    if (!b->open) {
        b->plain++;
        b->required += p->flags == 0;
    }
}

void builtin_init(struct builtin *b, const struct builtin_def *def, struct arena *arena)
{
    char *signature = arena_strdup(arena, def->signature);

    *b = (struct builtin){.name = def->name,
                          .python_name =
                              def->python_name != NULL ? def->python_name : def->name,
                          .function = def->function,
                          .contextual = def->contextual,
                          .hidden = def->hidden};
    for (char *word = signature; *word != '\0';) {
        size_t len = strcspn(word, " ");
        bool last = word[len] == '\0';
        word[len] = '\0';
        init_param(b, word);
        word += len + (last ? 0 : 1);
    }
}

int builtin_call(const struct builtin *b, struct jinja_call *call, struct value *out)
{
    struct value args[BUILTIN_MAX_PARAMS];

    *out = value_undefined();
    if (b->host != NULL) {
        call->context = b->context;
        call->name = b->name;
        if (b->host(call, out) != 0) {
            run_host_failed(call->run, b->name);
            return -1;
        }
        return 0;
    }
    call->name = b->python_name;
    if (LIKELY(!b->open && call->kwarg_count == 0 &&
               call->arg_count <= (size_t)b->plain &&
               call->arg_count >= (size_t)b->required)) {
        for (int i = 0; i < b->count; i++) {
            args[i] = (size_t)i < call->arg_count ? call->args[i] : value_undefined();
        }
        return b->function(call, args, out);
    }
    struct binding binding = {call, b->params, (size_t)b->count, args, b->hidden};
    if (bind_args(&binding) != 0) {
        return -1;
    }
    return b->function(call, args, out);
}

/* ---- function values --------------------------------------------------------------
 */

struct function_value {
    struct value_object base;
    const char *name;
    jinja_function function;
    void *context;
};

struct builtin_value {
    struct value_object base;
    const struct builtin *builtin;
    struct value self; /* methods only, else undefined */
};

static int function_call(struct jinja_call *call, struct value *out)
{
    const struct function_value *f = call->context;

    call->context = f->context;
    call->name = f->name;
    if (f->function(call, out) != 0) {
        run_host_failed(call->run, f->name);
        return -1;
    }
    return 0;
}

static int function_repr(struct value_object *self, struct jinja_run *run,
                         struct buf *out)
{
    const struct function_value *f = (const void *)self;

    (void)run;
    buf_addf(out, "<function %s>", f->name);
    return 0;
}

static const struct jinja_class function_class = {
    .base = {.name = "function"},
    .call = function_call,
    .repr = function_repr,
};

struct value jinja_function_value(struct arena *arena, const char *name,
                                  jinja_function function, void *context)
{
    struct function_value *f = arena_new(arena, struct function_value);

    f->base.class = &function_class.base;
    f->name = name;
    f->function = function;
    f->context = context;
    return jinja_object_value(&f->base);
}

static int builtin_value_call(struct jinja_call *call, struct value *out)
{
    const struct builtin_value *v = call->context;

    if (v->self.type != VALUE_UNDEFINED) {
        struct value *args =
            arena_alloc(call->arena, (call->arg_count + 1) * sizeof(*args));
        args[0] = v->self;
        for (size_t i = 0; i < call->arg_count; i++) {
            args[i + 1] = call->args[i];
        }
        call->args = args;
        call->arg_count++;
    }
    return builtin_call(v->builtin, call, out);
}

static int builtin_value_repr(struct value_object *self, struct jinja_run *run,
                              struct buf *out)
{
    const struct builtin_value *v = (const void *)self;

    (void)run;
    if (v->self.type != VALUE_UNDEFINED) {
        buf_addf(out, "<built-in method %s of %s object>", v->builtin->name,
                 jinja_type_name(v->self));
    } else {
        buf_addf(out, "<function %s>", v->builtin->python_name);
    }
    return 0;
}

static const struct jinja_class builtin_class = {
    .base = {.name = "builtin_function_or_method"},
    .call = builtin_value_call,
    .repr = builtin_value_repr,
};

struct value builtin_value_new(struct arena *arena, const struct builtin *builtin,
                               struct value self)
{
    struct builtin_value *v = arena_new(arena, struct builtin_value);

    v->base.class = &builtin_class.base;
    v->builtin = builtin;
    v->self = self;
    return jinja_object_value(&v->base);
}

/* ---- calls ------------------------------------------------------------------------
 */

bool jinja_callable(struct value v)
{
    return v.type == VALUE_UNDEFINED ||
           (v.type == VALUE_OBJECT &&
            ((const struct jinja_class *)v.as.obj->class)->call != NULL);
}

int value_call(struct jinja_run *run, struct value callable,
               const struct call_args *args, struct value *out)
{
    struct jinja_call call = {.run = run,
                              .arena = run->arena,
                              .args = args->args,
                              .arg_count = args->count,
                              .kwargs = args->kwargs,
                              .kwarg_count = args->kwarg_count};

    if (callable.type == VALUE_UNDEFINED) {
        if (callable.as.undef != NULL && callable.as.undef->permissive) {
            *out = callable;
            return 0;
        }
        return undefined_raise(run, callable);
    }
    const struct jinja_class *class =
        callable.type == VALUE_OBJECT ? (const void *)callable.as.obj->class : NULL;
    if (class == NULL || class->call == NULL) {
        return jinja_raise(run, "TypeError", "'%s' object is not callable",
                           jinja_type_name(callable));
    }
    if (run_step(run) != 0) {
        return -1;
    }
    call.context = callable.as.obj;
    call.name = class->base.name;
    *out = value_undefined();
    if (class->call(&call, out) != 0) {
        run_host_failed(run, call.name);
        return -1;
    }
    return 0;
}

int jinja_call_value(struct jinja_run *run, struct value callable,
                     const struct value *args, size_t arg_count,
                     const struct jinja_kwarg *kwargs, size_t kwarg_count,
                     struct value *out)
{
    struct call_args all = {.args = (struct value *)args,
                            .count = arg_count,
                            .kwargs = (struct jinja_kwarg *)kwargs,
                            .kwarg_count = kwarg_count};

    return value_call(run, callable, &all, out);
}

int method_call(struct jinja_run *run, const struct builtin *method,
                struct value object, const struct call_args *args, struct value *out)
{
    struct jinja_call call = {.run = run,
                              .arena = run->arena,
                              .args = args->args,
                              .arg_count = args->count,
                              .kwargs = args->kwargs,
                              .kwarg_count = args->kwarg_count};

    (void)object; /* is the first argument */
    if (run_step(run) != 0) {
        return -1;
    }
    return builtin_call(method, &call, out);
}
