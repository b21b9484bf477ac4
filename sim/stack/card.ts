/** What a stack has of the machine that it runs on: a network card, time, and chance. */
import type { Nanos, Timer } from '../clock.ts';
import type { Random } from '../random.ts';

export interface Card {
  readonly mac: number;
  /** Bytes that an IP packet in a frame may have. */
  readonly mtu: number;
  readonly now: Nanos;
  readonly counters: HostCounters;
  schedule(at: Nanos, run: () => void): Timer;
  random(name: string): Random;
  sendFrame(frame: Uint8Array): void;
}

/** Frames and packets, and what became of those that did not reach anybody. */
export interface HostCounters {
  sent: number;
  received: number;
  /** Frames to another card, and packets to another address; for groups that nobody here is in, too. */
  notForMe: number;
  malformed: number;
  /** Of IP, ICMP, UDP and so on: what was received was not what was sent. */
  badChecksum: number;
  /** It was for us, and nobody here speaks that protocol or listens at that port. */
  unheard: number;
  /** Fragments that never became a packet: the others did not come, they overlapped, or there were too many. */
  fragmentsLost: number;
  /** Packets that were given up because nobody has the address of their next hop. */
  unresolved: number;
  /** Errors that were kept back for there were too many. */
  errorsHeldBack: number;
}

export function createCounters(): HostCounters {
  return {
    sent: 0,
    received: 0,
    notForMe: 0,
    malformed: 0,
    badChecksum: 0,
    unheard: 0,
    fragmentsLost: 0,
    unresolved: 0,
    errorsHeldBack: 0,
  };
}
