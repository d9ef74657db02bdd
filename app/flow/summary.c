/* What a list shows of a draft or a record, packed into its sealed note (at most 4 KiB):
 *
 *     u8 outcome ‖ le64 began ‖ le64 changed ‖ le32 answered ‖ 4 × (le16 n ‖ text): form_id, title, name, at
 *     u8 visits ‖ le64 appointment ‖ le16 n ‖ assignment ‖ le16 n ‖ quota    left out when all are nothing
 */
#include "app/flow/survey.h"
#include "forms/base/utf8.h"

#define TEXTS    4
#define TEXT_MAX 900 /* four of them and the rest are below the store's 4 KiB */
#define TAIL_MAX 200 /* of the assignment's id, of the quota's bytes */

/* Cut between characters: it is only shown. */
static struct str cut(struct str s)
{
    if (s.n <= TEXT_MAX)
        return s;
    s.n = TEXT_MAX;
    while (s.n > 0 && ((unsigned char)s.p[s.n] & 0xc0) == 0x80)
        s.n--;
    return s;
}

bool summary_pack(const struct summary *s, struct buf *out)
{
    const struct str text[TEXTS] = {cut(s->form_id), cut(s->title), cut(s->name), cut(s->at)};
    buf_add_u8(out, s->outcome);
    buf_add_le64(out, (uint64_t)s->began_ms);
    buf_add_le64(out, (uint64_t)s->changed_ms);
    buf_add_le32(out, s->answered);
    for (size_t i = 0; i < TEXTS; i++) {
        buf_add_le16(out, (uint16_t)text[i].n);
        buf_add_str(out, text[i]);
    }
    if (s->visits || s->appointment_ms || s->assignment.n || s->quota.n) {
        if (s->assignment.n > TAIL_MAX || s->quota.n > TAIL_MAX)
            return false;
        buf_add_u8(out, s->visits);
        buf_add_le64(out, (uint64_t)s->appointment_ms);
        buf_add_le16(out, (uint16_t)s->assignment.n);
        buf_add_str(out, s->assignment);
        buf_add_le16(out, (uint16_t)s->quota.n);
        buf_add_str(out, s->quota);
    }
    return !out->full;
}

static bool take_text(struct str *rest, struct str *ret)
{
    if (rest->n < 2)
        return false;
    size_t n = le16((const uint8_t *)rest->p);
    *rest = str_from(*rest, 2);
    if (n > rest->n)
        return false;
    *ret = str_sub(*rest, 0, n);
    *rest = str_from(*rest, n);
    return true;
}

static bool take_tail(struct str rest, struct summary *s)
{
    s->assignment = s->quota = STR("");
    if (rest.n == 0)
        return true;
    if (rest.n < 9)
        return false;
    s->visits = (uint8_t)rest.p[0];
    s->appointment_ms = (int64_t)le64((const uint8_t *)rest.p + 1);
    rest = str_from(rest, 9);
    return take_text(&rest, &s->assignment) && take_text(&rest, &s->quota) && rest.n == 0 &&
           s->assignment.n <= TAIL_MAX && s->quota.n <= TAIL_MAX && utf8_valid(s->assignment, NULL);
}

bool summary_unpack(struct str bytes, struct summary *ret, struct err *e)
{
    struct summary s = {0};
    struct str *text[TEXTS] = {&s.form_id, &s.title, &s.name, &s.at};
    const uint8_t *p = (const uint8_t *)bytes.p;
    if (bytes.n < 21)
        return err_fail(e, ERR_SUMMARY_BAD);
    s.outcome = p[0];
    s.began_ms = (int64_t)le64(p + 1);
    s.changed_ms = (int64_t)le64(p + 9);
    s.answered = le32(p + 17);
    struct str rest = str_from(bytes, 21);
    for (size_t i = 0; i < TEXTS; i++) {
        if (!take_text(&rest, text[i]) || !utf8_valid(*text[i], NULL))
            return err_fail(e, ERR_SUMMARY_BAD);
    }
    if (!take_tail(rest, &s))
        return err_fail(e, ERR_SUMMARY_BAD);
    *ret = s;
    return true;
}
