/* What depends on what; see graph.h. Ranks come out of Tarjan's strongly connected components, run along
 * "must come before"; a component of more than one vertex is ordered once more by its strict arrows, and
 * a circle of those is the author's mistake. Nothing here recurses. */
#include "forms/model/graph.h"

#include <stdlib.h>

#include "forms/model/build_i.h"

#define NONE     UINT32_MAX
#define MAX_DEPS ((size_t)10000000)

/* A vertex is the value of a definition (its number) or a facet that has something to compute. */
struct facet_vertex {
    uint32_t def;
    enum facet facet;
    uint32_t deps;    /* first, in struct walk's deps */
    uint32_t readers; /* how many of them trigger it */
    uint32_t n;       /* how many it must come after */
    bool by_position; /* reads other instances of its own repeat */
};

struct walk {
    struct build *b;
    const struct form_node *nodes;
    uint32_t n_nodes;
    struct facet_vertex *v;
    size_t n, cap;
    uint32_t *deps;
    size_t n_deps, cap_deps;
    uint32_t *first;      /* of each definition's facet vertices; n_nodes + 1 entries */
    uint32_t *list_refs;  /* of choice labels: definitions, by list_start */
    uint32_t *list_start; /* n_lists + 1 entries */
    /* Tarjan */
    uint32_t *index, *low, *stack, *rank;
    struct frame {
        uint32_t vertex, next;
    } * frames;
    size_t n_stack, n_frames;
    uint32_t counter, ranks;
    uint8_t *state; /* strict order within a component: WHITE, GREY, BLACK; member of one: IN */
};

enum { OUT, WHITE, GREY, BLACK };

/* ---- the facets of a definition, and what each reads ---- */

static void add_dep(struct walk *w, uint32_t def)
{
    if (def == NONE)
        return;
    w->deps = mem_grow(w->deps, w->n_deps, &w->cap_deps, sizeof *w->deps);
    w->deps[w->n_deps++] = def;
}

static void add_list_refs(struct walk *w, uint32_t list)
{
    if (list == DEF_NONE)
        return;
    for (uint32_t i = w->list_start[list]; i < w->list_start[list + 1]; i++)
        add_dep(w, w->list_refs[i]);
}

/* What the label of a select's choice stands on: the answers shown in it, and those which decide, of choices
 * of one name, the one that is offered. */
static void add_choice_name(struct walk *w, const struct form_node *n)
{
    const uint32_t *defs;
    const struct expr *filter = n->choice_filter.expr;
    add_list_refs(w, n->list);
    for (size_t i = 0, k = filter ? expr_deps(filter, &defs) : 0; i < k; i++)
        add_dep(w, defs[i]);
}

static void add_expr(struct walk *w, const struct cond *c)
{
    const uint32_t *defs;
    size_t n = c->expr ? expr_deps(c->expr, &defs) : 0;
    for (size_t i = 0; i < n; i++) {
        add_dep(w, defs[i]);
        if (expr_flags(c->expr) & EXPR_READS_LANGUAGE) /* jr:choice-name */
            add_choice_name(w, &w->nodes[defs[i]]);
    }
}

static void add_texts(struct walk *w, texts t)
{
    for (uint32_t l = 0; t && l < w->b->f->n_languages; l++)
        for (uint32_t i = 0; i < t[l].n; i++)
            if (!t[l].runs[i].last_saved)
                add_dep(w, t[l].runs[i].ref);
}

static void add_label_deps(struct walk *w, const struct form_node *n)
{
    add_texts(w, n->label);
    add_texts(w, n->hint);
    add_texts(w, n->guidance);
    add_texts(w, n->required_message);
    add_texts(w, n->constraint_message);
    for (uint32_t i = 0; i < n->n_warns; i++)
        add_texts(w, n->warns[i].message);
    add_list_refs(w, n->list);
}

static const struct cond *facet_cond(const struct form_node *n, enum facet f)
{
    switch (f) {
    case FACET_RELEVANT: return &n->relevant;
    case FACET_CALCULATE:
    case FACET_TRIGGER: return &n->calculation;
    case FACET_REQUIRED: return &n->required;
    case FACET_READONLY: return &n->readonly;
    case FACET_CONSTRAINT: return &n->constraint;
    case FACET_COUNT: return &n->repeat_count;
    case FACET_CHOICES: return &n->choice_filter;
    case FACET_WARN:
    case FACET_LABEL:
    case FACETS: break;
    }
    return NULL;
}

/* Whether there is anything to compute; the dependencies go to w->deps, those that trigger first. */
static bool gather(struct walk *w, const struct form_node *n, enum facet f, uint32_t *ret_readers)
{
    size_t before = w->n_deps;
    const struct cond *c = facet_cond(n, f);
    bool has = c && c->expr && (f != FACET_CALCULATE || n->n_triggers == 0);
    if (f == FACET_TRIGGER) {
        has = n->n_triggers > 0;
        for (uint32_t i = 0; i < n->n_triggers; i++)
            add_dep(w, n->triggers[i]);
        *ret_readers = (uint32_t)(w->n_deps - before);
        add_expr(w, c);
        return has;
    }
    if (has)
        add_expr(w, c);
    if (f == FACET_CHOICES) {
        has = has || n->seed_expr.expr || n->list_from != DEF_NONE;
        add_expr(w, &n->seed_expr);
        if (n->list_from != DEF_NONE) {
            add_dep(w, n->list_from);
            add_dep(w, w->nodes[n->list_from].repeat);
        }
    } else if (f == FACET_WARN) {
        has = n->n_warns > 0;
        for (uint32_t i = 0; i < n->n_warns; i++)
            add_expr(w, &n->warns[i].when);
    } else if (f == FACET_LABEL) {
        add_label_deps(w, n);
        has = w->n_deps > before;
    }
    *ret_readers = (uint32_t)(w->n_deps - before);
    return has;
}

static int by_number(const void *a, const void *b)
{
    const uint32_t *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static uint32_t unique(uint32_t *v, uint32_t n)
{
    if (n > 1)
        qsort(v, n, sizeof *v, by_number);
    uint32_t k = 0;
    for (uint32_t i = 0; i < n; i++)
        if (k == 0 || v[k - 1] != v[i])
            v[k++] = v[i];
    return k;
}

static bool find_facets(struct walk *w)
{
    w->first = mem_calloc(w->n_nodes + 1, sizeof *w->first);
    for (uint32_t def = 0; def < w->n_nodes; def++) {
        const struct form_node *n = &w->nodes[def];
        w->first[def] = (uint32_t)w->n;
        for (int f = 0; f < FACETS; f++) {
            uint32_t start = (uint32_t)w->n_deps, readers = 0;
            if (!gather(w, n, (enum facet)f, &readers)) {
                w->n_deps = start;
                continue;
            }
            uint32_t rest = (uint32_t)w->n_deps - start - readers;
            if (rest == 0)
                readers = unique(w->deps + start, readers);
            w->n_deps = start + readers + rest;
            const struct cond *c = facet_cond(n, (enum facet)f);
            w->v = mem_grow(w->v, w->n, &w->cap, sizeof *w->v);
            if (w->n_deps > MAX_DEPS) {
                build_error(w->b, ERR_LIMIT, spot_at(w->b->survey, n->row, NO_COLUMN),
                            STR("The form"), STR("10 million references"));
                return false;
            }
            w->v[w->n++] =
                (struct facet_vertex){.def = def,
                                      .facet = (enum facet)f,
                                      .deps = start,
                                      .readers = readers,
                                      .n = readers + rest,
                                      .by_position = c && c->expr && n->repeat != DEF_NONE &&
                                                     (expr_flags(c->expr) & EXPR_READS_POSITION)};
        }
    }
    w->first[w->n_nodes] = (uint32_t)w->n;
    return true;
}

static void find_list_refs(struct walk *w)
{
    const struct build *b = w->b;
    size_t cap = 0, n = 0;
    w->list_start = mem_calloc(b->n_lists + 1, sizeof *w->list_start);
    for (size_t i = 0; i < b->n_lists; i++) {
        const struct choice_list *l = b->lists[i].l;
        uint32_t start = w->list_start[i] = (uint32_t)n;
        for (uint32_t r = 0; l->labels && r < l->rows; r++)
            for (uint32_t k = 0; l->labels[r] && k < b->f->n_languages; k++)
                for (uint32_t t = 0; t < l->labels[r][k].n; t++) {
                    const struct text_run *run = &l->labels[r][k].runs[t];
                    if (run->ref == DEF_NONE || run->last_saved)
                        continue;
                    w->list_refs = mem_grow(w->list_refs, n, &cap, sizeof *w->list_refs);
                    w->list_refs[n++] = run->ref;
                }
        n = start + unique(w->list_refs + start, (uint32_t)n - start);
    }
    w->list_start[b->n_lists] = (uint32_t)n;
}

/* ---- what must come before a vertex ---- */

static bool writes(enum facet f)
{
    return f == FACET_RELEVANT || f == FACET_CALCULATE || f == FACET_TRIGGER ||
           f == FACET_CHOICES || f == FACET_COUNT;
}

static bool is_strict_facet(enum facet f)
{
    return f == FACET_RELEVANT || f == FACET_CALCULATE;
}

/* The i-th vertex before v, or NONE past the last. */
static uint32_t before(const struct walk *w, uint32_t v, uint32_t i, bool *ret_strict)
{
    *ret_strict = true;
    if (v >= w->n_nodes) {
        const struct facet_vertex *f = &w->v[v - w->n_nodes];
        if (i >= f->n)
            return NONE;
        uint32_t dep = w->deps[f->deps + i];
        *ret_strict = is_strict_facet(f->facet) &&
                      !(f->by_position && w->nodes[dep].repeat == w->nodes[f->def].repeat);
        return dep;
    }
    if (i == 0 && v > 0)
        return w->nodes[v].parent;
    uint32_t k = w->first[v] + i - (v > 0 ? 1 : 0);
    if (k >= w->first[v + 1])
        return NONE;
    *ret_strict = is_strict_facet(w->v[k].facet);
    return w->n_nodes + k;
}

/* Facets that write nothing are before nothing; before() yields them all the same, so they are skipped. */
static bool is_arrow(const struct walk *w, uint32_t from, uint32_t to)
{
    return to >= w->n_nodes || from < w->n_nodes || writes(w->v[from - w->n_nodes].facet);
}

/* ---- circles ---- */

static const char *facet_word(enum facet f)
{
    return f == FACET_RELEVANT ? " (relevant)" : " (calculation)";
}

static void report_circle(struct walk *w, size_t from, uint32_t back)
{
    struct buf text;
    buf_init(&text, 4096);
    const struct cond *where = NULL;
    for (size_t i = from; i <= w->n_frames; i++) {
        uint32_t v = i < w->n_frames ? w->frames[i].vertex : back;
        uint32_t next = i + 1 < w->n_frames ? w->frames[i + 1].vertex : back;
        bool is_facet = v >= w->n_nodes;
        uint32_t def = is_facet ? w->v[v - w->n_nodes].def : v;
        if (is_facet && !where)
            where = facet_cond(&w->nodes[def], w->v[v - w->n_nodes].facet);
        if (!is_facet && i < w->n_frames && next >= w->n_nodes &&
            w->v[next - w->n_nodes].def == def)
            continue; /* its facet is named next */
        if (text.n > 0)
            buf_add_z(&text, " \xE2\x86\x92 ");
        buf_add_str(&text, w->nodes[def].name);
        if (is_facet)
            buf_add_z(&text, facet_word(w->v[v - w->n_nodes].facet));
    }
    struct spot at = {NULL, 0, NO_COLUMN};
    if (where && where->row)
        at = spot_at(&w->b->book->sheets[where->sheet], where->row, where->column);
    build_error(w->b, ERR_CYCLE, at, buf_str(&text));
    buf_done(&text);
}

/* Orders one component by its strict arrows; its vertices are WHITE. False after a report. */
static bool order_strictly(struct walk *w, uint32_t root)
{
    w->n_frames = 0;
    w->frames[w->n_frames++] = (struct frame){root, 0};
    w->state[root] = GREY;
    while (w->n_frames > 0) {
        struct frame *f = &w->frames[w->n_frames - 1];
        bool strict;
        uint32_t p = before(w, f->vertex, f->next++, &strict);
        if (p == NONE) {
            w->state[f->vertex] = BLACK;
            w->rank[f->vertex] = w->ranks++;
            w->n_frames--;
        } else if (strict && is_arrow(w, p, f->vertex) && w->state[p] == WHITE) {
            w->state[p] = GREY;
            w->frames[w->n_frames++] = (struct frame){p, 0};
        } else if (strict && is_arrow(w, p, f->vertex) && w->state[p] == GREY) {
            size_t from = w->n_frames - 1;
            while (w->frames[from].vertex != p)
                from--;
            report_circle(w, from, p);
            return false;
        }
    }
    return true;
}

static void close_component(struct walk *w, uint32_t root)
{
    size_t from = w->n_stack - 1;
    while (w->stack[from] != root)
        from--;
    size_t end = w->n_stack;
    w->n_stack = from;
    if (end - from == 1) {
        w->rank[root] = w->ranks++;
        w->low[root] = NONE;
        return;
    }
    for (size_t i = from; i < end; i++) {
        w->state[w->stack[i]] = WHITE;
        w->low[w->stack[i]] = NONE;
    }
    /* The frames of the outer walk wait below; the inner one works on a stack of its own. */
    struct frame *outer = w->frames;
    size_t n_outer = w->n_frames;
    w->frames = mem_calloc(end - from + 1, sizeof *w->frames);
    for (size_t i = from; i < end; i++)
        if (w->state[w->stack[i]] == WHITE && !order_strictly(w, w->stack[i]))
            break;
    for (size_t i = from; i < end; i++)
        w->state[w->stack[i]] = OUT;
    mem_free(w->frames);
    w->frames = outer;
    w->n_frames = n_outer;
}

static void visit(struct walk *w, uint32_t root)
{
    w->frames[w->n_frames++] = (struct frame){root, 0};
    while (w->n_frames > 0) {
        struct frame *f = &w->frames[w->n_frames - 1];
        uint32_t v = f->vertex;
        if (f->next == 0) {
            w->index[v] = w->low[v] = ++w->counter;
            w->stack[w->n_stack++] = v;
        }
        bool strict;
        uint32_t p = before(w, v, f->next++, &strict);
        if (p != NONE) {
            if (!is_arrow(w, p, v))
                continue;
            if (w->index[p] == 0)
                w->frames[w->n_frames++] = (struct frame){p, 0};
            else if (w->low[p] != NONE && w->index[p] < w->low[v])
                w->low[v] = w->index[p];
            continue;
        }
        w->n_frames--;
        if (w->n_frames > 0) {
            uint32_t u = w->frames[w->n_frames - 1].vertex;
            if (w->low[v] < w->low[u])
                w->low[u] = w->low[v];
        }
        if (w->low[v] == w->index[v])
            close_component(w, v);
    }
}

static void find_ranks(struct walk *w)
{
    size_t n = w->n_nodes + w->n;
    w->index = mem_calloc(n, sizeof *w->index);
    w->low = mem_calloc(n, sizeof *w->low);
    w->stack = mem_calloc(n, sizeof *w->stack);
    w->rank = mem_calloc(n, sizeof *w->rank);
    w->frames = mem_calloc(n + 1, sizeof *w->frames);
    w->state = mem_calloc(n, sizeof *w->state);
    for (uint32_t v = 0; v < n; v++)
        if (w->index[v] == 0)
            visit(w, v);
}

/* ---- what the form keeps ---- */

/* How the facet reads a definition: the marks of its edge. */
static struct edge edge_of(const struct walk *w, const struct facet_vertex *v, uint32_t dep)
{
    const struct form_node *n = &w->nodes[v->def];
    const struct cond *c = facet_cond(n, v->facet);
    struct edge e = {v->def, v->facet, false, false};
    if (v->facet == FACET_TRIGGER || v->facet == FACET_LABEL)
        return e;
    if (v->facet == FACET_CHOICES && n->list_from != DEF_NONE)
        e.wide = dep == n->list_from || dep == w->nodes[n->list_from].repeat;
    for (uint32_t i = 0; v->facet == FACET_WARN && i < n->n_warns; i++)
        e.wide = e.wide || expr_reads_wide(n->warns[i].when.expr, dep);
    if (c && c->expr) {
        e.wide = e.wide || expr_reads_wide(c->expr, dep);
        e.no_blanks = v->facet == FACET_CALCULATE && expr_passes_blanks(c->expr, dep);
    }
    return e;
}

static void keep(struct walk *w, struct form_graph *g)
{
    struct arena *a = w->b->a;
    uint32_t *rank = ARENA_ARRAY(a, uint32_t, (size_t)w->n_nodes * FACETS);
    uint32_t *counts = ARENA_ARRAY(a, uint32_t, w->n_nodes);
    const struct edge **readers = ARENA_ARRAY(a, const struct edge *, w->n_nodes);
    uint32_t *in_order = mem_calloc(w->ranks, sizeof *in_order); /* facet vertex by rank, or NONE */
    struct edge **fill = mem_calloc(w->n_nodes, sizeof *fill);
    for (size_t i = 0; i < (size_t)w->n_nodes * FACETS; i++)
        rank[i] = NONE;
    for (uint32_t i = 0; i < w->ranks; i++)
        in_order[i] = NONE;
    for (uint32_t k = 0; k < w->n; k++) {
        const struct facet_vertex *v = &w->v[k];
        rank[(size_t)v->def * FACETS + (size_t)v->facet] = w->rank[w->n_nodes + k];
        in_order[w->rank[w->n_nodes + k]] = k;
        for (uint32_t i = 0; i < v->readers; i++)
            counts[w->deps[v->deps + i]]++;
    }
    for (uint32_t d = 0; d < w->n_nodes; d++)
        if (counts[d])
            readers[d] = fill[d] = ARENA_ARRAY(a, struct edge, counts[d]);
    for (uint32_t r = 0; r < w->ranks; r++) {
        if (in_order[r] == NONE)
            continue;
        const struct facet_vertex *v = &w->v[in_order[r]];
        for (uint32_t i = 0; i < v->readers; i++) {
            uint32_t dep = w->deps[v->deps + i];
            *fill[dep]++ = edge_of(w, v, dep);
        }
    }
    g->rank = rank;
    g->n_readers = counts;
    g->readers = readers;
    mem_free(in_order);
    mem_free(fill);
}

static uint32_t flags_of(const struct form_node *n, enum facet f)
{
    uint32_t flags = 0;
    const struct cond *c = facet_cond(n, f);
    if (c && c->expr)
        flags |= expr_flags(c->expr);
    if (f == FACET_CHOICES && n->seed_expr.expr)
        flags |= expr_flags(n->seed_expr.expr);
    for (uint32_t i = 0; f == FACET_WARN && i < n->n_warns; i++)
        flags |= expr_flags(n->warns[i].when.expr);
    return flags;
}

static const struct edge *keep_flagged(struct walk *w, uint32_t flag, uint32_t *ret_n)
{
    struct edge *v = NULL;
    size_t n = 0, cap = 0;
    for (size_t k = 0; k < w->n; k++)
        if (w->v[k].facet != FACET_TRIGGER && /* what it reads never sets it off */
            flags_of(&w->nodes[w->v[k].def], w->v[k].facet) & flag) {
            v = mem_grow(v, n, &cap, sizeof *v);
            v[n++] = (struct edge){w->v[k].def, w->v[k].facet, false, false};
        }
    struct edge *kept = ARENA_ARRAY(w->b->a, struct edge, n);
    if (n)
        memcpy(kept, v, n * sizeof *kept);
    mem_free(v);
    *ret_n = (uint32_t)n;
    return kept;
}

/* ---- personal data ---- */

static bool first_pii(const struct walk *w, const uint32_t *defs, size_t n, uint32_t *ret_def)
{
    for (size_t i = 0; i < n; i++)
        if (w->nodes[defs[i]].pii) {
            *ret_def = defs[i];
            return true;
        }
    return false;
}

static bool reads_pii(const struct walk *w, const struct cond *c, uint32_t *ret_def)
{
    const uint32_t *defs, *start = w->list_start;
    size_t n = c->expr ? expr_deps(c->expr, &defs) : 0;
    if (n == 0 || first_pii(w, defs, n, ret_def))
        return n > 0;
    for (size_t i = 0; expr_flags(c->expr) & EXPR_READS_LANGUAGE && i < n; i++) {
        uint32_t l = w->nodes[defs[i]].list; /* a choice's label may show an answer */
        if (l != DEF_NONE &&
            first_pii(w, w->list_refs + start[l], start[l + 1] - start[l], ret_def))
            return true;
    }
    return false;
}

static bool derives_pii(const struct walk *w, const struct form_node *n, uint32_t *ret_def)
{
    if (n->list_from != DEF_NONE && w->nodes[n->list_from].pii) {
        *ret_def = n->list_from;
        return true;
    }
    return reads_pii(w, &n->calculation, ret_def) || reads_pii(w, &n->default_dynamic, ret_def);
}

/* Marked, inside what is marked, or computed from it (decisions.md 8). */
static void spread_pii(struct walk *w)
{
    struct build *b = w->b;
    bool any = false, again = true;
    for (uint32_t d = 0; d < w->n_nodes; d++) {
        if (b->nodes[d].parent != DEF_NONE && b->nodes[b->nodes[d].parent].pii)
            b->nodes[d].pii = true;
        any = any || b->nodes[d].pii;
    }
    uint32_t *in_order = mem_calloc(w->ranks, sizeof *in_order);
    for (uint32_t d = 0; d < w->n_nodes; d++)
        in_order[w->rank[d]] = d;
    while (any && again) { /* twice at most, but for dynamic defaults and circles of triggers */
        again = false;
        for (uint32_t r = 0; r < w->ranks; r++) {
            struct form_node *n = &b->nodes[in_order[r]];
            uint32_t from = 0;
            if (n->pii || !derives_pii(w, n, &from))
                continue;
            n->pii = again = true;
            build_warn(b, ERR_PII_DERIVED, spot_at(b->survey, n->row, NO_COLUMN), n->name,
                       w->nodes[from].name);
        }
    }
    mem_free(in_order);
    uint32_t from;
    b->f->instance_name_pii = any && reads_pii(w, &b->f->instance_name, &from);
    for (uint32_t i = 0; any && i < b->f->n_entities; i++)
        b->entities_made[i].pii = reads_pii(w, &b->f->entities[i].label, &from) ||
                                  reads_pii(w, &b->f->entities[i].id, &from);
}

void graph_build(struct build *b)
{
    struct walk w = {.b = b, .nodes = b->nodes, .n_nodes = b->f->n_nodes};
    size_t errors = b->diags->errors;
    find_list_refs(&w);
    if (find_facets(&w))
        find_ranks(&w);
    struct form_graph *g = &b->f->graph;
    if (b->diags->errors == errors) {
        keep(&w, g);
        g->read_all = keep_flagged(&w, EXPR_READS_ALL, &g->n_read_all);
        g->read_clock = keep_flagged(&w, EXPR_READS_CLOCK, &g->n_read_clock);
        g->read_language = keep_flagged(&w, EXPR_READS_LANGUAGE, &g->n_read_language);
        spread_pii(&w);
    }
    mem_free(w.v);
    mem_free(w.deps);
    mem_free(w.first);
    mem_free(w.list_refs);
    mem_free(w.list_start);
    mem_free(w.index);
    mem_free(w.low);
    mem_free(w.stack);
    mem_free(w.rank);
    mem_free(w.frames);
    mem_free(w.state);
}
