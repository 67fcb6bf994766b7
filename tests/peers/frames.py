#!/usr/bin/python3
"""Reads a stream of Connect in JSON from standard input, and prints each message as a line as soon as it has come; the
one that ends it behind "end "."""
import struct
import sys

source = sys.stdin.buffer
while head := source.read(5):
    flags, length = struct.unpack(">BI", head)
    assert flags in (0, 2), flags
    text = source.read(length).decode()
    assert len(text.encode()) == length, "cut off"
    print("end " + text if flags == 2 else text, flush=True)
