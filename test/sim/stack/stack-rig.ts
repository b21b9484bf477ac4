/** Machines at the two ends of a cable in virtual time: a and b with every frame that they hear, or a alone with a bare end that says what a test wants. */
import { parseIpv4, parseIpv6 } from '../../../protocol/wire/address.ts';
import type { IpAddress } from '../../../protocol/wire/ip-address.ts';
import { decodeFrame, encodeFrame } from '../../../protocol/wire/packet/frame.ts';
import { formatFrame } from '../../../protocol/wire/packet/frame-text.ts';
import type { Frame, Layer } from '../../../protocol/wire/packet/layer.ts';
import { BarePort } from '../../../sim/bare-port.ts';
import { Cable } from '../../../sim/cable.ts';
import { Clock, MILLISECOND, type Nanos } from '../../../sim/clock.ts';
import { Host, type HostSpec } from '../../../sim/host.ts';
import { Random } from '../../../sim/random.ts';

export const ip4 = (text: string): number => parseIpv4(text)!;
export const ip6 = (text: string): bigint => parseIpv6(text)!;

export const A = { name: 'a', mac: 0x02_00_00_00_00_0a, ip: ip4('10.0.0.1'), prefixLength: 24 };
export const B = { name: 'b', mac: 0x02_00_00_00_00_0b, ip: ip4('10.0.0.2'), prefixLength: 24 };

/** Of the MACs above: RFC 4291, appendix A, by hand. */
export const A6 = ip6('fe80::ff:fe00:a');
export const B6 = ip6('fe80::ff:fe00:b');

function read(frame: Uint8Array): Frame {
  const copy = frame.slice();
  return decodeFrame(new DataView(copy.buffer), 0, copy.length);
}

/** A frame in words, from its network layer on. */
export function toLine(frame: Frame): string {
  return formatFrame(frame).split(' | ').slice(1).join(' | ');
}

const CABLE = { name: 'c', delayNs: MILLISECOND, queueFramesMax: 100_000, lossProbability: 0 };

export class StackPair {
  readonly clock = new Clock();
  readonly a: Host;
  readonly b: Host;
  readonly cable: Cable;
  /** As bytes, in the order in which they were heard by either. */
  readonly frames: Uint8Array[] = [];
  readonly #frames: Record<'a' | 'b', Uint8Array[]> = { a: [], b: [] };

  constructor(a: Partial<HostSpec> = {}, b: Partial<HostSpec> = {}, cable: Partial<typeof CABLE> = {}) {
    const random = new Random(1);
    this.a = new Host(this.clock, random, { ...A, ...a }, (frame) => this.cable.send('a', frame));
    this.b = new Host(this.clock, random, { ...B, ...b }, (frame) => this.cable.send('b', frame));
    this.cable = new Cable(this.clock, random, { ...CABLE, ...cable }, this.a, this.b);
    for (const [name, host] of [
      ['a', this.a],
      ['b', this.b],
    ] as const) {
      host.tap = (frame) => {
        this.frames.push(frame);
        this.#frames[name].push(frame);
      };
    }
  }

  run(ns: Nanos): void {
    this.clock.runUntil(this.clock.now + ns);
  }

  lines(name: 'a' | 'b'): readonly string[] {
    return this.heard(name).map(toLine);
  }

  heard(name: 'a' | 'b'): readonly Frame[] {
    return this.#frames[name].map(read);
  }

  forget(): void {
    this.#frames.a.length = 0;
    this.#frames.b.length = 0;
  }
}

/** One machine, and whatever a test says to it. */
export class StackProbe {
  readonly clock = new Clock();
  readonly host: Host;
  readonly cable: Cable;
  readonly #end: BarePort;
  #said: Frame[] = [];

  constructor(spec: Partial<HostSpec> = {}) {
    const random = new Random(1);
    this.host = new Host(this.clock, random, { ...A, ...spec }, (frame) => this.cable.send('a', frame));
    this.#end = new BarePort('end', (frame) => this.cable.send('b', frame));
    this.cable = new Cable(this.clock, random, { ...CABLE, delayNs: 0 }, this.host, this.#end);
    this.#end.tap = (frame) => this.#said.push(read(frame));
  }

  run(ns: Nanos): void {
    this.clock.runUntil(this.clock.now + ns);
  }

  /** What it has said since it was last asked. */
  said(): readonly Frame[] {
    const said = this.#said;
    this.#said = [];
    return said;
  }

  saidLines(): readonly string[] {
    return this.said().map(toLine);
  }

  /** Says it to the machine's card, from another's, and gives what the machine says at once. */
  tell(layers: Frame, dst = this.host.mac): readonly Frame[] {
    const etherType = { arp: 0x0806, ipv4: 0x0800, ipv6: 0x86dd }[layers[0]!.type as 'arp' | 'ipv4' | 'ipv6'];
    return this.tellBytes(encodeFrame([{ type: 'ethernet', dst, src: B.mac, etherType }, ...layers]));
  }

  tellBytes(frame: Uint8Array): readonly Frame[] {
    this.said();
    this.#end.sendFrame(frame);
    this.run(0);
    return this.said();
  }

  /** It knows the card of the other end from here on. */
  introduce(ip: number = B.ip): void {
    this.tell([{ type: 'arp', operation: 1, senderMac: B.mac, senderIp: ip, targetMac: 0, targetIp: this.host.ipv4! }]);
  }
}

export function ipv4(fields: Partial<Extract<Layer, { type: 'ipv4' }>> = {}): Layer {
  return { type: 'ipv4', ttl: 64, protocol: 17, src: B.ip, dst: A.ip, ...fields };
}

export function ipv6(fields: Partial<Extract<Layer, { type: 'ipv6' }>> = {}): Layer {
  return { type: 'ipv6', nextHeader: 17, hopLimit: 64, src: B6, dst: A6, ...fields };
}

export function payload(bytes: number): Layer {
  return { type: 'payload', data: pattern(bytes) };
}

/** Bytes that show where they belong. */
export function pattern(bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, i) => (i * 31 + (i >> 8) * 7) & 0xff);
}

/** What a socket hears, copied. */
export function listen(host: Host, port: number) {
  const got: { readonly data: Uint8Array; readonly from: IpAddress; readonly port: number; readonly to: IpAddress }[] =
    [];
  const faults: string[] = [];
  const socket = host.bindUdp(port, {
    received: (data, from, to) => got.push({ data: data.slice(), from: from.address, port: from.port, to }),
    failed: (to, fault) => faults.push(`${to.port} ${fault}`),
  });
  return { socket, got, faults };
}

/** As `toEqual`, and faster by far. */
export function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
