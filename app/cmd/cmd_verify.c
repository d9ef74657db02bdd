/* cacah verify FILE: an envelope without any key, or a store with its passphrase; told apart by the first
 * bytes. */
#include "app/cmd/cmd.h"

#include <stdio.h>
#include <string.h>

#include "app/cmd/keep.h"
#include "app/cmd/progress.h"
#include "app/cmd/say.h"
#include "app/tr.h"
#include "sync/bundle/envelope.h"
#include "sync/io/io.h"

static bool is_envelope(const char *path, bool *ret, struct err *e)
{
    static const char magic[] = "cacah-envelope ";
    char head[sizeof magic - 1];
    size_t n = 0;
    int fd;
    uint64_t size;
    if (!io_open_read(path, UINT64_MAX, &fd, &size, e))
        return false;
    bool ok = io_read_some(fd, head, sizeof head, &n, e);
    io_close(fd);
    if (ok)
        *ret = n == sizeof head && memcmp(head, magic, sizeof head) == 0;
    return ok;
}

static int verify_envelope(const char *path)
{
    struct err e = {0};
    struct envelope_header h;
    uint64_t size;
    char when[32];
    struct buf b;
    if (!envelope_verify(path, &h, &size, &e))
        return cmd_fail(&e);
    buf_init(&b, 8192);
    say_time(h.created_ms, when);
    buf_printf(&b, _("%s: whole and signed\n"), path);
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
    const char *path;
    uint64_t n;
};

/* The first is what to look at: those behind it often follow from it. */
static void say_fault(void *ctx, struct str line)
{
    struct faults *f = ctx;
    if (++f->n > FAULTS_SAID)
        return;
    if (f->n == 1)
        printf(_("%s: the first thing that does not fit:\n"), f->path);
    fputs("  ", stdout);
    cmd_put(false, line);
    putchar('\n');
    if (f->n == FAULTS_SAID)
        puts(_("  … and more"));
}

static bool walk(const struct call *c, struct store *s, uint64_t *ret_faults, struct err *e)
{
    struct faults f = {.path = c->args[0]};
    struct progress p;
    progress_of(&p, c, s);
    bool ok = store_verify(s, say_fault, &f, ret_faults, e);
    progress_end(&p);
    return ok;
}

/* Beside a writer, too: what is seen is one moment of the store. */
static int verify_store(const struct call *c)
{
    struct err e = {0};
    struct secret *passphrase = NULL;
    struct store *s = NULL;
    struct store_counts n;
    uint64_t faults = 0;
    bool ok = keep_passphrase(c, &passphrase, &e) &&
              store_open_read(&s, c->args[0], passphrase, &e) && store_counts(s, &n, &e) &&
              walk(c, s, &faults, &e);
    secret_free(passphrase);
    store_close(s);
    if (!ok)
        return cmd_fail(&e);
    if (faults == 0)
        printf(
            _("%s: every row opens and every chain holds (%llu drafts, %llu records, %llu ledger "
              "rows)\n"),
            c->args[0], (unsigned long long)n.drafts, (unsigned long long)n.revisions,
            (unsigned long long)n.ledger_rows);
    else
        printf(tr_n("%s: %llu fault\n", "%s: %llu faults\n", faults), c->args[0],
               (unsigned long long)faults);
    return faults ? ERR_FAULT : 0;
}

int cmd_verify(const struct call *c)
{
    struct err e = {0};
    bool envelope;
    if (!is_envelope(c->args[0], &envelope, &e))
        return cmd_fail(&e);
    return cmd_end(envelope ? verify_envelope(c->args[0]) : verify_store(c));
}
