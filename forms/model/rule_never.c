/* Conditions that cannot come true: a relevant that is false whatever is answered, a constraint that no
 * value of its type meets, a soft check that finds nothing odd among the values that the constraint takes. Only what is plain is looked at: comparisons of a question with a number or a
 * text, joined by and/or; everything else counts as possible. A warning for the author, never more. */
#include "forms/model/build_i.h"

#include <math.h>

#include "forms/base/date.h"
#include "forms/base/num.h"
#include "forms/expr/parse.h"

/* "the answer to `subject` stands in this relation to a literal". BIN_UNION: it is one of those chosen. */
struct atom {
    uint32_t subject;
    enum binary op;
    struct str text;
    double number; /* NaN: the text is none */
};

struct never {
    struct build *b;
    uint32_t self; /* what `.` means, or DEF_NONE */
    uint32_t at;   /* whose condition it is: what is in its repeats is one value */
    struct atom *v;
    size_t n, cap;
    bool impossible;
    size_t *bytes; /* that may still be parsed */
};

/* More comparisons than anybody writes are not looked at; nor, in one form, more text than this. */
#define MAX_ATOMS 64u
#define MAX_BYTES ((size_t)4 << 20)

static void collect(struct never *s, const struct ast *x);

/* ---- reading ---- */

static uint32_t subject_of(const struct never *s, const struct ast *x)
{
    const struct form *f = s->b->f;
    if (x->kind == AST_PATH && !x->path.start && !x->path.absolute && x->path.n_steps == 1 &&
        x->path.steps[0].axis == AXIS_SELF && x->path.steps[0].test.kind == TEST_NODE &&
        x->path.steps[0].preds.n == 0)
        return s->self;
    if (x->kind != AST_REF || names_get(&f->names->repeated, 0, x->text))
        return DEF_NONE;
    const struct name_entry *e = names_get(&f->names->by_name, 0, x->text);
    if (!e)
        return DEF_NONE;
    uint32_t repeat = f->nodes[e->value].repeat;
    bool one = repeat == DEF_NONE || (s->at >= repeat && s->at < f->nodes[repeat].end);
    return one ? e->value : DEF_NONE;
}

static bool literal_of(const struct ast *x, struct str *text, double *number, struct arena *a)
{
    if (x->kind == AST_STRING) {
        *text = x->text;
        if (!num_parse(str_trim(x->text), 0, number))
            *number = NAN;
        return true;
    }
    bool negative = x->kind == AST_NEGATE && x->args.v[0]->kind == AST_NUMBER;
    if (x->kind != AST_NUMBER && !negative)
        return false;
    *number = negative ? -x->args.v[0]->number : x->number;
    *text = num_str(*number, a);
    return true;
}

static enum binary mirrored(enum binary op)
{
    return op == BIN_LT   ? BIN_GT
           : op == BIN_GT ? BIN_LT
           : op == BIN_LE ? BIN_GE
           : op == BIN_GE ? BIN_LE
                          : op;
}

static void add_atom(struct never *s, const struct ast *left, const struct ast *right,
                     enum binary op)
{
    struct atom a = {.subject = subject_of(s, left), .op = op};
    if (a.subject == DEF_NONE || s->n == MAX_ATOMS ||
        !literal_of(right, &a.text, &a.number, &s->b->scratch))
        return;
    s->v = mem_grow(s->v, s->n, &s->cap, sizeof *s->v);
    s->v[s->n++] = a;
}

static void collect_call(struct never *s, const struct ast *x)
{
    if (str_is(x->text, "false") && x->args.n == 0)
        s->impossible = true;
    else if (str_is(x->text, "selected") && x->args.n == 2)
        add_atom(s, x->args.v[0], x->args.v[1], BIN_UNION);
}

/* ---- judging ---- */

static bool is_number(const struct form_node *n)
{
    return n->type == TYPE_INTEGER || n->type == TYPE_DECIMAL || n->type == TYPE_RANGE;
}

/* Whether the list of a select has this answer; true when that isn't known. */
static bool offers(const struct build *b, const struct form_node *n, struct str code)
{
    if (n->list == DEF_NONE || !b->lists[n->list].l->loaded)
        return true;
    const struct choice_list *l = b->lists[n->list].l;
    uint32_t column = l->external ? choice_column(l, n->value_column) : l->name_column;
    uint32_t found;
    if (column == DEF_NONE || !l->indexes || !l->indexes[column])
        return true;
    choice_index_rows(l, column, code, &found);
    return found > 0;
}

static bool holds(const struct atom *a, double x)
{
    switch (a->op) {
    case BIN_EQ: return x == a->number;
    case BIN_NE: return x != a->number;
    case BIN_LT: return x < a->number;
    case BIN_LE: return x <= a->number;
    case BIN_GT: return x > a->number;
    case BIN_GE: return x >= a->number;
    case BIN_OR:
    case BIN_AND:
    case BIN_ADD:
    case BIN_SUB:
    case BIN_MUL:
    case BIN_DIV:
    case BIN_MOD:
    case BIN_UNION: break;
    }
    return true;
}

static bool all_hold(const struct never *s, uint32_t subject, double x)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->v[i].subject == subject && !isnan(s->v[i].number) && !holds(&s->v[i], x))
            return false;
    return true;
}

/* A set of bounds has a solution exactly if one of these is: a bound, next to it, between two of them. */
static bool has_number(const struct never *s, uint32_t subject, bool whole)
{
    bool any = false;
    for (size_t i = 0; i < s->n; i++) {
        double x = s->v[i].number;
        if (s->v[i].subject != subject || isnan(x))
            continue;
        any = true;
        double tries[] = {floor(x), ceil(x), floor(x) - 1, ceil(x) + 1, x, x - 0.5, x + 0.5};
        for (size_t k = 0; k < (whole ? 4 : sizeof tries / sizeof tries[0]); k++)
            if (all_hold(s, subject, tries[k]))
                return true;
        for (size_t k = 0; k < s->n && !whole; k++)
            if (s->v[k].subject == subject && all_hold(s, subject, (x + s->v[k].number) / 2))
                return true;
    }
    return !any;
}

/* Whether the text of an answer of that type can be this. A time is no number, and a text that is no date
 * is none either: nothing is above or below them, and only != holds. */
static bool meets_clock(const struct form_node *n, const struct atom *a, const struct host *h)
{
    struct date date;
    struct day_time time;
    bool missing = n->missing[0].p || n->missing[1].p || n->missing[2].p;
    bool equal = a->op == BIN_EQ, is_date = date_parse(a->text, h, &date);
    if (a->op == BIN_NE || a->op == BIN_UNION || missing || a->text.n == 0)
        return true;
    if (n->stored == STORED_TIME)
        return equal && (!isnan(a->number) || time_parse(a->text, &time));
    if (n->stored == STORED_DATE || n->stored == STORED_DATETIME)
        return is_date || !isnan(a->number);
    return true;
}

static bool text_conflict(const struct never *s, const struct atom *a)
{
    const struct form_node *n = &s->b->nodes[a->subject];
    bool equal = a->op == BIN_EQ;
    if ((equal || (a->op == BIN_UNION && a->text.n)) && n->list != DEF_NONE && a->text.n > 0 &&
        (n->type == TYPE_SELECT_ONE || a->op == BIN_UNION) && !offers(s->b, n, a->text))
        return true;
    if (is_number(n) && isnan(a->number) && a->op != BIN_NE && a->text.n > 0)
        return true; /* a number is never a word, and not above or below one */
    if (s->b->host && !meets_clock(n, a, s->b->host))
        return true;
    for (const struct atom *c = s->v; equal && c < s->v + s->n; c++) {
        bool numeric = !isnan(a->number) && !isnan(c->number);
        bool same = numeric ? a->number == c->number : str_eq(a->text, c->text);
        if (c->subject == a->subject &&
            ((c->op == BIN_EQ && !same) || (c->op == BIN_NE && same && a->text.n > 0)))
            return true;
    }
    return false;
}

static bool is_impossible(const struct never *s)
{
    if (s->impossible)
        return true;
    for (size_t i = 0; i < s->n; i++) {
        const struct form_node *n = &s->b->nodes[s->v[i].subject];
        if (text_conflict(s, &s->v[i]))
            return true;
        if (is_number(n) && !has_number(s, s->v[i].subject, n->stored == STORED_INT))
            return true;
    }
    return false;
}

/* An `or` is impossible when each of its parts is. */
static void collect_or(struct never *s, const struct ast *x)
{
    for (uint32_t i = 0; i < x->args.n; i++) {
        struct never part = {.b = s->b, .self = s->self, .at = s->at, .bytes = s->bytes};
        collect(&part, x->args.v[i]);
        bool impossible = is_impossible(&part);
        mem_free(part.v);
        if (!impossible)
            return;
    }
    s->impossible = true;
}

static void collect(struct never *s, const struct ast *x)
{
    if (x->kind == AST_CALL)
        collect_call(s, x);
    if (x->kind != AST_CHAIN)
        return;
    enum binary op = x->ops[0];
    if (op == BIN_AND) {
        for (uint32_t i = 0; i < x->args.n; i++)
            collect(s, x->args.v[i]);
    } else if (op == BIN_OR) {
        collect_or(s, x);
    } else if (op >= BIN_EQ && op <= BIN_GE && x->args.n == 2) {
        add_atom(s, x->args.v[0], x->args.v[1], op);
        add_atom(s, x->args.v[1], x->args.v[0], mirrored(op));
    }
}

/* ---- the rules ---- */

static void collect_cond(struct never *s, const struct cond *c)
{
    struct ast *x;
    struct err e = {0};
    struct pos pos = {.row = 0};
    size_t length = c->expr ? expr_text(c->expr).n : 0;
    if (length > *s->bytes)
        return;
    *s->bytes -= length;
    if (c->expr && parse_expr(&x, expr_text(c->expr), &pos, &s->b->scratch, &e))
        collect(s, x);
}

static bool is_constantly_false(struct build *b, const struct cond *c)
{
    if (!c->expr || !(expr_flags(c->expr) & EXPR_CONSTANT) || !b->host || !b->host->offset)
        return false;
    struct eval ev = {
        .host = b->host, .scratch = &b->scratch, .position = 1, .size = 1, .steps_left = 100000};
    struct value v;
    struct err e = {0};
    return expr_eval(c->expr, &ev, &v, &e) && !value_boolean(&v, &ev);
}

/* What the answers looked at may be, as far as their own constraints say; the codes of missing answers are
 * let past those. */
static void add_constraints(struct never *s, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t subject = s->v[i].subject;
        const struct form_node *q = &s->b->nodes[subject];
        bool seen = q->missing[0].p || q->missing[1].p || q->missing[2].p || !is_number(q);
        for (size_t k = 0; k < i; k++)
            seen = seen || s->v[k].subject == subject;
        uint32_t self = s->self;
        s->self = subject;
        if (!seen)
            collect_cond(s, &q->constraint);
        s->self = self;
    }
}

static bool never_relevant(struct build *b, uint32_t def, bool with_own, size_t *bytes)
{
    struct never s = {.b = b, .self = DEF_NONE, .at = def, .bytes = bytes};
    for (uint32_t d = with_own ? def : b->nodes[def].parent; d != DEF_NONE; d = b->nodes[d].parent)
        collect_cond(&s, &b->nodes[d].relevant);
    add_constraints(&s, s.n);
    bool impossible = is_impossible(&s);
    mem_free(s.v);
    return impossible;
}

static bool never_holds(struct build *b, uint32_t def, size_t *bytes)
{
    struct never s = {.b = b, .self = def, .at = def, .bytes = bytes};
    collect_cond(&s, &b->nodes[def].constraint);
    bool impossible = is_impossible(&s);
    mem_free(s.v);
    return impossible;
}

static bool never_warns(struct build *b, uint32_t def, const struct cond *when, size_t *bytes)
{
    struct never s = {.b = b, .self = def, .at = def, .bytes = bytes};
    collect_cond(&s, when);
    add_constraints(&s, s.n);
    bool impossible = is_impossible(&s);
    mem_free(s.v);
    return impossible;
}

static struct spot cond_spot(const struct build *b, const struct cond *c)
{
    return spot_at(c->row ? &b->book->sheets[c->sheet] : NULL, c->row, c->column);
}

void rule_never(struct build *b)
{
    size_t bytes = MAX_BYTES;
    for (uint32_t i = 1; i < b->f->n_nodes; i++) {
        const struct form_node *n = &b->nodes[i];
        struct arena_mark mark = arena_mark(&b->scratch);
        if (n->relevant.row &&
            (is_constantly_false(b, &n->relevant) ||
             (never_relevant(b, i, true, &bytes) && !never_relevant(b, i, false, &bytes))))
            build_warn(b, ERR_NEVER_RELEVANT, cond_spot(b, &n->relevant), n->name);
        if (n->constraint.row &&
            (is_constantly_false(b, &n->constraint) || never_holds(b, i, &bytes)))
            build_warn(b, ERR_NEVER_VALID, cond_spot(b, &n->constraint), n->name,
                       n->stored == STORED_TIME
                           ? STR("time, compared by the function decimal-time on both sides")
                           : n->type_text);
        for (uint32_t k = 0; k < n->n_warns; k++)
            if (is_constantly_false(b, &n->warns[k].when) ||
                never_warns(b, i, &n->warns[k].when, &bytes))
                build_warn(b, ERR_NEVER_WARNS, cond_spot(b, &n->warns[k].when), n->name);
        arena_release(&b->scratch, mark);
    }
}
