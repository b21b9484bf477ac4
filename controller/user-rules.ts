/**
 * What users want, switch by switch, and the way of each change: stored, pushed, confirmed, told.
 *
 *   asked ──> storing ──> pushing ──> installed (or gone): told, and the record says so
 *                │            ├─────> refused: what was stored is taken back, then told
 *                │            └─────> unanswered: told that nobody knows; the record stays, and the push goes on until somebody does
 *                └─────> not stored: told; nothing was sent
 *
 * Pushing is the controller's one way of pushing: a record changes what a switch should have, and the difference does the rest. So what was asked for before
 * a crash is delivered by the same code as what was asked for just now. One change at a time for each rule, since what is to be taken back must be known.
 *
 * A rule that may end by itself and is not there when its switch comes back has probably done so: it is forgotten, not made anew.
 * There are no more records than switches have accepted rules, and requests that wait.
 */
import { assert } from '../protocol/wire/wire-error.ts';
import { isSameRule, type RuleChange } from './push/rule-difference.ts';
import { isTimed, type Rule, toRuleKey } from './rule.ts';
import type { Verdict } from './southbound/channel.ts';
import type { Operation } from './store/store.ts';
import type { SwitchState } from './switch-state.ts';
import { confirmedRule, type StoredUserRule, toOperation, type UserRule } from './user-rule.ts';
import { WatchedMap } from './watched-map.ts';

export type RuleVerdict =
  | Verdict
  | { readonly type: 'conflict'; readonly reason: string }
  | { readonly type: 'busy'; readonly reason: string }
  | { readonly type: 'unstored'; readonly reason: string };

export interface UserRuleEffects {
  /** `persisted` is to be called with the number, later. */
  persist(id: number, operations: readonly Operation[]): void;
  /** Something could not be stored for which nobody waits. */
  storeFailed(reason: string): void;
}

interface Request {
  readonly dpid: string;
  readonly key: string;
  readonly done: (verdict: RuleVerdict) => void;
  stage: 'storing' | 'pushing' | 'taking back';
  /** While the request was being stored, the record that it would replace has changed; what the store has been given since is not what holds. */
  isOvertaken: boolean;
  /** What the switch had when the push began, to be believed again if it refuses. */
  before: Rule | undefined;
}

type Records = WatchedMap<string, UserRule>;

const DISCONNECTED = { type: 'unanswered', reason: 'the switch disconnected' } as const;

export class UserRules {
  readonly #effects: UserRuleEffects;
  readonly #records = new Map<string, Records>();
  /** By dpid and rule key. */
  readonly #requests = new Map<string, Request>();
  /** What happens when the store has answered; undefined for what nobody waits for. */
  readonly #storing = new Map<number, ((failure: string | undefined) => void) | undefined>();
  #lastId = 0;

  constructor(effects: UserRuleEffects, stored: readonly StoredUserRule[]) {
    this.#effects = effects;
    for (const { dpid, record } of stored) this.of(dpid).set(toRuleKey(record.rule), record);
  }

  of(dpid: string): Records {
    let records = this.#records.get(dpid);
    if (!records) {
      records = new WatchedMap();
      this.#records.set(dpid, records);
    }
    return records;
  }

  /** `find` gives the switch at the time when the store has answered. */
  change(
    dpid: string,
    wish: 'wanted' | 'unwanted',
    rule: Rule,
    find: () => SwitchState | undefined,
    done: (verdict: RuleVerdict) => void,
  ): void {
    const key = toRuleKey(rule);
    if (this.#requestOf(dpid, key)) {
      done({ type: 'busy', reason: 'a change of this rule is under way' });
      return;
    }
    const request: Request = { dpid, key, done, stage: 'storing', isOvertaken: false, before: undefined };
    this.#requests.set(toRequestKey(dpid, key), request);
    const toRecord = (): UserRule => ({ state: wish, rule, previous: confirmedRule(this.of(dpid).get(key)) });
    this.#store(dpid, key, toRecord(), (failure) => {
      if (failure === undefined) this.#begin(request, toRecord(), find());
      else this.#abandon(request, failure);
    });
  }

  /** The store has answered. */
  persisted(id: number, failure: string | undefined): void {
    assert(this.#storing.has(id), 'the store answers once for each number');
    const then = this.#storing.get(id);
    this.#storing.delete(id);
    if (then) then(failure);
    else if (failure !== undefined) this.#effects.storeFailed(failure);
  }

  /** A switch has come: which of its rules are users', and what of their records is settled by what it has. */
  recognise({ dpid, installed }: SwitchState): void {
    const records = this.of(dpid);
    for (const [key, record] of [...records]) {
      const found = installed.get(key);
      if (record.state === 'unwanted') {
        if (!found) this.#settle(dpid, key, undefined);
      } else if (!found) {
        if (isTimed(record.rule)) this.#settle(dpid, key, undefined);
      } else if (record.state === 'wanted' && isSameRule(found, record.rule)) {
        this.#settle(dpid, key, { state: 'installed', rule: record.rule });
      }
    }
  }

  /** A switch has answered to a change that was pushed; tells whether somebody waited for it. */
  book(state: SwitchState, { key, rule }: RuleChange, verdict: Verdict): boolean {
    const { dpid } = state;
    const record = this.of(dpid).get(key);
    const request = this.#requestOf(dpid, key);
    const isOfRecord =
      record !== undefined &&
      (record.state === 'unwanted' ? !rule : rule !== undefined && isSameRule(rule, record.rule));
    if (!isOfRecord) {
      if (record && request?.stage === 'pushing') this.#precede(request, record, rule, verdict);
      return false;
    }
    // One that is still being stored is not what was pushed.
    const awaited = request?.stage === 'pushing' ? request : undefined;
    if (verdict.type === 'installed') this.#confirm(dpid, key, record);
    if (verdict.type === 'refused') this.#takeBack(state, key, record, awaited, verdict);
    else if (awaited) this.#finish(awaited, verdict);
    return awaited !== undefined;
  }

  /** A switch says that a rule is gone; tells whether we believed it to be there. */
  removed({ dpid, installed }: SwitchState, key: string): boolean {
    const record = this.of(dpid).get(key);
    // That is what is being waited for, and the barrier will say it.
    if (record?.state === 'unwanted') return false;
    if (!installed.delete(key)) return false;
    const request = this.#requestOf(dpid, key);
    if (request?.stage === 'pushing') request.before = undefined;
    else if (record) this.#settle(dpid, key, undefined);
    return true;
  }

  /** What stands there, or that nothing does, is from now on what its user wants; unless a change is under way, which then decides. */
  adopt({ dpid, installed }: SwitchState, key: string, rule: Rule | undefined): void {
    if (this.#requestOf(dpid, key)) return;
    this.#settle(dpid, key, rule && { state: 'installed', rule });
    if (rule) installed.set(key, rule);
    else installed.delete(key);
  }

  /** A switch has gone: whoever waits for what it would say, waits no longer. */
  switchLeft(dpid: string): void {
    this.switchSilent(dpid, DISCONNECTED);
    // Whoever dials in may claim any dpid, and leaves nothing behind.
    if (this.#records.get(dpid)?.size === 0) this.#records.delete(dpid);
  }

  /** A switch says nothing: nobody waits for it, and the push goes on. */
  switchSilent(dpid: string, verdict: Extract<Verdict, { type: 'unanswered' }>): void {
    for (const request of [...this.#requests.values()]) {
      if (request.dpid === dpid && request.stage === 'pushing') this.#finish(request, verdict);
    }
  }

  #begin(request: Request, record: UserRule, state: SwitchState | undefined): void {
    const { dpid, key } = request;
    request.stage = 'pushing';
    if (request.isOvertaken) this.#settle(dpid, key, record);
    else this.of(dpid).set(key, record);
    if (!state) {
      this.#finish(request, DISCONNECTED);
      return;
    }
    request.before = state.installed.get(key);
    // What is asked for is sent even if we believe it done: the answer must be the switch's.
    if (record.state === 'unwanted') state.installed.set(key, record.rule);
    else state.installed.delete(key);
    state.refused.delete(key);
  }

  /** A change that was on its way when the request came has been confirmed: that is what there was before, should the request be refused. */
  #precede(request: Request, record: UserRule, rule: Rule | undefined, verdict: Verdict): void {
    if (record.state === 'installed' || verdict.type !== 'installed') return;
    request.before = rule;
    this.#settle(request.dpid, request.key, { ...record, previous: rule });
  }

  #confirm(dpid: string, key: string, record: UserRule): void {
    if (record.state === 'unwanted') this.#settle(dpid, key, undefined);
    else if (record.state === 'wanted') this.#settle(dpid, key, { state: 'installed', rule: record.rule });
  }

  /** A refusal has left the switch as it was; so is the record, unless it is of a rule that was confirmed and now is refused. */
  #takeBack(state: SwitchState, key: string, record: UserRule, request: Request | undefined, verdict: Verdict): void {
    const { dpid, installed } = state;
    if (record.state === 'installed') {
      installed.delete(key);
      return;
    }
    state.refused.delete(key);
    const before = request ? request.before : installed.get(key);
    const { previous } = record;
    const isExpired = previous !== undefined && isTimed(previous) && !before;
    const after = previous && !isExpired ? ({ state: 'installed', rule: previous } as const) : undefined;
    if (after && before) installed.set(key, before);
    else installed.delete(key);
    if (request) request.stage = 'taking back';
    this.#settle(dpid, key, after, request && (() => this.#finish(request, verdict)));
  }

  /** It could not be stored; what became of the record meanwhile is to be. */
  #abandon(request: Request, reason: string): void {
    const { dpid, key } = request;
    this.#finish(request, { type: 'unstored', reason });
    if (request.isOvertaken) this.#settle(dpid, key, this.of(dpid).get(key));
  }

  /** Changes a record at once; that the store knows is waited for by `then` only. */
  #settle(dpid: string, key: string, record: UserRule | undefined, then?: () => void): void {
    if (record) this.of(dpid).set(key, record);
    else this.of(dpid).delete(key);
    const request = this.#requestOf(dpid, key);
    if (request?.stage === 'storing') {
      request.isOvertaken = true;
      return;
    }
    const stored = (failure: string | undefined) => {
      if (failure !== undefined) this.#effects.storeFailed(failure);
      then?.();
    };
    this.#store(dpid, key, record, then && stored);
  }

  #store(dpid: string, key: string, record: UserRule | undefined, then?: (failure: string | undefined) => void): void {
    const id = ++this.#lastId;
    this.#storing.set(id, then);
    this.#effects.persist(id, [toOperation(dpid, key, record)]);
  }

  #finish(request: Request, verdict: RuleVerdict): void {
    this.#requests.delete(toRequestKey(request.dpid, request.key));
    request.done(verdict);
  }

  #requestOf(dpid: string, key: string): Request | undefined {
    return this.#requests.get(toRequestKey(dpid, key));
  }
}

function toRequestKey(dpid: string, key: string): string {
  return `${dpid} ${key}`;
}
