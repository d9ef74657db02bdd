/* Lists in files beside the form. A file that isn't there is a warning, and leaves its list not loaded. */
#include "forms/model/build_i.h"

static void note_file(struct build *b, struct str file)
{
    for (size_t i = 0; i < b->n_files; i++)
        if (str_eq(b->files[i], file))
            return;
    b->files = mem_grow(b->files, b->n_files, &b->cap_files, sizeof *b->files);
    b->files[b->n_files++] = file;
}

uint32_t external_declare(struct build *b, struct str id, struct str file, struct spot at)
{
    bool is_new;
    struct list_draft *d = choices_add(b, id, at, &is_new);
    uint32_t number = (uint32_t)(d - b->lists);
    if (is_new) {
        d->l->external = true;
        d->l->file = file;
        note_file(b, file);
    } else if (!d->l->external || !str_eq(d->l->file, file)) {
        build_error(b, ERR_INSTANCE_TWICE, at, id, d->l->external ? d->l->file : STR("choices"),
                    file);
        return DEF_NONE;
    }
    return number;
}

uint32_t external_itemset(struct build *b, struct str list, struct spot at)
{
    return external_declare(b, list, STR("itemsets.csv"), at);
}
