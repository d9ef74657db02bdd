/* The practice store; see practice.h. */
#include "app/flow/practice.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/flow/assign.h"
#include "app/flow/dice.h"
#include "app/flow/host.h"
#include "app/flow/quota.h"
#include "app/flow/survey.h"
#include "sync/bundle/kit.h"
#include "sync/io/io.h"

#define ASSIGNMENTS_EACH 3
#define SEED_BYTES       32
#define HOUR_MS          ((int64_t)3600000)

enum { OUTCOME_NOBODY = 3, OUTCOME_POSTPONED = 7 };

/* ---- a folder to work in, beside the store ---- */

struct place_of_work {
    struct io_lock lock;
    struct buf folder, office, kit, store;
};

static void name_in(const struct buf *folder, const char *name, struct buf *out)
{
    buf_init(out, 1 << 13);
    buf_add_str(out, buf_str(folder));
    buf_add_c(out, '/');
    buf_add_z(out, name);
}

static void remove_files(const char *path, const char *const ends[], size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct buf b;
        buf_init(&b, 1 << 14);
        buf_add_z(&b, path);
        buf_add_z(&b, ends[i]);
        io_remove(b.p);
        buf_done(&b);
    }
}

/* With what SQLite keeps beside it: a store killed before it went over to its log has a journal. */
static void remove_store(const char *path)
{
    static const char *const ends[] = {"",      "-journal", "-wal",         "-shm",
                                       ".lock", ".part",    ".part-journal"};
    remove_files(path, ends, sizeof ends / sizeof *ends);
}

static void remove_folder(const struct place_of_work *w)
{
    remove_store(w->office.p);
    remove_store(w->store.p);
    remove_store(w->kit.p);
    (void)rmdir(w->folder.p);
}

static bool take_lock(struct place_of_work *w, const char *path, struct err *e)
{
    struct buf b;
    buf_init(&b, 1 << 14);
    buf_add_z(&b, path);
    buf_add_z(&b, ".lock");
    bool ok = io_lock(&w->lock, b.p, e);
    buf_done(&b);
    return ok;
}

/* Always the same folder: what a killed making left in it goes first. The lock, that of the store to be,
 * tells it from one that is under way. */
static bool work_begin(struct place_of_work *w, const char *path, struct err *e)
{
    buf_init(&w->folder, 1 << 13);
    buf_add_z(&w->folder, path);
    buf_add_z(&w->folder, ".making");
    if (w->folder.full)
        return err_fail2(e, ERR_LIMIT, "The path", "8192 bytes");
    if (!take_lock(w, path, e))
        return false;
    if (access(path, F_OK) == 0)
        return err_fail1(e, ERR_STORE_EXISTS, path);
    name_in(&w->folder, "office", &w->office);
    name_in(&w->folder, "kit", &w->kit);
    name_in(&w->folder, "store", &w->store);
    remove_folder(w);
    return mkdir(w->folder.p, 0700) == 0 || err_fail_sys(e, ERR_FOLDER, w->folder.p);
}

static void work_end(struct place_of_work *w)
{
    if (w->office.p)
        remove_folder(w);
    buf_done(&w->folder);
    buf_done(&w->office);
    buf_done(&w->kit);
    buf_done(&w->store);
    io_unlock(&w->lock);
}

/* ---- the office that is thrown away ---- */

static struct secret *seed_of(uint64_t seed, uint64_t which)
{
    struct dice d;
    struct secret *s = secret_new(SEED_BYTES);
    dice_seed(&d, seed, 5, which);
    dice_bytes(&d, secret_bytes(s), SEED_BYTES);
    return s;
}

/* As decisions.md 17 has them: id,form_id,to,label,village,appointment,note */
static bool assign(const struct practice_new *n, struct buf *out, struct err *e)
{
    if (n->assignments.n)
        return buf_add_str(out, n->assignments) ||
               err_fail2(e, ERR_LIMIT, "The assignments", "1 MiB");
    buf_add_z(out, "id,form_id,to,label,village,appointment,note\n");
    for (size_t i = 0; i < n->n_forms; i++) {
        struct host host;
        struct diags d;
        struct form *f;
        diags_init(&d);
        host_files(&n->forms[i], &host);
        struct arena a;
        arena_init(&a);
        const char *name = arena_str(&a, n->forms[i].form.name).p;
        bool ok = form_compile(&f, n->forms[i].form.bytes, name, &host, &d, e);
        if (ok) {
            for (int k = 1; k <= ASSIGNMENTS_EACH; k++)
                buf_printf(out, "latihan-%zu-%d,%.*s,,Responden latihan %d,,,\n", i + 1, k,
                           STR_FMT(f->id), k);
            form_free(f);
        } else if (!e->kind && d.n) {
            *e = d.v[0].err;
        }
        diags_done(&d);
        arena_done(&a);
        if (!ok)
            return false;
    }
    return !out->full || err_fail2(e, ERR_LIMIT, "The assignments", "1 MiB");
}

static bool set_quotas(const struct practice_new *n, struct store *office, struct err *e)
{
    struct config c;
    struct arena a;
    if (n->quotas.n == 0)
        return true;
    arena_init(&a);
    bool ok = kit_config(office, &c, &a, e) &&
              quota_read(n->quotas, &c.quotas, &c.n_quotas, &a, e) &&
              office_config_set(office, &c, e);
    arena_done(&a);
    return ok;
}

static bool write_kit(const struct practice_new *n, struct store *office,
                      const struct place_of_work *w, struct buf *code, struct err *e)
{
    struct buf assignments;
    struct id16 id;
    struct kit_new k = {.label = STR("Latihan"), .lang = WORDS_ID, .weak_laptops = true};
    buf_init(&assignments, 1 << 20);
    bool ok = assign(n, &assignments, e);
    for (size_t i = 0; ok && i < n->n_forms; i++) {
        struct hash32 hash;
        ok = office_form_add(office, &n->forms[i], &hash, e);
    }
    ok = ok && set_quotas(n, office, e);
    k.assignments = buf_str(&assignments);
    k.now_ms = host_now().ms;
    ok = ok && kit_write(office, w->kit.p, &k, code, &id, e);
    buf_done(&assignments);
    return ok;
}

static bool make_kit(const struct practice_new *n, const struct place_of_work *w, struct buf *code,
                     struct err *e)
{
    struct store *office = NULL;
    struct secret *paper = NULL, *seed = seed_of(n->seed, 1);
    struct office_new o = {.title = n->title,
                           .user = n->user,
                           .passphrase = n->passphrase,
                           .practice = true,
                           .signing_seed = seed};
    bool ok =
        office_create(&office, w->office.p, &o, &paper, e) && write_kit(n, office, w, code, e);
    store_close(office);
    secret_free(paper);
    secret_free(seed);
    return ok;
}

static bool join(const struct practice_new *n, const struct place_of_work *w, struct str code,
                 struct err *e)
{
    struct kit *kit = NULL;
    struct store *st = NULL;
    struct secret *seed = seed_of(n->seed, 2);
    struct join j = {.passphrase = n->passphrase, .user = n->user, .signing_seed = seed};
    bool ok = kit_open(&kit, w->kit.p, code, e) && kit_join(&st, w->store.p, kit, &j, e);
    store_close(st);
    kit_close(kit);
    secret_free(seed);
    return ok;
}

/* ---- what is in it ---- */

/* Some of the assignments have been visited: nobody was there, or another day was agreed. */
static bool visit_some(struct survey *sv, struct err *e)
{
    struct assignments all;
    bool ok = assignments_load(&all, sv, e);
    for (size_t i = 3; ok && i < all.n; i += 5) {
        struct session *s;
        bool agreed = i % 2;
        int64_t tomorrow = host_now().ms / HOUR_MS * HOUR_MS + 24 * HOUR_MS;
        if (!assignment_begin(&s, sv, &all.v[i], e)) {
            ok = false;
            break;
        }
        ok = session_visit(s, agreed ? OUTCOME_POSTPONED : OUTCOME_NOBODY, agreed ? tomorrow : 0,
                           STR(""), e);
        session_close(s);
    }
    assignments_done(&all);
    return ok;
}

static bool fill(const struct practice_new *n, const struct place_of_work *w, struct err *e)
{
    struct survey *sv = NULL;
    struct sim_profile p;
    sim_profile_init(&p);
    bool ok = sim_profile_read(&p, n->profile, e) && survey_open(&sv, w->store.p, n->passphrase, e);
    if (ok && n->quotas.n)
        ok = quota_check(sv, survey_config(sv)->quotas, survey_config(sv)->n_quotas, e);
    for (size_t i = 0; ok && n->each && i < n->n_forms; i++) {
        struct hash32 hash = form_files_hash(&n->forms[i]);
        const struct form *f;
        struct sim_stored done;
        ok = survey_form(sv, &hash, &f, e) &&
             sim_store(sv, &hash, f, &p, n->each, n->seed, &done, e);
    }
    ok = ok && visit_some(sv, e);
    survey_close(sv);
    sim_profile_done(&p);
    return ok;
}

/* The log of a store that is gone would be replayed into the new one. */
static bool give_name(const struct place_of_work *w, const char *path, struct err *e)
{
    static const char *const ends[] = {"-wal", "-shm"};
    remove_files(path, ends, sizeof ends / sizeof *ends);
    return io_rename(w->store.p, path, e);
}

bool practice_make(const struct practice_new *n, struct err *e)
{
    struct place_of_work w = {.lock = {.fd = -1}};
    struct buf code;
    buf_init(&code, 1024);
    bool ok = work_begin(&w, n->path, e) && make_kit(n, &w, &code, e) &&
              join(n, &w, buf_str(&code), e) && fill(n, &w, e) && give_name(&w, n->path, e);
    work_end(&w);
    buf_wipe_done(&code);
    return ok;
}

bool practice_drop(const char *path, struct err *e)
{
    struct store_peek peek;
    static const uint8_t zero[8];
    if (access(path, F_OK) != 0)
        return true;
    if (!store_peek(path, &peek, e))
        return false;
    if (memcmp(peek.survey.b, zero, sizeof zero) != 0 || peek.kind != STORE_FIELD)
        return err_fail1(e, ERR_NOT_PRACTICE, path);
    remove_store(path);
    return true;
}
