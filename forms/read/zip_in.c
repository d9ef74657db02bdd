/* Zip archives, in; see zip_in.h. */
#include "forms/read/zip_in.h"

#include <zip.h>

#include "forms/base/limits.h"

#define PIECE ((size_t)32768)

struct zip_in {
    zip_t *zip;
    char piece[PIECE];
};

bool zip_in_open(struct zip_in **ret, struct str bytes, struct err *e)
{
    zip_error_t why;
    zip_error_init(&why);
    zip_source_t *source = zip_source_buffer_create(bytes.p, bytes.n, 0, &why);
    zip_t *zip = source ? zip_open_from_source(source, ZIP_RDONLY, &why) : NULL;
    zip_error_fini(&why);
    if (!zip) {
        zip_source_free(source);
        return err_fail1(e, ERR_XLSX_DAMAGED, "it is no zip archive");
    }
    struct zip_in *z = mem_alloc(sizeof *z);
    z->zip = zip;
    *ret = z;
    return true;
}

void zip_in_close(struct zip_in *z)
{
    if (!z)
        return;
    zip_discard(z->zip);
    mem_free(z);
}

bool zip_in_has(struct zip_in *z, const char *entry)
{
    return zip_name_locate(z->zip, entry, ZIP_FL_NOCASE) >= 0;
}

bool zip_in_read(struct zip_in *z, const char *entry,
                 bool (*each)(void *ctx, const char *p, size_t n, bool last, struct err *e),
                 void *ctx, struct err *e)
{
    zip_int64_t index = zip_name_locate(z->zip, entry, ZIP_FL_NOCASE);
    zip_file_t *f = index < 0 ? NULL : zip_fopen_index(z->zip, (zip_uint64_t)index, 0);
    if (!f)
        return err_fail1(e, ERR_XLSX_DAMAGED, entry);
    size_t total = 0;
    bool ok = true;
    for (;;) {
        zip_int64_t n = zip_fread(f, z->piece, PIECE);
        if (n < 0)
            ok = err_fail1(e, ERR_XLSX_DAMAGED, entry);
        else if ((total += (size_t)n) > LIMIT_FORM_ENTRY)
            ok = err_fail2(e, ERR_LIMIT, entry, "256 MiB unpacked");
        else
            ok = each(ctx, z->piece, (size_t)n, n == 0, e);
        if (!ok || n == 0)
            break;
    }
    zip_fclose(f);
    return ok;
}
