/**
 * The codec of OpenFlow 1.3 against bytes written by hand from the specification (`vectors/*.txt`), and against lies about them.
 */
import { describe, expect, test } from 'vitest';
import { parseHex } from '../../../../protocol/wire/hex.ts';
import { ACTIONS } from '../../../../protocol/wire/openflow/action.ts';
import { isOpenFlowError } from '../../../../protocol/wire/openflow/error.ts';
import { Framer } from '../../../../protocol/wire/openflow/framer.ts';
import { HELLO_ELEMENTS } from '../../../../protocol/wire/openflow/hello.ts';
import { INSTRUCTIONS } from '../../../../protocol/wire/openflow/instruction.ts';
import { type JsonObject, type JsonValue, oxmSnakeName, toJson } from '../../../../protocol/wire/openflow/json.ts';
import {
  decodeMessage,
  encodeMessage,
  fromBytes,
  HEADER_BYTES,
  MESSAGES,
  type Message,
  VERSION_1_3,
} from '../../../../protocol/wire/openflow/message.ts';
import { METER_BANDS } from '../../../../protocol/wire/openflow/meter.ts';
import { MULTIPARTS } from '../../../../protocol/wire/openflow/multipart.ts';
import { OXM, type OxmName } from '../../../../protocol/wire/openflow/oxm.ts';
import { QUEUE_PROPERTIES } from '../../../../protocol/wire/openflow/queue.ts';
import { TABLE_FEATURE_PROPERTIES } from '../../../../protocol/wire/openflow/table.ts';
import {
  expectBothWays,
  expectReadOrRefused,
  formatCompact,
  lies,
  readVectors,
  type Vector,
  type VectorSubject,
} from '../../../vector.ts';
import * as frame from './vector-frame.ts';

const MESSAGE: VectorSubject<Message> = {
  read: fromBytes,
  write: encodeMessage,
  toText: (message) => formatCompact(toJson(message)),
};

function load(name: string): Vector[] {
  return readVectors(new URL(`vectors/${name}.txt`, import.meta.url));
}

/** A part of a message on its own: framed as `put` says, and shown as what `get` finds in the message's JSON. */
interface Part {
  readonly file: string;
  put(part: Uint8Array): Uint8Array;
  get(message: JsonObject): JsonValue;
}

const list = (json: JsonValue | undefined) => json as readonly JsonObject[];

const PARTS: Readonly<Record<string, Part>> = {
  'an action in a packet_out': { file: 'actions', put: frame.packetOut, get: (m) => list(m.actions)[0]! },
  'an action in a bucket': {
    file: 'actions',
    put: frame.groupMod,
    get: (m) => list(list(m.buckets)[0]!.actions)[0]!,
  },
  'an instruction in a flow_mod': { file: 'instructions', put: frame.flowMod, get: (m) => list(m.instructions)[0]! },
  'a band in a meter_mod': { file: 'meter-bands', put: frame.meterMod, get: (m) => list(m.bands)[0]! },
  'a property of a queue': {
    file: 'queue-properties',
    put: frame.queueConfig,
    get: (m) => list(list(m.queues)[0]!.properties)[0]!,
  },
  'an element of a hello': { file: 'hello-elements', put: frame.hello, get: (m) => list(m.elements)[0]! },
  'a property of a table': {
    file: 'table-feature-properties',
    put: frame.tableFeatures,
    get: (m) => list(list((m.body as JsonObject).entries)[0]!.properties)[0]!,
  },
  'a field in the match of a flow_mod': { file: 'oxm', put: frame.flowModMatch, get: (m) => list(m.match)[0]! },
  'a field in the match of a packet_in': { file: 'oxm', put: frame.packetInMatch, get: (m) => list(m.match)[0]! },
  'a field in a set_field': { file: 'oxm', put: frame.setField, get: (m) => list(m.actions)[0]!.field! },
};

function testSubject(vectors: readonly Vector[], subject: VectorSubject<Message>): void {
  const named = vectors.map((vector) => [vector.name, vector] as const);

  test.each(named)('%s: the bytes say the text, and the text is written as these bytes', (_, vector) => {
    expectBothWays(vector, subject);
  });

  test.each(named)('%s: a byte at a time, is nothing until the last and itself then', (_, vector) => {
    const framer = new Framer();
    const texts: string[] = [];
    vector.bytes.forEach((byte, index) => {
      expect(texts, `after ${index} bytes`).toEqual([]);
      framer.receive(Uint8Array.of(byte), (view, at, end) => texts.push(subject.toText(decodeMessage(view, at, end))));
    });
    expect(texts).toEqual([vector.text]);
  });

  test.each(named)('%s: followed by half a message, is itself, and the half waits', (_, vector) => {
    const { bytes } = vector;
    const half = bytes.subarray(0, bytes.length >> 1);
    const framer = new Framer();
    const texts: string[] = [];
    framer.receive(Uint8Array.of(...bytes, ...half), (view, at, end) => {
      texts.push(subject.toText(decodeMessage(view, at, end)));
    });
    expect(texts).toEqual([vector.text]);
    expect(framer.carriedBytes).toBe(half.length);
  });

  test.each(named)('%s: any lie about its lengths is read or refused, with a place', (_, vector) => {
    for (const lie of lies(vector.bytes, fitLength)) {
      const outcome = expectReadOrRefused(lie, { ...MESSAGE, read: readOrRefuse }, keepsLength);
      const isLengthWrong = lie.kind === 'cut' || (lie.kind === 'changed' && lie.at === LENGTH_AT);
      if (isLengthWrong) expect(outcome, lie.name).toBe('refused');
    }
  });
}

const LENGTH_AT = 2;

/** What is read is written as long as it was; but what a hello of another version says behind its header is not ours to read. */
function keepsLength(message: Message): boolean {
  return message.type !== 'hello' || message.version === VERSION_1_3;
}

/** What the codec refuses, it refuses with a name that goes back to the peer as it is. */
function readOrRefuse(bytes: Uint8Array): Message {
  try {
    return fromBytes(bytes);
  } catch (error) {
    if (!isOpenFlowError(error)) throw new Error('not an error of OpenFlow', { cause: error });
    throw error;
  }
}

function fitLength(bytes: Uint8Array): void {
  if (bytes.length >= HEADER_BYTES) new DataView(bytes.buffer).setUint16(2, bytes.length);
}

describe('whole messages', () => {
  testSubject(load('messages'), MESSAGE);
});

test('a hello of another version is a hello, whatever it carries', () => {
  const bytes = parseHex('06 00 000c 00000001 0001 ffff')!;
  expect(fromBytes(bytes)).toEqual({ type: 'hello', version: 6, xid: 1, elements: [] });
});

describe('multipart messages', () => {
  testSubject(load('multiparts'), MESSAGE);
});

describe.each(Object.entries(PARTS))('%s', (_, part) => {
  const vectors = load(part.file).map((vector) => ({ ...vector, bytes: part.put(vector.bytes) }));
  testSubject(vectors, { ...MESSAGE, toText: (message) => formatCompact(part.get(toJson(message))) });
});

describe('the vectors leave out nothing that the tables have', () => {
  const typesOf = (name: string) => new Set(load(name).map((vector) => /^\w*/.exec(vector.text)![0]));

  test('every message type', () => {
    const multiparts = ['multipartRequest', 'multipartReply'];
    expect([...typesOf('messages'), ...multiparts].sort()).toEqual(Object.keys(MESSAGES).sort());
  });

  test('every multipart type, asked and answered', () => {
    const types = load('multiparts').map((vector) => /^(\w+)\(.*?body=(\w+)/.exec(vector.text)!.slice(1).join(' '));
    const all = Object.keys(MULTIPARTS).flatMap((type) => [`multipartRequest ${type}`, `multipartReply ${type}`]);
    expect([...new Set(types)].sort()).toEqual(all.sort());
  });

  test.each([
    ['actions', ACTIONS],
    ['instructions', INSTRUCTIONS],
    ['meter-bands', METER_BANDS],
    ['queue-properties', QUEUE_PROPERTIES],
    ['hello-elements', HELLO_ELEMENTS],
    ['table-feature-properties', TABLE_FEATURE_PROPERTIES],
  ])('every one of %s, and one that 1.3 does not have', (name, table) => {
    expect([...typesOf(name)].sort()).toEqual([...Object.keys(table), 'unknown'].sort());
  });

  test('every field, with a mask too if it takes one', () => {
    const fields = load('oxm').map((vector) => vector.text.replace(/=[^/]*(\/?).*/, '$1'));
    const all = Object.keys(OXM).flatMap((name) => {
      const field = oxmSnakeName(name as OxmName);
      return OXM[name as OxmName].maskable ? [field, `${field}/`] : [field];
    });
    expect(fields.filter((field) => !field.startsWith('unknown')).sort()).toEqual(all.sort());
  });
});
