/* Transactions: the file and what is in memory of it change together or not at all. */
#include <assert.h>

#include "sync/errors.h"
#include "sync/store/store_i.h"

static bool begin(struct store *s, enum tx as, struct err *e)
{
    if (s->read_only)
        return err_fail(e, ERR_STORE_READ_ONLY);
    if (!db_exec(s->db, "BEGIN IMMEDIATE", e))
        return false;
    memory_copy(&s->before, &s->now);
    s->tx = as;
    return true;
}

static void undo(struct store *s)
{
    /* After some failures SQLite has already rolled back; the error then says so and means nothing. */
    struct err ignored = {0};
    (void)!db_exec(s->db, "ROLLBACK", &ignored);
    memory_copy(&s->now, &s->before);
    s->states_read = false;
    keys_forget(s); /* a new interview's number may be given again */
    s->tx = TX_NONE;
}

static bool finish(struct store *s, struct err *e)
{
    if (head_write(s, e) && db_exec(s->db, "COMMIT", e)) {
        s->tx = TX_NONE;
        return true;
    }
    undo(s);
    return false;
}

bool tx_enter(struct store *s, struct err *e)
{
    assert(s->tx != TX_SINGLE);
    if (s->tx == TX_BROKEN)
        return err_fail(e, ERR_STORE_UNDONE);
    return s->tx == TX_OPEN || begin(s, TX_SINGLE, e);
}

bool tx_leave(struct store *s, bool ok, struct err *e)
{
    if (s->tx == TX_OPEN || s->tx == TX_BROKEN) {
        if (!ok)
            s->tx = TX_BROKEN;
        return ok;
    }
    if (ok)
        return finish(s, e);
    undo(s);
    return false;
}

bool store_begin(struct store *s, struct err *e)
{
    assert(s->tx == TX_NONE);
    return begin(s, TX_OPEN, e);
}

bool store_commit(struct store *s, struct err *e)
{
    assert(s->tx == TX_OPEN || s->tx == TX_BROKEN);
    if (s->tx == TX_OPEN)
        return finish(s, e);
    undo(s);
    return err_fail(e, ERR_STORE_UNDONE);
}

void store_rollback(struct store *s)
{
    if (s->tx != TX_NONE)
        undo(s);
}

bool store_end(struct store *s, bool ok, struct err *e)
{
    if (ok)
        return store_commit(s, e);
    store_rollback(s);
    return false;
}
