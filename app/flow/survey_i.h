/* What the files of app/flow share of an open survey. */
#ifndef APP_FLOW_SURVEY_I_H
#define APP_FLOW_SURVEY_I_H

#include "app/flow/idmap.h"
#include "app/flow/survey.h"
#include "sync/bundle/config.h"

struct loaded {
    struct hash32 hash;
    struct arena files; /* the bytes as shipped */
    struct form_files shipped;
    struct form *form;
    const struct expr **quota; /* by cell of the config: its condition; NULL: not yet compiled */
};

struct survey {
    struct store *store;
    struct arena arena;
    struct config config; /* seq 0: this store has none yet */
    struct str label, user;
    size_t n_users;
    bool looking; /* the store is open to be read alone */
    struct survey_form *forms;
    size_t n_forms, cap_forms;
    bool listed;
    char *watched; /* the folder that remembers it, or NULL */
    struct loaded **loaded;
    size_t n_loaded, cap_loaded;
    /* in which cells records count whose notes speak of others than the config's (quota.c) */
    struct idmap marked; /* by rev_id: 1 + where in marks */
    struct str *marks;   /* their bytes in the arena */
    size_t n_marks, cap_marks;
};

/* The compiled form, or NULL with e. */
struct loaded *survey_load(struct survey *sv, const struct hash32 *hash, struct err *e);

#endif
