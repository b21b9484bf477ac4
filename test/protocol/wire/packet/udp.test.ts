import { describe, expect, test } from 'vitest';
import { decodeUdp, encodeUdp, udpBytes, udpView } from '../../../../protocol/wire/packet/udp.ts';
import { encodeToBytes, expectTruncationsRefused, testCodec, viewOf } from './codec-suite.ts';

const UDP = { decode: decodeUdp, encode: encodeUdp, bytes: udpBytes };

describe('UDP', () => {
  testCodec('udp', UDP);

  test('a header cut off anywhere is refused', () => {
    expectTruncationsRefused(new Uint8Array(8), (cut) => decodeUdp(viewOf(cut), 0, cut.length));
  });

  test.each([1, 7])('a length of %d, which no datagram can have, is refused at its place', (length) => {
    const written = encodeToBytes(UDP, { type: 'udp', srcPort: 1, dstPort: 2, length });
    expect(() => decodeUdp(viewOf(written), 0, 8)).toThrow('BAD_LENGTH at 4');
  });

  test('a first fragment, whose length is that of the whole datagram, is read', () => {
    const written = encodeToBytes(UDP, { type: 'udp', srcPort: 1, dstPort: 2, length: 65535 });
    expect(decodeUdp(viewOf(written), 0, 8).length).toBe(65535);
  });

  test('a field set in place is the field that is read', () => {
    const view = new DataView(new ArrayBuffer(8));
    udpView.setSrcPort(view, 0, 1);
    udpView.setDstPort(view, 0, 2);
    udpView.setLength(view, 0, 30);
    udpView.setChecksum(view, 0, 4);
    expect(decodeUdp(view, 0, 8)).toEqual({ type: 'udp', srcPort: 1, dstPort: 2, length: 30, checksum: 4 });
  });
});
