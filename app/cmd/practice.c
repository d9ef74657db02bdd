/* Practice surveys; see practice.h. */
#include "app/cmd/practice.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/cmd/form_pack.h"
#include "app/cmd/keep.h"
#include "app/flow/practice.h"
#include "sync/io/io.h"

#define EACH     50
#define SEED     1 /* the same practice on every laptop: what a trainer shows is what all see */
#define FILE_MAX ((size_t)1 << 20)

static int is_form(const struct dirent *d)
{
    size_t n = strlen(d->d_name);
    return n > 3 && strcmp(d->d_name + n - 3, ".md") == 0;
}

static bool path_in(const char *folder, const char *name, char ret[KEEP_PATH_MAX], struct err *e)
{
    int n = snprintf(ret, KEEP_PATH_MAX, "%s/%s", folder, name);
    return (n > 0 && n < KEEP_PATH_MAX) ||
           err_fail2(e, ERR_LIMIT, "The folder's path", "4096 bytes");
}

static bool read_forms(const char *folder, struct arena *a, struct practice_new *ret, struct err *e)
{
    struct dirent **names;
    int n = scandir(folder, &names, is_form, alphasort);
    if (n < 0)
        return err_fail_sys(e, ERR_FORMS_FOLDER, folder);
    bool ok = n > 0 || err_fail1(e, ERR_FORMS_FOLDER, folder);
    struct form_files *forms = ARENA_ARRAY(a, struct form_files, (size_t)n);
    for (int i = 0; i < n; i++) {
        char path[KEEP_PATH_MAX];
        ok = ok && path_in(folder, names[i]->d_name, path, e) &&
             form_pack_file(path, a, &forms[i], NULL, e);
        free(names[i]);
    }
    free(names);
    ret->forms = forms;
    ret->n_forms = (size_t)n;
    return ok;
}

/* A folder of other forms need not have it: then "". */
static bool read_text(const char *folder, const char *name, struct arena *a, struct str *ret,
                      struct err *e)
{
    char path[KEEP_PATH_MAX];
    struct buf b;
    *ret = STR("");
    if (!path_in(folder, name, path, e))
        return false;
    if (access(path, F_OK) != 0)
        return true;
    buf_init(&b, FILE_MAX);
    bool ok = io_read_file(path, FILE_MAX, &b, e);
    if (ok)
        *ret = arena_str(a, buf_str(&b));
    buf_done(&b);
    return ok;
}

bool practice_of_folder(const char *path, const char *forms_folder, struct err *e)
{
    struct practice_new n = {.path = path,
                             .title = STR("Smart City Tabalong (latihan)"),
                             .user = STR("Latihan"),
                             .seed = SEED,
                             .each = EACH};
    struct secret *passphrase = secret_copy(PRACTICE_PASSPHRASE, sizeof PRACTICE_PASSPHRASE - 1);
    struct arena a;
    arena_init(&a);
    n.passphrase = passphrase;
    bool ok = read_forms(forms_folder, &a, &n, e) &&
              read_text(forms_folder, "practice.profile", &a, &n.profile, e) &&
              read_text(forms_folder, "practice.csv", &a, &n.assignments, e) &&
              read_text(forms_folder, "quotas.csv", &a, &n.quotas, e) && practice_make(&n, e);
    arena_done(&a);
    secret_free(passphrase);
    return ok;
}
