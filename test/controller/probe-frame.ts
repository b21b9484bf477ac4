/**
 * Probes: frames between hosts of every kind that policies tell apart, each with a number at its end by which it is known wherever it is seen.
 *
 * The number stands last, so that it stays where it is when labels are pushed and popped before it. Stacks of hosts may answer one with an error that quotes it,
 * which is another packet.
 */

import { MAC_BROADCAST } from '../../protocol/wire/address.ts';
import { ETHER_TYPE } from '../../protocol/wire/packet/ethernet.ts';
import { encodeFrame } from '../../protocol/wire/packet/frame.ts';
import type { Frame } from '../../protocol/wire/packet/layer.ts';
import type { Random } from '../../sim/random.ts';
import type { Facts } from './plain-meaning.ts';
import { POLICY_PORTS } from './random-policies.ts';

export interface ProbeHost {
  readonly name: string;
  readonly mac: number;
  readonly ip: number;
}

export interface Probe<H extends ProbeHost = ProbeHost> {
  readonly id: number;
  readonly kind: string;
  readonly from: H;
  /** Undefined: to a group. */
  readonly to: H | undefined;
  readonly facts: Facts;
  readonly frame: Uint8Array;
}

/** Of local experiments (IEEE 802). */
const EXPERIMENTAL = 0x88b5;
const MAC_IPV6_ALL_NODES = 0x3333_0000_0001;
const MAC_IPV4_GROUP = 0x0100_5e01_0203;
const OTHER_PORT = 40_000;
/** A tag that a host may have of its own: VLAN 5. */
const HOST_TAG = 5;
const MARK = 0x9bd3_51a7;
const MARK_BYTES = 8;

/** Undefined: it is no probe. */
export function readProbeId(frame: Uint8Array): number | undefined {
  const at = frame.length - MARK_BYTES;
  if (at < 14) return undefined;
  const view = new DataView(frame.buffer, frame.byteOffset + at, MARK_BYTES);
  return view.getUint32(0) === MARK && !quotesAnother(frame) ? view.getUint32(4) : undefined;
}

/** Of ICMP there are echo replies among the probes, and errors beside them. */
function quotesAnother(frame: Uint8Array): boolean {
  let at = 12;
  while (isTag((frame[at]! << 8) | frame[at + 1]!)) at += 4;
  if (((frame[at]! << 8) | frame[at + 1]!) !== ETHER_TYPE.ipv4) return false;
  const ip = at + 2;
  return frame[ip + 9] === PROTOCOL_NUMBERS.icmp && frame[ip + 4 * (frame[ip]! & 0xf)] !== 0;
}

function isTag(type: number): boolean {
  return type === ETHER_TYPE.vlan || type === ETHER_TYPE.serviceVlan;
}

/** The outermost tag, control bits included; -1 without one. */
export function readTag(frame: Uint8Array): number {
  const type = (frame[12]! << 8) | frame[13]!;
  return isTag(type) ? (frame[14]! << 8) | frame[15]! : -1;
}

function toIpv6({ ip }: ProbeHost): bigint {
  return (0xfd00n << 112n) | BigInt(ip & 0xffff);
}

/** What a kind of probe is beyond its Ethernet addresses. */
interface Content {
  readonly kind: string;
  readonly facts: Omit<Facts, 'srcMac' | 'dstMac'>;
  readonly layers: Frame;
  /** Control bits and VLAN. */
  readonly tag?: number;
}

function pick<T>(random: Random, items: readonly T[]): T {
  return items[random.nextBelow(items.length)]!;
}

export class ProbeMaker {
  readonly #random: Random;
  readonly #tags: readonly number[];
  #nextId = 1;

  /** `tags` are such as hosts should try to send under, beside their own. */
  constructor(random: Random, tags: Iterable<number> = []) {
    this.#random = random;
    this.#tags = [HOST_TAG, ...tags];
  }

  /** Of one host to another, of a random kind. */
  unicast<H extends ProbeHost>(from: H, to: H): Probe<H> {
    return this.#make(from, to, to.mac, this.#drawContent(from, to));
  }

  /** The same packet under another number; no switch looks at the transport's checksum, which is that of the first. */
  again<H extends ProbeHost>(probe: Probe<H>): Probe<H> {
    const id = this.#nextId++;
    const frame = probe.frame.slice();
    new DataView(frame.buffer).setUint32(frame.length - 4, id);
    return { ...probe, id, frame };
  }

  group<H extends ProbeHost>(from: H): Probe<H> {
    const ports = this.#drawPorts();
    switch (this.#random.nextBelow(4)) {
      case 0:
        return this.#make(from, undefined, MAC_BROADCAST, bare());
      case 1:
        return this.#make(from, undefined, MAC_BROADCAST, ipv4(from.ip, 0xffff_ffff, 'udp', ports));
      case 2:
        return this.#make(from, undefined, MAC_IPV4_GROUP, ipv4(from.ip, 0xe001_0203, 'udp', ports));
      default:
        return this.#make(
          from,
          undefined,
          MAC_IPV6_ALL_NODES,
          ipv6(toIpv6(from), (0xff02n << 112n) | 1n, 'udp', ports),
        );
    }
  }

  #drawContent(from: ProbeHost, to: ProbeHost): Content {
    const protocol = pick(this.#random, ['tcp', 'udp'] as const);
    const ports = this.#drawPorts();
    switch (this.#random.nextBelow(10)) {
      case 0:
        return bare();
      case 1:
        return ipv4(from.ip, to.ip, 'icmp', ports);
      case 2:
        return ipv6(toIpv6(from), toIpv6(to), 'icmp', ports);
      case 3:
      case 4:
        return ipv6(toIpv6(from), toIpv6(to), protocol, ports);
      case 5:
        return { ...ipv4(from.ip, to.ip, protocol, ports), tag: pick(this.#random, this.#tags) };
      default:
        return ipv4(from.ip, to.ip, protocol, ports);
    }
  }

  /** One that policies speak of at one of the ends, mostly. */
  #drawPorts(): Ports {
    const known = pick(this.#random, [...POLICY_PORTS, 5002, 9999]);
    const [srcPort, dstPort] = this.#random.nextBelow(3) === 0 ? [known, OTHER_PORT] : [OTHER_PORT, known];
    return { srcPort, dstPort };
  }

  #make<H extends ProbeHost>(from: H, to: H | undefined, dst: number, { kind, facts, layers, tag }: Content): Probe<H> {
    const id = this.#nextId++;
    const mark = new Uint8Array(MARK_BYTES);
    const view = new DataView(mark.buffer);
    view.setUint32(0, MARK);
    view.setUint32(4, id);
    const tags: Frame =
      tag === undefined ? [] : [{ type: 'vlan', pcp: tag >> 13, vid: tag & 0xfff, etherType: facts.ethType }];
    const frame = encodeFrame([
      { type: 'ethernet', dst, src: from.mac, etherType: tag === undefined ? facts.ethType : ETHER_TYPE.vlan },
      ...tags,
      ...layers,
      { type: 'payload', data: mark },
    ]);
    return {
      id,
      kind: tag === undefined ? kind : `tagged ${tag & 0xfff}.${tag >> 13} ${kind}`,
      from,
      to,
      facts: { srcMac: from.mac, dstMac: dst, ...facts },
      frame,
    };
  }
}

interface Ports {
  readonly srcPort: number;
  readonly dstPort: number;
}

function bare(): Content {
  return { kind: 'no IP', facts: { ethType: EXPERIMENTAL }, layers: [] };
}

function transport(protocol: 'tcp' | 'udp', { srcPort, dstPort }: Ports): Frame {
  return protocol === 'udp'
    ? [{ type: 'udp', srcPort, dstPort }]
    : [{ type: 'tcp', srcPort, dstPort, seq: 1, ack: 0, flags: 2, window: 1000 }];
}

const PROTOCOL_NUMBERS = { tcp: 6, udp: 17, icmp: 1, icmpv6: 58 } as const;

/** A message that asks for nothing: type 0, an echo reply (of ICMPv6: type 129). */
const ECHO_REPLY = new Uint8Array([0, 0, 0xff, 0xff, 0, 0, 0, 0]);
const ECHO_REPLY_V6 = new Uint8Array([129, 0, 0, 0, 0, 0, 0, 0]);

function ipv4(src: number, dst: number, protocol: 'tcp' | 'udp' | 'icmp', ports: Ports): Content {
  const ipProto = PROTOCOL_NUMBERS[protocol];
  const hasPorts = protocol !== 'icmp';
  return {
    kind: hasPorts ? `${protocol} ${ports.srcPort}>${ports.dstPort}` : 'icmp',
    facts: { ethType: ETHER_TYPE.ipv4, ipProto, ipSrc: src, ipDst: dst, ...(hasPorts && ports) },
    layers: [
      { type: 'ipv4', ttl: 64, protocol: ipProto, src, dst },
      ...(hasPorts ? transport(protocol, ports) : [{ type: 'payload', data: ECHO_REPLY } as const]),
    ],
  };
}

function ipv6(src: bigint, dst: bigint, protocol: 'tcp' | 'udp' | 'icmp', ports: Ports): Content {
  const hasPorts = protocol !== 'icmp';
  const ipProto = hasPorts ? PROTOCOL_NUMBERS[protocol] : PROTOCOL_NUMBERS.icmpv6;
  return {
    kind: hasPorts ? `${protocol}6 ${ports.srcPort}>${ports.dstPort}` : 'icmpv6',
    facts: { ethType: ETHER_TYPE.ipv6, ipProto, ipSrc: src, ipDst: dst, ...(hasPorts && ports) },
    layers: [
      { type: 'ipv6', hopLimit: 64, nextHeader: ipProto, src, dst },
      ...(hasPorts ? transport(protocol, ports) : [{ type: 'payload', data: ECHO_REPLY_V6 } as const]),
    ],
  };
}
