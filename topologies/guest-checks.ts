/** What must hold of guests and of the nodes they live on: that they exist, fit, and are of the kind that they say. */
import { suggest } from '../protocol/wire/openflow/text/suggestion.ts';
import type { HostEntry, TopologyDocument } from './document.ts';
import type { Finding } from './finding.ts';
import { GUEST_KINDS, isGuestKind } from './guest-figures.ts';
import { AUTO, type Lack, listCandidates, placeGuests } from './guest-placement.ts';
import { kindOfPreset, parseProfile, profileOf, SHARED_CARDS } from './guest-profiles.ts';
import { describeShortage } from './node-capacity.ts';
import { formatQuantity, SIZE } from './quantity.ts';

export function* checkGuests(document: TopologyDocument): Generator<Finding> {
  for (const [name, host] of document.hosts) {
    yield* checkProfile(name, host);
    yield* checkServer(name, host, document);
    yield* checkSharedCard(name, host, document);
  }
  for (const lack of placeGuests(document).lacks) yield explainLack(lack, document);
  yield* checkNodeHosts(document);
  yield* checkGuestLinks(document);
}

/** By their keys in the file. */
const OF_GUESTS: readonly (readonly [key: string, property: keyof HostEntry])[] = [
  ['profile', 'profile'],
  ['start', 'start'],
  ['boot', 'bootNs'],
];

function* checkProfile(name: string, host: HostEntry): Generator<Finding> {
  const { kind, profile } = host;
  if (kind === 'port') return;
  if (!isGuestKind(kind)) {
    for (const [key, property] of OF_GUESTS) {
      if (host[property] === undefined) continue;
      const reason = `${name} is a plain host, which is always there; remove this, or choose a kind: ${GUEST_KINDS.join(', ')}`;
      yield { path: ['hosts', name, key], reason };
    }
    return;
  }
  const preset = profile === undefined ? undefined : parseProfile(profile)?.preset;
  if (preset === undefined || kindOfPreset(preset) === kind) return;
  const reason = `${preset} is of kind ${kindOfPreset(preset)}, and ${name} of kind ${kind}; change one of them`;
  yield { path: ['hosts', name, 'profile'], reason };
}

function* checkServer(name: string, { on, kind }: HostEntry, document: TopologyDocument): Generator<Finding> {
  const { nodes, switches } = document;
  if (on === undefined || kind === 'port' || nodes.has(on) || switches.has(on)) return;
  if (on !== AUTO) {
    yield explainUnknownServer(name, on, document);
    return;
  }
  const path = ['hosts', name, 'on'];
  if (!isGuestKind(kind)) {
    yield { path, reason: `${name} is a plain host, and only guests are placed; name its node` };
  } else if (nodes.size === 0) {
    yield { path, reason: `there is no node to place ${name} on; add one to nodes` };
  }
}

function explainUnknownServer(
  guest: string,
  name: string,
  { hosts, nodes, switches }: Pick<TopologyDocument, 'hosts' | 'nodes' | 'switches'>,
): Finding {
  const path = ['hosts', guest, 'on'];
  if (hosts.has(name))
    return { path, reason: `${name} is a host; guests live on nodes, or on the switch that is their gateway` };
  const hint = suggest(name, [...nodes.keys(), ...switches.keys()]) || '; add it to nodes';
  return { path, reason: `there is no node or switch ${name}${hint}` };
}

function explainLack(lack: Lack, { hosts }: TopologyDocument): Finding {
  const { guest, node, shortage, overheadBytes } = lack;
  const { memoryBytes } = hosts.get(guest)!;
  if (node === undefined) {
    return { path: ['hosts', guest, 'on'], reason: `no node has room for ${guest}; ask for less, or add a node` };
  }
  if (!shortage) {
    const reason = `the guests of ${node} ask for more than its ${lack.sharedCpus} processors and will have to share them`;
    return { path: ['hosts', guest, 'cpus'], isWarning: true, reason };
  }
  const said = describeShortage(node, guest, shortage);
  switch (shortage.type) {
    case 'cpus':
      return { path: ['hosts', guest, 'cpus'], reason: `${said}; ask for no more than that` };
    case 'density':
      return { path: ['hosts', guest, 'on'], reason: `${said}; move a guest, or let the node bear more (density)` };
    case 'memory': {
      const beyond = overheadBytes === 0 ? '' : ` (its profile takes ${formatQuantity(overheadBytes, SIZE)})`;
      const path = ['hosts', guest, memoryBytes === undefined ? 'on' : 'memory'];
      return { path, reason: `${said}${beyond}; ask for less, or move a guest` };
    }
  }
}

/** Guests that have no card of their own are on the network by their node's. */
function* checkSharedCard(
  name: string,
  { kind, profile, on, ip, mac }: HostEntry,
  { nodes, links }: TopologyDocument,
): Generator<Finding> {
  if (!isGuestKind(kind)) return;
  const { title, network } = profileOf(kind, profile === undefined ? {} : parseProfile(profile));
  if (!SHARED_CARDS.includes(network)) return;
  const host = on === undefined ? undefined : nodes.get(on)?.host;
  if (host === undefined) {
    const reason = `${title} shares the card of its node, so ${name} needs a node that has one; write on: with a node that has host:`;
    yield { path: ['hosts', name, on === undefined ? 'profile' : 'on'], reason };
  }
  const shares = `${title} shares the card of its node`;
  for (const [i, { ends }] of links.entries()) {
    const j = ends.findIndex(({ node }) => node === name);
    if (j >= 0) yield { path: ['links', i, 'ends', j], reason: `${shares}, and ${name} has none to link; remove this` };
  }
  if (mac !== undefined) yield { path: ['hosts', name, 'mac'], reason: `${shares}; remove this` };
  if (ip !== undefined && network === 'none') {
    yield { path: ['hosts', name, 'ip'], reason: `${shares} and its address; remove this` };
  }
  if (ip === 'dhcp' && network !== 'none') {
    const reason = `${shares}, so a DHCP server takes ${name} for that; write an address`;
    yield { path: ['hosts', name, 'ip'], reason };
  }
  if (host === undefined) return;
  const reason = `${shares}: to the network, and to policies, ${name} is ${host}`;
  yield { path: ['hosts', name], isKey: true, isWarning: true, reason };
}

function* checkNodeHosts({ nodes, hosts, links }: TopologyDocument): Generator<Finding> {
  const owners = new Map<string, string>();
  const linked = new Set(links.flatMap(({ ends }) => ends.map(({ node }) => node)));
  for (const [name, { host }] of nodes) {
    if (host === undefined) continue;
    const path = ['nodes', name, 'host'];
    const entry = hosts.get(host);
    const owner = owners.get(host);
    if (!entry) {
      yield { path, reason: `there is no host ${host}${suggest(host, hosts.keys()) || '; add it to hosts'}` };
    } else if (entry.kind !== 'host') {
      yield { path, reason: `${host} is of kind ${entry.kind}; the node itself is a plain host` };
    } else if (owner !== undefined) {
      yield { path, reason: `${owner} has the host ${host} already; give each node its own` };
    } else if (!linked.has(host)) {
      yield { path, reason: `${host} has no link, so the node is not on the network; add one` };
    }
    owners.set(host, owner ?? name);
  }
}

/** Links that a guest has on one node only. */
function* checkGuestLinks({ nodes, hosts, links }: TopologyDocument): Generator<Finding> {
  const wrong = new Set<string>();
  for (const [i, { ends, node }] of links.entries()) {
    if (node === undefined) continue;
    const path = ['links', i, 'node'];
    const guests = ends.filter((end) => isGuestKind(hosts.get(end.node)?.kind ?? ''));
    for (const guest of guests) wrong.add(guest.node);
    if (!nodes.has(node)) {
      yield { path, reason: `there is no node ${node}${suggest(node, nodes.keys()) || '; add it to nodes'}` };
    } else if (guests.length !== 1) {
      const reason = 'only a link between a guest and what stays where it is depends on a node; remove this';
      yield { path, reason };
    } else wrong.delete(guests[0]!.node);
  }
  for (const [guest, candidates] of listCandidates(links, hosts)) {
    const { on } = hosts.get(guest)!;
    if (wrong.has(guest) || on === AUTO || (on !== undefined && (candidates.has(on) || !nodes.has(on)))) continue;
    const where = [...candidates].join(' and ');
    const reason = on === undefined ? `${guest} lives nowhere` : `${guest} lives on ${on}`;
    yield {
      path: on === undefined ? ['hosts', guest] : ['hosts', guest, 'on'],
      isKey: on === undefined,
      reason: `${reason}, and has links on ${where} only; write on: with one of these, or add a link`,
    };
  }
}
