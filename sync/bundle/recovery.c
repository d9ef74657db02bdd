/* Opening a store whose passphrase is forgotten; see recovery.h. */
#include "sync/bundle/recovery.h"

#include "sync/bundle/keyring.h"
#include "sync/bundle/kit_i.h"
#include "sync/bundle/record.h"
#include "sync/io/io.h"

#define REQUEST_LINE "cacah-recovery-request 1\n"
#define ANSWER_LINE  "cacah-recovery-answer 1\n"

/* ---- texts: `key: hex` lines in one order, one byte form ---- */

static void line(struct buf *out, const char *key, const void *p, size_t n)
{
    buf_add_z(out, key);
    buf_add_z(out, ": ");
    hex_add(out, p, n);
    buf_add_c(out, '\n');
}

static bool take_line(struct str *rest, const char *key, void *p, size_t n)
{
    size_t end = str_find(*rest, '\n', 0), begins = strlen(key) + 2;
    if (end >= rest->n || end < begins || memcmp(rest->p, key, begins - 2) != 0)
        return false;
    bool ok = hex_get(str_sub(*rest, begins, end - begins), p, n);
    *rest = str_from(*rest, end + 1);
    return ok;
}

static void write_request(const struct recovery_request *r, struct buf *out)
{
    buf_add_z(out, REQUEST_LINE);
    line(out, "survey", r->survey.b, sizeof r->survey.b);
    line(out, "store", r->store.b, sizeof r->store.b);
    line(out, "device", r->device.b, sizeof r->device.b);
    line(out, "key", r->key.b, sizeof r->key.b);
    if (r->has_office)
        line(out, "office", r->office, sizeof r->office);
    if (r->has_paper)
        line(out, "paper", r->paper, sizeof r->paper);
}

bool recovery_read(struct str text, struct recovery_request *ret, struct err *e)
{
    struct recovery_request r = {.has_office = false};
    struct str rest =
        str_starts(text, str_of(REQUEST_LINE)) ? str_from(text, strlen(REQUEST_LINE)) : STR("");
    struct buf again;
    if (!take_line(&rest, "survey", r.survey.b, sizeof r.survey.b) ||
        !take_line(&rest, "store", r.store.b, sizeof r.store.b) ||
        !take_line(&rest, "device", r.device.b, sizeof r.device.b) ||
        !take_line(&rest, "key", r.key.b, sizeof r.key.b))
        return err_fail(e, ERR_RECOVERY_REQUEST);
    r.has_office =
        str_starts(rest, STR("office")) && take_line(&rest, "office", r.office, sizeof r.office);
    r.has_paper =
        str_starts(rest, STR("paper")) && take_line(&rest, "paper", r.paper, sizeof r.paper);
    buf_init(&again, RECOVERY_FILE_MAX);
    write_request(&r, &again);
    bool same = str_eq(buf_str(&again), text);
    buf_done(&again);
    if (!same)
        return err_fail(e, ERR_RECOVERY_REQUEST);
    *ret = r;
    return true;
}

/* ---- asking ---- */

static bool take_slot(const char *path, enum slot_kind kind, struct id16 *store, uint8_t *ret,
                      bool *ret_there, struct err *e)
{
    struct buf b;
    buf_init(&b, 1024);
    bool ok = store_recovery_slot(path, kind, store, &b, ret_there, e);
    *ret_there = ok && *ret_there && b.n == RECOVERY_SLOT;
    if (*ret_there)
        memcpy(ret, b.p, RECOVERY_SLOT);
    buf_done(&b);
    return ok;
}

bool recovery_ask(const char *store_path, struct secret **ret_seed, struct buf *out, struct err *e)
{
    struct recovery_request r = {.has_office = false};
    struct store_peek p;
    struct secret *sk;
    if (!store_peek(store_path, &p, e) ||
        !take_slot(store_path, SLOT_OFFICE, &r.store, r.office, &r.has_office, e) ||
        !take_slot(store_path, SLOT_PAPER, &r.store, r.paper, &r.has_paper, e))
        return false;
    if (!r.has_office && !r.has_paper)
        return err_fail(e, ERR_RECOVERY_NONE);
    r.survey = p.survey;
    r.device = p.device;
    *ret_seed = secret_random(SEED_SIZE);
    crypt_box_pair(*ret_seed, &r.key, &sk);
    secret_free(sk);
    write_request(&r, out);
    return true;
}

static struct hash32 code_of(struct str text)
{
    struct buf m;
    buf_init(&m, RECOVERY_FILE_MAX + 16);
    msg_tag(&m, "cacah.rcode.1");
    buf_add_str(&m, text);
    struct hash32 h = crypt_hash(buf_str(&m));
    buf_done(&m);
    return h;
}

void recovery_words(struct str text, enum words_lang lang, struct buf *out)
{
    struct hash32 h = code_of(text);
    words_of_hash(lang, &h, WORDS_FINGERPRINT, out);
}

bool recovery_words_fit(struct str text, struct str typed)
{
    struct buf said, right;
    struct err ignored = {0};
    bool fit = false;
    buf_init(&said, 1024);
    buf_init(&right, 1024);
    if (words_invite_read(typed, &said, &ignored))
        for (enum words_lang lang = WORDS_ID; !fit && lang <= WORDS_EN; lang++) {
            buf_clear(&right);
            recovery_words(text, lang, &right);
            fit = str_eq(buf_str(&right), buf_str(&said));
        }
    buf_done(&said);
    buf_done(&right);
    return fit;
}

/* ---- answering ---- */

/* Sealed: T("cacah.rans.1") ‖ store_id ‖ MK */
static bool answer(const struct recovery_request *r, const struct pk32 *pk, const struct secret *sk,
                   const uint8_t slot[RECOVERY_SLOT], struct buf *out, struct err *e)
{
    struct secret *mk;
    struct buf plain, sealed;
    if (!recovery_slot_open(pk, sk, (struct str){(const char *)slot, RECOVERY_SLOT}, &r->store, &mk,
                            e))
        return false;
    buf_init(&plain, 64);
    buf_init(&sealed, RECOVERY_SLOT);
    msg_tag(&plain, "cacah.rans.1");
    buf_add(&plain, r->store.b, sizeof r->store.b);
    buf_add(&plain, secret_view(mk), secret_size(mk));
    bool ok = crypt_box_seal(&r->key, buf_str(&plain), &sealed, e);
    if (ok) {
        buf_add_z(out, ANSWER_LINE);
        line(out, "store", r->store.b, sizeof r->store.b);
        line(out, "key", r->key.b, sizeof r->key.b);
        line(out, "sealed", sealed.p, sealed.n);
    }
    secret_free(mk);
    buf_wipe_done(&plain);
    buf_done(&sealed);
    return ok;
}

static bool answer_with(const struct recovery_request *r, const struct secret *seed, bool office,
                        struct buf *out, struct err *e)
{
    struct pk32 pk;
    struct secret *sk;
    if (office ? !r->has_office : !r->has_paper)
        return err_fail(e, ERR_RECOVERY_NONE);
    crypt_box_pair(seed, &pk, &sk);
    bool ok = answer(r, &pk, sk, office ? r->office : r->paper, out, e);
    secret_free(sk);
    return ok;
}

bool recovery_answer(struct store *office, const struct recovery_request *r, struct buf *out,
                     struct err *e)
{
    struct buf seed, said;
    bool there;
    if (!id16_eq(&r->survey, &store_identity(office)->survey))
        return err_fail(e, ERR_ENVELOPE_SURVEY);
    buf_init(&seed, SEED_SIZE);
    bool ok = store_config_get(office, "recovery", &seed, &there, e);
    if (ok && (!there || seed.n != SEED_SIZE))
        ok = err_fail(e, ERR_RECOVERY_OFFICE);
    struct secret *key = ok ? secret_copy(seed.p, seed.n) : NULL;
    buf_wipe_done(&seed);
    ok = ok && answer_with(r, key, true, out, e);
    secret_free(key);
    buf_init(&said, 256);
    buf_add_z(&said, "recovery of store ");
    hex_add(&said, r->store.b, sizeof r->store.b);
    ok = ok && store_ledger_append(office, LEDGER_SLOT, NULL, &r->device, buf_str(&said), e);
    buf_done(&said);
    return ok;
}

bool recovery_answer_paper(const struct secret *paper, const struct recovery_request *r,
                           struct buf *out, struct err *e)
{
    struct secret *seed = crypt_kdf(paper, 2, "cacahrec");
    bool ok = answer_with(r, seed, false, out, e);
    secret_free(seed);
    return ok;
}

/* ---- opening ---- */

bool recovery_open(struct str text, const struct secret *seed, struct secret **ret_mk,
                   struct err *e)
{
    struct id16 store;
    struct pk32 key, pk;
    uint8_t sealed[RECOVERY_SLOT];
    struct secret *sk, *plain = NULL;
    struct err why = {0};
    struct str rest =
        str_starts(text, str_of(ANSWER_LINE)) ? str_from(text, strlen(ANSWER_LINE)) : STR("");
    if (!take_line(&rest, "store", store.b, sizeof store.b) ||
        !take_line(&rest, "key", key.b, sizeof key.b) ||
        !take_line(&rest, "sealed", sealed, sizeof sealed) || rest.n)
        return err_fail(e, ERR_RECOVERY_ANSWER_PART);
    crypt_box_pair(seed, &pk, &sk);
    bool ok =
        pk32_eq(&pk, &key) &&
        crypt_box_open(&pk, sk, (struct str){(const char *)sealed, sizeof sealed}, &plain, &why) &&
        secret_size(plain) == 64 && memcmp(secret_view(plain) + 16, store.b, 16) == 0;
    if (ok)
        *ret_mk = secret_copy(secret_view(plain) + 32, 32);
    secret_free(sk);
    secret_free(plain);
    return ok || err_fail(e, ERR_RECOVERY_ANSWER);
}

bool recovery_open_paper(const char *store_path, const struct secret *paper, struct secret **ret_mk,
                         struct err *e)
{
    struct id16 store;
    uint8_t slot[RECOVERY_SLOT];
    bool there;
    struct pk32 pk;
    struct secret *sk, *seed;
    if (!take_slot(store_path, SLOT_PAPER, &store, slot, &there, e))
        return false;
    if (!there)
        return err_fail(e, ERR_RECOVERY_NONE);
    seed = crypt_kdf(paper, 2, "cacahrec");
    crypt_box_pair(seed, &pk, &sk);
    bool ok = recovery_slot_open(&pk, sk, (struct str){(const char *)slot, sizeof slot}, &store,
                                 ret_mk, e);
    secret_free(seed);
    secret_free(sk);
    return ok;
}

bool recovery_check_paper(struct store *s, const struct secret *paper, struct err *e)
{
    struct secret *seed = crypt_kdf(paper, 1, "cacahrot"), *sk;
    struct pk32 root, known;
    bool there;
    crypt_sign_pair(seed, &root, &sk);
    secret_free(seed);
    secret_free(sk);
    if (!config_get_bytes(s, "root", known.b, sizeof known.b, &there, e))
        return false;
    return (there && pk32_eq(&root, &known)) || err_fail(e, ERR_PAPER_OTHER);
}
