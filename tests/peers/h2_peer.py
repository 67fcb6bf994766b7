#!/usr/bin/python3
"""A peer of HTTP/2 that sends what no client would: frames by hand, with hyperframe and hpack of python3-h2.

usage: h2_peer.py HOST:PORT CA [--token TOKEN] PART

Each part is a function below. A flood prints how many bytes it could send before the server ended the connection, and
with which error, or "open BYTES" where the server took all of them; the others fail by an assertion.
"""
import argparse
import ipaddress
import socket
import ssl
import struct
import time

from hpack import Decoder, Encoder
from hyperframe.frame import (ContinuationFrame, DataFrame, ExtensionFrame, Frame, GoAwayFrame, HeadersFrame, PingFrame,
                              PriorityFrame, RstStreamFrame, SettingsFrame, WindowUpdateFrame)

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
# More than the server's budget many times over.
ENOUGH = 4 << 20


class Gone(Exception):
    """The server has ended the connection."""


def proxy_header(what):
    """A PROXY header of version 2 that names the address; or a wrong one."""
    signature = b"\r\n\r\n\0\r\nQUIT\n"
    if what == "local":
        return signature + b"\x20\x00\x00\x00"
    if what == "v1":
        return b"PROXY TCP4 203.0.113.7 127.0.0.1 1 2\r\n"
    if what == "udp":
        return signature + b"\x21\x12\x00\x0c" + bytes(12)
    if what == "long":
        return signature + b"\x21\x11\xff\xff" + bytes(2000)
    if what == "half":
        return signature + b"\x21\x11"
    address = ipaddress.ip_address(what).packed
    ends = address + bytes(len(address) + 4)
    return signature + (b"\x21\x11" if len(address) == 4 else b"\x21\x21") + struct.pack(">H", len(ends)) + ends


class Peer:
    def __init__(self, settings=None, greet=True, buffer_bytes=None):
        host, port = ARGS.server.rsplit(":", 1)
        context = ssl.create_default_context(cafile=ARGS.ca)
        context.set_alpn_protocols(["h2"])
        raw = socket.socket()
        if buffer_bytes:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer_bytes)
        if ARGS.source:
            raw.bind((ARGS.source, 0))
        raw.connect((host, int(port)))
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if ARGS.proxy:
            raw.sendall(proxy_header(ARGS.proxy))
        self.socket = context.wrap_socket(raw, server_hostname=host)
        assert self.socket.selected_alpn_protocol() == "h2"
        self.encoder, self.decoder = Encoder(), Decoder()
        self.unread = b""
        self.sent = 0
        self.stream = -1
        self.error = None
        if greet:
            self.send(PREFACE + SettingsFrame(0, settings=settings or {}).serialize())

    def send(self, *frames):
        data = b"".join(f if isinstance(f, bytes) else f.serialize() for f in frames)
        try:
            self.socket.sendall(data)
        except (OSError, ssl.SSLError) as error:
            raise Gone from error
        self.sent += len(data)

    def frames(self, seconds):
        """The frames that come until so long nothing does."""
        self.socket.settimeout(seconds)
        while True:
            while len(self.unread) >= 9:
                frame, length = Frame.parse_frame_header(memoryview(self.unread[:9]))
                if len(self.unread) < 9 + length:
                    break
                frame.parse_body(memoryview(self.unread[9:9 + length]))
                self.unread = self.unread[9 + length:]
                if isinstance(frame, GoAwayFrame):
                    self.error = frame.error_code
                yield frame
            try:
                more = self.socket.recv(65536)
            except (socket.timeout, ssl.SSLWantReadError):
                return
            except (OSError, ssl.SSLError) as error:
                raise Gone from error
            if not more:
                raise Gone
            self.unread += more

    def listen(self, seconds=0.0005):
        for _ in self.frames(seconds):
            pass

    def next(self):
        self.stream += 2
        return self.stream

    def head(self, path="/jiayi.v1.ServerService/Check", **more):
        fields = [(":method", "POST"), (":scheme", "https"), (":authority", "localhost"), (":path", path),
                  ("content-type", "application/grpc"), ("te", "trailers")]
        if ARGS.token:
            fields.append(("authorization", f"Bearer {ARGS.token}"))
        return self.encoder.encode(fields + [(k.replace("_", "-"), v) for k, v in more.items()])

    def headers(self, block=None, end=False, **more):
        frame = HeadersFrame(self.next(), block or self.head(**more), flags={"END_HEADERS"})
        if end:
            frame.flags.add("END_STREAM")
        return frame

    def body(self, message=b"", end=True, flag=0, declared=None):
        length = len(message) if declared is None else declared
        return DataFrame(self.stream, bytes([flag]) + struct.pack(">I", length) + message,
                         flags={"END_STREAM"} if end else set())

    def answer(self, stream):
        """The fields of a stream's answer, trailers with them, and its body."""
        fields, body = {}, b""
        for frame in self.frames(10):
            if getattr(frame, "stream_id", 0) != stream:
                continue
            if isinstance(frame, HeadersFrame):
                fields.update(self.decoder.decode(frame.data))
            if isinstance(frame, DataFrame):
                body += frame.data
            if isinstance(frame, RstStreamFrame):
                fields["reset"] = frame.error_code
            if "END_STREAM" in frame.flags or isinstance(frame, RstStreamFrame):
                return fields, body
        raise AssertionError("no answer")


def flood(peer, make):
    """Sends what @make gives until the server ends the connection, or enough was sent."""
    try:
        peer.listen(0.2)
        while peer.sent < ENOUGH:
            peer.send(*make())
            peer.listen()
        print("open", peer.sent)
    except Gone:
        try:
            peer.listen(1)
        except Gone:
            pass
        print("closed", peer.sent, peer.error)


def rapid_reset():
    peer = Peer()
    flood(peer, lambda: [f for _ in range(20) for f in (peer.headers(), peer.body(), RstStreamFrame(peer.stream, 8))])


def made_reset():
    """MadeYouReset: the server resets the streams, for windows that are too large."""
    peer = Peer()
    flood(peer, lambda: [f for _ in range(20)
                         for f in (peer.headers(), WindowUpdateFrame(peer.stream, 0x7fffffff))])


def settings_flood():
    peer = Peer()
    flood(peer, lambda: [SettingsFrame(0, settings={4: 65535})] * 100)


def ping_flood():
    peer = Peer()
    flood(peer, lambda: [PingFrame(0, b"12345678")] * 100)


def priority_flood():
    peer = Peer()
    flood(peer, lambda: [PriorityFrame(1 + 2 * i, depends_on=0, stream_weight=1) for i in range(100)])


def unknown_flood():
    peer = Peer()
    flood(peer, lambda: [ExtensionFrame(0x55, 0, body=b"")] * 100)


def window_flood():
    peer = Peer()
    flood(peer, lambda: [WindowUpdateFrame(0, 1)] * 100)


def empty_data():
    peer = Peer()
    peer.send(peer.headers())
    flood(peer, lambda: [DataFrame(peer.stream, b"")] * 100)


def continuation_flood():
    peer = Peer()
    block = peer.head()
    peer.send(HeadersFrame(peer.next(), block))
    flood(peer, lambda: [ContinuationFrame(peer.stream, b"")] * 10)


def continuation_filled():
    peer = Peer()
    peer.send(HeadersFrame(peer.next(), peer.head()))
    flood(peer, lambda: [ContinuationFrame(peer.stream, peer.encoder.encode([("x", "y" * 8000)]))])


def header_bomb():
    """A small head that is unpacked to megabytes."""
    peer = Peer()
    peer.send(peer.headers(x="y" * 3900))
    block = peer.head()
    flood(peer, lambda: [HeadersFrame(peer.next(), block + b"\xbe" * 15000, flags={"END_HEADERS"})])


def large_heads():
    peer = Peer()
    flood(peer, lambda: [peer.headers(x="y" * 12000)])


def eager_streams():
    """More streams than there may be."""
    peer = Peer()
    flood(peer, lambda: [peer.headers() for _ in range(50)])


def garbage():
    peer = Peer(greet=False)
    flood(peer, lambda: [b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"])


def window_stall():
    """Asks for much, and opens no window for it."""
    peer = Peer(settings={4: 0})
    began = time.monotonic()
    resets = 0
    try:
        for _ in range(32):
            peer.send(peer.headers(path="/jiayi.v1.ServerService/GetSchema"), peer.body())
        for frame in peer.frames(8):
            resets += isinstance(frame, RstStreamFrame)
    except Gone:
        pass
    assert resets > 0 and time.monotonic() - began < 20, resets
    print("reset", resets)


def slow_body():
    """Drips: a request whose body does not come at a pace is given up."""
    peer = Peer()
    peer.send(peer.headers(), DataFrame(peer.next() - 2, b"\x00\x00\x00\x10\x00"))
    began = time.monotonic()
    while time.monotonic() - began < 30:
        peer.send(DataFrame(1, b"x"))
        for frame in peer.frames(0.5):
            if isinstance(frame, RstStreamFrame):
                print("reset after", round(time.monotonic() - began))
                return
    raise AssertionError("it may drip for ever")


def silent():
    """Says nothing behind the handshake: is cut off in the handshake's time."""
    peer = Peer(greet=False)
    began = time.monotonic()
    try:
        peer.listen(30)
        raise AssertionError("it may be silent for ever")
    except Gone:
        print("closed after", round(time.monotonic() - began))


def idle():
    """Asks nothing: is cut off as any stranger."""
    peer = Peer()
    began = time.monotonic()
    try:
        while time.monotonic() - began < 30:
            peer.listen(2)
        raise AssertionError("it may be idle for ever")
    except Gone:
        print("closed after", round(time.monotonic() - began))


def protocol():
    """What is asked in ways that libraries do not ask."""
    peer = Peer()
    stream = peer.headers()
    peer.send(stream, peer.body())
    fields, body = peer.answer(peer.stream)
    assert fields[":status"] == "200" and fields["content-type"] == "application/grpc", fields
    assert fields["grpc-accept-encoding"] == "identity" and fields["grpc-status"] == "0" and body[5:] == b"\x0a\x07SERVING", fields
    # Compressed, and said to be: the server says what it takes.
    for more in ({"grpc_encoding": "gzip"}, {}):
        peer.send(peer.headers(**more), peer.body(flag=1))
        fields, _ = peer.answer(peer.stream)
        assert fields["grpc-status"] == "12" and fields["grpc-accept-encoding"] == "identity", fields
    # gzip is said, and this message is not compressed.
    peer.send(peer.headers(grpc_encoding="gzip"), peer.body())
    assert peer.answer(peer.stream)[0]["grpc-status"] == "0"
    # Methods that are not there are refused before a body comes.
    peer.send(peer.headers(path="/jiayi.v1.ServerService/Nothing"))
    assert peer.answer(peer.stream)[0]["grpc-status"] == "12"
    for timeout, status in (("1S", "0"), ("99999999H", "0"), ("0n", "4"), ("1", "3"), ("123456789S", "3"), ("-1S", "3")):
        peer.send(peer.headers(grpc_timeout=timeout), peer.body())
        assert peer.answer(peer.stream)[0]["grpc-status"] == status, timeout
    # No message, half of one, and two.
    peer.send(peer.headers(end=True))
    assert peer.answer(peer.stream)[0]["grpc-status"] == "3"
    peer.send(peer.headers(), DataFrame(peer.stream, b"\x00\x00\x00", flags={"END_STREAM"}))
    assert peer.answer(peer.stream)[0]["grpc-status"] == "3"
    peer.send(peer.headers(), peer.body(end=False), peer.body())
    assert peer.answer(peer.stream)[0]["grpc-status"] == "3"
    for path in ("/grpc.health.v1.Health/Check", "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"):
        for body, status in (({"declared": 20000}, "8"), ({"flag": 1}, "12"), ({"message": b"\xff"}, "3")):
            peer.send(peer.headers(path=path), peer.body(**body))
            assert peer.answer(peer.stream)[0]["grpc-status"] == status, (path, status)
        peer.send(peer.headers(path=path, end=True))
        assert peer.answer(peer.stream)[0].get("grpc-status", "reset") in ("0", "reset")
    # Piece by piece.
    peer.send(peer.headers())
    for byte in b"\x00\x00\x00\x00\x00":
        peer.send(DataFrame(peer.stream, bytes([byte])))
    peer.send(DataFrame(peer.stream, b"", flags={"END_STREAM"}))
    assert peer.answer(peer.stream)[0]["grpc-status"] == "0"
    # Said twice, and by other schemes than Bearer.
    head = peer.head()
    double = peer.encoder.encode([("authorization", "Bearer a"), ("authorization", "Bearer b")])
    peer.send(peer.headers(head + double), peer.body())
    assert peer.answer(peer.stream)[0]["grpc-status"] == "3"
    # What HTTP forbids: the stream ends, and the connection goes on.
    for more in ({"transfer_encoding": "chunked"}, {"X-Large": "y"}):
        peer.send(peer.headers(**more), peer.body())
        assert "reset" in peer.answer(peer.stream)[0], more
    peer.send(peer.headers(content_length="7"), peer.body())
    assert "reset" in peer.answer(peer.stream)[0]
    peer.send(peer.headers(), peer.body())
    assert peer.answer(peer.stream)[0]["grpc-status"] == "0"


def check():
    """One call."""
    peer = Peer()
    peer.send(peer.headers(), peer.body())
    assert peer.answer(peer.stream)[0]["grpc-status"] == "0"


def sp():
    """The other door says its greeting."""
    host, port = ARGS.server.rsplit(":", 1)
    raw = socket.create_connection((host, int(port)), source_address=(ARGS.source, 0))
    raw.sendall(proxy_header(ARGS.proxy))
    tls = ssl.create_default_context(cafile=ARGS.ca).wrap_socket(raw, server_hostname=host)
    tls.sendall(b"\0SP\0\0\x30\0\0")
    assert tls.recv(8) == b"\0SP\0\0\x31\0\0"


def refused():
    """No handshake comes about."""
    began = time.monotonic()
    try:
        Peer()
    except (OSError, ssl.SSLError):
        assert time.monotonic() - began < 10
        return
    raise AssertionError("the server lets it in")


def crowd():
    """So many connections at once; prints how many are let in."""
    peers, n = [], 0
    for _ in range(int(ARGS.argument)):
        try:
            peers.append(Peer())
            peers[-1].send(peers[-1].headers(), peers[-1].body())
            n += peers[-1].answer(peers[-1].stream)[0]["grpc-status"] == "0"
        except (OSError, ssl.SSLError, Gone):
            pass
    time.sleep(1)
    print(n)


def slow_watch():
    """Who has no room for what it is told is told nothing more until then, and then all of it, in its order."""
    peer = Peer({SettingsFrame.INITIAL_WINDOW_SIZE: 0})
    peer.send(peer.headers(path="/jiayi.v1.InboxService/WatchInbox"), peer.body())
    for frame in peer.frames(10):
        if isinstance(frame, HeadersFrame):
            break
    print("watching", flush=True)
    assert input() == "go on"
    for frame in peer.frames(0.5):
        assert not isinstance(frame, DataFrame)
    window = WindowUpdateFrame(peer.stream, window_increment=1 << 20)
    peer.send(window)
    body, messages = b"", []
    for frame in peer.frames(10):
        if isinstance(frame, DataFrame):
            body += frame.data
        while len(body) >= 5 and len(body) >= 5 + struct.unpack(">I", body[1:5])[0]:
            length = 5 + struct.unpack(">I", body[1:5])[0]
            messages.append(body[5:length])
            body = body[length:]
        if ARGS.argument.encode() in b"".join(messages):
            break
    # The first one was for where to begin; what was told since then waited in the database, and comes as one.
    assert len(messages) == 2, messages
    print(messages[1].decode(errors="replace").count("deal/"), flush=True)


# The last stream of a GOAWAY that is only a notice.
NOTICE = (1 << 31) - 1


def goaway(peer, is_notice):
    """Waits for it; returns its last stream."""
    for frame in peer.frames(20):
        if isinstance(frame, GoAwayFrame) and (frame.last_stream_id == NOTICE) == is_notice:
            return frame.last_stream_id
    raise AssertionError("no GOAWAY")


def leave_slowly():
    """Begins a call when the server has long said that it goes, for it has not heard that yet: it is answered."""
    peer = Peer()
    peer.send(peer.headers(), peer.body())
    assert peer.answer(peer.stream)[0]["grpc-status"] == "0"
    print("ready", flush=True)
    goaway(peer, True)
    time.sleep(0.5)
    peer.send(peer.headers(), peer.body())
    ping = next(frame for frame in peer.frames(10) if isinstance(frame, PingFrame))
    peer.send(PingFrame(0, opaque_data=ping.opaque_data, flags={"ACK"}))
    assert peer.answer(peer.stream)[0]["grpc-status"] == "0"
    assert goaway(peer, False) == peer.stream


def read_late():
    """Reads slowly while the server goes, and has something to say meanwhile: gets its answer to the last byte."""
    peer = Peer({SettingsFrame.INITIAL_WINDOW_SIZE: 1 << 24}, buffer_bytes=4096)
    peer.send(WindowUpdateFrame(0, window_increment=1 << 24), peer.headers(path="/jiayi.v1.ServerService/GetSchema"), peer.body())
    body, fields = b"", {}
    for frame in peer.frames(20):
        if isinstance(frame, HeadersFrame):
            fields.update(peer.decoder.decode(frame.data))
        if isinstance(frame, DataFrame):
            if not body:
                print("ready", flush=True)
            body += frame.data
            time.sleep(0.05)
            peer.send(PingFrame(0, opaque_data=b"not done"))
        if "END_STREAM" in frame.flags:
            break
    assert fields.get("grpc-status") == "0" and len(body) == 5 + struct.unpack(">I", body[1:5])[0], (len(body), fields)
    print(len(body), "bytes")


class Halting(Peer):
    """Withholds the handshake's last step."""

    def __init__(self):
        host, port = ARGS.server.rsplit(":", 1)
        context = ssl.create_default_context(cafile=ARGS.ca)
        context.set_alpn_protocols(["h2"])
        self.raw = socket.create_connection((host, int(port)))
        self.come, self.go = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.come, self.go, server_hostname=host)
        self.encoder, self.decoder, self.stream = Encoder(), Decoder(), -1
        while True:
            try:
                self.tls.do_handshake()
                return
            except ssl.SSLWantReadError:
                self.raw.sendall(self.go.read())
                self.come.write(self.raw.recv(65536))

    def say(self, data):
        """All that was withheld, and this."""
        self.tls.write(data)
        self.raw.sendall(self.go.read())

    def hear(self):
        """All that comes until the server hangs up."""
        plain = b""
        self.raw.settimeout(20)
        while True:
            try:
                more = self.tls.read(65536)
                if not more:
                    return plain
                plain += more
            except ssl.SSLWantReadError:
                try:
                    more = self.raw.recv(65536)
                except OSError:
                    more = b""
                if not more:
                    return plain
                self.come.write(more)
            except ssl.SSLError:
                return plain


def come_late():
    """Finishes the handshake when the server takes nothing more: learns that its call was not begun."""
    late, waiting = Halting(), Peer()
    waiting.send(waiting.headers(path="/jiayi.v1.DealService/ListDeals"), waiting.body())
    print("ready", flush=True)
    for frame in waiting.frames(20):
        if isinstance(frame, PingFrame):
            waiting.send(PingFrame(0, opaque_data=frame.opaque_data, flags={"ACK"}))
            break
    assert goaway(waiting, False) == waiting.stream
    time.sleep(0.5)
    head = late.headers()
    late.say(PREFACE + SettingsFrame(0).serialize() + head.serialize() + late.body().serialize())
    assert waiting.answer(waiting.stream)[0]["grpc-status"] == "0"
    heard, frames = memoryview(late.hear()), []
    while len(heard) >= 9:
        frame, length = Frame.parse_frame_header(heard[:9])
        frame.parse_body(heard[9:9 + length])
        frames.append(frame)
        heard = heard[9 + length:]
    assert [f.last_stream_id for f in frames if isinstance(f, GoAwayFrame)] == [0], frames
    assert not any(isinstance(f, HeadersFrame) for f in frames), frames


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("server")
    parser.add_argument("ca")
    parser.add_argument("--token")
    parser.add_argument("--source", help="the own address")
    parser.add_argument("--proxy", help="an address for a PROXY header, or a kind of a wrong one")
    parser.add_argument("part")
    parser.add_argument("argument", nargs="?")
    ARGS = parser.parse_args()
    globals()[ARGS.part]()
