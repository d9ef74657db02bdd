/* Types; see types.h. */
#include "forms/model/types.h"

#include "forms/model/near.h"

struct plain {
    const char *word;
    enum node_type type;
    enum stored stored;
    const char *extra;
    unsigned flags;
};

struct select {
    const char *word;
    enum node_type type;
    enum source source;
};

struct part {
    const char *word;
    enum section section;
};

/* clang-format off */
static const struct plain plains[] = {
#define TYPE(word, type, stored, extra, flags) {word, TYPE_##type, STORED_##stored, extra, flags},
#define SELECT(word, type, source)
#define SECTION(word, section)
#include "forms/model/types.def"
#undef TYPE
#undef SELECT
#undef SECTION
};

static const struct select selects[] = {
#define TYPE(word, type, stored, extra, flags)
#define SELECT(word, type, source) {word, TYPE_##type, source},
#define SECTION(word, section)
#include "forms/model/types.def"
#undef TYPE
#undef SELECT
#undef SECTION
};

static const struct part parts[] = {
#define TYPE(word, type, stored, extra, flags)
#define SELECT(word, type, source)
#define SECTION(word, section) {word, SECTION_##section},
#include "forms/model/types.def"
#undef TYPE
#undef SELECT
#undef SECTION
};
/* clang-format on */

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

/* "begin group", "end_repeat", "begin loop over colours". */
static bool read_section(struct str text, struct type_use *u)
{
    bool begin = str_starts(text, STR("begin"));
    if (!begin && !str_starts(text, STR("end")))
        return false;
    struct str rest = str_from(text, begin ? 5 : 3);
    if (rest.n == 0 || (rest.p[0] != ' ' && rest.p[0] != '_'))
        return false;
    rest = str_from(rest, 1);
    for (size_t i = 0; i < COUNT(parts); i++) {
        struct str word = str_of(parts[i].word);
        if (!str_starts(rest, word))
            continue;
        struct str after = str_from(rest, word.n);
        if (after.n > 0 && after.p[0] != ' ')
            continue;
        struct str list = {"", 0}, more;
        if (str_word(&after, &list) && str_is(list, "over") && !str_word(&after, &list))
            list = (struct str){"", 0};
        if (str_word(&after, &more))
            return false;
        u->kind = begin ? ROW_BEGIN : ROW_END;
        u->section = parts[i].section;
        u->list = list;
        return true;
    }
    return false;
}

static bool is_reference(struct str s)
{
    return s.n > 3 && s.p[0] == '$' && s.p[1] == '{' && s.p[s.n - 1] == '}';
}

static bool read_select(struct str text, const struct select *s, struct type_use *u)
{
    struct str word = str_of(s->word), list = {"", 0}, rest;
    if (!str_starts(text, word))
        return false;
    rest = str_from(text, word.n);
    if (rest.n > 0 && rest.p[0] != ' ')
        return false;
    str_word(&rest, &list);
    rest = str_trim(rest);
    u->or_other =
        str_is(rest, "or_other") || str_is(rest, "or other") || str_is(rest, "or specify other");
    if (rest.n > 0 && !u->or_other)
        return false;
    u->kind = ROW_QUESTION;
    u->type = s->type;
    u->stored = s->type == TYPE_SELECT_ONE ? STORED_STRING : STORED_SELECT_MULTIPLE;
    u->source = s->source;
    u->list = list;
    if (s->source == SOURCE_LIST && is_reference(list)) {
        u->source = SOURCE_QUESTION;
        u->list = str_sub(list, 2, list.n - 3);
    }
    return true;
}

struct type_use types_read(struct str text)
{
    struct type_use u = {.kind = ROW_UNKNOWN, .list = {"", 0}};
    if (read_section(text, &u))
        return u;
    for (size_t i = 0; i < COUNT(plains); i++)
        if (str_is(text, plains[i].word)) {
            u.kind = plains[i].flags & FLAG_INSTANCE ? ROW_INSTANCE : ROW_QUESTION;
            u.type = plains[i].type;
            u.stored = plains[i].stored;
            u.extra = plains[i].extra;
            u.flags = plains[i].flags;
            return u;
        }
    if (str_starts(text, STR("osm "))) { /* its tags are a list of choices we only keep */
        u = (struct type_use){.kind = ROW_QUESTION, .type = TYPE_TEXT, .stored = STORED_STRING};
        u.list = (struct str){"", 0};
        return u;
    }
    /* The longest spelling that fits: "select one from x" is not the list "from" and a word too many. */
    const struct select *best = NULL;
    for (size_t i = 0; i < COUNT(selects); i++) {
        struct type_use try = {.kind = ROW_UNKNOWN};
        if (read_select(text, &selects[i], &try) &&
            (!best || strlen(selects[i].word) > strlen(best->word)))
            best = &selects[i];
    }
    if (best)
        read_select(text, best, &u);
    return u;
}

const char *types_near(struct str text)
{
    struct near n;
    struct str command = text;
    size_t blank = str_find(text, ' ', 0);
    if (blank < text.n && !str_starts(text, STR("begin")) && !str_starts(text, STR("end")))
        command.n = blank;
    near_start(&n, command);
    for (size_t i = 0; i < COUNT(plains); i++)
        near_try(&n, plains[i].word);
    for (size_t i = 0; i < COUNT(selects); i++)
        near_try(&n, selects[i].word);
    near_try(&n, "begin_group");
    near_try(&n, "end_group");
    near_try(&n, "begin_repeat");
    near_try(&n, "end_repeat");
    return near_best(&n);
}

const char *types_constraint(unsigned flags)
{
    if (flags & FLAG_PHONE)
        return "regex(., '^\\d*$')";
    if (flags & FLAG_PERCENTAGE)
        return "0 <= . and . <= 100";
    if (flags & FLAG_DAYS_MONTH)
        return "0 <= . and . <= 31";
    if (flags & FLAG_DAYS_SIX)
        return "0 <= . and . <= 183";
    if (flags & FLAG_DAYS_YEAR)
        return "0 <= . and . <= 365";
    return NULL;
}
