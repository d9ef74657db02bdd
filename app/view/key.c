/* Names of keys, both ways. */
#include "app/view/key.h"

#include "forms/base/utf8.h"

static const struct {
    const char *name, *short_name;
} names[] = {
#define KEY(id, name, short_name) {name, short_name},
#include "app/view/keys.def"
#undef KEY
};

bool key_is_text(struct key k)
{
    return k.code >= 0x20 && k.code != 0x7F && k.code < KEY_FIRST_NAMED && !(k.mods & MOD_CTRL);
}

bool key_parse(struct str name, struct key *ret)
{
    struct key k = {0};
    size_t len;

    for (;;) {
        if (name.n > 5 && str_starts(name, STR("Ctrl-")))
            k.mods |= MOD_CTRL, name = str_from(name, 5);
        else if (name.n > 6 && str_starts(name, STR("Shift-")))
            k.mods |= MOD_SHIFT, name = str_from(name, 6);
        else
            break;
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_eq_nocase(name, str_of(names[i].name)))
            k.code = KEY_FIRST_NAMED + (uint32_t)i;
    if (str_eq_nocase(name, STR("Space")))
        k.code = ' ';
    if (k.code == 0 && name.n > 0) {
        k.code = utf8_at(name, 0, &len);
        if (len != name.n || k.code < 0x20)
            return false;
        if ((k.mods & MOD_CTRL) && k.code >= 'A' && k.code <= 'Z')
            k.code += 32;
    }
    if (k.code == 0)
        return false;
    *ret = k;
    return true;
}

bool key_label(struct key k, struct buf *out)
{
    if (k.mods & MOD_SHIFT)
        buf_add_z(out, "Shift-");
    if (k.mods & MOD_CTRL)
        buf_add_z(out, "Ctrl-");
    if (k.code == ' ')
        return buf_add_z(out, "Space");
    if (k.code >= KEY_FIRST_NAMED && k.code < K_END)
        return buf_add_z(out, names[k.code - KEY_FIRST_NAMED].short_name);
    if ((k.mods & MOD_CTRL) && k.code >= 'a' && k.code <= 'z')
        return buf_add_c(out, (char)(k.code - 32));
    return utf8_add(out, k.code);
}
