import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeTcp, encodeTcp, TCP_FLAG, type Tcp, tcpBytes, tcpView } from '../../../../protocol/wire/packet/tcp.ts';
import { type TcpOption, tcpOptionsBytes } from '../../../../protocol/wire/packet/tcp-option.ts';
import { encodeToBytes, expectTruncationsRefused, testCodec, viewOf } from './codec-suite.ts';

const TCP = { decode: decodeTcp, encode: encodeTcp, bytes: tcpBytes };
const SYN: Tcp = { type: 'tcp', srcPort: 1, dstPort: 2, seq: 3, ack: 0, flags: TCP_FLAG.syn, window: 64240 };

const u16 = fc.nat(0xffff);
const u32 = fc.nat(0xffff_ffff);
const bytes = (maxLength: number) => fc.uint8Array({ maxLength });

const option: fc.Arbitrary<TcpOption> = fc.oneof(
  fc.constant<TcpOption>({ type: 'no-op' }),
  fc.constant<TcpOption>({ type: 'sack-permitted' }),
  u16.map((size): TcpOption => ({ type: 'mss', bytes: size })),
  fc.nat(255).map((shift): TcpOption => ({ type: 'window-scale', shift })),
  fc.tuple(u32, u32).map(([value, echo]): TcpOption => ({ type: 'timestamps', value, echo })),
  fc
    .array(fc.record({ left: u32, right: u32 }), { minLength: 1, maxLength: 4 })
    .map((blocks): TcpOption => ({ type: 'sack', blocks })),
  bytes(16).map((cookie): TcpOption => ({ type: 'fast-open', cookie })),
  fc
    .tuple(fc.integer({ min: 35, max: 255 }), bytes(8))
    .map(([kind, data]): TcpOption => ({ type: 'unknown', kind, data })),
);

/** Options as a decoder can give them: they fill whole words, by an end and filler if need be. */
const options: fc.Arbitrary<TcpOption[]> = fc
  .array(option, { maxLength: 8 })
  .filter((list) => tcpOptionsBytes(list) <= 40)
  .map((list) => {
    const spare = -tcpOptionsBytes(list) & 3;
    return spare === 0 ? list : [...list, { type: 'end', padding: new Uint8Array(spare - 1) }];
  });

describe('TCP', () => {
  testCodec('tcp', TCP);

  test('a header cut off anywhere is refused', () => {
    expectTruncationsRefused(encodeToBytes(TCP, { ...SYN, options: [{ type: 'mss', bytes: 1460 }] }), (cut) =>
      decodeTcp(viewOf(cut), 0, cut.length),
    );
  });

  test('what is left out is written as zero, and options are filled up to whole words with the end of the list', () => {
    const written = encodeToBytes(TCP, { ...SYN, options: [{ type: 'window-scale', shift: 7 }] });
    expect(written.length).toBe(24);
    expect(Array.from(written.subarray(16))).toEqual([0, 0, 0, 0, 3, 3, 7, 0]);
  });

  test('any header is read as it was written', () => {
    const header: fc.Arbitrary<Tcp> = fc.record({
      type: fc.constant('tcp' as const),
      srcPort: u16,
      dstPort: u16,
      seq: u32,
      ack: u32,
      flags: fc.nat(0xfff),
      window: u16,
      checksum: u16,
      urgentPointer: u16,
      options,
    });
    fc.assert(
      fc.property(header, (value) => {
        const written = encodeToBytes(TCP, value);
        expect(decodeTcp(viewOf(written), 0, written.length)).toEqual(value);
      }),
    );
  });

  test('options that do not fit the header are refused', () => {
    const tooMany: TcpOption[] = [{ type: 'unknown', kind: 99, data: new Uint8Array(39) }];
    expect(() => encodeTcp({ ...SYN, options: tooMany }, new DataView(new ArrayBuffer(100)), 0)).toThrow('TOO_LARGE');
  });

  test.each([
    ['an option without a length', '03', 'TRUNCATED'],
    ['an option of length zero', '01010200', 'BAD_LENGTH'],
    ['an option of length one', '02010101', 'BAD_LENGTH'],
    ['an option that leaves the header', '0101020a', 'BAD_LENGTH'],
  ])('%s is refused', (_name, hex, fault) => {
    const header = encodeToBytes(TCP, {
      ...SYN,
      options: [{ type: 'unknown', kind: 99, data: new Uint8Array(2) }],
    });
    header.set([1, 1, 1, 1], 20);
    const tail = Uint8Array.from(hex.match(/../g)!, (pair) => Number.parseInt(pair, 16));
    header.set(tail, header.length - tail.length);
    expect(() => decodeTcp(viewOf(header), 0, header.length)).toThrow(fault);
  });

  test('a field set in place is the field that is read, and nothing else changes', () => {
    const written = encodeToBytes(TCP, { ...SYN, options: [{ type: 'mss', bytes: 536 }] });
    const view = viewOf(written);
    const before = decodeTcp(view, 0, written.length);
    tcpView.setSrcPort(view, 0, 1001);
    tcpView.setDstPort(view, 0, 1002);
    tcpView.setSeq(view, 0, 0xfffffffe);
    tcpView.setAck(view, 0, 0xfffffffd);
    tcpView.setFlags(view, 0, 0xfff);
    tcpView.setWindow(view, 0, 1003);
    tcpView.setChecksum(view, 0, 1004);
    tcpView.setUrgentPointer(view, 0, 1005);
    expect(decodeTcp(view, 0, written.length)).toEqual({
      ...before,
      srcPort: 1001,
      dstPort: 1002,
      seq: 0xfffffffe,
      ack: 0xfffffffd,
      flags: 0xfff,
      window: 1003,
      checksum: 1004,
      urgentPointer: 1005,
    });
    expect(tcpView.headerBytes(view, 0)).toBe(24);
  });
});
