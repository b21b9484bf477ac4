/** OpenFlow 1.3.5, sections 5.12, 5.12.1 and 7.2.5: headers pushed and popped. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Packet } from '../../../protocol/pipeline/packet.ts';
import type { Edit } from '../../../protocol/pipeline/packet-edit.ts';
import { readFields } from '../../../protocol/pipeline/packet-fields.ts';
import { readLayout } from '../../../protocol/pipeline/packet-layout.ts';
import { popMpls, popPbb, popVlan, pushMpls, pushPbb, pushVlan } from '../../../protocol/pipeline/push-pop.ts';
import { formatHex, parseHex } from '../../../protocol/wire/hex.ts';
import { encodeFrame } from '../../../protocol/wire/packet/frame.ts';
import { frames } from './frame-arbitrary.ts';
import { findBrokenChecksums } from './naive-checksum.ts';
import { payload } from './scene.ts';

const MACS = '020000000002020000000001';
const REST = '11'.repeat(50);
/** A header and addresses of IPv4, whose TTL is 0x40. */
const IPV4 = '4500001400000000400066e70a0000010a000002';

function packet(hex: string): Packet {
  return { bytes: parseHex(hex)!, inPort: 1 };
}

function hexOf(edit: Edit): string {
  return edit.type === 'edited' ? formatHex(edit.packet.bytes) : edit.reason;
}

function done(edit: Edit): Packet {
  expect(edit.type).toBe('edited');
  return edit.type === 'edited' ? edit.packet : packet('');
}

describe('push_vlan', () => {
  test('puts an empty tag behind the addresses of an untagged frame', () => {
    expect(hexOf(pushVlan(packet(`${MACS}0800${REST}`), 0x8100))).toBe(`${MACS}81000000${'0800'}${REST}`);
  });

  test('copies priority and id from the outermost tag, and not the drop-eligible bit', () => {
    expect(hexOf(pushVlan(packet(`${MACS}8100b0640800${REST}`), 0x88a8))).toBe(`${MACS}88a8a0648100b0640800${REST}`);
  });

  test('works on a frame with a length as on one with a type', () => {
    expect(hexOf(pushVlan(packet(`${MACS}0032${REST}`), 0x8100))).toBe(`${MACS}81000000${'0032'}${REST}`);
  });
});

describe('pop_vlan', () => {
  test('takes the outermost tag of two', () => {
    expect(hexOf(popVlan(packet(`${MACS}88a8a0648100b0640800${REST}`)))).toBe(`${MACS}8100b0640800${REST}`);
  });

  test('has no effect without a tag', () => {
    expect(popVlan(packet(`${MACS}0800${REST}`))).toEqual({ type: 'noEffect', reason: 'noSuchHeader' });
  });

  test('fills up with zeros what becomes shorter than a frame may be', () => {
    const rest = '11'.repeat(44);
    expect(hexOf(popVlan(packet(`${MACS}810000010800${rest}`)))).toBe(`${MACS}0800${rest}0000`);
  });

  test('fills up nothing that was too short before', () => {
    const rest = '11'.repeat(41);
    expect(hexOf(popVlan(packet(`${MACS}810000010800${rest}`)))).toBe(`${MACS}0800${rest}`);
  });
});

describe('push_mpls', () => {
  test('takes the time to live from IP, and is the bottom of its stack', () => {
    expect(hexOf(pushMpls(packet(`${MACS}0800${IPV4}`), 0x8847))).toBe(`${MACS}884700000140${IPV4}`);
  });

  test('copies label, traffic class and time to live of the outermost label, and is not the bottom', () => {
    expect(hexOf(pushMpls(packet(`${MACS}8847000647ff${IPV4}`), 0x8848))).toBe(`${MACS}8848000646ff000647ff${IPV4}`);
  });

  test('has a time to live of zero where there is none to copy', () => {
    expect(hexOf(pushMpls(packet(`${MACS}0806${REST}`), 0x8847))).toBe(`${MACS}884700000100${REST}`);
  });

  test('goes before VLAN tags and takes the place of the type before them', () => {
    const pushed = pushMpls(packet(`${MACS}8100a0640800${IPV4}`), 0x8847);
    expect(hexOf(pushed)).toBe(`${MACS}884700000140a0640800${IPV4}`);
    expect(hexOf(popMpls(done(pushed), 0x8100))).toBe(`${MACS}8100a0640800${IPV4}`);
  });

  test('is the bottom of a stack of its own when there are labels behind a VLAN tag', () => {
    const pushed = pushMpls(packet(`${MACS}8100a0648847000647ff${IPV4}`), 0x8847);
    expect(hexOf(pushed)).toBe(`${MACS}8847000647ffa0648847000647ff${IPV4}`);
  });

  test('takes the place of the type in SNAP, whose frame gets longer', () => {
    const pushed = pushMpls(packet(`${MACS}001caaaa03000000${'0800'}${IPV4}`), 0x8847);
    expect(hexOf(pushed)).toBe(`${MACS}0020aaaa03000000${'8847'}00000140${IPV4}`);
    expect(hexOf(popMpls(done(pushed), 0x0800))).toBe(`${MACS}001caaaa03000000${'0800'}${IPV4}`);
  });

  test('has no effect where the length before SNAP is already as long as can be', () => {
    const pushed = pushMpls(packet(`${MACS}05fbaaaa03000000${'0800'}${IPV4}`), 0x8847);
    expect(hexOf(pushed)).toBe(`${MACS}05ffaaaa03000000${'8847'}00000140${IPV4}`);
    expect(hexOf(pushMpls(done(pushed), 0x8847))).toBe('noSuchLength');
  });

  test('has no effect on a frame that has no type', () => {
    expect(hexOf(pushMpls(packet(`${MACS}0003424203${REST}`), 0x8847))).toBe('noTypeField');
  });
});

describe('pop_mpls', () => {
  test('gives the frame the type that it is told', () => {
    const popped = popMpls(packet(`${MACS}8847000647ff${IPV4}${REST}`), 0x0800);
    expect(hexOf(popped)).toBe(`${MACS}0800${IPV4}${REST}`);
    expect(readFields(done(popped)).get('ipv4Src')).toBe(0x0a000001);
  });

  test('has no effect where the length before SNAP does not even have room for the label', () => {
    expect(hexOf(popMpls(packet(`${MACS}0003aaaa03000000${'8847'}000647ff${IPV4}`), 0x0800))).toBe('noSuchLength');
  });

  test('finds the label behind VLAN tags, which stay', () => {
    const popped = popMpls(packet(`${MACS}8100a0648847000647ff${IPV4}${REST}`), 0x0800);
    expect(hexOf(popped)).toBe(`${MACS}8100a0640800${IPV4}${REST}`);
  });

  test('has no effect without a label', () => {
    expect(hexOf(popMpls(packet(`${MACS}0800${IPV4}`), 0x0800))).toBe('noSuchHeader');
    expect(hexOf(popMpls(packet(`${MACS}8847ffff`), 0x0800))).toBe('noSuchHeader');
  });
});

describe('push_pbb', () => {
  test('puts addresses and an empty tag in front of the whole frame', () => {
    expect(hexOf(pushPbb(packet(`${MACS}0800${REST}`), 0x88e7))).toBe(`${MACS}88e700000000${MACS}0800${REST}`);
  });

  test('copies the service id from the outermost backbone tag', () => {
    const frame = `${MACS}88e700abcdef${MACS}0800${REST}`;
    expect(hexOf(pushPbb(packet(frame), 0x88e7))).toBe(`${MACS}88e700abcdef${frame}`);
  });

  test('copies the priority from the outermost VLAN tag, which becomes the customer’s', () => {
    const frame = `${MACS}8100a0640800${REST}`;
    expect(hexOf(pushPbb(packet(frame), 0x88e7))).toBe(`${MACS}88e7a0000000${frame}`);
  });
});

describe('pop_pbb', () => {
  const customer = '060000000002060000000001';

  test('gives the frame the addresses and the type of the customer', () => {
    expect(hexOf(popPbb(packet(`${MACS}88e700000064${customer}0800${REST}`)))).toBe(`${customer}0800${REST}`);
  });

  test('leaves a backbone VLAN tag, which is to be popped before', () => {
    const frame = `${MACS}88a8000a88e700000064${customer}0800${REST}`;
    expect(hexOf(popPbb(packet(frame)))).toBe(`${customer}88a8000a0800${REST}`);
    expect(hexOf(popPbb(done(popVlan(packet(frame)))))).toBe(`${customer}0800${REST}`);
  });

  test('shortens the length of a frame whose type is in SNAP, behind a VLAN tag, too', () => {
    const frame = (length: string, rest: string) => `${MACS}88a8000a${length}aaaa03000000${rest}${REST}`;
    const inSnap = frame('0056', `88e700000064${customer}0800`);
    expect(hexOf(popPbb(packet(inSnap)))).toBe(frame('0044', '0800').replace(MACS, customer));
    expect(hexOf(popPbb(packet(frame('0011', `88e700000064${customer}0800`))))).toBe('noSuchLength');
  });

  test('has no effect when the customer’s header is cut off', () => {
    expect(hexOf(popPbb(packet(`${MACS}88e700000064${customer}`)))).toBe('noSuchHeader');
  });
});

test('what is too short for Ethernet stays as it is', () => {
  for (const hex of ['', '02', MACS, `${MACS}08`]) {
    const edits = [pushVlan, pushMpls, popMpls, pushPbb].map((push) => push(packet(hex), 0x8100));
    const all = [...edits, popVlan(packet(hex)), popPbb(packet(hex))];
    expect(all.map(hexOf)).toEqual(all.map(() => 'noSuchHeader'));
  }
});

describe('a header that is pushed and popped', () => {
  /** As they are on a wire, so that a pop has nothing to fill up. */
  const longFrames = frames.map((bytes) => {
    const long = new Uint8Array(Math.max(bytes.length, 60));
    long.set(bytes);
    return long;
  });

  const outerType = (bytes: Uint8Array) => bytes[12]! * 256 + bytes[13]!;

  test('leaves the frame as it was', () => {
    fc.assert(
      fc.property(longFrames, (bytes) => {
        const before = { bytes, inPort: 1 };
        const ways = [
          popVlan(done(pushVlan(before, 0x8100))),
          popMpls(done(pushMpls(before, 0x8847)), outerType(bytes)),
          popPbb(done(pushPbb(before, 0x88e7))),
          popVlan(done(popPbb(done(pushVlan(done(pushPbb(before, 0x88e7)), 0x88a8))))),
        ];
        expect(ways.map(hexOf)).toEqual(ways.map(() => formatHex(bytes)));
      }),
    );
  });

  /** All labels, the last one with the type of the IP that it carries. */
  function popLabels(labelled: Packet): Packet {
    const { mplsAt } = readLayout(labelled.bytes);
    if (mplsAt === undefined) return labelled;
    const isBottom = labelled.bytes[mplsAt + 2]! % 2 === 1;
    const ipType = labelled.bytes[mplsAt + 4]! >> 4 === 4 ? 0x0800 : 0x86dd;
    return popLabels(done(popMpls(labelled, isBottom ? ipType : 0x8847)));
  }

  test('has no part in any checksum, and neither has what a pop fills up with', () => {
    fc.assert(
      fc.property(frames, (bytes) => {
        const before = { bytes, inPort: 1 };
        expect(findBrokenChecksums(done(pushVlan(before, 0x88a8)).bytes)).toEqual([]);
        expect(findBrokenChecksums(done(pushPbb(before, 0x88e7)).bytes)).toEqual([]);
        const untagged = popVlan(before);
        if (untagged.type === 'edited') expect(findBrokenChecksums(untagged.packet.bytes)).toEqual([]);
        expect(findBrokenChecksums(popLabels(before).bytes)).toEqual([]);
      }),
    );
  });

  test('in fields, too: whatever is carried is read as before', () => {
    const frame = encodeFrame([{ type: 'ethernet', dst: 1, src: 2, etherType: 0x1234 }, payload(50)]);
    const before = readFields({ bytes: frame, inPort: 1 });
    const after = readFields(done(popPbb(done(pushPbb({ bytes: frame, inPort: 1 }, 0x88e7)))));
    expect(after).toEqual(before);
  });
});
