#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/path.h"
#include "sandbox/execute_impl.h"
#include "value/json.h"

#define ZONE_INFO "/usr/share/zoneinfo/"

/* "GMT+05:30", "+01:00" */
static bool read_offset(const char *text, int64_t *us)
{
    int64_t hours;
    int64_t minutes = 0;
    char *end;
    if (strncmp(text, "GMT", 3) == 0 || strncmp(text, "UTC", 3) == 0) {
        text += 3;
    }
    if (*text != '+' && *text != '-') {
        return false;
    }
    hours = strtoll(text + 1, &end, 10);
    if (*end == ':') {
        minutes = strtoll(end + 1, &end, 10);
    }
    *us = (hours * 60 + minutes) * 60000000 * (*text == '-' ? -1 : 1);
    return *end == '\0' && hours < 19 && minutes < 60;
}

static int64_t offset_in(const char *zone, int64_t now_ms)
{
    time_t now = (time_t)(now_ms / 1000);
    struct tm tm = {0};
    setenv("TZ", zone, 1);
    tzset();
    localtime_r(&now, &tm);
    setenv("TZ", "UTC", 1);
    tzset();
    return (int64_t)tm.tm_gmtoff * 1000000;
}

bool zone_named(const char *zone, int64_t now_ms, int64_t *us)
{
    struct buf file = BUF_INIT;
    bool plain = zone[0] != '\0' && zone[0] != '/' && strstr(zone, "..") == NULL;
    *us = 0;
    if (strcmp(zone, "UTC") == 0 || read_offset(zone, us)) {
        return true;
    }
    buf_addf(&file, ZONE_INFO "%s", zone);
    bool known = plain && path_exists(buf_str(&file)) && !path_is_dir(buf_str(&file));
    buf_fini(&file);
    if (known) {
        *us = offset_in(zone, now_ms);
    }
    return known;
}

bool zone_of(const char *properties, int64_t now_ms, int64_t *us)
{
    struct arena arena = {0};
    struct value v;
    struct err err = {0};
    bool known = true;
    *us = 0;
    if (strstr(properties, "sql.local-time-zone") != NULL &&
        json_parse(properties, strlen(properties), "properties", &arena, &v, &err) ==
            0) {
        const char *zone = value_cstr(value_dict_get(v, "sql.local-time-zone"), "UTC");
        known = zone_named(zone, now_ms, us);
    }
    arena_fini(&arena);
    return known;
}
