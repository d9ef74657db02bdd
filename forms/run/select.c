/* The choices offered now: filtered, in their order on the screen; and answers made of them.
 *
 * A choice is a row: of the question's list, or, for select_one ${question}, an instance of the repeat
 * that holds that question, counted from 0 in document order. */
#include "forms/run/run_i.h"

#include <math.h>

#include "forms/expr/shuffle.h"
#include "forms/model/choices.h"

bool is_select(const struct form_node *n)
{
    return n->type == TYPE_SELECT_ONE || n->type == TYPE_SELECT_MULTIPLE || n->type == TYPE_RANK;
}

/* ---- what the rows are ---- */

struct source {
    struct interview *iv;
    struct frame *frame; /* of the question */
    uint32_t def;
    const struct form_node *node;
    const struct choice_list *list; /* or */
    struct frame **frames;          /* the instances, in scratch */
    uint32_t rows;
    uint32_t name_column;
};

static void gather(const struct interview *iv, struct frame *f, uint32_t repeat, struct arena *a,
                   struct frame ***v, uint32_t *n, uint32_t *cap)
{
    uint32_t r = repeat_towards(iv, f->def, repeat);
    const struct frame_list *l = &cell_at(iv, f, r)->u.list;
    for (uint32_t i = 0; i < l->n; i++) {
        if (r != repeat) {
            gather(iv, l->v[i], repeat, a, v, n, cap);
            continue;
        }
        if (*n == *cap) {
            struct frame **more = ARENA_ARRAY(a, struct frame *, *cap * 2 + 16);
            if (*n)
                memcpy(more, *v, *n * sizeof **v);
            *v = more;
            *cap = *cap * 2 + 16;
        }
        (*v)[(*n)++] = l->v[i];
    }
}

static struct source source_of(struct interview *iv, struct frame *f, uint32_t def)
{
    struct source s = {.iv = iv, .frame = f, .def = def, .node = node_at(iv, def)};
    if (s.node->list_from != DEF_NONE) {
        uint32_t repeat = node_at(iv, s.node->list_from)->repeat;
        struct frame *around = f;
        while (around->up && !repeat_above(iv, around->def, iv->plan[repeat].home))
            around = around->up;
        uint32_t cap = 0;
        gather(iv, around, repeat, &iv->scratch, &s.frames, &s.rows, &cap);
        return s;
    }
    if (s.node->list == DEF_NONE)
        return s;
    s.list = iv->form->lists[s.node->list];
    s.rows = s.list->rows;
    s.name_column = s.list->name_column;
    if (s.list->external && s.node->value_column.n)
        s.name_column = choice_column(s.list, s.node->value_column);
    return s;
}

static struct str name_of(const struct source *s, uint32_t row)
{
    if (row >= s->rows)
        return STR("");
    if (s->frames)
        return cell_text(cell_at(s->iv, s->frames[row], s->node->list_from));
    return s->name_column == DEF_NONE ? STR("") : s->list->columns[s->name_column].cells[row];
}

static struct node item_of(const struct source *s, uint32_t row)
{
    if (s->frames)
        return node_of(s->iv, s->frames[row], s->frames[row]->def);
    return choice_item(s->list, row);
}

static void add_label(const struct source *s, uint32_t row, struct buf *out)
{
    struct interview *iv = s->iv;
    if (s->frames) {
        buf_add_str(out, name_of(s, row));
        return;
    }
    const struct choice_list *l = s->list;
    if (l->labels && text_fill(iv, l->labels[row], s->frame, s->def, out))
        return;
    uint32_t column = l->label_column;
    if (l->external && s->node->label_column.n)
        column = choice_column(l, s->node->label_column);
    if (!l->labels && column != DEF_NONE && l->columns[column].cells[row].n)
        buf_add_str(out, l->columns[column].cells[row]);
    else
        buf_add_str(out, name_of(s, row));
}

/* ---- what is offered ---- */

static bool filter_passes(const struct source *s, uint32_t row)
{
    struct interview *iv = s->iv;
    struct eval ev;
    eval_init(iv, &ev, s->frame, s->def);
    ev.self = item_of(s, row);
    bool truth = eval_truth(iv, s->node->choice_filter.expr, &ev, false);
    if (iv->watch)
        iv->watch(iv->watch_ctx, s->def, FACET_CHOICES, 0, truth);
    return truth;
}

static bool row_offered(const struct source *s, uint32_t row)
{
    if (s->frames) {
        struct frame *f = s->frames[row];
        const struct cell *c = cell_at(s->iv, f, s->node->list_from);
        if (!c->n || !(c->flags & CELL_RELEVANT))
            return false;
    }
    return !s->node->choice_filter.expr || filter_passes(s, row);
}

/* The next row named so, from `row` on; s->rows: none. */
static uint32_t next_named(const struct source *s, struct str name, uint32_t row)
{
    const struct choice_list *l = s->list;
    if (l && s->name_column != DEF_NONE && l->indexes && l->indexes[s->name_column]) {
        uint32_t n;
        const uint32_t *rows = choice_index_rows(l, s->name_column, name, &n);
        for (uint32_t i = 0; i < n; i++)
            if (rows[i] >= row)
                return rows[i];
        return s->rows;
    }
    while (row < s->rows && !str_eq(name_of(s, row), name))
        row++;
    return row;
}

/* The row of an offered choice of that name; s->rows: none. */
static uint32_t offered_row(const struct source *s, struct str name)
{
    uint32_t row = next_named(s, name, 0);
    while (row < s->rows && !row_offered(s, row))
        row = next_named(s, name, row + 1);
    return row;
}

bool select_offers(struct interview *iv, struct frame *f, uint32_t def, struct str name)
{
    struct arena_mark m = arena_mark(&iv->scratch);
    struct source s = source_of(iv, f, def);
    bool offered = offered_row(&s, name) < s.rows;
    arena_release(&iv->scratch, m);
    return offered;
}

/* ---- in their order on the screen ---- */

static void rows_room(struct interview *iv, uint32_t n)
{
    if (iv->rows_cap >= n)
        return;
    iv->rows = mem_realloc(iv->rows, n, sizeof *iv->rows);
    iv->rows_cap = n;
}

static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

/* The order stays while the interview is open: without a seed it is drawn from the interview, the
 * instance and the question. */
static int64_t seed_of(const struct source *s)
{
    struct interview *iv = s->iv;
    if (s->node->seed_expr.expr) {
        struct eval ev;
        struct value v;
        eval_init(iv, &ev, s->frame, s->def);
        return eval_run(iv, s->node->seed_expr.expr, &ev, &v) ? shuffle_seed(&v, &ev) : 0;
    }
    if (!isnan(s->node->seed)) {
        struct value v = {.kind = VAL_NUMBER, .u.number = s->node->seed};
        return shuffle_seed(&v, NULL);
    }
    return (int64_t)mix(iv->seed ^ ((uint64_t)s->frame->salt << 32 | s->def));
}

static void shuffle(uint32_t *rows, uint32_t n, int64_t seed)
{
    uint32_t *order = mem_calloc(n, sizeof *order);
    shuffle_order(seed, n, order);
    uint32_t *out = mem_calloc(n, sizeof *out);
    for (uint32_t i = 0; i < n; i++)
        out[i] = rows[order[i]];
    memcpy(rows, out, n * sizeof *out);
    mem_free(order);
    mem_free(out);
}

/* Where the filter begins with `column = value` and the column has an index, only the rows found there
 * are looked at: a village of 100,000 is as near as one of ten. False: no such way. */
static bool indexed_rows(const struct source *s, uint32_t *ret_n)
{
    struct interview *iv = s->iv;
    const struct choice_list *l = s->list;
    if (!l || !l->indexes || !s->node->choice_filter.expr)
        return false;
    struct eval ev;
    struct err e = {0};
    bool found;
    struct filter_key key;
    eval_init(iv, &ev, s->frame, s->def);
    if (!expr_filter_key(s->node->choice_filter.expr, &ev, &found, &key, &e) || !found)
        return false;
    uint32_t column = choice_column(l, key.column), n;
    if (column == DEF_NONE || !l->indexes[column])
        return false;
    const struct value *want = &key.value;
    const uint32_t *rows = want->kind == VAL_NUMBER
                               ? choice_index_number(l, column, want->u.number, &iv->scratch, &n)
                               : choice_index_rows(l, column, want->u.string, &n);
    if (!rows)
        return false;
    rows_room(iv, n);
    *ret_n = 0;
    for (uint32_t i = 0; i < n; i++)
        if (key.whole || filter_passes(s, rows[i]))
            iv->rows[(*ret_n)++] = rows[i];
    if (iv->watch && key.whole && n)
        iv->watch(iv->watch_ctx, s->def, FACET_CHOICES, 0, true);
    if (iv->watch && n < s->rows)
        iv->watch(iv->watch_ctx, s->def, FACET_CHOICES, 0, false);
    return true;
}

static uint32_t offered_rows(const struct source *s)
{
    struct interview *iv = s->iv;
    uint32_t n = 0;
    rows_room(iv, s->rows);
    for (uint32_t row = 0; row < s->rows; row++)
        if (row_offered(s, row))
            iv->rows[n++] = row;
    return n;
}

void select_rows(struct interview *iv, struct frame *f, uint32_t def, struct choices *ret)
{
    struct arena_mark m = arena_mark(&iv->scratch);
    struct source s = source_of(iv, f, def);
    uint32_t n = 0;
    if (!indexed_rows(&s, &n))
        n = offered_rows(&s);
    if (s.node->randomize && n > 1)
        shuffle(iv->rows, n, seed_of(&s));
    arena_release(&iv->scratch, m);
    *ret = (struct choices){iv->rows, n};
}

/* ---- answers ---- */

static bool by_row(const uint32_t *rows, uint32_t n, uint32_t row, uint32_t *ret_at)
{
    uint32_t at = n;
    while (at > 0 && rows[at - 1] > row)
        at--;
    *ret_at = at;
    return at == 0 || rows[at - 1] != row;
}

/* In list order (decisions.md 11), each once. */
static bool parse_several(const struct source *s, struct str text, struct arena *a,
                          struct answer *ret, struct err *e)
{
    struct str rest = text, word;
    char tmp[ERR_ARG_MAX];
    uint32_t n = 0, at;
    uint32_t *rows = ARENA_ARRAY(a, uint32_t, text.n / 2 + 1);
    while (str_word(&rest, &word)) {
        uint32_t row = offered_row(s, word);
        if (row >= s->rows)
            return err_fail1(e, ERR_NO_CHOICE, err_arg(tmp, word));
        if (!by_row(rows, n, row, &at))
            continue;
        memmove(rows + at + 1, rows + at, (n - at) * sizeof *rows);
        rows[at] = row;
        n++;
    }
    char *p = arena_alloc(a, text.n + 1);
    size_t len = 0;
    for (uint32_t i = 0; i < n; i++) {
        struct str name = name_of(s, rows[i]);
        if (i)
            p[len++] = ' ';
        memcpy(p + len, name.p, name.n);
        len += name.n;
    }
    *ret = (struct answer){.text = {p, len}};
    return true;
}

/* All that is offered, in the order given. */
static bool parse_rank(const struct source *s, struct str text, struct arena *a, struct answer *ret,
                       struct err *e)
{
    struct answer sorted;
    if (!parse_several(s, text, a, &sorted, e))
        return false;
    uint32_t offered = 0, ranked = 0, given = 0;
    for (uint32_t row = 0; row < s->rows; row++)
        offered += row_offered(s, row);
    struct str rest = sorted.text, word;
    while (str_word(&rest, &word))
        ranked++;
    char tmp[ERR_ARG_MAX];
    char *p = arena_alloc(a, text.n + 1);
    size_t len = 0;
    for (rest = text; str_word(&rest, &word); given++) {
        if (len)
            p[len++] = ' ';
        memcpy(p + len, word.p, word.n);
        len += word.n;
    }
    if (ranked != offered || given != offered)
        return err_fail2(e, ERR_ANSWER_TYPE, err_arg(tmp, text), "all choices, each once");
    *ret = (struct answer){.text = {p, len}};
    return true;
}

bool select_parse(struct interview *iv, struct frame *f, uint32_t def, struct str text,
                  struct arena *a, struct answer *ret, struct err *e)
{
    struct source s = source_of(iv, f, def);
    struct str trimmed = str_trim(text);
    if (answer_missing(s.node, trimmed) != MISSING_NOT) {
        *ret = (struct answer){.text = arena_str(a, trimmed)};
        return true;
    }
    if (s.node->type == TYPE_SELECT_MULTIPLE)
        return parse_several(&s, text, a, ret, e);
    if (s.node->type == TYPE_RANK)
        return parse_rank(&s, text, a, ret, e);
    uint32_t row = offered_row(&s, text);
    if (row >= s.rows)
        row = offered_row(&s, trimmed);
    char tmp[ERR_ARG_MAX];
    if (row >= s.rows)
        return err_fail1(e, ERR_NO_CHOICE, err_arg(tmp, text));
    *ret = (struct answer){.text = arena_str(a, name_of(&s, row))};
    return true;
}

bool select_prune(struct interview *iv, struct frame *f, uint32_t def)
{
    struct str text = cell_text(cell_at(iv, f, def));
    const struct form_node *n = node_at(iv, def);
    if (text.n == 0 || answer_missing(n, text) != MISSING_NOT)
        return false;
    struct arena_mark m = arena_mark(&iv->scratch);
    struct source s = source_of(iv, f, def);
    struct answer kept = {0};
    if (n->type == TYPE_SELECT_ONE) {
        if (offered_row(&s, text) < s.rows)
            kept.text = text;
    } else {
        char *p = arena_alloc(&iv->scratch, text.n + 1);
        struct str rest = text, word;
        size_t len = 0;
        while (str_word(&rest, &word)) {
            if (offered_row(&s, word) >= s.rows)
                continue;
            if (len)
                p[len++] = ' ';
            memcpy(p + len, word.p, word.n);
            len += word.n;
        }
        kept.text = (struct str){p, len};
    }
    bool changed = cell_put(iv, f, def, &kept);
    arena_release(&iv->scratch, m);
    return changed;
}

bool select_label(struct interview *iv, struct frame *f, uint32_t def, struct str name,
                  struct buf *out)
{
    struct arena_mark m = arena_mark(&iv->scratch);
    struct source s = source_of(iv, f, def);
    uint32_t row = next_named(&s, name, 0);
    if (row < s.rows && s.node->choice_filter.expr) { /* of several of that name the one offered */
        uint32_t offered = offered_row(&s, name);
        row = offered < s.rows ? offered : row;
    }
    if (row < s.rows)
        add_label(&s, row, out);
    arena_release(&iv->scratch, m);
    return row < s.rows;
}

/* ---- from outside ---- */

static bool find_select(const struct interview *iv, const struct place *p, struct frame **ret)
{
    return place_find(iv, p, ret) && is_select(node_at(iv, p->def));
}

bool interview_choices(struct interview *iv, const struct place *p, struct choices *ret,
                       struct err *e)
{
    struct frame *f;
    if (!find_select(iv, p, &f))
        return err_fail(e, ERR_NOT_QUESTION);
    select_rows(iv, f, p->def, ret);
    return true;
}

struct str interview_choice_name(const struct interview *iv, const struct place *p, uint32_t row)
{
    struct frame *f;
    if (!find_select(iv, p, &f))
        return STR("");
    struct interview *at = (struct interview *)iv; /* scratch only */
    struct arena_mark m = arena_mark(&at->scratch);
    struct source s = source_of(at, f, p->def);
    struct str name = name_of(&s, row);
    arena_release(&at->scratch, m);
    return name;
}

bool interview_choice_label(struct interview *iv, const struct place *p, uint32_t row,
                            struct buf *out)
{
    struct frame *f;
    if (!find_select(iv, p, &f))
        return false;
    struct arena_mark m = arena_mark(&iv->scratch);
    struct source s = source_of(iv, f, p->def);
    bool there = row < s.rows;
    if (there)
        add_label(&s, row, out);
    arena_release(&iv->scratch, m);
    return there;
}
