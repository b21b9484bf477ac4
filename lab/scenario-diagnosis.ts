/**
 * Why echoes did not come back, as far as the lab can tell, and what to look at.
 *
 * The likeliest cause first, each from what is there and not from guesses: the cables of the two hosts, whether any way of cables is up, which
 * cables dropped frames while the step ran, whether the controller knows where the hosts are, and then the flow tables.
 */
import { formatMac } from '../protocol/wire/address.ts';
import { DROP_CAUSES } from '../sim/cable-direction.ts';
import type { HostPair } from '../topologies/scenario.ts';
import type { Lab } from './lab.ts';
import { formatCount, listSome } from './scenario-words.ts';

export interface Diagnosis {
  readonly why: string;
  readonly lookAt: readonly string[];
}

/** Drops of every cable until now, by name and cause. */
export type DropCounts = ReadonlyMap<string, Readonly<Record<string, number>>>;

export function countDrops({ network }: Lab): DropCounts {
  return new Map(
    [...network.cables].map(([name, { counters }]) => [
      name,
      Object.fromEntries(DROP_CAUSES.map((cause) => [cause, counters.a.dropped[cause] + counters.b.dropped[cause]])),
    ]),
  );
}

/** `before`: the drops when the step began. */
export function diagnoseLoss(lab: Lab, { from, to }: HostPair, before: DropCounts): Diagnosis {
  const down = listDown(lab);
  for (const host of [from, to]) {
    const cables = lab.topology.graph.edges(host);
    if (cables.length === 0) return { why: `${host} has no link`, lookAt: [`host ${host}`] };
    if (cables.every((name) => down.includes(name))) {
      return { why: `the link of ${host} is down`, lookAt: cables.map((name) => `link ${name}`) };
    }
  }
  if (!hasWay(lab, from, to)) {
    const why = `no way from ${from} to ${to} is up${down.length > 0 ? `; down: ${listSome(down)}` : ''}`;
    return { why, lookAt: down.map((name) => `link ${name}`) };
  }
  const drops = listNewDrops(lab, before);
  if (drops.length > 0) {
    return {
      why: `frames were dropped while this ran: ${listSome(
        drops.map(({ name, words }) => `${name} ${words}`),
        '; ',
      )}`,
      lookAt: drops.map(({ name }) => `link ${name}`),
    };
  }
  const unknown = [from, to].filter(
    (host) => !lab.controller.network.portOfHost(lab.network.hosts.get(host)!.spec.mac),
  );
  if (unknown.length > 0) {
    const names = unknown.map((host) => `${host} (${formatMac(lab.network.hosts.get(host)!.spec.mac)})`);
    return { why: `the controller has not seen ${listSome(names)}`, lookAt: unknown.map((host) => `host ${host}`) };
  }
  const switches = [...new Set([from, to].flatMap((host) => lab.topology.graph.neighbors(host)))];
  const flows = switches.map((name) => `flows of ${name}`);
  if (down.length > 0) {
    const why = `no cable dropped a frame, so a switch did; its rules may have led over what is down: ${listSome(down)}`;
    return { why, lookAt: [...flows, ...down.map((name) => `link ${name}`)] };
  }
  return {
    why: 'no cable dropped a frame and the controller knows both hosts: a switch dropped frames, or replies were too late',
    lookAt: flows,
  };
}

function listDown({ network }: Lab): string[] {
  return [...network.cables.values()].filter(({ isUp }) => !isUp).map(({ name }) => name);
}

/** Over cables that are up; hosts do not forward. */
function hasWay({ topology: { graph }, network }: Lab, from: string, to: string): boolean {
  const seen = new Set([from]);
  for (const node of seen) {
    if (node === to) return true;
    if (node !== from && graph.getNodeAttribute(node, 'type') === 'host') continue;
    graph.forEachEdge(node, (name, _attributes, source, target) => {
      if (network.cables.get(name)!.isUp) seen.add(source === node ? target : source);
    });
  }
  return false;
}

function listNewDrops(lab: Lab, before: DropCounts): { readonly name: string; readonly words: string }[] {
  return [...countDrops(lab)].flatMap(([name, causes]) => {
    const grown = Object.entries(causes).flatMap(([cause, count]) => {
      const more = count - (before.get(name)?.[cause] ?? 0);
      return more > 0 ? [`${formatCount(more, 'frame')} (${cause})`] : [];
    });
    return grown.length > 0 ? [{ name, words: grown.join(', ') }] : [];
  });
}
