/* cacah office export: records as files, with a manifest. */
#include "app/cmd/cmd.h"

#include <stdio.h>
#include <string.h>

#include "app/cmd/keep.h"
#include "app/office/export.h"
#include "app/tr.h"

static void say_refused(void *ctx, const struct err *why)
{
    (void)ctx;
    cmd_fail(why);
}

static void say_totals(const char *folder, const struct office_exported *t)
{
    printf(_("%s: %llu records of %llu forms, %llu rows\n"), folder, (unsigned long long)t->records,
           (unsigned long long)t->forms, (unsigned long long)t->rows);
    if (t->guarded)
        printf(_("%llu cells that a spreadsheet would take for a formula got an apostrophe "
                 "(--exact leaves them)\n"),
               (unsigned long long)t->guarded);
    if (t->files)
        printf(_("%llu attached files in %s/media\n"), (unsigned long long)t->files, folder);
    if (t->files_missing)
        printf(_("missing: %llu attached files\n"), (unsigned long long)t->files_missing);
    if (t->doubted)
        printf(_("marked in the manifest: %llu records of laptops whose kit is contested, or that "
                 "were rejected\n"),
               (unsigned long long)t->doubted);
    if (t->conflicts)
        printf(_("left out: %llu versions in conflict, until they are resolved\n"),
               (unsigned long long)t->conflicts);
    if (t->erased)
        printf(_("left out: %llu records that were erased\n"), (unsigned long long)t->erased);
    if (t->refused)
        printf(_("refused: %llu records that are damaged or do not fit their form\n"),
               (unsigned long long)t->refused);
}

/* An office's store, or a practice laptop's: what one has practised, and simulated interviews, may be looked
 * at without an office. */
static bool open_store(const struct call *c, struct survey **ret, struct err *e)
{
    if (!keep_survey(c, KEEP_OFFICE, ret, e))
        return false;
    const struct store_identity *id = store_identity(survey_store(*ret));
    return id->kind == STORE_OFFICE || id->practice || err_fail(e, ERR_NOT_OFFICE);
}

int cmd_office_export(const struct call *c)
{
    struct err e = {0};
    struct survey *sv = NULL;
    struct office_exported totals = {0};
    struct str forms[CALL_VALUES_MAX];
    if (c->given[OPT_format] && strcmp(c->value[OPT_format], "csv") != 0) {
        err_fail1(&e, ERR_FORMAT, c->value[OPT_format]);
        return cmd_fail(&e);
    }
    for (int i = 0; i < c->n_values[OPT_form]; i++)
        forms[i] = str_of(c->values[OPT_form][i]);
    struct office_export x = {.folder = c->given[OPT_output] ? c->value[OPT_output] : "export",
                              .pii = c->given[OPT_pii],
                              .exact = c->given[OPT_exact],
                              .forms = forms,
                              .n_forms = (size_t)c->n_values[OPT_form]};
    bool ok = open_store(c, &sv, &e) && office_export_csv(sv, &x, say_refused, NULL, &totals, &e);
    survey_close(sv);
    if (!ok)
        return cmd_fail(&e);
    say_totals(x.folder, &totals);
    return cmd_end(totals.refused || totals.files_missing ? ERR_FAULT : 0);
}
