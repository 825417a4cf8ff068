/* Objects that the engine itself hands to templates. */
#ifndef JINJA_OBJECTS_H
#define JINJA_OBJECTS_H

#include "jinja/internal.h"

/* What a generator asks for its next item: 1/0/-1. `state` is the generator's own. */
typedef int (*generator_next)(struct jinja_run *run, void *state, struct value *out);
/* A one-shot iterator, as Python's generators: `name` is for its repr. */
struct value generator_new(struct arena *arena, const char *name, generator_next next,
                           void *state);
/* A one-shot iterator over a list that is there already. */
struct value generator_over(struct arena *arena, const char *name, struct value list);
/* Iterates over anything, for generators. */
struct value range_new(struct arena *arena, int64_t start, int64_t stop, int64_t step);
bool is_range(struct value v);

enum view_kind { VIEW_KEYS, VIEW_VALUES, VIEW_ITEMS };
struct value view_new(struct arena *arena, struct value dict, enum view_kind kind);

/* A set: unordered for Python, in insertion order here. `dict` maps items to None. */
struct value set_new(struct arena *arena, struct value dict);

extern const struct jinja_class loop_class;
extern const struct jinja_class namespace_class;
extern const struct jinja_class generator_class;

#endif
