/* Compiles every form of tests/corpus/forms, a TAP case each. Its lines
 *
 *     # expect: ID sheet:row:column[:offset]
 *
 * are the diagnostics it must give, in any order, and no others ("-" for no position). A form of good/ must
 * compile, one of bad/ must not. Each also goes to .xlsx and back and must then say the same of the same
 * cells. With --cover FILE every row of the blocks "readers" and "the form" of that errors.def must have a
 * case, those named with --unit aside. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>

#include "forms/base/mem.h"
#include "forms/model/form.h"
#include "forms/read/sheet.h"
#include "tests/support/fixed_host.h"

#define FILE_MAX ((size_t)8 << 20)
#define MAX_IDS  512

static const char *folder;
static int cases, failures;
static const char *produced[MAX_IDS];
static size_t n_produced;

static bool read_file(const char *path, struct buf *out)
{
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
    char path[1024], tmp[ERR_ARG_MAX];
    snprintf(path, sizeof path, "%s/%.*s", folder, STR_FMT(name));
    return read_file(path, out) || err_fail1(e, ERR_FILE_MISSING, err_arg(tmp, name));
}

static void result(bool ok, const char *name, const char *why)
{
    cases++;
    failures += !ok;
    printf("%sok %d - %s\n", ok ? "" : "not ", cases, name);
    if (!ok && why)
        printf("# %s\n", why);
}

/* "NAME_TWICE survey:4:name" */
static void diag_words(const struct diag *d, struct buf *out)
{
    buf_printf(out, "%s ", d->err.kind->id);
    struct pos p = d->err.pos;
    if (!p.sheet[0])
        buf_add_c(out, '-');
    else
        buf_printf(out, "%s:%u", p.sheet, (unsigned)p.row);
    if (p.column[0])
        buf_printf(out, ":%s", p.column);
    if (p.offset)
        buf_printf(out, ":%u", (unsigned)p.offset);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Sorted lines, for comparing as sets. */
static void sort_lines(struct buf *b)
{
    char *lines[DIAGS_MAX];
    size_t n = 0;
    if (b->n == 0)
        return;
    char *copy = strdup(b->p), *rest = copy, *line;
    while ((line = strsep(&rest, "\n")) && n < DIAGS_MAX)
        if (*line)
            lines[n++] = line;
    qsort(lines, n, sizeof *lines, by_text);
    buf_clear(b);
    for (size_t i = 0; i < n; i++)
        buf_printf(b, "%s\n", lines[i]);
    free(copy);
}

static void expected(struct str text, struct buf *out)
{
    struct str line;
    while (str_split(&text, '\n', &line)) {
        line = str_trim(line);
        if (str_starts(line, STR("# expect: "))) {
            buf_add_str(out, str_trim(str_from(line, 10)));
            buf_add_c(out, '\n');
        }
    }
    sort_lines(out);
}

static void note_produced(const char *id)
{
    for (size_t i = 0; i < n_produced; i++)
        if (strcmp(produced[i], id) == 0)
            return;
    if (n_produced < MAX_IDS)
        produced[n_produced++] = id;
}

static bool compile(struct str bytes, const char *name, struct buf *said)
{
    struct fixed_host host;
    struct diags diags;
    struct err e = {0};
    struct form *f;
    fixed_host_init(&host, 1);
    host.host.file = corpus_file;
    diags_init(&diags);
    bool ok = form_compile(&f, bytes, name, &host.host, &diags, &e);
    for (size_t i = 0; i < diags.n; i++) {
        note_produced(diags.v[i].err.kind->id);
        diag_words(&diags.v[i], said);
        buf_add_c(said, '\n');
    }
    sort_lines(said);
    form_free(f);
    diags_done(&diags);
    return ok;
}

/* The same book as .xlsx says the same. */
static bool as_xlsx(struct str bytes, const char *name, struct buf *said)
{
    struct arena a;
    struct diags diags;
    struct err e = {0};
    struct book book;
    struct buf out;
    arena_init(&a);
    diags_init(&diags);
    buf_init(&out, FILE_MAX);
    bool ok =
        book_read(&book, bytes, name, &a, &diags, &e) && book_write(&book, "x.xlsx", &out, &e);
    if (ok) {
        char other[256];
        snprintf(other, sizeof other, "%s", name);
        char *dot = strrchr(other, '.');
        if (dot)
            memcpy(dot, ".xlsx", 6); /* the names are the corpus's own, and short */
        compile(buf_str(&out), other, said);
    }
    buf_done(&out);
    diags_done(&diags);
    arena_done(&a);
    return ok;
}

static void print_lines(const char *head, struct buf *b)
{
    struct str text = buf_str(b), line;
    printf("# %s\n", head);
    while (str_split(&text, '\n', &line))
        if (line.n)
            printf("#   %.*s\n", STR_FMT(line));
}

static void run_case(const char *name, bool good)
{
    char path[1024];
    struct buf bytes, want, said, again;
    buf_init(&bytes, FILE_MAX);
    buf_init(&want, FILE_MAX);
    buf_init(&said, FILE_MAX);
    buf_init(&again, FILE_MAX);
    snprintf(path, sizeof path, "%s/%s", folder, name);
    bool ok = read_file(path, &bytes);
    expected(buf_str(&bytes), &want);
    bool compiled = compile(buf_str(&bytes), name, &said);
    bool same = str_eq(buf_str(&want), buf_str(&said)) && compiled == good;
    result(ok && same, name, compiled == good ? NULL : compiled ? "compiled" : "did not compile");
    if (!same) {
        print_lines("expected", &want);
        print_lines("found", &said);
    }
    bool markdown = str_ends(str_of(name), STR(".md"));
    bool only_md = strstr(bytes.p ? bytes.p : "", "# only as Markdown") != NULL;
    if (markdown && !only_md) {
        snprintf(path, sizeof path, "%s as .xlsx", name);
        ok = as_xlsx(buf_str(&bytes), name, &again);
        same = ok && str_eq(buf_str(&said), buf_str(&again));
        result(same, path, NULL);
        if (!same)
            print_lines("found", &again);
    }
    buf_done(&bytes);
    buf_done(&want);
    buf_done(&said);
    buf_done(&again);
}

static int form_files(const struct dirent *d)
{
    return str_ends(str_of(d->d_name), STR(".md")) || str_ends(str_of(d->d_name), STR(".xlsx"));
}

static void run_folder(const char *name, bool good)
{
    struct dirent **files;
    folder = name;
    int n = scandir(name, &files, form_files, alphasort);
    if (n < 0)
        result(false, name, "no such folder");
    for (int i = 0; i < n; i++) {
        run_case(files[i]->d_name, good);
        free(files[i]);
    }
    if (n >= 0)
        free(files);
}

static bool is_produced(struct str id)
{
    for (size_t i = 0; i < n_produced; i++)
        if (str_is(id, produced[i]))
            return true;
    return false;
}

static void cover(const char *path)
{
    struct buf bytes;
    buf_init(&bytes, FILE_MAX);
    if (!read_file(path, &bytes))
        result(false, path, "cannot be read");
    struct str text = buf_str(&bytes), line;
    bool ours = false;
    while (str_split(&text, '\n', &line)) {
        if (str_starts(line, STR("/* --")))
            ours = str_is(line, "/* -- readers -- */") || str_is(line, "/* -- the form -- */");
        if (!ours || !str_starts(line, STR("ERR(")))
            continue;
        struct str id = str_sub(line, 4, str_find(line, ',', 0) - 4);
        char name[128];
        snprintf(name, sizeof name, "%.*s has a case", STR_FMT(id));
        if (!is_produced(id))
            result(false, name, NULL);
    }
    result(true, "the errors were gone through", NULL);
    buf_done(&bytes);
}

/* forms ROOT [--unit ID]… [--cover errors.def] */
int main(int argc, char **argv)
{
    char good[1024], bad[1024];
    if (argc < 2)
        return 2;
    snprintf(good, sizeof good, "%s/good", argv[1]);
    snprintf(bad, sizeof bad, "%s/bad", argv[1]);
    run_folder(good, true);
    run_folder(bad, false);
    for (int i = 2; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--unit") == 0)
            note_produced(argv[i + 1]);
        if (strcmp(argv[i], "--cover") == 0)
            cover(argv[i + 1]);
    }
    printf("1..%d\n", cases);
    return failures > 0;
}
