/* cacah status: what this laptop holds. */
#include "app/cmd/cmd.h"

#include <jansson.h>
#include <stdio.h>

#include "app/cmd/keep.h"
#include "app/cmd/say.h"
#include "app/flow/assign.h"
#include "app/flow/courier.h"
#include "app/flow/host.h"
#include "app/office/find.h"
#include "app/tr.h"
#include "sync/bundle/bundle.h"

struct listing {
    json_t *json; /* NULL: text */
    json_t *returned;
    struct survey *sv;
    uint64_t quarantined;
};

static bool list_draft(void *ctx, const struct draft *d)
{
    struct listing *l = ctx;
    say_interview(l->json, &d->uuid, d->note, N_("draft"), d->changed_ms);
    return true;
}

static bool list_revision(void *ctx, const struct revision *r, enum revision_state state,
                          struct str summary)
{
    struct listing *l = ctx;
    l->quarantined += state == REVISION_QUARANTINED;
    say_record(l->json, l->sv, r, summary, say_state(state));
    return true;
}

static bool say_quarantined(const struct listing *l)
{
    if (l->quarantined && !l->json)
        puts(_(courier_quarantined()));
    return true;
}

static bool list_returned(void *ctx, const struct revision *r, struct str comment,
                          int64_t returned_ms, struct err *e)
{
    struct listing *l = ctx;
    char code[16], when[32];
    (void)e;
    code_of_uuid(&r->uuid, code);
    say_time(returned_ms, when);
    if (l->json) {
        json_array_append_new(l->returned,
                              json_pack("{s:s, s:s, s:s%}", "code", code, "when", when, "comment",
                                        comment.n ? comment.p : "", comment.n));
        return true;
    }
    struct buf b;
    buf_init(&b, 1 << 17);
    buf_printf(&b, _("  %s  %-16s returned for correction: %.*s\n"), code, when, STR_FMT(comment));
    cmd_put(false, buf_str(&b));
    buf_done(&b);
    return true;
}

static void say_counts(struct survey *sv, const struct store_counts *n, uint64_t pending)
{
    struct buf b;
    char number[FIND_DIGITS + 1];
    buf_init(&b, 8192);
    buf_printf(&b, _("survey:  %.*s\n"), STR_FMT(survey_title(sv)));
    buf_printf(&b, _("laptop:  %.*s"), STR_FMT(survey_label(sv)));
    buf_printf(&b, survey_user(sv).n ? ", %.*s\n" : "%.*s\n", STR_FMT(survey_user(sv)));
    find_number(&store_identity(survey_store(sv))->device, number);
    buf_printf(&b, _("number:  %s (by which the office knows it)\n"), number);
    buf_printf(&b, _("drafts:  %llu\nrecords: %llu, of them pending: %llu\n"),
               (unsigned long long)n->drafts, (unsigned long long)n->revisions,
               (unsigned long long)pending);
    cmd_put(false, buf_str(&b));
    buf_done(&b);
}

static const char *const assigned_names[] = {[ASSIGNED_OPEN] = N_("not begun"),
                                             [ASSIGNED_DRAFT] = N_("draft"),
                                             [ASSIGNED_RETURNED] = N_("returned"),
                                             [ASSIGNED_FINISHED] = N_("finished")};

static void say_assignment(const struct assignment *a)
{
    struct buf b;
    buf_init(&b, LIMIT_CELL_BYTES);
    buf_printf(&b, "  %-12.*s %-14.*s %-24.*s %s\n", STR_FMT(a->id), STR_FMT(a->form_id),
               STR_FMT(a->label), _(assigned_names[a->state]));
    cmd_put(false, buf_str(&b));
    buf_done(&b);
}

static json_t *json_assignment(const struct assignment *a)
{
    return json_pack("{s:s%, s:s%, s:s, s:i}", "id", a->id.p, a->id.n, "form", a->form_id.p,
                     a->form_id.n, "state", assigned_names[a->state], "visits", (int)a->sum.visits);
}

/* Into the array, or as lines. */
static bool list_assignments(struct survey *sv, json_t *json, struct err *e)
{
    struct assignments all;
    bool ok = assignments_load(&all, sv, e);
    if (ok && !json && all.n)
        printf(_("assignments: %zu\n"), all.n);
    for (size_t i = 0; ok && i < all.n; i++)
        if (json)
            json_array_append_new(json, json_assignment(&all.v[i]));
        else
            say_assignment(&all.v[i]);
    assignments_done(&all);
    return ok;
}

int cmd_status(const struct call *c)
{
    struct err e = {0};
    struct survey *sv = NULL;
    struct store_counts n;
    uint64_t pending;
    struct listing l = {.json = c->given[OPT_json] ? json_array() : NULL, .returned = json_array()};
    char number[FIND_DIGITS + 1];
    json_t *assigned = c->given[OPT_json] ? json_array() : NULL;
    bool ok = keep_look_kind(c, KEEP_FIELD, &sv, &e) && store_counts(survey_store(sv), &n, &e) &&
              bundle_pending(survey_store(sv), &pending, &e);
    l.sv = sv;
    if (ok && !l.json)
        say_counts(sv, &n, pending);
    ok = ok && store_draft_each(survey_store(sv), list_draft, &l, &e) &&
         store_revision_each(survey_store(sv), list_revision, &l, &e) && say_quarantined(&l) &&
         courier_returned(sv, list_returned, &l, &e) && list_assignments(sv, assigned, &e);
    if (ok && l.json) {
        find_number(&store_identity(survey_store(sv))->device, number);
        json_t *j = json_pack("{s:s, s:I, s:I, s:I, s:O, s:O, s:O}", "device", number, "drafts",
                              (json_int_t)n.drafts, "records", (json_int_t)n.revisions, "pending",
                              (json_int_t)pending, "interviews", l.json, "returned", l.returned,
                              "assignments", assigned);
        json_dumpf(j, stdout, JSON_INDENT(1));
        putchar('\n');
        json_decref(j);
    }
    json_decref(l.json);
    json_decref(l.returned);
    json_decref(assigned);
    survey_close(sv);
    return ok ? cmd_end(0) : cmd_fail(&e);
}
