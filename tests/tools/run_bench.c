/*
 * Times the runner against a server: run_bench -e URL [-n MODELS] [-d LAYERS]
 * [-t THREADS] [-l LATENCY-MS] [-r RUN-MS] [-1] [-R REQUESTS-PER-SECOND]
 *
 * Makes a plan of MODELS streaming tables in LAYERS (each model reads two of the layer
 * before), every one a CREATE TABLE and an INSERT (-1: just a CREATE TABLE), runs it,
 * and prints one line of JSON: seconds, the shortest possible time (`ideal_s`: the
 * longest chain, or all models through THREADS, each statement taking LATENCY + RUN),
 * their ratio, HTTP requests and processor time.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "run/run.h"

struct bench {
    struct arena arena;
    struct plan_action *actions;
    size_t models;
    size_t layers;
    int threads;
    double latency_ms;
    double run_ms;
    size_t statements; /* per model */
};

static struct step make_step(struct bench *bench, const char *name, const char *summary,
                             const char *sql, enum step_wait wait)
{
    return (struct step){.kind = STEP_STATEMENT,
                         .statement_name = arena_strdup(&bench->arena, name),
                         .summary = summary,
                         .sql = sql,
                         .wait = wait,
                         .undo = ""};
}

static void make_needs(struct bench *bench, size_t i, size_t width)
{
    struct plan_action *action = &bench->actions[i];
    size_t layer = i / width;

    action->level = (int)layer;
    action->needs = arena_array(&bench->arena, size_t, 2);
    if (layer > 0) {
        action->needs[action->need_count++] = i - width;
        size_t other = (layer - 1) * width + (i + 1) % width;
        if (other != i - width) {
            action->needs[action->need_count++] = other;
        }
    }
}

static void make_model(struct bench *bench, size_t i, size_t width)
{
    struct plan_action *action = &bench->actions[i];
    struct arena *arena = &bench->arena;
    const char *from =
        i < width ? "bench_source" : arena_printf(arena, "bench_%zu", i - width);

    *action = (struct plan_action){
        .verb = PLAN_CREATE,
        .unique_id = arena_printf(arena, "model.bench.m%06zu", i),
        .name = arena_printf(arena, "m%zu", i),
        .steps = arena_array(arena, struct step, 2),
        .step_count = bench->statements,
    };
    action->steps[0] =
        make_step(bench, arena_printf(arena, "bench-m%zu-ddl", i), "CREATE TABLE",
                  arena_printf(arena, "CREATE TABLE `bench_%zu` (`id` INT)", i),
                  STEP_WAIT_COMPLETED);
    action->steps[1] = make_step(
        bench, arena_printf(arena, "bench-m%zu", i), "INSERT",
        arena_printf(arena, "INSERT INTO `bench_%zu` SELECT `id` FROM `%s`", i, from),
        STEP_WAIT_RUNNING);
    make_needs(bench, i, width);
}

static void make_plan(struct bench *bench)
{
    size_t width = (bench->models + bench->layers - 1) / bench->layers;

    bench->actions = arena_array(&bench->arena, struct plan_action, bench->models);
    for (size_t i = 0; i < bench->models; i++) {
        make_model(bench, i, width);
    }
}

/* The longest chain, or what the threads can do, whatever takes longer. */
static double ideal_seconds(const struct bench *bench)
{
    double one = (double)bench->statements * (bench->latency_ms + bench->run_ms);
    size_t threads = (size_t)bench->threads;
    size_t waves = (bench->models + threads - 1) / threads;

    return one * (double)(bench->layers > waves ? bench->layers : waves) / 1000.0;
}

static double cpu_seconds(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_utime.tv_sec + (double)usage.ru_stime.tv_sec +
           (double)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e6;
}

static int run(struct bench *bench, struct flink_client *client, struct err *err)
{
    struct flink_submit source = {.name = "bench-source",
                                  .sql = "CREATE TABLE `bench_source` (`id` INT)"};
    struct flink_wait_options wait = {.wait = FLINK_WAIT_COMPLETED};
    struct run_options options = {.threads = bench->threads, .run_id = "bench"};
    struct run_transport transport;
    struct run_report report;
    struct flink_statement statement;

    if (flink_statement_execute(client, &source, &wait, &bench->arena, &statement,
                                err) != 0) {
        return -1;
    }
    size_t before = flink_client_stats(client)->requests;
    double cpu = cpu_seconds();
    run_transport_flink(client, &transport);
    int rc = run_execute(bench->actions, bench->models, &options, &transport, NULL,
                         &report, err);
    double ideal = ideal_seconds(bench);
    cpu = cpu_seconds() - cpu;
    printf("{\"models\":%zu,\"layers\":%zu,\"threads\":%d,\"seconds\":%.3f,"
           "\"ideal_s\":%.3f,\"ratio\":%.3f,\"requests\":%zu,\"statements\":%zu,"
           "\"polls\":%zu,\"cpu_s\":%.3f,\"cpu_percent\":%.1f,\"succeeded\":%zu}\n",
           bench->models, bench->layers, bench->threads, report.seconds, ideal,
           report.seconds / ideal, flink_client_stats(client)->requests - before,
           bench->models * bench->statements, report.polls, cpu,
           cpu / report.seconds * 100, report.status_counts[RUN_SUCCESS]);
    run_report_free(&report);
    return rc;
}

int main(int argc, char **argv)
{
    struct bench bench = {.models = 100,
                          .layers = 10,
                          .threads = 16,
                          .latency_ms = 50,
                          .run_ms = 500,
                          .statements = 2};
    struct flink_config config = {
        .organization_id = "00000000-0000-0000-0000-000000000000",
        .environment_id = "env-sandbox",
        .database = "shop",
        .compute_pool_id = "lfcp-1",
        .api_key = "key",
        .api_secret = "sandbox-secret",
    };
    struct err err = {0};

    for (int c; (c = getopt(argc, argv, "e:n:d:t:l:r:R:1")) != -1;) {
        switch (c) {
        case 'e':
            config.endpoint = optarg;
            break;
        case 'n':
            bench.models = (size_t)atol(optarg);
            break;
        case 'd':
            bench.layers = (size_t)atol(optarg);
            break;
        case 't':
            bench.threads = atoi(optarg);
            break;
        case 'l':
            bench.latency_ms = atof(optarg);
            break;
        case 'r':
            bench.run_ms = atof(optarg);
            break;
        case 'R':
            config.rate_per_second = atoi(optarg);
            config.rate_per_minute = config.rate_per_second * 20;
            break;
        case '1':
            bench.statements = 1;
            break;
        default:
            return 2;
        }
    }
    make_plan(&bench);
    struct flink_client *client = flink_client_new(&config, NULL, &err);
    int rc = client == NULL ? -1 : run(&bench, client, &err);
    if (rc != 0) {
        err_print(&err, stderr, false);
    }
    flink_client_free(client);
    arena_fini(&bench.arena);
    return rc != 0;
}
