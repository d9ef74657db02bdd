/* Choosing from a list; what it looks like is in picker_draw.c. */
#include "app/view/picker.h"

#include "app/view/text.h"
#include "forms/base/limits.h"
#include "forms/base/mem.h"
#include "forms/base/num.h"

#define TYPED_MAX  128
#define PAGE_ROWS  15
#define FOLD_PIECE 4000 /* labels, in a blink */
#define FOLDED_MAX ((size_t)256 << 20)

static bool is_missing(const struct field *f, size_t choice)
{
    struct str name = f->choices.name(f->choices.ctx, choice);

    for (int i = 0; i < MISSING_CODES; i++)
        if (f->missing[i].n && str_eq(name, f->missing[i]))
            return true;
    return false;
}

static bool has_missing(const struct field *f)
{
    return f->missing[0].n || f->missing[1].n || f->missing[2].n;
}

static bool is_taken(const struct field *f, int64_t code)
{
    int64_t v;

    for (size_t i = 0; i < f->choices.n; i++)
        if (num_parse_int(f->choices.name(f->choices.ctx, i), &v) && v == code)
            return true;
    return false;
}

/* Every name is a number, but for the `other` that or_other adds: it has the number behind the largest of those
 * that are read out. */
static bool take_codes(struct picker *p)
{
    const struct field *f = p->f;
    int64_t v, most = 0;

    p->code_cols = 1;
    for (size_t i = 0; i < f->choices.n; i++) {
        struct str name = f->choices.name(f->choices.ctx, i);

        if (num_parse_int(name, &v)) {
            most = v > most && !is_missing(f, i) ? v : most;
            p->code_cols = (int)name.n > p->code_cols ? (int)name.n : p->code_cols;
        } else if (i > 0 && i + 1 == f->choices.n && str_is(name, "other")) {
            p->other = i;
        } else {
            return false;
        }
    }
    for (p->other_code = most + 1; p->other != PICK_NONE && is_taken(f, p->other_code);)
        p->other_code++;
    return true;
}

/* Everything, the codes that aren't read out behind the rest. */
static void show_all(struct picker *p)
{
    size_t total = p->f->choices.n;

    p->n = 0;
    for (size_t i = 0; i < total; i++)
        if (!has_missing(p->f) || !is_missing(p->f, i))
            p->rows[p->n++] = (uint32_t)i;
    p->n_main = p->n;
    for (size_t i = 0; has_missing(p->f) && i < total; i++)
        if (is_missing(p->f, i))
            p->rows[p->n++] = (uint32_t)i;
    p->narrowed = false;
}

void picker_init(struct picker *p, const struct field *f, int mark_cols)
{
    *p = (struct picker){.f = f, .cursor = PICK_NONE, .other = PICK_NONE, .mark_cols = mark_cols};
    edit_init(&p->typed, TYPED_MAX);
    buf_init(&p->folded, FOLDED_MAX);
    buf_init(&p->label, LIMIT_CELL_BYTES);
    p->rows = mem_calloc(f->choices.n + 1, sizeof *p->rows);
    p->codes = !f->plain && take_codes(p);
    if (f->plain) {
        p->code_cols = 0;
    } else if (!p->codes) {
        p->code_cols = 1;
        for (size_t n = f->choices.n; n >= 10; n /= 10)
            p->code_cols++;
    }
    p->searched = f->searched || f->plain || f->choices.n >= CHOICES_SEARCHED;
    show_all(p);
}

void picker_done(struct picker *p)
{
    edit_done(&p->typed);
    buf_done(&p->folded);
    buf_done(&p->label);
    mem_free(p->starts);
    mem_free(p->rows);
}

void picker_code(const struct picker *p, size_t choice, struct buf *out)
{
    if (p->codes && choice == p->other)
        buf_printf(out, "%lld", (long long)p->other_code);
    else if (p->codes)
        buf_add_str(out, p->f->choices.name(p->f->choices.ctx, choice));
    else
        buf_printf(out, "%zu", choice + 1);
}

size_t picker_find(const struct picker *p, struct str name)
{
    for (size_t i = 0; name.n && i < p->f->choices.n; i++)
        if (str_eq(p->f->choices.name(p->f->choices.ctx, i), name))
            return i;
    return PICK_NONE;
}

size_t picker_choice(const struct picker *p)
{
    return p->cursor < p->n ? p->rows[p->cursor] : PICK_NONE;
}

void picker_to(struct picker *p, size_t choice)
{
    p->cursor = PICK_NONE;
    for (size_t i = 0; choice != PICK_NONE && i < p->n; i++)
        if (p->rows[i] == choice)
            p->cursor = i;
}

/* ---- codes ---- */

static bool looks_like_code(struct str s)
{
    size_t from = s.n && s.p[0] == '-' ? 1 : 0;

    for (size_t i = from; i < s.n; i++)
        if (s.p[i] < '0' || s.p[i] > '9')
            return false;
    return s.n > from;
}

static size_t find_row(const struct picker *p, struct str digits, bool *ret_longer)
{
    uint64_t row;

    if (!num_parse_uint(digits, &row) || row == 0 || digits.p[0] == '0')
        return PICK_NONE;
    *ret_longer = row <= p->f->choices.n / 10;
    return row <= p->f->choices.n ? (size_t)row - 1 : PICK_NONE;
}

/* The choice with this very code; *ret_longer: others begin with it. */
static size_t find_code(const struct picker *p, struct str code, bool *ret_longer)
{
    const struct choice_source *c = &p->f->choices;
    size_t found = PICK_NONE;
    struct buf own;

    *ret_longer = false;
    if (p->f->plain)
        return PICK_NONE;
    if (!p->codes)
        return find_row(p, code, ret_longer);
    buf_init(&own, 32);
    buf_printf(&own, "%lld", (long long)p->other_code);
    for (size_t i = 0; i < c->n; i++) {
        struct str name = i == p->other ? buf_str(&own) : c->name(c->ctx, i);

        if (str_eq(name, code))
            found = i;
        else if (str_starts(name, code))
            *ret_longer = true;
    }
    buf_done(&own);
    return found;
}

size_t picker_typed_choice(const struct picker *p)
{
    bool longer;

    return looks_like_code(edit_text(&p->typed)) ? find_code(p, edit_text(&p->typed), &longer)
                                                 : PICK_NONE;
}

/* ---- narrowing ---- */

/* For the rest at once, by what they took so far: what grows by doubling leaves holes. */
static void make_room(struct picker *p)
{
    size_t n = p->folded.n;

    buf_room(&p->folded, n / p->n_folded * (p->f->choices.n - p->n_folded));
    p->folded.n = n;
}

/* The blanks that fill columns are not searched for; of a hundred thousand labels they are megabytes. */
static void fold_runs(struct buf *b, size_t from)
{
    size_t n = from;

    for (size_t i = from; i < b->n; i++)
        if (b->p[i] != ' ' || n == from || b->p[n - 1] != ' ')
            b->p[n++] = b->p[i];
    b->n = n;
}

/* Up to that one. */
static void fold_labels(struct picker *p, size_t to)
{
    const struct choice_source *c = &p->f->choices;

    if (!p->starts)
        p->starts = mem_calloc(c->n + 1, sizeof *p->starts);
    for (; p->n_folded < to; p->n_folded++) {
        buf_clear(&p->label);
        (c->words ? c->words : c->label)(c->ctx, p->n_folded, &p->label);
        text_fold(buf_str(&p->label), &p->folded);
        fold_runs(&p->folded, p->starts[p->n_folded]);
        buf_add_c(&p->folded, '\n');
        p->starts[p->n_folded + 1] = (uint32_t)p->folded.n;
    }
}

/* Every word typed stands in the label. */
static bool has_words(struct str label, struct str words)
{
    struct str word;

    while (str_word(&words, &word))
        if (!memmem(label.p, label.n, word.p, word.n))
            return false;
    return true;
}

static struct str folded_label(const struct picker *p, size_t choice)
{
    size_t from = p->starts[choice];

    return str_sub(buf_str(&p->folded), from, p->starts[choice + 1] - 1 - from);
}

/* One pass over the block of all labels from that choice on, for the first word: a hit names its choice, the
 * search goes on behind that one. */
static void narrow(struct picker *p, size_t choice)
{
    struct str all = buf_str(&p->folded), rest, first;
    size_t at = p->starts[choice];
    struct buf fold;

    buf_init(&fold, 4 * TYPED_MAX);
    text_fold(edit_text(&p->typed), &fold);
    rest = buf_str(&fold);
    if (!str_word(&rest, &first))
        first = buf_str(&fold);
    while (at < all.n) {
        const char *hit = memmem(all.p + at, all.n - at, first.p, first.n);

        if (!hit)
            break;
        while (p->starts[choice + 1] <= (size_t)(hit - all.p))
            choice++;
        if (has_words(folded_label(p, choice), rest))
            p->rows[p->n++] = (uint32_t)choice;
        at = p->starts[choice + 1];
        choice++;
    }
    p->n_main = p->n;
    buf_done(&fold);
}

/* 0: it begins with what is typed, 1: has it within, 2: has its words here and there. */
static int rank_of(const struct picker *p, size_t choice, struct str typed)
{
    struct str label = folded_label(p, choice);

    return str_starts(label, typed)                             ? 0
           : memmem(label.p, label.n, typed.p, typed.n) != NULL ? 1
                                                                : 2;
}

static void best_first(struct picker *p)
{
    struct ranked {
        uint32_t row;
        int rank;
    } *all = mem_calloc(p->n + 1, sizeof *all);
    size_t n = 0;
    struct buf fold;

    buf_init(&fold, 4 * TYPED_MAX);
    text_fold(edit_text(&p->typed), &fold);
    for (size_t i = 0; i < p->n; i++)
        all[i] = (struct ranked){p->rows[i], rank_of(p, p->rows[i], str_trim(buf_str(&fold)))};
    for (int rank = 0; rank <= 2; rank++)
        for (size_t i = 0; i < p->n; i++)
            if (all[i].rank == rank)
                p->rows[n++] = all[i].row;
    buf_done(&fold);
    mem_free(all);
}

static void narrow_all(struct picker *p)
{
    fold_labels(p, p->f->grows && p->f->choices.n > FOLD_PIECE ? FOLD_PIECE : p->f->choices.n);
    p->n = 0;
    p->narrowed = true;
    narrow(p, 0);
    if (!p->f->plain) /* those have an order of their own */
        best_first(p);
}

void picker_grown(struct picker *p)
{
    size_t n = p->f->choices.n;

    p->rows = mem_realloc(p->rows, n + 1, sizeof *p->rows);
    if (p->starts)
        p->starts = mem_realloc(p->starts, n + 1, sizeof *p->starts);
    if (!p->narrowed)
        show_all(p);
    if (p->cursor == PICK_NONE && !p->narrowed && p->n)
        p->cursor = 0;
}

bool picker_fold(struct picker *p)
{
    size_t from = p->n_folded, left = p->f->choices.n - from;

    if (left == 0)
        return false;
    if (from)
        make_room(p);
    fold_labels(p, from + (left < FOLD_PIECE ? left : FOLD_PIECE));
    if (p->narrowed)
        narrow(p, from);
    return true;
}

void picker_clear_typed(struct picker *p)
{
    size_t choice = picker_choice(p);

    edit_clear(&p->typed);
    if (p->narrowed) {
        show_all(p);
        picker_to(p, choice);
    }
}

static enum did typed_changed(struct picker *p, size_t *ret_exact)
{
    struct str typed = edit_text(&p->typed);
    bool longer = false;
    size_t choice = looks_like_code(typed) ? find_code(p, typed, &longer) : PICK_NONE;

    p->top = 0;
    if (typed.n == 0 || choice != PICK_NONE || longer || !p->searched) {
        if (p->narrowed)
            show_all(p);
        picker_to(p, choice);
        if (choice != PICK_NONE && !longer)
            *ret_exact = choice;
        return DID_TYPE;
    }
    narrow_all(p);
    p->cursor = p->n == 1 ? 0 : PICK_NONE;
    return DID_TYPE;
}

static bool may_type(const struct picker *p, struct key k)
{
    if (p->searched)
        return key_is_text(k) || k.pasted;
    return (k.code >= '0' && k.code <= '9') || (k.code == '-' && p->codes);
}

/* A code can't go on with this key: it begins a new one. */
static bool starts_anew(const struct picker *p, struct key k)
{
    struct buf longer;
    bool more;
    size_t found;

    if (p->searched || p->typed.text.n == 0)
        return false;
    buf_init(&longer, TYPED_MAX + 4);
    buf_add_str(&longer, edit_text(&p->typed));
    buf_add_c(&longer, (char)k.code);
    found = find_code(p, buf_str(&longer), &more);
    buf_done(&longer);
    return found == PICK_NONE && !more;
}

static enum did type(struct picker *p, const struct input *in, size_t *ret_exact)
{
    enum edited did;

    if (in->action == ACTION_NONE && !may_type(p, in->key))
        return key_is_text(in->key) ? DID_REFUSE : DID_NOTHING;
    if (in->action == ACTION_NONE && starts_anew(p, in->key))
        edit_clear(&p->typed);
    did = edit_input(&p->typed, in);
    if (did == EDIT_CHANGED)
        return typed_changed(p, ret_exact);
    return did == EDIT_REFUSED ? DID_REFUSE : did == EDIT_MOVED ? DID_SOMETHING : DID_NOTHING;
}

static enum did move(struct picker *p, bool down)
{
    if (p->n == 0)
        return DID_SOMETHING;
    if (p->cursor >= p->n)
        p->cursor = down ? 0 : p->n - 1;
    else if (down && p->cursor + 1 < p->n)
        p->cursor++;
    else if (!down && p->cursor > 0)
        p->cursor--;
    return DID_SOMETHING;
}

static enum did page(struct picker *p, bool down)
{
    for (int i = 0; i < PAGE_ROWS; i++)
        move(p, down);
    return DID_SOMETHING;
}

static bool has_columns(const struct picker *p)
{
    return p->f->columns_all || p->f->columns > 1;
}

/* With something typed they move and erase in it, as in every other text. */
static bool edits_typed(const struct picker *p, enum action a)
{
    switch ((int)a) {
    case ACTION_LEFT:
    case ACTION_RIGHT:
    case ACTION_WORD_LEFT:
    case ACTION_WORD_RIGHT:
    case ACTION_HOME:
    case ACTION_END:
    case ACTION_ERASE_AT:
    case ACTION_ERASE_WORD:
    case ACTION_ERASE_END:
    case ACTION_ERASE_START: return p->searched && p->typed.text.n > 0;
    default: return false;
    }
}

enum did picker_input(struct picker *p, const struct input *in, size_t *ret_exact)
{
    *ret_exact = PICK_NONE;
    if (edits_typed(p, in->action))
        return type(p, in, ret_exact);
    switch ((int)in->action) {
    case ACTION_UP: return move(p, false);
    case ACTION_DOWN: return move(p, true);
    case ACTION_LEFT:
    case ACTION_RIGHT: return has_columns(p) ? move(p, in->action == ACTION_RIGHT) : DID_NOTHING;
    case ACTION_PAGE_UP: return page(p, false);
    case ACTION_PAGE_DOWN: return page(p, true);
    case ACTION_HOME: p->cursor = p->n ? 0 : PICK_NONE; return DID_SOMETHING;
    case ACTION_END: p->cursor = p->n ? p->n - 1 : PICK_NONE; return DID_SOMETHING;
    case ACTION_ERASE:
    case ACTION_NONE: return type(p, in, ret_exact);
    default: return DID_NOTHING;
    }
}
