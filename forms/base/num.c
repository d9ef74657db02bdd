/* Numbers and their text; see num.h. Most numbers in a questionnaire are integers or have few
 * decimals: these take a short way in double arithmetic that is exact. The rest goes through big
 * integers (Steele and White's free-format digits; Clinger's AlgorithmR for reading). */
#include "forms/base/num.h"

#include <math.h>
#include <string.h>

#define EXACT_INT  9007199254740992.0 /* 2^53 */
#define DIGITS_MAX 800                /* more digits than decide any rounding */

static const double pow10_exact[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                     1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                     1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* ---- big natural numbers, least significant limb first ---- */

#define LIMBS 160 /* DIGITS_MAX digits times 2^1100 */

struct big {
    uint32_t n;
    uint32_t d[LIMBS];
};

static void big_set(struct big *b, uint64_t v)
{
    b->n = 0;
    for (; v; v >>= 32)
        b->d[b->n++] = (uint32_t)v;
}

static void big_copy(struct big *to, const struct big *from)
{
    to->n = from->n;
    memcpy(to->d, from->d, from->n * sizeof from->d[0]);
}

/* b = b * m + add */
static void big_mul(struct big *b, uint32_t m, uint32_t add)
{
    uint64_t carry = add;
    for (uint32_t i = 0; i < b->n; i++) {
        carry += (uint64_t)b->d[i] * m;
        b->d[i] = (uint32_t)carry;
        carry >>= 32;
    }
    if (carry && b->n < LIMBS)
        b->d[b->n++] = (uint32_t)carry;
}

static void big_mul_pow10(struct big *b, int e)
{
    for (; e >= 9; e -= 9)
        big_mul(b, 1000000000u, 0);
    for (; e > 0; e--)
        big_mul(b, 10, 0);
}

static void big_shift(struct big *b, int bits)
{
    uint32_t limbs = (uint32_t)bits / 32, rest = (uint32_t)bits % 32;
    if (b->n == 0 || b->n + limbs + 1 > LIMBS)
        return;
    memmove(b->d + limbs, b->d, b->n * sizeof b->d[0]);
    memset(b->d, 0, limbs * sizeof b->d[0]);
    b->n += limbs;
    big_mul(b, 1u << rest, 0);
}

static int big_cmp(const struct big *a, const struct big *b)
{
    if (a->n != b->n)
        return a->n < b->n ? -1 : 1;
    for (uint32_t i = a->n; i-- > 0;)
        if (a->d[i] != b->d[i])
            return a->d[i] < b->d[i] ? -1 : 1;
    return 0;
}

static void big_add(struct big *a, const struct big *b)
{
    uint64_t carry = 0;
    for (uint32_t i = 0; i < b->n || (carry && i < LIMBS); i++) {
        if (i == a->n)
            a->d[a->n++] = 0;
        carry += (uint64_t)a->d[i] + (i < b->n ? b->d[i] : 0);
        a->d[i] = (uint32_t)carry;
        carry >>= 32;
    }
}

/* a -= b, where a >= b */
static void big_sub(struct big *a, const struct big *b)
{
    int64_t borrow = 0;
    for (uint32_t i = 0; i < a->n; i++) {
        int64_t v = (int64_t)a->d[i] - (i < b->n ? b->d[i] : 0) + borrow;
        a->d[i] = (uint32_t)v;
        borrow = v >> 32;
    }
    while (a->n && a->d[a->n - 1] == 0)
        a->n--;
}

/* ---- text of a double ---- */

struct decimal {
    char digit[24];
    int n;
    int point; /* digits before the decimal point; may be negative or beyond n */
};

static void decimal_of_int(uint64_t m, struct decimal *out)
{
    char tmp[24];
    int n = 0;
    do {
        tmp[n++] = (char)('0' + m % 10);
        m /= 10;
    } while (m);
    out->n = n;
    out->point = n;
    for (int i = 0; i < n; i++)
        out->digit[i] = tmp[n - 1 - i];
}

/* x = m / 10^k with m below 2^53 and k <= 22: both are exact doubles and division rounds correctly,
 * so equality says that the decimal reads back as x; the first k is the shortest. */
static bool decimal_short(double x, struct decimal *out)
{
    for (int k = 1; k <= 22; k++) {
        double scaled = x * pow10_exact[k];
        if (scaled >= EXACT_INT)
            return false;
        double m = floor(scaled + 0.5);
        if (m >= 1 && m / pow10_exact[k] == x) {
            decimal_of_int((uint64_t)m, out);
            out->point = out->n - k;
            return true;
        }
    }
    return false;
}

/* The shortest digits that lie nearer to x than to its neighbours: value = r/s, half gaps mp/s,
 * mm/s. */
static void decimal_exact(double x, struct decimal *out)
{
    int e;
    uint64_t m = (uint64_t)ldexp(frexp(x, &e), 53);
    e -= 53;
    if (e < -1074) { /* subnormal */
        m >>= -1074 - e;
        e = -1074;
    }
    bool even = (m & 1) == 0;
    bool edge = m == (uint64_t)1 << 52 && e > -1074; /* the gap below is half the gap above */
    struct big r, s, mp, mm;
    big_set(&r, m);
    big_set(&s, 1);
    big_set(&mm, 1);
    big_shift(&r, (e > 0 ? e : 0) + 1 + edge);
    big_shift(&s, (e < 0 ? -e : 0) + 1 + edge);
    big_shift(&mm, e > 0 ? e : 0);
    big_copy(&mp, &mm);
    if (edge)
        big_mul(&mp, 2, 0);
    int k = (int)ceil(log10(x) - 1e-10);
    if (k >= 0) {
        big_mul_pow10(&s, k);
    } else {
        big_mul_pow10(&r, -k);
        big_mul_pow10(&mp, -k);
        big_mul_pow10(&mm, -k);
    }
    struct big t;
    big_copy(&t, &r);
    big_add(&t, &mp);
    int c = big_cmp(&t, &s);
    if (c > 0 || (c == 0 && even)) {
        k++; /* the estimate was one too small */
    } else {
        big_mul(&r, 10, 0);
        big_mul(&mp, 10, 0);
        big_mul(&mm, 10, 0);
    }
    out->point = k;
    out->n = 0;
    for (;;) {
        int digit = 0;
        while (big_cmp(&r, &s) >= 0) {
            big_sub(&r, &s);
            digit++;
        }
        c = big_cmp(&r, &mm);
        bool low = c < 0 || (c == 0 && even);
        big_copy(&t, &r);
        big_add(&t, &mp);
        c = big_cmp(&t, &s);
        bool high = c > 0 || (c == 0 && even);
        if (low && high) {
            big_mul(&r, 2, 0);
            high = big_cmp(&r, &s) >= 0;
        }
        out->digit[out->n++] = (char)('0' + digit + high);
        if (low || high || out->n == 18)
            return;
        big_mul(&r, 10, 0);
        big_mul(&mp, 10, 0);
        big_mul(&mm, 10, 0);
    }
}

static size_t put_decimal(const struct decimal *d, char *out)
{
    char *p = out;
    int i = 0;
    if (d->point <= 0)
        *p++ = '0';
    for (; i < d->point; i++)
        *p++ = i < d->n ? d->digit[i] : '0';
    if (i < d->n) {
        *p++ = '.';
        for (int zeros = d->point; zeros < 0; zeros++)
            *p++ = '0';
        while (i < d->n)
            *p++ = d->digit[i++];
    }
    return (size_t)(p - out);
}

static size_t put_z(char *out, const char *s)
{
    size_t n = strlen(s);
    memcpy(out, s, n + 1);
    return n;
}

size_t num_text(double x, char out[NUM_TEXT_MAX])
{
    if (isnan(x))
        return put_z(out, "NaN");
    if (isinf(x))
        return put_z(out, x > 0 ? "Infinity" : "-Infinity");
    if (x == 0)
        return put_z(out, "0");
    size_t sign = x < 0;
    out[0] = '-';
    x = fabs(x);
    struct decimal d;
    if (x < EXACT_INT && x == floor(x))
        decimal_of_int((uint64_t)x, &d);
    else if (!decimal_short(x, &d))
        decimal_exact(x, &d);
    size_t n = sign + put_decimal(&d, out + sign);
    out[n] = '\0';
    return n;
}

struct str num_str(double x, struct arena *a)
{
    char tmp[NUM_TEXT_MAX];
    size_t n = num_text(x, tmp);
    return arena_str(a, (struct str){tmp, n});
}

bool num_add(struct buf *b, double x)
{
    char tmp[NUM_TEXT_MAX];
    size_t n = num_text(x, tmp);
    return buf_add(b, tmp, n);
}

/* ---- double of a text ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

struct scan {
    uint64_t m; /* the first 19 significant digits */
    int digits; /* significant digits seen, leading zeros apart */
    int exp;    /* power of ten of the digit after the last kept one */
    bool any;
};

static void scan_digit(struct scan *s, char c, bool fraction)
{
    s->any = true;
    if (s->digits == 0 && c == '0') {
        s->exp -= fraction;
        return;
    }
    if (s->digits < 19) {
        s->m = s->m * 10 + (uint64_t)(c - '0');
        s->exp -= fraction;
    } else {
        s->exp += !fraction;
    }
    s->digits++;
}

static bool scan_exponent(struct str s, size_t i, int *ret)
{
    bool minus = i < s.n && s.p[i] == '-';
    if (i < s.n && (s.p[i] == '-' || s.p[i] == '+'))
        i++;
    if (i >= s.n)
        return false;
    int e = 0;
    for (; i < s.n; i++) {
        if (!is_digit(s.p[i]))
            return false;
        if (e < 100000)
            e = e * 10 + (s.p[i] - '0');
    }
    *ret = minus ? -e : e;
    return true;
}

/* How the decimal digits (with the power of ten of the last of them) compare with m * 2^e. */
static int compare(const struct big *digits, int e10, uint64_t m, int e)
{
    struct big a, b;
    big_copy(&a, digits);
    big_set(&b, m);
    if (e10 >= 0)
        big_mul_pow10(&a, e10);
    else
        big_mul_pow10(&b, -e10);
    if (e >= 0)
        big_shift(&b, e);
    else
        big_shift(&a, -e);
    return big_cmp(&a, &b);
}

/* A first guess within a few units of the last place, then the half-way points decide. */
static double nearest(const struct big *digits, int e10, double guess)
{
    for (int tries = 0; tries < 2000; tries++) {
        int e;
        uint64_t m = (uint64_t)ldexp(frexp(guess, &e), 53);
        e -= 53;
        if (e < -1074) {
            m >>= -1074 - e;
            e = -1074;
        }
        /* half-way to the next above: (2m + 1) * 2^(e-1) */
        int above = compare(digits, e10, 2 * m + 1, e - 1);
        if (above > 0 || (above == 0 && (m & 1))) {
            guess = nextafter(guess, INFINITY);
            if (isinf(guess))
                return guess;
            continue;
        }
        if (m == 0)
            return 0;
        bool edge = m == (uint64_t)1 << 52 && e > -1074;
        int below =
            edge ? compare(digits, e10, 4 * m - 1, e - 2) : compare(digits, e10, 2 * m - 1, e - 1);
        if (below < 0 || (below == 0 && (m & 1))) {
            guess = nextafter(guess, 0);
            continue;
        }
        return guess;
    }
    return guess;
}

static double scale(double m, int e10)
{
    long double x = m;
    for (int left = e10 < 0 ? -e10 : e10; left > 0; left -= 22) {
        double p = pow10_exact[left > 22 ? 22 : left];
        x = e10 < 0 ? x / p : x * p;
    }
    return (double)x;
}

static double scan_exact(struct str s, const struct scan *sc, int e10)
{
    struct big digits;
    big_set(&digits, 0);
    int kept = 0;
    bool lost = false;
    for (size_t i = 0; i < s.n && s.p[i] != 'e' && s.p[i] != 'E'; i++) {
        if (!is_digit(s.p[i]) || (kept == 0 && s.p[i] == '0'))
            continue;
        if (kept == DIGITS_MAX) {
            lost = lost || s.p[i] != '0';
            continue;
        }
        big_mul(&digits, 10, (uint32_t)(s.p[i] - '0'));
        if (digits.n == 0)
            big_set(&digits, (uint32_t)(s.p[i] - '0'));
        kept++;
    }
    int first = sc->digits < 19 ? sc->digits : 19;
    int last = e10 - (kept - first); /* power of ten of the last kept digit */
    if (lost) {                      /* something beyond: not exactly half-way */
        big_mul(&digits, 10, 1);
        last--;
    }
    double guess = scale((double)sc->m, e10);
    if (isinf(guess))
        guess = 1.7976931348623157e308;
    return nearest(&digits, last, guess);
}

bool num_parse(struct str s, unsigned flags, double *ret)
{
    size_t i = 0;
    bool minus = s.n && s.p[0] == '-';
    if (minus || ((flags & NUM_PLUS) && s.n && s.p[0] == '+'))
        i++;
    struct scan sc = {0};
    size_t start = i;
    for (; i < s.n && is_digit(s.p[i]); i++)
        scan_digit(&sc, s.p[i], false);
    if (i < s.n && s.p[i] == '.')
        for (i++; i < s.n && is_digit(s.p[i]); i++)
            scan_digit(&sc, s.p[i], true);
    if (!sc.any)
        return false;
    int e10 = 0;
    if (i < s.n) {
        if (!(flags & NUM_EXPONENT) || (s.p[i] != 'e' && s.p[i] != 'E') ||
            !scan_exponent(s, i + 1, &e10))
            return false;
    }
    e10 += sc.exp;
    int magnitude = e10 + (sc.digits < 19 ? sc.digits : 19);
    double x;
    if (sc.m == 0 || magnitude < -400)
        x = 0;
    else if (magnitude > 400)
        x = INFINITY;
    else if (sc.digits <= 19 && (double)sc.m <= EXACT_INT && e10 >= -22 && e10 <= 22)
        x = e10 < 0 ? (double)sc.m / pow10_exact[-e10] : (double)sc.m * pow10_exact[e10];
    else
        x = scan_exact(str_from(s, start), &sc, e10);
    *ret = minus ? -x : x;
    return true;
}

bool num_parse_uint(struct str s, uint64_t *ret)
{
    uint64_t v = 0;
    if (s.n == 0)
        return false;
    for (size_t i = 0; i < s.n; i++) {
        if (!is_digit(s.p[i]) || v > (UINT64_MAX - (uint64_t)(s.p[i] - '0')) / 10)
            return false;
        v = v * 10 + (uint64_t)(s.p[i] - '0');
    }
    *ret = v;
    return true;
}

bool num_parse_int(struct str s, int64_t *ret)
{
    bool minus = s.n && s.p[0] == '-';
    if (minus || (s.n && s.p[0] == '+'))
        s = str_from(s, 1);
    uint64_t v;
    if (!num_parse_uint(s, &v) || v > (uint64_t)INT64_MAX + minus)
        return false;
    *ret = minus ? (int64_t)(0 - v) : (int64_t)v;
    return true;
}
