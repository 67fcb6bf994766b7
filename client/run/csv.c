#include "client/run/csv.h"

#include <stdbool.h>
#include <string.h>

enum csv_end
csv_cell(struct csv *c, char **ret)
{
    const char ends[] = {c->separator, '\r', '\n', 0};
    char *from = c->at, *to = c->at;
    bool quoted = *from == '"';
    *ret = to;
    for (from += quoted; *from; from++) {
        if (quoted && *from == '"' && from[1] == '"')
            from++;
        else if (quoted ? *from == '"' : strchr(ends, *from) != NULL)
            break;
        c->line += *from == '\n';
        *to++ = *from;
    }
    if (quoted && *from != '"')
        return CSV_BROKEN;
    from += quoted;
    if (*from && !strchr(ends, *from))
        return CSV_BROKEN;
    enum csv_end end = !*from ? CSV_FILE : *from == c->separator ? CSV_CELL : CSV_LINE;
    from += *from == '\r' && from[1] == '\n';
    c->line += end == CSV_LINE;
    c->at = *from ? from + 1 : from;
    *to = 0;
    return end;
}

char
csv_separator(const char *text)
{
    static const char separators[] = ",;\t";
    size_t n[sizeof separators] = {0}, best = 0;
    bool quoted = false;
    for (; *text && (quoted || !strchr("\r\n", *text)); text++) {
        const char *found = quoted ? NULL : strchr(separators, *text);
        quoted = quoted != (*text == '"');
        if (found)
            n[found - separators]++;
    }
    for (size_t i = 1; separators[i]; i++)
        if (n[i] > n[best])
            best = i;
    return separators[best];
}
