/* What a change did: the records of touched cells and of instances that came and went. Read forwards
 * they are its list of changes; swapped with the cells they undo it exactly, calculations, flags and
 * random values included, without evaluating anything; swapped again they redo it.
 *
 * Ownership: a record with RECORD_VALUE owns the text in `old`; a record of an instance owns the frame
 * while the instance is out of the tree. */
#include "forms/run/run_i.h"

#define LOG_BYTES ((size_t)16 << 20) /* older changes than fit here can no longer be undone */

void op_begin(struct interview *iv)
{
    iv->serial++;
    iv->computed = 0;
    iv->n_records = 0;
    iv->n_changes = 0;
}

static struct record *add_record(struct interview *iv, struct frame *f, uint32_t def,
                                 uint32_t what)
{
    iv->records = mem_grow(iv->records, iv->n_records, &iv->records_cap, sizeof *iv->records);
    struct record *r = &iv->records[iv->n_records++];
    *r = (struct record){.frame = f, .def = def, .what = what};
    return r;
}

struct record *touch(struct interview *iv, struct frame *f, uint32_t def, uint32_t what)
{
    if (iv->mode == MODE_LOAD || f->born == iv->serial)
        return NULL;
    struct cell *c = cell_at(iv, f, def);
    if (c->touched < iv->n_records) {
        struct record *r = &iv->records[c->touched];
        if (r->frame == f && r->def == def && !(r->what & (RECORD_ADDED | RECORD_REMOVED))) {
            r->what |= what;
            return r;
        }
    }
    c->touched = (uint32_t)iv->n_records;
    struct record *r = add_record(iv, f, def, what);
    r->old = *c;
    return r;
}

/* The heap may still name it: it is freed when the change has ended. */
static void bury_later(struct interview *iv, struct frame *f)
{
    iv->graves = mem_grow(iv->graves, iv->n_graves, &iv->graves_cap, sizeof *iv->graves);
    iv->graves[iv->n_graves++] = f;
}

void record_structure(struct interview *iv, struct frame *f, uint32_t what)
{
    if (touch(iv, f->up, f->def, CHANGED_INSTANCES))
        add_record(iv, f, f->def, what);
    else if (what == RECORD_REMOVED)
        bury_later(iv, f);
}

/* ---- the list of changes ---- */

static uint32_t what_changed(const struct interview *iv, const struct record *r)
{
    const struct cell *c = cell_at(iv, r->frame, r->def);
    uint32_t what = r->what & 0xff;
    if (r->what & RECORD_VALUE && !str_eq(cell_text(c), cell_text(&r->old)))
        what |= CHANGED_VALUE;
    uint32_t flipped = (uint32_t)(c->flags ^ r->old.flags);
    if (flipped & CELL_RELEVANT)
        what |= CHANGED_RELEVANT;
    if (flipped & CELL_STATE)
        what |= CHANGED_VALID;
    return what;
}

static void list_changes(struct interview *iv, const struct record *v, size_t n)
{
    iv->n_changes = 0;
    for (size_t i = 0; i < n; i++) {
        if (v[i].what & (RECORD_ADDED | RECORD_REMOVED) || !frame_attached(v[i].frame))
            continue;
        uint32_t what = what_changed(iv, &v[i]);
        if (!what)
            continue;
        iv->changes = mem_grow(iv->changes, iv->n_changes, &iv->changes_cap, sizeof *iv->changes);
        iv->changes[iv->n_changes++] =
            (struct change){place_of(iv, v[i].frame, v[i].def), what};
    }
}

/* ---- keeping and forgetting ---- */

static void drop_text(struct record *r)
{
    if (!(r->what & RECORD_VALUE) || r->old.n <= CELL_INLINE)
        return;
    memset(r->old.u.heap, 0, r->old.n);
    mem_free(r->old.u.heap);
}

/* `undone`: the op lies in the list of undone ones, so that what it added is out of the tree. */
static void op_drop(struct interview *iv, struct op *o, bool undone)
{
    uint32_t owned = undone ? RECORD_ADDED : RECORD_REMOVED;
    for (size_t i = 0; i < o->n; i++)
        drop_text(&o->v[i]);
    for (size_t i = 0; i < o->n; i++)
        if (o->v[i].what & owned)
            frame_free(iv, o->v[i].frame);
    memset(o->v, 0, o->n * sizeof *o->v);
    mem_free(o->v);
}

void ops_clear(struct interview *iv, struct ops *o, bool undone)
{
    /* The newest first: an older one may own the frame that a newer one's records lie in. */
    for (size_t i = o->n; i > o->first; i--)
        op_drop(iv, &o->v[i - 1], undone);
    o->first = o->n = o->bytes = 0;
}

static size_t op_bytes(const struct op *o)
{
    size_t bytes = sizeof *o + o->n * sizeof *o->v;
    for (size_t i = 0; i < o->n; i++)
        if (o->v[i].what & RECORD_VALUE && o->v[i].old.n > CELL_INLINE)
            bytes += o->v[i].old.n;
    return bytes;
}

static void ops_push(struct ops *o, struct op op)
{
    op.bytes = op_bytes(&op);
    if (o->first > 64 && o->first > o->n / 2) {
        memmove(o->v, o->v + o->first, (o->n - o->first) * sizeof *o->v);
        o->n -= o->first;
        o->first = 0;
    }
    o->v = mem_grow(o->v, o->n, &o->cap, sizeof *o->v);
    o->v[o->n++] = op;
    o->bytes += op.bytes;
}

static void forget_oldest(struct interview *iv)
{
    struct ops *o = &iv->done;
    while (o->bytes > LOG_BYTES && o->n - o->first > 1) {
        o->bytes -= o->v[o->first].bytes;
        op_drop(iv, &o->v[o->first++], false);
    }
}

void bury(struct interview *iv)
{
    for (size_t i = 0; i < iv->n_graves; i++)
        frame_free(iv, iv->graves[i]);
    iv->n_graves = 0;
}

static void op_keep(struct interview *iv)
{
    iv->kept++;
    ops_clear(iv, &iv->undone, true);
    struct op op = {.n = iv->n_records, .epoch = iv->epoch};
    op.v = mem_calloc(op.n, sizeof *op.v);
    memcpy(op.v, iv->records, op.n * sizeof *op.v);
    ops_push(&iv->done, op);
    forget_oldest(iv);
}

/* What happened outside the log; an instance that came or went there may be named in it, so that nothing
 * before can be undone then. */
static void op_forget(struct interview *iv)
{
    iv->epoch++;
    bool structure = false;
    for (size_t i = 0; i < iv->n_records; i++) {
        struct record *r = &iv->records[i];
        drop_text(r);
        structure |= (r->what & (RECORD_ADDED | RECORD_REMOVED)) != 0;
        if (r->what & RECORD_REMOVED)
            bury_later(iv, r->frame);
    }
    if (structure) {
        ops_clear(iv, &iv->done, false);
        ops_clear(iv, &iv->undone, true);
    }
}

void op_end(struct interview *iv, bool undoable, struct changes *ret)
{
    recalc_drain(iv);
    list_changes(iv, iv->records, iv->n_records);
    *ret = (struct changes){iv->changes, iv->n_changes};
    if (iv->n_records && undoable)
        op_keep(iv);
    else if (iv->n_records)
        op_forget(iv);
    iv->n_records = 0;
    bury(iv);
}

/* ---- lists of instances ---- */

void list_insert(struct interview *iv, struct frame *f)
{
    struct frame_list *l = &cell_at(iv, f->up, f->def)->u.list;
    size_t cap = l->cap;
    l->v = mem_grow(l->v, l->n, &cap, sizeof(struct frame *));
    l->cap = (uint32_t)cap;
    memmove(l->v + f->index + 1, l->v + f->index, (l->n - f->index) * sizeof *l->v);
    l->v[f->index] = f;
    l->n++;
    for (uint32_t i = f->index + 1; i < l->n; i++)
        l->v[i]->index = i;
    f->gone = false;
}

void list_take(struct interview *iv, struct frame *f)
{
    struct frame_list *l = &cell_at(iv, f->up, f->def)->u.list;
    l->n--;
    memmove(l->v + f->index, l->v + f->index + 1, (l->n - f->index) * sizeof *l->v);
    for (uint32_t i = f->index; i < l->n; i++)
        l->v[i]->index = i;
    f->gone = true; /* keeps its index: that is where it comes back */
}

/* ---- undo ---- */

static void swap_cell(struct interview *iv, struct record *r)
{
    struct cell *c = cell_at(iv, r->frame, r->def);
    if (r->what & RECORD_VALUE) {
        struct cell was = *c;
        *c = r->old;
        r->old = was;
        c->waiting = 0;
        return;
    }
    uint16_t flags = c->flags;
    c->flags = r->old.flags;
    r->old.flags = flags;
}

static void swap_record(struct interview *iv, struct record *r, bool back)
{
    if (!(r->what & (RECORD_ADDED | RECORD_REMOVED)))
        swap_cell(iv, r);
    else if (!!(r->what & RECORD_ADDED) == back)
        list_take(iv, r->frame);
    else
        list_insert(iv, r->frame);
}

/* The language or the clock has changed since: what depends on them is not what was kept. */
static void settle_again(struct interview *iv, struct changes *ret)
{
    size_t n = ret->n;
    struct change *first = mem_calloc(n, sizeof *first);
    if (n)
        memcpy(first, ret->v, n * sizeof *first);
    struct changes more;
    recalculate(iv, &more);
    for (size_t i = 0; i < n; i++) {
        iv->changes = mem_grow(iv->changes, iv->n_changes, &iv->changes_cap, sizeof *iv->changes);
        iv->changes[iv->n_changes++] = first[i];
    }
    *ret = (struct changes){iv->changes, iv->n_changes};
    mem_free(first);
}

static void move_op(struct interview *iv, struct ops *from, struct ops *to, bool back,
                    struct changes *ret)
{
    struct op op = from->v[--from->n];
    from->bytes -= op.bytes;
    iv->serial++;
    for (size_t i = 0; i < op.n; i++)
        swap_record(iv, &op.v[back ? op.n - 1 - i : i], back);
    list_changes(iv, op.v, op.n);
    *ret = (struct changes){iv->changes, iv->n_changes};
    bool same_epoch = op.epoch == iv->epoch;
    ops_push(to, op);
    if (!same_epoch)
        settle_again(iv, ret);
}

bool interview_can_undo(const struct interview *iv)
{
    return iv->done.n > iv->done.first;
}

bool interview_can_redo(const struct interview *iv)
{
    return iv->undone.n > iv->undone.first;
}

bool interview_undo(struct interview *iv, struct changes *ret, struct err *e)
{
    if (!interview_can_undo(iv))
        return err_fail(e, ERR_NOTHING_TO_UNDO);
    move_op(iv, &iv->done, &iv->undone, true, ret);
    return true;
}

bool interview_redo(struct interview *iv, struct changes *ret, struct err *e)
{
    if (!interview_can_redo(iv))
        return err_fail(e, ERR_NOTHING_TO_REDO);
    move_op(iv, &iv->undone, &iv->done, false, ret);
    return true;
}

uint64_t interview_kept(const struct interview *iv)
{
    return iv->kept;
}

bool interview_take_back(struct interview *iv, struct changes *ret, struct err *e)
{
    if (!interview_undo(iv, ret, e))
        return false;
    struct op op = iv->undone.v[--iv->undone.n];
    iv->undone.bytes -= op.bytes;
    op_drop(iv, &op, true);
    return true;
}
