/* A question as lines. */
#include <unistd.h>

#include "app/tr.h"
#include "app/ui/linear_i.h"
#include "app/view/field_of.h"
#include "app/view/markup.h"
#include "forms/base/safe.h"

#define CHOICES_SHOWN 20

void linear_say(struct linear *l, unsigned indent, struct str text)
{
    struct buf plain, safe;
    struct str rest, line;
    buf_init(&plain, LIMIT_ANSWER_BYTES);
    buf_init(&safe, 4 * LIMIT_ANSWER_BYTES);
    markup_plain(text, &plain);
    text_safe(buf_str(&plain), true, &safe);
    rest = buf_str(&safe);
    while (str_split(&rest, '\n', &line))
        fprintf(l->out, "%*s%.*s\n", (int)indent, "", STR_FMT(line));
    buf_wipe_done(&plain);
    buf_wipe_done(&safe);
}

void linear_error(struct linear *l, const struct err *e)
{
    struct buf b;
    bool disk =
        err_is(e, &ERR_DISK_FULL) || err_is(e, &ERR_DISK_READONLY) || err_is(e, &ERR_DISK_IO);
    if (disk && !isatty(fileno(l->in))) {
        if (!l->stopped.kind)
            l->stopped = *e;
        l->done = true;
        return;
    }
    buf_init(&b, 4096);
    err_text(e, tr, &b);
    linear_say(l, 0, buf_str(&b));
    if (e->kind->hint)
        linear_say(l, 0, str_of(tr(e->kind->hint)));
    buf_done(&b);
}

/* ---- where we are ---- */

/* The group's heading, when it is another one than before. */
static void show_section(struct linear *l)
{
    uint32_t group = l->form->nodes[l->at.def].parent;
    if (group == l->section)
        return;
    l->section = group;
    buf_clear(&l->text);
    field_section(l->iv, &l->at, &l->text);
    if (l->text.n)
        fprintf(l->out, "== %.*s\n", STR_FMT(buf_str(&l->text)));
}

static void show_label(struct linear *l, const struct node_state *st)
{
    struct str name = l->form->nodes[l->at.def].name;
    uint32_t number = 0;
    struct place p = PLACE_NONE;
    while (interview_next(l->iv, &p, 0)) {
        number++;
        if (place_eq(&p, &l->at))
            break;
    }
    buf_clear(&l->text);
    buf_printf(&l->text, "%u. ", number);
    if (!interview_text(l->iv, &l->at, TEXT_LABEL, &l->text))
        buf_add_str(&l->text, name);
    if (st->required)
        buf_printf(&l->text, " * (%s)", _("required"));
    linear_say(l, 0, buf_str(&l->text));
}

/* ---- choices ---- */

static bool is_code(struct str name)
{
    size_t i = name.n && name.p[0] == '-' ? 1 : 0;
    if (i == name.n)
        return false;
    for (; i < name.n; i++)
        if (name.p[i] < '0' || name.p[i] > '9')
            return false;
    return true;
}

bool linear_has_codes(struct linear *l, const struct choices *c)
{
    for (size_t i = 0; i < c->n; i++)
        if (!is_code(interview_choice_name(l->iv, &l->at, c->rows[i])))
            return false;
    return true;
}

static bool holds(struct str text, struct str part)
{
    for (size_t i = 0; part.n <= text.n && i + part.n <= text.n; i++)
        if (str_eq_nocase(str_sub(text, i, part.n), part))
            return true;
    return false;
}

/* The row as a copy: what interview_choices points at goes with the next call. */
static uint32_t *copy_rows(const struct choices *c)
{
    uint32_t *rows = mem_calloc(c->n + 1, sizeof *rows);
    if (c->n)
        memcpy(rows, c->rows, c->n * sizeof *rows);
    return rows;
}

void linear_choices(struct linear *l, struct str only)
{
    struct choices c;
    struct err e = {0};
    if (!interview_choices(l->iv, &l->at, &c, &e)) {
        linear_error(l, &e);
        return;
    }
    bool codes = linear_has_codes(l, &c);
    uint32_t *rows = copy_rows(&c);
    struct buf line;
    buf_init(&line, LIMIT_ANSWER_BYTES);
    for (size_t i = 0; i < c.n; i++) {
        buf_clear(&l->text);
        interview_choice_label(l->iv, &l->at, rows[i], &l->text);
        if (only.n && !holds(buf_str(&l->text), only))
            continue;
        buf_clear(&line);
        if (codes)
            buf_add_str(&line, interview_choice_name(l->iv, &l->at, rows[i]));
        else
            buf_printf(&line, "%zu", i + 1);
        buf_add_z(&line, "  ");
        buf_add_str(&line, buf_str(&l->text));
        linear_say(l, 4, buf_str(&line));
    }
    buf_done(&line);
    mem_free(rows);
}

static bool is_select(const struct form_node *n)
{
    return n->type == TYPE_SELECT_ONE || n->type == TYPE_SELECT_MULTIPLE || n->type == TYPE_RANK;
}

static void show_choices(struct linear *l)
{
    struct choices c;
    struct err e = {0};
    if (!interview_choices(l->iv, &l->at, &c, &e)) {
        linear_error(l, &e);
        return;
    }
    if (c.n <= CHOICES_SHOWN) {
        linear_choices(l, STR(""));
        return;
    }
    buf_clear(&l->text);
    buf_printf(&l->text, _("%zu choices. Type a part of the one you mean, or :choices for all."),
               c.n);
    linear_say(l, 4, buf_str(&l->text));
}

/* ---- the rest of a question ---- */

static void show_how(struct linear *l)
{
    const struct form_node *n = &l->form->nodes[l->at.def];
    const char *how = NULL;
    switch ((int)n->type) {
    case TYPE_SELECT_MULTIPLE: how = N_("Several, with blanks between: 1 3-5"); break;
    case TYPE_RANK: how = N_("All of them, the first one first: 3 1 2"); break;
    case TYPE_DATE: how = N_("Day, month, year: 17-08-1945; h is today"); break;
    case TYPE_TIME: how = N_("Hours and minutes: 14:30; h is now"); break;
    case TYPE_DATETIME: how = N_("Day, month, year, time: 17-08-1945 14:30; h is now"); break;
    case TYPE_GEOPOINT:
        how = N_("Latitude, longitude, altitude, accuracy: -2.17 115.38 40 5");
        break;
    case TYPE_GEOTRACE:
    case TYPE_GEOSHAPE: how = N_("Points with semicolons between: -2.1 115.3; -2.2 115.4"); break;
    case TYPE_FILE: how = N_("The path of a file: a sealed copy of it is kept"); break;
    case TYPE_ACKNOWLEDGE: how = N_("y: confirmed"); break;
    case TYPE_REPEAT: how = N_("+ adds one, Enter goes on, :remove N takes one out"); break;
    default: return;
    }
    linear_say(l, 4, str_of(tr(how)));
}

static void show_value(struct linear *l, const struct node_state *st)
{
    if (!st->answered)
        return;
    buf_clear(&l->text);
    buf_printf(&l->text, "= ");
    field_answer(l->iv, &l->at, &l->text);
    linear_say(l, 4, buf_str(&l->text));
}

static void show_instances(struct linear *l)
{
    struct place p = l->at;
    uint32_t n = interview_instances(l->iv, &l->at);
    p.whole = false;
    p.depth++;
    for (uint32_t i = 0; i < n; i++) {
        p.index[p.depth - 1] = i;
        buf_clear(&l->text);
        buf_printf(&l->text, "%u  ", i + 1);
        field_instance(l->iv, &p, &l->text);
        linear_say(l, 4, buf_str(&l->text));
    }
}

static void show_text(struct linear *l, enum text_kind kind)
{
    buf_clear(&l->text);
    if (interview_text(l->iv, &l->at, kind, &l->text) && l->text.n)
        linear_say(l, 4, buf_str(&l->text));
}

void linear_question(struct linear *l)
{
    const struct form_node *n = &l->form->nodes[l->at.def];
    struct node_state st = interview_state(l->iv, &l->at);
    fputc('\n', l->out);
    show_section(l);
    show_label(l, &st);
    show_text(l, TEXT_HINT);
    if (is_select(n))
        show_choices(l);
    if (l->at.whole)
        show_instances(l);
    show_how(l);
    show_value(l, &st);
    buf_clear(&l->text);
    buf_add_z(&l->text, _("Note: "));
    if (session_note_of(l->s, &l->at, &l->text))
        linear_say(l, 4, buf_str(&l->text));
}
