/** Small switches, rules and frames for tests: what a test does not mention is as unremarkable as it can be. */

import type { Environment, FlowEntry, GroupEntry, Pipeline, PortEntry } from '../../../protocol/pipeline/flow-entry.ts';
import { runPipeline } from '../../../protocol/pipeline/pipeline.ts';
import type { Run, Step } from '../../../protocol/pipeline/run.ts';
import { parseIpv4, parseMac } from '../../../protocol/wire/address.ts';
import type { Action } from '../../../protocol/wire/openflow/action.ts';
import { GROUP, GROUP_TYPE } from '../../../protocol/wire/openflow/group.ts';
import type { Instruction } from '../../../protocol/wire/openflow/instruction.ts';
import type { OxmName, OxmValue } from '../../../protocol/wire/openflow/oxm.ts';
import { PORT, PORT_STATE } from '../../../protocol/wire/openflow/port.ts';
import { ETHER_TYPE } from '../../../protocol/wire/packet/ethernet.ts';
import { encodeFrame } from '../../../protocol/wire/packet/frame.ts';
import type { Layer } from '../../../protocol/wire/packet/layer.ts';

export function flow(entry: Partial<FlowEntry>): FlowEntry {
  return { tableId: 0, priority: 1, match: [], instructions: [], cookie: 0n, flags: 0, ...entry };
}

/** An entry whose only instruction is apply-actions. */
export function applying(actions: readonly Action[], entry: Partial<FlowEntry> = {}): FlowEntry {
  return flow({ ...entry, instructions: [{ type: 'applyActions', actions }] });
}

/** An entry whose only instruction is write-actions. */
export function writing(actions: readonly Action[], entry: Partial<FlowEntry> = {}): FlowEntry {
  return flow({ ...entry, instructions: [{ type: 'writeActions', actions }] });
}

export function output(port: number, maxLen = 0xffff): Action {
  return { type: 'output', port, maxLen };
}

export function toGroup(groupId: number): Action {
  return { type: 'group', groupId };
}

export function set<F extends OxmName>(type: F, value: OxmValue<F>): Action {
  return { type: 'setField', field: { type, value } } as Action;
}

export function goTo(tableId: number): Instruction {
  return { type: 'gotoTable', tableId };
}

type Bucket = GroupEntry['buckets'][number];

export function bucket(actions: readonly Action[], watched: Partial<Bucket> = {}): Bucket {
  return { weight: 0, watchPort: PORT.any, watchGroup: GROUP.any, actions, ...watched };
}

export function group(groupId: number, type: keyof typeof GROUP_TYPE, buckets: readonly Bucket[]): GroupEntry {
  return { groupId, groupType: GROUP_TYPE[type], buckets };
}

export const LIVE: PortEntry = { config: 0, state: PORT_STATE.live };
export const CABLE_OUT: PortEntry = { config: 0, state: PORT_STATE.linkDown };

export interface Scene {
  readonly flows?: readonly FlowEntry[];
  readonly groups?: readonly GroupEntry[];
  /** In addition to ports 1 to 4, which are live, or instead of one of them. */
  readonly ports?: Readonly<Record<number, PortEntry>>;
  readonly invalidTtlToController?: boolean;
  readonly dropsFragments?: boolean;
}

export function pipeline({ flows = [], groups = [], ports = {}, ...options }: Scene): Pipeline {
  const tables = new Map<number, FlowEntry[]>();
  for (const entry of flows) tables.set(entry.tableId, [...(tables.get(entry.tableId) ?? []), entry]);
  const all = Object.entries({ 1: LIVE, 2: LIVE, 3: LIVE, 4: LIVE, ...ports });
  return {
    tables,
    groups: new Map(groups.map((entry) => [entry.groupId, entry])),
    ports: new Map(all.map(([portNo, port]) => [Number(portNo), port])),
    missSendLen: 128,
    ...options,
  };
}

/** Every meter lets everything pass, the first live bucket is chosen. */
export const INDULGENT: Environment = { meter: () => 'pass', selectBucket: (_group, live) => live[0] };

export const mac = (text: string): number => parseMac(text)!;
export const ip = (text: string): number => parseIpv4(text)!;

export const ETHERNET = { type: 'ethernet', dst: mac('02:00:00:00:00:02'), src: mac('02:00:00:00:00:01') } as const;
export const ETHERNET_IP = { ...ETHERNET, etherType: ETHER_TYPE.ipv4 } as const;
export const IPV4 = { type: 'ipv4', ttl: 64, src: ip('10.0.0.1'), dst: ip('10.0.0.2') } as const;
export const UDP = { type: 'udp', srcPort: 1000, dstPort: 2000 } as const;

export function payload(bytes: number): Layer {
  return { type: 'payload', data: Uint8Array.from({ length: bytes }, (_, index) => index + 1) };
}

/** A UDP datagram of 64 bytes in all. */
export const UDP_FRAME = encodeFrame([ETHERNET_IP, { ...IPV4, protocol: 17 }, UDP, payload(22)]);

export interface Sent {
  readonly inPort?: number;
  readonly bytes?: Uint8Array;
  readonly environment?: Environment;
}

/** What a packet meets that comes in by port 1. */
export function send(scene: Scene, { inPort = 1, bytes = UDP_FRAME, environment = INDULGENT }: Sent = {}): Run {
  return runPipeline(pipeline(scene), { bytes, inPort }, environment);
}

export function portsOf(run: Run): readonly number[] {
  return run.outputs.map(({ port }) => port);
}

/** All steps, those within others too, of one type. */
export function stepsOf<T extends Step['type']>(run: Run, type: T): readonly Extract<Step, { readonly type: T }>[] {
  return flatten(run.steps).filter((step): step is Extract<Step, { readonly type: T }> => step.type === type);
}

function flatten(steps: readonly Step[]): readonly Step[] {
  return steps.flatMap((step) => {
    if ('steps' in step) return [step, ...flatten(step.steps)];
    if (step.type === 'group') return [step, ...step.buckets.flatMap((inner) => flatten(inner.steps))];
    return [step];
  });
}
