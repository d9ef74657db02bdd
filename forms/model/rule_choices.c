/* Choice lists: every choice has a name of its own, and a label; several answers need names without blanks;
 * a table-list shares one list; no list is there for nothing. */
#include "forms/model/build_i.h"

static struct spot cell_spot(const struct list_draft *d, uint32_t row)
{
    uint32_t column = NO_COLUMN;
    for (uint32_t i = 0; i < d->rows[row]->n; i++)
        if (d->use[d->rows[row]->cells[i].column].id == COL_NAME)
            column = d->rows[row]->cells[i].column;
    return spot_at(d->sheet, d->rows[row]->row, column);
}

static bool has_media(const struct list_draft *d, uint32_t row)
{
    for (uint32_t i = 0; i < d->rows[row]->n; i++)
        if (d->use[d->rows[row]->cells[i].column].id == COL_MEDIA)
            return true;
    return false;
}

static void check_rows(struct build *b, const struct list_draft *d)
{
    const struct choice_list *l = d->l;
    const struct str *names = l->columns[l->name_column].cells;
    uint32_t rows = l->rows - d->other;
    char tmp[ERR_ARG_MAX];
    for (uint32_t r = 0; r < rows; r++) {
        if (names[r].n == 0) {
            build_error(b, ERR_CHOICE_NO_NAME, cell_spot(d, r), l->id);
            continue;
        }
        if (!l->labels[r] && !has_media(d, r))
            build_warn(b, ERR_CHOICE_NO_LABEL, cell_spot(d, r), names[r], l->id);
        uint32_t first = b->duplicates_ok ? r : choice_find(l, names[r]);
        if (first != r)
            build_error(b, ERR_CHOICE_TWICE, cell_spot(d, r), names[r], l->id,
                        str_of(err_num(tmp, d->rows[first]->row)));
    }
}

static void check_blanks(struct build *b, const struct list_draft *d, struct str question)
{
    const struct choice_list *l = d->l;
    for (uint32_t r = 0; d->sheet && r < l->rows - d->other; r++) {
        struct str name = l->columns[l->name_column].cells[r];
        if (str_find(name, ' ', 0) < name.n)
            build_error(b, ERR_CHOICE_SPACE, cell_spot(d, r), name, question);
    }
}

static void check_tables(struct build *b)
{
    uint32_t *first_of = ARENA_ARRAY(&b->scratch, uint32_t, b->f->n_nodes); /* by parent */
    for (uint32_t i = 1; i < b->f->n_nodes; i++) {
        const struct form_node *n = &b->nodes[i];
        if (!b->drafts[i].table_list || n->list == DEF_NONE)
            continue;
        if (first_of[n->parent] == 0)
            first_of[n->parent] = i;
        uint32_t first = first_of[n->parent];
        if (b->nodes[first].list != DEF_NONE && b->nodes[first].list != n->list)
            build_error(b, ERR_TABLE_LISTS, spot_at(b->survey, n->row, NO_COLUMN),
                        b->lists[b->nodes[first].list].l->id, b->lists[n->list].l->id);
    }
}

void rule_choices(struct build *b)
{
    bool *seen = ARENA_ARRAY(&b->scratch, bool, b->n_lists);
    for (uint32_t i = 1; i < b->f->n_nodes; i++) {
        const struct form_node *n = &b->nodes[i];
        bool several = n->type == TYPE_SELECT_MULTIPLE || n->type == TYPE_RANK;
        if (several && n->list != DEF_NONE && !seen[n->list]) {
            seen[n->list] = true;
            check_blanks(b, &b->lists[n->list], n->name);
        }
    }
    for (size_t i = 0; i < b->n_lists; i++) {
        const struct list_draft *d = &b->lists[i];
        if (d->sheet)
            check_rows(b, d);
        if (d->sheet && !d->used)
            build_warn(b, ERR_LIST_UNUSED, d->at, d->l->id);
    }
    check_tables(b);
}
