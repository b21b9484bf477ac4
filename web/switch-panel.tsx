/** A switch: what it is, its ports and where they lead, its flow table, and a form for one more rule. */
import { useState } from 'preact/hooks';
import type { PortResource, SwitchResource, TopologyResource } from '../protocol/api/network-resource.ts';
import { FactList } from './fact-list.tsx';
import { isLive } from './feed.ts';
import { FlowForm } from './flow-form.tsx';
import { FlowTable } from './flow-table.tsx';
import { say } from './language.ts';
import { formatEnd } from './network-picture.ts';
import { formatSelection } from './selection.ts';

/** OpenFlow numbers tables 0..254; the controller's own rules begin in the first. */
const TABLE_MAX = 254;

interface Props {
  readonly one: SwitchResource;
  readonly network: TopologyResource;
}

export function SwitchPanel({ one, network }: Props) {
  const [tableId, setTableId] = useState(0);
  const obstacle = !isLive.value
    ? say('disabled.not-live')
    : !one.isConnected
      ? say('disabled.disconnected')
      : undefined;
  return (
    <>
      <FactList
        facts={[
          [say('inspector.dpid'), <code key="dpid">{one.dpid}</code>],
          [say('inspector.state'), say(one.isConnected ? 'state.connected' : 'state.disconnected')],
          ...(one.site || one.tier
            ? [[say('inspector.place'), [one.site, one.tier].filter(Boolean).join(' · ')] as const]
            : []),
        ]}
      />
      <Ports one={one} network={network} />
      <section>
        <div class="section-head">
          <h3>{say('flows.title', { table: tableId })}</h3>
          <label class="inline">
            {say('flows.table')}
            <input
              class="narrow number"
              type="number"
              min="0"
              max={TABLE_MAX}
              value={tableId}
              onInput={({ currentTarget: { valueAsNumber } }) => {
                if (Number.isInteger(valueAsNumber) && valueAsNumber >= 0 && valueAsNumber <= TABLE_MAX)
                  setTableId(valueAsNumber);
              }}
            />
          </label>
        </div>
        <details class="adding">
          <summary>{say('form.title')}</summary>
          <FlowForm dpid={one.dpid} tableId={tableId} obstacle={obstacle} />
        </details>
        <FlowTable key={tableId} dpid={one.dpid} tableId={tableId} obstacle={obstacle} />
      </section>
    </>
  );
}

function Ports({ one, network }: Props) {
  return (
    <section>
      <h3>{say('ports.title')}</h3>
      {one.ports.length === 0 ? (
        <p class="muted">{say('ports.none')}</p>
      ) : (
        <table>
          <thead>
            <tr>
              <th class="number">{say('ports.number')}</th>
              <th>{say('ports.name')}</th>
              <th>{say('ports.peer')}</th>
              <th>{say('ports.state')}</th>
            </tr>
          </thead>
          <tbody>
            {one.ports.map((port) => (
              <tr key={port.portNo}>
                <td class="number">{port.portNo}</td>
                <td>{port.name}</td>
                <td>
                  <Peer one={one} network={network} port={port} />
                </td>
                <td class={port.isUp ? '' : 'muted'}>{say(port.isUp ? 'state.up' : 'state.down')}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Peer({ one, network, port }: Props & { readonly port: PortResource }) {
  const isHere = ({ node, portNo }: { node: string; portNo: number }) => node === one.dpid && portNo === port.portNo;
  const link = network.links.find(({ a, b }) => isHere(a) || isHere(b));
  if (!link) return <span class="muted">–</span>;
  return (
    <a href={formatSelection({ type: 'link', id: link.name })} title={link.name}>
      {formatEnd(network, isHere(link.a) ? link.b : link.a)}
    </a>
  );
}
