/**
 * Datagrams from one machine to another, each with its number and the time it was sent, and exactly what became of them.
 *
 * The receiver's socket is bound when the flow begins and closed when the last datagram has had its time to arrive.
 */
import type { IpAddress } from '../../protocol/wire/ip-address.ts';
import { assert } from '../../protocol/wire/wire-error.ts';
import { type Nanos, SECOND } from '../clock.ts';
import type { Sockets, UdpSocket } from '../stack/socket.ts';
import { type ArrivalPattern, Arrivals } from './arrivals.ts';
import { FLOW_PACKETS_MAX, type FlowResult, FlowTally } from './flow-tally.ts';

export interface UdpFlowOptions {
  /** What its chance is forked by. */
  readonly name: string;
  readonly pattern: ArrivalPattern;
  /** Of the datagram; at least `UDP_FLOW_BYTES_MIN`. */
  readonly payloadBytes: number;
  readonly durationNs: Nanos;
  /** How long after the last one was sent one may still arrive. */
  readonly drainNs?: Nanos;
}

/** Number (4) and time (8). */
export const UDP_FLOW_BYTES_MIN = 12;

/** Long enough for any queue of a sensible size. */
const DRAIN_DEFAULT: Nanos = SECOND;

export type FlowHandle = { stop(): void };

/** `done` is told once. What would be sent beyond `FLOW_PACKETS_MAX` is not: check `meanRate` before. */
export function startUdpFlow(
  from: Sockets,
  to: { readonly sockets: Sockets; readonly address: IpAddress },
  options: UdpFlowOptions,
  done: (result: FlowResult) => void,
): FlowHandle {
  const flow = new UdpFlow(from, to, options, done);
  flow.start();
  return flow;
}

class UdpFlow implements FlowHandle {
  readonly #from: Sockets;
  readonly #to: { readonly sockets: Sockets; readonly address: IpAddress };
  readonly #options: UdpFlowOptions;
  readonly #done: (result: FlowResult) => void;
  readonly #tally: FlowTally;
  readonly #payload: Uint8Array;
  readonly #view: DataView;
  readonly #sender: UdpSocket;
  readonly #receiver: UdpSocket;
  readonly #arrivals: Arrivals;
  readonly #endsAt: Nanos;
  readonly #packetsMax: number;
  #isOver = false;

  constructor(
    from: Sockets,
    to: { readonly sockets: Sockets; readonly address: IpAddress },
    options: UdpFlowOptions,
    done: (result: FlowResult) => void,
  ) {
    assert(options.payloadBytes >= UDP_FLOW_BYTES_MIN, 'a datagram of a flow has room for its number and its time');
    this.#from = from;
    this.#to = to;
    this.#options = options;
    this.#done = done;
    // Twice what is to be expected: bursts come together.
    const { perSecond } = options.pattern;
    this.#packetsMax = Math.min(FLOW_PACKETS_MAX, Math.ceil((2 * perSecond * options.durationNs) / SECOND) + 1000);
    this.#tally = new FlowTally(this.#packetsMax);
    this.#payload = new Uint8Array(options.payloadBytes);
    this.#view = new DataView(this.#payload.buffer);
    this.#arrivals = new Arrivals(options.pattern, from.random(`udp flow ${options.name}`), from.now);
    this.#endsAt = from.now + options.durationNs;
    this.#receiver = to.sockets.bindUdp(0, { received: (data) => this.#received(data) });
    this.#sender = from.bindUdp(0, { received: () => undefined });
  }

  /** The first one goes at once. */
  start(): void {
    this.#from.schedule(this.#from.now, () => this.#send());
  }

  stop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#sender.close();
    this.#receiver.close();
    this.#done(this.#tally.toResult());
  }

  #send(): void {
    if (this.#isOver) return;
    const { now } = this.#from;
    this.#view.setUint32(0, this.#tally.sent(this.#payload.length));
    this.#view.setFloat64(4, now);
    this.#sender.send({ address: this.#to.address, port: this.#receiver.localPort }, this.#payload);
    const nextAt = Math.max(now, this.#arrivals.next());
    if (nextAt < this.#endsAt && this.#tally.sentCount < this.#packetsMax)
      this.#from.schedule(nextAt, () => this.#send());
    else this.#from.schedule(now + (this.#options.drainNs ?? DRAIN_DEFAULT), () => this.stop());
  }

  #received(data: Uint8Array): void {
    if (data.length !== this.#payload.length) return;
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    this.#tally.received(view.getUint32(0), data.length, view.getFloat64(4), this.#to.sockets.now);
  }
}

/** Datagrams of so many bytes of payload for a rate of payload. */
export function packetsPerSecond(rateBps: number, payloadBytes: number): number {
  return rateBps / (8 * payloadBytes);
}
