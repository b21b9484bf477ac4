/** The compiled probe of the microflow cache against the general one, over any words and masks, and any contents of the cache. */
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KEY_WORDS } from '../../vswitch/flow-key.ts';
import { compileProbe, ENTRY, makeGeneralProbe } from '../../vswitch/microflow-probe.ts';

const word = fc.constantFrom(0, 1, 2, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff);
const mask = fc.constantFrom(1, 0xffff_0000, 0x8000_0001, 0xffff_ffff);
const key = fc.array(word, { minLength: KEY_WORDS, maxLength: KEY_WORDS }).map((words) => Uint32Array.from(words));
const masks = fc.uniqueArray(fc.tuple(fc.nat(KEY_WORDS - 1), mask), { selector: ([index]) => index, maxLength: 6 });

describe('the compiled probe', () => {
  it('finds what the general one finds, and misses where it misses', () => {
    let hits = 0;
    fc.assert(
      fc.property(masks, fc.array(key, { minLength: 1, maxLength: 20 }), (pairs, keys) => {
        const indexes = Int32Array.from(pairs, ([index]) => index);
        const bits = Int32Array.from(pairs, ([, value]) => value | 0);
        const compiled = compileProbe(indexes, bits)!;
        const general = makeGeneralProbe(indexes, bits);
        const stride = ENTRY.key + indexes.length;
        const sets = 4;
        const entries = new Int32Array(2 * sets * stride);
        for (const [i, looked] of [...keys, ...keys].entries()) {
          const at = compiled(entries, sets - 1, 7, looked);
          expect(at).toBe(general(entries, sets - 1, 7, looked));
          if (at >= 0) {
            hits++;
            continue;
          }
          // Into either way of its set, with a generation that may be an old one.
          const entry = ~at + (i % 2) * stride;
          entries[entry + ENTRY.generation] = i % 5 === 0 ? 6 : 7;
          for (const [n, index] of indexes.entries()) entries[entry + ENTRY.key + n] = looked[index]! & bits[n]!;
        }
      }),
      { numRuns: 500 },
    );
    expect(hits).toBeGreaterThan(500);
  });
});
