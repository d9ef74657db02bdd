/* Sending and receiving; see courier.h. */
#include "app/flow/courier.h"

#include <dirent.h>
#include <fcntl.h>
#include <mntent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/flow/host.h"
#include "app/tr.h"
#include "forms/base/date.h"
#include "forms/base/num.h"
#include "forms/base/safe.h"
#include "sync/bundle/config.h"
#include "sync/merge/derive.h"
#include "sync/transport/transport.h"

#define STICK_FOLDER "/cacah"
#define LAST_PLACE   "place.last"

/* ---- the log ---- */

/* "2026-11-24T10:42:05+08:00 sentence": a log that cannot be written stops nothing. */
static void note(struct survey *sv, struct str sentence)
{
    struct buf path, line;
    struct instant now = host_now();
    buf_init(&path, 1 << 16);
    buf_init(&line, LIMIT_CELL_BYTES);
    buf_printf(&path, "%s.log", store_path(survey_store(sv)));
    char when[DATE_TEXT_MAX];
    struct date at = {.kind = DATE_TIME, .ms = now.ms, .offset_min = now.offset_min};
    date_text(&at, when);
    buf_add_z(&line, when);
    buf_add_c(&line, ' ');
    buf_add_str(&line, sentence);
    for (size_t i = 0; i < line.n; i++)
        if (line.p[i] == '\n')
            line.p[i] = ' ';
    int fd = open(path.p, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd >= 0) {
        dprintf(fd, "%.*s\n", STR_FMT(buf_str(&line)));
        close(fd);
    }
    buf_done(&path);
    buf_done(&line);
}

static void note_failure(struct survey *sv, const char *what, const struct err *e)
{
    struct buf b;
    buf_init(&b, LIMIT_CELL_BYTES);
    buf_printf(&b, "%s: ", what);
    err_text(e, NULL, &b);
    note(sv, buf_str(&b));
    buf_done(&b);
}

/* ---- where to ---- */

static void each_stick(const char *mounts, void (*each)(void *ctx, const char *top), void *ctx)
{
    struct mntent *m;
    FILE *f = setmntent(mounts ? mounts : "/proc/self/mounts", "re");
    while (f && (m = getmntent(f))) {
        struct str dir = str_of(m->mnt_dir);
        if (str_starts(dir, STR("/media/")) || str_starts(dir, STR("/run/media/")))
            each(ctx, m->mnt_dir);
    }
    if (f)
        endmntent(f);
}

struct paths {
    struct buf *out;
    size_t n;
};

static void add_stick(void *ctx, const char *top)
{
    struct paths *p = ctx;
    buf_printf(p->out, "%s" STICK_FOLDER "\n", top);
    p->n++;
}

size_t courier_sticks(const char *mounts, struct buf *out)
{
    struct paths p = {out, 0};
    each_stick(mounts, add_stick, &p);
    return p.n;
}

static void add_kits(struct paths *p, const char *top, const char *folder)
{
    struct buf path;
    buf_init(&path, 1 << 16);
    buf_printf(&path, "%s%s", top, folder);
    DIR *d = opendir(path.p);
    for (struct dirent *entry; d && (entry = readdir(d));)
        if (entry->d_name[0] != '.' && str_ends(str_of(entry->d_name), STR(".kit"))) {
            buf_printf(p->out, "%s/%s\n", path.p, entry->d_name);
            p->n++;
        }
    if (d)
        closedir(d);
    buf_done(&path);
}

static void add_stick_kits(void *ctx, const char *top)
{
    add_kits(ctx, top, "");
    add_kits(ctx, top, STICK_FOLDER);
}

size_t courier_kits(const char *mounts, struct buf *out)
{
    struct paths p = {out, 0};
    each_stick(mounts, add_stick_kits, &p);
    return p.n;
}

static bool stick(struct buf *ret, struct err *e)
{
    char arg[ERR_ARG_MAX];
    struct buf found;
    buf_init(&found, 1 << 16);
    size_t n = courier_sticks(NULL, &found);
    bool ok = n == 1;
    if (n == 0) {
        err_fail(e, ERR_NO_PLACE);
    } else if (n > 1) {
        for (size_t i = 0; i + 1 < found.n; i++)
            if (found.p[i] == '\n')
                found.p[i] = ' ';
        err_fail1(e, ERR_STICKS, err_arg(arg, str_trim(buf_str(&found))));
    } else {
        buf_add_str(ret, str_trim(buf_str(&found)));
    }
    buf_done(&found);
    return ok;
}

/* Where it was last; the stick of last time only while it is plugged in. */
static bool last_place(struct survey *sv, struct buf *ret, bool *ret_usable, struct err *e)
{
    bool there = false;
    struct stat st;
    buf_init(ret, 1 << 16);
    bool ok = store_config_get(survey_store(sv), LAST_PLACE, ret, &there, e);
    *ret_usable = ok && there && ret->n && (strstr(ret->p, "://") || stat(ret->p, &st) == 0);
    return ok;
}

bool courier_place_check(struct str place, struct err *e)
{
    char arg[ERR_ARG_MAX];
    bool whole = transport_is_remote(place) || str_starts(place, STR("file:///")) ||
                 (place.n && place.p[0] == '/');
    return transport_check(place, e) && (whole || err_fail1(e, ERR_PLACE, err_arg(arg, place)));
}

/* The office's, for all laptops; "" when there is none, or one that no laptop can send to. */
static struct str office_place(struct survey *sv, bool *ret_bad)
{
    struct err ignored = {0};
    struct str set = config_setting(survey_config(sv), "place");
    *ret_bad = set.n && !courier_place_check(set, &ignored);
    return *ret_bad ? STR("") : set;
}

static void say_bad_place(struct survey *sv, struct buf *report)
{
    bool bad;
    (void)office_place(sv, &bad);
    if (bad)
        buf_printf(report,
                   _("The place that the office has set (%.*s) is none to send to: it is not "
                     "used. Tell the office.\n"),
                   STR_FMT(config_setting(survey_config(sv), "place")));
}

/* `back`: the way of last time comes first, for on it the answer comes. */
static bool find_place(struct survey *sv, bool back, struct buf *ret, struct err *e)
{
    bool usable, bad;
    struct buf last;
    struct str set = office_place(sv, &bad);
    bool ok = last_place(sv, &last, &usable, e);
    if (ok && set.n && !(back && usable))
        buf_add_str(ret, set);
    else if (usable)
        buf_add_str(ret, buf_str(&last));
    else
        ok = ok && stick(ret, e);
    buf_done(&last);
    return ok;
}

bool courier_place(struct survey *sv, struct buf *ret, struct err *e)
{
    return find_place(sv, false, ret, e);
}

#define TARGETS_MAX 8

static void add_target(struct courier_target *v, size_t *n, struct arena *a, enum courier_way way,
                       struct str place)
{
    for (size_t i = 0; i < *n; i++)
        if (str_eq(v[i].place, place))
            return;
    if (place.n && *n < TARGETS_MAX)
        v[(*n)++] = (struct courier_target){way, arena_str(a, place)};
}

bool courier_targets(struct survey *sv, const char *mounts, struct arena *a,
                     struct courier_target **ret, size_t *ret_n, struct err *e)
{
    struct buf last, sticks;
    bool usable, bad;
    *ret = ARENA_ARRAY(a, struct courier_target, TARGETS_MAX);
    *ret_n = 0;
    if (!last_place(sv, &last, &usable, e)) {
        buf_done(&last);
        return false;
    }
    buf_init(&sticks, 1 << 16);
    courier_sticks(mounts, &sticks);
    add_target(*ret, ret_n, a, WAY_OFFICE, office_place(sv, &bad));
    struct str rest = buf_str(&sticks), line;
    while (str_split(&rest, '\n', &line))
        add_target(*ret, ret_n, a, WAY_STICK, line);
    if (usable)
        add_target(*ret, ret_n, a, WAY_LAST, buf_str(&last));
    buf_done(&last);
    buf_done(&sticks);
    return true;
}

static bool to_place(struct survey *sv, struct str given, bool back, struct buf *ret, struct err *e)
{
    buf_init(ret, 1 << 16);
    if (!given.n)
        return find_place(sv, back, ret, e);
    buf_add_str(ret, given);
    return true;
}

/* ---- sending ---- */

void courier_say_hollow(const struct bundle_written *w, struct buf *report)
{
    if (w->hollow == 0)
        return;
    buf_printf(report,
               tr_n("\n%llu record stays here: a part of it is missing in this store.",
                    "\n%llu records stay here: a part of each is missing in this store.",
                    w->hollow),
               (unsigned long long)w->hollow);
    for (size_t i = 0; i < w->hollow && i < BUNDLE_HOLLOW_NAMED; i++) {
        char code[16];
        code_of_uuid(&w->hollow_of[i], code);
        buf_printf(report, "\n  %s", code);
    }
    buf_add_z(report,
              _("\nA backup may have it whole: 'cacah verify STORE' says more, 'cacah restore' "
                "puts a backup back. Tell the office which interviews these are.\n"));
}

/* The folder that is offered on a stick is made there; any other has to be there. */
static void make_on_stick(struct str place)
{
    struct buf sticks;
    struct str line;
    buf_init(&sticks, 1 << 16);
    courier_sticks(NULL, &sticks);
    struct str rest = buf_str(&sticks);
    while (str_split(&rest, '\n', &line))
        if (str_eq(line, place)) {
            char path[4096];
            snprintf(path, sizeof path, "%.*s", STR_FMT(line));
            (void)mkdir(path, 0700); /* sending says when it is not there */
        }
    buf_done(&sticks);
}

/* A folder is remembered by its whole path: the next time may be from elsewhere. */
static bool remember(struct survey *sv, struct str place, struct err *e)
{
    struct buf path;
    if (transport_is_remote(place))
        return store_config_put(survey_store(sv), LAST_PLACE, place, e);
    buf_init(&path, 1 << 16);
    bool ok = transport_folder(place, &path, e);
    char *whole = ok ? realpath(path.p, NULL) : NULL;
    ok = ok &&
         store_config_put(survey_store(sv), LAST_PLACE, whole ? str_of(whole) : buf_str(&path), e);
    free(whole); /* realpath's own */
    buf_done(&path);
    return ok;
}

bool courier_send(struct survey *sv, struct str place, bool all, const struct transport_user *user,
                  struct buf *report, unsigned *ret_faults, struct err *e)
{
    struct buf to;
    struct bundle_written w = {.seq = 0};
    bool ok = to_place(sv, place, false, &to, e);
    if (ok)
        make_on_stick(buf_str(&to));
    ok = ok && transport_send(survey_store(sv), buf_str(&to), all, user, host_now().ms, &w, e) &&
         remember(sv, buf_str(&to), e);
    if (ok) {
        size_t begin = report->n;
        buf_printf(report,
                   tr_n("%llu record in bundle %llu (%llu KiB) to %.*s.",
                        "%llu records in bundle %llu (%llu KiB) to %.*s.", w.records),
                   (unsigned long long)w.records, (unsigned long long)w.seq,
                   (unsigned long long)((w.bytes + 1023) >> 10), STR_FMT(buf_str(&to)));
        note(sv, str_from(buf_str(report), begin));
        courier_say_hollow(&w, report);
        *ret_faults = (unsigned)w.hollow;
        if (w.records == 0 && w.hollow == 0 && w.seq > 1)
            buf_add_z(report, _("\nNothing waits.\n"));
        else if (w.records == 0 && w.hollow == 0)
            buf_add_z(report, _("\nNothing waits; the office learns that this laptop is there.\n"));
        else if (w.records > 0)
            buf_add_z(report,
                      _("\nThey stay pending here until the office's receipt comes; the next "
                        "bundle holds them again, so none is lost with a stick.\n"));
        say_bad_place(sv, report);
    } else {
        note_failure(sv, "send", e);
    }
    buf_done(&to);
    return ok;
}

/* ---- receiving ---- */

struct receiving {
    struct survey *sv;
    struct buf *report;
    unsigned applied, again, faults, former;
};

const char *courier_quarantined(void)
{
    return N_("Quarantined: the office does not count what this laptop made after a certain "
              "point. It was revoked, or its store was copied. Make no more interviews here: call "
              "the office, which gives you a new kit.");
}

static void say_applied(struct receiving *r, const struct receipt_applied *a)
{
    struct buf *b = r->report;
    size_t begin = b->n;
    buf_printf(
        b,
        _("Receipt %llu: %llu held, %llu safe, %llu erased, %llu quarantined; %llu of them new."),
        (unsigned long long)a->number, (unsigned long long)a->held, (unsigned long long)a->safe,
        (unsigned long long)a->erased, (unsigned long long)a->quarantined,
        (unsigned long long)a->newly);
    note(r->sv, str_from(buf_str(b), begin));
    if (a->older)
        buf_add_z(b, _("\n  It is older than one applied before: its settings were not taken."));
    if (a->lost)
        buf_printf(b,
                   tr_n("\n  %llu record that it held it holds no longer: the office was put back "
                        "to an older "
                        "state. It waits here again and goes with the next bundle.",
                        "\n  %llu records that it held it holds no longer: the office was put back "
                        "to an older "
                        "state. They wait here again and go with the next bundle.",
                        a->lost),
                   (unsigned long long)a->lost);
    if (a->new_config || a->new_forms)
        buf_printf(b, _("\n  New settings, %llu new forms."), (unsigned long long)a->new_forms);
    if (a->quarantined)
        buf_printf(b, "\n  %s", _(courier_quarantined()));
    if (a->new_forms)
        buf_add_z(b, _("\n  Drafts stay on the version they were begun with; 'cacah draft migrate' "
                       "moves them."));
    buf_add_z(b, _("\n  Code for the telephone: "));
    words_of_hash(WORDS_ID, &a->id, WORDS_RECEIPT, b);
    buf_add_c(b, '\n');
}

static void say_receipt(void *ctx, const char *path, const struct receipt_applied *a,
                        const struct err *why)
{
    struct receiving *r = ctx;
    if (why && err_is(why, &ERR_RECEIPT_FORMER)) {
        r->former++;
        return;
    }
    if (why) {
        r->faults++;
        text_safe(str_of(path), false, r->report);
        buf_add_z(r->report, ": ");
        err_text(why, tr, r->report);
        if (why->kind->hint)
            buf_printf(r->report, " %s", tr(why->kind->hint));
        buf_add_c(r->report, '\n');
        note_failure(r->sv, path, why);
        return;
    }
    r->applied += !a->again;
    r->again += a->again;
    if (!a->again)
        say_applied(r, a);
}

/* What the office holds safely, long enough, goes from here. */
static bool let_go(struct survey *sv, struct buf *report, struct err *e)
{
    uint64_t gone;
    if (!survey_purge(sv, host_now().ms, &gone, e))
        return false;
    if (gone)
        buf_printf(report,
                   tr_n("%lu interview that the office keeps safely was emptied here.\n",
                        "%lu interviews that the office keeps safely were emptied here.\n", gone),
                   (unsigned long)gone);
    return true;
}

static bool count_returned(void *ctx, const struct revision *r, struct str comment,
                           int64_t returned_ms, struct err *e)
{
    unsigned long *n = ctx;
    (void)r;
    (void)comment;
    (void)returned_ms;
    (void)e;
    ++*n;
    return true;
}

static bool say_returned(struct survey *sv, struct buf *report, struct err *e)
{
    unsigned long n = 0;
    if (!courier_returned(sv, count_returned, &n, e))
        return false;
    if (n)
        buf_printf(report,
                   tr_n("%lu interview was returned for correction: it lies under 'Returned'.\n",
                        "%lu interviews were returned for correction: they lie under 'Returned'.\n",
                        n),
                   n);
    return true;
}

static bool receive_from(struct receiving *r, struct str place, const struct transport_user *user,
                         struct err *e)
{
    struct stat st;
    struct buf from;
    struct store *s = survey_store(r->sv);
    bool ok = to_place(r->sv, place, true, &from, e);
    if (ok && stat(from.p, &st) == 0 && S_ISREG(st.st_mode)) {
        struct receipt_applied a;
        struct err why = {0};
        bool done = receipt_apply(s, from.p, NULL, &a, &why);
        say_receipt(r, from.p, done ? &a : NULL, done ? NULL : &why);
    } else if (ok) {
        ok = transport_receive(s, buf_str(&from), user, say_receipt, r, NULL, e);
    }
    buf_done(&from);
    return ok;
}

bool courier_receive(struct survey *sv, struct str place, const struct transport_user *user,
                     struct buf *report, unsigned *ret_faults, struct err *e)
{
    struct receiving r = {sv, report, 0, 0, 0, 0};
    if (!receive_from(&r, place, user, e)) {
        note_failure(sv, "receive", e);
        return false;
    }
    if (r.former)
        buf_printf(report,
                   tr_n("%u receipt of the office before this one lies there: passed over.\n",
                        "%u receipts of the office before this one lie there: passed over.\n",
                        r.former),
                   r.former);
    if (r.applied == 0 && r.faults == 0)
        buf_add_z(report, r.again ? _("No new receipt: what lies there was applied before.\n")
                                  : _("No receipt for this laptop lies there.\n"));
    *ret_faults = r.faults;
    if (!survey_refresh(sv, e))
        return false;
    say_bad_place(sv, report);
    return let_go(sv, report, e) && say_returned(sv, report, e);
}

/* ---- returns ---- */

struct returned {
    struct survey *sv;
    bool (*each)(void *ctx, const struct revision *r, struct str comment, int64_t returned_ms,
                 struct err *e);
    void *ctx;
    const struct id16 *uuid;
    bool open;
};

static bool is_open(void *ctx, const struct draft *d)
{
    struct returned *x = ctx;
    x->open = id16_eq(&d->uuid, x->uuid);
    return !x->open;
}

static bool give_returned(void *ctx, const struct revision *r, const struct review *review,
                          struct err *e)
{
    struct returned *x = ctx;
    x->uuid = &r->uuid;
    x->open = false;
    if (!store_draft_each(survey_store(x->sv), is_open, x, e))
        return false;
    return x->open || x->each(x->ctx, r, review->comment, review->made_ms, e);
}

bool courier_returned(struct survey *sv,
                      bool (*each)(void *ctx, const struct revision *r, struct str comment,
                                   int64_t returned_ms, struct err *e),
                      void *ctx, struct err *e)
{
    struct derive *d;
    struct returned x = {sv, each, ctx, NULL, false};
    if (!derive_open(&d, survey_store(sv), e))
        return false;
    bool ok = derive_returned(d, &store_identity(survey_store(sv))->device, give_returned, &x, e);
    derive_free(d);
    return ok;
}
