/* A forgotten passphrase. The laptop writes a request without any key: its sealed recovery slots and a
 * fresh X25519 key, one canonical text; six words of its hash are told by telephone, so that whoever holds
 * the laptop cannot have it opened by a file alone (security specification §3, 6). The office, or the paper
 * key, opens the slot and seals MK to the fresh key. That answer needs no signature: only the right MK opens
 * the store's head, and it is of use to nobody but who made the request. MK never signs, so the laptop goes on
 * under a new device key, which the office certifies as the old one's successor. */
#ifndef SYNC_BUNDLE_RECOVERY_H
#define SYNC_BUNDLE_RECOVERY_H

#include "sync/bundle/words.h"
#include "sync/store/store.h"

#define RECOVERY_FILE_MAX ((size_t)4096)
#define RECOVERY_SLOT     112 /* bytes of a sealed slot, and of a sealed answer */

struct recovery_request {
    struct id16 survey, store;
    struct hash32 device; /* whose laptop it says it is: a name for people, no proof */
    struct pk32 key;      /* what the answer is sealed to */
    bool has_office, has_paper;
    uint8_t office[RECOVERY_SLOT], paper[RECOVERY_SLOT];
};

/* The laptop: appends the text; *ret_seed opens the answer and is kept beside the store until then. */
MUST_USE bool recovery_ask(const char *store_path, struct secret **ret_seed, struct buf *out,
                           struct err *e);
MUST_USE bool recovery_read(struct str text, struct recovery_request *ret, struct err *e);
/* Six words of the request's text; and whether these are they, as typed, of either list. */
void recovery_words(struct str text, enum words_lang lang, struct buf *out);
bool recovery_words_fit(struct str text, struct str typed);

/* Appends the answer. The office's ledger has a `slot` row of it. */
MUST_USE bool recovery_answer(struct store *office, const struct recovery_request *r,
                              struct buf *out, struct err *e);
MUST_USE bool recovery_answer_paper(const struct secret *paper, const struct recovery_request *r,
                                    struct buf *out, struct err *e);
/* The laptop: MK out of the answer; or, with the paper at hand, straight out of the store. */
MUST_USE bool recovery_open(struct str answer, const struct secret *seed, struct secret **ret_mk,
                            struct err *e);
MUST_USE bool recovery_open_paper(const char *store_path, const struct secret *paper,
                                  struct secret **ret_mk, struct err *e);

/* ERR_PAPER_OTHER when it is another survey's. */
MUST_USE bool recovery_check_paper(struct store *s, const struct secret *paper, struct err *e);

/* A bundle of a laptop with a new key: link by link (it may have got new keys more than once since the office
 * heard of it) from the bundle's sender back to a device that the office knows. */
#define SUCCESSION_MAX 16
struct succession {
    struct succession_link {
        struct device device;
        struct hash32 predecessor;
    } links[SUCCESSION_MAX];
    size_t n;
    struct str label; /* of the device that is known, as this office calls it; in the arena */
};
MUST_USE bool succession_read(struct store *office, const char *bundle, struct succession *ret,
                              struct arena *a, struct err *e);

#endif
