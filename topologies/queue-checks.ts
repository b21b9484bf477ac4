/**
 * What must hold of queues (OpenFlow 1.3.5, section 7.2.2): shares are shares of something, and promise no more than there is.
 */
import type { LinkProperties, TopologyDocument } from './document.ts';
import type { Finding } from './finding.ts';

/** What an emulated port looks through for each packet. */
const PORT_QUEUES_MAX = 64;

/** A switch tells of all its queues in one message, and this is what fits. */
const SWITCH_QUEUES_MAX = 1024;

/** Ports count their speed in kbit/s. */
const BANDWIDTH_MIN = 1000;

const ALL = 1000;

type Path = readonly (string | number)[];

export function* checkQueues(document: TopologyDocument): Generator<Finding> {
  const { defaults, links } = document;
  yield* checkRates(defaults?.link, ['defaults', 'link', 'queues']);
  for (const [i, link] of links.entries()) yield* checkRates(link, ['links', i, 'queues']);
  const lacking = links.find((link) => !link.queues && !hasBandwidth({ ...defaults?.link, ...link }));
  if (lacking) yield* explainBandwidth(['defaults', 'link', 'queues']);
  for (const [i, link] of links.entries()) {
    if (link.queues && !hasBandwidth({ ...defaults?.link, ...link })) yield* explainBandwidth(['links', i, 'queues']);
  }
  yield* checkCounts(document);
}

function hasBandwidth({ queues, bandwidthBps = 0 }: LinkProperties): boolean {
  return !queues?.size || bandwidthBps >= BANDWIDTH_MIN;
}

function* explainBandwidth(path: Path): Generator<Finding> {
  const reason = 'queues share the bandwidth of a link; give it one of 1kbps or more, such as bandwidth: 100Mbps';
  yield { path, isKey: true, reason };
}

function* checkRates(properties: LinkProperties | undefined, path: Path): Generator<Finding> {
  const queues = properties?.queues;
  if (!queues) return;
  let promised = 0;
  for (const [id, { minRate = 0, maxRate = ALL }] of queues) {
    if (minRate > maxRate) {
      const reason = `queue ${id} is promised more than it may have; make min ${formatRate(maxRate)} at most, or raise max`;
      yield { path: [...path, id, 'min'], reason };
    }
    if (promised <= ALL && promised + minRate > ALL) {
      const reason = `the queues are promised more than the link has; ${formatRate(ALL - promised)} are left for queue ${id}`;
      yield { path: [...path, id, 'min'], reason };
    }
    promised += minRate;
  }
  if (queues.size > PORT_QUEUES_MAX) {
    const reason = `${queues.size} queues are more than a port can have; keep to ${PORT_QUEUES_MAX}`;
    yield { path, isKey: true, reason };
  }
}

function formatRate(tenths: number): string {
  return `${tenths / 10}%`;
}

function* checkCounts({ defaults, links, switches }: TopologyDocument): Generator<Finding> {
  const counts = new Map<string, number>();
  for (const [i, link] of links.entries()) {
    const count = (link.queues ?? defaults?.link?.queues)?.size ?? 0;
    for (const { node } of link.ends) {
      if (!switches.has(node)) continue;
      const before = counts.get(node) ?? 0;
      counts.set(node, before + count);
      if (before > SWITCH_QUEUES_MAX || before + count <= SWITCH_QUEUES_MAX) continue;
      const reason = `${node} would have more than the ${SWITCH_QUEUES_MAX} queues that it can tell of; give its links fewer`;
      yield { path: ['links', i], reason };
    }
  }
}
