/* The steps of form scripts that look at the interview, finalise and write it; see script_i.h. */
#include "forms/run/script_i.h"

#include <math.h>

#include "forms/base/num.h"

static bool both_numbers(struct str a, struct str b, bool *ret_equal)
{
    double x, y;
    if (!num_parse(str_trim(a), 0, &x) || !num_parse(str_trim(b), 0, &y))
        return false;
    double scale = fabs(x) > fabs(y) ? fabs(x) : fabs(y);
    *ret_equal = x == y || fabs(x - y) <= scale * 1e-12;
    return true;
}

static bool expect_text(struct script *s, struct str found)
{
    bool equal;
    if (both_numbers(word(s, 2), found, &equal) && equal)
        return true;
    return script_compare(s, word(s, 2), found);
}

static bool is_leaf(const struct form *f, uint32_t def)
{
    return f->nodes[def].type != TYPE_GROUP && f->nodes[def].type != TYPE_REPEAT;
}

bool step_expect(struct script *s)
{
    struct place p;
    if (place_parse(s->run->form, word(s, 1), &p) && is_leaf(s->run->form, p.def)) {
        bool there = interview_state(s->iv, &p).relevant;
        return expect_text(s, there ? interview_value(s->iv, &p) : STR(""));
    }
    struct expr *x;
    struct err e = {0};
    struct value v;
    struct str text;
    if (!form_expr(&x, s->run->form, word(s, 1), 0, &s->scratch, &e) ||
        !interview_eval(s->iv, x, NULL, &v, &text, &e))
        return script_refused(s, &e);
    return expect_text(s, text);
}

static bool expect_state(struct script *s, bool (*of)(const struct node_state *))
{
    struct place p;
    bool want;
    if (!script_yes_no(s, 2, &want) || !script_find(s, 1, &p))
        return false;
    struct node_state state = interview_state(s->iv, &p);
    bool is = of(&state);
    return script_compare(s, word(s, 2), is ? STR("yes") : STR("no"));
}

static bool is_relevant(const struct node_state *n)
{
    return n->relevant;
}

static bool is_required(const struct node_state *n)
{
    return n->required;
}

static bool is_readonly(const struct node_state *n)
{
    return n->readonly;
}

static bool is_valid(const struct node_state *n)
{
    return n->complete || !n->exists;
}

static bool is_odd(const struct node_state *n)
{
    return n->warns;
}

bool step_relevant(struct script *s)
{
    return expect_state(s, is_relevant);
}

bool step_required(struct script *s)
{
    return expect_state(s, is_required);
}

bool step_readonly(struct script *s)
{
    return expect_state(s, is_readonly);
}

bool step_valid(struct script *s)
{
    return expect_state(s, is_valid);
}

bool step_warns(struct script *s)
{
    return expect_state(s, is_odd);
}

/* What a text should be; without one it is "". */
static bool expect_words(struct script *s,
                         void (*add)(struct script *s, const struct place *p, struct buf *out))
{
    struct place p;
    struct buf b;
    if (!script_find(s, 1, &p))
        return false;
    buf_init(&b, LIMIT_ANSWER_BYTES);
    add(s, &p, &b);
    bool ok = script_compare_words(s, word(s, 2), &b);
    buf_done(&b);
    return ok;
}

static void add_message(struct script *s, const struct place *p, struct buf *out)
{
    interview_message(s->iv, p, out);
}

static void add_label(struct script *s, const struct place *p, struct buf *out)
{
    interview_text(s->iv, p, TEXT_LABEL, out);
}

static void add_hint(struct script *s, const struct place *p, struct buf *out)
{
    interview_text(s->iv, p, TEXT_HINT, out);
}

bool step_message(struct script *s)
{
    return expect_words(s, add_message);
}

bool step_label(struct script *s)
{
    return expect_words(s, add_label);
}

bool step_hint(struct script *s)
{
    return expect_words(s, add_hint);
}

/* Any of the soft checks that are true; a failure names the first. */
bool step_warning(struct script *s)
{
    struct place p;
    struct buf b;
    if (!script_find(s, 1, &p))
        return false;
    buf_init(&b, LIMIT_ANSWER_BYTES);
    bool found = false;
    for (uint32_t i = 0; !found && interview_warning(s->iv, &p, i, &b); i++) {
        found = str_eq(str_trim(buf_str(&b)), str_trim(word(s, 2)));
        if (!found)
            buf_clear(&b);
    }
    if (!found)
        interview_warning(s->iv, &p, 0, &b);
    bool ok = found || script_compare_words(s, word(s, 2), &b);
    buf_done(&b);
    return ok;
}

static void add_choice(struct script *s, const struct place *p, uint32_t row, bool labels,
                       struct buf *out)
{
    if (labels)
        interview_choice_label(s->iv, p, row, out);
    else
        buf_add_str(out, interview_choice_name(s->iv, p, row));
}

static bool expect_choices(struct script *s, bool labels)
{
    struct place p;
    struct choices c;
    struct err e = {0};
    if (!script_find(s, 1, &p))
        return false;
    struct words found = {NULL, 0};
    if (interview_state(s->iv, &p).relevant) {
        if (!interview_choices(s->iv, &p, &c, &e))
            return script_refused(s, &e);
        coverage_choices(s->run->coverage, p.def, &c);
        found.v = ARENA_ARRAY(&s->scratch, struct str, c.n);
        for (found.n = 0; found.n < c.n; found.n++) {
            struct buf one;
            buf_init(&one, LIMIT_ANSWER_BYTES);
            add_choice(s, &p, c.rows[found.n], labels, &one);
            found.v[found.n] = arena_str(&s->scratch, str_trim(buf_str(&one)));
            buf_done(&one);
        }
    }
    bool same = found.n == s->words.n - 2;
    for (size_t i = 0; i < found.n && same; i++)
        same = str_eq(found.v[i], word(s, i + 2));
    if (same)
        return true;
    struct buf want, have;
    buf_init(&want, LIMIT_ANSWER_BYTES);
    buf_init(&have, LIMIT_ANSWER_BYTES);
    script_add_words(&want, &s->words, 0);
    script_add_words(&have, &found, 0);
    script_fail(s, buf_str(&want), have.n ? buf_str(&have) : STR("none"));
    buf_done(&want);
    buf_done(&have);
    return false;
}

bool step_choices(struct script *s)
{
    return expect_choices(s, false);
}

bool step_choice_labels(struct script *s)
{
    return expect_choices(s, true);
}

bool step_finalise(struct script *s)
{
    struct place at;
    struct err e = {0};
    bool want = str_is(word(s, 1), "ok");
    if (!want && !str_is(word(s, 1), "faults"))
        return script_fail(s, STR("ok or faults"), word(s, 1));
    bool ok = interview_finalise(s->iv, &at, &e);
    if (ok == want)
        return true;
    return ok ? script_fail(s, STR("finalise faults"), STR("ok"))
              : script_fail_err(s, "finalise ok", &e);
}

bool step_xml(struct script *s)
{
    struct buf xml;
    struct err e = {0};
    if (!s->run->write_file)
        return script_fail(s, STR("a place where files may be written"), STR("none here"));
    buf_init(&xml, LIMIT_RECORD_BYTES);
    bool ok = interview_xml(s->iv, 0, s->id, STR(""), &xml) ||
              err_fail2(&e, ERR_LIMIT, "The record", "16 MiB");
    ok = ok && s->run->write_file(s->run->ctx, word(s, 1), buf_str(&xml), &e);
    buf_wipe_done(&xml);
    return ok || script_refused(s, &e);
}
