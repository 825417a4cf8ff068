/* Python's fnmatch and pathlib's glob, on text only. */
#ifndef PROJECT_GLOB_H
#define PROJECT_GLOB_H

#include <stdbool.h>

/* fnmatch.fnmatchcase(): `*` also matches '/', `[!…]` negates, case counts. */
bool glob_match(const char *pattern, const char *text);

/*
 * Whether pathlib's Path.glob(pattern) could give `path`: parts are matched one by one,
 * `**` stands for any number of folders. "." and double slashes don't count.
 */
bool glob_match_path(const char *pattern, const char *path);

/* The same for the path or any folder above it. */
bool glob_match_path_or_parent(const char *pattern, const char *path);

#endif
