/* What changes did: the records of touched cells and of instances that came and went, one change behind the
 * other. Read forwards a change's records are its list of changes; swapped with the cells they undo it
 * exactly, calculations, flags and random values included, without evaluating anything; swapped again they
 * redo it. So undone changes stay where they are, until a new one takes their place.
 *
 * Ownership: a record with RECORD_VALUE owns the text in `old`; a record of an instance owns the frame
 * while the instance is out of the tree. */
#include "forms/run/run_i.h"

#define LOG_BYTES ((size_t)4 << 20) /* older changes than fit here can no longer be undone */

/* ---- records ---- */

static bool is_structure(const struct record *r)
{
    return r->what & (RECORD_ADDED | RECORD_REMOVED);
}

static size_t text_bytes(const struct record *r)
{
    return r->what & RECORD_VALUE && r->old.n > CELL_INLINE ? r->old.n : 0;
}

static void drop_text(struct log *l, struct record *r)
{
    size_t n = text_bytes(r);
    if (!n)
        return;
    l->text -= n;
    memset(r->old.u.heap, 0, n);
    mem_free(r->old.u.heap);
}

/* Forgets records; `owned`: the instances that are out of the tree because of them. */
static void drop_records(struct interview *iv, size_t from, size_t end, uint32_t owned)
{
    struct record *v = iv->log.v;
    for (size_t i = from; i < end; i++)
        drop_text(&iv->log, &v[i]);
    for (size_t i = from; i < end; i++)
        if (v[i].what & owned)
            frame_free(iv, v[i].frame);
    if (end > from)
        memset(v + from, 0, (end - from) * sizeof *v);
}

static void drop_undone(struct interview *iv)
{
    struct log *l = &iv->log;
    if (l->n_ops == l->done)
        return;
    drop_records(iv, l->ops[l->done].start, l->n, RECORD_ADDED);
    l->n = l->ops[l->done].start;
    l->n_ops = l->done;
}

void log_clear(struct interview *iv)
{
    drop_undone(iv);
    drop_records(iv, 0, iv->log.n, RECORD_REMOVED);
    iv->log.n = iv->log.n_ops = iv->log.done = 0;
}

void log_free(struct interview *iv)
{
    log_clear(iv);
    mem_free(iv->log.v);
    mem_free(iv->log.ops);
}

/* Half of the log at once, so that the rest moves seldom. */
static void drop_oldest(struct interview *iv)
{
    struct log *l = &iv->log;
    if (l->n * sizeof *l->v + l->text <= LOG_BYTES)
        return;
    size_t ops = 0, text = l->text;
    while (ops + 1 < l->n_ops) {
        size_t end = l->ops[ops + 1].start;
        if ((l->n - end) * sizeof *l->v + text <= LOG_BYTES / 2)
            break;
        for (size_t i = l->ops[ops++].start; i < end; i++)
            text -= text_bytes(&l->v[i]);
    }
    size_t cut = l->ops[ops].start;
    drop_records(iv, 0, cut, RECORD_REMOVED);
    memmove(l->v, l->v + cut, (l->n - cut) * sizeof *l->v);
    l->n -= cut;
    l->n_ops -= ops;
    l->done -= ops;
    memmove(l->ops, l->ops + ops, l->n_ops * sizeof *l->ops);
    for (size_t i = 0; i < l->n_ops; i++)
        l->ops[i].start -= cut;
}

/* ---- a change ---- */

void op_begin(struct interview *iv, bool undoable)
{
    iv->serial++;
    iv->computed = 0;
    iv->undoable = undoable;
    iv->change = iv->log.n;
    iv->n_changes = 0;
}

static struct record *add_record(struct interview *iv, struct frame *f, uint32_t def, uint32_t what)
{
    struct log *l = &iv->log;
    if (iv->undoable &&
        l->n == iv->change) { /* the first of a change that ends what could be redone */
        drop_undone(iv);
        iv->change = l->n;
    }
    l->v = mem_grow(l->v, l->n, &l->cap, sizeof *l->v);
    struct record *r = &l->v[l->n++];
    r->frame = f;
    r->def = def;
    r->what = what;
    return r;
}

struct record *touch(struct interview *iv, struct frame *f, uint32_t def, uint32_t what)
{
    if (iv->mode == MODE_LOAD || f->born == iv->serial)
        return NULL;
    struct cell *c = cell_at(iv, f, def);
    if (c->touched >= iv->change && c->touched < iv->log.n) {
        struct record *r = &iv->log.v[c->touched];
        if (r->frame == f && r->def == def && !is_structure(r)) {
            r->what |= what;
            return r;
        }
    }
    struct record *r = add_record(iv, f, def, what);
    c->touched = (uint32_t)(iv->log.n - 1);
    r->old = *c;
    return r;
}

/* The heap may still name it: it is freed when the change has ended. */
static void bury_later(struct interview *iv, struct frame *f)
{
    iv->graves = mem_grow(iv->graves, iv->n_graves, &iv->graves_cap, sizeof *iv->graves);
    iv->graves[iv->n_graves++] = f;
}

void bury(struct interview *iv)
{
    for (size_t i = 0; i < iv->n_graves; i++)
        frame_free(iv, iv->graves[i]);
    iv->n_graves = 0;
}

void record_structure(struct interview *iv, struct frame *f, uint32_t what)
{
    if (touch(iv, f->up, f->def, CHANGED_INSTANCES))
        add_record(iv, f, f->def, what)->old = (struct cell){0};
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

static void add_change(struct interview *iv, const struct change *c)
{
    iv->changes = mem_grow(iv->changes, iv->n_changes, &iv->changes_cap, sizeof *iv->changes);
    iv->changes[iv->n_changes++] = *c;
}

static void list_changes(struct interview *iv, size_t from, size_t end)
{
    iv->n_changes = 0;
    for (size_t i = from; i < end; i++) {
        const struct record *r = &iv->log.v[i];
        uint32_t what = is_structure(r) || !frame_attached(r->frame) ? 0 : what_changed(iv, r);
        if (what)
            add_change(iv, &(struct change){place_of(iv, r->frame, r->def), what});
    }
}

/* ---- its end ---- */

static void op_keep(struct interview *iv)
{
    struct log *l = &iv->log;
    l->ops = mem_grow(l->ops, l->n_ops, &l->ops_cap, sizeof *l->ops);
    l->ops[l->n_ops++] = (struct op){iv->change, iv->epoch};
    l->done = l->n_ops;
    iv->kept++;
    for (size_t i = iv->change; i < l->n; i++)
        l->text += text_bytes(&l->v[i]);
    drop_oldest(iv);
}

/* What happened outside the log; an instance that came or went there may be named in it, so that nothing
 * before can be undone then. */
static void op_forget(struct interview *iv)
{
    struct log *l = &iv->log;
    bool structure = false;
    for (size_t i = iv->change; i < l->n; i++) {
        struct record *r = &l->v[i];
        structure |= is_structure(r);
        if (r->what & RECORD_REMOVED)
            bury_later(iv, r->frame);
        l->text += text_bytes(r);
    }
    drop_records(iv, iv->change, l->n, 0);
    l->n = iv->change;
    iv->epoch++;
    if (structure)
        log_clear(iv);
}

void op_end(struct interview *iv, struct changes *ret)
{
    recalc_drain(iv);
    list_changes(iv, iv->change, iv->log.n);
    *ret = (struct changes){iv->changes, iv->n_changes};
    bool any = iv->log.n > iv->change;
    if (any && iv->undoable)
        op_keep(iv);
    else if (any)
        op_forget(iv);
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
        iv->log.text -= text_bytes(r);
        *c = r->old;
        r->old = was;
        c->waiting = 0;
        iv->log.text += text_bytes(r);
        return;
    }
    uint16_t flags = c->flags;
    c->flags = r->old.flags;
    r->old.flags = flags;
}

static void swap_record(struct interview *iv, struct record *r, bool back)
{
    if (!is_structure(r))
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
    recalculate(iv, ret);
    for (size_t i = 0; i < n; i++)
        add_change(iv, &first[i]);
    *ret = (struct changes){iv->changes, iv->n_changes};
    mem_free(first);
}

static void move_op(struct interview *iv, size_t number, bool back, struct changes *ret)
{
    struct log *l = &iv->log;
    size_t from = l->ops[number].start;
    size_t end = number + 1 < l->n_ops ? l->ops[number + 1].start : l->n;
    iv->serial++;
    for (size_t i = 0; i < end - from; i++)
        swap_record(iv, &l->v[back ? end - 1 - i : from + i], back);
    list_changes(iv, from, end);
    *ret = (struct changes){iv->changes, iv->n_changes};
    if (l->ops[number].epoch != iv->epoch)
        settle_again(iv, ret);
}

bool interview_can_undo(const struct interview *iv)
{
    return iv->log.done > 0;
}

bool interview_can_redo(const struct interview *iv)
{
    return iv->log.done < iv->log.n_ops;
}

bool interview_undo(struct interview *iv, struct changes *ret, struct err *e)
{
    if (!interview_can_undo(iv))
        return err_fail(e, ERR_NOTHING_TO_UNDO);
    move_op(iv, --iv->log.done, true, ret);
    return true;
}

bool interview_redo(struct interview *iv, struct changes *ret, struct err *e)
{
    if (!interview_can_redo(iv))
        return err_fail(e, ERR_NOTHING_TO_REDO);
    move_op(iv, iv->log.done++, false, ret);
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
    drop_undone(iv);
    return true;
}
