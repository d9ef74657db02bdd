/* Functions of the device and the form, randomness, digests and signatures. */
#include <math.h>

#include <md5.h>
#include <sha1.h>
#include <sha2.h>

#include "forms/base/limits.h"
#include "forms/base/utf8.h"
#include "forms/expr/func.h"

bool fn_property(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    (void)n;
    struct buf b;
    struct str s = STR("");
    buf_init(&b, LIMIT_ANSWER_BYTES);
    const struct host *h = m->ev->host;
    if (h->property && h->property(h->ctx, arg_string(m, a), &b))
        s = arena_str(m->ev->scratch, buf_str(&b));
    buf_done(&b);
    return ret_string(ret, s);
}

bool fn_version(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    (void)a;
    (void)n;
    const struct eval_ops *ops = m->ev->ops;
    return ret_string(ret, ops && ops->form_version ? ops->form_version(m->ev->ctx) : STR(""));
}

/* ---- randomness ---- */

bool fn_random(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    (void)a;
    (void)n;
    uint64_t bits;
    m->ev->host->random(m->ev->host->ctx, &bits, sizeof bits);
    return ret_number(ret, (double)(bits >> 11) / 9007199254740992.0);
}

static struct str uuid_v4(struct vm *m)
{
    static const char hex[] = "0123456789abcdef";
    uint8_t r[16];
    m->ev->host->random(m->ev->host->ctx, r, sizeof r);
    r[6] = (uint8_t)((r[6] & 0x0F) | 0x40);
    r[8] = (uint8_t)((r[8] & 0x3F) | 0x80);
    char *out = arena_alloc(m->ev->scratch, 37);
    size_t at = 0;
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            out[at++] = '-';
        out[at++] = hex[r[i] >> 4];
        out[at++] = hex[r[i] & 15];
    }
    return (struct str){out, at};
}

/* n characters, each as likely as the other: a byte above 247 is drawn again. */
static struct str random_characters(struct vm *m, size_t n)
{
    static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    char *out = arena_alloc(m->ev->scratch, n + 1);
    for (size_t i = 0; i < n;) {
        uint8_t r[64];
        m->ev->host->random(m->ev->host->ctx, r, sizeof r);
        for (size_t j = 0; j < sizeof r && i < n; j++)
            if (r[j] < 248)
                out[i++] = set[r[j] % 62];
    }
    return (struct str){out, n};
}

bool fn_uuid(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    if (n == 0)
        return ret_string(ret, uuid_v4(m));
    double length = trunc(arg_number(m, a));
    if (!(length >= 0) || length > (double)LIMIT_ANSWER_BYTES)
        return func_fail(m, STR("uuid() needs a sensible number of characters"));
    return ret_string(ret, random_characters(m, (size_t)length));
}

/* ---- base64 ---- */

static struct str base64(struct vm *m, const uint8_t *p, size_t n)
{
    static const char set[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *out = arena_alloc(m->ev->scratch, n / 3 * 4 + 5);
    size_t at = 0;
    for (size_t i = 0; i < n; i += 3) {
        uint32_t v = (uint32_t)p[i] << 16 | (i + 1 < n ? (uint32_t)p[i + 1] << 8 : 0) |
                     (i + 2 < n ? p[i + 2] : 0);
        out[at++] = set[v >> 18];
        out[at++] = set[v >> 12 & 63];
        out[at++] = i + 1 < n ? set[v >> 6 & 63] : '=';
        out[at++] = i + 2 < n ? set[v & 63] : '=';
    }
    return (struct str){out, at};
}

static int base64_digit(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

/* Blanks are skipped, padding may be missing; false for anything else. */
static bool base64_decode(struct vm *m, struct str s, struct str *ret)
{
    char *out = arena_alloc(m->ev->scratch, s.n / 4 * 3 + 4);
    size_t at = 0, digits = 0;
    uint32_t v = 0;
    s = str_trim(s);
    while (s.n && s.p[s.n - 1] == '=')
        s.n--;
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == ' ' || s.p[i] == '\n' || s.p[i] == '\r' || s.p[i] == '\t')
            continue;
        int d = base64_digit(s.p[i]);
        if (d < 0)
            return false;
        v = v << 6 | (uint32_t)d;
        if (++digits % 4 == 0) {
            out[at++] = (char)(v >> 16);
            out[at++] = (char)(v >> 8);
            out[at++] = (char)v;
        }
    }
    if (digits % 4 == 1)
        return false;
    if (digits % 4 == 2)
        out[at++] = (char)(v >> 4);
    if (digits % 4 == 3) {
        out[at++] = (char)(v >> 10);
        out[at++] = (char)(v >> 2);
    }
    *ret = (struct str){out, at};
    return true;
}

bool fn_base64_decode(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    (void)n;
    struct str s;
    bool ok = base64_decode(m, arg_string(m, a), &s) && utf8_valid(s, NULL);
    return ret_string(ret, ok ? s : STR(""));
}

/* ---- digests ---- */

static struct str hex(struct vm *m, const uint8_t *p, size_t n)
{
    static const char set[] = "0123456789abcdef";
    char *out = arena_alloc(m->ev->scratch, 2 * n);
    for (size_t i = 0; i < n; i++) {
        out[2 * i] = set[p[i] >> 4];
        out[2 * i + 1] = set[p[i] & 15];
    }
    return (struct str){out, 2 * n};
}

/* The length of the digest, 0 for an algorithm that is none of ours. */
static size_t digest(struct str name, struct str s, uint8_t out[SHA512_DIGEST_LENGTH])
{
    const uint8_t *p = (const uint8_t *)(s.p ? s.p : "");
    union {
        MD5_CTX md5;
        SHA1_CTX sha1;
        SHA2_CTX sha2;
    } c;
    if (str_is(name, "MD5")) {
        MD5Init(&c.md5);
        MD5Update(&c.md5, p, s.n);
        MD5Final(out, &c.md5);
        return MD5_DIGEST_LENGTH;
    }
    if (str_is(name, "SHA-1")) {
        SHA1Init(&c.sha1);
        SHA1Update(&c.sha1, p, s.n);
        SHA1Final(out, &c.sha1);
        return SHA1_DIGEST_LENGTH;
    }
    if (str_is(name, "SHA-256")) {
        SHA256Init(&c.sha2);
        SHA256Update(&c.sha2, p, s.n);
        SHA256Final(out, &c.sha2);
        return SHA256_DIGEST_LENGTH;
    }
    if (str_is(name, "SHA-384")) {
        SHA384Init(&c.sha2);
        SHA384Update(&c.sha2, p, s.n);
        SHA384Final(out, &c.sha2);
        return SHA384_DIGEST_LENGTH;
    }
    if (str_is(name, "SHA-512")) {
        SHA512Init(&c.sha2);
        SHA512Update(&c.sha2, p, s.n);
        SHA512Final(out, &c.sha2);
        return SHA512_DIGEST_LENGTH;
    }
    return 0;
}

bool fn_digest(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    uint8_t out[SHA512_DIGEST_LENGTH];
    struct str s = arg_string(m, a);
    size_t length = digest(arg_string(m, a + 1), s, out);
    if (length == 0)
        return func_fail(m, STR("digest() knows MD5, SHA-1, SHA-256, SHA-384 and SHA-512"));
    struct str encoding = n == 3 ? arg_string(m, a + 2) : STR("base64");
    if (!vm_spend(m, s.n / 16 + 50))
        return false;
    if (str_is(encoding, "hex"))
        return ret_string(ret, hex(m, out, length));
    if (str_is(encoding, "base64"))
        return ret_string(ret, base64(m, out, length));
    return func_fail(m, STR("digest() writes base64 or hex"));
}

/* 64 bytes of Ed25519 signature, then the message. */
bool fn_extract_signed(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    (void)n;
    struct str s, key;
    const struct host *h = m->ev->host;
    if (!h->verify_ed25519 || !base64_decode(m, arg_string(m, a), &s) ||
        !base64_decode(m, arg_string(m, a + 1), &key) || s.n < 64 || key.n != 32)
        return ret_string(ret, STR(""));
    struct str message = str_from(s, 64);
    bool ok = h->verify_ed25519(h->ctx, (const uint8_t *)s.p, message, (const uint8_t *)key.p);
    return ret_string(ret, ok && utf8_valid(message, NULL) ? message : STR(""));
}
