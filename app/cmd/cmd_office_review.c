/* cacah office review list|show|accept|return: reading records as they were finalised, accepting them, or
 * returning them with a comment to be corrected. */
#include "app/cmd/cmd.h"

#include <stdio.h>
#include <string.h>

#include "app/cmd/desk.h"
#include "app/cmd/say.h"
#include "app/flow/host.h"
#include "app/flow/record.h"
#include "app/tr.h"
#include "app/view/field_of.h"
#include "app/view/text.h"
#include "sync/merge/decide.h"

/* ---- list ---- */

struct listing {
    struct desk *desk;
    json_t *json; /* NULL: text */
    bool all;
    uint64_t shown;
};

static const char *review_state(const struct desk *d, const struct revision *r, bool *ret_waits)
{
    static const char *const contested[] = {
        [0] = N_("to be reviewed; its laptop's kit is contested"),
        [VERDICT_ACCEPT] = N_("accepted; its laptop's kit is contested"),
        [VERDICT_RETURN] = N_("returned; its laptop's kit is contested")};
    static const char *const rejected[] = {
        [0] = N_("to be reviewed; its laptop was rejected"),
        [VERDICT_ACCEPT] = N_("accepted; its laptop was rejected"),
        [VERDICT_RETURN] = N_("returned; its laptop was rejected")};
    int verdict = derive_verdict(d->d, &r->rev_id);
    enum enrolment doubt = derive_doubt(d->d, &r->device);
    *ret_waits = verdict == 0;
    if (doubt != ENROLLED)
        return (doubt == ENROL_CONTESTED ? contested : rejected)[verdict];
    if (verdict == VERDICT_RETURN)
        return N_("returned, its correction has not come");
    if (verdict == VERDICT_ACCEPT)
        return N_("accepted");
    return r->n_parents ? N_("corrected, to be reviewed again") : N_("to be reviewed");
}

static bool list_one(void *ctx, const struct revision *r, enum revision_state state,
                     enum standing standing, struct str summary)
{
    struct listing *l = ctx;
    bool waits;
    (void)state;
    if (standing != STANDING_CURRENT)
        return true;
    const char *name = review_state(l->desk, r, &waits);
    if (!waits && !l->all)
        return true;
    say_record(l->json, l->desk->sv, r, summary, name);
    l->shown++;
    return true;
}

int cmd_office_review_list(const struct call *c)
{
    struct err e = {0};
    struct desk d;
    struct listing l = {&d, c->given[OPT_json] ? json_array() : NULL, c->given[OPT_all], 0};
    bool ok = desk_open(c, &d, &e) && derive_each(d.d, list_one, &l, &e);
    if (ok && l.json) {
        json_dumpf(l.json, stdout, JSON_INDENT(1));
        putchar('\n');
    } else if (ok && l.shown == 0) {
        puts(l.all ? _("There are no records yet.") : _("Nothing waits to be reviewed."));
    }
    json_decref(l.json);
    desk_close(&d);
    return ok ? cmd_end(0) : cmd_fail(&e);
}

/* ---- show ---- */

struct told {
    struct desk *desk;
    struct buf *out;
    struct err *e;
    bool failed;
};

struct by_key {
    const struct pk32 *ed;
    struct hash32 device;
    bool there;
};

static bool find_key(void *ctx, const struct device *d)
{
    struct by_key *k = ctx;
    if (pk32_eq(&d->ed_pk, k->ed)) {
        k->device = d->device;
        k->there = true;
    }
    return !k->there;
}

static void add_review(void *ctx, const struct review *r, const struct pk32 *signer)
{
    struct told *t = ctx;
    struct by_key k = {.ed = signer};
    struct str who = STR("?");
    char when[32];
    if (t->failed)
        return;
    t->failed = !store_device_each(t->desk->s, find_key, &k, t->e) ||
                (k.there && !history_device_name(t->desk->s, &k.device, &t->desk->a, &who, t->e));
    say_time(r->made_ms, when);
    buf_printf(t->out,
               r->verdict == VERDICT_ACCEPT ? _("      accepted by %.*s, %s")
                                            : _("      returned by %.*s, %s"),
               STR_FMT(who), when);
    if (r->comment.n)
        buf_printf(t->out, ": %.*s", STR_FMT(r->comment));
    buf_add_c(t->out, '\n');
}

static bool add_versions(struct desk *d, const struct history *h, struct buf *out, struct err *e)
{
    struct told t = {d, out, e, false};
    buf_add_z(out, _("Versions, the first one first:\n"));
    for (size_t i = 0; i < h->n && !t.failed; i++) {
        const struct version *v = &h->v[i];
        char when[32] = "";
        if (v->made_ms)
            say_time(v->made_ms, when);
        buf_printf(out, "  %s  %-16s  %.*s%s  %s\n", v->number, when, STR_FMT(v->laptop),
                   v->resolved ? _(" (chosen in a conflict)") : "", _(standing_name(v->standing)));
        t.failed = !derive_reviews(d->d, &v->r.rev_id, add_review, &t, e) || t.failed;
    }
    return !t.failed;
}

static void add_answers(struct interview *iv, struct buf *out)
{
    struct place p = PLACE_NONE;
    while (interview_next(iv, &p, NAV_GROUPS)) {
        enum node_type type = interview_form(iv)->nodes[p.def].type;
        size_t begin = out->n;
        if (p.whole || type == TYPE_NOTE)
            continue;
        bool heading = type == TYPE_GROUP || type == TYPE_REPEAT;
        buf_add_z(out, heading ? "\n  " : "    ");
        field_label(iv, &p, out);
        if (!heading) {
            struct buf answer;
            buf_init(&answer, LIMIT_ANSWER_BYTES);
            field_answer(iv, &p, &answer);
            if (text_width(str_from(buf_str(out), begin)) > 46)
                buf_add_z(out, "\n     ");
            for (int w = text_width(str_from(buf_str(out), begin)); w < 48 && w > 5; w++)
                buf_add_c(out, ' ');
            buf_printf(out, " %.*s", STR_FMT(buf_str(&answer)));
            if (interview_state(iv, &p).warns)
                buf_add_z(out, _("  (?) odd, confirmed by the enumerator"));
            buf_wipe_done(&answer);
        }
        buf_add_c(out, '\n');
    }
}

static bool add_contents(struct desk *d, const struct version *v, bool pii, struct buf *out,
                         struct err *e)
{
    const struct form *f;
    struct record rec;
    struct host host;
    struct interview *iv = NULL;
    struct erased erased;
    uint32_t lost;
    if (!derive_erased(d->d, &v->r.uuid, &erased, e))
        return false;
    bool gone = erased.hidden >= ERASE_PII; /* by its laptop: hidden until it is destroyed */
    record_init(&rec);
    host_real(&host);
    bool ok = survey_form(d->sv, &v->r.form, &f, e) &&
              record_load(d->s, &v->r, pii && !gone, &rec, e) &&
              interview_read(&iv, f, &host, buf_str(&rec.xml), true, &lost, e);
    if (ok) {
        buf_printf(out, _("\nAnswers of version %s (%.*s, outcome %d)%s:\n"), v->number,
                   STR_FMT(f->title), (int)v->r.outcome,
                   gone || rec.pii_erased ? _(", personal ones erased")
                   : pii                  ? ""
                                          : _(", without personal ones (--pii shows them)"));
        add_answers(iv, out);
    }
    interview_free(iv);
    record_wipe(&rec);
    return ok;
}

/* The version asked for, else the current one, else the newest that can be read. */
static bool choose(const struct history *h, const struct call *c, const struct version **ret,
                   struct err *e)
{
    if (c->n > 1)
        return history_version(h, str_of(c->args[1]), ret, e);
    *ret = &h->v[h->n - 1];
    for (size_t i = 0; i < h->n; i++)
        if (h->v[i].standing == STANDING_CURRENT)
            *ret = &h->v[i];
    return true;
}

int cmd_office_review_show(const struct call *c)
{
    struct err e = {0};
    struct desk d;
    struct history h = {.n = 0};
    const struct version *v = NULL;
    struct buf out;
    char code[16];
    buf_init(&out, 64u << 20);
    bool ok = desk_open(c, &d, &e) && desk_history(&d, c->args[0], &h, &e) && choose(&h, c, &v, &e);
    if (ok) {
        code_of_uuid(&h.uuid, code);
        buf_printf(&out, _("Respondent's code %s\n"), code);
        ok = add_versions(&d, &h, &out, &e);
    }
    if (ok && v->standing == STANDING_ERASED)
        buf_add_z(&out, _("\nThis respondent's answers were erased.\n"));
    else
        ok = ok && add_contents(&d, v, c->given[OPT_pii], &out, &e);
    if (ok)
        cmd_put(false, buf_str(&out));
    buf_wipe_done(&out);
    history_done(&h);
    desk_close(&d);
    return ok ? cmd_end(0) : cmd_fail(&e);
}

/* ---- accept, return ---- */

static bool review_one(struct desk *d, const char *code, enum verdict verdict,
                       const struct device *to, struct str comment, struct err *e)
{
    struct history h = {.n = 0};
    const struct version *v;
    bool ok = desk_history(d, code, &h, e) && history_current(&h, &v, e) &&
              decide_review(d->s, &v->r.rev_id, verdict, to ? &to->device : NULL, comment,
                            desk_merge(d).now_ms, e);
    if (ok && verdict == VERDICT_ACCEPT)
        printf(
            v->verdict == VERDICT_RETURN
                ? _("%s: version %s accepted; it was returned before, and the stricter word counts "
                    "until its correction comes\n")
                : _("%s: version %s accepted\n"),
            code, v->number);
    if (ok && verdict == VERDICT_RETURN) {
        struct str who = v->laptop;
        ok = !to || history_device_name(d->s, &to->device, &d->a, &who, e);
        struct buf b;
        buf_init(&b, 8192);
        buf_printf(&b, _("%s: version %s returned to %.*s\n"), code, v->number, STR_FMT(who));
        cmd_put(false, buf_str(&b));
        buf_done(&b);
    }
    history_done(&h);
    return ok;
}

int cmd_office_review_accept(const struct call *c)
{
    struct err e = {0};
    struct desk d;
    struct str comment = str_of(c->given[OPT_comment] ? c->value[OPT_comment] : "");
    bool ok = desk_open(c, &d, &e);
    for (int i = 0; ok && i < c->n; i++)
        ok = review_one(&d, c->args[i], VERDICT_ACCEPT, NULL, comment, &e);
    desk_close(&d);
    return ok ? cmd_end(0) : cmd_fail(&e);
}

int cmd_office_review_return(const struct call *c)
{
    struct err e = {0};
    struct desk d;
    struct device to;
    if (!c->given[OPT_comment] || str_trim(str_of(c->value[OPT_comment])).n == 0) {
        err_fail(&e, ERR_NO_COMMENT);
        return cmd_fail(&e);
    }
    bool ok = desk_open(c, &d, &e);
    if (ok && c->given[OPT_to])
        ok = find_device(d.s, str_of(c->value[OPT_to]), &to, &d.a, &e);
    for (int i = 0; ok && i < c->n; i++)
        ok = review_one(&d, c->args[i], VERDICT_RETURN, c->given[OPT_to] ? &to : NULL,
                        str_of(c->value[OPT_comment]), &e);
    if (ok)
        puts(_("It goes with the laptop's next receipt (office receipt, or the next office merge) "
               "and opens "
               "there under 'Returned'."));
    desk_close(&d);
    return ok ? cmd_end(0) : cmd_fail(&e);
}
