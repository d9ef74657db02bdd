/* What is within a part of a record: sections `u8 tag ‖ le32 n ‖ bytes`, ascending by tag. Most are the
 * program's and opaque here; the list of the files that were attached is read here, so that they can be
 * kept, sent and checked by who knows no forms.
 *
 * The list (section 6, of part 1 or, for what is personal, of part 2), ascending by name:
 *   u8 n ‖ name ‖ le64 length ‖ salt 32 ‖ c 32        c = MAC(salt, T("cacah.att.1") ‖ le64 length ‖ bytes)
 * Parts come from other machines as well: nothing of them is trusted. */
#ifndef SYNC_STORE_SECTIONS_H
#define SYNC_STORE_SECTIONS_H

#include "forms/base/err.h"
#include "sync/crypt/crypt.h"

#define SECTION_ATTACHMENTS 6

bool section_add(struct buf *out, uint8_t tag, struct str bytes);
/* Takes the next one off *rest; *io_tag: the one before (0: none). False: no more, or, when something is
 * left in *rest, not a section. */
bool section_take(struct str *rest, uint8_t *io_tag, struct str *ret);

#define ATTACHMENT_MAX      ((uint64_t)64 << 20)  /* bytes of one */
#define ATTACHMENTS_MAX     ((uint64_t)256 << 20) /* of all that a record lists */
#define ATTACHMENTS_LISTED  1000
#define ATTACHMENT_NAME_MAX 64

struct attachment {
    struct str name; /* of the stored file, made by us: [a-z0-9.-], not beginning with a point */
    uint64_t length;
    uint8_t salt[32];
    struct hash32 c;
};
struct attachment_list {
    struct attachment *v; /* ascending by name; names point into what was read */
    size_t n, cap;
};

bool attachment_name_ok(struct str name);
void attachment_list_done(struct attachment_list *l); /* wipes the salts; as good as new */
/* Into its place by name; false: a second one of that name. */
bool attachment_list_add(struct attachment_list *l, const struct attachment *x);
const struct attachment *attachment_list_find(const struct attachment_list *l,
                                              const struct hash32 *c);
bool attachment_list_encode(const struct attachment_list *l, struct buf *out);
/* Adds what a part lists; nothing for bytes that are no sections. ERR_ATTACHMENT_LIST: against a limit, twice
 * the same, a name that is not ours. */
MUST_USE bool attachment_list_read(struct attachment_list *l, struct str part, struct err *e);

/* c, over pieces. */
void attachment_commit_start(struct hasher *h, const uint8_t salt[32], uint64_t length);
struct hash32 attachment_commit_end(struct hasher *h);

#endif
