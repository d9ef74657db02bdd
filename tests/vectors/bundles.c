/* See bundles.h. */
#include "tests/vectors/bundles.h"

#include <stdio.h>
#include <stdlib.h>

#include "sync/bundle/record.h"
#include "sync/merge/derive.h"
#include "sync/merge/merge.h"
#include "sync/store/attach.h"

#define FILE_SIZE (2 * ATTACHMENT_CHUNK + 777)
#define PLAIN_MAX ((size_t)2 << 20)
#define PIECES    3

/* The one record and its one file. */
static char file_bytes[FILE_SIZE + 1];
static struct attachment house;
static struct record rec;
static struct buf part;

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "vectors: %s\n", what);
    exit(EXIT_FAILURE);
}

/* Once; the process ends with them. */
static void know_record(void)
{
    struct hasher h;
    struct attachment_list l = {0};
    struct buf list;
    if (part.n)
        return;
    for (size_t i = 0; i < sizeof file_bytes; i++)
        file_bytes[i] = (char)(i % 251);
    house = (struct attachment){.name = STR("1-house.jpg"), .length = FILE_SIZE};
    memset(house.salt, 0x5a, sizeof house.salt);
    attachment_commit_start(&h, house.salt, house.length);
    hasher_add(&h, file_bytes, FILE_SIZE);
    house.c = attachment_commit_end(&h);
    buf_init(&list, 1000);
    buf_init(&part, 4000);
    must(attachment_list_add(&l, &house) && attachment_list_encode(&l, &list) &&
             section_add(&part, 1, STR("<data/>")) &&
             section_add(&part, SECTION_ATTACHMENTS, buf_str(&list)),
         "the record");
    attachment_list_done(&l);
    buf_done(&list);
    rec = (struct record){.has1 = true, .part1 = {.bytes = buf_str(&part)}};
    rec.r = (struct revision){.uuid = {{1}}, .device = {{7}}, .form = {{9}}, .outcome = 1};
    rec.r.c1 = part_commitment(rec.part1.salt, 1, rec.part1.bytes);
    rec.r.rev_id = parties_revision(&rec.r);
}

/* ---- reading ---- */

struct found {
    bool there;
    enum revision_state state;
};

static bool find(void *ctx, const struct revision *r, enum revision_state state, struct str summary)
{
    struct found *f = ctx;
    (void)summary;
    if (hash32_eq(&r->rev_id, &rec.r.rev_id))
        *f = (struct found){true, state};
    return true;
}

const char *bundles_read(const char *path, const char *ok_kit, bool *ret_left)
{
    struct hash32 before, after;
    struct merge_report report = {0};
    enum merge_outcome how;
    struct found f = {false, REVISION_PENDING};
    struct err why = {0}, e = {0};
    bool file;
    know_record();
    struct store *s = parties_join(ok_kit, true);
    struct merge_ctx m = {.store = s, .now_ms = 1769826030000};
    must(derive_content_hash(s, &before, &e) && merge_file(&m, path, &report, &how, &why, &e) &&
             derive_content_hash(s, &after, &e) && store_revision_each(s, find, &f, &e) &&
             store_attachment_held(s, &rec.r.uuid, &house.c, &file, &e),
         path);
    must(merge_report_adds_up(&report), "the report does not add up");
    store_close(s);
    if (why.kind) {
        *ret_left = file || f.there || !hash32_eq(&before, &after);
        return why.kind->id;
    }
    if (report.quarantined) {
        *ret_left = file || f.there;
        return "set-aside";
    }
    bool whole = f.there && f.state == REVISION_HELD && file;
    *ret_left = file && !whole;
    return whole ? "ok" : f.there && f.state == REVISION_INCOMPLETE ? "incomplete" : "?";
}

/* ---- making ---- */

/* Behind a device: what a bundle brings besides is kept where a record is set aside. */
static void record(struct buf *out)
{
    struct device who = {.ed_pk = {{3}}, .x_pk = {{4}}};
    struct buf body;
    buf_init(&body, 8192);
    must(device_encode(&who, &body), "device");
    parties_frame(out, FRAME_DEVICE, buf_str(&body));
    buf_clear(&body);
    must(record_encode(&rec, &body), "record");
    parties_frame(out, FRAME_RECORD, buf_str(&body));
    buf_done(&body);
}

static void head(struct buf *out)
{
    parties_frame(out, FRAME_ATTACHMENT, (struct str){(const char *)house.c.b, sizeof house.c.b});
}

static struct str piece(unsigned i)
{
    size_t at = i * ATTACHMENT_CHUNK, left = FILE_SIZE - at;
    return (struct str){file_bytes + at, left < ATTACHMENT_CHUNK ? left : ATTACHMENT_CHUNK};
}

/* These pieces, by number: "012" is the file. */
static void chunks(struct buf *out, const char *which)
{
    for (; *which; which++)
        parties_frame(out, FRAME_CHUNK, piece((unsigned)(*which - '0') % PIECES));
}

static void bundle(parties_put put, const char *name, const char *expect, const char *note,
                   struct buf *b)
{
    parties_to_laptop(put, name, expect, note, (struct parties_from){.kind = ENVELOPE_BUNDLE}, 1,
                      b);
}

static void with_chunks(parties_put put, const char *name, const char *expect, const char *note,
                        const char *which, struct buf *b)
{
    record(b);
    head(b);
    chunks(b, which);
    bundle(put, name, expect, note, b);
}

static void sound(struct buf *b)
{
    record(b);
    head(b);
    chunks(b, "012");
}

static void make_envelopes(parties_put put, struct buf *b)
{
    sound(b);
    bundle(put, "ok", "ok", "nothing: a record and its file in three pieces", b);
    sound(b);
    parties_to_laptop(put, "kind", "ENVELOPE_KIND", "says that it is a recovery",
                      (struct parties_from){.kind = ENVELOPE_RECOVERY}, 1, b);
    sound(b);
    parties_to_laptop(put, "survey", "ENVELOPE_SURVEY", "of another survey",
                      (struct parties_from){.kind = ENVELOPE_BUNDLE, .elsewhere = true}, 1, b);
    sound(b);
    parties_to_laptop(put, "sender", "SENDER_UNKNOWN", "sent by one whom nobody knows",
                      (struct parties_from){.kind = ENVELOPE_BUNDLE, .stranger = true}, 1, b);
}

static void make_files(parties_put put, struct buf *b)
{
    record(b);
    bundle(put, "file-missing", "incomplete", "the file that the record lists does not come", b);
    sound(b);
    head(b);
    chunks(b, "012");
    bundle(put, "file-twice", "ENVELOPE_FRAME", "the file comes twice", b);
    head(b);
    record(b);
    chunks(b, "012");
    bundle(put, "file-early", "ENVELOPE_FRAME", "the file's head before its record", b);
    record(b);
    parties_frame(b, FRAME_ATTACHMENT, STR("not a commitment of any file ..."));
    chunks(b, "012");
    bundle(put, "file-not-listed", "ENVELOPE_FRAME", "a file that the record does not list", b);
    record(b);
    parties_frame(b, FRAME_ATTACHMENT, (struct str){(const char *)house.c.b, 31});
    chunks(b, "012");
    bundle(put, "file-head-short", "ENVELOPE_FRAME", "a file's head of 31 bytes", b);
}

static void make_chunks(parties_put put, struct buf *b)
{
    with_chunks(put, "chunk-missing", "ENVELOPE_FRAME", "the file's second piece is missing", "02",
                b);
    with_chunks(put, "chunk-missing-last", "ENVELOPE_FRAME", "the file's last piece is missing",
                "01", b);
    with_chunks(put, "chunk-none", "ENVELOPE_FRAME", "a file's head without a piece", "", b);
    with_chunks(put, "chunk-more", "ENVELOPE_FRAME", "a piece more than the file has", "0122", b);
    with_chunks(put, "chunk-doubled", "set-aside", "the first piece in place of the second", "002",
                b);
    with_chunks(put, "chunk-swapped", "set-aside", "the first two pieces change places", "102", b);
    record(b);
    chunks(b, "012");
    bundle(put, "chunk-alone", "ENVELOPE_FRAME", "pieces without the file's head", b);
    record(b);
    head(b);
    parties_frame(b, FRAME_CHUNK, (struct str){file_bytes, ATTACHMENT_CHUNK - 1});
    chunks(b, "12");
    bundle(put, "chunk-short", "ENVELOPE_FRAME", "a piece one byte too short", b);
    record(b);
    head(b);
    parties_frame(b, FRAME_CHUNK, (struct str){file_bytes, ATTACHMENT_CHUNK + 1});
    chunks(b, "12");
    bundle(put, "chunk-long", "ENVELOPE_FRAME", "a piece longer than any may be", b);
    sound(b);
    b->p[b->n - 1] ^= 1;
    bundle(put, "chunk-bit", "set-aside", "one bit of the file is flipped", b);
}

void bundles_make(parties_put put)
{
    struct buf b;
    know_record();
    buf_init(&b, PLAIN_MAX);
    make_envelopes(put, &b);
    make_files(put, &b);
    make_chunks(put, &b);
    buf_done(&b);
}
