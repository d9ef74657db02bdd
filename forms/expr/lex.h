/* Characters → tokens. What a name or a star means depends on what stands before it (XPath 1.0
 * §3.7): `and or div mod *` are operators exactly where an operand precedes, so a question may be
 * called `div` and `1and1` is two ones. White space separates, no-break space included
 * (spreadsheets leave it). */
#ifndef FORMS_EXPR_LEX_H
#define FORMS_EXPR_LEX_H

#include <stdbool.h>
#include <stdint.h>

#include "forms/base/err.h"
#include "forms/base/str.h"

enum token_kind {
    TOK_END,
    TOK_NUMBER,
    TOK_STRING,     /* text: between the quotes */
    TOK_NAME,       /* text: local name or *, prefix: before the colon or "" */
    TOK_REF,        /* ${text} */
    TOK_LAST_SAVED, /* ${last-saved#text} */
    TOK_AXIS,       /* text: name before :: */
    TOK_OPEN,
    TOK_CLOSE,
    TOK_OPEN_PREDICATE,
    TOK_CLOSE_PREDICATE,
    TOK_DOT,
    TOK_DOT_DOT,
    TOK_AT,
    TOK_COMMA,
    TOK_SLASH,
    TOK_SLASH_SLASH,
    TOK_BAR,
    TOK_PLUS,
    TOK_MINUS,
    TOK_TIMES,
    TOK_DIV,
    TOK_MOD,
    TOK_EQ,
    TOK_NE,
    TOK_LT,
    TOK_LE,
    TOK_GT,
    TOK_GE,
    TOK_AND,
    TOK_OR,
};

struct token {
    enum token_kind kind;
    uint32_t at; /* byte offset in the text */
    struct str text, prefix;
    double number;
};

struct lex {
    struct str text;
    uint32_t at;
    bool operand; /* the token before ends an operand */
    const struct pos *pos;
};

/* The next token, or false with ERR_EXPR_… at its place. */
MUST_USE bool lex_next(struct lex *l, struct token *ret, struct err *e);
/* Puts the position of a byte of the text into the error: cell and 1-based character. */
void lex_place(const struct pos *cell, struct str text, uint32_t byte, struct err *e);
/* What the token looks like, for messages: its own characters. */
struct str lex_spelling(const struct lex *l, const struct token *t);
bool lex_is_name_start(uint32_t c);
bool lex_is_name(uint32_t c);

#endif
