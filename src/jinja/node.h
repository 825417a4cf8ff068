/* The tree of a template: made by the parser, completed by resolve.c, then immutable.
 */
#ifndef JINJA_NODE_H
#define JINJA_NODE_H

#include "jinja/jinja.h"

enum node_kind {
    /* expressions */
    NODE_CONST,
    NODE_NAME,
    NODE_NSREF, /* name.attr as a target of set */
    NODE_TUPLE,
    NODE_LIST,
    NODE_DICT, /* items: key, value, key, value … */
    NODE_COND,
    NODE_OR,
    NODE_AND,
    NODE_NOT,
    NODE_COMPARE,
    NODE_BINARY,
    NODE_CONCAT,
    NODE_UNARY,
    NODE_GETATTR,
    NODE_GETITEM,
    NODE_SLICE,
    NODE_CALL,
    NODE_FILTER,
    NODE_TEST,
    /* statements */
    NODE_DATA,
    NODE_PRINT,
    NODE_IF,
    NODE_FOR,
    NODE_SET,
    NODE_SET_BLOCK,
    NODE_MACRO,
    NODE_CALL_BLOCK,
    NODE_FILTER_BLOCK,
    NODE_WITH,
    NODE_DO,
    NODE_BREAK,
    NODE_CONTINUE,
    NODE_BLOCK,
    NODE_SCOPE, /* autoescape */
    NODE_LOADER /* include, import, from, extends: refused when reached */
};

enum compare_op {
    COMPARE_EQ,
    COMPARE_NE,
    COMPARE_LT,
    COMPARE_LE,
    COMPARE_GT,
    COMPARE_GE,
    COMPARE_IN,
    COMPARE_NOT_IN
};

enum name_use { NAME_LOAD, NAME_STORE, NAME_PARAM };

/* Where a name's value is: in the template's own table of names that come from the
 * scope, or in a slot of the activation `hops` functions outwards. */
struct place {
    bool global;
    uint16_t hops;
    uint32_t slot; /* index into slots, or into globals */
};

struct node_list {
    struct node **items;
    uint32_t count;
};

struct node_kwarg {
    struct value name;
    struct node *value;
};

struct node_args {
    struct node_list positional;
    struct node_kwarg *kwargs;
    uint32_t kwarg_count;
    struct node *dyn_args;
    struct node *dyn_kwargs;
};

/* What is to be done when a frame is entered: `slot` gets what is at `from`. */
struct frame_load {
    uint32_t slot;
    bool missing; /* nothing: not set yet */
    struct place from;
};

struct frame {
    struct frame_load *loads;
    uint32_t count;
};

struct compare_part {
    enum compare_op op;
    struct node *operand;
};

struct builtin;

struct node_if {
    struct node *test;
    struct node_list body;
    struct node *elif; /* next NODE_IF of the chain */
    struct node_list otherwise;
};

struct node_for {
    struct node *target;
    struct node *iter;
    struct node *test;
    struct node_list body;
    struct node_list otherwise;
    bool recursive;
    bool extended; /* needs `loop` */
    uint32_t loop_slot;
    uint32_t slot_count; /* of the function that a recursive loop is */
    struct frame frame;
    struct frame test_frame;
    struct frame else_frame;
    struct node *test_target; /* the target, resolved for the test */
};

struct node_macro {
    struct jinja_name name; /* with prefix; s NULL for call blocks */
    struct jinja_macro *macro;
    struct node_list params; /* NODE_NAME */
    struct node **defaults;  /* of the last `default_count` params */
    uint32_t default_count;
    struct node_list body;
    struct frame frame;
    uint32_t slot_count;
    bool explicit_caller;
    bool uses_caller;
    bool uses_kwargs;
    bool uses_varargs;
    uint32_t caller_slot;
    uint32_t kwargs_slot;
    uint32_t varargs_slot;
    struct place target; /* where the macro itself is stored */
};

struct node {
    uint8_t kind;
    uint8_t op; /* BINARY and UNARY: the operator's character; FILTER: negated test */
    bool constant;
    int line;
    uint32_t offset; /* in the template's text */
    union {
        struct value value; /* CONST, DATA */
        struct {
            struct jinja_name id;
            struct jinja_name attr; /* NSREF */
            uint8_t use;
            struct place place;
        } name;
        struct node_list list; /* TUPLE LIST DICT CONCAT */
        struct {
            struct node *a; /* COND: the test */
            struct node *b;
            struct node *c;
            struct node *d;
        } sub; /* COND OR AND NOT BINARY UNARY GETITEM SLICE DO PRINT */
        struct {
            struct node *first;
            struct compare_part *parts;
            uint32_t count;
        } compare;
        struct {
            struct node *object;
            struct jinja_name name;
            int id; /* ATTR_… when it is a name the engine knows, or 0 */
        } attr;
        struct {
            struct node *callee;
            struct node_args *args;
        } call;
        struct {
            struct node *operand; /* NULL in filter blocks and set blocks */
            struct node_args *args;
            const struct builtin *builtin; /* NULL: unknown, raises when reached */
            const char *name;
        } filter; /* also TEST */
        struct node_if *branch;
        struct node_for *loop;
        struct {
            struct node *target;
            struct node *value; /* SET_BLOCK: the filter, or NULL */
            struct node_list body;
            struct frame frame;
            int line_before; /* of the statement before: where Jinja has some errors */
        } * set;
        struct node_macro *macro;
        struct {
            struct node_macro *body;
            struct node *call;
        } * call_block;
        struct {
            struct node *filter;
            struct node_list body;
            struct frame frame;
        } * filter_block;
        struct {
            struct node_list targets;
            struct node_list values;
            struct node_list body;
            struct frame frame;
        } * with;
        struct {
            struct jinja_name name;
            bool scoped;
            bool required;           /* only blanks; refused when reached */
            struct node *autoescape; /* SCOPE: its argument */
            struct node_list body;
            struct frame frame;
            uint32_t slot_count;
        } * block; /* also SCOPE */
    } as;
};

struct jinja_template {
    const struct jinja_env *env;
    const char *file;
    int first_line;
    const char *text; /* with newlines normalised */
    size_t len;
    struct node_list body;
    struct frame frame;
    uint32_t slot_count;
    struct jinja_name *globals; /* names that come from the scope */
    int *global_lines;
    uint32_t global_count;
    struct node_macro *first_macro;
    struct node_list blocks;
};

#endif
