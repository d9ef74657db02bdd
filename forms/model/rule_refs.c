/* References in cells that nothing else reads: malformed ones are refused wherever they stand, in columns
 * and sheets that are not ours too; in what becomes an attribute they must name a question as well. */
#include "forms/model/build_i.h"

static bool has_reference(struct str s)
{
    size_t i = str_find(s, '$', 0);
    while (i + 1 < s.n && s.p[i + 1] != '{')
        i = str_find(s, '$', i + 1);
    return i + 1 < s.n;
}

/* What read the cell may have said so already. */
static bool is_said(const struct build *b, const struct pos *at, const struct err_kind *kind)
{
    for (size_t i = 0; i < b->diags->n; i++) {
        const struct err *e = &b->diags->v[i].err;
        if (e->kind == kind && e->pos.row == at->row && strcmp(e->pos.sheet, at->sheet) == 0 &&
            strcmp(e->pos.column, at->column) == 0)
            return true;
    }
    return false;
}

static bool any_reference(void *ctx, struct str literal, struct str ref, uint32_t offset,
                          struct err *e)
{
    (void)ctx;
    (void)literal;
    (void)ref;
    (void)offset;
    (void)e;
    return true;
}

static void check_sheet(struct build *b, const struct sheet *s)
{
    for (uint32_t r = 0; s && r < s->n_rows; r++)
        for (uint32_t i = 0; i < s->rows[r].n; i++) {
            const struct cell *c = &s->rows[r].cells[i];
            struct spot at = spot_at(s, s->rows[r].row, c->column);
            struct err e = {0};
            struct pos pos = {0};
            if (!has_reference(c->text))
                continue;
            build_pos(b, at, &pos);
            if (!expr_split_text(c->text, &pos, any_reference, NULL, &e) &&
                !is_said(b, &pos, e.kind))
                diags_add(b->diags, SEV_ERROR, &e);
        }
}

/* ---- attributes ---- */

static bool known_reference(void *ctx, struct str literal, struct str ref, uint32_t offset,
                            struct err *e)
{
    const struct scope *scope = ctx;
    uint32_t def;
    (void)literal;
    if (ref.p && str_starts(ref, STR("last-saved#")))
        ref = str_from(ref, 11);
    if (!ref.p || scope->ops->ref(scope->ctx, ref, &def, e))
        return true;
    e->pos.offset = offset;
    return false;
}

static void check_attributes(struct build *b, const struct draft *d)
{
    struct scope scope;
    form_scope(b->f, 0, &scope);
    for (uint32_t i = 0; i < d->row->n; i++) {
        const struct cell *c = &d->row->cells[i];
        enum column_id id = b->survey_use[c->column].id;
        struct err e = {0};
        struct pos pos = {0};
        if ((id != COL_APPEARANCE && id != COL_BODY && id != COL_BIND) || !has_reference(c->text))
            continue;
        if (expr_split_text(c->text, &pos, known_reference, &scope, &e) ||
            e.kind == &ERR_EXPR_REF_FORM)
            continue;
        build_pos(b, spot_at(b->survey, d->row->row, c->column), &pos);
        if (is_said(b, &pos, e.kind))
            continue;
        pos.offset = e.pos.offset;
        e.pos = pos;
        diags_add(b->diags, SEV_ERROR, &e);
    }
}

void rule_refs(struct build *b)
{
    for (size_t i = 1; i < b->n_drafts; i++)
        if (b->drafts[i].origin == FROM_ROW)
            check_attributes(b, &b->drafts[i]);
    check_sheet(b, b->survey);
    check_sheet(b, b->choices);
    check_sheet(b, b->settings);
    check_sheet(b, b->external);
    check_sheet(b, b->entities);
}
