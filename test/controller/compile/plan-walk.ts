/**
 * A plan carried out on paper: frames go through the tables of each switch as `protocol/pipeline` says, and over links from switch to switch.
 *
 * Nothing is installed and nobody answers: what a frame does here is what the plan says, with the ports that are down.
 */
import type { Plan } from '../../../controller/plan.ts';
import type { Pipeline } from '../../../protocol/pipeline/flow-entry.ts';
import { runPipeline } from '../../../protocol/pipeline/pipeline.ts';
import { PORT, PORT_STATE } from '../../../protocol/wire/openflow/port.ts';
import type { Random } from '../../../sim/random.ts';

export interface PlanLink {
  readonly name: string;
  readonly a: { readonly dpid: string; readonly portNo: number };
  readonly b: { readonly dpid: string; readonly portNo: number };
}

export interface Passage {
  /** The name of the link, or of the host that it ends at. */
  readonly over: string;
  /** The switch it leads to; undefined for a host. */
  readonly dpid: string | undefined;
}

export interface WalkEnd {
  /** Names of hosts, once for each copy. */
  readonly received: { readonly host: string; readonly bytes: Uint8Array; readonly passages: readonly Passage[] }[];
  packetIns: number;
  isEndless: boolean;
}

const PASSAGES_MAX = 200;

export class PlanWalk {
  readonly #pipelines = new Map<string, Pipeline>();
  readonly #far = new Map<string, { readonly over: string; readonly dpid?: string; readonly portNo?: number }>();
  readonly #random: Random;

  constructor(
    plan: Plan,
    links: readonly PlanLink[],
    hosts: readonly { readonly name: string; readonly dpid: string; readonly portNo: number }[],
    downLinks: ReadonlySet<string>,
    random: Random,
  ) {
    this.#random = random;
    const ports = new Map<string, Map<number, { config: number; state: number }>>();
    const addPort = (dpid: string, portNo: number, isUp: boolean) => {
      const own = ports.get(dpid) ?? new Map();
      ports.set(dpid, own.set(portNo, { config: 0, state: isUp ? PORT_STATE.live : PORT_STATE.linkDown }));
    };
    for (const { name, a, b } of links) {
      const isUp = !downLinks.has(name);
      addPort(a.dpid, a.portNo, isUp);
      addPort(b.dpid, b.portNo, isUp);
      this.#far.set(`${a.dpid}:${a.portNo}`, { over: name, ...b });
      this.#far.set(`${b.dpid}:${b.portNo}`, { over: name, ...a });
    }
    for (const { name, dpid, portNo } of hosts) {
      addPort(dpid, portNo, true);
      this.#far.set(`${dpid}:${portNo}`, { over: name });
    }
    for (const [dpid, parts] of plan) {
      const tables = new Map<
        number,
        Pipeline['tables'] extends ReadonlyMap<number, readonly (infer R)[]> ? R[] : never
      >();
      const groups = new Map();
      for (const part of parts.values()) {
        for (const rule of part.rules) tables.set(rule.tableId, [...(tables.get(rule.tableId) ?? []), rule]);
        for (const group of part.groups) groups.set(group.groupId, group);
      }
      this.#pipelines.set(dpid, { tables, groups, ports: ports.get(dpid) ?? new Map(), missSendLen: 128 });
    }
  }

  send(dpid: string, portNo: number, bytes: Uint8Array): WalkEnd {
    const end: WalkEnd = { received: [], packetIns: 0, isEndless: false };
    const queue = [{ dpid, portNo, bytes, passages: [] as readonly Passage[] }];
    for (const { dpid: at, portNo: inPort, bytes: frame, passages } of queue) {
      if (queue.length > PASSAGES_MAX) {
        end.isEndless = true;
        break;
      }
      const run = runPipeline(
        this.#pipelines.get(at)!,
        { bytes: frame, inPort },
        {
          meter: () => 'pass',
          selectBucket: (_, live) => live[this.#random.nextBelow(live.length)],
        },
      );
      end.packetIns += run.packetIns.length;
      for (const { port, bytes: sent } of run.outputs) {
        const outPort = port === PORT.inPort ? inPort : port;
        const far = this.#far.get(`${at}:${outPort}`);
        if (!far) continue;
        const next = [...passages, { over: far.over, dpid: far.dpid }];
        if (far.dpid === undefined) end.received.push({ host: far.over, bytes: sent, passages: next });
        else queue.push({ dpid: far.dpid, portNo: far.portNo!, bytes: sent, passages: next });
      }
    }
    return end;
  }
}
