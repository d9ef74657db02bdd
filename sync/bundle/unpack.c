/* Pass 2, below the frames: chunks are read, witnessed, opened and decompressed (the one zstd frame)
 * into blocks. Of a large envelope a thread of its own does so while the caller works on the block
 * before: a merge hides all of this behind its database. The blocks, and what goes wrong, come in the
 * file's order either way. */
#include "sync/bundle/read_i.h"

#include <pthread.h>
#include <signal.h>
#include <zstd.h>

#include "sync/io/io.h"

#define WINDOW_LOG_MAX    23
#define ZSTD_CHECKSUM_BIT 4
#define BLOCK             ((size_t)128 << 10)          /* one step of zstd's output */
#define BLOCKS            4                            /* of which a thread may be ahead */
#define ALONE             (4 * (uint64_t)SEALED_CHUNK) /* up to so much a thread is not worth its start */

struct unpacking {
    struct opening *o;
    ZSTD_DCtx *zstd;
    bool begun, ended; /* the zstd frame */
    uint64_t plain;    /* bytes so far */
    uint8_t chunk[STREAM_CHUNK];
    /* A ring of blocks; without a thread the first alone. */
    uint8_t block[BLOCKS][BLOCK];
    size_t n[BLOCKS];
    bool threaded;
    pthread_mutex_t lock; /* over what follows */
    pthread_cond_t turn;
    uint64_t filled, emptied; /* blocks so far */
    bool done;                /* no more will be filled */
    bool given_up;            /* no more will be emptied */
    bool ok;                  /* how the thread ended */
    struct err why;
};

/* ---- blocks ---- */

/* Room for the next block; NULL: nobody wants it. */
static uint8_t *next_block(struct unpacking *u)
{
    if (!u->threaded)
        return u->block[0];
    pthread_mutex_lock(&u->lock);
    while (u->filled - u->emptied == BLOCKS && !u->given_up)
        pthread_cond_wait(&u->turn, &u->lock);
    bool wanted = !u->given_up;
    pthread_mutex_unlock(&u->lock);
    return wanted ? u->block[u->filled % BLOCKS] : NULL;
}

static bool give_block(struct unpacking *u, size_t n, struct err *e)
{
    if (n == 0)
        return true;
    if (!u->threaded)
        return envelope_feed(u->o, u->block[0], n, e);
    pthread_mutex_lock(&u->lock);
    u->n[u->filled % BLOCKS] = n;
    u->filled++;
    pthread_cond_signal(&u->turn);
    pthread_mutex_unlock(&u->lock);
    return true;
}

/* ---- chunks ---- */

/* What zstd would pass over in silence: skippable frames, a frame without checksum. */
static bool check_packed_start(const uint8_t *p, size_t n, struct err *e)
{
    if (n < 5 || le32(p) != ZSTD_MAGICNUMBER)
        return err_fail1(e, ERR_ENVELOPE_PACKED, "not a zstd frame");
    if (!(p[4] & ZSTD_CHECKSUM_BIT))
        return err_fail1(e, ERR_ENVELOPE_PACKED, "no checksum");
    return true;
}

/* *ret_go false without an error: the caller has given up. */
static bool unpack(struct unpacking *u, const uint8_t *p, size_t n, bool *ret_go, struct err *e)
{
    ZSTD_inBuffer src = {p, n, 0};
    if (!u->begun && !check_packed_start(p, n, e))
        return false;
    u->begun = true;
    for (bool full = false; src.pos < src.size || full;) {
        if (u->ended)
            return err_fail(e, ERR_ENVELOPE_TRAILING);
        uint8_t *block = next_block(u);
        *ret_go = block != NULL;
        if (!block)
            return true;
        ZSTD_outBuffer dst = {block, BLOCK, 0};
        size_t left = ZSTD_decompressStream(u->zstd, &dst, &src);
        if (ZSTD_isError(left))
            return err_fail1(e, ERR_ENVELOPE_PACKED, ZSTD_getErrorName(left));
        u->plain += dst.pos;
        if (u->plain > u->o->in->header.plain)
            return err_fail2(e, ERR_LIMIT, "The contents", "what the header promises");
        if (!give_block(u, dst.pos, e))
            return false;
        u->ended = left == 0;
        full = dst.pos == dst.size && left != 0;
    }
    return true;
}

static bool read_chunks(struct unpacking *u, struct err *e)
{
    struct opening *o = u->o;
    struct envelope_in *in = o->in;
    struct str ad = {(const char *)o->hh.b, sizeof o->hh.b};
    bool go = true;
    for (uint64_t left = envelope_chunks_size(in); go && left > 0;) {
        size_t n = left < SEALED_CHUNK ? (size_t)left : SEALED_CHUNK;
        bool final;
        struct err why = {0};
        if (!io_read_exact(in->fd, in->sealed, n, e))
            return false;
        left -= n;
        witness_add(&in->witness, in->sealed, n);
        if (!stream_open(o->stream, in->sealed, n, ad, u->chunk, &final, &why) ||
            final != (left == 0))
            return err_fail(e, ERR_ENVELOPE_CHUNK);
        if (!unpack(u, u->chunk, n - STREAM_OVERHEAD, &go, e))
            return false;
    }
    return !go || u->ended || err_fail1(e, ERR_ENVELOPE_PACKED, "cut short");
}

/* ---- the thread ---- */

static void *fill(void *arg)
{
    struct unpacking *u = arg;
    bool ok = read_chunks(u, &u->why);
    pthread_mutex_lock(&u->lock);
    u->ok = ok;
    u->done = true;
    pthread_cond_signal(&u->turn);
    pthread_mutex_unlock(&u->lock);
    return NULL;
}

/* Blocks until there are no more, or the sink refuses one. */
static bool empty(struct unpacking *u, struct err *e)
{
    bool ok = true;
    pthread_mutex_lock(&u->lock);
    while (ok) {
        while (u->filled == u->emptied && !u->done)
            pthread_cond_wait(&u->turn, &u->lock);
        if (u->filled == u->emptied)
            break;
        size_t i = u->emptied % BLOCKS;
        pthread_mutex_unlock(&u->lock);
        ok = envelope_feed(u->o, u->block[i], u->n[i], e);
        pthread_mutex_lock(&u->lock);
        u->emptied++;
        u->given_up = !ok;
        pthread_cond_signal(&u->turn);
    }
    pthread_mutex_unlock(&u->lock);
    return ok;
}

/* Signals are the caller's: the thread takes none. */
static bool start(struct unpacking *u, pthread_t *ret)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    u->threaded = true;
    u->threaded = pthread_create(ret, NULL, fill, u) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return u->threaded;
}

static bool run(struct unpacking *u, struct err *e)
{
    pthread_t thread;
    if (envelope_chunks_size(u->o->in) <= ALONE || !start(u, &thread))
        return read_chunks(u, e);
    bool ok = empty(u, e);
    pthread_join(thread, NULL);
    if (!ok)
        return false;
    if (!u->ok)
        *e = u->why;
    return u->ok;
}

bool envelope_unpack(struct opening *o, struct err *e)
{
    struct unpacking *u = mem_alloc(sizeof *u);
    u->o = o;
    pthread_mutex_init(&u->lock, NULL);
    pthread_cond_init(&u->turn, NULL);
    u->zstd = ZSTD_createDCtx();
    bool ok = u->zstd || err_fail1(e, ERR_ENVELOPE_PACKED, "out of memory");
    if (ok) {
        size_t r = ZSTD_DCtx_setParameter(u->zstd, ZSTD_d_windowLogMax, WINDOW_LOG_MAX);
        ok = !ZSTD_isError(r) || err_fail1(e, ERR_ENVELOPE_PACKED, ZSTD_getErrorName(r));
    }
    ok = ok && run(u, e);
    ZSTD_freeDCtx(u->zstd);
    pthread_cond_destroy(&u->turn);
    pthread_mutex_destroy(&u->lock);
    crypt_wipe(u->chunk, sizeof u->chunk);
    crypt_wipe(u->block, BLOCK * (u->threaded ? BLOCKS : 1));
    mem_free(u);
    return ok;
}
