/* Simulated interviews against their goals: bench-simulate [FORM [PROFILE [N]]]. N interviews (100,000, of the
 * governance form with the practice profile) through the engine to their XML, and what they take of memory: it must not grow with N.
 * Prints one line a work: what, the figure measured, the goal, the verdict. Exit 1 when one is missed. */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "app/flow/host.h"
#include "app/flow/simulate.h"
#include "forms/base/num.h"
#include "sync/io/io.h"

#define EACH_SECOND 5000.0

static struct host_dir folder;

static double now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static long peak_kib(void)
{
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    return r.ru_maxrss;
}

static int fail(const struct err *e)
{
    struct buf b;
    buf_init(&b, 65536);
    err_text(e, NULL, &b);
    fprintf(stderr, "bench-simulate: %.*s\n", STR_FMT(buf_str(&b)));
    buf_done(&b);
    return 3;
}

static bool load(const char *path, struct form **ret, struct err *e)
{
    struct host host;
    struct diags d;
    struct buf b;
    const char *name = strrchr(path, '/');
    buf_init(&b, LIMIT_FORM_FILE);
    diags_init(&d);
    bool ok = host_dir(&folder, path, &host, e) && io_read_file(path, LIMIT_FORM_FILE, &b, e) &&
              form_compile(ret, buf_str(&b), name ? name + 1 : path, &host, &d, e);
    if (!ok && !e->kind && d.n)
        *e = d.v[0].err;
    diags_done(&d);
    buf_done(&b);
    return ok;
}

static bool load_profile(const char *path, struct sim_profile *p, struct err *e)
{
    struct buf b;
    buf_init(&b, 1 << 20);
    bool ok = io_read_file(path, 1 << 20, &b, e) && sim_profile_read(p, buf_str(&b), e);
    buf_done(&b);
    return ok;
}

/* n interviews to XML; *ret_bytes of it. */
static bool run(const struct form *f, const struct sim_profile *p, uint32_t n, uint64_t *ret_bytes,
                uint64_t *ret_answers, struct err *e)
{
    struct sim *s;
    struct sim_held h;
    struct buf xml;
    if (!sim_new(&s, f, p, 1, NULL, e))
        return false;
    buf_init(&xml, LIMIT_RECORD_BYTES);
    bool ok = true;
    for (uint32_t i = 0; ok && i < n; i++) {
        struct str none = {NULL, 0};
        buf_clear(&xml);
        ok = sim_next(s, &h, e) && interview_xml(h.iv, 0, STR("uuid:x"), none, &xml);
        *ret_bytes += xml.n;
        *ret_answers += ok ? h.answered : 0;
    }
    buf_done(&xml);
    sim_free(s);
    return ok;
}

int main(int argc, char **argv)
{
    struct err e = {0};
    struct form *f = NULL;
    struct sim_profile p;
    uint64_t n = 100000, bytes = 0, answers = 0;
    const char *form = argc > 1 ? argv[1] : "forms/tabalong/governance.md";
    const char *profile = argc > 2 ? argv[2] : argc > 1 ? "" : "forms/tabalong/practice.profile";
    if ((argc > 3 && !num_parse_uint(str_of(argv[3]), &n)) || n == 0 || n > 10000000) {
        fprintf(stderr, "usage: bench-simulate [FORM [PROFILE [N]]]\n");
        return 2;
    }
    sim_profile_init(&p);
    if (!load(form, &f, &e) || (*profile && !load_profile(profile, &p, &e)) ||
        !run(f, &p, 1000, &bytes, &answers, &e)) /* so that all that stays is there */
        return fail(&e);
    long before = peak_kib();
    bytes = answers = 0;
    double start = now_s();
    if (!run(f, &p, (uint32_t)n, &bytes, &answers, &e))
        return fail(&e);
    double each = (double)n / (now_s() - start);
    long grown = peak_kib() - before;
    printf("%-44s %9.0f /s   goal %6.0f /s   %s\n", "interviews held (engine, finalise, XML)", each,
           EACH_SECOND, each >= EACH_SECOND ? "met" : "MISSED");
    printf("%-44s %9ld KiB  goal %6d KiB  %s\n", "memory that grew with their number", grown, 1024,
           grown <= 1024 ? "met" : "MISSED");
    printf("%-44s %9.1f      %.0f bytes of XML each\n", "answers each", (double)answers / (double)n,
           (double)bytes / (double)n);
    sim_profile_done(&p);
    form_free(f);
    return each >= EACH_SECOND && grown <= 1024 ? 0 : 1;
}
