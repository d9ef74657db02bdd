/* The two parts of a revision; see record.h. */
#include "app/flow/record.h"

#include <assert.h>
#include <stdlib.h>

#include "forms/base/limits.h"
#include "forms/base/num.h"
#include "forms/base/utf8.h"
#include "sync/store/sections.h"

enum {
    TAG_XML = 1,
    TAG_AUDIT = 2,
    TAG_VALUES = 3,
    TAG_NAME = 4,
    TAG_AUDIT_VALUES = 5,
    TAG_FILES,
    TAGS
};

static_assert(TAG_FILES == SECTION_ATTACHMENTS, "the one section that sync/ reads");

/* ---- packing ---- */

static bool add_files(struct str files, struct buf *out)
{
    return files.n == 0 || section_add(out, TAG_FILES, files);
}

bool record_pack1(const struct record_part1 *p, struct buf *out)
{
    return section_add(out, TAG_XML, p->xml) && section_add(out, TAG_AUDIT, p->audit) &&
           add_files(p->files, out);
}

bool record_pack2(const struct record_part2 *p, struct buf *out)
{
    return section_add(out, TAG_VALUES, p->values) && section_add(out, TAG_NAME, p->name) &&
           section_add(out, TAG_AUDIT_VALUES, p->audit_values) && add_files(p->files, out);
}

/* All sections of the part, text each, in order of their tags. */
static bool unpack(struct str bytes, struct str ret[TAGS], struct err *e)
{
    uint8_t tag = 0;
    struct str rest = bytes, section;
    for (int i = 0; i < TAGS; i++)
        ret[i] = (struct str){NULL, 0};
    while (section_take(&rest, &tag, &section)) {
        if (tag >= TAGS)
            return err_fail1(e, ERR_RECORD_PART, "an unknown section");
        ret[tag] = section;
        if (tag != TAG_FILES &&
            (!utf8_valid(section, NULL) || str_find(section, '\0', 0) < section.n))
            return err_fail1(e, ERR_RECORD_PART, "a section is not text");
    }
    return rest.n == 0 || err_fail1(e, ERR_RECORD_PART, "a section is cut short");
}

bool record_unpack1(struct str bytes, struct record_part1 *ret, struct err *e)
{
    struct str s[TAGS];
    if (!unpack(bytes, s, e))
        return false;
    if (!s[TAG_XML].p || !s[TAG_AUDIT].p || s[TAG_VALUES].p || s[TAG_NAME].p ||
        s[TAG_AUDIT_VALUES].p)
        return err_fail1(e, ERR_RECORD_PART, "a section is missing");
    *ret = (struct record_part1){s[TAG_XML], s[TAG_AUDIT], s[TAG_FILES]};
    return true;
}

bool record_unpack2(struct str bytes, struct record_part2 *ret, struct err *e)
{
    struct str s[TAGS];
    if (!unpack(bytes, s, e))
        return false;
    if (s[TAG_XML].p || s[TAG_AUDIT].p || !s[TAG_VALUES].p || !s[TAG_NAME].p ||
        !s[TAG_AUDIT_VALUES].p)
        return err_fail1(e, ERR_RECORD_PART, "a section is missing");
    *ret = (struct record_part2){s[TAG_VALUES], s[TAG_NAME], s[TAG_AUDIT_VALUES], s[TAG_FILES]};
    return true;
}

/* ---- escapes ---- */

bool record_escape(struct str s, struct buf *out)
{
    for (size_t i = 0; i < s.n; i++) {
        switch (s.p[i]) {
        case '\\': buf_add_z(out, "\\\\"); break;
        case '\t': buf_add_z(out, "\\t"); break;
        case '\n': buf_add_z(out, "\\n"); break;
        case '\r': buf_add_z(out, "\\r"); break;
        default: buf_add_c(out, s.p[i]);
        }
    }
    return !out->full;
}

bool record_unescape(struct str s, struct buf *out)
{
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] != '\\') {
            buf_add_c(out, s.p[i]);
            continue;
        }
        if (++i == s.n)
            return false;
        switch (s.p[i]) {
        case '\\': buf_add_c(out, '\\'); break;
        case 't': buf_add_c(out, '\t'); break;
        case 'n': buf_add_c(out, '\n'); break;
        case 'r': buf_add_c(out, '\r'); break;
        default: return false;
        }
    }
    return !out->full;
}

/* ---- the audit trail's pii values back in their rows ---- */

/* Where the row that begins at `at` ends (its line feed, or the end); quoted fields may hold
 * breaks. */
static size_t row_end(struct str csv, size_t at)
{
    bool quoted = false;
    for (; at < csv.n; at++) {
        if (csv.p[at] == '"')
            quoted = !quoted;
        else if (csv.p[at] == '\n' && !quoted)
            break;
    }
    return at;
}

static bool add_field(struct str escaped, struct buf *plain, struct buf *out)
{
    buf_clear(plain);
    if (!record_unescape(escaped, plain))
        return false;
    struct str s = buf_str(plain);
    if (str_find(s, ',', 0) == s.n && str_find(s, '"', 0) == s.n && str_find(s, '\n', 0) == s.n &&
        str_find(s, '\r', 0) == s.n)
        return buf_add_str(out, s);
    buf_add_c(out, '"');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"')
            buf_add_c(out, '"');
        buf_add_c(out, s.p[i]);
    }
    return buf_add_c(out, '"');
}

/* One line of the values: the row's number (the header is 0), old and new. */
static bool audit_value(struct str *rest, uint64_t *ret_row, struct str *ret_old,
                        struct str *ret_new)
{
    struct str line = {0}, number = {0};
    if (!str_split(rest, '\n', &line) || line.n == 0)
        return false;
    return str_split(&line, '\t', &number) && num_parse_uint(number, ret_row) &&
           str_split(&line, '\t', ret_old) && str_split(&line, '\t', ret_new) && !line.p;
}

bool record_merge_audit(struct str audit, struct str audit_values, struct buf *out, struct err *e)
{
    struct str rest = audit_values, old = STR(""), new = STR("");
    uint64_t want = 0, row = 0;
    struct buf plain;
    bool more = audit_values.n > 0, ok = true;
    if (more)
        ok = audit_value(&rest, &want, &old, &new);
    buf_init(&plain, LIMIT_ANSWER_BYTES);
    for (size_t at = 0; ok && at < audit.n; row++) {
        size_t end = row_end(audit, at);
        struct str line = str_sub(audit, at, end - at);
        at = end + 1;
        if (more && row == want && row > 0) {
            /* Its last two fields are empty: the values go round the last comma. */
            ok = str_ends(line, STR(",,")) && buf_add_str(out, str_sub(line, 0, line.n - 1)) &&
                 add_field(old, &plain, out) && buf_add_c(out, ',') && add_field(new, &plain, out);
            more = rest.p && rest.n > 0;
            uint64_t was = want;
            ok = ok && (!more || (audit_value(&rest, &want, &old, &new) && want > was));
        } else {
            buf_add_str(out, line);
        }
        buf_add_c(out, '\n');
    }
    buf_wipe_done(&plain);
    if (!ok || more || out->full)
        return err_fail1(e, ERR_RECORD_PART, "the audit trail's values do not fit its rows");
    return true;
}

/* ---- out of the store ---- */

void record_init(struct record *r)
{
    buf_init(&r->xml, LIMIT_RECORD_BYTES + LIMIT_ANSWER_BYTES);
    buf_init(&r->audit, LIMIT_RECORD_BYTES + LIMIT_ANSWER_BYTES);
    r->pii_erased = false;
}

void record_wipe(struct record *r)
{
    buf_wipe_done(&r->xml);
    buf_wipe_done(&r->audit);
}

static bool load_part(struct store *s, const struct revision *rev, uint8_t part, struct buf *bytes,
                      struct err *e)
{
    uint8_t salt[32];
    buf_init(bytes, 2 * LIMIT_RECORD_BYTES);
    bool ok = store_revision_part(s, &rev->rev_id, part, salt, bytes, e);
    crypt_wipe(salt, sizeof salt);
    return ok;
}

static bool merge_parts(const struct record_part1 *p1, struct str part2, struct record *ret,
                        struct err *e)
{
    struct record_part2 p2 = {0};
    return record_unpack2(part2, &p2, e) && record_merge_xml(p1->xml, &p2, &ret->xml, e) &&
           record_merge_audit(p1->audit, p2.audit_values, &ret->audit, e);
}

bool record_load(struct store *s, const struct revision *rev, bool pii, struct record *ret,
                 struct err *e)
{
    struct buf one, two;
    struct record_part1 p1 = {0};
    buf_clear(&ret->xml);
    buf_clear(&ret->audit);
    ret->pii_erased = false;
    buf_init(&two, 0);
    bool ok = load_part(s, rev, 1, &one, e) && record_unpack1(buf_str(&one), &p1, e);
    bool merge = ok && pii && !hash32_zero(&rev->c2);
    if (merge && !load_part(s, rev, 2, &two, e)) {
        ret->pii_erased = err_is(e, &ERR_PART_ERASED);
        ok = merge = false;
        if (ret->pii_erased) {
            err_clear(e);
            ok = true;
        }
    }
    if (merge)
        ok = merge_parts(&p1, buf_str(&two), ret, e);
    else if (ok)
        ok = (buf_add_str(&ret->xml, p1.xml) && buf_add_str(&ret->audit, p1.audit)) ||
             err_fail1(e, ERR_RECORD_PART, "it is too large");
    buf_wipe_done(&one);
    buf_wipe_done(&two);
    return ok;
}

/* ---- instanceID ---- */

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct hash32));
}

void record_instance_id(const struct id16 *uuid, const struct hash32 *parents, size_t n_parents,
                        const struct hash32 *device, struct buf *out)
{
    struct id16 id = *uuid;
    if (n_parents > 0) {
        struct hash32 sorted[REVISION_PARENTS_MAX];
        struct buf m;
        assert(n_parents <= REVISION_PARENTS_MAX);
        memcpy(sorted, parents, n_parents * sizeof *parents);
        qsort(sorted, n_parents, sizeof *sorted, by_bytes);
        buf_init(&m, 1024);
        msg_tag(&m, "cacah.inst.1");
        buf_add(&m, uuid->b, sizeof uuid->b);
        buf_add_u8(&m, (uint8_t)n_parents);
        buf_add(&m, sorted, n_parents * sizeof *sorted);
        buf_add(&m, device->b, sizeof device->b);
        struct hash32 h = crypt_hash(buf_str(&m));
        buf_done(&m);
        memcpy(id.b, h.b, sizeof id.b);
        id.b[6] = (uint8_t)((id.b[6] & 0x0f) | 0x40);
        id.b[8] = (uint8_t)((id.b[8] & 0x3f) | 0x80);
    }
    buf_add_z(out, "uuid:");
    uuid_add(out, &id);
}
