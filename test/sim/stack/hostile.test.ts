/** Frames that nobody honest sends: whatever they say, a machine stays up, within its bounds, and goes on answering. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { addRange, closeSum, pseudoHeaderV6At } from '../../../protocol/wire/packet/checksum.ts';
import { encodeFrame } from '../../../protocol/wire/packet/frame.ts';
import type { Frame } from '../../../protocol/wire/packet/layer.ts';
import { SECOND } from '../../../sim/clock.ts';
import { A, A6, B, B6, ip4, ip6, ipv4, ipv6, listen, pattern, payload, StackProbe } from './stack-rig.ts';

const UDP = { type: 'udp', srcPort: 5, dstPort: 7 } as const;
const HEADER = (etherType: number) => ({ type: 'ethernet', dst: A.mac, src: B.mac, etherType }) as const;

/** One of everything that the stack reads. */
const SEEDS: readonly Frame[] = [
  [HEADER(0x0806), { type: 'arp', operation: 1, senderMac: B.mac, senderIp: B.ip, targetMac: 0, targetIp: A.ip }],
  [HEADER(0x0800), ipv4(), UDP, payload(20)],
  [HEADER(0x0800), ipv4({ moreFragments: true }), payload(24)],
  [
    HEADER(0x0800),
    ipv4({ protocol: 1 }),
    { type: 'icmp', body: { type: 'echo-request', identifier: 1, sequence: 1, data: pattern(9) } },
  ],
  [HEADER(0x0800), ipv4({ protocol: 1 }), { type: 'icmp', code: 4, body: { type: 'unreachable', quote: pattern(40) } }],
  [
    HEADER(0x0800),
    ipv4({ protocol: 2, dst: ip4('224.0.0.1') }),
    { type: 'igmp', message: { type: 'query', maxResponseTenths: 9, group: 0 } },
  ],
  [HEADER(0x86dd), ipv6(), UDP, payload(20)],
  [
    HEADER(0x86dd),
    ipv6({ nextHeader: 0 }),
    { type: 'hop-by-hop', nextHeader: 60, options: [] },
    { type: 'destination-options', nextHeader: 44, options: [] },
    { type: 'fragment', nextHeader: 17, offsetBytes: 8, moreFragments: true, identification: 1 },
    payload(24),
  ],
  ...(
    [
      { type: 'neighbor-solicitation', target: A6, options: [{ type: 'source-link-address', address: B.mac }] },
      {
        type: 'neighbor-advertisement',
        router: true,
        solicited: true,
        override: true,
        target: B6,
        options: [{ type: 'target-link-address', address: B.mac }],
      },
      {
        type: 'router-advertisement',
        hopLimit: 1,
        managed: true,
        otherConfiguration: true,
        lifetimeSeconds: 9,
        reachableMs: 1,
        retransmitMs: 1,
        options: [
          {
            type: 'prefix',
            prefix: ip6('2001:db8::'),
            prefixBits: 64,
            onLink: true,
            autonomous: true,
            validSeconds: 9,
            preferredSeconds: 9,
          },
          { type: 'mtu', mtu: 1400 },
        ],
      },
      { type: 'mld1-query', maxResponseMs: 9, group: 0n },
      { type: 'packet-too-big', value: 1280, quote: pattern(60) },
      { type: 'echo-reply', identifier: 1, sequence: 1, data: pattern(3) },
    ] as const
  ).map((body): Frame => [HEADER(0x86dd), ipv6({ nextHeader: 58, hopLimit: 255 }), { type: 'icmpv6', body }]),
];
const FRAMES = SEEDS.map(encodeFrame);

/** So that what is behind the checksums is read, too. */
function seal(frame: Uint8Array): void {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (frame.length < 34) return;
  if (view.getUint16(12) === 0x0800) {
    const end = Math.min(14 + (frame[14]! & 15) * 4, frame.length);
    view.setUint16(24, 0);
    view.setUint16(24, closeSum(addRange(0, view, 14, end)));
    if (frame[23] === 1 && end + 4 <= frame.length) {
      view.setUint16(end + 2, 0);
      view.setUint16(end + 2, closeSum(addRange(0, view, end, frame.length)));
    }
  } else if (view.getUint16(12) === 0x86dd && frame.length >= 58 && frame[20] === 58) {
    view.setUint16(56, 0);
    view.setUint16(56, closeSum(addRange(pseudoHeaderV6At(view, 22, 58, frame.length - 54), view, 54, frame.length)));
  }
}

const hostile = fc.record({
  frame: fc.constantFrom(...FRAMES),
  edits: fc.array(fc.tuple(fc.nat(200), fc.nat(255)), { maxLength: 6 }),
  length: fc.option(fc.nat(120), { nil: undefined }),
  isSealed: fc.boolean(),
});

it('survives any frame that was changed anywhere or cut short, with checksums that are right all the same', () => {
  const runs = Number(process.env.SLUICE_STACK_FRAMES ?? 20_000);
  const probe = new StackProbe({ ipv6: { mode: 'slaac' } });
  probe.run(5 * SECOND);
  const { got } = listen(probe.host, 7);
  fc.assert(
    fc.property(hostile, ({ frame, edits, length, isSealed }) => {
      const bytes = frame.slice(0, length ?? frame.length);
      for (const [at, byte] of edits) if (at < bytes.length) bytes[at] = byte;
      if (isSealed) seal(bytes);
      probe.host.receiveFrame(bytes);
      got.length = 0;
    }),
    { numRuns: runs },
  );
  const { counters } = probe.host;
  expect(counters.malformed).toBeGreaterThan(runs / 100);
  expect(counters.badChecksum).toBeGreaterThan(runs / 100);
  probe.run(200 * SECOND);
  probe.tellBytes(FRAMES[0]!);
  const [reply] = probe.tellBytes(FRAMES[3]!);
  expect(reply).toMatchObject([{}, { src: A.ip }, { body: { type: 'echo-reply' } }]);
  probe.tellBytes(FRAMES[1]!);
  expect(got).toHaveLength(1);
  probe.cable.assertConserved();
});
