/* Attached files in store_verify: each row, the number and sizes of its chunks, every chunk opened once,
 * and for those that a record lists the commitment by which it does. */
#include <stdio.h>
#include <stdlib.h>

#include "sync/errors.h"
#include "sync/store/attach.h"
#include "sync/store/verify_i.h"

static void file_fault(struct verify *v, uint64_t no, const char *what)
{
    char text[ERR_ARG_MAX];
    snprintf(text, sizeof text, "attachment %llu: %s", (unsigned long long)no, what);
    verify_fault(v, text);
}

static void attachment_row(struct verify *v, struct stmt *st)
{
    struct err e = {0};
    struct verify_file f = {.chunks = 0};
    if (!attachment_row_open(v->s, st, &f.row, &e)) {
        verify_error(v, &e);
        f.row = (struct attachment_row){.no = stmt_int(st, 0)};
    } else if (f.row.interview == 0 || f.row.interview > v->s->now.head.rows[COUNT_WRAP]) {
        file_fault(v, f.row.no, "it belongs to no interview");
    }
    v->files = mem_grow(v->files, v->n_files, &v->cap_files, sizeof f);
    v->files[v->n_files++] = f;
}

/* Still ascending by number. */
static struct verify_file *by_number(struct verify *v, uint64_t no)
{
    size_t low = 0, high = v->n_files;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (v->files[mid].row.no < no)
            low = mid + 1;
        else
            high = mid;
    }
    return low < v->n_files && v->files[low].row.no == no ? &v->files[low] : NULL;
}

static uint64_t chunk_size(const struct attachment_row *r, uint64_t i)
{
    uint64_t at = i * ATTACHMENT_CHUNK;
    if (at >= r->length)
        return 0;
    return r->length - at < ATTACHMENT_CHUNK ? r->length - at : ATTACHMENT_CHUNK;
}

static void chunk_row(struct verify *v, struct stmt *st)
{
    uint64_t at = stmt_int(st, 0), size = stmt_int(st, 1);
    struct verify_file *f = by_number(v, CHUNK_NO(at));
    if (!f)
        verify_fault(v, "a chunk belongs to no attachment");
    else if (chunk_size(&f->row, CHUNK_I(at)) == 0 ||
             size != chunk_size(&f->row, CHUNK_I(at)) + SEAL_OVERHEAD)
        file_fault(v, f->row.no, "a chunk has the wrong size");
    else
        f->chunks++;
}

static int by_commitment(const void *a, const void *b)
{
    const struct verify_file *x = a, *y = b;
    if (x->row.interview != y->row.interview)
        return x->row.interview < y->row.interview ? -1 : 1;
    int c = memcmp(x->row.c.b, y->row.c.b, sizeof x->row.c.b);
    return c ? c : (x->row.no > y->row.no) - (x->row.no < y->row.no);
}

bool verify_files(struct verify *v)
{
    if (!verify_numbered(v,
                         "SELECT no, interview, c, sealed FROM attachment NOT INDEXED ORDER BY no",
                         attachment_row, COUNT_ATTACHMENT, "attachment") ||
        !verify_walk(v, "SELECT at, length(sealed) FROM chunk NOT INDEXED ORDER BY at", chunk_row))
        return false;
    for (size_t i = 0; i < v->n_files; i++) {
        struct verify_file *f = &v->files[i];
        f->whole = f->chunks && f->chunks * ATTACHMENT_CHUNK >= f->row.length;
        if (f->chunks && !f->whole)
            file_fault(v, f->row.no, "some of its chunks are missing");
    }
    if (v->n_files)
        qsort(v->files, v->n_files, sizeof *v->files, by_commitment);
    return true;
}

static void open_file(struct verify *v, struct verify_file *f, const struct attachment *x)
{
    struct err e = {0};
    struct hasher commit;
    if (x)
        attachment_commit_start(&commit, x->salt, x->length);
    f->opened = true;
    if (!attachment_row_read(v->s, &f->row, x ? &commit : NULL, NULL, NULL, &e)) {
        verify_error(v, &e);
        return;
    }
    if (!x)
        return;
    struct hash32 c = attachment_commit_end(&commit);
    if (!hash32_eq(&c, &x->c) || x->length != f->row.length)
        file_fault(v, f->row.no, "it is not the one that its record lists");
}

static void listed_one(struct verify *v, uint64_t revision, uint64_t interview,
                       const struct attachment *x, bool needed)
{
    char text[ERR_ARG_MAX];
    struct verify_file key = {.row = {.interview = interview, .c = x->c}};
    size_t low = 0, high = v->n_files;
    bool there = false;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (by_commitment(&v->files[mid], &key) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    for (; low < v->n_files && v->files[low].row.interview == interview &&
           hash32_eq(&v->files[low].row.c, &x->c);
         low++) {
        struct verify_file *f = &v->files[low];
        there = there || f->whole;
        if (f->whole && !f->opened)
            open_file(v, f, x);
    }
    /* A laptop that corrects a record need not have its files. */
    if (there || !needed || v->s->identity.kind != STORE_OFFICE)
        return;
    snprintf(text, sizeof text, "record %llu: a file that it lists is missing",
             (unsigned long long)revision);
    verify_fault(v, text);
}

void verify_listed(struct verify *v, uint64_t revision, uint64_t interview, struct str part,
                   bool needed)
{
    struct attachment_list l = {0};
    struct err e = {0};
    if (!attachment_list_read(&l, part, &e))
        verify_error(v, &e);
    for (size_t i = 0; i < l.n; i++)
        listed_one(v, revision, interview, &l.v[i], needed);
    attachment_list_done(&l);
}

/* Those of drafts, and of records whose list is gone. */
bool verify_files_rest(struct verify *v)
{
    for (size_t i = 0; i < v->n_files && !v->stop.kind; i++)
        if (v->files[i].whole && !v->files[i].opened)
            open_file(v, &v->files[i], NULL);
    return !v->stop.kind;
}
