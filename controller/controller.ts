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
import { FabricApp, type FabricEffects, type FabricOptions } from './apps/fabric-app.ts';
import { LearningApp } from './apps/learning-app.ts';
import { CompilePace } from './compile/compile-pace.ts';
import { type TableName, tableNameOf } from './compile/layout.ts';
import { Routes } from './compile/routes.ts';
import { concernsTables } from './compile/table-relevance.ts';
import type { ControllerEvent } from './controller-event.ts';
import { Network, PORTS_PER_SWITCH_MAX, PROBE_INTERVAL } from './network/network.ts';
import { type Directory, NO_NAMES } from './policy/directory.ts';
import { Policies } from './policy/policies.ts';
import type { StoredPolicies } from './policy/stored-policies.ts';
import { Delivery, type DeliveryEvent } from './push/delivery.ts';
import type { DriftKind, DriftOptions } from './push/drift-watch.ts';
import { type Rule, type RuleOwner, ruleOf, toRuleKey } from './rule.ts';
import type { Answer } from './southbound/channel.ts';
import { readFlows, readSwitch } from './southbound/switch-reading.ts';
import { type Link, Switchboard, type SwitchboardEvents, type SwitchboardOptions } from './southbound/switchboard.ts';
import { TokenBucket, type TokenRate } from './southbound/token-bucket.ts';
import type { Operation } from './store/store.ts';
import { createSwitchState, ownerOf, type SwitchState } from './switch-state.ts';
import { TableRoom } from './table-room.ts';
import type { StoredUserRule } from './user-rule.ts';
import { type RuleVerdict, UserRules } from './user-rules.ts';

export interface ControllerEffects {
  /** False: the transport takes no more until `drained`. */
  write(connection: string, bytes: Uint8Array): boolean;
  hangUp(connection: string): void;
  emit(event: ControllerEvent, now: Nanos): void;
  /** To be kept, in the order in which it is asked for; that it is kept, or why not, comes back by `persisted`, later. */
  persist(id: number, operations: readonly Operation[]): void;
}

export interface ControllerOptions extends SwitchboardOptions, FabricOptions {
  readonly app?: AppName;
  /** How often tables are read, and what is done about what they should not be. */
  readonly drift?: DriftOptions;
  /** What users wanted, as the store has it. */
  readonly userRules?: readonly StoredUserRule[];
  /** As the store has them. */
  readonly policies?: StoredPolicies;
  /** What people call hosts, switches and links. */
  readonly directory?: Directory;
}

/** Whoever knocks more often is not told of each time. */
const TURNED_AWAY_RATE: TokenRate = { perSecond: 10, burst: 100 };

/** What the app wants kept; users' changes count from 1. */
const APP_PERSIST_ID = 0;

/** Labels that became free are given away together; and what they free in turn is another time's business. */
const RELABEL_PAUSE: Nanos = 20_000_000;

const TABLE_FULL = 'FLOW_MOD_FAILED/TABLE_FULL';

const TOO_MANY_PORTS = `a switch may have ${PORTS_PER_SWITCH_MAX} ports`;

export class Controller {
  readonly network: Network;
  /** Between the switches of the network; they follow its events. */
  readonly routes = new Routes();
  /** What people want of the network. */
  readonly policies: Policies;
  readonly directory: Directory;
  readonly #effects: ControllerEffects;
  readonly #app: App;
  readonly #switchboard: Switchboard;
  readonly #states = new Map<Link, SwitchState>();
  readonly #switches = new Map<string, SwitchState>();
  readonly #userRules: UserRules;
  readonly #delivery: Delivery;
  readonly #rooms: TableRoom;
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
      if (concernsTables(event, this.policies.set)) this.#networkChanged(isLoss);
      this.routes.follow(event);
      if (event.type === 'switch-left') {
        this.#delivery.giveUp(event.dpid);
        this.#rooms.forget(event.dpid);
      }
      this.#emit(event);
      this.#app.follow(event, this.#now);
    });
    this.#userRules = new UserRules(
      {
        persist: (id, operations) => effects.persist(id, operations),
        storeFailed: (reason) => this.#emit({ type: 'store-failed', reason }),
      },
      options.userRules ?? [],
    );
    this.#delivery = new Delivery(
      {
        now: () => this.#now,
        emit: (event) => this.#deliveryTells(event),
        confirmed: (dpid) => this.#app.switchConfirmed(dpid, this.#now),
      },
      this.#userRules,
      options.drift,
    );
    this.#rooms = new TableRoom({
      query: (dpid, body, done) => this.#switches.get(dpid)?.channel.query(body, done),
      changed: () => this.#networkChanged(false),
      emit: (event) => this.#emit(event),
    });
    this.directory = options.directory ?? NO_NAMES;
    this.policies = new Policies(
      {
        persist: (id, operations) => effects.persist(id, operations),
        changed: () => this.#networkChanged(false),
        stateChanged: (id, state) => this.#emit({ type: 'policy-state', id, ...state }),
      },
      options.policies,
    );
    this.#app =
      options.app === 'learning'
        ? new LearningApp(this.network, this.#toFabricEffects())
        : new FabricApp(this.network, this.routes, this.#toFabricEffects(), now, options);
    this.#turnedAway = new TokenBucket(TURNED_AWAY_RATE, now);
    this.#switchboard = new Switchboard(this.#toSwitchboardEvents(), now, options);
  }

  #toSwitchboardEvents(): SwitchboardEvents {
    return {
      now: () => this.#now,
      write: (connection, bytes) => this.#effects.write(connection, bytes),
      hangUp: (connection) => this.#effects.hangUp(connection),
      ready: (link, features) => this.#switchReady(link, features),
      message: (link, message) => this.#receiveMessage(link, message),
      closed: (link, reason, detail) => this.#channelClosed(link, reason, detail),
      settle: (link) => {
        const state = this.#states.get(link);
        if (state && !this.#app.isWaiting(this.#now)) this.#delivery.push(state);
      },
      fault: ({ dpid, faults }, fault) =>
        this.#emit({ type: 'switch-fault', dpid: dpid!, fault, count: faults.of(fault) }),
      claimed: (holder, { name }, outcome) =>
        this.#emit({ type: 'dpid-claimed', dpid: holder.dpid!, connection: name, holder: holder.name, outcome }),
    };
  }

  #toFabricEffects(): FabricEffects {
    return {
      send: (dpid, portNos, frame) => this.#sendFrame(dpid, portNos, frame),
      notice: (notice) => this.#emit(notice),
      roundTrip: (dpid) => this.#switches.get(dpid)?.channel.roundTrip,
      measure: (dpid) => this.#switches.get(dpid)?.channel.measure(this.#now),
      persist: (operations) => this.#effects.persist(APP_PERSIST_ID, operations),
      policies: () => ({ set: this.policies.set, directory: this.directory }),
      found: (findings) => this.policies.compiled(findings),
      isConverged: () => this.isConverged,
      isReleased: (program) => this.#delivery.isReleased(program),
      roomOf: (dpid, tableId) => this.#rooms.roomOf(dpid, tableId),
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
    if (id === APP_PERSIST_ID) {
      this.#app.persisted(failure);
      if (failure !== undefined) this.#emit({ type: 'store-failed', reason: failure });
    } else if (!this.policies.persisted(id, failure)) this.#userRules.persisted(id, failure);
    this.#settle();
  }

  poll(now: Nanos): void {
    this.#now = now;
    this.#switchboard.poll(now);
    this.#delivery.poll();
    this.network.leaveAbsent(now);
    if (this.network.settle(now)) this.#networkChanged(false);
    if (now >= this.#nextProbeAt) {
      this.#nextProbeAt = now + PROBE_INTERVAL;
      this.network.expire(now);
      this.#app.probe(now);
    }
    this.#app.poll(now);
    this.#settle();
  }

  pollAt(): Nanos | undefined {
    let dueAt = this.#switches.size > 0 ? this.#nextProbeAt : Number.POSITIVE_INFINITY;
    const computeAt = this.#app.isWaiting(this.#now) ? undefined : this.#pace.dueAt;
    dueAt = Math.min(dueAt, this.network.nextSettleAt() ?? dueAt, computeAt ?? dueAt, this.#app.pollAt() ?? dueAt);
    dueAt = Math.min(dueAt, this.network.nextLeaveAt() ?? dueAt);
    dueAt = Math.min(dueAt, this.#switchboard.pollAt() ?? dueAt, this.#delivery.pollAt() ?? dueAt);
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
    return this.#pace.dueAt === undefined && this.#delivery.isConverged;
  }

  /** What the app uses a table for, where its tables have names. */
  tableName(tableId: number): TableName | undefined {
    return this.#app instanceof FabricApp ? tableNameOf(tableId) : undefined;
  }

  /** How many rules of the system's a table is to have, and how many it holds, if that is known. */
  tableCount(dpid: string, tableId: number): { readonly planned: number; readonly room: number | undefined } {
    return { planned: this.#rooms.plannedFor(dpid, tableId), room: this.#rooms.roomOf(dpid, tableId) };
  }

  driftCount(owner: RuleOwner, what: DriftKind): number {
    return this.#delivery.driftCount(owner, what);
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

  /** Sends a frame out of ports, as a switch's controller may. */
  #sendFrame(dpid: string, portNos: readonly number[], frame: Uint8Array): void {
    this.#switches.get(dpid)?.channel.send({
      type: 'packetOut',
      xid: 0,
      bufferId: BUFFER_NONE,
      inPort: PORT.controller,
      actions: portNos.map((port) => ({ type: 'output', port, maxLen: 0 })),
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
    if (state) this.#delivery.hurry(state);
    return state;
  }

  #switchReady(link: Link, features: MessageOf<'featuresReply'>): void {
    const { channel } = link;
    const dpid = link.dpid!;
    const state = createSwitchState(dpid, link, features, this.#userRules.of(dpid), this.#now);
    this.#delivery.join(state);
    this.#states.set(link, state);
    this.#switches.set(dpid, state);
    const askedAt = this.#now;
    let roundTrip: Nanos = 0;
    readSwitch(
      channel,
      () => {
        roundTrip = this.#now - askedAt;
        channel.estimateRoundTrip(roundTrip);
      },
      (reading) => {
        this.#delivery.begin(state, reading);
        this.#rooms.renew(dpid);
        state.isReady = this.network.joinSwitch(dpid, reading.ports, this.#now, roundTrip);
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
        if (!isDeleted && state.isReady) this.#app.portChanged({ dpid, portNo: message.port.portNo }, this.#now);
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
    this.#delivery.miss(state);
    if (this.network.hasSwitch(state.dpid)) this.network.missSwitch(state.dpid, this.#now);
    else this.#delivery.giveUp(state.dpid);
    this.#app.switchLeft(state.dpid);
    this.#userRules.switchLeft(state.dpid);
  }

  #deliveryTells(event: DeliveryEvent): void {
    if (event.type === 'program-released' && this.#app.programReleased()) this.#pace.putOff(this.#now + RELABEL_PAUSE);
    if (event.type === 'rule-refused' && event.error === TABLE_FULL) this.#rooms.ask(event.dpid);
    this.#emit(event);
  }

  #emit(event: ControllerEvent): void {
    this.#effects.emit(event, this.#now);
  }

  #networkChanged(isLoss: boolean): void {
    const { size: switches } = this.#switches;
    const hosts = Math.max(0, this.network.graph.order - switches);
    this.#pace.changed(isLoss, { switches, hosts }, this.#now);
  }

  /** The end of every call: compile what changed, push what differs, write what waits. */
  #settle(): void {
    if (!this.#app.isWaiting(this.#now) && this.#pace.take(this.#now)) this.#compile();
    this.#switchboard.settle();
    this.policies.settle(
      () => this.#pace.dueAt === undefined && this.#delivery.isAtRest,
      () => this.#delivery.refusedPolicies(),
      this.#delivery.silent,
    );
  }

  #compile(): void {
    const plan = this.#app.compile(this.#now);
    this.#rooms.follow(plan);
    this.#delivery.want(plan);
  }
}
