/* Events of a journal and parts of a record: any bytes are read or refused, and what was read is written as
 * the same bytes. */
#include <stdint.h>
#include <stdlib.h>

#include "app/flow/event.h"
#include "app/flow/record.h"
#include "app/flow/survey.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void same(struct str bytes, struct buf *out)
{
    if (!str_eq(bytes, buf_str(out)))
        abort();
    buf_clear(out);
}

static void refused(struct err *e)
{
    if (!e->kind)
        abort();
    err_clear(e);
}

static void event(struct str bytes, struct buf *out, struct err *e)
{
    struct event ev;
    struct event_pairs pairs;
    struct arena a;
    arena_init(&a);
    if (!event_decode(bytes, 0, &ev, e)) {
        refused(e);
    } else {
        if (!event_encode(&ev, out))
            abort();
        same(bytes, out);
        if (ev.kind == EVENT_START && !event_pairs_decode(ev.value, &a, &pairs, e))
            refused(e);
        else if (ev.kind == EVENT_START && event_pairs_encode(&pairs, out))
            same(ev.value, out);
    }
    arena_done(&a);
}

static void parts(struct str bytes, struct buf *out, struct err *e)
{
    struct record_part1 one;
    struct record_part2 two;
    struct summary sum;
    if (!record_unpack1(bytes, &one, e))
        refused(e);
    else if (record_pack1(&one, out))
        same(bytes, out);
    if (!record_unpack2(bytes, &two, e))
        refused(e);
    else if (record_pack2(&two, out))
        same(bytes, out);
    if (!summary_unpack(bytes, &sum, e))
        refused(e);
}

/* The first half as XML or CSV, the second as the values that go back into it. */
static void merged(struct str bytes, struct buf *out, struct err *e)
{
    struct str head = str_sub(bytes, 0, bytes.n / 2), tail = str_from(bytes, bytes.n / 2);
    struct record_part2 two = {tail, STR(""), STR(""), STR("")};
    if (!record_merge_xml(head, &two, out, e))
        refused(e);
    buf_clear(out);
    if (!record_merge_audit(head, tail, out, e))
        refused(e);
    buf_clear(out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct str bytes = {(const char *)data, n};
    struct err e = {0};
    struct buf out;
    buf_init(&out, (size_t)64 << 20);
    event(bytes, &out, &e);
    parts(bytes, &out, &e);
    merged(bytes, &out, &e);
    buf_done(&out);
    return 0;
}
