import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Arp,
  arpBytes,
  arpView,
  decodeArp,
  encodeArp,
  type ForeignArp,
} from '../../../../protocol/wire/packet/arp.ts';
import {
  decodeEthernet,
  type Ethernet,
  encodeEthernet,
  ethernetBytes,
  ethernetView,
} from '../../../../protocol/wire/packet/ethernet.ts';
import { decodeLlc, encodeLlc, type Llc, llcBytes, llcView } from '../../../../protocol/wire/packet/llc.ts';
import { decodeMpls, encodeMpls, type Mpls, mplsBytes, mplsView } from '../../../../protocol/wire/packet/mpls.ts';
import { decodePbb, encodePbb, type Pbb, pbbBytes, pbbView } from '../../../../protocol/wire/packet/pbb.ts';
import { decodeVlan, encodeVlan, type Vlan, vlanBytes, vlanView } from '../../../../protocol/wire/packet/vlan.ts';
import {
  bytesOf,
  expectFaultInEveryCut,
  expectLossless,
  expectRoundTrip,
  expectSetter,
  type HeaderCodec,
  viewOf,
} from './header-law.ts';

const mac = fc.integer({ min: 0, max: 2 ** 48 - 1 });
const u8 = fc.nat(0xff);
const u16 = fc.nat(0xffff);
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });

describe('Ethernet', () => {
  const codec: HeaderCodec<Ethernet> = { decode: decodeEthernet, encode: encodeEthernet, bytes: ethernetBytes };
  const header = bytesOf('ffffffffffff 0200000000fe 0806');

  test('is two addresses as 48-bit numbers and a type', () => {
    const value = expectLossless(codec, header);
    expect(value).toEqual({ type: 'ethernet', dst: 0xffff_ffff_ffff, src: 0x0200_0000_00fe, etherType: 0x0806 });
    expectFaultInEveryCut(decodeEthernet, header);
  });

  test('comes back whatever the addresses', () => {
    fc.assert(
      fc.property(mac, mac, u16, (dst, src, etherType) => {
        expectRoundTrip(codec, { type: 'ethernet', dst, src, etherType });
      }),
    );
  });

  test('is edited in place', () => {
    fc.assert(
      fc.property(mac, u16, (address, etherType) => {
        expectSetter(decodeEthernet, header, 'dst', address, ethernetView.setDst);
        expectSetter(decodeEthernet, header, 'src', address, ethernetView.setSrc);
        expectSetter(decodeEthernet, header, 'etherType', etherType, ethernetView.setEtherType);
      }),
    );
  });
});

describe('a VLAN tag', () => {
  const codec: HeaderCodec<Vlan> = { decode: decodeVlan, encode: encodeVlan, bytes: vlanBytes };
  const tag = bytesOf('b064 0800');

  test('is a priority, a drop bit, an identifier and the next type', () => {
    expect(expectLossless(codec, tag)).toEqual({ type: 'vlan', pcp: 5, dei: true, vid: 100, etherType: 0x0800 });
    expectFaultInEveryCut(decodeVlan, tag);
  });

  test('comes back and is edited in place', () => {
    fc.assert(
      fc.property(fc.nat(7), fc.boolean(), fc.nat(4095), u16, (pcp, dei, vid, etherType) => {
        expectRoundTrip(codec, { type: 'vlan', pcp, dei, vid, etherType });
        expectSetter(decodeVlan, tag, 'pcp', pcp, vlanView.setPcp);
        expectSetter(decodeVlan, tag, 'vid', vid, vlanView.setVid);
        expectSetter(decodeVlan, tag, 'etherType', etherType, vlanView.setEtherType);
      }),
    );
  });
});

describe('LLC', () => {
  const codec: HeaderCodec<Llc> = { decode: decodeLlc, encode: encodeLlc, bytes: llcBytes };

  test('has one control byte in unnumbered frames, two in all others', () => {
    const unnumbered = bytesOf('424203');
    expect(expectLossless(codec, unnumbered)).toEqual({ type: 'llc', dsap: 0x42, ssap: 0x42, control: 0x03 });
    expectFaultInEveryCut(decodeLlc, unnumbered);
    const information = bytesOf('f0f1 0003');
    expect(expectLossless(codec, information)).toEqual({ type: 'llc', dsap: 0xf0, ssap: 0xf1, control: 0x0300 });
    expectFaultInEveryCut(decodeLlc, information);
  });

  test('opens SNAP between its access points, for unnumbered information only', () => {
    const snap = bytesOf('aaaa03 00000c 2000');
    const value = expectLossless(codec, snap);
    expect(value).toEqual({ type: 'llc', dsap: 0xaa, ssap: 0xaa, control: 3, snap: { oui: 0x0c, protocol: 0x2000 } });
    expectFaultInEveryCut(decodeLlc, snap);
    expect(llcView.headerBytes(viewOf(snap), 0)).toBe(8);
    expect(decodeLlc(viewOf(bytesOf('aaaae3 00000c 2000')), 0, 8)).toEqual({
      type: 'llc',
      dsap: 0xaa,
      ssap: 0xaa,
      control: 0xe3,
    });
  });

  test('is lossless for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 8, maxLength: 8 }), (bytes) => {
        expectLossless(codec, bytes.slice(0, llcView.headerBytes(viewOf(bytes), 0)));
      }),
    );
  });
});

describe('an MPLS label stack entry', () => {
  const codec: HeaderCodec<Mpls> = { decode: decodeMpls, encode: encodeMpls, bytes: mplsBytes };
  const entry = bytesOf('fffff 3 40'.replaceAll(' ', ''));

  test('is a label of 20 bits, a class of three, the bottom and a time to live', () => {
    const value = { type: 'mpls', label: 1_048_575, trafficClass: 1, bottom: true, ttl: 64 } as const;
    expect(expectLossless(codec, entry)).toEqual(value);
    expectFaultInEveryCut(decodeMpls, entry);
  });

  test('comes back and is edited in place', () => {
    fc.assert(
      fc.property(fc.nat(0xf_ffff), fc.nat(7), fc.boolean(), u8, (label, trafficClass, bottom, ttl) => {
        expectRoundTrip(codec, { type: 'mpls', label, trafficClass, bottom, ttl });
        expectSetter(decodeMpls, entry, 'label', label, mplsView.setLabel);
        expectSetter(decodeMpls, entry, 'trafficClass', trafficClass, mplsView.setTrafficClass);
        expectSetter(decodeMpls, entry, 'bottom', bottom, mplsView.setBottom);
        expectSetter(decodeMpls, entry, 'ttl', ttl, mplsView.setTtl);
      }),
    );
  });
});

describe('an I-TAG', () => {
  const codec: HeaderCodec<Pbb> = { decode: decodePbb, encode: encodePbb, bytes: pbbBytes };
  const tag = bytesOf('7f00abcd');

  test('is a priority, two flags, reserved bits and a service identifier of 24 bits', () => {
    const value = { type: 'pbb', pcp: 3, dei: true, uca: true, reserved: 7, isid: 0xabcd } as const;
    expect(expectLossless(codec, tag)).toEqual(value);
    expectFaultInEveryCut(decodePbb, tag);
  });

  test('comes back and is edited in place', () => {
    fc.assert(
      fc.property(u32, fc.nat(0xff_ffff), fc.boolean(), (word, isid, uca) => {
        const bytes = new Uint8Array(4);
        viewOf(bytes).setUint32(0, word);
        expectLossless(codec, bytes);
        expectSetter(decodePbb, bytes, 'isid', isid, pbbView.setIsid);
        expectSetter(decodePbb, bytes, 'uca', uca, pbbView.setUca);
      }),
    );
  });
});

describe('ARP', () => {
  const codec: HeaderCodec<Arp | ForeignArp> = { decode: decodeArp, encode: encodeArp, bytes: arpBytes };
  const decodeKnown = (view: DataView, at: number, end: number): Arp => decodeArp(view, at, end) as Arp;
  const request = bytesOf('0001 0800 06 04 0001 020000000001 0a000001 000000000000 0a000002');

  test('of Ethernet and IPv4 is numbers', () => {
    expect(expectLossless(codec, request)).toEqual({
      type: 'arp',
      operation: 1,
      senderMac: 0x0200_0000_0001,
      senderIp: 0x0a00_0001,
      targetMac: 0,
      targetIp: 0x0a00_0002,
    });
    expectFaultInEveryCut(decodeArp, request);
  });

  test('of any other pair keeps its addresses as bytes, as many as the lengths say', () => {
    const infiniband = bytesOf(`0020 0800 14 04 0001 ${'11'.repeat(20)} 0a000001 ${'00'.repeat(20)} 0a000002`);
    expect(expectLossless(codec, infiniband)).toMatchObject({
      type: 'foreign-arp',
      hardwareType: 32,
      hardwareBytes: 20,
      protocolBytes: 4,
      addresses: { length: 48 },
    });
    expectFaultInEveryCut(decodeArp, infiniband);
    expect(arpView.isEthernetIpv4(viewOf(infiniband), 0)).toBe(false);
    expect(arpView.headerBytes(viewOf(infiniband), 0)).toBe(56);
  });

  test('comes back and is edited in place', () => {
    fc.assert(
      fc.property(u16, mac, u32, mac, u32, (operation, senderMac, senderIp, targetMac, targetIp) => {
        expectRoundTrip(codec, { type: 'arp', operation, senderMac, senderIp, targetMac, targetIp });
        expectSetter(decodeKnown, request, 'operation', operation, arpView.setOperation);
        expectSetter(decodeKnown, request, 'senderMac', senderMac, arpView.setSenderMac);
        expectSetter(decodeKnown, request, 'senderIp', senderIp, arpView.setSenderIp);
        expectSetter(decodeKnown, request, 'targetMac', targetMac, arpView.setTargetMac);
        expectSetter(decodeKnown, request, 'targetIp', targetIp, arpView.setTargetIp);
      }),
    );
  });
});
