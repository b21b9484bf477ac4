/**
 * Laws of the codec over any message (`arbitrary.ts`): what is written is read again, the codecs written by hand are the tables,
 * and bytes that are no message are refused with a name and a place. fast-check prints the seed of a failure, and
 * `fc.assert(…, { seed, path })` runs it again.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { action, actionTable } from '../../../../protocol/wire/openflow/action.ts';
import type { Codec } from '../../../../protocol/wire/openflow/codec.ts';
import { isOpenFlowError } from '../../../../protocol/wire/openflow/error.ts';
import { FlowModBody, FlowStatsTable, flowStats } from '../../../../protocol/wire/openflow/flow.ts';
import { instruction, instructionTable } from '../../../../protocol/wire/openflow/instruction.ts';
import { toJson } from '../../../../protocol/wire/openflow/json.ts';
import {
  decodeMessage,
  encodeMessage,
  fromBytes,
  HEADER_BYTES,
  MESSAGE_BYTES_MAX,
  MESSAGES,
  type Message,
  toBytes,
  VERSION_1_3,
} from '../../../../protocol/wire/openflow/message.ts';
import { PacketInBody, PacketOutBody } from '../../../../protocol/wire/openflow/packet.ts';
import { WireError } from '../../../../protocol/wire/wire-error.ts';
import { expectReadOrRefused, formatCompact, writeDirty } from '../../../vector.ts';
import { arbitraryMessage, arbitraryMessageOf, arbitraryOfShape, MESSAGE_TYPES } from './arbitrary.ts';

const SUBJECT = {
  read: fromBytes,
  write: encodeMessage,
  toText: (message: Message) => formatCompact(toJson(message)),
};

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

describe.each(MESSAGE_TYPES)('any %s', (type) => {
  test('is read as it was written', () => {
    fc.assert(
      fc.property(arbitraryMessageOf(type), (message) => {
        expect(fromBytes(toBytes(message))).toEqual(message);
      }),
      { numRuns: 100 },
    );
  });

  test('is written as the same bytes into a used buffer, and nothing beside it', () => {
    fc.assert(
      fc.property(arbitraryMessageOf(type), (message) => {
        expect(writeDirty(message, SUBJECT)).toEqual(toBytes(message));
      }),
      { numRuns: 50 },
    );
  });

  test('is shown as JSON that says all that JSON can carry', () => {
    fc.assert(
      fc.property(arbitraryMessageOf(type), (message) => {
        const json = toJson(message);
        expect(JSON.parse(JSON.stringify(json))).toEqual(json);
      }),
      { numRuns: 50 },
    );
  });
});

describe('the longest message', () => {
  const packetIn = (dataBytes: number): Message => ({
    type: 'packetIn',
    xid: 1,
    bufferId: 0xffffffff,
    totalLen: 0xffff,
    reason: 0,
    tableId: 0,
    cookie: 0n,
    match: [],
    data: new Uint8Array(dataBytes).fill(0x5a),
  });
  const EMPTY_BYTES = toBytes(packetIn(0)).length;

  test('of 65,535 bytes is read as it was written', () => {
    const message = packetIn(MESSAGE_BYTES_MAX - EMPTY_BYTES);
    const bytes = toBytes(message);
    expect(bytes).toHaveLength(MESSAGE_BYTES_MAX);
    expect(fromBytes(bytes)).toEqual(message);
  });

  test('cannot be a byte longer: that is a bug of who wrote it, not a message with another length', () => {
    expect(() => toBytes(packetIn(MESSAGE_BYTES_MAX - EMPTY_BYTES + 1))).toThrow('broken invariant');
  });
});

/** What a codec makes of bytes: a value, or a refusal. Which of two faults it names first is its own business. */
function outcome(codec: Codec<unknown>, bytes: Uint8Array): unknown {
  const view = viewOf(bytes);
  try {
    return codec.decode(view, 0, codec.extent(view, 0, bytes.length));
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return 'refused';
  }
}

/** A codec by hand and the table that defines it, side by side. */
const BY_HAND: Readonly<Record<string, { readonly hand: Codec<unknown>; readonly table: Codec<unknown> }>> = {
  packetIn: { hand: handOf('packetIn'), table: PacketInBody },
  packetOut: { hand: handOf('packetOut'), table: PacketOutBody },
  flowMod: { hand: handOf('flowMod'), table: FlowModBody },
  'an action': { hand: action as Codec<unknown>, table: actionTable as Codec<unknown> },
  'an instruction': { hand: instruction as Codec<unknown>, table: instructionTable as Codec<unknown> },
  'an entry of flow statistics': { hand: flowStats as Codec<unknown>, table: FlowStatsTable },
};

function handOf(type: 'packetIn' | 'packetOut' | 'flowMod'): Codec<unknown> {
  const { body, decode, encode } = MESSAGES[type] as unknown as {
    readonly body: Codec<unknown>;
    decode(xid: number, view: DataView, at: number, end: number): object;
    encode(value: unknown, view: DataView, at: number): number;
  };
  return {
    ...body,
    encode,
    decode(view, at, end) {
      const { type: _type, xid: _xid, ...fields } = decode(0, view, at, end) as Record<string, unknown>;
      return fields;
    },
  };
}

describe.each(Object.entries(BY_HAND))('the hand-written codec of %s', (_, { hand, table }) => {
  const values = arbitraryOfShape(table.shape);
  const write = (codec: Codec<unknown>) => ({ write: codec.encode });

  test('writes what the table writes, byte for byte', () => {
    fc.assert(
      fc.property(values, (value) => {
        expect(writeDirty(value, write(hand))).toEqual(writeDirty(value, write(table)));
      }),
    );
  });

  test('reads what the table reads, value for value', () => {
    fc.assert(
      fc.property(values, (value) => {
        const bytes = writeDirty(value, write(table));
        const view = viewOf(bytes);
        expect(hand.decode(view, 0, bytes.length)).toEqual(table.decode(view, 0, bytes.length));
      }),
    );
  });

  test('reads or refuses what the table reads or refuses, of bytes changed or cut off', () => {
    fc.assert(
      fc.property(values, fc.nat(), fc.nat(255), fc.option(fc.nat()), (value, place, byte, cut) => {
        const whole = writeDirty(value, write(table));
        const bytes = cut === null ? whole : whole.slice(0, Math.max(table.sizeMin, cut % whole.length));
        bytes[place % bytes.length] = byte;
        expect(outcome(hand, bytes)).toEqual(outcome(table, bytes));
      }),
      { numRuns: 1000 },
    );
  });
});

/** What is read is written as long as it was; but what a hello of another version says behind its header is not ours to read. */
function keepsLength(message: Message): boolean {
  return message.type !== 'hello' || message.version === VERSION_1_3;
}

describe('bytes that are no message', () => {
  const read = (bytes: Uint8Array) => {
    try {
      return fromBytes(bytes);
    } catch (error) {
      if (!isOpenFlowError(error)) throw new Error('not an error of OpenFlow', { cause: error });
      throw error;
    }
  };

  test('random bytes behind a header that fits them are read or refused, with a place', () => {
    const body = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(fc.nat(31), body, (id, rest) => {
        const bytes = Uint8Array.of(4, id, 0, 0, 0, 0, 0, 1, ...rest);
        viewOf(bytes).setUint16(2, bytes.length);
        expectReadOrRefused({ name: 'random bytes', bytes }, { ...SUBJECT, read }, keepsLength);
      }),
      { numRuns: 2000 },
    );
  });

  test('random bytes alone are refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expectReadOrRefused({ name: 'random bytes', bytes }, { ...SUBJECT, read }, keepsLength);
      }),
      { numRuns: 1000 },
    );
  });

  test('a message with some bytes changed, lost or put in is read or refused, with a place', () => {
    const change = fc.record({ place: fc.nat(), byte: fc.nat(255), what: fc.constantFrom('set', 'lose', 'add') });
    fc.assert(
      fc.property(arbitraryMessage(), fc.array(change, { minLength: 1, maxLength: 4 }), fc.boolean(), mutateAndRead),
      { numRuns: 3000 },
    );
  });

  function mutateAndRead(
    message: Message,
    changes: readonly { place: number; byte: number; what: string }[],
    isFitted: boolean,
  ): void {
    const bytes = [...toBytes(message)];
    for (const { place, byte, what } of changes) {
      const at = place % (bytes.length + 1);
      if (what === 'lose') bytes.splice(at, 1);
      else bytes.splice(at, what === 'set' ? 1 : 0, byte);
    }
    const mutated = Uint8Array.from(bytes);
    if (isFitted && mutated.length >= HEADER_BYTES) viewOf(mutated).setUint16(2, mutated.length);
    expectReadOrRefused({ name: 'a mutated message', bytes: mutated }, { ...SUBJECT, read }, keepsLength);
  }

  test('a place counts from the beginning of the message, wherever the message stands', () => {
    const bytes = toBytes({ type: 'setConfig', xid: 1, flags: 0, missSendLen: 0 });
    const buffer = new Uint8Array(100);
    buffer.set(bytes, 50);
    buffer[50 + 1] = 99;
    const read99 = () => decodeMessage(viewOf(buffer), 50, 50 + bytes.length);
    expect(read99).toThrow(expect.objectContaining({ error: 'BAD_REQUEST/BAD_TYPE', at: 1 }));
  });
});
