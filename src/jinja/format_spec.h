/* A parsed format spec, which % and str.format() share. */
#ifndef JINJA_FORMAT_SPEC_H
#define JINJA_FORMAT_SPEC_H

#include "jinja/format.h"

#define SPEC_MAX_WIDTH 1000000

struct spec {
    char fill[5];
    char align; /* '<' '>' '^' '=' or 0 */
    char sign;  /* '+' '-' ' ' */
    bool minus; /* '-' was written */
    bool alternate;
    bool no_minus_zero; /* 'z' */
    bool zero;
    int64_t width;
    char group;        /* ',' '_' or 0 */
    int64_t precision; /* -1 = none */
    char type;
};

/* Digits at *p, moving on; false when the number is above SPEC_MAX_WIDTH. */
bool spec_read_digits(const char **p, const char *end, int64_t *out);
/* "-", "+", " " or "". */
const char *spec_sign(const struct spec *spec, bool negative);
/* Pads; `prefix` (sign, 0x) goes before the fill when the alignment is '='. */
void spec_put(const struct spec *spec, const char *prefix, const char *text, size_t len,
              char fallback, struct buf *out);
int spec_format_int(struct jinja_run *run, struct value v, struct spec *spec,
                    struct buf *out);
int spec_format_float(struct jinja_run *run, double f, struct spec *spec,
                      const char *type_name, struct buf *out);
int spec_format_text(struct jinja_run *run, struct value v, struct spec *spec,
                     struct buf *out);
/* !s, !r and !a of fields. */
int spec_convert(struct jinja_run *run, char conversion, struct value *v);

#endif
