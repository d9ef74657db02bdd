/* The office's assignments; see tasks.h. */
#include "app/cmd/tasks.h"

#include "app/flow/assign.h"
#include "sync/io/io.h"

static bool check_forms(struct survey *sv, const struct assignments *a, struct err *e)
{
    struct hash32 hash;
    for (size_t i = 0; i < a->n; i++)
        if (!survey_form_named(sv, a->v[i].form_id, &hash, e))
            return false;
    return true;
}

bool tasks_take(struct survey *sv, const char *path, size_t *ret_n, struct err *e)
{
    struct assignments all = {0};
    struct buf csv;
    buf_init(&csv, ASSIGNMENTS_BYTES_MAX);
    bool ok = io_read_file(path, ASSIGNMENTS_BYTES_MAX, &csv, e) &&
              assignments_read(&all, buf_str(&csv), e) && check_forms(sv, &all, e) &&
              store_config_put(survey_store(sv), "assignments", buf_str(&csv), e);
    *ret_n = ok ? all.n : 0;
    assignments_done(&all);
    buf_wipe_done(&csv);
    return ok;
}

bool tasks_for(struct store *office, struct str label, struct buf *out, struct err *e)
{
    struct buf csv;
    bool there;
    buf_init(&csv, ASSIGNMENTS_BYTES_MAX);
    bool ok = store_config_get(office, "assignments", &csv, &there, e);
    if (ok && there && csv.n)
        ok = assignments_of(buf_str(&csv), label, out, e);
    buf_wipe_done(&csv);
    return ok;
}
