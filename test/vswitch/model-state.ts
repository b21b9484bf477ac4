/**
 * What a switch remembers, as the model of the law has it: lists and plain records, no index and no cache.
 *
 * A step is tried on a fork, which shares nothing that can change, so a step that the specification leaves open (two rules of one
 * priority that both match, section 5.3) can be taken back as if it had not been.
 */
import type { FlowEntry, GroupEntry } from '../../protocol/pipeline/flow-entry.ts';
import type { Instruction } from '../../protocol/wire/openflow/instruction.ts';
import { CONFIG_FRAG } from '../../protocol/wire/openflow/switch.ts';
import type { AsyncMasks } from '../../vswitch/async-config.ts';
import { ASYNC_DEFAULT } from '../../vswitch/async-config.ts';
import type { ModelMeter } from './model-meter.ts';

export interface Tally {
  packets: number;
  bytes: number;
}

export interface ModelRule extends FlowEntry, Tally {
  instructions: readonly Instruction[];
  readonly idleTimeout: number;
  readonly hardTimeout: number;
  readonly createdAt: number;
  usedAt: number;
}

export interface ModelGroup extends GroupEntry, Tally {
  readonly createdAt: number;
  readonly counts: readonly Tally[];
}

export interface ModelPort {
  readonly portNo: number;
  readonly hwAddr: number;
  config: number;
  isLinkUp: boolean;
  rxPackets: number;
  rxBytes: number;
  rxDropped: number;
  rxErrors: number;
  txPackets: number;
  txBytes: number;
  txDropped: number;
}

/** `frame` is gone once it has been used. */
export interface ModelBuffer {
  readonly id: number;
  readonly frame: Uint8Array | undefined;
  readonly inPort: number;
  readonly since: number;
}

/** Where a bridge has seen an address. */
export interface Sighting {
  readonly vid: number;
  readonly address: number;
  readonly portNo: number;
  readonly at: number;
}

export interface ModelState {
  now: number;
  readonly tableCount: number;
  readonly seed: number;
  rules: readonly ModelRule[];
  readonly tables: readonly { lookups: number; matches: number }[];
  groups: readonly ModelGroup[];
  meters: readonly ModelMeter[];
  readonly ports: readonly ModelPort[];
  buffers: readonly ModelBuffer[];
  nextBufferId: number;
  sightings: readonly Sighting[];
  fragments: number;
  missSendLen: number;
  masks: AsyncMasks;
}

export interface ModelOptions {
  readonly tableCount: number;
  readonly seed: number;
  readonly ports: readonly { readonly portNo: number; readonly hwAddr: number }[];
}

/** Section 7.3.2. */
const MISS_SEND_LEN = 128;

const NO_COUNTS = { rxPackets: 0, rxBytes: 0, rxDropped: 0, rxErrors: 0, txPackets: 0, txBytes: 0, txDropped: 0 };

export function startState({ tableCount, seed, ports }: ModelOptions): ModelState {
  return {
    now: 0,
    tableCount,
    seed,
    rules: [],
    tables: Array.from({ length: tableCount }, () => ({ lookups: 0, matches: 0 })),
    groups: [],
    meters: [],
    ports: ports
      .map((port) => ({ ...port, config: 0, isLinkUp: true, ...NO_COUNTS }))
      .sort((a, b) => a.portNo - b.portNo),
    buffers: [],
    nextBufferId: 0,
    sightings: [],
    fragments: CONFIG_FRAG.normal,
    missSendLen: MISS_SEND_LEN,
    masks: ASYNC_DEFAULT,
  };
}

export function forkState(state: ModelState): ModelState {
  return {
    ...state,
    rules: state.rules.map((rule) => ({ ...rule })),
    tables: state.tables.map((table) => ({ ...table })),
    groups: state.groups.map((group) => ({ ...group, counts: group.counts.map((count) => ({ ...count })) })),
    meters: state.meters.map((meter) => ({ ...meter, bands: meter.bands.map((band) => ({ ...band })) })),
    ports: state.ports.map((port) => ({ ...port })),
  };
}
