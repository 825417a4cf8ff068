/* `modules`: the parts of Python that dbt gives to templates. */
#include "config.h"

#include "compile/datetime.h"
#include "compile/internal.h"

static int get_datetime(void *context, struct jinja_run *run, struct value *out)
{
    (void)context;
    *out = datetime_module(jinja_arena(run));
    return 0;
}

static int get_pytz(void *context, struct jinja_run *run, struct value *out)
{
    (void)context;
    *out = pytz_module(jinja_arena(run));
    return 0;
}

static int get_re(void *context, struct jinja_run *run, struct value *out)
{
    (void)context;
    *out = re_module(jinja_arena(run));
    return 0;
}

static int get_itertools(void *context, struct jinja_run *run, struct value *out)
{
    (void)context;
    (void)out;
    return jinja_raise(run, "CompilationError",
                       "modules.itertools is not supported: dbt has deprecated it");
}

int modules_object(void *context, struct jinja_run *run, struct value *out)
{
    static const struct jinja_def defs[] = {{"datetime", NULL, get_datetime},
                                            {"itertools", NULL, get_itertools},
                                            {"pytz", NULL, get_pytz},
                                            {"re", NULL, get_re}};

    *out = jinja_module_value(jinja_arena(run), "dict", defs, 4, context);
    return 0;
}
