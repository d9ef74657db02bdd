/* Near misses; see near.h. */
#include "forms/model/near.h"

#define LONGEST 40u

void near_start(struct near *n, struct str wanted)
{
    *n = (struct near){.wanted = wanted, .distance = LONGEST};
}

static char lower(char c)
{
    return (char)(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c == ' ' ? '_' : c);
}

/* Optimal string alignment: a swap of neighbours counts once. */
static unsigned distance(struct str a, struct str b)
{
    unsigned row[3][LONGEST + 1];
    for (unsigned k = 0; k <= b.n; k++)
        row[0][k] = k;
    for (unsigned i = 1; i <= a.n; i++) {
        unsigned *now = row[i % 3], *last = row[(i - 1) % 3], *before = row[(i + 1) % 3];
        now[0] = i;
        for (unsigned k = 1; k <= b.n; k++) {
            bool same = lower(a.p[i - 1]) == lower(b.p[k - 1]);
            unsigned d = last[k - 1] + !same;
            d = last[k] + 1 < d ? last[k] + 1 : d;
            d = now[k - 1] + 1 < d ? now[k - 1] + 1 : d;
            if (i > 1 && k > 1 && lower(a.p[i - 1]) == lower(b.p[k - 2]) &&
                lower(a.p[i - 2]) == lower(b.p[k - 1]) && before[k - 2] + 1 < d)
                d = before[k - 2] + 1;
            now[k] = d;
        }
    }
    return row[a.n % 3][b.n];
}

void near_try(struct near *n, const char *word)
{
    struct str w = str_of(word);
    if (n->wanted.n == 0 || n->wanted.n > LONGEST || w.n > LONGEST)
        return;
    unsigned d = distance(n->wanted, w);
    if (d < n->distance) {
        n->distance = d;
        n->best = word;
    }
}

const char *near_best(const struct near *n)
{
    return n->best && n->distance * 3 <= n->wanted.n ? n->best : NULL;
}
