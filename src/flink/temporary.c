#include "config.h"

#include "flink/temporary.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/map.h"

#define OLD_MS 3600000

/* The machine and the process-id namespace, in which process ids mean something. */
static unsigned place(void)
{
    char text[512] = "";
    size_t len;

    gethostname(text, 255);
    text[255] = '\0';
    len = strlen(text);
    ssize_t n = readlink("/proc/self/ns/pid", text + len, sizeof(text) - len - 1);
    return map_hash(text, len + (n > 0 ? (size_t)n : 0));
}

/* Clock ticks from boot to the start of the process; 0 when there is none. */
static unsigned long long start_of(long pid)
{
    char path[64];
    char text[1024];
    unsigned long long ticks = 0;

    snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return 0;
    }
    size_t len = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    text[len] = '\0';
    const char *at = strrchr(text, ')'); /* the name before it may hold anything */
    for (int field = 2; at != NULL && field < 22; field++) {
        at = strchr(at + 1, ' ');
    }
    if (at != NULL) {
        ticks = strtoull(at + 1, NULL, 10);
    }
    return ticks;
}

void flink_process_name(char *out)
{
    snprintf(out, FLINK_PROCESS_SIZE, "%08x-%ld-%llu", place(), (long)getpid(),
             start_of((long)getpid()));
}

bool flink_process_gone(const char *name)
{
    unsigned where;
    long pid;
    unsigned long long started;

    if (sscanf(name, "%8x-%ld-%llu", &where, &pid, &started) != 3 || pid <= 0 ||
        where != place()) {
        return false;
    }
    if (kill((pid_t)pid, 0) != 0 && errno == ESRCH) {
        return true;
    }
    unsigned long long now = start_of(pid);
    return now != 0 && started != 0 && now != started;
}

static bool is_old(const struct flink_statement *statement)
{
    int64_t created = clock_parse_iso(statement->created_at);

    return created > 0 && clock_wall_ms() - created > OLD_MS;
}

bool flink_statement_left_behind(const struct flink_statement *statement)
{
    const char *process = flink_pairs_get(&statement->labels, FLINK_PROCESS_LABEL);
    bool hidden =
        flink_pairs_get(&statement->labels, "user.confluent.io/hidden") != NULL;
    bool reads = strcmp(statement->traits.sql_kind, "SELECT") == 0;
    bool ended = statement->phase == FLINK_PHASE_COMPLETED ||
                 (hidden && (flink_phase_terminal(statement->phase) || reads));

    return process != NULL && ended &&
           flink_pairs_get(&statement->labels, FLINK_TEMPORARY_LABEL) != NULL &&
           (flink_process_gone(process) || is_old(statement));
}
