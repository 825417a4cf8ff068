/*
 * Debug log: off unless log_open() was called (the CFLOWSH_LOG environment variable
 * names the file). Never user output, never credentials.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>

/* Appends to `path`; returns false when it can't be opened. */
bool log_open(const char *path);
void log_close(void);
void log_debug(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif
