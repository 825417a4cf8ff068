#include "config.h"

#include <ctype.h>
#include <string.h>

#include "base/str.h"
#include "sandbox/execute_impl.h"
#include "sql/type_rules.h"

/* Types of results: a root, an argument's, or the common type of all arguments. */
enum result { RESULT_ROOT, RESULT_ARG0, RESULT_ARG1, RESULT_MERGE };

/* Functions that become a call of the same shape. */
static const struct {
    const char *name;
    const char *sql;
    enum result result;
    enum sql_type_root root;
} functions[] = {
    {"UPPER", "upper", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"LOWER", "lower", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"CHAR_LENGTH", "length", RESULT_ROOT, SQL_TYPE_INT},
    {"CHARACTER_LENGTH", "length", RESULT_ROOT, SQL_TYPE_INT},
    {"LENGTH", "length", RESULT_ROOT, SQL_TYPE_INT},
    {"SUBSTRING", "substr", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"SUBSTR", "substr", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"REPLACE", "replace", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"LTRIM", "ltrim", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"RTRIM", "rtrim", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"BTRIM", "trim", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"INSTR", "instr", RESULT_ROOT, SQL_TYPE_INT},
    {"POWER", "pow", RESULT_ROOT, SQL_TYPE_DOUBLE},
    {"SQRT", "sqrt", RESULT_ROOT, SQL_TYPE_DOUBLE},
    {"LN", "ln", RESULT_ROOT, SQL_TYPE_DOUBLE},
    {"LOG10", "log10", RESULT_ROOT, SQL_TYPE_DOUBLE},
    {"LOG2", "log2", RESULT_ROOT, SQL_TYPE_DOUBLE},
    {"EXP", "exp", RESULT_ROOT, SQL_TYPE_DOUBLE},
    {"SIN", "sin", RESULT_ROOT, SQL_TYPE_DOUBLE},
    {"COS", "cos", RESULT_ROOT, SQL_TYPE_DOUBLE},
    {"TAN", "tan", RESULT_ROOT, SQL_TYPE_DOUBLE},
    {"ASIN", "asin", RESULT_ROOT, SQL_TYPE_DOUBLE},
    {"ACOS", "acos", RESULT_ROOT, SQL_TYPE_DOUBLE},
    {"ATAN", "atan", RESULT_ROOT, SQL_TYPE_DOUBLE},
    {"ATAN2", "atan2", RESULT_ROOT, SQL_TYPE_DOUBLE},
    {"SINH", "sinh", RESULT_ROOT, SQL_TYPE_DOUBLE},
    {"COSH", "cosh", RESULT_ROOT, SQL_TYPE_DOUBLE},
    {"TANH", "tanh", RESULT_ROOT, SQL_TYPE_DOUBLE},
    {"DEGREES", "degrees", RESULT_ROOT, SQL_TYPE_DOUBLE},
    {"RADIANS", "radians", RESULT_ROOT, SQL_TYPE_DOUBLE},
    {"PI", "pi", RESULT_ROOT, SQL_TYPE_DOUBLE},
    {"COALESCE", "coalesce", RESULT_MERGE, SQL_TYPE_UNKNOWN},
    {"IFNULL", "ifnull", RESULT_MERGE, SQL_TYPE_UNKNOWN},
    {"GREATEST", "max", RESULT_MERGE, SQL_TYPE_UNKNOWN},
    {"LEAST", "min", RESULT_MERGE, SQL_TYPE_UNKNOWN},
    {"CONCAT", "fl_concat", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"CONCAT_WS", "fl_concat_ws", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"LPAD", "fl_lpad", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"RPAD", "fl_rpad", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"LEFT", "fl_left", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"RIGHT", "fl_right", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"REVERSE", "fl_reverse", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"REPEAT", "fl_repeat", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"INITCAP", "fl_initcap", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"SPLIT_INDEX", "fl_split_index", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"REGEXP_REPLACE", "fl_regexp_replace", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"REGEXP_EXTRACT", "fl_regexp_extract", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"REGEXP", "fl_regexp", RESULT_ROOT, SQL_TYPE_BOOLEAN},
    {"REGEXP_COUNT", "fl_regexp_count", RESULT_ROOT, SQL_TYPE_INT},
    {"REGEXP_INSTR", "fl_regexp_instr", RESULT_ROOT, SQL_TYPE_INT},
    {"REGEXP_SUBSTR", "fl_regexp_extract", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"TO_BASE64", "fl_to_base64", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"FROM_BASE64", "fl_from_base64", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"URL_ENCODE", "fl_url_encode", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"URL_DECODE", "fl_url_decode", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"CONVERT_TZ", "fl_convert_tz", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"SHA1", "fl_sha1", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"SHA224", "fl_sha224", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"SHA384", "fl_sha384", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"SHA512", "fl_sha512", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"MD5", "fl_md5", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"SHA256", "fl_sha256", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"ASCII", "unicode", RESULT_ROOT, SQL_TYPE_INT},
    {"CHR", "char", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"JSON_VALUE", "fl_json_value", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"PARSE_JSON", "fl_parse_json", RESULT_ROOT, SQL_TYPE_VARIANT},
    {"TRY_PARSE_JSON", "fl_try_parse_json", RESULT_ROOT, SQL_TYPE_VARIANT},
    {"JSON_QUERY", "fl_json_query", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"JSON_EXISTS", "fl_json_exists", RESULT_ROOT, SQL_TYPE_BOOLEAN},
    {"JSON_STRING", "fl_json_string", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"JSON_QUOTE", "json_quote", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"CARDINALITY", "json_array_length", RESULT_ROOT, SQL_TYPE_INT},
    {"UNIX_TIMESTAMP", "fl_unix_timestamp", RESULT_ROOT, SQL_TYPE_BIGINT},
    {"FROM_UNIXTIME", "fl_from_unixtime", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"DATE_FORMAT", "fl_date_format", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"TO_TIMESTAMP", "fl_to_timestamp", RESULT_ROOT, SQL_TYPE_TIMESTAMP},
    {"TO_TIMESTAMP_LTZ", "fl_to_timestamp_ltz", RESULT_ROOT, SQL_TYPE_TIMESTAMP_LTZ},
    {"TO_DATE", "fl_to_date", RESULT_ROOT, SQL_TYPE_DATE},
    {"SOURCE_WATERMARK", "NULL", RESULT_ROOT, SQL_TYPE_TIMESTAMP_LTZ},
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

static const char *name_of(const struct sql_expr *expr)
{
    return expr->name.count > 0 ? expr->name.parts[expr->name.count - 1].text : "";
}

/*
 * Functions that become an expression: $1, $2 … are the arguments, $* all of them. They
 * give NULL when the first argument is.
 */
static const struct {
    const char *name;
    int min;
    int max;
    const char *sql;
    enum result result;
    enum sql_type_root root;
} templates[] = {
#define EACH(what) "(SELECT json_group_array(" what ") FROM "
    {"E", 0, 0, "2.718281828459045", RESULT_ROOT, SQL_TYPE_DOUBLE},
    {"COT", 1, 1, "(1.0/tan($1))", RESULT_ROOT, SQL_TYPE_DOUBLE},
    {"LOG", 1, 1, "ln($1)", RESULT_ROOT, SQL_TYPE_DOUBLE},
    {"LOG", 2, 2, "(ln($2)/ln($1))", RESULT_ROOT, SQL_TYPE_DOUBLE},
    {"RAND", 0, 1, "((random()&4503599627370495)/4503599627370496.0)", RESULT_ROOT,
     SQL_TYPE_DOUBLE},
    {"RAND_INTEGER", 1, 1, "abs(random()%$1)", RESULT_ROOT, SQL_TYPE_INT},
    {"RAND_INTEGER", 2, 2, "abs(random()%$2)", RESULT_ROOT, SQL_TYPE_INT},
    {"UUID", 0, 0,
     "lower(hex(randomblob(4))||'-'||hex(randomblob(2))||'-4'||substr(hex(randomblob(2)"
     "),2)||'-a'||substr(hex(randomblob(2)),2)||'-'||hex(randomblob(6)))",
     RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"STARTSWITH", 2, 2, "(substr($1,1,length($2))=$2)", RESULT_ROOT, SQL_TYPE_BOOLEAN},
    {"ENDSWITH", 2, 2, "(length($2)=0 OR substr($1,-length($2))=$2)", RESULT_ROOT,
     SQL_TYPE_BOOLEAN},
    {"LOCATE", 3, 3, "iif(instr(substr($2,$3),$1)=0,0,instr(substr($2,$3),$1)+$3-1)",
     RESULT_ROOT, SQL_TYPE_INT},
    {"OVERLAY", 3, 3, "(substr($1,1,$3-1)||$2||substr($1,$3+length($2)))", RESULT_ROOT,
     SQL_TYPE_VARCHAR},
    {"OVERLAY", 4, 4, "(substr($1,1,$3-1)||$2||substr($1,$3+$4))", RESULT_ROOT,
     SQL_TYPE_VARCHAR},
    {"ELT", 2, 99, "json_extract(json_array($*),'$['||$1||']')", RESULT_ROOT,
     SQL_TYPE_VARCHAR},
    {"BIN", 1, 1, "fl_bin($1)", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"HEX", 1, 1, "fl_hex($1)", RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"IS_DECIMAL", 1, 1, "(fl_try_cast($1,3,0,7,38,18) IS NOT NULL)", RESULT_ROOT,
     SQL_TYPE_BOOLEAN},
    {"IS_DIGIT", 1, 1, "($1 GLOB '[0-9]*' AND NOT $1 GLOB '*[^0-9]*')", RESULT_ROOT,
     SQL_TYPE_BOOLEAN},
    {"IS_ALPHA", 1, 1, "($1 GLOB '[A-Za-z]*' AND NOT $1 GLOB '*[^A-Za-z]*')",
     RESULT_ROOT, SQL_TYPE_BOOLEAN},
    {"ARRAY_CONTAINS", 2, 2, "($2 IN (SELECT value FROM json_each($1)))", RESULT_ROOT,
     SQL_TYPE_BOOLEAN},
    {"ARRAY_POSITION", 2, 2,
     "ifnull((SELECT min(key)+1 FROM json_each($1) WHERE value = $2),0)", RESULT_ROOT,
     SQL_TYPE_INT},
    {"ARRAY_JOIN", 2, 2,
     "(SELECT group_concat(value,$2) FROM json_each($1) WHERE value IS NOT NULL)",
     RESULT_ROOT, SQL_TYPE_VARCHAR},
    {"ARRAY_JOIN", 3, 3,
     "(SELECT group_concat(ifnull(value,$3),$2) FROM json_each($1))", RESULT_ROOT,
     SQL_TYPE_VARCHAR},
    {"ARRAY_MAX", 1, 1, "(SELECT max(value) FROM json_each($1))", RESULT_ARG0,
     SQL_TYPE_ARRAY},
    {"ARRAY_MIN", 1, 1, "(SELECT min(value) FROM json_each($1))", RESULT_ARG0,
     SQL_TYPE_ARRAY},
    {"ELEMENT", 1, 1, "json_extract($1,'$[0]')", RESULT_ARG0, SQL_TYPE_ARRAY},
    {"ARRAY_APPEND", 2, 2, "json_insert($1,'$[#]',$2)", RESULT_ARG0, SQL_TYPE_UNKNOWN},
    {"ARRAY_PREPEND", 2, 2,
     EACH("value") "(SELECT $2 AS value UNION ALL SELECT value FROM json_each($1)))",
     RESULT_ARG0, SQL_TYPE_UNKNOWN},
    {"ARRAY_CONCAT", 2, 2,
     EACH("value") "(SELECT value FROM json_each($1) UNION ALL SELECT value FROM "
                   "json_each($2)))",
     RESULT_ARG0, SQL_TYPE_UNKNOWN},
    {"ARRAY_DISTINCT", 1, 1,
     EACH("value") "(SELECT value FROM json_each($1) GROUP BY value ORDER BY "
                   "min(key)))",
     RESULT_ARG0, SQL_TYPE_UNKNOWN},
    {"ARRAY_REMOVE", 2, 2,
     EACH("value") "(SELECT value FROM json_each($1) WHERE value IS NOT $2))",
     RESULT_ARG0, SQL_TYPE_UNKNOWN},
    {"ARRAY_REVERSE", 1, 1,
     EACH("value") "(SELECT value FROM json_each($1) ORDER BY key DESC))", RESULT_ARG0,
     SQL_TYPE_UNKNOWN},
    {"ARRAY_SORT", 1, 1,
     EACH("value") "(SELECT value FROM json_each($1) ORDER BY value))", RESULT_ARG0,
     SQL_TYPE_UNKNOWN},
    {"ARRAY_SLICE", 3, 3,
     EACH("value") "(SELECT value FROM json_each($1) WHERE key+1 BETWEEN $2 AND $3))",
     RESULT_ARG0, SQL_TYPE_UNKNOWN},
    {"ARRAY_UNION", 2, 2,
     EACH("value") "(SELECT value, min(o) FROM (SELECT value, key AS o FROM "
                   "json_each($1) UNION ALL SELECT value, key+1e9 FROM json_each($2)) "
                   "GROUP BY value ORDER BY 2))",
     RESULT_ARG0, SQL_TYPE_UNKNOWN},
    {"ARRAY_INTERSECT", 2, 2,
     EACH("value") "(SELECT value FROM json_each($1) WHERE value IN (SELECT value FROM "
                   "json_each($2)) GROUP BY value ORDER BY min(key)))",
     RESULT_ARG0, SQL_TYPE_UNKNOWN},
    {"ARRAY_EXCEPT", 2, 2,
     EACH("value") "(SELECT value FROM json_each($1) WHERE value NOT IN (SELECT value "
                   "FROM json_each($2)) GROUP BY value ORDER BY min(key)))",
     RESULT_ARG0, SQL_TYPE_UNKNOWN},
    {"MAP_KEYS", 1, 1, EACH("json_extract(value,'$[0]')") "json_each($1))", RESULT_ROOT,
     SQL_TYPE_MAP},
    {"MAP_VALUES", 1, 1, EACH("json_extract(value,'$[1]')") "json_each($1))",
     RESULT_ROOT, SQL_TYPE_MULTISET},
    {"SPLIT", 2, 2, "fl_split($1,$2)", RESULT_ROOT, SQL_TYPE_ARRAY},
    {"REGEXP_EXTRACT_ALL", 2, 3, "fl_regexp_extract_all($*)", RESULT_ROOT,
     SQL_TYPE_ARRAY},
    {"CURRENT_WATERMARK", 1, 1, "NULL", RESULT_ROOT, SQL_TYPE_TIMESTAMP_LTZ},
#undef EACH
};

struct args {
    const char **sql;
    const struct sql_type **types;
    size_t count;
};

static int read_args(struct xlate *x, const struct xscope *scope,
                     const struct sql_expr *expr, struct args *args)
{
    args->count = expr->arg_count;
    args->sql = arena_array(x->arena, const char *, args->count + 1);
    args->types = arena_array(x->arena, const struct sql_type *, args->count + 1);
    for (size_t i = 0; i < args->count; i++) {
        if (xlate_sub(x, scope, expr->args[i], &args->sql[i], &args->types[i]) != 0) {
            return -1;
        }
    }
    args->types[args->count] = sql_type_unknown();
    return 0;
}

/* The common type of all arguments, which are made to be of it. */
static const struct sql_type *merge_args(struct xlate *x, struct args *args)
{
    const struct sql_type *all = args->count > 0 ? args->types[0] : sql_type_unknown();
    for (size_t i = 1; i < args->count; i++) {
        const struct sql_type *both = sql_type_merge(x->arena, all, args->types[i]);
        all = both != NULL ? both : all;
    }
    for (size_t i = 0; i < args->count; i++) {
        args->sql[i] = xlate_as(x, args->sql[i], args->types[i], all);
    }
    return all;
}

/* DECIMAL arguments of functions that know none: as floating or as text. */
static void plain_args(struct xlate *x, struct args *args, enum sql_type_root result)
{
    for (size_t i = 0; i < args->count; i++) {
        if (!sql_type_is(args->types[i], SQL_TYPE_DECIMAL)) {
            continue;
        }
        args->sql[i] = result == SQL_TYPE_VARCHAR || result == SQL_TYPE_VARIANT
                           ? arena_printf(x->arena, "fl_dec_text(%s,%d)", args->sql[i],
                                          args->types[i]->scale)
                           : xlate_double(x, args->sql[i], args->types[i]);
    }
}

static int call_plain(struct xlate *x, const struct xscope *scope,
                      const struct sql_expr *expr, size_t at, struct buf *out,
                      const struct sql_type **type)
{
    struct args args;
    const char *sql = functions[at].sql;
    if (strcmp(sql, "NULL") == 0) {
        buf_adds(out, "NULL");
        return 0;
    }
    if (read_args(x, scope, expr, &args) != 0) {
        return -1;
    }
    switch (functions[at].result) {
    case RESULT_ROOT:
        *type = xlate_type(x, functions[at].root);
        plain_args(x, &args, functions[at].root);
        break;
    case RESULT_MERGE:
        *type = merge_args(x, &args);
        break;
    case RESULT_ARG1:
        *type = args.types[args.count > 1 ? 1 : 0];
        break;
    default:
        *type = args.types[0];
        break;
    }
    buf_addf(out, "%s(", sql);
    for (size_t i = 0; i < args.count; i++) {
        buf_addf(out, "%s%s", i > 0 ? "," : "", args.sql[i]);
    }
    /* SQLite's want two arguments at least */
    bool pair = functions[at].result == RESULT_MERGE && args.count == 1;
    buf_adds(out, pair ? ",NULL)" : ")");
    return 0;
}

static const struct sql_type *template_type(struct xlate *x, size_t at,
                                            const struct sql_type *first)
{
    const struct sql_type *unknown = sql_type_unknown();
    if (templates[at].result == RESULT_ARG0) {
        bool element = templates[at].root == SQL_TYPE_ARRAY;
        return !element ? first : first->element != NULL ? first->element : unknown;
    }
    switch (templates[at].root) {
    case SQL_TYPE_MAP:
        return sql_type_array(x->arena, first->key != NULL ? first->key : unknown,
                              true);
    case SQL_TYPE_MULTISET:
        return sql_type_array(x->arena,
                              first->element != NULL ? first->element : unknown, true);
    case SQL_TYPE_ARRAY:
        return sql_type_array(x->arena, xlate_type(x, SQL_TYPE_VARCHAR), true);
    default:
        return xlate_type(x, templates[at].root);
    }
}

static int call_template(struct xlate *x, const struct xscope *scope,
                         const struct sql_expr *expr, size_t at, struct buf *out,
                         const struct sql_type **type)
{
    struct args args;
    if (read_args(x, scope, expr, &args) != 0) {
        return -1;
    }
    *type = template_type(x, at, args.types[0]);
    if (templates[at].result == RESULT_ROOT) {
        plain_args(x, &args, templates[at].root);
    }
    buf_adds(out, "(CASE WHEN ");
    buf_addf(out, "%s IS NOT NULL THEN ", args.count > 0 ? args.sql[0] : "0");
    for (const char *c = templates[at].sql; *c != '\0'; c++) {
        if (c[0] == '$' && c[1] == '*') {
            for (size_t i = 0; i < args.count; i++) {
                buf_addf(out, "%s%s", i > 0 ? "," : "", args.sql[i]);
            }
            c++;
        } else if (c[0] == '$' && c[1] >= '1' && c[1] <= '9') {
            buf_adds(out, args.sql[*++c - '1']);
        } else {
            buf_addc(out, *c);
        }
    }
    buf_adds(out, " END)");
    return 0;
}

int xlate_call(struct xlate *x, const struct xscope *scope, const struct sql_expr *expr,
               struct buf *out, const struct sql_type **type)
{
    char name[64];
    str_copy(name, sizeof(name), name_of(expr));
    for (char *c = name; *c != '\0'; c++) {
        *c = (char)toupper((unsigned char)*c);
    }
    int rc = xlate_aggregate(x, scope, expr, name, out, type);
    if (rc != 1) {
        return rc;
    }
    for (size_t i = 0; i < COUNT(functions); i++) {
        if (strcmp(functions[i].name, name) == 0) {
            return call_plain(x, scope, expr, i, out, type);
        }
    }
    for (size_t i = 0; i < COUNT(templates); i++) {
        if (strcmp(templates[i].name, name) == 0 &&
            expr->arg_count >= (size_t)templates[i].min &&
            expr->arg_count <= (size_t)templates[i].max) {
            return call_template(x, scope, expr, i, out, type);
        }
    }
    return xlate_special(x, scope, expr, name, out, type);
}
