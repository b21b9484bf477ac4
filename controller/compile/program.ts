/**
 * What a label means at all switches together: a tree to a switch or a path, with the detours that belong to it.
 *
 * A program is its content and nothing else, and its key is a hash of that. A frame under its label is at a *stage*, which the priority bits of the VLAN tag hold:
 * a detour is another stage of the same program, so a switch that sees a link go down puts frames on it by itself.
 */
import type { Action } from '../../protocol/wire/openflow/action.ts';
import { GROUP, GROUP_TYPE } from '../../protocol/wire/openflow/group.ts';
import type { Match } from '../../protocol/wire/openflow/match.ts';
import { PORT } from '../../protocol/wire/openflow/port.ts';
import { ETHER_TYPE } from '../../protocol/wire/packet/ethernet.ts';
import { assert } from '../../protocol/wire/wire-error.ts';
import type { PortRef } from '../network/network.ts';
import type { PlannedGroup, PlanPart } from '../plan.ts';
import type { Rule } from '../rule.ts';
import { ContentHash } from './content-hash.ts';
import { fabricRule } from './layout.ts';
import { NO_LOCATION, routeBits, toLabelRoute } from './metadata.ts';
import type { PathGraph } from './path-graph.ts';

/** One way on from a switch. */
export interface Way {
  readonly port: number;
  /** The port is the one that the frame came in by, which a switch must be told apart. */
  readonly isBack: boolean;
  /** The stage under which it goes on. */
  readonly stage: number;
}

export interface Hop {
  /** `spread`: each conversation takes one of them. `failover`: the first whose port is up. */
  readonly mode: 'only' | 'spread' | 'failover';
  readonly ways: readonly Way[];
}

/** What becomes of a labelled frame at a switch. */
export interface ProgramEntry {
  readonly dpid: string;
  readonly stage: number;
  /** If it holds only for what comes in there; before what holds for all. */
  readonly inPort: number | undefined;
  readonly then:
    | { readonly type: 'pass'; readonly hop: Hop }
    /** The label ends here, and the tables say for whom the frame is. */
    | { readonly type: 'deliver' }
    /** The label ends here, and the frame leaves by that port, whoever it is for. */
    | { readonly type: 'hand-out'; readonly port: number }
    /** Copies go on by these ports, and to whoever is to have them here. */
    | { readonly type: 'flood'; readonly ports: readonly number[] };
}

export interface Program {
  readonly key: string;
  readonly entries: readonly ProgramEntry[];
  /** By dpid, how a frame that has just been given the label leaves. */
  readonly enters: ReadonlyMap<string, Hop>;
  /** Frames enter it by its own route; without, by what the tables say of the place that it leads to. */
  readonly hasOwnRoute: boolean;
  /** By dpid, the programs of the ports that it sends to: a switch must take labelled frames in before they are sent to it. */
  readonly landings: ReadonlyMap<string, readonly string[]>;
}

/** That a port takes labelled frames in is a program by itself. */
export function toLandingId({ dpid, portNo }: PortRef): string {
  return `landing ${dpid}:${portNo}`;
}

/** Under its label, which a plan goes by: a program that changes its label is another to the switches. */
export function toProgramId(key: string, label: number): string {
  return `${key}@${label}`;
}

export interface ProgramContent {
  readonly kind: string;
  readonly entries: readonly ProgramEntry[];
  readonly enters?: ReadonlyMap<string, Hop>;
  readonly hasOwnRoute?: boolean;
}

export function createProgram(
  graph: PathGraph,
  { kind, entries, enters = new Map(), hasOwnRoute = false }: ProgramContent,
): Program {
  const hash = new ContentHash();
  const sends = new Map<string, Set<number>>();
  const addHop = (dpid: string, { mode, ways }: Hop) => {
    hash.addText(mode);
    for (const { port, isBack, stage } of ways) hash.addNumber(port).addNumber(stage * 2 + Number(isBack));
    addPorts(
      sends,
      dpid,
      ways.map(({ port }) => port),
    );
  };
  for (const { dpid, stage, inPort = 0, then } of entries) {
    hash.addText(dpid).addNumber(stage).addNumber(inPort).addText(then.type);
    if (then.type === 'pass') addHop(dpid, then.hop);
    else if (then.type === 'hand-out') hash.addNumber(then.port);
    else if (then.type === 'flood') {
      for (const port of then.ports) hash.addNumber(port);
      addPorts(sends, dpid, then.ports);
    }
  }
  for (const [dpid, hop] of enters) {
    hash.addText(dpid);
    addHop(dpid, hop);
  }
  const landings = new Map([...sends].map(([dpid, ports]) => [dpid, toLandings(graph, dpid, ports)]));
  for (const ids of landings.values()) for (const id of ids) hash.addText(id);
  return { key: `${kind} ${hash.toText()}`, entries, enters, hasOwnRoute, landings };
}

function addPorts(sends: Map<string, Set<number>>, dpid: string, ports: readonly number[]): void {
  const known = sends.get(dpid) ?? new Set();
  for (const port of ports) known.add(port);
  sends.set(dpid, known);
}

function toLandings(graph: PathGraph, dpid: string, ports: Iterable<number>): readonly string[] {
  const slot = graph.slotOf(dpid);
  assert(slot !== undefined, 'a program is of switches that are there');
  return [...ports].map((portNo) => {
    const arc = graph.arcAt(slot, portNo);
    assert(arc !== undefined, 'a program sends over links');
    return toLandingId({ dpid: graph.dpidOf(graph.to[arc]!), portNo: graph.farPort[arc]! });
  });
}

const PRIORITY = { labelled: 2_000, labelledFrom: 2_100, ownRoute: 1_500 } as const;

/** OpenFlow 1.3.5, 7.2.3.7: the bit that says that there is a tag. */
const VID_PRESENT = 0x1000;

/** What its switches must have for it, by dpid. */
export function toProgramParts(program: Program, label: number): ReadonlyMap<string, PlanPart> {
  const built = new Map<string, BuiltRule[]>();
  const add = (dpid: string, rule: BuiltRule) => {
    const rules = built.get(dpid);
    if (rules) rules.push(rule);
    else built.set(dpid, [rule]);
  };
  const made = new Map<Hop, BuiltRule[]>();
  for (const entry of program.entries) add(entry.dpid, toSharedRule(entry, label, made));
  if (program.hasOwnRoute) for (const [dpid, hop] of program.enters) add(dpid, toEnterRule(hop, label));
  return new Map(
    [...built].map(([dpid, rules]) => [
      dpid,
      {
        rules: rules.map(({ rule }) => rule),
        groups: uniqueGroups(rules.map(({ group }) => group)),
        meters: [],
        program: toProgramId(program.key, label),
        needs: program.landings.get(dpid) ?? [],
      },
    ]),
  );
}

/** Switches that send on by the same ports at the same stage have the same rule, and there are many. */
function toSharedRule(entry: ProgramEntry, label: number, made: Map<Hop, BuiltRule[]>): BuiltRule {
  const { stage, inPort, then } = entry;
  if (then.type !== 'pass' || inPort !== undefined) return toRule(entry, label);
  let byStage = made.get(then.hop);
  if (!byStage) {
    byStage = [];
    made.set(then.hop, byStage);
  }
  byStage[stage] ??= toRule(entry, label);
  return byStage[stage];
}

interface BuiltRule {
  readonly rule: Rule;
  readonly group: PlannedGroup | undefined;
}

function toEnterRule(hop: Hop, label: number): BuiltRule {
  const { actions, group } = toEnterSteps(hop, label);
  const { value, mask } = routeBits(toLabelRoute(label));
  return {
    rule: fabricRule('forward', PRIORITY.ownRoute, [{ type: 'metadata', value, mask }], { apply: actions }),
    group,
  };
}

export interface Steps {
  readonly actions: readonly Action[];
  readonly group: PlannedGroup | undefined;
}

/** Puts a label on a frame and sends it; what is done with the frame behind these actions is done with the labelled one. */
export function toEnterSteps(hop: Hop, label: number): Steps {
  const { actions, group } = toHopSteps(hop, undefined);
  return { actions: [...labelActions(label), ...actions], group };
}

/** The priority is copied from a tag that is there already, so it is always set. */
export function labelActions(label: number): readonly Action[] {
  return [
    { type: 'pushVlan', etherType: ETHER_TYPE.vlan },
    { type: 'setField', field: { type: 'vlanVid', value: VID_PRESENT | label } },
    { type: 'setField', field: { type: 'vlanPcp', value: 0 } },
  ];
}

export function outputTo(port: number): Action {
  return { type: 'output', port, maxLen: 0 };
}

function toRule(entry: ProgramEntry, label: number): BuiltRule {
  const { stage, inPort, then } = entry;
  const priority = inPort === undefined ? PRIORITY.labelled : PRIORITY.labelledFrom;
  const labelled = [
    { type: 'vlanVid', value: VID_PRESENT | label },
    // A host's own tag is no label: its frame has been given a location by now.
    { type: 'metadata', value: NO_LOCATION },
  ] as const;
  if (then.type === 'flood') {
    const apply: Action[] = [...then.ports.map(outputTo), { type: 'popVlan' }];
    return { rule: fabricRule('forward', priority, labelled, { apply, next: 'flood' }), group: undefined };
  }
  const match: Match = [
    ...(inPort === undefined ? [] : [{ type: 'inPort', value: inPort } as const]),
    ...labelled,
    { type: 'vlanPcp', value: stage },
  ];
  if (then.type === 'deliver') {
    return {
      rule: fabricRule('forward', priority, match, { apply: [{ type: 'popVlan' }], next: 'egress' }),
      group: undefined,
    };
  }
  if (then.type === 'hand-out') {
    const apply: Action[] = [{ type: 'popVlan' }, outputTo(then.port)];
    return { rule: fabricRule('forward', priority, match, { apply }), group: undefined };
  }
  const { actions, group } = toHopSteps(then.hop, stage);
  return { rule: fabricRule('forward', priority, match, { apply: actions }), group };
}

const STEPS = new WeakMap<Hop, Steps[]>();

/** `stage`: the one that the frame has; undefined if none is set yet, which is as good as 0. */
function toHopSteps(hop: Hop, stage = 0): Steps {
  let byStage = STEPS.get(hop);
  if (!byStage) {
    byStage = [];
    STEPS.set(hop, byStage);
  }
  byStage[stage] ??= makeSteps(hop, stage);
  return byStage[stage];
}

function makeSteps({ mode, ways }: Hop, stage: number): Steps {
  if (mode === 'only') return { actions: toWayActions(ways[0]!, stage), group: undefined };
  const group = toGroup(mode, ways, stage);
  return { actions: [{ type: 'group', groupId: group.groupId }], group };
}

function toWayActions({ port, isBack, stage: next }: Way, stage: number): Action[] {
  const output = outputTo(isBack ? PORT.inPort : port);
  return next === stage ? [output] : [{ type: 'setField', field: { type: 'vlanPcp', value: next } }, output];
}

function toGroup(mode: 'spread' | 'failover', ways: readonly Way[], stage: number): PlannedGroup {
  const hash = new ContentHash().addText(mode).addNumber(stage);
  for (const { port, isBack, stage: next } of ways) hash.addNumber(port).addNumber(next * 2 + Number(isBack));
  return {
    groupType: mode === 'spread' ? GROUP_TYPE.select : GROUP_TYPE.fastFailover,
    // The number is its content's, so a group never changes either; reserved numbers are above `GROUP.max`.
    groupId: 1 + (hash.toNumber() % (GROUP.max - 1)),
    buckets: ways.map((way) => ({
      weight: mode === 'spread' ? 1 : 0,
      watchPort: way.port,
      watchGroup: GROUP.any,
      actions: toWayActions(way, stage),
    })),
  };
}

export function uniqueGroups(groups: readonly (PlannedGroup | undefined)[]): readonly PlannedGroup[] {
  return [...new Map(groups.flatMap((group) => (group ? [[group.groupId, group]] : []))).values()];
}
