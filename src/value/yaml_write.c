#include "config.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/map.h"
#include "base/str.h"
#include "base/xmalloc.h"
#include "value/yaml.h"
#include "value/yaml_resolve.h"

#define MAX_DEPTH 100
#define TAG_STR   "tag:yaml.org,2002:str"

/* Lists and dicts that occur more than once get an anchor, as in PyYAML. */
struct shared {
    int anchor; /* 0: seen once */
    bool written;
};

struct writer {
    yaml_emitter_t emitter;
    struct buf *out;
    bool sort_keys;
    struct map seen; /* address → struct shared */
    struct arena arena;
    int anchors;
    struct err *err;
};

static int on_write(void *context, unsigned char *data, size_t len)
{
    struct writer *w = context;

    buf_add(w->out, (const char *)data, len);
    return !w->out->overflow;
}

static int emit(struct writer *w, yaml_event_t *event, int ok)
{
    if (!ok || !yaml_emitter_emit(&w->emitter, event)) {
        return err_set(w->err, ERR_LIMIT, "can't write the value as YAML");
    }
    return 0;
}

static int emit_text(struct writer *w, const char *s, size_t len, bool plain,
                     bool quoted)
{
    yaml_event_t event;
    int ok = yaml_scalar_event_initialize(&event, NULL, (const yaml_char_t *)TAG_STR,
                                          (const yaml_char_t *)s, (int)len, plain,
                                          quoted, YAML_ANY_SCALAR_STYLE);

    return emit(w, &event, ok);
}

static int emit_float(struct writer *w, double f)
{
    struct buf text = {.max = 64};

    if (isnan(f)) {
        buf_adds(&text, ".nan");
    } else if (isinf(f)) {
        buf_adds(&text, f > 0 ? ".inf" : "-.inf");
    } else {
        value_float_text(f, &text);
        char *e = strchr(text.data, 'e');
        if (e != NULL && strchr(text.data, '.') == NULL) {
            char *tail = xstrdup(e);
            buf_truncate(&text, (size_t)(e - text.data));
            buf_addf(&text, ".0%s", tail);
            free(tail);
        }
    }
    int rc = emit_text(w, buf_str(&text), text.len, true, false);
    buf_fini(&text);
    return rc;
}

static int emit_scalar(struct writer *w, struct value v)
{
    struct buf text = {0};
    int rc = 0;

    switch (v.type) {
    case VALUE_NONE:
        return emit_text(w, "null", 4, true, false);
    case VALUE_BOOL:
        return emit_text(w, v.as.b ? "true" : "false", v.as.b ? 4 : 5, true, false);
    case VALUE_FLOAT:
        return emit_float(w, v.as.f);
    case VALUE_STRING:
        return emit_text(w, v.as.s, v.len, yaml_resolve(v.as.s, v.len) == YAML_KIND_STR,
                         true);
    case VALUE_INT:
        buf_addf(&text, "%lld", (long long)v.as.i);
        rc = emit_text(w, text.data, text.len, true, false);
        break;
    case VALUE_BIGINT:
        value_bigint_text(v, &text);
        rc = emit_text(w, text.data, text.len, true, false);
        break;
    default:
        return err_set(w->err, ERR_INTERNAL, "a value of type %s has no YAML form",
                       value_type_name(v));
    }
    buf_fini(&text);
    return rc;
}

static bool is_collection(struct value v)
{
    return v.type == VALUE_LIST || v.type == VALUE_TUPLE || v.type == VALUE_DICT;
}

static const void *address(const struct value *v)
{
    return v->type == VALUE_DICT ? (const void *)v->as.dict : (const void *)v->as.list;
}

static struct shared *find_shared(struct writer *w, struct value v)
{
    const void *at = address(&v);

    return map_get_n(&w->seen, (const char *)&at, sizeof(at));
}

/* First pass: numbers the collections that occur again. */
static int find_anchors(struct writer *w, struct value v, int depth)
{
    if (!is_collection(v)) {
        return 0;
    }
    if (depth == MAX_DEPTH) {
        return err_set(w->err, ERR_LIMIT, "a value is nested too deeply for YAML");
    }
    struct shared *shared = find_shared(w, v);
    if (shared != NULL) {
        if (shared->anchor == 0) {
            shared->anchor = ++w->anchors;
        }
        return 0;
    }
    const void **key = arena_alloc(&w->arena, sizeof(const void *));
    *key = address(&v);
    map_put_n(&w->seen, (const char *)key, sizeof(const void *),
              arena_new(&w->arena, struct shared));
    size_t at = 0;
    for (const struct value_pair *p; (p = value_dict_next(v, &at)) != NULL;) {
        if (find_anchors(w, p->value, depth + 1) != 0) {
            return -1;
        }
    }
    for (size_t i = 0; i < value_list_count(v); i++) {
        if (find_anchors(w, value_list_at(v, i), depth + 1) != 0) {
            return -1;
        }
    }
    return 0;
}

static int compare_keys(const void *a, const void *b)
{
    const struct value *x = &(*(const struct value_pair *const *)a)->key;
    const struct value *y = &(*(const struct value_pair *const *)b)->key;

    if (x->type != VALUE_STRING || y->type != VALUE_STRING) {
        return (int)x->type - (int)y->type;
    }
    return strcmp(x->as.s, y->as.s);
}

static int emit_node(struct writer *w, struct value v);

static int emit_pairs(struct writer *w, struct value v)
{
    size_t count = value_dict_count(v);
    const struct value_pair **pairs = xcalloc(count + 1, sizeof(*pairs));
    size_t at = 0;
    int rc = 0;

    for (size_t i = 0; i < count; i++) {
        pairs[i] = value_dict_next(v, &at);
    }
    if (w->sort_keys) {
        qsort(pairs, count, sizeof(*pairs), compare_keys);
    }
    for (size_t i = 0; i < count && rc == 0; i++) {
        rc = emit_node(w, pairs[i]->key);
        if (rc == 0) {
            rc = emit_node(w, pairs[i]->value);
        }
    }
    free(pairs);
    return rc;
}

static int emit_dict(struct writer *w, struct value v, const char *anchor)
{
    yaml_event_t event;
    int ok = yaml_mapping_start_event_initialize(&event, (const yaml_char_t *)anchor,
                                                 NULL, 1, YAML_BLOCK_MAPPING_STYLE);

    if (emit(w, &event, ok) != 0 || emit_pairs(w, v) != 0) {
        return -1;
    }
    return emit(w, &event, yaml_mapping_end_event_initialize(&event));
}

static int emit_list(struct writer *w, struct value v, const char *anchor)
{
    yaml_event_t event;
    int ok = yaml_sequence_start_event_initialize(&event, (const yaml_char_t *)anchor,
                                                  NULL, 1, YAML_BLOCK_SEQUENCE_STYLE);

    if (emit(w, &event, ok) != 0) {
        return -1;
    }
    for (size_t i = 0; i < value_list_count(v); i++) {
        if (emit_node(w, value_list_at(v, i)) != 0) {
            return -1;
        }
    }
    return emit(w, &event, yaml_sequence_end_event_initialize(&event));
}

static int emit_node(struct writer *w, struct value v)
{
    char name[16];
    const char *anchor = NULL;

    if (!is_collection(v)) {
        return emit_scalar(w, v);
    }
    struct shared *shared = find_shared(w, v);
    if (shared != NULL && shared->anchor != 0) {
        snprintf(name, sizeof(name), "id%03d", shared->anchor);
        if (shared->written) {
            yaml_event_t event;
            return emit(w, &event,
                        yaml_alias_event_initialize(&event, (const yaml_char_t *)name));
        }
        shared->written = true;
        anchor = name;
    }
    return v.type == VALUE_DICT ? emit_dict(w, v, anchor) : emit_list(w, v, anchor);
}

static int emit_document(struct writer *w, struct value v)
{
    yaml_event_t event;

    if (emit(w, &event,
             yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING)) != 0 ||
        emit(w, &event,
             yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1)) != 0 ||
        emit_node(w, v) != 0 ||
        emit(w, &event, yaml_document_end_event_initialize(&event, 1)) != 0) {
        return -1;
    }
    return emit(w, &event, yaml_stream_end_event_initialize(&event));
}

int yaml_write(struct value v, bool sort_keys, struct buf *out, struct err *err)
{
    struct writer w = {.out = out, .sort_keys = sort_keys, .err = err};
    size_t start = out->len;
    int rc = find_anchors(&w, v, 0);

    if (rc == 0) {
        if (!yaml_emitter_initialize(&w.emitter)) {
            abort();
        }
        yaml_emitter_set_output(&w.emitter, on_write, &w);
        rc = emit_document(&w, v);
        yaml_emitter_delete(&w.emitter);
    }
    /* PyYAML's own emitter ends a lone plain scalar like this; libyaml doesn't. */
    if (rc == 0 && !is_collection(v) && out->len > start &&
        strchr("'\"|>", out->data[start]) == NULL && !str_ends(out->data, "...\n")) {
        buf_adds(out, "...\n");
    }
    map_fini(&w.seen);
    arena_fini(&w.arena);
    return rc;
}
