/*
 * What hosts put into templates: functions and objects. A function gets its arguments
 * in a struct jinja_call and gives a value back or raises an error; an object is a
 * struct of the host's that starts with struct value_object and names a static struct
 * jinja_class.
 */
#ifndef JINJA_OBJECT_H
#define JINJA_OBJECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "value/value.h"

struct jinja_run; /* one render in progress */

/* A name or attribute as it stands in a template; `hash` is map_hash(s, len). */
struct jinja_name {
    const char *s; /* NUL-terminated, lives as long as the template */
    uint32_t len;
    uint32_t hash;
};

/* ---- errors -------------------------------------------------------------------- */

/*
 * Raises a Python-like exception: `type` is its class name ("TypeError"). Template,
 * line and macro stack are added on the way out. Always returns -1.
 */
int jinja_raise(struct jinja_run *run, const char *type, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

/* The error to fill for functions that take a struct err; then return -1. */
struct err *jinja_error(struct jinja_run *run);

/* Moves a raised error into `out` and goes on as if nothing had happened (Python's
 * try/except). False when it was a return, an interruption or a limit: pass these on.
 */
bool jinja_catch(struct jinja_run *run, struct err *out);

/* ---- what a host function may ask about the render ------------------------------ */

/* Results live here: at least until the render's arena is reset. */
struct arena *jinja_arena(const struct jinja_run *run);
/* `user` of struct jinja_options. */
void *jinja_user(const struct jinja_run *run);
/* Template and line that are being rendered. */
const char *jinja_current_file(const struct jinja_run *run);
int jinja_current_line(const struct jinja_run *run);
/* Bound macros being rendered: 0 in the template itself. `level` 0 is the innermost. */
size_t jinja_macro_depth(const struct jinja_run *run);
const struct jinja_macro *jinja_macro_at(const struct jinja_run *run, size_t level);

/* ---- calls ---------------------------------------------------------------------- */

struct jinja_kwarg {
    struct value name; /* string */
    struct value value;
};

struct jinja_call {
    struct jinja_run *run;
    struct arena *arena; /* jinja_arena(run) */
    void *context;       /* as given with the function */
    const char *name;    /* the function's, for messages */
    const struct value *args;
    size_t arg_count;
    const struct jinja_kwarg *kwargs;
    size_t kwarg_count;
};

/* Sets `*out` (undefined unless it does) and returns 0; or raises and returns -1. */
typedef int (*jinja_function)(struct jinja_call *call, struct value *out);

/*
 * One parameter of a Python signature. Without JINJA_OPTIONAL it is required. Optional
 * ones that were not given are VALUE_UNDEFINED, with `as.undef` NULL; see
 * jinja_is_missing().
 */
struct jinja_param {
    const char *name;
    unsigned flags;
};

enum jinja_param_flags {
    JINJA_REQUIRED = 0,
    JINJA_OPTIONAL = 1,
    JINJA_KEYWORD_ONLY = 2,
    JINJA_POSITIONAL_ONLY = 4,
    JINJA_VARARGS = 8, /* *args: a tuple; must come last but for keyword-only ones */
    JINJA_KWARGS = 16, /* **kwargs: a dict; must come last */
};

/*
 * Binds the call's arguments to `params`, into `out` of `count` values, with Python's
 * TypeErrors: "f() missing 1 required positional argument: 'x'", "f() got an unexpected
 * keyword argument 'y'", "f() takes 1 positional argument but 2 were given".
 */
int jinja_args(struct jinja_call *call, const struct jinja_param *params, size_t count,
               struct value *out);

/* Whether an optional argument was not given at all (None and an undefined value that
 * the template passed are given). */
static inline bool jinja_is_missing(struct value v)
{
    return v.type == VALUE_UNDEFINED && v.as.undef == NULL;
}

/* Typed shortcuts over jinja_args() results: raise TypeError "NAME must be str, not …".
 */
int jinja_want_str(struct jinja_call *call, const char *what, struct value v,
                   const char **out);

/* Calls any callable: macros, functions, objects with a `call`. */
int jinja_call_value(struct jinja_run *run, struct value callable,
                     const struct value *args, size_t arg_count,
                     const struct jinja_kwarg *kwargs, size_t kwarg_count,
                     struct value *out);
bool jinja_callable(struct value v);

/*
 * Ends the nearest bound macro (jinja_bind_macro()) with `v` as the value of its call,
 * whatever its type. Always returns -1: `return jinja_return(call->run, v);`. Outside
 * of bound macros it ends the render, with `v` as its native result.
 */
int jinja_return(struct jinja_run *run, struct value v);

/* A callable value. `name` is for messages and borrowed. */
struct value jinja_function_value(struct arena *arena, const char *name,
                                  jinja_function function, void *context);

/* ---- objects -------------------------------------------------------------------- */

/*
 * Every member may be NULL; then the object has not that ability and templates get
 * Python's error or an undefined value. "1/0/-1" is found, not found, error raised.
 */
struct jinja_class {
    struct value_class base; /* name, equal, hash */
    /* obj.name. Names that start with '_' never get here. 1/0/-1. */
    int (*getattr)(struct value_object *self, struct jinja_run *run,
                   const struct jinja_name *name, struct value *out);
    /* obj[key]; also asked for obj.name when there is no such attribute. 1/0/-1. */
    int (*getitem)(struct value_object *self, struct jinja_run *run, struct value key,
                   struct value *out);
    /* {% set obj.name = v %}: only namespaces need it. 0/-1. */
    int (*setattr)(struct value_object *self, struct jinja_run *run,
                   const struct jinja_name *name, struct value v);
    /* obj(…); `call->context` is the object. */
    jinja_function call;
    /* Python's str() and repr(); NULL str means repr, NULL repr "<NAME object>". */
    int (*str)(struct value_object *self, struct jinja_run *run, struct buf *out);
    int (*repr)(struct value_object *self, struct jinja_run *run, struct buf *out);
    bool (*truth)(struct value_object *self); /* NULL: length if it has one, or true */
    int64_t (*length)(struct value_object *self);
    /*
     * Iteration: `*at` starts at 0 and is the object's to use. 1 = `*out` is the next
     * item, 0 = no more, -1 = error raised.
     */
    int (*next)(struct value_object *self, struct jinja_run *run, size_t *at,
                struct value *out);
    /* x in obj; NULL: iterates. 1/0/-1. */
    int (*contains)(struct value_object *self, struct jinja_run *run, struct value x);
    /* obj < other: sets `*order` below, at or above 0 and returns 1; 0 = can't, -1. */
    int (*compare)(struct value_object *self, struct jinja_run *run, struct value other,
                   int *order);
    /* -obj and abs(obj): 0/-1. */
    int (*negate)(struct value_object *self, struct jinja_run *run, struct value *out);
    int (*absolute)(struct value_object *self, struct jinja_run *run,
                    struct value *out);
    /* obj OP other, or other OP obj when `reversed`; `op` is one of + - * / % f(//)
     * p(**). 1/0/-1. */
    int (*binary)(struct value_object *self, struct jinja_run *run, char op,
                  struct value other, bool reversed, struct value *out);
    /* format(obj, spec), as strftime of dates; NULL: refused. 0/-1. */
    int (*format)(struct value_object *self, struct jinja_run *run, const char *spec,
                  size_t len, struct buf *out);
    bool qualified; /* Python's own messages show the whole name, with its module */
    bool mapping;   /* for `is mapping`: iterates over keys */
    bool sequence;  /* for `is sequence` */
    /* `x|tojson` and json functions see this instead of the object; NULL: refused.
     * 1/0/-1 */
    int (*plain)(struct value_object *self, struct jinja_run *run, struct value *out);
};

static inline struct value jinja_object_value(struct value_object *object)
{
    return (struct value){.type = VALUE_OBJECT, .as.obj = object};
}

static inline bool jinja_is_a(struct value v, const struct jinja_class *class)
{
    return v.type == VALUE_OBJECT && v.as.obj->class == &class->base;
}

/* ---- tables of names ------------------------------------------------------------- */

/*
 * A named function or a lazily computed value: of an object made by
 * jinja_module_value() or of a scope made by jinja_scope_table(). Exactly one of the
 * two is set. Both get the table's context.
 */
struct jinja_def {
    const char *name;
    jinja_function function;
    int (*get)(void *context, struct jinja_run *run, struct value *out); /* 0/-1 */
};

/*
 * An object whose attributes are the `count` entries of a static table:
 * `adapter.type()`. `defs` must be sorted by name and outlive the value; `name` is for
 * messages.
 */
struct value jinja_module_value(struct arena *arena, const char *name,
                                const struct jinja_def *defs, size_t count,
                                void *context);

/* ---- what Python does with values ---------------------------------------------------
 */

/* str() and repr(): append the text. 0/-1. */
int jinja_str(struct jinja_run *run, struct value v, struct buf *out);
int jinja_repr(struct jinja_run *run, struct value v, struct buf *out);
/* str() as a value in the render's arena; strings are returned as they are. */
int jinja_to_str(struct jinja_run *run, struct value v, struct value *out);
bool jinja_truth(struct value v);
/* Python's type name: "str", "NoneType", "dict"; of objects the class name. */
const char *jinja_type_name(struct value v);
/* obj.name and obj[key] as templates see them; undefined when there is none. 0/-1. */
int jinja_getattr(struct jinja_run *run, struct value obj, const char *name,
                  struct value *out);
int jinja_getitem(struct jinja_run *run, struct value obj, struct value key,
                  struct value *out);
/* list(v): a new list of what iterating gives; TypeError when it can't. */
int jinja_to_list(struct jinja_run *run, struct value v, struct value *out);
/* An undefined value that says "'NAME' is undefined", or `hint` when that is given. */
struct value jinja_undefined(struct jinja_run *run, const char *name, const char *hint);
/* json.dumps(v): `sort_keys` as there. */
int jinja_to_json(struct jinja_run *run, struct value v, bool sort_keys,
                  struct buf *out);

#endif
