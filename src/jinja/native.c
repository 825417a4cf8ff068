#include "config.h"

#include "jinja/native.h"

void native_init(struct native *native, struct arena *arena)
{
    native->parts = value_list_new(arena, 2);
    native->text_open = false;
}

/* Whether Jinja would fold it into the template's text at compile time. */
static bool has_safe_repr(struct value v)
{
    if (v.type == VALUE_LIST || v.type == VALUE_TUPLE) {
        for (uint32_t i = 0; i < v.as.list->count; i++) {
            if (!has_safe_repr(v.as.list->items[i])) {
                return false;
            }
        }
        return true;
    }
    return v.type != VALUE_UNDEFINED && v.type != VALUE_OBJECT;
}

static int append_text(struct jinja_run *run, struct value *last, struct value text)
{
    size_t len = (size_t)last->len + text.len;
    char *joined = run_alloc_text(run, len);

    if (joined == NULL) {
        return -1;
    }
    memcpy(joined, last->as.s, last->len);
    memcpy(joined + last->len, text.as.s, text.len);
    *last = value_str_n(joined, len);
    return 0;
}

int native_add(struct jinja_run *run, struct native *native, struct value v,
               bool constant)
{
    if (!constant || !has_safe_repr(v)) {
        value_list_push(native->parts, v);
        native->text_open = false;
        return 0;
    }
    if (jinja_to_str(run, v, &v) != 0) {
        return -1;
    }
    v.flags = 0;
    if (native->text_open) {
        struct value_list *parts = native->parts.as.list;
        return append_text(run, &parts->items[parts->count - 1], v);
    }
    value_list_push(native->parts, v);
    native->text_open = true;
    return 0;
}

int native_result(struct jinja_run *run, struct native *native, struct value *out)
{
    size_t count = value_list_count(native->parts);
    size_t mark;

    if (count == 0) {
        *out = value_str_n("", 0);
        return 0;
    }
    if (count == 1) {
        *out = value_list_at(native->parts, 0);
        return 0;
    }
    struct buf *text = scratch_begin(run, &mark);
    for (size_t i = 0; i < count; i++) {
        if (jinja_str(run, value_list_at(native->parts, i), text) != 0) {
            return -1;
        }
    }
    *out = scratch_take(run, mark);
    return 0;
}
