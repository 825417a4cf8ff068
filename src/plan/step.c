#include "config.h"

#include "plan/step.h"

static const struct {
    const char *mark;
    const char *name;
    const char *summary;
} verbs[] = {
#define X(name, mark, text, summary) [PLAN_##name] = {mark, text, summary},
    PLAN_VERBS(X)
#undef X
};

const char *plan_verb_mark(enum plan_verb verb)
{
    return verbs[verb].mark;
}

const char *plan_verb_name(enum plan_verb verb)
{
    return verbs[verb].name;
}

const char *plan_verb_summary(enum plan_verb verb)
{
    return verbs[verb].summary;
}

const char *step_kind_name(enum step_kind kind)
{
    static const char *const names[] = {
#define X(name) [STEP_##name] = #name,
        STEP_KINDS(X)
#undef X
    };

    return names[kind];
}
