/* The office's keys, the kits it gives to laptops, and a laptop's joining. Enrolment is one-way:
 * the kit holds a random seed; the laptop signs its own new keys with it, in every bundle until a
 * receipt comes (security specification §1.1, 1.5). A kit is sealed under six spoken words; that it
 * is the right survey's is checked by voice, with the survey's six-word fingerprint. Kits hold no
 * respondents' data unless the office asks for it. */
#ifndef SYNC_BUNDLE_KIT_H
#define SYNC_BUNDLE_KIT_H

#include "sync/bundle/config.h"
#include "sync/bundle/words.h"
#include "sync/store/store.h"

/* ---- the office ---- */

struct office_new {
    struct str title; /* of the survey */
    struct str user;  /* the name of the first slot */
    const struct secret *passphrase;
    bool practice;             /* decisions.md 19 */
    const struct id16 *survey; /* NULL: a new one; else that of an office whose keys are all lost */
    const struct secret *signing_seed; /* NULL: drawn; practice gives one from its seed */
    const struct form_files *forms;    /* of the first config */
    size_t n_forms;
    /* Keeps the paper seed before the store is there: no store whose paper key nobody has. NULL: nothing. */
    bool (*keep_paper)(void *ctx, const struct secret *seed, struct err *e);
    void *ctx;
};
/* Whether a survey's id is one for practice. */
bool office_is_practice(const struct id16 *survey);
/* Makes an office store: survey id; root and paper recovery key from a paper seed R, which is
 * returned once (words_paper) and kept nowhere; operator (this store's own key), epoch bundle key
 * and recovery key, certified by root; config number 1. */
MUST_USE bool office_create(struct store **ret, const char *path, const struct office_new *n,
                            struct secret **ret_paper, struct err *e);

/* The config in force in this store (office or field). `ret` lives in the arena. */
MUST_USE bool kit_config(struct store *s, struct config *ret, struct arena *a, struct err *e);
/* Office: numbers it one higher, signs and keeps it. Survey, root and recovery keys stay as they
 * are. */
MUST_USE bool office_config_set(struct store *s, struct config *c, struct err *e);
/* Keeps the form and adds it to the config; a form of that file name is replaced as the one for new
 * interviews. The same bytes again: nothing happens. */
MUST_USE bool office_form_add(struct store *s, const struct form_files *f, struct hash32 *ret_hash,
                              struct err *e);

/* Whether those whom the config names could open this store (security specification §3, 2). An office opens
 * itself with the paper alone; a store without a config has nothing to fit. */
MUST_USE bool kit_recovery_check(struct store *s, enum recovery_is *ret, struct err *e);

/* The survey's fingerprint, six words, for comparing by voice. */
MUST_USE bool kit_survey_words(struct store *s, enum words_lang lang, struct buf *out,
                               struct err *e);

struct kit_new {
    struct str label;       /* "Laptop 3" */
    struct str assignments; /* n 0: none (the first receipt brings them); else the app's bytes */
    enum words_lang lang;   /* of the code */
    bool weak_laptops;      /* 128 MiB instead of 256 MiB for the code */
    int64_t now_ms;
};
/* Nothing in it that moves about on a terminal: no control character, newline, or override of direction. */
bool kit_label_is_plain(struct str label);
/* Writes a kit; appends its code (six words; wiped by the caller). */
MUST_USE bool kit_write(struct store *office, const char *path, const struct kit_new *k,
                        struct buf *ret_code, struct id16 *ret_kit, struct err *e);

/* ---- the laptop ---- */

struct kit; /* an opened kit, in memory */

struct kit_info {
    struct id16 survey, kit;
    bool practice;
    struct str title, label;
    size_t n_forms;
    struct hash32 fingerprint; /* words_of_hash(lang, …, WORDS_FINGERPRINT) */
};

/* `code` as typed. ERR_INVITE_WRONG, ERR_WORDS…, ERR_ENVELOPE_… */
MUST_USE bool kit_open(struct kit **ret, const char *path, struct str code, struct err *e);
const struct kit_info *kit_info(const struct kit *k);
/* As the office's app wrote them; n 0: none. They are also kept in the store's config, "assignments". */
struct str kit_assignments(const struct kit *k);
void kit_close(struct kit *k); /* wipes; accepts NULL */

struct join {
    const struct secret *passphrase;
    struct str user;
    const struct secret *signing_seed; /* NULL: drawn */
    bool supervisor; /* an office store of this survey, to be certified; else a laptop's */
};
/* Makes the field store (recovery slots to the survey's keys; forms, config, certificates in it).
 * On failure there is no store file. */
MUST_USE bool kit_join(struct store **ret, const char *store_path, const struct kit *k,
                       const struct join *j, struct err *e);
/* Both the office's and the paper key are lost (security specification §3, 9): the laptop's store goes over to a new
 * root. The kit must be of the same survey (ERR_ENVELOPE_SURVEY) and of another root (ERR_ROOT_SAME). Recovery
 * slots, config, recipients and claim become the new ones; what the old office had acknowledged waits again, and
 * the next bundle holds everything from the first row on. Ledger: newroot. That this office is the right one is
 * for people: the words of the new root, told by voice and typed. */
MUST_USE bool kit_new_root(struct store *s, const struct kit *k, struct err *e);
/* The laptop's name as its kit gave it; "" in an office. */
MUST_USE bool kit_label(struct store *s, struct buf *out, struct err *e);

#endif
