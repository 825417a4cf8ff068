#include "config.h"

#include "drift/drift.h"

#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/map.h"
#include "base/str.h"
#include "sql/type.h"

struct comparison {
    const struct drift_relation *desired;
    const struct drift_relation *observed;
    struct arena *arena;
    struct drift_list *out;
    size_t cap;
};

static void add(struct comparison *c, enum drift_kind kind, bool note, const char *name,
                const char *existing, const char *expected, const char *text)
{
    struct drift_list *out = c->out;

    if (out->count == c->cap) {
        size_t grown = c->cap != 0 ? c->cap * 2 : 8;
        out->items = arena_realloc(c->arena, out->items, c->cap * sizeof(*out->items),
                                   grown * sizeof(*out->items));
        c->cap = grown;
    }
    out->items[out->count++] = (struct drift_difference){
        kind, note, name, existing, expected, text,
    };
    if (!note) {
        out->failing++;
    }
}

bool drift_type_equal(const char *a, const char *b)
{
    struct arena arena = {0};
    struct err err = {0};

    if (str_eq(a, b)) {
        return true;
    }
    const struct sql_type *x = sql_type_parse(&arena, a, strlen(a), &err);
    const struct sql_type *y = sql_type_parse(&arena, b, strlen(b), &err);
    bool equal = x != NULL && y != NULL && sql_type_equal(x, y, false);
    arena_fini(&arena);
    return equal;
}

/* The type as the server would print it, so that texts look the same on both sides. */
static const char *type_text(struct arena *arena, const char *type)
{
    struct err err = {0};
    const struct sql_type *parsed = sql_type_parse(arena, type, strlen(type), &err);

    return parsed != NULL ? sql_type_text(arena, parsed, SQL_TYPE_FORM_SERIAL, false)
                          : type;
}

static int by_name(const void *a, const void *b)
{
    const struct drift_column *x = *(const struct drift_column *const *)a;
    const struct drift_column *y = *(const struct drift_column *const *)b;

    return strcmp(x->name, y->name);
}

/* The columns in order of their names, for stable messages. */
static const struct drift_column **sorted(struct arena *arena,
                                          const struct drift_relation *relation)
{
    const struct drift_column **columns =
        arena_array(arena, const struct drift_column *, relation->column_count + 1);

    for (size_t i = 0; i < relation->column_count; i++) {
        columns[i] = &relation->columns[i];
    }
    qsort(columns, relation->column_count, sizeof(*columns), by_name);
    return columns;
}

static void index_columns(const struct drift_relation *relation, struct map *map)
{
    for (size_t i = 0; i < relation->column_count; i++) {
        map_put(map, relation->columns[i].name, (void *)&relation->columns[i]);
    }
}

static void compare_missing(struct comparison *c, const struct drift_column **columns,
                            size_t count, const struct map *others,
                            enum drift_kind kind)
{
    for (size_t i = 0; i < count; i++) {
        const char *name = columns[i]->name;
        if (map_get(others, name) == NULL) {
            bool added = kind == DRIFT_COLUMN_ADDED;
            const char *type = columns[i]->type != NULL ? columns[i]->type : "";
            add(c, kind, false, name, added ? "" : type, added ? type : "",
                arena_printf(c->arena, "column %s: '%s'", added ? "added" : "removed",
                             name));
        }
    }
}

static void compare_type(struct comparison *c, const struct drift_column *want,
                         const struct drift_column *have)
{
    if (want->type == NULL || have->type == NULL ||
        drift_type_equal(want->type, have->type)) {
        return;
    }
    const char *existing = type_text(c->arena, have->type);
    const char *expected = type_text(c->arena, want->type);
    add(c, DRIFT_COLUMN_TYPE, false, want->name, existing, expected,
        arena_printf(c->arena, "column type: '%s' existing='%s', expected='%s'",
                     want->name, existing, expected));
}

static void compare_nullability(struct comparison *c, const struct drift_column *want,
                                const struct drift_column *have)
{
    if (!want->nullability_known || !have->nullability_known ||
        want->not_null == have->not_null) {
        return;
    }
    const char *existing = have->not_null ? "NOT NULL" : "NULL";
    const char *expected = want->not_null ? "NOT NULL" : "NULL";
    add(c, DRIFT_COLUMN_NULLABILITY, false, want->name, existing, expected,
        arena_printf(c->arena, "column nullability: '%s' existing=%s, expected=%s",
                     want->name, existing, expected));
}

static void compare_columns(struct comparison *c)
{
    struct map want = {0};
    struct map have = {0};

    if (!c->desired->columns_known || !c->observed->columns_known) {
        return;
    }
    const struct drift_column **desired = sorted(c->arena, c->desired);
    const struct drift_column **observed = sorted(c->arena, c->observed);
    index_columns(c->desired, &want);
    index_columns(c->observed, &have);
    compare_missing(c, desired, c->desired->column_count, &have, DRIFT_COLUMN_ADDED);
    compare_missing(c, observed, c->observed->column_count, &want,
                    DRIFT_COLUMN_REMOVED);
    for (size_t i = 0; i < c->desired->column_count; i++) {
        const struct drift_column *other = map_get(&have, desired[i]->name);
        if (other != NULL) {
            compare_type(c, desired[i], other);
        }
    }
    for (size_t i = 0; i < c->desired->column_count; i++) {
        const struct drift_column *other = map_get(&have, desired[i]->name);
        if (other != NULL) {
            compare_nullability(c, desired[i], other);
        }
    }
    map_fini(&want);
    map_fini(&have);
}

static const char *option_value(const struct drift_relation *relation, const char *key)
{
    for (size_t i = 0; i < relation->option_count; i++) {
        if (str_eq(relation->options[i].key, key)) {
            return relation->options[i].value;
        }
    }
    return NULL;
}

static bool is_upsert(const struct drift_relation *relation)
{
    const char *mode = option_value(relation, "changelog.mode");

    return mode != NULL ? str_ieq(mode, "upsert") : relation->primary_key_count > 0;
}

/* Whether the project itself changes what `word` names after creating the relation. */
static bool is_altered(const struct comparison *c, const char *word)
{
    return c->desired->altered_by != NULL &&
           strcasestr(c->desired->altered_by, word) != NULL;
}

static void compare_set_options(struct comparison *c)
{
    for (size_t i = 0; i < c->desired->option_count; i++) {
        const struct drift_option *want = &c->desired->options[i];
        const char *have = option_value(c->observed, want->key);
        if (is_altered(c, want->key)) {
            continue;
        }
        const char *fallback = drift_option_default(want->key, is_upsert(c->observed));
        if (have != NULL
                ? drift_option_equal(have, want->value)
                : fallback != NULL && drift_option_equal(fallback, want->value)) {
            continue;
        }
        const char *existing = have != NULL ? have : "<not set>";
        add(c, DRIFT_OPTION, false, want->key, existing, want->value,
            arena_printf(c->arena, "option: '%s' existing='%s', expected='%s'",
                         want->key, existing, want->value));
    }
}

/* Options that the server fills in by itself, so that their presence says nothing. */
static bool server_sets(const char *key)
{
    return (str_starts(key, "fields.") && str_ends(key, ".expression")) ||
           str_starts(key, "confluent.") || str_starts(key, "kafka.topic") ||
           str_starts(key, "schema-registry.");
}

static void compare_removed_options(struct comparison *c)
{
    bool upsert = is_upsert(c->observed);

    for (size_t i = 0; i < c->observed->option_count; i++) {
        const struct drift_option *have = &c->observed->options[i];
        if (option_value(c->desired, have->key) != NULL || server_sets(have->key) ||
            is_altered(c, have->key)) {
            continue;
        }
        const char *fallback = drift_option_default(have->key, upsert);
        if (fallback != NULL && (drift_option_equal(fallback, have->value) ||
                                 str_eq(have->key, "kafka.cleanup-policy") ||
                                 str_eq(have->key, "changelog.mode"))) {
            continue;
        }
        bool faker =
            str_eq(have->key, "number-of-rows") || str_ends(have->key, ".null-rate");
        bool note = fallback == NULL && !faker;
        add(c, DRIFT_OPTION_REMOVED, note, have->key, have->value,
            fallback != NULL ? fallback : "",
            arena_printf(c->arena, "option removed: '%s' existing='%s', expected='%s'",
                         have->key, have->value,
                         fallback != NULL ? fallback : "<not set>"));
    }
}

/* A Python list of strings, as the adapter prints it. */
static const char *name_list(struct arena *arena, const char *const *names,
                             size_t count)
{
    struct buf out = BUF_INIT;

    buf_addc(&out, '[');
    for (size_t i = 0; i < count; i++) {
        buf_addf(&out, "%s'%s'", i > 0 ? ", " : "", names[i]);
    }
    buf_addc(&out, ']');
    const char *text = arena_strdup(arena, buf_str(&out));
    buf_fini(&out);
    return text;
}

static bool same_names(const char *const *a, size_t n, const char *const *b, size_t m)
{
    if (n != m) {
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (!str_eq(a[i], b[i])) {
            return false;
        }
    }
    return true;
}

static void compare_bucket_columns(struct comparison *c)
{
    const struct drift_relation *want = c->desired;
    const struct drift_relation *have = c->observed;
    const char *expected = name_list(c->arena, want->distribution_columns,
                                     want->distribution_column_count);

    if (!same_names(want->distribution_columns, want->distribution_column_count,
                    have->distribution_columns, have->distribution_column_count)) {
        const char *existing = name_list(c->arena, have->distribution_columns,
                                         have->distribution_column_count);
        add(c, DRIFT_DISTRIBUTION_COLUMNS, false, "", existing, expected,
            arena_printf(c->arena, "distribution columns: existing=%s, expected=%s",
                         existing, expected));
    }
    if (want->buckets > 0 && want->buckets != have->buckets) {
        const char *existing = arena_printf(c->arena, "%d", have->buckets);
        const char *buckets = arena_printf(c->arena, "%d", want->buckets);
        add(c, DRIFT_DISTRIBUTION_BUCKETS, false, "", existing, buckets,
            arena_printf(c->arena, "distribution buckets: existing=%s, expected=%s",
                         existing, buckets));
    }
}

static void compare_distribution(struct comparison *c)
{
    const struct drift_relation *want = c->desired;
    const struct drift_relation *have = c->observed;

    if (!want->distributed) {
        bool by_key =
            have->distributed && have->primary_key_count > 0 &&
            same_names(have->distribution_columns, have->distribution_column_count,
                       have->primary_key, have->primary_key_count);
        if (have->distributed && have->distribution_column_count > 0 && !by_key) {
            const char *existing = name_list(c->arena, have->distribution_columns,
                                             have->distribution_column_count);
            add(c, DRIFT_DISTRIBUTION, false, "", existing, "<none>",
                arena_printf(c->arena,
                             "distribution removed: existing=%s, expected=<none>",
                             existing));
        }
        return;
    }
    if (have->distributed) {
        compare_bucket_columns(c);
        return;
    }
    const char *columns = name_list(c->arena, want->distribution_columns,
                                    want->distribution_column_count);
    const char *expected =
        want->buckets > 0 ? arena_printf(c->arena, "{'columns': %s, 'buckets': %d}",
                                         columns, want->buckets)
                          : arena_printf(c->arena, "{'columns': %s}", columns);
    add(c, DRIFT_DISTRIBUTION, false, "", "<none>", expected,
        arena_printf(c->arena, "distribution: existing=<none>, expected=%s", expected));
}

static void compare_primary_key(struct comparison *c)
{
    const struct drift_relation *want = c->desired;
    const struct drift_relation *have = c->observed;

    if (!want->primary_key_known || !have->primary_key_known ||
        same_names(want->primary_key, want->primary_key_count, have->primary_key,
                   have->primary_key_count)) {
        return;
    }
    const char *existing =
        name_list(c->arena, have->primary_key, have->primary_key_count);
    const char *expected =
        name_list(c->arena, want->primary_key, want->primary_key_count);
    add(c, DRIFT_PRIMARY_KEY, false, "", existing, expected,
        arena_printf(c->arena, "primary key: existing=%s, expected=%s", existing,
                     expected));
}

/* The watermark as one text; blanks and quoting of the expression make no difference.
 */
static const char *watermark_text(struct arena *arena,
                                  const struct drift_relation *relation)
{
    if (relation->watermark_column == NULL) {
        return "<none>";
    }
    return arena_printf(
        arena, "%s AS %s", relation->watermark_column,
        relation->watermark_expression != NULL ? relation->watermark_expression : "?");
}

static bool same_loosely(const char *a, const char *b)
{
    for (;; a++, b++) {
        while (*a == ' ' || *a == '`' || *a == '\n' || *a == '\t') {
            a++;
        }
        while (*b == ' ' || *b == '`' || *b == '\n' || *b == '\t') {
            b++;
        }
        if (*a == '\0' || *b == '\0') {
            return *a == *b;
        }
        char x = *a >= 'a' && *a <= 'z' ? (char)(*a - 32) : *a;
        char y = *b >= 'a' && *b <= 'z' ? (char)(*b - 32) : *b;
        if (x != y) {
            return false;
        }
    }
}

static void compare_watermark(struct comparison *c)
{
    if (!c->desired->watermark_known || !c->observed->watermark_known ||
        is_altered(c, "watermark")) {
        return;
    }
    const char *existing = watermark_text(c->arena, c->observed);
    const char *expected = watermark_text(c->arena, c->desired);
    if (same_loosely(existing, expected)) {
        return;
    }
    add(c, DRIFT_WATERMARK, false, "", existing, expected,
        arena_printf(c->arena, "watermark: existing=%s, expected=%s", existing,
                     expected));
}

static void compare_comment(struct comparison *c, const char *name, const char *have,
                            const char *want)
{
    have = have != NULL ? have : "";
    want = want != NULL ? want : "";
    if (want[0] == '\0' || str_eq(have, want)) {
        return;
    }
    add(c, DRIFT_COMMENT, true, name, have, want,
        name[0] != '\0'
            ? arena_printf(c->arena, "comment of '%s': existing='%s', expected='%s'",
                           name, have, want)
            : arena_printf(c->arena, "comment: existing='%s', expected='%s'", have,
                           want));
}

static void compare_comments(struct comparison *c)
{
    struct map have = {0};

    compare_comment(c, "", c->observed->comment, c->desired->comment);
    index_columns(c->observed, &have);
    for (size_t i = 0; i < c->desired->column_count; i++) {
        const struct drift_column *want = &c->desired->columns[i];
        const struct drift_column *column = map_get(&have, want->name);
        if (column != NULL) {
            compare_comment(c, want->name, column->comment, want->comment);
        }
    }
    map_fini(&have);
}

void drift_compare(const struct drift_relation *desired,
                   const struct drift_relation *observed, unsigned flags,
                   struct arena *arena, struct drift_list *out)
{
    struct comparison c = {desired, observed, arena, out, 0};

    *out = (struct drift_list){0};
    compare_columns(&c);
    if ((flags & DRIFT_COLUMNS_ONLY) != 0) {
        return;
    }
    compare_set_options(&c);
    compare_removed_options(&c);
    compare_distribution(&c);
    compare_primary_key(&c);
    compare_watermark(&c);
    compare_comments(&c);
}

void drift_message(const struct drift_list *list, const char *relation, struct buf *out)
{
    buf_addf(out, "Schema drift detected for %s:\n", relation);
    for (size_t i = 0; i < list->count; i++) {
        if (!list->items[i].note) {
            buf_addf(out, "  - %s\n", list->items[i].text);
        }
    }
    buf_adds(out, "Use --full-refresh to recreate the table.");
}
