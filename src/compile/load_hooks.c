/* What loading a project asks of this room: parse-time rendering, YAML, names. */
#include "config.h"

#include "compile/internal.h"

#include <ctype.h>
#include <string.h>

#include "base/str.h"

/* ---- a node's body while loading --------------------------------------------------
 */

static int parse_node(void *data, struct project *project, struct node *node,
                      struct err *err)
{
    struct compiler *compiler = data;
    struct arena_mark mark = arena_mark(&compiler->scratch);
    size_t kept = compiler->kept;
    struct buf ignored = BUF_INIT;
    struct context context;

    compiler->project = project;
    context_init(&context, compiler, project, node->package, node, CONTEXT_PARSE);
    int status = context_render(&context, node->raw_code, node->raw_code_len, "", 1,
                                &ignored, err);
    if (status != 0 && err->file[0] == '\0' && err->line > 0) {
        err->source[0] = '\0'; /* project shows the line of the file */
        if (node->test != NULL && node->test->generic) {
            err->line = err->column = 0; /* the call is dbt's, not the user's */
        }
    }
    buf_fini(&ignored);
    context_release(compiler, mark, kept);
    return status;
}

/* ---- YAML
 * ------------------------------------------------------------------------------ */

static int render_yaml(void *data, struct project *project, enum project_yaml where,
                       struct package *package, struct value text, struct arena *arena,
                       struct value *out, struct err *err)
{
    struct compiler *compiler = data;
    struct arena_mark mark = arena_mark(&compiler->scratch);
    size_t kept = compiler->kept;
    struct context context;
    struct value rendered = value_undefined();

    if (!value_is_str(text)) {
        *out = text;
        return 0;
    }
    compiler->project = project;
    context_init(&context, compiler, project, package, NULL, CONTEXT_YAML);
    context.yaml = where;
    if (where == PROJECT_YAML_DOCS) {
        context.scope = jinja_scope_dict(value_dict_new(&compiler->scratch, 0), NULL);
    }
    int status;
    if (where == PROJECT_YAML_DOCS || where == PROJECT_YAML_DESCRIPTION) {
        struct buf written = BUF_INIT;
        context.native = false;
        status = context_render(&context, text.as.s, text.len, "", 1, &written, err);
        rendered = value_copy_str_n(&compiler->scratch, buf_str(&written), written.len);
        buf_fini(&written);
    } else {
        status =
            context_render_native(&context, text.as.s, text.len, "", 1, &rendered, err);
    }
    if (status == 0) {
        *out =
            value_clone(arena, context_detach(&compiler->scratch, NULL, rendered, 0));
    }
    context_release(compiler, mark, kept);
    return status;
}

/* ---- generate_…_name
 * ------------------------------------------------------------------- */

struct node_object {
    struct value_object base;
    struct context *context;
    struct node *node;
    struct value dict; /* all of it, once something rare is asked for */
};

static struct value text_or_none(const char *s)
{
    return s != NULL ? value_str(s) : value_none();
}

static bool node_field(const struct node *node, const char *name, struct arena *arena,
                       struct value *out)
{
    if (strcmp(name, "name") == 0) {
        *out = value_str(node->name);
    } else if (strcmp(name, "config") == 0) {
        *out = value_clone(arena, node->config);
    } else if (strcmp(name, "version") == 0) {
        *out = value_is_null(node->version) ? value_none() : node->version;
    } else if (strcmp(name, "resource_type") == 0) {
        *out = value_str(node_type_name(node->type));
    } else if (strcmp(name, "package_name") == 0) {
        *out = value_str(node->package->name);
    } else if (strcmp(name, "unique_id") == 0) {
        *out = value_str(node->unique_id);
    } else if (strcmp(name, "path") == 0) {
        *out = text_or_none(node->path);
    } else if (strcmp(name, "original_file_path") == 0) {
        *out = text_or_none(node->file != NULL ? node->file->path : NULL);
    } else {
        return false;
    }
    return true;
}

static int node_getattr(struct value_object *self, struct jinja_run *run,
                        const struct jinja_name *name, struct value *out)
{
    struct node_object *object = (struct node_object *)self;

    if (node_field(object->node, name->s, jinja_arena(run), out)) {
        return 1;
    }
    if (!value_is(object->dict, VALUE_DICT)) {
        object->dict = artifact_node(object->context->project, object->node, NULL,
                                     jinja_arena(run));
    }
    *out = value_dict_get_n(object->dict, name->s, name->len);
    return value_is(*out, VALUE_UNDEFINED) ? 0 : 1;
}

static int node_getitem(struct value_object *self, struct jinja_run *run,
                        struct value key, struct value *out)
{
    struct jinja_name name = {key.as.s, key.len, 0};

    return value_is_str(key) ? node_getattr(self, run, &name, out) : 0;
}

static const struct jinja_class node_class = {
    .base = {.name = "ModelNode"},
    .getattr = node_getattr,
    .getitem = node_getitem,
};

static struct jinja_options options_of(struct context *context)
{
    return (struct jinja_options){.scope = &context->scope,
                                  .arena = &context->compiler->scratch,
                                  .user = context};
}

static const char *strip(struct arena *arena, const char *s, size_t len)
{
    while (len > 0 && isspace((unsigned char)*s)) {
        s++;
        len--;
    }
    while (len > 0 && isspace((unsigned char)s[len - 1])) {
        len--;
    }
    return arena_strndup(arena, s, len);
}

/* Calls a macro with positional arguments; its text or value goes to `out`. */
static int call_macro(struct context *context, struct macro *macro,
                      const struct value *args, size_t count, struct value *out,
                      struct err *err)
{
    struct jinja_options options = options_of(context);
    const struct jinja_macro *parsed =
        context_macro(context->compiler, context->project, macro, err);

    if (parsed == NULL) {
        return -1;
    }
    struct value bound =
        jinja_bind_macro(&context->compiler->scratch, parsed, &context->scope);
    if (jinja_call(context->compiler->env, &options, bound, args, count, NULL, 0, out,
                   err) != 0) {
        context_explain(err);
        return -1;
    }
    return 0;
}

static int generate_name(void *data, struct project *project, enum project_name which,
                         struct macro *macro, struct node *node, struct value custom,
                         const char **out, struct err *err)
{
    struct compiler *compiler = data;
    struct arena_mark mark = arena_mark(&compiler->scratch);
    size_t kept = compiler->kept;
    struct context context;
    struct value result;

    (void)which;
    compiler->project = project;
    context_init(&context, compiler, project, project->package, NULL, CONTEXT_NAME);
    struct node_object object = {
        .base = {&node_class.base}, .context = &context, .node = node};
    struct value args[] = {value_is_null(custom) ? value_none() : custom,
                           jinja_object_value(&object.base)};
    int status = call_macro(&context, macro, args, 2, &result, err);
    if (status == 0 && value_is_str(result)) {
        *out = strip(&project->arena, result.as.s, result.len);
    } else if (status == 0 && value_is_null(result)) {
        *out = NULL;
    } else if (status == 0) {
        status = err_set(err, ERR_COMPILE, "macro '%s' returned a %s, not a name",
                         macro->name, value_type_name(result));
    }
    context_release(compiler, mark, kept);
    return status;
}

static void release(void *data, struct project *project)
{
    struct compiler *compiler = data;

    if (compiler->project == project) {
        compiler->project = NULL;
        compiler->graph = value_undefined();
        arena_reset(&compiler->arena);
    }
}

void load_hooks_init(struct compiler *compiler)
{
    compiler->hooks = (struct project_hooks){
        .context = compiler,
        .builtins = compile_builtins,
        .builtin_count = compile_builtin_count,
        .parse_node = parse_node,
        .parse_macro = macro_uses_find,
        .render_yaml = render_yaml,
        .generate_name = generate_name,
        .release = release,
    };
}
