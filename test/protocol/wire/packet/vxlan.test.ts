import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeVxlan, encodeVxlan, vxlanBytes, vxlanView } from '../../../../protocol/wire/packet/vxlan.ts';
import { encodeToBytes, expectTruncationsRefused, testCodec, viewOf } from './codec-suite.ts';

const VXLAN = { decode: decodeVxlan, encode: encodeVxlan, bytes: vxlanBytes };

describe('VXLAN', () => {
  testCodec('vxlan', VXLAN);

  test('a header cut off anywhere is refused', () => {
    expectTruncationsRefused(new Uint8Array(8), (cut) => decodeVxlan(viewOf(cut), 0, cut.length));
  });

  test('a network identifier is all that a sender has to say', () => {
    const written = encodeToBytes(VXLAN, { type: 'vxlan', vni: 0xabcdef });
    expect(Array.from(written)).toEqual([8, 0, 0, 0, 0xab, 0xcd, 0xef, 0]);
  });

  test('any eight bytes are read and given back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 8, maxLength: 8 }), (bytes) => {
        expect(encodeToBytes(VXLAN, decodeVxlan(viewOf(bytes), 0, 8))).toEqual(bytes);
      }),
    );
  });

  test('the identifier set in place leaves the reserved bits alone', () => {
    const written = encodeToBytes(VXLAN, { type: 'vxlan', vni: 1, reservedBefore: 2, reservedAfter: 3 });
    vxlanView.setVni(viewOf(written), 0, 0xfffffe);
    vxlanView.setFlags(viewOf(written), 0, 0);
    expect(decodeVxlan(viewOf(written), 0, 8)).toEqual({
      type: 'vxlan',
      flags: 0,
      vni: 0xfffffe,
      reservedBefore: 2,
      reservedAfter: 3,
    });
  });
});
