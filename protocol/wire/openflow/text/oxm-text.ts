/**
 * OXM TLVs that the table does not have (OpenFlow 1.3.5, section 7.2.3.2), as `oxm_` and their header's eight digits.
 *
 * A rule of a foreign controller may match what we have no name for. It is shown whole, and what is shown can be read again, so
 * that saving and loading a switch's rules loses nothing.
 */
import { formatHex, parseHex } from '../../hex.ts';
import { findOxmName, OXM_CLASS_EXPERIMENTER, type UnknownOxm } from '../oxm.ts';
import { FIELD_TEXT } from './field-text.ts';
import { formatPaddedHex } from './number-text.ts';
import { excerpt, fail, type Token } from './scanner.ts';

const NAME = /^oxm_([\da-f]{8})$/;

export function isUnknownOxmName(name: string): boolean {
  return NAME.test(name);
}

export function unknownOxmName(oxm: UnknownOxm): string {
  return `oxm_${formatPaddedHex(oxm.header, 8).slice(2)}`;
}

export function formatUnknownValue(oxm: UnknownOxm): string {
  return `0x${formatHex(oxm.body)}`;
}

export function readUnknownOxm(name: Token, value: Token): UnknownOxm {
  const header = Number.parseInt(NAME.exec(name.text)![1]!, 16);
  const body = value.text.startsWith('0x') ? parseHex(value.text.slice(2)) : undefined;
  if (!body) fail(value.at, `${name.text} is bytes such as 0x0102, not ${excerpt(value.text)}`);
  if (body.length !== (header & 0xff)) {
    fail(value.at, `the header of ${name.text} says ${header & 0xff} bytes, here are ${body.length}`);
  }
  const isLong = header >>> 16 === OXM_CLASS_EXPERIMENTER && body.length >= 4;
  const known = findOxmName(isLong ? { header, experimenter: readUint32(body) } : { header });
  if (known !== undefined) fail(name.at, `${name.text} has a name, ${FIELD_TEXT[known].name}`);
  return { type: 'unknown', header, body };
}

function readUint32(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0);
}
