/**
 * The policies that hold now, and the way of each change: asked, stored, in force, told.
 *
 * A change counts when the store has it: then the set is another one, whoever compiles takes it from here, and who asked is answered. What becomes of it on
 * the switches is its state, which comes later. One change at a time for each policy, so that what is answered is what holds.
 */
import { DEFAULT_ID, POLICIES_MAX } from '../../topologies/policy-checks.ts';
import type { JsonMistake } from '../../topologies/policy-json.ts';
import type { Operation } from '../store/store.ts';
import type { Policy, PolicySet } from './policy.ts';
import { byId, formatPolicyJson, parsePolicyJson } from './policy-entry.ts';
import { type PolicyFinding, type PolicyState, PolicyStates } from './policy-states.ts';
import {
  NOTHING_STORED,
  type PolicyRecord,
  type StoredPolicies,
  toDefaultOperation,
  toRecordOperation,
  toRevisionOperation,
} from './stored-policies.ts';

export type PolicyVerdict =
  | { readonly type: 'stored'; readonly revision: number; readonly isNew: boolean }
  /** No document could say it, so it could not be read back. */
  | { readonly type: 'refused'; readonly mistakes: readonly JsonMistake[] }
  /** There is no policy of that id. */
  | { readonly type: 'absent' }
  /** A change of it is under way. */
  | { readonly type: 'busy' }
  /** There is room for so many. */
  | { readonly type: 'full'; readonly max: number }
  | { readonly type: 'unstored'; readonly reason: string };

export interface PolicyEffects {
  /** `persisted` is to be called with the number, later. Numbers go down from -1: those of user rules go up from 1. */
  persist(id: number, operations: readonly Operation[]): void;
  /** The set is another one. */
  changed(): void;
  stateChanged(id: string, state: PolicyState): void;
}

export interface PolicyView extends PolicyRecord, PolicyState {}

const NONE_SILENT: ReadonlySet<string> = new Set();
const NONE_REFUSED: ReadonlyMap<string, string> = new Map();

export class Policies {
  readonly #effects: PolicyEffects;
  readonly #records = new Map<string, PolicyRecord>();
  readonly #states: PolicyStates;
  /** Ids of which a change is being stored, and whether it would be one more; the default has an id that no policy has. */
  readonly #busy = new Map<string, boolean>();
  readonly #storing = new Map<number, (failure: string | undefined) => void>();
  #default: PolicySet['default'];
  #set: PolicySet | undefined;
  #revision: number;
  /** The last that was given to a change, stored or not. */
  #revisionGiven: number;
  #lastId = 0;

  constructor(effects: PolicyEffects, stored: StoredPolicies = NOTHING_STORED) {
    this.#effects = effects;
    this.#states = new PolicyStates((id, state) => effects.stateChanged(id, state));
    this.#default = stored.default;
    this.#revision = stored.revision;
    this.#revisionGiven = stored.revision;
    for (const record of stored.records) {
      this.#records.set(record.policy.id, record);
      this.#states.restore(record.policy.id);
    }
  }

  /** What holds; the same object until it changes. */
  get set(): PolicySet {
    this.#set ??= {
      default: this.#default,
      policies: [...this.#records.values()].map(({ policy }) => policy).sort(byId),
    };
    return this.#set;
  }

  /** Grows with each change that holds. */
  get revision(): number {
    return this.#revision;
  }

  find(id: string): PolicyView | undefined {
    const record = this.#records.get(id);
    return record && { ...record, ...this.#states.of(id) };
  }

  /** In the order of their ids. */
  list(): PolicyView[] {
    return this.set.policies.map(({ id }) => this.find(id)!);
  }

  put(policy: Policy, done: (verdict: PolicyVerdict) => void): void {
    const { id } = policy;
    const isNew = !this.#records.has(id);
    const reading = parsePolicyJson(formatPolicyJson(policy));
    if (reading.type === 'refused') done(reading);
    else if (this.#busy.has(id)) done({ type: 'busy' });
    else if (isNew && this.#countWithComing() >= POLICIES_MAX) done({ type: 'full', max: POLICIES_MAX });
    else this.#change(id, isNew, (revision) => ({ policy, revision }), done);
  }

  remove(id: string, done: (verdict: PolicyVerdict) => void): void {
    if (this.#busy.has(id)) done({ type: 'busy' });
    else if (!this.#records.has(id)) done({ type: 'absent' });
    else this.#change(id, false, () => undefined, done);
  }

  setDefault(value: PolicySet['default'], done: (verdict: PolicyVerdict) => void): void {
    if (this.#busy.has(DEFAULT_ID)) {
      done({ type: 'busy' });
      return;
    }
    const revision = ++this.#revisionGiven;
    this.#busy.set(DEFAULT_ID, false);
    this.#store([toDefaultOperation(value), toRevisionOperation(revision)], (failure) => {
      this.#busy.delete(DEFAULT_ID);
      if (failure === undefined) {
        this.#default = value;
        this.#hold(revision);
      }
      done(failure === undefined ? { type: 'stored', revision, isNew: false } : { type: 'unstored', reason: failure });
    });
  }

  /** The store has answered; false for a number that was not given here. */
  persisted(id: number, failure: string | undefined): boolean {
    const then = this.#storing.get(id);
    this.#storing.delete(id);
    then?.(failure);
    return then !== undefined;
  }

  /** The set as it is now has been compiled; with what there is to say of policies, by id. */
  compiled(findings: ReadonlyMap<string, PolicyFinding>): void {
    this.#states.compiled(findings);
  }

  /** At the end of each call of the controller; asks whether every switch has confirmed all that it will, what of policies they refused, and who does not answer, if that matters. */
  settle(
    isComplete: () => boolean,
    refused: () => ReadonlyMap<string, string> = () => NONE_REFUSED,
    silent: ReadonlySet<string> = NONE_SILENT,
  ): void {
    if (this.#states.areAwaited) this.#states.settle(isComplete(), refused, silent);
  }

  #change(
    id: string,
    isNew: boolean,
    toRecord: (revision: number) => PolicyRecord | undefined,
    done: (verdict: PolicyVerdict) => void,
  ): void {
    const revision = ++this.#revisionGiven;
    const record = toRecord(revision);
    this.#busy.set(id, isNew);
    this.#store([toRecordOperation(id, record), toRevisionOperation(revision)], (failure) => {
      this.#busy.delete(id);
      if (failure !== undefined) {
        done({ type: 'unstored', reason: failure });
        return;
      }
      if (record) this.#records.set(id, record);
      else this.#records.delete(id);
      if (record) this.#states.add(id);
      else this.#states.remove(id);
      this.#hold(revision);
      done({ type: 'stored', revision, isNew });
    });
  }

  /** What was stored counts from now on. */
  #hold(revision: number): void {
    this.#revision = Math.max(this.#revision, revision);
    this.#set = undefined;
    this.#effects.changed();
  }

  #store(operations: readonly Operation[], then: (failure: string | undefined) => void): void {
    const id = --this.#lastId;
    this.#storing.set(id, then);
    this.#effects.persist(id, operations);
  }

  #countWithComing(): number {
    let coming = 0;
    for (const isNew of this.#busy.values()) if (isNew) coming++;
    return this.#records.size + coming;
  }
}
