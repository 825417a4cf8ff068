/* Names: which column of which relation an identifier means. */
#include "config.h"

#include "sql/infer_impl.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

void scope_add(struct infer *in, struct scope *scope, const char *alias,
               const struct sql_table *table, struct rel *rel)
{
    if (scope->count == scope->cap) {
        size_t cap = scope->cap ? scope->cap * 2 : 4;
        scope->spaces =
            arena_realloc(in->arena, scope->spaces, scope->cap * sizeof *scope->spaces,
                          cap * sizeof *scope->spaces);
        scope->cap = cap;
    }
    scope->spaces[scope->count++] =
        (struct space){alias, table, rel, scope->width, false};
    scope->width += rel->count;
}

const struct sql_type *scope_type(struct infer *in, const struct space *space, size_t i)
{
    const struct sql_type *type = space->rel->columns[i].type;
    return space->nullable ? sql_type_nullable(in->arena, type, true) : type;
}

/* Whether the first parts of a name are the path of the space's table. */
static bool path_is(const struct space *space, const struct sql_ident *parts,
                    size_t count)
{
    const struct sql_table *table = space->table;
    if (count == 1) {
        return text_eq(space->alias, parts[0].text);
    }
    if (!table || !text_eq(space->alias, table->name)) {
        return false;
    }
    if (count == 2) {
        return text_eq(table->database, parts[0].text) &&
               text_eq(table->name, parts[1].text);
    }
    return count == 3 && text_eq(table->catalog, parts[0].text) &&
           text_eq(table->database, parts[1].text) &&
           text_eq(table->name, parts[2].text);
}

static int by_name(const void *a, const void *b)
{
    const struct rel_column *const *x = a;
    const struct rel_column *const *y = b;
    int order = strcmp((*x)->name, (*y)->name);
    return order ? order : (*x > *y) - (*x < *y);
}

/* Position of a name; wide relations are searched through an index. */
static size_t column_of(struct infer *in, struct rel *rel, const char *name)
{
    if (rel->count < 24) {
        for (size_t i = 0; i < rel->count; i++) {
            if (strcmp(rel->columns[i].name, name) == 0) {
                return i;
            }
        }
        return SQL_NO_COLUMN;
    }
    if (!rel->sorted) {
        rel->sorted = arena_array(in->arena, struct rel_column *, rel->count);
        for (size_t i = 0; i < rel->count; i++) {
            rel->sorted[i] = &rel->columns[i];
        }
        qsort(rel->sorted, rel->count, sizeof *rel->sorted, by_name);
    }
    size_t low = 0;
    size_t high = rel->count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (strcmp(rel->sorted[middle]->name, name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    bool found = low < rel->count && strcmp(rel->sorted[low]->name, name) == 0;
    return found ? (size_t)(rel->sorted[low] - rel->columns) : SQL_NO_COLUMN;
}

static void suggest(struct infer *in, struct scope *scope, const char *word)
{
    const char *names[256] = {NULL};
    size_t count = 0;
    if (in->quiet) {
        return;
    }
    for (; scope; scope = scope->parent) {
        for (size_t s = 0; s < scope->count; s++) {
            const struct rel *rel = scope->spaces[s].rel;
            for (size_t i = 0; i < rel->count && count < 256; i++) {
                names[count++] = rel->columns[i].name;
            }
        }
    }
    const char *near = str_nearest(word, names, count);
    for (size_t i = 0; !near && i < count; i++) {
        near = str_ieq(word, names[i]) ? names[i] : NULL;
    }
    if (near) {
        err_hint(in->err, "did you mean '%s'?", near);
    }
}

/* `t.column…`: parts[path] is the column. -1 not this scope, 0 found, 1 error. */
static int find_qualified(struct view *view, struct scope *scope,
                          const struct sql_name *name, struct column_ref *out)
{
    for (size_t path = name->count > 3 ? 3 : name->count - 1; path > 0; path--) {
        for (size_t s = 0; s < scope->count; s++) {
            struct space *space = &scope->spaces[s];
            if (!path_is(space, name->parts, path)) {
                continue;
            }
            const struct sql_ident *part = &name->parts[path];
            size_t i = column_of(view->in, space->rel, part->text);
            *out = (struct column_ref){scope, space, i, path + 1, NULL, NULL};
            if (i != SQL_NO_COLUMN) {
                out->type = scope_type(view->in, space, i);
                out->column = &space->rel->columns[i];
                return 0;
            }
            if (space->rel->unknown) {
                out->space = NULL;
                out->used = name->count;
                out->type = sql_type_unknown();
                return 0;
            }
            infer_error(view->in, part->at, "column '%s' not found in table '%s'",
                        part->text, name->parts[path - 1].text);
            struct scope one = *scope;
            one.spaces = space;
            one.count = 1;
            one.parent = NULL;
            suggest(view->in, &one, part->text);
            return 1;
        }
    }
    return -1;
}

/* `column…` without a table. -1 not in this scope, 0 found, 1 error. */
static int find_plain(struct view *view, struct scope *scope,
                      const struct sql_name *name, struct column_ref *out)
{
    const struct sql_ident *part = &name->parts[0];
    bool unknown = false;
    size_t found = 0;
    for (size_t m = 0; m < scope->merged_count; m++) {
        if (text_eq(scope->merged[m].name, part->text)) {
            *out = (struct column_ref){scope, NULL, m, 1, scope->merged[m].type, NULL};
            return 0;
        }
    }
    for (size_t s = 0; s < scope->count; s++) {
        struct space *space = &scope->spaces[s];
        size_t i = column_of(view->in, space->rel, part->text);
        unknown = unknown || space->rel->unknown;
        found += i != SQL_NO_COLUMN && space->rel->columns[i].doubled;
        if (i != SQL_NO_COLUMN && found++ == 0) {
            *out = (struct column_ref){scope,
                                       space,
                                       i,
                                       1,
                                       scope_type(view->in, space, i),
                                       &space->rel->columns[i]};
        }
    }
    if (found == 1) {
        return 0;
    }
    if (found > 1) {
        infer_error(view->in, part->at, "column '%s' is ambiguous", part->text);
        return 1;
    }
    if (unknown) {
        *out =
            (struct column_ref){scope, NULL, 0, name->count, sql_type_unknown(), NULL};
        return 0;
    }
    return -1;
}

static int find_match(struct view *view, const struct match_scope *match,
                      const struct sql_name *name, struct column_ref *out)
{
    size_t at = name->count > 1 && column_of(view->in, match->input,
                                             name->parts[0].text) == SQL_NO_COLUMN
                    ? 1
                    : 0;
    const struct sql_ident *part = &name->parts[at];
    size_t i = column_of(view->in, match->input, part->text);
    *out = (struct column_ref){view->scope, NULL, i, at + 1, NULL, NULL};
    if (i == SQL_NO_COLUMN) {
        if (match->input->unknown) {
            out->type = sql_type_unknown();
            out->used = name->count;
            return 0;
        }
        infer_error(view->in, part->at, "column '%s' not found in any table",
                    part->text);
        return -1;
    }
    out->column = &match->input->columns[i];
    out->type = out->column->type;
    return 0;
}

int scope_find(struct view *view, const struct sql_name *name, struct column_ref *out)
{
    if (view->scope && view->scope->match) {
        return find_match(view, view->scope->match, name, out);
    }
    for (struct scope *scope = view->scope; scope; scope = scope->parent) {
        int got = name->count > 1 ? find_qualified(view, scope, name, out) : -1;
        if (got < 0) {
            got = find_plain(view, scope, name, out);
        }
        if (got >= 0) {
            return got == 0 ? 0 : -1;
        }
    }
    if (name->count > 1) {
        infer_error(view->in, name->parts[0].at, "table '%s' not found",
                    name->parts[0].text);
    } else {
        infer_error(view->in, name->at, "column '%s' not found in any table",
                    name->parts[0].text);
        suggest(view->in, view->scope, name->parts[0].text);
    }
    return -1;
}

static const struct sql_type *field_type(struct infer *in, const struct sql_type *type,
                                         const struct sql_ident *part)
{
    for (size_t i = 0; i < type->field_count; i++) {
        if (strcmp(type->fields[i].name, part->text) == 0) {
            const struct sql_type *field = type->fields[i].type;
            return type->nullable ? sql_type_nullable(in->arena, field, true) : field;
        }
    }
    infer_error(in, part->at, "column '%s' not found in any table", part->text);
    const char *names[64];
    size_t count = 0;
    for (size_t i = 0; i < type->field_count && count < 64; i++) {
        names[count++] = type->fields[i].name;
    }
    const char *near = str_nearest(part->text, names, count);
    if (near) {
        err_hint(in->err, "did you mean '%s'?", near);
    }
    return NULL;
}

const struct sql_type *scope_fields(struct infer *in, const struct sql_type *type,
                                    const struct sql_ident *parts, size_t count)
{
    for (size_t i = 0; i < count && type; i++) {
        if (type->root == SQL_TYPE_UNKNOWN || type->root == SQL_TYPE_STRUCTURED) {
            return sql_type_unknown();
        }
        if (type->root != SQL_TYPE_ROW) {
            return infer_error(in, parts[i].at, "column '%s' not found in any table",
                               parts[i].text);
        }
        type = field_type(in, type, &parts[i]);
    }
    return type;
}

struct space *scope_space(struct scope *scope, const struct sql_name *name)
{
    for (; scope; scope = scope->parent) {
        for (size_t s = 0; s < scope->count; s++) {
            if (path_is(&scope->spaces[s], name->parts, name->count)) {
                return &scope->spaces[s];
            }
        }
    }
    return NULL;
}

void sources_add(struct infer *in, struct sources *sources,
                 const struct rel_column *column)
{
    if (!sources || (in->flags & SQL_INFER_NO_LINEAGE)) {
        return;
    }
    for (size_t i = 0; i < column->source_count; i++) {
        const struct sql_source *source = &column->sources[i];
        bool known = false;
        for (size_t k = 0; k < sources->count && !known; k++) {
            known = sources->items[k].table == source->table &&
                    text_eq(sources->items[k].column, source->column);
        }
        if (known || sources->count >= 200) {
            continue;
        }
        if (sources->count == sources->cap) {
            size_t cap = sources->cap ? sources->cap * 2 : 2;
            sources->items = arena_realloc(in->arena, sources->items,
                                           sources->cap * sizeof *sources->items,
                                           cap * sizeof *sources->items);
            sources->cap = cap;
        }
        sources->items[sources->count++] = *source;
    }
}

size_t scope_position(struct view *view, const struct sql_expr *expr)
{
    struct column_ref ref;
    if (expr->kind != SQL_EXPR_COLUMN || view->scope->match) {
        return SQL_NO_COLUMN;
    }
    struct scope *scope = view->scope;
    bool quiet = view->in->quiet;
    view->in->quiet = true;
    int found = scope_find(view, &expr->name, &ref);
    view->in->quiet = quiet;
    if (found < 0 || ref.scope != scope || ref.used != expr->name.count) {
        return SQL_NO_COLUMN;
    }
    if (ref.space) {
        return ref.space->offset + ref.index;
    }
    return ref.index < scope->merged_count ? scope->merged[ref.index].left
                                           : SQL_NO_COLUMN;
}
