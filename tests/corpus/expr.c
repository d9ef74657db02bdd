/* Runs the cases of the .t files of tests/corpus/expr and prints TAP. A case is a line
 *
 *     expression TAB type TAB value          type: number string boolean date nodes, or `error`
 *
 * whose value is escaped as `form eval` escapes it (\t \n \\ \xHH), and for an error is ID or
 * ID@offset. `matches` as type takes any type whose text fits the value as a pattern. Lines that
 * begin with % set the stage for those below, # is a comment:
 *
 *     %zone NAME   %now MS   %language CODE   %at EXPR (the context node)   %ns PREFIX=URI
 *     %xml … %end            plain XPath 1.0 on this document
 *     %form … %end %instance … %end %list ID … %end     ODK's rules on this form
 *     %filter              in a choice filter: the context is a row (give it with %row)
 *     %row EXPR            that row
 *
 * With --cover the run ends with a test that every row of funcs.def and ops.def was used; with
 * --language FILE, that its table of functions is funcs.def. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "forms/base/limits.h"
#include "forms/base/num.h"
#include "forms/expr/func.h"
#include "forms/expr/regex.h"
#include "tests/support/fake_host.h"
#include "tests/support/test_form.h"

struct stage {
    struct fake_host host;
    struct test_form form;
    struct node doc, at, row;
    uint32_t def;
    bool plain, filter;
    struct str ns[16][2];
    size_t n_ns;
    struct str dot;
    bool has_dot;
};

static size_t n_tests, n_failed;
static bool used_op[OPS], used_func[256];

static void die(const char *what, struct str where)
{
    printf("Bail out! %s: %.*s\n", what, STR_FMT(where));
    exit(1);
}

static void die_err(const struct err *e, struct str where)
{
    struct buf b;
    buf_init(&b, 4096);
    err_text(e, NULL, &b);
    die(b.p, where);
}

/* ---- evaluation ---- */

static bool lookup_ns(void *ctx, struct str prefix, struct str *ret)
{
    struct stage *s = ctx;
    for (size_t i = 0; i < s->n_ns; i++) {
        if (str_eq(s->ns[i][0], prefix)) {
            *ret = s->ns[i][1];
            return true;
        }
    }
    return false;
}

static struct scope scope_of(struct stage *s)
{
    if (s->plain)
        return (struct scope){.ctx = s, .plain_xpath = true, .ns = lookup_ns};
    struct scope scope = test_form_scope(&s->form, s->def);
    scope.in_item = s->filter;
    return scope;
}

static void cover(const struct expr *x)
{
    for (uint32_t i = 0; i < x->n_code; i++) {
        used_op[x->code[i].op] = true;
        if (x->code[i].op == OP_CALL)
            used_func[x->code[i].a] = true;
    }
}

static bool evaluate(struct stage *s, struct str text, struct arena *a, struct value *ret,
                     struct eval *ev, struct err *e)
{
    struct scope scope = scope_of(s);
    struct expr *x;
    struct pos pos = {0};
    if (!expr_compile(&x, text, &scope, &pos, a, e))
        return false;
    cover(x);
    *ev = (struct eval){.host = &s->host.host,
                        .ops = s->plain ? NULL : &test_form_eval_ops,
                        .ctx = &s->form,
                        .scratch = a,
                        .self = s->at,
                        .current = s->at,
                        .position = 1,
                        .size = 1,
                        .steps_left = LIMIT_VM_STEPS};
    if (s->filter)
        ev->self = s->row;
    if (s->has_dot) {
        ev->has_dot = true;
        ev->dot = (struct value){VAL_STRING, {.string = s->dot}};
    }
    return expr_eval(x, ev, ret, e);
}

static struct node first_node(struct stage *s, struct str text)
{
    struct arena *a = &s->form.arena;
    struct value v;
    struct eval ev;
    struct err e = {0};
    if (!evaluate(s, text, a, &v, &ev, &e))
        die_err(&e, text);
    if (v.kind != VAL_NODES || v.u.nodes.n == 0)
        die("no node", text);
    return v.u.nodes.v[0];
}

/* ---- one case ---- */

static void escape(struct str s, struct buf *out)
{
    for (size_t i = 0; i < s.n; i++) {
        unsigned char c = (unsigned char)s.p[i];
        if (c == '\\')
            buf_add_z(out, "\\\\");
        else if (c == '\t')
            buf_add_z(out, "\\t");
        else if (c == '\n')
            buf_add_z(out, "\\n");
        else if (c < 0x20)
            buf_printf(out, "\\x%02x", c);
        else
            buf_add_c(out, (char)c);
    }
}

static void result(struct stage *s, struct str text, struct arena *a, struct buf *out)
{
    static const char *const kinds[] = {"nodes", "string", "number", "boolean", "date"};
    struct value v;
    struct eval ev;
    struct err e = {0};
    if (!evaluate(s, text, a, &v, &ev, &e)) {
        buf_printf(out, "error\t%s", e.kind->id);
        if (e.pos.offset)
            buf_printf(out, "@%u", (unsigned)e.pos.offset);
        return;
    }
    buf_printf(out, "%s\t", kinds[v.kind]);
    escape(value_string(&v, &ev), out);
}

static bool matches(struct str want, struct str got, struct arena *a)
{
    struct str pattern = str_from(want, sizeof "matches\t" - 1);
    struct regex *r;
    struct err e = {0};
    bool fits;
    got = str_from(got, str_find(got, '\t', 0) + 1);
    return regex_compile(&r, pattern, a, &e) && regex_match(r, got, &fits, &e) && fits;
}

static bool agrees(struct str want, struct str got, struct arena *a)
{
    if (str_starts(want, STR("matches\t")))
        return matches(want, got, a);
    if (str_starts(want, STR("error\t")) && str_find(want, '@', 0) == want.n)
        got = str_sub(got, 0, str_find(got, '@', 0));
    return str_eq(want, got);
}

static void run_case(struct stage *s, const char *file, unsigned line, struct str l)
{
    size_t tab = str_find(l, '\t', 0);
    if (tab == l.n)
        die("no tab", l);
    struct str text = str_sub(l, 0, tab), want = str_from(l, tab + 1);
    struct arena a;
    struct buf got, source;
    arena_init(&a);
    buf_init(&got, (size_t)1 << 22);
    buf_init(&source, LIMIT_EXPR_BYTES * 2);
    for (size_t i = 0; i < text.n; i++) { /* \n and \t may stand in an expression */
        bool esc =
            text.p[i] == '\\' && i + 1 < text.n && (text.p[i + 1] == 'n' || text.p[i + 1] == 't');
        buf_add_c(&source, esc ? (text.p[++i] == 'n' ? '\n' : '\t') : text.p[i]);
    }
    result(s, buf_str(&source), &a, &got);
    bool ok = agrees(want, buf_str(&got), &a);
    n_tests++;
    n_failed += !ok;
    printf("%s %zu - %s:%u %.*s\n", ok ? "ok" : "not ok", n_tests, file, line, STR_FMT(text));
    if (!ok)
        printf("# wanted: %.*s\n# found:  %s\n", STR_FMT(want), got.p);
    buf_done(&got);
    buf_done(&source);
    arena_done(&a);
}

/* ---- the stage ---- */

static bool directive(struct str l, const char *name, struct str *ret_rest)
{
    struct str rest = l, word;
    if (!str_word(&rest, &word) || !str_is(word, name))
        return false;
    *ret_rest = str_trim(rest);
    return true;
}

static struct str block(struct str *rest, unsigned *line)
{
    const char *start = rest->p;
    struct str l;
    while (str_split(rest, '\n', &l)) {
        ++*line;
        if (str_is(str_trim(l), "%end"))
            return (struct str){start, (size_t)(l.p - start)};
    }
    die("no %end", (struct str){start, 20});
    return l;
}

static void set_document(struct stage *s, struct str xml)
{
    struct err e = {0};
    if (!xmltree_parse(&s->doc, str_trim(xml), &s->form.arena, &e))
        die_err(&e, xml);
    s->plain = true;
    s->filter = false;
    s->at = s->doc;
}

static void set_instance(struct stage *s, struct str xml)
{
    struct err e = {0};
    if (!test_form_instance(&s->form, str_trim(xml), &e))
        die_err(&e, xml);
    s->plain = s->filter = false;
    s->at = s->form.instance_root.tree->ops->first(s->form.instance_root);
    s->def = 0;
}

static void set_at(struct stage *s, struct str rest)
{
    if (s->plain) {
        s->at = s->doc;
    } else {
        s->at = s->form.instance_root.tree->ops->first(s->form.instance_root);
        s->def = 0;
    }
    s->filter = false;
    s->at = first_node(s, rest);
    if (!s->plain)
        s->def = s->at.tree->ops->def(s->at);
}

static void set_ns(struct stage *s, struct str rest)
{
    size_t eq = str_find(rest, '=', 0);
    if (s->n_ns == 16)
        die("too many prefixes", rest);
    s->ns[s->n_ns][0] = str_sub(rest, 0, eq);
    s->ns[s->n_ns++][1] = str_from(rest, eq + 1);
}

static void set_stage(struct stage *s, struct str l, struct str *rest, unsigned *line)
{
    struct str arg, id;
    struct err e = {0};
    char zone[64];
    if (directive(l, "%xml", &arg)) {
        set_document(s, block(rest, line));
    } else if (directive(l, "%form", &arg)) {
        if (!test_form_template(&s->form, str_trim(block(rest, line)), &e))
            die_err(&e, l);
    } else if (directive(l, "%instance", &arg)) {
        set_instance(s, block(rest, line));
    } else if (directive(l, "%list", &id)) {
        if (!test_form_list(&s->form, id, str_trim(block(rest, line)), &e))
            die_err(&e, l);
    } else if (directive(l, "%at", &arg)) {
        set_at(s, arg);
    } else if (directive(l, "%row", &arg)) {
        s->filter = false;
        s->row = first_node(s, arg);
        s->filter = true;
    } else if (directive(l, "%zone", &arg)) {
        snprintf(zone, sizeof zone, "%.*s", STR_FMT(arg));
        fake_host_zone(&s->host, zone);
    } else if (directive(l, "%now", &arg)) {
        if (!num_parse_int(arg, &s->host.now_ms))
            die("no number", l);
    } else if (directive(l, "%language", &arg)) {
        s->form.language = arg;
    } else if (directive(l, "%signed", &arg)) {
        s->host.signature_message = arg;
    } else if (directive(l, "%dot", &arg)) {
        s->dot = arg;
        s->has_dot = true;
    } else if (directive(l, "%nodot", &arg)) {
        s->has_dot = false;
    } else if (directive(l, "%ns", &arg)) {
        set_ns(s, arg);
    } else {
        die("unknown directive", l);
    }
}

static void read_file(const char *path, struct buf *b)
{
    FILE *in = fopen(path, "rb");
    char tmp[65536];
    buf_init(b, (size_t)8 << 20);
    if (!in)
        die("cannot open", str_of(path));
    for (size_t n; (n = fread(tmp, 1, sizeof tmp, in)) > 0;)
        buf_add(b, tmp, n);
    fclose(in);
}

static void run_file(const char *path)
{
    struct buf b;
    read_file(path, &b);
    struct stage s = {0};
    fake_host_init(&s.host);
    test_form_init(&s.form, &s.host.host);
    const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    struct str rest = buf_str(&b), l;
    unsigned line = 0;
    while (str_split(&rest, '\n', &l)) {
        line++;
        if (str_trim(l).n == 0 || l.p[0] == '#')
            continue;
        if (l.p[0] == '%')
            set_stage(&s, l, &rest, &line);
        else
            run_case(&s, name, line, l);
    }
    test_form_done(&s.form);
    buf_done(&b);
}

/* ---- the lint ---- */

static void covered(const char *kind, const char *name, bool used)
{
    n_tests++;
    n_failed += !used;
    printf("%s %zu - %s %s has a case\n", used ? "ok" : "not ok", n_tests, kind, name);
}

static void run_cover(void)
{
    static const char *const op_names[] = {
#define OP(name, pops, pushes, doc) #name,
#include "forms/expr/ops.def"
#undef OP
    };
    for (int i = 0; i < OPS; i++)
        covered("operation", op_names[i], used_op[i]);
    for (uint32_t i = 0; i < n_funcs; i++)
        if (funcs[i].impl) /* a FORM shows in its operations */
            covered("function", funcs[i].name, used_func[i]);
}

/* The row of a function, as LANGUAGE.md must have it up to its meaning: | `name(…)` | arity | */
static bool documented(const struct func *f, struct str page)
{
    char name[64], arity[32];
    snprintf(name, sizeof name, "| `%s(", f->name);
    if (f->most == FUNC_ANY)
        snprintf(arity, sizeof arity, "` | %u+ |", (unsigned)f->least);
    else if (f->most == f->least)
        snprintf(arity, sizeof arity, "` | %u |", (unsigned)f->least);
    else
        snprintf(arity, sizeof arity, "` | %u-%u |", (unsigned)f->least, (unsigned)f->most);
    struct str l;
    while (str_split(&page, '\n', &l))
        if (str_starts(l, str_of(name)) && memmem(l.p, l.n, arity, strlen(arity)))
            return true;
    return false;
}

static void run_language(const char *path)
{
    struct buf b;
    read_file(path, &b);
    for (uint32_t i = 0; i < n_funcs; i++)
        covered("function", funcs[i].name, documented(&funcs[i], buf_str(&b)));
    size_t rows = 0;
    struct str page = buf_str(&b), l;
    bool table = false;
    while (str_split(&page, '\n', &l)) {
        table = str_starts(l, STR("| function |")) || (table && str_starts(l, STR("|")));
        rows += table && str_starts(l, STR("| `"));
    }
    covered("page", "no function that is none", rows == n_funcs);
    buf_done(&b);
}

int main(int argc, char **argv)
{
    bool lint = false;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--cover") == 0)
            lint = true;
        else if (strcmp(argv[i], "--language") == 0 && i + 1 < argc)
            run_language(argv[++i]);
        else
            run_file(argv[i]);
    }
    if (lint)
        run_cover();
    printf("1..%zu\n", n_tests);
    return n_failed ? 1 : 0;
}
