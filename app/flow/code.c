/* The respondent's code: the first 40 bits of the interview's id as eight Crockford base32
 * characters and a check character (decisions.md 13). Short enough to be read over the telephone,
 * and a slip of one character shows. */
#include "app/flow/host.h"

static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U";

/* Crockford's check: the number modulo 37. */
static char check_of(const uint8_t b[5])
{
    uint64_t n = 0;
    for (int i = 0; i < 5; i++)
        n = n << 8 | b[i];
    return digits[n % 37];
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
    ret[at++] = check_of(uuid->b);
    ret[at] = '\0';
}

static int digit_of(char c, int base)
{
    if (c >= 'a' && c <= 'z')
        c = (char)(c - 'a' + 'A');
    if (c == 'O')
        c = '0';
    if (c == 'I' || c == 'L')
        c = '1';
    for (int i = 0; i < base; i++)
        if (digits[i] == c)
            return i;
    return -1;
}

bool code_parse(struct str text, uint8_t ret[5])
{
    uint64_t n = 0;
    uint8_t b[5];
    int seen = 0, check = -1;
    text = str_trim(text);
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] == '-' || text.p[i] == ' ')
            continue;
        int d = digit_of(text.p[i], seen < 8 ? 32 : 37);
        if (d < 0 || seen == 9)
            return false;
        if (seen < 8)
            n = n << 5 | (uint64_t)d;
        else
            check = d;
        seen++;
    }
    for (int i = 0; i < 5; i++)
        b[i] = (uint8_t)(n >> (32 - 8 * i));
    if (seen != 9 || digits[check] != check_of(b))
        return false;
    memcpy(ret, b, sizeof b);
    return true;
}
