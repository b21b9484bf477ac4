/**
 * What a peer on an attach port may send: any bytes are frames, what is skipped over, and perhaps a lie at which the reading ends. The
 * laws: how the stream is cut makes no difference, frames have lengths that frames have, one frame at most is kept, and nothing gets lost.
 */
import { isDeepStrictEqual } from 'node:util';
import { assert } from '../../protocol/wire/wire-error.ts';
import {
  FRAME_BYTES_MAX,
  FrameReader,
  joinFrames,
  judgeLength,
  PREFIX_BYTES,
  type StreamFraming,
} from '../../sim/attach-framing.ts';
import type { FuzzTarget } from './fuzz-target.ts';

const frame = (bytes: number) => Uint8Array.from({ length: bytes }, (_, i) => i);

/** Sizes that follow from the bytes, so that a finding is found again. */
function* cut(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; ) {
    const size = 1 + ((bytes[at]! + at) % 37);
    yield bytes.slice(at, at + size);
    at += size;
  }
}

function read(framing: StreamFraming, pieces: Iterable<Uint8Array>) {
  const reader = new FrameReader(framing);
  const frames: Uint8Array[] = [];
  let skipped = 0;
  for (const piece of pieces) {
    reader.receive(piece, {
      frame: (bytes) => void frames.push(Uint8Array.from(bytes)),
      skipped: () => void skipped++,
    });
    assert(reader.heldBytes <= FRAME_BYTES_MAX, 'no more than one frame is kept');
  }
  return { frames, skipped, lie: reader.lie, isBetweenFrames: reader.isBetweenFrames };
}

function attachTarget(framing: StreamFraming): FuzzTarget {
  return {
    name: `attach port: frames with lengths of ${framing}`,
    seeds: [
      joinFrames([frame(14)], framing),
      joinFrames([frame(60), frame(14), frame(300)], framing),
      Uint8Array.of(...new Uint8Array(PREFIX_BYTES[framing]), ...joinFrames([frame(1514)], framing)),
    ],
    run(bytes) {
      const whole = read(framing, [bytes]);
      assert(isDeepStrictEqual(read(framing, cut(bytes)), whole), 'pieces do not change the frames');
      assert(
        whole.frames.every(({ length }) => judgeLength(length) === undefined),
        'a frame has the length of one',
      );
      const again = joinFrames(whole.frames, framing);
      assert(again.length <= bytes.length, 'no more comes out than went in');
      assert(isDeepStrictEqual(read(framing, [again]).frames, whole.frames), 'what is written is read again');
      if (whole.skipped === 0 && whole.lie === undefined && whole.isBetweenFrames) {
        assert(isDeepStrictEqual(again, Uint8Array.from(bytes)), 'a stream of frames is nothing else');
      }
    },
  };
}

export const ATTACH_TARGETS: readonly FuzzTarget[] = [attachTarget('u16'), attachTarget('u32')];
