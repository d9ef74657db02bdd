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

static json_t *json_text(struct str s)
{
    json_t *j = json_stringn(s.p, s.n);
    return j ? j : json_string("");
}

void say_interview(json_t *json, const struct id16 *uuid, struct str summary, const char *state,
                   int64_t changed_ms)
{
    char code[16], when[32] = "";
    struct summary s = {0};
    struct err ignored = {0};
    if (summary.n == 0 || !summary_unpack(summary, &s, &ignored))
        s = (struct summary){0}; /* a list shows the code all the same */
    code_of_uuid(uuid, code);
    if (changed_ms || s.changed_ms)
        say_time(changed_ms ? changed_ms : s.changed_ms, when);
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
