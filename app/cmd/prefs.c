/* Preferences; see prefs.h. */
#include "app/cmd/prefs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "app/tr.h"

#define PREFS_BYTES ((size_t)64 << 10)
#define KEY_PREFIX  "key."

static bool set_language(struct prefs *p, struct str value)
{
    if (str_is(value, "id"))
        p->language = "id";
    else if (str_is(value, "en"))
        p->language = "en";
    else
        return false;
    return true;
}

static bool set_switch(bool *ret, const char *name, struct str value, struct err *e)
{
    if (!str_is(value, "yes") && !str_is(value, "no"))
        return err_fail2(e, ERR_PREF_VALUE, name, "yes, no");
    *ret = str_is(value, "yes");
    return true;
}

/* "~/" is the home folder, as a shell has it. */
static bool set_ssh_key(struct prefs *p, struct str value)
{
    const char *home = getenv("HOME");
    bool in_home = str_starts(value, STR("~/"));
    if (value.n == 0 || (in_home && !home))
        return false;
    struct str rest = in_home ? str_from(value, 1) : value;
    int n = snprintf(p->ssh_key, sizeof p->ssh_key, "%s%.*s", in_home ? home : "", STR_FMT(rest));
    bool fits = n > 0 && n < (int)sizeof p->ssh_key;
    if (!fits)
        p->ssh_key[0] = '\0';
    return fits;
}

/* sha256// and 32 bytes in base64. */
static bool set_pin(struct prefs *p, struct str value)
{
    static const char base64[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    bool ok = value.n == 8 + 44 && str_starts(value, STR("sha256//")) && value.p[51] == '=';
    for (size_t i = 8; ok && i < 51; i++)
        ok = value.p[i] && strchr(base64, value.p[i]);
    if (ok)
        snprintf(p->pin, sizeof p->pin, "%.*s", STR_FMT(value));
    return ok;
}

static bool set_pref(struct prefs *p, struct str key, struct str value, struct err *e)
{
    char tmp[ERR_ARG_MAX];
    if (str_starts(key, STR(KEY_PREFIX)))
        return keymap_set(&p->keys, str_from(key, sizeof KEY_PREFIX - 1), value, e);
    if (str_is(key, "language"))
        return set_language(p, value) ? true : err_fail2(e, ERR_PREF_VALUE, "language", "id, en");
    if (str_is(key, "colours"))
        return set_switch(&p->colours, "colours", value, e);
    if (str_is(key, "mouse"))
        return set_switch(&p->mouse, "mouse", value, e);
    if (str_is(key, "ssh-key"))
        return set_ssh_key(p, value) || err_fail2(e, ERR_PREF_VALUE, "ssh-key", "/…, ~/…");
    if (str_is(key, "pin"))
        return set_pin(p, value) || err_fail2(e, ERR_PREF_VALUE, "pin", "sha256//BASE64");
    return err_fail1(e, ERR_PREF_UNKNOWN, err_arg(tmp, key));
}

static void parse_line(struct prefs *p, struct str line, struct err *e)
{
    char tmp[ERR_ARG_MAX];
    line = str_trim(line);
    if (line.n == 0 || line.p[0] == '#')
        return;
    size_t equals = str_find(line, '=', 0);
    bool ok = equals < line.n ? set_pref(p, str_trim(str_sub(line, 0, equals)),
                                         str_trim(str_from(line, equals + 1)), e)
                              : err_fail1(e, ERR_PREF_LINE, err_arg(tmp, line));
    (void)ok; /* the error says so */
}

void prefs_parse(struct prefs *ret, struct str text, const char *name, struct buf *warnings)
{
    struct str line;
    *ret = (struct prefs){.colours = true, .mouse = true};
    keymap_init(&ret->keys);
    for (unsigned n = 1; str_split(&text, '\n', &line); n++) {
        struct err e = {0};
        parse_line(ret, line, &e);
        if (!e.kind)
            continue;
        buf_printf(warnings, "%s:%u: ", name, n);
        err_text(&e, tr, warnings);
        if (e.kind->hint)
            buf_printf(warnings, " %s", _(e.kind->hint));
        buf_add_c(warnings, '\n');
    }
}

const char *prefs_said(const char *text)
{
    return text[0] ? text : NULL;
}

static bool path_of(char ret[PREFS_PATH_MAX])
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    int n = 0;
    if (config && config[0] == '/')
        n = snprintf(ret, PREFS_PATH_MAX, "%s/cacah/config", config);
    else if (home && home[0] == '/')
        n = snprintf(ret, PREFS_PATH_MAX, "%s/.config/cacah/config", home);
    return n > 0 && n < PREFS_PATH_MAX;
}

bool prefs_read(struct prefs *ret, struct buf *warnings, struct err *e)
{
    char path[PREFS_PATH_MAX], block[4096];
    size_t n;
    bool named = path_of(path);
    FILE *f = named ? fopen(path, "re") : NULL;
    if (named && !f && errno != ENOENT && errno != ENOTDIR)
        return err_fail_sys(e, ERR_PREFS_FILE, path);
    struct buf text;
    buf_init(&text, PREFS_BYTES);
    while (f && text.n < PREFS_BYTES && (n = fread(block, 1, sizeof block, f)) > 0)
        buf_add(&text, block, n < PREFS_BYTES - text.n ? n : PREFS_BYTES - text.n);
    bool ok = !f || !ferror(f) ? true : err_fail_sys(e, ERR_PREFS_FILE, path);
    if (f)
        fclose(f);
    if (ok)
        prefs_parse(ret, buf_str(&text), path, warnings);
    buf_done(&text);
    return ok;
}
