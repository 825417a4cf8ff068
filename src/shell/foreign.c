#include "config.h"

#include "shell/foreign.h"

#include <string.h>

#include "base/str.h"

#define NOTHING                                                                        \
    "there is nothing of that kind in Flink; \\d, \\dt, \\dv, \\dm list what is"

static const struct {
    const char *names; /* blank-separated */
    const char *advice;
} commands[] = {
    {"copy", "\\o FILE with \\pset format csv exports; \\seed loads CSV files"},
    {"df dfa dfn dfp dft dfw da", "SHOW FUNCTIONS; lists functions"},
    {"di dE ds dx dy db dA dAc dAf dAo dAp dC dD dF dFd dFp dFt dL dO do dT dRp dRs dX",
     NOTHING},
    {"dS dtS dvS dmS", "\\d INFORMATION_SCHEMA.* describes the system tables"},
    {"du dg dp z ddp drds", "who may do what is kept outside of Flink"},
    {"dl lo_list lo_import lo_export lo_unlink", NOTHING},
    {"dP dPt dPi det des deu dew", "\\d, \\dt, \\dv and \\dm list all relations"},
    {"sv sf", "\\d NAME shows a view's definition, \\sm NAME a model's source"},
    {"ev ef", "\\e NAME edits a model's source"},
    {"gexec", "\\gset stores a result in variables; \\if and \\i act on them"},
    {"crosstabview", "a pivot is written in SQL: COUNT(*) FILTER (WHERE …)"},
    {"bind", "statements have no parameters; :'name' puts a variable in as a string"},
    {"encoding", "text is always UTF-8"},
    {"password", "API keys are managed in the cloud; profiles.yml names them"},
    {"copyright", "GNU GPL, version 3 or later: see the manual"},
};

const char *foreign_advice(const char *name, size_t len)
{
    while (len > 1 && name[len - 1] == '+') {
        len--;
    }
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        for (const char *at = commands[i].names; *at != '\0';) {
            size_t n = strcspn(at, " ");
            if (n == len && strncmp(at, name, len) == 0) {
                return commands[i].advice;
            }
            at += n + strspn(at + n, " ");
        }
    }
    return NULL;
}
