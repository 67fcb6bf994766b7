#include "server/native/device.h"

#include <string.h>

const char *
device_shown(const struct device *d)
{
    return *d->shown ? d->shown : NULL;
}

int
device_begin(struct device *ret, const char *shown, struct status *e)
{
    *ret = (struct device){.shown = ""};
    if (shown && digest_bytea(shown, ret->shown, e) < 0)
        return -1;
    return digest_token(ret->secret, e) < 0 ? -1 : digest_bytea(ret->secret, ret->fresh, e);
}

void
device_end(struct device *d)
{
    explicit_bzero(d, sizeof *d);
}
