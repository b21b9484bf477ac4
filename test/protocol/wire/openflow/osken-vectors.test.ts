/**
 * 104 messages that os-ken tests itself with (some written by Open vSwitch and by libofproto), each with os-ken's reading of it:
 * we read the same values, and write the same bytes.
 *
 * The vectors are shared by the team's projects and lie beside the repository; see its README for where they come from.
 */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { formatHex, parseHex } from '../../../../protocol/wire/hex.ts';
import type { JsonValue } from '../../../../protocol/wire/openflow/json.ts';
import { fromBytes, type Message, toBytes } from '../../../../protocol/wire/openflow/message.ts';
import { arePeersRequired } from '../../../interop/peer.ts';
import { compareWithOsKen, type OsKenMessage } from '../../../os-ken-json.ts';

interface OsKenVector {
  readonly name: string;
  readonly hex: string;
  readonly json: OsKenMessage;
}

const FILE = new URL('../../../../../shared/vectors/osken-of13.json', import.meta.url);

const isMissing = !existsSync(FILE);
const isSkipped = isMissing && !arePeersRequired;
if (isSkipped) console.warn(`skipped: the vectors of os-ken are not at ${FILE.pathname}`);

const vectors = isMissing ? [] : (JSON.parse(readFileSync(FILE, 'utf8')) as readonly OsKenVector[]);

const named = vectors.map((vector) => [vector.name, vector] as const);

/**
 * Values that the comparison passes over, and why: lengths follow from the rest, and what Nicira's actions say behind their subtype
 * is bytes to OpenFlow 1.3, which the first test holds equal.
 */
function isPassedOver(path: readonly string[]): boolean {
  const attribute = path.at(-1)!;
  if (path.includes('Packet')) return false;
  const nicira = path.findIndex((name) => name.startsWith('NXAction'));
  if (nicira >= 0) return path.length > nicira + 2 || !['type', 'experimenter', 'subtype'].includes(attribute);
  return ['len', 'length', 'actions_len'].includes(attribute) || path.slice(-2).join('.') === 'OFPMatch.type';
}

/** The same JSON with one value changed, for each value that counts. */
function* lies(json: JsonValue, path: readonly string[] = []): Generator<readonly [string, JsonValue]> {
  if (Array.isArray(json)) {
    if (json.length > 0 && !isPassedOver([...path, '0'])) yield [`${path.join('.')} one less`, json.slice(1)];
    // A list of three hundred is compared like one of three.
    for (const [index, item] of json.slice(0, 3).entries()) {
      for (const [place, lie] of lies(item, [...path, String(index)])) yield [place, json.with(index, lie)];
    }
  } else if (typeof json === 'object' && json !== null) {
    for (const [name, value] of Object.entries(json)) {
      for (const [place, lie] of lies(value, [...path, name])) yield [place, { ...json, [name]: lie }];
    }
  } else if (!isPassedOver(path.filter((name) => !/^\d+$/.test(name)))) {
    yield [path.join('.'), toLie(json)];
  }
}

function toLie(value: JsonValue): JsonValue {
  if (typeof value === 'number') return value === 0 ? 1 : 0;
  return typeof value === 'string' ? `0${value}` : 1;
}

function isNoticed(lie: OsKenMessage, message: Message): boolean {
  try {
    return compareWithOsKen(lie, message).length > 0;
  } catch {
    // A length that lies ends the comparison.
    return true;
  }
}

// None of the 104 has a value that is wrong in itself: each agrees with what the specification reads in its bytes.
describe.skipIf(isSkipped)('the vectors of os-ken', () => {
  test('are all there', () => {
    expect(vectors).toHaveLength(104);
  });

  test.each(named)('%s: the bytes return', (_, { hex }) => {
    expect(formatHex(toBytes(fromBytes(parseHex(hex)!)))).toBe(hex);
  });

  test.each(named)('%s: the values agree', (_, { hex, json }) => {
    expect(compareWithOsKen(json, fromBytes(parseHex(hex)!))).toEqual([]);
  });

  test.each(named)('%s: no value of theirs could be another', (_, { hex, json }) => {
    const message = fromBytes(parseHex(hex)!);
    const unnoticed: string[] = [];
    for (const [place, lie] of lies(json)) {
      if (!isNoticed(lie as OsKenMessage, message)) unnoticed.push(place);
    }
    expect(unnoticed).toEqual([]);
  });
});
