#include "config.h"

#include "shell/phases.h"

#include "base/clock.h"

#include "shell/session.h"
#include "shell/shell.h"

int phases_load(struct phases *phases, struct shell *shell, struct arena *arena,
                struct err *err)
{
    struct flink_client *client;

    *phases = (struct phases){0};
    if (session_client(shell, &client, err) != 0 ||
        flink_statement_list(client, NULL, arena, &phases->statements, &phases->count,
                             err) != 0) {
        return -1;
    }
    for (size_t i = 0; i < phases->count; i++) {
        map_put(&phases->by_name, phases->statements[i].name, &phases->statements[i]);
    }
    return 0;
}

void phases_fini(struct phases *phases)
{
    map_fini(&phases->by_name);
}

const struct flink_statement *phases_find(const struct phases *phases,
                                          struct shell *shell, const struct node *node)
{
    struct buf name = BUF_INIT;
    struct err ignored = {0};
    const struct flink_statement *found = NULL;

    if (node->type == NODE_MODEL && session_compiler(shell) != NULL &&
        compile_statement_name(session_compiler(shell), node, "", &name, &ignored) ==
            0) {
        found = map_get(&phases->by_name, buf_str(&name));
    }
    buf_fini(&name);
    return found;
}

const char *phases_text(const struct phases *phases, struct shell *shell,
                        const struct node *node)
{
    const struct flink_statement *found = phases_find(phases, shell, node);

    return found != NULL ? found->phase_text : "";
}

const char *phases_age(const char *created, struct arena *arena)
{
    int64_t then = clock_parse_iso(created);
    char text[CLOCK_ISO_SIZE];

    if (then < 0) {
        return "";
    }
    clock_duration(clock_wall_ms() - then, text);
    return arena_strdup(arena, text);
}
