/* cacah bundle: everything that the office has not acknowledged, in one sealed file. */
#include "app/cmd/cmd.h"

#include <stdio.h>
#include <sys/stat.h>

#include "app/cmd/keep.h"
#include "app/flow/courier.h"
#include "app/flow/host.h"
#include "app/tr.h"
#include "sync/bundle/bundle.h"

int cmd_bundle(const struct call *c)
{
    struct err e = {0};
    struct survey *sv = NULL;
    struct bundle_written w;
    struct buf hollow;
    struct stat st;
    const char *to = c->given[OPT_output] ? c->value[OPT_output] : ".";
    bool there = stat(to, &st) == 0;
    if (there && !S_ISDIR(st.st_mode) && !c->given[OPT_force]) {
        err_fail1(&e, ERR_EXISTS, to);
        return cmd_fail(&e);
    }
    if (!keep_own(c, &sv, &e))
        return cmd_fail(&e);
    bool ok = c->given[OPT_all] ? bundle_write_all(survey_store(sv), to, host_now().ms, &w, &e)
                                : bundle_write(survey_store(sv), to, host_now().ms, &w, &e);
    survey_close(sv);
    if (!ok)
        return cmd_fail(&e);
    bool folder = there && S_ISDIR(st.st_mode);
    printf(_("%s%s%s: number %llu, %llu records, %llu ledger rows, %llu bytes\n"), to,
           folder ? "/" : "", folder ? w.name : "", (unsigned long long)w.seq,
           (unsigned long long)w.records, (unsigned long long)w.rows, (unsigned long long)w.bytes);
    buf_init(&hollow, 8192);
    courier_say_hollow(&w, &hollow);
    cmd_put(false, str_from(buf_str(&hollow), hollow.n ? 1 : 0)); /* its first line feed */
    buf_done(&hollow);
    return cmd_end(w.hollow ? ERR_FAULT : 0);
}
