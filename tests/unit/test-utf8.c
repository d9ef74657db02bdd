/* UTF-8 on good and on broken bytes. */
#include "forms/base/utf8.h"

#include "tests/support/check_main.h"

START_TEST(test_utf8__every_character_round_trips)
{
    for (uint32_t c = 0; c <= 0x10FFFF; c++) {
        if (c >= 0xD800 && c < 0xE000)
            continue;
        char tmp[UTF8_MAX];
        size_t n = utf8_put(c, tmp), len;
        uint32_t back = utf8_at((struct str){tmp, n}, 0, &len);
        if (back != c || len != n || !utf8_valid((struct str){tmp, n}, NULL))
            ck_abort_msg("U+%04X", (unsigned)c);
    }
}
END_TEST

START_TEST(test_utf8__broken_bytes_are_found)
{
    static const struct {
        const char *text;
        size_t at;
    } bad[] = {{"a\x80", 1},      {"\xC0\x80", 0},     {"\xC1\xBF", 0},
               {"ab\xE2\x82", 2}, {"\xED\xA0\x80", 0}, {"\xF4\x90\x80\x80", 0},
               {"\xF8", 0},       {"\xE0\x80\x80", 0}, {"\xC3\xA9\xFF", 2}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        size_t at = 99, len;
        ck_assert(!utf8_valid(str_of(bad[i].text), &at));
        ck_assert_uint_eq(at, bad[i].at);
        ck_assert_uint_eq(utf8_at(str_of(bad[i].text), at, &len), UTF8_REPLACEMENT);
        ck_assert_uint_eq(len, 1);
    }
}
END_TEST

START_TEST(test_utf8__counts_and_offsets)
{
    struct str s = STR("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80z");
    ck_assert_uint_eq(utf8_count(s), 5);
    ck_assert_uint_eq(utf8_offset(s, 0), 0);
    ck_assert_uint_eq(utf8_offset(s, 3), 6);
    ck_assert_uint_eq(utf8_offset(s, 99), s.n);
    char tmp[UTF8_MAX];
    ck_assert_uint_eq(utf8_put(0xD800, tmp), 3);
    ck_assert_mem_eq(tmp, "\xEF\xBF\xBD", 3);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("utf8");
    TCase *t = tcase_create("utf8");
    tcase_set_timeout(t, 60);
    tcase_add_test(t, test_utf8__every_character_round_trips);
    tcase_add_test(t, test_utf8__broken_bytes_are_found);
    tcase_add_test(t, test_utf8__counts_and_offsets);
    suite_add_tcase(s, t);
    return s;
}
