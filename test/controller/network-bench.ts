/** A controller and its switches on a table: bytes go to and fro at once, time goes on when the test says so. */

import { Controller, type ControllerOptions } from '../../controller/controller.ts';
import type { ControllerEvent } from '../../controller/controller-event.ts';
import { SETTLE_TIME } from '../../controller/network/network.ts';
import type { ControllerListener, Rim } from '../../controller/rim.ts';
import { MemoryStore } from '../../controller/store/memory-store.ts';
import type { Operation } from '../../controller/store/store.ts';
import { parseUserRule, type StoredUserRule } from '../../controller/user-rule.ts';
import type { Emulation } from '../../protocol/api/emulation.ts';
import type { Nanos } from '../../protocol/wire/openflow/session.ts';
import { encodeFrame } from '../../protocol/wire/packet/frame.ts';
import { ScriptedSwitch } from './scripted-switch.ts';

export const SECOND: Nanos = 1_000_000_000;

export class NetworkBench implements Rim {
  readonly events: ControllerEvent[] = [];
  readonly hungUp: string[] = [];
  declare readonly emulation?: Emulation;
  /** What the controller wants kept is kept here at once, and answered when the controller is done; or with this failure, if there is one. */
  readonly store = new MemoryStore();
  storeFailure: string | undefined;
  /** Its process has died: what it says is heard by nobody. */
  isDead = false;
  /** False: what is to be kept waits. */
  isStoring = true;
  readonly #toStore: { readonly id: number; readonly operations: readonly Operation[] }[] = [];
  readonly #switches = new Map<string, ScriptedSwitch>();
  readonly #toSwitches: { readonly connection: string; readonly bytes: Uint8Array }[] = [];
  readonly #listeners = new Set<ControllerListener>();
  readonly #controller: Controller;
  #now: Nanos = 0;
  #dialled = 0;

  constructor(emulation?: Emulation, options: ControllerOptions = {}) {
    if (emulation) this.emulation = emulation;
    this.#controller = new Controller(
      {
        write: (connection, bytes) => this.#toSwitches.push({ connection, bytes }) > 0,
        hangUp: (connection) => {
          this.hungUp.push(connection);
          this.#switches.delete(connection);
        },
        emit: (event, now) => {
          this.events.push(event);
          for (const listener of this.#listeners) listener(event, now);
        },
        persist: (id, operations) => this.#toStore.push({ id, operations }),
      },
      0,
      options,
    );
  }

  /** One switch with three ports, known and settled. */
  static withSwitch(emulation?: Emulation): { bench: NetworkBench; device: ScriptedSwitch } {
    const bench = new NetworkBench(emulation);
    const device = new ScriptedSwitch({ dpid: 0x11n });
    bench.dial(device);
    bench.wait(SETTLE_TIME);
    return { bench, device };
  }

  now(): Nanos {
    return this.#now;
  }

  act<T>(work: (controller: Controller, now: Nanos) => T): T {
    const result = work(this.#controller, this.#now);
    this.pump();
    return result;
  }

  onEvent(listener: ControllerListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The connection's name. */
  dial(device: ScriptedSwitch): string {
    const connection = `c${++this.#dialled}`;
    device.dial(this.#now);
    this.#switches.set(connection, device);
    this.act((controller, now) => controller.open(connection, now));
    return connection;
  }

  /** The transport breaks; neither end was asked. */
  cut(connection: string): void {
    this.#switches.delete(connection);
    this.act((controller, now) => controller.closed(connection, now, 'cut'));
  }

  /** The switch is gone and nobody has noticed: the transport takes everything and brings nothing. */
  silence(connection: string): void {
    this.#switches.delete(connection);
  }

  /** Bytes on a connection that are not a switch's. */
  inject(connection: string, bytes: Uint8Array): void {
    this.act((controller, now) => controller.receive(connection, bytes, now));
  }

  openRaw(connection: string): void {
    this.act((controller, now) => controller.open(connection, now));
  }

  /** Goes from one due moment to the next. */
  wait(ns: Nanos): void {
    const until = this.#now + ns;
    for (let dueAt = this.#dueAt(); dueAt <= until; dueAt = this.#dueAt()) {
      this.#now = Math.max(dueAt, this.#now);
      this.act((controller, now) => controller.poll(now));
    }
    this.#now = until;
    this.act((controller, now) => controller.poll(now));
  }

  /** Until nobody has anything to say. */
  pump(): void {
    for (let isBusy = true; isBusy; ) {
      isBusy = this.#keep();
      for (const { connection, bytes } of this.#toSwitches.splice(0)) {
        this.#switches.get(connection)?.receive(bytes, this.#now);
        isBusy = true;
      }
      for (const [connection, device] of [...this.#switches]) {
        const bytes = device.takeOutgoing();
        if (!bytes) continue;
        this.#controller.receive(connection, bytes, this.#now);
        isBusy = true;
      }
    }
  }

  get isStoreWaitedFor(): boolean {
    return this.#toStore.length > 0;
  }

  /** What another controller on the same store would begin with. */
  async userRules(): Promise<readonly StoredUserRule[]> {
    return (await this.store.range('rules/')).entries.map(parseUserRule);
  }

  #keep(): boolean {
    const kept = this.isStoring ? this.#toStore.splice(0) : [];
    for (const { id, operations } of kept) {
      if (this.storeFailure === undefined) this.store.commit([], operations);
      this.#controller.persisted(id, this.#now, this.storeFailure);
    }
    return kept.length > 0;
  }

  #dueAt(): Nanos {
    return this.#controller.pollAt() ?? Number.POSITIVE_INFINITY;
  }
}

/** An ARP request, by which a host makes itself known. */
export function arpFrom(mac: number, ip: number): Uint8Array {
  return encodeFrame([
    { type: 'ethernet', dst: 0xffff_ffff_ffff, src: mac, etherType: 0x0806 },
    {
      type: 'arp',
      operation: 1,
      senderMac: mac,
      senderIp: ip,
      targetMac: 0,
      targetIp: 0x0a000002,
    },
  ]);
}

/** Lets promises and sockets run until something holds; the test's own time limit is the bound. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}
