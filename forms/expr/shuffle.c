/* See shuffle.h. */
#include "forms/expr/shuffle.h"

#include <math.h>
#include <sys/types.h>

#include <sha2.h>

#define PARK_MILLER 2147483647

static int64_t seed_of_text(struct str s)
{
    uint8_t hash[SHA256_DIGEST_LENGTH];
    SHA2_CTX c;
    SHA256Init(&c);
    SHA256Update(&c, (const uint8_t *)s.p, s.n);
    SHA256Final(hash, &c);
    uint64_t v = 0;
    for (int i = 0; i < 8; i++)
        v = v << 8 | hash[i];
    return (int64_t)v;
}

int64_t shuffle_seed(const struct value *v, struct eval *ev)
{
    double x = value_number(v, ev);
    if (isnan(x)) {
        struct str s = v->kind == VAL_NUMBER ? STR("") : value_string(v, ev);
        return str_trim(s).n ? seed_of_text(s) : 0;
    }
    if (x >= 9223372036854775807.0)
        return INT64_MAX;
    return x <= -9223372036854775808.0 ? INT64_MIN : (int64_t)x;
}

void shuffle_order(int64_t seed, size_t n, uint32_t *order)
{
    int64_t state = seed % PARK_MILLER;
    if (state <= 0)
        state += PARK_MILLER - 1;
    for (size_t i = 0; i < n; i++) {
        state = state * 16807 % PARK_MILLER;
        double u = (double)(state - 1) / (PARK_MILLER - 1);
        size_t j = (size_t)floor(u * (double)(i + 1));
        if (j != i)
            order[i] = order[j];
        order[j] = (uint32_t)i;
    }
}
