/* cacah verify FILE...: an envelope or a text of recovery without any key, or a store with its passphrase; told
 * apart by the first bytes. */
#include "app/cmd/cmd.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "app/cmd/keep.h"
#include "app/cmd/progress.h"
#include "app/cmd/say.h"
#include "app/flow/watch.h"
#include "app/tr.h"
#include "sync/bundle/envelope.h"
#include "sync/bundle/recovery.h"
#include "sync/io/io.h"

enum kind { OF_STORE, OF_ENVELOPE, OF_REQUEST, OF_ANSWER };

/* One of the files. */
struct checked {
    const struct call *call;
    const char *path;
    const char *name; /* the same, for people */
};

static bool kind_of(const char *path, enum kind *ret, struct err *e)
{
    static const char *const magic[] = {[OF_ENVELOPE] = "cacah-envelope ",
                                        [OF_REQUEST] = "cacah-recovery-request ",
                                        [OF_ANSWER] = "cacah-recovery-answer "};
    char head[32];
    size_t n = 0;
    int fd;
    uint64_t size;
    if (!io_open_read(path, UINT64_MAX, &fd, &size, e))
        return false;
    bool ok = io_read_some(fd, head, sizeof head, &n, e);
    io_close(fd);
    *ret = OF_STORE;
    for (int k = OF_ENVELOPE; ok && k <= OF_ANSWER; k++)
        if (str_starts((struct str){head, n}, str_of(magic[k])))
            *ret = (enum kind)k;
    return ok;
}

/* What a forgotten passphrase is about: texts without a signature. The words are what the office compares. */
static int verify_request(const struct checked *x)
{
    struct err e = {0};
    struct recovery_request r;
    struct buf text, b;
    buf_init(&text, RECOVERY_FILE_MAX);
    buf_init(&b, 4096);
    bool ok = io_read_file(x->path, RECOVERY_FILE_MAX, &text, &e) &&
              recovery_read(buf_str(&text), &r, &e);
    if (ok && !x->call->given[OPT_quiet]) {
        buf_printf(&b, _("%s: a laptop's request for recovery, in order\n"), x->name);
        buf_add_z(&b, _("  survey:  "));
        hex_add(&b, r.survey.b, sizeof r.survey.b);
        buf_add_z(&b, _("\n  store:   "));
        hex_add(&b, r.store.b, sizeof r.store.b);
        buf_add_z(&b, _("\n  words:   "));
        recovery_words(buf_str(&text), WORDS_ID, &b);
        buf_add_z(&b, _("\n  Whose it is, only its words say, told by the enumerator's voice.\n"));
        cmd_put(false, buf_str(&b));
    }
    buf_done(&text);
    buf_done(&b);
    return ok ? 0 : cmd_fail(&e);
}

static int verify_answer(const struct checked *x)
{
    if (!x->call->given[OPT_quiet])
        printf(_("%s: the answer to a request for recovery; only the laptop that asked can open it "
                 "('cacah recover %s').\n"),
               x->name, x->name);
    return 0;
}

/* Of several files, which one it was. */
static int say_refused(const struct checked *x, const struct err *e)
{
    if (x->call->n > 1)
        cmd_note("%s:", x->name);
    return cmd_fail(e);
}

static int verify_envelope(const struct checked *x)
{
    struct err e = {0};
    struct envelope_header h;
    uint64_t size;
    char when[32];
    struct buf b;
    if (!envelope_verify(x->path, &h, &size, &e))
        return say_refused(x, &e);
    if (x->call->given[OPT_quiet])
        return 0;
    buf_init(&b, 8192);
    say_time(h.created_ms, when);
    buf_printf(&b, _("%s: whole and signed\n"), x->name);
    buf_printf(&b, _("  kind:    %s, format %u\n"), envelope_kind_name(h.kind),
               (unsigned)h.version);
    buf_add_z(&b, _("  survey:  "));
    hex_add(&b, h.survey.b, sizeof h.survey.b);
    buf_add_z(&b, _("\n  sender:  "));
    hex_add(&b, h.sender.b, sizeof h.sender.b);
    buf_printf(&b, _("\n  number:  %llu, made %s (the sender's clock)\n"),
               (unsigned long long)h.seq, when);
    buf_printf(&b, _("  holds:   %llu records, %llu ledger rows, %llu bytes\n"),
               (unsigned long long)h.records, (unsigned long long)h.rows, (unsigned long long)size);
    buf_printf(&b, _("  sealed to %u keys%s%s\n"), (unsigned)h.n_to,
               h.has_invite ? _(" and an invite code") : "",
               h.has_enrol ? _("; asks to be enrolled") : "");
    buf_add_z(&b, _("  Whose key the sender's is, only a store that knows it can say.\n"));
    cmd_put(false, buf_str(&b));
    buf_done(&b);
    return 0;
}

#define FAULTS_SAID 100

struct faults {
    const char *path, *name;
    uint64_t n;
};

/* The first is what to look at: those behind it often follow from it. */
static void say_fault(void *ctx, struct str line)
{
    struct faults *f = ctx;
    if (++f->n > FAULTS_SAID)
        return;
    if (f->n == 1)
        printf(_("%s: the first thing that does not fit:\n"), f->name);
    fputs("  ", stdout);
    cmd_put(false, line);
    putchar('\n');
    if (f->n == FAULTS_SAID)
        puts(_("  … and more"));
}

static bool walk(const struct call *c, struct store *s, struct faults *f, struct err *e)
{
    uint64_t faults;
    struct progress p;
    progress_of(&p, c, s);
    bool ok = store_verify(s, say_fault, f, &faults, e);
    progress_end(&p);
    return ok;
}

/* It fits in itself, and yet may be last week's. A backup is older by right: a fault it is only where a store
 * in use lies. */
static void check_age(const struct call *c, struct store *s, struct faults *f)
{
    char folder[KEEP_PATH_MAX], path[KEEP_PATH_MAX];
    bool in_use = false;
    struct stat here, there;
    struct err ignored = {0};
    if (!keep_state_folder(folder) || watch_check(s, folder) != STATE_ROLLED_BACK)
        return;
    for (int k = KEEP_FIELD; k <= KEEP_OFFICE; k++)
        in_use |= keep_path(c, (enum keep)k, false, path, &ignored) && stat(path, &there) == 0 &&
                  stat(f->path, &here) == 0 && here.st_dev == there.st_dev &&
                  here.st_ino == there.st_ino;
    if (in_use)
        say_fault(f, str_of(_("It is older than when it was last closed here: an older copy was "
                              "put in its place.")));
    else
        printf(_("%s: more has been written to this store here since; a backup may be older.\n"),
               f->name);
}

static void say_whole(const char *path, const struct store_counts *n)
{
    printf(_("%s: every row opens and every chain holds (%llu drafts, %llu records, %llu ledger "
             "rows)\n"),
           path, (unsigned long long)n->drafts, (unsigned long long)n->revisions,
           (unsigned long long)n->ledger_rows);
}

/* What does not even open, but by its own fault: that is what was to be found. */
static int say_closed(struct faults *f, const struct err *e)
{
    struct buf why;
    if (e->kind->cls != ERR_FAULT || err_is(e, &ERR_STORE_MISSING) || err_is(e, &ERR_STORE_NOT))
        return cmd_fail(e);
    buf_init(&why, 8192);
    err_text(e, tr, &why);
    say_fault(f, buf_str(&why));
    buf_done(&why);
    puts(_("  It cannot be looked at any further. Restore a backup, and tell the office."));
    return cmd_end(ERR_FAULT);
}

/* Beside a writer, too: what is seen is one moment of the store. */
static int verify_store(const struct checked *x)
{
    const struct call *c = x->call;
    struct err e = {0};
    struct secret *passphrase = NULL;
    struct store *s = NULL;
    struct store_counts n;
    struct faults f = {.path = x->path, .name = x->name};
    struct store_peek peek;
    struct err ignored = {0};
    if (!store_peek(x->path, &peek, &ignored) && err_is(&ignored, &ERR_STORE_NOT))
        return say_refused(x, &ignored); /* before anybody types a passphrase */
    bool ok = keep_passphrase(c, &passphrase, &e) &&
              store_open_check(&s, x->path, passphrase, &e) && store_counts(s, &n, &e) &&
              walk(c, s, &f, &e);
    secret_free(passphrase);
    if (ok)
        check_age(c, s, &f);
    store_close(s);
    if (!ok)
        return say_closed(&f, &e);
    if (f.n == 0 && !c->given[OPT_quiet])
        say_whole(x->name, &n);
    else if (f.n)
        printf(tr_n("%s: %llu fault\n", "%s: %llu faults\n", f.n), x->name,
               (unsigned long long)f.n);
    return f.n ? ERR_FAULT : 0;
}

static int verify_one(const struct checked *x)
{
    struct err e = {0};
    enum kind kind;
    if (!kind_of(x->path, &kind, &e))
        return say_refused(x, &e);
    switch (kind) {
    case OF_ENVELOPE: return verify_envelope(x);
    case OF_REQUEST: return verify_request(x);
    case OF_ANSWER: return verify_answer(x);
    case OF_STORE: break;
    }
    return verify_store(x);
}

/* The code is of the worst of them. */
int cmd_verify(const struct call *c)
{
    int worst = 0;
    for (int i = 0; i < c->n; i++) {
        struct buf name;
        buf_init(&name, 3 * KEEP_PATH_MAX);
        cmd_add_name(&name, c->args[i]);
        struct checked x = {.call = c, .path = c->args[i], .name = name.p ? name.p : ""};
        int code = verify_one(&x);
        worst = code > worst ? code : worst;
        buf_done(&name);
    }
    return cmd_end(worst);
}
