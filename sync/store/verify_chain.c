/* store_verify: the journals and the ledger, walked link by link. */
#include <stdio.h>
#include <stdlib.h>

#include "sync/errors.h"
#include "sync/store/verify_i.h"

/* ---- journals ---- */

static const struct draft_row *draft_by_number(const struct store *s, uint64_t no)
{
    for (size_t i = 0; i < s->now.n_drafts; i++)
        if (s->now.drafts[i].no == no)
            return &s->now.drafts[i];
    return NULL;
}

static void journal_end(struct verify *v)
{
    const struct draft_row *d = draft_by_number(v->s, v->draft);
    if (d && (v->event != d->events || !hash32_eq(&v->chain, &d->chain)))
        verify_of(v, "draft", d->no, &d->uuid, "its journal does not end where the head says");
}

static bool no_event(void *ctx, uint64_t n, bool pii, struct str event, struct err *e)
{
    (void)ctx, (void)n, (void)pii, (void)event, (void)e;
    return true;
}

static void journal_row(struct verify *v, struct stmt *st)
{
    uint64_t at = stmt_int(st, 0), no = at >> 24, n = at & EVENTS_MAX;
    bool pii = stmt_int(st, 1) != 0;
    const struct draft_row *d = draft_by_number(v->s, no);
    char text[ERR_ARG_MAX];
    if (!d) {
        snprintf(text, sizeof text, "journal row %llu belongs to no draft", (unsigned long long)at);
        verify_fault(v, text);
        return;
    }
    if (no != v->draft) {
        journal_end(v);
        v->draft = no;
        v->event = 0;
        v->chain = chain_start(v->s, &d->uuid);
    }
    if (n != v->event + 1) {
        snprintf(text, sizeof text, "event %llu is missing", (unsigned long long)v->event + 1);
        verify_of(v, "draft", no, &d->uuid, text);
    }
    v->event = n;
    v->chain = chain_next(&v->chain, n, pii, stmt_bytes(st, 2));
}

bool verify_journal(struct verify *v)
{
    v->draft = 0;
    if (!verify_walk(v, "SELECT at, pii, sealed FROM journal NOT INDEXED ORDER BY at", journal_row))
        return false;
    journal_end(v);
    for (size_t i = 0; i < v->s->now.n_drafts; i++) {
        const struct id16 uuid = v->s->now.drafts[i].uuid;
        struct err e = {0};
        if (!store_draft_events(v->s, &uuid, no_event, NULL, &e))
            verify_error(v, &e);
        if (v->stop.kind)
            return false;
    }
    return true;
}

/* ---- the ledger ---- */

static void remember(struct verify *v, const struct ledger_row *r)
{
    int count = r->kind == LEDGER_OPEN                              ? 1
                : r->kind == LEDGER_FINAL || r->kind == LEDGER_VOID ? -1
                                                                    : 0;
    if (count) {
        v->begun = mem_grow(v->begun, v->n_begun, &v->cap_begun, sizeof *v->begun);
        v->begun[v->n_begun++] = (struct begun){r->subject, count};
    }
    if (r->kind == LEDGER_FINAL || r->kind == LEDGER_RESOLVE) {
        v->finals = mem_grow(v->finals, v->n_finals, &v->cap_finals, sizeof *v->finals);
        v->finals[v->n_finals++] = r->object;
    }
}

/* This device's own rows follow one another. */
static void own_row(struct verify *v, struct own_chain *own, uint64_t no,
                    const struct ledger_row *r, const struct hash32 *hash)
{
    char text[ERR_ARG_MAX];
    if (r->seq != own->seq + 1 || !hash32_eq(&r->prev, &own->prev)) {
        snprintf(text, sizeof text,
                 "ledger row %llu does not follow the one before it (number %llu)",
                 (unsigned long long)no, (unsigned long long)r->seq);
        verify_fault(v, text);
    }
    own->seq = r->seq;
    own->prev = *hash;
    remember(v, r);
}

/* Destroyed it may be only with its interview. */
static void detail(struct verify *v, uint64_t no, const struct ledger_row *r, struct str sealed)
{
    struct err e = {0};
    char text[ERR_ARG_MAX];
    struct ledger_detail found;
    struct buf plain;
    bool known = true;
    buf_init(&plain, sealed.n);
    if (!detail_open(v->s, no, &r->detail, sealed, &plain, &found, &e) ||
        (!found.there && !tombstoned(v->s, &r->subject, &known, &e)))
        verify_error(v, &e);
    if (!known) {
        snprintf(text, sizeof text,
                 "the detail of ledger row %llu was destroyed, but nothing erased it",
                 (unsigned long long)no);
        verify_fault(v, text);
    }
    buf_wipe_done(&plain);
}

bool verify_author(struct verify *v, uint64_t author, struct hash32 *ret, struct err *e)
{
    struct stmt *st = db_stmt(v->s->db, "SELECT device FROM author WHERE no = ?1", e);
    if (!st)
        return false;
    stmt_set_int(st, 1, author);
    bool row, ok = stmt_step(st, &row, e);
    if (ok && (!row || stmt_bytes(st, 0).n != 32))
        ok = err_fail1(e, ERR_STORE_DAMAGED, "a device of the ledger is missing");
    if (ok)
        memcpy(ret->b, stmt_bytes(st, 0).p, 32);
    stmt_done(st);
    return ok;
}

static struct own_chain *own_chain(struct verify *v, uint64_t author)
{
    for (size_t i = 0; i < v->n_own; i++)
        if (v->own[i].author == author)
            return &v->own[i];
    return NULL;
}

/* What this store was before: the first row of its ledger is `rekey`, its object the end of the one
 * before, whose author is one more of our own. */
static bool predecessor(struct verify *v, uint64_t author, uint64_t *ret, struct err *e)
{
    uint8_t bytes[LEDGER_ROW_SIZE];
    struct ledger_row r = {.kind = LEDGER_OPEN};
    struct stmt *st = db_stmt(v->s->db,
                              "SELECT no, hash, sealed FROM ledger NOT INDEXED WHERE "
                              "author = ?1 ORDER BY no LIMIT 1",
                              e);
    if (!st)
        return false;
    stmt_set_int(st, 1, author);
    bool row, ok = stmt_step(st, &row, e);
    if (ok && row)
        ok = ledger_open(v->s, stmt_int(st, 0), stmt_bytes(st, 1), stmt_bytes(st, 2), bytes, e) &&
             ledger_row_decode(bytes, &r, e);
    stmt_done(st);
    *ret = 0;
    if (!ok || r.kind != LEDGER_REKEY || hash32_zero(&r.object))
        return ok;
    st = db_stmt(v->s->db, "SELECT author FROM ledger NOT INDEXED WHERE hash = ?1 LIMIT 1", e);
    if (!st)
        return false;
    stmt_set_bytes(st, 1, r.object.b, sizeof r.object.b);
    ok = stmt_step(st, &row, e);
    if (ok && row)
        *ret = stmt_int(st, 0);
    stmt_done(st);
    return ok;
}

static void find_own(struct verify *v)
{
    struct err e = {0};
    uint64_t author = v->s->now.head.author;
    while (author && !own_chain(v, author)) {
        v->own = mem_grow(v->own, v->n_own, &v->cap_own, sizeof *v->own);
        v->own[v->n_own++] = (struct own_chain){.author = author};
        if (!predecessor(v, author, &author, &e)) {
            if (e.kind->cls == ERR_COULD)
                verify_error(v, &e);
            err_clear(&e); /* a row that does not open is named by the walk that follows */
            return;
        }
    }
}

static void ledger_row(struct verify *v, struct stmt *st)
{
    uint8_t bytes[LEDGER_ROW_SIZE];
    struct err e = {0};
    struct ledger_row r;
    struct hash32 device;
    uint64_t no = stmt_int(st, 0), author = stmt_int(st, 1);
    if (!ledger_open(v->s, no, stmt_bytes(st, 2), stmt_bytes(st, 3), bytes, &e) ||
        !ledger_row_decode(bytes, &r, &e) || !verify_author(v, author, &device, &e)) {
        verify_error(v, &e);
        return;
    }
    struct hash32 hash = ledger_row_hash(&v->s->identity.survey, &device, bytes);
    struct str subject = {(const char *)r.subject.b, id16_zero(&r.subject) ? 0 : 16};
    if (!str_eq(stmt_bytes(st, 2), (struct str){(const char *)hash.b, 32}) ||
        !str_eq(stmt_bytes(st, 5), subject)) {
        row_fail(TABLE_LEDGER, no, &e);
        verify_error(v, &e);
        return;
    }
    struct own_chain *own = own_chain(v, author);
    if (own)
        own_row(v, own, no, &r, &hash);
    if (own || stmt_bytes(st, 4).n)
        detail(v, no, &r, stmt_bytes(st, 4));
}

static int by_uuid(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct id16));
}

/* An interview that the ledger says was begun must have an end, or be a draft. */
static void reconcile_begun(struct verify *v)
{
    struct buf line;
    if (v->n_begun)
        qsort(v->begun, v->n_begun, sizeof *v->begun, by_uuid);
    for (size_t i = 0; i < v->n_begun;) {
        struct id16 uuid = v->begun[i].uuid;
        int open = 0;
        for (; i < v->n_begun && id16_eq(&uuid, &v->begun[i].uuid); i++)
            open += v->begun[i].count;
        if (open == (draft_row_find(v->s, &uuid) ? 1 : 0))
            continue;
        buf_init(&line, 200);
        buf_add_z(&line, "interview ");
        uuid_add(&line, &uuid);
        buf_add_z(&line, " was begun, but it is neither ended nor a draft");
        verify_fault(v, line.p);
        buf_done(&line);
    }
}

static int by_hash(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct hash32));
}

bool verify_ledger(struct verify *v)
{
    const struct head *h = &v->s->now.head;
    find_own(v);
    if (!verify_numbered(v,
                         "SELECT no, author, hash, sealed, detail, subject FROM ledger NOT INDEXED "
                         "ORDER BY no",
                         ledger_row, COUNT_LEDGER, "ledger"))
        return false;
    if (v->own[0].seq != h->ledger_seq || !hash32_eq(&v->own[0].prev, &h->ledger_hash))
        verify_fault(v, "the ledger does not end where the head says");
    reconcile_begun(v);
    if (v->n_finals)
        qsort(v->finals, v->n_finals, sizeof *v->finals, by_hash);
    return true;
}
