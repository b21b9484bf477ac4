/** What must hold of a link's figures beyond each of them: directions lead to its ends, changes come in their order and change something. */
import { suggest } from '../protocol/wire/openflow/text/suggestion.ts';
import type { LinkEntry, LinkFigures, TopologyDocument } from './document.ts';
import type { Finding } from './finding.ts';

/** Of one link: each is an event of the run. */
const CHANGES_MAX = 10_000;

type Path = Finding['path'];

export function* checkImpairments({ defaults, links }: TopologyDocument): Generator<Finding> {
  if (defaults?.link) yield* checkFigures(defaults.link, defaults.link, ['defaults', 'link']);
  for (const [i, link] of links.entries()) {
    const path = ['links', i];
    const whole = { ...defaults?.link, ...link };
    yield* checkFigures(link, whole, path);
    yield* checkDirections(link, link, whole, path);
    yield* checkSchedule(link, whole, path);
  }
}

function* checkDirections(
  { ends }: LinkEntry,
  { to }: Pick<LinkEntry, 'to'>,
  whole: LinkFigures,
  path: Path,
): Generator<Finding> {
  for (const [name, figures] of to ?? []) {
    const names = ends.map(({ node }) => node);
    if (names.includes(name)) {
      yield* checkFigures(figures, { ...whole, ...figures }, [...path, 'to', name]);
      continue;
    }
    const hint = suggest(name, names) || `; it ends at ${names.join(' and ')}`;
    yield { path: [...path, 'to', name], isKey: true, reason: `this link does not lead to ${name}${hint}` };
  }
}

function* checkSchedule(link: LinkEntry, whole: LinkFigures, path: Path): Generator<Finding> {
  const { schedule = [] } = link;
  if (schedule.length > CHANGES_MAX) {
    const reason = `${schedule.length} changes are more than a link may have; keep to ${CHANGES_MAX}`;
    yield { path: [...path, 'schedule'], isKey: true, reason };
  }
  let latestNs = 0;
  for (const [i, change] of schedule.entries()) {
    const here = [...path, 'schedule', i];
    if (Object.keys(change).length === 1)
      yield { path: here, reason: 'this changes nothing; write what, such as bandwidth: 5Mbps or state: down' };
    if (change.atNs < latestNs)
      yield { path: [...here, 'at'], reason: 'this is before the change before it; move it up, in the order of time' };
    latestNs = Math.max(latestNs, change.atNs);
    yield* checkDirections(link, change, whole, here);
  }
}

/** `whole` has the figures that stand where these say nothing. */
function* checkFigures(figures: LinkFigures, whole: LinkFigures, path: Path): Generator<Finding> {
  const delayNs = whole.delayNs ?? 0;
  const { jitter, reorder, loss } = figures;
  const byNs = typeof jitter === 'object' ? jitter.byNs : (jitter ?? 0);
  if (byNs > delayNs && (typeof jitter !== 'object' || jitter.distribution === 'uniform')) {
    const reason =
      'the jitter is more than the delay; where the sum is below 0 it is 0, so frames are later on average';
    yield { path: [...path, 'jitter'], isWarning: true, reason };
  }
  if (reorder && delayNs === 0) {
    const reason = 'without a delay no frame is on its way for another to overtake; give the link one';
    yield { path: [...path, 'reorder'], isWarning: true, reason };
  }
  if (typeof loss === 'object' && loss.toBad > 0 && loss.toGood === 0) {
    const reason = 'the bad state is never left; make it more than 0%';
    yield { path: [...path, 'loss', 'toGood'], isWarning: true, reason };
  }
}
