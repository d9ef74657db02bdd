/* cacah history [CODE]: the ledger as people read it: when, what, of which interview, who had opened the store,
 * and why. Between two rows of one start of the machine the clock that nobody can set says whether the other
 * one was. */
#include "app/cmd/cmd.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "app/cmd/keep.h"
#include "app/cmd/say.h"
#include "app/flow/host.h"
#include "app/office/history.h"
#include "app/tr.h"

#define CLOCK_SET_MS 60000 /* less is how clocks are kept right */

static const char *const kind_names[] = {
    [LEDGER_OPEN] = N_("begun"),
    [LEDGER_FINAL] = N_("finished"),
    [LEDGER_VOID] = N_("ended without a record"),
    [LEDGER_ERASE] = N_("erased"),
    [LEDGER_SENT] = N_("written for sending"),
    [LEDGER_RECEIPT] = N_("receipt applied"),
    [LEDGER_RESTORE] = N_("restored from a backup"),
    [LEDGER_REKEY] = N_("new keys"),
    [LEDGER_NEWROOT] = N_("went over to a new office"),
    [LEDGER_CLOCK] = N_("clock"),
    [LEDGER_SLOT] = N_("who may open it"),
    [LEDGER_CONFIG] = N_("the survey's settings"),
    [LEDGER_MIGRATE] = N_("another version"),
    [LEDGER_REVIEW] = N_("reviewed"),
    [LEDGER_RETURN] = N_("returned for correction"),
    [LEDGER_RESOLVE] = N_("conflict resolved"),
    [LEDGER_REVOKE] = N_("laptop revoked"),
    [LEDGER_EXPORT] = N_("exported"),
    [LEDGER_BACKUP] = N_("backup made"),
};

struct user {
    uint64_t slot;
    struct str name;
};

struct telling {
    struct store *s;
    json_t *json; /* NULL: text */
    /* the one interview that is asked for */
    bool one, whole;
    struct id16 uuid;
    uint8_t code[5];
    unsigned n;

    struct arena a;
    struct user users[32]; /* as many slots as there can be */
    size_t n_users;
    struct ledger_row before; /* the last row of this device's own that said its boot */
    struct id16 boot;
    struct err e;
};

static bool note_user(void *ctx, const struct slot_info *i)
{
    struct telling *t = ctx;
    if (i->kind == SLOT_USER && t->n_users < sizeof t->users / sizeof t->users[0])
        t->users[t->n_users++] = (struct user){i->no, arena_str(&t->a, i->name)};
    return true;
}

/* The laptop of another's row; else whose slot it was. */
static bool who(struct telling *t, const struct hash32 *device, const struct ledger_detail *d,
                struct buf *out)
{
    struct str name;
    if (!d) {
        if (!history_device_name(t->s, device, &t->a, &name, &t->e))
            return false;
        buf_add_str(out, name);
        return true;
    }
    if (!d->there)
        return true;
    const struct user *u = NULL;
    for (size_t i = 0; i < t->n_users; i++)
        if (t->users[i].slot == d->slot)
            u = &t->users[i];
    if (!u)
        buf_printf(out, _("user %" PRIu64 ", who is no more"), d->slot);
    else if (u->name.n)
        buf_add_str(out, u->name);
    else
        buf_printf(out, _("user %" PRIu64), d->slot);
    return true;
}

/* By how much the wall clock ran otherwise than the machine. */
static int64_t clock_set(const struct telling *t, const struct ledger_row *r)
{
    int64_t ms = (r->wall_ms - t->before.wall_ms) - (r->monotonic_ms - t->before.monotonic_ms);
    return ms > -CLOCK_SET_MS && ms < CLOCK_SET_MS ? 0 : ms;
}

/* A practice store's interviews take place on a clock of their own. */
static int64_t compare_clocks(struct telling *t, const struct ledger_row *r,
                              const struct ledger_detail *d, bool *ret_started)
{
    *ret_started = false;
    if (!d || !d->there || id16_zero(&d->boot) || store_identity(t->s)->practice)
        return 0;
    bool first = id16_zero(&t->boot), same = id16_eq(&d->boot, &t->boot);
    int64_t set = same ? clock_set(t, r) : 0;
    *ret_started = !first && !same;
    t->before = *r;
    t->boot = d->boot;
    return set;
}

static void say_clock(int64_t set, bool started)
{
    int64_t minutes = ((set < 0 ? -set : set) + 30000) / 60000;
    if (started)
        puts(_("  -- the machine was started anew --"));
    if (set > 0)
        printf(_("  -- the clock was set forward by %" PRId64 " minutes --\n"), minutes);
    if (set < 0)
        printf(_("  -- the clock was set back by %" PRId64 " minutes --\n"), minutes);
}

static void say_row(const struct ledger_row *r, const char *code, struct str name, struct str text)
{
    char when[32];
    struct buf b;
    say_time(r->wall_ms, when);
    buf_init(&b, (size_t)1 << 18);
    buf_printf(&b, "%6" PRIu64 "  %s  %-11s  ", r->seq, when, code);
    buf_add_z(&b, _(kind_names[r->kind]));
    if (name.n)
        buf_printf(&b, ", %.*s", STR_FMT(name));
    if (text.n)
        buf_printf(&b, ": %.*s", STR_FMT(text));
    buf_add_c(&b, '\n');
    cmd_put(false, buf_str(&b));
    buf_done(&b);
}

static void add_row(json_t *rows, const struct ledger_row *r, const char *code, struct str name,
                    const struct ledger_detail *d, int64_t set, bool started)
{
    char when[32];
    say_time(r->wall_ms, when);
    json_t *j =
        json_pack("{s:I, s:s, s:s, s:s, s:s%, s:b, s:I}", "seq", (json_int_t)r->seq, "when", when,
                  "what", kind_names[r->kind], "code", code, "who", name.n ? name.p : "", name.n,
                  "started_anew", (int)started, "clock_set_ms", (json_int_t)set);
    if (d && d->there) {
        json_object_set_new(j, "user", json_integer((json_int_t)d->slot));
        if (d->text.n)
            json_object_set_new(j, "text", json_stringn(d->text.p, d->text.n));
    }
    json_array_append_new(rows, j);
}

static bool is_asked(const struct telling *t, const struct ledger_row *r, bool own)
{
    if (!t->one)
        return own;
    if (t->whole)
        return id16_eq(&r->subject, &t->uuid);
    return memcmp(r->subject.b, t->code, sizeof t->code) == 0;
}

static bool tell(void *ctx, const struct hash32 *device, const struct ledger_row *r,
                 const struct ledger_detail *d)
{
    struct telling *t = ctx;
    char code[16] = "";
    bool started, own = d || hash32_eq(device, &store_identity(t->s)->device);
    int64_t set = compare_clocks(t, r, d, &started);
    struct buf name;
    if (!is_asked(t, r, own))
        return true;
    t->n++;
    /* what `restore` names there is no interview */
    if (!id16_zero(&r->subject) && r->kind != LEDGER_RESTORE)
        code_of_uuid(&r->subject, code);
    buf_init(&name, 2048);
    bool ok = who(t, device, d, &name);
    if (ok && t->json) {
        add_row(t->json, r, code, buf_str(&name), d, set, started);
    } else if (ok) {
        if (!t->one)
            say_clock(set, started);
        say_row(r, code, buf_str(&name), d ? d->text : STR(""));
    }
    buf_done(&name);
    return ok;
}

static bool parse(struct telling *t, const struct call *c, struct err *e)
{
    char arg[ERR_ARG_MAX];
    if (c->n == 0)
        return true;
    struct str typed = str_trim(str_of(c->args[0]));
    t->one = true;
    t->whole = uuid_get(typed, &t->uuid);
    return t->whole || code_parse(typed, t->code) ||
           err_fail1(e, ERR_NO_INTERVIEW, err_arg(arg, typed));
}

static bool tell_all(struct telling *t, const struct call *c, struct err *e)
{
    char arg[ERR_ARG_MAX];
    if (!parse(t, c, e) || !store_slot_each(t->s, note_user, t, e) ||
        !store_ledger_tell(t->s, tell, t, e))
        return false;
    if (t->e.kind) {
        *e = t->e;
        return false;
    }
    return t->n || !t->one || err_fail1(e, ERR_NO_INTERVIEW, err_arg(arg, str_of(c->args[0])));
}

int cmd_history(const struct call *c)
{
    struct err e = {0};
    struct survey *sv = NULL;
    struct telling t = {.json = c->given[OPT_json] ? json_array() : NULL};
    arena_init(&t.a);
    bool ok = keep_look_any(c, &sv, &e);
    if (ok) {
        t.s = survey_store(sv);
        ok = tell_all(&t, c, &e);
    }
    if (ok && t.json) {
        json_dumpf(t.json, stdout, JSON_INDENT(1));
        putchar('\n');
    }
    json_decref(t.json);
    arena_done(&t.a);
    survey_close(sv);
    return ok ? cmd_end(0) : cmd_fail(&e);
}
