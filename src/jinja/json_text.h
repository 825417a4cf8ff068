/* json.dumps() of template values. */
#ifndef JINJA_JSON_TEXT_H
#define JINJA_JSON_TEXT_H

#include "jinja/internal.h"

struct json_style {
    bool sort_keys;
    int indent; /* -1 = on one line */
};

int json_text(struct jinja_run *run, struct value v, const struct json_style *style,
              struct buf *out);

#endif
