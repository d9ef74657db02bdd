/* Which question of one version is which of the other, and what came, went and moved. */
#include "forms/base/limits.h"
#include "forms/model/diff_i.h"

/* ---- items ---- */

void diff_add(struct differ *d, enum diff_kind k, struct str path, uint32_t row, struct str was,
              struct str is)
{
    struct diff *o = d->out;
    struct arena *a = &o->arena;
    o->v = mem_grow(o->v, o->n, &o->cap, sizeof *o->v);
    o->v[o->n++] =
        (struct diff_item){k, arena_str(a, path), arena_str(a, was), arena_str(a, is), row};
    o->count[diff_means(k)]++;
}

/* Takes the next character, a run of blanks as one; 0 at the end. */
static char next_char(struct str *s)
{
    static const char blanks[] = " \t\r\n";
    if (s->n == 0)
        return 0;
    char c = *s->p;
    *s = str_from(*s, 1);
    if (!strchr(blanks, c))
        return c;
    while (s->n > 0 && strchr(blanks, *s->p))
        *s = str_from(*s, 1);
    return ' ';
}

bool diff_same_text(struct str a, struct str b)
{
    a = str_trim(a);
    b = str_trim(b);
    while (a.n > 0 && b.n > 0)
        if (next_char(&a) != next_char(&b))
            return false;
    return a.n == 0 && b.n == 0;
}

void diff_add_str(struct differ *d, enum diff_kind k, struct str path, uint32_t row, struct str was,
                  struct str is)
{
    if (!diff_same_text(was, is))
        diff_add(d, k, path, row, was, is);
}

/* ---- texts ---- */

struct str diff_words(const struct form *f, texts t, uint32_t language, struct arena *a)
{
    struct buf b;
    if (!t || !t[language].given)
        return STR("");
    buf_init(&b, LIMIT_CELL_BYTES);
    for (uint32_t i = 0; i < t[language].n; i++) {
        const struct text_run *r = &t[language].runs[i];
        buf_add_str(&b, r->literal);
        if (r->ref == DEF_NONE)
            continue;
        buf_add_z(&b, r->last_saved ? "${last-saved#" : "${");
        buf_add_str(&b, f->nodes[r->ref].name);
        buf_add_c(&b, '}');
    }
    struct str s = arena_str(a, buf_str(&b));
    buf_done(&b);
    return s;
}

uint32_t diff_language(const struct differ *d, uint32_t of_is)
{
    for (uint32_t i = 0; i < d->was->n_languages; i++)
        if (str_eq(d->was->languages[i].name, d->is->languages[of_is].name))
            return i;
    return DEF_NONE;
}

static struct str path_of(const struct form *f, uint32_t def, struct arena *a)
{
    struct buf b;
    buf_init(&b, LIMIT_CELL_BYTES);
    form_path(f, def, &b);
    struct str s = arena_str(a, buf_str(&b));
    buf_done(&b);
    return s;
}

/* ---- which is which ---- */

static void match(struct differ *d, uint32_t was, uint32_t is)
{
    d->now[was] = is;
    d->before[is] = was;
}

/* By path: the root is the root, whatever it is called. */
static void match_paths(struct differ *d)
{
    match(d, 0, 0);
    for (uint32_t w = 1; w < d->was->n_nodes; w++) {
        uint32_t parent = d->now[d->was->nodes[w].parent];
        uint32_t is =
            parent == DEF_NONE ? DEF_NONE : form_child(d->is, parent, d->was->nodes[w].name);
        if (is != DEF_NONE)
            match(d, w, is);
    }
}

/* The only node of that name, DEF_NONE when there are more. */
static uint32_t sole(const struct form *f, struct str name)
{
    uint32_t found = DEF_NONE;
    for (uint32_t i = 1; i < f->n_nodes; i++)
        if (str_eq(f->nodes[i].name, name)) {
            if (found != DEF_NONE)
                return DEF_NONE;
            found = i;
        }
    return found;
}

static void match_moved(struct differ *d)
{
    for (uint32_t w = 1; w < d->was->n_nodes; w++) {
        if (d->now[w] != DEF_NONE || sole(d->was, d->was->nodes[w].name) != w)
            continue;
        uint32_t is = sole(d->is, d->was->nodes[w].name);
        if (is != DEF_NONE && d->before[is] == DEF_NONE)
            match(d, w, is);
    }
}

static bool same_question(struct differ *d, uint32_t w, uint32_t is)
{
    const struct form_node *a = &d->was->nodes[w], *b = &d->is->nodes[is];
    struct arena *tmp = &d->out->arena;
    uint32_t language = diff_language(d, d->is->default_language);
    if (a->type != b->type || !a->label || !b->label || language == DEF_NONE)
        return false;
    struct str was = diff_words(d->was, a->label, language, tmp);
    return was.n > 0 &&
           diff_same_text(was, diff_words(d->is, b->label, d->is->default_language, tmp));
}

/* Gone and new under one parent, of one kind, with one label. */
static void match_renamed(struct differ *d)
{
    for (uint32_t w = 1; w < d->was->n_nodes; w++) {
        uint32_t parent = d->now[d->was->nodes[w].parent];
        if (d->now[w] != DEF_NONE || parent == DEF_NONE)
            continue;
        for (uint32_t i = parent + 1; i < d->is->nodes[parent].end; i = d->is->nodes[i].end)
            if (d->before[i] == DEF_NONE && same_question(d, w, i)) {
                match(d, w, i);
                break;
            }
    }
}

/* ---- came, went, moved ---- */

static bool shown_only(const struct form_node *n)
{
    return n->type == TYPE_GROUP || n->type == TYPE_REPEAT || n->type == TYPE_NOTE;
}

static enum diff_kind gone_kind(const struct form_node *n)
{
    if (shown_only(n))
        return DIFF_IS_REMOVED_SHOWN;
    bool computed = n->type == TYPE_CALCULATE || n->type == TYPE_HIDDEN || n->type == TYPE_META;
    return computed ? DIFF_IS_REMOVED_COMPUTED : DIFF_IS_REMOVED;
}

/* Its next elder sibling that both versions have. */
static uint32_t elder(const struct form *f, const uint32_t *other, uint32_t def)
{
    uint32_t parent = f->nodes[def].parent, last = DEF_NONE;
    for (uint32_t i = parent + 1; i < def; i = f->nodes[i].end)
        if (other[i] != DEF_NONE)
            last = i;
    return last;
}

static void compare(struct differ *d, uint32_t was, uint32_t is)
{
    const struct form_node *a = &d->was->nodes[was], *b = &d->is->nodes[is];
    struct arena *arena = &d->out->arena;
    struct str path = path_of(d->is, is, arena);
    bool named = is == 0 || str_eq(a->name, b->name);
    bool placed = is == 0 || d->now[a->parent] == b->parent;
    if (!named)
        diff_add(d, DIFF_IS_RENAMED, path, b->row, path_of(d->was, was, arena), STR(""));
    else if (!placed)
        diff_add(d, DIFF_IS_MOVED, path, b->row, path_of(d->was, was, arena), STR(""));
    if (is == 0)
        return;
    if (placed) {
        uint32_t before = elder(d->was, d->now, was), now = elder(d->is, d->before, is);
        uint32_t expected = before == DEF_NONE ? DEF_NONE : d->now[before];
        if (expected != now)
            diff_add(d, DIFF_IS_REORDERED, path, b->row, STR(""), STR(""));
    }
    diff_node(d, was, is, path);
}

static void compare_all(struct differ *d)
{
    const struct form_node *n;
    struct arena *a = &d->out->arena;
    for (uint32_t i = 0; i < d->is->n_nodes; i++) {
        n = &d->is->nodes[i];
        if (d->before[i] != DEF_NONE)
            compare(d, d->before[i], i);
        else if (n->row) /* else it comes with the repeat or the form that it serves */
            diff_add(d, shown_only(n) ? DIFF_IS_ADDED_SHOWN : DIFF_IS_ADDED, path_of(d->is, i, a),
                     n->row, STR(""), STR(""));
    }
    for (uint32_t w = 0; w < d->was->n_nodes; w++) {
        n = &d->was->nodes[w];
        if (d->now[w] == DEF_NONE && n->row)
            diff_add(d, gone_kind(n), path_of(d->was, w, a), n->row, STR(""), STR(""));
    }
}

/* ---- the form ---- */

static void languages(struct differ *d)
{
    const struct form *w = d->was, *i = d->is;
    for (uint32_t l = 0; l < i->n_languages; l++)
        if (diff_language(d, l) == DEF_NONE)
            diff_add(d, DIFF_IS_LANGUAGE_ADDED, STR(""), 0, STR(""), i->languages[l].name);
    for (uint32_t l = 0; l < w->n_languages; l++) {
        bool there = false;
        for (uint32_t k = 0; k < i->n_languages; k++)
            there = there || str_eq(i->languages[k].name, w->languages[l].name);
        if (!there)
            diff_add(d, DIFF_IS_LANGUAGE_REMOVED, STR(""), 0, w->languages[l].name, STR(""));
    }
    diff_add_str(d, DIFF_IS_LANGUAGE_DEFAULT, STR(""), 0, w->languages[w->default_language].name,
                 i->languages[i->default_language].name);
}

static void form_things(struct differ *d)
{
    const struct form *w = d->was, *i = d->is;
    struct str none = STR("");
    diff_add_str(d, DIFF_IS_FORM_ID, none, 0, w->id, i->id);
    diff_add_str(d, DIFF_IS_ROOT, none, 0, w->root_name, i->root_name);
    diff_add_str(d, DIFF_IS_TITLE, none, 0, w->title, i->title);
    diff_add_str(d, DIFF_IS_INSTANCE_NAME, none, 0,
                 w->instance_name.expr ? expr_text(w->instance_name.expr) : none,
                 i->instance_name.expr ? expr_text(i->instance_name.expr) : none);
    languages(d);
}

void form_diff(const struct form *was, const struct form *is, struct diff *ret)
{
    struct differ d = {.was = was, .is = is, .out = ret};
    *ret = (struct diff){.n = 0};
    arena_init(&ret->arena);
    d.now = ARENA_ARRAY(&ret->arena, uint32_t, was->n_nodes);
    d.before = ARENA_ARRAY(&ret->arena, uint32_t, is->n_nodes);
    for (uint32_t i = 0; i < was->n_nodes; i++)
        d.now[i] = DEF_NONE;
    for (uint32_t i = 0; i < is->n_nodes; i++)
        d.before[i] = DEF_NONE;
    match_paths(&d);
    match_moved(&d);
    match_renamed(&d);
    form_things(&d);
    compare_all(&d);
    diff_lists(&d);
    if (ret->count[DIFF_DRAFT] + ret->count[DIFF_DATA] > 0 && str_eq(was->version, is->version))
        diff_add(&d, DIFF_IS_VERSION_SAME, STR(""), 0, was->version, is->version);
}

void diff_done(struct diff *d)
{
    mem_free(d->v);
    arena_done(&d->arena);
    *d = (struct diff){.n = 0};
}
