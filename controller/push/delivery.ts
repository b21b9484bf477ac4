/**
 * The plan, and its way to all switches: nobody sends under a program that is not in place everywhere, and nothing goes that somebody may still need.
 *
 * Each switch is told one step at a time (`next-step.ts`), and only what follows from its own verdicts and from the programs that others confirmed. So one that is
 * slow, silent or obstinate holds back what must wait for it, and nothing else. One that has not answered is read before it is told more.
 */
import type { Nanos } from '../../protocol/wire/openflow/session.ts';
import type { Plan } from '../plan.ts';
import { type RuleOwner, toRuleId } from '../rule.ts';
import type { Verdict } from '../southbound/channel.ts';
import { DeadlineHeap } from '../southbound/deadline-heap.ts';
import { readTables, type TableReading } from '../southbound/switch-reading.ts';
import {
  isAtRest,
  isComplete,
  type Patience,
  type Refusal,
  refusalOf,
  type SwitchState,
  setPresent,
} from '../switch-state.ts';
import type { UserRules } from '../user-rules.ts';
import { type DriftEvent, type DriftKind, type DriftOptions, DriftWatch } from './drift-watch.ts';
import { type Item, isFixtureKey, isRule } from './item.ts';
import { type Change, nextStep } from './next-step.ts';
import { addOrigin, dropOrigin, dropOrigins, setOrigin } from './origins.ts';
import { ProgramBook } from './program-book.ts';
import { endParts, partsOf, wantPlan } from './switch-wish.ts';
import { absorbReading } from './table-reading.ts';

export type DeliveryEvent =
  | DriftEvent
  | { readonly type: 'rules-changed'; readonly dpid: string }
  | { readonly type: 'rule-refused'; readonly dpid: string; readonly ruleId: string; readonly error: string }
  /** Nothing of it is in any switch any more. */
  | { readonly type: 'program-released'; readonly program: string };

export interface DeliveryEffects {
  now(): Nanos;
  emit(event: DeliveryEvent): void;
  /** A switch has been given all that it could be given, for the first time since it connected. */
  confirmed(dpid: string): void;
}

const NONE: ReadonlySet<string> = new Set();

const NEVER = Number.POSITIVE_INFINITY;

/** Switches that may be gone and not forgotten. */
const FORMER_MAX = 4096;

const RETRY_MIN: Nanos = 1_000_000_000;
const RETRY_MAX: Nanos = 60_000_000_000;

/** Room can come, and a switch that could not may be able to later. */
const PASSING: ReadonlySet<string> = new Set([
  'FLOW_MOD_FAILED/TABLE_FULL',
  'FLOW_MOD_FAILED/UNKNOWN',
  'GROUP_MOD_FAILED/OUT_OF_GROUPS',
  'GROUP_MOD_FAILED/OUT_OF_BUCKETS',
  'METER_MOD_FAILED/OUT_OF_METERS',
  'METER_MOD_FAILED/OUT_OF_BANDS',
  'METER_MOD_FAILED/UNKNOWN',
]);

/** What the switch has is not what we believe. */
const SURPRISES: ReadonlySet<string> = new Set([
  'GROUP_MOD_FAILED/GROUP_EXISTS',
  'GROUP_MOD_FAILED/UNKNOWN_GROUP',
  'METER_MOD_FAILED/METER_EXISTS',
  'METER_MOD_FAILED/UNKNOWN_METER',
]);

export class Delivery {
  readonly #effects: DeliveryEffects;
  readonly #userRules: UserRules;
  readonly #states = new Map<string, SwitchState>();
  /** As they were when their channels broke. */
  readonly #missed = new Map<string, SwitchState>();
  readonly #programs: ProgramBook<SwitchState>;
  readonly #deadlines = new DeadlineHeap<SwitchState>();
  readonly #drift: DriftWatch;
  /** By dpid: who did not answer what he was told last. */
  readonly #silent = new Set<string>();
  /** By dpid: what switches that have gone may still have. */
  readonly #former = new Map<string, ReadonlySet<string>>();

  constructor(effects: DeliveryEffects, userRules: UserRules, drift: DriftOptions = {}) {
    this.#effects = effects;
    this.#userRules = userRules;
    this.#programs = new ProgramBook({
      changed: (state, at) => this.#lookAgain(state, at),
      released: (program) => effects.emit({ type: 'program-released', program }),
    });
    this.#drift = new DriftWatch(effects, this.#programs, userRules, drift);
  }

  /** A switch that has shaken hands; it is told nothing before it is ready. */
  join(state: SwitchState): void {
    this.#states.set(state.dpid, state);
    state.formerFixtures = this.#former.get(state.dpid) ?? state.formerFixtures;
    this.#former.delete(state.dpid);
  }

  /** What a switch has said of itself when it came. */
  begin(state: SwitchState, reading: TableReading): void {
    this.#drift.begin(state, absorbReading(state, this.#programs, reading, this.#effects.now()));
    state.formerFixtures = NONE;
    this.#userRules.recognise(state);
    // In this order: no program must be thought complete without this switch in between.
    const missed = this.#missed.get(state.dpid);
    if (missed?.plan) wantPlan(state, this.#programs, missed.plan, this.#effects.now());
    this.giveUp(state.dpid);
  }

  /** The channel has gone. The switch is believed to go on with what it has, until it is given up; what it is to have more waits for it. */
  miss(state: SwitchState): void {
    const { dpid } = state;
    this.#states.delete(dpid);
    this.#silent.delete(dpid);
    this.#remember(state);
    this.#drift.leave(state);
    state.userRules.watch(undefined);
    this.#programs.forget(state);
    if (this.#missed.has(dpid)) this.#drop(state);
    else this.#missed.set(dpid, state);
  }

  /** Nobody waits for it any more. */
  giveUp(dpid: string): void {
    const missed = this.#missed.get(dpid);
    if (!missed) return;
    this.#missed.delete(dpid);
    this.#drop(missed);
  }

  #drop(state: SwitchState): void {
    const now = this.#effects.now();
    endParts(state, this.#programs, now);
    dropOrigins(state, this.#programs, now);
  }

  /** Of a switch that is not in the plan, nothing new is wanted. */
  want(plan: Plan): void {
    const now = this.#effects.now();
    for (const state of this.#states.values()) {
      const wanted = plan.get(state.dpid);
      if (wanted && wantPlan(state, this.#programs, wanted, now)) state.channel.stir();
    }
    for (const state of this.#missed.values()) {
      const wanted = plan.get(state.dpid);
      if (wanted) wantPlan(state, this.#programs, wanted, now);
    }
  }

  poll(): void {
    const now = this.#effects.now();
    for (let state = this.#deadlines.takeDue(now); state; state = this.#deadlines.takeDue(now)) {
      state.lookAt = Number.POSITIVE_INFINITY;
      state.channel.stir();
    }
  }

  pollAt(): Nanos | undefined {
    return this.#deadlines.nextAt();
  }

  /** Every switch that is ready has what it should have; only what must wait until it may be deleted can be left. */
  get isConverged(): boolean {
    for (const state of this.#states.values()) if (!isComplete(state)) return false;
    return true;
  }

  /** The same, but for what switches have refused, and what waits for that. */
  get isAtRest(): boolean {
    for (const state of this.#states.values()) if (!isAtRest(state)) return false;
    return true;
  }

  /** Switches that are connected and did not answer what they were told last. */
  get silent(): ReadonlySet<string> {
    return this.#silent;
  }

  /** By policy, why something of it is not in force. */
  refusedPolicies(): ReadonlyMap<string, string> {
    const refused = new Map<string, string>();
    for (const state of this.#states.values()) noteRefused(state, refused);
    return refused;
  }

  /** No switch has anything of it, and it is not wanted: its label may mean something else. */
  isReleased(program: string): boolean {
    return this.#programs.isReleased(program);
  }

  /** How often a switch had something else than it was believed to have. */
  driftCount(owner: RuleOwner, what: DriftKind): number {
    return this.#drift.count(owner, what);
  }

  /** All that carry the program out have confirmed it. */
  isConfirmed(program: string): boolean {
    return !this.#programs.isReleased(program) && this.#programs.isConfirmed(program);
  }

  /** Somebody waits for the switch: it is not left alone for longer because it did not answer before. */
  hurry({ silence, channel }: SwitchState): void {
    if (silence && silence.retryAt !== NEVER) silence.retryAt = this.#effects.now();
    channel.stir();
  }

  /** Tells a switch what is to be told next, if it can be told anything now. */
  push(state: SwitchState): void {
    if (!state.isReady || state.isPushing || !state.channel.isOpen) return;
    const now = this.#effects.now();
    if (state.silence) {
      if (state.silence.retryAt <= now) this.#readAgain(state, state.silence);
    } else {
      this.#retryRefused(state, now);
      this.#takeStep(state, now);
    }
    const retryAt = Math.min(state.silence?.retryAt ?? NEVER, state.refusal?.retryAt ?? NEVER);
    const dueAt = Math.min(retryAt, state.readAgainAt);
    if (dueAt > now) this.#lookAgain(state, dueAt);
  }

  #takeStep(state: SwitchState, now: Nanos): void {
    const step = nextStep(state, this.#programs, now);
    state.outstanding = step.outstanding;
    state.stuck = step.stuck;
    if (step.lookAgainAt !== undefined) this.#lookAgain(state, step.lookAgainAt);
    for (const [key, refusal] of step.refusals)
      if (this.#refuse(state, key, refusal)) this.#tellRefused(state, refusal);
    if (step.changes.length > 0) this.#send(state, step.changes);
    else if (step.refusals.size > 0) this.#takeStep(state, now);
    else {
      if (state.systemRules.size > 0) this.#confirmedFirst(state);
      this.#drift.idle(state);
    }
  }

  #send(state: SwitchState, changes: readonly Change[]): void {
    state.isPushing = true;
    for (const { key, origin } of changes) if (origin) addOrigin(state, this.#programs, key, origin);
    state.channel.transact(
      changes.map(({ modification }) => modification),
      (verdicts) => {
        state.isPushing = false;
        const now = this.#effects.now();
        for (const [i, verdict] of verdicts.entries()) this.#book(state, changes[i]!, verdict, now);
        if (verdicts.some(({ type }) => type === 'unanswered')) this.#fallSilent(state);
        else state.silenceDelayNs = 0;
        this.#effects.emit({ type: 'rules-changed', dpid: state.dpid });
      },
    );
  }

  #book(state: SwitchState, change: Change, verdict: Verdict, now: Nanos): void {
    const { key, item, modification, origin } = change;
    let isNews = false;
    if (verdict.type === 'installed') {
      setPresent(state, key, item);
      setOrigin(state, this.#programs, key, origin, now);
      if (item) acceptItem(state, key);
      else if (state.refusal) state.refusal.retryAt = now;
    } else if (verdict.type === 'refused' && item) {
      if (origin) dropOrigin(state, this.#programs, key, origin, now);
      isNews = this.#refuse(state, key, { item, error: verdict.error, awaits: undefined });
    } else if (verdict.type === 'refused') {
      // It stays there, and is nobody's.
      setPresent(state, key, undefined);
      setOrigin(state, this.#programs, key, undefined, now);
      isNews = true;
    }
    const rule = item && isRule(item) ? item : undefined;
    const isAwaited =
      modification.type === 'flowMod' && this.#userRules.book(state, { key, rule, modification }, verdict);
    if (isNews && !isAwaited && verdict.type === 'refused') this.#tellRefused(state, { item, error: verdict.error });
  }

  /** True when it is news. */
  #refuse(state: SwitchState, key: string, refusal: Refusal): boolean {
    const now = this.#effects.now();
    const isNews = refusalOf(state, key)?.error !== refusal.error;
    state.refused.set(key, refusal);
    for (const wanted of partsOf(state, key)) wanted.isRefused = true;
    state.retrying.delete(key);
    if (PASSING.has(refusal.error)) putOffRefused(state, now);
    if (SURPRISES.has(refusal.error)) {
      state.retrying.add(key);
      this.#fallSilent(state);
    }
    return isNews;
  }

  #tellRefused(
    { dpid }: SwitchState,
    { item, error }: { readonly item: Item | undefined; readonly error: string },
  ): void {
    const ruleId = item && isRule(item) ? toRuleId(item) : '';
    this.#effects.emit({ type: 'rule-refused', dpid, ruleId, error });
  }

  #retryRefused(state: SwitchState, now: Nanos): void {
    if (!state.refusal || state.refusal.retryAt > now) return;
    let isAny = false;
    for (const [key, { error }] of state.refused) {
      if (!PASSING.has(error) || !refusalOf(state, key)) continue;
      isAny = true;
      state.retrying.add(key);
      state.unsettled.add(key);
    }
    if (!isAny) state.refusal = undefined;
  }

  #readAgain(state: SwitchState, silence: Patience): void {
    silence.retryAt = NEVER;
    readTables(
      state.channel,
      (reading) => {
        state.silence = undefined;
        this.#silent.delete(state.dpid);
        absorbReading(state, this.#programs, reading, this.#effects.now());
      },
      (reason) => {
        this.#fallSilent(state);
        this.#userRules.switchSilent(state.dpid, { type: 'unanswered', reason });
      },
    );
  }

  #fallSilent(state: SwitchState): void {
    state.silenceDelayNs = toNextDelay(state.silenceDelayNs);
    state.silence = { retryAt: this.#effects.now() + state.silenceDelayNs };
    this.#silent.add(state.dpid);
  }

  /** Groups and meters bear no mark, and one that no rule refers to yet would be taken for a stranger's. */
  #remember({ dpid, fixtures, origins, formerFixtures }: SwitchState): void {
    const keys = new Set([...formerFixtures, ...fixtures.keys(), ...origins.keys()].filter(isFixtureKey));
    if (keys.size === 0) return;
    const [oldest] = this.#former.keys();
    if (oldest !== undefined && this.#former.size >= FORMER_MAX) this.#former.delete(oldest);
    this.#former.set(dpid, keys);
  }

  #confirmedFirst(state: SwitchState): void {
    if (state.isConfirmed) return;
    state.isConfirmed = true;
    this.#effects.confirmed(state.dpid);
  }

  #lookAgain(state: SwitchState, at: Nanos): void {
    if (at <= this.#effects.now()) {
      state.channel.stir();
      return;
    }
    if (at >= state.lookAt) return;
    state.lookAt = at;
    this.#deadlines.add(at, state);
  }
}

function noteRefused(state: SwitchState, refused: Map<string, string>): void {
  const note = (policies: readonly string[], reason: string) => {
    for (const id of policies) if (!refused.has(id)) refused.set(id, reason);
  };
  const all = () => [...state.parts.values()].flatMap(({ part }) => part.policies ?? []);
  for (const [key, { error }] of state.refused) {
    if (!refusalOf(state, key)) continue;
    const policies = [...partsOf(state, key)].flatMap(({ part }) => part.policies ?? []);
    // What is not of one policy all may build on.
    note(policies.length > 0 ? policies : all(), `switch ${state.dpid} refuses a rule of it: ${error}`);
  }
  if (state.stuck === 0) return;
  for (const key of state.unsettled) {
    const policies = [...partsOf(state, key)].flatMap(({ part }) => part.policies ?? []);
    note(policies, `switch ${state.dpid} waits for a switch that refuses its rules`);
  }
}

/** Later each time, if it has been tried since. */
function putOffRefused(state: SwitchState, now: Nanos): void {
  if (state.refusal && state.refusal.retryAt > now) return;
  const delayNs = toNextDelay(state.refusal?.delayNs ?? 0);
  state.refusal = { retryAt: now + delayNs, delayNs };
}

function toNextDelay(delayNs: Nanos): Nanos {
  return Math.min(Math.max(2 * delayNs, RETRY_MIN), RETRY_MAX);
}

/** What was refused because this was missing may be tried. */
function acceptItem(state: SwitchState, key: string): void {
  state.refused.delete(key);
  state.retrying.delete(key);
  if (!isFixtureKey(key)) return;
  for (const [waiting, { awaits }] of [...state.refused]) if (awaits === key) state.refused.delete(waiting);
}
