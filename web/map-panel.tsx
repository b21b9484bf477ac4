/** The map with its legend, or what there is to say while there is no network to draw. */
import { topology } from './feed.ts';
import { useSize } from './frame-size.ts';
import { say } from './language.ts';
import { NetworkMap } from './network-map.tsx';

export function MapPanel() {
  const { ref, size } = useSize();
  const network = topology.value;
  return (
    <section class="panel map-panel" aria-labelledby="map-title">
      <div class="panel-head">
        <h2 id="map-title">{say('map.title')}</h2>
        <Legend />
      </div>
      <div class="map-frame" ref={ref}>
        {!network ? (
          <p class="map-message muted">{say('network.loading')}</p>
        ) : network.switches.length + network.hosts.length === 0 ? (
          <NoNetwork />
        ) : (
          size && <NetworkMap topology={network} frame={size} />
        )}
      </div>
    </section>
  );
}

function NoNetwork() {
  return (
    <div class="map-message">
      <h3>{say('network.empty')}</h3>
      <p class="muted">{say('network.empty.how')}</p>
      <pre>{'npx sluice lab topologies/edge-gateway.yaml\novs-vsctl set-controller br0 tcp:127.0.0.1:6653'}</pre>
    </div>
  );
}

/** Drawn with the very classes of the map, so that the two cannot part. */
function Legend() {
  return (
    <ul class="legend small muted">
      <li>
        <svg class="key" viewBox="0 0 22 12" aria-hidden="true">
          <rect class="card switch" x="1" y="1" width="20" height="10" rx="2" />
        </svg>
        {say('map.legend.switch')}
      </li>
      <li>
        <svg class="key" viewBox="0 0 22 12" aria-hidden="true">
          <rect class="card host" x="1" y="1" width="20" height="10" rx="5" />
        </svg>
        {say('map.legend.host')}
      </li>
      <li>
        <svg class="key absent" viewBox="0 0 22 12" aria-hidden="true">
          <rect class="card host" x="1" y="1" width="20" height="10" rx="5" />
        </svg>
        {say('map.legend.absent')}
      </li>
      {(['busy', 'idle', 'down'] as const).map((state) => (
        <li key={state}>
          <svg class="key" viewBox="0 0 22 12" aria-hidden="true">
            <path class={`line ${state}`} d="M1 6H21" stroke-width={state === 'busy' ? 3 : 1.5} />
            {state === 'down' && <path class="cross" d="M8 3l6 6M14 3l-6 6" />}
          </svg>
          {say(`map.legend.${state}`)}
        </li>
      ))}
      <li class="units">{say('map.legend.units')}</li>
    </ul>
  );
}
