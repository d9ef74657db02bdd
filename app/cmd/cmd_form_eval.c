/* cacah form eval FORM EXPR... and form eval --xml FILE EXPR...
 *
 * One result a line: TYPE TAB VALUE, value escaped as in C; a broken expression: "error TAB message" and
 * exit 1. */
#include "app/cmd/cmd.h"

#include <stdio.h>
#include <string.h>

#include "app/cmd/form_file.h"
#include "app/tr.h"
#include "forms/base/limits.h"
#include "forms/run/interview.h"
#include "sync/io/io.h"

/* What expressions are evaluated on: an interview, or a document. */
struct target {
    struct interview *iv;
    const struct form *form;
    struct place at;
    struct node node; /* of the document */
    const struct host *host;
    const struct call *call;
};

/* backslash, tab, newline and control characters as in C */
static void put_escaped(struct str s)
{
    static const char names[] = "abtnvfr"; /* 7 … 13 */
    for (size_t i = 0; i < s.n; i++) {
        unsigned char ch = (unsigned char)s.p[i];
        if (ch == '\\')
            fputs("\\\\", stdout);
        else if (ch >= 7 && ch <= 13)
            printf("\\%c", names[ch - 7]);
        else if (ch < 0x20 || ch == 0x7F)
            printf("\\%03o", (unsigned)ch);
        else
            putchar(ch);
    }
}

static const char *const kind_names[] = {[VAL_NODES] = "nodes",
                                         [VAL_STRING] = "string",
                                         [VAL_NUMBER] = "number",
                                         [VAL_BOOLEAN] = "boolean",
                                         [VAL_DATE] = "date"};

static bool namespace_of(void *ctx, struct str prefix, struct str *ret)
{
    const struct call *c = ctx;
    for (int i = 0; i < c->n_values[OPT_ns]; i++) {
        struct str rest = str_of(c->values[OPT_ns][i]), name;
        if (str_split(&rest, '=', &name) && rest.p && str_eq(name, prefix)) {
            *ret = rest;
            return true;
        }
    }
    return false;
}

static bool evaluate(struct target *t, struct str text, struct arena *a, struct value *ret,
                     struct str *ret_text, struct err *e)
{
    struct expr *x;
    if (t->iv)
        return form_expr(&x, t->form, text, t->at.def, a, e) &&
               interview_eval(t->iv, x, &t->at, ret, ret_text, e);
    struct scope scope = {.self = DEF_NONE,
                          .plain_xpath = true,
                          .ctx = (void *)(uintptr_t)t->call,
                          .ns = namespace_of};
    struct pos at = {0};
    if (!expr_compile(&x, text, &scope, &at, a, e))
        return false;
    struct eval ev = {.host = t->host,
                      .scratch = a,
                      .self = t->node,
                      .current = t->node,
                      .position = 1,
                      .size = 1,
                      .steps_left = LIMIT_VM_STEPS};
    if (!expr_eval(x, &ev, ret, e))
        return false;
    *ret_text = value_string(ret, &ev);
    return true;
}

static bool eval_line(struct target *t, struct str text)
{
    struct arena a;
    struct value v;
    struct str shown;
    struct err e = {0};
    arena_init(&a);
    bool ok = evaluate(t, text, &a, &v, &shown, &e);
    if (ok) {
        printf("%s\t", kind_names[v.kind]);
        put_escaped(shown);
    } else {
        struct buf message;
        buf_init(&message, 8192);
        if (e.pos.offset)
            buf_printf(&message, _("character %u: "), (unsigned)e.pos.offset);
        err_text(&e, tr, &message);
        fputs("error\t", stdout);
        put_escaped(buf_str(&message));
        buf_done(&message);
    }
    putchar('\n');
    arena_done(&a);
    return ok;
}

static bool eval_stdin(struct target *t, struct err *e)
{
    struct buf all;
    struct str rest, line;
    bool ok = true;
    buf_init(&all, LIMIT_FORM_ENTRY);
    if (!cmd_read_stdin(&all, e)) {
        buf_done(&all);
        return false;
    }
    rest = buf_str(&all);
    if (str_starts(rest, STR("\xEF\xBB\xBF")))
        rest = str_from(rest, 3);
    if (rest.n && rest.p[rest.n - 1] == '\n')
        rest.n--;
    while (all.n && str_split(&rest, '\n', &line)) {
        if (line.n && line.p[line.n - 1] == '\r')
            line.n--;
        ok = eval_line(t, line) && ok;
    }
    buf_done(&all);
    return ok;
}

/* All expressions of the call from operand `first` on. */
static int eval_all(struct target *t, const struct call *c, int first)
{
    int code = 0;
    for (int i = first; i < c->n; i++) {
        struct err e = {0};
        bool ok =
            strcmp(c->args[i], "-") == 0 ? eval_stdin(t, &e) : eval_line(t, str_of(c->args[i]));
        if (!ok)
            code = e.kind ? cmd_fail(&e) : ERR_FAULT;
    }
    return code;
}

/* --at PATH: the first node that an expression yields. */
static bool find_at(struct target *t, struct arena *a, struct err *e)
{
    struct value v;
    struct str text;
    const char *path = t->call->value[OPT_at];
    if (!evaluate(t, str_of(path), a, &v, &text, e))
        return false;
    if (v.kind != VAL_NODES || v.u.nodes.n == 0)
        return err_fail1(e, ERR_NO_NODE, path);
    t->node = v.u.nodes.v[0];
    return true;
}

/* The words and namespaces of the call, before anything is opened. */
static bool words_suffice(const struct call *c, struct err *e)
{
    if (c->n < (c->given[OPT_xml] ? 1 : 2))
        return err_fail2(e, ERR_TOO_FEW, c->command->name, c->command->args);
    for (int i = 0; i < c->n_values[OPT_ns]; i++)
        if (c->values[OPT_ns][i][0] == '=' || !strchr(c->values[OPT_ns][i], '='))
            return err_fail2(e, ERR_OPTION_VALUE, "--ns", "P=URI");
    return true;
}

static int eval_xml(const struct call *c)
{
    struct err e = {0};
    struct arena a;
    struct buf bytes;
    struct host_dir dir;
    struct host host;
    struct target t = {.host = &host, .call = c};
    int code;
    arena_init(&a);
    buf_init(&bytes, LIMIT_FORM_ENTRY);
    bool ok = host_dir(&dir, c->value[OPT_xml], &host, &e) &&
              io_read_file(c->value[OPT_xml], LIMIT_FORM_ENTRY, &bytes, &e) &&
              xmltree_parse(&t.node, buf_str(&bytes), &a, &e) &&
              (!c->given[OPT_at] || find_at(&t, &a, &e));
    code = ok ? eval_all(&t, c, 0) : cmd_fail(&e);
    buf_done(&bytes);
    arena_done(&a);
    return code;
}

static int eval_form(const struct call *c)
{
    struct form_file_open f;
    struct err e = {0};
    struct target t = {.call = c};
    int code = form_file_need(&f, c->args[0]);
    if (code)
        return code;
    t.form = f.form;
    t.host = &f.host;
    if (c->given[OPT_at] && !place_parse(f.form, str_of(c->value[OPT_at]), &t.at))
        err_fail1(&e, ERR_NO_NODE, c->value[OPT_at]);
    if (!e.kind && interview_new(&t.iv, f.form, &f.host, &e)) {
        bool settled = interview_fault(t.iv, &e);
        code = eval_all(&t, c, 1);
        if (!settled)
            code = cmd_fail(&e);
    } else {
        code = cmd_fail(&e);
    }
    interview_free(t.iv);
    form_file_done(&f);
    return code;
}

int cmd_form_eval(const struct call *c)
{
    struct err e = {0};
    if (!words_suffice(c, &e))
        return cmd_fail(&e);
    return cmd_end(c->given[OPT_xml] ? eval_xml(c) : eval_form(c));
}
