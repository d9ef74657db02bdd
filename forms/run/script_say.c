/* What a form script says of what is wrong, and its words as what they stand for; see script_i.h. */
#include "forms/run/script_i.h"

#define LINE_MAX_SHOWN ((size_t)4 << 10)

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

void script_add_words(struct buf *out, const struct words *w, size_t from)
{
    for (size_t i = from; i < w->n; i++) {
        if (i > from)
            buf_add_c(out, ' ');
        add_word(out, w->v[i]);
    }
}

bool script_fail(struct script *s, struct str expected, struct str found)
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

bool script_fail_err(struct script *s, const char *expected, const struct err *e)
{
    struct buf text;
    buf_init(&text, LINE_MAX_SHOWN);
    err_text(e, NULL, &text);
    script_fail(s, str_of(expected), buf_str(&text));
    buf_done(&text);
    return false;
}

bool script_refused(struct script *s, const struct err *e)
{
    struct buf b;
    buf_init(&b, LINE_MAX_SHOWN);
    buf_add_z(&b, "\"");
    script_add_words(&b, &s->words, 0);
    buf_add_z(&b, "\" to work");
    script_fail_err(s, buf_str(&b).p, e);
    buf_done(&b);
    return false;
}

bool script_compare(struct script *s, struct str expected, struct str found)
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
    script_fail(s, buf_str(&a), buf_str(&b));
    buf_done(&a);
    buf_done(&b);
    return false;
}

/* ---- words as places, numbers, answers ---- */

bool script_find(struct script *s, size_t i, struct place *ret)
{
    if (place_parse(s->run->form, word(s, i), ret))
        return true;
    return script_fail(s, STR("a path or a unique name of the form"), word(s, i));
}

bool script_yes_no(struct script *s, size_t i, bool *ret)
{
    *ret = str_is(word(s, i), "yes");
    return *ret || str_is(word(s, i), "no") || script_fail(s, STR("yes or no"), word(s, i));
}

bool script_compare_words(struct script *s, struct str expected, struct buf *found)
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
    bool ok = script_compare(s, buf_str(&one), buf_str(&two));
    buf_done(&one);
    buf_done(&two);
    return ok;
}
