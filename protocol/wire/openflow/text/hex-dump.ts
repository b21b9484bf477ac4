/**
 * Bytes as ovs-ofctl dumps them: sixteen a line, the offset before, the printable characters behind.
 */
const LINE_BYTES = 16;
const HALF = LINE_BYTES / 2;

export function formatHexDump(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += LINE_BYTES) lines.push(formatLine(bytes.subarray(at, at + LINE_BYTES), at));
  return lines.join('\n');
}

function formatLine(bytes: Uint8Array, at: number): string {
  let text = at.toString(16).padStart(8, '0');
  let characters = '';
  for (let i = 0; i < LINE_BYTES; i++) {
    const byte = bytes[i];
    // The middle of a line has a hyphen, but only where a byte stands before it.
    text += i === HALF && bytes.length >= HALF ? '-' : ' ';
    if (i === 0) text += ' ';
    text += byte === undefined ? '  ' : byte.toString(16).padStart(2, '0');
    characters += byte === undefined ? ' ' : byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : '.';
  }
  return `${text} |${characters}|`;
}
