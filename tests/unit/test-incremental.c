/* What must hold for every form and every sequence of answers, on forms made at random:
 *
 *   incremental  what a change left behind equals a recalculation of everything
 *   undo         undoing all gives the draft as it was at first, redoing all the last one, to the byte
 *   record       write, read, write gives the same XML, and the same state of every node
 *
 * A failure prints the seed; CACAH_SEED=n runs that one alone and prints its form and steps; CACAH_FORMS=n
 * tries n forms. */
#include "tests/support/check_main.h"

#include <stdio.h>
#include <stdlib.h>

#include "forms/base/mem.h"
#include "forms/run/interview.h"
#include "tests/support/fixed_host.h"

#define FORMS      150
#define STEPS      40
#define FIELDS_MAX 64

/* ---- chance ---- */

struct chance {
    uint64_t x;
};

static uint32_t draw(struct chance *c, uint32_t below)
{
    c->x ^= c->x << 13;
    c->x ^= c->x >> 7;
    c->x ^= c->x << 17;
    return (uint32_t)((c->x >> 11) % below);
}

static bool one_in(struct chance *c, uint32_t n)
{
    return draw(c, n) == 0;
}

/* ---- a form ---- */

enum kind { NUMBER, TEXT, ONE, MANY, REPEAT, KINDS };

/* A name that later rows may refer to. */
struct field {
    enum kind kind;
    char name[16];
    int repeat; /* index of the field that is its repeat, or -1 */
};

struct maker {
    struct chance c;
    struct buf rows;
    struct field fields[FIELDS_MAX];
    int n;
    int open[3]; /* fields of the open repeats */
    int n_open;
};

static bool is_open(const struct maker *m, int repeat)
{
    for (int i = 0; i < m->n_open; i++)
        if (m->open[i] == repeat)
            return true;
    return repeat < 0;
}

/* A field of the kind, near: all its repeats are open here; far: one is not. NULL: none. */
static const struct field *pick(struct maker *m, enum kind kind, bool near)
{
    for (int tries = 0; tries < 20 && m->n; tries++) {
        const struct field *f = &m->fields[draw(&m->c, (uint32_t)m->n)];
        if (f->kind == kind && is_open(m, f->repeat) == near)
            return f;
    }
    return NULL;
}

static void add_number(struct maker *m, int depth);

static void add_set(struct maker *m, const struct field *f)
{
    static const char *const aggregates[] = {"sum", "max", "min", "count", "count-non-empty"};
    buf_printf(&m->rows, "%s(${%s})", aggregates[draw(&m->c, 5)], f->name);
}

/* The field in another instance of the innermost repeat. */
static void add_neighbour(struct maker *m, const struct field *f)
{
    const char *repeat = m->fields[f->repeat].name;
    switch (draw(&m->c, 4)) {
    case 0:
        buf_printf(&m->rows, "indexed-repeat(${%s}, ${%s}, %u)", f->name, repeat,
                   1 + draw(&m->c, 3));
        break;
    case 1:
        buf_printf(&m->rows, "indexed-repeat(${%s}, ${%s}, position(..) - 1)", f->name, repeat);
        break;
    case 2: buf_printf(&m->rows, "sum(../preceding-sibling::%s/%s)", repeat, f->name); break;
    default: buf_printf(&m->rows, "count(../../%s[%s > 1])", repeat, f->name);
    }
}

static void add_leaf(struct maker *m)
{
    const struct field *near = pick(m, NUMBER, true), *far = pick(m, NUMBER, false);
    const struct field *repeat = pick(m, REPEAT, true);
    switch (draw(&m->c, 13)) {
    case 12:
        if (near) {
            buf_printf(&m->rows, "count(instance('l')/root/item[k = ${%s}%s])", near->name,
                       one_in(&m->c, 2) ? " + 0" : "");
            return;
        }
        break;
    case 0:
    case 1:
    case 2:
    case 9:
    case 10:
    case 11:
        if (near) {
            buf_printf(&m->rows, "${%s}", near->name);
            return;
        }
        break;
    case 3:
    case 4:
        if (far) {
            add_set(m, far);
            return;
        }
        break;
    case 5:
        if (repeat && !is_open(m, (int)(repeat - m->fields))) {
            buf_printf(&m->rows, "count(${%s})", repeat->name);
            return;
        }
        break;
    case 6:
        if (m->n_open) {
            buf_add_z(&m->rows, "position(..)");
            return;
        }
        break;
    case 7:
        if (near && m->n_open && near->repeat == m->open[m->n_open - 1]) {
            add_neighbour(m, near);
            return;
        }
        break;
    default:
        if (far && far->repeat >= 0 && m->fields[far->repeat].repeat < 0) {
            buf_printf(&m->rows, "sum(${%s}[position() > %u]/%s)", m->fields[far->repeat].name,
                       draw(&m->c, 3), far->name);
            return;
        }
    }
    buf_printf(&m->rows, "%u", draw(&m->c, 6));
}

static void add_number(struct maker *m, int depth)
{
    static const char *const ops[] = {" + ", " - ", " * ", " mod "};
    if (depth == 0 || one_in(&m->c, 3)) {
        add_leaf(m);
        return;
    }
    switch (draw(&m->c, 3)) {
    case 0:
        buf_add_z(&m->rows, "coalesce(");
        add_number(m, depth - 1);
        buf_add_z(&m->rows, ", 1)");
        break;
    case 1:
        buf_add_z(&m->rows, "if(");
        add_number(m, depth - 1);
        buf_add_z(&m->rows, " > 2, ");
        add_number(m, depth - 1);
        buf_add_z(&m->rows, ", 3)");
        break;
    default:
        buf_add_c(&m->rows, '(');
        add_number(m, depth - 1);
        buf_add_z(&m->rows, ops[draw(&m->c, 4)]);
        add_number(m, depth - 1);
        buf_add_c(&m->rows, ')');
    }
}

static void add_condition(struct maker *m)
{
    const struct field *text = pick(m, TEXT, true), *many = pick(m, MANY, true);
    if (text && one_in(&m->c, 4)) {
        buf_printf(&m->rows, "${%s} != ''", text->name);
    } else if (many && one_in(&m->c, 3)) {
        buf_printf(&m->rows, "selected(${%s}, 'b')", many->name);
    } else {
        add_number(m, 2);
        buf_add_z(&m->rows, one_in(&m->c, 2) ? " >= " : " != ");
        buf_printf(&m->rows, "%u", draw(&m->c, 5));
    }
}

static void maybe_condition(struct maker *m, uint32_t n)
{
    if (one_in(&m->c, n))
        add_condition(m);
    buf_add_z(&m->rows, " | ");
}

static struct field *new_field(struct maker *m, enum kind kind)
{
    struct field *f = &m->fields[m->n];
    f->kind = kind;
    f->repeat = m->n_open ? m->open[m->n_open - 1] : -1;
    snprintf(f->name, sizeof f->name, "f%d", m->n);
    return f;
}

#define COLUMNS                                                                                    \
    "| | type | name | label | relevant | required | read_only | constraint | calculation | "      \
    "repeat_count | choice_filter | default | trigger | bind::cacah:warn | parameters |\n"

static void add_label(struct maker *m, const char *name)
{
    const struct field *f = pick(m, one_in(&m->c, 2) ? NUMBER : TEXT, true);
    buf_printf(&m->rows, "Label %s ", name);
    if (f && one_in(&m->c, 3))
        buf_printf(&m->rows, "${%s}", f->name);
    buf_add_z(&m->rows, " | ");
}

/* once() is all of it: beside other things it would add itself to itself. */
static void add_calculation(struct maker *m, const struct field *f)
{
    if (one_in(&m->c, 8)) {
        buf_add_z(&m->rows, "once(");
        add_number(m, 3);
        buf_add_c(&m->rows, ')');
        return;
    }
    if (f->repeat >= 0 && one_in(&m->c, 5))
        buf_printf(&m->rows, "coalesce(indexed-repeat(${%s}, ${%s}, position(..) - 1), 0) + ",
                   f->name, m->fields[f->repeat].name);
    add_number(m, 3);
}

static void add_filter(struct maker *m, const char *name)
{
    switch (draw(&m->c, 6)) {
    case 0: buf_printf(&m->rows, "k = ${%s}", name); break;
    case 1: buf_printf(&m->rows, "k < ${%s}", name); break;
    case 2: buf_printf(&m->rows, "k = ${%s} + 0", name); break;
    case 3: buf_printf(&m->rows, "${%s} + 1 = k", name); break;
    case 4: buf_printf(&m->rows, "k = ${%s} and name != 'a'", name); break;
    default: buf_printf(&m->rows, "k = 2 and ${%s} >= 0", name);
    }
}

/* The columns behind the name; the field can be referred to only from the next row on. */
static void add_question(struct maker *m)
{
    static const char *const types[] = {"integer", "text", "select_one l", "select_multiple l"};
    enum kind kind = one_in(&m->c, 2) ? NUMBER : (enum kind)draw(&m->c, 4);
    struct field *f = new_field(m, kind);
    bool calculate = kind == NUMBER && one_in(&m->c, 3);
    bool shown = calculate && one_in(&m->c, 3);
    bool trigger = calculate && pick(m, NUMBER, true) && one_in(&m->c, 4);
    buf_printf(&m->rows, "| | %s | %s | ", calculate && !shown ? "calculate" : types[kind],
               f->name);
    add_label(m, f->name);
    maybe_condition(m, 4);
    maybe_condition(m, 5);
    maybe_condition(m, 9);
    if (!calculate && one_in(&m->c, 4))
        buf_printf(&m->rows, kind == NUMBER ? ". < %u" : ". != '%u'", 1 + draw(&m->c, 5));
    buf_add_z(&m->rows, " | ");
    if (calculate)
        add_calculation(m, f);
    buf_add_z(&m->rows, " |  | ");
    const struct field *near = pick(m, NUMBER, true);
    bool listed = kind == ONE || kind == MANY;
    if (listed && near && one_in(&m->c, 2))
        add_filter(m, near->name);
    buf_add_z(&m->rows, " | ");
    if (kind == NUMBER && !calculate && one_in(&m->c, 3)) {
        if (one_in(&m->c, 2))
            buf_printf(&m->rows, "%u", draw(&m->c, 5));
        else if (near)
            buf_printf(&m->rows, "${%s} + 1", near->name);
    }
    buf_add_z(&m->rows, " | ");
    const struct field *by = trigger ? pick(m, NUMBER, true) : NULL, *too = pick(m, NUMBER, true);
    if (by)
        buf_printf(&m->rows, "${%s}", by->name);
    if (by && too && one_in(&m->c, 3))
        buf_printf(&m->rows, ", ${%s}", too->name);
    buf_add_z(&m->rows, " | ");
    if (!calculate && one_in(&m->c, 5))
        add_condition(m);
    buf_add_z(&m->rows, " | ");
    if (listed && near && one_in(&m->c, 4))
        buf_printf(&m->rows, "randomize=true seed=${%s}", near->name);
    buf_add_z(&m->rows, " |\n");
    m->n++;
}

/* The name of what is chosen, whose label may show another answer. */
static void add_choice_name(struct maker *m)
{
    const struct field *of = pick(m, ONE, true);
    if (!of)
        return;
    struct field *f = new_field(m, TEXT);
    buf_printf(&m->rows, "| | calculate | %s | | ", f->name);
    maybe_condition(m, 5);
    buf_printf(&m->rows, " | | | jr:choice-name(${%s}, '${%s}') |\n", of->name, of->name);
    m->n++;
}

/* select_one ${text}: its choices are the instances of a repeat. */
static void add_choice_of_instances(struct maker *m)
{
    const struct field *of = pick(m, TEXT, one_in(&m->c, 2));
    if (!of || of->repeat < 0)
        return;
    struct field *f = new_field(m, ONE);
    buf_printf(&m->rows, "| | select_one ${%s} | %s | ", of->name, f->name);
    add_label(m, f->name);
    buf_add_z(&m->rows, " | | | | | |");
    if (one_in(&m->c, 2))
        buf_printf(&m->rows, " ${%s} != 'a'", of->name);
    buf_add_z(&m->rows, " |\n");
    m->n++;
}

static void add_rows(struct maker *m, int depth);

static void add_group(struct maker *m, int depth)
{
    int number = m->n;
    buf_printf(&m->rows, "| | begin group | g%d_%d | G | ", number, depth);
    maybe_condition(m, 2);
    buf_add_z(&m->rows, "|\n");
    add_rows(m, depth);
    buf_add_z(&m->rows, "| | end group | |\n");
}

static void add_repeat(struct maker *m, int depth)
{
    int index = m->n;
    struct field *f = new_field(m, REPEAT);
    const struct field *count = one_in(&m->c, 3) ? pick(m, NUMBER, true) : NULL;
    buf_printf(&m->rows, "| | begin repeat | %s | R | ", f->name);
    maybe_condition(m, 4);
    buf_add_z(&m->rows, " | | | | ");
    if (count)
        buf_printf(&m->rows, one_in(&m->c, 2) ? "${%s}" : "${%s} + 1", count->name);
    buf_add_z(&m->rows, " |\n");
    m->n++;
    m->open[m->n_open++] = index;
    add_rows(m, depth);
    m->n_open--;
    buf_add_z(&m->rows, "| | end repeat | |\n");
}

static void add_rows(struct maker *m, int depth)
{
    uint32_t n = 2 + draw(&m->c, 4);
    for (uint32_t i = 0; i < n && m->n < FIELDS_MAX - 16; i++) {
        if (depth > 0 && one_in(&m->c, 3))
            one_in(&m->c, 3) ? add_group(m, depth - 1) : add_repeat(m, depth - 1);
        else
            add_question(m);
        if (one_in(&m->c, 6))
            add_choice_of_instances(m);
        if (one_in(&m->c, 4))
            add_choice_name(m);
    }
    add_question(m); /* never empty, so that nothing inside is lost on the way through XML */
}

static const char tail[] = "| choices |\n"
                           "| | list_name | name | label | k |\n"
                           "| | l | a | A | 1 |\n"
                           "| | l | b | B ${f0} | 2 |\n"
                           "| | l | c | C | 02 |\n"
                           "| | l | d | D | |\n"
                           "| settings |\n"
                           "| | form_id | namespaces |\n"
                           "| | random | cacah=\"urn:cacah:1\" |\n";

static void make_form(uint64_t seed, struct buf *out)
{
    struct maker m = {.c = {seed * UINT64_C(0x9e3779b97f4a7c15) + 1}};
    buf_init(&m.rows, 1 << 20);
    buf_add_z(&m.rows, "| survey |\n" COLUMNS);
    buf_add_z(&m.rows, "| | integer | f0 | First | |\n");
    new_field(&m, NUMBER);
    m.n++;
    add_rows(&m, 2);
    add_rows(&m, 1);
    buf_add_z(&m.rows, tail);
    buf_add_str(out, buf_str(&m.rows));
    buf_done(&m.rows);
}

/* ---- the state of everything ---- */

static void dump_at(struct interview *iv, struct place p, bool states, struct buf *out);

static void dump_children(struct interview *iv, struct place parent, bool states, struct buf *out)
{
    const struct form *f = interview_form(iv);
    for (uint32_t d = parent.def + 1; d < f->nodes[parent.def].end; d = f->nodes[d].end) {
        struct place p = parent;
        p.def = d;
        if (f->nodes[d].type != TYPE_REPEAT) {
            dump_at(iv, p, states, out);
            continue;
        }
        p.whole = true;
        dump_at(iv, p, states, out);
        uint32_t n = interview_instances(iv, &p);
        p.whole = false;
        p.depth++;
        for (uint32_t i = 0; i < n; i++) {
            p.index[p.depth - 1] = i;
            dump_children(iv, p, states, out);
        }
    }
}

static void dump_at(struct interview *iv, struct place p, bool states, struct buf *out)
{
    const struct form_node *n = &interview_form(iv)->nodes[p.def];
    struct node_state s = interview_state(iv, &p);
    place_text(interview_form(iv), &p, out);
    buf_add_z(out, " = ");
    buf_add_str(out, interview_value(iv, &p));
    buf_printf(out, " [%d %d %d %d %d %d %u", s.relevant, s.required, s.readonly, s.valid,
               s.complete, s.warns, s.instances);
    buf_printf(out, " %d] ", states && s.confirmed);
    interview_text(iv, &p, TEXT_LABEL, out);
    struct choices c;
    struct err e = {0};
    if ((n->type == TYPE_SELECT_ONE || n->type == TYPE_SELECT_MULTIPLE) &&
        interview_choices(iv, &p, &c, &e))
        for (size_t i = 0; i < c.n; i++) {
            buf_add_c(out, ' ');
            buf_add_str(out, interview_choice_name(iv, &p, c.rows[i]));
        }
    buf_add_c(out, '\n');
    if (n->type == TYPE_GROUP)
        dump_children(iv, p, states, out);
}

static void dump(struct interview *iv, bool states, struct buf *out)
{
    buf_clear(out);
    dump_at(iv, (struct place){.def = 0}, states, out);
}

static void draft(struct interview *iv, struct buf *out)
{
    buf_clear(out);
    ck_assert(interview_xml(iv, RECORD_DRAFT, STR("uuid:x"), STR(""), out));
}

/* ---- a run ---- */

struct run {
    uint64_t seed;
    struct chance c;
    bool loud;
    struct buf text;
    struct form *form;
    struct fixed_host host;
    struct interview *iv;
    struct buf one, two;
    struct place places[4096];
    size_t n_places;
};

/* Every expression ran. */
static void no_fault(const struct run *r)
{
    struct err e = {0};
    ck_assert_msg(interview_fault(r->iv, &e), "seed %llu: %s %s", (unsigned long long)r->seed,
                  e.kind->id, e.arg[0]);
}

static void explain(const struct run *r, const char *what, struct str a, struct str b)
{
    printf("# seed %llu: %s\n", (unsigned long long)r->seed, what);
    struct str x, y;
    while (str_split(&a, '\n', &x) && str_split(&b, '\n', &y))
        if (!str_eq(x, y)) {
            printf("#   %.*s\n#   %.*s\n", STR_FMT(x), STR_FMT(y));
            if (!r->loud)
                break;
        }
    fflush(stdout);
}

static void must_equal(const struct run *r, const char *what)
{
    if (str_eq(buf_str(&r->one), buf_str(&r->two)))
        return;
    explain(r, what, buf_str(&r->one), buf_str(&r->two));
    ck_abort_msg("seed %llu: %s", (unsigned long long)r->seed, what);
}

static void collect(struct run *r)
{
    struct place p = PLACE_NONE;
    r->n_places = 0;
    while (r->n_places < 4096 && interview_next(r->iv, &p, NAV_GROUPS))
        r->places[r->n_places++] = p;
    size_t n = r->n_places;
    if (n == 4096) /* cut short: its end is not the interview's */
        return;
    for (p = PLACE_NONE; interview_prev(r->iv, &p, NAV_GROUPS) && n > 0;)
        ck_assert_msg(place_eq(&p, &r->places[--n]), "seed %llu: prev is not next backwards",
                      (unsigned long long)r->seed);
    ck_assert_msg(n == 0, "seed %llu: prev and next differ in number", (unsigned long long)r->seed);
}

static const char *random_answer(struct run *r, const struct form_node *n)
{
    static const char *const numbers[] = {"0", "1", "2", "3", "4", "", "12"};
    static const char *const words[] = {"a", "", "x y", "3", "<&>\"'"};
    static const char *const names[] = {"a", "b", "c", "d", ""};
    static const char *const sets[] = {"a b", "d c b a", "b", "c d", ""};
    switch ((int)n->type) {
    case TYPE_INTEGER: return numbers[draw(&r->c, 7)];
    case TYPE_SELECT_ONE:
        return n->list == DEF_NONE ? words[draw(&r->c, 5)] : names[draw(&r->c, 5)];
    case TYPE_SELECT_MULTIPLE: return sets[draw(&r->c, 5)];
    default: return words[draw(&r->c, 5)];
    }
}

static bool random_step(struct run *r, bool undo_too)
{
    struct changes ch;
    struct err e = {0};
    struct place at;
    if (undo_too && one_in(&r->c, 6))
        return one_in(&r->c, 3) ? interview_redo(r->iv, &ch, &e) : interview_undo(r->iv, &ch, &e);
    collect(r);
    if (r->n_places == 0)
        return false;
    struct place p = r->places[draw(&r->c, (uint32_t)r->n_places)];
    if (one_in(&r->c, 4)) /* what much depends on */
        p = (struct place){.def = form_find(r->form, STR("f0"))};
    const struct form_node *n = &r->form->nodes[p.def];
    struct buf where;
    buf_init(&where, 1000);
    place_text(r->form, &p, &where);
    bool ok;
    const char *what = "set";
    const char *value = "";
    if (n->type == TYPE_GROUP) {
        ok = false;
    } else if (n->type == TYPE_REPEAT) {
        what = p.whole ? "add" : "remove";
        ok = p.whole ? interview_instances(r->iv, &p) < 6 && interview_add(r->iv, &p, &at, &ch, &e)
                     : interview_remove(r->iv, &p, &ch, &e);
    } else if (interview_state(r->iv, &p).warns && one_in(&r->c, 3)) {
        what = "confirm";
        ok = interview_confirm(r->iv, &p, &ch, &e);
    } else {
        value = random_answer(r, n);
        ok = interview_set(r->iv, &p, str_of(value), &ch, &e);
    }
    if (r->loud)
        printf("# %s %.*s \"%s\" %s\n", what, STR_FMT(buf_str(&where)), value, ok ? "" : "refused");
    buf_done(&where);
    return ok;
}

static bool begin(struct run *r, uint64_t seed)
{
    *r = (struct run){.seed = seed, .c = {seed * 77 + 5}, .loud = getenv("CACAH_SEED") != NULL};
    struct diags diags;
    struct err e = {0};
    diags_init(&diags);
    buf_init(&r->text, 1 << 20);
    buf_init(&r->one, 8 << 20);
    buf_init(&r->two, 8 << 20);
    fixed_host_init(&r->host, seed);
    make_form(seed, &r->text);
    if (r->loud)
        printf("%.*s", STR_FMT(buf_str(&r->text)));
    bool ok = form_compile(&r->form, buf_str(&r->text), "random.md", &r->host.host, &diags, &e);
    if (!ok) {
        struct buf line;
        buf_init(&line, 1 << 20);
        for (size_t i = 0; i < diags.n; i++)
            if (diags.v[i].severity == SEV_ERROR && diag_line(&diags.v[i], NULL, &line))
                buf_add_c(&line, '\n');
        explain(r, "the form does not compile", buf_str(&line), STR(""));
        printf("# %.*s", STR_FMT(buf_str(&line)));
        buf_done(&line);
    }
    ck_assert_msg(ok, "seed %llu: the form does not compile", (unsigned long long)seed);
    ck_assert(interview_new(&r->iv, r->form, &r->host.host, &e));
    diags_done(&diags);
    return true;
}

static void end(struct run *r)
{
    interview_free(r->iv);
    form_free(r->form);
    buf_done(&r->text);
    buf_done(&r->one);
    buf_done(&r->two);
}

/* The seeds of a case: one from the environment, or from 1 on. */
static bool next_seed(uint64_t *seed)
{
    const char *only = getenv("CACAH_SEED");
    if (only) {
        uint64_t wanted = strtoull(only, NULL, 10);
        bool first = *seed == 0;
        *seed = wanted;
        return first;
    }
    const char *forms = getenv("CACAH_FORMS");
    return ++*seed <= (forms ? strtoull(forms, NULL, 10) : FORMS);
}

static struct run run;

START_TEST(test_incremental)
{
    for (uint64_t seed = 0; next_seed(&seed);) {
        begin(&run, seed);
        for (int i = 0; i < STEPS; i++) {
            struct changes ch;
            struct err e = {0};
            random_step(&run, i > 5);
            no_fault(&run);
            dump(run.iv, true, &run.one);
            ck_assert(interview_recalculate(run.iv, &ch, &e));
            dump(run.iv, true, &run.two);
            must_equal(&run, "incremental differs from a full recalculation");
        }
        end(&run);
    }
}
END_TEST

START_TEST(test_undo)
{
    for (uint64_t seed = 0; next_seed(&seed);) {
        begin(&run, seed);
        struct changes ch;
        struct err e = {0};
        struct buf first, last;
        buf_init(&first, 8 << 20);
        buf_init(&last, 8 << 20);
        dump(run.iv, true, &first);
        for (int i = 0; i < STEPS; i++)
            random_step(&run, true);
        dump(run.iv, true, &last);
        int undone = 0;
        while (interview_undo(run.iv, &ch, &e))
            undone++;
        ck_assert_ptr_eq(e.kind, &ERR_NOTHING_TO_UNDO);
        dump(run.iv, true, &run.one);
        buf_clear(&run.two);
        buf_add_str(&run.two, buf_str(&first));
        must_equal(&run, "undoing everything doesn't give the beginning");
        for (; undone > 0; undone--) {
            err_clear(&e);
            ck_assert(interview_redo(run.iv, &ch, &e));
        }
        dump(run.iv, true, &run.one);
        buf_clear(&run.two);
        buf_add_str(&run.two, buf_str(&last));
        must_equal(&run, "redoing everything doesn't give the end");
        buf_done(&first);
        buf_done(&last);
        end(&run);
    }
}
END_TEST

START_TEST(test_record)
{
    for (uint64_t seed = 0; next_seed(&seed);) {
        begin(&run, seed);
        for (int i = 0; i < STEPS; i++) {
            random_step(&run, false);
            if (i % 8 != 7)
                continue;
            struct interview *again;
            struct err e = {0};
            uint32_t lost = 99;
            draft(run.iv, &run.one);
            ck_assert_msg(interview_read(&again, run.form, &run.host.host, buf_str(&run.one), false,
                                         &lost, &e),
                          "seed %llu: %s %s", (unsigned long long)seed, e.kind->id, e.arg[0]);
            ck_assert_uint_eq(lost, 0);
            draft(again, &run.two);
            must_equal(&run, "write, read, write differs");
            dump(run.iv, false, &run.one);
            dump(again, false, &run.two);
            must_equal(&run, "what was read stands differently");
            interview_free(again);
        }
        end(&run);
    }
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("incremental");
    TCase *t = tcase_create("properties");
    tcase_set_timeout(t, 300);
    tcase_add_test(t, test_incremental);
    tcase_add_test(t, test_undo);
    tcase_add_test(t, test_record);
    suite_add_tcase(s, t);
    return s;
}
