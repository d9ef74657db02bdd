/* The passphrase that opens the store. Deriving the key takes about a second: the screen says so
 * first. */
#include "app/tr.h"
#include "app/view/edit.h"
#include "app/view/ui.h"
#include "sync/crypt/crypt.h"

#define PASSPHRASE_MAX 512
#define FIELD_COLS     50

struct unlock {
    struct screen s;
    struct edit ed;
    struct buf said;
    bool working, leaving; /* Esc was pressed, and once more ends the program */
};

void unlock_open(struct ui *ui)
{
    struct unlock *u = (struct unlock *)ui_push(ui, &screen_unlock);

    edit_init_secret(&u->ed, PASSPHRASE_MAX);
    buf_init(&u->said, 1024);
}

static void close_(struct ui *ui, struct screen *screen)
{
    struct unlock *u = (struct unlock *)screen;

    (void)ui;
    edit_done(&u->ed);
    buf_done(&u->said);
}

/* On a shared laptop: whose interviews these will be. */
static void say_user(struct ui *ui)
{
    struct str user = survey_user(ui->survey);
    struct buf text;

    if (survey_users(ui->survey) < 2 || user.n == 0)
        return;
    buf_init(&text, 1024);
    buf_printf(&text, _("Opened with %.*s's passphrase."), STR_FMT(user));
    ui_note(ui, STYLE_HINT, text.p);
    buf_done(&text);
}

static void unlock(struct ui *ui)
{
    struct unlock *u = (struct unlock *)ui->top;
    struct str typed = edit_text(&u->ed);
    struct secret *passphrase = secret_copy(typed.p, typed.n);
    struct survey *sv = NULL;
    struct err e = {0};
    bool ok = survey_open(&sv, ui->start->store_path, passphrase, &e);

    secret_free(passphrase);
    edit_clear(&u->ed);
    u->working = false;
    if (ok) {
        ui->survey = sv;
        ui_open(ui);
        say_user(ui);
        if (ui->start->state_folder && !survey_watch(sv, ui->start->state_folder))
            ui_tell(
                ui, _("An older copy of the store"),
                str_of(_(
                    "Somebody has put an older copy of this store in its place: it holds less than "
                    "when it was last closed here. Tell the office before you go on.")));
        return;
    }
    buf_clear(&u->said);
    err_text(&e, tr, &u->said);
    if (e.kind->hint) {
        buf_add_c(&u->said, ' ');
        buf_add_z(&u->said, _(e.kind->hint));
    }
}

static enum handled input(struct ui *ui, struct screen *screen, const struct input *in)
{
    struct unlock *u = (struct unlock *)screen;
    enum handled did;

    if (in->action == ACTION_CLOSE) {
        ui->quit = u->leaving;
        u->leaving = true;
        ui_note(ui, STYLE_WARNING, _("Esc once more leaves the program."));
        return HANDLED;
    }
    u->leaving = false;
    if (in->action == ACTION_ACCEPT) {
        if (edit_text(&u->ed).n == 0)
            return REFUSED;
        u->working = true;
        ui->later = unlock;
        return HANDLED;
    }
    did = ui_edit(&u->ed, in);
    if (did == HANDLED)
        buf_clear(&u->said);
    return did;
}

static struct situation situation(const struct screen *s)
{
    (void)s;
    return (struct situation){CTX_DIALOG | CTX_TEXT | CTX_MOVE, true};
}

/* Behind the box lies nothing to close it for. */
static bool hides(struct ui *ui, const struct screen *s, enum action a)
{
    (void)ui;
    (void)s;
    return a == ACTION_CLOSE;
}

static void draw(struct ui *ui, struct screen *screen, struct area a)
{
    struct unlock *u = (struct unlock *)screen;
    struct area box;
    int y = 4;

    chrome_title(ui, a, STR("cacah"));
    box = chrome_box(area_sub(a, 2, 0, a.rows - 2, a.cols), 10, 60, _("Unlock"));
    area_z(box, 1, 0, STYLE_NORMAL, _("Passphrase"));
    edit_draw(&u->ed, area_sub(box, 2, 0, 1, FIELD_COLS), !u->working);
    if (u->working) {
        area_z(box, y, 0, STYLE_HINT, _("Opening …"));
        return;
    }
    if (u->said.n)
        y += chrome_paragraph(ui, box, y, 0, STYLE_ERROR, buf_str(&u->said));
    chrome_paragraph(ui, box, y, 0, STYLE_HINT,
                     str_of(_("Forgotten? The office can open this laptop's data with its "
                              "recovery key.")));
}

const struct screen_ops screen_unlock = {
    .size = sizeof(struct unlock),
    .situation = situation,
    .input = input,
    .draw = draw,
    .hides = hides,
    .close = close_,
};
