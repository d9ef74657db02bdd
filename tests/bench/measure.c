/* See measure.h. */
#include "tests/bench/measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

int missed;

static double clock_s(clockid_t which)
{
    struct timespec t;
    clock_gettime(which, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

double now_s(void)
{
    return clock_s(CLOCK_MONOTONIC);
}

double cpu_s(void)
{
    return clock_s(CLOCK_PROCESS_CPUTIME_ID);
}

double resident_mib(void)
{
    FILE *f = fopen("/proc/self/statm", "r");
    long all = 0, resident = 0;
    if (f) {
        if (fscanf(f, "%ld %ld", &all, &resident) != 2)
            resident = 0;
        fclose(f);
    }
    return (double)resident * (double)sysconf(_SC_PAGESIZE) / (1 << 20);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double median(double *v, size_t n)
{
    qsort(v, n, sizeof *v, by_size);
    return v[n / 2];
}

void line(const char *work, double measured, double goal, const char *unit, bool at_least)
{
    bool met = at_least ? measured >= goal : measured <= goal;
    missed += !met;
    printf("%-58s %9.2f %-4s goal %6.1f %-4s %s\n", work, measured, unit, goal, unit,
           met ? "met" : "MISSED");
    fflush(stdout);
}

void told(const char *work, double measured, const char *unit)
{
    printf("%-58s %9.2f %s\n", work, measured, unit);
    fflush(stdout);
}
