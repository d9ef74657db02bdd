/* The audit trails of all records in one file, each row behind its record's key, as ODK Central has it.
 * They are read with libcsv: they came from other machines. */
#include <csv.h>
#include <stdlib.h>

#include "app/export/csv_i.h"

enum { AUDIT_FIELDS = 6 };

struct audit_reader {
    struct csv_export *x;
    uint64_t row;
    unsigned field;
    bool bad;
};

static void on_field(void *bytes, size_t n, void *ctx)
{
    struct audit_reader *r = ctx;
    struct out_file *f = &r->x->audit;
    if (r->row > 0) {
        if (r->field == 0)
            csv_field(r->x, f, r->x->record->key, GUARD_TEXT);
        buf_add_c(&f->buf, ',');
        /* Only the values are anybody's words. */
        csv_field(r->x, f, (struct str){bytes ? bytes : "", n},
                  r->field >= 4 ? GUARD_NUMBERS : GUARD_NONE);
    }
    r->field++;
}

static void on_row(int last, void *ctx)
{
    struct audit_reader *r = ctx;
    (void)last;
    r->bad |= r->field != AUDIT_FIELDS;
    if (r->row > 0)
        csv_line_end(r->x, &r->x->audit);
    r->row++;
    r->field = 0;
}

bool csv_read_audit(struct csv_export *x, const struct csv_record *r, struct err *e)
{
    struct csv_parser p;
    struct audit_reader reader = {.x = x};
    char which[ERR_ARG_MAX];
    if (r->audit.n == 0)
        return true;
    if (csv_init(&p, CSV_STRICT | CSV_STRICT_FINI | CSV_APPEND_NULL) != 0)
        abort();
    csv_set_delim(&p, ',');
    csv_set_space_func(&p, NULL);
    bool ok = csv_parse(&p, r->audit.p, r->audit.n, on_field, on_row, &reader) == r->audit.n &&
              csv_fini(&p, on_field, on_row, &reader) == 0;
    csv_free(&p);
    if (ok && !reader.bad)
        return true;
    return err_fail3(e, ERR_EXPORT_RECORD, err_arg(which, r->key), "its audit trail is damaged",
                     "");
}
