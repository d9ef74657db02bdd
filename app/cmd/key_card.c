/* The card of keys. */
#include "app/cmd/key_card.h"

#include "app/tr.h"
#include "app/view/text.h"

#define KEYS_COLS 26

static const struct {
    unsigned contexts;
    const char *title;
} sections[] = {
    {CTX_ALL, N_("EVERYWHERE")},
    {CTX_HOME, N_("AT HOME")},
    {CTX_INBOX, N_("AT THE OFFICE")},
    {CTX_INTERVIEW, N_("IN AN INTERVIEW")},
    {CTX_PLAIN | CTX_CHOICES | CTX_REPEAT, N_("IN A QUESTION")},
    {CTX_MOVE | CTX_TEXT | CTX_LINES, N_("IN A FIELD")},
    {CTX_LIST | CTX_DIALOG | CTX_CONTENTS | CTX_FINISH, N_("IN A LIST OR A BOX")},
};
#define SECTIONS (sizeof sections / sizeof *sections)

/* The first section that the action belongs to. */
static size_t section_of(enum action a)
{
    size_t s = 0;
    while (s + 1 < SECTIONS && !(action_info(a)->contexts & sections[s].contexts))
        s++;
    return s;
}

static void add_line(const struct keymap *m, enum action a, struct buf *out)
{
    size_t begin = out->n;
    for (int i = 0; i < KEYS_PER_ACTION && m->keys[a][i].code; i++) {
        buf_add_z(out, i ? ", " : "  ");
        key_label(m->keys[a][i], out);
    }
    for (int w = text_width(str_from(buf_str(out), begin)); w < KEYS_COLS; w++)
        buf_add_c(out, ' ');
    buf_printf(out, "%s [%s]\n", _(action_info(a)->help), action_info(a)->name);
}

void key_card(const struct keymap *keys, struct buf *out)
{
    for (size_t s = 0; s < SECTIONS; s++) {
        buf_printf(out, "%s%s\n", s ? "\n" : "", _(sections[s].title));
        for (int a = ACTION_NONE + 1; a < ACTIONS; a++)
            if (section_of((enum action)a) == s && keys->keys[a][0].code)
                add_line(keys, (enum action)a, out);
    }
}
