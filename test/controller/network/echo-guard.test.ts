import { describe, expect, it } from 'vitest';
import { EchoGuard } from '../../../controller/network/echo-guard.ts';
import { toSipKey } from '../../../controller/network/siphash.ts';

const SECOND = 1_000_000_000;
const [HERE, THERE] = [
  { dpid: '0000000000000001', portNo: 1 },
  { dpid: '0000000000000002', portNo: 1 },
];

function frame(number: number): Uint8Array {
  const bytes = new Uint8Array(60);
  new DataView(bytes.buffer).setUint32(14, number);
  return bytes;
}

describe('a frame that was sent on', () => {
  it('is an echo at another port for a second, and its own word where it came from', () => {
    const guard = new EchoGuard(toSipKey(1n));
    guard.note(frame(1), HERE, 0);
    expect(guard.isEcho(frame(1), THERE, SECOND - 1)).toBe(true);
    expect(guard.isEcho(frame(1), HERE, SECOND - 1)).toBe(false);
    expect(guard.isEcho(frame(2), THERE, SECOND - 1)).toBe(false);
    expect(guard.isEcho(frame(1), THERE, SECOND)).toBe(false);
  });

  it('is remembered of the last few thousand', () => {
    const guard = new EchoGuard(toSipKey(1n));
    for (let i = 0; i < 10_000; i++) guard.note(frame(i), HERE, 0);
    expect(guard.isEcho(frame(9999), THERE, 1)).toBe(true);
    expect(guard.isEcho(frame(0), THERE, 1)).toBe(false);
  });
});
