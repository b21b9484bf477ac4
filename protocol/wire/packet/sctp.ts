/**
 * SCTP, RFC 9260, section 3: the common header and the chunks behind it, as one layer.
 *
 * The checksum covers all of it and nothing else, so the encoder computes it here. It is the one field that goes on the
 * wire least significant byte first (appendix A: the CRC is sent in the order in which its bits leave the register).
 */
import { crc32c } from './crc32c.ts';
import { requireOctets } from './octets.ts';
import { decodeSctpChunks, encodeSctpChunks, type SctpChunk, sctpChunksBytes } from './sctp-chunk.ts';

export const SCTP_BYTES_MIN = 12;

export interface Sctp {
  readonly type: 'sctp';
  readonly srcPort: number;
  readonly dstPort: number;
  readonly verificationTag: number;
  /** Absent: computed. */
  readonly checksum?: number | undefined;
  readonly chunks: readonly SctpChunk[];
}

export function decodeSctp(view: DataView, at: number, end: number): Sctp {
  requireOctets(at, SCTP_BYTES_MIN, end, 'an SCTP header');
  return {
    type: 'sctp',
    srcPort: sctpView.srcPort(view, at),
    dstPort: sctpView.dstPort(view, at),
    verificationTag: sctpView.verificationTag(view, at),
    checksum: sctpView.checksum(view, at),
    chunks: decodeSctpChunks(view, at + SCTP_BYTES_MIN, end),
  };
}

export function sctpBytes(value: Sctp): number {
  return SCTP_BYTES_MIN + sctpChunksBytes(value.chunks);
}

export function encodeSctp(value: Sctp, view: DataView, at: number): number {
  sctpView.setSrcPort(view, at, value.srcPort);
  sctpView.setDstPort(view, at, value.dstPort);
  view.setUint32(at + 4, value.verificationTag);
  const end = encodeSctpChunks(value.chunks, view, at + SCTP_BYTES_MIN);
  sctpView.setChecksum(view, at, value.checksum ?? sctpChecksumOf(view, at, end));
  return end;
}

/** The CRC32c of the packet with its checksum field as zero, whatever the field holds. */
export function sctpChecksumOf(view: DataView, at: number, end: number): number {
  return crc32c(crc32c(crc32c(0, view, at, at + 8), FOUR_ZEROS, 0, 4), view, at + SCTP_BYTES_MIN, end);
}

const FOUR_ZEROS = new DataView(new ArrayBuffer(4));

export const sctpView = {
  srcPort: (view: DataView, at: number): number => view.getUint16(at),
  dstPort: (view: DataView, at: number): number => view.getUint16(at + 2),
  verificationTag: (view: DataView, at: number): number => view.getUint32(at + 4),
  checksum: (view: DataView, at: number): number => view.getUint32(at + 8, true),
  setSrcPort: (view: DataView, at: number, port: number): void => view.setUint16(at, port),
  setDstPort: (view: DataView, at: number, port: number): void => view.setUint16(at + 2, port),
  setChecksum: (view: DataView, at: number, checksum: number): void => view.setUint32(at + 8, checksum, true),
  headerBytes: (_view: DataView, _at: number): number => SCTP_BYTES_MIN,
} as const;
