#include "client/base/encoding.h"

#include <errno.h>
#include <iconv.h>
#include <stdbool.h>
#include <string.h>

#include "common/text.h"

static const char gb18030[] = "GB18030";

/** What iconv makes of the text; NULL where it is not of that encoding, or there is no memory. */
static char *
convert(struct arena *a, const char *from, char *text, size_t size, size_t *ret_size)
{
    /* A byte of an encoding becomes three of UTF-8 at most. */
    size_t room = 3 * size, left = room;
    char *to = arena_alloc(a, room + 1), *at = to;
    iconv_t how = to ? iconv_open("UTF-8", from) : (iconv_t)-1;
    if (how == (iconv_t)-1)
        return NULL;
    size_t rc = iconv(how, &text, &size, &at, &left);
    iconv_close(how);
    if (rc == (size_t)-1 || size > 0)
        return NULL;
    *ret_size = room - left;
    *at = 0;
    return to;
}

/**
 * True where nine of ten characters of two bytes are among the 3,755 that GB 2312 has first, or
 * among its marks.
 */
static bool
looks_like_chinese(const char *text, size_t size)
{
    enum {
        FIRST_COMMON = 0xb0,
        LAST_COMMON = 0xd7,
        LAST_MARK = 0xa3,
        PLANE = 0xa1,
        NINE_OF_TEN = 9
    };
    size_t all = 0, common = 0;
    for (size_t i = 0; i + 1 < size; i++) {
        unsigned char lead = (unsigned char)text[i], trail = (unsigned char)text[i + 1];
        if (lead < 0x80)
            continue;
        bool is_common =
            (lead >= FIRST_COMMON && lead <= LAST_COMMON) || (lead >= PLANE && lead <= LAST_MARK);
        all++;
        common += is_common && trail >= PLANE;
        i++;
    }
    return all > 0 && common * (NINE_OF_TEN + 1) >= all * NINE_OF_TEN;
}

static int
take(char *text, const char *as, char **ret, const char **taken)
{
    *ret = text;
    *taken = as;
    return 0;
}

static int
read_as(struct arena *a, const char *wanted, char *text, size_t *size, char **ret,
        const char **taken, struct status *e)
{
    iconv_t known = iconv_open("UTF-8", wanted);
    if (known == (iconv_t)-1)
        return status_set(e, STATUS_USAGE, _("--encoding: \"%.40s\" is not known"), wanted);
    iconv_close(known);
    char *made = convert(a, wanted, text, *size, size);
    if (!made)
        return status_set(e, STATUS_INVALID_ARGUMENT, _("the file is no %.40s"), wanted);
    return take(made, wanted, ret, taken);
}

int
encoding_read(struct arena *a, char *text, size_t *size, const char *wanted, char **ret,
              const char **taken, struct status *e)
{
    static const struct {
        const char *bytes, *encoding;
    } marks[] = {{"\xff\xfe", "UTF-16LE"}, {"\xfe\xff", "UTF-16BE"}};
    char *made;
    if (*size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) {
        text += 3;
        *size -= 3;
        wanted = NULL;
    }
    for (size_t i = 0; i < 2 && *size >= 2; i++)
        if (memcmp(text, marks[i].bytes, 2) == 0) {
            *size -= 2;
            return read_as(a, marks[i].encoding, text + 2, size, ret, taken, e);
        }
    if (memchr(text, 0, *size))
        return status_set(e, STATUS_INVALID_ARGUMENT, "%s", _("the file is no text"));
    if (wanted)
        return read_as(a, wanted, text, size, ret, taken, e);
    if (text_valid(text, *size))
        return take(text, "UTF-8", ret, taken);
    if (looks_like_chinese(text, *size) && (made = convert(a, gb18030, text, *size, size)))
        return take(made, gb18030, ret, taken);
    return status_set(e, STATUS_INVALID_ARGUMENT, "%s",
                      _("the file is no UTF-8, and what else it is cannot be told for sure; say so "
                        "with --encoding, such as GB18030 or WINDOWS-1252, or save it as UTF-8"));
}
