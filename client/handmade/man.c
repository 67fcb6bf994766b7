#include "client/client.h"
#include "client/handmade.h"
int man_run(struct client *c, struct status *e){(void)c;(void)e;return 0;}
