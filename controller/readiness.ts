/**
 * What is missing until the network is as it should be; nothing when it is.
 *
 * Confirmed rules are not enough: a port is known to lead to hosts only when no probe has come through it for a while, and until then what comes from there is
 * not learned; and a cable that the document has is used only once it is found.
 */
import type { Emulation } from '../protocol/api/emulation.ts';
import type { PartCode, WordParams } from '../protocol/api/words.ts';
import type { Nanos } from '../protocol/wire/openflow/session.ts';
import type { Controller } from './controller.ts';
import { toLinkKey } from './network/network.ts';
import { refusedRules } from './switch-state.ts';

export interface Missing {
  /** The resource, below the root of the API. */
  readonly pointer: string;
  readonly code: Extract<
    PartCode,
    'switch-missing' | 'switch-joining' | 'ports-settling' | 'link-missing' | 'rules-outstanding' | 'rules-refused'
  >;
  readonly params: WordParams;
}

export function listMissing(
  controller: Controller,
  now: Nanos,
  emulation: Pick<Emulation, 'switches' | 'links'> | undefined,
): Missing[] {
  const documented = emulation?.switches() ?? [];
  const names = new Map(documented.map(({ dpid, name }) => [dpid, name]));
  const nameOf = (dpid: string) => names.get(dpid) ?? dpid;
  const missing: Missing[] = [];
  for (const { dpid, name } of documented) {
    if (controller.findSwitch(dpid)) continue;
    missing.push({ pointer: `/switches/${dpid}`, code: 'switch-missing', params: { dpid, name } });
  }
  for (const state of controller.switches()) {
    const { dpid } = state;
    const pointer = `/switches/${dpid}`;
    const name = nameOf(dpid);
    const ports = countSettling(controller, dpid, now);
    if (ports > 0) missing.push({ pointer, code: 'ports-settling', params: { dpid, name, count: ports } });
    const rules = state.outstanding;
    if (rules > 0) missing.push({ pointer, code: 'rules-outstanding', params: { dpid, name, count: rules } });
    const refused = refusedRules(state).length;
    if (refused > 0) missing.push({ pointer, code: 'rules-refused', params: { dpid, name, count: refused } });
  }
  for (const { name, a, b, isUp } of emulation?.links() ?? []) {
    const isBetweenSwitches = a.portNo > 0 && b.portNo > 0;
    if (!isUp || !isBetweenSwitches || !controller.findSwitch(a.node) || !controller.findSwitch(b.node)) continue;
    const key = toLinkKey({ dpid: a.node, portNo: a.portNo }, { dpid: b.node, portNo: b.portNo });
    if (controller.network.graph.hasEdge(key)) continue;
    missing.push({ pointer: `/links/${name}`, code: 'link-missing', params: { name } });
  }
  if (missing.length === 0 && !controller.isConverged) {
    missing.push({ pointer: '/switches', code: 'switch-joining', params: {} });
  }
  return missing;
}

/** Ports that are up, and too shortly to tell what is behind them. */
function countSettling({ network }: Controller, dpid: string, now: Nanos): number {
  const ports = network.hasSwitch(dpid) ? network.upPorts(dpid) : [];
  return ports.filter((portNo) => !network.isLinkPort({ dpid, portNo }) && !network.isEdgePort({ dpid, portNo }, now))
    .length;
}
