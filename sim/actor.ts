/**
 * Who schedules events, and the rank that each has by its name.
 *
 * Events of one moment run in the order of their actors' names. Comparing names at each event would be slow, so every actor carries a number
 * that follows the order of the names. It is brought up to date only when somebody is about to compare and actors have come since:
 * building a network of ten thousand costs one sort, and one actor more, later, is put in its place among those that are sorted already.
 */
import { assert } from '../protocol/wire/wire-error.ts';
import type { EventQueue } from './event-queue.ts';
import { hashText } from './random.ts';

/** Any: what the trace makes of a name only has to differ from name to name. */
const TRACE_BASIS = 0x2545f491;

export class Actor {
  readonly name: string;
  /** Where its events wait. */
  readonly queue: EventQueue;
  /** What stands for the name in the hash of a trace. */
  readonly nameHash: number;
  /** Events it has scheduled so far. */
  count = 0;
  /** Of those, how many are still to come. */
  pending = 0;
  rank = 0;
  isRemoved = false;

  constructor(name: string, queue: EventQueue) {
    this.name = name;
    this.queue = queue;
    this.nameHash = hashText(name, TRACE_BASIS);
  }
}

export class ActorRanking {
  readonly #names = new Set<string>();
  #ranked: Actor[] = [];
  #newcomers: Actor[] = [];

  /** Each name is one actor, or the order of its events would depend on who came first. */
  add(name: string, queue: EventQueue): Actor {
    assert(!this.#names.has(name), 'an actor has a name of its own');
    this.#names.add(name);
    const actor = new Actor(name, queue);
    this.#newcomers.push(actor);
    return actor;
  }

  /** Its name is free; what it has scheduled still happens, and keeps its rank. */
  remove(actor: Actor): void {
    if (actor.isRemoved) return;
    actor.isRemoved = true;
    this.#names.delete(actor.name);
  }

  /** Ranks follow names when this has been called and nobody has come since. */
  update(): void {
    if (this.#newcomers.length === 0) return;
    const isNeeded = (actor: Actor) => !actor.isRemoved || actor.pending > 0;
    const newcomers = this.#newcomers.filter(isNeeded).sort(compareNames);
    this.#newcomers = [];
    this.#ranked = merge(this.#ranked.filter(isNeeded), newcomers);
    for (let i = 0; i < this.#ranked.length; i++) this.#ranked[i]!.rank = i;
  }
}

/** By code units, as `<` has it. */
function compareNames(a: Actor, b: Actor): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

/** Of two of one name, the one that was there before, whose name was given up, comes first. */
function merge(ranked: readonly Actor[], newcomers: readonly Actor[]): Actor[] {
  const merged: Actor[] = [];
  let from = 0;
  for (const newcomer of newcomers) {
    const to = findPlace(ranked, newcomer, from);
    for (; from < to; from++) merged.push(ranked[from]!);
    merged.push(newcomer);
  }
  for (; from < ranked.length; from++) merged.push(ranked[from]!);
  return merged;
}

/** The first at or behind `from` that comes after the newcomer. */
function findPlace(ranked: readonly Actor[], newcomer: Actor, from: number): number {
  let low = from;
  let high = ranked.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (compareNames(ranked[middle]!, newcomer) <= 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
