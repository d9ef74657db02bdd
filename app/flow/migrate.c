/* Drafts and newer forms; see migrate.h. */
#include "app/flow/migrate.h"

#include "app/flow/host.h"
#include "app/flow/session_i.h"
#include "app/flow/survey_i.h"

/* ---- carrying over ---- */

static void carry_language(const struct session *s, const struct form *to, struct interview *iv)
{
    struct changes changes;
    struct err ignored = {0};
    struct str name = STR("");
    if (s->form->n_languages)
        name = s->form->languages[interview_language(s->iv)].name;
    for (uint32_t i = 0; i < to->n_languages; i++)
        if (str_eq(to->languages[i].name, name))
            (void)!interview_set_language(iv, i, &changes, &ignored);
}

/* The same interview on another form: all its values, those of questions not asked now as well. The host of
 * the new one is the session's, which knows the new form from here on. */
static bool carry(struct session *s, const struct form *to, struct interview **ret, struct err *e)
{
    struct buf xml;
    uint32_t lost;
    buf_init(&xml, LIMIT_RECORD_BYTES);
    bool ok = interview_xml(s->iv, RECORD_DRAFT, STR("uuid:"), (struct str){NULL, 0}, &xml) ||
              err_fail2(e, ERR_LIMIT, "The record", "16 MiB");
    const struct form *from = s->world.form;
    s->world.form = to;
    ok = ok && interview_read(ret, to, &s->host, buf_str(&xml), true, &lost, e);
    if (ok) {
        interview_set_outcome(*ret, interview_outcome(s->iv));
        carry_language(s, to, *ret);
    } else {
        s->world.form = from;
    }
    buf_wipe_done(&xml);
    return ok;
}

static void carry_cursor(struct session *s, const struct form *to)
{
    struct buf path;
    buf_init(&path, LIMIT_ANSWER_BYTES);
    if (s->cursor.def != DEF_NONE)
        place_text(s->form, &s->cursor, &path);
    if (path.n == 0 || !place_parse(to, buf_str(&path), &s->cursor))
        s->cursor = PLACE_NONE;
    buf_clear(&s->typed);
    buf_done(&path);
}

/* In hex: form_hash it was on ‖ form_hash it is on. */
static bool hashes_of(const struct event *ev, struct hash32 *ret_from, struct hash32 *ret_to)
{
    size_t n = 2 * sizeof ret_from->b;
    return hex_get(str_sub(ev->value, 0, n), ret_from->b, sizeof ret_from->b) &&
           hex_get(str_from(ev->value, n), ret_to->b, sizeof ret_to->b);
}

bool session_switch(struct session *s, const struct event *ev, struct err *e)
{
    struct hash32 from, to;
    struct interview *iv;
    const struct form *form;
    char arg[ERR_ARG_MAX];
    if (!hashes_of(ev, &from, &to) || !hash32_eq(&from, &s->form_hash))
        return err_fail1(e, ERR_EVENT_BAD, err_num(arg, (int64_t)s->world.event + 1));
    if (!survey_form(s->sv, &to, &form, e) || !carry(s, form, &iv, e))
        return false;
    carry_cursor(s, form);
    deeds_clear(&s->done);
    deeds_clear(&s->undone);
    interview_free(s->iv);
    s->iv = iv;
    s->form = form;
    s->form_hash = to;
    return true;
}

bool session_first_form(struct str bytes, uint64_t n, struct hash32 *ret, bool *ret_found,
                        struct err *e)
{
    struct event ev;
    struct hash32 to;
    if (*ret_found || bytes.n == 0 || (uint8_t)bytes.p[0] != EVENT_MIGRATE)
        return true;
    if (!event_decode(bytes, n - 1, &ev, e))
        return false;
    *ret_found = hashes_of(&ev, ret, &to);
    return true;
}

/* ---- looking ---- */

static bool tell(const struct migrate_look *look, enum migrate_fate fate, struct str path,
                 const struct interview *iv, const struct place *p)
{
    return look->lost(look->ctx, fate, path, interview_value(iv, p));
}

/* False: the caller has heard enough. */
static bool compare(const struct session *s, const struct interview *iv, const struct place *p,
                    struct str path, struct migrate_look *look)
{
    struct place q;
    struct node_state was = interview_state(s->iv, p);
    if (!was.answered || p->whole)
        return true;
    look->answered++;
    if (!place_parse(interview_form(iv), path, &q) || !interview_state(iv, &q).exists)
        return tell(look, MIGRATE_GONE, path, s->iv, p);
    struct node_state is = interview_state(iv, &q);
    if (!str_eq(interview_value(iv, &q), interview_value(s->iv, p)))
        return tell(look, MIGRATE_UNFIT, path, s->iv, p);
    look->kept++;
    if (!is.relevant)
        return tell(look, MIGRATE_HIDDEN, path, s->iv, p);
    return is.valid || !was.valid || tell(look, MIGRATE_INVALID, path, s->iv, p);
}

bool migrate_look(struct survey *sv, const struct id16 *uuid, const struct hash32 *to,
                  struct migrate_look *look, struct err *e)
{
    struct session *s = NULL;
    struct interview *iv = NULL;
    const struct form *form;
    struct place p = PLACE_NONE;
    struct buf path;
    buf_init(&path, LIMIT_ANSWER_BYTES);
    bool ok =
        survey_form(sv, to, &form, e) && session_load(&s, sv, uuid, e) && carry(s, form, &iv, e);
    bool more = ok;
    while (more && interview_next(s->iv, &p, 0)) {
        buf_clear(&path);
        place_text(s->form, &p, &path);
        more = compare(s, iv, &p, buf_str(&path), look);
    }
    interview_free(iv);
    session_free(s);
    buf_done(&path);
    return ok;
}

/* ---- doing ---- */

struct search {
    const struct id16 *uuid;
    struct hash32 form;
    bool there;
};

static bool is_draft(void *ctx, const struct draft *d)
{
    struct search *c = ctx;
    c->there = id16_eq(&d->uuid, c->uuid);
    if (c->there)
        c->form = d->form;
    return !c->there;
}

bool migrate_target(struct survey *sv, const struct id16 *uuid, struct hash32 *ret, struct err *e)
{
    struct search c = {.uuid = uuid};
    const struct form *form;
    char code[16];
    code_of_uuid(uuid, code);
    if (!store_draft_each(sv->store, is_draft, &c, e))
        return false;
    if (!c.there)
        return err_fail1(e, ERR_DRAFT_UNKNOWN, code);
    if (!survey_form(sv, &c.form, &form, e) || !survey_form_named(sv, form->id, ret, e))
        return false;
    return !hash32_eq(ret, &c.form) || err_fail1(e, ERR_FORM_SAME, code);
}

bool migrate_draft(struct survey *sv, const struct id16 *uuid, const struct hash32 *to,
                   struct err *e)
{
    struct session *s = NULL;
    struct changes changes;
    struct place none = PLACE_NONE;
    struct buf value;
    struct event ev = {.kind = EVENT_MIGRATE, .at = host_now()};
    if (!session_load(&s, sv, uuid, e))
        return false;
    buf_init(&value, 256);
    hex_add(&value, s->form_hash.b, sizeof s->form_hash.b);
    hex_add(&value, to->b, sizeof to->b);
    ev.value = buf_str(&value);
    host_draft_event(&s->world, session_next(s), ev.at);
    bool ok = session_apply(s, &ev, &none, NULL, &changes, e);
    if (ok) {
        session_count(s);
        session_note_pack(s, ev.at.ms, NULL);
        buf_clear(&s->bytes);
        ok = event_encode(&ev, &s->bytes) || err_fail(e, ERR_SESSION_LARGE);
        ok = ok && store_draft_migrate(s->store, uuid, to, ev.at.ms, buf_str(&s->bytes),
                                       buf_str(&s->note), e);
    }
    buf_done(&value);
    session_free(s);
    return ok;
}
