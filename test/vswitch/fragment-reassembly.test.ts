/** IP fragments: let through, dropped, or put together (OpenFlow 1.3.5, section 7.3.2), held against datagrams as they were before they were cut. */
import { describe, expect, it } from 'vitest';
import { formatHex } from '../../protocol/wire/hex.ts';
import { CAPABILITY, CONFIG_FRAG } from '../../protocol/wire/openflow/switch.ts';
import { type Datagram, randomDatagram, toDatagram, toFragment, toFragments, toFrame, udp } from './ip-datagram.ts';
import { Chance, SEED } from './random-case.ts';
import { flowMod, output, SECOND, type SwitchBench, start, TestController } from './test-controller.ts';

/** To port 2 goes what has a UDP port, to port 3 what else is IP. */
function startWith(flags: number) {
  const made = start();
  made.controller.send({ type: 'setConfig', xid: 1, flags, missSendLen: 128 });
  for (const [ethType, cookie] of [
    [0x0800, 4n],
    [0x86dd, 6n],
  ] as const) {
    const ip = { type: 'ethType', value: ethType } as const;
    const match = [ip, { type: 'ipProto', value: 17 }, { type: 'udpDst', value: 53 }] as const;
    made.controller.send(flowMod({ cookie, match, instructions: [output(2)] }));
    made.controller.send(flowMod({ priority: 1, match: [ip], instructions: [output(3)] }));
  }
  // Of a connection of its own: one that heard nothing for so long as tests wait here is gone.
  const drops = () => new TestController(made.bench).multipart({ type: 'portStats', portNo: 1 })[0]!.entries[0]!;
  return { ...made, drops };
}

function takeFrames(bench: SwitchBench): string[] {
  return bench.sent.splice(0).map(({ portNo, frame }) => `${portNo}: ${formatHex(frame)}`);
}

const BOTH: readonly (readonly [string, Datagram])[] = [
  ['IPv4', toDatagram({ payload: udp(92) })],
  ['IPv6', toDatagram({ isIpv6: true, payload: udp(92) })],
];

describe.each(BOTH)('a fragment of %s', (_name, datagram) => {
  const [first, last] = [toFragment(datagram, 0, 48), toFragment(datagram, 48, 100)] as const;

  it('goes through the tables as it is, when fragments are normal', () => {
    const { bench } = startWith(CONFIG_FRAG.normal);
    for (const frame of [first, last]) bench.receive(1, frame);
    expect(takeFrames(bench)).toEqual([`2: ${formatHex(first)}`, `3: ${formatHex(last)}`]);
  });

  it('is dropped and counted, when fragments are dropped', () => {
    const { bench, drops } = startWith(CONFIG_FRAG.drop);
    for (const frame of [first, last, toFrame(datagram)]) bench.receive(1, frame);
    expect(takeFrames(bench)).toEqual([`2: ${formatHex(toFrame(datagram))}`]);
    expect(drops()).toMatchObject({ rxPackets: 3n, rxDropped: 2n });
  });

  it('goes through the tables with the others as one packet, when fragments are put together', () => {
    const { bench, controller, drops } = startWith(CONFIG_FRAG.reasm);
    bench.receive(1, last);
    expect(takeFrames(bench)).toEqual([]);
    bench.receive(1, first);
    expect(takeFrames(bench)).toEqual([`2: ${formatHex(toFrame(datagram))}`]);
    const rule = controller.flows().find(({ cookie }) => cookie === (datagram.isIpv6 ? 6n : 4n));
    expect(rule).toMatchObject({ packetCount: 1n, byteCount: BigInt(toFrame(datagram).length) });
    expect(drops()).toMatchObject({ rxPackets: 2n, rxDropped: 0n });
    expect(bench.device.pollAt()).not.toBe(bench.now + 30 * SECOND);
  });

  it('is no loss when it comes twice', () => {
    const { bench, drops } = startWith(CONFIG_FRAG.reasm);
    for (const frame of [first, first, last]) bench.receive(1, frame);
    expect(takeFrames(bench)).toEqual([`2: ${formatHex(toFrame(datagram))}`]);
    expect(drops()).toMatchObject({ rxDropped: 1n });
  });

  it.each([
    ['covers a part of another', 40, 64, true],
    ['is the same part with other bytes', 0, 48, true],
    ['reaches into what follows', 0, 56, true],
    ['lies within another', 8, 16, true],
    ['ends before what is there', 24, 40, false],
  ])('that %s gives up its datagram, and what is still to come of it', (_title, from, to, hasMore) => {
    const { bench, drops } = startWith(CONFIG_FRAG.reasm);
    const forged = { ...datagram, payload: datagram.payload.map((byte) => byte ^ 1) };
    for (const frame of [first, toFragment(forged, from, to, hasMore), first, last]) bench.receive(1, frame);
    expect(takeFrames(bench)).toEqual([]);
    expect(drops()).toMatchObject({ rxDropped: 4n });
    bench.pass(31 * SECOND);
    for (const frame of [first, last]) bench.receive(1, frame);
    expect(takeFrames(bench)).toHaveLength(1);
  });

  it.each([
    ['a second end', [48, 72, false]],
    ['something behind its end', [104, 112, true]],
  ] as const)('is dropped with its datagram when that has %s', (_title, [from, to, hasMore]) => {
    const { bench, drops } = startWith(CONFIG_FRAG.reasm);
    const longer = { ...datagram, payload: [...datagram.payload, ...udp(100)] };
    for (const frame of [last, toFragment(longer, from, to, hasMore), first]) bench.receive(1, frame);
    expect(takeFrames(bench)).toEqual([]);
    expect(drops()).toMatchObject({ rxDropped: 3n });
  });

  it.each([
    ['behind what says that it is the end', [80, 88, true]],
    ['the end as well, behind another', [88, 100, false]],
  ] as const)('is dropped with its datagram when there is already something %s', (_title, [from, to, hasMore]) => {
    const { bench, drops } = startWith(CONFIG_FRAG.reasm);
    const early = toFragment(datagram, 48, 72, false);
    for (const frame of [toFragment(datagram, from, to, hasMore), early, first]) bench.receive(1, frame);
    expect(takeFrames(bench)).toEqual([]);
    expect(drops()).toMatchObject({ rxDropped: 3n });
  });

  it('waits for half a minute, and is dropped then', () => {
    const { bench, drops } = startWith(CONFIG_FRAG.reasm);
    bench.receive(1, first);
    bench.pass(30 * SECOND - 1);
    expect(drops()).toMatchObject({ rxDropped: 0n });
    bench.pass(1);
    expect(drops()).toMatchObject({ rxDropped: 1n });
    bench.receive(1, last);
    expect(takeFrames(bench)).toEqual([]);
  });

  it('is dropped when fragments are no longer put together', () => {
    const { bench, controller, drops } = startWith(CONFIG_FRAG.reasm);
    bench.receive(1, first);
    controller.send({ type: 'setConfig', xid: 1, flags: CONFIG_FRAG.normal, missSendLen: 128 });
    expect(drops()).toMatchObject({ rxDropped: 1n });
    bench.receive(1, last);
    expect(takeFrames(bench)).toEqual([`3: ${formatHex(last)}`]);
  });

  it('belongs to others of its port, its tags and its addresses only', () => {
    const { bench } = startWith(CONFIG_FRAG.reasm);
    const tagged = { ...datagram, link: [...datagram.link.slice(0, 12), 0x81, 0, 0, 5, ...datagram.link.slice(12)] };
    bench.receive(1, first);
    bench.receive(4, last);
    bench.receive(1, toFragment(tagged, 48, 100));
    bench.receive(1, toFragment({ ...datagram, id: 8 }, 48, 100));
    expect(takeFrames(bench)).toEqual([]);
    bench.receive(4, first);
    expect(takeFrames(bench)).toHaveLength(1);
  });

  it('of which no datagram can be made is dropped', () => {
    const { bench, drops } = startWith(CONFIG_FRAG.reasm);
    // With an odd end in the middle, empty, reaching beyond the longest datagram, cut off.
    const far = { ...datagram, payload: Array.from({ length: 65_600 }, () => 1) };
    const frames = [
      toFragment(datagram, 0, 47, true),
      toFragment(datagram, 8, 8, true),
      toFragment(far, 65_528, 65_544),
      first.slice(0, -1),
    ];
    for (const frame of frames) bench.receive(1, frame);
    expect(takeFrames(bench)).toEqual([]);
    expect(drops()).toMatchObject({ rxDropped: 4n });
    expect(bench.device.pollAt() ?? 0).not.toBe(bench.now + 30 * SECOND);
  });

  it('is dropped with all others when the whole has no room in a frame', () => {
    const { bench, drops } = startWith(CONFIG_FRAG.reasm);
    const long = { ...datagram, payload: udp(65_400) };
    const fragments = toFragments(long, () => 1024);
    for (const frame of fragments) bench.receive(1, frame);
    expect(drops()).toMatchObject({ rxDropped: 0n });
    expect(takeFrames(bench)).toHaveLength(1);
    const longer = { ...datagram, payload: udp(65_480) };
    for (const frame of toFragments(longer, () => 1024)) bench.receive(1, frame);
    expect(takeFrames(bench)).toEqual([]);
    expect(drops()).toMatchObject({ rxDropped: 8n });
  });

  it('that begins one datagram too many makes the oldest go', () => {
    const { bench, drops } = startWith(CONFIG_FRAG.reasm);
    const begin = (id: number) => bench.receive(1, toFragment({ ...datagram, id }, 0, 48));
    const end = (id: number) => bench.receive(1, toFragment({ ...datagram, id }, 48, 100));
    for (let id = 1; id <= 1025; id++) begin(id);
    expect(drops()).toMatchObject({ rxDropped: 1n });
    end(2);
    expect(takeFrames(bench)).toHaveLength(1);
    end(1);
    expect(takeFrames(bench)).toEqual([]);
  });

  it('that is one byte too many makes the oldest go', () => {
    const { bench, drops } = startWith(CONFIG_FRAG.reasm);
    const long = { ...datagram, payload: udp(60_000) };
    for (let id = 1; id <= 100; id++) bench.receive(1, toFragment({ ...long, id }, 0, 56_000));
    const kept = 100 - Number(drops().rxDropped);
    expect(kept * 56_000).toBeLessThan(4 << 20);
    expect((kept + 2) * 56_400).toBeGreaterThan(4 << 20);
  });
});

describe('a switch that puts fragments together', () => {
  it('says so', () => {
    const { controller } = startWith(CONFIG_FRAG.reasm);
    expect(controller.takeOne('featuresReply').capabilities & CAPABILITY.ipReasm).not.toBe(0);
    controller.send({ type: 'getConfigRequest', xid: 2 });
    expect(controller.takeOne('getConfigReply')).toMatchObject({ flags: CONFIG_FRAG.reasm });
    expect(controller.ask({ type: 'setConfig', xid: 1, flags: CONFIG_FRAG.mask, missSendLen: 0 })).toBe(
      'SWITCH_CONFIG_FAILED/BAD_FLAGS',
    );
  });

  it('carries a wrong header checksum along, as it carries everything that it is not asked to mend', () => {
    const { bench } = startWith(CONFIG_FRAG.reasm);
    const datagram = toDatagram({ payload: udp(92) });
    const first = toFragment(datagram, 0, 48);
    first[24]! ^= 0x10;
    bench.receive(1, first);
    bench.receive(1, toFragment(datagram, 48, 100));
    const sent = bench.sent[0]!.frame;
    let sum = 0;
    for (let i = 14; i < 34; i += 2) sum += (sent[i]! << 8) | sent[i + 1]!;
    expect((sum & 0xffff) + (sum >>> 16)).not.toBe(0xffff);
  });

  it('keeps the length of an 802.3 frame true', () => {
    const { bench } = startWith(CONFIG_FRAG.reasm);
    const link = (bytes: number) => [
      ...toDatagram().link.slice(0, 12),
      bytes >> 8,
      bytes & 0xff,
      0xaa,
      0xaa,
      3,
      0,
      0,
      0,
      8,
      0,
    ];
    const datagram = toDatagram({ payload: udp(92) });
    const cut = (from: number, to: number) => toFragment({ ...datagram, link: link(8 + 20 + to - from) }, from, to);
    bench.receive(1, cut(48, 100));
    bench.receive(1, cut(0, 48));
    expect(takeFrames(bench)).toEqual([`2: ${formatHex(toFrame({ ...datagram, link: link(8 + 20 + 100) }))}`]);
  });

  const CASES = 150;

  it(`makes of shuffled and repeated fragments the datagrams that they were cut from (SLUICE_SEED=${SEED})`, () => {
    for (let i = 0; i < CASES; i++) {
      const chance = new Chance(SEED + i);
      const { bench, drops } = startWith(CONFIG_FRAG.reasm);
      const datagrams = Array.from({ length: 1 + chance.below(5) }, (_, id) => randomDatagram(chance, id));
      const cut = datagrams.filter(({ payload }) => payload.length > 8);
      const fragments = cut.flatMap((datagram) =>
        toFragments(datagram, (at) => (at === 0 ? 1 : 1 + chance.below(chance.pick([2, 40, 180])))).map((frame) => ({
          frame,
          datagram,
        })),
      );
      const order = shuffle(chance, fragments);
      let copies = 0;
      for (const [place, { frame, datagram }] of order.entries()) {
        bench.receive(1, frame);
        // A copy of the one that completes its datagram would begin another.
        const isLast = !order.slice(place + 1).some((other) => other.datagram === datagram);
        if (isLast || !chance.oneIn(4)) continue;
        copies++;
        bench.receive(1, frame);
      }
      expect(takeFrames(bench).sort(), `case ${i}, SLUICE_SEED=${SEED}`).toEqual(
        cut.map((datagram) => `2: ${formatHex(toFrame(datagram))}`).sort(),
      );
      const { rxPackets, rxDropped } = drops();
      expect([rxPackets, rxDropped]).toEqual([BigInt(fragments.length + copies), BigInt(copies)]);
    }
  });

  function shuffle<T>(chance: Chance, items: readonly T[]): readonly T[] {
    const left = [...items];
    return items.map(() => left.splice(chance.below(left.length), 1)[0]!);
  }
});
