/**
 * The framer: however a stream is cut into chunks, the same messages come out, and a stream that lies costs nothing.
 * fast-check prints the seed of a failure, and `fc.assert(…, { seed, path })` runs it again.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatHex } from '../../../../protocol/wire/hex.ts';
import { Framer } from '../../../../protocol/wire/openflow/framer.ts';
import { HEADER_BYTES, toBytes } from '../../../../protocol/wire/openflow/message.ts';
import { WireError } from '../../../../protocol/wire/wire-error.ts';
import { arbitraryMessage } from './arbitrary.ts';

/** A message of this length, written by hand: the header and bytes that count up. */
function messageOf(length: number, xid = 1): Uint8Array {
  const bytes = Uint8Array.from({ length: Math.max(length, HEADER_BYTES) }, (_, i) => i);
  bytes.set([4, 2, length >> 8, length & 0xff, 0, 0, 0, xid]);
  return bytes;
}

function join(...parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** The messages in hex, and the error if the stream was refused. */
function frame(chunks: Iterable<Uint8Array>, framer = new Framer()): { messages: string[]; error?: WireError } {
  const messages: string[] = [];
  try {
    for (const chunk of chunks) {
      framer.receive(chunk, (view, at, end) => {
        messages.push(formatHex(new Uint8Array(view.buffer, view.byteOffset + at, end - at)));
      });
    }
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return { messages, error };
  }
  return { messages };
}

function* cutEvery(bytes: Uint8Array, size: number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

/** The same bytes in pieces of these sizes, over and over. */
function* cutBy(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length]!;
    // Each chunk has a buffer of its own, as sockets have, and does not begin where the buffer does.
    const buffer = new Uint8Array(size + 3).fill(0xee);
    const piece = bytes.subarray(at, at + size);
    buffer.set(piece, 3);
    yield buffer.subarray(3, 3 + piece.length);
    at += size;
  }
}

describe('a stream of messages', () => {
  test('is cut at the lengths in the headers', () => {
    const parts = [messageOf(8), messageOf(9), messageOf(100), messageOf(8, 7)];
    expect(frame([join(...parts)])).toEqual({ messages: parts.map(formatHex) });
  });

  test('is cut in the same way when it comes a byte at a time, each message with its last byte', () => {
    const parts = [messageOf(8), messageOf(33), messageOf(300)];
    const framer = new Framer();
    let received = 0;
    const endsAt: number[] = [];
    for (const chunk of cutEvery(join(...parts), 1)) {
      received++;
      framer.receive(chunk, () => endsAt.push(received));
    }
    expect(endsAt).toEqual([8, 41, 341]);
    expect(framer.carriedBytes).toBe(0);
  });

  test('is cut in the same way in any chunks', () => {
    const stream = fc.array(arbitraryMessage(), { minLength: 1, maxLength: 12 });
    const sizes = fc.array(fc.oneof(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 400 })), {
      minLength: 1,
    });
    fc.assert(
      fc.property(stream, sizes, (messages, chunkSizes) => {
        const parts = messages.map(toBytes);
        expect(frame(cutBy(join(...parts), chunkSizes))).toEqual({ messages: parts.map(formatHex) });
      }),
    );
  });

  test('may have messages as long as the length field can say', () => {
    const longest = messageOf(0xffff);
    const bytes = join(messageOf(8), longest, messageOf(8));
    for (const size of [bytes.length, 1460, 7, 1]) {
      expect(frame(cutEvery(bytes, size)).messages.map((hex) => hex.length / 2)).toEqual([8, 0xffff, 8]);
    }
    expect(frame(cutEvery(bytes, 1460)).messages[1]).toBe(formatHex(longest));
  });

  test('says nothing until a message is whole', () => {
    const framer = new Framer();
    expect(frame([messageOf(20).subarray(0, 19)], framer)).toEqual({ messages: [] });
    expect(framer.carriedBytes).toBe(19);
  });

  test('may have empty chunks', () => {
    const bytes = messageOf(12);
    const nothing = new Uint8Array(0);
    expect(frame([nothing, bytes.subarray(0, 5), nothing, bytes.subarray(5), nothing]).messages).toHaveLength(1);
  });

  test('hands out whole messages where they lie, without a copy', () => {
    const chunk = join(messageOf(8), messageOf(16));
    new Framer().receive(chunk, (view) => expect(view.buffer).toBe(chunk.buffer));
  });
});

describe('a length that cannot be', () => {
  test.each([0, 1, 7])('of %i ends the stream, after the messages before it', (length) => {
    const result = frame([join(messageOf(8), messageOf(length, 9), messageOf(8))]);
    expect(result.messages).toHaveLength(1);
    expect(result.error).toMatchObject({ error: 'BAD_REQUEST/BAD_LEN', at: 2 });
  });

  test('leaves the header that lied, whatever the chunks', () => {
    const bytes = join(messageOf(11), messageOf(3, 9), messageOf(8));
    for (const size of [1, 2, 5, 11, 100]) {
      const framer = new Framer();
      const result = frame(cutEvery(bytes, size), framer);
      expect(result.messages).toHaveLength(1);
      expect(formatHex(framer.liar!)).toBe('0402000300000009');
    }
  });

  test('is the last word: no later byte is taken', () => {
    const framer = new Framer();
    frame([messageOf(7)], framer);
    expect(frame([messageOf(8)], framer)).toMatchObject({ messages: [], error: { error: 'BAD_REQUEST/BAD_LEN' } });
  });

  test('is one above the bound that was asked for', () => {
    const options = { messageBytesMax: 64 };
    expect(frame([messageOf(64)], new Framer(options)).messages).toHaveLength(1);
    expect(frame([messageOf(65)], new Framer(options)).error?.error).toBe('BAD_REQUEST/BAD_LEN');
    expect(frame(cutEvery(messageOf(65), 3), new Framer(options)).error?.error).toBe('BAD_REQUEST/BAD_LEN');
  });
});

describe('memory', () => {
  test('is not spent on what a header promises', () => {
    const framer = new Framer();
    frame([messageOf(0xffff).subarray(0, 10)], framer);
    expect(framer.heldBytes).toBeLessThanOrEqual(256);
  });

  test('grows with the bytes that came, at most to twice as many, and never beyond the longest message', () => {
    const framer = new Framer();
    let received = 0;
    for (const chunk of cutEvery(messageOf(0xffff), 1000)) {
      framer.receive(chunk, () => undefined);
      received += chunk.length;
      expect(framer.heldBytes).toBeLessThanOrEqual(Math.min(2 * Math.max(received, 1000), 0xffff));
    }
  });

  test('is used again for the next broken message', () => {
    const framer = new Framer();
    const bytes = join(...Array.from({ length: 50 }, () => messageOf(200)));
    frame(cutEvery(bytes, 150), framer);
    expect(framer.heldBytes).toBeLessThanOrEqual(256);
  });

  test('is bounded by the bound that was asked for', () => {
    const framer = new Framer({ messageBytesMax: 1000 });
    frame(cutEvery(join(messageOf(1000), messageOf(1000)), 999), framer);
    expect(framer.heldBytes).toBeLessThanOrEqual(1000);
  });

  test('is given back when the stream is refused', () => {
    const framer = new Framer();
    frame(cutEvery(join(messageOf(500), messageOf(2)), 40), framer);
    expect(framer.heldBytes).toBe(0);
  });
});

describe('a callback', () => {
  test('must not receive', () => {
    const framer = new Framer();
    const bytes = join(messageOf(8), messageOf(8));
    expect(() => framer.receive(bytes, () => framer.receive(bytes, () => undefined))).toThrow('broken invariant');
  });

  test('that throws ends the stream, because nobody knows any more where a message begins', () => {
    const framer = new Framer();
    const fail = () => {
      throw new Error('of the owner');
    };
    expect(() => framer.receive(join(messageOf(8), messageOf(8)), fail)).toThrow('of the owner');
    expect(() => framer.receive(messageOf(8), () => undefined)).toThrow('broken invariant');
  });
});
