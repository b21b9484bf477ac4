/** OpenFlow 1.3.5, sections 5.12 and 7.2.5, where frames are odd: lengths instead of types, and options that do not hold together. */
import { describe, expect, it } from 'vitest';
import { formatHex, parseHex } from '../../protocol/wire/hex.ts';
import type { Action } from '../../protocol/wire/openflow/action.ts';
import { flowMod, start } from './test-controller.ts';

const MACS = '020000000002020000000001';
const REST = '11'.repeat(50);
const IPV4 = '4500001400000000400066e70a0000010a000002';

/** What leaves a switch that does `action` to packets of a type. */
function edit(hex: string, ethType: number, action: Action): string {
  const { bench, controller } = start();
  const actions: Action[] = [action, { type: 'output', port: 2, maxLen: 0 }];
  const match = [{ type: 'ethType', value: ethType }] as const;
  expect(controller.ask(flowMod({ match, instructions: [{ type: 'applyActions', actions }] }))).toBeUndefined();
  bench.receive(1, parseHex(hex)!);
  return bench.sent.map(({ frame }) => formatHex(frame)).join();
}

describe('the length of a frame whose type is in SNAP', () => {
  const snap = (length: string, type: string, rest: string) => `${MACS}${length}aaaa03000000${type}${rest}`;
  const customer = '060000000002060000000001';
  const pushMpls: Action = { type: 'pushMpls', etherType: 0x8847 };
  const popMpls: Action = { type: 'popMpls', etherType: 0x0800 };

  it('grows with a label and shrinks without it', () => {
    const plain = snap('0050', '0800', `${IPV4}${REST}`);
    const labelled = snap('0054', '8847', `00000140${IPV4}${REST}`);
    expect(edit(plain, 0x0800, pushMpls)).toBe(labelled);
    expect(edit(labelled, 0x8847, popMpls)).toBe(plain);
  });

  it('shrinks with a backbone tag that is popped, behind a VLAN tag, too', () => {
    const frame = (length: string, rest: string) => `${MACS}88a8000a${length}aaaa03000000${rest}${REST}`;
    const inSnap = frame('0056', `88e700000064${customer}0800`);
    const expected = frame('0044', '0800').replace(MACS, customer);
    expect(edit(inSnap, 0x88e7, { type: 'popPbb' })).toBe(expected);
  });

  it('never turns into a type: what would make it one has no effect', () => {
    const long = snap('05fc', '0800', `${IPV4}${REST}`);
    expect(edit(long, 0x0800, pushMpls)).toBe(long);
    const lying = snap('0003', '8847', `00000140${IPV4}${REST}`);
    expect(edit(lying, 0x8847, popMpls)).toBe(lying);
    const short = snap('0011', '88e7', `00000064${customer}0800${REST}`);
    expect(edit(short, 0x88e7, { type: 'popPbb' })).toBe(short);
  });
});

describe('a UDP checksum, when the IPv4 destination is set', () => {
  const toFrame = (options: string) => {
    const headerBytes = 20 + options.length / 2;
    const first = (0x40 + headerBytes / 4).toString(16);
    const total = (headerBytes + 16).toString(16).padStart(4, '0');
    const udp = '0400003500101234' + 'abcdef0123456789';
    return `${MACS}0800${first}00${total}00000000401100000a0000010a000002${options}${udp}`;
  };

  function isUpdated(options: string): boolean {
    const field = { type: 'ipv4Dst', value: 0xc633_6407 } as const;
    const changed = edit(toFrame(options), 0x0800, { type: 'setField', field });
    expect(changed.slice(60, 68)).toBe('c6336407');
    return changed.slice(-20, -16) !== '1234';
  }

  it('follows it, unless a source route still has stops to go to', () => {
    expect(isUpdated('')).toBe(true);
    expect(isUpdated('830704c000020900')).toBe(false);
    expect(isUpdated('830708c000020900')).toBe(true);
  });

  it('goes by a source route even if an option behind that is malformed, and never by one behind such an option', () => {
    expect(isUpdated('830704c000020944')).toBe(false);
    expect(isUpdated('830704c00002094400000000')).toBe(false);
    expect(isUpdated('4401830704c0000209000000')).toBe(true);
  });

  it('does not go by a source route that is not made of whole addresses', () => {
    expect(isUpdated('830804c000020900')).toBe(true);
    expect(isUpdated('83040400890704c000020900')).toBe(false);
  });
});
