/* The appearance search('file', …) of older forms: the list comes out of file.csv, and its one row in the
 * sheet choices names the columns of value and label. What follows the file is a filter in other words:
 *
 *     search('f')   search('f', 'matches', 'col', VALUE)   … 'contains' 'startswith' 'endswith'
 *     search('f', 'contains', 'col', VALUE, 'col2', VALUE2)        and col2 = VALUE2 */
#include "forms/model/build_i.h"

#define MAX_ARGS 6

struct search {
    struct str args[MAX_ARGS];
    size_t n;
};

/* Splits at commas outside of quotes and parentheses, up to the closing parenthesis. */
static bool split(struct str s, struct search *ret)
{
    int depth = 0;
    size_t start = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '\'' || c == '"') {
            i = str_find(s, c, i + 1);
            continue;
        }
        depth += c == '(' ? 1 : c == ')' ? -1 : 0;
        if (depth >= 0 && !(c == ',' && depth == 0))
            continue;
        if (ret->n == MAX_ARGS)
            return false;
        ret->args[ret->n++] = str_trim(str_sub(s, start, i - start));
        start = i + 1;
        if (depth < 0)
            return true;
    }
    return false;
}

static bool literal(struct str s, struct str *ret)
{
    if (s.n < 3 || (s.p[0] != '\'' && s.p[0] != '"') || s.p[s.n - 1] != s.p[0])
        return false;
    *ret = str_sub(s, 1, s.n - 2);
    return true;
}

static const char *function_of(struct str how)
{
    return str_is(how, "contains")     ? "contains"
           : str_is(how, "startswith") ? "starts-with"
           : str_is(how, "endswith")   ? "ends-with"
           : str_is(how, "matches")    ? ""
                                       : NULL;
}

/* The filter as an expression over the columns of the file; "" for none. */
static bool filter_of(const struct search *s, struct buf *out)
{
    struct str how, column, second;
    if (s->n == 1)
        return true;
    if ((s->n != 4 && s->n != 6) || !literal(s->args[1], &how) || !function_of(how) ||
        !literal(s->args[2], &column) || !name_is_valid(column))
        return false;
    const char *function = function_of(how);
    buf_add_z(out, function);
    buf_add_z(out, *function ? "(" : "");
    buf_add_str(out, column);
    buf_add_z(out, *function ? ", " : " = ");
    buf_add_str(out, s->args[3]);
    buf_add_z(out, *function ? ")" : "");
    if (s->n == 4)
        return true;
    if (!literal(s->args[4], &second) || !name_is_valid(second))
        return false;
    buf_add_z(out, " and ");
    buf_add_str(out, second);
    buf_add_z(out, " = ");
    buf_add_str(out, s->args[5]);
    return true;
}

static struct str first_word(struct str s)
{
    size_t n = 0;
    while (n < s.n && s.p[n] != ',' && s.p[n] != ' ')
        n++;
    return str_sub(s, 0, n);
}

bool search_apply(struct build *b, uint32_t def, struct str appearance, struct spot at,
                  struct str *ret_filter)
{
    struct search s = {.n = 0};
    struct form_node *n = &b->nodes[def];
    size_t open = 0;
    while (open < appearance.n && !str_starts(str_from(appearance, open), STR("search(")))
        open++;
    if (open == appearance.n || n->list == DEF_NONE || !b->lists[n->list].sheet)
        return false;
    struct buf filter;
    struct str file;
    buf_init(&filter, LIMIT_EXPR_BYTES);
    if (!split(str_from(appearance, open + 7), &s) || !literal(s.args[0], &file) ||
        !filter_of(&s, &filter)) {
        build_error(b, ERR_SEARCH, at, appearance);
        buf_done(&filter);
        return false;
    }
    if (str_ends(file, STR(".csv")))
        file.n -= 4;
    struct str none = {NULL, 0};
    n->value_column = choices_cell(b, n->list, 0, STR("name"), none);
    n->label_column = first_word(choices_cell(b, n->list, 0, STR("label"), b->default_language));
    char *name = arena_alloc(b->a, file.n + 5);
    memcpy(name, file.p, file.n);
    memcpy(name + file.n, ".csv", 4);
    n->list = external_declare(b, file, (struct str){name, file.n + 4}, at);
    *ret_filter = arena_str(b->a, buf_str(&filter));
    buf_done(&filter);
    return true;
}
