/* The two parts of a revision (decisions.md 8, 28), packed and unpacked, and put together again.
 *
 *     part 1: the ODK submission XML with its pii nodes empty, and audit.csv without pii values
 *     part 2: the pii values ("path TAB escaped value LF", document order), the pii values of the
 * audit trail ("row TAB old TAB new LF"); absent when there are none
 *
 * In either the list of the files attached to its questions (sync/store/sections.h), when there are any.
 *
 * Bytes of a part: sections `u8 tag ‖ le32 n ‖ bytes` in ascending order of tag. Parts come from
 * other machines as well: nothing of them is trusted. */
#ifndef APP_FLOW_RECORD_H
#define APP_FLOW_RECORD_H

#include "app/errors.h"
#include "forms/base/buf.h"
#include "sync/store/store.h"

struct record_part1 {
    struct str xml, audit, files;
};
struct record_part2 {
    struct str values, name, audit_values, files;
};

bool record_pack1(const struct record_part1 *p, struct buf *out);
bool record_pack2(const struct record_part2 *p, struct buf *out);
/* ERR_RECORD_PART. What they yield points into the bytes. */
MUST_USE bool record_unpack1(struct str bytes, struct record_part1 *ret, struct err *e);
MUST_USE bool record_unpack2(struct str bytes, struct record_part2 *ret, struct err *e);

/* The XML with its pii values and name back in their places; what has no place is ERR_RECORD_PART. */
MUST_USE bool record_merge_xml(struct str xml, const struct record_part2 *p2, struct buf *out,
                               struct err *e);
MUST_USE bool record_merge_audit(struct str audit, struct str audit_values, struct buf *out,
                                 struct err *e);

/* A revision out of the store. Without `pii`, or when that part was erased, xml and audit are those
 * of part 1 (`pii_erased` tells). The caller wipes both. */
struct record {
    struct buf xml, audit;
    bool pii_erased;
};
void record_init(struct record *r);
void record_wipe(struct record *r);
MUST_USE bool record_load(struct store *s, const struct revision *rev, bool pii, struct record *ret,
                          struct err *e);

/* "uuid:…" of a revision (decisions.md 6). */
void record_instance_id(const struct id16 *uuid, const struct hash32 *parents, size_t n_parents,
                        const struct hash32 *device, struct buf *out);

/* Backslash, tab, newline and carriage return as \\ \t \n \r, and back (false: a broken escape). */
bool record_escape(struct str s, struct buf *out);
bool record_unescape(struct str s, struct buf *out);

#endif
