/* `exceptions`: what templates raise (dbt's context/exceptions_jinja.py). */
#include "config.h"

#include "compile/internal.h"

#include <string.h>

static int raise_with(struct jinja_call *call, const char *type)
{
    struct value text = value_str("");

    if (call->arg_count > 0) {
        if (jinja_to_str(call->run, call->args[0], &text) != 0) {
            return -1;
        }
    } else if (call->kwarg_count > 0 &&
               jinja_to_str(call->run, call->kwargs[0].value, &text) != 0) {
        return -1;
    }
    return jinja_raise(call->run, type, "%s", text.as.s);
}

static int raise_compiler_error(struct jinja_call *call, struct value *out)
{
    (void)out;
    return raise_with(call, "CompilationError");
}

static int raise_database_error(struct jinja_call *call, struct value *out)
{
    (void)out;
    return raise_with(call, "DbtDatabaseError");
}

static int raise_dependency_error(struct jinja_call *call, struct value *out)
{
    (void)out;
    return raise_with(call, "DependencyError");
}

static int raise_fail_fast_error(struct jinja_call *call, struct value *out)
{
    (void)out;
    return raise_with(call, "FailFastError");
}

static int raise_not_implemented(struct jinja_call *call, struct value *out)
{
    (void)out;
    struct value text = value_str("");

    if (call->arg_count > 0 && jinja_to_str(call->run, call->args[0], &text) != 0) {
        return -1;
    }
    return jinja_raise(call->run, "NotImplementedError", "ERROR: %s", text.as.s);
}

static int warn(struct jinja_call *call, struct value *out)
{
    struct value text = value_str("");

    if (call->arg_count > 0 && jinja_to_str(call->run, call->args[0], &text) != 0) {
        return -1;
    }
    context_print(context_of(call->run), text.as.s);
    *out = value_str("");
    return 0;
}

static int missing_relation(struct jinja_call *call, struct value *out)
{
    (void)out;
    struct value text = value_str("");

    if (call->arg_count > 0 && jinja_to_str(call->run, call->args[0], &text) != 0) {
        return -1;
    }
    return jinja_raise(call->run, "CompilationError", "Relation %s not found!",
                       text.as.s);
}

static int relation_wrong_type(struct jinja_call *call, struct value *out)
{
    (void)out;
    struct value args[2] = {value_str(""), value_str("")};
    const struct relation *relation =
        call->arg_count > 0 ? relation_from(call->args[0]) : NULL;

    for (size_t i = 0; i < 2 && i < call->arg_count; i++) {
        if (jinja_to_str(call->run, call->args[i], &args[i]) != 0) {
            return -1;
        }
    }
    return jinja_raise(
        call->run, "CompilationError",
        "Trying to create %s %s, but it currently exists as a %s. Either "
        "drop %s manually, or run dbt with `--full-refresh` and dbt will "
        "drop it for you.",
        args[1].as.s, args[0].as.s,
        relation != NULL && relation->type != NULL ? relation->type : "None",
        args[0].as.s);
}

static int missing_config(struct jinja_call *call, struct value *out)
{
    (void)out;
    struct value id = value_str(""), name = value_str("");

    if (call->arg_count > 1 &&
        (jinja_getattr(call->run, call->args[0], "unique_id", &id) != 0 ||
         jinja_to_str(call->run, id, &id) != 0 ||
         jinja_to_str(call->run, call->args[1], &name) != 0)) {
        return -1;
    }
    return jinja_raise(call->run, "CompilationError",
                       "Model '%s' does not define a required config parameter '%s'.",
                       id.as.s, name.as.s);
}

static int column_type_missing(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"column_names", 0}};
    struct value names;

    (void)out;
    if (jinja_args(call, params, 1, &names) != 0 ||
        jinja_to_str(call->run, names, &names) != 0) {
        return -1;
    }
    return jinja_raise(call->run, "CompilationError",
                       "Contracted models require data_type to be defined for each "
                       "column. Please ensure that the column name and data_type are "
                       "defined within the YAML configuration for the %s column(s).",
                       names.as.s);
}

static int raise_contract_error(struct jinja_call *call, struct value *out)
{
    (void)out;
    if (call->arg_count > 0 && jinja_truth(call->args[0])) {
        return jinja_raise(call->run, "CompilationError",
                           "This model has an enforced contract that failed.\nPlease "
                           "ensure the name, data_type, and number of columns in your "
                           "contract match the columns in your model's definition.");
    }
    return jinja_raise(call->run, "CompilationError",
                       "This model has an enforced contract, and its 'columns' "
                       "specification is missing");
}

static const struct jinja_def defs[] = {
    {"column_type_missing", column_type_missing, NULL},
    {"missing_config", missing_config, NULL},
    {"missing_relation", missing_relation, NULL},
    {"raise_compiler_error", raise_compiler_error, NULL},
    {"raise_contract_error", raise_contract_error, NULL},
    {"raise_database_error", raise_database_error, NULL},
    {"raise_dependency_error", raise_dependency_error, NULL},
    {"raise_fail_fast_error", raise_fail_fast_error, NULL},
    {"raise_not_implemented", raise_not_implemented, NULL},
    {"relation_wrong_type", relation_wrong_type, NULL},
    {"warn", warn, NULL},
};

int exceptions_object(void *context, struct jinja_run *run, struct value *out)
{
    *out = jinja_module_value(jinja_arena(run), "dict", defs,
                              sizeof defs / sizeof defs[0], context);
    return 0;
}
