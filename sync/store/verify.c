/* store_verify: everything opened and checked, tables in the order of their rows and never through an
 * index (a flipped index hides rows from lookups); then what they say of one another; then SQLite's own
 * check, which finds the indexes that do not fit. */
#include <stdio.h>
#include <stdlib.h>

#include "sync/errors.h"
#include "sync/store/verify_i.h"

void verify_fault(struct verify *v, const char *what)
{
    v->faults++;
    v->say(v->ctx, str_of(what));
}

void verify_error(struct verify *v, struct err *e)
{
    struct buf text;
    if (e->kind->cls == ERR_COULD && !err_is(e, &ERR_STORE_BUSY) && !err_is(e, &ERR_STORE_LOCKED)) {
        v->stop = *e;
        return;
    }
    buf_init(&text, 1000);
    err_text(e, NULL, &text);
    verify_fault(v, text.p);
    buf_done(&text);
    err_clear(e);
}

static void tell_row(struct verify *v)
{
    if (++v->seen % 1024 == 0 && v->s->told)
        v->s->told(v->s->told_ctx, true, v->seen < v->all ? v->seen : v->all, v->all);
}

bool verify_walk(struct verify *v, const char *sql, verify_row *row)
{
    struct err e = {0};
    bool more = true;
    struct stmt *st = db_stmt(v->s->db, sql, &e);
    while (st && !v->stop.kind && stmt_step(st, &more, &e) && more) {
        row(v, st);
        tell_row(v);
    }
    stmt_done(st);
    if (e.kind)
        verify_error(v, &e);
    return !v->stop.kind;
}

bool verify_numbered(struct verify *v, const char *sql, verify_row *row, enum counted counted,
                     const char *name)
{
    struct err e = {0};
    char text[ERR_ARG_MAX];
    bool more = true;
    uint64_t expected = 1;
    struct stmt *st = db_stmt(v->s->db, sql, &e);
    while (st && !v->stop.kind && stmt_step(st, &more, &e) && more) {
        uint64_t no = stmt_int(st, 0);
        if (no != expected) {
            snprintf(text, sizeof text, "%s row %llu is missing", name,
                     (unsigned long long)expected);
            verify_fault(v, text);
        }
        expected = no + 1;
        row(v, st);
        tell_row(v);
    }
    stmt_done(st);
    if (e.kind) {
        verify_error(v, &e);
    } else if (expected != v->s->now.head.rows[counted] + 1) {
        snprintf(text, sizeof text, "%s: the head says %llu rows, the last is %llu", name,
                 (unsigned long long)v->s->now.head.rows[counted],
                 (unsigned long long)(expected - 1));
        verify_fault(v, text);
    }
    return !v->stop.kind;
}

void verify_of(struct verify *v, const char *thing, uint64_t no, const struct id16 *uuid,
               const char *what)
{
    struct buf text;
    buf_init(&text, 1000);
    buf_printf(&text, "%s %llu (interview ", thing, (unsigned long long)no);
    uuid_add(&text, uuid);
    buf_printf(&text, "): %s", what);
    verify_fault(v, text.p);
    buf_done(&text);
}

/* ---- the tables ---- */

/* Rows that change, against older selves of them. */
static bool verify_versions(struct verify *v)
{
    struct err e = {0};
    for (unsigned i = 0; i < HEAD_VERSIONS; i++)
        if (!head_check(v->s, i, &e))
            verify_error(v, &e);
    return !v->stop.kind;
}

static void note_row(struct verify *v, struct stmt *st)
{
    const struct draft_row *d = NULL;
    struct err e = {0};
    struct buf out;
    uint64_t no = stmt_int(st, 0);
    for (size_t i = 0; i < v->s->now.n_drafts; i++)
        if (v->s->now.drafts[i].no == no)
            d = &v->s->now.drafts[i];
    buf_init(&out, NOTE_MAX);
    if (!d)
        row_fail(TABLE_HEAD, no, &e);
    else if (keys_load(v->s, d->interview, &e) && v->s->pk_there)
        (void)!row_open(v->s, v->s->pk, TABLE_NOTE, no, d->note_version, stmt_bytes(st, 1), &out,
                        &e);
    if (e.kind)
        verify_error(v, &e);
    buf_wipe_done(&out);
}

static void slot_row(struct verify *v, struct stmt *st)
{
    struct err e = {0};
    struct buf name;
    buf_init(&name, SLOT_NAME_MAX);
    if (!row_open(v->s, v->s->key_rows, TABLE_SLOT, stmt_int(st, 0), 0, stmt_bytes(st, 1), &name,
                  &e))
        verify_error(v, &e);
    buf_wipe_done(&name);
}

static void config_row(struct verify *v, struct stmt *st)
{
    struct err e = {0};
    struct buf value;
    struct str sealed = stmt_bytes(st, 2);
    buf_init(&value, sealed.n);
    if (!row_open(v->s, v->s->key_rows, TABLE_CONFIG, stmt_int(st, 0), stmt_int(st, 1), sealed,
                  &value, &e))
        verify_error(v, &e);
    buf_wipe_done(&value);
}

static void wrap_row(struct verify *v, struct stmt *st)
{
    struct err e = {0};
    uint64_t no = stmt_int(st, 0);
    if (!keys_load(v->s, no, &e)) {
        verify_error(v, &e);
        return;
    }
    if (no <= v->s->now.head.rows[COUNT_WRAP])
        v->interviews[no] = (uint8_t)((v->s->ik_there ? 0 : INTERVIEW_SHREDDED) |
                                      (v->s->pk_there ? 0 : INTERVIEW_PERSONAL));
}

static void form_row(struct verify *v, struct stmt *st)
{
    struct err e = {0};
    struct hash32 hash, found;
    struct form_files f;
    struct arena a;
    struct str name = stmt_bytes(st, 1);
    arena_init(&a);
    if (name.n != sizeof hash.b) {
        row_fail(TABLE_FORM, stmt_int(st, 0), &e);
    } else {
        memcpy(hash.b, name.p, sizeof hash.b);
        if (form_open(v->s, stmt_int(st, 0), &hash, stmt_bytes(st, 2), &f, &a, &e)) {
            found = form_files_hash(&f);
            if (!hash32_eq(&found, &hash))
                row_fail(TABLE_FORM, stmt_int(st, 0), &e);
        }
    }
    if (e.kind)
        verify_error(v, &e);
    arena_done(&a);
}

static void author_row(struct verify *v, struct stmt *st)
{
    struct str device = stmt_bytes(st, 1);
    if (device.n != 32)
        verify_fault(v, "a device of the ledger has no identifier");
    else if (stmt_int(st, 0) == v->s->now.head.author &&
             memcmp(device.p, v->s->identity.device.b, 32) != 0)
        verify_fault(v, "this device's own row is another's");
}

static void device_row(struct verify *v, struct stmt *st)
{
    struct err e = {0};
    struct device d;
    struct buf plain;
    buf_init(&plain, DEVICE_PLAIN_MAX);
    if (!device_read(v->s, st, &d, NULL, &plain, &e))
        verify_error(v, &e);
    buf_wipe_done(&plain);
}

static void signed_row(struct verify *v, struct stmt *st)
{
    struct err e = {0};
    struct ledger_head h;
    struct hash32 device;
    uint64_t no = stmt_int(st, 0);
    if (!signed_open(v->s, no, stmt_bytes(st, 2), stmt_bytes(st, 3), &h, &e) ||
        !verify_author(v, stmt_int(st, 1), &device, &e) ||
        !(hash32_eq(&device, &h.device) || row_fail(TABLE_SIGNED, no, &e)))
        verify_error(v, &e);
}

static void state_row(struct verify *v, struct stmt *st)
{
    (void)v, (void)st; /* states_load has opened each; here only their numbers count */
}

static void fact_row(struct verify *v, struct stmt *st)
{
    struct err e = {0};
    struct buf plain;
    struct str bytes;
    buf_init(&plain, stmt_bytes(st, 3).n);
    if (!fact_open(v->s, st, &plain, &bytes, &e))
        verify_error(v, &e);
    buf_wipe_done(&plain);
}

/* ---- records ---- */

static void revision_fault(struct verify *v, uint64_t no, const struct revision *r,
                           const char *what)
{
    verify_of(v, "record", no, &r->uuid, what);
}

/* The same of an error, which alone would not say of which record. */
static void revision_error(struct verify *v, uint64_t no, const struct revision *r, struct err *e)
{
    struct buf text;
    if (e->kind->cls == ERR_COULD && !err_is(e, &ERR_STORE_BUSY)) {
        v->stop = *e;
        return;
    }
    buf_init(&text, 1000);
    err_text(e, NULL, &text);
    revision_fault(v, no, r, text.p);
    buf_done(&text);
    err_clear(e);
}

static bool is_final(const struct verify *v, const struct hash32 *rev_id)
{
    size_t low = 0, high = v->n_finals;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        int c = memcmp(v->finals[mid].b, rev_id->b, sizeof rev_id->b);
        if (c == 0)
            return true;
        if (c < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return false;
}

/* What a laptop erased before it sent the record never came to the office. */
static bool never_comes(struct verify *v, const struct revision *r, uint8_t part)
{
    struct err e = {0};
    bool known = false;
    if (part != 2)
        return false;
    if (!tombstoned(v->s, &r->uuid, &known, &e))
        verify_error(v, &e);
    return known;
}

/* The part's bytes must be those that the revision committed to. What is safe at the office may have been
 * purged. */
static void revision_part(struct verify *v, uint64_t no, uint64_t interview,
                          const struct revision *r, uint8_t part, bool needed)
{
    struct err e = {0};
    struct buf bytes;
    uint8_t salt[32];
    buf_init(&bytes, PART_MAX);
    if (!part_read(v->s, no, part, salt, &bytes, &e)) {
        if (!err_is(&e, &ERR_PART_MISSING) || (needed && !never_comes(v, r, part)))
            revision_error(v, no, r, &e);
    } else {
        struct hash32 c = part_commitment(salt, part, buf_str(&bytes));
        if (!hash32_eq(&c, part == 1 ? &r->c1 : &r->c2))
            revision_fault(v, no, r, "a part is not the one it names");
        verify_listed(v, no, interview, buf_str(&bytes), needed);
    }
    crypt_wipe(salt, sizeof salt);
    buf_wipe_done(&bytes);
}

static bool interview_is(struct verify *v, uint64_t interview, const struct id16 *uuid,
                         struct err *e)
{
    struct stmt *st = db_stmt(v->s->db, "SELECT uuid FROM wrap NOT INDEXED WHERE no = ?1", e);
    if (!st)
        return false;
    stmt_set_int(st, 1, interview);
    bool row, ok = stmt_step(st, &row, e);
    bool same = ok && row && str_eq(stmt_bytes(st, 0), (struct str){(const char *)uuid->b, 16});
    stmt_done(st);
    return same;
}

static bool is_own(struct verify *v, const struct hash32 *device, struct err *e)
{
    struct hash32 own;
    for (size_t i = 0; i < v->n_own; i++)
        if (verify_author(v, v->own[i].author, &own, e) && hash32_eq(&own, device))
            return true;
    return false;
}

static void revision_checks(struct verify *v, uint64_t no, uint64_t interview,
                            const struct revision *r, struct str summary, bool needed)
{
    struct err e = {0};
    struct buf plain;
    struct hash32 id = revision_id(r, &v->s->identity.survey);
    if (!hash32_eq(&id, &r->rev_id))
        revision_fault(v, no, r, "its identifier is not the hash of what it says");
    if (!interview_is(v, interview, &r->uuid, &e))
        revision_fault(v, no, r, "it belongs to another interview");
    if (is_own(v, &r->device, &e)) {
        v->own_revisions++;
        if (!is_final(v, &r->rev_id))
            revision_fault(v, no, r, "no ledger row names it");
    }
    buf_init(&plain, NOTE_MAX);
    if (!e.kind && keys_load(v->s, interview, &e) && v->s->pk_there && (needed || summary.n))
        (void)!row_open(v->s, v->s->pk, TABLE_SUMMARY, no, 0, summary, &plain, &e);
    buf_wipe_done(&plain);
    if (e.kind) {
        revision_error(v, no, r, &e);
        return;
    }
    if (v->s->ik_there)
        revision_part(v, no, interview, r, 1, needed);
    if (v->s->pk_there && !hash32_zero(&r->c2))
        revision_part(v, no, interview, r, 2, needed);
}

static void revision_row(struct verify *v, struct stmt *st)
{
    struct err e = {0};
    struct revision r;
    enum revision_state first = REVISION_PENDING;
    uint64_t no = stmt_int(st, 0);
    if (!revision_open(v->s, no, stmt_bytes(st, 1), stmt_bytes(st, 3), &r, &first, &e)) {
        verify_error(v, &e);
        return;
    }
    enum revision_state state = state_now(v->s, no, first);
    uint64_t interview = stmt_int(st, 2);
    /* What is safe is another's copy: a laptop may have let go of its own, an office never does. */
    bool gone = state == REVISION_SAFE && v->s->identity.kind == STORE_FIELD;
    bool needed = !gone && state != REVISION_ERASED && state != REVISION_INCOMPLETE;
    if (state == REVISION_PENDING)
        v->pending++;
    if (needed && interview <= v->s->now.head.rows[COUNT_WRAP])
        v->interviews[interview] |= INTERVIEW_NEEDED;
    revision_checks(v, no, interview, &r, stmt_bytes(st, 4), needed);
}

static void part_row(struct verify *v, struct stmt *st)
{
    uint64_t no = stmt_int(st, 0) / 2;
    if (no == 0 || no > v->s->now.head.rows[COUNT_REVISION])
        verify_fault(v, "a part belongs to no record");
}

/* Keys are destroyed by an erasure, which leaves a tombstone of that scope, or on a laptop once the office
 * has the record safely. */
static void shredded_row(struct verify *v, struct stmt *st)
{
    struct err e = {0};
    struct id16 uuid;
    int scope;
    uint64_t no = stmt_int(st, 0);
    if (no > v->s->now.head.rows[COUNT_WRAP] || stmt_bytes(st, 1).n != sizeof uuid.b ||
        v->interviews[no] <= INTERVIEW_NEEDED)
        return;
    memcpy(uuid.b, stmt_bytes(st, 1).p, sizeof uuid.b);
    if (!tombstone_scope(v->s, &uuid, &scope, &e)) {
        verify_error(v, &e);
    } else if (scope < (v->interviews[no] & INTERVIEW_SHREDDED ? ERASE_ALL : ERASE_PII)) {
        verify_of(v, "keys", no, &uuid, "they were destroyed, but nothing erased it");
    }
}

static bool verify_revisions(struct verify *v)
{
    struct err e = {0};
    if (!states_load(v->s, &e))
        verify_error(v, &e);
    if (!verify_numbered(v,
                         "SELECT no, id, interview, sealed, summary FROM revision NOT INDEXED "
                         "ORDER BY no",
                         revision_row, COUNT_REVISION, "record") ||
        !verify_walk(v, "SELECT no FROM part NOT INDEXED ORDER BY no", part_row) ||
        !verify_walk(v, "SELECT no, uuid FROM wrap NOT INDEXED ORDER BY no", shredded_row))
        return false;
    if (v->own_revisions != v->n_finals)
        verify_fault(v, "a record that the ledger names is missing");
    if (v->pending != v->s->now.head.pending)
        verify_fault(v, "the number of records that wait for a receipt is not what the head says");
    return true;
}

/* ---- all of it ---- */

static bool walk_all(struct verify *v)
{
    return verify_versions(v) &&
           verify_walk(v, "SELECT no, name FROM slot NOT INDEXED ORDER BY no", slot_row) &&
           verify_walk(v, "SELECT id, version, sealed FROM config NOT INDEXED ORDER BY id",
                       config_row) &&
           verify_numbered(v, "SELECT no FROM wrap NOT INDEXED ORDER BY no", wrap_row, COUNT_WRAP,
                           "interview") &&
           verify_walk(v, "SELECT id, note FROM head NOT INDEXED WHERE id > 0 ORDER BY id",
                       note_row) &&
           verify_journal(v) &&
           verify_numbered(v, "SELECT no, hash, sealed FROM form NOT INDEXED ORDER BY no", form_row,
                           COUNT_FORM, "form") &&
           verify_numbered(v, "SELECT no, device FROM author NOT INDEXED ORDER BY no", author_row,
                           COUNT_AUTHOR, "author") &&
           verify_ledger(v) &&
           verify_numbered(v, "SELECT no, device, ed, sealed FROM device NOT INDEXED ORDER BY no",
                           device_row, COUNT_DEVICE, "device") &&
           verify_numbered(v, "SELECT no, author, hash, sealed FROM signed NOT INDEXED ORDER BY no",
                           signed_row, COUNT_SIGNED, "signed head") &&
           verify_numbered(v, "SELECT no FROM state NOT INDEXED ORDER BY no", state_row,
                           COUNT_STATE, "state") &&
           verify_numbered(v, "SELECT no, kind, id, sealed FROM fact NOT INDEXED ORDER BY no",
                           fact_row, COUNT_FACT, "fact") &&
           verify_files(v) && verify_revisions(v) && verify_files_rest(v);
}

static void say_check(void *ctx, struct str line)
{
    char text[ERR_ARG_MAX];
    verify_fault(ctx, err_arg(text, line));
}

bool store_verify(struct store *s, void (*say)(void *ctx, struct str line), void *ctx,
                  uint64_t *ret_faults, struct err *e)
{
    struct verify v = {.s = s, .say = say, .ctx = ctx};
    for (size_t i = 0; i < COUNTED; i++)
        v.all += s->now.head.rows[i];
    v.all += 2 * s->now.head.rows[COUNT_REVISION]; /* their parts */
    v.interviews = mem_calloc((size_t)s->now.head.rows[COUNT_WRAP] + 1, 1);
    bool ok = walk_all(&v);
    if (ok) {
        struct err why = {0};
        if (!db_check(s->db, say_check, &v, &why))
            verify_error(&v, &why);
        ok = !v.stop.kind;
    }
    mem_free(v.interviews);
    mem_free(v.own);
    mem_free(v.begun);
    mem_free(v.finals);
    mem_free(v.files);
    if (!ok) {
        *e = v.stop;
        return false;
    }
    *ret_faults = v.faults;
    return true;
}
