/* What went wrong, where, and how bad. A fallible function returns bool, takes `struct err *e` last and
 * writes its `ret_` outputs only on success:
 *
 *     if (!form_compile(&form, book, host, &diags, e))
 *         return false;
 *
 * The kind of an error is a row of an errors.def table (one a library: forms/base/errors.def,
 * sync/errors.def, app/errors.def); its class is the exit code of the command it ends. Arguments and the
 * position are copied, so an err outlives what it speaks of. Text is formed at the edge (err_text), so
 * that forms/ and sync/ need no translations. The first error wins: setting one twice asserts. */
#ifndef FORMS_BASE_ERR_H
#define FORMS_BASE_ERR_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "forms/base/buf.h"
#include "forms/base/mem.h"
#include "forms/base/str.h"

enum err_class {
    ERR_FAULT = 1, /* found faults in what you gave it */
    ERR_USAGE = 2, /* the call's words are off */
    ERR_COULD = 3, /* could not: disk, key, lock, network, memory limits */
};

/* A row of an errors.def: ERR(ID, class, "text with %1 %2 %3", "what to do, or NULL"). */
struct err_kind {
    const char *id;
    enum err_class cls;
    const char *text;
    const char *hint;
};

#define ERR(id, cls, text, hint) extern const struct err_kind ERR_##id;
#include "forms/base/errors.def"
#undef ERR

/* A place in a form's source. Row 0: no row; column "": no column; offset 0: the whole cell, else the
 * 1-based character within the cell. FILE:SHEET:ROW:COLUMN[:OFFSET] (decisions.md 39). */
struct pos {
    char file[256];
    char sheet[32];
    char column[64];
    uint32_t row;
    uint32_t offset;
};

#define ERR_ARGS    3
#define ERR_ARG_MAX 160

struct err {
    const struct err_kind *kind; /* NULL: none */
    struct pos pos;
    char arg[ERR_ARGS][ERR_ARG_MAX]; /* cut at a character's border, with … when too long */
    int sys;                         /* errno, or 0 */
};

/* Sets and returns false, so that a caller writes `return err_fail(e, ERR_X);`. */
#define err_fail(e, kind)        err_set((e), &(kind), (const char *const[ERR_ARGS]){NULL}, 0)
#define err_fail1(e, kind, a)    err_set((e), &(kind), (const char *const[ERR_ARGS]){(a)}, 0)
#define err_fail2(e, kind, a, b) err_set((e), &(kind), (const char *const[ERR_ARGS]){(a), (b)}, 0)
#define err_fail3(e, kind, a, b, c)                                                                \
    err_set((e), &(kind), (const char *const[ERR_ARGS]){(a), (b), (c)}, 0)
/* With errno's text behind the sentence. */
#define err_fail_sys(e, kind, a) err_set((e), &(kind), (const char *const[ERR_ARGS]){(a)}, errno)
bool err_set(struct err *e, const struct err_kind *kind, const char *const args[ERR_ARGS], int sys);
/* A slice as an argument: err_arg(tmp, s) copies into char tmp[ERR_ARG_MAX]. */
const char *err_arg(char tmp[ERR_ARG_MAX], struct str s);
const char *err_num(char tmp[ERR_ARG_MAX], int64_t n);

void err_clear(struct err *e);
static inline bool err_is(const struct err *e, const struct err_kind *kind)
{
    return e->kind == kind;
}

void pos_set(struct pos *p, const char *file, const char *sheet, uint32_t row, struct str column);
/* "file.md:survey:12:relevant:7" or "" */
bool pos_text(const struct pos *p, struct buf *out);

/* The sentence with its arguments, without position, hint or newline; control characters and
 * bidirectional overrides become U+FFFD. `translate` may be NULL. */
typedef const char *(*err_translate)(const char *text);
bool err_text(const struct err *e, err_translate translate, struct buf *out);

/* ---- several at once: the faults of a form ---- */

enum severity { SEV_ERROR, SEV_WARNING };

#define DIAGS_MAX 1000

struct diag {
    enum severity severity;
    struct err err;
};

/* All faults of a form, in the order found; after DIAGS_MAX only counted. */
struct diags {
    struct diag *v;
    size_t n, cap;
    size_t errors, warnings; /* all of them, kept or not */
};

void diags_init(struct diags *d);
void diags_done(struct diags *d);
void diags_add(struct diags *d, enum severity severity, const struct err *e);
/* FILE:SHEET:ROW:COLUMN[:OFFSET]: error: sentence. hint */
bool diag_line(const struct diag *d, err_translate translate, struct buf *out);

#endif
