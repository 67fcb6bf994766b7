/* The schema at run time against what protoc-c generates, and against broken descriptor sets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/arena.h"
#include "common/embed.h"
#include "common/message.h"
#include "common/schema.h"
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

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(schema_has_the_layout_of_protoc_c),
        cmocka_unit_test(schema_unpacks_what_protoc_c_packs),
        cmocka_unit_test(schema_knows_options_and_comments),
        cmocka_unit_test(schema_is_documented),
        cmocka_unit_test(schema_load_garbage),
        cmocka_unit_test(schema_load_truncated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
