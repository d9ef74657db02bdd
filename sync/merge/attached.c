/* Files that follow a record; see attached.h. */
#include "sync/merge/attached.h"

#define BODY_MAX ((size_t)33 << 20)

static bool frame_bad(struct err *e, const char *what)
{
    return err_fail1(e, ERR_ENVELOPE_FRAME, what);
}

/* Both lists, by the rules for one record; false: they are none that can be trusted. */
static bool read_lists(struct waiting *w, const struct record *rec)
{
    struct attachment_list both = {0};
    struct err ignored = {0};
    const struct str one = rec->has1 ? rec->part1.bytes : STR("");
    const struct str two = rec->has2 ? rec->part2.bytes : STR("");
    if (!attachment_list_read(&w->open, one, &ignored) ||
        !attachment_list_read(&w->personal, two, &ignored))
        return false;
    if (w->open.n == 0 && w->personal.n == 0)
        return true; /* as nearly all of them */
    bool ok = attachment_list_read(&both, one, &ignored) &&
              attachment_list_read(&both, two, &ignored) && record_fits(rec);
    attachment_list_done(&both);
    return ok;
}

bool attached_wait(struct waiting *w, struct str body, const struct record *rec,
                   const struct erased *erased, const struct id16 *survey, bool *ret_waits,
                   struct err *e)
{
    bool sure = read_lists(w, rec);
    *ret_waits = !sure || w->open.n || w->personal.n;
    if (!*ret_waits)
        return true;
    attached_forget(w);
    buf_init(&w->body, BODY_MAX);
    buf_add_str(&w->body, body);
    w->there = true;
    w->erased = *erased;
    if (!record_decode(buf_str(&w->body), survey, &w->rec, e))
        return false;
    w->unsure = !read_lists(w, &w->rec);
    return true;
}

void attached_forget(struct waiting *w)
{
    store_attach_free(w->a);
    attachment_list_done(&w->open);
    attachment_list_done(&w->personal);
    if (w->there)
        buf_wipe_done(&w->body);
    *w = (struct waiting){.there = false};
}

bool attached_end(struct waiting *w, struct err *e)
{
    return !w->in_file || w->unsure || frame_bad(e, "a file is cut short");
}

/* ---- frames ---- */

/* What an eraser has forbidden, and what is held, is not written. */
static bool is_wanted(struct waiting *w, struct store *s, bool pii, const struct hash32 *c,
                      bool *ret, struct err *e)
{
    bool held, may;
    int allowed = pii ? 0 : ERASE_PII;
    *ret = false;
    if (w->erased.confirmed > allowed || w->wrong)
        return true;
    if (!store_attachment_held(s, &w->rec.r.uuid, c, &held, e) ||
        !store_attachable(s, &w->rec.r.uuid, pii, &may, e))
        return false;
    *ret = !held && may;
    return true;
}

static bool begin_file(struct waiting *w, struct store *s, const struct attachment *x, bool pii,
                       bool *ret_stored, struct err *e)
{
    bool wanted;
    w->x = x;
    w->left = x->length;
    *ret_stored = is_wanted(w, s, pii, &x->c, &wanted, e);
    if (*ret_stored && wanted)
        *ret_stored = store_attach_begin(&w->a, s, &w->rec.r.uuid, pii, x->length, x->salt, e);
    return *ret_stored;
}

bool attached_head(struct waiting *w, struct store *s, struct str body, bool *ret_stored,
                   struct err *e)
{
    struct hash32 c;
    *ret_stored = true;
    if (body.n != sizeof c.b || !w->there)
        return frame_bad(e, "a file that no record lists");
    if (!attached_end(w, e))
        return false;
    memcpy(c.b, body.p, sizeof c.b);
    w->in_file = true;
    if (w->unsure)
        return true;
    const struct attachment *x = attachment_list_find(&w->open, &c);
    bool pii = !x;
    if (pii)
        x = attachment_list_find(&w->personal, &c);
    if (!x)
        return frame_bad(e, "a file that no record lists");
    size_t at = pii ? w->open.n + (size_t)(x - w->personal.v) : (size_t)(x - w->open.v);
    if (w->seen[at])
        return frame_bad(e, "a file that comes twice");
    w->seen[at] = true;
    return begin_file(w, s, x, pii, ret_stored, e);
}

/* All its bytes have come. What is not what the list says leaves nothing. */
static bool end_file(struct waiting *w, bool *ret_stored, struct err *e)
{
    bool ok = true;
    w->in_file = false;
    if (w->a) {
        ok = store_attach_end(w->a, &w->x->c, NULL, e);
        w->any = w->any || ok;
        if (!ok && err_is(e, &ERR_ATTACHMENT_WRONG)) {
            err_clear(e);
            w->wrong = ok = true;
        }
    }
    store_attach_free(w->a);
    w->a = NULL;
    *ret_stored = ok;
    return ok;
}

bool attached_chunk(struct waiting *w, struct str body, bool *ret_stored, struct err *e)
{
    *ret_stored = true;
    if (!w->there || !w->in_file)
        return frame_bad(e, "bytes of no file");
    if (w->unsure)
        return true;
    if (body.n != (w->left < ATTACHMENT_CHUNK ? w->left : ATTACHMENT_CHUNK))
        return frame_bad(e, "a piece of a file of the wrong size");
    if (w->a && !(*ret_stored = store_attach_add(w->a, body.p, body.n, e)))
        return false;
    w->left -= body.n;
    return w->left > 0 || end_file(w, ret_stored, e);
}
