/* The table of actions, and the look-up both ways. */
#include "app/view/keymap.h"

#include <assert.h>

#include "app/tr.h"

static const struct action_info actions[ACTIONS] = {
#define ACTION(id, name, contexts, keys, word, help)                                               \
    [ACTION_##id] = {name, contexts, keys, word, help},
#include "app/view/action.def"
#undef ACTION
};

const struct action_info *action_info(enum action a)
{
    assert(a > ACTION_NONE && a < ACTIONS);
    return &actions[a];
}

/* False at a name that is no key, or one too many; *ret_bad is that word. */
static bool parse_keys(struct key keys[KEYS_PER_ACTION], struct str text, struct str *ret_bad)
{
    struct str word;
    size_t n = 0;

    memset(keys, 0, KEYS_PER_ACTION * sizeof *keys);
    while (str_word(&text, &word)) {
        *ret_bad = word;
        if (n == KEYS_PER_ACTION || !key_parse(word, &keys[n++]))
            return false;
    }
    return true;
}

void keymap_init(struct keymap *m)
{
    struct str bad;

    memset(m, 0, sizeof *m);
    for (int a = ACTION_NONE + 1; a < ACTIONS; a++) {
        bool fine = parse_keys(m->keys[a], str_of(actions[a].keys), &bad);

        assert(fine);
        (void)fine;
    }
}

bool keymap_set(struct keymap *m, struct str action, struct str keys, struct err *e)
{
    char tmp[ERR_ARG_MAX];
    struct key parsed[KEYS_PER_ACTION];
    struct str bad;

    for (int a = ACTION_NONE + 1; a < ACTIONS; a++) {
        if (!str_is(action, actions[a].name))
            continue;
        if (!parse_keys(parsed, keys, &bad))
            return err_fail1(e, ERR_NO_KEY, err_arg(tmp, bad));
        memcpy(m->keys[a], parsed, sizeof parsed);
        return true;
    }
    return err_fail1(e, ERR_NO_ACTION, err_arg(tmp, action));
}

static bool key_works(struct situation s, struct key k)
{
    return k.code != 0 && !(s.typing && key_is_text(k));
}

enum action keymap_find(const struct keymap *m, struct situation s, struct key k)
{
    if (k.pasted || !key_works(s, k))
        return ACTION_NONE;
    for (int a = ACTION_NONE + 1; a < ACTIONS; a++) {
        if (!(actions[a].contexts & s.contexts))
            continue;
        for (int i = 0; i < KEYS_PER_ACTION; i++)
            if (m->keys[a][i].code && key_eq(m->keys[a][i], k))
                return (enum action)a;
    }
    return ACTION_NONE;
}

static bool is_absent(const struct keymap *m, struct key k)
{
    return k.code >= K_F1 && k.code <= K_F12 && (m->absent >> (k.code - K_F1 + 1) & 1);
}

bool keymap_key(const struct keymap *m, struct situation s, enum action a, struct key *ret)
{
    bool found = false;

    if (!(actions[a].contexts & s.contexts))
        return false;
    for (int i = 0; i < KEYS_PER_ACTION; i++) {
        struct key k = m->keys[a][i];

        if (!key_works(s, k))
            continue;
        if (!is_absent(m, k)) {
            *ret = k;
            return true;
        }
        if (!found)
            *ret = k;
        found = true;
    }
    return found;
}
