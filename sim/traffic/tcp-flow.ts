/**
 * As much as streams carry from one machine to another in a time, or how long so many bytes take: what iperf measures.
 *
 * Every byte says where in its stream it belongs, and the receiver looks at each.
 */
import type { IpAddress } from '../../protocol/wire/ip-address.ts';
import { type Nanos, SECOND } from '../clock.ts';
import type { SocketFault, Sockets, Stream, StreamListener, StreamServer } from '../stack/socket.ts';

export interface TcpFlowOptions {
  readonly streams: number;
  /** How long is sent; what is on the way then still arrives. */
  readonly durationNs?: Nanos;
  /** Of each stream; one of both is given, and with both whichever comes first ends it. */
  readonly bytes?: number;
  /** When what has not ended by itself is given up. */
  readonly timeoutNs: Nanos;
}

export interface TcpStreamResult {
  readonly receivedBytes: number;
  /** Bytes that were not what was sent there. */
  readonly wrongBytes: number;
  /** From the first byte that arrived to the last. */
  readonly durationNs: Nanos;
  readonly goodputBps: number;
  readonly fault: SocketFault | undefined;
}

export interface TcpFlowResult {
  readonly streams: readonly TcpStreamResult[];
  readonly receivedBytes: number;
  /** Of all streams, from the first byte that arrived to the last. */
  readonly goodputBps: number;
  /** Bytes that arrived in each whole second since the flow began. */
  readonly bytesBySecond: readonly number[];
}

const CHUNK_BYTES = 65_536;

/** A prime, so that a byte that is off by a segment or a page shows. */
const PATTERN_BYTES = 251;

/** A chunk of the pattern from any of its places on is a slice of this. */
const PATTERN = Uint8Array.from({ length: CHUNK_BYTES + PATTERN_BYTES }, (_, i) => i % PATTERN_BYTES);

export function startTcpFlow(
  from: Sockets,
  to: { readonly sockets: Sockets; readonly address: IpAddress },
  options: TcpFlowOptions,
  done: (result: TcpFlowResult) => void,
): void {
  new TcpFlow(from, to, options, done).start();
}

interface Receiving {
  bytes: number;
  wrong: number;
  firstAt: Nanos;
  lastAt: Nanos;
  firstBytes: number;
}

interface Sending {
  readonly stream: Stream;
  fault: SocketFault | undefined;
  isOpen: boolean;
  isClosed: boolean;
}

class TcpFlow {
  readonly #from: Sockets;
  readonly #to: { readonly sockets: Sockets; readonly address: IpAddress };
  readonly #options: TcpFlowOptions;
  readonly #done: (result: TcpFlowResult) => void;
  readonly #server: StreamServer;
  readonly #startedAt: Nanos;
  /** By the sender's port. */
  readonly #receiving = new Map<number, Receiving>();
  readonly #sending: Sending[] = [];
  readonly #bytesBySecond: number[] = [];
  #isOver = false;

  constructor(
    from: Sockets,
    to: { readonly sockets: Sockets; readonly address: IpAddress },
    options: TcpFlowOptions,
    done: (result: TcpFlowResult) => void,
  ) {
    this.#from = from;
    this.#to = to;
    this.#options = options;
    this.#done = done;
    this.#startedAt = from.now;
    this.#server = to.sockets.listenTcp(0, (stream) => this.#accept(stream));
  }

  start(): void {
    const { streams, durationNs, timeoutNs } = this.#options;
    for (let i = 0; i < streams; i++) this.#open();
    if (durationNs !== undefined) {
      this.#from.schedule(this.#startedAt + durationNs, () => {
        // One that is not open yet has carried nothing: it is not at its end, and has until the timeout to say so.
        for (const { stream, isOpen, isClosed } of this.#sending) if (isOpen && !isClosed) stream.end();
      });
    }
    this.#from.schedule(this.#startedAt + timeoutNs, () => {
      for (const sending of this.#sending) {
        if (sending.isClosed) continue;
        sending.fault = 'timeout';
        sending.stream.abort();
      }
      this.#finish();
    });
  }

  #open(): void {
    const { bytes = Number.POSITIVE_INFINITY, durationNs = Number.POSITIVE_INFINITY } = this.#options;
    const endsAt = this.#startedAt + durationNs;
    let written = 0;
    const write = (stream: Stream) => {
      if (this.#from.now >= endsAt) return;
      while (written < bytes) {
        const place = written % PATTERN_BYTES;
        const chunk = PATTERN.subarray(place, place + Math.min(CHUNK_BYTES, bytes - written));
        const taken = stream.write(chunk);
        written += taken;
        if (taken < chunk.length) return;
      }
      stream.end();
    };
    const address = { address: this.#to.address, port: this.#server.localPort };
    this.#from.connectTcp(address, (stream) => {
      const sending: Sending = { stream, fault: undefined, isOpen: false, isClosed: false };
      this.#sending.push(sending);
      return {
        opened: () => {
          sending.isOpen = true;
          if (this.#from.now < endsAt) write(stream);
          else stream.end();
        },
        received: () => undefined,
        drained: () => write(stream),
        closed: (fault) => {
          sending.isClosed = true;
          sending.fault ??= fault;
          this.#closed();
        },
      };
    });
  }

  #accept(stream: Stream): StreamListener {
    const receiving: Receiving = { bytes: 0, wrong: 0, firstAt: 0, lastAt: 0, firstBytes: 0 };
    this.#receiving.set(stream.remote.port, receiving);
    return {
      received: (data) => this.#received(receiving, data),
      ended: () => stream.end(),
      closed: () => this.#closed(),
    };
  }

  #received(receiving: Receiving, data: Uint8Array): void {
    const { now } = this.#to.sockets;
    let expected = receiving.bytes % PATTERN_BYTES;
    for (let i = 0; i < data.length; i++) {
      if (data[i] !== expected) receiving.wrong++;
      expected = expected + 1 === PATTERN_BYTES ? 0 : expected + 1;
    }
    if (receiving.bytes === 0) {
      receiving.firstAt = now;
      receiving.firstBytes = data.length;
    }
    receiving.bytes += data.length;
    receiving.lastAt = now;
    const second = Math.floor((now - this.#startedAt) / SECOND);
    while (this.#bytesBySecond.length <= second) this.#bytesBySecond.push(0);
    this.#bytesBySecond[second]! += data.length;
  }

  #closed(): void {
    if (this.#sending.length === this.#options.streams && this.#sending.every(({ isClosed }) => isClosed))
      this.#finish();
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#server.close();
    const streams = this.#sending.map(({ stream, fault }) =>
      toStreamResult(this.#receiving.get(stream.local.port), fault),
    );
    const all = [...this.#receiving.values()].filter(({ bytes }) => bytes > 0);
    const receivedBytes = all.reduce((sum, { bytes }) => sum + bytes, 0);
    const firstAt = Math.min(...all.map((one) => one.firstAt));
    const lastAt = Math.max(...all.map((one) => one.lastAt));
    // They came before the span began, as with each stream.
    const firstBytes = all.find((one) => one.firstAt === firstAt)?.firstBytes ?? 0;
    this.#done({
      streams,
      receivedBytes,
      goodputBps: lastAt > firstAt ? ((receivedBytes - firstBytes) * 8 * SECOND) / (lastAt - firstAt) : 0,
      bytesBySecond: this.#bytesBySecond,
    });
  }
}

function toStreamResult(receiving: Receiving | undefined, fault: SocketFault | undefined): TcpStreamResult {
  if (!receiving) return { receivedBytes: 0, wrongBytes: 0, durationNs: 0, goodputBps: 0, fault };
  const { bytes, wrong, firstAt, lastAt, firstBytes } = receiving;
  const durationNs = lastAt - firstAt;
  return {
    receivedBytes: bytes,
    wrongBytes: wrong,
    durationNs,
    goodputBps: durationNs === 0 ? 0 : ((bytes - firstBytes) * 8 * SECOND) / durationNs,
    fault,
  };
}
