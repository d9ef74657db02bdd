/* The quotas on the home screen: a bar a cell, in columns, the first ones where there isn't room for
 * all. Counted by home (app/flow/listing.h); the office's own count is in its dashboard. */
#include "app/flow/quota.h"

#include "app/tr.h"
#include "app/view/text.h"
#include "app/view/ui.h"

#define HEAD_COLS 11
#define CELL_COLS 34
#define NAME_COLS 13
#define BAR_COLS  10

static void draw_cell(struct area a, const struct config_quota *q, uint64_t n)
{
    struct buf text;
    bool over = n > q->target && q->kind != QUOTA_MIN;
    enum style style = over ? STYLE_WARNING : STYLE_NORMAL;

    area_text(a, 0, 0, NAME_COLS, STYLE_NORMAL, q->name);
    area_bar(a, 0, NAME_COLS + 1, BAR_COLS, STYLE_NORMAL, n < q->target ? n : q->target, q->target);
    buf_init(&text, 64);
    buf_printf(&text, "%llu/%llu%s", (unsigned long long)n, (unsigned long long)q->target,
               over               ? " !"
               : quota_full(q, n) ? " ✓"
                                  : "");
    area_text(a, 0, NAME_COLS + BAR_COLS + 2, CELL_COLS - NAME_COLS - BAR_COLS - 2, style,
              buf_str(&text));
    buf_done(&text);
}

/* Column by column, as they are read. */
int quota_draw(struct ui *ui, struct area a)
{
    const struct config *c = survey_config(ui->survey);
    size_t columns = (size_t)((a.cols - HEAD_COLS) / CELL_COLS), rows, shown;
    struct buf text;

    if (!ui->quota || c->n_quotas == 0 || columns == 0)
        return 0;
    rows = (c->n_quotas + columns - 1) / columns;
    rows = rows > (size_t)a.rows ? (size_t)a.rows : rows;
    shown = c->n_quotas < rows * columns ? c->n_quotas : rows * columns;
    area_z(a, 0, 1, STYLE_NORMAL, _("Quotas"));
    for (size_t i = 0; i < shown; i++)
        draw_cell(
            area_sub(a, (int)(i % rows), HEAD_COLS + (int)(i / rows) * CELL_COLS, 1, CELL_COLS),
            &c->quotas[i], ui->quota[i]);
    if (shown < c->n_quotas) {
        buf_init(&text, 64);
        buf_printf(&text, _("+%zu more"), c->n_quotas - shown);
        area_text(a, (int)rows - 1, 1, HEAD_COLS - 2, STYLE_HINT, buf_str(&text));
        buf_done(&text);
    }
    return (int)rows;
}

void quota_warn(struct ui *ui)
{
    const struct config *c = survey_config(ui->survey);
    struct buf text;

    for (size_t i = 0; i < c->n_quotas && ui->quota && ui->session; i++) {
        const struct config_quota *q = &c->quotas[i];

        if (q->condition.n || q->kind == QUOTA_MIN || !quota_full(q, ui->quota[i]) ||
            !str_eq(q->form_id, session_form(ui->session)->id))
            continue;
        buf_init(&text, LIMIT_CELL_BYTES);
        buf_printf(&text, _("The quota %.*s is full (%llu of %llu): ask your supervisor."),
                   STR_FMT(q->name), (unsigned long long)ui->quota[i],
                   (unsigned long long)q->target);
        ui_note(ui, STYLE_WARNING, text.p);
        buf_done(&text);
        return;
    }
}
