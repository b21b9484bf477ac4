/**
 * Open vSwitch under our controller, as somebody would run them: `sluice controller` in a process of its own, bridges in user space that dial
 * it over TCP, and hosts that are network namespaces with the kernel's own ping. The parts follow each other and share the network.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Problem } from '../../protocol/api/problem.ts';
import { ControllerProgram } from '../sluice-program.ts';
import { ChannelCapture, tshark } from './channel-capture.ts';
import { mayMakeNamespaces, NetworkNamespace } from './network-namespace.ts';
import { OVS_PEERS, OvsMachine } from './ovs-machine.ts';

const DPID_1 = '00000000000000a1';
const DPID_2 = '00000000000000a2';

const HOSTS = [
  { noun: 'h1', address: '10.9.0.1', mac: '02:00:00:00:09:01' },
  { noun: 'h2', address: '10.9.0.2', mac: '02:00:00:00:09:02' },
  { noun: 'h3', address: '10.9.0.3', mac: '02:00:00:00:09:03' },
] as const;

/** The port at which each bridge has the cable to the other. */
const TRUNK_1 = 3;
const TRUNK_2 = 2;

/** Numbers of OpenFlow 1.3.5, enum ofp_type. */
const TYPE = { hello: 0, error: 1, featuresReply: 6, packetIn: 10, packetOut: 13, flowMod: 14, barrierReply: 21 };

/** The parts of ovs-vswitchd that speak OpenFlow, as its log names them. */
const OPENFLOW_MODULES = /\|(rconn|vconn|connmgr|ofproto|ofp_\w+)\|/;

/** For what should be so at once, on a machine that others keep busy. */
const SOON = { timeout: 20_000, interval: 100 };
const START_MS = 90_000;

const isSkipped = OVS_PEERS.some((peer) => peer.isSkipped) || !mayMakeNamespaces();

interface Linked {
  readonly a: { readonly node: string; readonly portNo: number };
  readonly b: { readonly node: string; readonly portNo: number };
}

describe.skipIf(isSkipped)('Open vSwitch under sluice controller', () => {
  let machine: OvsMachine;
  let controller: ControllerProgram;
  let capture: ChannelCapture | undefined;
  const hosts: NetworkNamespace[] = [];

  beforeAll(async () => {
    machine = await OvsMachine.start();
    for (const { noun, address, mac } of HOSTS) {
      const host = await NetworkNamespace.create(noun);
      hosts.push(host);
      await host.cable('eth0', machine.namespace, noun);
      await host.address('eth0', `${address}/24`, mac);
    }
    await machine.namespace.cable('trunk1', machine.namespace, 'trunk2');
    controller = await ControllerProgram.start({ host: machine.controllerHost, port: 0 });
    if (tshark.program) capture = await ChannelCapture.start(machine.namespace, machine.uplink, controller.port);
    await machine.addBridge({ name: 'br1', dpid: DPID_1, devices: ['h1', 'h2', 'trunk1'] }, controller.openflow);
  }, START_MS);

  afterAll(async () => {
    await capture?.stop();
    await controller?.program.stop('SIGKILL');
    for (const host of hosts) await host.delete();
    await machine?.stop();
  }, START_MS);

  const untilReady = (switches: number) =>
    expect
      .poll(async () => [(await controller.list('/api/v1/switches')).length, await controller.isReady()], SOON)
      .toEqual([switches, true]);
  const trunks = async () =>
    (await controller.list<Linked>('/api/v1/links')).filter(({ a, b }) => a.portNo > 0 && b.portNo > 0);
  const flowsPath = `/api/v1/switches/${DPID_1}/tables/0/flows`;

  test('a bridge joins and its ports are known', async () => {
    await untilReady(1);
    const [bridge] = await controller.list('/api/v1/switches');
    expect(bridge).toMatchObject({
      dpid: DPID_1,
      isConnected: true,
      ports: [
        { portNo: 1, name: 'h1', isUp: true },
        { portNo: 2, name: 'h2', isUp: true },
        { portNo: TRUNK_1, name: 'trunk1', isUp: true },
      ],
    });
  });

  test('its hosts ping each other, and are known by what they sent', async () => {
    expect(await hosts[0]!.ping(HOSTS[1].address, 5)).toEqual({ sent: 5, received: 5 });
    expect(await hosts[1]!.ping(HOSTS[0].address, 2)).toEqual({ sent: 2, received: 2 });
    const known = await controller.list<{ readonly mac: string }>('/api/v1/hosts');
    for (const [index, { mac, address }] of HOSTS.slice(0, 2).entries()) {
      expect(known.find((host) => host.mac === mac)).toMatchObject({ ips: [address], dpid: DPID_1, portNo: index + 1 });
    }
  });

  test('ovs-ofctl shows our rules, and that they carried the packets', async () => {
    const dump = await machine.ofctl('dump-flows', 'br1');
    const rules = dump.split('\n').filter((line) => line.includes(`dl_dst=${HOSTS[1].mac} actions=output:2`));
    expect(rules).toHaveLength(1);
    expect(rules[0]).toMatch(/cookie=0x736c756963650000,.* table=4,.* priority=1000,/);
    // All but what the first of them had to be sent by hand.
    await expect
      .poll(async () => packetsOf(await machine.ofctl('dump-flows', 'br1'), HOSTS[1].mac), SOON)
      .toBeGreaterThan(3);
  });

  test('a rule added over REST is in the switch when the answer comes, and gone when its deletion is answered', async () => {
    const added = await controller.ask<{ readonly id: string }>(flowsPath, 'POST', {
      priority: 4242,
      match: 'tcp,nw_dst=10.9.0.2,tp_dst=80',
      actions: 'output:2',
      cookie: '0xbeef',
    });
    expect(added).toMatchObject({ status: 201, body: { installed: true } });
    expect(await machine.ofctl('dump-flows', 'br1')).toMatch(
      /cookie=0xbeef,.* priority=4242,tcp,nw_dst=10\.9\.0\.2,tp_dst=80 actions=output:2\n/,
    );
    const { body } = await controller.ask(`${flowsPath}/${added.body.id}`);
    expect(body).toMatchObject({ owner: 'user', priority: 4242, match: 'tcp,nw_dst=10.9.0.2,tp_dst=80' });

    expect((await controller.ask(`${flowsPath}/${added.body.id}`, 'DELETE')).status).toBe(204);
    expect(await machine.ofctl('dump-flows', 'br1')).not.toContain('priority=4242');
  });

  test('a second bridge joins, the cable between them is found, and hosts ping across it', async () => {
    await machine.addBridge({ name: 'br2', dpid: DPID_2, devices: ['h3', 'trunk2'] }, controller.openflow);
    await untilReady(2);
    await expect
      .poll(trunks, SOON)
      .toMatchObject([{ a: { node: DPID_1, portNo: TRUNK_1 }, b: { node: DPID_2, portNo: TRUNK_2 } }]);
    await expect.poll(() => controller.isReady(), SOON).toBe(true);
    expect(await hosts[0]!.ping(HOSTS[2].address, 5)).toEqual({ sent: 5, received: 5 });
    expect(await hosts[2]!.ping(HOSTS[1].address, 5)).toEqual({ sent: 5, received: 5 });
  });

  test('a cable that is cut is forgotten at once, and found again when it is mended', async () => {
    await machine.namespace.ip('link', 'set', 'trunk1', 'down');
    await expect.poll(trunks, SOON).toEqual([]);
    await machine.namespace.ip('link', 'set', 'trunk1', 'up');
    await expect.poll(trunks, SOON).toHaveLength(1);
    await expect.poll(() => controller.isReady(), SOON).toBe(true);
    expect(await hosts[2]!.ping(HOSTS[0].address, 3)).toEqual({ sent: 3, received: 3 });
  });

  test.skipIf(tshark.isSkipped)(
    'Wireshark finds nothing wrong with the channel, and nobody had to report an error',
    async () => {
      const frames = await capture!.finish();
      const types = frames.flatMap((frame) => frame.types);
      const { error, ...expected } = TYPE;
      expect(types).toEqual(expect.arrayContaining(Object.values(expected)));
      expect(types).not.toContain(error);
      expect(frames.flatMap(({ complaints }) => complaints)).toEqual([]);
    },
  );

  test('Open vSwitch has nothing against the channel either', () => {
    expect(machine.warnings.filter((line) => OPENFLOW_MODULES.test(line))).toEqual([]);
  });

  test('a rule that Open vSwitch refuses comes back as 422, with its error in words', async () => {
    const rule = { priority: 4243, match: 'in_port=1', actions: 'group:77' };
    const refused = await controller.ask<Problem>(flowsPath, 'POST', rule);
    expect(refused).toMatchObject({
      status: 422,
      body: {
        code: 'switch-refused',
        errors: [{ pointer: '/actions', code: 'openflow-error', params: { error: 'BAD_ACTION/BAD_OUT_GROUP' } }],
      },
    });
    expect(refused.body.detail).toMatch(/group/);
    expect(await machine.ofctl('dump-flows', 'br1')).not.toContain('priority=4243');
  });

  test('the hosts ping on while the controller is gone, and the next one takes the rules over', async () => {
    const { port } = controller;
    const rulesBefore = await sortedRules(machine);
    await controller.program.stop('SIGKILL');
    expect(await hosts[0]!.ping(HOSTS[2].address, 2)).toEqual({ sent: 2, received: 2 });

    controller = await ControllerProgram.start({ host: machine.controllerHost, port });
    await untilReady(2);
    await expect.poll(trunks, SOON).toHaveLength(1);
    await expect.poll(() => controller.isReady(), SOON).toBe(true);
    expect(await hosts[1]!.ping(HOSTS[2].address, 3)).toEqual({ sent: 3, received: 3 });
    expect(await hosts[0]!.ping(HOSTS[1].address, 3)).toEqual({ sent: 3, received: 3 });

    // The hosts know each other's addresses and ask for none; what they send is enough to be known again.
    expect(await hosts[1]!.ping(HOSTS[2].address, 1)).toEqual({ sent: 1, received: 1 });
    expect(await hosts[0]!.ping(HOSTS[1].address, 1)).toEqual({ sent: 1, received: 1 });
    await expect.poll(() => sortedRules(machine), SOON).toEqual(rulesBefore);
  });

  test('a controller that is asked to stop ends well', async () => {
    expect(await controller.program.stop('SIGTERM')).toBe(0);
  });
});

function packetsOf(dump: string, mac: string): number {
  return Number(new RegExp(`table=4, n_packets=(\\d+),.*,dl_dst=${mac} `).exec(dump)?.[1]);
}

/** The rules of both bridges without what counts and ages. */
async function sortedRules(machine: OvsMachine): Promise<readonly string[]> {
  const dumps = await Promise.all(['br1', 'br2'].map((bridge) => machine.ofctl('dump-flows', bridge, '--no-stats')));
  return dumps.flatMap((dump, index) => dump.split('\n').map((line) => `${index} ${line.trim()}`)).sort();
}
