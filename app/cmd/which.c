/* One interview by its code or id; see which.h. */
#include "app/cmd/which.h"

#include <string.h>

#include "app/cmd/say.h"
#include "app/flow/host.h"
#include "app/tr.h"

struct search {
    uint8_t code[5];
    struct which *which;
    bool any;
};

static bool fits(struct search *s, const struct id16 *uuid)
{
    if (s->which->whole ? !id16_eq(uuid, &s->which->uuid)
                        : memcmp(uuid->b, s->code, sizeof s->code) != 0)
        return false;
    s->which->uuid = *uuid;
    return s->any = true;
}

static bool look_draft(void *ctx, const struct draft *d)
{
    struct search *s = ctx;
    s->which->draft |= fits(s, &d->uuid);
    return true;
}

static bool look_record(void *ctx, const struct revision *r, enum revision_state state,
                        struct str summary)
{
    struct search *s = ctx;
    (void)state, (void)summary;
    s->which->records += fits(s, &r->uuid);
    return true;
}

static bool parse(struct search *s, const char *typed, struct err *e)
{
    char arg[ERR_ARG_MAX];
    struct str id = str_trim(str_of(typed));
    s->which->whole =
        uuid_get(id, &s->which->uuid) || hex_get(id, s->which->uuid.b, sizeof s->which->uuid.b);
    return s->which->whole || code_parse(str_of(typed), s->code) ||
           err_fail1(e, ERR_NO_INTERVIEW, err_arg(arg, str_of(typed)));
}

/* One that ended without a record: the ledger alone knows it. */
static bool look_ledger(void *ctx, const struct hash32 *device, const struct ledger_row *r,
                        const struct ledger_detail *detail)
{
    struct search *s = ctx;
    (void)device, (void)detail;
    return r->kind != LEDGER_OPEN || !fits(s, &r->subject);
}

bool which_find(struct survey *sv, const char *typed, struct which *ret, struct err *e)
{
    char arg[ERR_ARG_MAX];
    struct which found = {.draft = false};
    struct search s = {.which = &found};
    if (!parse(&s, typed, e) || !store_draft_each(survey_store(sv), look_draft, &s, e) ||
        !store_revision_each(survey_store(sv), look_record, &s, e) ||
        (!s.any && !found.whole && !store_ledger_tell(survey_store(sv), look_ledger, &s, e)))
        return false;
    if (!s.any && !found.whole)
        return err_fail1(e, ERR_NO_INTERVIEW, err_arg(arg, str_of(typed)));
    code_of_uuid(&found.uuid, found.code);
    *ret = found;
    return true;
}

struct saying {
    struct survey *sv;
    const struct id16 *uuid;
};

static bool say_draft(void *ctx, const struct draft *d)
{
    const struct saying *w = ctx;
    if (id16_eq(&d->uuid, w->uuid))
        say_interview(NULL, &d->uuid, d->note, N_("draft"), d->changed_ms);
    return true;
}

static bool say_one(void *ctx, const struct revision *r, enum revision_state state,
                    struct str summary)
{
    const struct saying *w = ctx;
    if (id16_eq(&r->uuid, w->uuid))
        say_record(NULL, w->sv, r, summary, say_state(state));
    return true;
}

bool which_say(struct survey *sv, const struct which *w, struct err *e)
{
    struct saying x = {sv, &w->uuid};
    return store_draft_each(survey_store(sv), say_draft, &x, e) &&
           store_revision_each(survey_store(sv), say_one, &x, e);
}
