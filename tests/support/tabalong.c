/* See tabalong.h. */
#include "tests/support/tabalong.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/flow/host.h"
#include "sync/io/io.h"

const char *const tabalong_names[TABALONG_FORMS] = {"governance", "branding", "economy",
                                                    "living",     "society",  "environment"};

static void path_of(const char *name, char out[1024])
{
    const char *source = getenv("CACAH_SOURCE");
    ck_assert_msg(source, "CACAH_SOURCE is not set");
    ck_assert_int_lt(snprintf(out, 1024, "%s/forms/tabalong/%s", source, name), 1024);
}

struct str tabalong_file(const char *name, struct arena *a)
{
    char path[1024];
    struct err e = {0};
    struct buf b;
    path_of(name, path);
    buf_init(&b, LIMIT_FORM_FILE);
    ck_assert_msg(io_read_file(path, LIMIT_FORM_FILE, &b, &e), "%s: %s", path, e.arg[0]);
    struct str bytes = arena_str(a, buf_str(&b));
    buf_done(&b);
    return bytes;
}

struct form_files tabalong_files(const char *name, struct arena *a)
{
    char file[64];
    snprintf(file, sizeof file, "%s.md", name);
    struct form_file *list = ARENA_NEW(a, struct form_file);
    *list = (struct form_file){STR("wilayah.csv"), tabalong_file("wilayah.csv", a)};
    return (struct form_files){
        .form = {arena_str(a, str_of(file)), tabalong_file(file, a)}, .lists = list, .n_lists = 1};
}

struct form *tabalong_form(const char *name)
{
    struct arena a;
    struct err e = {0};
    struct diags d;
    struct host host;
    struct form *f = NULL;
    arena_init(&a);
    diags_init(&d);
    struct form_files files = tabalong_files(name, &a);
    host_files(&files, &host);
    ck_assert_msg(form_compile(&f, files.form.bytes, files.form.name.p, &host, &d, &e),
                  "%s does not compile", name);
    diags_done(&d);
    arena_done(&a);
    return f;
}
