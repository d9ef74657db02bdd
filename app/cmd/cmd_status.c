/* cacah status: what this laptop holds. */
#include "app/cmd/cmd.h"

#include <jansson.h>
#include <stdio.h>

#include "app/cmd/keep.h"
#include "app/cmd/say.h"
#include "app/tr.h"
#include "sync/bundle/bundle.h"

struct listing {
    json_t *json; /* NULL: text */
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
    say_interview(l->json, &r->uuid, summary, say_state(state), 0);
    return true;
}

static void say_counts(struct survey *sv, const struct store_counts *n, uint64_t pending)
{
    struct buf b;
    buf_init(&b, 8192);
    buf_printf(&b, _("survey:  %.*s\n"), STR_FMT(survey_title(sv)));
    buf_printf(&b, _("laptop:  %.*s, %.*s\n"), STR_FMT(survey_label(sv)), STR_FMT(survey_user(sv)));
    buf_printf(&b, _("drafts:  %llu\nrecords: %llu, of them pending: %llu\n"),
               (unsigned long long)n->drafts, (unsigned long long)n->revisions,
               (unsigned long long)pending);
    cmd_put(false, buf_str(&b));
    buf_done(&b);
}

int cmd_status(const struct call *c)
{
    struct err e = {0};
    struct survey *sv = NULL;
    struct store_counts n;
    uint64_t pending;
    struct listing l = {.json = c->given[OPT_json] ? json_array() : NULL};
    bool ok = keep_survey_kind(c, KEEP_FIELD, &sv, &e) && store_counts(survey_store(sv), &n, &e) &&
              bundle_pending(survey_store(sv), &pending, &e);
    if (ok && !l.json)
        say_counts(sv, &n, pending);
    ok = ok && store_draft_each(survey_store(sv), list_draft, &l, &e) &&
         store_revision_each(survey_store(sv), list_revision, &l, &e);
    if (ok && l.json) {
        json_t *j = json_pack("{s:I, s:I, s:I, s:O}", "drafts", (json_int_t)n.drafts, "records",
                              (json_int_t)n.revisions, "pending", (json_int_t)pending, "interviews",
                              l.json);
        json_dumpf(j, stdout, JSON_INDENT(1));
        putchar('\n');
        json_decref(j);
    }
    json_decref(l.json);
    survey_close(sv);
    return ok ? cmd_end(0) : cmd_fail(&e);
}
