#include <stdio.h>

#include "client/handmade.h"
#include "client/session.h"

int
version_run(struct client *c, struct status *e)
{
    (void)c;
    (void)e;
    printf("jiayi %s\n", JIAYI_VERSION);
    return 0;
}
