/* See store_case.h. */
#include "tests/support/store_case.h"

#include <check.h>
#include <ftw.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void case_setup(struct store_case *c)
{
    struct err e = {0};
    ck_assert(crypt_start(&e));
    snprintf(c->folder, sizeof c->folder, "/tmp/cacah-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(c->folder));
    snprintf(c->path, sizeof c->path, "%s/field.cacah", c->folder);
    c->passphrase = secret_copy(CASE_PASSPHRASE, sizeof CASE_PASSPHRASE - 1);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

void case_teardown(struct store_case *c)
{
    secret_free(c->passphrase);
    nftw(c->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

void case_ok(bool ok, const struct err *e)
{
    struct buf text;
    buf_init(&text, 1000);
    err_text(e, NULL, &text);
    if (!ok)
        ck_abort_msg("%s", text.p ? text.p : "failed without an error");
    ck_assert_ptr_null(e->kind);
    buf_done(&text);
}

struct store *case_create(struct store_case *c, enum store_kind kind)
{
    struct err e = {0};
    struct store *s = NULL;
    struct store_init init = {.kind = kind, .passphrase = c->passphrase, .user = STR("Rina")};
    memcpy(init.survey.b, "survey-of-tests!", 16);
    case_ok(store_create(&s, c->path, &init, &e), &e);
    return s;
}

struct store *case_open(struct store_case *c)
{
    struct err e = {0};
    struct store *s = NULL;
    case_ok(store_open(&s, c->path, c->passphrase, &e), &e);
    return s;
}

void case_refused(struct store_case *c, const struct err_kind *kind)
{
    struct err e = {0};
    struct store *s = NULL;
    ck_assert_msg(!store_open(&s, c->path, c->passphrase, &e), "opened, expected %s", kind->id);
    ck_assert_str_eq(e.kind->id, kind->id);
    ck_assert_ptr_null(s);
}

struct hash32 case_form(struct store *s)
{
    struct err e = {0};
    struct hash32 hash;
    struct form_files f = {.form = {STR("form.md"), STR("| survey |\n| | type | name |\n")}};
    case_ok(store_form_put(s, &f, &hash, &e), &e);
    return hash;
}

struct id16 case_draft(struct store *s, const struct hash32 *form, unsigned events)
{
    struct err e = {0};
    struct id16 uuid;
    char text[40];
    case_ok(store_draft_begin(s, form, NULL, NULL, 1000, STR("event 1"), STR("note"), &uuid, &e),
            &e);
    for (unsigned n = 2; n <= events; n++) {
        snprintf(text, sizeof text, "event %u", n);
        case_ok(store_draft_append(s, &uuid, n % 3 == 0, 1000 + n, str_of(text),
                                   (struct str){NULL, 0}, &e),
                &e);
    }
    return uuid;
}

struct hash32 case_finalise(struct store *s, const struct id16 *uuid)
{
    struct err e = {0};
    struct hash32 rev;
    struct revision_new r = {
        .part1 = STR("<data>the first part</data>"),
        .part2 = STR("/data/name\tSiti Rahmah\n"),
        .outcome = 1,
        .summary = STR("the summary"),
        .now_ms = 5000,
    };
    case_ok(store_draft_finalise(s, uuid, &r, &rev, &e), &e);
    return rev;
}

/* ---- attached files ---- */

uint8_t case_byte(uint8_t seed, size_t i)
{
    uint64_t x = (i + 1) * 0x9E3779B97F4A7C15u + seed; /* nothing that packs */
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    return (uint8_t)(x >> 56);
}

bool case_attach_in(struct store *s, const struct id16 *uuid, bool pii, uint8_t seed, size_t length,
                    struct attachment *ret, struct err *e)
{
    static char names[256][16];
    uint8_t piece[1000];
    struct attaching *a;
    *ret = (struct attachment){.length = length};
    snprintf(names[seed], sizeof names[seed], "1-%02x.jpg", seed);
    ret->name = str_of(names[seed]);
    memset(ret->salt, seed, sizeof ret->salt);
    if (!store_attach_begin(&a, s, uuid, pii, length, ret->salt, e))
        return false;
    bool ok = true;
    for (size_t at = 0; ok && at < length; at += sizeof piece) {
        size_t n = length - at < sizeof piece ? length - at : sizeof piece;
        for (size_t i = 0; i < n; i++)
            piece[i] = case_byte(seed, at + i);
        ok = store_attach_add(a, piece, n, e);
    }
    ok = ok && store_attach_end(a, NULL, &ret->c, e);
    store_attach_free(a);
    return ok;
}

struct attachment case_attach(struct store *s, const struct id16 *uuid, bool pii, uint8_t seed,
                              size_t length)
{
    struct attachment x;
    struct err e = {0};
    case_ok(store_begin(s, &e) &&
                store_end(s, case_attach_in(s, uuid, pii, seed, length, &x, &e), &e),
            &e);
    return x;
}

struct compared {
    uint8_t seed;
    size_t at;
};

static bool compare(void *ctx, struct str piece, struct err *e)
{
    struct compared *x = ctx;
    (void)e;
    size_t i = 0;
    while (i < piece.n && (uint8_t)piece.p[i] == case_byte(x->seed, x->at))
        i++, x->at++;
    ck_assert_msg(i == piece.n, "byte %zu of the attached file is another", x->at);
    return true;
}

bool case_attached(struct store *s, const struct id16 *uuid, const struct attachment *x,
                   uint8_t seed)
{
    struct compared to = {seed, 0};
    struct err e = {0};
    bool held;
    case_ok(store_attachment_held(s, uuid, &x->c, &held, &e), &e);
    if (!held)
        return false;
    case_ok(store_attachment_read(s, uuid, x, compare, &to, &e), &e);
    ck_assert_uint_eq(to.at, x->length);
    return true;
}

void case_part(struct buf *out, const char *text, const struct attachment *v, size_t n)
{
    struct attachment_list l = {0};
    struct buf list;
    for (size_t i = 0; i < n; i++)
        ck_assert(attachment_list_add(&l, &v[i]));
    buf_init(&list, 100000);
    ck_assert(attachment_list_encode(&l, &list));
    ck_assert(section_add(out, 1, str_of(text)));
    if (n)
        ck_assert(section_add(out, SECTION_ATTACHMENTS, buf_str(&list)));
    buf_done(&list);
    attachment_list_done(&l);
}

/* ---- a store as text ---- */

static bool add_event(void *ctx, uint64_t n, bool pii, struct str event, struct err *err)
{
    (void)n, (void)err;
    buf_printf(ctx, " %s%.*s", pii ? "!" : "", STR_FMT(event));
    return true;
}

struct listing {
    struct store *s;
    struct buf *out;
};

static bool add_draft(void *ctx, const struct draft *d)
{
    struct listing *l = ctx;
    const struct id16 uuid = d->uuid;
    buf_printf(l->out, "draft (%.*s) %llu:", STR_FMT(d->note), (unsigned long long)d->events);
    struct err e = {0};
    case_ok(store_draft_events(l->s, &uuid, add_event, l->out, &e), &e);
    buf_add_c(l->out, '\n');
    return true;
}

static bool add_revision(void *ctx, const struct revision *r, enum revision_state state,
                         struct str summary)
{
    struct listing *l = ctx;
    struct buf part;
    struct err e = {0};
    uint8_t salt[32];
    buf_printf(l->out, "record (%.*s) state %d parents %d:", STR_FMT(summary), (int)state,
               r->n_parents);
    for (uint8_t i = 1; i <= 2; i++) {
        buf_init(&part, 1000);
        if (store_revision_part(l->s, &r->rev_id, i, salt, &part, &e))
            buf_printf(l->out, " %.*s", STR_FMT(buf_str(&part)));
        else
            buf_printf(l->out, " %s", e.kind->id);
        err_clear(&e);
        buf_done(&part);
    }
    buf_add_c(l->out, '\n');
    return true;
}

static void add_setting(struct store *s, const char *name, struct buf *out)
{
    bool there;
    struct err e = {0};
    buf_printf(out, "%s: ", name);
    case_ok(store_config_get(s, name, out, &there, &e), &e);
    buf_add_c(out, '\n');
}

void case_describe(struct store *s, struct buf *out)
{
    struct listing l = {s, out};
    struct store_counts n;
    struct err e = {0};
    case_ok(store_counts(s, &n, &e), &e);
    buf_printf(out, "forms %d ledger %d pending %d\n", (int)n.forms, (int)n.ledger_rows,
               (int)n.pending);
    add_setting(s, "title", out);
    add_setting(s, "sent", out);
    case_ok(store_draft_each(s, add_draft, &l, &e), &e);
    case_ok(store_revision_each(s, add_revision, &l, &e), &e);
}

void case_sql(struct store_case *c, const char *sql)
{
    sqlite3 *db;
    char *message = NULL;
    ck_assert_int_eq(sqlite3_open(c->path, &db), SQLITE_OK);
    sqlite3_exec(db, sql, NULL, NULL, &message);
    ck_assert_msg(message == NULL, "%s: %s", sql, message ? message : "");
    sqlite3_close(db);
}

static sqlite3_stmt *first_row(struct store_case *c, const char *sql, sqlite3 **ret_db)
{
    sqlite3_stmt *st;
    ck_assert_int_eq(sqlite3_open(c->path, ret_db), SQLITE_OK);
    ck_assert_int_eq(sqlite3_prepare_v2(*ret_db, sql, -1, &st, NULL), SQLITE_OK);
    ck_assert_int_eq(sqlite3_step(st), SQLITE_ROW);
    return st;
}

int case_count(struct store_case *c, const char *sql)
{
    sqlite3 *db;
    sqlite3_stmt *st = first_row(c, sql, &db);
    int n = sqlite3_column_int(st, 0);
    sqlite3_finalize(st);
    sqlite3_close(db);
    return n;
}

void case_bytes(struct store_case *c, const char *sql, struct buf *out)
{
    sqlite3 *db;
    sqlite3_stmt *st = first_row(c, sql, &db);
    const void *p = sqlite3_column_blob(st, 0);
    buf_add(out, p, (size_t)sqlite3_column_bytes(st, 0));
    sqlite3_finalize(st);
    sqlite3_close(db);
}

void case_file_read(const char *path, struct buf *out)
{
    FILE *f = fopen(path, "rb");
    char block[4096];
    size_t n;
    if (!f)
        return;
    while ((n = fread(block, 1, sizeof block, f)) > 0)
        buf_add(out, block, n);
    fclose(f);
}

void case_file_write(const char *path, struct str bytes)
{
    FILE *f = fopen(path, "wb");
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(bytes.p, 1, bytes.n, f), bytes.n);
    fclose(f);
}
