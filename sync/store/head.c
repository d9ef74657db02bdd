/* The head: one sealed row, renewed in every transaction, by which a cut tail, a missing row or an older
 * row put back is seen; and the rows of the drafts beside it, in the same page. */
#include <assert.h>

#include "sync/errors.h"
#include "sync/store/store_i.h"

#define HEAD_PLAIN_MAX  1024
#define DRAFT_PLAIN_MAX 512
#define HEAD_FORMAT     1

/* ---- memory ---- */

void memory_copy(struct memory *to, const struct memory *from)
{
    to->head = from->head;
    if (to->cap_drafts < from->n_drafts) {
        to->cap_drafts = from->cap_drafts;
        to->drafts = mem_realloc(to->drafts, to->cap_drafts, sizeof *to->drafts);
    }
    if (to->cap_config < from->n_config) {
        to->cap_config = from->cap_config;
        to->config = mem_realloc(to->config, to->cap_config, sizeof *to->config);
    }
    if (from->n_drafts)
        memcpy(to->drafts, from->drafts, from->n_drafts * sizeof *to->drafts);
    if (from->n_config)
        memcpy(to->config, from->config, from->n_config * sizeof *to->config);
    to->n_drafts = from->n_drafts;
    to->n_config = from->n_config;
}

void memory_done(struct memory *m)
{
    mem_free(m->drafts);
    mem_free(m->config);
    *m = (struct memory){0};
}

/* ---- hashes over the versions of rows that change ---- */

static void hash_version(struct hasher *h, uint64_t row, uint64_t version)
{
    uint8_t bytes[16];
    put_le64(bytes, row);
    put_le64(bytes + 8, version);
    hasher_add(h, bytes, sizeof bytes);
}

static struct hash32 drafts_hash(const struct memory *m)
{
    static const uint8_t tag[16] = "cacah.vers.1";
    struct hasher h;
    struct hash32 out;
    hasher_start(&h, sizeof out.b);
    hasher_add(&h, tag, sizeof tag);
    for (size_t i = 0; i < m->n_drafts; i++)
        hash_version(&h, m->drafts[i].no, m->drafts[i].version);
    hasher_end(&h, out.b, sizeof out.b);
    return out;
}

/* With the names by which they are looked up: a changed one would hide its setting. */
static struct hash32 config_hash(const struct memory *m)
{
    static const uint8_t tag[16] = "cacah.vers.1";
    struct hasher h;
    struct hash32 out;
    hasher_start(&h, sizeof out.b);
    hasher_add(&h, tag, sizeof tag);
    for (size_t i = 0; i < m->n_config; i++) {
        hash_version(&h, m->config[i].id, m->config[i].version);
        hasher_add(&h, m->config[i].name, sizeof m->config[i].name);
    }
    hasher_end(&h, out.b, sizeof out.b);
    return out;
}

/* ---- bytes ---- */

static void head_encode(const struct head *h, struct buf *b)
{
    buf_add_u8(b, HEAD_FORMAT);
    buf_add_le64(b, h->commits);
    buf_add(b, h->survey.b, 16);
    buf_add(b, h->incarnation.b, 16);
    buf_add_le64(b, h->kind);
    buf_add_le64(b, h->author);
    buf_add_le64(b, h->ledger_row);
    buf_add_le64(b, h->ledger_seq);
    buf_add(b, h->ledger_hash.b, 32);
    buf_add_le64(b, h->marks.config_seq);
    buf_add_le64(b, h->marks.receipt);
    buf_add(b, h->marks.receipt_hash.b, 32);
    buf_add_le64(b, h->drafts_begun);
    buf_add_le64(b, h->slots_given);
    buf_add_le64(b, h->pending);
    for (size_t i = 0; i < COUNTED; i++)
        buf_add_le64(b, h->rows[i]);
    buf_add(b, h->slots.b, 32);
    buf_add(b, h->config.b, 32);
    buf_add(b, h->drafts.b, 32);
}

static bool head_decode(struct str plain, struct head *h)
{
    struct take t = take_from(plain);
    bool known = take_u8(&t) == HEAD_FORMAT;
    h->commits = take_le64(&t);
    take_bytes(&t, h->survey.b, 16);
    take_bytes(&t, h->incarnation.b, 16);
    h->kind = take_le64(&t);
    h->author = take_le64(&t);
    h->ledger_row = take_le64(&t);
    h->ledger_seq = take_le64(&t);
    take_bytes(&t, h->ledger_hash.b, 32);
    h->marks.config_seq = take_le64(&t);
    h->marks.receipt = take_le64(&t);
    take_bytes(&t, h->marks.receipt_hash.b, 32);
    h->drafts_begun = take_le64(&t);
    h->slots_given = take_le64(&t);
    h->pending = take_le64(&t);
    for (size_t i = 0; i < COUNTED; i++)
        h->rows[i] = take_le64(&t);
    take_bytes(&t, h->slots.b, 32);
    take_bytes(&t, h->config.b, 32);
    take_bytes(&t, h->drafts.b, 32);
    return known && take_end(&t);
}

static void draft_encode(const struct draft_row *d, struct buf *b)
{
    buf_add(b, d->uuid.b, 16);
    buf_add_le64(b, d->interview);
    buf_add(b, d->form.b, 32);
    buf_add(b, d->parent.b, 32);
    buf_add_le64(b, d->events);
    buf_add(b, d->chain_before.b, 32);
    buf_add(b, d->chain.b, 32);
    buf_add_le64(b, (uint64_t)d->began_ms);
    buf_add_le64(b, (uint64_t)d->changed_ms);
    buf_add_le64(b, d->note_version);
}

static bool draft_decode(struct str plain, struct draft_row *d)
{
    struct take t = take_from(plain);
    take_bytes(&t, d->uuid.b, 16);
    d->interview = take_le64(&t);
    take_bytes(&t, d->form.b, 32);
    take_bytes(&t, d->parent.b, 32);
    d->events = take_le64(&t);
    take_bytes(&t, d->chain_before.b, 32);
    take_bytes(&t, d->chain.b, 32);
    d->began_ms = (int64_t)take_le64(&t);
    d->changed_ms = (int64_t)take_le64(&t);
    d->note_version = take_le64(&t);
    return take_end(&t);
}

/* ---- writing ---- */

bool head_write(struct store *s, struct err *e)
{
    struct buf plain, sealed;
    struct head *h = &s->now.head;
    h->commits++;
    h->drafts = drafts_hash(&s->now);
    h->config = config_hash(&s->now);
    buf_init(&plain, HEAD_PLAIN_MAX);
    buf_init(&sealed, HEAD_PLAIN_MAX + SEAL_OVERHEAD);
    head_encode(h, &plain);
    assert(!plain.full);
    row_seal(s, s->key_rows, TABLE_HEAD, 0, h->commits, buf_str(&plain), &sealed);
    struct stmt *st = db_stmt(s->db,
                              "INSERT INTO head (id, version, sealed) VALUES (0, ?1, ?2) "
                              "ON CONFLICT (id) DO UPDATE SET version = ?1, sealed = ?2",
                              e);
    if (st) {
        stmt_set_int(st, 1, h->commits);
        stmt_set_bytes(st, 2, sealed.p, sealed.n);
    }
    bool ok = st && stmt_run(st, e);
    buf_wipe_done(&plain);
    buf_done(&sealed);
    return ok;
}

static bool write_sealed(struct store *s, const struct draft_row *d, struct str sealed,
                         const struct buf *note, struct err *e)
{
    struct stmt *st =
        note ? db_stmt(s->db,
                       "INSERT INTO head (id, version, sealed, note) VALUES (?1, ?2, ?3, ?4) "
                       "ON CONFLICT (id) DO UPDATE SET version = ?2, sealed = ?3, note = ?4",
                       e)
             : db_stmt(s->db, "UPDATE head SET version = ?2, sealed = ?3 WHERE id = ?1", e);
    if (!st)
        return false;
    stmt_set_int(st, 1, d->no);
    stmt_set_int(st, 2, d->version);
    stmt_set_bytes(st, 3, sealed.p, sealed.n);
    if (note)
        stmt_set_bytes(st, 4, note->p, note->n);
    return stmt_run(st, e);
}

bool draft_row_write(struct store *s, struct draft_row *d, struct str note, struct err *e)
{
    struct buf plain, sealed, sealed_note;
    d->version++;
    if (note.p)
        d->note_version = d->version;
    buf_init(&plain, DRAFT_PLAIN_MAX);
    buf_init(&sealed, DRAFT_PLAIN_MAX + SEAL_OVERHEAD);
    buf_init(&sealed_note, NOTE_MAX + SEAL_OVERHEAD);
    draft_encode(d, &plain);
    row_seal(s, s->key_rows, TABLE_HEAD, d->no, d->version, buf_str(&plain), &sealed);
    if (note.p)
        row_seal(s, s->pk, TABLE_NOTE, d->no, d->note_version, note, &sealed_note);
    bool ok = write_sealed(s, d, buf_str(&sealed), note.p ? &sealed_note : NULL, e);
    buf_wipe_done(&plain);
    buf_done(&sealed);
    buf_done(&sealed_note);
    return ok;
}

bool draft_row_delete(struct store *s, struct draft_row *d, struct err *e)
{
    struct stmt *st = db_stmt(s->db, "DELETE FROM head WHERE id = ?1", e);
    if (!st)
        return false;
    stmt_set_int(st, 1, d->no);
    if (!stmt_run(st, e))
        return false;
    size_t at = (size_t)(d - s->now.drafts);
    memmove(d, d + 1, (s->now.n_drafts - at - 1) * sizeof *d);
    s->now.n_drafts--;
    return true;
}

struct draft_row *draft_row_find(struct store *s, const struct id16 *uuid)
{
    for (size_t i = 0; i < s->now.n_drafts; i++)
        if (id16_eq(&s->now.drafts[i].uuid, uuid))
            return &s->now.drafts[i];
    return NULL;
}

/* ---- reading, at opening ---- */

static bool read_head(struct store *s, uint64_t version, struct str sealed, struct err *e)
{
    struct buf plain;
    buf_init(&plain, sealed.n);
    bool ok = row_open(s, s->key_rows, TABLE_HEAD, 0, version, sealed, &plain, e) &&
              (head_decode(buf_str(&plain), &s->now.head) || row_fail(TABLE_HEAD, 0, e));
    buf_wipe_done(&plain);
    if (ok && s->now.head.commits != version)
        ok = row_fail(TABLE_HEAD, 0, e);
    return ok;
}

static bool read_draft(struct store *s, uint64_t id, uint64_t version, struct str sealed,
                       struct err *e)
{
    struct draft_row d = {.no = id, .version = version};
    struct buf plain;
    buf_init(&plain, sealed.n);
    bool ok = row_open(s, s->key_rows, TABLE_HEAD, id, version, sealed, &plain, e) &&
              (draft_decode(buf_str(&plain), &d) || row_fail(TABLE_HEAD, id, e));
    buf_wipe_done(&plain);
    if (!ok)
        return false;
    s->now.drafts = mem_grow(s->now.drafts, s->now.n_drafts, &s->now.cap_drafts, sizeof d);
    s->now.drafts[s->now.n_drafts++] = d;
    return true;
}

static bool read_rows(struct store *s, struct err *e)
{
    struct stmt *st = db_stmt(s->db, "SELECT id, version, sealed FROM head ORDER BY id", e);
    bool row = true, ok = st != NULL, first = true;
    while (ok && (ok = stmt_step(st, &row, e)) && row) {
        uint64_t id = stmt_int(st, 0), version = stmt_int(st, 1);
        if (first != (id == 0))
            ok = row_fail(TABLE_HEAD, 0, e);
        else
            ok = id == 0 ? read_head(s, version, stmt_bytes(st, 2), e)
                         : read_draft(s, id, version, stmt_bytes(st, 2), e);
        if (!ok && id && s->checking) { /* the walk over the drafts names it */
            err_clear(e);
            ok = true;
        }
        first = false;
    }
    stmt_done(st);
    return ok && (!first || err_fail1(e, ERR_STORE_DAMAGED, "its head is missing"));
}

static bool read_config(struct store *s, struct err *e)
{
    struct stmt *st = db_stmt(s->db, "SELECT id, version, name FROM config ORDER BY id", e);
    bool row = true, ok = st != NULL;
    while (ok && (ok = stmt_step(st, &row, e)) && row) {
        struct config_row c = {.id = stmt_int(st, 0), .version = stmt_int(st, 1)};
        struct str name = stmt_bytes(st, 2);
        if (name.n != sizeof c.name) {
            ok = row_fail(TABLE_CONFIG, c.id, e);
            break;
        }
        memcpy(c.name, name.p, sizeof c.name);
        s->now.config = mem_grow(s->now.config, s->now.n_config, &s->now.cap_config, sizeof c);
        s->now.config[s->now.n_config++] = c;
    }
    stmt_done(st);
    return ok;
}

static bool last_number(struct store *s, const char *sql, uint64_t *ret, struct err *e)
{
    struct stmt *st = db_stmt(s->db, sql, e);
    bool row, ok = st && stmt_step(st, &row, e);
    if (ok)
        *ret = row ? stmt_int(st, 0) : 0;
    stmt_done(st);
    return ok;
}

static bool check_counts(struct store *s, struct err *e)
{
    static const struct {
        const char *sql, *what;
    } tables[COUNTED] = {
        [COUNT_WRAP] = {"SELECT max(no) FROM wrap", "interviews are missing"},
        [COUNT_FORM] = {"SELECT max(no) FROM form", "forms are missing"},
        [COUNT_AUTHOR] = {"SELECT max(no) FROM author", "devices are missing"},
        [COUNT_LEDGER] = {"SELECT max(no) FROM ledger", "the end of the ledger is missing"},
        [COUNT_SIGNED] = {"SELECT max(no) FROM signed", "signed heads are missing"},
        [COUNT_DEVICE] = {"SELECT max(no) FROM device", "devices are missing"},
        [COUNT_REVISION] = {"SELECT max(no) FROM revision", "records are missing"},
        [COUNT_STATE] = {"SELECT max(no) FROM state", "states of records are missing"},
        [COUNT_FACT] = {"SELECT max(no) FROM fact", "facts are missing"},
        [COUNT_ATTACHMENT] = {"SELECT max(no) FROM attachment", "attachments are missing"},
    };
    for (size_t i = 0; i < COUNTED; i++) {
        uint64_t n;
        if (!last_number(s, tables[i].sql, &n, e))
            return false;
        if (n != s->now.head.rows[i])
            return err_fail1(e, ERR_STORE_DAMAGED, tables[i].what);
    }
    return true;
}

/* The last event of a draft must be the one that the head knows, and the last. One that is not is of no use,
 * but what else is in the store is. */
static bool check_tail(struct store *s, struct draft_row *d, struct err *e)
{
    struct stmt *st = db_stmt(s->db,
                              "SELECT at, pii, sealed FROM journal WHERE at >= ?1 AND "
                              "at < ?2 ORDER BY at DESC LIMIT 1",
                              e);
    if (!st)
        return false;
    stmt_set_int(st, 1, JOURNAL_AT(d->no, 0));
    stmt_set_int(st, 2, JOURNAL_AT(d->no + 1, 0));
    bool row, ok = stmt_step(st, &row, e);
    d->broken = !row || stmt_int(st, 0) != JOURNAL_AT(d->no, d->events);
    if (ok && !d->broken) {
        struct hash32 c =
            chain_next(&d->chain_before, d->events, stmt_int(st, 1) != 0, stmt_bytes(st, 2));
        d->broken = !hash32_eq(&c, &d->chain);
    }
    stmt_done(st);
    return ok;
}

static bool check_ledger(struct store *s, struct err *e)
{
    uint8_t bytes[LEDGER_ROW_SIZE];
    const struct head *h = &s->now.head;
    if (h->ledger_seq == 0)
        return true;
    struct stmt *st = db_stmt(s->db, "SELECT author, hash, sealed FROM ledger WHERE no = ?1", e);
    if (!st)
        return false;
    stmt_set_int(st, 1, h->ledger_row);
    struct str last = {(const char *)h->ledger_hash.b, sizeof h->ledger_hash.b};
    bool row, ok = stmt_step(st, &row, e);
    if (ok && (!row || stmt_int(st, 0) != h->author || !str_eq(stmt_bytes(st, 1), last)))
        ok = err_fail1(e, ERR_STORE_DAMAGED, "the end of the ledger is missing");
    ok = ok && ledger_open(s, h->ledger_row, stmt_bytes(st, 1), stmt_bytes(st, 2), bytes, e);
    stmt_done(st);
    return ok;
}

/* Older selves of rows that change. */
static bool check_drafts(struct store *s, struct err *e)
{
    struct hash32 drafts = drafts_hash(&s->now);
    return hash32_eq(&drafts, &s->now.head.drafts) ||
           err_fail1(e, ERR_STORE_DAMAGED, "a draft is missing or an older one was put back");
}

static bool check_config(struct store *s, struct err *e)
{
    struct hash32 config = config_hash(&s->now);
    return hash32_eq(&config, &s->now.head.config) ||
           err_fail1(e, ERR_STORE_DAMAGED, "a setting is missing or an older one was put back");
}

static bool check_slots(struct store *s, struct err *e)
{
    struct hash32 slots;
    if (!slots_mac(s, &slots, e))
        return false;
    return crypt_mac_eq(&slots, &s->now.head.slots) ||
           err_fail1(e, ERR_STORE_DAMAGED, "its key slots were altered");
}

static bool (*const checks[HEAD_CHECKS])(struct store *s, struct err *e) = {
    check_drafts, check_config, check_slots, check_counts, check_ledger};

bool head_check(struct store *s, unsigned i, struct err *e)
{
    assert(i < HEAD_CHECKS);
    return checks[i](s, e);
}

bool head_read(struct store *s, struct err *e)
{
    if (!read_rows(s, e) || !read_config(s, e))
        return false;
    for (unsigned i = 0; i < HEAD_CHECKS && !s->checking; i++)
        if (!head_check(s, i, e))
            return false;
    for (size_t i = 0; i < s->now.n_drafts; i++)
        if (!check_tail(s, &s->now.drafts[i], e))
            return false;
    return true;
}

void store_marks(const struct store *s, struct store_marks *ret)
{
    *ret = s->now.head.marks;
}

bool store_marks_set(struct store *s, const struct store_marks *m, struct err *e)
{
    if (!tx_enter(s, e))
        return false;
    s->now.head.marks = *m;
    return tx_leave(s, true, e);
}
