/* Form scripts; see script.h. A script has its own clock and random source, so that it says the same on
 * every machine, and its zone is the offset that its clock shows. */
#include "forms/run/script_i.h"

#define START_MS     ((int64_t)1767225600000) /* 2026-01-01T00:00Z, shown as 08:00+08:00 */
#define START_OFFSET 480

/* ---- the script's world ---- */

static struct instant script_now(void *ctx)
{
    return ((struct script *)ctx)->now;
}

static int32_t script_offset(void *ctx, int64_t ms, bool local)
{
    (void)ms;
    (void)local;
    return ((struct script *)ctx)->now.offset_min;
}

/* splitmix64 */
static void script_random(void *ctx, void *out, size_t n)
{
    struct script *s = ctx;
    unsigned char *p = out;
    for (size_t i = 0; i < n; i++) {
        uint64_t x = s->random += UINT64_C(0x9e3779b97f4a7c15);
        x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
        x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
        p[i] = (unsigned char)(x >> 56);
    }
}

static bool script_file(void *ctx, struct str name, struct buf *out, struct err *e)
{
    const struct host *h = ((struct script *)ctx)->run->host;
    char tmp[ERR_ARG_MAX];
    return h->file ? h->file(h->ctx, name, out, e)
                   : err_fail1(e, ERR_FILE_MISSING, err_arg(tmp, name));
}

static bool script_verify(void *ctx, const uint8_t sig[64], struct str message,
                          const uint8_t key[32])
{
    const struct host *h = ((struct script *)ctx)->run->host;
    return h->verify_ed25519 && h->verify_ed25519(h->ctx, sig, message, key);
}

static bool script_property(void *ctx, struct str name, struct buf *out)
{
    const struct host *h = ((struct script *)ctx)->run->host;
    return h->property && h->property(h->ctx, name, out);
}

static bool script_last_saved(void *ctx, struct str path, struct buf *out)
{
    const struct host *h = ((struct script *)ctx)->run->host;
    return h->last_saved && h->last_saved(h->ctx, path, out);
}

static void make_id(struct script *s)
{
    unsigned char b[16];
    script_random(s, b, sizeof b);
    b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
    static const char hex[] = "0123456789abcdef";
    char *p = s->id_text;
    memcpy(p, "uuid:", 5);
    p += 5;
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *p++ = '-';
        *p++ = hex[b[i] >> 4];
        *p++ = hex[b[i] & 15];
    }
    s->id = (struct str){s->id_text, (size_t)(p - s->id_text)};
}

void script_watch(struct script *s)
{
    struct changes ignored;
    struct err e = {0};
    if (!s->run->coverage)
        return;
    coverage_watch(s->run->coverage, s->iv);
    /* What was evaluated before anyone watched, once more. */
    if (!interview_recalculate(s->iv, &ignored, &e))
        err_clear(&e); /* the step that follows meets the fault again */
}

static bool start(struct script *s)
{
    if (s->iv)
        return true;
    if (!interview_new(&s->iv, s->run->form, &s->host, s->fatal))
        return false;
    script_watch(s);
    return true;
}

/* ---- running ---- */

static const struct step {
    const char *word;
    bool (*run)(struct script *s);
    size_t least, most;
    const char *usage;
} steps[] = {
#define STEP(word, function, least, most, usage, means) {word, step_##function, least, most, usage},
#include "forms/run/steps.def"
#undef STEP
};

static const struct step *find_step(struct str name)
{
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
        if (str_is(name, steps[i].word))
            return &steps[i];
    return NULL;
}

/* An expression that could not be run in this step is a failure of its own. */
static bool no_fault(struct script *s)
{
    struct err e = {0};
    return !s->iv || interview_fault(s->iv, &e) ||
           script_fail_err(s, "every expression to run", &e);
}

static bool run_step(struct script *s, struct str line, bool *ret_ok)
{
    *ret_ok = false;
    if (!script_words(line, &s->scratch, &s->words)) {
        script_fail(s, STR("quotes that end"), line);
        return true;
    }
    const struct step *step = find_step(word(s, 0));
    if (!step) {
        script_fail(s, STR("a step"), word(s, 0));
        return true;
    }
    size_t given = s->words.n - 1;
    if (given < step->least || given > step->most) {
        script_fail(s, str_of(step->usage), line);
        return true;
    }
    if (step->run != step_now && !start(s))
        return false;
    *ret_ok = step->run(s);
    *ret_ok = no_fault(s) && *ret_ok;
    return true;
}

static bool run_lines(struct script *s, struct str text)
{
    struct str line;
    while (str_split(&text, '\n', &line)) {
        s->line++;
        line = str_trim(line);
        if (line.n == 0 || line.p[0] == '#')
            continue;
        bool ok;
        arena_reset(&s->scratch);
        if (!run_step(s, line, &ok))
            return false;
        s->result.passed += ok;
        s->result.failed += !ok;
    }
    return start(s);
}

bool script_run(const struct script_run *run, struct str text, const char *name,
                struct script_result *ret, struct err *e)
{
    struct script s = {.run = run, .name = name, .random = 1, .fatal = e};
    s.now = (struct instant){START_MS, START_OFFSET};
    s.host = (struct host){.now = script_now,
                           .offset = script_offset,
                           .random = script_random,
                           .file = script_file,
                           .verify_ed25519 = script_verify,
                           .property = script_property,
                           .last_saved = script_last_saved};
    s.host.ctx = &s;
    arena_init(&s.scratch);
    make_id(&s);
    size_t bom = str_starts(text, STR("\xEF\xBB\xBF")) ? 3 : 0;
    bool ok = run_lines(&s, str_from(text, bom));
    interview_free(s.iv);
    arena_done(&s.scratch);
    if (ok)
        *ret = s.result;
    return ok;
}
