/* cacah receive RECEIPT...: what the office says it holds. */
#include "app/cmd/cmd.h"

#include <stdio.h>

#include "app/cmd/keep.h"
#include "app/flow/host.h"
#include "app/tr.h"
#include "sync/bundle/receipt.h"

static void say(const char *path, const struct receipt_applied *r)
{
    struct buf b;
    buf_init(&b, 8192);
    buf_printf(&b, _("%s: receipt %llu: "), path, (unsigned long long)r->number);
    if (r->again)
        buf_add_z(&b, _("applied before, nothing changed\n"));
    else
        buf_printf(
            &b, _("%llu held (%llu of them new), %llu safe, %llu erased, %llu quarantined\n"),
            (unsigned long long)r->held, (unsigned long long)r->newly, (unsigned long long)r->safe,
            (unsigned long long)r->erased, (unsigned long long)r->quarantined);
    if (r->older)
        buf_add_z(&b, _("  older than one applied before: its settings were not taken\n"));
    if (r->new_config || r->new_forms)
        buf_printf(&b, _("  new settings, %llu new forms\n"), (unsigned long long)r->new_forms);
    buf_add_z(&b, _("  code for the telephone: "));
    words_of_hash(WORDS_ID, &r->id, WORDS_RECEIPT, &b);
    buf_add_c(&b, '\n');
    cmd_put(false, buf_str(&b));
    buf_done(&b);
}

int cmd_receive(const struct call *c)
{
    struct err e = {0};
    struct survey *sv = NULL;
    int code = 0;
    if (!keep_survey_kind(c, KEEP_FIELD, &sv, &e))
        return cmd_fail(&e);
    for (int i = 0; i < c->n; i++) {
        struct receipt_applied r;
        struct err failed = {0};
        if (receipt_apply(survey_store(sv), c->args[i], NULL, &r, &failed)) {
            say(c->args[i], &r);
        } else {
            int n = cmd_fail(&failed);
            code = code > n ? code : n;
        }
    }
    uint64_t purged = 0;
    if (!survey_refresh(sv, &e) || !survey_purge(sv, host_now().ms, &purged, &e))
        code = cmd_fail(&e);
    else if (purged)
        printf(tr_n("%llu interview that the office holds safely was removed here.\n",
                    "%llu interviews that the office holds safely were removed here.\n", purged),
               (unsigned long long)purged);
    survey_close(sv);
    return cmd_end(code);
}
