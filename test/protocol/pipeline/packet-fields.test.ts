/** OpenFlow 1.3.5, sections 7.2.3.8 and 7.2.3.9: which fields a frame has, and which it does not. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type FieldName, readFields } from '../../../protocol/pipeline/packet-fields.ts';
import { parseHex } from '../../../protocol/wire/hex.ts';
import { frames } from './frame-arbitrary.ts';

const MACS = '020000000002020000000001';
const IPV4_TCP = '4500002800010000400666cd0a0000010a000002';
const TCP = '04d2005000000001000000025012faf000000000';

function fieldsOf(hex: string, names: readonly FieldName[]): readonly unknown[] {
  const fields = readFields({ bytes: parseHex(hex)!, inPort: 3 });
  return names.map((name) => fields.get(name));
}

describe('pipeline fields', () => {
  test('are always there, zero if nobody set them', () => {
    const fields = readFields({ bytes: new Uint8Array(), inPort: 3 });
    expect(Object.fromEntries(fields)).toEqual({ inPort: 3, inPhyPort: 3, metadata: 0n, tunnelId: 0n });
  });

  test('are what the packet brings', () => {
    const fields = readFields({ bytes: new Uint8Array(), inPort: 3, inPhyPort: 7, metadata: 1n, tunnelId: 2n });
    expect(Object.fromEntries(fields)).toEqual({ inPort: 3, inPhyPort: 7, metadata: 1n, tunnelId: 2n });
  });
});

describe('VLAN fields', () => {
  const NAMES = ['vlanVid', 'vlanPcp', 'ethType'] as const;

  test('say that there is no tag', () => {
    expect(fieldsOf(`${MACS}0806`, NAMES)).toEqual([0, undefined, 0x0806]);
  });

  test('are of the outermost tag, and the type is behind the last', () => {
    expect(fieldsOf(`${MACS}88a8b06481000005${'0806'}`, NAMES)).toEqual([0x1064, 5, 0x0806]);
  });

  test('count a priority tag as a tag', () => {
    expect(fieldsOf(`${MACS}8100e0000806`, NAMES)).toEqual([0x1000, 7, 0x0806]);
  });

  test('of a tag that is cut off are none, and its identifier is the type', () => {
    expect(fieldsOf(`${MACS}8100b064`, NAMES)).toEqual([0, undefined, 0x8100]);
  });
});

describe('eth_type', () => {
  test.each([
    ['is 0x05ff under a length and LLC', `${MACS}0003424203`, 0x05ff],
    ['is 0x05ff under a length and nothing', `${MACS}0000`, 0x05ff],
    ['is that of SNAP', `${MACS}0008aaaa030000000806`, 0x0806],
    ['is 0x05ff under SNAP of another organisation', `${MACS}0008aaaa0300000c2000`, 0x05ff],
    ['is that of SNAP behind a tag', `${MACS}810000050008aaaa030000000806`, 0x0806],
    ['is 0x8847 for a label, whatever that carries', `${MACS}8847000011ff${IPV4_TCP}${TCP}`, 0x8847],
  ])('%s', (_name, hex, expected) => {
    expect(fieldsOf(hex, ['ethType'])).toEqual([expected]);
  });

  test('leads to what SNAP carries', () => {
    const hex = `${MACS}0030aaaa03000000${'0800'}${IPV4_TCP}${TCP}`;
    expect(fieldsOf(hex, ['ipv4Dst', 'tcpDst'])).toEqual([0x0a000002, 80]);
  });
});

describe('fields behind a label or a backbone tag', () => {
  test('are not there', () => {
    const names = ['mplsLabel', 'mplsTc', 'mplsBos', 'ipProto', 'ipv4Src'] as const;
    expect(fieldsOf(`${MACS}8848000647ff000011ff${IPV4_TCP}`, names)).toEqual([100, 3, 1, undefined, undefined]);
    const pbb = ['pbbIsid', 'ethDst', 'ipProto'] as const;
    expect(fieldsOf(`${MACS}88e7e0abcdef0a00000000010a0000000002${'0800'}${IPV4_TCP}`, pbb)).toEqual([
      0xabcdef,
      0x020000000002,
      undefined,
    ]);
  });
});

describe('IPv4 fields', () => {
  const NAMES = ['ipProto', 'tcpDst', 'tcpFlags'] as const;
  const header = (hex: string) => `${MACS}0800${hex}${TCP}`;

  test('lead to TCP', () => {
    expect(fieldsOf(header(IPV4_TCP), NAMES)).toEqual([6, 80, 0x012]);
  });

  test.each([
    ['stop at IP in a later fragment', '4500002800010001400666cc0a0000010a000002', [6, undefined, undefined]],
    ['reach TCP in a first fragment', '45000028000120004006 46cd0a0000010a000002', [6, 80, 0x012]],
    [
      'stop at IP when the packet ends within TCP, whatever pads the frame',
      '4500002700010000400666ce0a0000010a000002',
      [6, undefined, undefined],
    ],
    [
      'are none in a header of another version',
      '5500002800010000400666cd0a0000010a000002',
      [undefined, undefined, undefined],
    ],
    [
      'are none in a header shorter than a header',
      '4400002800010000400666cd0a0000010a000002',
      [undefined, undefined, undefined],
    ],
    [
      'are none in a packet shorter than its header',
      '4500001300010000400666cd0a0000010a000002',
      [undefined, undefined, undefined],
    ],
  ])('%s', (_name, hex, expected) => {
    expect(fieldsOf(header(hex), NAMES)).toEqual(expected);
  });

  test('are behind options', () => {
    expect(fieldsOf(header('4600002c0001000040065cc10a0000010a000002940400 00'), NAMES)).toEqual([6, 80, 0x012]);
  });
});

describe('IPv6 fields', () => {
  const NAMES = ['ipProto', 'tcpDst', 'ipv6Exthdr'] as const;
  const EXTHDR = { noNext: 1, esp: 2, auth: 4, dest: 8, frag: 16, route: 32, hop: 64, unrep: 128, unseq: 256 };
  /** An extension header of eight bytes of each kind, the number of the next left open. */
  const BODIES: Readonly<Record<number, string>> = {
    0: '00050200000100',
    43: '00020000000000',
    44: '00000000000001',
    51: '01000000000001',
    60: '00010400000000',
  };
  const ADDRESSES = `${'20'.repeat(16)}${'30'.repeat(16)}`;

  function toFrame(headers: readonly number[], last: string, lastBytes: string): string {
    const numbers = [...headers.map((header) => header.toString(16).padStart(2, '0')), last];
    const chain = headers
      .map((header, i) => numbers[i + 1]! + BODIES[header]! + (header === 51 ? '00000001' : ''))
      .join('');
    const payload = chain + lastBytes;
    const length = (payload.length / 2).toString(16).padStart(4, '0');
    return `${MACS}86dd6000000a${length}${numbers[0]}40${ADDRESSES}${payload}`;
  }

  test.each([
    ['none', [], 0],
    ['hop-by-hop', [0], EXTHDR.hop],
    [
      'all in the recommended order',
      [0, 60, 43, 44, 51, 60],
      EXTHDR.hop | EXTHDR.dest | EXTHDR.route | EXTHDR.frag | EXTHDR.auth,
    ],
    ['destination options at their second place', [44, 60], EXTHDR.frag | EXTHDR.dest],
    ['two destination options', [60, 60], EXTHDR.dest],
    ['three destination options', [60, 60, 60], EXTHDR.dest | EXTHDR.unrep],
    ['routing twice', [43, 43], EXTHDR.route | EXTHDR.unrep],
    ['fragment before routing', [44, 43], EXTHDR.frag | EXTHDR.route | EXTHDR.unseq],
    ['hop-by-hop that is not first', [60, 0], EXTHDR.dest | EXTHDR.unseq],
    ['hop-by-hop twice', [0, 0], EXTHDR.hop | EXTHDR.unrep],
  ])('say which extension headers there are: %s', (_name, headers, expected) => {
    expect(fieldsOf(toFrame(headers, '06', TCP), NAMES)).toEqual([6, 80, expected]);
  });

  test('end at what hides the rest', () => {
    expect(fieldsOf(toFrame([60], '32', '0'.repeat(40)), NAMES)).toEqual([50, undefined, EXTHDR.dest | EXTHDR.esp]);
    expect(fieldsOf(toFrame([], '3b', ''), NAMES)).toEqual([59, undefined, EXTHDR.noNext]);
  });

  test('end at an extension header that is cut off: that is then the protocol', () => {
    expect(fieldsOf(toFrame([0], '2b', '0602000000'), NAMES)).toEqual([43, undefined, EXTHDR.hop | EXTHDR.route]);
    expect(fieldsOf(toFrame([], '2b', '060200000000000006'), NAMES)).toEqual([43, undefined, EXTHDR.route]);
  });

  test('fill the frame when hop-by-hop options have the length', () => {
    const frame = toFrame([0], '06', TCP);
    // The payload length, behind version, class and label.
    const jumbo = `${frame.slice(0, 36)}0000${frame.slice(40)}`;
    expect(fieldsOf(jumbo, NAMES)).toEqual([6, 80, EXTHDR.hop]);
    expect(fieldsOf(toFrame([], '06', TCP).replace('0014', '0000'), NAMES)).toEqual([6, undefined, 0]);
  });

  test('name the protocol of a later fragment, and nothing of it', () => {
    expect(fieldsOf(toFrame([], '2c', `0600000900000001${TCP}`), NAMES)).toEqual([6, undefined, EXTHDR.frag]);
  });
});

describe('ICMPv6 fields', () => {
  const TARGET = 'fe80000000000000000000000000cafe';
  const NAMES = ['icmpv6Type', 'ipv6NdTarget', 'ipv6NdSll', 'ipv6NdTll'] as const;
  const neighbor = (message: string) =>
    `${MACS}86dd60000000${(message.length / 2).toString(16).padStart(4, '0')}3aff${'20'.repeat(32)}${message}`;
  const target = BigInt(`0x${TARGET}`);

  test.each([
    [
      'a solicitation has a source',
      `8700000000000000${TARGET}0101060000000001`,
      [135, target, 0x060000000001, undefined],
    ],
    [
      'an advertisement has a target',
      `8800000060000000${TARGET}0201060000000001`,
      [136, target, undefined, 0x060000000001],
    ],
    [
      'the other option is passed over',
      `8700000000000000${TARGET}02010600000000020101060000000001`,
      [135, target, 0x060000000001, undefined],
    ],
    ['a solicitation without options', `8700000000000000${TARGET}`, [135, target, undefined, undefined]],
    [
      'an option of length zero ends the search',
      `8700000000000000${TARGET}05000000000000000101060000000001`,
      [135, target, undefined, undefined],
    ],
    [
      'a message that is cut off has no target',
      `8700000000000000${TARGET.slice(2)}`,
      [135, undefined, undefined, undefined],
    ],
    [
      'another code is no neighbor discovery',
      `8701000000000000${TARGET}0101060000000001`,
      [135, undefined, undefined, undefined],
    ],
    ['an echo request has none of it', `8000000000010002${TARGET}`, [128, undefined, undefined, undefined]],
  ])('%s', (_name, message, expected) => {
    expect(fieldsOf(neighbor(message), NAMES)).toEqual(expected);
  });
});

describe('ARP fields', () => {
  const NAMES = ['arpOp', 'arpSpa', 'arpTpa', 'arpSha', 'arpTha'] as const;
  const addresses = '0600000000010a0000010600000000020a000002';

  test('are of ARP for IPv4 over Ethernet', () => {
    const expected = [1, 0x0a000001, 0x0a000002, 0x060000000001, 0x060000000002];
    expect(fieldsOf(`${MACS}08060001080006040001${addresses}`, NAMES)).toEqual(expected);
  });

  test('are none of any other', () => {
    expect(fieldsOf(`${MACS}08060006080006040001${addresses}`, NAMES)).toEqual(NAMES.map(() => undefined));
    expect(fieldsOf(`${MACS}08060001080006040001${addresses.slice(2)}`, NAMES)).toEqual(NAMES.map(() => undefined));
  });
});

test('a frame that is cut off has some of the fields that it had, with the same values', () => {
  fc.assert(
    fc.property(frames, fc.nat(), (bytes, cut) => {
      const whole = readFields({ bytes, inPort: 1 });
      const part = readFields({ bytes: bytes.slice(0, cut % (bytes.length + 1)), inPort: 1 });
      for (const [field, value] of part) {
        // What there is decides about these three: tags behind the cut, the last header that is there.
        if (field === 'vlanVid' || field === 'ethType' || field === 'ipProto' || field === 'ipv6Exthdr') continue;
        expect([field, whole.get(field)]).toEqual([field, value]);
      }
    }),
    { numRuns: 1000 },
  );
});
