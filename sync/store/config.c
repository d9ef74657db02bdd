/* Settings: sealed values by name. SQLite sees a keyed hash of the name. */
#include "sync/errors.h"
#include "sync/store/store_i.h"

#define NAME_MAX_BYTES ((size_t)255)

/* ---- settings: plain = le16 name length ‖ name ‖ value ---- */

void config_lookup(const struct store *s, struct str name, uint8_t ret[16])
{
    struct buf m;
    buf_init(&m, NAME_MAX_BYTES + 16);
    msg_tag(&m, "cacah.name.1");
    buf_add_str(&m, name);
    struct hash32 h = crypt_mac(secret_view(s->key_lookup), buf_str(&m));
    memcpy(ret, h.b, 16);
    buf_done(&m);
}

static struct config_row *config_find(struct store *s, const char *name)
{
    uint8_t key[16];
    config_lookup(s, str_of(name), key);
    for (size_t i = 0; i < s->now.n_config; i++)
        if (memcmp(s->now.config[i].name, key, sizeof key) == 0)
            return &s->now.config[i];
    return NULL;
}

static struct config_row *config_add(struct store *s, const char *name)
{
    struct memory *m = &s->now;
    struct config_row c = {.id = m->n_config ? m->config[m->n_config - 1].id + 1 : 1};
    config_lookup(s, str_of(name), c.name);
    m->config = mem_grow(m->config, m->n_config, &m->cap_config, sizeof c);
    m->config[m->n_config] = c;
    return &m->config[m->n_config++];
}

static bool config_write(struct store *s, struct config_row *c, const char *name, struct str value,
                         struct err *e)
{
    struct buf plain, sealed;
    c->version++;
    buf_init(&plain, CONFIG_MAX + NAME_MAX_BYTES + 2);
    buf_init(&sealed, CONFIG_MAX + NAME_MAX_BYTES + 2 + SEAL_OVERHEAD);
    buf_add_le16(&plain, (uint16_t)strlen(name));
    buf_add_z(&plain, name);
    buf_add_str(&plain, value);
    row_seal(s, s->key_rows, TABLE_CONFIG, c->id, c->version, buf_str(&plain), &sealed);
    struct stmt *st =
        db_stmt(s->db,
                "INSERT INTO config (id, name, version, sealed) VALUES (?1, ?2, ?3, ?4) "
                "ON CONFLICT (id) DO UPDATE SET version = ?3, sealed = ?4",
                e);
    if (st) {
        stmt_set_int(st, 1, c->id);
        stmt_set_bytes(st, 2, c->name, sizeof c->name);
        stmt_set_int(st, 3, c->version);
        stmt_set_bytes(st, 4, sealed.p, sealed.n);
    }
    bool ok = st && stmt_run(st, e);
    buf_wipe_done(&plain);
    buf_done(&sealed);
    return ok;
}

static bool too_large(const char *what, size_t max, struct err *e)
{
    char n[ERR_ARG_MAX];
    return err_fail2(e, ERR_STORE_LIMIT, what, err_num(n, (int64_t)max));
}

bool config_set(struct store *s, const char *name, struct str value, struct err *e)
{
    struct config_row *c = config_find(s, name);
    return config_write(s, c ? c : config_add(s, name), name, value, e);
}

bool store_config_put(struct store *s, const char *name, struct str value, struct err *e)
{
    if (strlen(name) > NAME_MAX_BYTES)
        return too_large("The name of a setting", NAME_MAX_BYTES, e);
    if (value.n > CONFIG_MAX)
        return too_large("A setting", CONFIG_MAX, e);
    return tx_enter(s, e) && tx_leave(s, config_set(s, name, value, e), e);
}

static bool config_open(struct store *s, const struct config_row *c, const char *name,
                        struct str sealed, struct buf *out, struct err *e)
{
    struct buf plain;
    buf_init(&plain, sealed.n);
    bool ok = row_open(s, s->key_rows, TABLE_CONFIG, c->id, c->version, sealed, &plain, e);
    if (ok) {
        struct take t = take_from(buf_str(&plain));
        struct str found = take_str(&t, take_le16(&t));
        if (t.bad || !str_is(found, name))
            ok = row_fail(TABLE_CONFIG, c->id, e);
        else if (!buf_add(out, t.p, t.n))
            ok = too_large("A setting", out->max, e);
    }
    buf_wipe_done(&plain);
    return ok;
}

bool store_config_get(struct store *s, const char *name, struct buf *out, bool *ret_there,
                      struct err *e)
{
    const struct config_row *c = config_find(s, name);
    if (!c) {
        *ret_there = false;
        return true;
    }
    struct stmt *st = db_stmt(s->db, "SELECT sealed FROM config WHERE id = ?1", e);
    if (!st)
        return false;
    stmt_set_int(st, 1, c->id);
    bool row, ok = stmt_step(st, &row, e);
    if (ok)
        ok = row ? config_open(s, c, name, stmt_bytes(st, 0), out, e)
                 : row_fail(TABLE_CONFIG, c->id, e);
    stmt_done(st);
    if (ok)
        *ret_there = true;
    return ok;
}
