#include "app/flow/record.h"

#include <stdlib.h>

#include "app/flow/host.h"
#include "tests/support/check_main.h"

static struct err e;
static struct buf out;

static void setup(void)
{
    err_clear(&e);
    buf_init(&out, 1 << 20);
    ck_assert(crypt_start(&e));
}

static void teardown(void)
{
    buf_done(&out);
}

static bool merge(const char *xml, const char *values, const char *name)
{
    struct record_part2 p2 = {str_of(values), str_of(name), STR(""), STR("")};
    buf_clear(&out);
    err_clear(&e);
    return record_merge_xml(str_of(xml), &p2, &out, &e);
}

START_TEST(test_record__parts_come_back)
{
    struct record_part1 p1 = {STR("<data/>"), STR("event\n"), STR("\001\002")}, got1;
    struct record_part2 p2 = {STR("/data/n\tRina\n"), STR(""), STR("3\t\tRina\n"), STR("")}, got2;
    ck_assert(record_pack1(&p1, &out));
    ck_assert(record_unpack1(buf_str(&out), &got1, &e));
    ck_assert(str_eq(got1.xml, p1.xml) && str_eq(got1.audit, p1.audit));
    ck_assert(str_eq(got1.files, p1.files));
    ck_assert(!record_unpack2(buf_str(&out), &got2, &e));
    ck_assert_ptr_eq(e.kind, &ERR_RECORD_PART);
    buf_clear(&out);
    err_clear(&e);
    ck_assert(record_pack2(&p2, &out));
    ck_assert(record_unpack2(buf_str(&out), &got2, &e));
    ck_assert(str_eq(got2.values, p2.values) && str_eq(got2.audit_values, p2.audit_values));
    for (size_t n = 0; n < out.n; n++) {
        err_clear(&e);
        ck_assert(!record_unpack2((struct str){out.p, n}, &got2, &e));
        ck_assert_ptr_eq(e.kind, &ERR_RECORD_PART);
    }
}
END_TEST

START_TEST(test_record__pii_goes_back_into_its_elements)
{
    ck_assert(merge("<data id=\"f\"><g><name/><age>7</age></g><hh><tel></tel></hh><hh><tel/></hh>"
                    "<orx:meta><instanceName/></orx:meta></data>\n",
                    "/data/g/name\tA & <B>\n/data/hh[2]/tel\t08\\t1\\\\2\n",
                    "/data/meta/instanceName\tA\n"));
    ck_assert_str_eq(out.p, "<data id=\"f\"><g><name>A &amp; &lt;B&gt;</name><age>7</age></g>"
                            "<hh><tel></tel></hh><hh><tel>08\t1\\2</tel></hh>"
                            "<orx:meta><instanceName>A</instanceName></orx:meta></data>\n");
    ck_assert(merge("<data><a/><b></b></data>", "/data/b\tx\n", ""));
    ck_assert_str_eq(out.p, "<data><a/><b>x</b></data>");
    ck_assert(merge("<data><a/></data>", "", ""));
    ck_assert_str_eq(out.p, "<data><a/></data>");
}
END_TEST

START_TEST(test_record__pii_without_a_place_is_refused)
{
    static const char *const bad[][2] = {
        {"<data><a/></data>", "/data/b\tx\n"},                 /* no such element */
        {"<data><a>1</a></data>", "/data/a\tx\n"},             /* not empty */
        {"<data><a/><a/></data>", "/data/a[3]\tx\n"},          /* no such instance */
        {"<data><a/><b/></data>", "/data/b\tx\n/data/a\ty\n"}, /* not in order */
        {"<data><a/></data>", "/data/a\tx\\q\n"},              /* a broken escape */
        {"<data><a/></data>", "/data/a"},                      /* no value */
        {"<!DOCTYPE d [<!ENTITY x 'y'>]><data><a/></data>", "/data/a\tx\n"},
        {"<data><a/>", "/data/a\tx\n"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ck_assert_msg(!merge(bad[i][0], bad[i][1], ""), "%s", bad[i][1]);
        ck_assert_ptr_eq(e.kind, &ERR_RECORD_PART);
    }
}
END_TEST

START_TEST(test_record__audit_values_go_back_into_their_rows)
{
    struct str audit = STR("event,node,start,end,old-value,new-value\n"
                           "question,/data/a,1,2,,\"x\n,\"\n"
                           "question,/data/n,2,3,,\n"
                           "cacah.note,/data/n,4,,,\n");
    ck_assert(record_merge_audit(audit, STR("2\tR\tRina, \"R\"\n3\t\tl1\\nl2\n"), &out, &e));
    ck_assert_str_eq(out.p, "event,node,start,end,old-value,new-value\n"
                            "question,/data/a,1,2,,\"x\n,\"\n"
                            "question,/data/n,2,3,R,\"Rina, \"\"R\"\"\"\n"
                            "cacah.note,/data/n,4,,,\"l1\nl2\"\n");
    static const char *const bad[] = {"9\ta\tb\n", "0\ta\tb\n",          "2\ta\n",
                                      "x\ta\tb\n", "2\ta\tb\n2\ta\tb\n", "1\ta\tb\n"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        buf_clear(&out);
        err_clear(&e);
        ck_assert_msg(!record_merge_audit(audit, str_of(bad[i]), &out, &e), "%s", bad[i]);
    }
}
END_TEST

START_TEST(test_record__instance_id_is_the_uuid_then_a_hash_of_the_parents)
{
    struct id16 uuid = {{0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc, 0x4d, 0xef, 0x81}};
    struct hash32 device = {{1}}, parents[2] = {{{9}}, {{3}}}, turned[2] = {{{3}}, {{9}}};
    struct buf other;
    buf_init(&other, 100);
    record_instance_id(&uuid, NULL, 0, &device, &out);
    ck_assert_str_eq(out.p, "uuid:12345678-9abc-4def-8100-000000000000");
    buf_clear(&out);
    record_instance_id(&uuid, parents, 2, &device, &out);
    record_instance_id(&uuid, turned, 2, &device, &other);
    ck_assert_str_eq(out.p, other.p);
    ck_assert_int_eq(out.p[5 + 14], '4');
    ck_assert(strchr("89ab", out.p[5 + 19]) != NULL);
    buf_clear(&other);
    record_instance_id(&uuid, parents, 1, &device, &other);
    ck_assert_str_ne(out.p, other.p);
    buf_done(&other);
}
END_TEST

START_TEST(test_record__a_respondents_code_is_read_back_and_slips_show)
{
    struct id16 uuid = {{0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc}};
    char code[16];
    uint8_t back[5];
    code_of_uuid(&uuid, code);
    ck_assert_uint_eq(strlen(code), 11);
    ck_assert(code[4] == '-' && code[9] == '-');
    ck_assert(code_parse(str_of(code), back));
    ck_assert_mem_eq(back, uuid.b, 5);
    ck_assert(code_parse(STR(" 28t5cy4t-"), back) == false);
    for (size_t i = 0; i < 9; i++) { /* one digit wrong is never taken for another interview */
        char slip[16];
        memcpy(slip, code, sizeof slip);
        if (slip[i] == '-')
            continue;
        slip[i] = slip[i] == '7' ? '3' : '7';
        ck_assert_msg(!code_parse(str_of(slip), back), "%s for %s", slip, code);
    }
    for (size_t i = 0; i < 8; i++) { /* nor two that changed places */
        char slip[16];
        memcpy(slip, code, sizeof slip);
        size_t j = i == 3 || i == 8 ? i + 2 : i + 1;
        if (slip[i] == '-' || slip[j] == '-' || slip[i] == slip[j])
            continue;
        slip[i] = code[j];
        slip[j] = code[i];
        ck_assert_msg(!code_parse(str_of(slip), back), "%s for %s", slip, code);
    }
    ck_assert(!code_parse(STR(""), back));
    ck_assert(!code_parse(STR("1234-5678-90"), back));
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("record");
    TCase *t = tcase_create("record");
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_test(t, test_record__parts_come_back);
    tcase_add_test(t, test_record__pii_goes_back_into_its_elements);
    tcase_add_test(t, test_record__pii_without_a_place_is_refused);
    tcase_add_test(t, test_record__audit_values_go_back_into_their_rows);
    tcase_add_test(t, test_record__instance_id_is_the_uuid_then_a_hash_of_the_parents);
    tcase_add_test(t, test_record__a_respondents_code_is_read_back_and_slips_show);
    suite_add_tcase(s, t);
    return s;
}
