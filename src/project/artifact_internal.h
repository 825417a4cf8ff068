/* A JSON file of target/ while it is being written. */
#ifndef PROJECT_ARTIFACT_INTERNAL_H
#define PROJECT_ARTIFACT_INTERNAL_H

#include "project/artifact.h"
#include "project/internal.h"

#define ARTIFACT_SCHEMA "https://schemas.getdbt.com/dbt/"

/* A file that is written piece by piece; every piece's values are forgotten. */
struct writing {
    const struct project *project;
    artifact_compiled_fn compiled;
    void *context;
    struct buf text;
    struct arena arena; /* one piece */
    bool first;         /* of the dict that is open */
    struct err *err;
    int rc;
};

/* The pieces of the text, commas included; nothing more once something failed. */
void writing_value(struct writing *w, struct value v);
void writing_key(struct writing *w, const char *key);
void writing_open(struct writing *w, const char *key); /* "key": { */
void writing_close(struct writing *w);
void writing_entry(struct writing *w, const char *key, struct value v);
/* Writes the file into the target path, whole or not at all; frees. 0/-1. */
int writing_save(struct writing *w, const char *name);

/* Microseconds, as Python's isoformat() with a Z; in the arena. */
const char *artifact_time(struct arena *arena, double seconds);
/* What both files say of the run that wrote them. */
struct value artifact_metadata(const struct project *project, const char *schema,
                               struct arena *arena);

#endif
