/* See ui_case.h. */
#include "tests/support/ui_case.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "app/flow/host.h"
#include "app/flow/quota.h"
#include "forms/base/utf8.h"
#include "sync/bundle/config.h"
#include "sync/bundle/fact.h"
#include "sync/crypt/crypt.h"
#include "sync/io/io.h"

static struct instant stopped(void *ctx)
{
    (void)ctx;
    return (struct instant){1767225600000, 480}; /* 2026-01-01T08:00+08:00 */
}

static bool in_tanjung(void *ctx, struct buf *out, struct err *e)
{
    (void)ctx, (void)e;
    buf_add_z(out, "-2.1683 115.3856 41.5 6.25");
    return true;
}

void ui_case_setup(struct ui_case *c)
{
    const char *base = getenv("TMPDIR");

    *c = (struct ui_case){0};
    snprintf(c->folder, sizeof c->folder, "%.40s/cacah-screen-XXXXXX",
             base && base[0] ? base : "/tmp");
    if (!mkdtemp(c->folder))
        abort();
    snprintf(c->path, sizeof c->path, "%s/field.cacah", c->folder);
    c->start = (struct ui_start){.store_path = c->path,
                                 .lock_minutes = UI_CASE_LOCK_MINUTES,
                                 .now = stopped,
                                 .locate = in_tanjung};
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st, (void)type, (void)ftw;
    return remove(path);
}

void ui_case_teardown(struct ui_case *c)
{
    if (c->open)
        ui_done(&c->ui);
    nftw(c->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

/* ---- a store with forms ---- */

/* The office's key and config as a kit would have brought them; this store is its own office. */
static bool put_config(struct store *s, struct config_quota *quotas, size_t n_quotas, struct err *e)
{
    const struct store_identity *id = store_identity(s);
    struct config c = {.seq = 1,
                       .survey = id->survey,
                       .title = STR("Tabalong Smart City 2026"),
                       .quotas = quotas,
                       .n_quotas = n_quotas};
    struct buf text, bytes;

    buf_init(&text, CONFIG_TEXT_MAX);
    buf_init(&bytes, CONFIG_TEXT_MAX);
    config_write(&c, &text);
    struct fact f =
        fact_sign(FACT_CONFIG, &id->survey, &id->ed_pk, store_signing_key(s), buf_str(&text));
    fact_encode(&f, &bytes);
    bool ok = store_config_put(s, "config", buf_str(&bytes), e) &&
              store_config_put(s, "root", (struct str){(const char *)id->ed_pk.b, 32}, e);
    buf_done(&text);
    buf_done(&bytes);
    return ok;
}

static bool open_store(struct ui_case *c, struct store **ret, struct err *e)
{
    struct secret *passphrase = secret_copy(UI_CASE_PASSPHRASE, sizeof UI_CASE_PASSPHRASE - 1);
    struct store_init init = {.kind = STORE_FIELD, .passphrase = passphrase, .user = STR("Rina")};
    bool ok;

    memcpy(init.survey.b, "survey-of-tests!", 16);
    if (access(c->path, F_OK) == 0)
        ok = store_open(ret, c->path, passphrase, e);
    else
        ok = store_create(ret, c->path, &init, e) && put_config(*ret, NULL, 0, e) &&
             store_config_put(*ret, "label", STR("Laptop 3"), e);
    secret_free(passphrase);
    return ok;
}

/* The lists the form asks for, out of its folder, in order of name. */
static bool add_lists(const struct form *f, const struct host *host, struct form_file *lists,
                      size_t *n, struct arena *a, struct err *e)
{
    const struct str *names;
    size_t count = form_externals(f, &names);

    for (*n = 0; *n < count && *n < 8; (*n)++) {
        struct buf bytes;

        buf_init(&bytes, LIMIT_FORM_ENTRY);
        if (!host->file(host->ctx, names[*n], &bytes, e))
            return false;
        lists[*n].name = arena_str(a, names[*n]);
        lists[*n].bytes = arena_str(a, buf_str(&bytes));
        buf_done(&bytes);
    }
    return true;
}

bool ui_case_form(struct ui_case *c, const char *path, struct err *e)
{
    const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    struct form_file lists[8];
    struct form_files files = {.lists = lists};
    struct store *store = NULL;
    struct host_dir dir;
    struct host host;
    struct diags diags;
    struct form *form = NULL;
    struct hash32 hash;
    struct arena a;
    struct buf bytes;
    bool ok;

    arena_init(&a);
    buf_init(&bytes, LIMIT_FORM_FILE);
    diags_init(&diags);
    ok = host_dir(&dir, path, &host, e) && host.file(host.ctx, str_of(name), &bytes, e) &&
         form_compile(&form, buf_str(&bytes), name, &host, &diags, e);
    if (!ok && !e->kind && diags.n)
        *e = diags.v[0].err;
    files.form = (struct form_file){str_of(name), buf_str(&bytes)};
    ok = ok && add_lists(form, &host, lists, &files.n_lists, &a, e) && open_store(c, &store, e) &&
         store_form_put(store, &files, &hash, e);
    store_close(store);
    form_free(form);
    diags_done(&diags);
    buf_done(&bytes);
    arena_done(&a);
    return ok;
}

static bool read_file(const char *path, struct buf *out, struct err *e)
{
    buf_init(out, (size_t)1 << 20);
    return io_read_file(path, (size_t)1 << 20, out, e);
}

bool ui_case_tasks(struct ui_case *c, const char *path, struct err *e)
{
    struct store *store = NULL;
    struct buf csv;
    bool ok = read_file(path, &csv, e) && open_store(c, &store, e) &&
              store_config_put(store, "assignments", buf_str(&csv), e);

    store_close(store);
    buf_done(&csv);
    return ok;
}

bool ui_case_quotas(struct ui_case *c, const char *path, struct err *e)
{
    struct store *store = NULL;
    struct config_quota *v;
    struct arena a;
    struct buf csv;
    size_t n;

    arena_init(&a);
    bool ok = read_file(path, &csv, e) && quota_read(buf_str(&csv), &v, &n, &a, e) &&
              open_store(c, &store, e) && put_config(store, v, n, e);
    store_close(store);
    buf_done(&csv);
    arena_done(&a);
    return ok;
}

/* ---- keys in, text out ---- */

static void draw(struct ui_case *c)
{
    do
        ui_draw(&c->ui);
    while (ui_work(&c->ui));
}

static void type(struct ui_case *c, struct str text)
{
    for (size_t i = 0, len; i < text.n; i += len) {
        ui_key(&c->ui, (struct key){.code = utf8_at(text, i, &len)});
        draw(c);
    }
}

void ui_case_start(struct ui_case *c, int rows, int cols, const char *language)
{
    c->start.language = language;
    ui_init(&c->ui, &c->start, rows, cols);
    c->open = true;
    draw(c);
}

void ui_case_open(struct ui_case *c, int rows, int cols, const char *language)
{
    ui_case_start(c, rows, cols, language);
    if (access(c->path, F_OK) == 0) {
        type(c, STR(UI_CASE_PASSPHRASE));
        ui_key(&c->ui, (struct key){.code = K_ENTER});
        draw(c);
    }
}

bool ui_case_keys(struct ui_case *c, struct str keys)
{
    struct str word;
    struct key k;

    for (;;) {
        keys = str_trim(keys);
        if (keys.n > 0 && keys.p[0] == '"') {
            size_t end = str_find(keys, '"', 1);

            type(c, str_sub(keys, 1, end - 1));
            keys = str_from(keys, end + 1);
            continue;
        }
        if (!str_word(&keys, &word))
            return true;
        if (!key_parse(word, &k))
            return false;
        ui_key(&c->ui, k);
        draw(c);
    }
}

static bool is_digit(char ch)
{
    return ch >= '0' && ch <= '9';
}

static bool is_code(char ch)
{
    return is_digit(ch) || (ch >= 'A' && ch <= 'Z');
}

static bool is_hex(char ch)
{
    return is_digit(ch) || (ch >= 'a' && ch <= 'f');
}

/* `shape` has 0 for a digit, A for a digit or capital, h for a hex digit, a point for anything; the rest is
 * itself. */
static bool matches(const char *p, const char *shape)
{
    for (; *shape; shape++, p++)
        if (*shape == '.')
            continue;
        else if (*shape == '0'   ? !is_digit(*p)
                 : *shape == 'A' ? !is_code(*p)
                 : *shape == 'h' ? !is_hex(*p)
                                 : *shape != *p)
            return false;
    return true;
}

/* The same length, always the same text. */
static void mask(struct buf *b)
{
    static const struct {
        const char *shape, *text;
    } masks[] = {{"00:00:00", "hh:mm:ss"},
                 {"0000-00-00", "yyyy-mm-dd"},
                 {"00-00-0000 00:00", "dd-mm-yyyy hh:mm"},
                 {"hhhhhhhh-0-hhhhhhhh", "stored-file-by-name"},
                 {"caca.-screen-......", "cacah-screen-XXXXXX"},
                 {"AAAA-AAAA-.", "CODE-CODE-C"}};

    for (size_t m = 0; m < sizeof masks / sizeof *masks; m++) {
        size_t n = strlen(masks[m].shape);

        for (size_t i = 0; i + n < b->n; i++)
            if (matches(b->p + i, masks[m].shape) && !is_code(b->p[i + n]) &&
                (i == 0 || !is_code(b->p[i - 1])))
                memcpy(b->p + i, masks[m].text, n);
    }
}

void ui_case_text(struct ui_case *c, struct buf *out)
{
    canvas_text(&c->ui.canvas, out);
    mask(out);
}
