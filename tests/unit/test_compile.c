#include "config.h"

#include "cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "compile/internal.h"
#include "compile/moment.h"
#include "compile/seed.h"

/* ---- seeds: recorded from dbt_common's agate_helper ------------------------------ */

struct seed_case {
    const char *csv; /* one column */
    enum compile_seed_type type;
    int scale;
    const char *cells; /* joined by '|', nulls as ~ */
};

static const struct seed_case seed_cases[] = {
    {"c\n1\n2\n\"\"\n", COMPILE_SEED_NUMBER, 0, "1|2|~"},
    {"c\n1.0\n2.00\n", COMPILE_SEED_NUMBER, 0, "1|2"},
    {"c\n1.5\n3\n", COMPILE_SEED_NUMBER, 1, "1.5|3"},
    {"c\n\"1,234\"\n$5\n50%\n", COMPILE_SEED_NUMBER, 0, "1234|5|50"},
    {"c\n007\n-3\n", COMPILE_SEED_NUMBER, 0, "7|-3"},
    {"c\n1e3\n2E-2\n", COMPILE_SEED_NUMBER, 2, "1000|0.02"},
    {"c\n1_000\n", COMPILE_SEED_NUMBER, 0, "1000"},
    {"c\n+5\n--5\n", COMPILE_SEED_NUMBER, 0, "5|5"},
    {"c\n1.\n.5\n", COMPILE_SEED_NUMBER, 1, "1|0.5"},
    {"c\n1.10\n2.205\n", COMPILE_SEED_NUMBER, 3, "1.1|2.205"},
    {"c\n20240102\n", COMPILE_SEED_NUMBER, 0, "20240102"},
    {"c\n\"\"\n\"\"\n", COMPILE_SEED_NUMBER, 0, "~|~"},
    {"c\n\"  7  \"\n", COMPILE_SEED_NUMBER, 0, "7"},
    {"c\n2024-01-02\nnull\n", COMPILE_SEED_DATE, 0, "2024-01-02|~"},
    {"c\n2024-1-2\n", COMPILE_SEED_DATE, 0, "2024-01-02"},
    {"c\n2024-13-01\n", COMPILE_SEED_TEXT, 0, "2024-13-01"},
    {"c\n2024-01-02 03:04:05\n2024-02-29 0:00:00\n", COMPILE_SEED_DATETIME, 0,
     "2024-01-02 03:04:05.000000|2024-02-29 00:00:00.000000"},
    {"c\n2024-01-02T03:04:05.678Z\n2024-01-02T03:04\n", COMPILE_SEED_DATETIME, 0,
     "2024-01-02 03:04:05.678000|2024-01-02 03:04:00.000000"},
    {"c\ntrue\nFalse\nNULL\n", COMPILE_SEED_BOOLEAN, 0, "true|false|~"},
    {"c\ntrue\n1\n", COMPILE_SEED_TEXT, 0, "true|1"},
    {"c\na\nnull\n\"\"\n", COMPILE_SEED_TEXT, 0, "a|~|~"},
    {"c\nyes\nno\n", COMPILE_SEED_TEXT, 0, "yes|no"},
    {"c\n%\n", COMPILE_SEED_TEXT, 0, "%"},
    {"c\n-\n", COMPILE_SEED_TEXT, 0, "-"},
    {"c\n1 000\n", COMPILE_SEED_TEXT, 0, "1 000"},
    {"c\n12:30\n", COMPILE_SEED_TEXT, 0, "12:30"},
    {"\xEF\xBB\xBF"
     "c\r\n1\r\n",
     COMPILE_SEED_NUMBER, 0, "1"},
};

static int read_text(const char *csv, struct value types, struct arena *arena,
                     struct compile_seed *seed, struct err *err)
{
    char path[] = "/tmp/cflowsh-seed-XXXXXX";
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, csv, strlen(csv)), strlen(csv));
    close(fd);
    int status = seed_read(path, "seeds/s.csv", ',', types, arena, seed, err);
    unlink(path);
    return status;
}

static void test_seed_types(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof seed_cases / sizeof seed_cases[0]; i++) {
        struct arena arena = {0};
        struct compile_seed seed = {0};
        struct err err = {0};
        struct buf cells = BUF_INIT;
        assert_int_equal(
            read_text(seed_cases[i].csv, value_undefined(), &arena, &seed, &err), 0);
        assert_int_equal(seed.column_count, 1);
        assert_string_equal(seed.columns[0].name, "c");
        for (size_t row = 0; row < seed.row_count; row++) {
            buf_addf(&cells, "%s%s", row > 0 ? "|" : "",
                     seed.cells[row] != NULL ? seed.cells[row] : "~");
        }
        assert_string_equal(buf_str(&cells), seed_cases[i].cells);
        assert_int_equal(seed.columns[0].type, seed_cases[i].type);
        assert_int_equal(seed.columns[0].scale, seed_cases[i].scale);
        buf_fini(&cells);
        arena_fini(&arena);
    }
}

static void test_seed_shapes(void **state)
{
    struct arena arena = {0};
    struct compile_seed seed = {0};
    struct err err = {0};

    (void)state;
    assert_int_equal(read_text("a,,a\n1,\"x\ny\",\"q\"\"q\"\n2\n", value_undefined(),
                               &arena, &seed, &err),
                     0);
    assert_string_equal(seed.columns[1].name, "b");
    assert_string_equal(seed.columns[2].name, "a_2");
    assert_string_equal(seed.cells[1], "x\ny");
    assert_string_equal(seed.cells[2], "q\"q");
    assert_null(seed.cells[4]);
    assert_int_equal(read_text("a,b\n1,2,3\n", value_undefined(), &arena, &seed, &err),
                     -1);
    assert_string_equal(err.msg, "Row 0 has 3 values, but Table only has 2 columns.");
    assert_int_equal(err.line, 2);
    err_clear(&err);
    assert_int_equal(read_text("", value_undefined(), &arena, &seed, &err), -1);
    err_clear(&err);
    struct value types = value_dict_new(&arena, 1);
    value_dict_put(types, "a", value_str("BIGINT"));
    assert_int_equal(read_text("a\n007\n", types, &arena, &seed, &err), 0);
    assert_string_equal(seed.cells[0], "007");
    assert_string_equal(seed.columns[0].declared, "BIGINT");
    arena_fini(&arena);
}

/* ---- common table expressions -----------------------------------------------------
 */

struct inject_case {
    const char *body;
    const char *expected;
};

/* The first five are byte for byte what dbt 1.11 makes; the rest it gets wrong. */
static const struct inject_case inject_cases[] = {
    {"select * from __dbt__cte__e",
     "with __dbt__cte__e as (\nselect 1\n) select * from __dbt__cte__e"},
    {"\n-- c\nselect * from __dbt__cte__e",
     "\nwith __dbt__cte__e as (\nselect 1\n) -- c\nselect * from __dbt__cte__e"},
    {"with q as (select 1) select * from __dbt__cte__e, q",
     "with  __dbt__cte__e as (\nselect 1\n), q as (select 1) select * from "
     "__dbt__cte__e, q"},
    {"WITH RECURSIVE q as (select 1) select * from __dbt__cte__e",
     "WITH RECURSIVE  __dbt__cte__e as (\nselect 1\n), q as (select 1) select * from "
     "__dbt__cte__e"},
    {"select * from (with q as (select 1) select * from q), __dbt__cte__e",
     "with __dbt__cte__e as (\nselect 1\n) select * from (with q as (select 1) select "
     "* "
     "from q), __dbt__cte__e"},
    {"select * from __dbt__cte__e, unnest(a) with ordinality as t (x, n)",
     "with __dbt__cte__e as (\nselect 1\n) select * from __dbt__cte__e, unnest(a) with "
     "ordinality as t (x, n)"},
    {"-- with\nselect 'with' from __dbt__cte__e",
     "with __dbt__cte__e as (\nselect 1\n) -- with\nselect 'with' from __dbt__cte__e"},
    {"set 'a' = 'b';\nselect * from __dbt__cte__e;",
     "set 'a' = 'b';\nwith __dbt__cte__e as (\nselect 1\n) select * from "
     "__dbt__cte__e;"},
};

static void test_inject(void **state)
{
    static const struct compile_cte cte = {"model.p.e", "__dbt__cte__e", "select 1"};

    (void)state;
    for (size_t i = 0; i < sizeof inject_cases / sizeof inject_cases[0]; i++) {
        struct buf out = BUF_INIT;
        inject_ctes(inject_cases[i].body, strlen(inject_cases[i].body), &cte, 1, &out);
        assert_string_equal(buf_str(&out), inject_cases[i].expected);
        buf_fini(&out);
    }
}

/* ---- dates
 * ---------------------------------------------------------------------------- */

struct format_case {
    const char *format;
    const char *expected;
};

/* Of 2024-02-29 13:05:06, from Python. */
static const struct format_case format_cases[] = {
    {"%Y-%m-%d %H:%M:%S.%f", "2024-02-29 13:05:06.000000"},
    {"%j %U %W %w %u", "060 08 09 4 4"},
    {"%a %A %b %B %y %I %p", "Thu Thursday Feb February 24 01 PM"},
    {"%-d.%-m %%", "29.2 %"},
    {"%c|%x|%X", "Thu Feb 29 13:05:06 2024|02/29/24|13:05:06"},
};

static void test_moments(void **state)
{
    struct moment at, back;
    struct buf why = BUF_INIT;

    (void)state;
    assert_true(moment_parse_iso("2024-02-29T13:05:06", MOMENT_ISO_DATETIME, &at));
    for (size_t i = 0; i < sizeof format_cases / sizeof format_cases[0]; i++) {
        struct buf out = BUF_INIT;
        moment_format(&at, format_cases[i].format, &out);
        assert_string_equal(buf_str(&out), format_cases[i].expected);
        buf_fini(&out);
    }
    for (int64_t day = 0; day < 3652059; day += 97) {
        back = (struct moment){0};
        assert_true(moment_set_us(&back, day * MOMENT_US_PER_DAY + 5));
        assert_int_equal(moment_to_us(&back), day * MOMENT_US_PER_DAY + 5);
    }
    assert_int_equal(moment_parse("01/03/24 07:08 PM", "%d/%m/%y %I:%M %p", &at, &why),
                     0);
    assert_int_equal(at.hour, 19);
    assert_int_equal(moment_parse("2024-02-30", "%Y-%m-%d", &at, &why), 0);
    assert_string_equal(moment_fault(&at), "day is out of range for month");
    assert_int_equal(moment_parse("2024", "%Y-%m-%d", &at, &why), -1);
    assert_string_equal(buf_str(&why),
                        "time data '2024' does not match format '%Y-%m-%d'");
    buf_fini(&why);
    assert_false(moment_parse_iso("2024-1-2x", MOMENT_ISO_DATE, &at));
    assert_false(moment_zone_exists("../etc/passwd"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_seed_types),
        cmocka_unit_test(test_seed_shapes),
        cmocka_unit_test(test_inject),
        cmocka_unit_test(test_moments),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
