#include "config.h"

#include "shell/print.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/str.h"
#include "base/xmalloc.h"
#include "shell/pager.h"

void print_init(struct print *print, enum term_color_mode color)
{
    *print = (struct print){.out = stdout, .pager = PRINT_PAGER_ON, .color = color};
    term_init(&print->term, stdout, color);
    term_init(&print->term_err, stderr, color);
    print->format = (struct format_options){.kind = FORMAT_ALIGNED,
                                            .border = 1,
                                            .footer = true,
                                            .null_text = "",
                                            .fieldsep = "|",
                                            .recordsep = "\n",
                                            .csv_fieldsep = ','};
}

void print_fini(struct print *print)
{
    struct err err = {0};

    print_redirect(print, "", &err);
    for (size_t i = 0; i < sizeof(print->strings) / sizeof(print->strings[0]); i++) {
        free(print->strings[i]);
        print->strings[i] = NULL;
    }
}

void print_resize(struct print *print)
{
    if (print->term.tty) {
        term_resize(&print->term, stdout);
    }
    if (print->term_err.tty) {
        term_resize(&print->term_err, stderr);
    }
}

bool print_to_terminal(const struct print *print)
{
    return print->out == stdout && print->term.tty;
}

bool print_is_json(const struct print *print)
{
    return print->format.kind == FORMAT_JSON || print->format.kind == FORMAT_JSONL;
}

void print_failed(struct print *print)
{
    if (!print->out_failed) {
        print->out_errno = errno == EPIPE ? 0 : errno;
    }
    print->out_failed = true;
}

static void flush_out(struct print *print)
{
    if (fflush(print->out) != 0) {
        print_failed(print);
    }
}

int print_check(struct print *print, struct err *err)
{
    flush_out(print);
    if (print->out_errno == 0) {
        return 0;
    }
    errno = print->out_errno;
    print->out_errno = 0;
    return err_set_errno(err, ERR_IO, "the output could not be written");
}

static void write_out(struct print *print, const char *data, size_t len)
{
    if (print->out_failed) {
        return;
    }
    if (fwrite(data, 1, len, print->out) != len) {
        print_failed(print);
    }
}

void print_data(struct print *print, const char *fmt, ...)
{
    struct buf text = BUF_INIT;
    va_list ap;

    va_start(ap, fmt);
    buf_addv(&text, fmt, ap);
    va_end(ap);
    write_out(print, buf_str(&text), text.len);
    buf_fini(&text);
}

/* Heap copy that may go to a terminal. */
static char *harmless(const char *text, size_t *len, bool lines)
{
    size_t size = *len * 4 + 8;
    char *copy = xmalloc(size);

    *len = term_sanitize(text, *len, lines, copy, size);
    return copy;
}

void print_line(struct print *print, const char *text)
{
    size_t len = strlen(text);

    if (print_to_terminal(print)) {
        char *copy = harmless(text, &len, true);
        write_out(print, copy, len);
        free(copy);
    } else {
        write_out(print, text, len);
    }
    write_out(print, "\n", 1);
}

void print_styled(struct print *print, const char *text, size_t len)
{
    struct pager pager;

    pager_init(&pager, print);
    pager_write(&pager, text, len);
    if (len > 0 && text[len - 1] != '\n') {
        pager_write(&pager, "\n", 1);
    }
    pager_fini(&pager);
}

void print_text(struct print *print, const char *text, size_t len)
{
    char *copy = NULL;

    if (print_to_terminal(print)) {
        copy = harmless(text, &len, true);
        text = copy;
    }
    print_styled(print, text, len);
    free(copy);
}

static void message(struct print *print, const char *prefix, const char *fmt,
                    va_list ap)
{
    struct buf text = BUF_INIT;
    size_t len;
    char *copy;

    buf_addv(&text, fmt, ap);
    len = text.len;
    copy = harmless(buf_str(&text), &len, true);
    flush_out(print);
    fprintf(stderr, "%s%s\n", prefix, copy);
    fflush(stderr);
    free(copy);
    buf_fini(&text);
}

void print_note(struct print *print, const char *fmt, ...)
{
    va_list ap;

    if (print->quiet) {
        return;
    }
    va_start(ap, fmt);
    message(print, "", fmt, ap);
    va_end(ap);
}

void print_warning(struct print *print, const char *fmt, ...)
{
    char prefix[64];
    va_list ap;

    snprintf(prefix, sizeof(prefix), "%swarning:%s ",
             term_style(&print->term_err, TERM_YELLOW),
             term_style(&print->term_err, TERM_PLAIN));
    va_start(ap, fmt);
    message(print, prefix, fmt, ap);
    va_end(ap);
}

static int close_out(struct print *print, struct err *err)
{
    int result = print_check(print, err);

    if (print->out_opened && print->out_program) {
        pclose(print->out);
    } else if (print->out_opened) {
        fclose(print->out);
    }
    print->out = stdout;
    print->out_opened = print->out_program = print->out_failed = false;
    return result;
}

int print_redirect(struct print *print, const char *where, struct err *err)
{
    bool program = where[0] == '|';
    FILE *out = stdout;
    int result;

    fflush(NULL);
    if (program) {
        out = popen(where + 1, "we");
    } else if (where[0] != '\0') {
        out = fopen(where, "we");
    }
    if (out == NULL) {
        return err_set_errno(err, ERR_IO, "%s", where);
    }
    result = close_out(print, err);
    print->out = out;
    print->out_opened = where[0] != '\0';
    print->out_program = program;
    return result;
}

struct print_table {
    struct print *print;
    struct format_options options;
    struct pager pager;
    struct format *format;
};

static int table_sink(void *context, const char *data, size_t len)
{
    struct print_table *table = context;

    return pager_write(&table->pager, data, len);
}

struct print_table *print_table_begin(struct print *print,
                                      const struct format_column *columns, size_t count,
                                      const char *title)
{
    struct print_table *table = xcalloc(1, sizeof(*table));

    table->print = print;
    table->options = print->format;
    if (title != NULL && table->options.title == NULL &&
        (print->format.kind == FORMAT_ALIGNED ||
         print->format.kind == FORMAT_WRAPPED)) {
        table->options.title = title;
    }
    table->options.sanitize = print_to_terminal(print);
    table->options.width = print->columns > 0         ? print->columns
                           : print_to_terminal(print) ? print->term.width
                                                      : 0;
    pager_init(&table->pager, print);
    table->pager.table =
        print->format.kind == FORMAT_ALIGNED || print->format.kind == FORMAT_WRAPPED;
    table->format = format_new(&table->options, columns, count, table_sink, table);
    return table;
}

int print_table_row(struct print_table *table, const struct format_cell *cells)
{
    return format_row(table->format, cells);
}

int print_table_texts(struct print_table *table, const char *const *texts, size_t count)
{
    struct format_cell cells[PRINT_COLUMNS_MAX];

    for (size_t i = 0; i < count && i < PRINT_COLUMNS_MAX; i++) {
        cells[i] = (struct format_cell){.text = texts[i],
                                        .len = texts[i] != NULL ? strlen(texts[i]) : 0};
    }
    return format_row(table->format, cells);
}

int print_table_flush(struct print_table *table)
{
    if (format_flush(table->format) != 0) {
        return -1;
    }
    return pager_flush(&table->pager);
}

void print_table_end(struct print_table *table, const char *footer)
{
    format_end(table->format, footer);
    pager_fini(&table->pager);
    format_free(table->format);
    free(table);
}
