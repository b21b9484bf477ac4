/**
 * Drives a controller by the wall clock: one timer, set from `pollAt()`, and the bytes of its switches passed on as they come.
 *
 * Time is the process's monotonic clock, counted from the driver's beginning in whole nanoseconds, so nobody who sets the computer's clock
 * makes a session time out. The controller is never entered twice at once: what it writes goes into sockets, which answer later.
 */
import type { Nanos } from '../protocol/wire/openflow/session.ts';
import { assert } from '../protocol/wire/wire-error.ts';
import { Controller, type ControllerOptions } from './controller.ts';
import { NOTHING_REMEMBERED } from './network/network-memory.ts';
import { NOTHING_STORED } from './policy/stored-policies.ts';
import type { ControllerListener, Rim } from './rim.ts';
import type { SwitchEntrance, SwitchOutlet } from './southbound/listener.ts';
import type { ControllerState } from './store/controller-state.ts';
import { MemoryStore } from './store/memory-store.ts';
import { StoreWriter } from './store/store-writer.ts';

const NANOS_PER_MS = 1_000_000;

/** Beyond 2^31 ms a timer of Node fires at once. */
const TIMER_MS_MAX = 0x7fff_ffff;

export class WallDriver implements Rim, SwitchEntrance {
  readonly #startedAt = process.hrtime.bigint();
  readonly #controller: Controller;
  readonly #writer: StoreWriter;
  readonly #outlets = new Map<string, SwitchOutlet>();
  readonly #listeners = new Set<ControllerListener>();
  #timer: NodeJS.Timeout | undefined;
  #timerDueAt: Nanos | undefined;
  #isInside = false;
  #isClosed = false;

  /** Without a state, what users want ends with the process. */
  constructor(
    { store, userRules, policies, remembered }: ControllerState = {
      store: new MemoryStore(),
      userRules: [],
      policies: NOTHING_STORED,
      remembered: NOTHING_REMEMBERED,
    },
    options: Omit<ControllerOptions, 'probeSecret' | 'userRules' | 'policies' | 'remembered'> = {},
  ) {
    this.#writer = new StoreWriter(store, (id, failure) =>
      this.act((controller, now) => controller.persisted(id, now, failure)),
    );
    this.#controller = new Controller(
      {
        write: (connection, bytes) => this.#outlets.get(connection)?.write(bytes) ?? true,
        hangUp: (connection) => {
          this.#outlets.get(connection)?.hangUp();
          this.#outlets.delete(connection);
        },
        emit: (event, now) => {
          for (const listener of this.#listeners) listener(event, now);
        },
        persist: (id, operations) => this.#writer.persist(id, operations),
      },
      this.now(),
      { ...options, probeSecret: chooseSecret(), userRules, policies, remembered },
    );
  }

  now(): Nanos {
    return Number(process.hrtime.bigint() - this.#startedAt);
  }

  act<T>(work: (controller: Controller, now: Nanos) => T): T {
    assert(!this.#isInside, 'the controller is entered once at a time');
    this.#isInside = true;
    try {
      return work(this.#controller, this.now());
    } finally {
      this.#isInside = false;
      this.#setTimer();
    }
  }

  onEvent(listener: ControllerListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  open(connection: string, outlet: SwitchOutlet): void {
    this.#outlets.set(connection, outlet);
    this.act((controller, now) => controller.open(connection, now));
  }

  receive(connection: string, bytes: Uint8Array): void {
    this.act((controller, now) => controller.receive(connection, bytes, now));
  }

  drained(connection: string): void {
    this.act((controller, now) => controller.drained(connection, now));
  }

  turnedAway(connection: string, reason: string): void {
    this.act((controller, now) => controller.turnedAway(connection, reason, now));
  }

  closed(connection: string, detail: string): void {
    this.act((controller, now) => controller.closed(connection, now, detail));
    this.#outlets.delete(connection);
  }

  /** No timer is left behind, every switch is hung up on, and at last the store is closed. */
  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    for (const connection of [...this.#outlets.keys()]) this.closed(connection, 'the controller stops');
    await this.#writer.close();
  }

  #setTimer(): void {
    const dueAt = this.#isClosed ? undefined : this.#controller.pollAt();
    if (dueAt === this.#timerDueAt) return;
    clearTimeout(this.#timer);
    this.#timerDueAt = dueAt;
    if (dueAt === undefined) return;
    const waitMs = Math.min(Math.max(Math.ceil((dueAt - this.now()) / NANOS_PER_MS), 1), TIMER_MS_MAX);
    this.#timer = setTimeout(() => {
      this.#timerDueAt = undefined;
      this.act((controller, now) => controller.poll(now));
    }, waitMs);
  }
}

/** 128 bits that nobody else knows. */
function chooseSecret(): bigint {
  const [high, low] = crypto.getRandomValues(new BigUint64Array(2));
  return (high! << 64n) | low!;
}
