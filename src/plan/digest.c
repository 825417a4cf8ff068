#include "config.h"

#include "plan/planner.h"

#include <inttypes.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <string.h>

struct digest {
    struct sha256_ctx sha;
};

static void add(struct digest *digest, const char *text)
{
    /* The NUL byte goes in too, so that "a","b" differs from "ab","". */
    text = text != NULL ? text : "";
    sha256_update(&digest->sha, strlen(text) + 1, (const uint8_t *)text);
}

static void add_number(struct digest *digest, long long number)
{
    char text[32];

    snprintf(text, sizeof(text), "%lld", number);
    add(digest, text);
}

static void finish(struct digest *digest, char *out, size_t hex)
{
    uint8_t bytes[SHA256_DIGEST_SIZE];

    sha256_digest(&digest->sha, sizeof(bytes), bytes);
    for (size_t i = 0; i < hex / 2; i++) {
        snprintf(out + i * 2, 3, "%02x", bytes[i]);
    }
}

static void add_relation(struct digest *digest, const struct plan_relation *relation)
{
    if (relation == NULL) {
        add(digest, "absent");
        return;
    }
    const struct drift_relation *drift = &relation->drift;
    add_number(digest, drift->kind);
    for (size_t i = 0; i < drift->column_count; i++) {
        add(digest, drift->columns[i].name);
        add(digest, drift->columns[i].type);
        add_number(digest, drift->columns[i].not_null);
    }
    for (size_t i = 0; i < drift->option_count; i++) {
        add(digest, drift->options[i].key);
        add(digest, drift->options[i].value);
    }
    for (size_t i = 0; i < drift->distribution_column_count; i++) {
        add(digest, drift->distribution_columns[i]);
    }
    add_number(digest, drift->buckets);
    add(digest, relation->definition);
}

static void add_statement(struct digest *digest, const struct plan_statement *statement)
{
    if (statement == NULL) {
        add(digest, "absent");
        return;
    }
    add(digest, statement->name);
    add_number(digest, statement->state);
    add(digest, statement->sql);
}

void plan_digest_action(struct planner *planner, const struct planner_item *item)
{
    struct digest digest;
    const struct observed *observed = &planner->observed;

    sha256_init(&digest.sha);
    add_relation(&digest, item->existing);
    if (item->is_model) {
        const struct observed_writers *writers =
            observed_writers(observed, &item->model.relation);
        add_statement(&digest, observed_statement(observed, item->model.statement));
        add_statement(&digest, observed_statement(observed, item->model.statement_ddl));
        for (size_t i = 0; i < writers->count; i++) {
            add_statement(&digest, writers->items[i]);
        }
    }
    finish(&digest, item->action->observed, 16);
}

void plan_digest_sql(const struct step *steps, size_t count, char *out)
{
    struct digest digest;

    sha256_init(&digest.sha);
    for (size_t i = 0; i < count; i++) {
        add(&digest, steps[i].sql);
    }
    finish(&digest, out, PLAN_DIGEST_SIZE - 1);
}

void plan_digest(struct plan *plan)
{
    struct digest digest;

    sha256_init(&digest.sha);
    add(&digest, plan->environment);
    add(&digest, plan->endpoint);
    for (size_t i = 0; i < plan->count; i++) {
        add(&digest, plan->actions[i].unique_id);
        add(&digest, plan->actions[i].observed);
    }
    finish(&digest, plan->fingerprint, 64);
}
