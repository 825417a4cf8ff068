/* \pset: the settings of output, as in psql. */
#include "config.h"

#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "base/xmalloc.h"
#include "shell/print.h"
#include "shell/vars.h"

enum setting_kind { BOOLEAN, TEXT, NUMBER, SPECIAL };

struct setting {
    const char *name;
    enum setting_kind kind;
    size_t offset; /* of the field in struct print */
    int slot;      /* TEXT: in print->strings */
    int max;       /* NUMBER */
    int (*set)(struct print *print, const char *value, struct err *err);
    const char *(*show)(const struct print *print);
    const char *choices; /* blank-separated, for completion; NULL: by kind */
};

static int bad_value(const char *name, const char *value, const char *allowed,
                     struct err *err)
{
    err_set(err, ERR_USAGE, "\\pset: unrecognized value \"%s\" for %s", value, name);
    err_hint(err, "allowed values are %s", allowed);
    return -1;
}

static int set_format(struct print *print, const char *value, struct err *err)
{
    if (value == NULL) {
        return 0;
    }
    if (!format_kind_parse(value, &print->format.kind)) {
        return bad_value(
            "format", value,
            "aligned, csv, html, json, jsonl, markdown, unaligned, wrapped", err);
    }
    return 0;
}

static const char *show_format(const struct print *print)
{
    return format_kind_name(print->format.kind);
}

static int set_expanded(struct print *print, const char *value, struct err *err)
{
    bool on;

    if (value == NULL) {
        bool off = print->format.expanded == FORMAT_EXPANDED_OFF;
        print->format.expanded = off ? FORMAT_EXPANDED_ON : FORMAT_EXPANDED_OFF;
    } else if (str_ieq(value, "auto")) {
        print->format.expanded = FORMAT_EXPANDED_AUTO;
    } else if (vars_parse_bool(value, &on)) {
        print->format.expanded = on ? FORMAT_EXPANDED_ON : FORMAT_EXPANDED_OFF;
    } else {
        return bad_value("expanded", value, "on, off, auto", err);
    }
    return 0;
}

static const char *show_expanded(const struct print *print)
{
    static const char *const names[] = {"off", "on", "auto"};

    return names[print->format.expanded];
}

static int set_linestyle(struct print *print, const char *value, struct err *err)
{
    if (value == NULL) {
        return 0;
    }
    if (!str_ieq(value, "ascii") && !str_ieq(value, "unicode")) {
        return bad_value("linestyle", value, "ascii, unicode", err);
    }
    print->format.linestyle = str_ieq(value, "ascii") ? FORMAT_ASCII : FORMAT_UNICODE;
    return 0;
}

static const char *show_linestyle(const struct print *print)
{
    return print->format.linestyle == FORMAT_ASCII ? "ascii" : "unicode";
}

static int set_pager(struct print *print, const char *value, struct err *err)
{
    bool on;

    if (value == NULL) {
        print->pager =
            print->pager == PRINT_PAGER_OFF ? PRINT_PAGER_ON : PRINT_PAGER_OFF;
    } else if (str_ieq(value, "always")) {
        print->pager = PRINT_PAGER_ALWAYS;
    } else if (vars_parse_bool(value, &on)) {
        print->pager = on ? PRINT_PAGER_ON : PRINT_PAGER_OFF;
    } else {
        return bad_value("pager", value, "on, off, always", err);
    }
    return 0;
}

static const char *show_pager(const struct print *print)
{
    static const char *const names[] = {"off", "on", "always"};

    return names[print->pager];
}

static int set_csv_fieldsep(struct print *print, const char *value, struct err *err)
{
    if (value == NULL) {
        return 0;
    }
    if (strlen(value) != 1 || strchr("\"\n\r", value[0]) != NULL) {
        return bad_value("csv_fieldsep", value, "single one-byte characters", err);
    }
    print->format.csv_fieldsep = value[0];
    return 0;
}

static const char *show_csv_fieldsep(const struct print *print)
{
    static char text[2];

    text[0] = print->format.csv_fieldsep;
    return text;
}

#define AT(field) offsetof(struct print, field)

static const struct setting settings[] = {
    {.name = "border", .kind = NUMBER, .offset = AT(format.border), .max = 2},
    {.name = "changelog", .kind = BOOLEAN, .offset = AT(changelog)},
    {.name = "columns", .kind = NUMBER, .offset = AT(columns), .max = 100000},
    {"csv_fieldsep", SPECIAL, 0, 0, 0, set_csv_fieldsep, show_csv_fieldsep, ""},
    {"expanded", SPECIAL, 0, 0, 0, set_expanded, show_expanded, "on off auto"},
    {.name = "fieldsep", .kind = TEXT, .offset = AT(format.fieldsep), .slot = 0},
    {.name = "footer", .kind = BOOLEAN, .offset = AT(format.footer)},
    {"format", SPECIAL, 0, 0, 0, set_format, show_format,
     "aligned csv html json jsonl markdown unaligned wrapped"},
    {"linestyle", SPECIAL, 0, 0, 0, set_linestyle, show_linestyle, "ascii unicode"},
    {.name = "null", .kind = TEXT, .offset = AT(format.null_text), .slot = 1},
    {"pager", SPECIAL, 0, 0, 0, set_pager, show_pager, "on off always"},
    {.name = "pager_min_lines",
     .kind = NUMBER,
     .offset = AT(pager_min_lines),
     .max = 1000000},
    {.name = "recordsep", .kind = TEXT, .offset = AT(format.recordsep), .slot = 2},
    {.name = "tableattr", .kind = TEXT, .offset = AT(format.tableattr), .slot = 3},
    {.name = "title", .kind = TEXT, .offset = AT(format.title), .slot = 4},
    {.name = "tuples_only", .kind = BOOLEAN, .offset = AT(format.tuples_only)},
};

#define SETTING_COUNT (sizeof(settings) / sizeof(settings[0]))

const char *print_pset_name(const char *name)
{
    static const char *const aliases[][2] = {{"x", "expanded"},
                                             {"vertical", "expanded"},
                                             {"t", "tuples_only"},
                                             {"T", "tableattr"},
                                             {"C", "title"}};

    for (size_t i = 0; i < sizeof(aliases) / sizeof(aliases[0]); i++) {
        if (strcmp(name, aliases[i][0]) == 0) {
            return aliases[i][1];
        }
    }
    return name;
}

static const struct setting *find(const char *name)
{
    name = print_pset_name(name);
    for (size_t i = 0; i < SETTING_COUNT; i++) {
        if (strcmp(settings[i].name, name) == 0) {
            return &settings[i];
        }
    }
    return NULL;
}

const char *const *print_pset_names(void)
{
    static const char *names[SETTING_COUNT + 1];

    for (size_t i = 0; i < SETTING_COUNT; i++) {
        names[i] = settings[i].name;
    }
    return names;
}

const char *print_pset_choices(const char *name)
{
    const struct setting *setting = find(name);

    if (setting == NULL) {
        return "";
    }
    if (setting->choices != NULL) {
        return setting->choices;
    }
    return setting->kind == BOOLEAN ? "on off" : "";
}

static int set_bool(bool *field, const char *name, const char *value, struct err *err)
{
    if (value == NULL) {
        *field = !*field;
        return 0;
    }
    return vars_parse_bool(value, field) ? 0 : bad_value(name, value, "on, off", err);
}

static int set_number(const struct setting *setting, int *field, const char *value,
                      struct err *err)
{
    char *end;
    long number;

    if (value == NULL) {
        return 0;
    }
    number = strtol(value, &end, 10);
    if (end == value || *end != '\0' || number < 0 || number > setting->max) {
        char allowed[64];
        snprintf(allowed, sizeof(allowed), "0 to %d", setting->max);
        return bad_value(setting->name, value, allowed, err);
    }
    *field = (int)number;
    return 0;
}

static void set_text(struct print *print, const struct setting *setting,
                     const char *value)
{
    const char **field = (const char **)((char *)print + setting->offset);
    char *copy = value != NULL && value[0] != '\0' ? xstrdup(value) : NULL;
    bool optional = setting->slot >= 3;

    if (value == NULL && !optional) {
        return;
    }
    free(print->strings[setting->slot]);
    print->strings[setting->slot] = copy;
    *field = copy != NULL ? copy : optional ? NULL : "";
}

int print_pset(struct print *print, const char *name, const char *value,
               struct err *err)
{
    const struct setting *setting = find(name);
    char *field;

    if (setting == NULL) {
        const char *near = str_nearest(name, print_pset_names(), SETTING_COUNT);
        err_set(err, ERR_USAGE, "\\pset: unknown option: %s", name);
        if (near != NULL) {
            err_hint(err, "did you mean %s? \\pset shows all of them", near);
        }
        return -1;
    }
    field = (char *)print + setting->offset;
    switch (setting->kind) {
    case BOOLEAN:
        return set_bool((bool *)field, name, value, err);
    case NUMBER:
        return set_number(setting, (int *)field, value, err);
    case TEXT:
        set_text(print, setting, value);
        return 0;
    case SPECIAL:
        break;
    }
    return setting->set(print, value, err);
}

const char *print_pset_text(const struct print *print, const char *name,
                            struct arena *arena)
{
    const struct setting *setting = find(name);
    const char *field;
    const char *text;

    if (setting == NULL) {
        return "";
    }
    field = (const char *)print + setting->offset;
    switch (setting->kind) {
    case BOOLEAN:
        return *(const bool *)field ? "on" : "off";
    case NUMBER:
        return arena_printf(arena, "%d", *(const int *)field);
    case TEXT:
        text = *(const char *const *)field;
        return text == NULL              ? ""
               : strcmp(text, "\n") == 0 ? "'\\n'"
                                         : arena_printf(arena, "'%s'", text);
    case SPECIAL:
        break;
    }
    return setting->show(print);
}
