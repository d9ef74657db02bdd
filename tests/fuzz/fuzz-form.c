/* The whole compile, external lists served from the same bytes (after a line "=== NAME"); a form that
 * compiles is shown in all its languages. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "forms/model/form.h"
#include "forms/model/show.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct instant now(void *ctx)
{
    (void)ctx;
    return (struct instant){0, 480};
}

static int32_t offset(void *ctx, int64_t ms, bool local)
{
    (void)ctx;
    (void)ms;
    (void)local;
    return 480;
}

static void random_bytes(void *ctx, void *out, size_t n)
{
    (void)ctx;
    memset(out, 7, n);
}

static bool file(void *ctx, struct str name, struct buf *out, struct err *e)
{
    struct str rest = *(struct str *)ctx, line;
    bool open = false, any = false;
    while (str_split(&rest, '\n', &line)) {
        if (str_starts(line, STR("=== "))) {
            open = str_eq(str_trim(str_from(line, 4)), name);
            any = any || open;
        } else if (open) {
            buf_add_str(out, line);
            buf_add_c(out, '\n');
        }
    }
    return any || err_fail1(e, ERR_FILE_MISSING, "");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct str bytes = {(const char *)data, n}, form_bytes = bytes;
    for (size_t i = 0; i + 5 < n; i++)
        if (memcmp(data + i, "\n=== ", 5) == 0) {
            form_bytes.n = i + 1;
            break;
        }
    struct host host = {
        .ctx = &bytes, .now = now, .offset = offset, .random = random_bytes, .file = file};
    struct diags diags;
    struct err e = {0};
    struct form *f;
    diags_init(&diags);
    bool ok = form_compile(&f, form_bytes, n >= 2 && memcmp(data, "PK", 2) == 0 ? "f.xlsx" : "f.md",
                           &host, &diags, &e);
    if (ok != (f != NULL) || (!ok && diags.errors == 0 && !e.kind))
        abort();
    struct buf out;
    buf_init(&out, (size_t)16 << 20);
    for (size_t i = 0; i < diags.n; i++)
        diag_line(&diags.v[i], NULL, &out);
    buf_clear(&out);
    if (f && f->n_nodes < 2000)
        (void)form_show(f, SHOW_ALL, 100, &out);
    buf_done(&out);
    form_free(f);
    diags_done(&diags);
    return 0;
}
