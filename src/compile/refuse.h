/* What dbt has and Confluent Cloud for Apache Flink has not. */
#ifndef COMPILE_REFUSE_H
#define COMPILE_REFUSE_H

#include "base/err.h"
#include "project/node.h"

/*
 * Refuses incremental, materialized_view, snapshot and Python models: -1 and
 * ERR_REFUSED with the reason, what to use instead, and the place; else 0.
 */
int compile_refuse(const struct node *node, struct err *err);

#endif
