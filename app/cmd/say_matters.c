/* What an office has to decide or to know, in words; see say.h. */
#include "app/cmd/say.h"

#include <stdio.h>

#include "app/cmd/cmd.h"
#include "app/flow/host.h"
#include "app/tr.h"

/* "  XXXX-XXXX-C  Laptop 3  2026-11-24 10:42  version 1a2b3c4d  dampak_gov  NAME" */
static void add_item(const struct matter_item *it, struct buf *out)
{
    char code[16], when[32];
    struct summary s = {0};
    struct err ignored = {0};
    buf_add_z(out, "  ");
    if (!id16_zero(&it->uuid)) {
        code_of_uuid(&it->uuid, code);
        buf_printf(out, "%s  ", code);
    }
    buf_printf(out, "%-16.*s", STR_FMT(it->laptop));
    if (it->summary.n && summary_unpack(it->summary, &s, &ignored) && s.changed_ms) {
        say_time(s.changed_ms, when);
        buf_printf(out, "  %s", when);
    } else if (it->ms) {
        say_time(it->ms, when);
        buf_printf(out, "  %s", when);
    }
    if (it->kind == KIND_CONFLICT || it->kind == KIND_FOREIGN || it->kind == KIND_DETACHED ||
        it->kind == KIND_QUARANTINED)
        buf_printf(out, _("  version %s"), it->number);
    else if (it->kind == KIND_FORK || it->kind == KIND_DISAGREE)
        buf_printf(out, _("  row %s"), it->number);
    else if (it->kind == KIND_CONTESTED || it->kind == KIND_CHOICES)
        buf_printf(out, "  %s", it->number);
    if (it->finals) {
        code_of_uuid(&it->last, code);
        say_time(it->last_ms, when);
        buf_printf(out, _("  finished on it: %llu, the last %s at %s"),
                   (unsigned long long)it->finals, code, when);
    }
    if (s.form_id.n)
        buf_printf(out, "  %.*s", STR_FMT(s.form_id));
    if (s.name.n)
        buf_printf(out, "  %.*s", STR_FMT(s.name));
    if (it->personal)
        buf_add_z(out, _("  only the personal answers: --only-pii"));
    if (it->reason.n)
        buf_printf(out, "  (%.*s)", STR_FMT(it->reason));
    buf_add_c(out, '\n');
}

#define SHOWN_OF_A_KIND 30

void say_matters(const struct matters *m, enum matter_kind last)
{
    struct buf b;
    size_t shown = 0;
    buf_init(&b, 1u << 20);
    for (size_t i = 0; i < m->n && m->v[i].kind <= last; i++) {
        const struct matter_item *it = &m->v[i];
        if (i == 0 || m->v[i - 1].kind != it->kind) {
            const struct matter_words *w = matters_words(it->kind);
            buf_printf(&b, "\n%s (%zu)\n  %s\n", _(w->title), m->count[it->kind], _(w->means));
            if (w->todo[0])
                buf_printf(&b, "  → %s\n", _(w->todo));
            shown = 0;
        }
        if (++shown <= SHOWN_OF_A_KIND)
            add_item(it, &b);
        else if (i + 1 == m->n || m->v[i + 1].kind != it->kind)
            buf_printf(&b, _("  … and %zu more (--json lists all)\n"), shown - SHOWN_OF_A_KIND);
    }
    cmd_put(false, buf_str(&b));
    buf_done(&b);
}

json_t *json_matters(const struct matters *m)
{
    json_t *list = json_array();
    for (size_t i = 0; i < m->n; i++) {
        const struct matter_item *it = &m->v[i];
        char code[16] = "", when[32] = "";
        if (!id16_zero(&it->uuid))
            code_of_uuid(&it->uuid, code);
        if (it->ms)
            say_time(it->ms, when);
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:s%, s:s, s:s, s:s%, s:b}", "kind",
                                        matters_words(it->kind)->name, "code", code, "laptop",
                                        it->laptop.p, it->laptop.n, "number", it->number, "when",
                                        when, "reason", it->reason.p ? it->reason.p : "",
                                        it->reason.n, "personal", it->personal));
    }
    return list;
}
