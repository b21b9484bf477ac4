/**
 * OpenFlow 1.3.5, sections 6.4, 7.2.5 and 5.10: whether actions make sense: alone, where they stand, and one after the other.
 *
 * A list of a rule is played through on what its match says of the packet: a push or pop changes it, and an action for a
 * header that is not known to be there is MATCH_INCONSISTENT. Written to an action set, actions run in the set's order
 * and on whatever packet leaves the pipeline, so only the fields that they set are held against the match, as Open vSwitch does.
 * Buckets and packet-outs have no match, and are not played through.
 *
 * Open vSwitch 3.1 knows nothing of PBB and of copying TTLs, calls ethType, ipProto and mplsBos read-only, lets metadata be set (which
 * section 7.2.5 excludes) and `output:TABLE` be used in rules (which 7.2.1 keeps for packet-outs): there the specification is followed.
 */
import type { Action } from './action.ts';
import { type Fault, fault, type ValidationOptions, within } from './fault.ts';
import { changeEthType, type FieldKnowledge, learn, missingFor, VLAN_PRESENT } from './field-knowledge.ts';
import { GROUP } from './group.ts';
import { isInRange } from './match-validation.ts';
import type { Oxm, OxmName } from './oxm.ts';
import { PORT } from './port.ts';

/** `list`: the actions of a rule that run at once; `set`: written to an action set; `packetOut`: of a message. */
export type ActionPlace = 'list' | 'set' | 'packetOut';

const PUSHED = {
  pushVlan: [0x8100, 0x88a8],
  pushMpls: [0x8847, 0x8848],
  pushPbb: [0x88e7],
} as const satisfies Partial<Record<Action['type'], readonly number[]>>;

const ETH_TYPE_PBB = 0x88e7;
const ETH_TYPES_MPLS: readonly number[] = PUSHED.pushMpls;
const ETH_TYPES_IP: readonly number[] = [0x0800, 0x86dd];

/** Section 7.2.5 excludes what is not in the packet; extension headers are a pseudo-field, whether there is one, not which. */
const NOT_SETTABLE: ReadonlySet<OxmName> = new Set(['inPort', 'inPhyPort', 'metadata', 'ipv6Exthdr']);

/** `known` is what the match says; left undefined, nothing is played through. It learns what they do. */
export function findActionsFault(
  actions: readonly Action[],
  place: ActionPlace,
  known: FieldKnowledge | undefined,
  options: ValidationOptions,
): Fault | undefined {
  for (let i = 0; i < actions.length; i++) {
    const action = actions[i]!;
    const found = findActionFault(action, place, options) ?? (place === 'list' && known && play(action, known));
    if (found) return within(found, i);
  }
  return place === 'set' && known ? playSet(actions, known) : undefined;
}

/** Section 5.10: pops and pushes come before any field is set, however the instruction orders them. */
function playSet(actions: readonly Action[], known: FieldKnowledge): Fault | undefined {
  for (const type of ['popVlan', 'popMpls', 'popPbb', 'pushMpls', 'pushPbb', 'pushVlan'] as const) {
    for (const action of actions) if (action.type === type) changeHeaders(action, known);
  }
  for (let i = 0; i < actions.length; i++) {
    const action = actions[i]!;
    const found = action.type === 'setField' ? playSetField(action.field, known) : undefined;
    if (found) return within(found, i);
  }
  return undefined;
}

/** What is wrong with it whatever the packet. */
function findActionFault(action: Action, place: ActionPlace, options: ValidationOptions): Fault | undefined {
  switch (action.type) {
    case 'unknown':
      return fault('BAD_ACTION/BAD_TYPE', [], `action type ${action.id}`);
    case 'experimenter':
      if (options.experimenters?.has(action.experimenter)) return undefined;
      return fault('BAD_ACTION/BAD_EXPERIMENTER', ['experimenter'], `experimenter ${action.experimenter}`);
    case 'output':
      return isOutPort(action.port, place)
        ? undefined
        : fault('BAD_ACTION/BAD_OUT_PORT', ['port'], `no packet leaves by port ${action.port}`);
    case 'group':
      return action.groupId <= GROUP.max
        ? undefined
        : fault('BAD_ACTION/BAD_OUT_GROUP', ['groupId'], `group ${action.groupId}, at most ${GROUP.max}`);
    case 'pushVlan':
    case 'pushMpls':
    case 'pushPbb': {
      const allowed: readonly number[] = PUSHED[action.type];
      if (allowed.includes(action.etherType)) return undefined;
      return fault(
        'BAD_ACTION/BAD_ARGUMENT',
        ['etherType'],
        `${action.type} of type 0x${action.etherType.toString(16)}`,
      );
    }
    case 'setField':
      return findSetFieldFault(action.field);
    default:
      return undefined;
  }
}

/** Section 7.2.1. TABLE sends a packet-out through the pipeline; in the pipeline it would be a loop. */
function isOutPort(port: number, place: ActionPlace): boolean {
  if (port === 0 || port === PORT.any) return false;
  if (port === PORT.table) return place === 'packetOut';
  return port <= PORT.max || port >= PORT.inPort;
}

function findSetFieldFault(field: Oxm): Fault | undefined {
  if (field.type === 'unknown') {
    return fault('BAD_ACTION/BAD_SET_TYPE', ['field'], `OXM header 0x${field.header.toString(16)} is no field of ours`);
  }
  const { type, value, mask } = field;
  if (NOT_SETTABLE.has(type)) return fault('BAD_ACTION/BAD_SET_TYPE', ['field'], `${type} is not set by actions`);
  // OpenFlow 1.5 has BAD_SET_MASK for this; Open vSwitch sends 1.3's extension of that name, which has no number of 1.3's own.
  if (mask !== undefined)
    return fault('BAD_ACTION/BAD_SET_ARGUMENT', ['field'], `${type} is set whole, without a mask`);
  if (!isInRange(type, value)) return fault('BAD_ACTION/BAD_SET_ARGUMENT', ['field'], `${type} has no value ${value}`);
  if (type === 'vlanVid' && (value & VLAN_PRESENT) === 0) {
    return fault('BAD_ACTION/BAD_SET_ARGUMENT', ['field'], 'vlanVid is set with its present bit, 0x1000');
  }
  return undefined;
}

/** Section 6.4: what the action does to what is known, or what it would have to know. */
function play(action: Action, known: FieldKnowledge): Fault | undefined {
  switch (action.type) {
    case 'setField':
      return playSetField(action.field, known);
    case 'popVlan':
      if (known.tags === 0) return inconsistent('popVlan needs a VLAN tag');
      break;
    case 'popMpls':
    case 'setMplsTtl':
    case 'decMplsTtl':
      if (!ETH_TYPES_MPLS.includes(known.ethType)) return inconsistent(`${action.type} needs an MPLS header`);
      break;
    case 'popPbb':
      if (known.ethType !== ETH_TYPE_PBB) return inconsistent('popPbb needs a PBB header');
      break;
    case 'setNwTtl':
    case 'decNwTtl':
      if (!ETH_TYPES_IP.includes(known.ethType)) return inconsistent(`${action.type} needs an IP header`);
      break;
    case 'copyTtlIn':
    case 'copyTtlOut':
      if (!ETH_TYPES_MPLS.includes(known.ethType) && !ETH_TYPES_IP.includes(known.ethType)) {
        return inconsistent(`${action.type} needs a header with a TTL`);
      }
      break;
    default:
  }
  changeHeaders(action, known);
  return undefined;
}

function playSetField(field: Oxm, known: FieldKnowledge): Fault | undefined {
  if (field.type === 'unknown') return undefined;
  // A match on the VLAN id needs nothing; to set it there must be a tag to set it in.
  const missing = field.type === 'vlanVid' && known.tags === 0 ? 'a VLAN tag' : missingFor(field.type, known);
  if (missing !== undefined) return inconsistent(`${field.type} needs ${missing}`);
  if (field.type === 'ethType') changeEthType(known, field.value);
  else if (field.type !== 'vlanVid') learn(known, field.type, field.value);
  return undefined;
}

function changeHeaders(action: Action, known: FieldKnowledge): void {
  switch (action.type) {
    case 'pushVlan':
      known.tags++;
      return;
    case 'popVlan':
      known.tags = Math.max(0, known.tags - 1);
      return;
    case 'pushMpls':
    case 'popMpls':
      changeEthType(known, action.etherType);
      return;
    case 'pushPbb':
      changeEthType(known, action.etherType);
      known.tags = 0;
      return;
    case 'popPbb':
      changeEthType(known, -1);
      known.tags = 0;
      return;
    default:
  }
}

function inconsistent(reason: string): Fault {
  return fault('BAD_ACTION/MATCH_INCONSISTENT', [], reason);
}
