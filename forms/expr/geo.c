/* Places; see geo.h. */
#include "forms/expr/geo.h"

#include <math.h>

#include "forms/base/num.h"

#define RADIUS 6378100.0
#define PI     3.14159265358979323846

bool geo_point(struct str s, struct point *ret)
{
    double x[4];
    int n = 0;
    struct str word;
    while (str_word(&s, &word))
        if (n == 4 || !num_parse(word, NUM_EXPONENT | NUM_PLUS, &x[n++]))
            return false;
    if (n < 2 || fabs(x[0]) > 90 || fabs(x[1]) > 180)
        return false;
    *ret = (struct point){x[0], x[1]};
    return true;
}

static void add(struct points *l, struct point p, struct arena *a)
{
    if (l->n == l->cap) {
        size_t cap = l->cap ? l->cap * 2 : 16;
        struct point *v = ARENA_ARRAY(a, struct point, cap);
        if (l->n)
            memcpy(v, l->v, l->n * sizeof *v);
        l->v = v;
        l->cap = cap;
    }
    l->v[l->n++] = p;
}

bool geo_points(struct str s, struct points *l, struct arena *a)
{
    s = str_trim(s);
    while (s.n && s.p[s.n - 1] == ';')
        s = str_trim(str_sub(s, 0, s.n - 1));
    struct str part;
    if (s.n == 0)
        return false;
    while (str_split(&s, ';', &part)) {
        struct point p;
        if (!geo_point(part, &p))
            return false;
        add(l, p, a);
    }
    return true;
}

static double radians(double degrees)
{
    return degrees * PI / 180;
}

static double centi(double x)
{
    return floor(fabs(x) * 100 + 0.5) / 100;
}

static double between(struct point a, struct point b)
{
    double x = sin(radians(a.lat)) * sin(radians(b.lat)) +
               cos(radians(a.lat)) * cos(radians(b.lat)) * cos(radians(a.lon - b.lon));
    return acos(x > 1    ? 1
                : x < -1 ? -1
                         : x) *
           RADIUS; /* equal points may give 1.0000000000000002 */
}

double geo_distance(const struct points *l)
{
    double sum = 0;
    for (size_t i = 1; i < l->n; i++)
        sum += between(l->v[i - 1], l->v[i]);
    return centi(sum);
}

double geo_area(const struct points *l)
{
    double sum = 0;
    if (l->n < 3)
        return 0;
    for (size_t i = 0; i < l->n; i++) {
        struct point a = l->v[i], b = l->v[(i + 1) % l->n];
        sum += radians(b.lon - a.lon) * (2 + sin(radians(a.lat)) + sin(radians(b.lat)));
    }
    return centi(sum * RADIUS * RADIUS / 2);
}

static bool same(struct point a, struct point b)
{
    return a.lat == b.lat && a.lon == b.lon;
}

bool geo_inside(struct point p, const struct points *ring)
{
    if (ring->n < 2 || !same(ring->v[0], ring->v[ring->n - 1]))
        return false;
    bool inside = false;
    for (size_t i = 1; i < ring->n; i++) {
        struct point a = ring->v[i - 1], b = ring->v[i];
        if ((b.lat > p.lat) != (a.lat > p.lat) &&
            p.lon < (a.lon - b.lon) * (p.lat - b.lat) / (a.lat - b.lat) + b.lon)
            inside = !inside;
    }
    return inside;
}

/* The side of the line a-b on which c lies. */
static double side(struct point a, struct point b, struct point c)
{
    return (b.lon - a.lon) * (c.lat - a.lat) - (b.lat - a.lat) * (c.lon - a.lon);
}

static bool in_box(struct point a, struct point b, struct point c)
{
    return c.lon >= fmin(a.lon, b.lon) && c.lon <= fmax(a.lon, b.lon) &&
           c.lat >= fmin(a.lat, b.lat) && c.lat <= fmax(a.lat, b.lat);
}

static bool segments_meet(struct point a, struct point b, struct point c, struct point d)
{
    double c1 = side(a, b, c), c2 = side(a, b, d), c3 = side(c, d, a), c4 = side(c, d, b);
    if (((c1 > 0) != (c2 > 0)) && ((c3 > 0) != (c4 > 0)) && c1 != 0 && c2 != 0 && c3 != 0 &&
        c4 != 0)
        return true;
    return (c1 == 0 && in_box(a, b, c)) || (c2 == 0 && in_box(a, b, d)) ||
           (c3 == 0 && in_box(c, d, a)) || (c4 == 0 && in_box(c, d, b));
}

bool geo_crosses(const struct points *l)
{
    bool closed = l->n > 2 && same(l->v[0], l->v[l->n - 1]);
    for (size_t i = 0; i + 1 < l->n; i++) {
        for (size_t j = i + 2; j + 1 < l->n; j++) {
            if (closed && i == 0 && j + 2 == l->n)
                continue; /* the ends of a ring are neighbours */
            if (segments_meet(l->v[i], l->v[i + 1], l->v[j], l->v[j + 1]))
                return true;
        }
    }
    return false;
}
