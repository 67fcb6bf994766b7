/**
 * Outcomes as values: where a failure is found a struct status is filled; everybody else passes it
 * on.
 */
#ifndef JIAYI_COMMON_STATUS_H
#define JIAYI_COMMON_STATUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct embed;
struct template_arg;

#define MUST_CHECK __attribute__((warn_unused_result))

enum status_code {
#define STATUS(name, number) STATUS_##name = (number),
#include "common/status.def"
#undef STATUS
};

/** How something ended. A zeroed status is OK. */
struct status {
    enum status_code code;
    /** For the caller: one line, lower case, no full stop; names the input and the remedy. */
    char message[400];
    /**
     * What the message is made of, for status_say(): the template, then each argument, all with a
     * NUL behind; @n_parts is 0 where that is not known.
     */
    char parts[600];
    uint8_t n_parts;
    /**
     * The arguments that are codes, a bit for each: they are kept as "LIST\004CODE", or
     * "LIST\004CODE, CODE".
     */
    uint8_t codes;
    /** The message begins with the field. */
    bool names_field;
    /** For the log alone; may name SQL, paths and system errors, never a secret. */
    char detail[400];
    /** The request field that is wrong, as a path; empty when the failure is not a field's. */
    char field[80];
    /** The version that is there, for STATUS_ABORTED; 0 when unknown. */
    int32_t current_version;
    /** When to come again, in milliseconds; 0 when there is nothing to say. */
    uint32_t retry_after_ms;
};

/**
 * status_set() - fill @e with @code and a message for the caller.
 *
 * What the message quotes of the input is shortened at a character's boundary to fit, what is no
 * UTF-8 is left out, and control characters become '?', so that it stays one line of text.
 * Always returns -1, so that `return status_set(e, ...)` reads as a failure.
 */
int status_set(struct status *e, enum status_code code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** status_detail() - add to @e what only the log may know. Returns -1. */
int status_detail(struct status *e, const char *format, ...) __attribute__((format(printf, 2, 3)));

/** status_field() - STATUS_INVALID_ARGUMENT of the request field @field. Returns -1. */
int status_field(struct status *e, const char *field, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/**
 * status_set_args() - as status_set(), with arguments that are texts already and may be codes: see
 * template_fill(). Those from the ninth on are left out.
 */
int status_set_args(struct status *e, enum status_code code, const char *template,
                    const struct template_arg *args, size_t n);

/**
 * status_say() - the message in another language, one line of text as status_set() makes it.
 *
 * @catalogue: where the template and the words of codes are looked up (catalogue_find()); NULL for
 *             English, and whatever it does not have stays as it is
 */
void status_say(const struct status *e, const struct embed *catalogue, char *to, size_t size);

/**
 * status_fill() - the message in the words of @template, a translation of e->parts, without the
 * field that it may begin with: for who knows the field by another name.
 */
void status_fill(const struct status *e, const char *template, char *to, size_t size);

/** status_name() - "NOT_FOUND" for STATUS_NOT_FOUND; "UNKNOWN" for a number that is none. */
const char *status_name(enum status_code code);

#endif
