/* What a store sends; see bundle.h. First a plan (which rows, which records, how many bytes), then the
 * file in one go: facts, then of each device its keys and its ledger rows up to each signed head, then
 * the records, so that a reader has met what proves a record before it meets the record, and with each record
 * its files, unless those are held where it goes. */
#include "sync/bundle/bundle.h"

#include <stdlib.h>

#include "sync/bundle/fact.h"
#include "sync/bundle/keyring.h"
#include "sync/bundle/kit_i.h"
#include "sync/bundle/record.h"
#include "sync/store/attach.h"

#define ROWS_PER_FRAME ((65536 - sizeof(struct hash32)) / LEDGER_ROW_SIZE)
#define ROWS_FRAME     (sizeof(struct hash32) + ROWS_PER_FRAME * LEDGER_ROW_SIZE)

/* ---- the plan ---- */

/* Rows by their numbers in the store: a chain lies there in few spans, whatever its length. */
struct span {
    uint64_t first, last;
};

struct run { /* rows of one device up to a head, the newest span first */
    struct ledger_head head;
    struct span *spans;
    size_t n_spans, cap_spans;
    uint64_t rows;
};

struct device_plan {
    struct device d;
    struct run *runs;
    size_t n_runs, cap_runs;
};

/* A set of hashes, open addressing: they are random already. */
struct set {
    struct hash32 *v;
    size_t n, cap; /* cap: a power of two */
};

/* A file that goes with a record: planned once, because what is written must be what was counted. */
struct planned_file {
    uint64_t record; /* the n-th that goes */
    struct id16 uuid;
    struct attachment x; /* without its name */
};

struct plan {
    struct store *s;
    bool all; /* again what was held and acknowledged, too */
    struct arena a;
    struct ack *acks;
    size_t n_acks;
    struct device_plan *devices;
    size_t n_devices, cap_devices;
    uint8_t *sent;              /* a bit a row of the store: it stands in a run */
    struct planned_file *files; /* ascending by record */
    size_t n_files, cap_files;
    struct set planned; /* what names each of them */
    struct set hollow;  /* records that lack a part: they stay */
    struct id16 hollow_of[BUNDLE_HOLLOW_NAMED];
    uint64_t records, rows, plain;
    struct err *e; /* of a callback that cannot return one */
    bool failed;
};

static void plan_done(struct plan *p)
{
    for (size_t i = 0; i < p->n_devices; i++) {
        for (size_t k = 0; k < p->devices[i].n_runs; k++)
            mem_free(p->devices[i].runs[k].spans);
        mem_free(p->devices[i].runs);
    }
    mem_free(p->devices);
    mem_free(p->sent);
    if (p->n_files)
        crypt_wipe(p->files, p->n_files * sizeof *p->files);
    mem_free(p->files);
    mem_free(p->planned.v);
    mem_free(p->hollow.v);
    arena_done(&p->a);
}

static void add_plain(struct plan *p, uint64_t body)
{
    p->plain += body + FRAME_PREFIX;
}

static bool load_acks(struct plan *p, struct err *e)
{
    struct buf b;
    bool there;
    if (p->all)
        return true;
    buf_init(&b, (size_t)16 << 20);
    bool ok = store_config_get(p->s, "acks", &b, &there, e);
    if (ok) {
        struct take t = take_from(buf_str(&b));
        p->acks = ARENA_ARRAY(&p->a, struct ack, b.n / ACK_SIZE + 1);
        while (ack_take(&t, &p->acks[p->n_acks]))
            p->n_acks++;
    }
    buf_done(&b);
    return ok;
}

static bool is_acked(const struct plan *p, const struct hash32 *device, const struct hash32 *row)
{
    for (size_t i = 0; i < p->n_acks; i++)
        if (hash32_eq(&p->acks[i].row_hash, row) && hash32_eq(&p->acks[i].device, device))
            return true;
    return false;
}

/* ---- rows ---- */

/* False: it is in a run already. */
static bool take_row(struct plan *p, struct run *run, uint64_t no)
{
    uint8_t *byte = &p->sent[no / 8], bit = (uint8_t)(1 << no % 8);
    if (*byte & bit)
        return false;
    *byte |= bit;
    run->rows++;
    if (run->n_spans && run->spans[run->n_spans - 1].first == no + 1) {
        run->spans[run->n_spans - 1].first = no;
        return true;
    }
    run->spans = mem_grow(run->spans, run->n_spans, &run->cap_spans, sizeof *run->spans);
    run->spans[run->n_spans++] = (struct span){no, no};
    return true;
}

/* From the head backwards to what is acknowledged, sent already, the beginning, or a gap. */
static bool walk_back(struct plan *p, struct run *run, struct err *e)
{
    struct hash32 at = run->head.row_hash;
    uint8_t bytes[LEDGER_ROW_SIZE];
    struct ledger_row row;
    uint64_t no = 0;
    while (!hash32_zero(&at) && !is_acked(p, &run->head.device, &at)) {
        no = no ? no - 1 : 0; /* where the one before lies, mostly */
        if (!store_row_find(p->s, &run->head.device, &at, &no, bytes, e))
            return false;
        if (!no || !take_row(p, run, no))
            break;
        if (!ledger_row_decode(bytes, &row, e))
            return false;
        at = row.prev;
    }
    uint64_t frames = (run->rows + ROWS_PER_FRAME - 1) / ROWS_PER_FRAME;
    p->rows += run->rows;
    p->plain += run->rows * LEDGER_ROW_SIZE + frames * (sizeof(struct hash32) + FRAME_PREFIX);
    add_plain(p, HEAD_SIZE);
    return true;
}

static bool add_head(void *ctx, const struct ledger_head *h)
{
    struct device_plan *d = ctx;
    d->runs = mem_grow(d->runs, d->n_runs, &d->cap_runs, sizeof *d->runs);
    d->runs[d->n_runs++] = (struct run){.head = *h};
    return true;
}

static int by_seq(const void *a, const void *b)
{
    const struct run *x = a, *y = b;
    if (x->head.seq != y->head.seq)
        return x->head.seq < y->head.seq ? -1 : 1;
    return memcmp(x->head.row_hash.b, y->head.row_hash.b, sizeof x->head.row_hash.b);
}

static bool plan_device(struct plan *p, struct device_plan *d, struct err *e)
{
    struct ledger_head own;
    bool ok = store_head_each(p->s, &d->d.device, add_head, d, e);
    if (ok && hash32_eq(&d->d.device, &store_identity(p->s)->device)) {
        ok = store_ledger_head(p->s, &own, e);
        if (ok && own.seq)
            add_head(d, &own);
    }
    if (ok && d->n_runs)
        qsort(d->runs, d->n_runs, sizeof *d->runs, by_seq);
    add_plain(p, DEVICE_SIZE);
    for (size_t i = 0; ok && i < d->n_runs; i++)
        ok = walk_back(p, &d->runs[i], e);
    return ok;
}

static bool add_device(void *ctx, const struct device *d)
{
    struct plan *p = ctx;
    p->devices = mem_grow(p->devices, p->n_devices, &p->cap_devices, sizeof *p->devices);
    p->devices[p->n_devices] = (struct device_plan){.d = *d};
    p->devices[p->n_devices++].d.label = (struct str){"", 0};
    return true;
}

/* ---- records and facts ---- */

/* A laptop sends what has no receipt; an office or supervisor what is not safe above it, and of what is erased
 * that it was there: whoever is above knows the same, whatever way it came. */
static bool goes(const struct plan *p, enum revision_state state)
{
    bool upward = store_identity(p->s)->kind == STORE_OFFICE, held = p->all || upward;
    return state == REVISION_PENDING || (upward && state == REVISION_ERASED) ||
           (held && (state == REVISION_HELD || state == REVISION_INCOMPLETE));
}

/* ---- files ---- */

static size_t set_at(const struct set *s, const struct hash32 *h)
{
    size_t i = (size_t)le64(h->b) & (s->cap - 1);
    while (!hash32_zero(&s->v[i]) && !hash32_eq(&s->v[i], h))
        i = (i + 1) & (s->cap - 1);
    return i;
}

static bool set_has(const struct set *s, const struct hash32 *h)
{
    return s->cap && hash32_eq(&s->v[set_at(s, h)], h);
}

static void set_add(struct set *s, const struct hash32 *h)
{
    if (s->n * 2 >= s->cap) {
        struct set bigger = {.cap = s->cap ? s->cap * 2 : 64};
        bigger.v = mem_calloc(bigger.cap, sizeof *bigger.v);
        for (size_t i = 0; i < s->cap; i++)
            if (!hash32_zero(&s->v[i]))
                bigger.v[set_at(&bigger, &s->v[i])] = s->v[i];
        bigger.n = s->n;
        mem_free(s->v);
        *s = bigger;
    }
    s->v[set_at(s, h)] = *h;
    s->n++;
}

struct listed_by {
    struct plan *p;
    const struct hash32 *c;
    struct err *e;
    bool found, failed;
};

/* Where it goes the record is held, and so is all that it lists. */
static bool is_held_there(const struct plan *p, enum revision_state state)
{
    return !p->all && (state == REVISION_SAFE ||
                       (state == REVISION_HELD && store_identity(p->s)->kind == STORE_FIELD));
}

static bool look_listed(void *ctx, const struct revision *r, enum revision_state state)
{
    struct listed_by *w = ctx;
    struct attachment_list l = {0};
    struct buf parts;
    if (!is_held_there(w->p, state))
        return true;
    buf_init(&parts, 2 * RECORD_PART_MAX);
    w->failed = !store_attachments_of(w->p->s, &r->rev_id, &parts, &l, w->e);
    w->found = !w->failed && attachment_list_find(&l, w->c);
    attachment_list_done(&l);
    buf_wipe_done(&parts);
    return !w->failed && !w->found;
}

static struct hash32 file_key(const struct id16 *uuid, const struct hash32 *c)
{
    uint8_t m[sizeof uuid->b + sizeof c->b];
    memcpy(m, uuid->b, sizeof uuid->b);
    memcpy(m + sizeof uuid->b, c->b, sizeof c->b);
    return crypt_hash((struct str){(const char *)m, sizeof m});
}

/* With an earlier record of this bundle, or of one before. */
static bool is_sent(struct plan *p, const struct id16 *uuid, const struct hash32 *c, bool *ret,
                    struct err *e)
{
    struct listed_by w = {.p = p, .c = c, .e = e};
    struct hash32 key = file_key(uuid, c);
    *ret = set_has(&p->planned, &key);
    if (*ret)
        return true;
    if (!store_revision_of(p->s, uuid, look_listed, &w, e) || w.failed)
        return false;
    *ret = w.found;
    if (!w.found)
        set_add(&p->planned, &key);
    return true;
}

static bool plan_file(struct plan *p, const struct id16 *uuid, const struct attachment *x,
                      struct err *e)
{
    bool held, sent;
    if (!store_attachment_held(p->s, uuid, &x->c, &held, e))
        return false;
    if (!held)
        return true; /* the one who has it sends it */
    if (!is_sent(p, uuid, &x->c, &sent, e))
        return false;
    if (sent)
        return true;
    p->files = mem_grow(p->files, p->n_files, &p->cap_files, sizeof *p->files);
    struct planned_file *f = &p->files[p->n_files++];
    *f = (struct planned_file){p->records, *uuid, *x};
    f->x.name = (struct str){"", 0};
    add_plain(p, sizeof x->c);
    p->plain += x->length + (x->length + ATTACHMENT_CHUNK - 1) / ATTACHMENT_CHUNK * FRAME_PREFIX;
    return true;
}

static bool plan_files(struct plan *p, const struct revision *r, struct err *e)
{
    struct attachment_list l = {0};
    struct buf parts;
    bool any;
    if (!store_attached(p->s, &r->uuid, &any, e))
        return false;
    if (!any)
        return true;
    buf_init(&parts, 2 * RECORD_PART_MAX);
    bool ok = store_attachments_of(p->s, &r->rev_id, &parts, &l, e);
    for (size_t i = 0; ok && i < l.n; i++)
        ok = plan_file(p, &r->uuid, &l.v[i], e);
    attachment_list_done(&l);
    buf_wipe_done(&parts);
    return ok;
}

static bool lacks_part(struct plan *p, const struct revision *r, uint8_t part, uint64_t size,
                       bool *ret, struct err *e)
{
    struct err why = {0};
    struct buf bytes;
    uint8_t salt[32];
    *ret = false;
    if (size > 0 || (part == 2 && hash32_zero(&r->c2)))
        return true;
    buf_init(&bytes, RECORD_PART_MAX);
    if (!store_revision_part(p->s, &r->rev_id, part, salt, &bytes, &why)) {
        *ret = err_is(&why, &ERR_PART_MISSING);
        if (!*ret && !err_is(&why, &ERR_PART_ERASED))
            *e = why;
    }
    crypt_wipe(salt, sizeof salt);
    buf_wipe_done(&bytes);
    return !e->kind;
}

/* A laptop has all of what it says it has, but what was erased; an office may wait for a part itself. */
static bool find_hollow(struct plan *p, const struct revision *r, const uint64_t size[2], bool *ret,
                        struct err *e)
{
    bool one = false, two = false;
    *ret = false;
    if (store_identity(p->s)->kind != STORE_FIELD)
        return true;
    if (!lacks_part(p, r, 1, size[0], &one, e) || !lacks_part(p, r, 2, size[1], &two, e))
        return false;
    *ret = one || two;
    if (!*ret)
        return true;
    if (p->hollow.n < BUNDLE_HOLLOW_NAMED)
        p->hollow_of[p->hollow.n] = r->uuid;
    set_add(&p->hollow, &r->rev_id);
    return true;
}

static bool plan_record(void *ctx, const struct revision *r, enum revision_state state,
                        struct str summary)
{
    struct plan *p = ctx;
    uint64_t size[2];
    bool hollow;
    (void)summary;
    if (!goes(p, state))
        return true;
    if (!store_revision_size(p->s, &r->rev_id, size, p->e) ||
        !find_hollow(p, r, size, &hollow, p->e)) {
        p->failed = true;
        return false;
    }
    if (hollow)
        return true;
    p->records++;
    add_plain(p, RECORD_FIXED_MAX + size[0] + size[1]);
    p->failed = !plan_files(p, r, p->e);
    return !p->failed;
}

static bool plan_fact(void *ctx, const struct hash32 *id, struct str bytes)
{
    (void)id;
    add_plain(ctx, bytes.n);
    return true;
}

static bool plan_tombstone(void *ctx, const struct tombstone *t)
{
    (void)t;
    add_plain(ctx, TOMBSTONE_SIZE);
    return true;
}

static bool each_fact(struct store *s,
                      bool (*each)(void *ctx, const struct hash32 *id, struct str bytes), void *ctx,
                      struct err *e)
{
    static const enum fact_kind kinds[] = FACT_SIGNED_KINDS;
    for (size_t i = 0; i < FACT_SIGNED_COUNT; i++)
        if (!store_fact_each(s, kinds[i], each, ctx, e))
            return false;
    return true;
}

static bool make_plan(struct plan *p, struct store *s, bool all, struct err *e)
{
    struct store_counts counts;
    *p = (struct plan){.s = s, .all = all, .e = e};
    arena_init(&p->a);
    if (!store_counts(s, &counts, e))
        return false;
    p->sent = mem_calloc(counts.ledger_rows / 8 + 1, 1);
    bool ok = load_acks(p, e) && each_fact(s, plan_fact, p, e) &&
              store_tombstone_each(s, plan_tombstone, p, e) &&
              store_device_each(s, add_device, p, e);
    for (size_t i = 0; ok && i < p->n_devices; i++)
        ok = claim_renew(s, &p->devices[i].d, e) && plan_device(p, &p->devices[i], e);
    return ok && store_revision_each(s, plan_record, p, e) && !p->failed;
}

/* ---- writing ---- */

struct writer {
    struct plan *p;
    struct envelope_out *o;
    struct buf body, parts;
    uint64_t records; /* written */
    size_t files;     /* written of those planned */
    struct err *e;
    bool failed;
};

static bool write_fact(void *ctx, const struct hash32 *id, struct str bytes)
{
    struct writer *w = ctx;
    (void)id;
    if (w->failed)
        return false; /* of the kind before */
    w->failed = !envelope_put(w->o, FRAME_FACT, bytes, w->e);
    return !w->failed;
}

static bool write_tombstone(void *ctx, const struct tombstone *t)
{
    struct writer *w = ctx;
    buf_clear(&w->body);
    tombstone_encode(t, &w->body);
    w->failed = !envelope_put(w->o, FRAME_TOMBSTONE, buf_str(&w->body), w->e);
    return !w->failed;
}

static bool put_rows(struct writer *w)
{
    bool ok = envelope_put(w->o, FRAME_ROWS, buf_str(&w->body), w->e);
    w->body.n = sizeof(struct hash32); /* whose they are */
    return ok;
}

static bool write_run(struct writer *w, const struct run *run)
{
    uint8_t row[LEDGER_ROW_SIZE];
    buf_clear(&w->body);
    buf_add(&w->body, run->head.device.b, sizeof run->head.device.b);
    for (size_t i = run->n_spans; i > 0; i--)
        for (uint64_t no = run->spans[i - 1].first; no <= run->spans[i - 1].last; no++) {
            if (!store_row_at(w->p->s, no, row, w->e))
                return false;
            buf_add(&w->body, row, sizeof row);
            if (w->body.n == ROWS_FRAME && !put_rows(w))
                return false;
        }
    if (w->body.n > sizeof(struct hash32) && !put_rows(w))
        return false;
    buf_clear(&w->body);
    head_encode(&run->head, &w->body);
    return envelope_put(w->o, FRAME_HEAD, buf_str(&w->body), w->e);
}

static bool write_device(struct writer *w, const struct device_plan *d)
{
    buf_clear(&w->body);
    device_encode(&d->d, &w->body);
    bool ok = envelope_put(w->o, FRAME_DEVICE, buf_str(&w->body), w->e);
    for (size_t i = 0; ok && i < d->n_runs; i++)
        ok = write_run(w, &d->runs[i]);
    return ok;
}

static bool write_chunk(void *ctx, struct str piece, struct err *e)
{
    struct writer *w = ctx;
    return envelope_put(w->o, FRAME_CHUNK, piece, e);
}

static bool write_files(struct writer *w)
{
    const struct plan *p = w->p;
    for (; w->files < p->n_files && p->files[w->files].record == w->records; w->files++) {
        const struct planned_file *f = &p->files[w->files];
        if (!envelope_put(w->o, FRAME_ATTACHMENT,
                          (struct str){(const char *)f->x.c.b, sizeof f->x.c.b}, w->e) ||
            !store_attachment_read(p->s, &f->uuid, &f->x, write_chunk, w, w->e))
            return false;
    }
    return true;
}

static bool write_record(void *ctx, const struct revision *r, enum revision_state state,
                         struct str summary)
{
    struct writer *w = ctx;
    struct record rec;
    (void)summary;
    if (!goes(w->p, state) || set_has(&w->p->hollow, &r->rev_id))
        return true;
    buf_clear(&w->body);
    buf_clear(&w->parts);
    w->failed = !record_gather(w->p->s, r, &rec, &w->parts, w->e);
    if (!w->failed) {
        record_encode(&rec, &w->body);
        w->records++;
        w->failed = !envelope_put(w->o, FRAME_RECORD, buf_str(&w->body), w->e) || !write_files(w);
    }
    return !w->failed;
}

static bool write_all(struct plan *p, struct envelope_out *o, struct err *e)
{
    struct writer w = {.p = p, .o = o, .e = e};
    buf_init(&w.body, (size_t)33 << 20);
    buf_init(&w.parts, 2 * RECORD_PART_MAX);
    bool ok = each_fact(p->s, write_fact, &w, e) && !w.failed;
    for (size_t i = 0; ok && i < p->n_devices; i++)
        ok = write_device(&w, &p->devices[i]);
    ok = ok && store_tombstone_each(p->s, write_tombstone, &w, e) && !w.failed;
    ok = ok && store_revision_each(p->s, write_record, &w, e) && !w.failed;
    buf_wipe_done(&w.body);
    buf_wipe_done(&w.parts);
    return ok && envelope_end(o, e);
}

/* ---- the envelope ---- */

static bool is_own_key(const struct keyring *k, const struct pk32 *pk)
{
    for (size_t i = 0; i < k->n; i++)
        if (pk32_eq(&k->keys[i].pk, pk))
            return true;
    return false;
}

/* The config's recipients but ourselves (a supervisor is one of them). */
static bool recipients(struct store *s, struct pk32 to[ENVELOPE_RECIPIENTS_MAX], uint32_t *ret_n,
                       struct err *e)
{
    struct arena a;
    struct config c;
    struct keyring k;
    uint32_t n = 0;
    if (!keyring_load(&k, s, e))
        return false;
    arena_init(&a);
    bool ok = kit_config(s, &c, &a, e);
    for (size_t i = 0; ok && i < c.n_recipients; i++) {
        if (is_own_key(&k, &c.recipients[i].x_pk))
            continue;
        if (n == ENVELOPE_RECIPIENTS_MAX)
            ok = err_fail2(e, ERR_LIMIT, "The number of recipients", "16");
        else
            to[n++] = c.recipients[i].x_pk;
    }
    if (ok && n == 0)
        ok = err_fail(e, ERR_NO_RECIPIENT);
    arena_done(&a);
    keyring_done(&k);
    *ret_n = n;
    return ok;
}

/* The claim on the kit rides in every bundle, not only until a receipt has come: an office that was put
 * back from an older backup must still be able to tell who we are. */
static void add_enrolment(const struct plan *p, struct envelope_new *n)
{
    for (size_t i = 0; i < p->n_devices; i++) {
        const struct device *d = &p->devices[i].d;
        if (id16_zero(&d->kit) || !hash32_eq(&d->device, &store_identity(p->s)->device))
            continue;
        n->has_enrol = true;
        n->enrol_kit = d->kit;
        n->enrol = d->claim;
    }
}

static bool write_file(struct plan *p, const char *path, int64_t now_ms, uint64_t seq,
                       struct bundle_written *w, struct envelope_out **ret, struct err *e)
{
    const struct store_identity *id = store_identity(p->s);
    struct pk32 to[ENVELOPE_RECIPIENTS_MAX];
    struct envelope_new n = {
        .kind = ENVELOPE_BUNDLE,
        .survey = id->survey,
        .incarnation = id->incarnation,
        .sender = id->ed_pk,
        .signing_key = store_signing_key(p->s),
        .seq = seq,
        .created_ms = now_ms,
        .records = p->records,
        .rows = p->rows,
        .plain = p->plain,
        .to = to,
    };
    struct buf full;
    if (!recipients(p->s, to, &n.n_to, e))
        return false;
    add_enrolment(p, &n);
    *w = (struct bundle_written){
        .seq = seq, .records = p->records, .rows = p->rows, .hollow = p->hollow.n};
    memcpy(w->hollow_of, p->hollow_of, sizeof w->hollow_of);
    envelope_name(&id->survey, &id->device, seq, "bundle", w->name);
    buf_init(&full, 1 << 16);
    path_in(path, w->name, &full);
    bool ok = envelope_begin(ret, full.p, &n, e);
    buf_done(&full);
    return ok && write_all(p, *ret, e);
}

/* Within a transaction: the ledger says first that it is sent, so that the head in the file covers it. */
static bool make(struct store *s, bool all, const char *path, int64_t now_ms,
                 struct bundle_written *w, struct envelope_out **ret, struct err *e)
{
    char detail[ERR_ARG_MAX];
    struct plan p;
    uint64_t seq;
    if (!counter_next(s, "count.bundle", &seq, e) ||
        !store_ledger_append(s, LEDGER_SENT, NULL, NULL, str_of(err_num(detail, (int64_t)seq)), e))
        return false;
    bool ok = make_plan(&p, s, all, e) && write_file(&p, path, now_ms, seq, w, ret, e);
    plan_done(&p);
    return ok;
}

static bool write_bundle(struct store *s, bool all, const char *path, int64_t now_ms,
                         struct bundle_written *ret, struct err *e)
{
    struct envelope_out *o = NULL;
    struct bundle_written w;
    bool ok = store_begin(s, e) && store_end(s, make(s, all, path, now_ms, &w, &o, e), e);
    /* Committed before it gets its name: a bundle in the world is never ahead of its own ledger. */
    ok = ok && envelope_publish(o, e);
    if (ok) {
        w.bytes = envelope_out_size(o);
        w.id = envelope_out_id(o);
        *ret = w;
    }
    envelope_out_free(o);
    return ok;
}

bool bundle_write(struct store *s, const char *path, int64_t now_ms, struct bundle_written *ret,
                  struct err *e)
{
    return write_bundle(s, false, path, now_ms, ret, e);
}

bool bundle_write_all(struct store *s, const char *path, int64_t now_ms, struct bundle_written *ret,
                      struct err *e)
{
    return write_bundle(s, true, path, now_ms, ret, e);
}

/* What doesn't compress, a seal on each chunk, and the header. */
bool bundle_bound(struct store *s, bool all, uint64_t *ret, struct err *e)
{
    struct plan p;
    bool ok = make_plan(&p, s, all, e);
    if (ok)
        *ret = p.plain + (p.plain >> 8) + (p.plain / STREAM_CHUNK + 1) * STREAM_OVERHEAD +
               ENVELOPE_HEADER_MAX;
    plan_done(&p);
    return ok;
}

static bool count_one(void *ctx, const struct revision *r, enum revision_state state,
                      struct str summary)
{
    struct plan *p = ctx;
    (void)r;
    (void)summary;
    p->records += goes(p, state);
    return true;
}

bool bundle_pending(struct store *s, uint64_t *ret, struct err *e)
{
    struct store_counts counts;
    struct plan p = {.s = s};
    if (store_identity(s)->kind == STORE_FIELD) {
        if (!store_counts(s, &counts, e))
            return false;
        *ret = counts.pending;
        return true;
    }
    if (!store_revision_each(s, count_one, &p, e))
        return false;
    *ret = p.records;
    return true;
}
