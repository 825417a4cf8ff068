#include "config.h"

#include "project/profile.h"

#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/str.h"
#include "project/internal.h"

static const char *const mode_names[] = {"streaming_query", "snapshot", "snapshot_ddl",
                                         "streaming_ddl"};
#define MODE_LIST "['snapshot', 'streaming_query', 'snapshot_ddl', 'streaming_ddl']"

const char *profile_mode_name(enum profile_mode mode)
{
    return mode_names[mode];
}

int profile_mode_parse(const char *name)
{
    for (size_t i = 0; i < sizeof(mode_names) / sizeof(mode_names[0]); i++) {
        if (str_eq(name, mode_names[i])) {
            return (int)i;
        }
    }
    return -1;
}

struct reading {
    struct loader *loader;
    struct project_file *file;
    struct yaml_doc doc;
    struct value output; /* rendered */
    struct value raw_output;
};

/* Values that no message and no line of an error may show. */
static bool is_secret(const char *key)
{
    return strstr(key, "secret") != NULL || strstr(key, "key") != NULL;
}

static void locate(struct reading *r, struct value dict, const char *key,
                   struct err *err)
{
    struct yaml_position at = {0};

    if (r->file != NULL) {
        if (key != NULL) {
            yaml_key_position(&r->doc, dict, key, &at);
        }
        project_locate_yaml(err, r->file, at.line, at.column);
        if (key != NULL && is_secret(key)) {
            err->source[0] = '\0';
        }
    }
}

static int fail(struct reading *r, const char *key, struct err *err)
{
    locate(r, r->raw_output, key, err);
    loader_error(r->loader, err);
    return -1;
}

static const char *find_dir(struct loader *loader)
{
    const char *given = loader->project->options.profiles_dir;
    const char *home = getenv("HOME");

    if (given == NULL) {
        given = project_env("PROFILES_DIR");
    }
    if (given != NULL) {
        return path_expand_home(loader->arena, given);
    }
    if (path_exists("profiles.yml")) {
        return ".";
    }
    return path_join(loader->arena, home != NULL ? home : "/", ".dbt");
}

static int read_yaml(struct reading *r, struct err *err)
{
    struct arena *arena = r->loader->arena;
    struct package *package = arena_new(arena, struct package);
    char *absolute = realpath(find_dir(r->loader), NULL);

    package->name = "\1profiles";
    package->root =
        arena_strdup(arena, absolute != NULL ? absolute : find_dir(r->loader));
    free(absolute);
    r->loader->project->profile.file = path_join(arena, package->root, "profiles.yml");
    if (!path_exists(r->loader->project->profile.file)) {
        r->doc.root = value_dict_new(arena, 0);
        return 0;
    }
    r->file = project_read_file(r->loader, package, "profiles.yml", true, err);
    if (r->file == NULL) {
        return -1;
    }
    if (yaml_parse(r->file->text, r->file->len, r->file->shown, arena, &r->doc, err) !=
        0) {
        err->source[0] = '\0'; /* it may be a secret's */
        return -1;
    }
    if (r->doc.root.type != VALUE_DICT) {
        return err_set(err, ERR_PROJECT, "The profiles.yml file at %s is %s",
                       r->file->full,
                       value_is_null(r->doc.root) ? "empty" : "not a dictionary");
    }
    return 0;
}

static int render(struct reading *r, struct value v, struct value *out, struct err *err)
{
    return project_render(r->loader, PROJECT_YAML_PROFILES, NULL, v, NULL, out, err);
}

/* The output that was picked; an error stands at the key whose value is to blame. */
static int render_output(struct reading *r, struct err *err)
{
    size_t at = 0;

    if (render(r, r->raw_output, &r->output, err) == 0) {
        return 0;
    }
    for (const struct value_pair *p;
         (p = value_dict_next(r->raw_output, &at)) != NULL;) {
        struct err ignored = {0};
        struct value rendered;
        if (render(r, p->value, &rendered, &ignored) != 0) {
            locate(r, r->raw_output, value_cstr(p->key, NULL), err);
            break;
        }
    }
    return -1;
}

static void list_keys(struct value dict, struct buf *out)
{
    size_t at = 0;

    for (const struct value_pair *p; (p = value_dict_next(dict, &at)) != NULL;) {
        buf_adds(out, "\n - ");
        project_python_str(p->key, out);
    }
}

static int pick_profile(struct reading *r, struct value *raw, struct err *err)
{
    struct project *project = r->loader->project;
    struct profile *profile = &project->profile;
    struct value own = value_dict_get(project->package->raw, "profile");

    profile->name = project->options.profile;
    if (profile->name == NULL) {
        profile->name = project_env("PROFILE");
    }
    if (profile->name == NULL && !value_is_null(own)) {
        struct value name;
        if (project_render(r->loader, PROJECT_YAML_PROJECT, project->package, own, NULL,
                           &name, err) != 0) {
            return -1;
        }
        profile->name = value_cstr(name, NULL);
    }
    if (profile->name == NULL) {
        err_set(err, ERR_PROJECT, "no profile was specified for this dbt project");
        err_hint(err,
                 "add a line to dbt_project.yml: profile: NAME, where NAME is in %s",
                 profile->file);
        return -1;
    }
    *raw = value_dict_get(r->doc.root, profile->name);
    if (raw->type == VALUE_UNDEFINED) {
        err_set(err, ERR_PROJECT, "Could not find profile named '%s'", profile->name);
        err_hint(err, "profiles are read from %s%s", profile->file,
                 r->file == NULL ? ", which does not exist" : "");
        return -1;
    }
    if (raw->type != VALUE_DICT) {
        return err_set(err, ERR_PROJECT, "Profile %s in profiles.yml is empty",
                       profile->name);
    }
    return 0;
}

static int pick_target(struct reading *r, struct value raw, struct err *err)
{
    struct project *project = r->loader->project;
    struct profile *profile = &project->profile;
    struct value target = value_dict_get(raw, "target");
    struct value outputs = value_dict_get(raw, "outputs");

    profile->target_name = project->options.target;
    if (profile->target_name == NULL) {
        profile->target_name = project_env("TARGET");
    }
    if (profile->target_name == NULL && target.type != VALUE_UNDEFINED) {
        struct value rendered;
        if (render(r, target, &rendered, err) != 0) {
            return -1;
        }
        profile->target_name = value_cstr(rendered, "None");
    }
    if (profile->target_name == NULL) {
        profile->target_name = "default";
    }
    if (outputs.type == VALUE_UNDEFINED) {
        return err_set(err, ERR_PROJECT, "outputs not specified in profile '%s'",
                       profile->name);
    }
    r->raw_output = value_dict_get(outputs, profile->target_name);
    if (r->raw_output.type == VALUE_UNDEFINED) {
        struct buf names = {.max = 1024};
        list_keys(outputs, &names);
        err_set(err, ERR_PROJECT,
                "The profile '%s' does not have a target named '%s'. The valid target "
                "names for this profile are:%s",
                profile->name, profile->target_name, buf_str(&names));
        locate(r, raw, "outputs", err);
        buf_fini(&names);
        return -1;
    }
    if (r->raw_output.type != VALUE_DICT) {
        return err_set(err, ERR_PROJECT,
                       "output '%s' of profile '%s' is misconfigured in profiles.yml",
                       profile->target_name, profile->name);
    }
    return render_output(r, err);
}

static int invalid(struct reading *r, struct err *err, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));

static int invalid(struct reading *r, struct err *err, const char *fmt, ...)
{
    const struct profile *profile = &r->loader->project->profile;
    va_list ap;

    va_start(ap, fmt);
    char *message = arena_vprintf(r->loader->arena, fmt, ap);
    va_end(ap);
    return err_set(err, ERR_PROJECT,
                   "Credentials in profile \"%s\", target \"%s\" invalid: %s",
                   profile->name, profile->target_name, message);
}

/* A string field; `required` fails when it is missing. */
static int get_string(struct reading *r, const char *key, const char *alias,
                      bool required, const char **out, struct err *err)
{
    struct value v = value_dict_get(r->output, key);
    struct value other =
        alias != NULL ? value_dict_get(r->output, alias) : value_undefined();

    if (v.type != VALUE_UNDEFINED && other.type != VALUE_UNDEFINED) {
        err_set(err, ERR_PROJECT, "Got duplicate keys: (%s) all map to \"%s\"", alias,
                key);
        return fail(r, alias, err);
    }
    if (v.type == VALUE_UNDEFINED) {
        v = other;
    }
    if (v.type == VALUE_UNDEFINED && required) {
        invalid(r, err, "'%s' is a required property", key);
        return fail(r, NULL, err);
    }
    if (value_is_null(v) && !required) {
        return 0;
    }
    if (v.type != VALUE_STRING) {
        struct buf text = {.max = 256};
        if (is_secret(key)) {
            buf_addf(&text, "the value of %s", key);
        } else {
            project_python_repr(v, &text);
        }
        invalid(r, err, "%s is not of type 'string'", buf_str(&text));
        err_hint(err, "quote the value of %s", alias != NULL ? alias : key);
        buf_fini(&text);
        return fail(r, alias != NULL && value_dict_has(r->output, alias) ? alias : key,
                    err);
    }
    *out = v.as.s;
    return 0;
}

static int get_mode(struct reading *r, struct err *err)
{
    struct value v = value_dict_get(r->output, "execution_mode");

    if (v.type == VALUE_UNDEFINED) {
        return 0;
    }
    int mode = v.type == VALUE_STRING ? profile_mode_parse(v.as.s) : -1;
    if (mode < 0) {
        struct buf text = {.max = 256};
        project_python_repr(v, &text);
        invalid(r, err, "%s is not one of " MODE_LIST, buf_str(&text));
        buf_fini(&text);
        return fail(r, "execution_mode", err);
    }
    r->loader->project->profile.execution_mode = (enum profile_mode)mode;
    return 0;
}

struct pair {
    const char *key;
    const char *secret;
};

static void get_credentials(struct reading *r, const struct pair *global,
                            const struct pair *flink)
{
    struct profile *profile = &r->loader->project->profile;
    bool has_global = global->key != NULL && global->secret != NULL;

    if (has_global) {
        profile->credentials.global_key = global->key;
        profile->credentials.global_secret = global->secret;
        if (flink->key != NULL && flink->secret != NULL) {
            loader_warn(r->loader, r->file, 0,
                        "both a global and a Flink API key are set: the global one is "
                        "used");
        }
    }
    profile->credentials.key = has_global ? global->key : flink->key;
    profile->credentials.secret = has_global ? global->secret : flink->secret;
    profile->half_global = (global->key == NULL) != (global->secret == NULL);
    profile->half_flink = (flink->key == NULL) != (flink->secret == NULL);
}

static int get_fields(struct reading *r, struct err *err)
{
    struct profile *p = &r->loader->project->profile;
    struct pair global = {0};
    struct pair flink = {0};
    const struct {
        const char *key;
        const char *alias;
        bool required;
        const char **out;
    } fields[] = {
        {"organization_id", NULL, true, &p->organization_id},
        {"database", "environment_id", true, &p->environment_id},
        {"schema", "dbname", true, &p->dbname},
        {"compute_pool_id", NULL, false, &p->compute_pool_id},
        {"cloud_provider", NULL, false, &p->cloud_provider},
        {"cloud_region", NULL, false, &p->cloud_region},
        {"endpoint", NULL, false, &p->endpoint},
        {"statement_name_prefix", NULL, false, &p->statement_name_prefix},
        {"statement_label", NULL, false, &p->statement_label},
        {"global_api_key", NULL, false, &global.key},
        {"global_api_secret", NULL, false, &global.secret},
        {"flink_api_key", NULL, false, &flink.key},
        {"flink_api_secret", NULL, false, &flink.secret},
    };
    int rc = 0;

    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        if (get_string(r, fields[i].key, fields[i].alias, fields[i].required,
                       fields[i].out, err) != 0) {
            rc = -1;
        }
    }
    if (get_mode(r, err) != 0) {
        rc = -1;
    }
    get_credentials(r, &global, &flink);
    return rc;
}

/* An API key that is empty counts as missing, as in the adapter. */
static void finish(struct loader *loader)
{
    struct profile *p = &loader->project->profile;

    if (p->compute_pool_id != NULL && p->compute_pool_id[0] == '\0') {
        p->compute_pool_id = NULL;
    }
    if (loader->project->options.endpoint != NULL) {
        p->endpoint = loader->project->options.endpoint;
    }
    size_t len = strlen(p->endpoint);
    while (len > 0 && p->endpoint[len - 1] == '/') {
        len--;
    }
    p->has_endpoint = len > 0;
    if (p->has_endpoint) {
        p->endpoint = arena_strndup(loader->arena, p->endpoint, len);
    } else if (p->cloud_region[0] != '\0' && p->cloud_provider[0] != '\0') {
        p->endpoint = arena_printf(loader->arena, "https://flink.%s.%s.confluent.cloud",
                                   p->cloud_region, p->cloud_provider);
    }
}

static struct value optional(const char *s)
{
    return s != NULL && s[0] != '\0' ? value_str(s) : value_none();
}

void profile_set_target(struct profile *p, struct arena *arena)
{
    struct value t = value_dict_new(arena, 16);

    value_dict_put(t, "organization_id", value_str(p->organization_id));
    value_dict_put(t, "database", value_str(p->environment_id));
    value_dict_put(t, "schema", value_str(p->dbname));
    value_dict_put(t, "compute_pool_id", optional(p->compute_pool_id));
    if (p->has_endpoint) {
        value_dict_put(t, "endpoint", value_str(p->endpoint));
    } else {
        value_dict_put(t, "cloud_provider", optional(p->cloud_provider));
        value_dict_put(t, "cloud_region", optional(p->cloud_region));
    }
    value_dict_put(t, "environment_id", value_str(p->environment_id));
    value_dict_put(t, "dbname", value_str(p->dbname));
    value_dict_put(t, "type", value_str(p->type));
    value_dict_put(t, "threads", value_int(p->threads));
    value_dict_put(t, "name", value_str(p->target_name));
    value_dict_put(t, "target_name", value_str(p->target_name));
    value_dict_put(t, "profile_name", value_str(p->name));
    p->target = t;
}

static int get_type(struct reading *r, struct err *err)
{
    struct profile *p = &r->loader->project->profile;
    struct value type = value_dict_get(r->output, "type");

    if (type.type == VALUE_UNDEFINED) {
        err_set(err, ERR_PROJECT,
                "required field \"type\" not found in profile %s and target %s",
                p->name, p->target_name);
        return fail(r, NULL, err);
    }
    p->type = value_cstr(type, "");
    if (!str_eq(p->type, "confluent")) {
        invalid(r, err, "Could not find adapter type %s!", p->type);
        err_hint(err, "cflowsh works with type: confluent");
        return fail(r, "type", err);
    }
    return 0;
}

static int get_threads(struct reading *r, struct err *err)
{
    struct profile *p = &r->loader->project->profile;
    struct value threads = value_dict_get(r->output, "threads");

    p->threads = 1;
    if (r->loader->project->options.threads > 0) {
        p->threads = r->loader->project->options.threads;
    } else if (threads.type == VALUE_INT && threads.as.i > 0 && threads.as.i <= 10000) {
        p->threads = (int)threads.as.i;
    } else if (threads.type != VALUE_UNDEFINED) {
        struct buf text = {.max = 256};
        project_python_repr(threads, &text);
        err_set(err, ERR_PROJECT, "threads: %s is not a positive integer",
                buf_str(&text));
        buf_fini(&text);
        return fail(r, "threads", err);
    }
    return 0;
}

int profile_load(struct loader *loader)
{
    struct profile *p = &loader->project->profile;
    struct reading r = {.loader = loader};
    struct err err = {0};
    struct value raw = value_undefined();

    *p = (struct profile){.organization_id = "",
                          .environment_id = "",
                          .dbname = "",
                          .cloud_provider = "",
                          .cloud_region = "",
                          .endpoint = "",
                          .statement_name_prefix = "dbt-",
                          .statement_label = "dbt-confluent",
                          .threads = 1};
    if (read_yaml(&r, &err) != 0 || pick_profile(&r, &raw, &err) != 0 ||
        pick_target(&r, raw, &err) != 0) {
        return fail(&r, NULL, &err);
    }
    if (get_type(&r, &err) != 0 || get_threads(&r, &err) != 0 ||
        get_fields(&r, &err) != 0) {
        return -1;
    }
    finish(loader);
    profile_set_target(p, loader->arena);
    return 0;
}

static bool has_text(const char *s)
{
    return s != NULL && s[0] != '\0';
}

int profile_ready(const struct profile *p, struct err *err)
{
    if (p->half_global) {
        return err_set(
            err, ERR_CREDENTIALS,
            "global_api_key and global_api_secret must be provided together");
    }
    if (p->half_flink && p->credentials.global_key == NULL) {
        return err_set(err, ERR_CREDENTIALS,
                       "flink_api_key and flink_api_secret must be provided together");
    }
    if (!has_text(p->credentials.key) || !has_text(p->credentials.secret)) {
        return err_set(err, ERR_CREDENTIALS,
                       "Either global_api_key/global_api_secret or "
                       "flink_api_key/flink_api_secret must be provided");
    }
    if (!has_text(p->organization_id)) {
        return err_set(err, ERR_PROJECT, "Organization ID is required");
    }
    if (!p->has_endpoint && !has_text(p->cloud_provider)) {
        return err_set(err, ERR_PROJECT,
                       "Cloud provider is required when endpoint is not provided");
    }
    if (!p->has_endpoint && !has_text(p->cloud_region)) {
        return err_set(err, ERR_PROJECT,
                       "Cloud region is required when endpoint is not provided");
    }
    return 0;
}
