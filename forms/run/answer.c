/* Between text and value: what a person typed made canonical for the type of the question, what a
 * calculation yields converted to it, and the text of a cell with its number or date kept beside it. */
#include "forms/run/run_i.h"

#include <math.h>

#include "forms/base/date.h"
#include "forms/base/num.h"
#include "forms/base/utf8.h"

/* ---- what a person typed ---- */

static bool wrong_type(struct str text, const char *wanted, struct err *e)
{
    char tmp[ERR_ARG_MAX];
    return err_fail2(e, ERR_ANSWER_TYPE, err_arg(tmp, text), wanted);
}

/* What XML 1.0 can hold, so that a record can be written. */
static bool can_be_written(struct str text)
{
    if (!utf8_valid(text, NULL))
        return false;
    for (size_t i = 0; i < text.n; i++) {
        unsigned char c = (unsigned char)text.p[i];
        if (c < 0x20 && c != '\t' && c != '\n' && c != '\r')
            return false;
        if (c == 0xEF && i + 2 < text.n && (unsigned char)text.p[i + 1] == 0xBF &&
            (unsigned char)text.p[i + 2] >= 0xBE)
            return false; /* U+FFFE, U+FFFF */
    }
    return true;
}

static struct answer number_answer(double x, struct arena *a)
{
    return (struct answer){.text = num_str(x, a), .kept = CELL_NUMBER, .number = x};
}

static bool parse_int(struct str s, struct arena *a, struct answer *ret)
{
    int64_t v;
    if (!num_parse_int(s, &v))
        return false;
    char tmp[ERR_ARG_MAX];
    *ret = (struct answer){
        .text = arena_str(a, str_of(err_num(tmp, v))), .kept = CELL_NUMBER, .number = (double)v};
    return true;
}

static bool parse_decimal(struct str s, struct arena *a, struct answer *ret)
{
    double x;
    if (!num_parse(s, NUM_PLUS, &x) || !isfinite(x))
        return false;
    *ret = number_answer(x, a);
    return true;
}

static struct answer date_answer(const struct date *d, struct arena *a)
{
    char tmp[DATE_TEXT_MAX];
    size_t n = date_text(d, tmp);
    return (struct answer){
        .text = arena_str(a, (struct str){tmp, n}), .kept = CELL_DATE, .date = *d};
}

static bool parse_date(const struct interview *iv, struct str s, enum date_kind kind,
                       struct arena *a, struct answer *ret)
{
    struct date d;
    if (!date_parse(s, &iv->host, &d) || d.kind != kind)
        return false;
    *ret = date_answer(&d, a);
    return true;
}

static bool parse_time(const struct interview *iv, struct str s, struct arena *a,
                       struct answer *ret)
{
    struct day_time t;
    if (!time_parse(s, &t))
        return false;
    /* Without an offset it is the clock's; only the time of day is written. */
    int32_t offset = t.has_offset ? t.offset_min : iv->host.now(iv->host.ctx).offset_min;
    struct date d = {t.ms - (int64_t)offset * 60000, offset, DATE_TIME};
    char tmp[DATE_TEXT_MAX];
    size_t n = time_text(&d, tmp);
    *ret = (struct answer){.text = arena_str(a, (struct str){tmp, n})};
    return true;
}

/* "lat lon [alt [acc]]": each written anew, what is missing as 0. */
static bool parse_point(struct str s, struct buf *out)
{
    struct str word;
    double x[4] = {0};
    int n = 0;
    for (; str_word(&s, &word); n++)
        if (n == 4 || !num_parse(word, NUM_PLUS, &x[n]))
            return false;
    if (n < 2 || fabs(x[0]) > 90 || fabs(x[1]) > 180 || x[3] < 0)
        return false;
    for (int i = 0; i < 4; i++) {
        if (i)
            buf_add_c(out, ' ');
        num_add(out, x[i]);
    }
    return true;
}

static bool parse_points(struct str s, enum node_type type, struct buf *out)
{
    struct str part;
    size_t n = 0, first_end = 0, last = 0;
    while (str_split(&s, ';', &part)) {
        if (str_trim(part).n == 0 && str_trim(s).n == 0)
            continue; /* a ; at the end */
        if (n)
            buf_add_z(out, "; ");
        last = out->n;
        if (!parse_point(part, out))
            return false;
        if (n++ == 0)
            first_end = out->n;
    }
    if (type == TYPE_GEOTRACE)
        return n >= 2;
    struct str all = buf_str(out);
    return n >= 4 && str_eq(str_sub(all, 0, first_end), str_from(all, last));
}

static bool parse_geo(struct str s, enum node_type type, struct arena *a, struct answer *ret)
{
    struct buf b;
    buf_init(&b, LIMIT_ANSWER_BYTES);
    bool point = type != TYPE_GEOTRACE && type != TYPE_GEOSHAPE;
    bool ok = (point ? parse_point(s, &b) : parse_points(s, type, &b)) && !b.full;
    if (ok)
        *ret = (struct answer){.text = arena_str(a, buf_str(&b))};
    buf_wipe_done(&b);
    return ok;
}

static const char *wanted_geo(enum node_type type)
{
    switch ((int)type) {
    case TYPE_GEOTRACE: return "two or more points \"latitude longitude\" separated by ;";
    case TYPE_GEOSHAPE: return "a closed ring of four or more points separated by ;";
    default: return "a point \"latitude longitude [altitude accuracy]\"";
    }
}

static bool parse_stored(const struct interview *iv, const struct form_node *n, struct str text,
                         struct arena *a, struct answer *ret, struct err *e)
{
    struct str s = str_trim(text);
    switch (n->stored) {
    case STORED_INT: return parse_int(s, a, ret) || wrong_type(text, "a whole number", e);
    case STORED_DECIMAL: return parse_decimal(s, a, ret) || wrong_type(text, "a number", e);
    case STORED_DATE:
        return parse_date(iv, s, DATE_ONLY, a, ret) ||
               wrong_type(text, "a date (year-month-day)", e);
    case STORED_DATETIME:
        return parse_date(iv, s, DATE_TIME, a, ret) ||
               wrong_type(text, "a date and time (year-month-dayThour:minute)", e);
    case STORED_TIME:
        return parse_time(iv, s, a, ret) || wrong_type(text, "a time (hour:minute)", e);
    case STORED_GEO:
        return parse_geo(s, n->type, a, ret) || wrong_type(text, wanted_geo(n->type), e);
    case STORED_NONE:
    case STORED_STRING:
    case STORED_SELECT_MULTIPLE:
    case STORED_FILE: break;
    }
    *ret = (struct answer){.text = arena_str(a, text)};
    return true;
}

bool answer_parse(const struct interview *iv, const struct form_node *n, struct str text,
                  struct arena *a, struct answer *ret, struct err *e)
{
    if (text.n > LIMIT_ANSWER_BYTES)
        return err_fail2(e, ERR_LIMIT, "The answer", "1 MiB");
    if (text.n == 0) {
        *ret = (struct answer){0};
        return true;
    }
    if (!can_be_written(text))
        return wrong_type(STR("…"), "text (valid UTF-8 without control characters)", e);
    if (n->type == TYPE_ACKNOWLEDGE && !str_is(str_trim(text), "OK"))
        return wrong_type(text, "OK", e);
    return parse_stored(iv, n, text, a, ret, e);
}

enum missing answer_missing(const struct form_node *n, struct str text)
{
    if (text.n)
        for (int i = 0; i < MISSING_KINDS; i++)
            if (n->missing[i].p && str_eq(n->missing[i], text))
                return (enum missing)i;
    return MISSING_NOT;
}

/* ---- what a calculation yields ---- */

static struct answer int_of(double x, struct arena *a)
{
    return isfinite(x) ? number_answer(trunc(x), a) : (struct answer){0};
}

static struct answer date_of(const struct interview *iv, enum date_kind kind, const struct value *v,
                             struct eval *ev)
{
    struct date d;
    if (v->kind == VAL_DATE)
        d = v->u.date;
    else if (!date_parse(value_string(v, ev), &iv->host, &d))
        return (struct answer){0};
    if (kind == DATE_ONLY && d.kind != DATE_ONLY)
        d = date_of_local(date_local_days(&d) * DAY_MS, &iv->host, DATE_ONLY);
    d.kind = kind;
    return date_answer(&d, ev->scratch);
}

static struct answer string_of(const struct value *v, struct eval *ev)
{
    if (v->kind == VAL_NUMBER) {
        if (isnan(v->u.number))
            return (struct answer){0};
        return number_answer(v->u.number, ev->scratch);
    }
    struct str s = value_string(v, ev);
    if (s.n > LIMIT_ANSWER_BYTES || !can_be_written(s))
        return (struct answer){0};
    return (struct answer){.text = s};
}

struct answer answer_of(const struct interview *iv, const struct form_node *n,
                        const struct value *v, struct eval *ev)
{
    struct answer a;
    switch (n->stored) {
    case STORED_INT: return int_of(value_number(v, ev), ev->scratch);
    case STORED_DECIMAL: {
        double x = value_number(v, ev);
        return isfinite(x) ? number_answer(x, ev->scratch) : (struct answer){0};
    }
    case STORED_DATE: return date_of(iv, DATE_ONLY, v, ev);
    case STORED_DATETIME: return date_of(iv, DATE_TIME, v, ev);
    case STORED_TIME:
        return parse_time(iv, value_string(v, ev), ev->scratch, &a) ? a : string_of(v, ev);
    case STORED_NONE:
    case STORED_STRING:
    case STORED_SELECT_MULTIPLE:
    case STORED_GEO:
    case STORED_FILE: break;
    }
    return string_of(v, ev);
}

/* ---- the cell ---- */

static void keep_text(struct cell *c, struct str text)
{
    c->n = (uint32_t)text.n;
    memset(c->u.in, 0, sizeof c->u.in);
    if (text.n > CELL_INLINE) {
        c->u.heap = mem_alloc(text.n);
        memcpy(c->u.heap, text.p, text.n);
    } else if (text.n) {
        memcpy(c->u.in, text.p, text.n);
    }
}

bool cell_put(struct interview *iv, struct frame *f, uint32_t def, const struct answer *a)
{
    struct cell *c = cell_at(iv, f, def);
    if (str_eq(cell_text(c), a->text))
        return false;
    struct record *r = touch(iv, f, def, 0);
    bool owned_by_record = r && !(r->what & RECORD_VALUE);
    if (r)
        r->what |= RECORD_VALUE;
    char *former = c->n > CELL_INLINE ? c->u.heap : NULL;
    size_t former_n = c->n;
    keep_text(c, a->text);
    if (former && !owned_by_record) {
        memset(former, 0, former_n);
        mem_free(former);
    }
    c->flags = (uint16_t)((c->flags & ~(CELL_NUMBER | CELL_DATE | CELL_CONFIRMED)) | a->kept);
    if (a->kept == CELL_DATE) {
        c->kept.ms = a->date.ms;
        c->offset_min = a->date.offset_min;
    } else {
        c->kept.number = a->number;
    }
    return true;
}

bool cell_value(const struct interview *iv, const struct cell *c, uint32_t def, struct value *ret)
{
    if (c->n == 0)
        return false;
    enum stored stored = node_at(iv, def)->stored;
    if ((stored == STORED_INT || stored == STORED_DECIMAL) && c->flags & CELL_NUMBER) {
        *ret = (struct value){.kind = VAL_NUMBER, .u.number = c->kept.number};
        return true;
    }
    if (c->flags & CELL_DATE) {
        enum date_kind kind = stored == STORED_DATE ? DATE_ONLY : DATE_TIME;
        *ret = (struct value){.kind = VAL_DATE, .u.date = {c->kept.ms, c->offset_min, kind}};
        return true;
    }
    return false;
}
