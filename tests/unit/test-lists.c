/* Lists in files: what their formats may look like, and what is refused before it costs much. */
#include "forms/read/lists.h"

#include "forms/base/limits.h"
#include "forms/base/mem.h"
#include "tests/support/check_main.h"

static struct arena a;
static struct err e;
static struct table t;
static struct buf text;

static void setup(void)
{
    arena_init(&a);
    err_clear(&e);
    buf_init(&text, (size_t)64 << 20);
}

static void teardown(void)
{
    arena_done(&a);
    buf_done(&text);
}

static void check_cell(uint32_t column, uint32_t row, const char *wanted)
{
    ck_assert_uint_lt(column, t.columns);
    ck_assert_uint_lt(row, t.rows);
    struct str s = t.cells[column][row];
    ck_assert_msg(str_is(s, wanted), "%.*s", STR_FMT(s));
}

static bool csv(const char *bytes)
{
    err_clear(&e);
    return lists_csv(&t, str_of(bytes), &a, &e);
}

static void refused(const struct err_kind *kind)
{
    ck_assert_msg(e.kind == kind, "%s", e.kind ? e.kind->id : "none");
    err_clear(&e);
}

START_TEST(test_lists__csv_dialects)
{
    ck_assert(csv("\xEF\xBB\xBFname,label\na, \"A, \"\"one\"\"\nline\" \n\nb,B\n"));
    ck_assert_uint_eq(t.rows, 2);
    check_cell(1, 0, "A, \"one\"\nline");
    check_cell(0, 1, "b");
    ck_assert(csv("name;label\r\na;A,a\r\n"));
    check_cell(1, 0, "A,a");
    ck_assert(csv("name\tlabel\ra\tA"));
    check_cell(1, 0, "A");
    ck_assert(csv("name,,label\na,x,A,surplus\nb\n")); /* no header: no column */
    ck_assert_uint_eq(t.columns, 2);
    check_cell(1, 0, "A");
    check_cell(1, 1, "");
    ck_assert(csv(""));
    ck_assert_uint_eq(t.columns, 0);
}
END_TEST

START_TEST(test_lists__csv_refused)
{
    ck_assert(!csv("name,label\n\"a,A\nb,B\n"));
    refused(&ERR_LIST_READ);
    ck_assert(!csv("name,label\na,\xFF\n"));
    refused(&ERR_UTF8);
    buf_add_z(&text, "name,label\na,");
    for (size_t i = 0; i < (size_t)16 << 20; i++)
        buf_add_c(&text, 'x');
    ck_assert(!lists_csv(&t, buf_str(&text), &a, &e));
    refused(&ERR_LIMIT);
    /* Many columns times many rows, nearly all blank. */
    buf_clear(&text);
    for (int i = 0; i < 1000; i++)
        buf_printf(&text, "c%d,", i);
    buf_add_c(&text, '\n');
    for (int i = 0; i < 30000; i++)
        buf_add_z(&text, "x\n");
    ck_assert(!lists_csv(&t, buf_str(&text), &a, &e));
    refused(&ERR_LIMIT);
}
END_TEST

START_TEST(test_lists__xml)
{
    bool table;
    ck_assert(lists_xml(&t, &table, STR("<root><item><name>a</name></item></root>"), &a, &e));
    ck_assert(table);
    check_cell(0, 0, "a");
    ck_assert(lists_xml(&t, &table, STR("<root><item x='1'/></root>"), &a, &e) && !table);
    ck_assert(lists_xml(&t, &table, STR("<!DOCTYPE a [<!ENTITY b 'c'>]><root/>"), &a, &e));
    ck_assert(!table); /* the reader of trees refuses it */
    ck_assert(!lists_xml(&t, &table, STR("<root><item>"), &a, &e));
    refused(&ERR_LIST_READ);
    ck_assert(!lists_xml(&t, &table, STR("<root>\xFF</root>"), &a, &e));
    refused(&ERR_UTF8);
    buf_add_z(&text, "<root><item>");
    for (int i = 0; i < 1100; i++)
        buf_printf(&text, "<c%d>1</c%d>", i, i);
    buf_add_z(&text, "</item></root>");
    ck_assert(!lists_xml(&t, &table, buf_str(&text), &a, &e));
    refused(&ERR_LIMIT);
}
END_TEST

START_TEST(test_lists__geojson)
{
    ck_assert(
        lists_geojson(&t,
                      STR("{\"features\":[{\"id\":\"f\",\"properties\":{\"n\":1.5,\"b\":true,"
                          "\"z\":null},\"geometry\":{\"type\":\"Point\",\"coordinates\":[1,2]}},"
                          "7,null]}"),
                      &a, &e));
    ck_assert_uint_eq(t.rows, 3);
    check_cell(0, 0, "f");
    check_cell(1, 0, "1.5");
    check_cell(2, 0, "true");
    ck_assert(!lists_geojson(&t, STR("{\"type\":\"Feature\"}"), &a, &e));
    refused(&ERR_LIST_READ);
    for (int i = 0; i < 100000; i++)
        buf_add_c(&text, '[');
    ck_assert(!lists_geojson(&t, buf_str(&text), &a, &e));
    refused(&ERR_LIST_READ);
    buf_clear(&text);
    while (text.n <= (size_t)32 << 20)
        buf_add_z(&text, "        ");
    ck_assert(!lists_geojson(&t, buf_str(&text), &a, &e));
    refused(&ERR_LIMIT);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("lists");
    TCase *c = tcase_create("lists");
    tcase_add_checked_fixture(c, setup, teardown);
    tcase_add_test(c, test_lists__csv_dialects);
    tcase_add_test(c, test_lists__csv_refused);
    tcase_add_test(c, test_lists__xml);
    tcase_add_test(c, test_lists__geojson);
    suite_add_tcase(s, c);
    return s;
}
