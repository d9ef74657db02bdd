#include "app/flow/host.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tests/support/check_main.h"

static struct err e;

static void setup(void)
{
    err_clear(&e);
    ck_assert(crypt_start(&e));
    setenv("TZ", "WITA-8", 1);
    tzset();
}

static void draft(struct host_draft *d, struct host *h)
{
    *d = (struct host_draft){.seed = {7}, .zone = "WITA-8"};
    host_draft(d, h);
}

START_TEST(test_host__a_draft_draws_by_seed_and_event_alone)
{
    struct host_draft a, b;
    struct host ha, hb;
    uint8_t x[100], y[100], z[100];
    draft(&a, &ha);
    draft(&b, &hb);
    host_draft_event(&a, 5, (struct instant){1000, 480});
    ha.random(ha.ctx, x, sizeof x);
    /* In other pieces, and after having looked at something in the event before. */
    host_draft_event(&b, 4, (struct instant){900, 480});
    hb.random(hb.ctx, y, 33);
    host_draft_event(&b, 5, (struct instant){1000, 480});
    for (size_t i = 0; i < sizeof y; i += 7)
        hb.random(hb.ctx, y + i, sizeof y - i < 7 ? sizeof y - i : 7);
    ck_assert_mem_eq(x, y, sizeof x);
    host_draft_event(&a, 6, (struct instant){1000, 480});
    ha.random(ha.ctx, z, sizeof z);
    ck_assert_mem_ne(x, z, sizeof x);
    b.seed[0] = 8;
    host_draft_event(&b, 5, (struct instant){1000, 480});
    hb.random(hb.ctx, y, sizeof y);
    ck_assert_mem_ne(x, y, sizeof x);
    ck_assert_int_eq(ha.now(ha.ctx).ms, 1000);
}
END_TEST

START_TEST(test_host__zones_on_both_sides_of_a_change)
{
    /* Berlin, as a rule: +1, from the last Sunday of March +2. */
    static const char berlin[] = "CET-1CEST,M3.5.0,M10.5.0/3";
    const int64_t winter = 1767225600000; /* 2026-01-01T00:00Z */
    const int64_t change = 1774746000000; /* 2026-03-29T01:00Z */
    ck_assert_int_eq(host_zone_offset("WITA-8", winter, false), 480);
    ck_assert_int_eq(host_zone_offset(berlin, winter, false), 60);
    ck_assert_int_eq(host_zone_offset(berlin, change - 1, false), 60);
    ck_assert_int_eq(host_zone_offset(berlin, change, false), 120);
    ck_assert_int_eq(host_zone_offset(berlin, change + 3600000, true), 60);  /* 02:00 is skipped */
    ck_assert_int_eq(host_zone_offset(berlin, change + 7200000, true), 120); /* 03:00 */
    ck_assert_int_eq(host_zone_offset(berlin, change + 3599999, true), 60);  /* 01:59 */
    ck_assert_int_eq(host_zone_offset("NST3:30", winter, false), -210);
    ck_assert_int_eq(host_zone_offset("UTC0", -1, true), 0);
    /* The process's own zone came back. */
    ck_assert_str_eq(getenv("TZ"), "WITA-8");
    ck_assert_int_eq(host_now().offset_min, 480);
}
END_TEST

START_TEST(test_host__files_beside_a_form_by_bare_names_only)
{
    char folder[] = "/tmp/cacah-test-XXXXXX", path[100], below[100];
    struct host_dir d;
    struct host h;
    struct buf out;
    buf_init(&out, 1000);
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/list.csv", folder);
    FILE *f = fopen(path, "w");
    ck_assert_ptr_nonnull(f);
    fputs("name,label\n", f);
    fclose(f);
    snprintf(below, sizeof below, "%s/sub", folder);
    ck_assert_int_eq(mkdir(below, 0700), 0);
    snprintf(below, sizeof below, "%s/sub/form.md", folder);
    snprintf(path, sizeof path, "%s/form.md", folder);
    ck_assert(host_dir(&d, path, &h, &e));
    ck_assert(h.file(h.ctx, STR("list.csv"), &out, &e));
    ck_assert_str_eq(out.p, "name,label\n");
    ck_assert(host_dir(&d, below, &h, &e));
    static const char *const bad[] = {"../list.csv", "list.csv", "",     ".",          "..",
                                      ".hidden",     "a/b",      "a\\b", "/etc/passwd"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        err_clear(&e);
        ck_assert_msg(!h.file(h.ctx, str_of(bad[i]), &out, &e), "%s", bad[i]);
        ck_assert_ptr_eq(e.kind, &ERR_FILE_MISSING);
    }
    snprintf(path, sizeof path, "rm -r %s", folder);
    ck_assert_int_eq(system(path), 0);
    buf_done(&out);
}
END_TEST

START_TEST(test_host__a_stored_form_has_its_own_lists_alone)
{
    struct form_file lists[] = {{STR("a.csv"), STR("A")}, {STR("b.csv"), STR("B")}};
    struct form_files files = {.lists = lists, .n_lists = 2};
    struct host h;
    struct buf out;
    buf_init(&out, 100);
    host_files(&files, &h);
    ck_assert(h.file(h.ctx, STR("b.csv"), &out, &e));
    ck_assert_str_eq(out.p, "B");
    ck_assert(!h.file(h.ctx, STR("/etc/passwd"), &out, &e));
    ck_assert_ptr_eq(e.kind, &ERR_FILE_MISSING);
    buf_done(&out);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("host");
    TCase *t = tcase_create("host");
    tcase_add_checked_fixture(t, setup, NULL);
    tcase_add_test(t, test_host__a_draft_draws_by_seed_and_event_alone);
    tcase_add_test(t, test_host__zones_on_both_sides_of_a_change);
    tcase_add_test(t, test_host__files_beside_a_form_by_bare_names_only);
    tcase_add_test(t, test_host__a_stored_form_has_its_own_lists_alone);
    suite_add_tcase(s, t);
    return s;
}
