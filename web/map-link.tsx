/** A link on the map: its state by dash and cross, its traffic by width and numbers, and a broad invisible way to hit it. */
import type { LinkResource } from '../protocol/api/network-resource.ts';
import type { LinkRate } from './feed-state.ts';
import { say } from './language.ts';
import type { Box } from './layout.ts';
import { type Curve, pointAt, toPathData } from './link-curve.ts';
import { sayBytes, sayFrames } from './rate-text.ts';
import type { Roving } from './roving-focus.ts';
import { isSelected } from './selected.ts';
import { formatSelection } from './selection.ts';

interface Props {
  readonly link: LinkResource;
  readonly rate: LinkRate | undefined;
  readonly curve: Curve;
  readonly roving: Roving;
}

export function MapLink({ link: { name, isUp }, rate, curve, roving }: Props) {
  const isBusy = (rate?.framesPerSecond ?? 0) > 0;
  const state = !isUp ? 'down' : isBusy ? 'busy' : 'idle';
  const isChosen = isSelected('link', name);
  const way = toPathData(curve);
  const middle = pointAt(curve, 0.5);
  const text = say('map.link', {
    name,
    state: say(isUp ? 'state.up' : 'state.down'),
    rates: `${sayFrames(rate)}, ${sayBytes(rate)}`,
  });
  return (
    <a
      class={`link${isChosen ? ' chosen' : ''}`}
      href={formatSelection({ type: 'link', id: name })}
      aria-label={text}
      aria-current={isChosen ? 'true' : undefined}
      tabIndex={roving.tabIndexOf(name)}
      data-id={name}
      onFocus={() => roving.onFocus(name)}
      onKeyDown={(event) => roving.onKeyDown(name, event)}
    >
      <title>{text}</title>
      <path class="link-ring" d={way} />
      <path class={`line ${state}`} d={way} stroke-width={strokeWidth(rate)} />
      <path class="reach" d={way} />
      {!isUp && (
        <g transform={`translate(${middle.x} ${middle.y})`}>
          <circle class="cross-back" r="8" />
          <path class="cross" d="M-4 -4L4 4M4 -4L-4 4" />
        </g>
      )}
    </a>
  );
}

/** A label this high has room for frames above the bytes. */
const TWO_LINES_FROM = 20;

/** The numbers of a busy link. They are drawn over all links, and for the eye only: the link itself says them too. */
export function RateLabel({ rate, box }: { readonly rate: LinkRate | undefined; readonly box: Box }) {
  return (
    <g class="rate" transform={`translate(${box.x + box.width / 2} ${box.y})`}>
      <rect class="rate-back" x={-box.width / 2} width={box.width} height={box.height} rx="4" />
      {box.height > TWO_LINES_FROM && <text y="11">{sayFrames(rate)}</text>}
      <text y={box.height - 4}>{sayBytes(rate)}</text>
    </g>
  );
}

/** From a hundred bytes a second on, a decade is half a pixel: a megabit and a gigabit differ, and neither is a bar. */
function strokeWidth(rate: LinkRate | undefined): number {
  const decades = Math.log10(Math.max(100, rate?.bytesPerSecond ?? 0)) - 2;
  return Math.round((1.5 + Math.min(3.5, decades / 2)) * 10) / 10;
}
