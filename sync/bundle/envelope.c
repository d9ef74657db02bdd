/* What writing and reading an envelope share; see envelope_i.h. */
#include "sync/bundle/envelope_i.h"

#include "sync/store/store.h"

struct hash32 envelope_header_hash(struct str header)
{
    struct hasher h;
    struct hash32 out;
    struct buf tag;
    buf_init(&tag, 16);
    msg_tag(&tag, "cacah.hdr.1");
    hasher_start(&h, sizeof out.b);
    hasher_add(&h, tag.p, tag.n);
    hasher_add(&h, header.p, header.n);
    hasher_end(&h, out.b, sizeof out.b);
    buf_done(&tag);
    return out;
}

struct hash32 envelope_commit(const struct secret *fk)
{
    struct buf m;
    buf_init(&m, 16);
    msg_tag(&m, "cacah.commit.1");
    struct hash32 c = crypt_mac(secret_view(fk), buf_str(&m));
    buf_done(&m);
    return c;
}

struct secret *envelope_stream_key(const struct secret *fk, const struct hash32 *hh)
{
    struct buf m;
    buf_init(&m, 48);
    msg_tag(&m, "cacah.stream.1");
    buf_add(&m, hh->b, sizeof hh->b);
    struct hash32 k = crypt_mac(secret_view(fk), buf_str(&m));
    struct secret *s = secret_copy(k.b, sizeof k.b);
    crypt_wipe(&k, sizeof k);
    buf_done(&m);
    return s;
}

void envelope_invite_ad(const struct envelope_header *h, struct buf *out)
{
    msg_tag(out, "cacah.invite.1");
    buf_add(out, h->survey.b, sizeof h->survey.b);
    buf_add(out, h->sender.b, sizeof h->sender.b);
    buf_add_le64(out, h->invite_cost.ops);
    buf_add_le64(out, h->invite_cost.mem);
    buf_add(out, h->invite_salt, sizeof h->invite_salt);
}

void envelope_sign_message(const uint8_t hash[64], struct buf *out)
{
    msg_tag(out, "cacah.env.1");
    buf_add(out, hash, 64);
}

struct hash32 envelope_id(const uint8_t hash[64])
{
    struct buf m;
    buf_init(&m, 80);
    msg_tag(&m, "cacah.envid.1");
    buf_add(&m, hash, 64);
    struct hash32 id = crypt_hash(buf_str(&m));
    buf_done(&m);
    return id;
}

/* ---- frames ---- */

#define IN_KIT     (1u << ENVELOPE_KIT)
#define IN_BUNDLE  (1u << ENVELOPE_BUNDLE)
#define IN_RECEIPT (1u << ENVELOPE_RECEIPT)

static const struct frame_row {
    uint8_t type;
    uint32_t max;
    uint32_t kinds;
} frames[] = {
#define FRAME(id, number, max, kinds) {number, max, kinds},
#include "sync/bundle/frames.def"
#undef FRAME
};

uint32_t frame_max(uint8_t type, enum envelope_kind kind, bool *ret_allowed)
{
    for (size_t i = 0; i < sizeof frames / sizeof *frames; i++)
        if (frames[i].type == type) {
            *ret_allowed = frames[i].kinds >> kind & 1;
            return frames[i].max;
        }
    *ret_allowed = false;
    return 0;
}

bool frame_rows(size_t n, uint64_t *ret)
{
    size_t device = sizeof(struct hash32);
    if (n <= device || (n - device) % LEDGER_ROW_SIZE)
        return false;
    *ret = (n - device) / LEDGER_ROW_SIZE;
    return true;
}
