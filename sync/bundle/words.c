/* Codes for people out of two lists of 2,048 words; see words.h. */
#include "sync/bundle/words.h"

#include <assert.h>

#include "sync/errors.h"

#define WORD_MAX    8
#define PREFIX      4
#define PAPER_BYTES 32

static const char list_id[][WORD_MAX + 1] = {
#define WORD(w) w,
#include "sync/bundle/words_id.def"
#undef WORD
};
static const char list_en[][WORD_MAX + 1] = {
#define WORD(w) w,
#include "sync/bundle/words_en.def"
#undef WORD
};
static_assert(sizeof list_id / sizeof *list_id == WORDS_COUNT, "11 bits a word");
static_assert(sizeof list_en / sizeof *list_en == WORDS_COUNT, "11 bits a word");

struct str words_at(enum words_lang lang, uint32_t i)
{
    assert(i < WORDS_COUNT);
    return str_of(lang == WORDS_ID ? list_id[i] : list_en[i]);
}

bool words_find(enum words_lang lang, struct str word, uint32_t *ret)
{
    uint32_t low = 0, high = WORDS_COUNT;
    if (word.n < PREFIX)
        return false;
    struct str key = str_sub(word, 0, PREFIX);
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        int c = str_cmp(str_sub(words_at(lang, mid), 0, PREFIX), key);
        if (c == 0) {
            if (!str_starts(words_at(lang, mid), word))
                return false;
            *ret = mid;
            return true;
        }
        if (c < 0)
            low = mid + 1;
        else
            high = mid;
    }
    return false;
}

/* Bits i·11 … i·11+10 of p, the highest bit of a byte first. */
static uint32_t bits11(const uint8_t *p, uint32_t i)
{
    uint32_t v = 0;
    for (uint32_t b = i * 11; b < i * 11 + 11; b++)
        v = v << 1 | (p[b / 8] >> (7 - b % 8) & 1);
    return v;
}

static bool add_words(enum words_lang lang, const uint8_t *p, uint32_t n, struct buf *out)
{
    for (uint32_t i = 0; i < n; i++) {
        if (i)
            buf_add_c(out, ' ');
        buf_add_str(out, words_at(lang, bits11(p, i)));
    }
    return !out->full;
}

bool words_of_hash(enum words_lang lang, const struct hash32 *h, uint32_t n, struct buf *out)
{
    assert(n * 11 <= sizeof h->b * 8);
    return add_words(lang, h->b, n, out);
}

static void draw(enum words_lang lang, uint32_t n, struct buf *out)
{
    for (uint32_t i = 0; i < n; i++) {
        if (i)
            buf_add_c(out, ' ');
        buf_add_str(out, words_at(lang, crypt_uniform(WORDS_COUNT)));
    }
}

void words_invite(enum words_lang lang, struct buf *out)
{
    draw(lang, WORDS_INVITE, out);
}

void words_passphrase(enum words_lang lang, struct buf *out)
{
    draw(lang, WORDS_PASSPHRASE, out);
}

/* ---- what was typed ---- */

struct typed {
    char word[WORDS_PAPER][WORD_MAX + 1];
    uint32_t n;
};

static bool is_gap(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '-' || c == ',' || c == '.';
}

static bool typed_read(struct str s, uint32_t want, struct typed *t, struct err *e)
{
    char num[ERR_ARG_MAX];
    *t = (struct typed){0};
    for (size_t i = 0; i < s.n;) {
        if (is_gap(s.p[i])) {
            i++;
            continue;
        }
        size_t n = 0;
        char w[WORD_MAX + 1] = {0};
        for (; i < s.n && !is_gap(s.p[i]); i++, n++)
            if (n < WORD_MAX)
                w[n] = (char)(s.p[i] >= 'A' && s.p[i] <= 'Z' ? s.p[i] - 'A' + 'a' : s.p[i]);
        if (n > WORD_MAX)
            return err_fail1(e, ERR_WORDS, w);
        if (t->n == want)
            return err_fail1(e, ERR_WORDS_COUNT, err_num(num, want));
        memcpy(t->word[t->n++], w, sizeof w);
    }
    return t->n == want || err_fail1(e, ERR_WORDS_COUNT, err_num(num, want));
}

/* All words of one list, whole; or cut short, when `cut`. */
static bool all_of(const struct typed *t, enum words_lang lang, bool cut, uint32_t *index)
{
    for (uint32_t i = 0; i < t->n; i++) {
        struct str w = str_of(t->word[i]);
        if (!words_find(lang, w, &index[i]))
            return false;
        if (!cut && !str_eq(w, words_at(lang, index[i])))
            return false;
    }
    return true;
}

/* Whole words first: then the list does not matter for the text. */
static bool resolve(const struct typed *t, enum words_lang *ret_lang, uint32_t *index,
                    struct err *e)
{
    for (int cut = 0; cut < 2; cut++)
        for (int lang = WORDS_ID; lang <= WORDS_EN; lang++)
            if (all_of(t, (enum words_lang)lang, cut, index)) {
                *ret_lang = (enum words_lang)lang;
                return true;
            }
    for (uint32_t i = 0; i < t->n; i++) {
        uint32_t any;
        if (!words_find(WORDS_ID, str_of(t->word[i]), &any) &&
            !words_find(WORDS_EN, str_of(t->word[i]), &any))
            return err_fail1(e, ERR_WORDS, t->word[i]);
    }
    return err_fail(e, ERR_WORDS_MIXED);
}

bool words_invite_read(struct str typed, struct buf *out, struct err *e)
{
    struct typed t;
    uint32_t index[WORDS_PAPER];
    enum words_lang lang;
    bool ok = typed_read(typed, WORDS_INVITE, &t, e) && resolve(&t, &lang, index, e);
    for (uint32_t i = 0; ok && i < WORDS_INVITE; i++) {
        if (i)
            buf_add_c(out, ' ');
        buf_add_str(out, words_at(lang, index[i]));
    }
    crypt_wipe(&t, sizeof t);
    crypt_wipe(index, sizeof index);
    return ok;
}

/* ---- the paper key ---- */

/* First byte of H(T("cacah.paper.1") ‖ seed). */
static uint8_t paper_check(const uint8_t seed[PAPER_BYTES])
{
    struct buf m;
    buf_init(&m, 64);
    msg_tag(&m, "cacah.paper.1");
    buf_add(&m, seed, PAPER_BYTES);
    struct hash32 h = crypt_hash(buf_str(&m));
    buf_wipe_done(&m);
    return h.b[0];
}

void words_paper(enum words_lang lang, const struct secret *seed, struct buf *out)
{
    uint8_t b[PAPER_BYTES + 1];
    assert(secret_size(seed) == PAPER_BYTES);
    memcpy(b, secret_view(seed), PAPER_BYTES);
    b[PAPER_BYTES] = paper_check(b);
    add_words(lang, b, WORDS_PAPER, out);
    crypt_wipe(b, sizeof b);
}

bool words_paper_read(struct str typed, struct secret **ret, struct err *e)
{
    struct typed t;
    uint32_t index[WORDS_PAPER];
    uint8_t b[PAPER_BYTES + 1] = {0};
    enum words_lang lang;
    bool ok = typed_read(typed, WORDS_PAPER, &t, e) && resolve(&t, &lang, index, e);
    for (uint32_t i = 0; ok && i < WORDS_PAPER * 11; i++)
        b[i / 8] |= (uint8_t)((index[i / 11] >> (10 - i % 11) & 1) << (7 - i % 8));
    if (ok && paper_check(b) != b[PAPER_BYTES])
        ok = err_fail(e, ERR_WORDS_PAPER);
    if (ok)
        *ret = secret_copy(b, PAPER_BYTES);
    crypt_wipe(&t, sizeof t);
    crypt_wipe(index, sizeof index);
    crypt_wipe(b, sizeof b);
    return ok;
}
