/**
 * The frames that stacks make: their bytes, their Ethernet header, written without a view, and the cards that stand for groups.
 *
 * Small frames are cut from a larger piece, as Node's buffers are: a buffer of its own costs three times as much as all that is written into it. A frame
 * that is kept keeps its piece, so pieces are not large.
 */
import { ETHERNET_BYTES } from '../../protocol/wire/packet/ethernet.ts';

const PIECE_BYTES = 16_384;
const CUT_BYTES_MAX = 2048;

/** Zeroed, and given out up to `cutAt`. */
let piece = new ArrayBuffer(PIECE_BYTES);
let cutAt = 0;

function cutFrame(bytes: number): Uint8Array {
  if (bytes > CUT_BYTES_MAX) return new Uint8Array(bytes);
  if (cutAt + bytes > PIECE_BYTES) {
    piece = new ArrayBuffer(PIECE_BYTES);
    cutAt = 0;
  }
  const frame = new Uint8Array(piece, cutAt, bytes);
  cutAt += bytes;
  return frame;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A frame with room for so many bytes; where it goes is written when that is known (`setDestination`). */
export function createFrame(src: number, etherType: number, payloadBytes: number): Uint8Array {
  const frame = cutFrame(ETHERNET_BYTES + payloadBytes);
  putMac(frame, 6, src);
  frame[12] = etherType >> 8;
  frame[13] = etherType;
  return frame;
}

export function setDestination(frame: Uint8Array, mac: number): void {
  putMac(frame, 0, mac);
}

/** RFC 1112, section 6.4: the low 23 bits of the group. */
export function toIpv4GroupMac(group: number): number {
  return 0x0100_5e00_0000 + (group & 0x7f_ffff);
}

/** RFC 2464, section 7: the low 32 bits of the group. */
export function toIpv6GroupMac(group: bigint): number {
  return 0x3333_0000_0000 + Number(group & 0xffff_ffffn);
}

function putMac(frame: Uint8Array, at: number, mac: number): void {
  const high = Math.floor(mac / 0x1_0000_0000);
  const low = mac | 0;
  frame[at] = high >> 8;
  frame[at + 1] = high;
  frame[at + 2] = low >> 24;
  frame[at + 3] = low >> 16;
  frame[at + 4] = low >> 8;
  frame[at + 5] = low;
}
