#include "server/native/natives.h"

#include <stddef.h>

#include "server/call/call.h"
#include "server/secret/signature.h"

void
native_check_signature(struct call *c)
{
    static const char *const fields[] = {"public_key", "note", "signature"};
    const char *given[3];
    int n = 0;
    for (int i = 0; i < 3; i++) {
        given[i] = message_named_string(c->in, fields[i]);
        n += given[i] != NULL;
    }
    for (int i = 0; n > 0 && i < 3; i++)
        if (!given[i]) {
            status_field(&c->status, fields[i],
                         "who signs with a key gives public_key, note and signature");
            return;
        }
    if (n > 0 && !signature_holds(given[0], given[1], given[2]))
        status_field(&c->status, "signature", "is not what the key makes of the note");
}
