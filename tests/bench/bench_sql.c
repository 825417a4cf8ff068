/*
 * How long 10,000 typical models take to be scanned, split, parsed, compared and typed,
 * on one core. Prints milliseconds; with an argument, fails when scanning, parsing and
 * typing together take more milliseconds than that.
 */
#include "config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "sql/canonical.h"
#include "sql/infer.h"
#include "sql/parse.h"
#include "sql/split.h"

#define MODELS 10000

static const char setup[] =
    "CREATE TABLE orders (order_id STRING NOT NULL, customer_id STRING, status STRING, "
    "total DECIMAL(10, 2), items ARRAY<ROW<sku STRING, qty INT>>, created_at "
    "TIMESTAMP_LTZ(3), WATERMARK FOR created_at AS created_at - INTERVAL '5' SECOND)";
static const char setup2[] =
    "CREATE TABLE customers (customer_id STRING NOT NULL, name STRING, tier STRING, "
    "PRIMARY KEY (customer_id) NOT ENFORCED)";

static const char *const shapes[] = {
    "-- model %d\nWITH recent AS (\n  SELECT order_id, customer_id, total, created_at\n"
    "  FROM orders\n  WHERE status <> 'CANCELLED' AND total > %d.5\n), enriched AS (\n"
    "  SELECT r.*, c.name, COALESCE(c.tier, 'none') AS tier\n  FROM recent r\n"
    "  LEFT JOIN customers c ON r.customer_id = c.customer_id\n)\n"
    "SELECT order_id, UPPER(name) AS name, tier, CAST(total * 1.19 AS DECIMAL(12, 2)) "
    "AS gross,\n  CASE WHEN total > 100 THEN 'big' WHEN total > 10 THEN 'mid' ELSE "
    "'small' END AS size\nFROM enriched",
    "SELECT window_start, window_end, customer_id, COUNT(*) AS orders_%d,\n"
    "  SUM(total) AS revenue, AVG(total) AS mean, MAX(total) - %d AS top\n"
    "FROM TABLE(TUMBLE(TABLE orders, DESCRIPTOR(created_at), INTERVAL '1' MINUTE))\n"
    "GROUP BY window_start, window_end, customer_id",
    "SELECT o.order_id AS id_%d, i.sku, i.qty, o.total / i.qty AS unit\n"
    "FROM orders o CROSS JOIN UNNEST(o.items) AS i (sku, qty)\nWHERE i.qty > %d",
    "SELECT * FROM (\n  SELECT order_id, customer_id, total, ROW_NUMBER() OVER "
    "(PARTITION BY customer_id ORDER BY total DESC) AS rn_%d\n  FROM orders\n) "
    "WHERE order_id <> '%d'",
    "INSERT INTO customers SELECT customer_id, CONCAT('n', '%d'), LOWER(status) FROM "
    "orders WHERE created_at > TIMESTAMP '2024-01-01 00:00:00' OR total > %d",
};

struct models {
    char *texts[MODELS];
    size_t bytes;
};

static void make_models(struct models *models)
{
    for (int i = 0; i < MODELS; i++) {
        const char *shape = shapes[(size_t)i % (sizeof(shapes) / sizeof(shapes[0]))];
        struct buf text = BUF_INIT;
        int numbers = 0;

        for (const char *c = shape; *c != '\0'; c++) {
            if (c[0] == '%' && c[1] == 'd') {
                buf_addf(&text, "%d", numbers++ == 0 ? i : i % 97);
                c++;
            } else {
                buf_addc(&text, *c);
            }
        }
        models->bytes += text.len;
        models->texts[i] = buf_take(&text);
    }
}

static void split_one(struct arena *arena, const char *text)
{
    (void)arena;
    sql_split_state(text, strlen(text));
}

static void parse_one(struct arena *arena, const char *text)
{
    struct sql_statement *statement;
    struct err err = {0};

    if (sql_parse(arena, text, strlen(text), &statement, &err) != 0 ||
        statement->problem != NULL) {
        fprintf(stderr, "%s\n%s\n", text, err.msg);
        exit(1);
    }
}

static void compare_one(struct arena *arena, const char *text)
{
    (void)arena;
    sql_fingerprint(text, strlen(text));
}

static struct sql_infer_options options;

static void type_one(struct arena *arena, const char *text)
{
    struct sql_result result;
    struct err err = {0};

    if (sql_infer(arena, text, strlen(text), &options, &result, &err) != 0) {
        fprintf(stderr, "%s\n%s\n", text, err.msg);
        exit(1);
    }
}

static int64_t measure(const struct models *models, const char *what,
                       void (*one)(struct arena *arena, const char *text))
{
    struct arena arena = {0};
    int64_t start = clock_now_ms(&clock_system);

    for (int i = 0; i < MODELS; i++) {
        one(&arena, models->texts[i]);
        arena_reset(&arena);
    }
    arena_fini(&arena);
    start = clock_now_ms(&clock_system) - start;
    printf("%-28s %5lld ms\n", what, (long long)start);
    return start;
}

int main(int argc, char **argv)
{
    static struct models models;
    struct sql_memory *memory = sql_memory_new("cat", "db", 0);
    struct sql_catalog catalog;
    struct err err = {0};
    int64_t typed;

    if (sql_memory_apply(memory, setup, sizeof(setup) - 1, &err) != 0 ||
        sql_memory_apply(memory, setup2, sizeof(setup2) - 1, &err) != 0) {
        err_print(&err, stderr, false);
        return 1;
    }
    catalog = sql_memory_catalog(memory);
    options.catalog = &catalog;
    make_models(&models);
    printf("%d models, %zu bytes\n", MODELS, models.bytes);
    measure(&models, "scan and split", split_one);
    measure(&models, "scan and parse", parse_one);
    measure(&models, "fingerprint", compare_one);
    typed = measure(&models, "scan, parse and type", type_one);
    for (int i = 0; i < MODELS; i++) {
        free(models.texts[i]);
    }
    sql_memory_free(memory);
    return argc > 1 && typed > atoi(argv[1]) ? 1 : 0;
}
