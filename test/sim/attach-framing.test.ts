/** Frames in a stream: whole, in pieces, followed by others, and announced by liars. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatHex, parseHex } from '../../protocol/wire/hex.ts';
import { FrameReader, joinFrames, type StreamFraming } from '../../sim/attach-framing.ts';
import { AttachQueue, WAITING_BYTES_MAX } from '../../sim/attach-queue.ts';

/** `frame 14` and `short`, in the order in which they were told. */
function read(framing: StreamFraming, pieces: Iterable<Uint8Array>) {
  const reader = new FrameReader(framing);
  const told: string[] = [];
  const frames: Uint8Array[] = [];
  for (const piece of pieces) {
    reader.receive(piece, {
      frame(bytes) {
        frames.push(bytes);
        told.push(`frame ${bytes.length}`);
      },
      skipped: (fault) => told.push(fault),
    });
  }
  return { reader, told, frames };
}

function frame(bytes: number, first = 1): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, i) => first + i);
}

function* singly(bytes: Uint8Array): Generator<Uint8Array> {
  for (let i = 0; i < bytes.length; i++) yield bytes.slice(i, i + 1);
}

const bytesOf = (hex: string): Uint8Array => parseHex(hex)!;

describe.each(['u16', 'u32'] as const)('a stream of frames with lengths of %s', (framing) => {
  it('has each length before its frame, big-endian', () => {
    const text = formatHex(joinFrames([frame(14), frame(15, 0x20)], framing)).replaceAll(' ', '');
    const zeros = framing === 'u32' ? '0000' : '';
    const expected = `${zeros}000e0102030405060708090a0b0c0d0e${zeros}000f202122232425262728292a2b2c2d2e`;
    expect(text).toBe(expected);
  });

  it('is read the same whole, a byte at a time, and with half a frame behind it', () => {
    const sent = [frame(14), frame(1500), frame(65_535)];
    const stream = joinFrames(sent, framing);
    const half = joinFrames([frame(100)], framing).subarray(0, 50);
    for (const pieces of [
      [stream],
      [...singly(stream)],
      [Uint8Array.of(...stream.subarray(0, 40)), stream.slice(40)],
    ]) {
      const { reader, frames } = read(framing, pieces);
      // Comparing byte by byte as objects would take seconds.
      expect(frames.map((bytes, i) => Buffer.compare(bytes, sent[i]!))).toEqual([0, 0, 0]);
      expect(reader.isBetweenFrames).toBe(true);
      expect(reader.heldBytes).toBe(0);
    }
    const { reader, frames } = read(framing, [stream, half]);
    expect(frames).toHaveLength(sent.length);
    expect(reader.isBetweenFrames).toBe(false);
  });

  it('gives nothing before the last byte of a frame', () => {
    const stream = joinFrames([frame(60)], framing);
    for (let end = 0; end < stream.length; end++) expect(read(framing, [stream.subarray(0, end)]).told).toEqual([]);
  });

  it('goes on behind what is too short for a frame', () => {
    const prefix = (length: number) => (framing === 'u16' ? [0, length] : [0, 0, 0, length]);
    const stream = Uint8Array.of(...prefix(0), ...prefix(13), ...frame(13), ...joinFrames([frame(14)], framing));
    for (const pieces of [[stream], [...singly(stream)]]) {
      expect(read(framing, pieces).told).toEqual(['short', 'short', 'frame 14']);
    }
  });

  it('is cut anywhere without a difference', () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 });
    fc.assert(
      fc.property(pieces, fc.array(fc.integer({ min: 14, max: 60 }), { maxLength: 6 }), (cuts, lengths) => {
        const stream = joinFrames(
          lengths.map((length) => frame(length)),
          framing,
        );
        const parts: Uint8Array[] = [];
        let at = 0;
        for (const { length } of cuts) {
          parts.push(stream.slice(at, at + length));
          at += length;
        }
        parts.push(stream.slice(at));
        expect(read(framing, parts).told).toEqual(lengths.map((length) => `frame ${length}`));
      }),
    );
  });
});

describe('a length of four bytes', () => {
  it('that is a little beyond the longest frame is skipped over', () => {
    const stream = Uint8Array.of(0, 1, 0, 0, ...new Uint8Array(0x10000), ...joinFrames([frame(14)], 'u32'));
    const { told, reader } = read('u32', [stream.subarray(0, 1000), stream.subarray(1000)]);
    expect(told).toEqual(['long', 'frame 14']);
    expect(reader.lie).toBeUndefined();
  });

  it.each([
    ['00 01 10 01', 69_633],
    ['ff ff ff ff', 4_294_967_295],
    // What a peer that uses lengths of two bytes begins with.
    ['00 3c 52 54', 3_953_236],
  ])('that no frame has (%s) ends the reading, and nothing is kept for it', (hex, length) => {
    const stream = Uint8Array.of(...joinFrames([frame(14)], 'u32'), ...bytesOf(hex), ...frame(200));
    for (const pieces of [[stream], [...singly(stream)]]) {
      const { told, reader } = read('u32', pieces);
      expect(told).toEqual(['frame 14']);
      expect(reader.lie).toBe(`it announced a frame of ${length} bytes`);
      expect(reader.heldBytes).toBe(0);
    }
  });
});

describe('the queue to a peer', () => {
  it('gives all that waits in one piece, and then nothing', () => {
    const queue = new AttachQueue('u16');
    queue.put(frame(14));
    queue.put(frame(20));
    expect(queue.take()).toEqual(joinFrames([frame(14), frame(20)], 'u16'));
    expect(queue.take()).toBeUndefined();
  });

  it('takes no more than its bound, and what came first stays', () => {
    const queue = new AttachQueue('u32');
    let taken = 0;
    while (queue.put(frame(1500))) taken++;
    expect(taken).toBe(Math.floor(WAITING_BYTES_MAX / 1500));
    expect(queue.put(frame(60))).toBe(true);
    expect(queue.bytes).toBeLessThanOrEqual(WAITING_BYTES_MAX);
    expect(read('u32', [queue.take()!]).frames).toHaveLength(taken + 1);
    expect(queue.put(frame(1500))).toBe(true);
  });
});
