/* Workbooks; see sheet.h. */
#include "forms/read/sheet.h"

#include "forms/read/mdtab.h"
#include "forms/read/xlsx.h"
#include "forms/read/xlsx_out.h"

static bool has_ending(const char *name, const char *ending)
{
    struct str n = str_of(name);
    size_t k = strlen(ending);
    return n.n >= k && str_eq_nocase(str_from(n, n.n - k), str_of(ending));
}

bool book_read(struct book *ret, struct str bytes, const char *name, struct arena *a,
               struct diags *diags, struct err *e)
{
    (void)diags;
    if (bytes.n == 0)
        return err_fail(e, ERR_FORM_EMPTY);
    if (has_ending(name, ".md"))
        return mdtab_read(ret, bytes, name, a, e);
    if (has_ending(name, ".xlsx") || has_ending(name, ".xlsm"))
        return xlsx_read(ret, bytes, name, a, e);
    return err_fail1(e, ERR_FORM_ENDING, name);
}

const struct sheet *book_sheet(const struct book *b, const char *name)
{
    for (uint32_t i = 0; i < b->n_sheets; i++)
        if (str_eq_nocase(b->sheets[i].name, str_of(name)))
            return &b->sheets[i];
    return NULL;
}

bool book_write(const struct book *b, const char *name, struct buf *out, struct err *e)
{
    if (has_ending(name, ".md"))
        return mdtab_write(b, out, e);
    if (has_ending(name, ".xlsx"))
        return xlsx_write(b, out, e);
    return err_fail1(e, ERR_FORM_ENDING, name);
}
