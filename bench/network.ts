/**
 * Packet-hops per second of the whole simulated network on one core: real hosts, cables with rates and delays, switches with real flow tables.
 *
 * Every host sends a UDP datagram of half a kibibyte to a partner on the other side at an interval, and checks what comes from it: whose it is, that none is missing,
 * doubled or out of order, and its last bytes. A hop is a frame that was delivered at the far end of one cable, as the cables count it. What is
 * measured is everything: building the frame, the clock, the cables, parsing, two tables and counters at each of five switches, and the
 * receiver's stack. Seconds are those of a processor that worked for us, the collector of garbage included: a machine that others use, too, gives
 * us less than one core.
 */
import { MILLISECOND, type Nanos } from '../sim/clock.ts';
import type { Host } from '../sim/host.ts';
import type { Endpoint, UdpSocket } from '../sim/stack/socket.ts';
import { HOPS, type HostFabric, openHostFabric } from './host-fabric.ts';
import type { Comparison } from './measure.ts';

const PORT = 40_000;
const PAYLOAD_BYTES = 512;
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
  readonly #socket: UdpSocket;
  readonly #to: Endpoint;
  readonly #data = new Uint8Array(PAYLOAD_BYTES);
  readonly #view = new DataView(this.#data.buffer);
  #sent = 0;
  received = 0;

  constructor(host: Host, index: number, partner: number, partnerIp: number) {
    this.#host = host;
    this.#index = index;
    this.#partner = partner;
    this.#to = { address: partnerIp, port: PORT };
    this.#socket = host.bindUdp(PORT, { received: (data) => this.#check(data) });
  }

  start(at: Nanos): void {
    const send = (): void => {
      this.#send();
      this.#host.schedule(this.#host.now + INTERVAL, send);
    };
    this.#host.schedule(at, send);
  }

  #send(): void {
    const view = this.#view;
    view.setUint32(0, this.#index);
    view.setUint32(4, this.#sent);
    view.setUint32(PAYLOAD_BYTES - 4, ~this.#sent);
    this.#sent++;
    this.#socket.send(this.#to, this.#data);
  }

  #check(data: Uint8Array): void {
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    const isRight =
      data.length === PAYLOAD_BYTES &&
      view.getUint32(0) === this.#partner &&
      view.getUint32(4) === this.received &&
      view.getUint32(PAYLOAD_BYTES - 4) === ~this.received >>> 0;
    if (!isRight) throw new Error(`a datagram for host ${this.#index} is not the one that is due`);
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
