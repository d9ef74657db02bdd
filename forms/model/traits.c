/* Traits of edges; see traits.h. */
#include "forms/model/traits.h"

struct scan {
    const struct form *f;
    uint32_t self;
    struct str s;
    size_t i;
    bool foreign; /* what was just read is a path into a list */
};

static bool path_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.' || c == '/' || c == ':' || c == '@' || (unsigned char)c >= 0x80;
}

/* "../../a/b" that stays within the closest repeat around self. */
static bool stays_inside(const struct scan *sc, struct str path)
{
    const struct form_node *nodes = sc->f->nodes;
    uint32_t def = sc->self, repeat = nodes[def].repeat;
    struct str step;
    bool down = false;
    while (str_split(&path, '/', &step)) {
        if (str_is(step, "..")) {
            if (down || def == repeat || def == 0)
                return false;
            def = nodes[def].parent;
        } else if (step.n == 0 || step.p[0] == '.' || step.p[0] == '@' ||
                   str_find(step, ':', 0) < step.n) {
            return false;
        } else {
            down = true;
        }
    }
    return true;
}

static void skip_literal(struct scan *sc)
{
    sc->i = str_find(sc->s, sc->s.p[sc->i], sc->i + 1) + 1;
}

/* instance('list') and the path behind it. */
static bool skip_instance(struct scan *sc)
{
    struct str rest = str_from(sc->s, sc->i);
    if (!str_starts(rest, STR("instance(")))
        return false;
    sc->i = str_find(sc->s, ')', sc->i) + 1;
    while (sc->i < sc->s.n && path_char(sc->s.p[sc->i]))
        sc->i++;
    sc->foreign = true;
    return true;
}

/* A run of path characters: a number, a name, a function, a path. True when it may leave the instance. */
static bool run_is_wide(struct scan *sc)
{
    size_t start = sc->i;
    while (sc->i < sc->s.n && path_char(sc->s.p[sc->i]))
        sc->i++;
    struct str run = str_sub(sc->s, start, sc->i - start);
    if (str_is(run, "indexed-repeat"))
        return true;
    if (str_find(run, '/', 0) == run.n)
        return str_find(run, ':', 0) < run.n && !str_starts(run, STR("jr:"));
    if (run.p[0] != '/')
        return !stays_inside(sc, run);
    if (sc->foreign)
        return false;
    struct str before = str_sub(sc->s, 0, start);
    return !str_ends(before, STR("current()")) || !stays_inside(sc, str_from(run, 1));
}

bool trait_wide(const struct form *f, uint32_t self, const struct expr *x)
{
    if (!x || f->nodes[self].repeat == DEF_NONE)
        return false;
    struct scan sc = {.f = f, .self = self, .s = expr_text(x)};
    while (sc.i < sc.s.n) {
        char c = sc.s.p[sc.i];
        bool after_list = sc.foreign;
        if (c == '\'' || c == '"') {
            skip_literal(&sc);
        } else if (c == '$') {
            sc.i = str_find(sc.s, '}', sc.i) + 1;
            if (sc.i < sc.s.n && (sc.s.p[sc.i] == '/' || sc.s.p[sc.i] == '['))
                return true;
        } else if (path_char(c)) {
            if (!skip_instance(&sc) && run_is_wide(&sc))
                return true;
            continue;
        } else if (c == '[' && !after_list) {
            return true;
        } else {
            sc.i++;
        }
        sc.foreign = c == ']';
    }
    return false;
}

/* The reference at `at` (its $) is the whole argument of a function that passes over blanks. */
static bool in_aggregate(struct str s, size_t at, size_t end)
{
    static const char *const functions[] = {"sum", "min", "max", "count-non-empty"};
    struct str before = str_trim(str_sub(s, 0, at)), after = str_trim(str_from(s, end));
    if (!str_ends(before, STR("(")) || !str_starts(after, STR(")")))
        return false;
    before = str_trim(str_sub(before, 0, before.n - 1));
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
        if (str_ends(before, str_of(functions[i])))
            return true;
    return false;
}

bool trait_no_blanks(const struct form *f, const struct expr *x, uint32_t def)
{
    if (!x)
        return false;
    struct str s = expr_text(x);
    bool any = false;
    if (str_find(s, '/', 0) < s.n || str_find(s, '[', 0) < s.n || str_find(s, '.', 0) < s.n)
        return false;
    for (size_t at = str_find(s, '$', 0); at < s.n; at = str_find(s, '$', at + 1)) {
        size_t end = str_find(s, '}', at) + 1;
        uint32_t read = end > s.n ? DEF_NONE : form_find(f, str_sub(s, at + 2, end - at - 3));
        if (read == DEF_NONE || read < def || read >= f->nodes[def].end)
            continue;
        if (f->nodes[read].end > read + 1 || !in_aggregate(s, at, end))
            return false;
        any = true;
    }
    return any;
}
