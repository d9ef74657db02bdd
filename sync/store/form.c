/* Forms: the bytes as they were shipped, by their hash (decisions.md 4). */
#include "sync/errors.h"
#include "sync/store/store_i.h"

#define NAME_MAX_BYTES   ((size_t)255)
#define LISTS_MAX        1000
#define PACK_OVERHEAD    ((size_t)1 << 20)
#define FORM_PACK_FORMAT 1

static bool too_large(const char *what, size_t max, struct err *e)
{
    char n[ERR_ARG_MAX];
    return err_fail2(e, ERR_STORE_LIMIT, what, err_num(n, (int64_t)max));
}

static void hash_le(struct hasher *h, uint64_t v, size_t bytes)
{
    uint8_t b[8];
    put_le64(b, v);
    hasher_add(h, b, bytes);
}

struct hash32 form_files_hash(const struct form_files *f)
{
    static const uint8_t tag[16] = "cacah.form.1";
    struct hasher h;
    struct hash32 out;
    hasher_start(&h, sizeof out.b);
    hasher_add(&h, tag, sizeof tag);
    hash_le(&h, f->form.bytes.n, 8);
    hasher_add(&h, f->form.bytes.p, f->form.bytes.n);
    for (size_t i = 0; i < f->n_lists; i++) {
        hash_le(&h, f->lists[i].name.n, 2);
        hasher_add(&h, f->lists[i].name.p, f->lists[i].name.n);
        hash_le(&h, f->lists[i].bytes.n, 8);
        hasher_add(&h, f->lists[i].bytes.p, f->lists[i].bytes.n);
    }
    hasher_end(&h, out.b, sizeof out.b);
    return out;
}

/* u8 1 ‖ le16 files ‖ per file, the form first: le16 name length ‖ name ‖ le64 length ‖ bytes */
bool form_files_pack(const struct form_files *f, struct buf *out)
{
    buf_add_u8(out, FORM_PACK_FORMAT);
    buf_add_le16(out, (uint16_t)(1 + f->n_lists));
    for (size_t i = 0; i <= f->n_lists; i++) {
        const struct form_file *file = i ? &f->lists[i - 1] : &f->form;
        buf_add_le16(out, (uint16_t)file->name.n);
        buf_add_str(out, file->name);
        buf_add_le64(out, file->bytes.n);
        buf_add_str(out, file->bytes);
    }
    return !out->full;
}

static bool take_file(struct take *t, struct form_file *file)
{
    file->name = take_str(t, take_le16(t));
    uint64_t n = take_le64(t);
    file->bytes = take_str(t, n <= t->n ? (size_t)n : SIZE_MAX);
    return !t->bad && file->name.n > 0 && file->name.n <= NAME_MAX_BYTES;
}

bool form_files_unpack(struct form_files *ret, struct str bytes, struct arena *a, struct err *e)
{
    struct take t = take_from(bytes);
    struct form_files f = {0};
    bool ok = take_u8(&t) == FORM_PACK_FORMAT;
    size_t n = take_le16(&t);
    ok = ok && n >= 1 && n - 1 <= LISTS_MAX && take_file(&t, &f.form);
    if (!ok)
        return err_fail(e, ERR_FORM_PACKED);
    struct form_file *lists = ARENA_ARRAY(a, struct form_file, n);
    for (; ok && f.n_lists < n - 1; f.n_lists++) {
        ok = take_file(&t, &lists[f.n_lists]);
        /* In order of name and no name twice: one byte form. */
        if (ok && f.n_lists > 0)
            ok = str_cmp(lists[f.n_lists - 1].name, lists[f.n_lists].name) < 0;
    }
    f.lists = lists;
    if (!ok || !take_end(&t))
        return err_fail(e, ERR_FORM_PACKED);
    *ret = f;
    return true;
}

static bool form_size(const struct form_files *f, size_t *ret, struct err *e)
{
    size_t n = PACK_OVERHEAD;
    if (f->n_lists > LISTS_MAX)
        return too_large("The number of a form's lists", LISTS_MAX, e);
    for (size_t i = 0; i <= f->n_lists; i++) {
        const struct form_file *file = i ? &f->lists[i - 1] : &f->form;
        if (file->name.n == 0 || file->name.n > NAME_MAX_BYTES)
            return too_large("The name of a form's file", NAME_MAX_BYTES, e);
        if (file->bytes.n > FORM_PACK_MAX || n + file->bytes.n > FORM_PACK_MAX)
            return too_large("The form with its lists", FORM_PACK_MAX, e);
        n += file->bytes.n;
    }
    *ret = n;
    return true;
}

/* The number of a form, or 0. */
static bool form_find(struct store *s, const struct hash32 *hash, uint64_t *ret, struct err *e)
{
    struct stmt *st = db_stmt(s->db, "SELECT no FROM form WHERE hash = ?1", e);
    if (!st)
        return false;
    stmt_set_bytes(st, 1, hash->b, 32);
    bool row, ok = stmt_step(st, &row, e);
    if (ok)
        *ret = row ? stmt_int(st, 0) : 0;
    stmt_done(st);
    return ok;
}

/* plain = hash ‖ packed files. A form that is there already is the same one: its name is its hash. */
static bool form_insert(struct store *s, const struct form_files *f, const struct hash32 *hash,
                        size_t size, struct err *e)
{
    uint64_t no = s->now.head.rows[COUNT_FORM] + 1;
    struct stmt *st = db_stmt(s->db,
                              "INSERT INTO form (no, hash, sealed) VALUES (?1, ?2, ?3) "
                              "ON CONFLICT (hash) DO NOTHING",
                              e);
    if (!st)
        return false;
    struct buf plain, sealed;
    buf_init(&plain, size + 32);
    buf_init(&sealed, size + 32 + SEAL_OVERHEAD);
    buf_add(&plain, hash->b, 32);
    form_files_pack(f, &plain);
    row_seal(s, s->key_rows, TABLE_FORM, no, 0, buf_str(&plain), &sealed);
    stmt_set_int(st, 1, no);
    stmt_set_bytes(st, 2, hash->b, 32);
    stmt_set_bytes(st, 3, sealed.p, sealed.n);
    bool ok = stmt_run(st, e);
    if (ok)
        s->now.head.rows[COUNT_FORM] += db_changes(s->db);
    buf_done(&plain);
    buf_done(&sealed);
    return ok;
}

bool store_form_put(struct store *s, const struct form_files *f, struct hash32 *ret_hash,
                    struct err *e)
{
    size_t size = 0;
    uint64_t there;
    struct hash32 hash = form_files_hash(f);
    if (!form_size(f, &size, e) || !tx_enter(s, e))
        return false;
    bool ok = form_find(s, &hash, &there, e) && (there || form_insert(s, f, &hash, size, e));
    if (!tx_leave(s, ok, e))
        return false;
    *ret_hash = hash;
    return true;
}

bool form_open(struct store *s, uint64_t no, const struct hash32 *hash, struct str sealed,
               struct form_files *ret, struct arena *a, struct err *e)
{
    struct buf plain;
    buf_init(&plain, sealed.n);
    bool ok = row_open(s, s->key_rows, TABLE_FORM, no, 0, sealed, &plain, e);
    if (ok && (plain.n < 32 || memcmp(plain.p, hash->b, 32) != 0))
        ok = row_fail(TABLE_FORM, no, e);
    if (ok)
        ok = form_files_unpack(ret, arena_str(a, str_from(buf_str(&plain), 32)), a, e);
    buf_done(&plain);
    return ok;
}

bool store_form_get(struct store *s, const struct hash32 *hash, struct form_files *ret,
                    struct arena *a, struct err *e)
{
    struct stmt *st = db_stmt(s->db, "SELECT no, sealed FROM form WHERE hash = ?1", e);
    if (!st)
        return false;
    stmt_set_bytes(st, 1, hash->b, 32);
    bool row, ok = stmt_step(st, &row, e);
    if (ok && row) {
        ok = form_open(s, stmt_int(st, 0), hash, stmt_bytes(st, 1), ret, a, e);
    } else if (ok) {
        struct buf hex;
        buf_init(&hex, 100);
        hex_add(&hex, hash->b, 32);
        ok = err_fail1(e, ERR_FORM_UNKNOWN, hex.p);
        buf_done(&hex);
    }
    stmt_done(st);
    return ok;
}

bool store_form_each(struct store *s, bool (*each)(void *ctx, const struct hash32 *hash), void *ctx,
                     struct err *e)
{
    struct stmt *st = db_stmt(s->db, "SELECT no, hash FROM form ORDER BY no", e);
    bool row = true, more = true, ok = st != NULL;
    while (ok && more && (ok = stmt_step(st, &row, e)) && row) {
        struct hash32 hash;
        struct str bytes = stmt_bytes(st, 1);
        if (bytes.n != sizeof hash.b) {
            ok = row_fail(TABLE_FORM, stmt_int(st, 0), e);
            break;
        }
        memcpy(hash.b, bytes.p, sizeof hash.b);
        more = each(ctx, &hash);
    }
    stmt_done(st);
    return ok;
}
