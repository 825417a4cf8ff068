/*
 * The table of Flink's built-in functions: what they take and what they give, one line
 * each. Rules as the planner of Flink 2.3 answers for every function and argument type.
 */
#ifndef SQL_FUNCTIONS_H
#define SQL_FUNCTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a function gives. Types that depend on arguments are worked out by code. */
enum sql_gives {
    SQL_GIVES_UNKNOWN,
    SQL_GIVES_BOOLEAN,
    SQL_GIVES_INT,
    SQL_GIVES_BIGINT,
    SQL_GIVES_DOUBLE,
    SQL_GIVES_STRING,
    SQL_GIVES_BYTES,
    SQL_GIVES_CHAR,    /* CHAR(size) */
    SQL_GIVES_VARCHAR, /* VARCHAR(size) */
    SQL_GIVES_DATE,
    SQL_GIVES_TIME,
    SQL_GIVES_TIMESTAMP, /* (size) */
    SQL_GIVES_LTZ,       /* (size) */
    SQL_GIVES_VARIANT,
    SQL_GIVES_BITMAP,
    SQL_GIVES_STRINGS,     /* ARRAY<STRING> */
    SQL_GIVES_INTS,        /* ARRAY<INT> */
    SQL_GIVES_STRING_MAP,  /* MAP<STRING, STRING> */
    SQL_GIVES_ARG,         /* the type of argument `size` */
    SQL_GIVES_ARG_VARCHAR, /* of the first, CHAR(n) as VARCHAR(n) */
    SQL_GIVES_OVERLAY,
    SQL_GIVES_ROUND,
    SQL_GIVES_CEIL,
    SQL_GIVES_MOD,
    SQL_GIVES_IF,
    SQL_GIVES_MERGE, /* common type of all arguments */
    SQL_GIVES_IFNULL,
    SQL_GIVES_NULLIF,
    SQL_GIVES_ELEMENT,      /* of the first argument */
    SQL_GIVES_ARRAY_MERGE,  /* common type of arrays (or of maps) */
    SQL_GIVES_ARRAY_EXTEND, /* array and element */
    SQL_GIVES_MAP_KEYS,
    SQL_GIVES_MAP_VALUES,
    SQL_GIVES_MAP_ENTRIES,
    SQL_GIVES_MAP_FROM_ARRAYS,
    SQL_GIVES_TIMESTAMP_ADD,
    SQL_GIVES_JSON_RETURNING,
    SQL_GIVES_SUM,
    SQL_GIVES_AVG,
    SQL_GIVES_ARRAY_OF, /* ARRAY<argument> */
    SQL_GIVES_MULTISET_OF,
    SQL_GIVES_PERCENTILE,
    SQL_GIVES_LAG,
    SQL_GIVES_MATCH_ROWTIME,
};

enum sql_null_rule {
    SQL_NULL_ARGS,    /* nullable when an argument is */
    SQL_NULL_NEVER,   /* NOT NULL */
    SQL_NULL_ALWAYS,  /* nullable */
    SQL_NULL_FIRST,   /* as the first argument */
    SQL_NULL_ELEMENT, /* as the elements of the first argument */
    SQL_NULL_ALL,     /* nullable only when all arguments are */
    SQL_NULL_GROUP,   /* aggregates: when the argument is, or without GROUP BY, or with
                         FILTER */
};

enum sql_builtin_flags {
    SQL_FN_FLINK = 1, /* typed by Flink, not by the validator: takes an untyped NULL */
    SQL_FN_AGGREGATE = 2, /* may stand with OVER, too */
    SQL_FN_OVER = 4,      /* only with OVER */
    SQL_FN_MATCH = 8,     /* only in MATCH_RECOGNIZE */
    SQL_FN_WINDOW = 16,   /* of a group window: TUMBLE_START … */
    SQL_FN_BARE = 32,     /* without parentheses it names its column */
    SQL_FN_REFUSED = 64,  /* the planner has no code for it */
};

struct sql_builtin {
    const char *name;
    /*
     * Signatures, parted by '|', a letter per argument: N number, E exact number, I
     * integer, C text, Y bytes, S text or bytes, O boolean, D date, time or timestamp,
     * T timestamp, A array, t array of text, o
     * array of what can be ordered, j array of INT, M map, Z array, map or multiset, s
     * what JSON can hold, R rowtime attribute, B bitmap, J constructor, K keyword, V
     * variant, H hashable, i integer up to INT, b up to BIGINT, n number or text, x
     * anything but an untyped NULL, X anything; '+' repeats the letter before it. NULL:
     * any.
     */
    const char *args;
    uint8_t gives; /* enum sql_gives */
    uint8_t nulls; /* enum sql_null_rule */
    uint8_t flags;
    int16_t size;
};

/* The function of that name, in any case, or NULL. */
const struct sql_builtin *sql_builtin_find(const char *name);
/* The name nearest to a misspelt one, or NULL; static. */
const char *sql_builtin_nearest(const char *name);
/* Row `i` of the table, which is sorted by name; NULL past its end. For completion. */
const struct sql_builtin *sql_builtin_at(size_t i);

#endif
