/* A forgotten passphrase: the recovery slot is opened elsewhere, or with the paper key; with MK the store
 * gets a new user slot and a new device key. */
#include "sync/errors.h"
#include "sync/store/migrate.h"
#include "sync/store/store_i.h"

static bool read_slot(struct db *db, enum slot_kind kind, struct buf *out, bool *ret_there,
                      struct err *e)
{
    struct stmt *st = db_stmt(db, "SELECT wrap FROM slot WHERE kind = ?1 ORDER BY no LIMIT 1", e);
    if (!st)
        return false;
    stmt_set_int(st, 1, (uint64_t)kind);
    bool ok = stmt_step(st, ret_there, e);
    if (ok && *ret_there && !buf_add_str(out, stmt_bytes(st, 0)))
        ok = err_fail1(e, ERR_STORE_DAMAGED, "its key slots are too large");
    stmt_done(st);
    return ok;
}

bool store_recovery_slot(const char *path, enum slot_kind kind, struct id16 *ret_store,
                         struct buf *out, bool *ret_there, struct err *e)
{
    uint32_t version;
    uint64_t size;
    struct store_identity id;
    struct db *db = NULL;
    bool there = false;
    if (!store_check_file(path, &version, &size, e) || !db_open(&db, path, DB_READ, e))
        return false;
    bool ok = migrate_check_schema(db, version, e) && read_identity(db, &id, e) &&
              read_slot(db, kind, out, &there, e);
    db_close(db);
    if (!ok)
        return false;
    *ret_store = id.store;
    *ret_there = there;
    return true;
}

/* T("cacah.rslot.1") ‖ store_id ‖ MK */
bool recovery_slot_open(const struct pk32 *pk, const struct secret *sk, struct str sealed,
                        const struct id16 *store, struct secret **ret_mk, struct err *e)
{
    static const uint8_t tag[16] = "cacah.rslot.1";
    struct secret *plain = NULL;
    struct err why = {0};
    if (!crypt_box_open(pk, sk, sealed, &plain, &why))
        return err_fail(e, ERR_RECOVERY_KEY);
    const uint8_t *p = secret_view(plain);
    bool ok = secret_size(plain) == 64 && memcmp(p, tag, sizeof tag) == 0 &&
              memcmp(p + 16, store->b, sizeof store->b) == 0;
    if (ok)
        *ret_mk = secret_copy(p + 32, 32);
    secret_free(plain);
    return ok || err_fail(e, ERR_RECOVERY_KEY);
}

/* The users' slots hold the old signing seed, which nobody has now: they go. */
static bool take_over(struct store *s, struct str user, const struct secret *passphrase,
                      struct kdf_cost cost, struct err *e)
{
    return slots_remove(s, true, false, e) &&
           slot_put_user(s, user, passphrase, cost, &s->slot, e) && rekey_device(s, e);
}

struct others {
    struct str user;
    struct buf *out;
};

static bool note_other(void *ctx, const struct slot_info *i)
{
    struct others *o = ctx;
    if (i->kind == SLOT_USER && i->name.n && !str_eq(i->name, o->user)) {
        buf_add_str(o->out, i->name);
        buf_add_c(o->out, '\n');
    }
    return true;
}

static bool recover(struct store *s, const struct secret *mk, struct str user,
                    const struct secret *passphrase, struct buf *others, struct err *e)
{
    struct others o = {user, others};
    uint32_t version;
    uint64_t size;
    struct err why = {0};
    struct kdf_cost cost = kdf_cost_calibrated();
    if (!store_check_file(s->path, &version, &size, e) || !store_lock(s, e) ||
        !db_open(&s->db, s->path, DB_WRITE, e))
        return false;
    if (!store_read(s, NULL, mk, &why)) {
        /* With a wrong MK it is the head that does not open. */
        if (err_is(&why, &ERR_STORE_DAMAGED))
            return err_fail(e, ERR_RECOVERY_KEY);
        *e = why;
        return false;
    }
    return (!others || store_slot_each(s, note_other, &o, e)) && tx_enter(s, e) &&
           tx_leave(s, take_over(s, user, passphrase, cost, e), e) && store_settle(s, e);
}

bool store_recover(struct store **ret, const char *path, const struct secret *mk, struct str user,
                   const struct secret *passphrase, struct buf *others, struct err *e)
{
    if (secret_size(mk) != 32)
        return err_fail(e, ERR_RECOVERY_KEY);
    struct store *s = store_new(path);
    if (!recover(s, mk, user, passphrase, others, e)) {
        store_close(s);
        return false;
    }
    *ret = s;
    return true;
}
