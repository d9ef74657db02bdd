/* See parties.h. */
#include "tests/vectors/parties.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zstd.h>

#include "sync/bundle/config.h"
#include "sync/bundle/fact.h"
#include "sync/bundle/kit.h"
#include "sync/bundle/receipt.h"
#include "sync/bundle/record.h"
#include "tests/support/forge.h"
#include "tests/support/tmpdir.h"

#define PLAIN_MAX  ((size_t)1 << 20)
#define CODE       "abad abdi absen absolut abstrak acara"
#define OTHER_CODE "abad abdi absen absolut abstrak adaptasi"
#define STORE      "laptop.cacah"

struct party {
    struct pk32 pk;
    struct secret *sk;
};
static struct party operator_, stranger, root;
static struct secret *enrol_seed, *laptop_seed;
static struct device laptop;
static const struct id16 survey = {{0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8}};
static const struct id16 elsewhere = {{0, 0, 0, 0, 0, 0, 0, 0, 8, 7, 6, 5, 4, 3, 2, 1}};

static struct secret *seed(uint8_t from)
{
    uint8_t bytes[32];
    for (uint8_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(from + i);
    return secret_copy(bytes, sizeof bytes);
}

static void sign_pair(uint8_t from, struct party *ret)
{
    struct secret *s = seed(from);
    crypt_sign_pair(s, &ret->pk, &ret->sk);
    secret_free(s);
}

/* Once; the process ends with them. */
static void know_all(void)
{
    if (enrol_seed)
        return;
    sign_pair(0x00, &operator_);
    sign_pair(0x40, &stranger);
    sign_pair(0x80, &root);
    laptop_seed = seed(0xa0);
    enrol_seed = seed(0xc0);
    struct secret *mk = crypt_kdf(laptop_seed, 1, "cacahprc"), *box = crypt_kdf(mk, 6, "cacahbox"),
                  *sk, *box_sk;
    crypt_sign_pair(laptop_seed, &laptop.ed_pk, &sk);
    crypt_box_pair(box, &laptop.x_pk, &box_sk);
    laptop.device = device_id(&laptop.ed_pk, &laptop.x_pk);
    secret_free(mk);
    secret_free(box);
    secret_free(sk);
    secret_free(box_sk);
}

/* ---- frames ---- */

void parties_frame(struct buf *out, enum frame_type type, struct str body)
{
    buf_add_u8(out, (uint8_t)type);
    buf_add_le32(out, (uint32_t)body.n);
    buf_add_str(out, body);
}

static void fact(struct buf *out, enum fact_kind kind, const struct party *by, struct str body)
{
    struct buf b;
    struct fact f = fact_sign(kind, &survey, &by->pk, by->sk, body);
    buf_init(&b, PLAIN_MAX);
    fact_encode(&f, &b);
    parties_frame(out, FRAME_FACT, buf_str(&b));
    buf_done(&b);
}

static void certificate(struct buf *out, const struct party *by)
{
    struct buf b;
    struct cert c = {.config_seq = 1,
                     .may = MAY_REVIEW | MAY_FORWARD | MAY_KIT | MAY_PURGE | MAY_ERASE,
                     .ed_pk = operator_.pk};
    buf_init(&b, 1024);
    cert_encode(&c, &b);
    fact(out, FACT_CERTIFICATE, by, buf_str(&b));
    buf_done(&b);
}

static void config(struct buf *out, const struct party *by, uint64_t seq, const struct id16 *of,
                   const struct pk32 *under)
{
    struct buf b;
    struct config c = {.seq = seq, .survey = *of, .root = *under, .title = STR("Vektor")};
    buf_init(&b, PLAIN_MAX);
    config_write(&c, &b);
    fact(out, FACT_CONFIG, by, buf_str(&b));
    buf_done(&b);
}

static void join(struct buf *out, const struct pk32 *under)
{
    struct buf b;
    struct join_body j = {.root = *under,
                          .kit = {{0xf0, 0xf1}},
                          .seed = {(const char *)secret_view(enrol_seed), 32},
                          .label = STR("Laptop 3")};
    buf_init(&b, 1024);
    join_encode(&j, &b);
    parties_frame(out, FRAME_JOIN, buf_str(&b));
    buf_done(&b);
}

static void receipt(struct buf *out, const struct hash32 *device)
{
    struct buf b;
    struct receipt_body r = {.number = 1, .device = *device};
    buf_init(&b, 128);
    receipt_body_encode(&r, &b);
    parties_frame(out, FRAME_RECEIPT, buf_str(&b));
    buf_done(&b);
}

/* ---- envelopes ---- */

static struct envelope_header header_of(enum envelope_kind kind, const struct party *by,
                                        struct str plain, uint64_t records)
{
    return (struct envelope_header){.kind = kind,
                                    .survey = survey,
                                    .incarnation = {{4}},
                                    .sender = by->pk,
                                    .seq = 1,
                                    .created_ms = 1769826030000,
                                    .records = records,
                                    .plain = plain.n,
                                    .invite_cost = {3, (uint64_t)64 << 20}};
}

static void pack(struct str plain, struct buf *out)
{
    size_t room = ZSTD_compressBound(plain.n);
    ZSTD_CCtx *z = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(z, ZSTD_c_checksumFlag, 1);
    buf_init(out, 2 * PLAIN_MAX);
    char *p = buf_room(out, room);
    out->n = ZSTD_compress2(z, p, room, plain.p, plain.n);
    ZSTD_freeCCtx(z);
}

static void kit_with(parties_put put, const char *name, const char *expect, const char *note,
                     struct envelope_header *h, const struct party *by, const char *code,
                     struct str plain)
{
    struct buf packed, bytes;
    pack(plain, &packed);
    forge_invited(h, by->sk, str_of(code), buf_str(&packed), &bytes);
    put(name, expect, note, buf_str(&bytes));
    buf_done(&packed);
    buf_done(&bytes);
}

static void kit(parties_put put, const char *name, const char *expect, const char *note,
                struct buf *plain)
{
    struct envelope_header h = header_of(ENVELOPE_KIT, &operator_, buf_str(plain), 0);
    kit_with(put, name, expect, note, &h, &operator_, CODE, buf_str(plain));
    buf_clear(plain);
}

static void to_laptop(parties_put put, const char *name, const char *expect, const char *note,
                      const struct party *by, uint64_t records, struct buf *plain)
{
    struct parties_from from = {.kind = ENVELOPE_RECEIPT, .stranger = by == &stranger};
    parties_to_laptop(put, name, expect, note, from, records, plain);
}

/* ---- kits ---- */

static void sound_kit(struct buf *b)
{
    join(b, &root.pk);
    certificate(b, &root);
    config(b, &operator_, 1, &survey, &root.pk);
}

static void make_kit_envelopes(parties_put put, struct buf *b)
{
    sound_kit(b);
    struct envelope_header h = header_of(ENVELOPE_KIT, &operator_, buf_str(b), 0);
    kit_with(put, "code", "INVITE_WRONG", "sealed under another code", &h, &operator_, OTHER_CODE,
             buf_str(b));
    h = header_of(ENVELOPE_BUNDLE, &operator_, buf_str(b), 0);
    kit_with(put, "kind", "ENVELOPE_KIND", "says that it is a bundle", &h, &operator_, CODE,
             buf_str(b));
    h = header_of(ENVELOPE_KIT, &stranger, buf_str(b), 0);
    kit_with(put, "sender", "KIT_AUTHORITY", "sent by one whom nobody certified", &h, &stranger,
             CODE, buf_str(b));
    h = header_of(ENVELOPE_KIT, &operator_, buf_str(b), 0);
    h.survey = elsewhere;
    kit_with(put, "survey", "FACT", "of another survey: its facts are signed for this one", &h,
             &operator_, CODE, buf_str(b));
    buf_clear(b);
}

/* One that asks for more memory than any kit may: refused before a byte of it is taken. */
static void make_kit_cost(parties_put put, struct buf *b)
{
    static const char from[] = " 3 67108864 ", to[] = " 3 2147483648 ";
    struct buf packed, bytes, out;
    sound_kit(b);
    struct envelope_header h = header_of(ENVELOPE_KIT, &operator_, buf_str(b), 0);
    pack(buf_str(b), &packed);
    forge_invited(&h, operator_.sk, STR(CODE), buf_str(&packed), &bytes);
    size_t at = (size_t)((char *)memmem(bytes.p, bytes.n, from, sizeof from - 1) - bytes.p);
    buf_init(&out, PLAIN_MAX);
    buf_add(&out, bytes.p, at);
    buf_add_z(&out, to);
    buf_add_str(&out, str_from(buf_str(&bytes), at + sizeof from - 1));
    forge_sign(&out, operator_.sk);
    put("cost", "KDF_LIMITS", "wants 2 GiB of memory for its code", buf_str(&out));
    buf_done(&packed);
    buf_done(&bytes);
    buf_done(&out);
    buf_clear(b);
}

static void make_kit_contents(parties_put put, struct buf *b)
{
    certificate(b, &root);
    config(b, &operator_, 1, &survey, &root.pk);
    kit(put, "join-none", "ENVELOPE_FRAME", "no enrolment seed", b);
    sound_kit(b);
    join(b, &root.pk);
    kit(put, "join-two", "ENVELOPE_FRAME", "two enrolment seeds", b);
    join(b, &root.pk);
    certificate(b, &root);
    kit(put, "config-none", "ENVELOPE_FRAME", "no config", b);
    sound_kit(b);
    config(b, &operator_, 2, &survey, &root.pk);
    kit(put, "config-two", "ENVELOPE_FRAME", "two configs", b);
    join(b, &root.pk);
    certificate(b, &root);
    config(b, &stranger, 1, &survey, &root.pk);
    kit(put, "config-stranger", "KIT_AUTHORITY", "the config signed by one whom nobody certified",
        b);
    join(b, &root.pk);
    certificate(b, &root);
    config(b, &operator_, 1, &elsewhere, &root.pk);
    kit(put, "config-survey", "KIT_AUTHORITY", "the config of another survey", b);
    join(b, &root.pk);
    certificate(b, &root);
    config(b, &operator_, 1, &survey, &stranger.pk);
    kit(put, "config-root", "KIT_AUTHORITY", "the config names another root than the kit", b);
    join(b, &root.pk);
    certificate(b, &stranger);
    config(b, &operator_, 1, &survey, &root.pk);
    kit(put, "certificate-stranger", "KIT_AUTHORITY",
        "the operator certified by another than the root", b);
    join(b, &root.pk);
    config(b, &operator_, 1, &survey, &root.pk);
    kit(put, "certificate-none", "KIT_AUTHORITY", "nobody is certified", b);
    join(b, &root.pk);
    certificate(b, &root);
    fact(b, FACT_CONFIG, &operator_, STR("cacah-config 1\nconfig_seq: 01\n"));
    kit(put, "config-form", "CONFIG", "a number with a leading zero in the config", b);
    sound_kit(b);
    b->p[b->n - 1] ^= 1;
    kit(put, "fact-bit", "FACT", "one bit of a signed fact is flipped", b);
    sound_kit(b);
    parties_frame(b, FRAME_ACK, STR(""));
    kit(put, "frame-misplaced", "ENVELOPE_FRAME", "a receipt's record in a kit", b);
}

void parties_make_kits(parties_put put)
{
    struct buf b;
    know_all();
    buf_init(&b, PLAIN_MAX);
    sound_kit(&b);
    kit(put, "ok", "ok", "nothing: a practice survey's kit for Laptop 3", &b);
    make_kit_envelopes(put, &b);
    make_kit_cost(put, &b);
    make_kit_contents(put, &b);
    buf_done(&b);
}

bool parties_read_kit(const char *path, bool *ret_changed, struct err *e)
{
    struct kit *k = NULL;
    struct store *s = NULL;
    struct secret *passphrase = secret_copy("lima kata yang dikenal", 22);
    struct join j = {.passphrase = passphrase, .user = STR("Rina")};
    know_all();
    j.signing_seed = laptop_seed;
    bool ok = kit_open(&k, path, STR(CODE), e) && kit_join(&s, tmpdir_path(STORE), k, &j, e);
    *ret_changed = access(tmpdir_path(STORE), F_OK) == 0;
    store_close(s);
    kit_close(k);
    secret_free(passphrase);
    return ok;
}

/* ---- receipts ---- */

static void sound_receipt(struct buf *b)
{
    receipt(b, &laptop.device);
    certificate(b, &root);
    config(b, &operator_, 2, &survey, &root.pk);
}

static void returned_record(struct buf *b)
{
    struct buf body;
    struct record rec = {.has1 = true, .part1 = {.bytes = STR("<data/>")}};
    rec.r.uuid.b[0] = 1;
    rec.r.device = laptop.device;
    rec.r.c1.b[0] = 1; /* not what part 1 comes to */
    buf_init(&body, 4096);
    record_encode(&rec, &body);
    parties_frame(b, FRAME_RECORD, buf_str(&body));
    buf_done(&body);
}

static void make_receipt_signers(parties_put put, struct buf *b)
{
    sound_receipt(b);
    to_laptop(put, "sender", "RECEIPT_AUTHORITY", "sent by one whom nobody certified", &stranger, 0,
              b);
    receipt(b, &laptop.device);
    certificate(b, &root);
    config(b, &stranger, 9, &survey, &root.pk);
    to_laptop(put, "config-stranger", "RECEIPT_AUTHORITY",
              "a newer config, signed by one whom nobody certified", &operator_, 0, b);
    receipt(b, &laptop.device);
    certificate(b, &root);
    config(b, &operator_, 9, &survey, &stranger.pk);
    to_laptop(put, "config-root", "RECEIPT_AUTHORITY", "a newer config under another root",
              &operator_, 0, b);
    receipt(b, &laptop.device);
    certificate(b, &root);
    config(b, &operator_, 9, &elsewhere, &root.pk);
    to_laptop(put, "config-survey", "RECEIPT_AUTHORITY", "a newer config of another survey",
              &operator_, 0, b);
}

static void make_receipt_contents(parties_put put, struct buf *b)
{
    struct hash32 other = {{7}};
    struct ack row = {.device = laptop.device, .incarnation = {{5}}, .seq = 3, .row_hash = {{9}}};
    struct buf acks;
    receipt(b, &other);
    to_laptop(put, "device", "RECEIPT_OTHER", "answers another laptop", &operator_, 0, b);
    certificate(b, &root);
    to_laptop(put, "receipt-none", "ENVELOPE_FRAME", "no receipt in it", &operator_, 0, b);
    sound_receipt(b);
    receipt(b, &laptop.device);
    to_laptop(put, "receipt-two", "ENVELOPE_FRAME", "two receipts in it", &operator_, 0, b);
    sound_receipt(b);
    buf_init(&acks, 1024);
    ack_encode(&row, &acks);
    parties_frame(b, FRAME_ACK, buf_str(&acks));
    to_laptop(put, "row", "RECEIPT_HEAD", "acknowledges a row that the laptop never wrote",
              &operator_, 0, b);
    sound_receipt(b);
    parties_frame(b, FRAME_ACK, str_sub(buf_str(&acks), 0, acks.n - 1));
    to_laptop(put, "ack-cut", "ENVELOPE_FRAME", "an acknowledgement that is not whole", &operator_,
              0, b);
    buf_done(&acks);
    sound_receipt(b);
    parties_frame(b, FRAME_STATE, (struct str){"the thirty-two bytes of a rev_id\t\0", STATE_SIZE});
    to_laptop(put, "state", "ENVELOPE_FRAME", "a state that there is not", &operator_, 0, b);
    sound_receipt(b);
    returned_record(b);
    to_laptop(put, "record", "ENVELOPE_FRAME", "a returned record whose part does not fit it",
              &operator_, 1, b);
    sound_receipt(b);
    parties_frame(b, FRAME_JOIN, STR(""));
    to_laptop(put, "frame-misplaced", "ENVELOPE_FRAME", "a kit's record in a receipt", &operator_,
              0, b);
}

static void make_receipt_envelopes(parties_put put, struct buf *b)
{
    struct buf packed, bytes;
    sound_receipt(b);
    pack(buf_str(b), &packed);
    struct envelope_header h = header_of(ENVELOPE_RECEIPT, &operator_, buf_str(b), 0);
    h.survey = elsewhere;
    forge_envelope(&h, operator_.sk, &laptop.x_pk, buf_str(&packed), STREAM_CHUNK, &bytes);
    put("survey", "ENVELOPE_SURVEY", "of another survey", buf_str(&bytes));
    buf_done(&bytes);
    h = header_of(ENVELOPE_RECEIPT, &operator_, buf_str(b), 0);
    forge_envelope(&h, operator_.sk, &(struct pk32){{9}}, buf_str(&packed), STREAM_CHUNK, &bytes);
    put("not-for-us", "ENVELOPE_NOT_FOR_US", "sealed to another laptop", buf_str(&bytes));
    buf_done(&bytes);
    h = header_of(ENVELOPE_BUNDLE, &operator_, buf_str(b), 0);
    forge_envelope(&h, operator_.sk, &laptop.x_pk, buf_str(&packed), STREAM_CHUNK, &bytes);
    put("kind", "ENVELOPE_KIND", "says that it is a bundle", buf_str(&bytes));
    buf_done(&bytes);
    buf_done(&packed);
    buf_clear(b);
}

void parties_to_laptop(parties_put put, const char *name, const char *expect, const char *note,
                       struct parties_from from, uint64_t records, struct buf *plain)
{
    know_all();
    const struct party *by = from.stranger ? &stranger : &operator_;
    struct envelope_header h = header_of(from.kind, by, buf_str(plain), records);
    struct buf packed, bytes;
    if (from.elsewhere)
        h.survey = elsewhere;
    pack(buf_str(plain), &packed);
    forge_envelope(&h, by->sk, &laptop.x_pk, buf_str(&packed), STREAM_CHUNK, &bytes);
    put(name, expect, note, buf_str(&bytes));
    buf_done(&packed);
    buf_done(&bytes);
    buf_clear(plain);
}

struct hash32 parties_revision(const struct revision *r)
{
    return revision_id(r, &survey);
}

void parties_make_receipts(parties_put put)
{
    struct buf b;
    know_all();
    buf_init(&b, PLAIN_MAX);
    sound_receipt(&b);
    to_laptop(put, "ok", "ok", "nothing: receipt 1 with a newer config", &operator_, 0, &b);
    make_receipt_signers(put, &b);
    make_receipt_contents(put, &b);
    make_receipt_envelopes(put, &b);
    buf_done(&b);
}

struct store *parties_join(const char *ok_kit, bool supervisor)
{
    struct kit *k = NULL;
    struct store *s = NULL;
    struct secret *passphrase = secret_copy("lima kata yang dikenal", 22);
    struct join j = {.passphrase = passphrase, .user = STR("Rina"), .supervisor = supervisor};
    struct err why = {0};
    know_all();
    j.signing_seed = laptop_seed;
    if (!kit_open(&k, ok_kit, STR(CODE), &why) || !kit_join(&s, tmpdir_path(STORE), k, &j, &why)) {
        fprintf(stderr, "vectors: %s: %s\n", ok_kit, why.kind->id);
        exit(EXIT_FAILURE);
    }
    kit_close(k);
    secret_free(passphrase);
    return s;
}

bool parties_read_receipt(const char *path, const char *ok_kit, bool *ret_changed, struct err *e)
{
    struct store *s = parties_join(ok_kit, false);
    struct receipt_applied applied;
    struct err why = {0};
    struct ledger_head before, after;
    bool ok = store_ledger_head(s, &before, &why) && receipt_apply(s, path, NULL, &applied, e);
    ok = store_ledger_head(s, &after, &why) && ok;
    *ret_changed = before.seq != after.seq;
    store_close(s);
    return ok;
}
