/**
 * A list of actions carried out on a packet (OpenFlow 1.3.5, sections 5.6, 5.11 and 5.12): of apply-actions, of the action set, of a
 * bucket or of a packet-out, which differ only in what a packet-in says about them.
 *
 * Outputs and groups get the packet as it is at that moment, and what a group does to it is not seen by what follows. A packet
 * that is dropped on the way takes the rest of its list with it; copies that were sent, or that other buckets have, live on.
 *
 * A switch may refuse groups that lead back to themselves, but need not, and tables read back from one may have them. A group
 * that is reached from within itself is therefore not entered again: a limit on depth would end the loop, too, but would carry
 * out its outputs up to there first. Chains that are no loops still have a limit, on depth and on copies, since every group of a
 * chain can double the packet.
 */
import type { Action } from '../wire/openflow/action.ts';
import type { Match } from '../wire/openflow/match.ts';
import type { Oxm } from '../wire/openflow/oxm.ts';
import { PORT, PORT_CONFIG } from '../wire/openflow/port.ts';
import { NO_ACTIONS, toActionList, writeActions } from './action-set.ts';
import type { Environment, LiveBucket, Pipeline } from './flow-entry.ts';
import { chooseBuckets } from './group-choice.ts';
import { choosePorts } from './output-port.ts';
import type { Packet } from './packet.ts';
import { type Edit, noEffect } from './packet-edit.ts';
import { diffFields, readFields } from './packet-fields.ts';
import { popMpls, popPbb, popVlan, pushMpls, pushPbb, pushVlan } from './push-pop.ts';
import type { DropReason, GroupStep, Output, SentPacketIn, Step } from './run.ts';
import { setField } from './set-field.ts';
import { copyTtlIn, copyTtlOut, decrementTtl, setTtl, type TtlEdit } from './ttl.ts';

/** A run while it is under way. */
export interface Walk {
  readonly pipeline: Pipeline;
  readonly environment: Environment;
  readonly outputs: Output[];
  readonly packetIns: SentPacketIn[];
  readonly drops: DropReason[];
  copies: number;
  /** Gives a packet to the first table; there in a packet-out only, whose own list alone may output to OFPP_TABLE (section 4.5). */
  readonly submit?: ((packet: Packet, steps: Step[]) => void) | undefined;
}

/** What a packet-in is to say about where it came from. */
export interface Origin {
  readonly tableId: number;
  readonly cookie: bigint;
  readonly isTableMiss: boolean;
}

/** Section 7.4.1: the cookie of what no single entry caused, as in a bucket or in the action set. */
export const COOKIE_NONE = 0xffff_ffff_ffff_ffffn;

/** As many as Open vSwitch allows; a packet that needs more is in a net of groups that nobody meant. */
const GROUP_DEPTH_MAX = 64;
const COPIES_MAX = 4096;

export function drop(walk: Walk, steps: Step[], reason: DropReason): undefined {
  walk.drops.push(reason);
  steps.push({ type: 'drop', reason });
}

function dropInGroup(walk: Walk, steps: Step[], reason: DropReason, groupId: number): void {
  walk.drops.push(reason);
  steps.push({ type: 'drop', reason, groupId });
}

/** The packet after the list, or undefined if it was dropped. `path` are the groups that it is in, from the outside in. */
export function runActions(
  walk: Walk,
  actions: readonly Action[],
  packet: Packet,
  origin: Origin,
  steps: Step[],
  path: readonly number[] = [],
): Packet | undefined {
  let current = packet;
  for (const action of actions) {
    switch (action.type) {
      case 'output':
        runOutput(walk, action, current, origin, steps, path);
        break;
      case 'group':
        runGroup(walk, action.groupId, current, origin, steps, path);
        break;
      case 'setQueue':
        current = { ...current, queueId: action.queueId };
        steps.push({ type: 'setQueue', queueId: action.queueId });
        break;
      default: {
        const edit = editPacket(current, action);
        if (edit.type === 'invalidTtl') return dropInvalidTtl(walk, current, origin, steps);
        if (edit.type === 'noEffect') {
          steps.push({ type: 'noEffect', action, reason: edit.reason });
          break;
        }
        const changes = diffFields(current, edit.packet);
        current = edit.packet;
        steps.push({ type: 'edit', action, changes, bytes: current.bytes });
      }
    }
  }
  return current;
}

type EditAction = Exclude<Action, { readonly type: 'output' | 'group' | 'setQueue' }>;

function editPacket(packet: Packet, action: EditAction): TtlEdit | Edit {
  switch (action.type) {
    case 'setField':
      return setField(packet, action.field);
    case 'pushVlan':
      return pushVlan(packet, action.etherType);
    case 'popVlan':
      return popVlan(packet);
    case 'pushMpls':
      return pushMpls(packet, action.etherType);
    case 'popMpls':
      return popMpls(packet, action.etherType);
    case 'pushPbb':
      return pushPbb(packet, action.etherType);
    case 'popPbb':
      return popPbb(packet);
    case 'setNwTtl':
      return setTtl(packet, 'nwTtl', action.ttl);
    case 'decNwTtl':
      return decrementTtl(packet, 'nwTtl');
    case 'setMplsTtl':
      return setTtl(packet, 'mplsTtl', action.ttl);
    case 'decMplsTtl':
      return decrementTtl(packet, 'mplsTtl');
    case 'copyTtlOut':
      return copyTtlOut(packet);
    case 'copyTtlIn':
      return copyTtlIn(packet);
    case 'experimenter':
    case 'unknown':
      return noEffect('unknownAction');
  }
}

/** Section 5.12: the packet may be shown to the controller, and goes no further. */
function dropInvalidTtl(walk: Walk, packet: Packet, origin: Origin, steps: Step[]): undefined {
  const { invalidTtlToController, missSendLen } = walk.pipeline;
  if (invalidTtlToController) sendPacketIn(walk, packet, 'invalidTtl', missSendLen, origin, steps);
  return drop(walk, steps, 'invalidTtl');
}

function runOutput(
  walk: Walk,
  action: Extract<Action, { readonly type: 'output' }>,
  packet: Packet,
  origin: Origin,
  steps: Step[],
  path: readonly number[],
): void {
  const { port } = action;
  if (port === PORT.controller) {
    runToController(walk, packet, action.maxLen, origin, steps);
  } else if (port === PORT.table && walk.submit && path.length === 0) {
    const submitted: Step[] = [];
    steps.push({ type: 'submit', steps: submitted });
    walk.submit(packet, submitted);
  } else {
    const choice = choosePorts(walk.pipeline, port, packet.inPort);
    steps.push({ type: 'output', port, ...choice });
    for (const sent of choice.sent) walk.outputs.push({ port: sent, queueId: packet.queueId, bytes: packet.bytes });
    if (choice.sent.length === 0) for (const { reason } of choice.held) walk.drops.push(reason);
  }
}

function runToController(walk: Walk, packet: Packet, maxLen: number, origin: Origin, steps: Step[]): void {
  const ingress = walk.pipeline.ports.get(packet.inPort);
  if (origin.isTableMiss && ingress && (ingress.config & PORT_CONFIG.noPacketIn) !== 0) {
    drop(walk, steps, 'noPacketIn');
    return;
  }
  sendPacketIn(walk, packet, origin.isTableMiss ? 'noMatch' : 'action', maxLen, origin, steps);
}

function sendPacketIn(
  walk: Walk,
  packet: Packet,
  reason: SentPacketIn['reason'],
  maxLen: number,
  { tableId, cookie }: Origin,
  steps: Step[],
): void {
  const packetIn = { reason, tableId, cookie, maxLen, match: toPipelineMatch(packet), bytes: packet.bytes };
  walk.packetIns.push(packetIn);
  steps.push({ type: 'packetIn', packetIn });
}

/** Section 7.4.1: the pipeline fields that are not zero, and a physical port only if it is another than the logical one. */
function toPipelineMatch({ inPort, inPhyPort = inPort, metadata = 0n, tunnelId = 0n }: Packet): Match {
  const match: Oxm[] = [{ type: 'inPort', value: inPort }];
  if (inPhyPort !== inPort) match.push({ type: 'inPhyPort', value: inPhyPort });
  if (metadata !== 0n) match.push({ type: 'metadata', value: metadata });
  if (tunnelId !== 0n) match.push({ type: 'tunnelId', value: tunnelId });
  return match;
}

function runGroup(
  walk: Walk,
  groupId: number,
  packet: Packet,
  { tableId }: Origin,
  steps: Step[],
  path: readonly number[],
): void {
  const group = walk.pipeline.groups.get(groupId);
  const frameBytes = packet.bytes.length;
  if (!group || path.includes(groupId)) {
    dropInGroup(walk, steps, group ? 'groupLoop' : 'noSuchGroup', groupId);
    return;
  }
  const chosen = chooseBuckets(group, walk.pipeline, walk.environment, readFields(packet));
  const buckets: GroupStep['buckets'][number][] = [];
  steps.push({ type: 'group', groupId, groupType: group.groupType, frameBytes, buckets });
  if (chosen.length === 0) dropInGroup(walk, steps, 'noLiveBucket', groupId);
  for (const { index, bucket } of chosen) {
    if (walk.copies >= COPIES_MAX || path.length >= GROUP_DEPTH_MAX) {
      dropInGroup(walk, steps, 'tooManyGroups', groupId);
      return;
    }
    walk.copies++;
    const inner: Step[] = [];
    buckets.push({ index, steps: inner });
    runBucket(walk, bucket, packet, tableId, inner, [...path, groupId]);
  }
}

/** Section 5.6: the actions of a bucket are an action set. */
function runBucket(
  walk: Walk,
  { actions }: LiveBucket['bucket'],
  packet: Packet,
  tableId: number,
  steps: Step[],
  path: readonly number[],
): void {
  const list = toActionList(writeActions(NO_ACTIONS, actions));
  const origin = { tableId, cookie: COOKIE_NONE, isTableMiss: false };
  const isAlive = runActions(walk, list, packet, origin, steps, path) !== undefined;
  if (isAlive && !list.some(isSending)) drop(walk, steps, 'noOutput');
}

export function isSending({ type }: Action): boolean {
  return type === 'output' || type === 'group';
}
