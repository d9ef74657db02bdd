/* What frames every screen: the top line with the rule, the bottom lines with the keys that work
 * now. */
#include "app/tr.h"
#include "app/view/local.h"
#include "app/view/text.h"
#include "app/view/ui.h"

void chrome_title(struct ui *ui, struct area a, struct str left)
{
    struct buf right;
    int w;

    buf_init(&right, 64);
    buf_printf(&right, "%s  ", strcmp(tr_language(), "id") == 0 ? "ID" : "EN");
    local_clock(ui_local_ms(ui), false, &right);
    w = text_width(buf_str(&right));
    area_text(a, 0, 1, a.cols - w - 4, STYLE_TITLE, left);
    area_text(a, 0, a.cols - w - 1, w, STYLE_NORMAL, buf_str(&right));
    area_rule(a, 1, STYLE_RULE);
    if (ui->practice)
        area_text(a, 1, 2, a.cols - 4, STYLE_PRACTICE, str_of(_(" PRACTICE: never sent ")));
    buf_done(&right);
}

/* Lays the keys out; draws them when `a` has rows. Returns the rows they take. */
static int lay_keys(struct ui *ui, struct area a, int cols)
{
    struct situation s = ui_situation(ui);
    struct buf key;
    int y = 0, x = 1;

    buf_init(&key, 64);
    for (int i = ACTION_NONE + 1; i < ACTIONS; i++) {
        const struct action_info *info = action_info((enum action)i);
        struct key k;
        int w;

        if (!info->word || !keymap_key(&ui->keys, s, (enum action)i, &k))
            continue;
        if (ui->top->ops->hides && ui->top->ops->hides(ui, ui->top, (enum action)i))
            continue;
        buf_clear(&key);
        key_label(k, &key);
        w = text_width(buf_str(&key)) + 1 + text_width(str_of(_(info->word)));
        if (x + w > cols - 1 && x > 1) {
            y++;
            x = 1;
        }
        if (a.rows > 0) {
            area_action(a, y, x, w, (size_t)i);
            x += area_text(a, y, x, cols, STYLE_KEY, buf_str(&key)) + 1;
            x += area_text(a, y, x, cols, STYLE_KEYTEXT, str_of(_(info->word))) + 2;
        } else {
            x += w + 2;
        }
    }
    buf_done(&key);
    return y + 1;
}

int chrome_bottom_rows(struct ui *ui, int cols)
{
    return 1 + lay_keys(ui, (struct area){0}, cols);
}

void chrome_bottom(struct ui *ui, struct area a)
{
    area_rule(a, 0, STYLE_RULE);
    if (ui->notice.n) {
        struct buf text;

        buf_init(&text, ui->notice.n + 3);
        buf_printf(&text, " %s ", ui->notice.p);
        area_text(a, 0, 2, a.cols - 4, ui->notice_style, buf_str(&text));
        buf_done(&text);
    }
    lay_keys(ui, area_sub(a, 1, 0, a.rows - 1, a.cols), a.cols);
}

int chrome_paragraph(struct ui *ui, struct area a, int y, int x, enum style style, struct str s)
{
    struct lines l = text_wrap(&ui->scratch, s, a.cols - x);
    int n;

    for (n = 0; n < l.n && (n == 0 || y + n < a.rows); n++) {
        bool last = n + 1 < l.n && y + n + 1 == a.rows;

        if (!last || a.cols - x > 2)
            area_text(a, y + n, x, a.cols - x - (last ? 2 : 0), style, l.v[n]);
        if (last)
            area_text(a, y + n, a.cols - 1, 1, style, STR("…"));
    }
    return n;
}

static void corner(struct area a, int y, int x, const char *glyph)
{
    area_text(a, y, x, 1, STYLE_RULE, str_of(glyph));
}

struct area chrome_box(struct area a, int rows, int cols, const char *title)
{
    int high = rows + 2 < a.rows ? rows + 2 : a.rows, wide = cols + 4 < a.cols ? cols + 4 : a.cols;
    struct area box = area_sub(a, (a.rows - high) / 2, (a.cols - wide) / 2, high, wide);

    area_nothing(a);
    area_fill(a, (a.rows - high) / 2, 0, high, a.cols, STYLE_NORMAL);
    area_rule(box, 0, STYLE_RULE);
    area_rule(box, box.rows - 1, STYLE_RULE);
    for (int y = 1; y < box.rows - 1; y++) {
        corner(box, y, 0, "│");
        corner(box, y, box.cols - 1, "│");
    }
    corner(box, 0, 0, "┌");
    corner(box, 0, box.cols - 1, "┐");
    corner(box, box.rows - 1, 0, "└");
    corner(box, box.rows - 1, box.cols - 1, "┘");
    if (title) {
        struct buf text;

        buf_init(&text, 512);
        buf_printf(&text, " %s ", title);
        area_text(box, 0, 2, box.cols - 4, STYLE_TITLE, buf_str(&text));
        buf_done(&text);
    }
    return area_sub(box, 1, 2, box.rows - 2, box.cols - 4);
}
