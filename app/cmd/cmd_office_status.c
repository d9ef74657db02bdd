/* cacah office status: laptops, records by form and outcome, reviews, quotas, what is to be decided. */
#include "app/cmd/cmd.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "app/cmd/desk.h"
#include "app/cmd/say.h"
#include "app/flow/quota.h"
#include "app/office/aside.h"
#include "app/office/kits.h"
#include "app/tr.h"
#include "sync/bundle/kit.h"
#include "sync/merge/decide.h"

#define OUTCOMES    10
#define ASIDE_SHOWN 30

struct form_counts {
    struct str form_id;
    uint64_t records, outcome[OUTCOMES];
};

struct tally {
    struct desk *desk;
    struct form_counts *forms;
    size_t n_forms, cap;
    uint64_t records,
        reviewed[VERDICT_RETURN + 1];    /* of the current ones, by verdict; 0: none yet */
    struct quota_tally *have, *accepted; /* complete interviews in force, those accepted */
    json_t *laptops, *kits;              /* NULL: text */
    struct err *e;
    bool failed;
};

static struct form_counts *counts_of(struct tally *t, struct str form_id)
{
    for (size_t i = 0; i < t->n_forms; i++)
        if (str_eq(t->forms[i].form_id, form_id))
            return &t->forms[i];
    t->forms = mem_grow(t->forms, t->n_forms, &t->cap, sizeof *t->forms);
    t->forms[t->n_forms] = (struct form_counts){.form_id = arena_str(&t->desk->a, form_id)};
    return &t->forms[t->n_forms++];
}

/* Every interview counts once, by its current revision; one in conflict does not until it is decided. */
static bool count_head(void *ctx, const struct revision *r, enum revision_state state,
                       enum standing standing, struct str summary)
{
    struct tally *t = ctx;
    if (standing != STANDING_CURRENT)
        return true;
    struct summary s = {0};
    struct err ignored = {0};
    if (summary.n == 0 || !summary_unpack(summary, &s, &ignored))
        s.form_id = STR("?");
    struct form_counts *f = counts_of(t, s.form_id);
    f->records++;
    f->outcome[r->outcome < OUTCOMES ? r->outcome : 0]++;
    t->records++;
    enum verdict verdict = derive_verdict(t->desk->d, &r->rev_id);
    t->reviewed[verdict]++;
    quota_tally_add(t->have, r, state, s.quota);
    if (verdict == VERDICT_ACCEPT)
        quota_tally_add(t->accepted, r, state, s.quota);
    return true;
}

/* ---- laptops ---- */

static const char *const enrolment_names[] = {
    [ENROL_NONE] = N_("unknown"),
    [ENROLLED] = N_("enrolled"),
    [ENROL_CONTESTED] = N_("contested: two laptops joined with one kit"),
    [ENROL_REJECTED] = N_("rejected"),
};

static const char *role_of(const struct tally *t, const struct device *d)
{
    uint32_t may = authority_may(derive_authority(t->desk->d), &d->ed_pk);
    if (derive_is_revoked(t->desk->d, &d->device))
        return N_("revoked");
    if (may & MAY_PURGE)
        return N_("office");
    if (may & MAY_REVIEW)
        return N_("supervisor");
    if (may & MAY_INTERVIEW && derive_predecessor(t->desk->d, d))
        return N_("new keys");
    return enrolment_names[derive_enrolment(t->desk->d, &d->device)];
}

/* ", goes on for 70ff6a4e", of one with new keys. */
static void add_predecessor(const struct tally *t, const struct device *d, struct buf *out)
{
    char number[FIND_DIGITS + 1];
    const struct device *was = derive_predecessor(t->desk->d, d);
    if (!was)
        return;
    find_number(&was->device, number);
    buf_printf(out, _(", goes on for %s"), number);
}

static bool newest_head(void *ctx, const struct ledger_head *h)
{
    uint64_t *seq = ctx;
    if (h->seq > *seq)
        *seq = h->seq;
    return true;
}

static bool list_device(void *ctx, const struct device *d)
{
    struct tally *t = ctx;
    char number[FIND_DIGITS + 1];
    uint64_t seq = 0;
    struct buf b;
    if (hash32_eq(&d->device, &store_identity(t->desk->s)->device))
        return true;
    t->failed = !store_head_each(t->desk->s, &d->device, newest_head, &seq, t->e);
    if (t->failed)
        return false;
    find_number(&d->device, number);
    const char *role = role_of(t, d);
    if (t->laptops) {
        json_array_append_new(t->laptops,
                              json_pack("{s:s, s:s%, s:s, s:I}", "device", number, "label",
                                        d->label.p ? d->label.p : "", d->label.n, "enrolment", role,
                                        "ledger_rows", (json_int_t)seq));
        return true;
    }
    buf_init(&b, 4096);
    buf_printf(&b, "  %s  %-20.*s %s", number, STR_FMT(d->label), _(role));
    add_predecessor(t, d, &b);
    buf_printf(&b, _(", ledger rows: %llu\n"), (unsigned long long)seq);
    cmd_put(false, buf_str(&b));
    buf_done(&b);
    return true;
}

/* ---- saying it ---- */

static void say_forms(const struct tally *t, const struct matters *m)
{
    struct buf b;
    buf_init(&b, 1 << 16);
    buf_printf(&b,
               _("records: %llu (to be reviewed %llu, accepted %llu, returned %llu), interviews in "
                 "conflict: %zu\n"),
               (unsigned long long)t->records, (unsigned long long)t->reviewed[0],
               (unsigned long long)t->reviewed[VERDICT_ACCEPT],
               (unsigned long long)t->reviewed[VERDICT_RETURN], m->count[KIND_CONFLICT]);
    for (size_t i = 0; i < t->n_forms; i++) {
        const struct form_counts *f = &t->forms[i];
        buf_printf(&b, "  %-16.*s %llu", STR_FMT(f->form_id), (unsigned long long)f->records);
        for (int o = 1; o < OUTCOMES; o++)
            if (f->outcome[o])
                buf_printf(&b, _("   outcome %d: %llu"), o, (unsigned long long)f->outcome[o]);
        buf_add_c(&b, '\n');
    }
    cmd_put(false, buf_str(&b));
    buf_done(&b);
}

struct kits {
    struct buf b;
    json_t *json; /* NULL: text */
};

static bool list_kit(void *ctx, struct str label, int64_t made_ms)
{
    struct kits *k = ctx;
    char when[32];
    say_time(made_ms, when);
    if (k->json)
        json_array_append_new(k->json, json_pack("{s:s%, s:s}", "label", label.p ? label.p : "",
                                                 label.n, "made", when));
    else
        buf_printf(&k->b, _("  %-20.*s made %s\n"), STR_FMT(label), when);
    return true;
}

/* Given out, and nobody has joined with them yet. */
static bool list_kits(struct tally *t, struct err *e)
{
    struct kits k = {.json = t->kits};
    buf_init(&k.b, (size_t)1 << 20);
    bool ok = kits_unused(t->desk->s, list_kit, &k, e);
    if (ok && k.b.n) {
        puts(_("kits not joined with yet:"));
        cmd_put(false, buf_str(&k.b));
    }
    buf_done(&k.b);
    return ok;
}

static const char *const kind_names[] = {
    [QUOTA_MIN] = N_("at least"), [QUOTA_MAX] = N_("at most"), [QUOTA_WARN] = N_("about")};
static const char *const kind_codes[] = {
    [QUOTA_MIN] = "min", [QUOTA_MAX] = "max", [QUOTA_WARN] = "warn"};

static void say_quotas(const struct tally *t)
{
    const struct config *c = survey_config(t->desk->sv);
    const uint64_t *have = quota_tally(t->have), *accepted = quota_tally(t->accepted);
    struct buf b;
    if (c->n_quotas == 0)
        return;
    buf_init(&b, 1 << 20);
    buf_add_z(&b, _("quotas (complete interviews, of these accepted):\n"));
    for (size_t i = 0; i < c->n_quotas; i++) {
        const struct config_quota *q = &c->quotas[i];
        bool over = q->kind == QUOTA_MAX && have[i] > q->target;
        buf_printf(&b, _("  %-16.*s %-32.*s %s %llu: %llu (%llu)%s\n"), STR_FMT(q->form_id),
                   STR_FMT(q->name), _(kind_names[q->kind]), (unsigned long long)q->target,
                   (unsigned long long)have[i], (unsigned long long)accepted[i],
                   over                     ? _(", too many")
                   : quota_full(q, have[i]) ? _(", full")
                                            : "");
    }
    cmd_put(false, buf_str(&b));
    buf_done(&b);
}

static json_t *json_quotas(const struct tally *t)
{
    const struct config *c = survey_config(t->desk->sv);
    const uint64_t *have = quota_tally(t->have), *accepted = quota_tally(t->accepted);
    json_t *quotas = json_array();
    for (size_t i = 0; i < c->n_quotas; i++) {
        const struct config_quota *q = &c->quotas[i];
        json_array_append_new(
            quotas, json_pack("{s:s%, s:s%, s:s, s:I, s:I, s:I}", "name", q->name.p, q->name.n,
                              "form", q->form_id.p, q->form_id.n, "kind", kind_codes[q->kind],
                              "target", (json_int_t)q->target, "records", (json_int_t)have[i],
                              "accepted", (json_int_t)accepted[i]));
    }
    return quotas;
}

static json_t *json_forms(const struct tally *t)
{
    json_t *forms = json_array();
    for (size_t i = 0; i < t->n_forms; i++) {
        json_t *outcomes = json_object();
        for (int o = 0; o < OUTCOMES; o++) {
            char key[8];
            snprintf(key, sizeof key, "%d", o);
            if (t->forms[i].outcome[o])
                json_object_set_new(outcomes, key,
                                    json_integer((json_int_t)t->forms[i].outcome[o]));
        }
        json_array_append_new(forms,
                              json_pack("{s:s%, s:I, s:o}", "form", t->forms[i].form_id.p,
                                        t->forms[i].form_id.n, "records",
                                        (json_int_t)t->forms[i].records, "outcomes", outcomes));
    }
    return forms;
}

/* ---- bundles that were not merged ---- */

static void add_files(const struct aside_file *v, size_t n, struct buf *out)
{
    for (size_t i = 0; i < n && i < ASIDE_SHOWN; i++)
        buf_printf(out, v[i].reason.n ? "  %.*s  %.*s\n" : "  %.*s%.*s\n", STR_FMT(v[i].name),
                   STR_FMT(v[i].reason));
    if (n > ASIDE_SHOWN)
        buf_printf(out, _("  … and %zu more (--json lists all)\n"), n - ASIDE_SHOWN);
}

static void say_aside(const struct aside *x)
{
    struct buf b;
    buf_init(&b, 1u << 20);
    if (x->n_parked) {
        buf_printf(&b,
                   _("\nParked bundles (%zu) in %.*s\n  They come from laptops whose kit or "
                     "certificate this "
                     "office does not know.\n  → Ask who sent them; office certify for a "
                     "supervisor, office "
                     "successor for a laptop with new keys; then merge again.\n"),
                   x->n_parked, STR_FMT(x->inbox));
        add_files(x->parked, x->n_parked, &b);
    }
    if (x->n_quarantined) {
        buf_printf(
            &b,
            _("\nBundles in quarantine (%zu) in %.*s/quarantine\n  They were refused, or held "
              "records "
              "that do not count.\n  → Ask their laptops for new ones (cacah send --all). When the "
              "cause is gone: office merge with the file's path.\n"),
            x->n_quarantined, STR_FMT(x->inbox));
        add_files(x->quarantined, x->n_quarantined, &b);
    }
    cmd_put(false, buf_str(&b));
    buf_done(&b);
}

static json_t *json_files(const struct aside_file *v, size_t n)
{
    json_t *list = json_array();
    for (size_t i = 0; i < n; i++)
        json_array_append_new(list, json_pack("{s:s%, s:s%}", "file", v[i].name.p, v[i].name.n,
                                              "reason", v[i].reason.p, v[i].reason.n));
    return list;
}

static void json_status(const struct tally *t, const struct matters *m, const struct aside *x)
{
    json_t *j = json_pack("{s:I, s:{s:I, s:I, s:I}, s:I, s:o, s:O, s:O, s:o, s:o}", "records",
                          (json_int_t)t->records, "reviews", "none", (json_int_t)t->reviewed[0],
                          "accepted", (json_int_t)t->reviewed[VERDICT_ACCEPT], "returned",
                          (json_int_t)t->reviewed[VERDICT_RETURN], "conflicts",
                          (json_int_t)m->count[KIND_CONFLICT], "forms", json_forms(t), "laptops",
                          t->laptops, "kits", t->kits, "quotas", json_quotas(t), "matters",
                          json_matters(m));
    json_object_set_new(j, "parked", json_files(x->parked, x->n_parked));
    json_object_set_new(j, "quarantine", json_files(x->quarantined, x->n_quarantined));
    json_dumpf(j, stdout, JSON_INDENT(1));
    putchar('\n');
    json_decref(j);
}

static bool say_head(struct tally *t, struct err *e)
{
    struct buf words, b;
    struct hash32 hash;
    buf_init(&words, 1024);
    buf_init(&b, 8192);
    bool ok = kit_survey_words(t->desk->s, WORDS_ID, &words, e) &&
              derive_content_hash(t->desk->s, &hash, e);
    if (ok) {
        buf_printf(&b, _("survey:  %.*s\nwords:   %s\ncontent: "),
                   STR_FMT(survey_title(t->desk->sv)), words.p);
        hex_add(&b, hash.b, 8);
        buf_add_z(&b, _("\nlaptops:\n"));
        cmd_put(false, buf_str(&b));
    }
    buf_done(&words);
    buf_done(&b);
    return ok;
}

static bool count(struct tally *t, struct err *e)
{
    t->have = quota_tally_new(t->desk->sv);
    t->accepted = quota_tally_new(t->desk->sv);
    return derive_each(t->desk->d, count_head, t, e);
}

int cmd_office_status(const struct call *c)
{
    struct err e = {0};
    struct desk d;
    struct matters m = {.n = 0};
    struct aside aside = {.n_parked = 0};
    bool json = c->given[OPT_json];
    struct tally t = {.desk = &d,
                      .e = &e,
                      .laptops = json ? json_array() : NULL,
                      .kits = json ? json_array() : NULL};
    bool ok = desk_open(c, &d, &e) && (json || say_head(&t, &e)) &&
              store_device_each(d.s, list_device, &t, &e) && !t.failed && list_kits(&t, &e) &&
              count(&t, &e) && matters_load(&m, d.d, d.s, &e) && aside_load(&aside, d.d, d.s, &e);
    if (ok && json) {
        json_status(&t, &m, &aside);
    } else if (ok) {
        say_forms(&t, &m);
        say_quotas(&t);
        say_matters(&m, KINDS);
        say_aside(&aside);
    }
    json_decref(t.laptops);
    json_decref(t.kits);
    matters_done(&m);
    aside_done(&aside);
    mem_free(t.forms);
    quota_tally_free(t.have);
    quota_tally_free(t.accepted);
    desk_close(&d);
    return ok ? cmd_end(0) : cmd_fail(&e);
}
