/* Tables in the making; see cellbag.h. */
#include "forms/read/cellbag.h"

#include "forms/base/limits.h"

uint32_t cellbag_column(struct cellbag *b, struct str name)
{
    if (b->guess < b->n_names && str_eq(b->names[b->guess], name))
        return b->guess;
    for (size_t i = 0; i < b->n_names; i++)
        if (str_eq(b->names[i], name))
            return (uint32_t)i;
    b->names = mem_grow(b->names, b->n_names, &b->cap_names, sizeof *b->names);
    b->names[b->n_names] = arena_str(b->a, name);
    return (uint32_t)b->n_names++;
}

bool cellbag_put_at(struct cellbag *b, uint32_t column, struct str text)
{
    b->guess = column + 1;
    if (text.n == 0)
        return true;
    if (b->n >= LIMIT_CELLS || column >= CELLBAG_COLUMNS || text.n > LIMIT_CELL_BYTES)
        return false;
    b->v = mem_grow(b->v, b->n, &b->cap, sizeof *b->v);
    b->v[b->n++] = (struct bag_cell){arena_str(b->a, text), b->rows, column};
    return true;
}

bool cellbag_put(struct cellbag *b, struct str name, struct str text)
{
    if (b->n_names >= CELLBAG_COLUMNS)
        return false;
    return cellbag_put_at(b, cellbag_column(b, name), text);
}

bool cellbag_table(struct cellbag *b, struct table *ret)
{
    if ((uint64_t)b->n_names * b->rows > LIMIT_TABLE)
        return false;
    struct str *names = ARENA_ARRAY(b->a, struct str, b->n_names);
    struct str **cells = ARENA_ARRAY(b->a, struct str *, b->n_names);
    for (size_t i = 0; i < b->n_names; i++) {
        names[i] = b->names[i];
        cells[i] = ARENA_ARRAY(b->a, struct str, b->rows);
        for (uint32_t r = 0; r < b->rows; r++)
            cells[i][r] = STR("");
    }
    for (size_t i = 0; i < b->n; i++)
        cells[b->v[i].column][b->v[i].row] = b->v[i].text;
    *ret = (struct table){names, (const struct str *const *)cells, (uint32_t)b->n_names, b->rows};
    return true;
}

bool cellbag_too_large(struct err *e)
{
    return err_fail2(e, ERR_LIMIT, "The list", "5 million cells of 1 MiB in 1024 columns");
}

void cellbag_done(struct cellbag *b)
{
    mem_free(b->v);
    mem_free(b->names);
}
