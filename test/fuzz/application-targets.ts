/**
 * Transport and application protocols under fuzz. The laws: what was read and written again is the same bytes; for DNS,
 * whose compression has no one form, the same value.
 */
import { parseHex } from '../../protocol/wire/hex.ts';
import { type Dhcp, decodeDhcp, dhcpBytes, encodeDhcp } from '../../protocol/wire/packet/dhcp.ts';
import { type Dns, decodeDns, dnsBytes, encodeDns } from '../../protocol/wire/packet/dns.ts';
import { decodeIgmp, encodeIgmp, igmpBytes } from '../../protocol/wire/packet/igmp.ts';
import { decodeLldp, encodeLldp, lldpBytes } from '../../protocol/wire/packet/lldp.ts';
import { decodeSctp, encodeSctp, type Sctp, sctpBytes } from '../../protocol/wire/packet/sctp.ts';
import { decodeTcp, encodeTcp, tcpBytes } from '../../protocol/wire/packet/tcp.ts';
import { decodeUdp, encodeUdp, udpBytes } from '../../protocol/wire/packet/udp.ts';
import { decodeVxlan, encodeVxlan, vxlanBytes } from '../../protocol/wire/packet/vxlan.ts';
import type { FuzzTarget } from './fuzz-target.ts';

interface Codec<T> {
  decode(view: DataView, at: number, end: number): T;
  encode(value: T, view: DataView, at: number): number;
  bytes(value: T): number;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function write<T>(codec: Codec<T>, value: T): Uint8Array {
  const bytes = new Uint8Array(codec.bytes(value));
  const end = codec.encode(value, viewOf(bytes), 0);
  if (end !== bytes.length) throw new Error(`said ${bytes.length} bytes, wrote ${end}`);
  return bytes;
}

function requireSame(one: Uint8Array, other: Uint8Array): void {
  if (one.length > other.length) throw new Error(`${one.length} bytes written of ${other.length} read`);
  for (let i = 0; i < one.length; i++) if (one[i] !== other[i]) throw new Error(`byte ${i} was not given back`);
}

function hexSeeds(...lines: readonly string[]): Uint8Array[] {
  return lines.map((line) => {
    const bytes = parseHex(line);
    if (!bytes) throw new Error(`not hex: ${line}`);
    return bytes;
  });
}

/** A header that leaves the rest to others gives back what it took of the bytes; a message gives back all. */
function losslessTarget<T>(
  name: string,
  codec: Codec<T>,
  owns: 'all' | 'head',
  seeds: readonly Uint8Array[],
): FuzzTarget {
  return {
    name,
    seeds,
    run(bytes) {
      const again = write(codec, codec.decode(viewOf(bytes), 0, bytes.length));
      requireSame(again, bytes);
      if (owns === 'all' && again.length !== bytes.length) throw new Error(`${bytes.length - again.length} bytes lost`);
    },
  };
}

const SCTP = { decode: decodeSctp, encode: encodeSctp, bytes: sctpBytes };
const DHCP = { decode: decodeDhcp, encode: encodeDhcp, bytes: dhcpBytes };
const DNS = { decode: decodeDns, encode: encodeDns, bytes: dnsBytes };

const parameters = [1, 2, 3].map((length) => ({ kind: length, data: new Uint8Array(length).fill(length) }));
const init = { initiateTag: 1, windowBytes: 2, outboundStreams: 3, inboundStreams: 4, initialTsn: 5, parameters };
const ASSOCIATION: Omit<Sctp, 'chunks'> = { type: 'sctp', srcPort: 1, dstPort: 2, verificationTag: 3 };
const SCTP_SEEDS: readonly Sctp[] = [
  { ...ASSOCIATION, chunks: [{ type: 'init', ...init }] },
  {
    ...ASSOCIATION,
    chunks: [
      { type: 'cookie-echo', cookie: new Uint8Array(5) },
      { type: 'data', tsn: 1, stream: 2, streamSequence: 3, payloadProtocol: 4, data: new Uint8Array(7) },
    ],
  },
  {
    ...ASSOCIATION,
    chunks: [
      { type: 'sack', cumulativeTsn: 1, windowBytes: 2, gaps: [{ start: 2, end: 3 }], duplicates: [1, 2] },
      { type: 'heartbeat', parameters },
      { type: 'error', causes: parameters },
      { type: 'shutdown', cumulativeTsn: 1 },
      { type: 'shutdown-complete', flags: 1 },
    ],
  },
];

const LEASE: Dhcp = { type: 'dhcp', operation: 2, transactionId: 1, clientMac: 0x0200_0000_0001, options: [] };
const DHCP_SEEDS: readonly Dhcp[] = [
  {
    ...LEASE,
    serverName: 'server',
    bootFile: 'file',
    options: [
      { type: 'message-type', value: 5 },
      { type: 'subnet-mask', address: 0xffffff00 },
      { type: 'routers', addresses: [1, 2] },
      { type: 'lease-time', seconds: 3600 },
      { type: 'client-id', hardwareType: 1, id: new Uint8Array(6) },
      { type: 'domain-search', names: ['eng.example.com', 'example.com'] },
      { type: 'classless-routes', routes: [{ prefixBits: 17, destination: 0x0a000000, router: 1 }] },
      { type: 'relay-agent', suboptions: [{ code: 1, data: new Uint8Array(3) }] },
      { type: 'pad', bytes: 2 },
      { type: 'end', padding: new Uint8Array(4) },
    ],
  },
  {
    ...LEASE,
    serverName: [{ type: 'host-name', text: 'h' }, { type: 'end' }],
    bootFile: [{ type: 'routers', addresses: [1] }],
    options: [
      { type: 'overload', value: 3 },
      { type: 'unknown', code: 224, data: new Uint8Array(600).fill(1) },
    ],
  },
];

const answer = { class: 1, ttlSeconds: 60 };
const DNS_SEED: Dns = {
  type: 'dns',
  id: 1,
  flags: 0x8180,
  operation: 0,
  responseCode: 0,
  questions: [{ name: 'www.example.com', kind: 255, class: 1 }],
  answers: [
    { type: 'a', name: 'www.example.com', ...answer, address: 1 },
    { type: 'aaaa', name: 'www.example.com', ...answer, address: 1n },
    { type: 'cname', name: 'a.example.com', ...answer, target: 'www.example.com' },
    { type: 'mx', name: 'example.com', ...answer, preference: 1, exchange: 'mail.example.com' },
    { type: 'txt', name: 'example.com', ...answer, strings: ['one', ''] },
    { type: 'srv', name: '_s._tcp.example.com', ...answer, priority: 1, weight: 2, port: 3, target: 'a.example.com' },
  ],
  authorities: [
    {
      type: 'soa',
      name: 'example.com',
      ...answer,
      primary: 'ns.example.com',
      mailbox: 'me.example.com',
      serial: 1,
      refreshSeconds: 2,
      retrySeconds: 3,
      expireSeconds: 4,
      minimumSeconds: 5,
    },
  ],
  additionals: [
    {
      type: 'opt',
      name: '.',
      udpBytesMax: 1232,
      extendedCode: 0,
      version: 0,
      flags: 0x8000,
      options: [{ code: 10, data: new Uint8Array(8) }],
    },
    { type: 'unknown', name: 'x.example.com', ...answer, kind: 257, data: new Uint8Array(9) },
  ],
};

function formatValue(value: unknown): string {
  return JSON.stringify(value, (_name, part) => (typeof part === 'bigint' ? `${part}n` : part));
}

const DNS_TARGET: FuzzTarget = {
  name: 'dns message',
  seeds: [write(DNS, DNS_SEED), write({ ...DNS, encode: encodeDnsFull, bytes: dnsBytesFull }, DNS_SEED)],
  run(bytes) {
    const value = decodeDns(viewOf(bytes), 0, bytes.length);
    const text = formatValue(value);
    for (const form of ['compressed', 'full'] as const) {
      const again = new Uint8Array(dnsBytes(value, form));
      encodeDns(value, viewOf(again), 0, form);
      const back = formatValue(decodeDns(viewOf(again), 0, again.length));
      if (back !== text) throw new Error(`${form}: ${text} came back as ${back}`);
    }
  },
};

function encodeDnsFull(value: Dns, view: DataView, at: number): number {
  return encodeDns(value, view, at, 'full');
}

function dnsBytesFull(value: Dns): number {
  return dnsBytes(value, 'full');
}

export const APPLICATION_TARGETS: readonly FuzzTarget[] = [
  losslessTarget(
    'tcp header',
    { decode: decodeTcp, encode: encodeTcp, bytes: tcpBytes },
    'head',
    hexSeeds(
      'a8ca0050010203040a0b0c0da002faf0316e0000 020405b40402080a112233440000000001030307',
      'a8ca0050010203040a0b0c0dd010faf04a7f0000 0101080a00000001000000020101051200000064000000c80000012c00000190',
      '0000ffffffffffff000000008fff0000ffff0201 220a010203040506070800ff',
    ),
  ),
  losslessTarget(
    'udp header',
    { decode: decodeUdp, encode: encodeUdp, bytes: udpBytes },
    'head',
    hexSeeds('0035a8ca0014beef', '0000ffff00000000'),
  ),
  losslessTarget(
    'vxlan header',
    { decode: decodeVxlan, encode: encodeVxlan, bytes: vxlanBytes },
    'head',
    hexSeeds('0800000012345600'),
  ),
  losslessTarget(
    'sctp packet',
    SCTP,
    'all',
    SCTP_SEEDS.map((value) => write(SCTP, value)),
  ),
  losslessTarget(
    'igmp message',
    { decode: decodeIgmp, encode: encodeIgmp, bytes: igmpBytes },
    'all',
    hexSeeds(
      '1164ee9b00000000',
      '1600fa04effffffa',
      '118ae6f0e80101010a7d00020a0000010a000002',
      '2200807b0000000204000000ef01010106020001e80101010a0000096175786175782121',
    ),
  ),
  losslessTarget(
    'lldp data unit',
    { decode: decodeLldp, encode: encodeLldp, bytes: lldpBytes },
    'all',
    hexSeeds(
      `02070402000000000104080573312d6574683106020078080675706c696e6b0a0273310c06736c756963650e0400140004
       100e05010a0000010200000003020601fe060080c20100640000`,
    ),
  ),
  losslessTarget(
    'dhcp message',
    DHCP,
    'all',
    DHCP_SEEDS.map((value) => write(DHCP, value)),
  ),
  DNS_TARGET,
];
