/*
 * libFuzzer entry for the SQL room: scanner, splitter, CTE place, parser, canonical
 * text, lineage, inference. What must hold besides not crashing: tokens and pieces move
 * forward and stay inside the text, canonical text is its own canonical text.
 */
#include "config.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "sql/canonical.h"
#include "sql/catalog.h"
#include "sql/infer.h"
#include "sql/lineage.h"
#include "sql/parse.h"
#include "sql/render.h"
#include "sql/scan.h"
#include "sql/split.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void check_scanner(const char *text, size_t len)
{
    struct sql_scanner scanner;
    struct sql_token token;
    size_t at = 0;

    sql_scan_init(&scanner, text, len);
    do {
        token = sql_scan_raw(&scanner);
        require(token.start == at && token.end <= len);
        require(token.end > token.start || token.kind == SQL_TOKEN_END);
        at = token.end;
    } while (token.kind != SQL_TOKEN_END);
    require(at == len);
}

static void check_splitter(const char *text, size_t len)
{
    struct sql_piece piece = {0};
    struct sql_with_place place;
    size_t from;

    do {
        from = piece.next;
        sql_split_next(text, len, from, &piece);
        require(piece.start >= from && piece.end >= piece.start && piece.next <= len);
        require(piece.next >= piece.end);
        require(piece.inside != SQL_COMPLETE || piece.next > from);
    } while (piece.inside == SQL_COMPLETE);
    sql_split_state(text, len);
    sql_find_with(text, len, &place);
    require(place.query <= place.insert && place.insert <= place.end);
}

static void check_canonical(const char *text, size_t len)
{
    struct buf once = BUF_INIT;
    struct buf twice = BUF_INIT;

    if (sql_canonical(text, len, &once) == 0) {
        require(sql_canonical(buf_str(&once), once.len, &twice) == 0);
        require(once.len == twice.len &&
                memcmp(buf_str(&once), buf_str(&twice), once.len) == 0);
    }
    buf_fini(&once);
    buf_fini(&twice);
}

static void check_parser(const char *text, size_t len)
{
    struct arena arena = {0};
    struct sql_statement *statement;
    struct sql_table_def *def;
    struct sql_lineage lineage;
    struct buf out = BUF_INIT;
    struct err err = {0};

    if (sql_parse(&arena, text, len, &statement, &err) == 0) {
        require(statement->at.start <= statement->at.end && statement->at.end <= len);
        sql_lineage_of(&arena, statement, &lineage);
        if (statement->table != NULL) {
            sql_render_table(&out, text, statement->table, NULL);
        }
        if (statement->view != NULL) {
            sql_render_view(&out, text, statement->view, NULL);
        }
    }
    err_clear(&err);
    sql_parse_table_elements(&arena, text, len, &def, &err);
    buf_fini(&out);
    arena_fini(&arena);
}

static void check_inference(const char *text, size_t len)
{
    static struct sql_memory *memory;
    static struct sql_catalog catalog;
    static const char ddl[] =
        "CREATE TABLE t (a INT NOT NULL, b STRING, c DECIMAL(10, 2), d TIMESTAMP(3), "
        "e ARRAY<ROW<x INT, y STRING>>, f MAP<STRING, INT>, WATERMARK FOR d AS d, "
        "PRIMARY KEY (a) NOT ENFORCED)";
    struct arena arena = {0};
    struct sql_infer_options options = {.flags = SQL_INFER_UNKNOWN_TABLES};
    struct sql_result result;
    struct err err = {0};

    if (memory == NULL) {
        memory = sql_memory_new("cat", "db", SQL_MEMORY_ROWTIME);
        require(sql_memory_apply(memory, ddl, sizeof(ddl) - 1, &err) == 0);
        catalog = sql_memory_catalog(memory);
    }
    options.catalog = &catalog;
    sql_infer(&arena, text, len, &options, &result, &err);
    arena_fini(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);

    if (text == NULL) {
        return 0;
    }
    if (size > 0) {
        memcpy(text, data, size);
    }
    text[size] = '\0';
    check_scanner(text, size);
    check_splitter(text, size);
    check_canonical(text, size);
    check_parser(text, size);
    check_inference(text, size);
    free(text);
    return 0;
}
