/**
 * One TCP whose peer is the test: segments in and out as lines of text, numbers counted from each side's SYN.
 *
 *     SA seq 0 ack 1 win 65535 <mss 1460>        A seq 1 ack 1 win 100 len 5        R seq 1
 *
 * Written and read with the codecs of `protocol/wire`, not with what is tested.
 */
import { addRange, closeSum, pseudoHeaderV4 } from '../../../../protocol/wire/packet/checksum.ts';
import {
  decodeTcp,
  encodeTcp,
  TCP_FLAG,
  type Tcp as TcpHeader,
  tcpBytes,
} from '../../../../protocol/wire/packet/tcp.ts';
import type { TcpOption } from '../../../../protocol/wire/packet/tcp-option.ts';
import { Clock, type Nanos, type Timer } from '../../../../sim/clock.ts';
import { Random } from '../../../../sim/random.ts';
import type { IpService, OutgoingPacket } from '../../../../sim/stack/ip-service.ts';
import type { Stream, StreamListener } from '../../../../sim/stack/socket.ts';
import type { Connection } from '../../../../sim/stack/tcp/connection.ts';
import { Tcp } from '../../../../sim/stack/tcp/tcp.ts';
import { TCP_MODEL, type TcpModel } from '../../../../sim/stack/tcp/tcp-model.ts';

export const OWN = 0x0a00_0001;
export const PEER = 0x0a00_0002;
export const PORT = 80;
export const PEER_PORT = 4000;
/** Close to where numbers wrap, so that they do. */
const PEER_INITIAL = 0xffff_ff00;

/** Without options, so that what is seen is what is meant. */
export const PLAIN: Partial<TcpModel> = { hasTimestamps: false, hasSack: false, hasWindowScale: false };

export class LoneTcp implements IpService {
  readonly clock = new Clock();
  readonly tcp: Tcp;
  readonly #actor = this.clock.createActor('lone');
  /** What was sent since it was last taken. */
  #lines: string[] = [];
  /** What the users were told. */
  readonly told: string[] = [];
  readonly received: number[] = [];
  stream: Connection | undefined;
  #ownInitial: number | undefined;
  ownPort = PORT;
  mtu = 1500;

  constructor(model: Partial<TcpModel> = PLAIN) {
    this.tcp = new Tcp(this, new Random(7), { ...TCP_MODEL, ...model });
  }

  get now(): Nanos {
    return this.clock.now;
  }

  schedule(at: Nanos, run: () => void): Timer {
    return this.clock.schedule(this.#actor, at, run);
  }

  sourceFor(): number {
    return OWN;
  }

  pathMtu(): number {
    return this.mtu;
  }

  send({ payload }: OutgoingPacket): void {
    const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
    const sum = pseudoHeaderV4(OWN, PEER, 6, payload.length);
    if (closeSum(addRange(sum, view, 0, payload.length)) !== 0) throw new Error('a segment with a wrong checksum');
    const header = decodeTcp(view, 0, payload.length);
    if ((header.flags & TCP_FLAG.syn) !== 0) {
      this.#ownInitial ??= header.seq;
      this.ownPort = header.srcPort;
    }
    this.#lines.push(this.#format(header, payload.length - tcpBytes(header)));
  }

  listen(): void {
    this.tcp.listen(PORT, (stream) => this.#listener(stream));
  }

  connect(): Connection {
    this.stream = this.tcp.connect({ address: PEER, port: PEER_PORT }, (stream) => this.#listener(stream));
    return this.stream;
  }

  #listener(stream: Stream): StreamListener {
    this.stream = stream as Connection;
    return {
      opened: () => this.told.push('opened'),
      received: (data) => {
        this.told.push(`received ${data.length}`);
        this.received.push(...data);
      },
      drained: () => this.told.push('drained'),
      ended: () => this.told.push('ended'),
      closed: (fault) => this.told.push(fault ? `closed ${fault}` : 'closed'),
    };
  }

  /** Our lines since the last time. */
  take(): string[] {
    const lines = this.#lines;
    this.#lines = [];
    return lines;
  }

  /** Gives a segment of the peer's, and answers with what is sent at once. */
  give(line: string, data?: Uint8Array): string[] {
    const payload = this.segment(line, data);
    this.tcp.receive({ src: PEER, dst: OWN, protocol: 6, hopLimit: 64, trafficClass: 0, payload });
    return this.take();
  }

  wait(ns: Nanos): string[] {
    this.clock.runUntil(this.clock.now + ns);
    return this.take();
  }

  segment(line: string, data?: Uint8Array): Uint8Array {
    const [, flags, rest, optionText] = /^(\S+)((?: \w+ \d+)*)(?: <(.*)>)?$/.exec(line)!;
    const fields = new Map([...rest!.matchAll(/(\w+) (\d+)/g)].map(([, name, value]) => [name!, Number(value)]));
    const letters: Record<string, number> = {
      S: TCP_FLAG.syn,
      A: TCP_FLAG.ack,
      F: TCP_FLAG.fin,
      R: TCP_FLAG.rst,
      P: TCP_FLAG.psh,
      '.': 0,
    };
    const header: TcpHeader = {
      type: 'tcp',
      srcPort: PEER_PORT,
      dstPort: this.ownPort,
      seq: (PEER_INITIAL + (fields.get('seq') ?? 0)) >>> 0,
      ack: fields.has('ack') ? ((this.#ownInitial ?? 0) + fields.get('ack')!) >>> 0 : 0,
      flags: [...flags!].reduce((sum, letter) => sum | letters[letter]!, 0),
      window: fields.get('win') ?? 0xffff,
      options: optionText ? optionText.split(', ').map((text) => this.#option(text)) : [],
    };
    const content = data ?? new Uint8Array(fields.get('len') ?? 0).map((_, i) => i);
    const headerBytes = tcpBytes(header);
    const bytes = new Uint8Array(headerBytes + content.length);
    const view = new DataView(bytes.buffer);
    bytes.set(content, headerBytes);
    encodeTcp({ ...header, checksum: 0 }, view, 0);
    view.setUint16(16, closeSum(addRange(pseudoHeaderV4(PEER, OWN, 6, bytes.length), view, 0, bytes.length)));
    return bytes;
  }

  #option(text: string): TcpOption {
    const [name, first, second] = text.split(' ');
    if (name === 'mss') return { type: 'mss', bytes: Number(first) };
    if (name === 'scale') return { type: 'window-scale', shift: Number(first) };
    if (name === 'sackOK') return { type: 'sack-permitted' };
    if (name === 'ts') return { type: 'timestamps', value: Number(first), echo: Number(second) };
    const own = this.#ownInitial!;
    const blocks = text
      .slice('sack '.length)
      .split(' ')
      .map((block) => block.split('-').map((edge) => (own + Number(edge)) >>> 0))
      .map(([left, right]) => ({ left: left!, right: right! }));
    return { type: 'sack', blocks };
  }

  #format(header: TcpHeader, length: number): string {
    const { flags, window, options } = header;
    const has = (flag: number) => (flags & flag) !== 0;
    const letters = `${has(TCP_FLAG.syn) ? 'S' : ''}${has(TCP_FLAG.fin) ? 'F' : ''}${has(TCP_FLAG.rst) ? 'R' : ''}${has(TCP_FLAG.psh) ? 'P' : ''}${has(TCP_FLAG.ack) ? 'A' : ''}`;
    // A reset without an acknowledgement has a number that the peer told us.
    const seq = this.#ownInitial === undefined ? header.seq : (header.seq - this.#ownInitial) | 0;
    const ack = has(TCP_FLAG.ack) ? ` ack ${(header.ack - PEER_INITIAL) | 0}` : '';
    const texts = (options ?? []).map((option) => formatOption(option)).filter((text) => text !== '');
    return `${letters} seq ${seq}${ack} win ${window}${length > 0 ? ` len ${length}` : ''}${texts.length > 0 ? ` <${texts.join(', ')}>` : ''}`;
  }
}

function formatOption(option: TcpOption): string {
  switch (option.type) {
    case 'mss':
      return `mss ${option.bytes}`;
    case 'window-scale':
      return `scale ${option.shift}`;
    case 'sack-permitted':
      return 'sackOK';
    case 'timestamps':
      return 'ts';
    case 'sack':
      return `sack ${option.blocks.map(({ left, right }) => `${(left - PEER_INITIAL) | 0}-${(right - PEER_INITIAL) | 0}`).join(' ')}`;
    default:
      return '';
  }
}
