/* A function call while it is typed; shared by infer_call.c and infer_give.c only. */
#ifndef SQL_INFER_CALL_H
#define SQL_INFER_CALL_H

#include "sql/infer_impl.h"

/* One call while it is typed. */
struct call {
    struct view *view;
    struct arena *arena;
    const struct sql_expr *expr;
    const struct sql_builtin *fn;
    const struct sql_type **types; /* of the arguments */
    size_t count;
    bool unknown;  /* an argument's type is unknown */
    bool nullable; /* an argument is nullable */
};

/* Sets the error that arguments don't fit, or their number; returns NULL. */
const struct sql_type *call_wrong(struct call *call, bool count);
/* The type that a call with fitting arguments has. */
const struct sql_type *call_give(struct call *call);

#endif
