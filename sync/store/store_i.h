/* What the files of sync/store share: the store in memory, its transaction, sealed rows.
 *
 * In memory are the keys, the head, the rows of the drafts and the versions of config: a transaction
 * changes these and the file together, and puts them back from `before` when it is undone, a part of it from
 * `before_part`. */
#ifndef SYNC_STORE_STORE_I_H
#define SYNC_STORE_STORE_I_H

#include "sync/io/io.h"
#include "sync/store/db.h"
#include "sync/store/schema.h"
#include "sync/store/sections.h"
#include "sync/store/store.h"

/* ---- limits (security specification §1.9) ---- */

#define NOTE_MAX      ((size_t)4096)
#define EVENT_MAX     ((size_t)1 << 20)
#define EVENT_BLOCK   64 /* events are padded to a multiple of this */
#define EVENTS_MAX    (((uint64_t)1 << 24) - 1)
#define PART_MAX      ((size_t)16 << 20)
#define DETAIL_MAX    ((size_t)64 << 10)
#define CONFIG_MAX    ((size_t)16 << 20)
#define FORM_PACK_MAX ((size_t)320 << 20)
#define LABEL_MAX     ((size_t)1024)
#define SLOTS_MAX     32
#define SLOT_NAME_MAX ((size_t)200)
#define WRAP_SIZE     72

/* ---- the head: one sealed row, written in every transaction ---- */

/* Tables whose rows are numbered without a gap; their lengths are in the head. */
enum counted {
    COUNT_WRAP,
    COUNT_FORM,
    COUNT_AUTHOR,
    COUNT_LEDGER,
    COUNT_SIGNED,
    COUNT_DEVICE,
    COUNT_REVISION,
    COUNT_STATE,
    COUNT_FACT,
    COUNT_ATTACHMENT,
    COUNTED
};

struct head {
    uint64_t commits;
    struct id16 survey, incarnation;
    uint64_t kind;
    uint64_t author;     /* this device's number */
    uint64_t ledger_row; /* where its last ledger row is; 0: none */
    uint64_t ledger_seq;
    struct hash32 ledger_hash;
    struct store_marks marks;
    uint64_t drafts_begun; /* the highest number given to a draft */
    uint64_t slots_given;  /* … to a slot */
    uint64_t pending;
    uint64_t rows[COUNTED];
    struct hash32 slots, config, drafts; /* MAC over the slots; hashes over (row, version) */
};

struct draft_row {
    uint64_t no, version;
    uint64_t interview; /* its row in wrap */
    struct id16 uuid;
    struct hash32 form, parent;
    uint64_t events;
    struct hash32 chain_before, chain; /* C(n-1), C(n) */
    int64_t began_ms, changed_ms;
    uint64_t note_version;
    bool broken; /* its journal does not end where this says: found at opening */
};

struct config_row {
    uint64_t id, version;
    uint8_t name[16]; /* keyed hash */
};

struct memory {
    struct head head;
    struct draft_row *drafts; /* ascending by no */
    size_t n_drafts, cap_drafts;
    struct config_row *config; /* ascending by id */
    size_t n_config, cap_config;
};

enum tx { TX_NONE, TX_SINGLE, TX_OPEN, TX_BROKEN };

struct store {
    struct db *db;
    char *path;
    struct io_lock lock;
    bool read_only;
    bool checking; /* opened to be verified: what the head finds missing is for the walk to name */
    struct store_identity identity;
    void (*practice_random)(void *ctx, void *p, size_t n);
    void *practice_ctx;

    struct secret *mk, *seed; /* seed: SS */
    struct secret *sign, *box;
    struct secret *key_slots, *key_rows, *key_wraps, *key_lookup;
    /* The keys of the interview used last. */
    struct secret *ik, *pk;
    uint64_t slot;    /* which opened it */
    struct id16 boot; /* which start of the machine this is; zero: unknown */
    uint64_t keys_of; /* row in wrap; 0: none */
    bool ik_there, pk_there;

    /* What a merge asks for again and again, as long as nothing was undone. The interview and the device that
     * were asked for last (0: none, or one without a number); the record that was added last. */
    uint64_t interview_no;
    struct id16 interview_uuid;
    uint64_t author_no;
    struct hash32 author_device;
    struct added {
        bool only; /* of its interview */
        uint64_t interview, no;
        struct revision r;
        enum revision_state first;
    } added;

    enum tx tx;
    bool in_part;
    struct memory now, before, before_part;
    /* States that changed after a record came in, by its number; read when first asked for. */
    uint8_t *states;
    size_t n_states;
    bool states_read;

    store_progress told;
    void *told_ctx;
};

/* ---- opening (open.c) ---- */

struct store *store_new(const char *path);
MUST_USE bool store_lock(struct store *s, struct err *e);
/* By SQLite's own header, before SQLite is let near the file. */
MUST_USE bool store_check_file(const char *path, uint32_t *ret_version, uint64_t *ret_size,
                               struct err *e);
/* Of the database that is open in s: schema, identity, slots, head. The key is a passphrase or MK. */
MUST_USE bool store_read(struct store *s, const struct secret *passphrase, const struct secret *mk,
                         struct err *e);
MUST_USE bool read_identity(struct db *db, struct store_identity *id, struct err *e);

/* All sub-keys and the identity's keys from mk and seed. */
void store_derive(struct store *s);
void store_forget_keys(struct store *s); /* all of these */
/* path + suffix, the caller's. */
char *path_with(const char *path, const char *suffix);
/* For what an export may show (nonces of uuids, salts): a practice store may draw it from its seed. */
void store_random(struct store *s, void *p, size_t n);

/* ---- transactions (tx.c) ---- */

/* Every writing function: `if (!tx_enter(s, e)) return false; return tx_leave(s, work(…), e);` */
MUST_USE bool tx_enter(struct store *s, struct err *e);
/* Seals the head and commits, or undoes. Inside store_begin: only notes a failure. */
bool tx_leave(struct store *s, bool ok, struct err *e);

/* ---- sealed rows (row.c) ---- */

#define ROW_AD_SIZE 52
struct str row_ad(const struct store *s, enum table_no table, uint64_t row, uint64_t version,
                  uint8_t ad[ROW_AD_SIZE]);
/* Appends to out, whose maximum must allow it. */
void row_seal(const struct store *s, const struct secret *key, enum table_no table, uint64_t row,
              uint64_t version, struct str plain, struct buf *out);
/* ERR_STORE_DAMAGED naming table and row. Appends to out. */
MUST_USE bool row_open(const struct store *s, const struct secret *key, enum table_no table,
                       uint64_t row, uint64_t version, struct str sealed, struct buf *out,
                       struct err *e);
bool row_fail(enum table_no table, uint64_t row, struct err *e);
/* "table:row" for messages */
const char *row_name(enum table_no table, uint64_t row, char ret[ERR_ARG_MAX]);

/* ---- head (head.c) ---- */

MUST_USE bool head_read(struct store *s,
                        struct err *e); /* head, drafts, config versions; checked */
/* What opening checks of the store against its head, one after another; the first ones no walk repeats. */
#define HEAD_CHECKS   5
#define HEAD_VERSIONS 3
MUST_USE bool head_check(struct store *s, unsigned i, struct err *e);
MUST_USE bool head_write(struct store *s, struct err *e);
void memory_copy(struct memory *to, const struct memory *from);
void memory_done(struct memory *m);
/* The row of a draft with (and after) a change: sealed with the next version. note.p NULL: as it was. */
MUST_USE bool draft_row_write(struct store *s, struct draft_row *d, struct str note, struct err *e);
struct draft_row *draft_row_find(struct store *s, const struct id16 *uuid);
MUST_USE bool draft_row_delete(struct store *s, struct draft_row *d, struct err *e);

/* ---- keys of interviews (keys.c) ---- */

/* Row in wrap, or 0. */
MUST_USE bool keys_find(struct store *s, const struct id16 *uuid, uint64_t *ret_no, struct err *e);
/* The interview's keys, loaded; made when it is new, made again when they were purged. What a tombstone
 * has destroyed stays destroyed: s->ik_there, s->pk_there tell. */
MUST_USE bool keys_for(struct store *s, const struct id16 *uuid, uint64_t *ret_no, struct err *e);
/* Makes both keys for a new interview. */
MUST_USE bool keys_new(struct store *s, const struct id16 *uuid, uint64_t *ret_no, struct err *e);
/* Into s->ik and s->pk; s->ik_there, s->pk_there: not shredded. */
MUST_USE bool keys_load(struct store *s, uint64_t no, struct err *e);
/* The same, and whose they are. */
MUST_USE bool keys_load_of(struct store *s, uint64_t no, struct id16 *ret_uuid, struct err *e);
MUST_USE bool keys_shred(struct store *s, uint64_t no, bool ik, bool pk, struct err *e);
void keys_forget(struct store *s);
/* Both keys of an interview, wrapped under `old`, wrapped again under s->key_wraps. */
MUST_USE bool keys_rewrap(struct store *s, const struct secret *old, uint64_t no, struct err *e);

/* ---- the journal's chain (draft.c), also walked by verify ---- */

struct hash32 chain_start(const struct store *s, const struct id16 *uuid);
struct hash32 chain_next(const struct hash32 *before, uint64_t n, bool pii, struct str sealed);
#define JOURNAL_AT(draft, n) (((draft) << 24) + (n))

/* ---- ledger (ledger.c) ---- */

MUST_USE bool author_number(struct store *s, const struct hash32 *device, uint64_t *ret,
                            struct err *e); /* 0: unknown */
MUST_USE bool author_device(struct store *s, uint64_t no, struct hash32 *ret, struct err *e);
MUST_USE bool author_make(struct store *s, const struct hash32 *device, uint64_t *ret,
                          struct err *e);
/* Within a transaction; wall_ms as given. */
MUST_USE bool ledger_add(struct store *s, enum ledger_kind kind, int64_t wall_ms,
                         const struct id16 *subject, const struct hash32 *object, struct str text,
                         struct err *e);

/* Within a transaction, before the device changes: its last head goes among the signed ones. */
MUST_USE bool ledger_close(struct store *s, struct err *e);

int64_t wall_clock_ms(void);
/* The row behind its seal; hash: what the index says. */
MUST_USE bool ledger_open(struct store *s, uint64_t no, struct str hash, struct str sealed,
                          uint8_t ret[LEDGER_ROW_SIZE], struct err *e);

/* ---- what stands beside a row of this device's own (detail.c) ---- */

struct id16 boot_id(void);
/* Appends it, sealed, to out; its commitment into *ret. */
void detail_seal(struct store *s, uint64_t no, struct str text, struct buf *out,
                 struct hash32 *ret);
/* Checked against the row's commitment; ret->text points into *plain. */
MUST_USE bool detail_open(struct store *s, uint64_t no, const struct hash32 *commitment,
                          struct str sealed, struct buf *plain, struct ledger_detail *ret,
                          struct err *e);
bool detail_destroyed(struct str sealed);
/* Within a transaction: those of an interview that have a text. */
MUST_USE bool details_destroy(struct store *s, const struct id16 *uuid, struct err *e);

/* ---- revisions (revision.c) ---- */

/* Whether any record belongs to that row of wrap. */
MUST_USE bool revision_of_interview(struct store *s, uint64_t interview, bool *ret, struct err *e);

/* Within a transaction: the row and its parts. part2 NULL: none. */
MUST_USE bool revision_add(struct store *s, const struct revision *r, uint64_t interview,
                           const struct part *part1, const struct part *part2,
                           enum revision_state state, struct str summary, struct err *e);

MUST_USE bool revision_open(struct store *s, uint64_t no, struct str id, struct str sealed,
                            struct revision *ret, enum revision_state *ret_state, struct err *e);
MUST_USE bool states_load(struct store *s, struct err *e);
/* The state now, of a record that came in as `first`. */
enum revision_state state_now(const struct store *s, uint64_t no, enum revision_state first);
MUST_USE bool part_exists(struct store *s, uint64_t revision, uint8_t part, bool *ret,
                          struct err *e);
/* When each record's state changed last, by its number (0: as it came in). */
MUST_USE bool states_since(struct store *s, int64_t *ret, struct err *e);
/* Within a transaction, states loaded. */
MUST_USE bool state_change(struct store *s, uint64_t no, enum revision_state to, struct err *e);
MUST_USE bool revision_read(struct store *s, uint64_t no, struct revision *ret,
                            enum revision_state *ret_first, struct err *e);
MUST_USE bool part_read(struct store *s, uint64_t no, uint8_t part, uint8_t ret_salt[32],
                        struct buf *out, struct err *e);
#define PART_NO(revision, part) ((revision)*2 + (part)-1)

/* Within a transaction, states loaded: those of the interview that were incomplete and lack nothing now are
 * held. */
MUST_USE bool revisions_complete(struct store *s, uint64_t interview, struct err *e);
/* The numbers of an interview's records; the caller frees. */
MUST_USE bool revisions_of(struct store *s, uint64_t interview, uint64_t **ret, size_t *ret_n,
                           struct err *e);

/* ---- attached files (attach.c) ---- */

struct attachment_row {
    uint64_t no, interview, length;
    bool pii;
    struct hash32 c;
};
#define CHUNK_AT(no) ((no) << 8)
#define CHUNK_NO(at) ((at) >> 8)
#define CHUNK_I(at)  ((at)&255)
/* Columns no, interview, c, sealed. */
MUST_USE bool attachment_row_open(struct store *s, struct stmt *st, struct attachment_row *ret,
                                  struct err *e);
/* Opens every chunk; commit and each may be NULL. */
MUST_USE bool attachment_row_read(struct store *s, const struct attachment_row *r,
                                  struct hasher *commit,
                                  bool (*each)(void *ctx, struct str piece, struct err *e),
                                  void *ctx, struct err *e);
/* What record `no` lists; its parts are appended to `parts`. *ret_all (or NULL): the first part was there. */
MUST_USE bool attachments_listed(struct store *s, uint64_t no, uint64_t interview,
                                 struct buf *parts, struct attachment_list *ret, bool *ret_all,
                                 struct err *e);
MUST_USE bool attachments_any(struct store *s, uint64_t interview, bool *ret, struct err *e);
MUST_USE bool attachments_held(struct store *s, uint64_t interview, const struct attachment_list *l,
                               bool *ret, struct err *e);
/* The chunks of all, or of those that are personal. */
MUST_USE bool attachments_drop(struct store *s, uint64_t interview, bool all, struct err *e);

/* ---- forms (form.c) ---- */

MUST_USE bool form_open(struct store *s, uint64_t no, const struct hash32 *hash, struct str sealed,
                        struct form_files *ret, struct arena *a, struct err *e);

/* ---- drafts (draft.c) ---- */

/* Within a transaction: the ledger's `void`, the journal and the row removed. The keys stay. */
MUST_USE bool draft_end(struct store *s, struct draft_row *d, struct str reason, int64_t now_ms,
                        struct err *e);

/* ---- facts (facts.c) ---- */

#define DEVICE_PLAIN_MAX (256 + LABEL_MAX)

/* plain = device ‖ incarnation ‖ le64 seq ‖ row_hash ‖ signature */
#define SIGNED_PLAIN 152
void signed_encode(const struct ledger_head *h, struct buf *out);
MUST_USE bool signed_decode(struct str plain, struct ledger_head *ret);
/* Within a transaction. */
MUST_USE bool signed_add(struct store *s, const struct ledger_head *h, bool *ret_new,
                         struct err *e);
MUST_USE bool device_add(struct store *s, const struct device *d, bool *ret_new, struct err *e);
MUST_USE bool signed_open(struct store *s, uint64_t no, struct str hash, struct str sealed,
                          struct ledger_head *ret, struct err *e);
/* Columns no, device, ed, sealed. The label points into *plain, or into the arena if there is one. */
MUST_USE bool device_read(struct store *s, struct stmt *st, struct device *d, struct arena *a,
                          struct buf *plain, struct err *e);
/* Columns no, kind, id, sealed. *ret points into *plain. */
MUST_USE bool fact_open(struct store *s, struct stmt *st, struct buf *plain, struct str *ret,
                        struct err *e);
/* The same without taking a transaction of its own. */
MUST_USE bool fact_add(struct store *s, enum fact_kind kind, const struct hash32 *id,
                       struct str bytes, bool *ret_new, struct err *e);

/* ---- erasing (erase.c) ---- */

/* Whether there is a tombstone of the interview, of any scope. */
/* The widest scope of a tombstone on it; 0: none. */
MUST_USE bool tombstone_scope(struct store *s, const struct id16 *uuid, int *ret, struct err *e);
MUST_USE bool tombstoned(struct store *s, const struct id16 *uuid, bool *ret, struct err *e);

/* ---- slots (slots.c) ---- */

MUST_USE bool slots_unlock(struct store *s, const struct secret *passphrase, struct err *e);
/* ERR_PASSPHRASE_SAME when it is the present user's already, ERR_PASSPHRASE_TAKEN when it is another's. */
MUST_USE bool slots_passphrase_is_new(struct store *s, const struct secret *passphrase,
                                      struct err *e);
MUST_USE bool slots_mac(struct store *s, struct hash32 *ret, struct err *e);
/* Within a transaction; the head's MAC over the slots is renewed. */
MUST_USE bool slot_put_user(struct store *s, struct str name, const struct secret *passphrase,
                            struct kdf_cost cost, uint64_t *ret_no, struct err *e);
/* Both recovery slots out of what config says they are sealed to. */
MUST_USE bool slots_put_recovery(struct store *s, struct err *e);
MUST_USE bool slots_remove(struct store *s, bool users, bool recovery, struct err *e);
/* Into config; zero: none. */
MUST_USE bool recovery_keys_put(struct store *s, const struct pk32 *office,
                                const struct pk32 *paper, struct err *e);

/* ---- new keys (rekey.c) ---- */

/* Within a transaction: s has a new seed (and device); its ledger begins with `rekey`. */
MUST_USE bool rekey_device(struct store *s, struct err *e);

/* ---- config (config.c) ---- */

/* Within a transaction. */
MUST_USE bool config_set(struct store *s, const char *name, struct str value, struct err *e);
void config_lookup(const struct store *s, struct str name, uint8_t ret[16]);

#endif
