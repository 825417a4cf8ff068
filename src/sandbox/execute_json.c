/* Flink's functions of JSON, for SQLite. */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "sandbox/execute_impl.h"
#include "value/json.h"

/* The value at a path "$.a.b[0]['c']"; "lax " and "strict " before it are passed over.
 * False when there is nothing. */
static bool find_path(struct arena *arena, sqlite3_value **args, struct value *v)
{
    struct err err = {0};
    const char *text = func_text(args[0]);
    const char *path = func_text(args[1]);
    path += strncmp(path, "lax ", 4) == 0      ? 4
            : strncmp(path, "strict ", 7) == 0 ? 7
                                               : 0;
    if (json_parse(text, strlen(text), "JSON", arena, v, &err) != 0) {
        err_clear(&err);
        return false;
    }
    path += *path == '$' ? 1 : 0;
    while (*path == '.' || *path == '[') {
        if (path[0] == '[' && path[1] == '\'') {
            size_t len = strcspn(path + 2, "'");
            *v = value_dict_get_n(*v, path + 2, len);
            path += len + 2;
            path += *path == '\'' ? 1 : 0;
        } else {
            size_t len = strcspn(path + 1, ".[]");
            *v = *path == '.' ? value_dict_get_n(*v, path + 1, len)
                              : value_list_at(*v, strtoul(path + 1, NULL, 10));
            path += len + 1;
        }
        path += *path == ']' ? 1 : 0;
    }
    return *path == '\0' && !value_is(*v, VALUE_UNDEFINED);
}

/* JSON_VALUE: scalars only, booleans as words. */
static void fl_json_value(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    struct arena arena = {0};
    struct value v;
    struct err err = {0};
    if (func_null(count, args)) {
        return;
    }
    if (find_path(&arena, args, &v)) {
        if (value_is(v, VALUE_BOOL)) {
            sqlite3_result_text(ctx, v.as.b ? "true" : "false", -1, SQLITE_STATIC);
        } else if (value_is_str(v)) {
            sqlite3_result_text(ctx, v.as.s, (int)v.len, SQLITE_TRANSIENT);
        } else if (value_is(v, VALUE_INT) || value_is(v, VALUE_FLOAT)) {
            struct buf out = BUF_INIT;
            json_write(v, 0, &out, &err);
            func_give(ctx, &out);
        }
    }
    arena_fini(&arena);
}

/* JSON_QUERY: objects and arrays only. */
static void fl_json_query(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    struct arena arena = {0};
    struct value v;
    struct err err = {0};
    struct buf out = BUF_INIT;
    if (func_null(count, args)) {
        return;
    }
    if (find_path(&arena, args, &v) &&
        (value_is(v, VALUE_LIST) || value_is(v, VALUE_DICT))) {
        json_write(v, JSON_COMPACT, &out, &err);
        func_give(ctx, &out);
    }
    arena_fini(&arena);
}

static void fl_json_exists(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    struct arena arena = {0};
    struct value v;
    if (!func_null(count, args)) {
        sqlite3_result_int(ctx, find_path(&arena, args, &v));
        arena_fini(&arena);
    }
}

/* A value of SQLite as JSON: kind 1 is JSON already, 2 a boolean. */
static void add_json(sqlite3_value *v, int kind, struct buf *out)
{
    const char *text = func_text(v);
    if (sqlite3_value_type(v) == SQLITE_NULL) {
        buf_adds(out, "null");
    } else if (kind == 2) {
        buf_adds(out, sqlite3_value_int(v) != 0 ? "true" : "false");
    } else if (kind == 0 && sqlite3_value_type(v) == SQLITE_TEXT) {
        json_write_str(text, strlen(text), 0, out);
    } else {
        buf_adds(out, text);
    }
}

static void fl_json_string(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    struct buf out = BUF_INIT;
    if (!func_null(count, args)) {
        add_json(args[0], 0, &out);
        func_give(ctx, &out);
    }
}

/* (flags, value, kind, value, kind …): flag 1 makes an object of keys and values, 2
 * leaves NULLs out */
static void fl_json_make(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    struct buf out = BUF_INIT;
    int flags = sqlite3_value_int(args[0]);
    bool object = (flags & 1) != 0;
    buf_addc(&out, object ? '{' : '[');
    for (int i = 1; i + 1 < count; i += 2) {
        int value = object ? i + 2 : i;
        if (value + 1 >= count) {
            break;
        }
        if ((flags & 2) == 0 || sqlite3_value_type(args[value]) != SQLITE_NULL) {
            buf_adds(&out, out.len > 1 ? "," : "");
            if (object) {
                add_json(args[i], 0, &out);
                buf_addc(&out, ':');
            }
            add_json(args[value], sqlite3_value_int(args[value + 1]), &out);
        }
        i = object ? i + 2 : i;
    }
    buf_addc(&out, object ? '}' : ']');
    func_give(ctx, &out);
}

static void fl_parse_json(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    if (func_null(count, args)) {
        return;
    }
    if (variant_is_valid(func_text(args[0]))) {
        sqlite3_result_value(ctx, args[0]);
    } else {
        sqlite3_result_error(ctx, "Failed to parse json string", -1);
    }
}

static void fl_try_parse_json(sqlite3_context *ctx, int count, sqlite3_value **args)
{
    if (!func_null(count, args) && variant_is_valid(func_text(args[0]))) {
        sqlite3_result_value(ctx, args[0]);
    }
}

int execute_json_functions(sqlite3 *handle)
{
    static const struct xfunction functions[] = {
        {"fl_json_value", -1, fl_json_value},
        {"fl_json_query", -1, fl_json_query},
        {"fl_json_exists", 2, fl_json_exists},
        {"fl_json_string", 1, fl_json_string},
        {"fl_json_make", -1, fl_json_make},
        {"fl_parse_json", 1, fl_parse_json},
        {"fl_try_parse_json", 1, fl_try_parse_json},
    };
    return execute_add_functions(handle, functions,
                                 sizeof(functions) / sizeof(*functions));
}
