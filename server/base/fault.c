#include "server/base/fault.h"

#ifdef JIAYI_FAULTS

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

/** What stands behind @what in @text; NULL where that begins otherwise. */
static const char *
behind(const char *text, const char *what)
{
    size_t n = strlen(what);
    return strncmp(text, what, n) == 0 ? text + n : NULL;
}

void
fault_point_of(const char *name, const char *method)
{
    static atomic_long passages;
    const char *asked = getenv("JIAYI_FAULT");
    if (!asked || !(asked = behind(asked, name)))
        return;
    if (*asked == '@' && (!method || !(asked = behind(asked + 1, method))))
        return;
    if (*asked == ':' && atomic_fetch_add(&passages, 1) + 1 == strtol(asked + 1, NULL, 10))
        raise(SIGKILL);
}

#endif
