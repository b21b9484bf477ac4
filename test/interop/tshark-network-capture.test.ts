/** Captures of a running network, read by Wireshark's programs: every packet, by its name and time, OpenFlow among them, and nothing malformed. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SECOND } from '../../sim/clock.ts';
import { startPing } from '../../sim/ping.ts';
import { type CapturedLab, capturedLab } from '../lab/captured-lab.ts';
import { findPeer, runPeer } from './peer.ts';

const tshark = findPeer('tshark');

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sluice-network-capture-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function dissect(file: string, filter: string, ...fields: readonly string[]): Promise<string[][]> {
  const strict = ['ip.check_checksum:TRUE', 'tcp.check_checksum:TRUE', 'udp.check_checksum:TRUE'].flatMap(
    (preference) => ['-o', preference],
  );
  const wanted = fields.flatMap((field) => ['-e', field]);
  const args = [
    ...strict,
    '-r',
    file,
    '-Y',
    filter,
    '-T',
    'fields',
    '-E',
    'separator=|',
    '-E',
    'aggregator=;',
    ...wanted,
  ];
  const { code, stdout, stderr } = await runPeer(tshark, args);
  expect(code, stderr).toBe(0);
  expect(stderr.replace(/^Running as user.*\n?/m, '')).toBe('');
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => line.split('|'));
}

function busyLab(): CapturedLab {
  return capturedLab({ links: ['trunk'], ports: ['h1:0'], channels: ['s1', 's2'] }, (lab) => {
    const { hosts, cables } = lab.network;
    const ping = (count: number) => startPing(hosts.get('h1')!, hosts.get('h2')!.spec.ip!, { count }, () => {});
    ping(5);
    lab.runUntil(() => false, lab.clock.now + 2 * SECOND);
    cables.get('trunk')!.shape({ lossProbability: 0.5 });
    ping(10);
    lab.runUntil(() => false, lab.clock.now + 4 * SECOND);
    cables.get('trunk')!.setUp(false);
    lab.disconnect('s1');
    lab.runUntil(() => false, lab.clock.now + SECOND);
    lab.connect('s1');
    cables.get('trunk')!.setUp(true);
    lab.runUntil(() => false, lab.clock.now + 10 * SECOND);
  });
}

describe.skipIf(tshark.isSkipped)('tshark reads a capture of links, ports and control channels', () => {
  const captured = busyLab();
  let file = '';
  beforeAll(() => {
    file = join(folder, 'network.pcapng');
    writeFileSync(file, captured.bytes);
  });

  test('packet for packet, with the times, names and comments that were written', async () => {
    const rows = await dissect(
      file,
      'frame',
      'frame.time_epoch',
      'frame.interface_name',
      'frame.interface_description',
      'frame.comment',
      'frame.len',
    );
    const wanted = captured.packets.map(({ timestampNs, interface: { name, description }, comments, data }) => [
      `${timestampNs! / 1_000_000_000n}.${String(timestampNs! % 1_000_000_000n).padStart(9, '0')}`,
      name,
      description,
      comments.join(';'),
      String(data.length),
    ]);
    expect(rows).toEqual(wanted);
    expect(new Set(rows.map(([, name]) => name))).toEqual(
      new Set(['s1-eth2', 's2-eth1', 'h1-eth0', 's1-control', 's2-control']),
    );
    expect(rows.filter(([, , , comment]) => comment!.startsWith('dropped: loss')).length).toBeGreaterThan(2);
  });

  test('and finds nothing malformed, no bad checksum, and no gap in a stream', async () => {
    expect(
      await dissect(file, '_ws.malformed or _ws.expert.severity >= warning', 'frame.number', '_ws.expert.message'),
    ).toEqual([]);
    expect(await dissect(file, 'ip.checksum.status == "Bad" or tcp.checksum.status == "Bad"', 'frame.number')).toEqual(
      [],
    );
    expect(await dissect(file, 'tcp.analysis.flags', 'frame.number', '_ws.col.Info')).toEqual([]);
  });

  test('knows which way each frame went', async () => {
    const rows = await dissect(file, 'lldp and frame.interface_name == "s1-eth2"', 'frame.packet_flags_direction');
    expect(new Set(rows.flat())).toEqual(new Set(['0x00000001', '0x00000002']));
  });

  test('and reads the channels as OpenFlow, from the greeting of each connection on', async () => {
    const rows = await dissect(file, 'openflow_v4', 'tcp.stream', 'openflow_v4.type', 'tcp.srcport');
    const streams = new Set(rows.map(([stream]) => stream));
    expect(streams.size).toBe(3);
    for (const stream of streams) {
      const types = rows.filter(([given]) => given === stream).flatMap(([, types]) => types!.split(';'));
      // HELLO both ways first; FLOW_MOD and BARRIER_REQUEST among the rest.
      expect(types.slice(0, 2)).toEqual(['0', '0']);
      expect(types).toEqual(expect.arrayContaining(['14', '20', '21']));
    }
    const closed = await dissect(file, 'tcp.flags.fin == 1', 'tcp.stream');
    expect(closed.map(([stream]) => stream)).toHaveLength(2);
  });
});
