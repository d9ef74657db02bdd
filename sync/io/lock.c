/* The writer's lock, and where no store may be. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "sync/errors.h"
#include "sync/io/io_i.h"

/* statfs(2); these are not all in <linux/magic.h>. */
#define MAGIC_NFS     0x6969u
#define MAGIC_SMB     0x517Bu
#define MAGIC_CIFS    0xFF534D42u
#define MAGIC_SMB2    0xFE534D42u
#define MAGIC_FUSE    0x65735546u
#define MAGIC_CEPH    0x00C36400u
#define MAGIC_AFS     0x5346414Fu
#define MAGIC_9P      0x01021997u
#define MAGIC_CODA    0x73757245u
#define LINE_MAX_READ 200

static void read_holder(int fd, char line[ERR_ARG_MAX])
{
    char text[LINE_MAX_READ];
    ssize_t n = pread(fd, text, sizeof text, 0);
    struct str s = {text, n > 0 ? (size_t)n : 0};
    s.n = str_find(s, '\n', 0);
    err_arg(line, s.n ? s : STR("another process"));
}

/* The holder's line is for people; losing it costs nothing, so no failure is reported for it. */
static void write_holder(int fd, struct str who)
{
    if (ftruncate(fd, 0) == 0 && pwrite(fd, who.p, who.n, 0) == (ssize_t)who.n)
        (void)!pwrite(fd, "\n", 1, (off_t)who.n);
}

bool io_lock(struct io_lock *ret, const char *path, struct str who, struct err *e)
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
        char line[ERR_ARG_MAX];
        read_holder(fd, line);
        ops->close(fd);
        return err_fail1(e, ERR_STORE_BUSY, line);
    }
    if (locked != 0) {
        io_fail(e, &ERR_FILE_WRITE, path);
        ops->close(fd);
        return false;
    }
    write_holder(fd, who);
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
