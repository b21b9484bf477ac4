/**
 * The controller, without sockets and clocks: bytes of switches and requests of people in, bytes and events out.
 *
 * Whatever comes in may change the network; at the end of each call the flow tables are compiled once for all that changed, the difference
 * to what each switch confirmed is pushed, and what is to be written leaves in one piece per connection. Verdicts come back as events of
 * later calls. There are no promises inside, so the same controller runs under virtual and under wall time.
 */

import type { FlowStats } from '../protocol/wire/openflow/flow.ts';
import { GROUP } from '../protocol/wire/openflow/group.ts';
import type { Message, MessageOf } from '../protocol/wire/openflow/message.ts';
import { BUFFER_NONE } from '../protocol/wire/openflow/packet.ts';
import { PORT, PORT_STATUS_REASON } from '../protocol/wire/openflow/port.ts';
import type { Nanos } from '../protocol/wire/openflow/session.ts';
import { TABLE } from '../protocol/wire/openflow/table.ts';
import { compileForwarding, SYSTEM_COOKIE } from './compile/forwarding.ts';
import { Routes } from './compile/routes.ts';
import { sightFrame } from './network/frame-sighting.ts';
import { encodeProbe } from './network/lldp-probe.ts';
import {
  formatDpid,
  Network,
  type NetworkEvent,
  PORTS_PER_SWITCH_MAX,
  type PortRef,
  PROBE_INTERVAL,
} from './network/network.ts';
import { type Rule, ruleOf, toRuleId, toRuleKey } from './rule.ts';
import { Channel } from './southbound/channel.ts';
import type { Operation } from './store/store.ts';
import {
  bookVerdict,
  createSwitchState,
  isComplete,
  outstandingChanges,
  ownerOf,
  type SwitchState,
} from './switch-state.ts';
import type { StoredUserRule } from './user-rule.ts';
import { type RuleVerdict, UserRules } from './user-rules.ts';

export type ControllerEvent =
  | NetworkEvent
  | { readonly type: 'rules-changed'; readonly dpid: string }
  | { readonly type: 'rule-refused'; readonly dpid: string; readonly ruleId: string; readonly error: string }
  | { readonly type: 'switch-error'; readonly dpid: string; readonly errorType: number; readonly code: number }
  | { readonly type: 'store-failed'; readonly reason: string }
  | { readonly type: 'channel-closed'; readonly connection: string; readonly reason: string; readonly detail: string };

export interface ControllerEffects {
  write(connection: string, bytes: Uint8Array): void;
  hangUp(connection: string): void;
  emit(event: ControllerEvent, now: Nanos): void;
  /** To be kept, in the order in which it is asked for; that it is kept, or why not, comes back by `persisted`, later. */
  persist(id: number, operations: readonly Operation[]): void;
}

export interface ControllerOptions {
  /** What makes this controller's probes known from forged ones; the default is for tests. */
  readonly probeSecret?: bigint;
  /** What users wanted, as the store has it. */
  readonly userRules?: readonly StoredUserRule[];
}

interface Connection {
  readonly name: string;
  readonly channel: Channel;
  state: SwitchState | undefined;
}

/** An unknown destination is looked for at no more edge ports than this at once: the controller is no data plane. */
const FLOOD_PORTS_MAX = 256;

const TOO_MANY_PORTS = `a switch may have ${PORTS_PER_SWITCH_MAX} ports`;

export class Controller {
  readonly network: Network;
  /** Between the switches of the network; they follow its events. */
  readonly routes = new Routes();
  readonly #effects: ControllerEffects;
  readonly #probeSecret: bigint;
  readonly #connections = new Map<string, Connection>();
  readonly #switches = new Map<string, SwitchState>();
  readonly #userRules: UserRules;
  #now: Nanos;
  #nextProbeAt: Nanos;
  #isNetworkChanged = false;
  #packetIns = 0;

  constructor(effects: ControllerEffects, now: Nanos, { probeSecret = 0n, userRules = [] }: ControllerOptions = {}) {
    this.#effects = effects;
    this.#probeSecret = probeSecret;
    this.#now = now;
    this.#nextProbeAt = now + PROBE_INTERVAL;
    this.network = new Network((event) => {
      this.#isNetworkChanged = true;
      this.routes.follow(event);
      this.#effects.emit(event, this.#now);
    });
    this.#userRules = new UserRules(
      {
        persist: (id, operations) => effects.persist(id, operations),
        storeFailed: (reason) => effects.emit({ type: 'store-failed', reason }, this.#now),
      },
      userRules,
    );
  }

  /** A switch has dialled in. */
  open(name: string, now: Nanos): void {
    this.#now = now;
    const connection: Connection = {
      name,
      state: undefined,
      channel: new Channel(now, {
        ready: (features) => this.#switchReady(connection, features),
        message: (message) => this.#receiveMessage(connection, message),
        closed: (reason, detail) => this.#channelClosed(connection, reason, detail),
      }),
    };
    this.#connections.set(name, connection);
    this.#settle();
  }

  receive(name: string, bytes: Uint8Array, now: Nanos): void {
    this.#now = now;
    this.#connections.get(name)?.channel.receive(bytes, now);
    this.#settle();
  }

  /** The transport has ended. */
  closed(name: string, now: Nanos, detail = ''): void {
    this.#now = now;
    this.#connections.get(name)?.channel.disconnect(detail);
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
    for (const { channel } of [...this.#connections.values()]) channel.poll(now);
    if (this.network.settle(now)) this.#isNetworkChanged = true;
    if (now >= this.#nextProbeAt) {
      this.#nextProbeAt = now + PROBE_INTERVAL;
      this.network.expire(now);
      for (const dpid of this.network.switches()) this.#probeSwitch(dpid);
    }
    this.#settle();
  }

  pollAt(): Nanos | undefined {
    let dueAt = this.#switches.size > 0 ? this.#nextProbeAt : Number.POSITIVE_INFINITY;
    dueAt = Math.min(dueAt, this.network.nextSettleAt() ?? dueAt);
    for (const { channel } of this.#connections.values()) dueAt = Math.min(dueAt, channel.pollAt() ?? dueAt);
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
    return [...this.#switches.values()].every(isComplete);
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

  /** The rules that the switch says it has, now; undefined when it did not say. */
  readRules(
    dpid: string,
    tableId: number,
    now: Nanos,
    done: (entries: readonly FlowStats[] | undefined) => void,
  ): void {
    this.#now = now;
    const state = this.findSwitch(dpid);
    if (!state) done(undefined);
    else this.#queryFlows(state.channel, tableId, done);
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
    else this.#userRules.change(dpid, wish, rule, () => this.findSwitch(dpid), done);
    this.#settle();
  }

  #switchReady(connection: Connection, features: MessageOf<'featuresReply'>): void {
    // An auxiliary connection has the same datapath id, and must not push the main one aside.
    if (features.auxiliaryId !== 0) {
      connection.channel.close();
      return;
    }
    const dpid = formatDpid(features.datapathId);
    // A switch that dials again before its old connection is known to be dead is that switch; the old connection is the stale one.
    this.#switches.get(dpid)?.channel.close();
    const state = createSwitchState(dpid, connection.channel, features, this.#userRules.of(dpid));
    connection.state = state;
    this.#switches.set(dpid, state);
    const askedAt = this.#now;
    state.channel.query({ type: 'portDesc' }, (parts) => {
      const roundTrip = this.#now - askedAt;
      const ports = parts?.flatMap((part) => (part.type === 'portDesc' ? part.entries : []));
      if (!ports) return state.channel.close();
      this.#queryFlows(state.channel, TABLE.all, (entries) => {
        if (!entries) return state.channel.close();
        for (const entry of entries) {
          const key = toRuleKey(entry);
          const isOurs = entry.cookie === SYSTEM_COOKIE || state.userRules.has(key);
          if (isOurs) state.installed.set(key, ruleOf(entry));
        }
        this.#userRules.recognise(state);
        if (!this.network.joinSwitch(dpid, ports, this.#now, roundTrip))
          return state.channel.disconnect(TOO_MANY_PORTS);
        state.isReady = true;
        this.#probeSwitch(dpid);
      });
    });
  }

  #queryFlows(channel: Channel, tableId: number, done: (entries: readonly FlowStats[] | undefined) => void): void {
    channel.query(
      { type: 'flow', tableId, outPort: PORT.any, outGroup: GROUP.any, cookie: 0n, cookieMask: 0n, match: [] },
      (parts) => done(parts?.flatMap((part) => (part.type === 'flow' ? part.entries : []))),
    );
  }

  #receiveMessage({ state }: Connection, message: Message): void {
    if (!state) return;
    const { dpid } = state;
    switch (message.type) {
      case 'packetIn':
        this.#packetIns++;
        if (state.isReady) this.#receivePacket(dpid, message);
        break;
      case 'portStatus': {
        const isDeleted = message.reason === PORT_STATUS_REASON.delete;
        this.network.changePort(dpid, message.port, isDeleted, this.#now);
        if (!isDeleted && state.isReady) this.#probePort({ dpid, portNo: message.port.portNo });
        break;
      }
      case 'flowRemoved':
        if (this.#userRules.removed(state, toRuleKey(message)))
          this.#effects.emit({ type: 'rules-changed', dpid }, this.#now);
        break;
      case 'error':
        this.#effects.emit({ type: 'switch-error', dpid, errorType: message.errorType, code: message.code }, this.#now);
        break;
      default:
        break;
    }
  }

  #receivePacket(dpid: string, { match, data }: MessageOf<'packetIn'>): void {
    const inPort = match.find((oxm) => oxm.type === 'inPort')?.value;
    if (typeof inPort !== 'number') return;
    const port = { dpid, portNo: inPort };
    const destination = sightFrame(this.network, port, data, this.#probeSecret, this.#now);
    if (destination !== undefined) this.#forward(destination, port, data);
  }

  /**
   * A frame that no rule forwarded: to where its destination is, or, if nobody knows, to every edge. Only as far as the cables go: the
   * controller reaches every switch, and would join what is cut.
   */
  #forward(destination: number, from: PortRef, frame: Uint8Array): void {
    const port = this.network.portOfHost(destination);
    const reachable = this.network.reachableFrom(from.dpid);
    if (port) {
      if (reachable.has(port.dpid)) this.sendFrame(port, frame);
      return;
    }
    let sent = 0;
    for (const dpid of [...reachable].sort()) {
      for (const portNo of this.network.upPorts(dpid)) {
        const isOrigin = dpid === from.dpid && portNo === from.portNo;
        if (isOrigin || !this.network.isEdgePort({ dpid, portNo }, this.#now) || sent >= FLOOD_PORTS_MAX) continue;
        this.sendFrame({ dpid, portNo }, frame);
        sent++;
      }
    }
  }

  #channelClosed(connection: Connection, reason: string, detail: string): void {
    const { name, state } = connection;
    this.#flush(connection);
    this.#connections.delete(name);
    this.#effects.emit({ type: 'channel-closed', connection: name, reason, detail }, this.#now);
    if (state && this.#switches.get(state.dpid) === state) {
      this.#switches.delete(state.dpid);
      this.network.leaveSwitch(state.dpid);
      this.#userRules.switchLeft(state.dpid);
    }
    this.#effects.hangUp(name);
  }

  #probeSwitch(dpid: string): void {
    for (const portNo of this.network.upPorts(dpid)) this.#probePort({ dpid, portNo });
  }

  #probePort(port: PortRef): void {
    const description = this.network.portsOf(port.dpid).get(port.portNo);
    if (description) this.sendFrame(port, encodeProbe(port, description.hwAddr, this.#probeSecret));
  }

  /** The end of every call: compile what changed, push what differs, write what waits. */
  #settle(): void {
    if (this.#isNetworkChanged) {
      this.#isNetworkChanged = false;
      const isEdgePort = (port: PortRef) => this.network.isEdgePort(port, this.#now);
      const tables = compileForwarding(this.network.graph, this.routes, isEdgePort);
      for (const state of this.#switches.values()) {
        const rules = tables.get(state.dpid);
        if (rules) state.systemRules = new Map(rules.map((rule) => [toRuleKey(rule), rule]));
      }
    }
    for (const state of [...this.#switches.values()]) this.#push(state);
    for (const connection of [...this.#connections.values()]) this.#flush(connection);
  }

  #push(state: SwitchState): void {
    if (!state.isReady || state.isPushing || !state.channel.isOpen) return;
    const changes = outstandingChanges(state);
    if (changes.length === 0) return;
    state.isPushing = true;
    state.channel.transact(
      changes.map(({ modification }) => modification),
      (verdicts) => {
        state.isPushing = false;
        verdicts.forEach((verdict, i) => {
          const change = changes[i]!;
          bookVerdict(state, change, verdict);
          const isAwaited = this.#userRules.book(state, change, verdict);
          if (verdict.type !== 'refused' || isAwaited) return;
          const ruleId = change.rule ? toRuleId(change.rule) : '';
          this.#effects.emit({ type: 'rule-refused', dpid: state.dpid, ruleId, error: verdict.error }, this.#now);
        });
        this.#effects.emit({ type: 'rules-changed', dpid: state.dpid }, this.#now);
      },
    );
  }

  #flush({ name, channel }: Connection): void {
    for (let bytes = channel.takeOutput(); bytes; bytes = channel.takeOutput()) this.#effects.write(name, bytes);
  }
}
