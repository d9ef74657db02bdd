/* See vfs_fault.h. */
#include "tests/fault/vfs_fault.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "sync/io/io.h"

#define IMAGES 16
#define SECTOR 512

/* ---- the fault ---- */

static enum fault_mode mode;
static unsigned nth, count;
static bool hit, dead;
static uint32_t random_state;

static bool is_cut(void)
{
    return mode >= FAULT_CUT_LOSE;
}

static uint32_t next_random(void)
{
    random_state = random_state * 1664525u + 1013904223u;
    return random_state >> 16;
}

/* Whether this operation fails. `write`: one that needs room. */
static bool fails(bool write)
{
    if (dead)
        return true;
    count++;
    if (mode == FAULT_FULL && hit)
        return write;
    if (mode == FAULT_NONE || hit || count < nth || (mode == FAULT_FULL && !write))
        return false;
    hit = true;
    dead = is_cut();
    return true;
}

/* ---- what of each file is synced ---- */

struct pending {
    bool truncate;
    sqlite3_int64 at; /* the new size of a truncation */
    struct buf bytes;
};

struct image {
    char path[256];
    unsigned open; /* files of SQLite's that point here */
    struct buf synced;
    struct pending *ops;
    size_t n, cap;
};

static struct image images[IMAGES];

static void image_apply(struct buf *file, const struct pending *op, size_t n)
{
    size_t end = (size_t)op->at + n;
    if (op->truncate) {
        if (file->n > (size_t)op->at)
            file->n = (size_t)op->at;
        return;
    }
    if (file->n < end) {
        size_t grow = end - file->n;
        memset(buf_room(file, grow), 0, grow);
    }
    if (n)
        memcpy(file->p + op->at, op->bytes.p, n);
}

static void image_forget_ops(struct image *m)
{
    for (size_t i = 0; i < m->n; i++)
        buf_done(&m->ops[i].bytes);
    m->n = 0;
}

static void image_drop(struct image *m)
{
    image_forget_ops(m);
    mem_free(m->ops);
    buf_done(&m->synced);
    *m = (struct image){.n = 0};
}

static struct image *image_of(const char *path, bool make)
{
    struct image *unused = NULL;
    for (size_t i = 0; i < IMAGES; i++) {
        if (strcmp(images[i].path, path) == 0)
            return &images[i];
        if (!images[i].path[0] && !unused)
            unused = &images[i];
    }
    if (!make)
        return NULL;
    ck_assert_ptr_nonnull(unused);
    snprintf(unused->path, sizeof unused->path, "%s", path);
    buf_init(&unused->synced, (size_t)1 << 28);
    FILE *f = fopen(path, "rb"); /* what was there before is on the disk */
    char block[4096];
    size_t n;
    while (f && (n = fread(block, 1, sizeof block, f)) > 0)
        buf_add(&unused->synced, block, n);
    if (f)
        fclose(f);
    return unused;
}

static void image_add(struct image *m, bool truncate, sqlite3_int64 at, const void *p, size_t n)
{
    m->ops = mem_grow(m->ops, m->n, &m->cap, sizeof *m->ops);
    struct pending *op = &m->ops[m->n++];
    *op = (struct pending){.truncate = truncate, .at = at};
    buf_init(&op->bytes, (size_t)1 << 24);
    buf_add(&op->bytes, p, n);
}

static void image_sync(struct image *m)
{
    for (size_t i = 0; i < m->n; i++)
        image_apply(&m->synced, &m->ops[i], m->ops[i].bytes.n);
    image_forget_ops(m);
}

/* ---- SQLite's file layer ---- */

struct fault_file {
    sqlite3_file base;
    struct image *image; /* NULL: a temporary file */
    sqlite3_file *real;
};

static sqlite3_vfs *real_vfs;

static struct fault_file *file_of(sqlite3_file *f)
{
    return (struct fault_file *)(void *)f;
}

static int f_close(sqlite3_file *f)
{
    if (file_of(f)->image)
        file_of(f)->image->open--;
    return file_of(f)->real->pMethods->xClose(file_of(f)->real);
}

static int f_read(sqlite3_file *f, void *p, int n, sqlite3_int64 at)
{
    if (dead)
        return SQLITE_IOERR_READ;
    return file_of(f)->real->pMethods->xRead(file_of(f)->real, p, n, at);
}

static int f_write(sqlite3_file *f, const void *p, int n, sqlite3_int64 at)
{
    struct fault_file *file = file_of(f);
    bool before = dead;
    if (fails(true)) {
        if (!before && dead && file->image) /* the power went in the middle of it */
            image_add(file->image, false, at, p, (size_t)n / 2);
        return mode == FAULT_FULL ? SQLITE_FULL : SQLITE_IOERR_WRITE;
    }
    int rc = file->real->pMethods->xWrite(file->real, p, n, at);
    if (rc == SQLITE_OK && file->image)
        image_add(file->image, false, at, p, (size_t)n);
    return rc;
}

static int f_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    struct fault_file *file = file_of(f);
    if (fails(false))
        return SQLITE_IOERR_TRUNCATE;
    int rc = file->real->pMethods->xTruncate(file->real, size);
    if (rc == SQLITE_OK && file->image)
        image_add(file->image, true, size, NULL, 0);
    return rc;
}

static int f_sync(sqlite3_file *f, int flags)
{
    struct fault_file *file = file_of(f);
    if (fails(false))
        return SQLITE_IOERR_FSYNC;
    (void)flags; /* the tests' own disk need not be flushed */
    if (file->image)
        image_sync(file->image);
    return SQLITE_OK;
}

static int f_size(sqlite3_file *f, sqlite3_int64 *size)
{
    return file_of(f)->real->pMethods->xFileSize(file_of(f)->real, size);
}

static int f_lock(sqlite3_file *f, int lock)
{
    return file_of(f)->real->pMethods->xLock(file_of(f)->real, lock);
}

static int f_unlock(sqlite3_file *f, int lock)
{
    return file_of(f)->real->pMethods->xUnlock(file_of(f)->real, lock);
}

static int f_reserved(sqlite3_file *f, int *out)
{
    return file_of(f)->real->pMethods->xCheckReservedLock(file_of(f)->real, out);
}

static int f_control(sqlite3_file *f, int op, void *arg)
{
    return file_of(f)->real->pMethods->xFileControl(file_of(f)->real, op, arg);
}

static int f_sector(sqlite3_file *f)
{
    return file_of(f)->real->pMethods->xSectorSize(file_of(f)->real);
}

static int f_device(sqlite3_file *f)
{
    return file_of(f)->real->pMethods->xDeviceCharacteristics(file_of(f)->real);
}

static int f_shm_map(sqlite3_file *f, int page, int size, int extend, void volatile **out)
{
    if (dead)
        return SQLITE_IOERR_SHMMAP;
    return file_of(f)->real->pMethods->xShmMap(file_of(f)->real, page, size, extend, out);
}

static int f_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
    return file_of(f)->real->pMethods->xShmLock(file_of(f)->real, offset, n, flags);
}

static void f_shm_barrier(sqlite3_file *f)
{
    file_of(f)->real->pMethods->xShmBarrier(file_of(f)->real);
}

static int f_shm_unmap(sqlite3_file *f, int remove)
{
    return file_of(f)->real->pMethods->xShmUnmap(file_of(f)->real, remove);
}

static const sqlite3_io_methods methods = {
    .iVersion = 2,
    .xClose = f_close,
    .xRead = f_read,
    .xWrite = f_write,
    .xTruncate = f_truncate,
    .xSync = f_sync,
    .xFileSize = f_size,
    .xLock = f_lock,
    .xUnlock = f_unlock,
    .xCheckReservedLock = f_reserved,
    .xFileControl = f_control,
    .xSectorSize = f_sector,
    .xDeviceCharacteristics = f_device,
    .xShmMap = f_shm_map,
    .xShmLock = f_shm_lock,
    .xShmBarrier = f_shm_barrier,
    .xShmUnmap = f_shm_unmap,
};

static int v_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *f, int flags, int *out)
{
    struct fault_file *file = file_of(f);
    (void)vfs;
    file->base.pMethods = NULL;
    bool makes = (flags & SQLITE_OPEN_CREATE) && path && access(path, F_OK) != 0;
    if (makes ? fails(true) : dead)
        return SQLITE_CANTOPEN;
    file->real = (sqlite3_file *)(void *)(file + 1);
    int rc = real_vfs->xOpen(real_vfs, path, file->real, flags, out);
    if (rc == SQLITE_OK) {
        file->base.pMethods = &methods;
        file->image = path ? image_of(path, true) : NULL;
        if (file->image)
            file->image->open++;
    }
    return rc;
}

static int v_delete(sqlite3_vfs *vfs, const char *path, int sync)
{
    (void)vfs;
    if (fails(false))
        return SQLITE_IOERR_DELETE;
    int rc = real_vfs->xDelete(real_vfs, path, sync);
    struct image *m = image_of(path, false);
    if (m && (rc == SQLITE_OK || rc == SQLITE_IOERR_DELETE_NOENT))
        image_drop(m);
    return rc;
}

/* ---- sync/io's table ---- */

static struct io_ops real_ops;

static bool io_fails(bool write)
{
    if (!fails(write))
        return false;
    errno = mode == FAULT_FULL ? ENOSPC : EIO;
    return true;
}

static int o_open(const char *path, int flags, mode_t m)
{
    if ((flags & O_CREAT) && access(path, F_OK) != 0 ? io_fails(true) : dead)
        return -1;
    return real_ops.open(path, flags, m);
}

static ssize_t o_write(int fd, const void *p, size_t n)
{
    return io_fails(true) ? -1 : real_ops.write(fd, p, n);
}

static int o_sync(int fd)
{
    (void)fd;
    return io_fails(false) ? -1 : 0;
}

static int o_rename(const char *from, const char *to)
{
    if (io_fails(false) || real_ops.rename(from, to) != 0)
        return -1;
    struct image *m = image_of(from, false), *old = image_of(to, false);
    if (old)
        image_drop(old);
    if (m)
        snprintf(m->path, sizeof m->path, "%s", to);
    return 0;
}

static int o_unlink(const char *path)
{
    if (io_fails(false))
        return -1;
    struct image *m = image_of(path, false);
    if (m)
        image_drop(m);
    return real_ops.unlink(path);
}

/* ---- what tests call ---- */

void fault_install(void)
{
    static sqlite3_vfs vfs;
    static struct io_ops ops;
    if (real_vfs)
        return;
    real_vfs = sqlite3_vfs_find(NULL);
    vfs = *real_vfs;
    vfs.zName = "fault";
    vfs.szOsFile = (int)sizeof(struct fault_file) + real_vfs->szOsFile;
    vfs.xOpen = v_open;
    vfs.xDelete = v_delete;
    ck_assert_int_eq(sqlite3_vfs_register(&vfs, 1), SQLITE_OK);
    real_ops = *io_use(NULL);
    ops = real_ops;
    ops.open = o_open;
    ops.write = o_write;
    ops.sync = o_sync;
    ops.rename = o_rename;
    ops.unlink = o_unlink;
    io_use(&ops);
}

void fault_arm(enum fault_mode m, unsigned n, uint32_t seed)
{
    for (size_t i = 0; i < IMAGES; i++) {
        if (images[i].open)
            image_sync(&images[i]); /* what was written before counts as on the disk */
        else if (images[i].path[0])
            image_drop(&images[i]);
    }
    mode = m;
    nth = n;
    count = 0;
    hit = dead = false;
    random_state = seed;
}

bool fault_hit(void)
{
    return hit;
}

unsigned fault_count(void)
{
    return count;
}

void fault_clear(void)
{
    mode = FAULT_NONE;
    dead = false;
}

static void write_image(const struct image *m, const struct buf *found)
{
    FILE *f = fopen(m->path, "wb");
    ck_assert_ptr_nonnull(f);
    ck_assert_uint_eq(fwrite(found->p ? found->p : "", 1, found->n, f), found->n);
    fclose(f);
}

void fault_restart(void)
{
    for (size_t i = 0; i < IMAGES; i++) {
        struct image *m = &images[i];
        if (!m->path[0] || access(m->path, F_OK) != 0)
            continue;
        for (size_t k = 0; k < m->n && mode != FAULT_CUT_LOSE; k++) {
            struct pending *op = &m->ops[k];
            size_t n = op->bytes.n;
            if (mode == FAULT_CUT_TEAR && next_random() % 2 == 0)
                continue;
            if (mode == FAULT_CUT_TEAR && n > SECTOR && next_random() % 2 == 0)
                n = next_random() % (n / SECTOR) * SECTOR;
            image_apply(&m->synced, op, n);
        }
        write_image(m, &m->synced);
    }
    fault_arm(FAULT_NONE, 0, 0);
}
