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
import { checkGateways } from './gateway-checks.ts';
import { checkGuests } from './guest-checks.ts';
import { checkImpairments } from './impairment-checks.ts';
import { checkServices } from './network-service-checks.ts';
import { checkQueues } from './queue-checks.ts';

export function* checkDocument(document: TopologyDocument): Generator<Finding> {
  yield* checkNames(document);
  yield* checkTiers(document);
  yield* checkDpids(document);
  yield* checkGuests(document);
  yield* checkAddresses(document);
  yield* checkGateways(document);
  yield* checkBarePorts(document);
  yield* checkLinks(document);
  yield* checkPorts(document);
  yield* checkQueues(document);
  yield* checkImpairments(document);
  yield* checkAttachments(document);
  yield* checkServices(document);
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
