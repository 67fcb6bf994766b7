#include "common/log.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/text.h"

static const char *const level_names[] = {
    [LOG_ERROR] = "error",
    [LOG_WARN] = "warn",
    [LOG_INFO] = "info",
    [LOG_DEBUG] = "debug",
};

/** Written by log_setup() before other threads are there. */
static enum log_level threshold = LOG_INFO;
static int log_fd = STDERR_FILENO;

/** The end of a line that did not fit; every line leaves room for it. */
static const char cut_mark[] = " cut=true\n";

/** A line in the making. What does not fit is dropped as a whole field. */
struct line {
    size_t n;
    bool full;
    char text[LOG_LINE_BYTES];
};

struct log_field
log_text(const char *key, const char *value)
{
    return (struct log_field){.key = key,
                              .kind = LOG_KIND_TEXT,
                              .bytes = value,
                              .n_bytes = value ? strlen(value) : 0};
}

struct log_field
log_number(const char *key, int64_t value)
{
    return (struct log_field){.key = key, .kind = LOG_KIND_NUMBER, .number = value};
}

struct log_field
log_hex(const char *key, const void *bytes, size_t n_bytes)
{
    return (struct log_field){.key = key, .kind = LOG_KIND_HEX, .bytes = bytes, .n_bytes = n_bytes};
}

void
log_setup(enum log_level level, int fd)
{
    threshold = level;
    log_fd = fd;
}

bool
log_enabled(enum log_level level)
{
    return level <= threshold;
}

int
log_level_by_name(const char *name)
{
    for (int i = 0; i <= LOG_DEBUG; i++)
        if (strcmp(level_names[i], name) == 0)
            return i;
    return -1;
}

static void
put_bytes(struct line *line, const char *bytes, size_t n)
{
    if (line->full || n > sizeof line->text - sizeof cut_mark - line->n) {
        line->full = true;
        return;
    }
    memcpy(line->text + line->n, bytes, n);
    line->n += n;
}

static void
write_text(struct line *line, const char *text)
{
    put_bytes(line, text, strlen(text));
}

static void
write_time(struct line *line)
{
    struct timespec now;
    struct tm utc;
    char text[48];
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &utc);
    size_t n = strftime(text, sizeof text, "time=%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(text + n, sizeof text - n, ".%03ldZ", now.tv_nsec / 1000000);
    write_text(line, text);
}

/** True for the characters that need no quotes around a value. */
static bool
is_plain(unsigned char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != 0 && strchr("-_.:/@+,%[]", c) != NULL);
}

static bool
all_plain(const char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!is_plain((unsigned char)bytes[i]))
            return false;
    return n > 0;
}

/** The code point of the valid UTF-8 character of @n bytes at @p. */
static uint32_t
code_point(const unsigned char *p, size_t n)
{
    static const unsigned char first_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t c = p[0] & first_bits[n];
    for (size_t i = 1; i < n; i++)
        c = c << 6 | (p[i] & 0x3f);
    return c;
}

/** Characters that move, hide or turn round text on a terminal: controls, line ends, bidi marks. */
static bool
is_harmful(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || (c >= 0x200b && c <= 0x200f) ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff;
}

static void
write_escaped(struct line *line, uint32_t c)
{
    char text[8];
    if (c == '\n')
        write_text(line, "\\n");
    else if (c == '\t')
        write_text(line, "\\t");
    else if (c == '\r')
        write_text(line, "\\r");
    else {
        snprintf(text, sizeof text, "\\u%04x", (unsigned)(c & 0xffff));
        write_text(line, text);
    }
}

/**
 * Puts the character at @p and returns how many of the @n bytes it took. A byte that is none:
 * \xHH.
 */
static size_t
put_character(struct line *line, const char *p, size_t n)
{
    size_t length = 1;
    while (length < 4 && length < n && !text_valid(p, length))
        length++;
    if (*p == '"' || *p == '\\') {
        put_bytes(line, "\\", 1);
        put_bytes(line, p, 1);
        return 1;
    }
    if (*p && !text_valid(p, length)) {
        char text[8];
        snprintf(text, sizeof text, "\\x%02x", (unsigned char)*p);
        write_text(line, text);
        return 1;
    }
    if (*p == 0)
        length = 1;
    uint32_t c = code_point((const unsigned char *)p, length);
    if (is_harmful(c))
        write_escaped(line, c);
    else
        put_bytes(line, p, length);
    return length;
}

static void
put_value_text(struct line *line, const char *bytes, size_t n)
{
    bool cut = n > LOG_TEXT_BYTES;
    if (cut)
        n = text_fit(bytes, LOG_TEXT_BYTES);
    if (!cut && all_plain(bytes, n)) {
        put_bytes(line, bytes, n);
        return;
    }
    put_bytes(line, "\"", 1);
    for (size_t i = 0; i < n;)
        i += put_character(line, bytes + i, n - i);
    write_text(line, cut ? "...\"" : "\"");
}

static void
put_value_hex(struct line *line, const char *bytes, size_t n)
{
    char text[3];
    for (size_t i = 0; i < n && i < LOG_HEX_BYTES; i++) {
        snprintf(text, sizeof text, "%02x", (unsigned char)bytes[i]);
        put_bytes(line, text, 2);
    }
}

static void
put_field(struct line *line, const struct log_field *field)
{
    char number[24];
    size_t before = line->n;
    put_bytes(line, " ", 1);
    write_text(line, field->key);
    put_bytes(line, "=", 1);
    switch (field->kind) {
    case LOG_KIND_TEXT: put_value_text(line, field->bytes, field->n_bytes); break;
    case LOG_KIND_NUMBER:
        snprintf(number, sizeof number, "%lld", (long long)field->number);
        write_text(line, number);
        break;
    case LOG_KIND_HEX: put_value_hex(line, field->bytes, field->n_bytes); break;
    }
    if (line->full)
        line->n = before;
}

void
log_fields(enum log_level level, const char *event, const struct log_field *fields, size_t n_fields)
{
    if (!log_enabled(level))
        return;
    int saved = errno;
    struct line line = {.n = 0, .full = false};
    write_time(&line);
    write_text(&line, " level=");
    write_text(&line, level_names[level]);
    write_text(&line, " event=");
    write_text(&line, event);
    for (size_t i = 0; i < n_fields && !line.full; i++)
        put_field(&line, &fields[i]);
    const char *end = line.full ? cut_mark : "\n";
    memcpy(line.text + line.n, end, strlen(end));
    line.n += strlen(end);
    while (write(log_fd, line.text, line.n) < 0 && errno == EINTR)
        continue;
    errno = saved;
}
