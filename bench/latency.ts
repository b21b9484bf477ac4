/**
 * How long people wait for the network: a port goes down and traffic goes another way, a switch comes and its hosts talk, a host speaks and is known.
 *
 * Each is measured from outside, by frames that arrive or do not: under virtual time with control channels of a millisecond each way, which says how many
 * round trips it takes, and on real sockets by the wall clock, which adds what it costs to compute. What was asked for is in issue 5's words in the names.
 */
import { readFileSync } from 'node:fs';
import type { Policy } from '../controller/policy/policy.ts';
import { MAC_BROADCAST } from '../protocol/wire/address.ts';
import { ARP_OPERATION } from '../protocol/wire/packet/arp.ts';
import { ETHER_TYPE } from '../protocol/wire/packet/ethernet.ts';
import { encodeFrame } from '../protocol/wire/packet/frame.ts';
import type { Cable } from '../sim/cable.ts';
import type { CableSide } from '../sim/cable-figures.ts';
import { MILLISECOND, type Nanos, SECOND } from '../sim/clock.ts';
import type { Host } from '../sim/host.ts';
import { serialisationNs } from '../sim/transmitter.ts';
import { loadTopology } from '../topologies/loader.ts';
import type { Topology } from '../topologies/model.ts';
import { parseTopology } from '../topologies/topology-file.ts';
import { type LatencyWorld, openOnSockets, openVirtual, untilConverged } from './latency-world.ts';
import type { Comparison } from './measure.ts';
import { ProbeStream } from './probe-stream.ts';

export interface LatencyOptions {
  readonly trials: number;
}

type OpenWorld = (topology: Topology) => Promise<LatencyWorld>;

interface Way {
  readonly name: string;
  readonly open: OpenWorld;
  readonly probeIntervalNs: Nanos;
}

const WAYS: readonly Way[] = [
  { name: 'virtual time, 1 ms each way', open: openVirtual, probeIntervalNs: MILLISECOND / 4 },
  // A timer of Node is no finer.
  { name: 'sockets', open: openOnSockets, probeIntervalNs: MILLISECOND },
];

const RING = `
apiVersion: sluice/v1
kind: Topology
name: ring
defaults: { link: { bandwidth: 1Gbps, delay: 50us } }
switches: { s1: {}, s2: {}, s3: {}, s4: {}, s5: {}, s6: {} }
hosts: { h1: {}, h3: {} }
links: [[h1, s1], [h3, s3], [s1, s2], [s2, s3], [s3, s4], [s4, s5], [s5, s6], [s6, s1]]
`;

/** Compiled code lies one folder deeper. */
const ROOT = new URL(import.meta.url.includes('/dist/') ? '../../' : '../', import.meta.url);

interface Reroute {
  readonly name: string;
  readonly topology: () => Topology;
  readonly from: string;
  readonly to: string;
}

const REROUTES: readonly Reroute[] = [
  {
    name: 'edge-gateway',
    topology: () =>
      parseTopology(withoutLoss(readFileSync(new URL('topologies/edge-gateway.yaml', ROOT), 'utf8')), 'edge-gateway'),
    from: 'plc-a1',
    to: 'ingest',
  },
  { name: 'a ring of 6', topology: () => parseTopology(RING, 'ring'), from: 'h1', to: 'h3' },
];

/** What its radios lose by themselves would count for lost by the outage. */
function withoutLoss(document: string): string {
  return document.replaceAll(/, loss: [0-9.]+%/g, '');
}

/** Traffic flows for so long before a trial, so that the way it takes can be told by the cables' counters. */
const STEADY: Nanos = 30 * MILLISECOND;

/** Longer than a reroute may take, and than a frame travels. */
const OUTAGE: Nanos = 100 * MILLISECOND;

/** Edge ports have settled, whatever the controller calls it. */
const SETTLED: Nanos = SECOND;

export async function benchLatency({ trials }: LatencyOptions): Promise<readonly Comparison[]> {
  const comparisons: Comparison[] = [];
  for (const way of WAYS) {
    for (const reroute of REROUTES) comparisons.push(...(await measureReroute(way, reroute, trials)));
    comparisons.push(
      ...toRows(`switch connected → first ping answered, ${way.name}`, await measureUsable(way, trials)),
      ...toRows(`host seen → in the graph, ${way.name}`, await measureHostSeen(way, trials)),
    );
  }
  return comparisons.concat(await measureFailover(trials));
}

function toRows(name: string, latencies: readonly Nanos[]): readonly Comparison[] {
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))]! / MILLISECOND;
  return [0.5, 0.99].map((part) => ({
    name: `latency ${name}, p${100 * part} of ${sorted.length}`,
    unit: 'ms',
    ours: at(part),
  }));
}

/** From the cut of the cable that carries the traffic, at the switch of the sender, until this switch sends a frame that arrives all the same. */
async function measureReroute(way: Way, reroute: Reroute, trials: number): Promise<readonly Comparison[]> {
  const cuts = await cutAgainAndAgain(way, reroute, trials, async () => undefined);
  const name = `port down → rerouted, ${reroute.name}, ${way.name}`;
  const rows = toRows(
    name,
    cuts.map(({ latency }) => latency),
  );
  const lost = cuts.reduce((sum, cut) => sum + cut.lost, 0) / cuts.length;
  const rate = SECOND / way.probeIntervalNs;
  return [...rows, { name: `latency ${name}, lost of ${rate} frames/s`, unit: 'frames', ours: lost }];
}

/** With a failover group nothing is lost but what was on the cable: the most that was, of all cuts. */
async function measureFailover(trials: number): Promise<readonly Comparison[]> {
  const [way] = WAYS as [Way];
  const comparisons: Comparison[] = [];
  for (const reroute of REROUTES) {
    const cuts = await cutAgainAndAgain(way, reroute, trials, (world) => protect(world, reroute));
    const name = `latency port down with a failover group, ${reroute.name}, lost beyond the frames in flight`;
    comparisons.push({ name, unit: 'frames', ours: Math.max(...cuts.map(({ lost, inFlight }) => lost - inFlight)) });
  }
  return comparisons;
}

async function cutAgainAndAgain(
  way: Way,
  reroute: Reroute,
  trials: number,
  prepare: (world: LatencyWorld) => Promise<void>,
): Promise<readonly Cut[]> {
  const world = await way.open(reroute.topology());
  try {
    await untilConverged(world);
    await world.wait(SETTLED);
    const from = world.network.hosts.get(reroute.from)!;
    const to = world.network.hosts.get(reroute.to)!;
    await world.until(pinged(world, from, to));
    await prepare(world);
    await untilConverged(world);
    const cuts: Cut[] = [];
    const stream = world.enter(() => new ProbeStream(from, to, way.probeIntervalNs));
    for (let trial = 0; trial < trials; trial++) {
      // At another moment between two probes each time.
      await world.wait(STEADY + Math.floor((trial * way.probeIntervalNs) / trials));
      cuts.push(await cutOnce(world, stream, from));
    }
    world.enter(() => stream.stop());
    return cuts;
  } finally {
    await world.close();
  }
}

interface Cut {
  readonly latency: Nanos;
  readonly lost: number;
  /** Frames that were on the cable when it was cut. */
  readonly inFlight: number;
}

interface Outgoing {
  readonly cable: Cable;
  readonly side: CableSide;
}

async function cutOnce(world: LatencyWorld, stream: ProbeStream, from: Host): Promise<Cut> {
  const { access, uplinks } = cablesAt(world, from);
  const before = uplinks.map(({ cable, side }) => cable.counters[side].sent);
  await world.wait(STEADY);
  const carried = uplinks.map(({ cable, side }, i) => cable.counters[side].sent - before[i]!);
  const { cable, side } = uplinks[carried.indexOf(Math.max(...carried))]!;
  const { cutAt, inFlight } = world.enter(() => {
    const { inFlight } = cable.counters[side];
    cable.setUp(false);
    return { cutAt: world.clock.now, inFlight };
  });
  // What was already on its way to the switch is rerouted by it, too.
  const { delayNs, bandwidthBps } = access.figures.a;
  const upstream = delayNs + serialisationNs(PROBE_BYTES, bandwidthBps);
  const deadline = cutAt + PATIENCE;
  let through: Nanos | undefined;
  while (through === undefined) {
    await world.wait(OUTAGE);
    through = world.enter(() => stream.firstThrough(cutAt - upstream));
    if (world.clock.now > deadline) throw new Error('no frame finds another way');
  }
  const lost = world.enter(() => stream.lostBetween(cutAt - OUTAGE, through));
  world.enter(() => cable.setUp(true));
  await untilConverged(world);
  return { latency: through + upstream - cutAt, lost, inFlight };
}

const PROBE_BYTES = 60;
const PATIENCE: Nanos = 20 * SECOND;

function cablesAt({ network }: LatencyWorld, host: Host): { readonly access: Cable; readonly uplinks: Outgoing[] } {
  const links = network.topology.graph.mapEdges((_, link) => link);
  const [access] = links.filter(({ a, b }) => a.node === host.name || b.node === host.name);
  const home = access!.a.node === host.name ? access!.b.node : access!.a.node;
  const uplinks = links.flatMap(({ name, a, b }): Outgoing[] => {
    const cable = network.cables.get(name)!;
    if (a.node === home && network.switches.has(b.node)) return [{ cable, side: 'a' }];
    if (b.node === home && network.switches.has(a.node)) return [{ cable, side: 'b' }];
    return [];
  });
  return { access: network.cables.get(access!.name)!, uplinks };
}

/** Gives the two hosts a policy with `protect: failover`, both ways. */
async function protect(world: LatencyWorld, { from, to }: Reroute): Promise<void> {
  const policy: Policy = {
    ...{ type: 'allow', id: 'protected', from: { names: [from] }, to: { names: [to] }, services: [] },
    ...{ via: [], avoid: { switches: [], links: [] }, latencyNsMax: undefined, bandwidthBps: undefined },
    ...{ protect: 'failover', limitBps: undefined, mirror: undefined },
  };
  world.act(({ policies }) =>
    policies.put(policy, ({ type }) => {
      if (type !== 'stored') throw new Error(`the policy was not taken: ${type}`);
    }),
  );
  await world.until(({ policies }) => policies.find(policy.id)?.state === 'installed');
}

/** Asks until there is an answer, as a user does; the answer's moment is not of interest. */
function pinged(world: LatencyWorld, from: Host, to: Host): () => boolean {
  let isAnswered = false;
  world.enter(() => {
    keepAsking(from, to, 10 * MILLISECOND, () => {
      isAnswered = true;
    });
  });
  return () => isAnswered;
}

/** An ARP request and an echo request at every interval until an echo comes back. */
function keepAsking(from: Host, to: Host, intervalNs: Nanos, answered: () => void): void {
  let isAnswered = false;
  const echoes = from.listenForEchoes(() => {
    if (isAnswered) return;
    isAnswered = true;
    echoes.close();
    answered();
  });
  const { identifier } = echoes;
  let sequence = 0;
  const ask = () => {
    if (isAnswered) return;
    from.sendFrame(arpRequest(from, to.spec.ip!));
    from.sendEcho(to.spec.ip!, identifier, ++sequence & 0xffff, new Uint8Array(8));
    from.schedule(from.now + intervalNs, ask);
  };
  ask();
}

function arpRequest(from: Host, targetIp: number): Uint8Array {
  const { mac, ip } = from.spec;
  return encodeFrame([
    { type: 'ethernet', dst: MAC_BROADCAST, src: mac, etherType: ETHER_TYPE.arp },
    { type: 'arp', operation: ARP_OPERATION.request, senderMac: mac, senderIp: ip!, targetMac: 0, targetIp },
  ]);
}

/** From the dial of a switch until the first of the pings between two hosts behind it, who ask all the time, is answered. */
async function measureUsable(way: Way, trials: number): Promise<readonly Nanos[]> {
  const latencies: Nanos[] = [];
  const topology = loadTopology('single,2');
  for (let trial = 0; trial < trials; trial++) {
    const dialledAt = process.hrtime.bigint();
    const world = await way.open(topology);
    const startedAt = way.open === openVirtual ? 0 : Number(dialledAt);
    try {
      const [a, b] = [...world.network.hosts.values()] as [Host, Host];
      let answeredAt: Nanos | undefined;
      world.enter(() => {
        keepAsking(a, b, MILLISECOND, () => {
          answeredAt = world.stamp();
        });
      });
      await world.until(() => answeredAt !== undefined);
      latencies.push(answeredAt! - startedAt);
    } finally {
      await world.close();
    }
  }
  return latencies;
}

/** From the first frame of a host until the controller has told that it is there. */
async function measureHostSeen(way: Way, trials: number): Promise<readonly Nanos[]> {
  const world = await way.open(loadTopology(`single,${trials}`));
  const foundAt = new Map<number, Nanos>();
  const stop = world.onEvent((event, at) => {
    if (event.type === 'host-found') foundAt.set(event.mac, at);
  });
  try {
    await untilConverged(world);
    await world.wait(SETTLED);
    const latencies: Nanos[] = [];
    for (const host of world.network.hosts.values()) {
      const { mac, ip } = host.spec;
      const spokeAt = world.stamp();
      world.enter(() => host.sendFrame(arpRequest(host, ip!)));
      await world.until(() => foundAt.has(mac));
      latencies.push(foundAt.get(mac)! - spokeAt);
      await world.wait(MILLISECOND);
    }
    return latencies;
  } finally {
    stop();
    await world.close();
  }
}
