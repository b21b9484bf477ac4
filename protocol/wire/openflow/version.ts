/**
 * OpenFlow 1.3.5, sections 6.3.1 and 7.5.1: which version two hellos agree on.
 *
 * A hello names versions twice: its header the highest one, and, since 1.3.1, a bitmap all of them. Where both sides sent a
 * bitmap the highest version in both counts; else the smaller of the two headers, which whoever speaks it not refuses.
 *
 * A hello is the one message whose sender may speak anything, so it is read with more patience than the rest: whatever version
 * its header has, an element that is unknown, or that ends where it must not, is passed over, and the header decides.
 */
import { encodeUtf8 } from '../utf8.ts';
import { HELLO_ELEMENTS, type HelloElement } from './hello.ts';
import { HEADER_BYTES, type Hello, VERSION_1_3 } from './message.ts';

/** What a hello says: bit n of word n/32 of the bitmap is version n. */
export interface HelloVersions {
  readonly version: number;
  readonly bitmap?: readonly number[] | undefined;
}

/** Exactly 1.3, and a bitmap that says so: without it 1.0 to 1.2 would be understood too. */
export const OUR_VERSIONS: HelloVersions = { version: VERSION_1_3, bitmap: [1 << VERSION_1_3] };

export function toHello(xid: number): Hello {
  return {
    type: 'hello',
    version: VERSION_1_3,
    xid,
    elements: [{ type: 'versionBitmap', bitmaps: OUR_VERSIONS.bitmap! }],
  };
}

/** The hello at `at`..`end`, at least a header long: never an error. */
export function readHello(view: DataView, at: number, end: number): Hello {
  const elements: HelloElement[] = [];
  let here = at + HEADER_BYTES;
  while (here + 4 <= end) {
    const length = view.getUint16(here + 2);
    const elementEnd = here + length;
    if (length < 4 || elementEnd > end) break;
    const isBitmap = view.getUint16(here) === HELLO_ELEMENTS.versionBitmap.id && length % 4 === 0 && length > 4;
    if (isBitmap) {
      const { bitmaps } = HELLO_ELEMENTS.versionBitmap.body.decode(view, here + 4, elementEnd);
      elements.push({ type: 'versionBitmap', bitmaps });
    }
    // Padding that the last element lacks is not missed.
    here = at + HEADER_BYTES + ((elementEnd - at - HEADER_BYTES + 7) & ~7);
  }
  return { type: 'hello', version: view.getUint8(at), xid: view.getUint32(at + 4), elements };
}

export function toHelloVersions(hello: Hello): HelloVersions {
  const element = hello.elements.find((candidate) => candidate.type === 'versionBitmap');
  return { version: hello.version, bitmap: element?.bitmaps };
}

/** Undefined when there is none. What the smaller header says, its sender may still refuse: it then has the last word. */
export function negotiateVersion(ours: HelloVersions, theirs: HelloVersions): number | undefined {
  if (ours.bitmap && theirs.bitmap) return highestCommon(ours.bitmap, theirs.bitmap);
  const version = Math.min(ours.version, theirs.version);
  return speaks(ours, version) ? version : undefined;
}

function highestCommon(ours: readonly number[], theirs: readonly number[]): number | undefined {
  for (let word = Math.min(ours.length, theirs.length) - 1; word >= 0; word--) {
    const common = ours[word]! & theirs[word]!;
    if (common !== 0) return 32 * word + 31 - Math.clz32(common);
  }
  return undefined;
}

function speaks({ version, bitmap }: HelloVersions, wanted: number): boolean {
  if (!bitmap) return wanted <= version;
  return (((bitmap[wanted >>> 5] ?? 0) >>> (wanted & 31)) & 1) === 1;
}

/** The words that go with HELLO_FAILED/INCOMPATIBLE, for whoever reads the peer's log: plain ASCII. */
export function explainRefusal({ version, bitmap }: HelloVersions): Uint8Array {
  const spoken = bitmap
    ? `the bitmap ${bitmap.map((word) => `0x${(word >>> 0).toString(16)}`).join(' ')}`
    : 'no bitmap';
  return encodeUtf8(`sluice speaks OpenFlow 1.3 (version 4) only; your hello has version ${version} and ${spoken}`);
}
