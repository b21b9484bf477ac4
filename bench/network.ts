/**
 * Packet-hops per second of the whole simulated network on one core: real hosts, cables with rates and delays, switches with real flow tables.
 *
 * Every host sends a UDP datagram of half a kibibyte to a partner on the other side at an interval, and checks what comes from it: whose it is, that none is missing,
 * doubled or out of order, and its last bytes. A hop is a frame that was delivered at the far end of one cable, as the cables count it. What is
 * measured is everything: building the frame, the clock, the cables, parsing, two tables and counters at each of five switches, and the
 * receiver's stack. Seconds are those of a processor that worked for us, the collector of garbage included: a machine that others use, too, gives
 * us less than one core.
 */
import { ETHER_TYPE } from '../protocol/wire/packet/ethernet.ts';
import { IP_PROTOCOL } from '../protocol/wire/packet/ipv4.ts';
import type { Udp } from '../protocol/wire/packet/udp.ts';
import { MILLISECOND, type Nanos } from '../sim/clock.ts';
import type { Host } from '../sim/host.ts';
import { HOPS, type HostFabric, openHostFabric } from './host-fabric.ts';
import type { Comparison } from './measure.ts';

const PORT = 40_000;
const UDP: Udp = { type: 'udp', srcPort: PORT, dstPort: PORT };
const PAYLOAD_BYTES = 512;
/** Far more than are sent until ARP is done. */
const OWN_BYTES_MAX = 16;
/** Behind Ethernet, IPv4 and UDP. */
const PAYLOAD_AT = 42;
const INTERVAL: Nanos = MILLISECOND;
/** One host's phase to the next one's, so that they do not all speak at once. */
const PHASE: Nanos = 997;
/** ns-3, measured once on this machine beside the prototypes. */
const NS3_HOPS_PER_SECOND = 104_000;

/** A host that sends, and knows what its partner sends. */
class Talker {
  readonly #host: Host;
  readonly #index: number;
  readonly #partner: number;
  readonly #partnerIp: number;
  #sent = 0;
  #view = new DataView(new ArrayBuffer(PAYLOAD_BYTES));
  received = 0;

  constructor(host: Host, index: number, partner: number, partnerIp: number) {
    this.#host = host;
    this.#index = index;
    this.#partner = partner;
    this.#partnerIp = partnerIp;
    host.tap = (frame) => this.#check(frame);
  }

  start(at: Nanos): void {
    const send = (): void => {
      this.#send();
      this.#host.schedule(this.#host.now + INTERVAL, send);
    };
    this.#host.schedule(at, send);
  }

  /** Until the neighbour is known packets wait, so they must not share their bytes; what is known is copied into the frame at once. */
  #send(): void {
    if (this.#sent < OWN_BYTES_MAX) this.#view = new DataView(new ArrayBuffer(PAYLOAD_BYTES));
    const view = this.#view;
    view.setUint32(0, this.#index);
    view.setUint32(4, this.#sent);
    view.setUint32(PAYLOAD_BYTES - 4, ~this.#sent);
    this.#sent++;
    this.#host.sendIpv4(IP_PROTOCOL.udp, this.#partnerIp, [
      UDP,
      { type: 'payload', data: new Uint8Array(view.buffer) },
    ]);
  }

  #check(frame: Uint8Array): void {
    const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
    if (view.getUint16(12) === ETHER_TYPE.arp) return;
    const isRight =
      frame.length === PAYLOAD_AT + PAYLOAD_BYTES &&
      view.getUint32(PAYLOAD_AT) === this.#partner &&
      view.getUint32(PAYLOAD_AT + 4) === this.received &&
      view.getUint32(PAYLOAD_AT + PAYLOAD_BYTES - 4) === ~this.received >>> 0;
    if (!isRight) throw new Error(`a frame for host ${this.#index} is not the one that is due`);
    this.received++;
  }
}

/** Frames that were delivered across a cable. */
function countHops({ network }: HostFabric): number {
  let hops = 0;
  for (const { counters } of network.cables.values()) hops += counters.a.delivered + counters.b.delivered;
  return hops;
}

export interface NetworkOptions {
  /** Even. */
  readonly hosts: number;
  readonly rounds: number;
  /** Of the network's own time, of a round. */
  readonly roundNs: Nanos;
}

export interface NetworkFigure {
  readonly hopsPerSecond: number;
  readonly hops: number;
  readonly rules: number;
}

export function measureNetwork({ hosts, rounds, roundNs }: NetworkOptions): NetworkFigure {
  const fabric = openHostFabric(hosts);
  const { clock, network } = fabric;
  const talkers = fabric.hosts.map((host, i) => {
    const partner = (i + hosts / 2) % hosts;
    return new Talker(host, i, partner, fabric.hosts[partner]!.spec.ip!);
  });
  for (const [i, talker] of talkers.entries()) talker.start(i * PHASE);
  // Until everybody knows where everybody is, and the compiler has seen enough.
  clock.runUntil(clock.now + roundNs);
  const rates: number[] = [];
  const hopsAtStart = countHops(fabric);
  for (let round = 0; round < rounds; round++) {
    const before = countHops(fabric);
    const start = process.cpuUsage();
    clock.runUntil(clock.now + roundNs);
    const { user, system } = process.cpuUsage(start);
    rates.push((countHops(fabric) - before) / ((user + system) / 1e6));
  }
  network.assertConserved();
  const hops = countHops(fabric) - hopsAtStart;
  const expected = (rounds * roundNs * hosts * HOPS) / INTERVAL;
  // As many as are sent in a round arrive in it, once the first are on their way.
  if (Math.abs(hops - expected) > hosts * HOPS) throw new Error(`${hops} hops instead of ${expected}`);
  if (talkers.some(({ received }) => received === 0)) throw new Error('somebody has heard nothing');
  return { hopsPerSecond: rates.toSorted((a, b) => a - b)[rates.length >> 1]!, hops, rules: fabric.rules };
}

export function benchNetwork(options: NetworkOptions): readonly Comparison[] {
  const { hopsPerSecond, rules } = measureNetwork(options);
  return [
    {
      name: `network, ${options.hosts} hosts x ${HOPS} hops, ${rules} rules`,
      unit: 'packet-hops/s',
      ours: hopsPerSecond,
      peer: 'ns-3 (a figure of the day the project began)',
      theirs: NS3_HOPS_PER_SECOND,
    },
  ];
}
