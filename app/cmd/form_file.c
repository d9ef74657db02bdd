/* Forms given as files; see form_file.h. */
#include "app/cmd/form_file.h"

#include <stdio.h>

#include "app/cmd/cmd.h"
#include "app/tr.h"
#include "forms/base/limits.h"
#include "sync/io/io.h"

bool form_file_load(struct form_file_open *ret, const char *path, struct err *e)
{
    *ret = (struct form_file_open){0};
    diags_init(&ret->diags);
    buf_init(&ret->bytes, LIMIT_FORM_FILE);
    if (!io_read_file(path, LIMIT_FORM_FILE, &ret->bytes, e) ||
        !host_dir(&ret->dir, path, &ret->host, e)) {
        form_file_done(ret);
        return false;
    }
    if (form_compile(&ret->form, buf_str(&ret->bytes), path, &ret->host, &ret->diags, e))
        return true;
    if (!e->kind)
        return true; /* its faults are in diags */
    form_file_done(ret);
    return false;
}

void form_file_done(struct form_file_open *f)
{
    form_free(f->form);
    diags_done(&f->diags);
    buf_done(&f->bytes);
    *f = (struct form_file_open){0};
}

void form_file_say(const struct form_file_open *f, bool quiet)
{
    struct buf line;
    buf_init(&line, 8192);
    for (size_t i = 0; i < f->diags.n; i++) {
        if (quiet && f->diags.v[i].severity == SEV_WARNING)
            continue;
        buf_clear(&line);
        diag_line(&f->diags.v[i], tr, &line);
        cmd_put(true, buf_str(&line));
        fputc('\n', stderr);
    }
    size_t all = f->diags.errors + f->diags.warnings;
    if (all > f->diags.n)
        cmd_note(_("%zu more are not listed"), all - f->diags.n);
    buf_done(&line);
}

int form_file_need(struct form_file_open *ret, const char *path)
{
    struct err e = {0};
    if (!form_file_load(ret, path, &e))
        return cmd_fail(&e);
    form_file_say(ret, true);
    if (ret->form)
        return 0;
    form_file_done(ret);
    return ERR_FAULT;
}
