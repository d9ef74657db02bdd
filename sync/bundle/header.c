/* The text header of an envelope, written and parsed; see header.h. */
#include "sync/bundle/header.h"

#include "forms/base/date.h"
#include "forms/base/num.h"
#include "sync/errors.h"

#define MAGIC "cacah-envelope "

static const char *const kind_names[] = {"kit", "bundle", "receipt", "recovery"};

const char *envelope_kind_name(enum envelope_kind k)
{
    return kind_names[k];
}

/* ---- RFC 3339 ---- */

#define RFC3339_SIZE 20 /* 2026-01-31T10:20:30Z */
#define YEAR_0001_MS ((int64_t)-62135596800000)
#define YEAR_9999_MS ((int64_t)253402300799000)

bool rfc3339_add(int64_t ms, struct buf *out)
{
    int64_t clamped = ms < YEAR_0001_MS ? YEAR_0001_MS : ms > YEAR_9999_MS ? YEAR_9999_MS : ms;
    struct civil c = date_civil(clamped);
    return buf_printf(out, "%04d-%02d-%02dT%02d:%02d:%02dZ", (int)c.year, c.month, c.day, c.hour,
                      c.minute, c.second);
}

static bool digits(struct str s, size_t at, size_t n, int64_t *ret)
{
    uint64_t v;
    if (!num_parse_uint(str_sub(s, at, n), &v))
        return false;
    *ret = (int64_t)v;
    return true;
}

bool rfc3339_get(struct str s, int64_t *ret_ms)
{
    int64_t y, mo, d, h, mi, se;
    if (s.n != RFC3339_SIZE || !digits(s, 0, 4, &y) || !digits(s, 5, 2, &mo) ||
        !digits(s, 8, 2, &d) || !digits(s, 11, 2, &h) || !digits(s, 14, 2, &mi) ||
        !digits(s, 17, 2, &se))
        return false;
    if (y < 1 || mo < 1 || mo > 12 || d < 1 || d > date_days_in_month(y, (int)mo) || h > 23 ||
        mi > 59 || se > 59)
        return false;
    *ret_ms = (date_days(y, (int)mo, (int)d) * 86400 + h * 3600 + mi * 60 + se) * 1000;
    return true;
}

/* ---- writing ---- */

static void line_hex(struct buf *out, const char *key, const void *p, size_t n)
{
    buf_printf(out, "%s: ", key);
    hex_add(out, p, n);
    buf_add_c(out, '\n');
}

static void line_num(struct buf *out, const char *key, uint64_t v)
{
    buf_printf(out, "%s: %llu\n", key, (unsigned long long)v);
}

bool envelope_header_write(const struct envelope_header *h, struct buf *out)
{
    buf_printf(out, MAGIC "%u\nkind: %s\n", (unsigned)h->version, envelope_kind_name(h->kind));
    line_hex(out, "survey", h->survey.b, sizeof h->survey.b);
    line_hex(out, "sender", h->sender.b, sizeof h->sender.b);
    line_hex(out, "incarnation", h->incarnation.b, sizeof h->incarnation.b);
    line_num(out, "seq", h->seq);
    buf_add_z(out, "created: ");
    rfc3339_add(h->created_ms, out);
    buf_add_c(out, '\n');
    line_num(out, "records", h->records);
    line_num(out, "rows", h->rows);
    line_num(out, "plain", h->plain);
    line_hex(out, "commit", h->commit.b, sizeof h->commit.b);
    for (uint32_t i = 0; i < h->n_to; i++) {
        buf_add_z(out, "to: x25519 ");
        hex_add(out, h->to[i].b, sizeof h->to[i].b);
        buf_add_c(out, ' ');
        hex_add(out, h->sealed[i], sizeof h->sealed[i]);
        buf_add_c(out, '\n');
    }
    if (h->has_invite) {
        buf_add_z(out, "to: invite ");
        hex_add(out, h->invite_salt, sizeof h->invite_salt);
        buf_printf(out, " %llu %llu ", (unsigned long long)h->invite_cost.ops,
                   (unsigned long long)h->invite_cost.mem);
        hex_add(out, h->invite_wrap, sizeof h->invite_wrap);
        buf_add_c(out, '\n');
    }
    if (h->has_enrol) {
        buf_add_z(out, "enrol: ");
        hex_add(out, h->enrol_kit.b, sizeof h->enrol_kit.b);
        buf_add_c(out, ' ');
        hex_add(out, h->enrol.b, sizeof h->enrol.b);
        buf_add_c(out, '\n');
    }
    buf_add_c(out, '\n');
    return !out->full;
}

/* ---- parsing ---- */

struct lines {
    struct str rest;
    struct str line; /* the present one, without its LF */
    bool cut;        /* the bytes ended within a line */
};

/* The next line; false at the end of the bytes or of what a line may be. */
static bool next(struct lines *l)
{
    size_t n = str_find(l->rest, '\n', 0);
    l->cut = n == l->rest.n;
    if (l->cut || n > ENVELOPE_LINE_MAX)
        return false;
    l->line = str_sub(l->rest, 0, n);
    l->rest = str_from(l->rest, n + 1);
    return true;
}

/* "key: " at the front of the present line; the value. */
static bool value(const struct lines *l, const char *key, struct str *ret)
{
    struct str k = str_of(key);
    if (!str_starts(l->line, k) || !str_starts(str_from(l->line, k.n), STR(": ")))
        return false;
    *ret = str_from(l->line, k.n + 2);
    return true;
}

static bool get_hex(struct lines *l, const char *key, void *ret, size_t n)
{
    struct str v;
    return next(l) && value(l, key, &v) && hex_get(v, ret, n);
}

static bool get_num(struct lines *l, const char *key, uint64_t *ret)
{
    struct str v;
    return next(l) && value(l, key, &v) && num_parse_uint(v, ret);
}

static bool get_kind(struct lines *l, enum envelope_kind *ret)
{
    struct str v;
    if (!next(l) || !value(l, "kind", &v))
        return false;
    for (int k = ENVELOPE_KIT; k <= ENVELOPE_RECOVERY; k++)
        if (str_is(v, kind_names[k])) {
            *ret = (enum envelope_kind)k;
            return true;
        }
    return false;
}

/* "x25519 PK SEALED" or "invite SALT OPS MEM WRAP" */
static bool get_to(struct str v, struct envelope_header *h)
{
    struct str kind, a, b, c, d;
    if (!str_word(&v, &kind))
        return false;
    if (str_is(kind, "x25519")) {
        uint32_t i = h->n_to;
        if (i == ENVELOPE_RECIPIENTS_MAX || !str_word(&v, &a) || !str_word(&v, &b) ||
            !hex_get(a, h->to[i].b, sizeof h->to[i].b) ||
            !hex_get(b, h->sealed[i], sizeof h->sealed[i]))
            return false;
        h->n_to++;
        return true;
    }
    if (!str_is(kind, "invite") || h->has_invite)
        return false;
    h->has_invite = true;
    return str_word(&v, &a) && str_word(&v, &b) && str_word(&v, &c) && str_word(&v, &d) &&
           hex_get(a, h->invite_salt, sizeof h->invite_salt) &&
           num_parse_uint(b, &h->invite_cost.ops) && num_parse_uint(c, &h->invite_cost.mem) &&
           hex_get(d, h->invite_wrap, sizeof h->invite_wrap);
}

static bool get_enrol(struct str v, struct envelope_header *h)
{
    struct str kit, sig;
    h->has_enrol = true;
    return str_word(&v, &kit) && str_word(&v, &sig) &&
           hex_get(kit, h->enrol_kit.b, sizeof h->enrol_kit.b) &&
           hex_get(sig, h->enrol.b, sizeof h->enrol.b);
}

static bool parse_lines(struct lines *l, struct envelope_header *h)
{
    struct str v;
    if (!get_kind(l, &h->kind) || !get_hex(l, "survey", h->survey.b, sizeof h->survey.b) ||
        !get_hex(l, "sender", h->sender.b, sizeof h->sender.b) ||
        !get_hex(l, "incarnation", h->incarnation.b, sizeof h->incarnation.b) ||
        !get_num(l, "seq", &h->seq) || !next(l) || !value(l, "created", &v) ||
        !rfc3339_get(v, &h->created_ms) || !get_num(l, "records", &h->records) ||
        !get_num(l, "rows", &h->rows) || !get_num(l, "plain", &h->plain) ||
        !get_hex(l, "commit", h->commit.b, sizeof h->commit.b) || !next(l))
        return false;
    for (; value(l, "to", &v);)
        if (!get_to(v, h) || !next(l))
            return false;
    if (value(l, "enrol", &v) && (!get_enrol(v, h) || !next(l)))
        return false;
    return l->line.n == 0 && (h->n_to || h->has_invite);
}

/* The version on the first line: those from the first on are read, others named. */
static bool parse_version(struct lines *l, struct envelope_header *h, struct err *e)
{
    char arg[ERR_ARG_MAX];
    uint64_t version;
    if (!next(l) || !str_starts(l->line, STR(MAGIC)) ||
        !num_parse_uint(str_from(l->line, sizeof MAGIC - 1), &version))
        return err_fail(e, ERR_ENVELOPE_NOT);
    if (version > ENVELOPE_VERSION)
        return err_fail1(e, ERR_ENVELOPE_NEWER, err_num(arg, (int64_t)version));
    if (version < ENVELOPE_FIRST)
        return err_fail1(e, ERR_ENVELOPE_BEFORE, err_num(arg, (int64_t)version));
    h->version = (uint32_t)version;
    return true;
}

static bool within_limits(const struct envelope_header *h, struct err *e)
{
    if (h->records > ENVELOPE_RECORDS_MAX)
        return err_fail2(e, ERR_LIMIT, "The number of records", "2,000,000");
    if (h->rows > ENVELOPE_ROWS_MAX)
        return err_fail2(e, ERR_LIMIT, "The number of ledger rows", "20,000,000");
    if (h->plain > ENVELOPE_PLAIN_MAX)
        return err_fail2(e, ERR_LIMIT, "The unpacked contents", "32 GiB");
    return true;
}

/* The first line of `is` that differs from `ought`. */
static struct str other_line(struct str is, struct str ought)
{
    struct str a, b;
    while (str_split(&is, '\n', &a) && str_split(&ought, '\n', &b) && str_eq(a, b))
        ;
    return str_sub(a, 0, 40);
}

bool envelope_header_parse(struct str bytes, struct envelope_header *ret, size_t *ret_n,
                           struct err *e)
{
    char arg[ERR_ARG_MAX];
    struct envelope_header h = {0};
    struct lines l = {.rest = str_sub(bytes, 0, ENVELOPE_HEADER_MAX)};
    if (!parse_version(&l, &h, e))
        return false;
    if (!parse_lines(&l, &h)) {
        if (l.cut && bytes.n < ENVELOPE_HEADER_MAX)
            return err_fail(e, ERR_ENVELOPE_CUT);
        return err_fail1(e, ERR_ENVELOPE_HEADER, err_arg(arg, str_sub(l.line, 0, 40)));
    }
    size_t n = (size_t)(l.rest.p - bytes.p);
    /* One byte form: what we would have written ourselves, or nothing. */
    struct buf again;
    buf_init(&again, ENVELOPE_HEADER_MAX);
    bool same = envelope_header_write(&h, &again) && str_eq(buf_str(&again), str_sub(bytes, 0, n));
    if (!same)
        err_fail1(e, ERR_ENVELOPE_HEADER,
                  err_arg(arg, other_line(str_sub(bytes, 0, n), buf_str(&again))));
    buf_done(&again);
    if (!same)
        return false;
    if (!within_limits(&h, e))
        return false;
    *ret = h;
    *ret_n = n;
    return true;
}
