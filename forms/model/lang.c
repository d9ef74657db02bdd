/* Languages; see lang.h. */
#include "forms/model/build_i.h"

#define LIMIT_LANGUAGES 64

struct found {
    struct language *v;
    size_t n, cap;
};

static bool is_translatable(enum column_id id)
{
    return id == COL_LABEL || id == COL_HINT || id == COL_GUIDANCE || id == COL_REQUIRED_MESSAGE ||
           id == COL_CONSTRAINT_MESSAGE || id == COL_MEDIA;
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* "English (en)" → en; two or three letters, then perhaps - and more. */
static struct str code_of(struct str name)
{
    if (name.n < 4 || name.p[name.n - 1] != ')')
        return (struct str){"", 0};
    size_t open = name.n - 1;
    while (open > 0 && name.p[open - 1] != '(')
        open--;
    struct str code = str_sub(name, open, name.n - 1 - open);
    for (size_t i = 0; i < code.n; i++) {
        char c = code.p[i];
        if (!is_letter(c) && !(c >= '0' && c <= '9') && c != '-')
            return (struct str){"", 0};
    }
    size_t primary = 0;
    while (primary < code.n && is_letter(code.p[primary]))
        primary++;
    bool good = (primary == 2 || primary == 3) && (primary == code.n || code.p[primary] == '-');
    return open > 0 && good ? code : (struct str){"", 0};
}

static uint32_t add(struct found *f, struct str name)
{
    for (size_t i = 0; i < f->n; i++)
        if (str_eq(f->v[i].name, name))
            return (uint32_t)i;
    f->v = mem_grow(f->v, f->n, &f->cap, sizeof *f->v);
    f->v[f->n] = (struct language){name, code_of(name)};
    return (uint32_t)f->n++;
}

static void collect(struct found *f, const struct sheet *s, const struct column_use *use)
{
    for (uint32_t i = 0; s && i < s->n_headers; i++)
        if (is_translatable(use[i].id) && use[i].language.p && use[i].language.n > 0)
            add(f, use[i].language);
}

/* True when some row has both an untagged and a tagged text of one kind. */
static bool is_mixed(const struct sheet *s, const struct column_use *use)
{
    bool plain = false;
    for (uint32_t i = 0; s && i < s->n_headers; i++)
        plain = plain || (is_translatable(use[i].id) && !use[i].language.p);
    if (!plain)
        return false;
    for (uint32_t r = 0; r < s->n_rows; r++) {
        bool untagged[COL_IDS] = {false}, tagged[COL_IDS] = {false};
        for (uint32_t i = 0; i < s->rows[r].n; i++) {
            const struct column_use *u = &use[s->rows[r].cells[i].column];
            if (is_translatable(u->id))
                *(u->language.p ? &tagged[u->id] : &untagged[u->id]) = true;
            if (untagged[u->id] && tagged[u->id])
                return true;
        }
    }
    return false;
}

static void number(const struct found *f, const struct sheet *s, struct column_use *use,
                   uint32_t untagged)
{
    for (uint32_t i = 0; s && i < s->n_headers; i++) {
        use[i].lang = untagged;
        for (size_t k = 0; k < f->n; k++)
            if (use[i].language.p && str_eq(use[i].language, f->v[k].name))
                use[i].lang = (uint32_t)k;
    }
}

/* Once a language and sheet: at the header that names it. */
static void warn_codes(struct build *b, const struct sheet *s, const struct column_use *use)
{
    for (uint32_t i = 0; s && i < s->n_headers; i++) {
        bool seen =
            !is_translatable(use[i].id) || use[i].language.n == 0 || code_of(use[i].language).n > 0;
        for (uint32_t k = 0; k < i && !seen; k++)
            seen = use[k].language.p && str_eq(use[k].language, use[i].language);
        if (!seen)
            build_warn(b, ERR_LANGUAGE_CODE, spot_at(s, 1, i), use[i].language);
    }
}

void lang_collect(struct build *b)
{
    struct found f = {NULL, 0, 0};
    collect(&f, b->survey, b->survey_use);
    collect(&f, b->choices, b->choices_use);
    size_t tagged = f.n;
    uint32_t untagged = DEF_NONE;
    if (b->default_language.n > 0) {
        untagged = add(&f, b->default_language);
    } else if (tagged == 0 || is_mixed(b->survey, b->survey_use) ||
               is_mixed(b->choices, b->choices_use)) {
        untagged = add(&f, STR("default"));
    }
    if (f.n > LIMIT_LANGUAGES) {
        build_error(b, ERR_LIMIT, spot_at(b->survey, 1, NO_COLUMN), STR("The form"),
                    STR("64 languages"));
        b->stop = true;
    }
    warn_codes(b, b->survey, b->survey_use);
    warn_codes(b, b->choices, b->choices_use);
    number(&f, b->survey, b->survey_use, untagged);
    number(&f, b->choices, b->choices_use, untagged);
    number(&f, b->external, b->external_use, untagged);
    struct language *v = ARENA_ARRAY(b->a, struct language, f.n);
    memcpy(v, f.v, f.n * sizeof *v);
    b->f->languages = v;
    b->f->n_languages = (uint32_t)f.n;
    b->f->default_language = untagged != DEF_NONE ? untagged : 0;
    mem_free(f.v);
}
