/* Functions of a context that need no file of their own, and `validation`. */
#include "config.h"

#include "compile/internal.h"

static int call_print(struct jinja_call *call, bool show, struct value message)
{
    struct value text;

    if (jinja_to_str(call->run, message, &text) != 0) {
        return -1;
    }
    if (show) {
        context_print(context_of(call->run), text.as.s);
    }
    return 0;
}

int context_call_log(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"msg", 0}, {"info", JINJA_OPTIONAL}};
    struct value args[2];

    if (jinja_args(call, params, 2, args) != 0) {
        return -1;
    }
    *out = value_str("");
    return call_print(call, jinja_truth(args[1]), args[0]);
}

int context_call_print_info(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"msg", 0}};
    struct value arg;

    if (jinja_args(call, params, 1, &arg) != 0) {
        return -1;
    }
    *out = value_str("");
    return call_print(call, true, arg);
}

int context_call_render(struct jinja_call *call, struct value *out)
{
    static const struct jinja_param params[] = {{"string", 0}};
    struct value arg;
    const char *text;

    if (jinja_args(call, params, 1, &arg) != 0 ||
        jinja_want_str(call, "string", arg, &text) != 0) {
        return -1;
    }
    return context_render_inside(context_of(call->run), call->run, text, arg.len, false,
                                 out);
}

int context_call_write(struct jinja_call *call, struct value *out)
{
    (void)call;
    *out = value_str("");
    return 0;
}

int context_call_try(struct jinja_call *call, struct value *out)
{
    struct err ignored;

    if (call->arg_count < 2) {
        return jinja_raise(call->run, "TypeError",
                           "try_or_compiler_error() missing 2 required positional "
                           "arguments: 'message_if_exception' and 'func'");
    }
    if (jinja_call_value(call->run, call->args[1], call->args + 2, call->arg_count - 2,
                         call->kwargs, call->kwarg_count, out) == 0) {
        return 0;
    }
    if (!jinja_catch(call->run, &ignored)) {
        return -1;
    }
    struct value message;
    if (jinja_to_str(call->run, call->args[0], &message) != 0) {
        return -1;
    }
    return jinja_raise(call->run, "CompilationError", "%s", message.as.s);
}

int context_call_adapter_macro(struct jinja_call *call, struct value *out)
{
    struct value name = value_str("");

    (void)out;
    if (call->arg_count > 0 && jinja_to_str(call->run, call->args[0], &name) != 0) {
        return -1;
    }
    return jinja_raise(
        call->run, "CompilationError",
        "The \"adapter_macro\" macro has been deprecated. Instead, use the "
        "`adapter.dispatch` method to find a macro and call the result.  For more "
        "information, see: "
        "https://docs.getdbt.com/reference/dbt-jinja-functions/dispatch) adapter_macro "
        "was called for: %s",
        name.as.s);
}

int context_call_refused(struct jinja_call *call, struct value *out)
{
    (void)out;
    return jinja_raise(call->run, "CompilationError",
                       "%s() is not supported: dbt-confluent has no metrics, functions "
                       "or Python models",
                       call->name);
}

/* ---- validation
 * ------------------------------------------------------------------------ */

static int validate_value(struct jinja_call *call, struct value *out)
{
    struct value *allowed = call->context;
    struct buf text = BUF_INIT;
    int status = 0;

    *out = value_none();
    if (call->arg_count != 1) {
        return jinja_raise(call->run, "TypeError", "inner() takes 1 argument");
    }
    for (size_t i = 0; i < value_list_count(*allowed); i++) {
        if (value_equal(value_list_at(*allowed, i), call->args[0])) {
            return 0;
        }
    }
    for (size_t i = 0; i < value_list_count(*allowed) && status == 0; i++) {
        buf_adds(&text, i > 0 ? "," : "");
        status = jinja_str(call->run, value_list_at(*allowed, i), &text);
    }
    struct value got;
    if (status == 0 && jinja_to_str(call->run, call->args[0], &got) == 0) {
        jinja_raise(call->run, "DbtValidationError",
                    "Expected value \"%s\" to be one of %s", got.as.s, buf_str(&text));
    }
    buf_fini(&text);
    return -1;
}

static int validation_any(struct jinja_call *call, struct value *out)
{
    struct value *allowed = arena_new(call->arena, struct value);

    *allowed = value_list_new(call->arena, call->arg_count + 1);
    for (size_t i = 0; i < call->arg_count; i++) {
        value_list_push(*allowed, call->args[i]);
    }
    *out = jinja_function_value(call->arena, "inner", validate_value, allowed);
    return 0;
}

int context_get_validation(void *data, struct jinja_run *run, struct value *out)
{
    static const struct jinja_def defs[] = {{"any", validation_any, NULL}};

    *out = jinja_module_value(jinja_arena(run), "AttrDict", defs, 1, data);
    return 0;
}

int context_get_column(void *data, struct jinja_run *run, struct value *out)
{
    (void)data;
    *out = column_class_value(jinja_arena(run));
    return 0;
}
