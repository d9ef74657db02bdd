/* One bundle into the store; see merge.h. The verification order is that of the security specification
 * §1.5 "Reading"; each record is proved as §1.4 says. */
#include "sync/merge/merge_i.h"

#include <time.h>

#include "sync/bundle/keyring.h"
#include "sync/bundle/record.h"
#include "sync/merge/attached.h"
#include "sync/merge/derive.h"

#define SUMMARY_BYTES ((size_t)4096)

struct merging {
    struct merge_ctx *m;
    struct store *s;
    struct derive *d;
    const struct envelope_header *header;
    const struct id16 *survey;
    struct merge_report part; /* of this file alone */
    struct merge_step before; /* its place among all */
    uint64_t size, taken;     /* bytes of the file; of its contents so far */
    unsigned frames;          /* since the clock was looked at */
    int64_t told_ms;          /* when `within` was told last */
    bool any_new, store_failed;
    bool revocations;
    bool erasures; /* a tombstone or certificate came: see what must be shredded */
    bool sender_seen;
    /* the device whose rows are coming, and the run of rows that a head must end */
    bool has_device;
    struct device device;
    bool in_run;
    struct ledger_row last;
    struct hash32 last_hash;
    struct waiting waiting; /* the record whose files are coming */
};

bool merge_report_adds_up(const struct merge_report *r)
{
    return r->files == r->merged + r->same_files + r->parked + r->refused &&
           r->records == r->new + r->same + r->newer + r->conflict + r->detached + r->foreign +
                             r->erased + r->quarantined;
}

/* A failure of the store itself, not of the file. */
static bool stored(struct merging *g, bool ok)
{
    if (!ok)
        g->store_failed = true;
    return ok;
}

/* ---- facts, forms, devices ---- */

static bool take_fact(struct merging *g, struct str body, struct err *e)
{
    struct fact f;
    bool fresh;
    if (!fact_decode(body, g->survey, &f, e))
        return false;
    if (f.kind == FACT_CONFIG)
        return true; /* the office's own word, never taken from below */
    if (!stored(g, fact_put(g->s, &f, &fresh, e)))
        return false;
    if (!fresh)
        return true;
    g->any_new = true;
    g->erasures = g->erasures || f.kind == FACT_CERTIFICATE;
    g->revocations = g->revocations || f.kind == FACT_REVOCATION;
    derive_note_fact(g->d, &f);
    return true;
}

/* From now on its laptop's word has 72 hours to be confirmed or held (decide_shred_due). */
static bool note_seen(struct merging *g, const struct tombstone *t, struct err *e)
{
    uint8_t when[8];
    bool fresh;
    struct hash32 id = tombstone_id(t, g->survey);
    put_le64(when, (uint64_t)g->m->now_ms);
    return stored(g, store_fact_put(g->s, FACT_SEEN, &id,
                                    (struct str){(const char *)when, sizeof when}, &fresh, e));
}

static bool take_tombstone(struct merging *g, struct str body, struct err *e)
{
    struct tombstone t;
    bool fresh;
    if (!tombstone_decode(body, &t, e) ||
        !stored(g, store_tombstone_put(g->s, &t, false, &fresh, e)))
        return false;
    if (!fresh)
        return true;
    g->any_new = g->erasures = true;
    derive_note_tombstone(g->d, &t);
    return note_seen(g, &t, e);
}

static bool take_form(struct merging *g, struct str body, struct err *e)
{
    struct arena a;
    struct form_files files;
    struct hash32 hash;
    arena_init(&a);
    bool ok =
        form_files_unpack(&files, body, &a, e) && stored(g, store_form_put(g->s, &files, &hash, e));
    arena_done(&a);
    return ok;
}

/* The sender's claim must be right; that of another device is kept as it is and judged when derived. */
static bool check_claim(struct merging *g, const struct device *dev, const struct kit_fact *kit,
                        struct err *e)
{
    struct buf m;
    buf_init(&m, 256);
    enrol_message(g->survey, &dev->kit, &dev->ed_pk, &dev->x_pk, &m);
    bool ok = crypt_verify(&kit->enrol_pk, &dev->claim, buf_str(&m));
    buf_done(&m);
    return ok || err_fail(e, ERR_ENROL_CLAIM);
}

static bool put_device(struct merging *g, struct device *dev, struct err *e)
{
    bool fresh;
    const struct kit_fact *kit = id16_zero(&dev->kit) ? NULL : derive_kit(g->d, &dev->kit);
    if (kit && pk32_eq(&dev->ed_pk, &g->header->sender) && !check_claim(g, dev, kit, e))
        return false;
    dev->label = derive_label(g->d, dev);
    bool ok = stored(g, store_device_put(g->s, dev, &fresh, e));
    dev->label = (struct str){"", 0};
    if (!ok || !fresh)
        return ok;
    g->any_new = true;
    derive_note_device(g->d, dev);
    if (id16_zero(&dev->kit))
        return true;
    g->part.devices_new++;
    g->part.contested += derive_enrolment(g->d, &dev->device) == ENROL_CONTESTED;
    return true;
}

static bool end_run(const struct merging *g, struct err *e)
{
    return !g->in_run || err_fail1(e, ERR_LEDGER_RUN, "rows without the head that signs them");
}

static bool take_device(struct merging *g, struct str body, struct err *e)
{
    if (!end_run(g, e) || !device_decode(body, &g->device, e) || !put_device(g, &g->device, e))
        return false;
    g->has_device = true;
    if (pk32_eq(&g->device.ed_pk, &g->header->sender))
        g->sender_seen = true;
    return true;
}

/* ---- ledger rows: a run, each the successor of the one before, ended by a signed head ---- */

/* A receipt that a laptop has applied, by its id. */
static bool check_receipt(struct merging *g, const struct ledger_row *row, struct err *e)
{
    struct buf b;
    bool ours = true;
    buf_init(&b, 64);
    bool ok = stored(g, store_fact_get(g->s, FACT_RECEIPT, &row->object, &b, &ours, e));
    buf_done(&b);
    g->part.receipts_unknown += !ours;
    return ok;
}

static bool take_row(struct merging *g, const uint8_t bytes[LEDGER_ROW_SIZE], struct err *e)
{
    struct ledger_row row;
    bool fresh;
    if (!ledger_row_decode(bytes, &row, e))
        return false;
    if (g->in_run && (!hash32_eq(&row.prev, &g->last_hash) || row.seq != g->last.seq + 1))
        return err_fail1(e, ERR_LEDGER_RUN, "a row that does not follow the one before");
    if (!stored(g, store_row_put(g->s, &g->device.device, bytes, &fresh, e)))
        return false;
    g->in_run = true;
    g->last = row;
    g->last_hash = ledger_row_hash(g->survey, &g->device.device, bytes);
    g->part.rows++;
    g->part.rows_new += fresh;
    g->any_new = g->any_new || fresh;
    return !fresh || row.kind != LEDGER_RECEIPT || check_receipt(g, &row, e);
}

static bool take_rows(struct merging *g, struct str body, struct err *e)
{
    struct take t = take_from(body);
    struct hash32 device;
    take_bytes(&t, device.b, sizeof device.b);
    if (!g->has_device || !hash32_eq(&device, &g->device.device))
        return err_fail1(e, ERR_LEDGER_RUN, "rows of a device that was not named");
    while (t.n > 0) {
        struct str row = take_str(&t, LEDGER_ROW_SIZE);
        if (t.bad || !take_row(g, (const uint8_t *)row.p, e))
            return e->kind ? false : err_fail(e, ERR_LEDGER_ROW);
    }
    return true;
}

static bool take_head(struct merging *g, struct str body, struct err *e)
{
    struct ledger_head h;
    bool fresh;
    if (!head_decode(body, &h, e))
        return false;
    if (!g->has_device || !hash32_eq(&h.device, &g->device.device))
        return err_fail1(e, ERR_LEDGER_RUN, "a head of a device that was not named");
    if (!ledger_head_verify(&h, g->survey, &g->device.ed_pk))
        return err_fail1(e, ERR_LEDGER_RUN, "a head that its device did not sign");
    if (g->in_run && (!hash32_eq(&h.row_hash, &g->last_hash) || h.seq != g->last.seq ||
                      !id16_eq(&h.incarnation, &g->last.incarnation)))
        return err_fail1(e, ERR_LEDGER_RUN, "a head that is not that of its rows");
    g->in_run = false;
    if (!stored(g, store_head_put(g->s, &h, &fresh, e)))
        return false;
    g->any_new = g->any_new || fresh;
    return true;
}

/* ---- records ---- */

static bool set_aside(struct merging *g, const struct revision *r, enum quarantine_reason why,
                      struct err *e)
{
    g->part.quarantined++;
    return stored(g, derive_set_aside(g->s, r, why, e));
}

/* What an eraser has forbidden is never written. */
static bool put_record(struct merging *g, const struct record *rec, const struct erased *erased,
                       bool *ret_new, struct err *e)
{
    struct buf summary;
    const struct part *one = rec->has1 && erased->confirmed != ERASE_ALL ? &rec->part1 : NULL;
    const struct part *two = rec->has2 && erased->confirmed == 0 ? &rec->part2 : NULL;
    enum revision_state state = erased->confirmed == ERASE_ALL ? REVISION_ERASED : REVISION_HELD;
    buf_init(&summary, SUMMARY_BYTES);
    if (g->m->index && one && (two || hash32_zero(&rec->r.c2) || erased->hidden >= ERASE_PII))
        g->m->index(g->m->index_ctx, &rec->r, one->bytes, two ? two->bytes : STR(""), &summary);
    if (g->m->index && one && summary.n == 0 && !stored(g, unindexed_note(g->s, &rec->r.form, e)))
        return false;
    bool ok = store_revision_put(g->s, &rec->r, one, two, state, buf_str(&summary), ret_new, e) &&
              (erased->hidden <= erased->confirmed || store_personal_gone(g->s, &rec->r.uuid, e));
    if (!ok && !err_is(e, &ERR_REVISION_INVALID))
        g->store_failed = true;
    buf_wipe_done(&summary);
    return ok;
}

static bool count_record(struct merging *g, const struct revision *r, struct err *e)
{
    enum standing st;
    if (!stored(g, derive_standing(g->d, r, &st, e)))
        return false;
    switch (st) {
    case STANDING_ERASED: g->part.erased++; break;
    case STANDING_QUARANTINED: return set_aside(g, r, QUARANTINE_REVOKED, e);
    case STANDING_FOREIGN: g->part.foreign++; break;
    case STANDING_DETACHED: g->part.detached++; break;
    case STANDING_CONFLICT: g->part.conflict++; break;
    case STANDING_CURRENT:
    case STANDING_OLD:
        if (r->n_parents)
            g->part.newer++;
        else
            g->part.new ++;
        break;
    }
    return true;
}

static bool settle_record(struct merging *g, struct record *rec, const struct erased *erased,
                          struct err *e)
{
    bool fresh;
    if (erased->confirmed == ERASE_ALL)
        rec->has1 = rec->has2 = false; /* nothing of it will be kept: it only counts */
    if (!put_record(g, rec, erased, &fresh, e)) {
        if (!err_is(e, &ERR_REVISION_INVALID)) /* a part that is not what the record's id says */
            return false;
        err_clear(e);
        return set_aside(g, &rec->r, QUARANTINE_CONTENTS, e);
    }
    g->any_new = g->any_new || fresh;
    if (fresh)
        return count_record(g, &rec->r, e);
    if (erased->hidden == ERASE_ALL)
        g->part.erased++;
    else
        g->part.same++;
    return true;
}

/* The record with its files, all that came of them. With a wrong one nothing is kept of either. */
static bool end_waiting(struct merging *g, struct err *e)
{
    struct waiting *w = &g->waiting;
    if (!w->there)
        return true;
    bool ok = attached_end(w, e);
    if (ok && w->wrong)
        ok = set_aside(g, &w->rec.r, QUARANTINE_CONTENTS, e) &&
             stored(g, store_attachments_sweep(g->s, &w->rec.r.uuid, e));
    else if (ok)
        ok = settle_record(g, &w->rec, &w->erased, e);
    g->any_new = g->any_new || (w->any && !w->wrong);
    attached_forget(w);
    return ok;
}

static bool take_record(struct merging *g, struct str body, struct err *e)
{
    struct record rec;
    struct erased erased;
    bool waits;
    if (!end_run(g, e) || !record_decode(body, g->survey, &rec, e) ||
        !stored(g, derive_erased(g->d, &rec.r.uuid, &erased, e)))
        return false;
    g->part.records++;
    if (!attached_wait(&g->waiting, body, &rec, &erased, g->survey, &waits, e))
        return false;
    return waits || settle_record(g, &rec, &erased, e);
}

static bool take_file(struct merging *g, bool head, struct str body, struct err *e)
{
    bool done = true;
    bool ok = head ? attached_head(&g->waiting, g->s, body, &done, e)
                   : attached_chunk(&g->waiting, body, &done, e);
    (void)stored(g, done);
    return ok;
}

#define FRAMES_A_LOOK 64 /* at the clock */

int64_t merge_clock_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* The header promises how large the contents are at most, and hardly more than they are. */
static void tell_within(struct merging *g, size_t frame)
{
    uint64_t all = g->header->plain;
    g->taken += frame;
    if (!g->m->within || ++g->frames < FRAMES_A_LOOK)
        return;
    g->frames = 0;
    int64_t now = merge_clock_ms();
    if (now - g->told_ms < g->m->within_ms)
        return;
    g->told_ms = now;
    struct merge_step so_far = g->before;
    double part = all ? (double)g->taken / (double)all : 0;
    so_far.read += (uint64_t)((part < 1 ? part : 1) * (double)g->size);
    so_far.records = g->part.records;
    g->m->within(g->m->within_ctx, &so_far);
}

static bool take_frame(void *ctx, enum frame_type type, struct str body, struct err *e)
{
    struct merging *g = ctx;
    tell_within(g, FRAME_PREFIX + body.n);
    if (type == FRAME_ATTACHMENT || type == FRAME_CHUNK)
        return take_file(g, type == FRAME_ATTACHMENT, body, e);
    if (!end_waiting(g, e))
        return false;
    switch (type) {
    case FRAME_ATTACHMENT:
    case FRAME_CHUNK: break;
    case FRAME_FACT: return take_fact(g, body, e);
    case FRAME_TOMBSTONE: return take_tombstone(g, body, e);
    case FRAME_FORM: return take_form(g, body, e);
    case FRAME_DEVICE: return take_device(g, body, e);
    case FRAME_ROWS: return take_rows(g, body, e);
    case FRAME_HEAD: return take_head(g, body, e);
    case FRAME_RECORD: return take_record(g, body, e);
    case FRAME_JOIN:
    case FRAME_RECEIPT:
    case FRAME_STATE:
    case FRAME_ASSIGNMENTS:
    case FRAME_ACK: break;
    }
    return err_fail1(e, ERR_ENVELOPE_FRAME, "a misplaced record"); /* the reader has refused it */
}

/* ---- one file ---- */

/* Known, certified, or with a claim on a kit of ours. */
static bool knows_sender(const struct merging *g)
{
    const struct envelope_header *h = g->header;
    return authority_may(derive_authority(g->d), &h->sender) != 0 ||
           derive_device_by_key(g->d, &h->sender) ||
           (h->has_enrol && derive_kit(g->d, &h->enrol_kit));
}

static bool check_header(struct merging *g, bool *ret_known, struct err *e)
{
    const struct envelope_header *h = g->header;
    if (h->kind != ENVELOPE_BUNDLE)
        return err_fail2(e, ERR_ENVELOPE_KIND, envelope_kind_name(h->kind), "bundle");
    if (!id16_eq(&h->survey, g->survey))
        return err_fail(e, ERR_ENVELOPE_SURVEY);
    *ret_known = knows_sender(g);
    return *ret_known || err_fail(e, ERR_SENDER_UNKNOWN);
}

struct shredding {
    struct merging *g;
    struct err *e;
    bool failed;
};

static bool shred_one(void *ctx, const struct tombstone *t)
{
    struct shredding *x = ctx;
    struct erased erased;
    bool fresh;
    x->failed = !derive_erased(x->g->d, &t->uuid, &erased, x->e) ||
                ((int)t->scope <= erased.confirmed &&
                 !store_tombstone_put(x->g->s, t, true, &fresh, x->e)) ||
                (erased.hidden > erased.confirmed && !store_personal_gone(x->g->s, &t->uuid, x->e));
    return !x->failed;
}

/* An eraser's word is done with the merge that brought it, or that brought the right to it. A laptop's own
 * hides at once, and what it has erased already is waited for no longer. */
static bool shred(struct merging *g, struct err *e)
{
    struct shredding x = {g, e, false};
    return stored(g, store_tombstone_each(g->s, shred_one, &x, e) && !x.failed);
}

static bool read_payload(struct merging *g, struct envelope_in *in, struct err *e)
{
    if (!envelope_frames(in, take_frame, g, e) || !end_waiting(g, e) || !end_run(g, e))
        return false;
    if (!g->sender_seen && !(authority_may(derive_authority(g->d), &g->header->sender)))
        return err_fail1(e, ERR_ENVELOPE_FRAME, "the sender's own keys are missing");
    if (g->revocations && !stored(g, derive_mark_revoked(g->d, e)))
        return false;
    return !g->erasures || shred(g, e);
}

static bool open_keys(struct merging *g, struct envelope_in *in, struct err *e)
{
    struct keyring k;
    if (!stored(g, keyring_load(&k, g->s, e)))
        return false;
    bool ok = envelope_unlock(in, k.keys, k.n, e);
    keyring_done(&k);
    return ok;
}

/* All of it within a transaction, which the caller ends. */
static bool take_envelope(struct merging *g, struct envelope_in *in, bool *ret_known, struct err *e)
{
    g->header = envelope_in_header(in);
    return check_header(g, ret_known, e) && envelope_check(in, e) && open_keys(g, in, e) &&
           read_payload(g, in, e);
}

static void report_add(struct merge_report *to, const struct merge_report *from)
{
    to->records += from->records;
    to->new += from->new;
    to->same += from->same;
    to->newer += from->newer;
    to->conflict += from->conflict;
    to->detached += from->detached;
    to->foreign += from->foreign;
    to->erased += from->erased;
    to->quarantined += from->quarantined;
    to->rows += from->rows;
    to->rows_new += from->rows_new;
    to->devices_new += from->devices_new;
    to->contested += from->contested;
    to->receipts_unknown += from->receipts_unknown;
}

/* ---- a run of files ---- */

static bool begin(struct merge_run *run, struct err *e)
{
    struct store *s = run->m->store;
    if (!run->d && !derive_open(&run->d, s, e))
        return false;
    if (!run->begun && !store_begin(s, e))
        return false;
    run->begun = true;
    return run->alone || store_part_begin(s, e);
}

/* Alone, a file that is not taken is undone with its transaction; else as a part of it. */
static bool end(struct merge_run *run, bool keep, struct err *e)
{
    if (!run->alone)
        return store_part_end(run->m->store, keep, e);
    if (!keep) {
        store_rollback(run->m->store);
        run->begun = false;
    }
    return true;
}

bool merge_run_commit(struct merge_run *run, struct err *e)
{
    struct store *s = run->m->store;
    bool any = run->any, erasures = run->erasures, begun = run->begun;
    run->begun = run->any = run->erasures = false;
    if (begun && !any)
        store_rollback(s);
    if (!begun || !any)
        return true;
    if (store_commit(s, e))
        return !erasures || store_settle(s, e);
    merge_run_done(run); /* what it has noted is undone */
    return false;
}

void merge_run_done(struct merge_run *run)
{
    if (run->begun)
        store_rollback(run->m->store);
    derive_free(run->d);
    *run = (struct merge_run){.m = run->m};
}

static void count_file(struct merge_report *r, enum merge_outcome outcome)
{
    r->files++;
    r->merged += outcome == MERGE_MERGED;
    r->same_files += outcome == MERGE_SAME;
    r->parked += outcome == MERGE_PARKED;
    r->refused += outcome == MERGE_REFUSED;
}

/* The file's part of the run is over. False: the store failed. */
static bool settle(struct merge_run *run, struct merging *g, bool taken, struct err *why,
                   struct err *e)
{
    if (!taken && g->store_failed) {
        *e = *why;
        err_clear(why);
        return false;
    }
    bool keep = taken && g->any_new;
    if (!end(run, keep, e))
        return false;
    if (!taken && g->any_new) { /* it has noted what is undone */
        derive_free(run->d);
        run->d = NULL;
    }
    run->any = run->any || keep;
    run->erasures = run->erasures || (keep && g->erasures);
    return true;
}

/* The office is to know that its word has not reached whoever has that laptop. */
static bool of_revoked(const struct merging *g)
{
    const struct device *d = derive_device_by_key(g->d, &g->header->sender);
    return d && derive_is_revoked(g->d, &d->device);
}

bool merge_one(struct merge_run *run, const char *path, struct merge_report *report,
               enum merge_outcome *ret_outcome, struct err *ret_why, struct err *e)
{
    struct envelope_in *in = NULL;
    struct merge_ctx *m = run->m;
    struct merging g = {.m = m,
                        .s = m->store,
                        .survey = &store_identity(m->store)->survey,
                        .before = run->before,
                        .told_ms = m->within ? merge_clock_ms() : 0};
    bool known = true;
    err_clear(ret_why);
    if (!begin(run, e)) {
        merge_run_done(run);
        return false;
    }
    g.d = run->d;
    bool taken = envelope_open(&in, path, ret_why);
    if (taken) {
        g.size = envelope_in_size(in);
        report->bytes += g.size;
        if (run->before.files == 0)
            g.before = (struct merge_step){.path = path, .at = 1, .files = 1, .size = g.size};
        taken = take_envelope(&g, in, &known, ret_why);
    }
    bool revoked = taken && of_revoked(&g);
    envelope_in_free(in);
    attached_forget(&g.waiting);
    if (!settle(run, &g, taken, ret_why, e)) {
        merge_run_done(run);
        return false;
    }
    *ret_outcome = !taken      ? known ? MERGE_REFUSED : MERGE_PARKED
                   : g.any_new ? MERGE_MERGED
                               : MERGE_SAME;
    count_file(report, *ret_outcome);
    if (*ret_outcome == MERGE_MERGED)
        report_add(report, &g.part);
    if (taken && revoked)
        err_fail(ret_why, ERR_SENDER_REVOKED);
    return true;
}

bool merge_file(struct merge_ctx *m, const char *path, struct merge_report *report,
                enum merge_outcome *ret_outcome, struct err *ret_why, struct err *e)
{
    struct merge_run run = {.m = m, .alone = true};
    struct merge_report before = *report;
    bool ok = merge_one(&run, path, report, ret_outcome, ret_why, e) && merge_run_commit(&run, e);
    if (!ok)
        *report = before;
    merge_run_done(&run);
    return ok;
}
