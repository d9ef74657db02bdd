#include "sync/bundle/words.h"

#include <stdlib.h>

#include "sync/errors.h"
#include "tests/support/check_main.h"

static struct err e;

static void setup(void)
{
    err_clear(&e);
    ck_assert(crypt_start(&e));
}

START_TEST(test_words__lists_are_ordered_distinct_and_plain)
{
    for (int lang = WORDS_ID; lang <= WORDS_EN; lang++)
        for (uint32_t i = 0; i < WORDS_COUNT; i++) {
            struct str w = words_at((enum words_lang)lang, i);
            ck_assert_uint_ge(w.n, 4);
            ck_assert_uint_le(w.n, 8);
            for (size_t k = 0; k < w.n; k++)
                ck_assert(w.p[k] >= 'a' && w.p[k] <= 'z');
            if (i)
                ck_assert_int_lt(str_cmp(str_sub(words_at((enum words_lang)lang, i - 1), 0, 4),
                                         str_sub(w, 0, 4)),
                                 0);
            uint32_t found;
            ck_assert(words_find((enum words_lang)lang, w, &found) && found == i);
            ck_assert(words_find((enum words_lang)lang, str_sub(w, 0, 4), &found) && found == i);
        }
}
END_TEST

START_TEST(test_words__find_refuses_what_is_no_beginning)
{
    uint32_t i;
    struct str w = words_at(WORDS_ID, 100);
    char longer[16] = {0};
    memcpy(longer, w.p, w.n);
    longer[w.n] = 'x';
    ck_assert(!words_find(WORDS_ID, str_of(longer), &i));
    ck_assert(!words_find(WORDS_ID, str_sub(w, 0, 3), &i));
    ck_assert(!words_find(WORDS_ID, STR("zzzz"), &i));
    ck_assert(!words_find(WORDS_ID, STR(""), &i));
}
END_TEST

START_TEST(test_words__of_hash_takes_eleven_bits_each_from_the_top)
{
    struct hash32 h = {{0}};
    struct buf b;
    buf_init(&b, 200);
    h.b[0] = 0x00, h.b[1] = 0x3f, h.b[2] = 0xfc; /* 00000000 001|11111 111111|00 → 1, 2047, 0 */
    ck_assert(words_of_hash(WORDS_EN, &h, 3, &b));
    struct buf want;
    buf_init(&want, 200);
    buf_add_str(&want, words_at(WORDS_EN, 1));
    buf_add_c(&want, ' ');
    buf_add_str(&want, words_at(WORDS_EN, 2047));
    buf_add_c(&want, ' ');
    buf_add_str(&want, words_at(WORDS_EN, 0));
    ck_assert_str_eq(b.p, want.p);
    buf_done(&b);
    buf_done(&want);
}
END_TEST

START_TEST(test_words__invite_is_read_however_it_was_typed)
{
    for (int lang = WORDS_ID; lang <= WORDS_EN; lang++)
        for (int round = 0; round < 20; round++) {
            struct buf code, typed, back;
            buf_init(&code, 200);
            buf_init(&typed, 200);
            buf_init(&back, 200);
            words_invite((enum words_lang)lang, &code);
            ck_assert(words_invite_read(buf_str(&code), &back, &e));
            ck_assert_str_eq(back.p, code.p);
            for (size_t i = 0; i < code.n; i++)
                buf_add_c(&typed, code.p[i] == ' ' ? '-' : (char)(code.p[i] - 'a' + 'A'));
            buf_add_z(&typed, " \n");
            buf_clear(&back);
            ck_assert(words_invite_read(buf_str(&typed), &back, &e));
            ck_assert_str_eq(back.p, code.p);
            buf_done(&code);
            buf_done(&typed);
            buf_done(&back);
        }
}
END_TEST

START_TEST(test_words__invite_says_what_is_wrong)
{
    struct buf out;
    buf_init(&out, 200);
    ck_assert(!words_invite_read(STR("abad abdi absen"), &out, &e));
    ck_assert_ptr_eq(e.kind, &ERR_WORDS_COUNT);
    err_clear(&e);
    ck_assert(!words_invite_read(STR("abad abdi absen absolut abstrak qqqq"), &out, &e));
    ck_assert_ptr_eq(e.kind, &ERR_WORDS);
    ck_assert_str_eq(e.arg[0], "qqqq");
    err_clear(&e);
    ck_assert(!words_invite_read(STR("abad abdi absen absolut abstrak wizard"), &out, &e));
    ck_assert_ptr_eq(e.kind, &ERR_WORDS_MIXED);
    err_clear(&e);
    ck_assert(
        !words_invite_read(STR("abad abdi absen absolut abstrak incomprehensible"), &out, &e));
    ck_assert_ptr_eq(e.kind, &ERR_WORDS);
    ck_assert_uint_eq(out.n, 0);
    buf_done(&out);
}
END_TEST

START_TEST(test_words__paper_key_survives_paper_and_notices_a_slip)
{
    struct secret *seed = secret_random(32), *back = NULL;
    struct buf text;
    buf_init(&text, 400);
    words_paper(WORDS_ID, seed, &text);
    ck_assert(words_paper_read(buf_str(&text), &back, &e));
    ck_assert(secret_eq(seed, back));
    secret_free(back);
    /* the last word replaced by all others: one in eight may pass, not more than some */
    struct str rest = buf_str(&text);
    size_t last = 0;
    for (size_t i = 0; i < rest.n; i++)
        if (rest.p[i] == ' ')
            last = i + 1;
    unsigned passed = 0;
    for (uint32_t i = 0; i < WORDS_COUNT; i++) {
        struct buf t;
        buf_init(&t, 400);
        buf_add_str(&t, str_sub(rest, 0, last));
        buf_add_str(&t, words_at(WORDS_ID, i));
        err_clear(&e);
        if (words_paper_read(buf_str(&t), &back, &e)) {
            passed++;
            secret_free(back);
        } else {
            ck_assert_ptr_eq(e.kind, &ERR_WORDS_PAPER);
        }
        buf_done(&t);
    }
    ck_assert_uint_eq(passed, 8); /* 3 bits of seed in the last word, each with one right check */
    buf_wipe_done(&text);
    secret_free(seed);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("words");
    TCase *c = tcase_create("words");
    tcase_add_checked_fixture(c, setup, NULL);
    tcase_add_test(c, test_words__lists_are_ordered_distinct_and_plain);
    tcase_add_test(c, test_words__find_refuses_what_is_no_beginning);
    tcase_add_test(c, test_words__of_hash_takes_eleven_bits_each_from_the_top);
    tcase_add_test(c, test_words__invite_is_read_however_it_was_typed);
    tcase_add_test(c, test_words__invite_says_what_is_wrong);
    tcase_add_test(c, test_words__paper_key_survives_paper_and_notices_a_slip);
    suite_add_tcase(s, c);
    return s;
}
