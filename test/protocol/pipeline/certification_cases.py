"""The cases of the os-ken switch test tool as JSON on standard output, packets and messages as hex.

os-ken's own tool reads its files: what it would install and send is what is printed here. Its one bug is mended on the way (the
SCTP checksum is computed over the text of a bytearray). Packets with random parts are printed several times, from one seed.

    python3 certification_cases.py FOLDER
"""
import json
import logging
import os
import random
import sys

from os_ken.lib.packet import sctp
from os_ken.tests.switch import tester

SEED = 20131
SAMPLES = 24

PORTS = {
    'target_recv_port': 1, 'target_send_port_1': 2, 'target_send_port_2': 3,
    'tester_send_port': 1, 'tester_recv_port_1': 2, 'tester_recv_port_2': 3,
}


def crc32c(_self, data):
    crc = 0xffffffff
    for byte in bytes(data):
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0x82f63b78 if crc & 1 else crc >> 1
    return int.from_bytes((crc ^ 0xffffffff).to_bytes(4, 'little'), 'big')


def to_hex(message):
    message.serialize()
    return bytes(message.buf).hex()


def to_packets(given):
    if not given['randomize']:
        return [given['packet_binary'].hex()]
    packets = []
    for _ in range(SAMPLES):
        packet = eval('/'.join(given['packet_text']), vars(tester))
        packet.serialize()
        packets.append(bytes(packet.data).hex())
    return packets


def to_throughput(expected):
    flow = expected[tester.KEY_FLOW]
    flow.datapath = tester.DummyDatapath(4)
    flow.xid = 0
    return {'flow': to_hex(flow), 'kbps': expected[tester.KEY_KBPS], 'pktps': expected[tester.KEY_PKTPS]}


def to_test(test):
    if tester.KEY_PACKETS in test:
        given = test[tester.KEY_PACKETS]
        return {
            'type': 'throughput',
            'packets': to_packets(given),
            'pktps': given[tester.KEY_PKTPS],
            'throughputs': [to_throughput(expected) for expected in test[tester.KEY_THROUGHPUT]],
        }
    ingress = {'ingress': test[tester.KEY_INGRESS].hex()}
    if tester.KEY_EGRESS in test:
        return {'type': 'egress', **ingress, 'egress': test[tester.KEY_EGRESS].hex()}
    if tester.KEY_PKT_IN in test:
        return {'type': 'packetIn', **ingress, 'packetIn': test[tester.KEY_PKT_IN].hex()}
    return {'type': 'tableMiss', **ingress, 'tables': test[tester.KEY_TBL_MISS]}


def main(root):
    sctp.sctp._checksum = crc32c
    tester.OfTester.target_ver = tester.OfTester.tester_ver = 4
    tester.CONF = {'test-switch': PORTS}
    random.seed(SEED)
    tester.randint = random.randint
    cases = []
    for folder, folders, names in os.walk(root):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(folder, name)
            for case in tester.TestFile(path, logging.getLogger()).tests:
                cases.append({
                    'file': os.path.relpath(path, root),
                    'description': case.description,
                    'messages': [to_hex(message) for message in case.prerequisite],
                    'tests': [to_test(test) for test in case.tests],
                })
    json.dump(cases, sys.stdout)


main(sys.argv[1])
