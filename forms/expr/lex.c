/* Characters → tokens; see lex.h. */
#include "forms/expr/lex.h"

#include "forms/base/num.h"
#include "forms/base/utf8.h"

#define NBSP 0xA0u

bool lex_is_name_start(uint32_t c)
{
    if (c < 0x80)
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    return (c >= 0xC0 && c <= 0x2FF && c != 0xD7 && c != 0xF7) || (c >= 0x370 && c <= 0x37D) ||
           (c >= 0x37F && c <= 0x1FFF) || c == 0x200C || c == 0x200D ||
           (c >= 0x2070 && c <= 0x218F) || (c >= 0x2C00 && c <= 0x2FEF) ||
           (c >= 0x3001 && c <= 0xD7FF) || (c >= 0xF900 && c <= 0xFDCF) ||
           (c >= 0xFDF0 && c < 0xFFFD && c != 0xFEFF) || (c >= 0x10000 && c <= 0xEFFFF);
}

bool lex_is_name(uint32_t c)
{
    return lex_is_name_start(c) || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == 0xB7 ||
           (c >= 0x300 && c <= 0x36F) || c == 0x203F || c == 0x2040;
}

void lex_place(const struct pos *cell, struct str text, uint32_t byte, struct err *e)
{
    if (cell)
        e->pos = *cell;
    e->pos.offset = (uint32_t)utf8_count(str_sub(text, 0, byte)) + 1;
}

static bool fail(const struct lex *l, uint32_t at, const struct err_kind *kind, struct str arg,
                 struct err *e)
{
    char tmp[ERR_ARG_MAX];
    err_set(e, kind, (const char *const[ERR_ARGS]){err_arg(tmp, arg)}, 0);
    lex_place(l->pos, l->text, at, e);
    return false;
}

static uint32_t peek(const struct lex *l, uint32_t at)
{
    size_t n;
    return at < l->text.n ? utf8_at(l->text, at, &n) : 0;
}

static bool digit(const struct lex *l, uint32_t at)
{
    return at < l->text.n && l->text.p[at] >= '0' && l->text.p[at] <= '9';
}

static void skip_blanks(struct lex *l)
{
    for (;;) {
        uint32_t c = peek(l, l->at);
        if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
            l->at++;
        else if (c == NBSP)
            l->at += 2;
        else
            return;
    }
}

/* The end of the name that begins at `at`; the same when none does. */
static uint32_t name_end(const struct lex *l, uint32_t at)
{
    if (!lex_is_name_start(peek(l, at)))
        return at;
    while (at < l->text.n) {
        size_t n;
        if (!lex_is_name(utf8_at(l->text, at, &n)))
            break;
        at += (uint32_t)n;
    }
    return at;
}

static struct str span(const struct lex *l, uint32_t from, uint32_t to)
{
    return (struct str){l->text.p + from, to - from};
}

/* Digits, at most one point, and an exponent (an extension of ODK's web engine). */
static bool number(struct lex *l, struct token *t, struct err *e)
{
    uint32_t at = l->at;
    while (digit(l, at))
        at++;
    if (peek(l, at) == '.')
        for (at++; digit(l, at);)
            at++;
    if (peek(l, at) == 'e' || peek(l, at) == 'E') {
        uint32_t exp = at + 1;
        exp += peek(l, exp) == '+' || peek(l, exp) == '-';
        if (digit(l, exp)) {
            for (at = exp; digit(l, at);)
                at++;
        }
    }
    t->kind = TOK_NUMBER;
    if (!num_parse(span(l, l->at, at), NUM_EXPONENT, &t->number))
        return fail(l, l->at, &ERR_EXPR_CHARACTER, span(l, l->at, at), e);
    l->at = at;
    return true;
}

static bool quoted(struct lex *l, struct token *t, struct err *e)
{
    size_t end = str_find(l->text, l->text.p[l->at], l->at + 1);
    if (end == l->text.n)
        return fail(l, l->at, &ERR_EXPR_QUOTE, span(l, l->at, l->at + 1), e);
    t->kind = TOK_STRING;
    t->text = span(l, l->at + 1, (uint32_t)end);
    size_t bad;
    if (!utf8_valid(t->text, &bad)) {
        uint32_t at = l->at + 1 + (uint32_t)bad;
        return fail(l, at, &ERR_EXPR_CHARACTER, span(l, at, at + 1), e);
    }
    l->at = (uint32_t)end + 1;
    return true;
}

static bool reference(struct lex *l, struct token *t, struct err *e)
{
    uint32_t from = l->at + 2;
    size_t close = str_find(l->text, '}', from);
    if (peek(l, l->at + 1) != '{' || close == l->text.n)
        return fail(l, l->at, &ERR_EXPR_REF_FORM, span(l, l->at, l->at + 1), e);
    struct str inside = span(l, from, (uint32_t)close);
    t->kind = TOK_REF;
    if (str_starts(inside, STR("last-saved#"))) {
        t->kind = TOK_LAST_SAVED;
        from += sizeof "last-saved#" - 1;
    }
    if (name_end(l, from) != close || from == close)
        return fail(l, l->at, &ERR_EXPR_REF_FORM, inside, e);
    t->text = span(l, from, (uint32_t)close);
    l->at = (uint32_t)close + 1;
    return true;
}

/* An operator that is spelt like a name. `1and1`: what follows the word may be a digit; then the
 * name rule alone would swallow both. */
static bool word_operator(struct lex *l, struct token *t)
{
    static const struct {
        struct str word;
        enum token_kind kind;
    } words[] = {
        {{"and", 3}, TOK_AND}, {{"or", 2}, TOK_OR}, {{"div", 3}, TOK_DIV}, {{"mod", 3}, TOK_MOD}};
    struct str name = span(l, l->at, name_end(l, l->at));
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t n = words[i].word.n;
        if (!str_starts(name, words[i].word))
            continue;
        char next = name.n > n ? name.p[n] : ' ';
        if (next == ' ' || next == '-' || next == '.' || (next >= '0' && next <= '9')) {
            t->kind = words[i].kind;
            l->at += (uint32_t)n;
            return true;
        }
    }
    return false;
}

static bool name(struct lex *l, struct token *t)
{
    uint32_t end = name_end(l, l->at);
    t->kind = TOK_NAME;
    t->prefix = STR("");
    t->text = span(l, l->at, end);
    uint32_t colon = end;
    if (peek(l, end) == ':' && peek(l, end + 1) != ':') {
        uint32_t local = end + 1, local_end = name_end(l, local);
        if (peek(l, local) == '*')
            local_end = local + 1;
        if (local_end > local) {
            t->prefix = t->text;
            t->text = span(l, local, local_end);
            l->at = local_end;
            return true;
        }
    }
    l->at = end;
    while (peek(l, colon) == ' ' || peek(l, colon) == '\t' || peek(l, colon) == '\n')
        colon++;
    if (peek(l, colon) == ':' && peek(l, colon + 1) == ':') {
        t->kind = TOK_AXIS;
        l->at = colon + 2;
    }
    return true;
}

static void sign(struct lex *l, struct token *t, enum token_kind kind, uint32_t length)
{
    t->kind = kind;
    l->at += length;
}

static bool punctuation(struct lex *l, struct token *t, struct err *e)
{
    uint32_t c = peek(l, l->at), d = peek(l, l->at + 1);
    switch (c) {
    case '(': sign(l, t, TOK_OPEN, 1); return true;
    case ')': sign(l, t, TOK_CLOSE, 1); return true;
    case '[': sign(l, t, TOK_OPEN_PREDICATE, 1); return true;
    case ']': sign(l, t, TOK_CLOSE_PREDICATE, 1); return true;
    case ',': sign(l, t, TOK_COMMA, 1); return true;
    case '@': sign(l, t, TOK_AT, 1); return true;
    case '|': sign(l, t, TOK_BAR, 1); return true;
    case '+': sign(l, t, TOK_PLUS, 1); return true;
    case '-': sign(l, t, TOK_MINUS, 1); return true;
    case '=': sign(l, t, TOK_EQ, 1); return true;
    case '.':
        if (d == '.')
            sign(l, t, TOK_DOT_DOT, 2);
        else
            sign(l, t, TOK_DOT, 1);
        return true;
    case '/':
        if (d == '/')
            sign(l, t, TOK_SLASH_SLASH, 2);
        else
            sign(l, t, TOK_SLASH, 1);
        return true;
    case '<':
        if (d == '=')
            sign(l, t, TOK_LE, 2);
        else
            sign(l, t, TOK_LT, 1);
        return true;
    case '>':
        if (d == '=')
            sign(l, t, TOK_GE, 2);
        else
            sign(l, t, TOK_GT, 1);
        return true;
    case '!':
        if (d == '=') {
            sign(l, t, TOK_NE, 2);
            return true;
        }
        break;
    case '*':
        sign(l, t, l->operand ? TOK_TIMES : TOK_NAME, 1);
        t->text = STR("*");
        t->prefix = STR("");
        return true;
    default: break;
    }
    size_t n;
    utf8_at(l->text, l->at, &n);
    return fail(l, l->at, &ERR_EXPR_CHARACTER, span(l, l->at, l->at + (uint32_t)n), e);
}

static bool ends_operand(enum token_kind kind)
{
    return kind == TOK_NUMBER || kind == TOK_STRING || kind == TOK_NAME || kind == TOK_REF ||
           kind == TOK_LAST_SAVED || kind == TOK_CLOSE || kind == TOK_CLOSE_PREDICATE ||
           kind == TOK_DOT || kind == TOK_DOT_DOT;
}

static bool any(struct lex *l, struct token *t, struct err *e)
{
    uint32_t c = peek(l, l->at);
    if (digit(l, l->at) || (c == '.' && digit(l, l->at + 1)))
        return number(l, t, e);
    if (c == '\'' || c == '"')
        return quoted(l, t, e);
    if (c == '$')
        return reference(l, t, e);
    if (lex_is_name_start(c))
        return (l->operand && word_operator(l, t)) || name(l, t);
    return punctuation(l, t, e);
}

bool lex_next(struct lex *l, struct token *ret, struct err *e)
{
    skip_blanks(l);
    struct token t = {.kind = TOK_END, .at = l->at};
    if (l->at < l->text.n && !any(l, &t, e))
        return false;
    l->operand = ends_operand(t.kind);
    *ret = t;
    return true;
}

struct str lex_spelling(const struct lex *l, const struct token *t)
{
    if (t->kind == TOK_END)
        return STR("the end");
    struct lex again = *l;
    again.at = t->at;
    again.operand = t->kind >= TOK_BAR;
    struct token same;
    struct err e = {0};
    if (!lex_next(&again, &same, &e))
        return str_sub(l->text, t->at, 1);
    return span(l, t->at, again.at);
}
