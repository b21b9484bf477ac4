/** Frames of a trace, sent by a host as far apart as they were, or so many times faster. */
import { assert } from '../protocol/wire/wire-error.ts';
import { END_OF_TIME, type Nanos, type Timer } from './clock.ts';
import type { ReplayFrame } from './replay-trace.ts';

/** Whoever can send frames of others' making. */
export interface ReplayHost {
  readonly now: Nanos;
  schedule(at: Nanos, run: () => void): Timer;
  sendFrame(frame: Uint8Array): void;
}

export interface ReplayOptions {
  /** 2 is twice as fast; 1 without it. */
  readonly speed?: number;
}

export interface RunningReplay {
  /** Frames until now. */
  readonly sent: number;
  /** Idempotent; `done` is not called any more. */
  stop(): void;
}

/** The first frame is sent at this moment of the clock; `done` is called behind the last. */
export function startReplay(
  host: ReplayHost,
  frames: readonly ReplayFrame[],
  { speed = 1 }: ReplayOptions = {},
  done: (sent: number) => void = () => {},
): RunningReplay {
  assert(speed > 0 && speed < Number.POSITIVE_INFINITY, 'a replay has a speed above 0');
  const beganAt = host.now;
  const dueAt = (index: number) => Math.min(beganAt + Math.round(frames[index]!.atNs / speed), END_OF_TIME);
  let sent = 0;
  let timer: Timer | undefined;
  const sendDue = () => {
    while (sent < frames.length && dueAt(sent) <= host.now) host.sendFrame(frames[sent++]!.data);
    if (sent === frames.length) {
      timer = undefined;
      done(sent);
    } else timer = host.schedule(dueAt(sent), sendDue);
  };
  timer = host.schedule(beganAt, sendDue);
  return {
    get sent() {
      return sent;
    },
    stop() {
      timer?.cancel();
      timer = undefined;
    },
  };
}
