/* A generic test while its node is being built. */
#ifndef PROJECT_GENERIC_TEST_H
#define PROJECT_GENERIC_TEST_H

#include "project/internal.h"

struct generic_test {
    struct loader *loader;
    struct arena *scratch; /* for this test only */
    const struct test_request *request;
    const char *name;      /* of the test: not_null */
    const char *namespace; /* or NULL */
    struct value args;     /* dict, shrinks to the macro's arguments */
    struct value config;
    const char *description;
    const char *short_name;
    const char *full_name;
};

/* One error at the request. Returns -1. */
int generic_test_fail(const struct generic_test *b, const char *hint, const char *fmt,
                      ...) __attribute__((format(printf, 3, 4)));
/* Takes a key out of the dict; undefined when it isn't there. */
struct value generic_test_take(struct value dict, const char *key);
/* The column's name, in backquotes when it is to be quoted. */
char *generic_test_column(const struct generic_test *b);

/* The steps, in this order; 0, or -1 with the error in the loader's list. */
int generic_test_read(struct generic_test *b);
int generic_test_name(struct generic_test *b);
void generic_test_node(const struct generic_test *b);

/* The last ten digits of the MD5 of the name and what the test is given. */
const char *generic_test_hash(const struct generic_test *b);

#endif
