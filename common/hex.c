#include "common/hex.h"

#include <string.h>

static const char digits[] = "0123456789abcdef";

void
hex_print(const void *bytes, size_t n, char *ret)
{
    const uint8_t *from = bytes;
    for (size_t i = 0; i < n; i++) {
        *ret++ = digits[from[i] >> 4];
        *ret++ = digits[from[i] & 15];
    }
    *ret = 0;
}

static uint8_t
value(char digit)
{
    return (uint8_t)(strchr(digits, digit) - digits);
}

bool
hex_read(const char *text, uint8_t *ret, size_t n)
{
    if (!text || strspn(text, digits) != 2 * n || text[2 * n])
        return false;
    for (size_t i = 0; i < n; i++)
        ret[i] = (uint8_t)(value(text[2 * i]) << 4 | value(text[2 * i + 1]));
    return true;
}
