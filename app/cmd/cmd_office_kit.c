/* cacah office kit: a laptop's kit, and its invite code. The kit may lie on a server, the code never does. */
#include "app/cmd/cmd.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "app/cmd/far.h"
#include "app/cmd/keep.h"
#include "app/cmd/tasks.h"
#include "app/flow/courier.h"
#include "app/flow/host.h"
#include "app/office/kits.h"
#include "app/tr.h"
#include "forms/base/num.h"
#include "sync/bundle/fact.h"
#include "sync/bundle/kit.h"
#include "sync/io/io.h"

static bool code_language(const struct call *c, enum words_lang *ret, struct err *e)
{
    const char *lang = c->given[OPT_words] ? c->value[OPT_words] : "id";
    *ret = strcmp(lang, "en") == 0 ? WORDS_EN : WORDS_ID;
    return strcmp(lang, "en") == 0 || strcmp(lang, "id") == 0 ? true
                                                              : err_fail1(e, ERR_WORDS_LANG, lang);
}

/* The code, and the survey's words that the enumerator compares. */
static bool give_code(const struct call *c, struct store *s, const char *kit, struct buf *code,
                      struct io_new *to, struct err *e)
{
    struct buf words, b;
    buf_init(&words, 1024);
    buf_init(&b, 3 * KEEP_PATH_MAX + 8192);
    bool ok = kit_survey_words(s, WORDS_ID, &words, e);
    buf_add_c(code, '\n');
    if (ok && c->given[OPT_code_to])
        ok = io_write(to, code->p, code->n, e) && io_finish(to, e);
    if (ok) {
        cmd_add_name(&b, kit);
        if (c->given[OPT_code_to])
            buf_add_c(&b, '\n');
        else
            buf_printf(&b, _(": tell this code by voice, never with the kit:\n\n    %s\n"),
                       code->p);
        buf_printf(&b, _("The survey's words, to be compared by voice: %s\n"), words.p);
        cmd_put(false, buf_str(&b));
    }
    buf_done(&words);
    buf_wipe_done(&b);
    return ok;
}

/* Lists and assignments go by the name. A second kit of it may be meant, for a laptop that was lost. */
static bool warn_label(struct survey *sv, struct str label, struct err *e)
{
    struct buf name;
    bool taken;
    if (!kits_have_label(survey_store(sv), label, &taken, e))
        return false;
    if (!taken)
        return true;
    buf_init(&name, 1024);
    buf_add_str(&name, label);
    cmd_note(
        _("there is a kit for \"%s\" already; assignments and lists go by the name, so two laptops "
          "should not share one"),
        name.p);
    buf_done(&name);
    return true;
}

/* A setting of the whole survey: kits and receipts bring it. */
static bool set(struct survey *sv, const char *name, const char *value, struct err *e)
{
    struct config config;
    struct arena a;
    arena_init(&a);
    bool ok = kit_config(survey_store(sv), &config, &a, e);
    if (ok && !str_eq(config_setting(&config, name), str_of(value))) {
        config_setting_put(&config, name, str_of(value), &a);
        ok = office_config_set(survey_store(sv), &config, e);
    }
    arena_done(&a);
    return ok;
}

static bool set_grace(const struct call *c, struct survey *sv, struct err *e)
{
    uint64_t days;
    const char *value = c->value[OPT_grace_days];
    if (!num_parse_uint(str_of(value), &days) || days > 3650)
        return err_fail3(e, ERR_SIM_NUMBER, value, "grace-days", "0 to 3650");
    return set(sv, "grace", value, e);
}

/* The office keeps the list either way; the kit holds respondents only when it is told to. */
static bool add_tasks(const struct call *c, struct survey *sv, struct str label, struct buf *out,
                      struct err *e)
{
    size_t n;
    if (c->given[OPT_assignments] && !tasks_take(sv, c->value[OPT_assignments], &n, e))
        return false;
    return !c->given[OPT_assignments_in_kit] || tasks_for(survey_store(sv), label, out, e);
}

/* Before anybody types a passphrase. */
static bool has_label(const struct call *c, struct err *e)
{
    const char *label = c->given[OPT_label] ? c->value[OPT_label] : "";
    if (!label[0] || strlen(label) > KIT_LABEL_MAX)
        return err_fail(e, ERR_KIT_LABEL);
    return kit_label_is_plain(str_of(label)) || err_fail(e, ERR_LABEL_TEXT);
}

/* What has no need of the store is said before anybody types a passphrase. */
static bool look_call(const struct call *c, const char *to, struct kit_new *k, struct err *e)
{
    struct stat st;
    if (!has_label(c, e) || !code_language(c, &k->lang, e) ||
        (c->given[OPT_place] && c->value[OPT_place][0] &&
         !courier_place_check(str_of(c->value[OPT_place]), e)))
        return false;
    return transport_is_remote(str_of(to)) || c->given[OPT_force] || stat(to, &st) != 0 ||
           err_fail1(e, ERR_EXISTS, to);
}

static bool set_survey(const struct call *c, struct survey *sv, struct err *e)
{
    return (!c->given[OPT_place] || set(sv, "place", c->value[OPT_place], e)) &&
           (!c->given[OPT_grace_days] || set_grace(c, sv, e));
}

/* Both or neither: a kit whose code nobody has is of no use to anybody, and counts as given out. */
static bool write_both(const struct call *c, struct store *s, const struct kit_new *k,
                       const char *path, const char *shown, struct err *e)
{
    struct io_new file = {.fd = -1};
    struct id16 kit;
    struct buf code;
    if (c->given[OPT_code_to] && !io_create(&file, c->value[OPT_code_to], 0600, e))
        return false;
    buf_init(&code, 1024);
    bool written = kit_write(s, path, k, &code, &kit, e);
    bool ok = written && give_code(c, s, shown, &code, &file, e);
    if (!ok && c->given[OPT_code_to])
        io_abandon(&file);
    if (written && !ok)
        io_remove(path);
    buf_wipe_done(&code);
    return ok;
}

/* The code is given before the kit is on its way: a kit that waits here for a better network has one too. */
static bool make(const struct call *c, struct survey *sv, struct kit_new *k, const char *to,
                 struct err *e)
{
    struct far_kit far = {.t = NULL};
    struct buf tasks;
    bool remote = transport_is_remote(str_of(to));
    buf_init(&tasks, (size_t)16 << 20);
    bool ok = (!remote || far_kit_open(&far, c, to, c->value[OPT_label], survey_store(sv), e)) &&
              add_tasks(c, sv, k->label, &tasks, e);
    k->assignments = buf_str(&tasks);
    ok = ok && warn_label(sv, k->label, e) &&
         write_both(c, survey_store(sv), k, remote ? far.path : to, to, e);
    if (ok && remote && !far_kit_send(&far, e)) {
        cmd_note(_("the kit itself is here: %s"), far.path);
        ok = false;
    }
    far_kit_close(&far);
    buf_wipe_done(&tasks);
    return ok;
}

/* A folder gets the kit under the laptop's name, as a server does. */
static const char *where_to(const struct call *c, char path[KEEP_PATH_MAX])
{
    struct stat st;
    char name[FAR_NAME_MAX + 1];
    const char *to = c->given[OPT_output] ? c->value[OPT_output] : "laptop.kit";
    if (transport_is_remote(str_of(to)) || stat(to, &st) != 0 || !S_ISDIR(st.st_mode) ||
        !c->given[OPT_label])
        return to;
    far_kit_name(c->value[OPT_label], name);
    bool slash = to[0] && to[strlen(to) - 1] == '/';
    int n = snprintf(path, KEEP_PATH_MAX, "%s%s%s", to, slash ? "" : "/", name);
    return n < KEEP_PATH_MAX ? path : to;
}

int cmd_office_kit(const struct call *c)
{
    struct err e = {0};
    struct survey *sv = NULL;
    struct kit_new k = {.label = str_of(c->given[OPT_label] ? c->value[OPT_label] : ""),
                        .weak_laptops = c->given[OPT_weak_laptops],
                        .now_ms = host_now().ms};
    char path[KEEP_PATH_MAX];
    const char *to = where_to(c, path);
    bool ok = look_call(c, to, &k, &e) && keep_survey_kind(c, KEEP_OFFICE, &sv, &e) &&
              set_survey(c, sv, &e) && make(c, sv, &k, to, &e);
    survey_close(sv);
    return ok ? cmd_end(0) : cmd_fail(&e);
}
