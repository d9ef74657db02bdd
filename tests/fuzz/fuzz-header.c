/* The header of an envelope, and a file that begins with it: whatever bytes come, a header that is taken has
 * exactly this one form, and a file is whole and signed or has a reason. */
#include <stdlib.h>
#include <unistd.h>

#include "sync/bundle/envelope.h"
#include "sync/io/io.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static char path[] = "/tmp/cacah-fuzz-header-XXXXXX";

static void finish(void)
{
    unlink(path);
}

static void start(void)
{
    struct err e = {0};
    int fd = mkstemp(path);
    if (fd < 0 || close(fd) != 0 || !crypt_start(&e) || atexit(finish) != 0)
        abort();
}

static void parse(struct str bytes)
{
    struct envelope_header h;
    struct err e = {0};
    struct buf again;
    size_t used;
    bool ok = envelope_header_parse(bytes, &h, &used, &e);
    if (ok != (e.kind == NULL))
        abort();
    if (!ok)
        return;
    buf_init(&again, ENVELOPE_HEADER_MAX);
    envelope_header_write(&h, &again);
    if (!str_eq(buf_str(&again), str_sub(bytes, 0, used)))
        abort();
    buf_done(&again);
}

static void verify(struct str bytes)
{
    struct err e = {0};
    struct envelope_header h;
    uint64_t size;
    unlink(path);
    if (!io_write_file(path, 0600, bytes, &e))
        abort();
    if (envelope_verify(path, &h, &size, &e) != (e.kind == NULL))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static bool started;
    if (!started)
        start();
    started = true;
    struct str bytes = {n ? (const char *)data : "", n};
    parse(bytes);
    verify(bytes);
    return 0;
}
