/* Kits: what the office gives a laptop, and a laptop's joining with it; see kit.h. */
#include "forms/base/safe.h"
#include "forms/base/utf8.h"
#include "sync/bundle/fact.h"
#include "sync/bundle/keyring.h"
#include "sync/bundle/kit_i.h"
#include "sync/bundle/parcel.h"
#include "sync/bundle/record.h"

#define KIT_LABEL_LIMIT "200 bytes"

/* ---- writing ---- */

static bool add_config_forms(struct parcel *p, struct store *s, struct err *e)
{
    struct arena a;
    struct config c;
    arena_init(&a);
    bool ok = kit_config(s, &c, &a, e);
    for (size_t i = 0; ok && i < c.n_forms; i++)
        ok = parcel_add_form(p, s, &c.forms[i].hash, e);
    arena_done(&a);
    return ok;
}

bool parcel_add_survey(struct parcel *p, struct store *s, struct err *e)
{
    struct buf config;
    buf_init(&config, STORE_FACT_MAX);
    bool ok = parcel_add_facts(p, s, FACT_CERTIFICATE, e) && kit_config_bytes(s, &config, e);
    if (ok)
        parcel_add(p, FRAME_FACT, buf_str(&config));
    buf_done(&config);
    return ok && parcel_add_tombstones(p, s, e) && add_config_forms(p, s, e);
}

/* The office remembers the kit's public half, by which it will know the laptop. */
static bool remember_kit(struct store *s, const struct kit_fact *k, struct err *e)
{
    const struct store_identity *id = store_identity(s);
    struct buf body;
    bool fresh;
    buf_init(&body, 512);
    kit_fact_encode(k, &body);
    struct fact f =
        fact_sign(FACT_KIT, &id->survey, &id->ed_pk, store_signing_key(s), buf_str(&body));
    bool ok = fact_put(s, &f, &fresh, e);
    buf_done(&body);
    return ok;
}

static bool fill_kit(struct parcel *p, struct store *s, const struct kit_new *n, struct kit_fact *k,
                     struct err *e)
{
    struct secret *seed = secret_random(SEED_SIZE), *sk;
    struct join_body j = {.kit = k->kit, .label = n->label};
    struct buf body;
    bool there;
    crypt_sign_pair(seed, &k->enrol_pk, &sk);
    secret_free(sk);
    j.seed = (struct str){(const char *)secret_view(seed), secret_size(seed)};
    buf_init(&body, 1024);
    bool ok = config_get_bytes(s, "root", j.root.b, sizeof j.root.b, &there, e);
    if (ok && !there)
        ok = err_fail(e, ERR_NO_ROOT);
    if (ok) {
        join_encode(&j, &body);
        parcel_add(p, FRAME_JOIN, buf_str(&body));
        ok = parcel_add_survey(p, s, e);
    }
    if (ok && n->assignments.n)
        parcel_add(p, FRAME_ASSIGNMENTS, n->assignments);
    buf_wipe_done(&body);
    secret_free(seed);
    return ok;
}

/* Within a transaction; all of the file but its name. */
static bool make_kit(struct store *s, const char *path, const struct kit_new *n, struct str code,
                     struct id16 *ret_kit, struct envelope_out **ret, struct err *e)
{
    struct parcel p;
    struct kit_fact k = {.made_ms = n->now_ms, .label = n->label};
    struct envelope_new env = {
        .kind = ENVELOPE_KIT,
        .created_ms = n->now_ms,
        .invite = code,
        .invite_cost = kdf_cost_invite(n->weak_laptops),
    };
    crypt_random(k.kit.b, sizeof k.kit.b);
    parcel_init(&p);
    bool ok = fill_kit(&p, s, n, &k, e) && remember_kit(s, &k, e) &&
              counter_next(s, "count.kit", &env.seq, e) && parcel_write(&p, s, &env, path, ret, e);
    parcel_done(&p);
    if (ok)
        *ret_kit = k.kit;
    return ok;
}

bool kit_label_is_plain(struct str label)
{
    size_t n;
    for (size_t i = 0; i < label.n; i += n)
        if (text_hostile(utf8_at(label, i, &n)))
            return false;
    return utf8_valid(label, NULL);
}

bool kit_write(struct store *s, const char *path, const struct kit_new *n, struct buf *ret_code,
               struct id16 *ret_kit, struct err *e)
{
    struct buf code;
    struct envelope_out *o = NULL;
    struct id16 kit;
    if (n->label.n == 0 || n->label.n > KIT_LABEL_MAX)
        return err_fail2(e, ERR_LIMIT, "The laptop's name", KIT_LABEL_LIMIT);
    if (!kit_label_is_plain(n->label))
        return err_fail(e, ERR_LABEL_TEXT);
    buf_init(&code, 200);
    words_invite(n->lang, &code);
    bool ok =
        store_begin(s, e) && store_end(s, make_kit(s, path, n, buf_str(&code), &kit, &o, e), e);
    ok = ok && envelope_publish(o, e);
    envelope_out_free(o);
    if (ok) {
        buf_add_str(ret_code, buf_str(&code));
        *ret_kit = kit;
    }
    buf_wipe_done(&code);
    return ok;
}

/* ---- opening ---- */

static bool look_fact(struct kit *k, struct str body, struct err *e)
{
    struct fact f;
    if (!fact_decode(body, &k->info.survey, &f, e))
        return false;
    authority_add(&k->authority, &f);
    if (f.kind != FACT_CONFIG)
        return true;
    if (k->config_fact.n)
        return err_fail1(e, ERR_ENVELOPE_FRAME, "two configurations");
    k->config_fact = body;
    return config_parse(f.body, &k->config, &k->parcel.a, e);
}

/* Everything must read before anything is made of it. */
static bool look(struct kit *k, const struct parcel_frame *f, struct err *e)
{
    struct form_files files;
    struct tombstone tomb;
    switch (f->type) {
    case FRAME_FACT: return look_fact(k, f->body, e);
    case FRAME_TOMBSTONE: return tombstone_decode(f->body, &tomb, e);
    case FRAME_FORM: k->info.n_forms++; return form_files_unpack(&files, f->body, &k->parcel.a, e);
    case FRAME_ASSIGNMENTS: k->assignments = f->body; return true;
    case FRAME_JOIN:
        if (k->has_join)
            return err_fail1(e, ERR_ENVELOPE_FRAME, "two enrolment seeds");
        k->has_join = true;
        return join_decode(f->body, &k->join, e);
    case FRAME_DEVICE:
    case FRAME_ROWS:
    case FRAME_HEAD:
    case FRAME_ATTACHMENT:
    case FRAME_CHUNK:
    case FRAME_RECORD:
    case FRAME_RECEIPT:
    case FRAME_STATE:
    case FRAME_ACK: break;
    }
    return err_fail1(e, ERR_ENVELOPE_FRAME, "a misplaced record"); /* the reader has refused it */
}

static bool look_all(struct kit *k, struct err *e)
{
    for (size_t i = 0; i < k->parcel.n; i++)
        if (!look(k, &k->parcel.v[i], e))
            return false;
    return true;
}

/* The code is what makes a kit genuine (§3, 30); this makes it whole: signed by an operator whom the
 * root in it certified, its config by such a one too. */
static bool check_kit(struct kit *k, const struct pk32 *sender, struct err *e)
{
    struct fact f;
    if (!k->has_join || !k->config_fact.n)
        return err_fail1(e, ERR_ENVELOPE_FRAME, "no configuration or enrolment seed");
    if (!kit_label_is_plain(k->join.label)) /* a line of its own could look like the words */
        return err_fail1(e, ERR_ENVELOPE_FRAME, "control characters in the laptop's name");
    if (!fact_decode(k->config_fact, &k->info.survey, &f, e))
        return false;
    k->authority.root = k->join.root;
    if (!pk32_eq(&k->config.root, &k->join.root) || !id16_eq(&k->config.survey, &k->info.survey) ||
        !(authority_may(&k->authority, sender) & MAY_KIT) ||
        !(authority_may(&k->authority, &f.signer) & MAY_KIT))
        return err_fail(e, ERR_KIT_AUTHORITY);
    k->info.kit = k->join.kit;
    k->info.title = k->config.title;
    k->info.label = k->join.label;
    k->info.fingerprint = survey_fingerprint(&k->info.survey, &k->join.root);
    return true;
}

static bool open_kit(struct kit *k, struct envelope_in *in, struct str code, struct err *e)
{
    const struct envelope_header *h = envelope_in_header(in);
    struct buf words;
    if (h->kind != ENVELOPE_KIT)
        return err_fail2(e, ERR_ENVELOPE_KIND, envelope_kind_name(h->kind), "kit");
    k->info.survey = h->survey;
    k->info.practice = office_is_practice(&h->survey);
    buf_init(&words, 200);
    bool ok = words_invite_read(code, &words, e) && envelope_check(in, e) &&
              envelope_unlock_invite(in, buf_str(&words), e) && parcel_read(&k->parcel, in, e) &&
              look_all(k, e) && check_kit(k, &h->sender, e);
    buf_wipe_done(&words);
    return ok;
}

bool kit_open(struct kit **ret, const char *path, struct str code, struct err *e)
{
    struct envelope_in *in;
    if (!envelope_open(&in, path, e))
        return false;
    struct kit *k = mem_alloc(sizeof *k);
    parcel_init(&k->parcel);
    bool ok = open_kit(k, in, code, e);
    envelope_in_free(in);
    if (!ok) {
        kit_close(k);
        return false;
    }
    *ret = k;
    return true;
}

const struct kit_info *kit_info(const struct kit *k)
{
    return &k->info;
}

struct str kit_assignments(const struct kit *k)
{
    return k->assignments;
}

void kit_close(struct kit *k)
{
    if (!k)
        return;
    authority_done(&k->authority);
    parcel_done(&k->parcel);
    mem_free(k);
}

/* ---- joining ---- */

struct sig64 kit_claim(const struct kit *k, const struct store_identity *id)
{
    struct secret *seed = secret_copy(k->join.seed.p, k->join.seed.n), *sk;
    struct pk32 pk;
    struct buf m;
    crypt_sign_pair(seed, &pk, &sk);
    buf_init(&m, 256);
    enrol_message(&id->survey, &k->join.kit, &id->ed_pk, &id->x_pk, &m);
    struct sig64 claim = crypt_sign(sk, buf_str(&m));
    buf_done(&m);
    secret_free(seed);
    secret_free(sk);
    return claim;
}

/* The laptop's own entry among the devices, with its claim on the kit. */
static bool enrol(struct store *s, const struct kit *k, struct err *e)
{
    const struct store_identity *id = store_identity(s);
    struct device self = {
        .device = id->device,
        .ed_pk = id->ed_pk,
        .x_pk = id->x_pk,
        .kit = k->join.kit,
        .claim = kit_claim(k, id),
        .label = k->join.label,
    };
    bool fresh;
    return store_device_put(s, &self, &fresh, e);
}

bool survey_put(struct store *s, const struct parcel_frame *part, struct err *e)
{
    struct fact f;
    struct form_files files;
    struct hash32 hash;
    struct arena a;
    struct tombstone tomb;
    bool fresh;
    if (part->type == FRAME_FACT)
        return fact_decode(part->body, &store_identity(s)->survey, &f, e) &&
               (f.kind == FACT_CONFIG || fact_put(s, &f, &fresh, e));
    if (part->type == FRAME_TOMBSTONE)
        return tombstone_decode(part->body, &tomb, e) &&
               store_tombstone_put(s, &tomb, true, &fresh, e);
    if (part->type != FRAME_FORM)
        return true;
    arena_init(&a);
    bool ok = form_files_unpack(&files, part->body, &a, e) && store_form_put(s, &files, &hash, e);
    arena_done(&a);
    return ok;
}

static bool fill_store(void *ctx, struct store *s, struct err *e)
{
    const struct kit *k = *(const struct kit *const *)ctx;
    struct store_marks marks;
    struct fact config;
    struct str root = {(const char *)k->join.root.b, sizeof k->join.root.b};
    if (!fact_decode(k->config_fact, &k->info.survey, &config, e))
        return false;
    struct hash32 config_id = fact_id(&config, &k->info.survey);
    store_marks(s, &marks);
    marks.config_seq = k->config.seq;
    bool ok = store_config_put(s, "root", root, e) &&
              store_config_put(s, "config", k->config_fact, e) &&
              store_config_put(s, "label", k->join.label, e) && store_marks_set(s, &marks, e) &&
              enrol(s, k, e) && store_ledger_append(s, LEDGER_CONFIG, NULL, &config_id, STR(""), e);
    if (ok && k->assignments.n)
        ok = store_config_put(s, "assignments", k->assignments, e);
    for (size_t i = 0; ok && i < k->parcel.n; i++)
        ok = survey_put(s, &k->parcel.v[i], e);
    return ok;
}

bool kit_join(struct store **ret, const char *store_path, const struct kit *k, const struct join *j,
              struct err *e)
{
    struct store_init init = {
        .kind = j->supervisor ? STORE_OFFICE : STORE_FIELD,
        .survey = k->info.survey,
        .passphrase = j->passphrase,
        .signing_seed = j->signing_seed,
        .user = j->user,
        .office_recovery = k->config.office_recovery,
        .paper_recovery = k->config.paper_recovery,
        .fill = fill_store,
        .fill_ctx = &k,
    };
    return store_create(ret, store_path, &init, e);
}

bool kit_label(struct store *s, struct buf *out, struct err *e)
{
    bool there;
    return store_config_get(s, "label", out, &there, e);
}
