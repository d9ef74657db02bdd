/* Random histories: laptops (one of them copied, so that its ledger forks), a supervisor who merges,
 * reviews, resolves, revokes, erases, holds back what laptops erase or lets 72 hours go by, receipts that come
 * or don't, copies put back. Whatever happened, the bundles that are lying about come to the same facts and
 * the same standings in whatever order, doubled, or half by half through two supervisors. A history that fails
 * is shortened as far as it still fails, and printed.
 * HISTORIES=N in the environment runs N of them, HISTORY=N begins with number N. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sync/bundle/record.h"
#include "sync/io/io.h"
#include "sync/merge/decide.h"
#include "tests/support/check_main.h"
#include "tests/support/circle_case.h"
#include "tests/support/tmpdir.h"

#define LAPTOPS   3 /* the last is a copy of the first */
#define STEPS_MAX 40
#define POOL_MAX  64
#define COPIES    4

enum op {
    OP_INTERVIEW,
    OP_CORRECT,
    OP_BUNDLE,
    OP_MERGE,
    OP_REVIEW,
    OP_UP,
    OP_ERASE,
    OP_RECEIPT,
    OP_RESOLVE,
    OP_SMUGGLE,
    OP_REVOKE,
    OP_RESTORE,
    OP_HOLD,
    OP_DUE,
    OPS
};
static const char *const op_names[OPS] = {"interview", "correct", "bundle",  "merge",   "review",
                                          "up",        "erase",   "receipt", "resolve", "smuggle",
                                          "revoke",    "restore", "hold",    "due"};

struct step {
    enum op op;
    unsigned a, b;
};

struct history {
    struct step v[STEPS_MAX];
    size_t n;
};

struct world {
    struct circle_case c;
    struct store *laptop[LAPTOPS], *boss;
    char backup[LAPTOPS][32]; /* of each laptop; "": none yet */
    char pool[POOL_MAX][32];
    size_t n_pool;
    unsigned files;
    struct err e;
};

/* A small generator of its own, so that a printed seed gives the same history everywhere. */
static uint64_t state;
static unsigned draw(unsigned below)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)((state >> 33) % below);
}

static struct store *reopen(struct world *w, const char *name)
{
    struct store *s = NULL;
    circle_ok(store_open(&s, tmpdir_path(name), w->c.passphrase, &w->e), &w->e);
    return s;
}

static void world_begin(struct world *w)
{
    *w = (struct world){.n_pool = 0};
    circle_setup(&w->c);
    w->boss = circle_supervisor(&w->c, "boss", MAY_REVIEW | MAY_FORWARD | MAY_KIT | MAY_ERASE);
    w->laptop[0] = circle_laptop(&w->c, w->c.office, "l0"); /* their kits know both recipients */
    w->laptop[1] = circle_laptop(&w->c, w->c.office, "l1");
    store_close(w->laptop[0]);
    circle_copy("l0", "l2");
    w->laptop[0] = reopen(w, "l0");
    w->laptop[2] = reopen(w, "l2");
    circle_receipt(w->c.office, w->boss, "boss.receipt");
    circle_apply(w->boss, "boss.receipt");
}

static void world_end(struct world *w)
{
    for (size_t i = 0; i < LAPTOPS; i++)
        store_close(w->laptop[i]);
    store_close(w->boss);
    circle_teardown(&w->c);
}

/* ---- steps ---- */

struct picked {
    struct revision v[256];
    enum revision_state state[256];
    size_t n;
};

static bool pick_one(void *ctx, const struct revision *r, enum revision_state st,
                     struct str summary)
{
    struct picked *p = ctx;
    (void)summary;
    if (p->n < 256 && st != REVISION_ERASED) {
        p->v[p->n] = *r;
        p->state[p->n++] = st;
    }
    return true;
}

static bool pick(struct world *w, struct store *s, unsigned which, struct revision *ret)
{
    struct picked *p = mem_alloc(sizeof *p);
    circle_ok(store_revision_each(s, pick_one, p, &w->e), &w->e);
    bool any = p->n > 0;
    if (any)
        *ret = p->v[which % p->n];
    mem_free(p);
    return any;
}

/* What may not be done just now is passed over. */
static void let(struct world *w, bool done)
{
    if (!done && !err_is(&w->e, &ERR_NO_CONFLICT) && !err_is(&w->e, &ERR_RECEIPT_HEAD) &&
        !err_is(&w->e, &ERR_NO_DEVICE) && !err_is(&w->e, &ERR_PART_ERASED) &&
        !err_is(&w->e, &ERR_ENVELOPE_NOT_FOR_US) && !err_is(&w->e, &ERR_NOT_ERASING) &&
        !err_is(&w->e, &ERR_NOT_HELD))
        circle_ok(false, &w->e);
    err_clear(&w->e);
}

/* Not one whose personal answers are erased: that one is over. */
static void try_correct(struct world *w, struct store *laptop, const struct revision *r)
{
    struct id16 uuid;
    struct hash32 rev;
    struct revision_new n = {.part1 = STR("<data>2</data>"), .outcome = 1, .now_ms = CIRCLE_NOW};
    bool begun = store_draft_begin(laptop, &r->form, &r->rev_id, &r->uuid, CIRCLE_NOW, STR("start"),
                                   STR(""), &uuid, &w->e);
    let(w, begun && store_draft_finalise(laptop, &uuid, &n, &rev, &w->e));
}

static const char *new_file(struct world *w, const char *kind, char name[32])
{
    snprintf(name, 32, "%u.%s", w->files++, kind);
    return name;
}

static void to_pool(struct world *w, struct store *s)
{
    if (w->n_pool < POOL_MAX)
        circle_bundle(s, new_file(w, "bundle", w->pool[w->n_pool++]));
}

static void smuggle(struct world *w, struct store *from, struct store *to, const struct revision *r)
{
    struct record rec;
    struct buf parts;
    bool fresh;
    buf_init(&parts, 4096);
    circle_ok(record_gather(from, r, &rec, &parts, &w->e), &w->e);
    if (rec.has1)
        circle_ok(store_revision_put(to, r, &rec.part1, rec.has2 ? &rec.part2 : NULL, REVISION_HELD,
                                     STR(""), &fresh, &w->e),
                  &w->e);
    buf_done(&parts);
}

static void do_receipt(struct world *w, struct store *laptop)
{
    char name[32];
    struct receipt_written written;
    struct receipt_applied applied;
    struct receipt_new n = {.device = store_identity(laptop)->device, .now_ms = CIRCLE_NOW};
    new_file(w, "receipt", name);
    bool done = receipt_write(w->boss, tmpdir_path(name), &n, &written, &w->e);
    let(w, done && receipt_apply(laptop, tmpdir_path(name), NULL, &applied, &w->e));
}

/* The first time a copy is made; the next time it is put back in place of what there is: a new incarnation
 * that knows less than the office. */
static void do_restore(struct world *w, unsigned i)
{
    char name[32];
    if (!w->backup[i][0]) {
        new_file(w, "backup", w->backup[i]);
        if (store_backup(w->laptop[i], tmpdir_path(w->backup[i]), &w->e))
            return;
        /* of a laptop into which a record was smuggled no copy is made */
        ck_assert(err_is(&w->e, &ERR_BACKUP_BAD));
        err_clear(&w->e);
        w->backup[i][0] = '\0';
        return;
    }
    store_close(w->laptop[i]);
    w->laptop[i] = NULL;
    circle_ok(store_restore(&w->laptop[i], tmpdir_path(w->backup[i]),
                            tmpdir_path(new_file(w, "restored", name)), w->c.passphrase, &w->e),
              &w->e);
    w->backup[i][0] = '\0';
}

static void do_step(struct world *w, const struct step *s)
{
    struct store *laptop = w->laptop[s->a % LAPTOPS];
    struct revision r;
    struct hash32 ignored;
    struct tombstone t;
    uint64_t n;
    struct merge_ctx m = {.store = w->boss, .now_ms = CIRCLE_NOW};
    switch (s->op) {
    case OP_INTERVIEW:
        circle_interview(&w->c, laptop, "<data>1</data>", s->b % 2 ? "a\tb" : "", NULL);
        break;
    case OP_CORRECT:
        if (pick(w, laptop, s->b, &r))
            try_correct(w, laptop, &r);
        break;
    case OP_BUNDLE: to_pool(w, laptop); break;
    case OP_MERGE:
        if (w->n_pool)
            circle_merge_known(w->boss, w->pool[s->b % w->n_pool]);
        break;
    case OP_REVIEW:
        if (pick(w, w->boss, s->b, &r))
            let(w, decide_review(w->boss, &r.rev_id, s->a % 2 ? VERDICT_ACCEPT : VERDICT_RETURN,
                                 s->a % 3 ? NULL : &store_identity(laptop)->device, STR("why"),
                                 CIRCLE_NOW, &w->e));
        break;
    case OP_UP: to_pool(w, w->boss); break;
    case OP_ERASE: /* by the laptop, or by the supervisor */
        if (s->a % 4 == 3)
            laptop = w->boss;
        if (pick(w, laptop, s->b, &r))
            let(w, store_erase(laptop, &r.uuid, s->b % 3 ? ERASE_ALL : ERASE_PII, CIRCLE_NOW, &t,
                               &w->e));
        break;
    case OP_RECEIPT: do_receipt(w, laptop); break;
    case OP_RESOLVE:
        if (pick(w, w->boss, s->b, &r))
            let(w, decide_resolve(&m, &r.rev_id, &ignored, &w->e));
        break;
    case OP_SMUGGLE:
        if (pick(w, laptop, s->b, &r))
            smuggle(w, laptop, w->laptop[(s->a + 1) % LAPTOPS], &r);
        break;
    case OP_REVOKE:
        let(w, decide_revoke(w->boss, &store_identity(laptop)->device,
                             &(struct cutoff){.until_ms = s->b % 2 ? INT64_MAX - 1 : CIRCLE_NOW},
                             &w->e));
        break;
    case OP_RESTORE: do_restore(w, s->a % LAPTOPS); break;
    case OP_HOLD: /* or its end */
        if (pick(w, w->boss, s->b, &r))
            let(w, decide_hold(w->boss, &r.uuid, s->a % 2, STR("why"), CIRCLE_NOW + s->b, &w->e));
        break;
    case OP_DUE:
        let(w, decide_shred_due(w->boss, CIRCLE_NOW + DECIDE_SHRED_AFTER_MS, &n, &w->e));
        break;
    case OPS: break;
    }
}

/* ---- what must be equal ---- */

struct seen {
    struct hash32 content, standings;
    size_t n;
};

struct standing_list {
    uint8_t (*v)[33];
    size_t n, cap;
};

static bool add_standing(void *ctx, const struct revision *r, enum revision_state st,
                         enum standing standing, struct str summary)
{
    struct standing_list *l = ctx;
    (void)st;
    (void)summary;
    l->v = mem_grow(l->v, l->n, &l->cap, sizeof *l->v);
    memcpy(l->v[l->n], r->rev_id.b, 32);
    l->v[l->n++][32] = (uint8_t)standing;
    return true;
}

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, 33);
}

static void look(struct world *w, struct store *s, struct seen *ret)
{
    struct standing_list l = {0};
    struct derive *d;
    circle_hash(s, &ret->content);
    circle_ok(derive_open(&d, s, &w->e), &w->e);
    circle_ok(derive_each(d, add_standing, &l, &w->e), &w->e);
    derive_free(d);
    if (l.n)
        qsort(l.v, l.n, sizeof *l.v, by_bytes);
    ret->standings = crypt_hash((struct str){l.n ? (const char *)l.v : "", l.n * sizeof *l.v});
    ret->n = l.n;
    mem_free(l.v);
}

static void say(void *ctx, struct str line)
{
    (void)ctx;
    fprintf(stderr, "# %.*s\n", STR_FMT(line));
}

static bool is_store_sound(struct store *s)
{
    uint64_t faults = 1;
    struct err e = {0};
    return store_verify(s, say, NULL, &faults, &e) && faults == 0;
}

/* The pool into a copy of the office's store: as it is, backwards, or shuffled with some twice. */
static void merge_pool(struct world *w, struct store *s, int how)
{
    size_t order[POOL_MAX];
    for (size_t i = 0; i < w->n_pool; i++)
        order[i] = how == 1 ? w->n_pool - 1 - i : i;
    for (size_t i = w->n_pool; how == 2 && i > 1; i--) {
        size_t j = draw((unsigned)i), t = order[i - 1];
        order[i - 1] = order[j];
        order[j] = t;
    }
    for (size_t i = 0; i < w->n_pool; i++) {
        circle_merge_known(s, w->pool[order[i]]);
        if (how == 2 && draw(3) == 0)
            circle_merge_known(s, w->pool[order[draw((unsigned)i + 1)]]);
    }
}

/* Associative: one half through a copy of the supervisor's store, the other through another. What the
 * supervisor knew before is in the pool as well. */
static void merge_halves(struct world *w, struct store *s)
{
    for (size_t half = 0; half < 2; half++) {
        char name[32], bundle[32];
        snprintf(name, sizeof name, "boss%zu", half);
        circle_copy("boss", name);
        struct store *between = reopen(w, name);
        for (size_t i = half; i < w->n_pool; i += 2)
            circle_merge_known(between, w->pool[i]);
        circle_bundle(between, new_file(w, "bundle", bundle));
        store_close(between);
        circle_merge_known(s, bundle);
    }
}

static const char *differs(const struct seen *a, const struct seen *b)
{
    if (a->n != b->n)
        return "a record was lost";
    if (!hash32_eq(&a->content, &b->content))
        return "the content hash depends on the order";
    return hash32_eq(&a->standings, &b->standings) ? NULL : "the standings depend on the order";
}

/* NULL, or what was not equal. */
static const char *run(const struct history *h)
{
    struct world w;
    struct seen seen[COPIES];
    const char *fault = NULL;
    world_begin(&w);
    for (size_t i = 0; i < h->n; i++)
        do_step(&w, &h->v[i]);
    for (size_t i = 0; i < LAPTOPS; i++) /* in the end all is sent */
        to_pool(&w, w.laptop[i]);
    to_pool(&w, w.boss);
    store_close(w.c.office);
    store_close(w.boss);
    for (int i = 0; i < COPIES; i++) {
        char name[32];
        snprintf(name, sizeof name, "copy%d", i);
        circle_copy("office.cacah", name);
        struct store *s = reopen(&w, name);
        if (i == COPIES - 1)
            merge_halves(&w, s);
        else
            merge_pool(&w, s, i);
        look(&w, s, &seen[i]);
        if (!is_store_sound(s))
            fault = "the store is not sound";
        store_close(s);
        if (!fault)
            fault = differs(&seen[0], &seen[i]);
    }
    w.c.office = reopen(&w, "office.cacah");
    w.boss = reopen(&w, "boss");
    world_end(&w);
    return fault;
}

/* Leaves out steps as long as it still fails. */
static void shrink(struct history *h)
{
    for (bool shorter = true; shorter;) {
        shorter = false;
        for (size_t i = 0; i < h->n && !shorter; i++) {
            struct history less = *h;
            memmove(&less.v[i], &less.v[i + 1], (less.n - i - 1) * sizeof less.v[0]);
            less.n--;
            if (run(&less)) {
                *h = less;
                shorter = true;
            }
        }
    }
}

static void generate(struct history *h)
{
    /* interviews and bundles more often than revocations */
    static const enum op weighted[] = {
        OP_INTERVIEW, OP_INTERVIEW, OP_INTERVIEW, OP_CORRECT, OP_CORRECT, OP_BUNDLE,
        OP_BUNDLE,    OP_BUNDLE,    OP_MERGE,     OP_MERGE,   OP_REVIEW,  OP_REVIEW,
        OP_UP,        OP_ERASE,     OP_RECEIPT,   OP_RECEIPT, OP_RESOLVE, OP_SMUGGLE,
        OP_REVOKE,    OP_RESTORE,   OP_RESTORE,   OP_HOLD,    OP_DUE};
    h->n = 10 + draw(STEPS_MAX - 14);
    for (size_t i = 0; i < h->n; i++)
        h->v[i] =
            (struct step){weighted[draw(sizeof weighted / sizeof *weighted)], draw(100), draw(100)};
}

START_TEST(test_histories__any_order_comes_to_the_same)
{
    const char *times = getenv("HISTORIES");
    const char *from = getenv("HISTORY");
    unsigned first = from ? (unsigned)strtoul(from, NULL, 10) : 1;
    unsigned n = times ? (unsigned)strtoul(times, NULL, 10) : 8;
    for (unsigned seed = first; seed < first + n; seed++) {
        struct history h;
        state = seed;
        generate(&h);
        const char *fault = run(&h);
        if (!fault)
            continue;
        shrink(&h);
        fprintf(stderr, "# seed %u, shortened to %zu steps: %s\n", seed, h.n, fault);
        for (size_t i = 0; i < h.n; i++)
            fprintf(stderr, "#   %s %u %u\n", op_names[h.v[i].op], h.v[i].a, h.v[i].b);
        ck_abort_msg("%s", fault);
    }
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("histories");
    TCase *t = tcase_create("histories");
    tcase_set_timeout(t, 0);
    tcase_add_test(t, test_histories__any_order_comes_to_the_same);
    suite_add_tcase(s, t);
    return s;
}
