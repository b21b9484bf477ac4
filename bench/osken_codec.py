"""os-ken's codec on the four messages of codec.ts: reads them as hex, prints their rates as JSON.

Run with Debian's python3. Each message is built anew and serialised (encode), and parsed from its bytes (decode),
objects on both sides, as codec.ts does.
"""
import json
import logging
import sys
import time

from os_ken.lib.mac import haddr_to_str
from os_ken.ofproto import ofproto_parser, ofproto_protocol
from os_ken.ofproto import ofproto_v1_3 as ofp
from os_ken.ofproto import ofproto_v1_3_parser as p

datapath = ofproto_protocol.ProtocolDesc(version=ofp.OFP_VERSION)
seconds = float(sys.argv[1])
payload = bytes(i & 255 for i in range(64))
A, B = haddr_to_str(b"\x02\x00\x00\x00\x00\x01"), haddr_to_str(b"\x02\x00\x00\x00\x00\x02")


def match():
    return p.OFPMatch(in_port=3, eth_dst=A, eth_src=B)


def instructions():
    return [p.OFPInstructionActions(ofp.OFPIT_APPLY_ACTIONS, [p.OFPActionOutput(9, 0)])]


def flow_mod():
    return p.OFPFlowMod(datapath, cookie=0x1122334455667788, idle_timeout=10, hard_timeout=30, priority=100, flags=1,
                        match=match(), instructions=instructions())


def packet_in():
    return p.OFPPacketIn(datapath, buffer_id=ofp.OFP_NO_BUFFER, total_len=64, reason=0, table_id=0,
                         cookie=0xffffffffffffffff, match=p.OFPMatch(in_port=3), data=payload)


def packet_out():
    return p.OFPPacketOut(datapath, buffer_id=ofp.OFP_NO_BUFFER, in_port=3, actions=[p.OFPActionOutput(9, 0)], data=payload)


def flow_stats():
    return p.OFPFlowStatsReply(datapath, flags=0, body=[
        p.OFPFlowStats(table_id=0, duration_sec=1, duration_nsec=2, priority=100, idle_timeout=10, hard_timeout=30,
                       flags=1, cookie=0x1122334455667788, packet_count=5, byte_count=320, match=match(),
                       instructions=instructions()) for _ in range(10)])


def rate(work):
    work()
    n, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        for _ in range(50):
            work()
        n += 50
    return n / (time.perf_counter() - start)


def encode(build):
    message = build()
    message.serialize()
    return message.buf


results = {}
for name, build in (("flow_mod", flow_mod), ("packet_out", packet_out), ("packet_in", packet_in), ("flow_stats", flow_stats)):
    given = bytes.fromhex(json.loads(sys.argv[2])[name])
    version, kind, length, xid = ofproto_parser.header(given)
    results[name] = {}
    # os-ken writes only what controllers send, and reads a little more than what switches send.
    logging.disable(logging.CRITICAL)
    if ofproto_parser.msg(datapath, version, kind, length, xid, given) is not None:
        results[name]["decode"] = rate(lambda: ofproto_parser.msg(datapath, version, kind, length, xid, given))
    try:
        encode(build)
        results[name]["encode"] = rate(lambda: encode(build))
    except (NotImplementedError, AttributeError, AssertionError):
        pass
print(json.dumps(results))
