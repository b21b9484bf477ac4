/**
 * What became of switches' tables behind the controller's back: they are read now and then, one switch at a time, and held against what is believed.
 *
 * A switch is read when it has nothing to be told. An answer that something else has overtaken, a change under way or a rule whose time was over, proves nothing and is dropped.
 *
 * What differs is somebody's: the system's (what the plan wants, and what bears its cookie), a user's (there is a record), or foreign. For each there is a way to treat it:
 * - `repair`: what the switch says is believed, and the difference to what is wanted does the rest; a foreign rule is deleted;
 * - `adopt`: a rule that is there is a user's from now on; one that is missing is no user's any more, and is repaired if it is the system's;
 * - `alert`: it is told, once, and nothing else happens.
 * Groups and meters are the system's; those of others are not looked at.
 */
import type { Nanos } from '../../protocol/wire/openflow/session.ts';
import { LEARNED_COOKIE } from '../apps/learning-app.ts';
import { isTimed, type Rule, type RuleOwner, toRuleId } from '../rule.ts';
import { readTables, type TableReading } from '../southbound/switch-reading.ts';
import { presentItem, type SwitchState, wantedItem } from '../switch-state.ts';
import type { UserRules } from '../user-rules.ts';
import { type Item, isRule, isSameItem } from './item.ts';
import type { ProgramBook } from './program-book.ts';
import { absorbItem, type SortedReading, sortReading } from './table-reading.ts';

export type DriftTreatment = 'repair' | 'adopt' | 'alert';

export interface DriftOptions {
  /** Between two readings of a switch. */
  readonly intervalNs?: Nanos;
  readonly system?: DriftTreatment;
  readonly user?: DriftTreatment;
  readonly foreign?: DriftTreatment;
}

export const DRIFT_KINDS = ['missing', 'changed', 'unexpected'] as const;

export type DriftKind = (typeof DRIFT_KINDS)[number];

/** `ruleId` is empty for a group or a meter, which `item` names. */
export interface DriftEvent {
  readonly type: 'drift';
  readonly dpid: string;
  readonly owner: RuleOwner;
  readonly what: DriftKind;
  readonly ruleId: string;
  readonly item: string;
}

export interface DriftEffects {
  now(): Nanos;
  emit(event: DriftEvent): void;
}

const INTERVAL: Nanos = 30_000_000_000;

/** Of one reading; the rest is counted. What is ours is repaired all the same; what is adopted or foreign has to wait for the next reading. */
const TOLD_MAX = 1000;

export class DriftWatch {
  readonly #effects: DriftEffects;
  readonly #programs: ProgramBook<SwitchState>;
  readonly #userRules: UserRules;
  readonly #intervalNs: Nanos;
  readonly #treatments: Readonly<Record<RuleOwner, DriftTreatment>>;
  readonly #counts = new Map<string, number>();
  /** Who waits to be read. */
  readonly #waiting = new Set<SwitchState>();
  #read: SwitchState | undefined;
  #told = 0;

  constructor(
    effects: DriftEffects,
    programs: ProgramBook<SwitchState>,
    userRules: UserRules,
    { intervalNs = INTERVAL, system = 'repair', user = 'repair', foreign = 'alert' }: DriftOptions,
  ) {
    this.#effects = effects;
    this.#programs = programs;
    this.#userRules = userRules;
    this.#intervalNs = intervalNs;
    this.#treatments = { system, user, foreign };
  }

  /** Since the beginning. */
  count(owner: RuleOwner, what: DriftKind): number {
    return this.#counts.get(`${owner} ${what}`) ?? 0;
  }

  /** What is foreign at first has always been there, unless it is to be treated. */
  begin(state: SwitchState, { foreign }: SortedReading): void {
    if (this.#treatments.foreign === 'alert') state.foreign = foreign;
    state.readAgainAt = this.#effects.now() + this.#intervalNs;
  }

  leave(state: SwitchState): void {
    this.#waiting.delete(state);
  }

  /** The switch has nothing to be told. */
  idle(state: SwitchState): void {
    if (state.readAgainAt > this.#effects.now()) return;
    state.readAgainAt = Number.POSITIVE_INFINITY;
    this.#waiting.add(state);
    this.#next();
  }

  #next(): void {
    while (this.#read === undefined) {
      const [state] = this.#waiting;
      if (!state) return;
      this.#waiting.delete(state);
      if (state.isPushing || state.silence) state.readAgainAt = this.#effects.now() + this.#intervalNs;
      else this.#ask(state);
    }
  }

  #ask(state: SwitchState): void {
    this.#read = state;
    const { version } = state;
    const over = () => {
      this.#read = undefined;
      state.readAgainAt = this.#effects.now() + this.#intervalNs;
      state.channel.stir();
    };
    readTables(
      state.channel,
      (reading) => {
        over();
        if (state.version === version && !state.isPushing && !state.silence) this.#compare(state, reading);
        this.#next();
      },
      () => {
        over();
        this.#next();
      },
    );
  }

  #compare(state: SwitchState, reading: TableReading): void {
    this.#told = 0;
    const sorted = sortReading(state, reading);
    state.foreignReferences = sorted.foreignReferences;
    state.strayFixtures = sorted.strayFixtures;
    for (const key of new Set([...state.installed.keys(), ...state.fixtures.keys(), ...sorted.ours.keys()])) {
      const believed = presentItem(state, key);
      const found = sorted.ours.get(key);
      if (believed && found && isSameItem(believed, found)) state.alerted.delete(key);
      else this.#treatOurs(state, key, believed, found);
    }
    this.#compareForeign(state, sorted.foreign);
  }

  #treatOurs(state: SwitchState, key: string, believed: Item | undefined, found: Item | undefined): void {
    const absorb = () => absorbItem(state, this.#programs, key, found, this.#effects.now());
    if (!found && believed && isRule(believed) && isTimed(believed)) {
      this.#userRules.removed(state, key);
      return;
    }
    if (!found && !wantedItem(state, key)) {
      absorb();
      return;
    }
    const owner = state.userRules.has(key) ? 'user' : 'system';
    const treatment = this.#treatments[owner];
    if (treatment === 'alert') {
      this.#alert(state, owner, key, believed, found);
      return;
    }
    const isRoom = this.#tell(
      state,
      owner,
      !found ? 'missing' : believed ? 'changed' : 'unexpected',
      (found ?? believed)!,
    );
    const isAdoptable = found ? isRule(found) : owner === 'user';
    if (treatment === 'repair' || !isAdoptable) absorb();
    else if (isRoom) this.#userRules.adopt(state, key, found && isRule(found) ? found : undefined);
  }

  #alert(state: SwitchState, owner: RuleOwner, key: string, believed: Item | undefined, found: Item | undefined): void {
    const before = state.alerted.get(key);
    const isTold = state.alerted.has(key) && (before && found ? isSameItem(before, found) : before === found);
    if (isTold) return;
    state.alerted.set(key, found);
    this.#tell(state, owner, !found ? 'missing' : believed ? 'changed' : 'unexpected', (found ?? believed)!);
  }

  #compareForeign(state: SwitchState, found: ReadonlyMap<string, Rule>): void {
    const before = state.foreign;
    const kept = new Map<string, Rule>();
    const treatment = this.#treatments.foreign;
    for (const [key, rule] of found) {
      // The app's own, which come and go with the traffic.
      if (rule.cookie === LEARNED_COOKIE) continue;
      const known = before.get(key);
      const isKnown = known !== undefined && isSameItem(known, rule);
      if (isKnown) kept.set(key, known);
      else if (this.#tell(state, 'foreign', known ? 'changed' : 'unexpected', rule)) {
        if (treatment === 'alert') kept.set(key, rule);
        else if (treatment === 'adopt') this.#userRules.adopt(state, key, rule);
        else state.installed.set(key, rule);
      }
    }
    for (const [key, rule] of before) {
      const isGone = !found.has(key) && !state.installed.has(key);
      if (isGone && !isTimed(rule)) this.#tell(state, 'foreign', 'missing', rule);
    }
    state.foreign = kept;
  }

  /** Counts it; true while there is room for more. */
  #tell({ dpid }: SwitchState, owner: RuleOwner, what: DriftKind, item: Item): boolean {
    this.#counts.set(`${owner} ${what}`, this.count(owner, what) + 1);
    if (++this.#told > TOLD_MAX) return false;
    const ruleId = isRule(item) ? toRuleId(item) : '';
    this.#effects.emit({ type: 'drift', dpid, owner, what, ruleId, item: nameOf(item) });
    return true;
  }
}

function nameOf(item: Item): string {
  if (isRule(item)) return 'rule';
  return 'groupId' in item ? `group ${item.groupId}` : `meter ${item.meterId}`;
}
