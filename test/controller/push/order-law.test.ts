/**
 * The law of the order, watched at the switches: whatever their delays, whatever they do in which order between two barriers, and whether they answer, nobody sends under a program
 * that is not in place everywhere, nothing goes that is needed, and in the end each has exactly what is wanted.
 *
 * The watcher knows of messages and tables only: a rule or group that sets VLAN id L sends under program L, and what L is at which switch was drawn before.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { PlanPart, SwitchPlan } from '../../../controller/plan.ts';
import { referencesOf, toItemKey } from '../../../controller/push/item.ts';
import { DRAIN } from '../../../controller/push/program-book.ts';
import { keyOfRule, type Rule } from '../../../controller/rule.ts';
import type { Action } from '../../../protocol/wire/openflow/action.ts';
import { FLOW_COMMAND } from '../../../protocol/wire/openflow/flow.ts';
import { GROUP_COMMAND } from '../../../protocol/wire/openflow/group.ts';
import type { Match } from '../../../protocol/wire/openflow/match.ts';
import { Random } from '../../../sim/random.ts';
import { DeliveryBench, SECOND } from './delivery-bench.ts';
import { output, toGroup, toRule } from './sample-plan.ts';
import { type Mod, UnrulySwitch } from './unruly-switch.ts';

const SEED = Number(process.env.SLUICE_SEED ?? 20_261_120);
const CASES = Number(process.env.SLUICE_CASES ?? 60);

const SWITCHES = 4;
const LABELS = 6;
const ENTRIES = 3;
const MS = 1_000_000;
/** What a switch was told before this has been done, or will never be. */
const UNDER_WAY_MAX = 20 * SECOND;
const TAGGED = 0x1000;

const push = (label: number): Action => ({ type: 'setField', field: { type: 'vlanVid', value: TAGGED | label } });

const programKey = (label: number) => `program ${label}`;

/** Which switches carry a label out, and how: fixed for ever. */
function toTransit(label: number, place: number): PlanPart | undefined {
  if (((label * 7 + place * 3) % 5) % 2 === 1) return undefined;
  const match: Match = [{ type: 'vlanVid', value: TAGGED | label }];
  const hasGroup = (label + place) % 2 === 0;
  const group = toGroup(100 + label, output(label));
  const rules = [
    toRule(3, 20, match, [hasGroup ? { type: 'group', groupId: group.groupId } : output(label)]),
    toRule(4, 20, match, [output(place + 1)]),
  ];
  return { rules, groups: hasGroup ? [group] : [], meters: [], program: programKey(label), needs: [] };
}

/** One rule that is modified from label to label, and one that takes the place of another; through a group or not. */
function toEntry(entry: number, label: number): PlanPart {
  const match: Match = [{ type: 'inPort', value: entry + 1 }];
  const shared = toGroup(500 + label, push(label), output(1));
  const own = toGroup(1000 + entry, push(label), output(2));
  return {
    rules: [
      toRule(1, 5, match, label % 2 ? [push(label), output(1)] : [{ type: 'group', groupId: shared.groupId }]),
      toRule(1, 100 + label, match, label % 3 ? [push(label), output(1)] : [{ type: 'group', groupId: own.groupId }]),
    ],
    groups: [...(label % 2 ? [] : [shared]), ...(label % 3 ? [] : [own])],
    meters: [],
    program: undefined,
    needs: [programKey(label)],
  };
}

function toBase(variant: number): PlanPart {
  const rules = [0, 1, 2].filter((i) => (variant + i) % 3 > 0);
  return {
    rules: rules.map((i) => toRule(0, 10 + i, [], [output(1 + (variant % 2))], 1)),
    groups: [],
    meters: [{ flags: 1, meterId: 1, bands: [{ type: 'drop', rate: 1000 + variant, burstSize: 0 }] }],
    program: undefined,
    needs: [],
  };
}

const FOREIGN = toRule(0, 999, [], []);

/** What each entry of each switch sends under, 0 for nothing; and a variant of each base. */
type Wish = readonly { readonly labels: readonly number[]; readonly base: number }[];

const parts = new Map<string, PlanPart>();

function partOf(name: string, make: () => PlanPart): PlanPart {
  const part = parts.get(name) ?? make();
  parts.set(name, part);
  return part;
}

function toPlan(wish: Wish): Map<string, SwitchPlan> {
  const used = new Set(wish.flatMap(({ labels }) => labels.filter((label) => label > 0)));
  return new Map(
    wish.map(({ labels, base }, place) => {
      const plan = new Map<string, PlanPart>([['base', partOf(`base ${base}`, () => toBase(base))]]);
      labels.forEach((label, entry) => {
        if (label > 0)
          plan.set(
            `entry ${entry}`,
            partOf(`entry ${entry} ${label}`, () => toEntry(entry, label)),
          );
      });
      for (const label of used) {
        const transit = toTransit(label, place);
        if (transit)
          plan.set(
            `transit ${label}`,
            partOf(`transit ${label} ${place}`, () => transit),
          );
      }
      return [toDpid(place), plan];
    }),
  );
}

const toDpid = (place: number) => (place + 1).toString(16).padStart(16, '0');

const say = (value: unknown) => JSON.stringify(value, (_, part) => (typeof part === 'bigint' ? `${part}` : part));

function labelsOf(actions: readonly Action[]): number[] {
  return actions.flatMap((action) =>
    action.type === 'setField' && action.field.type === 'vlanVid' ? [action.field.value & ~TAGGED] : [],
  );
}

class Watcher {
  readonly #bench: DeliveryBench;
  readonly #devices: readonly UnrulySwitch[];
  readonly #lastSent = new Map<number, number>();
  #sending = new Set<number>();
  readonly #served = new Set<string>();
  readonly #unheard = new Set<number>();
  readonly #unwantedAt = new Map<string, number>();
  #wish: Wish = [];
  checks = 0;

  constructor(bench: DeliveryBench, devices: readonly UnrulySwitch[]) {
    this.#bench = bench;
    this.#devices = devices;
  }

  /** What is not wanted need not be served; nor what was not wanted just before, since its end may be on its way. */
  wanted(wish: Wish): void {
    wish.forEach(({ labels }, place) => {
      labels.forEach((label, entry) => {
        if (label > 0) return;
        this.#served.delete(`${place} ${entry}`);
        this.#unwantedAt.set(`${place} ${entry}`, this.#bench.now);
      });
    });
    this.#wish = wish;
  }

  #isToBeServed(place: number, entry: number): boolean {
    if ((this.#wish[place]?.labels[entry] ?? 0) === 0) return false;
    const unwantedAt = this.#unwantedAt.get(`${place} ${entry}`) ?? Number.NEGATIVE_INFINITY;
    return this.#bench.now - unwantedAt > UNDER_WAY_MAX;
  }

  /** What a switch does while nobody hears it is nobody's to keep in order: from now on, only how it ends is looked at. */
  cut(place: number): void {
    this.#unheard.add(place);
    for (const served of this.#served) if (served.startsWith(`${place} `)) this.#served.delete(served);
    this.#sending = this.#look();
  }

  before(device: UnrulySwitch, mod: Mod): void {
    if (mod.command !== (mod.type === 'flowMod' ? FLOW_COMMAND.deleteStrict : GROUP_COMMAND.delete)) return;
    if (mod.type !== 'flowMod') {
      const key = mod.type === 'groupMod' ? `group ${mod.groupId}` : `meter ${mod.meterId}`;
      for (const rule of device.rules.values()) {
        if (referencesOf(rule).includes(key)) throw new Error(`${key} goes while a rule refers to it`);
      }
      return;
    }
    const transit = mod.match.find(({ type }) => type === 'vlanVid');
    if (this.#unheard.has(this.#devices.indexOf(device))) return;
    if (transit?.type !== 'vlanVid') return;
    const label = transit.value & ~TAGGED;
    if (this.#sending.has(label)) throw new Error(`program ${label} goes while it is needed`);
    const since = this.#bench.now - (this.#lastSent.get(label) ?? Number.NEGATIVE_INFINITY);
    if (since < DRAIN) throw new Error(`program ${label} goes ${since} ns after it was used`);
  }

  after(): void {
    this.checks++;
    const sending = this.#look();
    for (const label of this.#sending) if (!sending.has(label)) this.#lastSent.set(label, this.#bench.now);
    this.#sending = sending;
    for (const label of sending) this.#checkProgram(label);
    for (const place of this.#served) this.#checkServed(place);
  }

  /** Which programs are sent under; and what is served from now on. */
  #look(): Set<number> {
    const sending = new Set<number>();
    this.#devices.forEach((device, place) => {
      if (this.#unheard.has(place)) return;
      for (const [key, rule] of device.rules) {
        if (rule.tableId === 1) for (const label of this.#labelsOfRule(device, rule)) sending.add(label);
        const entry = Number(key.split('=')[1]) - 1;
        if (rule.tableId === 1 && rule.priority >= 100 && this.#isToBeServed(place, entry))
          this.#served.add(`${place} ${entry}`);
      }
    });
    return sending;
  }

  #labelsOfRule(device: UnrulySwitch, rule: Rule): number[] {
    const [instruction] = rule.instructions;
    const actions = instruction?.type === 'applyActions' ? instruction.actions : [];
    const groups = referencesOf(rule).flatMap((key) => device.groups.get(key)?.buckets ?? []);
    return [...labelsOf(actions), ...groups.flatMap((bucket) => labelsOf(bucket.actions))];
  }

  #checkProgram(label: number): void {
    this.#devices.forEach((device, place) => {
      const transit = this.#unheard.has(place) ? undefined : toTransit(label, place);
      for (const rule of transit?.rules ?? []) {
        if (say(device.rules.get(keyOfRule(rule))) !== say(rule)) throw new Error(`program ${label} lacks a rule`);
      }
      for (const group of transit?.groups ?? []) {
        if (say(device.groups.get(toItemKey(group))) !== say(group)) throw new Error(`program ${label} lacks a group`);
      }
    });
  }

  #checkServed(served: string): void {
    const [place, entry] = served.split(' ').map(Number) as [number, number];
    const rules = [...this.#devices[place]!.rules.values()];
    const isServed = rules.some(
      (rule) => rule.tableId === 1 && rule.priority >= 100 && keyOfRule(rule).endsWith(`=${entry + 1}`),
    );
    if (!isServed) throw new Error(`entry ${entry} of switch ${place} is not served any more`);
  }
}

const wish: fc.Arbitrary<Wish> = fc.array(
  fc.record({
    labels: fc.array(fc.nat(LABELS), { minLength: ENTRIES, maxLength: ENTRIES }),
    base: fc.nat(5),
  }),
  { minLength: SWITCHES, maxLength: SWITCHES },
);

const steps = fc.array(
  fc.record({
    wish,
    waitMs: fc.constantFrom(0, 3, 30, 300, 2000, 15_000),
    /** A switch that is silent meanwhile. */
    silent: fc.option(fc.nat(SWITCHES - 1), { freq: 4, nil: undefined }),
    /** One that takes this long for each message. */
    slow: fc.constantFrom(0, 0, 100, 4000),
    /** One whose connection breaks now and is back at the end. */
    cut: fc.option(fc.nat(SWITCHES - 1), { freq: 4, nil: undefined }),
  }),
  { minLength: 2, maxLength: 8 },
);

function tablesOf(device: UnrulySwitch): string[] {
  return [...device.rules.values(), ...device.groups.values(), ...device.meters.values()].map(say).sort();
}

describe(`the order of changes (SLUICE_SEED=${SEED})`, () => {
  it('keeps every program whole while it is needed, and ends with what is wanted', { timeout: 120_000 }, () => {
    let checks = 0;
    const property = fc.property(steps, fc.nat(), (list, seed) => {
      const random = new Random(seed);
      let slowMs = 0;
      const bench = new DeliveryBench(() =>
        Math.floor(random.nextFraction() * (random.nextFraction() < 0.1 ? slowMs + 5 : 5) * MS),
      );
      const devices = Array.from({ length: SWITCHES }, (_, place) => new UnrulySwitch(toDpid(place)));
      const watcher = new Watcher(bench, devices);
      for (const device of devices) {
        device.rules.set(keyOfRule(FOREIGN), { ...FOREIGN, cookie: 1n });
        device.answersEach = 1 + (seed % 2);
        device.order = (mods) =>
          [...mods]
            .map((mod) => ({ mod, at: random.nextFraction() }))
            .sort((a, b) => a.at - b.at)
            .map(({ mod }) => mod);
        device.refuse = (mod) => {
          watcher.before(device, mod);
          return undefined;
        };
        device.applied = () => watcher.after();
        bench.dial(device);
      }
      bench.wait(SECOND);
      for (const { wish: wanted, waitMs, silent, slow, cut } of list) {
        slowMs = slow;
        watcher.wanted(wanted);
        bench.want(toPlan(wanted));
        if (silent !== undefined) devices[silent]!.answers = false;
        if (cut !== undefined) {
          watcher.cut(cut);
          bench.wait(MS * (waitMs % 7));
          bench.cut(devices[cut]!);
        }
        bench.wait(waitMs * MS);
        for (const device of devices) device.answers = true;
        if (cut !== undefined) bench.dial(devices[cut]!);
      }
      slowMs = 0;
      bench.wait(20 * SECOND);
      // One that was silent when it came back has been hung up on.
      for (const device of devices) if (!bench.isConnected(device)) bench.dial(device);
      bench.wait(200 * SECOND);
      const plan = toPlan(list.at(-1)!.wish);
      expect(bench.delivery.isConverged).toBe(true);
      for (const device of devices) {
        const wanted = [...plan.get(device.dpid)!.values()];
        const fixtures = new Map(
          wanted.flatMap(({ groups, meters }) => [...groups, ...meters].map((item) => [toItemKey(item), item])),
        );
        const expected = [{ ...FOREIGN, cookie: 1n }, ...wanted.flatMap(({ rules }) => rules), ...fixtures.values()];
        expect(tablesOf(device)).toEqual(expected.map(say).sort());
      }
      for (let label = 1; label <= LABELS; label++) {
        const isWanted = list.at(-1)!.wish.some(({ labels }) => labels.includes(label));
        if (!isWanted) expect(bench.delivery.isReleased(programKey(label))).toBe(true);
      }
      checks += watcher.checks;
    });
    fc.assert(property, { seed: SEED, numRuns: CASES });
    expect(checks).toBeGreaterThan(CASES);
  });
});
