/* Instances come and go: by a person, by repeat_count, and the first ones of a new interview. */
#include "forms/run/run_i.h"

#include <math.h>

/* ---- who reads that an instance is there ---- */

/* A blank answer coming or going is nothing to a reader that passes over blanks; what such a reader wants
 * of the repeat itself is the answers in it, and each of these is looked at. */
static bool matters(const struct interview *iv, struct frame *f, uint32_t def, const struct edge *e)
{
    if (!e->no_blanks)
        return true;
    if (iv->plan[def].repeat)
        return false;
    return iv->plan[def].home != f->def || cell_at(iv, f, def)->n;
}

/* Everything outside of the instance `f` that reads its nodes. What reads only its own instance's sees
 * nothing of it, unless it reads the instance's position. */
static void presence_changed(struct interview *iv, struct frame *f)
{
    const struct form_graph *g = &iv->form->graph;
    uint32_t end = node_at(iv, f->def)->end;
    iv->stirs++;
    for (uint32_t d = f->def; d < end; d++)
        for (uint32_t i = 0; i < g->n_readers[d]; i++) {
            const struct edge *e = &g->readers[d][i];
            bool inside = e->def > f->def && e->def < end;
            if ((!inside || e->wide) && matters(iv, f, d, e))
                recalc_push_reader(iv, f->up, e);
        }
}

/* The instances from `first` on have another position now. */
static void positions_changed(struct interview *iv, struct frame *around, uint32_t def,
                              uint32_t first)
{
    const struct form_graph *g = &iv->form->graph;
    const struct frame_list *l = &cell_at(iv, around, def)->u.list;
    for (uint32_t i = 0; i < g->n_readers[def]; i++) {
        const struct edge *e = &g->readers[def][i];
        if (e->wide || e->def <= def || e->def >= node_at(iv, def)->end)
            continue;
        for (uint32_t k = first; k < l->n; k++)
            recalc_push_reader(iv, l->v[k], e);
    }
}

/* ---- one more, one less ---- */

static struct frame *append(struct interview *iv, struct frame *around, uint32_t def)
{
    struct frame *f = frame_new(iv, around, def, cell_at(iv, around, def)->u.list.n);
    list_insert(iv, f);
    record_structure(iv, f, RECORD_ADDED);
    if (!iv->reading) {
        iv->fresh = mem_grow(iv->fresh, iv->n_fresh, &iv->fresh_cap, sizeof *iv->fresh);
        iv->fresh[iv->n_fresh++] = f;
        repeat_seed(iv, f);
    }
    return f;
}

void repeat_seed(struct interview *iv, struct frame *f)
{
    uint32_t end = node_at(iv, f->def)->end;
    for (uint32_t d = f->def + 1; d < end; d++) {
        const struct form_node *n = node_at(iv, d);
        if (n->type != TYPE_REPEAT)
            continue;
        if (!n->repeat_count.expr)
            append(iv, f, d);
        d = n->end - 1;
    }
}

struct frame *repeat_grow(struct interview *iv, struct frame *around, uint32_t def)
{
    struct frame *f = append(iv, around, def);
    recalc_push_frame(iv, f, RECALC_EVERYTHING);
    presence_changed(iv, f);
    return f;
}

void repeat_shrink(struct interview *iv, struct frame *f)
{
    struct frame *around = f->up;
    uint32_t def = f->def, index = f->index;
    list_take(iv, f);
    record_structure(iv, f, RECORD_REMOVED);
    presence_changed(iv, f);
    positions_changed(iv, around, def, index);
}

void repeat_settle_count(struct interview *iv, struct frame *around, uint32_t def)
{
    struct eval ev;
    struct value v;
    struct arena_mark m = arena_mark(&iv->scratch);
    eval_init(iv, &ev, around, def);
    double x = 0;
    if (eval_run(iv, node_at(iv, def)->repeat_count.expr, &ev, &v))
        x = value_number(&v, &ev);
    arena_release(&iv->scratch, m);
    uint32_t want = 0;
    if (x >= 1) /* not for NaN */
        want = x < (double)LIMIT_INSTANCES ? (uint32_t)x : (uint32_t)LIMIT_INSTANCES;
    const struct frame_list *l = &cell_at(iv, around, def)->u.list;
    while (l->n < want)
        repeat_grow(iv, around, def);
    while (l->n > want)
        repeat_shrink(iv, l->v[l->n - 1]);
}

/* ---- dynamic defaults ---- */

static void put_default(struct interview *iv, struct frame *f, uint32_t def)
{
    const struct form_node *n = node_at(iv, def);
    struct arena_mark m = arena_mark(&iv->scratch);
    struct eval ev;
    struct value v;
    eval_init(iv, &ev, f, def);
    bool put = false;
    if (eval_run(iv, n->default_dynamic.expr, &ev, &v)) {
        struct answer a = answer_of(iv, n, &v, &ev);
        put = a.text.n && cell_put(iv, f, def, &a);
    }
    arena_release(&iv->scratch, m);
    if (!put)
        return;
    if (iv->plan[def].has & 1u << FACET_CHOICES)
        recalc_push(iv, f, def, FACET_CHOICES);
    value_changed(iv, f, def);
    recalc_settle(iv);
}

void dynamic_defaults(struct interview *iv, struct frame *f)
{
    uint32_t end = node_at(iv, f->def)->end;
    for (uint32_t d = f->up ? f->def + 1 : 0; d < end;) {
        const struct form_node *n = node_at(iv, d);
        if (n->default_dynamic.expr)
            put_default(iv, f, d);
        d = n->type == TYPE_REPEAT ? n->end : d + 1;
    }
}

/* ---- by a person ---- */

static bool find_repeat(const struct interview *iv, const struct place *p, bool whole,
                        struct frame **ret, struct err *e)
{
    struct frame *f = NULL;
    if (!place_find(iv, p, &f) || p->whole != whole || node_at(iv, p->def)->type != TYPE_REPEAT)
        return err_fail(e, ERR_NO_REPEAT);
    const struct frame *around = whole ? f : f->up;
    if (!(cell_at(iv, (struct frame *)around, p->def)->flags & CELL_RELEVANT))
        return err_fail(e, ERR_NOT_RELEVANT);
    if (node_at(iv, p->def)->repeat_count.expr)
        return err_fail(e, ERR_REPEAT_COUNTED);
    if (readonly_at(iv, f, p->def))
        return err_fail(e, ERR_READONLY);
    *ret = f;
    return true;
}

bool interview_add(struct interview *iv, const struct place *p, struct place *ret_at,
                   struct changes *ret, struct err *e)
{
    struct frame *around = NULL;
    if (!find_repeat(iv, p, true, &around, e))
        return false;
    if (cell_at(iv, around, p->def)->u.list.n >= LIMIT_INSTANCES)
        return err_fail2(e, ERR_LIMIT, "The repeat", "100,000 instances");
    op_begin(iv, true);
    struct frame *f = repeat_grow(iv, around, p->def);
    op_end(iv, ret);
    *ret_at = place_of(iv, f, f->def);
    return true;
}

bool interview_remove(struct interview *iv, const struct place *instance, struct changes *ret,
                      struct err *e)
{
    struct frame *f = NULL;
    if (!find_repeat(iv, instance, false, &f, e))
        return false;
    op_begin(iv, true);
    repeat_shrink(iv, f);
    op_end(iv, ret);
    return true;
}
