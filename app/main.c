/* The program's first function: settles what holds for the whole process (locale, no core dumps, keys'
 * library, memory exhaustion), then hands the words to the command table. */
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "app/cmd/cmd.h"
#include "app/tr.h"
#include "app/ui/term.h"
#include "forms/base/mem.h"
#include "sync/crypt/crypt.h"

/* Every answer taken is on the disk by now: restore the terminal, say so, end. */
static void out_of_memory(void)
{
    static const char text[] = "cacah: out of memory; what was answered is saved\n";
    term_restore();
    if (write(STDERR_FILENO, text, sizeof text - 1) < 0)
        _exit(ERR_COULD);
    _exit(ERR_COULD);
}

/* Nothing of a respondent in a core dump, nobody attaches to read it. */
static void keep_memory_private(void)
{
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

/* LC_ALL is the environment's locale if that is UTF-8, else C.UTF-8 (decisions.md 30). Command-line text is
 * English unless the locale says Indonesian. */
static void choose_locale(void)
{
    const char *set = setlocale(LC_ALL, "");
    const char *dot = set ? strchr(set, '.') : NULL;
    if (!dot || (strcasecmp(dot, ".utf-8") != 0 && strcasecmp(dot, ".utf8") != 0))
        setlocale(LC_ALL, "C.UTF-8");
    setlocale(LC_NUMERIC, "C");
    const char *names[] = {getenv("LC_ALL"), getenv("LC_MESSAGES"), getenv("LANG")};
    const char *locale = "";
    for (size_t i = 0; i < 3 && !locale[0]; i++)
        if (names[i])
            locale = names[i];
    tr_choose(strncmp(locale, "id", 2) == 0 ? STR("id") : STR("en"));
}

int main(int argc, char **argv)
{
    struct err e = {0};
    keep_memory_private();
    choose_locale();
    mem_on_exhausted(out_of_memory);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a limit on the size of files: told like a full disk */
    if (!crypt_start(&e))
        return cmd_fail(&e);
    return cmd_main(argc, argv);
}
