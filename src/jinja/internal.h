/* What the files of this room share. */
#ifndef JINJA_INTERNAL_H
#define JINJA_INTERNAL_H

#include <string.h>

#include "base/map.h"
#include "jinja/attr.h"
#include "jinja/jinja.h"
#include "jinja/node.h"
#include "jinja/object.h"

#define LIKELY(x)   __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

/* ---- built-in filters, tests, functions and methods ----------------------------- */

/* Gets its arguments bound to its signature: `a[i]` is missing when not given. */
typedef int (*builtin_function)(struct jinja_call *call, struct value *a,
                                struct value *out);

/*
 * `signature` names the parameters, separated by blanks: "s width? *args k! **kw"; '?'
 * is optional, '!' optional and keyword only.
 */
struct builtin_def {
    const char *name;
    const char *python_name; /* for argument errors; NULL = `name` */
    builtin_function function;
    const char *signature;
    /* How it complains about its arguments: as a Python function, with the number of
     * arguments that Jinja itself passes first (context, environment); or an ARGS_…. */
    int style;
    bool contextual; /* never folded: looks at more than its arguments */
};

/* Ways in which methods written in C complain. */
enum {
    ARGS_C = -1,       /* "pop expected at most 1 argument, got 2"; no keywords */
    ARGS_PARSED = -2,  /* "find() takes at least 1 argument (0 given)"; no keywords */
    ARGS_KEYWORDS = -3 /* the same, but takes keywords */
};

#define BUILTIN_MAX_PARAMS 10

struct builtin {
    const char *name;
    const char *python_name;
    builtin_function function; /* or */
    jinja_function host;       /* a host's filter or test */
    void *context;
    struct jinja_param params[BUILTIN_MAX_PARAMS];
    int count;
    int plain;       /* params that can be given by position */
    int required;    /* of those */
    bool open;       /* has *args or **kwargs */
    bool contextual; /* looks at more than its arguments */
    int style;
    int fast;
};

void builtin_init(struct builtin *builtin, const struct builtin_def *def,
                  struct arena *arena);
/* A function value; `self` is the object of a method, or undefined. */
struct value builtin_value_new(struct arena *arena, const struct builtin *builtin,
                               struct value self);
int builtin_call(const struct builtin *builtin, struct jinja_call *call,
                 struct value *out);

struct binding {
    struct jinja_call *call;
    const struct jinja_param *params;
    size_t count;
    struct value *out;
    int style; /* of struct builtin_def */
};

/* Fills `out`; raises TypeErrors. 0/-1. */
int bind_args(const struct binding *b);

struct jinja_env {
    struct jinja_config config;
    struct jinja_limits limits; /* without zeros */
    struct arena arena;
    struct map filters; /* struct builtin */
    struct map tests;
    struct map globals;                     /* struct builtin */
    struct builtin *methods[4][ATTR_COUNT]; /* by enum method_set */
};

enum method_set { METHODS_STR, METHODS_LIST, METHODS_DICT, METHODS_TUPLE };

extern const struct builtin_def jinja_string_filters[];
extern const struct builtin_def jinja_list_filters[];
extern const struct builtin_def jinja_misc_filters[];
extern const struct builtin_def jinja_tests[];
extern const struct builtin_def jinja_globals[];
extern const struct builtin_def jinja_str_methods[];
extern const struct builtin_def jinja_list_methods[];
extern const struct builtin_def jinja_dict_methods[];
extern const struct builtin_def jinja_tuple_methods[];

const struct builtin *env_filter(const struct jinja_env *env, const char *name);
const struct builtin *env_test(const struct jinja_env *env, const char *name);

/* ---- a render ------------------------------------------------------------------- */

/* A template in use: its free names are looked up once. */
struct module {
    const struct jinja_template *template;
    const struct jinja_scope *scope;
    bool permissive;
    struct value *globals; /* missing = not looked up yet */
};

/* The variables of one call of a function (template, macro, call body, loop). */
struct activation {
    struct activation *outer;
    struct module *module;
    struct value slots[];
};

struct bound_frame {
    struct bound_frame *outer;
    const struct jinja_macro *macro;
};

enum flow { FLOW_OK = 0, FLOW_ERROR = -1, FLOW_BREAK = 1, FLOW_CONTINUE = 2 };

enum stop { STOP_NONE, STOP_RETURN, STOP_LIMIT };

struct jinja_run {
    const struct jinja_env *env;
    struct arena *arena;
    struct buf *out;
    struct err *err;
    const volatile sig_atomic_t *interrupted;
    void *user;
    void (*on_macro)(void *user, struct jinja_run *run,
                     const struct jinja_macro *macro);
    uint32_t budget; /* steps until the next look at the limits */
    uint64_t steps;
    const char *stack_base;
    int depth;
    bool autoescape; /* inside of {% autoescape true %} */
    bool folding;    /* in what Jinja evaluates while it compiles */
    uint64_t id;     /* tells renders apart, for caches */
    enum stop stop;
    struct value returned;
    const struct node *at; /* statement being rendered */
    const struct module *module;
    struct bound_frame *bound;
    size_t bound_depth;
    struct native *native; /* collects parts instead of text, or NULL */
    uint64_t random;
};

#define STEP_CHUNK 1024

int jinja_run_check(struct jinja_run *run);
/* Counts a step; the limits are looked at every so often. */
static inline int run_step(struct jinja_run *run)
{
    return LIKELY(--run->budget != 0) ? 0 : jinja_run_check(run);
}

/* Enters a call: refuses too deep recursion. */
int run_enter(struct jinja_run *run);
static inline void run_leave(struct jinja_run *run)
{
    run->depth--;
}

/* Refuses too deep a C stack, for recursion that is no call. */
int run_stack(struct jinja_run *run);
void run_host_failed(struct jinja_run *run, const char *name);
struct module *module_new(struct jinja_run *run, const struct jinja_template *template,
                          const struct jinja_scope *scope, bool permissive);

/* Raises MemoryError when `bytes` more would pass the limit. */
int run_reserve(struct jinja_run *run, size_t bytes);
char *run_alloc_text(struct jinja_run *run, size_t len); /* NULL = raised; +1 for NUL */

int run_vraise(struct jinja_run *run, const char *type, const char *fmt, va_list ap);

/* ---- undefined ------------------------------------------------------------------ */

struct value_undefined {
    const char *hint; /* whole message, or NULL */
    struct value object;
    bool has_object;
    struct value name;
    bool permissive;
    const char *exception; /* "UndefinedError" or "SecurityError" */
};

struct value undefined_new(struct jinja_run *run, const char *hint,
                           const struct value *object, struct value name);
struct value undefined_name(struct jinja_run *run, const struct jinja_name *name);
/* Raises what using the value raises. */
int undefined_raise(struct jinja_run *run, struct value v);

static inline bool is_missing(struct value v)
{
    return v.type == VALUE_UNDEFINED && v.as.undef == NULL;
}

static inline bool is_number(struct value v)
{
    return v.type >= VALUE_BOOL && v.type <= VALUE_FLOAT;
}

static inline bool is_integer(struct value v)
{
    return v.type >= VALUE_BOOL && v.type <= VALUE_BIGINT;
}

static inline bool is_sequence(struct value v)
{
    return v.type == VALUE_LIST || v.type == VALUE_TUPLE;
}

/* ---- evaluation ----------------------------------------------------------------- */

int eval(struct jinja_run *run, struct activation *act, const struct node *node,
         struct value *out);
int eval_call(struct jinja_run *run, struct activation *act, const struct node *node,
              const struct value *caller, struct value *out);
int eval_filter(struct jinja_run *run, struct activation *act, const struct node *node,
                const struct value *input, struct value *out);
int eval_test(struct jinja_run *run, struct activation *act, const struct node *node,
              bool *out);
/* Call of a template macro in print position: writes to run->out. 1 = done, 0 = not
 * such a call, -1 = raised. */
int eval_call_print(struct jinja_run *run, struct activation *act,
                    const struct node *node);

struct call_args {
    struct value *args;
    size_t count;
    struct jinja_kwarg *kwargs;
    size_t kwarg_count;
    struct value small[8];
    struct jinja_kwarg small_kwargs[4];
};

int eval_args(struct jinja_run *run, struct activation *act,
              const struct node_args *args, const struct value *first,
              const struct value *caller, struct call_args *out);

enum flow exec_list(struct jinja_run *run, struct activation *act,
                    const struct node_list *list);
int exec_assign(struct jinja_run *run, struct activation *act,
                const struct node *target, struct value v);
int frame_enter(struct jinja_run *run, struct activation *act,
                const struct frame *frame);
int place_load(struct jinja_run *run, struct activation *act, struct place place,
               struct value *out);
struct activation *activation_new(struct jinja_run *run, struct activation *outer,
                                  struct module *module, uint32_t slots);

/* `self`: gives the template's blocks as callables. */
struct value self_new(struct jinja_run *run, struct activation *act);

/* Text that `body` renders, as a value. */
int exec_capture(struct jinja_run *run, struct activation *act,
                 const struct node_list *body, struct value *out);

int emit(struct jinja_run *run, struct value v);
/* What a print statement does: as text, or as a part of a native result. */
int print_value(struct jinja_run *run, struct value v, bool constant);

/* ---- macros --------------------------------------------------------------------- */

struct macro_value {
    struct value_object base;
    const struct node_macro *node;
    struct activation *act; /* where it was defined */
    const char *name;       /* NULL: anonymous */
};

extern const struct jinja_class macro_class;
extern const struct jinja_class bound_class;

struct value macro_new(struct jinja_run *run, struct activation *act,
                       const struct node_macro *node);
/* Renders into run->out; a `return` passes through. */
int macro_invoke(struct jinja_run *run, const struct macro_value *macro,
                 const struct call_args *args);
/* As a print statement does: writes the macro's text, or what it returned. */
int bound_print(struct jinja_run *run, struct value bound,
                const struct call_args *args);

/* A loop's `loop` variable. */
struct loop_value;
struct value loop_new(struct jinja_run *run, struct value iterable, int depth0);
int exec_for(struct jinja_run *run, struct activation *act, const struct node *node);

/* ---- values --------------------------------------------------------------------- */

struct iter {
    struct value v;
    size_t at;
    uint32_t count; /* of a dict, to notice changes */
};

int iter_init(struct jinja_run *run, struct value v, struct iter *it);
int iter_next(struct jinja_run *run, struct iter *it, struct value *out);

/* Exactly `want` items of `v`, as assigning to so many targets takes them. */
int value_unpack(struct jinja_run *run, struct value v, uint32_t want,
                 struct value *items);

/* dict.update(from): a dict or pairs. */
int dict_update_from(struct jinja_run *run, struct value dict, struct value from);
/* d[key] = v; raises TypeError for an unhashable key. */
int dict_put(struct jinja_run *run, struct value dict, struct value key,
             struct value item);

/* Attribute and item access as templates do it. */
int value_attr(struct jinja_run *run, struct value object,
               const struct jinja_name *name, int id, struct value *out);
int value_item(struct jinja_run *run, struct value object, struct value key,
               struct value *out);
/* As value_item(), without the attempt at attributes: 1/0/-1. */
int value_subscript(struct jinja_run *run, struct value object, struct value key,
                    struct value *out);
int value_slice(struct jinja_run *run, struct value object, struct value start,
                struct value stop, struct value step, struct value *out);

/* A bound of a slice of `length` items, between low and high; None is `fallback`. */
int slice_bound(struct jinja_run *run, struct value v, int64_t fallback, int64_t length,
                int64_t low, int64_t high, int64_t *out);

int value_call(struct jinja_run *run, struct value callable,
               const struct call_args *args, struct value *out);
/* A method of a string, list, dict or tuple, or NULL. */
const struct builtin *value_method(const struct jinja_run *run, struct value object,
                                   int id);
int method_call(struct jinja_run *run, const struct builtin *method,
                struct value object, const struct call_args *args, struct value *out);

int op_binary(struct jinja_run *run, char op, struct value a, struct value b,
              struct value *out);
int op_unary(struct jinja_run *run, char op, struct value v, struct value *out);
int op_compare(struct jinja_run *run, enum compare_op op, struct value a,
               struct value b, bool *out);
/* -1/0/1 in `*order`; raises TypeError for what has none, with `op` in the message. */
int value_order(struct jinja_run *run, struct value a, struct value b, const char *op,
                int *order);
int value_contains(struct jinja_run *run, struct value container, struct value x,
                   bool *out);

/* len(): -1 when there is none. */
int64_t value_length(struct value v);
/* int() as an index: raises TypeError with `what`. */
int value_index(struct jinja_run *run, struct value v, int64_t *out);

/* A string with & < > and quotes escaped, as Markup; Markup stays as it is. */
struct value markup_escape(struct jinja_run *run, struct value v);
/* Text built in a buffer that is given back to the run: */
struct buf *scratch_begin(struct jinja_run *run, size_t *mark);
struct value scratch_take(struct jinja_run *run, size_t mark);

/* ---- strings -------------------------------------------------------------------- */

size_t text_length(const char *s, size_t len);               /* characters */
size_t text_offset(const char *s, size_t len, size_t index); /* of a character */
static inline size_t text_char_size(unsigned char c)
{
    return c < 0x80 ? 1 : c < 0xe0 ? 2 : c < 0xf0 ? 3 : 4;
}
bool text_is_space(uint32_t c); /* str.isspace() of one character */
bool text_is_printable(uint32_t c);
void text_repr(const char *s, size_t len, struct buf *out);

void int_text(int64_t i, struct buf *out);

#endif
