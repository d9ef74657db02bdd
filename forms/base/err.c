/* Errors and diagnostics; see err.h. */
#include "forms/base/err.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "forms/base/safe.h"

#define ERR(id_, cls_, text_, hint_) const struct err_kind ERR_##id_ = {#id_, cls_, text_, hint_};
#include "forms/base/errors.def"
#undef ERR

/* Copies at most max-1 bytes and never half a character; a cut shows as "…". */
static void copy_cut(char *out, size_t max, struct str s)
{
    static const char mark[] = "\xE2\x80\xA6";
    if (s.n < max) {
        if (s.n)
            memcpy(out, s.p, s.n);
        out[s.n] = '\0';
        return;
    }
    size_t n = max - sizeof mark;
    while (n > 0 && ((unsigned char)s.p[n] & 0xC0) == 0x80)
        n--;
    memcpy(out, s.p, n);
    memcpy(out + n, mark, sizeof mark);
}

bool err_set(struct err *e, const struct err_kind *kind, const char *const args[ERR_ARGS], int sys)
{
    assert(!e->kind);
    if (e->kind)
        return false;
    e->kind = kind;
    e->sys = sys;
    for (int i = 0; i < ERR_ARGS; i++)
        copy_cut(e->arg[i], ERR_ARG_MAX, str_of(args[i] ? args[i] : ""));
    return false;
}

const char *err_arg(char tmp[ERR_ARG_MAX], struct str s)
{
    copy_cut(tmp, ERR_ARG_MAX, s);
    return tmp;
}

const char *err_num(char tmp[ERR_ARG_MAX], int64_t n)
{
    snprintf(tmp, ERR_ARG_MAX, "%lld", (long long)n);
    return tmp;
}

void err_clear(struct err *e)
{
    *e = (struct err){0};
}

void pos_set(struct pos *p, const char *file, const char *sheet, uint32_t row, struct str column)
{
    copy_cut(p->file, sizeof p->file, str_of(file ? file : ""));
    copy_cut(p->sheet, sizeof p->sheet, str_of(sheet ? sheet : ""));
    copy_cut(p->column, sizeof p->column, column);
    p->row = row;
    p->offset = 0;
}

static void add_safe(struct buf *out, const char *s)
{
    text_safe(str_of(s), false, out);
}

bool pos_text(const struct pos *p, struct buf *out)
{
    if (!p->file[0] && !p->sheet[0])
        return !out->full;
    add_safe(out, p->file);
    if (p->sheet[0]) {
        buf_add_c(out, ':');
        add_safe(out, p->sheet);
    }
    if (p->row)
        buf_printf(out, ":%u", (unsigned)p->row);
    if (p->column[0]) {
        buf_add_c(out, ':');
        add_safe(out, p->column);
    }
    if (p->offset)
        buf_printf(out, ":%u", (unsigned)p->offset);
    return !out->full;
}

bool err_text(const struct err *e, err_translate translate, struct buf *out)
{
    if (!e->kind)
        return true;
    const char *t = translate ? translate(e->kind->text) : e->kind->text;
    for (; *t; t++) {
        if (t[0] == '%' && t[1] >= '1' && t[1] <= '0' + ERR_ARGS) {
            add_safe(out, e->arg[t[1] - '1']);
            t++;
        } else {
            buf_add_c(out, *t);
        }
    }
    if (e->sys)
        buf_printf(out, " (%s)", strerror(e->sys));
    return !out->full;
}

void diags_init(struct diags *d)
{
    *d = (struct diags){0};
}

void diags_done(struct diags *d)
{
    if (!d)
        return;
    mem_free(d->v);
    diags_init(d);
}

void diags_add(struct diags *d, enum severity severity, const struct err *e)
{
    if (severity == SEV_ERROR)
        d->errors++;
    else
        d->warnings++;
    if (d->n >= DIAGS_MAX)
        return;
    d->v = mem_grow(d->v, d->n, &d->cap, sizeof *d->v);
    d->v[d->n++] = (struct diag){severity, *e};
}

bool diag_line(const struct diag *d, err_translate translate, struct buf *out)
{
    size_t before = out->n;
    pos_text(&d->err.pos, out);
    if (out->n > before)
        buf_add_z(out, ": ");
    buf_add_z(out, d->severity == SEV_ERROR ? "error: " : "warning: ");
    err_text(&d->err, translate, out);
    if (d->err.kind && d->err.kind->hint) {
        buf_add_z(out, " ");
        buf_add_z(out, translate ? translate(d->err.kind->hint) : d->err.kind->hint);
    }
    return !out->full;
}
