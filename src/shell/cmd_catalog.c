/* Relations in the cloud: \d and its kin. */
#include "config.h"

#include <fnmatch.h>
#include <string.h>

#include "base/str.h"
#include "flink/catalog.h"
#include "shell/query.h"
#include "shell/session.h"
#include "shell/shell.h"

static const char *kind_name(enum flink_relation_kind kind)
{
    static const char *const names[] = {
        [FLINK_TABLE] = "table",
        [FLINK_VIEW] = "view",
        [FLINK_MATERIALIZED_TABLE] = "materialized table",
        [FLINK_EXTERNAL_TABLE] = "external table",
        [FLINK_SYSTEM_TABLE] = "system table",
    };

    return names[kind];
}

/* "env.db.name", with or without backquotes; missing parts come from the session. */
struct place {
    const char *environment;
    const char *database; /* pattern; NULL: the current one */
    const char *name;     /* pattern; NULL: all */
};

static size_t cut_parts(struct arena *arena, const char *text, const char *parts[3])
{
    size_t count = 0;
    struct buf part = BUF_INIT;
    bool quoted = false;

    for (;; text++) {
        if (*text == '`') {
            quoted = !quoted;
        } else if (*text == '\0' || (*text == '.' && !quoted && count < 2)) {
            parts[count++] = arena_strdup(arena, buf_str(&part));
            buf_reset(&part);
            if (*text == '\0') {
                break;
            }
        } else {
            buf_addc(&part, *text);
        }
    }
    buf_fini(&part);
    return count;
}

static struct place read_place(struct shell *shell, struct cmd_call *call)
{
    const char *parts[3] = {NULL, NULL, NULL};
    size_t count = call->argc > 0 ? cut_parts(call->arena, call->argv[0], parts) : 0;
    const char *current = session_database(shell);
    struct place place = {0};

    place.name = count > 0 ? parts[count - 1] : NULL;
    place.database = count > 1 ? parts[count - 2] : current[0] != '\0' ? current : NULL;
    place.environment = count > 2 ? parts[0] : NULL;
    return place;
}

static bool is_pattern(const char *text)
{
    return strpbrk(text, "*?[") != NULL;
}

static int read_catalog(struct shell *shell, struct cmd_call *call,
                        const struct place *place, bool columns,
                        struct flink_catalog *out, struct err *err)
{
    struct flink_client *client;
    struct flink_catalog_query query = {.database = place->environment,
                                        .relations_only = !columns};

    if (session_client(shell, &client, err) != 0) {
        return -1;
    }
    if (place->database != NULL && !is_pattern(place->database)) {
        query.schemas = &place->database;
        query.schema_count = 1;
    }
    if (place->name != NULL && !is_pattern(place->name)) {
        query.names = &place->name;
        query.name_count = 1;
    }
    return flink_catalog_read(client, &query, call->arena, out, err);
}

static bool fits(const struct place *place, const struct flink_relation *relation)
{
    return (place->name == NULL || fnmatch(place->name, relation->name, 0) == 0) &&
           (place->database == NULL ||
            fnmatch(place->database, relation->schema, 0) == 0);
}

static bool wanted(const struct cmd_call *call, const struct flink_relation *relation)
{
    bool table =
        relation->kind == FLINK_TABLE || relation->kind == FLINK_EXTERNAL_TABLE;

    switch (call->name[1]) {
    case 't':
        return table;
    case 'v':
        return relation->kind == FLINK_VIEW;
    case 'm':
        return relation->kind == FLINK_MATERIALIZED_TABLE;
    default:
        return relation->kind != FLINK_SYSTEM_TABLE;
    }
}

/* psql's words where a table of nothing would be shown to a person. */
static bool nothing_found(struct shell *shell, const struct cmd_call *call)
{
    enum format_kind kind = shell->print.format.kind;

    if (kind != FORMAT_ALIGNED && kind != FORMAT_WRAPPED) {
        return false;
    }
    if (call->argc > 0) {
        print_note(&shell->print, "Did not find any relation named \"%s\".",
                   call->argv[0]);
    } else {
        print_note(&shell->print, "Did not find any relations.");
    }
    return true;
}

static int list_relations(struct shell *shell, struct cmd_call *call,
                          const struct place *place, struct err *err)
{
    static const struct format_column columns[] = {{"database", FORMAT_TEXT},
                                                   {"name", FORMAT_TEXT},
                                                   {"type", FORMAT_TEXT},
                                                   {"comment", FORMAT_TEXT}};
    struct flink_catalog catalog;
    struct print_table *table;
    size_t count = 0;

    if (read_catalog(shell, call, place, false, &catalog, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < catalog.count; i++) {
        if (fits(place, &catalog.relations[i]) && wanted(call, &catalog.relations[i])) {
            catalog.relations[count++] = catalog.relations[i];
        }
    }
    if (count == 0 && nothing_found(shell, call)) {
        return 0;
    }
    table = print_table_begin(&shell->print, columns, 4, "List of relations");
    for (size_t i = 0; i < count; i++) {
        const struct flink_relation *relation = &catalog.relations[i];
        const char *texts[] = {relation->schema, relation->name,
                               kind_name(relation->kind), relation->comment};
        if (print_table_texts(table, texts, 4) != 0) {
            break;
        }
    }
    print_table_end(table, NULL);
    return 0;
}

static const char *extras_of(struct arena *arena, const struct flink_relation *relation,
                             const struct flink_catalog_column *column)
{
    struct buf text = BUF_INIT;
    const char *copy;

    if (column->key > 0) {
        buf_adds(&text, "PRIMARY KEY");
    }
    if (column->distribution > 0) {
        buf_addf(&text, "%sBUCKET KEY", text.len > 0 ? ", " : "");
    }
    if (column->metadata) {
        buf_addf(&text, "%sMETADATA%s%s%s%s", text.len > 0 ? ", " : "",
                 column->metadata_key[0] != '\0' ? " FROM '" : "", column->metadata_key,
                 column->metadata_key[0] != '\0' ? "'" : "",
                 column->is_virtual ? " VIRTUAL" : "");
    }
    if (column->computed) {
        buf_addf(&text, "%sAS %s", text.len > 0 ? ", " : "", column->expression);
    }
    if (relation->watermarked && !relation->watermark_hidden &&
        str_eq(relation->watermark_column, column->name)) {
        buf_addf(&text, "%sWATERMARK AS %s", text.len > 0 ? ", " : "",
                 relation->watermark_expression);
    }
    copy = arena_strndup(arena, buf_str(&text), text.len);
    buf_fini(&text);
    return copy;
}

static void add_names(struct buf *out, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        buf_addf(out, "%s%s", i > 0 ? ", " : "", names[i]);
    }
}

static void add_footer(struct buf *out, const struct flink_relation *relation)
{
    if (relation->primary_key_count > 0) {
        buf_adds(out, "Primary key: ");
        add_names(out, relation->primary_key, relation->primary_key_count);
        buf_addc(out, '\n');
    }
    if (relation->distributed) {
        buf_adds(out,
                 relation->distribution_count > 0 ? "Distributed by: " : "Distributed");
        add_names(out, relation->distribution, relation->distribution_count);
        if (relation->buckets > 0) {
            buf_addf(out, " into %d buckets", relation->buckets);
        }
        buf_addc(out, '\n');
    }
    if (relation->comment[0] != '\0') {
        buf_addf(out, "Comment: %s\n", relation->comment);
    }
    for (size_t i = 0; i < relation->option_count; i++) {
        buf_addf(out, "%s    '%s' = '%s'\n", i == 0 ? "Options:\n" : "",
                 relation->options[i].key, relation->options[i].value);
    }
    if (relation->definition != NULL && relation->definition[0] != '\0') {
        buf_addf(out, "Definition:\n%s\n", relation->definition);
    }
    while (out->len > 0 && out->data[out->len - 1] == '\n') {
        buf_truncate(out, out->len - 1);
    }
}

static void describe(struct shell *shell, struct cmd_call *call,
                     const struct flink_relation *relation)
{
    static const struct format_column columns[] = {{"column", FORMAT_TEXT},
                                                   {"type", FORMAT_TEXT},
                                                   {"nullable", FORMAT_TEXT},
                                                   {"extras", FORMAT_TEXT},
                                                   {"comment", FORMAT_TEXT}};
    size_t count = call->plus ? 5 : 4;
    struct buf footer = BUF_INIT;
    struct buf safe = BUF_INIT;
    const char *title =
        arena_printf(call->arena, "%c%s \"%s.%s\"", kind_name(relation->kind)[0] - 32,
                     kind_name(relation->kind) + 1, relation->schema, relation->name);
    struct print_table *table = print_table_begin(&shell->print, columns, count, title);

    for (size_t i = 0; i < relation->column_count; i++) {
        const struct flink_catalog_column *column = &relation->columns[i];
        const char *texts[] = {column->name, query_type_text(call->arena, column->type),
                               column->nullable ? "" : "not null",
                               extras_of(call->arena, relation, column),
                               column->comment};
        if (column->hidden && !call->plus) {
            continue;
        }
        print_table_texts(table, texts, count);
    }
    add_footer(&footer, relation);
    print_table_end(table, buf_str(&footer));
    buf_fini(&footer);
    buf_fini(&safe);
}

static int exec_describe(struct shell *shell, struct cmd_call *call, struct err *err)
{
    const struct profile *profile;
    struct place place;
    struct flink_catalog catalog;
    size_t found = 0;

    if (session_profile(shell, &profile, err) != 0) {
        return -1;
    }
    place = read_place(shell, call);
    if (call->argc == 0 || strcmp(call->name, "d") != 0) {
        return list_relations(shell, call, &place, err);
    }
    if (read_catalog(shell, call, &place, true, &catalog, err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < catalog.count; i++) {
        if (fits(&place, &catalog.relations[i])) {
            describe(shell, call, &catalog.relations[i]);
            found++;
        }
    }
    if (found == 0) {
        err_set(err, ERR_NOT_FOUND, "there is no relation \"%s\" in %s", call->argv[0],
                place.database != NULL ? place.database : "any database");
        err_hint(err, "\\d lists all of them");
        return -1;
    }
    return 0;
}

#define GROUP "Cloud"

const struct cmd cmd_catalog_table[] = {
    {.name = "d",
     .group = GROUP,
     .usage = "[NAME]",
     .summary = "describe a table or view, or list all; \\d+ says more",
     .max = 1,
     .complete = CMD_COMPLETE_RELATION,
     .exec = exec_describe},
    {.name = "dt",
     .group = GROUP,
     .usage = "[PATTERN]",
     .summary = "list tables",
     .max = 1,
     .complete = CMD_COMPLETE_RELATION,
     .exec = exec_describe},
    {.name = "dv",
     .group = GROUP,
     .usage = "[PATTERN]",
     .summary = "list views",
     .max = 1,
     .complete = CMD_COMPLETE_RELATION,
     .exec = exec_describe},
    {.name = "dm",
     .group = GROUP,
     .usage = "[PATTERN]",
     .summary = "list materialized tables",
     .max = 1,
     .complete = CMD_COMPLETE_RELATION,
     .exec = exec_describe},
    {0},
};
