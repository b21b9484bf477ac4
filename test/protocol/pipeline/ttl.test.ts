/** OpenFlow 1.3.5, section 5.12, Table 7: times to live. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { copyTtlIn, copyTtlOut, decrementTtl, setTtl, type TtlEdit } from '../../../protocol/pipeline/ttl.ts';
import { decodeFrame, encodeFrame } from '../../../protocol/wire/packet/frame.ts';
import type { Layer } from '../../../protocol/wire/packet/layer.ts';
import { frames } from './frame-arbitrary.ts';
import { findBrokenChecksums } from './naive-checksum.ts';
import { ETHERNET, ETHERNET_IP, IPV4, payload, UDP } from './scene.ts';

const ETHERNET_MPLS = { ...ETHERNET, etherType: 0x8847 } as const;
const label = (ttl: number, bottom: boolean): Layer => ({ type: 'mpls', label: 16, ttl, bottom });
const ipv4 = (ttl: number, protocol = 17): Layer => ({ ...IPV4, ttl, protocol });
const ipv6 = (hopLimit: number): Layer => ({ type: 'ipv6', nextHeader: 17, hopLimit, src: 1n, dst: 2n });

function apply(edit: (packet: { bytes: Uint8Array; inPort: number }) => TtlEdit, ...layers: Layer[]): TtlEdit {
  return edit({ bytes: encodeFrame([...layers, UDP, payload(9)]), inPort: 1 });
}

/** The times to live of all headers that have one, from the outside in, and whether the checksums hold. */
function ttlsOf(edit: TtlEdit): readonly number[] | string {
  if (edit.type === 'invalidTtl') return 'invalid';
  if (edit.type === 'noEffect') return edit.reason;
  const { bytes } = edit.packet;
  expect(findBrokenChecksums(bytes)).toEqual([]);
  return decodeFrame(new DataView(bytes.buffer), 0, bytes.length).flatMap((layer) => {
    if (layer.type === 'mpls' || layer.type === 'ipv4') return [layer.ttl];
    return layer.type === 'ipv6' ? [layer.hopLimit] : [];
  });
}

describe('copy_ttl', () => {
  const cases: readonly (readonly [
    string,
    readonly Layer[],
    readonly number[] | string,
    readonly number[] | string,
  ])[] = [
    ['between a label and IPv4', [ETHERNET_MPLS, label(9, true), ipv4(5)], [9, 9], [5, 5]],
    ['between a label and IPv6', [ETHERNET_MPLS, label(9, true), ipv6(5)], [9, 9], [5, 5]],
    ['between two labels', [ETHERNET_MPLS, label(9, false), label(7, true), ipv4(5)], [9, 9, 5], [7, 7, 5]],
    ['between IPv4 and IPv4 in it', [ETHERNET_IP, ipv4(9, 4), ipv4(5)], [9, 9], [5, 5]],
    ['between IPv4 and IPv6 in it', [ETHERNET_IP, ipv4(9, 41), ipv6(5)], [9, 9], [5, 5]],
    ['with one header alone has no effect', [ETHERNET_IP, ipv4(9)], 'noSuchHeader', 'noSuchHeader'],
  ];

  test.each(cases)('%s', (_name, layers, inwards, outwards) => {
    expect(ttlsOf(apply(copyTtlIn, ...layers))).toEqual(inwards);
    expect(ttlsOf(apply(copyTtlOut, ...layers))).toEqual(outwards);
  });

  test('below the bottom of the stack has no effect on what is no IP', () => {
    const bytes = encodeFrame([
      ETHERNET_MPLS,
      label(9, true),
      { type: 'payload', data: new Uint8Array(46).fill(0x44) },
    ]);
    expect(ttlsOf(copyTtlIn({ bytes, inPort: 1 }))).toBe('noSuchHeader');
    const cut = encodeFrame([ETHERNET_MPLS, label(9, false)]);
    expect(ttlsOf(copyTtlIn({ bytes: cut, inPort: 1 }))).toBe('noSuchHeader');
  });
});

describe('dec_ttl', () => {
  const decrement = (field: 'nwTtl' | 'mplsTtl') => (packet: { bytes: Uint8Array; inPort: number }) =>
    decrementTtl(packet, field);

  test.each([
    ['IPv4', 'nwTtl', (ttl: number) => [ETHERNET_IP, ipv4(ttl)]],
    ['IPv6', 'nwTtl', (ttl: number) => [{ ...ETHERNET, etherType: 0x86dd }, ipv6(ttl)]],
  ] as const)('of %s takes one off, and is invalid from one down', (_name, field, toLayers) => {
    expect([255, 2, 1, 0].map((ttl) => ttlsOf(apply(decrement(field), ...toLayers(ttl))))).toEqual([
      [254],
      [1],
      'invalid',
      'invalid',
    ]);
  });

  test('of MPLS takes one off the outermost label, and is invalid from one down', () => {
    const layersOf = (ttl: number) => [ETHERNET_MPLS, label(ttl, false), label(7, true), ipv4(5)];
    expect([2, 1, 0].map((ttl) => ttlsOf(apply(decrement('mplsTtl'), ...layersOf(ttl))))).toEqual([
      [1, 7, 5],
      'invalid',
      'invalid',
    ]);
  });

  test('has no effect on a packet without such a header', () => {
    expect(ttlsOf(apply(decrement('mplsTtl'), ETHERNET_IP, ipv4(5)))).toBe('noSuchHeader');
    expect(ttlsOf(apply(decrement('nwTtl'), ETHERNET_MPLS, label(9, true), ipv4(5)))).toBe('noSuchHeader');
  });
});

test('set_ttl sets any value, zero too, and keeps all checksums right', () => {
  fc.assert(
    fc.property(frames, fc.integer({ min: 0, max: 255 }), fc.constantFrom('nwTtl', 'mplsTtl'), (bytes, ttl, field) => {
      const edit = setTtl({ bytes, inPort: 1 }, field, ttl);
      if (edit.type === 'noEffect') return;
      expect((ttlsOf(edit) as readonly number[])[0]).toBe(ttl);
    }),
  );
});
