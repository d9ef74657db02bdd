/* Quotas; see quota.h. A mark is 8 bytes of the hash of the cells, then a bit a cell. */
#include "app/flow/quota.h"

#include <string.h>

#include "app/flow/host.h"
#include "app/flow/idmap.h"
#include "app/flow/record.h"
#include "app/flow/survey_i.h"
#include "forms/base/num.h"
#include "forms/read/lists.h"

#define HASH_BYTES       8
#define MARK_BYTES       (HASH_BYTES + QUOTA_CELLS_MAX / 8)
#define OUTCOME_COMPLETE 1

static size_t cells(const struct survey *sv)
{
    return sv->config.n_quotas < QUOTA_CELLS_MAX ? sv->config.n_quotas : QUOTA_CELLS_MAX;
}

/* What the counting depends on; a new name or target changes no mark. */
static void hash_of(const struct survey *sv, uint8_t ret[HASH_BYTES])
{
    struct buf b;
    buf_init(&b, CONFIG_TEXT_MAX);
    for (size_t i = 0; i < cells(sv); i++) {
        const struct config_quota *q = &sv->config.quotas[i];
        buf_printf(&b, "%.*s\t%.*s\n", STR_FMT(q->form_id), STR_FMT(q->condition));
    }
    struct hash32 h = crypt_hash(buf_str(&b));
    memcpy(ret, h.b, HASH_BYTES);
    buf_done(&b);
}

/* ---- conditions ---- */

/* As a relevant expression is true or false. */
static bool compile(const struct form *f, const struct config_quota *q, struct arena *a,
                    const struct expr **ret, struct err *e)
{
    struct buf text;
    struct expr *x = NULL;
    struct err why = {0};
    char name[ERR_ARG_MAX], arg[ERR_ARG_MAX];
    buf_init(&text, LIMIT_EXPR_BYTES);
    buf_printf(&text, "(%.*s) and true()", STR_FMT(q->condition));
    bool ok = q->condition.n == 0 || form_expr(&x, f, arena_str(a, buf_str(&text)), 0, a, &why);
    if (!ok) {
        buf_clear(&text);
        err_text(&why, NULL, &text);
        err_fail2(e, ERR_QUOTA_CONDITION, err_arg(name, q->name), err_arg(arg, buf_str(&text)));
    }
    buf_done(&text);
    if (ok)
        *ret = x;
    return ok;
}

static bool conditions(struct survey *sv, struct loaded *l, struct err *e)
{
    if (l->quota)
        return true;
    const struct expr **v = ARENA_ARRAY(&l->files, const struct expr *, cells(sv) + 1);
    for (size_t i = 0; i < cells(sv); i++) {
        const struct config_quota *q = &sv->config.quotas[i];
        if (str_eq(q->form_id, l->form->id) && !compile(l->form, q, &l->files, &v[i], e))
            return false;
    }
    l->quota = v;
    return true;
}

static bool holds(struct interview *iv, const struct expr *x, bool *ret, struct err *e)
{
    struct value v;
    struct str text;
    if (!x) {
        *ret = true;
        return true;
    }
    if (!interview_eval(iv, x, NULL, &v, &text, e))
        return false;
    *ret = v.kind == VAL_BOOLEAN && v.u.boolean;
    return true;
}

bool quota_mark(struct survey *sv, const struct hash32 *form, struct interview *iv, struct buf *out,
                struct err *e)
{
    uint8_t mark[MARK_BYTES] = {0};
    int outcome = interview_outcome(iv);
    bool complete = outcome == OUTCOME_COMPLETE || outcome == 0;
    size_t n = cells(sv);
    if (n == 0)
        return true;
    struct loaded *l = survey_load(sv, form, e);
    if (!l || !conditions(sv, l, e))
        return false;
    hash_of(sv, mark);
    for (size_t i = 0; complete && i < n; i++) {
        bool in = false;
        if (!str_eq(sv->config.quotas[i].form_id, l->form->id))
            continue;
        if (!holds(iv, l->quota[i], &in, e))
            return false;
        if (in)
            mark[HASH_BYTES + i / 8] |= (uint8_t)(1u << i % 8);
    }
    buf_add(out, mark, HASH_BYTES + (n + 7) / 8);
    return true;
}

/* ---- counting ---- */

struct quota_tally {
    struct survey *sv;
    uint8_t hash[HASH_BYTES];
    struct idmap seen; /* the interviews that are counted */
    uint64_t n[];      /* by cell */
};

struct quota_tally *quota_tally_new(struct survey *sv)
{
    struct quota_tally *t = mem_alloc(sizeof *t + sv->config.n_quotas * sizeof *t->n);
    t->sv = sv;
    hash_of(sv, t->hash);
    return t;
}

void quota_tally_free(struct quota_tally *t)
{
    if (t)
        idmap_done(&t->seen);
    mem_free(t);
}

const uint64_t *quota_tally(const struct quota_tally *t)
{
    return t->n;
}

static bool is_current(const struct quota_tally *t, struct str mark)
{
    struct str hash = {(const char *)t->hash, HASH_BYTES};
    return mark.n == HASH_BYTES + (cells(t->sv) + 7) / 8 && str_starts(mark, hash);
}

/* Where the laptop had erased what is personal before it sent the record, the rest counts. */
static bool load_record(struct survey *sv, const struct revision *rev, struct record *rec,
                        struct err *why)
{
    if (record_load(sv->store, rev, true, rec, why))
        return true;
    if (!err_is(why, &ERR_PART_MISSING))
        return false;
    err_clear(why);
    return record_load(sv->store, rev, false, rec, why);
}

/* Out of the record itself; one that cannot be read counts nowhere. */
static bool open_record(struct survey *sv, const struct revision *rev, struct buf *mark)
{
    struct record rec;
    struct host host;
    struct interview *iv = NULL;
    const struct form *form;
    struct err why = {0};
    uint32_t lost;
    record_init(&rec);
    host_real(&host);
    bool ok = survey_form(sv, &rev->form, &form, &why) && load_record(sv, rev, &rec, &why) &&
              interview_read(&iv, form, &host, buf_str(&rec.xml), false, &lost, &why);
    if (ok) {
        interview_set_outcome(iv, rev->outcome);
        ok = quota_mark(sv, &rev->form, iv, mark, &why);
    }
    interview_free(iv);
    record_wipe(&rec);
    return ok;
}

/* What a note does not say is found once. */
static struct str found_mark(struct quota_tally *t, const struct revision *r)
{
    struct survey *sv = t->sv;
    struct id16 key;
    struct buf mark;
    memcpy(key.b, r->rev_id.b, sizeof key.b);
    uint32_t *no = idmap_at(&sv->marked, &key);
    if (*no && is_current(t, sv->marks[*no - 1]))
        return sv->marks[*no - 1];
    if (*no == 0) {
        sv->marks = mem_grow(sv->marks, sv->n_marks, &sv->cap_marks, sizeof *sv->marks);
        *no = (uint32_t)++sv->n_marks;
    }
    buf_init(&mark, MARK_BYTES);
    if (!open_record(sv, r, &mark)) {
        buf_clear(&mark);
        buf_add(&mark, t->hash, HASH_BYTES);
        for (size_t i = 0; i < (cells(sv) + 7) / 8; i++)
            buf_add_u8(&mark, 0);
    }
    struct str kept = arena_str(&sv->arena, buf_str(&mark));
    sv->marks[*no - 1] = kept;
    buf_done(&mark);
    return kept;
}

void quota_tally_add(struct quota_tally *t, const struct revision *r, enum revision_state state,
                     struct str mark)
{
    size_t n = cells(t->sv);
    if (n == 0 || state == REVISION_ERASED)
        return;
    uint32_t *seen = idmap_at(&t->seen, &r->uuid);
    if (*seen)
        return;
    *seen = 1;
    if (!is_current(t, mark))
        mark = found_mark(t, r);
    for (size_t i = 0; i < n; i++)
        t->n[i] += (unsigned)(uint8_t)mark.p[HASH_BYTES + i / 8] >> i % 8 & 1u;
}

bool quota_full(const struct config_quota *q, uint64_t n)
{
    return n >= q->target;
}

/* ---- the office's file ---- */

enum quota_column { COL_NAME, COL_FORM_ID, COL_TARGET, COL_KIND, COL_CONDITION, COLS };

static const char *const column_names[COLS] = {"name", "form_id", "target", "kind", "condition"};

static bool row_fault(uint32_t row, const char *why, struct err *e)
{
    char n[ERR_ARG_MAX];
    return err_fail2(e, ERR_QUOTA_ROW, err_num(n, (int64_t)row + 2), why);
}

static bool read_kind(struct str s, enum quota_kind *ret)
{
    static const char *const names[] = {"min", "max", "warn"};
    *ret = QUOTA_WARN;
    for (int k = QUOTA_MIN; k <= QUOTA_WARN; k++)
        if (str_is(s, names[k])) {
            *ret = (enum quota_kind)k;
            return true;
        }
    return s.n == 0;
}

static bool read_row(const struct str v[COLS], uint32_t row, struct config_quota *q, struct err *e)
{
    *q = (struct config_quota){
        .name = v[COL_NAME], .form_id = v[COL_FORM_ID], .condition = v[COL_CONDITION]};
    if (q->name.n == 0 || q->form_id.n == 0)
        return row_fault(row, "name and form_id must not be blank", e);
    if (!num_parse_uint(v[COL_TARGET], &q->target) || q->target == 0)
        return row_fault(row, "the target is a whole number from 1", e);
    if (!read_kind(v[COL_KIND], &q->kind))
        return row_fault(row, "the kind is min, max or warn", e);
    for (int c = 0; c < COLS; c++)
        for (size_t i = 0; i < v[c].n; i++)
            if ((unsigned char)v[c].p[i] < 0x20)
                return row_fault(row, "a value has a line break or a tab", e);
    return true;
}

bool quota_read(struct str csv, struct config_quota **ret, size_t *ret_n, struct arena *a,
                struct err *e)
{
    struct table t;
    uint32_t at[COLS];
    if (!lists_csv(&t, arena_str(a, csv), a, e))
        return false;
    for (int k = 0; k < COLS; k++) {
        at[k] = UINT32_MAX;
        for (uint32_t c = 0; c < t.columns; c++)
            if (str_is(t.names[c], column_names[k]))
                at[k] = c;
        if (at[k] == UINT32_MAX && k != COL_KIND && k != COL_CONDITION)
            return err_fail1(e, ERR_QUOTA_COLUMN, column_names[k]);
    }
    if (t.rows > QUOTA_CELLS_MAX)
        return err_fail2(e, ERR_LIMIT, "The list of quotas", "512 cells");
    struct config_quota *v = ARENA_ARRAY(a, struct config_quota, t.rows);
    for (uint32_t r = 0; r < t.rows; r++) {
        struct str value[COLS];
        for (int k = 0; k < COLS; k++)
            value[k] = at[k] == UINT32_MAX ? STR("") : str_trim(t.cells[at[k]][r]);
        if (!read_row(value, r, &v[r], e))
            return false;
    }
    *ret = v;
    *ret_n = t.rows;
    return true;
}

bool quota_check(struct survey *sv, const struct config_quota *v, size_t n, struct err *e)
{
    for (size_t i = 0; i < n; i++) {
        struct hash32 hash;
        const struct form *form;
        const struct expr *x;
        struct arena a;
        arena_init(&a);
        bool ok = survey_form_named(sv, v[i].form_id, &hash, e) &&
                  survey_form(sv, &hash, &form, e) && compile(form, &v[i], &a, &x, e);
        if (ok && !str_eq(form->id, v[i].form_id)) /* a title or file name would count nothing */
            ok = row_fault((uint32_t)i, "the form_id is no form's id", e);
        arena_done(&a);
        if (!ok)
            return false;
    }
    return true;
}
