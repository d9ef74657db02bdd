/* Two versions of a choice list, as the forms' questions use it: by its name. */
#include "forms/base/limits.h"
#include "forms/model/choices.h"
#include "forms/model/diff_i.h"
#include "forms/model/names.h"

#define LISTED 20 /* changes of one list; the rest are counted */

/* A list with the columns that the questions use. */
struct side {
    const struct choice_list *list;
    uint32_t name, label; /* columns, or DEF_NONE */
    struct names rows;    /* by name */
};

struct pair {
    struct side was, is;
    struct str path;
    uint32_t said, unsaid;
};

static struct str cell(const struct choice_list *l, uint32_t column, uint32_t row)
{
    return column == DEF_NONE ? STR("") : l->columns[column].cells[row];
}

static struct str name_at(const struct side *s, uint32_t row)
{
    return cell(s->list, s->name, row);
}

/* Of a file beside the form, the question says which columns hold names and labels. */
static void side_make(const struct form *f, uint32_t number, struct arena *a, struct side *ret)
{
    const struct choice_list *l = f->lists[number];
    *ret = (struct side){.list = l, .name = l->name_column, .label = l->label_column};
    for (uint32_t i = 0; l->external && i < f->n_nodes; i++) {
        const struct form_node *n = &f->nodes[i];
        if (n->list != number)
            continue;
        if (n->value_column.n)
            ret->name = choice_column(l, n->value_column);
        if (n->label_column.n)
            ret->label = choice_column(l, n->label_column);
        break;
    }
    names_init(&ret->rows, a, l->rows);
    for (uint32_t i = 0; i < l->rows; i++) {
        bool new;
        (void)names_put(&ret->rows, 0, name_at(ret, i), i, &new);
    }
}

static uint32_t row_named(const struct side *s, struct str name)
{
    const struct name_entry *e = names_get(&s->rows, 0, name);
    return e ? e->value : DEF_NONE;
}

static void say(struct differ *d, struct pair *p, enum diff_kind k, struct str was, struct str is)
{
    if (p->said++ < LISTED)
        diff_add(d, k, p->path, 0, was, is);
    else
        p->unsaid++;
}

/* Whether another choice was called so: then it is no matter of wording. */
static bool was_another(struct differ *d, const struct pair *p, uint32_t row, uint32_t language,
                        struct str label)
{
    const struct choice_list *l = p->was.list;
    for (uint32_t i = 0; l->labels && label.n && i < l->rows; i++)
        if (i != row &&
            diff_same_text(diff_words(d->was, l->labels[i], language, &d->out->arena), label))
            return true;
    return false;
}

/* Both of a row's labels in one language. */
static void labels(struct differ *d, struct pair *p, uint32_t was, uint32_t is)
{
    struct arena *a = &d->out->arena;
    const struct choice_list *before = p->was.list, *now = p->is.list;
    if (!before->labels || !now->labels) {
        struct str old = cell(before, p->was.label, was), new = cell(now, p->is.label, is);
        if (!before->labels && !now->labels && !diff_same_text(old, new))
            say(d, p, DIFF_IS_CHOICE_LABEL, old, new);
        return;
    }
    for (uint32_t l = 0; l < d->is->n_languages; l++) {
        uint32_t language = diff_language(d, l);
        if (language == DEF_NONE)
            continue;
        struct str old = diff_words(d->was, before->labels[was], language, a);
        struct str new = diff_words(d->is, now->labels[is], l, a);
        if (diff_same_text(old, new))
            continue;
        if (was_another(d, p, was, language, new))
            say(d, p, DIFF_IS_CHOICE_MEANS, name_at(&p->is, is), new);
        else
            say(d, p, DIFF_IS_CHOICE_LABEL, old, new);
    }
}

static void diff_list(struct differ *d, struct pair *p)
{
    uint32_t last = 0;
    bool ordered = true;
    for (uint32_t i = 0; i < p->was.list->rows; i++)
        if (row_named(&p->is, name_at(&p->was, i)) == DEF_NONE)
            say(d, p, DIFF_IS_CHOICE_REMOVED, name_at(&p->was, i), STR(""));
    for (uint32_t i = 0; i < p->is.list->rows; i++) {
        uint32_t before = row_named(&p->was, name_at(&p->is, i));
        if (before == DEF_NONE) {
            say(d, p, DIFF_IS_CHOICE_ADDED, STR(""), name_at(&p->is, i));
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

static uint32_t list_named(const struct form *f, struct str id)
{
    for (uint32_t i = 0; i < f->n_lists; i++)
        if (str_eq(f->lists[i]->id, id))
            return i;
    return DEF_NONE;
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
    struct arena *a = &d->out->arena;
    struct str none = STR("");
    for (uint32_t i = 0; i < d->is->n_lists; i++) {
        const struct choice_list *l = d->is->lists[i];
        struct pair p = {.path = list_path(d, l->id)};
        uint32_t before = list_named(d->was, l->id);
        if (before == DEF_NONE) {
            diff_add(d, DIFF_IS_LIST_ADDED, p.path, 0, none, none);
            continue;
        }
        side_make(d->was, before, a, &p.was);
        side_make(d->is, i, a, &p.is);
        diff_list(d, &p);
    }
    for (uint32_t i = 0; i < d->was->n_lists; i++)
        if (list_named(d->is, d->was->lists[i]->id) == DEF_NONE)
            diff_add(d, DIFF_IS_LIST_REMOVED, list_path(d, d->was->lists[i]->id), 0, none, none);
}
