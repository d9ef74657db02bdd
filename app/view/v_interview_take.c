/* Taking an answer: from the field into the engine and onto the disk, then the checks. A hard
 * check holds the field; a soft one asks for a second Enter; a change that costs rows of a
 * repeat asks first. */
#include <sys/stat.h>

#include "app/flow/courier.h"
#include "app/flow/host.h"
#include "app/tr.h"
#include "app/view/v_interview.h"

/* ---- how many are answered ---- */

static bool is_counted(const struct form_node *n)
{
    return n->type != TYPE_NOTE && n->type != TYPE_REPEAT && n->type != TYPE_GROUP;
}

void interview_count(struct interview_screen *s, struct interview *iv)
{
    struct place p = PLACE_NONE;

    s->answered = s->total = 0;
    while (interview_next(iv, &p, 0)) {
        if (!is_counted(&interview_form(iv)->nodes[p.def]))
            continue;
        s->total++;
        s->answered += interview_state(iv, &p).answered;
    }
    s->count_stale = false;
}

static bool is_asked(const struct form_node *n)
{
    return n->type != TYPE_CALCULATE && n->type != TYPE_HIDDEN && n->type != TYPE_META;
}

/* Counting walks the whole form, so only what may have changed the count asks for it. */
void interview_changed(struct ui *ui, struct interview_screen *s, const struct changes *c)
{
    const struct form *f = session_form(ui->session);
    bool reopen = false;

    for (size_t i = 0; i < c->n; i++) {
        const struct change *ch = &c->v[i];
        bool here = place_eq(&ch->place, &s->at);

        if (ch->what & (CHANGED_RELEVANT | CHANGED_INSTANCES))
            s->count_stale = true;
        if ((ch->what & CHANGED_VALUE) && !here && is_asked(&f->nodes[ch->place.def]))
            s->count_stale = true;
        if (here && (ch->what & (CHANGED_VALUE | CHANGED_CHOICES | CHANGED_INSTANCES)))
            reopen = true;
    }
    if (reopen && interview_state(session_interview(ui->session), &s->at).exists)
        interview_field(ui, s, &s->at, STR(""));
}

/* ---- what rows of a repeat would go ---- */

/* A repeat with answered rows whose count reads this question, directly or through calculations. */
static uint32_t ruled_repeat(const struct form *f, uint32_t def, int depth)
{
    for (uint32_t i = 0; depth > 0 && i < f->graph.n_readers[def]; i++) {
        const struct edge *x = &f->graph.readers[def][i];
        uint32_t found = DEF_NONE;

        if (x->facet == FACET_COUNT)
            return x->def;
        if (x->facet == FACET_CALCULATE && x->def != def)
            found = ruled_repeat(f, x->def, depth - 1);
        if (found != DEF_NONE)
            return found;
    }
    return DEF_NONE;
}

static bool has_answers(struct interview *iv, const struct place *repeat)
{
    struct place p = *repeat;
    const struct form_node *n = &interview_form(iv)->nodes[repeat->def];

    p.whole = false;
    p.depth++;
    p.index[p.depth - 1] = 0;
    if (interview_instances(iv, repeat) == 0)
        return false;
    while (interview_next(iv, &p, 0) && p.def > repeat->def && p.def < n->end)
        if (interview_state(iv, &p).answered)
            return true;
    return false;
}

/* True: may go on. False: it was asked, and Enter again means yes. */
static bool rows_agreed(struct ui *ui, struct interview_screen *s)
{
    struct interview *iv = session_interview(ui->session);
    const struct form *f = session_form(ui->session);
    uint32_t repeat = ruled_repeat(f, s->at.def, 4);
    struct place whole;
    struct buf text, label;

    if (s->agreed || repeat == DEF_NONE)
        return true;
    whole = s->at;
    whole.def = repeat;
    whole.whole = true;
    whole.depth = (uint8_t)(f->nodes[repeat].repeat_depth - 1);
    if (whole.depth > s->at.depth || !has_answers(iv, &whole))
        return true;
    buf_init(&text, LIMIT_CELL_BYTES);
    buf_init(&label, LIMIT_CELL_BYTES);
    field_label(iv, &whole, &label);
    buf_printf(&text,
               _("This answer decides the rows of “%s”, which have answers: rows may shift or "
                 "go. Enter again changes it all the same."),
               label.p);
    interview_say(s, SAID_WARNING, buf_str(&text));
    buf_done(&label);
    buf_done(&text);
    s->agreed = true;
    return false;
}

/* ---- putting ---- */

static bool changes_value(const struct widget *w)
{
    return !w->f.readonly && w->f.kind != FIELD_NOTE && w->f.kind != FIELD_REPEAT;
}

/* What is wrong with what was typed is said beside it; what is wrong with the disk in a box. */
static void say_why(struct ui *ui, struct interview_screen *s, const struct err *e, bool beside)
{
    struct buf text;

    if (e->kind->cls == ERR_COULD && !beside) {
        ui_fail(ui, e);
        return;
    }
    buf_init(&text, LIMIT_CELL_BYTES);
    err_text(e, tr, &text);
    if (e->kind->hint) {
        buf_add_c(&text, ' ');
        buf_add_z(&text, _(e->kind->hint));
    }
    interview_say(s, SAID_ERROR, buf_str(&text));
    buf_done(&text);
}

static bool set_answer(struct ui *ui, struct interview_screen *s, struct str text)
{
    struct interview *iv = session_interview(ui->session);
    bool before = interview_state(iv, &s->at).answered, after;
    struct place at = s->at;
    struct changes changes;
    struct err e = {0};

    if (!session_set(ui->session, &at, text, &changes, &e)) {
        say_why(ui, s, &e, false);
        return false;
    }
    after = interview_state(iv, &at).answered;
    s->answered += (uint32_t)after - (uint32_t)before;
    interview_changed(ui, s, &changes);
    return true;
}

/* What is the matter with the file, not with the disk of the store. */
static bool is_of_file(const struct err *e)
{
    return err_is(e, &ERR_FILE_ABSENT) || err_is(e, &ERR_FILE_KIND) || err_is(e, &ERR_FILE_READ) ||
           err_is(e, &ERR_NO_ROOM) || err_is(e, &ERR_ATTACH_STOPPED);
}

#define FILE_SLOW ((off_t)4 << 20)
#define TOLD_MS   50

/* One whose sealing takes longer than a blink. */
static bool is_large(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > FILE_SLOW;
}

struct sealing {
    const struct transport_user *user; /* of the screen that shows it */
    const char *path;
    int64_t told_ms;
};

/* It is read twice, which is nobody's business. */
static bool told(void *ctx, uint64_t done, uint64_t all)
{
    struct sealing *x = ctx;
    int64_t now = host_steady_ms();

    if (now - x->told_ms < TOLD_MS && x->told_ms)
        return true;
    x->told_ms = now;
    x->user->progress(x->user->ctx,
                      &(struct transport_progress){
                          .name = x->path, .done = done / 2, .total = all / 2, .ms = now});
    return !x->user->stop(x->user->ctx);
}

static bool attach(struct ui *ui, const struct place *at, const char *path, struct changes *changes,
                   struct err *e)
{
    struct sealing x = {.path = path};
    bool ok;

    if (!is_large(path))
        return session_attach(ui->session, at, path, NULL, NULL, changes, e);
    x.user = network_open(ui, _("Sealing the file"), _("Esc stops: nothing is attached then."));
    ok = session_attach(ui->session, at, path, told, &x, changes, e);
    network_close(ui);
    return ok;
}

/* A path: the file is read and sealed. */
static bool put_file(struct ui *ui, struct interview_screen *s, const char *path)
{
    struct interview *iv = session_interview(ui->session);
    bool before = interview_state(iv, &s->at).answered;
    struct place at = s->at;
    struct changes changes;
    struct err e = {0};

    if (!attach(ui, &at, path, &changes, &e)) {
        say_why(ui, s, &e, is_of_file(&e));
        return false;
    }
    s->answered += 1u - (uint32_t)before;
    interview_changed(ui, s, &changes);
    return true;
}

static bool put_text(struct ui *ui, struct interview_screen *s, const struct buf *text)
{
    if (s->w->f.kind == FIELD_FILE && text->n)
        return put_file(ui, s, text->p);
    return set_answer(ui, s, buf_str(text));
}

bool interview_put(struct ui *ui, struct interview_screen *s)
{
    struct interview *iv = session_interview(ui->session);
    const char *why = NULL;
    struct buf text;
    bool ok;

    if (!changes_value(s->w))
        return true;
    buf_init(&text, LIMIT_ANSWER_BYTES + 1);
    ok = s->w->ops->answer(s->w, &text, &why);
    if (!ok)
        interview_say(s, SAID_ERROR, str_of(_(why)));
    else if (!str_eq(buf_str(&text), interview_value(iv, &s->at)))
        ok = rows_agreed(ui, s) && put_text(ui, s, &text);
    buf_wipe_done(&text);
    return ok;
}

void interview_set_aside(struct ui *ui, struct interview_screen *s)
{
    struct unfinished *u;
    struct str typed = widget_typed(s->w);

    if (!s->w->touched && typed.n == 0)
        return;
    s->agreed = true; /* leaving by another way asks nothing */
    if (interview_put(ui, s) || typed.n == 0)
        return;
    if (s->n_unfinished == UNFINISHED_MAX) {
        buf_wipe_done(&s->unfinished[0].typed);
        memmove(s->unfinished, s->unfinished + 1, (UNFINISHED_MAX - 1) * sizeof *s->unfinished);
        s->n_unfinished--;
    }
    u = &s->unfinished[s->n_unfinished++];
    u->at = s->at;
    buf_init(&u->typed, LIMIT_ANSWER_BYTES);
    buf_add_str(&u->typed, typed);
}

/* ---- checks ---- */

bool interview_tell(struct ui *ui, struct interview_screen *s)
{
    struct interview *iv = session_interview(ui->session);
    struct node_state st = interview_state(iv, &s->at);
    struct buf text;

    if (st.valid && (st.answered || !st.required))
        return false;
    buf_init(&text, LIMIT_CELL_BYTES);
    field_message(iv, &s->at, &text);
    interview_say(s, SAID_ERROR, buf_str(&text));
    buf_done(&text);
    return true;
}

/* All soft checks that are true, one after the other. */
static bool asked_about(struct ui *ui, struct interview_screen *s)
{
    struct interview *iv = session_interview(ui->session);
    struct node_state st = interview_state(iv, &s->at);
    struct changes changes;
    struct err e = {0};
    struct buf text;

    if (!st.warns || st.confirmed)
        return false;
    if (s->warned) {
        if (session_confirm(ui->session, &s->at, &changes, &e))
            return false;
        ui_fail(ui, &e);
        return true;
    }
    buf_init(&text, LIMIT_CELL_BYTES);
    for (uint32_t i = 0; interview_warning(iv, &s->at, i, &text); i++)
        buf_add_c(&text, ' ');
    buf_add_z(&text, _("Enter again keeps this answer."));
    interview_say(s, SAID_WARNING, buf_str(&text));
    s->warned = true;
    buf_done(&text);
    return true;
}

void interview_take(struct ui *ui, struct interview_screen *s)
{
    bool warned = s->warned && s->kind == SAID_WARNING && !s->w->touched;
    bool note = s->w->f.kind == FIELD_NOTE;

    if (!interview_put(ui, s) || ui->top != &s->s)
        return;
    s->warned = warned;
    if (interview_tell(ui, s) || asked_about(ui, s)) {
        s->w->touched = false;
        return;
    }
    interview_forward(ui, s);
    if (note)
        ui_save(ui); /* there was no answer that brings the place to the disk */
}

enum handled interview_missing(struct ui *ui, struct interview_screen *s, enum missing kind)
{
    struct interview *iv = session_interview(ui->session);
    struct changes changes;
    struct err e = {0};
    bool before = interview_state(iv, &s->at).answered;

    if (!session_set_missing(ui->session, &s->at, kind, &changes, &e)) {
        if (e.kind->cls == ERR_COULD)
            ui_fail(ui, &e);
        else
            ui_note(ui, STYLE_WARNING, _("This question does not take that answer."));
        return REFUSED;
    }
    s->answered += 1u - (uint32_t)before;
    interview_changed(ui, s, &changes);
    if (!interview_tell(ui, s) && !asked_about(ui, s))
        interview_forward(ui, s);
    return HANDLED;
}
