/* .xlsx workbooks: what spreadsheet programs write, what a hostile file may hold, and the way there and back. */
#include "tests/support/check_main.h"

#include <stdlib.h>
#include <zip.h>

#include "forms/base/limits.h"
#include "forms/read/sheet.h"
#include "forms/read/xlsx_date.h"

static struct arena a;
static struct diags diags;
static struct err e;
static struct book book;
static struct buf file;

static void setup(void)
{
    arena_init(&a);
    diags_init(&diags);
    err_clear(&e);
    buf_init(&file, (size_t)64 << 20);
}

static void teardown(void)
{
    buf_done(&file);
    diags_done(&diags);
    arena_done(&a);
}

/* ---- making archives ---- */

struct part {
    const char *name, *text;
};

static void put(zip_t *zip, const char *name, const char *text, size_t n)
{
    zip_source_t *s = zip_source_buffer(zip, text, n, 0);
    ck_assert(zip_file_add(zip, name, s, 0) >= 0);
}

static void pack(const struct part *parts, const char *bulk_name, const char *bulk, size_t bulk_n)
{
    zip_error_t why;
    zip_error_init(&why);
    zip_source_t *source = zip_source_buffer_create(NULL, 0, 0, &why);
    zip_t *zip = zip_open_from_source(source, ZIP_CREATE | ZIP_TRUNCATE, &why);
    zip_source_keep(source);
    for (; parts->name; parts++)
        put(zip, parts->name, parts->text, strlen(parts->text));
    if (bulk)
        put(zip, bulk_name, bulk, bulk_n);
    ck_assert_int_eq(zip_close(zip), 0);
    ck_assert_int_eq(zip_source_open(source), 0);
    char piece[4096];
    zip_int64_t n;
    buf_clear(&file);
    while ((n = zip_source_read(source, piece, sizeof piece)) > 0)
        buf_add(&file, piece, (size_t)n);
    zip_source_close(source);
    zip_source_free(source);
    zip_error_fini(&why);
}

#define WORKBOOK(properties)                                                                       \
    "<workbook xmlns:r='r'>" properties "<sheets><sheet name='Survey' sheetId='1' r:id='a'/>"      \
    "</sheets></workbook>"
#define RELATIONS                                                                                  \
    "<Relationships><Relationship Id='a' Type='x/worksheet' Target='worksheets/s.xml'/>"           \
    "<Relationship Id='b' Type='x/sharedStrings' Target='/xl/strings.xml'/>"                       \
    "<Relationship Id='c' Type='x/styles' Target='../xl/styles.xml'/></Relationships>"
#define STRINGS                                                                                    \
    "<sst><si><t>type</t></si><si><r><rPr/><t>na</t></r><r><t>me</t></r>"                          \
    "<rPh><t>phonetic</t></rPh></si><si><t xml:space='preserve'> a_x000D_&#10;b&#160;c </t></si>"  \
    "</sst>"
#define STYLES                                                                                     \
    "<styleSheet><numFmts><numFmt numFmtId='164' formatCode='dd/mm/yyyy;@'/>"                      \
    "<numFmt numFmtId='165' formatCode='&quot;day&quot; 0.00'/></numFmts>"                         \
    "<cellStyleXfs><xf numFmtId='14'/></cellStyleXfs><cellXfs><xf numFmtId='0'/>"                  \
    "<xf numFmtId='14'/><xf numFmtId='164'/><xf numFmtId='20'/><xf numFmtId='22'/>"                \
    "<xf numFmtId='165'/></cellXfs></styleSheet>"

static bool read_sheet(const char *workbook, const char *sheet)
{
    struct part parts[] = {
        {"xl/workbook.xml", workbook},  {"xl/_rels/workbook.xml.rels", RELATIONS},
        {"xl/strings.xml", STRINGS},    {"xl/styles.xml", STYLES},
        {"xl/worksheets/s.xml", sheet}, {NULL, NULL}};
    pack(parts, NULL, NULL, 0);
    return book_read(&book, buf_str(&file), "t.xlsx", &a, &diags, &e);
}

static struct str at(uint32_t row, uint32_t column)
{
    const struct sheet *s = &book.sheets[0];
    for (uint32_t r = 0; r < s->n_rows; r++)
        for (uint32_t i = 0; s->rows[r].row == row && i < s->rows[r].n; i++)
            if (s->rows[r].cells[i].column == column)
                return s->rows[r].cells[i].text;
    return STR("(none)");
}

#define check_at(row, column, want)                                                                \
    ck_assert_msg(str_is(at(row, column), want), "found \"%.*s\"", STR_FMT(at(row, column)))

/* Whether the only fault of a file is this one: its place, and what its sentence holds. */
static void check_fault(const char *place, const char *text)
{
    struct buf said;
    buf_init(&said, 4096);
    pos_text(&e.pos, &said);
    ck_assert_msg(str_is(buf_str(&said), place), "at %.*s", STR_FMT(buf_str(&said)));
    ck_assert_msg(strstr(e.arg[0], text), "%s", e.arg[0]);
    buf_done(&said);
}

/* ---- what cells hold ---- */

START_TEST(test_xlsx__parts_that_are_not_there)
{
    struct part parts[] = {{"xl/workbook.xml", WORKBOOK("")},
                           {"xl/_rels/workbook.xml.rels", RELATIONS},
                           {"xl/worksheets/s.xml",
                            "<worksheet><row r='1'><c r='B1' t='inlineStr'><is><t>type</t></is>"
                            "</c></row></worksheet>"},
                           {NULL, NULL}};
    pack(parts, NULL, NULL, 0);
    ck_assert(book_read(&book, buf_str(&file), "t.xlsx", &a, &diags, &e));
    ck_assert(str_is(book.sheets[0].headers[1], "type"));
    parts[2].text = "<worksheet><row r='7'><c r='AB7' t='s'><v>0</v></c></row></worksheet>";
    pack(parts, NULL, NULL, 0);
    ck_assert(!book_read(&book, buf_str(&file), "t.xlsx", &a, &diags, &e));
    check_fault("t.xlsx:Survey:7:AB", "a shared text that is not there");
}
END_TEST

START_TEST(test_xlsx__control_characters)
{
    static const char *const bad[] = {"\x01", "&#1;", "&#x1;"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char sheet[256];
        err_clear(&e);
        snprintf(sheet, sizeof sheet,
                 "<worksheet><row r='3'><c r='C3' t='inlineStr'><is><t>a%sb</t></is></c></row>"
                 "</worksheet>",
                 bad[i]);
        ck_assert(!read_sheet(WORKBOOK(""), sheet));
        check_fault("t.xlsx:Survey:3:C", "the control character U+0001");
    }
}
END_TEST

START_TEST(test_xlsx__cells)
{
    ck_assert(read_sheet(WORKBOOK(""),
                         "<worksheet><dimension ref='A1:XFD1048576'/><sheetData>"
                         "<row r='1'><c r='A1' t='s'><v>0</v></c><c r='B1' t='s'><v>1</v></c></row>"
                         "<row r='2' spans='1:9'><c r='A2' t='s'><v>2</v></c><c r='B2'><v>3</v></c>"
                         "<c r='C2'><v>0.10000000000000001</v></c><c r='D2' t='b'><v>1</v></c>"
                         "<c r='E2' t='b'><v>0</v></c><c r='F2' t='e'><v>#N/A</v></c>"
                         "<c r='G2' t='str'><f>A1&amp;\"x\"</f><v>typex</v></c>"
                         "<c r='H2' t='inlineStr'><is><r><t>in</t></r><r><t>line</t></r></is></c>"
                         "<c r='AA2'><v>1E3</v></c></row>"
                         "<row r='5'/><row><c><v>6</v></c><c/><c><v>-0</v></c></row>"
                         "<row r='1048576'><c r='A1048576' s='1'/></row></sheetData></worksheet>"));
    const struct sheet *s = book_sheet(&book, "survey");
    ck_assert_ptr_nonnull(s);
    ck_assert(str_is(s->headers[0], "type"));
    ck_assert(str_is(s->headers[1], "name")); /* rich text is text, its pronunciation isn't */
    check_at(2, 0,
             "a\nb\xC2\xA0"
             "c");
    check_at(2, 1, "3");
    check_at(2, 2, "0.1");
    check_at(2, 3, "TRUE");
    check_at(2, 4, "FALSE");
    check_at(2, 5, "#N/A");
    check_at(2, 6, "typex");
    check_at(2, 7, "inline");
    check_at(2, 26, "1000");
    check_at(6, 0, "6"); /* places may be left out */
    check_at(6, 2, "0");
    ck_assert_uint_eq(s->n_rows, 2); /* what only has a style isn't there */
}
END_TEST

#define DATES                                                                                      \
    "<worksheet><sheetData><row r='1'><c><v>1</v></c></row><row r='2'><c s='1'><v>43895</v></c>"   \
    "<c s='2'><v>59</v></c><c s='3'><v>0.4375</v></c><c s='4'><v>43895.4375</v></c>"               \
    "<c s='5'><v>43895.5</v></c><c s='4'><v>43895</v></c><c s='1'><v>-1</v></c>"                   \
    "<c s='3'><v>1.25</v></c></row></sheetData></worksheet>"

START_TEST(test_xlsx__dates)
{
    ck_assert(read_sheet(WORKBOOK(""), DATES));
    check_at(2, 0, "2020-03-05");
    check_at(2, 1, "1900-02-28");
    check_at(2, 2, "10:30:00");
    check_at(2, 3, "2020-03-05T10:30:00");
    check_at(2, 4, "43895.5"); /* "day" is text in the format */
    check_at(2, 5, "2020-03-05");
    check_at(2, 6, "-1");
    check_at(2, 7, "30:00:00");
    ck_assert(read_sheet(WORKBOOK("<workbookPr date1904='1'/>"), DATES));
    check_at(2, 0, "2024-03-06");
    ck_assert_int_eq(xlsx_format_code(STR("[Red]0.00;[Blue]d")), FORMAT_NUMBER);
    ck_assert_int_eq(xlsx_format_code(STR("[$-409]mmm\\ yy")), FORMAT_DATE);
    ck_assert_int_eq(xlsx_format_code(STR("[h]:mm")), FORMAT_TIME);
    ck_assert_int_eq(xlsx_format_code(STR("General")), FORMAT_NUMBER);
    ck_assert_int_eq(xlsx_format_code(STR("#,##0 \"days\"")), FORMAT_NUMBER);
}
END_TEST

/* ---- hostile ---- */

static void refused(const struct err_kind *kind)
{
    ck_assert_msg(err_is(&e, kind), "found %s", e.kind ? e.kind->id : "nothing");
    err_clear(&e);
}

START_TEST(test_xlsx__damaged)
{
    ck_assert(!book_read(&book, STR("not a zip"), "t.xlsx", &a, &diags, &e));
    refused(&ERR_XLSX_DAMAGED);
    ck_assert(!book_read(&book, STR("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), "t.xlsx", &a, &diags, &e));
    refused(&ERR_XLSX_OLD);
    static const char *const sheets[] = {
        "<worksheet><sheetData><row r='2'><c r='A2' "
        "t='s'><v>9</v></c></row></sheetData></worksheet>",
        "<worksheet><sheetData><row r='2'/><row r='1'/></sheetData></worksheet>",
        "<worksheet><sheetData><row r='1'><c r='B1'><v>1</v></c><c r='A1'><v>1</v></c></row>"
        "</sheetData></worksheet>",
        "<worksheet><sheetData><row r='1048577'/></sheetData></worksheet>",
        "<worksheet><sheetData><row r='1'><c r='XFE1'><v>1</v></c></row></sheetData></worksheet>",
        "<worksheet><sheetData>",
        ""};
    for (size_t i = 0; i < sizeof sheets / sizeof sheets[0]; i++) {
        ck_assert(!read_sheet(WORKBOOK(""), sheets[i]));
        refused(&ERR_XLSX_DAMAGED);
    }
    ck_assert(!read_sheet(WORKBOOK(""), "<worksheet><sheetData><row r='1'><c t='inlineStr'><is><t>"
                                        "\xFF</t></is></c></row></sheetData></worksheet>"));
    refused(&ERR_XLSX_DAMAGED);
    ck_assert(!book_read(&book, STR(""), "t.xlsx", &a, &diags, &e));
    refused(&ERR_FORM_EMPTY);
}
END_TEST

START_TEST(test_xlsx__other_kinds)
{
    static const struct {
        const char *entry, *said;
    } cases[] = {{"word/document.xml", ".docx"},
                 {"ppt/presentation.xml", ".pptx"},
                 {"xl/workbook.bin", ".xlsb"},
                 {"content.xml", ".ods"},
                 {"xl/other.xml", "archive"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct part parts[] = {{cases[i].entry, "<x/>"}, {NULL, NULL}};
        pack(parts, NULL, NULL, 0);
        ck_assert(!book_read(&book, buf_str(&file), "t.xlsx", &a, &diags, &e));
        ck_assert_ptr_nonnull(strstr(e.arg[0], cases[i].said));
        refused(&ERR_XLSX_OTHER);
    }
}
END_TEST

/* Formatted cells to the last row and column of the sheet, as spreadsheets leave them behind. */
START_TEST(test_xlsx__phantoms)
{
    struct buf sheet;
    buf_init(&sheet, (size_t)128 << 20);
    buf_add_z(&sheet,
              "<worksheet><sheetData><row r='1'><c r='A1' t='inlineStr'><is><t>type</t></is></c>"
              "<c r='XFD1' s='1'/></row>");
    for (int i = 2; i <= 1048576; i++)
        buf_printf(&sheet, "<row r='%d' s='1'><c r='A%d' s='1'/></row>", i, i);
    buf_add_z(&sheet, "</sheetData></worksheet>");
    ck_assert(read_sheet(WORKBOOK(""), sheet.p));
    ck_assert_uint_eq(book.sheets[0].n_headers, 1);
    ck_assert_uint_eq(book.sheets[0].n_rows, 0);
    buf_done(&sheet);
}
END_TEST

START_TEST(test_xlsx__laughs_depth_doctype)
{
    ck_assert(!read_sheet(WORKBOOK(""), "<!DOCTYPE a [<!ENTITY b 'ha'><!ENTITY c '&b;&b;'>]>"
                                        "<worksheet>&c;</worksheet>"));
    refused(&ERR_XLSX_DOCTYPE);
    struct buf deep;
    buf_init(&deep, 1 << 20);
    for (int i = 0; i < 5000; i++)
        buf_add_z(&deep, "<a>");
    ck_assert(!read_sheet(WORKBOOK(""), deep.p));
    refused(&ERR_LIMIT);
    buf_done(&deep);
}
END_TEST

/* 300 MiB of blanks, a few hundred KiB packed. */
START_TEST(test_xlsx__bomb)
{
    size_t n = LIMIT_FORM_ENTRY + ((size_t)1 << 20);
    char *blanks = malloc(n);
    ck_assert_ptr_nonnull(blanks);
    memset(blanks, ' ', n);
    memcpy(blanks, "<sst>", 5);
    struct part parts[] = {
        {"xl/workbook.xml", WORKBOOK("")}, {"xl/_rels/workbook.xml.rels", RELATIONS}, {NULL, NULL}};
    pack(parts, "xl/strings.xml", blanks, n);
    free(blanks);
    ck_assert_uint_lt(file.n, 1 << 20);
    ck_assert(!book_read(&book, buf_str(&file), "t.xlsx", &a, &diags, &e));
    refused(&ERR_LIMIT);
}
END_TEST

START_TEST(test_xlsx__long_cell)
{
    size_t n = LIMIT_CELL_BYTES * 16;
    char *text = malloc(n);
    ck_assert_ptr_nonnull(text);
    memset(text, 'x', n);
    memcpy(text, "<sst><si><t>", 12);
    struct part parts[] = {
        {"xl/workbook.xml", WORKBOOK("")}, {"xl/_rels/workbook.xml.rels", RELATIONS}, {NULL, NULL}};
    pack(parts, "xl/strings.xml", text, n);
    free(text);
    ck_assert(!book_read(&book, buf_str(&file), "t.xlsx", &a, &diags, &e));
    refused(&ERR_LIMIT);
}
END_TEST

/* ---- there and back ---- */

START_TEST(test_xlsx__there_and_back)
{
    static const char text[] = "| survey |\n| | type | name | label |\n| | text | a | <&\"\\|> |\n"
                               "| | |\n| | note | b | _x000D_ \xE2\x82\xAC |\n"
                               "\n| Long: name/of [a] sheet? * |\n| | x |\n| | 1 |\n";
    struct buf first, second;
    buf_init(&first, 1 << 20);
    buf_init(&second, 1 << 20);
    ck_assert(book_read(&book, str_of(text), "t.md", &a, &diags, &e));
    ck_assert(book_write(&book, "t.xlsx", &file, &e));
    ck_assert(book_read(&book, buf_str(&file), "t.xlsx", &a, &diags, &e));
    ck_assert(str_is(book.sheets[1].name, "Long_ name_of _a_ sheet_ _"));
    ck_assert(!book.duplicate_headers_ok);
    ck_assert(book_write(&book, "u.md", &first, &e));
    ck_assert_ptr_nonnull(strstr(first.p, "| | text | a | <&\"\\|> |\n| | |"));
    ck_assert_ptr_nonnull(strstr(first.p, "| | note | b | _x000D_ \xE2\x82\xAC |\n"));
    ck_assert(book_read(&book, buf_str(&first), "u.md", &a, &diags, &e));
    struct buf again;
    buf_init(&again, 1 << 20);
    ck_assert(book_write(&book, "u.md", &second, &e));
    ck_assert_str_eq(first.p, second.p);
    /* Equal books, equal bytes. */
    ck_assert(book_read(&book, str_of(text), "t.md", &a, &diags, &e));
    ck_assert(book_write(&book, "t.xlsx", &again, &e));
    ck_assert_uint_eq(again.n, file.n);
    ck_assert_mem_eq(again.p, file.p, file.n);
    buf_done(&again);
    buf_done(&first);
    buf_done(&second);
}
END_TEST

START_TEST(test_xlsx__equal_headers_fold)
{
    ck_assert(book_read(&book,
                        STR("| survey |\n| | name | label | name |\n| | a | x | b |\n"
                            "| | c | x | |\n"),
                        "t.md", &a, &diags, &e));
    ck_assert(book_write(&book, "t.xlsx", &file, &e));
    ck_assert(book_read(&book, buf_str(&file), "t.xlsx", &a, &diags, &e));
    check_at(2, 0, "b");
    check_at(3, 0, "c");
}
END_TEST

START_TEST(test_xlsx__no_room)
{
    struct buf small;
    buf_init(&small, 100);
    ck_assert(book_read(&book, STR("| survey |\n| | name |\n| | a |\n"), "t.md", &a, &diags, &e));
    ck_assert(!book_write(&book, "t.xlsx", &small, &e));
    refused(&ERR_XLSX_WRITE);
    buf_done(&small);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("xlsx");
    TCase *t = tcase_create("xlsx");
    tcase_set_timeout(t, 60);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, test_xlsx__cells);
    tcase_add_test(t, test_xlsx__parts_that_are_not_there);
    tcase_add_test(t, test_xlsx__control_characters);
    tcase_add_test(t, test_xlsx__dates);
    tcase_add_test(t, test_xlsx__damaged);
    tcase_add_test(t, test_xlsx__other_kinds);
    tcase_add_test(t, test_xlsx__phantoms);
    tcase_add_test(t, test_xlsx__laughs_depth_doctype);
    tcase_add_test(t, test_xlsx__bomb);
    tcase_add_test(t, test_xlsx__long_cell);
    tcase_add_test(t, test_xlsx__there_and_back);
    tcase_add_test(t, test_xlsx__equal_headers_fold);
    tcase_add_test(t, test_xlsx__no_room);
    suite_add_tcase(s, t);
    return s;
}
