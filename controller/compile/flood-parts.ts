/**
 * Table `flood`: out of all edge ports of a switch, but for those where policy does not let a sender be heard.
 *
 * A list of ports stands in as many tables as a message's length makes necessary. A switch does not send a frame back out of the port it came in at (OpenFlow 1.3.5, 7.2.5),
 * so one list serves all ports. Several hosts at one port are told apart by nobody: if one of them must not hear, none does.
 */
import type { Match } from '../../protocol/wire/openflow/match.ts';
import { type PacketPredicate, toMatch } from '../policy/packet-predicate.ts';
import type { Rule } from '../rule.ts';
import type { FabricHost } from './fabric-compiler.ts';
import { OUTPUTS_PER_RULE_MAX } from './flood-program.ts';
import type { HostPairs } from './host-pairs.ts';
import { fabricRule } from './layout.ts';
import type { PortRole } from './port-parts.ts';
import { outputTo } from './program.ts';

const PRIORITY = { all: 0, restricted: 100 } as const;

export interface EdgePort {
  readonly portNo: number;
  /** MACs of the hosts that are known there. */
  readonly hosts: readonly number[];
}

/** In the order of their numbers; a host that is known at a port makes it one that frames for all may leave by only if it is an edge. */
export function toEdgePorts(
  ports: readonly { readonly portNo: number; readonly role: PortRole }[],
  hosts: readonly FabricHost[],
): readonly EdgePort[] {
  return ports
    .filter(({ role }) => role === 'edge')
    .map(({ portNo }) => ({
      portNo,
      hosts: hosts.filter((host) => host.portNo === portNo).map(({ mac }) => mac),
    }));
}

/** For all who have no rules of their own. */
export function floodRules(ports: readonly EdgePort[], isOpen: boolean): Rule[] {
  return listRules(PRIORITY.all, [], isOpen ? ports.map(({ portNo }) => portNo) : []);
}

/** What becomes of some of what one sender sends to all. */
export interface HeardCell {
  readonly predicate: PacketPredicate;
  readonly rank: number;
  /** Where it may leave. */
  readonly ports: readonly number[];
}

/** Empty where all that it sends reaches whom everybody reaches. */
export function toHeardCells(src: number, ports: readonly EdgePort[], pairs: HostPairs): readonly HeardCell[] {
  const receivers = ports.flatMap(({ hosts }) => hosts).filter((mac) => mac !== src);
  const cells = pairs.cellsOfMany(src, receivers);
  const isOpen = pairs.default === 'allow';
  const denied = cells.map(({ verdicts }) => new Set(receivers.filter((_, i) => verdicts[i]!.type === 'denied')));
  if (denied.every((macs) => macs.size === (isOpen ? 0 : receivers.length))) return [];
  return cells.map(({ predicate, rank }, i) => {
    const heard = ports.filter(({ hosts }) => {
      const others = hosts.filter((mac) => mac !== src);
      return others.length === 0 ? isOpen : others.every((mac) => !denied[i]!.has(mac));
    });
    return { predicate, rank, ports: heard.map(({ portNo }) => portNo) };
  });
}

export function restrictedFloodRules(src: number, cells: readonly HeardCell[]): Rule[] {
  return cells.flatMap(({ predicate, rank, ports }) => {
    const match: Match = [{ type: 'ethSrc', value: src }, ...toMatch(predicate)];
    return listRules(PRIORITY.restricted + rank, match, ports);
  });
}

function listRules(priority: number, match: Match, ports: readonly number[]): Rule[] {
  const rules: Rule[] = [];
  for (let at = 0, offset = 0; at === 0 || at < ports.length; at += OUTPUTS_PER_RULE_MAX, offset++) {
    const hasMore = at + OUTPUTS_PER_RULE_MAX < ports.length;
    const apply = ports.slice(at, at + OUTPUTS_PER_RULE_MAX).map(outputTo);
    rules.push(
      fabricRule('flood', priority, match, {
        apply,
        offset,
        ...(hasMore && { next: 'flood' as const, nextOffset: offset + 1 }),
      }),
    );
  }
  return rules;
}
