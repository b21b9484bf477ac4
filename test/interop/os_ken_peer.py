"""os-ken as a peer of the codec's tests, a line of JSON per message.

    os_ken_peer.py write            every message class that os-ken can serialise: {"name", "hex", "json"}
    os_ken_peer.py read < HEXLINES  what os-ken reads in each line: {"json"} or {"error"}
    os_ken_peer.py constants        every number of OpenFlow 1.3 by its name, in one line

Numbers that a double cannot hold are strings, because the reader of this JSON has doubles.
"""
import json
import logging
import sys

from os_ken.ofproto import ofproto_parser, ofproto_protocol
from os_ken.ofproto import ofproto_v1_3 as o
from os_ken.ofproto import ofproto_v1_3_parser as p

PEER = ofproto_protocol.ProtocolDesc(version=o.OFP_VERSION)


def exact(value):
    if isinstance(value, dict):
        return {key: exact(item) for key, item in value.items()}
    if isinstance(value, list):
        return [exact(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and value >= 2**53:
        return str(value)
    return value


def to_json(message):
    return exact(message.to_jsondict())


MATCHES = {
    "nothing": p.OFPMatch(),
    "TCP": p.OFPMatch(
        in_port=3, in_phy_port=4, metadata=(0x1200, 0xFF00), eth_dst=("01:00:00:00:00:00", "01:00:00:00:00:00"),
        eth_src="02:00:00:00:00:01", eth_type=0x0800, vlan_vid=0x1064, vlan_pcp=5, ip_dscp=46, ip_ecn=2, ip_proto=6,
        ipv4_src=("192.0.2.0", "255.255.255.0"), ipv4_dst="198.51.100.7", tcp_src=5000, tcp_dst=80,
        tunnel_id=0xFEDCBA9876543210),
    "UDP over IPv6": p.OFPMatch(
        eth_type=0x86DD, ip_proto=17, ipv6_src=("2001:db8:1:2::", "ffff:ffff:ffff:ffff::"), ipv6_dst="2001:db8::1",
        ipv6_flabel=(0x12300, 0xFFF00), udp_src=68, udp_dst=67, ipv6_exthdr=(1, 0x21)),
    "SCTP": p.OFPMatch(eth_type=0x0800, ip_proto=132, sctp_src=2905, sctp_dst=3868),
    "ICMP": p.OFPMatch(eth_type=0x0800, ip_proto=1, icmpv4_type=3, icmpv4_code=4),
    "neighbour discovery": p.OFPMatch(
        eth_type=0x86DD, ip_proto=58, icmpv6_type=135, icmpv6_code=1, ipv6_nd_target="fe80::9",
        ipv6_nd_sll="02:00:00:00:00:0a", ipv6_nd_tll="02:00:00:00:00:0b"),
    "ARP": p.OFPMatch(
        eth_type=0x0806, arp_op=2, arp_spa="10.0.0.1", arp_tpa=("10.0.2.0", "255.255.255.0"),
        arp_sha="02:00:00:00:00:03", arp_tha=("02:00:00:00:00:00", "ff:ff:ff:00:00:00")),
    "MPLS": p.OFPMatch(eth_type=0x8847, mpls_label=1000, mpls_tc=6, mpls_bos=1),
    "PBB": p.OFPMatch(eth_type=0x88E7, pbb_isid=(0x123400, 0xFFFF00)),
    "any mask": p.OFPMatch(
        metadata=(2**64 - 1, 2**64 - 2), eth_src=("0a:0b:0c:0d:0e:00", "ff:ff:ff:ff:ff:00"), vlan_vid=(0x1000, 0x1000),
        ipv4_dst=("10.0.0.0", "255.0.0.0"), arp_spa=("10.0.0.1", "0.0.0.1"), arp_sha=("02:00:00:00:00:00", "02:00:00:00:00:00"),
        ipv6_dst=("::1", "::ffff"), tunnel_id=(2**63, 2**63 + 2**62)),
    "extensions": p.OFPMatch(tcp_flags=(2, 0x12), pbb_uca=1, actset_output=7, eth_type=0x0800, ip_proto=6),
}

ACTIONS = [
    p.OFPActionOutput(21, 22), p.OFPActionOutput(o.OFPP_CONTROLLER), p.OFPActionCopyTtlOut(), p.OFPActionCopyTtlIn(),
    p.OFPActionSetMplsTtl(23), p.OFPActionDecMplsTtl(), p.OFPActionPushVlan(0x88A8), p.OFPActionPopVlan(),
    p.OFPActionPushMpls(0x8848), p.OFPActionPopMpls(0x86DD), p.OFPActionSetQueue(24), p.OFPActionGroup(25),
    p.OFPActionSetNwTtl(26), p.OFPActionDecNwTtl(), p.OFPActionPushPbb(0x88E7), p.OFPActionPopPbb(),
    p.OFPActionSetField(eth_dst="02:00:00:00:00:fe"), p.OFPActionSetField(ipv6_src="2001:db8::2"),
    p.OFPActionSetField(vlan_vid=0x1065), p.OFPActionSetField(mpls_label=17), p.OFPActionSetField(pbb_isid=0x010203),
    p.OFPActionExperimenterUnknown(0x00AABBCC, b"\1\2\3\4\5\6\7\10"),
]

INSTRUCTIONS = [
    p.OFPInstructionMeter(41), p.OFPInstructionActions(o.OFPIT_APPLY_ACTIONS, ACTIONS),
    p.OFPInstructionActions(o.OFPIT_CLEAR_ACTIONS, []), p.OFPInstructionActions(o.OFPIT_WRITE_ACTIONS, ACTIONS[:1]),
    p.OFPInstructionWriteMetadata(0x3400, 0xFF00), p.OFPInstructionGotoTable(51),
]

BUCKETS = [p.OFPBucket(10, 11, 12, ACTIONS[:2]), p.OFPBucket(20, 21, 22, [])]

BANDS = [p.OFPMeterBandDrop(1001, 102), p.OFPMeterBandDscpRemark(1003, 104, 1), p.OFPMeterBandExperimenter(1005, 106, 107)]


def table_properties():
    instructions = [p.OFPInstructionId(number) for number in range(1, 7)]
    actions = [p.OFPActionId(number) for number in (0, 11, 22, 25)]
    fields = [p.OFPOxmId("in_port"), p.OFPOxmId("eth_dst", hasmask=True), p.OFPOxmId("ipv6_exthdr")]
    for kind in (o.OFPTFPT_INSTRUCTIONS, o.OFPTFPT_INSTRUCTIONS_MISS):
        yield p.OFPTableFeaturePropInstructions(kind, instruction_ids=instructions)
    for kind in (o.OFPTFPT_NEXT_TABLES, o.OFPTFPT_NEXT_TABLES_MISS):
        yield p.OFPTableFeaturePropNextTables(kind, table_ids=[3, 4, 5])
    for kind in (o.OFPTFPT_WRITE_ACTIONS, o.OFPTFPT_WRITE_ACTIONS_MISS, o.OFPTFPT_APPLY_ACTIONS, o.OFPTFPT_APPLY_ACTIONS_MISS):
        yield p.OFPTableFeaturePropActions(kind, action_ids=actions)
    for kind in (o.OFPTFPT_MATCH, o.OFPTFPT_WILDCARDS, o.OFPTFPT_WRITE_SETFIELD, o.OFPTFPT_WRITE_SETFIELD_MISS,
                 o.OFPTFPT_APPLY_SETFIELD, o.OFPTFPT_APPLY_SETFIELD_MISS):
        yield p.OFPTableFeaturePropOxm(kind, oxm_ids=fields)
    for kind in (o.OFPTFPT_EXPERIMENTER, o.OFPTFPT_EXPERIMENTER_MISS):
        yield p.OFPTableFeaturePropExperimenter(kind, experimenter=101, exp_type=102, data=[0x01020304])


def messages():
    yield "hello", p.OFPHello(PEER)
    yield "error", p.OFPErrorMsg(PEER, o.OFPET_BAD_MATCH, o.OFPBMC_BAD_PREREQ, b"the request")
    yield "error of an experimenter", p.OFPErrorMsg(
        PEER, o.OFPET_EXPERIMENTER, data=b"more", exp_type=5, experimenter=0x00AABBCC)
    yield "echo request", p.OFPEchoRequest(PEER, b"hello")
    yield "echo reply", p.OFPEchoReply(PEER, b"")
    yield "experimenter", p.OFPExperimenter(PEER, 0x00AABBCC, 6, b"data")
    yield "features request", p.OFPFeaturesRequest(PEER)
    yield "get config request", p.OFPGetConfigRequest(PEER)
    yield "set config", p.OFPSetConfig(PEER, o.OFPC_FRAG_REASM, 129)
    yield "packet out", p.OFPPacketOut(PEER, o.OFP_NO_BUFFER, o.OFPP_CONTROLLER, ACTIONS, b"a frame")
    yield "packet out of a buffer", p.OFPPacketOut(PEER, 7, 8, [], None)
    for name, match in MATCHES.items():
        yield "flow mod, match " + name, p.OFPFlowMod(
            PEER, 0xFEDCBA9876543210, 2**64 - 1, 6, o.OFPFC_MODIFY_STRICT, 61, 62, 63, 64, 65, 66, 0x1F, match, [])
    yield "flow mod, instructions", p.OFPFlowMod(PEER, instructions=INSTRUCTIONS)
    yield "group mod", p.OFPGroupMod(PEER, o.OFPGC_MODIFY, o.OFPGT_FF, 71, BUCKETS)
    yield "port mod", p.OFPPortMod(PEER, 72, "02:00:00:00:00:02", 0x1, 0x21, 0x40)
    yield "table mod", p.OFPTableMod(PEER, 73, 3)
    yield "meter mod", p.OFPMeterMod(PEER, o.OFPMC_DELETE, 13, 81, BANDS)
    yield "barrier request", p.OFPBarrierRequest(PEER)
    yield "barrier reply", p.OFPBarrierReply(PEER)
    yield "queue get config request", p.OFPQueueGetConfigRequest(PEER, 4)
    yield "role request", p.OFPRoleRequest(PEER, o.OFPCR_ROLE_MASTER, 2**63 + 1)
    yield "get async request", p.OFPGetAsyncRequest(PEER)
    yield "set async", p.OFPSetAsync(PEER, [1, 2], [3, 4], [5, 6])
    match = MATCHES["TCP"]
    yield "desc request", p.OFPDescStatsRequest(PEER)
    yield "flow request", p.OFPFlowStatsRequest(PEER, 0, 1, 2, 3, 2**60, 2**64 - 1, match)
    yield "aggregate request", p.OFPAggregateStatsRequest(PEER, 0, 4, 5, 6, 7, 8, match)
    yield "table request", p.OFPTableStatsRequest(PEER)
    yield "port stats request", p.OFPPortStatsRequest(PEER, 0, 91)
    yield "queue request", p.OFPQueueStatsRequest(PEER, 0, 92, 93)
    yield "group request", p.OFPGroupStatsRequest(PEER, 0, 94)
    yield "group desc request", p.OFPGroupDescStatsRequest(PEER)
    yield "group features request", p.OFPGroupFeaturesStatsRequest(PEER)
    yield "meter request", p.OFPMeterStatsRequest(PEER, 0, 95)
    yield "meter config request", p.OFPMeterConfigStatsRequest(PEER, 0, 96)
    yield "meter features request", p.OFPMeterFeaturesStatsRequest(PEER)
    yield "table features request", p.OFPTableFeaturesStatsRequest(PEER, 1, [p.OFPTableFeaturesStats(
        table_id=2, name=b"classifier", metadata_match=0xFF00, metadata_write=2**64 - 1, config=3, max_entries=1000,
        properties=list(table_properties()))])
    yield "port desc request", p.OFPPortDescStatsRequest(PEER)
    yield "experimenter request", p.OFPExperimenterStatsRequest(PEER, 0, 0x00AABBCC, 7, b"data")
    yield "flow monitor request", p.ONFFlowMonitorStatsRequest(
        PEER, 0, [p.ONFFlowMonitorRequest(100, 0x31, p.OFPMatch(in_port=9), 22, 33)])
    yield "bundle control", p.ONFBundleCtrlMsg(PEER, 1, o.ONF_BCT_OPEN_REQUEST, o.ONF_BF_ATOMIC, [])
    yield "bundle add", p.ONFBundleAddMsg(PEER, 1, o.ONF_BF_ATOMIC, p.OFPBarrierRequest(PEER), [])


def write():
    for number, (name, message) in enumerate(messages()):
        message.set_xid(1000 + number)
        message.serialize()
        print(json.dumps({"name": name, "hex": bytes(message.buf).hex(), "json": to_json(message)}))


def read():
    for line in sys.stdin:
        data = bytes.fromhex(line)
        version, kind, length, xid = ofproto_parser.header(data)
        try:
            message = ofproto_parser.msg(PEER, version, kind, length, xid, data)
            if message is None:
                print(json.dumps({"error": "os-ken has no reader for type %d" % kind}))
            else:
                print(json.dumps({"json": to_json(message), "xid": message.xid}))
        except Exception as error:  # whatever goes wrong in os-ken is a finding, and the next message is read
            print(json.dumps({"error": repr(error)}))


def constants():
    print(json.dumps({name: value for name, value in vars(o).items() if name.startswith("OFP") and isinstance(value, int)}))


logging.disable(logging.CRITICAL)
{"write": write, "read": read, "constants": constants}[sys.argv[1]]()
