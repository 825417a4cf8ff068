#include "config.h"

#include "project/internal.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"

/* Whether the root project has its own implementation for adapter.dispatch(). */
static bool has_prefixed(const struct project *project, const char *prefix,
                         const char *name)
{
    char full[64];
    int len = snprintf(full, sizeof full, "%s%s", prefix, name);

    return map_get_n(&project->package->macros, full, (size_t)len) != NULL;
}

/* The user's macro for this name, or NULL: the default rule counts then. */
static struct macro *name_macro(const struct project *project, const struct node *node,
                                enum project_name which)
{
    static const char *const names[] = {"generate_database_name",
                                        "generate_schema_name", "generate_alias_name"};
    struct macro *macro = map_get(&node->package->macros, names[which]);

    if (macro == NULL) {
        macro = map_get(&project->package->macros, names[which]);
    }
    if (macro == NULL && (has_prefixed(project, "confluent__", names[which]) ||
                          has_prefixed(project, "default__", names[which]))) {
        macro = project_package_macro(project, "dbt", names[which]); /* it dispatches */
    }
    return macro;
}

static char *stripped(struct arena *arena, const char *s)
{
    size_t len = strlen(s);

    project_strip(&s, &len);
    return arena_strndup(arena, s, len);
}

/* dbt-confluent's rule: a custom schema stands alone. */
static const char *default_name(struct loader *loader, struct node *node,
                                enum project_name which, const char *custom)
{
    const struct profile *profile = &loader->project->profile;

    if (custom != NULL) {
        return stripped(loader->arena, custom);
    }
    if (which == PROJECT_DATABASE) {
        return profile->environment_id;
    }
    if (which == PROJECT_SCHEMA) {
        return profile->dbname;
    }
    if (value_is_null(node->version)) {
        return node->name;
    }
    struct buf version = {.max = 256};
    project_python_str(node->version, &version);
    for (char *p = version.data; p != NULL && *p != '\0'; p++) {
        if (*p == '.') {
            *p = '_';
        }
    }
    char *name = arena_printf(loader->arena, "%s_v%s", node->name, buf_str(&version));
    buf_fini(&version);
    return name;
}

static int make_name(struct loader *loader, struct node *node, enum project_name which,
                     const char *key, const char **out, struct err *err)
{
    struct project *project = loader->project;
    const struct project_hooks *hooks = project->hooks;
    struct value custom = value_dict_get(node->config, key);
    struct macro *macro = name_macro(project, node, which);

    if (custom.type == VALUE_UNDEFINED) {
        custom = value_none();
    }
    if (macro != NULL && hooks != NULL && hooks->generate_name != NULL) {
        return hooks->generate_name(hooks->context, project, which, macro, node, custom,
                                    out, err);
    }
    *out = default_name(loader, node, which, value_cstr(custom, NULL));
    return 0;
}

/* Whether the part is quoted: the node's quoting, the project's, else yes. */
static bool is_quoted(struct value own, struct value project, const char *part)
{
    return value_is_true(value_dict_get(own, part),
                         value_is_true(value_dict_get(project, part), true));
}

static void add_part(struct buf *out, const char *part, bool quoted)
{
    if (part == NULL || part[0] == '\0') {
        return;
    }
    buf_adds(out, out->len > 0 ? "." : "");
    buf_adds(out, quoted ? "`" : "");
    buf_adds(out, part);
    buf_adds(out, quoted ? "`" : "");
}

char *project_relation_name(struct arena *arena, const char *database,
                            const char *schema, const char *identifier,
                            struct value quoting)
{
    struct buf text = {.max = 4096};

    add_part(&text, database, is_quoted(quoting, value_undefined(), "database"));
    add_part(&text, schema, is_quoted(quoting, value_undefined(), "schema"));
    add_part(&text, identifier, is_quoted(quoting, value_undefined(), "identifier"));
    char *name = arena_strdup(arena, buf_str(&text));
    buf_fini(&text);
    return name;
}

struct value project_quoting(struct loader *loader, struct value own)
{
    static const char *const parts[] = {"database", "schema", "identifier"};
    struct value project = value_dict_get(loader->project->package->config, "quoting");
    struct value quoting = value_dict_new(loader->arena, 3);

    for (size_t i = 0; i < 3; i++) {
        value_dict_put(quoting, parts[i],
                       value_bool(is_quoted(own, project, parts[i])));
    }
    return quoting;
}

static bool has_relation(const struct node *node)
{
    if (node->type == NODE_MODEL || node->type == NODE_SNAPSHOT) {
        return !node_is_ephemeral(node);
    }
    if (node->type == NODE_TEST) {
        return node_config_bool(node, "store_failures", false);
    }
    return node->type == NODE_SEED;
}

int node_set_names(struct loader *loader, struct node *node, struct err *err)
{
    if (node->type == NODE_SOURCE || node->type == NODE_EXPOSURE ||
        node->type == NODE_UNIT_TEST) {
        return 0;
    }
    if (make_name(loader, node, PROJECT_DATABASE, "database", &node->database, err) !=
            0 ||
        make_name(loader, node, PROJECT_SCHEMA, "schema", &node->schema, err) != 0 ||
        make_name(loader, node, PROJECT_ALIAS, "alias", &node->alias, err) != 0) {
        return -1;
    }
    node->relation_name = NULL;
    if (has_relation(node)) {
        node->relation_name = project_relation_name(
            loader->arena, node->database, node->schema, node->alias,
            project_quoting(loader, value_undefined()));
    }
    return 0;
}
