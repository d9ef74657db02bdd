/* The writer's lock, and where no store may be. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <time.h>
#include <unistd.h>

#include "forms/base/num.h"
#include "sync/errors.h"
#include "sync/io/io_i.h"

/* statfs(2); these are not all in <linux/magic.h>. */
#define MAGIC_NFS   0x6969u
#define MAGIC_SMB   0x517Bu
#define MAGIC_CIFS  0xFF534D42u
#define MAGIC_SMB2  0xFE534D42u
#define MAGIC_FUSE  0x65735546u
#define MAGIC_CEPH  0x00C36400u
#define MAGIC_AFS   0x5346414Fu
#define MAGIC_9P    0x01021997u
#define MAGIC_CODA  0x73757245u
#define MAGIC_TMPFS 0x01021994u
#define MAGIC_RAMFS 0x858458F6u
#define HOLDER_MAX  200

/* The holder's line: PROCESS HOST SECONDS (of the Unix clock). It is told to people; without it a lock is as
 * good, so no failure is reported for it. */
static void write_holder(int fd)
{
    char host[65] = "", line[HOLDER_MAX];
    struct timespec now;
    gethostname(host, sizeof host - 1);
    clock_gettime(CLOCK_REALTIME, &now);
    int n =
        snprintf(line, sizeof line, "%ld %s %lld\n", (long)getpid(), host, (long long)now.tv_sec);
    if (ftruncate(fd, 0) == 0)
        (void)!pwrite(fd, line, (size_t)n, 0);
}

static bool fail_held(int fd, struct err *e)
{
    char line[HOLDER_MAX], process[ERR_ARG_MAX], host[ERR_ARG_MAX], since[32];
    ssize_t n = pread(fd, line, sizeof line, 0);
    struct str rest = {line, n > 0 ? (size_t)n : 0}, one, two, three;
    int64_t seconds;
    struct tm tm;
    if (!str_word(&rest, &one) || !str_word(&rest, &two) || !str_word(&rest, &three) ||
        !num_parse_int(three, &seconds) || !localtime_r(&(time_t){seconds}, &tm) ||
        strftime(since, sizeof since, "%d-%m-%Y %H:%M", &tm) == 0)
        return err_fail(e, ERR_STORE_LOCKED);
    return err_fail3(e, ERR_STORE_BUSY, since, err_arg(process, one), err_arg(host, two));
}

bool io_lock(struct io_lock *ret, const char *path, struct err *e)
{
    const struct io_ops *ops = io_ops_now();
    int fd = ops->open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return io_fail(e, errno == EACCES ? &ERR_DISK_READONLY : &ERR_FILE_WRITE, path);
    int locked;
    do
        locked = flock(fd, LOCK_EX | LOCK_NB);
    while (locked != 0 && errno == EINTR);
    if (locked != 0 && errno == EWOULDBLOCK) {
        fail_held(fd, e);
        ops->close(fd);
        return false;
    }
    if (locked != 0) {
        io_fail(e, &ERR_FILE_WRITE, path);
        ops->close(fd);
        return false;
    }
    write_holder(fd);
    ret->fd = fd;
    return true;
}

void io_unlock(struct io_lock *l)
{
    if (l->fd < 0)
        return;
    /* The file stays: removing it would let two processes lock two files of one name. */
    (void)!ftruncate(l->fd, 0);
    io_ops_now()->close(l->fd);
    l->fd = -1;
}

char *io_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    size_t n = slash ? (size_t)(slash - path) : 0;
    char *folder = mem_alloc(n + 2);
    memcpy(folder, n ? path : (slash ? "/" : "."), n ? n : 1);
    return folder;
}

/* Of the file, or while it is not there of its folder. */
static bool disk_of(const char *path, struct statfs *ret)
{
    if (statfs(path, ret) == 0)
        return true;
    char *folder = io_folder(path);
    int failed = statfs(folder, ret);
    mem_free(folder);
    return failed == 0;
}

bool io_is_memory(const char *path)
{
    struct statfs fs;
    if (!disk_of(path, &fs))
        return false;
    return (uint32_t)fs.f_type == MAGIC_TMPFS || (uint32_t)fs.f_type == MAGIC_RAMFS;
}

bool io_same_disk(const char *a, const char *b)
{
    struct stat one, two;
    char *folder_a = io_folder(a), *folder_b = io_folder(b);
    bool same = stat(folder_a, &one) != 0 || stat(folder_b, &two) != 0 || one.st_dev == two.st_dev;
    mem_free(folder_a);
    mem_free(folder_b);
    return same;
}

bool io_is_network(const char *path)
{
    struct statfs fs;
    if (!disk_of(path, &fs))
        return false; /* opening it will say what is wrong */
    switch ((uint32_t)fs.f_type) {
    case MAGIC_NFS:
    case MAGIC_SMB:
    case MAGIC_CIFS:
    case MAGIC_SMB2:
    case MAGIC_FUSE:
    case MAGIC_CEPH:
    case MAGIC_AFS:
    case MAGIC_9P:
    case MAGIC_CODA: return true;
    default: return false;
    }
}
