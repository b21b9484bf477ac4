import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseIpv4, parseIpv6, parseMac } from '../../../../protocol/wire/address.ts';
import { formatHex } from '../../../../protocol/wire/hex.ts';
import { toUdpChecksum, updateChecksum16, updateChecksum32 } from '../../../../protocol/wire/packet/checksum.ts';
import { decodeFrame, encodeFrame } from '../../../../protocol/wire/packet/frame.ts';
import { unsealFrame } from '../../../../protocol/wire/packet/frame-seal.ts';
import { formatFrame } from '../../../../protocol/wire/packet/frame-text.ts';
import { ipv4View } from '../../../../protocol/wire/packet/ipv4.ts';
import { encodeLayer, type Frame, type Layer } from '../../../../protocol/wire/packet/layer.ts';
import { tcpView } from '../../../../protocol/wire/packet/tcp.ts';
import { udpView } from '../../../../protocol/wire/packet/udp.ts';
import { WireError } from '../../../../protocol/wire/wire-error.ts';
import { type FrameVector, isSound } from './frame-vector.ts';
import { IPV4_FRAMES } from './ipv4-frames.ts';
import { IPV6_FRAMES } from './ipv6-frames.ts';
import { LINK_FRAMES } from './link-frames.ts';

const VECTORS: readonly FrameVector[] = [...LINK_FRAMES, ...IPV4_FRAMES, ...IPV6_FRAMES];

function decode(bytes: Uint8Array): Frame {
  return decodeFrame(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0, bytes.length);
}

/** The law of `frame.ts`. Comparing text shows the place in a failure. */
function expectLossless(bytes: Uint8Array): void {
  expect(formatHex(encodeFrame(decode(bytes)))).toBe(formatHex(bytes));
}

function vector(name: string): FrameVector {
  const found = VECTORS.find((candidate) => candidate.name === name);
  if (!found) throw new Error(`there is no frame called ${name}`);
  return found;
}

describe.each(VECTORS)('$name', (frame) => {
  test('reads as its text says', () => {
    expect(formatFrame(decode(frame.bytes))).toBe(frame.text);
  });

  test('is written as it was read', () => {
    expectLossless(frame.bytes);
  });

  test('is read alike in the middle of a larger buffer', () => {
    const buffer = new Uint8Array(frame.bytes.length + 33).fill(0xa5);
    buffer.set(frame.bytes, 16);
    const view = new DataView(buffer.buffer, 5);
    expect(decodeFrame(view, 11, 11 + frame.bytes.length)).toEqual(decode(frame.bytes));
  });

  test('leaves no byte of a used buffer as it was', () => {
    const layers = decode(frame.bytes);
    const buffer = new Uint8Array(frame.bytes.length + 4).fill(0xa5);
    const view = new DataView(buffer.buffer);
    let at = 0;
    for (const layer of layers) at = encodeLayer(layer, view, at, frame.bytes.length);
    expect(formatHex(buffer)).toBe(`${formatHex(frame.bytes)}a5a5a5a5`);
  });

  test('is lossless and throws nothing when cut off anywhere', () => {
    for (let length = 0; length < frame.bytes.length; length++) expectLossless(frame.bytes.slice(0, length));
  });

  test('is lossless and throws nothing when any byte, lengths among them, is a little or very wrong', () => {
    for (let at = 0; at < frame.bytes.length; at++) {
      const byte = frame.bytes[at]!;
      for (const wrong of [byte + 1, byte - 1, byte ^ 0x80, 0, 0xff]) {
        const lie = frame.bytes.slice();
        lie[at] = wrong;
        expectLossless(lie);
      }
    }
  });
});

test.each(VECTORS.filter(isSound))(
  '$name gets the same lengths and checksums when they are computed again',
  ({ bytes }) => {
    expect(formatHex(encodeFrame(unsealFrame(decode(bytes))))).toBe(formatHex(bytes));
  },
);

describe('any bytes at all', () => {
  test('are a frame that is written as it was read', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), expectLossless), { numRuns: 2000 });
  });

  test('are lossless behind the beginning of a real frame', () => {
    const start = fc
      .constantFrom(...VECTORS)
      .chain(({ bytes }) => fc.nat(bytes.length).map((end) => bytes.slice(0, end)));
    const property = fc.property(start, fc.uint8Array({ maxLength: 120 }), (head, tail) => {
      expectLossless(new Uint8Array([...head, ...tail]));
    });
    fc.assert(property, { numRuns: 3000 });
  });

  test('are lossless when real frames are cut, joined and changed in a few places', () => {
    const change = fc.record({ at: fc.nat(400), byte: fc.nat(255) });
    const property = fc.property(
      fc.constantFrom(...VECTORS),
      fc.constantFrom(...VECTORS),
      fc.nat(200),
      fc.array(change, { maxLength: 6 }),
      (one, other, cut, changes) => {
        const bytes = new Uint8Array([...one.bytes.slice(0, cut), ...other.bytes.slice(cut % 60)]);
        for (const { at, byte } of changes) if (at < bytes.length) bytes[at] = byte;
        expectLossless(bytes);
      },
    );
    fc.assert(property, { numRuns: 3000 });
  });

  test('have a text of one line', () => {
    fc.assert(
      fc.property(fc.constantFrom(...VECTORS), fc.nat(400), fc.nat(255), ({ bytes }, at, byte) => {
        const wrong = bytes.slice();
        wrong[at % wrong.length] = byte;
        expect(formatFrame(decode(wrong))).toMatch(/^[ -~]+$/);
      }),
      { numRuns: 1000 },
    );
  });

  test('do not become more layers than a frame can sensibly have', () => {
    const labels = new Uint8Array(60_000);
    labels.set([2, 0, 0, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0x88, 0x47]);
    const layers = decode(labels);
    expect(layers.length).toBe(33);
    expect(layers.at(-1)).toMatchObject({ type: 'payload', data: { length: 60_000 - 14 - 31 * 4 } });
    expectLossless(labels);
  });
});

test('what is malformed says where in the frame, not where in the buffer', () => {
  const bytes = vector('a total length below the header').bytes;
  const buffer = new Uint8Array(1000);
  buffer.set(bytes, 500);
  const layers = decodeFrame(new DataView(buffer.buffer), 500, 500 + bytes.length);
  expect(layers.at(-1)).toMatchObject({ type: 'malformed', fault: 'BAD_LENGTH', at: 16 });
});

describe('decoding', () => {
  const types = (bytes: Uint8Array): readonly string[] => decode(bytes).map(({ type }) => type);
  const changed = (name: string, changes: Readonly<Record<number, number>>): Uint8Array => {
    const bytes = vector(name).bytes.slice();
    for (const [at, byte] of Object.entries(changes)) bytes[Number(at)] = byte;
    return bytes;
  };

  test('looks for no message in the first piece of a datagram, as it may be cut off', () => {
    expect(types(vector('filling within a tunnel and around it').bytes)).toContain('vxlan');
    const moreFragments = changed('filling within a tunnel and around it', { 20: 0x20 });
    expect(types(moreFragments)).toEqual(['ethernet', 'ipv4', 'udp', 'payload', 'padding']);
    const cutOff = changed('an SCTP INIT', { 49: 0xff });
    expect(types(cutOff)).toEqual(['ethernet', 'ipv4', 'malformed']);
    cutOff[20] = 0x20;
    expect(types(cutOff)).toEqual(['ethernet', 'ipv4', 'payload']);
  });

  test('takes an IPv6 payload length of zero for a jumbogram before a hop-by-hop header only', () => {
    expect(types(changed('an MLDv1 report', { 19: 0 }))).toEqual(['ethernet', 'ipv6', 'hop-by-hop', 'icmpv6']);
    const filled = new Uint8Array([...vector('no next header').bytes, 0, 0, 0, 0, 0, 0]);
    expect(types(filled)).toEqual(['ethernet', 'ipv6', 'padding']);
  });

  test('finds the type in SNAP under either of the two identifiers that mean Ethernet', () => {
    const name = 'IPv4 in SNAP, filled up to 60 bytes';
    expect(types(changed(name, { 19: 0xf8 }))).toEqual(types(vector(name).bytes));
    expect(types(changed(name, { 19: 0xf9 }))).toEqual(['ethernet', 'llc', 'payload', 'padding']);
  });
});

describe('translating an address and a port', () => {
  const src = parseIpv4('203.0.113.77')!;
  const port = 61_234;

  /** As a switch does it: in the bytes, with checksums updated from the old and the new field. */
  function translateInPlace(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const ip = 14;
    const l4 = ip + ipv4View.headerBytes(view, ip);
    const before = ipv4View.src(view, ip);
    ipv4View.setSrc(view, ip, src);
    ipv4View.setChecksum(view, ip, updateChecksum32(ipv4View.checksum(view, ip), before, src));
    const transport = ipv4View.protocol(view, ip) === 6 ? tcpView : udpView;
    const oldPort = transport.srcPort(view, l4);
    transport.setSrcPort(view, l4, port);
    const checksum = updateChecksum16(updateChecksum32(transport.checksum(view, l4), before, src), oldPort, port);
    if (transport === tcpView) tcpView.setChecksum(view, l4, checksum);
    else if (udpView.checksum(view, l4) !== 0) udpView.setChecksum(view, l4, toUdpChecksum(checksum));
  }

  const names = [
    'TCP data',
    'a TCP SYN with options',
    'UDP with DSCP and ECN',
    'UDP without a checksum',
    'a source route',
  ];
  test.each(names)('in the bytes of "%s" or in its values gives the same frame', (name) => {
    const bytes = vector(name).bytes.slice();
    const edited = decode(bytes).map((layer): Layer => {
      if (layer.type === 'ipv4') return { ...layer, src };
      return layer.type === 'tcp' || layer.type === 'udp' ? { ...layer, srcPort: port } : layer;
    });
    const expected = formatHex(encodeFrame(unsealFrame(edited)));
    translateInPlace(bytes);
    expect(formatHex(bytes)).toBe(expected);
  });
});

describe('encoding', () => {
  const mac = (text: string): number => parseMac(text)!;
  const ip = (text: string): number => parseIpv4(text)!;
  const ip6 = (text: string): bigint => parseIpv6(text)!;
  const data = new Uint8Array([1, 2, 3]);
  const ethernet: Layer = {
    type: 'ethernet',
    dst: mac('02:00:00:00:00:02'),
    src: mac('02:00:00:00:00:01'),
    etherType: 0x0800,
  };
  const ipv4: Layer = { type: 'ipv4', ttl: 64, protocol: 17, src: ip('10.0.0.1'), dst: ip('10.0.0.2') };
  const ipv6: Layer = { type: 'ipv6', nextHeader: 17, hopLimit: 64, src: ip6('2001:db8::1'), dst: ip6('2001:db8::2') };
  const udp: Layer = { type: 'udp', srcPort: 7, dstPort: 9 };
  const payload: Layer = { type: 'payload', data };
  const padding: Layer = { type: 'padding', data: new Uint8Array(6) };

  function refusal(layers: Frame): WireError {
    try {
      encodeFrame(layers);
    } catch (error) {
      if (error instanceof WireError) return error;
      throw error;
    }
    throw new Error('the frame was encoded');
  }

  test('leaves padding out of the lengths of what it stands behind', () => {
    const again = decode(encodeFrame([ethernet, ipv4, udp, payload, padding]));
    expect(again).toMatchObject([{}, { totalBytes: 31 }, { length: 11 }, { data }, { type: 'padding', after: 1 }]);
  });

  test('counts the padding of an inner frame in the lengths of the outer ones', () => {
    const outerUdp: Layer = { type: 'udp', srcPort: 50_000, dstPort: 4789 };
    const vxlan: Layer = { type: 'vxlan', vni: 5 };
    const inner: Layer = { ...padding, after: 4 };
    const again = decode(encodeFrame([ethernet, ipv4, outerUdp, vxlan, ethernet, ipv4, udp, payload, inner, padding]));
    expect(again).toMatchObject([
      {},
      { totalBytes: 20 + 8 + 8 + 14 + 31 + 6 },
      { length: 8 + 8 + 14 + 31 + 6 },
      {},
      {},
      { totalBytes: 31 },
      { length: 11 },
      { data },
      { type: 'padding', after: 5, data: { length: 6 } },
      { type: 'padding', after: 1, data: { length: 6 } },
    ]);
  });

  test('gives a frame without a type its length', () => {
    const llc: Layer = { type: 'llc', dsap: 0x42, ssap: 0x42, control: 3 };
    const again = decode(encodeFrame([{ ...ethernet, etherType: undefined }, llc, payload, padding]));
    expect(again).toMatchObject([{ etherType: 6 }, { type: 'llc' }, { data }, { type: 'padding', after: 0 }]);
    const tagged: Frame = [{ ...ethernet, etherType: 0x8100 }, { type: 'vlan', vid: 5 }, llc, payload, padding];
    expect(decode(encodeFrame(tagged))).toMatchObject([
      {},
      { etherType: 6 },
      {},
      { data },
      { type: 'padding', after: 1 },
    ]);
  });

  test('writes given lengths and checksums as they are, however wrong', () => {
    const lying: Frame = [
      ethernet,
      { ...ipv4, totalBytes: 999, checksum: 1 } as Layer,
      { ...udp, length: 500, checksum: 2 } as Layer,
      payload,
    ];
    expect(decode(encodeFrame(lying))).toMatchObject([
      {},
      { totalBytes: 999, checksum: 1 },
      { length: 500, checksum: 2 },
      { data },
    ]);
  });

  test('keeps an absent UDP checksum absent when the rest is computed again', () => {
    const again = unsealFrame(decode(vector('UDP without a checksum').bytes));
    expect(again[2]).toMatchObject({ type: 'udp', checksum: 0, length: undefined });
  });

  test('refuses to invent a checksum or length in a fragment, whose datagram it does not have', () => {
    const piece: Layer = { ...ipv4, moreFragments: true } as Layer;
    expect(refusal([ethernet, piece, udp, payload])).toMatchObject({ error: 'BAD_VALUE', at: 34 });
    const tcp: Layer = { type: 'tcp', srcPort: 1, dstPort: 2, seq: 0, ack: 0, flags: 2, window: 1 };
    expect(refusal([ethernet, { ...piece, protocol: 6 } as Layer, tcp]).error).toBe('BAD_VALUE');
    const fragment: Layer = {
      type: 'fragment',
      nextHeader: 17,
      offsetBytes: 0,
      moreFragments: true,
      identification: 1,
    };
    expect(refusal([ethernet, { ...ipv6, nextHeader: 44 } as Layer, fragment, udp]).error).toBe('BAD_VALUE');
    const given: Layer = { ...udp, length: 100, checksum: 0x1234 } as Layer;
    expect(decode(encodeFrame([ethernet, piece, given, payload]))[2]).toMatchObject({ length: 100, checksum: 0x1234 });
    const echo: Layer = { type: 'icmp', body: { type: 'echo-request', identifier: 1, sequence: 1, data } };
    expect(refusal([ethernet, { ...piece, protocol: 1 } as Layer, echo]).error).toBe('BAD_VALUE');
    expect(refusal([ethernet, { ...piece, protocol: 4 } as Layer, ipv4, udp]).error).toBe('BAD_VALUE');
  });

  test('computes the checksum of a jumbogram, whose length says zero, over all of it', () => {
    const jumbo: Layer = { ...udp, length: 0 } as Layer;
    const [, , stated] = decode(encodeFrame([ethernet, ipv4, udp, payload]));
    const [, , zero] = decode(encodeFrame([ethernet, ipv4, jumbo, payload]));
    const checksum = (layer: Layer | undefined): number => (layer?.type === 'udp' ? (layer.checksum ?? 0) : 0);
    // The length is summed twice, in the header and before it; here it is missing once.
    expect(checksum(zero)).toBe(updateChecksum16(checksum(stated), 11, 0));
  });

  test('refuses a checksum over addresses that are not there', () => {
    expect(refusal([ethernet, udp, payload])).toMatchObject({ error: 'BAD_VALUE', at: 14 });
  });

  test('refuses what no length field can hold', () => {
    const big: Layer = { type: 'payload', data: new Uint8Array(66_000) };
    expect(refusal([ethernet, ipv4, big]).error).toBe('TOO_LARGE');
    expect(refusal([ethernet, ipv6, big]).error).toBe('TOO_LARGE');
    expect(refusal([{ ...ethernet, etherType: undefined } as Layer, big]).error).toBe('TOO_LARGE');
    expect(refusal([ethernet, { ...ipv4, totalBytes: 1 } as Layer, udp, big]).error).toBe('TOO_LARGE');
    const options = Array.from({ length: 41 }, () => ({ type: 'no-op' }) as const);
    expect(refusal([ethernet, { ...ipv4, options } as Layer]).error).toBe('TOO_LARGE');
  });
});
