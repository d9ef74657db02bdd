/* Makes the widget of a field's kind. */
#include "app/view/widget.h"

#include "forms/base/mem.h"

static const struct widget_ops *ops_of(enum field_kind kind)
{
    switch (kind) {
    case FIELD_SELECT: return &widget_select;
    case FIELD_MULTIPLE: return &widget_multiple;
    case FIELD_RANK: return &widget_rank;
    case FIELD_INTEGER:
    case FIELD_DECIMAL: return &widget_number;
    case FIELD_RANGE: return &widget_range;
    case FIELD_TEXT: return &widget_text;
    case FIELD_DATE:
    case FIELD_TIME:
    case FIELD_DATETIME: return &widget_date;
    case FIELD_GEOPOINT:
    case FIELD_GEOPOINTS: return &widget_geo;
    case FIELD_FILE: return &widget_file;
    case FIELD_NOTE: return &widget_note;
    case FIELD_ACKNOWLEDGE: return &widget_acknowledge;
    case FIELD_REPEAT: return &widget_repeat;
    }
    return &widget_note;
}

struct widget *widget_new(const struct field *f)
{
    const struct widget_ops *ops = ops_of(f->kind);
    struct widget *w = mem_alloc(ops->size);

    w->ops = ops;
    w->f = *f;
    buf_init(&w->value, f->value.n + 1);
    buf_add_str(&w->value, f->value);
    w->f.value = buf_str(&w->value);
    if (ops->open)
        ops->open(w);
    return w;
}

void widget_free(struct widget *w)
{
    if (!w)
        return;
    if (w->ops->close)
        w->ops->close(w);
    buf_wipe_done(&w->value);
    mem_free(w);
}

struct situation widget_situation(const struct widget *w)
{
    struct situation s = {w->ops->contexts, w->ops->typing};

    if (w->f.readonly)
        return (struct situation){CTX_PLAIN, false};
    if ((w->f.kind == FIELD_TEXT && w->f.lines) || w->f.kind == FIELD_GEOPOINTS)
        s.contexts |= CTX_LINES;
    if (w->f.kind == FIELD_SELECT || w->f.kind == FIELD_MULTIPLE) {
        s.typing = w->f.searched || w->f.choices.n >= CHOICES_SEARCHED;
        s.contexts |= s.typing ? CTX_TEXT : 0;
    }
    return s;
}

enum did widget_input(struct widget *w, const struct input *in)
{
    if (w->f.readonly || !w->ops->input)
        return DID_NOTHING;
    return w->ops->input(w, in);
}

enum did widget_edit(struct widget *w, struct edit *ed, const struct input *in)
{
    switch (edit_input(ed, in)) {
    case EDIT_CHANGED: w->touched = true; return DID_TYPE;
    case EDIT_MOVED: return DID_SOMETHING;
    case EDIT_REFUSED: return DID_REFUSE;
    case EDIT_IGNORED: break;
    }
    return DID_NOTHING;
}

struct typed_widget *typed_of(const struct widget *w)
{
    return (struct typed_widget *)(uintptr_t)w;
}

struct str typed_text(const struct widget *w)
{
    return w->touched ? edit_text(&typed_of(w)->ed) : STR("");
}

void typed_set(struct widget *w, struct str text)
{
    edit_set(&typed_of(w)->ed, text);
    w->touched = true;
}

void typed_close(struct widget *w)
{
    edit_done(&typed_of(w)->ed);
}

struct str widget_typed(const struct widget *w)
{
    return w->ops->typed ? w->ops->typed(w) : STR("");
}

size_t widget_row(const struct widget *w)
{
    return w->ops->row ? w->ops->row(w) : SIZE_MAX;
}
