/* Home: the assignments, the drafts, what is finished, what was returned, what was sent; from here
 * an interview begins or goes on. What is listed comes from app/flow/listing.h, the newest at once, the
 * rest of a large store between two keys. */
#include "app/flow/host.h"
#include "app/flow/listing.h"
#include "app/tr.h"
#include "app/view/local.h"
#include "app/view/picker.h"
#include "app/view/text.h"
#include "app/view/ui.h"
#include "forms/base/mem.h"

enum tab { TAB_TASKS, TAB_DRAFTS, TAB_FINISHED, TAB_RETURNED, TAB_SENT, TABS };

static const char *const tab_names[TABS] = {N_("Tasks"), N_("Drafts"), N_("Finished"),
                                            N_("Returned"), N_("Sent")};

/* At 80 columns; the wider the screen, the wider the names. */
#define NAME_COLS    20
#define TITLE_COLS   22
#define ANSWERS_COLS 9
#define ID_COLS      8
#define LABEL_COLS   18
#define VILLAGE_COLS 25
#define BOTH_COLS    96 /* from here on there is room for the visit and the appointment */

/* Milliseconds of reading: before home is first drawn, and between two keys. */
#define FIRST_MS 40
#define PIECE_MS 20

struct home {
    struct screen s;
    struct listing l;
    size_t open_tasks; /* those that are not finished */
    enum tab tab;
    struct field f; /* of the list: the tasks, or the items of the tab */
    uint32_t *rows; /* of the tasks: into l.tasks.v */
    struct picker list;
    size_t skipped; /* bytes that the titles begin with alike, not shown */
    int64_t today;  /* the day, and the difference of its clock from UTC */
    int64_t offset_ms;
    int cols;
    bool listed;
};

static enum list list_of(enum tab tab)
{
    switch (tab) {
    case TAB_FINISHED: return LIST_FINISHED;
    case TAB_RETURNED: return LIST_RETURNED;
    case TAB_SENT: return LIST_SENT;
    case TAB_TASKS:
    case TAB_DRAFTS:
    case TABS: break;
    }
    return LIST_DRAFTS;
}

static size_t n_listed(const struct home *h, enum tab tab)
{
    return tab == TAB_TASKS ? h->l.tasks.n : h->l.lists[list_of(tab)].n;
}

/* ---- the list ---- */

static struct str no_name(void *ctx, size_t i)
{
    (void)ctx;
    (void)i;
    return STR("");
}

/* What a wider screen gives to each of the two columns of names. */
static int wider(const struct home *h)
{
    int more = (h->cols - UI_MIN_COLS) / 2;

    return more < 0 ? 0 : more > 20 ? 20 : more;
}

static void item_label(void *ctx, size_t i, struct buf *out)
{
    struct home *h = ctx;
    const struct listed *it = &h->l.lists[list_of(h->tab)].v[i];
    int64_t changed = it->changed_ms + h->offset_ms;
    size_t begin = out->n;
    char code[16];

    if (*it->name) {
        buf_add_z(out, it->name);
    } else {
        code_of_uuid(&it->uuid, code);
        buf_add_z(out, code);
    }
    text_pad(out, begin, NAME_COLS + wider(h));
    begin = out->n;
    buf_add_str(out, str_from(h->l.forms[it->form].title, h->skipped));
    text_pad(out, begin, TITLE_COLS + wider(h));
    begin = out->n;
    if (it->comment)
        buf_add_z(out, _("returned"));
    else
        buf_printf(out, tr_n("%u answer", "%u answers", it->answered), it->answered);
    text_pad(out, begin, ANSWERS_COLS);
    local_short_day(changed / DAY_MS, out);
    buf_add_c(out, ' ');
    local_clock(changed, false, out);
}

/* What searching finds it by: all of it, not the columns alone, and the respondent's code. */
static void item_words(void *ctx, size_t i, struct buf *out)
{
    struct home *h = ctx;
    const struct listed *it = &h->l.lists[list_of(h->tab)].v[i];
    int64_t changed = it->changed_ms + h->offset_ms;
    char code[16];

    code_of_uuid(&it->uuid, code);
    buf_printf(out, "%s %s ", it->name, code);
    buf_add_str(out, h->l.forms[it->form].title);
    buf_add_c(out, ' ');
    local_short_day(changed / DAY_MS, out);
    buf_add_c(out, ' ');
    local_clock(changed, false, out);
}

/* ---- the tasks ---- */

static void add_due(const struct home *h, int64_t due_ms, struct buf *out)
{
    int64_t local = due_ms + h->offset_ms, day = local / DAY_MS;
    struct civil c = date_civil(local);

    if (day != h->today)
        buf_printf(out, "%02d-%02d", c.day, c.month);
    if (day != h->today && local % DAY_MS)
        buf_add_c(out, ' ');
    if (local % DAY_MS || day == h->today)
        local_clock(local, false, out);
}

/* Which visit comes next, and when. */
static void add_progress(const struct home *h, const struct assignment *a, struct buf *out)
{
    struct buf when;

    buf_init(&when, 256);
    if (a->due_ms)
        add_due(h, a->due_ms, &when);
    else
        buf_add_str(&when, a->appointment);
    if (a->sum.visits && (when.n == 0 || h->cols >= BOTH_COLS))
        buf_printf(out, _("visit %u"), a->sum.visits + 1u);
    else if (when.n == 0)
        buf_add_z(out, a->state == ASSIGNED_DRAFT ? _("draft") : _("not begun"));
    else if (a->state == ASSIGNED_DRAFT && h->cols >= BOTH_COLS)
        buf_add_z(out, _("draft"));
    if (when.n) {
        if (a->state == ASSIGNED_DRAFT && h->cols >= BOTH_COLS)
            buf_add_z(out, ", ");
        buf_printf(out, _("due %s"), buf_str(&when).p);
    }
    buf_done(&when);
}

static void task_label(void *ctx, size_t i, struct buf *out)
{
    struct home *h = ctx;
    const struct assignment *a = &h->l.tasks.v[h->rows[i]];
    size_t begin = out->n;

    buf_add_str(out, a->id);
    text_pad(out, begin, ID_COLS);
    begin = out->n;
    buf_add_str(out, a->label);
    text_pad(out, begin, LABEL_COLS + wider(h));
    begin = out->n;
    buf_add_str(out, a->village);
    text_pad(out, begin, VILLAGE_COLS + wider(h));
    if (a->state == ASSIGNED_RETURNED)
        buf_add_z(out, _("returned"));
    else if (a->state != ASSIGNED_FINISHED)
        add_progress(h, a, out);
    else if (a->sum.outcome > 1)
        buf_printf(out, _("finished (%u)"), a->sum.outcome);
    else
        buf_add_z(out, _("finished"));
}

static void task_words(void *ctx, size_t i, struct buf *out)
{
    struct home *h = ctx;
    const struct assignment *a = &h->l.tasks.v[h->rows[i]];
    const struct str told[] = {a->id, a->label, a->village, a->note, a->appointment};

    for (size_t t = 0; t < sizeof told / sizeof *told; t++) {
        buf_add_str(out, told[t]);
        buf_add_c(out, ' ');
    }
}

/* Appointments first, by their time; then as the office listed them; what is done at the end. */
static bool comes_before(const struct assignment *a, const struct assignment *b)
{
    bool x = a->state == ASSIGNED_FINISHED, y = b->state == ASSIGNED_FINISHED;

    if (x != y)
        return y;
    if (!x && a->due_ms != b->due_ms && (a->due_ms == 0 || b->due_ms == 0 || a->due_ms < b->due_ms))
        return b->due_ms == 0 || (a->due_ms && a->due_ms < b->due_ms);
    return false;
}

static void list_tasks(struct home *h)
{
    const struct assignments *tasks = &h->l.tasks;

    mem_free(h->rows);
    h->rows = mem_calloc(tasks->n + 1, sizeof *h->rows);
    h->open_tasks = 0;
    for (size_t i = 0; i < tasks->n; i++) {
        size_t at = i;

        h->open_tasks += tasks->v[i].state != ASSIGNED_FINISHED;
        for (; at > 0 && comes_before(&tasks->v[i], &tasks->v[h->rows[at - 1]]); at--)
            h->rows[at] = h->rows[at - 1];
        h->rows[at] = (uint32_t)i;
    }
}

static void list_tab(struct home *h, enum tab tab)
{
    size_t n = n_listed(h, tab);

    if (h->listed)
        picker_done(&h->list);
    h->tab = tab;
    h->f = (struct field){
        .plain = true,
        .grows = true,
        .choices = {h, n, no_name, tab == TAB_TASKS ? task_label : item_label,
                    tab == TAB_TASKS ? task_words : item_words},
    };
    picker_init(&h->list, &h->f, 0);
    h->list.searched = false;
    h->list.cursor = n ? 0 : PICK_NONE;
    h->listed = true;
}

/* "Survei Dampak Smart Living" and "Survei Dampak Smart Economy": what tells them apart is shown. */
static size_t common_words(const struct listing *l)
{
    struct str first = l->n_forms ? l->forms[0].title : STR("");
    size_t n = first.n;

    for (size_t i = 1; i < l->n_forms; i++) {
        struct str t = l->forms[i].title;
        size_t same = 0;

        while (same < n && same < t.n && t.p[same] == first.p[same])
            same++;
        n = same < t.n || t.n < first.n ? same : n;
    }
    if (n == first.n) /* they are all the same */
        return 0;
    while (n > 0 && first.p[n - 1] != ' ')
        n--;
    return n;
}

/* ---- reading ---- */

static void read_more(struct ui *ui, struct home *h, uint32_t ms)
{
    struct err e = {0};

    if (!listing_reads(&h->l))
        return;
    if (!listing_more(&h->l, ms, &e))
        ui_fail(ui, &e);
    h->skipped = common_words(&h->l);
    if (!listing_reads(&h->l)) /* how far each task has come is known only now */
        list_tasks(h);
    if (h->listed && n_listed(h, h->tab) != h->f.choices.n) {
        h->f.choices.n = n_listed(h, h->tab);
        picker_grown(&h->list);
    }
}

static void look_at_clock(struct ui *ui, struct home *h)
{
    h->offset_ms = (int64_t)ui_now(ui).offset_min * 60000;
    h->today = ui_local_ms(ui) / DAY_MS;
}

static void load(struct ui *ui, struct home *h)
{
    struct err e = {0};

    look_at_clock(ui, h);
    listing_done(&h->l);
    if (!listing_begin(&h->l, ui->survey, &e))
        ui_fail(ui, &e);
    ui->quota = quota_tally(h->l.quota);
    h->skipped = common_words(&h->l);
    list_tasks(h);
    read_more(ui, h, FIRST_MS);
}

/* A piece, while nobody types. */
static bool work(struct ui *ui, struct screen *screen)
{
    struct home *h = (struct home *)screen;

    if (!listing_reads(&h->l))
        return h->list.searched && picker_fold(&h->list);
    read_more(ui, h, PIECE_MS);
    return true;
}

void home_open(struct ui *ui)
{
    struct home *h = (struct home *)ui->top;

    load(ui, h);
    list_tab(h, h->l.tasks.n ? TAB_TASKS : TAB_DRAFTS);
}

/* Back at the row one came from. */
static void resume(struct ui *ui, struct screen *screen)
{
    struct home *h = (struct home *)screen;
    size_t choice = picker_choice(&h->list), cursor = h->list.cursor;

    if (store_changes(survey_store(ui->survey)) == h->l.changes) {
        look_at_clock(ui, h);
        list_tab(h, h->tab);
        picker_to(&h->list, choice);
    } else {
        load(ui, h);
        while (listing_reads(&h->l) && cursor != PICK_NONE && cursor >= n_listed(h, h->tab))
            read_more(ui, h, PIECE_MS);
        list_tab(h, h->tab);
        h->list.cursor = cursor < h->list.n ? cursor : h->list.cursor;
    }
}

static void close_(struct ui *ui, struct screen *screen)
{
    struct home *h = (struct home *)screen;

    ui->quota = NULL;
    if (h->listed)
        picker_done(&h->list);
    listing_done(&h->l);
    mem_free(h->rows);
}

/* ---- keys ---- */

static enum handled show_finished(struct ui *ui, const struct home *h, const struct listed *it)
{
    struct record_head head = {.outcome = it->outcome,
                               .finalised_ms = it->changed_ms + h->offset_ms,
                               .sent = h->tab == TAB_SENT};

    code_of_uuid(&it->uuid, head.code);
    record_open(ui, &it->rev_id, &head);
    return HANDLED;
}

/* Its correction begins, the reviewer's words before it. */
static enum handled correct(struct ui *ui, const struct listed *it)
{
    struct err e = {0};
    struct buf comment;

    if (!session_correct(&ui->session, ui->survey, &it->rev_id, &e)) {
        ui_fail(ui, &e);
        return HANDLED;
    }
    buf_init(&comment, LIMIT_ANSWER_BYTES);
    buf_add_z(&comment, it->comment);
    interview_open(ui);
    ui_tell(ui, _("Returned for correction"), buf_str(&comment));
    buf_wipe_done(&comment);
    return HANDLED;
}

static enum handled go_on(struct ui *ui, const struct id16 *uuid)
{
    struct err e = {0};

    if (session_resume(&ui->session, ui->survey, uuid, &e))
        interview_open(ui);
    else
        ui_fail(ui, &e);
    return HANDLED;
}

static enum handled open_task(struct ui *ui, struct home *h, const struct assignment *a)
{
    struct record_head head;
    struct err e = {0};

    read_more(ui, h, UINT32_MAX); /* one that is finished must not begin again */
    if (a->state == ASSIGNED_DRAFT || a->state == ASSIGNED_RETURNED)
        return go_on(ui, &a->uuid);
    if (a->state == ASSIGNED_FINISHED) {
        head = (struct record_head){.outcome = a->sum.outcome,
                                    .finalised_ms = a->sum.changed_ms + h->offset_ms,
                                    .sent = a->sent};
        code_of_uuid(&a->uuid, head.code);
        record_open(ui, &a->rev_id, &head);
        return HANDLED;
    }
    if (!assignment_begin(&ui->session, ui->survey, a, &e)) {
        ui_fail(ui, &e);
        return HANDLED;
    }
    ui_begun(ui);
    return HANDLED;
}

static enum handled open_item(struct ui *ui, struct home *h)
{
    size_t row = picker_choice(&h->list);
    const struct listed *it;

    if (row == PICK_NONE)
        return REFUSED;
    if (h->tab == TAB_TASKS)
        return open_task(ui, h, &h->l.tasks.v[h->rows[row]]);
    it = &h->l.lists[list_of(h->tab)].v[row];
    if (h->tab == TAB_FINISHED || h->tab == TAB_SENT)
        return show_finished(ui, h, it);
    if (it->comment)
        return correct(ui, it);
    return go_on(ui, &it->uuid);
}

static enum handled begin_new(struct ui *ui, struct home *h)
{
    read_more(ui, h, UINT32_MAX); /* a quota that is full is told when it begins */
    new_open(ui);
    return HANDLED;
}

static enum handled to_tab(struct home *h, int tab)
{
    if (tab < 0 || tab >= TABS)
        return REFUSED;
    list_tab(h, (enum tab)tab);
    return HANDLED;
}

static enum handled click(struct ui *ui, struct screen *screen, size_t tab)
{
    (void)ui;
    return to_tab((struct home *)screen, (int)tab);
}

/* To the practice survey and back. */
static enum handled begin_practice(struct ui *ui)
{
    if (ui->start->practice || !ui->start->practise || !ui->start->practice_path)
        return REFUSED;
    ui_practise(ui);
    return HANDLED;
}

static enum handled act(struct ui *ui, struct home *h, const struct input *in)
{
    switch ((int)in->action) {
    case ACTION_OPEN: return open_item(ui, h);
    case ACTION_NEW: return begin_new(ui, h);
    case ACTION_FIND: h->list.searched = true; return HANDLED;
    case ACTION_LEFT:
    case ACTION_RIGHT:
        if (edit_text(&h->list.typed).n)
            return IGNORED;
        return to_tab(h, (int)h->tab + (in->action == ACTION_LEFT ? -1 : 1));
    case ACTION_SEND: return send_open(ui, false) ? HANDLED : REFUSED;
    case ACTION_RECEIVE: return send_open(ui, true) ? HANDLED : REFUSED;
    case ACTION_PRACTICE: return begin_practice(ui);
    case ACTION_CLOSE:
        if (h->list.searched) {
            list_tab(h, h->tab);
            return HANDLED;
        }
        ui_note(ui, STYLE_NORMAL, _("q leaves the program."));
        return HANDLED;
    case ACTION_QUIT: ui->quit = true; return HANDLED;
    default: return IGNORED;
    }
}

static enum handled input(struct ui *ui, struct screen *screen, const struct input *in)
{
    struct home *h = (struct home *)screen;
    enum handled did = act(ui, h, in);

    if (did != IGNORED)
        return did;
    if (!h->list.searched && in->key.code >= '1' && in->key.code < '1' + TABS)
        return to_tab(h, (int)in->key.code - '1');
    if (!h->list.searched && in->action == ACTION_NONE)
        return REFUSED;
    return ui_list(&h->list, in);
}

static bool hides(struct ui *ui, const struct screen *s, enum action a)
{
    const struct ui_start *start = ui->start;

    (void)s;
    return (a == ACTION_SEND && (!start->send || ui->practice)) ||
           (a == ACTION_RECEIVE && (!start->receive || ui->practice)) || a == ACTION_CLOSE ||
           (a == ACTION_PRACTICE && (!start->practise || start->practice));
}

static struct situation situation(const struct screen *screen)
{
    const struct home *h = (const struct home *)screen;

    return (struct situation){CTX_HOME | CTX_LIST | CTX_MOVE | (h->list.searched ? CTX_TEXT : 0),
                              h->list.searched};
}

/* ---- drawing ---- */

/* Its records are still being read. */
static bool grows(const struct home *h, enum tab tab)
{
    return listing_reads(&h->l) && (tab == TAB_FINISHED || tab == TAB_SENT);
}

static void draw_tabs(struct home *h, struct area a)
{
    int x = 1;
    struct buf text;

    buf_init(&text, 256);
    for (int i = 0; i < TABS; i++) {
        bool here = i == (int)h->tab;

        buf_clear(&text);
        buf_printf(&text, here ? "[%d %s %zu%s]" : " %d %s %zu%s ", i + 1, _(tab_names[i]),
                   i == TAB_TASKS ? h->open_tasks : n_listed(h, (enum tab)i),
                   grows(h, (enum tab)i) ? "…" : "");
        area_own(area_sub(a, 0, x, 1, text_width(buf_str(&text))), 0, 1, (size_t)i);
        x += area_text(a, 0, x, a.cols - x, here ? STYLE_BOLD : STYLE_NORMAL, buf_str(&text)) + 1;
    }
    buf_done(&text);
}

/* Per form how many interviews are finished here. */
static int draw_counts(struct ui *ui, struct home *h, struct area a)
{
    const struct survey_form *forms;
    size_t n;
    struct err e = {0};
    int columns = a.cols / 40, rows = 0;
    struct buf text;

    if (!survey_forms(ui->survey, &forms, &n, &e) || n == 0)
        return 0;
    buf_init(&text, 512);
    for (size_t i = 0; i < n && i < 12; i++) {
        uint64_t done = 0;

        for (size_t k = 0; k < h->l.n_forms; k++) /* an id may have had several titles */
            if (str_eq(h->l.forms[k].id, forms[i].id))
                done += h->l.forms[k].done;
        buf_clear(&text);
        buf_printf(&text, "%llu%s", (unsigned long long)done, listing_reads(&h->l) ? "…" : "");
        rows = (int)i / columns;
        area_text(a, rows, 1 + (int)i % columns * 40, 32, STYLE_NORMAL, forms[i].title);
        area_text(a, rows, 34 + (int)i % columns * 40, 6, STYLE_BOLD, buf_str(&text));
    }
    buf_done(&text);
    return rows + 1;
}

static const char *no_mark(void *ctx, size_t choice, bool *ret_chosen)
{
    (void)ctx;
    (void)choice;
    *ret_chosen = false;
    return NULL;
}

static void draw_title(struct ui *ui, struct area a)
{
    struct str parts[] = {STR("cacah"), survey_title(ui->survey), survey_label(ui->survey),
                          survey_user(ui->survey)};
    struct buf text;

    buf_init(&text, LIMIT_CELL_BYTES);
    for (int i = 0; i < 4; i++) {
        if (parts[i].n == 0 || (i && str_eq(parts[i], parts[i - 1])))
            continue;
        if (i)
            buf_add_z(&text, " · ");
        buf_add_str(&text, parts[i]);
    }
    chrome_title(ui, a, buf_str(&text));
    buf_done(&text);
}

static const char *nothing_in(enum tab tab)
{
    switch (tab) {
    case TAB_TASKS: return _("No assignment. n begins a new interview.");
    case TAB_DRAFTS: return _("No draft. n begins a new interview.");
    case TAB_FINISHED:
    case TAB_RETURNED:
    case TAB_SENT:
    case TABS: break;
    }
    return _("Nothing here.");
}

/* What the office noted on the task at the cursor, on the last row; returns the rows it takes. */
static int draw_note(struct home *h, struct area a)
{
    size_t row = h->tab == TAB_TASKS ? picker_choice(&h->list) : PICK_NONE;
    struct buf text;

    if (row == PICK_NONE || h->l.tasks.v[h->rows[row]].note.n == 0)
        return 0;
    buf_init(&text, LIMIT_CELL_BYTES);
    buf_printf(&text, _("Note: %.*s"), STR_FMT(h->l.tasks.v[h->rows[row]].note));
    area_text(a, a.rows - 1, 3, a.cols - 4, STYLE_HINT, buf_str(&text));
    buf_done(&text);
    return 1;
}

static void draw(struct ui *ui, struct screen *screen, struct area a)
{
    struct home *h = (struct home *)screen;
    int y = 2, most = a.rows / 8 < 3 ? 3 : a.rows / 8, taken;

    h->cols = a.cols;
    draw_title(ui, a);
    taken = quota_draw(ui, area_sub(a, y, 0, most, a.cols));
    y += taken ? taken : draw_counts(ui, h, area_sub(a, y, 0, 6, a.cols));
    if (y > 2)
        area_rule(a, y++, STYLE_RULE);
    draw_tabs(h, area_sub(a, y++, 0, 1, a.cols));
    if (h->f.choices.n == 0)
        chrome_paragraph(ui, area_sub(a, y + 1, 0, 4, a.cols), 0, 3, STYLE_HINT,
                         str_of(nothing_in(h->tab)));
    else
        picker_draw(&h->list, area_sub(a, y, 1, a.rows - y - draw_note(h, a), a.cols - 2), true,
                    &(struct picker_marks){no_mark, NULL});
}

const struct screen_ops screen_home = {
    .size = sizeof(struct home),
    .situation = situation,
    .input = input,
    .draw = draw,
    .hides = hides,
    .click = click,
    .work = work,
    .resume = resume,
    .close = close_,
};
