#include "config.h"

#include "sandbox/execute.h"

int execute_attach(struct sandbox *sandbox, struct arena *arena, struct statement *st,
                   struct err *err)
{
    (void)sandbox;
    (void)arena;
    (void)st;
    (void)err;
    return 0;
}

int execute_detach(struct sandbox *sandbox, struct arena *arena, struct statement *st,
                   struct err *err)
{
    (void)sandbox;
    (void)arena;
    (void)st;
    (void)err;
    return 0;
}

int execute_poll(struct sandbox *sandbox, struct arena *arena, struct statement *st,
                 struct err *err)
{
    (void)sandbox;
    (void)arena;
    (void)st;
    (void)err;
    return 0;
}

int execute_select(struct sandbox *sandbox, struct arena *arena, struct statement *st,
                   const struct sql_query *query, const struct sql_result *result,
                   bool snapshot, const char **detail, struct err *err)
{
    (void)sandbox;
    (void)arena;
    (void)st;
    (void)query;
    (void)result;
    (void)snapshot;
    (void)detail;
    (void)err;
    return 0;
}

int execute_start_write(struct sandbox *sandbox, struct arena *arena,
                        struct statement *st, const struct execute_write *write,
                        const char **detail, struct err *err)
{
    (void)sandbox;
    (void)arena;
    (void)st;
    (void)write;
    (void)detail;
    (void)err;
    return 0;
}
