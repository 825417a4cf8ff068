#include "config.h"

#include "flink/statement.h"

#include <string.h>

#include "base/str.h"
#include "flink/field.h"

static const char *const phase_names[] = {"UNKNOWN",
#define X(name) #name,
                                          FLINK_PHASES(X)
#undef X
};

#define PHASE_COUNT (sizeof(phase_names) / sizeof(*phase_names))

const char *flink_phase_name(enum flink_phase phase)
{
    return phase_names[phase];
}

enum flink_phase flink_phase_parse(const char *text)
{
    for (size_t i = 1; i < PHASE_COUNT; i++) {
        if (strcmp(phase_names[i], text) == 0) {
            return (enum flink_phase)i;
        }
    }
    return FLINK_PHASE_UNKNOWN;
}

bool flink_phase_terminal(enum flink_phase phase)
{
    return phase == FLINK_PHASE_COMPLETED || phase == FLINK_PHASE_FAILED ||
           phase == FLINK_PHASE_STOPPED;
}

const char *flink_pairs_get(const struct flink_pairs *pairs, const char *key)
{
    for (size_t i = 0; i < pairs->count; i++) {
        if (strcmp(pairs->items[i].key, key) == 0) {
            return pairs->items[i].value;
        }
    }
    return NULL;
}

/* ---- decoding ---- */

static void decode_columns(struct field_reader *reader, struct value schema,
                           struct flink_traits *out)
{
    struct value list = field_list(reader, schema, "columns");
    size_t count = value_list_count(list);
    struct flink_column *columns =
        arena_array(reader->arena, struct flink_column, count + 1);

    for (size_t i = 0; i < count; i++) {
        struct value item = value_list_at(list, i);
        columns[i].name = field_text(reader, item, "name", true);
        flink_type_decode(value_dict_get(item, "type"), reader->arena, &columns[i].type,
                          reader->err);
    }
    out->has_schema = count > 0;
    out->columns = columns;
    out->column_count = count;
}

static void decode_upsert(struct field_reader *reader, struct value traits,
                          struct flink_traits *out)
{
    struct value list = field_list(reader, traits, "upsert_columns");
    size_t count = value_list_count(list);
    size_t *positions = arena_array(reader->arena, size_t, count + 1);

    for (size_t i = 0; i < count; i++) {
        struct value item = value_list_at(list, i);
        if (!value_is(item, VALUE_INT) || item.as.i < 0 ||
            (out->has_schema && (uint64_t)item.as.i >= out->column_count)) {
            err_set(reader->err, ERR_SERVER,
                    "the server sent a statement whose upsert columns are no positions "
                    "of columns");
            return;
        }
        positions[i] = (size_t)item.as.i;
    }
    out->upsert_columns = count > 0 ? positions : NULL;
    out->upsert_count = count;
}

static void decode_traits(struct field_reader *reader, struct value status,
                          struct flink_traits *out)
{
    struct value traits = field_object(reader, status, "traits", false);

    *out = (struct flink_traits){.sql_kind = ""};
    if (!value_is(traits, VALUE_DICT)) {
        return;
    }
    out->known = true;
    out->sql_kind = field_text(reader, traits, "sql_kind", false);
    out->bounded = field_bool(reader, traits, "is_bounded");
    out->append_only = field_bool(reader, traits, "is_append_only");
    decode_columns(reader, field_object(reader, traits, "schema", false), out);
    decode_upsert(reader, traits, out);
}

static void decode_warnings(struct field_reader *reader, struct value status,
                            struct flink_statement *out)
{
    struct value list = field_list(reader, status, "warnings");
    size_t count = value_list_count(list);

    out->warnings = arena_array(reader->arena, struct flink_warning, count + 1);
    out->warning_count = count;
    for (size_t i = 0; i < count; i++) {
        struct value item = value_list_at(list, i);
        out->warnings[i] = (struct flink_warning){
            .severity = field_text(reader, item, "severity", false),
            .reason = field_text(reader, item, "reason", false),
            .message = field_text(reader, item, "message", false),
            .created_at = field_text(reader, item, "created_at", false),
        };
    }
}

static void decode_spec(struct field_reader *reader, struct value json,
                        struct flink_statement *out)
{
    struct value spec = field_object(reader, json, "spec", true);

    out->sql = field_text(reader, spec, "statement", false);
    out->properties = field_pairs(reader, spec, "properties");
    out->compute_pool_id = field_text(reader, spec, "compute_pool_id", false);
    out->principal = field_text(reader, spec, "principal", false);
    out->execution_mode = field_text(reader, spec, "execution_mode", false);
    out->stopped = field_bool(reader, spec, "stopped");
}

static void decode_status(struct field_reader *reader, struct value json,
                          struct flink_statement *out)
{
    struct value status = field_object(reader, json, "status", true);
    struct value scaling = field_object(reader, status, "scaling_status", false);
    struct value limit = field_object(reader, status, "state_limit_status", false);

    out->phase_text = field_text(reader, status, "phase", true);
    out->phase = flink_phase_parse(out->phase_text);
    out->detail = field_text(reader, status, "detail", false);
    out->scaling_state = field_text(reader, scaling, "scaling_state", false);
    out->state_limit_state = field_text(reader, limit, "state_limit_state", false);
    out->state_limit_detail = field_text(reader, limit, "detail", false);
    decode_warnings(reader, status, out);
    decode_traits(reader, status, &out->traits);
    out->network_kind = field_text(reader, status, "network_kind", false);
    out->latest_offsets = field_pairs(reader, status, "latest_offsets");
    out->latest_offsets_timestamp =
        field_text(reader, status, "latest_offsets_timestamp", false);
    out->end_time = field_text(reader, status, "end_time", false);
    out->duration = field_text(reader, status, "duration", false);
}

int flink_statement_decode(struct value json, struct arena *arena,
                           struct flink_statement *out, struct err *err)
{
    struct field_reader reader = {.what = "statement", .arena = arena, .err = err};

    *out = (struct flink_statement){.json = json};
    if (!value_is(json, VALUE_DICT)) {
        return err_set(err, ERR_SERVER, "the server sent a statement that is %s %s",
                       value_type_name(json)[0] == 'i' ? "an" : "a",
                       value_type_name(json));
    }
    struct value metadata = field_object(&reader, json, "metadata", false);
    out->name = field_text(&reader, json, "name", true);
    out->uid = field_text(&reader, metadata, "uid", false);
    out->resource_version = field_text(&reader, metadata, "resource_version", false);
    out->created_at = field_text(&reader, metadata, "created_at", false);
    out->updated_at = field_text(&reader, metadata, "updated_at", false);
    out->labels = field_pairs(&reader, metadata, "labels");
    decode_spec(&reader, json, out);
    decode_status(&reader, json, out);
    return err->code == ERR_NONE ? 0 : -1;
}

void flink_statement_copy(struct arena *arena, const struct flink_statement *from,
                          struct flink_statement *to)
{
    struct err err = {0};

    flink_statement_decode(value_clone(arena, from->json), arena, to, &err);
}

/* ---- readiness ---- */

static bool is_ddl(const char *kind)
{
    static const char *const prefixes[] = {"CREATE_", "DROP_", "ALTER_", "SHOW_",
                                           "DESCRIBE"};

    if (strcmp(kind, "CREATE_TABLE_AS") == 0) {
        return false;
    }
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(*prefixes); i++) {
        if (str_starts(kind, prefixes[i])) {
            return true;
        }
    }
    return false;
}

/*
 * dbt-confluent's rule, put right: a query is readable once it runs, unless its
 * result is bounded and not append-only (then rows may still be taken back); DDL and
 * everything in snapshot mode that has no rows must complete; the rest must run.
 */
static enum flink_wait automatic(const struct flink_statement *statement, bool snapshot)
{
    const struct flink_traits *traits = &statement->traits;

    if (traits->has_schema) {
        return FLINK_WAIT_RESULTS;
    }
    return snapshot || is_ddl(traits->sql_kind) ? FLINK_WAIT_COMPLETED
                                                : FLINK_WAIT_RUNNING;
}

static enum flink_ready failed(const struct flink_statement *statement, struct err *err)
{
    if (statement->phase == FLINK_PHASE_STOPPED) {
        err_set(err, ERR_SERVER, "statement '%s' was stopped%s%s", statement->name,
                statement->detail[0] != '\0' ? ": " : "", statement->detail);
    } else {
        err_set(err, ERR_SERVER, "statement '%s' failed%s%s", statement->name,
                statement->detail[0] != '\0' ? ": " : "", statement->detail);
    }
    return FLINK_FAILED;
}

enum flink_ready flink_statement_ready(const struct flink_statement *statement,
                                       enum flink_wait wait, bool snapshot,
                                       struct err *err)
{
    const struct flink_traits *traits = &statement->traits;
    enum flink_phase phase = statement->phase;

    if (wait == FLINK_WAIT_GONE) {
        return FLINK_NOT_YET;
    }
    if (wait == FLINK_WAIT_STOPPED) {
        return flink_phase_terminal(phase) ? FLINK_READY : FLINK_NOT_YET;
    }
    if (phase == FLINK_PHASE_COMPLETED) {
        return FLINK_READY;
    }
    if (phase == FLINK_PHASE_FAILED || phase == FLINK_PHASE_STOPPED) {
        return failed(statement, err);
    }
    if (phase != FLINK_PHASE_RUNNING) {
        return FLINK_NOT_YET;
    }
    if (wait == FLINK_WAIT_RUNNING) {
        return FLINK_READY;
    }
    if (wait == FLINK_WAIT_COMPLETED || !traits->known) {
        return FLINK_NOT_YET;
    }
    if (wait == FLINK_WAIT_AUTO) {
        wait = automatic(statement, snapshot);
    }
    if (wait == FLINK_WAIT_RESULTS) {
        bool settles = traits->bounded && !traits->append_only;
        return traits->has_schema && !settles ? FLINK_READY : FLINK_NOT_YET;
    }
    return wait == FLINK_WAIT_RUNNING ? FLINK_READY : FLINK_NOT_YET;
}
