/** A host: its addresses, where it is attached, and a ping from it to another. */
import type { HostResource, TopologyResource } from '../protocol/api/network-resource.ts';
import { FactList } from './fact-list.tsx';
import { isLive } from './feed.ts';
import { say } from './language.ts';
import { formatEnd } from './network-picture.ts';
import { PingForm } from './ping-form.tsx';
import { formatSelection } from './selection.ts';

interface Props {
  readonly one: HostResource;
  readonly network: TopologyResource;
}

export function HostPanel({ one, network }: Props) {
  const { dpid, portNo, kind } = one;
  const isBare = kind === 'port';
  const obstacle = !network.isEmulated
    ? say('disabled.not-emulated')
    : !isLive.value
      ? say('disabled.not-live')
      : undefined;
  return (
    <>
      <FactList
        facts={[
          ...(isBare ? [] : listAddresses(one)),
          [
            say('inspector.attached'),
            dpid === '' ? (
              say('inspector.unattached')
            ) : (
              <a key="switch" href={formatSelection({ type: 'switch', id: dpid })}>
                {formatEnd(network, { node: dpid, portNo })}
              </a>
            ),
          ],
          ...(one.site || one.tier
            ? [[say('inspector.place'), [one.site, one.tier].filter(Boolean).join(' · ')] as const]
            : []),
          ...(one.isSeen || isBare ? [] : [[say('inspector.state'), say('state.unseen')] as const]),
        ]}
      />
      {isBare ? (
        <p class="muted">{say('kind.port.what')}</p>
      ) : (
        <PingForm from={one} hosts={network.hosts} obstacle={obstacle} />
      )}
    </>
  );
}

function listAddresses({ ips, mac }: HostResource) {
  return [
    [
      say('inspector.addresses'),
      ips.length > 0 ? <code key="ips">{ips.join(' ')}</code> : say('state.no-address'),
    ] as const,
    [say('inspector.mac'), <code key="mac">{mac}</code>] as const,
  ];
}
