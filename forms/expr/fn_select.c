/* Functions of lists of words: what select_multiple and rank hold. */
#include <math.h>

#include "forms/expr/func.h"

/* A blank list holds one blank word, as in ODK's engines: selected('', '') is true. */
bool fn_selected(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    (void)n;
    struct str rest = arg_string(m, a), want = str_trim(arg_string(m, a + 1)), word;
    bool any = false;
    while (str_word(&rest, &word)) {
        any = true;
        if (str_eq(word, want))
            return ret_boolean(ret, true);
    }
    return ret_boolean(ret, !any && want.n == 0);
}

bool fn_selected_at(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    (void)n;
    struct str rest = arg_string(m, a), word;
    double at = trunc(arg_number(m, a + 1));
    if (!(at >= 0))
        return ret_string(ret, STR(""));
    while (str_word(&rest, &word))
        if (at-- == 0)
            return ret_string(ret, word);
    return ret_string(ret, STR(""));
}

bool fn_count_selected(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    (void)n;
    struct str rest = arg_string(m, a), word;
    double count = 0;
    while (str_word(&rest, &word))
        count++;
    return ret_number(ret, count);
}

bool fn_choice_name(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    (void)n;
    const struct eval_ops *ops = m->ev->ops;
    struct str label;
    if (!ops || !ops->choice_label ||
        !ops->choice_label(m->ev->ctx, m->ev->current, arg_string(m, a),
                           str_trim(arg_string(m, a + 1)), m->ev->scratch, &label))
        label = STR("");
    return ret_string(ret, label);
}

/* Translations by id belong to XForms; a form made of sheets has none. */
bool fn_itext(struct vm *m, const struct slot *a, uint32_t n, struct value *ret)
{
    (void)m;
    (void)a;
    (void)n;
    return ret_string(ret, STR(""));
}
