/* The function table and what all implementations share; see func.h. */
#include "forms/expr/func.h"

#include "forms/expr/convert.h"

#define ANY       FUNC_ANY
#define CONTEXT   FUNC_CONTEXT
#define CORE      FUNC_CORE
#define SET       FUNC_SET
#define STRUCTURE FUNC_STRUCTURE
#define EVEN      FUNC_EVEN
#define ODD       FUNC_ODD
#define CLOCK     FUNC_CLOCK
#define RANDOM    FUNC_RANDOM
#define LANGUAGE  FUNC_LANGUAGE
#define DEVICE    FUNC_DEVICE
#define BLANKS    FUNC_BLANKS

const struct func funcs[] = {
#define FUNC(name, least, most, result, flags, impl)                                               \
    {name, least, most, RESULT_##result, flags, impl},
#define FORM(name, least, most, result, flags) {name, least, most, RESULT_##result, flags, NULL},
#include "forms/expr/funcs.def"
#undef FUNC
#undef FORM
};

const uint32_t n_funcs = sizeof funcs / sizeof *funcs;

const struct func *func_find(struct str prefix, struct str name)
{
    for (uint32_t i = 0; i < n_funcs; i++) {
        struct str have = str_of(funcs[i].name);
        if (prefix.n == 0 ? str_eq(have, name)
                          : have.n == prefix.n + 1 + name.n && str_starts(have, prefix) &&
                                have.p[prefix.n] == ':' && str_ends(have, name))
            return &funcs[i];
    }
    return NULL;
}

bool func_fail(struct vm *m, struct str what)
{
    char tmp[ERR_ARG_MAX];
    return err_fail1(m->e, ERR_EXPR_RUN, err_arg(tmp, what));
}

bool members_next(struct members *it, struct value *ret)
{
    while (it->at < it->n) {
        const struct value *v = &it->args[it->at].v;
        if (v->kind != VAL_NODES) {
            it->at++;
            *ret = *v;
            return true;
        }
        if (it->node < v->u.nodes.n) {
            *ret = node_value(v->u.nodes.v[it->node++], it->m->ev);
            return true;
        }
        it->at++;
        it->node = 0;
    }
    return false;
}
