/**
 * Every method's request: the first two bytes choose the method, the rest is the payload of a call
 * that is otherwise in order.
 */
#include "tests/fuzz/gate.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input in = {data, data + size};
    uint8_t *message = make_message(&in, &size);
    try_message(message, size);
    free(message);
    return 0;
}
