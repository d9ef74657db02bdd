/* Ways through the instance in document order. */
#include "forms/run/run_i.h"

static bool is_instance(const struct interview *iv, const struct cursor *c)
{
    return iv->plan[c->def].repeat && !c->whole;
}

/* Where definition `d` of frame `f` begins: a repeat with its first instance, or as a whole. */
static void enter(const struct interview *iv, struct cursor *c, struct frame *f, uint32_t d)
{
    *c = (struct cursor){f, d, false};
    if (!iv->plan[d].repeat)
        return;
    const struct frame_list *l = &cell_at(iv, f, d)->u.list;
    if (l->n)
        c->frame = l->v[0];
    else
        c->whole = true;
}

bool cursor_next(const struct interview *iv, struct cursor *c, bool into)
{
    const struct form_node *n = node_at(iv, c->def);
    if (into && iv->plan[c->def].container && !c->whole && c->def + 1 < n->end) {
        enter(iv, c, c->frame, c->def + 1);
        return true;
    }
    for (;;) {
        n = node_at(iv, c->def);
        if (is_instance(iv, c)) {
            struct frame *around = c->frame->up;
            const struct frame_list *l = &cell_at(iv, around, c->def)->u.list;
            uint32_t next = c->frame->index + 1;
            *c = next < l->n ? (struct cursor){l->v[next], c->def, false}
                             : (struct cursor){around, c->def, true};
            return true;
        }
        if (n->parent == DEF_NONE)
            return false;
        if (n->end < node_at(iv, n->parent)->end) {
            enter(iv, c, c->frame, n->end);
            return true;
        }
        *c = (struct cursor){c->frame, n->parent, false};
    }
}

/* The last child definition of `parent` before `stop`. */
static uint32_t child_before(const struct interview *iv, uint32_t parent, uint32_t stop)
{
    uint32_t last = DEF_NONE;
    for (uint32_t d = parent + 1; d < stop; d = node_at(iv, d)->end)
        last = d;
    return last;
}

/* The last node of what (c->frame, c->def) begins: into the last child again and again. */
static void deepest(const struct interview *iv, struct cursor *c)
{
    while (!c->whole && iv->plan[c->def].container) {
        uint32_t last = child_before(iv, c->def, node_at(iv, c->def)->end);
        if (last == DEF_NONE)
            return;
        *c = (struct cursor){c->frame, last, iv->plan[last].repeat};
    }
}

bool cursor_prev(const struct interview *iv, struct cursor *c)
{
    const struct form_node *n = node_at(iv, c->def);
    if (c->whole) { /* its last instance, if any */
        const struct frame_list *l = &cell_at(iv, c->frame, c->def)->u.list;
        if (l->n) {
            *c = (struct cursor){l->v[l->n - 1], c->def, false};
            deepest(iv, c);
            return true;
        }
    }
    if (n->parent == DEF_NONE)
        return false;
    if (is_instance(iv, c)) {
        struct frame *around = c->frame->up;
        if (c->frame->index > 0) {
            c->frame = cell_at(iv, around, c->def)->u.list.v[c->frame->index - 1];
            deepest(iv, c);
            return true;
        }
        c->frame = around;
    }
    uint32_t before = child_before(iv, n->parent, c->def);
    if (before == DEF_NONE) {
        *c = (struct cursor){c->frame, n->parent, false};
        return true;
    }
    *c = (struct cursor){c->frame, before, iv->plan[before].repeat};
    deepest(iv, c);
    return true;
}

/* ---- what a person stops at ---- */

static bool relevant_at(const struct interview *iv, const struct cursor *c)
{
    struct frame *f = is_instance(iv, c) ? c->frame->up : c->frame;
    return cell_at(iv, f, c->def)->flags & CELL_RELEVANT;
}

static bool stops_at(const struct interview *iv, const struct cursor *c, uint32_t flags)
{
    const struct form_node *n = node_at(iv, c->def);
    switch (n->type) {
    case TYPE_CALCULATE:
    case TYPE_HIDDEN:
    case TYPE_META: return false;
    case TYPE_GROUP: return flags & NAV_GROUPS && n->parent != DEF_NONE;
    case TYPE_REPEAT:
        if (!c->whole)
            return flags & NAV_GROUPS;
        return !n->repeat_count.expr && !readonly_at(iv, c->frame, c->def);
    case TYPE_TEXT:
    case TYPE_INTEGER:
    case TYPE_DECIMAL:
    case TYPE_RANGE:
    case TYPE_SELECT_ONE:
    case TYPE_SELECT_MULTIPLE:
    case TYPE_RANK:
    case TYPE_NOTE:
    case TYPE_ACKNOWLEDGE:
    case TYPE_DATE:
    case TYPE_TIME:
    case TYPE_DATETIME:
    case TYPE_GEOPOINT:
    case TYPE_GEOTRACE:
    case TYPE_GEOSHAPE:
    case TYPE_BARCODE:
    case TYPE_FILE: return true;
    }
    return false;
}

static bool start_at(const struct interview *iv, const struct place *p, struct cursor *c)
{
    *c = (struct cursor){.def = p->def, .whole = p->whole};
    return place_find(iv, p, &c->frame);
}

bool interview_next(const struct interview *iv, struct place *p, uint32_t flags)
{
    struct cursor c = {iv->root, 0, false};
    if (p->def != DEF_NONE && !start_at(iv, p, &c))
        return false;
    while (cursor_next(iv, &c, relevant_at(iv, &c))) {
        if (!relevant_at(iv, &c) || !stops_at(iv, &c, flags))
            continue;
        *p = place_of(iv, c.frame, c.def);
        return true;
    }
    return false;
}

bool interview_prev(const struct interview *iv, struct place *p, uint32_t flags)
{
    struct cursor c = {iv->root, 0, false};
    if (p->def == DEF_NONE) {
        deepest(iv, &c);
        if (relevant_at(iv, &c) && stops_at(iv, &c, flags)) {
            *p = place_of(iv, c.frame, c.def);
            return true;
        }
    } else if (!start_at(iv, p, &c)) {
        return false;
    }
    while (cursor_prev(iv, &c)) {
        if (!relevant_at(iv, &c) || !stops_at(iv, &c, flags))
            continue;
        *p = place_of(iv, c.frame, c.def);
        return true;
    }
    return false;
}
