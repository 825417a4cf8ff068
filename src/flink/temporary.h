/*
 * Temporary statements: those that are read or awaited once and then deleted. They
 * carry two labels, so that what a process that died left behind is found and deleted
 * by the next one.
 */
#ifndef FLINK_TEMPORARY_H
#define FLINK_TEMPORARY_H

#include "flink/statement.h"

#define FLINK_TEMPORARY_LABEL "user.confluent.io/cflowsh-temporary" /* "true" */
#define FLINK_PROCESS_LABEL   "user.confluent.io/cflowsh-process"

#define FLINK_PROCESS_SIZE 64
/* This process: where it runs, its id, when it started. Into FLINK_PROCESS_SIZE bytes.
 */
void flink_process_name(char *out);

/* Whether that process ran here and is no more; false when it can't be known. */
bool flink_process_gone(const char *name);

/*
 * Whether nobody will come back for the statement: it is temporary, has come to its end
 * (or only reads), and its process is gone or was last heard of an hour ago. A FAILED
 * one that is not hidden stays: somebody may want to see why.
 */
bool flink_statement_left_behind(const struct flink_statement *statement);

#endif
