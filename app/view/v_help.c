/* Help: what the form says about the question, then the keys that work on the screen below, then
 * all. */
#include "app/tr.h"
#include "app/view/field_of.h"
#include "app/view/markup.h"
#include "app/view/text.h"
#include "app/view/ui.h"

#define KEYS_COLS 24

struct help {
    struct screen s;
    struct situation below; /* where help was asked for */
    int top, rows;          /* rows: of all, as last drawn */
};

void help_open(struct ui *ui)
{
    struct situation below = ui_situation(ui);
    struct help *h = (struct help *)ui_push(ui, &screen_help);

    h->below = below;
}

static enum handled scroll(struct ui *ui, struct help *h, int by)
{
    int shown = ui->canvas.rows - 6, last = h->rows - shown;

    h->top += by;
    if (h->top > last)
        h->top = last;
    if (h->top < 0)
        h->top = 0;
    return HANDLED;
}

static enum handled input(struct ui *ui, struct screen *screen, const struct input *in)
{
    struct help *h = (struct help *)screen;

    switch ((int)in->action) {
    case ACTION_UP: return scroll(ui, h, -1);
    case ACTION_DOWN: return scroll(ui, h, 1);
    case ACTION_PAGE_UP: return scroll(ui, h, -15);
    case ACTION_OPEN:
    case ACTION_PAGE_DOWN: return scroll(ui, h, 15);
    case ACTION_HOME: return scroll(ui, h, -h->rows);
    case ACTION_END: return scroll(ui, h, h->rows);
    case ACTION_HELP: ui_pop(ui); return HANDLED;
    default: return IGNORED;
    }
}

/* There is nothing to open: Enter turns the page. */
static bool hides(struct ui *ui, const struct screen *s, enum action a)
{
    (void)ui;
    (void)s;
    return a == ACTION_OPEN;
}

static struct situation situation(const struct screen *s)
{
    (void)s;
    return (struct situation){CTX_LIST | CTX_MOVE, false};
}

static void add_question(struct ui *ui, struct buf *out)
{
    struct place at;
    struct interview *iv;
    struct buf text;

    if (!ui->session || !interview_at(ui, &at))
        return;
    iv = session_interview(ui->session);
    buf_init(&text, LIMIT_CELL_BYTES);
    field_label(iv, &at, out);
    buf_add_c(out, '\n');
    for (int kind = TEXT_HINT; kind <= TEXT_GUIDANCE; kind++) {
        buf_clear(&text);
        if (interview_text(iv, &at, (enum text_kind)kind, &text) && text.n) {
            markup_plain(buf_str(&text), out);
            buf_add_c(out, '\n');
        }
    }
    buf_add_z(out, " ");
    buf_add_z(out, _("Name in the form: "));
    buf_add_str(out, session_form(ui->session)->nodes[at.def].name);
    buf_add_z(out, "\n\n");
    buf_done(&text);
}

/* "F2 Ctrl-T", and the sentence beside it; `here`: only the keys that do it there. */
static void add_action(struct ui *ui, struct situation s, bool here, enum action a, struct buf *out)
{
    const struct key *keys = ui->keys.keys[a];
    size_t begin = out->n;
    struct lines l;

    for (int i = 0; i < KEYS_PER_ACTION && keys[i].code; i++) {
        if (here && keymap_find(&ui->keys, s, keys[i]) != a)
            continue;
        buf_add_c(out, ' ');
        key_label(keys[i], out);
    }
    l = text_wrap(&ui->scratch, str_of(_(action_info(a)->help)), ui->canvas.cols - 6 - KEYS_COLS);
    for (int i = 0; i < l.n; i++) {
        for (int w = text_width(str_from(buf_str(out), begin)); w < KEYS_COLS; w++)
            buf_add_c(out, ' ');
        buf_add_str(out, l.v[i]);
        buf_add_c(out, '\n');
        begin = out->n;
    }
}

/* Some key of it does it there: a printing character types itself where there is text. */
static bool works(const struct ui *ui, struct situation s, enum action a)
{
    const struct key *keys = ui->keys.keys[a];
    bool found = false;

    for (int i = 0; i < KEYS_PER_ACTION && keys[i].code; i++)
        found = found || keymap_find(&ui->keys, s, keys[i]) == a;
    return found;
}

/* Those of the office's inbox are told nowhere else: a laptop has none. */
static void add_actions(struct ui *ui, struct situation s, bool here, struct buf *out)
{
    for (int a = ACTION_NONE + 1; a < ACTIONS; a++) {
        bool told = here || action_info((enum action)a)->contexts != CTX_INBOX;
        if (told && works(ui, s, (enum action)a) == here)
            add_action(ui, s, here, (enum action)a, out);
    }
}

static void draw(struct ui *ui, struct screen *screen, struct area a)
{
    struct help *h = (struct help *)screen;
    struct buf text;
    struct lines l;
    int y = 3;

    chrome_title(ui, a, str_of(_("Help")));
    buf_init(&text, LIMIT_CELL_BYTES);
    add_question(ui, &text);
    buf_add_z(&text, _("Keys that work here"));
    buf_add_c(&text, '\n');
    add_actions(ui, h->below, true, &text);
    buf_add_c(&text, '\n');
    buf_add_z(&text, _("Keys of other places"));
    buf_add_c(&text, '\n');
    add_actions(ui, h->below, false, &text);
    l = text_wrap(&ui->scratch, buf_str(&text), a.cols - 4);
    h->rows = l.n;
    for (int i = h->top; i < l.n && y < a.rows - 1; i++, y++)
        area_text(a, y, 2, a.cols - 4, l.v[i].n && l.v[i].p[0] != ' ' ? STYLE_BOLD : STYLE_NORMAL,
                  l.v[i]);
    if (h->top > 0)
        area_text(a, 2, 2, 4, STYLE_HINT, STR("↑ …"));
    if (h->top + (a.rows - 4) < l.n)
        area_text(a, a.rows - 1, 2, 4, STYLE_HINT, STR("↓ …"));
    buf_done(&text);
}

const struct screen_ops screen_help = {
    .size = sizeof(struct help),
    .situation = situation,
    .input = input,
    .draw = draw,
    .hides = hides,
};
