#include "config.h"

#include "value/yaml.h"

#include <stdlib.h>
#include <string.h>
#include <unistr.h>
#include <yaml.h>

#include "base/map.h"
#include "base/str.h"
#include "value/yaml_resolve.h"

#define MAX_DEPTH    100
#define MAX_EXPANDED ((size_t)1000 * 1000)
/* Duplicates in larger mappings keep the first one's position. */
#define MANY_KEYS  1000
#define TAG_PREFIX "tag:yaml.org,2002:"

/* Where the keys and values of a dict, or the items of a list, stand. */
struct spot {
    struct yaml_position key;
    struct yaml_position value;
};

struct spots {
    const void *container; /* struct value_dict or value_list */
    struct spot *at;       /* by index of the pair or item */
    uint32_t count;
};

struct yaml_positions {
    struct spots **slots; /* by address of the container */
    size_t slot_count;    /* power of two */
    size_t count;
};

struct anchor {
    struct value value;
    size_t weight; /* nodes that an alias to it stands for */
    bool open;     /* still being read */
};

struct reader {
    yaml_parser_t parser;
    yaml_event_t event;
    bool has_event;
    const char *text;
    size_t len;
    const char *file;
    struct arena *arena;
    struct yaml_doc *doc;
    struct yaml_warning **last_warning;
    struct arena scratch; /* of the collections that are open */
    struct map anchors;
    size_t nodes;
    int depth;
    struct err *err;
};

static size_t slot_of(const struct yaml_positions *positions, const void *container)
{
    uint32_t hash = map_hash((const char *)&container, sizeof(const void *));
    size_t mask = positions->slot_count - 1;
    size_t i = hash & mask;

    while (positions->slots[i] != NULL && positions->slots[i]->container != container) {
        i = (i + 1) & mask;
    }
    return i;
}

static void grow_positions(struct yaml_positions *positions, struct arena *arena)
{
    struct spots **old = positions->slots;
    size_t old_count = positions->slot_count;

    positions->slot_count = old_count != 0 ? old_count * 2 : 64;
    positions->slots = arena_array(arena, struct spots *, positions->slot_count);
    for (size_t i = 0; i < old_count; i++) {
        if (old[i] != NULL) {
            positions->slots[slot_of(positions, old[i]->container)] = old[i];
        }
    }
}

static struct spots *new_spots(struct reader *r, const void *container, size_t count)
{
    struct yaml_positions *positions = r->doc->positions;

    if (positions->count * 2 >= positions->slot_count) {
        grow_positions(positions, r->arena);
    }
    struct spots *spots = arena_new(r->arena, struct spots);
    spots->container = container;
    spots->at = arena_array(r->arena, struct spot, count);
    spots->count = (uint32_t)count;
    positions->slots[slot_of(positions, container)] = spots;
    positions->count++;
    return spots;
}

static struct yaml_position position_of(yaml_mark_t mark)
{
    return (struct yaml_position){(int)mark.line + 1, (int)mark.column + 1};
}

/* Sets file, line, column and the line's text. */
static void locate(struct reader *r, struct yaml_position at)
{
    const char *bol = r->text;
    const char *end = r->text + r->len;

    for (int line = 1; line < at.line; line++) {
        const char *eol = memchr(bol, '\n', (size_t)(end - bol));
        if (eol == NULL) {
            break;
        }
        bol = eol + 1;
    }
    const char *eol = memchr(bol, '\n', (size_t)(end - bol));
    size_t len = (size_t)((eol != NULL ? eol : end) - bol);
    err_at(r->err, r->file, at.line, at.column);
    str_copy_n(r->err->source, sizeof(r->err->source), bol, len);
}

static int fail_at(struct reader *r, struct yaml_position at, const char *message)
{
    err_set(r->err, ERR_PROJECT, "%s", message);
    locate(r, at);
    return -1;
}

/* The parser's own error, in libyaml's words, which are PyYAML's too. */
static int fail_parser(struct reader *r)
{
    const yaml_parser_t *p = &r->parser;
    const char *problem = p->problem != NULL ? p->problem : "not valid YAML";

    if (p->error == YAML_READER_ERROR) {
        err_set(r->err, ERR_PROJECT, "%s", problem);
        err_at_offset(r->err, r->file, r->text, r->len, p->problem_offset);
        return -1;
    }
    if (p->context != NULL) {
        err_set(r->err, ERR_PROJECT, "%s, %s", p->context, problem);
    } else {
        err_set(r->err, ERR_PROJECT, "%s", problem);
    }
    locate(r, position_of(p->problem_mark));
    return -1;
}

static int next_event(struct reader *r)
{
    if (r->has_event) {
        yaml_event_delete(&r->event);
        r->has_event = false;
    }
    if (!yaml_parser_parse(&r->parser, &r->event)) {
        return fail_parser(r);
    }
    r->has_event = true;
    return 0;
}

static int count_nodes(struct reader *r, size_t count, struct yaml_position at)
{
    r->nodes += count;
    if (r->nodes > MAX_EXPANDED + r->len) {
        fail_at(r, at, "aliases expand to too many values");
        r->err->code = ERR_PROJECT;
        return -1;
    }
    return 0;
}

static int check_tag(struct reader *r, const char *tag, enum yaml_kind *kind)
{
    static const struct {
        const char *name;
        enum yaml_kind kind;
    } tags[] = {
        {"str", YAML_KIND_STR},     {"int", YAML_KIND_INT},
        {"float", YAML_KIND_FLOAT}, {"bool", YAML_KIND_BOOL},
        {"null", YAML_KIND_NULL},   {"timestamp", YAML_KIND_TIMESTAMP},
    };
    char message[256];

    if (str_eq(tag, "!")) {
        *kind = YAML_KIND_STR;
        return 0;
    }
    if (str_starts(tag, TAG_PREFIX)) {
        for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
            if (str_eq(tag + strlen(TAG_PREFIX), tags[i].name)) {
                *kind = tags[i].kind;
                return 0;
            }
        }
    }
    snprintf(message, sizeof(message),
             "could not determine a constructor for the tag '%.150s'", tag);
    return fail_at(r, position_of(r->event.start_mark), message);
}

/* The scalar event; a plain "<<" as key is a merge: `*merge` is set then. */
static int read_scalar(struct reader *r, bool *merge, struct value *out)
{
    const char *s = (const char *)r->event.data.scalar.value;
    size_t len = r->event.data.scalar.length;
    const char *tag = (const char *)r->event.data.scalar.tag;
    struct yaml_position at = position_of(r->event.start_mark);
    enum yaml_kind kind = YAML_KIND_STR;

    if (tag != NULL) {
        if (check_tag(r, tag, &kind) != 0) {
            return -1;
        }
    } else if (r->event.data.scalar.style == YAML_PLAIN_SCALAR_STYLE) {
        kind = yaml_resolve(s, len);
    }
    if (kind == YAML_KIND_MERGE && merge != NULL) {
        *merge = true;
        return 0;
    }
    if (kind == YAML_KIND_MERGE || kind == YAML_KIND_VALUE) {
        return fail_at(
            r, at,
            kind == YAML_KIND_MERGE
                ? "could not determine a constructor for the tag '" TAG_PREFIX "merge'"
                : "could not determine a constructor for the tag '" TAG_PREFIX
                  "value'");
    }
    if (yaml_construct(kind, s, len, r->arena, out, r->err) != 0) {
        locate(r, at);
        return -1;
    }
    return 0;
}

static int read_alias(struct reader *r, struct value *out)
{
    const char *name = (const char *)r->event.data.alias.anchor;
    struct yaml_position at = position_of(r->event.start_mark);
    struct anchor *anchor = map_get(&r->anchors, name);
    char message[256];

    if (anchor == NULL || anchor->open) {
        snprintf(message, sizeof(message), "found %s alias '%.150s'",
                 anchor == NULL ? "undefined" : "recursive", name);
        return fail_at(r, at, message);
    }
    *out = anchor->value;
    return count_nodes(r, anchor->weight, at);
}

static int open_anchor(struct reader *r, const yaml_char_t *name, struct anchor **out)
{
    char message[256];

    *out = NULL;
    if (name == NULL) {
        return 0;
    }
    if (map_get(&r->anchors, (const char *)name) != NULL) {
        snprintf(message, sizeof(message), "found duplicate anchor '%.150s'", name);
        return fail_at(r, position_of(r->event.start_mark), message);
    }
    *out = arena_new(r->arena, struct anchor);
    (*out)->open = true;
    map_put(&r->anchors, arena_strdup(r->arena, (const char *)name), *out);
    return 0;
}

static int read_node(struct reader *r, bool *merge, struct value *out);

static int read_items(struct reader *r, struct value list, struct spot **spots)
{
    size_t count = 0;
    size_t cap = 0;

    for (;;) {
        struct value item;
        if (next_event(r) != 0) {
            return -1;
        }
        if (r->event.type == YAML_SEQUENCE_END_EVENT) {
            return 0;
        }
        struct spot spot = {.value = position_of(r->event.start_mark)};
        spot.key = spot.value;
        if (read_node(r, NULL, &item) != 0) {
            return -1;
        }
        if (count == cap) {
            size_t more = cap != 0 ? cap * 2 : 8;
            *spots = arena_realloc(&r->scratch, *spots, cap * sizeof(spot),
                                   more * sizeof(spot));
            cap = more;
        }
        (*spots)[count++] = spot;
        value_list_push(list, item);
    }
}

static int read_list(struct reader *r, struct value *out)
{
    struct arena_mark mark = arena_mark(&r->scratch);
    struct spot *spots = NULL;

    *out = value_list_new(r->arena, 0);
    int rc = read_items(r, *out, &spots);
    size_t count = value_list_count(*out);
    if (rc == 0 && count > 0) {
        memcpy(new_spots(r, out->as.list, count)->at, spots, count * sizeof(*spots));
    }
    arena_rewind(&r->scratch, mark);
    return rc;
}

static void warn_duplicate(struct reader *r, struct value key, struct yaml_position at)
{
    struct yaml_warning *warning = arena_new(r->arena, struct yaml_warning);

    warning->at = at;
    warning->message = key.type == VALUE_STRING
                           ? arena_printf(r->arena, "duplicate key '%.100s'", key.as.s)
                           : "duplicate key";
    *r->last_warning = warning;
    r->last_warning = &warning->next;
}

static const struct spots *spots_of(const struct yaml_positions *positions,
                                    const void *container)
{
    if (positions == NULL || positions->slot_count == 0) {
        return NULL;
    }
    return positions->slots[slot_of(positions, container)];
}

/* The index of the key's pair, or -1. */
static long pair_index(struct value dict, struct value key)
{
    const struct value_dict *d = dict.as.dict;

    for (uint32_t i = 0; i < d->used; i++) {
        if (d->pairs[i].key.type != VALUE_UNDEFINED &&
            value_equal(d->pairs[i].key, key)) {
            return (long)i;
        }
    }
    return -1;
}

static const struct spot *key_spot(const struct yaml_positions *positions,
                                   struct value dict, struct value key)
{
    const struct spots *spots = spots_of(positions, dict.as.dict);
    long i = spots != NULL ? pair_index(dict, key) : -1;

    return i >= 0 && i < (long)spots->count ? &spots->at[i] : NULL;
}

/* The pairs of one mapping, collected before merges are applied. */
struct pairs {
    struct value *keys;
    struct value *values;
    struct spot *spots;
    size_t count;
    size_t cap;
    struct value merges[16]; /* dicts, in the order in which they apply */
    struct yaml_position merge_at[16];
    size_t merge_count;
};

static void add_pair(struct reader *r, struct pairs *p, struct value key,
                     struct value value, struct spot spot)
{
    if (p->count == p->cap) {
        size_t cap = p->cap != 0 ? p->cap * 2 : 8;
        p->keys = arena_realloc(&r->scratch, p->keys, p->cap * sizeof(*p->keys),
                                cap * sizeof(*p->keys));
        p->values = arena_realloc(&r->scratch, p->values, p->cap * sizeof(*p->values),
                                  cap * sizeof(*p->values));
        p->spots = arena_realloc(&r->scratch, p->spots, p->cap * sizeof(*p->spots),
                                 cap * sizeof(*p->spots));
        p->cap = cap;
    }
    p->keys[p->count] = key;
    p->values[p->count] = value;
    p->spots[p->count++] = spot;
}

static int add_merge(struct reader *r, struct pairs *p, struct value dict,
                     struct yaml_position at)
{
    if (dict.type != VALUE_DICT) {
        return fail_at(r, at, "expected a mapping for merging");
    }
    if (p->merge_count == sizeof(p->merges) / sizeof(p->merges[0])) {
        return fail_at(r, at, "too many mappings to merge");
    }
    p->merges[p->merge_count] = dict;
    p->merge_at[p->merge_count++] = at;
    return 0;
}

/* The value of a "<<" key: a mapping, or a list of mappings of which the first wins. */
static int read_merge(struct reader *r, struct pairs *p)
{
    struct yaml_position at = position_of(r->event.start_mark);
    struct value value;

    if (read_node(r, NULL, &value) != 0) {
        return -1;
    }
    if (value.type != VALUE_LIST) {
        if (value.type != VALUE_DICT) {
            return fail_at(r, at, "expected a mapping or list of mappings for merging");
        }
        return add_merge(r, p, value, at);
    }
    for (size_t i = value_list_count(value); i-- > 0;) {
        if (add_merge(r, p, value_list_at(value, i), at) != 0) {
            return -1;
        }
    }
    return 0;
}

static int read_pair(struct reader *r, struct pairs *p)
{
    struct spot spot = {.key = position_of(r->event.start_mark)};
    struct value key;
    struct value value;
    bool merge = false;

    if (read_node(r, &merge, &key) != 0 || next_event(r) != 0) {
        return -1;
    }
    if (merge) {
        return read_merge(r, p);
    }
    if (!value_hashable(key)) {
        return fail_at(r, spot.key, "found unhashable key");
    }
    spot.value = position_of(r->event.start_mark);
    if (read_node(r, NULL, &value) != 0) {
        return -1;
    }
    add_pair(r, p, key, value, spot);
    return 0;
}

static int read_pairs(struct reader *r, struct pairs *p)
{
    for (;;) {
        if (next_event(r) != 0) {
            return -1;
        }
        if (r->event.type == YAML_MAPPING_END_EVENT) {
            return 0;
        }
        if (read_pair(r, p) != 0) {
            return -1;
        }
    }
}

/* Puts a pair into the dict and its position at the pair's index. */
static void put_pair(struct value dict, struct value key, struct value value,
                     struct spots *spots, const struct spot *spot)
{
    size_t before = value_dict_count(dict);

    value_dict_put_value(dict, key, value);
    size_t index =
        value_dict_count(dict) > before ? before : (size_t)pair_index(dict, key);
    if (index < spots->count) {
        spots->at[index] = *spot;
    }
}

/* The pairs of merged mappings come first; the mapping's own replace them. */
static void build_dict(struct reader *r, const struct pairs *p, struct value dict)
{
    size_t total = p->count;

    for (size_t i = 0; i < p->merge_count; i++) {
        total += value_dict_count(p->merges[i]);
    }
    struct spots *spots = new_spots(r, dict.as.dict, total);
    for (size_t i = 0; i < p->merge_count; i++) {
        const struct spot fallback = {p->merge_at[i], p->merge_at[i]};
        const struct spots *theirs = spots_of(r->doc->positions, p->merges[i].as.dict);
        size_t at = 0;
        for (const struct value_pair *e;
             (e = value_dict_next(p->merges[i], &at)) != NULL;) {
            const struct spot *spot =
                theirs != NULL && at <= theirs->count ? &theirs->at[at - 1] : NULL;
            put_pair(dict, e->key, e->value, spots, spot != NULL ? spot : &fallback);
        }
    }
    size_t merged = value_dict_count(dict);
    for (size_t i = 0; i < p->count; i++) {
        size_t before = value_dict_count(dict);
        put_pair(dict, p->keys[i], p->values[i], spots, &p->spots[i]);
        if (value_dict_count(dict) == before && merged == 0) {
            warn_duplicate(r, p->keys[i], p->spots[i].key);
        }
    }
}

static int read_dict(struct reader *r, struct value *out)
{
    struct arena_mark mark = arena_mark(&r->scratch);
    struct pairs p = {0};
    int rc = read_pairs(r, &p);

    if (rc == 0) {
        *out = value_dict_new(r->arena, p.count);
        build_dict(r, &p, *out);
    }
    arena_rewind(&r->scratch, mark);
    return rc;
}

static int read_collection(struct reader *r, struct value *out)
{
    bool list = r->event.type == YAML_SEQUENCE_START_EVENT;
    const yaml_char_t *tag =
        list ? r->event.data.sequence_start.tag : r->event.data.mapping_start.tag;
    int rc = 0;

    if (tag != NULL && !str_eq((const char *)tag, "!") &&
        !str_eq((const char *)tag, list ? TAG_PREFIX "seq" : TAG_PREFIX "map")) {
        enum yaml_kind kind;
        if (check_tag(r, (const char *)tag, &kind) == 0) {
            fail_at(r, position_of(r->event.start_mark), "expected a scalar node");
        }
        return -1;
    }
    if (r->depth == MAX_DEPTH) {
        return fail_at(r, position_of(r->event.start_mark), "nested too deeply");
    }
    r->depth++;
    rc = list ? read_list(r, out) : read_dict(r, out);
    r->depth--;
    return rc;
}

static int read_anchored(struct reader *r, const yaml_char_t *name, bool *merge,
                         struct value *out)
{
    struct anchor *anchor;
    size_t before = r->nodes - 1;
    bool scalar = r->event.type == YAML_SCALAR_EVENT;

    if (open_anchor(r, name, &anchor) != 0 ||
        (scalar ? read_scalar(r, merge, out) : read_collection(r, out)) != 0) {
        return -1;
    }
    if (anchor != NULL) {
        anchor->value = *out;
        anchor->weight = r->nodes - before;
        anchor->open = false;
    }
    return 0;
}

/* The node that begins with the current event. */
static int read_node(struct reader *r, bool *merge, struct value *out)
{
    *out = value_none();
    if (count_nodes(r, 1, position_of(r->event.start_mark)) != 0) {
        return -1;
    }
    switch (r->event.type) {
    case YAML_ALIAS_EVENT:
        return read_alias(r, out);
    case YAML_SCALAR_EVENT:
        return read_anchored(r, r->event.data.scalar.anchor, merge, out);
    case YAML_SEQUENCE_START_EVENT:
        return read_anchored(r, r->event.data.sequence_start.anchor, NULL, out);
    case YAML_MAPPING_START_EVENT:
        return read_anchored(r, r->event.data.mapping_start.anchor, NULL, out);
    default:
        return fail_at(r, position_of(r->event.start_mark), "unexpected event");
    }
}

static int read_document(struct reader *r)
{
    if (next_event(r) != 0 || next_event(r) != 0) {
        return -1;
    }
    if (r->event.type == YAML_STREAM_END_EVENT) {
        return 0;
    }
    if (next_event(r) != 0 || read_node(r, NULL, &r->doc->root) != 0 ||
        next_event(r) != 0 || next_event(r) != 0) {
        return -1;
    }
    if (r->event.type != YAML_STREAM_END_EVENT) {
        return fail_at(
            r, position_of(r->event.start_mark),
            "expected a single document in the stream, but found another document");
    }
    return 0;
}

int yaml_parse(const char *text, size_t len, const char *file, struct arena *arena,
               struct yaml_doc *out, struct err *err)
{
    struct reader r = {
        .text = text, .len = len, .file = file, .arena = arena, .doc = out, .err = err};

    *out = (struct yaml_doc){.root = value_none(),
                             .positions = arena_new(arena, struct yaml_positions)};
    r.last_warning = &out->warnings;
    const uint8_t *bad = u8_check((const uint8_t *)text, len);
    if (bad != NULL) {
        err_set(err, ERR_PROJECT, "not valid UTF-8");
        err_at_offset(err, file, text, len, (size_t)((const char *)bad - text));
        return -1;
    }
    if (!yaml_parser_initialize(&r.parser)) {
        abort();
    }
    yaml_parser_set_encoding(&r.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&r.parser, (const unsigned char *)text, len);
    int rc = read_document(&r);
    if (r.has_event) {
        yaml_event_delete(&r.event);
    }
    yaml_parser_delete(&r.parser);
    map_fini(&r.anchors);
    arena_fini(&r.scratch);
    return rc;
}

static bool find_key(const struct yaml_doc *doc, struct value dict, const char *key,
                     bool of_value, struct yaml_position *out)
{
    if (dict.type != VALUE_DICT) {
        return false;
    }
    const struct spot *spot = key_spot(doc->positions, dict, value_str(key));
    if (spot == NULL) {
        return false;
    }
    *out = of_value ? spot->value : spot->key;
    return true;
}

bool yaml_key_position(const struct yaml_doc *doc, struct value dict, const char *key,
                       struct yaml_position *out)
{
    return find_key(doc, dict, key, false, out);
}

bool yaml_value_position(const struct yaml_doc *doc, struct value dict, const char *key,
                         struct yaml_position *out)
{
    return find_key(doc, dict, key, true, out);
}

bool yaml_item_position(const struct yaml_doc *doc, struct value list, size_t index,
                        struct yaml_position *out)
{
    if (list.type != VALUE_LIST) {
        return false;
    }
    const struct spots *spots = spots_of(doc->positions, list.as.list);
    if (spots == NULL || index >= spots->count) {
        return false;
    }
    *out = spots->at[index].value;
    return true;
}
