/* Files behind one table of functions, so that tests can fail, tear or cut power at the N-th operation.
 * Everything that sync/ writes besides SQLite's own file goes through here: written under a temporary
 * name (.part), synced, renamed, the folder synced. */
#ifndef SYNC_IO_IO_H
#define SYNC_IO_IO_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/statvfs.h>
#include <sys/types.h>

#include "forms/base/buf.h"
#include "forms/base/err.h"

struct io_ops {
    int (*open)(const char *path, int flags, mode_t mode);
    ssize_t (*read)(int fd, void *p, size_t n);
    ssize_t (*write)(int fd, const void *p, size_t n);
    off_t (*seek)(int fd, off_t at, int whence);
    int (*sync)(int fd);
    int (*close)(int fd);
    int (*rename)(const char *from, const char *to);
    int (*unlink)(const char *path);
    int (*room)(const char *folder, struct statvfs *ret);
};
/* The table in use: the system's, or a test's. NULL gives back the system's. */
const struct io_ops *io_use(const struct io_ops *use);

/* Reading: O_NOFOLLOW, a regular file, not larger than max (ERR_FILE_TOO_LARGE). */
MUST_USE bool io_open_read(const char *path, uint64_t max, int *ret_fd, uint64_t *ret_size,
                           struct err *e);
/* Exactly n bytes or ERR_FILE_SHORT. */
MUST_USE bool io_read_exact(int fd, void *p, size_t n, struct err *e);
MUST_USE bool io_read_some(int fd, void *p, size_t n, size_t *ret_n, struct err *e);
MUST_USE bool io_seek(int fd, uint64_t at, struct err *e);
void io_close(int fd);
MUST_USE bool io_read_file(const char *path, uint64_t max, struct buf *out, struct err *e);

/* Bytes that may still be written into a folder. */
MUST_USE bool io_room(const char *folder, uint64_t *ret, struct err *e);

/* Writing a whole file so that it is there complete or not at all. */
struct io_new {
    int fd;
    char *path, *part;
};
MUST_USE bool io_create(struct io_new *ret, const char *path, mode_t mode, struct err *e);
MUST_USE bool io_write(struct io_new *f, const void *p, size_t n, struct err *e);
/* fsync, rename, fsync of the folder. On failure the .part is removed. */
MUST_USE bool io_finish(struct io_new *f, struct err *e);
void io_abandon(struct io_new *f); /* closes and removes the .part; accepts one finished */
MUST_USE bool io_write_file(const char *path, mode_t mode, struct str bytes, struct err *e);

/* For files that another library fills: a new empty one (a left-over is removed first), a rename that is
 * made to last, a removal that may find nothing or fail, one that is made to last. */
MUST_USE bool io_make_empty(const char *path, mode_t mode, struct err *e);
MUST_USE bool io_rename(const char *from, const char *to, struct err *e);
void io_remove(const char *path);
MUST_USE bool io_remove_lasting(const char *path, struct err *e); /* true when there is none */

/* An advisory lock on `path` (made when missing) holding who has it; when another process has it,
 * ERR_STORE_BUSY with since when, which and on what computer, or ERR_STORE_LOCKED. */
struct io_lock {
    int fd;
};
MUST_USE bool io_lock(struct io_lock *ret, const char *path, struct err *e);
void io_unlock(struct io_lock *l);
/* The folder of a file that need not be there; the caller's. */
char *io_folder(const char *path);
/* Whether both lie on one medium, as far as the system can tell. */
bool io_same_disk(const char *a, const char *b);
/* True on tmpfs and ramfs: what lies there is gone with the power. */
bool io_is_memory(const char *path);
/* True on NFS, SMB, FUSE: no place for a store. */
bool io_is_network(const char *path);

#endif
