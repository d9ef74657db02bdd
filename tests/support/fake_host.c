/* A host for tests; see fake_host.h. */
#include "tests/support/fake_host.h"

#include <stdlib.h>
#include <time.h>

#include "forms/base/date.h"

static int32_t zone_offset(void *ctx, int64_t ms, bool local)
{
    (void)ctx;
    int64_t seconds = ms / 1000 - (ms % 1000 < 0);
    time_t t = (time_t)seconds;
    struct tm tm;
    if (local) {
        struct civil c = date_civil(seconds * 1000);
        tm = (struct tm){.tm_year = (int)c.year - 1900,
                         .tm_mon = c.month - 1,
                         .tm_mday = c.day,
                         .tm_hour = c.hour,
                         .tm_min = c.minute,
                         .tm_sec = c.second,
                         .tm_isdst = -1};
        t = mktime(&tm);
    }
    localtime_r(&t, &tm);
    return (int32_t)(tm.tm_gmtoff / 60);
}

static struct instant now(void *ctx)
{
    struct fake_host *f = ctx;
    return (struct instant){f->now_ms, zone_offset(ctx, f->now_ms, false)};
}

static void random_bytes(void *ctx, void *out, size_t n)
{
    struct fake_host *f = ctx;
    unsigned char *p = out;
    for (size_t i = 0; i < n; i++) {
        f->seed = f->seed * 6364136223846793005u + 1442695040888963407u;
        p[i] = (unsigned char)(f->seed >> 56);
    }
}

static bool verify(void *ctx, const uint8_t sig[64], struct str message, const uint8_t key[32])
{
    struct fake_host *f = ctx;
    (void)sig;
    (void)key;
    return str_eq(message, f->signature_message);
}

static bool property(void *ctx, struct str name, struct buf *out)
{
    (void)ctx;
    if (!str_is(name, "deviceid"))
        return false;
    return buf_add_z(out, "cacah:test");
}

void fake_host_init(struct fake_host *f)
{
    *f = (struct fake_host){
        .host = {.ctx = f,
                 .now = now,
                 .offset = zone_offset,
                 .random = random_bytes,
                 .verify_ed25519 = verify,
                 .property = property},
        .now_ms = 1769824800000,
        .seed = 1,
    };
    fake_host_zone(f, "UTC");
}

void fake_host_zone(struct fake_host *f, const char *zone)
{
    (void)f;
    setenv("TZ", zone, 1);
    tzset();
}
