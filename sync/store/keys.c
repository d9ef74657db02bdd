/* The two keys of an interview (IK: the record; PK: what is personal), wrapped in rows of one size that
 * are overwritten with zeros to shred them. SQLite then leaves no copy in the file: rows of one size
 * never move (security specification §2). The log is emptied by whoever reports an erasure as done. */
#include <assert.h>
#include <stdio.h>

#include "sync/errors.h"
#include "sync/store/store_i.h"

static const uint8_t shredded[WRAP_SIZE];

/*  0                16         32      48
 *  | cacah.wrap.1 0 | store_id | uuid  | u8 1 IK, 2 PK | */
static struct str wrap_ad(const struct store *s, const struct id16 *uuid, uint8_t which,
                          uint8_t ad[49])
{
    put_tag(ad, "cacah.wrap.1");
    memcpy(ad + 16, s->identity.store.b, 16);
    memcpy(ad + 32, uuid->b, 16);
    ad[48] = which;
    return (struct str){(const char *)ad, 49};
}

/* `key` under s->key_wraps. */
static void wrap(const struct store *s, const struct id16 *uuid, uint8_t which,
                 const struct secret *key, struct buf *out)
{
    uint8_t ad[49];
    struct str plain = {(const char *)secret_view(key), secret_size(key)};
    crypt_seal(s->key_wraps, plain, wrap_ad(s, uuid, which, ad), out);
}

static bool unwrap(const struct store *s, const struct secret *key, uint64_t no,
                   const struct id16 *uuid, uint8_t which, struct str sealed, struct secret *into,
                   bool *ret_there, struct err *e)
{
    uint8_t ad[49];
    struct err why = {0};
    if (sealed.n == WRAP_SIZE && memcmp(sealed.p, shredded, WRAP_SIZE) == 0) {
        *ret_there = false;
        return true;
    }
    *ret_there = true;
    if (crypt_open_into(key, sealed, wrap_ad(s, uuid, which, ad), into, &why))
        return true;
    char n[ERR_ARG_MAX], text[ERR_ARG_MAX];
    snprintf(text, sizeof text, "the key of interview %s does not fit", err_num(n, (int64_t)no));
    return err_fail1(e, ERR_STORE_DAMAGED, text);
}

bool keys_find(struct store *s, const struct id16 *uuid, uint64_t *ret_no, struct err *e)
{
    if (s->interview_no && id16_eq(&s->interview_uuid, uuid)) {
        *ret_no = s->interview_no;
        return true;
    }
    struct stmt *st = db_stmt(s->db, "SELECT no FROM wrap WHERE uuid = ?1", e);
    if (!st)
        return false;
    stmt_set_bytes(st, 1, uuid->b, 16);
    bool row, ok = stmt_step(st, &row, e);
    if (ok) {
        *ret_no = s->interview_no = row ? stmt_int(st, 0) : 0;
        s->interview_uuid = *uuid;
    }
    stmt_done(st);
    return ok;
}

/* New keys into s->ik and s->pk and, wrapped, into the parameters of a statement: no, uuid, ik, pk. */
static bool write_new(struct store *s, struct stmt *st, uint64_t no, const struct id16 *uuid,
                      struct err *e)
{
    struct buf ik, pk;
    crypt_random(secret_bytes(s->ik), 32);
    crypt_random(secret_bytes(s->pk), 32);
    s->ik_there = s->pk_there = true;
    buf_init(&ik, WRAP_SIZE);
    buf_init(&pk, WRAP_SIZE);
    wrap(s, uuid, 1, s->ik, &ik);
    wrap(s, uuid, 2, s->pk, &pk);
    assert(ik.n == WRAP_SIZE && pk.n == WRAP_SIZE);
    stmt_set_int(st, 1, no);
    stmt_set_bytes(st, 2, uuid->b, 16);
    stmt_set_bytes(st, 3, ik.p, ik.n);
    stmt_set_bytes(st, 4, pk.p, pk.n);
    bool ok = stmt_run(st, e);
    buf_done(&ik);
    buf_done(&pk);
    s->keys_of = ok ? no : 0;
    return ok;
}

bool keys_new(struct store *s, const struct id16 *uuid, uint64_t *ret_no, struct err *e)
{
    uint64_t no = s->now.head.rows[COUNT_WRAP] + 1;
    struct stmt *st =
        db_stmt(s->db, "INSERT INTO wrap (no, uuid, ik, pk) VALUES (?1, ?2, ?3, ?4)", e);
    if (!st || !write_new(s, st, no, uuid, e))
        return false;
    s->now.head.rows[COUNT_WRAP] = no;
    *ret_no = s->interview_no = no;
    s->interview_uuid = *uuid;
    return true;
}

/* Purged after a receipt, and now it comes again (a return, a correction): the old keys stay gone. */
static bool renew(struct store *s, const struct id16 *uuid, uint64_t no, struct err *e)
{
    struct stmt *st =
        db_stmt(s->db, "UPDATE wrap SET ik = ?3, pk = ?4 WHERE no = ?1 AND uuid = ?2", e);
    return st && write_new(s, st, no, uuid, e);
}

bool keys_for(struct store *s, const struct id16 *uuid, uint64_t *ret_no, struct err *e)
{
    uint64_t no;
    bool erased;
    if (!keys_find(s, uuid, &no, e))
        return false;
    if (no == 0)
        return keys_new(s, uuid, ret_no, e);
    if (!keys_load(s, no, e))
        return false;
    *ret_no = no;
    if (s->ik_there && s->pk_there)
        return true;
    return tombstoned(s, uuid, &erased, e) && (erased || renew(s, uuid, no, e));
}

static bool load(struct store *s, const struct secret *key, uint64_t no, struct id16 *ret_uuid,
                 struct err *e)
{
    keys_forget(s);
    struct stmt *st = db_stmt(s->db, "SELECT uuid, ik, pk FROM wrap WHERE no = ?1", e);
    if (!st)
        return false;
    stmt_set_int(st, 1, no);
    bool row, ok = stmt_step(st, &row, e);
    if (ok && (!row || stmt_bytes(st, 0).n != sizeof ret_uuid->b))
        ok = err_fail1(e, ERR_STORE_DAMAGED, "the keys of an interview are missing");
    if (ok) {
        memcpy(ret_uuid->b, stmt_bytes(st, 0).p, sizeof ret_uuid->b);
        ok = unwrap(s, key, no, ret_uuid, 1, stmt_bytes(st, 1), s->ik, &s->ik_there, e) &&
             unwrap(s, key, no, ret_uuid, 2, stmt_bytes(st, 2), s->pk, &s->pk_there, e);
    }
    stmt_done(st);
    if (ok)
        s->keys_of = no;
    return ok;
}

bool keys_load(struct store *s, uint64_t no, struct err *e)
{
    struct id16 uuid;
    return s->keys_of == no || load(s, s->key_wraps, no, &uuid, e);
}

bool keys_load_of(struct store *s, uint64_t no, struct id16 *ret_uuid, struct err *e)
{
    return load(s, s->key_wraps, no, ret_uuid, e);
}

bool keys_rewrap(struct store *s, const struct secret *old, uint64_t no, struct err *e)
{
    struct id16 uuid;
    struct buf ik, pk;
    if (!load(s, old, no, &uuid, e))
        return false;
    struct stmt *st = db_stmt(s->db, "UPDATE wrap SET ik = ?2, pk = ?3 WHERE no = ?1", e);
    if (!st)
        return false;
    buf_init(&ik, WRAP_SIZE);
    buf_init(&pk, WRAP_SIZE);
    if (s->ik_there)
        wrap(s, &uuid, 1, s->ik, &ik);
    if (s->pk_there)
        wrap(s, &uuid, 2, s->pk, &pk);
    stmt_set_int(st, 1, no);
    stmt_set_bytes(st, 2, s->ik_there ? ik.p : (const char *)shredded, WRAP_SIZE);
    stmt_set_bytes(st, 3, s->pk_there ? pk.p : (const char *)shredded, WRAP_SIZE);
    bool ok = stmt_run(st, e);
    buf_done(&ik);
    buf_done(&pk);
    return ok;
}

bool keys_shred(struct store *s, uint64_t no, bool ik, bool pk, struct err *e)
{
    keys_forget(s);
    struct stmt *st = ik && pk ? db_stmt(s->db, "UPDATE wrap SET ik = ?2, pk = ?2 WHERE no = ?1", e)
                      : ik     ? db_stmt(s->db, "UPDATE wrap SET ik = ?2 WHERE no = ?1", e)
                               : db_stmt(s->db, "UPDATE wrap SET pk = ?2 WHERE no = ?1", e);
    if (!st)
        return false;
    stmt_set_int(st, 1, no);
    stmt_set_bytes(st, 2, shredded, sizeof shredded);
    return stmt_run(st, e);
}

void keys_forget(struct store *s)
{
    s->keys_of = 0;
    s->ik_there = s->pk_there = false;
    crypt_wipe(secret_bytes(s->ik), secret_size(s->ik));
    crypt_wipe(secret_bytes(s->pk), secret_size(s->pk));
}
