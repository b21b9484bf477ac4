/** OpenFlow 1.3.5, section 4: the ports of a switch, by number and in the order of their numbers. */
import { assert } from '../protocol/wire/wire-error.ts';
import { type PortOptions, SwitchPort } from './port.ts';
import type { FrameSink, PortScheduler } from './port-scheduler.ts';

/** The configuration of all queues is told in one message (section 7.3.6), in which each takes 48 bytes. */
const QUEUES_MAX = 1024;

const LOW_PORTS = 64;

export class Ports {
  readonly #byNumber = new Map<number, SwitchPort>();
  /** Those with low numbers, which most are: found without hashing. */
  readonly #low: (SwitchPort | undefined)[] = [];
  /** Ascending: floods are the same in every run. */
  readonly all: readonly SwitchPort[];
  /** Of the ports that have queues. */
  readonly #schedulers: readonly PortScheduler[];
  /** Rises when a port goes up or down. */
  changes = 0;

  constructor(ports: readonly PortOptions[]) {
    this.all = ports.map((options) => new SwitchPort(options)).sort((a, b) => a.portNo - b.portNo);
    for (const port of this.all) this.#byNumber.set(port.portNo, port);
    for (let portNo = 0; portNo < LOW_PORTS; portNo++) this.#low.push(this.#byNumber.get(portNo));
    assert(this.#byNumber.size === ports.length, 'no two ports have the same number');
    this.#schedulers = this.all.flatMap(({ queues }) => (queues ? [queues] : []));
    const queueCount = this.#schedulers.reduce((sum, { configured }) => sum + configured.length, 0);
    assert(queueCount <= QUEUES_MAX, 'the queues of a switch fit into a message');
  }

  get(portNo: number): SwitchPort | undefined {
    return portNo < LOW_PORTS ? this.#low[portNo] : this.#byNumber.get(portNo);
  }

  has(portNo: number): boolean {
    return this.#byNumber.has(portNo);
  }

  hasQueue(queueId: number): boolean {
    return this.#schedulers.some((scheduler) => scheduler.get(queueId) !== undefined);
  }

  /** What waits in queues leaves up to `now`. */
  advance(now: number, sink: FrameSink): void {
    for (let i = 0; i < this.#schedulers.length; i++) this.#schedulers[i]!.advance(now, sink);
  }

  /** When the next frame leaves a queue. */
  get nextAt(): number | undefined {
    let next = Number.POSITIVE_INFINITY;
    for (const { nextAt } of this.#schedulers) if (nextAt !== undefined && nextAt < next) next = nextAt;
    return next === Number.POSITIVE_INFINITY ? undefined : next;
  }
}
