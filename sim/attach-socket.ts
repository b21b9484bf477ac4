/**
 * An attach port on a real socket: we wait on a Unix or TCP stream, or exchange datagrams, and frames go in and out as bytes.
 *
 * On a stream the first peer is attached. One that comes while it is there waits, unread, and takes its place as soon as it has hung up: so a
 * machine that was started again gets in whether or not its old end is known yet, two machines on one port do not throw each other out
 * for ever, and who only looks whether somebody listens here disturbs nobody. A third is turned away.
 *
 * Datagrams know no connection: the port is attached once we know where to send, which is to `peer`, or else to whoever sent last.
 */
import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { existsSync, lstatSync, mkdirSync, unlinkSync } from 'node:fs';
import { createConnection, createServer, isIPv6, type ListenOptions, type Server, type Socket } from 'node:net';
import { formatHostAndPort } from '../protocol/wire/address.ts';
import type { SocketAddress } from '../topologies/document.ts';
import { FrameReader, type FrameSink, type StreamFraming } from './attach-framing.ts';
import type { AttachDrop, AttachPeer, AttachPort } from './attach-port.ts';
import { AttachQueue, WAITING_BYTES_MAX } from './attach-queue.ts';

export interface AttachEvents {
  attached(): void;
  /** The peer is gone, and why. */
  detached(reason: string): void;
  /** Another peer has come, and waits until the one that is attached has gone. */
  queued(): void;
}

export interface Attachment {
  close(): void;
}

/** Brings the emulated network to the present moment before it is touched. */
type Enter = (work: () => void) => void;

/** A socket cannot be opened; the message is a line for its user. */
export class AttachError extends Error {
  override readonly name = 'AttachError';
  /** Somebody else has the address. */
  readonly isBusy: boolean;

  constructor(message: string, isBusy: boolean) {
    super(message);
    this.isBusy = isBusy;
  }
}

/** UDP over IPv4: 65535 without the two headers. */
const DATAGRAM_BYTES_MAX = 65_507;

/** A TCP peer whose computer died is noticed some ten seconds after this. */
const KEEP_ALIVE_MS = 10_000;

/** Where a port waits, as its file says it: `unix:run/p9.sock`. */
export function formatAttachAddress({ entry: { unix, tcp, udp } }: AttachPort): string {
  if (unix !== undefined) return `unix:${unix}`;
  return tcp ? `tcp:${formatHostAndPort(tcp)}` : `udp:${udp ? formatHostAndPort(udp) : ''}`;
}

/** Resolves when peers can come; rejects with an `AttachError`. */
export async function openAttachment(port: AttachPort, enter: Enter, events: AttachEvents): Promise<Attachment> {
  const { unix, tcp, udp } = port.entry;
  try {
    if (udp) return await Datagrams.open(port, udp, enter, events);
    const server = unix === undefined ? await listen({ ...tcp }) : await listenOnPath(unix);
    return new StreamPort(server, port, enter, events);
  } catch (error) {
    throw explain(error, `${port.name}: ${formatAttachAddress(port)}`);
  }
}

function explain(error: unknown, place: string): unknown {
  if (error instanceof AttachError) return new AttachError(`${place} ${error.message}`, error.isBusy);
  if (!(error instanceof Error && 'code' in error)) return error;
  if (error.code === 'EADDRINUSE') return new AttachError(`${place} is taken; ${STOP_OR_MOVE}`, true);
  return new AttachError(`${place} cannot be opened (${error.message}); choose another`, false);
}

const STOP_OR_MOVE = 'stop the program that waits there, or choose another address';

function listen(options: ListenOptions): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: KEEP_ALIVE_MS });
    server.once('error', reject);
    server.listen({ ...options, backlog: 4 }, () => {
      server.removeListener('error', reject);
      // A connection that could not be accepted is its peer's loss; the next one may be.
      server.on('error', () => undefined);
      resolve(server);
    });
  });
}

/** What a process that died has left behind is replaced, what a live one listens on is not. */
async function listenOnPath(path: string): Promise<Server> {
  const folder = /^(.*)\/[^/]*$/.exec(path)?.[1];
  if (folder && !existsSync(folder)) mkdirSync(folder);
  try {
    return await listen({ path });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error;
  }
  if (!lstatSync(path).isSocket())
    throw new AttachError('is a file and no socket; remove it, or choose another path', false);
  if (await isListenedOn(path)) throw new AttachError(`is taken; ${STOP_OR_MOVE}`, true);
  unlinkSync(path);
  return listen({ path });
}

function isListenedOn(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ path });
    socket.on('connect', () => {
      socket.destroy();
      resolve(true);
    });
    // Whoever is too busy to answer is alive.
    socket.on('error', (error) => resolve(!('code' in error && error.code === 'ECONNREFUSED')));
  });
}

class StreamPort implements Attachment {
  readonly #server: Server;
  readonly #port: AttachPort;
  readonly #enter: Enter;
  readonly #events: AttachEvents;
  #attached: Socket | undefined;
  #next: Socket | undefined;
  #isClosed = false;

  constructor(server: Server, port: AttachPort, enter: Enter, events: AttachEvents) {
    this.#server = server;
    this.#port = port;
    this.#enter = enter;
    this.#events = events;
    server.on('connection', (socket) => this.#admit(socket));
  }

  close(): void {
    this.#isClosed = true;
    this.#server.close();
    this.#next?.destroy();
    this.#attached?.destroy();
  }

  #admit(socket: Socket): void {
    if (this.#next) {
      socket.destroy();
      return;
    }
    if (!this.#attached) {
      this.#attach(socket);
      return;
    }
    this.#next = socket;
    const forget = () => {
      if (this.#next !== socket) return;
      this.#next = undefined;
      socket.destroy();
    };
    socket.on('error', forget);
    socket.on('end', forget);
    this.#events.queued();
  }

  #attach(socket: Socket): void {
    this.#attached = socket;
    const peer = new StreamPeer(socket, this.#port, this.#enter, (reason) => {
      if (this.#isClosed) return;
      this.#attached = undefined;
      this.#enter(() => this.#port.detach());
      this.#events.detached(reason);
      const next = this.#next;
      this.#next = undefined;
      if (next) this.#attach(next);
    });
    this.#enter(() => this.#port.attach(peer));
    this.#events.attached();
    peer.start();
  }
}

class StreamPeer implements AttachPeer {
  readonly #socket: Socket;
  readonly #port: AttachPort;
  readonly #enter: Enter;
  readonly #queue: AttachQueue;
  readonly #reader: FrameReader;
  #reason = 'the peer hung up';
  #isFlushDue = false;

  constructor(socket: Socket, port: AttachPort, enter: Enter, closed: (reason: string) => void) {
    const framing: StreamFraming = port.entry.framing === 'u16' ? 'u16' : 'u32';
    this.#socket = socket;
    this.#port = port;
    this.#enter = enter;
    this.#queue = new AttachQueue(framing);
    this.#reader = new FrameReader(framing);
    socket.on('error', (error) => {
      this.#reason = `the connection failed: ${error.message}`;
    });
    // Who sends no more is gone: it might never read what is left, and the port would wait for ever.
    socket.on('end', () =>
      this.#hangUp(`the peer hung up${this.#reader.isBetweenFrames ? '' : ' in the middle of a frame'}`),
    );
    socket.on('drain', () => this.#flush());
    socket.on('close', () => closed(this.#reason));
  }

  start(): void {
    const sink: FrameSink = {
      frame: (bytes) => this.#port.receiveFrame(bytes),
      skipped: (fault) => this.#port.countDrop(fault),
    };
    this.#socket.on('data', (bytes) => {
      this.#enter(() => this.#reader.receive(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length), sink));
      const { lie } = this.#reader;
      if (lie !== undefined) this.#hangUp(`hung up on the peer: ${lie}, so its framing is not the one of this port`);
    });
  }

  send(frame: Uint8Array): AttachDrop | undefined {
    if (!this.#queue.put(frame)) return 'slow';
    // Behind all that is read in this turn: what it leads to is one write.
    if (!this.#isFlushDue) setImmediate(() => this.#flush());
    this.#isFlushDue = true;
    return undefined;
  }

  #flush(): void {
    this.#isFlushDue = false;
    if (this.#socket.writableNeedDrain || this.#socket.destroyed) return;
    const bytes = this.#queue.take();
    if (bytes) this.#socket.write(bytes);
  }

  #hangUp(reason: string): void {
    if (this.#socket.destroyed) return;
    this.#reason = reason;
    this.#socket.destroy();
  }
}

class Datagrams implements Attachment, AttachPeer {
  readonly #socket: DatagramSocket;
  readonly #port: AttachPort;
  readonly #enter: Enter;
  readonly #events: AttachEvents;
  /** Absent where the socket is connected to the one peer that it has. */
  #lastSender: { readonly address: string; readonly port: number } | undefined;

  private constructor(socket: DatagramSocket, port: AttachPort, enter: Enter, events: AttachEvents) {
    this.#socket = socket;
    this.#port = port;
    this.#enter = enter;
    this.#events = events;
    // A peer that is not there yet, or not any more: datagrams get lost, and nobody hears of it.
    socket.on('error', () => undefined);
    if (port.entry.peer) this.#attach();
    socket.on('message', (bytes, { address, port: number }) => {
      if (!port.entry.peer) this.#lastSender = { address, port: number };
      if (!port.isAttached) this.#attach();
      enter(() => port.receiveFrame(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length)));
    });
  }

  static open(port: AttachPort, local: SocketAddress, enter: Enter, events: AttachEvents): Promise<Datagrams> {
    const socket = createSocket(isIPv6(local.host) ? 'udp6' : 'udp4');
    const { peer } = port.entry;
    return new Promise((resolve, reject) => {
      const fail = (error: Error) => {
        socket.close();
        reject(error);
      };
      const ready = (error?: Error) => {
        if (error) {
          fail(error);
          return;
        }
        socket.removeListener('error', fail);
        resolve(new Datagrams(socket, port, enter, events));
      };
      socket.once('error', fail);
      // A connected socket hears its peer alone.
      socket.bind(local.port, local.host, () => (peer ? socket.connect(peer.port, peer.host, ready) : ready()));
    });
  }

  close(): void {
    this.#socket.close();
  }

  send(frame: Uint8Array): AttachDrop | undefined {
    if (frame.length > DATAGRAM_BYTES_MAX) return 'long';
    if (this.#socket.getSendQueueSize() > WAITING_BYTES_MAX) return 'slow';
    const to = this.#lastSender;
    if (to) this.#socket.send(frame, to.port, to.address, ignore);
    else this.#socket.send(frame, ignore);
    return undefined;
  }

  #attach(): void {
    this.#enter(() => this.#port.attach(this));
    this.#events.attached();
  }
}

/** What cannot be sent is lost, as datagrams are. */
function ignore(): void {}
