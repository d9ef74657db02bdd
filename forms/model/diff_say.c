/* The sentences of diff.def. */
#include "forms/model/diff.h"

static const struct {
    const char *id, *text;
    enum diff_means means;
} kinds[DIFF_KINDS] = {
#define DIFF(id, means, text) {#id, text, DIFF_##means},
#include "forms/model/diff.def"
#undef DIFF
};

const char *diff_id(enum diff_kind k)
{
    return kinds[k].id;
}

enum diff_means diff_means(enum diff_kind k)
{
    return kinds[k].means;
}

const char *diff_means_word(enum diff_means m)
{
    static const char *const words[DIFF_MEANINGS] = {"draft", "data", "text"};
    return words[m];
}

bool diff_text(const struct diff_item *i, err_translate translate, struct buf *out)
{
    const char *p = translate ? translate(kinds[i->kind].text) : kinds[i->kind].text;
    for (; *p; p++) {
        bool was = p[0] == '%' && p[1] == '1', is = p[0] == '%' && p[1] == '2';
        if (was || is) {
            buf_add_str(out, was ? i->was : i->is);
            p++;
        } else {
            buf_add_c(out, *p);
        }
    }
    return !out->full;
}
