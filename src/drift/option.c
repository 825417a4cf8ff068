#include "config.h"

#include "drift/drift.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"

struct unit {
    const char *name;
    double factor;
};

/* Flink's TimeUtils labels; factor in milliseconds. */
static const struct unit duration_units[] = {
    {"ns", 1e-6},
    {"nano", 1e-6},
    {"nanos", 1e-6},
    {"nanosecond", 1e-6},
    {"nanoseconds", 1e-6},
    {"us", 1e-3},
    {"µs", 1e-3},
    {"micro", 1e-3},
    {"micros", 1e-3},
    {"microsecond", 1e-3},
    {"microseconds", 1e-3},
    {"ms", 1},
    {"milli", 1},
    {"millis", 1},
    {"millisecond", 1},
    {"milliseconds", 1},
    {"s", 1e3},
    {"sec", 1e3},
    {"secs", 1e3},
    {"second", 1e3},
    {"seconds", 1e3},
    {"m", 6e4},
    {"min", 6e4},
    {"minute", 6e4},
    {"minutes", 6e4},
    {"h", 36e5},
    {"hour", 36e5},
    {"hours", 36e5},
    {"d", 864e5},
    {"day", 864e5},
    {"days", 864e5},
};

/* Flink's MemorySize labels; factor in bytes. */
static const struct unit size_units[] = {
    {"b", 1},
    {"bytes", 1},
    {"k", 1024.0},
    {"kb", 1024.0},
    {"kibibytes", 1024.0},
    {"mb", 1024.0 * 1024},
    {"mebibytes", 1024.0 * 1024},
    {"g", 1024.0 * 1024 * 1024},
    {"gb", 1024.0 * 1024 * 1024},
    {"gibibytes", 1024.0 * 1024 * 1024},
    {"t", 1024.0 * 1024 * 1024 * 1024},
    {"tb", 1024.0 * 1024 * 1024 * 1024},
    {"tebibytes", 1024.0 * 1024 * 1024 * 1024},
};

/* Splits "7 d" into 7 and "d"; false when it does not start with a plain number. */
static bool split_number(const char *text, double *number, const char **unit)
{
    char *end;

    while (*text == ' ') {
        text++;
    }
    if (*text < '0' || *text > '9') {
        return false;
    }
    *number = strtod(text, &end);
    while (*end == ' ') {
        end++;
    }
    *unit = end;
    return isfinite(*number);
}

static bool scaled(const char *text, const struct unit *units, size_t count,
                   double *value)
{
    const char *unit;

    if (!split_number(text, value, &unit)) {
        return false;
    }
    if (*unit == '\0') {
        return true;
    }
    for (size_t i = 0; i < count; i++) {
        if (str_ieq(units[i].name, unit)) {
            *value *= units[i].factor;
            return true;
        }
    }
    return false;
}

static bool is_boolean(const char *text)
{
    return str_ieq(text, "true") || str_ieq(text, "false");
}

bool drift_option_equal(const char *a, const char *b)
{
    static const size_t durations = sizeof(duration_units) / sizeof(duration_units[0]);
    static const size_t sizes = sizeof(size_units) / sizeof(size_units[0]);
    double x;
    double y;

    if (str_eq(a, b)) {
        return true;
    }
    if (is_boolean(a) && is_boolean(b)) {
        return str_ieq(a, b);
    }
    if (scaled(a, duration_units, durations, &x) &&
        scaled(b, duration_units, durations, &y) && x == y) {
        return true;
    }
    return scaled(a, size_units, sizes, &x) && scaled(b, size_units, sizes, &y) &&
           x == y;
}

struct option_default {
    const char *key;
    const char *append; /* value for append and retract tables */
    const char *upsert; /* value for upsert tables */
};

/* Confluent Cloud's defaults for tables on Kafka. */
static const struct option_default defaults[] = {
    {"changelog.mode", "append", "upsert"},
    {"connector", "confluent", "confluent"},
    {"error-handling.log.target", "error_log", "error_log"},
    {"error-handling.mode", "fail", "fail"},
    {"kafka.cleanup-policy", "delete", "compact"},
    {"kafka.compaction.time", "0 ms", "0 ms"},
    {"kafka.consumer.isolation-level", "read-committed", "read-committed"},
    {"kafka.max-message-size", "2097164 bytes", "2097164 bytes"},
    {"kafka.message-timestamp-type", "CreateTime", "CreateTime"},
    {"kafka.producer.compression.type", "none", "none"},
    {"kafka.retention.size", "0 bytes", "0 bytes"},
    {"kafka.retention.time", "7 d", "7 d"},
    {"key.fields-prefix", "", ""},
    {"key.format", "avro-registry", "avro-registry"},
    {"late-handling.mode", "pass-through", "pass-through"},
    {"scan.bounded.mode", "unbounded", "unbounded"},
    {"scan.startup.mode", "earliest-offset", "earliest-offset"},
    {"value.fields-include", "except-key", "except-key"},
    {"value.format", "avro-registry", "avro-registry"},
};

const char *drift_option_default(const char *key, bool upsert)
{
    for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++) {
        if (str_eq(defaults[i].key, key)) {
            return upsert ? defaults[i].upsert : defaults[i].append;
        }
    }
    return NULL;
}
