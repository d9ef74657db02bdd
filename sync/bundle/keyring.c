/* Names and numbers in the sealed config, keys that open envelopes; see keyring.h. */
#include "sync/bundle/keyring.h"

#include <stdio.h>
#include <sys/stat.h>

static void add(struct keyring *k, const struct pk32 *pk, const struct secret *sk)
{
    k->keys[k->n++] = (struct envelope_key){*pk, sk};
}

bool keyring_load(struct keyring *k, struct store *s, struct err *e)
{
    struct buf seeds;
    bool there;
    *k = (struct keyring){.n = 0};
    buf_init(&seeds, EPOCHS_MAX * SEED_SIZE);
    bool ok = store_config_get(s, "epochs", &seeds, &there, e);
    for (size_t at = ok ? seeds.n / SEED_SIZE : 0; at > 0; at--) {
        struct secret *seed = secret_copy(seeds.p + (at - 1) * SEED_SIZE, SEED_SIZE), *sk;
        struct pk32 pk;
        crypt_box_pair(seed, &pk, &sk);
        secret_free(seed);
        add(k, &pk, sk);
        k->owned[k->n_owned++] = sk;
    }
    buf_wipe_done(&seeds);
    if (ok)
        add(k, &store_identity(s)->x_pk, store_box_key(s));
    return ok;
}

void keyring_done(struct keyring *k)
{
    for (size_t i = 0; i < k->n_owned; i++)
        secret_free(k->owned[i]);
    *k = (struct keyring){.n = 0};
}

bool config_get_bytes(struct store *s, const char *name, void *ret, size_t n, bool *ret_there,
                      struct err *e)
{
    struct buf b;
    bool there;
    buf_init(&b, n);
    bool ok = store_config_get(s, name, &b, &there, e);
    if (ok && there && b.n != n)
        ok = err_fail1(e, ERR_STORE_DAMAGED, name);
    if (ok && there)
        memcpy(ret, b.p, n);
    if (ok)
        *ret_there = there;
    buf_wipe_done(&b);
    return ok;
}

bool counter_next(struct store *s, const char *name, uint64_t *ret, struct err *e)
{
    uint8_t bytes[8] = {0};
    bool there;
    if (!config_get_bytes(s, name, bytes, sizeof bytes, &there, e))
        return false;
    uint64_t n = (there ? le64(bytes) : 0) + 1;
    put_le64(bytes, n);
    if (!store_config_put(s, name, (struct str){(const char *)bytes, sizeof bytes}, e))
        return false;
    *ret = n;
    return true;
}

void envelope_name(const struct id16 *survey, const struct hash32 *device, uint64_t number,
                   const char *kind, char name[64])
{
    const uint8_t *s = survey->b, *d = device->b;
    snprintf(name, 64, "%02x%02x%02x%02x-%02x%02x%02x%02x-%llu.%s", s[0], s[1], s[2], s[3], d[0],
             d[1], d[2], d[3], (unsigned long long)number, kind);
}

void path_in(const char *path, const char *name, struct buf *out)
{
    struct stat st;
    size_t n = strlen(path);
    buf_add_z(out, path);
    if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
        return;
    if (n == 0 || path[n - 1] != '/')
        buf_add_c(out, '/');
    buf_add_z(out, name);
}
