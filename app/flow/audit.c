/* Events to audit.csv; see audit.h. */
#include "app/flow/audit.h"

#include <stdio.h>

#include "app/flow/record.h"
#include "forms/run/interview.h"

static const char header[] = "event,node,start,end,old-value,new-value\n";

void audit_init(struct audit *a)
{
    *a = (struct audit){0};
    buf_init(&a->rows, LIMIT_RECORD_BYTES);
    buf_init(&a->values, LIMIT_RECORD_BYTES);
    buf_init(&a->visit.path, LIMIT_ANSWER_BYTES);
    buf_init(&a->visit.old, LIMIT_ANSWER_BYTES);
    buf_init(&a->visit.now, LIMIT_ANSWER_BYTES);
    buf_add_z(&a->rows, header);
}

void audit_wipe(struct audit *a)
{
    buf_wipe_done(&a->rows);
    buf_wipe_done(&a->values);
    buf_wipe_done(&a->visit.path);
    buf_wipe_done(&a->visit.old);
    buf_wipe_done(&a->visit.now);
}

static void add_field(struct buf *out, struct str s)
{
    bool quote = false;
    for (size_t i = 0; i < s.n && !quote; i++)
        quote = s.p[i] == ',' || s.p[i] == '"' || s.p[i] == '\n' || s.p[i] == '\r';
    if (!quote) {
        buf_add_str(out, s);
        return;
    }
    buf_add_c(out, '"');
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == '"')
            buf_add_c(out, '"');
        buf_add_c(out, s.p[i]);
    }
    buf_add_c(out, '"');
}

#define NO_END (-1)

static void add_row(struct audit *a, const char *event, const struct audit_node *node,
                    int64_t start, int64_t end)
{
    a->n++;
    buf_printf(&a->rows, "%s,", event);
    add_field(&a->rows, node->path);
    buf_printf(&a->rows, ",%lld,", (long long)start);
    if (end != NO_END)
        buf_printf(&a->rows, "%lld", (long long)end);
    buf_add_c(&a->rows, ',');
    if (node->pii && (node->old.n || node->now.n)) {
        buf_add_z(&a->rows, ",\n");
        buf_printf(&a->values, "%llu\t", (unsigned long long)a->n);
        record_escape(node->old, &a->values);
        buf_add_c(&a->values, '\t');
        record_escape(node->now, &a->values);
        buf_add_c(&a->values, '\n');
        return;
    }
    add_field(&a->rows, node->old);
    buf_add_c(&a->rows, ',');
    add_field(&a->rows, node->now);
    buf_add_c(&a->rows, '\n');
}

static void set_text(struct buf *b, struct str s)
{
    buf_clear(b);
    buf_add_str(b, s);
}

/* A row for the time on this question, with both answers where it changed. */
static void tell_visit(struct audit *a, int64_t end)
{
    struct audit_visit *v = &a->visit;
    struct audit_node node = {buf_str(&v->path), v->pii, STR(""), STR("")};
    if (!str_eq(buf_str(&v->old), buf_str(&v->now))) {
        node.old = buf_str(&v->old);
        node.now = buf_str(&v->now);
    }
    add_row(a, event_audit_name(EVENT_MOVE), &node, v->start_ms, end);
}

static void close_visit(struct audit *a, int64_t ms)
{
    if (a->visit.open && !a->visit.told)
        tell_visit(a, ms);
    a->visit.open = false;
}

static void open_visit(struct audit *a, int64_t ms, const struct audit_node *node)
{
    struct audit_visit *v = &a->visit;
    if (v->open && str_eq(buf_str(&v->path), node->path))
        return; /* more typed at the same question */
    close_visit(a, ms);
    v->open = true;
    v->told = false;
    v->pii = node->pii;
    v->start_ms = ms;
    set_text(&v->path, node->path);
    set_text(&v->old, node->now);
    set_text(&v->now, node->now);
}

/* Each change of an answer is a row of its own; the visit goes on from there. */
static void answered(struct audit *a, const struct event *ev, const struct audit_node *node)
{
    struct audit_visit *v = &a->visit;
    if (!v->open || !str_eq(buf_str(&v->path), node->path)) {
        add_row(a, event_audit_name(ev->kind), node, ev->at.ms, ev->at.ms);
        return;
    }
    set_text(&v->old, node->old);
    set_text(&v->now, node->now);
    tell_visit(a, ev->at.ms);
    v->told = true;
    v->start_ms = ev->at.ms;
    set_text(&v->old, node->now);
}

/* What came otherwise than by being typed here is told by its own row. */
static void changed_beside(struct audit *a, const struct audit_node *node)
{
    struct audit_visit *v = &a->visit;
    if (!v->open || !str_eq(buf_str(&v->path), node->path))
        return;
    set_text(&v->old, node->now);
    set_text(&v->now, node->now);
}

static void add_missing(struct audit *a, const struct event *ev, const struct audit_node *node)
{
    static const char *const kinds[MISSING_KINDS] = {"dk", "refused", "na"};
    struct audit_node row = {node->path, node->pii, STR(""), STR("")};
    if (ev->number >= 0 && ev->number < MISSING_KINDS)
        row.now = str_of(kinds[ev->number]);
    add_row(a, event_audit_name(EVENT_MISSING), &row, ev->at.ms, NO_END);
}

static void add_numbers(struct audit *a, const struct event *ev)
{
    char text[64];
    struct audit_node row = {STR(""), false, STR(""), {text, 0}};
    int n = ev->time ? snprintf(text, sizeof text, "%lld %lld", (long long)ev->number,
                                (long long)ev->time)
                     : snprintf(text, sizeof text, "%lld", (long long)ev->number);
    row.now.n = (size_t)n;
    add_row(a, event_audit_name(ev->kind), &row, ev->at.ms, NO_END);
}

/* Whose passphrase had opened the store: who really held the laptop nobody can tell. */
static void add_user(struct audit *a, struct str user, int64_t ms)
{
    if (user.n)
        add_row(a, "cacah.user", &(struct audit_node){STR(""), false, STR(""), user}, ms, NO_END);
}

void audit_event(struct audit *a, const struct event *ev, const struct audit_node *node)
{
    const char *name = event_audit_name(ev->kind);
    switch (ev->kind) {
    case EVENT_NONE:
    case EVENT_BASE:
    case EVENT_BASE_FILE:
    case EVENT_BASE_PII: break;
    case EVENT_MOVE: open_visit(a, ev->at.ms, node); break;
    case EVENT_MISSING: add_missing(a, ev, node); /* fall through */
    case EVENT_ATTACH:
    case EVENT_SET:
    case EVENT_CLEAR: answered(a, &(struct event){.kind = EVENT_SET, .at = ev->at}, node); break;
    case EVENT_VISIT:
        add_numbers(a, ev);
        if (ev->value.n)
            add_row(a, "cacah.remark", &(struct audit_node){STR(""), true, STR(""), ev->value},
                    ev->at.ms, NO_END);
        break;
    case EVENT_OUTCOME:
    case EVENT_CLOCK: add_numbers(a, ev); break;
    case EVENT_START:
        add_row(a, name, &(struct audit_node){STR(""), false, STR(""), STR("")}, ev->at.ms, NO_END);
        add_user(a, node->now, ev->at.ms);
        break;
    case EVENT_RESUME:
        close_visit(a, ev->at.ms);
        add_row(a, name, &(struct audit_node){STR(""), false, STR(""), STR("")}, ev->at.ms, NO_END);
        add_user(a, str_from(ev->value, str_find(ev->value, '\n', 0) + 1), ev->at.ms);
        break;
    case EVENT_PAUSE:
    case EVENT_CHECK:
    case EVENT_MIGRATE:
        close_visit(a, ev->at.ms);
        add_row(a, name, &(struct audit_node){STR(""), false, STR(""), STR("")}, ev->at.ms, NO_END);
        break;
    case EVENT_PREFILL:
    case EVENT_UNDO:
    case EVENT_REDO:
        changed_beside(a, node);
        add_row(a, name, node, ev->at.ms, NO_END);
        break;
    case EVENT_ADD:
    case EVENT_REMOVE:
    case EVENT_CONFIRM:
    case EVENT_NOTE:
    case EVENT_LANGUAGE: add_row(a, name, node, ev->at.ms, NO_END); break;
    }
}

struct audit_mark audit_finalise(struct audit *a, int64_t ms)
{
    struct audit_mark before = {a->rows.n, a->values.n, a->n, a->visit.open};
    close_visit(a, ms);
    add_row(a, "form finalize", &(struct audit_node){STR(""), false, STR(""), STR("")}, ms, NO_END);
    return before;
}

static void cut(struct buf *b, size_t n)
{
    if (n < b->n)
        crypt_wipe(b->p + n, b->n - n);
    b->n = n;
}

void audit_go_on(struct audit *a, const struct audit_mark *before)
{
    cut(&a->rows, before->rows);
    cut(&a->values, before->values);
    a->n = before->n;
    a->visit.open = before->open;
}
