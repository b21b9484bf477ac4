/** What a switch says of itself when it is asked: its ports and the rules it has. */
import type { FlowStats } from '../../protocol/wire/openflow/flow.ts';
import { GROUP, type GroupDesc } from '../../protocol/wire/openflow/group.ts';
import { METER, type MeterConfig } from '../../protocol/wire/openflow/meter.ts';
import type { MultipartReplyBody } from '../../protocol/wire/openflow/multipart.ts';
import { PORT, type Port } from '../../protocol/wire/openflow/port.ts';
import { TABLE } from '../../protocol/wire/openflow/table.ts';
import type { Answer, Channel } from './channel.ts';

/** All that can be told to a switch and told back. */
export interface TableReading {
  readonly rules: readonly FlowStats[];
  readonly groups: readonly GroupDesc[];
  readonly meters: readonly MeterConfig[];
}

export interface SwitchReading extends TableReading {
  readonly ports: readonly Port[];
}

/** A table's rules, or those of all tables. */
export function readFlows(
  channel: Channel,
  tableId: number,
  done: (answer: Answer<readonly FlowStats[]>) => void,
): void {
  channel.query(
    { type: 'flow', tableId, outPort: PORT.any, outGroup: GROUP.any, cookie: 0n, cookieMask: 0n, match: [] },
    (answer) => {
      if (answer.type !== 'answered') done(answer);
      else {
        const value = answer.value.flatMap((part) => (part.type === 'flow' ? part.entries : []));
        done({ type: 'answered', value });
      }
    },
  );
}

/** All that there is to know before it can be worked with. `portsRead` is called in between: a round trip has passed. */
export function readSwitch(
  channel: Channel,
  portsRead: () => void,
  done: (reading: SwitchReading) => void,
  failed: (reason: string) => void,
): void {
  channel.query({ type: 'portDesc' }, (answer) => {
    if (answer.type !== 'answered') {
      failed(`asked for its ports: ${explain(answer)}`);
      return;
    }
    portsRead();
    const ports = answer.value.flatMap((part) => (part.type === 'portDesc' ? part.entries : []));
    readTables(channel, (tables) => done({ ports, ...tables }), failed);
  });
}

/** Its rules, groups and meters, asked for at once. A switch that refuses to tell of groups or meters has none. */
export function readTables(
  channel: Channel,
  done: (reading: TableReading) => void,
  failed: (reason: string) => void,
): void {
  const found: { rules?: readonly FlowStats[]; groups?: readonly GroupDesc[]; meters?: readonly MeterConfig[] } = {};
  let isOver = false;
  const told = () => {
    const { rules, groups, meters } = found;
    if (isOver || !rules || !groups || !meters) return;
    isOver = true;
    done({ rules, groups, meters });
  };
  const fail = (what: string, answer: Exclude<Answer<unknown>, { type: 'answered' }>) => {
    if (isOver) return;
    isOver = true;
    failed(`asked for its ${what}: ${explain(answer)}`);
  };
  readFlows(channel, TABLE.all, (answer) => {
    if (answer.type === 'answered') found.rules = answer.value;
    else fail('rules', answer);
    told();
  });
  channel.query({ type: 'groupDesc' }, (answer) => {
    if (answer.type === 'unanswered') fail('groups', answer);
    else found.groups = partsOf(answer).flatMap((part) => (part.type === 'groupDesc' ? part.entries : []));
    told();
  });
  channel.query({ type: 'meterConfig', meterId: METER.all }, (answer) => {
    if (answer.type === 'unanswered') fail('meters', answer);
    else found.meters = partsOf(answer).flatMap((part) => (part.type === 'meterConfig' ? part.entries : []));
    told();
  });
}

function partsOf(answer: Answer<readonly MultipartReplyBody[]>): readonly MultipartReplyBody[] {
  return answer.type === 'answered' ? answer.value : [];
}

function explain(answer: Exclude<Answer<unknown>, { type: 'answered' }>): string {
  return answer.type === 'refused' ? answer.error : answer.reason;
}
