/**
 * A control channel on an open socket, whichever side dialled and whether it is encrypted or not: bytes between a stream and a switch.
 *
 * The stream paces the switch: while it has bytes that the peer has not taken, nothing more is taken from the switch and nothing more is read
 * from the peer, so a peer that asks for much and reads slowly costs some hundred kilobytes, and gets all of it. One that stops
 * reading is given up on. What the switch says in one go, which is what one chunk of requests led to, is one write.
 */
import type { ConnectOptions } from '../vswitch/connection.ts';
import type { ControlTransport, SwitchActor } from './switch-actor.ts';

/** What is used of a `net.Socket` or a `tls.TLSSocket`. */
export interface ControlStream {
  readonly writableNeedDrain: boolean;
  write(bytes: Uint8Array): boolean;
  end(): unknown;
  destroy(error?: Error): unknown;
  pause(): unknown;
  resume(): unknown;
  /** A 'timeout' event when for so long nothing has moved; 0 for never. */
  setTimeout(ms: number): unknown;
  on(event: 'data', listener: (bytes: Uint8Array) => void): unknown;
  on(event: 'drain' | 'timeout' | 'close', listener: () => void): unknown;
}

export interface ControlStreamOptions extends ConnectOptions {
  /** Without a byte moving for so long, a peer that has something to read does not read. */
  readonly stallMs: number;
}

/** For the peer to read the last error. */
const LINGER_MS = 2_000;

/** `enter` brings the emulated network to the present moment before the switch is touched. The caller listens for 'error'. */
export function openControlStream(
  stream: ControlStream,
  actor: SwitchActor,
  enter: (work: () => void) => void,
  { stallMs, ...options }: ControlStreamOptions,
): void {
  let isHungUp = false;
  const transport: ControlTransport = {
    get isFull() {
      return stream.writableNeedDrain;
    },
    write(bytes) {
      if (stream.write(bytes)) return;
      stream.pause();
      stream.setTimeout(stallMs);
    },
    close() {
      isHungUp = true;
      stream.end();
      // Whatever the peer still says is read, and let be: only so can its end be seen.
      stream.resume();
      stream.setTimeout(0);
      const linger = setTimeout(() => stream.destroy(), LINGER_MS);
      stream.on('close', () => clearTimeout(linger));
    },
  };
  enter(() => {
    const input = actor.openChannel(transport, options);
    stream.on('data', (bytes) => enter(() => input.received(bytes)));
    stream.on('drain', () => {
      if (isHungUp) return;
      stream.setTimeout(0);
      stream.resume();
      enter(() => input.drained());
    });
    stream.on('timeout', () => stream.destroy(new Error('the other side does not read')));
    stream.on('close', () => enter(() => input.closed()));
  });
}
