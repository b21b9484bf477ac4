/** Ping: echo requests at an interval, in either family, and exactly which of them came back and when. */
import type { IpAddress } from '../protocol/wire/ip-address.ts';
import { MILLISECOND, type Nanos, SECOND } from './clock.ts';
import type { Host } from './host.ts';

export interface PingOptions {
  readonly count: number;
  readonly intervalNs?: Nanos;
  /** How long after the last request a reply still counts. */
  readonly timeoutNs?: Nanos;
  readonly payloadBytes?: number;
}

export interface PingResult {
  readonly sent: number;
  readonly received: number;
  /** Replies beyond the first to the same request. */
  readonly duplicates: number;
  /** By sequence number from 1; undefined where no reply came. */
  readonly roundTripsNs: readonly (Nanos | undefined)[];
}

const INTERVAL_DEFAULT: Nanos = 200 * MILLISECOND;
const TIMEOUT_DEFAULT: Nanos = SECOND;
/** What ping(8) sends. */
const PAYLOAD_BYTES_DEFAULT = 56;

/** Starts now; `done` is called once, when all have come back or time is up. */
export function startPing(
  host: Host,
  target: IpAddress,
  options: PingOptions,
  done: (result: PingResult) => void,
): void {
  const { count, intervalNs = INTERVAL_DEFAULT, timeoutNs = TIMEOUT_DEFAULT } = options;
  const data = Uint8Array.from({ length: options.payloadBytes ?? PAYLOAD_BYTES_DEFAULT }, (_, i) => i);
  const sentAt: Nanos[] = [];
  const roundTripsNs: (Nanos | undefined)[] = [];
  let received = 0;
  let duplicates = 0;

  const echoes = host.listenForEchoes(({ sequence, source }) => {
    const index = sequence - 1;
    if (source !== target || sentAt[index] === undefined) return;
    if (roundTripsNs[index] !== undefined) {
      duplicates++;
      return;
    }
    roundTripsNs[index] = host.now - sentAt[index];
    received++;
    if (received === count) {
      deadline?.cancel();
      finish();
    }
  });
  let deadline: ReturnType<Host['schedule']> | undefined;

  function finish(): void {
    echoes.close();
    done({ sent: sentAt.length, received, duplicates, roundTripsNs: sentAt.map((_, index) => roundTripsNs[index]) });
  }

  function send(): void {
    sentAt.push(host.now);
    // Without an address to send from it is lost, as on any other way.
    host.sendEcho(target, echoes.identifier, sentAt.length, data);
    if (sentAt.length < count) host.schedule(host.now + intervalNs, send);
    else deadline = host.schedule(host.now + timeoutNs, finish);
  }

  host.schedule(host.now, send);
}
