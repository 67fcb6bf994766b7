/**
 * SQL as text: what it is made of, and putting it together. What the words mean is PostgreSQL's
 * business.
 */
#ifndef JIAYI_SERVER_METHOD_SQL_TEXT_H
#define JIAYI_SERVER_METHOD_SQL_TEXT_H

#include <stdbool.h>
#include <stddef.h>

#include "common/arena.h"

/** What a token is. */
enum sql_text_kind {
    /** Letters, digits and underscores. */
    SQL_TEXT_WORD,
    /** 'x', "x" or $tag$x$tag$: nobody looks inside. */
    SQL_TEXT_QUOTED,
    /** From -- to the end of the line, without the newline, or between slash and asterisk. */
    SQL_TEXT_COMMENT,
    /** :name or :name.of.a.part, with its colon. Neither a cast (::text) nor a slice ([1:2]). */
    SQL_TEXT_NAME,
    /** One character that is none of these, white space too. */
    SQL_TEXT_OTHER,
};

/** A piece of SQL text. */
struct sql_text_token {
    enum sql_text_kind kind;
    /** Its @n bytes within the text. */
    const char *at;
    size_t n;
};

/** A line of a method's file. */
struct sql_text_line {
    /** Its @n bytes within the text, without the newline and without the condition. */
    const char *at;
    size_t n;
    /** What follows `--?` at its end, such as `stage !owner`; NULL when there is no condition. */
    const char *condition;
    size_t condition_n;
    /** Where the next line begins. */
    const char *next;
};

/** One word of a line's condition: a field that is there, or is not. */
struct sql_text_term {
    /** The field's name, @n bytes. */
    const char *field;
    size_t n;
    /** It is `!field`. */
    bool is_negated;
};

/** A growing text. All zero at first but for the arena that it grows in. */
struct sql_text {
    struct arena *arena;
    /** The text so far, with a NUL after it; NULL while it is empty. */
    char *at;
    /** Its bytes, without the NUL. */
    size_t n;
    size_t room;
    /** There was no memory for a part of it. */
    bool is_short;
};

/**
 * sql_text_next() - go on to the next token.
 *
 * @t: at first all zero but for @t->at, the text
 *
 * Returns false at the end of the text.
 */
bool sql_text_next(struct sql_text_token *t);

/**
 * sql_text_next_term() - go on to the next word of the line's condition.
 *
 * @t: at first all zero
 *
 * Returns false behind the last one, and where there is no condition; an empty condition has one,
 * which is empty.
 */
bool sql_text_next_term(const struct sql_text_line *l, struct sql_text_term *t);

/** sql_text_is_word() - true when the token is that word; upper and lower case are the same. */
bool sql_text_is_word(const struct sql_text_token *t, const char *word);

/**
 * sql_text_main() - where the main statement begins, behind the WITH list if there is one.
 *
 * @sql: without comments
 *
 * Returns its beginning within the text, or NULL where there is none.
 */
const char *sql_text_main(const char *sql);

/**
 * sql_text_next_line() - go on to the next line.
 *
 * @l: at first all zero but for @l->next, the text
 *
 * Returns false at the end of the text.
 */
bool sql_text_next_line(struct sql_text_line *l);

/**
 * sql_text_after() - what follows @directive at the very beginning of the line, without the white
 * space around it.
 *
 * Returns its beginning within the text and its length in *ret_n, or NULL when the line begins
 * otherwise.
 */
const char *sql_text_after(const struct sql_text_line *l, const char *directive, size_t *ret_n);

/** sql_text_trim() - the @n bytes at @s without white space around them; the length in *ret_n. */
const char *sql_text_trim(const char *s, size_t n, size_t *ret_n);

/** sql_text_add() - add the @n bytes at @s. Without memory @t->is_short says so at the end. */
void sql_text_add(struct sql_text *t, const char *s, size_t n);

/** sql_text_add_string() - sql_text_add() of a string. */
void sql_text_add_string(struct sql_text *t, const char *s);

/** sql_text_cut() - take white space, and those of the characters @also, off the end. */
void sql_text_cut(struct sql_text *t, const char *also);

#endif
