/* Markdown tables: any bytes are read or refused; what was read can be written, and reads as the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "forms/read/sheet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Dashes alone on a line are a ruler: a sheet of that name and such headers has no way to be written. */
static bool has_ruler(const struct book *b)
{
    for (uint32_t i = 0; i < b->n_sheets; i++)
        if (strspn(b->sheets[i].name.p, "-:") >= b->sheets[i].name.n)
            return true;
    return false;
}

static void same_books(const struct book *x, const struct book *y)
{
    if (x->n_sheets > y->n_sheets) /* writing may add settings */
        abort();
    for (uint32_t i = 0; i < x->n_sheets; i++) {
        const struct sheet *s = &x->sheets[i], *t = &y->sheets[i];
        if (s->n_rows > t->n_rows)
            abort();
        for (uint32_t r = 0; r < s->n_rows; r++)
            for (uint32_t k = 0; k < s->rows[r].n; k++)
                if (s->rows[r].cells[k].column != t->rows[r].cells[k].column)
                    abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena a;
    struct diags diags;
    struct err e = {0};
    struct book book, again;
    struct buf out;
    arena_init(&a);
    diags_init(&diags);
    buf_init(&out, (size_t)64 << 20);
    struct str bytes = {(const char *)data, n};
    if (book_read(&book, bytes, "f.md", &a, &diags, &e)) {
        if (!book_write(&book, "f.md", &out, &e))
            abort();
        bool blank =
            book.n_sheets == 0 && out.n == 0; /* without a sheet: an empty file, and no form */
        if (!blank && !book_read(&again, buf_str(&out), "f.md", &a, &diags, &e))
            abort();
        if (!blank && !has_ruler(&book))
            same_books(&book, &again);
    } else if (!e.kind) {
        abort();
    }
    buf_done(&out);
    diags_done(&diags);
    arena_done(&a);
    return 0;
}
