/** A lab of hosts whose every frame is kept, and the frames of stacks that they have not: what a test sends, and what its hosts saw. */
import { Lab, type LabOptions } from '../../../lab/lab.ts';
import { MAC_BROADCAST, parseIpv6 } from '../../../protocol/wire/address.ts';
import type { Arp } from '../../../protocol/wire/packet/arp.ts';
import { ETHER_TYPE } from '../../../protocol/wire/packet/ethernet.ts';
import { decodeFrame, encodeFrame } from '../../../protocol/wire/packet/frame.ts';
import type { Icmpv6 } from '../../../protocol/wire/packet/icmpv6.ts';
import type { Frame } from '../../../protocol/wire/packet/layer.ts';
import { MILLISECOND, SECOND } from '../../../sim/clock.ts';
import type { Host } from '../../../sim/host.ts';
import { type PingResult, startPing } from '../../../sim/ping.ts';
import { loadTopology } from '../../../topologies/loader.ts';

type Event = Parameters<Parameters<Lab['onEvent']>[0]>[0];

export class HostLab {
  readonly lab: Lab;
  readonly events: { readonly event: Event; readonly at: number }[] = [];
  readonly #seen = new Map<string, Frame[]>();

  constructor(topology: string, options: LabOptions = {}) {
    this.lab = new Lab(loadTopology(topology), options);
    this.lab.onEvent((event, at) => this.events.push({ event, at }));
    for (const [name, host] of this.lab.network.hosts) {
      this.#seen.set(name, []);
      host.tap = (frame) => this.#seen.get(name)!.push(decode(frame));
    }
  }

  /** Every port known for what it is. */
  static settled(topology: string, options: LabOptions = {}): HostLab {
    const it = new HostLab(topology, options);
    it.run(SECOND);
    return it;
  }

  get now(): number {
    return this.lab.clock.now;
  }

  run(ns: number): void {
    this.lab.clock.runUntil(this.now + ns);
  }

  host(name: string): Host {
    return this.lab.network.hosts.get(name)!;
  }

  send(name: string, frame: Frame): void {
    this.host(name).sendFrame(encodeFrame(frame));
  }

  /** Sends, and gives what each host saw in the tenth of a second after it. */
  sendAndSee(name: string, frame: Frame): ReadonlyMap<string, readonly Frame[]> {
    this.forget();
    this.send(name, frame);
    this.run(100 * MILLISECOND);
    return this.#seen;
  }

  /** What a host saw but link probes. */
  seen(name: string): readonly Frame[] {
    return this.#seen.get(name)!.filter((layers) => !layers.some(({ type }) => type === 'lldp'));
  }

  forget(): void {
    for (const frames of this.#seen.values()) frames.length = 0;
  }

  ofType<T extends Event['type']>(type: T): Extract<Event, { type: T }>[] {
    return this.events.flatMap(({ event }) => (event.type === type ? [event as Extract<Event, { type: T }>] : []));
  }

  ping(from: string, to: string, count = 1): PingResult {
    let result: PingResult | undefined;
    startPing(this.host(from), this.host(to).spec.ip!, { count }, (given) => {
      result = given;
    });
    this.lab.runUntil(() => result !== undefined, this.now + 30 * SECOND);
    return result!;
  }
}

function decode(frame: Uint8Array): Frame {
  const copy = frame.slice();
  return decodeFrame(new DataView(copy.buffer), 0, copy.length);
}

export function arp(
  fields: Partial<Arp> & Pick<Arp, 'senderMac' | 'senderIp' | 'targetIp'>,
  dst = MAC_BROADCAST,
): Frame {
  return [
    { type: 'ethernet', dst, src: fields.senderMac, etherType: ETHER_TYPE.arp },
    { type: 'arp', operation: 1, targetMac: 0, ...fields },
  ];
}

export function neighbor(
  src: number,
  dst: number,
  from: string,
  to: string,
  body: Icmpv6['body'],
  hopLimit = 255,
): Frame {
  return [
    { type: 'ethernet', dst, src, etherType: ETHER_TYPE.ipv6 },
    { type: 'ipv6', nextHeader: 58, hopLimit, src: parseIpv6(from)!, dst: parseIpv6(to)! },
    { type: 'icmpv6', body },
  ];
}
