/* The office's keys and the survey's config; see kit.h. */
#include "sync/bundle/fact.h"
#include "sync/bundle/keyring.h"
#include "sync/bundle/kit_i.h"

#define PRACTICE_BYTES 8

/* ---- making an office ---- */

struct paper { /* what is derived from the paper seed R (§1.1) */
    struct secret *root_sk, *recovery_sk;
    struct pk32 root, recovery;
};

static void paper_derive(const struct secret *r, struct paper *p)
{
    struct secret *root = crypt_kdf(r, 1, "cacahrot"), *recovery = crypt_kdf(r, 2, "cacahrec");
    crypt_sign_pair(root, &p->root, &p->root_sk);
    crypt_box_pair(recovery, &p->recovery, &p->recovery_sk);
    secret_free(root);
    secret_free(recovery);
}

static void paper_done(struct paper *p)
{
    secret_free(p->root_sk);
    secret_free(p->recovery_sk);
}

/* A new seed into the sealed config under `name`, and its public key. */
static bool new_box_key(struct store *s, const char *name, struct pk32 *ret, struct err *e)
{
    struct secret *seed = secret_random(SEED_SIZE), *sk;
    crypt_box_pair(seed, ret, &sk);
    secret_free(sk);
    bool ok = store_config_put(s, name,
                               (struct str){(const char *)secret_view(seed), secret_size(seed)}, e);
    secret_free(seed);
    return ok;
}

static bool certify(struct store *s, const struct paper *p, const struct cert *c, struct err *e)
{
    struct buf body;
    bool fresh;
    buf_init(&body, 256);
    cert_encode(c, &body);
    struct fact f = fact_sign(FACT_CERTIFICATE, &store_identity(s)->survey, &p->root, p->root_sk,
                              buf_str(&body));
    bool ok = fact_put(s, &f, &fresh, e);
    buf_done(&body);
    return ok;
}

/* Signs, keeps, and notes in ledger and head. Within a transaction. */
static bool config_keep(struct store *s, const struct config *c, struct err *e)
{
    const struct store_identity *id = store_identity(s);
    struct buf text, bytes;
    struct store_marks marks;
    char n[ERR_ARG_MAX];
    buf_init(&text, CONFIG_TEXT_MAX < FACT_BODY_MAX ? CONFIG_TEXT_MAX : FACT_BODY_MAX);
    buf_init(&bytes, STORE_FACT_MAX);
    bool ok = config_write(c, &text) || err_fail1(e, ERR_CONFIG, err_num(n, 0));
    if (ok) {
        struct fact f =
            fact_sign(FACT_CONFIG, &id->survey, &id->ed_pk, store_signing_key(s), buf_str(&text));
        struct hash32 hash = fact_id(&f, &id->survey);
        fact_encode(&f, &bytes);
        store_marks(s, &marks);
        marks.config_seq = c->seq;
        ok = store_config_put(s, "config", buf_str(&bytes), e) && store_marks_set(s, &marks, e) &&
             store_ledger_append(s, LEDGER_CONFIG, NULL, &hash, STR(""), e);
    }
    buf_done(&text);
    buf_done(&bytes);
    return ok;
}

/* The form in the place of the one of that name, or at the end. False: nothing to change. */
static bool place_form(struct config *c, const struct hash32 *hash, struct str name,
                       struct arena *a)
{
    for (size_t i = 0; i < c->n_forms; i++)
        if (str_eq(c->forms[i].name, name)) {
            bool differs = !hash32_eq(&c->forms[i].hash, hash);
            c->forms[i].hash = *hash;
            return differs;
        }
    struct config_form *v = ARENA_ARRAY(a, struct config_form, c->n_forms + 1);
    for (size_t i = 0; i < c->n_forms; i++)
        v[i] = c->forms[i];
    v[c->n_forms++] = (struct config_form){*hash, name};
    c->forms = v;
    return true;
}

struct filling {
    const struct office_new *n;
    const struct paper *paper;
    const struct secret *seed; /* of the paper key */
    struct arena a;
};

static bool put_forms(struct store *s, struct filling *f, struct config *c, struct err *e)
{
    for (size_t i = 0; i < f->n->n_forms; i++) {
        struct hash32 hash;
        if (!store_form_put(s, &f->n->forms[i], &hash, e))
            return false;
        place_form(c, &hash, f->n->forms[i].form.name, &f->a);
    }
    return true;
}

static bool office_fill(void *ctx, struct store *s, struct err *e)
{
    struct filling *f = ctx;
    const struct paper *p = f->paper;
    const struct store_identity *id = store_identity(s);
    struct pk32 epoch, recovery;
    if (!new_box_key(s, "epochs", &epoch, e) || !new_box_key(s, "recovery", &recovery, e) ||
        !store_config_put(s, "root", (struct str){(const char *)p->root.b, 32}, e))
        return false;
    struct cert operator_cert = {
        .config_seq = 1,
        .may = MAY_REVIEW | MAY_FORWARD | MAY_KIT | MAY_PURGE | MAY_ERASE,
        .ed_pk = id->ed_pk,
        .x_pk = epoch,
    };
    struct device self = {.device = id->device, .ed_pk = id->ed_pk, .x_pk = id->x_pk};
    struct config_recipient office = {.x_pk = epoch, .label = f->n->title};
    struct config c = {
        .seq = 1,
        .survey = id->survey,
        .root = p->root,
        .office_recovery = recovery,
        .paper_recovery = p->recovery,
        .title = f->n->title,
        .recipients = &office,
        .n_recipients = 1,
    };
    bool fresh;
    return certify(s, p, &operator_cert, e) && store_device_put(s, &self, &fresh, e) &&
           put_forms(s, f, &c, e) && config_keep(s, &c, e) &&
           (!f->n->keep_paper || f->n->keep_paper(f->n->ctx, f->seed, e));
}

bool office_is_practice(const struct id16 *survey)
{
    static const uint8_t zero[PRACTICE_BYTES];
    return memcmp(survey->b, zero, PRACTICE_BYTES) == 0;
}

/* The survey's id; that of a real one is never taken for practice. */
static void new_survey(const struct office_new *n, struct id16 *ret)
{
    if (n->survey) {
        *ret = *n->survey;
        return;
    }
    crypt_random(ret->b, sizeof ret->b);
    if (n->signing_seed) { /* practice alone: the same seed, the same survey (decisions.md 20) */
        struct secret *id = crypt_kdf(n->signing_seed, 2, "cacahprc");
        memcpy(ret->b, secret_view(id), sizeof ret->b);
        secret_free(id);
    }
    if (n->practice)
        memset(ret->b, 0, PRACTICE_BYTES);
    else
        ret->b[0] |= 0x80;
}

bool office_create(struct store **ret, const char *path, const struct office_new *n,
                   struct secret **ret_paper, struct err *e)
{
    struct secret *r = secret_random(SEED_SIZE);
    struct paper p;
    struct filling filling = {.n = n, .paper = &p, .seed = r};
    paper_derive(r, &p);
    struct store_init init = {
        .kind = STORE_OFFICE,
        .passphrase = n->passphrase,
        .signing_seed = n->signing_seed,
        .user = n->user,
        .paper_recovery = p.recovery,
        .fill = office_fill,
        .fill_ctx = &filling,
    };
    new_survey(n, &init.survey);
    arena_init(&filling.a);
    bool ok = store_create(ret, path, &init, e);
    arena_done(&filling.a);
    paper_done(&p);
    if (!ok) {
        secret_free(r);
        return false;
    }
    *ret_paper = r;
    return true;
}

/* ---- config ---- */

bool kit_config_bytes(struct store *s, struct buf *out, struct err *e)
{
    bool there;
    if (!store_config_get(s, "config", out, &there, e))
        return false;
    return there || err_fail(e, ERR_NO_ROOT);
}

bool kit_config(struct store *s, struct config *ret, struct arena *a, struct err *e)
{
    struct buf bytes;
    struct fact f;
    buf_init(&bytes, STORE_FACT_MAX);
    bool ok = kit_config_bytes(s, &bytes, e) &&
              fact_decode(buf_str(&bytes), &store_identity(s)->survey, &f, e) &&
              config_parse(arena_str(a, f.body), ret, a, e);
    buf_done(&bytes);
    return ok;
}

bool kit_recovery_check(struct store *s, enum recovery_is *ret, struct err *e)
{
    struct arena a;
    struct config c;
    struct buf own;
    bool there = false, is_office = false;
    arena_init(&a);
    buf_init(&own, STORE_FACT_MAX);
    *ret = RECOVERY_FITS;
    bool ok = store_config_get(s, "config", &own, &there, e);
    buf_clear(&own);
    ok = ok && store_config_get(s, "recovery", &own, &is_office, e);
    if (ok && there) {
        ok = kit_config(s, &c, &a, e);
        if (ok && is_office)
            c.office_recovery = (struct pk32){{0}};
        ok = ok && store_recovery_check(s, &c.office_recovery, &c.paper_recovery, ret, e);
    }
    buf_wipe_done(&own);
    arena_done(&a);
    return ok;
}

bool office_config_set(struct store *s, struct config *c, struct err *e)
{
    struct arena a;
    struct config now;
    arena_init(&a);
    bool ok = kit_config(s, &now, &a, e);
    if (ok) {
        c->seq = now.seq + 1;
        c->survey = now.survey;
        c->root = now.root;
        c->office_recovery = now.office_recovery;
        c->paper_recovery = now.paper_recovery;
        ok = store_begin(s, e) && store_end(s, config_keep(s, c, e), e);
    }
    arena_done(&a);
    return ok;
}

bool office_form_add(struct store *s, const struct form_files *f, struct hash32 *ret_hash,
                     struct err *e)
{
    struct arena a;
    struct config c;
    struct hash32 hash;
    arena_init(&a);
    bool ok = kit_config(s, &c, &a, e) && store_begin(s, e);
    if (ok) {
        bool put = store_form_put(s, f, &hash, e);
        if (put && place_form(&c, &hash, f->form.name, &a)) {
            c.seq++;
            put = config_keep(s, &c, e);
        }
        ok = store_end(s, put, e);
    }
    arena_done(&a);
    if (ok)
        *ret_hash = hash;
    return ok;
}

/* ---- fingerprint ---- */

struct hash32 survey_fingerprint(const struct id16 *survey, const struct pk32 *root)
{
    struct buf m;
    buf_init(&m, 64);
    msg_tag(&m, "cacah.fpr.1");
    buf_add(&m, survey->b, sizeof survey->b);
    buf_add(&m, root->b, sizeof root->b);
    struct hash32 h = crypt_hash(buf_str(&m));
    buf_done(&m);
    return h;
}

bool kit_survey_words(struct store *s, enum words_lang lang, struct buf *out, struct err *e)
{
    struct pk32 root;
    bool there;
    if (!config_get_bytes(s, "root", root.b, sizeof root.b, &there, e))
        return false;
    if (!there)
        return err_fail(e, ERR_NO_ROOT);
    struct hash32 h = survey_fingerprint(&store_identity(s)->survey, &root);
    words_of_hash(lang, &h, WORDS_FINGERPRINT, out);
    return true;
}
