/* The screens against their goals, on a form of 10,000 questions: CPU time from a key to the
 * finished canvas, without the terminal and without waiting for the disk. Prints one line a
 * work; exit 1 when a goal is missed. Bytes to a terminal are measured in tests/pty. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "sync/crypt/crypt.h"
#include "tests/support/ui_case.h"

#define QUESTIONS   10000
#define SAMPLES_MAX 2000

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

int main(void)
{
    struct ui_case c;
    struct err e = {0};
    struct rusage use;
    char path[128];

    setlocale(LC_ALL, "C.UTF-8");
    if (!crypt_start(&e))
        return EXIT_FAILURE;
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
