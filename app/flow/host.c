/* The worlds given to forms/; see host.h. */
#include "app/flow/host.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "forms/model/form.h"
#include "sync/io/io.h"

/* ---- clock and zone ---- */

static int32_t utc_offset(int64_t ms)
{
    /* Floor, so that the last second before 1970 is -1 and not 0. */
    time_t t = (time_t)(ms >= 0 ? ms / 1000 : -((-ms + 999) / 1000));
    struct tm tm;
    if (!localtime_r(&t, &tm))
        return 0;
    long min = tm.tm_gmtoff / 60;
    if (tm.tm_gmtoff % 60 < 0)
        min--;
    return (int32_t)min;
}

/* A local time that a change of clocks skips or repeats takes the offset of before the change. */
static int32_t local_offset(int64_t local_ms)
{
    int32_t first = utc_offset(local_ms - (int64_t)utc_offset(local_ms) * 60000);
    int32_t second = utc_offset(local_ms - (int64_t)first * 60000);
    if (first == second)
        return first;
    return utc_offset(local_ms - (int64_t)second * 60000) == second ? second : first;
}

static int32_t zone_now_offset(int64_t ms, bool local)
{
    return local ? local_offset(ms) : utc_offset(ms);
}

/* The zone that /etc/localtime links to; like the C library, we look once. */
static const char *system_zone(void)
{
    static const char zoneinfo[] = "/zoneinfo/";
    static char link[ZONE_MAX];
    static const char *name;
    if (name)
        return name;
    ssize_t n = readlink("/etc/localtime", link, sizeof link - 1);
    const char *at = n > 0 ? strstr(link, zoneinfo) : NULL;
    name = at ? at + sizeof zoneinfo - 1 : ":/etc/localtime";
    return name;
}

void host_zone(char ret[ZONE_MAX])
{
    const char *tz = getenv("TZ");
    struct str name = str_of(tz ? tz : system_zone());
    if (name.n >= ZONE_MAX) /* no zone has such a name: the C library takes it for UTC as well */
        name.n = 0;
    memcpy(ret, name.p, name.n);
    ret[name.n] = '\0';
}

static void zone_set(const char *zone)
{
    if (zone)
        setenv("TZ", zone, 1);
    else
        unsetenv("TZ");
    tzset();
}

int32_t host_zone_offset(const char *zone, int64_t ms, bool local)
{
    char here[ZONE_MAX];
    host_zone(here);
    if (strcmp(here, zone) == 0)
        return zone_now_offset(ms, local);
    /* A draft that was begun in another zone: rare, so the process's zone is lent to it. */
    const char *tz = getenv("TZ");
    char *kept = tz ? strdup(tz) : NULL;
    if (tz && !kept)
        abort();
    zone_set(zone);
    int32_t offset = zone_now_offset(ms, local);
    zone_set(kept);
    free(kept);
    return offset;
}

struct instant host_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    int64_t ms = (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
    return (struct instant){ms, utc_offset(ms)};
}

int64_t host_steady_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_BOOTTIME, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- the real host ---- */

static struct instant real_now(void *ctx)
{
    (void)ctx;
    return host_now();
}

static int32_t real_offset(void *ctx, int64_t ms, bool local)
{
    (void)ctx;
    return zone_now_offset(ms, local);
}

static void real_random(void *ctx, void *out, size_t n)
{
    (void)ctx;
    crypt_random(out, n);
}

static bool real_verify(void *ctx, const uint8_t sig[64], struct str message, const uint8_t key[32])
{
    struct sig64 s;
    struct pk32 k;
    (void)ctx;
    memcpy(s.b, sig, sizeof s.b);
    memcpy(k.b, key, sizeof k.b);
    return crypt_verify(&k, &s, message);
}

void host_real(struct host *ret)
{
    *ret = (struct host){.now = real_now,
                         .offset = real_offset,
                         .random = real_random,
                         .verify_ed25519 = real_verify};
}

/* ---- files beside a form ---- */

/* A name that cannot leave its folder. */
static bool name_is_bare(struct str name)
{
    if (name.n == 0 || name.n > 255 || name.p[0] == '.')
        return false;
    for (size_t i = 0; i < name.n; i++)
        if (name.p[i] == '/' || name.p[i] == '\\' || name.p[i] == '\0')
            return false;
    return true;
}

static bool dir_file(void *ctx, struct str name, struct buf *out, struct err *e)
{
    const struct host_dir *d = ctx;
    char arg[ERR_ARG_MAX];
    if (!name_is_bare(name))
        return err_fail1(e, ERR_FILE_MISSING, err_arg(arg, name));
    struct buf path;
    buf_init(&path, sizeof d->folder + 256);
    buf_add_z(&path, d->folder);
    buf_add_str(&path, name);
    bool ok = access(path.p, F_OK) == 0 ? io_read_file(path.p, LIMIT_FORM_ENTRY, out, e)
                                        : err_fail1(e, ERR_FILE_MISSING, err_arg(arg, name));
    buf_done(&path);
    return ok;
}

bool host_dir(struct host_dir *d, const char *form_path, struct host *ret, struct err *e)
{
    const char *slash = strrchr(form_path, '/');
    size_t n = slash ? (size_t)(slash - form_path) + 1 : 0;
    if (n >= sizeof d->folder)
        return err_fail2(e, ERR_LIMIT, "The path", "4095 bytes");
    memcpy(d->folder, form_path, n);
    d->folder[n] = '\0';
    host_real(ret);
    ret->ctx = d;
    ret->file = dir_file;
    return true;
}

static bool files_file(void *ctx, struct str name, struct buf *out, struct err *e)
{
    const struct form_files *files = ctx;
    char arg[ERR_ARG_MAX];
    for (size_t i = 0; i < files->n_lists; i++)
        if (str_eq(files->lists[i].name, name))
            return buf_add_str(out, files->lists[i].bytes) ||
                   err_fail2(e, ERR_LIMIT, err_arg(arg, name), "256 MiB");
    return err_fail1(e, ERR_FILE_MISSING, err_arg(arg, name));
}

void host_files(const struct form_files *files, struct host *ret)
{
    host_real(ret);
    ret->ctx = (void *)(uintptr_t)files; /* struct host carries no const; files_file only reads */
    ret->file = files_file;
}

/* ---- the recorded host ---- */

static struct instant draft_now(void *ctx)
{
    return ((const struct host_draft *)ctx)->at;
}

static int32_t draft_offset(void *ctx, int64_t ms, bool local)
{
    return host_zone_offset(((const struct host_draft *)ctx)->zone, ms, local);
}

/* Block b of event n is MAC(seed, tag ‖ le64 n ‖ le64 b): what an event draws does not depend on
 * what was only looked at before it. */
static void draft_random(void *ctx, void *out, size_t n)
{
    struct host_draft *d = ctx;
    uint8_t *to = out;
    struct buf m;
    buf_init(&m, 32);
    while (n > 0) {
        size_t at = d->drawn % 32;
        size_t part = n < 32 - at ? n : 32 - at;
        buf_clear(&m);
        msg_tag(&m, "cacah.draw.1");
        buf_add_le64(&m, d->event);
        buf_add_le64(&m, d->drawn / 32);
        struct hash32 block = crypt_mac(d->seed, buf_str(&m));
        memcpy(to, block.b + at, part);
        to += part;
        n -= part;
        d->drawn += part;
    }
    buf_done(&m);
}

static bool pair_of(const struct host_draft *d, const char *prefix, struct str name,
                    struct buf *out)
{
    struct buf key;
    struct str value;
    buf_init(&key, LIMIT_ANSWER_BYTES);
    buf_add_z(&key, prefix);
    buf_add_str(&key, name);
    bool there = event_pairs_get(&d->start, buf_str(&key), &value);
    buf_done(&key);
    return there && buf_add_str(out, value);
}

static bool draft_property(void *ctx, struct str name, struct buf *out)
{
    const struct host_draft *d = ctx;
    if (str_is(name, "cacah:visit"))
        return buf_printf(out, "%u", d->visits + 1);
    if (str_is(name, "cacah:code"))
        return buf_add_z(out, d->code);
    return pair_of(d, "property:", name, out);
}

static bool draft_last_saved(void *ctx, struct str path, struct buf *out)
{
    const struct host_draft *d = ctx;
    uint32_t def = form_find(d->form, path);
    if (def == DEF_NONE)
        return false;
    struct buf full;
    buf_init(&full, LIMIT_ANSWER_BYTES);
    form_path(d->form, def, &full);
    bool there = pair_of(d, "saved:", buf_str(&full), out);
    buf_done(&full);
    return there;
}

void host_draft(struct host_draft *d, struct host *ret)
{
    host_real(ret);
    ret->ctx = d;
    ret->now = draft_now;
    ret->offset = draft_offset;
    ret->random = draft_random;
    ret->property = draft_property;
    ret->last_saved = draft_last_saved;
}

void host_draft_event(struct host_draft *d, uint64_t n, struct instant at)
{
    d->event = n;
    d->at = at;
    d->drawn = 0;
}
