#include "config.h"

#include "base/log.h"

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/clock.h"

static FILE *log_file;

bool log_open(const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

    log_close();
    if (fd < 0) {
        return false;
    }
    log_file = fdopen(fd, "a");
    if (log_file == NULL) {
        close(fd);
        return false;
    }
    setvbuf(log_file, NULL, _IOLBF, 0);
    return true;
}

void log_close(void)
{
    if (log_file != NULL) {
        fclose(log_file);
        log_file = NULL;
    }
}

void log_debug(const char *fmt, ...)
{
    char now[CLOCK_ISO_SIZE];
    va_list ap;

    if (log_file == NULL) {
        return;
    }
    clock_iso(clock_wall_ms(), now);
    fprintf(log_file, "%s ", now);
    va_start(ap, fmt);
    vfprintf(log_file, fmt, ap);
    va_end(ap);
    fputc('\n', log_file);
}
