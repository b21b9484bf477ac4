/** A pipeline answers every packet with a run, whatever bytes it is made of and whatever is done to it. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { countRun } from '../../../protocol/pipeline/counters.ts';
import { runPipeline } from '../../../protocol/pipeline/pipeline.ts';
import { formatHex } from '../../../protocol/wire/hex.ts';
import type { Action } from '../../../protocol/wire/openflow/action.ts';
import { type AnyOxm, OXM, type OxmName, oxmBits } from '../../../protocol/wire/openflow/oxm.ts';
import { IPV4_FRAMES } from '../wire/packet/ipv4-frames.ts';
import { IPV6_FRAMES } from '../wire/packet/ipv6-frames.ts';
import { LINK_FRAMES } from '../wire/packet/link-frames.ts';
import { frames } from './frame-arbitrary.ts';
import { applying, INDULGENT, output, pipeline } from './scene.ts';

const seeds = [...IPV4_FRAMES, ...IPV6_FRAMES, ...LINK_FRAMES].map(({ bytes }) => bytes);

/** Real frames with some bytes changed, cut off anywhere; made-up frames; noise. */
const mutated = fc
  .tuple(
    fc.oneof(fc.constantFrom(...seeds), frames, fc.uint8Array({ maxLength: 90 })),
    fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 6 }),
    fc.option(fc.nat()),
  )
  .map(([seed, changes, cut]) => {
    const bytes = seed.slice(0, cut === null ? seed.length : cut % (seed.length + 1));
    for (const [at, value] of changes) if (bytes.length > 0) bytes[at % bytes.length] = value;
    return bytes;
  });

const etherTypes = fc.constantFrom(0x0800, 0x0806, 0x8100, 0x8847, 0x86dd, 0x88a8, 0x88e7, 0x0010, 0xffff);

const setFields = fc.constantFrom(...(Object.keys(OXM) as OxmName[])).chain((type) =>
  fc.bigInt({ min: 0n, max: (1n << BigInt(oxmBits(type))) - 1n }).map((value): Action => {
    const field: AnyOxm = { type, value: oxmBits(type) > 48 ? value : Number(value) };
    return { type: 'setField', field } as Action;
  }),
);

const actions: fc.Arbitrary<Action> = fc.oneof(
  setFields,
  etherTypes.chain((etherType) =>
    fc.constantFrom('pushVlan', 'pushMpls', 'popMpls', 'pushPbb').map((type): Action => ({ type, etherType })),
  ),
  fc
    .constantFrom('popVlan', 'popPbb', 'copyTtlIn', 'copyTtlOut', 'decNwTtl', 'decMplsTtl')
    .map((type): Action => ({ type })),
  fc
    .integer({ min: 0, max: 255 })
    .chain((ttl) => fc.constantFrom('setNwTtl', 'setMplsTtl').map((type): Action => ({ type, ttl }))),
);

test('no bytes and no actions end otherwise than in a run', () => {
  fc.assert(
    fc.property(mutated, fc.array(actions, { maxLength: 8 }), (bytes, list) => {
      const before = formatHex(bytes);
      // In a buffer with something around it: a read or write that leaves the frame would find it.
      const around = new Uint8Array(bytes.length + 40).fill(0xa5);
      around.set(bytes, 20);
      const frame = around.subarray(20, 20 + bytes.length);
      const scene = pipeline({ flows: [applying([...list, output(2)])] });
      const run = runPipeline(scene, { bytes: frame, inPort: 1 }, INDULGENT);
      const same = runPipeline(scene, { bytes, inPort: 1 }, INDULGENT);
      expect(run).toEqual(same);
      expect(formatHex(frame)).toBe(before);
      expect(countRun(run).received.get(1)).toEqual({ packets: 1, bytes: bytes.length });
    }),
    { numRuns: 3000 },
  );
});
