/** Rates of a link in words, the same on the map and in the inspector. */
import type { LinkRate } from './feed-state.ts';
import { say } from './language.ts';
import { formatQuantity } from './quantity.ts';

export function sayFrames(rate: LinkRate | undefined): string {
  return say('unit.frames-per-second', { n: formatQuantity(rate?.framesPerSecond ?? 0) });
}

export function sayBytes(rate: LinkRate | undefined): string {
  return say('unit.bytes-per-second', { n: formatQuantity(rate?.bytesPerSecond ?? 0) });
}
