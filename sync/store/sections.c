/* Sections of a part, and the list of attachments among them; see sections.h. */
#include "sync/store/sections.h"

#include <assert.h>
#include <string.h>

#include "sync/errors.h"

#define SECTION_PREFIX 5

bool section_add(struct buf *out, uint8_t tag, struct str bytes)
{
    return bytes.n <= UINT32_MAX && buf_add_u8(out, tag) && buf_add_le32(out, (uint32_t)bytes.n) &&
           buf_add_str(out, bytes);
}

bool section_take(struct str *rest, uint8_t *io_tag, struct str *ret)
{
    if (rest->n < SECTION_PREFIX)
        return false;
    uint8_t tag = (uint8_t)rest->p[0];
    uint32_t n = le32((const uint8_t *)rest->p + 1);
    if (tag <= *io_tag || n > rest->n - SECTION_PREFIX)
        return false;
    *io_tag = tag;
    *ret = str_sub(*rest, SECTION_PREFIX, n);
    *rest = str_from(*rest, SECTION_PREFIX + n);
    return true;
}

/* ---- the list ---- */

bool attachment_name_ok(struct str name)
{
    if (name.n == 0 || name.n > ATTACHMENT_NAME_MAX || name.p[0] == '.')
        return false;
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-'))
            return false;
    }
    return true;
}

void attachment_list_done(struct attachment_list *l)
{
    if (l->n)
        crypt_wipe(l->v, l->n * sizeof *l->v);
    mem_free(l->v);
    *l = (struct attachment_list){NULL, 0, 0};
}

bool attachment_list_add(struct attachment_list *l, const struct attachment *x)
{
    size_t at = l->n;
    while (at > 0 && str_cmp(l->v[at - 1].name, x->name) > 0)
        at--;
    if (at > 0 && str_eq(l->v[at - 1].name, x->name))
        return false;
    l->v = mem_grow(l->v, l->n, &l->cap, sizeof *l->v);
    memmove(l->v + at + 1, l->v + at, (l->n - at) * sizeof *l->v);
    l->v[at] = *x;
    l->n++;
    return true;
}

const struct attachment *attachment_list_find(const struct attachment_list *l,
                                              const struct hash32 *c)
{
    for (size_t i = 0; i < l->n; i++)
        if (hash32_eq(&l->v[i].c, c))
            return &l->v[i];
    return NULL;
}

bool attachment_list_encode(const struct attachment_list *l, struct buf *out)
{
    for (size_t i = 0; i < l->n; i++) {
        const struct attachment *x = &l->v[i];
        assert(attachment_name_ok(x->name));
        buf_add_u8(out, (uint8_t)x->name.n);
        buf_add_str(out, x->name);
        buf_add_le64(out, x->length);
        buf_add(out, x->salt, sizeof x->salt);
        buf_add(out, x->c.b, sizeof x->c.b);
    }
    return !out->full;
}

static bool bad(struct err *e, const char *what)
{
    return err_fail1(e, ERR_ATTACHMENT_LIST, what);
}

static bool read_one(struct attachment_list *l, struct take *t, struct str before,
                     struct str *ret_name, uint64_t *io_bytes, struct err *e)
{
    struct attachment x;
    x.name = take_str(t, take_u8(t));
    x.length = take_le64(t);
    take_bytes(t, x.salt, sizeof x.salt);
    take_bytes(t, x.c.b, sizeof x.c.b);
    if (t->bad)
        return bad(e, "it is cut short");
    if (!attachment_name_ok(x.name))
        return bad(e, "a name is not one of ours");
    if (before.n && str_cmp(before, x.name) >= 0)
        return bad(e, "the names are not in order");
    if (x.length == 0 || x.length > ATTACHMENT_MAX || *io_bytes + x.length > ATTACHMENTS_MAX ||
        l->n == ATTACHMENTS_LISTED)
        return bad(e, "more than may be attached");
    if (attachment_list_find(l, &x.c) || !attachment_list_add(l, &x))
        return bad(e, "one is there twice");
    *ret_name = x.name;
    *io_bytes += x.length;
    return true;
}

bool attachment_list_read(struct attachment_list *l, struct str part, struct err *e)
{
    struct str rest = part, bytes, list = STR(""), name = STR("");
    uint64_t sum = 0;
    uint8_t tag = 0;
    for (size_t i = 0; i < l->n; i++)
        sum += l->v[i].length;
    while (section_take(&rest, &tag, &bytes))
        if (tag == SECTION_ATTACHMENTS)
            list = bytes;
    if (rest.n)
        return true; /* whatever it is, it lists nothing */
    struct take t = take_from(list);
    while (t.n > 0)
        if (!read_one(l, &t, name, &name, &sum, e))
            return false;
    return true;
}

/* ---- the commitment ---- */

void attachment_commit_start(struct hasher *h, const uint8_t salt[32], uint64_t length)
{
    uint8_t fixed[16 + 8];
    put_tag(fixed, "cacah.att.1");
    put_le64(fixed + 16, length);
    hasher_start_mac(h, salt);
    hasher_add(h, fixed, sizeof fixed);
}

struct hash32 attachment_commit_end(struct hasher *h)
{
    struct hash32 c;
    hasher_end(h, c.b, sizeof c.b);
    return c;
}
