/* Forms into a survey; see form_pack.h. */
#include "app/cmd/form_pack.h"

#include <stdlib.h>
#include <string.h>

#include "app/cmd/form_file.h"
#include "forms/base/limits.h"
#include "sync/bundle/kit.h"

static int by_name(const void *a, const void *b)
{
    const struct form_file *x = a, *y = b;
    return str_cmp(x->name, y->name);
}

/* The bytes of every external list that the form names, in order of name. */
static bool read_lists(const struct form_file_open *f, struct arena *a, struct form_files *ret,
                       struct err *e)
{
    const struct str *names;
    size_t n = form_externals(f->form, &names);
    struct form_file *lists = ARENA_ARRAY(a, struct form_file, n);
    for (size_t i = 0; i < n; i++) {
        struct buf bytes;
        buf_init(&bytes, LIMIT_FORM_ENTRY);
        bool ok = f->host.file(f->host.ctx, names[i], &bytes, e);
        if (ok)
            lists[i] = (struct form_file){arena_str(a, names[i]), arena_str(a, buf_str(&bytes))};
        buf_done(&bytes);
        if (!ok)
            return false;
    }
    qsort(lists, n, sizeof *lists, by_name);
    ret->lists = lists;
    ret->n_lists = n;
    return true;
}

bool form_pack_file(const char *path, struct arena *a, struct form_files *ret, struct str *ret_id,
                    struct err *e)
{
    struct form_file_open f;
    char tmp[ERR_ARG_MAX];
    if (!form_file_load(&f, path, e))
        return false;
    bool ok = f.form != NULL;
    if (!ok) {
        struct buf why;
        buf_init(&why, 8192);
        diag_line(&f.diags.v[0], NULL, &why);
        err_fail2(e, ERR_FORM_BAD, path, err_arg(tmp, buf_str(&why)));
        buf_done(&why);
    } else {
        const char *slash = strrchr(path, '/');
        *ret = (struct form_files){.form = {arena_str(a, str_of(slash ? slash + 1 : path)),
                                            arena_str(a, buf_str(&f.bytes))}};
        if (ret_id)
            *ret_id = arena_str(a, f.form->id);
        ok = form_usable(f.form, e) && read_lists(&f, a, ret, e);
    }
    form_file_done(&f);
    return ok;
}
