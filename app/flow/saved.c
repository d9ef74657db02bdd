/* ${last-saved#…}: answers of the last finished record of a form, for the next interview with it. Only
 * those that the form reads are taken, and no personal ones. */
#include <stdio.h>

#include "app/flow/record.h"
#include "app/flow/session_i.h"
#include "app/flow/survey_i.h"

/* ---- which ones the form reads ---- */

static void want(const struct form *f, bool *wanted, uint32_t def)
{
    if (def < f->n_nodes && !f->nodes[def].pii)
        wanted[def] = true;
}

static void in_expr(const struct form *f, bool *wanted, const struct cond *c)
{
    static const char mark[] = "last-saved#";
    if (!c->expr)
        return;
    struct str rest = expr_text(c->expr);
    while (rest.n > 0) {
        const char *at = memmem(rest.p, rest.n, mark, sizeof mark - 1);
        if (!at)
            return;
        rest = str_from(rest, (size_t)(at - rest.p) + sizeof mark - 1);
        want(f, wanted, form_find(f, str_sub(rest, 0, str_find(rest, '}', 0))));
    }
}

static void in_texts(const struct form *f, bool *wanted, texts t)
{
    for (uint32_t l = 0; t && l < f->n_languages; l++)
        for (uint32_t i = 0; i < t[l].n; i++)
            if (t[l].runs[i].last_saved)
                want(f, wanted, t[l].runs[i].ref);
}

static void in_node(const struct form *f, bool *wanted, const struct form_node *n)
{
    enum { CONDS = 9, TEXTS = 5 };
    const struct cond *const conds[CONDS] = {
        &n->relevant,     &n->required,      &n->readonly,        &n->constraint, &n->calculation,
        &n->repeat_count, &n->choice_filter, &n->default_dynamic, &n->seed_expr};
    const texts all[TEXTS] = {n->label, n->hint, n->guidance, n->required_message,
                              n->constraint_message};
    for (size_t i = 0; i < CONDS; i++)
        in_expr(f, wanted, conds[i]);
    for (size_t i = 0; i < TEXTS; i++)
        in_texts(f, wanted, all[i]);
    for (uint32_t i = 0; i < n->n_warns; i++) {
        in_expr(f, wanted, &n->warns[i].when);
        in_texts(f, wanted, n->warns[i].message);
    }
}

static bool *wanted_by(const struct form *f, bool *ret_any)
{
    bool *wanted = mem_calloc(f->n_nodes, sizeof *wanted);
    for (uint32_t d = 0; d < f->n_nodes; d++)
        in_node(f, wanted, &f->nodes[d]);
    in_expr(f, wanted, &f->instance_name);
    *ret_any = false;
    for (uint32_t d = 0; d < f->n_nodes; d++)
        *ret_any |= wanted[d];
    return wanted;
}

/* ---- out of the last record ---- */

static bool config_name(const struct form *f, char ret[300])
{
    int n = snprintf(ret, 300, "saved:%.*s", STR_FMT(f->id));
    return n > 0 && n < 300;
}

static bool last_revision(struct store *st, const struct form *f, struct revision *ret,
                          bool *ret_there, struct err *e)
{
    char name[300];
    struct buf hex;
    struct hash32 id;
    *ret_there = false;
    if (!config_name(f, name))
        return true;
    buf_init(&hex, 128);
    bool ok = store_config_get(st, name, &hex, ret_there, e);
    if (ok && *ret_there)
        *ret_there = hex_get(buf_str(&hex), id.b, sizeof id.b);
    if (ok && *ret_there)
        ok = store_revision_get(st, &id, ret, ret_there, e);
    buf_done(&hex);
    return ok;
}

static void add_saved(struct interview *iv, const struct form *f, uint32_t def, struct arena *a,
                      struct event_pairs *pairs)
{
    struct place p;
    struct buf name;
    if (pairs->n == SAVED_MAX)
        return;
    buf_init(&name, LIMIT_ANSWER_BYTES);
    buf_add_z(&name, "saved:");
    form_path(f, def, &name);
    if (place_parse(f, str_from(buf_str(&name), 6), &p)) {
        struct str value = interview_value(iv, &p);
        if (value.n && interview_state(iv, &p).relevant)
            pairs->v[pairs->n++] =
                (struct event_pair){arena_str(a, buf_str(&name)), arena_str(a, value)};
    }
    buf_done(&name);
}

/* The record may be of an older version of the form: what has no place there any more is left out. */
static bool read_saved(const struct form *f, struct str xml, const bool *wanted, struct arena *a,
                       struct event_pairs *pairs, struct err *e)
{
    struct interview *iv;
    struct host host;
    uint32_t lost;
    host_real(&host);
    if (!interview_read(&iv, f, &host, xml, true, &lost, e))
        return false;
    for (uint32_t d = 0; d < f->n_nodes; d++)
        if (wanted[d])
            add_saved(iv, f, d, a, pairs);
    interview_free(iv);
    return true;
}

bool saved_pairs(struct survey *sv, const struct form *f, struct arena *a,
                 struct event_pairs *pairs, struct err *e)
{
    struct revision rev;
    struct record record;
    bool any, there = false;
    bool *wanted = wanted_by(f, &any);
    bool ok = !any || last_revision(sv->store, f, &rev, &there, e);
    record_init(&record);
    if (ok && there && !record_load(sv->store, &rev, false, &record, e)) {
        there = false;
        ok = err_is(e, &ERR_PART_ERASED); /* erased: then there is nothing to carry on */
        if (ok)
            err_clear(e);
    }
    if (ok && there)
        ok = read_saved(f, buf_str(&record.xml), wanted, a, pairs, e);
    record_wipe(&record);
    mem_free(wanted);
    return ok;
}

bool saved_remember(struct store *s, const struct form *f, const struct hash32 *rev, struct err *e)
{
    char name[300];
    struct buf hex;
    if (!config_name(f, name))
        return true;
    buf_init(&hex, 128);
    hex_add(&hex, rev->b, sizeof rev->b);
    bool ok = store_config_put(s, name, buf_str(&hex), e);
    buf_done(&hex);
    return ok;
}
