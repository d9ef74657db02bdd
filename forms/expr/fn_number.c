/* Functions of numbers and truths. A blank argument is NaN and stays so. */
#include <math.h>

#include "forms/expr/convert.h"
#include "forms/expr/func.h"

bool fn_number(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    if (n > 0)
        return ret_number(ret, arg_number(m, a));
    struct slot self;
    if (m->top && m->ev->has_dot)
        self.v = m->ev->dot;
    else
        slot_set_node(&self, m->self, false);
    return ret_number(ret, arg_number(m, &self));
}

bool fn_int(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    (void)n;
    return ret_number(ret, trunc(arg_number(m, a)));
}

/* ODK: in doubles, half away from zero; negative places round left of the point. */
static double round_places(double x, double places)
{
    if (isnan(x) || isnan(places))
        return NAN;
    double scale = pow(10, places);
    double shifted = fabs(x) * scale;
    double rounded = isfinite(shifted) ? floor(shifted + 0.5) / scale : fabs(x);
    if (isnan(rounded)) /* more places than a double has, or far fewer */
        rounded = places > 0 ? fabs(x) : 0;
    return x < 0 ? -rounded : rounded;
}

bool fn_round(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    double x = arg_number(m, a);
    if (n == 1 && m->x->plain) /* XPath: half up */
        return ret_number(ret, isfinite(x) ? floor(x + 0.5) : x);
    return ret_number(ret, round_places(x, n == 2 ? trunc(arg_number(m, a + 1)) : 0));
}

/* Members that are no numbers are skipped (JavaRosa), or spoil the sum (XPath). */
bool fn_sum(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    (void)n;
    double sum = 0;
    if (a->v.kind != VAL_NODES)
        return func_fail(m, STR("sum() needs nodes"));
    const struct nodes *set = &a->v.u.nodes;
    for (size_t i = 0; i < set->n; i++) {
        double x = node_number(set->v[i], m->ev);
        if (!isnan(x) || m->x->plain)
            sum += x;
    }
    return vm_spend(m, set->n) && ret_number(ret, sum);
}

static bool extreme(struct vm *m, const struct slot *a, uint32_t n, double sign, struct value *ret)
{
    struct members it = {.m = m, .args = a, .n = n};
    struct value v;
    double best = NAN;
    while (members_next(&it, &v)) {
        double x = value_number(&v, m->ev);
        if (!isnan(x) && !(x * sign <= best * sign))
            best = x;
        if (!vm_spend(m, 1))
            return false;
    }
    return ret_number(ret, best);
}

bool fn_min(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    return extreme(m, a, n, -1, ret);
}

bool fn_max(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    return extreme(m, a, n, 1, ret);
}

#define NUMBER_1(name, expression)                                                                 \
    bool fn_##name(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)              \
    {                                                                                              \
        (void)n;                                                                                   \
        double x = arg_number(m, a);                                                               \
        return ret_number(ret, expression);                                                        \
    }
NUMBER_1(floor, floor(x))
NUMBER_1(ceiling, ceil(x))
NUMBER_1(abs, fabs(x))
NUMBER_1(sqrt, sqrt(x))
NUMBER_1(exp, exp(x))
NUMBER_1(exp10, pow(10, x))
NUMBER_1(log, log(x))
NUMBER_1(log10, log10(x))
NUMBER_1(sin, sin(x))
NUMBER_1(cos, cos(x))
NUMBER_1(tan, tan(x))
NUMBER_1(asin, asin(x))
NUMBER_1(acos, acos(x))
NUMBER_1(atan, atan(x))

/* pow(x, NaN) and pow(NaN, 0) are NaN here, unlike C's. */
bool fn_pow(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    (void)n;
    double x = arg_number(m, a), y = arg_number(m, a + 1);
    return ret_number(ret, isnan(x) || isnan(y) ? NAN : pow(x, y));
}

bool fn_atan2(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    (void)n;
    return ret_number(ret, atan2(arg_number(m, a), arg_number(m, a + 1)));
}

bool fn_pi(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    (void)m;
    (void)a;
    (void)n;
    return ret_number(ret, 3.14159265358979323846);
}

/* ---- truths ---- */

bool fn_not(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    (void)n;
    return ret_boolean(ret, !arg_boolean(m, a));
}

bool fn_boolean_from_string(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    (void)n;
    struct str s = arg_string(m, a);
    return ret_boolean(ret, str_is(s, "true") || str_is(s, "1"));
}

static bool within(double count, double min, double max)
{
    return (min < 0 || count >= min) && (max < 0 || count <= max);
}

bool fn_checklist(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    double count = 0;
    for (uint32_t i = 2; i < n; i++) {
        if (a[i].v.kind != VAL_NODES) {
            count += arg_boolean(m, a + i);
            continue;
        }
        for (size_t j = 0; j < a[i].v.u.nodes.n; j++)
            count += str_trim(node_string(a[i].v.u.nodes.v[j], m->ev)).n > 0;
    }
    return ret_boolean(ret, within(count, arg_number(m, a), arg_number(m, a + 1)));
}

/* The j-th of a set, or the value itself for every j; false past a set's end. */
static bool pick(struct vm *m, const struct slot *a, size_t j, struct value *ret)
{
    *ret = a->v;
    if (a->v.kind != VAL_NODES)
        return j == 0;
    if (j >= a->v.u.nodes.n)
        return false;
    *ret = node_value(a->v.u.nodes.v[j], m->ev);
    return true;
}

/* Pairs of a truth and its weight; sets are paired node by node. */
bool fn_weighted_checklist(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    double sum = 0;
    for (uint32_t i = 2; i + 1 < n; i += 2) {
        struct value b, w;
        for (size_t j = 0; pick(m, a + i, j, &b) && pick(m, a + i + 1, j, &w); j++) {
            bool yes = a[i].v.kind == VAL_NODES ? str_trim(value_string(&b, m->ev)).n > 0
                                                : value_boolean(&b, m->ev);
            double x = yes ? value_number(&w, m->ev) : 0;
            sum += isnan(x) ? 0 : x;
        }
    }
    return ret_boolean(ret, within(sum, arg_number(m, a), arg_number(m, a + 1)));
}
