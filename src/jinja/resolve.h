/* Symbols of frames, shared by the two halves of the resolver. */
#ifndef JINJA_RESOLVE_H
#define JINJA_RESOLVE_H

#include "jinja/mention.h"
#include "jinja/parse.h"

struct function {
    struct function *outer;
    uint32_t slots;
};

enum load_kind { LOAD_RESOLVE, LOAD_ALIAS, LOAD_UNDEFINED, LOAD_PARAM };

struct symbol {
    enum load_kind load;
    bool stored;
    bool global;
    uint32_t slot;
    struct function *function;
    const struct symbol *alias;
    struct jinja_name name;
    int line;
};

struct scope {
    struct scope *outer;
    struct function *function;
    struct map symbols; /* struct symbol, in the resolver's scratch arena */
};

struct resolver {
    struct jinja_template *template;
    struct arena *arena;
    struct arena scratch;
    struct err *err;
    struct map globals; /* index + 1 */
    struct map blocks;
    struct scope *root;
    const char *stack_base;
    int mark; /* line of the last statement that Jinja would note */
    int for_depth;
    int loop_depth; /* loops that break may leave, in this function */
    uint32_t global_cap;
};

/* Sets type, line and message. Always returns -1. */
int resolve_fail(struct resolver *r, const char *type, int line, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));
int resolve_check_stack(struct resolver *r, const struct node *node);
/* The symbol of the name in the scope or around it, or NULL. */
struct symbol *resolve_find(const struct scope *scope, const struct jinja_name *name);
/* A name is read, or is a parameter of the frame. */
void resolve_load(struct resolver *r, struct scope *scope,
                  const struct jinja_name *name, int line);
void resolve_param(struct resolver *r, struct scope *scope,
                   const struct jinja_name *name, int line);
/* Notes the names that a part of the frame uses; not those of frames inside of it. */
int resolve_visit(struct resolver *r, struct scope *scope, struct node *node,
                  bool in_branch);
int resolve_visit_list(struct resolver *r, struct scope *scope,
                       const struct node_list *list, bool in_branch);
/* A target: its names are set, or are parameters. */
void resolve_visit_target(struct resolver *r, struct scope *scope,
                          const struct node *node, bool param, bool in_branch);

#endif
