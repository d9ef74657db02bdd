/* cacah office form FILE...: forms for the survey, or new versions of those it has. */
#include "app/cmd/cmd.h"

#include <stdio.h>

#include "app/cmd/form_pack.h"
#include "app/cmd/keep.h"
#include "app/tr.h"
#include "forms/base/limits.h"
#include "sync/bundle/kit.h"

/* What the survey has of that form_id, or of that file name. */
struct place_taken {
    const struct form *form; /* NULL: nothing */
    struct str name;         /* its file's */
    struct hash32 hash;
};

/* One that does not compile any more can still be replaced, by its file name. */
static bool find_place(struct survey *sv, struct str id, struct str file, struct arena *a,
                       struct place_taken *ret, struct err *e)
{
    struct config c;
    char arg[ERR_ARG_MAX], arg2[ERR_ARG_MAX], arg3[ERR_ARG_MAX];
    *ret = (struct place_taken){.form = NULL};
    if (!kit_config(survey_store(sv), &c, a, e))
        return false;
    for (size_t i = 0; i < c.n_forms; i++) {
        const struct form *form;
        struct err ignored = {0};
        if (!survey_form(sv, &c.forms[i].hash, &form, &ignored))
            continue;
        if (str_eq(form->id, id))
            *ret = (struct place_taken){form, c.forms[i].name, c.forms[i].hash};
        else if (str_eq(c.forms[i].name, file))
            return err_fail3(e, ERR_FORM_FILE_NAME, err_arg(arg, file), err_arg(arg2, form->id),
                             err_arg(arg3, id));
    }
    return true;
}

static void say(const struct form *f, const struct place_taken *was, bool same)
{
    struct buf b;
    buf_init(&b, 4 * LIMIT_CELL_BYTES);
    buf_printf(&b, "%.*s (%.*s", STR_FMT(f->title), STR_FMT(f->id));
    if (f->version.n)
        buf_printf(&b, _(", version %.*s"), STR_FMT(f->version));
    buf_add_z(&b, "): ");
    if (same)
        buf_add_z(&b, _("the survey has it already"));
    else if (!was->form)
        buf_add_z(&b, _("a new form of the survey"));
    else if (str_eq(was->form->version, f->version))
        buf_add_z(&b, _("in the place of another of the same version: give each its own in the "
                        "settings sheet, so that people can tell them apart"));
    else
        buf_printf(&b, _("in the place of version %.*s"),
                   STR_FMT(was->form->version.n ? was->form->version : STR("-")));
    buf_add_c(&b, '\n');
    cmd_put(false, buf_str(&b));
    buf_done(&b);
}

static bool add_one(struct survey *sv, const char *path, bool *io_any, struct err *e)
{
    struct arena a;
    struct form_files files;
    struct place_taken was;
    struct hash32 hash;
    struct str id;
    const struct form *form;
    arena_init(&a);
    bool ok = form_pack_file(path, &a, &files, &id, e) &&
              find_place(sv, id, files.form.name, &a, &was, e);
    if (ok && was.form)
        files.form.name = was.name; /* whatever the new file is called, it takes that place */
    ok = ok && office_form_add(survey_store(sv), &files, &hash, e) &&
         survey_form(sv, &hash, &form, e);
    if (ok) {
        bool same = was.form && hash32_eq(&was.hash, &hash);
        say(form, &was, same);
        *io_any = *io_any || !same;
    }
    arena_done(&a);
    return ok;
}

int cmd_office_form(const struct call *c)
{
    struct err e = {0};
    struct survey *sv = NULL;
    bool any = false;
    bool ok = keep_survey_kind(c, KEEP_OFFICE, &sv, &e);
    for (int i = 0; ok && i < c->n; i++)
        ok = add_one(sv, c->args[i], &any, &e);
    if (any)
        puts(_("Kits hold it from now on. Laptops get it with their next receipt: after the next "
               "office merge, or at once with office receipt. Drafts there stay on their version "
               "until 'cacah draft migrate'."));
    survey_close(sv);
    return ok ? cmd_end(0) : cmd_fail(&e);
}
