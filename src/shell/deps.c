#include "config.h"

#include "shell/deps.h"

#include <errno.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/str.h"
#include "project/deps.h"
#include "shell/run_plan.h"
#include "shell/shell.h"

#define FETCH_SECONDS   "60"
#define CURL_HTTP_ERROR 22 /* curl's exit status for 400 and above */

/* https leads nowhere else; plain http is a hub of the user's own. */
static void run_curl(const char *url, int out)
{
    const char *protocols = str_starts(url, "https://") ? "=https" : "=http,https";

    dup2(out, STDOUT_FILENO);
    execlp("curl", "curl", "--fail", "--silent", "--location", "--proto", protocols,
           "--max-time", FETCH_SECONDS, "--", url, (char *)NULL);
    _exit(127);
}

/* What curl's exit status means (curl(1)). */
static const char *curl_reason(int status)
{
    switch (status) {
    case 6:
        return "the host's name can't be resolved";
    case 7:
        return "the host can't be connected to";
    case 28:
        return "no answer within " FETCH_SECONDS " seconds";
    case 35:
    case 60:
        return "the TLS connection failed";
    default:
        return "the transfer failed";
    }
}

static int fetch(void *context, const char *url, struct buf *out, struct err *err)
{
    int ends[2];
    int status = 0;
    char chunk[16384];
    ssize_t n;
    pid_t pid;

    (void)context;
    if ((!str_starts(url, "https://") && !str_starts(url, "http://")) ||
        pipe(ends) != 0) {
        return err_set(err, ERR_CONNECTION, "%s can't be fetched", url);
    }
    fflush(NULL);
    pid = fork();
    if (pid == 0) {
        close(ends[0]);
        run_curl(url, ends[1]);
    }
    close(ends[1]);
    while ((n = read(ends[0], chunk, sizeof(chunk))) > 0 || (n < 0 && errno == EINTR)) {
        buf_add(out, chunk, n > 0 ? (size_t)n : 0);
    }
    close(ends[0]);
    if (pid < 0 || waitpid(pid, &status, 0) < 0 || !WIFEXITED(status) ||
        WEXITSTATUS(status) == 127) {
        err_set(err, ERR_CONNECTION, "%s can't be fetched", url);
        err_hint(err, "packages of dbt's hub need the curl program");
        return -1;
    }
    if (WEXITSTATUS(status) == CURL_HTTP_ERROR) {
        return err_set(err, ERR_NOT_FOUND, "%s: the server has no such page", url);
    }
    if (WEXITSTATUS(status) != 0 || out->overflow) {
        return err_set(err, ERR_CONNECTION, "%s can't be fetched: %s (curl: %d)", url,
                       curl_reason(WEXITSTATUS(status)), WEXITSTATUS(status));
    }
    return 0;
}

static void report(void *context, const char *line)
{
    struct shell *shell = context;

    print_note(&shell->print, "%s", line);
}

int deps_install(struct shell *shell, const struct project_options *options,
                 bool upgrade, bool lock_only, struct err *err)
{
    struct compiler *compiler = compile_new(&(struct compile_options){.which = "deps"});
    struct deps_options deps = {
        .project = options,
        .hooks = compile_hooks(compiler),
        .upgrade = upgrade,
        .lock_only = lock_only,
        .fetch = fetch,
        .report = report,
        .context = shell,
    };
    struct err_list errors = {0};
    int result = project_deps(&deps, &errors);

    if (result != 0) {
        run_plan_report(shell, &errors, err);
    } else {
        err_list_fini(&errors);
    }
    compile_free(compiler);
    return result;
}
