/**
 * `ovs-ofctl` asks a switch of ours, over a socket, for queues, table features and fragment handling, and reads in the answers what was set up.
 */
import { createServer, type Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Switch } from '../../vswitch/switch.ts';
import { udpFrame } from '../vswitch/test-controller.ts';
import { findPeer, runPeer } from './peer.ts';

const ovsOfctl = findPeer('ovs-ofctl');

const SECOND = 1_000_000_000;

const QUEUES = [{ queueId: 1, minRate: 200, maxRate: 900 }, { queueId: 2, maxRate: 100 }, { queueId: 3 }];

describe.skipIf(ovsOfctl.isSkipped)('ovs-ofctl', () => {
  let now = SECOND;
  const device = new Switch(
    {
      name: 's1',
      dpid: 1n,
      tableCount: 4,
      tableEntriesMax: 2,
      ports: [1, 2].map((portNo) => ({
        portNo,
        name: `eth${portNo}`,
        hwAddr: 0x0200_0000_0000 + portNo,
        speedKbps: 1_000_000,
        ...(portNo === 2 && { queues: QUEUES }),
      })),
    },
    { transmit: () => undefined },
  );
  let server: Server;
  let target = '';

  beforeAll(async () => {
    server = createServer((socket) => {
      const connection = device.connect(now);
      const flush = () => {
        const bytes = connection.takeOutgoing();
        if (bytes) socket.write(bytes);
      };
      socket.on('data', (chunk) => {
        connection.receive(chunk, now);
        flush();
      });
      socket.on('close', () => connection.close(now));
      socket.on('error', () => undefined);
      flush();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    target = `tcp:127.0.0.1:${(server.address() as { port: number }).port}`;
  });

  afterAll(() => server.close());

  async function run(command: string, ...args: readonly string[]): Promise<string> {
    const { stdout, stderr } = await runPeer(ovsOfctl, ['-O', 'OpenFlow13', command, target, ...args]);
    return stdout + stderr;
  }

  it('queue-get-config shows the rates of each queue', async () => {
    const text = await run('queue-get-config', '2');
    expect(text).toMatch(/queue 1: min_rate:20\.0% max_rate:90\.0%/);
    expect(text).toMatch(/queue 2: max_rate:10\.0%/);
    expect(text).toMatch(/queue 3:/);
    expect(await run('queue-get-config')).toContain('queue 2: max_rate:10.0%');
    expect(await run('queue-get-config', '1')).not.toContain('queue 1');
    expect(await run('queue-get-config', '9')).toContain('OFPQOFC_BAD_PORT');
  });

  it('queue-stats shows what a queue has sent, once a rule sends to it', async () => {
    expect(await run('add-flow', 'in_port=1,actions=set_queue:1,output:2')).toBe('');
    for (let i = 0; i < 3; i++) device.receiveFrame(1, udpFrame({ bytes: 100 }), now);
    now += SECOND / 10;
    device.poll(now);
    const text = await run('queue-stats', '2');
    expect(text).toMatch(/port 2 queue 1: bytes=300, pkts=3, errors=0, duration=0\.100s/);
    expect(text).toContain('3 queues');
    expect(await run('queue-stats', '2', '2')).toMatch(/port 2 queue 2: bytes=0, pkts=0, errors=0/);
    expect(await run('queue-stats', '1', '1')).toContain('OFPQOFC_BAD_QUEUE');
    expect(await run('queue-stats', '7')).toContain('OFPQOFC_BAD_PORT');
    expect(await run('dump-flows')).toContain('actions=set_queue:1,output:2');
  });

  it('add-flow is refused with a queue that no port has, and when the table is full', async () => {
    expect(await run('add-flow', 'in_port=2,actions=set_queue:9,output:2')).toContain('OFPBAC_BAD_QUEUE');
    expect(await run('add-flow', 'table=1,in_port=1,actions=drop')).toBe('');
    expect(await run('add-flow', 'table=1,in_port=2,actions=drop')).toBe('');
    expect(await run('add-flow', 'table=1,in_port=3,actions=drop')).toContain('OFPFMFC_TABLE_FULL');
  });

  it('dump-table-features shows what tables can do, set_queue with it', async () => {
    const text = await run('dump-table-features');
    expect(text).toContain('max_entries=2');
    expect(text).toMatch(/actions: .*set_queue/);
    expect(text).not.toContain('decode error');
  });

  it('get-frags and set-frags know all three ways', async () => {
    for (const mode of ['drop', 'reassemble', 'normal']) {
      await run('set-frags', mode);
      expect(await run('get-frags')).toContain(mode);
    }
  });

  it('show names what the switch can do', async () => {
    expect(await run('show')).toContain(
      'capabilities: FLOW_STATS TABLE_STATS PORT_STATS GROUP_STATS IP_REASM QUEUE_STATS',
    );
  });
});
