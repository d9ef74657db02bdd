/* The linear interview: its loop and its commands; see linear.h. */
#include "app/ui/linear.h"

#include <stdlib.h>

#include "app/tr.h"
#include "app/ui/linear_i.h"
#include "forms/base/num.h"
#include "forms/base/utf8.h"

/* ---- moving ---- */

/* A read place may have gone (an instance removed, a question no longer asked). */
static bool is_asked(struct linear *l, const struct place *p)
{
    struct node_state st = interview_state(l->iv, p);
    return p->def != DEF_NONE && st.exists && st.relevant;
}

static void go_to(struct linear *l, const struct place *p, bool remember)
{
    if (remember && !l->at_end && l->at.def != DEF_NONE) {
        l->visited = mem_grow(l->visited, l->n_visited, &l->cap_visited, sizeof *l->visited);
        l->visited[l->n_visited++] = l->at;
    }
    l->at = *p;
    l->at_end = l->said = false;
    session_move(l->s, p, STR(""));
}

static void go_on(struct linear *l)
{
    struct place p = l->at;
    if (!l->at_end && interview_next(l->iv, &p, 0)) {
        go_to(l, &p, true);
        return;
    }
    if (!l->at_end && l->at.def != DEF_NONE) {
        l->visited = mem_grow(l->visited, l->n_visited, &l->cap_visited, sizeof *l->visited);
        l->visited[l->n_visited++] = l->at;
    }
    l->at_end = true;
    l->said = false;
}

static void go_back(struct linear *l)
{
    struct place p = l->at;
    while (l->n_visited > 0) {
        struct place last = l->visited[--l->n_visited];
        if (is_asked(l, &last)) {
            go_to(l, &last, false);
            return;
        }
    }
    if (l->at_end)
        p = PLACE_NONE;
    if (interview_prev(l->iv, &p, 0))
        go_to(l, &p, false);
    else
        linear_say(l, 0, str_of(_("This is the first question.")));
}

/* ---- an answer ---- */

static void say_warnings(struct linear *l)
{
    for (uint32_t i = 0;; i++) {
        buf_clear(&l->text);
        if (!interview_warning(l->iv, &l->at, i, &l->text))
            break;
        linear_say(l, 0, buf_str(&l->text));
    }
    linear_say(l, 0, str_of(_("Is it so? Enter keeps the answer, or type another.")));
}

/* Forward only from what is complete; back is always open. */
static void leave(struct linear *l)
{
    struct node_state st = interview_state(l->iv, &l->at);
    if (!st.complete) {
        buf_clear(&l->text);
        if (!interview_message(l->iv, &l->at, &l->text))
            buf_add_z(&l->text, N_("The answer is not valid."));
        linear_say(l, 0, str_of(tr(l->text.p)));
        return;
    }
    if (st.warns && !st.confirmed) {
        say_warnings(l);
        return;
    }
    go_on(l);
}

static bool can_be_answered(const struct form_node *n, const struct node_state *st)
{
    return n->type != TYPE_NOTE && n->type != TYPE_REPEAT && n->type != TYPE_GROUP && !st->readonly;
}

static void keep(struct linear *l)
{
    struct node_state st = interview_state(l->iv, &l->at);
    struct changes changes;
    struct err e = {0};
    if (st.warns && !st.confirmed && st.complete) {
        if (!session_confirm(l->s, &l->at, &changes, &e)) {
            linear_error(l, &e);
            return;
        }
    }
    leave(l);
}

static void add_instance(struct linear *l)
{
    struct place at, p;
    struct changes changes;
    struct err e = {0};
    if (!session_add(l->s, &l->at, &at, &changes, &e)) {
        linear_error(l, &e);
        return;
    }
    p = at;
    if (interview_next(l->iv, &p, 0))
        go_to(l, &p, true);
}

/* The path of a file: it is read and sealed. */
static bool put(struct linear *l, const struct buf *text, struct changes *changes, struct err *e)
{
    if (l->form->nodes[l->at.def].type != TYPE_FILE)
        return session_set(l->s, &l->at, buf_str(text), changes, e);
    return session_attach(l->s, &l->at, text->p, NULL, NULL, changes, e);
}

static void answer(struct linear *l, struct str line)
{
    const struct form_node *n = &l->form->nodes[l->at.def];
    struct node_state st = interview_state(l->iv, &l->at);
    struct changes changes;
    struct err e = {0};
    struct buf text;
    if (l->at.whole && str_is(str_trim(line), "+")) {
        add_instance(l);
        return;
    }
    if (line.n == 0 || !can_be_answered(n, &st)) {
        keep(l);
        return;
    }
    buf_init(&text, LIMIT_ANSWER_BYTES + 1);
    if (linear_typed(l, line, &text)) {
        if (put(l, &text, &changes, &e))
            leave(l);
        else
            linear_error(l, &e);
    }
    buf_wipe_done(&text);
}

/* ---- commands ---- */

static void failed(struct linear *l, bool ok, const struct err *e)
{
    if (!ok)
        linear_error(l, e);
}

static void missing(struct linear *l, enum missing kind)
{
    struct changes changes;
    struct err e = {0};
    if (session_set_missing(l->s, &l->at, kind, &changes, &e))
        leave(l);
    else
        linear_error(l, &e);
}

static void cmd_back(struct linear *l, struct str arg)
{
    (void)arg;
    go_back(l);
}

static void cmd_next(struct linear *l, struct str arg)
{
    (void)arg;
    leave(l);
}

static void cmd_dk(struct linear *l, struct str arg)
{
    (void)arg;
    missing(l, MISSING_DK);
}

static void cmd_refused(struct linear *l, struct str arg)
{
    (void)arg;
    missing(l, MISSING_REFUSED);
}

static void cmd_na(struct linear *l, struct str arg)
{
    (void)arg;
    missing(l, MISSING_NA);
}

static void cmd_clear(struct linear *l, struct str arg)
{
    struct changes changes;
    struct err e = {0};
    (void)arg;
    failed(l, session_clear(l->s, &l->at, &changes, &e), &e);
}

/* ":note" says it, ":note -" takes it away. */
static void cmd_note(struct linear *l, struct str arg)
{
    struct err e = {0};
    if (arg.n)
        failed(l, session_note(l->s, &l->at, str_is(arg, "-") ? STR("") : arg, &e), &e);
}

static void cmd_goto(struct linear *l, struct str arg)
{
    struct place p, on;
    if (!place_parse(l->form, arg, &p) || !is_asked(l, &p)) {
        linear_say(l, 0, str_of(_("There is no such question, or it is not asked here.")));
        return;
    }
    on = p;
    const struct form_node *n = &l->form->nodes[p.def];
    bool container = n->type == TYPE_GROUP || (n->type == TYPE_REPEAT && !p.whole);
    if (container && !interview_next(l->iv, &on, 0))
        return;
    go_to(l, container ? &on : &p, true);
}

static void cmd_open(struct linear *l, struct str arg)
{
    struct place p;
    (void)arg;
    if (interview_first_open(l->iv, NULL, true, &p))
        go_to(l, &p, true);
    else
        linear_say(l, 0, str_of(_("Every question is answered.")));
}

static bool is_language(const struct language *g, struct str arg)
{
    return str_eq_nocase(g->code, arg) || str_eq_nocase(g->name, arg);
}

static void cmd_lang(struct linear *l, struct str arg)
{
    struct changes changes;
    struct err e = {0};
    uint32_t to = (interview_language(l->iv) + 1) % l->form->n_languages;
    for (uint32_t i = 0; arg.n && i < l->form->n_languages; i++)
        if (is_language(&l->form->languages[i], arg))
            to = i;
    failed(l, session_set_language(l->s, to, &changes, &e), &e);
    (void)tr_choose(l->form->languages[to].code);
    l->section = DEF_NONE;
}

/* To the question whose answer came back. */
static void after_undo(struct linear *l, const struct changes *c)
{
    for (size_t i = 0; i < c->n; i++) {
        struct place p = c->v[i].place;
        enum node_type type = l->form->nodes[p.def].type;
        bool question = type != TYPE_CALCULATE && type != TYPE_META && type != TYPE_HIDDEN &&
                        type != TYPE_GROUP && (type != TYPE_REPEAT || p.whole);
        if (c->v[i].what & (CHANGED_VALUE | CHANGED_INSTANCES) && question && is_asked(l, &p)) {
            go_to(l, &p, false);
            return;
        }
    }
    if (!l->at_end && !is_asked(l, &l->at))
        go_back(l);
}

static void cmd_undo(struct linear *l, struct str arg)
{
    struct changes changes;
    struct err e = {0};
    (void)arg;
    if (session_undo(l->s, &changes, &e))
        after_undo(l, &changes);
    else
        linear_error(l, &e);
}

static void cmd_redo(struct linear *l, struct str arg)
{
    struct changes changes;
    struct err e = {0};
    (void)arg;
    if (session_redo(l->s, &changes, &e))
        after_undo(l, &changes);
    else
        linear_error(l, &e);
}

static void cmd_choices(struct linear *l, struct str arg)
{
    linear_choices(l, arg);
}

static void cmd_more(struct linear *l, struct str arg)
{
    (void)arg;
    buf_clear(&l->text);
    if (!interview_text(l->iv, &l->at, TEXT_GUIDANCE, &l->text))
        buf_add_z(&l->text, _("There is no more to read about this question."));
    linear_say(l, 4, buf_str(&l->text));
}

static void cmd_add(struct linear *l, struct str arg)
{
    (void)arg;
    add_instance(l);
}

static void cmd_remove(struct linear *l, struct str arg)
{
    struct place p = l->at;
    uint64_t n;
    struct changes changes;
    struct err e = {0};
    if (!p.whole || !num_parse_uint(arg, &n) || n < 1 || n > interview_instances(l->iv, &p)) {
        linear_say(l, 0, str_of(_("At the end of a list: :remove and the number of the row.")));
        return;
    }
    p.whole = false;
    p.index[p.depth++] = (uint32_t)n - 1;
    failed(l, session_remove(l->s, &p, &changes, &e), &e);
}

static bool outcome_of(struct str arg, int *ret, struct str *ret_rest)
{
    struct str word;
    uint64_t n;
    *ret_rest = arg;
    if (!str_word(ret_rest, &word) || !num_parse_uint(word, &n) || n < 1 || n > 8)
        return false;
    *ret = (int)n;
    *ret_rest = str_trim(*ret_rest);
    return true;
}

static void say_outcomes(struct linear *l)
{
    linear_say(l, 0,
               str_of(_("Outcomes: 1 complete, 2 partly, 3 nobody who can answer, 4 refused, "
                        "5 moved or gone, 6 not eligible, 7 postponed, 8 ill.")));
}

static void cmd_outcome(struct linear *l, struct str arg)
{
    struct changes changes;
    struct err e = {0};
    struct str rest;
    int code;
    if (outcome_of(arg, &code, &rest))
        failed(l, session_outcome(l->s, code, &changes, &e), &e);
    else
        say_outcomes(l);
}

static void cmd_visit(struct linear *l, struct str arg)
{
    struct err e = {0};
    struct str rest;
    int code;
    if (outcome_of(arg, &code, &rest))
        failed(l, session_visit(l->s, code, 0, rest, &e), &e);
    else
        say_outcomes(l);
}

/* A form without an outcome question that is finished here is complete, unless it was said otherwise. */
static bool settle_outcome(struct linear *l, struct err *e)
{
    struct changes changes;
    if (l->form->outcome != DEF_NONE || interview_outcome(l->iv) != 0)
        return true;
    return session_outcome(l->s, 1, &changes, e);
}

static void cmd_finish(struct linear *l, struct str arg)
{
    struct place at = PLACE_NONE;
    struct hash32 rev;
    struct err e = {0};
    (void)arg;
    if (settle_outcome(l, &e) && session_finalise(l->s, &at, &rev, &e)) {
        buf_clear(&l->text);
        buf_add_z(&l->text, _("Finished. The respondent's code: "));
        session_code(l->s, &l->text);
        linear_say(l, 0, buf_str(&l->text));
        l->end = LINEAR_FINISHED;
        l->done = true;
        return;
    }
    if (at.def == DEF_NONE) {
        linear_error(l, &e);
        return;
    }
    linear_say(l, 0, str_of(_("Not finished yet: this question is not complete.")));
    go_to(l, &at, true);
    buf_clear(&l->text);
    if (interview_message(l->iv, &at, &l->text))
        linear_say(l, 0, str_of(tr(l->text.p)));
}

static void cmd_void(struct linear *l, struct str arg)
{
    struct err e = {0};
    if (arg.n == 0) {
        linear_say(l, 0, str_of(_("Say why: :void REASON")));
    } else if (session_void(l->s, arg, &e)) {
        l->end = LINEAR_VOIDED;
        l->done = true;
    } else {
        linear_error(l, &e);
    }
}

static void cmd_quit(struct linear *l, struct str arg)
{
    (void)arg;
    l->done = true;
}

static void cmd_help(struct linear *l, struct str arg);

enum {
    ANYWHERE = 0,
    AT_QUESTION = 1, /* not behind the last one */
};

/* clang-format off */
static const struct command {
    const char *name, *words, *help;
    unsigned where;
    bool redraws; /* the question is printed again behind it */
    void (*run)(struct linear *l, struct str arg);
} commands[] = {
    {"back", "", N_("to the question before"), ANYWHERE, false, cmd_back},
    {"next", "", N_("to the next question, the answer as it is"), AT_QUESTION, false, cmd_next},
    {"dk", "", N_("don't know"), AT_QUESTION, false, cmd_dk},
    {"refused", "", N_("refused to answer"), AT_QUESTION, false, cmd_refused},
    {"na", "", N_("not applicable"), AT_QUESTION, false, cmd_na},
    {"clear", "", N_("takes the answer away"), AT_QUESTION, true, cmd_clear},
    {"choices", N_("[TEXT]"), N_("all choices, or those that hold the text"), AT_QUESTION, false, cmd_choices},
    {"more", "", N_("what the form explains about the question"), AT_QUESTION, false, cmd_more},
    {"note", N_("TEXT"), N_("a note on this question; - removes it"), AT_QUESTION, true, cmd_note},
    {"add", "", N_("one more row of a list"), AT_QUESTION, true, cmd_add},
    {"remove", N_("N"), N_("takes row N out of a list"), AT_QUESTION, true, cmd_remove},
    {"goto", N_("NAME"), N_("to the question of that name"), ANYWHERE, false, cmd_goto},
    {"open", "", N_("to the first question that is not complete"), ANYWHERE, false, cmd_open},
    {"lang", N_("[LANGUAGE]"), N_("another language"), ANYWHERE, true, cmd_lang},
    {"undo", "", N_("takes the last change back"), ANYWHERE, true, cmd_undo},
    {"redo", "", N_("does it again"), ANYWHERE, true, cmd_redo},
    {"outcome", N_("N"), N_("how the interview ended"), ANYWHERE, true, cmd_outcome},
    {"visit", N_("N [REMARK]"), N_("notes a visit that came to outcome N"), ANYWHERE, false, cmd_visit},
    {"finish", "", N_("finishes the interview"), ANYWHERE, false, cmd_finish},
    {"void", N_("REASON"), N_("discards an interview begun in error"), ANYWHERE, false, cmd_void},
    {"quit", "", N_("pauses: the draft stays at this question"), ANYWHERE, false, cmd_quit},
    {"help", "", N_("these commands"), ANYWHERE, false, cmd_help},
};
/* clang-format on */
#define COMMANDS (sizeof commands / sizeof *commands)

static void cmd_help(struct linear *l, struct str arg)
{
    (void)arg;
    for (size_t i = 0; i < COMMANDS; i++) {
        const char *words = commands[i].words[0] ? tr(commands[i].words) : "";
        buf_clear(&l->text);
        buf_printf(&l->text, ":%s %s  ", commands[i].name, words);
        buf_add_z(&l->text, tr(commands[i].help));
        linear_say(l, 0, buf_str(&l->text));
    }
    linear_say(l, 0, str_of(_("An answer that begins with a colon is typed with two: ::")));
    linear_say(l, 0, str_of(_("A line that ends with a backslash goes on in the next.")));
}

/* The whole name, or a beginning that only one has. */
static const struct command *command_named(struct str name)
{
    const struct command *found = NULL;
    for (size_t i = 0; i < COMMANDS; i++) {
        if (str_is(name, commands[i].name))
            return &commands[i];
        if (name.n && str_starts(str_of(commands[i].name), name)) {
            if (found)
                return NULL;
            found = &commands[i];
        }
    }
    return found;
}

static void command(struct linear *l, struct str line)
{
    size_t blank = str_find(line, ' ', 0);
    const struct command *c = command_named(str_sub(line, 0, blank));
    if (!c)
        linear_say(l, 0, str_of(_("There is no such command; :help lists them.")));
    else if (c->where == AT_QUESTION && l->at_end)
        linear_say(l, 0, str_of(_("This needs a question; :back goes to the last one.")));
    else
        c->run(l, str_trim(str_from(line, blank)));
    if (c && c->redraws)
        l->said = false;
}

/* ---- lines ---- */

/* A line without its end, joined with the next while it ends with a backslash. False: no more input. */
static bool read_line(struct linear *l, struct buf *ret)
{
    char *line = NULL;
    size_t cap = 0;
    bool any = false, more = true;
    buf_clear(ret);
    while (more) {
        ssize_t got = getline(&line, &cap, l->in);
        if (got < 0)
            break;
        any = true;
        struct str s = {line, (size_t)got};
        while (s.n && (s.p[s.n - 1] == '\n' || s.p[s.n - 1] == '\r'))
            s.n--;
        more = s.n > 0 && s.p[s.n - 1] == '\\';
        buf_add_str(ret, more ? str_sub(s, 0, s.n - 1) : s);
        if (more)
            buf_add_c(ret, '\n');
        crypt_wipe(line, (size_t)got);
    }
    free(line);
    return any;
}

static void say_end(struct linear *l)
{
    fputc('\n', l->out);
    linear_say(l, 0,
               str_of(_("This was the last question. :finish finishes, :back goes back, "
                        ":quit pauses.")));
}

static void take(struct linear *l, const struct buf *line)
{
    struct str s = buf_str(line);
    if (line->full)
        linear_say(l, 0, str_of(_("The line is too long.")));
    else if (!utf8_valid(s, NULL))
        linear_say(l, 0, str_of(_("The line is not valid UTF-8.")));
    else if (str_starts(s, STR("::")))
        answer(l, str_from(s, 1));
    else if (s.n && s.p[0] == ':')
        command(l, str_from(s, 1));
    else if (!l->at_end)
        answer(l, s);
}

/* Three lines in a row that led nowhere: whoever is lost is told the ways out. */
static void offer_help(struct linear *l, const struct place *before, struct str line)
{
    bool command = line.n && line.p[0] == ':';
    bool stuck = !command && !l->done && !l->at_end && l->said && place_eq(before, &l->at);

    l->refused = stuck ? l->refused + 1 : 0;
    if (l->refused < 3)
        return;
    l->refused = 0;
    linear_say(l, 0,
               str_of(_(":more explains the question, :next leaves it for later, :help lists the "
                        "commands.")));
}

static bool begin(struct linear *l)
{
    struct place p = PLACE_NONE;
    if (session_cursor(l->s, &p, NULL) && is_asked(l, &p)) {
        go_to(l, &p, false);
        return true;
    }
    p = PLACE_NONE;
    if (!interview_next(l->iv, &p, 0))
        return false;
    go_to(l, &p, false);
    return true;
}

static bool at_note(const struct linear *l)
{
    return !l->at_end && l->at.def != DEF_NONE && l->form->nodes[l->at.def].type == TYPE_NOTE;
}

/* A disk that refuses the cursor's place loses nothing: it is said, and goes on when there is room. Past a
 * note there was no answer that the place goes with. */
static void flush(struct linear *l, bool now)
{
    struct err e = {0};
    if (!session_flush(l->s, now, &e))
        linear_error(l, &e);
}

/* What the form could not compute, by its own fault. */
static void say_fault(struct linear *l)
{
    struct err e = {0};
    if (interview_fault(l->iv, &e))
        return;
    buf_clear(&l->text);
    buf_printf(&l->text, "%s: ", _("A fault in the form"));
    err_text(&e, tr, &l->text);
    linear_say(l, 0, buf_str(&l->text));
    linear_say(l, 0,
               str_of(_("What could not be computed stays blank. The interview can go on; tell "
                        "the office of this fault.")));
}

bool linear_run(struct session *s, FILE *in, FILE *out, enum linear_end *ret, struct err *e)
{
    struct linear l = {.s = s,
                       .iv = session_interview(s),
                       .form = session_form(s),
                       .in = in,
                       .out = out,
                       .at = PLACE_NONE,
                       .section = DEF_NONE,
                       .end = LINEAR_PAUSED};
    struct buf line;
    buf_init(&line, LIMIT_ANSWER_BYTES);
    buf_init(&l.text, LIMIT_ANSWER_BYTES);
    linear_say(&l, 0, l.form->title);
    say_fault(&l);
    l.at_end = !begin(&l);
    while (!l.done) {
        if (!l.said && l.at_end)
            say_end(&l);
        else if (!l.said)
            linear_question(&l);
        l.said = true;
        fputs("> ", l.out);
        fflush(l.out);
        if (!read_line(&l, &line)) {
            l.end = LINEAR_ENDED;
            break;
        }
        struct place before = l.at;
        bool note = at_note(&l);
        take(&l, &line);
        offer_help(&l, &before, buf_str(&line));
        flush(&l, note);
        say_fault(&l);
    }
    fputc('\n', l.out);
    bool ok = fflush(out) == 0 && !ferror(out);
    buf_wipe_done(&line);
    buf_wipe_done(&l.text);
    mem_free(l.visited);
    *ret = l.end;
    if (l.stopped.kind) {
        *e = l.stopped;
        return false;
    }
    return ok || err_fail(e, ERR_STDOUT);
}
