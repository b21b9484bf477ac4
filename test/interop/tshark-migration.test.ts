/** What a live migration puts on the network, as Wireshark reads it: the announcements are RARP, and nothing is malformed or has a wrong checksum. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodePcapHeader, encodePcapRecord } from '../../protocol/wire/capture/pcap.ts';
import { SECOND } from '../../sim/clock.ts';
import { GuestRig } from '../sim/guest-rig.ts';
import { findPeer, runPeer } from './peer.ts';

const tshark = findPeer('tshark');
const ETHERNET = 1;

/** Everything that one end of a cable is sent. */
function capture(rig: GuestRig, link: string): Uint8Array[] {
  const parts = [encodePcapHeader({ linkType: ETHERNET })];
  rig.network.cables.get(link)!.addTap({
    sent: () => undefined,
    delivered: (_from, frame) => {
      const timestampNs = BigInt(rig.clock.now);
      parts.push(encodePcapRecord({ timestampNs, originalBytes: frame.length, data: frame }));
    },
  });
  return parts;
}

describe.skipIf(tshark.isSkipped)('a live migration, read by tshark', () => {
  it('is RARP five times, datagrams, and nothing malformed', async () => {
    const rig = new GuestRig(`
switches: { s1: }
nodes: { n1: { host: hv-1 }, n2: { host: hv-2 } }
hosts: { hv-1: , hv-2: , g: { kind: vm, on: n1, memory: 4MiB } }
links:
  - [hv-1, s1]
  - { ends: [hv-2, s1], name: n2-up }
  - { ends: [g, s1], node: n1 }
  - { ends: [g, s1], node: n2 }
`);
    const parts = capture(rig, 'n2-up');
    expect(rig.migrate('g', 'n2').state).toBe('completed');
    rig.run(2 * SECOND);
    const folder = mkdtempSync(join(tmpdir(), 'sluice-migration-'));
    try {
      const file = join(folder, 'migration.pcap');
      writeFileSync(file, Buffer.concat(parts));
      const read = async (filter: string, ...fields: readonly string[]) => {
        const checks = ['-o', 'ip.check_checksum:TRUE', '-o', 'udp.check_checksum:TRUE'];
        const columns = fields.flatMap((field) => ['-e', field]);
        const { code, stdout } = await runPeer(tshark, [
          '-r',
          file,
          ...checks,
          '-Y',
          filter,
          '-T',
          'fields',
          ...columns,
        ]);
        expect(code).toBe(0);
        return stdout.split('\n').filter(Boolean);
      };
      expect(
        await read('_ws.malformed || ip.checksum.status == "Bad" || udp.checksum.status == "Bad"', 'frame.number'),
      ).toEqual([]);
      expect(await read('eth.type == 0x8035 && arp.opcode == 3', 'arp.src.hw_mac', 'arp.dst.hw_mac')).toEqual(
        Array.from({ length: 5 }, () => '00:00:00:00:00:03\t00:00:00:00:00:03'),
      );
      expect((await read('udp.port == 49152', 'ip.len')).length).toBe(parts.length - 1 - 5 - 2);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
