/* What of the way over a network needs no server: addresses, a rename that comes late, listings of WebDAV. */
#include "sync/io/io.h"
#include "sync/transport/remote_i.h"
#include "tests/support/check_main.h"
#include "tests/support/tmpdir.h"

static struct err e;

static void setup(void)
{
    tmpdir_make();
    e = (struct err){0};
}

static void ok(bool ok)
{
    ck_assert_msg(ok, "%s %s", e.kind ? e.kind->id : "no reason", e.arg[0]);
}

START_TEST(test_url__what_it_may_be)
{
    static const struct {
        const char *url;
        const struct err_kind *kind;
    } bad[] = {
        {"sftp://u:geheim@127.0.0.1/x", &ERR_URL_PASSWORD},
        {"https://u:@127.0.0.1/x", &ERR_URL_PASSWORD},
        {"http://u@example.org/x", &ERR_URL_PLAIN},
        {"sftp://127.0.0.1/x", &ERR_URL_USER},
        {"https://u@h/x?y=1", &ERR_URL},
        {"https://u@h/x#y", &ERR_URL},
        {"https://u@h/x\ny", &ERR_URL},
        {"sftp://u@h/x%0Ay", &ERR_URL},
        {"https://", &ERR_URL},
        {"ftp://u@h/x", &ERR_URL},
        {"scp://u@h/x", &ERR_URL},
    };
    struct transport *t;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        err_clear(&e);
        ck_assert_msg(!transport_open(&t, str_of(bad[i].url), "store", NULL, &e), "%s", bad[i].url);
        ck_assert_msg(e.kind == bad[i].kind, "%s: %s", bad[i].url, e.kind->id);
    }
}
END_TEST

/* ---- a server that works off what was sent before the cut only after the next try began ---- */

static bool late_there;
static unsigned late_puts;

static enum went late_make(struct remote *r, const char *folder, struct err *err)
{
    (void)r;
    (void)folder;
    (void)err;
    return WENT_WELL;
}

static enum went late_size(struct remote *r, const struct place *at, uint64_t *ret, struct err *err)
{
    (void)r;
    (void)err;
    if (!late_there || str_ends(str_of(at->name), STR(PART)))
        return WENT_ABSENT;
    *ret = 7;
    return WENT_WELL;
}

static enum went late_put(struct remote *r, const struct place *at, int fd, uint64_t from,
                          uint64_t size, struct err *err)
{
    (void)r;
    (void)at;
    (void)fd;
    (void)from;
    (void)size;
    (void)err;
    late_puts++;
    late_there = true; /* the rename of the try before takes the part away */
    return WENT_WELL;
}

START_TEST(test_send__a_rename_that_comes_late)
{
    static const struct protocol late = {.make = late_make, .size = late_size, .put = late_put};
    struct transport *t;
    struct transport_user user = {.wait_ms = 1};
    ok(io_write_file(tmpdir_path("a.receipt"), 0600, STR("receipt"), &e));
    ok(transport_open(&t, STR("https://h/x"), tmpdir_path("store"), &user, &e));
    ((struct remote *)t)->protocol = &late;
    ok(transport_deliver(t, "out", tmpdir_path("a.receipt"), &e));
    ck_assert_uint_eq(late_puts, 1);
    transport_close(t);
}
END_TEST

/* ---- a listing of WebDAV ---- */

static bool names_in(const char *xml, struct remote_names *names)
{
    names->n = 0;
    return multistatus_names(str_of(xml), names);
}

#define DAV_TOP                                                                                    \
    "<?xml version=\"1.0\"?><d:multistatus xmlns:d=\"DAV:\" xmlns:oc=\"http://owncloud.org/ns\">"
#define DAV_FILE(href)                                                                             \
    "<d:response><d:href>" href "</d:href><d:propstat><d:prop><d:resourcetype/></d:prop>"          \
    "<d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>"

START_TEST(test_multistatus__names_of_files_alone)
{
    struct remote_names n = {0};
    ck_assert(names_in(
        DAV_TOP DAV_FILE("/remote.php/dav/files/rina/survei/out/")
            DAV_FILE("/remote.php/dav/files/rina/survei/out/a-1.receipt")
                DAV_FILE("https://h/x/b%2D2.receipt\n") DAV_FILE("c.receipt") DAV_FILE("/x/..")
                    DAV_FILE("/x/%2e%2e%2fetc") DAV_FILE("/x/a b") DAV_FILE("/x/%00")
                        DAV_FILE("/x/.hidden")
                            DAV_FILE("") "<oc:href>/x/other.receipt</oc:href></d:multistatus>",
        &n));
    ck_assert_uint_eq(n.n, 3);
    ck_assert_str_eq(n.v[0], "a-1.receipt");
    ck_assert_str_eq(n.v[1], "b-2.receipt");
    ck_assert_str_eq(n.v[2], "c.receipt");
    mem_free(n.v);
}
END_TEST

START_TEST(test_multistatus__what_is_none)
{
    struct remote_names n = {0};
    struct buf deep;
    ck_assert(!names_in("", &n));
    ck_assert(!names_in("<html><body>Login", &n));
    ck_assert(!names_in(
        "<!DOCTYPE d [<!ENTITY a \"aaaa\">]>" DAV_TOP DAV_FILE("/x/a") "</d:multistatus>", &n));
    ck_assert(!names_in(DAV_TOP DAV_FILE("/x/a"), &n)); /* cut */
    buf_init(&deep, 100000);
    for (int i = 0; i < 200; i++)
        buf_add_z(&deep, "<a>");
    for (int i = 0; i < 200; i++)
        buf_add_z(&deep, "</a>");
    ck_assert(!names_in(deep.p, &n));
    buf_clear(&deep);
    buf_add_z(&deep, DAV_TOP "<d:response><d:href>");
    for (int i = 0; i < 9000; i++)
        buf_add_c(&deep, 'a');
    buf_add_z(&deep, "</d:href></d:response></d:multistatus>");
    ck_assert(!names_in(deep.p, &n));
    ck_assert_uint_eq(n.n, 0);
    buf_done(&deep);
    mem_free(n.v);
}
END_TEST

/* ---- */

Suite *test_suite(void)
{
    Suite *s = suite_create("remote");
    TCase *t = tcase_create("all");
    tcase_add_checked_fixture(t, setup, tmpdir_remove);
    tcase_add_test(t, test_url__what_it_may_be);
    tcase_add_test(t, test_send__a_rename_that_comes_late);
    tcase_add_test(t, test_multistatus__names_of_files_alone);
    tcase_add_test(t, test_multistatus__what_is_none);
    suite_add_tcase(s, t);
    return s;
}
