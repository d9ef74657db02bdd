/* An office's inbox as a screen shows it: the bundles of a folder, looked at one by one (whole and genuine?
 * of whom, how many records?), merged a run at a time between two keys, and what became of each. What is
 * merged here is what `office merge FOLDER` would have merged. */
#ifndef APP_FLOW_INBOX_H
#define APP_FLOW_INBOX_H

#include "app/flow/survey.h"
#include "sync/merge/merge.h"

enum inbox_state {
    INBOX_FOUND,   /* not looked at yet */
    INBOX_CHECKED, /* its signature fits every byte */
    INBOX_MERGED,
    INBOX_SAME,
    INBOX_PARKED,
    INBOX_REFUSED, /* by the look at it, or by the merge */
};

struct inbox_file {
    struct str name;
    uint64_t size;
    enum inbox_state state;
    bool checked;         /* what follows is known */
    struct str laptop;    /* of its sender; "": not known here */
    uint64_t seq;         /* the sender's running number */
    uint64_t records;     /* in it; once merged, those taken */
    uint64_t quarantined; /* of these */
    int64_t created_ms;   /* what the sender's clock said */
    struct err why;       /* parked, refused */
};

struct inbox {
    struct survey *sv;
    struct arena a;
    char *folder; /* NULL: none chosen yet */
    struct inbox_file *v;
    size_t n, cap;
    size_t looked;    /* at so many */
    struct derive *d; /* for the names of laptops; as of the last look */
    bool keeps;       /* merged files stay: a supervisor's machine may not release */
    uint64_t read, size;
    struct merge_report report; /* of the last merge */
    /* while one is going on */
    struct merge_ctx ctx;
    struct merge_inbox how;
    char *quarantine;
    struct merge_pieces *pieces;
    bool stop;
    int64_t began_ms;
    uint64_t within;            /* records so far of the bundle at hand */
    void (*breathe)(void *ctx); /* NULL, or called some times a second within a large one */
    void *breathe_ctx;
};

/* With the folder that was used last, or the one that the config says bundles are sent to, if it is there.
 * `index` as for merging. */
MUST_USE bool inbox_open(struct inbox *x, struct survey *sv, merge_index index, struct err *e);
void inbox_close(struct inbox *x); /* accepts one that is all zero */
/* Another folder; remembered. On failure all is as before. */
MUST_USE bool inbox_folder(struct inbox *x, struct str folder, struct err *e);
/* What lies there now. */
MUST_USE bool inbox_look(struct inbox *x, struct err *e);
/* Looks at the next file; false: at all already. */
bool inbox_check(struct inbox *x);

/* A merge: begun, stepped until *ret_more is false, ended. `stop` is obeyed between two runs of files. */
MUST_USE bool inbox_merge_begin(struct inbox *x, int64_t now_ms, struct err *e);
MUST_USE bool inbox_merge_step(struct inbox *x, bool *ret_more, struct err *e);
void inbox_merge_end(struct inbox *x);
/* The merged files go, once the receipts are written; *ret counts. */
void inbox_empty(struct inbox *x, uint64_t *ret);

#endif
