/* Chance that can be repeated: a seeded generator (xoshiro256**) for simulated interviews and practice
 * stores. The same seed gives the same numbers on every machine: nothing here goes through libm, whose
 * last digits differ. Never for keys or nonces of real data: those come from crypt_random. */
#ifndef APP_FLOW_DICE_H
#define APP_FLOW_DICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dice {
    uint64_t s[4];
};

/* A stream of its own for each (seed, a, b). */
void dice_seed(struct dice *d, uint64_t seed, uint64_t a, uint64_t b);
uint64_t dice_next(struct dice *d);
uint32_t dice_below(struct dice *d, uint32_t n); /* 0 … n - 1; 0 for n 0 */
double dice_unit(struct dice *d);                /* [0, 1) */
bool dice_chance(struct dice *d, double p);
double dice_normal(struct dice *d); /* mean 0, deviation 1, within ±6 */
/* Every order of magnitude alike: 0 … hi, small ones often, as people's numbers are. */
double dice_magnitude(struct dice *d, double hi);
/* 0, 1, 2 … with that mean, at most `most`. */
uint32_t dice_count(struct dice *d, double mean, uint32_t most);
void dice_bytes(struct dice *d, void *out, size_t n);

#endif
