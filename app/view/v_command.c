/* The command line (Ctrl-G): everything that can be done here and, in an interview, every
 * question, by name; typing narrows, Enter does it. For keyboards that lack the keys, and hands
 * that forgot them. */
#include "app/tr.h"
#include "app/view/field_of.h"
#include "app/view/picker.h"
#include "app/view/ui.h"
#include "forms/base/mem.h"

struct command {
    struct screen s;
    enum action actions[ACTIONS];
    size_t n_actions;
    struct place *places; /* behind the actions */
    size_t n_places, cap_places;
    const struct keymap *keys;
    struct interview *iv;
    struct field f;
    struct picker list;
};

static struct str no_name(void *ctx, size_t i)
{
    (void)ctx;
    (void)i;
    return STR("");
}

static void label(void *ctx, size_t i, struct buf *out)
{
    struct command *c = ctx;
    const struct place *p;

    if (i < c->n_actions) {
        const struct action_info *info = action_info(c->actions[i]);
        const struct key *k = c->keys->keys[c->actions[i]];

        buf_printf(out, "%s: %s   ", info->word ? _(info->word) : info->name, _(info->help));
        if (k[0].code)
            key_label(k[0], out);
        return;
    }
    p = &c->places[i - c->n_actions];
    buf_add_str(out, interview_form(c->iv)->nodes[p->def].name);
    buf_add_z(out, "   ");
    field_label(c->iv, p, out);
}

/* Moves within a field aren't worth a name here; neither is this screen itself. */
static bool is_listed(enum action a)
{
    unsigned contexts = action_info(a)->contexts;

    return a != ACTION_COMMAND && a != ACTION_ACCEPT && a != ACTION_OPEN &&
           (contexts & (CTX_ALL | CTX_INTERVIEW | CTX_HOME | CTX_INBOX | CTX_REPEAT | CTX_FINISH |
                        CTX_CONTENTS | CTX_PLAIN));
}

void command_open(struct ui *ui)
{
    struct situation below = ui_situation(ui);
    bool questions = ui->session && ui->top->ops == &screen_interview;
    struct command *c = (struct command *)ui_push(ui, &screen_command);
    struct place p = PLACE_NONE;

    c->keys = &ui->keys;
    for (int a = ACTION_NONE + 1; a < ACTIONS; a++)
        if (action_works(below, (enum action)a) && is_listed((enum action)a))
            c->actions[c->n_actions++] = (enum action)a;
    if (questions) {
        c->iv = session_interview(ui->session);
        while (interview_next(c->iv, &p, 0)) {
            c->places = mem_grow(c->places, c->n_places, &c->cap_places, sizeof p);
            c->places[c->n_places++] = p;
        }
    }
    c->f =
        (struct field){.plain = true, .choices = {c, c->n_actions + c->n_places, no_name, label}};
    picker_init(&c->list, &c->f, 0);
}

static void close_(struct ui *ui, struct screen *screen)
{
    struct command *c = (struct command *)screen;

    (void)ui;
    picker_done(&c->list);
    mem_free(c->places);
}

static enum handled run(struct ui *ui, struct command *c)
{
    size_t i = picker_choice(&c->list);
    enum action a;
    struct place p;

    if (i == PICK_NONE && c->list.n > 0 && edit_text(&c->list.typed).n)
        i = c->list.rows[0];
    if (i == PICK_NONE)
        return REFUSED;
    if (i >= c->n_actions) {
        p = c->places[i - c->n_actions];
        ui_pop(ui);
        interview_go(ui, &p);
        return HANDLED;
    }
    a = c->actions[i];
    ui_pop(ui);
    return ui_act(ui, a);
}

static enum handled input(struct ui *ui, struct screen *screen, const struct input *in)
{
    struct command *c = (struct command *)screen;

    if (in->action == ACTION_OPEN)
        return run(ui, c);
    if (in->action == ACTION_COMMAND) {
        ui_pop(ui);
        return HANDLED;
    }
    return ui_list(&c->list, in);
}

static struct situation situation(const struct screen *s)
{
    (void)s;
    return (struct situation){CTX_LIST | CTX_MOVE | CTX_TEXT, true};
}

static void language(struct ui *ui, struct screen *screen)
{
    struct command *c = (struct command *)screen;

    (void)ui;
    picker_done(&c->list);
    picker_init(&c->list, &c->f, 0);
}

static const char *no_mark(void *ctx, size_t choice, bool *ret_chosen)
{
    (void)ctx;
    (void)choice;
    *ret_chosen = false;
    return NULL;
}

static void draw(struct ui *ui, struct screen *screen, struct area a)
{
    struct command *c = (struct command *)screen;
    struct area box;

    screen->below->ops->draw(ui, screen->below, a);
    a.c->cursor = false;
    box = chrome_box(a, 14, 72, _("Command"));
    picker_draw(&c->list, box, true, &(struct picker_marks){no_mark, NULL});
}

const struct screen_ops screen_command = {
    .size = sizeof(struct command),
    .situation = situation,
    .input = input,
    .draw = draw,
    .language = language,
    .close = close_,
};
