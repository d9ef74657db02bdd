/* The screens against their goals: home over a store of 100,000 records, the interview on a form of
 * 10,000 questions. CPU time from a key to the finished canvas, without the terminal and without
 * waiting for the disk. Prints one line a work; exit 1 when a goal is missed. Bytes to a terminal are
 * measured in tests/pty. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sync/crypt/crypt.h"
#include "tests/support/ui_case.h"

#define QUESTIONS   10000
#define SAMPLES_MAX 2000
#define RECORDS     100000
#define PASSPHRASE  "lima kata yang dikenal"

static double samples[SAMPLES_MAX];
static size_t n_samples;
static int missed;

static double cpu_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void line(const char *work, double median_goal, double p99_goal)
{
    double median, p99;
    bool met;

    qsort(samples, n_samples, sizeof *samples, by_size);
    median = samples[n_samples / 2];
    p99 = samples[n_samples * 99 / 100];
    met = median <= median_goal && p99 <= p99_goal;
    missed += !met;
    printf("%-44s median %8.1f us (goal %5.0f)  p99 %8.1f us (goal %5.0f)  %s\n", work, median,
           median_goal, p99, p99_goal, met ? "met" : "MISSED");
    n_samples = 0;
}

static void figure(const char *work, double measured, double goal, const char *unit)
{
    bool met = measured <= goal;

    missed += !met;
    printf("%-44s        %8.1f %-3s (goal %5.0f)  %s\n", work, measured, unit, goal,
           met ? "met" : "MISSED");
}

static void press(struct ui_case *c, const char *key)
{
    double from = cpu_us();

    if (!ui_case_keys(c, str_of(key)))
        abort();
    if (n_samples < SAMPLES_MAX)
        samples[n_samples++] = cpu_us() - from;
}

static bool write_form(const char *path)
{
    FILE *f = fopen(path, "w");

    if (!f)
        return false;
    fprintf(f, "| survey |\n| | type | name | label | relevant |\n");
    for (int i = 0; i < QUESTIONS; i++) {
        if (i % 100 == 0)
            fprintf(f, "%s| | begin_group | g%d | Section %d | |\n", i ? "| | end_group |\n" : "",
                    i, i / 100);
        if (i % 10 == 9)
            fprintf(f, "| | text | q%d | Question number %d about the household | |\n", i, i);
        else
            fprintf(f, "| | select_one yn | q%d | Question number %d about the household | %s |\n",
                    i, i, i % 50 == 5 ? "true()" : "");
    }
    fprintf(f, "| | end_group |\n| choices |\n| | list_name | name | label |\n| | yn | 1 | Yes |\n"
               "| | yn | 2 | No |\n");
    return fclose(f) == 0;
}

static void full_redraw(struct ui_case *c, const char *work, int rows, int cols, double goal)
{
    ui_resize(&c->ui, rows, cols);
    for (int i = 0; i < 200; i++) {
        double from = cpu_us();

        ui_draw(&c->ui);
        samples[n_samples++] = cpu_us() - from;
    }
    line(work, goal, 4 * goal);
}

static void measure(struct ui_case *c)
{
    if (!ui_case_keys(c, STR("n Enter \"11111\" Ctrl-End \"1\"")))
        abort();
    press(c, "Ctrl-Home");
    n_samples = 0;
    for (int i = 0; i < 300; i++) /* every tenth is a text: Enter passes it */
        press(c, i % 10 == 9 ? "Enter" : "\"1\"");
    line("take a choice and go on", 1000, 2000);
    for (int i = 0; i < 200; i++)
        press(c, i % 2 ? "Up" : "Down");
    line("move the cursor in a list", 1000, 2000);
    for (int i = 0; i < 200; i++)
        press(c, "PgUp");
    line("back a question", 1000, 2000);
    if (!ui_case_keys(c, STR("Ctrl-G \"q109 \" Enter")))
        abort();
    n_samples = 0;
    for (int i = 0; i < 400; i++)
        press(c, i % 40 == 39 ? "Ctrl-W" : "\"a\"");
    line("type a character", 1000, 2000);
    for (int i = 0; i < 50; i++) {
        press(c, "F2");
        if (!ui_case_keys(c, STR("Esc")))
            abort();
    }
    line("open the table of contents", 20000, 40000);
    if (!ui_case_keys(c, STR("F2 \"n\"")))
        abort();
    for (int i = 0; i < 100; i++)
        press(c, i % 2 ? "Backspace" : "\"u\"");
    line("search 10,000 questions, a key", 1000, 2000);
    if (!ui_case_keys(c, STR("Esc")))
        abort();
    full_redraw(c, "full redraw 80x24", 24, 80, 400);
    full_redraw(c, "full redraw 200x60", 60, 200, 1500);
}

/* ---- home ---- */

static bool add_record(struct store *s, uint32_t i, struct err *e)
{
    static char bytes[1000];
    struct revision r = {.device = {{2}}, .form = {{3}}, .outcome = 1};
    struct part part = {.bytes = {bytes, sizeof bytes}};
    char name[64];
    struct summary sum = {.form_id = STR("small"),
                          .title = STR("Survei Dampak Smart Living"),
                          .outcome = 1,
                          .changed_ms = 1767225600000 + (int64_t)i * 60000,
                          .answered = i % 80};
    struct buf note;
    bool fresh, ok;

    snprintf(name, sizeof name, "Responden %u, RT %u Mabu'un", i, i % 40);
    sum.name = str_of(name);
    buf_init(&note, 4096);
    crypt_random(r.uuid.b, sizeof r.uuid.b);
    r.c1 = part_commitment(part.salt, 1, part.bytes);
    r.rev_id = revision_id(&r, &store_identity(s)->survey);
    ok = summary_pack(&sum, &note) &&
         store_revision_put(s, &r, &part, NULL, REVISION_HELD, buf_str(&note), &fresh, e);
    buf_done(&note);
    return ok;
}

/* In a process of its own, whose memory goes with it. */
static void fill(struct ui_case *c)
{
    struct secret *passphrase = secret_copy(PASSPHRASE, sizeof PASSPHRASE - 1);
    struct store *s = NULL;
    struct err e = {0};
    int status = 0;
    pid_t child = fork();

    if (child == 0) {
        bool ok = store_open(&s, c->path, passphrase, &e) && store_begin(s, &e);

        for (uint32_t i = 0; ok && i < RECORDS; i++)
            ok = add_record(s, i, &e);
        ok = ok && store_commit(s, &e);
        store_close(s);
        _exit(ok ? 0 : 1);
    }
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0) {
        fprintf(stderr, "the store cannot be filled\n");
        exit(EXIT_FAILURE);
    }
    secret_free(passphrase);
}

static double key_derivation_us(void)
{
    struct secret *passphrase = secret_copy(PASSPHRASE, sizeof PASSPHRASE - 1), *key;
    uint8_t salt[16] = {0};
    struct err e = {0};
    double from = cpu_us();

    if (!crypt_passphrase(passphrase, salt, kdf_cost_calibrated(), &key, &e))
        abort();
    secret_free(key);
    secret_free(passphrase);
    return cpu_us() - from;
}

static double resident_mib(void)
{
    long all, resident = 0;
    FILE *f = fopen("/proc/self/statm", "r");

    if (!f || fscanf(f, "%ld %ld", &all, &resident) != 2)
        abort();
    fclose(f);
    return (double)resident * (double)sysconf(_SC_PAGESIZE) / (1 << 20);
}

/* A key and its drawing, without what goes on while nobody types. */
static void key_alone(struct ui_case *c, uint32_t code)
{
    double from = cpu_us();

    ui_key(&c->ui, (struct key){.code = code});
    ui_draw(&c->ui);
    samples[n_samples++] = cpu_us() - from;
}

static void measure_home(void)
{
    static const char typed[] = "responden 4242, rt";
    struct ui_case c;
    struct err e = {0};
    double from, kdf = key_derivation_us(), all;
    char path[128];
    FILE *f;

    ui_case_setup(&c);
    snprintf(path, sizeof path, "%s/small.md", c.folder);
    f = fopen(path, "w");
    if (!f || fputs("| survey |\n| | type | name | label |\n| | text | q | Q |\n", f) < 0 ||
        fclose(f) != 0 || !ui_case_form(&c, path, &e))
        abort();
    fill(&c);
    ui_case_start(&c, 24, 80, "id");
    if (!ui_case_keys(&c, STR("\"" PASSPHRASE "\"")))
        abort();
    from = cpu_us();
    ui_key(&c.ui, (struct key){.code = K_ENTER});
    ui_draw(&c.ui);
    (void)ui_work(&c.ui); /* unlocks */
    ui_draw(&c.ui);
    figure("100,000 records: from the key to home", (cpu_us() - from - kdf) / 1000, 150, "ms");
    figure("  resident", resident_mib(), 40, "MiB");
    key_alone(&c, '5');
    for (from = all = cpu_us(); ui_work(&c.ui); from = cpu_us()) {
        ui_draw(&c.ui);
        samples[n_samples++] = cpu_us() - from;
    }
    all = cpu_us() - all;
    line("  a piece of reading the rest, drawn", 30000, 60000);
    printf("  the rest took %.0f ms of processor time\n", all / 1000);
    figure("  resident, all of them read", resident_mib(), 40, "MiB");
    for (int i = 0; i < 200; i++)
        key_alone(&c, i % 2 ? K_UP : K_PGDN);
    line("  move the cursor in them", 1000, 4000);
    key_alone(&c, '/');
    for (size_t i = 0; typed[i]; i++)
        key_alone(&c, (uint32_t)typed[i]);
    line("  a key of a search, nothing folded before", 10000, 40000);
    while (ui_work(&c.ui))
        ui_draw(&c.ui);
    for (int i = 0; i < 100; i++)
        key_alone(&c, i % 2 ? K_BACKSPACE : '1');
    line("  a key of a search in all of them", 10000, 40000);
    figure("  resident", resident_mib(), 40, "MiB");
    ui_case_teardown(&c);
}

int main(void)
{
    struct ui_case c;
    struct err e = {0};
    struct rusage use;
    char path[128];

    setlocale(LC_ALL, "C.UTF-8");
    if (!crypt_start(&e))
        return EXIT_FAILURE;
    measure_home();
    ui_case_setup(&c);
    snprintf(path, sizeof path, "%s/flat.md", c.folder);
    if (!write_form(path) || !ui_case_form(&c, path, &e)) {
        fprintf(stderr, "the form cannot be made\n");
        return EXIT_FAILURE;
    }
    ui_case_open(&c, 24, 80, "id");
    measure(&c);
    getrusage(RUSAGE_SELF, &use);
    printf("largest resident memory %ld MiB\n", use.ru_maxrss / 1024);
    ui_case_teardown(&c);
    return missed ? EXIT_FAILURE : EXIT_SUCCESS;
}
