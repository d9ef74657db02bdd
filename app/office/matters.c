/* What an office has to decide or to know; see matters.h. */
#include "app/office/matters.h"

#include <stdlib.h>

#include "app/office/history.h"
#include "app/tr.h"
#include "sync/merge/cutoff.h"
#include "sync/merge/decide.h"

static const struct matter_words words[KINDS] = {
    [KIND_CONFLICT] =
        {"conflict", N_("In conflict"),
         N_("Two laptops, or two copies of one, have changed the same interview. All "
            "versions are kept; none counts until one is chosen."),
         N_("Compare them: office review show CODE; choose: office resolve CODE VERSION")},
    [KIND_FORK] =
        {"fork", N_("Forked laptops"),
         N_("The laptop's history goes two ways: its store was copied, or an older copy put "
            "back. Both ways are kept and count."),
         N_("Ask who uses it. If one way is not theirs: office resolve LAPTOP ROW --yes "
            "keeps that way and sets the other aside; the laptop then joins with a new kit.")},
    [KIND_DISAGREE] =
        {"disagree", N_("Decisions disagree"),
         N_("Different ways of a forked laptop were chosen, in two places: what was made on "
            "either of them is set aside."),
         N_("Agree on one; then here: office resolve LAPTOP ROW --yes replaces both decisions.")},
    [KIND_CHOICES] =
        {"choices", N_("Decisions about a kit disagree"),
         N_("Different laptops were chosen for one kit, in two places; so none is, and their "
            "records are marked."),
         N_("Agree on one; then here: office resolve LAPTOP replaces both decisions.")},
    [KIND_CONTESTED] =
        {"contested", N_("Contested kits"),
         N_("Several laptops have joined with one kit: one of them may not be yours. "
            "Their records are kept and marked."),
         N_("Ask who has which; then: office resolve LAPTOP for the right one")},
    [KIND_ERASING] = {"erasing", N_("To be erased"),
                      N_("A laptop has erased these respondents. They are hidden already; the "
                         "contents are destroyed by the "
                         "first merge 72 hours after the word came."),
                      N_("Nothing, if you know of it. At once: office erase CODE --yes; if you "
                         "doubt it: office hold CODE "
                         "--reason TEXT")},
    [KIND_HELD] = {"held", N_("Erasure held back"),
                   N_("A laptop has erased these respondents and an operator holds it back, for "
                      "the reason given. They "
                      "are hidden; the contents are kept."),
                   N_("Ask soon: a respondent's right may wait behind it. Then office hold CODE "
                      "--release --reason TEXT, "
                      "or office erase CODE --yes")},
    [KIND_PUT_BACK] =
        {"put_back", N_("Receipts this office does not know"),
         N_("These laptops have applied a receipt that this office never wrote: a supervisor's, "
            "whose own "
            "bundle is still to come; or else this store was put back to an older state."),
         N_("Take them the receipts of the next merge: what this office lost waits there again and "
            "comes "
            "with their next bundle.")},
    [KIND_UNSEEN] =
        {"unseen", N_("Finished, never arrived"),
         N_("The laptop's ledger says an interview was finished, but its record has not "
            "come: a bundle was lost, or the record was taken out."),
         N_("Ask for a new bundle; if it still lacks the record, ask why.")},
    [KIND_GAP] =
        {"gap", N_("Gaps in ledgers"), N_("Rows have come whose predecessors have not."),
         N_("Merge the bundles that lie about. What still lacks then, a laptop sends again "
            "with: cacah send --all")},
    [KIND_DETACHED] =
        {"detached", N_("Incomplete records"),
         N_("The record is kept, but something it builds on has not come yet: an "
            "earlier version, a part of it, or its ledger row."),
         N_("It counts as soon as the rest comes. When it does not come with the laptop's "
            "next bundle, have it sent again: cacah send --all")},
    [KIND_BEGUN] =
        {"begun", N_("Begun, no end seen"),
         N_("Interviews that were begun and are neither finished nor ended as far as the "
            "ledgers have come. Most are still under way."),
         N_("Ask about those that are old.")},
    [KIND_FOREIGN] =
        {"foreign", N_("Foreign versions"),
         N_("A laptop has changed an interview that is not its own and was not returned "
            "to it. The version is kept and does not count."),
         N_("Ask why; if it should count: office review return CODE --to LAPTOP")},
    [KIND_QUARANTINED] =
        {"quarantined", N_("Set aside"),
         N_("Made by a laptop after the point up to which it is trusted, or on the way "
            "of a fork that was not chosen. It is kept and does not count."),
         N_("The interviews are made again on a laptop with a new kit. If some were "
            "made before: office revoke LAPTOP --until DATE moves the point.")},
};

const struct matter_words *matters_words(enum matter_kind k)
{
    return &words[k];
}

struct gathering {
    struct matters *m;
    struct derive *d;
    struct store *s;
    struct err *e;
    bool failed;
};

static struct matter_item *add(struct gathering *g, enum matter_kind kind,
                               const struct hash32 *device, const struct hash32 *number)
{
    struct matters *m = g->m;
    m->v = mem_grow(m->v, m->n, &m->cap, sizeof *m->v);
    struct matter_item *it = &m->v[m->n++];
    *it = (struct matter_item){.kind = kind};
    find_number(number, it->number);
    g->failed = !history_device_name(g->s, device, &m->a, &it->laptop, g->e);
    m->count[kind]++;
    return it;
}

static bool each_record(void *ctx, const struct revision *r, enum revision_state state,
                        enum standing st, struct str summary)
{
    static const enum matter_kind kinds[] = {[STANDING_CURRENT] = KINDS,
                                             [STANDING_OLD] = KINDS,
                                             [STANDING_CONFLICT] = KIND_CONFLICT,
                                             [STANDING_DETACHED] = KIND_DETACHED,
                                             [STANDING_FOREIGN] = KIND_FOREIGN,
                                             [STANDING_ERASED] = KINDS,
                                             [STANDING_QUARANTINED] = KIND_QUARANTINED};
    struct gathering *g = ctx;
    (void)state;
    if (kinds[st] == KINDS)
        return true;
    struct matter_item *it = add(g, kinds[st], &r->device, &r->rev_id);
    it->uuid = r->uuid;
    it->summary = arena_str(&g->m->a, summary);
    return !g->failed;
}

static void each_row(void *ctx, const struct matter_row *row)
{
    static const enum matter_kind kinds[] = {[MATTER_FORK] = KIND_FORK,
                                             [MATTER_DISAGREE] = KIND_DISAGREE,
                                             [MATTER_GAP] = KIND_GAP,
                                             [MATTER_BEGUN] = KIND_BEGUN,
                                             [MATTER_UNSEEN] = KIND_UNSEEN};
    struct gathering *g = ctx;
    if (g->failed)
        return;
    struct matter_item *it = add(g, kinds[row->matter], &row->device, &row->row_hash);
    it->ms = row->row.wall_ms;
    if (row->matter == MATTER_FORK || row->matter == MATTER_DISAGREE) {
        struct cutoff_way way;
        g->failed = g->failed || !cutoff_way(g->s, &row->device, &row->row_hash, &way, g->e);
        it->finals = g->failed ? 0 : way.finals;
        it->last_ms = g->failed ? 0 : way.last_ms;
        it->last = g->failed ? it->uuid : way.last;
    }
    if (row->matter == MATTER_BEGUN || row->matter == MATTER_UNSEEN)
        it->uuid = row->row.subject;
}

static bool each_device(void *ctx, const struct device *dev)
{
    struct gathering *g = ctx;
    if (derive_enrolment(g->d, &dev->device) == ENROL_CONTESTED)
        add(g, derive_choices_disagree(g->d, &dev->device) ? KIND_CHOICES : KIND_CONTESTED,
            &dev->device, &dev->device);
    return !g->failed;
}

/* ---- an office that was put back: laptops have receipts of which it knows nothing (§3, 41) ---- */

struct receipts {
    struct gathering *g;
    struct hash32 *others; /* receipts that other offices' ledgers name, ascending once sorted */
    size_t n, cap;
    struct ledger_row last; /* of the laptop at hand: the newest unknown after its newest known */
    struct hash32 last_hash;
    bool unknown;
};

static int by_hash(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct hash32));
}

static bool note_sent(void *ctx, const struct hash32 *row_hash,
                      const uint8_t bytes[LEDGER_ROW_SIZE])
{
    struct receipts *x = ctx;
    struct ledger_row row;
    struct err ignored = {0};
    (void)row_hash;
    if (ledger_row_decode(bytes, &row, &ignored) && row.kind == LEDGER_SENT) {
        x->others = mem_grow(x->others, x->n, &x->cap, sizeof *x->others);
        x->others[x->n++] = row.object;
    }
    return true;
}

static bool is_office(const struct gathering *g, const struct device *dev)
{
    return authority_may(derive_authority(g->d), &dev->ed_pk) & ~(uint32_t)MAY_INTERVIEW;
}

static bool each_office(void *ctx, const struct device *dev)
{
    struct receipts *x = ctx;
    x->g->failed =
        is_office(x->g, dev) && !store_ledger_each(x->g->s, &dev->device, note_sent, x, x->g->e);
    return !x->g->failed;
}

static bool note_receipt(void *ctx, const struct hash32 *row_hash,
                         const uint8_t bytes[LEDGER_ROW_SIZE])
{
    struct receipts *x = ctx;
    struct ledger_row row;
    struct err ignored = {0};
    struct buf b;
    bool known;
    if (!ledger_row_decode(bytes, &row, &ignored) || row.kind != LEDGER_RECEIPT)
        return true;
    buf_init(&b, 64);
    x->g->failed = !store_fact_get(x->g->s, FACT_RECEIPT, &row.object, &b, &known, x->g->e);
    buf_done(&b);
    if (known) {
        x->unknown = false;
    } else if (!x->n || !bsearch(&row.object, x->others, x->n, sizeof *x->others, by_hash)) {
        x->unknown = true;
        x->last = row;
        x->last_hash = *row_hash;
    }
    return !x->g->failed;
}

static bool each_laptop(void *ctx, const struct device *dev)
{
    struct receipts *x = ctx;
    if (is_office(x->g, dev))
        return true;
    x->unknown = false;
    if (!store_ledger_each(x->g->s, &dev->device, note_receipt, x, x->g->e))
        x->g->failed = true;
    if (!x->g->failed && x->unknown)
        add(x->g, KIND_PUT_BACK, &dev->device, &x->last_hash)->ms = x->last.wall_ms;
    return !x->g->failed;
}

/* A supervisor meets the office's receipts all the time, and cannot know them. */
static bool find_unknown_receipts(struct gathering *g, struct err *e)
{
    struct receipts x = {.g = g};
    if (!(authority_may(derive_authority(g->d), &store_identity(g->s)->ed_pk) & MAY_PURGE))
        return true;
    bool ok = store_device_each(g->s, each_office, &x, e) && !g->failed;
    if (x.n)
        qsort(x.others, x.n, sizeof *x.others, by_hash);
    ok = ok && store_device_each(g->s, each_laptop, &x, e) && !g->failed;
    mem_free(x.others);
    return ok;
}

/* One item an interview, by the tombstone that came first. */
static bool each_tombstone(void *ctx, const struct tombstone *t)
{
    struct gathering *g = ctx;
    struct erased erased;
    int64_t ms = 0;
    bool there;
    for (size_t i = 0; i < g->m->n; i++)
        if (id16_eq(&g->m->v[i].uuid, &t->uuid) &&
            (g->m->v[i].kind == KIND_ERASING || g->m->v[i].kind == KIND_HELD))
            return true;
    g->failed =
        !derive_erased(g->d, &t->uuid, &erased, g->e) || !decide_seen(g->s, t, &ms, &there, g->e);
    if (g->failed || erased.hidden <= erased.confirmed)
        return !g->failed;
    const struct hold *hold = derive_held(g->d, &t->uuid, 0, NULL);
    struct matter_item *it = add(g, hold ? KIND_HELD : KIND_ERASING, &t->signer, &t->row);
    it->uuid = t->uuid;
    it->ms = ms;
    it->personal = erased.hidden == ERASE_PII;
    if (hold)
        it->reason = arena_str(&g->m->a, hold->reason);
    return !g->failed;
}

/* Versions of one interview beside each other; else as found. */
static int by_kind(const void *a, const void *b)
{
    const struct matter_item *x = a, *y = b;
    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    int c = memcmp(x->uuid.b, y->uuid.b, sizeof x->uuid.b);
    if (c)
        return c;
    if (x->ms != y->ms)
        return x->ms < y->ms ? -1 : 1;
    return strcmp(x->number, y->number);
}

static void count_conflicts(struct matters *m)
{
    m->count[KIND_CONFLICT] = 0;
    for (size_t i = 0; i < m->n && m->v[i].kind == KIND_CONFLICT; i++)
        m->count[KIND_CONFLICT] += i == 0 || !id16_eq(&m->v[i].uuid, &m->v[i - 1].uuid);
}

bool matters_load(struct matters *m, struct derive *d, struct store *s, struct err *e)
{
    struct gathering g = {m, d, s, e, false};
    *m = (struct matters){.n = 0};
    arena_init(&m->a);
    bool ok =
        derive_each(d, each_record, &g, e) && !g.failed && derive_matters(d, each_row, &g, e) &&
        !g.failed && store_device_each(s, each_device, &g, e) && !g.failed &&
        store_tombstone_each(s, each_tombstone, &g, e) && !g.failed && find_unknown_receipts(&g, e);
    if (ok && m->n)
        qsort(m->v, m->n, sizeof *m->v, by_kind);
    if (ok)
        count_conflicts(m);
    else
        matters_done(m);
    return ok;
}

void matters_done(struct matters *m)
{
    mem_free(m->v);
    arena_done(&m->a);
    *m = (struct matters){.n = 0};
}

bool matters_undecided(const struct matters *m)
{
    return m->count[KIND_CONFLICT] + m->count[KIND_FORK] + m->count[KIND_DISAGREE] +
               m->count[KIND_CHOICES] + m->count[KIND_CONTESTED] >
           0;
}
