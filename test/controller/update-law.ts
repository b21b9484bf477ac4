/**
 * The law of updates: they hurt nobody. While policies, links, control channels and places of hosts change, and every switch hears of it after a time of its own,
 * packets that the changes do not concern lose no frame, and no frame of anybody's circulates or arrives twice.
 *
 * Changes come in bursts of one to three; then the network is left alone until it has come to rest. A stream is one packet sent again and again. A burst does not
 * concern it if its meaning is the same throughout, a way that keeps it is there throughout, its hosts stay and are heard of, and nothing is cut that
 * lies on the way that its frames take.
 */
import type { Directory } from '../../controller/policy/directory.ts';
import { NO_POLICIES } from '../../controller/policy/policy.ts';
import { formatMac } from '../../protocol/wire/address.ts';
import { MILLISECOND, type Nanos, SECOND } from '../../sim/clock.ts';
import { Random } from '../../sim/random.ts';
import type { Graph } from './connected-graphs.ts';
import { drawFabric } from './drawn-fabric.ts';
import { FabricRig, orStorm, type RigHost } from './fabric-rig.ts';
import { type Change, ChangingNetwork } from './network-change.ts';
import { explainAt } from './offence-report.ts';
import { plainMeaning, type Route } from './plain-meaning.ts';
import { expectArrival, findWalkFault } from './policy-oracle.ts';
import { type Probe, ProbeMaker } from './probe-frame.ts';
import { type Crossing, chainOf, findCircle, formatWalk } from './walk-record.ts';

export interface UpdateTally {
  changes: number;
  probes: number;
  /** Those of streams that the changes did not concern, and that had to arrive. */
  sacred: number;
}

const STREAMS = 14;
const ROUND: Nanos = 2 * MILLISECOND;
const SPACING: Nanos = 50_000;
/** How long probes go on at the pace of rounds after the last change; later, one round in five. */
const BUSY: Nanos = 400 * MILLISECOND;
const REST: Nanos = 40 * MILLISECOND;
const ANNOUNCE_EVERY: Nanos = 100 * MILLISECOND;
const GAP_MAX: Nanos = 60 * MILLISECOND;
const DRAIN: Nanos = 200 * MILLISECOND;
const PATIENCE: Nanos = 20 * SECOND;
const DELAY_MAX_MS = 50;

interface Stream {
  readonly first: Probe<RigHost>;
  /** The cables that it crossed when all was at rest. */
  readonly cables: ReadonlySet<string>;
  readonly probes: { readonly id: number; readonly sentAt: Nanos }[];
}

/** What a burst is: what changed when, and what the network was before and after each change. */
interface Burst {
  readonly log: { readonly at: Nanos; readonly change: Change }[];
  readonly states: State[];
}

interface State {
  readonly route: (probe: Probe<RigHost>) => Route | undefined;
  readonly mustArrive: (probe: Probe<RigHost>) => boolean;
  readonly isHeardOf: (host: RigHost) => boolean;
}

/** What to play; with hidden cuts there must be an offence, for they are changes that the law is not told of. */
export interface UpdateGame {
  readonly graph: Graph;
  readonly seed: number;
  readonly changes: number;
  readonly hasHiddenCuts?: boolean;
}

interface Offence {
  readonly words: string;
  readonly probeId?: number;
}

/** The first offence, in words; undefined when there is none. The game is played again for what each switch thought of the frame when it had it. */
export function playUpdates(game: UpdateGame, tally: UpdateTally): string | undefined {
  const offence = play(game, tally);
  if (offence?.probeId === undefined) return offence?.words;
  const explained: string[] = [];
  play(game, { changes: 0, probes: 0, sacred: 0 }, { probeId: offence.probeId, explained });
  return [offence.words, ...explained].join('\n');
}

interface Watch {
  readonly probeId: number;
  readonly explained: string[];
}

function play(game: UpdateGame, tally: UpdateTally, watch?: Watch): Offence | undefined {
  const law = new UpdateLaw(game, tally, watch);
  const unrest = law.start();
  if (unrest) return { words: unrest };
  for (let done = 0; done < game.changes; ) {
    const count = Math.min(game.changes - done, law.drawBurstSize());
    const offence = orStorm(
      () => law.playBurst(count),
      (words): Offence => ({ words }),
    );
    const place = `seed ${game.seed}, ${game.graph.name}, changes ${done + 1} to ${done + count}`;
    if (offence) return { ...offence, words: `${place}: ${offence.words}` };
    done += count;
    tally.changes += count;
  }
  return undefined;
}

class UpdateLaw {
  readonly #rig: FabricRig;
  readonly #network: ChangingNetwork;
  readonly #directory: Directory;
  readonly #random: Random;
  readonly #maker: ProbeMaker;
  readonly #tally: UpdateTally;
  readonly #hasHiddenCuts: boolean;
  readonly #delays = new Map<string, Nanos>();

  constructor({ graph, seed, hasHiddenCuts = false }: UpdateGame, tally: UpdateTally, watch: Watch | undefined) {
    this.#hasHiddenCuts = hasHiddenCuts;
    const random = new Random(seed);
    const jitter = random.fork('jitter');
    this.#random = random.fork('law');
    this.#tally = tally;
    const delayOf = (name: string) => {
      const base = this.#delays.get(name) ?? MILLISECOND;
      return base + jitter.nextBelow(base);
    };
    this.#rig = new FabricRig(drawFabric(graph, random.fork('fabric'), true), { seed, controlDelayNs: delayOf });
    if (watch) {
      const { probeId, explained } = watch;
      this.#rig.walks.watch = { probeId, tell: (crossing) => explained.push(...explainAt(this.#rig, crossing)) };
    }
    this.#network = new ChangingNetwork(this.#rig, NO_POLICIES, random.fork('changes'));
    this.#maker = new ProbeMaker(random.fork('probes'));
    const { roamer, directory } = this.#rig;
    const { mac } = roamer!;
    this.#directory = { ...directory, hosts: [...directory.hosts, { mac, name: formatMac(mac) }] };
  }

  start(): string | undefined {
    return this.#rig.settle();
  }

  drawBurstSize(): number {
    return this.#random.nextBelow(3) > 0 ? 1 : 2 + this.#random.nextBelow(2);
  }

  playBurst(count: number): Offence | undefined {
    for (const name of this.#rig.switchNames)
      this.#delays.set(name, (MILLISECOND * (1 + this.#random.nextBelow(DELAY_MAX_MS))) / 2);
    const streams = this.#drawStreams();
    const burst: Burst = { log: [], states: [this.#state()] };
    const unrest = this.#run(burst, streams, count);
    if (unrest) return { words: `it never came to rest: ${unrest}\n${formatBurst(burst)}` };
    const offence = this.#judge(burst, streams);
    this.#rig.walks.clear();
    return offence;
  }

  /** Each has been sent once, at rest. */
  #drawStreams(): Stream[] {
    const live = this.#rig.liveHosts();
    const firsts = Array.from({ length: STREAMS }, () => {
      const from = live[this.#random.nextBelow(live.length)]!;
      const others = live.filter((host) => host !== from);
      return this.#maker.unicast(from, others[this.#random.nextBelow(others.length)]!);
    });
    for (const { from, frame } of firsts) this.#rig.send(from, frame);
    this.#rig.run(DRAIN);
    return firsts.map((first) => ({
      first,
      cables: new Set(this.#rig.walks.of(first.id).map(({ cable }) => cable)),
      probes: [{ id: first.id, sentAt: this.#rig.lab.clock.now - DRAIN }],
    }));
  }

  #run(burst: Burst, streams: readonly Stream[], count: number): string | undefined {
    const { clock } = this.#rig.lab;
    let changeAt = clock.now + this.#random.nextBelow(10 * MILLISECOND);
    let announceAt = clock.now;
    let restSince: Nanos | undefined;
    for (let round = 0; restSince === undefined || clock.now < restSince + REST; round++) {
      const roundAt = clock.now;
      if (burst.log.length < count && clock.now >= changeAt) {
        this.#change(burst);
        changeAt = clock.now + this.#random.nextBelow(GAP_MAX);
      }
      if (clock.now < changeAt + BUSY || round % 5 === 0) this.#sendAll(streams);
      if (clock.now >= announceAt) {
        this.#rig.announce();
        announceAt = clock.now + ANNOUNCE_EVERY;
      }
      const missing = burst.log.length < count ? 'changes are to come' : this.#missing(changeAt);
      if (missing === undefined) restSince ??= clock.now;
      else restSince = undefined;
      if (clock.now > changeAt + PATIENCE) return missing;
      this.#rig.run(Math.max(0, roundAt + ROUND - clock.now));
    }
    this.#rig.run(DRAIN);
    return undefined;
  }

  /** News of the last change are under way for as long as any channel takes. */
  #missing(changedAt: Nanos): string | undefined {
    if (this.#rig.lab.clock.now < changedAt + 2 * DELAY_MAX_MS * MILLISECOND) return 'news are under way';
    return this.#rig.missing();
  }

  #change({ log, states }: Burst): void {
    const change = this.#network.draw();
    log.push({ at: this.#rig.lab.clock.now, change });
    this.#network.apply(change);
    states.push(this.#state());
    if (this.#hasHiddenCuts) this.#cutInSecret();
  }

  #cutInSecret(): void {
    const up = this.#rig.upFabric().links;
    const link = up[this.#random.nextBelow(up.length)];
    if (!link) return;
    this.#rig.cutLink(link.name);
    this.#rig.run(ROUND);
    this.#rig.mendLink(link.name);
  }

  #sendAll(streams: readonly Stream[]): void {
    for (const { first, probes } of streams) {
      const probe = this.#maker.again(first);
      probes.push({ id: probe.id, sentAt: this.#rig.lab.clock.now });
      this.#rig.send(probe.from, probe.frame);
      this.#rig.run(SPACING);
    }
  }

  #state(): State {
    const fabric = this.#rig.upFabric();
    const meaning = plainMeaning(this.#network.policies, this.#directory);
    const live = new Set(this.#rig.liveHosts());
    const place = this.#rig.roamer?.dpid;
    return {
      route: ({ facts }) => meaning(facts),
      mustArrive: ({ facts, from, to }) => {
        const route = meaning(facts);
        return route !== undefined && expectArrival(fabric, from.dpid, to!.dpid, route) === 'must';
      },
      isHeardOf: (host) => live.has(host) && (host !== this.#rig.roamer || place === host.dpid),
    };
  }

  #judge(burst: Burst, streams: readonly Stream[]): Offence | undefined {
    for (const stream of streams) {
      const isMustArrive = this.#isUnconcerned(burst, stream);
      const routes = burst.states.map(({ route }) => route(stream.first));
      const isDenied = routes.every((route) => route === undefined);
      for (const probe of stream.probes) {
        this.#tally.probes++;
        if (isMustArrive) this.#tally.sacred++;
        const walk = this.#rig.walks.of(probe.id);
        const what =
          this.#findDisorder(stream, walk, routes) ??
          (isMustArrive ? this.#findLoss(stream, walk, routes[0]!) : undefined) ??
          (isDenied && this.#receipts(stream, walk).length > 0 ? 'it arrived and is denied throughout' : undefined);
        if (what) return { words: this.#describe(what, burst, stream, probe), probeId: probe.id };
      }
    }
    return undefined;
  }

  #receipts({ first }: Stream, walk: readonly Crossing[]): Crossing[] {
    return walk.filter(({ to, deliveredAt }) => to === this.#rig.nodeOf(first.to!) && deliveredAt !== undefined);
  }

  /** What no frame may do, whomever the burst concerns. */
  #findDisorder(stream: Stream, walk: readonly Crossing[], routes: readonly (Route | undefined)[]): string | undefined {
    const { to } = stream.first;
    const hasCopies = routes.some((route) => route?.mirrors.has(to!.mac));
    const count = this.#receipts(stream, walk).length;
    if (count > (hasCopies ? 2 : 1)) return `it arrived ${count} times`;
    return findCircle(walk);
  }

  #findLoss(stream: Stream, walk: readonly Crossing[], route: Route): string | undefined {
    const receipts = this.#receipts(stream, walk);
    if (receipts.length === 0) return 'it was lost';
    const faults = receipts.map((receipt) => {
      const chain = chainOf(receipt);
      if (chain[0]!.from !== this.#rig.nodeOf(stream.first.from)) return 'the controller carried it';
      return findWalkFault(chain, route, this.#rig.wholeFabric(), this.#rig.dpids);
    });
    return faults.every((fault) => fault !== undefined) ? faults[0] : undefined;
  }

  #isUnconcerned({ log, states }: Burst, { first, cables, probes }: Stream): boolean {
    const { roamer } = this.#rig;
    const ends = [first.from, first.to!];
    const moves = log.some(({ change }) => change.type === 'roamer-moves');
    if (moves && roamer && ends.includes(roamer)) return false;
    if (!states.every(({ isHeardOf, mustArrive }) => ends.every(isHeardOf) && mustArrive(first))) return false;
    if (new Set(states.map(({ route }) => formatRoute(route(first)!))).size > 1) return false;
    const cut = log.flatMap(({ change }) => (change.type === 'link-down' ? [change.link] : []));
    // What one change moved, another may cut.
    const used =
      log.length === 1 ? cables : new Set(probes.flatMap(({ id }) => this.#rig.walks.of(id).map(({ cable }) => cable)));
    return !cut.some((link) => used.has(link) || cables.has(link));
  }

  #describe(what: string, burst: Burst, stream: Stream, probe: Stream['probes'][number]): string {
    const { kind, from, to, id } = stream.first;
    return [
      `${kind} from ${from.name} at ${from.switchName} to ${to!.name} at ${to!.switchName}, sent at ${formatTime(probe.sentAt)}: ${what}`,
      formatBurst(burst),
      'policies:',
      ...this.#network.policies.policies.map((policy) => JSON.stringify(policy)),
      'its walk:',
      formatWalk(this.#rig.walks.of(probe.id)),
      'the walk before all that:',
      formatWalk(this.#rig.walks.of(id)),
    ].join('\n');
  }
}

function formatRoute({ via, avoidSwitches, avoidLinks, latencyNsMax, hasBandwidth, mirrors }: Route): string {
  const sorted = (set: ReadonlySet<string | number>) => [...set].map(String).sort();
  return JSON.stringify([
    via.map(sorted),
    sorted(avoidSwitches),
    sorted(avoidLinks),
    latencyNsMax,
    hasBandwidth,
    sorted(mirrors),
  ]);
}

function formatBurst({ log }: Burst): string {
  return log.map(({ at, change }) => `  at ${formatTime(at)} ${JSON.stringify(change)}`).join('\n');
}

function formatTime(at: Nanos): string {
  return `${(at / MILLISECOND).toFixed(3)} ms`;
}
