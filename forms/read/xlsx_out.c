/* Workbooks, out; see xlsx_out.h. */
#include "forms/read/xlsx_out.h"

#include <stdlib.h>
#include <zip.h>

#include "forms/base/limits.h"

#define HEAD        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n"
#define NS          "http://schemas.openxmlformats.org/"
#define MAIN_NS     NS "spreadsheetml/2006/main"
#define OFFICE_REL  NS "officeDocument/2006/relationships"
#define PACKAGE_REL NS "package/2006/relationships"
#define CONTENT     "application/vnd.openxmlformats-officedocument.spreadsheetml."

/* ---- text ---- */

/* "_x000D_" means a character to who reads it, so text that looks so gets its own escape. */
static bool looks_escaped(struct str s, size_t i)
{
    return i + 6 < s.n && s.p[i] == '_' && s.p[i + 1] == 'x' && s.p[i + 6] == '_';
}

static void add_text(struct buf *out, struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == '&')
            buf_add_z(out, "&amp;");
        else if (c == '<')
            buf_add_z(out, "&lt;");
        else if (c == '>')
            buf_add_z(out, "&gt;");
        else if (c == '"')
            buf_add_z(out, "&quot;");
        else if (looks_escaped(s, i))
            buf_add_z(out, "_x005F_");
        else if (c < 0x20 && c != '\n' && c != '\t')
            buf_printf(out, "_x%04X_", (unsigned)c);
        else
            buf_add_c(out, (char)c);
    }
}

static void add_cell(struct buf *out, uint32_t row, uint32_t column, bool header, struct str text)
{
    char letters[4];
    size_t n = 0;
    for (uint32_t c = column + 1; c > 0 && n < sizeof letters; c = (c - 1) / 26)
        letters[n++] = (char)('A' + (c - 1) % 26);
    buf_add_z(out, "<c r=\"");
    while (n > 0)
        buf_add_c(out, letters[--n]);
    buf_printf(out, "%u\" s=\"%d\" t=\"inlineStr\"><is><t xml:space=\"preserve\">", (unsigned)row,
               header ? 1 : 0);
    add_text(out, text);
    buf_add_z(out, "</t></is></c>");
}

/* ---- sheets ---- */

/* Markdown may repeat a header, .xlsx may not: of equal ones the first column takes the last text. */
static void fold_columns(const struct sheet *s, uint32_t *to)
{
    for (uint32_t i = 0; i < s->n_headers; i++) {
        to[i] = i;
        for (uint32_t k = 0; k < i && s->headers[i].n > 0; k++)
            if (str_eq(s->headers[k], s->headers[i])) {
                to[i] = k;
                break;
            }
    }
}

static void add_row(struct buf *out, const struct sheet_row *row, const uint32_t *to,
                    struct str *line, uint32_t n)
{
    memset(line, 0, n * sizeof *line);
    for (uint32_t i = 0; i < row->n; i++)
        line[to[row->cells[i].column]] = row->cells[i].text;
    buf_printf(out, "<row r=\"%u\">", (unsigned)row->row);
    for (uint32_t c = 0; c < n; c++)
        if (line[c].n > 0)
            add_cell(out, row->row, c, false, line[c]);
    buf_add_z(out, "</row>\n");
}

static void add_sheet(struct buf *out, const struct sheet *s)
{
    uint32_t *to = mem_calloc(s->n_headers + 1, sizeof *to);
    struct str *line = mem_calloc(s->n_headers + 1, sizeof *line);
    fold_columns(s, to);
    buf_add_z(out, HEAD "<worksheet xmlns=\"" MAIN_NS "\"><sheetViews><sheetView "
                        "workbookViewId=\"0\"><pane ySplit=\"1\" topLeftCell=\"A2\" "
                        "activePane=\"bottomLeft\" state=\"frozen\"/></sheetView></sheetViews>");
    buf_add_z(out, "<sheetFormatPr defaultColWidth=\"24\" defaultRowHeight=\"15\"/><sheetData>\n"
                   "<row r=\"1\">");
    for (uint32_t i = 0; i < s->n_headers; i++)
        if (s->headers[i].n > 0 && to[i] == i)
            add_cell(out, 1, i, true, s->headers[i]);
    buf_add_z(out, "</row>\n");
    for (uint32_t r = 0; r < s->n_rows; r++)
        add_row(out, &s->rows[r], to, line, s->n_headers);
    buf_add_z(out, "</sheetData></worksheet>\n");
    mem_free(to);
    mem_free(line);
}

/* At most 31 characters, none of []:*?/\ */
static void add_sheet_name(struct buf *out, struct str name)
{
    char safe[31 * 4];
    size_t n = 0, characters = 0;
    for (size_t i = 0; i < name.n; i++) {
        characters += ((unsigned char)name.p[i] & 0xC0) != 0x80;
        if (characters > 31)
            break;
        safe[n++] = (char)(strchr("[]:*?/\\", name.p[i]) ? '_' : name.p[i]);
    }
    add_text(out, (struct str){safe, n});
}

/* ---- the other parts ---- */

static void add_workbook(struct buf *out, const struct book *b)
{
    buf_add_z(out, HEAD "<workbook xmlns=\"" MAIN_NS "\" xmlns:r=\"" OFFICE_REL "\"><sheets>");
    for (uint32_t i = 0; i < b->n_sheets; i++) {
        buf_add_z(out, "<sheet name=\"");
        add_sheet_name(out, b->sheets[i].name);
        buf_printf(out, "\" sheetId=\"%u\" r:id=\"rId%u\"/>", (unsigned)i + 1, (unsigned)i + 1);
    }
    buf_add_z(out, "</sheets></workbook>\n");
}

static void add_workbook_relations(struct buf *out, const struct book *b)
{
    buf_add_z(out, HEAD "<Relationships xmlns=\"" PACKAGE_REL "\">");
    for (uint32_t i = 0; i < b->n_sheets; i++)
        buf_printf(out,
                   "<Relationship Id=\"rId%u\" Type=\"" OFFICE_REL
                   "/worksheet\" Target=\"worksheets/sheet%u.xml\"/>",
                   (unsigned)i + 1, (unsigned)i + 1);
    buf_printf(out,
               "<Relationship Id=\"rId%u\" Type=\"" OFFICE_REL
               "/styles\" Target=\"styles.xml\"/></Relationships>\n",
               (unsigned)b->n_sheets + 1);
}

static void add_content_types(struct buf *out, const struct book *b)
{
    buf_add_z(out,
              HEAD "<Types xmlns=\"" NS "package/2006/content-types\">"
                   "<Default Extension=\"rels\" ContentType=\"application/vnd."
                   "openxmlformats-package.relationships+xml\"/>"
                   "<Default Extension=\"xml\" ContentType=\"application/xml\"/>"
                   "<Override PartName=\"/xl/workbook.xml\" ContentType=\"" CONTENT
                   "sheet.main+xml\"/><Override PartName=\"/xl/styles.xml\" ContentType=\"" CONTENT
                   "styles+xml\"/>");
    for (uint32_t i = 0; i < b->n_sheets; i++)
        buf_printf(out,
                   "<Override PartName=\"/xl/worksheets/sheet%u.xml\" ContentType=\"" CONTENT
                   "worksheet+xml\"/>",
                   (unsigned)i + 1);
    buf_add_z(out, "</Types>\n");
}

static const char root_relations[] =
    HEAD "<Relationships xmlns=\"" PACKAGE_REL "\"><Relationship Id=\"rId1\" Type=\"" OFFICE_REL
         "/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>\n";

/* Two cell styles, both text: plain and bold. */
static const char styles[] =
    HEAD "<styleSheet xmlns=\"" MAIN_NS "\"><fonts count=\"2\"><font><sz val=\"11\"/>"
         "<name val=\"Calibri\"/></font><font><b/><sz val=\"11\"/><name val=\"Calibri\"/></font>"
         "</fonts><fills count=\"2\"><fill><patternFill patternType=\"none\"/></fill><fill>"
         "<patternFill patternType=\"gray125\"/></fill></fills><borders count=\"1\"><border/>"
         "</borders><cellStyleXfs count=\"1\"><xf numFmtId=\"49\"/></cellStyleXfs>"
         "<cellXfs count=\"2\"><xf numFmtId=\"49\" fontId=\"0\" xfId=\"0\"/>"
         "<xf numFmtId=\"49\" fontId=\"1\" applyFont=\"1\" xfId=\"0\"/></cellXfs></styleSheet>\n";

/* ---- the archive ---- */

/* The archive takes the bytes over. */
static bool add_entry(zip_t *zip, const char *name, struct str bytes)
{
    char *copy = malloc(bytes.n ? bytes.n : 1);
    if (!copy)
        return false;
    memcpy(copy, bytes.p, bytes.n);
    zip_source_t *source = zip_source_buffer(zip, copy, bytes.n, 1);
    if (!source) {
        free(copy);
        return false;
    }
    /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): the source frees it */
    zip_int64_t index = zip_file_add(zip, name, source, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
        zip_source_free(source);
        return false;
    }
    return zip_file_set_dostime(zip, (zip_uint64_t)index, 0, 0x21, 0) == 0; /* 1980-01-01 */
}

static bool add_entries(zip_t *zip, const struct book *b)
{
    struct buf part;
    buf_init(&part, LIMIT_FORM_ENTRY);
    add_content_types(&part, b);
    bool ok = add_entry(zip, "[Content_Types].xml", buf_str(&part)) &&
              add_entry(zip, "_rels/.rels", str_of(root_relations)) &&
              add_entry(zip, "xl/styles.xml", str_of(styles));
    buf_clear(&part);
    add_workbook(&part, b);
    ok = ok && add_entry(zip, "xl/workbook.xml", buf_str(&part));
    buf_clear(&part);
    add_workbook_relations(&part, b);
    ok = ok && add_entry(zip, "xl/_rels/workbook.xml.rels", buf_str(&part));
    for (uint32_t i = 0; ok && i < b->n_sheets; i++) {
        struct buf name;
        buf_init(&name, 64);
        buf_printf(&name, "xl/worksheets/sheet%u.xml", (unsigned)i + 1);
        buf_clear(&part);
        add_sheet(&part, &b->sheets[i]);
        ok = !part.full && add_entry(zip, name.p, buf_str(&part));
        buf_done(&name);
    }
    buf_done(&part);
    return ok;
}

static bool take_bytes(zip_source_t *source, struct buf *out)
{
    if (zip_source_open(source) != 0)
        return false;
    char piece[32768];
    zip_int64_t n;
    while ((n = zip_source_read(source, piece, sizeof piece)) > 0)
        buf_add(out, piece, (size_t)n);
    zip_source_close(source);
    return n == 0 && !out->full;
}

bool xlsx_write(const struct book *b, struct buf *out, struct err *e)
{
    zip_error_t why;
    zip_error_init(&why);
    zip_source_t *source = zip_source_buffer_create(NULL, 0, 0, &why);
    zip_t *zip = source ? zip_open_from_source(source, ZIP_CREATE | ZIP_TRUNCATE, &why) : NULL;
    zip_error_fini(&why);
    if (!zip) {
        zip_source_free(source);
        return err_fail(e, ERR_XLSX_WRITE);
    }
    zip_source_keep(source);
    bool ok = add_entries(zip, b);
    if (!ok || zip_close(zip) != 0) {
        zip_discard(zip);
        ok = false;
    }
    ok = ok && take_bytes(source, out);
    zip_source_free(source);
    return ok || err_fail(e, ERR_XLSX_WRITE);
}
