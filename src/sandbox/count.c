#include "config.h"

#include "sandbox/count.h"

#include <string.h>

static const char *const methods[COUNT_METHODS] = {"GET",   "POST",   "PUT",
                                                   "PATCH", "DELETE", "OTHER"};

void count_add(struct count_table *table, enum route_id route, const char *method,
               int status)
{
    size_t at = 0;
    while (at < COUNT_METHODS - 1 && strcmp(methods[at], method) != 0) {
        at++;
    }
    table->count[route][at]++;
    table->total++;
    if (status >= 0 && status < 600) {
        table->status[status]++;
    }
}

void count_write(const struct count_table *table, struct buf *out)
{
    const char *separator = "";
    buf_addf(out, "{\"total\":%lld,\"by_route\":{", (long long)table->total);
    for (int r = 0; r < ROUTE_COUNT; r++) {
        for (int m = 0; m < COUNT_METHODS; m++) {
            if (table->count[r][m] > 0) {
                buf_addf(out, "%s\"%s %s\":%lld", separator, methods[m],
                         route_name((enum route_id)r), (long long)table->count[r][m]);
                separator = ",";
            }
        }
    }
    buf_adds(out, "},\"by_status\":{");
    separator = "";
    for (int s = 0; s < 600; s++) {
        if (table->status[s] > 0) {
            buf_addf(out, "%s\"%d\":%lld", separator, s, (long long)table->status[s]);
            separator = ",";
        }
    }
    buf_adds(out, "}}");
}
