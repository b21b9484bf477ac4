/**
 * What a segment of TCP costs: two of our ends, whose packets are handed over without a wire, one way as much as it takes.
 *
 * A segment here is one of 1448 bytes, written, sent, received and told, with its share of acknowledgements (every second one is acknowledged); the figure
 * is of both ends together, so half of its time is an end's. The IP between them copies each packet once, as a real one does into a frame.
 */
import { Clock, MILLISECOND } from '../sim/clock.ts';
import { Random } from '../sim/random.ts';
import type { IpDatagram, IpService } from '../sim/stack/ip-service.ts';
import { Tcp } from '../sim/stack/tcp/tcp.ts';
import type { Comparison } from './measure.ts';

const ADDRESSES = [0x0a00_0001, 0x0a00_0002] as const;
const PORT = 80;

export function benchTcp({ rounds, count }: { readonly rounds: number; readonly count: number }): Comparison[] {
  const pair = new Pair();
  pair.run(Math.min(count, 50_000));
  const rates: number[] = [];
  for (let round = 0; round < rounds; round++) {
    globalThis.gc?.();
    const start = process.hrtime.bigint();
    const segments = pair.run(count);
    rates.push(segments / (Number(process.hrtime.bigint() - start) / 1e9));
  }
  rates.sort((a, b) => a - b);
  return [{ name: 'tcp, both ends', unit: 'segments/s', ours: rates[rounds >> 1]! }];
}

class Pair {
  readonly #clock = new Clock();
  readonly #actor = this.#clock.createActor('pair');
  /** What is on the way, with the end that it goes to. */
  #packets: { readonly to: number; readonly datagram: IpDatagram }[] = [];
  readonly #ends: readonly Tcp[];

  constructor() {
    this.#ends = ADDRESSES.map((address, i) => new Tcp(this.#ip(address, 1 - i), new Random(i)));
    this.#ends[1]!.listen(PORT, () => ({ received: () => {}, closed: () => {} }));
    const piece = new Uint8Array(64 * 1024);
    this.#ends[0]!.connect({ address: ADDRESSES[1], port: PORT }, (stream) => {
      const pump = () => {
        while (stream.write(piece) === piece.length);
      };
      return { opened: pump, drained: pump, received: () => {}, closed: () => {} };
    });
  }

  /** Until so many more have gone; answers how many. */
  run(count: number): number {
    const { counters } = this.#ends[0]!;
    const before = counters.sent;
    while (counters.sent - before < count) {
      this.#clock.runUntil(this.#clock.now + MILLISECOND);
      const packets = this.#packets;
      this.#packets = [];
      for (const { to, datagram } of packets) this.#ends[to]!.receive(datagram);
    }
    return counters.sent - before;
  }

  #ip(address: number, to: number): IpService {
    const clock = this.#clock;
    return {
      get now() {
        return clock.now;
      },
      schedule: (at, run) => clock.schedule(this.#actor, at, run),
      sourceFor: () => address,
      pathMtu: () => 1500,
      send: ({ src, dst, protocol, payload }) => {
        const datagram = { src, dst, protocol, hopLimit: 64, trafficClass: 0, payload: payload.slice() };
        this.#packets.push({ to, datagram });
      },
    };
  }
}
