/* The respondent's code: the first 40 bits of the interview's id as eight Crockford base32
 * characters and a check character (decisions.md 13). Short enough to be read over the telephone, and
 * typed in a shell as it is: the check, too, is a letter or a digit, so not Crockford's own, which may be
 * one of `*~$=`. */
#include "app/flow/host.h"

static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/* The characters weighted by the powers of x in GF(32), modulo x^5 + x^2 + 1: one that is wrong, and any two
 * that changed places, give another check. */
static unsigned check_of(uint64_t n)
{
    unsigned c = 0;
    for (int i = 0; i < 8; i++) {
        c = (c ^ (unsigned)(n >> (35 - 5 * i) & 31)) << 1;
        if (c & 32)
            c ^= 0x25;
    }
    return c;
}

void code_of_uuid(const struct id16 *uuid, char ret[16])
{
    uint64_t n = 0;
    size_t at = 0;
    for (int i = 0; i < 5; i++)
        n = n << 8 | uuid->b[i];
    for (int i = 0; i < 8; i++) {
        if (i == 4)
            ret[at++] = '-';
        ret[at++] = digits[n >> (35 - 5 * i) & 31];
    }
    ret[at++] = '-';
    ret[at++] = digits[check_of(n)];
    ret[at] = '\0';
}

static int digit_of(char c)
{
    if (c >= 'a' && c <= 'z')
        c = (char)(c - 'a' + 'A');
    if (c == 'O')
        c = '0';
    if (c == 'I' || c == 'L')
        c = '1';
    for (int i = 0; i < 32; i++)
        if (digits[i] == c)
            return i;
    return -1;
}

bool code_parse(struct str text, uint8_t ret[5])
{
    uint64_t n = 0;
    int seen = 0, check = -1;
    text = str_trim(text);
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '-' || text.p[i] == ' ')
            continue;
        int d = digit_of(text.p[i]);
        if (d < 0 || seen == 9)
            return false;
        if (seen < 8)
            n = n << 5 | (uint64_t)d;
        else
            check = d;
        seen++;
    }
    if (seen != 9 || (unsigned)check != check_of(n))
        return false;
    for (int i = 0; i < 5; i++)
        ret[i] = (uint8_t)(n >> (32 - 8 * i));
    return true;
}
