#include "config.h"

#include "flink/catalog_decode.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xmalloc.h"

struct list {
    void *items;
    size_t count;
    size_t cap;
};

/* A relation while its parts come in, in any order. */
struct draft {
    struct flink_relation relation;
    bool is_relation; /* its TABLE row was there */
    struct list columns;
    struct list options;
    struct list keys; /* struct key_part */
};

struct key_part {
    const char *column;
    int position;
};

struct catalog_builder {
    struct arena *arena;
    struct map wanted; /* names, when there is a filter */
    bool filtered;
    struct map drafts; /* "schema\0name" -> struct draft */
    struct list schemas;
};

static void *list_add(struct arena *arena, struct list *list, size_t size)
{
    if (list->count == list->cap) {
        size_t cap = list->cap > 0 ? list->cap * 2 : 8;
        list->items = arena_realloc(arena, list->items, list->cap * size, cap * size);
        list->cap = cap;
    }
    void *item = (char *)list->items + list->count++ * size;
    memset(item, 0, size);
    return item;
}

struct catalog_builder *catalog_builder_new(struct arena *arena,
                                            const struct flink_catalog_query *query)
{
    struct catalog_builder *builder = xcalloc(1, sizeof(*builder));

    builder->arena = arena;
    builder->filtered = query->names != NULL;
    for (size_t i = 0; builder->filtered && i < query->name_count; i++) {
        map_put(&builder->wanted, query->names[i], builder);
    }
    return builder;
}

void catalog_builder_free(struct catalog_builder *builder)
{
    if (builder != NULL) {
        map_fini(&builder->wanted);
        map_fini(&builder->drafts);
        free(builder);
    }
}

/* ---- cells ---- */

static const char *text(struct catalog_builder *builder, const struct flink_row *row,
                        size_t column)
{
    struct value v = row->cells[column];

    return value_is_str(v) ? arena_strndup(builder->arena, v.as.s, v.len) : "";
}

static const char *peek(const struct flink_row *row, size_t column)
{
    return value_cstr(row->cells[column], "");
}

static bool yes(const struct flink_row *row, size_t index)
{
    return str_ieq(peek(row, CATALOG_TEXT + index), "YES");
}

static int number(const struct flink_row *row, size_t index)
{
    long n = strtol(peek(row, CATALOG_NUMBER + index), NULL, 10);

    return n > 0 && n < 1000000 ? (int)n : 0;
}

static struct draft *draft_of(struct catalog_builder *builder,
                              const struct flink_row *row)
{
    struct value schema = row->cells[CATALOG_SCHEMA];
    struct value name = row->cells[CATALOG_NAME];
    if (!value_is_str(schema) || !value_is_str(name)) {
        return NULL;
    }
    size_t len = schema.len + 1 + name.len;
    char *key = arena_alloc(builder->arena, len + 1);

    memcpy(key, schema.as.s, schema.len + 1);
    memcpy(key + schema.len + 1, name.as.s, name.len + 1);
    struct draft *draft = map_get_n(&builder->drafts, key, len);
    if (draft == NULL) {
        draft = arena_new(builder->arena, struct draft);
        draft->relation.schema = key;
        draft->relation.name = key + schema.len + 1;
        map_put_n(&builder->drafts, key, len, draft);
    }
    return draft;
}

/* ---- sections ---- */

static enum flink_relation_kind kind_of(const char *type, bool materialized)
{
    static const struct {
        const char *type;
        enum flink_relation_kind kind;
    } kinds[] = {
        {"BASE TABLE", FLINK_TABLE},
        {"TABLE", FLINK_TABLE},
        {"VIEW", FLINK_VIEW},
        {"MATERIALIZED TABLE", FLINK_MATERIALIZED_TABLE},
        {"SYSTEM TABLE", FLINK_SYSTEM_TABLE},
    };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        if (strcmp(kinds[i].type, type) == 0) {
            return kinds[i].kind == FLINK_TABLE && materialized
                       ? FLINK_MATERIALIZED_TABLE
                       : kinds[i].kind;
        }
    }
    return FLINK_EXTERNAL_TABLE;
}

static void add_schema(struct catalog_builder *builder, struct draft *draft,
                       const struct flink_row *row)
{
    (void)draft;
    const char **schema =
        list_add(builder->arena, &builder->schemas, sizeof(const char *));
    *schema = text(builder, row, CATALOG_SCHEMA);
}

static void add_table(struct catalog_builder *builder, struct draft *draft,
                      const struct flink_row *row)
{
    struct flink_relation *relation = &draft->relation;

    draft->is_relation = true;
    relation->type = text(builder, row, CATALOG_TEXT);
    relation->kind = kind_of(relation->type, yes(row, 1));
    relation->distributed = yes(row, 2);
    relation->watermarked = yes(row, 3);
    relation->watermark_column = text(builder, row, CATALOG_TEXT + 4);
    relation->watermark_expression = text(builder, row, CATALOG_TEXT + 5);
    relation->watermark_hidden = yes(row, 6);
    relation->comment = text(builder, row, CATALOG_TEXT + 7);
    relation->buckets = number(row, 0);
}

static void add_column(struct catalog_builder *builder, struct draft *draft,
                       const struct flink_row *row)
{
    struct flink_catalog_column *column =
        list_add(builder->arena, &draft->columns, sizeof(*column));
    char *type = arena_strdup(builder->arena, peek(row, CATALOG_TEXT + 1));

    column->nullable = !str_ieq(peek(row, CATALOG_TEXT + 2), "NO");
    if (str_ends(type, " NOT NULL")) {
        type[strlen(type) - strlen(" NOT NULL")] = '\0';
        column->nullable = false;
    }
    column->name = text(builder, row, CATALOG_TEXT);
    column->type = type;
    column->hidden = yes(row, 3);
    column->computed = yes(row, 4);
    column->expression = text(builder, row, CATALOG_TEXT + 5);
    column->metadata = yes(row, 6);
    column->metadata_key = text(builder, row, CATALOG_TEXT + 7);
    column->is_virtual = column->metadata && !yes(row, 8);
    column->comment = text(builder, row, CATALOG_TEXT + 9);
    column->position = number(row, 0);
    column->distribution = number(row, 1);
}

static void add_option(struct catalog_builder *builder, struct draft *draft,
                       const struct flink_row *row)
{
    struct flink_pair *option =
        list_add(builder->arena, &draft->options, sizeof(*option));

    option->key = text(builder, row, CATALOG_TEXT);
    option->value = text(builder, row, CATALOG_TEXT + 1);
}

static void add_key(struct catalog_builder *builder, struct draft *draft,
                    const struct flink_row *row)
{
    struct key_part *part = list_add(builder->arena, &draft->keys, sizeof(*part));

    part->column = text(builder, row, CATALOG_TEXT + 1);
    part->position = number(row, 0);
}

static void add_view(struct catalog_builder *builder, struct draft *draft,
                     const struct flink_row *row)
{
    draft->relation.definition = text(builder, row, CATALOG_TEXT);
}

static const struct {
    const char *name;
    void (*add)(struct catalog_builder *builder, struct draft *draft,
                const struct flink_row *row);
    bool of_relation;
} sections[] = {
    {"SCHEMA", add_schema, false}, {"TABLE", add_table, true},
    {"COLUMN", add_column, true},  {"OPTION", add_option, true},
    {"KEY", add_key, true},        {"VIEW", add_view, true},
};

static int add_row(struct catalog_builder *builder, const struct flink_row *row,
                   struct err *err)
{
    const char *name = peek(row, CATALOG_SECTION);
    struct draft *draft = NULL;

    for (size_t i = 0; i < sizeof(sections) / sizeof(*sections); i++) {
        if (strcmp(sections[i].name, name) != 0) {
            continue;
        }
        if (sections[i].of_relation) {
            if (builder->filtered &&
                map_get(&builder->wanted, peek(row, CATALOG_NAME)) == NULL) {
                return 0;
            }
            draft = draft_of(builder, row);
            if (draft == NULL) {
                break;
            }
        }
        sections[i].add(builder, draft, row);
        return 0;
    }
    return err_set(err, ERR_SERVER,
                   "the server sent a row that the catalog query can't have");
}

int catalog_builder_add(struct catalog_builder *builder, const struct flink_rows *rows,
                        struct err *err)
{
    if (rows->column_count != CATALOG_COLUMNS) {
        return err_set(err, ERR_SERVER,
                       "the server answered the catalog query with %zu columns instead "
                       "of %d",
                       rows->column_count, CATALOG_COLUMNS);
    }
    for (size_t i = 0; i < rows->column_count; i++) {
        if (rows->columns[i].type.shape != FLINK_ATOM) {
            return err_set(err, ERR_SERVER,
                           "the server answered the catalog query with nested values");
        }
    }
    if (rows->truncated) {
        return err_set(err, ERR_LIMIT, "the catalog is too large to be read");
    }
    for (size_t i = 0; i < rows->count; i++) {
        if (add_row(builder, &rows->rows[i], err) != 0) {
            return -1;
        }
    }
    return 0;
}

/* ---- putting it together ---- */

static int by_position(const void *a, const void *b)
{
    const struct flink_catalog_column *x = a;
    const struct flink_catalog_column *y = b;

    return x->position != y->position
               ? (x->position > y->position) - (x->position < y->position)
               : strcmp(x->name, y->name);
}

static int by_distribution(const void *a, const void *b)
{
    const struct flink_catalog_column *x = *(const void *const *)a;
    const struct flink_catalog_column *y = *(const void *const *)b;

    return (x->distribution > y->distribution) - (x->distribution < y->distribution);
}

static int by_key_position(const void *a, const void *b)
{
    const struct key_part *x = a;
    const struct key_part *y = b;

    return (x->position > y->position) - (x->position < y->position);
}

static int by_option_key(const void *a, const void *b)
{
    return strcmp(((const struct flink_pair *)a)->key,
                  ((const struct flink_pair *)b)->key);
}

static int by_name(const void *a, const void *b)
{
    const struct flink_relation *x = a;
    const struct flink_relation *y = b;
    int order = strcmp(x->schema, y->schema);

    return order != 0 ? order : strcmp(x->name, y->name);
}

static void sort(void *items, size_t count, size_t size,
                 int (*compare)(const void *, const void *))
{
    if (count > 1) {
        qsort(items, count, size, compare);
    }
}

static void set_distribution(struct catalog_builder *builder,
                             struct flink_relation *relation)
{
    struct flink_catalog_column **order = arena_array(
        builder->arena, struct flink_catalog_column *, relation->column_count + 1);
    size_t count = 0;

    for (size_t i = 0; i < relation->column_count; i++) {
        if (relation->columns[i].distribution > 0) {
            order[count++] = &relation->columns[i];
        }
    }
    sort(order, count, sizeof(*order), by_distribution);
    relation->distribution = arena_array(builder->arena, const char *, count + 1);
    relation->distribution_count = count;
    for (size_t i = 0; i < count; i++) {
        relation->distribution[i] = order[i]->name;
    }
}

static void set_key(struct catalog_builder *builder, struct flink_relation *relation,
                    struct list *keys)
{
    struct key_part *parts = keys->items;

    sort(parts, keys->count, sizeof(*parts), by_key_position);
    relation->primary_key = arena_array(builder->arena, const char *, keys->count + 1);
    relation->primary_key_count = keys->count;
    for (size_t i = 0; i < keys->count; i++) {
        relation->primary_key[i] = parts[i].column;
        for (size_t j = 0; j < relation->column_count; j++) {
            if (strcmp(relation->columns[j].name, parts[i].column) == 0) {
                relation->columns[j].key = (int)i + 1;
            }
        }
    }
}

static void finish_relation(struct catalog_builder *builder, struct draft *draft,
                            const char *database, struct flink_relation *out)
{
    struct flink_relation *relation = &draft->relation;

    relation->database = database;
    relation->columns = draft->columns.items;
    relation->column_count = draft->columns.count;
    sort(relation->columns, relation->column_count, sizeof(*relation->columns),
         by_position);
    relation->options = draft->options.items;
    relation->option_count = draft->options.count;
    sort(relation->options, relation->option_count, sizeof(*relation->options),
         by_option_key);
    if (relation->definition == NULL) {
        relation->definition = "";
    }
    set_distribution(builder, relation);
    set_key(builder, relation, &draft->keys);
    *out = *relation;
}

void catalog_builder_finish(struct catalog_builder *builder, struct flink_catalog *out)
{
    size_t count = builder->drafts.count;

    out->schemas = builder->schemas.items;
    out->schema_count = builder->schemas.count;
    out->relations = arena_array(builder->arena, struct flink_relation, count + 1);
    out->count = 0;
    for (size_t i = 0; i < count; i++) {
        struct draft *draft = builder->drafts.entries[i].value;
        if (draft->is_relation) {
            finish_relation(builder, draft, out->database,
                            &out->relations[out->count++]);
        }
    }
    sort(out->relations, out->count, sizeof(*out->relations), by_name);
}

const struct flink_relation *flink_catalog_find(const struct flink_catalog *catalog,
                                                const char *schema, const char *name)
{
    struct flink_relation wanted = {.schema = schema, .name = name};

    if (catalog->count == 0) {
        return NULL;
    }
    return bsearch(&wanted, catalog->relations, catalog->count,
                   sizeof(*catalog->relations), by_name);
}
