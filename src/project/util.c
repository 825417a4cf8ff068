#include "config.h"

#include "project/internal.h"

#include <nettle/md5.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

/* Finds the text that could not be rendered in the file that it comes from. */
static bool locate_source(struct err *err, const struct project_file *file)
{
    const char *at = file->text != NULL && err->source[0] != '\0'
                         ? strstr(file->text, err->source)
                         : NULL;

    if (at == NULL || err->line != 0) {
        return false;
    }
    err->source[0] = '\0';
    err_at_offset(err, file->shown, file->text, file->len, (size_t)(at - file->text));
    return true;
}

void project_locate(struct err *err, const struct project_file *file, int line,
                    int column)
{
    if (err->file[0] != '\0' || locate_source(err, file)) {
        return;
    }
    err_at(err, file->shown, line, column);
    if (file->text == NULL || line <= 0 || err->source[0] != '\0') {
        return;
    }
    const char *bol = file->text;
    const char *end = file->text + file->len;
    for (int i = 1; i < line; i++) {
        const char *eol = memchr(bol, '\n', (size_t)(end - bol));
        if (eol == NULL) {
            return;
        }
        bol = eol + 1;
    }
    const char *eol = memchr(bol, '\n', (size_t)(end - bol));
    size_t len = (size_t)((eol != NULL ? eol : end) - bol);
    if (len > 0 && bol[len - 1] == '\r') {
        len--;
    }
    str_copy_n(err->source, sizeof(err->source), bol, len);
}

void project_locate_yaml(struct err *err, const struct project_file *file, int line,
                         int column)
{
    if (err->file[0] == '\0') {
        err->line = 0;
        err->column = 0;
        err->source[0] = '\0';
    }
    project_locate(err, file, line, column);
}

/* A macro's error comes back with each node that calls it. */
static bool is_known(const struct err_list *list, const struct err *err)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct err *other = &list->items[i];
        if (err->line > 0 && err->line == other->line &&
            str_eq(err->file, other->file) && str_eq(err->msg, other->msg)) {
            return true;
        }
    }
    return false;
}

void loader_error(struct loader *loader, struct err *err)
{
    if (err->code != ERR_NONE) {
        if (!is_known(loader->errors, err)) {
            err_list_add(loader->errors, err);
        }
        err_clear(err);
    }
}

bool project_list_is_full(const struct err_list *list)
{
    return list->count >= (list->max != 0 ? list->max : ERR_LIST_MAX);
}

int loader_fail(struct loader *loader, const struct project_file *file, int line,
                int column, const char *hint, const char *fmt, ...)
{
    struct err err = {0};
    va_list ap;

    va_start(ap, fmt);
    err_vset(&err, ERR_PROJECT, fmt, ap);
    va_end(ap);
    if (file != NULL && !project_list_is_full(loader->errors)) {
        project_locate(&err, file, line, column);
    }
    if (hint != NULL) {
        err_hint(&err, "%s", hint);
    }
    err_list_add(loader->errors, &err);
    return -1;
}

void loader_warn(struct loader *loader, const struct project_file *file, int line,
                 const char *fmt, ...)
{
    struct err err = {0};
    va_list ap;

    va_start(ap, fmt);
    err_vset(&err, ERR_PROJECT, fmt, ap);
    va_end(ap);
    if (file != NULL && !project_list_is_full(&loader->project->warnings)) {
        project_locate(&err, file, line, 0);
    }
    err_list_add(&loader->project->warnings, &err);
}

static char *hex(struct arena *arena, const uint8_t *digest, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    char *out = arena_alloc(arena, len * 2 + 1);

    for (size_t i = 0; i < len; i++) {
        out[i * 2] = digits[digest[i] >> 4];
        out[i * 2 + 1] = digits[digest[i] & 15];
    }
    out[len * 2] = '\0';
    return out;
}

char *project_md5(struct arena *arena, const char *data, size_t len)
{
    struct md5_ctx ctx;
    uint8_t digest[MD5_DIGEST_SIZE];

    md5_init(&ctx);
    md5_update(&ctx, len, (const uint8_t *)data);
    md5_digest(&ctx, sizeof(digest), digest);
    return hex(arena, digest, sizeof(digest));
}

char *project_sha256(struct arena *arena, const char *data, size_t len)
{
    struct sha256_ctx ctx;
    uint8_t digest[SHA256_DIGEST_SIZE];

    sha256_init(&ctx);
    sha256_update(&ctx, len, (const uint8_t *)data);
    sha256_digest(&ctx, sizeof(digest), digest);
    return hex(arena, digest, sizeof(digest));
}

char *project_key(struct arena *arena, const char *a, const char *b, const char *c)
{
    if (c != NULL) {
        return arena_printf(arena, "%s\1%s\1%s", a, b, c);
    }
    return b != NULL ? arena_printf(arena, "%s\1%s", a, b) : arena_strdup(arena, a);
}

void node_list_add(struct arena *arena, struct node_list *list, struct node *node)
{
    if (list->count == list->cap) {
        size_t cap = list->cap != 0 ? list->cap * 2 : 4;
        list->items =
            arena_realloc(arena, list->items, list->cap * sizeof(struct node *),
                          cap * sizeof(struct node *));
        list->cap = cap;
    }
    list->items[list->count++] = node;
}

struct value project_listify(struct arena *arena, struct value v)
{
    if (v.type == VALUE_LIST) {
        return v;
    }
    struct value list = value_list_new(arena, 1);
    if (v.type == VALUE_TUPLE) {
        for (size_t i = 0; i < value_list_count(v); i++) {
            value_list_push(list, value_list_at(v, i));
        }
    } else if (!value_is_null(v)) {
        value_list_push(list, v);
    }
    return list;
}

struct value project_empty_list(struct loader *loader)
{
    if (loader->empty_list.type != VALUE_LIST) {
        loader->empty_list = value_list_new(loader->arena, 0);
    }
    return loader->empty_list;
}

struct value project_empty_dict(struct loader *loader)
{
    if (loader->empty_dict.type != VALUE_DICT) {
        loader->empty_dict = value_dict_new(loader->arena, 0);
    }
    return loader->empty_dict;
}

/* ---- Jinja in YAML ---- */

static bool text_has_jinja(const char *s, size_t len)
{
    const char *end = s + len;

    for (const char *p = s; (p = memchr(p, '{', (size_t)(end - p))) != NULL; p++) {
        if (p + 1 < end && (p[1] == '{' || p[1] == '%' || p[1] == '#')) {
            return true;
        }
    }
    return false;
}

bool project_has_jinja(struct value v)
{
    size_t at = 0;

    if (v.type == VALUE_STRING) {
        return text_has_jinja(v.as.s, v.len);
    }
    for (const struct value_pair *p; (p = value_dict_next(v, &at)) != NULL;) {
        if (project_has_jinja(p->value)) {
            return true;
        }
    }
    for (size_t i = 0; i < value_list_count(v); i++) {
        if (project_has_jinja(value_list_at(v, i))) {
            return true;
        }
    }
    return false;
}

#define MAX_PATH 16

struct render {
    struct loader *loader;
    enum project_yaml where;
    struct package *package;
    project_keep_fn keep;
    struct value path[MAX_PATH];
    size_t depth;
    struct err *err;
};

static int render_any(struct render *r, struct value v, struct value *out);

static int render_child(struct render *r, struct value key, struct value v,
                        struct value *out)
{
    if (r->depth < MAX_PATH) {
        r->path[r->depth] = key;
    }
    r->depth++;
    int rc = render_any(r, v, out);
    r->depth--;
    return rc;
}

static int render_text(struct render *r, struct value v, struct value *out)
{
    const struct project_hooks *hooks = r->loader->project->hooks;

    if (r->keep != NULL &&
        r->keep(r->path, r->depth < MAX_PATH ? r->depth : MAX_PATH)) {
        return 0;
    }
    if (!text_has_jinja(v.as.s, v.len)) {
        *out = value_copy_str_n(r->loader->arena, v.as.s, v.len - 1);
        return 0;
    }
    if (hooks == NULL || hooks->render_yaml == NULL) {
        return err_set(r->err, ERR_PROJECT, "can't render Jinja here: %.200s", v.as.s);
    }
    if (hooks->render_yaml(hooks->context, r->loader->project, r->where, r->package, v,
                           r->loader->arena, out, r->err) == 0) {
        return 0;
    }
    /* The position within the text says nothing to a reader of the file: the text
     * itself does, see project_locate(). */
    r->err->code = r->err->code == ERR_COMPILE ? ERR_PROJECT : r->err->code;
    r->err->line = 0;
    r->err->column = 0;
    r->err->file[0] = '\0';
    str_copy_n(r->err->source, sizeof(r->err->source), v.as.s, strcspn(v.as.s, "\n"));
    return -1;
}

/* Rendering also takes one newline off the end of plain text, as Jinja does. */
static bool needs_rendering(struct value v)
{
    size_t at = 0;

    if (v.type == VALUE_STRING) {
        return text_has_jinja(v.as.s, v.len) ||
               (v.len > 0 && v.as.s[v.len - 1] == '\n');
    }
    for (const struct value_pair *p; (p = value_dict_next(v, &at)) != NULL;) {
        if (needs_rendering(p->value)) {
            return true;
        }
    }
    for (size_t i = 0; i < value_list_count(v); i++) {
        if (needs_rendering(value_list_at(v, i))) {
            return true;
        }
    }
    return false;
}

static int render_any(struct render *r, struct value v, struct value *out)
{
    size_t at = 0;

    *out = v;
    if (!needs_rendering(v)) {
        return 0;
    }
    if (v.type == VALUE_STRING) {
        return render_text(r, v, out);
    }
    if (v.type == VALUE_DICT) {
        *out = value_dict_new(r->loader->arena, value_dict_count(v));
        for (const struct value_pair *p; (p = value_dict_next(v, &at)) != NULL;) {
            struct value item;
            if (render_child(r, p->key, p->value, &item) != 0) {
                return -1;
            }
            value_dict_put_value(*out, p->key, item);
        }
        return 0;
    }
    *out = value_list_new(r->loader->arena, value_list_count(v));
    for (size_t i = 0; i < value_list_count(v); i++) {
        struct value item;
        if (render_child(r, value_int((int64_t)i), value_list_at(v, i), &item) != 0) {
            return -1;
        }
        value_list_push(*out, item);
    }
    return 0;
}

int project_render(struct loader *loader, enum project_yaml where,
                   struct package *package, struct value v, project_keep_fn keep,
                   struct value *out, struct err *err)
{
    struct render render = {
        .loader = loader, .where = where, .package = package, .keep = keep, .err = err};

    return render_any(&render, v, out);
}

/* ---- Python's text of values ---- */

static void repr_string(const char *s, size_t len, struct buf *out)
{
    bool single = memchr(s, '\'', len) != NULL;
    bool use_double = single && memchr(s, '"', len) == NULL;
    char quote = use_double ? '"' : '\'';

    buf_addc(out, quote);
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c == '\\' || c == (unsigned char)quote) {
            buf_addc(out, '\\');
            buf_addc(out, (char)c);
        } else if (c == '\n') {
            buf_adds(out, "\\n");
        } else if (c == '\r') {
            buf_adds(out, "\\r");
        } else if (c == '\t') {
            buf_adds(out, "\\t");
        } else if (c < 0x20 || c == 0x7f) {
            buf_addf(out, "\\x%02x", c);
        } else {
            buf_addc(out, (char)c);
        }
    }
    buf_addc(out, quote);
}

static void repr_items(struct value v, struct buf *out)
{
    size_t count = value_list_count(v);

    buf_addc(out, v.type == VALUE_LIST ? '[' : '(');
    for (size_t i = 0; i < count; i++) {
        buf_adds(out, i > 0 ? ", " : "");
        project_python_repr(value_list_at(v, i), out);
    }
    buf_adds(out, v.type == VALUE_LIST ? "]" : count == 1 ? ",)" : ")");
}

static void repr_dict(struct value v, struct buf *out)
{
    size_t at = 0;
    bool first = true;

    buf_addc(out, '{');
    for (const struct value_pair *p; (p = value_dict_next(v, &at)) != NULL;) {
        buf_adds(out, first ? "" : ", ");
        first = false;
        project_python_repr(p->key, out);
        buf_adds(out, ": ");
        project_python_repr(p->value, out);
    }
    buf_addc(out, '}');
}

void project_python_repr(struct value v, struct buf *out)
{
    switch (v.type) {
    case VALUE_NONE:
    case VALUE_UNDEFINED:
        buf_adds(out, "None");
        break;
    case VALUE_BOOL:
        buf_adds(out, v.as.b ? "True" : "False");
        break;
    case VALUE_INT:
        buf_addf(out, "%lld", (long long)v.as.i);
        break;
    case VALUE_BIGINT:
        value_bigint_text(v, out);
        break;
    case VALUE_FLOAT:
        value_float_text(v.as.f, out);
        break;
    case VALUE_STRING:
        repr_string(v.as.s, v.len, out);
        break;
    case VALUE_LIST:
    case VALUE_TUPLE:
        repr_items(v, out);
        break;
    case VALUE_DICT:
        repr_dict(v, out);
        break;
    default:
        buf_adds(out, "<object>");
        break;
    }
}

void project_python_str(struct value v, struct buf *out)
{
    if (v.type == VALUE_STRING) {
        buf_add(out, v.as.s, v.len);
    } else {
        project_python_repr(v, out);
    }
}
