/* Workbooks. Bytes that begin PK are an archive; others are the sheet of one whose other parts are good, so
 * that the fuzzer need not learn to compress. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <zip.h>

#include "forms/read/sheet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static const char workbook[] =
    "<workbook xmlns:r='r'><sheets><sheet name='survey' sheetId='1' r:id='a'/></sheets></workbook>";
static const char relations[] =
    "<Relationships><Relationship Id='a' Type='x/worksheet' Target='worksheets/s.xml'/>"
    "<Relationship Id='b' Type='x/sharedStrings' Target='strings.xml'/>"
    "<Relationship Id='c' Type='x/styles' Target='styles.xml'/></Relationships>";
static const char strings[] =
    "<sst><si><t>type</t></si><si><t>name</t></si><si><t>label</t></si></sst>";
static const char styles[] =
    "<styleSheet><numFmts><numFmt numFmtId='164' formatCode='d/m/yy h:mm'/></numFmts>"
    "<cellXfs><xf numFmtId='0'/><xf numFmtId='14'/><xf numFmtId='164'/><xf "
    "numFmtId='46'/></cellXfs>"
    "</styleSheet>";

static void put(zip_t *zip, const char *name, const void *p, size_t n)
{
    zip_int64_t i = zip_file_add(zip, name, zip_source_buffer(zip, p, n, 0), 0);
    zip_set_file_compression(zip, (zip_uint64_t)i, ZIP_CM_STORE, 0);
}

static bool pack(const uint8_t *data, size_t n, struct buf *out)
{
    zip_error_t why;
    zip_error_init(&why);
    zip_source_t *source = zip_source_buffer_create(NULL, 0, 0, &why);
    zip_t *zip = source ? zip_open_from_source(source, ZIP_CREATE | ZIP_TRUNCATE, &why) : NULL;
    if (!zip)
        return false;
    zip_source_keep(source);
    put(zip, "xl/workbook.xml", workbook, sizeof workbook - 1);
    put(zip, "xl/_rels/workbook.xml.rels", relations, sizeof relations - 1);
    put(zip, "xl/strings.xml", strings, sizeof strings - 1);
    put(zip, "xl/styles.xml", styles, sizeof styles - 1);
    put(zip, "xl/worksheets/s.xml", data, n);
    bool ok = zip_close(zip) == 0 && zip_source_open(source) == 0;
    char piece[4096];
    zip_int64_t k;
    while (ok && (k = zip_source_read(source, piece, sizeof piece)) > 0)
        buf_add(out, piece, (size_t)k);
    zip_source_free(source);
    return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena a;
    struct diags diags;
    struct err e = {0};
    struct book book, again;
    struct buf file, out;
    arena_init(&a);
    diags_init(&diags);
    buf_init(&file, (size_t)64 << 20);
    buf_init(&out, (size_t)64 << 20);
    bool ready =
        n >= 2 && memcmp(data, "PK", 2) == 0 ? buf_add(&file, data, n) : pack(data, n, &file);
    if (ready && book_read(&book, buf_str(&file), "f.xlsx", &a, &diags, &e)) {
        if (!book_write(&book, "f.xlsx", &out, &e) ||
            !book_read(&again, buf_str(&out), "f.xlsx", &a, &diags, &e) ||
            again.n_sheets != book.n_sheets)
            abort();
    } else if (ready && !e.kind) {
        abort();
    }
    buf_done(&file);
    buf_done(&out);
    diags_done(&diags);
    arena_done(&a);
    return 0;
}
