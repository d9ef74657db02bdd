/* cacah office kit: a laptop's kit, and its invite code. */
#include "app/cmd/cmd.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "app/cmd/keep.h"
#include "app/flow/host.h"
#include "app/tr.h"
#include "forms/base/num.h"
#include "sync/bundle/kit.h"
#include "sync/io/io.h"

static bool code_language(const struct call *c, enum words_lang *ret, struct err *e)
{
    const char *lang = c->given[OPT_words] ? c->value[OPT_words] : "id";
    *ret = strcmp(lang, "en") == 0 ? WORDS_EN : WORDS_ID;
    return strcmp(lang, "en") == 0 || strcmp(lang, "id") == 0 ? true
                                                              : err_fail1(e, ERR_WORDS_LANG, lang);
}

static bool give_code(const struct call *c, const char *kit, struct buf *code, struct err *e)
{
    buf_add_c(code, '\n');
    if (!c->given[OPT_code_to]) {
        printf(_("%s: tell this code by voice, never with the kit:\n\n    %s\n"), kit, code->p);
        return true;
    }
    printf("%s\n", kit);
    return io_write_file(c->value[OPT_code_to], 0600, buf_str(code), e);
}

/* A setting of the survey: it goes with this kit, and with the next receipts to the other laptops. */
static bool set_grace(const struct call *c, struct store *s, struct err *e)
{
    struct arena a;
    struct config config;
    uint64_t days;
    if (!c->given[OPT_grace_days])
        return true;
    struct str value = str_of(c->value[OPT_grace_days]);
    if (!num_parse_uint(value, &days) || days > 3650)
        return err_fail3(e, ERR_SIM_NUMBER, c->value[OPT_grace_days], "grace-days", "0 to 3650");
    arena_init(&a);
    bool ok = kit_config(s, &config, &a, e);
    if (ok && !str_eq(config_setting(&config, "grace-days"), value)) {
        config_setting_put(&config, "grace-days", value, &a);
        ok = office_config_set(s, &config, e);
    }
    arena_done(&a);
    return ok;
}

int cmd_office_kit(const struct call *c)
{
    struct err e = {0};
    struct survey *sv = NULL;
    struct id16 kit;
    struct buf code;
    struct stat st;
    struct kit_new k = {.label = str_of(c->given[OPT_label] ? c->value[OPT_label] : ""),
                        .weak_laptops = c->given[OPT_weak_laptops],
                        .now_ms = host_now().ms};
    const char *to = c->given[OPT_output] ? c->value[OPT_output] : "laptop.kit";
    buf_init(&code, 1024);
    bool ok = code_language(c, &k.lang, &e);
    if (ok && !c->given[OPT_force] && stat(to, &st) == 0)
        ok = err_fail1(&e, ERR_EXISTS, to);
    ok = ok && keep_survey_kind(c, KEEP_OFFICE, &sv, &e) && set_grace(c, survey_store(sv), &e) &&
         kit_write(survey_store(sv), to, &k, &code, &kit, &e) && give_code(c, to, &code, &e);
    buf_wipe_done(&code);
    survey_close(sv);
    return ok ? cmd_end(0) : cmd_fail(&e);
}
