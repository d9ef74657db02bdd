/* All sections and questions with their state, at the place where one is; typing narrows, Enter
 * goes there. F2 opens it to look, F3 to search: the same list. */
#include "app/tr.h"
#include "app/view/field_of.h"
#include "app/view/picker.h"
#include "app/view/v_interview.h"
#include "forms/base/mem.h"

struct contents {
    struct screen s;
    struct place *places;
    size_t n, cap;
    bool skipped; /* those not asked now are listed too */
    struct field f;
    struct picker list;
    struct interview *iv;
};

static struct str no_name(void *ctx, size_t i)
{
    (void)ctx;
    (void)i;
    return STR("");
}

static bool is_heading(const struct form_node *n, const struct place *p)
{
    return n->type == TYPE_GROUP || (n->type == TYPE_REPEAT && !p->whole);
}

static int depth_of(const struct form *f, uint32_t def)
{
    int depth = 0;

    for (uint32_t d = f->nodes[def].parent; d != DEF_NONE && f->nodes[d].parent != DEF_NONE;
         d = f->nodes[d].parent)
        depth++;
    return depth;
}

static void label(void *ctx, size_t i, struct buf *out)
{
    struct contents *c = ctx;
    const struct form *f = interview_form(c->iv);
    const struct place *p = &c->places[i];
    size_t begin;

    for (int d = depth_of(f, p->def); d > 0; d--)
        buf_add_z(out, "  ");
    field_label(c->iv, p, out);
    if (is_heading(&f->nodes[p->def], p)) {
        if (f->nodes[p->def].type == TYPE_REPEAT)
            buf_printf(out, " %u", p->index[p->depth - 1] + 1);
        return;
    }
    begin = out->n;
    buf_add_z(out, "  — ");
    field_answer(c->iv, p, out);
    if (out->n == begin + sizeof "  — " - 1)
        out->n = begin;
}

static void add(struct contents *c, const struct place *p)
{
    c->places = mem_grow(c->places, c->n, &c->cap, sizeof *c->places);
    c->places[c->n++] = *p;
}

/* Every question of the form that isn't in a repeat, asked now or not: those in repeats have no
 * place while their rows are hidden. */
static void list_skipped(struct contents *c)
{
    const struct form *f = interview_form(c->iv);

    for (uint32_t d = 1; d < f->n_nodes; d++) {
        const struct form_node *n = &f->nodes[d];
        struct place p = {.def = d};

        if (n->type != TYPE_CALCULATE && n->type != TYPE_HIDDEN && n->type != TYPE_META &&
            n->repeat == DEF_NONE)
            add(c, &p);
    }
}

static void fill(struct ui *ui, struct contents *c)
{
    struct place p = PLACE_NONE;

    c->n = 0;
    if (c->skipped)
        list_skipped(c);
    while (!c->skipped && interview_next(c->iv, &p, NAV_GROUPS))
        if (!interview_passes(session_form(ui->session), &p))
            add(c, &p);
    c->f = (struct field){.plain = true, .choices = {c, c->n, no_name, label}};
    picker_init(&c->list, &c->f, 2);
}

void contents_open(struct ui *ui, bool search)
{
    struct place at;
    struct contents *c;

    if (!interview_at(ui, &at))
        return;
    c = (struct contents *)ui_push(ui, &screen_contents);
    c->iv = session_interview(ui->session);
    fill(ui, c);
    for (size_t i = 0; !search && i < c->n; i++)
        if (place_eq(&c->places[i], &at))
            picker_to(&c->list, i);
}

static void close_(struct ui *ui, struct screen *screen)
{
    struct contents *c = (struct contents *)screen;

    (void)ui;
    picker_done(&c->list);
    mem_free(c->places);
}

/* A heading leads to the first question under it. */
static bool place_to_go(struct contents *c, size_t row, struct place *ret)
{
    const struct form *f = interview_form(c->iv);
    struct place p = c->places[row];
    struct node_state st = interview_state(c->iv, &p);

    if (!st.exists || !st.relevant)
        return false;
    if (is_heading(&f->nodes[p.def], &p) && !interview_next(c->iv, &p, 0))
        return false;
    *ret = p;
    return true;
}

static enum handled go(struct ui *ui, struct contents *c)
{
    size_t row = picker_choice(&c->list);
    struct place p;

    if (row == PICK_NONE && c->list.n > 0)
        row = c->list.rows[0];
    if (row == PICK_NONE)
        return REFUSED;
    if (!place_to_go(c, row, &p)) {
        ui_note(ui, STYLE_WARNING, _("This question is skipped by the answers given."));
        return REFUSED;
    }
    ui_pop(ui);
    interview_go(ui, &p);
    return HANDLED;
}

/* The cursor stays on its question, or goes to the nearest before it: one of a repeat's row has no line
 * of its own among all. */
static void show_all(struct ui *ui, struct contents *c)
{
    size_t row = picker_choice(&c->list), to = PICK_NONE;
    struct place at = row == PICK_NONE ? PLACE_NONE : c->places[row];

    if (row == PICK_NONE && !interview_at(ui, &at))
        return;
    c->skipped = !c->skipped;
    picker_done(&c->list);
    fill(ui, c);
    for (size_t i = 0; i < c->n && !(to != PICK_NONE && place_eq(&c->places[to], &at)); i++)
        if (c->places[i].def <= at.def)
            to = i;
    picker_to(&c->list, to);
}

static enum handled input(struct ui *ui, struct screen *screen, const struct input *in)
{
    struct contents *c = (struct contents *)screen;

    if (in->action == ACTION_OPEN)
        return go(ui, c);
    if (in->action == ACTION_SHOW_ALL) {
        show_all(ui, c);
        return HANDLED;
    }
    return ui_list(&c->list, in);
}

static struct situation situation(const struct screen *s)
{
    (void)s;
    return (struct situation){CTX_LIST | CTX_MOVE | CTX_TEXT | CTX_CONTENTS, true};
}

static void language(struct ui *ui, struct screen *screen)
{
    struct contents *c = (struct contents *)screen;
    size_t at = picker_choice(&c->list);

    picker_done(&c->list);
    fill(ui, c);
    picker_to(&c->list, at);
}

static const char *mark(void *ctx, size_t i, bool *ret_chosen)
{
    struct contents *c = ctx;
    const struct place *p = &c->places[i];
    const struct form_node *n = &interview_form(c->iv)->nodes[p->def];
    struct node_state st = interview_state(c->iv, p);

    *ret_chosen = is_heading(n, p);
    if (!st.exists || !st.relevant)
        return "—";
    if (*ret_chosen || n->type == TYPE_NOTE)
        return NULL;
    if (st.answered && !st.complete)
        return "!";
    if (st.warns)
        return "?";
    return st.answered ? "✓" : st.required ? "·" : " ";
}

static void draw(struct ui *ui, struct screen *screen, struct area a)
{
    struct contents *c = (struct contents *)screen;

    chrome_title(ui, a, str_of(_("Table of contents")));
    picker_draw(&c->list, area_sub(a, 2, 0, a.rows - 3, a.cols - 1), true,
                &(struct picker_marks){mark, c});
    area_z(a, a.rows - 1, 2, STYLE_HINT,
           _("✓ answered   · open   ! in error   ? soft check   — skipped"));
}

const struct screen_ops screen_contents = {
    .size = sizeof(struct contents),
    .situation = situation,
    .input = input,
    .draw = draw,
    .language = language,
    .close = close_,
};
