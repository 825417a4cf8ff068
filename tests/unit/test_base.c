#include "config.h"

#include "cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/diff.h"
#include "base/err.h"
#include "base/map.h"
#include "base/path.h"
#include "base/str.h"
#include "base/term.h"

static void test_err_first_wins(void **state)
{
    struct err err = {0};

    (void)state;
    assert_int_equal(err_set(&err, ERR_SQL, "first %d", 1), -1);
    err_set(&err, ERR_IO, "second");
    err_wrap(&err, "model %s", "orders");
    assert_int_equal(err.code, ERR_SQL);
    assert_string_equal(err.msg, "model orders: first 1");
}

static void test_err_caret(void **state)
{
    struct err err = {0};
    const char *text = "a\nbé\033c\n";
    char *out = NULL;
    size_t size = 0;

    (void)state;
    err_set(&err, ERR_PROJECT, "bad \033[31m");
    err_at_offset(&err, "x.yml", text, strlen(text), 5);
    err_hint(&err, "mend it");
    FILE *stream = open_memstream(&out, &size);
    err_print(&err, stream, false);
    fclose(stream);
    assert_string_equal(out, "error: bad ?[31m\n  --> x.yml:2:3\n    2 | bé?c\n"
                             "          ^\nhint: mend it\n");
    free(out);
}

static void test_buf_ceiling(void **state)
{
    struct buf buf;

    (void)state;
    buf_init(&buf, 8);
    buf_adds(&buf, "12345");
    buf_adds(&buf, "67890");
    assert_true(buf.overflow);
    assert_string_equal(buf_str(&buf), "12345");
    buf_reset(&buf);
    buf_addf(&buf, "%d-%s", 7, "x");
    assert_string_equal(buf_str(&buf), "7-x");
    buf_fini(&buf);
}

static void test_arena_rewind(void **state)
{
    struct arena arena = {0};

    (void)state;
    char *a = arena_strdup(&arena, "kept");
    struct arena_mark mark = arena_mark(&arena);
    for (int i = 0; i < 1000; i++) {
        arena_alloc(&arena, 1000);
    }
    arena_rewind(&arena, mark);
    assert_string_equal(a, "kept");
    assert_true(arena.total < 100);
    char *p = arena_alloc(&arena, 10);
    memcpy(p, "123456789", 10);
    char *q = arena_realloc(&arena, p, 10, 100);
    assert_ptr_equal(p, q);
    arena_fini(&arena);
}

static void test_map_order_and_growth(void **state)
{
    struct map map = {0};
    struct arena arena = {0};

    (void)state;
    for (intptr_t i = 1; i <= 5000; i++) {
        assert_null(map_put(&map, arena_printf(&arena, "key%d", (int)i), (void *)i));
    }
    for (intptr_t i = 1; i <= 5000; i++) {
        char key[32];
        snprintf(key, sizeof(key), "key%d", (int)i);
        assert_int_equal((intptr_t)map_get(&map, key), i);
        assert_string_equal(map.entries[i - 1].key, key);
    }
    assert_null(map_get(&map, "key0"));
    assert_int_equal((intptr_t)map_put(&map, "key7", (void *)1), 7);
    map_fini(&map);
    arena_fini(&arena);
}

static void test_path_write_is_whole(void **state)
{
    char dir[] = "/tmp/cflowsh-test-XXXXXX";
    struct arena arena = {0};
    struct buf buf = BUF_INIT;
    struct err err = {0};
    struct path_list list;

    (void)state;
    assert_non_null(mkdtemp(dir));
    char *sub = path_join(&arena, dir, "a/b");
    char *file = path_join(&arena, sub, "f.txt");
    assert_int_equal(path_mkdirs(sub, &err), 0);
    assert_int_equal(path_write(file, "one", 3, 0600, &err), 0);
    assert_int_equal(path_write(file, "two!", 4, 0600, &err), 0);
    assert_int_equal(path_read(file, 0, &buf, &err), 0);
    assert_string_equal(buf_str(&buf), "two!");
    assert_int_equal(path_list(sub, &arena, &list, &err), 0);
    assert_int_equal(list.count, 1);
    assert_int_equal(path_read(sub, 0, &buf, &err), -1);
    assert_int_equal(err.code, ERR_IO);
    err_clear(&err);
    assert_int_equal(path_read(file, 2, &buf, &err), -1);
    assert_int_equal(err.code, ERR_LIMIT);
    unlink(file);
    rmdir(sub);
    rmdir(path_dir(&arena, sub));
    rmdir(dir);
    buf_fini(&buf);
    arena_fini(&arena);
}

static void test_str_nearest(void **state)
{
    static const char *const words[] = {"connector", "with", "on_schema_drift"};

    (void)state;
    assert_string_equal(str_nearest("conector", words, 3), "connector");
    assert_string_equal(str_nearest("on_shema_drift", words, 3), "on_schema_drift");
    assert_null(str_nearest("zebra", words, 3));
}

static void test_str_width(void **state)
{
    (void)state;
    assert_int_equal(str_width("abc", 3), 3);
    assert_int_equal(str_width("日本", strlen("日本")), 4);
    assert_int_equal(str_fit("日本x", strlen("日本x"), 3), 3);
    assert_int_equal(str_width("e\xcc\x81", 3), 1);
}

static void test_clock(void **state)
{
    char text[CLOCK_ISO_SIZE];

    (void)state;
    clock_iso(1767323045678, text);
    assert_string_equal(text, "2026-01-02T03:04:05.678Z");
    assert_int_equal(clock_parse_iso("2026-01-02T03:04:05.678Z"), 1767323045678);
    assert_int_equal(clock_parse_iso("2026-01-02T05:04:05+02:00"), 1767323045000);
    assert_int_equal(clock_parse_iso("yesterday"), -1);
    clock_duration(245000, text);
    assert_string_equal(text, "4m05s");
}

static void test_term_sanitize(void **state)
{
    char out[64];

    (void)state;
    term_sanitize("a\033[31m\tb\xc2\x9b\n", 11, false, out, sizeof(out));
    assert_string_equal(out, "a\\x1b[31m\\x09b\\x9b\\x0a");
}

static void add_line(void *context, enum diff_kind kind, const char *line, size_t len)
{
    buf_addc(context, " -+"[kind]);
    buf_add(context, line, len);
    buf_addc(context, '\n');
}

static void test_diff_lines(void **state)
{
    struct buf out = BUF_INIT;

    (void)state;
    diff_lines("a\nb\nc\nd", "a\nx\nc\nd\ne\n", add_line, &out);
    assert_string_equal(buf_str(&out), " a\n-b\n+x\n c\n d\n+e\n");
    buf_reset(&out);
    diff_lines("", "a\n", add_line, &out);
    assert_string_equal(buf_str(&out), "+a\n");
    buf_fini(&out);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_err_first_wins),
        cmocka_unit_test(test_err_caret),
        cmocka_unit_test(test_buf_ceiling),
        cmocka_unit_test(test_arena_rewind),
        cmocka_unit_test(test_map_order_and_growth),
        cmocka_unit_test(test_path_write_is_whole),
        cmocka_unit_test(test_str_nearest),
        cmocka_unit_test(test_str_width),
        cmocka_unit_test(test_clock),
        cmocka_unit_test(test_term_sanitize),
        cmocka_unit_test(test_diff_lines),
    };

    return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
