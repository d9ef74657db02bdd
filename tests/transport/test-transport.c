/* Bundles and receipts over real servers, with connections that are cut at any byte: in the end exactly one
 * good copy, and no part of one ever under its name. By default a few cuts; many with FAULT_FULL. */
#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sync/transport/remote_i.h"
#include "tests/support/check_main.h"
#include "tests/support/circle_case.h"
#include "tests/support/tmpdir.h"
#include "tests/transport/servers.h"

#define ANSWER_BYTES 300000 /* of random hex: half of it in a bundle */

static struct circle_case c;
static struct store *laptop;
static struct err e;

/* ---- the person at this end ---- */

struct person {
    const char *password, *passphrase;
    unsigned asked, trusted;
    uint64_t stop_at; /* bytes; 0: never */
    bool stop;
    uint64_t last_done, last_total;
    unsigned through; /* files whose progress came to an end */
    char fingerprint[64];
};
static struct person person;

static bool ask(void *ctx, enum transport_asks what, const char *whom, struct secret **ret)
{
    struct person *p = ctx;
    const char *answer = what == ASK_PASSWORD ? p->password : p->passphrase;
    ck_assert(whom[0]);
    p->asked++;
    if (!answer)
        return false;
    *ret = secret_copy(answer, strlen(answer));
    return true;
}

static bool trust(void *ctx, const char *host, const char *fingerprint)
{
    struct person *p = ctx;
    ck_assert(strncmp(host, "127.0.0.1:", 10) == 0);
    snprintf(p->fingerprint, sizeof p->fingerprint, "%s", fingerprint);
    p->trusted++;
    return true;
}

static void progress(void *ctx, const struct transport_progress *t)
{
    struct person *p = ctx;
    if (!t) {
        p->through++;
        return;
    }
    ck_assert(t->name[0] && (!t->total || t->done <= t->total));
    p->last_done = t->done;
    p->last_total = t->total;
}

static bool stop(void *ctx)
{
    struct person *p = ctx;
    return p->stop || (p->stop_at && wire->up + wire->down >= p->stop_at);
}

static struct transport_user user;

static void setup(void)
{
    circle_setup(&c);
    laptop = circle_laptop(&c, c.office, "laptop.cacah");
    e = (struct err){0};
    person = (struct person){.password = "rahasia", .passphrase = "frasa kunci"};
    user = (struct transport_user){.ctx = &person,
                                   .ask = ask,
                                   .trust = trust,
                                   .progress = progress,
                                   .stop = stop,
                                   .key = servers_path("user"),
                                   .wait_ms = 1};
    unsetenv("SSH_AUTH_SOCK");
}

static void teardown(void)
{
    store_close(laptop);
    circle_teardown(&c);
}

static void interview(size_t bytes)
{
    uint8_t *random = mem_alloc(bytes / 2);
    struct buf hex;
    buf_init(&hex, bytes + 1);
    crypt_random(random, bytes / 2);
    hex_add(&hex, random, bytes / 2);
    circle_interview(&c, laptop, hex.p, "", NULL);
    buf_done(&hex);
    mem_free(random);
}

/* ---- the two ways ---- */

struct way {
    const char *scheme, *login; /* login also with nothing asked */
    const char *path;           /* of the URL */
    const char *folder;         /* the same, as the test sees it */
    int (*port)(void);
};
static struct way ways[2];

static void ways_setup(void)
{
    static char sftp_path[300];
    snprintf(sftp_path, sizeof sftp_path, "%s", servers_path("sftp"));
    ways[0] = (struct way){"sftp", SERVER_USER "@", sftp_path, "sftp", servers_ssh};
    ways[1] = (struct way){"http", SERVER_USER "@", "/survei", "root/survei", servers_http};
}

static struct str url_at(const struct way *w, int port)
{
    static char url[600];
    snprintf(url, sizeof url, "%s://%s127.0.0.1:%d%s", w->scheme, w->login, port, w->path);
    return str_of(url);
}

static void path_of(const struct way *w, const char *sub, const char *name, char out[1000])
{
    snprintf(out, 1000, "%s/%s/%s", servers_path(w->folder), sub, name);
}

/* How many files lie there, parts too; the name of the last. */
static unsigned count_there(const char *folder, char name[300])
{
    unsigned n = 0;
    DIR *d = opendir(folder);
    for (struct dirent *entry; d && (entry = readdir(d));)
        if (entry->d_name[0] != '.') {
            n++;
            if (name)
                snprintf(name, 300, "%s", entry->d_name);
        }
    if (d)
        closedir(d);
    return n;
}

static void clear_there(const struct way *w)
{
    char folder[1000], path[1400], name[300];
    for (int i = 0; i < 2; i++) {
        path_of(w, i ? "in" : "out", "", folder);
        while (count_there(folder, name)) {
            snprintf(path, sizeof path, "%s%s", folder, name);
            ck_assert_int_eq(remove(path), 0);
        }
    }
}

/* What lies in in/: exactly this bundle, whole, with so many records; then it is taken away. */
static void one_good_copy(const struct way *w, const struct bundle_written *b, uint64_t records)
{
    char folder[1000], name[300], path[1000];
    struct err why = {0};
    struct merge_report r = {0};
    enum merge_outcome outcome;
    struct merge_ctx m = {.store = c.office, .now_ms = CIRCLE_NOW};
    path_of(w, "in", "", folder);
    ck_assert_uint_eq(count_there(folder, name), 1);
    ck_assert_str_eq(name, b->name);
    path_of(w, "in", name, path);
    circle_ok(merge_file(&m, path, &r, &outcome, &why, &e), &e);
    circle_ok(!why.kind, &why);
    ck_assert_uint_eq(r.records, records);
    ck_assert_uint_eq(b->records, records);
    ck_assert_int_eq(remove(path), 0);
    ck_assert_uint_eq(count_there(tmpdir_path("laptop.cacah.outbox"), NULL), 0);
}

static unsigned rounds(unsigned few)
{
    return getenv("FAULT_FULL") ? few * 50 : few;
}

/* ---- sending ---- */

START_TEST(test_send__cut_anywhere_one_good_copy)
{
    const struct way *w = &ways[_i];
    struct bundle_written b = {0};
    interview(ANSWER_BYTES);
    clear_there(w);
    for (unsigned i = 0; i < rounds(5); i++) {
        /* the handshake, the file's bytes, the rename and its answer */
        uint64_t cut[3] = {crypt_uniform(170000), crypt_uniform(170000), crypt_uniform(9000)};
        wire_plan(w->port(), 1 + crypt_uniform(3), cut);
        circle_ok(
            transport_send(laptop, url_at(w, servers_wire()), false, &user, CIRCLE_NOW, &b, &e),
            &e);
        one_good_copy(w, &b, 1);
    }
    ck_assert_uint_gt(b.bytes, 140000);
    ck_assert_uint_eq(person.last_total, b.bytes);
    ck_assert_uint_eq(person.through, rounds(5));
    ck_assert_uint_le(person.trusted, 1);
}
END_TEST

/* Every byte of the last few hundred, where the rename and its answer are. */
START_TEST(test_send__cut_around_the_rename)
{
    const struct way *w = &ways[_i];
    struct bundle_written b = {0};
    interview(200);
    clear_there(w);
    wire_plan(w->port(), 0, NULL);
    circle_ok(transport_send(laptop, url_at(w, servers_wire()), false, &user, CIRCLE_NOW, &b, &e),
              &e);
    one_good_copy(w, &b, 1);
    uint64_t whole = wire->up + wire->down;
    unsigned step = getenv("FAULT_FULL") ? 1 : 307;
    for (uint64_t back = crypt_uniform(step); back < 1500; back += step) {
        uint64_t cut = whole - back;
        wire_plan(w->port(), 1, &cut);
        circle_ok(
            transport_send(laptop, url_at(w, servers_wire()), false, &user, CIRCLE_NOW, &b, &e),
            &e);
        one_good_copy(w, &b, 1);
    }
}
END_TEST

/* Ctrl-C at any byte; what was under way is gone on with by the next call, and SFTP sends only the rest. */
START_TEST(test_send__stopped_and_gone_on_with)
{
    const struct way *w = &ways[_i];
    struct bundle_written b = {0};
    char folder[1000], name[300];
    interview(ANSWER_BYTES);
    clear_there(w);
    path_of(w, "in", "", folder);
    for (unsigned i = 0; i < rounds(2); i++) {
        wire_plan(w->port(), 0, NULL);
        person.stop_at = 12000 + crypt_uniform(120000);
        ck_assert(
            !transport_send(laptop, url_at(w, servers_wire()), false, &user, CIRCLE_NOW, &b, &e));
        ck_assert_ptr_eq(e.kind, &ERR_STOPPED);
        err_clear(&e);
        ck_assert_uint_eq(count_there(tmpdir_path("laptop.cacah.outbox"), name), 1);
        struct stat left = {0};
        char part[1400];
        snprintf(part, sizeof part, "%s%s.part", folder, name);
        if (stat(part, &left) != 0)
            left.st_size = 0;
        ck_assert_uint_le(count_there(folder, NULL), 1); /* the part */
        person.stop_at = 0;
        wire_plan(w->port(), 0, NULL);
        circle_ok(
            transport_send(laptop, url_at(w, servers_wire()), false, &user, CIRCLE_NOW, &b, &e),
            &e);
        ck_assert_str_eq(b.name, name);
        if (w->port == servers_ssh)
            ck_assert_uint_lt(wire->up, b.bytes - (uint64_t)left.st_size + 30000);
        one_good_copy(w, &b, 1);
    }
}
END_TEST

/* What was finished after a send that broke off goes in a bundle of its own, behind the one left. */
START_TEST(test_send__left_one_first_then_what_came_after)
{
    const struct way *w = &ways[_i];
    struct bundle_written b = {0};
    char folder[1000];
    interview(1000);
    clear_there(w);
    person.stop = true;
    ck_assert(!transport_send(laptop, url_at(w, w->port()), false, &user, CIRCLE_NOW, &b, &e));
    ck_assert_ptr_eq(e.kind, &ERR_STOPPED);
    err_clear(&e);
    person.stop = false;
    uint64_t early = 30000;
    interview(ANSWER_BYTES);
    wire_plan(w->port(), 0, NULL);
    person.stop_at = early;
    ck_assert(!transport_send(laptop, url_at(w, servers_wire()), false, &user, CIRCLE_NOW, &b, &e));
    err_clear(&e);
    person.stop_at = 0;
    interview(500);
    circle_ok(transport_send(laptop, url_at(w, w->port()), false, &user, CIRCLE_NOW, &b, &e), &e);
    ck_assert_uint_eq(b.records, 3);
    path_of(w, "in", "", folder);
    ck_assert_uint_eq(count_there(folder, NULL), 2);
    ck_assert_uint_eq(count_there(tmpdir_path("laptop.cacah.outbox"), NULL), 0);
    clear_there(w);
}
END_TEST

/* A part that is longer than the bundle, or a file of another size under its name, is no copy of it. */
START_TEST(test_send__rubbish_in_the_way)
{
    const struct way *w = &ways[_i];
    struct bundle_written b = {0};
    char path[1000], name[100];
    struct buf rubbish;
    interview(1000);
    clear_there(w);
    wire_plan(w->port(), 0, NULL);
    circle_ok(transport_send(laptop, url_at(w, w->port()), false, &user, CIRCLE_NOW, &b, &e), &e);
    one_good_copy(w, &b, 1);
    buf_init(&rubbish, 100000);
    memset(buf_room(&rubbish, 90000), 'x', 90000);
    snprintf(name, sizeof name, "%.18s%llu.bundle", b.name, (unsigned long long)b.seq + 1);
    for (int i = 0; i < 2; i++) {
        path_of(w, "in", name, path);
        strncat(path, i ? ".part" : "", 6);
        circle_ok(io_write_file(path, 0666, buf_str(&rubbish), &e), &e);
        ck_assert_int_eq(chmod(path, 0666), 0);
        circle_ok(transport_send(laptop, url_at(w, w->port()), false, &user, CIRCLE_NOW, &b, &e),
                  &e);
        one_good_copy(w, &b, 1);
        snprintf(name, sizeof name, "%.18s%llu.bundle", b.name, (unsigned long long)b.seq + 1);
    }
    buf_done(&rubbish);
}
END_TEST

START_TEST(test_send__no_folder_there)
{
    const struct way *w = &ways[_i];
    struct bundle_written b;
    struct way nowhere = *w;
    char path[400];
    snprintf(path, sizeof path, "%s/nirgends", w->path);
    nowhere.path = path;
    ck_assert(
        !transport_send(laptop, url_at(&nowhere, w->port()), false, &user, CIRCLE_NOW, &b, &e));
    ck_assert_ptr_eq(e.kind, &ERR_REMOTE_ABSENT);
}
END_TEST

START_TEST(test_send__nobody_answers)
{
    const struct way *w = &ways[_i];
    struct bundle_written b;
    ck_assert(!transport_send(laptop, url_at(w, 1), false, &user, CIRCLE_NOW, &b, &e));
    ck_assert_ptr_eq(e.kind, &ERR_NETWORK);
    ck_assert_uint_eq(count_there(tmpdir_path("laptop.cacah.outbox"), NULL), 0); /* none was made */
    err_clear(&e);
    /* a connection that is taken and then says nothing: the wire to a port without a server hangs up */
    uint64_t cuts[WIRE_CUTS] = {0};
    wire_plan(w->port(), WIRE_CUTS, cuts);
    ck_assert(!transport_send(laptop, url_at(w, servers_wire()), false, &user, CIRCLE_NOW, &b, &e));
    ck_assert_ptr_eq(e.kind, &ERR_NETWORK);
}
END_TEST

/* ---- logging in ---- */

START_TEST(test_login__password)
{
    const struct way *w = &ways[_i];
    struct bundle_written b;
    user.key = "/dev/null";
    clear_there(w);
    person.password = "rahasiah";
    ck_assert(!transport_send(laptop, url_at(w, w->port()), false, &user, CIRCLE_NOW, &b, &e));
    ck_assert_ptr_eq(e.kind, &ERR_LOGIN);
    ck_assert_uint_eq(person.asked, 1);
    err_clear(&e);
    person.password = NULL;
    ck_assert(!transport_send(laptop, url_at(w, w->port()), false, &user, CIRCLE_NOW, &b, &e));
    ck_assert_ptr_eq(e.kind, &ERR_LOGIN_NEEDED);
    err_clear(&e);
    ck_assert(!transport_send(laptop, url_at(w, w->port()), false, NULL, CIRCLE_NOW, &b, &e));
    ck_assert_ptr_eq(e.kind, &ERR_LOGIN_NEEDED);
    err_clear(&e);
    person.password = "rahasia";
    circle_ok(transport_send(laptop, url_at(w, w->port()), false, &user, CIRCLE_NOW, &b, &e), &e);
    clear_there(w);
}
END_TEST

/* A connection that breaks while logging in is no refusal: the key is not given up, the password is not wrong. */
START_TEST(test_login__cut_while_logging_in)
{
    const struct way *w = &ways[0];
    struct bundle_written b;
    uint64_t step = getenv("FAULT_FULL") ? 11 : 331;
    interview(200);
    clear_there(w);
    for (uint64_t at = 900; at < 7000; at += step) {
        uint64_t cut[2] = {at, at + 50};
        bool by_key = at / step % 2;
        user.key = by_key ? servers_path("user") : "/dev/null";
        person.asked = 0;
        wire_plan(w->port(), 2, cut);
        circle_ok(
            transport_send(laptop, url_at(w, servers_wire()), false, &user, CIRCLE_NOW, &b, &e),
            &e);
        ck_assert_uint_eq(person.asked, !by_key);
        one_good_copy(w, &b, 1);
    }
}
END_TEST

START_TEST(test_login__key_with_a_passphrase)
{
    const struct way *w = &ways[0];
    struct bundle_written b;
    user.key = tmpdir_path("locked");
    struct buf key;
    buf_init(&key, 10000);
    circle_ok(io_read_file(servers_path("locked"), 10000, &key, &e), &e);
    circle_ok(io_write_file(user.key, 0600, buf_str(&key), &e), &e);
    buf_done(&key);
    circle_ok(transport_send(laptop, url_at(w, w->port()), false, &user, CIRCLE_NOW, &b, &e), &e);
    ck_assert_uint_eq(person.asked, 1);
    person.passphrase = "frasa lain";
    ck_assert(!transport_send(laptop, url_at(w, w->port()), false, &user, CIRCLE_NOW, &b, &e));
    ck_assert_ptr_eq(e.kind, &ERR_LOGIN);
    clear_there(w);
}
END_TEST

/* The key is the agent's alone: no file of it is read. */
START_TEST(test_login__agent)
{
    const struct way *w = &ways[0];
    struct bundle_written b;
    struct buf key;
    char command[2000], file[300], socket[300], name[300];
    snprintf(file, sizeof file, "%s", tmpdir_path("key"));
    snprintf(socket, sizeof socket, "%s", tmpdir_path("agent"));
    setenv("HOME", tmpdir_path("."), 1);
    user.key = NULL;
    person.password = NULL;
    clear_there(w);
    ck_assert(!transport_send(laptop, url_at(w, w->port()), false, &user, CIRCLE_NOW, &b, &e));
    ck_assert_ptr_eq(e.kind, &ERR_LOGIN_NEEDED);
    err_clear(&e);
    buf_init(&key, 10000);
    circle_ok(io_read_file(servers_path("user"), 10000, &key, &e), &e);
    circle_ok(io_write_file(file, 0600, buf_str(&key), &e), &e);
    snprintf(command, sizeof command,
             "ssh-agent -a '%s' >'%s.sh' && SSH_AUTH_SOCK='%s' ssh-add -q '%s' && rm '%s'", socket,
             socket, socket, file, file);
    ck_assert_int_eq(system(command), 0);
    setenv("SSH_AUTH_SOCK", socket, 1);
    bool ok = transport_send(laptop, url_at(w, w->port()), false, &user, CIRCLE_NOW, &b, &e);
    snprintf(command, sizeof command, ". '%s.sh' >/dev/null; ssh-agent -k >/dev/null", socket);
    ck_assert_int_eq(system(command), 0);
    circle_ok(ok, &e);
    path_of(w, "in", "", command);
    ck_assert_uint_eq(count_there(command, name), 1);
    ck_assert_str_eq(name, b.name);
    ck_assert_uint_eq(person.asked, 1); /* before there was an agent */
    buf_done(&key);
    clear_there(w);
}
END_TEST

START_TEST(test_host__another_key_is_refused)
{
    const struct way *w = &ways[0];
    struct bundle_written b;
    char shown[64], folder[1000];
    clear_there(w);
    wire_plan(servers_ssh(), 0, NULL);
    circle_ok(transport_send(laptop, url_at(w, servers_wire()), false, &user, CIRCLE_NOW, &b, &e),
              &e);
    ck_assert_uint_eq(person.trusted, 1);
    ck_assert(strncmp(person.fingerprint, "SHA256:", 7) == 0);
    ck_assert_uint_eq(strlen(person.fingerprint), 7 + 43);
    snprintf(shown, sizeof shown, "%s", person.fingerprint);
    circle_ok(transport_send(laptop, url_at(w, servers_wire()), false, &user, CIRCLE_NOW, &b, &e),
              &e);
    ck_assert_uint_eq(person.trusted, 1); /* pinned */
    clear_there(w);
    ck_assert(servers_start_other(_i == 1));
    wire_plan(servers_other_ssh(), 0, NULL);
    ck_assert(!transport_send(laptop, url_at(w, servers_wire()), false, &user, CIRCLE_NOW, &b, &e));
    ck_assert_ptr_eq(e.kind, &ERR_HOST_CHANGED);
    if (_i == 0) /* of the same kind: its own is told */
        ck_assert(strncmp(e.arg[1], "SHA256:", 7) == 0 && strcmp(e.arg[1], shown) != 0);
    ck_assert_uint_eq(person.trusted, 1);
    path_of(w, "in", "", folder);
    ck_assert_uint_eq(count_there(folder, NULL), 0);
}
END_TEST

static bool distrust(void *ctx, const char *host, const char *fingerprint)
{
    return !trust(ctx, host, fingerprint);
}

START_TEST(test_host__not_accepted)
{
    const struct way *w = &ways[0];
    struct bundle_written b;
    user.trust = distrust;
    ck_assert(!transport_send(laptop, url_at(w, w->port()), false, &user, CIRCLE_NOW, &b, &e));
    ck_assert_ptr_eq(e.kind, &ERR_HOST_REFUSED);
    ck_assert_int_ne(access(tmpdir_path("laptop.cacah.hosts"), F_OK), 0);
}
END_TEST

START_TEST(test_tls__verified_or_pinned)
{
    struct way w = ways[1];
    struct bundle_written b;
    struct buf pin;
    w.scheme = "https";
    clear_there(&w);
    ck_assert(
        !transport_send(laptop, url_at(&w, servers_https()), false, &user, CIRCLE_NOW, &b, &e));
    ck_assert_ptr_eq(e.kind, &ERR_TLS);
    ck_assert_uint_eq(person.asked, 0); /* no password was told to it */
    err_clear(&e);
    user.pin = "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    ck_assert(
        !transport_send(laptop, url_at(&w, servers_https()), false, &user, CIRCLE_NOW, &b, &e));
    ck_assert_ptr_eq(e.kind, &ERR_TLS);
    ck_assert_uint_eq(person.asked, 0);
    err_clear(&e);
    buf_init(&pin, 200);
    buf_add_z(&pin, "sha256//");
    circle_ok(io_read_file(servers_path("tls.pin"), 100, &pin, &e), &e);
    user.pin = pin.p;
    uint64_t cut = 20000 + crypt_uniform(50000);
    interview(ANSWER_BYTES);
    wire_plan(servers_https(), 1, &cut);
    circle_ok(transport_send(laptop, url_at(&w, servers_wire()), false, &user, CIRCLE_NOW, &b, &e),
              &e);
    one_good_copy(&w, &b, 1);
    buf_done(&pin);
}
END_TEST

/* A server that sends us elsewhere is not followed: who is there was not agreed to. */
START_TEST(test_send__a_redirect_is_not_followed)
{
    struct way w = ways[1];
    struct bundle_written b;
    char folder[1000];
    w.path = "/pindah";
    clear_there(&ways[1]);
    ck_assert(!transport_send(laptop, url_at(&w, w.port()), false, &user, CIRCLE_NOW, &b, &e));
    ck_assert_ptr_eq(e.kind, &ERR_REMOTE);
    ck_assert_str_eq(e.arg[1], "HTTP 307");
    ck_assert_uint_eq(person.asked, 0);
    path_of(&ways[1], "in", "", folder);
    ck_assert_uint_eq(count_there(folder, NULL), 0);
}
END_TEST

/* ---- receiving ---- */

struct told {
    unsigned applied, again, refused;
    const struct err_kind *why;
};

static void each(void *ctx, const char *path, const struct receipt_applied *a,
                 const struct err *why)
{
    struct told *t = ctx;
    ck_assert(strstr(path, "://") && strstr(path, "/out/"));
    t->applied += a && !a->again;
    t->again += a && a->again;
    t->refused += why != NULL;
    t->why = why ? why->kind : t->why;
}

/* The whole circle over the wire, cut wherever: a bundle there, fetched by the office, its receipt back. */
START_TEST(test_circle__over_a_wire_that_is_cut)
{
    const struct way *w = &ways[_i];
    struct transport *t;
    struct told told = {0};
    struct bundle_written b;
    struct receipt_new n = {.device = store_identity(laptop)->device, .now_ms = CIRCLE_NOW};
    struct receipt_written rw;
    char inbox[600], path[1000];
    clear_there(w);
    snprintf(inbox, sizeof inbox, "%s", tmpdir_path("inbox"));
    for (unsigned i = 0; i < rounds(2); i++) {
        struct merge_report r = {0};
        bool stopped;
        struct merge_ctx m = {.store = c.office, .now_ms = CIRCLE_NOW};
        struct merge_inbox in = {.folder = inbox, .quarantine = NULL};
        uint64_t cut[2] = {crypt_uniform(200000), crypt_uniform(200000)};
        interview(ANSWER_BYTES);
        circle_ok(transport_send(laptop, url_at(w, w->port()), false, &user, CIRCLE_NOW, &b, &e),
                  &e);
        wire_plan(w->port(), 2, cut);
        circle_ok(
            transport_open(&t, url_at(w, servers_wire()), tmpdir_path("office.cacah"), &user, &e),
            &e);
        circle_ok(transport_collect(t, inbox, NULL, &e), &e);
        ck_assert_uint_eq(count_there(inbox, NULL), i + 1);
        circle_ok(merge_inbox(&m, &in, &r, &stopped, &e), &e);
        ck_assert_uint_eq(r.merged, 1);
        ck_assert_uint_eq(r.new, 1);
        ck_assert_uint_eq(r.refused, 0);
        circle_ok(receipt_write(c.office, tmpdir_path("out"), &n, &rw, &e), &e);
        snprintf(path, sizeof path, "%s/%s", tmpdir_path("."), rw.name);
        ck_assert_int_eq(rename(tmpdir_path("out"), path), 0);
        circle_ok(transport_deliver(t, "out", path, &e), &e);
        circle_ok(transport_discard(t, "in", b.name, &e), &e);
        circle_ok(transport_discard(t, "in", b.name, &e), &e); /* is gone */
        transport_close(t);
        uint64_t again = crypt_uniform(12000);
        wire_plan(w->port(), 1, &again);
        circle_ok(
            transport_receive(laptop, url_at(w, servers_wire()), &user, each, &told, NULL, &e), &e);
        ck_assert_uint_eq(told.applied, i + 1);
        ck_assert_uint_eq(told.refused, 0);
        ck_assert_uint_eq(count_there(tmpdir_path("laptop.cacah.inbox"), NULL), 0);
    }
    clear_there(w);
}
END_TEST

START_TEST(test_collect__goes_on_where_it_broke_off)
{
    const struct way *w = &ways[_i];
    struct transport *t;
    struct bundle_written b;
    struct stat st;
    uint64_t cut = 900000;
    char path[1000];
    clear_there(w);
    for (int i = 0; i < 8; i++)
        interview(ANSWER_BYTES);
    circle_ok(transport_send(laptop, url_at(w, w->port()), false, &user, CIRCLE_NOW, &b, &e), &e);
    wire_plan(w->port(), 1, &cut);
    wire->soft = true;
    circle_ok(transport_open(&t, url_at(w, servers_wire()), tmpdir_path("office.cacah"), &user, &e),
              &e);
    circle_ok(transport_collect(t, tmpdir_path("inbox"), NULL, &e), &e);
    transport_close(t);
    ck_assert_uint_gt(b.bytes, 1100000);
    ck_assert_uint_ge(wire->down, b.bytes);
    ck_assert_uint_lt(wire->down, b.bytes + 500000); /* what was on its way when it broke is lost */
    snprintf(path, sizeof path, "%s/%s", tmpdir_path("inbox"), b.name);
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_int_eq((int64_t)st.st_size, (int64_t)b.bytes);
    one_good_copy(w, &b, 8);
}
END_TEST

/* The program itself, as the README has it: send, office merge, receive by a server. */
START_TEST(test_program__the_circle)
{
    const struct way *w = &ways[_i];
    char command[2000], folder[1000], name[300];
    clear_there(w);
    ck_assert_int_eq(mkdir(tmpdir_path("program"), 0700), 0);
    circle_ok(io_write_file(tmpdir_path("program/password"), 0600, STR("rahasia\n"), &e), &e);
    snprintf(command, sizeof command,
             "cd '%s' && sh '%s/tests/transport/circle.sh' '%.*s' %s '%s' >&2",
             tmpdir_path("program"), getenv("CACAH_SOURCE"), STR_FMT(url_at(w, w->port())),
             _i == 0 ? "--key" : "--password-file",
             _i == 0 ? servers_path("user") : tmpdir_path("program/password"));
    ck_assert_int_eq(system(command), 0);
    path_of(w, "in", "", folder);
    ck_assert_uint_eq(count_there(folder, name), 0);
    path_of(w, "out", "", folder);
    ck_assert_uint_eq(count_there(folder, name), 1); /* those before it were taken away */
    clear_there(w);
}
END_TEST

/* ---- office merge --watch ---- */

static pid_t office_watches(const struct way *w)
{
    char store[300], url[600], log[300], pass[300], password[300];
    snprintf(store, sizeof store, "%s", tmpdir_path("office.cacah"));
    snprintf(log, sizeof log, "%s", tmpdir_path("watch.log"));
    snprintf(pass, sizeof pass, "%s", tmpdir_path("pass"));
    snprintf(password, sizeof password, "%s", tmpdir_path("password"));
    snprintf(url, sizeof url, "%.*s", STR_FMT(url_at(w, servers_wire())));
    circle_ok(io_write_file(pass, 0600, STR("lima kata yang dikenal\n"), &e), &e);
    circle_ok(io_write_file(password, 0600, STR("rahasia\n"), &e), &e);
    store_close(c.office); /* the program's for now */
    c.office = NULL;
    pid_t pid = fork();
    if (pid == 0) {
        int fd = open(log, O_WRONLY | O_CREAT | O_TRUNC, 0600);
        dup2(fd, 1);
        dup2(fd, 2);
        execl(getenv("CACAH_PTY"), "cacah", "office", "merge", "--watch", "--every", "1", "--store",
              store, "--passphrase-file", pass, "--key", servers_path("user"), "--password-file",
              password, url, (char *)NULL);
        _exit(127);
    }
    ck_assert_int_gt(pid, 0);
    return pid;
}

/* Whether the log says so often by now; a minute's patience, then the test fails with the log. */
static void watch_says(const char *words, unsigned times)
{
    struct buf log;
    buf_init(&log, 1 << 20);
    for (int i = 0; i < 1200; i++) {
        struct timespec t = {0, 50 * 1000000};
        struct err ignored = {0};
        unsigned n = 0;
        buf_clear(&log);
        if (io_read_file(tmpdir_path("watch.log"), 1 << 20, &log, &ignored))
            for (const char *at = log.p; (at = strstr(at, words)); at++)
                n++;
        if (n >= times) {
            buf_done(&log);
            return;
        }
        nanosleep(&t, NULL);
    }
    ck_abort_msg("not %u times \"%s\" in:\n%.*s", times, words, STR_FMT(buf_str(&log)));
}

static void send_one(const struct way *w)
{
    struct bundle_written b;
    interview(400);
    circle_ok(transport_send(laptop, url_at(w, w->port()), false, &user, CIRCLE_NOW, &b, &e), &e);
}

/* What comes is merged and answered; a far side that goes away is waited for; Ctrl-C ends it well. */
START_TEST(test_watch__goes_on_through_an_outage)
{
    const struct way *w = &ways[_i];
    struct told told = {0};
    char folder[1000];
    int status;
    clear_there(w);
    wire_plan(w->port(), 0, NULL);
    pid_t pid = office_watches(w);
    send_one(w);
    watch_says("merged 1 + same 0", 1);
    watch_says("1 merged file removed", 1);
    circle_ok(transport_receive(laptop, url_at(w, w->port()), &user, each, &told, NULL, &e), &e);
    ck_assert_uint_eq(told.applied, 1);
    wire_plan(1, 0, NULL); /* nobody is there, and the connection that stood is cut */
    watch_says("cannot be reached", 1);
    watch_says("Tried again in 2 seconds", 1);
    send_one(w);
    wire->target = w->port();
    watch_says("The server answers again", 1);
    watch_says("merged 2 + same 0", 1);
    watch_says("1 merged file removed", 2);
    path_of(w, "in", "", folder);
    ck_assert_uint_eq(count_there(folder, NULL), 0);
    circle_ok(transport_receive(laptop, url_at(w, w->port()), &user, each, &told, NULL, &e), &e);
    ck_assert_uint_eq(told.applied, 2);
    path_of(w, "out", "", folder);
    ck_assert_uint_eq(count_there(folder, NULL), 1); /* the one before it was taken away */
    kill(pid, SIGINT);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    circle_ok(store_open(&c.office, tmpdir_path("office.cacah"), c.passphrase, &e), &e);
    clear_there(w);
}
END_TEST

/* What somebody must settle first is not waited for. */
START_TEST(test_watch__ends_where_it_never_began)
{
    struct way w = ways[_i];
    char path[400];
    int status;
    snprintf(path, sizeof path, "%s/nirgends", w.path);
    w.path = path;
    wire_plan(w.port(), 0, NULL);
    pid_t pid = office_watches(&w);
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert(WIFEXITED(status));
    ck_assert_int_ne(WEXITSTATUS(status), 0);
    watch_says("Check the folder in the address", 1);
}
END_TEST

/* Whatever else lies in out/ is looked at by name alone; a false receipt is refused and changes nothing. */
START_TEST(test_receive__a_far_side_that_lies)
{
    const struct way *w = &ways[_i];
    struct told told = {0};
    char path[1000], front[64];
    static const char *const names[] = {"00000000-00000000-1.receipt", "%s1.receipt.part",
                                        "%sx.receipt", "%s1.bundle", "nama dengan spasi"};
    clear_there(w);
    snprintf(front, sizeof front, "%.18s", circle_bundle(laptop, "x.bundle").name);
    path_of(w, "out", "", path);
    mkdir(path, 0777);
    ck_assert_int_eq(chmod(path, 0777), 0);
    circle_ok(transport_receive(laptop, url_at(w, w->port()), &user, each, &told, NULL, &e), &e);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char name[200];
        bool ours = strncmp(names[i], "%s", 2) == 0;
        snprintf(name, sizeof name, "%s%s", ours ? front : "", names[i] + (ours ? 2 : 0));
        path_of(w, "out", name, path);
        circle_ok(io_write_file(path, 0644, STR("rubbish"), &e), &e);
    }
    circle_ok(transport_receive(laptop, url_at(w, w->port()), &user, each, &told, NULL, &e), &e);
    ck_assert_uint_eq(told.applied + told.again + told.refused, 0);
    char name[200];
    snprintf(name, sizeof name, "%s7.receipt", front);
    path_of(w, "out", name, path);
    circle_ok(io_write_file(path, 0644, STR("cacah-envelope 1\nkind: receipt\n"), &e), &e);
    circle_ok(transport_receive(laptop, url_at(w, w->port()), &user, each, &told, NULL, &e), &e);
    ck_assert_uint_eq(told.refused, 1);
    ck_assert_ptr_eq(told.why, &ERR_ENVELOPE_CUT);
    clear_there(w);
}
END_TEST

/* ---- */

static void start(void)
{
    if (!servers_start())
        ck_abort_msg("a server did not start; its words are in %s", servers_path("log"));
}

Suite *test_suite(void)
{
    char reason[200];
    if (!servers_prepare(reason)) {
        printf("1..0 # SKIP %s\n", reason);
        servers_stop();
        exit(0);
    }
    ways_setup();
    Suite *s = suite_create("transport");
    TCase *t = tcase_create("servers");
    tcase_set_timeout(t, getenv("FAULT_FULL") ? 3000 : 300);
    tcase_add_unchecked_fixture(t, start, servers_stop);
    tcase_add_checked_fixture(t, setup, teardown);
    tcase_add_loop_test(t, test_send__cut_anywhere_one_good_copy, 0, 2);
    tcase_add_loop_test(t, test_send__cut_around_the_rename, 0, 2);
    tcase_add_loop_test(t, test_send__stopped_and_gone_on_with, 0, 2);
    tcase_add_loop_test(t, test_send__left_one_first_then_what_came_after, 0, 2);
    tcase_add_loop_test(t, test_send__rubbish_in_the_way, 0, 2);
    tcase_add_loop_test(t, test_send__no_folder_there, 0, 2);
    tcase_add_loop_test(t, test_send__nobody_answers, 0, 2);
    tcase_add_test(t, test_send__a_redirect_is_not_followed);
    tcase_add_loop_test(t, test_login__password, 0, 2);
    tcase_add_test(t, test_login__cut_while_logging_in);
    tcase_add_test(t, test_login__key_with_a_passphrase);
    tcase_add_test(t, test_login__agent);
    tcase_add_loop_test(t, test_host__another_key_is_refused, 0, 2);
    tcase_add_test(t, test_host__not_accepted);
    tcase_add_test(t, test_tls__verified_or_pinned);
    tcase_add_loop_test(t, test_circle__over_a_wire_that_is_cut, 0, 2);
    tcase_add_loop_test(t, test_collect__goes_on_where_it_broke_off, 0, 2);
    tcase_add_loop_test(t, test_receive__a_far_side_that_lies, 0, 2);
    if (getenv("CACAH_PTY")) {
        tcase_add_loop_test(t, test_watch__goes_on_through_an_outage, 0, 2);
        tcase_add_loop_test(t, test_watch__ends_where_it_never_began, 0, 2);
    }
    if (getenv("CACAH"))
        tcase_add_loop_test(t, test_program__the_circle, 0, 2);
    suite_add_tcase(s, t);
    return s;
}
