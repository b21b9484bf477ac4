import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeProbe, type Probe, readProbe } from '../../controller/network/lldp-probe.ts';
import { toSipKey } from '../../controller/network/siphash.ts';
import { encodeFrame } from '../../protocol/wire/packet/frame.ts';

const KEY = toSipKey(0x1234_5678_9abc_def0_0fed_cba9_8765_4321n);
const OTHER_KEY = toSipKey(0x1234_5678_9abc_def0_0fed_cba9_8765_4320n);
const MAC = 0x020000000001;
const probe: Probe = { dpid: '0000000000000002', portNo: 1, sentAt: 5_000_000_000 };

describe('a probe', () => {
  it('is known by the controller that made it, with the time when it was sent', () => {
    const port = fc.integer({ min: 1, max: 0xffff_ff00 });
    fc.assert(
      fc.property(fc.bigInt(1n, 2n ** 64n - 1n), port, fc.maxSafeNat(), (dpid, portNo, sentAt) => {
        const sent = { dpid: dpid.toString(16).padStart(16, '0'), portNo, sentAt };
        expect(readProbe(encodeProbe(sent, MAC, KEY), KEY)).toEqual({ type: 'probe', probe: sent });
      }),
    );
  });

  it('of another controller is a forgery', () => {
    expect(readProbe(encodeProbe(probe, MAC, OTHER_KEY), KEY)).toEqual({ type: 'forged' });
  });

  it('does not vouch for another port, switch or time: whatever bit of it is changed', () => {
    const honest = encodeProbe(probe, MAC, KEY);
    for (let bit = 14 * 8; bit < honest.length * 8; bit++) {
      const frame = honest.slice();
      frame[bit >> 3] = frame[bit >> 3]! ^ (1 << (bit & 7));
      const reading = readProbe(frame, KEY);
      // What is not signed may change: the kind of an identifier, the time to live.
      if (reading?.type === 'probe') expect(reading.probe).toEqual(probe);
    }
  });
});

describe("somebody else's LLDP", () => {
  const from = (subtype: number, id: Uint8Array) =>
    encodeFrame([
      { type: 'ethernet', dst: 0x0180c200000e, src: MAC, etherType: 0x88cc },
      {
        type: 'lldp',
        tlvs: [
          { type: 'chassis-id', subtype, id },
          { type: 'port-id', subtype: 7, id: new TextEncoder().encode('1') },
          { type: 'time-to-live', seconds: 120 },
          { type: 'end' },
        ],
      },
    ]);

  it('says who it is, by name or by address', () => {
    expect(readProbe(from(7, new TextEncoder().encode('rack 7')), KEY)).toEqual({ type: 'foreign', chassis: 'rack 7' });
    const mac = Uint8Array.of(2, 0, 0, 0, 0, 9);
    expect(readProbe(from(4, mac), KEY)).toEqual({ type: 'foreign', chassis: '02:00:00:00:00:09' });
  });

  it('says it in a bounded number of characters that can be printed', () => {
    const reading = readProbe(from(7, new TextEncoder().encode(`\u001b[2J${'x'.repeat(200)}`)), KEY);
    expect(reading?.type === 'foreign' && reading.chassis).toMatch(/^\?\[2Jx{1,64}$/);
  });
});
