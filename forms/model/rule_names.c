/* Names: unique among siblings, those of repeats in the whole form. Fills the form's hashes of names. */
#include "forms/model/build_i.h"

static struct spot name_spot(const struct build *b, const struct draft *d)
{
    if (!d->row)
        return spot_at(b->survey, 0, NO_COLUMN);
    for (uint32_t i = 0; i < d->row->n; i++)
        if (b->survey_use[d->row->cells[i].column].id == COL_NAME)
            return spot_at(b->survey, d->row->row, d->row->cells[i].column);
    return row_spot(b, d->row);
}

static struct str row_number(char tmp[ERR_ARG_MAX], const struct draft *d)
{
    return str_of(err_num(tmp, d->row ? d->row->row : 0));
}

static struct str lower(struct build *b, struct str s)
{
    size_t i = 0;
    while (i < s.n && !(s.p[i] >= 'A' && s.p[i] <= 'Z'))
        i++;
    if (i == s.n)
        return s;
    char *p = arena_alloc(&b->scratch, s.n);
    for (i = 0; i < s.n; i++)
        p[i] = (char)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] + 32 : s.p[i]);
    return (struct str){p, s.n};
}

static void check_sibling(struct build *b, struct names *folded, uint32_t i)
{
    const struct draft *d = &b->drafts[i];
    bool is_new;
    char tmp[ERR_ARG_MAX];
    struct name_entry *s = names_put(&b->names->children, d->parent, d->name, i, &is_new);
    if (!is_new) {
        build_error(b, ERR_NAME_TWICE, name_spot(b, d), d->name, b->drafts[d->parent].name,
                    row_number(tmp, &b->drafts[s->value]));
        return;
    }
    s = names_put(folded, d->parent, lower(b, d->name), i, &is_new);
    if (!is_new)
        build_warn(b, ERR_NAME_CASE, name_spot(b, d), b->drafts[s->value].name, d->name);
}

static void check_repeat(struct build *b, struct names *repeats, uint32_t i)
{
    const struct draft *d = &b->drafts[i];
    bool is_new;
    char tmp[ERR_ARG_MAX];
    struct name_entry *s = names_put(repeats, 0, d->name, i, &is_new);
    if (!is_new && b->drafts[s->value].parent != d->parent)
        build_error(b, ERR_REPEAT_NAME_TWICE, name_spot(b, d), d->name,
                    row_number(tmp, &b->drafts[s->value]));
    if (str_eq(d->name, b->f->root_name))
        build_error(b, ERR_REPEAT_NAME_ROOT, name_spot(b, d), d->name);
}

void rule_row_names(struct build *b)
{
    struct names folded, repeats;
    names_init(&b->names->by_name, b->a, b->n_drafts);
    names_init(&b->names->children, b->a, b->n_drafts);
    names_init(&b->names->repeated, b->a, 8);
    names_init(&folded, &b->scratch, b->n_drafts);
    names_init(&repeats, &b->scratch, 16);
    for (uint32_t i = 1; i < b->n_drafts; i++) {
        struct str name = b->drafts[i].name;
        bool is_new;
        check_sibling(b, &folded, i);
        if (b->drafts[i].type.type == TYPE_REPEAT)
            check_repeat(b, &repeats, i);
        names_put(&b->names->by_name, 0, name, i, &is_new);
        if (!is_new)
            names_put(&b->names->repeated, 0, name, i, &is_new);
    }
}
