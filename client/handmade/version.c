#include <stdio.h>

#include "client/handmade/handmade.h"
#include "client/run/session.h"

int
version_run(struct client *c, struct status *e)
{
    (void)c;
    (void)e;
    printf("jiayi %s\n", JIAYI_VERSION);
    return 0;
}
