/* Looks strings up in a compiled catalogue (.mo): two sorted tables of lengths and offsets, so a
 * binary search does. The catalogues are arrays made at build time (app/po/meson.build). */
#include "app/tr.h"

#include <stdint.h>

static const unsigned char catalogue_id[] = {
#include "id.mo.inc"
};

enum { MO_MAGIC_AT = 0, MO_COUNT_AT = 8, MO_IDS_AT = 12, MO_TEXTS_AT = 16 };

/* English needs no catalogue. */
static const struct {
    const char *code;
    const unsigned char *mo;
} languages[] = {{"id", catalogue_id}, {"en", NULL}};

static size_t chosen; /* Indonesian until someone chooses */

static uint32_t word_at(const unsigned char *mo, uint32_t at)
{
    return (uint32_t)mo[at] | (uint32_t)mo[at + 1] << 8 | (uint32_t)mo[at + 2] << 16 |
           (uint32_t)mo[at + 3] << 24;
}

/* Both tables hold (length, offset) pairs; every text ends with a NUL. */
static const char *text_of(const unsigned char *mo, uint32_t table, uint32_t i)
{
    return (const char *)mo + word_at(mo, word_at(mo, table) + 8 * i + 4);
}

static const char *look_up(const unsigned char *mo, const char *msgid)
{
    uint32_t low = 0, high = word_at(mo, MO_COUNT_AT);

    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        /* an entry with a plural holds both forms with a NUL between: the first one is compared */
        int order = strcmp(msgid, text_of(mo, MO_IDS_AT, mid));

        if (order == 0)
            return text_of(mo, MO_TEXTS_AT, mid);
        if (order < 0)
            high = mid;
        else
            low = mid + 1;
    }
    return NULL;
}

const char *tr(const char *msgid)
{
    const unsigned char *mo = languages[chosen].mo;
    const char *text = mo && msgid[0] ? look_up(mo, msgid) : NULL;

    return text ? text : msgid;
}

const char *tr_n(const char *one, const char *many, unsigned long n)
{
    const unsigned char *mo = languages[chosen].mo;
    const char *text = mo ? look_up(mo, one) : NULL;

    if (text)
        return text;
    return n == 1 ? one : many;
}

bool tr_choose(struct str code)
{
    for (size_t i = 0; i < sizeof languages / sizeof *languages; i++) {
        if (str_is(code, languages[i].code)) {
            chosen = i;
            return true;
        }
    }
    return false;
}

const char *tr_language(void)
{
    return languages[chosen].code;
}
