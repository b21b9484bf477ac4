/**
 * TCP, RFC 9293, section 3.1.
 *
 * The header alone, options included: what follows is the next layer's. The data offset is no field of the value: it is
 * the length of the options, which are kept to the last filler byte (see `tcp-option.ts`). The twelve bits after the
 * data offset are one number, as OpenFlow matches them and as their meaning keeps moving (the lowest of the once
 * reserved bits is now Accurate ECN's).
 */
import { type PacketFault, WireError } from '../wire-error.ts';
import { putZeros, requireOctets } from './octets.ts';

import { decodeTcpOptions, encodeTcpOptions, type TcpOption, tcpOptionsBytes } from './tcp-option.ts';

export const TCP_BYTES_MIN = 20;
/** Four bits of data offset: fifteen words, five of them fixed. */
const TCP_OPTIONS_BYTES_MAX = 40;

export const TCP_FLAG = {
  fin: 0x001,
  syn: 0x002,
  rst: 0x004,
  psh: 0x008,
  ack: 0x010,
  urg: 0x020,
  ece: 0x040,
  cwr: 0x080,
  ae: 0x100,
} as const;

export interface Tcp {
  readonly type: 'tcp';
  readonly srcPort: number;
  readonly dstPort: number;
  readonly seq: number;
  readonly ack: number;
  /** All twelve bits after the data offset; the named ones are in `TCP_FLAG`. */
  readonly flags: number;
  readonly window: number;
  /** Absent: `frame.ts`, which knows the pseudo-header, fills it in. */
  readonly checksum?: number | undefined;
  /** Absent: zero. */
  readonly urgentPointer?: number | undefined;
  /** Absent: none. A list that does not fill whole words is followed by zeros, which end it. */
  readonly options?: readonly TcpOption[] | undefined;
}

export function decodeTcp(view: DataView, at: number, end: number): Tcp {
  requireOctets(at, TCP_BYTES_MIN, end, 'a TCP header');
  const headerBytes = tcpView.headerBytes(view, at);
  if (headerBytes < TCP_BYTES_MIN) {
    throw new WireError<PacketFault>(
      'BAD_LENGTH',
      at + 12,
      `TCP data offset of ${headerBytes} bytes, at least 20 needed`,
    );
  }
  requireOctets(at, headerBytes, end, 'a TCP header with its options');
  return {
    type: 'tcp',
    srcPort: tcpView.srcPort(view, at),
    dstPort: tcpView.dstPort(view, at),
    seq: tcpView.seq(view, at),
    ack: tcpView.ack(view, at),
    flags: tcpView.flags(view, at),
    window: tcpView.window(view, at),
    checksum: tcpView.checksum(view, at),
    urgentPointer: tcpView.urgentPointer(view, at),
    options: decodeTcpOptions(view, at + TCP_BYTES_MIN, at + headerBytes),
  };
}

export function encodeTcp(value: Tcp, view: DataView, at: number): number {
  const options = value.options ?? [];
  const optionsBytes = tcpOptionsBytes(options);
  if (optionsBytes > TCP_OPTIONS_BYTES_MAX) {
    const reason = `TCP options of ${optionsBytes} bytes, the header has room for ${TCP_OPTIONS_BYTES_MAX}`;
    throw new WireError<PacketFault>('TOO_LARGE', at + TCP_BYTES_MIN, reason);
  }
  const headerBytes = tcpBytes(value);
  tcpView.setSrcPort(view, at, value.srcPort);
  tcpView.setDstPort(view, at, value.dstPort);
  tcpView.setSeq(view, at, value.seq);
  tcpView.setAck(view, at, value.ack);
  view.setUint16(at + 12, (headerBytes << 10) | (value.flags & 0xfff));
  tcpView.setWindow(view, at, value.window);
  tcpView.setChecksum(view, at, value.checksum ?? 0);
  tcpView.setUrgentPointer(view, at, value.urgentPointer ?? 0);
  const here = encodeTcpOptions(options, view, at + TCP_BYTES_MIN);
  return putZeros(at + headerBytes - here, view, here);
}

export function tcpBytes(value: Tcp): number {
  return TCP_BYTES_MIN + 4 * Math.ceil(tcpOptionsBytes(value.options ?? []) / 4);
}

export const tcpView = {
  srcPort: (view: DataView, at: number): number => view.getUint16(at),
  dstPort: (view: DataView, at: number): number => view.getUint16(at + 2),
  seq: (view: DataView, at: number): number => view.getUint32(at + 4),
  ack: (view: DataView, at: number): number => view.getUint32(at + 8),
  flags: (view: DataView, at: number): number => view.getUint16(at + 12) & 0xfff,
  window: (view: DataView, at: number): number => view.getUint16(at + 14),
  checksum: (view: DataView, at: number): number => view.getUint16(at + 16),
  urgentPointer: (view: DataView, at: number): number => view.getUint16(at + 18),
  setSrcPort: (view: DataView, at: number, port: number): void => view.setUint16(at, port),
  setDstPort: (view: DataView, at: number, port: number): void => view.setUint16(at + 2, port),
  setSeq: (view: DataView, at: number, seq: number): void => view.setUint32(at + 4, seq),
  setAck: (view: DataView, at: number, ack: number): void => view.setUint32(at + 8, ack),
  setFlags: (view: DataView, at: number, flags: number): void =>
    view.setUint16(at + 12, (view.getUint16(at + 12) & 0xf000) | (flags & 0xfff)),
  setWindow: (view: DataView, at: number, window: number): void => view.setUint16(at + 14, window),
  setChecksum: (view: DataView, at: number, checksum: number): void => view.setUint16(at + 16, checksum),
  setUrgentPointer: (view: DataView, at: number, pointer: number): void => view.setUint16(at + 18, pointer),
  headerBytes: (view: DataView, at: number): number => (view.getUint8(at + 12) >> 4) * 4,
} as const;
