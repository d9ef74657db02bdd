/* Random keys on the whole program, with resizes: random_keys FORM SEED COUNT. Nothing may crash
 * or hang; now and then the store is locked in mid-interview, and what is shown after unlocking
 * must be what was shown before. Prints TAP; on a failure the keys are given by the seed. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

#include "forms/base/num.h"
#include "sync/crypt/crypt.h"
#include "tests/support/ui_case.h"

static uint64_t state;
static unsigned locked, in_interview; /* how often, so that a run that tests nothing shows */

static uint32_t draw_number(uint32_t below)
{
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(state >> 33) % below;
}

/* Keys that take an interview on are likelier than those that leave it. */
static struct key random_key(void)
{
    static const char typed[] = "0123456789aeinkl-., /?hd";
    static const uint32_t common[] = {K_ENTER, K_ENTER, K_ENTER, K_DOWN,  K_UP,       K_TAB,
                                      K_PGUP,  K_PGDN,  K_LEFT,  K_RIGHT, K_BACKSPACE};
    static const char controls[] = "abcdefgklnoprtuvwxy";
    uint32_t n = draw_number(100);

    if (n < 45)
        return (struct key){.code = (uint32_t)typed[draw_number(sizeof typed - 1)]};
    if (n < 80)
        return (struct key){.code = common[draw_number(sizeof common / sizeof *common)]};
    if (n < 90)
        return (struct key){.code = KEY_FIRST_NAMED + draw_number(K_RESIZE - KEY_FIRST_NAMED),
                            .mods = draw_number(4) == 0 ? MOD_SHIFT : 0};
    if (n < 97)
        return (struct key){.code = (uint32_t)controls[draw_number(sizeof controls - 1)],
                            .mods = MOD_CTRL};
    if (n < 98)
        return (struct key){.code = draw_number(2) ? K_HOME : K_END_, .mods = MOD_CTRL};
    return (struct key){.code = 0xA0 + draw_number(0x3000), .pasted = draw_number(2)};
}

static void work(struct ui *ui)
{
    do
        ui_draw(ui);
    while (ui_work(ui));
}

static bool keys(struct ui_case *c, const char *names)
{
    return ui_case_keys(c, str_of(names));
}

static void screen(struct ui_case *c, struct buf *out)
{
    buf_clear(out);
    ui_case_text(c, out);
}

static void unlock(struct ui_case *c)
{
    keys(c, "\"lima kata yang dikenal\" Enter");
}

/* The first question, before and after a lock: the journal replays to the same screen. */
static bool same_after_lock(struct ui_case *c)
{
    struct buf before, after;
    bool same;

    buf_init(&before, (size_t)1 << 20);
    buf_init(&after, (size_t)1 << 20);
    ui_resize(&c->ui, 60, 100);
    keys(c, "Ctrl-Home");
    keys(c, "Ctrl-Home");
    screen(c, &before);
    ui_lock(&c->ui);
    work(&c->ui);
    unlock(c);
    screen(c, &after);
    same = str_eq(buf_str(&before), buf_str(&after));
    locked++;
    if (!same)
        printf("# before\n%s# after\n%s", before.p, after.p);
    buf_done(&before);
    buf_done(&after);
    return same;
}

static bool go(struct ui_case *c, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        if (c->ui.quit) {
            ui_done(&c->ui);
            c->open = false;
            ui_case_open(c, 24, 80, "id");
        }
        if (!c->ui.survey)
            unlock(c);
        if (c->ui.top && c->ui.top->ops == &screen_home && draw_number(3) == 0)
            keys(c, "n Enter");
        if (draw_number(200) == 0)
            ui_resize(&c->ui, 10 + (int)draw_number(60), 40 + (int)draw_number(180));
        ui_key(&c->ui, random_key());
        work(&c->ui);
        ui_tick(&c->ui);
        in_interview += c->ui.session != NULL;
        if (draw_number(60) == 0 && c->ui.top->ops == &screen_interview && !same_after_lock(c)) {
            printf("# after %llu keys\n", (unsigned long long)i);
            return false;
        }
    }
    return true;
}

int main(int argc, char **argv)
{
    struct ui_case c;
    struct err e = {0};
    uint64_t count = 0;
    bool ok;

    setlocale(LC_ALL, "C.UTF-8");
    if (argc != 4 || !num_parse_uint(str_of(argv[2]), &state) ||
        !num_parse_uint(str_of(argv[3]), &count) || !crypt_start(&e))
        return EXIT_FAILURE;
    ui_case_setup(&c);
    ok = ui_case_form(&c, argv[1], &e);
    if (ok) {
        ui_case_open(&c, 24, 80, "id");
        ok = go(&c, count);
    }
    ui_case_teardown(&c);
    printf("%s 1 - %s, seed %s: %u keys in interviews, locked %u times\n1..1\n",
           ok && in_interview > count / 4 ? "ok" : "not ok", argv[1], argv[2], in_interview,
           locked);
    return ok && in_interview > count / 4 ? EXIT_SUCCESS : EXIT_FAILURE;
}
