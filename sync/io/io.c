/* Files through the table of functions; see io.h. */
#include "sync/io/io.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sync/errors.h"
#include "sync/io/io_i.h"

static int sys_open(const char *path, int flags, mode_t mode)
{
    return open(path, flags, mode);
}

static const struct io_ops system_ops = {
    .open = sys_open,
    .read = read,
    .write = write,
    .seek = lseek,
    .sync = fsync,
    .close = close,
    .rename = rename,
    .unlink = unlink,
    .room = statvfs,
};
static const struct io_ops *ops = &system_ops;

const struct io_ops *io_use(const struct io_ops *use)
{
    const struct io_ops *before = ops;
    ops = use ? use : &system_ops;
    return before;
}

const struct io_ops *io_ops_now(void)
{
    return ops;
}

bool io_fail(struct err *e, const struct err_kind *otherwise, const char *path)
{
    const struct err_kind *kind = otherwise;
    if (errno == ENOSPC || errno == EDQUOT || errno == EFBIG)
        kind = &ERR_DISK_FULL;
    else if (errno == EROFS)
        kind = &ERR_DISK_READONLY;
    return err_set(e, kind, (const char *const[ERR_ARGS]){path}, errno);
}

/* ---- reading ---- */

bool io_open_read(const char *path, uint64_t max, int *ret_fd, uint64_t *ret_size, struct err *e)
{
    /* O_NONBLOCK: a FIFO put in the file's place must not hang us; it means nothing to a file. */
    int fd = ops->open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0);
    if (fd < 0) {
        if (errno == ENOENT || errno == ENOTDIR)
            return err_fail1(e, ERR_FILE_ABSENT, path);
        if (errno == ELOOP)
            return err_fail1(e, ERR_FILE_KIND, path);
        return io_fail(e, &ERR_FILE_READ, path);
    }
    struct stat st;
    if (fstat(fd, &st) != 0) {
        bool failed = io_fail(e, &ERR_FILE_READ, path);
        io_close(fd);
        return failed;
    }
    if (!S_ISREG(st.st_mode)) {
        io_close(fd);
        return err_fail1(e, ERR_FILE_KIND, path);
    }
    if ((uint64_t)st.st_size > max) {
        char n[ERR_ARG_MAX];
        io_close(fd);
        return err_fail2(e, ERR_FILE_TOO_LARGE, path, err_num(n, (int64_t)max));
    }
    *ret_fd = fd;
    *ret_size = (uint64_t)st.st_size;
    return true;
}

bool io_read_some(int fd, void *p, size_t n, size_t *ret_n, struct err *e)
{
    ssize_t got;
    do
        got = ops->read(fd, p, n);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return io_fail(e, &ERR_FILE_READ, "");
    *ret_n = (size_t)got;
    return true;
}

bool io_read_exact(int fd, void *p, size_t n, struct err *e)
{
    uint8_t *at = p;
    while (n > 0) {
        size_t got = 0;
        if (!io_read_some(fd, at, n, &got, e))
            return false;
        if (got == 0)
            return err_fail(e, ERR_FILE_SHORT);
        at += got;
        n -= got;
    }
    return true;
}

bool io_seek(int fd, uint64_t at, struct err *e)
{
    if (at > INT64_MAX || ops->seek(fd, (off_t)at, SEEK_SET) != (off_t)at)
        return io_fail(e, &ERR_FILE_READ, "");
    return true;
}

void io_close(int fd)
{
    if (fd >= 0)
        ops->close(fd);
}

bool io_read_file(const char *path, uint64_t max, struct buf *out, struct err *e)
{
    int fd = -1;
    uint64_t size = 0;
    char n[ERR_ARG_MAX];
    if (!io_open_read(path, max, &fd, &size, e))
        return false;
    size_t before = out->n;
    void *room = size <= SIZE_MAX ? buf_room(out, (size_t)size) : NULL;
    bool ok = room ? io_read_exact(fd, room, (size_t)size, e)
                   : err_fail2(e, ERR_FILE_TOO_LARGE, path, err_num(n, (int64_t)out->max));
    io_close(fd);
    if (!ok && room)
        out->n = before;
    return ok;
}

bool io_room(const char *folder, uint64_t *ret, struct err *e)
{
    struct statvfs v;
    if (ops->room(folder, &v) != 0)
        return io_fail(e, &ERR_FILE_READ, folder);
    *ret = (uint64_t)v.f_bavail * v.f_frsize;
    return true;
}

/* ---- writing ---- */

bool io_create(struct io_new *ret, const char *path, mode_t mode, struct err *e)
{
    size_t n = strlen(path);
    struct io_new f = {.fd = -1, .path = mem_alloc(n + 1), .part = mem_alloc(n + sizeof ".part")};
    memcpy(f.path, path, n);
    memcpy(f.part, path, n);
    memcpy(f.part + n, ".part", sizeof ".part");
    /* What an interrupted run left is of no use; a link put in its place must not be followed. */
    ops->unlink(f.part);
    f.fd = ops->open(f.part, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    if (f.fd < 0) {
        io_fail(e, &ERR_FILE_WRITE, path);
        mem_free(f.path);
        mem_free(f.part);
        return false;
    }
    *ret = f;
    return true;
}

bool io_write(struct io_new *f, const void *p, size_t n, struct err *e)
{
    const uint8_t *at = p;
    while (n > 0) {
        ssize_t put = ops->write(f->fd, at, n);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0) {
            if (put == 0)
                errno = ENOSPC;
            return io_fail(e, &ERR_FILE_WRITE, f->path);
        }
        at += put;
        n -= (size_t)put;
    }
    return true;
}

/* Makes what was renamed in the folder of `path` last. */
static bool sync_folder(const char *path, struct err *e)
{
    const char *slash = strrchr(path, '/');
    size_t n = slash ? (size_t)(slash - path) : 0;
    char *folder = mem_alloc(n + 2);
    memcpy(folder, n ? path : (slash ? "/" : "."), n ? n : 1);
    int fd = ops->open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
    /* Some file systems (FAT on a stick) cannot sync a folder: EINVAL is no failure. */
    bool ok = fd >= 0 && (ops->sync(fd) == 0 || errno == EINVAL);
    if (!ok)
        io_fail(e, &ERR_FILE_WRITE, path);
    io_close(fd);
    mem_free(folder);
    return ok;
}

static void forget(struct io_new *f)
{
    mem_free(f->path);
    mem_free(f->part);
    *f = (struct io_new){.fd = -1};
}

bool io_finish(struct io_new *f, struct err *e)
{
    bool ok = ops->sync(f->fd) == 0;
    int saved = ok ? 0 : errno;
    ok = ops->close(f->fd) == 0 && ok;
    f->fd = -1;
    if (!ok) {
        errno = saved ? saved : errno;
        io_fail(e, &ERR_FILE_WRITE, f->path);
        io_abandon(f);
        return false;
    }
    if (ops->rename(f->part, f->path) != 0) {
        io_fail(e, &ERR_FILE_WRITE, f->path);
        io_abandon(f);
        return false;
    }
    ok = sync_folder(f->path, e);
    forget(f);
    return ok;
}

void io_abandon(struct io_new *f)
{
    if (!f->path)
        return;
    io_close(f->fd);
    ops->unlink(f->part);
    forget(f);
}

bool io_write_file(const char *path, mode_t mode, struct str bytes, struct err *e)
{
    struct io_new f;
    if (!io_create(&f, path, mode, e))
        return false;
    if (!io_write(&f, bytes.p, bytes.n, e)) {
        io_abandon(&f);
        return false;
    }
    return io_finish(&f, e);
}

/* ---- for files that another library fills ---- */

bool io_make_empty(const char *path, mode_t mode, struct err *e)
{
    ops->unlink(path);
    int fd = ops->open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);
    if (fd < 0)
        return io_fail(e, errno == EACCES ? &ERR_DISK_READONLY : &ERR_FILE_WRITE, path);
    io_close(fd);
    return true;
}

bool io_rename(const char *from, const char *to, struct err *e)
{
    if (ops->rename(from, to) != 0)
        return io_fail(e, &ERR_FILE_WRITE, to);
    return sync_folder(to, e);
}

void io_remove(const char *path)
{
    ops->unlink(path);
}

bool io_remove_lasting(const char *path, struct err *e)
{
    if (ops->unlink(path) == 0)
        return sync_folder(path, e);
    return errno == ENOENT || io_fail(e, &ERR_FILE_REMOVE, path);
}
