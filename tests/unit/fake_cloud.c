#include "config.h"

#include "fake_cloud.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/xmalloc.h"

/* One request on its way. */
struct fake_event {
    struct fake_event *next;
    struct fake_cloud *cloud;
    int64_t acts_ms;    /* when the server sees it */
    int64_t answers_ms; /* when the answer is back */
    bool acted;
    const void *arg;
    bool dropped;
    void (*act)(struct fake_event *event);
    void (*answer)(struct fake_event *event);
    char name[128];
    char label[64];
    bool stopped;
    bool dry_run;
    bool bounded;
    bool query;
    int status;
    union {
        flink_statement_fn *statement;
        flink_done_fn *done;
        flink_rows_fn *rows;
        flink_exceptions_fn *exceptions;
        flink_exists_fn *exists;
    } fn;
    flink_progress_fn *each;
};

void fake_cloud_init(struct fake_cloud *cloud)
{
    *cloud = (struct fake_cloud){
        .now = 1000, .latency_ms = 50, .run_ms = 500, .delete_ms = 100};
}

void fake_cloud_fini(struct fake_cloud *cloud)
{
    while (cloud->events != NULL) {
        struct fake_event *event = cloud->events;
        cloud->events = event->next;
        free(event);
    }
    free(cloud->statements);
    buf_fini(&cloud->log);
}

static const struct fake_rule *rule_of(const struct fake_cloud *cloud, const char *name)
{
    static const struct fake_rule none;

    for (size_t i = 0; i < cloud->rule_count; i++) {
        if (strcmp(cloud->rules[i].name, name) == 0) {
            return &cloud->rules[i];
        }
    }
    return &none;
}

struct fake_statement *fake_cloud_find(struct fake_cloud *cloud, const char *name)
{
    for (size_t i = cloud->statement_count; i-- > 0;) {
        struct fake_statement *statement = &cloud->statements[i];
        if (strcmp(statement->name, name) == 0 &&
            (statement->deleted_ms == 0 ||
             cloud->now < statement->deleted_ms + cloud->delete_ms)) {
            return statement;
        }
    }
    return NULL;
}

struct fake_statement *fake_cloud_add(struct fake_cloud *cloud, const char *name)
{
    int attempt = 0;

    for (size_t i = 0; i < cloud->statement_count; i++) {
        attempt += strcmp(cloud->statements[i].name, name) == 0;
    }
    cloud->statements = xreallocarray(cloud->statements, cloud->statement_count + 1,
                                      sizeof(*cloud->statements));
    struct fake_statement *statement = &cloud->statements[cloud->statement_count++];
    *statement = (struct fake_statement){
        .created_ms = cloud->now, .attempt = attempt, .rule = rule_of(cloud, name)};
    str_copy(statement->name, sizeof(statement->name), name);
    return statement;
}

/* ---- what a statement looks like now ---- */

static bool fails(const struct fake_statement *statement)
{
    const struct fake_rule *rule = statement->rule;

    return (rule->detail != NULL || rule->silent) &&
           (rule->fail_times == 0 || statement->attempt < rule->fail_times);
}

static const char *phase_of(const struct fake_cloud *cloud,
                            const struct fake_statement *statement)
{
    const struct fake_rule *rule = statement->rule;
    int64_t age = cloud->now - statement->created_ms;
    int64_t run_ms = rule->run_ms > 0 ? rule->run_ms : cloud->run_ms;

    run_ms += rule->exhausted_ms;
    if (statement->deleted_ms != 0) {
        return "DELETING";
    }
    if (statement->stopped_ms != 0) {
        return cloud->now - statement->stopped_ms < run_ms ? "STOPPING" : "STOPPED";
    }
    if (rule->strange != NULL) {
        return rule->strange;
    }
    if (age < run_ms) {
        return "PENDING";
    }
    if (fails(statement)) {
        return "FAILED";
    }
    if (rule->degraded_ms < 0 || age < run_ms + rule->degraded_ms) {
        return "DEGRADED";
    }
    return statement->bounded ? "COMPLETED" : "RUNNING";
}

static void make_statement(const struct fake_cloud *cloud,
                           const struct fake_statement *from,
                           struct flink_statement *out)
{
    const struct fake_rule *rule = from->rule;
    const char *phase = phase_of(cloud, from);
    bool exhausted = strcmp(phase, "PENDING") == 0 &&
                     cloud->now - from->created_ms < rule->exhausted_ms;

    *out = (struct flink_statement){
        .name = from->name,
        .uid = "uid",
        .resource_version = "1",
        .created_at = "",
        .updated_at = "",
        .sql = "",
        .compute_pool_id = "",
        .principal = "",
        .execution_mode = "",
        .stopped = from->stopped_ms != 0,
        .phase = flink_phase_parse(phase),
        .phase_text = phase,
        .detail = strcmp(phase, "FAILED") == 0 && !rule->silent ? rule->detail
                  : strcmp(phase, "DEGRADED") == 0              ? "restarting"
                                                                : "",
        .scaling_state = exhausted ? "POOL_EXHAUSTED" : "OK",
        .state_limit_state = "",
        .state_limit_detail = "",
        .network_kind = "",
        .end_time = "",
        .duration = "",
        .traits = {.known = true,
                   .sql_kind = "SELECT",
                   .bounded = from->bounded,
                   .append_only = true,
                   .has_schema = cloud->rows != NULL},
    };
}

/* ---- requests ---- */

static struct fake_event *start(struct fake_cloud *cloud, const char *what,
                                const char *name, const void *arg)
{
    struct fake_event *event = xcalloc(1, sizeof(*event));
    struct fake_event **at = &cloud->events;
    size_t live = 1;

    event->cloud = cloud;
    event->acts_ms = cloud->now + cloud->latency_ms / 2;
    event->answers_ms = cloud->now + cloud->latency_ms;
    event->arg = arg;
    str_copy(event->name, sizeof(event->name), name);
    while (*at != NULL) {
        at = &(*at)->next;
        live++;
    }
    *at = event;
    cloud->requests++;
    cloud->live_max = live > cloud->live_max ? live : cloud->live_max;
    buf_addf(&cloud->log, "%lld %s %s\n", (long long)cloud->now - 1000, what, name);
    return event;
}

static void answer_statement(struct fake_event *event)
{
    struct flink_statement statement;
    struct flink_error error = {.status = event->status};
    struct fake_statement *found = fake_cloud_find(event->cloud, event->name);

    if (event->status == 0 && found == NULL) {
        error.status = 404;
    }
    if (error.status != 0) {
        err_set(&error.err, error.status == 404 ? ERR_NOT_FOUND : ERR_SERVER, "HTTP %d",
                error.status);
        event->fn.statement((void *)event->arg, NULL, &error);
        return;
    }
    make_statement(event->cloud, found, &statement);
    event->fn.statement((void *)event->arg, &statement, NULL);
}

static void answer_dry_run(struct fake_event *event)
{
    struct fake_cloud *cloud = event->cloud;
    struct fake_statement fake = {.rule = rule_of(cloud, "dry-run"), .bounded = true};
    struct flink_statement statement;

    make_statement(cloud, &fake, &statement);
    statement.uid = "";
    statement.phase_text =
        fake.rule->dry_run_phase != NULL ? fake.rule->dry_run_phase : "COMPLETED";
    statement.phase = flink_phase_parse(statement.phase_text);
    statement.detail = fake.rule->detail != NULL ? fake.rule->detail : "";
    statement.traits.has_schema = !fake.rule->no_schema && cloud->column_count > 0;
    statement.traits.columns = cloud->columns;
    statement.traits.column_count =
        statement.traits.has_schema ? cloud->column_count : 0;
    event->fn.statement((void *)event->arg, &statement, NULL);
}

static void act_create(struct fake_event *event)
{
    struct fake_cloud *cloud = event->cloud;

    event->status = rule_of(cloud, event->name)->create_status;
    if (event->status != 0 || event->dry_run) {
        return;
    }
    struct fake_statement *statement = fake_cloud_add(cloud, event->name);
    str_copy(statement->label, sizeof(statement->label), event->label);
    statement->bounded = event->bounded;
}

static void create(void *context, const struct flink_submit *submit,
                   flink_statement_fn *done, void *arg)
{
    struct fake_cloud *cloud = context;
    struct fake_event *event =
        start(cloud, submit->dry_run ? "CHECK" : "POST", submit->name, arg);
    const char *label = value_cstr(value_dict_get(submit->labels, RUN_LABEL), "");

    event->fn.statement = done;
    event->act = act_create;
    event->answer = submit->dry_run ? answer_dry_run : answer_statement;
    event->dry_run = submit->dry_run;
    event->bounded = strstr(submit->sql, "INSERT") == NULL;
    str_copy(event->label, sizeof(event->label), label);
    cloud->creates += !submit->dry_run;
    cloud->checks += submit->dry_run;
    if (strstr(submit->sql, "learnt") != NULL) {
        buf_addf(&cloud->log, "  %s\n", submit->sql);
    }
}

static void get(void *context, const char *name, flink_statement_fn *done, void *arg)
{
    struct fake_cloud *cloud = context;
    struct fake_event *event = start(cloud, "GET", name, arg);

    event->fn.statement = done;
    event->answer = answer_statement;
    cloud->gets++;
}

static void act_stop(struct fake_event *event)
{
    struct fake_statement *found = fake_cloud_find(event->cloud, event->name);

    event->status = rule_of(event->cloud, event->name)->stop_status;
    if (found == NULL || event->status != 0) {
        return;
    }
    if (event->stopped) {
        found->stopped_ms = event->cloud->now;
    } else {
        found->stopped_ms = 0;
        found->created_ms = event->cloud->now;
    }
}

static void set_stopped(void *context, const char *name, bool stopped,
                        flink_statement_fn *done, void *arg)
{
    struct fake_cloud *cloud = context;
    struct fake_event *event = start(cloud, stopped ? "STOP" : "RESUME", name, arg);

    event->fn.statement = done;
    event->stopped = stopped;
    event->act = act_stop;
    event->answer = answer_statement;
    cloud->stops++;
}

static void act_delete(struct fake_event *event)
{
    struct fake_statement *found = fake_cloud_find(event->cloud, event->name);

    event->status = rule_of(event->cloud, event->name)->delete_status;
    if (event->status == 0 && found == NULL) {
        event->status = 404;
    }
    if (event->status == 0 && found->deleted_ms == 0) {
        found->deleted_ms = event->cloud->now;
    }
}

static void answer_done(struct fake_event *event)
{
    struct flink_error error = {.status = event->status};

    if (event->status != 0) {
        err_set(&error.err, event->status == 404 ? ERR_NOT_FOUND : ERR_SERVER,
                "HTTP %d", event->status);
    }
    event->fn.done((void *)event->arg, event->status != 0 ? &error : NULL);
}

static void delete_statement(void *context, const char *name, flink_done_fn *done,
                             void *arg)
{
    struct fake_cloud *cloud = context;
    struct fake_event *event = start(cloud, "DELETE", name, arg);

    event->fn.done = done;
    event->act = act_delete;
    event->answer = answer_done;
    cloud->deletes++;
}

static void answer_list(struct fake_event *event)
{
    struct fake_cloud *cloud = event->cloud;

    event->status = cloud->list_fails ? 400 : 0;
    for (size_t i = 0; i < cloud->statement_count && !cloud->list_fails; i++) {
        struct flink_statement statement;
        if (cloud->list_empty || event->dropped ||
            fake_cloud_find(cloud, cloud->statements[i].name) !=
                &cloud->statements[i] ||
            strcmp(cloud->statements[i].label, event->label) != 0) {
            continue;
        }
        make_statement(cloud, &cloud->statements[i], &statement);
        event->each((void *)event->arg, &statement);
    }
    answer_done(event);
}

static void list(void *context, const struct flink_filter *filter,
                 flink_progress_fn *each, flink_done_fn *done, void *arg)
{
    struct fake_cloud *cloud = context;
    struct fake_event *event = start(cloud, "LIST", filter->label_value, arg);

    str_copy(event->label, sizeof(event->label), filter->label_value);
    event->each = each;
    event->fn.done = done;
    event->answer = answer_list;
    cloud->lists++;
}

static void answer_rows(struct fake_event *event)
{
    event->fn.rows((void *)event->arg, event->cloud->rows, NULL);
}

static void rows(void *context, const struct flink_statement *statement,
                 size_t max_rows, flink_rows_fn *done, void *arg)
{
    struct fake_cloud *cloud = context;
    struct fake_event *event = start(cloud, "ROWS", statement->name, arg);

    (void)max_rows;
    event->fn.rows = done;
    event->answer = answer_rows;
    cloud->queries++;
}

static void answer_exceptions(struct fake_event *event)
{
    struct flink_exception item = {"SomeException", "it broke in the middle",
                                   "2026-01-02T03:04:05Z"};

    event->fn.exceptions((void *)event->arg, &item, 1, NULL);
}

static void exceptions(void *context, const char *name, flink_exceptions_fn *done,
                       void *arg)
{
    struct fake_event *event = start(context, "EXCEPTIONS", name, arg);

    event->fn.exceptions = done;
    event->answer = answer_exceptions;
}

static void answer_exists(struct fake_event *event)
{
    struct fake_cloud *cloud = event->cloud;
    bool exists =
        cloud->now - cloud->first_gone_ms < rule_of(cloud, event->name)->gone_ms;

    event->fn.exists((void *)event->arg, exists, NULL);
}

static void relation_exists(void *context, const char *database, const char *schema,
                            const char *name, flink_exists_fn *done, void *arg)
{
    struct fake_cloud *cloud = context;
    struct fake_event *event = start(cloud, "EXISTS", name, arg);

    (void)database;
    (void)schema;
    if (cloud->first_gone_ms == 0) {
        cloud->first_gone_ms = cloud->now;
    }
    event->fn.exists = done;
    event->answer = answer_exists;
}

static char *new_name(void *context, struct arena *arena)
{
    struct fake_cloud *cloud = context;

    return arena_printf(arena, "new-%zu", ++cloud->names);
}

/* ---- the loop ---- */

static int64_t now_ms(void *context)
{
    return ((struct fake_cloud *)context)->now;
}

static void forget(void *context, const void *arg)
{
    for (struct fake_event *event = ((struct fake_cloud *)context)->events;
         event != NULL; event = event->next) {
        if (event->arg == arg) {
            event->dropped = true;
        }
    }
}

/* The event that acts or answers first. */
static struct fake_event *soonest(struct fake_cloud *cloud, int64_t *when)
{
    struct fake_event *best = NULL;

    for (struct fake_event *event = cloud->events; event != NULL; event = event->next) {
        int64_t at = event->acted ? event->answers_ms : event->acts_ms;
        if (best == NULL || at < *when) {
            best = event;
            *when = at;
        }
    }
    return best;
}

static void step(struct fake_cloud *cloud, struct fake_event *event)
{
    struct fake_event **at = &cloud->events;

    if (!event->acted) {
        event->acted = true;
        if (event->act != NULL) {
            event->act(event);
        }
        return;
    }
    while (*at != event) {
        at = &(*at)->next;
    }
    *at = event->next;
    if (!event->dropped) {
        event->answer(event);
    }
    free(event);
}

static void raise_interrupts(struct fake_cloud *cloud)
{
    for (int i = 0; i < 2; i++) {
        if (cloud->interrupt_ms[i] != 0 && cloud->now >= cloud->interrupt_ms[i] &&
            *cloud->interrupts < i + 1) {
            *cloud->interrupts = i + 1;
        }
    }
}

static int turn(void *context, int timeout_ms, struct err *err)
{
    struct fake_cloud *cloud = context;
    int64_t until = cloud->now + timeout_ms;
    int64_t when = 0;
    struct fake_event *event = soonest(cloud, &when);

    if (cloud->turn_fails_at != 0 && (int)++cloud->turns == cloud->turn_fails_at) {
        return err_set(err, ERR_INTERNAL, "the loop broke");
    }
    if (event == NULL || when > until) {
        cloud->now = until;
    } else {
        cloud->now = when > cloud->now ? when : cloud->now;
        step(cloud, event);
    }
    raise_interrupts(cloud);
    return cloud->events != NULL;
}

void fake_cloud_transport(struct fake_cloud *cloud, struct run_transport *out)
{
    *out = (struct run_transport){
        .context = cloud,
        .now_ms = now_ms,
        .turn = turn,
        .forget = forget,
        .create = create,
        .get = get,
        .set_stopped = set_stopped,
        .delete_statement = delete_statement,
        .list = list,
        .rows = rows,
        .exceptions = exceptions,
        .relation_exists = relation_exists,
        .new_name = new_name,
    };
}
