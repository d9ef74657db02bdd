/* The manual page, and the completion of words for bash, out of the tables of commands, options and keys. */
#include <string.h>

#include "app/cmd/cmd.h"
#include "app/cmd/key_card.h"
#include "app/tr.h"

/* ---- cacah.1 ---- */

static void heading(struct buf *out, const char *title)
{
    buf_printf(out, ".SH %s\n", _(title));
}

void cmd_manual(struct buf *out)
{
    struct keymap keys;
    size_t n;
    const struct command *commands = cmd_commands(&n);
    const struct option_row *options = cmd_options();
    buf_add_z(out, ".TH CACAH 1 \"\" \"cacah " CACAH_VERSION "\"\n");
    heading(out, N_("NAME"));
    buf_printf(out, "cacah \\- %s\n", _("offline surveys for the terminal"));
    heading(out, N_("SYNOPSIS"));
    buf_printf(out, ".B cacah\n[\\fI%s\\fR ...]\n", _("COMMAND"));
    heading(out, N_("DESCRIPTION"));
    buf_printf(out, "%s\n",
               _("Without a command the terminal app opens on the store in the data directory."));
    heading(out, N_("COMMANDS"));
    for (size_t i = 0; i < n; i++)
        buf_printf(out, ".TP\n.B cacah %s\n\\fI%s\\fR\n.br\n%s. %s\n", commands[i].name,
                   commands[i].args, _(commands[i].summary),
                   commands[i].help[0] ? _(commands[i].help) : "");
    heading(out, N_("OPTIONS"));
    for (size_t o = 0; o < OPTIONS; o++)
        buf_printf(out, ".TP\n.B \\-\\-%s%s%s\n%s\n", options[o].name, options[o].value ? " " : "",
                   options[o].value ? options[o].value : "", _(options[o].help));
    heading(out, N_("KEYS"));
    buf_printf(out, "%s\n.nf\n", _("In brackets: the action's name for a preference key.NAME."));
    keymap_init(&keys);
    key_card(&keys, out);
    buf_add_z(out, ".fi\n");
    heading(out, N_("FILES"));
    buf_printf(
        out,
        ".TP\n.I $XDG_DATA_HOME/cacah/{field,office,practice}.cacah\n%s\n"
        ".TP\n.I $XDG_CONFIG_HOME/cacah/config\n%s\n",
        _("the stores of a laptop, an office and of practice"),
        _("preferences, a line each: language = id or en, colours = yes or no, mouse = yes or no, "
          "key.NAME = up to four keys; # begins a comment"));
    heading(out, N_("EXIT STATUS"));
    buf_printf(out, "%s\n", _("0 done, 1 faults in what was given, 2 usage, 3 could not"));
}

/* ---- completion ---- */

/* What may follow `words`: the next word of each command that begins with them, each once. */
static void add_next_words(struct str words, struct buf *out)
{
    size_t n, from = out->n;
    const struct command *commands = cmd_commands(&n);
    for (size_t i = 0; i < n; i++) {
        struct str name = str_of(commands[i].name), next;
        if (words.n && !(str_starts(name, words) && name.n > words.n && name.p[words.n] == ' '))
            continue;
        name = str_from(name, words.n ? words.n + 1 : 0);
        if (!str_split(&name, ' ', &next))
            continue;
        struct str before = str_from(buf_str(out), from);
        struct str last = str_from(before, before.n < next.n ? before.n : before.n - next.n);
        if (before.n && str_eq(last, next))
            continue; /* words of one group stand together */
        if (before.n)
            buf_add_c(out, ' ');
        buf_add_str(out, next);
    }
}

static void add_options(const struct command *c, struct buf *out)
{
    const struct option_row *options = cmd_options();
    for (size_t o = 0; o < OPTIONS; o++)
        if (cmd_takes(c, options[o].id))
            buf_printf(out, " --%s", options[o].name);
}

/* The prefix of n words of a command's name; "" when it has no more than n. */
static struct str first_words(const struct command *c, int n)
{
    struct str name = str_of(c->name);
    for (size_t i = 0; i < name.n; i++)
        if (name.p[i] == ' ' && --n == 0)
            return str_sub(name, 0, i);
    return STR("");
}

/* For each group of commands: what may follow its words. */
static void add_groups(struct buf *out)
{
    size_t n;
    const struct command *commands = cmd_commands(&n);
    for (int words = 1; words < 3; words++) {
        for (size_t i = 0; i < n; i++) {
            struct str group = first_words(&commands[i], words);
            if (!group.n || (i > 0 && str_eq(first_words(&commands[i - 1], words), group)))
                continue;
            buf_printf(out, "    %d:'%.*s') words='", words + 1, STR_FMT(group));
            add_next_words(group, out);
            buf_add_z(out, "' ;;\n");
        }
    }
}

void cmd_completion(struct buf *out)
{
    size_t n;
    const struct command *commands = cmd_commands(&n);
    buf_add_z(out,
              "# bash: source this, or put it into /usr/share/bash-completion/completions/cacah\n"
              "_cacah() {\n"
              "    local cur=${COMP_WORDS[COMP_CWORD]} words=\n"
              "    case \"$COMP_CWORD:${COMP_WORDS[*]:1:COMP_CWORD-1}\" in\n"
              "    1:) words='");
    add_next_words(STR(""), out);
    buf_add_z(out, "' ;;\n");
    add_groups(out);
    buf_add_z(out, "    esac\n"
                   "    case \"$cur:${COMP_WORDS[*]:1}\" in\n");
    for (size_t i = 0; i < n; i++) {
        buf_printf(out, "    -*:'%s '*) words='", commands[i].name);
        add_options(&commands[i], out);
        buf_add_z(out, "' ;;\n");
    }
    buf_add_z(out, "    esac\n"
                   "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")\n"
                   "    [ -n \"$words\" ] || mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
                   "}\n"
                   "complete -o filenames -F _cacah cacah\n");
}
