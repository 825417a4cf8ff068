/* One render: limits, errors, undefined values, and the entry points of the header. */
#include "config.h"

#include "jinja/internal.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"
#include "jinja/native.h"
#include "jinja/parse.h"

#define MAX_STACK ((ptrdiff_t)5 * 1024 * 1024)

/* ---- errors --------------------------------------------------------------------- */

static void add_line(struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

static void add_line(struct err *err, const char *fmt, ...)
{
    size_t len = strlen(err->trace);
    va_list ap;

    if (len + 2 < sizeof(err->trace)) {
        if (len > 0) {
            err->trace[len++] = '\n';
        }
        va_start(ap, fmt);
        vsnprintf(err->trace + len, sizeof(err->trace) - len, fmt, ap);
        va_end(ap);
    }
}

/* Adds where it happened, unless that is known. */
static void place_error(struct jinja_run *run)
{
    struct err *err = run->err;

    if (err->line == 0 && run->at != NULL && run->module != NULL) {
        const struct jinja_template *t = run->module->template;
        const char *start = t->text;
        int column;
        int line;
        err_locate(t->text, t->len, run->at->offset, &line, &column);
        for (int i = 1; i < run->at->line && start != NULL; i++) {
            start = strchr(start, '\n');
            start = start != NULL ? start + 1 : NULL;
        }
        if (start != NULL) {
            str_copy_n(err->source, sizeof(err->source), start, strcspn(start, "\n"));
        }
        err->line = run->at->line + t->first_line - 1;
        err->column = line == run->at->line ? column : 0;
        str_copy(err->file, sizeof(err->file), t->file);
    }
    if (err->trace[0] == '\0') {
        int shown = 0;
        for (const struct bound_frame *b = run->bound; b != NULL && shown < 20;
             b = b->outer, shown++) {
            add_line(err, "%s %s %s (%s)", shown == 0 ? "in" : "called by",
                     b->macro->tag, b->macro->name, b->macro->file);
        }
    }
}

int run_vraise(struct jinja_run *run, const char *type, const char *fmt, va_list ap)
{
    if (run->err->code == ERR_NONE) {
        err_vset(run->err, ERR_COMPILE, fmt, ap);
        str_copy(run->err->type, sizeof(run->err->type), type);
        place_error(run);
    }
    return -1;
}

int jinja_raise(struct jinja_run *run, const char *type, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    run_vraise(run, type, fmt, ap);
    va_end(ap);
    return -1;
}

struct err *jinja_error(struct jinja_run *run)
{
    return run->err;
}

bool jinja_catch(struct jinja_run *run, struct err *out)
{
    if (run->stop != STOP_NONE || run->err->code == ERR_INTERRUPTED ||
        run->err->code == ERR_LIMIT) {
        return false;
    }
    place_error(run);
    if (out != NULL) {
        *out = *run->err;
    }
    err_clear(run->err);
    return true;
}

/* After a host function failed: what it set gets a place, and a type if it has none. */
void run_host_failed(struct jinja_run *run, const char *name)
{
    if (run->stop != STOP_NONE) {
        return;
    }
    if (run->err->code == ERR_NONE) {
        jinja_raise(run, "RuntimeError", "%s() failed", name);
    }
    place_error(run);
}

/* ---- limits --------------------------------------------------------------------- */

int jinja_run_check(struct jinja_run *run)
{
    const struct jinja_limits *limits = &run->env->limits;
    const char *what = NULL;

    run->budget = STEP_CHUNK;
    run->steps += STEP_CHUNK;
    if (run->interrupted != NULL && *run->interrupted != 0) {
        err_set(run->err, ERR_INTERRUPTED, "interrupted");
        return -1;
    }
    if (run->steps > limits->steps) {
        what = "takes too many steps";
    } else if (run->out->overflow || run->out->len > limits->output) {
        what = "writes too much";
    } else if (run->arena->total > limits->memory) {
        what = "needs too much memory";
    }
    if (what == NULL) {
        return 0;
    }
    err_set(run->err, ERR_LIMIT, "template %s", what);
    str_copy(run->err->type, sizeof(run->err->type), "LimitError");
    place_error(run);
    return -1;
}

int run_enter(struct jinja_run *run)
{
    char here = 0;

    if (run->depth >= run->env->limits.depth || run->stack_base - &here > MAX_STACK) {
        return jinja_raise(run, "RecursionError", "maximum recursion depth exceeded");
    }
    run->depth++;
    return 0;
}

int run_stack(struct jinja_run *run)
{
    char here = 0;

    if (UNLIKELY(run->stack_base - &here > MAX_STACK)) {
        return jinja_raise(run, "RecursionError", "maximum recursion depth exceeded");
    }
    return 0;
}

int run_reserve(struct jinja_run *run, size_t bytes)
{
    if (bytes > run->env->limits.memory ||
        run->arena->total > run->env->limits.memory - bytes || bytes >= UINT32_MAX) {
        return jinja_raise(run, "MemoryError", "template needs too much memory");
    }
    return 0;
}

char *run_alloc_text(struct jinja_run *run, size_t len)
{
    if (len > 65536 && run_reserve(run, len) != 0) {
        return NULL;
    }
    char *text = arena_alloc(run->arena, len + 1);
    text[len] = '\0';
    return text;
}

/* ---- text being built -------------------------------------------------------------
 */

struct buf *scratch_begin(struct jinja_run *run, size_t *mark)
{
    *mark = run->out->len;
    return run->out;
}

struct value scratch_take(struct jinja_run *run, size_t mark)
{
    size_t len = run->out->len - mark;
    char *text = arena_alloc(run->arena, len + 1);

    if (len > 0) {
        memcpy(text, run->out->data + mark, len);
    }
    text[len] = '\0';
    buf_truncate(run->out, mark);
    return value_str_n(text, len);
}

/* ---- undefined ------------------------------------------------------------------- */

struct value undefined_new(struct jinja_run *run, const char *hint,
                           const struct value *object, struct value name)
{
    struct value_undefined *u = arena_new(run->arena, struct value_undefined);

    u->hint = hint;
    u->name = name;
    u->exception = "UndefinedError";
    u->permissive = run->module != NULL && run->module->permissive;
    if (object != NULL) {
        u->object = *object;
        u->has_object = true;
    }
    return (struct value){.type = VALUE_UNDEFINED, .as.undef = u};
}

struct value undefined_name(struct jinja_run *run, const struct jinja_name *name)
{
    return undefined_new(run, NULL, NULL, value_str_n(name->s, name->len));
}

struct value jinja_undefined(struct jinja_run *run, const char *name, const char *hint)
{
    return undefined_new(run, hint, NULL, value_copy_str(run->arena, name));
}

/* "dict object", "jinja2.utils.Namespace object", "None". */
static void object_type(struct value v, struct buf *out)
{
    if (v.type == VALUE_NONE) {
        buf_adds(out, "None");
    } else if (v.type == VALUE_OBJECT) {
        buf_addf(out, "%s object", v.as.obj->class->name);
    } else if (v.type == VALUE_STRING && (v.flags & VALUE_MARKUP) != 0) {
        buf_adds(out, "markupsafe.Markup object");
    } else {
        buf_addf(out, "%s object", jinja_type_name(v));
    }
}

int undefined_raise(struct jinja_run *run, struct value v)
{
    const struct value_undefined *u = v.as.undef;
    struct buf message = BUF_INIT;

    if (u == NULL) {
        return jinja_raise(run, "UndefinedError", "value is undefined");
    }
    if (u->hint != NULL) {
        return jinja_raise(run, u->exception, "%s", u->hint);
    }
    if (!u->has_object) {
        jinja_repr(run, u->name, &message);
        jinja_raise(run, u->exception, "%s is undefined", buf_str(&message));
    } else {
        bool text = u->name.type == VALUE_STRING;
        if (text) {
            buf_addc(&message, '\'');
        }
        object_type(u->object, &message);
        buf_adds(&message, text ? "' has no attribute " : " has no element ");
        jinja_repr(run, u->name, &message);
        jinja_raise(run, u->exception, "%s", buf_str(&message));
    }
    buf_fini(&message);
    return -1;
}

/* ---- what host functions may ask --------------------------------------------------
 */

struct arena *jinja_arena(const struct jinja_run *run)
{
    return run->arena;
}

void *jinja_user(const struct jinja_run *run)
{
    return run->user;
}

const char *jinja_current_file(const struct jinja_run *run)
{
    return run->module != NULL ? run->module->template->file : "";
}

int jinja_current_line(const struct jinja_run *run)
{
    return run->at != NULL && run->module != NULL
               ? run->at->line + run->module->template->first_line - 1
               : 0;
}

size_t jinja_macro_depth(const struct jinja_run *run)
{
    return run->bound_depth;
}

const struct jinja_macro *jinja_macro_at(const struct jinja_run *run, size_t level)
{
    const struct bound_frame *b = run->bound;

    while (b != NULL && level-- > 0) {
        b = b->outer;
    }
    return b != NULL ? b->macro : NULL;
}

int jinja_return(struct jinja_run *run, struct value v)
{
    run->stop = STOP_RETURN;
    run->returned = v;
    return -1;
}

/* ---- rendering --------------------------------------------------------------------
 */

static void run_init(struct jinja_run *run, const struct jinja_env *env,
                     const struct jinja_options *o, struct buf *out, struct err *err,
                     const char *stack_base)
{
    static uint64_t last_id;
    const struct jinja_run *parent = o->parent;

    *run = (struct jinja_run){.env = env,
                              .arena = o->arena,
                              .out = out,
                              .err = err,
                              .interrupted = o->interrupted,
                              .user = o->user,
                              .on_macro = o->on_macro,
                              .budget = STEP_CHUNK,
                              .stack_base = stack_base,
                              .id = ++last_id,
                              .random = 0x9e3779b97f4a7c15ull};
    if (parent != NULL) {
        run->arena = parent->arena;
        run->interrupted = parent->interrupted;
        run->user = parent->user;
        run->on_macro = parent->on_macro;
        run->steps = parent->steps;
        run->depth = parent->depth + 1;
        run->stack_base = parent->stack_base;
        run->bound = parent->bound;
        run->bound_depth = parent->bound_depth;
    }
}

struct module *module_new(struct jinja_run *run, const struct jinja_template *template,
                          const struct jinja_scope *scope, bool permissive)
{
    struct module *module = arena_new(run->arena, struct module);

    module->template = template;
    module->scope = scope;
    module->permissive = permissive;
    module->globals = arena_array(run->arena, struct value, template->global_count);
    return module;
}

static enum flow render_body(struct jinja_run *run, const struct jinja_template *t,
                             const struct jinja_options *o)
{
    run->module = module_new(run, t, o->scope, o->permissive);
    struct activation *act =
        activation_new(run, NULL, (struct module *)run->module, t->slot_count);
    if (run_enter(run) != 0) {
        return FLOW_ERROR;
    }
    return frame_enter(run, act, &t->frame) == 0 ? exec_list(run, act, &t->body)
                                                 : FLOW_ERROR;
}

/* Limits that were passed since they were last looked at. */
static enum flow finish(struct jinja_run *run, const struct jinja_options *o,
                        enum flow flow)
{
    if (flow == FLOW_OK && jinja_run_check(run) != 0) {
        flow = FLOW_ERROR;
    }
    if (flow == FLOW_ERROR && run->stop == STOP_NONE) {
        run_host_failed(run, "template");
    }
    if (o->parent != NULL) {
        o->parent->steps = run->steps;
    }
    return flow;
}

int jinja_render(const struct jinja_template *template,
                 const struct jinja_options *options, struct buf *out, struct err *err)
{
    char here = 0;
    struct jinja_run run;
    struct err own = {0};
    size_t start = out->len;

    run_init(&run, template->env, options, out, err != NULL ? err : &own, &here);
    enum flow flow = finish(&run, options, render_body(&run, template, options));
    if (run.stop != STOP_RETURN) {
        return flow == FLOW_ERROR ? -1 : 0;
    }
    run.stop = STOP_NONE;
    buf_truncate(out, start);
    return jinja_str(&run, run.returned, out);
}

int jinja_render_native(const struct jinja_template *template,
                        const struct jinja_options *options, struct value *out,
                        struct err *err)
{
    char here = 0;
    struct jinja_run run;
    struct buf text = BUF_INIT;
    struct native native = {0};

    run_init(&run, template->env, options, &text, err, &here);
    native_init(&native, run.arena);
    run.native = &native;
    enum flow flow = finish(&run, options, render_body(&run, template, options));
    run.native = NULL;
    int rc = flow == FLOW_ERROR ? -1 : 0;
    if (run.stop == STOP_RETURN) {
        *out = run.returned;
        rc = 0;
    } else if (rc == 0) {
        rc = native_result(&run, &native, out);
    }
    buf_fini(&text);
    return rc;
}

int jinja_eval(const struct jinja_env *env, const char *expression,
               const struct jinja_options *options, struct value *out, struct err *err)
{
    char here = 0;
    struct jinja_run run;
    struct jinja_template *template;
    struct buf text = BUF_INIT;

    if (template_parse(env, expression, strlen(expression), "<expression>", 1, true,
                       options->arena, &template, err) != 0) {
        return -1;
    }
    run_init(&run, env, options, &text, err, &here);
    run.module = module_new(&run, template, options->scope, options->permissive);
    struct activation *act =
        activation_new(&run, NULL, (struct module *)run.module, template->slot_count);
    const struct node *print = template->body.items[0];
    run.at = print;
    int rc = frame_enter(&run, act, &template->frame);
    if (rc == 0) {
        rc = eval(&run, act, print->as.sub.a, out);
    }
    if (rc != 0 && run.stop == STOP_RETURN) {
        *out = run.returned;
        rc = 0;
    }
    buf_fini(&text);
    return rc;
}

int jinja_call(const struct jinja_env *env, const struct jinja_options *options,
               struct value callable, const struct value *args, size_t arg_count,
               const struct jinja_kwarg *kwargs, size_t kwarg_count, struct value *out,
               struct err *err)
{
    char here = 0;
    struct jinja_run run;
    struct buf text = BUF_INIT;

    run_init(&run, env, options, &text, err, &here);
    int rc =
        jinja_call_value(&run, callable, args, arg_count, kwargs, kwarg_count, out);
    if (rc != 0 && run.stop == STOP_RETURN) {
        *out = run.returned;
        rc = 0;
    } else if (rc != 0) {
        run_host_failed(&run, "call");
    }
    buf_fini(&text);
    return rc;
}

int jinja_repr_text(const struct jinja_env *env, struct value v, struct arena *arena,
                    struct buf *out, struct err *err)
{
    char here = 0;
    struct jinja_run run;
    struct jinja_options options = {.arena = arena};

    run_init(&run, env, &options, out, err, &here);
    return jinja_repr(&run, v, out);
}
