/**
 * Messages around a part: what stands before and behind an action, a band or a field on the wire, written from the
 * specification with nothing but lengths computed, so that a vector of a part is a dozen bytes instead of a hundred.
 */
import { parseHex } from '../../../../protocol/wire/hex.ts';

type Bytes = Uint8Array;

function hex(text: string): Bytes {
  return parseHex(text)!;
}

function join(...parts: readonly Bytes[]): Bytes {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function u16(value: number): Bytes {
  return Uint8Array.of(value >> 8, value & 0xff);
}

function fillTo8(part: Bytes): Bytes {
  return join(part, new Uint8Array((8 - (part.length % 8)) % 8));
}

/** The 8-byte header of 1.3, with the transaction 7. */
function message(type: number, body: Bytes): Bytes {
  return join(Uint8Array.of(4, type), u16(8 + body.length), hex('00000007'), body);
}

/** struct ofp_match around one field. */
function match(field: Bytes): Bytes {
  return fillTo8(join(hex('0001'), u16(4 + field.length), field));
}

export function packetOut(actions: Bytes): Bytes {
  return message(13, join(hex('ffffffff fffffffd'), u16(actions.length), hex('000000000000'), actions, hex('dada')));
}

export function groupMod(actions: Bytes): Bytes {
  const bucket = join(u16(16 + actions.length), hex('0000 ffffffff ffffffff 00000000'), actions);
  return message(15, join(hex('0000 00 00 00000001'), bucket));
}

/** The forty bytes of a flow_mod before its match: add, table 0, priority 1, no buffer. */
const FLOW_MOD = hex(`${'00'.repeat(16)} 00 00 0000 0000 0001 ffffffff ffffffff ffffffff 0000 0000`);

export function flowMod(instruction: Bytes): Bytes {
  return message(14, join(FLOW_MOD, hex('0001 0004 00000000'), instruction));
}

export function flowModMatch(field: Bytes): Bytes {
  return message(14, join(FLOW_MOD, match(field), hex('0001 0008 02 000000')));
}

export function packetInMatch(field: Bytes): Bytes {
  return message(10, join(hex('ffffffff 0003 00 00 0000000000000001'), match(field), hex('0000 dadada')));
}

export function setField(field: Bytes): Bytes {
  const body = fillTo8(join(hex('00000000'), field)).subarray(4);
  return packetOut(join(hex('0019'), u16(4 + body.length), body));
}

export function meterMod(band: Bytes): Bytes {
  return message(29, join(hex('0000 0001 00000001'), band));
}

export function queueConfig(property: Bytes): Bytes {
  const queue = join(hex('00000001 00000002'), u16(16 + property.length), hex('000000000000'), property);
  return message(23, join(hex('00000002 00000000'), queue));
}

export function hello(element: Bytes): Bytes {
  return message(0, element);
}

export function tableFeatures(property: Bytes): Bytes {
  const name = hex(`74${'00'.repeat(31)}`);
  const fixed = join(hex('00 0000000000'), name, hex(`${'ff'.repeat(16)} 00000000 00000010`));
  const entry = join(u16(2 + fixed.length + property.length), fixed, property);
  return message(19, join(hex('000c 0000 00000000'), entry));
}
