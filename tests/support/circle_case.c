/* See circle_case.h. */
#include "tests/support/circle_case.h"

#include <stdio.h>
#include <stdlib.h>

#include "sync/bundle/config.h"
#include "sync/io/io.h"
#include "sync/merge/decide.h"
#include "tests/support/tmpdir.h"

#define PASSPHRASE "lima kata yang dikenal"

/* Not Check's own: the fuzz target uses this too. */
#define must(what)                                                                                 \
    do {                                                                                           \
        if (!(what)) {                                                                             \
            fprintf(stderr, "# %s:%d: %s\n", __FILE__, __LINE__, #what);                           \
            abort();                                                                               \
        }                                                                                          \
    } while (0)

void circle_ok(bool ok, const struct err *e)
{
    struct buf text;
    buf_init(&text, 1000);
    err_text(e, NULL, &text);
    if (!ok || e->kind)
        fprintf(stderr, "# %s: %s\n", e->kind ? e->kind->id : "-",
                text.p ? text.p : "no error set");
    must(ok && !e->kind);
    buf_done(&text);
}

struct store *circle_office(struct circle_case *c, const char *name)
{
    struct err e = {0};
    struct store *s = NULL;
    struct secret *paper = NULL;
    struct office_new n = {
        .title = STR("Dampak Tabalong"), .user = STR("Dewi"), .passphrase = c->passphrase};
    circle_ok(office_create(&s, tmpdir_path(name), &n, &paper, &e), &e);
    must(secret_size(paper) == 32);
    secret_free(c->paper);
    c->paper = paper;
    return s;
}

void circle_setup(struct circle_case *c)
{
    struct err e = {0};
    struct form_files one = {.form = {STR("governance.md"), STR("| survey |\n| text | q1 |\n")}};
    struct form_files two = {.form = {STR("economy.md"), STR("| survey |\n| text | q2 |\n")}};
    circle_ok(crypt_start(&e), &e);
    tmpdir_make();
    *c = (struct circle_case){.passphrase = secret_copy(PASSPHRASE, sizeof PASSPHRASE - 1)};
    c->office = circle_office(c, "office.cacah");
    circle_ok(office_form_add(c->office, &one, &c->form, &e), &e);
    circle_ok(office_form_add(c->office, &two, &c->form_two, &e), &e);
}

void circle_teardown(struct circle_case *c)
{
    store_close(c->office);
    secret_free(c->passphrase);
    secret_free(c->paper);
    tmpdir_remove();
}

void circle_kit(struct circle_case *c, struct store *office, const char *file, const char *label,
                struct buf *code)
{
    struct err e = {0};
    struct id16 kit;
    struct kit_new n = {.label = str_of(label), .lang = WORDS_ID, .now_ms = CIRCLE_NOW};
    (void)c;
    circle_ok(kit_write(office, tmpdir_path(file), &n, code, &kit, &e), &e);
}

struct store *circle_join(struct circle_case *c, const char *kit, struct str code, const char *name)
{
    struct err e = {0};
    struct kit *k;
    struct store *s = NULL;
    struct join j = {.passphrase = c->passphrase, .user = STR("Rina")};
    circle_ok(kit_open(&k, tmpdir_path(kit), code, &e), &e);
    circle_ok(kit_join(&s, tmpdir_path(name), k, &j, &e), &e);
    kit_close(k);
    return s;
}

struct store *circle_laptop(struct circle_case *c, struct store *office, const char *name)
{
    struct buf code, file;
    buf_init(&code, 200);
    buf_init(&file, 200);
    buf_printf(&file, "%s.kit", name);
    circle_kit(c, office, file.p, name, &code);
    struct store *s = circle_join(c, file.p, buf_str(&code), name);
    buf_done(&code);
    buf_done(&file);
    return s;
}

/* The config's recipients and one more. */
static void add_recipient(struct circle_case *c, const struct pk32 *x_pk, const char *label)
{
    struct err e = {0};
    struct arena a;
    struct config config;
    struct config_recipient all[ENVELOPE_RECIPIENTS_MAX];
    arena_init(&a);
    circle_ok(kit_config(c->office, &config, &a, &e), &e);
    must(config.n_recipients + 1 < ENVELOPE_RECIPIENTS_MAX);
    memcpy(all, config.recipients, config.n_recipients * sizeof all[0]);
    all[config.n_recipients++] = (struct config_recipient){*x_pk, str_of(label)};
    config.recipients = all;
    circle_ok(office_config_set(c->office, &config, &e), &e);
    arena_done(&a);
}

struct store *circle_supervisor(struct circle_case *c, const char *name, uint32_t may)
{
    struct err e = {0};
    struct store *s = NULL;
    struct kit *k;
    struct join j = {.passphrase = c->passphrase, .user = STR("Budi"), .supervisor = true};
    struct buf code, kit, bundle;
    buf_init(&code, 200);
    buf_init(&kit, 200);
    buf_init(&bundle, 200);
    buf_printf(&kit, "%s.kit", name);
    buf_printf(&bundle, "%s.bundle", name);
    circle_kit(c, c->office, kit.p, name, &code);
    circle_ok(kit_open(&k, tmpdir_path(kit.p), buf_str(&code), &e), &e);
    circle_ok(kit_join(&s, tmpdir_path(name), k, &j, &e), &e);
    kit_close(k);
    circle_bundle(s, bundle.p);
    circle_merge_known(c->office, bundle.p);
    const struct store_identity *id = store_identity(s);
    struct device who = {.device = id->device, .ed_pk = id->ed_pk, .x_pk = id->x_pk};
    circle_ok(decide_certify(c->office, c->paper, &who, may, NULL, &e), &e);
    add_recipient(c, &id->x_pk, name);
    buf_done(&code);
    buf_done(&kit);
    buf_done(&bundle);
    return s;
}

void circle_copy(const char *from, const char *to)
{
    struct buf b;
    struct err e = {0};
    buf_init(&b, 64u << 20);
    io_remove(tmpdir_path(to));
    circle_ok(io_read_file(tmpdir_path(from), 64u << 20, &b, &e), &e);
    circle_ok(io_write_file(tmpdir_path(to), 0600, buf_str(&b), &e), &e);
    buf_done(&b);
}

void circle_merge_known(struct store *into, const char *file)
{
    enum merge_outcome outcome;
    struct err why;
    circle_merge(into, file, &outcome, &why);
    if (err_is(&why, &ERR_ENVELOPE_NOT_FOR_US))
        return; /* its own, or from before it was a recipient */
    if (outcome != MERGE_MERGED && outcome != MERGE_SAME)
        circle_ok(false, &why);
}

static struct hash32 finalise(struct store *s, const struct id16 *uuid, const char *answer,
                              const char *pii)
{
    struct err e = {0};
    struct hash32 rev;
    struct revision_new r = {
        .part1 = str_of(answer),
        .part2 = str_of(pii),
        .outcome = 1,
        .summary = STR("summary"),
        .now_ms = CIRCLE_NOW,
    };
    circle_ok(store_draft_append(s, uuid, false, CIRCLE_NOW, str_of(answer), STR("note"), &e), &e);
    circle_ok(store_draft_finalise(s, uuid, &r, &rev, &e), &e);
    return rev;
}

struct hash32 circle_interview(struct circle_case *c, struct store *s, const char *answer,
                               const char *pii, struct id16 *ret_uuid)
{
    struct err e = {0};
    struct id16 uuid;
    circle_ok(store_draft_begin(s, &c->form, NULL, NULL, CIRCLE_NOW, STR("start"), STR("note"),
                                &uuid, &e),
              &e);
    if (ret_uuid)
        *ret_uuid = uuid;
    return finalise(s, &uuid, answer, pii);
}

struct hash32 circle_correct(struct circle_case *c, struct store *s, const struct hash32 *rev_id,
                             const char *answer)
{
    struct err e = {0};
    struct revision r;
    struct id16 uuid;
    bool there;
    (void)c;
    circle_ok(store_revision_get(s, rev_id, &r, &there, &e), &e);
    must(there);
    circle_ok(store_draft_begin(s, &r.form, rev_id, &r.uuid, CIRCLE_NOW, STR("start"), STR("note"),
                                &uuid, &e),
              &e);
    return finalise(s, &uuid, answer, "");
}

struct bundle_written circle_bundle(struct store *s, const char *file)
{
    struct err e = {0};
    struct bundle_written w;
    circle_ok(bundle_write(s, tmpdir_path(file), CIRCLE_NOW, &w, &e), &e);
    return w;
}

static void index_record(void *ctx, const struct revision *r, struct str part1, struct str part2,
                         struct buf *out)
{
    (void)ctx;
    (void)r;
    (void)part2;
    buf_add_z(out, "index of ");
    buf_add_str(out, str_sub(part1, 0, 100));
}

struct merge_report circle_merge(struct store *office, const char *file,
                                 enum merge_outcome *ret_outcome, struct err *ret_why)
{
    struct err e = {0}, why = {0};
    enum merge_outcome outcome;
    struct merge_report r = {0};
    struct merge_ctx m = {.store = office, .index = index_record, .now_ms = CIRCLE_NOW};
    circle_ok(merge_file(&m, tmpdir_path(file), &r, &outcome, &why, &e), &e);
    must(merge_report_adds_up(&r));
    must(r.files == 1);
    must(outcome == MERGE_MERGED || outcome == MERGE_SAME || why.kind);
    if (ret_outcome)
        *ret_outcome = outcome;
    else
        circle_ok(!why.kind, &why);
    if (ret_why)
        *ret_why = why;
    return r;
}

struct receipt_written circle_receipt(struct store *office, struct store *laptop, const char *file)
{
    struct err e = {0};
    struct receipt_written w;
    struct derive *d;
    circle_ok(derive_open(&d, office, &e), &e);
    struct receipt_judge judge = derive_judge(d);
    struct receipt_new n = {
        .device = store_identity(laptop)->device, .judge = &judge, .now_ms = CIRCLE_NOW};
    circle_ok(receipt_write(office, tmpdir_path(file), &n, &w, &e), &e);
    derive_free(d);
    return w;
}

struct receipt_applied circle_apply(struct store *laptop, const char *file)
{
    struct err e = {0};
    struct receipt_applied r;
    circle_ok(receipt_apply(laptop, tmpdir_path(file), NULL, &r, &e), &e);
    return r;
}

struct counting {
    enum standing standing;
    int state;
    unsigned n;
};

static bool count_one(void *ctx, const struct revision *r, enum revision_state state,
                      enum standing standing, struct str summary)
{
    struct counting *c = ctx;
    (void)r;
    (void)summary;
    c->n += standing == c->standing && (c->state < 0 || state == (enum revision_state)c->state);
    return true;
}

unsigned circle_count(struct store *s, enum standing standing, int state)
{
    struct err e = {0};
    struct derive *d;
    struct counting c = {standing, state, 0};
    circle_ok(derive_open(&d, s, &e), &e);
    circle_ok(derive_each(d, count_one, &c, &e), &e);
    derive_free(d);
    return c.n;
}

struct wanted {
    const struct hash32 *rev_id;
    int state;
};

static bool find_state(void *ctx, const struct revision *r, enum revision_state state,
                       struct str summary)
{
    struct wanted *w = ctx;
    (void)summary;
    if (hash32_eq(&r->rev_id, w->rev_id))
        w->state = (int)state;
    return true;
}

enum revision_state circle_state(struct store *s, const struct hash32 *rev_id)
{
    struct err e = {0};
    struct wanted w = {rev_id, -1};
    circle_ok(store_revision_each(s, find_state, &w, &e), &e);
    must(w.state >= 0);
    return (enum revision_state)w.state;
}

void circle_hash(struct store *s, struct hash32 *ret)
{
    struct err e = {0};
    circle_ok(derive_content_hash(s, ret, &e), &e);
}
