/* The ledger: rows of one size, chained by hash, the last one signed (security specification §1.3). This
 * device's own rows and those of others lie in one table. */
#include <assert.h>
#include <stdlib.h>
#include <time.h>

#include "sync/errors.h"
#include "sync/store/store_i.h"

#define ROW_FORMAT        1
#define LEDGER_SUBJECT_AT 106
#define ROW_PLAIN         (32 + LEDGER_ROW_SIZE) /* row_hash ‖ row */

/* ---- bytes ----
 *    0  u8 1            42  incarnation16        106  subject16
 *    1  u8 kind         58  le64 wall ms         122  object32
 *    2  le64 seq        66  le64 monotonic ms    154  detail32
 *   10  prev32          74  anchor32             186 */

void ledger_row_encode(const struct ledger_row *r, uint8_t ret[LEDGER_ROW_SIZE])
{
    uint8_t *p = ret;
    *p++ = ROW_FORMAT;
    *p++ = (uint8_t)r->kind;
    put_le64(p, r->seq);
    p += 8;
    memcpy(p, r->prev.b, 32);
    p += 32;
    memcpy(p, r->incarnation.b, 16);
    p += 16;
    put_le64(p, (uint64_t)r->wall_ms);
    p += 8;
    put_le64(p, (uint64_t)r->monotonic_ms);
    p += 8;
    memcpy(p, r->anchor.b, 32);
    p += 32;
    memcpy(p, r->subject.b, 16);
    p += 16;
    memcpy(p, r->object.b, 32);
    p += 32;
    memcpy(p, r->detail.b, 32);
    assert(p + 32 == ret + LEDGER_ROW_SIZE);
}

bool ledger_row_decode(const uint8_t bytes[LEDGER_ROW_SIZE], struct ledger_row *ret, struct err *e)
{
    struct take t = {.p = bytes, .n = LEDGER_ROW_SIZE};
    struct ledger_row r;
    uint8_t format = take_u8(&t), kind = take_u8(&t);
    r.kind = (enum ledger_kind)kind;
    r.seq = take_le64(&t);
    take_bytes(&t, r.prev.b, 32);
    take_bytes(&t, r.incarnation.b, 16);
    r.wall_ms = (int64_t)take_le64(&t);
    r.monotonic_ms = (int64_t)take_le64(&t);
    take_bytes(&t, r.anchor.b, 32);
    take_bytes(&t, r.subject.b, 16);
    take_bytes(&t, r.object.b, 32);
    take_bytes(&t, r.detail.b, 32);
    if (!take_end(&t) || format != ROW_FORMAT || kind < LEDGER_OPEN || kind > LEDGER_BACKUP ||
        r.seq == 0 || (r.seq == 1) != hash32_zero(&r.prev))
        return err_fail(e, ERR_LEDGER_ROW);
    *ret = r;
    return true;
}

/* H("cacah.lrow.1" ‖ survey_id ‖ device_id ‖ row) */
struct hash32 ledger_row_hash(const struct id16 *survey, const struct hash32 *device,
                              const uint8_t row[LEDGER_ROW_SIZE])
{
    static const uint8_t tag[16] = "cacah.lrow.1";
    struct hasher h;
    struct hash32 out;
    hasher_start(&h, sizeof out.b);
    hasher_add(&h, tag, sizeof tag);
    hasher_add(&h, survey->b, sizeof survey->b);
    hasher_add(&h, device->b, sizeof device->b);
    hasher_add(&h, row, LEDGER_ROW_SIZE);
    hasher_end(&h, out.b, sizeof out.b);
    return out;
}

/* ---- heads ---- */

static void head_message(const struct ledger_head *h, const struct id16 *survey, struct buf *m)
{
    msg_tag(m, "cacah.head.1");
    buf_add(m, survey->b, 16);
    buf_add(m, h->device.b, 32);
    buf_add(m, h->incarnation.b, 16);
    buf_add_le64(m, h->seq);
    buf_add(m, h->row_hash.b, 32);
}

bool ledger_head_verify(const struct ledger_head *h, const struct id16 *survey,
                        const struct pk32 *ed_pk)
{
    struct buf m;
    buf_init(&m, 128);
    head_message(h, survey, &m);
    bool ok = crypt_verify(ed_pk, &h->sig, buf_str(&m));
    buf_done(&m);
    return ok;
}

static struct ledger_head sign_head(const struct store *s)
{
    struct ledger_head h = {
        .device = s->identity.device,
        .incarnation = s->now.head.incarnation,
        .seq = s->now.head.ledger_seq,
        .row_hash = s->now.head.ledger_hash,
    };
    struct buf m;
    buf_init(&m, 128);
    head_message(&h, &s->identity.survey, &m);
    h.sig = crypt_sign(s->sign, buf_str(&m));
    buf_done(&m);
    return h;
}

bool store_ledger_head(struct store *s, struct ledger_head *ret, struct err *e)
{
    (void)e;
    *ret = sign_head(s);
    return true;
}

/* The newest head, signed, lies in config: when the passphrase is forgotten the key that signs is gone, and
 * what it had not signed by then nobody could prove. */
#define CONFIG_HEAD "cacah.head"

static bool keep_head(struct store *s, struct err *e)
{
    struct ledger_head h = sign_head(s);
    struct buf b;
    buf_init(&b, SIGNED_PLAIN);
    signed_encode(&h, &b);
    bool ok = config_set(s, CONFIG_HEAD, buf_str(&b), e);
    buf_done(&b);
    return ok;
}

bool ledger_close(struct store *s, struct err *e)
{
    struct ledger_head h;
    struct buf b;
    bool there, fresh;
    buf_init(&b, SIGNED_PLAIN);
    bool ok = store_config_get(s, CONFIG_HEAD, &b, &there, e);
    if (ok && there)
        ok = signed_decode(buf_str(&b), &h) ? signed_add(s, &h, &fresh, e)
                                            : err_fail1(e, ERR_STORE_DAMAGED, "its kept head");
    buf_done(&b);
    return ok;
}

/* ---- the numbers of devices ---- */

bool author_number(struct store *s, const struct hash32 *device, uint64_t *ret, struct err *e)
{
    if (s->author_no && hash32_eq(&s->author_device, device)) {
        *ret = s->author_no;
        return true;
    }
    struct stmt *st = db_stmt(s->db, "SELECT no FROM author WHERE device = ?1", e);
    if (!st)
        return false;
    stmt_set_bytes(st, 1, device->b, 32);
    bool row, ok = stmt_step(st, &row, e);
    if (ok) {
        *ret = s->author_no = row ? stmt_int(st, 0) : 0;
        s->author_device = *device;
    }
    stmt_done(st);
    return ok;
}

bool author_device(struct store *s, uint64_t no, struct hash32 *ret, struct err *e)
{
    if (no && s->author_no == no) {
        *ret = s->author_device;
        return true;
    }
    struct stmt *st = db_stmt(s->db, "SELECT device FROM author WHERE no = ?1", e);
    if (!st)
        return false;
    stmt_set_int(st, 1, no);
    bool row, ok = stmt_step(st, &row, e);
    if (ok && (!row || stmt_bytes(st, 0).n != sizeof ret->b))
        ok = err_fail1(e, ERR_STORE_DAMAGED, "the device of a ledger row is missing");
    if (ok) {
        memcpy(ret->b, stmt_bytes(st, 0).p, sizeof ret->b);
        s->author_no = no;
        s->author_device = *ret;
    }
    stmt_done(st);
    return ok;
}

bool author_make(struct store *s, const struct hash32 *device, uint64_t *ret, struct err *e)
{
    uint64_t no;
    if (!author_number(s, device, &no, e))
        return false;
    if (!no) {
        struct stmt *st = db_stmt(s->db, "INSERT INTO author (no, device) VALUES (?1, ?2)", e);
        if (!st)
            return false;
        no = s->now.head.rows[COUNT_AUTHOR] + 1;
        stmt_set_int(st, 1, no);
        stmt_set_bytes(st, 2, device->b, 32);
        if (!stmt_run(st, e))
            return false;
        s->now.head.rows[COUNT_AUTHOR] = no;
    }
    *ret = no;
    return true;
}

/* ---- rows ---- */

/* *ret_no 0: was there already. `detail` is sealed already, or empty. */
static bool row_insert(struct store *s, uint64_t author, const struct hash32 *hash,
                       const uint8_t row[LEDGER_ROW_SIZE], struct str detail, uint64_t *ret_no,
                       struct err *e)
{
    uint8_t plain[ROW_PLAIN];
    struct buf sealed;
    uint64_t no = s->now.head.rows[COUNT_LEDGER] + 1;
    struct stmt *st = db_stmt(s->db,
                              "INSERT INTO ledger (no, author, hash, subject, sealed, detail) "
                              "VALUES (?1, ?2, ?3, ?6, ?4, ?5) "
                              "ON CONFLICT (author, hash) DO NOTHING",
                              e);
    if (!st)
        return false;
    memcpy(plain, hash->b, 32);
    memcpy(plain + 32, row, LEDGER_ROW_SIZE);
    buf_init(&sealed, ROW_PLAIN + SEAL_OVERHEAD);
    row_seal(s, s->key_rows, TABLE_LEDGER, no, 0, (struct str){(const char *)plain, sizeof plain},
             &sealed);
    stmt_set_int(st, 1, no);
    stmt_set_int(st, 2, author);
    stmt_set_bytes(st, 3, hash->b, 32);
    stmt_set_bytes(st, 4, sealed.p, sealed.n);
    if (detail.n)
        stmt_set_bytes(st, 5, detail.p, detail.n);
    struct id16 subject;
    memcpy(subject.b, row + LEDGER_SUBJECT_AT, sizeof subject.b);
    if (!id16_zero(&subject))
        stmt_set_bytes(st, 6, subject.b, sizeof subject.b);
    bool ok = stmt_run(st, e);
    buf_done(&sealed);
    if (!ok)
        return false;
    *ret_no = db_changes(s->db) ? no : 0;
    if (*ret_no)
        s->now.head.rows[COUNT_LEDGER] = no;
    return true;
}

static int64_t monotonic_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_BOOTTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t wall_clock_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

bool ledger_add(struct store *s, enum ledger_kind kind, int64_t wall, const struct id16 *subject,
                const struct hash32 *object, struct str text, struct err *e)
{
    char max[ERR_ARG_MAX];
    uint8_t bytes[LEDGER_ROW_SIZE];
    struct head *h = &s->now.head;
    struct ledger_row r = {
        .kind = kind,
        .seq = h->ledger_seq + 1,
        .prev = h->ledger_hash,
        .incarnation = h->incarnation,
        .wall_ms = wall,
        .monotonic_ms = monotonic_ms(),
        .anchor = h->marks.receipt_hash,
        .subject = *subject,
        .object = *object,
    };
    if (text.n > DETAIL_MAX)
        return err_fail2(e, ERR_STORE_LIMIT, "The detail of a ledger row",
                         err_num(max, (int64_t)DETAIL_MAX));
    struct buf sealed;
    buf_init(&sealed, DETAIL_MAX + 200); /* what is sealed with the text */
    detail_seal(s, h->rows[COUNT_LEDGER] + 1, text, &sealed, &r.detail);
    ledger_row_encode(&r, bytes);
    struct hash32 hash = ledger_row_hash(&s->identity.survey, &s->identity.device, bytes);
    uint64_t no;
    bool ok = row_insert(s, h->author, &hash, bytes, buf_str(&sealed), &no, e);
    buf_done(&sealed);
    if (!ok)
        return false;
    assert(no); /* its seq is new, so its hash is */
    h->ledger_row = no;
    h->ledger_seq = r.seq;
    h->ledger_hash = hash;
    return keep_head(s, e);
}

bool store_ledger_append(struct store *s, enum ledger_kind kind, const struct id16 *subject,
                         const struct hash32 *object, struct str text, struct err *e)
{
    static const struct id16 no_subject;
    static const struct hash32 no_object;
    if (!tx_enter(s, e))
        return false;
    return tx_leave(s,
                    ledger_add(s, kind, wall_clock_ms(), subject ? subject : &no_subject,
                               object ? object : &no_object, text, e),
                    e);
}

bool store_row_put(struct store *s, const struct hash32 *device, const uint8_t row[LEDGER_ROW_SIZE],
                   bool *ret_new, struct err *e)
{
    uint64_t author, no = 0;
    struct ledger_row decoded;
    if (!ledger_row_decode(row, &decoded, e) || !tx_enter(s, e))
        return false;
    struct hash32 hash = ledger_row_hash(&s->identity.survey, device, row);
    if (!tx_leave(s,
                  author_make(s, device, &author, e) &&
                      row_insert(s, author, &hash, row, STR(""), &no, e),
                  e))
        return false;
    *ret_new = no != 0;
    return true;
}

/* ---- reading ---- */

bool ledger_open(struct store *s, uint64_t no, struct str hash, struct str sealed,
                 uint8_t ret[LEDGER_ROW_SIZE], struct err *e)
{
    struct buf plain;
    buf_init(&plain, ROW_PLAIN);
    if (sealed.n != ROW_PLAIN + SEAL_OVERHEAD)
        return row_fail(TABLE_LEDGER, no, e);
    bool ok = row_open(s, s->key_rows, TABLE_LEDGER, no, 0, sealed, &plain, e);
    if (ok && !str_eq(hash, str_sub(buf_str(&plain), 0, 32)))
        ok = row_fail(TABLE_LEDGER, no, e);
    if (ok)
        memcpy(ret, plain.p + 32, LEDGER_ROW_SIZE);
    buf_done(&plain);
    return ok;
}

bool store_row_get(struct store *s, const struct hash32 *device, const struct hash32 *row_hash,
                   uint8_t ret[LEDGER_ROW_SIZE], bool *ret_there, struct err *e)
{
    uint64_t no = 0;
    if (!store_row_find(s, device, row_hash, &no, ret, e))
        return false;
    *ret_there = no != 0;
    return true;
}

/* Whether the row of that number is the one; by the clear columns, whose seals are opened afterwards. */
static bool is_at(struct store *s, uint64_t no, uint64_t author, const struct hash32 *hash,
                  bool *ret, struct err *e)
{
    struct stmt *st = db_stmt(s->db, "SELECT author, hash FROM ledger WHERE no = ?1", e);
    if (!st)
        return false;
    stmt_set_int(st, 1, no);
    bool row, ok = stmt_step(st, &row, e);
    *ret = ok && row && stmt_int(st, 0) == author &&
           str_eq(stmt_bytes(st, 1), (struct str){(const char *)hash->b, sizeof hash->b});
    stmt_done(st);
    return ok;
}

static bool number_of(struct store *s, uint64_t author, const struct hash32 *hash, uint64_t *ret,
                      struct err *e)
{
    struct stmt *st = db_stmt(s->db, "SELECT no FROM ledger WHERE author = ?1 AND hash = ?2", e);
    if (!st)
        return false;
    stmt_set_int(st, 1, author);
    stmt_set_bytes(st, 2, hash->b, sizeof hash->b);
    bool row, ok = stmt_step(st, &row, e);
    *ret = ok && row ? stmt_int(st, 0) : 0;
    stmt_done(st);
    return ok;
}

bool store_row_find(struct store *s, const struct hash32 *device, const struct hash32 *row_hash,
                    uint64_t *io_no, uint8_t ret[LEDGER_ROW_SIZE], struct err *e)
{
    uint64_t author, no = *io_no;
    bool there = false;
    if (!author_number(s, device, &author, e) ||
        (no && !is_at(s, no, author, row_hash, &there, e)) ||
        (!there && !number_of(s, author, row_hash, &no, e)) || (no && !store_row_at(s, no, ret, e)))
        return false;
    *io_no = no;
    return true;
}

bool store_row_at(struct store *s, uint64_t no, uint8_t ret[LEDGER_ROW_SIZE], struct err *e)
{
    struct stmt *st = db_stmt(s->db, "SELECT hash, sealed FROM ledger WHERE no = ?1", e);
    if (!st)
        return false;
    stmt_set_int(st, 1, no);
    bool row, ok = stmt_step(st, &row, e);
    if (ok)
        ok = row ? ledger_open(s, no, stmt_bytes(st, 0), stmt_bytes(st, 1), ret, e)
                 : row_fail(TABLE_LEDGER, no, e);
    stmt_done(st);
    return ok;
}

/* Where a row stands: incarnations in the order in which they first came. */
struct place {
    uint64_t no, seq;
    size_t incarnation;
};

struct places {
    struct place *v;
    size_t n, cap;
    struct id16 *incarnations;
    size_t n_incarnations, cap_incarnations;
};

static int place_by_no(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    return x->no < y->no ? -1 : x->no > y->no;
}

static int place_by_chain(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->incarnation != y->incarnation)
        return x->incarnation < y->incarnation ? -1 : 1;
    if (x->seq != y->seq)
        return x->seq < y->seq ? -1 : 1;
    return place_by_no(a, b); /* a fork: both, as they came */
}

static size_t incarnation_index(struct places *p, const struct id16 *incarnation)
{
    for (size_t i = p->n_incarnations; i > 0; i--)
        if (id16_eq(&p->incarnations[i - 1], incarnation))
            return i - 1;
    p->incarnations =
        mem_grow(p->incarnations, p->n_incarnations, &p->cap_incarnations, sizeof *p->incarnations);
    p->incarnations[p->n_incarnations] = *incarnation;
    return p->n_incarnations++;
}

/* The numbers come from the index alone; the rows are then read in the order of their numbers. */
static bool places_find(struct store *s, uint64_t author, struct places *p, struct err *e)
{
    struct stmt *st = db_stmt(s->db, "SELECT no FROM ledger WHERE author = ?1", e);
    if (!st)
        return false;
    stmt_set_int(st, 1, author);
    bool row = true, ok = true;
    while (ok && (ok = stmt_step(st, &row, e)) && row) {
        p->v = mem_grow(p->v, p->n, &p->cap, sizeof *p->v);
        p->v[p->n++] = (struct place){.no = stmt_int(st, 0)};
    }
    stmt_done(st);
    if (p->n)
        qsort(p->v, p->n, sizeof *p->v, place_by_no);
    return ok;
}

static bool place_read(struct store *s, uint64_t no, struct hash32 *ret_hash,
                       uint8_t ret[LEDGER_ROW_SIZE], struct err *e)
{
    struct stmt *st = db_stmt(s->db, "SELECT hash, sealed FROM ledger WHERE no = ?1", e);
    if (!st)
        return false;
    stmt_set_int(st, 1, no);
    bool row, ok = stmt_step(st, &row, e);
    if (ok && (!row || stmt_bytes(st, 0).n != 32))
        ok = row_fail(TABLE_LEDGER, no, e);
    if (ok)
        ok = ledger_open(s, no, stmt_bytes(st, 0), stmt_bytes(st, 1), ret, e);
    if (ok)
        memcpy(ret_hash->b, stmt_bytes(st, 0).p, 32);
    stmt_done(st);
    return ok;
}

static bool places_order(struct store *s, struct places *p, struct err *e)
{
    uint8_t bytes[LEDGER_ROW_SIZE];
    struct hash32 hash;
    struct ledger_row r = {.seq = 0};
    for (size_t i = 0; i < p->n; i++) {
        if (!place_read(s, p->v[i].no, &hash, bytes, e) || !ledger_row_decode(bytes, &r, e))
            return false;
        p->v[i].seq = r.seq;
        p->v[i].incarnation = incarnation_index(p, &r.incarnation);
    }
    if (p->n)
        qsort(p->v, p->n, sizeof *p->v, place_by_chain);
    return true;
}

bool store_ledger_each(struct store *s, const struct hash32 *device,
                       bool (*each)(void *ctx, const struct hash32 *row_hash,
                                    const uint8_t row[LEDGER_ROW_SIZE]),
                       void *ctx, struct err *e)
{
    uint64_t author;
    struct places p = {0};
    uint8_t bytes[LEDGER_ROW_SIZE];
    struct hash32 hash;
    bool ok = author_number(s, device, &author, e) && places_find(s, author, &p, e) &&
              places_order(s, &p, e);
    for (size_t i = 0; ok && i < p.n; i++) {
        ok = place_read(s, p.v[i].no, &hash, bytes, e);
        if (ok && !each(ctx, &hash, bytes))
            break;
    }
    mem_free(p.v);
    mem_free(p.incarnations);
    return ok;
}
