/* Open questions of a field-list. */
#include "app/view/beside.h"

#include "app/view/markup.h"
#include "app/view/text.h"

#define FIELD_ROWS_MAX 8 /* a longer list shows its beginning, and how many more there are */

/* The outermost field-list around a node, or DEF_NONE. */
static uint32_t list_of(const struct form *f, uint32_t def)
{
    uint32_t found = DEF_NONE;

    for (uint32_t d = f->nodes[def].parent; d != DEF_NONE; d = f->nodes[d].parent)
        if (form_has_appearance(&f->nodes[d], "field-list") ||
            form_has_appearance(&f->nodes[d], "table-list"))
            found = d;
    return found;
}

bool beside_each_other(const struct form *f, const struct place *a, const struct place *b)
{
    uint32_t list = list_of(f, a->def);
    struct place in_a, in_b;

    if (list == DEF_NONE || list_of(f, b->def) != list || a->whole || b->whole)
        return false;
    in_a = place_above(f, a, list);
    in_b = place_above(f, b, list);
    return place_eq(&in_a, &in_b);
}

/* What stands there, in the scratch of this frame. */
struct open_question {
    struct lines label, hint;
    struct field_ctx ctx;
    struct widget *w; /* NULL: nothing to fill in */
    int field_rows;
};

static struct lines wrapped(struct ui *ui, struct buf *b, int cols)
{
    struct lines none = {0};
    struct str kept = arena_str(&ui->scratch, buf_str(b));

    buf_clear(b);
    return kept.n ? text_wrap(&ui->scratch, kept, cols) : none;
}

static void question_open(struct open_question *q, struct ui *ui, const struct place *p, int cols)
{
    struct interview *iv = session_interview(ui->session);
    struct field f;
    struct err e = {0};
    struct buf text, raw;

    *q = (struct open_question){0};
    buf_init(&text, LIMIT_ANSWER_BYTES);
    buf_init(&raw, LIMIT_CELL_BYTES);
    field_label(iv, p, &text);
    if (interview_state(iv, p).required)
        buf_add_z(&text, " *");
    q->label = wrapped(ui, &text, cols - LABEL_AT - 2);
    if (interview_text(iv, p, TEXT_HINT, &raw) && raw.n)
        markup_plain(buf_str(&raw), &text);
    q->hint = wrapped(ui, &text, cols - FIELD_AT - 2);
    /* a list that can't be worked out is told of when its question is in hand */
    if (field_of(&q->ctx, ui, p, &f, &e) && f.kind != FIELD_NOTE) {
        q->w = widget_new(&f);
        q->field_rows = f.readonly ? 1 : q->w->ops->rows(q->w, cols - FIELD_AT - 2);
        if (q->field_rows > FIELD_ROWS_MAX)
            q->field_rows = FIELD_ROWS_MAX;
    }
    buf_wipe_done(&text);
    buf_done(&raw);
}

static void question_close(struct open_question *q)
{
    widget_free(q->w);
    field_done(&q->ctx);
}

static void draw_readonly(struct ui *ui, const struct place *p, struct area a)
{
    struct buf text;

    buf_init(&text, LIMIT_ANSWER_BYTES);
    field_shown(ui->session, session_interview(ui->session), p, &text);
    area_text(a, 0, 0, a.cols, STYLE_ANSWER, buf_str(&text));
    buf_wipe_done(&text);
}

int beside_rows(struct ui *ui, const struct place *p, int cols)
{
    struct open_question q;

    question_open(&q, ui, p, cols);
    question_close(&q);
    return q.label.n + q.hint.n + q.field_rows;
}

void beside_draw(struct ui *ui, const struct place *p, struct area a)
{
    struct open_question q;
    int y = 0;

    question_open(&q, ui, p, a.cols);
    for (int i = 0; i < q.label.n; i++, y++)
        area_text(a, y, LABEL_AT, a.cols - LABEL_AT, STYLE_NORMAL, q.label.v[i]);
    for (int i = 0; i < q.hint.n; i++, y++)
        area_text(a, y, FIELD_AT, a.cols - FIELD_AT, STYLE_HINT, q.hint.v[i]);
    if (q.w) {
        struct area field = area_sub(a, y, FIELD_AT, q.field_rows, a.cols - FIELD_AT - 2);

        if (q.w->f.readonly)
            draw_readonly(ui, p, field);
        else
            q.w->ops->draw(q.w, field, false);
    }
    question_close(&q);
}
