/** The flow table of a switch, as it said it just now, highest priority first as a packet meets it. Rules of users can be deleted. */
import { useState } from 'preact/hooks';
import type { FlowResource } from '../protocol/api/flow-resource.ts';
import { flowsPath, useFlowReading } from './flow-reading.ts';
import { say } from './language.ts';
import { type Outcome, OutcomeLine } from './outcome-line.tsx';
import { formatCount } from './quantity.ts';
import { request } from './rest.ts';

interface Props {
  readonly dpid: string;
  readonly tableId: number;
  readonly obstacle: string | undefined;
}

export function FlowTable({ dpid, tableId, obstacle }: Props) {
  const { flows, tableName, readAt, failure, read } = useFlowReading(dpid, tableId);
  const [outcome, setOutcome] = useState<Outcome>();

  const remove = async ({ id }: FlowResource) => {
    setOutcome(undefined);
    const answer = await request(`${flowsPath(dpid, tableId)}/${id}`, { method: 'DELETE' });
    setOutcome(
      answer.ok ? { isGood: true, words: say('flows.deleted') } : { isGood: false, words: answer.problem.detail },
    );
    await read();
  };

  const sorted = [...(flows ?? [])].sort((a, b) => b.priority - a.priority);
  return (
    <>
      {tableName !== undefined && <p class="muted small">{say(`flows.table.${tableName}`)}</p>}
      {failure !== undefined && (
        <OutcomeLine outcome={{ isGood: false, words: say('flows.failed', { reason: failure }) }} />
      )}
      {flows === undefined ? (
        failure === undefined && <p class="muted">{obstacle ?? say('flows.loading')}</p>
      ) : sorted.length === 0 ? (
        <p class="muted">{say('flows.none')}</p>
      ) : (
        <table class="flows">
          <thead>
            <tr>
              <th class="number">{say('flows.priority')}</th>
              <th>{say('flows.rule')}</th>
              <th class="number">{say('flows.packets')}</th>
              <th>{say('flows.owner')}</th>
            </tr>
          </thead>
          <tbody>
            {sorted.map((flow) => (
              <tr key={flow.id} class={flow.owner}>
                <td class="number">{flow.priority}</td>
                <td class="rule">
                  <code>{breakable(flow.match) || say('flows.any')}</code>
                  <code class="actions">→ {breakable(flow.actions) || say('flows.no-actions')}</code>
                </td>
                <td class="number">{formatCount(flow.packetCount)}</td>
                <td>
                  {say(`flows.owner.${flow.owner}`)}
                  {flow.owner === 'user' && (
                    <button
                      type="button"
                      class="small-button"
                      disabled={obstacle !== undefined}
                      title={obstacle}
                      aria-label={say('flows.delete-of', { rule: `${flow.priority} ${flow.match}` })}
                      onClick={() => remove(flow)}
                    >
                      {say('flows.delete')}
                    </button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {readAt && (
        <p class="muted small number-line">{say('flows.read-at', { time: readAt.toLocaleTimeString('en-GB') })}</p>
      )}
      <OutcomeLine outcome={outcome} />
    </>
  );
}

/** May be broken after commas and before a mask, and within a field only where it is longer than a line. */
function breakable(text: string): string {
  return text.replace(/[,/]/g, '$&\u200b');
}
