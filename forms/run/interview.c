/* An interview's life, and the changes a person makes. */
#include "forms/run/run_i.h"

#include "forms/base/date.h"

/* ---- life ---- */

bool interview_alloc(struct interview **ret, const struct form *f, const struct host *host,
                     struct err *e)
{
    if (!form_usable(f, e))
        return false;
    struct interview *iv = mem_alloc(sizeof *iv);
    iv->tree.ops = &instance_ops;
    iv->form = f;
    iv->host = *host;
    iv->mode = MODE_LOAD;
    iv->language = f->default_language;
    arena_init(&iv->scratch);
    arena_init(&iv->answers);
    host->random(host->ctx, &iv->seed, sizeof iv->seed);
    plan_make(iv);
    *ret = iv;
    return true;
}

void interview_settle(struct interview *iv)
{
    recalc_push_frame(iv, iv->root, RECALC_EVERYTHING);
    recalc_drain(iv);
    bury(iv);
    iv->mode = MODE_LIVE;
    iv->reading = false;
}

static void preload_all(struct interview *iv)
{
    for (uint32_t d = 0; d < iv->form->n_nodes; d++) {
        const struct form_node *n = node_at(iv, d);
        if (n->type == TYPE_META && iv->plan[d].home == 0 && !str_is(n->preload, "end"))
            preload_put(iv, iv->root, d);
    }
}

bool interview_new(struct interview **ret, const struct form *f, const struct host *host,
                   struct err *e)
{
    struct interview *iv;
    if (!interview_alloc(&iv, f, host, e))
        return false;
    iv->root = frame_new(iv, NULL, 0, 0);
    iv->fresh = mem_grow(iv->fresh, 0, &iv->fresh_cap, sizeof *iv->fresh);
    iv->fresh[iv->n_fresh++] = iv->root;
    repeat_seed(iv, iv->root);
    preload_all(iv);
    interview_settle(iv);
    *ret = iv;
    return true;
}

void interview_free(struct interview *iv)
{
    if (!iv)
        return;
    log_free(iv);
    if (iv->root)
        frame_free(iv, iv->root);
    arena_wipe(&iv->scratch);
    arena_wipe(&iv->answers);
    arena_done(&iv->scratch);
    arena_done(&iv->answers);
    mem_free(iv->plan);
    mem_free(iv->heap);
    mem_free(iv->changes);
    mem_free(iv->graves);
    mem_free(iv->fresh);
    mem_free(iv->rows);
    mem_free(iv->entity_ids);
    mem_free(iv);
}

const struct form *interview_form(const struct interview *iv)
{
    return iv->form;
}

/* ---- what the machine knows ---- */

static struct answer now_answer(struct interview *iv, enum date_kind kind, char out[DATE_TEXT_MAX])
{
    struct instant now = iv->host.now(iv->host.ctx);
    struct date d = {now.ms, now.offset_min, DATE_TIME};
    if (kind == DATE_ONLY)
        d = date_of_local(date_local_days(&d) * DAY_MS, &iv->host, DATE_ONLY);
    size_t n = date_text(&d, out);
    return (struct answer){.text = {out, n}, .kept = CELL_DATE, .date = d};
}

void preload_put(struct interview *iv, struct frame *f, uint32_t def)
{
    const struct form_node *n = node_at(iv, def);
    char tmp[DATE_TEXT_MAX];
    struct answer a = {0};
    struct buf b;
    buf_init(&b, LIMIT_ANSWER_BYTES);
    if (str_is(n->preload, "start") || str_is(n->preload, "end"))
        a = now_answer(iv, DATE_TIME, tmp);
    else if (str_is(n->preload, "today"))
        a = now_answer(iv, DATE_ONLY, tmp);
    else if (iv->host.property && iv->host.property(iv->host.ctx, n->preload, &b))
        a.text = buf_str(&b);
    if (cell_put(iv, f, def, &a))
        value_changed(iv, f, def);
    buf_wipe_done(&b);
}

/* ---- answers ---- */

static bool find_question(struct interview *iv, const struct place *p, struct frame **ret,
                          struct err *e)
{
    struct frame *f = NULL;
    if (!place_find(iv, p, &f))
        return err_fail(e, ERR_NOT_RELEVANT);
    const struct form_node *n = node_at(iv, p->def);
    switch ((int)n->type) {
    case TYPE_GROUP:
    case TYPE_REPEAT:
    case TYPE_CALCULATE:
    case TYPE_HIDDEN:
    case TYPE_META: return err_fail(e, ERR_NOT_QUESTION);
    default: break;
    }
    if (!(cell_at(iv, f, p->def)->flags & CELL_RELEVANT))
        return err_fail(e, ERR_NOT_RELEVANT);
    if (n->type == TYPE_NOTE || readonly_at(iv, f, p->def))
        return err_fail(e, ERR_READONLY);
    *ret = f;
    return true;
}

static void put_answer(struct interview *iv, struct frame *f, uint32_t def, const struct answer *a,
                       struct changes *ret)
{
    op_begin(iv, true);
    if (cell_put(iv, f, def, a)) {
        const struct form_node *n = node_at(iv, def);
        if (n->calculation.expr)
            cell_at(iv, f, def)->flags |= CELL_TYPED_OVER;
        value_changed(iv, f, def);
    }
    op_end(iv, ret);
}

bool interview_set(struct interview *iv, const struct place *p, struct str text,
                   struct changes *ret, struct err *e)
{
    struct frame *f = NULL;
    if (!find_question(iv, p, &f, e))
        return false;
    const struct form_node *n = node_at(iv, p->def);
    struct arena_mark m = arena_mark(&iv->scratch);
    struct answer a;
    bool ok = answer_parse(iv, n, text, &iv->scratch, &a, e);
    if (ok && is_select(n) && a.text.n)
        ok = select_parse(iv, f, p->def, text, &iv->scratch, &a, e);
    if (ok)
        put_answer(iv, f, p->def, &a, ret);
    arena_release(&iv->scratch, m);
    return ok;
}

/* A select's text is looked up among those offered only if its node is relevant: else none are. */
bool interview_prefill(struct interview *iv, const struct place *p, struct str text,
                       struct changes *ret, struct err *e)
{
    struct frame *f = NULL;
    if (!place_find(iv, p, &f))
        return err_fail(e, ERR_NOT_RELEVANT);
    const struct form_node *n = node_at(iv, p->def);
    if (n->type == TYPE_GROUP || n->type == TYPE_REPEAT || n->type == TYPE_NOTE)
        return err_fail(e, ERR_NOT_QUESTION);
    struct arena_mark m = arena_mark(&iv->scratch);
    struct answer a;
    bool ok = answer_parse(iv, n, text, &iv->scratch, &a, e);
    if (ok && is_select(n) && a.text.n && cell_at(iv, f, p->def)->flags & CELL_RELEVANT)
        ok = select_parse(iv, f, p->def, text, &iv->scratch, &a, e);
    if (ok) {
        op_begin(iv, false);
        if (cell_put(iv, f, p->def, &a))
            value_changed(iv, f, p->def);
        op_end(iv, ret);
    }
    arena_release(&iv->scratch, m);
    return ok;
}

bool interview_clear(struct interview *iv, const struct place *p, struct changes *ret,
                     struct err *e)
{
    return interview_set(iv, p, STR(""), ret, e);
}

bool interview_set_missing(struct interview *iv, const struct place *p, enum missing kind,
                           struct changes *ret, struct err *e)
{
    if (p->def >= iv->form->n_nodes || kind >= MISSING_NOT || !node_at(iv, p->def)->missing[kind].p)
        return err_fail(e, ERR_NO_MISSING);
    return interview_set(iv, p, node_at(iv, p->def)->missing[kind], ret, e);
}

bool interview_confirm(struct interview *iv, const struct place *p, struct changes *ret,
                       struct err *e)
{
    struct frame *f = NULL;
    if (!place_find(iv, p, &f) || !state_at(iv, f, p->def).warns)
        return err_fail(e, ERR_NO_WARNING);
    op_begin(iv, true);
    if (!(cell_at(iv, f, p->def)->flags & CELL_CONFIRMED)) {
        touch(iv, f, p->def, 0);
        cell_at(iv, f, p->def)->flags |= CELL_CONFIRMED;
    }
    op_end(iv, ret);
    return true;
}

bool interview_set_language(struct interview *iv, uint32_t language, struct changes *ret,
                            struct err *e)
{
    if (language >= iv->form->n_languages)
        return err_fail(e, ERR_NO_LANGUAGE);
    const struct form_graph *g = &iv->form->graph;
    iv->language = language;
    op_begin(iv, false);
    recalc_push_edges(iv, g->read_language, g->n_read_language);
    op_end(iv, ret);
    return true;
}

uint32_t interview_language(const struct interview *iv)
{
    return iv->language;
}

/* ---- expressions of no cell ---- */

bool interview_fault(struct interview *iv, struct err *e)
{
    if (!iv->fault.kind)
        return true;
    *e = iv->fault;
    err_clear(&iv->fault);
    return false;
}

bool interview_eval(struct interview *iv, const struct expr *x, const struct place *context,
                    struct value *ret, struct str *ret_text, struct err *e)
{
    struct frame *f = iv->root;
    uint32_t def = 0;
    if (context && context->def != DEF_NONE) {
        if (!place_find(iv, context, &f))
            return err_fail(e, ERR_NOT_RELEVANT);
        def = context->def;
    }
    arena_wipe(&iv->answers);
    struct eval ev;
    eval_init(iv, &ev, f, def);
    ev.scratch = &iv->answers;
    struct value v;
    if (!expr_eval(x, &ev, &v, e))
        return false;
    *ret_text = value_string(&v, &ev);
    *ret = v;
    return true;
}

bool form_expr(struct expr **ret, const struct form *f, struct str text, uint32_t context,
               struct arena *a, struct err *e)
{
    struct scope scope;
    struct pos at = {0};
    form_scope(f, context, &scope);
    return expr_compile(ret, text, &scope, &at, a, e);
}

void interview_watch(struct interview *iv,
                     void (*watch)(void *ctx, uint32_t def, enum facet facet, uint32_t which,
                                   bool truth),
                     void *ctx)
{
    iv->watch = watch;
    iv->watch_ctx = ctx;
}
