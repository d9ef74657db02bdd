/* What does not fit on a screen of 80 columns and cannot be wrapped: a choice, a single word. */
#include "forms/model/build_i.h"

#include <uniwidth.h>

#define MAX_WIDTH 72u

static unsigned width(struct str s)
{
    int n = u8_width((const uint8_t *)s.p, s.n, "UTF-8");
    return n > 0 ? (unsigned)n : 0;
}

/* The column of the text: of this meaning and language. */
static struct spot text_spot(const struct sheet *s, const struct sheet_row *row,
                             const struct column_use *use, enum column_id id, uint32_t language)
{
    struct spot at = spot_at(s, row->row, NO_COLUMN);
    for (uint32_t i = 0; i < row->n; i++) {
        const struct column_use *u = &use[row->cells[i].column];
        if (u->id == id && (at.column == NO_COLUMN || u->lang == language))
            at.column = row->cells[i].column;
    }
    return at;
}

static void check_choices(struct build *b, const struct list_draft *d)
{
    for (uint32_t r = 0; r < d->l->rows - d->other; r++) {
        texts t = d->l->labels[r];
        for (uint32_t l = 0; t && l < b->f->n_languages; l++) {
            bool repeated = l > 0 && t[l].runs == t[l - 1].runs;
            if (repeated || t[l].n != 1 || t[l].runs[0].literal.n <= MAX_WIDTH ||
                width(t[l].runs[0].literal) <= MAX_WIDTH)
                continue;
            build_warn(b, ERR_CHOICE_WIDE, text_spot(d->sheet, d->rows[r], d->use, COL_LABEL, l),
                       d->l->columns[d->l->name_column].cells[r]);
        }
    }
}

static void check_words(struct build *b, uint32_t def, texts t, enum column_id id)
{
    const struct draft *d = &b->drafts[def];
    for (uint32_t l = 0; t && d->row && l < b->f->n_languages; l++)
        for (uint32_t i = 0; i < t[l].n; i++) {
            struct str rest = t[l].runs[i].literal, word;
            while (rest.n > MAX_WIDTH && str_word(&rest, &word))
                if (word.n > MAX_WIDTH && width(word) > MAX_WIDTH) {
                    build_warn(b, ERR_WORD_WIDE, text_spot(b->survey, d->row, b->survey_use, id, l),
                               word);
                    return;
                }
        }
}

void rule_width(struct build *b)
{
    for (size_t i = 0; i < b->n_lists; i++)
        if (b->lists[i].sheet && b->lists[i].used)
            check_choices(b, &b->lists[i]);
    for (uint32_t i = 1; i < b->f->n_nodes; i++) {
        check_words(b, i, b->nodes[i].label, COL_LABEL);
        check_words(b, i, b->nodes[i].hint, COL_HINT);
    }
}
