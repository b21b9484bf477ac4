/** What Wireshark finds wrong with frames: what it cannot read, and every checksum that is not what it should be. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LINK_TYPE } from '../../protocol/wire/capture/link-type.ts';
import { encodePcapHeader, encodePcapRecord } from '../../protocol/wire/capture/pcap.ts';
import { findPeer, runPeer } from './peer.ts';

export const tshark = findPeer('tshark');

const CHECKED = ['ip', 'udp', 'tcp', 'icmp', 'icmpv6', 'igmp'];
const WRONG = ['_ws.malformed', ...CHECKED.map((name) => `${name}.checksum.status == 0`)].join(' || ');
const PREFERENCES = ['ip.check_checksum:TRUE', 'udp.check_checksum:TRUE', 'tcp.check_checksum:TRUE'].flatMap((text) => [
  '-o',
  text,
]);

export interface Audit {
  /** Frames that it has read, by the protocol that it calls them. */
  readonly protocols: ReadonlyMap<string, number>;
  /** A line for each frame with a fault. */
  readonly faults: readonly string[];
}

export async function auditFrames(frames: readonly Uint8Array[]): Promise<Audit> {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-audit-'));
  const file = join(folder, 'frames.pcap');
  const records = frames.map((data, i) =>
    encodePcapRecord({ timestampNs: BigInt(i) * 1_000_000_000n, originalBytes: data.length, data }),
  );
  writeFileSync(file, Buffer.concat([encodePcapHeader({ linkType: LINK_TYPE.ethernet }), ...records]));
  try {
    const lines = async (...words: readonly string[]): Promise<readonly string[]> => {
      const { code, stdout, stderr } = await runPeer(tshark, ['-n', '-r', file, ...PREFERENCES, ...words]);
      if (code !== 0) throw new Error(`tshark ended with ${code}: ${stderr}`);
      return stdout.split('\n').filter((line) => line !== '');
    };
    const protocols = new Map<string, number>();
    for (const name of await lines('-T', 'fields', '-e', '_ws.col.Protocol')) {
      protocols.set(name, (protocols.get(name) ?? 0) + 1);
    }
    return { protocols, faults: await lines('-Y', WRONG) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
