/** A switch or a host on the map: a card with its name and the one fact that says most about it. */
import type { HostResource, SwitchResource } from '../protocol/api/network-resource.ts';
import { say } from './language.ts';
import type { Box } from './layout.ts';
import type { Roving } from './roving-focus.ts';
import { isSelected } from './selected.ts';
import { formatSelection } from './selection.ts';
import { shorten } from './text-width.ts';

interface Shared {
  readonly box: Box;
  readonly roving: Roving;
}
type Props = Shared &
  ({ readonly type: 'switch'; readonly node: SwitchResource } | { readonly type: 'host'; readonly node: HostResource });

/** Room for text right of the icon. */
const TEXT_X = 33;
const NAME_SIZE = 12.5;
const FACT_SIZE = 11;

export function MapNode(props: Props) {
  const { box, roving, type, node } = props;
  const { id, fact, label, isPresent } = props.type === 'switch' ? ofSwitch(props.node) : ofHost(props.node);
  const room = box.width - TEXT_X - (type === 'host' ? 12 : 6);
  const isChosen = isSelected(type, id);
  return (
    <a
      class={`node ${type}${isPresent ? '' : ' absent'}${isChosen ? ' chosen' : ''}`}
      href={formatSelection({ type, id })}
      aria-label={label}
      aria-current={isChosen ? 'true' : undefined}
      tabIndex={roving.tabIndexOf(id)}
      data-id={id}
      onFocus={() => roving.onFocus(id)}
      onKeyDown={(event) => roving.onKeyDown(id, event)}
    >
      <title>{label}</title>
      <g transform={`translate(${box.x} ${box.y})`}>
        <rect
          class="node-ring"
          x="-4"
          y="-4"
          width={box.width + 8}
          height={box.height + 8}
          rx={type === 'host' ? 23 : 8}
        />
        <rect class={`card ${type}`} width={box.width} height={box.height} rx={type === 'host' ? 19 : 5} />
        <path class="icon" transform="translate(9 10)" d={type === 'switch' ? SWITCH_ICON : HOST_ICON} />
        <text class="name" x={TEXT_X} y="16">
          {shorten(node.name, room, NAME_SIZE, { isBold: type === 'switch' })}
        </text>
        <text class="fact" x={TEXT_X} y="30">
          {shorten(fact, room, FACT_SIZE)}
        </text>
      </g>
    </a>
  );
}

/** Two arrows that cross: what goes in one way goes out another. */
const SWITCH_ICON = 'M1 5h4l7 8h5M1 13h4l7-8h5M14 2l3 3-3 3M14 10l3 3-3 3';
/** A screen on its foot. */
const HOST_ICON = 'M2 3h14v9H2zM6 16h6M9 12v4';

function ofSwitch({ dpid, name, isConnected, flowCount }: SwitchResource) {
  const state = say(isConnected ? 'state.connected' : 'state.disconnected');
  return {
    id: dpid,
    fact: isConnected ? say('map.flow-count', { n: flowCount }) : say('map.offline'),
    label: say('map.switch', { name, state }),
    isPresent: isConnected,
  };
}

function ofHost({ id, name, kind, ips, isSeen }: HostResource) {
  // Nobody ever sees a bare port: it says nothing of itself.
  if (kind === 'port') {
    const fact = say('kind.port');
    return { id, fact, label: say('map.host', { name, address: fact }), isPresent: true };
  }
  const address = ips[0] ?? say('state.no-address');
  const label = say('map.host', { name, address });
  return { id, fact: address, label: isSeen ? label : `${label}, ${say('state.unseen')}`, isPresent: isSeen };
}
