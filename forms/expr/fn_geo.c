/* Functions of places. */
#include <math.h>

#include "forms/expr/convert.h"
#include "forms/expr/func.h"
#include "forms/expr/geo.h"

/* All points that the arguments hold: a trace's, or one of each node of a set. */
static bool points_of(struct vm *m, const struct slot *a, uint32_t n, struct points *ret)
{
    *ret = (struct points){0};
    for (uint32_t i = 0; i < n; i++) {
        if (a[i].v.kind != VAL_NODES) {
            if (!geo_points(arg_string(m, a + i), ret, m->ev->scratch))
                return false;
            continue;
        }
        for (size_t j = 0; j < a[i].v.u.nodes.n; j++)
            if (!geo_points(node_string(a[i].v.u.nodes.v[j], m->ev), ret, m->ev->scratch))
                return false;
    }
    return ret->n > 0;
}

bool fn_area(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    struct points l;
    return ret_number(ret, points_of(m, a, n, &l) ? geo_area(&l) : 0);
}

bool fn_distance(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    struct points l;
    return ret_number(ret, points_of(m, a, n, &l) ? geo_distance(&l) : NAN);
}

bool fn_geofence(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    (void)n;
    struct point p;
    struct points ring;
    return ret_boolean(ret, geo_point(arg_string(m, a), &p) && points_of(m, a + 1, 1, &ring) &&
                                geo_inside(p, &ring));
}

bool fn_intersects(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    struct points l;
    if (!points_of(m, a, n, &l))
        return ret_boolean(ret, false);
    return vm_spend(m, (uint64_t)l.n * l.n / 8) && ret_boolean(ret, geo_crosses(&l));
}
