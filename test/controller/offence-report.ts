/** A probe that went wrong, for people: the packet, its walk, and what each switch on it does with it by its own tables. */

import { formatExplanation } from '../../protocol/api/explanation-text.ts';
import { explainPacket } from '../../protocol/pipeline/packet-explanation.ts';
import { formatHex } from '../../protocol/wire/hex.ts';
import type { Graph } from './connected-graphs.ts';
import type { LawFinding } from './fabric-law.ts';
import type { FabricRig } from './fabric-rig.ts';
import type { Probe } from './probe-frame.ts';
import { readTables } from './table-reader.ts';
import { type Crossing, formatWalk } from './walk-record.ts';

/** Further on, it is more of the same. */
const EXPLAINED_MAX = 8;

export function describeOffence(rig: FabricRig, { kind, from, to, frame, id }: Probe): string {
  const walk = rig.walks.of(id);
  return [
    `${kind} from ${from.name} to ${to?.name ?? 'a group'}: ${formatHex(frame)}`,
    formatWalk(walk),
    ...describeStates(rig),
    ...walk.slice(0, EXPLAINED_MAX).flatMap((crossing) => explainAt(rig, crossing)),
  ].join('\n');
}

/** What the controller says of its policies, and of how long its links take. */
function describeStates({ lab }: FabricRig): string[] {
  const { policies, network } = lab.controller;
  const states = policies
    .list()
    .map(({ policy, state, reason }) => `${policy.id} is ${state}${reason ? `: ${reason}` : ''}`);
  const links = network.graph.filterEdges((_, { kind }) => kind === 'link');
  return [...states, ...links.map((key) => `${key} takes ${network.graph.getEdgeAttribute(key, 'latencyNs')} ns`)];
}

/** What the switch that it came to does with it, by the tables that it has now. */
export function explainAt({ lab }: FabricRig, { cable, to, frame, deliveredAt }: Crossing): string[] {
  const actor = lab.network.switches.get(to);
  if (!actor || deliveredAt === undefined) return [];
  const { a, b } = lab.topology.graph.getEdgeAttributes(cable);
  const inPort = a.node === to ? a.port : b.port;
  const explanation = explainPacket(readTables(actor, lab.clock.now), { inPort, bytes: frame }, { rulesMax: 1 });
  return [`--- at ${to}, port ${inPort}`, formatExplanation(explanation)];
}

/** All that is needed to look into it. */
export function reportFinding({ name, links }: Graph, { state, what, policies, details }: LawFinding): string {
  const drawn = links.map(([a, b]) => `s${a + 1}-s${b + 1}`).join(' ');
  const words = policies.policies.map((policy) => JSON.stringify(policy)).join('\n');
  return [`${state}: ${what}`, `${name}: ${drawn}`, `default ${policies.default}`, words, details].join('\n');
}
