import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseHex } from '../../../../protocol/wire/hex.ts';
import {
  decodeSctp,
  encodeSctp,
  type Sctp,
  sctpBytes,
  sctpChecksumOf,
  sctpView,
} from '../../../../protocol/wire/packet/sctp.ts';
import type { SctpChunk, SctpParameter } from '../../../../protocol/wire/packet/sctp-chunk.ts';
import { readVectors } from '../../../vector.ts';
import { encodeToBytes, testCodec, viewOf } from './codec-suite.ts';

const SCTP = { decode: decodeSctp, encode: encodeSctp, bytes: sctpBytes };

const u16 = fc.nat(0xffff);
const u32 = fc.nat(0xffff_ffff);
const bytes = fc.uint8Array({ maxLength: 21 });
const parameters: fc.Arbitrary<SctpParameter[]> = fc.array(fc.record({ kind: u16, data: bytes }), { maxLength: 3 });
const flags = fc.nat(255);

const init = {
  initiateTag: u32,
  windowBytes: u32,
  outboundStreams: u16,
  inboundStreams: u16,
  initialTsn: u32,
  parameters,
  flags,
};

const chunk: fc.Arbitrary<SctpChunk> = fc.oneof(
  fc.record({
    type: fc.constant('data' as const),
    tsn: u32,
    stream: u16,
    streamSequence: u16,
    payloadProtocol: u32,
    data: bytes,
    flags,
  }),
  fc.record({ type: fc.constantFrom('init' as const, 'init-ack' as const), ...init }),
  fc.record({
    type: fc.constant('sack' as const),
    cumulativeTsn: u32,
    windowBytes: u32,
    gaps: fc.array(fc.record({ start: u16, end: u16 }), { maxLength: 4 }),
    duplicates: fc.array(u32, { maxLength: 4 }),
    flags,
  }),
  fc.record({ type: fc.constantFrom('heartbeat' as const, 'heartbeat-ack' as const), parameters, flags }),
  fc.record({ type: fc.constantFrom('abort' as const, 'error' as const), causes: parameters, flags }),
  fc.record({ type: fc.constant('shutdown' as const), cumulativeTsn: u32, flags }),
  fc.record({ type: fc.constant('cookie-echo' as const), cookie: bytes, flags }),
  fc.record({
    type: fc.constantFrom('shutdown-ack' as const, 'cookie-ack' as const, 'shutdown-complete' as const),
    flags,
  }),
  fc.record({ type: fc.constant('unknown' as const), kind: fc.integer({ min: 15, max: 255 }), data: bytes, flags }),
) as fc.Arbitrary<SctpChunk>;

describe('SCTP', () => {
  testCodec('sctp', SCTP);

  const vectors = readVectors(new URL('vectors/sctp.txt', import.meta.url));

  test.each(vectors.filter(({ name }) => !name.includes('wrong')))('the checksum is computed: $name', (vector) => {
    const { checksum, ...unsealed } = decodeSctp(viewOf(vector.bytes), 0, vector.bytes.length);
    expect(encodeToBytes(SCTP, unsealed)).toEqual(vector.bytes);
    expect(sctpChecksumOf(viewOf(vector.bytes), 0, vector.bytes.length)).toBe(checksum);
  });

  test('any packet is read as it was written', () => {
    const packet: fc.Arbitrary<Sctp> = fc.record({
      type: fc.constant('sctp' as const),
      srcPort: u16,
      dstPort: u16,
      verificationTag: u32,
      checksum: u32,
      chunks: fc.array(chunk, { maxLength: 4 }),
    });
    fc.assert(
      fc.property(packet, (value) => {
        const written = encodeToBytes(SCTP, value);
        expect(written.length % 4).toBe(0);
        expect(decodeSctp(viewOf(written), 0, written.length)).toEqual(value);
      }),
    );
  });

  test.each([
    ['a chunk of length zero', '00 00 0000', 'BAD_LENGTH at 14'],
    ['a chunk of length three', '0b 00 0003', 'BAD_LENGTH at 14'],
    ['a chunk that leaves the packet', '0b 00 0005', 'BAD_LENGTH at 14'],
    ['three bytes where a chunk should be', '0b 00 00', 'TRUNCATED at 12'],
    ['DATA without room for its numbers', '00 00 000f 00000000 0000 0000 000000', 'BAD_LENGTH at 14'],
    ['a SACK that counts one gap too many', '03 00 0010 00000000 00000000 0001 0000', 'BAD_LENGTH at 14'],
    ['a COOKIE ACK with a body', '0b 00 0008 00000000', 'BAD_LENGTH at 14'],
    ['a SHUTDOWN without a number', '07 00 0004', 'BAD_LENGTH at 14'],
    ['a parameter of length zero', '04 00 0008 0001 0000', 'BAD_LENGTH at 18'],
    ['a parameter that leaves its chunk', '04 00 0008 0001 0005', 'BAD_LENGTH at 18'],
  ])('%s is refused', (_name, hex, fault) => {
    const packet = parseHex(`0001 0002 00000003 00000000 ${hex}`)!;
    expect(() => decodeSctp(viewOf(packet), 0, packet.length)).toThrow(fault);
  });

  test('a chunk whose length no field can hold is refused', () => {
    const value: Sctp = {
      type: 'sctp',
      srcPort: 1,
      dstPort: 2,
      verificationTag: 3,
      chunks: [{ type: 'cookie-echo', cookie: new Uint8Array(65532) }],
    };
    expect(() => encodeToBytes(SCTP, value)).toThrow('TOO_LARGE');
  });

  test('a field set in place is the field that is read', () => {
    const view = new DataView(new ArrayBuffer(12));
    sctpView.setSrcPort(view, 0, 1);
    sctpView.setDstPort(view, 0, 2);
    sctpView.setChecksum(view, 0, 0x01020304);
    expect(decodeSctp(view, 0, 12)).toMatchObject({ srcPort: 1, dstPort: 2, checksum: 0x01020304 });
    expect(view.getUint8(8)).toBe(4);
  });
});
