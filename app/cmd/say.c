/* Lines that several commands say alike; see say.h. */
#include "app/cmd/say.h"

#include <stdio.h>

#include "app/cmd/cmd.h"
#include "app/flow/host.h"
#include "app/flow/outcome.h"
#include "app/tr.h"
#include "forms/base/date.h"
#include "sync/bundle/words.h"

void say_time(int64_t ms, char ret[32])
{
    struct host host;
    host_real(&host);
    struct civil c = date_civil(ms + (int64_t)host.offset(host.ctx, ms, false) * 60000);
    snprintf(ret, 32, "%04d-%02d-%02d %02d:%02d", (int)c.year, c.month, c.day, c.hour, c.minute);
}

const char *say_state(enum revision_state state)
{
    static const char *const names[] = {[REVISION_PENDING] = N_("pending"),
                                        [REVISION_HELD] = N_("held by the office"),
                                        [REVISION_SAFE] = N_("safe"),
                                        [REVISION_ERASED] = N_("erased"),
                                        [REVISION_QUARANTINED] = N_("quarantined"),
                                        [REVISION_INCOMPLETE] = N_("incomplete")};
    return names[state];
}

void say_successor(struct store *s)
{
    struct buf words;
    buf_init(&words, 1024);
    words_of_hash(WORDS_ID, &store_identity(s)->device, WORDS_FINGERPRINT, &words);
    printf(
        _("This laptop signs with a new key now. Bring the office a bundle and tell these words by "
          "telephone, for 'cacah office successor':\n\n    %s\n"),
        words.p);
    buf_done(&words);
}

void say_users_gone(struct str names)
{
    struct buf b;
    struct str rest = names, name;
    buf_init(&b, 1 << 16);
    if (names.n)
        buf_add_z(&b, _("These users' passphrases open it no more; each is to be added again with "
                        "'cacah user add NAME':\n"));
    while (rest.n && str_split(&rest, '\n', &name) && name.n)
        buf_printf(&b, "    %.*s\n", STR_FMT(name));
    cmd_put(false, buf_str(&b));
    buf_done(&b);
}

static json_t *json_text(struct str s)
{
    json_t *j = json_stringn(s.p, s.n);
    return j ? j : json_string("");
}

/* A list shows the code all the same. */
static struct summary unpacked(struct str summary)
{
    struct summary s = {0};
    struct err ignored = {0};
    return summary.n && summary_unpack(summary, &s, &ignored) ? s : (struct summary){0};
}

static void say_line(json_t *json, const struct id16 *uuid, struct summary s, const char *state)
{
    char code[16], when[32] = "";
    code_of_uuid(uuid, code);
    if (s.changed_ms)
        say_time(s.changed_ms, when);
    if (json) {
        json_array_append_new(json,
                              json_pack("{s:s, s:o, s:o, s:s, s:i, s:s}", "code", code, "form",
                                        json_text(s.form_id), "name", json_text(s.name), "state",
                                        state, "outcome", (int)s.outcome, "changed", when));
        return;
    }
    struct buf b;
    buf_init(&b, 8192);
    buf_printf(&b, "  %s  %-16s %-14.*s %.*s", code, when, STR_FMT(s.form_id), STR_FMT(s.name));
    buf_printf(&b, "  %s", _(state));
    if (outcome_name(s.outcome))
        buf_printf(&b, ", %s", _(outcome_name(s.outcome)));
    else if (s.outcome)
        buf_printf(&b, _(", outcome %d"), (int)s.outcome);
    buf_add_c(&b, '\n');
    cmd_put(false, buf_str(&b));
    buf_done(&b);
}

void say_interview(json_t *json, const struct id16 *uuid, struct str summary, const char *state,
                   int64_t changed_ms)
{
    struct summary s = unpacked(summary);
    if (changed_ms)
        s.changed_ms = changed_ms;
    say_line(json, uuid, s, state);
}

struct made {
    const struct revision *r;
    int64_t ms;
};

static bool find_made(void *ctx, const struct hash32 *device, const struct hash32 *row_hash,
                      const uint8_t bytes[LEDGER_ROW_SIZE])
{
    struct made *m = ctx;
    struct ledger_row row;
    struct err ignored = {0};
    (void)device, (void)row_hash;
    if (ledger_row_decode(bytes, &row, &ignored) && hash32_eq(&row.object, &m->r->rev_id) &&
        (row.kind == LEDGER_FINAL || row.kind == LEDGER_RESOLVE))
        m->ms = row.wall_ms;
    return m->ms == 0;
}

void say_record(json_t *json, struct survey *sv, const struct revision *r, struct str summary,
                const char *state)
{
    struct summary s = unpacked(summary);
    const struct form *form;
    struct err ignored = {0};
    if (s.form_id.n == 0 && survey_form(sv, &r->form, &form, &ignored))
        s.form_id = form->id;
    if (s.changed_ms == 0) {
        struct made m = {r, 0};
        err_clear(&ignored);
        if (store_ledger_of(survey_store(sv), &r->uuid, find_made, &m, &ignored))
            s.changed_ms = m.ms;
    }
    say_line(json, &r->uuid, s, state);
}
