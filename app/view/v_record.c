/* A finished interview, to be read: its questions and answers as they were finalised. Nothing
 * here changes anything; Enter shows a long answer whole. */
#include "app/flow/host.h"
#include "app/flow/record.h"
#include "app/tr.h"
#include "app/view/field_of.h"
#include "app/view/local.h"
#include "app/view/picker.h"
#include "app/view/text.h"
#include "forms/base/date.h"
#include "forms/base/mem.h"

#define RECORD_LABEL_COLS 42

struct record_screen {
    struct screen s;
    struct interview *iv;
    struct record_head head;
    struct place *places;
    size_t n, cap;
    struct field f;
    struct picker list;
};

static struct str no_name(void *ctx, size_t i)
{
    (void)ctx;
    (void)i;
    return STR("");
}

static bool is_heading(struct record_screen *r, size_t i)
{
    enum node_type type = interview_form(r->iv)->nodes[r->places[i].def].type;

    return type == TYPE_GROUP || type == TYPE_REPEAT;
}

static void label(void *ctx, size_t i, struct buf *out)
{
    struct record_screen *r = ctx;
    size_t begin = out->n;

    if (is_heading(r, i)) {
        field_label(r->iv, &r->places[i], out);
        return;
    }
    buf_add_z(out, "  ");
    field_label(r->iv, &r->places[i], out);
    if (text_width(str_from(buf_str(out), begin)) > RECORD_LABEL_COLS) {
        out->n = begin + text_head(str_from(buf_str(out), begin), RECORD_LABEL_COLS - 1).n;
        buf_add_z(out, "…");
    }
    for (int w = text_width(str_from(buf_str(out), begin)); w < RECORD_LABEL_COLS + 2; w++)
        buf_add_c(out, ' ');
    field_answer(r->iv, &r->places[i], out);
}

static void fill(struct record_screen *r)
{
    struct place p = PLACE_NONE;

    r->n = 0;
    while (interview_next(r->iv, &p, NAV_GROUPS)) {
        if (p.whole)
            continue;
        r->places = mem_grow(r->places, r->n, &r->cap, sizeof p);
        r->places[r->n++] = p;
    }
    r->f = (struct field){.plain = true, .choices = {r, r->n, no_name, label}};
    picker_init(&r->list, &r->f, 2);
    r->list.cursor = r->n ? 0 : PICK_NONE;
}

static bool read_record(struct ui *ui, const struct revision *rev, struct interview **ret,
                        struct err *e)
{
    const struct form *f;
    struct record rec;
    struct host host;
    uint32_t lost;
    bool ok;

    record_init(&rec);
    host_real(&host);
    ok = survey_form(ui->survey, &rev->form, &f, e) &&
         record_load(survey_store(ui->survey), rev, true, &rec, e) &&
         interview_read(ret, f, &host, buf_str(&rec.xml), true, &lost, e);
    record_wipe(&rec);
    return ok;
}

void record_open(struct ui *ui, const struct hash32 *rev_id, const struct record_head *head)
{
    struct interview *iv = NULL;
    struct record_screen *r;
    struct revision rev;
    struct err e = {0};
    bool there = false, ok;

    ok = store_revision_get(survey_store(ui->survey), rev_id, &rev, &there, &e);
    if (ok && !there)
        ok = err_fail1(&e, ERR_REVISION_UNKNOWN, head->code);
    if (!ok || !read_record(ui, &rev, &iv, &e)) {
        ui_fail(ui, &e);
        return;
    }
    r = (struct record_screen *)ui_push(ui, &screen_record);
    r->iv = iv;
    r->head = *head;
    fill(r);
}

static void close_(struct ui *ui, struct screen *screen)
{
    struct record_screen *r = (struct record_screen *)screen;

    (void)ui;
    picker_done(&r->list);
    mem_free(r->places);
    interview_free(r->iv);
}

static enum handled show(struct ui *ui, struct record_screen *r)
{
    size_t row = picker_choice(&r->list);
    struct buf title, text;

    if (row == PICK_NONE || is_heading(r, row))
        return REFUSED;
    buf_init(&title, LIMIT_CELL_BYTES);
    buf_init(&text, LIMIT_ANSWER_BYTES);
    field_label(r->iv, &r->places[row], &text);
    buf_add_z(&text, "\n\n");
    field_answer(r->iv, &r->places[row], &text);
    buf_add_str(&title, interview_form(r->iv)->nodes[r->places[row].def].name);
    ui_tell(ui, title.p, buf_str(&text));
    buf_done(&title);
    buf_wipe_done(&text);
    return HANDLED;
}

/* The form's next language, as in the interview; the interface follows where it can. */
static enum handled next_language(struct ui *ui, struct record_screen *r)
{
    const struct form *f = interview_form(r->iv);
    uint32_t next = (interview_language(r->iv) + 1) % f->n_languages;
    size_t at = picker_choice(&r->list);
    struct changes changes;
    struct err e = {0};

    if (f->n_languages < 2)
        return IGNORED;
    if (!interview_set_language(r->iv, next, &changes, &e)) {
        ui_fail(ui, &e);
        return HANDLED;
    }
    tr_choose(f->languages[next].code);
    picker_done(&r->list);
    fill(r);
    picker_to(&r->list, at);
    return HANDLED;
}

static enum handled input(struct ui *ui, struct screen *screen, const struct input *in)
{
    struct record_screen *r = (struct record_screen *)screen;

    if (in->action == ACTION_OPEN)
        return show(ui, r);
    if (in->action == ACTION_LANGUAGE)
        return next_language(ui, r);
    return ui_list(&r->list, in);
}

static struct situation situation(const struct screen *s)
{
    (void)s;
    return (struct situation){CTX_LIST | CTX_MOVE | CTX_TEXT, true};
}

static const char *mark(void *ctx, size_t i, bool *ret_chosen)
{
    struct record_screen *r = ctx;
    struct node_state st = interview_state(r->iv, &r->places[i]);

    *ret_chosen = is_heading(r, i);
    return !*ret_chosen && st.warns ? "?" : NULL;
}

static int draw_head(struct ui *ui, const struct record_screen *r, struct area a)
{
    const struct record_head *h = &r->head;
    struct buf text;
    int n;

    buf_init(&text, 1024);
    buf_printf(&text, "%s %s   ", _("Respondent's code"), h->code);
    buf_printf(&text, "%s: ", _("Outcome"));
    outcome_text(r->iv, h->outcome, &text);
    buf_printf(&text, "   %s ", _("Finalised"));
    local_short_day(h->finalised_ms / DAY_MS, &text);
    buf_add_c(&text, ' ');
    local_clock(h->finalised_ms, false, &text);
    buf_printf(&text, "\n%s",
               h->sent ? _("The office has it.")
                       : _("It waits to be sent. It can be changed only when the office "
                           "returns it."));
    n = chrome_paragraph(ui, a, 0, 1, STYLE_NORMAL, arena_str(&ui->scratch, buf_str(&text)));
    buf_done(&text);
    return n;
}

static void draw(struct ui *ui, struct screen *screen, struct area a)
{
    struct record_screen *r = (struct record_screen *)screen;
    int y = 2;

    chrome_title(ui, a, interview_form(r->iv)->title);
    y += draw_head(ui, r, area_sub(a, y, 0, 4, a.cols));
    area_rule(a, y++, STYLE_RULE);
    picker_draw(&r->list, area_sub(a, y, 0, a.rows - y, a.cols - 1), true,
                &(struct picker_marks){mark, r});
}

const struct screen_ops screen_record = {
    .size = sizeof(struct record_screen),
    .situation = situation,
    .input = input,
    .draw = draw,
    .close = close_,
};
