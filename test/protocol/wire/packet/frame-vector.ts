/** Frames as text over hex, the form in which all packet tests, interop tests and fuzz targets share them. */
import { parseHex } from '../../../../protocol/wire/hex.ts';
import { assert } from '../../../../protocol/wire/wire-error.ts';

export interface FrameVector {
  readonly name: string;
  /** Where the bytes come from, and what is wrong with them if something is: `wrong checksum`, `cut off`, `malformed`. */
  readonly origin: string;
  readonly text: string;
  readonly bytes: Uint8Array;
}

/** Blocks with an empty line between: `# name (origin)`, a line of text, lines of hex. */
export function parseFrameVectors(blocks: string): readonly FrameVector[] {
  return blocks
    .trim()
    .split('\n\n')
    .map((block) => {
      const [head = '', text = '', ...hex] = block.split('\n');
      const [, name = '', origin = ''] = /^# (.*) \((.*)\)$/.exec(head) ?? [];
      const bytes = parseHex(hex.join(''));
      assert(name !== '' && text !== '' && bytes !== undefined, `a vector has a name, a text and bytes: ${head}`);
      return { name, origin, text, bytes };
    });
}

/** Nothing is wrong with these bytes: whatever is computed again comes out the same. */
export function isSound(vector: FrameVector): boolean {
  return !/wrong|cut off|malformed/.test(vector.origin);
}
