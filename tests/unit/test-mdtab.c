/* Markdown tables, in and out; what cleaning does to a cell. */
#include "tests/support/check_main.h"

#include <stdlib.h>

#include "forms/base/limits.h"
#include "forms/read/clean.h"
#include "forms/read/sheet.h"

static struct arena a;
static struct diags diags;
static struct err e;
static struct book book;

static void setup(void)
{
    arena_init(&a);
    diags_init(&diags);
    err_clear(&e);
}

static void teardown(void)
{
    diags_done(&diags);
    arena_done(&a);
}

static bool read(const char *text)
{
    return book_read(&book, str_of(text), "t.md", &a, &diags, &e);
}

static const struct cell *cell(const struct sheet *s, uint32_t row, uint32_t column)
{
    for (uint32_t r = 0; r < s->n_rows; r++)
        for (uint32_t i = 0; s->rows[r].row == row && i < s->rows[r].n; i++)
            if (s->rows[r].cells[i].column == column)
                return &s->rows[r].cells[i];
    return NULL;
}

static void check_cell(const struct sheet *s, uint32_t row, uint32_t column, const char *want)
{
    const struct cell *c = cell(s, row, column);
    ck_assert_ptr_nonnull(c);
    ck_assert_msg(str_is(c->text, want), "found \"%.*s\"", STR_FMT(c->text));
}

START_TEST(test_mdtab__sheets_rows_cells)
{
    ck_assert(read("| survey |\n| | type | name |\n| | text | a |\n| | | |\n| | note | b |\n"
                   "| choices | list_name |\n| | x | stray |\n"));
    ck_assert_uint_eq(book.n_sheets, 2);
    const struct sheet *s = book_sheet(&book, "SURVEY");
    ck_assert_ptr_nonnull(s);
    ck_assert_uint_eq(s->n_headers, 2);
    ck_assert_uint_eq(s->n_rows, 2);
    check_cell(s, 2, 1, "a");
    check_cell(s, 4, 0, "note"); /* the blank row counts */
    s = book_sheet(&book, "choices");
    ck_assert_uint_eq(s->n_headers, 2);
    ck_assert(str_is(s->headers[0], "list_name"));
    ck_assert(str_is(s->headers[1], "")); /* a column without a header */
    ck_assert(book.duplicate_headers_ok);
}
END_TEST

START_TEST(test_mdtab__what_is_no_table)
{
    ck_assert(read("\xEF\xBB\xBFText.\n  # a comment | with pipes |\n   | survey |  \r\n"
                   "   |--------|---|\n   | | name | # not a comment\n| :-- | --- |\n"
                   "| | a\\|b | # behind\n| | -- |\n|\n| | c"));
    const struct sheet *s = book_sheet(&book, "survey");
    ck_assert_uint_eq(s->n_headers, 1);
    ck_assert_uint_eq(s->n_rows, 3);
    check_cell(s, 2, 0, "a|b");
    check_cell(s, 3, 0, "--"); /* the first cell is blank: no ruler */
    check_cell(s, 4, 0, "c");  /* the closing pipe may lack */
}
END_TEST

START_TEST(test_mdtab__escapes_only_when_declared)
{
    ck_assert(read("| survey |\n| | label |\n| | a\\nb\\\\c |\n"));
    check_cell(&book.sheets[0], 2, 0, "a\\nb\\\\c");
    ck_assert(read("| survey |\n| | label |\n| | a\\nb\\\\c\\d |\n"
                   "| settings |\n| | cacah:escapes |\n| | yes |\n"));
    check_cell(&book.sheets[0], 2, 0, "a\nb\\c\\d");
}
END_TEST

START_TEST(test_mdtab__refuses)
{
    ck_assert(!read("| survey |\n| | a\xFF |\n"));
    ck_assert(err_is(&e, &ERR_UTF8));
    ck_assert_str_eq(e.arg[0], "17");
    err_clear(&e);
    ck_assert(!book_read(&book, (struct str){"| s\0 |", 6}, "t.md", &a, &diags, &e));
    ck_assert(err_is(&e, &ERR_UTF8));
    err_clear(&e);
    ck_assert(!book_read(&book, STR("x"), "t.pdf", &a, &diags, &e));
    ck_assert(err_is(&e, &ERR_FORM_ENDING));
}
END_TEST

START_TEST(test_mdtab__limits)
{
    struct buf b;
    buf_init(&b, LIMIT_FORM_FILE * 2);
    buf_add_z(&b, "| survey |\n| | name |\n| |");
    for (size_t i = 0; i <= LIMIT_CELL_BYTES; i++)
        buf_add_c(&b, 'x');
    buf_add_z(&b, "|\n");
    ck_assert(!book_read(&book, buf_str(&b), "t.md", &a, &diags, &e));
    ck_assert(err_is(&e, &ERR_LIMIT));
    err_clear(&e);
    buf_clear(&b);
    for (int i = 0; i < 20000; i++)
        buf_add_c(&b, '|');
    ck_assert(!book_read(&book, buf_str(&b), "t.md", &a, &diags, &e));
    ck_assert(err_is(&e, &ERR_LIMIT));
    buf_done(&b);
}
END_TEST

START_TEST(test_mdtab__writes_what_it_reads)
{
    static const char text[] = "| survey |\n| | type | label |\n| | text | a\\nb\\\\ \\| c |\n"
                               "| | |\n| | | only a label |\n"
                               "\n| settings |\n| | cacah:escapes |\n| | yes |\n";
    struct buf out;
    buf_init(&out, 1 << 20);
    ck_assert(read(text));
    ck_assert(book_write(&book, "x.md", &out, &e));
    struct book first = book;
    ck_assert(book_read(&book, buf_str(&out), "t.md", &a, &diags, &e));
    ck_assert_uint_eq(book.n_sheets, first.n_sheets);
    check_cell(&book.sheets[0], 2, 1, "a\nb\\ | c");
    check_cell(&book.sheets[0], 4, 1, "only a label");
    buf_done(&out);
}
END_TEST

START_TEST(test_mdtab__newlines_bring_the_setting)
{
    struct cell cells[] = {{0, STR("one\ntwo")}};
    struct sheet_row rows[] = {{2, cells, 1}};
    struct str headers[] = {STR("label")};
    struct sheet sheets[] = {{STR("survey"), headers, 1, rows, 1}};
    struct book made = {STR("x.xlsx"), sheets, 1, false};
    struct buf out;
    buf_init(&out, 1 << 20);
    ck_assert(book_write(&made, "x.md", &out, &e));
    ck_assert_str_eq(out.p, "| survey |\n| | label |\n| | one\\ntwo |\n"
                            "\n| settings |\n| | cacah:escapes |\n| | yes |\n");
    ck_assert(book_read(&book, buf_str(&out), "t.md", &a, &diags, &e));
    check_cell(&book.sheets[0], 2, 0, "one\ntwo");
    buf_done(&out);
}
END_TEST

START_TEST(test_clean__quotes_blanks_offsets)
{
    struct str s = STR("  \xE2\x80\x98"
                       "a\xE2\x80\x99  \xC2\xA0=  \xE2\x80\x9C\xC3\xA9\xE2\x80\x9D\n  ");
    ck_assert(str_is(clean_text(s, true, &a), "'a' = \"\xC3\xA9\""));
    ck_assert(str_is(clean_text(s, false, &a), "'a'   =  \"\xC3\xA9\""));
    struct str plain = STR("as it is");
    ck_assert_ptr_eq(clean_text(plain, true, &a).p, plain.p);
    /* The 5th character of the clean text (=) is the 9th as written. */
    ck_assert_uint_eq(clean_offset(s, true, 5), 9);
    ck_assert_uint_eq(clean_offset(plain, true, 4), 4);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("mdtab");
    TCase *t = tcase_create("mdtab");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, test_mdtab__sheets_rows_cells);
    tcase_add_test(t, test_mdtab__what_is_no_table);
    tcase_add_test(t, test_mdtab__escapes_only_when_declared);
    tcase_add_test(t, test_mdtab__refuses);
    tcase_add_test(t, test_mdtab__limits);
    tcase_add_test(t, test_mdtab__writes_what_it_reads);
    tcase_add_test(t, test_mdtab__newlines_bring_the_setting);
    tcase_add_test(t, test_clean__quotes_blanks_offsets);
    suite_add_tcase(s, t);
    return s;
}
