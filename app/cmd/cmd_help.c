/* cacah help [COMMAND | keys | manual | completion] */
#include "app/cmd/cmd.h"

#include <stdio.h>
#include <string.h>

#include "app/cmd/key_card.h"
#include "app/cmd/prefs.h"
#include "app/tr.h"

/* Commands whose words begin with those given; true when there was one. */
static bool help_matching(struct str words, struct buf *out)
{
    size_t n;
    bool any = false;
    const struct command *commands = cmd_commands(&n);
    for (size_t i = 0; i < n; i++) {
        struct str name = str_of(commands[i].name);
        bool whole = name.n == words.n || (name.n > words.n && name.p[words.n] == ' ');
        if (!whole || !str_starts(name, words))
            continue;
        if (any)
            buf_add_z(out, "\n");
        cmd_help_of(&commands[i], out);
        any = true;
    }
    return any;
}

/* With the keys that this person has given the actions. */
static void help_keys(struct buf *out)
{
    struct prefs p;
    struct buf warnings;
    struct err e = {0};
    buf_init(&warnings, (size_t)1 << 20);
    if (prefs_read(&p, &warnings, &e)) {
        key_card(&p.keys, out);
    } else { /* doctor says what is wrong with them */
        keymap_init(&p.keys);
        key_card(&p.keys, out);
    }
    buf_done(&warnings);
}

int cmd_help(const struct call *c)
{
    struct buf out, words;
    struct err e = {0};
    int code = 0;
    buf_init(&out, 1 << 18);
    buf_init(&words, 256);
    for (int i = 0; i < c->n; i++)
        buf_printf(&words, "%s%s", i ? " " : "", c->args[i]);
    if (c->n == 0) {
        cmd_help_all(&out);
    } else if (strcmp(words.p, "manual") == 0) {
        cmd_manual(&out);
    } else if (strcmp(words.p, "completion") == 0) {
        cmd_completion(&out);
    } else if (strcmp(words.p, "keys") == 0) {
        help_keys(&out);
    } else if (!help_matching(buf_str(&words), &out)) {
        err_fail1(&e, ERR_COMMAND_UNKNOWN, words.p);
        code = cmd_fail(&e);
    }
    fwrite(buf_str(&out).p, 1, out.n, stdout);
    buf_done(&words);
    buf_done(&out);
    return cmd_end(code);
}
