/* Copies: a backup is a store like any other, verified before it gets its name; restored it is a new
 * incarnation, so that what both write from then on can be told apart. And the state file, by which a
 * whole older file put back is noticed. */
#include <assert.h>
#include <stdio.h>
#include <sys/stat.h>

#include "sync/errors.h"
#include "sync/store/store_i.h"

#define COPY_BLOCK ((size_t)1 << 18)

static void remove_part(const char *part)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        char *path = path_with(part, suffixes[i]);
        io_remove(path);
        mem_free(path);
    }
}

static bool refuse_existing(const char *path, struct err *e)
{
    struct stat st;
    return lstat(path, &st) != 0 || err_fail1(e, ERR_STORE_EXISTS, path);
}

/* ---- backup ---- */

/* Without its full stop: it becomes a part of a sentence. */
static void first_fault(void *ctx, struct str line)
{
    char *first = ctx;
    if (!first[0])
        err_arg(first, str_ends(line, STR(".")) ? str_sub(line, 0, line.n - 1) : line);
}

/* The copy is opened with the keys at hand and walked whole. */
static bool verify_copy(const struct store *s, const char *part, struct err *e)
{
    struct store copy = *s;
    struct err why = {0};
    char first[ERR_ARG_MAX] = "";
    uint64_t faults = 0;
    copy.db = NULL;
    copy.read_only = true;
    copy.tx = TX_NONE;
    copy.now = copy.before = (struct memory){.n_drafts = 0};
    copy.states = NULL;
    copy.n_states = 0;
    copy.states_read = false;
    copy.ik = secret_new(32);
    copy.pk = secret_new(32);
    copy.keys_of = 0;
    bool ok = db_open(&copy.db, part, DB_READ, e) && db_exec(copy.db, "BEGIN", e) &&
              schema_check(copy.db, NULL, 0, &why) && head_read(&copy, &why) &&
              store_verify(&copy, first_fault, first, &faults, &why);
    if (ok && copy.now.head.commits != s->now.head.commits)
        first_fault(first, STR("it is not of this moment"));
    if (why.kind && !first[0])
        first_fault(first, str_of(why.arg[0][0] ? why.arg[0] : why.kind->id));
    db_close(copy.db);
    secret_free(copy.ik);
    secret_free(copy.pk);
    memory_done(&copy.now);
    mem_free(copy.states);
    crypt_wipe(&copy, sizeof copy);
    return !e->kind && (first[0] ? err_fail1(e, ERR_BACKUP_BAD, first) : true);
}

/* Which of the two is at fault: a faithful copy of what does not fit does not fit either. */
static bool blame(struct store *s, struct err *e)
{
    char first[ERR_ARG_MAX] = "";
    uint64_t faults = 0;
    struct err ignored = {0};
    if (err_is(e, &ERR_BACKUP_BAD) && store_verify(s, first_fault, first, &faults, &ignored) &&
        faults) {
        err_clear(e);
        err_fail1(e, ERR_STORE_DAMAGED, first);
    }
    return false;
}

void store_on_progress(struct store *s, store_progress told, void *ctx)
{
    s->told = told;
    s->told_ctx = ctx;
}

static void tell_copied(void *ctx, uint64_t done, uint64_t all)
{
    const struct store *s = ctx;
    if (s->told)
        s->told(s->told_ctx, false, done, all);
}

static bool check_room(struct store *s, const char *to, struct err *e)
{
    char needs[ERR_ARG_MAX], *folder = io_folder(to);
    uint64_t size, room;
    bool ok = db_size(s->db, &size, e) && io_room(folder, &room, e);
    if (ok && size > room)
        ok = err_fail2(e, ERR_NO_ROOM, folder, err_num(needs, (int64_t)(size >> 20) + 1));
    mem_free(folder);
    return ok;
}

static bool backup(struct store *s, const char *part, const char *to, struct err *e)
{
    return check_room(s, to, e) && io_make_empty(part, 0600, e) &&
           db_copy(s->db, part, tell_copied, s, e) && (verify_copy(s, part, e) || blame(s, e)) &&
           io_rename(part, to, e);
}

bool store_backup(struct store *s, const char *to, struct err *e)
{
    assert(s->tx == TX_NONE);
    if (s->read_only)
        return err_fail(e, ERR_STORE_READ_ONLY);
    if (!refuse_existing(to, e))
        return false;
    struct hash32 at = s->now.head.ledger_hash;
    char *part = path_with(to, ".part");
    remove_part(part);
    bool ok = backup(s, part, to, e);
    remove_part(part); /* the files that SQLite leaves beside it, too */
    mem_free(part);
    return ok && store_ledger_append(s, LEDGER_BACKUP, NULL, &at, str_of(to), e);
}

static bool mark_safe(struct store *s, uint64_t *ret, struct err *e)
{
    for (uint64_t no = 1; no <= s->now.head.rows[COUNT_REVISION]; no++) {
        struct revision r;
        enum revision_state first = REVISION_PENDING;
        if (!revision_read(s, no, &r, &first, e))
            return false;
        if (state_now(s, no, first) != REVISION_HELD)
            continue;
        if (!state_change(s, no, REVISION_SAFE, e))
            return false;
        ++*ret;
    }
    return true;
}

bool store_mark_safe(struct store *s, uint64_t *ret, struct err *e)
{
    uint64_t n = 0;
    assert(s->identity.kind == STORE_OFFICE);
    if (!states_load(s, e) || !tx_enter(s, e) || !tx_leave(s, mark_safe(s, &n, e), e))
        return false;
    *ret = n;
    return true;
}

/* ---- restore ---- */

static bool copy_bytes(int from, uint64_t size, struct io_new *to, struct err *e)
{
    uint8_t *block = mem_alloc(COPY_BLOCK);
    bool ok = true;
    while (ok && size > 0) {
        size_t n = size < COPY_BLOCK ? (size_t)size : COPY_BLOCK;
        ok = io_read_exact(from, block, n, e) && io_write(to, block, n, e);
        size -= n;
    }
    mem_free(block);
    return ok;
}

static bool copy_file(const char *from, const char *to, struct err *e)
{
    int fd;
    uint64_t size;
    struct io_new out;
    if (!io_open_read(from, UINT64_MAX, &fd, &size, e))
        return false;
    bool ok = io_create(&out, to, 0600, e);
    if (ok) {
        ok = copy_bytes(fd, size, &out, e) && io_finish(&out, e);
        io_abandon(&out);
    }
    io_close(fd);
    return ok;
}

/* A backup is complete in its one file; a store in use is not. */
static bool refuse_live(const char *backup, struct err *e)
{
    struct stat st;
    char *wal = path_with(backup, "-wal");
    bool live = stat(wal, &st) == 0 && st.st_size > 0;
    mem_free(wal);
    return !live || err_fail1(e, ERR_BACKUP_LIVE, backup);
}

static bool new_incarnation(struct store *s, struct err *e)
{
    struct head *h = &s->now.head;
    struct id16 old = h->incarnation;
    struct hash32 from = h->ledger_hash;
    crypt_random(h->incarnation.b, sizeof h->incarnation.b);
    return ledger_add(s, LEDGER_RESTORE, wall_clock_ms(), &old, &from, STR(""), e);
}

/* Under its temporary name until it is another incarnation: a copy must never open as the old one. */
static bool restore(struct store *s, const char *part, const char *from,
                    const struct secret *passphrase, struct err *e)
{
    uint32_t version;
    uint64_t size;
    if (!copy_file(from, part, e) || !store_check_file(part, &version, &size, e) ||
        !db_open(&s->db, part, DB_WRITE, e) || !store_read(s, passphrase, NULL, e) ||
        !tx_enter(s, e) || !tx_leave(s, new_incarnation(s, e), e) || !store_settle(s, e))
        return false;
    s->identity.incarnation = s->now.head.incarnation;
    db_close(s->db);
    s->db = NULL;
    return io_rename(part, s->path, e) && db_open(&s->db, s->path, DB_WRITE, e);
}

bool store_restore(struct store **ret, const char *from, const char *path,
                   const struct secret *passphrase, struct err *e)
{
    uint32_t version;
    uint64_t size;
    if (!store_check_file(from, &version, &size, e) || !refuse_live(from, e) ||
        !refuse_existing(path, e))
        return false;
    if (io_is_network(path))
        return err_fail1(e, ERR_STORE_NETWORK, path);
    struct store *s = store_new(path);
    char *part = path_with(path, ".part");
    bool ok = store_lock(s, e) && refuse_existing(path, e);
    if (ok) {
        remove_part(part);
        ok = restore(s, part, from, passphrase, e);
    }
    if (ok) {
        *ret = s;
    } else {
        bool locked = s->lock.fd >= 0;
        db_close(s->db);
        s->db = NULL;
        s->tx = TX_NONE;
        if (locked)
            remove_part(part);
        store_close(s);
    }
    mem_free(part);
    return ok;
}

/* ---- the state file ---- */

/* MAC(KDF(MK, 7, "cacahsta"), "cacah.state.1" ‖ store_id ‖ le64 commits) */
static struct hash32 state_mac(const struct store *s, uint64_t commits)
{
    struct buf m;
    struct secret *key = crypt_kdf(s->mk, 7, "cacahsta");
    buf_init(&m, 64);
    msg_tag(&m, "cacah.state.1");
    buf_add(&m, s->identity.store.b, 16);
    buf_add_le64(&m, commits);
    struct hash32 mac = crypt_mac(secret_view(key), buf_str(&m));
    buf_done(&m);
    secret_free(key);
    return mac;
}

void store_state(const struct store *s, struct store_state *ret)
{
    ret->commits = s->now.head.commits;
    ret->mac = state_mac(s, ret->commits);
}

enum store_state_is store_state_check(const struct store *s, const struct store_state *state)
{
    struct hash32 mac = state_mac(s, state->commits);
    if (!crypt_mac_eq(&mac, &state->mac))
        return STATE_FOREIGN;
    return state->commits <= s->now.head.commits ? STATE_FITS : STATE_ROLLED_BACK;
}
