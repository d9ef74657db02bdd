/* cacah form show FORM and cacah form convert IN OUT */
#include "app/cmd/cmd.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "app/cmd/form_file.h"
#include "app/tr.h"
#include "forms/base/limits.h"
#include "forms/base/num.h"
#include "forms/model/show.h"
#include "forms/read/sheet.h"
#include "sync/io/io.h"

#define PAGE_WIDTH 100
#define PAGE_MIN   40
#define PAGE_MAX   400

/* The form's language by its name or code; DEF_NONE: there is none such. */
static uint32_t language_of(const struct form *f, const char *wanted)
{
    for (uint32_t i = 0; i < f->n_languages; i++)
        if (str_is(f->languages[i].name, wanted) || str_is(f->languages[i].code, wanted))
            return i;
    return DEF_NONE;
}

static bool page_width(const struct call *c, unsigned *ret, struct err *e)
{
    int64_t n = PAGE_WIDTH;
    if (c->given[OPT_width] &&
        (!num_parse_int(str_of(c->value[OPT_width]), &n) || n < PAGE_MIN || n > PAGE_MAX))
        return err_fail1(e, ERR_WIDTH, c->value[OPT_width]);
    *ret = (unsigned)n;
    return true;
}

int cmd_form_show(const struct call *c)
{
    struct form_file_open f;
    struct err e = {0};
    struct buf out;
    unsigned width = PAGE_WIDTH;
    uint32_t language = SHOW_ALL;
    if (!page_width(c, &width, &e))
        return cmd_fail(&e);
    int code = form_file_need(&f, c->args[0]);
    if (code)
        return code;
    buf_init(&out, LIMIT_FORM_ENTRY);
    if (c->given[OPT_lang]) {
        language = language_of(f.form, c->value[OPT_lang]);
        if (language == DEF_NONE)
            err_fail1(&e, ERR_FORM_LANGUAGE, c->value[OPT_lang]);
    }
    if (!e.kind && !form_show(f.form, language, width, &out))
        err_fail2(&e, ERR_LIMIT, "The questionnaire as text", "256 MiB");
    if (e.kind)
        code = cmd_fail(&e);
    else
        cmd_put(false, buf_str(&out));
    buf_done(&out);
    form_file_done(&f);
    return cmd_end(code);
}

static bool convert(const struct call *c, struct arena *a, struct diags *d, struct err *e)
{
    struct buf in, out;
    struct book book;
    struct stat st;
    buf_init(&in, LIMIT_FORM_FILE);
    buf_init(&out, LIMIT_FORM_ENTRY);
    bool ok = false;
    struct str to = str_of(c->args[1]);
    if (!str_ends(to, STR(".md")) && !str_ends(to, STR(".xlsx")))
        err_fail1(e, ERR_CONVERT_TO, c->args[1]);
    else if (!c->given[OPT_force] && stat(c->args[1], &st) == 0)
        err_fail1(e, ERR_EXISTS, c->args[1]);
    else
        ok = io_read_file(c->args[0], LIMIT_FORM_FILE, &in, e) &&
             book_read(&book, buf_str(&in), c->args[0], a, d, e) &&
             book_write(&book, c->args[1], &out, e) &&
             io_write_file(c->args[1], 0644, buf_str(&out), e);
    buf_done(&in);
    buf_done(&out);
    return ok;
}

int cmd_form_convert(const struct call *c)
{
    struct err e = {0};
    struct arena a;
    struct diags d;
    int code = 0;
    arena_init(&a);
    diags_init(&d);
    if (!convert(c, &a, &d, &e))
        code = cmd_fail(&e);
    struct form_file_open said = {.diags = d};
    form_file_say(&said, false);
    if (d.errors && !code)
        code = ERR_FAULT;
    diags_done(&d);
    arena_done(&a);
    return cmd_end(code);
}
