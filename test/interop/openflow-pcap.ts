/**
 * Bytes of a TCP connection to an OpenFlow controller as a classic pcap file, written by hand so that a dissector reads what our
 * codec wrote and nothing else of ours: Ethernet, IPv4 (RFC 791), TCP (RFC 9293) to port 6653, sequence numbers in a row.
 * Checksums stay zero; a dissector that is not asked to check them takes them as left to the card.
 */

const CONTROLLER_PORT = 6653;
const SWITCH_PORT = 40_000;
const ETHERNET_BYTES = 14;
const IPV4_BYTES = 20;
const TCP_BYTES = 20;

/** Where a segment's bytes begin in its frame. */
export const PAYLOAD_AT = ETHERNET_BYTES + IPV4_BYTES + TCP_BYTES;

/** The file: one frame per segment, one microsecond apart. */
export function toPcap(segments: readonly Uint8Array[]): Uint8Array {
  const records: Uint8Array[] = [fileHeader()];
  let sequence = 1;
  segments.forEach((segment, index) => {
    const frame = toFrame(segment, sequence);
    records.push(recordHeader(index, frame.length), frame);
    sequence += segment.length;
  });
  return Buffer.concat(records);
}

function fileHeader(): Uint8Array {
  const view = new DataView(new ArrayBuffer(24));
  view.setUint32(0, 0xa1b2c3d4);
  view.setUint16(4, 2);
  view.setUint16(6, 4);
  view.setUint32(16, 0xffff);
  view.setUint32(20, 1);
  return new Uint8Array(view.buffer);
}

function recordHeader(index: number, length: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(16));
  view.setUint32(4, index);
  view.setUint32(8, length);
  view.setUint32(12, length);
  return new Uint8Array(view.buffer);
}

function toFrame(segment: Uint8Array, sequence: number): Uint8Array {
  const frame = new Uint8Array(PAYLOAD_AT + segment.length);
  frame.set([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x08, 0x00]);
  const ip = new DataView(frame.buffer, ETHERNET_BYTES);
  ip.setUint16(0, 0x4500);
  ip.setUint16(2, frame.length - ETHERNET_BYTES);
  ip.setUint16(8, 0x4006);
  ip.setUint32(12, 0x0a000001);
  ip.setUint32(16, 0x0a000002);
  const tcp = new DataView(frame.buffer, ETHERNET_BYTES + IPV4_BYTES);
  tcp.setUint16(0, SWITCH_PORT);
  tcp.setUint16(2, CONTROLLER_PORT);
  tcp.setUint32(4, sequence);
  tcp.setUint32(8, 1);
  // Twenty bytes of header; PSH and ACK.
  tcp.setUint16(12, 0x5018);
  tcp.setUint16(14, 0xffff);
  frame.set(segment, PAYLOAD_AT);
  return frame;
}
