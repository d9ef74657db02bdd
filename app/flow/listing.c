/* What the home screen lists; see listing.h. */
#include "app/flow/listing.h"

#include <stdlib.h>

#include "app/flow/courier.h"
#include "app/flow/host.h"
#include "app/tr.h"

/* ---- one more ---- */

#define FORMS_MAX UINT16_MAX

static const char *kept(struct listing *l, struct str s)
{
    return s.n ? arena_str(&l->texts, s).p : ""; /* ended by a zero */
}

static uint16_t form_of(struct listing *l, struct str id, struct str title)
{
    for (size_t i = l->n_forms; i-- > 0;)
        if (str_eq(l->forms[i].id, id) && str_eq(l->forms[i].title, title))
            return (uint16_t)i;
    if (l->n_forms == FORMS_MAX) /* nobody has so many; the last stands for the others */
        return FORMS_MAX - 1;
    l->forms = mem_grow(l->forms, l->n_forms, &l->cap_forms, sizeof *l->forms);
    l->forms[l->n_forms] =
        (struct listed_form){arena_str(&l->texts, id), arena_str(&l->texts, title), 0};
    return (uint16_t)l->n_forms++;
}

static bool unpack(struct str note, struct summary *ret)
{
    struct err ignored = {0};
    if (summary_unpack(note, ret, &ignored))
        return true;
    *ret = (struct summary){.title = str_of(_("(its note cannot be read)"))};
    return false; /* the record itself may be whole: it is listed all the same */
}

static struct listed *add(struct listing *l, enum list list, const struct id16 *uuid,
                          const struct summary *s)
{
    struct listed *v = mem_grow(l->lists[list].v, l->lists[list].n, &l->lists[list].cap, sizeof *v);
    l->lists[list].v = v;
    v += l->lists[list].n++;
    *v = (struct listed){.uuid = *uuid,
                         .changed_ms = s->changed_ms,
                         .name = kept(l, s->name),
                         .answered = s->answered,
                         .form = form_of(l, s->form_id, s->title),
                         .outcome = s->outcome};
    return v;
}

static bool add_draft(void *ctx, const struct draft *d)
{
    struct listing *l = ctx;
    struct summary s;
    bool whole = unpack(d->note, &s);
    struct listed *v = add(l, hash32_zero(&d->parent) ? LIST_DRAFTS : LIST_RETURNED, &d->uuid, &s);
    if (!whole)
        v->changed_ms = d->changed_ms;
    return true;
}

static bool add_returned(void *ctx, const struct revision *r, struct str comment,
                         int64_t returned_ms, struct err *e)
{
    struct listing *l = ctx;
    struct summary s;
    struct buf note;
    buf_init(&note, 1 << 16);
    bool ok = store_revision_summary(survey_store(l->sv), &r->rev_id, &note, e);
    if (ok) {
        (void)unpack(buf_str(&note), &s);
        struct listed *v = add(l, LIST_RETURNED, &r->uuid, &s);
        v->rev_id = r->rev_id;
        v->changed_ms = returned_ms;
        v->comment = kept(l, comment);
    }
    buf_wipe_done(&note);
    return ok;
}

static int newer_first(const void *a, const void *b)
{
    int64_t x = ((const struct listed *)a)->changed_ms, y = ((const struct listed *)b)->changed_ms;
    return x < y ? 1 : x > y ? -1 : 0;
}

/* Room for all at once, which costs nothing before it is filled: what grows by doubling leaves holes. */
static void make_room(struct listing *l, enum list list, uint64_t n)
{
    l->lists[list].cap = (size_t)n + 1;
    l->lists[list].v = mem_calloc(l->lists[list].cap, sizeof *l->lists[list].v);
}

bool listing_begin(struct listing *l, struct survey *sv, struct err *e)
{
    struct store *st = survey_store(sv);
    struct store_counts counts;
    struct err ignored = {0};
    *l = (struct listing){.sv = sv, .changes = store_changes(st)};
    arena_init(&l->texts);
    l->quota = quota_tally_new(sv);
    bool ok = store_counts(st, &counts, e);
    if (ok) {
        l->next = counts.revisions;
        make_room(l, LIST_FINISHED, counts.pending);
        make_room(l, LIST_SENT, counts.revisions - counts.pending);
    }
    ok = ok && store_draft_each(st, add_draft, l, e) &&
         (store_identity(st)->practice || courier_returned(sv, add_returned, l, e));
    for (int i = 0; i < LISTS; i++)
        if (l->lists[i].n)
            qsort(l->lists[i].v, l->lists[i].n, sizeof *l->lists[i].v, newer_first);
    if (!assignments_begun(&l->tasks, sv, ok ? e : &ignored)) {
        assignments_done(&l->tasks);
        ok = false;
    }
    return ok;
}

/* ---- the records ---- */

struct piece {
    struct listing *l;
    bool all;
    int64_t until;
};

static bool add_record(void *ctx, const struct revision *r, enum revision_state state,
                       struct str note)
{
    struct piece *p = ctx;
    struct listing *l = p->l;
    struct summary s;
    if (state != REVISION_ERASED) {
        (void)unpack(note, &s);
        struct listed *v =
            add(l, state == REVISION_PENDING ? LIST_FINISHED : LIST_SENT, &r->uuid, &s);
        v->rev_id = r->rev_id;
        l->forms[v->form].done++;
        assignments_meet(&l->tasks, r, state, &s);
        quota_tally_add(l->quota, r, state, s.quota);
    }
    return p->all || host_steady_ms() < p->until;
}

bool listing_reads(const struct listing *l)
{
    return l->next > 0;
}

bool listing_more(struct listing *l, uint32_t ms, struct err *e)
{
    struct piece p = {l, ms == UINT32_MAX, host_steady_ms() + ms};
    bool ok = store_revision_back(survey_store(l->sv), &l->next, add_record, &p, e);
    if (!ok)
        l->next = 0;
    if (l->next == 0)
        store_trim(survey_store(l->sv));
    return ok;
}

void listing_done(struct listing *l)
{
    for (int i = 0; i < LISTS; i++)
        mem_free(l->lists[i].v);
    mem_free(l->forms);
    assignments_done(&l->tasks);
    quota_tally_free(l->quota);
    if (l->texts.last)
        arena_wipe(&l->texts);
    arena_done(&l->texts);
    *l = (struct listing){0};
}
