/* The form engine against its goals: bench-forms [WORDS]. The forms are those of gen_forms.py, made here so
 * that nothing else is needed; WORDS: only the works whose line has them. Prints one line a work: what, the
 * median measured, the goal, the verdict. Opening is measured in the process's own time, so that a busy
 * machine doesn't count; answering by the clock, whose reading costs less than the work. Exit 1 when a goal
 * is missed. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "forms/base/mem.h"
#include "forms/read/sheet.h"
#include "forms/run/interview.h"
#include "tests/support/fixed_host.h"

#define TEXT_MAX    ((size_t)64 << 20)
#define SAMPLES_MAX 20000

static struct fixed_host host;
static int missed;
static const char *wanted = ""; /* of the works */

/* ---- measuring ---- */

static double now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

/* Of this process alone. */
static double own_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static bool is_wanted(const char *work)
{
    return strstr(work, wanted);
}

static double samples[SAMPLES_MAX];
static size_t n_samples;

static void sample(double us)
{
    if (n_samples < SAMPLES_MAX)
        samples[n_samples++] = us;
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(void)
{
    qsort(samples, n_samples, sizeof *samples, by_size);
    double m = n_samples ? samples[n_samples / 2] : 0;
    n_samples = 0;
    return m;
}

static void line(const char *work, double measured, double goal, const char *unit)
{
    bool met = measured <= goal;
    missed += !met;
    printf("%-58s %9.2f %-3s  goal %6.0f %-3s  %s\n", work, measured, unit, goal, unit,
           met ? "met" : "MISSED");
    fflush(stdout);
}

static void must(bool ok, const char *what, const struct err *e)
{
    if (ok)
        return;
    fprintf(stderr, "bench-forms: %s: %s %s\n", what, e->kind ? e->kind->id : "", e->arg[0]);
    exit(EXIT_FAILURE);
}

/* ---- the forms (as in gen_forms.py) ---- */

static void flat(struct buf *b, int n)
{
    buf_add_z(b, "| survey |\n| | type | name | label | relevant | calculation |\n");
    int before = 0;
    for (int i = 1; i <= n; i++) {
        if (i % 10 == 0) {
            buf_printf(b, "| | calculate | q%d | | | coalesce(${q%d}, 0)", i, i - 1);
            if (before)
                buf_printf(b, " + ${q%d}", before);
            buf_add_z(b, " |\n");
            before = i;
        } else if (i % 5 == 0) {
            buf_printf(b, "| | integer | q%d | Question number %d | ${q%d} > 0 | |\n", i, i, i - 1);
        } else {
            buf_printf(b, "| | integer | q%d | Question number %d | | |\n", i, i);
        }
    }
}

static void repeat(struct buf *b)
{
    buf_add_z(b, "| survey |\n| | type | name | label | relevant | calculation |\n"
                 "| | begin repeat | r | Member | | |\n");
    for (int i = 1; i <= 9; i++)
        buf_printf(b, "| | %s | m%d | Member question %d | %s | |\n", i == 9 ? "text" : "integer",
                   i, i, i == 5 ? "${m1} > 0" : "");
    buf_add_z(b, "| | calculate | m10 | | | ${m1} + ${m2} |\n| | end repeat | | | | |\n"
                 "| | calculate | total | | | sum(${m10}) |\n");
}

static const char *const levels[] = {"province", "regency", "district", "village"};

static void cascade(struct buf *b, int total)
{
    int n[4] = {40, total * 52 / 10000, total * 728 / 10000, 0};
    n[3] = total - n[0] - n[1] - n[2];
    buf_add_z(b, "| survey |\n| | type | name | label | choice_filter |\n");
    for (int a = 0; a < 4; a++) {
        buf_printf(b, "| | select_one %s | %s | %s | ", levels[a], levels[a], levels[a]);
        if (a)
            buf_printf(b, "%s = ${%s}", levels[a - 1], levels[a - 1]);
        buf_add_z(b, " |\n");
    }
    buf_add_z(b, "| choices |\n| | list_name | name | label | province | regency | district |\n");
    for (int a = 0; a < 4; a++)
        for (int i = 0; i < n[a]; i++) {
            buf_printf(b, "| | %s | %c%d | %s number %d |", levels[a], levels[a][0], i, levels[a],
                       i);
            for (int k = 0; k < 3; k++) {
                if (k == a - 1)
                    buf_printf(b, " %c%d", levels[k][0], i % n[k]);
                buf_add_z(b, " |");
            }
            buf_add_c(b, '\n');
        }
}

static struct form *compile(struct str text, const char *name)
{
    struct diags diags;
    struct err e = {0};
    struct form *f = NULL;
    diags_init(&diags);
    must(form_compile(&f, text, name, &host.host, &diags, &e), name,
         diags.n ? &diags.v[0].err : &e);
    diags_done(&diags);
    return f;
}

static struct interview *start(const struct form *f)
{
    struct interview *iv;
    struct err e = {0};
    must(interview_new(&iv, f, &host.host, &e), "interview_new", &e);
    return iv;
}

static struct place at(const struct form *f, const char *path)
{
    struct place p;
    struct err e = {0};
    must(place_parse(f, str_of(path), &p), path, &e);
    return p;
}

static void set(struct interview *iv, const struct place *p, const char *value)
{
    struct changes ch;
    struct err e = {0};
    must(interview_set(iv, p, str_of(value), &ch, &e), "interview_set", &e);
}

/* ---- opening ---- */

static long peak_kib(void)
{
    FILE *f = fopen("/proc/self/status", "r");
    char row[256];
    long kib = 0;
    while (f && fgets(row, sizeof row, f))
        if (strncmp(row, "VmHWM:", 6) == 0)
            kib = strtol(row + 6, NULL, 10);
    if (f)
        fclose(f);
    return kib;
}

/* In a process of its own, so that the peak is this form's alone: above what the process and the file's
 * bytes need. */
static double open_mib(struct str text, const char *name)
{
    int ends[2];
    if (pipe(ends) != 0)
        return 0;
    fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        long before = peak_kib();
        struct form *f = compile(text, name);
        struct interview *iv = start(f);
        long used = peak_kib() - before;
        interview_free(iv);
        form_free(f);
        _exit(write(ends[1], &used, sizeof used) == sizeof used ? 0 : 1);
    }
    long used = 0;
    close(ends[1]);
    if (read(ends[0], &used, sizeof used) != sizeof used)
        used = 0;
    close(ends[0]);
    waitpid(child, NULL, 0);
    return (double)used / 1024;
}

static void bench_open(const char *what, struct str text, const char *name, double goal_ms,
                       double goal_mib)
{
    char work[100];
    snprintf(work, sizeof work, "open %s", what);
    if (!is_wanted(work))
        return;
    int rounds = goal_ms > 100 ? 7 : 15;
    for (int i = 0; i < rounds; i++) {
        double t = own_ms();
        struct form *f = compile(text, name);
        struct interview *iv = start(f);
        sample(own_ms() - t);
        interview_free(iv);
        form_free(f);
    }
    line(work, median(), goal_ms, "ms");
    snprintf(work, sizeof work, "open %s, memory at its peak", what);
    if (goal_mib > 0)
        line(work, open_mib(text, name), goal_mib, "MiB");
}

/* The same form as a workbook, through the product's own writer. */
static void bench_xlsx(struct str text)
{
    struct book book;
    struct buf out;
    struct arena a;
    struct diags diags;
    struct err e = {0};
    buf_init(&out, TEXT_MAX);
    arena_init(&a);
    diags_init(&diags);
    must(book_read(&book, text, "flat_1000.md", &a, &diags, &e), "book_read", &e);
    must(book_write(&book, "flat_1000.xlsx", &out, &e), "book_write", &e);
    bench_open("flat_1000 from .xlsx", buf_str(&out), "flat_1000.xlsx", 15, 0);
    diags_done(&diags);
    arena_done(&a);
    buf_done(&out);
}

/* ---- answering ---- */

static void bench_set(const char *work, const struct form *f, const char *path, int rounds,
                      double goal_us)
{
    if (!is_wanted(work))
        return;
    struct interview *iv = start(f);
    struct place p = at(f, path);
    for (int i = 0; i < rounds; i++) {
        double t = now_us();
        set(iv, &p, i % 2 ? "17" : "5");
        sample(now_us() - t);
    }
    line(work, median(), goal_us, "us");
    interview_free(iv);
}

static void bench_repeat(void)
{
    struct buf b;
    buf_init(&b, TEXT_MAX);
    repeat(&b);
    struct form *f = compile(buf_str(&b), "repeat.md");
    struct interview *iv = start(f);
    struct place whole = at(f, "r"), made;
    struct changes ch;
    struct err e = {0};
    for (int i = 1; i < 10000; i++) {
        double t = now_us();
        must(interview_add(iv, &whole, &made, &ch, &e), "interview_add", &e);
        double us = now_us() - t;
        if (i < 1000 || i >= 9000)
            sample(us);
        if (i == 999)
            line("add an instance, up to 1,000 of them", median(), 20, "us");
        if (i != 999)
            continue;
        for (int k = 0; k < 1000; k++) {
            made.def = at(f, "m1").def;
            made.index[0] = (uint32_t)k;
            set(iv, &made, "3");
            made.def = at(f, "m2").def;
            set(iv, &made, "4");
        }
        made.index[0] = 500;
        for (int k = 0; k < 2000; k++) {
            double t2 = now_us();
            set(iv, &made, k % 2 ? "8" : "9");
            sample(now_us() - t2);
        }
        line("set in one of 1,000 instances, with the sum outside", median(), 30, "us");
    }
    line("add an instance, from 9,000 to 10,000 of them", median(), 20, "us");
    interview_free(iv);
    form_free(f);
    buf_done(&b);
}

/* Each listing is the first of its district, with the answers above it set anew. */
static void bench_cascade(const struct form *f)
{
    struct interview *iv = start(f);
    struct place province = at(f, "province"), regency = at(f, "regency");
    struct place district = at(f, "district"), village = at(f, "village");
    struct choices c;
    struct err e = {0};
    char name[32];
    size_t listed = 0;
    for (int i = 0; i < 500; i++) {
        snprintf(name, sizeof name, "p%d", i % 520 % 40);
        set(iv, &province, name);
        snprintf(name, sizeof name, "r%d", i % 520);
        set(iv, &regency, name);
        snprintf(name, sizeof name, "d%d", i);
        set(iv, &district, name);
        double t = now_us();
        must(interview_choices(iv, &village, &c, &e), "interview_choices", &e);
        sample(now_us() - t);
        listed = c.n;
    }
    char work[100];
    snprintf(work, sizeof work, "list the %zu children in 100,000 choices, the first time", listed);
    line(work, median(), 5, "us");
    interview_free(iv);
}

int main(int argc, char **argv)
{
    struct buf small, large, wide;
    if (argc > 1)
        wanted = argv[1];
    fixed_host_init(&host, 1);
    buf_init(&small, TEXT_MAX);
    buf_init(&large, TEXT_MAX);
    buf_init(&wide, TEXT_MAX);
    flat(&small, 1000);
    flat(&large, 10000);
    cascade(&wide, 100000);
    bench_open("flat_1000 from .md", buf_str(&small), "flat_1000.md", 5, 0);
    bench_xlsx(buf_str(&small));
    bench_open("flat_10000 from .md", buf_str(&large), "flat_10000.md", 50, 32);
    bench_open("cascade_100000 from .md", buf_str(&wide), "cascade_100000.md", 150, 64);
    struct form *f1 = compile(buf_str(&small), "flat_1000.md");
    struct form *f10 = compile(buf_str(&large), "flat_10000.md");
    struct form *fc = compile(buf_str(&wide), "cascade_100000.md");
    bench_set("set an answer, chain of 100 calculations", f1, "q9", 5000, 20);
    bench_set("set an answer, chain of 1,000 calculations", f10, "q9", 1000, 250);
    bench_set("set an answer nothing depends on, 1,000 questions", f1, "q1", 10000, 1);
    bench_set("set an answer nothing depends on, 10,000 questions", f10, "q1", 10000, 1);
    if (is_wanted("add an instance, set in one of 1,000"))
        bench_repeat();
    if (is_wanted("list the children"))
        bench_cascade(fc);
    form_free(f1);
    form_free(f10);
    form_free(fc);
    buf_done(&small);
    buf_done(&large);
    buf_done(&wide);
    return missed ? EXIT_FAILURE : EXIT_SUCCESS;
}
