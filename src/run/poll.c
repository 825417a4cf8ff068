/*
 * Asking for phases with as few requests as possible, and soon after they change.
 *
 * Statements of one batch that are due together are asked for with one listing by the
 * run's label; a single one with a GET. When to ask first is learnt from how long the
 * same kind of wait took lately; after that the intervals grow with the time waited.
 */
#include "config.h"

#include "run/machine.h"

#include <stdlib.h>
#include <string.h>

#include "base/xmalloc.h"

#define FIRST_MS     100 /* while nothing is known */
#define AGAIN_MIN_MS 20
#define AGAIN_MAX_MS 5000
#define TOGETHER_MS  30 /* what is due so soon after is asked for at once */
#define TRY_EARLIER  6
#define LISTINGS_MAX 2 /* of one batch, under way at once */

/* A listing under way. */
struct run_listing {
    struct run_listing *next;
    struct run_poller *poller;
    int batch;
    int64_t asked_ms;
};

void run_poll_init(struct run_poller *poller, struct run *run)
{
    *poller = (struct run_poller){.run = run};
}

void run_poll_fini(struct run_poller *poller)
{
    while (poller->listings != NULL) {
        struct run_listing *listing = poller->listings;
        poller->listings = listing->next;
        poller->run->transport->forget(poller->run->transport->context, listing);
        free(listing);
    }
}

int run_poll_batch(struct run_poller *poller)
{
    return (int)(poller->submitted++ / RUN_BATCH);
}

char *run_poll_label(const struct run *run, int batch, struct arena *arena)
{
    return arena_printf(arena, "%s-%d",
                        run->options->run_id != NULL ? run->options->run_id : "run",
                        batch);
}

/* ---- when ---- */

/* The shortest of the recent waits of this kind; 0 when there was none. */
static int64_t expected(const struct run_poller *poller, enum flink_wait wait)
{
    size_t count = poller->duration_count[wait];
    int64_t least = 0;

    for (size_t i = 0; i < count && i < RUN_DURATIONS; i++) {
        int64_t ms = poller->durations[wait][i];
        least = least == 0 || ms < least ? ms : least;
    }
    return least;
}

static void learn_duration(struct run_poller *poller, enum flink_wait wait, int64_t ms)
{
    size_t at = poller->duration_count[wait]++ % RUN_DURATIONS;

    poller->durations[wait][at] = ms > 0 ? ms : 1;
}

/*
 * When it is worth asking first: when it was ready at the earliest lately, and now and
 * then a little before, to find out whether that is early enough.
 */
static int64_t first_delay(const struct run_poller *poller, enum flink_wait wait)
{
    int64_t ms = expected(poller, wait);

    if (poller->submitted % TRY_EARLIER == 0) {
        ms = ms * 15 / 16;
    }
    return ms > 0 ? ms : FIRST_MS;
}

/* From one question to the next, whether or not the first is answered yet. */
static int64_t next_interval(int64_t elapsed_ms, int64_t expected_ms)
{
    int64_t ms = elapsed_ms / 5;

    /* just past the expected moment: it can't be long */
    if (expected_ms > 0 && elapsed_ms < expected_ms * 3 / 2) {
        ms = elapsed_ms / 14;
    }
    ms = ms < AGAIN_MIN_MS ? AGAIN_MIN_MS : ms;
    if (expected_ms == 0 && ms < FIRST_MS) {
        ms = FIRST_MS;
    }
    return ms > AGAIN_MAX_MS ? AGAIN_MAX_MS : ms;
}

void run_watch_start(struct run_node *node, const char *name, enum flink_wait wait,
                     int batch)
{
    struct run_poller *poller = &node->run->poller;
    int64_t now = run_now(node->run);

    node->watch = (struct run_watch){
        .name = name,
        .wait = wait,
        .active = true,
        .batch = batch,
        .started_ms = now,
        .due_ms = now + first_delay(poller, wait),
    };
}

void run_watch_stop(struct run_node *node)
{
    node->watch.active = false;
}

/* ---- answers ---- */

static void take(struct run_node *node, const struct flink_statement *statement,
                 const struct flink_error *error, int64_t asked_ms)
{
    struct run_watch *watch = &node->watch;
    enum flink_wait wait = watch->wait;
    int64_t elapsed = asked_ms - watch->started_ms;

    run_watch_news(node, statement, error);
    if (!watch->active) {
        learn_duration(&node->run->poller, wait, elapsed);
    }
}

static void got_one(void *context, const struct flink_statement *statement,
                    const struct flink_error *error)
{
    struct run_node *node = context;

    if (node->watch.active && node->watch.asked) {
        node->watch.asked = false;
        take(node, statement, error, node->watch.asked_ms);
    }
}

static struct run_node *watcher(struct run *run, const char *name, int batch)
{
    for (size_t i = 0; i < run->active_count; i++) {
        struct run_watch *watch = &run->active[i]->watch;
        if (watch->active && watch->batch == batch && strcmp(watch->name, name) == 0) {
            return run->active[i];
        }
    }
    return NULL;
}

static void listed(void *context, const struct flink_statement *statement)
{
    struct run_listing *listing = context;
    struct run_node *node =
        watcher(listing->poller->run, statement->name, listing->batch);

    if (node != NULL && node->watch.started_ms <= listing->asked_ms) {
        node->watch.listed_ms = listing->asked_ms;
        take(node, statement, NULL, listing->asked_ms);
    }
}

static void remove_listing(struct run_listing *listing)
{
    struct run_listing **at = &listing->poller->listings;

    while (*at != listing) {
        at = &(*at)->next;
    }
    *at = listing->next;
    free(listing);
}

/* The next question is due some time after this one. */
static void set_due(struct run_node *node, int64_t now)
{
    struct run_watch *watch = &node->watch;
    int64_t expected_ms = expected(&node->run->poller, watch->wait);

    watch->due_ms = now + next_interval(now - watch->started_ms, expected_ms);
}

static void ask_one(struct run_node *node, int64_t now)
{
    const struct run_transport *transport = node->run->transport;

    node->watch.asked = true;
    node->watch.asked_ms = now;
    node->run->report->polls++;
    set_due(node, now);
    transport->get(transport->context, node->watch.name, got_one, node);
}

/* Those of the batch that the listing did not show are asked for one by one. */
static void list_ended(void *context, const struct flink_error *error)
{
    struct run_listing *listing = context;
    struct run *run = listing->poller->run;
    int64_t now = run_now(run);

    if (error != NULL) {
        listing->poller->listing_fails = true;
    }
    for (size_t i = 0; i < run->active_count; i++) {
        struct run_watch *watch = &run->active[i]->watch;
        if (watch->active && watch->batch == listing->batch && !watch->asked &&
            watch->started_ms <= listing->asked_ms &&
            watch->listed_ms < listing->asked_ms) {
            ask_one(run->active[i], now);
        }
    }
    remove_listing(listing);
}

/* ---- asking ---- */

static bool is_busy(const struct run_poller *poller, int batch)
{
    int count = 0;

    for (const struct run_listing *listing = poller->listings; listing != NULL;
         listing = listing->next) {
        count += listing->batch == batch;
    }
    return count >= LISTINGS_MAX;
}

static void ask_batch(struct run_poller *poller, int batch, int64_t now)
{
    const struct run_transport *transport = poller->run->transport;
    struct run_listing *listing = xcalloc(1, sizeof(*listing));
    struct arena arena = {0};
    struct flink_filter filter = {
        .label_key = RUN_LABEL,
        .label_value = run_poll_label(poller->run, batch, &arena),
        .max_pages = 1,
    };

    *listing = (struct run_listing){poller->listings, poller, batch, now};
    poller->listings = listing;
    poller->run->report->polls++;
    transport->list(transport->context, &filter, listed, list_ended, listing);
    arena_fini(&arena);
}

static bool waits(const struct run_watch *watch)
{
    return watch->active && !watch->asked;
}

static bool due_with(const struct run_watch *watch, int batch, int64_t now)
{
    return waits(watch) && watch->batch == batch && watch->due_ms <= now + TOGETHER_MS;
}

static void ask(struct run_poller *poller, struct run_node *node, int64_t now)
{
    struct run *run = poller->run;
    int batch = node->watch.batch;
    size_t together = 0;

    for (size_t i = 0; i < run->active_count && batch >= 0; i++) {
        together += due_with(&run->active[i]->watch, batch, now);
    }
    if (together < 2 || poller->listing_fails) {
        ask_one(node, now);
        return;
    }
    for (size_t i = 0; i < run->active_count; i++) {
        if (due_with(&run->active[i]->watch, batch, now)) {
            set_due(run->active[i], now);
        }
    }
    ask_batch(poller, batch, now);
}

int64_t run_poll(struct run_poller *poller, int64_t max_ms)
{
    struct run *run = poller->run;
    int64_t now = run_now(run);
    int64_t next = now + max_ms;

    for (size_t i = 0; i < run->active_count; i++) {
        struct run_watch *watch = &run->active[i]->watch;
        if (!waits(watch)) {
            continue;
        }
        if (watch->due_ms > now) {
            next = watch->due_ms < next ? watch->due_ms : next;
        } else if (watch->batch < 0 || !is_busy(poller, watch->batch)) {
            ask(poller, run->active[i], now);
        }
    }
    return next - now;
}
