/* What the benches measure with and how they say it: a line a work, beside its goal or alone. */
#ifndef TESTS_BENCH_MEASURE_H
#define TESTS_BENCH_MEASURE_H

#include <stdbool.h>
#include <stddef.h>

extern int missed; /* goals, so far */

double now_s(void);                 /* the steady clock */
double cpu_s(void);                 /* this process's processor time, of all threads */
double resident_mib(void);          /* now */
double median(double *v, size_t n); /* sorts */

void line(const char *work, double measured, double goal, const char *unit, bool at_least);
void told(const char *work, double measured, const char *unit);

#endif
