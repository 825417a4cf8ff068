/* Environments: tables of filters, tests, functions and methods; scopes. */
#include "config.h"

#include "jinja/internal.h"

#include <stdlib.h>

#include "base/xmalloc.h"
#include "jinja/fast.h"

static struct builtin *add_builtin(struct jinja_env *env, struct map *map,
                                   const struct builtin_def *def)
{
    struct builtin *builtin = arena_new(&env->arena, struct builtin);

    builtin_init(builtin, def, &env->arena);
    if (map != NULL) {
        map_put(map, builtin->name, builtin);
    }
    return builtin;
}

static void add_table(struct jinja_env *env, struct map *map,
                      const struct builtin_def *defs)
{
    for (; defs->name != NULL; defs++) {
        add_builtin(env, map, defs);
    }
}

static void add_methods(struct jinja_env *env, enum method_set set,
                        const struct builtin_def *defs)
{
    for (; defs->name != NULL; defs++) {
        env->methods[set][attr_find(defs->name, strlen(defs->name))] =
            add_builtin(env, NULL, defs);
    }
}

static void mark_fast(struct jinja_env *env)
{
    static const struct {
        const char *name;
        enum fast_test fast;
    } tests[] = {{"defined", FAST_DEFINED},
                 {"undefined", FAST_UNDEFINED},
                 {"none", FAST_NONE},
                 {"string", FAST_STRING}};

    for (size_t i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
        ((struct builtin *)map_get(&env->tests, tests[i].name))->fast = tests[i].fast;
    }
}

static void set_limits(struct jinja_limits *l)
{
    l->output = l->output != 0 ? l->output : (size_t)64 << 20;
    l->memory = l->memory != 0 ? l->memory : (size_t)1 << 30;
    l->steps = l->steps != 0 ? l->steps : 100000000;
    l->depth = l->depth != 0 ? l->depth : 400;
    l->range = l->range != 0 ? l->range : 100000;
    l->text = l->text != 0 ? l->text : (size_t)16 << 20;
}

struct jinja_env *jinja_env_new(const struct jinja_config *config)
{
    struct jinja_env *env = xcalloc(1, sizeof(*env));

    if (config != NULL) {
        env->config = *config;
        env->limits = config->limits;
    }
    set_limits(&env->limits);
    add_table(env, &env->filters, jinja_string_filters);
    add_table(env, &env->filters, jinja_list_filters);
    add_table(env, &env->filters, jinja_misc_filters);
    add_table(env, &env->tests, jinja_tests);
    add_table(env, &env->globals, jinja_globals);
    add_methods(env, METHODS_STR, jinja_str_methods);
    add_methods(env, METHODS_LIST, jinja_list_methods);
    add_methods(env, METHODS_DICT, jinja_dict_methods);
    add_methods(env, METHODS_TUPLE, jinja_tuple_methods);
    mark_fast(env);
    return env;
}

void jinja_env_free(struct jinja_env *env)
{
    if (env != NULL) {
        map_fini(&env->filters);
        map_fini(&env->tests);
        map_fini(&env->globals);
        arena_fini(&env->arena);
        free(env);
    }
}

static void add_host(struct jinja_env *env, struct map *map, const char *name,
                     jinja_function function, void *context)
{
    struct builtin *builtin = arena_new(&env->arena, struct builtin);

    builtin->name = name;
    builtin->python_name = name;
    builtin->host = function;
    builtin->context = context;
    builtin->contextual = true;
    map_put(map, name, builtin);
}

void jinja_add_filter(struct jinja_env *env, const char *name, jinja_function function,
                      void *context)
{
    add_host(env, &env->filters, name, function, context);
}

void jinja_add_test(struct jinja_env *env, const char *name, jinja_function function,
                    void *context)
{
    add_host(env, &env->tests, name, function, context);
}

const struct builtin *env_filter(const struct jinja_env *env, const char *name)
{
    return map_get(&env->filters, name);
}

const struct builtin *env_test(const struct jinja_env *env, const char *name)
{
    return map_get(&env->tests, name);
}

/* ---- scopes ------------------------------------------------------------------------
 */

static int dict_lookup(void *context, struct jinja_run *run,
                       const struct jinja_name *name, struct value *out)
{
    struct value dict = {.type = VALUE_DICT, .as.dict = context};
    const struct value *found =
        value_dict_find(dict, value_str_n(name->s, name->len), name->hash);

    (void)run;
    if (found != NULL) {
        *out = *found;
    }
    return found != NULL;
}

static int nothing_lookup(void *context, struct jinja_run *run,
                          const struct jinja_name *name, struct value *out)
{
    (void)context;
    (void)run;
    (void)name;
    (void)out;
    return 0;
}

struct jinja_scope jinja_scope_dict(struct value dict, const struct jinja_scope *next)
{
    bool usable = dict.type == VALUE_DICT;

    return (struct jinja_scope){.lookup = usable ? dict_lookup : nothing_lookup,
                                .context = usable ? dict.as.dict : NULL,
                                .next = next};
}

struct table {
    const struct jinja_def *defs;
    size_t count;
    void *context;
    struct arena *arena;
};

static const struct jinja_def *find_def(const struct jinja_def *defs, size_t count,
                                        const char *name)
{
    size_t low = 0;

    while (low < count) {
        size_t mid = (low + count) / 2;
        int order = strcmp(name, defs[mid].name);
        if (order == 0) {
            return &defs[mid];
        }
        if (order > 0) {
            low = mid + 1;
        } else {
            count = mid;
        }
    }
    return NULL;
}

/* 1/0/-1 */
static int def_value(const struct jinja_def *def, struct jinja_run *run, void *context,
                     struct value *out)
{
    if (def == NULL) {
        return 0;
    }
    if (def->get != NULL) {
        return def->get(context, run, out) == 0 ? 1 : -1;
    }
    *out = jinja_function_value(run->arena, def->name, def->function, context);
    return 1;
}

static int table_lookup(void *context, struct jinja_run *run,
                        const struct jinja_name *name, struct value *out)
{
    const struct table *t = context;

    return def_value(find_def(t->defs, t->count, name->s), run, t->context, out);
}

struct jinja_scope jinja_scope_table(struct arena *arena, const struct jinja_def *defs,
                                     size_t count, void *context,
                                     const struct jinja_scope *next)
{
    struct table *t = arena_new(arena, struct table);

    *t = (struct table){defs, count, context, arena};
    return (struct jinja_scope){.lookup = table_lookup, .context = t, .next = next};
}

int jinja_scope_find(struct jinja_run *run, const struct jinja_scope *scope,
                     const struct jinja_name *name, struct value *out)
{
    for (; scope != NULL; scope = scope->next) {
        int found = scope->lookup(scope->context, run, name, out);
        if (found != 0) {
            return found;
        }
    }
    const struct builtin *builtin = map_get_n(&run->env->globals, name->s, name->len);
    if (builtin == NULL) {
        return 0;
    }
    *out = builtin_value_new(run->arena, builtin, value_undefined());
    return 1;
}

/* ---- objects made of a table
 * --------------------------------------------------------- */

struct module_value {
    struct value_object base;
    const char *name;
    struct table table;
};

static int module_getattr(struct value_object *self, struct jinja_run *run,
                          const struct jinja_name *name, struct value *out)
{
    const struct module_value *m = (const void *)self;

    return def_value(find_def(m->table.defs, m->table.count, name->s), run,
                     m->table.context, out);
}

static int module_repr(struct value_object *self, struct jinja_run *run,
                       struct buf *out)
{
    const struct module_value *m = (const void *)self;

    (void)run;
    buf_addf(out, "<%s>", m->name);
    return 0;
}

static int module_getitem(struct value_object *self, struct jinja_run *run,
                          struct value key, struct value *out)
{
    const struct module_value *m = (const void *)self;

    return key.type == VALUE_STRING
               ? def_value(find_def(m->table.defs, m->table.count, key.as.s), run,
                           m->table.context, out)
               : 0;
}

static const struct jinja_class module_class = {
    .base = {.name = "module"},
    .getattr = module_getattr,
    .getitem = module_getitem,
    .repr = module_repr,
};

struct value jinja_module_value(struct arena *arena, const char *name,
                                const struct jinja_def *defs, size_t count,
                                void *context)
{
    struct module_value *m = arena_new(arena, struct module_value);

    m->base.class = &module_class.base;
    m->name = name;
    m->table = (struct table){defs, count, context, arena};
    return jinja_object_value(&m->base);
}
