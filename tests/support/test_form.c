/* A form and its instance as XML; see test_form.h. */
#include "tests/support/test_form.h"

#include "forms/base/num.h"

static struct test_form *form_of(struct node n)
{
    return (struct test_form *)((char *)(uintptr_t)n.tree - offsetof(struct test_form, tree));
}

static struct str attribute(struct node n, const char *name)
{
    for (uint32_t i = 0;; i++) {
        struct node a = n.tree->ops->attribute(n, i);
        if (!a.tree)
            return (struct str){NULL, 0};
        if (str_is(a.tree->ops->name(a), name))
            return a.tree->ops->string(a, NULL);
    }
}

/* ---- the definitions ---- */

static uint32_t def_of(struct test_form *f, struct node n)
{
    for (uint32_t i = 0; i < f->n_defs; i++)
        if (f->defs[i].item == n.item)
            return i;
    return DEF_NONE;
}

static bool scope_ref(void *ctx, struct str name, uint32_t *ret_def, struct err *e)
{
    struct test_form *f = ctx;
    uint32_t found = DEF_NONE;
    char tmp[ERR_ARG_MAX];
    for (uint32_t i = 0; i < f->n_defs; i++) {
        if (!str_eq(f->defs[i].tree->ops->name(f->defs[i]), name))
            continue;
        if (found != DEF_NONE)
            return err_fail1(e, ERR_REF_AMBIGUOUS, err_arg(tmp, name));
        found = i;
    }
    if (found == DEF_NONE)
        return err_fail1(e, ERR_REF_UNKNOWN, err_arg(tmp, name));
    *ret_def = found;
    return true;
}

static uint32_t scope_parent(void *ctx, uint32_t def)
{
    struct test_form *f = ctx;
    return def == 0 ? DEF_NONE : def_of(f, f->defs[def].tree->ops->parent(f->defs[def]));
}

static uint32_t scope_child(void *ctx, uint32_t def, struct str name)
{
    struct test_form *f = ctx;
    for (uint32_t i = def + 1; i < f->n_defs; i++)
        if (scope_parent(f, i) == def && str_eq(f->defs[i].tree->ops->name(f->defs[i]), name))
            return i;
    return DEF_NONE;
}

static bool scope_is_repeat(void *ctx, uint32_t def)
{
    struct test_form *f = ctx;
    return attribute(f->defs[def], "repeat").p != NULL;
}

static struct str scope_name(void *ctx, uint32_t def)
{
    struct test_form *f = ctx;
    return f->defs[def].tree->ops->name(f->defs[def]);
}

static uint32_t scope_end(void *ctx, uint32_t def)
{
    struct test_form *f = ctx;
    uint32_t end = def + 1;
    while (end < f->n_defs && scope_parent(f, end) != DEF_NONE && scope_parent(f, end) >= def)
        end++;
    return end;
}

static bool scope_instance(void *ctx, struct str id, uint32_t *ret_number)
{
    struct test_form *f = ctx;
    for (uint32_t i = 0; i < f->n_lists; i++) {
        if (str_eq(f->list_ids[i], id)) {
            *ret_number = i;
            return true;
        }
    }
    return false;
}

static const struct scope_ops scope_ops = {
    .ref = scope_ref,
    .parent = scope_parent,
    .child = scope_child,
    .is_repeat = scope_is_repeat,
    .name = scope_name,
    .end = scope_end,
    .instance = scope_instance,
};

struct scope test_form_scope(struct test_form *f, uint32_t def)
{
    return (struct scope){.ops = &scope_ops, .ctx = f, .self = def};
}

uint32_t test_form_def(struct test_form *f, const char *name)
{
    uint32_t def;
    struct err e = {0};
    return scope_ref(f, str_of(name), &def, &e) ? def : DEF_NONE;
}

/* ---- the instance ---- */

static bool hidden(struct node n)
{
    return str_is(attribute(n, "relevant"), "no");
}

/* What is not relevant does not exist for a walk. */
static struct node skip_next(struct node n)
{
    const struct tree_ops *xml = form_of(n)->template_root.tree->ops;
    for (n = xml->next(n); n.tree && hidden(n);)
        n = xml->next(n);
    return n;
}

static struct node skip_prev(struct node n)
{
    const struct tree_ops *xml = form_of(n)->template_root.tree->ops;
    for (n = xml->prev(n); n.tree && hidden(n);)
        n = xml->prev(n);
    return n;
}

static struct node skip_first(struct node n)
{
    n = form_of(n)->template_root.tree->ops->first(n);
    return n.tree && hidden(n) ? skip_next(n) : n;
}

static struct node skip_last(struct node n)
{
    n = form_of(n)->template_root.tree->ops->last(n);
    return n.tree && hidden(n) ? skip_prev(n) : n;
}

static uint32_t instance_def(struct node n)
{
    struct test_form *f = form_of(n);
    struct node up = n.tree->ops->parent(n);
    if (!up.tree)
        return DEF_NONE;
    if (up.tree->ops->kind(up) == NODE_ROOT)
        return 0;
    uint32_t above = instance_def(up);
    return above == DEF_NONE ? DEF_NONE : scope_child(f, above, n.tree->ops->name(n));
}

/* The instance of def at or above n; NODE_NONE when n is in none. */
static struct node own(struct node n, uint32_t def)
{
    for (; n.tree && n.tree->ops->kind(n) != NODE_ROOT; n = n.tree->ops->parent(n))
        if (instance_def(n) == def)
            return n;
    return NODE_NONE;
}

static void refs(struct node context, uint32_t def, struct arena *a, struct nodes *ret)
{
    struct test_form *f = form_of(context);
    struct nodes above = {0};
    *ret = (struct nodes){0};
    if (def == 0) {
        above.v = ARENA_NEW(a, struct node);
        above.v[0] = context.tree->ops->root(context);
        above.n = 1;
    } else {
        refs(context, scope_parent(f, def), a, &above);
    }
    struct node mine = own(context, def);
    ret->v = ARENA_ARRAY(a, struct node, 4096);
    for (size_t i = 0; i < above.n; i++)
        for (struct node x = above.v[i].tree->ops->first(above.v[i]); x.tree;
             x = x.tree->ops->next(x)) {
            bool is = x.tree->ops->kind(x) == NODE_ELEMENT &&
                      str_eq(x.tree->ops->name(x), scope_name(f, def));
            if (is && !hidden(x) && (!mine.tree || x.item == mine.item) && ret->n < 4096)
                ret->v[ret->n++] = x;
        }
}

static struct node ref(struct node context, uint32_t def)
{
    struct arena a;
    arena_init(&a);
    struct nodes set;
    refs(context, def, &a, &set);
    struct node n = set.n ? set.v[0] : NODE_NONE;
    arena_done(&a);
    return n;
}

static uint32_t position(struct node n)
{
    struct test_form *f = form_of(n);
    for (; n.tree && n.tree->ops->kind(n) == NODE_ELEMENT; n = n.tree->ops->parent(n)) {
        uint32_t def = instance_def(n), count = 1;
        if (def == DEF_NONE || !scope_is_repeat(f, def))
            continue;
        for (struct node x = n.tree->ops->prev(n); x.tree; x = x.tree->ops->prev(x))
            count += x.tree->ops->kind(x) == NODE_ELEMENT && instance_def(x) == def;
        return count;
    }
    return 0;
}

static bool typed(struct node n, struct value *ret)
{
    struct test_form *f = form_of(n);
    if (n.tree->ops->kind(n) != NODE_ELEMENT)
        return false;
    uint32_t def = instance_def(n);
    if (def == DEF_NONE)
        return false;
    struct str type = attribute(f->defs[def], "type");
    struct arena_mark m = arena_mark(&f->arena);
    struct str text = n.tree->ops->string(n, &f->arena);
    struct date d;
    double x;
    bool number = (str_is(type, "int") || str_is(type, "decimal")) && num_parse(text, 0, &x);
    bool date = !number && (str_is(type, "date") || str_is(type, "datetime")) &&
                date_parse(text, f->host, &d);
    arena_release(&f->arena, m);
    if (number)
        *ret = (struct value){VAL_NUMBER, {.number = x}};
    else if (date)
        *ret = (struct value){VAL_DATE, {.date = d}};
    return number || date;
}

/* ---- making one ---- */

void test_form_init(struct test_form *f, const struct host *host)
{
    *f = (struct test_form){.host = host, .language = STR("en")};
    arena_init(&f->arena);
}

void test_form_done(struct test_form *f)
{
    arena_done(&f->arena);
}

static void add_defs(struct test_form *f, struct node n)
{
    for (; n.tree; n = n.tree->ops->next(n)) {
        if (n.tree->ops->kind(n) != NODE_ELEMENT || f->n_defs == TEST_DEFS)
            continue;
        f->defs[f->n_defs++] = n;
        add_defs(f, n.tree->ops->first(n));
    }
}

bool test_form_template(struct test_form *f, struct str xml, struct err *e)
{
    if (!xmltree_parse(&f->template_root, xml, &f->arena, e))
        return false;
    f->n_defs = 0;
    add_defs(f, f->template_root.tree->ops->first(f->template_root));
    return true;
}

bool test_form_instance(struct test_form *f, struct str xml, struct err *e)
{
    if (!xmltree_parse(&f->instance_root, xml, &f->arena, e))
        return false;
    f->ops = *f->instance_root.tree->ops;
    f->ops.first = skip_first;
    f->ops.last = skip_last;
    f->ops.next = skip_next;
    f->ops.prev = skip_prev;
    f->ops.refs = refs;
    f->ops.ref = ref;
    f->ops.def = instance_def;
    f->ops.position = position;
    f->ops.typed = typed;
    f->tree.ops = &f->ops;
    f->instance_root.tree = &f->tree;
    return true;
}

bool test_form_list(struct test_form *f, struct str id, struct str xml, struct err *e)
{
    if (f->n_lists == TEST_LISTS)
        return err_fail2(e, ERR_LIMIT, "The test", "8 lists");
    f->list_ids[f->n_lists] = arena_str(&f->arena, id);
    return xmltree_parse(&f->lists[f->n_lists++], xml, &f->arena, e);
}

/* ---- evaluation ---- */

static struct node eval_instance(void *ctx, uint32_t number)
{
    struct test_form *f = ctx;
    return f->lists[number];
}

static struct node eval_instance_by_id(void *ctx, struct str id)
{
    uint32_t number;
    return scope_instance(ctx, id, &number) ? eval_instance(ctx, number) : NODE_NONE;
}

static bool eval_choice_label(void *ctx, struct node context, struct str value, struct str path,
                              struct arena *a, struct str *ret)
{
    (void)ctx;
    (void)context;
    struct buf b;
    buf_init(&b, 4096);
    buf_printf(&b, "%.*s of %.*s", STR_FMT(value), STR_FMT(path));
    *ret = arena_str(a, buf_str(&b));
    buf_done(&b);
    return true;
}

static struct str eval_version(void *ctx)
{
    (void)ctx;
    return STR("2026013101");
}

static struct str eval_language(void *ctx)
{
    return ((struct test_form *)ctx)->language;
}

static bool eval_last_saved(void *ctx, struct str name, struct arena *a, struct str *ret)
{
    (void)ctx;
    (void)a;
    *ret = str_is(name, "village") ? STR("Murung Pudak") : STR("");
    return ret->n > 0;
}

const struct eval_ops test_form_eval_ops = {
    .instance = eval_instance,
    .instance_by_id = eval_instance_by_id,
    .choice_label = eval_choice_label,
    .form_version = eval_version,
    .language = eval_language,
    .last_saved = eval_last_saved,
};
