/* `modules` and `run_started_at`. */
#include "config.h"

#include "compile/internal.h"

int modules_object(void *context, struct jinja_run *run, struct value *out)
{
    (void)context;
    *out = value_dict_new(jinja_arena(run), 1);
    return 0;
}

int run_started_at(void *context, struct jinja_run *run, struct value *out)
{
    (void)context;
    (void)run;
    *out = value_none();
    return 0;
}
