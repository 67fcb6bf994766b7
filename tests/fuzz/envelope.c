/**
 * Any bytes as a message of a peer: RpcRequest, and what is in it.
 */
#include "tests/fuzz/gate.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    try_message(data, size);
    return 0;
}
