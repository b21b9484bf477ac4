/**
 * Pretends to be many switches in a process of its own: dials a controller, shakes hands, and then has as many packet-ins under way on each connection as it is
 * told, from bytes that were made before.
 *
 * Every packet-in is from one of as many hosts behind port 1 to one behind port 2 that the controller has learned, so each gets one answer that counts: a flow_mod
 * if it was buffered, else a packet_out, before which the flow_mod went. What comes is read by its headers only.
 *
 * Argument: a `Load` as JSON. Answer, as JSON on a line: a `LoadResult`.
 */
import { connect, type Socket } from 'node:net';
import { MESSAGES, type Message, toBytes } from '../protocol/wire/openflow/message.ts';
import { MULTIPARTS, type MultipartReplyBody } from '../protocol/wire/openflow/multipart.ts';
import { BUFFER_NONE } from '../protocol/wire/openflow/packet.ts';

export interface Load {
  readonly port: number;
  readonly switches: number;
  /** Packet-ins on their way, for each switch; 0 for none at all. */
  readonly outstanding: number;
  readonly isBuffered: boolean;
  readonly milliseconds: number;
}

export interface LoadResult {
  /** From the first dial until every switch had its first rule, or had waited for one in vain. */
  readonly readyMs: number;
  readonly repliesPerSecond: number;
  /** Half of the answers came sooner; with one packet-in under way, else 0. */
  readonly medianUs: number;
  /** The fewest answers that one switch had. */
  readonly leastReplies: number;
}

const HEADER_BYTES = 8;
const HOSTS = 64;
const HOST_PORT = 1;
const SERVER_PORT = 2;
const SERVER_MAC = [2, 0, 0, 0, 0, 2];

/** Not every controller gives a switch a rule to begin with. */
const READY_WAIT_MS = 1000;

/** Before the clock runs, for compilers that work while the program does. */
const WARM_UP_MS = 700;

/** A program that hangs is no measurement. */
const GIVE_UP_MS = 60_000;

const BARRIER_REPLY = { type: 'barrierReply' } as const;

function toFrame(dst: readonly number[], src: readonly number[]): Uint8Array {
  const frame = new Uint8Array(64);
  frame.set(dst, 0);
  frame.set(src, 6);
  frame.set([0x08, 0x00, 0x45], 12);
  return frame;
}

function toPacketIn(bufferId: number, inPort: number, frame: Uint8Array): Uint8Array {
  return toBytes({
    type: 'packetIn',
    xid: 0,
    bufferId,
    totalLen: frame.length,
    reason: 0,
    tableId: 0,
    cookie: 0n,
    match: [{ type: 'inPort', value: inPort }],
    data: frame,
  });
}

class LoadSwitch {
  readonly #dpid: number;
  readonly #socket: Socket;
  readonly #load: Load;
  readonly #counted: number;
  readonly #rtts: number[];
  readonly #ready: () => void;
  /** Packet-ins of all hosts, twice over: any run of them is one piece. */
  readonly #chunk: Buffer;
  readonly #packetInBytes: number;
  #at = 0;
  #partial: Buffer = Buffer.alloc(0);
  #isReady = false;
  #askedAt = 0;
  replies = 0;

  constructor(dpid: number, load: Load, rtts: number[], ready: () => void) {
    this.#dpid = dpid;
    this.#load = load;
    this.#rtts = rtts;
    this.#ready = ready;
    this.#counted = load.isBuffered ? MESSAGES.flowMod.id : MESSAGES.packetOut.id;
    const packetIns = Array.from({ length: 2 * HOSTS }, (_, i) => {
      const frame = toFrame(SERVER_MAC, [2, 0, 0, dpid >> 8, dpid & 0xff, 0x80 + (i % HOSTS)]);
      return toPacketIn(load.isBuffered ? 1 + (i % HOSTS) : BUFFER_NONE, HOST_PORT, frame);
    });
    this.#chunk = Buffer.concat(packetIns);
    this.#packetInBytes = packetIns[0]!.length;
    this.#socket = connect({ port: load.port, host: '127.0.0.1', noDelay: true }, () => {
      this.#say({ type: 'hello', version: 4, xid: 1, elements: [{ type: 'versionBitmap', bitmaps: [1 << 4] }] });
    });
    this.#socket.on('data', (bytes) => this.#receive(bytes));
    this.#socket.on('error', (error) => fail(error.message));
    this.#socket.on('close', () => fail('the controller hung up'));
  }

  /** The controller learns where the server is. */
  teach(): void {
    this.#socket.write(toPacketIn(BUFFER_NONE, SERVER_PORT, toFrame([255, 255, 255, 255, 255, 255], SERVER_MAC)));
  }

  start(): void {
    this.#send(this.#load.outstanding);
  }

  #say(message: Message): void {
    this.#socket.write(toBytes(message));
  }

  #send(count: number): void {
    if (count === 0) return;
    if (this.#load.outstanding === 1) this.#askedAt = performance.now();
    const run = Math.min(count, HOSTS);
    this.#socket.write(this.#chunk.subarray(this.#at, this.#at + run * this.#packetInBytes));
    this.#at = (this.#at + run * this.#packetInBytes) % (HOSTS * this.#packetInBytes);
    this.#send(count - run);
  }

  #receive(bytes: Buffer): void {
    const chunk = this.#partial.length === 0 ? bytes : Buffer.concat([this.#partial, bytes]);
    let at = 0;
    let counted = 0;
    while (at + HEADER_BYTES <= chunk.length) {
      const length = (chunk[at + 2]! << 8) | chunk[at + 3]!;
      if (at + length > chunk.length) break;
      const type = chunk[at + 1]!;
      if (type === this.#counted) counted++;
      if (type !== MESSAGES.flowMod.id && type !== MESSAGES.packetOut.id) this.#answer(type, chunk, at);
      else if (type === MESSAGES.flowMod.id) this.becomeReady();
      at += length;
    }
    this.#partial = chunk.subarray(at);
    if (!isLoading || counted === 0) return;
    this.replies += counted;
    if (this.#askedAt > 0 && isMeasuring) this.#rtts.push(performance.now() - this.#askedAt);
    this.#send(counted);
  }

  becomeReady(): void {
    if (this.#isReady) return;
    this.#isReady = true;
    this.#ready();
  }

  #answer(type: number, chunk: Buffer, at: number): void {
    const xid = chunk.readUInt32BE(at + 4);
    switch (type) {
      case MESSAGES.featuresRequest.id:
        this.#say({
          ...{ type: 'featuresReply', xid, datapathId: BigInt(this.#dpid), nBuffers: 256, nTables: 1 },
          ...{ auxiliaryId: 0, capabilities: 0, reserved: 0 },
        });
        setTimeout(() => this.becomeReady(), READY_WAIT_MS);
        break;
      case MESSAGES.barrierRequest.id:
        this.#say({ ...BARRIER_REPLY, xid });
        break;
      case MESSAGES.echoRequest.id:
        this.#say({ type: 'echoReply', xid, data: new Uint8Array(0) });
        break;
      case MESSAGES.multipartRequest.id: {
        const kind = chunk.readUInt16BE(at + HEADER_BYTES);
        const body = ANSWERS.find(({ type }) => MULTIPARTS[type].id === kind);
        if (body) this.#say({ type: 'multipartReply', xid, flags: 0, body });
        break;
      }
      default:
        break;
    }
  }
}

const PORTS = {
  type: 'portDesc',
  entries: [HOST_PORT, SERVER_PORT].map((portNo) => ({
    ...{ portNo, hwAddr: portNo, name: `p${portNo}`, config: 0, state: 0 },
    ...{ current: 0, advertised: 0, supported: 0, peer: 0, currentSpeedKbps: 0, maxSpeedKbps: 0 },
  })),
} as const;

const ANSWERS: readonly MultipartReplyBody[] = [
  PORTS,
  { type: 'flow', entries: [] },
  { type: 'groupDesc', entries: [] },
  { type: 'meterConfig', entries: [] },
];

let isLoading = false;
let isMeasuring = false;

function fail(reason: string): never {
  console.error(`switch-load: ${reason}`);
  process.exit(1);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

async function run(load: Load): Promise<LoadResult> {
  const start = performance.now();
  const rtts: number[] = [];
  let waiting = load.switches;
  let devices: LoadSwitch[] = [];
  await new Promise<void>((resolve) => {
    devices = Array.from({ length: load.switches }, (_, i) => {
      return new LoadSwitch(i + 1, load, rtts, () => {
        if (--waiting === 0) resolve();
      });
    });
  });
  const readyMs = performance.now() - start;
  if (load.outstanding === 0) return { readyMs, repliesPerSecond: 0, medianUs: 0, leastReplies: 0 };
  for (const device of devices) device.teach();
  await pause(WARM_UP_MS / 2);
  isLoading = true;
  for (const device of devices) device.start();
  await pause(WARM_UP_MS);
  for (const device of devices) device.replies = 0;
  isMeasuring = true;
  const startedAt = performance.now();
  await pause(load.milliseconds);
  const seconds = (performance.now() - startedAt) / 1000;
  const replies = devices.map((device) => device.replies);
  rtts.sort((a, b) => a - b);
  return {
    readyMs,
    repliesPerSecond: replies.reduce((sum, count) => sum + count, 0) / seconds,
    medianUs: 1000 * (rtts[rtts.length >> 1] ?? 0),
    leastReplies: Math.min(...replies),
  };
}

const load: Load = JSON.parse(process.argv[2]!);
setTimeout(() => fail('no end after a minute'), GIVE_UP_MS).unref();
const result = await run(load);
process.stdout.write(`${JSON.stringify(result)}\n`, () => process.exit(0));
