/* A world that never changes; see fixed_host.h. */
#include "tests/support/fixed_host.h"

static struct instant fake_now(void *ctx)
{
    return ((struct fixed_host *)ctx)->now;
}

static int32_t fake_offset(void *ctx, int64_t ms, bool local)
{
    (void)ms;
    (void)local;
    return ((struct fixed_host *)ctx)->now.offset_min;
}

static void fake_random(void *ctx, void *out, size_t n)
{
    struct fixed_host *h = ctx;
    unsigned char *p = out;
    for (size_t i = 0; i < n; i++) {
        h->random = h->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
        p[i] = (unsigned char)(h->random >> 56);
    }
}

static bool look_up(const struct fixed_file *table, struct str name, struct buf *out)
{
    for (; table && table->name; table++)
        if (str_is(name, table->name))
            return buf_add_z(out, table->text);
    return false;
}

static bool fixed_file(void *ctx, struct str name, struct buf *out, struct err *e)
{
    char tmp[ERR_ARG_MAX];
    return look_up(((struct fixed_host *)ctx)->files, name, out) ||
           err_fail1(e, ERR_FILE_MISSING, err_arg(tmp, name));
}

static bool fake_property(void *ctx, struct str name, struct buf *out)
{
    return look_up(((struct fixed_host *)ctx)->properties, name, out);
}

static bool fake_last_saved(void *ctx, struct str path, struct buf *out)
{
    return look_up(((struct fixed_host *)ctx)->last_saved, path, out);
}

void fixed_host_init(struct fixed_host *h, uint64_t seed)
{
    *h = (struct fixed_host){.now = {INT64_C(1767225600000), 480}, .random = seed};
    h->host = (struct host){.ctx = h,
                            .now = fake_now,
                            .offset = fake_offset,
                            .random = fake_random,
                            .file = fixed_file,
                            .property = fake_property,
                            .last_saved = fake_last_saved};
}
