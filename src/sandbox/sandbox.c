#include "config.h"

#include "sandbox/sandbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/map.h"
#include "base/xmalloc.h"
#include "sandbox/catalog.h"
#include "sandbox/count.h"
#include "sandbox/execute_impl.h"

#define DAY_MS ((int64_t)86400000)

void sandbox_defaults(struct sandbox_settings *settings)
{
    *settings = (struct sandbox_settings){
        .organization = "00000000-0000-4000-8000-000000000000",
        .principal = "u-sandbox",
        .default_pool = "lfcp-sandbox",
        .pending_min = 20,
        .pending_max = 100,
        .stop_delay = 50,
        .delete_delay = 50,
        .topic_delay = 0,
        .retention = 30 * DAY_MS,
        .idle_timeout = 5 * 60 * 1000,
        .results_delay = 0,
        .page_rows = 400,
    };
}

static int64_t wall_clock(void *context)
{
    (void)context;
    return clock_wall_ms();
}

int sandbox_init(struct sandbox *sandbox, const struct sandbox_settings *settings,
                 struct err *err)
{
    *sandbox = (struct sandbox){.settings = *settings, .clock = wall_clock};
    if (settings->seed == 0) {
        (void)!getentropy(&sandbox->settings.seed, sizeof(sandbox->settings.seed));
    }
    sandbox->random = sandbox->settings.seed;
    sandbox->counts = xcalloc(1, sizeof(*sandbox->counts));
    fault_init(&sandbox->fault, sandbox->settings.seed);
    if (db_open(&sandbox->db, settings->state, err) != 0) {
        return -1;
    }
    if (execute_functions(sandbox->db.handle) != 0) {
        return err_set(err, ERR_INTERNAL, "can't register functions");
    }
    return information_init(sandbox, err);
}

void sandbox_fini(struct sandbox *sandbox)
{
    db_close(&sandbox->db);
    free(sandbox->counts);
    sandbox->counts = NULL;
}

int sandbox_add_environment(struct sandbox *sandbox, const char *id, const char *name,
                            struct err *err)
{
    return db_run(&sandbox->db, err,
                  "INSERT OR IGNORE INTO environment(id, name) VALUES (?, ?)", "ss", id,
                  name);
}

int sandbox_add_database(struct sandbox *sandbox, const char *env, const char *id,
                         const char *name, struct err *err)
{
    char made[32];
    if (id == NULL || id[0] == '\0') {
        uint32_t hash = map_hash(name, strlen(name)) ^ map_hash(env, strlen(env)) << 1;
        snprintf(made, sizeof(made), "lkc-%06x", hash & 0xffffffU);
        id = made;
    }
    return db_run(&sandbox->db, err,
                  "INSERT OR IGNORE INTO database(id, env, name) VALUES (?, ?, ?)",
                  "sss", id, env, name);
}

int sandbox_add_pool(struct sandbox *sandbox, const char *env, const char *id,
                     int max_cfu, struct err *err)
{
    return db_run(&sandbox->db, err,
                  "INSERT OR REPLACE INTO pool(id, env, max_cfu) VALUES (?, ?, ?)",
                  "ssn", id, env, max_cfu);
}

int64_t sandbox_now(const struct sandbox *sandbox)
{
    return sandbox->clock(sandbox->clock_context) + sandbox->fault.clock_skew;
}

/* splitmix64 */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = (*state += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

int64_t sandbox_random(struct sandbox *sandbox, int64_t low, int64_t high)
{
    if (high <= low) {
        return low;
    }
    uint64_t span = (uint64_t)(high - low) + 1;
    return low + (int64_t)(next_random(&sandbox->random) % span);
}

void sandbox_uuid(struct sandbox *sandbox, char *out)
{
    uint64_t a = next_random(&sandbox->random);
    uint64_t b = next_random(&sandbox->random);
    snprintf(out, 37, "%08x-%04x-4%03x-%04x-%012llx", (unsigned)(a >> 32),
             (unsigned)(a >> 16) & 0xffffU, (unsigned)a & 0xfffU,
             0x8000U | ((unsigned)(b >> 48) & 0x3fffU),
             (unsigned long long)(b & 0xffffffffffffULL));
}
