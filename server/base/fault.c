#include "server/base/fault.h"

#ifdef JIAYI_FAULTS

#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

void
fault_point(const char *name)
{
    static atomic_long passages;
    const char *asked = getenv("JIAYI_FAULT");
    size_t n = strlen(name);
    if (!asked || strncmp(asked, name, n) != 0 || asked[n] != ':')
        return;
    if (atomic_fetch_add(&passages, 1) + 1 == strtol(asked + n + 1, NULL, 10))
        raise(SIGKILL);
}

#endif
