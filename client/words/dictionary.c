#include "client/words/dictionary.h"

#include <stdbool.h>
#include <string.h>

#include "client/base/i18n.h"
#include "common/text.h"

/** A code of a list. What marks it for translation with its list as context: po/update. */
#define WORD(list, code) \
    {                    \
        list, code       \
    }

/** A list may have codes in common with others, and then has a word of its own for each. */
static const struct {
    const char *list, *code;
} words[] = {
    WORD("partnership", "invited"),
    WORD("partnership", "active"),
    WORD("partnership", "suspended"),
    WORD("partnership", "ended"),
    WORD("invitation", "open"),
    WORD("invitation", "accepted"),
    WORD("invitation", "withdrawn"),
    WORD("side", "principal"),
    WORD("side", "vendor"),
    WORD("side", "ours"),
    WORD("side", "author"),
    WORD("side", "reviewer"),
    WORD("side", "assignee"),
    WORD("side", "owner"),
    WORD("side", "handler"),
    WORD("side", "server"),
    WORD("link", "about"),
    WORD("link", "basis"),
    WORD("link", "caused_by"),
    WORD("link", "follows"),
    WORD("link", "duplicate_of"),
    WORD("file", "uploading"),
    WORD("file", "complete"),
    WORD("topic", "comment"),
    WORD("topic", "review"),
    WORD("topic", "delivery"),
    WORD("topic", "market"),
    WORD("topic", "competitor"),
    WORD("topic", "need"),
    WORD("topic", "expectation"),
    WORD("topic", "opportunity"),
    WORD("topic", "lesson"),
    WORD("event", "deal.created"),
    WORD("event", "deal.assigned"),
    WORD("event", "deal.shared"),
    WORD("event", "deal.moved"),
    WORD("event", "deal.won"),
    WORD("event", "deal.lost"),
    WORD("event", "deal.reopened"),
    WORD("event", "deal.logged"),
    WORD("event", "report.submitted"),
    WORD("event", "report.returned"),
    WORD("event", "report.accepted"),
    WORD("event", "task.assigned"),
    WORD("event", "task.done"),
    WORD("event", "task.delivered"),
    WORD("event", "task.accepted"),
    WORD("event", "task.rejected"),
    WORD("event", "task.cancelled"),
    WORD("event", "task.open"),
    WORD("event", "comment.added"),
    WORD("event", "kpi.target"),
    WORD("event", "kpi.reached"),
    WORD("event", "partner.invited"),
    WORD("event", "partner.accepted"),
    WORD("event", "partner.suspended"),
    WORD("event", "partner.resumed"),
    WORD("event", "partner.ended"),
    WORD("event", "member.added"),
    WORD("event", "member.moved"),
    WORD("event", "member.removed"),
    WORD("event", "role.changed"),
    WORD("language", "zh"),
    WORD("language", "en"),
    WORD("language", "sq"),
    WORD("default audience", "usual"),
    WORD("default audience", "shared"),
    WORD("default audience", "internal"),
    WORD("each", "one"),
    WORD("each", "many"),
    WORD("codes", "listed"),
    WORD("codes", "any"),
    WORD("needs", "none"),
    WORD("needs", "reason"),
    WORD("needs", "comment"),
    WORD("variant", "acceptance"),
    WORD("stage", "new"),
    WORD("stage", "contacted"),
    WORD("stage", "quoted"),
    WORD("stage", "negotiating"),
    WORD("stage", "deciding"),
    WORD("stage", "won"),
    WORD("stage", "lost"),
    WORD("activity", "call"),
    WORD("activity", "visit"),
    WORD("activity", "meeting"),
    WORD("activity", "presentation"),
    WORD("activity", "quote"),
    WORD("activity", "note"),
    WORD("activity", "message"),
    WORD("report", "submitted"),
    WORD("report", "returned"),
    WORD("report", "accepted"),
    WORD("task", "open"),
    WORD("task", "done"),
    WORD("task", "delivered"),
    WORD("task", "accepted"),
    WORD("task", "rejected"),
    WORD("task", "cancelled"),
    WORD("task kind", "todo"),
    WORD("task kind", "action"),
    WORD("task kind", "milestone"),
    WORD("task kind", "training"),
    WORD("task kind", "coaching"),
    WORD("task kind", "resource"),
    WORD("task kind", "check"),
    WORD("task kind", "onboarding"),
    WORD("purpose", "stage"),
    WORD("purpose", "onboarding"),
    WORD("purpose", "review"),
    WORD("purpose", "project"),
    WORD("function", "sales"),
    WORD("function", "technical"),
    WORD("function", "marketing"),
    WORD("function", "service"),
    WORD("function", "reviewer"),
    WORD("function", "helper"),
    WORD("todo", "task"),
    WORD("todo", "acceptance"),
    WORD("todo", "follow_up"),
    WORD("todo", "review"),
    WORD("todo", "returned"),
    WORD("todo", "invitation"),
    WORD("when", "overdue"),
    WORD("when", "today"),
    WORD("when", "soon"),
    WORD("when", "later"),
    WORD("when", "waiting"),
    WORD("report kind", "daily"),
    WORD("report kind", "weekly"),
    WORD("report kind", "monthly"),
    WORD("report kind", "progress"),
    WORD("report kind", "quality"),
    WORD("period", "day"),
    WORD("period", "week"),
    WORD("period", "month"),
    WORD("period", "quarter"),
    WORD("period", "year"),
    WORD("direction", "up"),
    WORD("direction", "down"),
    WORD("member", "active"),
    WORD("member", "removed"),
    WORD("change", "insert"),
    WORD("change", "update"),
    WORD("change", "delete"),
    WORD("object", "company"),
    WORD("object", "customer"),
    WORD("object", "deal"),
    WORD("object", "deal_stage"),
    WORD("object", "stage"),
    WORD("object", "activity"),
    WORD("object", "partnership"),
    WORD("object", "report"),
    WORD("object", "report_version"),
    WORD("object", "revision"),
    WORD("object", "report_comment"),
    WORD("object", "comment"),
    WORD("object", "link"),
    WORD("object", "file"),
    WORD("object", "task"),
    WORD("object", "participant"),
    WORD("object", "checklist"),
    WORD("object", "checklist_item"),
    WORD("object", "kpi"),
    WORD("object", "kpi_line"),
    WORD("object", "kpi_record"),
    WORD("object", "person"),
    WORD("object", "member"),
    WORD("object", "credential"),
    WORD("object", "session"),
    WORD("object", "role"),
    WORD("object", "role_permission"),
    WORD("object", "company_domain"),
    WORD("object", "company_profile"),
    WORD("object", "calendar_day"),
    WORD("object", "rate"),
    WORD("object", "choice_list"),
    WORD("object", "choice"),
    WORD("object", "tag"),
    WORD("object", "currency"),
    WORD("object", "deal_reason"),
    WORD("object", "invitation"),
    WORD("object", "join_code"),
    WORD("object", "kpi_evaluation"),
    WORD("object", "kpi_target"),
    WORD("object", "mail_service"),
    WORD("object", "transition"),
    WORD("object", "object_kind"),
    WORD("object", "event_kind"),
    WORD("object", "permission"),
    WORD("object", "scope"),
    WORD("object", "server_key"),
    WORD("object", "member_totp"),
    WORD("object", "member_key"),
    WORD("object", "recovery_code"),
    WORD("object", "company_role_setting"),
    WORD("server", "SERVING"),
    WORD("server", "READY"),
    WORD("server", "NOT_READY"),
    WORD("server", "DRAINING"),
    WORD("server", "UP"),
    WORD("server", "DOWN"),
    WORD("server", "OK"),
    WORD("server", "FAILING"),
    WORD("server", "UNKNOWN"),
    WORD("lane", "normal"),
    WORD("lane", "write"),
    WORD("lane", "heavy"),
    WORD("lane", "search"),
    WORD("lane", "login"),
};
enum { N_WORDS = sizeof words / sizeof *words };

/** Longer is no word of the dictionary. */
enum { MOST_CHARACTERS = 60 };

static bool
is_of_list(size_t i, const char *list)
{
    return list && strcmp(words[i].list, list) == 0;
}

const char *
dictionary_at(const char *list, size_t n)
{
    for (size_t i = 0; i < N_WORDS; i++)
        if (is_of_list(i, list) && n-- == 0)
            return words[i].code;
    return NULL;
}

const char *
dictionary_word(const char *list, const char *code)
{
    for (size_t i = 0; i < N_WORDS; i++)
        if (is_of_list(i, list) && strcmp(words[i].code, code) == 0)
            return i18n_word(NULL, list, words[i].code);
    return code;
}

/** A character as dictionary_code() compares it. */
static wchar_t
plain_character(uint32_t c)
{
    if (c >= 0xff01 && c <= 0xff5e) /* full width */
        c -= 0xff01 - '!';
    wchar_t lower = i18n_lower((wchar_t)c);
    switch (lower) {
    case L'ë': return L'e';
    case L'ç': return L'c';
    case L'-':
    case L'_':
    case 0x3000: return L' ';
    default: return lower;
    }
}

/** True when both texts are the same word. */
static bool
is_same_word(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b), length;
    if (n > 4 * MOST_CHARACTERS || !text_valid(a, n) || !text_valid(b, m))
        return false;
    while (*a && *b) {
        wchar_t one = plain_character(text_decode(a, strlen(a), &length));
        a += length;
        if (one != plain_character(text_decode(b, strlen(b), &length)))
            return false;
        b += length;
    }
    return !*a && !*b;
}

const char *
dictionary_code(const char *list, const char *typed)
{
    for (size_t i = 0; i < N_WORDS; i++)
        if (is_of_list(i, list) && is_same_word(typed, words[i].code))
            return words[i].code;
    for (const char *const *language = i18n_languages; *language; language++)
        for (size_t i = 0; i < N_WORDS; i++)
            if (is_of_list(i, list) &&
                is_same_word(typed, i18n_word(*language, list, words[i].code)))
                return words[i].code;
    return NULL;
}
