/* The entities sheet: read, checked, kept. */
#include "forms/model/build_i.h"

void entities_check(struct build *b)
{
    (void)b;
}
