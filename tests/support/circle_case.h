/* An office and its laptops in a folder of their own, for the tests of sync/bundle and sync/merge: the
 * real stores, kits, bundles and receipts, with interviews of a few bytes. Everything that should work is
 * asserted here; what should fail is for the tests to call. */
#ifndef TESTS_SUPPORT_CIRCLE_CASE_H
#define TESTS_SUPPORT_CIRCLE_CASE_H

#include "sync/bundle/bundle.h"
#include "sync/bundle/kit.h"
#include "sync/bundle/receipt.h"
#include "sync/merge/derive.h"
#include "sync/merge/merge.h"

#define CIRCLE_NOW ((int64_t)1769826030000)

struct circle_case {
    struct secret *passphrase, *paper;
    struct store *office;
    struct hash32 form;
    struct hash32 form_two;
};

void circle_setup(struct circle_case *c);
void circle_teardown(struct circle_case *c);
/* Fails the test with the error's sentence. */
void circle_ok(bool ok, const struct err *e);
/* Another office of its own survey (its store's file: `name`). */
struct store *circle_office(struct circle_case *c, const char *name);
/* A kit of `office` into `file`; its code goes to `code`. */
void circle_kit(struct circle_case *c, struct store *office, const char *file, const char *label,
                struct buf *code);
/* A laptop that joined with a new kit; `name` is its label and its store's file. */
struct store *circle_laptop(struct circle_case *c, struct store *office, const char *name);
struct store *circle_join(struct circle_case *c, const char *kit, struct str code,
                          const char *name);
/* A supervisor's store, certified by c->office with these rights and a recipient from now on. It has not
 * received anything yet. */
struct store *circle_supervisor(struct circle_case *c, const char *name, uint32_t may);
/* A copy of a file (of a store that is closed) under another name. */
void circle_copy(const char *from, const char *to);
/* Merges what must be taken, or is not for this store. */
void circle_merge_known(struct store *into, const char *file);
/* A finalised interview; its answer holds `answer`, its pii part `pii` ("" none). */
struct hash32 circle_interview(struct circle_case *c, struct store *laptop, const char *answer,
                               const char *pii, struct id16 *ret_uuid);
/* A correction of a revision on that laptop. */
struct hash32 circle_correct(struct circle_case *c, struct store *laptop,
                             const struct hash32 *rev_id, const char *answer);
struct bundle_written circle_bundle(struct store *s, const char *file);
/* Merges a file that must not fail; the report of this file alone. */
struct merge_report circle_merge(struct store *office, const char *file,
                                 enum merge_outcome *ret_outcome, struct err *ret_why);
struct receipt_written circle_receipt(struct store *office, struct store *laptop, const char *file);
struct receipt_applied circle_apply(struct store *laptop, const char *file);
/* How many revisions stand so (the state as in `state`, -1: any). */
unsigned circle_count(struct store *s, enum standing standing, int state);
enum revision_state circle_state(struct store *s, const struct hash32 *rev_id);
void circle_hash(struct store *s, struct hash32 *ret);

#endif
