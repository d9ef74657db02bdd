/* The questionnaire as text; see show.h. */
#include "forms/model/show.h"

#include <unilbrk.h>
#include <uniwidth.h>

#include "forms/base/num.h"
#include "forms/model/build_i.h"

#define MARGIN        5u
#define SIDE_BY_SIDE  100u
#define MAX_CHOICES   60u
#define MAX_LANGUAGES 64u

enum word {
    ONLY_IF,
    MUST_HOLD,
    REPEATED,
    END_REPEAT,
    ONE,
    SEVERAL,
    RANKED,
    THOSE_WHERE,
    OF_FILE,
    REQUIRED_IF,
    CODES,
    COMPUTED,
    WORDS
};

static const char *const words[WORDS][2] = {
    [ONLY_IF] = {"Only if", "Hanya jika"},
    [MUST_HOLD] = {"Must hold", "Syarat"},
    [REPEATED] = {"For each", "Untuk setiap"},
    [END_REPEAT] = {"End of", "Akhir"},
    [ONE] = {"one answer", "satu jawaban"},
    [SEVERAL] = {"several answers", "boleh lebih dari satu"},
    [RANKED] = {"put in order", "urutkan"},
    [THOSE_WHERE] = {"those where", "yang memenuhi"},
    [OF_FILE] = {"from the list", "dari daftar"},
    [REQUIRED_IF] = {"Required if", "Wajib jika"},
    [CODES] = {"Codes", "Kode"},
    [COMPUTED] = {"What the conditions above compute",
                  "Hitungan yang dipakai dalam syarat di atas"},
};

struct show {
    const struct form *f;
    struct buf *out;
    uint32_t first, end; /* languages shown */
    unsigned width;      /* of the body */
    bool beside;         /* two columns */
    bool indonesian;
    uint32_t *number; /* of each definition; 0: not numbered */
};

static const char *word(const struct show *s, enum word w)
{
    return words[w][s->indonesian];
}

static void pad(struct buf *out, unsigned n)
{
    for (unsigned i = 0; i < n; i++)
        buf_add_c(out, ' ');
}

static unsigned columns(struct str s)
{
    return (unsigned)u8_width((const uint8_t *)s.p, s.n, "UTF-8");
}

/* ---- wrapping ---- */

/* Lines of one text, as slices of it. */
struct lines {
    struct str *v;
    size_t n, cap;
};

static void add_line(struct lines *l, struct str s)
{
    while (s.n > 0 && (s.p[s.n - 1] == ' ' || s.p[s.n - 1] == '\n'))
        s.n--;
    l->v = mem_grow(l->v, l->n, &l->cap, sizeof *l->v);
    l->v[l->n++] = s;
}

static void wrap(struct lines *l, struct str text, unsigned width)
{
    if (text.n == 0)
        return;
    char *breaks = mem_calloc(text.n, 1);
    u8_width_linebreaks((const uint8_t *)text.p, text.n, (int)width, 0, 0, NULL, "UTF-8", breaks);
    size_t start = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (i > start && breaks[i] == UC_BREAK_POSSIBLE) {
            add_line(l, str_sub(text, start, i - start));
            start = i;
        }
        if (breaks[i] == UC_BREAK_MANDATORY) {
            add_line(l, str_sub(text, start, i + 1 - start));
            start = i + 1;
        }
    }
    add_line(l, str_from(text, start));
    mem_free(breaks);
}

/* What stands before the first line; the others are indented as far. */
static void put_prefix(const struct show *s, struct str prefix, unsigned indent, bool first)
{
    unsigned n = first ? columns(prefix) : 0;
    if (first)
        buf_add_str(s->out, prefix);
    pad(s->out, n < indent ? indent - n : 0);
}

static void put_lines(const struct show *s, struct str prefix, unsigned indent, struct str text,
                      unsigned width)
{
    struct lines l = {NULL, 0, 0};
    wrap(&l, text, width > 10 ? width : 10);
    for (size_t i = 0; i < l.n; i++) {
        put_prefix(s, prefix, indent, i == 0);
        buf_add_str(s->out, l.v[i]);
        buf_add_c(s->out, '\n');
    }
    mem_free(l.v);
}

static void put_beside(const struct show *s, struct str prefix, unsigned indent, struct str left,
                       struct str right, unsigned width)
{
    struct lines a = {NULL, 0, 0}, b = {NULL, 0, 0};
    wrap(&a, left, width);
    wrap(&b, right, width);
    for (size_t i = 0; i < a.n || i < b.n; i++) {
        put_prefix(s, prefix, indent, i == 0);
        struct str x = i < a.n ? a.v[i] : STR("");
        buf_add_str(s->out, x);
        if (i < b.n) {
            unsigned n = columns(x);
            pad(s->out, (n < width ? width - n : 0) + 3);
            buf_add_str(s->out, b.v[i]);
        }
        buf_add_c(s->out, '\n');
    }
    mem_free(a.v);
    mem_free(b.v);
}

/* ---- texts ---- */

/* ${name} shows as [name]. */
static struct str plain(const struct show *s, const struct text *t, struct buf *tmp)
{
    buf_clear(tmp);
    for (uint32_t i = 0; i < t->n; i++) {
        buf_add_str(tmp, t->runs[i].literal);
        if (t->runs[i].ref == DEF_NONE)
            continue;
        buf_add_c(tmp, '[');
        buf_add_str(tmp, s->f->nodes[t->runs[i].ref].name);
        buf_add_c(tmp, ']');
    }
    return str_trim(buf_str(tmp));
}

static void put_texts(const struct show *s, struct str prefix, unsigned indent, texts t)
{
    if (!t)
        return;
    struct buf a, b;
    buf_init(&a, LIMIT_CELL_BYTES);
    buf_init(&b, LIMIT_CELL_BYTES);
    unsigned room = s->width + MARGIN > indent ? s->width + MARGIN - indent : 10;
    if (s->beside) {
        put_beside(s, prefix, indent, plain(s, &t[s->first], &a), plain(s, &t[s->end - 1], &b),
                   room > 23 ? (room - 3) / 2 : 10);
    } else {
        bool first = true;
        for (uint32_t i = s->first; i < s->end; i++) {
            struct str text = plain(s, &t[i], &a);
            bool again = i > s->first && str_eq(text, plain(s, &t[i - 1], &b));
            if (!again)
                put_lines(s, first ? prefix : STR(""), indent, text, room);
            first = false;
        }
    }
    buf_done(&a);
    buf_done(&b);
}

static void put_note(const struct show *s, enum word w, struct str text)
{
    struct buf line;
    buf_init(&line, LIMIT_CELL_BYTES);
    buf_printf(&line, "%s: ", word(s, w));
    buf_add_str(&line, text);
    put_lines(s, STR(""), MARGIN, buf_str(&line), s->width);
    buf_done(&line);
}

static void put_condition(const struct show *s, enum word w, const struct cond *c)
{
    if (!c->expr)
        return;
    struct buf text;
    buf_init(&text, LIMIT_CELL_BYTES);
    show_condition(s->f, expr_text(c->expr), s->first, s->number, s->indonesian, &text);
    put_note(s, w, buf_str(&text));
    buf_done(&text);
}

/* ---- answers ---- */

static void put_choices(const struct show *s, const struct form_node *n)
{
    const struct choice_list *l = s->f->lists[n->list];
    if (!l->labels || l->rows > MAX_CHOICES) {
        struct buf what;
        char tmp[ERR_ARG_MAX];
        buf_init(&what, 1024);
        buf_add_str(&what, l->file.n ? l->file : l->id);
        if (l->rows > 0)
            buf_printf(&what, " (%s)", err_num(tmp, l->rows));
        put_note(s, OF_FILE, buf_str(&what));
        buf_done(&what);
        return;
    }
    const struct str *names = l->columns[l->name_column].cells;
    const char *box = n->type == TYPE_SELECT_MULTIPLE ? "[ ]"
                      : n->type == TYPE_RANK          ? "__ "
                                                      : "( )";
    unsigned widest = 0;
    for (uint32_t r = 0; r < l->rows; r++)
        widest = columns(names[r]) > widest ? columns(names[r]) : widest;
    widest = widest > 20 ? 20 : widest;
    for (uint32_t r = 0; r < l->rows; r++) {
        struct buf prefix;
        buf_init(&prefix, LIMIT_CELL_BYTES);
        pad(&prefix, MARGIN);
        buf_printf(&prefix, "%s ", box);
        buf_add_str(&prefix, names[r]);
        if (l->labels[r])
            put_texts(s, buf_str(&prefix), MARGIN + 6 + widest, l->labels[r]);
        else
            put_lines(s, buf_str(&prefix), MARGIN + 6 + widest, STR("-"), 10);
        buf_done(&prefix);
    }
}

static const char *blank_of(const struct form_node *n)
{
    switch (n->type) {
    case TYPE_INTEGER: return "|__|__|__|__|__|__|__|__|__|";
    case TYPE_DECIMAL: return "|__|__|__|__|__|__| , |__|__|";
    case TYPE_DATE: return "____ - __ - __";
    case TYPE_TIME: return "__ : __";
    case TYPE_DATETIME: return "____ - __ - __   __ : __";
    case TYPE_ACKNOWLEDGE: return "[ ] OK";
    case TYPE_TEXT:
    case TYPE_BARCODE:
    case TYPE_FILE:
    case TYPE_GEOPOINT:
    case TYPE_GEOTRACE:
    case TYPE_GEOSHAPE: return "________________________________________";
    case TYPE_GROUP:
    case TYPE_REPEAT:
    case TYPE_RANGE:
    case TYPE_SELECT_ONE:
    case TYPE_SELECT_MULTIPLE:
    case TYPE_RANK:
    case TYPE_NOTE:
    case TYPE_CALCULATE:
    case TYPE_HIDDEN:
    case TYPE_META: break;
    }
    return NULL;
}

static void put_range(const struct show *s, const struct form_node *n)
{
    pad(s->out, MARGIN);
    num_add(s->out, n->range_start);
    buf_add_z(s->out, " |----------| ");
    num_add(s->out, n->range_end);
    buf_add_c(s->out, '\n');
}

/* What to write for an answer that is not given. */
static void put_codes(const struct show *s, const struct form_node *n)
{
    static const char *const names[MISSING_KINDS][2] = {
        [MISSING_DK] = {"don't know", "tidak tahu"},
        [MISSING_REFUSED] = {"refused", "menolak"},
        [MISSING_NA] = {"not applicable", "tidak berlaku"},
    };
    struct buf line;
    buf_init(&line, LIMIT_CELL_BYTES);
    for (int i = 0; i < MISSING_KINDS; i++) {
        if (!n->missing[i].p)
            continue;
        if (line.n)
            buf_add_z(&line, ", ");
        buf_add_str(&line, n->missing[i]);
        buf_printf(&line, " %s", names[i][s->indonesian]);
    }
    put_note(s, CODES, buf_str(&line));
    buf_done(&line);
}

static void put_answer(const struct show *s, const struct form_node *n)
{
    const char *blank = blank_of(n);
    if (n->list != DEF_NONE)
        put_choices(s, n);
    else if (n->list_from != DEF_NONE)
        put_note(s, OF_FILE, s->f->nodes[n->list_from].name);
    else if (n->type == TYPE_RANGE)
        put_range(s, n);
    if (blank) {
        pad(s->out, MARGIN);
        buf_printf(s->out, "%s\n", blank);
    }
    if (n->list == DEF_NONE && n->missing_declared && !n->constraint_message)
        put_codes(s, n); /* else its message tells them */
}

/* ---- nodes ---- */

static bool is_shown(const struct form_node *n)
{
    return n->type != TYPE_CALCULATE && n->type != TYPE_HIDDEN && n->type != TYPE_META;
}

/* Its message says it better than the expression. */
static void put_constraint(const struct show *s, const struct form_node *n)
{
    if (!n->constraint.expr || !n->constraint_message) {
        put_condition(s, MUST_HOLD, &n->constraint);
        return;
    }
    struct buf prefix;
    buf_init(&prefix, 256);
    pad(&prefix, MARGIN);
    buf_printf(&prefix, "%s: ", word(s, MUST_HOLD));
    put_texts(s, buf_str(&prefix), (unsigned)prefix.n, n->constraint_message);
    buf_done(&prefix);
}

static void put_question(const struct show *s, uint32_t def)
{
    const struct form_node *n = &s->f->nodes[def];
    struct buf prefix;
    buf_init(&prefix, 64);
    if (s->number[def])
        buf_printf(&prefix, "%3u%s", (unsigned)s->number[def],
                   n->required_always || n->required.expr ? "*" : ".");
    buf_add_c(s->out, '\n');
    put_condition(s, ONLY_IF, &n->relevant);
    put_texts(s, buf_str(&prefix), MARGIN, n->label ? n->label : n->hint);
    if (n->label)
        put_texts(s, STR(""), MARGIN, n->hint);
    put_condition(s, REQUIRED_IF, &n->required);
    if (n->type == TYPE_SELECT_MULTIPLE || n->type == TYPE_RANK) {
        pad(s->out, MARGIN);
        buf_printf(s->out, "(%s)\n", word(s, n->type == TYPE_RANK ? RANKED : SEVERAL));
    }
    put_condition(s, THOSE_WHERE, &n->choice_filter);
    put_answer(s, n);
    put_constraint(s, n);
    buf_done(&prefix);
}

static void put_rule(const struct show *s, char c)
{
    for (unsigned i = 0; i < s->width + MARGIN; i++)
        buf_add_c(s->out, c);
    buf_add_c(s->out, '\n');
}

static void put_section(const struct show *s, uint32_t def)
{
    const struct form_node *n = &s->f->nodes[def];
    if (!n->label && n->type == TYPE_GROUP && !n->relevant.expr)
        return;
    buf_add_c(s->out, '\n');
    put_rule(s, n->type == TYPE_REPEAT ? '.' : '-');
    if (n->type == TYPE_REPEAT)
        buf_printf(s->out, "%s:\n", word(s, REPEATED));
    if (n->label)
        put_texts(s, STR(""), 0, n->label);
    put_condition(s, ONLY_IF, &n->relevant);
}

static void put_repeat_end(const struct show *s, const struct form_node *n)
{
    struct buf prefix;
    buf_init(&prefix, 256);
    buf_printf(&prefix, "%s: ", word(s, END_REPEAT));
    if (n->label) {
        put_texts(s, buf_str(&prefix), (unsigned)prefix.n, n->label);
    } else {
        buf_add_str(s->out, buf_str(&prefix));
        buf_add_str(s->out, n->name);
        buf_add_c(s->out, '\n');
    }
    buf_done(&prefix);
}

/* A skip may ask what was computed; on paper, that is done by hand. */
static void put_computed(const struct show *s)
{
    const struct form *f = s->f;
    bool *used = mem_calloc(f->n_nodes, sizeof *used), any = false;
    for (uint32_t d = 0; d < f->n_nodes; d++) {
        const uint32_t *deps;
        size_t n = f->nodes[d].relevant.expr ? expr_deps(f->nodes[d].relevant.expr, &deps) : 0;
        for (size_t i = 0; i < n; i++)
            used[deps[i]] = true;
    }
    for (uint32_t d = 0; d < f->n_nodes; d++) {
        if (!used[d] || f->nodes[d].type != TYPE_CALCULATE || !f->nodes[d].calculation.expr)
            continue;
        if (!any) {
            buf_add_c(s->out, '\n');
            put_rule(s, '-');
            buf_printf(s->out, "%s\n", word(s, COMPUTED));
            any = true;
        }
        struct buf line;
        buf_init(&line, LIMIT_CELL_BYTES);
        buf_add_str(&line, f->nodes[d].name);
        buf_add_z(&line, " = ");
        show_condition(f, expr_text(f->nodes[d].calculation.expr), s->first, s->number,
                       s->indonesian, &line);
        put_lines(s, STR(""), MARGIN, buf_str(&line), s->width);
        buf_done(&line);
    }
    mem_free(used);
}

static void put_repeat_ends(const struct show *s, uint32_t from, uint32_t next)
{
    for (uint32_t d = from; d != DEF_NONE && s->f->nodes[d].end == next; d = s->f->nodes[d].parent)
        if (s->f->nodes[d].type == TYPE_REPEAT) {
            buf_add_c(s->out, '\n');
            put_repeat_end(s, &s->f->nodes[d]);
            put_rule(s, '.');
        }
}

static void put_title(const struct show *s)
{
    put_lines(s, STR(""), 0, s->f->title, s->width);
    buf_add_str(s->out, s->f->id);
    if (s->f->version.n) {
        buf_add_z(s->out, ", ");
        buf_add_str(s->out, s->f->version);
    }
    buf_add_c(s->out, '\n');
    put_rule(s, '=');
}

bool form_show(const struct form *f, uint32_t language, unsigned width, struct buf *out)
{
    struct show s = {.f = f, .out = out, .first = 0, .end = f->n_languages};
    if (language < f->n_languages) {
        s.first = language;
        s.end = language + 1;
    }
    s.width = width > 40 ? width - MARGIN : 35;
    s.beside = s.end - s.first == 2 && width >= SIDE_BY_SIDE;
    s.indonesian = str_is(f->languages[s.first].code, "id");
    s.number = mem_calloc(f->n_nodes, sizeof *s.number);
    uint32_t number = 0;
    for (uint32_t i = 1; i < f->n_nodes; i++)
        if (is_shown(&f->nodes[i]) && f->nodes[i].type != TYPE_NOTE &&
            f->nodes[i].type != TYPE_GROUP && f->nodes[i].type != TYPE_REPEAT)
            s.number[i] = ++number;
    put_title(&s);
    for (uint32_t i = 1; i < f->n_nodes; i++) {
        const struct form_node *n = &f->nodes[i];
        if (n->type == TYPE_GROUP || n->type == TYPE_REPEAT)
            put_section(&s, i);
        else if (is_shown(n))
            put_question(&s, i);
        put_repeat_ends(&s, i, i + 1);
    }
    put_computed(&s);
    mem_free(s.number);
    return !out->full;
}
