/** OpenFlow 1.3.5, sections 5.12 and 7.2.5: set_field, and the checksums of what it touches. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FieldName, readFields } from '../../../protocol/pipeline/packet-fields.ts';
import { setField } from '../../../protocol/pipeline/set-field.ts';
import { formatHex } from '../../../protocol/wire/hex.ts';
import { type AnyOxm, OXM, type Oxm, type OxmName, oxmBits } from '../../../protocol/wire/openflow/oxm.ts';
import { encodeFrame } from '../../../protocol/wire/packet/frame.ts';
import type { Layer } from '../../../protocol/wire/packet/layer.ts';
import { frames } from './frame-arbitrary.ts';
import { findBrokenChecksums } from './naive-checksum.ts';
import { ETHERNET, ETHERNET_IP, IPV4, ip, payload, UDP, UDP_FRAME } from './scene.ts';

const NOT_SETTABLE: readonly OxmName[] = ['inPort', 'inPhyPort', 'metadata', 'ipv6Exthdr'];

/** Once set they are read on from: a tag, a label or an extension header may follow, and the field is behind that. */
const FOLLOWED: readonly OxmName[] = ['ethType', 'ipProto', 'mplsBos'];

/** They say what follows, so with them other fields come and go. */
const SELECTORS: readonly OxmName[] = [...FOLLOWED, 'icmpv6Type', 'icmpv6Code'];

const names = fc.constantFrom(...(Object.keys(OXM) as OxmName[]).filter((name) => !NOT_SETTABLE.includes(name)));

type KnownOxm = Exclude<Oxm, { readonly type: 'unknown' }>;

const settings = names.chain((type) => {
  const max = (1n << BigInt(oxmBits(type))) - 1n;
  return fc.bigInt({ min: 0n, max }).map((value): KnownOxm => {
    const field: AnyOxm = { type, value: oxmBits(type) > 48 ? value : Number(value) };
    return (type === 'vlanVid' ? { type, value: Number(value) | 0x1000 } : field) as KnownOxm;
  });
});

function edit(bytes: Uint8Array, field: Oxm): Uint8Array {
  const result = setField({ bytes, inPort: 1 }, field);
  expect(result.type).toBe('edited');
  return result.type === 'edited' ? result.packet.bytes : bytes;
}

describe('set_field', () => {
  test('leaves every checksum right that was right, whatever it sets in whatever frame', () => {
    fc.assert(
      fc.property(frames, settings, (bytes, field) => {
        expect(findBrokenChecksums(bytes)).toEqual([]);
        const result = setField({ bytes, inPort: 1 }, field);
        if (result.type === 'noEffect') return;
        // What follows is then read as something else; `certification.test.ts` judges these.
        if (FOLLOWED.includes(field.type)) return;
        expect(findBrokenChecksums(result.packet.bytes)).toEqual([]);
      }),
      { numRuns: 3000 },
    );
  });

  test('gives the field its value, and no other field another', () => {
    fc.assert(
      fc.property(frames, settings, (bytes, field) => {
        const before = { bytes, inPort: 1 };
        const result = setField(before, field);
        if (result.type === 'noEffect') return;
        const fields = readFields(result.packet);
        if (!FOLLOWED.includes(field.type)) expect(fields.get(field.type)).toBe(field.value);
        if (SELECTORS.includes(field.type)) return;
        const expected = new Map<FieldName, unknown>(readFields(before)).set(field.type, field.value);
        expect(fields).toEqual(expected);
      }),
      { numRuns: 2000 },
    );
  });

  test('has an effect exactly where the packet has the field', () => {
    fc.assert(
      fc.property(frames, settings, (bytes, field) => {
        fc.pre(field.type !== 'vlanVid');
        const hasField = readFields({ bytes, inPort: 1 }).has(field.type);
        expect(setField({ bytes, inPort: 1 }, field).type).toBe(hasField ? 'edited' : 'noEffect');
      }),
    );
  });

  test('twice, with the old value last, gives back the frame', () => {
    fc.assert(
      fc.property(frames, settings, (bytes, field) => {
        fc.pre(!SELECTORS.includes(field.type));
        const old = readFields({ bytes, inPort: 1 }).get(field.type);
        const result = setField({ bytes, inPort: 1 }, field);
        if (old === undefined || result.type !== 'edited') return;
        const back = setField(result.packet, { type: field.type, value: old } as Oxm);
        expect(back.type === 'edited' && formatHex(back.packet.bytes)).toBe(formatHex(bytes));
      }),
      { numRuns: 1000 },
    );
  });

  test('leaves a wrong checksum wrong, so that the receiver still notices', () => {
    const broken = UDP_FRAME.slice();
    broken[60]! ^= 1;
    const changed = edit(broken, { type: 'ipv4Src', value: ip('192.0.2.1') });
    expect(findBrokenChecksums(changed)).toEqual(['udp']);
    changed[60]! ^= 1;
    expect(findBrokenChecksums(changed)).toEqual([]);
  });

  test('leaves a UDP datagram without checksum without one', () => {
    const bytes = encodeFrame([ETHERNET_IP, { ...IPV4, protocol: 17 }, { ...UDP, checksum: 0 }, payload(9)]);
    for (const field of [
      { type: 'ipv4Dst', value: 1 },
      { type: 'udpDst', value: 1 },
      { type: 'ipProto', value: 6 },
    ] as const) {
      const changed = edit(bytes, field);
      expect([changed[40], changed[41]]).toEqual([0, 0]);
    }
  });

  test('writes a UDP checksum that comes out as zero as its other form', () => {
    // The port is what makes the sum come out: RFC 768 wants 0xffff for a computed zero.
    const sent = new Set<number>();
    for (let port = 0; port <= 0xffff; port++) {
      const changed = edit(UDP_FRAME, { type: 'udpDst', value: port });
      sent.add(changed[40]! * 256 + changed[41]!);
    }
    expect(sent.has(0xffff)).toBe(true);
    expect(sent.has(0)).toBe(false);
  });

  test('of an address updates the checksum in a first fragment, and there is none in a later one', () => {
    const whole = [ETHERNET_IP, { ...IPV4, protocol: 17 }, UDP, payload(24)] as const;
    const datagram = encodeFrame(whole).slice(34);
    const toFragment = (offset: number, data: Uint8Array, moreFragments: boolean) =>
      encodeFrame([
        ETHERNET_IP,
        { ...IPV4, protocol: 17, moreFragments, fragmentOffsetBytes: offset },
        { type: 'payload', data },
      ]);
    const field = { type: 'ipv4Dst', value: ip('198.51.100.7') } as const;
    const first = edit(toFragment(0, datagram.slice(0, 16), true), field);
    const later = edit(toFragment(16, datagram.slice(16), false), field);
    const expected = edit(encodeFrame(whole), field);
    expect(findBrokenChecksums(expected)).toEqual([]);
    expect(formatHex(first.slice(34)) + formatHex(later.slice(34))).toBe(formatHex(expected.slice(34)));
    expect(findBrokenChecksums(first)).toEqual([]);
    expect(findBrokenChecksums(later)).toEqual([]);
  });

  test('of a port cannot mend the CRC of SCTP where not all of the packet is there', () => {
    const sctp = {
      type: 'sctp',
      srcPort: 1,
      dstPort: 2,
      verificationTag: 3,
      checksum: 0x0102_0304,
      chunks: [],
    } as const;
    const field = { type: 'sctpDst', value: 5 } as const;
    const crcOf = (bytes: Uint8Array) => formatHex(bytes.slice(42, 46));
    const whole = encodeFrame([ETHERNET_IP, { ...IPV4, protocol: 132 }, sctp]);
    const fragment = encodeFrame([ETHERNET_IP, { ...IPV4, protocol: 132, moreFragments: true }, sctp]);
    const cut = encodeFrame([ETHERNET_IP, { ...IPV4, protocol: 132, totalBytes: 100 }, sctp]);
    expect([whole, fragment, cut].map((bytes) => crcOf(edit(bytes, field)) === '04030201')).toEqual([
      false,
      true,
      true,
    ]);
  });

  test('of a port has no effect in a later fragment', () => {
    const bytes = encodeFrame([ETHERNET_IP, { ...IPV4, protocol: 17, fragmentOffsetBytes: 8 }, payload(40)]);
    expect(setField({ bytes, inPort: 1 }, { type: 'udpDst', value: 1 })).toEqual({
      type: 'noEffect',
      reason: 'noSuchHeader',
    });
  });

  test('of an IPv4 destination leaves the checksum alone while a source route has stops left, whatever is behind that', () => {
    const toFrame = (...options: readonly number[]): Uint8Array => {
      const raw = { type: 'unknown', kind: options[0]!, data: Uint8Array.from(options.slice(2)) } as const;
      const ipv4 = { ...IPV4, protocol: 17, options: [raw] } as const;
      const bytes = encodeFrame([ETHERNET_IP, ipv4, UDP, payload(8)]);
      bytes.set(options, 34);
      return bytes;
    };
    const checksumOf = (bytes: Uint8Array) => formatHex(bytes.slice(bytes.length - 10, bytes.length - 8));
    const isUpdated = (...options: readonly number[]): boolean => {
      const bytes = toFrame(...options);
      const changed = edit(bytes, { type: 'ipv4Dst', value: ip('198.51.100.7') });
      return checksumOf(changed) !== checksumOf(bytes);
    };
    const stop = [192, 0, 2, 9];
    expect(isUpdated(131, 7, 4, ...stop, 0)).toBe(false);
    expect(isUpdated(131, 7, 8, ...stop, 0)).toBe(true);
    // An option whose length is out of the header, and one whose length is no length.
    expect(isUpdated(131, 7, 4, ...stop, 68)).toBe(false);
    expect(isUpdated(131, 7, 4, ...stop, 68, 0, 0, 0, 0)).toBe(false);
    expect(isUpdated(68, 1, 131, 7, 4, ...stop, 0, 0, 0)).toBe(true);
    // No whole addresses: no route. The one behind it is the first.
    expect(isUpdated(131, 8, 4, ...stop, 0)).toBe(true);
    expect(isUpdated(131, 4, 4, 0, 137, 7, 4, ...stop, 0)).toBe(false);
  });

  test('of an IPv6 destination leaves the checksum alone while another one is final', () => {
    const stops = new Uint8Array(4 + 16).fill(7, 4);
    const toFrame = (segmentsLeft: number): Uint8Array => {
      const layers: Layer[] = [
        { ...ETHERNET, etherType: 0x86dd },
        { type: 'ipv6', nextHeader: 43, hopLimit: 9, src: 1n, dst: 2n },
        { type: 'routing', nextHeader: 17, routingType: 0, segmentsLeft, data: stops },
        UDP,
        payload(8),
      ];
      return encodeFrame(layers);
    };
    const field = { type: 'ipv6Dst', value: 0x20n << 120n } as const;
    const checksumOf = (bytes: Uint8Array) => formatHex(bytes.slice(84, 86));
    expect(checksumOf(edit(toFrame(1), field))).toBe(checksumOf(toFrame(1)));
    expect(checksumOf(edit(toFrame(0), field))).not.toBe(checksumOf(toFrame(0)));
  });

  test('of ip_proto brings the checksum of the header that is there to the new pseudo-header', () => {
    const changed = edit(UDP_FRAME, { type: 'ipProto', value: 253 });
    const sum = (at: number) => UDP_FRAME[at]! * 256 + UDP_FRAME[at + 1]!;
    // Ones' complement: 236 more in what is summed up is 236 less in the checksum.
    expect(changed[40]! * 256 + changed[41]!).toBe(sum(40) - (253 - 17));
    expect(findBrokenChecksums(changed)).toEqual([]);
  });

  test('goes through a mask, which rules of later versions have', () => {
    const changed = edit(UDP_FRAME, { type: 'ipv4Dst', value: 0xff00_00ff, mask: 0xff00_0000 });
    expect(formatHex(changed.slice(30, 34))).toBe('ff000002');
    expect(findBrokenChecksums(changed)).toEqual([]);
  });

  test.each(NOT_SETTABLE)('cannot set %s', (type) => {
    const field = { type, value: type === 'metadata' ? 1n : 1 } as Oxm;
    expect(setField({ bytes: UDP_FRAME, inPort: 1 }, field)).toEqual({ type: 'noEffect', reason: 'notSettable' });
  });

  test('has no effect on VLAN fields of a frame without a tag', () => {
    expect(setField({ bytes: UDP_FRAME, inPort: 1 }, { type: 'vlanVid', value: 0x1005 }).type).toBe('noEffect');
    expect(setField({ bytes: UDP_FRAME, inPort: 1 }, { type: 'vlanPcp', value: 5 }).type).toBe('noEffect');
  });
});
