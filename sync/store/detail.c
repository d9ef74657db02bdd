/* What stands, sealed, beside each row of this device's own ledger: the start of the machine, by which the
 * monotonic clocks of two rows can be compared; the slot that had opened the store, a claim of who was there; and a
 * text, such as a reason. The row has the salted commitment to it. A text is a person's own words, so it goes
 * with the interview when that is erased: overwritten in place, the row as long as before.
 *
 *   0  u8 1     1  boot id 16     17  le64 slot     25  text */
#include <assert.h>
#include <fcntl.h>
#include <unistd.h>

#include "sync/errors.h"
#include "sync/store/store_i.h"

#define DETAIL_FORMAT 1
#define DETAIL_FIXED  25
#define DETAIL_SALT   32
#define DETAIL_PART   0 /* the part number of a detail in its commitment */
#define DETAIL_SEALED (DETAIL_SALT + DETAIL_FIXED + SEAL_OVERHEAD) /* of one without a text */

/* Linux draws it anew at each start. Zero where it does not say. */
struct id16 boot_id(void)
{
    char text[40];
    struct id16 id = {{0}};
    int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return id;
    ssize_t n = read(fd, text, sizeof text);
    close(fd);
    if (n <= 0 || !uuid_get(str_trim((struct str){text, (size_t)n}), &id))
        id = (struct id16){{0}};
    return id;
}

void detail_seal(struct store *s, uint64_t no, struct str text, struct buf *out, struct hash32 *ret)
{
    uint8_t salt[DETAIL_SALT];
    struct buf plain;
    store_random(s, salt, sizeof salt);
    buf_init(&plain, DETAIL_SALT + DETAIL_FIXED + DETAIL_MAX);
    buf_add(&plain, salt, sizeof salt);
    buf_add_u8(&plain, DETAIL_FORMAT);
    buf_add(&plain, s->boot.b, sizeof s->boot.b);
    buf_add_le64(&plain, s->slot);
    buf_add_str(&plain, text);
    *ret = part_commitment(salt, DETAIL_PART, str_from(buf_str(&plain), DETAIL_SALT));
    row_seal(s, s->key_rows, TABLE_DETAIL, no, 0, buf_str(&plain), out);
    assert(!plain.full && !out->full);
    crypt_wipe(salt, sizeof salt);
    buf_wipe_done(&plain);
}

bool detail_destroyed(struct str sealed)
{
    for (size_t i = 0; i < sealed.n; i++)
        if (sealed.p[i])
            return false;
    return sealed.n > 0;
}

static bool decode(struct str plain, struct ledger_detail *ret)
{
    struct take t = take_from(plain);
    uint8_t format = take_u8(&t);
    ret->there = true;
    take_bytes(&t, ret->boot.b, sizeof ret->boot.b);
    ret->slot = take_le64(&t);
    ret->text = take_str(&t, t.n);
    return take_end(&t) && format == DETAIL_FORMAT;
}

bool detail_open(struct store *s, uint64_t no, const struct hash32 *commitment, struct str sealed,
                 struct buf *plain, struct ledger_detail *ret, struct err *e)
{
    *ret = (struct ledger_detail){.there = false};
    if (detail_destroyed(sealed))
        return true;
    if (!row_open(s, s->key_rows, TABLE_DETAIL, no, 0, sealed, plain, e))
        return false;
    struct str bytes = str_from(buf_str(plain), DETAIL_SALT);
    struct hash32 c = {{0}};
    if (plain->n > DETAIL_SALT)
        c = part_commitment((const uint8_t *)plain->p, DETAIL_PART, bytes);
    return (hash32_eq(&c, commitment) && decode(bytes, ret)) || row_fail(TABLE_DETAIL, no, e);
}

bool details_destroy(struct store *s, const struct id16 *uuid, struct err *e)
{
    struct stmt *st = db_stmt(s->db,
                              "UPDATE ledger SET detail = zeroblob(length(detail)) "
                              "WHERE subject = ?1 AND length(detail) > ?2",
                              e);
    if (!st)
        return false;
    stmt_set_bytes(st, 1, uuid->b, sizeof uuid->b);
    stmt_set_int(st, 2, DETAIL_SEALED);
    return stmt_run(st, e);
}

/* ---- reading ---- */

static bool give(struct store *s, struct stmt *st, ledger_told *each, void *ctx, bool *ret_more,
                 struct err *e)
{
    uint8_t bytes[LEDGER_ROW_SIZE];
    struct ledger_row r;
    struct hash32 device;
    struct ledger_detail detail = {.there = false};
    uint64_t no = stmt_int(st, 0);
    struct str author = stmt_bytes(st, 1), sealed = stmt_bytes(st, 4);
    struct buf plain;
    if (author.n != sizeof device.b)
        return row_fail(TABLE_LEDGER, no, e);
    memcpy(device.b, author.p, sizeof device.b);
    buf_init(&plain, sealed.n);
    bool ok = ledger_open(s, no, stmt_bytes(st, 2), stmt_bytes(st, 3), bytes, e) &&
              ledger_row_decode(bytes, &r, e) &&
              (!sealed.n || detail_open(s, no, &r.detail, sealed, &plain, &detail, e));
    if (ok)
        *ret_more = each(ctx, &device, &r, sealed.n ? &detail : NULL);
    buf_wipe_done(&plain);
    return ok;
}

bool store_ledger_tell(struct store *s, ledger_told *each, void *ctx, struct err *e)
{
    struct stmt *st = db_stmt(s->db,
                              "SELECT l.no, a.device, l.hash, l.sealed, l.detail FROM ledger l "
                              "JOIN author a ON a.no = l.author ORDER BY l.no",
                              e);
    bool row = true, more = true, ok = st != NULL;
    while (ok && more && (ok = stmt_step(st, &row, e)) && row)
        ok = give(s, st, each, ctx, &more, e);
    stmt_done(st);
    return ok;
}
