/* The survey's config: one canonical text of `key: value` lines in a fixed order, UTF-8, signed by
 * an operator of the office and numbered; laptops take a higher number only. It says what a survey
 * is called, who receives its bundles, which forms new interviews may use, its quotas and settings.
 * It names nobody who answers. */
#ifndef SYNC_BUNDLE_CONFIG_H
#define SYNC_BUNDLE_CONFIG_H

#include "forms/base/arena.h"
#include "sync/crypt/crypt.h"
#include "sync/errors.h"

#define CONFIG_TEXT_MAX ((size_t)1 << 20)

enum quota_kind { QUOTA_MIN, QUOTA_MAX, QUOTA_WARN };

struct config_recipient {
    struct pk32 x_pk; /* whom bundles are sealed to */
    struct str label;
};
struct config_form {
    struct hash32 hash;
    struct str name; /* the form's file name */
};
struct config_quota { /* decisions.md 17 */
    struct str name, form_id, condition;
    enum quota_kind kind;
    uint64_t target;
};
struct config_setting {
    struct str name, value;
};

struct config {
    uint64_t seq; /* rising; 0: none yet */
    struct id16 survey;
    struct pk32 root;                            /* whose certificates count */
    struct pk32 office_recovery, paper_recovery; /* who may open a forgotten laptop; zero: nobody */
    struct str title;
    struct config_recipient *recipients;
    size_t n_recipients;
    struct config_form *forms; /* in the order of lists */
    size_t n_forms;
    struct config_quota *quotas;
    size_t n_quotas;
    struct config_setting *settings; /* ascending by name */
    size_t n_settings;
};

/* The text. False: the buffer is full, or a value holds what a line cannot (control characters). */
bool config_write(const struct config *c, struct buf *out);
/* Everything in `ret` points into `text` or the arena. ERR_CONFIG names the line. */
MUST_USE bool config_parse(struct str text, struct config *ret, struct arena *a, struct err *e);
/* The setting's value; n 0 and p NULL: not set. */
struct str config_setting(const struct config *c, const char *name);
/* Sets or (n 0) removes one; keeps the order. */
void config_setting_put(struct config *c, const char *name, struct str value, struct arena *a);

#endif
