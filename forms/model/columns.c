/* Headers; see columns.h. */
#include "forms/model/columns.h"

#include "forms/model/near.h"

struct word {
    const char *word;
    enum column_id id;
    bool translatable;
};

/* clang-format off */
static const struct word words[] = {
#define COLUMN(id, word, translatable) {word, COL_##id, translatable},
#define BOUND(id, word, translatable)
#define MEDIA(word)
#include "forms/model/columns.def"
#undef COLUMN
#undef BOUND
#undef MEDIA
};

static const struct word bound[] = {
#define COLUMN(id, word, translatable)
#define BOUND(id, word, translatable) {word, COL_##id, translatable},
#define MEDIA(word)
#include "forms/model/columns.def"
#undef COLUMN
#undef BOUND
#undef MEDIA
};

static const char *const media[] = {
#define COLUMN(id, word, translatable)
#define BOUND(id, word, translatable)
#define MEDIA(word) word,
#include "forms/model/columns.def"
#undef COLUMN
#undef BOUND
#undef MEDIA
};
/* clang-format on */

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static const struct word *find(const struct word *table, size_t n, struct str s)
{
    for (size_t i = 0; i < n; i++)
        if (str_is(s, table[i].word))
            return &table[i];
    return NULL;
}

struct str columns_fold(struct str header, struct arena *a)
{
    char *p = arena_alloc(a, header.n + 1);
    size_t n = 0;
    struct str part;
    while (str_word(&header, &part)) {
        if (n > 0)
            p[n++] = '_';
        for (size_t i = 0; i < part.n; i++)
            p[n++] = (char)(part.p[i] >= 'A' && part.p[i] <= 'Z' ? part.p[i] + 32 : part.p[i]);
    }
    return (struct str){p, n};
}

/* Takes the part before `::` (or `:` when single) off *rest. */
static struct str take_part(struct str *rest, bool single)
{
    size_t i = str_find(*rest, ':', 0);
    while (!single && i + 1 < rest->n && rest->p[i + 1] != ':')
        i = str_find(*rest, ':', i + 1);
    struct str part = *rest;
    if (i >= rest->n || (!single && i + 1 >= rest->n)) {
        *rest = (struct str){NULL, 0};
    } else {
        part.n = i;
        *rest = str_from(*rest, i + (single ? 1 : 2));
    }
    return str_trim(part);
}

/* warn, warn2, warn-id, warn2-id, missing, outcome, pii, report. */
static bool read_extension(struct column_use *u, struct str word)
{
    struct str rest;
    u->number = 1;
    if (str_starts(word, STR("warn"))) {
        rest = str_from(word, 4);
        if (rest.n > 0 && rest.p[0] >= '1' && rest.p[0] <= '9') {
            u->number = (uint32_t)(rest.p[0] - '0');
            rest = str_from(rest, 1);
        }
        if (rest.n > 1 && rest.p[0] == '-') {
            u->id = COL_WARN_MESSAGE;
            u->sub = str_from(rest, 1);
            return true;
        }
        u->id = COL_WARN;
        return rest.n == 0;
    }
    static const struct word own[] = {{"missing", COL_MISSING, false},
                                      {"outcome", COL_OUTCOME, false},
                                      {"pii", COL_PII, false},
                                      {"report", COL_REPORT, false}};
    const struct word *w = find(own, COUNT(own), word);
    if (w)
        u->id = w->id;
    return w != NULL;
}

static void read_bound(struct column_use *u, struct str rest, bool single, struct str cacah,
                       struct arena *a)
{
    /* An attribute's own colon (jr:count) is none of the header's. */
    struct str sub = single ? rest : take_part(&rest, false);
    if (single)
        rest = (struct str){NULL, 0};
    u->sub = sub;
    if (cacah.n > 0 && str_starts(sub, cacah) && sub.n > cacah.n && sub.p[cacah.n] == ':' &&
        read_extension(u, str_from(sub, cacah.n + 1)))
        return;
    const struct word *w = find(bound, COUNT(bound), columns_fold(sub, a));
    if (!w)
        return;
    u->id = w->id;
    if (w->translatable && rest.p)
        u->language = str_trim(rest);
}

static bool read_media(struct column_use *u, struct str kind, struct str rest, struct arena *a)
{
    struct str folded = columns_fold(kind, a);
    for (size_t i = 0; i < COUNT(media); i++)
        if (str_is(folded, media[i])) {
            u->id = COL_MEDIA;
            u->sub = folded;
            if (rest.p)
                u->language = str_trim(rest);
            return true;
        }
    return false;
}

/* Whole, or before the separator; false: no word of ours begins so. */
static bool read_header(struct column_use *u, struct str header, bool single, struct str cacah,
                        struct arena *a)
{
    struct str rest = header;
    struct str first = take_part(&rest, single);
    struct str folded = columns_fold(first, a);
    if (rest.p && (str_is(folded, "bind") || str_is(folded, "body") || str_is(folded, "control"))) {
        u->id = str_is(folded, "bind") ? COL_BIND : COL_BODY;
        read_bound(u, rest, single, cacah, a);
        return true;
    }
    if (rest.p && str_is(folded, "instance")) {
        u->id = COL_INSTANCE;
        u->sub = str_trim(rest);
        return true;
    }
    if (rest.p && str_is(folded, "media")) {
        struct str kind = take_part(&rest, single);
        return read_media(u, kind, rest, a);
    }
    const struct word *w = find(words, COUNT(words), folded);
    if (!w)
        return read_media(u, first, rest, a);
    if (rest.p && !w->translatable)
        return false;
    u->id = w->id;
    if (rest.p)
        u->language = str_trim(rest);
    return true;
}

struct column_use *columns_read(const struct sheet *s, struct str cacah, struct arena *a)
{
    struct column_use *v = ARENA_ARRAY(a, struct column_use, s->n_headers);
    for (uint32_t i = 0; i < s->n_headers; i++) {
        struct str header = s->headers[i];
        struct column_use *u = &v[i];
        *u = (struct column_use){.sub = header};
        const struct word *w = find(words, COUNT(words), columns_fold(header, a));
        if (w) /* whole: jr:count has a colon of its own */
            u->id = w->id;
        else if (!read_header(u, header, false, cacah, a) &&
                 !read_header(u, header, true, cacah, a))
            *u = (struct column_use){.id = COL_NONE, .sub = header};
    }
    return v;
}

const char *columns_near(struct str header)
{
    struct near n;
    near_start(&n, header);
    for (size_t i = 0; i < COUNT(words); i++)
        near_try(&n, words[i].word);
    return near_best(&n);
}
