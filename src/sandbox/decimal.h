/*
 * Exact DECIMAL values, as Flink computes them: rounded half up to the type's scale,
 * and NULL when they have more digits than the type's precision.
 *
 * Inside SQLite a DECIMAL is a text that sorts as the numbers do, whatever their scale:
 * "p" or "n", the number of integer digits as two digits, all digits without the point
 * and trailing zeros. Those of a negative number are complemented and end in "~". 61.20
 * is "p02612", -0.5 is "n994~", 0 is "p00".
 */
#ifndef SANDBOX_DECIMAL_H
#define SANDBOX_DECIMAL_H

#include <gmp.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* unscaled / 10^scale; scale may be negative. */
struct decimal {
    mpz_t unscaled;
    long scale;
};

enum decimal_cut { DECIMAL_HALF_UP, DECIMAL_TRUNCATE, DECIMAL_FLOOR, DECIMAL_CEILING };

/* Every decimal must be made by one of the next two and freed. */
void decimal_init(struct decimal *d, long value);
void decimal_free(struct decimal *d);

/* Reads "61.20", "-1e3", blanks around it allowed. False when the text is no number or
 * out of any DECIMAL's range; `d` must be initialised. */
bool decimal_parse(struct decimal *d, const char *text);
/* Reads the sortable form; false when the text isn't in it. */
bool decimal_decode(struct decimal *d, const char *text);
/* Appends the sortable form. The number must have fewer than 100 integer digits. */
void decimal_encode(const struct decimal *d, struct buf *out);
/* Appends plain text with exactly `scale` digits behind the point. */
void decimal_write(const struct decimal *d, int scale, struct buf *out);
double decimal_double(const struct decimal *d);

/* Cuts to `scale` digits behind the point, which may be negative. */
void decimal_cut(struct decimal *d, long scale, enum decimal_cut how);
/* Rounds half up to DECIMAL(precision, scale); false when it doesn't fit. */
bool decimal_fit(struct decimal *d, int precision, int scale);
/* a = a op b, op one of + - * / %; exact but for '/', which is rounded half up to
 * `scale`. False for a division by zero. */
bool decimal_apply(struct decimal *a, char op, const struct decimal *b, int scale);

#endif
