/* The questionnaire as text. */
#include "tests/support/check_main.h"

#include <stdio.h>

#include "forms/base/mem.h"
#include "forms/model/form.h"
#include "forms/model/show.h"

static const char text[] =
    "| survey |\n| | type | name | label::Bahasa (id) | label::English (en) | relevant | required "
    "| "
    "constraint | constraint_message |\n"
    "| | begin group | g | Bagian A | Part A | | | | |\n"
    "| | select_one yn | a | Setuju? | Do you agree? | | yes | | |\n"
    "| | select_multiple yn | m | Apa saja? | Which? | | | | |\n"
    "| | integer | b | Umur ${a} | Age of ${a} | ${a} = 'y' and selected(${m}, 'n') | | . < 99 | "
    "|\n"
    "| | calculate | c | | | | | | |\n"
    "| | end group | | | | | | | |\n"
    "| | begin repeat | r | Anggota | Member | ${b} >= 2 | | | |\n"
    "| | text | t | Nama yang panjang sekali sehingga harus dipatahkan | Name | | | | |\n"
    "| | end repeat | | | | | | | |\n"
    "| choices |\n| | list_name | name | label::Bahasa (id) | label::English (en) |\n"
    "| | yn | y | Ya | Yes |\n| | yn | n | Tidak | No |\n"
    "| settings |\n| | form_title |\n| | Judul |\n";

static void show(uint32_t language, unsigned width, const char *want)
{
    struct form *f;
    struct diags diags;
    struct err e = {0};
    struct buf source, out;
    diags_init(&diags);
    buf_init(&out, 1 << 20);
    buf_init(&source, 1 << 20);
    /* The calculation of c stands in a column that the table above has no room for. */
    buf_add_z(&source, text);
    char *c = strstr(source.p, "| calculate | c");
    ck_assert_ptr_nonnull(c);
    memcpy(c, "| hidden    | c", 15);
    ck_assert(form_compile(&f, buf_str(&source), "t.md", NULL, &diags, &e));
    ck_assert(form_show(f, language, width, &out));
    ck_assert_str_eq(out.p, want);
    form_free(f);
    diags_done(&diags);
    buf_done(&out);
    buf_done(&source);
}

static const struct {
    const char *expr, *english, *indonesian;
} conditions[] = {
    {"not(selected(${m}, 'n'))", "m does not include n (No)", "m tidak memuat n (Tidak)"},
    {"not(selected(${m}, 'n') or ${a} = 'y')", "not(m includes n (No) or a is y (Yes))",
     "tidak(m memuat n (Tidak) atau a adalah y (Ya))"},
    {"selected(${m}, name) or name = 'n'", "chosen in m or its code is n (No)",
     "dipilih di m atau kodenya adalah n (Tidak)"},
    {"not(selected(${m}, name))", "not chosen in m", "tidak dipilih di m"},
    {"selected(${m}, names)", "selected(m, names)", "selected(m, names)"},
};

START_TEST(test_show__conditions_in_words)
{
    static const char form[] =
        "| survey |\n| | type | name | label::B (id) | label::E (en) |\n"
        "| | select_one yn | a | A | A |\n"
        "| | select_multiple yn | m | M | M |\n"
        "| choices |\n| | list_name | name | label::B (id) | label::E (en) |\n"
        "| | yn | y | Ya | Yes |\n| | yn | n | Tidak | No |\n";
    struct form *f;
    struct diags diags;
    struct err e = {0};
    diags_init(&diags);
    ck_assert(form_compile(&f, str_of(form), "t.md", NULL, &diags, &e));
    for (int indonesian = 0; indonesian < 2; indonesian++) {
        struct buf out;
        buf_init(&out, 4096);
        show_condition(f, str_of(conditions[_i].expr), indonesian ? 0 : 1, NULL, indonesian, &out);
        ck_assert_str_eq(out.p, indonesian ? conditions[_i].indonesian : conditions[_i].english);
        buf_done(&out);
    }
    form_free(f);
    diags_done(&diags);
}
END_TEST

START_TEST(test_show__one_language)
{
    show(1, 50,
         "Judul\n"
         "t\n"
         "==================================================\n"
         "\n"
         "--------------------------------------------------\n"
         "Part A\n"
         "\n"
         "  1* Do you agree?\n"
         "     ( ) y  Yes\n"
         "     ( ) n  No\n"
         "\n"
         "  2. Which?\n"
         "     (several answers)\n"
         "     [ ] y  Yes\n"
         "     [ ] n  No\n"
         "\n"
         "     Only if: Q1 is y (Yes) and Q2 includes n (No)\n"
         "  3. Age of [a]\n"
         "     |__|__|__|__|__|__|__|__|__|\n"
         "     Must hold: the answer is less than 99\n"
         "\n"
         "..................................................\n"
         "For each:\n"
         "Member\n"
         "     Only if: Q3 is at least 2\n"
         "\n"
         "  4. Name\n"
         "     ________________________________________\n"
         "\n"
         "End of: Member\n"
         "..................................................\n");
}
END_TEST

START_TEST(test_show__under_each_other)
{
    show(SHOW_ALL, 42,
         "Judul\n"
         "t\n"
         "==========================================\n"
         "\n"
         "------------------------------------------\n"
         "Bagian A\n"
         "Part A\n"
         "\n"
         "  1* Setuju?\n"
         "     Do you agree?\n"
         "     ( ) y  Ya\n"
         "            Yes\n"
         "     ( ) n  Tidak\n"
         "            No\n"
         "\n"
         "  2. Apa saja?\n"
         "     Which?\n"
         "     (boleh lebih dari satu)\n"
         "     [ ] y  Ya\n"
         "            Yes\n"
         "     [ ] n  Tidak\n"
         "            No\n"
         "\n"
         "     Hanya jika: no. 1 adalah y (Ya) dan\n"
         "     no. 2 memuat n (Tidak)\n"
         "  3. Umur [a]\n"
         "     Age of [a]\n"
         "     |__|__|__|__|__|__|__|__|__|\n"
         "     Syarat: jawaban kurang dari 99\n"
         "\n"
         "..........................................\n"
         "Untuk setiap:\n"
         "Anggota\n"
         "Member\n"
         "     Hanya jika: no. 3 paling sedikit 2\n"
         "\n"
         "  4. Nama yang panjang sekali sehingga\n"
         "     harus dipatahkan\n"
         "     Name\n"
         "     ________________________________________\n"
         "\n"
         "Akhir: Anggota\n"
         "       Member\n"
         "..........................................\n");
}
END_TEST

START_TEST(test_show__side_by_side)
{
    struct form *f;
    struct diags diags;
    struct err e = {0};
    struct buf out;
    diags_init(&diags);
    buf_init(&out, 1 << 20);
    ck_assert(form_compile(&f,
                           STR("| survey |\n| | type | name | label::A | label::B |\n"
                               "| | text | a | \xE4\xBD\xA0\xE5\xA5\xBD | Hello |\n"),
                           "t.md", NULL, &diags, &e));
    ck_assert(form_show(f, SHOW_ALL, 100, &out));
    /* Wide characters count two columns: Hello begins at column 5 + 46 + 3. */
    char line[128];
    snprintf(line, sizeof line, "  1. %s%*s%s\n", "\xE4\xBD\xA0\xE5\xA5\xBD", 46 - 4 + 3, "",
             "Hello");
    ck_assert_ptr_nonnull(strstr(out.p, line));
    struct buf small;
    buf_init(&small, 20);
    ck_assert(!form_show(f, SHOW_ALL, 100, &small));
    buf_done(&small);
    form_free(f);
    diags_done(&diags);
    buf_done(&out);
}
END_TEST

Suite *test_suite(void)
{
    Suite *s = suite_create("show");
    TCase *t = tcase_create("show");
    tcase_add_loop_test(t, test_show__conditions_in_words, 0,
                        (int)(sizeof conditions / sizeof *conditions));
    tcase_add_test(t, test_show__one_language);
    tcase_add_test(t, test_show__under_each_other);
    tcase_add_test(t, test_show__side_by_side);
    suite_add_tcase(s, t);
    return s;
}
