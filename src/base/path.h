/* Paths and whole files. Results are heap strings unless said otherwise. */
#ifndef BASE_PATH_H
#define BASE_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

/* "dir/name" in the arena; just `name` when `dir` is "" or `name` is absolute. */
char *path_join(struct arena *arena, const char *dir, const char *name);
/* Text after the last '/'; borrowed. */
const char *path_base(const char *path);
/* Part before the last '/', "." when there is none; in the arena. */
char *path_dir(struct arena *arena, const char *path);
/* Extension with its dot, or "" ; borrowed. */
const char *path_ext(const char *path);
bool path_exists(const char *path);
bool path_is_dir(const char *path);
/* "~/x" with $HOME put in; in the arena. */
char *path_expand_home(struct arena *arena, const char *path);

/*
 * Reads a regular file of at most `max` bytes (0 = 64 MiB) into `out`, replacing it.
 * Sets ERR_IO (missing, unreadable, not a regular file) or ERR_LIMIT.
 */
int path_read(const char *path, size_t max, struct buf *out, struct err *err);

/*
 * Writes through a temporary file in the same directory, fsync and rename, so that a
 * reader sees the old content or the new one, never half. `mode` as for open(2).
 */
int path_write(const char *path, const char *data, size_t len, unsigned mode,
               struct err *err);
/* The same without fsync: for files that can be made again, and many of them. */
int path_write_soon(const char *path, const char *data, size_t len, unsigned mode,
                    struct err *err);
/* Creates a directory and its parents; existing ones are fine. */
int path_mkdirs(const char *path, struct err *err);

/* Names in a directory, sorted bytewise, without "." and ".."; in the arena. */
struct path_list {
    char **names;
    size_t count;
};
int path_list(const char *dir, struct arena *arena, struct path_list *out,
              struct err *err);

#endif
