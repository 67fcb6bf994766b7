/**
 * Structured logs: one line per event on standard error, in logfmt.
 *
 *     log_event(LOG_INFO, "call", log_text("method", method), log_number("took_us", us));
 *     time=2026-11-21T20:16:03.123Z level=info event=call method=DealService/MoveDeal took_us=840
 *
 * Values are quoted and escaped, so that a line is one event whatever the input was. A line is one
 * write(2): lines of several threads do not mix. Nothing is allocated. Any thread may log.
 *
 * Secrets have no way in: a field is made by one of the constructors below, each for one type that
 * is no secret; there is none for tokens, passwords or messages, and no free format. Log a session
 * by its id.
 */
#ifndef JIAYI_COMMON_LOG_H
#define JIAYI_COMMON_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/** The longest line, in bytes; what does not fit is left out, and the line ends in cut=true. */
#define LOG_LINE_BYTES 4096
/** The most bytes of one text that are logged; a longer one ends in "...". */
#define LOG_TEXT_BYTES 512
/** The most bytes of one binary value that are logged. */
#define LOG_HEX_BYTES 32

enum log_level {
    /** Something failed that must not fail; somebody should look. */
    LOG_ERROR,
    /** Something failed and is being dealt with. */
    LOG_WARN,
    /** What an operator wants to see in normal times. */
    LOG_INFO,
    /** What only a developer wants to see. */
    LOG_DEBUG,
};

enum log_kind { LOG_KIND_TEXT, LOG_KIND_NUMBER, LOG_KIND_HEX };

/** One key and its value. Made by the constructors below; points into the caller's memory. */
struct log_field {
    const char *key;
    enum log_kind kind;
    int64_t number;
    const char *bytes;
    size_t n_bytes;
};

/** log_text() - a text, NUL-terminated; NULL is logged as an empty one. Need not be valid UTF-8. */
struct log_field log_text(const char *key, const char *value);

/** log_number() - an integer; name its unit in the key (took_us, size_bytes). */
struct log_field log_number(const char *key, int64_t value);

/** log_hex() - the first LOG_HEX_BYTES of a binary value, such as a request_id, in hexadecimal. */
struct log_field log_hex(const char *key, const void *bytes, size_t n_bytes);

/** log_setup() - log to the descriptor @fd what is @level or graver. Before other threads log. */
void log_setup(enum log_level level, int fd);

/** log_enabled() - true when events of @level are logged: saves the making of costly fields. */
bool log_enabled(enum log_level level);

/** log_level_by_name() - "error", "warn", "info" or "debug" as a level; -1 for other names. */
int log_level_by_name(const char *name);

/**
 * log_event() - write one line.
 *
 * @level: how grave it is (enum log_level)
 * @event: what happened: a fixed word, such as "call"; never input
 * ...:    fields; keys are fixed words too
 */
#define log_event(level, event, ...)                                  \
    log_fields(level, event, (const struct log_field[]){__VA_ARGS__}, \
               sizeof((const struct log_field[]){__VA_ARGS__}) / sizeof(struct log_field))

/** log_fields() - log_event() for @n_fields fields in an array. */
void log_fields(enum log_level level, const char *event, const struct log_field *fields,
                size_t n_fields);

#endif
