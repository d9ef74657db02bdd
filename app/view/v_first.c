/* The first start, without a store: join the survey with the office's kit, or practise. */
#include "app/flow/courier.h"
#include "app/tr.h"
#include "app/view/edit.h"
#include "app/view/ui.h"
#include "sync/crypt/crypt.h"

enum { FIELD_KIT, FIELD_CODE, FIELD_USER, FIELD_PASS, FIELD_AGAIN, JOIN_FIELDS };

#define TYPED_MAX 4000

struct first {
    struct screen s;
    bool joining, working;
    int field;
    struct edit ed[JOIN_FIELDS];
    struct buf kits; /* on sticks, a line each */
    size_t n_kits;
    struct buf drawn; /* the passphrase that is offered */
    struct buf said;
};

static const char *const labels[JOIN_FIELDS] = {
    N_("The kit: a file, or an address (sftp://…, https://…)"),
    N_("Invite code (six words, told by the office)"),
    N_("Your name (the office sees it with each interview)"),
    N_("New passphrase for this laptop (12 characters or more)"),
    N_("The passphrase again"),
};

static struct first *open_first(struct ui *ui)
{
    struct first *f = (struct first *)ui_push(ui, &screen_first);

    for (int i = 0; i < JOIN_FIELDS; i++) {
        if (i == FIELD_PASS || i == FIELD_AGAIN)
            edit_init_secret(&f->ed[i], 512);
        else
            edit_init(&f->ed[i], TYPED_MAX);
    }
    buf_init(&f->kits, 1 << 16);
    buf_init(&f->said, 4096);
    buf_init(&f->drawn, 256);
    return f;
}

static void close_(struct ui *ui, struct screen *screen)
{
    struct first *f = (struct first *)screen;

    (void)ui;
    for (int i = 0; i < JOIN_FIELDS; i++)
        edit_done(&f->ed[i]);
    buf_done(&f->kits);
    buf_done(&f->said);
    buf_wipe_done(&f->drawn);
}

static void say(struct first *f, const char *text)
{
    buf_clear(&f->said);
    buf_add_z(&f->said, text);
}

static void say_err(struct first *f, const struct err *e)
{
    buf_clear(&f->said);
    err_text(e, tr, &f->said);
    if (e->kind->hint) {
        buf_add_c(&f->said, ' ');
        buf_add_z(&f->said, _(e->kind->hint));
    }
}

/* ---- practising ---- */

static bool practise(struct ui *ui, struct err *e)
{
    struct secret *passphrase = NULL;
    bool ok = ui->start->practise(ui->start->ctx, &passphrase, e) &&
              survey_open(&ui->survey, ui->start->practice_path, passphrase, e);

    secret_free(passphrase);
    ui->practice = ok;
    return ok;
}

static void begin_practice(struct ui *ui)
{
    struct first *f = (struct first *)ui->top;
    struct err e = {0};

    f->working = false;
    if (practise(ui, &e))
        ui_open(ui);
    else if (err_is(&e, &ERR_STORE_BUSY))
        say(f, _("The practice survey is open in another window of this computer: go on there, or "
                 "close it there first."));
    else
        say_err(f, &e);
}

/* ---- joining ---- */

static struct secret *secret_of(const struct edit *ed)
{
    return secret_copy(edit_text(ed).p, edit_text(ed).n);
}

/* That this is the right survey nobody but the office can say (security specification §1.8). */
static void tell_words(struct ui *ui)
{
    struct buf words, text;
    struct err e = {0};

    buf_init(&words, 512);
    buf_init(&text, 2048);
    if (survey_words(ui->survey, &words, &e)) {
        buf_printf(&text,
                   _("The survey's six words:\n\n%s\n\nRead them to the office before the first "
                     "interview. If they differ there, the kit is not your office's: stop."),
                   words.p);
        ui_tell(ui, _("Compare with the office"), buf_str(&text));
    } else {
        ui_fail(ui, &e);
    }
    buf_done(&words);
    buf_done(&text);
}

static void join(struct ui *ui)
{
    struct first *f = (struct first *)ui->top;
    struct secret *code = secret_of(&f->ed[FIELD_CODE]);
    struct secret *passphrase = secret_of(&f->ed[FIELD_PASS]);
    const struct transport_user *person = network_open(ui, _("Join the survey"), NETWORK_STOPS);
    struct err e = {0};
    struct str user = str_trim(edit_text(&f->ed[FIELD_USER]));
    bool ok = ui->start->join(ui->start->ctx, edit_text(&f->ed[FIELD_KIT]), code, user, passphrase,
                              person, &e) &&
              survey_open(&ui->survey, ui->start->store_path, passphrase, &e);

    network_close(ui);

    secret_free(code);
    secret_free(passphrase);
    f->working = false;
    if (!ok) {
        say_err(f, &e);
        return;
    }
    ui_open(ui);
    tell_words(ui);
}

static bool may_join(struct first *f)
{
    struct str pass = edit_text(&f->ed[FIELD_PASS]);

    for (int i = 0; i < JOIN_FIELDS; i++) {
        if (edit_text(&f->ed[i]).n == 0) {
            f->field = i;
            return false;
        }
    }
    if (!crypt_passphrase_long(pass)) {
        say(f, _("The passphrase is shorter than 12 characters. Five words in a row are a good "
                 "one."));
        f->field = FIELD_PASS;
        return false;
    }
    if (!str_eq(pass, edit_text(&f->ed[FIELD_AGAIN]))) {
        say(f, _("The two passphrases differ. Type them once more."));
        edit_clear(&f->ed[FIELD_AGAIN]);
        f->field = FIELD_AGAIN;
        return false;
    }
    return true;
}

/* The kits on sticks that are plugged in, one after the other, in the field. */
static bool next_kit(struct first *f, bool back)
{
    struct str rest = buf_str(&f->kits), line, typed = edit_text(&f->ed[FIELD_KIT]);
    size_t n = 0, at = f->n_kits;

    if (f->n_kits == 0)
        return false;
    for (; str_split(&rest, '\n', &line); n++)
        if (str_eq(line, typed))
            at = n;
    at = back ? (at + f->n_kits - 1) % f->n_kits : at == f->n_kits ? 0 : (at + 1) % f->n_kits;
    rest = buf_str(&f->kits);
    for (n = 0; str_split(&rest, '\n', &line); n++)
        if (n == at)
            edit_set(&f->ed[FIELD_KIT], line);
    return true;
}

static bool on_stick(const struct first *f, struct str path)
{
    struct str rest = buf_str(&f->kits), line;

    while (str_split(&rest, '\n', &line))
        if (line.n && str_eq(line, path))
            return true;
    return false;
}

/* A kit that was offered goes with its stick; what was typed stays. */
static void begin_join(struct ui *ui, struct first *f)
{
    struct str typed = edit_text(&f->ed[FIELD_KIT]);
    bool offered = on_stick(f, typed);

    f->joining = true;
    f->field = 0;
    buf_clear(&f->said);
    buf_clear(&f->kits);
    f->n_kits = courier_kits(ui->start->mounts, &f->kits);
    if (offered && !on_stick(f, typed))
        edit_clear(&f->ed[FIELD_KIT]);
    if (edit_text(&f->ed[FIELD_KIT]).n == 0)
        (void)next_kit(f, false);
    if (ui->start->draw_passphrase && f->drawn.n == 0)
        ui->start->draw_passphrase(ui->start->ctx, &f->drawn);
}

/* Enter on nothing takes the passphrase that is offered; to type it once shows that it is written down. */
static void take_offered(struct first *f)
{
    if (f->field != FIELD_PASS || f->drawn.n == 0 || edit_text(&f->ed[FIELD_PASS]).n)
        return;
    edit_set(&f->ed[FIELD_PASS], buf_str(&f->drawn));
}

static enum handled join_input(struct ui *ui, struct first *f, const struct input *in)
{
    enum handled did;

    switch ((int)in->action) {
    case ACTION_CLOSE: f->joining = false; return HANDLED;
    case ACTION_UP:
    case ACTION_DOWN:
        if (f->field == FIELD_KIT && next_kit(f, in->action == ACTION_UP))
            return HANDLED;
        break;
    case ACTION_NEXT: f->field = (f->field + 1) % JOIN_FIELDS; return HANDLED;
    case ACTION_PREVIOUS: f->field = (f->field + JOIN_FIELDS - 1) % JOIN_FIELDS; return HANDLED;
    case ACTION_ACCEPT:
        take_offered(f);
        if (f->field < FIELD_AGAIN && edit_text(&f->ed[f->field]).n) {
            f->field++;
        } else if (may_join(f)) {
            buf_clear(&f->said);
            f->working = true;
            ui->later = join;
        }
        return HANDLED;
    default: break;
    }
    did = ui_edit(&f->ed[f->field], in);
    if (did == HANDLED)
        buf_clear(&f->said);
    return did;
}

static enum handled input(struct ui *ui, struct screen *screen, const struct input *in)
{
    struct first *f = (struct first *)screen;

    if (f->joining)
        return join_input(ui, f, in);
    if (in->action == ACTION_CLOSE) {
        ui->quit = true;
    } else if ((in->key.code == '1' || in->key.code == 'g') && ui->start->join) {
        begin_join(ui, f);
    } else if ((in->key.code == '2' || in->key.code == 'l') && ui->start->practise) {
        f->working = true;
        ui->later = begin_practice;
    } else {
        return in->action == ACTION_NONE ? REFUSED : IGNORED;
    }
    return HANDLED;
}

static struct situation situation(const struct screen *screen)
{
    const struct first *f = (const struct first *)screen;

    return f->joining ? (struct situation){CTX_DIALOG | CTX_TEXT | CTX_MOVE, true}
                      : (struct situation){CTX_DIALOG, false};
}

static bool hides(struct ui *ui, const struct screen *screen, enum action a)
{
    (void)ui;
    return a == ACTION_ACCEPT && !((const struct first *)screen)->joining;
}

static void draw_menu(struct ui *ui, struct first *f, struct area a)
{
    int y = 1;

    if (f->working) {
        area_z(a, y, 0, STYLE_HINT, _("Making ready …"));
        return;
    }
    y += chrome_paragraph(ui, a, y, 0, STYLE_NORMAL, str_of(_("This laptop has no survey yet."))) +
         1;
    area_text(a, y, 0, 3, STYLE_KEY, STR("1"));
    y += chrome_paragraph(ui, a, y, 3, STYLE_NORMAL,
                          str_of(_("Join a survey with the kit that the office gave you"))) +
         1;
    area_text(a, y, 0, 3, STYLE_KEY, STR("2"));
    y += chrome_paragraph(ui, a, y, 3, STYLE_NORMAL,
                          str_of(_("Practise: the real questionnaires, nothing is ever sent"))) +
         1;
    chrome_paragraph(ui, a, y, 0, STYLE_ERROR, buf_str(&f->said));
}

static void draw_kits(struct ui *ui, const struct first *f, struct area a)
{
    struct buf text;

    buf_init(&text, 512);
    buf_printf(&text,
               tr_n("%zu kit lies on a stick that is plugged in.",
                    "%zu kits lie on sticks that are plugged in: ↑ ↓ choose.", f->n_kits),
               f->n_kits);
    chrome_paragraph(ui, a, 0, 0, STYLE_HINT, buf_str(&text));
    buf_done(&text);
}

static void draw_offered(struct first *f, struct area a, int y)
{
    struct buf text;

    buf_init(&text, 1024);
    buf_printf(&text, _("Enter alone takes: %s"), f->drawn.p);
    area_text(a, y, 0, a.cols, STYLE_HINT, buf_str(&text));
    buf_wipe_done(&text);
}

static void draw_join(struct ui *ui, struct first *f, struct area a)
{
    int y = 0;

    for (int i = 0; i < JOIN_FIELDS; i++, y += 3) {
        area_z(a, y, 0, i == f->field ? STYLE_BOLD : STYLE_NORMAL, _(labels[i]));
        if (i == FIELD_PASS && f->drawn.n)
            draw_offered(f, a, ++y);
        edit_draw(&f->ed[i], area_sub(a, y + 1, 0, 1, a.cols), i == f->field && !f->working);
    }
    if (f->working)
        area_z(a, y, 0, STYLE_HINT, _("Joining …"));
    else if (f->said.n == 0 && f->field == FIELD_KIT && f->n_kits)
        draw_kits(ui, f, area_sub(a, y, 0, a.rows - y, a.cols));
    else
        chrome_paragraph(ui, area_sub(a, y, 0, a.rows - y, a.cols), 0, 0, STYLE_ERROR,
                         buf_str(&f->said));
}

static void draw(struct ui *ui, struct screen *screen, struct area a)
{
    struct first *f = (struct first *)screen;
    struct area box;

    chrome_title(ui, a, STR("cacah"));
    box = chrome_box(area_sub(a, 2, 0, a.rows - 2, a.cols), f->joining ? 18 : 12, 66,
                     f->joining ? _("Join the survey") : _("Welcome"));
    if (f->joining)
        draw_join(ui, f, box);
    else
        draw_menu(ui, f, box);
}

const struct screen_ops screen_first = {
    .size = sizeof(struct first),
    .situation = situation,
    .input = input,
    .draw = draw,
    .hides = hides,
    .close = close_,
};

/* ---- where the program begins ---- */

void ui_begin(struct ui *ui)
{
    struct store_peek peek;
    struct err e = {0};

    if (ui->practice && ui->start->practise) {
        struct first *f = open_first(ui);

        f->working = true;
        ui->later = begin_practice;
        return;
    }
    if (!store_peek(ui->start->store_path, &peek, &e) && err_is(&e, &ERR_STORE_MISSING))
        open_first(ui);
    else
        unlock_open(ui); /* what else is wrong with the store is said when it is opened */
}

static bool is_zero(const struct id16 *id)
{
    static const struct id16 none;

    return memcmp(id, &none, sizeof none) == 0;
}

void ui_open(struct ui *ui)
{
    struct id16 resume = ui->resume;
    struct err e = {0};
    bool ok = ui_recall_language(ui, &e);

    if (store_identity(survey_store(ui->survey))->kind == STORE_OFFICE) {
        ui_replace(ui, &screen_inbox);
        inbox_screen_open(ui);
    } else {
        ui_replace(ui, &screen_home);
        home_open(ui);
    }
    memset(&ui->resume, 0, sizeof ui->resume);
    if (ok && !is_zero(&resume)) {
        ok = session_resume(&ui->session, ui->survey, &resume, &e);
        if (ok)
            interview_open(ui);
    }
    if (!ok)
        ui_fail(ui, &e);
}
