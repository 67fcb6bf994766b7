#include "client/handmade/handmade.h"
#include "client/handmade/signed_in.h"
#include "client/run/request.h"

/** The session goes on with another token. */
int
totp_verify(struct client *c, struct status *e)
{
    ProtobufCMessage *request = request_make(c, e), *answer;
    if (!request || session_open(c, e) < 0 ||
        !(answer = session_call(c, c->parsed.command->method, request, e)))
        return -1;
    struct profile new = c->profile, none = {.name = new.name};
    return signed_in_keep(c, &none, &new, answer, e);
}
