/**
 * Guests and compute nodes of a topology, made and plugged in: which stack a guest has, and to what its card is joined.
 *
 * A guest with isolation has a stack and a card, the card a plug for each of its links. One with an address on its node's stack (Linux VServer) has the node's
 * MAC address and hears at the node's card; one without any isolation (chroot) has no more of the network than its node's host.
 */
import { assert } from '../protocol/wire/wire-error.ts';
import { isGuestKind } from '../topologies/guest-figures.ts';
import { parseProfile, profileOf } from '../topologies/guest-profiles.ts';
import type { HostNode, Topology } from '../topologies/model.ts';
import { demandOf } from '../topologies/node-capacity.ts';
import type { CableEnd } from './cable.ts';
import type { Clock } from './clock.ts';
import { ComputeNode } from './compute-node.ts';
import { Guest, type GuestSpec } from './guest.ts';
import { type CardPlug, GuestCard } from './guest-card.ts';
import { Host, type HostSpec } from './host.ts';
import { NodeCard } from './node-card.ts';
import type { Random } from './random.ts';
import { type GuestPlan, Workloads } from './workloads.ts';

/** A guest's link, as the network knows it. */
export type GuestLink = CardPlug;

export interface GuestWorld {
  readonly workloads: Workloads;
  /** The stacks of guests, by name. */
  readonly stacks: ReadonlyMap<string, Host>;
  /** What hangs at the end of a cable: of a guest by the link's name, of a node's host by its own. */
  endOf(host: string, link: string): CableEnd | undefined;
}

/** Time and chance. */
interface World {
  readonly clock: Clock;
  readonly random: Random;
}

export function isGuest(node: HostNode): boolean {
  return isGuestKind(node.kind);
}

/** `hosts` are those that are no guests; `linksOf` are a guest's, by port. */
export function createGuestWorld(
  topology: Topology,
  world: World,
  hosts: ReadonlyMap<string, Host>,
  toHostSpec: (name: string, node: HostNode) => HostSpec,
  linksOf: (guest: string) => readonly GuestLink[],
): GuestWorld {
  const cards = new Map<string, NodeCard>();
  const nodes = new Map<string, ComputeNode>();
  for (const [name, server] of topology.servers) {
    const host = server.host === undefined ? undefined : hosts.get(server.host);
    const card = host && new NodeCard(host);
    if (card) cards.set(card.name, card);
    nodes.set(name, new ComputeNode(name, server, card));
  }
  const plans = new Map<string, GuestPlan>();
  const ends = new Map<string, CableEnd>();
  topology.graph.forEachNode((name, node) => {
    if (node.type !== 'host' || !isGuest(node)) return;
    const home = node.on === undefined ? undefined : nodes.get(node.on);
    const guest = createGuest(world, name, node, toHostSpec(name, node), home);
    for (const link of linksOf(name)) ends.set(`${name} ${link.name}`, guest.card.plug(link));
    if (guest.profile.network === 'address') shareCards(guest, nodes);
    // On a switch, it is the switch's machine: nothing of it is counted.
    const isPlaced = node.on !== undefined && !topology.graph.hasNode(node.on);
    plans.set(name, { guest, on: isPlaced ? node.on : undefined, start: node.start ?? 'running' });
  });
  return {
    workloads: new Workloads(world.clock, nodes, plans),
    stacks: new Map([...plans].map(([name, { guest }]) => [name, guest.host])),
    endOf: (host, link) => ends.get(`${host} ${link}`) ?? cards.get(host),
  };
}

function createGuest(
  { clock, random }: World,
  name: string,
  node: HostNode,
  own: HostSpec,
  home: ComputeNode | undefined,
): Guest {
  const { kind, profile: words, memoryBytes } = node;
  assert(isGuestKind(kind), 'a guest is of a kind that has profiles');
  const profile = profileOf(kind, words === undefined ? {} : parseProfile(words));
  const demand = demandOf(node);
  const spec: GuestSpec = {
    name,
    profile,
    demand,
    bootNs: node.bootNs ?? profile.figures.bootNs.value,
    memoryBytes: memoryBytes ?? demand.memoryBytes,
  };
  const card = new GuestCard(name, profile.network === 'routed');
  if (profile.network === 'none') return new Guest(clock, spec, requireCard(home).host, card);
  const mac = profile.network === 'address' ? requireCard(home).host.spec.mac : own.mac;
  const host = new Host(clock, random, { ...own, mac }, (frame) => card.send(frame));
  card.owner = host;
  return new Guest(clock, spec, host, card);
}

function requireCard(node: ComputeNode | undefined): NodeCard {
  assert(node?.card !== undefined, 'a guest that shares the card of its node has a node with a card');
  return node.card;
}

/** It may be moved by force: its card is that of whatever node it is on. */
function shareCards({ card }: Guest, nodes: ReadonlyMap<string, ComputeNode>): void {
  for (const node of nodes.values()) {
    const { card: shared } = node;
    if (!shared) continue;
    const send = (frame: Uint8Array) => shared.host.sendFrame(frame);
    shared.share(card.plug({ name: `the card of ${node.name}`, node: node.name, send, setLit: () => undefined }));
  }
}
