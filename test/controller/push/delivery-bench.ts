/** A delivery and its switches, without the network that the plans would come from: each message takes a time of its own, and those of a connection stay in order. */

import type { Plan } from '../../../controller/plan.ts';
import { Delivery, type DeliveryEvent } from '../../../controller/push/delivery.ts';
import type { DriftOptions } from '../../../controller/push/drift-watch.ts';
import { readSwitch } from '../../../controller/southbound/switch-reading.ts';
import { type Link, Switchboard } from '../../../controller/southbound/switchboard.ts';
import { createSwitchState, type SwitchState } from '../../../controller/switch-state.ts';
import type { StoredUserRule } from '../../../controller/user-rule.ts';
import { UserRules } from '../../../controller/user-rules.ts';
import type { Nanos } from '../../../protocol/wire/openflow/session.ts';

/** What the bench needs of a switch. */
export interface BenchSwitch {
  readonly dpid: string;
  dial(now: Nanos): void;
  receive(bytes: Uint8Array, now: Nanos): void;
  takeOutgoing(): Uint8Array | undefined;
}

interface Arrival {
  readonly at: Nanos;
  readonly order: number;
  readonly connection: string;
  readonly bytes: Uint8Array;
  readonly isToSwitch: boolean;
}

export const SECOND: Nanos = 1_000_000_000;

export class DeliveryBench {
  readonly events: DeliveryEvent[] = [];
  readonly userRules: UserRules;
  readonly delivery: Delivery;
  now: Nanos = 0;
  readonly #board: Switchboard;
  readonly #delay: () => Nanos;
  readonly #states = new Map<Link, SwitchState>();
  readonly #devices = new Map<string, BenchSwitch>();
  readonly #connections = new Map<BenchSwitch, string>();
  #arrivals: Arrival[] = [];
  #latest = new Map<string, Nanos>();
  readonly #toStore: number[] = [];
  #count = 0;

  constructor(delay: () => Nanos, drift: DriftOptions = {}, userRules: readonly StoredUserRule[] = []) {
    this.#delay = delay;
    this.userRules = new UserRules(
      { persist: (id) => void this.#toStore.push(id), storeFailed: () => undefined },
      userRules,
    );
    this.delivery = new Delivery(
      { now: () => this.now, emit: (event) => void this.events.push(event), confirmed: () => undefined },
      this.userRules,
      drift,
    );
    this.#board = new Switchboard(
      {
        now: () => this.now,
        write: (connection, bytes) => {
          this.#send(connection, bytes, true);
          return true;
        },
        hangUp: (connection) => void this.#devices.delete(connection),
        ready: (link, features) => {
          const dpid = link.dpid!;
          const state = createSwitchState(dpid, link, features, this.userRules.of(dpid), this.now);
          this.#states.set(link, state);
          this.delivery.join(state);
          const begin = (reading: Parameters<Delivery['begin']>[1]) => {
            this.delivery.begin(state, reading);
            state.isReady = true;
            this.delivery.want(this.plan);
          };
          readSwitch(
            link.channel,
            () => undefined,
            begin,
            (reason) => link.channel.disconnect(reason),
          );
        },
        message: () => undefined,
        closed: (link) => {
          const state = this.#states.get(link);
          this.#states.delete(link);
          if (state) {
            this.delivery.miss(state);
            this.delivery.giveUp(state.dpid);
          }
        },
        settle: (link) => {
          const state = this.#states.get(link);
          if (state) this.delivery.push(state);
        },
        fault: () => undefined,
        claimed: () => undefined,
      },
      0,
    );
  }

  plan: Plan = new Map();

  act<T>(work: () => T): T {
    const result = work();
    for (const id of this.#toStore.splice(0)) this.userRules.persisted(id, undefined);
    this.#board.settle();
    for (const [connection, device] of this.#devices) {
      for (let bytes = device.takeOutgoing(); bytes; bytes = device.takeOutgoing())
        this.#send(connection, bytes, false);
    }
    return result;
  }

  want(plan: Plan): void {
    this.plan = plan;
    this.act(() => this.delivery.want(plan));
  }

  dial(device: BenchSwitch): void {
    const connection = `c${++this.#count}`;
    device.dial(this.now);
    this.#devices.set(connection, device);
    this.#connections.set(device, connection);
    this.act(() => this.#board.open(connection, this.now));
  }

  cut(device: BenchSwitch): void {
    const connection = this.#connections.get(device)!;
    this.#devices.delete(connection);
    this.#arrivals = this.#arrivals.filter((arrival) => arrival.connection !== connection);
    this.act(() => this.#board.disconnect(connection, 'cut', this.now));
  }

  isConnected(device: BenchSwitch): boolean {
    return [...this.#states.values()].some(({ dpid }) => dpid === device.dpid);
  }

  stateOf(device: BenchSwitch): SwitchState {
    return [...this.#states.values()].find(({ dpid }) => dpid === device.dpid)!;
  }

  wait(ns: Nanos): void {
    const until = this.now + ns;
    for (;;) {
      this.#arrivals.sort((a, b) => a.at - b.at || a.order - b.order);
      const [next] = this.#arrivals;
      const pollAt = Math.min(this.#board.pollAt() ?? until + 1, this.delivery.pollAt() ?? until + 1);
      const at = Math.max(this.now, Math.min(next?.at ?? until + 1, pollAt));
      if (at > until) break;
      this.now = at;
      if (next && next.at <= at) {
        this.#arrivals.shift();
        this.act(() => this.#arrive(next));
      } else {
        this.act(() => {
          this.#board.poll(this.now);
          this.delivery.poll();
        });
      }
    }
    this.now = until;
  }

  #arrive({ connection, bytes, isToSwitch }: Arrival): void {
    if (isToSwitch) this.#devices.get(connection)?.receive(bytes, this.now);
    else this.#board.receive(connection, bytes, this.now);
  }

  #send(connection: string, bytes: Uint8Array, isToSwitch: boolean): void {
    if (!this.#devices.has(connection)) return;
    const way = `${connection} ${isToSwitch}`;
    const at = Math.max(this.now + this.#delay(), this.#latest.get(way) ?? 0);
    this.#latest.set(way, at);
    this.#arrivals.push({ at, order: ++this.#count, connection, bytes: bytes.slice(), isToSwitch });
  }
}
