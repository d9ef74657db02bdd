/* Preferences; see prefs.h. */
#include "app/cmd/prefs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "app/tr.h"

#define PREFS_BYTES ((size_t)64 << 10)
#define PATH_BYTES  4096
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

static bool path_of(char ret[PATH_BYTES])
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    int n = 0;
    if (config && config[0] == '/')
        n = snprintf(ret, PATH_BYTES, "%s/cacah/config", config);
    else if (home && home[0] == '/')
        n = snprintf(ret, PATH_BYTES, "%s/.config/cacah/config", home);
    return n > 0 && n < PATH_BYTES;
}

bool prefs_read(struct prefs *ret, struct buf *warnings, struct err *e)
{
    char path[PATH_BYTES], block[4096];
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
