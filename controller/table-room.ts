/**
 * How many rules the tables of switches hold, and which would be planned more than they hold: told before a switch has to refuse them.
 *
 * A switch is asked (its table features) only where it may matter, since some answer with hundreds of kilobytes: when a table of it is planned more rules than any
 * switch holds, or when it has said that a table is full. What it answers is believed until it goes.
 */

import type { MultipartReplyBody, MultipartRequestBody } from '../protocol/wire/openflow/multipart.ts';
import type { Plan, SwitchPlan } from './plan.ts';
import type { Answer } from './southbound/channel.ts';

export interface TableShortage {
  readonly type: 'table-short';
  readonly dpid: string;
  readonly tableId: number;
  /** Rules. */
  readonly planned: number;
  readonly room: number;
}

export interface TableRoomEffects {
  query(dpid: string, body: MultipartRequestBody, done: (answer: Answer<readonly MultipartReplyBody[]>) => void): void;
  /** Something that was planned does not fit: it is to be planned anew. */
  changed(): void;
  emit(event: TableShortage): void;
}

/** The smallest tables of switches that are built of hardware hold about so many. */
const ASK_FROM = 1000;

type Counts = ReadonlyMap<number, number>;

export class TableRoom {
  readonly #effects: TableRoomEffects;
  /** By dpid, then table. */
  readonly #rooms = new Map<string, Counts>();
  readonly #asked = new Set<string>();
  readonly #planned = new Map<string, { readonly plan: SwitchPlan; readonly counts: Counts }>();
  /** What has been told, by dpid and table. */
  readonly #short = new Set<string>();

  constructor(effects: TableRoomEffects) {
    this.#effects = effects;
  }

  roomOf(dpid: string, tableId: number): number | undefined {
    return this.#rooms.get(dpid)?.get(tableId);
  }

  /** How many rules of ours a table is to have. */
  plannedFor(dpid: string, tableId: number): number {
    return this.#planned.get(dpid)?.counts.get(tableId) ?? 0;
  }

  follow(plan: Plan): void {
    for (const dpid of this.#planned.keys()) if (!plan.has(dpid)) this.#planned.delete(dpid);
    for (const [dpid, switchPlan] of plan) {
      if (this.#planned.get(dpid)?.plan === switchPlan) continue;
      const counts = countRules(switchPlan);
      this.#planned.set(dpid, { plan: switchPlan, counts });
      if (Math.max(0, ...counts.values()) >= ASK_FROM) this.ask(dpid);
      this.#compare(dpid);
    }
  }

  /** Something depends on it. */
  ask(dpid: string): void {
    if (this.#asked.has(dpid)) return;
    this.#asked.add(dpid);
    this.#effects.query(dpid, { type: 'tableFeatures', entries: [] }, (answer) => {
      // One that does not tell has the room that its refusals leave it.
      if (answer.type !== 'answered' || !this.#asked.has(dpid)) return;
      const tables = answer.value.flatMap((part) => (part.type === 'tableFeatures' ? part.entries : []));
      this.#rooms.set(dpid, new Map(tables.map(({ tableId, maxEntries }) => [tableId, maxEntries])));
      if (this.#compare(dpid)) this.#effects.changed();
    });
  }

  /** It is back, perhaps as another. */
  renew(dpid: string): void {
    if (this.#asked.delete(dpid)) this.ask(dpid);
  }

  forget(dpid: string): void {
    this.#rooms.delete(dpid);
    this.#asked.delete(dpid);
    for (const key of this.#short) if (key.startsWith(`${dpid} `)) this.#short.delete(key);
  }

  /** True when a table is planned more than it holds. */
  #compare(dpid: string): boolean {
    let isShort = false;
    for (const [tableId, planned] of this.#planned.get(dpid)?.counts ?? []) {
      const room = this.roomOf(dpid, tableId);
      const key = `${dpid} ${tableId}`;
      if (room === undefined || planned <= room) this.#short.delete(key);
      else {
        isShort = true;
        if (!this.#short.has(key)) this.#effects.emit({ type: 'table-short', dpid, tableId, planned, room });
        this.#short.add(key);
      }
    }
    return isShort;
  }
}

function countRules(plan: SwitchPlan): Counts {
  const counts = new Map<number, number>();
  for (const { rules } of plan.values()) {
    for (const { tableId } of rules) counts.set(tableId, (counts.get(tableId) ?? 0) + 1);
  }
  return counts;
}
