/* Events of a draft's journal to bytes and back; the layout is in event.h, the table in events.def.
 */
#include "app/flow/event.h"

#include "forms/base/date.h"
#include "forms/base/utf8.h"
#include "sync/crypt/bytes.h"

#define OFFSET_MAX_MIN (18 * 60)
#define PATH_MAX_BYTES 4096

struct row {
    enum event_kind kind;
    unsigned fields;
    const char *audit;
};

static const struct row rows[] = {
#define EVENT(name, code, fields, audit) {EVENT_##name, (fields), (audit)},
#include "app/flow/events.def"
#undef EVENT
};

static const struct row *row_of(unsigned code)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if ((unsigned)rows[i].kind == code)
            return &rows[i];
    return NULL;
}

const char *event_audit_name(enum event_kind kind)
{
    const struct row *r = row_of((unsigned)kind);
    return r ? r->audit : "";
}

/* Only these two carry a whole record. */
static size_t value_max(enum event_kind kind)
{
    return kind == EVENT_START || kind == EVENT_BASE_PII ? LIMIT_RECORD_BYTES : LIMIT_ANSWER_BYTES;
}

/* All of it went in, or nothing. */
static bool whole(struct buf *out, size_t begin)
{
    if (!out->full)
        return true;
    out->n = begin;
    if (out->p)
        out->p[begin] = '\0';
    return false;
}

bool event_encode(const struct event *ev, struct buf *out)
{
    const struct row *r = row_of((unsigned)ev->kind);
    size_t begin = out->n;
    if (!r || ev->path.n > PATH_MAX_BYTES || ev->value.n > value_max(ev->kind))
        return false;
    buf_add_u8(out, (uint8_t)ev->kind);
    buf_add_le64(out, (uint64_t)ev->at.ms);
    buf_add_le16(out, (uint16_t)(int16_t)ev->at.offset_min);
    if (r->fields & EVENT_PATH) {
        buf_add_le16(out, (uint16_t)ev->path.n);
        buf_add_str(out, ev->path);
    }
    if (r->fields & EVENT_VALUE) {
        buf_add_le32(out, (uint32_t)ev->value.n);
        buf_add_str(out, ev->value);
    }
    if (r->fields & EVENT_NUMBER)
        buf_add_le64(out, (uint64_t)ev->number);
    if (r->fields & EVENT_TIME)
        buf_add_le64(out, (uint64_t)ev->time);
    return whole(out, begin);
}

/* Takes n bytes off the front of *rest. */
static bool take(struct str *rest, size_t n, struct str *ret)
{
    if (rest->n < n)
        return false;
    *ret = str_sub(*rest, 0, n);
    *rest = str_from(*rest, n);
    return true;
}

static bool take16(struct str *rest, uint16_t *ret)
{
    struct str b;
    if (!take(rest, 2, &b))
        return false;
    *ret = le16((const uint8_t *)b.p);
    return true;
}

static bool take32(struct str *rest, uint32_t *ret)
{
    struct str b;
    if (!take(rest, 4, &b))
        return false;
    *ret = le32((const uint8_t *)b.p);
    return true;
}

static bool take64(struct str *rest, int64_t *ret)
{
    struct str b;
    if (!take(rest, 8, &b))
        return false;
    *ret = (int64_t)le64((const uint8_t *)b.p);
    return true;
}

static bool take_head(struct str *rest, struct event *ev)
{
    uint16_t offset;
    if (!take64(rest, &ev->at.ms) || !take16(rest, &offset))
        return false;
    ev->at.offset_min = (int16_t)offset;
    return ev->at.ms >= -DATE_MS_MAX && ev->at.ms <= DATE_MS_MAX &&
           ev->at.offset_min >= -OFFSET_MAX_MIN && ev->at.offset_min <= OFFSET_MAX_MIN;
}

static bool take_path(struct str *rest, struct event *ev)
{
    uint16_t n;
    return take16(rest, &n) && n <= PATH_MAX_BYTES && take(rest, n, &ev->path) &&
           utf8_valid(ev->path, NULL);
}

static bool take_value(struct str *rest, struct event *ev)
{
    uint32_t n;
    return take32(rest, &n) && n <= value_max(ev->kind) && take(rest, n, &ev->value) &&
           /* START holds a seed; its pairs are looked at when they are used. */
           (ev->kind == EVENT_START || utf8_valid(ev->value, NULL));
}

bool event_decode(struct str bytes, uint64_t n, struct event *ret, struct err *e)
{
    char which[ERR_ARG_MAX], code[ERR_ARG_MAX];
    struct event ev = {.path = STR(""), .value = STR("")};
    struct str rest = bytes, first;
    err_num(which, (int64_t)n + 1);
    if (!take(&rest, 1, &first))
        return err_fail1(e, ERR_EVENT_BAD, which);
    const struct row *r = row_of((uint8_t)first.p[0]);
    if (!r)
        return err_fail2(e, ERR_EVENT_KIND, which, err_num(code, (uint8_t)first.p[0]));
    ev.kind = r->kind;
    bool ok = take_head(&rest, &ev);
    ok = ok && (!(r->fields & EVENT_PATH) || take_path(&rest, &ev));
    ok = ok && (!(r->fields & EVENT_VALUE) || take_value(&rest, &ev));
    ok = ok && (!(r->fields & EVENT_NUMBER) || take64(&rest, &ev.number));
    ok = ok && (!(r->fields & EVENT_TIME) || take64(&rest, &ev.time));
    if (!ok || rest.n > 0)
        return err_fail1(e, ERR_EVENT_BAD, which);
    *ret = ev;
    return true;
}

bool event_pairs_encode(const struct event_pairs *p, struct buf *out)
{
    size_t begin = out->n;
    if (p->n > UINT16_MAX)
        return false;
    buf_add_le16(out, (uint16_t)p->n);
    for (size_t i = 0; i < p->n; i++) {
        if (p->v[i].name.n > UINT16_MAX || p->v[i].value.n > UINT32_MAX)
            out->full = true;
        buf_add_le16(out, (uint16_t)p->v[i].name.n);
        buf_add_str(out, p->v[i].name);
        buf_add_le32(out, (uint32_t)p->v[i].value.n);
        buf_add_str(out, p->v[i].value);
    }
    return whole(out, begin);
}

bool event_pairs_decode(struct str bytes, struct arena *a, struct event_pairs *ret, struct err *e)
{
    struct event_pairs p = {NULL, 0};
    struct str rest = bytes;
    uint16_t count = 0;
    /* A pair has six bytes at least: what the count claims is bounded by what is there. */
    bool ok = take16(&rest, &count) && (size_t)count * 6 <= rest.n;
    if (ok)
        p.v = ARENA_ARRAY(a, struct event_pair, count);
    for (; ok && p.n < count; p.n++) {
        uint16_t name = 0;
        uint32_t value = 0;
        ok = take16(&rest, &name) && take(&rest, name, &p.v[p.n].name) && take32(&rest, &value) &&
             take(&rest, value, &p.v[p.n].value);
    }
    if (!ok || rest.n > 0)
        return err_fail1(e, ERR_EVENT_BAD, "1");
    *ret = p;
    return true;
}

bool event_pairs_get(const struct event_pairs *p, struct str name, struct str *ret)
{
    for (size_t i = 0; i < p->n; i++)
        if (str_eq(p->v[i].name, name)) {
            *ret = p->v[i].value;
            return true;
        }
    return false;
}
