/* xoshiro256** 1.0 (Blackman, Vigna), seeded through splitmix64; see dice.h. */
#include "app/flow/dice.h"

static uint64_t splitmix(uint64_t *state)
{
    uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

void dice_seed(struct dice *d, uint64_t seed, uint64_t a, uint64_t b)
{
    uint64_t state = seed;
    uint64_t mixed = splitmix(&state) ^ a;
    mixed = splitmix(&mixed) ^ b;
    for (int i = 0; i < 4; i++)
        d->s[i] = splitmix(&mixed);
}

static inline uint64_t rotate(uint64_t x, int k)
{
    return (x << k) | (x >> (64 - k));
}

uint64_t dice_next(struct dice *d)
{
    uint64_t *s = d->s;
    uint64_t result = rotate(s[1] * 5, 7) * 9;
    uint64_t t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

uint32_t dice_below(struct dice *d, uint32_t n)
{
    return (uint32_t)(((dice_next(d) >> 32) * n) >> 32);
}

double dice_unit(struct dice *d)
{
    return (double)(dice_next(d) >> 11) * 0x1p-53;
}

bool dice_chance(struct dice *d, double p)
{
    return dice_unit(d) < p;
}

/* The sum of twelve even ones, three out of each number drawn. */
double dice_normal(struct dice *d)
{
    const uint64_t mask = (UINT64_C(1) << 21) - 1;
    uint64_t sum = 0;
    for (int i = 0; i < 4; i++) {
        uint64_t x = dice_next(d);
        sum += (x & mask) + (x >> 21 & mask) + (x >> 42 & mask);
    }
    return ((double)sum + 6) * 0x1p-21 - 6;
}

double dice_magnitude(struct dice *d, double hi)
{
    int octaves = 0;
    double top = 1;
    while (top < hi + 1 && octaves < 1000) {
        top *= 2;
        octaves++;
    }
    double low = 1;
    for (uint32_t k = dice_below(d, (uint32_t)octaves); k > 0; k--)
        low *= 2;
    double x = low * (1 + dice_unit(d)) - 1;
    return x < hi ? x : hi * dice_unit(d);
}

uint32_t dice_count(struct dice *d, double mean, uint32_t most)
{
    uint32_t n = 0;
    double go_on = mean / (1 + mean);
    while (n < most && dice_chance(d, go_on))
        n++;
    return n;
}

void dice_bytes(struct dice *d, void *out, size_t n)
{
    uint8_t *p = out;
    while (n > 0) {
        uint64_t x = dice_next(d);
        size_t part = n < sizeof x ? n : sizeof x;
        for (size_t i = 0; i < part; i++)
            *p++ = (uint8_t)(x >> (8 * i)); /* the same on every machine */
        n -= part;
    }
}
