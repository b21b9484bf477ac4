import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeProbe, encodeProbe, type Probe } from '../../controller/network/lldp-probe.ts';

const SECRET = 0x1234_5678_9abc_def0n;
const MAC = 0x020000000001;
const probe: Probe = { dpid: '0000000000000002', portNo: 1 };

describe('a probe', () => {
  it('is known by the controller that made it', () => {
    fc.assert(
      fc.property(fc.bigInt(1n, 2n ** 64n - 1n), fc.integer({ min: 1, max: 0xffff_ff00 }), (dpid, portNo) => {
        const sent = { dpid: dpid.toString(16).padStart(16, '0'), portNo };
        expect(decodeProbe(encodeProbe(sent, MAC, SECRET), SECRET)).toEqual(sent);
      }),
    );
  });

  it('of another controller is none', () => {
    expect(decodeProbe(encodeProbe(probe, MAC, SECRET + 1n), SECRET)).toBeUndefined();
  });

  it('does not vouch for another port or switch', () => {
    const text = (frame: Uint8Array) => Buffer.from(frame).toString('latin1');
    const honest = text(encodeProbe(probe, MAC, SECRET));
    const forge = (from: string, to: string) => {
      expect(honest).toContain(from);
      return decodeProbe(Buffer.from(honest.replace(from, to), 'latin1'), SECRET);
    };
    expect(forge('sluice:', 'sluice:')).toEqual(probe);
    expect(forge('sluice:0000000000000002', 'sluice:0000000000000003')).toBeUndefined();
    // A port id TLV: its subtype (local) and the number.
    expect(forge('\x071\x06', '\x072\x06')).toBeUndefined();
  });
});
