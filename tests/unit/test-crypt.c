#include "sync/crypt/crypt.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sync/errors.h"
#include "tests/support/check_main.h"

static struct err e;

static void setup(void)
{
    err_clear(&e);
    ck_assert(crypt_start(&e));
}

START_TEST(test_crypt__sealed_opens_only_unaltered_and_with_its_ad)
{
    struct secret *k = secret_random(32);
    struct buf sealed, plain;
    buf_init(&sealed, 1000);
    buf_init(&plain, 1000);
    crypt_seal(k, STR("answer"), STR("row 1"), &sealed);
    ck_assert_uint_eq(sealed.n, 6 + SEAL_OVERHEAD);
    ck_assert(crypt_open(k, buf_str(&sealed), STR("row 1"), &plain, &e));
    ck_assert_str_eq(plain.p, "answer");
    ck_assert(!crypt_open(k, buf_str(&sealed), STR("row 2"), &plain, &e));
    ck_assert_ptr_eq(e.kind, &ERR_OPEN_FAILED);
    for (size_t i = 0; i < sealed.n; i++) {
        err_clear(&e);
        sealed.p[i] ^= 1;
        ck_assert(!crypt_open(k, buf_str(&sealed), STR("row 1"), &plain, &e));
        sealed.p[i] ^= 1;
    }
    buf_done(&sealed);
    buf_done(&plain);
    secret_free(k);
}
END_TEST

START_TEST(test_crypt__pad_hides_length_and_comes_off)
{
    for (size_t n = 0; n < 130; n++) {
        struct buf b;
        struct str back;
        buf_init(&b, 1000);
        for (size_t i = 0; i < n; i++)
            buf_add_c(&b, 'x');
        crypt_pad(&b, 64);
        ck_assert_uint_eq(b.n % 64, 0);
        ck_assert_uint_gt(b.n, n);
        ck_assert(crypt_unpad(buf_str(&b), 64, &back, &e));
        ck_assert_uint_eq(back.n, n);
        buf_done(&b);
    }
}
END_TEST

START_TEST(test_crypt__cost_outside_policy_is_refused_before_use)
{
    struct secret *p = secret_copy("correct horse", 13), *k = NULL;
    uint8_t salt[16] = {0};
    ck_assert(!crypt_passphrase(p, salt, (struct kdf_cost){3, (uint64_t)1 << 42}, &k, &e));
    ck_assert_ptr_eq(e.kind, &ERR_KDF_LIMITS);
    err_clear(&e);
    ck_assert(!crypt_passphrase(p, salt, (struct kdf_cost){3, 1024}, &k, &e));
    ck_assert_ptr_eq(e.kind, &ERR_KDF_LIMITS);
    secret_free(p);
}
END_TEST

START_TEST(test_crypt__passphrase_is_normalised)
{
    struct secret *nfc = secret_copy("caf\xC3\xA9 rahasia", 13), *a = NULL;
    struct secret *nfd = secret_copy("cafe\xCC\x81 rahasia", 14), *b = NULL;
    uint8_t salt[16] = {1};
    struct kdf_cost cost = kdf_cost_calibrated();
    ck_assert(crypt_passphrase(nfc, salt, cost, &a, &e));
    ck_assert(crypt_passphrase(nfd, salt, cost, &b, &e));
    ck_assert(secret_eq(a, b));
    secret_free(a);
    secret_free(b);
    secret_free(nfc);
    secret_free(nfd);
}
END_TEST

START_TEST(test_crypt__stream_detects_swapped_chunks_and_other_ad)
{
    struct secret *k = secret_random(32);
    uint8_t header[STREAM_HEADER], one[3 + STREAM_OVERHEAD], two[3 + STREAM_OVERHEAD], out[3];
    bool final = false;
    struct stream *s = stream_push(k, header);
    stream_seal(s, (const uint8_t *)"abc", 3, STR("h"), false, one);
    stream_seal(s, (const uint8_t *)"def", 3, STR("h"), true, two);
    stream_free(s);
    s = stream_pull(k, header, &e);
    ck_assert_ptr_nonnull(s);
    ck_assert(!stream_open(s, two, sizeof two, STR("h"), out, &final, &e));
    stream_free(s);
    err_clear(&e);
    s = stream_pull(k, header, &e);
    ck_assert(stream_open(s, one, sizeof one, STR("h"), out, &final, &e));
    ck_assert(!final);
    ck_assert(stream_open(s, two, sizeof two, STR("h"), out, &final, &e));
    ck_assert(final);
    ck_assert_mem_eq(out, "def", 3);
    stream_free(s);
    s = stream_pull(k, header, &e);
    ck_assert(!stream_open(s, one, sizeof one, STR("g"), out, &final, &e));
    stream_free(s);
    secret_free(k);
}
END_TEST

START_TEST(test_crypt__box_and_signature)
{
    struct secret *seed = secret_random(32), *sk, *got = NULL;
    struct pk32 pk;
    struct buf box;
    buf_init(&box, 1000);
    crypt_box_pair(seed, &pk, &sk);
    ck_assert(crypt_box_seal(&pk, STR("file key"), &box, &e));
    ck_assert(crypt_box_open(&pk, sk, buf_str(&box), &got, &e));
    ck_assert_mem_eq(secret_view(got), "file key", 8);
    secret_free(got);
    secret_free(sk);
    crypt_sign_pair(seed, &pk, &sk);
    struct sig64 sig = crypt_sign(sk, STR("head"));
    ck_assert(crypt_verify(&pk, &sig, STR("head")));
    ck_assert(!crypt_verify(&pk, &sig, STR("heaD")));
    secret_free(sk);
    secret_free(seed);
    struct pk32 zero = {{0}};
    ck_assert(!crypt_box_seal(&zero, STR("x"), &box, &e));
    ck_assert_ptr_eq(e.kind, &ERR_BAD_KEY);
    buf_done(&box);
}
END_TEST

START_TEST(test_crypt__a_witness_knows_what_it_has_seen)
{
    struct witness w, other;
    uint8_t first[16], again[16], changed[16], foreign[16];
    witness_draw(&w);
    witness_draw(&other);
    witness_start(&w);
    witness_add(&w, "dua kali dibaca", 15);
    witness_end(&w, first);
    witness_start(&w); /* in other pieces */
    witness_add(&w, "dua kali", 8);
    witness_add(&w, " dibaca", 7);
    witness_end(&w, again);
    witness_start(&w);
    witness_add(&w, "dua kali dibacb", 15);
    witness_end(&w, changed);
    witness_start(&other); /* what one of them says is of no use to foresee another */
    witness_add(&other, "dua kali dibaca", 15);
    witness_end(&other, foreign);
    ck_assert_mem_eq(first, again, sizeof first);
    ck_assert_mem_ne(first, changed, sizeof first);
    ck_assert_mem_ne(first, foreign, sizeof first);
}
END_TEST

START_TEST(test_bytes__uuid_and_hex_are_strict)
{
    struct id16 id;
    struct buf b;
    buf_init(&b, 100);
    ck_assert(uuid_get(STR("00112233-4455-4677-8899-aabbccddeeff"), &id));
    uuid_add(&b, &id);
    ck_assert_str_eq(b.p, "00112233-4455-4677-8899-aabbccddeeff");
    ck_assert(!uuid_get(STR("00112233-4455-4677-8899-AABBCCDDEEFF"), &id));
    ck_assert(!uuid_get(STR("001122334455-4677-8899-aabbccddeeff-"), &id));
    ck_assert(!hex_get(STR("0"), &id, 1));
    buf_done(&b);
}
END_TEST

START_TEST(test_crypt__no_nonce_is_used_twice_not_even_by_a_child)
{
    enum { EACH = 300, NONCE_SIZE = 24 };
    struct secret *k = secret_random(32);
    static uint8_t seen[2 * EACH][NONCE_SIZE];
    int ends[2];
    ck_assert_int_eq(pipe(ends), 0);
    struct buf b;
    buf_init(&b, 100);
    crypt_seal(k, STR("x"), STR(""), &b); /* so that some are drawn already */
    pid_t child = fork();
    for (int i = 0; i < EACH; i++) {
        buf_clear(&b);
        crypt_seal(k, STR("x"), STR(""), &b);
        if (child == 0 && write(ends[1], b.p, NONCE_SIZE) != NONCE_SIZE)
            _exit(1);
        memcpy(seen[i], b.p, NONCE_SIZE);
    }
    if (child == 0)
        _exit(0);
    for (int i = EACH; i < 2 * EACH; i++)
        ck_assert_int_eq(read(ends[0], seen[i], NONCE_SIZE), NONCE_SIZE);
    int status;
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    for (int i = 0; i < 2 * EACH; i++)
        for (int j = 0; j < i; j++)
            ck_assert(memcmp(seen[i], seen[j], NONCE_SIZE) != 0);
    close(ends[0]);
    close(ends[1]);
    buf_done(&b);
    secret_free(k);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("crypt");
    TCase *t = tcase_create("crypt");
    tcase_add_checked_fixture(t, setup, NULL);
    tcase_set_timeout(t, 60);
    tcase_add_test(t, test_crypt__sealed_opens_only_unaltered_and_with_its_ad);
    tcase_add_test(t, test_crypt__no_nonce_is_used_twice_not_even_by_a_child);
    tcase_add_test(t, test_crypt__pad_hides_length_and_comes_off);
    tcase_add_test(t, test_crypt__cost_outside_policy_is_refused_before_use);
    tcase_add_test(t, test_crypt__passphrase_is_normalised);
    tcase_add_test(t, test_crypt__stream_detects_swapped_chunks_and_other_ad);
    tcase_add_test(t, test_crypt__box_and_signature);
    tcase_add_test(t, test_crypt__a_witness_knows_what_it_has_seen);
    tcase_add_test(t, test_bytes__uuid_and_hex_are_strict);
    suite_add_tcase(s, t);
    return s;
}
