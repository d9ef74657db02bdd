/* cacah office merge PLACE...: bundles in, receipts out, a report whose counts add up. A folder that was
 * merged is emptied: what the office holds is on the laptops too until the office says it is safe, and
 * copies that lie about are one more thing to lose. --keep leaves the files. */
#include "app/cmd/cmd.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "app/cmd/far.h"
#include "app/cmd/stop.h"
#include "app/flow/host.h"
#include "app/tr.h"
#include "forms/base/num.h"
#include "sync/io/io.h"
#include "sync/merge/decide.h"

#define WATCH_S           2  /* between two looks into the folders */
#define WATCH_EVERY_S     30 /* between two looks at the server */
#define WATCH_EVERY_MAX_S 86400
#define WATCH_WAIT_MAX_S  900 /* while it is in trouble */
#define WITHIN_MS         100 /* between two words about one bundle */

struct merging {
    const struct call *call;
    struct desk desk;
    struct merge_ctx ctx;
    struct merge_report report;
    json_t *files;
    bool office;       /* may release what laptops hold; a supervisor may not */
    bool empties;      /* an office, and not --keep */
    bool later;        /* a round of --watch after the first: what is not news is not told */
    struct buf merged; /* paths that may go, a NUL behind each */
    struct far far;    /* when a place is a server */
    struct buf taken;  /* paths in its inbox whose bundles may go from there */
    struct arena a;
    const char **places; /* of the call; before a folder with in/ in it stands that in/ */
    int n_places;
    char receipts[KEEP_PATH_MAX]; /* where they go: a folder or a URL */
    uint64_t written;             /* so many, not told of yet */
    bool owes;                    /* they have not arrived, and merged files lie about */
    unsigned every;               /* seconds between two looks at the server */
    double began;                 /* of this folder */
    bool stops;                   /* it was said that Ctrl-C has been heard */
};

/* ---- telling ---- */

static const char *const outcome_codes[] = {[MERGE_MERGED] = "merged",
                                            [MERGE_SAME] = "same as before",
                                            [MERGE_PARKED] = "parked",
                                            [MERGE_REFUSED] = "refused"};
static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static bool looked_on(const struct merging *m)
{
    return !m->call->given[OPT_quiet] && !m->call->given[OPT_json] && isatty(STDERR_FILENO);
}

/* "12/300 files, 4210 records, 26110 records/s, 3 s left", in place, where somebody looks on. */
static void say_progress(const struct merging *m, const struct merge_step *step, uint64_t records)
{
    double took = seconds() - m->began;
    if (!looked_on(m) || took < 0.2)
        return;
    double left = step->read ? took * (double)(step->size - step->read) / (double)step->read : 0;
    fputs("\r\033[K", stderr);
    fprintf(stderr, _("%llu/%llu files, %llu records, %.0f records/s, %.0f s left"),
            (unsigned long long)step->at, (unsigned long long)step->files,
            (unsigned long long)records, (double)records / took, left);
    fflush(stderr);
}

static void clear_progress(const struct merging *m)
{
    if (looked_on(m))
        fputs("\r\033[K", stderr);
}

/* A large bundle: that Ctrl-C was heard is said before it has been merged. */
static void say_within(void *ctx, const struct merge_step *so_far)
{
    struct merging *m = ctx;
    if (stop_asked() && !m->stops) {
        m->stops = true;
        clear_progress(m);
        cmd_note("%s", _("stops after this bundle; what was merged stays"));
    }
    say_progress(m, so_far, m->report.records + so_far->records);
}

/* Whole sentences: a word alone means other things elsewhere. */
static void add_outcome(const struct merge_step *step, const char *name, struct buf *out)
{
    switch (step->outcome) {
    case MERGE_MERGED: buf_printf(out, _("%s: merged"), name); break;
    case MERGE_SAME: buf_printf(out, _("%s: same as before"), name); break;
    case MERGE_PARKED: buf_printf(out, _("%s: parked"), name); break;
    case MERGE_REFUSED: buf_printf(out, _("%s: refused"), name); break;
    }
}

static void say_line(const struct merging *m, const struct merge_step *step, struct str why)
{
    struct buf out, name;
    bool news = step->outcome == MERGE_MERGED || step->outcome == MERGE_REFUSED;
    if (m->call->given[OPT_quiet] ? step->outcome <= MERGE_SAME : m->later && !news)
        return;
    buf_init(&out, 32768);
    buf_init(&name, 3 * KEEP_PATH_MAX);
    cmd_add_name(&name, step->path);
    add_outcome(step, name.p ? name.p : "", &out);
    buf_done(&name);
    if (why.n)
        buf_printf(&out, ": %.*s", STR_FMT(why));
    if (step->outcome == MERGE_MERGED)
        buf_printf(&out, tr_n(", %llu record", ", %llu records", step->records),
                   (unsigned long long)step->records);
    if (step->quarantined)
        buf_printf(
            &out,
            tr_n(", of them %llu quarantined", ", of them %llu quarantined", step->quarantined),
            (unsigned long long)step->quarantined);
    buf_add_c(&out, '\n');
    cmd_put(false, buf_str(&out));
    buf_done(&out);
}

/* It would be taken under another name; that it isn't must not go unseen. */
static void say_passed_over(void *ctx, const char *file)
{
    const struct merging *m = ctx;
    struct buf b;
    if (m->later || m->call->given[OPT_json])
        return;
    clear_progress(m);
    buf_init(&b, 8192);
    cmd_add_name(&b, file);
    buf_add_z(&b, _(": passed over for its name. Rename it: letters, digits, point, minus and "
                    "underscore, .bundle at the end.\n"));
    cmd_put(false, buf_str(&b));
    buf_done(&b);
}

static bool in_far_inbox(const struct merging *m, const char *path)
{
    size_t n = strlen(m->far.inbox);
    return strncmp(path, m->far.inbox, n) == 0 && path[n] == '/';
}

static bool say_file(void *ctx, const struct merge_step *step)
{
    struct merging *m = ctx;
    struct buf why;
    clear_progress(m);
    buf_init(&why, 8192);
    if (step->why && step->why->kind) {
        err_text(step->why, m->call->given[OPT_json] ? NULL : tr, &why);
        if (step->why->kind->hint)
            buf_printf(&why, " %s",
                       m->call->given[OPT_json] ? step->why->kind->hint
                                                : tr(step->why->kind->hint));
    }
    if (m->call->given[OPT_json])
        json_array_append_new(m->files,
                              json_pack("{s:s, s:s, s:s, s:I}", "file", step->path, "outcome",
                                        outcome_codes[step->outcome], "why", why.n ? why.p : "",
                                        "records", (json_int_t)step->records));
    else
        say_line(m, step, buf_str(&why));
    buf_done(&why);
    if (m->empties && step->outcome <= MERGE_SAME && !step->quarantined)
        buf_add(&m->merged, step->path, strlen(step->path) + 1);
    if (m->far.t && m->empties && step->outcome != MERGE_PARKED && in_far_inbox(m, step->path))
        buf_add(&m->taken, step->path, strlen(step->path) + 1);
    if (step->at < step->files)
        say_progress(m, step, m->report.records);
    return !stop_asked();
}

#define N(x) ((unsigned long long)(x))

static void say_report(const struct merging *m)
{
    const struct merge_report *r = &m->report;
    printf(_("files: %llu = merged %llu + same %llu + parked %llu + refused %llu\n"), N(r->files),
           N(r->merged), N(r->same_files), N(r->parked), N(r->refused));
    if (r->passed_over)
        printf(tr_n("passed over for their names: %llu file\n",
                    "passed over for their names: %llu files\n", r->passed_over),
               N(r->passed_over));
    printf(_("records: %llu = new %llu + same %llu + newer %llu + conflict %llu + detached %llu + "
             "foreign %llu + erased %llu + quarantined %llu\n"),
           N(r->records), N(r->new), N(r->same), N(r->newer), N(r->conflict), N(r->detached),
           N(r->foreign), N(r->erased), N(r->quarantined));
    printf(_("ledger rows: %llu, new %llu; laptops enrolled: %llu\n"), N(r->rows), N(r->rows_new),
           N(r->devices_new));
    if (r->conflict || r->contested || r->detached || r->foreign)
        puts(_("'cacah office status' says what these mean and what to do."));
    if (r->receipts_unknown && m->office) /* a supervisor sees the office's all the time */
        puts(
            _("A laptop has a receipt that this store never wrote: another office's, or this store "
              "was put "
              "back from an older backup. Then ask every laptop for all it has: cacah send --all"));
}

static void json_report(const struct merging *m)
{
    const struct merge_report *r = &m->report;
    json_t *j = json_pack("{s:{s:I,s:I,s:I,s:I,s:I,s:I}, s:{s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I,s:I}, "
                          "s:I, s:I, s:I, s:O}",
                          "files", "all", (json_int_t)r->files, "merged", (json_int_t)r->merged,
                          "same", (json_int_t)r->same_files, "parked", (json_int_t)r->parked,
                          "refused", (json_int_t)r->refused, "passed_over",
                          (json_int_t)r->passed_over, "records", "all", (json_int_t)r->records,
                          "new", (json_int_t)r->new, "same", (json_int_t)r->same, "newer",
                          (json_int_t)r->newer, "conflict", (json_int_t)r->conflict, "detached",
                          (json_int_t)r->detached, "foreign", (json_int_t)r->foreign, "erased",
                          (json_int_t)r->erased, "quarantined", (json_int_t)r->quarantined, "rows",
                          (json_int_t)r->rows, "laptops_enrolled", (json_int_t)r->devices_new,
                          "receipts_unknown", (json_int_t)r->receipts_unknown, "list", m->files);
    json_dumpf(j, stdout, JSON_INDENT(1));
    putchar('\n');
    json_decref(j);
}

/* ---- bundles in ---- */

static bool merge_folder(struct merging *m, const char *path, bool settled, struct err *e)
{
    char quarantine[KEEP_PATH_MAX];
    bool stopped;
    int n = snprintf(quarantine, sizeof quarantine, "%s/quarantine", path);
    if (n < 0 || n >= (int)sizeof quarantine)
        return err_fail2(e, ERR_LIMIT, "The folder's path", "4096 bytes");
    struct merge_inbox in = {.folder = path,
                             .quarantine = quarantine,
                             .settled = settled,
                             .done = say_file,
                             .passed_over = say_passed_over,
                             .ctx = m};
    m->began = seconds();
    return merge_inbox(&m->ctx, &in, &m->report, &stopped, e);
}

/* A file that was named is left where it is, whatever it holds. */
static bool merge_one(struct merging *m, const char *path, struct err *e)
{
    struct err why = {0};
    struct merge_report before = m->report;
    bool empties = m->empties;
    struct merge_step step = {.path = path, .at = 1, .files = 1, .why = &why};
    m->began = seconds();
    if (!merge_file(&m->ctx, path, &m->report, &step.outcome, &why, e))
        return false;
    step.records = m->report.records - before.records;
    step.quarantined = m->report.quarantined - before.quarantined;
    m->empties = false;
    say_file(m, &step);
    m->empties = empties;
    return true;
}

/* Where the bundles of a place are merged from. */
static const char *folder_of(const struct merging *m, int i)
{
    const char *place = m->places[i];
    return transport_is_remote(str_of(place)) ? m->far.inbox : place;
}

static bool is_folder(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* A stick that laptops send to has an in/, as a server has. What lies beside that is taken all the same. */
static void find_places(struct merging *m)
{
    const struct call *c = m->call;
    arena_init(&m->a);
    m->places = ARENA_ARRAY(&m->a, const char *, 2 * (size_t)c->n);
    for (int i = 0; i < c->n; i++) {
        size_t n = strlen(c->args[i]) + sizeof "/in";
        char *in = arena_alloc(&m->a, n);
        snprintf(in, n, "%s/in", c->args[i]);
        if (!transport_is_remote(str_of(c->args[i])) && is_folder(in))
            m->places[m->n_places++] = in;
        m->places[m->n_places++] = c->args[i];
    }
}

static bool merge_far(struct merging *m, struct err *e)
{
    return far_collect(&m->far, !m->empties, e) && merge_folder(m, m->far.inbox, false, e);
}

static bool merge_path(struct merging *m, const char *path, struct err *e)
{
    struct stat st;
    if (transport_is_remote(str_of(path)))
        return merge_far(m, e);
    if (stat(path, &st) != 0)
        return err_fail1(e, ERR_FILE_ABSENT, path);
    return S_ISDIR(st.st_mode) ? merge_folder(m, path, false, e) : merge_one(m, path, e);
}

/* ---- receipts out ---- */

/* --receipts, or out/ beside the (first) inbox. */
static bool receipts_folder(const struct merging *m, char ret[KEEP_PATH_MAX], struct err *e)
{
    const struct call *c = m->call;
    const char *given = c->given[OPT_receipts] ? c->value[OPT_receipts] : m->places[0];
    if (!c->given[OPT_receipts] && !transport_is_remote(str_of(given)))
        return desk_out_beside(given, ret, e);
    int n = snprintf(ret, KEEP_PATH_MAX, "%s", given);
    return (n >= 0 && n < KEEP_PATH_MAX) ||
           err_fail2(e, ERR_LIMIT, "The folder's path", "4096 bytes");
}

static bool write_receipts(struct merging *m, struct err *e)
{
    if (!receipts_folder(m, m->receipts, e))
        return false;
    m->owes = transport_is_remote(str_of(m->receipts))
                  ? far_receipts(&m->far, &m->desk, NULL, false, &m->written, e)
                  : desk_receipts(&m->desk, m->receipts, NULL, false, &m->written, e);
    return m->owes;
}

/* Only after the receipts: until then the files are all that tells the laptops' story twice. */
static bool empty(struct merging *m, struct err *e)
{
    unsigned long n = 0;
    for (size_t at = 0; at < m->merged.n; at += strlen(m->merged.p + at) + 1, n++)
        io_remove(m->merged.p + at);
    buf_clear(&m->merged);
    if (n && !m->call->given[OPT_json] && !m->call->given[OPT_quiet])
        printf(tr_n("%lu merged file removed from the inbox\n",
                    "%lu merged files removed from the inbox\n", n),
               n);
    bool ok = true;
    for (size_t at = 0; ok && at < m->taken.n; at += strlen(m->taken.p + at) + 1)
        ok = far_discard(&m->far, m->taken.p + at, e);
    if (ok)
        buf_clear(&m->taken);
    return ok;
}

/* What round_of() leaves to a server: again, when it failed. */
static bool hand_over(struct merging *m, struct err *e)
{
    if (transport_is_remote(str_of(m->receipts)) && !far_deliver(&m->far, e))
        return false;
    if (!m->call->given[OPT_json] && !m->call->given[OPT_quiet])
        printf(tr_n("%llu receipt in %s\n", "%llu receipts in %s\n", m->written), N(m->written),
               m->receipts);
    m->written = 0;
    m->owes = !empty(m, e);
    return !m->owes;
}

/* ---- the whole ---- */

static bool shred_due(struct merging *m, struct err *e)
{
    uint64_t n;
    if (!decide_shred_due(m->desk.s, m->ctx.now_ms, &n, e))
        return false;
    if (n && !m->call->given[OPT_quiet] && !m->call->given[OPT_json])
        printf(tr_n("%llu respondent erased as their laptop asked 72 hours ago\n",
                    "%llu respondents erased as their laptops asked 72 hours ago\n", n),
               N(n));
    return true;
}

static bool round_of(struct merging *m, bool settled, struct err *e)
{
    bool ok = shred_due(m, e);
    m->report.passed_over = 0; /* they are still there */
    for (int i = 0; ok && !stop_asked() && i < m->n_places; i++)
        ok = settled ? merge_folder(m, folder_of(m, i), true, e) : merge_path(m, m->places[i], e);
    return ok && write_receipts(m, e);
}

/* Whether the folders differ from what they were, and nothing is still being copied into them. */
static bool changed(const struct merging *m, struct hash32 *last, bool *ret, struct err *e)
{
    struct buf all;
    bool settled = true, ok = true;
    buf_init(&all, 4096);
    for (int i = 0; ok && i < m->n_places; i++) {
        struct hash32 h;
        bool one;
        ok = merge_inbox_state(folder_of(m, i), &h, &one, e);
        settled = settled && one;
        buf_add(&all, h.b, sizeof h.b);
    }
    struct hash32 now = crypt_hash(buf_str(&all));
    *ret = ok && settled && !hash32_eq(&now, last);
    if (*ret)
        *last = now;
    buf_done(&all);
    return ok;
}

struct watching {
    struct hash32 last;   /* what the folders were */
    bool collects;        /* bundles come from the server, not receipts alone to it */
    bool answered;        /* the server did, once */
    bool troubled;        /* now it does not */
    double next;          /* when it is looked at again */
    unsigned every, wait; /* seconds; the second while it is troubled, else 0 */
};

/* Merges what is new in the folders; what it leaves to the server follows at once. */
static bool look_here(struct merging *m, struct watching *w, bool *ret_news, struct err *e)
{
    uint64_t before = m->report.files;
    if (!changed(m, &w->last, ret_news, e) || !*ret_news)
        return !e->kind;
    m->ctx.now_ms = host_now().ms;
    if (!round_of(m, true, e))
        return false;
    if (m->report.files > before || !m->later)
        say_report(m);
    fflush(stdout);
    m->later = true;
    return true;
}

/* One look: at the server first, when it is its time. */
static bool look(struct merging *m, struct watching *w, bool *ret_far, struct err *e)
{
    bool due = m->far.t && seconds() >= w->next, owed = m->owes, news, emptied;
    *ret_far = false;
    if (due && m->owes && !hand_over(m, e))
        return false;
    if (due && w->collects && !far_collect(&m->far, !m->empties, e))
        return false;
    if (!look_here(m, w, &news, e) || (news && !hand_over(m, e)))
        return false;
    fflush(stdout);
    *ret_far = m->far.t && (news || (due && (owed || w->collects)));
    return !news || changed(m, &w->last, &emptied, e); /* by ourselves: no news */
}

/* The server's trouble is waited out, longer and longer; but where it never answered, only a network that is
 * not there may be meant to come. */
static bool bear(struct watching *w, const struct err *why)
{
    struct buf text;
    if (!far_trouble(why) || (!w->answered && !err_is(why, &ERR_NETWORK)))
        return false;
    unsigned longer = w->wait * 2 < WATCH_WAIT_MAX_S ? w->wait * 2 : WATCH_WAIT_MAX_S;
    w->wait = longer > w->every ? longer : w->every;
    w->next = seconds() + w->wait;
    w->troubled = true;
    buf_init(&text, 8192);
    err_text(why, tr, &text);
    cmd_note(tr_n("%s Tried again in %u second.", "%s Tried again in %u seconds.", w->wait), text.p,
             w->wait);
    buf_done(&text);
    return true;
}

static bool watch(struct merging *m, struct err *e)
{
    struct watching w = {.every = m->every};
    for (int i = 0; i < m->call->n; i++)
        w.collects = w.collects || transport_is_remote(str_of(m->call->args[i]));
    while (!stop_asked()) {
        struct err why = {0};
        bool far;
        if (!look(m, &w, &far, &why) && !stop_asked() && !bear(&w, &why)) {
            *e = why;
            return false;
        }
        if (far && !why.kind) {
            if (w.troubled && !m->call->given[OPT_quiet])
                cmd_note("%s", _("The server answers again."));
            w.troubled = false;
            w.answered = true;
            w.wait = 0;
            w.next = seconds() + w.every;
        }
        struct timespec pause = {WATCH_S, 0};
        if (!stop_asked())
            nanosleep(&pause, NULL);
    }
    return true;
}

/* The server of the call, NULL: none. There is one at most: each has passwords of its own. */
static bool find_server(const struct call *c, const char **ret, struct err *e)
{
    *ret = NULL;
    for (int i = 0; i <= c->n; i++) {
        const char *place = i < c->n ? c->args[i] : c->value[OPT_receipts];
        if ((i == c->n && !c->given[OPT_receipts]) || !transport_is_remote(str_of(place)))
            continue;
        if (*ret && strcmp(*ret, place) != 0)
            return err_fail1(e, ERR_SERVERS, place);
        *ret = place;
    }
    return true;
}

static bool check_call(struct merging *m, const struct call *c, struct err *e)
{
    int64_t every = WATCH_EVERY_S;
    if (c->given[OPT_every] && (!num_parse_int(str_of(c->value[OPT_every]), &every) || every < 1 ||
                                every > WATCH_EVERY_MAX_S))
        return err_fail1(e, ERR_EVERY, c->value[OPT_every]);
    m->every = (unsigned)every;
    for (int i = 0; c->given[OPT_watch] && i < c->n; i++)
        if (!transport_is_remote(str_of(c->args[i])) && !is_folder(c->args[i]))
            return err_fail1(e, ERR_NOT_FOLDER, c->args[i]);
    return true;
}

int cmd_office_merge(const struct call *c)
{
    struct err e = {0};
    struct merging m = {.call = c};
    const char *server;
    if (!check_call(&m, c, &e) || !find_server(c, &server, &e))
        return cmd_fail(&e);
    find_places(&m);
    m.files = json_array();
    buf_init(&m.merged, (size_t)64 << 20);
    buf_init(&m.taken, (size_t)64 << 20);
    bool ok = desk_open(c, &m.desk, &e) && (!server || far_open(&m.far, c, server, m.desk.s, &e));
    if (ok) {
        const struct pk32 *self = &store_identity(m.desk.s)->ed_pk;
        m.empties =
            !c->given[OPT_keep] && authority_may(derive_authority(m.desk.d), self) & MAY_PURGE;
        m.ctx = desk_merge(&m.desk);
        m.ctx.within = say_within;
        m.ctx.within_ctx = &m;
        m.ctx.within_ms = WITHIN_MS;
        stop_catch(); /* between bundles: receipts and the report still come */
        ok = c->given[OPT_watch] ? watch(&m, &e) : round_of(&m, false, &e) && hand_over(&m, &e);
        if (c->given[OPT_json])
            json_report(&m);
        else if (!c->given[OPT_watch] && (ok || m.report.files))
            say_report(&m);
    }
    json_decref(m.files);
    buf_done(&m.merged);
    buf_done(&m.taken);
    far_close(&m.far);
    desk_close(&m.desk);
    arena_done(&m.a);
    if (ok && stop_asked() && !c->given[OPT_watch]) {
        cmd_note("%s", _("stopped between two bundles; what was merged is kept, the rest is left"));
        return cmd_end(ERR_COULD);
    }
    if (!ok)
        return cmd_fail(&e);
    return cmd_end(m.report.refused || m.report.parked || m.report.passed_over ? ERR_FAULT : 0);
}
