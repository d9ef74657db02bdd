/* The CSV export against its goals: bench-export [DIR]. Records of 40 columns and 2 KiB, sealed; the floor
 * opens each and copies its values out with a scan for < and >. The two sides take turns. Exit 1 when a
 * goal is missed. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "app/export/csv.h"
#include "app/flow/host.h"
#include "sync/crypt/crypt.h"

#define RECORDS 100000
#define COLUMNS 40
#define ROUNDS  3

static struct err e;

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void must(bool ok, const char *what)
{
    if (ok)
        return;
    fprintf(stderr, "bench-export: %s: %s %s\n", what, e.kind ? e.kind->id : "", e.arg[0]);
    exit(EXIT_FAILURE);
}

/* Texts, codes, whole numbers and decimals in turns, in five groups. */
static struct form *make_form(void)
{
    static const char *const types[] = {"text", "select_one yn", "integer", "decimal"};
    struct buf md;
    struct host host;
    struct diags diags;
    struct form *form;
    buf_init(&md, 1 << 20);
    buf_add_z(&md, "| survey |\n| | type | name | label |\n");
    for (int i = 0; i < COLUMNS; i++) {
        if (i % 8 == 0)
            buf_printf(&md, "| | begin group | group%d | G |\n", i / 8);
        buf_printf(&md, "| | %s | question_%02d | Q |\n", types[i % 4], i);
        if (i % 8 == 7)
            buf_add_z(&md, "| | end group | | |\n");
    }
    buf_add_z(&md, "| choices |\n| | list_name | name | label |\n| | yn | 1 | Ya |\n"
                   "| | yn | 2 | Tidak |\n| settings |\n| | form_title | form_id |\n"
                   "| | Bench | bench |\n");
    host_real(&host);
    diags_init(&diags);
    must(form_compile(&form, buf_str(&md), "bench.md", &host, &diags, &e), "form");
    diags_done(&diags);
    buf_done(&md);
    return form;
}

static void make_record(struct buf *xml)
{
    static const char *const values[] = {"Pulau Ku'u, Tanta", "2", "1234", "-2.5"};
    buf_add_z(xml, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                   "<data xmlns:jr=\"http://openrosa.org/javarosa\" "
                   "xmlns:orx=\"http://openrosa.org/xforms\" id=\"bench\">");
    for (int i = 0; i < COLUMNS; i++) {
        if (i % 8 == 0)
            buf_printf(xml, "<group%d>", i / 8);
        buf_printf(xml, "<question_%02d>%s</question_%02d>", i, values[i % 4], i);
        if (i % 8 == 7)
            buf_printf(xml, "</group%d>", i / 8);
    }
    buf_add_z(xml, "<meta><instanceID>uuid:12345678-9abc-4def-8123-456789abcdef</instanceID>"
                   "</meta></data>\n");
}

static void open_record(const struct secret *key, const struct buf *sealed, struct buf *plain)
{
    buf_clear(plain);
    must(crypt_open(key, buf_str(sealed), STR("row"), plain, &e), "open");
}

static double floor_run(const struct secret *key, const struct buf *sealed)
{
    struct buf plain, out;
    double begin = now_s();
    buf_init(&plain, 1 << 20);
    buf_init(&out, 1 << 20);
    FILE *f = fopen("/dev/null", "w");
    for (int n = 0; f && n < RECORDS; n++) {
        open_record(key, sealed, &plain);
        const char *p = plain.p, *end = p + plain.n;
        while ((p = memchr(p, '>', (size_t)(end - p)))) {
            const char *to = memchr(p, '<', (size_t)(end - p));
            if (!to)
                break;
            if (to > p + 1) {
                buf_add(&out, p + 1, (size_t)(to - p - 1));
                buf_add_c(&out, ',');
            }
            p = to;
        }
        buf_add_c(&out, '\n');
        if (out.n > 1 << 18) {
            fwrite(out.p, 1, out.n, f);
            buf_clear(&out);
        }
    }
    if (f)
        fclose(f);
    buf_done(&plain);
    buf_done(&out);
    return now_s() - begin;
}

static double export_run(const struct form *form, const struct secret *key,
                         const struct buf *sealed, const char *folder)
{
    struct csv_options o = {.folder = folder};
    struct csv_export *x;
    struct buf plain;
    double begin = now_s();
    buf_init(&plain, 1 << 20);
    must(csv_begin(&x, form, &o, &e), "begin");
    for (int n = 0; n < RECORDS; n++) {
        open_record(key, sealed, &plain);
        struct csv_record r = {.xml = buf_str(&plain),
                               .key = STR("uuid:12345678-9abc-4def-8123-456789abcdef"),
                               .code = STR("28T5-CY4T-K"),
                               .device = STR("Laptop 3"),
                               .outcome = 1};
        must(csv_add(x, &r, &e), "add");
    }
    must(csv_end(x, NULL, &e), "end");
    buf_done(&plain);
    return now_s() - begin;
}

int main(int argc, char **argv)
{
    const char *dir = argc > 1 ? argv[1] : ".";
    char folder[300];
    double floor_s = 1e9, export_s = 1e9;
    must(crypt_start(&e), "crypt");
    snprintf(folder, sizeof folder, "%s/bench-export-XXXXXX", dir);
    if (!mkdtemp(folder))
        return EXIT_FAILURE;
    struct form *form = make_form();
    struct secret *key = secret_random(32);
    struct buf xml, sealed;
    buf_init(&xml, 1 << 16);
    buf_init(&sealed, 1 << 16);
    make_record(&xml);
    crypt_seal(key, buf_str(&xml), STR("row"), &sealed);
    for (int i = 0; i < ROUNDS; i++) {
        double f = floor_run(key, &sealed), x = export_run(form, key, &sealed, folder);
        floor_s = f < floor_s ? f : floor_s;
        export_s = x < export_s ? x : export_s;
    }
    double ratio = floor_s / export_s, rate = RECORDS / export_s;
    printf("CSV, %d columns, %zu bytes: a bare scan that decrypts  %9.0f records/s\n", COLUMNS,
           xml.n, RECORDS / floor_s);
    printf(
        "CSV, the export                                       %9.0f records/s  goal 60000  %s\n",
        rate, rate >= 60000 ? "met" : "MISSED");
    printf(
        "CSV, the export against the scan                      %9.2f            goal 0.50   %s\n",
        ratio, ratio >= 0.5 ? "met" : "MISSED");
    snprintf(folder + strlen(folder), sizeof folder - strlen(folder), "/");
    static const char *const names[] = {"bench.csv", "bench-audit.csv", "bench-manifest.json"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char path[400];
        snprintf(path, sizeof path, "%s%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
    buf_done(&xml);
    buf_done(&sealed);
    secret_free(key);
    form_free(form);
    return ratio >= 0.5 && rate >= 60000 ? EXIT_SUCCESS : EXIT_FAILURE;
}
