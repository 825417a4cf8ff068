/* profiles.yml: which Flink environment a project talks to. */
#ifndef PROJECT_PROFILE_H
#define PROJECT_PROFILE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "value/value.h"

enum profile_mode {
    PROFILE_STREAMING_QUERY, /* the default */
    PROFILE_SNAPSHOT,
    PROFILE_SNAPSHOT_DDL,
    PROFILE_STREAMING_DDL
};

/* Never printed, logged, or put into a value that a template can reach. */
struct profile_credentials {
    const char *key; /* the global pair when there is one, else the Flink pair */
    const char *secret;
    const char *global_key; /* NULL without a global pair; Tableflow needs it */
    const char *global_secret;
};

/* Every string is "" when it is not set, unless said otherwise. All in the arena. */
struct profile {
    const char *name;        /* of the profile */
    const char *target_name; /* of the chosen output */
    const char *file;        /* path of profiles.yml */
    const char *type;        /* "confluent" */
    const char *organization_id;
    const char *environment_id;  /* alias `database`: env-… */
    const char *dbname;          /* alias `schema`: the Kafka cluster's display name */
    const char *compute_pool_id; /* NULL for null or "": left out of statements */
    const char *cloud_provider;
    const char *cloud_region;
    const char *endpoint; /* without trailing '/'; worked out when not given */
    const char *statement_name_prefix; /* "dbt-" */
    const char *statement_label;       /* "dbt-confluent" */
    bool has_endpoint; /* given, not worked out from provider and region */
    bool half_global;  /* one of global_api_key and global_api_secret is missing */
    bool half_flink;
    enum profile_mode execution_mode;
    int threads;
    struct value target; /* dict: what `target` is in Jinja; no credentials in it */
    struct profile_credentials credentials;
};

/*
 * Whether statements can be sent; dbt checks keys, organization and endpoint only when
 * the first one is. ERR_CREDENTIALS or ERR_PROJECT in dbt-confluent's
 * words. */
int profile_ready(const struct profile *profile, struct err *err);

/* Builds `target` from the other fields; for profiles made in code. */
void profile_set_target(struct profile *profile, struct arena *arena);

/* "snapshot", "streaming_query" …; static. */
const char *profile_mode_name(enum profile_mode mode);
/* -1 for an unknown name. */
int profile_mode_parse(const char *name);

#endif
