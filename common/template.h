/**
 * Templates of messages: formats of printf() whose arguments are texts already.
 *
 * So a translation may put the arguments into another order ("%2$s"), and is never a format for
 * printf(): nothing but the arguments goes into it.
 */
#ifndef JIAYI_COMMON_TEMPLATE_H
#define JIAYI_COMMON_TEMPLATE_H

#include <stdarg.h>
#include <stddef.h>

/** Marks a template for translation (po/collect), where it does not stand in status_set(). */
#define N_(text) text

/** The most arguments of a template. */
enum { TEMPLATE_ARGS = 8 };

/** An argument. */
struct template_arg {
    /** NULL is "". */
    const char *text;
    /** Of which list the text is a code, such as "stage"; NULL for data, shown as it is. */
    const char *list;
};

/**
 * template_args() - take the arguments of a printf format one by one and print each.
 *
 * @texts: room for the texts, which @ret points to; what does not fit is cut between characters
 *
 * Returns how many there are; -1 for a format that names arguments by number, or has other than the
 * usual conversions.
 */
int template_args(const char *format, va_list args, struct template_arg ret[TEMPLATE_ARGS],
                  char *texts, size_t size);

/**
 * template_fill() - put the @n texts @args into @template, into @to; cut between characters.
 *
 * Each conversion stands for the next argument, whatever its kind, "%2$s" for that one, and "%%"
 * for a percent sign. One without an argument is left out.
 */
void template_fill(char *to, size_t size, const char *template, const char *const *args, size_t n);

#endif
