/* What the screens stand on: text on columns, the cell grid, keys and actions, typing, choosing. */
#include "tests/support/check_main.h"

#include <stdlib.h>

#include "app/tr.h"
#include "app/view/canvas.h"
#include "app/view/keymap.h"
#include "app/view/local.h"
#include "app/view/markup.h"
#include "app/view/picker.h"
#include "app/view/text.h"
#include "forms/base/utf8.h"

static void shows(struct canvas *c, const char *expected)
{
    struct buf b;

    buf_init(&b, 1 << 16);
    ck_assert(canvas_text(c, &b));
    ck_assert_str_eq(b.p, expected);
    buf_done(&b);
}

/* ---- the grid ---- */

START_TEST(test_canvas__cuts_with_an_ellipsis)
{
    struct canvas c;

    canvas_init(&c, 2, 10);
    ck_assert_int_eq(area_text(canvas_area(&c), 0, 0, 10, STYLE_NORMAL, STR("0123456789")), 10);
    ck_assert_int_eq(area_text(canvas_area(&c), 1, 0, 10, STYLE_NORMAL, STR("01234567890")), 10);
    shows(&c, "0123456789\n012345678…\n");
    canvas_done(&c);
}
END_TEST

START_TEST(test_canvas__no_half_of_a_wide_character)
{
    struct canvas c;

    canvas_init(&c, 3, 6);
    area_text(canvas_area(&c), 0, 0, 6, STYLE_NORMAL, STR("調査票"));
    area_text(canvas_area(&c), 1, 0, 5, STYLE_NORMAL, STR("調査票"));
    /* a character over the right half, one over the left half */
    area_text(canvas_area(&c), 2, 0, 6, STYLE_NORMAL, STR("調査票"));
    area_text(canvas_area(&c), 2, 1, 1, STYLE_NORMAL, STR("x"));
    area_text(canvas_area(&c), 2, 4, 1, STYLE_NORMAL, STR("y"));
    shows(&c, "調査票\n調査…\n x査y\n");
    canvas_done(&c);
}
END_TEST

START_TEST(test_canvas__marks_join_their_character)
{
    struct canvas c;

    canvas_init(&c, 1, 5);
    ck_assert_int_eq(area_text(canvas_area(&c), 0, 0, 5, STYLE_NORMAL, STR("e\xCC\x81\xCC\xA3x")),
                     2);
    ck_assert_uint_eq(c.cells[0].ch[0], 'e');
    ck_assert_uint_eq(c.cells[0].ch[1], 0x301);
    ck_assert_uint_eq(c.cells[0].ch[2], 0x323);
    ck_assert_uint_eq(c.cells[1].ch[0], 'x');
    canvas_done(&c);
}
END_TEST

START_TEST(test_canvas__areas_clip)
{
    struct canvas c;
    struct area part;

    canvas_init(&c, 3, 6);
    part = area_sub(canvas_area(&c), 1, 2, 9, 9);
    ck_assert_int_eq(part.rows, 2);
    ck_assert_int_eq(part.cols, 4);
    area_z(part, 0, 0, STYLE_NORMAL, "abcdef");
    area_z(part, 5, 0, STYLE_NORMAL, "outside");
    area_fill(part, -3, -3, 4, 4, STYLE_NORMAL);
    shows(&c, "\n   bc…\n\n" + 0);
    canvas_done(&c);
}
END_TEST

/* Everything that could steer a terminal, or turn text round, through the one way into a cell. */
START_TEST(test_canvas__lets_no_control_through)
{
    struct canvas c;

    canvas_init(&c, 1, 4);
    for (uint32_t ch = 0; ch < 0x2100; ch++) {
        bool hostile = ch < 0x20 || (ch >= 0x7F && ch < 0xA0) || (ch >= 0x202A && ch <= 0x202E) ||
                       (ch >= 0x2066 && ch <= 0x2069);
        char bytes[UTF8_MAX];
        size_t n = utf8_put(ch, bytes);

        if (!hostile)
            continue;
        canvas_clear(&c);
        area_text(canvas_area(&c), 0, 0, 4, STYLE_NORMAL, (struct str){bytes, n});
        if (ch == '\n' || ch == '\t' || ch == '\r')
            ck_assert_uint_eq(c.cells[0].ch[0], ' ');
        else
            ck_assert_uint_eq(c.cells[0].ch[0], UTF8_REPLACEMENT);
    }
    canvas_clear(&c);
    area_text(canvas_area(&c), 0, 0, 4, STYLE_NORMAL, STR("\xFF\xC0\x80"));
    shows(&c, "���\n");
    canvas_done(&c);
}
END_TEST

START_TEST(test_canvas__bar)
{
    struct canvas c;

    canvas_init(&c, 3, 4);
    area_bar(canvas_area(&c), 0, 0, 4, STYLE_NORMAL, 0, 0);
    area_bar(canvas_area(&c), 1, 0, 4, STYLE_NORMAL, 3, 4);
    area_bar(canvas_area(&c), 2, 0, 4, STYLE_NORMAL, 9, 9);
    shows(&c, "░░░░\n▓▓▓░\n▓▓▓▓\n");
    canvas_done(&c);
}
END_TEST

/* ---- text ---- */

static void wraps(const char *text, int width, const char *expected)
{
    struct arena a;
    struct lines l;
    struct buf b;

    arena_init(&a);
    buf_init(&b, 1 << 16);
    l = text_wrap(&a, str_of(text), width);
    for (int i = 0; i < l.n; i++) {
        ck_assert_int_le(text_width(l.v[i]), width);
        buf_add_str(&b, l.v[i]);
        buf_add_c(&b, '|');
    }
    ck_assert_str_eq(b.p, expected);
    buf_done(&b);
    arena_done(&a);
}

START_TEST(test_text__wraps_where_uax14_says)
{
    wraps("satu dua tiga", 8, "satu dua|tiga|");
    wraps("satu dua tiga", 80, "satu dua tiga|");
    wraps("satu\ndua\n\ntiga", 80, "satu|dua||tiga|");
    wraps("abcdefghij", 4, "abcd|efgh|ij|");
    wraps("調査票の長い文", 6, "調査票|の長い|文|");
    wraps("", 10, "|");
    wraps("lalu --only-pii saja", 7, "lalu|--only-|pii|saja|");
    wraps("tiba-tiba -o x", 6, "tiba-|tiba|-o x|");
    wraps("\xFF\xFF\xFF", 2, "\xFF\xFF|\xFF|");
}
END_TEST

START_TEST(test_text__steps_over_graphemes)
{
    struct str s = STR("ae\xCC\x81"
                       "日");

    ck_assert_uint_eq(text_next(s, 0), 1);
    ck_assert_uint_eq(text_next(s, 1), 4);
    ck_assert_uint_eq(text_next(s, 4), 7);
    ck_assert_uint_eq(text_next(s, 7), 7);
    ck_assert_uint_eq(text_prev(s, 7), 4);
    ck_assert_uint_eq(text_prev(s, 4), 1);
    ck_assert_uint_eq(text_prev(s, 0), 0);
}
END_TEST

START_TEST(test_text__finds_whatever_the_case)
{
    size_t at, n;

    ck_assert(text_find_folded(STR("Hulu Sungai"), STR("sung"), &at, &n));
    ck_assert_uint_eq(at, 5);
    ck_assert_uint_eq(n, 4);
    /* ß folds to two letters */
    ck_assert(text_find_folded(STR("Straße X"), STR("x"), &at, &n));
    ck_assert_uint_eq(at, 8);
    ck_assert(!text_find_folded(STR("Hulu"), STR("q"), &at, &n));
    ck_assert(!text_find_folded(STR("Hulu"), STR(""), &at, &n));
}
END_TEST

static void plain(const char *marked, const char *expected)
{
    struct buf b;

    buf_init(&b, 1 << 16);
    buf_add_z(&b, "");
    markup_plain(str_of(marked), &b);
    ck_assert_str_eq(b.p, expected);
    buf_done(&b);
}

START_TEST(test_markup__only_pairs_are_markup)
{
    plain("**Tebal** dan _miring_", "Tebal dan miring");
    plain("**luar *dalam* luar**", "luar dalam luar");
    plain("nama_berkas_ini 5 * 3", "nama_berkas_ini 5 * 3");
    plain("# Judul\nisi", "Judul\nisi");
    plain("<span style=\"color:red\">x</span> 1 < 2<br/>y", "x 1 < 2\ny");
    plain("[teks](https://example.org) [bukan]", "teks [bukan]");
    plain("\\*bukan\\*", "*bukan*");
    plain("**", "**");
    plain("[a](b", "[a](b");
}
END_TEST

/* ---- local notation ---- */

static void number(const char *stored, const char *id, const char *en)
{
    struct buf b;

    buf_init(&b, 256);
    tr_choose(STR("id"));
    local_number(str_of(stored), &b);
    ck_assert_str_eq(b.p, id);
    buf_clear(&b);
    tr_choose(STR("en"));
    local_number(str_of(stored), &b);
    ck_assert_str_eq(b.p, en);
    buf_done(&b);
}

START_TEST(test_local__numbers_and_days)
{
    struct buf b;

    number("1234567.5", "1.234.567,5", "1,234,567.5");
    number("-1500", "-1.500", "-1,500");
    number("0.25", "0,25", "0.25");
    number("12", "12", "12");
    number("abc", "abc", "abc");
    buf_init(&b, 256);
    tr_choose(STR("id"));
    local_day(0, &b);
    ck_assert_str_eq(b.p, "Kamis, 1 Januari 1970");
    buf_done(&b);
}
END_TEST

START_TEST(test_tr__falls_back_to_the_string_itself)
{
    ck_assert(tr_choose(STR("id")));
    ck_assert_str_eq(_("Saturday"), "Sabtu");
    ck_assert_str_eq(_("no such string"), "no such string");
    ck_assert_str_eq(_(""), "");
    ck_assert(!tr_choose(STR("fr")));
    ck_assert_str_eq(tr_language(), "id");
    ck_assert(tr_choose(STR("en")));
    ck_assert_str_eq(_("Saturday"), "Saturday");
    ck_assert_str_eq(tr_n("%u row", "%u rows", 1), "%u row");
    ck_assert_str_eq(tr_n("%u row", "%u rows", 2), "%u rows");
}
END_TEST

/* ---- keys ---- */

START_TEST(test_key__names_both_ways)
{
    static const char *const names[] = {"Enter", "F10",       "Ctrl-G", "Shift-F9",  "?",
                                        "Space", "Shift-Tab", "PgUp",   "Ctrl-Home", "é"};
    struct buf b;
    struct key k;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        ck_assert_msg(key_parse(str_of(names[i]), &k), "%s", names[i]);
        buf_init(&b, 64);
        key_label(k, &b);
        ck_assert_str_eq(b.p, names[i]);
        buf_done(&b);
    }
    ck_assert(!key_parse(STR(""), &k));
    ck_assert(!key_parse(STR("F99"), &k));
    ck_assert(!key_parse(STR("Ctrl-"), &k));
}
END_TEST

/* Two actions on one key in one place: the second could never be reached. */
START_TEST(test_keymap__no_key_stands_for_two_actions)
{
    static const unsigned places[] = {
        CTX_ALL | CTX_INTERVIEW | CTX_MOVE | CTX_TEXT | CTX_LINES,
        CTX_ALL | CTX_INTERVIEW | CTX_MOVE | CTX_CHOICES,
        CTX_ALL | CTX_INTERVIEW | CTX_MOVE | CTX_PLAIN | CTX_REPEAT,
        CTX_ALL | CTX_LIST | CTX_MOVE | CTX_HOME,
        CTX_ALL | CTX_LIST | CTX_MOVE | CTX_CONTENTS,
        CTX_ALL | CTX_LIST | CTX_MOVE | CTX_FINISH,
        CTX_ALL | CTX_LIST | CTX_MOVE | CTX_HOME | CTX_TEXT | CTX_ENTRY,
        CTX_ALL | CTX_DIALOG | CTX_MOVE | CTX_TEXT | CTX_LINES | CTX_ENTRY,
        CTX_ALL | CTX_DIALOG | CTX_MOVE | CTX_CHOICES,
    };
    struct keymap m;

    keymap_init(&m);
    for (size_t p = 0; p < sizeof places / sizeof *places; p++) {
        struct situation s = {places[p], false};

        for (int a = ACTION_NONE + 1; a < ACTIONS; a++) {
            for (int i = 0; i < KEYS_PER_ACTION && m.keys[a][i].code; i++) {
                if (!action_works(s, (enum action)a))
                    continue;
                ck_assert_msg(keymap_find(&m, s, m.keys[a][i]) == (enum action)a,
                              "%s: another action has its key %d",
                              action_info((enum action)a)->name, i);
            }
        }
    }
}
END_TEST

/* Function keys have a second way, and keys that terminals eat are never a way. */
START_TEST(test_keymap__no_action_hangs_on_a_function_key)
{
    struct keymap m;

    keymap_init(&m);
    for (int a = ACTION_NONE + 1; a < ACTIONS; a++) {
        const struct key *k = m.keys[a];

        if (k[0].code >= K_F1 && k[0].code <= K_F12)
            ck_assert_msg(k[1].code && !(k[1].code >= K_F1 && k[1].code <= K_F12), "%s",
                          action_info((enum action)a)->name);
        for (int i = 0; i < KEYS_PER_ACTION; i++)
            ck_assert_msg(!(k[i].mods & MOD_CTRL) || !strchr("cdqszhim", (int)k[i].code), "%s",
                          action_info((enum action)a)->name);
    }
}
END_TEST

START_TEST(test_keymap__letters_are_text_where_text_is_typed)
{
    struct situation typing = {CTX_ALL | CTX_INTERVIEW | CTX_TEXT, true};
    struct situation plain_field = {CTX_ALL | CTX_INTERVIEW | CTX_PLAIN, false};
    struct keymap m;
    struct key k;

    keymap_init(&m);
    ck_assert_int_eq(keymap_find(&m, typing, (struct key){.code = '?'}), ACTION_NONE);
    ck_assert_int_eq(keymap_find(&m, plain_field, (struct key){.code = '?'}), ACTION_HELP);
    ck_assert_int_eq(keymap_find(&m, typing, (struct key){.code = K_ENTER, .pasted = true}),
                     ACTION_NONE);
    ck_assert(keymap_key(&m, typing, ACTION_SEARCH, &k));
    ck_assert_uint_eq(k.code, K_F3);
}
END_TEST

START_TEST(test_keymap__configuration)
{
    struct situation s = {CTX_ALL | CTX_INTERVIEW, false};
    struct keymap m;
    struct err e = {0};

    keymap_init(&m);
    ck_assert(keymap_set(&m, STR("undo"), STR("Ctrl-U F11"), &e));
    ck_assert_int_eq(keymap_find(&m, s, (struct key){.code = K_F11}), ACTION_UNDO);
    ck_assert_int_eq(keymap_find(&m, s, (struct key){.code = K_F9}), ACTION_NONE);
    ck_assert(!keymap_set(&m, STR("undo"), STR("Ctrl-U Quux"), &e));
    ck_assert(err_is(&e, &ERR_NO_KEY));
    ck_assert_str_eq(e.arg[0], "Quux");
    ck_assert_int_eq(keymap_find(&m, s, (struct key){.code = K_F11}), ACTION_UNDO);
    err_clear(&e);
    ck_assert(!keymap_set(&m, STR("fly"), STR("F1"), &e));
    ck_assert(err_is(&e, &ERR_NO_ACTION));
    err_clear(&e);
    ck_assert(!keymap_set(&m, STR("undo"), STR("a b c d e"), &e));
}
END_TEST

/* ---- typing ---- */

static void edit_keys(struct edit *ed, const char *keys)
{
    struct situation s = {CTX_ALL | CTX_TEXT | CTX_MOVE | CTX_LINES, true};
    struct str rest = str_of(keys), word;
    struct keymap m;

    keymap_init(&m);
    while (str_word(&rest, &word)) {
        struct key k;

        ck_assert(key_parse(word, &k));
        edit_input(ed, &(struct input){keymap_find(&m, s, k), k});
    }
}

START_TEST(test_edit__usual_keys)
{
    struct edit ed;

    edit_init(&ed, 100);
    edit_keys(&ed, "s a t u Space d u a");
    ck_assert_str_eq(ed.text.p, "satu dua");
    edit_keys(&ed, "Ctrl-W");
    ck_assert_str_eq(ed.text.p, "satu ");
    edit_keys(&ed, "Home x End y Ctrl-Left z");
    ck_assert_str_eq(ed.text.p, "xsatu zy");
    edit_keys(&ed, "Ctrl-K Backspace Delete");
    ck_assert_str_eq(ed.text.p, "xsatu ");
    edit_keys(&ed, "Home Delete");
    ck_assert_str_eq(ed.text.p, "satu ");
    edit_done(&ed);
}
END_TEST

START_TEST(test_edit__bounds_and_only)
{
    struct input two = {ACTION_NONE, {.code = 0xE9}}, one = {ACTION_NONE, {.code = 'x'}};
    struct edit ed;

    edit_init(&ed, 3);
    ck_assert_int_eq(edit_input(&ed, &two), EDIT_CHANGED);
    ck_assert_int_eq(edit_input(&ed, &two), EDIT_REFUSED);
    ck_assert_int_eq(edit_input(&ed, &one), EDIT_CHANGED);
    ck_assert_str_eq(ed.text.p, "éx");
    edit_done(&ed);
    edit_init(&ed, 10);
    ed.only = "0123456789";
    ck_assert_int_eq(edit_input(&ed, &one), EDIT_REFUSED);
    edit_done(&ed);
}
END_TEST

START_TEST(test_edit__long_line_scrolls_with_marks)
{
    struct canvas c;
    struct edit ed;

    canvas_init(&c, 1, 8);
    edit_init(&ed, 100);
    edit_set(&ed, STR("abcdefghijklmnop"));
    edit_draw(&ed, canvas_area(&c), true);
    shows(&c, "…lmnop\n");
    ck_assert_int_eq(c.cursor_x, 6);
    edit_keys(&ed, "Home");
    edit_draw(&ed, canvas_area(&c), true);
    shows(&c, "abcdefg…\n");
    ck_assert_int_eq(c.cursor_x, 0);
    edit_done(&ed);
    canvas_done(&c);
}
END_TEST

START_TEST(test_edit__lines)
{
    struct canvas c;
    struct edit ed;

    canvas_init(&c, 2, 6);
    edit_init(&ed, 100);
    ed.lines = true;
    edit_keys(&ed, "a b Ctrl-J c d Ctrl-J e Up Up f");
    ck_assert_str_eq(ed.text.p, "afb\ncd\ne");
    ck_assert_int_eq(edit_rows(&ed, 6), 3);
    edit_keys(&ed, "Down Down");
    edit_draw(&ed, canvas_area(&c), true);
    shows(&c, "cd   ↑\ne\n");
    ck_assert_int_eq(c.cursor_y, 1);
    edit_done(&ed);
    canvas_done(&c);
}
END_TEST

/* ---- choosing ---- */

struct list {
    const char *const *names, *const *labels;
};

static struct str list_name(void *ctx, size_t i)
{
    return str_of(((struct list *)ctx)->names[i]);
}

static void list_label(void *ctx, size_t i, struct buf *out)
{
    buf_add_z(out, ((struct list *)ctx)->labels[i]);
}

static enum did press(struct widget *w, const char *key)
{
    static struct keymap m;
    struct situation s = widget_situation(w);
    struct key k;

    s.contexts |= CTX_INTERVIEW;
    keymap_init(&m);
    ck_assert(key_parse(str_of(key), &k));
    return widget_input(w, &(struct input){keymap_find(&m, s, k), k});
}

static void answers(struct widget *w, const char *expected)
{
    const char *why = NULL;
    struct buf b;

    buf_init(&b, 1 << 12);
    buf_add_z(&b, "");
    ck_assert_msg(w->ops->answer(w, &b, &why), "%s", why);
    ck_assert_str_eq(b.p, expected);
    buf_done(&b);
}

static void refuses(struct widget *w)
{
    const char *why = NULL;
    struct buf b;

    buf_init(&b, 1 << 12);
    ck_assert(!w->ops->answer(w, &b, &why));
    ck_assert_ptr_nonnull(why);
    buf_done(&b);
}

static const char *const codes[] = {"1", "2", "3", "10", "98"};
static const char *const labels[] = {"Satu", "Dua", "Tiga", "Sepuluh", "Tidak tahu"};
static struct list numbered = {codes, labels};

static struct field choices(enum field_kind kind)
{
    return (struct field){.kind = kind, .choices = {&numbered, 5, list_name, list_label}};
}

START_TEST(test_select__a_digit_goes_on_where_no_code_continues)
{
    struct field f = choices(FIELD_SELECT);
    struct widget *w = widget_new(&f);

    ck_assert_int_eq(press(w, "2"), DID_TAKE);
    answers(w, "2");
    ck_assert_int_eq(press(w, "1"), DID_TYPE); /* 10 begins with it */
    ck_assert_int_eq(press(w, "Enter"), DID_TAKE);
    answers(w, "1");
    ck_assert_int_eq(press(w, "1"), DID_TYPE);
    ck_assert_int_eq(press(w, "0"), DID_TAKE);
    answers(w, "10");
    ck_assert_int_eq(press(w, "7"), DID_TYPE);
    refuses(w);
    ck_assert_int_eq(press(w, "3"), DID_TAKE); /* 73 can't be: 3 begins anew */
    answers(w, "3");
    widget_free(w);
}
END_TEST

START_TEST(test_select__enter_without_a_cursor_changes_nothing)
{
    struct field f = choices(FIELD_SELECT);
    struct widget *w = widget_new(&f);

    ck_assert_int_eq(press(w, "Enter"), DID_NOTHING);
    answers(w, "");
    press(w, "Down");
    press(w, "Down");
    ck_assert_int_eq(press(w, "Enter"), DID_TAKE);
    answers(w, "2");
    widget_free(w);
}
END_TEST

START_TEST(test_select__missing_codes_stand_last)
{
    struct field f = choices(FIELD_SELECT);
    struct widget *w;

    f.missing[0] = STR("2");
    w = widget_new(&f);
    press(w, "Down");
    press(w, "Down");
    press(w, "Enter");
    answers(w, "3");
    press(w, "End");
    press(w, "Enter");
    answers(w, "2");
    widget_free(w);
}
END_TEST

START_TEST(test_multiple__codes_ranges_and_space)
{
    struct field f = choices(FIELD_MULTIPLE);
    struct widget *w = widget_new(&f);

    press(w, "2");
    press(w, "-");
    press(w, "9");
    press(w, "8");
    answers(w, "2 3 10 98");
    ck_assert_int_eq(press(w, "Space"), DID_SOMETHING); /* a separator after a code */
    answers(w, "2 3 10 98");
    press(w, "Up");
    press(w, "Space"); /* now it ticks: 10 is at the cursor */
    answers(w, "2 3 98");
    press(w, "1");
    press(w, "Enter"); /* 1 is typed, Enter ticks it */
    answers(w, "1 2 3 98");
    ck_assert_int_eq(press(w, "Enter"), DID_TAKE);
    widget_free(w);
}
END_TEST

START_TEST(test_multiple__ticks_survive_as_typed)
{
    struct field f = choices(FIELD_MULTIPLE);
    struct widget *w = widget_new(&f), *again;

    press(w, "2");
    press(w, "3");
    ck_assert(str_is(widget_typed(w), "2 3"));
    again = widget_new(&f);
    again->ops->set_typed(again, widget_typed(w));
    answers(again, "2 3");
    widget_free(again);
    widget_free(w);
}
END_TEST

static const char *const villages[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"};
static const char *const village_names[] = {"Jangkung", "Belimbing", "Belimbing Raya", "Pudak",
                                            "Tanjung",  "Agung",     "Hikun",          "Mabu'un",
                                            "Sulingan", "Kapar",     "Maburai"};
static struct list named = {villages, village_names};

START_TEST(test_select__typing_narrows_a_long_list)
{
    struct field f = {.kind = FIELD_SELECT, .choices = {&named, 11, list_name, list_label}};
    struct widget *w = widget_new(&f);

    for (const char *c = "BELI"; *c; c++)
        press(w, (char[]){*c, 0});
    refuses(w); /* two are left */
    press(w, "Down");
    press(w, "Down");
    ck_assert_int_eq(press(w, "Enter"), DID_TAKE);
    answers(w, "c");
    for (const char *c = "hik"; *c; c++)
        press(w, (char[]){*c, 0});
    ck_assert_int_eq(press(w, "Enter"), DID_TAKE); /* the only one left */
    answers(w, "g");
    ck_assert_int_eq(press(w, "1"), DID_TYPE); /* row 10, 11 */
    ck_assert_int_eq(press(w, "1"), DID_TAKE);
    answers(w, "k");
    widget_free(w);
}
END_TEST

START_TEST(test_number__point_before_three_digits_asks)
{
    struct field f = {.kind = FIELD_DECIMAL};
    struct widget *w = widget_new(&f);

    for (const char *c = "1.500"; *c; c++)
        press(w, (char[]){*c, 0});
    refuses(w);
    answers(w, "1.500"); /* asked once, now it is meant */
    press(w, "Backspace");
    press(w, "Backspace");
    answers(w, "1.5");
    widget_free(w);
    f.value = STR("1234.567");
    w = widget_new(&f);
    answers(w, "1234.567"); /* as stored: nobody typed it */
    ck_assert_int_eq(press(w, "x"), DID_REFUSE);
    widget_free(w);
}
END_TEST

START_TEST(test_date__typed_in_one_go_or_by_parts)
{
    struct field f = {.kind = FIELD_DATE, .now_ms = (int64_t)20454 * 86400000}; /* 2026-01-01 */
    struct widget *w = widget_new(&f);

    for (const char *c = "17081945"; *c; c++)
        press(w, (char[]){*c, 0});
    answers(w, "1945-08-17");
    press(w, "Up");
    answers(w, "1945-08-18");
    press(w, "Ctrl-W");
    answers(w, "");
    for (const char *c = "7-8-2001"; *c; c++)
        press(w, (char[]){*c, 0});
    answers(w, "2001-08-07");
    press(w, "Ctrl-W");
    for (const char *c = "2301"; *c; c++)
        press(w, (char[]){*c, 0});
    answers(w, "2026-01-23");
    press(w, "Ctrl-W");
    for (const char *c = "30022001"; *c; c++)
        press(w, (char[]){*c, 0});
    refuses(w);
    press(w, "h");
    answers(w, "2026-01-01");
    press(w, "Down");
    answers(w, "2025-12-31");
    press(w, "Ctrl-W");
    for (const char *c = "010145"; *c; c++)
        press(w, (char[]){*c, 0});
    refuses(w); /* a year of two digits */
    widget_free(w);
}
END_TEST

START_TEST(test_range__steps_leave_no_crumbs)
{
    struct field f = {.kind = FIELD_RANGE, .start = 0, .end = 1, .step = 0.1};
    struct widget *w = widget_new(&f);

    for (int i = 0; i < 4; i++)
        press(w, "Right");
    answers(w, "0.3");
    press(w, "End");
    answers(w, "1");
    press(w, "Right");
    answers(w, "1");
    widget_free(w);
}
END_TEST

START_TEST(test_geo__points)
{
    struct field f = {.kind = FIELD_GEOPOINT};
    struct widget *w = widget_new(&f);

    for (const char *c = "-2.1683,115.3856"; *c; c++)
        press(w, (char[]){*c, 0});
    answers(w, "-2.1683 115.3856 0 0");
    press(w, "Home");
    press(w, "9");
    press(w, "9");
    refuses(w);
    widget_free(w);
}
END_TEST

/* A comma is the decimal sign or stands between two numbers; where nobody can tell, it is refused. */
START_TEST(test_geo__commas)
{
    static const struct {
        const char *typed, *stored;
    } cases[] = {
        {"-2.16, 115,38", "-2.16 115.38 0 0"},
        {"-2,1683 115,3856", "-2.1683 115.3856 0 0"},
        {"-2,1683, 115,3856, 41", "-2.1683 115.3856 41 0"},
        {"-2.1683,115.3856,41,", "-2.1683 115.3856 41 0"},
        {"-2, 115", "-2 115 0 0"},
        {"-2.16,115,38", NULL},
        {"-2,16,115,38", NULL},
        {"-2,115", NULL},
    };
    struct field f = {.kind = FIELD_GEOPOINT};

    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct widget *w = widget_new(&f);

        w->ops->set_typed(w, str_of(cases[i].typed));
        if (cases[i].stored)
            answers(w, cases[i].stored);
        else
            refuses(w);
        widget_free(w);
    }
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("view");
    TCase *tc = tcase_create("view");

    tcase_add_test(tc, test_canvas__cuts_with_an_ellipsis);
    tcase_add_test(tc, test_canvas__no_half_of_a_wide_character);
    tcase_add_test(tc, test_canvas__marks_join_their_character);
    tcase_add_test(tc, test_canvas__areas_clip);
    tcase_add_test(tc, test_canvas__lets_no_control_through);
    tcase_add_test(tc, test_canvas__bar);
    tcase_add_test(tc, test_text__wraps_where_uax14_says);
    tcase_add_test(tc, test_text__steps_over_graphemes);
    tcase_add_test(tc, test_text__finds_whatever_the_case);
    tcase_add_test(tc, test_markup__only_pairs_are_markup);
    tcase_add_test(tc, test_local__numbers_and_days);
    tcase_add_test(tc, test_tr__falls_back_to_the_string_itself);
    tcase_add_test(tc, test_key__names_both_ways);
    tcase_add_test(tc, test_keymap__no_key_stands_for_two_actions);
    tcase_add_test(tc, test_keymap__no_action_hangs_on_a_function_key);
    tcase_add_test(tc, test_keymap__letters_are_text_where_text_is_typed);
    tcase_add_test(tc, test_keymap__configuration);
    tcase_add_test(tc, test_edit__usual_keys);
    tcase_add_test(tc, test_edit__bounds_and_only);
    tcase_add_test(tc, test_edit__long_line_scrolls_with_marks);
    tcase_add_test(tc, test_edit__lines);
    tcase_add_test(tc, test_select__a_digit_goes_on_where_no_code_continues);
    tcase_add_test(tc, test_select__enter_without_a_cursor_changes_nothing);
    tcase_add_test(tc, test_select__missing_codes_stand_last);
    tcase_add_test(tc, test_select__typing_narrows_a_long_list);
    tcase_add_test(tc, test_multiple__codes_ranges_and_space);
    tcase_add_test(tc, test_multiple__ticks_survive_as_typed);
    tcase_add_test(tc, test_number__point_before_three_digits_asks);
    tcase_add_test(tc, test_date__typed_in_one_go_or_by_parts);
    tcase_add_test(tc, test_range__steps_leave_no_crumbs);
    tcase_add_test(tc, test_geo__points);
    tcase_add_test(tc, test_geo__commas);
    suite_add_tcase(s, tc);
    return s;
}
