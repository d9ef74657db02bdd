/* Form scripts; see script.h. A script has its own clock and random source, so that it says the same on
 * every machine, and its zone is the offset that its clock shows. */
#include "forms/run/script.h"

#include <math.h>

#include "forms/base/date.h"
#include "forms/base/num.h"
#include "forms/run/coverage.h"
#include "forms/run/script_words.h"

#define START_MS       ((int64_t)1767225600000) /* 2026-01-01T00:00Z, shown as 08:00+08:00 */
#define START_OFFSET   480
#define LINE_MAX_SHOWN ((size_t)4 << 10)

struct script {
    const struct script_run *run;
    const char *name;
    uint32_t line;
    struct script_result result;
    struct host host;
    struct instant now;
    uint64_t random;
    struct interview *iv; /* NULL until the first step that needs it */
    struct str id;        /* instanceID */
    char id_text[64];
    struct arena scratch;
    struct words words;
    struct err *fatal; /* what is not the script's fault */
};

/* ---- the script's world ---- */

static struct instant script_now(void *ctx)
{
    return ((struct script *)ctx)->now;
}

static int32_t script_offset(void *ctx, int64_t ms, bool local)
{
    (void)ms;
    (void)local;
    return ((struct script *)ctx)->now.offset_min;
}

/* splitmix64 */
static void script_random(void *ctx, void *out, size_t n)
{
    struct script *s = ctx;
    unsigned char *p = out;
    for (size_t i = 0; i < n; i++) {
        uint64_t x = s->random += UINT64_C(0x9e3779b97f4a7c15);
        x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
        x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
        p[i] = (unsigned char)(x >> 56);
    }
}

static bool script_file(void *ctx, struct str name, struct buf *out, struct err *e)
{
    const struct host *h = ((struct script *)ctx)->run->host;
    char tmp[ERR_ARG_MAX];
    return h->file ? h->file(h->ctx, name, out, e)
                   : err_fail1(e, ERR_FILE_MISSING, err_arg(tmp, name));
}

static bool script_verify(void *ctx, const uint8_t sig[64], struct str message,
                          const uint8_t key[32])
{
    const struct host *h = ((struct script *)ctx)->run->host;
    return h->verify_ed25519 && h->verify_ed25519(h->ctx, sig, message, key);
}

static bool script_property(void *ctx, struct str name, struct buf *out)
{
    const struct host *h = ((struct script *)ctx)->run->host;
    return h->property && h->property(h->ctx, name, out);
}

static bool script_last_saved(void *ctx, struct str path, struct buf *out)
{
    const struct host *h = ((struct script *)ctx)->run->host;
    return h->last_saved && h->last_saved(h->ctx, path, out);
}

static void make_id(struct script *s)
{
    unsigned char b[16];
    script_random(s, b, sizeof b);
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    static const char hex[] = "0123456789abcdef";
    char *p = s->id_text;
    memcpy(p, "uuid:", 5);
    p += 5;
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *p++ = '-';
        *p++ = hex[b[i] >> 4];
        *p++ = hex[b[i] & 15];
    }
    s->id = (struct str){s->id_text, (size_t)(p - s->id_text)};
}

static void watch(struct script *s)
{
    struct changes ignored;
    struct err e = {0};
    if (!s->run->coverage)
        return;
    coverage_watch(s->run->coverage, s->iv);
    /* What was evaluated before anyone watched, once more. */
    if (!interview_recalculate(s->iv, &ignored, &e))
        err_clear(&e); /* the step that follows meets the fault again */
}

static bool start(struct script *s)
{
    if (s->iv)
        return true;
    if (!interview_new(&s->iv, s->run->form, &s->host, s->fatal))
        return false;
    watch(s);
    return true;
}

/* ---- saying what is wrong ---- */

static void add_word(struct buf *out, struct str w)
{
    bool plain = w.n > 0;
    for (size_t i = 0; i < w.n && plain; i++)
        plain = (unsigned char)w.p[i] > ' ' && w.p[i] != '"' && w.p[i] != '#';
    if (plain) {
        buf_add_str(out, w);
        return;
    }
    buf_add_c(out, '"');
    for (size_t i = 0; i < w.n; i++) {
        if (w.p[i] == '"' || w.p[i] == '\\')
            buf_add_c(out, '\\');
        if (w.p[i] == '\n')
            buf_add_z(out, "\\n");
        else
            buf_add_c(out, w.p[i]);
    }
    buf_add_c(out, '"');
}

static void add_words(struct buf *out, const struct words *w, size_t from)
{
    for (size_t i = from; i < w->n; i++) {
        if (i > from)
            buf_add_c(out, ' ');
        add_word(out, w->v[i]);
    }
}

/* "SCRIPT:LINE: expected WHAT, found WHAT" */
static bool fail(struct script *s, struct str expected, struct str found)
{
    struct buf line;
    buf_init(&line, LINE_MAX_SHOWN + expected.n + found.n);
    buf_printf(&line, "%s:%u: expected ", s->name, s->line);
    buf_add_str(&line, expected);
    buf_add_z(&line, ", found ");
    buf_add_str(&line, found);
    s->run->say(s->run->ctx, buf_str(&line));
    buf_done(&line);
    return false;
}

static bool fail_err(struct script *s, const char *expected, const struct err *e)
{
    struct buf text;
    buf_init(&text, LINE_MAX_SHOWN);
    err_text(e, NULL, &text);
    fail(s, str_of(expected), buf_str(&text));
    buf_done(&text);
    return false;
}

/* The step itself as what was expected to work. */
static bool refused(struct script *s, const struct err *e)
{
    struct buf b;
    buf_init(&b, LINE_MAX_SHOWN);
    buf_add_z(&b, "\"");
    add_words(&b, &s->words, 0);
    buf_add_z(&b, "\" to work");
    fail_err(s, buf_str(&b).p, e);
    buf_done(&b);
    return false;
}

/* Compares; names the thing as the step does ("label age"). */
static bool compare(struct script *s, struct str expected, struct str found)
{
    if (str_eq(expected, found))
        return true;
    struct buf a, b;
    buf_init(&a, LIMIT_ANSWER_BYTES * 2);
    buf_init(&b, LIMIT_ANSWER_BYTES * 2);
    buf_add_str(&a, s->words.v[0]);
    buf_add_c(&a, ' ');
    add_word(&a, s->words.v[1]);
    buf_add_c(&a, ' ');
    add_word(&a, expected);
    add_word(&b, found);
    fail(s, buf_str(&a), buf_str(&b));
    buf_done(&a);
    buf_done(&b);
    return false;
}

/* ---- words as places, numbers, answers ---- */

static struct str word(const struct script *s, size_t i)
{
    return s->words.v[i];
}

static bool find(struct script *s, size_t i, struct place *ret)
{
    if (place_parse(s->run->form, word(s, i), ret))
        return true;
    return fail(s, STR("a path or a unique name of the form"), word(s, i));
}

static bool yes_no(struct script *s, size_t i, bool *ret)
{
    *ret = str_is(word(s, i), "yes");
    return *ret || str_is(word(s, i), "no") || fail(s, STR("yes or no"), word(s, i));
}

static bool collapsed_equal(struct script *s, struct str expected, struct buf *found)
{
    struct buf one, two;
    struct str rest = expected, w;
    buf_init(&one, LIMIT_ANSWER_BYTES);
    buf_init(&two, LIMIT_ANSWER_BYTES);
    for (int i = 0; i < 2; i++, rest = buf_str(found)) {
        struct buf *b = i ? &two : &one;
        while (str_word(&rest, &w)) {
            if (b->n)
                buf_add_c(b, ' ');
            buf_add_str(b, w);
        }
    }
    bool ok = compare(s, buf_str(&one), buf_str(&two));
    buf_done(&one);
    buf_done(&two);
    return ok;
}

/* ---- steps that change ---- */

static void note_offered(struct script *s, const struct place *p)
{
    struct choices c;
    struct err e = {0};
    const struct form_node *n = &s->run->form->nodes[p->def];
    if (s->run->coverage && n->list != DEF_NONE && interview_choices(s->iv, p, &c, &e))
        coverage_choices(s->run->coverage, p->def, &c);
}

static bool step_set(struct script *s)
{
    struct place p;
    struct changes c;
    struct err e = {0};
    if (!find(s, 1, &p))
        return false;
    note_offered(s, &p);
    if (!interview_set(s->iv, &p, word(s, 2), &c, &e))
        return refused(s, &e);
    coverage_question(s->run->coverage, p.def);
    return true;
}

static bool step_clear(struct script *s)
{
    struct place p;
    struct changes c;
    struct err e = {0};
    return find(s, 1, &p) && (interview_clear(s->iv, &p, &c, &e) || refused(s, &e));
}

static bool step_missing(struct script *s)
{
    static const char *const kinds[] = {"dk", "refused", "na"};
    struct place p;
    struct changes c;
    struct err e = {0};
    int kind = 0;
    while (kind < MISSING_KINDS && !str_is(word(s, 2), kinds[kind]))
        kind++;
    if (kind == MISSING_KINDS)
        return fail(s, STR("dk, refused or na"), word(s, 2));
    if (!find(s, 1, &p))
        return false;
    note_offered(s, &p);
    if (!interview_set_missing(s->iv, &p, (enum missing)kind, &c, &e))
        return refused(s, &e);
    coverage_question(s->run->coverage, p.def);
    return true;
}

static bool find_whole(struct script *s, struct place *ret)
{
    if (!find(s, 1, ret))
        return false;
    return ret->whole || fail(s, STR("a repeat"), word(s, 1));
}

static bool step_add(struct script *s)
{
    struct place p, at;
    struct changes c;
    struct err e = {0};
    return find_whole(s, &p) && (interview_add(s->iv, &p, &at, &c, &e) || refused(s, &e));
}

static bool step_ensure(struct script *s)
{
    struct place p, at;
    struct changes c;
    struct err e = {0};
    uint64_t want;
    if (!num_parse_uint(word(s, 2), &want) || want > LIMIT_INSTANCES)
        return fail(s, STR("a number of instances"), word(s, 2));
    if (!find_whole(s, &p))
        return false;
    while (interview_instances(s->iv, &p) < want)
        if (!interview_add(s->iv, &p, &at, &c, &e))
            return refused(s, &e);
    return true;
}

static bool step_remove(struct script *s)
{
    struct place p;
    struct changes c;
    struct err e = {0};
    return find(s, 1, &p) && (interview_remove(s->iv, &p, &c, &e) || refused(s, &e));
}

static bool step_undo(struct script *s)
{
    struct changes c;
    struct err e = {0};
    return interview_undo(s->iv, &c, &e) || refused(s, &e);
}

static bool step_confirm(struct script *s)
{
    struct place p;
    struct changes c;
    struct err e = {0};
    return find(s, 1, &p) && (interview_confirm(s->iv, &p, &c, &e) || refused(s, &e));
}

static bool step_outcome(struct script *s)
{
    uint64_t code;
    if (!num_parse_uint(word(s, 1), &code) || code > 255)
        return fail(s, STR("an outcome code"), word(s, 1));
    struct place p = {.def = s->run->form->outcome};
    struct changes c;
    struct err e = {0};
    if (p.def != DEF_NONE)
        return interview_set(s->iv, &p, word(s, 1), &c, &e) || refused(s, &e);
    interview_set_outcome(s->iv, (int)code);
    return true;
}

static bool step_language(struct script *s)
{
    const struct form *f = s->run->form;
    for (uint32_t i = 0; i < f->n_languages; i++) {
        struct changes c;
        struct err e = {0};
        if (str_eq(f->languages[i].name, word(s, 1)) || str_eq(f->languages[i].code, word(s, 1)))
            return interview_set_language(s->iv, i, &c, &e) || refused(s, &e);
    }
    return fail(s, STR("a language of the form"), word(s, 1));
}

/* The zone is what the text says; without an offset the clock keeps its own. */
static bool step_now(struct script *s)
{
    struct date d;
    size_t t = str_find(word(s, 1), 'T', 0);
    struct day_time time;
    if (!date_parse(word(s, 1), &s->host, &d) || d.kind != DATE_TIME ||
        !time_parse(str_from(word(s, 1), t + 1), &time))
        return fail(s, STR("a time such as 2026-01-31T10:00:00.000+08:00"), word(s, 1));
    s->now = (struct instant){d.ms, time.has_offset ? time.offset_min : s->now.offset_min};
    struct changes c;
    struct err e = {0};
    return !s->iv || interview_recalculate(s->iv, &c, &e) || refused(s, &e);
}

static bool step_reload(struct script *s)
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
        return refused(s, &e);
    interview_set_outcome(again, interview_outcome(s->iv));
    interview_free(s->iv);
    s->iv = again;
    watch(s);
    return true;
}

/* ---- steps that look ---- */

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
    return compare(s, word(s, 2), found);
}

static bool is_leaf(const struct form *f, uint32_t def)
{
    return f->nodes[def].type != TYPE_GROUP && f->nodes[def].type != TYPE_REPEAT;
}

static bool step_expect(struct script *s)
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
        return refused(s, &e);
    return expect_text(s, text);
}

static bool expect_state(struct script *s, bool (*of)(const struct node_state *))
{
    struct place p;
    bool want;
    if (!yes_no(s, 2, &want) || !find(s, 1, &p))
        return false;
    struct node_state state = interview_state(s->iv, &p);
    bool is = of(&state);
    return compare(s, word(s, 2), is ? STR("yes") : STR("no"));
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

static bool step_relevant(struct script *s)
{
    return expect_state(s, is_relevant);
}

static bool step_required(struct script *s)
{
    return expect_state(s, is_required);
}

static bool step_readonly(struct script *s)
{
    return expect_state(s, is_readonly);
}

static bool step_valid(struct script *s)
{
    return expect_state(s, is_valid);
}

static bool step_warns(struct script *s)
{
    return expect_state(s, is_odd);
}

/* What a text should be; without one it is "". */
static bool expect_words(struct script *s,
                         void (*add)(struct script *s, const struct place *p, struct buf *out))
{
    struct place p;
    struct buf b;
    if (!find(s, 1, &p))
        return false;
    buf_init(&b, LIMIT_ANSWER_BYTES);
    add(s, &p, &b);
    bool ok = collapsed_equal(s, word(s, 2), &b);
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

static bool step_message(struct script *s)
{
    return expect_words(s, add_message);
}

static bool step_label(struct script *s)
{
    return expect_words(s, add_label);
}

static bool step_hint(struct script *s)
{
    return expect_words(s, add_hint);
}

/* Any of the soft checks that are true; a failure names the first. */
static bool step_warning(struct script *s)
{
    struct place p;
    struct buf b;
    if (!find(s, 1, &p))
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
    bool ok = found || collapsed_equal(s, word(s, 2), &b);
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
    if (!find(s, 1, &p))
        return false;
    struct words found = {NULL, 0};
    if (interview_state(s->iv, &p).relevant) {
        if (!interview_choices(s->iv, &p, &c, &e))
            return refused(s, &e);
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
    add_words(&want, &s->words, 0);
    add_words(&have, &found, 0);
    fail(s, buf_str(&want), have.n ? buf_str(&have) : STR("none"));
    buf_done(&want);
    buf_done(&have);
    return false;
}

static bool step_choices(struct script *s)
{
    return expect_choices(s, false);
}

static bool step_choice_labels(struct script *s)
{
    return expect_choices(s, true);
}

static bool step_finalise(struct script *s)
{
    struct place at;
    struct err e = {0};
    bool want = str_is(word(s, 1), "ok");
    if (!want && !str_is(word(s, 1), "faults"))
        return fail(s, STR("ok or faults"), word(s, 1));
    bool ok = interview_finalise(s->iv, &at, &e);
    if (ok == want)
        return true;
    return ok ? fail(s, STR("finalise faults"), STR("ok")) : fail_err(s, "finalise ok", &e);
}

static bool step_xml(struct script *s)
{
    struct buf xml;
    struct err e = {0};
    if (!s->run->write_file)
        return fail(s, STR("a place where files may be written"), STR("none here"));
    buf_init(&xml, LIMIT_RECORD_BYTES);
    bool ok = interview_xml(s->iv, 0, s->id, STR(""), &xml) ||
              err_fail2(&e, ERR_LIMIT, "The record", "16 MiB");
    ok = ok && s->run->write_file(s->run->ctx, word(s, 1), buf_str(&xml), &e);
    buf_wipe_done(&xml);
    return ok || refused(s, &e);
}

/* ---- running ---- */

#define STEP_MANY SIZE_MAX

static const struct step {
    const char *word;
    bool (*run)(struct script *s);
    size_t least, most;
    const char *usage;
} steps[] = {
#define STEP(word, function, least, most, usage, means) {word, step_##function, least, most, usage},
#include "forms/run/steps.def"
#undef STEP
};

static const struct step *find_step(struct str name)
{
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        if (str_is(name, steps[i].word))
            return &steps[i];
    return NULL;
}

/* An expression that could not be run in this step is a failure of its own. */
static bool no_fault(struct script *s)
{
    struct err e = {0};
    return !s->iv || interview_fault(s->iv, &e) || fail_err(s, "every expression to run", &e);
}

static bool run_step(struct script *s, struct str line, bool *ret_ok)
{
    *ret_ok = false;
    if (!script_words(line, &s->scratch, &s->words)) {
        fail(s, STR("quotes that end"), line);
        return true;
    }
    const struct step *step = find_step(word(s, 0));
    if (!step) {
        fail(s, STR("a step"), word(s, 0));
        return true;
    }
    size_t given = s->words.n - 1;
    if (given < step->least || given > step->most) {
        fail(s, str_of(step->usage), line);
        return true;
    }
    if (step->run != step_now && !start(s))
        return false;
    *ret_ok = step->run(s);
    *ret_ok = no_fault(s) && *ret_ok;
    return true;
}

static bool run_lines(struct script *s, struct str text)
{
    struct str line;
    while (str_split(&text, '\n', &line)) {
        s->line++;
        line = str_trim(line);
        if (line.n == 0 || line.p[0] == '#')
            continue;
        bool ok;
        arena_reset(&s->scratch);
        if (!run_step(s, line, &ok))
            return false;
        s->result.passed += ok;
        s->result.failed += !ok;
    }
    return start(s);
}

bool script_run(const struct script_run *run, struct str text, const char *name,
                struct script_result *ret, struct err *e)
{
    struct script s = {.run = run, .name = name, .random = 1, .fatal = e};
    s.now = (struct instant){START_MS, START_OFFSET};
    s.host = (struct host){.now = script_now,
                           .offset = script_offset,
                           .random = script_random,
                           .file = script_file,
                           .verify_ed25519 = script_verify,
                           .property = script_property,
                           .last_saved = script_last_saved};
    s.host.ctx = &s;
    arena_init(&s.scratch);
    make_id(&s);
    size_t bom = str_starts(text, STR("\xEF\xBB\xBF")) ? 3 : 0;
    bool ok = run_lines(&s, str_from(text, bom));
    interview_free(s.iv);
    arena_done(&s.scratch);
    if (ok)
        *ret = s.result;
    return ok;
}
