#include "server/method/sql_text.h"

#include <ctype.h>
#include <string.h>

/* Tokens. */

static bool
is_word_char(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

static size_t
word_length(const char *s)
{
    size_t n = 0;
    while (is_word_char(s[n]))
        n++;
    return n;
}

/** The length of a quoted text that begins at @s; 0 when none begins there. */
static size_t
quoted_length(const char *s)
{
    if (*s == '\'' || *s == '"') {
        const char *p = s + 1;
        while (*p && !(*p == *s && p[1] != *s))
            p += *p == *s ? 2 : 1;
        return (size_t)(p - s) + (*p != 0);
    }
    if (*s == '$' && !isdigit((unsigned char)s[1])) {
        size_t tag = 1 + word_length(s + 1);
        if (s[tag++] != '$')
            return 0;
        for (const char *p = s + tag; *p; p++)
            if (strncmp(p, s, tag) == 0)
                return (size_t)(p - s) + tag;
        return strlen(s);
    }
    return 0;
}

/** The length of a comment that begins at @s, without the newline; 0 when none does. */
static size_t
comment_length(const char *s)
{
    if (s[0] == '-' && s[1] == '-')
        return strcspn(s, "\n");
    if (s[0] == '/' && s[1] == '*') {
        const char *end = strstr(s + 2, "*/");
        return end ? (size_t)(end - s) + 2 : strlen(s);
    }
    return 0;
}

/** The length of a name with the colon that it begins with at @s; 0 when none does. */
static size_t
name_length(const char *s)
{
    if (s[0] != ':' || !(isalpha((unsigned char)s[1]) || s[1] == '_'))
        return 0;
    size_t n = 1;
    while (is_word_char(s[n]) || (s[n] == '.' && isalpha((unsigned char)s[n + 1])))
        n++;
    return n;
}

bool
sql_text_next(struct sql_text_token *t)
{
    const char *s = t->at + t->n;
    bool is_cast = t->n && s[-1] == ':'; /* the second colon of :: begins no name */
    if ((t->n = comment_length(s)))
        t->kind = SQL_TEXT_COMMENT;
    else if ((t->n = quoted_length(s)))
        t->kind = SQL_TEXT_QUOTED;
    else if ((t->n = word_length(s)))
        t->kind = SQL_TEXT_WORD;
    else if (!is_cast && (t->n = name_length(s)))
        t->kind = SQL_TEXT_NAME;
    else {
        t->kind = SQL_TEXT_OTHER;
        t->n = *s != 0;
    }
    t->at = s;
    return t->n > 0;
}

bool
sql_text_is_word(const struct sql_text_token *t, const char *word)
{
    return t->kind == SQL_TEXT_WORD && t->n == strlen(word) && strncasecmp(t->at, word, t->n) == 0;
}

static bool
is_verb(const struct sql_text_token *t)
{
    static const char *const verbs[] = {"SELECT", "INSERT", "UPDATE", "DELETE", "VALUES"};
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (sql_text_is_word(t, verbs[i]))
            return true;
    return false;
}

const char *
sql_text_main(const char *sql)
{
    int depth = 0;
    for (struct sql_text_token t = {.at = sql}; sql_text_next(&t);) {
        if (depth == 0 && is_verb(&t))
            return t.at;
        depth += (*t.at == '(') - (*t.at == ')');
    }
    return NULL;
}

/* Lines. */

const char *
sql_text_trim(const char *s, size_t n, size_t *ret_n)
{
    while (n && isspace((unsigned char)*s))
        s++, n--;
    while (n && isspace((unsigned char)s[n - 1]))
        n--;
    *ret_n = n;
    return s;
}

/** Takes the condition off the line: what follows the last `--?`. */
static void
take_condition(struct sql_text_line *l)
{
    for (size_t i = l->n; i >= 3; i--)
        if (strncmp(l->at + i - 3, "--?", 3) == 0) {
            l->condition = sql_text_trim(l->at + i, l->n - i, &l->condition_n);
            l->n = i - 3;
            return;
        }
}

bool
sql_text_next_term(const struct sql_text_line *l, struct sql_text_term *t)
{
    const char *at = t->field ? t->field + t->n : l->condition;
    const char *end = l->condition ? l->condition + l->condition_n : NULL;
    if (!l->condition || (t->field && at == end))
        return false;
    at = sql_text_trim(at, (size_t)(end - at), &t->n);
    t->is_negated = t->n && *at == '!';
    t->field = at + t->is_negated;
    for (t->n = 0; t->field + t->n < end && !isspace((unsigned char)t->field[t->n]);)
        t->n++;
    return true;
}

bool
sql_text_next_line(struct sql_text_line *l)
{
    size_t n = strcspn(l->next, "\n");
    const char *next = l->next + n + (l->next[n] == '\n');
    bool is_there = *l->next;
    *l = (struct sql_text_line){.at = l->next, .n = n, .next = next};
    take_condition(l);
    return is_there;
}

const char *
sql_text_after(const struct sql_text_line *l, const char *directive, size_t *ret_n)
{
    size_t n = strlen(directive);
    if (l->n < n || strncmp(l->at, directive, n) != 0)
        return NULL;
    return sql_text_trim(l->at + n, l->n - n, ret_n);
}

/* Putting together. */

void
sql_text_add(struct sql_text *t, const char *s, size_t n)
{
    if (t->is_short)
        return;
    if (t->n + n + 1 > t->room) {
        size_t room = 2 * (t->n + n + 1);
        char *more = arena_alloc(t->arena, room);
        if (!more) {
            t->is_short = true;
            return;
        }
        if (t->n)
            memcpy(more, t->at, t->n);
        t->at = more;
        t->room = room;
    }
    memcpy(t->at + t->n, s, n);
    t->n += n;
    t->at[t->n] = 0;
}

void
sql_text_add_string(struct sql_text *t, const char *s)
{
    sql_text_add(t, s, strlen(s));
}

void
sql_text_cut(struct sql_text *t, const char *also)
{
    while (t->n && (isspace((unsigned char)t->at[t->n - 1]) || strchr(also, t->at[t->n - 1])))
        t->at[--t->n] = 0;
}
