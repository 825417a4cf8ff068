#include "config.h"

#include "base/err.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xmalloc.h"

void err_clear(struct err *err)
{
    err->code = ERR_NONE;
    err->line = 0;
    err->column = 0;
    err->type[0] = '\0';
    err->file[0] = '\0';
    err->source[0] = '\0';
    err->msg[0] = '\0';
    err->hint[0] = '\0';
    err->trace[0] = '\0';
}

int err_vset(struct err *err, enum err_code code, const char *fmt, va_list ap)
{
    if (err->code != ERR_NONE) {
        return -1;
    }
    err_clear(err);
    err->code = code;
    vsnprintf(err->msg, sizeof(err->msg), fmt, ap);
    return -1;
}

int err_set(struct err *err, enum err_code code, const char *fmt, ...)
{
    va_list ap;

    va_start(ap, fmt);
    err_vset(err, code, fmt, ap);
    va_end(ap);
    return -1;
}

int err_set_errno(struct err *err, enum err_code code, const char *fmt, ...)
{
    int saved = errno;
    bool first = err->code == ERR_NONE;
    va_list ap;

    va_start(ap, fmt);
    err_vset(err, code, fmt, ap);
    va_end(ap);
    if (first) {
        size_t n = strlen(err->msg);
        snprintf(err->msg + n, sizeof(err->msg) - n, ": %s", strerror(saved));
    }
    return -1;
}

int err_wrap(struct err *err, const char *fmt, ...)
{
    char context[512];
    char msg[sizeof(err->msg)];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(context, sizeof(context), fmt, ap);
    va_end(ap);
    memcpy(msg, err->msg, sizeof(msg));
    size_t n = strlen(context);
    snprintf(err->msg, sizeof(err->msg), "%s: %.*s", context,
             (int)(sizeof(msg) - n - 3), msg);
    return -1;
}

void err_at(struct err *err, const char *file, int line, int column)
{
    if (err->file[0] != '\0') {
        return;
    }
    if (file != NULL) {
        str_copy(err->file, sizeof(err->file), file);
    }
    if (err->line == 0) {
        err->line = line;
        err->column = column;
    }
}

void err_locate(const char *text, size_t len, size_t offset, int *line, int *column)
{
    size_t bol = 0;

    if (offset > len) {
        offset = len;
    }
    *line = 1;
    *column = 1;
    for (size_t i = 0; i < offset; i++) {
        if (text[i] == '\n') {
            (*line)++;
            bol = i + 1;
        }
    }
    for (size_t i = bol; i < offset; i++) {
        if (((unsigned char)text[i] & 0xc0) != 0x80) {
            (*column)++;
        }
    }
}

void err_at_offset(struct err *err, const char *file, const char *text, size_t len,
                   size_t offset)
{
    int line;
    int column;

    if (err->file[0] != '\0' || err->source[0] != '\0') {
        return;
    }
    err_locate(text, len, offset, &line, &column);
    err->line = 0;
    err_at(err, file, line, column);
    if (offset > len) {
        offset = len;
    }
    size_t bol = offset;
    while (bol > 0 && text[bol - 1] != '\n') {
        bol--;
    }
    size_t eol = offset;
    while (eol < len && text[eol] != '\n' && text[eol] != '\r') {
        eol++;
    }
    str_copy_n(err->source, sizeof(err->source), text + bol, eol - bol);
}

void err_hint(struct err *err, const char *fmt, ...)
{
    va_list ap;

    if (err->hint[0] != '\0') {
        return;
    }
    va_start(ap, fmt);
    vsnprintf(err->hint, sizeof(err->hint), fmt, ap);
    va_end(ap);
}

int err_exit_status(enum err_code code)
{
    switch (code) {
#define X(name, status)                                                                \
    case ERR_##name:                                                                   \
        return status;
        ERR_CODES(X)
#undef X
    }
    return 1;
}

const char *err_code_name(enum err_code code)
{
    switch (code) {
#define X(name, status)                                                                \
    case ERR_##name:                                                                   \
        return #name;
        ERR_CODES(X)
#undef X
    }
    return "INTERNAL";
}

/* Writes text that may come from a server or a file: control bytes become '?'. */
static void put_safe(FILE *out, const char *text, const char *indent)
{
    for (const char *p = text; *p != '\0'; p++) {
        unsigned char c = (unsigned char)*p;
        if (c == '\n') {
            fputc('\n', out);
            if (p[1] != '\0') {
                fputs(indent, out);
            }
        } else if (c == '\t') {
            fputc(' ', out);
        } else if (c < 0x20 || c == 0x7f) {
            fputc('?', out);
        } else if (c == 0xc2 && (unsigned char)p[1] >= 0x80 &&
                   (unsigned char)p[1] < 0xa0) {
            fputc('?', out);
            p++;
        } else {
            fputc(c, out);
        }
    }
}

static void print_location(const struct err *err, FILE *out)
{
    if (err->file[0] == '\0' && err->line == 0) {
        return;
    }
    fputs("  --> ", out);
    put_safe(out, err->file[0] != '\0' ? err->file : "<input>", "");
    if (err->line > 0) {
        fprintf(out, ":%d", err->line);
        if (err->column > 0) {
            fprintf(out, ":%d", err->column);
        }
    }
    fputc('\n', out);
}

static void print_caret(const struct err *err, FILE *out, bool color)
{
    /* Of a very long line only the beginning was kept: it may end before the place. */
    bool kept = err->column <= (int)strlen(err->source) + 1;
    if (err->source[0] == '\0' || err->line == 0 || !kept) {
        return;
    }
    int width = fprintf(out, "%5d | ", err->line);
    put_safe(out, err->source, "");
    fputc('\n', out);
    if (err->column == 0) {
        return;
    }
    fprintf(out, "%*s", width + err->column - 1, "");
    fputs(color ? "\033[1;31m^\033[0m\n" : "^\n", out);
}

void err_print(const struct err *err, FILE *out, bool color)
{
    if (err->code == ERR_NONE) {
        return;
    }
    fputs(color ? "\033[1;31merror:\033[0m " : "error: ", out);
    if (err->type[0] != '\0') {
        put_safe(out, err->type, "");
        fputs(": ", out);
    }
    put_safe(out, err->msg, "  ");
    fputc('\n', out);
    print_location(err, out);
    print_caret(err, out, color);
    if (err->trace[0] != '\0') {
        fputs("  ", out);
        put_safe(out, err->trace, "  ");
        fputc('\n', out);
    }
    if (err->hint[0] != '\0') {
        fputs("hint: ", out);
        put_safe(out, err->hint, "      ");
        fputc('\n', out);
    }
}

void err_list_add(struct err_list *list, const struct err *err)
{
    size_t max = list->max != 0 ? list->max : ERR_LIST_MAX;

    if (list->count >= max) {
        list->dropped++;
        return;
    }
    list->items = xreallocarray(list->items, list->count + 1, sizeof(*list->items));
    list->items[list->count++] = *err;
}

void err_list_fini(struct err_list *list)
{
    free(list->items);
    *list = (struct err_list){0};
}
