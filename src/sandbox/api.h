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
/* Parses a body; 1 parsed; 0 it is bad, and a 400 is the answer. */
int api_body(const struct http_request *req, struct http_response *res,
             struct value *out);

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
