/**
 * The datagrams of a migration stream: UDP between the hosts of two nodes, with a header of ours.
 *
 * A datagram with data stands for as many as its bytes would fill at an MTU of 1500, as a card with segmentation offload is given them: it is one frame,
 * and as long on the wire as all of them with all of their headers and framing, so a cable charges what they would cost. That is a model: queues that count frames count
 * it as one, and a lost frame loses all of it.
 *
 *     0      type: 1 begin, 2 acknowledgement, 3 data
 *     1      flags of data: 1 when it is to be answered at once, for nothing comes soon
 *     4..8   stream
 *     8..12  of data, its number; of an acknowledgement, the first number that is missing
 *     12..16 of data, the bytes that it carries
 */
import { ETHER_TYPE } from '../protocol/wire/packet/ethernet.ts';
import { encodeFrame } from '../protocol/wire/packet/frame.ts';
import { IP_PROTOCOL } from '../protocol/wire/packet/ipv4.ts';

export const STREAM_FRAME = { begin: 1, acknowledgement: 2, data: 3 } as const;
export const FLAG_LAST = 1;

export const STREAM_HEADER_BYTES = 16;
const ETHERNET_IPV4_UDP_BYTES = 14 + 20 + 8;
/** Preamble, start delimiter, frame check sequence and inter-frame gap. */
const FRAMING_BYTES = 24;
const MTU = 1500;
/** Of one piece. */
const PIECE_BYTES = MTU - 20 - 8 - STREAM_HEADER_BYTES;
const PIECE_OVERHEAD = ETHERNET_IPV4_UDP_BYTES + STREAM_HEADER_BYTES + FRAMING_BYTES;
/** As many as fit into the 65,535 bytes of an IP packet with all of their headers, and some room. */
const PIECES_MAX = 40;

/** Payload of the largest datagram. */
export const SEGMENT_BYTES = PIECES_MAX * PIECE_BYTES;

export interface StreamEnd {
  readonly mac: number;
  readonly ip: number;
}

export interface StreamAddress {
  readonly from: StreamEnd;
  readonly to: StreamEnd;
  /** Of both. */
  readonly port: number;
  readonly stream: number;
}

export const streamView = {
  type: (view: DataView, at: number): number => view.getUint8(at),
  flags: (view: DataView, at: number): number => view.getUint8(at + 1),
  stream: (view: DataView, at: number): number => view.getUint32(at + 4),
  sequence: (view: DataView, at: number): number => view.getUint32(at + 8),
  bytes: (view: DataView, at: number): number => view.getUint32(at + 12),
} as const;

export function buildBegin(address: StreamAddress): Uint8Array {
  return build(address, STREAM_FRAME.begin, 0, 0, STREAM_HEADER_BYTES);
}

export function buildAcknowledgement(address: StreamAddress, expected: number): Uint8Array {
  return build(address, STREAM_FRAME.acknowledgement, expected, 0, STREAM_HEADER_BYTES);
}

/** Without its number and flags, which `numbered` fills in. */
export function buildData(address: StreamAddress, bytes: number): Uint8Array {
  const pieces = Math.max(1, Math.ceil(bytes / PIECE_BYTES));
  return build(address, STREAM_FRAME.data, 0, bytes, STREAM_HEADER_BYTES + bytes + (pieces - 1) * PIECE_OVERHEAD);
}

export function numbered(template: Uint8Array, sequence: number, flags: number): Uint8Array {
  const frame = template.slice();
  const at = ETHERNET_IPV4_UDP_BYTES;
  frame[at + 1] = flags;
  new DataView(frame.buffer).setUint32(at + 8, sequence);
  return frame;
}

function build(
  { from, to, port, stream }: StreamAddress,
  type: number,
  sequence: number,
  bytes: number,
  length: number,
): Uint8Array {
  const data = new Uint8Array(length);
  const view = new DataView(data.buffer);
  view.setUint8(0, type);
  view.setUint32(4, stream);
  view.setUint32(8, sequence);
  view.setUint32(12, bytes);
  return encodeFrame([
    { type: 'ethernet', dst: to.mac, src: from.mac, etherType: ETHER_TYPE.ipv4 },
    { type: 'ipv4', ttl: 64, protocol: IP_PROTOCOL.udp, src: from.ip, dst: to.ip, dontFragment: true },
    // No checksum, which IPv4 allows: the sum over what nobody looks at would cost more than all else.
    { type: 'udp', srcPort: port, dstPort: port, checksum: 0 },
    { type: 'payload', data },
  ]);
}
