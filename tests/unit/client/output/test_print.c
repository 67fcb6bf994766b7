/**
 * Answers on paper: tables, objects and CSV, with Chinese, Albanian and hostile texts.
 */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "client/output/display.h"
#include "client/output/moment.h"
#include "client/output/print.h"
#include "client/output/print_csv.h"
#include "client/output/print_object.h"
#include "client/output/print_table.h"
#include "common/json.h"

/** 2026-11-21T20:16:03Z. */
enum { NOW = 1795292163 };

/** The columns of `deal history`, in CSV. */
#define HISTORY_HEADER                                                                  \
    "stage,entered_at,left_at,member,reason,internal,member_company,change,undo,owner," \
    "owner_until,owner_company,lost_code,lost_label,lost_to,skipped,company\n"

static struct arena *arena;
static char *written;
static size_t written_size;
static struct print paper;

static int
setup(void **state)
{
    (void)state;
    arena = arena_new(4 << 20);
    paper =
        (struct print){.file = open_memstream(&written, &written_size), .columns = 80, .now = NOW};
    return arena && paper.file ? 0 : -1;
}

static int
teardown(void **state)
{
    (void)state;
    fclose(paper.file);
    free(written);
    arena_free(arena);
    return 0;
}

static void
assert_written(const char *expected)
{
    fflush(paper.file);
    assert_string_equal(written, expected);
}

static ProtobufCMessage *
message(const char *name, const char *json)
{
    struct status e = {0};
    char full[100];
    snprintf(full, sizeof full, "jiayi.v1.%s", name);
    ProtobufCMessage *m =
        json_read(arena, schema_find_message(schema_embedded(), full), json, strlen(json), &e);
    if (!m)
        fail_msg("%s", e.message);
    return m;
}

static const char deals[] =
    "{\"deals\":["
    "{\"id\":1,\"title\":\"服务器采购\",\"customer\":\"北京公司\",\"stage\":\"new\","
    "\"amount\":{\"amount\":\"120000.50\",\"currency\":\"CNY\"},\"owner\":\"li@acme.example\","
    "\"company\":\"acme\","
    "\"updated_at\":\"2026-11-21T20:11:03.5Z\"},"
    "{\"id\":12,\"title\":\"Ndërtesë në Tiranë\",\"customer\":\"Çela\",\"stage\":\"won\","
    "\"amount\":{\"amount\":\"9.00\",\"currency\":\"EUR\"},\"owner\":\"li@acme.example\","
    "\"company\":\"acme\","
    "\"updated_at\":\"2026-09-01T00:00:00Z\"}]}";

static void
print_list(const char *name, const char *json,
           int (*print)(struct arena *, const struct print *, const struct schema_message *,
                        ProtobufCMessage *const *, size_t, struct status *))
{
    struct status e = {0};
    ProtobufCMessage *m = message(name, json);
    const struct schema_field *list = print_list_field(schema_of(m));
    assert_non_null(list);
    size_t n = message_count(m, list);
    assert_int_equal(print(arena, &paper, list->message, n ? message_value(m, list, 0) : NULL, n,
                           &e),
                     0);
}

/** Chinese characters take two columns, so what follows still stands under its title. */
static void
print_table_aligns_wide_characters(void **state)
{
    (void)state;
    print_list("ListDealsResponse", deals, print_table);
    assert_written("ID  TITLE               CUSTOMER  STAGE         AMOUNT  OWNER            "
                   "VENDOR  COMPANY  UPDATED               LOST FOR  CLOSES\n"
                   " 1  服务器采购          北京公司  new    120000.50 CNY  li@acme.example        "
                   "  acme     2026-11-21T20:11:03Z\n"
                   "12  Ndërtesë në Tiranë  Çela      won         9.00 EUR  li@acme.example        "
                   "  acme     2026-09-01T00:00:00Z\n");
}

/** On a terminal nothing is wider than it, empty columns go, and times are as seen from now. */
static void
print_table_fits_the_terminal(void **state)
{
    (void)state;
    paper.terminal = true;
    paper.columns = 72;
    print_list("ListDealsResponse", deals, print_table);
    fflush(paper.file);
    assert_null(strstr(written, "VENDOR"));
    assert_non_null(strstr(written, "5 min ago"));
    assert_non_null(strstr(written, "120000.50 CNY"));
    for (char *line = strtok(written, "\n"); line; line = strtok(NULL, "\n"))
        if (display_width(line, strlen(line)) > 72)
            fail_msg("too wide: %s", line);
}

static void
print_table_colours_only_when_told(void **state)
{
    (void)state;
    paper.colour = paper.terminal = true;
    print_list("ListDealsResponse", deals, print_table);
    fflush(paper.file);
    assert_non_null(strstr(written, "\033[1m"));
}

static void
print_table_neutralises_what_the_server_sends(void **state)
{
    (void)state;
    paper.terminal = true;
    print_list(
        "ListDealsResponse",
        "{\"deals\":[{\"title\":\"a\\u001b[2Jb\\u009bc\\nd\\te\\u202ef\",\"owner\":\"x\\u0007\"}]}",
        print_table);
    assert_written("TITLE                                OWNER\n"
                   "a<U+001B>[2Jb<U+009B>c d e<U+202E>f  x<U+0007>\n");
}

/** Widths are right where the C library does not know a character yet. */
static void
case_25_text_is_shown_as_it_was_written(void **state)
{
    (void)state;
    print_list("ListDealsResponse",
               "{\"deals\":[{\"title\":\"C:\\\\xampp\",\"owner\":\"x\"},"
               "{\"title\":\"\xf0\x9f\xab\xa9 \xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb\","
               "\"owner\":\"y\"}]}",
               print_table);
    fflush(paper.file);
    assert_non_null(strstr(written, " C:\\xampp "));
    assert_non_null(
        strstr(written, "\xf0\x9f\xab\xa9 \xf0\x9f\x91\xa9\xe2\x80\x8d\xf0\x9f\x92\xbb"));
    assert_null(strstr(written, "\\x5c"));
    assert_int_equal(display_width("\xf0\x9f\xab\xa9", 4), 2);
    assert_string_equal(display_clean(arena, "\xef\xbb\xbfHi", DISPLAY_LINES), "Hi");
}

/** Hebrew turns nothing beside it; what would turn more, or cannot be seen, is shown by number. */
static void
case_L6_no_mark_turns_or_hides_text(void **state)
{
    (void)state;
    static const char json[] = "{\"deals\":[{\"title\":\"שלום\",\"customer\":\"a\xe2\x80\xae"
                               "b\","
                               "\"owner\":\"li\xe2\x80\x8b@acme.example\"}]}";
    paper.terminal = true;
    print_list("ListDealsResponse", json, print_table);
    assert_written("TITLE  CUSTOMER    OWNER\n" DISPLAY_ISOLATE "שלום" DISPLAY_ISOLATE_END
                   "   a<U+202E>b  li<U+200B>@acme.example\n");
    rewind(paper.file);
    paper.terminal = false;
    print_list("ListDealsResponse", json, print_table);
    fflush(paper.file);
    assert_null(strstr(written, DISPLAY_ISOLATE));
    assert_non_null(strstr(written, "\n    שלום   a<U+202E>b "));
    assert_string_equal(display_clean(arena, "🏴\xf3\xa0\x81\xa7\xf3\xa0\x81\xbf", DISPLAY_LINES),
                        "🏴\xf3\xa0\x81\xa7\xf3\xa0\x81\xbf");
    assert_string_equal(display_clean(arena, "a\xf3\xa0\x81\xa7", DISPLAY_LINES), "a<U+E0067>");
}

static void
case_42_what_is_the_same_in_all_rows_goes_first(void **state)
{
    (void)state;
    paper.terminal = true;
    paper.columns = 76;
    print_list("ListDealsResponse", deals, print_table);
    assert_written("ID  TITLE               CUSTOMER  STAGE         AMOUNT  UPDATED\n"
                   " 1  服务器采购          北京公司  new    120000.50 CNY  5 min ago\n"
                   "12  Ndërtesë në Tiranë  Çela      won         9.00 EUR  2026-09-01\n"
                   "in all rows: owner: li@acme.example; company: acme\n");
}

static const char reports[] =
    "{\"reports\":["
    "{\"id\":1,\"kind\":\"monthly\",\"period\":\"2026-11\",\"state\":\"submitted\",\"version\":1,"
    "\"author\":\"arben.hoxha@beta.example\",\"to\":\"acme\",\"title\":\"A title of some length\","
    "\"updated_at\":\"2026-11-21T20:11:03Z\"},"
    "{\"id\":2,\"kind\":\"progress\",\"period\":\"2026-W47\",\"state\":\"returned\",\"version\":12,"
    "\"author\":\"li@acme.example\",\"to\":\"acme\",\"title\":\"Another title of some length\","
    "\"updated_at\":\"2026-11-21T20:11:03Z\"}]}";

/** Then the least important go; periods, states and numbers stay whole. */
static void
case_42_the_least_important_go_next(void **state)
{
    (void)state;
    paper.terminal = true;
    paper.columns = 56;
    print_list("ListReportsResponse", reports, print_table);
    assert_written("ID  KIND      PERIOD    STATE      TITLE\n"
                   " 1  monthly   2026-11   submitted  A title of some leng…\n"
                   " 2  progress  2026-W47  returned   Another title of som…\n"
                   "in all rows: to: acme; updated: 5 min ago\n"
                   "not shown: version, author\n");
}

/** Who did it is told in full as long as another text can give. */
static void
case_42_people_are_cut_last(void **state)
{
    (void)state;
    static const char history[] =
        "{\"history\":["
        "{\"stage\":\"new\",\"entered_at\":\"2026-11-21T20:11:03Z\","
        "\"left_at\":\"2026-11-21T20:12:03Z\",\"member\":\"li@acme.example\"},"
        "{\"stage\":\"won\",\"entered_at\":\"2026-11-21T20:12:03Z\","
        "\"member\":\"arben@beta.example\",\"member_company\":\"beta\","
        "\"reason\":\"They want it by spring\"}]}";
    paper.terminal = true;
    paper.columns = 76;
    print_list("ListDealHistoryResponse", history, print_table);
    assert_written("STAGE  ENTERED                  BY                         REASON\n"
                   "new    2026-11-21 20:11:03 +00  li@acme.example\n"
                   "won    2026-11-21 20:12:03 +00  arben@beta.example (beta)  They want it by …\n"
                   "not shown: left\n");
    rewind(paper.file);
    paper.columns = 60;
    print_list("ListDealHistoryResponse", history, print_table);
    fflush(paper.file);
    assert_non_null(strstr(written, "  arben@beta.e…  They want it…\n"));
}

static void
case_42_a_row_that_does_not_fit_is_a_record(void **state)
{
    (void)state;
    paper.terminal = true;
    paper.columns = 30;
    print_list("ListReportsResponse", reports, print_table);
    fflush(paper.file);
    assert_memory_equal(written,
                        "ID:       1\n"
                        "kind:     monthly\n"
                        "period:   2026-11\n"
                        "state:    submitted\n"
                        "version:  1\n"
                        "author:   arben.hoxha@beta.example\n",
                        100);
    assert_non_null(strstr(written, "\n\nID:       2\n"));
}

/** In a list a time is as seen from now, but evidence; where one thing is shown, exact. */
static void
case_43_times_are_exact_where_they_are_evidence(void **state)
{
    (void)state;
    struct status e = {0};
    setenv("TZ", "CST-8", 1);
    tzset();
    paper.terminal = true;
    assert_int_equal(print_object(arena, &paper,
                                  message("Member", "{\"email\":\"a\",\"created_at\":"
                                                    "\"2026-11-21T20:16:03Z\"}"),
                                  &e),
                     0);
    assert_written("email:  a\nadded:  2026-11-22 04:16:03 +08\n");
    rewind(paper.file);
    print_list("ListDealHistoryResponse",
               "{\"history\":[{\"stage\":\"new\",\"entered_at\":\"2026-11-21T20:16:03Z\"}]}",
               print_table);
    assert_written("STAGE  ENTERED\nnew    2026-11-22 04:16:03 +08\n");
    assert_string_equal(moment_iso(arena, NOW, false), "2026-11-22T04:16:03+08:00");
    assert_string_equal(moment_iso(arena, NOW, true), "2026-11-21T20:16:03Z");
    assert_string_equal(moment_exact(arena, NOW, true), "2026-11-21 20:16:03 UTC");
    setenv("TZ", "<-0330>3:30", 1);
    tzset();
    assert_string_equal(moment_iso(arena, NOW, false), "2026-11-21T16:46:03-03:30");
    assert_string_equal(moment_exact(arena, NOW, false), "2026-11-21 16:46:03 -03:30");
    setenv("TZ", "UTC", 1);
    tzset();
}

static void
print_object_shows_lines_texts_and_tables(void **state)
{
    (void)state;
    struct status e = {0};
    ProtobufCMessage *m = message(
        "Report",
        "{\"id\":3,\"state\":\"returned\",\"title\":\"周报\",\"body\":\"# "
        "进展\\n\\nmirë\\u001b[m\","
        "\"comments\":[{\"version\":1,\"member\":\"b@acme.example\",\"decision\":\"returned\","
        "\"text\":\"更多\\n细节\",\"at\":\"2026-11-21T20:16:03Z\"}],"
        "\"created_at\":\"2026-11-21T20:16:03Z\"}");
    assert_int_equal(print_object(arena, &paper, m, &e), 0);
    assert_written("ID:          3\n"
                   "state:       returned\n"
                   "title:       周报\n"
                   "created at:  2026-11-21T20:16:03Z\n"
                   "\n"
                   "body:\n"
                   "# 进展\n"
                   "\n"
                   "mirë<U+001B>[m\n"
                   "\n"
                   "decisions:\n"
                   "WHEN                  VERSION  BY              DECISION  TEXT\n"
                   "2026-11-21T20:16:03Z        1  b@acme.example  returned  更多 细节\n");
}

static void
print_object_joins_and_wraps(void **state)
{
    (void)state;
    struct status e = {0};
    paper.terminal = true;
    paper.columns = 40;
    ProtobufCMessage *m = message("Role", "{\"name\":\"r\",\"builtin\":true,\"permissions\":["
                                          "\"deal.read:team\",\"deal.move:own\",\"x\"]}");
    assert_int_equal(print_object(arena, &paper, m, &e), 0);
    assert_written("name:         r\n"
                   "built in:     yes\n"
                   "permissions:  deal.read:team,\n"
                   "              deal.move:own, x\n");
}

/** A whole CSV. */
static int
print_csv(struct arena *a, const struct print *p, const struct schema_message *m,
          ProtobufCMessage *const *rows, size_t n, struct status *e)
{
    return print_csv_head(a, p, m, e) < 0 ? -1 : print_csv_rows(a, p, m, rows, n, e);
}

static void
print_csv_quotes_and_flattens(void **state)
{
    (void)state;
    print_list("ListDealsResponse",
               "{\"deals\":[{\"id\":1,\"title\":\"a \\\"b\\\", "
               "c\",\"customer\":\"x\\ny\",\"stage\":\" new\","
               "\"amount\":{\"amount\":\"1.50\",\"currency\":\"CNY\"},\"owner\":\"=1+1\","
               "\"updated_at\":\"2026-11-21T20:11:03.5Z\","
               "\"activities\":[{\"id\":5,\"kind\":\"call\"}]},{}]}",
               print_csv);
    assert_written(
        "id,title,customer,stage,amount.amount,amount.currency,owner,vendor,company,version,"
        "created_at,"
        "updated_at,closed_at,lost_reason,activities,more_activities,tags,"
        "lost_code,lost_label,lost_to,close_on,kind,won_on,vendor_owner,next,next_due,"
        "touch_until,team,more_team,tasks,more_tasks,links,contact_id,contact,"
        "contract_id\n"
        "1,\"a \"\"b\"\", c\",\"x\ny\",\" new\",1.50,CNY,'=1+1,,,,,2026-11-21T20:11:03Z,,,"
        "\"[{\"\"id\"\":\"\"5\"\",\"\"kind\"\":\"\"call\"\"}]\",,,,,,,,,,,,,,,,,,,,\n"
        ",,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,\n");
}

/** Formulas are none in a spreadsheet; numbers stay; programs get every byte. */
static void
case_24_csv_begins_no_formula(void **state)
{
    (void)state;
    static const char json[] =
        "{\"history\":[{\"stage\":\"=HYPERLINK(1)\",\"member\":\"@sum\",\"reason\":\"-7.5\","
        "\"entered_at\":\"2026-11-21T20:11:03.5Z\"},"
        "{\"stage\":\"\\t=1\",\"member\":\"+cmd|x\",\"reason\":\"-\"},"
        "{\"stage\":\"＝1\",\"member\":\"a=1\",\"reason\":\"+355691234567\"}]}";
    paper.bom = true;
    print_list("ListDealHistoryResponse", json, print_csv);
    assert_written("\xef\xbb\xbf" HISTORY_HEADER
                   "'=HYPERLINK(1),2026-11-21T20:11:03Z,,'@sum,-7.5,,,,,,,,,,,,\n"
                   "'\t=1,,,'+cmd|x,'-,,,,,,,,,,,,\n"
                   "'＝1,,,a=1,+355691234567,,,,,,,,,,,,\n");
    fclose(paper.file);
    free(written);
    paper = (struct print){.file = open_memstream(&written, &written_size), .raw = true};
    print_list("ListDealHistoryResponse", json, print_csv);
    assert_written(HISTORY_HEADER "=HYPERLINK(1),2026-11-21T20:11:03.500Z,,@sum,-7.5,,,,,,,,,,,,\n"
                                  "\t=1,,,+cmd|x,-,,,,,,,,,,,,\n"
                                  "＝1,,,a=1,+355691234567,,,,,,,,,,,,\n");
}

/** What is printed of a list is whole JSON, wherever memory ends. */
static void
print_stream_prints_all_rows_of_a_page_or_none(void **state)
{
    (void)state;
    ProtobufCMessage *page = message("ListDealsResponse", deals);
    struct print_stream s = {.print = paper,
                             .is_json = true,
                             .list = print_list_field(schema_of(page))};
    struct status e = {0};
    size_t room = 64, failed = 0;
    for (int result = -1; result < 0; room += 64) {
        struct arena *small = arena_new(room);
        result = print_stream_rows(&s, small, page, &e);
        arena_free(small);
        failed += result < 0;
        fflush(paper.file);
        assert_true(result == 0 || (e.code == STATUS_FAILED_HERE && written_size == 0));
        assert_int_equal(s.n_rows, result < 0 ? 0 : 2);
    }
    assert_true(failed > 3);
    assert_int_equal(print_stream_rows(&s, arena, page, &e), 0);
    print_stream_end(&s, "\"token\"");
    fflush(paper.file);
    json_t *whole = json_loads(written, JSON_REJECT_DUPLICATES, NULL);
    assert_int_equal(json_array_size(json_object_get(whole, "deals")), 4);
    assert_string_equal(json_string_value(json_object_get(whole, "next_page_token")), "token");
    json_decref(whole);
}

static void
print_csv_of_nothing_is_a_header(void **state)
{
    (void)state;
    print_list("ListDealHistoryResponse", "{}", print_csv);
    assert_written(HISTORY_HEADER);
}

/** A file gets every byte; a terminal none that it would act on. */
static void
print_csv_neutralises_on_a_terminal_only(void **state)
{
    (void)state;
    print_list("ListDealHistoryResponse", "{\"history\":[{\"stage\":\"a\\u001b[m\"}]}", print_csv);
    assert_written(HISTORY_HEADER "a\033[m,,,,,,,,,,,,,,,,\n");
    rewind(paper.file);
    paper.terminal = true;
    print_list("ListDealHistoryResponse", "{\"history\":[{\"stage\":\"a\\u001b[m\"}]}", print_csv);
    assert_written(HISTORY_HEADER "a<U+001B>[m,,,,,,,,,,,,,,,,\n");
}

static void
print_list_field_tells_lists_from_objects(void **state)
{
    (void)state;
    static const struct {
        const char *name, *field;
    } cases[] = {
        {"ListDealsResponse", "deals"},
        {"ListKpisResponse", "kpis"},
        {"ListDealHistoryResponse", "history"},
        {"Deal", NULL},
        {"Report", NULL},
        {"Role", NULL},
        {"WhoAmIResponse", NULL},
        {"SignOutResponse", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char full[100];
        snprintf(full, sizeof full, "jiayi.v1.%s", cases[i].name);
        const struct schema_field *f =
            print_list_field(schema_find_message(schema_embedded(), full));
        if (cases[i].field)
            assert_string_equal(f->pb->name, cases[i].field);
        else
            assert_null(f);
    }
}

/** Case 1: a person of another company is told apart from one of mine with the same address. */
static void
print_table_names_the_company_behind_the_address(void **state)
{
    (void)state;
    static const char history[] =
        "{\"history\":[{\"stage\":\"new\",\"member\":\"li@acme.example\"},"
        "{\"stage\":\"won\",\"member\":\"li@acme.example\",\"member_company\":\"beta\"}]}";
    paper.terminal = true;
    print_list("ListDealHistoryResponse", history, print_table);
    fflush(paper.file);
    assert_non_null(strstr(written, "li@acme.example (beta)"));
    assert_null(strstr(written, "(acme)"));
}

static void
display_width_counts_columns(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t width;
    } cases[] = {{"", 0},          {"abc", 3},  {"甲乙", 4}, {"Çështje", 7},
                 {"e\xcc\x81", 1}, {"\xff", 1}, {"😀", 2}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(display_width(cases[i].text, strlen(cases[i].text)), cases[i].width);
}

static void
display_wrap_breaks_between_words_and_wide_characters(void **state)
{
    (void)state;
    display_wrap(paper.file, "one two three four", 2, 10);
    display_wrap(paper.file, "甲乙丙丁戊", 2, 8);
    display_wrap(paper.file, "a-word-that-is-longer-than-the-line x", 2, 10);
    assert_written("one two\n  three\n  four\n"
                   "甲乙丙\n  丁戊\n"
                   "a-word-that-is-longer-than-the-line\n  x\n");
}

static void
display_wrap_tears_no_punctuation_off(void **state)
{
    (void)state;
    display_wrap(paper.file, "甲乙丙。丁", 2, 8);
    display_wrap(paper.file, "甲乙（丙丁）戊", 2, 8);
    display_wrap(paper.file, "甲乙“丙”：戊", 2, 9);
    display_wrap(paper.file, "甲乙a.丙丁), 戊", 2, 8);
    assert_written("甲乙\n  丙。丁\n"
                   "甲乙\n  （丙\n  丁）戊\n"
                   "甲乙\n  “丙”：\n  戊\n"
                   "甲乙a.\n  丙丁),\n  戊\n");
}

static void
moment_ago_says_how_long(void **state)
{
    (void)state;
    setenv("TZ", "UTC", 1);
    static const struct {
        long away;
        const char *text;
    } cases[] = {
        {0, "just now"},
        {-59, "just now"},
        {-60, "1 min ago"},
        {-3599, "59 min ago"},
        {-3600, "1 h ago"},
        {-86399, "23 h ago"},
        {-86400, "1 d ago"},
        {-29 * 86400, "29 d ago"},
        {-30 * 86400, "2026-10-22"},
        {30, "in a moment"},
        {90, "in 1 min"},
        {7200, "in 2 h"},
        {3 * 86400, "in 3 d"},
        {400 * 86400L, "2027-12-26"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(moment_ago(arena, NOW + cases[i].away, NOW), cases[i].text);
}

static void
display_clean_keeps_lines_when_told(void **state)
{
    (void)state;
    assert_string_equal(display_clean(arena, "a\r\nb\tc\rd", DISPLAY_LINES), "a\nb\tc<U+000D>d");
    assert_string_equal(display_clean(arena, "a\r\nb\tc\rd", DISPLAY_ONE_LINE), "a b c<U+000D>d");
    assert_string_equal(display_clean(arena, "甲\xe4\xb8z\xff", DISPLAY_LINES),
                        "甲\xef\xbf\xbd\xef\xbf\xbdz\xef\xbf\xbd");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(print_table_aligns_wide_characters, setup, teardown),
        cmocka_unit_test_setup_teardown(print_table_names_the_company_behind_the_address, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(print_table_fits_the_terminal, setup, teardown),
        cmocka_unit_test_setup_teardown(print_table_colours_only_when_told, setup, teardown),
        cmocka_unit_test_setup_teardown(print_table_neutralises_what_the_server_sends, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(case_25_text_is_shown_as_it_was_written, setup, teardown),
        cmocka_unit_test_setup_teardown(case_L6_no_mark_turns_or_hides_text, setup, teardown),
        cmocka_unit_test_setup_teardown(case_42_what_is_the_same_in_all_rows_goes_first, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(case_42_the_least_important_go_next, setup, teardown),
        cmocka_unit_test_setup_teardown(case_42_people_are_cut_last, setup, teardown),
        cmocka_unit_test_setup_teardown(case_42_a_row_that_does_not_fit_is_a_record, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(case_43_times_are_exact_where_they_are_evidence, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(print_object_shows_lines_texts_and_tables, setup, teardown),
        cmocka_unit_test_setup_teardown(print_object_joins_and_wraps, setup, teardown),
        cmocka_unit_test_setup_teardown(print_csv_quotes_and_flattens, setup, teardown),
        cmocka_unit_test_setup_teardown(case_24_csv_begins_no_formula, setup, teardown),
        cmocka_unit_test_setup_teardown(print_stream_prints_all_rows_of_a_page_or_none, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(print_csv_of_nothing_is_a_header, setup, teardown),
        cmocka_unit_test_setup_teardown(print_csv_neutralises_on_a_terminal_only, setup, teardown),
        cmocka_unit_test_setup_teardown(print_list_field_tells_lists_from_objects, setup, teardown),
        cmocka_unit_test_setup_teardown(display_width_counts_columns, setup, teardown),
        cmocka_unit_test_setup_teardown(display_wrap_tears_no_punctuation_off, setup, teardown),
        cmocka_unit_test_setup_teardown(display_wrap_breaks_between_words_and_wide_characters,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(moment_ago_says_how_long, setup, teardown),
        cmocka_unit_test_setup_teardown(display_clean_keeps_lines_when_told, setup, teardown),
    };
    setenv("TZ", "UTC", 1);
    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
