/* cacah form check FORM... */
#include "app/cmd/cmd.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "app/cmd/form_file.h"
#include "app/tr.h"

static json_t *diag_json(const struct diag *d)
{
    struct buf text;
    buf_init(&text, 8192);
    err_text(&d->err, NULL, &text);
    const struct pos *p = &d->err.pos;
    json_t *j = json_pack("{s:s, s:s, s:s, s:s, s:s, s:i, s:s, s:i, s:s}", "severity",
                          d->severity == SEV_ERROR ? "error" : "warning", "code", d->err.kind->id,
                          "message", buf_str(&text).p, "file", p->file, "sheet", p->sheet, "row",
                          (int)p->row, "column", p->column, "offset", (int)p->offset, "hint",
                          d->err.kind->hint ? d->err.kind->hint : "");
    buf_done(&text);
    return j;
}

static json_t *form_json(const char *path, const struct form_file_open *f)
{
    json_t *list = json_array();
    for (size_t i = 0; i < f->diags.n; i++)
        json_array_append_new(list, diag_json(&f->diags.v[i]));
    return json_pack("{s:s, s:i, s:i, s:o}", "form", path, "errors", (int)f->diags.errors,
                     "warnings", (int)f->diags.warnings, "diagnostics", list);
}

static void say_verdict(const char *path, const struct form_file_open *f)
{
    struct buf line;
    buf_init(&line, 4096);
    buf_printf(&line, "%s: ", path);
    if (f->form)
        buf_printf(&line, _("%u questions and groups, "),
                   (unsigned)f->form->n_nodes - 1); /* the root is neither */
    buf_printf(&line, tr_n("%zu error, ", "%zu errors, ", f->diags.errors), f->diags.errors);
    buf_printf(&line, tr_n("%zu warning\n", "%zu warnings\n", f->diags.warnings),
               f->diags.warnings);
    cmd_put(false, buf_str(&line));
    buf_done(&line);
}

/* A code that is none would silence nothing without a word. */
static bool codes_are_known(const struct call *c, struct err *e)
{
    static const char *const codes[] = {
#define ERR(id, cls, text, hint) #id,
#include "forms/base/errors.def"
#undef ERR
    };
    for (int i = 0; i < c->n_values[OPT_silence]; i++) {
        size_t k = 0;
        while (k < sizeof codes / sizeof codes[0] &&
               strcmp(codes[k], c->values[OPT_silence][i]) != 0)
            k++;
        if (k == sizeof codes / sizeof codes[0])
            return err_fail2(e, ERR_OPTION_VALUE, "--silence",
                             "a code as 'form check --json' shows it, such as COLUMN_UNKNOWN");
    }
    return true;
}

static bool is_silenced(const struct call *c, const struct diag *d)
{
    for (int i = 0; i < c->n_values[OPT_silence]; i++)
        if (d->severity == SEV_WARNING && strcmp(d->err.kind->id, c->values[OPT_silence][i]) == 0)
            return true;
    return false;
}

static void silence(const struct call *c, struct diags *d)
{
    size_t n = 0;
    for (size_t i = 0; i < d->n; i++)
        if (!is_silenced(c, &d->v[i]))
            d->v[n++] = d->v[i];
    d->warnings -= d->n - n;
    d->n = n;
}

int cmd_form_check(const struct call *c)
{
    int code = 0;
    struct err wrong = {0};
    if (!codes_are_known(c, &wrong))
        return cmd_fail(&wrong);
    json_t *all = json_array();
    for (int i = 0; i < c->n; i++) {
        struct form_file_open f;
        struct err e = {0};
        if (!form_file_load(&f, c->args[i], &e)) {
            int failed = cmd_fail(&e);
            code = code > failed ? code : failed;
            continue;
        }
        silence(c, &f.diags);
        if (f.diags.errors && code < ERR_FAULT)
            code = ERR_FAULT;
        if (c->given[OPT_json]) {
            json_array_append_new(all, form_json(c->args[i], &f));
        } else {
            form_file_say(&f, c->given[OPT_quiet]);
            if (!c->given[OPT_quiet])
                say_verdict(c->args[i], &f);
        }
        form_file_done(&f);
    }
    if (c->given[OPT_json]) {
        json_dumpf(all, stdout, JSON_INDENT(1));
        putchar('\n');
    }
    json_decref(all);
    return cmd_end(code);
}
