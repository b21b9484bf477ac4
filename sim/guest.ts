/**
 * A guest: a virtual machine, container, unikernel or microVM, all of one class; what differs is in its profile.
 *
 * Its life: absent → created → booting → running ⇄ paused → created → absent. From its creation to its deletion it has its place on its node. Its card is on from
 * the end of its boot until it is stopped; then, and when it has moved, it announces itself. Booting takes what the profile says, counted from the moment at
 * which the node begins with it; every start is a cold one, for nothing is kept of a guest that was stopped.
 */
import { formatIpv4 } from '../protocol/wire/address.ts';
import type { Capability } from '../topologies/guest-capability.ts';
import type { GuestProfile } from '../topologies/guest-profiles.ts';
import type { Demand } from '../topologies/node-capacity.ts';
import { buildAnnouncement } from './announcement.ts';
import { type Actor, type Clock, END_OF_TIME, type Nanos, type Timer } from './clock.ts';
import type { ComputeNode, Resident } from './compute-node.ts';
import type { GuestCard } from './guest-card.ts';
import { type ForceOption, type Grant, grant } from './guest-grant.ts';
import { GuestLimits, type Limit, type Resource } from './guest-limits.ts';
import { GuestRefusal } from './guest-refusal.ts';
import type { Host } from './host.ts';
import { PortTable, type PortWish } from './port-table.ts';

export type GuestState =
  /** Only its description is there. */
  | 'absent'
  /** It has its place and does not run. */
  | 'created'
  | 'booting'
  | 'running'
  | 'paused';

export interface GuestSpec {
  readonly name: string;
  readonly profile: GuestProfile;
  readonly demand: Demand;
  readonly bootNs: Nanos;
  /** What a migration carries. */
  readonly memoryBytes: number;
}

/** What happened to it, in the order in which it did. */
export type GuestListener = (guest: Guest, state: GuestState, now: Nanos) => void;

export class Guest implements Resident {
  readonly name: string;
  readonly spec: GuestSpec;
  /** Its stack; of a guest without isolation its node's. */
  readonly host: Host;
  readonly card: GuestCard;
  readonly limits: GuestLimits;
  /** Told of every change of state. */
  listener: GuestListener | undefined;
  /** When its last boot was over. */
  startedAt: Nanos | undefined;
  /** Why it was stopped, if nobody asked for it. */
  stopReason: string | undefined;
  readonly #clock: Clock;
  readonly #actor: Actor;
  readonly #ownPorts: PortTable;
  #state: GuestState = 'absent';
  #node: ComputeNode | undefined;
  #timer: Timer | undefined;
  #cancelMove: (() => void) | undefined;

  constructor(clock: Clock, spec: GuestSpec, host: Host, card: GuestCard) {
    this.name = spec.name;
    this.spec = spec;
    this.host = host;
    this.card = card;
    this.limits = new GuestLimits(spec.name, spec.profile);
    this.#clock = clock;
    this.#actor = clock.createActor(`guest ${spec.name}`);
    this.#ownPorts = new PortTable(spec.name);
  }

  get state(): GuestState {
    return this.#state;
  }

  get profile(): GuestProfile {
    return this.spec.profile;
  }

  /** Undefined while it is absent, and of a machine of its own. */
  get node(): ComputeNode | undefined {
    return this.#node;
  }

  get isMoving(): boolean {
    return this.#cancelMove !== undefined;
  }

  get busyCpus(): number {
    return this.#state === 'running' ? this.limits.usedOf('cpu') : 0;
  }

  /** Takes its place. Throws a `GuestRefusal`. */
  create(node: ComputeNode | undefined): void {
    this.#require('create', 'absent');
    node?.admit(this, this.spec.demand);
    this.#node = node;
    this.card.setNode(node?.name);
    this.#enter('created');
  }

  /** Boots; it runs when that is over. */
  start(): void {
    this.#require('start', 'created');
    const { now } = this.#clock;
    const beginsAt = this.#node?.nextStartAt(this.profile, now) ?? now;
    this.#enter('booting');
    const runsAt = Math.min(beginsAt + this.spec.bootNs, END_OF_TIME);
    this.#timer = this.#clock.schedule(this.#actor, runsAt, () => this.#run());
  }

  /** It ran before the network began: no boot, and nothing to announce. */
  startRunning(): void {
    this.#require('start', 'created');
    this.stopReason = undefined;
    this.card.setMode('on');
    this.#enter('running');
  }

  pause(): void {
    this.#require('pause', 'running');
    this.freeze();
  }

  resume(): void {
    this.#require('resume', 'paused');
    this.thaw();
  }

  /** At once, as when its plug is pulled. */
  stop(reason?: string): void {
    this.#cancelMove?.();
    this.#cancelMove = undefined;
    this.#require('stop', 'booting', 'running', 'paused');
    this.#timer?.cancel();
    this.#timer = undefined;
    this.stopReason = reason;
    this.limits.stop();
    this.ports.release(this.name);
    this.card.setMode('off');
    // Its stack goes with its power, whatever becomes of the cable.
    if (this.#hasStack) {
      this.host.linkChanged(false);
      this.host.reset();
    }
    this.#enter('created');
  }

  /** Its place is free again. */
  delete(): void {
    this.#require('delete', 'created');
    this.#node?.giveUp(this.name);
    this.#node = undefined;
    this.card.setNode(undefined);
    this.#enter('absent');
  }

  /** What it may use from now on. Throws a `GuestRefusal` where its kind has no such limit. */
  limit(resource: Resource, amount: number, options?: ForceOption): Limit {
    return this.limits.set(resource, amount, options);
  }

  /** From now on it uses so much; a guest that asks for more memory than it may is killed. Answers what it gets. */
  use(resource: Resource, amount: number): number {
    this.#require('use what its node has', 'running');
    try {
      return this.limits.use(resource, amount);
    } catch (error) {
      if (error instanceof GuestRefusal && resource === 'memory') this.stop(`out of memory: ${error.message}`);
      throw error;
    }
  }

  /** For what no frame shows: granted or refused by the feature matrix. */
  isolate(capability: Capability, options?: ForceOption): Grant {
    return grant(this.profile, capability, options);
  }

  /** Listens on a port; on its node's stack, where it has none of its own. */
  bind(wish: PortWish): void {
    this.#require('listen', 'running');
    const { network } = this.profile;
    const own = this.host.ipv4;
    if (network !== 'none' && wish.address !== undefined && wish.address !== own) {
      const has = own === undefined ? 'none' : formatIpv4(own);
      const reason = `${formatIpv4(wish.address)} is not an address of ${this.name}, which has ${has}`;
      throw new GuestRefusal('foreign-address', reason);
    }
    // On a shared stack, all addresses are those that it was given.
    this.ports.bind(this.name, network === 'address' ? { ...wish, address: wish.address ?? own } : wish);
  }

  /** Who listens where, as far as it can see. */
  listPorts(): readonly string[] {
    return this.profile.network === 'none' ? this.ports.list() : this.ports.listOf(this.name);
  }

  get ports(): PortTable {
    const { network } = this.profile;
    return network === 'none' || network === 'address' ? (this.#node?.ports ?? this.#ownPorts) : this.#ownPorts;
  }

  announce(): void {
    if (!this.#hasStack) return;
    const { mac, ipv4 } = this.host;
    this.host.sendFrame(buildAnnouncement(this.profile.announcer, mac, ipv4));
  }

  /** Of a migration: until it is over, nobody may do anything else with it, but for stopping it, which calls `cancel`. */
  beginMove(cancel: () => void): void {
    this.#require('migrate', 'running', 'paused');
    this.#cancelMove = cancel;
  }

  /** Here or there. */
  endMove(): void {
    this.#cancelMove = undefined;
  }

  /** Of a migration too. */
  freeze(): void {
    this.card.setMode('frozen');
    this.#enter('paused');
  }

  thaw(): void {
    this.card.setMode('on');
    this.#enter('running');
  }

  /** It lives there from now on; its place was taken before. */
  moveTo(node: ComputeNode): void {
    this.ports.release(this.name);
    this.#node?.giveUp(this.name);
    this.#node = node;
    this.card.moveTo(node.name);
  }

  #run(): void {
    this.#timer = undefined;
    this.startedAt = this.#clock.now;
    this.stopReason = undefined;
    this.card.setMode('on');
    this.#enter('running');
    this.announce();
  }

  get #hasStack(): boolean {
    return this.profile.network !== 'none';
  }

  #enter(state: GuestState): void {
    this.#state = state;
    this.listener?.(this, state, this.#clock.now);
  }

  #require(verb: string, ...states: readonly GuestState[]): void {
    if (this.isMoving)
      throw new GuestRefusal('migrating', `${this.name} is moving; it cannot ${verb} before that is over`);
    if (states.includes(this.#state)) return;
    throw new GuestRefusal(
      'wrong-state',
      `${this.name} is ${this.#state}; to ${verb} it must be ${states.join(' or ')}`,
    );
  }
}
