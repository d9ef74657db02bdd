/* See network.h. */
#include "app/cmd/network.h"

#include <stdio.h>
#include <unistd.h>

#include "app/cmd/keep.h"
#include "app/cmd/prefs.h"
#include "app/cmd/stop.h"
#include "app/tr.h"

#define WATCH_TRIES 3          /* then --watch waits, and looks at its folders meanwhile */
#define IN_PLACE    "\r\033[K" /* over what stands on the line */

static bool stop(void *ctx)
{
    (void)ctx;
    return stop_asked();
}

static bool ask(void *ctx, enum transport_asks what, const char *whom, struct secret **ret)
{
    const struct call *c = ctx;
    struct err e = {0};
    struct buf prompt;
    if (c->given[OPT_password_file]) {
        if (keep_first_line(c->value[OPT_password_file], ret, &e))
            return true;
        cmd_fail(&e);
        return false;
    }
    buf_init(&prompt, 8192);
    buf_printf(&prompt,
               what == ASK_PASSWORD ? _("Password of %s: ") : _("Passphrase of the key %s: "),
               whom);
    bool ok = keep_ask(prompt.p, true, ret, &e);
    buf_done(&prompt);
    return ok; /* the transport says that nobody was there */
}

static bool trust(void *ctx, const char *host, const char *fingerprint)
{
    (void)ctx;
    cmd_note(_("%s is met for the first time; its key, to be compared with the office's word: %s"),
             host, fingerprint);
    return true;
}

static bool shows(const struct call *c)
{
    return !c->given[OPT_quiet] && !c->given[OPT_json] && isatty(STDERR_FILENO);
}

/* Where no line is drawn in place, that it is still at it. */
static void say_wait(const struct transport_progress *p)
{
    unsigned seconds = (p->wait_ms + 999) / 1000;
    cmd_note(tr_n("%s: %s; tried again in %u second", "%s: %s; tried again in %u seconds", seconds),
             p->name, p->why, seconds);
}

static void progress(void *ctx, const struct transport_progress *p)
{
    static bool shown;
    const struct call *c = ctx;
    if (p && p->why && !shows(c)) {
        if (!c->given[OPT_quiet] && !c->given[OPT_json] && !c->given[OPT_watch])
            say_wait(p);
        return;
    }
    if (!shows(c) || (p && p->why))
        return;
    if (shown || p)
        fputs(IN_PLACE, stderr);
    shown = p != NULL;
    if (!p)
        return;
    fprintf(stderr, _("%s: %llu of %llu KiB, %lld s"), p->name,
            (unsigned long long)((p->done + 1023) >> 10),
            (unsigned long long)((p->total + 1023) >> 10), (long long)(p->ms / 1000));
    if (p->tries)
        fprintf(stderr, tr_n(", tried %u time in vain", ", tried %u times in vain", p->tries),
                p->tries);
    fflush(stderr);
}

/* A file that cannot be read is told and does without; lines that are wrong are doctor's. */
static void read_prefs(struct prefs *ret)
{
    struct err e = {0};
    struct buf warnings;
    buf_init(&warnings, (size_t)1 << 20);
    if (!prefs_read(ret, &warnings, &e))
        cmd_fail(&e);
    buf_done(&warnings);
}

const struct transport_user *network_user(const struct call *c)
{
    static struct transport_user user;
    static struct prefs prefs; /* `user` points into it */
    read_prefs(&prefs);
    stop_catch();
    user = (struct transport_user){
        .ctx = (void *)c,
        .ask = ask,
        .trust = trust,
        .progress = progress,
        .stop = stop,
        .key = c->given[OPT_key] ? c->value[OPT_key] : prefs_said(prefs.ssh_key),
        .pin = c->given[OPT_pin] ? c->value[OPT_pin] : prefs_said(prefs.pin),
        .plain_http = c->given[OPT_insecure_http],
        .tries = c->given[OPT_watch] ? WATCH_TRIES : 0,
    };
    return &user;
}
