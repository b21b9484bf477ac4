/**
 * OpenFlow 1.3.5, sections 6.1.1, 6.3.6 and 7.3.10: which messages that nobody asked for a controller gets, by its role.
 *
 * By default a master or equal gets all but packets whose TTL is up, which it has to ask for, and a slave port changes only.
 */
import { FLOW_REMOVED_REASON } from '../protocol/wire/openflow/flow.ts';
import type { MessageOf } from '../protocol/wire/openflow/message.ts';
import { PACKET_IN_REASON } from '../protocol/wire/openflow/packet.ts';
import { PORT_STATUS_REASON } from '../protocol/wire/openflow/port.ts';
import { ROLE } from '../protocol/wire/openflow/role.ts';

export type AsyncMasks = Pick<MessageOf<'getAsyncReply'>, 'packetInMask' | 'portStatusMask' | 'flowRemovedMask'>;

export type AsyncKind = keyof AsyncMasks;

function bits(reasons: Readonly<Record<string, number>>): number {
  return Object.values(reasons).reduce((mask, reason) => mask | (1 << reason), 0);
}

const { noMatch, action } = PACKET_IN_REASON;

export const ASYNC_DEFAULT: AsyncMasks = {
  packetInMask: [bits({ noMatch, action }), 0],
  portStatusMask: [bits(PORT_STATUS_REASON), bits(PORT_STATUS_REASON)],
  flowRemovedMask: [bits(FLOW_REMOVED_REASON), 0],
};

export function isWanted(masks: AsyncMasks, kind: AsyncKind, reason: number, role: number): boolean {
  const mask = masks[kind][role === ROLE.slave ? 1 : 0]!;
  return ((mask >>> reason) & 1) === 1;
}
