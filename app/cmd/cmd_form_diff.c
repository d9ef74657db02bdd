/* cacah form diff OLD NEW: what changed, for drafts and for data. */
#include "app/cmd/cmd.h"

#include <jansson.h>
#include <stdio.h>

#include "app/cmd/form_file.h"
#include "app/tr.h"
#include "forms/model/diff.h"

static void say_item(const struct diff_item *i)
{
    struct buf line;
    buf_init(&line, (size_t)4 << 20);
    buf_printf(&line, "%-6s", diff_means_word(diff_means(i->kind)));
    if (i->path.n) {
        buf_add_str(&line, i->path);
        buf_add_z(&line, ": ");
    }
    diff_text(i, tr, &line);
    buf_add_c(&line, '\n');
    cmd_put(false, buf_str(&line));
    buf_done(&line);
}

/* What breaks drafts first: it is what decides. */
static void say_text(const struct diff *d)
{
    for (int m = 0; m < DIFF_MEANINGS; m++)
        for (size_t i = 0; i < d->n; i++)
            if ((int)diff_means(d->v[i].kind) == m)
                say_item(&d->v[i]);
    printf(_("%zu break interviews under way, %zu change what data mean, %zu are wording\n"),
           d->count[DIFF_DRAFT], d->count[DIFF_DATA], d->count[DIFF_TEXT]);
}

static json_t *text_json(struct str s)
{
    return json_stringn(s.p ? s.p : "", s.n);
}

static json_t *item_json(const struct diff_item *i)
{
    struct buf text;
    buf_init(&text, (size_t)4 << 20);
    diff_text(i, NULL, &text);
    json_t *j = json_pack("{s:s, s:s, s:o, s:i, s:o, s:o, s:o}", "code", diff_id(i->kind), "means",
                          diff_means_word(diff_means(i->kind)), "path", text_json(i->path), "row",
                          (int)i->row, "was", text_json(i->was), "is", text_json(i->is), "text",
                          text_json(buf_str(&text)));
    buf_done(&text);
    return j;
}

static void say_json(const struct diff *d)
{
    json_t *list = json_array();
    for (size_t i = 0; i < d->n; i++)
        json_array_append_new(list, item_json(&d->v[i]));
    json_t *j = json_pack("{s:I, s:I, s:I, s:o}", "draft", (json_int_t)d->count[DIFF_DRAFT], "data",
                          (json_int_t)d->count[DIFF_DATA], "text", (json_int_t)d->count[DIFF_TEXT],
                          "changes", list);
    json_dumpf(j, stdout, JSON_INDENT(1));
    putchar('\n');
    json_decref(j);
}

int cmd_form_diff(const struct call *c)
{
    struct form_file_open was, is;
    struct diff d;
    int code = form_file_need(&was, c->args[0]);
    if (code)
        return code;
    code = form_file_need(&is, c->args[1]);
    if (!code) {
        form_diff(was.form, is.form, &d);
        if (c->given[OPT_json])
            say_json(&d);
        else
            say_text(&d);
        code = d.count[DIFF_DRAFT] ? ERR_FAULT : 0;
        diff_done(&d);
        form_file_done(&is);
    }
    form_file_done(&was);
    return cmd_end(code);
}
