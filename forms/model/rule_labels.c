/* What each kind of row must have: a label, a calculation, a trigger, a certain name. */
#include "forms/model/build_i.h"

static struct spot spot_of(const struct build *b, uint32_t def)
{
    return spot_at(b->survey, b->nodes[def].row, NO_COLUMN);
}

/* `kind` NULL: any. */
static bool has_media(const struct build *b, const struct draft *d, const char *kind)
{
    for (uint32_t i = 0; d->row && i < d->row->n; i++) {
        const struct column_use *u = &b->survey_use[d->row->cells[i].column];
        if (u->id == COL_MEDIA && (!kind || str_is(u->sub, kind)))
            return true;
    }
    return false;
}

static bool needs_label(const struct form_node *n)
{
    return n->type != TYPE_CALCULATE && n->type != TYPE_HIDDEN && n->type != TYPE_META &&
           n->type != TYPE_GROUP && n->type != TYPE_REPEAT;
}

static void check_question(struct build *b, uint32_t def)
{
    struct form_node *n = &b->nodes[def];
    bool shown = n->label || n->hint || has_media(b, &b->drafts[def], NULL);
    if (shown || !needs_label(n))
        return;
    /* Computed and never shown: what its author means is a calculation of that type. */
    if (n->calculation.expr || n->n_triggers > 0)
        n->type = TYPE_CALCULATE;
    else
        build_error(b, ERR_LABEL_MISSING, spot_of(b, def), n->name);
}

static void check_section(struct build *b, uint32_t def)
{
    const struct form_node *n = &b->nodes[def];
    if (n->label || has_media(b, &b->drafts[def], NULL) || form_has_appearance(n, "field-list") ||
        form_has_appearance(n, "table-list"))
        return;
    build_warn(b, ERR_SECTION_LABEL_MISSING, spot_of(b, def),
               n->type == TYPE_REPEAT ? STR("repeat") : STR("group"), n->name);
}

static bool has_cell(const struct build *b, const struct draft *d, enum column_id id)
{
    for (uint32_t i = 0; d->row && i < d->row->n; i++)
        if (b->survey_use[d->row->cells[i].column].id == id)
            return true;
    return false;
}

static void check_geopoint(struct build *b, uint32_t def)
{
    const struct draft *d = &b->drafts[def];
    if (!has_cell(b, d, COL_TRIGGER))
        build_error(b, ERR_TRIGGER_MISSING, spot_of(b, def), {0});
    if (has_cell(b, d, COL_CALCULATION))
        build_error(b, ERR_GEOPOINT_CALCULATION, spot_of(b, def), {0});
}

void rule_labels(struct build *b)
{
    for (uint32_t i = 1; i < b->f->n_nodes; i++) {
        const struct form_node *n = &b->nodes[i];
        const struct draft *d = &b->drafts[i];
        if (d->origin != FROM_ROW)
            continue;
        if (n->type == TYPE_CALCULATE && !has_cell(b, d, COL_CALCULATION) &&
            !n->default_dynamic.expr)
            build_error(b, ERR_CALCULATION_MISSING, spot_of(b, i), n->name);
        if (n->type == TYPE_META && str_is(n->preload, "background-geopoint"))
            check_geopoint(b, i);
        if (has_media(b, d, "big-image") && !has_media(b, d, "image"))
            build_error(b, ERR_BIG_IMAGE, spot_of(b, i), n->name);
        if (n->type == TYPE_META && str_is(n->preload, "audit") && !str_is(n->name, "audit"))
            build_error(b, ERR_AUDIT_NAME, spot_of(b, i), n->name);
        if (n->type == TYPE_GROUP || n->type == TYPE_REPEAT)
            check_section(b, i);
        else
            check_question(b, i);
    }
}
