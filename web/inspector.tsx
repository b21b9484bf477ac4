/** What is selected, looked at closely. */
import type { ComponentChildren } from 'preact';
import type { TopologyResource } from '../protocol/api/network-resource.ts';
import { topology } from './feed.ts';
import { HostPanel } from './host-panel.tsx';
import { say } from './language.ts';
import { LinkPanel } from './link-panel.tsx';
import { clearSelection, selected } from './selected.ts';
import type { Selection } from './selection.ts';
import { SwitchPanel } from './switch-panel.tsx';

export function Inspector() {
  const chosen = selected.value;
  const network = topology.value;
  return (
    <aside class="panel inspector" aria-label={say('inspector.title')}>
      {chosen && network ? (
        <Chosen key={`${chosen.type}/${chosen.id}`} chosen={chosen} network={network} />
      ) : (
        <Nothing />
      )}
    </aside>
  );
}

function Nothing() {
  return (
    <div class="inspector-body">
      <h2>{say('inspector.title')}</h2>
      <p>{say('inspector.nothing')}</p>
      <p class="muted small">{say('inspector.keys')}</p>
    </div>
  );
}

function Chosen({ chosen, network }: { readonly chosen: Selection; readonly network: TopologyResource }) {
  switch (chosen.type) {
    case 'switch': {
      const one = network.switches.find(({ dpid }) => dpid === chosen.id);
      return one ? (
        <Frame kind={say('map.legend.switch')} name={one.name}>
          <SwitchPanel one={one} network={network} />
        </Frame>
      ) : (
        <Unknown id={chosen.id} />
      );
    }
    case 'host': {
      const one = network.hosts.find(({ id }) => id === chosen.id);
      return one ? (
        <Frame kind={say(`kind.${one.kind}`)} name={one.name}>
          <HostPanel one={one} network={network} />
        </Frame>
      ) : (
        <Unknown id={chosen.id} />
      );
    }
    case 'link': {
      const one = network.links.find(({ name }) => name === chosen.id);
      return one ? (
        <Frame kind={say('link.title')} name={one.name}>
          <LinkPanel one={one} network={network} />
        </Frame>
      ) : (
        <Unknown id={chosen.id} />
      );
    }
  }
}

interface FrameProps {
  readonly kind: string;
  readonly name: string;
  readonly children: ComponentChildren;
}

function Frame({ kind, name, children }: FrameProps) {
  return (
    <>
      <div class="inspector-head">
        <div>
          <p class="kind muted small">{kind}</p>
          <h2>{name}</h2>
        </div>
        <button type="button" class="quiet" onClick={clearSelection} aria-label={say('inspector.close')}>
          ✕
        </button>
      </div>
      <div class="inspector-body">{children}</div>
    </>
  );
}

function Unknown({ id }: { readonly id: string }) {
  return (
    <div class="inspector-body">
      <p>{say('inspector.unknown', { id })}</p>
      <button type="button" onClick={clearSelection}>
        {say('inspector.close')}
      </button>
    </div>
  );
}
