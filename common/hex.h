/**
 * Bytes as hexadecimal digits in lower case, two for each. Any thread may call.
 */
#ifndef JIAYI_COMMON_HEX_H
#define JIAYI_COMMON_HEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** hex_print() - the digits of the @n bytes at @bytes, and a NUL: 2 * @n + 1 characters. */
void hex_print(const void *bytes, size_t n, char *ret);

/**
 * hex_read() - the @n bytes that @text stands for. False where it is NULL, has more or fewer digits
 * than these take, or something else; what is in @ret then is nothing.
 */
bool hex_read(const char *text, uint8_t *ret, size_t n);

#endif
