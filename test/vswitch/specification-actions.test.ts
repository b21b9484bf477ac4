/** OpenFlow 1.3.5, sections 5.12 and 7.2.5, by name: what each action makes of a packet, as layers that the wire's own reader finds. */
import { describe, expect, it } from 'vitest';
import type { Action } from '../../protocol/wire/openflow/action.ts';
import { BUFFER_NONE } from '../../protocol/wire/openflow/packet.ts';
import { decodeFrame, encodeFrame } from '../../protocol/wire/packet/frame.ts';
import type { Frame } from '../../protocol/wire/packet/layer.ts';
import { start } from './test-controller.ts';

const ethernet = { type: 'ethernet', dst: 2, src: 1 } as const;
const ipv4 = { type: 'ipv4', protocol: 17, ttl: 64, src: 0x0a000001, dst: 0x0a000002 } as const;
const udp = { type: 'udp', srcPort: 1000, dstPort: 2000 } as const;
const payload = { type: 'payload', data: new Uint8Array(30) } as const;

const PLAIN: Frame = [{ ...ethernet, etherType: 0x0800 }, ipv4, udp, payload];

function tagged(...tags: readonly { vid: number; pcp?: number; type?: number }[]): Frame {
  const types = tags.map(({ type = 0x8100 }) => type);
  return [
    { ...ethernet, etherType: types[0]! },
    ...tags.map(({ vid, pcp = 0 }, i) => ({ type: 'vlan', vid, pcp, etherType: types[i + 1] ?? 0x0800 }) as const),
    ipv4,
    udp,
    payload,
  ];
}

function labelled(...labels: readonly { label: number; ttl: number; tc?: number }[]): Frame {
  return [
    { ...ethernet, etherType: 0x8847 },
    ...labels.map((label, i) => ({ type: 'mpls', tc: 0, bottom: i === labels.length - 1, ...label }) as const),
    ipv4,
    udp,
    payload,
  ];
}

/** What leaves by port 2 after these actions, or `undefined` if nothing does. */
function run(frame: Frame, ...actions: readonly Action[]): Frame | undefined {
  const { bench, controller } = start();
  const data = encodeFrame(frame);
  const list: Action[] = [...actions, { type: 'output', port: 2, maxLen: 0 }];
  const packetOut = { type: 'packetOut', xid: 1, bufferId: BUFFER_NONE, inPort: 1, actions: list, data } as const;
  expect(controller.ask(packetOut)).toBeUndefined();
  const sent = bench.sent[0]?.frame;
  return sent && decodeFrame(new DataView(sent.buffer, sent.byteOffset, sent.length), 0, sent.length);
}

/** As it would be read from the wire, with all that follows from the rest. */
function seen(frame: Frame): Frame {
  const bytes = encodeFrame(frame);
  return decodeFrame(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0, bytes.length);
}

describe('5.12, VLAN tags', () => {
  it('Push VLAN: outermost, with id and priority of the tag that is there, or zero', () => {
    expect(run(PLAIN, { type: 'pushVlan', etherType: 0x8100 })).toEqual(seen(tagged({ vid: 0 })));
    const outer = { vid: 5, pcp: 3, type: 0x88a8 };
    expect(run(tagged({ vid: 5, pcp: 3 }), { type: 'pushVlan', etherType: 0x88a8 })).toEqual(
      seen(tagged(outer, { vid: 5, pcp: 3 })),
    );
  });

  it('Pop VLAN: the outermost goes; without one nothing happens', () => {
    expect(run(tagged({ vid: 5 }, { vid: 6 }), { type: 'popVlan' })).toEqual(seen(tagged({ vid: 6 })));
    expect(run(PLAIN, { type: 'popVlan' })).toEqual(seen(PLAIN));
  });

  it('Set-Field on id and priority changes the outermost tag', () => {
    const id: Action = { type: 'setField', field: { type: 'vlanVid', value: 0x1007 } };
    const pcp: Action = { type: 'setField', field: { type: 'vlanPcp', value: 6 } };
    expect(run(tagged({ vid: 5 }, { vid: 9 }), id, pcp)).toEqual(seen(tagged({ vid: 7, pcp: 6 }, { vid: 9 })));
  });
});

describe('5.12, MPLS labels', () => {
  it('Push MPLS: before IP with label and class 0, the TTL of IP, and the bottom bit; before a label with all of its fields but that bit', () => {
    const push: Action = { type: 'pushMpls', etherType: 0x8847 };
    expect(run(PLAIN, push)).toEqual(seen(labelled({ label: 0, ttl: 64 })));
    const label = { label: 7, tc: 3, ttl: 9 };
    expect(run(labelled(label), push)).toEqual(seen(labelled(label, label)));
  });

  it('Pop MPLS: the outermost goes, and the EtherType is the one that the action says', () => {
    expect(run(labelled({ label: 7, ttl: 9 }), { type: 'popMpls', etherType: 0x0800 })).toEqual(seen(PLAIN));
    const two = labelled({ label: 7, ttl: 9 }, { label: 8, ttl: 5 });
    expect(run(two, { type: 'popMpls', etherType: 0x8847 })).toEqual(seen(labelled({ label: 8, ttl: 5 })));
  });

  it('a new label goes immediately behind the Ethernet header, before VLAN tags that are there', () => {
    const before = tagged({ vid: 5 });
    const behindEthernet = { type: 'payload', data: encodeFrame(before).slice(14) } as const;
    const label = { type: 'mpls', label: 0, ttl: 64, bottom: true } as const;
    const expected: Frame = [{ ...ethernet, etherType: 0x8847 }, label, behindEthernet];
    expect(run(before, { type: 'pushMpls', etherType: 0x8847 })).toEqual(seen(expected));
  });
});

describe('5.12, PBB tags', () => {
  it('Push PBB: an I-TAG and both addresses again, service 0; Pop PBB takes both away', () => {
    const push: Action = { type: 'pushPbb', etherType: 0x88e7 };
    const expected: Frame = [{ ...ethernet, etherType: 0x88e7 }, { type: 'pbb', isid: 0 }, ...PLAIN];
    expect(run(PLAIN, push)).toEqual(seen(expected));
    expect(run(PLAIN, push, { type: 'popPbb' })).toEqual(seen(PLAIN));
  });

  it('Push PBB takes the priority of the VLAN tag that is there', () => {
    const expected: Frame = [
      { ...ethernet, etherType: 0x88e7 },
      { type: 'pbb', pcp: 3, isid: 0 },
      ...tagged({ vid: 5, pcp: 3 }),
    ];
    expect(run(tagged({ vid: 5, pcp: 3 }), { type: 'pushPbb', etherType: 0x88e7 })).toEqual(seen(expected));
  });
});

describe('5.12, times to live', () => {
  const withTtl = (ttl: number): Frame => [PLAIN[0]!, { ...ipv4, ttl }, udp, payload];

  it('Set Network TTL and Set MPLS TTL', () => {
    expect(run(PLAIN, { type: 'setNwTtl', ttl: 9 })).toEqual(seen(withTtl(9)));
    expect(run(labelled({ label: 1, ttl: 5 }), { type: 'setMplsTtl', ttl: 9 })).toEqual(
      seen(labelled({ label: 1, ttl: 9 })),
    );
  });

  it('Decrement Network TTL and Decrement MPLS TTL, with the checksum of the header', () => {
    expect(run(PLAIN, { type: 'decNwTtl' })).toEqual(seen(withTtl(63)));
    expect(run(labelled({ label: 1, ttl: 5 }), { type: 'decMplsTtl' })).toEqual(seen(labelled({ label: 1, ttl: 4 })));
  });

  it('a packet whose TTL would become zero is not sent', () => {
    expect(run(withTtl(1), { type: 'decNwTtl' })).toBeUndefined();
    expect(run(labelled({ label: 1, ttl: 1 }), { type: 'decMplsTtl' })).toBeUndefined();
  });

  it('Copy TTL outwards and inwards, between the two outermost headers that have one', () => {
    const two = labelled({ label: 1, ttl: 5 }, { label: 2, ttl: 9 });
    expect(run(two, { type: 'copyTtlOut' })).toEqual(seen(labelled({ label: 1, ttl: 9 }, { label: 2, ttl: 9 })));
    expect(run(two, { type: 'copyTtlIn' })).toEqual(seen(labelled({ label: 1, ttl: 5 }, { label: 2, ttl: 5 })));
    expect(run(labelled({ label: 1, ttl: 5 }), { type: 'copyTtlOut' })).toEqual(seen(labelled({ label: 1, ttl: 64 })));
    const [outside, label] = labelled({ label: 1, ttl: 5 });
    const inwards = run(labelled({ label: 1, ttl: 5 }), { type: 'copyTtlIn' });
    expect(inwards).toEqual(seen([outside!, label!, { ...ipv4, ttl: 5 }, udp, payload]));
  });
});

describe('5.12, Set-Field', () => {
  it('on addresses and ports carries all checksums along', () => {
    const dst: Action = { type: 'setField', field: { type: 'ipv4Dst', value: 0x0a0000ff } };
    const port: Action = { type: 'setField', field: { type: 'udpDst', value: 53 } };
    const expected: Frame = [PLAIN[0]!, { ...ipv4, dst: 0x0a0000ff }, { ...udp, dstPort: 53 }, payload];
    const edited = run(PLAIN, dst, port)!;
    expect(encodeFrame(edited)).toEqual(encodeFrame(expected));
  });

  it('on a header that the packet does not have changes nothing', () => {
    const label: Action = { type: 'setField', field: { type: 'mplsLabel', value: 5 } };
    expect(run(PLAIN, label)).toEqual(seen(PLAIN));
  });
});
