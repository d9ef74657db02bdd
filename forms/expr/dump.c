/* A program as text, one instruction a line: for tests and people. */
#include "forms/base/num.h"
#include "forms/expr/func.h"

static const char *const op_names[] = {
#define OP(name, pops, pushes, doc) #name,
#include "forms/expr/ops.def"
#undef OP
};

static const char *const axis_names[] = {
    "child",
    "parent",
    "self",
    "descendant",
    "descendant-or-self",
    "ancestor",
    "ancestor-or-self",
    "following",
    "following-sibling",
    "preceding",
    "preceding-sibling",
    "attribute",
};

static void dump_test(const struct test *t, struct buf *out)
{
    static const char *const kinds[] = {
        "", "*", "", "node()", "text()", "comment()", "processing-instruction()"};
    if (t->prefix.n)
        buf_printf(out, "%.*s:", STR_FMT(t->prefix));
    if (t->kind == TEST_NAME || t->kind == TEST_ANY_IN)
        buf_add_str(out, t->name);
    else
        buf_add_z(out, kinds[t->kind]);
}

static void dump_step(const struct vm_step *s, bool filter, struct buf *out)
{
    if (!filter) {
        buf_printf(out, " %s::", axis_names[s->axis]);
        dump_test(&s->test, out);
    }
    for (uint32_t i = 0; i < s->n_preds; i++) {
        if (s->preds[i].position)
            buf_printf(out, " [%u]", (unsigned)s->preds[i].position);
        else
            buf_printf(out, " [@%u]", (unsigned)s->preds[i].start);
    }
    if (s->lookup)
        buf_printf(out, " key %.*s=@%u", STR_FMT(s->key), (unsigned)s->value_start);
}

static void dump_operand(const struct expr *x, const struct instr *in, struct buf *out)
{
    static const char *const bases[] = {"current", "context", "root"};
    switch ((int)in->op) {
    case OP_NUMBER:
        buf_add_c(out, ' ');
        num_add(out, x->numbers[in->a]);
        break;
    case OP_STRING:
    case OP_LAST_SAVED: buf_printf(out, " '%.*s'", STR_FMT(x->strings[in->a])); break;
    case OP_REF:
    case OP_REFS: buf_printf(out, " %u %s", (unsigned)in->a, bases[in->n]); break;
    case OP_DOWN:
    case OP_INSTANCE: buf_printf(out, " %u", (unsigned)in->a); break;
    case OP_STEP: dump_step(&x->steps[in->a], false, out); break;
    case OP_FILTER: dump_step(&x->steps[in->a], true, out); break;
    case OP_AND:
    case OP_OR:
    case OP_UNLESS:
    case OP_JUMP:
    case OP_FIRST:
    case OP_ONCE: buf_printf(out, " @%u", (unsigned)in->a); break;
    case OP_CALL: buf_printf(out, " %s %u", funcs[in->a].name, (unsigned)in->count); break;
    default: break;
    }
}

void expr_dump(const struct expr *x, struct buf *out)
{
    for (uint32_t i = 0; i < x->n_code; i++) {
        buf_printf(out, "%u %s", (unsigned)i, op_names[x->code[i].op]);
        dump_operand(x, &x->code[i], out);
        buf_add_c(out, '\n');
    }
}
