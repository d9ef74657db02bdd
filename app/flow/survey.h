/* A survey as the program has it open: its store, its forms compiled when first needed, its config. What
 * the home screen and the commands look at; no drawing, no keys, no printing.
 *
 *   survey.[ch]   this: store + forms + config        session.[ch]  one interview being held
 *   event.[ch]    journal events ↔ bytes              audit.[ch]    ODK's audit.csv out of events
 *   host.[ch]     the real world for forms/, and the recorded one for a replay
 *   record.[ch]   the two parts of a revision, packed and unpacked; the summary of a list row
 *   assign.[ch]   whom to interview                    quota.[ch]   how many of which kind */
#ifndef APP_FLOW_SURVEY_H
#define APP_FLOW_SURVEY_H

#include "app/errors.h"
#include "forms/model/form.h"
#include "sync/store/store.h"

struct survey;
struct config;

/* Opens the store and its config. The passphrase may be wiped afterwards. */
MUST_USE bool survey_open(struct survey **ret, const char *store_path,
                          const struct secret *passphrase, struct err *e);
/* Beside a program that has it open, and on a read-only disk: only to look. */
MUST_USE bool survey_look(struct survey **ret, const char *store_path,
                          const struct secret *passphrase, struct err *e);
void survey_close(struct survey *sv);
/* From here on the folder remembers, when the survey is closed, how much it held (watch.h). False: what it
 * remembers is more, so an older file of the store was put back. Practice is not watched. */
bool survey_watch(struct survey *sv, const char *folder);
/* A laptop's records that the office has held safely for the days of grace of the config (default 7) are
 * destroyed here; *ret counts interviews. Opening does this by itself. */
#define SURVEY_GRACE_DAYS 7
MUST_USE bool survey_purge(struct survey *sv, int64_t now_ms, uint64_t *ret, struct err *e);
struct store *survey_store(struct survey *sv);
/* Again what the store's config says: after a receipt, or when the office has changed it. */
MUST_USE bool survey_refresh(struct survey *sv, struct err *e);
/* The config in force (sync/bundle/config.h), seq 0 when there is none; until the next refresh. */
const struct config *survey_config(const struct survey *sv);

/* The forms that new interviews may use, in the order of the config (the newest version of each id). */
struct survey_form {
    struct hash32 hash;
    struct str id, title, version;
};
MUST_USE bool survey_forms(struct survey *sv, const struct survey_form **ret, size_t *ret_n,
                           struct err *e);
/* The compiled form of that hash, kept until the survey closes. A form with faults is refused
 * (ERR_FORM_FAULTS with the first one). */
MUST_USE bool survey_form(struct survey *sv, const struct hash32 *hash, const struct form **ret,
                          struct err *e);
/* By form_id, title or file name; ERR_NO_FORM lists those there are. */
MUST_USE bool survey_form_named(struct survey *sv, struct str name, struct hash32 *ret,
                                struct err *e);
struct str survey_title(const struct survey *sv); /* "Tabalong Smart City 2026" */
struct str survey_label(const struct survey *sv); /* this laptop: "Laptop 3" */
struct str survey_user(const struct survey *sv);  /* whose passphrase opened it: "Rina", or "" */
size_t survey_users(const struct survey *sv);     /* whose passphrases would */
/* Six words that name the survey and its root, for comparing by voice. */
MUST_USE bool survey_words(struct survey *sv, struct buf *out, struct err *e);

/* What a list shows of a draft or a record; from the sealed note or summary, no part is opened. */
struct summary {
    struct str form_id, title; /* the form's title */
    struct str name;           /* instance_name, or "" */
    struct str at;             /* place of the cursor (path) of a draft, or "" */
    uint8_t outcome;
    int64_t began_ms, changed_ms;
    uint32_t answered;
    uint8_t visits;         /* contact attempts of a draft */
    int64_t appointment_ms; /* agreed at the last of them; 0: none */
    struct str assignment;  /* the id of the one it was begun from (assign.h), or "" */
    struct str quota;       /* of a record: which cells it counts in (quota.h), or "" */
};
bool summary_pack(const struct summary *s, struct buf *out);
MUST_USE bool summary_unpack(struct str bytes, struct summary *ret, struct err *e);

#endif
