#include "config.h"

#include "flink/definition.h"

#include <string.h>

#include "base/str.h"
#include "flink/client.h"
#include "flink/field.h"
#include "flink/results.h"

#define PAGES_MAX 100

/* ---- the listing ---- */

/* A materialized table as the resource shows it. */
struct listed {
    struct listed *next;
    const char *name;
    const char *schema; /* of its session; "" when not told */
    const char *query;
    const char *compute_pool_id;
};

static struct listed *decode(struct value json, struct arena *arena, struct err *err)
{
    struct field_reader reader = {
        .what = "materialized table", .arena = arena, .err = err};
    struct listed *table = arena_new(arena, struct listed);
    struct value spec = field_object(&reader, json, "spec", true);
    struct flink_pairs session = field_pairs(&reader, spec, "session_options");
    const char *schema = flink_pairs_get(&session, "sql.current-database");

    *table = (struct listed){
        .name = field_text(&reader, json, "name", true),
        .schema = schema != NULL ? schema : "",
        .query = field_text(&reader, spec, "query", false),
        .compute_pool_id = field_text(&reader, spec, "compute_pool_id", false),
    };
    return table;
}

static int read_page(struct value json, struct arena *arena, struct listed **all,
                     struct err *err)
{
    struct field_reader reader = {.what = "list of materialized tables", .err = err};
    struct value data = field_list(&reader, json, "data");

    for (size_t i = 0; i < value_list_count(data) && err->code == ERR_NONE; i++) {
        struct listed *table = decode(value_list_at(data, i), arena, err);
        table->next = *all;
        *all = table;
    }
    return err->code == ERR_NONE ? 0 : -1;
}

/* All pages, or -1: then nothing of it is used. */
static int list_all(struct flink_client *client, struct arena *arena,
                    struct listed **all, struct err *err)
{
    struct flink_pages pages = {
        .what = "materialized tables", .arena = arena, .max = PAGES_MAX};
    const char *token = NULL;
    int rc = 0;

    *all = NULL;
    do {
        struct buf path = BUF_INIT;
        struct value json;
        buf_adds(&path, "/materialized-tables?page_size=100");
        if (token != NULL) {
            buf_adds(&path, "&page_token=");
            flink_url_encode(token, &path);
        }
        rc = flink_get_json(client, buf_str(&path), arena, &json, err);
        buf_fini(&path);
        if (rc == 0) {
            rc = read_page(json, arena, all, err);
        }
        token = rc == 0 ? flink_pages_next(&pages, json, err) : NULL;
    } while (token != NULL);
    map_fini(&pages.seen);
    return err->code == ERR_NONE ? rc : -1;
}

/*
 * The resource names the Kafka cluster by its id, not by its display name, so that a
 * name which occurs twice is told apart by the database of the creating session, or not
 * at all.
 */
static const struct listed *find(const struct listed *all,
                                 const struct flink_definition *item)
{
    const struct listed *named = NULL;
    const struct listed *exact = NULL;
    size_t count = 0;
    size_t exact_count = 0;

    for (; all != NULL; all = all->next) {
        if (str_eq(all->name, item->name)) {
            named = all;
            count++;
            if (str_eq(all->schema, item->schema)) {
                exact = all;
                exact_count++;
            }
        }
    }
    return count == 1 ? named : exact_count == 1 ? exact : NULL;
}

static bool is_namesake(const struct flink_definition *items, size_t count, size_t at)
{
    for (size_t i = 0; i < count; i++) {
        if (i != at && str_eq(items[i].name, items[at].name)) {
            return true;
        }
    }
    return false;
}

static void take_listed(const struct listed *all, struct flink_definition *items,
                        size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct listed *table = items[i].view ? NULL : find(all, &items[i]);
        bool sure = table != NULL && (!is_namesake(items, count, i) ||
                                      str_eq(table->schema, items[i].schema));
        if (sure && table->query[0] != '\0') {
            items[i].query = table->query;
        }
        if (sure && table->compute_pool_id[0] != '\0') {
            items[i].compute_pool_id = table->compute_pool_id;
        }
    }
}

/* ---- SHOW CREATE ---- */

struct shows {
    struct arena *arena;
    size_t open;
    bool done;
    struct err connection;
};

struct show {
    struct shows *all;
    struct flink_definition *item;
};

static void shown(void *context, const struct flink_rows *rows,
                  const struct flink_error *error)
{
    struct show *show = context;
    struct shows *all = show->all;

    if (error != NULL &&
        (error->err.code == ERR_CONNECTION || error->err.code == ERR_CREDENTIALS)) {
        all->connection = error->err;
    } else if (error == NULL && rows->count == 1 && rows->column_count == 1 &&
               value_is_str(rows->rows[0].cells[0])) {
        show->item->sql = arena_strdup(all->arena, rows->rows[0].cells[0].as.s);
    }
    all->done = --all->open == 0;
}

static void ask_show(struct flink_client *client, struct show *show,
                     struct value labels)
{
    struct flink_submit submit = {.labels = labels, .hidden = true};
    struct buf sql = BUF_INIT;

    buf_addf(&sql, "SHOW CREATE %s ", show->item->view ? "VIEW" : "MATERIALIZED TABLE");
    flink_quote_name(show->item->database, &sql);
    buf_addc(&sql, '.');
    flink_quote_name(show->item->schema, &sql);
    buf_addc(&sql, '.');
    flink_quote_name(show->item->name, &sql);
    submit.sql = buf_str(&sql);
    flink_query_async(client, &submit, 2, shown, show);
    buf_fini(&sql);
}

static int show_rest(struct flink_client *client, struct flink_definition *items,
                     size_t count, struct value labels, struct arena *arena,
                     struct err *err)
{
    struct shows all = {.arena = arena};
    struct show *shows = arena_array(arena, struct show, count + 1);

    for (size_t i = 0; i < count; i++) {
        if (items[i].query == NULL) {
            shows[all.open++] = (struct show){&all, &items[i]};
        }
    }
    size_t asked = all.open;
    all.done = asked == 0;
    for (size_t i = 0; i < asked; i++) {
        ask_show(client, &shows[i], labels);
    }
    if (flink_client_run(client, &all.done, err) != 0) {
        for (size_t i = 0; i < asked; i++) {
            flink_client_forget(client, &shows[i]);
        }
        return -1;
    }
    if (all.connection.code != ERR_NONE) {
        *err = all.connection;
        return -1;
    }
    return 0;
}

int flink_definitions_read(struct flink_client *client, struct flink_definition *items,
                           size_t count, struct value labels, struct arena *arena,
                           struct err *err)
{
    struct listed *all;
    struct err listing = {0};
    bool only_views = true;

    for (size_t i = 0; i < count; i++) {
        only_views = only_views && items[i].view;
    }
    if (only_views) {
        return show_rest(client, items, count, labels, arena, err);
    }
    if (list_all(client, arena, &all, &listing) == 0) {
        take_listed(all, items, count);
    } else if (listing.code == ERR_INTERRUPTED) {
        *err = listing;
        return -1;
    }
    return show_rest(client, items, count, labels, arena, err);
}
