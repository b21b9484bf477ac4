/**
 * The tables of a switch as it told them, of whatever make: multipart replies put together into a pipeline (OpenFlow 1.3.5, section 7.3.5).
 *
 * A switch without groups or meters refuses to speak of them; their replies are left out, and it has none. Its ports must be told:
 * without them every output would seem to lead nowhere. Table features change what may be written into a table, not what is
 * written there, and are not asked for. Whether some controller wants packets whose time to live is up cannot be read in 1.3.
 */
import type { FlowStats } from '../wire/openflow/flow.ts';
import { GROUP, type GroupDesc } from '../wire/openflow/group.ts';
import { METER, type MeterConfig } from '../wire/openflow/meter.ts';
import type { MultipartReplyBody, MultipartRequestBody } from '../wire/openflow/multipart.ts';
import { PORT, type Port } from '../wire/openflow/port.ts';
import { CONFIG_FRAG } from '../wire/openflow/switch.ts';
import { TABLE } from '../wire/openflow/table.ts';
import type { Pipeline, PortEntry } from './flow-entry.ts';

export interface NamedPort extends PortEntry {
  readonly name?: string | undefined;
}

export interface ReadBack extends Pipeline {
  readonly ports: ReadonlyMap<number, NamedPort>;
  readonly meters: ReadonlyMap<number, MeterConfig>;
}

/** What to ask a switch for, beside its configuration. */
export const READ_BACK_REQUESTS: readonly MultipartRequestBody[] = [
  {
    type: 'flow',
    tableId: TABLE.all,
    outPort: PORT.any,
    outGroup: GROUP.any,
    cookie: 0n,
    cookieMask: 0n,
    match: [],
  },
  { type: 'groupDesc' },
  { type: 'meterConfig', meterId: METER.all },
  { type: 'portDesc' },
];

/** As a get-config reply says it. */
export interface SwitchConfig {
  readonly flags: number;
  readonly missSendLen: number;
}

/** Replies in any order, each question's in the order in which they came. Those to other questions are passed over. */
export function toReadBack(replies: Iterable<MultipartReplyBody>, config: SwitchConfig): ReadBack {
  const tables = new Map<number, FlowStats[]>();
  const groups = new Map<number, GroupDesc>();
  const meters = new Map<number, MeterConfig>();
  const ports = new Map<number, Port>();
  for (const reply of replies) {
    switch (reply.type) {
      case 'flow':
        for (const entry of reply.entries) addEntry(tables, entry);
        break;
      case 'groupDesc':
        for (const group of reply.entries) groups.set(group.groupId, group);
        break;
      case 'meterConfig':
        for (const meter of reply.entries) meters.set(meter.meterId, meter);
        break;
      case 'portDesc':
        for (const port of reply.entries) ports.set(port.portNo, port);
        break;
      default:
    }
  }
  const dropsFragments = (config.flags & CONFIG_FRAG.mask) === CONFIG_FRAG.drop;
  return { tables, groups, meters, ports, missSendLen: config.missSendLen, dropsFragments };
}

function addEntry(tables: Map<number, FlowStats[]>, entry: FlowStats): void {
  const entries = tables.get(entry.tableId);
  if (entries) entries.push(entry);
  else tables.set(entry.tableId, [entry]);
}
