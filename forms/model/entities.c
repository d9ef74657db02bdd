/* The entities sheet and the column save_to: checked as a server would check them, and made ready for the
 * meta blocks of a record. Each entity belongs to one container, whose instances each have one: the
 * survey or a repeat; where several share that, each goes to the group that holds its questions. */
#include "forms/model/build_i.h"

#include <stdlib.h>

#define MAX_ENTITIES 1000u

enum {
    ENTITY_LIST,
    ENTITY_LABEL,
    ENTITY_ID,
    ENTITY_CREATE,
    ENTITY_UPDATE,
    ENTITY_REPEAT,
    ENTITY_COLUMNS
};

static const struct {
    const char *word;
    int column;
} words[] = {
    {"list_name", ENTITY_LIST}, {"dataset", ENTITY_LIST},     {"label", ENTITY_LABEL},
    {"entity_id", ENTITY_ID},   {"create_if", ENTITY_CREATE}, {"update_if", ENTITY_UPDATE},
    {"repeat", ENTITY_REPEAT},
};

struct entity {
    const struct sheet_row *row;
    const struct cell *v[ENTITY_COLUMNS];
    struct str list;
    struct names properties;
    bool placed;        /* its repeat is given, or a question is saved to it */
    uint32_t repeat;    /* DEF_NONE: none */
    uint32_t container; /* the closest group around all its questions */
};

struct entities {
    struct build *b;
    struct entity *v;
    uint32_t n;
    struct names by_list;
};

static int column_of(struct build *b, struct str header)
{
    struct str folded = columns_fold(header, &b->scratch);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (str_is(folded, words[i].word))
            return words[i].column;
    return ENTITY_COLUMNS;
}

/* A name that can be an attribute: also no dot, and no __ in front, which servers keep for themselves. */
static bool is_property(struct str s)
{
    return name_is_valid(s) && str_find(s, '.', 0) == s.n && !str_starts(s, STR("__"));
}

static struct spot spot_of(const struct build *b, const struct sheet_row *row, const struct cell *c)
{
    return spot_at(b->entities, row->row, c ? c->column : NO_COLUMN);
}

static uint32_t repeat_of(struct build *b, const struct sheet_row *row, const struct cell *c)
{
    struct str s = c ? clean_text(c->text, false, b->a) : STR("");
    if (s.n == 0)
        return DEF_NONE;
    struct scope scope;
    struct err e = {0};
    uint32_t def = DEF_NONE;
    form_scope(b->f, 0, &scope);
    bool reference = s.n > 3 && str_starts(s, STR("${")) && s.p[s.n - 1] == '}';
    if (!reference || !scope.ops->ref(scope.ctx, str_sub(s, 2, s.n - 3), &def, &e) ||
        b->nodes[def].type != TYPE_REPEAT)
        return build_error(b, ERR_ENTITY_REPEAT, spot_of(b, row, c), s), DEF_NONE;
    return def;
}

static void check_conditions(struct build *b, const struct sheet_row *row, const struct entity *n)
{
    bool id = n->v[ENTITY_ID], create = n->v[ENTITY_CREATE], update = n->v[ENTITY_UPDATE];
    if ((!id || create) && !n->v[ENTITY_LABEL])
        build_error(b, ERR_ENTITY_LABEL, spot_of(b, row, n->v[ENTITY_LIST]), n->list);
    if (id && create && !update)
        build_error(b, ERR_ENTITY_UPDATE, spot_of(b, row, n->v[ENTITY_CREATE]), n->list);
    if (update && !id)
        build_error(b, ERR_ENTITY_ID, spot_of(b, row, n->v[ENTITY_UPDATE]), n->list);
}

static void read_entity(struct entities *s, const struct sheet_row *row)
{
    struct build *b = s->b;
    struct entity *n = &s->v[s->n++];
    n->row = row;
    for (uint32_t i = 0; i < row->n; i++) {
        int c = column_of(b, b->entities->headers[row->cells[i].column]);
        if (c < ENTITY_COLUMNS)
            n->v[c] = &row->cells[i];
    }
    const struct cell *list = n->v[ENTITY_LIST];
    n->list = list ? clean_text(list->text, false, b->a) : STR("");
    names_init(&n->properties, &b->scratch, 8);
    if (!is_property(n->list))
        build_error(b, ERR_ENTITY_LIST, spot_of(b, row, list), n->list);
    bool is_new;
    names_put(&s->by_list, 0, n->list, s->n - 1, &is_new);
    if (!is_new && n->list.n > 0)
        build_error(b, ERR_ENTITY_TWICE, spot_of(b, row, list), n->list);
    check_conditions(b, row, n);
    n->repeat = repeat_of(b, row, n->v[ENTITY_REPEAT]);
    n->placed = n->v[ENTITY_REPEAT] != NULL;
    n->container = DEF_NONE;
}

static struct entity *entity_named(const struct entities *s, struct str list)
{
    const struct name_entry *e = names_get(&s->by_list, 0, list);
    return e ? &s->v[e->value] : NULL;
}

static struct spot save_spot(const struct build *b, uint32_t def)
{
    const struct sheet_row *row = b->drafts[def].row;
    for (uint32_t i = 0; i < row->n; i++)
        if (b->survey_use[row->cells[i].column].id == COL_SAVE_TO)
            return spot_at(b->survey, row->row, row->cells[i].column);
    return row_spot(b, row);
}

/* The closest node at or above both. */
static uint32_t common(const struct build *b, uint32_t x, uint32_t y)
{
    while (!(x <= y && y < b->nodes[x].end))
        x = b->nodes[x].parent;
    return x;
}

static void place(struct entities *s, struct entity *n, uint32_t def, struct spot at)
{
    struct build *b = s->b;
    uint32_t parent = b->nodes[def].parent;
    if (!n->placed)
        n->repeat = b->nodes[def].repeat;
    n->placed = true;
    if (n->repeat != b->nodes[def].repeat)
        build_error(b, ERR_SAVE_REPEAT, at, b->nodes[def].name);
    n->container = n->container == DEF_NONE ? parent : common(b, n->container, parent);
}

static void check_save_to(struct entities *s, uint32_t def)
{
    struct build *b = s->b;
    const struct form_node *n = &b->nodes[def];
    struct spot at = save_spot(b, def);
    size_t hash = str_find(n->save_to, '#', 0);
    struct str list = str_sub(n->save_to, 0, hash < n->save_to.n ? hash : 0);
    struct str property = hash < n->save_to.n ? str_from(n->save_to, hash + 1) : n->save_to;
    if (s->n == 0) {
        build_error(b, ERR_SAVE_NO_ENTITY, at, n->save_to);
        return;
    }
    if (list.n == 0 && s->n > 1) {
        build_error(b, ERR_SAVE_LIST, at, n->save_to);
        return;
    }
    struct entity *entity = list.n ? entity_named(s, list) : &s->v[0];
    bool section = n->type == TYPE_GROUP || n->type == TYPE_REPEAT;
    if (!entity)
        build_error(b, ERR_SAVE_UNKNOWN, at, list);
    else if (section || !is_property(property) || str_eq_nocase(property, STR("name")) ||
             str_eq_nocase(property, STR("label")))
        build_error(b, ERR_SAVE_NAME, at, property);
    if (!entity || section)
        return;
    place(s, entity, def, at);
    bool is_new;
    names_put(&entity->properties, 0, property, def, &is_new);
    if (!is_new)
        build_error(b, ERR_SAVE_TWICE, at, property, entity->list);
}

/* ---- where each belongs, and what it says ---- */

static uint32_t scope_of(const struct entity *n)
{
    return n->repeat == DEF_NONE ? 0 : n->repeat;
}

static int deepest_first(const void *a, const void *b)
{
    const struct entity *const *x = a, *const *y = b;
    if ((*x)->container != (*y)->container)
        return (*x)->container > (*y)->container ? -1 : 1;
    return (*x > *y) - (*x < *y);
}

#define SHARING_SAID UINT32_MAX /* once a container is enough */

/* In its scope, or where that is shared in the closest group around its questions that is still free.
 * A group's number is above those of all around it, so the greatest go first. */
static void find_containers(struct entities *s)
{
    struct build *b = s->b;
    struct entity **order = ARENA_ARRAY(&b->scratch, struct entity *, s->n);
    uint32_t *sharing = ARENA_ARRAY(&b->scratch, uint32_t, b->f->n_nodes);
    for (uint32_t i = 0; i < s->n; i++) {
        order[i] = &s->v[i];
        sharing[scope_of(&s->v[i])]++;
    }
    for (uint32_t i = 0; i < s->n; i++)
        if (s->v[i].container == DEF_NONE || sharing[scope_of(&s->v[i])] == 1)
            s->v[i].container = scope_of(&s->v[i]);
    qsort(order, s->n, sizeof *order, deepest_first);
    for (uint32_t i = 0; i < s->n; i++) {
        struct entity *n = order[i];
        while (b->nodes[n->container].entity != DEF_NONE && n->container > scope_of(n))
            n->container = b->nodes[n->container].parent;
        struct form_node *node = &b->nodes[n->container];
        if (node->entity != DEF_NONE && sharing[n->container] != SHARING_SAID) {
            build_error(b, ERR_ENTITY_SHARED, spot_of(b, n->row, n->v[ENTITY_LIST]),
                        s->v[node->entity].list, n->list);
            sharing[n->container] = SHARING_SAID;
        }
        node->entity = (uint32_t)(n - s->v);
    }
}

/* The versions of the one to update stand in the list of that name, if the form has it. */
static void make_versions(struct build *b, const struct entity *n, struct form_entity *made)
{
    static const char *const columns[VERSIONS] = {[VERSION_BASE] = "__version",
                                                  [VERSION_TRUNK] = "__trunkVersion",
                                                  [VERSION_BRANCH] = "__branchId"};
    const struct cell *id = n->v[ENTITY_ID];
    if (!made->id.expr || !names_get(&b->names->lists, 0, n->list))
        return;
    for (int i = 0; i < VERSIONS; i++) {
        struct buf text;
        buf_init(&text, LIMIT_EXPR_BYTES);
        buf_add_z(&text, "instance('");
        buf_add_str(&text, n->list);
        buf_add_z(&text, "')/root/item[name = ");
        buf_add_str(&text, expr_text(made->id.expr));
        buf_add_z(&text, "]/");
        buf_add_z(&text, columns[i]);
        cell_made(b, n->container, arena_str(b->a, buf_str(&text)), spot_of(b, n->row, id), false,
                  &made->was[i]);
        buf_done(&text);
    }
}

static void make_entity(struct build *b, const struct entity *n, struct form_entity *made)
{
    struct cond *const to[ENTITY_COLUMNS] = {[ENTITY_LABEL] = &made->label,
                                             [ENTITY_ID] = &made->id,
                                             [ENTITY_CREATE] = &made->create,
                                             [ENTITY_UPDATE] = &made->update};
    made->dataset = n->list;
    made->container = n->container;
    for (int i = 0; i < ENTITY_COLUMNS; i++)
        if (n->v[i] && to[i])
            cell_expr(b, n->container, n->v[i]->text, spot_of(b, n->row, n->v[i]), false, to[i]);
    make_versions(b, n, made);
}

void entities_check(struct build *b)
{
    struct entities s = {.b = b};
    uint32_t rows = b->entities ? b->entities->n_rows : 0;
    if (rows > MAX_ENTITIES) {
        build_error(b, ERR_LIMIT, spot_at(b->entities, 1, NO_COLUMN), STR("The sheet entities"),
                    STR("1000 rows"));
        return;
    }
    names_init(&s.by_list, &b->scratch, rows);
    s.v = ARENA_ARRAY(&b->scratch, struct entity, rows);
    for (uint32_t i = 0; b->entities && i < b->entities->n_headers; i++)
        if (b->entities->headers[i].n > 0 &&
            column_of(b, b->entities->headers[i]) == ENTITY_COLUMNS)
            build_error(b, ERR_ENTITY_COLUMN, spot_at(b->entities, 1, i), b->entities->headers[i]);
    for (uint32_t r = 0; r < rows; r++)
        read_entity(&s, &b->entities->rows[r]);
    for (uint32_t i = 1; i < b->f->n_nodes; i++)
        if (b->nodes[i].save_to.p && b->drafts[i].row)
            check_save_to(&s, i);
    find_containers(&s);
    b->entities_made = ARENA_ARRAY(b->a, struct form_entity, s.n);
    b->f->entities = b->entities_made;
    b->f->n_entities = s.n;
    for (uint32_t i = 0; i < s.n; i++)
        make_entity(b, &s.v[i], &b->entities_made[i]);
}
