/* A typed line → the text of an answer, by the type of the question: codes, row numbers and labels of
 * choices; decimal commas; dates as they are said. */
#include "app/flow/host.h"
#include "app/tr.h"
#include "app/ui/linear_i.h"
#include "forms/base/date.h"
#include "forms/base/num.h"

static bool unclear(struct linear *l, const char *why)
{
    linear_say(l, 0, str_of(why));
    return false;
}

/* ---- choices ---- */

struct pick {
    struct choices c;
    bool codes;
};

static bool label_starts(struct linear *l, uint32_t row, struct str typed, bool whole)
{
    buf_clear(&l->text);
    interview_choice_label(l->iv, &l->at, row, &l->text);
    struct str label = buf_str(&l->text);
    return typed.n && label.n >= typed.n && str_eq_nocase(str_sub(label, 0, typed.n), typed) &&
           (!whole || label.n == typed.n);
}

/* By the label's beginning (or all of it): the only one, or SIZE_MAX. */
static size_t by_label(struct linear *l, const struct pick *p, struct str typed, bool whole)
{
    size_t found = SIZE_MAX;
    for (size_t i = 0; i < p->c.n; i++) {
        if (!label_starts(l, p->c.rows[i], typed, whole))
            continue;
        if (found != SIZE_MAX)
            return SIZE_MAX;
        found = i;
    }
    return found;
}

static bool is_code_of_last(struct linear *l, const struct pick *p, struct str typed)
{
    struct buf b;
    buf_init(&b, LIMIT_CELL_BYTES);
    linear_code(l, &p->c, p->c.n - 1, &b);
    bool is = str_eq(buf_str(&b), typed);
    buf_done(&b);
    return is;
}

static size_t find(struct linear *l, const struct pick *p, struct str typed)
{
    uint64_t number;
    for (size_t i = 0; i < p->c.n; i++)
        if (str_eq(interview_choice_name(l->iv, &l->at, p->c.rows[i]), typed))
            return i;
    if (p->codes && p->c.n && is_code_of_last(l, p, typed))
        return p->c.n - 1;
    if (!p->codes && num_parse_uint(typed, &number) && number >= 1 && number <= p->c.n)
        return (size_t)number - 1;
    size_t at = by_label(l, p, typed, true);
    return at != SIZE_MAX ? at : by_label(l, p, typed, false);
}

static bool open_pick(struct linear *l, struct pick *ret)
{
    struct err e = {0};
    if (!interview_choices(l->iv, &l->at, &ret->c, &e)) {
        linear_error(l, &e);
        return false;
    }
    ret->codes = linear_has_codes(l, &ret->c);
    return true;
}

static bool typed_one(struct linear *l, struct str line, struct buf *ret)
{
    struct pick p;
    if (!open_pick(l, &p))
        return false;
    size_t at = find(l, &p, line);
    if (at != SIZE_MAX)
        return buf_add_str(ret, interview_choice_name(l->iv, &l->at, p.c.rows[at]));
    linear_say(l, 0, str_of(_("Not one of the choices, or not clear which. Those that hold it:")));
    linear_choices(l, line);
    return false;
}

static bool add_name(struct linear *l, const struct pick *p, struct str word, struct buf *ret)
{
    size_t at = find(l, p, word);
    if (at == SIZE_MAX)
        return false;
    if (ret->n)
        buf_add_c(ret, ' ');
    return buf_add_str(ret, interview_choice_name(l->iv, &l->at, p->c.rows[at]));
}

/* "3-5": codes or row numbers from 3 to 5; a code that is missing between is passed over. */
static bool add_range(struct linear *l, const struct pick *p, struct str word, struct buf *ret)
{
    size_t dash = str_find(word, '-', 1);
    uint64_t from, to;
    bool any = false;
    if (dash >= word.n || !num_parse_uint(str_sub(word, 0, dash), &from) ||
        !num_parse_uint(str_from(word, dash + 1), &to) || from > to || to - from > LIMIT_CHOICES)
        return false;
    for (uint64_t n = from; n <= to; n++) {
        char text[ERR_ARG_MAX];
        any |= add_name(l, p, str_of(err_num(text, (int64_t)n)), ret);
    }
    return any;
}

static bool typed_several(struct linear *l, struct str line, struct buf *ret)
{
    struct pick p;
    struct str rest = line, word;
    struct buf commas;
    if (!open_pick(l, &p))
        return false;
    /* One choice may be given by its label, blanks and all. */
    size_t one = by_label(l, &p, str_trim(line), true);
    if (one != SIZE_MAX)
        return buf_add_str(ret, interview_choice_name(l->iv, &l->at, p.c.rows[one]));
    buf_init(&commas, LIMIT_ANSWER_BYTES);
    for (size_t i = 0; i < line.n; i++)
        buf_add_c(&commas, line.p[i] == ',' ? ' ' : line.p[i]);
    rest = buf_str(&commas);
    bool ok = true;
    while (ok && str_word(&rest, &word)) {
        ok = add_name(l, &p, word, ret) || add_range(l, &p, word, ret);
        if (!ok) {
            buf_clear(&l->text);
            buf_printf(&l->text, _("\"%.*s\" is not one of the choices."), STR_FMT(word));
            linear_say(l, 0, buf_str(&l->text));
        }
    }
    buf_done(&commas);
    return ok;
}

/* ---- numbers ---- */

/* A point before exactly three digits may part thousands: 1.500 (decisions.md 12). */
static bool is_ambiguous(struct str s)
{
    size_t point = str_find(s, '.', 0), first = s.n && s.p[0] == '-' ? 1 : 0;
    return s.n - point == 4 && point > first && point - first <= 3 && s.p[first] != '0' &&
           str_find(s, ',', 0) == s.n;
}

static bool typed_decimal(struct linear *l, struct str line, struct buf *ret)
{
    if (is_ambiguous(line))
        return unclear(l, _("Is the point for thousands or for decimals? Type 1500, or 1,500."));
    for (size_t i = 0; i < line.n; i++)
        buf_add_c(ret, line.p[i] == ',' ? '.' : line.p[i]);
    return true;
}

/* ---- dates ---- */

static bool digits(struct str s, size_t at, size_t n, int *ret)
{
    *ret = 0;
    for (size_t i = at; i < at + n; i++) {
        if (i >= s.n || s.p[i] < '0' || s.p[i] > '9')
            return false;
        *ret = *ret * 10 + (s.p[i] - '0');
    }
    return true;
}

/* 17081945, 17-8-1945, 17/08/1945, or as it is stored: 1945-08-17. */
static bool date_of(struct str s, struct buf *ret)
{
    int part[3], n = 0;
    if (s.n == 8 && digits(s, 0, 2, &part[0]) && digits(s, 2, 2, &part[1]) &&
        digits(s, 4, 4, &part[2]))
        return buf_printf(ret, "%04d-%02d-%02d", part[2], part[1], part[0]);
    size_t at = 0, year_at = 0;
    while (n < 3) {
        size_t end = at;
        while (end < s.n && s.p[end] >= '0' && s.p[end] <= '9')
            end++;
        if (end == at || end - at > 4 || !digits(s, at, end - at, &part[n]))
            return false;
        if (end - at == 4)
            year_at = (size_t)n;
        n++;
        at = end + 1;
        if (end < s.n && !strchr("-/.", s.p[end]))
            return false;
        if (end >= s.n)
            break;
    }
    if (n != 3 || at <= s.n || (year_at != 0 && year_at != 2))
        return false;
    return year_at == 0 ? buf_printf(ret, "%04d-%02d-%02d", part[0], part[1], part[2])
                        : buf_printf(ret, "%04d-%02d-%02d", part[2], part[1], part[0]);
}

static bool is_now(struct str s)
{
    return str_is(s, "h") || str_is(s, "H");
}

static bool add_now(enum node_type type, struct buf *ret)
{
    struct instant now = host_now();
    struct date d = {now.ms, now.offset_min, DATE_TIME};
    char text[DATE_TEXT_MAX];
    size_t n = type == TYPE_TIME ? time_text(&d, text) : date_text(&d, text);
    if (type == TYPE_DATE)
        n = 10;
    return buf_add(ret, text, n);
}

static bool typed_date(struct linear *l, enum node_type type, struct str line, struct buf *ret)
{
    struct str rest = line, day;
    if (is_now(line))
        return add_now(type, ret);
    if (type == TYPE_TIME)
        return buf_add_str(ret, line);
    if (type == TYPE_DATE)
        return date_of(line, ret) || buf_add_str(ret, line);
    (void)l;
    size_t begin = ret->n;
    if (str_word(&rest, &day) && date_of(day, ret) && str_trim(rest).n) {
        buf_add_c(ret, 'T');
        return buf_add_str(ret, str_trim(rest));
    }
    ret->n = begin; /* as it is stored, or wrong: the engine says so */
    return buf_add_str(ret, line);
}

/* ---- all ---- */

static bool typed_acknowledge(struct str line, struct buf *ret)
{
    static const char *const yes[] = {"y", "ya", "yes", "ok", "1"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
        if (str_eq_nocase(line, str_of(yes[i])))
            return buf_add_z(ret, "OK");
    return buf_add_str(ret, line);
}

bool linear_typed(struct linear *l, struct str line, struct buf *ret)
{
    const struct form_node *n = &l->form->nodes[l->at.def];
    struct str trimmed = str_trim(line);
    switch ((int)n->type) {
    case TYPE_SELECT_ONE: return typed_one(l, trimmed, ret);
    case TYPE_SELECT_MULTIPLE:
    case TYPE_RANK: return typed_several(l, trimmed, ret);
    case TYPE_DECIMAL:
    case TYPE_RANGE: return typed_decimal(l, trimmed, ret);
    case TYPE_DATE:
    case TYPE_TIME:
    case TYPE_DATETIME: return typed_date(l, n->type, trimmed, ret);
    case TYPE_ACKNOWLEDGE: return typed_acknowledge(trimmed, ret);
    case TYPE_FILE:
    case TYPE_INTEGER:
    case TYPE_GEOPOINT:
    case TYPE_GEOTRACE:
    case TYPE_GEOSHAPE: return buf_add_str(ret, trimmed);
    default: return buf_add_str(ret, line);
    }
}
