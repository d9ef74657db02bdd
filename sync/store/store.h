/* The store: one SQLite file that holds a laptop's or an office's survey; its contents are sealed
 * (security specification §1.1–1.4). SQLite sees ids, kinds and sizes only. Field and office stores have
 * one schema: facts (ledger rows, heads, revisions, devices), bodies under a key per interview, drafts
 * with their journals, forms, config. Every function is one durable transaction unless one is open
 * (store_begin); what it has returned true for is on the disk.
 *
 *   store.h      what others call           db.[ch]      SQLite, pragmas, statements (alone: sqlite3.h)
 *   schema.[ch]  tables                     migrate.[ch] older formats brought to the present one
 *   open.c       making, opening, closing   tx.c head.c row.c  transactions, the head, sealed rows
 *   slots.c      what a passphrase opens    recover.c rekey.c  a forgotten, a found-out passphrase
 *   config.c form.c  settings, forms        draft.c      drafts and their journals
 *   keys.c       keys of interviews         revision.c   records: rows, parts, states
 *   ledger.c     rows, chain, signed heads  detail.c     what stands beside a row
 *   facts.c      devices, heads, other facts
 *   erase.c      tombstones, shredding      lookup.c     all of one interview
 *   backup.c     copies, the state file     verify.c verify_chain.c  `cacah verify STORE`
 *
 * The store knows answers as bytes: an event, an XML, a list of pii values are opaque here. */
#ifndef SYNC_STORE_STORE_H
#define SYNC_STORE_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "forms/base/arena.h"
#include "forms/base/buf.h"
#include "forms/base/err.h"
#include "sync/crypt/crypt.h"
#include "sync/errors.h"

struct store;

enum store_kind { STORE_FIELD = 1, STORE_OFFICE = 2 };

/* ---- life ---- */

struct store_init {
    enum store_kind kind;
    struct id16 survey; /* practice: begins with 8 zero bytes (decisions.md 19) */
    const struct secret *passphrase;
    const struct secret *signing_seed; /* SS; NULL: drawn. Practice gives one from its seed */
    struct str user;                   /* the slot's name */
    /* Who may recover: sealed slots to these keys; zero: none. */
    struct pk32 office_recovery, paper_recovery;
    /* What belongs in it from the beginning, within the transaction that makes it; NULL: nothing. */
    bool (*fill)(void *ctx, struct store *s, struct err *e);
    void *fill_ctx;
};

/* Makes a new file, which has its name only when it is whole: nothing that stops the making, not even
 * a killed process, leaves one that is in the way of the next. (Refuses an existing one: ERR_STORE_EXISTS; mode 0600; opens it.) */
MUST_USE bool store_create(struct store **ret, const char *path, const struct store_init *init,
                           struct err *e);
/* Opens and unlocks: takes the writer's lock (ERR_STORE_BUSY names the holder), checks the schema's text
 * (ERR_STORE_SCHEMA), its version (ERR_STORE_NEWER), the slots' MAC and the head. ERR_PASSPHRASE when no
 * slot opens; ERR_STORE_MISSING, ERR_STORE_NOT (not a store of ours). */
MUST_USE bool store_open(struct store **ret, const char *path, const struct secret *passphrase,
                         struct err *e);
/* Beside a writer, without its lock, for status, doctor and verify: sees the state of this moment until it
 * is closed; whatever would write gives ERR_STORE_READ_ONLY. */
MUST_USE bool store_open_read(struct store **ret, const char *path, const struct secret *passphrase,
                              struct err *e);
/* The same to look for faults: one whose head finds something missing opens all the same, and store_verify
 * names it. Nothing of such a store is to be trusted before. */
MUST_USE bool store_open_check(struct store **ret, const char *path,
                               const struct secret *passphrase, struct err *e);
void store_close(struct store *s); /* wipes the keys; accepts NULL */

struct store_identity {
    enum store_kind kind;
    bool practice;
    struct id16 survey, store, incarnation;
    struct hash32 device; /* device_id */
    struct pk32 ed_pk, x_pk;
};
/* ---- slots: what opens the store (§1.1) ---- */

enum slot_kind { SLOT_USER = 1, SLOT_OFFICE = 2, SLOT_PAPER = 3 };

struct slot_info {
    uint64_t no;
    enum slot_kind kind;
    struct str name;      /* a user's; empty for recovery */
    struct kdf_cost cost; /* a user's */
    bool mine;            /* which opened the store */
};
MUST_USE bool store_slot_each(struct store *s, bool (*each)(void *ctx, const struct slot_info *i),
                              void *ctx, struct err *e);
/* One more user of this store, with all that its first has. ERR_SLOT_NAME (none, or more than a line),
 * ERR_SLOT_NAME_TAKEN; ERR_PASSPHRASE_TAKEN: another's, who could then not be told apart. */
MUST_USE bool store_slot_add(struct store *s, struct str name, const struct secret *passphrase,
                             struct err *e);
/* ERR_SLOT_LAST for the last user's; ERR_SLOT_UNKNOWN. Copies made before still open with it. */
MUST_USE bool store_slot_remove(struct store *s, uint64_t no, struct err *e);
/* Wraps the same secrets anew: copies made before still open with the old passphrase. Calibrated again,
 * never downward. Like all that destroys: true only once the old wrap is gone from the log too.
 * ERR_PASSPHRASE_TAKEN as for a new user; ERR_PASSPHRASE_SAME for the present one. */
MUST_USE bool store_passphrase_change(struct store *s, const struct secret *passphrase,
                                      struct err *e);
/* The passphrase was found out: a new MK and a new device key (ledger: `rekey`, to be certified by the
 * office as the successor), everything sealed anew. The other users' slots are gone; none of the
 * passphrases that opened it before is taken. */
MUST_USE bool store_rekey(struct store *s, const struct secret *passphrase, struct err *e);
/* Replaces the recovery slots: to these keys; zero: none. */
MUST_USE bool store_recovery_set(struct store *s, const struct pk32 *office,
                                 const struct pk32 *paper, struct err *e);
/* The keys that the recovery slots are sealed to; zero: none. */
MUST_USE bool store_recovery_get(struct store *s, struct pk32 *ret_office, struct pk32 *ret_paper,
                                 struct err *e);

/* Whether the slots are those of these keys (zero: none), as many as the keys; that they are unaltered since
 * has opening the store shown (their MAC). Whose key sealed bytes are for nobody without it can see: the key that
 * the store sealed them to stands in its settings. */
enum recovery_is { RECOVERY_FITS, RECOVERY_LACKS_SLOT, RECOVERY_OTHER_KEY };
MUST_USE bool store_recovery_check(struct store *s, const struct pk32 *office,
                                   const struct pk32 *paper, enum recovery_is *ret, struct err *e);

/* A forgotten passphrase: the recovery slot's sealed bytes and the store's id, without a key … */
MUST_USE bool store_recovery_slot(const char *path, enum slot_kind kind, struct id16 *ret_store,
                                  struct buf *out, bool *ret_there, struct err *e);
/* … opened by whoever has the key: MK … */
MUST_USE bool recovery_slot_open(const struct pk32 *pk, const struct secret *sk, struct str sealed,
                                 const struct id16 *store, struct secret **ret_mk, struct err *e);
/* … with which the laptop gets a new user slot and a new device key (`rekey`): MK never signs. The other users'
 * slots are gone: appended to `others` (may be NULL) with a line each. */
MUST_USE bool store_recover(struct store **ret, const char *path, const struct secret *mk,
                            struct str user, const struct secret *passphrase, struct buf *others,
                            struct err *e);

/* ---- a copy, and a whole older file put back ---- */

/* Writes a copy (refuses an existing file; ERR_NO_ROOM before it begins), opened and verified before it gets
 * its name. Ledger: backup. */
MUST_USE bool store_backup(struct store *s, const char *to, struct err *e);
/* Told while a backup is written (pages) and any store is verified (rows); NULL: nobody. */
typedef void (*store_progress)(void *ctx, bool checking, uint64_t done, uint64_t all);
void store_on_progress(struct store *s, store_progress told, void *ctx);
/* An office's records that are held become safe: the backup is on another medium. *ret counts them. */
MUST_USE bool store_mark_safe(struct store *s, uint64_t *ret, struct err *e);
/* Makes `path` (ERR_STORE_EXISTS) of a backup and opens it as a new incarnation. Ledger: restore. The
 * newest tombstones are to be put before anything is shown. */
MUST_USE bool store_restore(struct store **ret, const char *backup, const char *path,
                            const struct secret *passphrase, struct err *e);
/* Kept outside the store by the program, written when it locks and finalises: a store that knows fewer
 * commits than its state file was put back. */
struct store_state {
    uint64_t commits;
    struct hash32 mac;
};
void store_state(const struct store *s, struct store_state *ret);
enum store_state_is { STATE_FITS, STATE_FOREIGN /* not of this store */, STATE_ROLLED_BACK };
enum store_state_is store_state_check(const struct store *s, const struct store_state *state);

const struct store_identity *store_identity(const struct store *s);
const char *store_path(const struct store *s);
/* For sealing to and signing as this device (bundle/, merge/). Owned by the store. */
const struct secret *store_signing_key(const struct store *s);
const struct secret *store_box_key(const struct store *s);
/* A sub-key of MK by number and context, the caller's. */
struct secret *store_subkey(const struct store *s, uint64_t id, const char *context);

/* A practice store (only) may draw nonces of uuids and salts from a seed, so that equal seeds give equal
 * exports (decisions.md 20); keys and AEAD nonces stay random. NULL: random again. */
void store_practice_random(struct store *s, void (*random)(void *ctx, void *p, size_t n),
                           void *ctx);

/* The newest that came from the office and was applied (§1.8); kept in the head, so that older ones are
 * known as older. receipt_hash anchors the ledger's rows. */
struct store_marks {
    uint64_t config_seq;
    uint64_t receipt; /* number; 0: none yet */
    struct hash32 receipt_hash;
};
void store_marks(const struct store *s, struct store_marks *ret);
MUST_USE bool store_marks_set(struct store *s, const struct store_marks *m, struct err *e);

/* One transaction over several calls; nested begins are an error of the caller (assert). */
MUST_USE bool store_begin(struct store *s, struct err *e);
MUST_USE bool store_commit(struct store *s, struct err *e);
void store_rollback(struct store *s);
/* Commits when ok, else rolls back and returns false: `store_begin(s, e) && store_end(s, work(s, e), e)`. */
bool store_end(struct store *s, bool ok, struct err *e);
/* Within one: a part that is kept, or undone alone. False: all of it is lost, to be rolled back. What a part
 * changes of pages that were there before lies in memory until its end: for small ones. */
MUST_USE bool store_part_begin(struct store *s, struct err *e);
MUST_USE bool store_part_end(struct store *s, bool keep, struct err *e);

/* ---- config: sealed values by name ---- */

MUST_USE bool store_config_put(struct store *s, const char *name, struct str value, struct err *e);
/* False without error set in *ret_there: there is none. Appends to out. */
MUST_USE bool store_config_get(struct store *s, const char *name, struct buf *out, bool *ret_there,
                               struct err *e);

/* ---- forms: the bytes as shipped ---- */

struct form_file {
    struct str name;
    struct str bytes;
};
struct form_files {
    struct form_file form;
    const struct form_file *lists; /* external lists in order of name */
    size_t n_lists;
};

/* form_hash (decisions.md 4). */
struct hash32 form_files_hash(const struct form_files *f);
/* One byte string of all files, for frames and rows, and back (pointing into the bytes). */
bool form_files_pack(const struct form_files *f, struct buf *out);
MUST_USE bool form_files_unpack(struct form_files *ret, struct str bytes, struct arena *a,
                                struct err *e);

MUST_USE bool store_form_put(struct store *s, const struct form_files *f, struct hash32 *ret_hash,
                             struct err *e);
MUST_USE bool store_form_get(struct store *s, const struct hash32 *hash, struct form_files *ret,
                             struct arena *a, struct err *e); /* ERR_FORM_UNKNOWN */
MUST_USE bool store_form_each(struct store *s, bool (*each)(void *ctx, const struct hash32 *hash),
                              void *ctx, struct err *e); /* each returns false to stop */

/* ---- drafts and their journals ---- */

struct draft {
    struct id16 uuid;
    struct hash32 form;
    uint64_t events;
    int64_t began_ms, changed_ms; /* wall clock */
    struct hash32 parent;         /* the revision it corrects, or zero */
    struct str note; /* what the list shows; sealed, small (≤ 4 KiB), the caller's format */
};

/* A new draft with its first event (the start event: clock, seed, prefilled values). The ledger's `open`
 * row is written in the same transaction. For a correction `parent` names the revision and `uuid` is
 * kept; else the uuid is derived from the device key (§1.4). */
MUST_USE bool store_draft_begin(struct store *s, const struct hash32 *form,
                                const struct hash32 *parent, const struct id16 *parent_uuid,
                                int64_t now_ms, struct str event, struct str note,
                                struct id16 *ret_uuid, struct err *e);
/* Appends one sealed event and durably commits; `pii` chooses the key. note.p NULL: unchanged. */
MUST_USE bool store_draft_append(struct store *s, const struct id16 *uuid, bool pii, int64_t now_ms,
                                 struct str event, struct str note, struct err *e);
/* The same, and from here on the draft is on another form. Ledger: migrate. */
MUST_USE bool store_draft_migrate(struct store *s, const struct id16 *uuid,
                                  const struct hash32 *form, int64_t now_ms, struct str event,
                                  struct str note, struct err *e);
/* All events in order; checks the chain (ERR_JOURNAL_BROKEN names the first event that doesn't fit). Such a
 * draft takes nothing more; it can be ended or erased. */
MUST_USE bool store_draft_events(struct store *s, const struct id16 *uuid,
                                 bool (*each)(void *ctx, uint64_t n, bool pii, struct str event,
                                              struct err *e),
                                 void *ctx, struct err *e);
MUST_USE bool store_draft_each(struct store *s, bool (*each)(void *ctx, const struct draft *d),
                               void *ctx, struct err *e);
/* Ends the draft as a revision: parts sealed, ledger `final`, journal shredded with the draft, one
 * transaction. `summary`: what lists show (sealed, ≤ 4 KiB). */
struct revision_new {
    struct str part1; /* XML without pii + audit, packed by the caller */
    struct str part2; /* pii values and their audit; n 0: none */
    uint8_t outcome;
    struct str summary;
    int64_t now_ms;
};
MUST_USE bool store_draft_finalise(struct store *s, const struct id16 *uuid,
                                   const struct revision_new *r, struct hash32 *ret_rev,
                                   struct err *e);
MUST_USE bool store_draft_void(struct store *s, const struct id16 *uuid, struct str reason,
                               int64_t now_ms, struct err *e);

/* ---- the ledger (§1.3) ---- */

/* Numbers fixed for ever; FORMAT.md has the same list. */
enum ledger_kind {
    LEDGER_OPEN = 1,
    LEDGER_FINAL = 2,
    LEDGER_VOID = 3,
    LEDGER_ERASE = 4,
    LEDGER_SENT = 5,
    LEDGER_RECEIPT = 6,
    LEDGER_RESTORE = 7,
    LEDGER_REKEY = 8,
    LEDGER_NEWROOT = 9,
    LEDGER_CLOCK = 10,
    LEDGER_SLOT = 11,
    LEDGER_CONFIG = 12,
    LEDGER_MIGRATE = 13,
    LEDGER_REVIEW = 14,
    LEDGER_RETURN = 15,
    LEDGER_RESOLVE = 16,
    LEDGER_REVOKE = 17,
    LEDGER_EXPORT = 18,
    LEDGER_BACKUP = 19,
};

#define LEDGER_ROW_SIZE 186

struct ledger_row { /* decoded */
    enum ledger_kind kind;
    uint64_t seq;
    struct hash32 prev;
    struct id16 incarnation;
    int64_t wall_ms, monotonic_ms;
    struct hash32 anchor;
    struct id16 subject;
    struct hash32 object, detail;
};
void ledger_row_encode(const struct ledger_row *r, uint8_t ret[LEDGER_ROW_SIZE]);
MUST_USE bool ledger_row_decode(const uint8_t bytes[LEDGER_ROW_SIZE], struct ledger_row *ret,
                                struct err *e);
struct hash32 ledger_row_hash(const struct id16 *survey, const struct hash32 *device,
                              const uint8_t row[LEDGER_ROW_SIZE]);

struct ledger_head {
    struct hash32 device;
    struct id16 incarnation;
    uint64_t seq;
    struct hash32 row_hash;
    struct sig64 sig;
};
/* The uuid of an interview that `device` begins (§1.4); the nonce is in its ledger's `open` row. */
struct id16 uuid_derive(const struct hash32 *device, const uint8_t nonce[16]);
/* Whether the signature is the device's (§1.3). */
bool ledger_head_verify(const struct ledger_head *h, const struct id16 *survey,
                        const struct pk32 *ed_pk);
/* Appends a row of this device. `text` (may be empty) is kept sealed in its detail. */
MUST_USE bool store_ledger_append(struct store *s, enum ledger_kind kind,
                                  const struct id16 *subject, const struct hash32 *object,
                                  struct str text, struct err *e);
/* What stands sealed beside a row that this device, or the one that it was before new keys, wrote. */
struct ledger_detail {
    bool there;       /* false: destroyed with the interview's contents */
    struct id16 boot; /* which start of the machine it was; zero: unknown */
    uint64_t slot;    /* that had opened the store: a claim of who it was */
    struct str text;  /* a reason, a number, a place; may be empty */
};
/* `detail` NULL: another device's row. False to stop. */
typedef bool ledger_told(void *ctx, const struct hash32 *device, const struct ledger_row *r,
                         const struct ledger_detail *detail);
/* Every row held, in the order they came here. */
MUST_USE bool store_ledger_tell(struct store *s, ledger_told *each, void *ctx, struct err *e);
/* This device's head, signed now. seq 0 when the ledger is empty. */
MUST_USE bool store_ledger_head(struct store *s, struct ledger_head *ret, struct err *e);
/* Rows of a device in (incarnation, seq) order as stored, encoded. */
MUST_USE bool store_ledger_each(struct store *s, const struct hash32 *device,
                                bool (*each)(void *ctx, const struct hash32 *row_hash,
                                             const uint8_t row[LEDGER_ROW_SIZE]),
                                void *ctx, struct err *e);

/* ---- revisions (records) ---- */

#define REVISION_PARENTS_MAX 16

struct revision {
    struct hash32 rev_id;
    struct id16 uuid;
    struct hash32 device; /* that made it */
    struct hash32 form;
    uint8_t n_parents;
    struct hash32 parents[REVISION_PARENTS_MAX]; /* ascending */
    uint8_t outcome;
    struct hash32 c1, c2; /* salted commitments; c2 zero: no pii part */
};
/* rev_id as §1.4 computes it from the other fields. */
struct hash32 revision_id(const struct revision *r, const struct id16 *survey);
/* c = MAC(salt, T("cacah.part.1") ‖ u8 part ‖ le64 length ‖ bytes). */
struct hash32 part_commitment(const uint8_t salt[32], uint8_t part, struct str bytes);

/* Where it stands, for lists. */
enum revision_state {
    REVISION_PENDING, /* field: no receipt yet */
    REVISION_HELD,
    REVISION_SAFE,
    REVISION_ERASED,
    REVISION_QUARANTINED,
    REVISION_INCOMPLETE, /* a part of it has not come (and is not erased); set by the store alone */
};
#define REVISION_STATES 6

MUST_USE bool store_revision_each(struct store *s,
                                  bool (*each)(void *ctx, const struct revision *r,
                                               enum revision_state state, struct str summary),
                                  void *ctx, struct err *e); /* oldest first */
/* The same newest first, a piece at a time: from number *io_no downwards while `each` says so. *io_no is
 * then the one to go on from; begin with store_counts.revisions, 0 is the end. */
MUST_USE bool store_revision_back(struct store *s, uint64_t *io_no,
                                  bool (*each)(void *ctx, const struct revision *r,
                                               enum revision_state state, struct str summary),
                                  void *ctx, struct err *e);
/* Appends what lists show of it; nothing for one that is erased, or not there. */
/* Another in its place; nothing of one that is erased. */
MUST_USE bool store_revision_summary_put(struct store *s, const struct hash32 *rev_id,
                                         struct str summary, struct err *e);
MUST_USE bool store_revision_summary(struct store *s, const struct hash32 *rev_id, struct buf *out,
                                     struct err *e);
MUST_USE bool store_revision_get(struct store *s, const struct hash32 *rev_id, struct revision *ret,
                                 bool *ret_there, struct err *e);
/* The part with its salt: ERR_PART_ERASED when its key is shredded. Appends to out; wiped by the caller. */
MUST_USE bool store_revision_part(struct store *s, const struct hash32 *rev_id, uint8_t part,
                                  uint8_t ret_salt[32], struct buf *out, struct err *e);
MUST_USE bool store_revision_set_state(struct store *s, const struct hash32 *rev_id,
                                       enum revision_state state, struct err *e);

/* ---- facts that merge adds; each says whether it was new. Uniqueness is the database's. ---- */

struct device {
    struct hash32 device;
    struct pk32 ed_pk, x_pk;
    struct id16 kit;    /* whose enrolment claim it carries; zero: none (this store itself) */
    struct sig64 claim; /* enrol signature */
    struct str label;   /* sealed; what people call the laptop; may be empty */
};
/* H(T("cacah.dev.1") ‖ ed_pk ‖ x_pk) */
struct hash32 device_id(const struct pk32 *ed, const struct pk32 *x);
/* ERR_DEVICE_ID when `device` is not the hash of the keys. */
MUST_USE bool store_device_put(struct store *s, const struct device *d, bool *ret_new,
                               struct err *e);
MUST_USE bool store_device_by_key(struct store *s, const struct pk32 *ed_pk, struct device *ret,
                                  struct arena *a, bool *ret_there, struct err *e);
MUST_USE bool store_device_each(struct store *s, bool (*each)(void *ctx, const struct device *d),
                                void *ctx, struct err *e);
MUST_USE bool store_row_put(struct store *s, const struct hash32 *device,
                            const uint8_t row[LEDGER_ROW_SIZE], bool *ret_new, struct err *e);
/* The row by its hash; false in *ret_there: not held. */
MUST_USE bool store_row_get(struct store *s, const struct hash32 *device,
                            const struct hash32 *row_hash, uint8_t ret[LEDGER_ROW_SIZE],
                            bool *ret_there, struct err *e);
/* The same with its number: rows are numbered from 1 in the order they came here, so that many of them are
 * few spans. *io_no: where to look first (0: nowhere); then where it is, 0: not held. */
MUST_USE bool store_row_find(struct store *s, const struct hash32 *device,
                             const struct hash32 *row_hash, uint64_t *io_no,
                             uint8_t ret[LEDGER_ROW_SIZE], struct err *e);
/* One that was found. */
MUST_USE bool store_row_at(struct store *s, uint64_t no, uint8_t ret[LEDGER_ROW_SIZE],
                           struct err *e);
MUST_USE bool store_head_put(struct store *s, const struct ledger_head *h, bool *ret_new,
                             struct err *e);
MUST_USE bool store_head_each(struct store *s, const struct hash32 *device,
                              bool (*each)(void *ctx, const struct ledger_head *h), void *ctx,
                              struct err *e);
/* A revision of another device with its parts (salt + bytes), sealed anew under this store's keys of that
 * interview. A part may be NULL: there is none, it is erased, or it has not come; in the last case the
 * revision is incomplete until a later call brings it. *ret_new: something was added. */
struct part {
    uint8_t salt[32];
    struct str bytes;
};
MUST_USE bool store_revision_put(struct store *s, const struct revision *r,
                                 const struct part *part1, const struct part *part2,
                                 enum revision_state state, struct str summary, bool *ret_new,
                                 struct err *e);

/* Other signed facts, as bytes by kind and id: what they mean and whether they hold is merge's. Kinds are
 * fixed for ever. */
enum fact_kind {
    FACT_TOMBSTONE = 1,
    FACT_CERTIFICATE = 2,
    FACT_CLAIM = 3,
    FACT_REVIEW = 4,
    FACT_RETURN = 5,
    FACT_REVOCATION = 6,
    FACT_RECEIPT = 7,
    FACT_ENROLMENT = 8,
    FACT_HOLD = 9,
    FACT_KIT = 10,
    FACT_CONFIG = 11,
    FACT_QUARANTINE = 128, /* from here on: of this store alone */
    FACT_SEEN = 129,       /* when a tombstone came here: le64 ms under its id */
};
#define STORE_FACT_MAX ((size_t)1 << 20)
MUST_USE bool store_fact_put(struct store *s, enum fact_kind kind, const struct hash32 *id,
                             struct str bytes, bool *ret_new, struct err *e);
/* Appends to out. */
MUST_USE bool store_fact_get(struct store *s, enum fact_kind kind, const struct hash32 *id,
                             struct buf *out, bool *ret_there, struct err *e);
MUST_USE bool store_fact_each(struct store *s, enum fact_kind kind,
                              bool (*each)(void *ctx, const struct hash32 *id, struct str bytes),
                              void *ctx, struct err *e);

/* ---- erasing (§1.7) ---- */

enum erase_scope { ERASE_PII = 1, ERASE_ALL = 2 };

struct tombstone {
    struct id16 uuid;
    enum erase_scope scope;
    struct hash32 signer; /* device_id */
    struct hash32 row;    /* hash of the signer's `erase` row, whose object is the tombstone's id */
};
struct hash32 tombstone_id(const struct tombstone *t, const struct id16 *survey);
/* A respondent's right: the interview's keys are destroyed, an open draft of it ends, the ledger says so,
 * a tombstone stays. True only when the keys are gone from the log as well; after a failure it may be
 * called again. Not inside store_begin. */
MUST_USE bool store_erase(struct store *s, const struct id16 *uuid, enum erase_scope scope,
                          int64_t now_ms, struct tombstone *ret, struct err *e);
/* Another's tombstone as a fact; `shred`: with its effect, for every revision of the uuid that there is
 * or that will come. Once the transaction is through, store_settle. */
MUST_USE bool store_tombstone_put(struct store *s, const struct tombstone *t, bool shred,
                                  bool *ret_new, struct err *e);
/* Its own laptop has erased what is personal: its records that lack nothing else are whole as they are. Within
 * a transaction. */
MUST_USE bool store_personal_gone(struct store *s, const struct id16 *uuid, struct err *e);
MUST_USE bool store_tombstone_each(struct store *s,
                                   bool (*each)(void *ctx, const struct tombstone *t), void *ctx,
                                   struct err *e);
/* Destroys the contents of an interview that the office holds safely: false in *ret_done, and nothing
 * done, while a revision of it is not safe or a draft is open. */
MUST_USE bool store_purge(struct store *s, const struct id16 *uuid, bool *ret_done, struct err *e);
/* The same for every interview whose records became safe before that moment; *ret counts. */
MUST_USE bool store_purge_due(struct store *s, int64_t before_ms, uint64_t *ret, struct err *e);
/* Empties the write-ahead log: what was destroyed is then gone from there too. ERR_STORE_LOCKED while
 * another process reads the store. */
MUST_USE bool store_settle(struct store *s, struct err *e);

/* ---- one interview, by its uuid: all that is known of it ---- */

MUST_USE bool store_ledger_of(struct store *s, const struct id16 *uuid,
                              bool (*each)(void *ctx, const struct hash32 *device,
                                           const struct hash32 *row_hash,
                                           const uint8_t row[LEDGER_ROW_SIZE]),
                              void *ctx, struct err *e);
MUST_USE bool store_revision_of(struct store *s, const struct id16 *uuid,
                                bool (*each)(void *ctx, const struct revision *r,
                                             enum revision_state state),
                                void *ctx, struct err *e);
/* At most so many bytes in a record's parts, without opening them; 0 for one that is erased. */
MUST_USE bool store_revision_size(struct store *s, const struct hash32 *rev_id, uint64_t ret[2],
                                  struct err *e);

/* ---- counts and checks ---- */

struct store_counts {
    uint64_t drafts, revisions, pending, devices, ledger_rows, forms;
};
MUST_USE bool store_counts(struct store *s, struct store_counts *ret, struct err *e);
/* Rises with whatever is written: as long as it is the same, so is what was read. */
uint64_t store_changes(const struct store *s);
/* After a walk over much that will not be read again soon: the pages kept of it go back to the system. */
void store_trim(struct store *s);
/* Walks everything in rowid order, opens and checks it, reconciles with the head, then SQLite's own
 * integrity check. Says each fault through `say`; *ret_faults counts them. */
MUST_USE bool store_verify(struct store *s, void (*say)(void *ctx, struct str line), void *ctx,
                           uint64_t *ret_faults, struct err *e);
/* Without a key: whether the file is a store, of which survey and kind, how large (doctor, verify). */
struct store_peek {
    struct id16 survey, store;
    enum store_kind kind;
    uint32_t version;
    uint64_t bytes, drafts, revisions, ledger_rows;
    struct hash32 device; /* that wrote last; zero: none */
};
MUST_USE bool store_peek(const char *path, struct store_peek *ret, struct err *e);

#endif
