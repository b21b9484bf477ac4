/** DNS messages as client and server read and write them, and names as they compare: ASCII letters of either case are the same (RFC 1035, section 2.3.3). */
import { type Dns, decodeDns, dnsBytes, encodeDns } from '../../../protocol/wire/packet/dns.ts';
import { encodeUtf8 } from '../../../protocol/wire/utf8.ts';
import { WireError } from '../../../protocol/wire/wire-error.ts';

export const RESPONSE_CODE = {
  noError: 0,
  formatError: 1,
  serverFailure: 2,
  noSuchName: 3,
  notImplemented: 4,
  refused: 5,
} as const;

/** RFC 1035, section 4.2.1, of a sender who says nothing else. */
export const UDP_BYTES_PLAIN = 512;
/** What fits every path without fragments: the figure of the DNS flag day of 2020. */
export const UDP_BYTES_MAX = 1232;

export function readDns(data: Uint8Array): Dns | undefined {
  try {
    return decodeDns(new DataView(data.buffer, data.byteOffset, data.byteLength), 0, data.byteLength);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

export function writeDns(message: Dns): Uint8Array {
  const bytes = new Uint8Array(dnsBytes(message));
  encodeDns(message, new DataView(bytes.buffer), 0);
  return bytes;
}

/** With the length before it that streams have (RFC 1035, section 4.2.2). */
export function writeDnsForStream(message: Dns): Uint8Array {
  const body = writeDns(message);
  const bytes = new Uint8Array(2 + body.length);
  bytes[0] = body.length >> 8;
  bytes[1] = body.length & 0xff;
  bytes.set(body, 2);
  return bytes;
}

/** For comparisons and as a key. */
export function foldName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

export function isWithin(name: string, zone: string): boolean {
  return name === zone || name.endsWith(`.${zone}`);
}

/** A name that people gave, as DNS text: what is not printing ASCII becomes the bytes of its UTF-8. Undefined when no DNS name can be so. */
export function toDnsName(text: string): string | undefined {
  const labels = text.split('.');
  let total = 1;
  for (const label of labels) {
    const { length } = encodeUtf8(label);
    total += 1 + length;
    if (length === 0 || length > 63) return undefined;
  }
  if (total > 255) return undefined;
  const escaped = Array.from(encodeUtf8(text), (byte) =>
    byte > 0x20 && byte < 0x7f && byte !== 0x5c ? String.fromCharCode(byte) : `\\${byte.toString().padStart(3, '0')}`,
  );
  return escaped.join('');
}

/** Cuts a stream into messages. What is not whole yet is kept: 65537 bytes at most, which the length says. */
export class DnsStreamReader {
  #kept = new Uint8Array(0);

  /** What is told is a view that is good during the call. */
  receive(data: Uint8Array, message: (bytes: Uint8Array) => void): void {
    const bytes = new Uint8Array(this.#kept.length + data.length);
    bytes.set(this.#kept);
    bytes.set(data, this.#kept.length);
    let at = 0;
    while (bytes.length - at >= 2) {
      const end = at + 2 + bytes[at]! * 256 + bytes[at + 1]!;
      if (end > bytes.length) break;
      message(bytes.subarray(at + 2, end));
      at = end;
    }
    this.#kept = bytes.slice(at);
  }
}
