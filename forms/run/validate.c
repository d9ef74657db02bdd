/* How things stand: the state of a node, and whether the whole can be finalised. */
#include "forms/run/run_i.h"

#include "forms/base/num.h"

/* ---- the outcome ---- */

int interview_outcome(const struct interview *iv)
{
    uint32_t def = iv->form->outcome;
    if (def == DEF_NONE)
        return iv
            ->outcome; /* what was set by hand counts only where the form has no such question */
    struct frame *f = iv->root;
    while (f && f->def != iv->plan[def].own) { /* inside repeats: the first */
        const struct frame_list *l =
            &cell_at(iv, f, repeat_towards(iv, f->def, iv->plan[def].own))->u.list;
        f = l->n ? l->v[0] : NULL;
    }
    const struct cell *c = f ? cell_at(iv, f, def) : NULL;
    double x;
    bool coded = c && c->flags & CELL_RELEVANT && num_parse(str_trim(cell_text(c)), 0, &x) &&
                 x >= 0 && x <= 255;
    return coded ? (int)x : 0;
}

void interview_set_outcome(struct interview *iv, int code)
{
    iv->outcome = code;
}

static bool required_waived(const struct interview *iv)
{
    int code = interview_outcome(iv);
    return code != 0 && code != 1;
}

/* ---- the state of a node ---- */

bool readonly_at(const struct interview *iv, const struct frame *f, uint32_t def)
{
    struct frame *at = (struct frame *)f;
    for (;;) {
        const struct form_node *n = node_at(iv, def);
        struct frame *home = at->up && at->def == def ? at->up : at;
        if (n->readonly_always || cell_at(iv, home, def)->flags & CELL_READONLY)
            return true;
        if (n->parent == DEF_NONE)
            return false;
        at = home;
        def = n->parent;
    }
}

static bool can_be_required(const struct form_node *n)
{
    return n->type != TYPE_GROUP && n->type != TYPE_REPEAT && n->type != TYPE_NOTE &&
           n->type != TYPE_CALCULATE && n->type != TYPE_HIDDEN && n->type != TYPE_META;
}

struct node_state state_at(const struct interview *iv, struct frame *f, uint32_t def)
{
    const struct form_node *n = node_at(iv, def);
    bool instance = f->up && f->def == def && n->type == TYPE_REPEAT;
    const struct cell *c = cell_at(iv, instance ? f->up : f, def);
    bool leaf = n->type != TYPE_GROUP && n->type != TYPE_REPEAT;
    struct node_state s = {.exists = true, .missing = MISSING_NOT};
    s.relevant = c->flags & CELL_RELEVANT;
    s.readonly = readonly_at(iv, f, def);
    s.valid = s.complete = true;
    if (n->type == TYPE_REPEAT && !instance)
        s.instances = c->u.list.n;
    if (!leaf)
        return s;
    s.answered = c->n > 0;
    s.missing = answer_missing(n, cell_text(c));
    if (!s.relevant)
        return s;
    s.required = can_be_required(n) && (n->required_always || c->flags & CELL_REQUIRED);
    if (s.required && required_waived(iv))
        s.required = false;
    s.valid = !(c->flags & CELL_BROKEN);
    s.complete = s.valid && (s.answered || !s.required || s.readonly);
    s.warns = c->flags & CELL_WARNS;
    s.confirmed = c->flags & CELL_CONFIRMED;
    return s;
}

struct node_state interview_state(const struct interview *iv, const struct place *p)
{
    struct frame *f;
    if (!place_find(iv, p, &f))
        return (struct node_state){.missing = MISSING_NOT};
    return state_at(iv, f, p->def);
}

struct str interview_value(const struct interview *iv, const struct place *p)
{
    struct frame *f;
    if (!place_find(iv, p, &f))
        return STR("");
    const struct form_node *n = node_at(iv, p->def);
    if (n->type == TYPE_GROUP || n->type == TYPE_REPEAT)
        return STR("");
    return cell_text(cell_at(iv, f, p->def));
}

uint32_t interview_instances(const struct interview *iv, const struct place *repeat_whole)
{
    return interview_state(iv, repeat_whole).instances;
}

/* ---- the whole ---- */

/* The first node at or after the cursor that is not complete; true: found. */
static bool first_open(const struct interview *iv, struct cursor at, bool soft, struct place *ret)
{
    do {
        if (at.whole)
            continue;
        struct node_state s = state_at(iv, at.frame, at.def);
        if (!s.relevant || (s.complete && !(soft && s.warns && !s.confirmed)))
            continue;
        *ret = place_of(iv, at.frame, at.def);
        return true;
    } while (cursor_next(iv, &at, true));
    return false;
}

bool interview_first_open(const struct interview *iv, const struct place *from, bool soft,
                          struct place *ret)
{
    struct cursor at = {iv->root, 0, false};
    if (from && from->def != DEF_NONE) {
        if (!place_find(iv, from, &at.frame))
            return false;
        at.def = from->def;
        at.whole = from->whole;
    }
    return first_open(iv, at, soft, ret);
}

/* `end` of every frame: the moment of finalising. */
static void set_end(struct interview *iv)
{
    for (uint32_t d = 0; d < iv->form->n_nodes; d++) {
        const struct form_node *n = node_at(iv, d);
        if (n->type != TYPE_META || !str_is(n->preload, "end") || iv->plan[d].home != 0)
            continue;
        preload_put(iv, iv->root, d);
    }
}

bool interview_finalise(struct interview *iv, struct place *ret_at, struct err *e)
{
    struct changes ignored;
    op_begin(iv, false);
    set_end(iv);
    recalc_all(iv);
    op_end(iv, &ignored);
    struct place at;
    if (!first_open(iv, (struct cursor){iv->root, 0, false}, false, &at))
        return true;
    struct buf path, why;
    buf_init(&path, LIMIT_CELL_BYTES);
    buf_init(&why, LIMIT_CELL_BYTES);
    place_text(iv->form, &at, &path);
    interview_message(iv, &at, &why);
    char a[ERR_ARG_MAX], b[ERR_ARG_MAX];
    err_fail2(e, ERR_INCOMPLETE, err_arg(a, buf_str(&path)), err_arg(b, buf_str(&why)));
    buf_done(&path);
    buf_done(&why);
    *ret_at = at;
    return false;
}
