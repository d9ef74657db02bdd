/* Typing, and how what was typed is shown. */
#include "app/view/edit.h"

#include "app/view/text.h"
#include "forms/base/arena.h"
#include "forms/base/utf8.h"

void edit_init(struct edit *ed, size_t max)
{
    *ed = (struct edit){0};
    buf_init(&ed->text, max);
}

/* Room for all of it at once, so that growing leaves no copies behind: for passphrases. */
void edit_init_secret(struct edit *ed, size_t max)
{
    edit_init(ed, max);
    ed->masked = true;
    if (buf_room(&ed->text, max))
        buf_clear(&ed->text);
}

void edit_done(struct edit *ed)
{
    buf_wipe_done(&ed->text);
}

void edit_clear(struct edit *ed)
{
    if (ed->text.p)
        explicit_bzero(ed->text.p, ed->text.n);
    buf_clear(&ed->text);
    ed->at = ed->left = 0;
    ed->top = 0;
}

void edit_set(struct edit *ed, struct str text)
{
    edit_clear(ed);
    buf_add_str(&ed->text, text);
    ed->at = ed->text.n;
}

static void erase(struct edit *ed, size_t from, size_t to)
{
    memmove(ed->text.p + from, ed->text.p + to, ed->text.n - to);
    explicit_bzero(ed->text.p + ed->text.n - (to - from), to - from);
    ed->text.n -= to - from;
    ed->text.p[ed->text.n] = '\0';
    ed->text.full = false;
    ed->at = from;
}

static enum edited insert(struct edit *ed, uint32_t c)
{
    char ch[UTF8_MAX];
    size_t n = utf8_put(c, ch), old = ed->text.n;

    if (ed->only && !(ed->lines && c == '\n') && (c >= 0x80 || !strchr(ed->only, (int)c)))
        return EDIT_REFUSED;
    if (!buf_room(&ed->text, n)) {
        ed->text.full = false;
        return EDIT_REFUSED;
    }
    memmove(ed->text.p + ed->at + n, ed->text.p + ed->at, old - ed->at);
    memcpy(ed->text.p + ed->at, ch, n);
    ed->at += n;
    return EDIT_CHANGED;
}

static size_t line_begin(struct str s, size_t at)
{
    while (at > 0 && s.p[at - 1] != '\n')
        at--;
    return at;
}

/* The same column in the line above or below. */
static enum edited move_row(struct edit *ed, int by)
{
    struct str s = edit_text(ed);
    size_t begin = line_begin(s, ed->at), end = str_find(s, '\n', ed->at);
    int col = text_width(str_sub(s, begin, ed->at - begin));

    if (!ed->lines || (by < 0 && begin == 0) || (by > 0 && end == s.n))
        return EDIT_IGNORED;
    begin = by < 0 ? line_begin(s, begin - 1) : end + 1;
    end = str_find(s, '\n', begin);
    ed->at = begin + text_head(str_sub(s, begin, end - begin), col).n;
    return EDIT_MOVED;
}

static enum edited move_to(struct edit *ed, size_t at)
{
    ed->at = at;
    return EDIT_MOVED;
}

static enum edited erase_to(struct edit *ed, size_t from, size_t to)
{
    if (from == to)
        return EDIT_IGNORED;
    erase(ed, from, to);
    return EDIT_CHANGED;
}

/* Pasted line ends stay in a text of lines, are a blank in a line. */
static enum edited type(struct edit *ed, struct key k)
{
    if (k.pasted && (k.code == K_ENTER || k.code == '\n' || k.code == '\r'))
        return insert(ed, ed->lines ? '\n' : ' ');
    if (k.pasted && k.code == K_TAB)
        return insert(ed, ' ');
    return key_is_text(k) ? insert(ed, k.code) : EDIT_IGNORED;
}

enum edited edit_input(struct edit *ed, const struct input *in)
{
    struct str s = edit_text(ed);
    size_t at = ed->at;

    switch ((int)in->action) {
    case ACTION_LEFT: return at ? move_to(ed, text_prev(s, at)) : EDIT_IGNORED;
    case ACTION_RIGHT: return at < s.n ? move_to(ed, text_next(s, at)) : EDIT_IGNORED;
    case ACTION_WORD_LEFT: return move_to(ed, text_word_prev(s, at));
    case ACTION_WORD_RIGHT: return move_to(ed, text_word_next(s, at));
    case ACTION_HOME: return move_to(ed, line_begin(s, at));
    case ACTION_END: return move_to(ed, str_find(s, '\n', at));
    case ACTION_UP: return move_row(ed, -1);
    case ACTION_DOWN: return move_row(ed, 1);
    case ACTION_ERASE: return erase_to(ed, text_prev(s, at), at);
    case ACTION_ERASE_AT: return erase_to(ed, at, text_next(s, at));
    case ACTION_ERASE_WORD: return erase_to(ed, text_word_prev(s, at), at);
    case ACTION_ERASE_END: return erase_to(ed, at, str_find(s, '\n', at));
    case ACTION_ERASE_START: return erase_to(ed, line_begin(s, at), at);
    case ACTION_NEWLINE: return ed->lines ? insert(ed, '\n') : EDIT_IGNORED;
    case ACTION_NONE: return type(ed, in->key);
    default: return EDIT_IGNORED;
    }
}

/* ---- drawing ---- */

static int shown_width(const struct edit *ed, struct str s)
{
    return ed->masked ? (int)utf8_count(s) : text_width(s);
}

/* From the cursor back as far as `cols` columns reach: of a long paste only its end is looked at. */
static size_t first_shown(const struct edit *ed, int cols)
{
    struct str s = edit_text(ed);
    size_t first = ed->at;

    for (size_t p = first; p > 0;) {
        p = text_prev(s, p);
        if (shown_width(ed, str_sub(s, p, ed->at - p)) > cols)
            break;
        first = p;
    }
    return first;
}

/* Moves `left` so that the cursor, and the mark of what is cut off, have their columns. */
static void scroll_line(struct edit *ed, int cols)
{
    struct str s = edit_text(ed);

    if (ed->left > ed->at)
        ed->left = ed->at;
    if (shown_width(ed, str_sub(s, ed->left, ed->at - ed->left)) > cols - 2)
        ed->left = first_shown(ed, cols - 2);
    while (ed->left > 0 && shown_width(ed, str_from(s, text_prev(s, ed->left))) <= cols - 2)
        ed->left = text_prev(s, ed->left);
}

static void draw_line(struct edit *ed, struct area a, bool focus)
{
    struct str s = edit_text(ed), dot = STR("\xE2\x80\xA2"), before;
    int x = 0;

    scroll_line(ed, a.cols);
    before = str_sub(s, ed->left, ed->at - ed->left);
    if (ed->masked) {
        for (size_t i = utf8_count(str_from(s, ed->left)); i > 0; i--)
            x += area_text(a, 0, x, 1, STYLE_INPUT, dot);
    } else {
        area_text(a, 0, 0, a.cols, STYLE_INPUT, str_from(s, ed->left));
    }
    if (ed->left > 0)
        area_text(a, 0, 0, 1, STYLE_INPUT, STR("\xE2\x80\xA6"));
    if (focus)
        area_cursor(a, 0, shown_width(ed, before));
}

static void draw_lines(struct edit *ed, struct area a, bool focus)
{
    struct str s = edit_text(ed);
    struct arena scratch;
    struct lines l;
    int row = 0, col;

    arena_init(&scratch);
    l = text_wrap(&scratch, s, a.cols - 1);
    while (row + 1 < l.n && l.v[row + 1].p <= s.p + ed->at)
        row++;
    /* from the text itself: a line leaves out the blanks it was broken at */
    col = s.n ? text_width((struct str){l.v[row].p, (size_t)(s.p + ed->at - l.v[row].p)}) : 0;
    if (row < ed->top)
        ed->top = row;
    if (row >= ed->top + a.rows)
        ed->top = row - a.rows + 1;
    for (int y = 0; y < a.rows && ed->top + y < l.n; y++)
        area_text(a, y, 0, a.cols, STYLE_INPUT, l.v[ed->top + y]);
    if (ed->top > 0)
        area_text(a, 0, a.cols - 1, 1, STYLE_INPUT, STR("\xE2\x86\x91"));
    if (ed->top + a.rows < l.n)
        area_text(a, a.rows - 1, a.cols - 1, 1, STYLE_INPUT, STR("\xE2\x86\x93"));
    if (focus)
        area_cursor(a, row - ed->top, col < a.cols ? col : a.cols - 1);
    arena_wipe(&scratch);
    arena_done(&scratch);
}

int edit_rows(const struct edit *ed, int cols)
{
    struct arena scratch;
    int n;

    if (!ed->lines)
        return 1;
    arena_init(&scratch);
    n = text_wrap(&scratch, edit_text(ed), cols - 1).n;
    arena_wipe(&scratch);
    arena_done(&scratch);
    return n;
}

void edit_draw(struct edit *ed, struct area a, bool focus)
{
    area_fill(a, 0, 0, a.rows, a.cols, STYLE_INPUT);
    if (ed->lines)
        draw_lines(ed, a, focus);
    else
        draw_line(ed, a, focus);
}
