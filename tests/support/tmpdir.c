/* A folder of its own for each test; see tmpdir.h. */
#include "tests/support/tmpdir.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char dir[256];

void tmpdir_make(void)
{
    const char *base = getenv("TMPDIR");
    snprintf(dir, sizeof dir, "%s/cacah-test-XXXXXX", base ? base : "/tmp");
    if (!mkdtemp(dir)) {
        perror(dir);
        abort();
    }
}

static int drop(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    (void)at;
    return remove(path);
}

void tmpdir_remove(void)
{
    if (dir[0])
        nftw(dir, drop, 8, FTW_DEPTH | FTW_PHYS);
    dir[0] = '\0';
}

const char *tmpdir_path(const char *name)
{
    static char paths[10][512];
    static unsigned next;
    char *p = paths[next++ % 10];
    snprintf(p, sizeof paths[0], "%s/%s", dir, name);
    return p;
}
