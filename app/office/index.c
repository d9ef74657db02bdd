/* The summary of a merged record; see index.h. */
#include "app/office/index.h"

#include "app/flow/host.h"
#include "app/flow/record.h"
#include "app/flow/survey.h"
#include "forms/base/date.h"
#include "forms/expr/expr.h"

/* The first child element of that name, or no node. */
static struct node child(struct node parent, struct str name)
{
    if (!parent.tree)
        return NODE_NONE;
    const struct tree_ops *ops = parent.tree->ops;
    struct node n = ops->first(parent);
    while (n.tree && !(ops->kind(n) == NODE_ELEMENT && str_eq(ops->name(n), name)))
        n = ops->next(n);
    return n;
}

static struct str text_of(struct node n, struct arena *a)
{
    return n.tree ? n.tree->ops->string(n, a) : (struct str){"", 0};
}

static struct node first_element(struct node root)
{
    struct node n = root.tree->ops->first(root);
    while (n.tree && n.tree->ops->kind(n) != NODE_ELEMENT)
        n = n.tree->ops->next(n);
    return n;
}

/* When it began and ended, by the form's own start and end rows. */
static void times_of(const struct form *f, struct node data, struct arena *a, struct summary *s)
{
    struct host host;
    host_real(&host);
    for (uint32_t d = 0; d < f->n_nodes; d++) {
        const struct form_node *n = &f->nodes[d];
        bool start = str_is(n->preload, "start"), end = str_is(n->preload, "end");
        struct date when;
        if ((!start && !end) || n->parent != 0)
            continue;
        if (date_parse(text_of(child(data, n->name), a), &host, &when))
            *(start ? &s->began_ms : &s->changed_ms) = when.ms;
    }
}

void index_record(void *ctx, const struct revision *r, struct str part1, struct str part2,
                  struct buf *out)
{
    struct survey *sv = ctx;
    struct record_part1 part;
    const struct form *form;
    struct arena a;
    struct node root;
    struct err e = {0};
    (void)part2;
    arena_init(&a);
    if (record_unpack1(part1, &part, &e) && survey_form(sv, &r->form, &form, &e) &&
        xmltree_parse(&root, part.xml, &a, &e)) {
        struct node data = first_element(root);
        struct summary s = {.form_id = form->id,
                            .title = form->title,
                            .name =
                                text_of(child(child(data, STR("meta")), STR("instanceName")), &a),
                            .outcome = r->outcome};
        times_of(form, data, &a, &s);
        summary_pack(&s, out);
    }
    arena_done(&a);
}
