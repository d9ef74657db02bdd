/* Recalculation. What a change makes stale waits in a heap by rank (the form's topological order), so that
 * each is computed once, after all it depends on. Which frames a reader has is known from where the
 * change happened: in shared repeats the reader of the same instance, in others all of them. */
#include "forms/run/run_i.h"

#include <math.h>

/* ---- the heap ---- */

/* By rank, and among instances the earlier ones first. What is made stale though it has had its turn (only
 * expressions that look into other instances do that) waits for another round: a running total, which reads
 * the instance before it, settles in two. */
static bool before(const struct item *a, const struct item *b)
{
    if (a->round != b->round)
        return a->round < b->round;
    return a->rank != b->rank ? a->rank < b->rank : a->frame->index < b->frame->index;
}

static void heap_add(struct interview *iv, struct item it)
{
    iv->heap = mem_grow(iv->heap, iv->heap_n, &iv->heap_cap, sizeof *iv->heap);
    size_t i = iv->heap_n++;
    while (i > 0 && before(&it, &iv->heap[(i - 1) / 2])) {
        iv->heap[i] = iv->heap[(i - 1) / 2];
        i = (i - 1) / 2;
    }
    iv->heap[i] = it;
}

static struct item heap_take(struct interview *iv)
{
    struct item top = iv->heap[0], last = iv->heap[--iv->heap_n];
    size_t i = 0, n = iv->heap_n;
    for (size_t child; (child = 2 * i + 1) < n; i = child) {
        if (child + 1 < n && before(&iv->heap[child + 1], &iv->heap[child]))
            child++;
        if (!before(&iv->heap[child], &last))
            break;
        iv->heap[i] = iv->heap[child];
    }
    if (n)
        iv->heap[i] = last;
    return top;
}

static void push(struct interview *iv, struct frame *f, uint32_t def, enum facet facet, bool fresh)
{
    struct cell *c = cell_at(iv, f, def);
    uint16_t bit = (uint16_t)(1u << facet);
    if (c->waiting & bit)
        return;
    c->waiting |= bit;
    struct item it = {iv->form->graph.rank[def * FACETS + facet], 0, def, facet, f};
    const struct item *now = &iv->now;
    if (now->frame) {
        bool passed = it.rank == now->rank ? f->index <= now->frame->index : it.rank < now->rank;
        it.round = now->round + (passed && !fresh);
    }
    heap_add(iv, it);
}

void recalc_push(struct interview *iv, struct frame *f, uint32_t def, enum facet facet)
{
    push(iv, f, def, facet, false);
}

/* What is not calculated anew while its inputs stay: a person's answer over a calculation; anything
 * drawn at random (the member chosen for the interview must not change because of a recalculation); and
 * what the clock had given a record that is being read. */
static bool keeps_value(const struct interview *iv, struct frame *f, uint32_t def)
{
    const struct cell *c = cell_at(iv, f, def);
    if (c->flags & CELL_TYPED_OVER)
        return true;
    uint32_t flags = expr_flags(node_at(iv, def)->calculation.expr);
    return c->n && (flags & EXPR_READS_RANDOM || (iv->reading && flags & EXPR_READS_CLOCK));
}

void recalc_push_frame(struct interview *iv, struct frame *f, uint32_t facets)
{
    uint32_t end = node_at(iv, f->def)->end;
    for (uint32_t d = f->up ? f->def + 1 : 0; d < end;) {
        uint32_t has = iv->plan[d].has & facets;
        if (has & 1u << FACET_CALCULATE && keeps_value(iv, f, d))
            has &= ~(1u << FACET_CALCULATE);
        for (int x = 0; has; x++, has >>= 1)
            if (has & 1)
                push(iv, f, d, (enum facet)x, true); /* a new frame's have not had their turn */
        if (iv->plan[d].repeat) {
            struct frame_list *l = &cell_at(iv, f, d)->u.list;
            for (uint32_t i = 0; i < l->n; i++)
                recalc_push_frame(iv, l->v[i], facets);
            d = node_at(iv, d)->end;
        } else {
            d++;
        }
    }
}

/* ---- who reads ---- */

static void push_below(struct interview *iv, struct frame *f, const struct edge *e)
{
    uint32_t home = iv->plan[e->def].home;
    if (f->def == home) {
        recalc_push(iv, f, e->def, e->facet);
        return;
    }
    const struct frame_list *l = &cell_at(iv, f, repeat_towards(iv, f->def, home))->u.list;
    for (uint32_t i = 0; i < l->n; i++)
        push_below(iv, l->v[i], e);
}

void recalc_push_reader(struct interview *iv, struct frame *f, const struct edge *e)
{
    uint32_t home = iv->plan[e->def].home;
    while (f->up && (e->wide || !repeat_above(iv, f->def, home)))
        f = f->up;
    push_below(iv, f, e);
}

void trigger(struct interview *iv, struct frame *f, uint32_t def)
{
    const struct form_graph *g = &iv->form->graph;
    const struct edge *e = g->readers[def];
    for (uint32_t i = 0; i < g->n_readers[def]; i++)
        recalc_push_reader(iv, f, &e[i]);
}

/* The state of everything in (f, def), or of what is required there, depends on what has just changed. */
static void touch_below(struct interview *iv, struct frame *f, uint32_t def, uint16_t only)
{
    uint32_t end = node_at(iv, def)->end;
    for (uint32_t d = def + 1; d < end;) {
        const struct cell *c = cell_at(iv, f, d);
        if (iv->plan[d].repeat) {
            for (uint32_t i = 0; i < c->u.list.n; i++)
                touch_below(iv, c->u.list.v[i], d, only);
            d = node_at(iv, d)->end;
            continue;
        }
        if (!only || c->flags & only || node_at(iv, d)->required_always)
            touch(iv, f, d, CHANGED_VALID);
        d++;
    }
}

void value_changed(struct interview *iv, struct frame *f, uint32_t def)
{
    iv->stirs++;
    trigger(iv, f, def);
    if (def == iv->form->outcome) /* it may waive what is required */
        touch_below(iv, iv->root, 0, CELL_REQUIRED);
    uint32_t own = iv->plan[def].has & (1u << FACET_CONSTRAINT | 1u << FACET_WARN);
    if (own & 1u << FACET_CONSTRAINT)
        recalc_push(iv, f, def, FACET_CONSTRAINT);
    if (own & 1u << FACET_WARN)
        recalc_push(iv, f, def, FACET_WARN);
}

/* ---- evaluating ---- */

static struct node op_instance(void *ctx, uint32_t number)
{
    const struct interview *iv = ctx;
    if (number >= iv->form->n_lists)
        return NODE_NONE;
    return choice_list_root(iv->form->lists[number]);
}

static struct node op_instance_by_id(void *ctx, struct str id)
{
    const struct interview *iv = ctx;
    for (uint32_t i = 0; i < iv->form->n_lists; i++)
        if (str_eq(iv->form->lists[i]->id, id))
            return choice_list_root(iv->form->lists[i]);
    return NODE_NONE;
}

static bool op_choice_label(void *ctx, struct node context, struct str value, struct str path,
                            struct arena *a, struct str *ret)
{
    struct interview *iv = ctx;
    struct str bare = str_trim(path);
    if (str_starts(bare, STR("${")) && str_ends(bare, STR("}")))
        bare = str_sub(bare, 2, bare.n - 3);
    uint32_t def = form_find(iv->form, bare);
    if (def == DEF_NONE || !is_select(node_at(iv, def)))
        return false;
    struct frame *f = context.base;
    while (f->up && !repeat_above(iv, f->def, iv->plan[def].home))
        f = f->up;
    struct buf b;
    buf_init(&b, LIMIT_ANSWER_BYTES);
    struct str word = str_trim(value);
    bool found = f->def == iv->plan[def].home && select_label(iv, f, def, word, &b);
    *ret = found ? arena_str(a, buf_str(&b)) : STR("");
    buf_wipe_done(&b);
    return true;
}

static struct str op_version(void *ctx)
{
    return ((const struct interview *)ctx)->form->version;
}

static struct str op_language(void *ctx)
{
    const struct interview *iv = ctx;
    const struct language *l = &iv->form->languages[iv->language];
    return l->code.n ? l->code : l->name;
}

static bool op_last_saved(void *ctx, struct str name, struct arena *a, struct str *ret)
{
    struct interview *iv = ctx;
    uint32_t def = form_find(iv->form, name);
    if (!iv->host.last_saved || def == DEF_NONE)
        return false;
    struct buf path, value;
    buf_init(&path, LIMIT_CELL_BYTES);
    buf_init(&value, LIMIT_ANSWER_BYTES);
    form_path(iv->form, def, &path);
    bool found = iv->host.last_saved(iv->host.ctx, buf_str(&path), &value);
    if (found)
        *ret = arena_str(a, buf_str(&value));
    buf_done(&path);
    buf_wipe_done(&value);
    return found;
}

static const struct eval_ops interview_eval_ops = {
    .instance = op_instance,
    .instance_by_id = op_instance_by_id,
    .choice_label = op_choice_label,
    .form_version = op_version,
    .language = op_language,
    .last_saved = op_last_saved,
};

void eval_init(struct interview *iv, struct eval *ev, struct frame *f, uint32_t def)
{
    struct node self = node_of(iv, f, def);
    *ev = (struct eval){.host = &iv->host,
                        .ops = &interview_eval_ops,
                        .ctx = iv,
                        .scratch = &iv->scratch,
                        .self = self,
                        .current = self,
                        .position = 1,
                        .size = 1,
                        .steps_left = LIMIT_VM_STEPS};
}

bool eval_run(struct interview *iv, const struct expr *x, struct eval *ev, struct value *ret)
{
    if (!iv->fault.kind)
        return expr_eval(x, ev, ret, &iv->fault);
    struct err further = {0}; /* a kilobyte: cleared only for those after the first */
    return expr_eval(x, ev, ret, &further);
}

bool eval_truth(struct interview *iv, const struct expr *x, struct eval *ev, bool otherwise)
{
    struct arena_mark m = arena_mark(&iv->scratch);
    struct value v;
    bool truth = eval_run(iv, x, ev, &v) ? value_boolean(&v, ev) : otherwise;
    arena_release(&iv->scratch, m);
    return truth;
}

static void watched(struct interview *iv, uint32_t def, enum facet facet, uint32_t which,
                    bool truth)
{
    if (iv->watch)
        iv->watch(iv->watch_ctx, def, facet, which, truth);
}

static bool eval_bool(struct interview *iv, const struct expr *x, struct frame *f, uint32_t def,
                      bool otherwise)
{
    struct eval ev;
    eval_init(iv, &ev, f, def);
    return eval_truth(iv, x, &ev, otherwise);
}

/* A constraint or soft check: `.` is the answer, also where the question isn't relevant. */
bool eval_check(struct interview *iv, const struct expr *x, struct frame *f, uint32_t def,
                bool otherwise)
{
    struct eval ev;
    eval_init(iv, &ev, f, def);
    const struct cell *c = cell_at(iv, f, def);
    if (!cell_value(iv, c, def, &ev.dot))
        ev.dot = (struct value){.kind = VAL_STRING, .u.string = cell_text(c)};
    ev.has_dot = true;
    return eval_truth(iv, x, &ev, otherwise);
}

/* ---- the facets ---- */

static void set_flag(struct interview *iv, struct frame *f, uint32_t def, uint16_t flag, bool on)
{
    struct cell *c = cell_at(iv, f, def);
    if (!!(c->flags & flag) == on)
        return;
    touch(iv, f, def, 0);
    c->flags = (uint16_t)(on ? c->flags | flag : c->flags & ~flag);
}

void relevance_settle(struct interview *iv, struct frame *f, uint32_t def)
{
    struct cell *c = cell_at(iv, f, def);
    bool above = def == 0 || parent_cell(iv, f, def)->flags & CELL_RELEVANT;
    bool now = above && c->flags & CELL_OWN;
    if (!!(c->flags & CELL_RELEVANT) == now)
        return;
    set_flag(iv, f, def, CELL_RELEVANT, now);
    iv->stirs++;
    trigger(iv, f, def);
    const struct form_node *n = node_at(iv, def);
    if (n->type == TYPE_GROUP) {
        for (uint32_t d = def + 1; d < n->end; d = node_at(iv, d)->end)
            relevance_settle(iv, f, d);
    } else if (n->type == TYPE_REPEAT) {
        for (uint32_t i = 0; i < c->u.list.n; i++)
            for (uint32_t d = def + 1; d < n->end; d = node_at(iv, d)->end)
                relevance_settle(iv, c->u.list.v[i], d);
    }
}

static void compute_relevant(struct interview *iv, struct frame *f, uint32_t def)
{
    bool truth = eval_bool(iv, node_at(iv, def)->relevant.expr, f, def, true);
    watched(iv, def, FACET_RELEVANT, 0, truth);
    set_flag(iv, f, def, CELL_OWN, truth);
    relevance_settle(iv, f, def);
}

static void compute_value(struct interview *iv, struct frame *f, uint32_t def, enum facet facet)
{
    const struct form_node *n = node_at(iv, def);
    if (iv->reading && keeps_value(iv, f, def))
        return; /* settling what was read is no change of its inputs */
    struct arena_mark m = arena_mark(&iv->scratch);
    struct answer a = {0};
    struct eval ev;
    struct value v;
    eval_init(iv, &ev, f, def);
    if (n->calculation.expr && eval_run(iv, n->calculation.expr, &ev, &v))
        a = answer_of(iv, n, &v, &ev);
    watched(iv, def, facet, 0, true);
    set_flag(iv, f, def, CELL_TYPED_OVER, false);
    if (cell_put(iv, f, def, &a))
        value_changed(iv, f, def);
    arena_release(&iv->scratch, m);
}

/* A trigger runs once a change, so that two which set each other end. */
static void compute_triggered(struct interview *iv, struct frame *f, uint32_t def)
{
    struct record *r = touch(iv, f, def, 0);
    if (!r || r->what & RECORD_FIRED)
        return;
    r->what |= RECORD_FIRED;
    compute_value(iv, f, def, FACET_TRIGGER);
}

static bool in_range(const struct form_node *n, const struct cell *c)
{
    double x = c->kept.number;
    double low = n->range_start < n->range_end ? n->range_start : n->range_end;
    double high = n->range_start < n->range_end ? n->range_end : n->range_start;
    if (x < low || x > high || n->range_step == 0)
        return x >= low && x <= high;
    double steps = (x - n->range_start) / n->range_step;
    return fabs(steps - round(steps)) < 1e-6; /* 0.1 is not a tenth */
}

static void compute_constraint(struct interview *iv, struct frame *f, uint32_t def)
{
    const struct form_node *n = node_at(iv, def);
    const struct cell *c = cell_at(iv, f, def);
    bool ok = true;
    if (c->n && !(n->missing_declared && answer_missing(n, cell_text(c)) != MISSING_NOT)) {
        if (n->type == TYPE_RANGE && c->flags & CELL_NUMBER)
            ok = in_range(n, c);
        if (ok && n->constraint.expr) {
            ok = eval_check(iv, n->constraint.expr, f, def, true);
            watched(iv, def, FACET_CONSTRAINT, 0, ok);
        }
    }
    set_flag(iv, f, def, CELL_BROKEN, !ok);
}

static void compute_warn(struct interview *iv, struct frame *f, uint32_t def)
{
    const struct form_node *n = node_at(iv, def);
    bool odd = false;
    if (cell_at(iv, f, def)->n)
        for (uint32_t i = 0; i < n->n_warns; i++) {
            bool truth = eval_check(iv, n->warns[i].when.expr, f, def, false);
            watched(iv, def, FACET_WARN, i, truth);
            odd |= truth;
        }
    set_flag(iv, f, def, CELL_WARNS, odd);
}

static void compute_required(struct interview *iv, struct frame *f, uint32_t def)
{
    bool truth = eval_bool(iv, node_at(iv, def)->required.expr, f, def, false);
    watched(iv, def, FACET_REQUIRED, 0, truth);
    set_flag(iv, f, def, CELL_REQUIRED, truth);
}

static void compute_readonly(struct interview *iv, struct frame *f, uint32_t def)
{
    bool truth = eval_bool(iv, node_at(iv, def)->readonly.expr, f, def, false);
    watched(iv, def, FACET_READONLY, 0, truth);
    if (!!(cell_at(iv, f, def)->flags & CELL_READONLY) == truth)
        return;
    set_flag(iv, f, def, CELL_READONLY, truth);
    touch_below(iv, f, def, 0); /* what is in a read-only group is read-only too */
}

static void compute_choices(struct interview *iv, struct frame *f, uint32_t def)
{
    touch(iv, f, def, CHANGED_CHOICES);
    if (select_prune(iv, f, def))
        value_changed(iv, f, def);
}

static void compute(struct interview *iv, const struct item *it)
{
    switch (it->facet) {
    case FACET_RELEVANT: compute_relevant(iv, it->frame, it->def); break;
    case FACET_CALCULATE: compute_value(iv, it->frame, it->def, FACET_CALCULATE); break;
    case FACET_REQUIRED: compute_required(iv, it->frame, it->def); break;
    case FACET_READONLY: compute_readonly(iv, it->frame, it->def); break;
    case FACET_CONSTRAINT: compute_constraint(iv, it->frame, it->def); break;
    case FACET_COUNT: repeat_settle_count(iv, it->frame, it->def); break;
    case FACET_CHOICES: compute_choices(iv, it->frame, it->def); break;
    case FACET_LABEL: touch(iv, it->frame, it->def, CHANGED_TEXT); break;
    case FACET_WARN: compute_warn(iv, it->frame, it->def); break;
    case FACET_TRIGGER: compute_triggered(iv, it->frame, it->def); break;
    case FACETS: break;
    }
}

/* Expressions that feed each other through other instances of a repeat, or a count that counts itself, are no
 * circle that the form's check can see; they may never settle. */
#define COMPUTED_MAX 5000000u
#define ROUNDS_MAX   1000u

static void drain(struct interview *iv)
{
    while (iv->heap_n) {
        struct item it = heap_take(iv);
        cell_at(iv, it.frame, it.def)->waiting &= (uint16_t) ~(1u << it.facet);
        if (!frame_attached(it.frame))
            continue;
        char tmp[ERR_ARG_MAX];
        iv->now = it;
        if (iv->computed++ < COMPUTED_MAX && it.round < ROUNDS_MAX)
            compute(iv, &it);
        else if (!iv->fault.kind)
            err_fail1(&iv->fault, ERR_UNSETTLED, err_arg(tmp, node_at(iv, it.def)->name));
    }
    iv->now = (struct item){0};
}

void recalc_push_edges(struct interview *iv, const struct edge *e, uint32_t n)
{
    for (uint32_t i = 0; i < n; i++)
        push_below(iv, iv->root, &e[i]);
}

/* Expressions that may read anything come last, again as long as something still moves; they may feed
 * each other, but no longer than there are of them. */
void recalc_settle(struct interview *iv)
{
    drain(iv);
    const struct form_graph *g = &iv->form->graph;
    uint64_t stirs = UINT64_MAX;
    for (uint32_t round = 0; round <= g->n_read_all && g->n_read_all && stirs != iv->stirs;
         round++) {
        stirs = iv->stirs;
        recalc_push_edges(iv, g->read_all, g->n_read_all);
        drain(iv);
    }
}

void recalc_drain(struct interview *iv)
{
    recalc_settle(iv);
    for (size_t i = 0; i < iv->n_fresh; i++) { /* which may make more */
        if (!frame_attached(iv->fresh[i]))
            continue;
        dynamic_defaults(iv, iv->fresh[i]);
    }
    iv->n_fresh = 0;
}

void recalc_all(struct interview *iv)
{
    recalc_push_frame(iv, iv->root, RECALC_EVERYTHING);
    recalc_drain(iv);
}

void recalculate(struct interview *iv, struct changes *ret)
{
    op_begin(iv, false);
    recalc_all(iv);
    op_end(iv, ret);
}

bool interview_recalculate(struct interview *iv, struct changes *ret, struct err *e)
{
    recalculate(iv, ret);
    return interview_fault(iv, e);
}
