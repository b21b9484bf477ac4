/**
 * OpenFlow 1.3.5, section 7.5.1: HELLO and its elements. What versions two hellos agree on is `version.ts`.
 */
import { u32, type ValueOf } from './codec.ts';
import { list, struct, union } from './struct.ts';

/** Bit n of word n/32 says that version n is spoken. */
export const HELLO_ELEMENTS = {
  versionBitmap: { id: 1, body: struct({ bitmaps: list(u32) }) },
} as const;

export const helloElement = union(HELLO_ELEMENTS, { lengthError: 'BAD_REQUEST/BAD_LEN', padded: true });
export type HelloElement = ValueOf<typeof helloElement>;

export const HelloBody = struct({ elements: list(helloElement) });
