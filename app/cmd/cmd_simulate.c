/* cacah simulate FORM -n N --seed S: simulated interviews in a practice store. */
#include "app/cmd/cmd.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "app/cmd/form_pack.h"
#include "app/cmd/keep.h"
#include "app/flow/practice.h"
#include "app/tr.h"
#include "forms/base/num.h"
#include "sync/io/io.h"

#define COUNT_STANDARD 50
#define COUNT_MAX      1000000
#define PROFILE_MAX    ((size_t)1 << 20)

struct job {
    uint64_t count, seed;
    struct arena arena;
    struct sim_profile profile;
    char path[KEEP_PATH_MAX];
    struct secret *passphrase;
    bool is_file; /* FORM is one */
    struct form_files files;
};

static bool number(const struct call *c, enum option o, const char *name, uint64_t most,
                   const char *range, uint64_t *ret, struct err *e)
{
    uint64_t n;
    if (!c->given[o])
        return true;
    if (!num_parse_uint(str_of(c->value[o]), &n) || n > most)
        return err_fail3(e, ERR_SIM_NUMBER, c->value[o], name, range);
    *ret = n;
    return true;
}

static bool read_profile(const struct call *c, struct job *j, struct err *e)
{
    struct buf b;
    if (!c->given[OPT_profile])
        return true;
    buf_init(&b, PROFILE_MAX);
    bool ok = io_read_file(c->value[OPT_profile], PROFILE_MAX, &b, e) &&
              sim_profile_read(&j->profile, buf_str(&b), e);
    buf_done(&b);
    return ok;
}

static bool prepare(const struct call *c, struct job *j, struct err *e)
{
    struct stat st;
    if (!number(c, OPT_count, "count", COUNT_MAX, "0 to 1000000", &j->count, e) ||
        !number(c, OPT_seed, "seed", UINT64_MAX, "a whole number", &j->seed, e) ||
        !read_profile(c, j, e) || !keep_path(c, KEEP_PRACTICE, true, j->path, e))
        return false;
    j->is_file = stat(c->args[0], &st) == 0 && S_ISREG(st.st_mode);
    if (j->is_file && !form_pack_file(c->args[0], &j->arena, &j->files, NULL, e))
        return false;
    if (c->given[OPT_passphrase_file])
        return keep_passphrase(c, &j->passphrase, e);
    j->passphrase = secret_copy(PRACTICE_PASSPHRASE, sizeof PRACTICE_PASSPHRASE - 1);
    return true;
}

/* A practice store of this one form, when there is none. */
static bool make_store(struct job *j, struct err *e)
{
    struct stat st;
    if (stat(j->path, &st) == 0)
        return true;
    if (!j->is_file)
        return err_fail1(e, ERR_STORE_MISSING, j->path);
    struct practice_new n = {.path = j->path,
                             .forms = &j->files,
                             .n_forms = 1,
                             .passphrase = j->passphrase,
                             .title = STR("Latihan"),
                             .user = STR("Latihan"),
                             .seed = j->seed};
    return practice_make(&n, e);
}

/* The form in the store, put there when it is not. */
static bool find_form(const struct call *c, const struct job *j, struct survey *sv,
                      struct hash32 *ret, struct err *e)
{
    if (!j->is_file)
        return survey_form_named(sv, str_of(c->args[0]), ret, e);
    if (!store_identity(survey_store(sv))->practice)
        return err_fail1(e, ERR_SIM_REAL, j->path);
    return store_form_put(survey_store(sv), &j->files, ret, e);
}

static void say_strangers(const struct form *f, const struct job *j)
{
    struct sim *s;
    struct err e = {0};
    struct str name;
    if (!sim_new(&s, f, &j->profile, j->seed, NULL, &e))
        return; /* sim_store says why */
    for (size_t i = 0; (name = sim_stranger(s, i)).p; i++)
        cmd_note(_("the profile names no question of this form: %.*s"), STR_FMT(name));
    sim_free(s);
}

static void say_done(const struct job *j, const struct sim_stored *done)
{
    printf(_("%u interviews, %llu answers: %s\n"), done->records, (unsigned long long)done->answers,
           j->path);
    for (int code = 0; code < 256; code++)
        if (done->outcomes[code])
            printf(_("outcome %d: %u\n"), code, done->outcomes[code]);
}

static bool simulate(const struct call *c, struct job *j, struct err *e)
{
    struct survey *sv = NULL;
    struct hash32 hash;
    const struct form *f;
    struct sim_stored done;
    bool ok = prepare(c, j, e) && make_store(j, e) && survey_open(&sv, j->path, j->passphrase, e) &&
              find_form(c, j, sv, &hash, e) && survey_form(sv, &hash, &f, e);
    if (ok && !c->given[OPT_quiet])
        say_strangers(f, j);
    ok = ok && sim_store(sv, &hash, f, &j->profile, (uint32_t)j->count, j->seed, &done, e);
    if (ok && !c->given[OPT_quiet])
        say_done(j, &done);
    survey_close(sv);
    return ok;
}

int cmd_simulate(const struct call *c)
{
    struct err e = {0};
    struct job *j = mem_alloc(sizeof *j);
    j->count = COUNT_STANDARD;
    j->seed = 1;
    arena_init(&j->arena);
    sim_profile_init(&j->profile);
    bool ok = simulate(c, j, &e);
    secret_free(j->passphrase);
    sim_profile_done(&j->profile);
    arena_done(&j->arena);
    mem_free(j);
    return ok ? cmd_end(0) : cmd_fail(&e);
}
