/** What a switch says of itself when it is asked: its ports and the rules it has. */
import type { FlowStats } from '../../protocol/wire/openflow/flow.ts';
import { GROUP } from '../../protocol/wire/openflow/group.ts';
import { PORT, type Port } from '../../protocol/wire/openflow/port.ts';
import { TABLE } from '../../protocol/wire/openflow/table.ts';
import type { Answer, Channel } from './channel.ts';

export interface SwitchReading {
  readonly ports: readonly Port[];
  readonly rules: readonly FlowStats[];
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
    readFlows(channel, TABLE.all, (rules) => {
      if (rules.type === 'answered') done({ ports, rules: rules.value });
      else failed(`asked for its rules: ${explain(rules)}`);
    });
  });
}

function explain(answer: Exclude<Answer<unknown>, { type: 'answered' }>): string {
  return answer.type === 'refused' ? answer.error : answer.reason;
}
