/**
 * The controller, without sockets and clocks: bytes of switches and requests of people in, bytes and events out.
 *
 * Whatever comes in may change the network; at the end of each call the flow tables are compiled once for all that changed, the difference
 * to what each switch confirmed is pushed, and what is to be written leaves in one piece per connection. Verdicts come back as events of
 * later calls. There are no promises inside, so the same controller runs under virtual and under wall time.
 */

import type { FlowStats } from '../protocol/wire/openflow/flow.ts';
import type { Message, MessageOf } from '../protocol/wire/openflow/message.ts';
import { BUFFER_NONE } from '../protocol/wire/openflow/packet.ts';
import { PORT, PORT_STATUS_REASON } from '../protocol/wire/openflow/port.ts';
import type { Nanos } from '../protocol/wire/openflow/session.ts';
import type { App, AppName } from './apps/app.ts';
import { FabricApp } from './apps/fabric-app.ts';
import { LearningApp } from './apps/learning-app.ts';
import { CompilePace } from './compile/compile-pace.ts';
import { SYSTEM_COOKIE } from './compile/forwarding.ts';
import { Routes } from './compile/routes.ts';
import { Network, type NetworkEvent, PORTS_PER_SWITCH_MAX, type PortRef, PROBE_INTERVAL } from './network/network.ts';
import { type Rule, ruleOf, toRuleId, toRuleKey } from './rule.ts';
import type { Answer } from './southbound/channel.ts';
import type { Fault } from './southbound/fault-count.ts';
import { readFlows, readSwitch } from './southbound/switch-reading.ts';
import {
  type ClaimOutcome,
  type Link,
  Switchboard,
  type SwitchboardEvents,
  type SwitchboardOptions,
} from './southbound/switchboard.ts';
import { TokenBucket, type TokenRate } from './southbound/token-bucket.ts';
import type { Operation } from './store/store.ts';
import {
  bookVerdict,
  createSwitchState,
  isComplete,
  outstandingChanges,
  ownerOf,
  type SwitchState,
  wantSystemRules,
} from './switch-state.ts';
import type { StoredUserRule } from './user-rule.ts';
import { type RuleVerdict, UserRules } from './user-rules.ts';

export type ControllerEvent =
  | NetworkEvent
  | { readonly type: 'rules-changed'; readonly dpid: string }
  | { readonly type: 'rule-refused'; readonly dpid: string; readonly ruleId: string; readonly error: string }
  | { readonly type: 'switch-error'; readonly dpid: string; readonly errorType: number; readonly code: number }
  /** `count` is that since the switch connected. */
  | { readonly type: 'switch-fault'; readonly dpid: string; readonly fault: Fault; readonly count: number }
  | {
      readonly type: 'dpid-claimed';
      readonly dpid: string;
      readonly connection: string;
      readonly holder: string;
      readonly outcome: ClaimOutcome;
    }
  | { readonly type: 'connection-refused'; readonly connection: string; readonly reason: string }
  | { readonly type: 'store-failed'; readonly reason: string }
  | { readonly type: 'channel-closed'; readonly connection: string; readonly reason: string; readonly detail: string };

export interface ControllerEffects {
  /** False: the transport takes no more until `drained`. */
  write(connection: string, bytes: Uint8Array): boolean;
  hangUp(connection: string): void;
  emit(event: ControllerEvent, now: Nanos): void;
  /** To be kept, in the order in which it is asked for; that it is kept, or why not, comes back by `persisted`, later. */
  persist(id: number, operations: readonly Operation[]): void;
}

export interface ControllerOptions extends SwitchboardOptions {
  /** What makes this controller's probes known from forged ones; the default is for tests. */
  readonly probeSecret?: bigint;
  readonly app?: AppName;
  /** What users wanted, as the store has it. */
  readonly userRules?: readonly StoredUserRule[];
}

/** Whoever knocks more often is not told of each time. */
const TURNED_AWAY_RATE: TokenRate = { perSecond: 10, burst: 100 };

const TOO_MANY_PORTS = `a switch may have ${PORTS_PER_SWITCH_MAX} ports`;

export class Controller {
  readonly network: Network;
  /** Between the switches of the network; they follow its events. */
  readonly routes = new Routes();
  readonly #effects: ControllerEffects;
  readonly #app: App;
  readonly #switchboard: Switchboard;
  readonly #states = new Map<Link, SwitchState>();
  readonly #switches = new Map<string, SwitchState>();
  readonly #userRules: UserRules;
  readonly #turnedAway: TokenBucket;
  #now: Nanos;
  #nextProbeAt: Nanos;
  readonly #pace = new CompilePace();
  #packetIns = 0;

  constructor(effects: ControllerEffects, now: Nanos, options: ControllerOptions = {}) {
    this.#effects = effects;
    this.#now = now;
    this.#nextProbeAt = now + PROBE_INTERVAL;
    this.network = new Network((event, isLoss) => {
      this.#networkChanged(isLoss);
      this.routes.follow(event);
      this.#emit(event);
    });
    this.#userRules = new UserRules(
      {
        persist: (id, operations) => effects.persist(id, operations),
        storeFailed: (reason) => this.#emit({ type: 'store-failed', reason }),
      },
      options.userRules ?? [],
    );
    this.#app =
      options.app === 'learning'
        ? new LearningApp(this.network)
        : new FabricApp(this.network, this.routes, options.probeSecret ?? 0n, (port, frame) =>
            this.sendFrame(port, frame),
          );
    this.#turnedAway = new TokenBucket(TURNED_AWAY_RATE, now);
    this.#switchboard = new Switchboard(this.#toSwitchboardEvents(), now, options);
  }

  #toSwitchboardEvents(): SwitchboardEvents {
    return {
      write: (connection, bytes) => this.#effects.write(connection, bytes),
      hangUp: (connection) => this.#effects.hangUp(connection),
      ready: (link, features) => this.#switchReady(link, features),
      message: (link, message) => this.#receiveMessage(link, message),
      closed: (link, reason, detail) => this.#channelClosed(link, reason, detail),
      settle: (link) => this.#push(this.#states.get(link)),
      fault: ({ dpid, faults }, fault) =>
        this.#emit({ type: 'switch-fault', dpid: dpid!, fault, count: faults.of(fault) }),
      claimed: (holder, { name }, outcome) =>
        this.#emit({ type: 'dpid-claimed', dpid: holder.dpid!, connection: name, holder: holder.name, outcome }),
    };
  }

  /** A switch has dialled in. */
  open(name: string, now: Nanos): void {
    this.#now = now;
    this.#switchboard.open(name, now);
    this.#settle();
  }

  receive(name: string, bytes: Uint8Array, now: Nanos): void {
    this.#now = now;
    this.#switchboard.receive(name, bytes, now);
    this.#settle();
  }

  /** The transport, which was full, has room again. */
  drained(name: string, now: Nanos): void {
    this.#now = now;
    this.#switchboard.drained(name, now);
    this.#settle();
  }

  /** Somebody dialled and was not let in. */
  turnedAway(connection: string, reason: string, now: Nanos): void {
    this.#now = now;
    if (this.#turnedAway.take(now)) this.#emit({ type: 'connection-refused', connection, reason });
  }

  /** The transport has ended. */
  closed(name: string, now: Nanos, detail = ''): void {
    this.#now = now;
    this.#switchboard.disconnect(name, detail, now);
    this.#settle();
  }

  /** The store has kept what was asked for under that number; with a failure, it has not. */
  persisted(id: number, now: Nanos, failure?: string): void {
    this.#now = now;
    this.#userRules.persisted(id, failure);
    this.#settle();
  }

  poll(now: Nanos): void {
    this.#now = now;
    this.#switchboard.poll(now);
    this.network.leaveAbsent(now);
    if (this.network.settle(now)) this.#networkChanged(false);
    if (now >= this.#nextProbeAt) {
      this.#nextProbeAt = now + PROBE_INTERVAL;
      this.network.expire(now);
      this.#app.probe();
    }
    this.#settle();
  }

  pollAt(): Nanos | undefined {
    let dueAt = this.#switches.size > 0 ? this.#nextProbeAt : Number.POSITIVE_INFINITY;
    dueAt = Math.min(dueAt, this.network.nextSettleAt() ?? dueAt, this.#pace.dueAt ?? dueAt);
    dueAt = Math.min(dueAt, this.network.nextLeaveAt() ?? dueAt);
    dueAt = Math.min(dueAt, this.#switchboard.pollAt() ?? dueAt);
    return dueAt === Number.POSITIVE_INFINITY ? undefined : dueAt;
  }

  /** Frames that switches have sent here since the beginning. */
  get packetIns(): number {
    return this.#packetIns;
  }

  /** Switches whose ports and rules are known, in order. */
  switches(): readonly SwitchState[] {
    return [...this.#switches.values()].filter(({ isReady }) => isReady).sort((a, b) => (a.dpid < b.dpid ? -1 : 1));
  }

  findSwitch(dpid: string): SwitchState | undefined {
    const state = this.#switches.get(dpid);
    return state?.isReady ? state : undefined;
  }

  /** True when every switch has confirmed all that it should have. */
  get isConverged(): boolean {
    if (this.#pace.dueAt !== undefined) return false;
    for (const state of this.#switches.values()) if (!isComplete(state)) return false;
    return true;
  }

  /** Puts a user's rule into the store and then into a switch; the verdict comes when the switch has answered the barrier behind it. */
  addRule(dpid: string, rule: Rule, now: Nanos, done: (verdict: RuleVerdict) => void): void {
    this.#changeUserRule(dpid, 'wanted', rule, now, done);
  }

  deleteRule(
    dpid: string,
    rule: Pick<Rule, 'tableId' | 'priority' | 'match'>,
    now: Nanos,
    done: (verdict: RuleVerdict) => void,
  ): void {
    const whole = ruleOf({ instructions: [], cookie: 0n, idleTimeout: 0, hardTimeout: 0, flags: 0, ...rule });
    this.#changeUserRule(dpid, 'unwanted', whole, now, done);
  }

  /** The rules that the switch says it has, now. */
  readRules(dpid: string, tableId: number, now: Nanos, done: (answer: Answer<readonly FlowStats[]>) => void): void {
    this.#now = now;
    const state = this.findSwitch(dpid);
    if (!state) done({ type: 'unanswered', reason: 'the switch is not connected' });
    else readFlows(state.channel, tableId, done);
    this.#settle();
  }

  /** Sends a frame out of a port, as a switch's controller may. */
  sendFrame({ dpid, portNo }: PortRef, frame: Uint8Array): void {
    this.#switches.get(dpid)?.channel.send({
      type: 'packetOut',
      xid: 0,
      bufferId: BUFFER_NONE,
      inPort: PORT.controller,
      actions: [{ type: 'output', port: portNo, maxLen: 0 }],
      data: frame,
    });
  }

  #changeUserRule(
    dpid: string,
    wish: 'wanted' | 'unwanted',
    rule: Rule,
    now: Nanos,
    done: (verdict: RuleVerdict) => void,
  ): void {
    this.#now = now;
    const state = this.findSwitch(dpid);
    if (!state) done({ type: 'unanswered', reason: 'the switch is not connected' });
    else if (ownerOf(state, toRuleKey(rule)) === 'system')
      done({ type: 'conflict', reason: 'the rule belongs to the system' });
    else this.#userRules.change(dpid, wish, rule, () => this.#stirred(dpid), done);
    this.#settle();
  }

  /** A switch that has something to be given. */
  #stirred(dpid: string): SwitchState | undefined {
    const state = this.findSwitch(dpid);
    state?.channel.stir();
    return state;
  }

  #switchReady(link: Link, features: MessageOf<'featuresReply'>): void {
    const { channel } = link;
    const dpid = link.dpid!;
    const state = createSwitchState(dpid, link, features, this.#userRules.of(dpid));
    this.#states.set(link, state);
    this.#switches.set(dpid, state);
    const askedAt = this.#now;
    let roundTrip: Nanos = 0;
    readSwitch(
      channel,
      () => {
        roundTrip = this.#now - askedAt;
      },
      ({ ports, rules }) => {
        for (const entry of rules) {
          const key = toRuleKey(entry);
          const isOurs = entry.cookie === SYSTEM_COOKIE || state.userRules.has(key);
          if (isOurs) state.installed.set(key, ruleOf(entry));
        }
        this.#userRules.recognise(state);
        state.isReady = this.network.joinSwitch(dpid, ports, this.#now, roundTrip);
        if (!state.isReady) channel.disconnect(TOO_MANY_PORTS);
        // One that was missed is no news to the network, and has tables to be compared.
        this.#networkChanged(false);
      },
      (reason) => channel.disconnect(reason),
    );
  }

  #receiveMessage(link: Link, message: Message): void {
    const state = this.#states.get(link);
    if (!state) return;
    const { dpid } = state;
    switch (message.type) {
      case 'packetIn':
        this.#packetIns++;
        if (state.isReady) this.#app.receivePacket(state, message, this.#now);
        break;
      case 'portStatus': {
        const isDeleted = message.reason === PORT_STATUS_REASON.delete;
        this.network.changePort(dpid, message.port, isDeleted, this.#now);
        if (!isDeleted && state.isReady) this.#app.portChanged({ dpid, portNo: message.port.portNo });
        break;
      }
      case 'flowRemoved':
        if (this.#userRules.removed(state, toRuleKey(message))) this.#emit({ type: 'rules-changed', dpid });
        break;
      case 'error':
        this.#emit({ type: 'switch-error', dpid, errorType: message.errorType, code: message.code });
        break;
      default:
        break;
    }
  }

  #channelClosed(link: Link, reason: string, detail: string): void {
    const { name: connection } = link;
    this.#emit({ type: 'channel-closed', connection, reason, detail });
    const state = this.#states.get(link);
    if (!state) return;
    this.#states.delete(link);
    this.#switches.delete(state.dpid);
    this.network.missSwitch(state.dpid, this.#now);
    this.#app.switchLeft(state.dpid);
    this.#userRules.switchLeft(state.dpid);
  }

  #confirmedFirst(state: SwitchState): void {
    if (state.isConfirmed) return;
    state.isConfirmed = true;
    this.#app.switchConfirmed(state.dpid);
  }

  #emit(event: ControllerEvent): void {
    this.#effects.emit(event, this.#now);
  }

  #networkChanged(isLoss: boolean): void {
    this.#pace.changed(isLoss, this.#switches.size, this.#now);
  }

  /** The end of every call: compile what changed, push what differs, write what waits. */
  #settle(): void {
    if (this.#pace.take(this.#now)) this.#compile();
    this.#switchboard.settle();
  }

  #compile(): void {
    const tables = this.#app.compile(this.#now);
    for (const state of this.#switches.values()) {
      const rules = tables.get(state.dpid);
      if (rules && wantSystemRules(state, rules)) state.channel.stir();
    }
  }

  #push(state: SwitchState | undefined): void {
    if (!state?.isReady || state.isPushing || !state.channel.isOpen) return;
    const changes = outstandingChanges(state);
    if (changes.length === 0) {
      if (state.systemRules.size > 0) this.#confirmedFirst(state);
      return;
    }
    state.isPushing = true;
    state.channel.transact(
      changes.map(({ modification }) => modification),
      (verdicts) => {
        state.isPushing = false;
        this.#confirmedFirst(state);
        verdicts.forEach((verdict, i) => {
          const change = changes[i]!;
          bookVerdict(state, change, verdict);
          const isAwaited = this.#userRules.book(state, change, verdict);
          if (verdict.type !== 'refused' || isAwaited) return;
          const ruleId = change.rule ? toRuleId(change.rule) : '';
          this.#emit({ type: 'rule-refused', dpid: state.dpid, ruleId, error: verdict.error });
        });
        this.#emit({ type: 'rules-changed', dpid: state.dpid });
      },
    );
  }
}
