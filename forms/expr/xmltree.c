/* XML documents as trees, read by expat. The nodes lie in one array in document order, attributes
 * right behind their element; so order is a comparison of numbers and a node handle is an index.
 * The root node stands above the document's element, with the comments and instructions beside it.
 */
#include <expat.h>

#include "forms/base/limits.h"
#include "forms/base/mem.h"
#include "forms/base/utf8.h"
#include "forms/expr/expr.h"

#define NONE         UINT32_MAX
#define XML_MAX      ((size_t)256 << 20) /* bytes of a document */
#define XML_NODES    ((size_t)8 << 20)
#define NS_SEPARATOR '\x01'

struct xml_node {
    enum node_kind kind;
    struct str name, prefix, uri, text; /* text: of what has no children */
    uint32_t parent, first, last, next, prev;
    uint32_t attributes; /* how many follow */
};

struct xml_tree {
    struct tree tree; /* first */
    struct xml_node *v;
    size_t n, cap;
};

/* ---- the walk ---- */

static struct xml_node *at(struct node n)
{
    return &((struct xml_tree *)n.base)->v[n.item];
}

static struct node make(struct node like, uint32_t item)
{
    return item == NONE ? NODE_NONE : (struct node){like.tree, like.base, item, 0};
}

static enum node_kind xml_kind(struct node n)
{
    return at(n)->kind;
}

static struct str xml_name(struct node n)
{
    return at(n)->name;
}

static struct str xml_uri(struct node n)
{
    return at(n)->uri;
}

static struct str xml_prefix(struct node n)
{
    return at(n)->prefix;
}

static struct node xml_root(struct node n)
{
    return make(n, 0);
}

static struct node xml_parent(struct node n)
{
    return make(n, at(n)->parent);
}

static struct node xml_first(struct node n)
{
    return make(n, at(n)->first);
}

static struct node xml_last(struct node n)
{
    return make(n, at(n)->last);
}

static struct node xml_next(struct node n)
{
    return make(n, at(n)->next);
}

static struct node xml_prev(struct node n)
{
    return make(n, at(n)->prev);
}

static struct node xml_attribute(struct node n, uint32_t i)
{
    return i < at(n)->attributes ? make(n, n.item + 1 + i) : NODE_NONE;
}

/* The first node behind the subtree. */
static size_t subtree_end(const struct xml_tree *t, uint32_t item)
{
    while (item != NONE) {
        if (t->v[item].next != NONE)
            return t->v[item].next;
        item = t->v[item].parent;
    }
    return t->n;
}

static struct str xml_string(struct node n, struct arena *a)
{
    const struct xml_tree *t = n.base;
    const struct xml_node *x = at(n);
    if (x->kind != NODE_ELEMENT && x->kind != NODE_ROOT)
        return x->text;
    if (x->first == NONE)
        return STR("");
    if (x->first == x->last && t->v[x->first].kind == NODE_TEXT)
        return t->v[x->first].text;
    size_t end = subtree_end(t, n.item), length = 0;
    for (size_t i = n.item; i < end; i++)
        length += t->v[i].kind == NODE_TEXT ? t->v[i].text.n : 0;
    char *p = arena_alloc(a, length + 1);
    size_t used = 0;
    for (size_t i = n.item; i < end; i++) {
        if (t->v[i].kind != NODE_TEXT)
            continue;
        memcpy(p + used, t->v[i].text.p, t->v[i].text.n);
        used += t->v[i].text.n;
    }
    return (struct str){p, length};
}

static int xml_order(struct node a, struct node b)
{
    return (a.item > b.item) - (a.item < b.item);
}

static const struct tree_ops xml_ops = {
    .kind = xml_kind,
    .name = xml_name,
    .uri = xml_uri,
    .prefix = xml_prefix,
    .root = xml_root,
    .parent = xml_parent,
    .first = xml_first,
    .last = xml_last,
    .next = xml_next,
    .prev = xml_prev,
    .attribute = xml_attribute,
    .string = xml_string,
    .order = xml_order,
};

/* ---- reading ---- */

struct reader {
    XML_Parser expat;
    struct xml_tree *t; /* its array in ordinary memory until it is whole */
    struct arena *a;
    struct buf text; /* character data gathered */
    uint32_t open;   /* the element being read */
    uint32_t depth;
    struct err *e;
};

static void stop(struct reader *r, const struct err_kind *kind, const char *a, const char *b)
{
    if (!r->e->kind)
        err_fail2(r->e, *kind, a, b);
    XML_StopParser(r->expat, XML_FALSE);
}

static uint32_t add(struct reader *r, enum node_kind kind)
{
    struct xml_tree *t = r->t;
    if (t->n >= XML_NODES) {
        stop(r, &ERR_LIMIT, "The XML", "8 million nodes");
        return 0;
    }
    t->v = mem_grow(t->v, t->n, &t->cap, sizeof *t->v);
    t->v[t->n] = (struct xml_node){.kind = kind,
                                   .name = STR(""),
                                   .prefix = STR(""),
                                   .uri = STR(""),
                                   .text = STR(""),
                                   .parent = r->open,
                                   .first = NONE,
                                   .last = NONE,
                                   .next = NONE,
                                   .prev = NONE};
    return (uint32_t)t->n++;
}

static uint32_t add_child(struct reader *r, enum node_kind kind)
{
    uint32_t i = add(r, kind);
    struct xml_node *v = r->t->v, *up = &v[r->open];
    if (r->e->kind)
        return 0;
    v[i].prev = up->last;
    if (up->last == NONE)
        up->first = i;
    else
        v[up->last].next = i;
    up->last = i;
    return i;
}

static void flush_text(struct reader *r)
{
    if (r->text.n == 0)
        return;
    uint32_t i = add_child(r, NODE_TEXT);
    if (!r->e->kind)
        r->t->v[i].text = arena_str(r->a, buf_str(&r->text));
    buf_clear(&r->text);
}

/* "uri SEP local SEP prefix", "uri SEP local" or "local". */
static void set_name(struct reader *r, struct xml_node *x, const char *triplet)
{
    struct str rest = str_of(triplet), parts[3] = {{"", 0}, {"", 0}, {"", 0}};
    int n = 0;
    while (n < 3 && str_split(&rest, NS_SEPARATOR, &parts[n]))
        n++;
    x->name = arena_str(r->a, parts[n > 1]);
    if (n > 1)
        x->uri = arena_str(r->a, parts[0]);
    if (n > 2)
        x->prefix = arena_str(r->a, parts[2]);
}

static void XMLCALL on_start(void *user, const XML_Char *name, const XML_Char **attrs)
{
    struct reader *r = user;
    flush_text(r);
    if (++r->depth > LIMIT_XML_DEPTH) {
        char tmp[ERR_ARG_MAX];
        stop(r, &ERR_LIMIT, "The XML's nesting", err_num(tmp, LIMIT_XML_DEPTH));
    }
    uint32_t i = r->e->kind ? 0 : add_child(r, NODE_ELEMENT);
    if (r->e->kind)
        return;
    set_name(r, &r->t->v[i], name);
    r->open = i;
    for (; attrs[0] && !r->e->kind; attrs += 2) {
        uint32_t j = add(r, NODE_ATTRIBUTE);
        if (r->e->kind)
            return;
        set_name(r, &r->t->v[j], attrs[0]);
        r->t->v[j].text = arena_str(r->a, str_of(attrs[1]));
        r->t->v[i].attributes++;
    }
}

static void XMLCALL on_end(void *user, const XML_Char *name)
{
    struct reader *r = user;
    (void)name;
    flush_text(r);
    r->depth--;
    r->open = r->t->v[r->open].parent;
}

static void XMLCALL on_text(void *user, const XML_Char *s, int n)
{
    struct reader *r = user;
    buf_add(&r->text, s, (size_t)n);
}

static void XMLCALL on_comment(void *user, const XML_Char *s)
{
    struct reader *r = user;
    flush_text(r);
    uint32_t i = r->e->kind ? 0 : add_child(r, NODE_COMMENT);
    if (!r->e->kind)
        r->t->v[i].text = arena_str(r->a, str_of(s));
}

static void XMLCALL on_pi(void *user, const XML_Char *target, const XML_Char *data)
{
    struct reader *r = user;
    flush_text(r);
    uint32_t i = r->e->kind ? 0 : add_child(r, NODE_PI);
    if (r->e->kind)
        return;
    r->t->v[i].name = arena_str(r->a, str_of(target));
    r->t->v[i].text = arena_str(r->a, str_of(data));
}

static void XMLCALL on_doctype(void *user, const XML_Char *name, const XML_Char *sysid,
                               const XML_Char *pubid, int internal)
{
    (void)name;
    (void)sysid;
    (void)pubid;
    (void)internal;
    stop(user, &ERR_XML_DOCTYPE, NULL, NULL);
}

static bool parse(struct reader *r, struct str bytes)
{
    XML_SetUserData(r->expat, r);
    XML_SetReturnNSTriplet(r->expat, 1);
    XML_SetElementHandler(r->expat, on_start, on_end);
    XML_SetCharacterDataHandler(r->expat, on_text);
    XML_SetCommentHandler(r->expat, on_comment);
    XML_SetProcessingInstructionHandler(r->expat, on_pi);
    XML_SetStartDoctypeDeclHandler(r->expat, on_doctype);
    enum XML_Status s = XML_Parse(r->expat, bytes.n ? bytes.p : "", (int)bytes.n, 1);
    if (s == XML_STATUS_OK || r->e->kind)
        return !r->e->kind;
    char line[ERR_ARG_MAX];
    err_num(line, (int64_t)XML_GetCurrentLineNumber(r->expat));
    return err_fail2(r->e, ERR_XML, line, XML_ErrorString(XML_GetErrorCode(r->expat)));
}

bool xmltree_parse(struct node *ret_root, struct str bytes, struct arena *a, struct err *e)
{
    if (bytes.n > XML_MAX)
        return err_fail2(e, ERR_LIMIT, "The XML", "256 MiB");
    struct xml_tree *t = ARENA_NEW(a, struct xml_tree);
    t->tree.ops = &xml_ops;
    struct reader r = {
        .expat = XML_ParserCreateNS(NULL, NS_SEPARATOR), .t = t, .a = a, .open = NONE, .e = e};
    if (!r.expat)
        return err_fail2(e, ERR_LIMIT, "The XML", "the memory there is");
    buf_init(&r.text, XML_MAX);
    add(&r, NODE_ROOT);
    r.open = 0;
    bool ok = parse(&r, bytes);
    struct xml_node *grown = t->v;
    if (ok) {
        t->v = ARENA_ARRAY(a, struct xml_node, t->n);
        memcpy(t->v, grown, t->n * sizeof *t->v);
        *ret_root = (struct node){&t->tree, t, 0, 0};
    }
    mem_free(grown);
    buf_done(&r.text);
    XML_ParserFree(r.expat);
    return ok;
}
