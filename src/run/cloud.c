/* The runner's transport over a real connection. */
#include "config.h"

#include "run/run.h"

static int64_t now_ms(void *context)
{
    (void)context;
    return clock_now_ms(&clock_system);
}

static int turn(void *context, int timeout_ms, struct err *err)
{
    return flink_client_turn(context, timeout_ms, err);
}

static void forget(void *context, const void *arg)
{
    flink_client_forget(context, arg);
}

static void create(void *context, const struct flink_submit *submit,
                   flink_statement_fn *done, void *arg)
{
    flink_statement_create_async(context, submit, done, arg);
}

static void get(void *context, const char *name, flink_statement_fn *done, void *arg)
{
    flink_statement_get_async(context, name, done, arg);
}

static void set_stopped(void *context, const char *name, bool stopped,
                        flink_statement_fn *done, void *arg)
{
    flink_statement_set_stopped_async(context, name, stopped, done, arg);
}

static void delete_statement(void *context, const char *name, flink_done_fn *done,
                             void *arg)
{
    flink_statement_delete_async(context, name, done, arg);
}

static void list(void *context, const struct flink_filter *filter,
                 flink_progress_fn *each, flink_done_fn *done, void *arg)
{
    flink_statement_list_async(context, filter, each, done, arg);
}

static void rows(void *context, const struct flink_statement *statement,
                 size_t max_rows, flink_rows_fn *done, void *arg)
{
    flink_rows_async(context, statement, max_rows, done, arg);
}

static void exceptions(void *context, const char *name, flink_exceptions_fn *done,
                       void *arg)
{
    flink_statement_exceptions_async(context, name, done, arg);
}

static void relation_exists(void *context, const char *database, const char *schema,
                            const char *name, flink_exists_fn *done, void *arg)
{
    flink_relation_exists_async(context, database, schema, name, done, arg);
}

static char *new_name(void *context, struct arena *arena)
{
    return flink_name_new(context, NULL, arena);
}

void run_transport_flink(struct flink_client *client, struct run_transport *out)
{
    *out = (struct run_transport){
        .context = client,
        .now_ms = now_ms,
        .turn = turn,
        .forget = forget,
        .create = create,
        .get = get,
        .set_stopped = set_stopped,
        .delete_statement = delete_statement,
        .list = list,
        .rows = rows,
        .exceptions = exceptions,
        .relation_exists = relation_exists,
        .new_name = new_name,
    };
}
