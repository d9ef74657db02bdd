/* The state file; see watch.h. */
#include "app/flow/watch.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "sync/io/io.h"

#define WATCH_PATH_MAX 4200
#define WATCH_SIZE     40 /* le64 commits ‖ MAC */

static bool path_of(const struct store *s, const char *folder, char ret[WATCH_PATH_MAX])
{
    struct buf id;
    buf_init(&id, 64);
    hex_add(&id, store_identity(s)->store.b, sizeof store_identity(s)->store.b);
    int n = snprintf(ret, WATCH_PATH_MAX, "%s/%.*s.state", folder, STR_FMT(buf_str(&id)));
    buf_done(&id);
    return n > 0 && n < WATCH_PATH_MAX;
}

enum store_state_is watch_check(const struct store *s, const char *folder)
{
    char path[WATCH_PATH_MAX];
    struct store_state state;
    struct buf b;
    struct err ignored = {0};
    enum store_state_is is = STATE_FITS;
    buf_init(&b, WATCH_SIZE);
    if (path_of(s, folder, path) && io_read_file(path, WATCH_SIZE, &b, &ignored)) {
        struct take t = take_from(buf_str(&b));
        state.commits = take_le64(&t);
        take_bytes(&t, state.mac.b, sizeof state.mac.b);
        if (take_end(&t))
            is = store_state_check(s, &state);
    }
    buf_done(&b);
    return is;
}

static void make_folders(const char *folder)
{
    char path[WATCH_PATH_MAX];
    if (snprintf(path, sizeof path, "%s/", folder) >= (int)sizeof path)
        return;
    for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(path, 0700); /* when it cannot be made, writing into it fails */
        *slash = '/';
    }
}

void watch_keep(const struct store *s, const char *folder)
{
    char path[WATCH_PATH_MAX];
    struct store_state state;
    struct buf b;
    struct err ignored = {0};
    make_folders(folder);
    store_state(s, &state);
    buf_init(&b, WATCH_SIZE);
    buf_add_le64(&b, state.commits);
    buf_add(&b, state.mac.b, sizeof state.mac.b);
    if (path_of(s, folder, path))
        (void)!io_write_file(path, 0600, buf_str(&b), &ignored);
    buf_done(&b);
}
