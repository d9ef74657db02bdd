/* The office's inbox: the bundles of a folder, whether they are whole and of whom, what merging made of them
 * and why one was refused. It looks at them, and merges them, between two keys; Esc stops a merge between two
 * runs of files, and what was merged stays. */
#include <stdio.h>

#include "app/tr.h"
#include "app/view/local.h"
#include "app/view/picker.h"
#include "app/view/text.h"
#include "app/view/ui.h"
#include "forms/base/date.h"

#define NAME_COLS    20
#define SEQ_COLS     5
#define RECORDS_COLS 7
#define CREATED_COLS 16

static void folder_open(struct ui *ui);

struct inbox_screen {
    struct screen s;
    struct inbox x;
    struct field f;
    struct picker list;
    bool listed;
    bool answering; /* merged; the receipts are to be written */
    bool within;    /* a large bundle: nothing but stopping is done meanwhile */
    int cols;
    int64_t offset_ms; /* of the local clock from UTC */
};

/* ---- the list ---- */

static const char *const state_names[] = {
    [INBOX_FOUND] = N_("found"),   [INBOX_CHECKED] = N_("whole and genuine"),
    [INBOX_MERGED] = N_("merged"), [INBOX_SAME] = N_("same as before"),
    [INBOX_PARKED] = N_("parked"), [INBOX_REFUSED] = N_("refused, see ↓")};

static struct str no_name(void *ctx, size_t i)
{
    (void)ctx;
    (void)i;
    return STR("");
}

static void pad_number(struct buf *out, uint64_t n, int cols)
{
    char digits[24];
    int w = snprintf(digits, sizeof digits, "%llu", (unsigned long long)n);
    for (; w < cols; w++)
        buf_add_c(out, ' ');
    buf_add_z(out, digits);
    buf_add_z(out, "  ");
}

static int name_cols(const struct inbox_screen *s)
{
    int more = s->cols - UI_MIN_COLS;
    return NAME_COLS + (more < 0 ? 0 : more > 30 ? 30 : more);
}

static void add_reason(const struct err *why, struct buf *out)
{
    if (!why->kind)
        return;
    err_text(why, tr, out);
    if (why->kind->hint)
        buf_printf(out, " %s", _(why->kind->hint));
}

static void item_label(void *ctx, size_t i, struct buf *out)
{
    struct inbox_screen *s = ctx;
    const struct inbox_file *f = &s->x.v[i];
    size_t begin = out->n;
    buf_add_str(out, f->checked && f->laptop.n ? f->laptop : f->name);
    text_pad(out, begin, name_cols(s));
    if (f->checked) {
        int64_t made = f->created_ms + s->offset_ms;
        pad_number(out, f->seq, SEQ_COLS);
        pad_number(out, f->records, RECORDS_COLS);
        begin = out->n;
        local_short_day(made / DAY_MS, out);
        buf_add_c(out, ' ');
        local_clock(made, false, out);
        text_pad(out, begin, CREATED_COLS);
    } else {
        begin = out->n;
        text_pad(out, begin, SEQ_COLS + RECORDS_COLS + CREATED_COLS + 4);
    }
    buf_add_z(out, _(state_names[f->state]));
    if (f->quarantined)
        buf_printf(out, tr_n(", %llu set aside", ", %llu set aside", f->quarantined),
                   (unsigned long long)f->quarantined);
}

static void list_files(struct inbox_screen *s)
{
    size_t cursor = s->listed ? s->list.cursor : PICK_NONE;
    if (s->listed)
        picker_done(&s->list);
    s->f = (struct field){.plain = true, .choices = {s, s->x.n, no_name, item_label}};
    picker_init(&s->list, &s->f, 0);
    s->list.searched = false;
    s->list.cursor = s->x.n == 0 ? PICK_NONE : cursor < s->x.n ? cursor : 0;
    s->listed = true;
}

static void say_failed(struct ui *ui, struct inbox_screen *s, const struct err *e)
{
    inbox_merge_end(&s->x);
    s->answering = false;
    ui_fail(ui, e);
}

void inbox_screen_open(struct ui *ui)
{
    struct inbox_screen *s = (struct inbox_screen *)ui->top;
    struct err e = {0};
    s->offset_ms = ui_local_ms(ui) - ui_now(ui).ms;
    bool ok = inbox_open(&s->x, ui->survey, ui->start->index, &e);
    list_files(s);
    if (!ok)
        ui_fail(ui, &e);
}

static void close_(struct ui *ui, struct screen *screen)
{
    struct inbox_screen *s = (struct inbox_screen *)screen;
    (void)ui;
    if (s->listed)
        picker_done(&s->list);
    inbox_close(&s->x);
}

/* ---- merging ---- */

/* The receipts, then the merged files go: until then they are all that tells the laptops' story twice. */
static void answer(struct ui *ui, struct inbox_screen *s)
{
    const struct ui_start *start = ui->start;
    struct err e = {0};
    struct buf report;
    uint64_t gone = 0;
    buf_init(&report, LIMIT_CELL_BYTES);
    bool ok = !start->answer || start->answer(start->ctx, ui->survey, s->x.folder, &report, &e);
    s->answering = false;
    if (ok) {
        inbox_empty(&s->x, &gone);
        buf_add_z(&report, report.n ? "; " : "");
        buf_printf(&report, tr_n("%llu merged file removed", "%llu merged files removed", gone),
                   (unsigned long long)gone);
        ui_note(ui, STYLE_NORMAL, report.p);
    } else {
        say_failed(ui, s, &e);
    }
    buf_done(&report);
}

/* The store is at work, and so is this screen: see input. */
static void breathe(void *ctx)
{
    struct ui *ui = ctx;
    struct inbox_screen *s = (struct inbox_screen *)ui->top;
    s->within = true;
    if (ui->pump && !ui->pump(ui, 0))
        s->x.stop = true;
    s->within = false;
}

static void merge_step(struct ui *ui, struct inbox_screen *s)
{
    struct err e = {0};
    bool more;
    s->x.breathe = breathe;
    s->x.breathe_ctx = ui;
    if (!inbox_merge_step(&s->x, &more, &e)) {
        say_failed(ui, s, &e);
        return;
    }
    if (s->x.n != s->f.choices.n)
        list_files(s);
    if (more)
        return;
    inbox_merge_end(&s->x);
    s->answering = true;
}

static bool work(struct ui *ui, struct screen *screen)
{
    struct inbox_screen *s = (struct inbox_screen *)screen;
    if (s->x.pieces)
        merge_step(ui, s);
    else if (s->answering)
        answer(ui, s);
    else
        return inbox_check(&s->x);
    return true;
}

static enum handled begin_merge(struct ui *ui, struct inbox_screen *s)
{
    struct err e = {0};
    if (!s->x.folder || s->x.pieces || s->answering)
        return REFUSED;
    if (!inbox_merge_begin(&s->x, ui_now(ui).ms, &e))
        say_failed(ui, s, &e);
    list_files(s);
    return HANDLED;
}

/* ---- keys ---- */

static enum handled look(struct ui *ui, struct inbox_screen *s)
{
    struct err e = {0};
    if (!s->x.folder || s->x.pieces || s->answering)
        return REFUSED;
    if (!inbox_look(&s->x, &e))
        ui_fail(ui, &e);
    s->x.report = (struct merge_report){0};
    list_files(s);
    return HANDLED;
}

static enum handled show(struct ui *ui, struct inbox_screen *s)
{
    size_t row = picker_choice(&s->list);
    struct buf text;
    if (row == PICK_NONE)
        return REFUSED;
    const struct inbox_file *f = &s->x.v[row];
    buf_init(&text, LIMIT_CELL_BYTES);
    buf_printf(&text, "%.*s\n%s", STR_FMT(f->name), f->why.kind ? "" : _(state_names[f->state]));
    if (f->why.kind) {
        buf_add_c(&text, '\n');
        add_reason(&f->why, &text);
    }
    ui_tell(ui, _("Bundle"), buf_str(&text));
    buf_done(&text);
    return HANDLED;
}

static enum handled stop(struct ui *ui, struct inbox_screen *s)
{
    if (s->x.pieces) {
        s->x.stop = true;
        ui_note(ui, STYLE_NORMAL, _("stops after this bundle; what was merged stays"));
    } else {
        ui_note(ui, STYLE_NORMAL, _("q leaves the program."));
    }
    return HANDLED;
}

/* Within a bundle no other screen can open, and this one cannot close. */
static enum handled input_within(struct ui *ui, struct inbox_screen *s, enum action a)
{
    if (a != ACTION_CLOSE && a != ACTION_QUIT)
        return REFUSED;
    ui->quit = ui->quit || a == ACTION_QUIT;
    return stop(ui, s);
}

static enum handled input(struct ui *ui, struct screen *screen, const struct input *in)
{
    struct inbox_screen *s = (struct inbox_screen *)screen;
    if (s->within)
        return input_within(ui, s, in->action);
    switch ((int)in->action) {
    case ACTION_MERGE: return begin_merge(ui, s);
    case ACTION_LOOK: return look(ui, s);
    case ACTION_OPEN: return show(ui, s);
    case ACTION_FOLDER:
        if (s->x.pieces || s->answering)
            return REFUSED;
        ui_push(ui, &screen_folder);
        folder_open(ui);
        return HANDLED;
    case ACTION_CLOSE: return stop(ui, s);
    case ACTION_QUIT: ui->quit = true; return HANDLED;
    case ACTION_NONE: return REFUSED;
    default: return ui_list(&s->list, in);
    }
}

static bool hides(struct ui *ui, const struct screen *screen, enum action a)
{
    const struct inbox_screen *s = (const struct inbox_screen *)screen;
    bool busy = s->x.pieces || s->answering;
    (void)ui;
    return (a == ACTION_CLOSE && !s->x.pieces) || (a == ACTION_OPEN && s->x.n == 0) ||
           (a == ACTION_MERGE && (busy || !s->x.folder)) ||
           (a == ACTION_LOOK && (busy || !s->x.folder)) || (a == ACTION_FOLDER && busy);
}

static struct situation situation(const struct screen *screen)
{
    (void)screen;
    return (struct situation){CTX_INBOX | CTX_LIST | CTX_MOVE, false};
}

/* ---- drawing ---- */

static const char *no_mark(void *ctx, size_t choice, bool *ret_chosen)
{
    (void)ctx;
    (void)choice;
    *ret_chosen = false;
    return NULL;
}

static void draw_heading(struct inbox_screen *s, struct area a)
{
    struct buf text;
    size_t begin;
    buf_init(&text, 1024);
    buf_add_z(&text, "  ");
    begin = text.n;
    buf_add_z(&text, _("Laptop or file"));
    text_pad(&text, begin, name_cols(s));
    begin = text.n;
    buf_add_z(&text, _("No."));
    text_pad(&text, begin, SEQ_COLS);
    begin = text.n;
    buf_add_z(&text, _("Records"));
    text_pad(&text, begin, RECORDS_COLS);
    begin = text.n;
    buf_add_z(&text, _("Made"));
    text_pad(&text, begin, CREATED_COLS);
    buf_add_z(&text, _("State"));
    area_text(a, 0, 1, a.cols - 2, STYLE_HINT, buf_str(&text));
    buf_done(&text);
}

/* "12 of 300 files, 4210 records, 2600 records/s, 3 s left", or the equation of what was merged. */
static void draw_progress(struct ui *ui, struct inbox_screen *s, struct area a)
{
    const struct merge_report *r = &s->x.report;
    unsigned long long records = r->records + s->x.within;
    unsigned long long took = (unsigned long long)(ui_now(ui).ms - s->x.began_ms), left = 0;
    struct buf text;
    buf_init(&text, 1024);
    if (s->x.read)
        left = took * (s->x.size - s->x.read) / s->x.read / 1000;
    if (s->x.pieces) {
        area_bar(a, 0, 1, 20, STYLE_NORMAL, s->x.read, s->x.size);
        buf_printf(&text, _("%llu of %zu files, %llu records, %llu records/s, %llu s left"),
                   (unsigned long long)r->files, s->x.n, records,
                   records * 1000 / (took ? took : 1), left);
        area_text(a, 0, 23, a.cols - 24, STYLE_NORMAL, buf_str(&text));
    } else if (s->answering) {
        area_z(a, 0, 1, STYLE_NORMAL, _("Writing receipts …"));
    } else if (r->files) {
        buf_printf(&text, _("files: %llu = merged %llu + same %llu + parked %llu + refused %llu\n"),
                   (unsigned long long)r->files, (unsigned long long)r->merged,
                   (unsigned long long)r->same_files, (unsigned long long)r->parked,
                   (unsigned long long)r->refused);
        buf_printf(&text,
                   _("records: %llu = new %llu + same %llu + newer %llu + conflict %llu + detached "
                     "%llu + foreign %llu + erased %llu + quarantined %llu\n"),
                   (unsigned long long)r->records, (unsigned long long)r->new,
                   (unsigned long long)r->same, (unsigned long long)r->newer,
                   (unsigned long long)r->conflict, (unsigned long long)r->detached,
                   (unsigned long long)r->foreign, (unsigned long long)r->erased,
                   (unsigned long long)r->quarantined);
        chrome_paragraph(ui, area_sub(a, 0, 1, a.rows, a.cols - 2), 0, 0, STYLE_NORMAL,
                         buf_str(&text));
    }
    buf_done(&text);
}

static void draw_front(struct ui *ui, struct inbox_screen *s, struct area a)
{
    struct buf text;
    buf_init(&text, LIMIT_CELL_BYTES);
    buf_printf(&text, "cacah · %.*s · %s", STR_FMT(survey_title(ui->survey)), _("Office"));
    chrome_title(ui, a, buf_str(&text));
    buf_clear(&text);
    buf_printf(&text, "[1 %s %zu]", _("Inbox"), s->x.n);
    area_text(a, 2, 1, a.cols - 2, STYLE_BOLD, buf_str(&text));
    buf_clear(&text);
    if (s->x.folder)
        buf_printf(&text, _("Folder: %s"), s->x.folder);
    area_text(a, 3, 1, a.cols - 2, STYLE_NORMAL, buf_str(&text));
    buf_done(&text);
}

/* Why the one at the cursor was not taken. */
static void draw_reason(struct ui *ui, struct inbox_screen *s, struct area a)
{
    size_t row = picker_choice(&s->list);
    struct buf text;
    if (row == PICK_NONE || !s->x.v[row].why.kind)
        return;
    buf_init(&text, LIMIT_CELL_BYTES);
    add_reason(&s->x.v[row].why, &text);
    chrome_paragraph(ui, a, 0, 0, STYLE_WARNING, buf_str(&text));
    buf_done(&text);
}

static void draw(struct ui *ui, struct screen *screen, struct area a)
{
    struct inbox_screen *s = (struct inbox_screen *)screen;
    const int below = 6; /* two for the reason, a rule, three for the progress and the counts */
    s->cols = a.cols;
    draw_front(ui, s, a);
    if (!s->x.folder) {
        chrome_paragraph(ui, area_sub(a, 5, 0, 4, a.cols), 0, 3, STYLE_HINT,
                         str_of(_("f chooses the folder in which the bundles lie: a stick, or the "
                                  "folder they are sent to.")));
        return;
    }
    if (s->x.n == 0)
        chrome_paragraph(ui, area_sub(a, 5, 0, 4, a.cols), 0, 3, STYLE_HINT,
                         str_of(_("No bundle lies there.")));
    else {
        draw_heading(s, area_sub(a, 4, 0, 1, a.cols));
        picker_draw(&s->list, area_sub(a, 5, 1, a.rows - 5 - below, a.cols - 2), true,
                    &(struct picker_marks){no_mark, NULL});
    }
    draw_reason(ui, s, area_sub(a, a.rows - below, 3, 2, a.cols - 4));
    area_rule(a, a.rows - below + 2, STYLE_RULE);
    draw_progress(ui, s, area_sub(a, a.rows - below + 3, 0, below - 3, a.cols));
}

const struct screen_ops screen_inbox = {
    .size = sizeof(struct inbox_screen),
    .situation = situation,
    .input = input,
    .draw = draw,
    .hides = hides,
    .work = work,
    .close = close_,
};

/* ---- the folder ---- */

struct folder_screen {
    struct screen s;
    struct edit path;
};

static void folder_open(struct ui *ui)
{
    edit_init(&((struct folder_screen *)ui->top)->path, 4000);
}

static void folder_close(struct ui *ui, struct screen *screen)
{
    (void)ui;
    edit_done(&((struct folder_screen *)screen)->path);
}

static enum handled folder_input(struct ui *ui, struct screen *screen, const struct input *in)
{
    struct folder_screen *f = (struct folder_screen *)screen;
    struct inbox_screen *s = (struct inbox_screen *)screen->below;
    struct err e = {0};
    struct buf path;
    if (in->action != ACTION_ACCEPT)
        return ui_edit(&f->path, in);
    if (edit_text(&f->path).n == 0)
        return REFUSED;
    buf_init(&path, LIMIT_CELL_BYTES);
    buf_add_str(&path, edit_text(&f->path));
    ui_pop(ui);
    if (inbox_folder(&s->x, buf_str(&path), &e))
        list_files(s);
    else
        ui_fail(ui, &e);
    buf_done(&path);
    return HANDLED;
}

static struct situation folder_situation(const struct screen *s)
{
    (void)s;
    return (struct situation){CTX_DIALOG | CTX_TEXT | CTX_MOVE, true};
}

static void folder_draw(struct ui *ui, struct screen *screen, struct area a)
{
    struct folder_screen *f = (struct folder_screen *)screen;
    screen->below->ops->draw(ui, screen->below, a);
    a.c->cursor = false;
    struct area box = chrome_box(a, 5, 68, _("Folder with bundles"));
    area_z(box, 0, 0, STYLE_NORMAL, _("Path"));
    edit_draw(&f->path, area_sub(box, 1, 0, 1, box.cols), true);
    chrome_paragraph(ui, box, 3, 0, STYLE_HINT,
                     str_of(_("Receipts are written into \"out\" beside it.")));
}

const struct screen_ops screen_folder = {
    .size = sizeof(struct folder_screen),
    .situation = folder_situation,
    .input = folder_input,
    .draw = folder_draw,
    .close = folder_close,
};
