/* run-try DIR LANGUAGE.md: the form scripts of DIR, every FORM.try on the FORM.md beside it, a TAP case each;
 * then that the manual's table of steps is the code's and its example runs. A script that says
 * "# fails: N" must have exactly N failing steps, and its report must be its lines "#> …"; what its steps
 * `xml` write must be its lines "#= …", where it has any. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "forms/base/mem.h"
#include "forms/run/script.h"
#include "tests/support/fixed_host.h"

#define FILE_MAX ((size_t)8 << 20)

static const char *folder;
static int cases, failures;

static bool read_file(const char *name, struct buf *out)
{
    char path[1024];
    snprintf(path, sizeof path, "%s%s%s", name[0] == '/' ? "" : folder, name[0] == '/' ? "" : "/",
             name);
    FILE *f = fopen(path, "rb");
    if (!f)
        return false;
    char block[4096];
    size_t n;
    while ((n = fread(block, 1, sizeof block, f)) > 0)
        buf_add(out, block, n);
    bool ok = !ferror(f) && !out->full;
    return fclose(f) == 0 && ok;
}

static bool corpus_file(void *ctx, struct str name, struct buf *out, struct err *e)
{
    (void)ctx;
    char tmp[ERR_ARG_MAX];
    return read_file(err_arg(tmp, name), out) || err_fail1(e, ERR_FILE_MISSING, err_arg(tmp, name));
}

/* What the script said, and what it wrote. */
struct said {
    struct buf report, written;
};

static void say(void *ctx, struct str line)
{
    struct said *s = ctx;
    buf_add_str(&s->report, line);
    buf_add_c(&s->report, '\n');
}

/* With every "uuid:…" of 36 characters as "uuid:UUID", and every new entity's id as "UUID". */
static bool write_file(void *ctx, struct str name, struct str bytes, struct err *e)
{
    (void)e;
    struct said *s = ctx;
    buf_add_str(&s->written, name);
    buf_add_c(&s->written, '\n');
    for (size_t i = 0; i < bytes.n; i++) {
        buf_add_c(&s->written, bytes.p[i]);
        struct str rest = str_from(bytes, i);
        if (str_starts(rest, STR("uuid:")) && rest.n > 41) {
            buf_add_z(&s->written, "uid:UUID");
            i += 40;
        } else if (str_starts(rest, STR("\" id=\"")) && rest.n > 43 && rest.p[14] == '-' &&
                   rest.p[42] == '"') {
            buf_add_z(&s->written, " id=\"UUID");
            i += 41;
        }
    }
    return !s->written.full;
}

static void print_lines(struct str text)
{
    struct str line;
    while (str_split(&text, '\n', &line))
        if (line.n)
            printf("# %.*s\n", STR_FMT(line));
}

static struct form *compile(const char *name, const struct host *host)
{
    struct buf bytes, line;
    struct diags diags;
    struct err e = {0};
    struct form *f = NULL;
    buf_init(&bytes, FILE_MAX);
    buf_init(&line, FILE_MAX);
    diags_init(&diags);
    if (!read_file(name, &bytes) || !form_compile(&f, buf_str(&bytes), name, host, &diags, &e))
        printf("# %s does not compile\n", name);
    for (size_t i = 0; i < diags.n; i++) {
        if (diags.v[i].severity == SEV_ERROR)
            diag_line(&diags.v[i], NULL, &line);
        buf_add_c(&line, '\n');
    }
    print_lines(buf_str(&line));
    diags_done(&diags);
    buf_done(&bytes);
    buf_done(&line);
    return f;
}

/* The "#> " lines with the prefix taken off; "# fails: N" → *ret_fails; "#= " lines: what xml wrote. */
static void wanted(struct str text, uint32_t *ret_fails, struct buf *report, struct buf *written)
{
    struct str line;
    *ret_fails = 0;
    while (str_split(&text, '\n', &line)) {
        if (str_starts(line, STR("# fails: ")))
            *ret_fails = (uint32_t)strtoul(line.p + 9, NULL, 10);
        struct buf *to = str_starts(line, STR("#> ")) ? report : NULL;
        if (str_starts(line, STR("#= ")))
            to = written;
        if (!to)
            continue;
        buf_add_str(to, str_from(line, 3));
        buf_add_c(to, '\n');
    }
}

static void run_case(const char *script_name)
{
    char form_name[512];
    snprintf(form_name, sizeof form_name, "%.*s.md", (int)(strlen(script_name) - 4), script_name);
    struct fixed_host host;
    fixed_host_init(&host, 1);
    host.host.file = corpus_file;
    struct buf text, want, want_xml;
    struct said said;
    buf_init(&text, FILE_MAX);
    buf_init(&want, FILE_MAX);
    buf_init(&want_xml, FILE_MAX);
    buf_init(&said.report, FILE_MAX);
    buf_init(&said.written, FILE_MAX);
    struct form *f = compile(form_name, &host.host);
    struct script_result result = {0};
    struct err e = {0};
    bool ok = f && read_file(script_name, &text);
    if (ok) {
        struct script_run run = {
            .form = f, .host = &host.host, .say = say, .write_file = write_file, .ctx = &said};
        uint32_t fails;
        wanted(buf_str(&text), &fails, &want, &want_xml);
        ok = script_run(&run, buf_str(&text), "", &result, &e) && result.failed == fails;
        ok = ok && (fails == 0 || str_eq(buf_str(&want), buf_str(&said.report)));
        ok = ok && (want_xml.n == 0 || str_eq(buf_str(&want_xml), buf_str(&said.written)));
        ok = ok && result.passed > 0;
    }
    printf("%s %d - %s (%u passed, %u failed)\n", ok ? "ok" : "not ok", ++cases, script_name,
           result.passed, result.failed);
    if (!ok) {
        failures++;
        print_lines(buf_str(&said.report));
        print_lines(buf_str(&said.written));
        if (e.kind)
            printf("# %s\n", e.kind->id);
    }
    form_free(f);
    buf_done(&text);
    buf_done(&want);
    buf_done(&want_xml);
    buf_done(&said.report);
    buf_done(&said.written);
}

/* ---- the section "Form scripts" of LANGUAGE.md ---- */

static const struct {
    const char *usage, *means;
} steps[] = {
#define STEP_MANY                                       0
#define STEP(word, function, least, most, usage, means) {usage, means},
#include "forms/run/steps.def"
#undef STEP
};

static void report(bool ok, const char *what)
{
    printf("%s %d - LANGUAGE.md: %s\n", ok ? "ok" : "not ok", ++cases, what);
    failures += !ok;
}

/* Every step of the table in the code is a row of the table in the manual, and no row more. */
static void check_steps(struct str section)
{
    size_t rows = 0;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        struct buf row;
        buf_init(&row, FILE_MAX);
        buf_add_z(&row, "\n| `");
        for (const char *p = steps[i].usage; *p; p++) {
            if (*p == '|')
                buf_add_c(&row, '\\');
            buf_add_c(&row, *p);
        }
        buf_add_z(&row, "` | ");
        buf_add_z(&row, steps[i].means);
        buf_add_z(&row, " |\n");
        bool found = memmem(section.p, section.n, row.p, row.n) != NULL;
        if (!found)
            printf("# not there: %s", row.p + 1);
        rows += found;
        buf_done(&row);
    }
    struct str rest = section, line;
    size_t there = 0;
    while (str_split(&rest, '\n', &line))
        there += str_starts(line, STR("| `"));
    report(rows == sizeof steps / sizeof steps[0] && there == rows, "the table of steps");
}

/* Takes the next block between ``` lines off *rest. */
static struct str take_block(struct str *rest)
{
    static const char fence[] = "\n```\n";
    const char *open = memmem(rest->p, rest->n, fence, sizeof fence - 1);
    if (!open)
        return STR("");
    *rest = str_from(*rest, (size_t)(open - rest->p) + sizeof fence - 1);
    const char *close = memmem(rest->p, rest->n, fence, sizeof fence - 1);
    struct str block = str_sub(*rest, 0, close ? (size_t)(close - rest->p) + 1 : 0);
    *rest = str_from(*rest, block.n + sizeof fence - 2);
    return block;
}

static void check_example(struct str section)
{
    struct fixed_host host;
    struct said said;
    struct diags diags;
    struct form *f = NULL;
    struct script_result result = {0};
    struct err e = {0};
    fixed_host_init(&host, 1);
    diags_init(&diags);
    buf_init(&said.report, FILE_MAX);
    buf_init(&said.written, FILE_MAX);
    struct str form = take_block(&section), script = take_block(&section);
    bool ok = form_compile(&f, form, "example.md", &host.host, &diags, &e);
    struct script_run run = {.form = f, .host = &host.host, .say = say, .ctx = &said};
    ok = ok && script_run(&run, script, "example.try", &result, &e);
    print_lines(buf_str(&said.report));
    report(ok && result.failed == 0 && result.passed > 10, "the example of form scripts");
    diags_done(&diags);
    form_free(f);
    buf_done(&said.report);
    buf_done(&said.written);
}

static void check_language(const char *name)
{
    struct buf text;
    static const char heading[] = "\n## Form scripts\n";
    buf_init(&text, FILE_MAX);
    bool there = read_file(name, &text);
    const char *at = there ? memmem(text.p, text.n, heading, sizeof heading - 1) : NULL;
    report(at != NULL, "a section on form scripts");
    if (at) {
        struct str section = str_from(buf_str(&text), (size_t)(at - text.p) + sizeof heading - 1);
        const char *next = memmem(section.p, section.n, "\n## ", 4);
        if (next)
            section.n = (size_t)(next - section.p);
        check_steps(section);
        check_example(section);
    }
    buf_done(&text);
}

static int is_script(const struct dirent *d)
{
    return str_ends(str_of(d->d_name), STR(".try"));
}

int main(int argc, char **argv)
{
    if (argc < 2)
        return EXIT_FAILURE;
    folder = argv[1];
    struct dirent **found;
    int n = scandir(folder, &found, is_script, alphasort);
    if (n <= 0)
        return EXIT_FAILURE;
    for (int i = 0; i < n; i++) {
        run_case(found[i]->d_name);
        free(found[i]);
    }
    free(found);
    if (argc > 2)
        check_language(argv[2]);
    printf("1..%d\n", cases);
    return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}
