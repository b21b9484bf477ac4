/** `sluice decode HEX|-`: OpenFlow bytes, as hex, to text or JSON. */
import { createInterface } from 'node:readline';
import { type Command, InvalidArgumentError } from 'commander';
import { formatHex, parseHex } from '../protocol/wire/hex.ts';
import { toJson } from '../protocol/wire/openflow/json.ts';
import { decodeMessage, HEADER_BYTES, type Message, toBytes } from '../protocol/wire/openflow/message.ts';
import { formatMessage } from '../protocol/wire/openflow/text/message-text.ts';
import { WireError } from '../protocol/wire/wire-error.ts';
import { EXIT } from './exit.ts';

interface DecodeOptions {
  readonly json?: true;
  readonly roundtrip?: true;
}

export function addDecodeCommand(program: Command): void {
  program
    .command('decode')
    .description('show OpenFlow 1.3 messages, given as hex, as text or JSON')
    .argument('<hex...>', 'the bytes of one or more messages, or - for lines of hex on standard input', checkHex, [])
    .option('--json', 'one JSON object a message and line')
    .option('--roundtrip', 'also encode each message again and compare the bytes')
    .addHelpText(
      'after',
      `
White space and colons between bytes are passed over, so are empty lines and lines that begin with #.
What cannot be decoded, or does not return the same bytes, is reported on standard error with its line, its
offset in bytes and the reason; the rest goes on, and the exit status is 1.

Examples:
  $ sluice decode 0400000800000001
  $ sluice decode --json --roundtrip - < messages.hex`,
    )
    .action(decode);
}

function checkHex(argument: string, before: readonly string[]): readonly string[] {
  if (argument !== '-' && !parseHex(argument))
    throw new InvalidArgumentError('That is not hex: two digits a byte are needed.');
  return [...before, argument];
}

async function decode(args: readonly string[], options: DecodeOptions): Promise<void> {
  let isClean = true;
  if (args.includes('-')) {
    let line = 0;
    for await (const text of createInterface({ input: process.stdin })) {
      line++;
      if (text.trim() === '' || text.trim().startsWith('#')) continue;
      const bytes = parseHex(text);
      if (bytes) isClean = decodeBytes(bytes, `line ${line}`, options) && isClean;
      else isClean = report(`line ${line}`, 0, 'not hex: two digits a byte are needed');
    }
  } else {
    isClean = decodeBytes(parseHex(args.join(''))!, 'input', options);
  }
  process.exitCode = isClean ? EXIT.ok : EXIT.failed;
}

/** Shows the messages that stand one after the other in `bytes`; true when nothing was wrong with any. */
function decodeBytes(bytes: Uint8Array, source: string, options: DecodeOptions): boolean {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let isClean = true;
  let at = 0;
  while (at < bytes.length) {
    const left = bytes.length - at;
    const length = left < HEADER_BYTES ? 0 : view.getUint16(at + 2);
    if (length < HEADER_BYTES || length > left) {
      const reason = left < HEADER_BYTES ? `${left} bytes, a header has 8` : `length ${length} with ${left} bytes left`;
      return report(source, at, `BAD_REQUEST/BAD_LEN: ${reason}`);
    }
    isClean = decodeOne(view, at, at + length, source, options) && isClean;
    at += length;
  }
  return isClean;
}

function decodeOne(view: DataView, at: number, end: number, source: string, options: DecodeOptions): boolean {
  let message: Message;
  try {
    message = decodeMessage(view, at, end);
  } catch (error) {
    if (error instanceof WireError) return report(source, at + error.at, `${error.error}: ${error.reason}`);
    throw error;
  }
  console.log(options.json ? JSON.stringify(toJson(message)) : formatMessage(message));
  if (!options.roundtrip) return true;
  const given = new Uint8Array(view.buffer, view.byteOffset + at, end - at);
  const again = toBytes(message);
  const difference = firstDifference(given, again);
  if (difference === undefined) return true;
  const here = (bytes: Uint8Array) => formatHex(bytes.subarray(difference, difference + 8)) || 'the end';
  return report(source, at + difference, `encoded again it differs: ${here(given)} became ${here(again)}`);
}

function firstDifference(a: Uint8Array, b: Uint8Array): number | undefined {
  for (let i = 0; i < Math.max(a.length, b.length); i++) if (a[i] !== b[i]) return i;
  return undefined;
}

function report(source: string, offset: number, reason: string): false {
  console.error(`${source}, offset ${offset}: ${reason}`);
  return false;
}
