/* Taking the command line apart, help, and the way messages are said; see cmd.h. */
#include "app/cmd/cmd.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "app/tr.h"
#include "app/view/text.h"
#include "forms/base/arena.h"
#include "forms/base/safe.h"

#define HELP_COLS 80
#define LIST_COLS 21 /* of a command's words; a blank follows */

/* The options of every command: taken everywhere. */
#define OPTIONS_ALWAYS " help lang"

static const struct option_row options[OPTIONS] = {
#define OPT(id, name, short_name, value, help) {#id, name, short_name, value, help},
#include "app/cmd/options.def"
#undef OPT
};

static const struct command commands[] = {
#define CMD(id, name, args, min, max, options, summary, help)                                      \
    {name, args, min, max, summary, help, options OPTIONS_ALWAYS, cmd_##id},
#include "app/cmd/cmds.def"
#undef CMD
};
#define COMMANDS (sizeof commands / sizeof commands[0])

const struct option_row *cmd_options(void)
{
    return options;
}

const struct command *cmd_commands(size_t *ret_n)
{
    *ret_n = COMMANDS;
    return commands;
}

/* ---- saying things ---- */

void cmd_put(bool to_stderr, struct str text)
{
    struct buf safe;
    buf_init(&safe, text.n * 3 + 1);
    text_safe(text, true, &safe);
    fwrite(safe.p ? safe.p : "", 1, safe.n, to_stderr ? stderr : stdout);
    buf_done(&safe);
}

void cmd_add_name(struct buf *out, const char *name)
{
    text_safe(str_of(name), false, out);
}

int cmd_fail(const struct err *e)
{
    struct buf b;
    buf_init(&b, 8192);
    pos_text(&e->pos, &b);
    if (b.n)
        buf_add_z(&b, ": ");
    err_text(e, tr, &b);
    if (e->kind->hint) {
        buf_add_c(&b, ' ');
        buf_add_z(&b, tr(e->kind->hint));
    }
    fputs("cacah: ", stderr);
    cmd_put(true, buf_str(&b));
    fputc('\n', stderr);
    buf_done(&b);
    return (int)e->kind->cls;
}

void cmd_note(const char *fmt, ...)
{
    va_list args;
    va_start(args, fmt);
    fputs("cacah: ", stderr);
    vfprintf(stderr, fmt, args);
    fputc('\n', stderr);
    va_end(args);
}

int cmd_end(int code)
{
    struct err e = {0};
    if (fflush(stdout) == 0 && !ferror(stdout))
        return code;
    err_fail(&e, ERR_STDOUT);
    return cmd_fail(&e);
}

int cmd_end_done(bool done)
{
    if (!done)
        puts(_("Nothing was changed."));
    return cmd_end(done ? 0 : ERR_FAULT);
}

bool cmd_read_stdin(struct buf *out, struct err *e)
{
    char piece[16384];
    size_t n;
    while ((n = fread(piece, 1, sizeof piece, stdin)) > 0)
        if (!buf_add(out, piece, n))
            return err_fail2(e, ERR_LIMIT, "Standard input", "what this command takes");
    return ferror(stdin) ? err_fail(e, ERR_STDIN) : true;
}

/* ---- taking the words apart ---- */

bool cmd_takes(const struct command *c, const char *id)
{
    struct str rest = str_of(c->options), word;
    while (str_word(&rest, &word))
        if (str_is(word, id))
            return true;
    return false;
}

/* The command whose words begin argv, the longest first; *ret_words (0 without one) tells how many they are. */
static const struct command *find(int argc, char **argv, int *ret_words)
{
    const struct command *best = NULL;
    int best_words = 0;
    for (size_t i = 0; i < COMMANDS; i++) {
        struct str rest = str_of(commands[i].name), word;
        int n = 0;
        bool all = true;
        while (all && str_word(&rest, &word)) {
            all = n < argc && str_is(word, argv[n]);
            n++;
        }
        if (all && n > best_words) {
            best = &commands[i];
            best_words = n;
        }
    }
    *ret_words = best_words;
    return best;
}

static bool keep_value(struct call *c, size_t opt, const char *value, struct err *e)
{
    c->given[opt] = true;
    c->value[opt] = value;
    if (c->n_values[opt] >= CALL_VALUES_MAX)
        return err_fail1(e, ERR_OPTION_OFTEN, options[opt].name);
    c->values[opt][c->n_values[opt]++] = value;
    return true;
}

/* Reads one option at argv[*i] (long or short), with its value. */
static bool read_option(struct call *c, int argc, char **argv, int *i, struct err *e)
{
    const char *word = argv[*i];
    bool is_long = word[1] == '-';
    struct str name = str_of(is_long ? word + 2 : word + 1);
    const char *inline_value = NULL;
    if (is_long) {
        size_t eq = str_find(name, '=', 0);
        if (eq < name.n)
            inline_value = name.p + eq + 1;
        name.n = eq;
    } else if (name.n > 1) {
        inline_value = name.p + 1;
        name.n = 1;
    }
    for (size_t o = 0; o < OPTIONS; o++) {
        bool same = is_long ? str_is(name, options[o].name)
                            : options[o].short_name && name.p[0] == options[o].short_name;
        if (!same || !cmd_takes(c->command, options[o].id))
            continue;
        if (!options[o].value)
            return inline_value ? err_fail1(e, ERR_OPTION_NO_VALUE, word)
                                : keep_value(c, o, NULL, e);
        if (!inline_value && *i + 1 >= argc)
            return err_fail2(e, ERR_OPTION_VALUE, word, options[o].value);
        return keep_value(c, o, inline_value ? inline_value : argv[++*i], e);
    }
    return err_fail2(e, ERR_OPTION_UNKNOWN, word, c->command->name);
}

/* Options may stand anywhere; "--" ends them; "-" alone is an operand. Operands are moved to the front. */
static bool parse(struct call *c, int argc, char **argv, struct err *e)
{
    int n = 0;
    bool options_ended = false;
    for (int i = 0; i < argc; i++) {
        if (!options_ended && strcmp(argv[i], "--") == 0) {
            options_ended = true;
        } else if (!options_ended && argv[i][0] == '-' && argv[i][1] != '\0') {
            if (!read_option(c, argc, argv, &i, e))
                return false;
        } else {
            argv[n++] = argv[i];
        }
    }
    c->args = (const char *const *)argv;
    c->n = n;
    if (c->given[OPT_help])
        return true;
    if (n < c->command->min)
        return err_fail2(e, ERR_TOO_FEW, c->command->name, c->command->args);
    if (c->command->max >= 0 && n > c->command->max)
        return err_fail2(e, ERR_TOO_MANY, argv[c->command->max], c->command->name);
    return true;
}

/* ---- help ---- */

static void add_padded(struct buf *out, struct str text, size_t width)
{
    buf_add_str(out, text);
    for (size_t i = text.n; i < width; i++)
        buf_add_c(out, ' ');
}

static void add_paragraph(struct buf *out, const char *text)
{
    struct arena a;
    arena_init(&a);
    struct lines l = text_wrap(&a, str_of(text), HELP_COLS);
    for (int i = 0; i < l.n; i++)
        buf_printf(out, "%.*s\n", STR_FMT(l.v[i]));
    arena_done(&a);
}

void cmd_help_of(const struct command *c, struct buf *out)
{
    buf_printf(out, _("usage: cacah %s%s%s\n\n"), c->name, c->args[0] ? " " : "", c->args);
    add_paragraph(out, _(c->summary));
    if (c->help[0]) {
        buf_add_c(out, '\n');
        add_paragraph(out, _(c->help));
    }
    buf_add_z(out, _("\noptions:\n"));
    for (size_t o = 0; o < OPTIONS; o++) {
        if (!cmd_takes(c, options[o].id))
            continue;
        struct buf left;
        buf_init(&left, 200);
        if (options[o].short_name)
            buf_printf(&left, "-%c, ", options[o].short_name);
        buf_printf(&left, "--%s", options[o].name);
        if (options[o].value)
            buf_printf(&left, " %s", options[o].value);
        buf_add_z(out, "  ");
        add_padded(out, buf_str(&left), 26);
        buf_printf(out, " %s\n", _(options[o].help));
        buf_done(&left);
    }
}

void cmd_help_all(struct buf *out)
{
    buf_add_z(out,
              _("usage: cacah                 the terminal app\n"
                "       cacah COMMAND …       one of these; 'cacah COMMAND --help' says more\n\n"));
    for (size_t i = 0; i < COMMANDS; i++) {
        buf_add_z(out, "  ");
        add_padded(out, str_of(commands[i].name), LIST_COLS);
        buf_printf(out, " %s\n", _(commands[i].summary));
    }
    buf_add_z(out, _("\nexit codes: 0 done, 1 faults in what you gave it, 2 usage, 3 could not\n"));
}

/* ---- the program ---- */

/* Words that only begin commands ("office review"): those there are, on standard error unless asked for. */
static bool say_group(int argc, char **argv, bool asked)
{
    struct buf front, out;
    bool any = false;
    buf_init(&front, 4096);
    buf_init(&out, 1 << 16);
    for (int i = 0; i < argc && argv[i][0] != '-'; i++)
        buf_printf(&front, "%s ", argv[i]);
    for (size_t i = 0; i < COMMANDS && front.n; i++) {
        if (!str_starts(str_of(commands[i].name), buf_str(&front)))
            continue;
        any = true;
        buf_add_z(&out, "  ");
        add_padded(&out, str_of(commands[i].name), 20);
        buf_printf(&out, "  %s\n", _(commands[i].summary));
    }
    if (any && !asked)
        cmd_note(_("'%.*s' is the beginning of these commands:"), (int)front.n - 1, front.p);
    if (any)
        cmd_put(!asked, buf_str(&out));
    buf_done(&front);
    buf_done(&out);
    return any;
}

/* How many words of argv are options with their values, up to the first that is neither. */
static int count_options(int argc, char **argv)
{
    int n = 0;
    while (n < argc && argv[n][0] == '-' && argv[n][1] != '\0') {
        const char *name = argv[n] + (argv[n][1] == '-' ? 2 : 1);
        for (size_t o = 0; o < OPTIONS && n + 1 < argc; o++)
            if (options[o].value && strcmp(name, options[o].name) == 0) {
                n++;
                break;
            }
        n++;
    }
    return n;
}

static void turn_back(char **argv, int n)
{
    for (int i = 0; i < n / 2; i++) {
        char *word = argv[i];
        argv[i] = argv[n - 1 - i];
        argv[n - 1 - i] = word;
    }
}

/* Options may come before the command, too: its words are moved to the front. */
static const struct command *find_anywhere(int argc, char **argv, int *ret_words)
{
    int before = count_options(argc, argv);
    const struct command *c = find(argc - before, argv + before, ret_words);
    if (c && before) {
        turn_back(argv, before + *ret_words);
        turn_back(argv, *ret_words);
        turn_back(argv + *ret_words, before);
    }
    return c;
}

static bool has_word(int argc, char **argv, const char *word)
{
    while (argc-- > 0)
        if (strcmp(*argv++, word) == 0)
            return true;
    return false;
}

/* No command, options only: the terminal app, or with --linear an interview on lines. */
static const struct command *bare(int argc, char **argv)
{
    int words;
    char *name[] = {has_word(argc, argv, "--linear") ? (char[]){"interview"} : (char[]){"open"}};
    return find(1, name, &words);
}

int cmd_main(int argc, char **argv)
{
    struct err e = {0};
    struct call *c = mem_alloc(sizeof *c);
    char help[] = "help";
    int words = 0, code;
    if (argc > 1 && (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0)) {
        mem_free(c);
        puts("cacah " CACAH_VERSION);
        return cmd_end(0);
    }
    if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
        argv[1] = help;
    argc--;
    argv++;
    c->command = find_anywhere(argc, argv, &words);
    if (!c->command && (argc == 0 || (argv[0][0] == '-' && argv[0][1] != '\0')))
        c->command = bare(argc, argv);
    bool asked = has_word(argc, argv, "--help") || has_word(argc, argv, "-h");
    if (!c->command && say_group(argc, argv, asked)) {
        code = asked ? cmd_end(0) : ERR_USAGE;
    } else if (!c->command) {
        err_fail1(&e, ERR_COMMAND_UNKNOWN, argv[0]);
        code = cmd_fail(&e);
    } else if (!parse(c, argc - words, argv + words, &e)) {
        code = cmd_fail(&e);
    } else if (c->given[OPT_help]) {
        struct buf b;
        buf_init(&b, 1 << 16);
        cmd_help_of(c->command, &b);
        fwrite(b.p, 1, b.n, stdout);
        buf_done(&b);
        code = cmd_end(0);
    } else {
        if (c->given[OPT_lang])
            tr_choose(
                str_of(c->value[OPT_lang])); /* a language of the form's own changes nothing */
        code = c->command->run(c);
    }
    mem_free(c);
    return code;
}
