/*
 * Creating a statement exactly once, over a network that loses answers.
 *
 *     POST --201--> done
 *      |  --lost--> GET name --it is ours------> done
 *      |                     --not there-------> POST again, a little later
 *      |  --409---> GET name --being deleted,
 *      |                       not there-------> POST again, a little later
 *      |                     --someone else's--> error, `exists`
 */
#include "config.h"

#include "flink/submit.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/xmalloc.h"
#include "flink/client.h"

#define POSTS_MAX    8
#define AGAIN_MS     400
#define AGAIN_MAX_MS 10000

struct create {
    struct flink_task op;
    struct flink_client *client;
    char *name;
    struct buf body;
    bool dry_run;
    bool lost; /* an answer to a POST went missing: it may have been carried out */
    int posts;
    struct flink_error error; /* of the last POST */
    flink_statement_fn *done;
};

static void post(struct create *create);
static void look_up(struct create *create);

static void create_free(struct flink_task *op)
{
    struct create *create = (struct create *)op;

    free(create->name);
    buf_fini(&create->body);
    free(create);
}

static void deliver(struct create *create, const struct flink_statement *statement,
                    const struct flink_error *error)
{
    flink_task_close(create->client, &create->op);
    if (!create->op.dropped) {
        create->done((void *)create->op.context, statement, error);
    }
    create_free(&create->op);
}

static void post_again(void *context)
{
    post(context);
}

static void post_later(struct create *create)
{
    if (create->posts >= POSTS_MAX) {
        deliver(create, NULL, &create->error);
        return;
    }
    int64_t ms = AGAIN_MS << (create->posts - 1);
    ms = flink_jitter(create->client, ms < AGAIN_MAX_MS ? ms : AGAIN_MAX_MS);
    flink_timer_start(create->client, ms, post_again, create);
}

static void refuse_existing(struct create *create,
                            const struct flink_statement *statement)
{
    struct flink_error error = {.status = 409, .exists = true};

    err_set(&error.err, ERR_CONFLICT,
            "a statement named '%s' already exists (%s%s%s); it was left alone",
            create->name, statement->phase_text,
            statement->created_at[0] != '\0' ? ", created " : "",
            statement->created_at);
    deliver(create, NULL, &error);
}

static void looked_up(void *context, const struct flink_statement *statement,
                      const struct flink_error *error)
{
    struct create *create = context;

    if (statement != NULL) {
        if (create->lost &&
            flink_submit_matches(buf_str(&create->body), create->body.len, statement)) {
            log_debug("statement %s: its POST's answer was lost, it is there",
                      create->name);
            deliver(create, statement, NULL);
        } else if (statement->phase == FLINK_PHASE_DELETING) {
            post_later(create);
        } else {
            refuse_existing(create, statement);
        }
    } else if (error->status == 404) {
        post_later(create);
    } else {
        err_wrap(&create->error.err,
                 "it is not known whether statement '%s' was created (%s)",
                 create->name, error->err.msg);
        create->error.lost = true;
        deliver(create, NULL, &create->error);
    }
}

static void look_up(struct create *create)
{
    flink_statement_get_async(create->client, create->name, looked_up, create);
}

static void posted(void *context, const struct flink_reply *reply,
                   const struct flink_error *error)
{
    struct create *create = context;
    struct flink_error garbled = {.lost = true};
    struct arena arena = {0};
    struct flink_statement statement;

    create->posts++;
    if (reply != NULL) {
        garbled.status = reply->status;
        if (flink_statement_parse(reply, &arena, &statement, &garbled.err) == 0) {
            deliver(create, &statement, NULL);
            arena_fini(&arena);
            return;
        }
        error = &garbled;
    }
    create->error = *error;
    if (error->lost && !create->dry_run) {
        create->lost = true;
        look_up(create);
    } else if (error->lost) {
        post_later(create);
    } else if (error->status == 409 && !create->dry_run) {
        look_up(create);
    } else {
        deliver(create, NULL, error);
    }
    arena_fini(&arena);
}

static void post(struct create *create)
{
    flink_call_start(create->client, FLINK_POST, "/statements", create->body.data,
                     create->body.len, true, posted, create);
}

static void fail_early(void *context)
{
    struct create *create = context;

    deliver(create, NULL, &create->error);
}

void flink_statement_create_async(struct flink_client *client,
                                  const struct flink_submit *submit,
                                  flink_statement_fn *done, void *context)
{
    struct create *create = xcalloc(1, sizeof(*create));
    struct flink_submit named = *submit;
    struct arena arena = {0};

    create->client = client;
    create->done = done;
    create->dry_run = submit->dry_run;
    flink_task_open(client, &create->op, context, create_free);
    if (named.name == NULL) {
        named.name = flink_name_new(client, NULL, &arena);
    }
    create->name = xstrdup(named.name);
    if (flink_submit_encode(client, &named, &create->body, &create->error.err) == 0) {
        post(create);
    } else {
        flink_timer_start(client, 0, fail_early, create);
    }
    arena_fini(&arena);
}
