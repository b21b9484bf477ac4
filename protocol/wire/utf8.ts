/**
 * UTF-8 to strings and back, without loss.
 *
 * Names in OpenFlow, LLDP and DHCP are bytes that are mostly, but not always, UTF-8. A byte that is not part of a valid
 * sequence becomes the lone surrogate U+DC80..U+DCFF that carries its low seven bits (Python's `surrogateescape`), and goes
 * back to that byte: what was read is what is written. Written here because protocol/ runs where no TextDecoder is promised,
 * and TextDecoder either loses such bytes or throws.
 */

const ESCAPE = 0xdc00;

export function decodeUtf8(view: DataView, at: number, end: number): string {
  let text = '';
  let i = at;
  while (i < end) {
    const byte = view.getUint8(i);
    if (byte < 0x80) {
      text += String.fromCharCode(byte);
      i++;
      continue;
    }
    const length = sequenceBytes(view, i, end);
    if (length === 0) {
      text += String.fromCharCode(ESCAPE | byte);
      i++;
      continue;
    }
    let point = byte & (0x7f >> length);
    for (let k = 1; k < length; k++) point = (point << 6) | (view.getUint8(i + k) & 0x3f);
    text += String.fromCodePoint(point);
    i += length;
  }
  return text;
}

/** The length of the valid multi-byte sequence at `at`, or 0: RFC 3629's table (no overlong forms, no surrogates, no more than U+10FFFF). */
function sequenceBytes(view: DataView, at: number, end: number): number {
  const first = view.getUint8(at);
  const length =
    first >= 0xc2 && first <= 0xdf ? 2 : first >= 0xe0 && first <= 0xef ? 3 : first >= 0xf0 && first <= 0xf4 ? 4 : 0;
  if (length === 0 || at + length > end) return 0;
  const second = view.getUint8(at + 1);
  const low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  const high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  if (second < low || second > high) return 0;
  for (let k = 2; k < length; k++) {
    const byte = view.getUint8(at + k);
    if (byte < 0x80 || byte > 0xbf) return 0;
  }
  return length;
}

export function encodeUtf8(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of text) {
    const point = character.codePointAt(0)!;
    if (point < 0x80) bytes.push(point);
    else if (point >= ESCAPE + 0x80 && point <= ESCAPE + 0xff) bytes.push(point & 0xff);
    else if (point < 0x800) bytes.push(0xc0 | (point >> 6), 0x80 | (point & 0x3f));
    else if (point < 0x10000) bytes.push(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 0x3f), 0x80 | (point & 0x3f));
    else {
      bytes.push(0xf0 | (point >> 18), 0x80 | ((point >> 12) & 0x3f));
      bytes.push(0x80 | ((point >> 6) & 0x3f), 0x80 | (point & 0x3f));
    }
  }
  return Uint8Array.from(bytes);
}
