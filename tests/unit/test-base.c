/* str, arena, buf: the layer under everything. */
#include "forms/base/arena.h"
#include "forms/base/buf.h"
#include "forms/base/safe.h"
#include "forms/base/str.h"

#include "tests/support/check_main.h"

START_TEST(test_buf__maximum_refuses_and_keeps)
{
    struct buf b;
    buf_init(&b, 5);
    ck_assert(buf_add_z(&b, "abc"));
    ck_assert(!buf_add_z(&b, "def"));
    ck_assert(b.full);
    ck_assert_str_eq(b.p, "abc");
    ck_assert(buf_add_z(&b, "de"));
    ck_assert_str_eq(b.p, "abcde");
    buf_done(&b);
}
END_TEST

START_TEST(test_buf__little_endian)
{
    struct buf b;
    buf_init(&b, 100);
    buf_add_le32(&b, 0x01020304u);
    ck_assert_mem_eq(b.p, "\4\3\2\1", 4);
    buf_done(&b);
}
END_TEST

START_TEST(test_arena__release_returns_to_mark_and_memory_is_zero)
{
    struct arena a;
    arena_init(&a);
    arena_alloc(&a, 100);
    struct arena_mark m = arena_mark(&a);
    char *p = arena_alloc(&a, 5000);
    memset(p, 'x', 5000);
    for (int i = 0; i < 100; i++)
        memset(arena_alloc(&a, 10000), 'y', 10000);
    arena_release(&a, m);
    ck_assert_uint_eq(a.used, m.used);
    char *q = arena_alloc(&a, 64);
    for (int i = 0; i < 64; i++)
        ck_assert_int_eq(q[i], 0);
    arena_done(&a);
}
END_TEST

START_TEST(test_str__words_and_parts)
{
    struct str rest = STR("  a  bc "), w;
    ck_assert(str_word(&rest, &w) && str_is(w, "a"));
    ck_assert(str_word(&rest, &w) && str_is(w, "bc"));
    ck_assert(!str_word(&rest, &w));
    rest = STR("a,,b");
    ck_assert(str_split(&rest, ',', &w) && str_is(w, "a"));
    ck_assert(str_split(&rest, ',', &w) && w.n == 0);
    ck_assert(str_split(&rest, ',', &w) && str_is(w, "b"));
    ck_assert(!str_split(&rest, ',', &w));
}
END_TEST

START_TEST(test_safe__controls_overrides_and_broken_bytes_are_replaced)
{
    struct buf b;
    buf_init(&b, 1000);
    ck_assert(
        text_safe(STR("a\x1b]52;c\x07\n\tb\xC2\x9B\xE2\x81\xA6\xFF\xC0\x80\xE2\x82"), true, &b));
    ck_assert_str_eq(b.p, "a\xEF\xBF\xBD]52;c\xEF\xBF\xBD\n\tb\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD"
                          "\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
    buf_clear(&b);
    ck_assert(text_safe(STR("\xE6\xBC\xA2 \xF0\x9F\x98\x80 e\xCC\x81\n"), false, &b));
    ck_assert_str_eq(b.p, "\xE6\xBC\xA2 \xF0\x9F\x98\x80 e\xCC\x81 ");
    buf_done(&b);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("base");
    TCase *t = tcase_create("base");
    tcase_add_test(t, test_buf__maximum_refuses_and_keeps);
    tcase_add_test(t, test_buf__little_endian);
    tcase_add_test(t, test_arena__release_returns_to_mark_and_memory_is_zero);
    tcase_add_test(t, test_safe__controls_overrides_and_broken_bytes_are_replaced);
    tcase_add_test(t, test_str__words_and_parts);
    suite_add_tcase(s, t);
    return s;
}
