import { describe, expect, it } from 'vitest';
import { NO_LOCATION, numberLocations } from '../../../controller/compile/metadata.ts';

const toDpid = (dpid: bigint) => dpid.toString(16).padStart(16, '0');

describe('locations', () => {
  it('are different for all, and stay when a switch comes whose number is taken or none', () => {
    const many = Array.from({ length: 20 }, (_, i) => BigInt(i + 1));
    const strange = [0n, (1n << 48n) | 1n, (7n << 48n) | 1n, 3n << 48n, 0xffff_ffff_ffff_ffffn, 0xffff_ffff_ffffn];
    const all = numberLocations([...many, ...strange].map(toDpid).sort());
    expect(new Set(all.values()).size).toBe(all.size);
    expect([...all.values()]).not.toContain(NO_LOCATION);
    for (const dpid of many) expect(all.get(toDpid(dpid))).toBe(dpid);
  });
});
