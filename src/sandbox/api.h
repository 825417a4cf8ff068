/* The handlers behind the routes. All return 0 with an answer, or -1 with `err`. */
#ifndef SANDBOX_API_H
#define SANDBOX_API_H

#include "sandbox/http.h"
#include "sandbox/route.h"
#include "sandbox/statement.h"
#include "value/value.h"

typedef int api_handler(struct sandbox *sandbox, const struct http_request *req,
                        const struct route *route, struct http_response *res,
                        struct err *err);

api_handler api_create;
api_handler api_list;
api_handler api_get;
api_handler api_put;
api_handler api_patch;
api_handler api_delete;
api_handler api_results;
api_handler api_exceptions;
api_handler api_neighbour;
/* Materialized tables; see api_table.c. */
api_handler api_tables;
api_handler api_table_create;
api_handler api_table_get;
api_handler api_table_put;
api_handler api_table_delete;
api_handler api_table_versions;
api_handler api_control;

/*
 * Loads the statement that the route names. 1 found; 0 not, and a 404 is the answer.
 */
int api_find(struct sandbox *sandbox, const struct http_request *req,
             const struct route *route, struct http_response *res,
             struct statement *out, struct err *err);
/* The statement as answer. */
int api_answer(struct sandbox *sandbox, const struct http_request *req,
               const struct statement *st, int status, struct http_response *res);
/*
 * Carries a statement out. 0 accepted, 1 refused with `detail`, -1 `err`. What a
 * refused one did is undone, and all of it without `keep`.
 */
int api_submit(struct sandbox *sandbox, const struct http_request *req,
               struct statement *st, struct value properties, const char **detail,
               bool keep, struct err *err);
/* Parses a body; 1 parsed; 0 it is bad, and a 400 is the answer. */
int api_body(const struct http_request *req, struct http_response *res,
             struct value *out);

/* page_size and page_token of a list that begins with the newest. 1 fine, 0 answered.
 */
#define API_PAGE_MAX 100
struct api_page {
    int size;
    int64_t before; /* ids below it; 0 = from the newest */
};
int api_page(const struct http_request *req, struct http_response *res,
             struct api_page *out);

/*
 * Checks the parts of a Statement that a client may send; `where` is its JSON pointer.
 * 1 fine; 0 not, and the answer says what is wrong.
 */
int api_check_statement(const struct http_request *req, struct http_response *res,
                        struct value body);

/*
 * A change of `spec` wanted by PUT or PATCH: strings NULL and `stopped` -1 where
 * nothing changes. Checks the rules and carries it out.
 */
struct api_change {
    int stopped;
    const char *pool;
    const char *principal;
    const char *labels; /* JSON */
};
int api_change(struct sandbox *sandbox, const struct http_request *req,
               struct statement *st, const struct api_change *change,
               struct http_response *res, struct err *err);

#endif
