/**
 * The map of the running network.
 *
 * Nodes and links are anchors of the page's own address: a click, Enter and a bookmark mean the same, and no script stands between. They are two
 * groups for the keyboard, each one stop of Tab, with arrow keys within. Positions change only when the network or the frame does;
 * states and rates repaint what stands.
 */
import type { ComponentChildren } from 'preact';
import { useMemo } from 'preact/hooks';
import type { TopologyResource } from '../protocol/api/network-resource.ts';
import { rates } from './feed.ts';
import { say } from './language.ts';
import { toLayout } from './layout.ts';
import { pointAt } from './link-curve.ts';
import { placeLabels } from './link-label.ts';
import { MapLink, RateLabel } from './map-link.tsx';
import { MapNode } from './map-node.tsx';
import { toPicture, toPictureKey } from './network-picture.ts';
import { useRoving } from './roving-focus.ts';
import { selected } from './selected.ts';
import { WORDS, type WordKey } from './words.ts';

/** From this width on everything is drawn larger: a wide screen is looked at from farther away. */
const WIDE = { from: 1150, scale: 1.2 } as const;

/** Between close columns there is room for one line, the bytes; else for both. */
const LABEL = { one: { width: 56, height: 15 }, two: { width: 62, height: 27 }, twoFrom: 96 } as const;

/** Of the busy links, so many are labelled. */
const LABELS_MAX = 40;

interface Props {
  readonly topology: TopologyResource;
  readonly frame: { readonly width: number; readonly height: number };
}

export function NetworkMap({ topology, frame }: Props) {
  const picture = useMemo(() => toPicture(topology), [topology]);
  const key = useMemo(() => toPictureKey(picture), [picture]);
  const scale = frame.width >= WIDE.from ? WIDE.scale : 1;
  const layout = useMemo(
    () => toLayout(picture, { width: frame.width / scale, height: frame.height / scale }),
    [key, frame.width, frame.height, scale],
  );
  const links = topology.links.filter(({ name }) => layout.curves.has(name));
  const middles = useMemo(
    () => new Map([...layout.curves].map(([name, curve]) => [name, pointAt(curve, 0.5)])),
    [layout],
  );
  const centres = useMemo(
    () =>
      new Map([...layout.nodes].map(([id, { x, y, width, height }]) => [id, { x: x + width / 2, y: y + height / 2 }])),
    [layout],
  );
  const chosen = selected.value;
  const linkFocus = useRoving(middles, chosen?.type === 'link' ? chosen.id : undefined);
  const nodeFocus = useRoving(centres, chosen?.type === 'link' ? undefined : chosen?.id);

  const isBusy = (name: string) => (rates.value.get(name)?.framesPerSecond ?? 0) > 0;
  const crosses = links.filter(({ isUp }) => !isUp).map(({ name }) => crossBox(middles.get(name)!));
  const bytesOf = (name: string) => rates.value.get(name)?.bytesPerSecond ?? 0;
  const busy = links.filter(({ name, isUp }) => isUp && isBusy(name)).map(({ name }) => name);
  const busiest = new Set([...busy].sort((a, b) => bytesOf(b) - bytesOf(a)).slice(0, LABELS_MAX));
  // In the order of the document, so that a label does not jump because another link overtook its own.
  const labelled = busy.filter((name) => busiest.has(name));
  const chosenLink = chosen?.type === 'link' && busiest.has(chosen.id) ? [chosen.id] : [];
  const labelSize = layout.columnGap < LABEL.twoFrom ? LABEL.one : LABEL.two;
  const labels = placeLabels(
    layout,
    [...chosenLink, ...labelled.filter((name) => name !== chosen?.id)],
    labelSize,
    crosses,
  );

  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot hold a drawing
    <svg
      class="map"
      width={layout.width * scale}
      height={layout.height * scale}
      viewBox={`0 0 ${layout.width} ${layout.height}`}
      aria-labelledby="map-title"
      role="group"
    >
      <g class="tiers">
        {layout.tiers.map(({ name, x, width, height }, index) => (
          <g key={name}>
            {index > 0 && <path class="tier-line" d={`M${x} 8V${height - 8}`} />}
            {(name !== '' || layout.tiers.length > 1) && (
              <text class="tier-name" x={x + width / 2} y={21}>
                {sayTier(name)}
              </text>
            )}
          </g>
        ))}
      </g>
      <g class="sites">
        {layout.sites.map(({ name, x, y, width, height }) => (
          <g key={`${name} ${x} ${y}`}>
            <rect class="site" x={x} y={y} width={width} height={height} rx="8" />
            <text class="site-name" x={x + 12} y={y + 15}>
              {name}
            </text>
          </g>
        ))}
      </g>
      <Group name="links" label={say('map.links')}>
        {links.map((link) => (
          <MapLink
            key={link.name}
            link={link}
            rate={rates.value.get(link.name)}
            curve={layout.curves.get(link.name)!}
            roving={linkFocus}
          />
        ))}
      </Group>
      {/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: it takes no focus; the links say the same numbers */}
      <g class="rates" aria-hidden="true">
        {[...labels].map(([name, box]) => (
          <RateLabel key={name} rate={rates.value.get(name)} box={box} />
        ))}
      </g>
      <Group name="nodes" label={say('map.nodes')}>
        {topology.switches.map((node) => (
          <MapNode key={node.dpid} type="switch" node={node} box={layout.nodes.get(node.dpid)!} roving={nodeFocus} />
        ))}
        {topology.hosts.map((node) => (
          <MapNode key={node.id} type="host" node={node} box={layout.nodes.get(node.id)!} roving={nodeFocus} />
        ))}
      </Group>
    </svg>
  );
}

interface GroupProps {
  readonly name: string;
  readonly label: string;
  readonly children: ComponentChildren;
}

function Group({ name, label, children }: GroupProps) {
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot stand in an SVG
    // biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: a group of an SVG is nothing interactive
    <g class={name} role="group" aria-label={label}>
      {children}
    </g>
  );
}

/** Tiers are words of the document; the usual ones are translated. */
function sayTier(name: string): string {
  if (name === '') return say('tier.none');
  const key = `tier.${name}`;
  return key in WORDS ? say(key as WordKey) : name;
}

function crossBox({ x, y }: { readonly x: number; readonly y: number }) {
  return { x: x - 9, y: y - 9, width: 18, height: 18 };
}
