/**
 * Policies on a ring of Open vSwitch: what each word does to the traffic of the kernel's own hosts, what ovs-ofctl and `ofproto/trace` say of the tables
 * that it makes, and that tables which are as they should be are left alone. The parts follow each other and share the network.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { explainPacket } from '../../protocol/pipeline/packet-explanation.ts';
import { formatHex, parseHex } from '../../protocol/wire/hex.ts';
import { assert } from '../../protocol/wire/wire-error.ts';
import { udpFrame } from '../vswitch/test-controller.ts';
import { campaignTest } from './campaign.ts';
import { ChannelCapture, tshark } from './channel-capture.ts';
import { callTcp, PingEar, sendUdp, serveTcp, UdpSink } from './host-programs.ts';
import { mayMakeNamespaces } from './network-namespace.ts';
import { BRIDGE, type Cable, FABRIC_PEERS, HOST_PORT, OvsFabric, SOON, toDpid } from './ovs-fabric.ts';
import { OVS_PEERS } from './ovs-machine.ts';

const SWITCHES = 4;
const CABLES: readonly Cable[] = [
  [0, 1],
  [1, 2],
  [2, 3],
  [3, 0],
];
const START_MS = 120_000;

/** Numbers of OpenFlow 1.3.5, enum ofp_type. */
const TYPE = { error: 1, flowMod: 14, groupMod: 15, multipartRequest: 18, meterMod: 29 };
const CHANGES = [TYPE.flowMod, TYPE.groupMod, TYPE.meterMod];

/** The parts of ovs-vswitchd that take our messages, as its log names them. */
const MESSAGE_MODULES = /\|(ofproto|ofp_\w+|connmgr|ofproto_dpif\w*)\|/;

/** Both services are there; one is denied at first. */
const [DENIED, OPEN] = [8080, 8081];

const POLICIES = `
apiVersion: sluice/v1
kind: Policy
name: interop
policies:
  - { id: closed, deny: { from: '02:00:00:00:09:01', to: '02:00:00:00:09:02', services: tcp/${DENIED} } }
`;

const isSkipped = [...OVS_PEERS, ...FABRIC_PEERS, tshark].some((peer) => peer.isSkipped) || !mayMakeNamespaces();

interface PolicyAnswer {
  readonly state: string;
  readonly reason?: string;
}

describe.skipIf(isSkipped)('policies on a ring of Open vSwitch', () => {
  const folder = mkdtempSync(join(tmpdir(), 'sluice-policies-'));
  const cleanUps: (() => Promise<unknown>)[] = [];
  let fabric: OvsFabric;
  let capture: ChannelCapture;

  beforeAll(async () => {
    const file = join(folder, 'policies.yaml');
    writeFileSync(file, POLICIES);
    fabric = await OvsFabric.start({ switches: SWITCHES, cables: CABLES, words: ['--policies', file] });
    capture = await ChannelCapture.start(undefined, fabric.uplinks, fabric.controller.port);
  }, START_MS);

  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  }, START_MS);

  afterAll(async () => {
    await capture?.stop();
    await fabric?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, START_MS);

  const mac = (index: number) => fabric.hosts[index]!.mac;
  const path = (id: string) => `/api/v1/policies/${id}`;

  const untilState = (id: string, state: string) =>
    expect.poll(async () => (await fabric.controller.ask<PolicyAnswer>(path(id))).body.state, SOON).toBe(state);

  const put = async (id: string, policy: object) => {
    const { status, body } = await fabric.controller.ask(path(id), 'PUT', policy);
    expect([200, 201], JSON.stringify(body)).toContain(status);
    await untilState(id, 'installed');
  };

  const remove = async (id: string) => {
    expect((await fabric.controller.ask(path(id), 'DELETE')).status).toBe(204);
    await fabric.untilReady();
  };

  const hold = async (id: string, policy: object) => {
    await put(id, policy);
    cleanUps.push(() => remove(id));
  };

  const setDefault = async (word: 'allow' | 'deny') => {
    const { status } = await fabric.controller.ask('/api/v1/policies', 'PATCH', { default: word });
    expect(status).toBe(200);
    await fabric.untilReady();
  };

  const serve = async (index: number, ...ports: readonly number[]) => {
    const server = await serveTcp(fabric.hosts[index]!.namespace, ...ports);
    cleanUps.push(() => server.stop('SIGKILL'));
  };

  const call = (from: number, to: number, port: number, patienceMs?: number) =>
    callTcp(fabric.hosts[from]!.namespace, fabric.hosts[to]!.ipv4, port, patienceMs);

  const ping = (from: number, to: number) => fabric.hosts[from]!.namespace.ping(fabric.hosts[to]!.ipv4, 3);

  /** How many frames went over each cable beside so many pings at least, all of which were answered. */
  const framesBeside = async (pings: number, from: number, to: number) => {
    const before = await fabric.countFramesByCable();
    const run = fabric.startPing(from, to, 5);
    await run.replies(pings);
    expect((await run.finish()).lost).toEqual([]);
    const after = await fabric.countFramesByCable();
    return after.map((count, index) => count - before[index]!);
  };

  /** The cables that they took; on the others there is nothing but probes, and questions who is there. */
  const cablesTaken = async (from: number, to: number) => {
    const pings = 200;
    const frames = await framesBeside(pings, from, to);
    return frames.map((count) => (count >= 2 * pings ? 'taken' : count < pings / 2 ? 'free' : `${count} frames`));
  };

  test('a service that is denied is silent, in the one direction that was written', async () => {
    await fabric.untilReady();
    await untilState('closed', 'installed');
    await serve(0, DENIED);
    await serve(1, DENIED, OPEN);
    expect(await call(0, 1, OPEN)).toBe('greeted');
    expect(await call(0, 1, DENIED, 1500)).toBe('silence');
    expect(await call(1, 0, DENIED)).toBe('greeted');
    expect(await call(2, 1, DENIED)).toBe('greeted');
    expect(await ping(0, 1)).toEqual({ sent: 3, received: 3 });
    await remove('closed');
    expect(await call(0, 1, DENIED)).toBe('greeted');
  });

  test('where all is denied, what is allowed goes there and back, and nothing else goes', async () => {
    await serve(1, DENIED, OPEN);
    await hold('web', { from: mac(0), to: mac(1), services: `tcp/${DENIED}` });
    await setDefault('deny');
    cleanUps.push(() => setDefault('allow'));
    expect(await call(0, 1, DENIED)).toBe('greeted');
    const refused = [call(0, 1, OPEN, 1500), call(2, 1, DENIED, 1500)];
    const pings = await Promise.all([ping(0, 1), ping(3, 2)]);
    expect(pings.map(({ received }) => received)).toEqual([0, 0]);
    expect(await Promise.all(refused)).toEqual(['silence', 'silence']);
  });

  test('all is allowed again, and arrives', async () => {
    expect(await fabric.pingAll('ipv4')).toEqual([]);
    expect(await fabric.pingAll('ipv6')).toEqual([]);
  });

  test('traffic passes the switches that it is to pass, and keeps off those that it is to keep off', async () => {
    expect(await cablesTaken(0, 1)).toEqual(['taken', 'free', 'free', 'free']);
    await hold('path', { from: mac(0), to: mac(1), via: [toDpid(3), toDpid(2)] });
    expect(await cablesTaken(0, 1)).toEqual(['free', 'taken', 'taken', 'taken']);
    await put('path', { from: mac(0), to: mac(2), avoid: toDpid(1) });
    expect(await cablesTaken(0, 2)).toEqual(['free', 'free', 'taken', 'taken']);
    await put('path', { from: mac(0), to: mac(2), avoid: toDpid(3) });
    expect(await cablesTaken(0, 2)).toEqual(['taken', 'taken', 'free', 'free']);
    const link = `${toDpid(0)}:2-${toDpid(1)}:2`;
    await put('path', { from: mac(0), to: mac(1), avoid: link });
    expect(await cablesTaken(0, 1)).toEqual(['free', 'taken', 'taken', 'taken']);
  });

  test('a policy that cannot be kept says why, and nothing of it goes through', async () => {
    const { status } = await fabric.controller.ask(path('vain'), 'PUT', {
      from: mac(0),
      to: mac(1),
      services: 'icmp',
      avoid: [toDpid(1)],
    });
    expect(status).toBe(201);
    cleanUps.push(() => remove('vain'));
    await untilState('vain', 'failed');
    const { body } = await fabric.controller.ask<PolicyAnswer>(path('vain'));
    expect(body.reason).toBeTruthy();
    console.log(`the reason: ${body.reason}`);
    await fabric.untilReady();
    expect((await ping(0, 1)).received).toBe(0);
    expect(await ping(0, 2)).toEqual({ sent: 3, received: 3 });
  });

  test('what is protected goes on when its cable is cut, with nobody there to tell the switches', async () => {
    await hold('protected', { from: mac(0), to: mac(1), protect: 'failover' });
    const run = fabric.startPing(0, 1, 4);
    await run.replies(100);
    await fabric.killController();
    await fabric.setCable(CABLES[0]!, 'down');
    await run.replies(250);
    await fabric.setCable(CABLES[0]!, 'up');
    await run.replies(250);
    await fabric.startController();
    await fabric.untilReady();
    await run.replies(250);
    const { sent, lost, repeated, gapMs } = await run.finish();
    console.log(`cut, mended and taken over: ${lost.length} of ${sent} lost at 4 ms each, ${gapMs} ms in a row`);
    expect(repeated).toBe(0);
    // Those in flight; and on a machine that is busy, those that come before the switch gets to look at its ports.
    expect(lost.length).toBeLessThan(100);
    await untilState('protected', 'installed');
  });

  test('what is limited gets what it may have, and what goes the other way gets through', async () => {
    await hold('limited', { from: mac(0), to: mac(1), services: 'udp/5001', limit: '1Mbps' });
    const load = { bitsPerSecond: 4e6, seconds: 4 };
    const send = async (from: number, to: number) => {
      const sink = await UdpSink.start(fabric.hosts[to]!.namespace, 5001);
      cleanUps.push(() => sink.stop());
      const { seconds } = await sendUdp(fabric.hosts[from]!.namespace, fabric.hosts[to]!.ipv4, 5001, load);
      await ping(from, to);
      const megabits = (8 * (await sink.bytes())) / 1e6;
      console.log(`${from} > ${to}: ${megabits.toFixed(2)} Mbit of ${(4 * seconds).toFixed(0)} arrived`);
      return { megabits, seconds };
    };
    const [limited, free] = await Promise.all([send(0, 1), send(1, 0)]);
    // A second's worth may be saved up.
    expect(limited.megabits).toBeGreaterThan(limited.seconds / 2);
    expect(limited.megabits).toBeLessThan(1.2 * (limited.seconds + 1));
    expect(free.megabits).toBeGreaterThan(3 * load.seconds);
  });

  test('a mirror gets a copy of every packet, both ways, as the host sent it', async () => {
    await hold('mirrored', { from: mac(0), to: mac(1), services: 'icmp', mirror: mac(3) });
    const ear = await PingEar.start(fabric.hosts[3]!.namespace, 'eth0');
    cleanUps.push(() => ear.stop());
    const { namespace, ipv4 } = fabric.hosts[0]!;
    const other = fabric.hosts[1]!.ipv4;
    expect(await namespace.ping(other, 10)).toEqual({ sent: 10, received: 10 });
    expect(await ping(0, 2)).toEqual({ sent: 3, received: 3 });
    const wanted = Array.from({ length: 10 }, (_, index) => [
      { from: ipv4, to: other, isReply: false, number: index + 1, isTagged: false },
      { from: other, to: ipv4, isReply: true, number: index + 1, isTagged: false },
    ]).flat();
    const inOrder = () => ear.heard.toSorted((a, b) => a.number - b.number || Number(a.isReply) - Number(b.isReply));
    await expect.poll(inOrder, SOON).toEqual(wanted);
  });

  test('policies of every kind are in force together', async () => {
    await put('closed', { deny: { from: mac(0), to: mac(1), services: `tcp/${DENIED}` } });
    await put('limited', { from: mac(0), to: mac(1), services: 'udp/5001', limit: '1Mbps' });
    await put('mirrored', { from: mac(2), to: mac(1), services: 'icmp', mirror: mac(3) });
    await put('path', { from: mac(0), to: mac(2), avoid: toDpid(1), protect: 'none' });
    await put('protected', { from: mac(1), to: mac(3), protect: 'failover' });
    await put('twice', { from: mac(2), to: mac(3), protect: 'disjoint' });
    expect(await fabric.pingAll('ipv4')).toEqual([]);
  });

  test('ovs-ofctl reads rules, groups and meters, and writes them as they are', async () => {
    for (let index = 0; index < SWITCHES; index++) {
      const rules = (await fabric.ofctl(index, 'dump-flows', '--no-stats')).split('\n').map((line) => line.trim());
      const file = join(folder, 'rules');
      writeFileSync(file, `${rules.filter(Boolean).join('\n')}\n`);
      expect(await fabric.ofctl(index, 'diff-flows', file)).toBe('');
    }
    expect(await fabric.ofctl(0, 'dump-groups')).toMatch(
      /type=ff,bucket=watch_port:\d,actions=.*,bucket=watch_port:\d,actions=/,
    );
    expect(await fabric.ofctl(0, 'dump-meters')).toMatch(/kbps bands=\s*type=drop rate=1000\b/);
  });

  test('Open vSwitch would do with a packet what we say, at every switch on its way', async () => {
    const ways: string[] = [];
    for (let from = 0; from < SWITCHES; from++) {
      for (let to = 0; to < SWITCHES; to++) if (from !== to) ways.push(await walk(fabric, from, to));
    }
    console.log(ways.join('\n'));
  });

  campaignTest(
    'tables that are as they should be are left alone: in quiet, by a switch that dials again, and by the next controller',
    async () => {
      await fabric.untilReady();
      const quiet = await ChannelCapture.start(undefined, fabric.uplinks, fabric.controller.port);
      cleanUps.push(() => quiet.stop());
      const clock = fabric.startPing(0, 1);
      // Every switch is read each half minute.
      await clock.replies(720);
      await fabric.machines[1]!.redial(BRIDGE);
      await clock.replies(40);
      await fabric.untilReady();
      await clock.replies(20);
      expect(await changesIn(quiet), 'a controller that was there').toEqual({ reads: expect.any(Number), changes: 0 });

      const restart = await ChannelCapture.start(undefined, fabric.uplinks, fabric.controller.port);
      cleanUps.push(() => restart.stop());
      await fabric.killController();
      await fabric.startController();
      await fabric.untilReady();
      await clock.replies(40);
      expect(await changesIn(restart), 'a controller that is new').toEqual({ reads: expect.any(Number), changes: 0 });
      expect((await clock.finish()).lost).toEqual([]);
    },
  );

  test('Wireshark finds nothing wrong with any channel, and nobody had to report an error', async () => {
    const frames = await capture.finish();
    expect(frames.length).toBeGreaterThan(100);
    expect(frames.filter(({ types }) => types.includes(TYPE.error))).toEqual([]);
    expect(frames.flatMap(({ complaints }) => complaints)).toEqual([]);
  });

  test('Open vSwitch has nothing against what it was told', () => {
    const warnings = fabric.machines.flatMap((machine) => machine.warnings);
    expect(warnings.filter((line) => MESSAGE_MODULES.test(line))).toEqual([]);
  });
});

/** How often tables were asked for, and how often something was to be changed; a capture without the former saw nothing. */
async function changesIn(capture: ChannelCapture): Promise<{ readonly reads: number; readonly changes: number }> {
  const types = (await capture.finish()).flatMap((frame) => frame.types);
  const reads = types.filter((type) => type === TYPE.multipartRequest).length;
  const changes = types.filter((type) => CHANGES.includes(type)).length;
  console.log(`${reads} questions for tables, ${changes} changes`);
  expect(reads).toBeGreaterThan(SWITCHES);
  return { reads, changes };
}

/** Takes a frame from host to host, asks at each switch both sides what becomes of it, and gives the way as words. */
async function walk(fabric: OvsFabric, from: number, to: number): Promise<string> {
  let frame = udpFrame({ src: 0x0901 + from, dst: 0x0901 + to, ipDst: 0x0a090001 + to });
  frame[0] = 0x02;
  frame[6] = 0x02;
  const way: number[] = [];
  for (let at = { index: from, port: HOST_PORT }; ; ) {
    const machine = fabric.machines[at.index]!;
    way.push(at.index);
    const theirs = await machine.trace(BRIDGE, at.port, formatHex(frame));
    const ours = explainPacket(await machine.readBack(BRIDGE), { bytes: frame, inPort: at.port });
    expect(theirs.visits.map(({ tableId }) => tableId)).toEqual(ours.tables.map(({ tableId }) => tableId));
    const certain = ours.doubts.length === 0;
    const ports = ours.outcome.outputs.map(({ port }) => port);
    const text = `${way.join(' > ')}\n${theirs.text}`;
    // OPEN_VSWITCH: a select group chooses by a hash that only the datapath has, so a trace ends before it.
    if (certain) expect(theirs.outputs, text).toEqual(ports);
    const [taken] = ours.outcome.outputs;
    assert(taken !== undefined, 'a packet that the tables let through goes somewhere');
    const next = fabric.farEnd(at.index, taken.port);
    if (!next) {
      expect([at.index, taken.port], text).toEqual([to, HOST_PORT]);
      return way.join(' > ');
    }
    expect(way.length).toBeLessThan(2 * SWITCHES);
    frame = parseHex(taken.frame)!;
    at = next;
  }
}
