/* Calls: built-in functions, methods, whatever can be called. */
#include "config.h"

#include "jinja/internal.h"

#include <stdio.h>

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
                          .style = def->style};
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
    struct binding binding = {call, b->params, (size_t)b->count, args, b->style};
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
