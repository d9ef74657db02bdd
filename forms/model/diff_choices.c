/* Two versions of a choice list, as the forms' questions use it: by its name. */
#include "forms/base/limits.h"
#include "forms/model/diff_i.h"

#define LISTED 20 /* changes of one list; the rest are counted */

struct pair {
    const struct choice_list *was, *is;
    struct str path;
    uint32_t said, unsaid;
};

static struct str name_at(const struct choice_list *l, uint32_t row)
{
    return l->name_column == DEF_NONE ? STR("") : l->columns[l->name_column].cells[row];
}

static void say(struct differ *d, struct pair *p, enum diff_kind k, struct str was, struct str is)
{
    if (p->said++ < LISTED)
        diff_add(d, k, p->path, 0, was, is);
    else
        p->unsaid++;
}

/* Both of a row's labels in one language. */
static void labels(struct differ *d, struct pair *p, uint32_t was, uint32_t is)
{
    struct arena *a = &d->out->arena;
    if (p->was->labels && p->is->labels) {
        for (uint32_t l = 0; l < d->is->n_languages; l++) {
            uint32_t before = diff_language(d, l);
            if (before == DEF_NONE)
                continue;
            struct str old = diff_words(d->was, p->was->labels[was], before, a);
            struct str new = diff_words(d->is, p->is->labels[is], l, a);
            if (!diff_same_text(old, new))
                say(d, p, DIFF_IS_CHOICE_LABEL, old, new);
        }
    } else if (p->was->label_column != DEF_NONE && p->is->label_column != DEF_NONE) {
        struct str old = p->was->columns[p->was->label_column].cells[was];
        struct str new = p->is->columns[p->is->label_column].cells[is];
        if (!diff_same_text(old, new))
            say(d, p, DIFF_IS_CHOICE_LABEL, old, new);
    }
}

static void diff_list(struct differ *d, struct pair *p)
{
    uint32_t last = 0;
    bool ordered = true;
    for (uint32_t i = 0; i < p->was->rows; i++)
        if (choice_find(p->is, name_at(p->was, i)) == DEF_NONE)
            say(d, p, DIFF_IS_CHOICE_REMOVED, name_at(p->was, i), STR(""));
    for (uint32_t i = 0; i < p->is->rows; i++) {
        uint32_t before = choice_find(p->was, name_at(p->is, i));
        if (before == DEF_NONE) {
            say(d, p, DIFF_IS_CHOICE_ADDED, STR(""), name_at(p->is, i));
            continue;
        }
        ordered = ordered && before >= last;
        last = before;
        labels(d, p, before, i);
    }
    if (!ordered)
        say(d, p, DIFF_IS_CHOICE_ORDER, STR(""), STR(""));
    if (p->unsaid) {
        char n[ERR_ARG_MAX];
        diff_add(d, DIFF_IS_CHOICES_MORE, p->path, 0, STR(""), str_of(err_num(n, p->unsaid)));
    }
}

static const struct choice_list *list_named(const struct form *f, struct str id)
{
    for (uint32_t i = 0; i < f->n_lists; i++)
        if (str_eq(f->lists[i]->id, id))
            return f->lists[i];
    return NULL;
}

static struct str list_path(struct differ *d, struct str id)
{
    struct buf b;
    buf_init(&b, LIMIT_CELL_BYTES);
    buf_add_z(&b, "list ");
    buf_add_str(&b, id);
    struct str s = arena_str(&d->out->arena, buf_str(&b));
    buf_done(&b);
    return s;
}

void diff_lists(struct differ *d)
{
    for (uint32_t i = 0; i < d->is->n_lists; i++) {
        struct pair p = {.is = d->is->lists[i]};
        p.was = list_named(d->was, p.is->id);
        p.path = list_path(d, p.is->id);
        if (!p.was)
            diff_add(d, DIFF_IS_LIST_ADDED, p.path, 0, STR(""), STR(""));
        else if (p.was->columns && p.is->columns)
            diff_list(d, &p);
    }
    for (uint32_t i = 0; i < d->was->n_lists; i++)
        if (!list_named(d->is, d->was->lists[i]->id))
            diff_add(d, DIFF_IS_LIST_REMOVED, list_path(d, d->was->lists[i]->id), 0, STR(""),
                     STR(""));
}
