/* Texts as a person reads them: labels, hints and messages in the active language with what ${…} stands
 * for, and values as text. */
#include "forms/run/run_i.h"

/* The value a reference in a text shows: that of the first node it means from here. */
static void add_ref(struct interview *iv, struct frame *f, uint32_t def, const struct text_run *run,
                    struct buf *out)
{
    struct arena_mark m = arena_mark(&iv->scratch);
    if (run->last_saved) {
        struct buf path;
        buf_init(&path, LIMIT_CELL_BYTES);
        form_path(iv->form, run->ref, &path);
        if (iv->host.last_saved)
            iv->host.last_saved(iv->host.ctx, buf_str(&path), out);
        buf_done(&path);
    } else {
        struct nodes found;
        instance_ops.refs(node_of(iv, f, def), run->ref, &iv->scratch, &found);
        if (found.n)
            buf_add_str(out, instance_ops.string(found.v[0], &iv->scratch));
    }
    arena_release(&iv->scratch, m);
}

bool text_fill(struct interview *iv, texts t, struct frame *f, uint32_t def, struct buf *out)
{
    if (!t)
        return false;
    const struct text *x = &t[iv->language];
    if (!x->given && !x->n)
        return false;
    for (uint32_t i = 0; i < x->n; i++) {
        buf_add_str(out, x->runs[i].literal);
        if (x->runs[i].ref != DEF_NONE)
            add_ref(iv, f, def, &x->runs[i], out);
    }
    return true;
}

bool interview_text(struct interview *iv, const struct place *p, enum text_kind kind,
                    struct buf *out)
{
    struct frame *f;
    if (!place_find(iv, p, &f))
        return false;
    const struct form_node *n = node_at(iv, p->def);
    texts t = NULL;
    switch (kind) {
    case TEXT_LABEL: t = n->label; break;
    case TEXT_HINT: t = n->hint; break;
    case TEXT_GUIDANCE: t = n->guidance; break;
    case TEXT_REQUIRED_MESSAGE: t = n->required_message; break;
    case TEXT_CONSTRAINT_MESSAGE: t = n->constraint_message; break;
    }
    return text_fill(iv, t, f, p->def, out);
}

bool interview_message(struct interview *iv, const struct place *p, struct buf *out)
{
    struct frame *f;
    if (!place_find(iv, p, &f))
        return false;
    const struct form_node *n = node_at(iv, p->def);
    struct node_state s = state_at(iv, f, p->def);
    if (s.complete)
        return false;
    bool missing = s.valid;
    if (!text_fill(iv, missing ? n->required_message : n->constraint_message, f, p->def, out))
        buf_add_z(out,
                  missing ? "An answer is required." : "The answer is outside what is allowed.");
    return true;
}

bool interview_warning(struct interview *iv, const struct place *p, uint32_t i, struct buf *out)
{
    struct frame *f;
    if (!place_find(iv, p, &f))
        return false;
    const struct form_node *n = node_at(iv, p->def);
    if (!state_at(iv, f, p->def).warns)
        return false;
    for (uint32_t w = 0; w < n->n_warns; w++) {
        if (!eval_check(iv, n->warns[w].when.expr, f, p->def, false) || i-- > 0)
            continue;
        if (!text_fill(iv, n->warns[w].message, f, p->def, out))
            buf_add_z(out, "Check this answer.");
        return true;
    }
    return false;
}

bool interview_value_text(struct interview *iv, const struct place *p, struct buf *out)
{
    struct frame *f;
    if (!place_find(iv, p, &f))
        return false;
    const struct form_node *n = node_at(iv, p->def);
    if (n->type == TYPE_GROUP || n->type == TYPE_REPEAT)
        return false;
    struct str text = cell_text(cell_at(iv, f, p->def));
    if (!is_select(n)) {
        buf_add_str(out, text);
        return true;
    }
    bool several = n->type != TYPE_SELECT_ONE;
    struct str word = text;
    bool first = true;
    while (several ? str_word(&text, &word) : first && word.n) {
        if (!first)
            buf_add_z(out, n->type == TYPE_RANK ? " > " : "; ");
        if (!select_label(iv, f, p->def, word, out))
            buf_add_str(out, word);
        first = false;
    }
    return true;
}
