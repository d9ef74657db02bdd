/* Drafts: append-only journals of sealed events. Each event is bound to its place by the chain of the
 * ciphertexts before it (security specification §1.2), the last link is in the draft's row, and that is
 * renewed in the same transaction. */
#include <assert.h>

#include "sync/errors.h"
#include "sync/store/attach.h"
#include "sync/store/store_i.h"

#define EVENT_SEALED_MAX (EVENT_MAX + EVENT_BLOCK + SEAL_OVERHEAD)

/* ---- the chain ---- */

/* C(0) = H("cacah.jrn0.1" ‖ store_id ‖ uuid) */
struct hash32 chain_start(const struct store *s, const struct id16 *uuid)
{
    struct buf m;
    buf_init(&m, 64);
    msg_tag(&m, "cacah.jrn0.1");
    buf_add(&m, s->identity.store.b, 16);
    buf_add(&m, uuid->b, 16);
    struct hash32 c = crypt_hash(buf_str(&m));
    buf_done(&m);
    return c;
}

/* C(n) = H("cacah.jrn.1" ‖ C(n-1) ‖ le64 n ‖ u8 key ‖ nonce‖ct‖tag) */
struct hash32 chain_next(const struct hash32 *before, uint64_t n, bool pii, struct str sealed)
{
    uint8_t fixed[16 + 32 + 8 + 1] = "cacah.jrn.1";
    struct hasher h;
    struct hash32 c;
    memcpy(fixed + 16, before->b, 32);
    put_le64(fixed + 48, n);
    fixed[56] = pii ? 2 : 1;
    hasher_start(&h, sizeof c.b);
    hasher_add(&h, fixed, sizeof fixed);
    hasher_add(&h, sealed.p, sealed.n);
    hasher_end(&h, c.b, sizeof c.b);
    return c;
}

/*  0                16         32     48     56          57
 *  | cacah.event.1  | store_id | uuid | le64 n | u8 key  | C(n-1) | */
#define EVENT_AD 89
static struct str event_ad(const struct store *s, const struct id16 *uuid, uint64_t n, bool pii,
                           const struct hash32 *before, uint8_t ad[EVENT_AD])
{
    put_tag(ad, "cacah.event.1");
    memcpy(ad + 16, s->identity.store.b, 16);
    memcpy(ad + 32, uuid->b, 16);
    put_le64(ad + 48, n);
    ad[56] = pii ? 2 : 1;
    memcpy(ad + 57, before->b, 32);
    return (struct str){(const char *)ad, EVENT_AD};
}

/* ---- helpers ---- */

static bool too_large(const char *what, size_t max, struct err *e)
{
    char n[ERR_ARG_MAX];
    return err_fail2(e, ERR_STORE_LIMIT, what, err_num(n, (int64_t)max));
}

static bool unknown(const struct id16 *uuid, struct err *e)
{
    struct buf text;
    buf_init(&text, 64);
    uuid_add(&text, uuid);
    err_fail1(e, ERR_DRAFT_UNKNOWN, text.p);
    buf_done(&text);
    return false;
}

static bool broken(const struct id16 *uuid, uint64_t n, struct err *e)
{
    char number[ERR_ARG_MAX];
    struct buf text;
    buf_init(&text, 64);
    uuid_add(&text, uuid);
    err_fail2(e, ERR_JOURNAL_BROKEN, err_num(number, (int64_t)n), text.p);
    buf_done(&text);
    return false;
}

static bool sizes_ok(struct str event, struct str note, struct err *e)
{
    if (event.n > EVENT_MAX)
        return too_large("An event", EVENT_MAX, e);
    return note.n <= NOTE_MAX || too_large("The note of a draft", NOTE_MAX, e);
}

/* uuid = first 16 bytes of H("cacah.uuid.1" ‖ device_id ‖ nonce16), version 4 */
struct id16 uuid_derive(const struct hash32 *device, const uint8_t nonce[16])
{
    struct buf m;
    struct id16 uuid;
    buf_init(&m, 64);
    msg_tag(&m, "cacah.uuid.1");
    buf_add(&m, device->b, 32);
    buf_add(&m, nonce, 16);
    struct hash32 h = crypt_hash(buf_str(&m));
    buf_done(&m);
    memcpy(uuid.b, h.b, sizeof uuid.b);
    uuid.b[6] = (uint8_t)((uuid.b[6] & 0x0F) | 0x40);
    uuid.b[8] = (uint8_t)((uuid.b[8] & 0x3F) | 0x80);
    return uuid;
}

/* ---- appending ---- */

/* The keys of d->interview are loaded. */
static bool append(struct store *s, struct draft_row *d, bool pii, int64_t now_ms, struct str event,
                   struct str note, struct err *e)
{
    uint8_t ad[EVENT_AD];
    struct buf plain, sealed;
    if (d->broken)
        return broken(&d->uuid, d->events, e);
    if (d->events == EVENTS_MAX)
        return too_large("The number of a draft's events", EVENTS_MAX, e);
    struct stmt *st =
        db_stmt(s->db, "INSERT INTO journal (at, pii, sealed) VALUES (?1, ?2, ?3)", e);
    if (!st)
        return false;
    uint64_t n = d->events + 1;
    buf_init(&plain, EVENT_MAX + EVENT_BLOCK);
    buf_init(&sealed, EVENT_SEALED_MAX);
    buf_add_str(&plain, event);
    crypt_pad(&plain, EVENT_BLOCK);
    crypt_seal(pii ? s->pk : s->ik, buf_str(&plain), event_ad(s, &d->uuid, n, pii, &d->chain, ad),
               &sealed);
    assert(!plain.full && !sealed.full);
    stmt_set_int(st, 1, JOURNAL_AT(d->no, n));
    stmt_set_int(st, 2, pii ? 1 : 0);
    stmt_set_bytes(st, 3, sealed.p, sealed.n);
    bool ok = stmt_run(st, e);
    if (ok) {
        d->events = n;
        d->chain_before = d->chain;
        d->chain = chain_next(&d->chain_before, n, pii, buf_str(&sealed));
        d->changed_ms = now_ms;
        ok = draft_row_write(s, d, note, e);
    }
    buf_wipe_done(&plain);
    buf_done(&sealed);
    return ok;
}

static bool keys_present(struct store *s, uint64_t interview, struct err *e)
{
    if (!keys_load(s, interview, e))
        return false;
    return (s->ik_there && s->pk_there) || err_fail(e, ERR_PART_ERASED);
}

bool store_draft_append(struct store *s, const struct id16 *uuid, bool pii, int64_t now_ms,
                        struct str event, struct str note, struct err *e)
{
    if (!sizes_ok(event, note, e))
        return false;
    if (!draft_row_find(s, uuid))
        return unknown(uuid, e);
    if (!tx_enter(s, e))
        return false;
    struct draft_row *d = draft_row_find(s, uuid);
    bool ok = keys_present(s, d->interview, e) && append(s, d, pii, now_ms, event, note, e);
    return tx_leave(s, ok, e);
}

static bool migrate(struct store *s, struct draft_row *d, const struct hash32 *form, int64_t now_ms,
                    struct str event, struct str note, struct err *e)
{
    d->form = *form;
    return keys_present(s, d->interview, e) && append(s, d, false, now_ms, event, note, e) &&
           ledger_add(s, LEDGER_MIGRATE, now_ms, &d->uuid, form, STR(""), e);
}

bool store_draft_migrate(struct store *s, const struct id16 *uuid, const struct hash32 *form,
                         int64_t now_ms, struct str event, struct str note, struct err *e)
{
    if (!sizes_ok(event, note, e))
        return false;
    if (!draft_row_find(s, uuid))
        return unknown(uuid, e);
    return tx_enter(s, e) &&
           tx_leave(s, migrate(s, draft_row_find(s, uuid), form, now_ms, event, note, e), e);
}

/* ---- beginning ---- */

/* Whether the check character of the respondent's code (flow/code.c), the first 40 bits modulo 37, is a letter
 * or a digit: * ~ $ = are awkward over a telephone and in a shell. */
static bool is_speakable(const struct id16 *uuid)
{
    uint64_t n = 0;
    for (int i = 0; i < 5; i++)
        n = n << 8 | uuid->b[i];
    return n % 37 < 32 || n % 37 == 36;
}

/* The uuid and the ledger's object: the nonce it is derived from, or the revision it corrects. */
static void begin_identity(struct store *s, const struct hash32 *parent,
                           const struct id16 *parent_uuid, struct draft_row *d,
                           struct hash32 *ret_object)
{
    *ret_object = (struct hash32){{0}};
    if (parent) {
        d->parent = *ret_object = *parent;
        d->uuid = *parent_uuid;
        return;
    }
    do {
        store_random(s, ret_object->b, 16);
        d->uuid = uuid_derive(&s->identity.device, ret_object->b);
    } while (!is_speakable(&d->uuid));
}

static bool begin(struct store *s, struct draft_row *d, const struct hash32 *object,
                  struct str event, struct str note, struct err *e)
{
    if (!keys_for(s, &d->uuid, &d->interview, e) || !keys_present(s, d->interview, e))
        return false;
    struct memory *m = &s->now;
    d->no = ++m->head.drafts_begun;
    d->chain = chain_start(s, &d->uuid);
    m->drafts = mem_grow(m->drafts, m->n_drafts, &m->cap_drafts, sizeof *d);
    m->drafts[m->n_drafts] = *d;
    struct draft_row *row = &m->drafts[m->n_drafts++];
    return ledger_add(s, LEDGER_OPEN, d->began_ms, &d->uuid, object, STR(""), e) &&
           append(s, row, false, d->began_ms, event, note.p ? note : STR(""), e);
}

bool store_draft_begin(struct store *s, const struct hash32 *form, const struct hash32 *parent,
                       const struct id16 *parent_uuid, int64_t now_ms, struct str event,
                       struct str note, struct id16 *ret_uuid, struct err *e)
{
    assert(!parent == !parent_uuid);
    struct draft_row d = {.form = *form, .began_ms = now_ms, .changed_ms = now_ms};
    struct hash32 object;
    if (!sizes_ok(event, note, e))
        return false;
    begin_identity(s, parent, parent_uuid, &d, &object);
    if (draft_row_find(s, &d.uuid))
        return err_fail(e, ERR_DRAFT_OPEN);
    if (!tx_enter(s, e) || !tx_leave(s, begin(s, &d, &object, event, note, e), e))
        return false;
    *ret_uuid = d.uuid;
    return true;
}

/* ---- reading ---- */

typedef bool event_fn(void *ctx, uint64_t n, bool pii, struct str event, struct err *e);

struct walk {
    struct store *s;
    const struct draft_row *d;
    struct hash32 chain;
    uint64_t n;
};

static bool walk_event(struct walk *w, struct stmt *st, event_fn *each, void *ctx, struct err *e)
{
    uint8_t ad[EVENT_AD];
    struct err why = {0};
    struct str event, sealed = stmt_bytes(st, 2);
    bool pii = stmt_int(st, 1) != 0;
    uint64_t n = w->n + 1;
    if (stmt_int(st, 0) != JOURNAL_AT(w->d->no, n) || stmt_int(st, 1) > 1 ||
        sealed.n > EVENT_SEALED_MAX)
        return broken(&w->d->uuid, n, e);
    struct buf plain;
    buf_init(&plain, EVENT_MAX + EVENT_BLOCK);
    bool ok = crypt_open(pii ? w->s->pk : w->s->ik, sealed,
                         event_ad(w->s, &w->d->uuid, n, pii, &w->chain, ad), &plain, &why) &&
              crypt_unpad(buf_str(&plain), EVENT_BLOCK, &event, &why);
    if (ok) {
        w->chain = chain_next(&w->chain, n, pii, sealed);
        w->n = n;
        ok = each(ctx, n, pii, event, e);
    } else {
        broken(&w->d->uuid, n, e);
    }
    buf_wipe_done(&plain);
    return ok;
}

bool store_draft_events(struct store *s, const struct id16 *uuid, event_fn *each, void *ctx,
                        struct err *e)
{
    const struct draft_row *found = draft_row_find(s, uuid);
    if (!found)
        return unknown(uuid, e);
    const struct draft_row d = *found; /* what the caller does in between moves the rows */
    struct walk w = {.s = s, .d = &d, .chain = chain_start(s, uuid)};
    struct stmt *st = db_stmt(s->db,
                              "SELECT at, pii, sealed FROM journal WHERE at > ?1 AND "
                              "at < ?2 ORDER BY at",
                              e);
    if (!st)
        return false;
    stmt_set_int(st, 1, JOURNAL_AT(d.no, 0));
    stmt_set_int(st, 2, JOURNAL_AT(d.no + 1, 0));
    bool row = true, ok = true;
    while (ok && w.n < d.events && (ok = stmt_step(st, &row, e)) && row)
        ok = keys_present(s, d.interview, e) && walk_event(&w, st, each, ctx, e);
    stmt_done(st);
    if (!ok)
        return false;
    if (d.broken || w.n != d.events || !hash32_eq(&w.chain, &d.chain))
        return broken(uuid, w.n + 1, e);
    return true;
}

static bool note_open(struct store *s, const struct draft_row *d, struct str sealed,
                      struct buf *out, struct err *e)
{
    return keys_present(s, d->interview, e) &&
           row_open(s, s->pk, TABLE_NOTE, d->no, d->note_version, sealed, out, e);
}

static bool draft_give(struct store *s, const struct draft_row *d, struct str sealed,
                       bool (*each)(void *ctx, const struct draft *d), void *ctx, bool *ret_more,
                       struct err *e)
{
    struct buf note;
    buf_init(&note, NOTE_MAX);
    bool ok = note_open(s, d, sealed, &note, e);
    if (ok) {
        struct draft out = {
            .uuid = d->uuid,
            .form = d->form,
            .events = d->events,
            .began_ms = d->began_ms,
            .changed_ms = d->changed_ms,
            .parent = d->parent,
            .note = buf_str(&note),
        };
        *ret_more = each(ctx, &out);
    }
    buf_wipe_done(&note);
    return ok;
}

bool store_draft_each(struct store *s, bool (*each)(void *ctx, const struct draft *d), void *ctx,
                      struct err *e)
{
    bool more = true, ok = true;
    uint64_t last = 0;
    /* By number, not by place: the caller may end a draft in between. */
    while (ok && more) {
        const struct draft_row *found = NULL;
        for (size_t i = 0; i < s->now.n_drafts && !found; i++)
            if (s->now.drafts[i].no > last)
                found = &s->now.drafts[i];
        if (!found)
            break;
        const struct draft_row d = *found;
        last = d.no;
        struct stmt *st = db_stmt(s->db, "SELECT note FROM head WHERE id = ?1", e);
        if (!st)
            return false;
        stmt_set_int(st, 1, d.no);
        bool row;
        ok = stmt_step(st, &row, e) && (row || row_fail(TABLE_HEAD, d.no, e)) &&
             draft_give(s, &d, stmt_bytes(st, 0), each, ctx, &more, e);
        stmt_done(st);
    }
    return ok;
}

/* ---- ending ---- */

static bool remove_draft(struct store *s, struct draft_row *d, struct err *e)
{
    struct stmt *st = db_stmt(s->db, "DELETE FROM journal WHERE at >= ?1 AND at < ?2", e);
    if (!st)
        return false;
    stmt_set_int(st, 1, JOURNAL_AT(d->no, 0));
    stmt_set_int(st, 2, JOURNAL_AT(d->no + 1, 0));
    return stmt_run(st, e) && draft_row_delete(s, d, e);
}

static void new_part(struct store *s, struct part *p, struct str bytes)
{
    p->bytes = bytes;
    store_random(s, p->salt, sizeof p->salt);
}

static bool finalise(struct store *s, const struct draft_row *d, const struct revision_new *r,
                     struct hash32 *ret_rev, struct err *e)
{
    struct part part1, part2;
    struct revision rev = {
        .uuid = d->uuid,
        .device = s->identity.device,
        .form = d->form,
        .n_parents = hash32_zero(&d->parent) ? 0 : 1,
        .parents = {d->parent},
        .outcome = r->outcome,
    };
    if (d->broken)
        return broken(&d->uuid, d->events, e);
    new_part(s, &part1, r->part1);
    rev.c1 = part_commitment(part1.salt, 1, r->part1);
    if (r->part2.n) {
        new_part(s, &part2, r->part2);
        rev.c2 = part_commitment(part2.salt, 2, r->part2);
    }
    rev.rev_id = revision_id(&rev, &s->identity.survey);
    bool ok = keys_present(s, d->interview, e) &&
              revision_add(s, &rev, d->interview, &part1, r->part2.n ? &part2 : NULL,
                           REVISION_PENDING, r->summary, e) &&
              ledger_add(s, LEDGER_FINAL, r->now_ms, &rev.uuid, &rev.rev_id, STR(""), e);
    crypt_wipe(&part1, sizeof part1);
    crypt_wipe(&part2, sizeof part2);
    *ret_rev = rev.rev_id;
    return ok;
}

bool store_draft_finalise(struct store *s, const struct id16 *uuid, const struct revision_new *r,
                          struct hash32 *ret_rev, struct err *e)
{
    struct hash32 rev;
    if (!draft_row_find(s, uuid))
        return unknown(uuid, e);
    if (!tx_enter(s, e))
        return false;
    struct draft_row *d = draft_row_find(s, uuid);
    const struct id16 ended = d->uuid;
    if (!tx_leave(s,
                  finalise(s, d, r, &rev, e) && remove_draft(s, d, e) &&
                      store_attachments_sweep(s, &ended, e),
                  e))
        return false;
    *ret_rev = rev;
    return true;
}

bool draft_end(struct store *s, struct draft_row *d, struct str reason, int64_t now_ms,
               struct err *e)
{
    static const struct hash32 none;
    return ledger_add(s, LEDGER_VOID, now_ms, &d->uuid, &none, reason, e) && remove_draft(s, d, e);
}

/* The keys go too, unless a record needs them. */
static bool void_draft(struct store *s, struct draft_row *d, struct str reason, int64_t now_ms,
                       struct err *e)
{
    bool used;
    uint64_t interview = d->interview;
    const struct id16 uuid = d->uuid;
    return draft_end(s, d, reason, now_ms, e) && revision_of_interview(s, interview, &used, e) &&
           store_attachments_sweep(s, &uuid, e) &&
           (used || keys_shred(s, interview, true, true, e));
}

bool store_draft_void(struct store *s, const struct id16 *uuid, struct str reason, int64_t now_ms,
                      struct err *e)
{
    if (!draft_row_find(s, uuid))
        return unknown(uuid, e);
    if (!tx_enter(s, e))
        return false;
    return tx_leave(s, void_draft(s, draft_row_find(s, uuid), reason, now_ms, e), e);
}
