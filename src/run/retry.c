#include "config.h"

#include "run/retry.h"

#include <string.h>

static const struct {
    const char *text;
    const char *other; /* also in the text, or NULL */
    bool after_drop;   /* only when the relation was just dropped */
    struct run_retry retry;
} rules[] = {
    {"table already exists", NULL, false, {0, 0, NULL, NULL}},
    {"schema registry subject",
     "match",
     false,
     {0, 0, NULL,
      "A Schema Registry subject registered by a previously dropped relation with this "
      "name still exists and is incompatible with the schema this statement would "
      "register (subjects are not deleted when a relation is dropped). Either delete "
      "the lingering subject(s) in Schema Registry and re-run, or give the model a "
      "different relation name (e.g. via an alias)."}},
    {"being modified",
     NULL,
     false,
     {12, 10000, "the table is being modified by another statement", NULL}},
    {"kafka topic does not exist",
     NULL,
     false,
     {12, 10000, "the table's topic is not there yet, or not gone yet", NULL}},
    {"topic with the same name already exists",
     NULL,
     true,
     {12, 10000, "the dropped table's topic is not gone yet", NULL}},
};

struct run_retry run_retry_class(const char *detail, bool dropped)
{
    for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
        if (strcasestr(detail, rules[i].text) != NULL &&
            (rules[i].other == NULL || strcasestr(detail, rules[i].other) != NULL) &&
            (!rules[i].after_drop || dropped)) {
            return rules[i].retry;
        }
    }
    return (struct run_retry){0};
}
