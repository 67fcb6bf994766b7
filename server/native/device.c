#include "server/native/device.h"

#include <stdio.h>
#include <string.h>

static int
print_hash(const char *secret, char ret[DEVICE_HASH_TEXT], struct status *e)
{
    uint8_t digest[SHA256_BYTES];
    if (digest_sha256(secret, strlen(secret), digest, e) < 0)
        return -1;
    strcpy(ret, "\\x");
    for (int i = 0; i < SHA256_BYTES; i++)
        snprintf(ret + 2 + 2 * i, 3, "%02x", digest[i]);
    return 0;
}

const char *
device_shown(const struct device *d)
{
    return *d->shown ? d->shown : NULL;
}

int
device_begin(struct device *ret, const char *shown, struct status *e)
{
    *ret = (struct device){.shown = ""};
    if (shown && print_hash(shown, ret->shown, e) < 0)
        return -1;
    return digest_token(ret->secret, e) < 0 ? -1 : print_hash(ret->secret, ret->fresh, e);
}

void
device_end(struct device *d)
{
    explicit_bzero(d, sizeof *d);
}
