/* The terminal app's callbacks; see app_start.h. */
#include "app/cmd/app_start.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "app/cmd/desk.h"
#include "app/cmd/practice.h"
#include "app/flow/courier.h"
#include "app/flow/gps.h"
#include "app/flow/host.h"
#include "app/office/index.h"
#include "app/tr.h"
#include "sync/bundle/kit.h"
#include "sync/io/io.h"

#ifndef CACAH_FORMS
#define CACAH_FORMS "/usr/share/cacah/forms/tabalong"
#endif

#define SOURCE_FORMS "forms/tabalong"
#define FILES_LISTED 200

static bool join(void *ctx, struct str place, const struct secret *code, struct str user,
                 const struct secret *passphrase, const struct transport_user *person,
                 struct err *e)
{
    struct app_start *a = ctx;
    struct kit *kit = NULL;
    struct store *s = NULL;
    struct join j = {.passphrase = passphrase, .user = user};
    struct str words = {(const char *)secret_view(code), secret_size(code)};
    struct buf path;
    bool fetched = false;
    buf_init(&path, 1 << 16);
    bool ok = transport_kit(place, a->store_path, person, &path, &fetched, e) &&
              kit_open(&kit, path.p, words, e) && kit_join(&s, a->store_path, kit, &j, e);
    if (fetched)
        io_remove(path.p);
    buf_done(&path);
    store_close(s);
    kit_close(kit);
    return ok;
}

static void draw_passphrase(void *ctx, struct buf *out)
{
    (void)ctx;
    words_passphrase(WORDS_ID, out);
}

bool app_practise(struct app_start *a, struct err *e)
{
    struct stat st;
    return stat(a->practice_path, &st) == 0 || practice_of_folder(a->practice_path, a->forms, e);
}

static bool practise(void *ctx, struct secret **ret_passphrase, struct err *e)
{
    if (!app_practise(ctx, e))
        return false;
    *ret_passphrase = secret_copy(PRACTICE_PASSPHRASE, sizeof PRACTICE_PASSPHRASE - 1);
    return true;
}

/* Completion of a path: the entries of its folder that begin as typed, folders with a slash behind. */
static void list_files(void *ctx, struct str typed, struct buf *out)
{
    char folder[KEEP_PATH_MAX];
    size_t slash = typed.n;
    (void)ctx;
    while (slash > 0 && typed.p[slash - 1] != '/')
        slash--;
    struct str start = str_from(typed, slash);
    if (slash >= sizeof folder)
        return;
    snprintf(folder, sizeof folder, "%.*s", (int)slash, typed.p);
    DIR *d = opendir(slash ? folder : ".");
    int listed = 0;
    for (struct dirent *entry; d && listed < FILES_LISTED && (entry = readdir(d));) {
        char path[KEEP_PATH_MAX + NAME_MAX + 1];
        struct stat st;
        if (!str_starts(str_of(entry->d_name), start) || (entry->d_name[0] == '.' && start.n == 0))
            continue;
        snprintf(path, sizeof path, "%s%s", slash ? folder : "", entry->d_name);
        bool is_folder = stat(path, &st) == 0 && S_ISDIR(st.st_mode);
        buf_printf(out, "%s%s\n", path, is_folder ? "/" : "");
        listed++;
    }
    if (d)
        closedir(d);
}

static bool locate(void *ctx, struct buf *out, struct err *e)
{
    (void)ctx;
    return gps_locate(GPS_PORT, GPS_TIMEOUT_MS, out, e);
}

static bool send(void *ctx, struct survey *sv, struct str place, const struct transport_user *user,
                 struct buf *report, struct err *e)
{
    unsigned faults; /* the report says them */
    (void)ctx;
    return courier_send(sv, place, false, user, report, &faults, e);
}

static bool receive(void *ctx, struct survey *sv, struct str place,
                    const struct transport_user *user, struct buf *report, struct err *e)
{
    unsigned faults;
    (void)ctx;
    return courier_receive(sv, place, user, report, &faults, e);
}

/* Receipts for all laptops, into out/ beside the inbox. */
static bool answer(void *ctx, struct survey *sv, const char *inbox, struct buf *report,
                   struct err *e)
{
    char folder[KEEP_PATH_MAX];
    struct desk d = {.sv = sv, .s = survey_store(sv)};
    uint64_t written = 0;
    (void)ctx;
    arena_init(&d.a);
    bool ok = desk_out_beside(inbox, folder, e) && derive_open(&d.d, d.s, e) &&
              desk_receipts(&d, folder, NULL, false, &written, e);
    derive_free(d.d);
    arena_done(&d.a);
    if (ok)
        buf_printf(report, tr_n("%llu receipt in %s", "%llu receipts in %s", written),
                   (unsigned long long)written, folder);
    return ok;
}

static struct instant now(void *ctx)
{
    (void)ctx;
    return host_now();
}

/* What is wrong with them is told on standard error, and on the first screen that there is something. */
static bool read_prefs(struct app_start *a, struct err *e)
{
    struct buf warnings;
    buf_init(&warnings, (size_t)1 << 20);
    bool ok = prefs_read(&a->prefs, &warnings, e);
    if (ok && warnings.n) {
        cmd_put(true, buf_str(&warnings));
        a->ui.notice = _("The preferences have mistakes: cacah doctor names them.");
    }
    buf_done(&warnings);
    return ok;
}

/* Where the practice survey's forms are: installed, or in the folder of the sources one stands in. */
static const char *forms_of(const struct call *c)
{
    struct stat st;
    if (c->given[OPT_forms])
        return c->value[OPT_forms];
    return stat(CACAH_FORMS, &st) != 0 && stat(SOURCE_FORMS, &st) == 0 ? SOURCE_FORMS : CACAH_FORMS;
}

bool app_start_fill(struct app_start *a, const struct call *c, struct err *e)
{
    struct call plain = *c; /* --store names one of the two places, not both */
    plain.given[OPT_store] = false;
    *a = (struct app_start){.call = c, .forms = forms_of(c)};
    if (!keep_path(c, KEEP_FIELD, true, a->store_path, e) ||
        !keep_path(&plain, KEEP_PRACTICE, true, a->practice_path, e))
        return false;
    if (!keep_path_any(c, a->store_path, e))
        return false;
    bool remembers = keep_state_folder(a->state_folder);
    a->ui = (struct ui_start){.state_folder = remembers ? a->state_folder : NULL,
                              .store_path = a->store_path,
                              .practice_path = a->practice_path,
                              .language = c->given[OPT_lang] ? c->value[OPT_lang] : NULL,
                              .lock_minutes = 5,
                              .ctx = a,
                              .join = join,
                              .draw_passphrase = draw_passphrase,
                              .practise = practise,
                              .send = send,
                              .receive = receive,
                              .index = index_record,
                              .answer = answer,
                              .list_files = list_files,
                              .locate = locate,
                              .now = now};
    if (!read_prefs(a, e))
        return false;
    a->ui.first_language = a->prefs.language;
    a->ui.no_colours = !a->prefs.colours;
    a->ui.no_mouse = !a->prefs.mouse;
    a->ui.keys = &a->prefs.keys;
    a->ui.ssh_key = prefs_said(a->prefs.ssh_key);
    a->ui.pin = prefs_said(a->prefs.pin);
    return true;
}
