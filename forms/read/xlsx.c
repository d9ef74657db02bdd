/* Workbooks; see xlsx.h. */
#include "forms/read/xlsx.h"

#include <stdlib.h>

#include "forms/base/limits.h"
#include "forms/base/num.h"
#include "forms/base/utf8.h"
#include "forms/read/xlsx_date.h"
#include "forms/read/xlsx_xml.h"

#define MAX_COLUMNS 16384u
#define MAX_ROWS    1048576u
#define MAX_SHEETS  256u

struct sheet_ref {
    struct str name;
    char *entry; /* in the archive; NULL: not found yet */
    struct str id;
};

struct xlsx {
    struct arena *a;
    struct arena scratch;
    struct zip_in *zip;
    struct buf text;
    bool wants_text;
    char *workbook; /* the entry */
    char *shared_entry, *styles_entry;
    bool since_1904;
    struct sheet_ref *refs;
    size_t n_refs, cap_refs;
    struct str *shared;
    size_t n_shared, cap_shared;
    bool phonetic; /* inside rPh: how to pronounce the text, not part of it */
    /* styles */
    enum xlsx_format *formats; /* by cell style */
    size_t n_formats, cap_formats;
    struct custom {
        unsigned id;
        enum xlsx_format format;
    } * customs;
    size_t n_customs, cap_customs;
    bool in_cell_styles;
    /* the sheet being read */
    struct sheet_row *rows;
    size_t n_rows, cap_rows;
    struct cell *cells; /* of the row */
    uint32_t n_cells, row, column, columns;
    size_t total;
    char type; /* of the cell: s shared, i inline, t formula text, b, e, d, n */
    uint32_t style;
    struct str *headers;
    uint32_t n_headers;
};

static bool damaged(struct err *e, const char *what)
{
    return err_fail1(e, ERR_XLSX_DAMAGED, what);
}

static bool read_part(struct xlsx *x, const char *entry,
                      bool (*start)(void *, const char *, const char *const *, struct err *),
                      bool (*end)(void *, const char *, struct err *), struct err *e)
{
    buf_clear(&x->text);
    x->wants_text = false;
    struct xml_part part = {x, start, end, &x->text, &x->wants_text};
    return xlsx_xml_read(x->zip, entry, &part, e);
}

static bool end_nothing(void *ctx, const char *name, struct err *e)
{
    (void)ctx;
    (void)name;
    (void)e;
    return true;
}

/* ---- where the parts are ---- */

/* `target` as seen from the folder of `from`; "../" goes up. */
static char *resolve(struct xlsx *x, const char *from, const char *target)
{
    struct buf path;
    buf_init(&path, 4096);
    if (target[0] != '/') {
        const char *slash = strrchr(from, '/');
        buf_add(&path, from, slash ? (size_t)(slash - from) + 1 : 0);
    } else {
        target++;
    }
    while (strncmp(target, "../", 3) == 0) {
        target += 3;
        if (path.n > 0)
            path.n--;
        while (path.n > 0 && path.p[path.n - 1] != '/')
            path.n--;
    }
    buf_add_z(&path, target);
    char *s = (char *)arena_str(&x->scratch, buf_str(&path)).p;
    buf_done(&path);
    return s;
}

static char *relations_of(struct xlsx *x, const char *entry)
{
    struct buf path;
    buf_init(&path, 4096);
    const char *slash = strrchr(entry, '/');
    size_t folder = slash ? (size_t)(slash - entry) + 1 : 0;
    buf_add(&path, entry, folder);
    buf_add_z(&path, "_rels/");
    buf_add_z(&path, entry + folder);
    buf_add_z(&path, ".rels");
    char *s = (char *)arena_str(&x->scratch, buf_str(&path)).p;
    buf_done(&path);
    return s;
}

static bool root_relation(void *ctx, const char *name, const char *const *at, struct err *e)
{
    (void)e;
    struct xlsx *x = ctx;
    const char *type = xlsx_xml_attribute(at, "Type"), *target = xlsx_xml_attribute(at, "Target");
    if (strcmp(name, "Relationship") == 0 && type && target &&
        str_ends(str_of(type), STR("/officeDocument")))
        x->workbook = resolve(x, "", target);
    return true;
}

static bool book_relation(void *ctx, const char *name, const char *const *at, struct err *e)
{
    (void)e;
    struct xlsx *x = ctx;
    const char *type = xlsx_xml_attribute(at, "Type"), *target = xlsx_xml_attribute(at, "Target");
    const char *id = xlsx_xml_attribute(at, "Id");
    if (strcmp(name, "Relationship") != 0 || !type || !target)
        return true;
    if (str_ends(str_of(type), STR("/sharedStrings")))
        x->shared_entry = resolve(x, x->workbook, target);
    if (str_ends(str_of(type), STR("/styles")))
        x->styles_entry = resolve(x, x->workbook, target);
    for (size_t i = 0; id && i < x->n_refs; i++)
        if (str_is(x->refs[i].id, id))
            x->refs[i].entry = resolve(x, x->workbook, target);
    return true;
}

static bool book_start(void *ctx, const char *name, const char *const *at, struct err *e)
{
    struct xlsx *x = ctx;
    if (strcmp(name, "workbookPr") == 0) {
        const char *since = xlsx_xml_attribute(at, "date1904");
        x->since_1904 = since && (strcmp(since, "1") == 0 || strcmp(since, "true") == 0);
    }
    if (strcmp(name, "sheet") != 0)
        return true;
    const char *sheet = xlsx_xml_attribute(at, "name"), *id = xlsx_xml_attribute(at, "id");
    if (!sheet || !id)
        return damaged(e, x->workbook);
    if (x->n_refs == MAX_SHEETS)
        return err_fail2(e, ERR_LIMIT, "The workbook", "256 sheets");
    x->refs = mem_grow(x->refs, x->n_refs, &x->cap_refs, sizeof *x->refs);
    x->refs[x->n_refs++] = (struct sheet_ref){str_trim(arena_str(x->a, str_of(sheet))), NULL,
                                              arena_str(&x->scratch, str_of(id))};
    return true;
}

/* ---- texts ---- */

/* _x000D_ stands for a character that XML cannot hold, or for itself: Excel writes "_x005F_x…" then. */
static bool escaped_at(struct str s, size_t i, uint32_t *ret)
{
    if (i + 7 > s.n || s.p[i] != '_' || s.p[i + 1] != 'x' || s.p[i + 6] != '_')
        return false;
    *ret = 0;
    for (size_t k = i + 2; k < i + 6; k++) {
        if (xlsx_xml_hex(s.p[k]) < 0)
            return false;
        *ret = *ret * 16 + (uint32_t)xlsx_xml_hex(s.p[k]);
    }
    return true;
}

/* Trimmed, line ends as LF, escapes undone; control characters that no form means are dropped. */
static struct str keep_text(struct xlsx *x, struct str s)
{
    s = str_trim(s);
    char *p = arena_alloc(x->a, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        uint32_t c = (unsigned char)s.p[i];
        bool escape = c == '_' && escaped_at(s, i, &c);
        i += escape ? 6 : 0;
        if (c == '\r' || (escape && c < 0x20 && c != '\n' && c != '\t'))
            continue;
        if (escape)
            n += utf8_put(c, p + n);
        else
            p[n++] = s.p[i];
    }
    return str_trim((struct str){p, n});
}

static bool shared_start(void *ctx, const char *name, const char *const *at, struct err *e)
{
    (void)at;
    (void)e;
    struct xlsx *x = ctx;
    if (strcmp(name, "si") == 0)
        buf_clear(&x->text);
    else if (strcmp(name, "rPh") == 0)
        x->phonetic = true;
    x->wants_text = strcmp(name, "t") == 0 && !x->phonetic;
    return true;
}

static bool shared_end(void *ctx, const char *name, struct err *e)
{
    struct xlsx *x = ctx;
    x->wants_text = false;
    if (strcmp(name, "rPh") == 0)
        x->phonetic = false;
    if (strcmp(name, "si") != 0)
        return true;
    if (x->n_shared >= LIMIT_CELLS)
        return err_fail2(e, ERR_LIMIT, "The workbook", "5 million texts");
    x->shared = mem_grow(x->shared, x->n_shared, &x->cap_shared, sizeof *x->shared);
    x->shared[x->n_shared++] = keep_text(x, buf_str(&x->text));
    return true;
}

/* ---- styles ---- */

static bool unsigned_attribute(const char *const *at, const char *name, uint32_t *ret)
{
    const char *s = xlsx_xml_attribute(at, name);
    uint64_t v;
    if (!s || !num_parse_uint(str_of(s), &v) || v > UINT32_MAX)
        return false;
    *ret = (uint32_t)v;
    return true;
}

static bool styles_start(void *ctx, const char *name, const char *const *at, struct err *e)
{
    struct xlsx *x = ctx;
    uint32_t id = 0;
    if (strcmp(name, "cellXfs") == 0)
        x->in_cell_styles = true;
    if (strcmp(name, "numFmt") == 0 && unsigned_attribute(at, "numFmtId", &id)) {
        const char *code = xlsx_xml_attribute(at, "formatCode");
        x->customs = mem_grow(x->customs, x->n_customs, &x->cap_customs, sizeof *x->customs);
        x->customs[x->n_customs++] =
            (struct custom){id, xlsx_format_code(str_of(code ? code : ""))};
    }
    if (strcmp(name, "xf") != 0 || !x->in_cell_styles)
        return true;
    if (x->n_formats >= 65536 || x->n_customs >= 65536)
        return err_fail2(e, ERR_LIMIT, "The workbook", "65536 cell styles");
    unsigned_attribute(at, "numFmtId", &id);
    enum xlsx_format f = xlsx_format_builtin(id);
    for (size_t i = 0; id >= 164 && i < x->n_customs; i++)
        if (x->customs[i].id == id)
            f = x->customs[i].format;
    x->formats = mem_grow(x->formats, x->n_formats, &x->cap_formats, sizeof *x->formats);
    x->formats[x->n_formats++] = f;
    return true;
}

static bool styles_end(void *ctx, const char *name, struct err *e)
{
    (void)e;
    struct xlsx *x = ctx;
    if (strcmp(name, "cellXfs") == 0)
        x->in_cell_styles = false;
    return true;
}

/* ---- cells ---- */

/* "BC12" → 54, 12; a missing half stays as it was. */
static void read_place(const char *s, uint32_t *column, uint32_t *row)
{
    uint32_t c = 0, r = 0;
    for (; *s >= 'A' && *s <= 'Z' && c < MAX_COLUMNS; s++)
        c = c * 26 + (uint32_t)(*s - 'A' + 1);
    for (; *s >= '0' && *s <= '9' && r <= MAX_ROWS; s++)
        r = r * 10 + (uint32_t)(*s - '0');
    if (c > 0)
        *column = c - 1;
    if (r > 0)
        *row = r;
}

/* 54 → "BC", as spreadsheets name it; UINT32_MAX: "" */
static struct str column_letters(uint32_t column, char out[8])
{
    size_t at = 8;
    for (uint32_t c = column == UINT32_MAX ? 0 : column + 1; c > 0; c = (c - 1) / 26)
        out[--at] = (char)('A' + (c - 1) % 26);
    return (struct str){out + at, 8 - at};
}

static char cell_type(const char *t)
{
    if (!t || strcmp(t, "n") == 0)
        return 'n';
    return strcmp(t, "str") == 0 ? 't' : strcmp(t, "inlineStr") == 0 ? 'i' : t[0];
}

static bool sheet_start(void *ctx, const char *name, const char *const *at, struct err *e)
{
    struct xlsx *x = ctx;
    x->wants_text = false;
    if (strcmp(name, "row") == 0) {
        uint32_t row = x->row + 1;
        unsigned_attribute(at, "r", &row);
        if (row == 0 || row > MAX_ROWS || (row <= x->row && x->row > 0))
            return damaged(e, "rows out of order");
        x->row = row;
        x->column = UINT32_MAX;
        x->n_cells = 0;
    } else if (strcmp(name, "c") == 0) {
        uint32_t row = x->row, column = x->column + 1;
        const char *place = xlsx_xml_attribute(at, "r");
        if (place)
            read_place(place, &column, &row);
        bool ascending = x->n_cells == 0 || column > x->cells[x->n_cells - 1].column;
        if (row != x->row || column >= MAX_COLUMNS || !ascending)
            return damaged(e, "cells out of order");
        x->column = column;
        x->type = cell_type(xlsx_xml_attribute(at, "t"));
        x->style = 0;
        unsigned_attribute(at, "s", &x->style);
        buf_clear(&x->text);
    } else if (strcmp(name, "rPh") == 0) {
        x->phonetic = true;
    }
    x->wants_text = strcmp(name, "v") == 0 || (strcmp(name, "t") == 0 && !x->phonetic);
    return true;
}

static struct str number_text(struct xlsx *x, struct str raw)
{
    double v;
    struct str text;
    enum xlsx_format f = x->style < x->n_formats ? x->formats[x->style] : FORMAT_NUMBER;
    if (!num_parse(raw, NUM_EXPONENT | NUM_PLUS, &v))
        return keep_text(x, raw);
    if (f != FORMAT_NUMBER && xlsx_date_text(v, f, x->since_1904, x->a, &text))
        return text;
    return num_str(v, x->a);
}

static bool cell_text(struct xlsx *x, struct str *ret, struct err *e)
{
    struct str raw = str_trim(buf_str(&x->text));
    uint64_t i;
    switch (x->type) {
    case 's':
        if (raw.n == 0)
            break;
        if (!num_parse_uint(raw, &i) || i >= x->n_shared)
            return damaged(e, "a shared text that is not there");
        *ret = x->shared[i];
        return true;
    case 'b': *ret = str_is(raw, "1") ? STR("TRUE") : raw.n ? STR("FALSE") : STR(""); return true;
    case 'n': *ret = raw.n ? number_text(x, raw) : raw; return true;
    default: *ret = keep_text(x, raw); return true;
    }
    *ret = (struct str){"", 0};
    return true;
}

static void close_row(struct xlsx *x)
{
    if (x->n_cells == 0)
        return;
    uint32_t last = x->cells[x->n_cells - 1].column;
    if (last >= x->columns)
        x->columns = last + 1;
    if (!x->headers) {
        x->n_headers = last + 1;
        x->headers = ARENA_ARRAY(&x->scratch, struct str, x->n_headers);
        for (uint32_t i = 0; i < x->n_cells; i++)
            x->headers[x->cells[i].column] = x->cells[i].text;
    } else {
        struct cell *cells = ARENA_ARRAY(x->a, struct cell, x->n_cells);
        memcpy(cells, x->cells, x->n_cells * sizeof *cells);
        x->rows = mem_grow(x->rows, x->n_rows, &x->cap_rows, sizeof *x->rows);
        x->rows[x->n_rows++] = (struct sheet_row){x->row, cells, x->n_cells};
    }
    x->n_cells = 0;
}

static bool sheet_end(void *ctx, const char *name, struct err *e)
{
    struct xlsx *x = ctx;
    x->wants_text = false;
    if (strcmp(name, "rPh") == 0)
        x->phonetic = false;
    if (strcmp(name, "row") == 0)
        close_row(x);
    if (strcmp(name, "c") != 0)
        return true;
    struct str text;
    if (!cell_text(x, &text, e))
        return false;
    if (text.n == 0)
        return true;
    if (++x->total > LIMIT_CELLS)
        return err_fail2(e, ERR_LIMIT, "The workbook", "5 million cells");
    x->cells[x->n_cells++] = (struct cell){x->column, text};
    return true;
}

static bool read_sheet(struct xlsx *x, const struct sheet_ref *ref, struct sheet *ret,
                       struct err *e)
{
    x->n_rows = 0;
    x->row = x->columns = x->n_headers = 0;
    x->n_cells = 0;
    x->headers = NULL;
    if (!ref->entry || !read_part(x, ref->entry, sheet_start, sheet_end, e))
        return e->kind ? false : damaged(e, "a sheet that is not there");
    struct str *headers = ARENA_ARRAY(x->a, struct str, x->columns);
    for (uint32_t i = 0; i < x->columns; i++)
        headers[i] = i < x->n_headers && x->headers[i].p ? x->headers[i] : (struct str){"", 0};
    struct sheet_row *rows = ARENA_ARRAY(x->a, struct sheet_row, x->n_rows);
    if (x->n_rows)
        memcpy(rows, x->rows, x->n_rows * sizeof *rows);
    *ret = (struct sheet){ref->name, headers, x->columns, rows, (uint32_t)x->n_rows};
    return true;
}

/* ---- the whole ---- */

/* What an archive without a workbook is; many have been renamed. */
static bool other_kind(struct zip_in *z, struct err *e)
{
    static const struct {
        const char *entry, *kind;
    } kinds[] = {
        {"word/document.xml", "a text document (.docx)"},
        {"ppt/presentation.xml", "a presentation (.pptx)"},
        {"xl/workbook.bin", "a binary workbook (.xlsb)"},
        {"content.xml", "an OpenDocument file (.ods)"},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (zip_in_has(z, kinds[i].entry))
            return err_fail1(e, ERR_XLSX_OTHER, kinds[i].kind);
    return err_fail1(e, ERR_XLSX_OTHER, "some other archive");
}

static bool read_book(struct xlsx *x, struct book *ret, struct err *e)
{
    x->workbook = (char *)"xl/workbook.xml";
    if (zip_in_has(x->zip, "_rels/.rels") &&
        !read_part(x, "_rels/.rels", root_relation, end_nothing, e))
        return false;
    if (!zip_in_has(x->zip, x->workbook) || !str_ends(str_of(x->workbook), STR(".xml")) ||
        zip_in_has(x->zip, "word/document.xml"))
        return other_kind(x->zip, e);
    if (!read_part(x, x->workbook, book_start, end_nothing, e) ||
        !read_part(x, relations_of(x, x->workbook), book_relation, end_nothing, e))
        return false;
    /* Parts that are named but not there are missed only by the cell that needs them. */
    if (x->shared_entry && zip_in_has(x->zip, x->shared_entry) &&
        !read_part(x, x->shared_entry, shared_start, shared_end, e))
        return false;
    if (x->styles_entry && zip_in_has(x->zip, x->styles_entry) &&
        !read_part(x, x->styles_entry, styles_start, styles_end, e))
        return false;
    struct sheet *sheets = ARENA_ARRAY(x->a, struct sheet, x->n_refs);
    uint32_t n = 0;
    for (size_t i = 0; i < x->n_refs; i++) {
        if (x->refs[i].entry && strstr(x->refs[i].entry, "worksheets/") == NULL)
            continue; /* a chart sheet or a macro sheet has no cells */
        if (!read_sheet(x, &x->refs[i], &sheets[n], e)) {
            char column[8];
            pos_set(&e->pos, ret->file.p, arena_strz(x->a, x->refs[i].name.p), x->row,
                    column_letters(x->row ? x->column : UINT32_MAX, column));
            return false;
        }
        n++;
    }
    ret->sheets = sheets;
    ret->n_sheets = n;
    return true;
}

bool xlsx_read(struct book *ret, struct str bytes, const char *name, struct arena *a, struct err *e)
{
    if (bytes.n > LIMIT_FORM_FILE)
        return err_fail2(e, ERR_LIMIT, "The form's file", "32 MiB");
    if (str_starts(bytes, STR("\xD0\xCF\x11\xE0")))
        return err_fail(e, ERR_XLSX_OLD);
    struct xlsx x = {.a = a};
    if (!zip_in_open(&x.zip, bytes, e))
        return false;
    *ret = (struct book){.file = str_of(arena_strz(a, name))};
    arena_init(&x.scratch);
    buf_init(&x.text, LIMIT_CELL_BYTES);
    x.cells = mem_calloc(MAX_COLUMNS, sizeof *x.cells);
    bool ok = read_book(&x, ret, e);
    zip_in_close(x.zip);
    arena_done(&x.scratch);
    buf_done(&x.text);
    mem_free(x.refs);
    mem_free(x.shared);
    mem_free(x.formats);
    mem_free(x.customs);
    mem_free(x.rows);
    mem_free(x.cells);
    return ok;
}
