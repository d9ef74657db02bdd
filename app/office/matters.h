/* What an office has to decide or to know: conflicts, forks, contested kits, what has not come, what was set
 * aside. Gathered out of the facts; each kind has words that say what it means and what to do. */
#ifndef APP_OFFICE_MATTERS_H
#define APP_OFFICE_MATTERS_H

#include "app/office/find.h"
#include "sync/merge/derive.h"

/* To be decided first, then what only has to be known. */
enum matter_kind {
    KIND_CONFLICT,
    KIND_FORK,
    KIND_DISAGREE,
    KIND_CHOICES,
    KIND_CONTESTED,
    KIND_ERASING,
    KIND_HELD,
    KIND_PUT_BACK,
    KIND_UNSEEN,
    KIND_GAP,
    KIND_DETACHED,
    KIND_BEGUN,
    KIND_FOREIGN,
    KIND_QUARANTINED,
    KINDS
};

struct matter_item {
    enum matter_kind kind;
    struct id16 uuid;             /* of an interview; zero: of a laptop */
    char number[FIND_DIGITS + 1]; /* of the laptop, the version or the ledger row to choose */
    struct str laptop;            /* its name, or its number */
    uint64_t finals;              /* of a fork's way: interviews finished on it */
    struct id16 last;             /* of them; zero: none */
    int64_t last_ms;              /* when that was */
    int64_t ms;                   /* when, by its ledger; 0: not known */
    struct str summary;           /* of a record, packed; n 0: none */
    struct str reason;            /* of a hold; n 0: none */
    bool personal;                /* to be erased: only the answers that identify the person */
};

struct matters {
    struct matter_item *v; /* by kind, then as found */
    size_t n, cap;
    size_t count[KINDS]; /* interviews in conflict count once */
    struct arena a;
};

MUST_USE bool matters_load(struct matters *m, struct derive *d, struct store *s, struct err *e);
void matters_done(struct matters *m); /* accepts one that is all zero */
bool matters_undecided(const struct matters *m);

struct matter_words {
    const char *name, *title, *means, *todo; /* the last three: N_; todo "" when there is nothing */
};
const struct matter_words *matters_words(enum matter_kind k);

#endif
