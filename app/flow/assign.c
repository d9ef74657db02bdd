/* Assignments; see assign.h. */
#include "app/flow/assign.h"

#include <stdlib.h>

#include "app/flow/host.h"
#include "forms/base/date.h"
#include "forms/read/lists.h"

#define ID_MAX 100 /* it must fit a summary */

enum assign_column {
    COL_ID,
    COL_FORM_ID,
    COL_TO,
    COL_LABEL,
    COL_VILLAGE,
    COL_APPOINTMENT,
    COL_NOTE,
    COLS
};

static const char *const column_names[COLS] = {
    "id", "form_id", "to", "label", "village", "appointment", "note",
};

/* ---- the file ---- */

static enum assign_column column_of(struct str name)
{
    for (int i = 0; i < COLS; i++)
        if (str_is(name, column_names[i]))
            return (enum assign_column)i;
    return COLS;
}

static struct str *field_of(struct assignment *a, enum assign_column c)
{
    switch (c) {
    case COL_ID: return &a->id;
    case COL_FORM_ID: return &a->form_id;
    case COL_TO: return &a->to;
    case COL_LABEL: return &a->label;
    case COL_VILLAGE: return &a->village;
    case COL_APPOINTMENT: return &a->appointment;
    case COL_NOTE: return &a->note;
    case COLS: break;
    }
    return NULL;
}

static bool row_fault(uint32_t row, const char *why, struct err *e)
{
    char n[ERR_ARG_MAX];
    return err_fail2(e, ERR_ASSIGN_ROW, err_num(n, (int64_t)row + 2), why);
}

static bool is_plain(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] < 0x20)
            return false;
    return s.n <= ID_MAX;
}

static int by_id(const void *x, const void *y)
{
    const struct assignment *const *a = x, *const *b = y;
    return str_cmp((*a)->id, (*b)->id);
}

static bool check(const struct assignments *a, struct err *e)
{
    const struct assignment **sorted = mem_calloc(a->n + 1, sizeof *sorted);
    bool ok = true;
    for (size_t i = 0; ok && i < a->n; i++) {
        const struct assignment *v = &a->v[i];
        sorted[i] = v;
        if (v->id.n == 0 || v->form_id.n == 0)
            ok = row_fault((uint32_t)i, "id and form_id must not be blank", e);
        else if (!is_plain(v->id))
            ok = row_fault((uint32_t)i, "the id is longer than 100 bytes or has line breaks", e);
    }
    if (ok && a->n)
        qsort(sorted, a->n, sizeof *sorted, by_id);
    for (size_t i = 1; ok && i < a->n; i++)
        if (str_eq(sorted[i - 1]->id, sorted[i]->id))
            ok = row_fault((uint32_t)(sorted[i] - a->v), "the id is another row's too", e);
    mem_free(sorted);
    return ok;
}

static void fill(struct assignment *a, const struct table *t, const enum assign_column *cols,
                 uint32_t row)
{
    a->id = a->form_id = a->to = a->label = STR("");
    a->village = a->appointment = a->note = STR("");
    for (uint32_t c = 0; c < t->columns; c++) {
        struct str value = str_trim(t->cells[c][row]);
        if (cols[c] != COLS)
            *field_of(a, cols[c]) = value;
        else if (value.n)
            a->prefill[a->n_prefill++] = (struct prefill){t->names[c], value};
    }
}

bool assignments_read(struct assignments *ret, struct str csv, struct err *e)
{
    struct table t;
    bool has[COLS + 1] = {false};
    *ret = (struct assignments){0};
    arena_init(&ret->texts);
    csv = arena_str(&ret->texts, csv);
    if (!lists_csv(&t, csv, &ret->texts, e))
        return false;
    enum assign_column *cols = ARENA_ARRAY(&ret->texts, enum assign_column, t.columns);
    for (uint32_t c = 0; c < t.columns; c++) {
        cols[c] = column_of(t.names[c]);
        has[cols[c]] = true;
    }
    for (int c = COL_ID; c <= COL_FORM_ID; c++)
        if (!has[c])
            return err_fail1(e, ERR_ASSIGN_COLUMN, column_names[c]);
    ret->v = ARENA_ARRAY(&ret->texts, struct assignment, t.rows);
    ret->n = t.rows;
    for (uint32_t r = 0; r < t.rows; r++) {
        ret->v[r].prefill = ARENA_ARRAY(&ret->texts, struct prefill, t.columns);
        fill(&ret->v[r], &t, cols, r);
    }
    return check(ret, e);
}

void assignments_done(struct assignments *a)
{
    mem_free(a->corrections);
    if (a->texts.last)
        arena_wipe(&a->texts);
    arena_done(&a->texts);
    *a = (struct assignments){0};
}

/* ---- one laptop's ---- */

static bool is_for(const struct assignment *a, struct str label)
{
    return a->to.n == 0 || str_eq_nocase(a->to, label);
}

static void add_cell(struct str s, struct buf *out)
{
    buf_add_c(out, '"');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"')
            buf_add_c(out, '"');
        buf_add_c(out, s.p[i]);
    }
    buf_add_c(out, '"');
}

static void add_row(const struct table *t, uint32_t row, struct buf *out)
{
    for (uint32_t c = 0; c < t->columns; c++) {
        if (c)
            buf_add_c(out, ',');
        add_cell(row == UINT32_MAX ? t->names[c] : t->cells[c][row], out);
    }
    buf_add_c(out, '\n');
}

bool assignments_of(struct str csv, struct str label, struct buf *out, struct err *e)
{
    struct assignments all;
    struct table t;
    bool ok = assignments_read(&all, csv, e) && lists_csv(&t, csv, &all.texts, e);
    if (ok)
        add_row(&t, UINT32_MAX, out);
    for (uint32_t r = 0; ok && r < t.rows; r++)
        if (is_for(&all.v[r], label))
            add_row(&t, r, out);
    assignments_done(&all);
    return ok && (!out->full || err_fail2(e, ERR_LIMIT, "The assignments", "16 MiB"));
}

static void keep_mine(struct assignments *a, struct str label)
{
    size_t n = 0;
    for (size_t i = 0; i < a->n; i++)
        if (is_for(&a->v[i], label))
            a->v[n++] = a->v[i];
    a->n = n;
}

/* ---- how far they have come ---- */

static struct assignment *named(const struct assignments *a, struct str id)
{
    for (size_t i = 0; id.n && i < a->n; i++)
        if (str_eq(a->v[i].id, id))
            return &a->v[i];
    return NULL;
}

/* The newest correction of that interview; NULL: none. */
static const struct assignment *corrected(const struct assignments *a, const struct id16 *uuid)
{
    for (size_t i = 0; i < a->n_corrections; i++)
        if (id16_eq(&a->corrections[i].uuid, uuid))
            return &a->corrections[i];
    return NULL;
}

static void take(struct assignments *a, struct assignment *v, const struct assignment *from)
{
    v->state = from->state;
    v->uuid = from->uuid;
    v->rev_id = from->rev_id;
    v->sent = from->sent;
    v->sum = from->sum;
    v->sum.form_id = v->form_id;
    v->sum.title = v->sum.at = v->sum.quota = v->sum.assignment = STR("");
    v->sum.name = arena_str(&a->texts, from->sum.name);
    if (v->sum.appointment_ms)
        v->due_ms = v->sum.appointment_ms;
}

/* A correction's own note names no assignment: the record that it corrects, met later, does. */
static void remember(struct assignments *a, const struct assignment *met)
{
    a->corrections =
        mem_grow(a->corrections, a->n_corrections, &a->cap_corrections, sizeof *a->corrections);
    struct assignment *c = &a->corrections[a->n_corrections++];
    *c = (struct assignment){0};
    take(a, c, met);
}

void assignments_meet(struct assignments *a, const struct revision *r, enum revision_state state,
                      const struct summary *s)
{
    struct assignment met = {.state = ASSIGNED_FINISHED,
                             .uuid = r->uuid,
                             .rev_id = r->rev_id,
                             .sent = state != REVISION_PENDING,
                             .sum = *s};
    if (a->n == 0 || state == REVISION_ERASED)
        return;
    struct assignment *v = named(a, s->assignment);
    if (v && v->state == ASSIGNED_OPEN) {
        const struct assignment *newer = corrected(a, &r->uuid);
        take(a, v, newer ? newer : &met);
    } else if (s->assignment.n == 0 && r->n_parents) {
        remember(a, &met);
    }
}

static bool meet_revision(void *ctx, const struct revision *r, enum revision_state state,
                          struct str summary)
{
    struct summary s;
    struct err ignored = {0};
    if (!summary_unpack(summary, &s, &ignored))
        s = (struct summary){0};
    assignments_meet(ctx, r, state, &s);
    return true;
}

static bool meet_draft(void *ctx, const struct draft *d)
{
    struct assignments *a = ctx;
    bool returned = !hash32_zero(&d->parent);
    struct assignment met = {.state = returned ? ASSIGNED_RETURNED : ASSIGNED_DRAFT,
                             .uuid = d->uuid};
    struct err ignored = {0};
    if (!summary_unpack(d->note, &met.sum, &ignored)) /* its list says so already */
        met.sum = (struct summary){0};
    struct assignment *v = named(a, met.sum.assignment);
    if (v)
        take(a, v, &met);
    else if (returned)
        remember(a, &met);
    return true;
}

/* The office's appointments. */
static void find_due(struct assignments *a)
{
    struct host host;
    struct date due, today;
    struct day_time time;
    host_real(&host);
    today = date_of_utc(host_now().ms, &host, DATE_TIME);
    for (size_t i = 0; i < a->n; i++) {
        struct assignment *v = &a->v[i];
        if (date_parse(v->appointment, &host, &due))
            v->due_ms = due.ms;
        else if (time_parse(v->appointment,
                            &time)) /* a time without a day: whenever it is that time */
            v->due_ms =
                date_of_local(date_local_days(&today) * DAY_MS + time.ms, &host, DATE_TIME).ms;
    }
}

bool assignments_begun(struct assignments *ret, struct survey *sv, struct err *e)
{
    struct store *st = survey_store(sv);
    struct buf csv;
    bool there;
    *ret = (struct assignments){0};
    buf_init(&csv, ASSIGNMENTS_BYTES_MAX);
    bool ok = store_config_get(st, "assignments", &csv, &there, e);
    if (ok && there && csv.n) {
        ok = assignments_read(ret, buf_str(&csv), e);
        if (ok) {
            keep_mine(ret, survey_label(sv));
            find_due(ret);
        }
        ok = ok && store_draft_each(st, meet_draft, ret, e);
    }
    buf_wipe_done(&csv);
    return ok;
}

bool assignments_load(struct assignments *ret, struct survey *sv, struct err *e)
{
    struct store *st = survey_store(sv);
    struct store_counts counts;
    return assignments_begun(ret, sv, e) && store_counts(st, &counts, e) &&
           (ret->n == 0 || store_revision_back(st, &counts.revisions, meet_revision, ret, e));
}

bool assignment_begin(struct session **ret, struct survey *sv, const struct assignment *a,
                      struct err *e)
{
    struct hash32 form;
    return survey_form_named(sv, a->form_id, &form, e) &&
           session_begin_assigned(ret, sv, &form, a->id, a->prefill, a->n_prefill, e);
}
