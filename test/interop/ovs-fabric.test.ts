/**
 * Networks of Open vSwitch under `sluice controller`, a line over TLS and a ring over TCP, and what may happen to them: a cable is cut, the controller is
 * killed, a switch is. Asked is what arrives, and what ovs-ofctl and Wireshark have to say. The parts follow each other and share the network.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Certificates } from '../certificates.ts';
import { campaignTest, isCampaign } from './campaign.ts';
import { ChannelCapture, tshark } from './channel-capture.ts';
import { mayMakeNamespaces } from './network-namespace.ts';
import { BRIDGE, type Cable, FABRIC_PEERS, OvsFabric } from './ovs-fabric.ts';
import { OVS_PEERS } from './ovs-machine.ts';
import { findPeer } from './peer.ts';
import type { PingResult, PingRun } from './ping-run.ts';

const openssl = findPeer('openssl');

/** The parts of ovs-vswitchd that take our messages, as its log names them; that the controller was away is told by others. */
const MESSAGE_MODULES = /\|(ofproto|ofp_\w+|connmgr|ofproto_dpif\w*)\|/;

const OFPT_ERROR = 1;
const START_MS = 120_000;

const isSkipped = [...OVS_PEERS, ...FABRIC_PEERS, openssl].some((peer) => peer.isSkipped) || !mayMakeNamespaces();

interface Case {
  readonly name: string;
  readonly switches: number;
  readonly cables: readonly Cable[];
  readonly isSecure: boolean;
}

const LINE: Case = {
  name: 'linear,3 over TLS',
  switches: 3,
  cables: [
    [0, 1],
    [1, 2],
  ],
  isSecure: true,
};
const RING: Case = {
  name: 'a ring of 4',
  switches: 4,
  cables: [
    [0, 1],
    [1, 2],
    [2, 3],
    [3, 0],
  ],
  isSecure: false,
};

const CASES = isCampaign ? [LINE, RING] : [RING];

describe.skipIf(isSkipped).each(CASES)('Open vSwitch as $name', ({ switches, cables, isSecure }) => {
  const isRing = cables.length === switches;
  const pairs = switches * (switches - 1);
  let pki: Certificates | undefined;
  let fabric: OvsFabric;
  let capture: ChannelCapture | undefined;

  beforeAll(async () => {
    pki = isSecure ? new Certificates() : undefined;
    const tls = pki && { controller: pki.issue('controller'), switches: pki.issue('switch') };
    fabric = await OvsFabric.start({ switches, cables, ...(tls && { tls }) });
    if (tshark.program && !isSecure)
      capture = await ChannelCapture.start(undefined, fabric.uplinks, fabric.controller.port);
  }, START_MS);

  afterAll(async () => {
    await capture?.stop();
    await fabric?.stop();
    pki?.remove();
  }, START_MS);

  const arrivesEverywhere = async () => {
    expect(await fabric.pingAll('ipv4')).toEqual([]);
    expect(await fabric.pingAll('ipv6')).toEqual([]);
  };

  test('every host reaches every other, in both versions of IP', async () => {
    await fabric.untilReady();
    await arrivesEverywhere();
  });

  test('nothing circulates when nobody speaks, or somebody speaks to all', async () => {
    const before = await fabric.countFrames();
    expect(await fabric.hosts[0]!.namespace.ping(fabric.hosts[1]!.ipv4, 10)).toEqual({ sent: 10, received: 10 });
    const quiet = (await fabric.countFrames()) - before;
    for (const group of ['224.0.0.1', 'ff02::1']) {
      const { replies, odd } = await fabric.pingGroup(0, group);
      expect(odd, group).toEqual([]);
      expect(replies, group).toBe(5 * (switches - 1));
    }
    expect(await fabric.hosts[0]!.namespace.ping(fabric.hosts[1]!.ipv4, 10)).toEqual({ sent: 10, received: 10 });
    const all = (await fabric.countFrames()) - before;
    console.log(`frames on ${cables.length} cables: ${quiet} in 2 s with a ping, ${all} with groups spoken to`);
    // Ten requests and replies on at most two cables each, and what hosts and probes have to say; what circulates makes thousands.
    expect(quiet).toBeLessThan(300);
    expect(all).toBeLessThan(1500);
  });

  test('ovs-ofctl reads what each switch has, and writes it as it is', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sluice-dump-'));
    try {
      for (let index = 0; index < switches; index++) {
        const rules = toLines(await fabric.ofctl(index, 'dump-flows', '--no-stats'));
        expect(rules.length).toBeGreaterThan(switches);
        for (const rule of rules) expect(rule).toMatch(/cookie=0x736c7569636[0-9a-f]+/);
        expect(await fabric.ofctl(index, 'dump-groups')).toContain('OFPST_GROUP_DESC reply');
        writeFileSync(join(folder, 'rules'), `${rules.join('\n')}\n`);
        expect(await fabric.ofctl(index, 'diff-flows', join(folder, 'rules'))).toBe('');
      }
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  campaignTest('the switches forward what was once found without asking again', async () => {
    const runs = everyPair(fabric);
    await allReply(runs, 10);
    const before = await fabric.controller.metric('sluice_packet_ins_total');
    await allReply(runs, 60);
    const asked = (await fabric.controller.metric('sluice_packet_ins_total')) - before;
    await finishAll(runs, 'nothing at all');
    console.log(`${asked} packet-ins beside ${60 * pairs} pings`);
    // Probes cross each cable both ways, and hosts ask each other whether they are there: neither has to do with how much they send.
    expect(asked).toBeLessThan((60 * pairs) / 2);
  });

  test('a cable that is cut stops what has no other way, and nothing else; mended, all is well again', async () => {
    const across = fabric.startPing(0, 1);
    await across.replies(20);
    await fabric.setCable(cables[0]!, 'down');
    try {
      // Of the way round, the switches have confirmed all.
      await fabric.untilReady(cables.length - 1);
      if (isRing) await arrivesEverywhere();
      else expect((await fabric.hosts[1]!.namespace.ping(fabric.hosts[0]!.ipv4, 2)).received).toBe(0);
    } finally {
      await fabric.setCable(cables[0]!, 'up');
    }
    const mendedAt = performance.now();
    await across.replies(1);
    console.log(`pinged ${(performance.now() - mendedAt).toFixed(0)} ms after the cable was mended`);
    await fabric.untilReady();
    await across.replies(40);
    const result = tell(across, 'a cable cut and mended', await across.finish());
    expect(result.repeated).toBe(0);
    await arrivesEverywhere();
  });

  campaignTest('the controller is killed and started again, and no ping is lost', async () => {
    const runs = everyPair(fabric);
    expect(runs).toHaveLength(pairs);
    await allReply(runs, 20);
    await fabric.killController();
    // Six seconds: every host asks every other whether it is still there, and would give it up without an answer.
    await fabric.hosts[0]!.namespace.ping('127.0.0.1', 30);
    await fabric.startController();
    await fabric.untilReady();
    // A round of probes and more: what it learned only half of would be repaired by now, or broken.
    await allReply(runs, 140);
    const results = await finishAll(runs, 'the controller killed and started again');
    expect(results.flatMap(({ lost }) => lost)).toEqual([]);
    await arrivesEverywhere();
  });

  test('a switch whose control channel breaks and comes back forwards all the while', async () => {
    const runs = everyPair(fabric);
    await allReply(runs, 20);
    await fabric.machines[1]!.redial(BRIDGE);
    await allReply(runs, 20);
    await fabric.untilReady();
    await allReply(runs, 40);
    const results = await finishAll(runs, 'the channel of the second switch broken');
    expect(results.flatMap(({ lost }) => lost)).toEqual([]);
  });

  campaignTest('a host that was silent while the controller was away is found again', async () => {
    await fabric.killController();
    await fabric.startController();
    await fabric.untilReady();
    const [first, second] = fabric.hosts;
    expect(await first!.namespace.ping(second!.ipv4, 3)).toEqual({ sent: 3, received: 3 });
  });

  test('a switch that is killed and started again takes nothing with it that did not go through it', async () => {
    const last = switches - 1;
    const apart = fabric.startPing(0, 1);
    const through = fabric.startPing(0, last);
    await allReply([apart, through], 20);
    await fabric.machines[last]!.restartSwitch();
    await fabric.untilReady();
    await allReply([apart, through], 40);
    const [unaffected] = await finishAll([apart, through], 'the last switch killed and started again');
    expect(unaffected!.lost).toEqual([]);
    await arrivesEverywhere();
  });

  test.skipIf(isSecure || tshark.isSkipped)(
    'Wireshark finds nothing wrong with any channel, and nobody had to report an error',
    async () => {
      const frames = await capture!.finish();
      expect(frames.length).toBeGreaterThan(100);
      expect(frames.filter(({ types }) => types.includes(OFPT_ERROR))).toEqual([]);
      expect(frames.flatMap(({ complaints }) => complaints)).toEqual([]);
    },
  );

  test('Open vSwitch has nothing against what it was told', () => {
    const warnings = fabric.machines.flatMap((machine) => machine.warnings);
    expect(warnings.filter((line) => MESSAGE_MODULES.test(line))).toEqual([]);
  });
});

function toLines(text: string): readonly string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
}

function everyPair(fabric: OvsFabric): readonly PingRun[] {
  return fabric.hosts.flatMap((_, from) =>
    fabric.hosts.flatMap((_, to) => (from === to ? [] : [fabric.startPing(from, to)])),
  );
}

async function allReply(runs: readonly PingRun[], count: number): Promise<void> {
  await Promise.all(runs.map((run) => run.replies(count)));
}

async function finishAll(runs: readonly PingRun[], when: string): Promise<readonly PingResult[]> {
  const results = await Promise.all(runs.map((run) => run.finish()));
  return results.map((result, index) => tell(runs[index]!, when, result));
}

function tell(run: PingRun, when: string, result: PingResult): PingResult {
  if (result.lost.length > 0)
    console.log(`${when}: ${run.name} lost ${result.lost.length} of ${result.sent}, ${result.gapMs} ms in a row`);
  return result;
}
