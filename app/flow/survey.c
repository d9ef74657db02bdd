/* The survey that is open; see survey.h. */
#include "app/flow/survey.h"

#include <stdlib.h>
#include <string.h>

#include "app/flow/host.h"
#include "app/flow/survey_i.h"
#include "app/flow/watch.h"
#include "forms/base/num.h"
#include "sync/bundle/kit.h"
#include "sync/merge/derive.h"

/* ---- life ---- */

/* The office's config as the kit or the last receipt brought it. A store that has not joined has none. */
static bool read_config(struct survey *sv, struct err *e)
{
    if (kit_config(sv->store, &sv->config, &sv->arena, e))
        return true;
    if (!err_is(e, &ERR_NO_ROOT))
        return false;
    err_clear(e);
    return true;
}

static bool take_user(void *ctx, const struct slot_info *slot)
{
    struct survey *sv = ctx;
    sv->n_users += slot->kind == SLOT_USER;
    if (slot->mine)
        sv->user = arena_str(&sv->arena, slot->name);
    return true;
}

static bool read_names(struct survey *sv, struct err *e)
{
    struct buf label;
    buf_init(&label, 4096);
    sv->user = STR("");
    sv->n_users = 0;
    bool ok = kit_label(sv->store, &label, e) && store_slot_each(sv->store, take_user, sv, e);
    sv->label = arena_str(&sv->arena, buf_str(&label));
    buf_done(&label);
    return ok;
}

bool survey_refresh(struct survey *sv, struct err *e)
{
    sv->listed = false;
    idmap_done(&sv->marked);
    sv->n_marks = 0;
    for (size_t i = 0; i < sv->n_loaded; i++)
        sv->loaded[i]->quota = NULL; /* the old ones stay in its arena until it goes */
    sv->config = (struct config){0};
    return read_config(sv, e) && read_names(sv, e);
}

bool survey_open(struct survey **ret, const char *store_path, const struct secret *passphrase,
                 struct err *e)
{
    struct survey *sv = mem_alloc(sizeof *sv);
    arena_init(&sv->arena);
    if (!store_open(&sv->store, store_path, passphrase, e) || !survey_refresh(sv, e)) {
        survey_close(sv);
        return false;
    }
    uint64_t n;
    struct err ignored = {0}; /* what is not purged now is another time */
    (void)!survey_purge(sv, host_now().ms, &n, &ignored);
    *ret = sv;
    return true;
}

static int64_t grace_days(const struct survey *sv)
{
    uint64_t days;
    struct str set = config_setting(&sv->config, "grace");
    return set.n && num_parse_uint(set, &days) && days <= 3650 ? (int64_t)days : SURVEY_GRACE_DAYS;
}

/* What was returned stays until it is corrected: its answers are what the correction begins with. */
struct returns {
    struct id16 *v;
    size_t n, cap;
};

static bool note_returned(void *ctx, const struct revision *rev, const struct review *review,
                          struct err *e)
{
    struct returns *r = ctx;
    (void)review, (void)e;
    r->v = mem_grow(r->v, r->n, &r->cap, sizeof *r->v);
    r->v[r->n++] = rev->uuid;
    return true;
}

static int by_uuid(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct id16));
}

bool survey_purge(struct survey *sv, int64_t now_ms, uint64_t *ret, struct err *e)
{
    struct derive *d;
    struct returns r = {.n = 0};
    const struct store_identity *id = store_identity(sv->store);
    *ret = 0;
    if (id->kind != STORE_FIELD)
        return true;
    if (!derive_open(&d, sv->store, e))
        return false;
    bool ok = derive_returned(d, &id->device, note_returned, &r, e);
    derive_free(d);
    if (r.n)
        qsort(r.v, r.n, sizeof *r.v, by_uuid);
    ok = ok && store_purge_due(sv->store, now_ms - grace_days(sv) * 86400000, r.v, r.n, ret, e);
    mem_free(r.v);
    return ok;
}

bool survey_look(struct survey **ret, const char *store_path, const struct secret *passphrase,
                 struct err *e)
{
    struct survey *sv = mem_alloc(sizeof *sv);
    arena_init(&sv->arena);
    sv->looking = true;
    if (!store_open_read(&sv->store, store_path, passphrase, e) || !survey_refresh(sv, e)) {
        survey_close(sv);
        return false;
    }
    *ret = sv;
    return true;
}

bool survey_watch(struct survey *sv, const char *folder)
{
    if (store_identity(sv->store)->practice)
        return true;
    if (sv->looking) /* what it sees may be less than what the writer has meanwhile */
        return watch_check(sv->store, folder) != STATE_ROLLED_BACK;
    sv->watched = mem_alloc(strlen(folder) + 1);
    memcpy(sv->watched, folder, strlen(folder) + 1);
    return watch_check(sv->store, folder) != STATE_ROLLED_BACK;
}

void survey_close(struct survey *sv)
{
    if (!sv)
        return;
    /* One that was put back stays told until it has more than was remembered. */
    if (sv->watched && watch_check(sv->store, sv->watched) != STATE_ROLLED_BACK)
        watch_keep(sv->store, sv->watched);
    mem_free(sv->watched);
    for (size_t i = 0; i < sv->n_loaded; i++) {
        form_free(sv->loaded[i]->form);
        arena_done(&sv->loaded[i]->files);
        mem_free(sv->loaded[i]);
    }
    mem_free(sv->loaded);
    idmap_done(&sv->marked);
    mem_free(sv->marks);
    mem_free(sv->forms);
    arena_done(&sv->arena);
    store_close(sv->store);
    mem_free(sv);
}

struct store *survey_store(struct survey *sv)
{
    return sv->store;
}

bool survey_words(struct survey *sv, struct buf *out, struct err *e)
{
    return kit_survey_words(sv->store, WORDS_ID, out, e);
}

const struct config *survey_config(const struct survey *sv)
{
    return &sv->config;
}

struct str survey_title(const struct survey *sv)
{
    return sv->config.title;
}

struct str survey_label(const struct survey *sv)
{
    return sv->label;
}

struct str survey_user(const struct survey *sv)
{
    return sv->user;
}

size_t survey_users(const struct survey *sv)
{
    return sv->n_users;
}

/* ---- forms ---- */

static bool faults(const struct loaded *l, const struct diags *d, struct err *e)
{
    char name[ERR_ARG_MAX], why[ERR_ARG_MAX];
    struct buf text;
    buf_init(&text, 4096);
    for (size_t i = 0; i < d->n; i++)
        if (d->v[i].severity == SEV_ERROR) {
            err_text(&d->v[i].err, NULL, &text);
            break;
        }
    err_arg(why, buf_str(&text));
    buf_done(&text);
    return err_fail2(e, ERR_FORM_FAULTS, err_arg(name, l->shipped.form.name), why);
}

static bool compile(struct survey *sv, struct loaded *l, struct err *e)
{
    struct diags d;
    struct host host;
    if (!store_form_get(sv->store, &l->hash, &l->shipped, &l->files, e))
        return false;
    host_files(&l->shipped, &host);
    diags_init(&d);
    const char *name = arena_str(&l->files, l->shipped.form.name).p;
    bool ok = form_compile(&l->form, l->shipped.form.bytes, name, &host, &d, e);
    if (!ok && !e->kind)
        faults(l, &d, e);
    diags_done(&d);
    return ok;
}

static struct loaded *find_loaded(struct survey *sv, const struct hash32 *hash)
{
    for (size_t i = 0; i < sv->n_loaded; i++)
        if (hash32_eq(&sv->loaded[i]->hash, hash))
            return sv->loaded[i];
    return NULL;
}

struct loaded *survey_load(struct survey *sv, const struct hash32 *hash, struct err *e)
{
    struct loaded *l = find_loaded(sv, hash);
    if (l)
        return l;
    l = mem_alloc(sizeof *l);
    l->hash = *hash;
    arena_init(&l->files);
    if (!compile(sv, l, e)) {
        arena_done(&l->files);
        mem_free(l);
        return NULL;
    }
    sv->loaded = mem_grow(sv->loaded, sv->n_loaded, &sv->cap_loaded, sizeof(struct loaded *));
    sv->loaded[sv->n_loaded++] = l;
    return l;
}

bool survey_form(struct survey *sv, const struct hash32 *hash, const struct form **ret,
                 struct err *e)
{
    struct loaded *l = survey_load(sv, hash, e);
    if (l)
        *ret = l->form;
    return l != NULL;
}

struct listing {
    struct survey *sv;
    struct err *e;
    bool failed;
};

static void add_form(struct survey *sv, const struct survey_form *f)
{
    sv->forms = mem_grow(sv->forms, sv->n_forms, &sv->cap_forms, sizeof *sv->forms);
    sv->forms[sv->n_forms++] = *f;
}

/* A form with faults stays in the list under its file's name, so that choosing it says what is wrong. */
static bool list_form(void *ctx, const struct hash32 *hash)
{
    struct listing *c = ctx;
    struct survey *sv = c->sv;
    struct survey_form f = {.hash = *hash};
    struct loaded *l = survey_load(sv, hash, c->e);
    if (l) {
        f.id = l->form->id;
        f.title = l->form->title;
        f.version = l->form->version;
    } else if (err_is(c->e, &ERR_FORM_FAULTS)) {
        f.id = f.version = STR("");
        f.title = arena_str(&sv->arena, str_of(c->e->arg[0]));
        err_clear(c->e);
    } else {
        c->failed = true;
        return false;
    }
    for (size_t i = 0; i < sv->n_forms; i++)
        if (f.id.n && str_eq(sv->forms[i].id, f.id)) {
            sv->forms[i] = f; /* kept later: the newer version */
            return true;
        }
    add_form(sv, &f);
    return true;
}

/* In the config's order; all there are when it names none. */
static bool each_form(struct survey *sv, struct listing *c, struct err *e)
{
    if (sv->config.n_forms == 0)
        return store_form_each(sv->store, list_form, c, e);
    for (size_t i = 0; i < sv->config.n_forms; i++)
        if (!list_form(c, &sv->config.forms[i].hash))
            return false;
    return true;
}

bool survey_forms(struct survey *sv, const struct survey_form **ret, size_t *ret_n, struct err *e)
{
    if (!sv->listed) {
        struct listing c = {sv, e, false};
        sv->n_forms = 0;
        if (!each_form(sv, &c, e) || c.failed)
            return false;
        sv->listed = true;
    }
    *ret = sv->forms;
    *ret_n = sv->n_forms;
    return true;
}

static struct str without_ending(struct str name)
{
    size_t dot = name.n;
    while (dot > 0 && name.p[dot - 1] != '.')
        dot--;
    return dot > 1 ? str_sub(name, 0, dot - 1) : name;
}

static bool is_named(struct survey *sv, const struct survey_form *f, struct str name)
{
    const struct loaded *l = find_loaded(sv, &f->hash);
    if (str_eq(f->id, name) || str_eq_nocase(f->title, name))
        return true;
    return l && (str_eq(l->shipped.form.name, name) ||
                 str_eq(without_ending(l->shipped.form.name), name));
}

bool survey_form_named(struct survey *sv, struct str name, struct hash32 *ret, struct err *e)
{
    const struct survey_form *f;
    size_t n;
    char arg[ERR_ARG_MAX], list[ERR_ARG_MAX];
    if (!survey_forms(sv, &f, &n, e))
        return false;
    for (size_t i = 0; i < n; i++)
        if (is_named(sv, &f[i], name)) {
            *ret = f[i].hash;
            return true;
        }
    err_arg(arg, name);
    if (n == 0)
        return err_fail1(e, ERR_NO_FORMS, arg);
    struct buf b;
    buf_init(&b, 65536);
    for (size_t i = 0; i < n; i++) {
        if (i)
            buf_add_z(&b, ", ");
        buf_add_str(&b, f[i].id.n ? f[i].id : f[i].title);
    }
    err_arg(list, buf_str(&b));
    buf_done(&b);
    return err_fail2(e, ERR_NO_FORM, arg, list);
}
