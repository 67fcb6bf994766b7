/**
 * A packed message, field by field, as its bytes stand: for what is to be looked at before, or
 * instead of, unpacking it.
 */
#ifndef JIAYI_COMMON_PACKED_H
#define JIAYI_COMMON_PACKED_H

#include <protobuf-c/protobuf-c.h>
#include <stdbool.h>
#include <stdint.h>

/** Bytes still to be read. */
struct packed {
    const uint8_t *at, *end;
};

/** packed_varint() - read a varint. Returns false where there is none. */
static inline bool
packed_varint(struct packed *p, uint64_t *ret)
{
    *ret = 0;
    for (unsigned shift = 0; shift < 64 && p->at < p->end; shift += 7) {
        uint8_t byte = *p->at++;
        *ret |= (uint64_t)(byte & 0x7f) << shift;
        if (!(byte & 0x80))
            return true;
    }
    return false;
}

/**
 * packed_field() - read a field, or pass over it.
 *
 * @ret_tag:   its number << 3, and its wire type
 * @ret_value: the bytes of the value, of a length-delimited one without the length; empty for a
 *             varint
 *
 * Returns false where there is no field, or a group, or one that ends behind the message.
 */
static inline bool
packed_field(struct packed *p, uint64_t *ret_tag, struct packed *ret_value)
{
    uint64_t n = 0;
    *ret_value = (struct packed){NULL, NULL};
    /* There is no field 0; protobuf-c lets it pass when it is written in two bytes. */
    if (!packed_varint(p, ret_tag) || *ret_tag >> 3 == 0)
        return false;
    switch (*ret_tag & 7) {
    case PROTOBUF_C_WIRE_TYPE_VARINT: return packed_varint(p, &n);
    case PROTOBUF_C_WIRE_TYPE_64BIT: n = 8; break;
    case PROTOBUF_C_WIRE_TYPE_32BIT: n = 4; break;
    case PROTOBUF_C_WIRE_TYPE_LENGTH_PREFIXED:
        if (!packed_varint(p, &n))
            return false;
        break;
    default: return false; /* groups */
    }
    if (n > (uint64_t)(p->end - p->at))
        return false;
    *ret_value = (struct packed){p->at, p->at + n};
    p->at += n;
    return true;
}

#endif
