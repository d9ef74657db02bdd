/* Files attached to an interview: read, sealed and named within the transaction of the event that says so.
 * The answer is the stored file's name, made here: the respondent's first digits, the question's number, the
 * commitment's first digits, and an ending that says what kind of file it is. What the person called it is
 * kept only while the interview is held. */
#include <stdio.h>

#include "app/flow/session_i.h"
#include "forms/base/utf8.h"
#include "sync/io/io.h"
#include "sync/store/attach.h"

#define PIECE        65536
#define ENDING_MAX   8
#define ORIGINAL_MAX 255

/* ---- what the session knows ---- */

static struct kept_file *file_named(const struct session *s, struct str name)
{
    for (size_t i = 0; i < s->n_files; i++)
        if (str_eq(s->files[i].x.name, name))
            return &s->files[i];
    return NULL;
}

static void file_put(struct session *s, const struct kept_file *f)
{
    if (file_named(s, f->x.name))
        return;
    s->files = mem_grow(s->files, s->n_files, &s->cap_files, sizeof *s->files);
    struct kept_file *to = &s->files[s->n_files++];
    *to = *f;
    to->x.name = str_keep(f->x.name);
    to->original = str_keep(f->original);
}

void session_forget_files(struct session *s)
{
    for (size_t i = 0; i < s->n_files; i++) {
        str_drop(&s->files[i].x.name);
        str_drop(&s->files[i].original);
        crypt_wipe(&s->files[i], sizeof s->files[i]);
    }
    mem_free(s->files);
    s->files = NULL;
    s->n_files = s->cap_files = 0;
}

/* ---- the event's value: name TAB key TAB salt TAB c TAB what it was called ---- */

void session_file_encode(const struct kept_file *f, struct buf *out)
{
    buf_add_str(out, f->x.name);
    buf_add_z(out, f->pii ? "\t2\t" : "\t1\t");
    hex_add(out, f->x.salt, sizeof f->x.salt);
    buf_add_c(out, '\t');
    hex_add(out, f->x.c.b, sizeof f->x.c.b);
    buf_add_c(out, '\t');
    buf_add_str(out, f->original);
}

static bool file_decode(const struct event *ev, struct kept_file *f)
{
    struct str rest = ev->value, key = {0}, salt = {0}, c = {0};
    *f = (struct kept_file){.original = STR("")};
    bool ok = str_split(&rest, '\t', &f->x.name) && str_split(&rest, '\t', &key) &&
              str_split(&rest, '\t', &salt) && str_split(&rest, '\t', &c);
    if (rest.p)
        f->original = rest;
    f->pii = str_is(key, "2");
    f->x.length = (uint64_t)ev->number;
    return ok && attachment_name_ok(f->x.name) && (f->pii || str_is(key, "1")) && ev->number > 0 &&
           f->x.length <= ATTACHMENT_MAX && hex_get(salt, f->x.salt, sizeof f->x.salt) &&
           hex_get(c, f->x.c.b, sizeof f->x.c.b);
}

bool session_file_event(struct session *s, const struct event *ev, struct str *ret_name,
                        struct err *e)
{
    char arg[ERR_ARG_MAX];
    struct kept_file f;
    bool ok = file_decode(ev, &f);
    if (ok) {
        file_put(s, &f);
        *ret_name = f.x.name; /* in the event */
    }
    crypt_wipe(f.x.salt, sizeof f.x.salt);
    return ok || err_fail1(e, ERR_EVENT_BAD, err_num(arg, (int64_t)s->world.event + 1));
}

/* ---- which belong to the answers as they are ---- */

void session_files(struct session *s, struct attachment_list *open,
                   struct attachment_list *personal)
{
    struct place p = PLACE_NONE;
    while (interview_next(s->iv, &p, 0)) {
        const struct form_node *n = &s->form->nodes[p.def];
        if (n->type != TYPE_FILE)
            continue;
        const struct kept_file *f = file_named(s, interview_value(s->iv, &p));
        if (f)
            attachment_list_add(n->pii ? personal : open, &f->x);
    }
}

/* A form that the draft was put on may hold for personal what another did not: sealed accordingly, then. */
bool session_files_move(struct session *s, const struct attachment_list *open,
                        const struct attachment_list *personal, struct err *e)
{
    for (size_t i = 0; i < s->n_files; i++) {
        const struct kept_file *f = &s->files[i];
        const struct attachment_list *wrong = f->pii ? open : personal;
        if (attachment_list_find(wrong, &f->x.c) &&
            !store_attachment_move(s->store, &s->uuid, &f->x, !f->pii, e))
            return false;
    }
    return true;
}

static bool room_for(struct session *s, uint64_t length, struct err *e)
{
    struct attachment_list all = {0};
    uint64_t sum = length;
    session_files(s, &all, &all);
    for (size_t i = 0; i < all.n; i++)
        sum += all.v[i].length;
    bool ok = sum <= ATTACHMENTS_MAX && all.n < ATTACHMENTS_LISTED;
    attachment_list_done(&all);
    return ok || err_fail(e, ERR_FILES_TOO_MUCH);
}

/* ---- reading the file ---- */

struct piece {
    uint8_t b[PIECE];
};

/* All of it, a piece at a time: into the commitment, or (a not NULL) into the store. */
static bool each_piece(struct session_attaching *x, struct hasher *h, struct attaching *a,
                       struct err *e)
{
    struct piece *piece = mem_alloc(sizeof *piece);
    bool ok = io_seek(x->fd, 0, e);
    for (uint64_t left = x->file.x.length; ok && left > 0;) {
        size_t n = left < PIECE ? (size_t)left : PIECE;
        ok = io_read_exact(x->fd, piece->b, n, e);
        if (ok && a)
            ok = store_attach_add(a, piece->b, n, e);
        else if (ok)
            hasher_add(h, piece->b, n);
        left -= n;
        x->done += n;
        if (ok && x->told && !x->told(x->ctx, x->done, 2 * x->file.x.length))
            ok = err_fail(e, ERR_ATTACH_STOPPED);
    }
    crypt_wipe(piece, sizeof *piece);
    mem_free(piece);
    return ok;
}

/* Within the transaction of the event. The second reading must give what the first did. */
bool session_attach_write(struct session *s, struct err *e)
{
    struct session_attaching *x = s->attaching;
    struct attaching *a = NULL;
    if (!store_attach_begin(&a, s->store, &s->uuid, x->file.pii, x->file.x.length, x->file.x.salt,
                            e))
        return false;
    bool ok = each_piece(x, NULL, a, e) && store_attach_end(a, &x->file.x.c, NULL, e);
    store_attach_free(a);
    return ok;
}

/* ".jpg" of "Foto Rumah.JPG"; nothing of what is no plain ending. */
static void add_ending(struct str original, struct buf *out)
{
    size_t dot = original.n, begin = out->n;
    while (dot > 0 && original.p[dot - 1] != '.')
        dot--;
    struct str ending = str_from(original, dot);
    if (dot < 2 || ending.n == 0 || ending.n > ENDING_MAX)
        return;
    buf_add_c(out, '.');
    for (size_t i = 0; i < ending.n; i++) {
        char c = ending.p[i];
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))) {
            out->n = begin;
            return;
        }
        buf_add_c(out, c);
    }
}

static void make_name(const struct session *s, const struct place *p, const struct kept_file *f,
                      struct buf *out)
{
    hex_add(out, s->uuid.b, 4);
    buf_printf(out, "-%u-", (unsigned)p->def);
    hex_add(out, f->x.c.b, 4);
    add_ending(f->original, out);
}

/* The last name of the path, when it is one that can be shown again. */
static struct str called(const char *path)
{
    struct str all = str_of(path);
    size_t slash = all.n;
    while (slash > 0 && all.p[slash - 1] != '/')
        slash--;
    struct str name = str_from(all, slash);
    for (size_t i = 0; i < name.n; i++)
        if ((unsigned char)name.p[i] < ' ' || name.p[i] == 0x7f)
            return STR("");
    return name.n <= ORIGINAL_MAX && utf8_valid(name, NULL) ? name : STR("");
}

/* What the layers below say of bytes, in the words of who attaches a file. */
static bool said(bool ok, struct err *e)
{
    const struct err_kind *kind = ok                                 ? NULL
                                  : err_is(e, &ERR_FILE_TOO_LARGE)   ? &ERR_ATTACH_LARGE
                                  : err_is(e, &ERR_ATTACHMENT_WRONG) ? &ERR_ATTACH_CHANGED
                                  : err_is(e, &ERR_FILE_SHORT)       ? &ERR_ATTACH_CHANGED
                                                                     : NULL;
    if (kind) {
        err_clear(e);
        err_set(e, kind, (const char *const[ERR_ARGS]){NULL}, 0);
    }
    return ok;
}

bool session_attach(struct session *s, const struct place *p, const char *path,
                    bool (*told)(void *ctx, uint64_t done, uint64_t all), void *ctx,
                    struct changes *ret, struct err *e)
{
    struct session_attaching x = {.fd = -1, .told = told, .ctx = ctx};
    struct kept_file *f = &x.file;
    struct hasher h;
    struct buf name;
    if (!session_alive(s, e) ||
        !said(io_open_read(path, ATTACHMENT_MAX, &x.fd, &f->x.length, e), e))
        return false;
    f->pii = s->form->nodes[p->def].pii;
    f->original = called(path);
    crypt_random(f->x.salt, sizeof f->x.salt);
    buf_init(&name, ATTACHMENT_NAME_MAX);
    bool ok = (f->x.length > 0 || err_fail(e, ERR_ATTACHMENT_EMPTY)) && room_for(s, f->x.length, e);
    if (ok) {
        attachment_commit_start(&h, f->x.salt, f->x.length);
        ok = each_piece(&x, &h, NULL, e);
    }
    if (ok) {
        f->x.c = attachment_commit_end(&h);
        make_name(s, p, f, &name);
        f->x.name = buf_str(&name);
        s->attaching = &x;
        ok = session_act_file(s, p, f, ret, e);
        s->attaching = NULL;
    }
    io_close(x.fd);
    buf_done(&name);
    crypt_wipe(&x, sizeof x);
    return said(ok, e);
}

bool session_file(struct session *s, const struct place *p, struct session_file *ret)
{
    const struct kept_file *f = file_named(s, interview_value(s->iv, p));
    if (f)
        *ret = (struct session_file){f->x.name, f->original, f->x.length};
    return f != NULL;
}
