/**
 * A whole network in one process: the emulated world, the controller, and the control channels between them, on one clock.
 *
 * Controller and switches meet only as bytes in pipes of a declared delay. Under virtual time the owner runs the clock; under wall time a
 * driver does. Same topology, same seed, same calls at the same times: the same run.
 */

import { Controller, type ControllerEffects, type ControllerOptions } from '../controller/controller.ts';
import type { ControllerEvent } from '../controller/controller-event.ts';
import { NOTHING_REMEMBERED, type RememberedNetwork } from '../controller/network/network-memory.ts';
import { NOTHING_STORED, type StoredPolicies } from '../controller/policy/stored-policies.ts';
import { directoryOf } from '../controller/policy/topology-directory.ts';
import { MemoryStore } from '../controller/store/memory-store.ts';
import type { StoredUserRule } from '../controller/user-rule.ts';
import type { Nanos } from '../protocol/wire/openflow/session.ts';
import { assert } from '../protocol/wire/wire-error.ts';
import { createPipe, type PipeEnd, type PipeTap } from '../sim/byte-pipe.ts';
import { type Actor, Clock, MILLISECOND, type Timer } from '../sim/clock.ts';
import { EmulatedNetwork } from '../sim/network.ts';
import { Random } from '../sim/random.ts';
import type { Topology } from '../topologies/model.ts';

export interface LabOptions {
  readonly seed?: number;
  /** One way, of every control channel; or of the switch that is asked about, at each piece that travels. */
  readonly controlDelayNs?: Nanos | ((switchName: string) => Nanos);
  /** What users wanted the last time. */
  readonly userRules?: readonly StoredUserRule[];
  /** Which switches and hosts were there the last time. */
  readonly remembered?: RememberedNetwork;
  readonly policies?: StoredPolicies;
  /** Where what is to be kept goes, if it is to outlive the lab; who takes it calls the controller's `persisted`. Under the wall clock only. */
  readonly persist?: ControllerEffects['persist'];
  /** Beyond what the lab itself decides. */
  readonly controller?: Pick<ControllerOptions, 'app' | 'packetInRate' | 'restartGraceNs'>;
}

const CONTROL_DELAY_DEFAULT: Nanos = MILLISECOND;

export class Lab {
  readonly clock = new Clock();
  readonly network: EmulatedNetwork;
  readonly controller: Controller;
  readonly topology: Topology;
  readonly seed: number;
  readonly #actor: Actor;
  readonly #controlDelayNs: NonNullable<LabOptions['controlDelayNs']>;
  /** How many control channels a switch has had. */
  readonly #channels = new Map<string, number>();
  readonly #pipes = new Map<string, PipeEnd>();
  /** The switches' ends of these. */
  readonly #switchEnds = new Map<string, ReturnType<typeof createPipe>['switchEnd']>();
  readonly #channelTaps = new Map<string, () => PipeTap>();
  readonly #listeners = new Set<(event: ControllerEvent, now: Nanos) => void>();
  #timer: Timer | undefined;

  constructor(topology: Topology, options: LabOptions = {}) {
    this.topology = topology;
    this.seed = options.seed ?? 1;
    this.network = new EmulatedNetwork(topology, this.clock, new Random(this.seed));
    this.#actor = this.clock.createActor('controller');
    this.controller = new Controller(
      {
        write: (connection, bytes) => {
          this.#pipes.get(connection)?.write(bytes);
          return true;
        },
        hangUp: (connection) => {
          this.#pipes.get(connection)?.close();
          this.#pipes.delete(connection);
        },
        emit: (event, now) => {
          for (const listener of this.#listeners) listener(event, now);
        },
        persist: options.persist ?? this.#createMemory(),
      },
      0,
      {
        ...options.controller,
        probeSecret: BigInt(this.seed),
        userRules: options.userRules ?? [],
        remembered: options.remembered ?? NOTHING_REMEMBERED,
        policies: options.policies ?? NOTHING_STORED,
        directory: directoryOf(topology),
      },
    );
    this.#controlDelayNs = options.controlDelayNs ?? CONTROL_DELAY_DEFAULT;
    for (const name of [...this.network.switches.keys()].sort()) this.connect(name);
  }

  /** Tells everything that the controller notices; call what it returns to hear no more. */
  onEvent(listener: (event: ControllerEvent, now: Nanos) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** The only way to touch the controller from outside: afterwards its deadlines are on the clock. */
  act<T>(work: (controller: Controller, now: Nanos) => T): T {
    const result = work(this.controller, this.clock.now);
    this.#setTimer();
    return result;
  }

  /** Runs until the condition holds, or until `deadline`; tells whether it holds. Looked at after every moment in which something happened. */
  runUntil(condition: () => boolean, deadline: Nanos): boolean {
    while (!condition()) {
      const next = this.clock.nextAt();
      if (next === undefined || next > deadline) {
        this.clock.runUntil(deadline);
        return condition();
      }
      this.clock.runUntil(next);
    }
    return true;
  }

  /** A memory store that answers at the same moment of the clock, behind what is being done at it. */
  #createMemory(): ControllerEffects['persist'] {
    const store = new MemoryStore();
    return (id, operations) => {
      store.commit([], operations);
      this.clock.schedule(this.#actor, this.clock.now, () =>
        this.act((controller, now) => controller.persisted(id, now)),
      );
    };
  }

  /** A switch dials in; it does so by itself when the lab begins. */
  connect(name: string): void {
    assert(!this.#pipes.has(name), 'a switch has one control channel at a time');
    const delay = this.#controlDelayNs;
    const count = (this.#channels.get(name) ?? 0) + 1;
    this.#channels.set(name, count);
    // The end of the one before may still be on its way.
    const pipeName = count === 1 ? name : `${name} #${count}`;
    const { switchEnd, controllerEnd } = createPipe(
      this.clock,
      pipeName,
      typeof delay === 'number' ? delay : () => delay(name),
    );
    this.#pipes.set(name, controllerEnd);
    controllerEnd.listener = {
      received: (bytes) => this.act((controller, now) => controller.receive(name, bytes, now)),
      closed: () => {
        this.#pipes.delete(name);
        this.act((controller, now) => controller.closed(name, now));
      },
    };
    this.act((controller, now) => controller.open(name, now));
    switchEnd.tap = this.#channelTaps.get(name)?.();
    this.#switchEnds.set(name, switchEnd);
    switchEnd.listener = this.network.switches.get(name)!.openChannel(switchEnd);
  }

  /** Sees the control channel of a switch, at its end: `open` is asked for a tap now if there is one, and for each that comes. Undefined: no more. */
  tapChannel(name: string, open: (() => PipeTap) | undefined): void {
    const end = this.#switchEnds.get(name);
    if (end?.isOpen) end.tap = open?.();
    if (open) this.#channelTaps.set(name, open);
    else this.#channelTaps.delete(name);
  }

  /** A control channel breaks: the controller notices at once, the switch when the end of the stream reaches it. */
  disconnect(name: string): void {
    const end = this.#pipes.get(name);
    if (!end) return;
    this.#pipes.delete(name);
    end.close();
    this.act((controller, now) => controller.closed(name, now));
  }

  #setTimer(): void {
    const dueAt = this.controller.pollAt();
    if (this.#timer?.at === dueAt) return;
    this.#timer?.cancel();
    this.#timer =
      dueAt === undefined
        ? undefined
        : this.clock.schedule(this.#actor, Math.max(dueAt, this.clock.now), () => {
            this.#timer = undefined;
            this.act((controller, now) => controller.poll(now));
          });
  }
}
