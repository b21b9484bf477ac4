/** The program of one path, and of the second one that frames fall back on: the stages of `stages.ts` as entries of switches. */
import { assert } from '../../protocol/wire/wire-error.ts';
import type { Walk } from './constrained-path.ts';
import type { PathGraph } from './path-graph.ts';
import { createProgram, type Hop, type Program, type ProgramEntry, type Way } from './program.ts';
import { STAGES_MAX, type StageEntry, type StageSend, toStages } from './stages.ts';

export interface BuiltPath {
  readonly program: Program;
  /** It has its second walk in it. */
  readonly isProtected: boolean;
}

/** Undefined: the walk passes a switch more often than a label has stages. */
export function createPathProgram(graph: PathGraph, primary: Walk, second: Walk | undefined): BuiltPath | undefined {
  const guarded = second && toStages(graph, primary, second);
  const staged = guarded?.type === 'staged' ? guarded : toStages(graph, primary);
  if (staged.type === 'refused') return undefined;
  const entries: ProgramEntry[] = staged.entries
    .filter((entry) => entry.inPort !== undefined)
    .map((entry) => ({
      dpid: graph.dpidOf(entry.slot),
      stage: entry.stage,
      inPort: undefined,
      fate: { type: 'pass', hop: toHop(graph, entry) },
    }));
  for (const { slot, stage } of staged.arrivals)
    entries.push({ dpid: graph.dpidOf(slot), stage, inPort: undefined, fate: { type: 'deliver' } });
  const from = graph.dpidOf(primary.from);
  const enters = new Map([[from, toHop(graph, staged.entry)]]);
  const program = createProgram(graph, { kind: `path ${from}`, entries, enters, hasOwnRoute: true });
  return { program, isProtected: staged === guarded };
}

export const TOO_MANY_STAGES = `it would pass a switch more often than the ${STAGES_MAX} times that a label can tell apart`;

function toHop(graph: PathGraph, { slot, action, backup }: StageEntry): Hop {
  const ways = [action, ...(backup ? [backup] : [])].map((send) => toWay(graph, slot, send));
  return { mode: ways.length > 1 ? 'failover' : 'only', ways };
}

function toWay(graph: PathGraph, slot: number, { port, watchPort, toStage }: StageSend): Way {
  const arc = graph.arcAt(slot, watchPort);
  assert(arc !== undefined, 'a path goes over links');
  return { port: watchPort, to: graph.dpidOf(graph.to[arc]!), isBack: port === 'in-port', stage: toStage };
}
