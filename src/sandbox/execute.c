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
