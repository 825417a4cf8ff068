/*
 * Seeds: CSV to typed columns, as dbt's agate does it (dbt_common agate_helper): the
 * first of number, date, time stamp, boolean, text that takes every value of a column.
 */
#include "config.h"

#include "compile/seed.h"

#include <csv.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/path.h"
#include "base/str.h"

#define SEED_MAX_BYTES    ((size_t)64 * 1024 * 1024)
#define SEED_MAX_COLUMNS  1000
#define SEED_MAX_EXPONENT 100

struct reader {
    struct arena *arena;
    const char **cells;
    size_t count;
    size_t cap;
    size_t column;  /* in the row being read */
    size_t columns; /* of the header; 0 while it is being read */
    size_t line;    /* rows read, header included */
    const char **names;
    bool too_many;     /* columns in the header */
    size_t long_row;   /* first row with more cells than columns */
    size_t long_count; /* its cells */
};

static void put_cell(struct reader *reader, const char *cell)
{
    if (reader->count == reader->cap) {
        size_t cap = reader->cap != 0 ? reader->cap * 2 : 64;
        reader->cells =
            arena_realloc(reader->arena, reader->cells, reader->cap * sizeof(char *),
                          cap * sizeof(char *));
        reader->cap = cap;
    }
    reader->cells[reader->count++] = cell;
}

static void on_field(void *data, size_t len, void *context)
{
    struct reader *reader = context;

    reader->column++;
    if (reader->columns != 0 && reader->column > reader->columns) {
        if (reader->long_row == 0) {
            reader->long_row = reader->line;
        }
        return;
    }
    if (reader->column > SEED_MAX_COLUMNS) {
        reader->too_many = true;
        return;
    }
    put_cell(reader, arena_strndup(reader->arena, data != NULL ? data : "", len));
}

static void on_row(int end, void *context)
{
    struct reader *reader = context;

    (void)end;
    if (reader->columns == 0) {
        reader->columns = reader->count;
        reader->names = reader->cells;
        reader->cells = NULL;
        reader->count = 0;
        reader->cap = 0;
    } else {
        if (reader->long_row == reader->line && reader->long_count == 0) {
            reader->long_count = reader->column;
        }
        while (reader->column < reader->columns) {
            put_cell(reader, NULL);
            reader->column++;
        }
    }
    reader->column = 0;
    reader->line++;
}

static int no_space(unsigned char c)
{
    (void)c;
    return 0;
}

static int read_rows(struct reader *reader, const char *data, size_t len,
                     char delimiter, const char *file, struct err *err)
{
    struct csv_parser parser;

    if (len >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0) {
        data += 3;
        len -= 3;
    }
    if (csv_init(&parser, 0) != 0) {
        return err_set(err, ERR_INTERNAL, "the CSV parser can't be set up");
    }
    csv_set_delim(&parser, (unsigned char)delimiter);
    csv_set_space_func(&parser, no_space);
    size_t done = csv_parse(&parser, data, len, on_field, on_row, reader);
    if (done == len) {
        csv_fini(&parser, on_field, on_row, reader);
    }
    int error = csv_error(&parser);
    csv_free(&parser);
    if (done != len || error != 0) {
        err_set(err, ERR_COMPILE, "the seed is not a CSV file: %s",
                csv_strerror(error));
        err_at(err, file, (int)reader->line + 1, 0);
        return -1;
    }
    if (reader->too_many) {
        return err_set(err, ERR_LIMIT, "the seed %s has more than %d columns", file,
                       SEED_MAX_COLUMNS);
    }
    if (reader->columns == 0) {
        err_set(err, ERR_COMPILE, "the seed has no header line");
        err_at(err, file, 1, 0);
        return -1;
    }
    if (reader->long_row != 0) {
        err_set(err, ERR_COMPILE,
                "Row %zu has %zu values, but Table only has %zu columns.",
                reader->long_row - 1, reader->long_count, reader->columns);
        err_at(err, file, (int)reader->long_row + 1, 0);
        return -1;
    }
    return 0;
}

/* ---- column names --------------------------------------------------------------- */

static bool name_taken(const struct compile_seed_column *columns, size_t count,
                       const char *name)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(columns[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* agate: blank names become letters, repeated ones get _2, _3 … */
static void name_columns(struct arena *arena, const struct reader *reader,
                         struct compile_seed_column *columns)
{
    for (size_t i = 0; i < reader->columns; i++) {
        const char *name = reader->names[i];
        if (name[0] == '\0') {
            name = arena_printf(arena, "%c", (char)('a' + i % 26));
        }
        const char *unique = name;
        for (int n = 2; name_taken(columns, i, unique); n++) {
            unique = arena_printf(arena, "%s_%d", name, n);
        }
        columns[i].name = unique;
    }
}

/* ---- types ---------------------------------------------------------------------- */

/* The text without blanks around it; `*len` gets its length. */
static const char *trimmed(const char *s, size_t *len)
{
    while (isspace((unsigned char)*s)) {
        s++;
    }
    size_t n = strlen(s);
    while (n > 0 && isspace((unsigned char)s[n - 1])) {
        n--;
    }
    *len = n;
    return s;
}

static bool is_null(const char *cell)
{
    size_t len;

    if (cell == NULL) {
        return true;
    }
    const char *s = trimmed(cell, &len);
    return len == 0 || str_ieq_n(s, len, "null");
}

static const char *const currencies[] = {"؋", "$", "ƒ", "៛", "¥", "₡", "₱",
                                         "£", "€", "¢", "﷼", "₪", "₩", "₭",
                                         "₮", "₦", "฿", "₤", "₫"};

static void strip_currency(const char **s, size_t *len)
{
    for (size_t i = 0; i < sizeof currencies / sizeof currencies[0]; i++) {
        size_t n = strlen(currencies[i]);
        while (*len >= n && memcmp(*s, currencies[i], n) == 0) {
            *s += n;
            *len -= n;
        }
        while (*len >= n && memcmp(*s + *len - n, currencies[i], n) == 0) {
            *len -= n;
        }
    }
}

struct number {
    bool negative;
    const char *digits; /* no leading zeros unless "0" */
    size_t len;
    size_t scale; /* of them behind the point */
};

/* "1,234.50", "-0.5e3" without sign: digits and where the point is. */
static bool scan_digits_of(const char *s, size_t len, char *digits, size_t *count,
                           size_t *scale)
{
    bool point = false, any = false;
    size_t i = 0, n = 0;

    *scale = 0;
    for (; i < len && s[i] != 'e' && s[i] != 'E'; i++) {
        if (s[i] == ',' || s[i] == '_') {
            continue;
        }
        if (s[i] == '.' && !point) {
            point = true;
            continue;
        }
        if (!isdigit((unsigned char)s[i])) {
            return false;
        }
        any = true;
        digits[n++] = s[i];
        *scale += point;
    }
    if (any && i < len) {
        char *end;
        long exponent = strtol(s + i + 1, &end, 10);
        if (end != s + len || end == s + i + 1 || exponent > SEED_MAX_EXPONENT ||
            exponent < -SEED_MAX_EXPONENT) {
            return false;
        }
        for (; exponent > 0; exponent--) {
            if (*scale > 0) {
                --*scale;
            } else {
                digits[n++] = '0';
            }
        }
        *scale += (size_t)-exponent;
    }
    *count = n;
    return any;
}

/* "1,234.50%", "$5", "-0.5e3": what agate's Number and Python's Decimal take. */
static bool scan_number(struct arena *arena, const char *cell, struct number *out)
{
    size_t len, n, scale;
    const char *s = trimmed(cell, &len);

    while (len > 0 && s[0] == '%') {
        s++;
        len--;
    }
    while (len > 0 && s[len - 1] == '%') {
        len--;
    }
    out->negative = len > 0 && s[0] == '-';
    if (out->negative) {
        s++;
        len--;
    }
    strip_currency(&s, &len);
    if (len > 0 && (s[0] == '+' || s[0] == '-')) {
        out->negative ^= s[0] == '-';
        s++;
        len--;
    }
    char *digits = arena_alloc(arena, len + SEED_MAX_EXPONENT + 2);
    if (!scan_digits_of(s, len, digits, &n, &scale)) {
        return false;
    }
    while (scale > 0 && n > 0 && digits[n - 1] == '0') {
        n--;
        scale--;
    }
    while (n > 0 && digits[0] == '0') {
        digits++;
        n--;
    }
    out->digits = digits;
    out->len = n;
    out->scale = n == 0 ? 0 : scale;
    return true;
}

static const char *number_text(struct arena *arena, const struct number *number)
{
    size_t whole = number->len > number->scale ? number->len - number->scale : 0;
    struct buf out = BUF_INIT;

    if (number->negative && number->len > 0) {
        buf_addc(&out, '-');
    }
    if (whole == 0) {
        buf_addc(&out, '0');
    }
    buf_add(&out, number->digits, whole);
    if (number->scale > 0) {
        buf_addc(&out, '.');
        buf_pad(&out, '0', number->scale - (number->len - whole));
        buf_add(&out, number->digits + whole, number->len - whole);
    }
    const char *text = arena_strdup(arena, buf_str(&out));
    buf_fini(&out);
    return text;
}

static int days_in(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return month == 2 && leap ? 29 : days[month - 1];
}

/* One to `max` digits; -1 when there is none. */
static int scan_digits(const char **s, int max)
{
    int value = 0, n = 0;

    while (n < max && isdigit((unsigned char)**s)) {
        value = value * 10 + (*(*s)++ - '0');
        n++;
    }
    return n == 0 ? -1 : value;
}

static bool scan_date(const char **s, int part[3])
{
    const char *start = *s;

    part[0] = scan_digits(s, 4);
    if (*s - start != 4 || *(*s)++ != '-') {
        return false;
    }
    part[1] = scan_digits(s, 2);
    if (part[1] < 1 || part[1] > 12 || *(*s)++ != '-') {
        return false;
    }
    part[2] = scan_digits(s, 2);
    return part[0] > 0 && part[2] >= 1 && part[2] <= days_in(part[0], part[1]);
}

/* Hours, minutes, seconds and microseconds; `iso` allows a fraction, and no seconds. */
static bool scan_time(const char **s, bool iso, int part[4])
{
    part[3] = 0;
    part[0] = scan_digits(s, 2);
    if (part[0] < 0 || part[0] > 23 || *(*s)++ != ':') {
        return false;
    }
    part[1] = scan_digits(s, 2);
    if (part[1] < 0 || part[1] > 59) {
        return false;
    }
    part[2] = 0;
    if (**s != ':') {
        return iso;
    }
    (*s)++;
    part[2] = scan_digits(s, 2);
    if (part[2] < 0 || part[2] > (iso ? 59 : 61)) {
        return false;
    }
    if (iso && (**s == '.' || **s == ',')) {
        (*s)++;
        int scale = 100000;
        for (; isdigit((unsigned char)**s); (*s)++) {
            part[3] += (**s - '0') * scale;
            scale /= 10;
        }
    }
    return true;
}

static const char *date_text(struct arena *arena, const char *cell)
{
    int day[3];
    size_t len;
    const char *start = trimmed(cell, &len);
    const char *s = start;

    if (!scan_date(&s, day) || s != start + len) {
        return NULL;
    }
    return arena_printf(arena, "%04d-%02d-%02d", day[0], day[1], day[2]);
}

static const char *datetime_text(struct arena *arena, const char *cell)
{
    int day[3], time[4];
    size_t len;
    const char *start = trimmed(cell, &len);
    const char *s = start;

    if (!scan_date(&s, day)) {
        return NULL;
    }
    bool iso = *s == 'T';
    if ((*s != ' ' && *s != 'T') || (s++, !scan_time(&s, iso, time))) {
        return NULL;
    }
    if (iso && *s == 'Z') {
        s++;
    }
    if (s != start + len) {
        return NULL;
    }
    return arena_printf(arena, "%04d-%02d-%02d %02d:%02d:%02d.%06d", day[0], day[1],
                        day[2], time[0], time[1], time[2], time[3]);
}

static const char *boolean_text(const char *cell)
{
    size_t len;
    const char *s = trimmed(cell, &len);

    return str_ieq_n(s, len, "true")    ? "true"
           : str_ieq_n(s, len, "false") ? "false"
                                        : NULL;
}

/* The cell in its type's own form, or NULL when it is not of that type. */
static const char *cell_text(struct arena *arena, enum compile_seed_type type,
                             const char *cell, struct compile_seed_column *column)
{
    struct number number;

    switch (type) {
    case COMPILE_SEED_NUMBER:
        if (!scan_number(arena, cell, &number)) {
            return NULL;
        }
        if (number.scale > 0) {
            column->integral = false;
        }
        if ((int)number.scale > column->scale) {
            column->scale = (int)number.scale;
        }
        if ((int)number.len - (int)number.scale > column->precision) {
            column->precision = (int)number.len - (int)number.scale;
        }
        return number_text(arena, &number);
    case COMPILE_SEED_DATE:
        return date_text(arena, cell);
    case COMPILE_SEED_DATETIME:
        return datetime_text(arena, cell);
    case COMPILE_SEED_BOOLEAN:
        return boolean_text(cell);
    case COMPILE_SEED_TEXT:
        break;
    }
    return cell;
}

/* Whether all cells of a column are of the type; puts their forms into `out`. */
static bool try_type(struct arena *arena, const struct reader *reader, size_t at,
                     enum compile_seed_type type, struct compile_seed_column *column,
                     const char **out)
{
    column->type = type;
    column->integral = true;
    column->precision = 0;
    column->scale = 0;
    column->has_nulls = false;
    for (size_t row = 0; row < reader->count / reader->columns; row++) {
        const char *cell = reader->cells[row * reader->columns + at];
        if (is_null(cell)) {
            column->has_nulls = true;
            out[row] = NULL;
            continue;
        }
        out[row] = cell_text(arena, type, cell, column);
        if (out[row] == NULL) {
            return false;
        }
    }
    column->precision += column->scale;
    return true;
}

static void type_column(struct arena *arena, struct reader *reader, size_t at,
                        struct compile_seed_column *column)
{
    size_t rows = reader->count / reader->columns;
    const char **out = arena_array(arena, const char *, rows + 1);
    int type = column->declared != NULL ? COMPILE_SEED_TEXT : COMPILE_SEED_NUMBER;

    while (!try_type(arena, reader, at, (enum compile_seed_type)type, column, out)) {
        type++;
    }
    for (size_t row = 0; row < rows; row++) {
        reader->cells[row * reader->columns + at] = out[row];
    }
}

int seed_read(const char *path, const char *shown, char delimiter,
              struct value column_types, struct arena *arena, struct compile_seed *out,
              struct err *err)
{
    struct buf text = BUF_INIT;
    struct reader reader = {.arena = arena};

    if (path_read(path, SEED_MAX_BYTES, &text, err) != 0) {
        return -1;
    }
    int status = read_rows(&reader, buf_str(&text), text.len, delimiter, shown, err);
    buf_fini(&text);
    if (status != 0) {
        return -1;
    }
    out->columns = arena_array(arena, struct compile_seed_column, reader.columns + 1);
    out->column_count = reader.columns;
    out->row_count = reader.columns != 0 ? reader.count / reader.columns : 0;
    name_columns(arena, &reader, out->columns);
    for (size_t i = 0; i < reader.columns; i++) {
        struct value declared = value_dict_get(column_types, out->columns[i].name);
        out->columns[i].declared = value_cstr(declared, NULL);
        type_column(arena, &reader, i, &out->columns[i]);
    }
    out->cells = reader.cells;
    return 0;
}

int seed_parse_rows(const char *text, size_t len, const char *shown,
                    struct arena *arena, struct value *out, struct err *err)
{
    struct reader reader = {.arena = arena};

    if (read_rows(&reader, text, len, ',', shown, err) != 0) {
        return -1;
    }
    *out = value_list_new(arena, reader.count / reader.columns + 1);
    for (size_t at = 0; at + reader.columns <= reader.count; at += reader.columns) {
        struct value row = value_dict_new(arena, reader.columns + 1);
        for (size_t i = 0; i < reader.columns; i++) {
            const char *cell = reader.cells[at + i];
            value_dict_put(row, reader.names[i],
                           cell != NULL && cell[0] != '\0' ? value_str(cell)
                                                           : value_none());
        }
        value_list_push(*out, row);
    }
    return 0;
}
