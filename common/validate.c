#include "common/validate.h"

#include <ctype.h>
#include <pthread.h>
#include <regex.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/template.h"
#include "common/text.h"

enum { PATH_BYTES = 80 };

/** Countries: ISO 3166-1 of 2024, and Kosovo. */
static const char countries[] =
    " AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL"
    " BM BN BO BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV"
    " CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD"
    " GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM"
    " IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK"
    " LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW"
    " MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR"
    " PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS"
    " ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY"
    " UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW";

/** The named forms, by number of enum Format: the pattern, and what is said of a value. */
static const struct form {
    const char *pattern;
    const char *wording;
} forms[] = {
    [JIAYI__V1__FORMAT__EMAIL] = {"^[^@[:space:][:cntrl:]]+@"
                                  "[^@[:space:][:cntrl:]]*[^@.[:space:][:cntrl:]]$",
                                  N_("\"%.60s\" should be an e-mail address")},
    [JIAYI__V1__FORMAT__SLUG] =
        {"^[a-z][a-z0-9-]*$",
         N_("\"%.60s\" should be lower-case letters, digits and hyphens, beginning with a letter")},
    [JIAYI__V1__FORMAT__DECIMAL] = {"^[0-9]{1,15}(\\.[0-9]{1,6})?$",
                                    N_("\"%.60s\" should be a number such as 120000.50, not "
                                       "negative, of at most 15 digits before the point")},
    [JIAYI__V1__FORMAT__CURRENCY] = {"^[A-Z]{3}$",
                                     N_("\"%.60s\" should be a currency code such as CNY")},
    [JIAYI__V1__FORMAT__DATE] = {"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$",
                                 N_("\"%.60s\" should be a date such as 2026-11-21")},
    [JIAYI__V1__FORMAT__PERIOD] =
        {"^[0-9]{4}(-W(0[1-9]|[1-4][0-9]|5[0-3])|-Q[1-4]|-(0[1-9]|1[0-2])"
         "(-(0[1-9]|[12][0-9]|3[01]))?)?$",
         N_("\"%.60s\" should be a period: 2026-11-21, 2026-W47, 2026-11, 2026-Q4 or 2026")},
    [JIAYI__V1__FORMAT__CODE] = {"^[a-z][a-z0-9_-]*$",
                                 N_("\"%.60s\" should be lower-case letters, digits, hyphens and "
                                    "underscores, beginning with a letter")},
    [JIAYI__V1__FORMAT__GRANT] =
        {"^[a-z]+\\.[a-z]+:[a-z+]+$",
         N_("\"%.60s\" should be a permission and its scope, such as deal.read:team")},
    [JIAYI__V1__FORMAT__PERMISSION] = {"^[a-z]+\\.[a-z]+$",
                                       N_("\"%.60s\" should be a permission, such as deal.read")},
    [JIAYI__V1__FORMAT__DOMAIN] = {"^[^@[:space:][:cntrl:]]+\\.[^@[:space:][:cntrl:]]+$",
                                   N_("\"%.60s\" should be the part of an e-mail address behind "
                                      "the @, such as acme.example")},
    [JIAYI__V1__FORMAT__REF] = {"^[a-z_]{1,40}/[1-9][0-9]{0,17}$",
                                N_("\"%.60s\" should be a kind of thing and its number, such "
                                   "as deal/7")},
    [JIAYI__V1__FORMAT__HEX] = {"^([0-9a-f]{2})*$",
                                N_("\"%.60s\" should be hexadecimal digits in lower case, two for "
                                   "each byte")},
    [JIAYI__V1__FORMAT__ZONE] = {"^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$",
                                 N_("\"%.60s\" should be a time zone by continent and city, such "
                                    "as Asia/Shanghai")},
    [JIAYI__V1__FORMAT__RATE] = {"^[0-9]{1,9}(\\.[0-9]{1,12})?$",
                                 N_("\"%.60s\" should be a rate such as 7.1234, of at most 9 "
                                    "digits before the point and 12 behind it")},
    [JIAYI__V1__FORMAT__TAG] = {"^[a-z][a-z0-9_-]{0,39}=[a-z][a-z0-9_-]{0,39}$",
                                N_("\"%.60s\" should be a list and one of its codes, such as "
                                   "intent=high")},
    [JIAYI__V1__FORMAT__TIME] = {"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])"
                                 "(T([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\\.[0-9]{1,6})?)?"
                                 "(Z|[+-](0[0-9]|1[0-4]):[0-5][0-9])?)?$",
                                 N_("\"%.60s\" should be a day or a time of it, such as "
                                    "2026-11-21 or 2026-11-21T14:30")},
    [JIAYI__V1__FORMAT__COUNTRY] = {"^[A-Za-z]{2}$",
                                    N_("\"%.60s\" is no country; give its two letters, such as "
                                       "CN")},
    /* A host and what follows: nothing that a reader's browser would run. */
    [JIAYI__V1__FORMAT__WEBSITE] = {"^([Hh][Tt][Tt][Pp][Ss]?://)?"
                                    "[^][:space:][:cntrl:]:/?#@\\\"'<>.[]+"
                                    "(\\.[^][:space:][:cntrl:]:/?#@\\\"'<>.[]+)+\\.?"
                                    "(:[0-9]{1,5})?([/?#][^[:space:][:cntrl:]\"'<>\\]*)?$",
                                    N_("\"%.60s\" should be the address of a site, such as "
                                       "www.acme.example or https://acme.example/shop")},
    [JIAYI__V1__FORMAT__PAGE_TOKEN] = {"^[A-Za-z0-9_-]+$",
                                       N_("\"%.60s\" is not one that an earlier page of this list "
                                          "gave")},
};

enum { N_FORMS = sizeof forms / sizeof *forms };

static regex_t compiled[N_FORMS];

static int
no_memory_to_validate(struct status *e)
{
    return status_set(e, STATUS_RESOURCE_EXHAUSTED, "the server has no memory just now; try again");
}

/**
 * Compiles the forms at the first need, and goes on with it at the next where there was no memory.
 */
static int
need_forms(struct status *e)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static atomic_int done;
    int rc = 0;
    if (atomic_load(&done) == N_FORMS)
        return 0;
    pthread_mutex_lock(&lock);
    for (int i = atomic_load(&done); i < N_FORMS && rc == 0; i++) {
        if (forms[i].pattern)
            rc = regcomp(&compiled[i], forms[i].pattern, REG_EXTENDED | REG_NOSUB);
        if (rc == 0)
            atomic_store(&done, i + 1);
    }
    pthread_mutex_unlock(&lock);
    return rc == 0 ? 0 : no_memory_to_validate(e);
}

static int
check_form(const char *path, const Jiayi__V1__FieldOption *o, const char *value, struct status *e)
{
    const struct form *form = (unsigned)o->format < N_FORMS ? &forms[o->format] : NULL;
    if (!form || !form->pattern || !*value)
        return 0;
    if (need_forms(e) < 0)
        return -1;
    int rc = regexec(&compiled[o->format], value, 0, NULL, 0);
    if (rc == REG_ESPACE)
        return no_memory_to_validate(e);
    if (rc == 0)
        return 0;
    return status_field(e, path, form->wording, o->secret ? "…" : value);
}

/** A form's pattern lets 2026-02-30 pass: a full date must be one of the calendar. */
static bool
is_calendar_date(const char *value)
{
    struct tm given = {0}, real;
    if (sscanf(value, "%d-%d-%d", &given.tm_year, &given.tm_mon, &given.tm_mday) != 3)
        return true; /* a period longer than a day */
    if (given.tm_year < 1)
        return false;
    given.tm_year -= 1900;
    given.tm_mon -= 1;
    real = given;
    timegm(&real);
    return real.tm_mon == given.tm_mon && real.tm_mday == given.tm_mday;
}

/** Some years have 53 weeks, most have 52. */
static int
check_week(const char *path, const char *value, struct status *e)
{
    enum { LAST_DAY = 28, DECEMBER = 11 }; /* 28 December is always in its year's last week */
    struct tm day = {.tm_mon = DECEMBER, .tm_mday = LAST_DAY};
    char last[8];
    int week;
    if (sscanf(value, "%4d-W%d", &day.tm_year, &week) != 2)
        return 0;
    int year = day.tm_year;
    day.tm_year -= 1900;
    timegm(&day);
    strftime(last, sizeof last, "%V", &day);
    return week > atoi(last) ? status_field(e, path, "%04d has %s weeks", year, last) : 0;
}

static bool
is_country(const char *value)
{
    char wanted[] = {' ', (char)toupper((unsigned char)value[0]),
                     (char)toupper((unsigned char)value[1]), 0};
    return strstr(countries, wanted) != NULL;
}

/** How many years lie between the one of a day and this one. */
static int
years_away(const char *value)
{
    time_t now = time(NULL);
    struct tm tm;
    gmtime_r(&now, &tm);
    return abs(atoi(value) - tm.tm_year - 1900);
}

static bool
is_one_of(const char *value, char *const *choices, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strcmp(value, choices[i]) == 0)
            return true;
    return false;
}

/** "call, visit, meeting", as much as fits. */
static void
list_choices(const Jiayi__V1__FieldOption *o, char *to, size_t size)
{
    size_t n = 0;
    to[0] = 0;
    for (size_t i = 0; i < o->n_choices && n < size; i++)
        n += (size_t)snprintf(to + n, size - n, "%s%s", i ? ", " : "", o->choices[i]);
}

/** What no pattern says of a value that has its form. */
static int
check_sense(const char *path, const Jiayi__V1__FieldOption *o, const char *value, struct status *e)
{
    bool dated = o->format == JIAYI__V1__FORMAT__DATE || o->format == JIAYI__V1__FORMAT__PERIOD ||
                 o->format == JIAYI__V1__FORMAT__TIME;
    if (dated && !is_calendar_date(value))
        return status_field(e, path, "there is no day %s", value);
    if (o->years && years_away(value) > o->years)
        return status_field(e, path, "%s is more than %d years away", value, o->years);
    if (o->format == JIAYI__V1__FORMAT__COUNTRY && !is_country(value))
        return status_field(e, path, forms[o->format].wording, value);
    return o->format == JIAYI__V1__FORMAT__PERIOD ? check_week(path, value, e) : 0;
}

static int
check_string(const char *path, const Jiayi__V1__FieldOption *o, const char *value, struct status *e)
{
    size_t length =
        o->min_length > 0 && !o->secret && text_is_blank(value) ? 0 : text_length(value);
    if (length < (size_t)o->min_length)
        return length == 0 ? status_field(e, path, "must not be empty")
                           : status_field(e, path, "must have at least %d characters, has %zu",
                                          o->min_length, length);
    if (length > (size_t)o->max_length)
        return status_field(e, path, "has %zu characters, at most %d are allowed", length,
                            o->max_length);
    if (o->n_choices && *value && !is_one_of(value, o->choices, o->n_choices)) {
        char choices[200];
        list_choices(o, choices, sizeof choices);
        return status_field(e, path, "\"%s\" is none of: %s", value, choices);
    }
    if (check_form(path, o, value, e) < 0)
        return -1;
    return *value ? check_sense(path, o, value, e) : 0;
}

static int
check_number(const char *path, const Jiayi__V1__FieldOption *o, int64_t value, struct status *e)
{
    if (o->has_minimum && value < o->minimum)
        return status_field(e, path, "is %lld, must be at least %lld", (long long)value,
                            (long long)o->minimum);
    if (o->has_maximum && value > o->maximum)
        return status_field(e, path, "is %lld, must be at most %lld", (long long)value,
                            (long long)o->maximum);
    return 0;
}

static int check_message(const ProtobufCMessage *message, const char *prefix, struct status *e);

static int
check_value(const ProtobufCMessage *message, const struct schema_field *f, size_t index,
            const char *path, struct status *e)
{
    switch (f->pb->type) {
    case PROTOBUF_C_TYPE_STRING:
        return check_string(path, f->option, *(char *const *)message_value(message, f, index), e);
    case PROTOBUF_C_TYPE_BYTES: {
        const ProtobufCBinaryData *bytes = message_value(message, f, index);
        if (bytes->len > (size_t)f->option->max_length)
            return status_field(e, path, "has %zu bytes, at most %d are allowed", bytes->len,
                                f->option->max_length);
        return 0;
    }
    case PROTOBUF_C_TYPE_MESSAGE:
        return check_message(*(ProtobufCMessage *const *)message_value(message, f, index), path, e);
    default: return check_number(path, f->option, message_integer(message, f, index), e);
    }
}

static int
check_field(const ProtobufCMessage *message, const struct schema_field *f, const char *prefix,
            struct status *e)
{
    char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s%s%s", prefix, *prefix ? "." : "", f->pb->name);
    size_t n = message_count(message, f);
    if (n == 0 && f->option->required)
        return status_field(e, path, "is needed");
    if (n > 1 && n > (size_t)f->option->max_items)
        return status_field(e, path, "has %zu elements, at most %d are allowed", n,
                            f->option->max_items);
    size_t length = strlen(path);
    bool rows = f->message && f->pb->label == PROTOBUF_C_LABEL_REPEATED;
    for (size_t i = 0; i < n; i++) {
        if (rows)
            snprintf(path + length, sizeof path - length, "[%zu]", i);
        if (check_value(message, f, i, path, e) < 0)
            return -1;
    }
    return 0;
}

static size_t
count_given_fields(const ProtobufCMessage *message, char *const *names, size_t n)
{
    size_t given = 0;
    for (size_t i = 0; i < n; i++) {
        const struct schema_field *f = schema_find_field(schema_of(message), names[i]);
        given += f && message_has(message, f);
    }
    return given;
}

static int
check_group(const ProtobufCMessage *message, char *const *names, size_t n, size_t least,
            size_t most, const char *wording, struct status *e)
{
    size_t given = n ? count_given_fields(message, names, n) : least;
    if (given >= least && given <= most)
        return 0;
    char all[200] = "";
    for (size_t i = 0, at = 0; i < n && at < sizeof all; i++)
        at += (size_t)snprintf(all + at, sizeof all - at, "%s%s", i ? ", " : "", names[i]);
    return status_field(e, names[0], wording, all);
}

static int
check_message(const ProtobufCMessage *message, const char *prefix, struct status *e)
{
    const struct schema_message *m = schema_of(message);
    const Jiayi__V1__MessageOption *o = m->option;
    for (unsigned i = 0; i < m->pb.n_fields; i++)
        if (check_field(message, &m->fields[i], prefix, e) < 0)
            return -1;
    if (check_group(message, o->exactly_one, o->n_exactly_one, 1, 1, N_("give exactly one of: %s"),
                    e) < 0 ||
        check_group(message, o->at_least_one, o->n_at_least_one, 1, SIZE_MAX,
                    N_("give at least one of: %s"), e) < 0 ||
        check_group(message, o->at_most_one, o->n_at_most_one, 0, 1, N_("give at most one of: %s"),
                    e) < 0)
        return -1;
    if (o->n_together && count_given_fields(message, o->together, o->n_together) > 0)
        return check_group(message, o->together, o->n_together, o->n_together, o->n_together,
                           N_("give all or none of: %s"), e);
    return 0;
}

int
validate_request(const ProtobufCMessage *request, struct status *e)
{
    return check_message(request, "", e);
}
