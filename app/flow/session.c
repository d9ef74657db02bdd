/* A session's life: begin, resume, correct, close. */
#include "app/flow/session_i.h"

#include "app/flow/record.h"
#include "app/flow/survey_i.h"

#define PAIRS_MAX (SAVED_MAX + 9)

/* ---- making and freeing ---- */

static struct session *session_new(struct survey *sv)
{
    struct session *s = mem_alloc(sizeof *s);
    s->sv = sv;
    s->store = sv->store;
    s->cursor = PLACE_NONE;
    s->assignment = STR("");
    arena_init(&s->arena);
    buf_init(&s->typed, LIMIT_ANSWER_BYTES);
    buf_init(&s->bytes, EVENT_BYTES_MAX);
    buf_init(&s->note, 4096);
    buf_init(&s->base, LIMIT_RECORD_BYTES);
    buf_init(&s->base_pii, LIMIT_RECORD_BYTES);
    audit_init(&s->audit);
    return s;
}

void session_free(struct session *s)
{
    if (!s)
        return;
    interview_free(s->iv);
    session_forget_pending(s);
    mem_free(s->pending);
    while (s->n_notes > 0)
        note_put(s, s->notes[0].path, STR(""));
    mem_free(s->notes);
    session_forget_files(s);
    deeds_clear(&s->done);
    deeds_clear(&s->undone);
    mem_free(s->done.v);
    mem_free(s->undone.v);
    audit_wipe(&s->audit);
    buf_wipe_done(&s->typed);
    buf_wipe_done(&s->bytes);
    buf_wipe_done(&s->note);
    buf_wipe_done(&s->base);
    buf_wipe_done(&s->base_pii);
    arena_wipe(&s->arena);
    arena_done(&s->arena);
    crypt_wipe(&s->world, sizeof s->world);
    mem_free(s);
}

bool session_alive(const struct session *s, struct err *e)
{
    if (s->ended)
        return err_fail(e, ERR_SESSION_ENDED);
    return !s->broken || err_fail(e, ERR_SESSION_BROKEN);
}

/* ---- the start event ---- */

static void add_pair(struct event_pairs *p, struct str name, struct str value)
{
    if (p->n < PAIRS_MAX)
        p->v[p->n++] = (struct event_pair){name, value};
}

static struct str device_name(struct survey *sv, struct arena *a)
{
    struct buf b;
    buf_init(&b, 64);
    buf_add_z(&b, "cacah:");
    hex_add(&b, store_identity(sv->store)->device.b, 8);
    struct str name = arena_str(a, buf_str(&b));
    buf_done(&b);
    return name;
}

static bool start_event(struct session *s, struct event *ev, struct err *e)
{
    struct event_pairs p = {ARENA_ARRAY(&s->arena, struct event_pair, PAIRS_MAX), 0};
    uint8_t seed[32];
    char zone[ZONE_MAX];
    crypt_random(seed, sizeof seed);
    host_zone(zone);
    add_pair(&p, STR("seed"), arena_str(&s->arena, (struct str){(char *)seed, sizeof seed}));
    crypt_wipe(seed, sizeof seed);
    add_pair(&p, STR("zone"), arena_str(&s->arena, str_of(zone)));
    add_pair(&p, STR("property:deviceid"), device_name(s->sv, &s->arena));
    add_pair(&p, STR("property:username"), s->sv->user);
    if (s->assignment.n)
        add_pair(&p, STR("assignment"), s->assignment);
    if (!saved_pairs(s->sv, s->form, &s->arena, &p, e))
        return false;
    struct buf bytes;
    buf_init(&bytes, LIMIT_RECORD_BYTES);
    bool ok = event_pairs_encode(&p, &bytes);
    *ev = (struct event){.kind = EVENT_START, .at = host_now()};
    ev->value = arena_str(&s->arena, buf_str(&bytes));
    buf_wipe_done(&bytes);
    return ok || err_fail(e, ERR_SESSION_LARGE);
}

bool session_replay_start(struct session *s, const struct event *ev, struct err *e)
{
    struct str seed, zone;
    struct str kept = arena_str(&s->arena, ev->value); /* the event's bytes go with the callback */
    if (ev->kind != EVENT_START)
        return err_fail1(e, ERR_EVENT_BAD, "1");
    if (!event_pairs_decode(kept, &s->arena, &s->world.start, e))
        return false;
    if (!event_pairs_get(&s->world.start, STR("seed"), &seed) || seed.n != sizeof s->world.seed ||
        !event_pairs_get(&s->world.start, STR("zone"), &zone) || zone.n >= ZONE_MAX)
        return err_fail1(e, ERR_EVENT_BAD, "1");
    (void)event_pairs_get(&s->world.start, STR("assignment"), &s->assignment);
    memcpy(s->world.seed, seed.p, seed.n);
    memcpy(s->world.zone, zone.p, zone.n);
    s->world.zone[zone.n] = '\0';
    s->world.form = s->form;
    code_of_uuid(&s->uuid, s->world.code);
    host_draft(&s->world, &s->host);
    host_draft_event(&s->world, 0, ev->at);
    s->began_ms = ev->at.ms;
    struct audit_node user = {STR(""), false, STR(""), STR("")};
    (void)event_pairs_get(&s->world.start, STR("property:username"), &user.now);
    session_tell(s, ev, &user);
    return true;
}

bool session_replay_base(struct session *s, const struct event *ev, struct err *e)
{
    struct buf *to = ev->kind == EVENT_BASE ? &s->base : &s->base_pii;
    struct str name;
    if (ev->kind == EVENT_BASE_FILE && !s->iv)
        return session_file_event(s, ev, &name, e);
    return (!s->iv && buf_add_str(to, ev->value)) || err_fail1(e, ERR_EVENT_BAD, "2");
}

bool session_open_interview(struct session *s, struct err *e)
{
    uint32_t lost;
    if (s->base.n == 0)
        return interview_new(&s->iv, s->form, &s->host, e);
    return interview_read_parts(&s->iv, s->form, &s->host, buf_str(&s->base), buf_str(&s->base_pii),
                                true, &lost, e);
}

/* ---- begin ---- */

static bool add_event(struct session *s, const struct event *ev, bool pii, struct err *e)
{
    buf_clear(&s->bytes);
    if (!event_encode(ev, &s->bytes))
        return err_fail(e, ERR_SESSION_LARGE);
    const struct str same = {NULL, 0};
    if (!store_draft_append(s->store, &s->uuid, pii, ev->at.ms, buf_str(&s->bytes), same, e))
        return false;
    s->events++;
    return true;
}

/* What an assignment knows beforehand. A name that the form lacks is another form's column. */
static bool prefill_one(struct session *s, const struct prefill *pre, struct instant at,
                        struct err *e)
{
    struct place p, none = PLACE_NONE;
    struct changes changes;
    struct event ev = {.kind = EVENT_PREFILL, .at = at, .value = pre->value};
    struct err refused = {0};
    struct buf path;
    struct told t;
    if (pre->value.n == 0 || !place_parse(s->form, pre->name, &p) || p.whole)
        return true;
    buf_init(&path, LIMIT_ANSWER_BYTES);
    place_text(s->form, &p, &path);
    ev.path = buf_str(&path);
    told_init(&t);
    host_draft_event(&s->world, s->events, at);
    told_before(s, &ev, &p, &t);
    bool ok = true;
    if (session_apply(s, &ev, &p, &none, &changes, &refused)) {
        told_after(s, &ev, &none, &t);
        ok = add_event(s, &ev, session_pii(s, &ev, &p), e);
        session_tell(s, &ev, &t.node);
    }
    told_done(&t);
    buf_done(&path);
    return ok;
}

static bool begin_draft(struct session *s, const struct hash32 *parent,
                        const struct id16 *parent_uuid, struct err *e)
{
    struct event ev;
    struct buf name, at;
    struct summary sum = {
        .form_id = s->form->id, .title = s->form->title, .assignment = s->assignment};
    if (!start_event(s, &ev, e))
        return false;
    sum.began_ms = sum.changed_ms = ev.at.ms;
    buf_clear(&s->bytes);
    buf_clear(&s->note);
    buf_init(&name, 0);
    buf_init(&at, 0);
    if (!event_encode(&ev, &s->bytes) || !summary_pack(&sum, &s->note))
        return err_fail(e, ERR_SESSION_LARGE);
    if (!store_draft_begin(s->store, &s->form_hash, parent, parent_uuid, ev.at.ms,
                           buf_str(&s->bytes), buf_str(&s->note), &s->uuid, e))
        return false;
    s->events = 1;
    return session_replay_start(s, &ev, e);
}

static void begin_clock(struct session *s)
{
    s->tick_ms = host_now().ms;
    s->tick_steady = host_steady_ms();
}

static bool begin_all(struct session *s, const struct prefill *prefill, size_t n_prefill,
                      struct err *e)
{
    if (!begin_draft(s, NULL, NULL, e) || !session_open_interview(s, e))
        return false;
    for (size_t i = 0; i < n_prefill; i++)
        if (!prefill_one(s, &prefill[i], s->world.at, e))
            return false;
    session_count(s);
    return true;
}

bool session_begin_assigned(struct session **ret, struct survey *sv, const struct hash32 *form,
                            struct str assignment, const struct prefill *prefill, size_t n_prefill,
                            struct err *e)
{
    struct session *s = session_new(sv);
    s->form_hash = *form;
    s->assignment = arena_str(&s->arena, assignment);
    begin_clock(s);
    if (!survey_form(sv, form, &s->form, e) || !store_begin(sv->store, e))
        goto fail;
    if (!begin_all(s, prefill, n_prefill, e)) {
        store_rollback(sv->store);
        goto fail;
    }
    if (!store_commit(sv->store, e))
        goto fail;
    s->saved_ms = s->last_ms;
    *ret = s;
    return true;
fail:
    session_free(s);
    return false;
}

bool session_begin(struct session **ret, struct survey *sv, const struct hash32 *form,
                   const struct prefill *prefill, size_t n_prefill, struct err *e)
{
    return session_begin_assigned(ret, sv, form, STR(""), prefill, n_prefill, e);
}

/* ---- correct ---- */

/* A piece ends between characters and is far below the store's limit of an event. */
static bool add_pieces(struct session *s, enum event_kind kind, struct str text, struct instant at,
                       struct err *e)
{
    const size_t max = (size_t)512 << 10;
    while (text.n > 0) {
        size_t n = text.n < max ? text.n : max;
        while (n < text.n && ((unsigned char)text.p[n] & 0xc0) == 0x80)
            n--;
        struct event ev = {.kind = kind, .at = at, .value = str_sub(text, 0, n)};
        if (!add_event(s, &ev, kind == EVENT_BASE_PII, e) || !session_replay_base(s, &ev, e))
            return false;
        text = str_from(text, n);
    }
    return true;
}

/* The files of the record corrected, so that the next one can list them too, whoever holds their bytes. */
static bool add_files(struct session *s, struct str part, bool pii, struct instant at,
                      struct err *e)
{
    struct attachment_list l = {0};
    struct buf value;
    buf_init(&value, LIMIT_ANSWER_BYTES);
    bool ok = attachment_list_read(&l, part, e);
    for (size_t i = 0; ok && i < l.n; i++) {
        struct kept_file f = {.x = l.v[i], .pii = pii, .original = STR("")};
        buf_clear(&value);
        session_file_encode(&f, &value);
        struct event ev = {.kind = EVENT_BASE_FILE,
                           .at = at,
                           .value = buf_str(&value),
                           .number = (int64_t)f.x.length};
        ok = add_event(s, &ev, pii, e) && session_replay_base(s, &ev, e);
        crypt_wipe(&f, sizeof f);
    }
    attachment_list_done(&l);
    buf_wipe_done(&value);
    return ok;
}

static bool correct_parts(struct session *s, const struct revision *rev, struct err *e)
{
    struct buf one, two;
    struct record_part1 p1;
    struct record_part2 p2 = {.values = STR("")};
    uint8_t salt[32];
    buf_init(&one, 2 * LIMIT_RECORD_BYTES);
    buf_init(&two, 2 * LIMIT_RECORD_BYTES);
    bool ok = store_revision_part(s->store, &rev->rev_id, 1, salt, &one, e) &&
              record_unpack1(buf_str(&one), &p1, e);
    if (ok && !hash32_zero(&rev->c2)) {
        ok = store_revision_part(s->store, &rev->rev_id, 2, salt, &two, e);
        if (ok)
            ok = record_unpack2(buf_str(&two), &p2, e);
        else if ((ok = err_is(e, &ERR_PART_ERASED))) /* the rest may still be corrected */
            err_clear(e);
    }
    ok = ok && begin_draft(s, &rev->rev_id, &rev->uuid, e) &&
         add_pieces(s, EVENT_BASE, p1.xml, s->world.at, e) &&
         add_pieces(s, EVENT_BASE_PII, p2.values, s->world.at, e) &&
         add_files(s, buf_str(&one), false, s->world.at, e) &&
         add_files(s, buf_str(&two), true, s->world.at, e) && session_open_interview(s, e);
    crypt_wipe(salt, sizeof salt);
    buf_wipe_done(&one);
    buf_wipe_done(&two);
    return ok;
}

bool session_correct(struct session **ret, struct survey *sv, const struct hash32 *rev_id,
                     struct err *e)
{
    struct revision rev;
    bool there;
    char arg[ERR_ARG_MAX];
    struct session *s = session_new(sv);
    begin_clock(s);
    if (!store_revision_get(sv->store, rev_id, &rev, &there, e))
        goto fail;
    if (!there) {
        struct buf hex;
        buf_init(&hex, 128);
        hex_add(&hex, rev_id->b, sizeof rev_id->b);
        err_fail1(e, ERR_REVISION_UNKNOWN, err_arg(arg, buf_str(&hex)));
        buf_done(&hex);
        goto fail;
    }
    s->form_hash = rev.form;
    s->parent = *rev_id;
    if (!survey_form(sv, &rev.form, &s->form, e) || !store_begin(sv->store, e))
        goto fail;
    if (!correct_parts(s, &rev, e)) {
        store_rollback(sv->store);
        goto fail;
    }
    if (!store_commit(sv->store, e))
        goto fail;
    session_count(s);
    s->saved_ms = s->last_ms;
    *ret = s;
    return true;
fail:
    session_free(s);
    return false;
}

/* ---- resume ---- */

struct search {
    const struct id16 *uuid;
    struct draft found;
    bool there;
};

static bool is_draft(void *ctx, const struct draft *d)
{
    struct search *c = ctx;
    if (!id16_eq(&d->uuid, c->uuid))
        return true;
    c->found = *d;
    c->there = true;
    return false;
}

static bool find_draft(struct session *s, struct err *e)
{
    struct search c = {.uuid = &s->uuid};
    if (!store_draft_each(s->store, is_draft, &c, e))
        return false;
    if (!c.there) {
        struct buf text;
        char arg[ERR_ARG_MAX];
        buf_init(&text, 64);
        uuid_add(&text, &s->uuid);
        err_arg(arg, buf_str(&text));
        buf_done(&text);
        return err_fail1(e, ERR_DRAFT_UNKNOWN, arg);
    }
    s->form_hash = c.found.form;
    s->parent = c.found.parent;
    return true;
}

struct first_form {
    struct hash32 hash;
    bool found;
};

static bool look_first(void *ctx, uint64_t n, bool pii, struct str event, struct err *e)
{
    struct first_form *f = ctx;
    (void)pii;
    return session_first_form(event, n, &f->hash, &f->found, e);
}

/* A draft that was put on another form replays from the one it began with. */
static bool begin_form(struct session *s, struct err *e)
{
    struct first_form f = {.found = false};
    if (!store_draft_events(s->store, &s->uuid, look_first, &f, e))
        return false;
    if (f.found)
        s->form_hash = f.hash;
    return survey_form(s->sv, &s->form_hash, &s->form, e);
}

bool session_load(struct session **ret, struct survey *sv, const struct id16 *uuid, struct err *e)
{
    struct session *s = session_new(sv);
    s->uuid = *uuid;
    if (!find_draft(s, e) || !begin_form(s, e) || !session_replay(s, e)) {
        session_free(s);
        return false;
    }
    *ret = s;
    return true;
}

/* Another place, and perhaps another user, from here on. */
static void wait_resume(struct session *s, struct instant now)
{
    struct buf value;
    host_zone(s->world.zone);
    buf_init(&value, ZONE_MAX + s->sv->user.n + 1);
    buf_add_z(&value, s->world.zone);
    if (s->sv->user.n) {
        buf_add_c(&value, '\n');
        buf_add_str(&value, s->sv->user);
    }
    session_wait(s, &(struct pending){.kind = EVENT_RESUME, .at = now, .value = buf_str(&value)});
    buf_done(&value);
}

bool session_resume(struct session **ret, struct survey *sv, const struct id16 *uuid, struct err *e)
{
    struct session *s;
    if (!session_load(&s, sv, uuid, e))
        return false;
    /* Nobody can tell how long the laptop was off; only a clock that went back shows. */
    struct instant now = host_now();
    begin_clock(s);
    if (now.ms < s->last_ms)
        session_wait(
            s, &(struct pending){.kind = EVENT_CLOCK, .at = now, .number = now.ms - s->last_ms});
    wait_resume(s, now);
    s->run_ms = now.ms;
    s->held = true;
    *ret = s;
    return true;
}

/* ---- close ---- */

void session_close(struct session *s)
{
    struct err e = {0};
    if (!s)
        return;
    if (!s->ended && !s->broken) {
        session_wait(s, &(struct pending){.kind = EVENT_PAUSE, .at = session_tick(s)});
        /* All answers are on the disk; what could be lost here is the cursor's last place. */
        (void)!session_write(s, NULL, false, &e);
    }
    session_free(s);
}

/* ---- looking ---- */

struct interview *session_interview(struct session *s)
{
    return s->iv;
}

const struct form *session_form(const struct session *s)
{
    return s->form;
}

const struct id16 *session_uuid(const struct session *s)
{
    return &s->uuid;
}

void session_code(const struct session *s, struct buf *out)
{
    buf_add_z(out, s->world.code);
}

int64_t session_saved_ms(const struct session *s)
{
    return s->saved_ms;
}

int64_t session_active_ms(const struct session *s)
{
    int64_t since = host_now().ms - s->run_ms;
    bool running = s->held && !s->ended && since > 0;
    return s->active_ms + (running ? since : 0);
}
