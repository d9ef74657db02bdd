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

/* What is in memory as it was then. */
static void remember(struct store *s, const struct memory *then)
{
    if (s->now.head.rows[COUNT_STATE] != then->head.rows[COUNT_STATE])
        s->states_read = false;
    memory_copy(&s->now, then);
    keys_forget(s);                     /* a new interview's number may be given again, */
    s->interview_no = s->author_no = 0; /* and a new device's, and a new record's */
    s->added.only = false;
}

static void undo(struct store *s)
{
    /* After some failures SQLite has already rolled back; the error then says so and means nothing. */
    struct err ignored = {0};
    (void)!db_exec(s->db, "ROLLBACK", &ignored);
    remember(s, &s->before);
    s->in_part = false;
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
    assert((s->tx == TX_OPEN || s->tx == TX_BROKEN) && !s->in_part);
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

bool store_part_begin(struct store *s, struct err *e)
{
    assert(s->tx == TX_OPEN && !s->in_part);
    if (!db_exec(s->db, "SAVEPOINT part", e)) {
        s->tx = TX_BROKEN;
        return false;
    }
    memory_copy(&s->before_part, &s->now);
    s->in_part = true;
    return true;
}

bool store_part_end(struct store *s, bool keep, struct err *e)
{
    assert(s->in_part);
    s->in_part = false;
    if (keep && s->tx == TX_BROKEN)
        return err_fail(e, ERR_STORE_UNDONE);
    if (!keep)
        remember(s, &s->before_part);
    bool ok = db_exec(s->db, keep ? "RELEASE part" : "ROLLBACK TO part; RELEASE part", e);
    s->tx = ok ? TX_OPEN : TX_BROKEN;
    return ok;
}
