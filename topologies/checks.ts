/**
 * What must hold between the parts of a document: names that exist, ports and datapath ids that are used once, guests that fit.
 *
 * A JSON Schema cannot say these. They are found on the document, not on the file, so that they hold for every source of documents.
 */
import { suggest } from '../protocol/wire/openflow/text/suggestion.ts';
import { checkAddresses } from './address-checks.ts';
import { checkAttachments } from './attach-checks.ts';
import { checkBarePorts } from './bare-port-checks.ts';
import type { End, LinkEntry, Placement, TopologyDocument } from './document.ts';
import type { Finding } from './finding.ts';
import { checkServices } from './network-service-checks.ts';
import { checkQueues } from './queue-checks.ts';

export function* checkDocument(document: TopologyDocument): Generator<Finding> {
  yield* checkNames(document);
  yield* checkTiers(document);
  yield* checkDpids(document);
  yield* checkGuests(document);
  yield* checkAddresses(document);
  yield* checkBarePorts(document);
  yield* checkLinks(document);
  yield* checkPorts(document);
  yield* checkQueues(document);
  yield* checkAttachments(document);
  yield* checkServices(document);
  yield* checkSimulated(document);
}

const SECTIONS = ['switches', 'nodes', 'hosts'] as const;

/** Selectors and commands name things without saying of what kind they are. */
function* checkNames(document: TopologyDocument): Generator<Finding> {
  const sections = new Map<string, string>();
  for (const section of SECTIONS) {
    for (const name of document[section].keys()) {
      const other = sections.get(name);
      if (other === undefined) sections.set(name, section);
      else
        yield {
          path: [section, name],
          isKey: true,
          reason: `${name} is already in ${other}; give one of them another name`,
        };
    }
  }
}

function* checkTiers({ tiers, ...document }: TopologyDocument): Generator<Finding> {
  if (!tiers) return;
  const known = new Set<string>();
  for (const [i, tier] of tiers.entries()) {
    if (known.has(tier)) yield { path: ['tiers', i], reason: `tier ${tier} is here a second time; remove it` };
    known.add(tier);
  }
  for (const section of SECTIONS) {
    for (const [name, { tier }] of document[section] as ReadonlyMap<string, Placement>) {
      if (tier === undefined || known.has(tier)) continue;
      const hint = suggest(tier, known) || '; add it to tiers, or remove it here';
      yield { path: [section, name, 'tier'], reason: `there is no tier ${tier}${hint}` };
    }
  }
}

function* checkDpids({ switches }: TopologyDocument): Generator<Finding> {
  const owners = new Map<bigint, string>();
  for (const [name, { dpid }] of switches) {
    if (dpid === undefined) continue;
    const owner = owners.get(dpid);
    if (owner === undefined) owners.set(dpid, name);
    else yield { path: ['switches', name, 'dpid'], reason: `${owner} has the same datapath id; change one of them` };
  }
}

/** Where guests live exists, and has what they ask for: memory is there or not, processors may be shared. */
function* checkGuests({ hosts, nodes, switches }: TopologyDocument): Generator<Finding> {
  const used = new Map<string, { cpus: number; memoryBytes: number }>();
  for (const [name, host] of hosts) {
    if (host.on === undefined) continue;
    const server = nodes.get(host.on);
    if (!server) {
      if (!switches.has(host.on)) yield explainUnknownServer(name, host.on, { hosts, nodes, switches });
      continue;
    }
    const { cpus = 0, memoryBytes = 0 } = host;
    const sum = used.get(host.on) ?? { cpus: 0, memoryBytes: 0 };
    const memoryLeft = (server.memoryBytes ?? Number.POSITIVE_INFINITY) - sum.memoryBytes;
    if (memoryBytes > memoryLeft) {
      const left = `${host.on} has ${formatMemory(memoryLeft)} left`;
      yield {
        path: ['hosts', name, 'memory'],
        reason: `${left}, too little for ${name}; ask for less, or move a guest`,
      };
    } else sum.memoryBytes += memoryBytes;
    const cpusMax = server.cpus ?? Number.POSITIVE_INFINITY;
    if (cpus > cpusMax) {
      yield {
        path: ['hosts', name, 'cpus'],
        reason: `${host.on} has only ${cpusMax} processors; ask for no more than that`,
      };
    } else if (sum.cpus <= cpusMax && sum.cpus + cpus > cpusMax) {
      const reason = `the guests of ${host.on} ask for more than its ${cpusMax} processors and will have to share them`;
      yield { path: ['hosts', name, 'cpus'], isWarning: true, reason };
    }
    sum.cpus += cpus;
    used.set(host.on, sum);
  }
}

function formatMemory(bytes: number): string {
  return `${Math.round((bytes / 2 ** 30) * 100) / 100} GiB`;
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

function* checkLinks({ links, switches, hosts, nodes }: TopologyDocument): Generator<Finding> {
  const named = new Map<string, number>();
  for (const [i, { ends, name }] of links.entries()) {
    for (const [j, { node }] of ends.entries()) {
      if (switches.has(node) || hosts.has(node)) continue;
      const path = ['links', i, 'ends', j];
      if (nodes.has(node)) {
        yield { path, reason: `${node} is where guests live, and has no ports; link its guests` };
        continue;
      }
      const hint = suggest(node, [...switches.keys(), ...hosts.keys()]) || '; add it to switches or hosts';
      yield { path, reason: `there is no switch or host ${node}${hint}` };
    }
    if (ends[0].node === ends[1].node) {
      yield { path: ['links', i, 'ends', 1], reason: `this links ${ends[0].node} with itself; name another end` };
    }
    if (name === undefined) continue;
    const first = named.get(name);
    if (first === undefined) named.set(name, i);
    else yield { path: ['links', i, 'name'], reason: `another link has the name ${name}; change one of them` };
  }
}

/** Ports that are given; those that are not find a place between them. */
function* checkPorts({ links, switches, attach }: TopologyDocument): Generator<Finding> {
  const users = new Map<string, string>();
  for (const [i, link] of links.entries()) {
    for (const [j, { node, port }] of link.ends.entries()) {
      if (port === undefined) continue;
      const path = ['links', i, 'ends', j];
      const within = node.length + 1;
      if (port === 0 && switches.has(node)) {
        yield { path, within, reason: 'ports of switches count from 1; write a port above 0, or none' };
      }
      const user = users.get(`${node}:${port}`);
      if (user !== undefined) {
        const reason = `port ${port} of ${node} already has ${user}; take another, or leave the number out`;
        yield { path, within, reason };
      } else users.set(`${node}:${port}`, describeLink(link));
    }
  }
  for (const [i, { switch: node, port }] of attach.entries()) {
    const user = users.get(`${node}:${port}`);
    if (user !== undefined) {
      yield { path: ['attach', i, 'port'], reason: `port ${port} of ${node} already has ${user}; take another` };
    } else users.set(`${node}:${port}`, 'an attachment');
  }
}

function describeLink({ name, ends }: LinkEntry): string {
  return `the link ${name ?? ends.map(formatEnd).join(' to ')}`;
}

function formatEnd({ node, port }: End): string {
  return port === undefined ? node : `${node}:${port}`;
}

/** What a file may say and this version does not act on yet: silence would be taken for obedience. */
function* checkSimulated({ defaults, hosts, links }: TopologyDocument): Generator<Finding> {
  const jitter = { isWarning: true, reason: 'jitter is not simulated yet; the delay stays as it is' } as const;
  if (defaults?.link?.jitterNs) yield { path: ['defaults', 'link', 'jitter'], ...jitter };
  for (const [name, { profile }] of hosts) {
    if (profile === undefined) continue;
    const reason = 'profiles are not simulated yet; the guest is there from the beginning';
    yield { path: ['hosts', name, 'profile'], isWarning: true, reason };
  }
  for (const [i, { jitterNs }] of links.entries()) if (jitterNs) yield { path: ['links', i, 'jitter'], ...jitter };
}
