/* The schema at run time against what protoc-c generates, and against broken descriptor sets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/arena.h"
#include "common/embed.h"
#include "common/message.h"
#include "common/schema.h"
#include "common/wire.h"
#include "google/protobuf/descriptor.pb-c.h"
#include "jiayi/v1/audit.pb-c.h"
#include "jiayi/v1/auth.pb-c.h"
#include "jiayi/v1/deal.pb-c.h"
#include "jiayi/v1/kpi.pb-c.h"
#include "jiayi/v1/member.pb-c.h"
#include "jiayi/v1/report.pb-c.h"
#include "jiayi/v1/rpc.pb-c.h"

static void
compare_layout(const ProtobufCMessageDescriptor *generated)
{
    const struct schema_message *m = schema_find_message(schema_embedded(), generated->name);
    assert_non_null(m);
    assert_int_equal(m->pb.sizeof_message, generated->sizeof_message);
    assert_int_equal(m->pb.n_fields, generated->n_fields);
    assert_int_equal(m->pb.n_field_ranges, generated->n_field_ranges);
    for (unsigned i = 0; i < m->pb.n_fields; i++) {
        const ProtobufCFieldDescriptor *a = &m->pb.fields[i], *b = &generated->fields[i];
        assert_string_equal(a->name, b->name);
        assert_int_equal(a->id, b->id);
        assert_int_equal(a->type, b->type);
        assert_int_equal(a->label, b->label);
        assert_int_equal(a->offset, b->offset);
        assert_int_equal(a->quantifier_offset, b->quantifier_offset);
        assert_int_equal(m->pb.fields_sorted_by_name[i], generated->fields_sorted_by_name[i]);
        if (a->type == PROTOBUF_C_TYPE_MESSAGE)
            compare_layout(b->descriptor);
    }
}

static void
schema_has_the_layout_of_protoc_c(void **state)
{
    (void)state;
    static const ProtobufCMessageDescriptor *const generated[] = {
        &jiayi__v1__rpc_request__descriptor,
        &jiayi__v1__rpc_response__descriptor,
        &jiayi__v1__sign_in_request__descriptor,
        &jiayi__v1__sign_in_response__descriptor,
        &jiayi__v1__deal__descriptor,
        &jiayi__v1__list_deals_response__descriptor,
        &jiayi__v1__update_deal_request__descriptor,
        &jiayi__v1__list_sessions_response__descriptor,
        &jiayi__v1__who_am_iresponse__descriptor,
        &jiayi__v1__field_option__descriptor,
    };
    for (size_t i = 0; i < sizeof generated / sizeof *generated; i++)
        compare_layout(generated[i]);
}

static void
schema_unpacks_what_protoc_c_packs(void **state)
{
    (void)state;
    struct status e = {0};
    struct arena *a = arena_new(1 << 20);
    Jiayi__V1__Money money = {.base.descriptor = &jiayi__v1__money__descriptor};
    money.amount = (char *)"120000.50";
    money.currency = (char *)"CNY";
    Jiayi__V1__UpdateDealRequest r = {.base.descriptor =
                                          &jiayi__v1__update_deal_request__descriptor};
    r.has_deal_id = 1;
    r.deal_id = INT64_C(1) << 40;
    r.title = (char *)"办公楼 zyrë";
    r.amount = &money;
    uint8_t packed[200];
    size_t n = protobuf_c_message_pack(&r.base, packed);
    const struct schema_message *m =
        schema_find_message(schema_embedded(), "jiayi.v1.UpdateDealRequest");
    ProtobufCMessage *got = message_unpack(a, m, packed, n, &e);
    assert_non_null(got);
    assert_int_equal(message_integer(got, schema_find_field(m, "deal_id"), 0), INT64_C(1) << 40);
    assert_string_equal(message_string(got, schema_find_field(m, "title")), "办公楼 zyrë");
    assert_false(message_has(got, schema_find_field(m, "version")));
    const ProtobufCMessage *amount = message_child(got, schema_find_field(m, "amount"));
    assert_string_equal(message_string(amount, schema_find_field(schema_of(amount), "currency")),
                        "CNY");
    uint8_t again[200];
    assert_int_equal(protobuf_c_message_pack(got, again), n);
    assert_memory_equal(packed, again, n);
    arena_free(a);
}

static void
schema_knows_options_and_comments(void **state)
{
    (void)state;
    const struct schema_method *m =
        schema_find_method(schema_embedded(), "jiayi.v1.DealService/MoveDeal");
    assert_non_null(m);
    assert_ptr_equal(m, schema_find_method(schema_embedded(), "DealService/MoveDeal"));
    assert_string_equal(m->option->permission, "deal.move");
    assert_int_equal(m->option->kind, JIAYI__V1__KIND__WRITE);
    assert_string_equal(m->option->command, "deal move");
    const struct schema_field *f = schema_find_field(m->in, "stage");
    assert_true(f->option->required);
    assert_int_equal(f->option->positional, 2);
    assert_int_equal(f->option->min_length, 1);
    assert_null(schema_find_field(m->in, "nothing"));
    assert_null(schema_find_method(schema_embedded(), "DealService/Nothing"));
}

/** Every method, request, response and field is commented: the comments are the help. */
static void
schema_is_documented(void **state)
{
    (void)state;
    const struct schema *s = schema_embedded();
    for (size_t i = 0; i < s->n_methods; i++)
        if (!*s->methods[i].comment)
            fail_msg("%s has no comment", s->methods[i].name);
    for (size_t i = 0; i < s->n_messages; i++) {
        const struct schema_message *m = s->messages[i];
        if (strncmp(m->pb.name, "jiayi.", 6) != 0)
            continue;
        if (!*m->comment)
            fail_msg("%s has no comment", m->pb.name);
        for (unsigned k = 0; k < m->pb.n_fields; k++)
            if (!*m->fields[k].comment)
                fail_msg("%s.%s has no comment", m->pb.name, m->fields[k].pb->name);
    }
}

static void
schema_load_garbage(void **state)
{
    (void)state;
    struct status e = {0};
    const uint8_t garbage[] = {0xff, 0xff, 0xff, 0x01, 0x02};
    assert_null(schema_load(garbage, sizeof garbage, &e));
    assert_int_equal(e.code, STATUS_INTERNAL);
}

/** Cut anywhere, the set is refused or gives a smaller schema; it never crashes. */
static void
schema_load_truncated(void **state)
{
    (void)state;
    for (size_t n = 0; n < embed_schema[0].size; n += embed_schema[0].size / 97) {
        struct status e = {0};
        struct schema *s = schema_load(embed_schema[0].data, n, &e);
        assert_true(s != NULL || e.code == STATUS_INTERNAL);
        schema_free(s);
    }
}

/**
 * A field 0 in two bytes, to a message without fields: protobuf-c 1.4 wrote its value over the
 * message's own descriptor, whose first "field" was zeroes.
 */
static void
schema_message_without_fields_takes_no_field_0(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {0x80, 0x00, 0x7e};
    const struct schema_method *m = schema_find_method(schema_embedded(), "AuthService/WhoAmI");
    struct status e = {0};
    struct arena *a = arena_new(1 << 20);
    assert_int_equal(m->in->pb.n_fields, 0);
    assert_int_equal(wire_check(m->in, bytes, sizeof bytes, &e), -1);
    ProtobufCMessage *message = message_unpack(a, m->in, bytes, sizeof bytes, &e);
    if (message)
        assert_ptr_equal(schema_of(message), m->in);
    arena_free(a);
}

/**
 * A length-delimited field of up to 16383 bytes around what stands at the end of @buf; returns the
 * new begin.
 */
static uint8_t *
wrap(uint8_t *begin, const uint8_t *end, uint8_t field)
{
    size_t n = (size_t)(end - begin);
    *--begin = (uint8_t)(n >> 7 & 0x7f);
    *--begin = (uint8_t)(n | 0x80);
    *--begin = (uint8_t)(field << 3 | 2);
    return begin;
}

/**
 * Types in types, as a hostile server may send them: protobuf-c follows them until the stack ends.
 */
static void
schema_nested_deeply_is_refused_on_the_wire(void **state)
{
    (void)state;
    static uint8_t bytes[16000];
    uint8_t *end = bytes + sizeof bytes, *begin = end;
    for (int i = 0; i < 5000; i++)
        begin = wrap(begin, end, 3); /* DescriptorProto.nested_type */
    begin = wrap(begin, end, 4);     /* FileDescriptorProto.message_type */
    begin = wrap(begin, end, 1);     /* FileDescriptorSet.file */
    struct status e = {0};
    const struct schema_message *m =
        schema_find_message(schema_embedded(), "google.protobuf.FileDescriptorSet");
    assert_int_equal(wire_check(m, begin, (size_t)(end - begin), &e), -1);
    assert_int_equal(e.code, STATUS_INVALID_ARGUMENT);
    assert_non_null(strstr(e.message, "too deeply"));
}

/**
 * Packs a file whose types M0 to M15 have @fan fields each, of the next type, and a method that
 * takes M0.
 */
static size_t
pack_fan(size_t fan, uint8_t **ret)
{
    enum { TYPES = 15 };
    typedef Google__Protobuf__FieldDescriptorProto Field;
    static char names[TYPES + 1][8], references[TYPES + 1][8], fields[32][8];
    static Google__Protobuf__DescriptorProto types[TYPES + 1], *type_list[TYPES + 1];
    static Field all[TYPES][32], *lists[TYPES][32];
    for (int i = 0; i <= TYPES; i++) {
        snprintf(names[i], sizeof names[i], "M%d", i);
        snprintf(references[i], sizeof references[i], ".M%d", i);
        types[i] = (Google__Protobuf__DescriptorProto)GOOGLE__PROTOBUF__DESCRIPTOR_PROTO__INIT;
        types[i].name = names[i];
        type_list[i] = &types[i];
    }
    for (int i = 0; i < TYPES; i++) {
        for (size_t k = 0; k < fan; k++) {
            snprintf(fields[k], sizeof fields[k], "f%zu", k);
            all[i][k] = (Field)GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__INIT;
            all[i][k].name = fields[k];
            all[i][k].has_number = all[i][k].has_type = true;
            all[i][k].number = (int32_t)k + 1;
            all[i][k].type = GOOGLE__PROTOBUF__FIELD_DESCRIPTOR_PROTO__TYPE__TYPE_MESSAGE;
            all[i][k].type_name = references[i + 1];
            lists[i][k] = &all[i][k];
        }
        types[i].field = lists[i];
        types[i].n_field = fan;
    }
    Google__Protobuf__MethodDescriptorProto method =
                                                GOOGLE__PROTOBUF__METHOD_DESCRIPTOR_PROTO__INIT,
                                            *methods[] = {&method};
    method.name = (char *)"Do";
    method.input_type = method.output_type = references[0];
    Google__Protobuf__ServiceDescriptorProto service =
                                                 GOOGLE__PROTOBUF__SERVICE_DESCRIPTOR_PROTO__INIT,
                                             *services[] = {&service};
    service.name = (char *)"S";
    service.n_method = 1;
    service.method = methods;
    Google__Protobuf__FileDescriptorProto file = GOOGLE__PROTOBUF__FILE_DESCRIPTOR_PROTO__INIT,
                                          *files[] = {&file};
    file.n_message_type = TYPES + 1;
    file.message_type = type_list;
    file.n_service = 1;
    file.service = services;
    Google__Protobuf__FileDescriptorSet set = GOOGLE__PROTOBUF__FILE_DESCRIPTOR_SET__INIT;
    set.n_file = 1;
    set.file = files;
    *ret = malloc(google__protobuf__file_descriptor_set__get_packed_size(&set));
    assert_non_null(*ret);
    return google__protobuf__file_descriptor_set__pack(&set, *ret);
}

static void
schema_that_fans_out_is_refused(void **state)
{
    (void)state;
    struct status e = {0};
    uint8_t *set;
    size_t n = pack_fan(1, &set);
    struct schema *s = schema_load(set, n, &e);
    assert_non_null(s);
    schema_free(s);
    free(set);
    n = pack_fan(32, &set); /* 32 to the power of 15 fields to look at */
    assert_null(schema_load(set, n, &e));
    assert_non_null(strstr(e.message, "too many fields"));
    free(set);
}

/** Numbers say what is on the wire; how fields are shown is how the .proto reads. */
static void
schema_field_at_goes_by_declaration(void **state)
{
    (void)state;
    const struct schema_message *m =
        schema_find_message(schema_embedded(), "jiayi.v1.ListMembersRequest");
    assert_string_equal(schema_field_at(m, 0)->pb->name, "all");
    assert_int_equal(schema_field_at(m, 0)->pb->id, 3);
    assert_string_equal(schema_field_at(m, 2)->pb->name, "page_token");
    assert_null(schema_field_at(m, 5));
}

/** The program reads the fields of a Timestamp without asking whether they are there. */
static void
schema_with_another_timestamp_is_refused(void **state)
{
    (void)state;
    /* file { package: "google.protobuf" message_type { name: "Timestamp" } } */
    static const uint8_t set[] = "\x0a\x1e\x12\x0fgoogle.protobuf\x22\x0b\x0a\x09Timestamp";
    struct status e = {0};
    assert_null(schema_load(set, sizeof set - 1, &e));
    assert_non_null(strstr(e.message, "Timestamp"));
}

/** What is not kept of an answer can be read: with what is kept, as the client finds it. */
static void
assert_can_be_read(const struct schema_message *m)
{
    if (!m->read)
        fail_msg("%s: not all is kept, and no method reads it", m->pb.name);
    const struct schema_message *in = m->read->in;
    for (unsigned i = 0; i < in->pb.n_fields; i++) {
        const struct schema_field *to = &in->fields[i], *from = schema_find_field(m, to->pb->name);
        if (!from && to->option->positional == 1)
            from = schema_field_at(m, 0);
        if (from ? !from->option->replay || from->pb->type != to->pb->type : to->option->required)
            fail_msg("%s: %s of its request is not kept", m->pb.name, to->pb->name);
    }
}

static void
schema_keeps_of_every_change_enough_to_read_it(void **state)
{
    (void)state;
    const struct schema *s = schema_embedded();
    for (size_t i = 0; i < s->n_methods; i++) {
        const struct schema_method *m = &s->methods[i];
        unsigned kept = 0, dropped = 0;
        if (m->option->kind != JIAYI__V1__KIND__WRITE || !strcmp(m->option->permission, "public"))
            continue;
        for (unsigned k = 0; k < m->out->pb.n_fields; k++) {
            const Jiayi__V1__FieldOption *f = m->out->fields[k].option;
            kept += f->replay;
            dropped += !f->replay && !f->secret;
        }
        if (!kept && dropped)
            fail_msg("%s: nothing of the answer is kept", m->name);
        if (dropped)
            assert_can_be_read(m->out);
    }
}

/** Of an answer's fields those with a person's address, as their names have it. */
static bool
is_person(const char *name)
{
    static const char *const names[] = {"owner",   "member", "author", "manager",
                                        "creator", "email",  "by",     "vendor_owner"};
    size_t n = strlen(name);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            return true;
    return n > 3 && strcmp(name + n - 3, "_by") == 0;
}

/** Why a person needs no company beside the address. */
static const struct {
    const char *message, *field, *why;
} at_home[] = {
    {"Contact", "email", "is no member"},
    {"Contract", "owner", "is of the principal, which stands there"},
    {"Contract", "vendor_owner", "is of the vendor, which stands there"},
    {"Partner", "owner", "is of the principal, which stands there"},
    {"Partner", "vendor_owner", "is of the vendor, which stands there"},
    {"OnboardingPoint", "owner", "is of the company that does it, which stands there"},
    {"ContractVersion", "member", "is of the company that wrote it, which stands there"},
    {"ReviewPoint", "member", "is of the caller's company"},
    {"Customer", "owner", "is of the customer's company, which stands there"},
    {"Deal", "vendor_owner", "is of the vendor, which stands there"},
    {"Deal", "owner", "is of the deal's company, which stands there"},
    {"Handover", "member", "is of the caller's company"},
    {"Handover", "owner", "is of the caller's company"},
    {"KpiLine", "member", "is of the KPI's company, and its people alone see the line"},
    {"KpiRecord", "member", "the same"},
    {"KpiTarget", "member", "the same"},
    {"KpiEvaluation", "member", "the same"},
    {"Member", "email", "is of the caller's company"},
    {"Member", "manager", "is of the caller's company"},
    {"MemberSpan", "by", "is of the caller's company"},
    {"MemberSpan", "manager", "is of the caller's company"},
    {"NewMember", "email", "is of the caller's company"},
    {"NewMember", "manager", "is of the caller's company"},
    {"Overlap", "owner", "is of the caller's company"},
    {"Play", "author", "is of the caller's company, and absent of another's play"},
    {"Import", "member", "is of the caller's company"},
    {"Export", "member", "is of the caller's company"},
    {"Rate", "member", "is of the caller's company"},
    {"Responsibility", "member", "is of the caller's company"},
    {"SignInResponse", "email", "is the caller"},
    {"SignInResponse", "password_set_by", "is of the caller's company"},
    {"WhoAmIResponse", "email", "is the caller"},
    {"WhoAmIResponse", "manager", "is of the caller's company"},
    {"DueDeal", "member", "is of the caller's company"},
};

static bool
is_at_home(const char *message, const char *field)
{
    for (size_t i = 0; i < sizeof at_home / sizeof *at_home; i++)
        if (strcmp(strrchr(message, '.') + 1, at_home[i].message) == 0 &&
            strcmp(field, at_home[i].field) == 0)
            return true;
    return false;
}

static void
assert_companies(const struct schema_message *m)
{
    char company[80];
    for (unsigned i = 0; i < m->pb.n_fields; i++) {
        const struct schema_field *f = &m->fields[i];
        const char *name = f->pb->name;
        if (f->message && !schema_is_timestamp(f->message))
            assert_companies(f->message);
        if (f->pb->type != PROTOBUF_C_TYPE_STRING)
            continue;
        bool is_email = f->option->format == JIAYI__V1__FORMAT__EMAIL;
        if (is_email != is_person(name))
            fail_msg("%s.%s: is it an address? name and format differ", m->pb.name, name);
        snprintf(company, sizeof company, "%s_company", name);
        if (is_email && !is_at_home(m->pb.name, name) && !schema_find_field(m, company))
            fail_msg("%s.%s has no %s beside it", m->pb.name, name, company);
    }
}

/** Case 1: a person of another company is shown with the company. */
static void
schema_has_the_company_of_every_person(void **state)
{
    (void)state;
    const struct schema *s = schema_embedded();
    for (size_t i = 0; i < s->n_methods; i++)
        assert_companies(s->methods[i].out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(schema_message_without_fields_takes_no_field_0),
        cmocka_unit_test(schema_nested_deeply_is_refused_on_the_wire),
        cmocka_unit_test(schema_that_fans_out_is_refused),
        cmocka_unit_test(schema_with_another_timestamp_is_refused),
        cmocka_unit_test(schema_has_the_layout_of_protoc_c),
        cmocka_unit_test(schema_unpacks_what_protoc_c_packs),
        cmocka_unit_test(schema_knows_options_and_comments),
        cmocka_unit_test(schema_field_at_goes_by_declaration),
        cmocka_unit_test(schema_is_documented),
        cmocka_unit_test(schema_has_the_company_of_every_person),
        cmocka_unit_test(schema_keeps_of_every_change_enough_to_read_it),
        cmocka_unit_test(schema_load_garbage),
        cmocka_unit_test(schema_load_truncated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
