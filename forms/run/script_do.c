/* The steps of form scripts that change the interview; see script_i.h. */
#include "forms/run/script_i.h"

#include "forms/base/date.h"
#include "forms/base/num.h"

static void note_offered(struct script *s, const struct place *p)
{
    struct choices c;
    struct err e = {0};
    const struct form_node *n = &s->run->form->nodes[p->def];
    if (s->run->coverage && n->list != DEF_NONE && interview_choices(s->iv, p, &c, &e))
        coverage_choices(s->run->coverage, p->def, &c);
}

bool step_set(struct script *s)
{
    struct place p;
    struct changes c;
    struct err e = {0};
    if (!script_find(s, 1, &p))
        return false;
    note_offered(s, &p);
    if (!interview_set(s->iv, &p, word(s, 2), &c, &e))
        return script_refused(s, &e);
    coverage_question(s->run->coverage, p.def);
    return true;
}

bool step_clear(struct script *s)
{
    struct place p;
    struct changes c;
    struct err e = {0};
    return script_find(s, 1, &p) && (interview_clear(s->iv, &p, &c, &e) || script_refused(s, &e));
}

bool step_missing(struct script *s)
{
    static const char *const kinds[] = {"dk", "refused", "na"};
    struct place p;
    struct changes c;
    struct err e = {0};
    int kind = 0;
    while (kind < MISSING_KINDS && !str_is(word(s, 2), kinds[kind]))
        kind++;
    if (kind == MISSING_KINDS)
        return script_fail(s, STR("dk, refused or na"), word(s, 2));
    if (!script_find(s, 1, &p))
        return false;
    note_offered(s, &p);
    if (!interview_set_missing(s->iv, &p, (enum missing)kind, &c, &e))
        return script_refused(s, &e);
    coverage_question(s->run->coverage, p.def);
    return true;
}

static bool find_whole(struct script *s, struct place *ret)
{
    if (!script_find(s, 1, ret))
        return false;
    return ret->whole || script_fail(s, STR("a repeat"), word(s, 1));
}

bool step_add(struct script *s)
{
    struct place p, at;
    struct changes c;
    struct err e = {0};
    return find_whole(s, &p) && (interview_add(s->iv, &p, &at, &c, &e) || script_refused(s, &e));
}

bool step_ensure(struct script *s)
{
    struct place p, at;
    struct changes c;
    struct err e = {0};
    uint64_t want;
    if (!num_parse_uint(word(s, 2), &want) || want > LIMIT_INSTANCES)
        return script_fail(s, STR("a number of instances"), word(s, 2));
    if (!find_whole(s, &p))
        return false;
    while (interview_instances(s->iv, &p) < want)
        if (!interview_add(s->iv, &p, &at, &c, &e))
            return script_refused(s, &e);
    return true;
}

bool step_remove(struct script *s)
{
    struct place p;
    struct changes c;
    struct err e = {0};
    return script_find(s, 1, &p) && (interview_remove(s->iv, &p, &c, &e) || script_refused(s, &e));
}

bool step_undo(struct script *s)
{
    struct changes c;
    struct err e = {0};
    return interview_undo(s->iv, &c, &e) || script_refused(s, &e);
}

bool step_confirm(struct script *s)
{
    struct place p;
    struct changes c;
    struct err e = {0};
    return script_find(s, 1, &p) && (interview_confirm(s->iv, &p, &c, &e) || script_refused(s, &e));
}

bool step_outcome(struct script *s)
{
    uint64_t code;
    if (!num_parse_uint(word(s, 1), &code) || code > 255)
        return script_fail(s, STR("an outcome code"), word(s, 1));
    struct place p = {.def = s->run->form->outcome};
    struct changes c;
    struct err e = {0};
    if (p.def != DEF_NONE)
        return interview_set(s->iv, &p, word(s, 1), &c, &e) || script_refused(s, &e);
    interview_set_outcome(s->iv, (int)code);
    return true;
}

bool step_language(struct script *s)
{
    const struct form *f = s->run->form;
    for (uint32_t i = 0; i < f->n_languages; i++) {
        struct changes c;
        struct err e = {0};
        if (str_eq(f->languages[i].name, word(s, 1)) || str_eq(f->languages[i].code, word(s, 1)))
            return interview_set_language(s->iv, i, &c, &e) || script_refused(s, &e);
    }
    return script_fail(s, STR("a language of the form"), word(s, 1));
}

/* The zone is what the text says; without an offset the clock keeps its own. */
bool step_now(struct script *s)
{
    struct date d;
    size_t t = str_find(word(s, 1), 'T', 0);
    struct day_time time;
    if (!date_parse(word(s, 1), &s->host, &d) || d.kind != DATE_TIME ||
        !time_parse(str_from(word(s, 1), t + 1), &time))
        return script_fail(s, STR("a time such as 2026-01-31T10:00:00.000+08:00"), word(s, 1));
    s->now = (struct instant){d.ms, time.has_offset ? time.offset_min : s->now.offset_min};
    struct changes c;
    struct err e = {0};
    return !s->iv || interview_recalculate(s->iv, &c, &e) || script_refused(s, &e);
}

bool step_reload(struct script *s)
{
    struct buf xml;
    struct err e = {0};
    struct interview *again;
    struct changes c;
    buf_init(&xml, LIMIT_RECORD_BYTES);
    bool ok = interview_xml(s->iv, RECORD_DRAFT, s->id, STR(""), &xml) ||
              err_fail2(&e, ERR_LIMIT, "The record", "16 MiB");
    ok = ok && interview_read(&again, s->run->form, &s->host, buf_str(&xml), false, NULL, &e) &&
         interview_set_language(again, interview_language(s->iv), &c, &e);
    buf_wipe_done(&xml);
    if (!ok)
        return script_refused(s, &e);
    interview_set_outcome(again, interview_outcome(s->iv));
    interview_free(s->iv);
    s->iv = again;
    script_watch(s);
    return true;
}
