#include "app/flow/event.h"

#include <stdlib.h>

#include "tests/support/check_main.h"

static struct err e;

static const struct event samples[] = {
    {.kind = EVENT_START, .at = {1767225600000, 480}, .value = {"\x00\x01\xff", 3}},
    {.kind = EVENT_BASE_PII, .at = {1, 0}, .value = {"/data/name\tRina\n", 16}},
    {.kind = EVENT_PREFILL, .at = {2, 480}, .path = {"/data/id", 8}, .value = {"GOV-017", 7}},
    {.kind = EVENT_SET, .at = {3, -210}, .path = {"/data/hh[2]/age", 15}, .value = {"7", 1}},
    {.kind = EVENT_CLEAR, .at = {4, 480}, .path = {"/data/q", 7}},
    {.kind = EVENT_MISSING, .at = {5, 480}, .path = {"/data/q", 7}, .number = 1},
    {.kind = EVENT_ADD, .at = {6, 480}, .path = {"/data/hh", 8}},
    {.kind = EVENT_REMOVE, .at = {7, 480}, .path = {"/data/hh[3]", 11}},
    {.kind = EVENT_CONFIRM, .at = {8, 480}, .path = {"/data/q", 7}},
    {.kind = EVENT_UNDO, .at = {-9, 480}},
    {.kind = EVENT_REDO, .at = {10, 480}},
    {.kind = EVENT_NOTE, .at = {11, 480}, .path = {"/data/q", 7}, .value = {"a\nb", 3}},
    {.kind = EVENT_MOVE, .at = {12, 480}, .path = {"/data/q", 7}, .value = {"1,", 2}},
    {.kind = EVENT_LANGUAGE, .at = {13, 480}, .value = {"English (en)", 12}},
    {.kind = EVENT_VISIT, .at = {14, 480}, .value = {"sore", 4}, .number = 7, .time = 99},
    {.kind = EVENT_OUTCOME, .at = {15, 480}, .number = 4},
    {.kind = EVENT_CLOCK, .at = {16, 480}, .number = -3600000},
    {.kind = EVENT_RESUME, .at = {17, 480}, .value = {"Asia/Makassar", 13}},
    {.kind = EVENT_PAUSE, .at = {18, 480}},
    {.kind = EVENT_CHECK, .at = {19, 480}},
    {.kind = EVENT_BASE, .at = {20, 480}, .value = {"<data/>", 7}},
};
#define SAMPLES (int)(sizeof samples / sizeof *samples)

START_TEST(test_event__every_kind_comes_back_from_its_bytes)
{
    const struct event *want = &samples[_i];
    struct event got;
    struct buf b;
    err_clear(&e);
    buf_init(&b, 1000);
    ck_assert(event_encode(want, &b));
    ck_assert(event_decode(buf_str(&b), 0, &got, &e));
    ck_assert_int_eq(got.kind, want->kind);
    ck_assert_int_eq(got.at.ms, want->at.ms);
    ck_assert_int_eq(got.at.offset_min, want->at.offset_min);
    ck_assert(str_eq(got.path, want->path));
    ck_assert(str_eq(got.value, want->value));
    ck_assert_int_eq(got.number, want->number);
    ck_assert_int_eq(got.time, want->time);
    buf_done(&b);
}
END_TEST

START_TEST(test_event__cut_or_longer_bytes_are_named)
{
    struct event got;
    struct buf b;
    buf_init(&b, 1000);
    ck_assert(event_encode(&samples[_i], &b));
    for (size_t n = 0; n < b.n; n++) {
        err_clear(&e);
        ck_assert(!event_decode((struct str){b.p, n}, 41, &got, &e));
        ck_assert_ptr_eq(e.kind, &ERR_EVENT_BAD);
        ck_assert_str_eq(e.arg[0], "42");
    }
    buf_add_c(&b, 'x');
    err_clear(&e);
    ck_assert(!event_decode(buf_str(&b), 41, &got, &e));
    ck_assert_ptr_eq(e.kind, &ERR_EVENT_BAD);
    buf_done(&b);
}
END_TEST

START_TEST(test_event__an_unknown_kind_is_said)
{
    struct event got;
    static const char bytes[] = "\xc8\0\0\0\0\0\0\0\0\0\0";
    err_clear(&e);
    ck_assert(!event_decode((struct str){bytes, 11}, 2, &got, &e));
    ck_assert_ptr_eq(e.kind, &ERR_EVENT_KIND);
    ck_assert_str_eq(e.arg[0], "3");
    ck_assert_str_eq(e.arg[1], "200");
}
END_TEST

START_TEST(test_event__any_bytes_decode_or_fail)
{
    /* Each byte of a good event set to each value: whatever decodes can be encoded to the same. */
    struct buf b, again;
    buf_init(&b, 1000);
    buf_init(&again, 1000);
    ck_assert(event_encode(&samples[_i], &b));
    for (size_t i = 0; i < b.n; i++) {
        char was = b.p[i];
        for (int v = 0; v < 256; v++) {
            struct event got;
            err_clear(&e);
            b.p[i] = (char)v;
            if (!event_decode(buf_str(&b), 0, &got, &e))
                continue;
            buf_clear(&again);
            ck_assert(event_encode(&got, &again));
            ck_assert(str_eq(buf_str(&again), buf_str(&b)));
        }
        b.p[i] = was;
    }
    buf_done(&b);
    buf_done(&again);
}
END_TEST

START_TEST(test_event__pairs_come_back_and_claim_no_more_than_is_there)
{
    struct event_pair v[] = {{STR("seed"), {"\0\1", 2}}, {STR("zone"), STR("WIB-7")}};
    struct event_pairs p = {v, 2}, got;
    struct arena a;
    struct buf b;
    struct str value;
    arena_init(&a);
    buf_init(&b, 1000);
    err_clear(&e);
    ck_assert(event_pairs_encode(&p, &b));
    ck_assert(event_pairs_decode(buf_str(&b), &a, &got, &e));
    ck_assert(event_pairs_get(&got, STR("zone"), &value) && str_is(value, "WIB-7"));
    ck_assert(event_pairs_get(&got, STR("seed"), &value) && value.n == 2);
    ck_assert(!event_pairs_get(&got, STR("none"), &value));
    for (size_t n = 0; n < b.n; n++) {
        err_clear(&e);
        ck_assert(!event_pairs_decode((struct str){b.p, n}, &a, &got, &e));
    }
    err_clear(&e);
    ck_assert(!event_pairs_decode(STR("\xff\xff"), &a, &got, &e));
    ck_assert_uint_lt(a.used, 4096);
    arena_done(&a);
    buf_done(&b);
}
END_TEST

START_TEST(test_event__what_is_too_long_is_not_encoded)
{
    struct buf b;
    char *big = mem_alloc(LIMIT_ANSWER_BYTES + 1);
    struct event ev = {.kind = EVENT_SET, .path = STR("/data/q")};
    memset(big, 'a', LIMIT_ANSWER_BYTES + 1);
    ev.value = (struct str){big, LIMIT_ANSWER_BYTES + 1};
    buf_init(&b, EVENT_BYTES_MAX);
    ck_assert(!event_encode(&ev, &b));
    ck_assert_uint_eq(b.n, 0);
    ev.value.n--;
    ck_assert(event_encode(&ev, &b));
    buf_done(&b);
    mem_free(big);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("event");
    TCase *t = tcase_create("event");
    tcase_add_loop_test(t, test_event__every_kind_comes_back_from_its_bytes, 0, SAMPLES);
    tcase_add_loop_test(t, test_event__cut_or_longer_bytes_are_named, 0, SAMPLES);
    tcase_add_test(t, test_event__an_unknown_kind_is_said);
    tcase_add_loop_test(t, test_event__any_bytes_decode_or_fail, 0, SAMPLES);
    tcase_add_test(t, test_event__pairs_come_back_and_claim_no_more_than_is_there);
    tcase_add_test(t, test_event__what_is_too_long_is_not_encoded);
    suite_add_tcase(s, t);
    return s;
}
