/**
 * A ping that goes on while something happens: twenty times a second, or faster, with every request counted whose reply did not come.
 *
 * It is the clock of its test, too: what is to take a while takes so many replies.
 */
import { BackgroundProgram } from '../background-program.ts';
import type { NetworkNamespace } from './network-namespace.ts';
import { findPeer } from './peer.ts';

const ping = findPeer('ping');

const INTERVAL_MS = 50;

export interface PingResult {
  readonly sent: number;
  /** Requests without a reply, by number; those not among them whose reply may have been on its way at the end. */
  readonly lost: readonly number[];
  /** Replies that came more than once. */
  readonly repeated: number;
  /** The longest time without a reply. */
  readonly gapMs: number;
}

export class PingRun {
  /** As a message names it. */
  readonly name: string;
  readonly #program: BackgroundProgram;
  readonly #intervalMs: number;

  private constructor(name: string, program: BackgroundProgram, intervalMs: number) {
    this.name = name;
    this.#program = program;
    this.#intervalMs = intervalMs;
  }

  static start(from: NetworkNamespace, target: string, intervalMs = INTERVAL_MS): PingRun {
    const words = ['-n', '-i', String(intervalMs / 1000), '-W', '2', target];
    const [program, args] = from.inside(ping, words);
    return new PingRun(`${from.name} > ${target}`, BackgroundProgram.start(program, args), intervalMs);
  }

  /** Resolves when the reply to a request that is sent so many requests from now has come, or to a later one: those that are lost are waited out. */
  async replies(count: number): Promise<void> {
    let last = 0;
    const newest = /.*icmp_seq=(\d+) /s;
    const goal = Number(newest.exec(this.#program.output)?.[1] ?? 0) + count;
    while (last < goal) last = Number((await this.#program.untilPrinted(newest))[1]);
  }

  async finish(): Promise<PingResult> {
    await this.#program.stop('SIGINT');
    const { output } = this.#program;
    const sent = Number(/(\d+) packets transmitted/.exec(output)?.[1]);
    const replies = [...output.matchAll(/bytes from .*icmp_seq=(\d+) /g)].map(([, number]) => Number(number));
    const seen = new Set(replies);
    const requests = Array.from({ length: sent - 1 }, (_, index) => index + 1);
    const lost = requests.filter((number) => !seen.has(number));
    const answered = [0, ...[...seen].sort((a, b) => a - b), sent];
    const gaps = answered.slice(1).map((number, index) => number - answered[index]! - 1);
    return { sent, lost, repeated: replies.length - seen.size, gapMs: Math.max(...gaps, 0) * this.#intervalMs };
  }

  async stop(): Promise<void> {
    await this.#program.stop('SIGKILL');
  }
}
