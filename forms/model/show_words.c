/* Conditions in words. Not a translation of every expression: what has no plain word stays as it is. */
#include "forms/model/show.h"

#include "forms/model/build_i.h"

struct phrase {
    const char *sign, *english, *indonesian;
};

/* Longer signs before their beginnings. */
static const struct phrase phrases[] = {
    {"if", "if", "jika"},
    {"!=", "is not", "bukan"},
    {">=", "is at least", "paling sedikit"},
    {"<=", "is at most", "paling banyak"},
    {"=", "is", "adalah"},
    {">", "is more than", "lebih dari"},
    {"<", "is less than", "kurang dari"},
    {"and", "and", "dan"},
    {"or", "or", "atau"},
    {"not", "not", "tidak"},
    {"div", "/", "/"},
    {"name", "its code", "kodenya"}, /* of a filter's choice */
    {"true()", "yes", "ya"},
    {"false()", "no", "tidak"},
};

struct say {
    const struct form *f;
    struct buf *out;
    uint32_t language;
    const uint32_t *number;
    bool indonesian;
    uint32_t last; /* the question named last: its choices explain codes */
    bool compared; /* a text that follows is an answer, not an argument */
};

static bool word_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || (unsigned char)c >= 0x80;
}

static void put(struct say *s, struct str text)
{
    if (s->out->n > 0 && s->out->p[s->out->n - 1] != ' ' && s->out->p[s->out->n - 1] != '(')
        buf_add_c(s->out, ' ');
    buf_add_str(s->out, text);
}

static void put_reference(struct say *s, struct str name)
{
    uint32_t def = form_find(s->f, name);
    s->last = def;
    uint32_t n = def != DEF_NONE && s->number ? s->number[def] : 0;
    char tmp[ERR_ARG_MAX];
    if (n > 0) {
        put(s, s->indonesian ? STR("no.") : STR("Q"));
        if (s->indonesian)
            buf_add_c(s->out, ' ');
        buf_add_z(s->out, err_num(tmp, n));
    } else {
        put(s, name);
    }
}

static void put_literal(struct say *s, struct str text)
{
    if (text.n == 0) {
        put(s, s->indonesian ? STR("kosong") : STR("blank"));
        return;
    }
    put(s, text);
    uint32_t list = s->last != DEF_NONE ? s->f->nodes[s->last].list : DEF_NONE;
    if (list == DEF_NONE)
        return;
    const struct choice_list *l = s->f->lists[list];
    uint32_t row = choice_find(l, text);
    if (row == DEF_NONE || !l->labels || !l->labels[row])
        return;
    const struct text *t = &l->labels[row][s->language < s->f->n_languages ? s->language : 0];
    if (t->n != 1 || t->runs[0].literal.n > 60)
        return;
    buf_add_z(s->out, " (");
    buf_add_str(s->out, t->runs[0].literal);
    buf_add_c(s->out, ')');
}

static void put_words(struct say *s, const char *english, const char *indonesian)
{
    put(s, str_of(s->indonesian ? indonesian : english));
}

/* selected(${x}, name), of a filter's choice → it is chosen in x. */
static size_t take_chosen(struct say *s, struct str rest, struct str question, size_t at, bool no)
{
    if (!str_starts(str_from(rest, at), STR("name)")))
        return 0;
    if (no)
        put_words(s, "not chosen in", "tidak dipilih di");
    else
        put_words(s, "chosen in", "dipilih di");
    put_reference(s, question);
    return at + sizeof "name)" - 1;
}

/* selected(${x}, 'y') → x includes y; `no`: does not. The bytes taken, or 0. */
static size_t take_selected(struct say *s, struct str rest, bool no)
{
    size_t open = sizeof "selected(" - 1, brace = str_find(rest, '}', 0);
    if (!str_starts(rest, STR("selected(${")) || brace == rest.n)
        return 0;
    size_t comma = str_find(rest, ',', brace), i = comma + 1;
    while (i < rest.n && rest.p[i] == ' ')
        i++;
    struct str question = str_sub(rest, open + 2, brace - open - 2);
    size_t chosen = i < rest.n ? take_chosen(s, rest, question, i, no) : 0;
    if (chosen)
        return chosen;
    if (i >= rest.n || (rest.p[i] != '\'' && rest.p[i] != '"') ||
        str_trim(str_sub(rest, brace + 1, comma - brace - 1)).n > 0)
        return 0;
    size_t end = str_find(rest, rest.p[i], i + 1), close = str_find(rest, ')', end);
    if (close == rest.n)
        return 0;
    put_reference(s, question);
    if (no)
        put_words(s, "does not include", "tidak memuat");
    else
        put_words(s, "includes", "memuat");
    put_literal(s, str_sub(rest, i + 1, end - i - 1));
    return close + 1;
}

/* not(selected(…)) as one saying. */
static size_t take_not_selected(struct say *s, struct str rest)
{
    struct str head = STR("not(");
    size_t n, end = s->out->n;
    if (!str_starts(rest, head))
        return 0;
    n = take_selected(s, str_from(rest, head.n), true);
    if (n && head.n + n < rest.n && rest.p[head.n + n] == ')')
        return head.n + n + 1;
    s->out->n = end;
    return 0;
}

static size_t take_phrase(struct say *s, struct str rest, bool word_before)
{
    for (size_t i = 0; i < sizeof phrases / sizeof phrases[0]; i++) {
        struct str sign = str_of(phrases[i].sign);
        bool word = word_char(sign.p[0]);
        if (!str_starts(rest, sign) ||
            (word && (word_before || (rest.n > sign.n && word_char(rest.p[sign.n])))))
            continue;
        put(s, str_of(s->indonesian ? phrases[i].indonesian : phrases[i].english));
        s->compared = !word;
        return sign.n;
    }
    return 0;
}

void show_condition(const struct form *f, struct str expr, uint32_t language,
                    const uint32_t *number, bool indonesian, struct buf *out)
{
    struct buf words;
    buf_init(&words, LIMIT_CELL_BYTES);
    struct say s = {f, &words, language, number, indonesian, DEF_NONE, false};
    for (size_t i = 0; i < expr.n;) {
        struct str rest = str_from(expr, i);
        char c = rest.p[0];
        bool word_before = i > 0 && word_char(expr.p[i - 1]);
        size_t n = word_before ? 0 : take_selected(&s, rest, false);
        if (n == 0 && !word_before)
            n = take_not_selected(&s, rest);
        if (n == 0)
            n = take_phrase(&s, rest, word_before);
        if (n == 0 && c == '$') {
            n = str_find(rest, '}', 0) + 1;
            put_reference(&s, str_sub(rest, 2, n - 3));
        } else if (n == 0 && (c == '\'' || c == '"')) {
            n = str_find(rest, c, 1) + 1;
            if (s.compared)
                put_literal(&s, str_sub(rest, 1, n - 2));
            else
                put(&s, str_sub(rest, 0, n));
        } else if (n == 0 && c == '.' && !word_before && (rest.n == 1 || !word_char(rest.p[1])) &&
                   !str_starts(rest, STR(".."))) {
            n = 1;
            put(&s, indonesian ? STR("jawaban") : STR("the answer"));
        } else if (n == 0 && word_char(c)) {
            while (n < rest.n && (word_char(rest.p[n]) || rest.p[n] == '.'))
                n++;
            put(&s, str_sub(rest, 0, n));
        } else if (n == 0) {
            n = 1;
            if (c == '(' && i > 0 && !word_before)
                put(&s, STR("("));
            else if (c != ' ')
                buf_add_c(&words, c);
            s.compared = s.compared && c == ' ';
        }
        i += n;
    }
    buf_add_str(out, str_trim(buf_str(&words)));
    buf_done(&words);
}
