/* One event of a draft's journal and its bytes. The answers of a draft are what its events make of
 * them, so this is the form in which an interview in progress lives on the disk (inside a seal):
 *
 *     u8 code ‖ le64 ms ‖ le16 offset (minutes, two's complement) ‖ the fields its row of
 * events.def names: [le16 n ‖ path] [le32 n ‖ value] [le64 number] [le64 time]
 *
 * Nothing may follow. The START event's value is a list of pairs: le16 n ‖ n × (le16 n ‖ name ‖
 * le32 n ‖ value). Decoding trusts nothing; what it yields points into the bytes. */
#ifndef APP_FLOW_EVENT_H
#define APP_FLOW_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "app/errors.h"
#include "forms/base/arena.h"
#include "forms/base/buf.h"
#include "forms/base/host.h"
#include "forms/base/limits.h"

enum {
    EVENT_PATH = 1,
    EVENT_VALUE = 2,
    EVENT_NUMBER = 4,
    EVENT_TIME = 8,
};

enum event_kind {
    EVENT_NONE = 0,
#define EVENT(name, code, fields, audit) EVENT_##name = (code),
#include "app/flow/events.def"
#undef EVENT
};

struct event {
    enum event_kind kind;
    struct instant at;
    struct str path; /* as place_text writes it */
    struct str value;
    int64_t number, time;
};

#define EVENT_BYTES_MAX (LIMIT_RECORD_BYTES + LIMIT_ANSWER_BYTES)

/* The event's name in audit.csv; "" for none. */
const char *event_audit_name(enum event_kind kind);
/* False when a field is longer than a decoder takes; nothing was appended then. */
bool event_encode(const struct event *ev, struct buf *out);
/* n: which event of the journal, for the message (ERR_EVENT_KIND, ERR_EVENT_BAD). */
MUST_USE bool event_decode(struct str bytes, uint64_t n, struct event *ret, struct err *e);

struct event_pair {
    struct str name, value;
};
struct event_pairs {
    struct event_pair *v;
    size_t n;
};
bool event_pairs_encode(const struct event_pairs *p, struct buf *out);
/* The pairs are put into a; names and values point into the bytes. */
MUST_USE bool event_pairs_decode(struct str bytes, struct arena *a, struct event_pairs *ret,
                                 struct err *e);
/* False: there is no such pair. */
bool event_pairs_get(const struct event_pairs *p, struct str name, struct str *ret);

#endif
