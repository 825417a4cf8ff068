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

/* "".join(parts) */
static int join_strings(struct jinja_run *run, struct value parts, struct value *out)
{
    size_t count = value_list_count(parts);
    size_t mark;

    struct buf *text = scratch_begin(run, &mark);
    for (size_t i = 0; i < count; i++) {
        struct value part = value_list_at(parts, i);
        if (part.type != VALUE_STRING) {
            return jinja_raise(run, "TypeError",
                               "sequence item %zu: expected str instance, %s found", i,
                               jinja_type_name(part));
        }
        buf_add(text, part.as.s, part.len);
    }
    *out = scratch_take(run, mark);
    return 0;
}

void capture_begin(struct jinja_run *run, struct capture *capture)
{
    capture->outer = run->native;
    capture->mark = run->out->len;
    if (run->native != NULL) {
        native_init(&capture->own, run->arena);
        run->native = &capture->own;
    }
}

int capture_end(struct jinja_run *run, struct capture *capture, int rc,
                struct value *out)
{
    run->native = capture->outer;
    if (rc != 0) {
        return -1;
    }
    if (capture->outer == NULL) {
        *out = scratch_take(run, capture->mark);
    } else if (join_strings(run, capture->own.parts, out) != 0) {
        return -1;
    }
    out->flags = run->autoescape ? VALUE_MARKUP : 0;
    return 0;
}
