#!/usr/bin/python3
"""Those who watch by streams of HTTP/2, each on a connection of its own, beside those who are only there.

usage: streams.py HOST:PORT CA PID WAY WATCHERS SECONDS

WAY is grpc (InboxService/WatchInbox) or health (grpc.health.v1.Health/Watch). Prints as `load --held` does, once all is at rest: the
server's memory in KiB without connections, with those that each have had one answer, and with a stream each; and its CPU time in
milliseconds while nothing happens, which is between the lines "begin" and "end".
"""
import os
import socket
import ssl
import struct
import sys
import time

from hpack import Encoder
from hyperframe.frame import DataFrame, Frame, HeadersFrame, RstStreamFrame, SettingsFrame

MEMBERS = 200  # of tests/bench/data.sql
REST_S = 25    # the server gives memory back to who rests for 10 to 20 s
PATHS = {"grpc": "/jiayi.v1.InboxService/WatchInbox", "health": "/grpc.health.v1.Health/Watch"}


def server_kib(pid):
    with open(f"/proc/{pid}/smaps_rollup") as rollup:
        return next(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))


def server_ms(pid):
    with open(f"/proc/{pid}/stat") as stat:
        ticks = stat.read().rsplit(")", 1)[1].split()
    return (int(ticks[11]) + int(ticks[12])) * 1000 // os.sysconf("SC_CLK_TCK")


class Watcher:
    def __init__(self, address, context, number):
        host, port = address.rsplit(":", 1)
        self.member = 1 + (7 + 3 * number) % MEMBERS
        token = self.member + number // MEMBERS * MEMBERS
        self.tls = context.wrap_socket(socket.create_connection((host, int(port))), server_hostname=host)
        self.tls.settimeout(30)
        self.stream = -1
        self.fields = [(":method", "POST"), (":scheme", "https"), (":authority", "localhost")]
        self.more = [("content-type", "application/grpc"), ("te", "trailers"), ("authorization", f"Bearer {token:043d}")]
        self.tls.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + SettingsFrame(0).serialize())

    def begin(self, path, message):
        self.stream += 2
        head = HeadersFrame(self.stream, Encoder().encode(self.fields + [(":path", path)] + self.more), flags={"END_HEADERS"})
        body = DataFrame(self.stream, struct.pack(">BI", 0, len(message)) + message, flags={"END_STREAM"})
        self.tls.sendall(head.serialize() + body.serialize())

    def message(self):
        """Waits for the stream's first message, and whatever comes with it."""
        unread = b""
        while True:
            unread += self.tls.recv(65536) or sys.exit("the server has hung up")
            while len(unread) >= 9:
                frame, length = Frame.parse_frame_header(memoryview(unread[:9]))
                if len(unread) < 9 + length:
                    break
                unread = unread[9 + length:]
                if isinstance(frame, RstStreamFrame):
                    sys.exit("a stream was reset")
                if isinstance(frame, DataFrame) and frame.stream_id == self.stream and length >= 5:
                    return

    def is_open(self):
        """Nothing but heartbeats has come since, and no end."""
        self.tls.setblocking(False)
        try:
            return bool(self.tls.recv(65536))
        except ssl.SSLWantReadError:
            return True
        except OSError:
            return False


def main(server, ca, pid, way, count, seconds):
    context = ssl.create_default_context(cafile=ca)
    context.set_alpn_protocols(["h2"])
    before = server_kib(pid)
    watchers = [Watcher(server, context, i) for i in range(int(count))]
    for watcher in watchers:
        member = watcher.member
        watcher.begin("/jiayi.v1.DealService/GetDeal", b"\x08" + (bytes([member]) if member < 128 else
                                                                 bytes([member & 127 | 128, member >> 7])))
        watcher.message()
    time.sleep(REST_S)
    usual = server_kib(pid)
    for watcher in watchers:
        watcher.begin(PATHS[way], b"")
        watcher.message()
    time.sleep(REST_S)
    held = server_kib(pid)
    print("begin", flush=True)
    cpu = server_ms(pid)
    time.sleep(float(seconds))
    cpu = server_ms(pid) - cpu
    failed = sum(not watcher.is_open() for watcher in watchers)
    print("end", count, before, usual, held, cpu, failed, flush=True)
    os._exit(1 if failed else 0)


main(*sys.argv[1:])
