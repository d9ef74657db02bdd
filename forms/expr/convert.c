/* Coercion, comparison and arithmetic; see convert.h. */
#include "forms/expr/convert.h"

#include <math.h>

#include "forms/base/num.h"

#define TINY           1e-12 /* prints as 0 (JavaRosa), so that rounding noise does not show */
#define BYTES_PER_STEP 8     /* of a text gathered from a tree */

/* Work that no instruction counts. False: none is left, and the machine stops at its next one. */
static bool spend(struct eval *ev, uint64_t steps)
{
    ev->steps_left -= steps < ev->steps_left ? steps : ev->steps_left;
    return ev->steps_left > 0;
}

/* ---- to a number ---- */

double text_number(struct str s, bool plain)
{
    double x;
    return num_parse(str_trim(s), plain ? 0 : NUM_EXPONENT, &x) ? x : NAN;
}

double date_number(const struct date *d)
{
    return date_is_valid(d) ? (double)d->ms / (double)DAY_MS : NAN;
}

static double scalar_number(const struct value *v, bool plain)
{
    switch (v->kind) {
    case VAL_NUMBER: return v->u.number;
    case VAL_BOOLEAN: return v->u.boolean ? 1 : 0;
    case VAL_DATE: return date_number(&v->u.date);
    case VAL_STRING: return text_number(v->u.string, plain);
    case VAL_NODES: break;
    }
    return NAN;
}

/* The number kept with the first node of a set. */
static bool kept_number(const struct value *v, double *ret)
{
    if (v->kind != VAL_NODES || v->u.nodes.n == 0)
        return false;
    struct node n = v->u.nodes.v[0];
    return n.tree->ops->number && n.tree->ops->number(n, ret);
}

double value_number(const struct value *v, struct eval *ev)
{
    double x;
    if (v->kind == VAL_NUMBER)
        return v->u.number;
    if (kept_number(v, &x))
        return x;
    struct value s = value_scalar(v, ev);
    return scalar_number(&s, ev->plain_xpath);
}

double node_number(struct node n, struct eval *ev)
{
    double x;
    if (n.tree->ops->number && n.tree->ops->number(n, &x))
        return x;
    struct value v = node_value(n, ev);
    return scalar_number(&v, ev->plain_xpath);
}

/* ---- to a text ---- */

struct str node_string(struct node n, struct eval *ev)
{
    struct str s = n.tree->ops->string(n, ev->scratch);
    spend(ev, s.n / BYTES_PER_STEP);
    return s;
}

static struct str date_string(const struct date *d, struct eval *ev)
{
    if (!date_is_valid(d))
        return STR("Invalid Date");
    char tmp[DATE_TEXT_MAX];
    size_t n = date_text(d, tmp);
    return arena_str(ev->scratch, (struct str){tmp, n});
}

struct str value_string(const struct value *v, struct eval *ev)
{
    switch (v->kind) {
    case VAL_STRING: return v->u.string;
    case VAL_BOOLEAN: return v->u.boolean ? STR("true") : STR("false");
    case VAL_DATE: return date_string(&v->u.date, ev);
    case VAL_NODES: return v->u.nodes.n ? node_string(v->u.nodes.v[0], ev) : STR("");
    case VAL_NUMBER: break;
    }
    double x = v->u.number;
    if (!ev->plain_xpath && fabs(x) < TINY)
        x = 0;
    return num_str(x, ev->scratch);
}

/* ---- to a truth ---- */

static bool scalar_boolean(const struct value *v)
{
    switch (v->kind) {
    case VAL_NUMBER: return v->u.number != 0 && !isnan(v->u.number);
    case VAL_BOOLEAN: return v->u.boolean;
    case VAL_DATE: return date_is_valid(&v->u.date);
    case VAL_STRING: return v->u.string.n > 0;
    case VAL_NODES: break;
    }
    return v->u.nodes.n > 0;
}

bool value_boolean(const struct value *v, struct eval *ev)
{
    if (v->kind == VAL_NODES && v->u.nodes.n && v->u.nodes.ref) {
        struct value s = value_scalar(v, ev);
        return scalar_boolean(&s);
    }
    return scalar_boolean(v);
}

/* ---- scalars ---- */

struct value node_value(struct node n, struct eval *ev)
{
    struct value v;
    if (n.tree->ops->typed && n.tree->ops->typed(n, &v))
        return v;
    return (struct value){VAL_STRING, {.string = node_string(n, ev)}};
}

struct value value_scalar(const struct value *v, struct eval *ev)
{
    if (v->kind != VAL_NODES)
        return *v;
    if (v->u.nodes.n)
        return node_value(v->u.nodes.v[0], ev);
    return (struct value){VAL_STRING, {.string = STR("")}};
}

bool value_is_blank(const struct value *v, struct eval *ev)
{
    switch (v->kind) {
    case VAL_NUMBER: return isnan(v->u.number);
    case VAL_STRING: return v->u.string.n == 0;
    case VAL_BOOLEAN:
    case VAL_DATE: return false;
    case VAL_NODES: break;
    }
    double x;
    if (kept_number(v, &x))
        return isnan(x);
    return v->u.nodes.n == 0 || node_string(v->u.nodes.v[0], ev).n == 0;
}

bool value_date(const struct value *v, struct eval *ev, struct date *ret)
{
    struct value s = value_scalar(v, ev);
    if (s.kind == VAL_STRING)
        return date_parse(s.u.string, ev->host, ret);
    if (s.kind != VAL_DATE || !date_is_valid(&s.u.date))
        return false;
    *ret = s.u.date;
    return true;
}

/* ---- comparison ---- */

static bool number_compare(enum op op, double a, double b)
{
    switch ((int)op) {
    case OP_EQ: return a == b;
    case OP_NE: return a != b;
    case OP_LT: return a < b;
    case OP_LE: return a <= b;
    case OP_GT: return a > b;
    default: return a >= b;
    }
}

/* What is compared with < and its like, or with a quantity: a number, or the days of what reads
 * as a date. */
static double order_number(const struct value *v, struct eval *ev)
{
    double x = scalar_number(v, ev->plain_xpath);
    struct date d;
    if (isnan(x) && v->kind == VAL_STRING && date_parse(v->u.string, ev->host, &d))
        return date_number(&d);
    return x;
}

/* Neither is a set, and nodes have given their values: `text` says that both came from nodes or
 * texts. */
static bool scalar_compare(enum op op, const struct value *a, const struct value *b, bool text,
                           struct eval *ev)
{
    if (op != OP_EQ && op != OP_NE)
        return number_compare(op, order_number(a, ev), order_number(b, ev));
    if (a->kind == VAL_BOOLEAN || b->kind == VAL_BOOLEAN)
        return (scalar_boolean(a) == scalar_boolean(b)) == (op == OP_EQ);
    bool quantity = a->kind == VAL_DATE || b->kind == VAL_DATE || a->kind == VAL_NUMBER ||
                    b->kind == VAL_NUMBER;
    if (!text && quantity)
        return number_compare(op, order_number(a, ev), order_number(b, ev));
    return str_eq(value_string(a, ev), value_string(b, ev)) == (op == OP_EQ);
}

/* One node against a value that is not a set. */
static bool node_compare(enum op op, struct node n, const struct value *b, bool flipped,
                         struct eval *ev)
{
    struct value a;
    bool text = b->kind == VAL_STRING && (op == OP_EQ || op == OP_NE);
    if (text)
        a = (struct value){VAL_STRING, {.string = node_string(n, ev)}};
    else
        a = node_value(n, ev);
    return flipped ? scalar_compare(op, b, &a, text, ev) : scalar_compare(op, &a, b, text, ev);
}

/* Two nodes: their texts, but dates as dates. */
static bool nodes_compare(enum op op, struct node a, struct node b, struct eval *ev)
{
    struct value x = node_value(a, ev), y = node_value(b, ev);
    bool equality = op == OP_EQ || op == OP_NE;
    if (equality && (x.kind != VAL_DATE || y.kind != VAL_DATE))
        return str_eq(node_string(a, ev), node_string(b, ev)) == (op == OP_EQ);
    return scalar_compare(op, &x, &y, false, ev);
}

static bool set_compare(enum op op, const struct nodes *a, const struct nodes *b, struct eval *ev)
{
    for (size_t i = 0; i < a->n; i++)
        for (size_t j = 0; j < b->n && spend(ev, 1); j++)
            if (nodes_compare(op, a->v[i], b->v[j], ev))
                return true;
    return false;
}

/* A reference without a node is blank, not an empty set. */
static struct value blank_ref(const struct value *v)
{
    if (v->kind == VAL_NODES && v->u.nodes.n == 0 && v->u.nodes.ref)
        return (struct value){VAL_STRING, {.string = STR("")}};
    return *v;
}

/* What forms ask most: a question against a code or a number. As node_compare has it, without the way
 * round by a value of the node. False: not such a pair. */
static bool one_compare(enum op op, const struct value *a, const struct value *b, struct eval *ev,
                        bool *ret)
{
    double x;
    if (a->kind != VAL_NODES || a->u.nodes.n != 1)
        return false;
    if (b->kind == VAL_STRING && (op == OP_EQ || op == OP_NE)) {
        *ret = str_eq(node_string(a->u.nodes.v[0], ev), b->u.string) == (op == OP_EQ);
        return true;
    }
    if (b->kind != VAL_NUMBER || !kept_number(a, &x))
        return false;
    *ret = number_compare(op, x, b->u.number);
    return true;
}

bool value_compare(enum op op, const struct value *a, const struct value *b, struct eval *ev)
{
    bool quick;
    if (a->kind == VAL_NUMBER && b->kind == VAL_NUMBER)
        return number_compare(op, a->u.number, b->u.number);
    if (one_compare(op, a, b, ev, &quick))
        return quick;
    struct value x = blank_ref(a), y = blank_ref(b);
    bool equality = op == OP_EQ || op == OP_NE;
    if (x.kind == VAL_NODES && y.kind == VAL_NODES)
        return set_compare(op, &x.u.nodes, &y.u.nodes, ev);
    if (x.kind != VAL_NODES && y.kind != VAL_NODES)
        return scalar_compare(op, &x, &y, false, ev);
    bool flipped = y.kind == VAL_NODES;
    const struct value *set = flipped ? &y : &x, *other = flipped ? &x : &y;
    if (other->kind == VAL_BOOLEAN && (equality || !set->u.nodes.ref)) {
        struct value truth = {VAL_BOOLEAN, {.boolean = value_boolean(set, ev)}};
        return scalar_compare(op, flipped ? other : &truth, flipped ? &truth : other, false, ev);
    }
    for (size_t i = 0; i < set->u.nodes.n && spend(ev, 1); i++)
        if (node_compare(op, set->u.nodes.v[i], other, flipped, ev))
            return true;
    return false;
}

/* ---- arithmetic ---- */

/* The days between two dates, exactly: whole days for dates alone, else whole milliseconds. A text
 * meets a date as a date. */
static bool date_difference(const struct value *a, const struct value *b, struct eval *ev,
                            double *ret)
{
    struct date x, y;
    if ((a->kind != VAL_DATE && b->kind != VAL_DATE) || a->kind == VAL_NUMBER ||
        b->kind == VAL_NUMBER || !value_date(a, ev, &x) || !value_date(b, ev, &y))
        return false;
    if (x.kind == DATE_ONLY && y.kind == DATE_ONLY)
        *ret = (double)(date_local_days(&x) - date_local_days(&y));
    else
        *ret = (double)(x.ms - y.ms) / (double)DAY_MS;
    return true;
}

double value_arith(enum op op, const struct value *a, const struct value *b, struct eval *ev)
{
    double m, n;
    if (op == OP_SUB && !kept_number(a, &m) && !kept_number(b, &n)) {
        struct value x = value_scalar(a, ev), y = value_scalar(b, ev);
        double days;
        if (date_difference(&x, &y, ev, &days))
            return days;
    }
    m = value_number(a, ev);
    n = value_number(b, ev);
    switch ((int)op) {
    case OP_ADD: return m + n;
    case OP_SUB: return m - n;
    case OP_MUL: return m * n;
    case OP_DIV: return m / n;
    default: return fmod(m, n);
    }
}
