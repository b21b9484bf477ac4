/**
 * OpenFlow 1.3.5, sections 5.12 and 7.2.2: the queues of a port that has some: which frame leaves next, and when.
 *
 * The port sends one frame at a time, for as long as its bits take at the port's speed, and the next as soon as it may. So a port that has
 * queues is as fast as it says and no faster; one without them passes frames on at once and leaves time to its cable. The frame
 * leaves when its sending begins, because the cable takes it from there.
 *
 * Whenever the port is free, there are two questions, as in hierarchical fair service curves (Stoica, Zhang and Ng, 1997) with one level and
 * straight lines:
 *
 * 1. *Who is owed?* A queue with a minimum rate has a frame due each time that its rate has had the time for the frame before. Of the queues
 *    with a frame due the one whose frame should be through first goes: earliest deadline first. As long as the promises add up to no more
 *    than the port's speed, which the constructor asks for, this keeps every deadline to within one frame, the one that cannot be interrupted.
 * 2. *Whose turn is it?* What no promise needs is shared evenly, by bits, among all queues that have something waiting and are below their
 *    maximum: start-time fair queueing. What a queue got by its promise does not count here, so that a minimum is on top of a fair share.
 *
 * A maximum is a bucket of tokens that holds a short burst (`BURST_BITS`): an empty one keeps a queue from its turn, not from what it is owed,
 * which is never more than its maximum, and counts against it. With bursts B, longest frames L (of its own) and M (of others) a queue therefore
 * sends in any time T at most max·T + B + L if it has no minimum, and max·T + B + 3L + M if it has one; and in any time T in which it always has
 * something waiting, at least min·T - 2L - M. The port is idle only if nothing waits but what is at its maximum.
 *
 * Packets that ask for no queue, or for one that this port has not, wait in queue 0, as in Open vSwitch; where none is configured, in one without
 * rates that nobody is told of. Everything is decided by queues and times alone: same frames, same order.
 */
import { assert } from '../protocol/wire/wire-error.ts';
import type { OutgoingFrame } from './outgoing-frame.ts';
import { Pace } from './pace.ts';
import { PortQueue, type QueueOptions, RATE_MAX, toBits } from './port-queue.ts';

/** Each frame that leaves looks at all of them. */
export const PORT_QUEUES_MAX = 64;

/** The last but one: all ones stand for all queues. */
const QUEUE_ID_MAX = 0xffff_fffe;

/** Of kbit/s, a tenth of a percent is as many bit/s. */
const SPEED_BITS = 1000;

/** The port, as far as its queues know it. */
export interface SendingPort {
  readonly portNo: number;
  txPackets: number;
  txBytes: number;
  txDropped: number;
}

export interface FrameSink {
  transmit(portNo: number, frame: OutgoingFrame): void;
}

class WaitedFrame implements OutgoingFrame {
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get length(): number {
    return this.bytes.length;
  }

  freeze(): Uint8Array {
    return this.bytes;
  }
}

export class PortScheduler {
  readonly #port: SendingPort;
  readonly #byId: ReadonlyMap<number, PortQueue>;
  /** By number. */
  readonly configured: readonly PortQueue[];
  readonly #default: PortQueue;
  readonly #queues: readonly PortQueue[];
  /** When all that has begun to leave has left. */
  readonly #free: Pace;
  #waiting = 0;
  /** The turn of the frame that last left by its turn: who comes anew begins here. */
  #turn = 0;
  /** Nothing leaves before: it was not decided then. */
  #seenAt = 0;

  constructor(port: SendingPort, speedKbps: number, options: readonly QueueOptions[]) {
    assert(options.length <= PORT_QUEUES_MAX, 'a port has 64 queues at most');
    assert(speedKbps > 0, 'a port with queues has a speed');
    this.#port = port;
    this.configured = options
      .toSorted((a, b) => a.queueId - b.queueId)
      .map((each) => {
        assert(each.queueId >= 0 && each.queueId <= QUEUE_ID_MAX, 'a queue has a number that is not "all"');
        return new PortQueue(each, speedKbps);
      });
    this.#byId = new Map(this.configured.map((queue) => [queue.queueId, queue]));
    assert(this.#byId.size === options.length, 'no two queues of a port have the same number');
    const promised = this.configured.reduce((sum, { minRate }) => sum + minRate, 0);
    assert(promised <= RATE_MAX, 'a port promises no more than it has');
    this.#default = this.#byId.get(0) ?? new PortQueue({ queueId: 0 }, speedKbps);
    this.#queues = this.#byId.has(0) ? this.configured : [...this.configured, this.#default];
    this.#free = new Pace(speedKbps * SPEED_BITS);
  }

  get(queueId: number): PortQueue | undefined {
    return this.#byId.get(queueId);
  }

  /** Takes a frame in, which nobody changes any more, and lets go what may leave now. */
  put(frame: Uint8Array, queueId: number, now: number, sink: FrameSink): void {
    this.#seenAt = now;
    const queue = this.#byId.get(queueId) ?? this.#default;
    const isFirst = queue.count === 0;
    if (!queue.put(frame)) {
      this.#port.txDropped++;
      return;
    }
    this.#waiting++;
    if (isFirst) {
      queue.due?.catchUp(now);
      queue.turn = Math.max(queue.turn, this.#turn);
    }
    this.advance(now, sink);
  }

  /** When the next frame leaves, if none comes before. */
  get nextAt(): number | undefined {
    if (this.#waiting === 0) return undefined;
    let ready = Number.POSITIVE_INFINITY;
    for (const queue of this.#queues) if (queue.count > 0) ready = Math.min(ready, readyAt(queue));
    return Math.max(ready, this.#free.reachedAt, this.#seenAt);
  }

  /** What leaves up to `now` leaves, each frame as it was decided at its own time. */
  advance(now: number, sink: FrameSink): void {
    for (let at = this.nextAt; at !== undefined && at <= now; at = this.nextAt) this.#send(at, sink);
    this.#seenAt = now;
  }

  /** The port went down: nothing that waits will leave. */
  flush(): void {
    for (const queue of this.#queues) this.#port.txDropped += queue.flush();
    this.#waiting = 0;
  }

  #send(at: number, sink: FrameSink): void {
    const queue = this.#findOwed(at) ?? this.#findTurn(at);
    const frame = queue.take();
    const bits = toBits(frame);
    queue.limit?.catchUp(at - queue.burstNs);
    queue.limit?.moveOn(bits);
    this.#free.catchUp(at);
    this.#free.moveOn(bits);
    this.#waiting--;
    if (this.#waiting === 0) this.#forgetTurns();
    this.#port.txPackets++;
    this.#port.txBytes += frame.length;
    sink.transmit(this.#port.portNo, new WaitedFrame(frame));
  }

  /** By earliest deadline; of equal ones the lower number. */
  #findOwed(at: number): PortQueue | undefined {
    let first: PortQueue | undefined;
    let earliest = Number.POSITIVE_INFINITY;
    for (const queue of this.#queues) {
      if (queue.count === 0 || queue.due === undefined || queue.due.reachedAt > at) continue;
      const deadline = queue.due.after(queue.headBits);
      if (deadline < earliest) {
        earliest = deadline;
        first = queue;
      }
    }
    first?.due?.moveOn(first.headBits);
    return first;
  }

  /** A queue at its maximum is as if it had nothing: what it could not use it does not get later. */
  #findTurn(at: number): PortQueue {
    let first: PortQueue | undefined;
    for (const queue of this.#queues) {
      if (queue.count === 0) continue;
      if (queue.limit !== undefined && queue.limit.reachedAt > at) queue.turn = Math.max(queue.turn, this.#turn);
      else if (first === undefined || queue.turn < first.turn) first = queue;
    }
    assert(first !== undefined, 'a port sends when a queue is ready');
    this.#turn = Math.max(this.#turn, first.turn);
    first.turn += first.headBits;
    return first;
  }

  /** Turns are told from each other only while something waits; so their numbers stay small. */
  #forgetTurns(): void {
    this.#turn = 0;
    for (const queue of this.#queues) queue.turn = 0;
  }
}

function readyAt({ due, limit }: PortQueue): number {
  if (limit === undefined) return Number.NEGATIVE_INFINITY;
  return Math.min(limit.reachedAt, due?.reachedAt ?? Number.POSITIVE_INFINITY);
}
