#include "common/base64.h"

#include <openssl/evp.h>
#include <stdbool.h>
#include <string.h>

char *
base64_encode(struct arena *a, const void *data, size_t n)
{
    char *text = arena_alloc(a, (n + 2) / 3 * 4 + 1);
    if (text)
        EVP_EncodeBlock((unsigned char *)text, data, (int)n);
    return text;
}

char *
base64_encode_url(struct arena *a, const void *data, size_t n)
{
    char *text = base64_encode(a, data, n);
    for (char *p = text; p && *p; p++)
        *p = (char)(*p == '+' ? '-' : *p == '/' ? '_' : *p == '=' ? 0 : *p);
    return text;
}

/** The base64 digit that @c is in either alphabet; 0 for another character. */
static char
digit(char c)
{
    bool is_alphanumeric =
        (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    return (char)(is_alphanumeric        ? c
                  : c == '+' || c == '-' ? '+'
                  : c == '/' || c == '_' ? '/'
                                         : 0);
}

ssize_t
base64_decode(struct arena *a, const char *text, size_t n, uint8_t **ret)
{
    /* Padding, where there is any, fills the last group of four. */
    for (size_t padding = 0, whole = n % 4 == 0; whole && padding < 2 && n && text[n - 1] == '=';
         padding++)
        n--;
    size_t room = (n + 3) / 4 * 4;
    char *digits = arena_alloc(a, room + 1);
    *ret = digits ? arena_alloc(a, room / 4 * 3 + 1) : NULL;
    if (!*ret || n % 4 == 1)
        return -1;
    memset(digits, '=', room);
    for (size_t i = 0; i < n; i++)
        if (!(digits[i] = digit(text[i])))
            return -1;
    EVP_DecodeBlock(*ret, (unsigned char *)digits, (int)room);
    return (*ret)[n * 3 / 4] ? -1 : (ssize_t)(n * 3 / 4);
}
