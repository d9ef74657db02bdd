/* cacah form try FORM SCRIPT... */
#include "app/cmd/cmd.h"

#include <stdio.h>
#include <string.h>

#include "app/cmd/form_file.h"
#include "app/tr.h"
#include "forms/base/limits.h"
#include "forms/run/script.h"
#include "sync/io/io.h"

#define SCRIPT_MAX ((size_t)16 << 20)

static void say(void *ctx, struct str line)
{
    (void)ctx;
    cmd_put(false, line);
    putchar('\n');
}

static bool write_file(void *ctx, struct str name, struct str bytes, struct err *e)
{
    char path[4096];
    (void)ctx;
    if (name.n >= sizeof path)
        return err_fail2(e, ERR_LIMIT, "The file's name", "4096 bytes");
    memcpy(path, name.p, name.n);
    path[name.n] = '\0';
    return io_write_file(path, 0644, bytes, e);
}

static bool read_script(const char *path, struct buf *out, struct err *e)
{
    if (strcmp(path, "-") != 0)
        return io_read_file(path, SCRIPT_MAX, out, e);
    return cmd_read_stdin(out, e);
}

static int coverage_say(const struct coverage *cov)
{
    struct buf out;
    buf_init(&out, (size_t)64 << 20);
    bool all = coverage_report(cov, &out);
    cmd_put(false, buf_str(&out));
    buf_done(&out);
    return all ? 0 : ERR_FAULT;
}

int cmd_form_try(const struct call *c)
{
    struct form_file_open f;
    struct script_result total = {0, 0};
    int code = form_file_need(&f, c->args[0]);
    if (code)
        return code;
    struct coverage *cov = c->given[OPT_coverage] ? coverage_new(f.form) : NULL;
    struct script_run run = {
        .form = f.form, .host = &f.host, .coverage = cov, .say = say, .write_file = write_file};
    for (int i = 1; i < c->n; i++) {
        struct err e = {0};
        struct script_result r = {0, 0};
        struct buf text;
        buf_init(&text, SCRIPT_MAX);
        if (!read_script(c->args[i], &text, &e) ||
            !script_run(&run, buf_str(&text), c->args[i], &r, &e)) {
            int failed = cmd_fail(&e);
            code = code > failed ? code : failed;
            r.failed++; /* not run to its end: no success */
        }
        buf_done(&text);
        total.passed += r.passed;
        total.failed += r.failed;
    }
    int uncovered = cov && !code ? coverage_say(cov) : 0;
    coverage_free(cov);
    form_file_done(&f);
    printf("%u passed, %u failed\n", (unsigned)total.passed, (unsigned)total.failed);
    if (!code && (total.failed || uncovered))
        code = ERR_FAULT;
    return cmd_end(code);
}
