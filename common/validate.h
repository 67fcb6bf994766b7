/**
 * A request against the options of its fields: required, lengths, bounds, choices, forms.
 */
#ifndef JIAYI_COMMON_VALIDATE_H
#define JIAYI_COMMON_VALIDATE_H

#include "common/message.h"

/**
 * validate_request() - check @request by the options of its fields, and those of the messages in
 * it.
 *
 * Returns 0, or -1 with @e: STATUS_INVALID_ARGUMENT, the field's path and what it should be.
 */
int validate_request(const ProtobufCMessage *request, struct status *e) MUST_CHECK;

#endif
