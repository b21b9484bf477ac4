/**
 * Users' rules on Open vSwitch, which says what it has in its own way: the next controller must know them for what they are, leave them alone when they
 * are as they were, and put them back when they are gone.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ControllerProgram } from '../sluice-program.ts';
import { mayMakeNamespaces } from './network-namespace.ts';
import { OVS_PEERS, OvsMachine } from './ovs-machine.ts';

const DPID = '00000000000000a1';
const FLOWS = `/api/v1/switches/${DPID}/tables/0/flows`;
const START_MS = 90_000;
const SOON = { timeout: 20_000, interval: 100 };

/** What people write, and Open vSwitch may say otherwise. */
const RULES = [
  { match: 'tcp,nw_dst=10.9.0.7/24,tp_dst=80', actions: 'output:2' },
  { match: 'ip,nw_src=10.0.0.1/255.255.255.255', actions: 'drop' },
  { match: 'dl_vlan=7', actions: 'pop_vlan,controller:128' },
  { match: 'arp,arp_tpa=10.0.0.1', actions: 'set_field:02:00:00:00:00:09->eth_dst,in_port' },
  { match: 'ipv6,ipv6_src=2001:db8::/32', actions: 'write_metadata:0x7/0xff,goto_table:3' },
  { match: '', actions: 'write_actions(output:1),goto_table:2' },
].map((rule, i) => ({ ...rule, priority: 4240 + i, cookie: '0xbeef' }));

const isSkipped = OVS_PEERS.some((peer) => peer.isSkipped) || !mayMakeNamespaces();

interface Flow {
  readonly id: string;
  readonly owner: string;
  readonly priority: number;
}

describe.skipIf(isSkipped)("users' rules on Open vSwitch", () => {
  let machine: OvsMachine;
  let controller: ControllerProgram;
  const folder = mkdtempSync(join(tmpdir(), 'sluice-store-'));
  const store = join(folder, 'state');

  beforeAll(async () => {
    machine = await OvsMachine.start();
    controller = await ControllerProgram.start({ host: machine.controllerHost, port: 0, store });
    await machine.addBridge({ name: 'br1', dpid: DPID, devices: [] }, controller.openflow);
  }, START_MS);

  afterAll(async () => {
    await controller?.program.stop('SIGKILL');
    await machine?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, START_MS);

  const isUsers = ({ priority }: Flow) => priority >= 4240 && priority < 4300;
  const users = async () => (await controller.list<Flow>(FLOWS)).filter(isUsers);
  const untilReady = () => expect.poll(() => controller.isReady(), SOON).toBe(true);
  const untilJoined = () => expect.poll(async () => (await controller.ask(FLOWS)).status, SOON).toBe(200);
  /** With the ages that a rule has since it was last added. */
  const ages = async () =>
    [...(await machine.ofctl('dump-flows', 'br1')).matchAll(/cookie=0xbeef, duration=([\d.]+)s/g)].map(([, age]) =>
      Number(age),
    );

  async function restart(): Promise<void> {
    const { port } = controller;
    await controller.program.stop('SIGKILL');
    controller = await ControllerProgram.start({ host: machine.controllerHost, port, store });
    await untilJoined();
    await untilReady();
  }

  test('are known to the next controller, and not added again', { timeout: START_MS }, async () => {
    await untilJoined();
    for (const rule of RULES) expect((await controller.ask(FLOWS, 'POST', rule)).status, rule.match).toBe(201);
    const before = await ages();
    await restart();
    expect((await users()).map(({ owner }) => owner)).toEqual(RULES.map(() => 'user'));
    const after = await ages();
    expect(after).toHaveLength(RULES.length);
    for (const [i, age] of after.entries()) expect(age).toBeGreaterThan(before[i]!);
  });

  test('are put back when they are gone, and those of others left', { timeout: START_MS }, async () => {
    await machine.ofctl('del-flows', 'br1');
    await machine.ofctl('add-flow', 'br1', 'priority=4299,udp,cookie=0x5,actions=drop');
    await restart();
    await expect.poll(async () => (await users()).length, SOON).toBe(RULES.length + 1);
    const [foreign, ...ours] = await users();
    expect(foreign).toMatchObject({ priority: 4299, owner: 'foreign' });
    expect(ours.map(({ owner }) => owner)).toEqual(RULES.map(() => 'user'));
  });

  test('are deleted one by one, and stay so', { timeout: START_MS }, async () => {
    for (const { id, owner } of await users()) {
      if (owner === 'user') expect((await controller.ask(`${FLOWS}/${id}`, 'DELETE')).status).toBe(204);
    }
    await restart();
    expect((await users()).map(({ owner }) => owner)).toEqual(['foreign']);
  });
});
