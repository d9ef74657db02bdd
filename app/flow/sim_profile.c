/* Profiles: lines to numbers and answers; see sim_profile.h. */
#include "app/flow/sim_profile.h"

#include "forms/base/date.h"
#include "forms/base/num.h"

struct line {
    uint32_t number;
    struct arena *a;
    struct err *e;
};

static bool wrong(const struct line *l, const char *what)
{
    char n[ERR_ARG_MAX];
    return err_fail2(l->e, ERR_PROFILE_LINE, err_num(n, l->number), what);
}

static bool wrong_word(const struct line *l, const char *before, struct str word)
{
    struct buf b;
    char what[ERR_ARG_MAX];
    buf_init(&b, 4096);
    buf_add_z(&b, before);
    buf_add_c(&b, '"');
    buf_add_str(&b, word);
    buf_add_c(&b, '"');
    err_arg(what, buf_str(&b));
    buf_done(&b);
    return wrong(l, what);
}

/* ---- words ---- */

/* A run of non-blanks, or "…" with \" \\ and \n. *ret_quoted tells `if` from "if". */
static bool next_word(const struct line *l, struct str *rest, struct str *ret, bool *ret_quoted)
{
    *rest = str_trim(*rest);
    *ret_quoted = rest->n > 0 && rest->p[0] == '"';
    if (!*ret_quoted)
        return str_word(rest, ret);
    char *out = arena_alloc(l->a, rest->n);
    size_t n = 0, i = 1;
    for (; i < rest->n && rest->p[i] != '"'; i++) {
        char c = rest->p[i];
        if (c == '\\' && i + 1 < rest->n) {
            c = rest->p[++i];
            c = c == 'n' ? '\n' : c;
        }
        out[n++] = c;
    }
    if (i == rest->n)
        return false;
    *ret = (struct str){out, n};
    *rest = str_from(*rest, i + 1);
    return true;
}

static bool next_number(const struct line *l, struct str *rest, double *ret)
{
    struct str word;
    bool quoted;
    return next_word(l, rest, &word, &quoted) && num_parse(word, 0, ret);
}

/* ---- one answer ---- */

/* CODE or CODE:WEIGHT; of a quoted code the weight stands behind the quote. */
static bool read_choice(const struct line *l, struct str word, bool quoted, struct str *rest,
                        struct sim_choice *ret)
{
    size_t colon = quoted ? word.n : str_find(word, ':', 0);
    struct str weight = colon < word.n ? str_from(word, colon + 1) : (struct str){NULL, 0};
    *ret = (struct sim_choice){arena_str(l->a, str_sub(word, 0, colon)), 1};
    if (quoted && rest->n > 0 && rest->p[0] == ':') {
        *rest = str_from(*rest, 1);
        if (!str_word(rest, &weight))
            weight = STR("");
    }
    if (weight.p && (!num_parse(weight, 0, &ret->weight) || ret->weight < 0))
        return wrong_word(l, "no weight: ", weight);
    return ret->code.n > 0 || wrong_word(l, "no code: ", word);
}

static bool read_choices(const struct line *l, struct str rest, bool weighted,
                         struct sim_answer *ret)
{
    ret->choices = ARENA_ARRAY(l->a, struct sim_choice, rest.n / 2 + 1);
    while ((rest = str_trim(rest)).n > 0) {
        struct str word;
        bool quoted;
        if (!next_word(l, &rest, &word, &quoted))
            return wrong(l, "a quoted text that does not end");
        if (!quoted && str_is(word, "if")) {
            ret->when = arena_str(l->a, str_trim(rest));
            return ret->when.n > 0 || wrong(l, "no condition behind \"if\"");
        }
        struct sim_choice *to = &ret->choices[ret->n++];
        if (weighted ? !read_choice(l, word, quoted, &rest, to) : word.n == 0)
            return weighted ? false : wrong(l, "an empty text");
        if (!weighted)
            *to = (struct sim_choice){arena_str(l->a, word), 1};
    }
    return true;
}

static bool read_distribution(const struct line *l, struct str rest, struct sim_answer *ret)
{
    if (!next_number(l, &rest, &ret->a) || !next_number(l, &rest, &ret->b))
        return wrong(l, "two numbers belong behind \"uniform\" and \"normal\"");
    if (ret->how == SIM_UNIFORM ? ret->b < ret->a : ret->b < 0)
        return wrong(l, "the second number is too small");
    if (!read_choices(l, rest, false, ret))
        return false;
    return ret->n == 0 || wrong_word(l, "too much: ", ret->choices[0].code);
}

static bool all_weights_zero(const struct sim_answer *a)
{
    double sum = 0;
    for (size_t i = 0; i < a->n; i++)
        sum += a->choices[i].weight;
    return !(sum > 0);
}

static bool read_answer(const struct line *l, struct str value, struct sim_answer *ret)
{
    static const struct {
        const char *word;
        enum sim_how how;
    } hows[] = {{"uniform", SIM_UNIFORM},
                {"normal", SIM_NORMAL},
                {"text", SIM_TEXT},
                {"enumerator", SIM_ENUMERATOR}};
    struct str rest = value, word = STR("");
    ret->how = SIM_WEIGHTS;
    (void)str_word(&rest, &word);
    for (size_t i = 0; i < sizeof hows / sizeof *hows; i++)
        if (str_is(word, hows[i].word))
            ret->how = hows[i].how;
    if (ret->how == SIM_UNIFORM || ret->how == SIM_NORMAL)
        return read_distribution(l, rest, ret);
    bool weighted = ret->how == SIM_WEIGHTS;
    if (!read_choices(l, weighted ? value : rest, weighted, ret))
        return false;
    if (ret->how != SIM_ENUMERATOR && (ret->n == 0 || all_weights_zero(ret)))
        return wrong(l, "no answer is left");
    return true;
}

/* ---- lines ---- */

static const struct {
    const char *name;
    double standard, least, most;
} keys[SIM_KEYS] = {
#define KEY(name, standard, least, most, says) {#name, standard, least, most},
#include "app/flow/sim_keys.def"
#undef KEY
};

static bool read_start(const struct line *l, struct str value, struct sim_profile *p)
{
    struct civil c;
    double year, month, day;
    struct str rest = value, y, m, d;
    if (!str_split(&rest, '-', &y) || !str_split(&rest, '-', &m) || !str_split(&rest, '-', &d) ||
        rest.p || !num_parse(y, 0, &year) || !num_parse(m, 0, &month) || !num_parse(d, 0, &day))
        return wrong_word(l, "no date: ", value);
    bool in_range = year >= 1970 && year <= 9999 && month >= 1 && month <= 12 && day >= 1;
    if (in_range)
        c = (struct civil){.year = (int64_t)year, .month = (int)month, .day = (int)day};
    if (!in_range || day > date_days_in_month(c.year, c.month))
        return wrong_word(l, "no date: ", value);
    p->start_day = date_days(c.year, c.month, c.day);
    return true;
}

static bool read_number(const struct line *l, struct str key, struct str value,
                        struct sim_profile *p)
{
    for (size_t i = 0; i < SIM_KEYS; i++) {
        double x;
        if (!str_is(key, keys[i].name))
            continue;
        if (!num_parse(value, 0, &x) || x < keys[i].least || x > keys[i].most)
            return wrong_word(l, "the number is out of its range: ", value);
        p->number[i] = x;
        return true;
    }
    return wrong_word(l, "an unknown key: ", key);
}

static bool read_line(const struct line *l, struct str text, struct sim_profile *p,
                      struct sim_answer *answer, bool *ret_answer)
{
    struct str value = text, key;
    if (str_find(text, '=', 0) == text.n || !str_split(&value, '=', &key))
        return wrong_word(l, "not \"key = value\": ", text);
    key = str_trim(key);
    value = str_trim(value);
    *ret_answer = str_starts(key, STR("answer."));
    if (*ret_answer) {
        answer->name = arena_str(l->a, str_from(key, 7));
        answer->line = l->number;
        return read_answer(l, value, answer);
    }
    return str_is(key, "start") ? read_start(l, value, p) : read_number(l, key, value, p);
}

void sim_profile_init(struct sim_profile *p)
{
    *p = (struct sim_profile){.start_day = date_days(2026, 3, 2)};
    arena_init(&p->arena);
    for (size_t i = 0; i < SIM_KEYS; i++)
        p->number[i] = keys[i].standard;
}

void sim_profile_done(struct sim_profile *p)
{
    arena_done(&p->arena);
}

bool sim_profile_read(struct sim_profile *p, struct str text, struct err *e)
{
    struct line l = {0, &p->arena, e};
    struct str rest = text, line;
    size_t lines = 1;
    for (size_t i = 0; i < text.n; i++)
        lines += text.p[i] == '\n';
    struct sim_answer *answers = ARENA_ARRAY(&p->arena, struct sim_answer, p->n_answers + lines);
    if (p->n_answers)
        memcpy(answers, p->answers, p->n_answers * sizeof *answers);
    p->answers = answers;
    while (str_split(&rest, '\n', &line)) {
        bool answer = false;
        l.number++;
        line = str_trim(line);
        if (line.n == 0 || line.p[0] == '#')
            continue;
        if (!read_line(&l, line, p, &answers[p->n_answers], &answer))
            return false;
        p->n_answers += answer;
    }
    return true;
}
