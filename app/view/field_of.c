/* From the engine's words to the widgets' words. */
#include "app/view/field_of.h"

#include <string.h>

#include "app/tr.h"
#include "app/view/local.h"
#include "app/view/markup.h"
#include "forms/base/mem.h"
#include "forms/base/num.h"

#define INSTANCE_ANSWERS 3 /* shown on a repeat's row */

static const struct form_node *node_of(const struct interview *iv, const struct place *p)
{
    return &interview_form(iv)->nodes[p->def];
}

struct place place_above(const struct form *f, const struct place *p, uint32_t def)
{
    struct place above = *p;

    above.def = def;
    above.whole = false;
    above.depth = (uint8_t)f->nodes[def].repeat_depth;
    return above;
}

/* ---- choices ---- */

static struct str choice_name(void *ctx, size_t i)
{
    struct field_ctx *c = ctx;

    return interview_choice_name(c->iv, &c->at, c->rows[i]);
}

static void choice_label(void *ctx, size_t i, struct buf *out)
{
    struct field_ctx *c = ctx;
    struct buf raw;

    buf_init(&raw, LIMIT_CELL_BYTES);
    if (interview_choice_label(c->iv, &c->at, c->rows[i], &raw) && raw.n)
        markup_plain(buf_str(&raw), out);
    else
        buf_add_str(out, choice_name(ctx, i));
    buf_done(&raw);
}

static struct str row_name(void *ctx, size_t i)
{
    (void)ctx;
    (void)i;
    return STR("");
}

static struct place instance_at(const struct field_ctx *c, size_t i)
{
    struct place p = c->at;

    p.whole = false;
    p.index[p.depth] = (uint32_t)i;
    p.depth++;
    return p;
}

static void row_label(void *ctx, size_t i, struct buf *out)
{
    struct field_ctx *c = ctx;
    struct place p = instance_at(c, i);

    field_instance(c->iv, &p, out);
}

static void list_files(void *ctx, struct str typed, struct buf *out)
{
    struct field_ctx *c = ctx;

    if (c->ui->start->list_files)
        c->ui->start->list_files(c->ui->start->ctx, typed, out);
}

/* ---- the field ---- */

static enum field_kind kind_of(const struct form_node *n)
{
    switch (n->type) {
    case TYPE_INTEGER: return FIELD_INTEGER;
    case TYPE_DECIMAL: return FIELD_DECIMAL;
    case TYPE_RANGE: return FIELD_RANGE;
    case TYPE_SELECT_ONE: return FIELD_SELECT;
    case TYPE_SELECT_MULTIPLE: return FIELD_MULTIPLE;
    case TYPE_RANK: return FIELD_RANK;
    case TYPE_DATE: return FIELD_DATE;
    case TYPE_TIME: return FIELD_TIME;
    case TYPE_DATETIME: return FIELD_DATETIME;
    case TYPE_GEOPOINT: return FIELD_GEOPOINT;
    case TYPE_GEOTRACE:
    case TYPE_GEOSHAPE: return FIELD_GEOPOINTS;
    case TYPE_FILE: return FIELD_FILE;
    case TYPE_ACKNOWLEDGE: return FIELD_ACKNOWLEDGE;
    case TYPE_REPEAT: return FIELD_REPEAT;
    case TYPE_TEXT:
    case TYPE_BARCODE: return FIELD_TEXT;
    case TYPE_NOTE:
    case TYPE_GROUP:
    case TYPE_CALCULATE:
    case TYPE_HIDDEN:
    case TYPE_META: return FIELD_NOTE;
    }
    return FIELD_NOTE;
}

/* "columns-3" and the old "columns-2"; "columns" as many as fit. */
static void columns_of(const struct form_node *n, struct field *f)
{
    static const char *const words[] = {"columns-1", "columns-2", "columns-3",
                                        "columns-4", "columns-5", "columns-6"};

    for (int i = 0; i < 6; i++)
        if (form_has_appearance(n, words[i]))
            f->columns = i + 1;
    f->columns_all = form_has_appearance(n, "columns") || form_has_appearance(n, "likert") ||
                     form_has_appearance(n, "columns-pack") || form_has_appearance(n, "horizontal");
}

static void appearance_of(const struct form_node *n, struct field *f)
{
    columns_of(n, f);
    f->searched = form_has_appearance(n, "minimal") || form_has_appearance(n, "autocomplete") ||
                  form_has_appearance(n, "search");
    f->lines = form_has_appearance(n, "multiline") || n->rows > 1;
    f->masked = form_has_appearance(n, "masked");
    f->digits_only = form_has_appearance(n, "numbers");
    f->counter = form_has_appearance(n, "counter");
    f->thousands = form_has_appearance(n, "thousands-sep");
    f->month_only = form_has_appearance(n, "month-year");
    f->year_only = form_has_appearance(n, "year");
}

static bool take_choices(struct field_ctx *ctx, struct field *f, struct err *e)
{
    struct choices c;

    if (!interview_choices(ctx->iv, &ctx->at, &c, e))
        return false;
    ctx->rows = mem_calloc(c.n + 1, sizeof *ctx->rows);
    if (c.n)
        memcpy(ctx->rows, c.rows, c.n * sizeof *ctx->rows);
    f->choices = (struct choice_source){ctx, c.n, choice_name, choice_label, NULL};
    return true;
}

/* "Rumah.jpg, 586 KiB" */
static void take_file(struct field_ctx *ctx, struct field *f)
{
    struct session_file file;
    uint64_t kib;

    if (!session_file(ctx->ui->session, &ctx->at, &file))
        return;
    kib = (file.length + 1023) / 1024;
    buf_init(&ctx->stored, LIMIT_CELL_BYTES);
    buf_add_str(&ctx->stored, file.original.n ? file.original : file.name);
    if (kib < 10240)
        buf_printf(&ctx->stored, ", %u KiB", (unsigned)kib);
    else
        buf_printf(&ctx->stored, ", %u MiB", (unsigned)((kib + 512) / 1024));
    f->stored = buf_str(&ctx->stored);
}

void field_done(struct field_ctx *ctx)
{
    mem_free(ctx->rows);
    ctx->rows = NULL;
    buf_wipe_done(&ctx->stored);
}

bool field_of(struct field_ctx *ctx, struct ui *ui, const struct place *p, struct field *ret,
              struct err *e)
{
    struct interview *iv = session_interview(ui->session);
    const struct form_node *n = node_of(iv, p);
    struct node_state st = interview_state(iv, p);
    struct field f = {.kind = kind_of(n), .value = interview_value(iv, p)};

    field_done(ctx);
    *ctx = (struct field_ctx){.ui = ui, .iv = iv, .at = *p};
    f.readonly = st.readonly && f.kind != FIELD_REPEAT;
    f.now_ms = ui_local_ms(ui);
    f.start = n->range_start;
    f.end = n->range_end;
    f.step = n->range_step;
    appearance_of(n, &f);
    for (int i = 0; i < MISSING_KINDS; i++)
        if (n->missing[i].p && (f.kind == FIELD_SELECT || f.kind == FIELD_MULTIPLE))
            f.missing[i] = n->missing[i];
    if ((f.kind == FIELD_SELECT || f.kind == FIELD_MULTIPLE || f.kind == FIELD_RANK) &&
        !take_choices(ctx, &f, e))
        return false;
    if (f.kind == FIELD_REPEAT) {
        f.choices = (struct choice_source){ctx, st.instances, row_name, row_label, NULL};
        f.may_add = true;
    }
    f.files = (struct file_source){ctx, list_files};
    if (f.kind == FIELD_FILE)
        take_file(ctx, &f);
    *ret = f;
    return true;
}

/* ---- one line ---- */

/* The code of "don't know" is no answer to be read: 98 years. */
static const char *missing_word(enum missing kind)
{
    return kind == MISSING_DK        ? _("don't know")
           : kind == MISSING_REFUSED ? _("refused")
           : kind == MISSING_NA      ? _("not applicable")
                                     : NULL;
}

/* Of dd-mm-yyyy what was asked. */
static void add_date(const struct form_node *n, struct str value, struct buf *out)
{
    size_t from = form_has_appearance(n, "year") ? 6 : form_has_appearance(n, "month-year") ? 3 : 0;
    struct buf date;

    buf_init(&date, LIMIT_ANSWER_BYTES);
    local_stored_date(value, &date);
    buf_add_str(out, str_from(buf_str(&date), from));
    buf_wipe_done(&date);
}

void field_answer(struct interview *iv, const struct place *p, struct buf *out)
{
    const struct form_node *n = node_of(iv, p);
    struct str value = interview_value(iv, p);
    const char *missing = missing_word(interview_state(iv, p).missing);
    struct buf raw;

    if (missing && n->type != TYPE_SELECT_ONE && n->type != TYPE_SELECT_MULTIPLE) {
        buf_add_z(out, missing);
        return;
    }

    if (form_has_appearance(n, "masked") || form_has_appearance(n, "hidden-answer")) {
        if (value.n)
            buf_add_z(out, "••••");
        return;
    }
    switch ((int)n->type) {
    case TYPE_INTEGER:
    case TYPE_DECIMAL:
    case TYPE_RANGE: local_number(value, out); return;
    case TYPE_DATE:
    case TYPE_TIME:
    case TYPE_DATETIME: add_date(n, value, out); return;
    case TYPE_NOTE: return;
    case TYPE_ACKNOWLEDGE:
        if (value.n)
            buf_add_z(out, "✓");
        return;
    case TYPE_REPEAT: {
        unsigned rows = interview_instances(iv, p);

        buf_printf(out, tr_n("%u row", "%u rows", rows), rows);
        return;
    }
    default: break;
    }
    buf_init(&raw, LIMIT_ANSWER_BYTES);
    if (interview_value_text(iv, p, &raw))
        markup_plain(buf_str(&raw), out);
    buf_wipe_done(&raw);
}

void field_instance(struct interview *iv, const struct place *instance, struct buf *out)
{
    const struct form *f = interview_form(iv);
    struct place p = *instance;
    size_t begin = out->n;
    int shown = 0;

    while (shown < INSTANCE_ANSWERS && interview_next(iv, &p, 0)) {
        if (p.def >= f->nodes[instance->def].end || p.def <= instance->def ||
            p.index[instance->depth - 1] != instance->index[instance->depth - 1])
            break;
        if (!interview_state(iv, &p).answered)
            continue;
        if (out->n > begin)
            buf_add_z(out, " · ");
        field_answer(iv, &p, out);
        shown++;
    }
    if (out->n == begin)
        buf_add_z(out, _("not filled in yet"));
}

void field_label(struct interview *iv, const struct place *p, struct buf *out)
{
    struct buf raw;

    buf_init(&raw, LIMIT_CELL_BYTES);
    if (interview_text(iv, p, TEXT_LABEL, &raw) && raw.n)
        markup_plain(buf_str(&raw), out);
    else
        buf_add_str(out, node_of(iv, p)->name);
    buf_done(&raw);
}

static void section_of(struct interview *iv, const struct place *p, uint32_t def, struct buf *out)
{
    const struct form *f = interview_form(iv);
    const struct form_node *n = &f->nodes[def];
    struct place above = place_above(f, p, def);
    struct buf label;

    if (n->parent == DEF_NONE)
        return;
    section_of(iv, p, n->parent, out);
    buf_init(&label, LIMIT_CELL_BYTES);
    if (interview_text(iv, &above, TEXT_LABEL, &label) && label.n) {
        if (out->n)
            buf_add_z(out, " › ");
        markup_plain(buf_str(&label), out);
    }
    if (n->type == TYPE_REPEAT && above.depth > 0) {
        struct place whole = above;

        whole.depth--;
        whole.whole = true;
        buf_printf(out, " %u/%u", above.index[above.depth - 1] + 1,
                   interview_instances(iv, &whole));
    }
    buf_done(&label);
}

void field_section(struct interview *iv, const struct place *p, struct buf *out)
{
    section_of(iv, p, interview_form(iv)->nodes[p->def].parent, out);
}

static void add_local(double v, struct buf *out)
{
    char text[NUM_TEXT_MAX];

    num_text(v, text);
    local_number(str_of(text), out);
}

/* Of a number on a scale, where the form says nothing itself. */
static void range_message(const struct form_node *n, struct buf *out)
{
    double low = n->range_start < n->range_end ? n->range_start : n->range_end;
    double high = n->range_start < n->range_end ? n->range_end : n->range_start;
    struct buf v[3];

    for (int i = 0; i < 3; i++) {
        buf_init(&v[i], 2 * NUM_TEXT_MAX);
        add_local(i == 0 ? low : i == 1 ? high : n->range_step, &v[i]);
    }
    buf_printf(out, _("The answer is a number from %s to %s, in steps of %s."), v[0].p, v[1].p,
               v[2].p);
    for (int i = 0; i < 3; i++)
        buf_done(&v[i]);
}

bool field_message(struct interview *iv, const struct place *p, struct buf *out)
{
    /* said by the engine where the form has no message; it knows no translations */
    enum { REQUIRED, OUTSIDE };
    static const char *const own[] = {
        [REQUIRED] = N_("An answer is required."),
        [OUTSIDE] = N_("The answer is outside what is allowed."),
    };
    struct buf text;
    bool there;

    buf_init(&text, LIMIT_CELL_BYTES);
    there = interview_message(iv, p, &text);
    for (size_t i = 0; there && i < sizeof own / sizeof *own; i++) {
        if (str_is(buf_str(&text), own[i])) {
            buf_clear(&text);
            if (i == OUTSIDE && node_of(iv, p)->type == TYPE_RANGE)
                range_message(node_of(iv, p), &text);
            else
                buf_add_z(&text, _(own[i]));
            break;
        }
    }
    if (there)
        markup_plain(buf_str(&text), out);
    buf_done(&text);
    return there;
}
