#include "config.h"

#include "plan/model.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "compile/statement_name.h"

void plan_model_note(struct plan_model *model, struct arena *arena, bool warning,
                     const char *text)
{
    size_t size = sizeof(*model->notes);

    model->notes = arena_realloc(arena, model->notes, model->note_count * size,
                                 (model->note_count + 1) * size);
    model->notes[model->note_count++] = (struct plan_note){warning, text};
}

const char *model_quote(struct arena *arena, const char *name)
{
    struct buf out = BUF_INIT;

    buf_addc(&out, '`');
    for (const char *p = name; *p != '\0'; p++) {
        if (*p == '`') {
            buf_addc(&out, '`');
        }
        buf_addc(&out, *p);
    }
    buf_addc(&out, '`');
    const char *text = arena_strdup(arena, buf_str(&out));
    buf_fini(&out);
    return text;
}

static void add_literal(struct buf *out, const char *text)
{
    buf_addc(out, '\'');
    for (const char *p = text; *p != '\0'; p++) {
        if (*p == '\'') {
            buf_addc(out, '\'');
        }
        buf_addc(out, *p);
    }
    buf_addc(out, '\'');
}

const char *model_comment(struct arena *arena, const char *lead, const char *text)
{
    struct buf out = BUF_INIT;

    if (text == NULL || text[0] == '\0') {
        return "";
    }
    buf_adds(&out, lead);
    add_literal(&out, text);
    const char *comment = arena_strdup(arena, buf_str(&out));
    buf_fini(&out);
    return comment;
}

const char *model_relation_comment(const struct plan_model *model, struct arena *arena)
{
    const char *comment =
        model_comment(arena, "COMMENT ",
                      model->config.persist_relation ? model->node->description : "");

    return comment[0] != '\0' ? arena_printf(arena, "%s\n", comment) : "";
}

const char *model_distribution_clause(const struct model_config *config,
                                      struct arena *arena)
{
    struct buf out = BUF_INIT;

    if (config->distribution_column_count == 0) {
        return "";
    }
    buf_adds(&out, "DISTRIBUTED BY HASH(");
    for (size_t i = 0; i < config->distribution_column_count; i++) {
        buf_addf(&out, "%s%s", i > 0 ? ", " : "",
                 model_quote(arena, config->distribution_columns[i]));
    }
    buf_addc(&out, ')');
    if (config->buckets > 0) {
        buf_addf(&out, " INTO %d BUCKETS", config->buckets);
    }
    buf_addc(&out, '\n');
    const char *text = arena_strdup(arena, buf_str(&out));
    buf_fini(&out);
    return text;
}

const char *model_with_clause(const struct model_config *config, struct arena *arena)
{
    struct buf out = BUF_INIT;

    if (config->option_count == 0) {
        return "";
    }
    buf_adds(&out, "WITH (\n");
    for (size_t i = 0; i < config->option_count; i++) {
        buf_adds(&out, "  ");
        add_literal(&out, config->options[i].key);
        buf_adds(&out, " = ");
        add_literal(&out, config->options[i].value);
        buf_adds(&out, i + 1 < config->option_count ? ",\n" : "\n");
    }
    buf_adds(&out, ")\n");
    const char *text = arena_strdup(arena, buf_str(&out));
    buf_fini(&out);
    return text;
}

/* Cuts blanks and semicolons off the end. */
static const char *trimmed(struct arena *arena, const char *sql)
{
    size_t len = strlen(sql);

    while (len > 0 && (isspace((unsigned char)sql[len - 1]) || sql[len - 1] == ';')) {
        len--;
    }
    return arena_strndup(arena, sql, len);
}

/* Whether a type, which goes into SQL as it is, stays within its column's definition.
 */
static bool type_is_closed(const char *type)
{
    int depth = 0;

    for (const char *p = type; *p != '\0'; p++) {
        if (*p == '\'' || *p == '`' || *p == '"') {
            const char *end = strchr(p + 1, *p);
            if (end == NULL) {
                return false;
            }
            p = end;
        } else if (*p == '(' || *p == '<') {
            depth++;
        } else if (*p == ')' || *p == '>') {
            depth--;
        }
        bool comment = (*p == '-' && p[1] == '-') || (*p == '/' && p[1] == '*');
        if (depth < 0 || *p == ';' || comment || (*p == ',' && depth == 0)) {
            return false;
        }
    }
    return depth == 0;
}

/* data_type may not smuggle constraints in; dbt-confluent's own check. */
static int check_data_type(const struct node_column *column, struct err *err)
{
    static const char *const traps[] = {"NOT NULL", "VIRTUAL", "METADATA"};

    if (!type_is_closed(column->data_type)) {
        return err_set(err, ERR_COMPILE, "Column '%s' has a data_type that is none: %s",
                       column->name, column->data_type);
    }
    for (size_t i = 0; i < sizeof(traps) / sizeof(traps[0]); i++) {
        if (strcasestr(column->data_type, traps[i]) != NULL &&
            strchr(column->data_type, '<') == NULL) {
            return err_set(err, ERR_COMPILE,
                           "Column '%s' has constraint keyword in the data_type "
                           "field.\nConstraint keywords like 'NOT NULL' cannot appear "
                           "in data type definitions.\nUse the 'constraints' section "
                           "instead to specify column constraints.",
                           column->name);
        }
    }
    return 0;
}

static void read_column_constraints(struct plan_model *model, struct arena *arena,
                                    const struct node_column *from,
                                    struct model_column *to)
{
    for (size_t i = 0; i < value_list_count(from->constraints); i++) {
        struct value c = value_list_at(from->constraints, i);
        const char *type = value_cstr(value_dict_get(c, "type"), "");
        const char *expression = value_cstr(value_dict_get(c, "expression"), "");
        if (str_eq(type, "not_null")) {
            to->not_null = true;
        } else if (str_eq(type, "primary_key")) {
            to->primary_key = true;
        } else if (str_eq(type, "unique")) {
            to->unique = true;
        } else if (str_eq(type, "custom")) {
            to->extra = arena_printf(arena, "%s %s", to->extra, expression);
        } else {
            plan_model_note(model, arena, true,
                            arena_printf(arena,
                                         "constraint '%s' of column '%s' is not "
                                         "supported on Confluent Cloud and left out",
                                         type, from->name));
        }
    }
}

static int read_columns(struct plan_model *model, struct arena *arena, struct err *err)
{
    const struct node *node = model->node;

    model->columns = arena_array(arena, struct model_column, node->column_count + 1);
    model->columns_complete = node->column_count > 0;
    for (size_t i = 0; i < node->column_count; i++) {
        const struct node_column *from = &node->columns[i];
        struct model_column *to = &model->columns[model->column_count++];
        *to = (struct model_column){
            .name = from->name,
            .data_type = from->data_type,
            .comment = from->description,
            .extra = "",
        };
        if (from->data_type == NULL || from->data_type[0] == '\0') {
            to->data_type = NULL;
            model->columns_complete = false;
        } else if (check_data_type(from, err) != 0) {
            err_at(err, node->patch_file != NULL ? node->patch_file->shown : NULL,
                   from->line, 0);
            return -1;
        }
        read_column_constraints(model, arena, from, to);
    }
    return 0;
}

static void set_primary_key(struct plan_model *model, struct arena *arena,
                            const char *name, const char **columns, size_t count)
{
    struct buf out = BUF_INIT;

    if (name[0] != '\0') {
        buf_addf(&out, "CONSTRAINT %s ", model_quote(arena, name));
    }
    buf_adds(&out, "PRIMARY KEY (");
    for (size_t i = 0; i < count; i++) {
        buf_addf(&out, "%s%s", i > 0 ? ", " : "", model_quote(arena, columns[i]));
        for (size_t j = 0; j < model->column_count; j++) {
            if (str_eq(model->columns[j].name, columns[i])) {
                model->columns[j].not_null = true;
            }
        }
    }
    buf_adds(&out, ") NOT ENFORCED");
    model->primary_key = columns;
    model->primary_key_count = count;
    model->primary_key_clause = arena_strdup(arena, buf_str(&out));
    buf_fini(&out);
}

static int read_column_key(struct plan_model *model, struct arena *arena,
                           struct err *err)
{
    const char **columns = arena_array(arena, const char *, 1);
    size_t count = 0;

    for (size_t i = 0; i < model->column_count; i++) {
        if (model->columns[i].primary_key) {
            columns[0] = model->columns[i].name;
            count++;
        }
    }
    if (count > 1 || (count == 1 && model->primary_key_count > 0)) {
        return err_set(err, ERR_COMPILE,
                       "Primary key constraints defined at the model level and the "
                       "columns level, or for more than one column; use one "
                       "model-level primary_key constraint with its columns");
    }
    if (count == 1) {
        set_primary_key(model, arena, "", columns, 1);
    }
    return 0;
}

static void read_model_constraint(struct plan_model *model, struct arena *arena,
                                  struct value c, struct buf *extra)
{
    const char *type = value_cstr(value_dict_get(c, "type"), "");
    const char *name = value_cstr(value_dict_get(c, "name"), "");
    struct value columns = value_dict_get(c, "columns");
    size_t count = value_list_count(columns);

    if (str_eq(type, "primary_key") && count > 0) {
        const char **names = arena_array(arena, const char *, count);
        for (size_t i = 0; i < count; i++) {
            names[i] = value_cstr(value_list_at(columns, i), "");
        }
        set_primary_key(model, arena, name, names, count);
    } else if (str_eq(type, "custom")) {
        buf_addf(extra, ",\n  %s", value_cstr(value_dict_get(c, "expression"), ""));
    } else if (str_eq(type, "not_null")) {
        for (size_t i = 0; i < count; i++) {
            const char *column = value_cstr(value_list_at(columns, i), "");
            for (size_t j = 0; j < model->column_count; j++) {
                if (str_eq(model->columns[j].name, column)) {
                    model->columns[j].not_null = true;
                }
            }
        }
    } else {
        plan_model_note(model, arena, true,
                        arena_printf(arena,
                                     "constraint '%s' is not supported on Confluent "
                                     "Cloud and left out",
                                     type));
    }
}

static int read_constraints(struct plan_model *model, struct arena *arena,
                            struct err *err)
{
    struct value list = model->node->constraints;
    struct buf extra = BUF_INIT;

    model->primary_key_clause = "";
    for (size_t i = 0; i < value_list_count(list); i++) {
        read_model_constraint(model, arena, value_list_at(list, i), &extra);
    }
    model->extra_constraints = arena_strdup(arena, buf_str(&extra));
    buf_fini(&extra);
    return read_column_key(model, arena, err);
}

/* Points at the key in the model's own file when it stands there. */
static void locate_config(const struct node *node, const char *key, struct err *err)
{
    const char *dot = strrchr(key, '.');
    const char *word = dot != NULL ? dot + 1 : key;
    const char *at =
        node->raw_code != NULL && word[0] != '\0' ? strstr(node->raw_code, word) : NULL;

    if (err->file[0] != '\0') {
        return;
    }
    if (at != NULL) {
        err_locate(node->raw_code, node->raw_code_len, (size_t)(at - node->raw_code),
                   &err->line, &err->column);
        node_locate(node, err);
    } else {
        err->line = 1;
        err->column = 1;
        node_locate(node, err);
    }
}

/* The first word in single quotes of a message: the key that it is about. */
static void quoted_word(const char *msg, char *out, size_t size)
{
    const char *open = strchr(msg, '\'');
    const char *close = open != NULL ? strchr(open + 1, '\'') : NULL;

    out[0] = '\0';
    if (close != NULL && (size_t)(close - open) < size) {
        str_copy_n(out, size, open + 1, (size_t)(close - open - 1));
    }
}

static const char *statement_name(struct project *project, const struct node *node,
                                  const struct model_config *config, const char *suffix,
                                  struct arena *arena, struct err *err)
{
    return statement_name_make(config->statement_name,
                               project->profile.statement_name_prefix, project->name,
                               node->name, suffix, arena, err);
}

int plan_model_make(struct project *project, const struct node *node,
                    const struct compiled *compiled, struct arena *arena,
                    struct plan_model *out, struct err *err)
{
    *out = (struct plan_model){
        .node = node,
        .compiled = compiled,
        .materialization = node_materialized(node),
        .relation = {node->database, node->schema, node->alias},
        .relation_text = node->relation_name != NULL ? node->relation_name : "",
        .sql = trimmed(arena, compiled->sql),
    };
    if (model_config_read(node, out->materialization, arena, &out->config, err) != 0) {
        char key[64];
        quoted_word(err->msg, key, sizeof(key));
        locate_config(node, key, err);
        return -1;
    }
    if (out->config.grants) {
        plan_model_note(out, arena, true,
                        "'grants' is left out: access is granted in Confluent Cloud, "
                        "not in SQL");
    }
    if (read_columns(out, arena, err) != 0 || read_constraints(out, arena, err) != 0) {
        locate_config(node, "", err);
        return -1;
    }
    out->statement = statement_name(project, node, &out->config, "", arena, err);
    out->statement_ddl =
        statement_name(project, node, &out->config, "-ddl", arena, err);
    if (out->statement == NULL || out->statement_ddl == NULL) {
        locate_config(node, "statement_name", err);
        return -1;
    }
    if (str_ends(out->statement, "-")) {
        err_set(err, ERR_REFUSED,
                "the statement name '%s' ends with '-': the server takes none such",
                out->statement);
        err_hint(err, "set 'statement_name' in the config of the model");
        locate_config(node, "statement_name", err);
        return -1;
    }
    return 0;
}
