/**
 * What a scenario waits for, as a list of what is still missing; nothing is missing when it holds.
 *
 * Readiness says what the controller lacks of the network that is there. A scenario that has just cut a cable also waits for the
 * controller to notice: rules that are confirmed for a network of yesterday are not "installed".
 */
import { toLinkKey } from '../controller/network/network.ts';
import { listMissing, type Missing } from '../controller/readiness.ts';
import type { Conditions } from '../topologies/scenario-document.ts';
import type { Lab } from './lab.ts';
import { LabEmulation } from './lab-emulation.ts';

const SWITCHES: readonly Missing['code'][] = ['switch-missing'];
const LINKS: readonly Missing['code'][] = [...SWITCHES, 'link-missing'];
const FLOWS: readonly Missing['code'][] = [...LINKS, 'switch-joining', 'ports-settling', 'rules-outstanding'];

export interface Unmet {
  readonly condition: keyof Conditions;
  readonly reason: string;
  readonly lookAt: string;
}

export class ConditionWatch {
  readonly #lab: Lab;
  readonly #conditions: Conditions;
  readonly #emulation: LabEmulation;

  constructor(lab: Lab, conditions: Conditions) {
    this.#lab = lab;
    this.#conditions = conditions;
    this.#emulation = new LabEmulation(lab, (work) => work());
  }

  listUnmet(): Unmet[] {
    const { switches, links, flows, policies } = this.#conditions;
    const missing = listMissing(this.#lab.controller, this.#lab.clock.now, this.#emulation);
    const unmet: Unmet[] = [];
    const add = (condition: keyof Conditions, codes: readonly Missing['code'][]) => {
      for (const part of missing) {
        if (codes.includes(part.code)) unmet.push({ condition, reason: explain(part), lookAt: placeOf(part) });
      }
      if (condition !== 'switches') unmet.push(...this.#listStaleLinks(condition));
    };
    if (switches) add('switches', SWITCHES);
    if (links) add('links', LINKS);
    if (flows) add('flows', FLOWS);
    if (policies) {
      add('policies', FLOWS);
      unmet.push(...this.#listPolicies());
    }
    return unmet;
  }

  #listPolicies(): Unmet[] {
    return this.#lab.controller.policies.list().flatMap(({ policy: { id }, state, reason }) => {
      if (state === 'installed') return [];
      const words = `policy ${id} is ${state}${reason === undefined ? '' : `: ${reason}`}`;
      return [{ condition: 'policies' as const, reason: words, lookAt: `policy ${id}` }];
    });
  }

  #listStaleLinks(condition: keyof Conditions): Unmet[] {
    const { graph } = this.#lab.controller.network;
    return this.#emulation.links().flatMap(({ name, a, b, isUp }) => {
      const isBetweenSwitches = a.portNo > 0 && b.portNo > 0;
      if (isUp || !isBetweenSwitches) return [];
      const key = toLinkKey({ dpid: a.node, portNo: a.portNo }, { dpid: b.node, portNo: b.portNo });
      if (!graph.hasEdge(key)) return [];
      return [
        { condition, reason: `the controller still counts on link ${name}, which is down`, lookAt: `link ${name}` },
      ];
    });
  }
}

function explain({ code, params }: Missing): string {
  const { name, count } = params;
  switch (code) {
    case 'switch-missing':
      return `switch ${name} has not connected`;
    case 'switch-joining':
      return 'a switch has connected and is being read';
    case 'ports-settling':
      return `what is behind ${count} of the ports of switch ${name} is being found out`;
    case 'link-missing':
      return `link ${name} has not been found`;
    case 'rules-outstanding':
      return `switch ${name} has not confirmed ${count} of its rules`;
    case 'rules-refused':
      return `switch ${name} refused ${count} of its rules`;
  }
}

function placeOf({ code, params: { name } }: Missing): string {
  if (code === 'link-missing') return `link ${name}`;
  return name === undefined ? 'switches' : `switch ${name}`;
}
