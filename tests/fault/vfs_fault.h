/* A disk that fails: a shim over SQLite's file layer and over sync/io's table of functions. It counts the
 * operations that change something; the N-th fails in a chosen way. For a power cut it knows what was
 * synced: on restart the files are what was synced, and of the rest nothing, all, or a torn mixture. */
#ifndef TESTS_FAULT_VFS_FAULT_H
#define TESTS_FAULT_VFS_FAULT_H

#include <stdbool.h>
#include <stdint.h>

enum fault_mode {
    FAULT_NONE,     /* only counts */
    FAULT_ERROR,    /* one operation fails with an I/O error, then all is well */
    FAULT_FULL,     /* from then on no write has room, until fault_clear */
    FAULT_CUT_LOSE, /* power goes: nothing that was not synced is there */
    FAULT_CUT_KEEP, /* the process dies: everything written is there */
    FAULT_CUT_TEAR, /* power goes: of what was not synced some, sectors of others */
    FAULT_MODES,
};

void fault_install(void); /* as SQLite's default and as sync/io's table; once */
void fault_arm(enum fault_mode mode, unsigned nth, uint32_t seed);
bool fault_hit(void);       /* whether the N-th operation came */
unsigned fault_count(void); /* operations since fault_arm */
void fault_clear(void);     /* from now on all is well */
/* After a power cut: puts the files as they would be found, and clears. */
void fault_restart(void);

#endif
