/** OpenFlow 1.3.5, sections 5.3 and 7.2.3.4: lookup and match, against a second definition of both. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FlowEntry } from '../../../protocol/pipeline/flow-entry.ts';
import { type PacketFields, readFields } from '../../../protocol/pipeline/packet-fields.ts';
import { findMismatch, lookUp } from '../../../protocol/pipeline/table-lookup.ts';
import { type AnyOxm, OXM, type Oxm, type OxmName, oxmBits } from '../../../protocol/wire/openflow/oxm.ts';
import { frames } from './frame-arbitrary.ts';
import { flow, UDP_FRAME } from './scene.ts';

/** Matching said in another way: as strings of bits, a digit at a time. */
function isMatching(wanted: AnyOxm, fields: PacketFields): boolean {
  const found = fields.get(wanted.type);
  const isLeftOut = wanted.mask !== undefined && !wanted.mask.toString(2).includes('1');
  if (isLeftOut) return true;
  if (found === undefined) return false;
  const digits = (value: number | bigint) => value.toString(2).padStart(oxmBits(wanted.type), '0');
  const mask = wanted.mask === undefined ? '1'.repeat(oxmBits(wanted.type)) : digits(wanted.mask);
  const [value, packet] = [digits(wanted.value), digits(found)];
  return [...mask].every((digit, index) => digit === '0' || value[index] === packet[index]);
}

/** Fields as the packet has them, so that entries match often, some with a bit turned over, some masked. */
function matches(fields: PacketFields): fc.Arbitrary<readonly Oxm[]> {
  const names = [...fields.keys()].filter((name): name is OxmName => name in OXM);
  const oxm = fc
    .tuple(
      fc.constantFrom(...names),
      fc.nat(),
      fc.boolean(),
      fc.boolean(),
      fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }),
    )
    .map(([type, bit, isTurned, isMasked, maskBits]) => {
      const bits = BigInt(oxmBits(type));
      const turn = isTurned ? 1n << (BigInt(bit) % bits) : 0n;
      const toValue = (value: bigint) => (bits > 48n ? value : Number(value));
      const value = toValue(BigInt(fields.get(type)!) ^ turn);
      return { type, value, ...(isMasked ? { mask: toValue(BigInt.asUintN(Number(bits), maskBits)) } : {}) } as Oxm;
    });
  return fc.array(oxm, { maxLength: 3 });
}

const tables = frames.chain((bytes) => {
  const fields = readFields({ bytes, inPort: 1, metadata: 5n, tunnelId: 6n });
  const entry = fc
    .tuple(fc.integer({ min: 0, max: 4 }), matches(fields))
    .map(([priority, match]) => flow({ priority, match }));
  return fc.tuple(fc.constant(fields), fc.array(entry, { maxLength: 12 }));
});

test('the entry is the first of the highest priority of those whose fields all match', () => {
  fc.assert(
    fc.property(tables, ([fields, entries]) => {
      const matching = (entry: FlowEntry) => entry.match.every((oxm) => isMatching(oxm as AnyOxm, fields));
      // A stable sort keeps the order within a priority.
      const [expected, ...others] = entries.filter(matching).toSorted((a, b) => b.priority - a.priority);
      const { entry, rivals } = lookUp(entries, fields);
      expect(entry).toBe(expected);
      expect(rivals).toEqual(others.filter(({ priority }) => priority === expected?.priority));
    }),
    { numRuns: 1000 },
  );
});

test('a mismatch names the first field that does not hold, and what the packet has there', () => {
  const fields = readFields({ bytes: UDP_FRAME, inPort: 1 });
  const match: Oxm[] = [
    { type: 'inPort', value: 1 },
    { type: 'udpDst', value: 53 },
    { type: 'tcpDst', value: 80 },
  ];
  expect(findMismatch(match, fields)).toEqual({ wanted: match[1], found: 2000 });
  expect(findMismatch(match.slice(2), fields)).toEqual({ wanted: match[2], found: undefined });
  expect(findMismatch(match.slice(0, 1), fields)).toBeUndefined();
});

test('the priority of a tag that is said not to be there matches no packet, tagged or not', () => {
  const match: Oxm[] = [
    { type: 'vlanVid', value: 0 },
    { type: 'vlanPcp', value: 7 },
  ];
  const tagged = new Map(readFields({ bytes: UDP_FRAME, inPort: 1 })).set('vlanVid', 0x1000).set('vlanPcp', 7);
  expect(findMismatch(match, tagged)).toEqual({ wanted: match[0], found: 0x1000 });
  expect(findMismatch(match, readFields({ bytes: UDP_FRAME, inPort: 1 }))).toEqual({
    wanted: match[1],
    found: undefined,
  });
});

test('a mask of zeros says the same as leaving the field out, even for a field that the packet does not have', () => {
  const fields = readFields({ bytes: UDP_FRAME, inPort: 1, metadata: 0n, tunnelId: 0n });
  expect(fields.has('tcpFlags')).toBe(false);
  expect(findMismatch([{ type: 'tcpFlags', value: 0, mask: 0 }], fields)).toBeUndefined();
  expect(findMismatch([{ type: 'ipv6Dst', value: 0n, mask: 0n }], fields)).toBeUndefined();
  expect(findMismatch([{ type: 'ipv6Dst', value: 0n, mask: 1n }], fields)?.found).toBeUndefined();
});
