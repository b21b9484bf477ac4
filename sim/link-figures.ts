/** A link of a topology as the cable that it becomes: names of ends are sides, and every kind of figure is one that a cable has. */
import type { LinkChangeEntry, LinkFigures } from '../topologies/document.ts';
import type { LinkAttributes } from '../topologies/model.ts';
import type { CableChange, CableSide, CableSpec, FiguresChange } from './cable-figures.ts';

export function toCableSpec(link: LinkAttributes): CableSpec {
  const { name, schedule, to, delayNs, queuePackets } = link;
  return {
    name,
    delayNs,
    queueFramesMax: queuePackets,
    lossProbability: 0,
    ...toFigures(link),
    ...(to && { from: toSides(to, link) }),
    ...(schedule && { schedule: schedule.map((entry) => toChange(entry, link)) }),
  };
}

/** Of the frames that are sent from a side, at the beginning. */
export function bandwidthFrom(side: CableSide, link: LinkAttributes): number | undefined {
  const far = link[side === 'a' ? 'b' : 'a'].node;
  return link.to?.get(far)?.bandwidthBps ?? link.bandwidthBps;
}

/** A switch takes no frame that would not fit into a packet-in (OpenFlow's messages have 65535 bytes), headers and tags included. */
const CARD_MTU_MAX = 65_000;

/** What the machines at its ends have as theirs: what fits both ways, at the beginning. Undefined: nobody has said. */
export function mtuOf({ mtuBytes, to, a, b }: LinkAttributes): number | undefined {
  const [toA = Number.POSITIVE_INFINITY, toB = toA] = [a, b].map(({ node }) => to?.get(node)?.mtuBytes ?? mtuBytes);
  const mtu = Math.min(toA, toB);
  return Number.isFinite(mtu) ? Math.min(mtu, CARD_MTU_MAX) : undefined;
}

function toChange(entry: LinkChangeEntry, link: LinkAttributes): CableChange {
  const { atNs, state, to } = entry;
  return {
    atNs,
    figures: toFigures(entry),
    ...(state && { isUp: state === 'up' }),
    ...(to && { from: toSides(to, link) }),
  };
}

/** The way to an end is that from the other. */
function toSides(to: ReadonlyMap<string, LinkFigures>, { a, b }: LinkAttributes): CableSpec['from'] {
  const toA = to.get(a.node);
  const toB = to.get(b.node);
  return { ...(toB && { a: toFigures(toB) }), ...(toA && { b: toFigures(toA) }) };
}

/** What is not said is not there, so that it changes nothing. */
export function toFigures(figures: LinkFigures): FiguresChange {
  const { bandwidthBps, delayNs, jitter, loss, duplicate, reorder, corrupt, mtuBytes, queuePackets, queueBytes } =
    figures;
  return {
    ...(bandwidthBps !== undefined && { bandwidthBps }),
    ...(delayNs !== undefined && { delayNs }),
    ...(jitter !== undefined && { jitter: toJitter(jitter) }),
    // One kind of loss takes the place of the other.
    ...(loss !== undefined && toLoss(loss)),
    ...(duplicate !== undefined && { duplicateProbability: duplicate }),
    ...(reorder !== undefined && { reorderProbability: reorder }),
    ...(corrupt !== undefined && { corruptProbability: corrupt }),
    ...(mtuBytes !== undefined && { mtuBytes }),
    ...(queuePackets !== undefined && { queueFramesMax: queuePackets }),
    ...(queueBytes !== undefined && { queueBytesMax: queueBytes }),
  };
}

function toJitter(jitter: NonNullable<LinkFigures['jitter']>): FiguresChange['jitter'] {
  const { byNs, distribution } =
    typeof jitter === 'object' ? jitter : ({ byNs: jitter, distribution: 'uniform' } as const);
  return byNs === 0 ? undefined : { byNs, distribution };
}

function toLoss(loss: NonNullable<LinkFigures['loss']>): FiguresChange {
  if (typeof loss === 'number') return { lossProbability: loss, burstLoss: undefined };
  return { lossProbability: 0, burstLoss: loss };
}
