#include "config.h"

#include "sql/functions.h"

#include <strings.h>

#include "base/str.h"

#define FLINK     SQL_FN_FLINK
#define AGGREGATE SQL_FN_AGGREGATE
#define OVER      SQL_FN_OVER
#define MATCH     SQL_FN_MATCH
#define WINDOW    SQL_FN_WINDOW
#define BARE      SQL_FN_BARE
#define REFUSED   SQL_FN_REFUSED
#define FN(name, args, gives, nulls, flags, size)                                      \
    {                                                                                  \
        name, args, SQL_GIVES_##gives, SQL_NULL_##nulls, flags, size                   \
    }

/* Sorted by name. */
static const struct sql_builtin BUILTINS[] = {
    /* clang-format off */
    FN("ABS", "N|J", ARG, ARGS, 0, 0),
    FN("ACOS", "N", DOUBLE, ARGS, 0, 0),
    FN("APPROX_COUNT_DISTINCT", "x+", BIGINT, NEVER, AGGREGATE | REFUSED, 0),
    FN("ARRAY_AGG", "x", ARRAY_OF, ARGS, AGGREGATE, 0),
    FN("ARRAY_APPEND", "AX", ARRAY_EXTEND, ARGS, FLINK, 0),
    FN("ARRAY_CONCAT", "A+", ARRAY_MERGE, ARGS, FLINK, 0),
    FN("ARRAY_CONTAINS", "AX", BOOLEAN, FIRST, FLINK, 0),
    FN("ARRAY_DISTINCT", "A", ARG, ARGS, FLINK, 0),
    FN("ARRAY_EXCEPT", "AA", ARRAY_MERGE, ARGS, FLINK, 0),
    FN("ARRAY_INTERSECT", "AA", ARRAY_MERGE, ARGS, FLINK, 0),
    FN("ARRAY_JOIN", "tC|tCC", STRING, ARGS, FLINK, 0),
    FN("ARRAY_MAX", "o", ELEMENT, ALWAYS, FLINK, 0),
    FN("ARRAY_MIN", "o", ELEMENT, ALWAYS, FLINK, 0),
    FN("ARRAY_POSITION", "AX", INT, ARGS, FLINK, 0),
    FN("ARRAY_PREPEND", "AX", ARRAY_EXTEND, ARGS, FLINK, 0),
    FN("ARRAY_REMOVE", "AX", ARG, FIRST, FLINK, 0),
    FN("ARRAY_REVERSE", "A", ARG, ARGS, FLINK, 0),
    FN("ARRAY_SLICE", "Ai|Aii", ARG, ARGS, FLINK, 0),
    FN("ARRAY_SORT", "o|oO|oOO", ARG, ARGS, FLINK, 0),
    FN("ARRAY_UNION", "AA", ARRAY_MERGE, ARGS, FLINK, 0),
    FN("ASCII", "C", INT, ARGS, 0, 0),
    FN("ASIN", "N", DOUBLE, ARGS, 0, 0),
    FN("ATAN", "N", DOUBLE, ARGS, 0, 0),
    FN("ATAN2", "NN", DOUBLE, ARGS, 0, 0),
    FN("AVG", "N", AVG, GROUP, AGGREGATE, 0),
    FN("BIN", "I", STRING, ARGS, 0, 0),
    FN("BITMAP_AND", "BB", BITMAP, ARGS, FLINK, 0),
    FN("BITMAP_AND_AGG", "B", BITMAP, ALWAYS, FLINK | AGGREGATE, 0),
    FN("BITMAP_AND_CARDINALITY_AGG", "B", BIGINT, ALWAYS, FLINK | AGGREGATE, 0),
    FN("BITMAP_ANDNOT", "BB", BITMAP, ARGS, FLINK, 0),
    FN("BITMAP_BUILD", "j", BITMAP, ARGS, FLINK, 0),
    FN("BITMAP_BUILD_AGG", "i", BITMAP, ALWAYS, FLINK | AGGREGATE, 0),
    FN("BITMAP_BUILD_CARDINALITY_AGG", "i", BIGINT, ALWAYS, FLINK | AGGREGATE, 0),
    FN("BITMAP_CARDINALITY", "B", BIGINT, ARGS, FLINK, 0),
    FN("BITMAP_FROM_BYTES", "Y", BITMAP, ARGS, FLINK, 0),
    FN("BITMAP_OR", "BB", BITMAP, ARGS, FLINK, 0),
    FN("BITMAP_OR_AGG", "B", BITMAP, ALWAYS, FLINK | AGGREGATE, 0),
    FN("BITMAP_OR_CARDINALITY_AGG", "B", BIGINT, ALWAYS, FLINK | AGGREGATE, 0),
    FN("BITMAP_TO_ARRAY", "B", INTS, ARGS, FLINK, 0),
    FN("BITMAP_TO_BYTES", "B", BYTES, ARGS, FLINK, 0),
    FN("BITMAP_TO_STRING", "B", STRING, ARGS, FLINK, 0),
    FN("BITMAP_XOR", "BB", BITMAP, ARGS, FLINK, 0),
    FN("BITMAP_XOR_AGG", "B", BITMAP, ALWAYS, FLINK | AGGREGATE, 0),
    FN("BITMAP_XOR_CARDINALITY_AGG", "B", BIGINT, ALWAYS, FLINK | AGGREGATE, 0),
    FN("BTRIM", "C|CC", STRING, ARGS, FLINK, 0),
    FN("CARDINALITY", "Z", INT, ARGS, 0, 0),
    FN("CEIL", "N|DK", CEIL, ARGS, 0, 0),
    FN("CEILING", "N|DK", CEIL, ARGS, 0, 0),
    FN("CHAR_LENGTH", "C", INT, ARGS, 0, 0),
    FN("CHARACTER_LENGTH", "C", INT, ARGS, 0, 0),
    FN("CHR", "I", STRING, ALWAYS, 0, 0),
    FN("CLASSIFIER", "", VARCHAR, NEVER, MATCH, 2000),
    FN("COALESCE", "X+", MERGE, ALL, FLINK, 0),
    FN("COLLECT", "x", MULTISET_OF, NEVER, AGGREGATE, 0),
    FN("CONCAT", "C+", STRING, ARGS, 0, 0),
    FN("CONCAT_WS", "C+", STRING, ARGS, 0, 0),
    FN("CONVERT_TZ", "CCC", STRING, ALWAYS, 0, 0),
    FN("COS", "N", DOUBLE, ARGS, 0, 0),
    FN("COSH", "N", DOUBLE, ARGS, 0, 0),
    FN("COT", "N", DOUBLE, ARGS, 0, 0),
    FN("COUNT", "x+", BIGINT, NEVER, AGGREGATE, 0),
    FN("CUME_DIST", "", DOUBLE, NEVER, OVER, 0),
    FN("CURRENT_DATABASE", "", STRING, NEVER, 0, 0),
    FN("CURRENT_DATE", "", DATE, NEVER, BARE, 0),
    FN("CURRENT_ROW_TIMESTAMP", "|I", LTZ, NEVER, 0, 3),
    FN("CURRENT_TIME", "|I", TIME, NEVER, BARE, 0),
    FN("CURRENT_TIMESTAMP", "|I", LTZ, NEVER, BARE, 3),
    FN("CURRENT_WATERMARK", "R", ARG, ALWAYS, FLINK, 0),
    FN("DATE_FORMAT", "TC|CC", STRING, ALWAYS, 0, 0),
    FN("DAYOFMONTH", "D|J", BIGINT, ARGS, 0, 0),
    FN("DAYOFWEEK", "D|J", BIGINT, ARGS, 0, 0),
    FN("DAYOFYEAR", "D|J", BIGINT, ARGS, 0, 0),
    FN("DECODE", "YC", STRING, ARGS, 0, 0),
    FN("DEGREES", "N", DOUBLE, ARGS, 0, 0),
    FN("DENSE_RANK", "", BIGINT, NEVER, OVER, 0),
    FN("E", "", DOUBLE, NEVER, 0, 0),
    FN("ELEMENT", "Z", ELEMENT, ELEMENT, 0, 0),
    FN("ELT", "IS+", MERGE, ALWAYS, FLINK, 0),
    FN("ENCODE", "CC", BYTES, ARGS, 0, 0),
    FN("ENDSWITH", "CC|YY", BOOLEAN, ARGS, FLINK, 0),
    FN("EXP", "N", DOUBLE, ARGS, 0, 0),
    FN("EXTRACT", "KD|KJ", BIGINT, ARGS, 0, 0),
    FN("FIRST", "x|xN", ARG, ARGS, MATCH, 0),
    FN("FIRST_VALUE", "x", ARG, GROUP, AGGREGATE, 0),
    FN("FLOOR", "N|DK", CEIL, ARGS, 0, 0),
    FN("FROM_BASE64", "S", STRING, ARGS, 0, 0),
    FN("FROM_UNIXTIME", "I|IC", STRING, ALWAYS, 0, 0),
    FN("GREATEST", "X+", MERGE, ARGS, FLINK, 0),
    FN("GROUP_ID", "", BIGINT, NEVER, AGGREGATE, 0),
    FN("GROUPING", "X+", BIGINT, NEVER, AGGREGATE, 0),
    FN("GROUPING_ID", "X+", BIGINT, NEVER, AGGREGATE, 0),
    FN("HASH_CODE", "H", INT, ARGS, 0, 0),
    FN("HEX", "I|C", STRING, ARGS, 0, 0),
    FN("HOP", "", UNKNOWN, ALWAYS, WINDOW, 0),
    FN("HOP_END", NULL, TIMESTAMP, NEVER, WINDOW, 3),
    FN("HOP_PROCTIME", NULL, ARG, FIRST, WINDOW, 0),
    FN("HOP_ROWTIME", NULL, ARG, FIRST, WINDOW, 0),
    FN("HOP_START", NULL, TIMESTAMP, NEVER, WINDOW, 3),
    FN("HOUR", "D|J", BIGINT, ARGS, 0, 0),
    FN("IF", "Oxx", IF, ARGS, 0, 0),
    FN("IFNULL", "XX", IFNULL, ALL, FLINK, 0),
    FN("INET_ATON", "C", BIGINT, ALWAYS, FLINK, 0),
    FN("INET_NTOA", "b", STRING, ALWAYS, FLINK, 0),
    FN("INITCAP", "C", ARG, ARGS, 0, 0),
    FN("INSTR", "CC|CCI|CCII", INT, ARGS, 0, 0),
    FN("IS_ALPHA", "n", BOOLEAN, NEVER, 0, 0),
    FN("IS_DECIMAL", "n", BOOLEAN, NEVER, 0, 0),
    FN("IS_DIGIT", "n", BOOLEAN, NEVER, 0, 0),
    FN("JSON", "C", STRING, ARGS, FLINK, 0),
    FN("JSON_ARRAY", "|X+", STRING, NEVER, FLINK, 0),
    FN("JSON_ARRAYAGG", "X", VARCHAR, NEVER, AGGREGATE | FLINK, 2000),
    FN("JSON_EXISTS", "xC", BOOLEAN, ALWAYS, 0, 0),
    FN("JSON_OBJECT", "|X+", STRING, NEVER, FLINK, 0),
    FN("JSON_OBJECTAGG", "CX", VARCHAR, NEVER, AGGREGATE | FLINK, 2000),
    FN("JSON_QUERY", "xC", JSON_RETURNING, ALWAYS, 0, 0),
    FN("JSON_QUOTE", "C", STRING, ARGS, FLINK, 0),
    FN("JSON_STRING", "s", STRING, ARGS, FLINK, 0),
    FN("JSON_UNQUOTE", "C", STRING, ARGS, FLINK, 0),
    FN("JSON_VALUE", "xC", JSON_RETURNING, ALWAYS, 0, 0),
    FN("LAG", "x|xN|xNx", LAG, ARGS, OVER, 0),
    FN("LAST", "x|xN", ARG, ARGS, MATCH, 0),
    FN("LAST_VALUE", "x", ARG, GROUP, AGGREGATE, 0),
    FN("LEAD", "x|xN|xNx", LAG, ARGS, OVER, 0),
    FN("LEAST", "X+", MERGE, ARGS, FLINK, 0),
    FN("LEFT", "CI", ARG_VARCHAR, ALWAYS, 0, 0),
    FN("LISTAGG", "C|CC", ARG, ARGS, AGGREGATE, 0),
    FN("LN", "N", DOUBLE, ARGS, 0, 0),
    FN("LOCALTIME", "|I", TIME, NEVER, BARE, 0),
    FN("LOCALTIMESTAMP", "|I", TIMESTAMP, NEVER, BARE, 3),
    FN("LOCATE", "CC|CCI", INT, ARGS, 0, 0),
    FN("LOG", "N|NN", DOUBLE, ARGS, 0, 0),
    FN("LOG10", "N", DOUBLE, ARGS, 0, 0),
    FN("LOG2", "N", DOUBLE, ARGS, 0, 0),
    FN("LOWER", "C", ARG, ARGS, 0, 0),
    FN("LPAD", "CIC", STRING, ARGS, 0, 0),
    FN("LTRIM", "C|CC", ARG_VARCHAR, ARGS, 0, 0),
    FN("MAP_ENTRIES", "M", MAP_ENTRIES, ARGS, FLINK, 0),
    FN("MAP_FROM_ARRAYS", "AA", MAP_FROM_ARRAYS, ARGS, FLINK, 0),
    FN("MAP_KEYS", "M", MAP_KEYS, ARGS, FLINK, 0),
    FN("MAP_UNION", "M+", ARRAY_MERGE, ARGS, FLINK, 0),
    FN("MAP_VALUES", "M", MAP_VALUES, ARGS, FLINK, 0),
    FN("MATCH_PROCTIME", "", LTZ, NEVER, MATCH, 3),
    FN("MATCH_ROWTIME", "|x", MATCH_ROWTIME, NEVER, MATCH, 3),
    FN("MAX", "x", ARG, GROUP, AGGREGATE, 0),
    FN("MD5", "S", CHAR, ARGS, 0, 32),
    FN("MIN", "x", ARG, GROUP, AGGREGATE, 0),
    FN("MINUTE", "D|J", BIGINT, ARGS, 0, 0),
    FN("MOD", "EE", MOD, ARGS, 0, 0),
    FN("MONTH", "D|J", BIGINT, ARGS, 0, 0),
    FN("NEXT", "x|xN", ARG, ARGS, MATCH, 0),
    FN("NOW", "|I", LTZ, NEVER, 0, 3),
    FN("NTILE", "I", BIGINT, NEVER, OVER, 0),
    FN("NULLIF", "xX", NULLIF, ALWAYS, 0, 0),
    FN("OBJECT_OF", NULL, UNKNOWN, ALWAYS, 0, 0),
    FN("OBJECT_UPDATE", NULL, UNKNOWN, ALWAYS, 0, 0),
    FN("OVERLAY", "SSI|SSII", OVERLAY, ARGS, 0, 0),
    FN("PARSE_JSON", "C|CO", VARIANT, ARGS, FLINK, 0),
    FN("PARSE_URL", "CC|CCC", STRING, ALWAYS, 0, 0),
    FN("PERCENT_RANK", "", DOUBLE, NEVER, OVER, 0),
    FN("PERCENTILE", "NX|NXb", PERCENTILE, ALWAYS, AGGREGATE | FLINK, 0),
    FN("PI", "", DOUBLE, NEVER, BARE, 0),
    FN("POSITION", "SS|SSI", INT, ARGS, 0, 0),
    FN("POWER", "NN", DOUBLE, ARGS, 0, 0),
    FN("PREV", "x|xN", ARG, ARGS, MATCH, 0),
    FN("PRINT", "Cx", ARG, ARGS, 0, 1),
    FN("PRINTF", "C|CX+", STRING, ALWAYS, FLINK, 0),
    FN("PROCTIME", "", LTZ, NEVER, 0, 3),
    FN("QUARTER", "D|J", BIGINT, ARGS, 0, 0),
    FN("RADIANS", "N", DOUBLE, ARGS, 0, 0),
    FN("RAND", "|N", DOUBLE, ARGS, 0, 0),
    FN("RAND_INTEGER", "N|NN", INT, ARGS, 0, 0),
    FN("RANK", "", BIGINT, NEVER, OVER, 0),
    FN("REGEXP", "CC", BOOLEAN, ARGS, 0, 0),
    FN("REGEXP_COUNT", "CC", INT, ALWAYS, FLINK, 0),
    FN("REGEXP_EXTRACT", "CC|CCI", STRING, ALWAYS, 0, 0),
    FN("REGEXP_EXTRACT_ALL", "CC|CCb", STRINGS, ALWAYS, FLINK, 0),
    FN("REGEXP_INSTR", "CC", INT, ALWAYS, FLINK, 0),
    FN("REGEXP_REPLACE", "CCC", STRING, ARGS, 0, 0),
    FN("REGEXP_SUBSTR", "CC", STRING, ALWAYS, FLINK, 0),
    FN("REPEAT", "CI", STRING, ARGS, 0, 0),
    FN("REPLACE", "CCC", STRING, ARGS, 0, 0),
    FN("REVERSE", "C", STRING, ALWAYS, 0, 0),
    FN("RIGHT", "CI", ARG_VARCHAR, ALWAYS, 0, 0),
    FN("ROUND", "N|NI", ROUND, ARGS, 0, 0),
    FN("ROW_NUMBER", "", BIGINT, NEVER, OVER, 0),
    FN("RPAD", "CIC", STRING, ARGS, 0, 0),
    FN("RTRIM", "C|CC", ARG_VARCHAR, ARGS, 0, 0),
    FN("SECOND", "D|J", BIGINT, ARGS, 0, 0),
    FN("SESSION", "", UNKNOWN, ALWAYS, WINDOW, 0),
    FN("SESSION_END", NULL, TIMESTAMP, NEVER, WINDOW, 3),
    FN("SESSION_PROCTIME", NULL, ARG, FIRST, WINDOW, 0),
    FN("SESSION_ROWTIME", NULL, ARG, FIRST, WINDOW, 0),
    FN("SESSION_START", NULL, TIMESTAMP, NEVER, WINDOW, 3),
    FN("SHA1", "S", CHAR, ARGS, 0, 40),
    FN("SHA2", "SI", VARCHAR, ARGS, 0, 128),
    FN("SHA224", "S", CHAR, ARGS, 0, 56),
    FN("SHA256", "S", CHAR, ARGS, 0, 64),
    FN("SHA384", "S", CHAR, ARGS, 0, 96),
    FN("SHA512", "S", CHAR, ARGS, 0, 128),
    FN("SIGN", "N", ARG, ARGS, 0, 0),
    FN("SIN", "N", DOUBLE, ARGS, 0, 0),
    FN("SINGLE_VALUE", "x", ARG, GROUP, AGGREGATE, 0),
    FN("SINH", "N", DOUBLE, ARGS, 0, 0),
    FN("SOURCE_WATERMARK", "", LTZ, ALWAYS, FLINK, 3),
    FN("SPLIT", "CC", STRINGS, ARGS, FLINK, 0),
    FN("SPLIT_INDEX", "CCI|CII", STRING, ALWAYS, 0, 0),
    FN("SQRT", "N", DOUBLE, ARGS, 0, 0),
    FN("STARTSWITH", "CC|YY", BOOLEAN, ARGS, FLINK, 0),
    FN("STDDEV", "N", AVG, GROUP, AGGREGATE, 0),
    FN("STDDEV_POP", "N", AVG, GROUP, AGGREGATE, 0),
    FN("STDDEV_SAMP", "N", AVG, GROUP, AGGREGATE, 0),
    FN("STR_TO_MAP", "C|CCC", STRING_MAP, ALWAYS, 0, 0),
    FN("STREAMRECORD_TIMESTAMP", "", BIGINT, NEVER, 0, 0),
    FN("SUBSTR", "CI|CII", ARG_VARCHAR, ALWAYS, 0, 0),
    FN("SUBSTRING", "CI|CII", ARG_VARCHAR, ALWAYS, 0, 0),
    FN("SUM", "N", SUM, GROUP, AGGREGATE, 0),
    FN("TAN", "N", DOUBLE, ARGS, 0, 0),
    FN("TANH", "N", DOUBLE, ARGS, 0, 0),
    FN("TIMESTAMPADD", "KID", TIMESTAMP_ADD, ARGS, 0, 0),
    FN("TIMESTAMPDIFF", "KDD", INT, ARGS, 0, 0),
    FN("TO_BASE64", "S", STRING, ARGS, 0, 0),
    FN("TO_DATE", "C|CC", DATE, ALWAYS, 0, 0),
    FN("TO_TIMESTAMP", "C|CC", TIMESTAMP, ALWAYS, 0, 3),
    FN("TO_TIMESTAMP_LTZ", "n|NI|CC|CCC", LTZ, ALWAYS, FLINK, 3),
    FN("TRANSLATE", "CCC", STRING, FIRST, 0, 0),
    FN("TRANSLATE3", "CCC", STRING, FIRST, 0, 0),
    FN("TRIM", "C|KC|KCC", ARG_VARCHAR, ARGS, 0, 0),
    FN("TRUNCATE", "N|NI", ROUND, ARGS, 0, 0),
    FN("TRY_PARSE_JSON", "C|CO", VARIANT, ALWAYS, 0, 0),
    FN("TUMBLE", "", UNKNOWN, ALWAYS, WINDOW, 0),
    FN("TUMBLE_END", NULL, TIMESTAMP, NEVER, WINDOW, 3),
    FN("TUMBLE_PROCTIME", NULL, ARG, FIRST, WINDOW, 0),
    FN("TUMBLE_ROWTIME", NULL, ARG, FIRST, WINDOW, 0),
    FN("TUMBLE_START", NULL, TIMESTAMP, NEVER, WINDOW, 3),
    FN("TYPEOF", "X|XO", STRING, ALWAYS, FLINK, 0),
    FN("UNHEX", "C", BYTES, ALWAYS, FLINK, 0),
    FN("UNIX_TIMESTAMP", "|C|CC", BIGINT, ARGS, 0, 0),
    FN("UPPER", "C", ARG, ARGS, 0, 0),
    FN("URL_DECODE", "C", STRING, ALWAYS, FLINK, 0),
    FN("URL_ENCODE", "C", STRING, ALWAYS, FLINK, 0),
    FN("UUID", "", CHAR, NEVER, 0, 36),
    FN("VAR_POP", "N", AVG, GROUP, AGGREGATE, 0),
    FN("VAR_SAMP", "N", AVG, GROUP, AGGREGATE, 0),
    FN("VARIANCE", "N", AVG, GROUP, AGGREGATE, 0),
    FN("WEEK", "D|J", BIGINT, ARGS, 0, 0),
    FN("YEAR", "D|J", BIGINT, ARGS, 0, 0),
    /* clang-format on */
};

#define BUILTIN_COUNT (sizeof BUILTINS / sizeof *BUILTINS)

const struct sql_builtin *sql_builtin_find(const char *name)
{
    size_t low = 0;
    size_t high = BUILTIN_COUNT;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = strcasecmp(name, BUILTINS[middle].name);
        if (order == 0) {
            return &BUILTINS[middle];
        }
        if (order < 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return NULL;
}

const struct sql_builtin *sql_builtin_at(size_t i)
{
    return i < BUILTIN_COUNT ? &BUILTINS[i] : NULL;
}

const char *sql_builtin_nearest(const char *name)
{
    const char *names[BUILTIN_COUNT];
    char upper[64];
    size_t n = 0;
    for (; name[n] && n + 1 < sizeof upper; n++) {
        upper[n] = (char)(name[n] >= 'a' && name[n] <= 'z' ? name[n] - 32 : name[n]);
    }
    upper[n] = '\0';
    for (size_t i = 0; i < BUILTIN_COUNT; i++) {
        names[i] = BUILTINS[i].name;
    }
    return str_nearest(upper, names, BUILTIN_COUNT);
}
