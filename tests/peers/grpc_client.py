#!/usr/bin/python3
"""Plays a client of gRPC: the library of its authors (python3-grpcio), stubs that protoc made.

usage: grpc_client.py STUBS HOST:PORT CA PART [ARGUMENT...]

Each part is a function below: it fails by an assertion, or prints what the test looks at.
"""
import os
import sys
import threading
import time
import uuid

sys.path.insert(0, sys.argv[1])

import grpc
from google.protobuf import descriptor_pb2
from google_rpc.rpc import error_details_pb2, status_pb2
from grpc_health import health_pb2
from jiayi.v1 import auth_pb2, deal_pb2, inbox_pb2, server_pb2
from jiayi.v1 import auth_pb2_grpc, deal_pb2_grpc, inbox_pb2_grpc, server_pb2_grpc
from reflection import reflection_pb2

TARGET, CA = sys.argv[2:4]


def connect(**options):
    with open(CA, "rb") as file:
        credentials = grpc.ssl_channel_credentials(file.read())
    return grpc.secure_channel(TARGET, credentials, options=list(options.items()))


CHANNEL = connect()
DEALS = deal_pb2_grpc.DealServiceStub(CHANNEL)


def bearer(token, **more):
    return [("authorization", f"Bearer {token}")] + [(k.replace("_", "-"), v) for k, v in more.items()]


def sign_in(email, password_file):
    with open(password_file) as file:
        password = file.read().strip()
    auth = auth_pb2_grpc.AuthServiceStub(CHANNEL)
    return auth.SignIn(auth_pb2.SignInRequest(email=email, password=password)).token


def fails(code, call, *args, **kwargs):
    """The error that the call has to end with."""
    try:
        call(*args, **kwargs)
    except grpc.RpcError as error:
        assert error.code() == code, error
        return error
    raise AssertionError(f"no {code}")


def trailer(error, name):
    return dict(error.trailing_metadata()).get(name)


def details(error):
    """The messages of google.rpc that an error brings along, by their names."""
    status = status_pb2.Status.FromString(trailer(error, "grpc-status-details-bin"))
    assert status.code == error.code().value[0] and status.message == error.details()
    kinds = {k: getattr(error_details_pb2, k) for k in ("BadRequest", "RetryInfo", "RequestInfo", "ErrorInfo")}
    found = {}
    for one in status.details:
        kind = one.type_url.rsplit(".", 1)[1]
        found[kind] = kinds[kind].FromString(one.value)
    return found


def main_job(email, password_file):
    """Signs in, creates a deal, lists it, moves it, reads it."""
    token = sign_in(email, password_file)
    me = auth_pb2_grpc.AuthServiceStub(CHANNEL).WhoAmI(auth_pb2.WhoAmIRequest(), metadata=bearer(token))
    assert me.email == email, me
    request = deal_pb2.CreateDealRequest(title="深圳港口自动化", customer="深圳港务集团",
                                         amount={"amount": "3500000", "currency": "CNY"})
    made = DEALS.CreateDeal(request, metadata=bearer(token))
    listed = DEALS.ListDeals(deal_pb2.ListDealsRequest(), metadata=bearer(token)).deals
    assert made.id in [d.id for d in listed]
    moved = DEALS.MoveDeal(deal_pb2.MoveDealRequest(deal_id=made.id, stage="quoted"), metadata=bearer(token))
    read = DEALS.GetDeal(deal_pb2.GetDealRequest(deal_id=made.id), metadata=bearer(token))
    assert read.stage == moved.stage == "quoted" and read.title == request.title, read
    print(read.id)


def errors(token):
    """A failure has its code, its text in the caller's language, and details."""
    error = fails(grpc.StatusCode.UNAUTHENTICATED, DEALS.GetDeal, deal_pb2.GetDealRequest(deal_id=1))
    assert "sign in" in error.details(), error
    fails(grpc.StatusCode.UNAUTHENTICATED, DEALS.GetDeal, deal_pb2.GetDealRequest(deal_id=1), metadata=bearer("0" * 64))
    error = fails(grpc.StatusCode.NOT_FOUND, DEALS.GetDeal, deal_pb2.GetDealRequest(deal_id=999999), metadata=bearer(token))
    assert "RequestInfo" in details(error)
    assert details(error)["RequestInfo"].request_id == trailer(error, "jiayi-request-id")
    error = fails(grpc.StatusCode.INVALID_ARGUMENT, DEALS.CreateDeal, deal_pb2.CreateDealRequest(customer="C"),
                  metadata=bearer(token, accept_language="de;q=0.1, zh-CN, en"))
    violation = details(error)["BadRequest"].field_violations[0]
    assert violation.field == "title" and violation.description == error.details()
    assert any("\u4e00" <= c <= "\u9fff" for c in error.details()), error
    made = DEALS.CreateDeal(deal_pb2.CreateDealRequest(title="T", customer="C"), metadata=bearer(token))
    DEALS.MoveDeal(deal_pb2.MoveDealRequest(deal_id=made.id, stage="quoted"), metadata=bearer(token))
    error = fails(grpc.StatusCode.ABORTED, DEALS.MoveDeal,
                  deal_pb2.MoveDealRequest(deal_id=made.id, stage="won", version=made.version), metadata=bearer(token))
    assert int(details(error)["ErrorInfo"].metadata["current_version"]) > made.version
    method = CHANNEL.unary_unary("/jiayi.v1.DealService/Nothing")
    fails(grpc.StatusCode.UNIMPLEMENTED, method, b"", metadata=bearer(token))
    fails(grpc.StatusCode.INVALID_ARGUMENT, CHANNEL.unary_unary("/jiayi.v1.DealService/GetDeal"), b"\xff\xff",
          metadata=bearer(token))


def exactly_once(token):
    """A change that is sent again with its request_id is not done again, whatever it is called by."""
    for name, value in (("jiayi-request-id", uuid.uuid4().hex), ("idempotency-key", str(uuid.uuid4()))):
        request = deal_pb2.CreateDealRequest(title="once", customer="C")
        first, call = DEALS.CreateDeal.with_call(request, metadata=bearer(token, **{name: value}))
        head = dict(call.initial_metadata())
        assert head["jiayi-request-id"] == value.replace("-", "") and "jiayi-replayed" not in head
        again, call = DEALS.CreateDeal.with_call(request, metadata=bearer(token, **{name: value}))
        assert again.id == first.id and dict(call.initial_metadata())["jiayi-replayed"] == "1"
    fails(grpc.StatusCode.ALREADY_EXISTS, DEALS.CreateDeal, deal_pb2.CreateDealRequest(title="twice", customer="C"),
          metadata=bearer(token, idempotency_key=value))
    error = fails(grpc.StatusCode.INVALID_ARGUMENT, DEALS.CreateDeal, request, metadata=bearer(token, idempotency_key="7"))
    assert details(error)["BadRequest"].field_violations[0].field == "request_id"
    # Without one the server makes one, and says which.
    made, call = DEALS.CreateDeal.with_call(request, metadata=bearer(token))
    assert made.id != first.id and len(dict(call.initial_metadata())["jiayi-request-id"]) == 32


def deadline(token):
    """The caller's deadline is the call's: what takes longer ends in time, here and at the server."""
    began = time.monotonic()
    error = fails(grpc.StatusCode.DEADLINE_EXCEEDED, DEALS.CreateDeal,
                  deal_pb2.CreateDealRequest(title="late", customer="C"), metadata=bearer(token), timeout=1.5)
    assert time.monotonic() - began < 4, error


def cancel(token):
    """A call that waits is cancelled; the connection goes on."""
    call = DEALS.CreateDeal.future(deal_pb2.CreateDealRequest(title="left", customer="C"), metadata=bearer(token), timeout=30)
    time.sleep(0.5)
    assert call.cancel()
    server_pb2_grpc.ServerServiceStub(CHANNEL).Check(server_pb2.CheckRequest())


def sizes(token):
    """Messages up to the limit are taken, longer ones refused; the connection goes on."""
    auth_pb2_grpc.AuthServiceStub(CHANNEL).WhoAmI(auth_pb2.WhoAmIRequest(), metadata=bearer(token))
    raw = CHANNEL.unary_unary("/jiayi.v1.DealService/CreateDeal")
    error = fails(grpc.StatusCode.INVALID_ARGUMENT, raw,
                  deal_pb2.CreateDealRequest(title="x" * 1000000, customer="C").SerializeToString(), metadata=bearer(token))
    assert details(error)["BadRequest"].field_violations[0].field == "title"
    for size in (1100000, 5000000):
        error = fails(grpc.StatusCode.RESOURCE_EXHAUSTED, raw, b"\x00" * size, metadata=bearer(token))
        assert str(size) in error.details(), error
    # Several at once, more than one connection's windows hold.
    request = deal_pb2.CreateDealRequest(title="x" * 900000, customer="C").SerializeToString()
    for call in [raw.future(request, metadata=bearer(token)) for _ in range(4)]:
        assert call.code() == grpc.StatusCode.INVALID_ARGUMENT, call
    schema = server_pb2_grpc.ServerServiceStub(CHANNEL).GetSchema(server_pb2.GetSchemaRequest())
    assert len(schema.file_descriptor_set) > 100000
    fails(grpc.StatusCode.UNIMPLEMENTED, raw, b"\x0a" * 10000, metadata=bearer(token), compression=grpc.Compression.Gzip)


def crowd(token, n):
    """So many calls at once on one connection: none is refused, none is lost."""
    calls = [DEALS.ListDeals.future(deal_pb2.ListDealsRequest(), metadata=bearer(token), timeout=60) for _ in range(int(n))]
    assert all(call.result() is not None for call in calls)


def health(state):
    check = CHANNEL.unary_unary("/grpc.health.v1.Health/Check", health_pb2.HealthCheckRequest.SerializeToString,
                                health_pb2.HealthCheckResponse.FromString)
    every = CHANNEL.unary_unary("/grpc.health.v1.Health/List", health_pb2.HealthListRequest.SerializeToString,
                                health_pb2.HealthListResponse.FromString)
    watch = CHANNEL.unary_stream("/grpc.health.v1.Health/Watch", health_pb2.HealthCheckRequest.SerializeToString,
                                 health_pb2.HealthCheckResponse.FromString)
    kinds = health_pb2.HealthCheckResponse
    for service in ("", "jiayi.v1.DealService"):
        assert check(health_pb2.HealthCheckRequest(service=service)).status == kinds.SERVING
    fails(grpc.StatusCode.NOT_FOUND, check, health_pb2.HealthCheckRequest(service="nowhere"))
    statuses = every(health_pb2.HealthListRequest()).statuses
    assert statuses[""].status == statuses["jiayi.v1.AuthService"].status == kinds.SERVING and len(statuses) > 20
    unknown = watch(health_pb2.HealthCheckRequest(service="nowhere"))
    assert next(unknown).status == kinds.SERVICE_UNKNOWN
    unknown.cancel()
    watched = watch(health_pb2.HealthCheckRequest())
    assert next(watched).status == kinds.SERVING
    if state == "drain":
        print("watching", flush=True)
        assert next(watched).status == kinds.NOT_SERVING


def ask(version, *questions):
    """The answers of a server's reflection to these questions, in one stream."""
    method = CHANNEL.stream_stream(f"/grpc.reflection.{version}.ServerReflection/ServerReflectionInfo",
                                   reflection_pb2.ServerReflectionRequest.SerializeToString,
                                   reflection_pb2.ServerReflectionResponse.FromString)
    return list(method(iter([reflection_pb2.ServerReflectionRequest(**q) for q in questions])))


def reflection(version):
    answers = ask(version, {"list_services": "*"}, {"file_containing_symbol": "jiayi.v1.DealService.GetDeal"},
                  {"file_by_filename": "google/rpc/error_details.proto"}, {"file_containing_symbol": "jiayi.v1.Nothing"},
                  {"all_extension_numbers_of_type": "google.protobuf.MethodOptions"},
                  {"file_containing_extension": {"containing_type": "google.protobuf.FieldOptions", "extension_number": 50100}})
    services = [s.name for s in answers[0].list_services_response.service]
    assert {"jiayi.v1.DealService", "grpc.health.v1.Health", "grpc.reflection.v1.ServerReflection"} <= set(services)
    files = [descriptor_pb2.FileDescriptorProto.FromString(f)
             for f in answers[1].file_descriptor_response.file_descriptor_proto]
    names = [f.name for f in files]
    # The one that was asked for comes first; whatever one imports is there.
    assert names[0] == "jiayi/v1/deal.proto" and {d for f in files for d in f.dependency} <= set(names)
    assert answers[2].file_descriptor_response.file_descriptor_proto
    assert answers[3].error_response.error_code == 5
    assert list(answers[4].all_extension_numbers_response.extension_number) == [50100]
    first = answers[5].file_descriptor_response.file_descriptor_proto[0]
    assert descriptor_pb2.FileDescriptorProto.FromString(first).name == "jiayi/v1/options.proto"


def load(token, stop):
    """Calls without a pause while servers go and come, until there is a file stop: every call is done, and each change once.

    The library sends again by itself what was never begun, as it does for everybody: a call that it has given to a
    connection when the GOAWAY is read is one, and no server can help that. What a server has answered it does not."""
    channel = connect(**{"grpc.max_reconnect_backoff_ms": 200, "grpc.initial_reconnect_backoff_ms": 100})
    deals = deal_pb2_grpc.DealServiceStub(channel)
    done, failed = [], []

    def work(worker):
        n = 0
        while not (os.path.exists(stop) and len(done) > 100):
            n += 1
            try:
                if n % 5 == 0:
                    made = deals.CreateDeal(deal_pb2.CreateDealRequest(title=f"load {worker}", customer="C"),
                                            metadata=bearer(token), timeout=30, wait_for_ready=True)
                    done.append(made.id)
                else:
                    deals.ListDeals(deal_pb2.ListDealsRequest(page_size=3), metadata=bearer(token), timeout=30,
                                    wait_for_ready=True)
                    done.append(0)
            except grpc.RpcError as error:
                failed.append((error.code(), error.details()))

    workers = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for worker in workers:
        worker.start()
    print("calling", flush=True)
    for worker in workers:
        worker.join()
    print(len(done), sum(1 for i in done if i), failed, flush=True)
    assert not failed


def token(email, password_file):
    print(sign_in(email, password_file))


def watch(token, count, since=None):
    """Watches, over restarts of the server, until so many things were told: prints each, and goes on from the cursor."""
    stub = inbox_pb2_grpc.InboxServiceStub(CHANNEL)
    cursor, told, ids = int(since) if since else None, 0, []
    while told < int(count):
        try:
            stream = stub.WatchInbox(inbox_pb2.WatchInboxRequest(since=cursor), metadata=bearer(token), wait_for_ready=True)
            for answer in stream:
                if cursor is None:
                    print("watching", answer.cursor, flush=True)
                cursor = answer.cursor
                for item in answer.items:
                    assert item.id not in ids, f"told twice: {item.id}"
                    ids.append(item.id)
                    told += 1
                    print(item.on, item.to, flush=True)
                if told >= int(count):
                    stream.cancel()
                    break
        except grpc.RpcError as error:
            # A server that goes down says so, or is gone.
            assert error.code() in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED), error
            print("again", flush=True)
    assert ids == sorted(ids), ids


def watch_until(token, seconds):
    """What a stream ends with that has a deadline; and what one does that nobody may have."""
    stub = inbox_pb2_grpc.InboxServiceStub(CHANNEL)
    begun = time.monotonic()
    stream = stub.WatchInbox(inbox_pb2.WatchInboxRequest(), metadata=bearer(token), timeout=float(seconds))
    error = fails(grpc.StatusCode.DEADLINE_EXCEEDED, lambda: [None for _ in stream])
    assert float(seconds) - 2 < time.monotonic() - begun < float(seconds) + 1, error
    error = fails(grpc.StatusCode.UNAUTHENTICATED, lambda: next(stub.WatchInbox(inbox_pb2.WatchInboxRequest())))
    assert "sign in" in error.details()
    fails(grpc.StatusCode.INVALID_ARGUMENT,
          lambda: next(stub.WatchInbox(inbox_pb2.WatchInboxRequest(since=-1), metadata=bearer(token))))


def watch_beat(token, seconds):
    """A stream tells that nothing is new, within half a minute; prints how many times it did."""
    stub = inbox_pb2_grpc.InboxServiceStub(CHANNEL)
    stream = stub.WatchInbox(inbox_pb2.WatchInboxRequest(), metadata=bearer(token), timeout=float(seconds))
    cursor, beats = next(stream).cursor, 0
    try:
        for answer in stream:
            assert answer.cursor == cursor and not answer.items, answer
            beats += 1
    except grpc.RpcError as error:
        assert error.code() == grpc.StatusCode.DEADLINE_EXCEEDED, error
    print(beats)


def watch_revoked(token):
    """Prints what a stream ends with, whose session ends meanwhile."""
    stub = inbox_pb2_grpc.InboxServiceStub(CHANNEL)
    stream = stub.WatchInbox(inbox_pb2.WatchInboxRequest(), metadata=bearer(token))
    print("watching", next(stream).cursor, flush=True)
    error = fails(grpc.StatusCode.UNAUTHENTICATED, lambda: [None for _ in stream])
    print(error.details())


def watch_many(token):
    """Of one session eight watch; the ninth does once one of them has gone, without its server being asked."""
    stub = inbox_pb2_grpc.InboxServiceStub(CHANNEL)
    streams = [stub.WatchInbox(inbox_pb2.WatchInboxRequest(), metadata=bearer(token))]
    request = inbox_pb2.WatchInboxRequest(since=next(streams[0]).cursor)
    streams += [stub.WatchInbox(request, metadata=bearer(token)) for _ in range(7)]
    for stream in streams:
        stream.initial_metadata()
    error = fails(grpc.StatusCode.RESOURCE_EXHAUSTED, lambda: next(stub.WatchInbox(request, metadata=bearer(token))))
    assert "8 calls" in error.details(), error
    print("eight", flush=True)
    assert sys.stdin.readline() == "go on\n"
    streams[3].cancel()
    print("seven", flush=True)
    assert sys.stdin.readline() == "go on\n"
    ninth = stub.WatchInbox(request, metadata=bearer(token))
    ninth.initial_metadata()
    print("ninth", flush=True)
    assert sys.stdin.readline() == "go on\n"
    for stream in streams + [ninth]:
        stream.cancel()


if __name__ == "__main__":
    globals()[sys.argv[4]](*sys.argv[5:])
