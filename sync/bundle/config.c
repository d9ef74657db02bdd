/* The survey's config as one canonical text; see config.h.
 *
 *     cacah-config 1
 *     config_seq: 3
 *     survey: HEX32          root: HEX64
 *     recovery-office: HEX64 recovery-paper: HEX64
 *     title: TEXT
 *     recipient: HEX64 LABEL              (any number)
 *     form: HEX64 FILENAME                (any number)
 *     quota: TARGET min|max|warn FORM_ID TAB NAME TAB CONDITION   (any number)
 *     setting: NAME=VALUE                 (any number, ascending)
 *
 * one a line, in this order. */
#include "sync/bundle/config.h"

#include <stdlib.h>

#include "forms/base/num.h"
#include "forms/base/utf8.h"

#define FIRST_LINE "cacah-config 1"

static const char *const quota_names[] = {"min", "max", "warn"};

/* ---- writing ---- */

/* What one line can hold: no control characters. */
static bool is_text(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < 0x20 || s.p[i] == 0x7f)
            return false;
    return true;
}

static bool is_word(struct str s)
{
    return s.n > 0 && is_text(s) && str_find(s, ' ', 0) == s.n;
}

static void line_hex(struct buf *out, const char *key, const void *p, size_t n)
{
    buf_printf(out, "%s: ", key);
    hex_add(out, p, n);
    buf_add_c(out, '\n');
}

static bool write_quota(const struct config_quota *q, struct buf *out)
{
    if (!is_text(q->name) || !is_word(q->form_id) || !is_text(q->condition))
        return false;
    buf_printf(out, "quota: %llu %s %.*s\t%.*s\t%.*s\n", (unsigned long long)q->target,
               quota_names[q->kind], STR_FMT(q->form_id), STR_FMT(q->name), STR_FMT(q->condition));
    return true;
}

static bool write_lists(const struct config *c, struct buf *out)
{
    for (size_t i = 0; i < c->n_recipients; i++) {
        if (!is_text(c->recipients[i].label))
            return false;
        buf_add_z(out, "recipient: ");
        hex_add(out, c->recipients[i].x_pk.b, 32);
        buf_printf(out, " %.*s\n", STR_FMT(c->recipients[i].label));
    }
    for (size_t i = 0; i < c->n_forms; i++) {
        if (!is_text(c->forms[i].name))
            return false;
        buf_add_z(out, "form: ");
        hex_add(out, c->forms[i].hash.b, 32);
        buf_printf(out, " %.*s\n", STR_FMT(c->forms[i].name));
    }
    for (size_t i = 0; i < c->n_quotas; i++)
        if (!write_quota(&c->quotas[i], out))
            return false;
    for (size_t i = 0; i < c->n_settings; i++) {
        const struct config_setting *s = &c->settings[i];
        if (!is_word(s->name) || str_find(s->name, '=', 0) != s->name.n || !is_text(s->value))
            return false;
        buf_printf(out, "setting: %.*s=%.*s\n", STR_FMT(s->name), STR_FMT(s->value));
    }
    return true;
}

bool config_write(const struct config *c, struct buf *out)
{
    if (!is_text(c->title))
        return false;
    buf_printf(out, FIRST_LINE "\nconfig_seq: %llu\n", (unsigned long long)c->seq);
    line_hex(out, "survey", c->survey.b, sizeof c->survey.b);
    line_hex(out, "root", c->root.b, sizeof c->root.b);
    line_hex(out, "recovery-office", c->office_recovery.b, sizeof c->office_recovery.b);
    line_hex(out, "recovery-paper", c->paper_recovery.b, sizeof c->paper_recovery.b);
    buf_printf(out, "title: %.*s\n", STR_FMT(c->title));
    return write_lists(c, out) && !out->full;
}

/* ---- parsing ---- */

struct parser {
    struct str rest, line;
    bool have; /* line is one that nobody has taken */
    int64_t no;
};

static bool peek(struct parser *p)
{
    if (p->have)
        return true;
    size_t n = str_find(p->rest, '\n', 0);
    if (n == p->rest.n)
        return false;
    p->line = str_sub(p->rest, 0, n);
    p->rest = str_from(p->rest, n + 1);
    p->no++;
    return p->have = true;
}

/* Takes the line if it is one of `key`. */
static bool take(struct parser *p, const char *key, struct str *ret)
{
    struct str k = str_of(key);
    if (!peek(p) || !str_starts(p->line, k) || !str_starts(str_from(p->line, k.n), STR(": ")))
        return false;
    *ret = str_from(p->line, k.n + 2);
    p->have = false;
    return true;
}

static bool take_hex(struct parser *p, const char *key, void *ret, size_t n)
{
    struct str v;
    return take(p, key, &v) && hex_get(v, ret, n);
}

/* "HEX64 TEXT" */
static bool hex_and_text(struct str v, uint8_t ret[32], struct str *ret_text)
{
    if (v.n < 65 || v.p[64] != ' ' || !hex_get(str_sub(v, 0, 64), ret, 32))
        return false;
    *ret_text = str_from(v, 65);
    return true;
}

static bool parse_quota(struct str v, struct config_quota *q)
{
    struct str head, target, kind;
    if (!str_split(&v, '\t', &head) || !str_split(&v, '\t', &q->name) ||
        !str_split(&v, '\t', &q->condition) || v.p || !str_word(&head, &target) ||
        !str_word(&head, &kind) || !str_word(&head, &q->form_id) ||
        !num_parse_uint(target, &q->target))
        return false;
    for (int k = QUOTA_MIN; k <= QUOTA_WARN; k++)
        if (str_is(kind, quota_names[k])) {
            q->kind = (enum quota_kind)k;
            return true;
        }
    return false;
}

static bool parse_setting(struct str v, struct config_setting *s)
{
    size_t eq = str_find(v, '=', 0);
    if (eq == v.n)
        return false;
    s->name = str_sub(v, 0, eq);
    s->value = str_from(v, eq + 1);
    return true;
}

/* How many lines of the key follow, for one array. */
static size_t count(const struct parser *p, const char *key)
{
    struct parser look = *p;
    struct str v;
    size_t n = 0;
    while (take(&look, key, &v))
        n++;
    return n;
}

static bool parse_lists(struct parser *p, struct config *c, struct arena *a)
{
    struct str v;
    c->n_recipients = count(p, "recipient");
    c->recipients = ARENA_ARRAY(a, struct config_recipient, c->n_recipients);
    for (size_t i = 0; i < c->n_recipients; i++)
        if (!take(p, "recipient", &v) ||
            !hex_and_text(v, c->recipients[i].x_pk.b, &c->recipients[i].label))
            return false;
    c->n_forms = count(p, "form");
    c->forms = ARENA_ARRAY(a, struct config_form, c->n_forms);
    for (size_t i = 0; i < c->n_forms; i++)
        if (!take(p, "form", &v) || !hex_and_text(v, c->forms[i].hash.b, &c->forms[i].name))
            return false;
    c->n_quotas = count(p, "quota");
    c->quotas = ARENA_ARRAY(a, struct config_quota, c->n_quotas);
    for (size_t i = 0; i < c->n_quotas; i++)
        if (!take(p, "quota", &v) || !parse_quota(v, &c->quotas[i]))
            return false;
    c->n_settings = count(p, "setting");
    c->settings = ARENA_ARRAY(a, struct config_setting, c->n_settings);
    for (size_t i = 0; i < c->n_settings; i++)
        if (!take(p, "setting", &v) || !parse_setting(v, &c->settings[i]) ||
            (i && str_cmp(c->settings[i - 1].name, c->settings[i].name) >= 0))
            return false;
    return true;
}

static bool parse(struct parser *p, struct config *c, struct arena *a)
{
    struct str v;
    if (!peek(p) || !str_is(p->line, FIRST_LINE))
        return false;
    p->have = false;
    return take(p, "config_seq", &v) && num_parse_uint(v, &c->seq) &&
           take_hex(p, "survey", c->survey.b, sizeof c->survey.b) &&
           take_hex(p, "root", c->root.b, sizeof c->root.b) &&
           take_hex(p, "recovery-office", c->office_recovery.b, sizeof c->office_recovery.b) &&
           take_hex(p, "recovery-paper", c->paper_recovery.b, sizeof c->paper_recovery.b) &&
           take(p, "title", &c->title) && parse_lists(p, c, a) && !p->have && p->rest.n == 0;
}

bool config_parse(struct str text, struct config *ret, struct arena *a, struct err *e)
{
    char n[ERR_ARG_MAX];
    struct config c = {0};
    struct parser p = {.rest = text};
    if (text.n > CONFIG_TEXT_MAX)
        return err_fail2(e, ERR_LIMIT, "The configuration", "1 MiB");
    bool ok = utf8_valid(text, NULL) && parse(&p, &c, a);
    if (ok) { /* one byte form, as for the header */
        struct buf again;
        buf_init(&again, CONFIG_TEXT_MAX);
        ok = config_write(&c, &again) && str_eq(buf_str(&again), text);
        buf_done(&again);
    }
    if (!ok)
        return err_fail1(e, ERR_CONFIG, err_num(n, p.no));
    *ret = c;
    return true;
}

/* ---- settings ---- */

struct str config_setting(const struct config *c, const char *name)
{
    for (size_t i = 0; i < c->n_settings; i++)
        if (str_is(c->settings[i].name, name))
            return c->settings[i].value;
    return (struct str){NULL, 0};
}

void config_setting_put(struct config *c, const char *name, struct str value, struct arena *a)
{
    struct config_setting *v = ARENA_ARRAY(a, struct config_setting, c->n_settings + 1);
    size_t n = 0;
    bool done = value.n == 0;
    struct config_setting s = {str_of(arena_strz(a, name)), arena_str(a, value)};
    for (size_t i = 0; i < c->n_settings; i++) {
        int order = str_cmp(c->settings[i].name, s.name);
        if (!done && order >= 0) {
            v[n++] = s;
            done = true;
        }
        if (order != 0)
            v[n++] = c->settings[i];
    }
    if (!done)
        v[n++] = s;
    c->settings = v;
    c->n_settings = n;
}
