/* See ui_inbox.h. */
#include "tests/support/ui_inbox.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sync/bundle/bundle.h"
#include "sync/bundle/kit.h"
#include "sync/io/io.h"

#define MADE_MS 1767225600000

static const char *in_folder(const struct ui_case *c, const char *name, char path[200])
{
    snprintf(path, 200, "%s/%s", c->folder, name);
    return path;
}

static bool make_office(struct ui_case *c, const struct secret *passphrase, struct store **ret,
                        struct hash32 *ret_form, struct err *e)
{
    struct secret *paper = NULL;
    struct office_new n = {
        .title = STR("Tabalong Smart City 2026"), .user = STR("Rina"), .passphrase = passphrase};
    struct form_files f = {.form = {STR("f.md"), STR("| survey |")}};
    char in[200];
    bool ok = office_create(ret, c->path, &n, &paper, e) &&
              office_form_add(*ret, &f, ret_form, e) &&
              store_config_put(*ret, "inbox", str_of(in_folder(c, "in", in)), e);
    secret_free(paper);
    return ok;
}

static bool join_laptop(struct ui_case *c, struct store *office, const struct secret *passphrase,
                        struct store **ret, struct err *e)
{
    struct kit *k = NULL;
    struct id16 id;
    struct buf code;
    struct kit_new n = {.label = STR("Laptop 3"), .lang = WORDS_ID, .now_ms = MADE_MS};
    struct join j = {.passphrase = passphrase, .user = STR("Rina")};
    char kit[200], path[200];
    buf_init(&code, 200);
    bool ok = kit_write(office, in_folder(c, "a.kit", kit), &n, &code, &id, e) &&
              kit_open(&k, kit, buf_str(&code), e) &&
              kit_join(ret, in_folder(c, "laptop.cacah", path), k, &j, e);
    kit_close(k);
    buf_done(&code);
    return ok;
}

static bool hold_interview(struct store *s, const struct hash32 *form, struct err *e)
{
    struct id16 uuid;
    struct hash32 rev;
    struct revision_new r = {.part1 = STR("<data/>"), .outcome = 1, .now_ms = MADE_MS};
    return store_draft_begin(s, form, NULL, NULL, MADE_MS, STR("start"), STR(""), &uuid, e) &&
           store_draft_finalise(s, &uuid, &r, &rev, e);
}

static bool fill_inbox(struct ui_case *c, struct store *laptop, const struct hash32 *form,
                       struct err *e)
{
    struct bundle_written w;
    char in[200], first[200], cut[200], other[200];
    mkdir(in_folder(c, "in", in), 0700);
    if (!hold_interview(laptop, form, e) ||
        !bundle_write(laptop, in_folder(c, "in/1.bundle", first), MADE_MS, &w, e) ||
        !hold_interview(laptop, form, e) ||
        !bundle_write(laptop, in_folder(c, "in/2.bundle", cut), MADE_MS, &w, e) ||
        truncate(cut, 900) != 0)
        return false;
    return io_write_file(in_folder(c, "in/3.bundle", other), 0600, STR("catatan\n"), e);
}

bool ui_inbox(struct ui_case *c, struct err *e)
{
    struct secret *passphrase = secret_copy(UI_CASE_PASSPHRASE, sizeof UI_CASE_PASSPHRASE - 1);
    struct store *office = NULL, *laptop = NULL;
    struct hash32 form;
    bool ok = make_office(c, passphrase, &office, &form, e) &&
              join_laptop(c, office, passphrase, &laptop, e) && fill_inbox(c, laptop, &form, e);
    store_close(laptop);
    store_close(office);
    secret_free(passphrase);
    return ok;
}
