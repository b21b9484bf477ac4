/**
 * OpenFlow 1.3.5, section 7.3.5.5.1: the tables of the pipeline as a controller has configured them.
 *
 * A request configures the whole pipeline, all of it or nothing: tables that it names do from then on what it says, those that it leaves out are
 * removed, and so are the rules of every table that is removed or can do something else than before; of those nobody is told. So a rule that is
 * there always fits its table, and packets need not be checked. A table is never given more than was asked for, though it could do more,
 * because whoever asks for less wants to hear of rules that go beyond it.
 *
 * As the switch is made every table can do everything, and then flow_mods are not checked at all.
 */
import type { FlowMod } from '../protocol/wire/openflow/flow.ts';
import type { TableFeatures } from '../protocol/wire/openflow/table.ts';
import type { FlowTables } from './flow-tables.ts';
import { refuse } from './refusal.ts';
import { allAbilities, canDoSame, type TableAbilities } from './table-abilities.ts';
import { checkFlowMod } from './table-check.ts';
import { describeTable, readTable } from './table-features.ts';

export class TableSetup {
  readonly #tables: FlowTables;
  readonly #entriesMax: number;
  /** What each table can do at most, when somebody asked. */
  #asMade: readonly TableAbilities[] | undefined;
  /** Undefined: as the switch was made. */
  #configured: ReadonlyMap<number, TableAbilities> | undefined;

  constructor(tables: FlowTables) {
    this.#tables = tables;
    this.#entriesMax = tables.tables[0]!.entriesMax;
  }

  /** Whether the pipeline has such a table. */
  has(tableId: number): boolean {
    return this.#configured?.has(tableId) ?? tableId < this.#tables.tables.length;
  }

  describe(): readonly TableFeatures[] {
    return this.#tables.tables.flatMap(({ tableId }) => {
      const abilities = this.#abilitiesOf(tableId);
      return abilities ? [describeTable(abilities)] : [];
    });
  }

  /** Of an addition or modification. */
  check(message: FlowMod): void {
    const abilities = this.#configured?.get(message.tableId);
    if (abilities) checkFlowMod(message, abilities);
  }

  /** The request has been validated. What is refused leaves everything as it was. */
  configure(entries: readonly TableFeatures[]): void {
    const next = new Map<number, TableAbilities>();
    for (const features of entries) {
      const { tableId } = features;
      if (tableId >= this.#tables.tables.length) {
        refuse('TABLE_FEATURES_FAILED/BAD_TABLE', `there is no table ${tableId}`);
      }
      next.set(tableId, readTable(features, this.#possible(tableId)));
    }
    if (!next.has(0)) refuse('TABLE_FEATURES_FAILED/BAD_TABLE', 'every packet begins in table 0');
    for (const { tableId, rules, miss } of next.values()) {
      for (const to of [...rules.nextTables, ...miss.nextTables]) {
        if (next.has(to)) continue;
        refuse('TABLE_FEATURES_FAILED/BAD_ARGUMENT', `table ${tableId} leads to ${to}, which is not to be there`);
      }
    }
    this.#replace(next);
  }

  #replace(next: ReadonlyMap<number, TableAbilities>): void {
    for (const table of this.#tables.tables) {
      const { tableId } = table;
      const after = next.get(tableId);
      const before = this.#abilitiesOf(tableId);
      if (before && !(after && canDoSame(before, after))) this.#tables.clear(tableId);
      table.entriesMax = after?.entriesMax ?? this.#entriesMax;
    }
    const isAsMade = this.#tables.tables.every(({ tableId }) => {
      const after = next.get(tableId);
      const possible = this.#possible(tableId);
      return after !== undefined && after.name === possible.name && canDoSame(after, possible);
    });
    this.#configured = isAsMade ? undefined : next;
  }

  #abilitiesOf(tableId: number): TableAbilities | undefined {
    return this.#configured ? this.#configured.get(tableId) : this.#possible(tableId);
  }

  #possible(tableId: number): TableAbilities {
    const { tables } = this.#tables;
    this.#asMade ??= tables.map((table) => allAbilities(table.tableId, tables.length, this.#entriesMax));
    return this.#asMade[tableId]!;
  }
}
