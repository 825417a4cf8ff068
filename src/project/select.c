#include "config.h"

#include "project/select.h"

#include <stdlib.h>
#include <string.h>

#include "base/xmalloc.h"
#include "project/select_internal.h"

/* What a spec selects, and the tests that it would bring along. */
struct selection {
    struct bits direct;
    struct bits indirect;
};

static struct bits new_bits(struct selecting *s)
{
    struct bits bits = {.count = (s->project->node_count + 63) / 64};

    bits.words = arena_array(s->arena, uint64_t, bits.count + 1);
    return bits;
}

static struct bits copy_bits(struct selecting *s, const struct bits *from)
{
    struct bits bits = new_bits(s);

    memcpy(bits.words, from->words, from->count * sizeof(*from->words));
    return bits;
}

static void or_bits(struct bits *into, const struct bits *from)
{
    for (size_t i = 0; i < into->count; i++) {
        into->words[i] |= from->words[i];
    }
}

static bool is_empty(const struct bits *bits)
{
    for (size_t i = 0; i < bits->count; i++) {
        if (bits->words[i] != 0) {
            return false;
        }
    }
    return true;
}

/* Whether every parent of the node is in the set. */
static bool has_parents(const struct bits *bits, const struct node *node,
                        bool sources_too)
{
    for (size_t i = 0; i < node->parents.count; i++) {
        const struct node *parent = node->parents.items[i];
        if (!bits_has(bits, parent->index) &&
            !(sources_too && parent->type == NODE_SOURCE)) {
            return false;
        }
    }
    return true;
}

/*
 * The nodes that can be reached from `from` in at most `depth` steps (-1: any), without
 * `from` itself unless it is reached too.
 */
static struct bits walk(struct selecting *s, const struct bits *from, bool up,
                        long depth)
{
    const struct project *project = s->project;
    struct bits found = new_bits(s);
    struct node **layer = xcalloc(project->node_count + 1, sizeof(*layer));
    struct node **next = xcalloc(project->node_count + 1, sizeof(*next));
    size_t count = 0;

    for (size_t i = 0; i < project->node_count; i++) {
        if (bits_has(from, i)) {
            layer[count++] = project->nodes[i];
        }
    }
    for (long step = 0; count > 0 && (depth < 0 || step < depth); step++) {
        size_t next_count = 0;
        for (size_t i = 0; i < count; i++) {
            const struct node_list *list =
                up ? &layer[i]->parents : &layer[i]->children;
            for (size_t k = 0; k < list->count; k++) {
                if (!bits_has(&found, list->items[k]->index)) {
                    bits_add(&found, list->items[k]->index);
                    next[next_count++] = list->items[k];
                }
            }
        }
        struct node **swap = layer;
        layer = next;
        next = swap;
        count = next_count;
    }
    free(layer);
    free(next);
    return found;
}

static bool is_test(const struct node *node)
{
    return node->type == NODE_TEST || node->type == NODE_UNIT_TEST;
}

/* Adds the tests of what is selected, as the mode says. */
static void expand(struct selecting *s, const struct bits *selected,
                   enum select_indirect mode, struct selection *out)
{
    struct bits reach = copy_bits(s, selected);

    out->direct = copy_bits(s, selected);
    out->indirect = new_bits(s);
    if (mode == SELECT_EMPTY) {
        return;
    }
    if (mode == SELECT_BUILDABLE) {
        struct bits parents = walk(s, selected, true, -1);
        or_bits(&reach, &parents);
    }
    for (size_t i = 0; i < s->project->node_count; i++) {
        const struct node *node = s->project->nodes[i];
        for (size_t k = 0; bits_has(selected, i) && k < node->children.count; k++) {
            const struct node *test = node->children.items[k];
            if (!is_test(test)) {
                continue;
            }
            if (mode == SELECT_EAGER || has_parents(selected, test, false) ||
                (mode == SELECT_BUILDABLE && has_parents(&reach, test, true))) {
                bits_add(&out->direct, test->index);
            } else {
                bits_add(&out->indirect, test->index);
            }
        }
    }
}

static int eval_criteria(struct selecting *s, const struct spec *spec,
                         struct selection *out)
{
    const struct criteria *c = &spec->criteria;
    struct bits selected = new_bits(s);

    for (size_t i = 0; i < s->project->node_count; i++) {
        int rc = method_match(s, c, s->project->nodes[i]);
        if (rc < 0) {
            return -1;
        }
        if (rc > 0) {
            bits_add(&selected, i);
        }
    }
    struct bits all = copy_bits(s, &selected);
    if (c->childrens_parents) {
        struct bits below = walk(s, &selected, false, -1);
        or_bits(&below, &selected);
        struct bits above = walk(s, &below, true, -1);
        or_bits(&all, &below);
        or_bits(&all, &above);
    }
    if (c->parents) {
        struct bits above = walk(s, &selected, true, c->parents_depth);
        or_bits(&all, &above);
    }
    if (c->children) {
        struct bits below = walk(s, &selected, false, c->children_depth);
        or_bits(&all, &below);
    }
    expand(s, &all, spec->indirect, out);
    return 0;
}

static void combine(enum spec_kind kind, struct bits *into, const struct bits *from)
{
    for (size_t i = 0; i < into->count; i++) {
        if (kind == SPEC_UNION) {
            into->words[i] |= from->words[i];
        } else if (kind == SPEC_INTERSECTION) {
            into->words[i] &= from->words[i];
        } else {
            into->words[i] &= ~from->words[i];
        }
    }
}

/* Takes in tests whose parents came together only now. */
static void incorporate(struct selecting *s, const struct spec *spec,
                        struct selection *out)
{
    struct bits reach = copy_bits(s, &out->direct);

    if (spec->indirect != SELECT_CAUTIOUS && spec->indirect != SELECT_BUILDABLE) {
        return;
    }
    if (spec->indirect == SELECT_BUILDABLE) {
        struct bits parents = walk(s, &out->direct, true, -1);
        or_bits(&reach, &parents);
    }
    for (size_t i = 0; i < s->project->node_count; i++) {
        const struct node *node = s->project->nodes[i];
        if (bits_has(&out->indirect, i) && node->type != NODE_UNIT_TEST &&
            has_parents(&reach, node, false)) {
            bits_add(&out->direct, i);
        }
    }
}

static void warn_nothing(struct selecting *s, const struct spec *spec)
{
    struct err err = {0};

    err_set(&err, ERR_USAGE,
            "The selection criterion '%s' does not match any enabled nodes", spec->raw);
    if (s->warnings != NULL) {
        err_list_add(s->warnings, &err);
    }
}

static int eval(struct selecting *s, const struct spec *spec, struct selection *out)
{
    if (spec->kind == SPEC_CRITERIA) {
        return eval_criteria(s, spec, out);
    }
    out->direct = new_bits(s);
    out->indirect = new_bits(s);
    for (size_t i = 0; i < spec->count; i++) {
        struct selection part;
        if (eval(s, spec->parts[i], &part) != 0) {
            return -1;
        }
        or_bits(&part.indirect, &part.direct);
        combine(i == 0 ? SPEC_UNION : spec->kind, &out->direct, &part.direct);
        combine(i == 0 ? SPEC_UNION : spec->kind, &out->indirect, &part.indirect);
    }
    incorporate(s, spec, out);
    if (spec->expect_exists && is_empty(&out->direct)) {
        warn_nothing(s, spec);
    }
    return 0;
}

static unsigned command_types(const struct select_options *options)
{
    static const unsigned types[] = {
        [SELECT_LIST] = SELECT_TYPE(NODE_MODEL) | SELECT_TYPE(NODE_SNAPSHOT) |
                        SELECT_TYPE(NODE_SEED) | SELECT_TYPE(NODE_TEST) |
                        SELECT_TYPE(NODE_SOURCE) | SELECT_TYPE(NODE_EXPOSURE) |
                        SELECT_TYPE(NODE_UNIT_TEST),
        [SELECT_COMPILE] = SELECT_TYPE(NODE_MODEL) | SELECT_TYPE(NODE_TEST) |
                           SELECT_TYPE(NODE_SNAPSHOT) | SELECT_TYPE(NODE_ANALYSIS) |
                           SELECT_TYPE(NODE_OPERATION) | SELECT_TYPE(NODE_SEED),
        [SELECT_RUN] = SELECT_TYPE(NODE_MODEL),
        [SELECT_TEST] = SELECT_TYPE(NODE_TEST) | SELECT_TYPE(NODE_UNIT_TEST),
        [SELECT_SEED] = SELECT_TYPE(NODE_SEED),
        [SELECT_BUILD] = SELECT_TYPE(NODE_MODEL) | SELECT_TYPE(NODE_SEED) |
                         SELECT_TYPE(NODE_SNAPSHOT) | SELECT_TYPE(NODE_TEST) |
                         SELECT_TYPE(NODE_UNIT_TEST),
    };
    unsigned mask = types[options->command];

    if (options->types != 0) {
        mask = options->command == SELECT_LIST ? options->types : options->types & mask;
    }
    return mask & ~options->exclude_types;
}

/* dbt leaves out models and tests without any SQL, but lists them. */
static bool is_wanted(const struct selecting *s, const struct node *node, unsigned mask)
{
    if ((SELECT_TYPE(node->type) & mask) == 0) {
        return false;
    }
    return s->options->command == SELECT_LIST || node->raw_code_len > 0 ||
           node->type == NODE_SEED || node->type == NODE_UNIT_TEST ||
           node->type == NODE_SOURCE || node->type == NODE_EXPOSURE;
}

static void collect(struct selecting *s, const struct bits *bits, struct node_list *out)
{
    unsigned mask = command_types(s->options);

    for (size_t i = 0; i < s->project->node_count; i++) {
        struct node *node = s->project->nodes[i];
        if (bits_has(bits, i) && is_wanted(s, node, mask)) {
            node_list_add(s->arena, out, node);
        }
    }
}

/* Everything: what no --select means. */
static struct selection everything(struct selecting *s)
{
    struct selection all = {.direct = new_bits(s), .indirect = new_bits(s)};

    for (size_t i = 0; i < s->project->node_count; i++) {
        bits_add(&all.direct, i);
    }
    return all;
}

static int select_by_text(struct selecting *s, struct selection *out)
{
    const struct select_options *o = s->options;
    struct selection excluded;

    if (o->select_count > 0) {
        struct spec *spec = spec_parse(s, o->select, o->select_count, true);
        if (spec == NULL || eval(s, spec, out) != 0) {
            return -1;
        }
    } else {
        *out = everything(s);
    }
    if (o->exclude_count > 0) {
        struct spec *spec = spec_parse(s, o->exclude, o->exclude_count, true);
        if (spec == NULL || eval(s, spec, &excluded) != 0) {
            return -1;
        }
        combine(SPEC_DIFFERENCE, &out->direct, &excluded.direct);
    }
    return 0;
}

int project_select(const struct project *project, const struct select_options *options,
                   struct arena *arena, struct node_list *out,
                   struct err_list *warnings, struct err *err)
{
    struct selecting s = {.project = project,
                          .options = options,
                          .arena = arena,
                          .warnings = warnings,
                          .err = err};
    const struct selector *fallback = project_default_selector(project);
    const char *name = options->selector;
    struct selection selection;
    int rc;

    *out = (struct node_list){0};
    if (name == NULL && options->select_count == 0 && options->exclude_count == 0 &&
        fallback != NULL) {
        name = fallback->name;
    }
    if (name != NULL) {
        struct spec *spec = spec_of_selector(&s, name);
        rc = spec != NULL ? eval(&s, spec, &selection) : -1;
    } else {
        rc = select_by_text(&s, &selection);
    }
    if (rc == 0) {
        collect(&s, &selection.direct, out);
    }
    map_fini(&s.changed_macros);
    return rc;
}

/* ---- the order of a run ---- */

struct ranked {
    struct node *node;
    uint32_t level;
};

static int compare_ranked(const void *a, const void *b)
{
    const struct ranked *x = a;
    const struct ranked *y = b;

    if (x->level != y->level) {
        return x->level < y->level ? -1 : 1;
    }
    return (x->node->index > y->node->index) - (x->node->index < y->node->index);
}

void project_sort_run(const struct project *project, struct node_list *list)
{
    uint32_t *level = xcalloc(project->node_count + 1, sizeof(*level));
    bool *selected = xcalloc(project->node_count + 1, sizeof(*selected));
    struct ranked *ranked = xcalloc(list->count + 1, sizeof(*ranked));

    for (size_t i = 0; i < list->count; i++) {
        selected[list->items[i]->index] = true;
    }
    for (size_t i = 0; i < project->node_count; i++) {
        const struct node *node = project->order[i];
        for (size_t k = 0; k < node->parents.count; k++) {
            uint32_t p = node->parents.items[k]->index;
            uint32_t reached = level[p] + (selected[p] ? 1 : 0);
            if (reached > level[node->index]) {
                level[node->index] = reached;
            }
        }
    }
    for (size_t i = 0; i < list->count; i++) {
        ranked[i] = (struct ranked){list->items[i], level[list->items[i]->index]};
    }
    if (list->count > 1) {
        qsort(ranked, list->count, sizeof(*ranked), compare_ranked);
    }
    for (size_t i = 0; i < list->count; i++) {
        list->items[i] = ranked[i].node;
    }
    free(level);
    free(selected);
    free(ranked);
}
