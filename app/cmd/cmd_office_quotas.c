/* cacah office quotas FILE: how many interviews of which kind are wanted, for all laptops. */
#include "app/cmd/cmd.h"

#include <stdio.h>

#include "app/cmd/keep.h"
#include "app/flow/quota.h"
#include "app/tr.h"
#include "sync/bundle/kit.h"
#include "sync/io/io.h"

static bool set(struct survey *sv, struct str csv, size_t *ret_n, struct err *e)
{
    struct config config;
    struct arena a;
    arena_init(&a);
    bool ok = kit_config(survey_store(sv), &config, &a, e) &&
              quota_read(csv, &config.quotas, &config.n_quotas, &a, e) &&
              quota_check(sv, config.quotas, config.n_quotas, e) &&
              office_config_set(survey_store(sv), &config, e);
    *ret_n = ok ? config.n_quotas : 0;
    arena_done(&a);
    return ok;
}

int cmd_office_quotas(const struct call *c)
{
    struct err e = {0};
    struct survey *sv = NULL;
    struct buf csv;
    size_t n = 0;
    buf_init(&csv, QUOTA_CSV_MAX);
    bool ok = keep_survey_kind(c, KEEP_OFFICE, &sv, &e) &&
              io_read_file(c->args[0], QUOTA_CSV_MAX, &csv, &e) && set(sv, buf_str(&csv), &n, &e);
    if (ok)
        printf(tr_n("%zu quota; kits and the next receipts carry it.\n",
                    "%zu quotas; kits and the next receipts carry them.\n", n),
               n);
    buf_done(&csv);
    survey_close(sv);
    return ok ? cmd_end(0) : cmd_fail(&e);
}
