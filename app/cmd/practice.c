/* Practice surveys; see practice.h. */
#include "app/cmd/practice.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/cmd/form_pack.h"
#include "app/cmd/keep.h"
#include "app/flow/host.h"
#include "sync/bundle/kit.h"

struct making {
    char folder[KEEP_PATH_MAX]; /* of the office that is thrown away */
    char office[KEEP_PATH_MAX + 16], kit[KEEP_PATH_MAX + 16];
    struct secret *passphrase;
};

static bool begin(struct making *m, struct err *e)
{
    const char *tmp = getenv("TMPDIR");
    snprintf(m->folder, sizeof m->folder, "%s/cacah-practice.XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(m->folder))
        return err_fail_sys(e, ERR_FOLDER, m->folder);
    snprintf(m->office, sizeof m->office, "%s/office.cacah", m->folder);
    snprintf(m->kit, sizeof m->kit, "%s/laptop.kit", m->folder);
    m->passphrase = secret_copy(PRACTICE_PASSPHRASE, sizeof PRACTICE_PASSPHRASE - 1);
    return true;
}

/* Everything of the office goes: its keys were never anybody's. */
static void end(struct making *m)
{
    DIR *d = opendir(m->folder);
    for (struct dirent *entry; d && (entry = readdir(d));) {
        char path[KEEP_PATH_MAX + NAME_MAX + 2];
        snprintf(path, sizeof path, "%s/%s", m->folder, entry->d_name);
        if (entry->d_name[0] != '.')
            unlink(path);
    }
    if (d)
        closedir(d);
    rmdir(m->folder);
    secret_free(m->passphrase);
}

static int is_form(const struct dirent *d)
{
    size_t n = strlen(d->d_name);
    return n > 3 && strcmp(d->d_name + n - 3, ".md") == 0;
}

static bool add_forms(struct store *office, const char *folder, struct err *e)
{
    struct dirent **names;
    int n = scandir(folder, &names, is_form, alphasort);
    bool ok = n >= 0 ? true : err_fail_sys(e, ERR_FORMS_FOLDER, folder);
    if (n == 0)
        ok = err_fail1(e, ERR_FORMS_FOLDER, folder);
    for (int i = 0; i < n; i++) {
        char path[KEEP_PATH_MAX];
        int len = snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);
        if (ok && (len < 0 || len >= (int)sizeof path))
            ok = err_fail2(e, ERR_LIMIT, "The folder's path", "4096 bytes");
        ok = ok && form_add_file(office, path, e);
        free(names[i]);
    }
    if (n >= 0)
        free(names);
    return ok;
}

static bool make_kit(struct making *m, const char *forms, struct buf *code, struct err *e)
{
    struct office_new n = {.title = STR("Smart City Tabalong (latihan)"),
                           .user = STR("latihan"),
                           .passphrase = m->passphrase,
                           .practice = true};
    struct kit_new k = {
        .label = STR("Latihan"), .lang = WORDS_ID, .weak_laptops = true, .now_ms = host_now().ms};
    struct store *office = NULL;
    struct secret *paper = NULL;
    struct id16 id;
    bool ok = office_create(&office, m->office, &n, &paper, e) && add_forms(office, forms, e) &&
              kit_write(office, m->kit, &k, code, &id, e);
    secret_free(paper);
    store_close(office);
    return ok;
}

bool practice_make(const char *path, const char *forms_folder, struct err *e)
{
    struct making m = {.passphrase = NULL};
    struct buf code;
    struct kit *kit = NULL;
    struct store *s = NULL;
    if (!begin(&m, e))
        return false;
    buf_init(&code, 1024);
    struct join j = {.passphrase = m.passphrase, .user = STR("Latihan")};
    bool ok = make_kit(&m, forms_folder, &code, e) && kit_open(&kit, m.kit, buf_str(&code), e) &&
              kit_join(&s, path, kit, &j, e);
    store_close(s);
    kit_close(kit);
    buf_wipe_done(&code);
    end(&m);
    return ok;
}
