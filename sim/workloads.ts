/**
 * The compute nodes of a network and the guests on them, by name: what may be done with a guest, and refused with the reason.
 *
 * Refusals are `GuestRefusal`s, and leave everything as it was. Guests that the topology has running are there from the beginning, those that it has
 * cold begin to boot then, and the others wait to be started, or at least created.
 */

import { suggest } from '../protocol/wire/openflow/text/suggestion.ts';
import { assert } from '../protocol/wire/wire-error.ts';
import type { GuestStart } from '../topologies/document.ts';
import { GUEST_KINDS } from '../topologies/guest-figures.ts';
import { AUTO } from '../topologies/guest-placement.ts';
import { chooseNode } from '../topologies/node-capacity.ts';
import type { Clock, Nanos } from './clock.ts';
import { MILLISECOND } from './clock.ts';
import type { ComputeNode } from './compute-node.ts';
import type { Guest, GuestListener } from './guest.ts';
import type { ForceOption } from './guest-grant.ts';
import { GuestRefusal } from './guest-refusal.ts';
import { Migration, type MigrationReport } from './migration.ts';
import { PacedStream } from './paced-stream.ts';

export interface MigrationOptions extends ForceOption {
  /** Payload, bytes a second. 128 MiB/s without it, as QEMU has it. */
  readonly budgetBps?: number | undefined;
  /** What the guest dirties; its profile's figure without it. */
  readonly dirtyBps?: number | undefined;
  /** 300 ms without it, as QEMU has it. */
  readonly downtimeLimitNs?: Nanos | undefined;
}

const BUDGET_DEFAULT = 128 * 2 ** 20;
const DOWNTIME_LIMIT_DEFAULT: Nanos = 300 * MILLISECOND;

/** How a guest comes into a network: where it lives, or may, and whether it runs. */
export interface GuestPlan {
  readonly guest: Guest;
  /** A node, `auto`, or absent for a machine of its own. */
  readonly on: string | undefined;
  readonly start: GuestStart;
}

export class Workloads {
  readonly nodes: ReadonlyMap<string, ComputeNode>;
  readonly guests: ReadonlyMap<string, Guest>;
  readonly #clock: Clock;
  readonly #plans: ReadonlyMap<string, GuestPlan>;
  /** The last one of each guest. */
  readonly #migrations = new Map<string, Migration>();
  readonly #listeners = new Set<GuestListener>();
  #migrationCount = 0;

  constructor(clock: Clock, nodes: ReadonlyMap<string, ComputeNode>, plans: ReadonlyMap<string, GuestPlan>) {
    this.#clock = clock;
    this.nodes = nodes;
    this.#plans = plans;
    this.guests = new Map([...plans].map(([name, { guest }]) => [name, guest]));
    for (const guest of this.guests.values()) {
      guest.listener = (...told) => {
        for (const listener of this.#listeners) listener(...told);
      };
    }
  }

  /** Everything that the topology has running or booting at the beginning; to be called once all cables are there. */
  begin(): void {
    for (const { guest, on, start } of this.#plans.values()) {
      if (start !== 'later') {
        guest.create(on === undefined ? undefined : this.nodes.get(on));
        if (start === 'running') guest.startRunning();
        else guest.start();
      }
      guest.card.connect();
    }
  }

  /** Told of every change of any guest's state, as it happens; call what it returns to hear no more. */
  onChange(listener: GuestListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  guest(name: string): Guest {
    const guest = this.guests.get(name);
    if (guest) return guest;
    const hint = suggest(name, this.guests.keys()) || `; guests are hosts of kind ${GUEST_KINDS.join(', ')}`;
    throw new GuestRefusal('unknown-guest', `there is no guest ${name}${hint}`);
  }

  node(name: string): ComputeNode {
    const node = this.nodes.get(name);
    if (node) return node;
    throw new GuestRefusal('unknown-node', `there is no node ${name}${suggest(name, this.nodes.keys())}`);
  }

  /** Takes a place: on that node, or on the one of its topology. */
  create(name: string, nodeName?: string): Guest {
    const guest = this.guest(name);
    const node = nodeName === undefined ? this.#homeOf(guest) : this.node(nodeName);
    if (node && !guest.card.reaches(node.name)) throw noLink(guest, node);
    guest.create(node);
    return guest;
  }

  /** Boots it; one that is not there yet is created before. */
  start(name: string, nodeName?: string): Guest {
    const guest = this.guest(name);
    if (guest.state === 'absent') this.create(name, nodeName);
    guest.start();
    return guest;
  }

  pause(name: string): void {
    this.guest(name).pause();
  }

  resume(name: string): void {
    this.guest(name).resume();
  }

  stop(name: string): void {
    this.guest(name).stop();
  }

  delete(name: string): void {
    this.guest(name).delete();
  }

  /** `done` is told once: the guest runs at its new place, or stays. */
  migrate(
    name: string,
    to: string,
    options: MigrationOptions = {},
    done: (report: MigrationReport) => void = () => undefined,
  ): Migration {
    const guest = this.guest(name);
    const target = this.node(to);
    guest.isolate('liveMigration', options);
    const { node: from, profile, spec } = guest;
    if (!from) throw new GuestRefusal('no-path', `${name} lives on no node that it could leave`);
    if (guest.isMoving) throw new GuestRefusal('migrating', `${name} is moving already`);
    if (from === target) throw new GuestRefusal('wrong-state', `${name} lives on ${to} already`);
    if (!guest.card.reaches(to)) throw noLink(guest, target);
    if (guest.state !== 'running' && guest.state !== 'paused') {
      throw new GuestRefusal('wrong-state', `${name} is ${guest.state}; only what runs, or is paused, moves`);
    }
    const figures = {
      memoryBytes: spec.memoryBytes,
      budgetBps: options.budgetBps ?? BUDGET_DEFAULT,
      dirtyBps: options.dirtyBps ?? profile.figures.dirtyBps.value,
      downtimeLimitNs: options.downtimeLimitNs ?? DOWNTIME_LIMIT_DEFAULT,
      resumeNs: profile.figures.resumeNs.value,
    };
    assert(figures.budgetBps > 0 && figures.dirtyBps >= 0, 'a migration has a budget');
    const id = ++this.#migrationCount;
    const migration = new Migration(
      this.#clock,
      `migration ${id} of ${name}`,
      guest,
      target,
      figures,
      (actor, listener) => new PacedStream(this.#clock, actor, id, from, target, figures.budgetBps, listener),
      done,
    );
    this.#migrations.set(name, migration);
    return migration;
  }

  /** The last one of a guest. */
  migrationOf(name: string): Migration | undefined {
    return this.#migrations.get(name);
  }

  #homeOf(guest: Guest): ComputeNode | undefined {
    const { on } = this.#plans.get(guest.name)!;
    const home = on === undefined ? undefined : this.nodes.get(on);
    if (home || on !== AUTO) return home;
    const reachable = [...this.nodes.values()].filter(({ name }) => guest.card.reaches(name));
    const chosen = chooseNode(reachable, guest.spec.demand);
    if (!chosen) throw new GuestRefusal('no-room', `no node has room for ${guest.name}`);
    return chosen;
  }
}

function noLink(guest: Guest, node: ComputeNode): GuestRefusal {
  return new GuestRefusal('no-path', `${guest.name} has no link on ${node.name}; add one with node: ${node.name}`);
}
