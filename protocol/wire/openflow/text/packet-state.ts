/**
 * What a rule lets be known of its packets: from its match at first, changed by every action on the way.
 *
 * Old actions of ovs-ofctl say less than those of OpenFlow 1.3 and leave the rest to what the packet is (see action-text.ts).
 * Nothing here judges whether an action fits its packet; that is for `validate`.
 */
import type { Action } from '../action.ts';
import type { Match } from '../match.ts';
import type { AnyOxm } from '../oxm.ts';
import { type PacketContext, toPacketContext } from './field-name.ts';

export interface PacketState extends PacketContext {
  /** It surely has a VLAN tag. */
  readonly isTagged: boolean;
  /** An `enqueue` set the queue, and only for itself. */
  readonly isEnqueued: boolean;
}

/** A group's packets, or those of actions without a rule: anything. */
export const ANY_PACKET: PacketState = { ethType: undefined, ipProto: undefined, isTagged: false, isEnqueued: false };

const VLAN_PRESENT = 0x1000;
const ETHERTYPE_PBB = 0x88e7;

export function toPacketState(match: Match): PacketState {
  return { ...ANY_PACKET, ...toPacketContext(match), isTagged: match.some(isTag) };
}

function isTag(oxm: Match[number]): boolean {
  if (oxm.type !== 'vlanVid') return false;
  const { value, mask = VLAN_PRESENT } = oxm as AnyOxm;
  return (Number(value) & Number(mask) & VLAN_PRESENT) !== 0;
}

export function changePacket(packet: PacketState, action: Action): PacketState {
  switch (action.type) {
    case 'pushVlan':
      return { ...packet, isTagged: true };
    case 'popVlan':
      return { ...packet, isTagged: false };
    case 'pushMpls':
    case 'popMpls':
      return { ...packet, ethType: action.etherType, ipProto: undefined };
    case 'pushPbb':
      return { ...packet, ethType: ETHERTYPE_PBB, ipProto: undefined };
    case 'popPbb':
      return { ...packet, ethType: undefined, ipProto: undefined };
    case 'setQueue':
      return { ...packet, isEnqueued: false };
    default:
      return packet;
  }
}
