/* Integers beyond 64 bits, as GMP sees them. Normal form: never one that fits int64. */
#ifndef VALUE_BIGINT_H
#define VALUE_BIGINT_H

#include <gmp.h>

#include "value/value.h"

struct value_bigint {
    int size; /* limbs; negative for negative numbers, as mpz_roinit_n() takes it */
    mp_limb_t limbs[];
};

/* VALUE_INT when it fits, else VALUE_BIGINT in the arena. */
struct value value_from_mpz(struct arena *arena, const mpz_t z);

/* A read-only view of a VALUE_BIGINT, valid as long as the value; nothing to clear. */
void value_bigint_view(struct value v, mpz_t out);

#endif
