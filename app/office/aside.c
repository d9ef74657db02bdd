/* Parked and quarantined bundles of the inbox; see aside.h. */
#include "app/office/aside.h"

#include <dirent.h>
#include <stdlib.h>

#include "sync/bundle/envelope.h"
#include "sync/io/io.h"
#include "sync/merge/merge.h"

#define PATH_BYTES   ((size_t)8192)
#define REASON_BYTES ((size_t)8192)

/* Of this survey, and from one of whom this office does not know the kit or the certificate. */
static bool is_parked(struct derive *d, const struct id16 *survey, const char *path)
{
    struct envelope_in *in = NULL;
    struct err ignored = {0};
    bool parked = false;
    if (envelope_open(&in, path, &ignored)) {
        const struct envelope_header *h = envelope_in_header(in);
        parked = h->kind == ENVELOPE_BUNDLE && id16_eq(&h->survey, survey) &&
                 !authority_may(derive_authority(d), &h->sender) &&
                 !derive_device_by_key(d, &h->sender) &&
                 !(h->has_enrol && derive_kit(d, &h->enrol_kit));
    }
    envelope_in_free(in);
    return parked;
}

static struct str read_reason(struct aside *x, const char *path)
{
    struct buf file, text;
    struct err ignored = {0};
    struct str reason = STR("");
    buf_init(&file, PATH_BYTES);
    buf_init(&text, REASON_BYTES);
    buf_printf(&file, "%s" MERGE_REASON_END, path);
    if (io_read_file(file.p, REASON_BYTES, &text, &ignored))
        reason = arena_str(&x->a, str_trim(buf_str(&text)));
    buf_done(&file);
    buf_done(&text);
    return reason;
}

static int by_name(const void *a, const void *b)
{
    return str_cmp(((const struct aside_file *)a)->name, ((const struct aside_file *)b)->name);
}

/* A folder that is not there, or not ours to read, holds nothing. */
static void look(struct aside *x, struct derive *d, const struct id16 *survey, const char *folder)
{
    struct dirent *entry;
    DIR *dir = opendir(folder);
    while (dir && (entry = readdir(dir))) {
        struct buf path;
        struct str name = str_of(entry->d_name);
        if (name.p[0] == '.' || !str_ends(name, STR(".bundle")))
            continue;
        buf_init(&path, PATH_BYTES);
        buf_printf(&path, "%s/%s", folder, entry->d_name);
        if (!d) {
            x->quarantined = mem_grow(x->quarantined, x->n_quarantined, &x->cap_quarantined,
                                      sizeof *x->quarantined);
            x->quarantined[x->n_quarantined++] =
                (struct aside_file){arena_str(&x->a, name), read_reason(x, path.p)};
        } else if (is_parked(d, survey, path.p)) {
            x->parked = mem_grow(x->parked, x->n_parked, &x->cap_parked, sizeof *x->parked);
            x->parked[x->n_parked++] = (struct aside_file){arena_str(&x->a, name), STR("")};
        }
        buf_done(&path);
    }
    if (dir)
        closedir(dir);
}

bool aside_load(struct aside *x, struct derive *d, struct store *s, struct err *e)
{
    struct buf inbox, quarantine;
    bool there;
    *x = (struct aside){.n_parked = 0};
    arena_init(&x->a);
    buf_init(&inbox, PATH_BYTES);
    buf_init(&quarantine, PATH_BYTES);
    bool ok = store_config_get(s, ASIDE_INBOX, &inbox, &there, e);
    if (ok && there && inbox.n) {
        x->inbox = arena_str(&x->a, buf_str(&inbox));
        buf_printf(&quarantine, "%s/quarantine", inbox.p);
        look(x, d, &store_identity(s)->survey, inbox.p);
        look(x, NULL, NULL, quarantine.p);
    }
    if (x->n_parked)
        qsort(x->parked, x->n_parked, sizeof *x->parked, by_name);
    if (x->n_quarantined)
        qsort(x->quarantined, x->n_quarantined, sizeof *x->quarantined, by_name);
    buf_done(&inbox);
    buf_done(&quarantine);
    return ok;
}

void aside_done(struct aside *x)
{
    mem_free(x->parked);
    mem_free(x->quarantined);
    arena_done(&x->a);
    *x = (struct aside){.n_parked = 0};
}

bool aside_note_inbox(struct store *s, const char *folder, struct err *e)
{
    struct buf known;
    bool there;
    char *whole = realpath(folder, NULL);
    if (!whole)
        return true; /* gone again: then it is no inbox */
    buf_init(&known, PATH_BYTES);
    bool ok = store_config_get(s, ASIDE_INBOX, &known, &there, e);
    if (ok && !(there && str_eq(buf_str(&known), str_of(whole))))
        ok = store_config_put(s, ASIDE_INBOX, str_of(whole), e);
    buf_done(&known);
    free(whole);
    return ok;
}
