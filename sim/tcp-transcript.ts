/**
 * A stream of bytes both ways, told as the TCP connection that it would have been: Ethernet, IPv4, and segments with the right sequence numbers and
 * checksums, from the handshake to the last acknowledgement. So a control channel that never left this process can be read by Wireshark.
 *
 * It is told as the client (who dials) sees it, so that nothing is acknowledged that has not come. No segment is lost or late; what a real
 * connection adds to the bytes, such as acknowledgements of their own, is left out.
 */
import { ETHER_TYPE } from '../protocol/wire/packet/ethernet.ts';
import { encodeFrame } from '../protocol/wire/packet/frame.ts';
import { IP_PROTOCOL } from '../protocol/wire/packet/ipv4.ts';
import { TCP_FLAG, type Tcp } from '../protocol/wire/packet/tcp.ts';

export interface TranscriptEnd {
  readonly mac: number;
  readonly ip: number;
  readonly port: number;
}

export type TranscriptSide = 'client' | 'server';

/** What fits behind both headers into Ethernet's 1500 bytes. */
const SEGMENT_BYTES_MAX = 1460;
const TTL = 64;
const WINDOW = 0xffff;
/** The largest (RFC 7323, section 2.3): since nobody acknowledges without having something to say, much may be on its way. */
const WINDOW_SHIFT = 14;

const { syn, ack, psh, fin } = TCP_FLAG;

export class TcpTranscript {
  readonly #ends: Readonly<Record<TranscriptSide, TranscriptEnd>>;
  readonly #emit: (from: TranscriptSide, frame: Uint8Array) => void;
  /** The number of the next byte of each side. */
  readonly #next: Record<TranscriptSide, number> = { client: 0, server: 0 };
  #isOpen = false;

  constructor(client: TranscriptEnd, server: TranscriptEnd, emit: (from: TranscriptSide, frame: Uint8Array) => void) {
    this.#ends = { client, server };
    this.#emit = emit;
  }

  open(): void {
    const options: Tcp['options'] = [
      { type: 'mss', bytes: SEGMENT_BYTES_MAX },
      { type: 'no-op' },
      { type: 'window-scale', shift: WINDOW_SHIFT },
    ];
    this.#isOpen = true;
    this.#send('client', syn, undefined, options);
    this.#send('server', syn | ack, undefined, options);
    this.#send('client', ack);
  }

  write(from: TranscriptSide, bytes: Uint8Array): void {
    if (!this.#isOpen) return;
    for (let at = 0; at < bytes.length; at += SEGMENT_BYTES_MAX) {
      const isLast = at + SEGMENT_BYTES_MAX >= bytes.length;
      this.#send(from, isLast ? ack | psh : ack, bytes.subarray(at, at + SEGMENT_BYTES_MAX));
    }
  }

  close(by: TranscriptSide): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    const other = by === 'client' ? 'server' : 'client';
    this.#send(by, fin | ack);
    this.#send(other, fin | ack);
    this.#send(by, ack);
  }

  #send(from: TranscriptSide, flags: number, data?: Uint8Array, options?: Tcp['options']): void {
    const to = from === 'client' ? 'server' : 'client';
    const { mac: src, ip, port } = this.#ends[from];
    const { mac: dst, ip: dstIp, port: dstPort } = this.#ends[to];
    const tcp: Tcp = {
      type: 'tcp',
      srcPort: port,
      dstPort,
      seq: this.#next[from],
      ack: flags & ack ? this.#next[to] : 0,
      flags,
      window: WINDOW,
      options,
    };
    // RFC 9293, section 3.4: SYN and FIN have a number, too.
    const length = (data?.length ?? 0) + (flags & (syn | fin) ? 1 : 0);
    this.#next[from] = (this.#next[from] + length) >>> 0;
    this.#emit(
      from,
      encodeFrame([
        { type: 'ethernet', dst, src, etherType: ETHER_TYPE.ipv4 },
        { type: 'ipv4', ttl: TTL, protocol: IP_PROTOCOL.tcp, src: ip, dst: dstIp, dontFragment: true },
        tcp,
        ...(data ? [{ type: 'payload', data } as const] : []),
      ]),
    );
  }
}
