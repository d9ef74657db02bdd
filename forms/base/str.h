/* A slice of bytes: where it begins and how long it is. Owns nothing; the memory belongs to whoever
 * made it (an arena, a buffer, a literal). Not NUL-terminated unless the maker says so. */
#ifndef FORMS_BASE_STR_H
#define FORMS_BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct str {
    const char *p;
    size_t n;
};

/* A literal as a slice: STR("relevant"). */
#define STR(literal) ((struct str){"" literal, sizeof(literal) - 1})
/* For printf's %.*s. */
#define STR_FMT(s) (int)(s).n, (s).p

static inline struct str str_of(const char *nul_terminated)
{
    return (struct str){nul_terminated, nul_terminated ? strlen(nul_terminated) : 0};
}

static inline bool str_eq(struct str a, struct str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool str_is(struct str a, const char *nul_terminated)
{
    return str_eq(a, str_of(nul_terminated));
}

static inline struct str str_from(struct str s, size_t start)
{
    return start >= s.n ? (struct str){s.p + s.n, 0} : (struct str){s.p + start, s.n - start};
}

static inline struct str str_sub(struct str s, size_t start, size_t n)
{
    s = str_from(s, start);
    return (struct str){s.p, n < s.n ? n : s.n};
}

bool str_starts(struct str s, struct str prefix);
bool str_ends(struct str s, struct str suffix);
/* ASCII letters compare without case; other bytes must be equal. */
bool str_eq_nocase(struct str a, struct str b);
/* Without the blanks (space, tab, CR, LF) at both ends. */
struct str str_trim(struct str s);
/* The index of the first c at or after `from`, or s.n. */
size_t str_find(struct str s, char c, size_t from);
/* Byte order, a shorter prefix first: for qsort and trees. */
int str_cmp(struct str a, struct str b);
/* Takes the next word (run of non-blanks) off *rest; false when none is left. */
bool str_word(struct str *rest, struct str *ret_word);
/* Takes the text up to `sep` (or the end) off *rest; false when *rest is used up (p == NULL). */
bool str_split(struct str *rest, char sep, struct str *ret_part);

#endif
