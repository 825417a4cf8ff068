/* Python's modules for templates: modules.datetime, modules.pytz, modules.re. */
#ifndef COMPILE_DATETIME_H
#define COMPILE_DATETIME_H

#include "jinja/object.h"

/* {date, datetime, time, timedelta, timezone} */
struct value datetime_module(struct arena *arena);
/* {timezone, utc, UTC}; zones come from the system's tz database. */
struct value pytz_module(struct arena *arena);
/* {match, fullmatch, search, sub, split, findall, compile, escape, flags}; PCRE2's
 * syntax, which takes nearly all of Python's. */
struct value re_module(struct arena *arena);

#endif
