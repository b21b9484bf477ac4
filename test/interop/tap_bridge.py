"""A network card of the kernel (a tap device) whose frames go through a Unix stream, each behind its length in four bytes, and come from there.

usage: tap_bridge.py DEVICE SOCKET

It prints "bridged" when both are open, and ends with either of them or with its standard input.
"""

import fcntl
import os
import select
import socket
import struct
import sys

TUNSETIFF = 0x400454CA
IFF_TAP = 0x0002
IFF_NO_PI = 0x1000
FRAME_BYTES_MAX = 0x10000


def main() -> None:
    device, path = sys.argv[1:]
    tap = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tap, TUNSETIFF, struct.pack("16sH22x", device.encode(), IFF_TAP | IFF_NO_PI))
    stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    stream.connect(path)
    print("bridged", flush=True)
    pending = b""
    while True:
        ready, _, _ = select.select([tap, stream, sys.stdin], [], [])
        if sys.stdin in ready:
            return
        if tap in ready:
            frame = os.read(tap, FRAME_BYTES_MAX)
            stream.sendall(struct.pack(">I", len(frame)) + frame)
        if stream in ready:
            piece = stream.recv(1 << 18)
            if not piece:
                return
            pending += piece
            at = 0
            while len(pending) - at >= 4:
                (length,) = struct.unpack_from(">I", pending, at)
                if len(pending) - at - 4 < length:
                    break
                try:
                    os.write(tap, pending[at + 4 : at + 4 + length])
                except OSError as error:
                    # A card that is down takes no frames, as an unplugged one would not.
                    print(f"not taken: {error}", file=sys.stderr, flush=True)
                at += 4 + length
            pending = pending[at:]


main()
