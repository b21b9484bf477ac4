/**
 * What a controller does with its switches: which rules they should have, and what becomes of the packets they send here.
 *
 * Everything else, who is connected, what is confirmed, what users add, is the same for all apps and not theirs to know.
 */
import type { MessageOf } from '../../protocol/wire/openflow/message.ts';
import type { Nanos } from '../../protocol/wire/openflow/session.ts';
import type { PortRef } from '../network/network.ts';
import type { Plan } from '../plan.ts';
import type { SwitchState } from '../switch-state.ts';

export const APP_NAMES = ['fabric', 'learning'] as const;

export type AppName = (typeof APP_NAMES)[number];

export interface App {
  /** What each switch should have. What is as it was before is the same object. */
  compile(now: Nanos): Plan;
  receivePacket(state: SwitchState, packet: MessageOf<'packetIn'>, now: Nanos): void;
  /** It has its rules, for the first time since it connected. */
  switchConfirmed(dpid: string): void;
  switchLeft(dpid: string): void;
  portChanged(port: PortRef): void;
  /** Every `PROBE_INTERVAL`. */
  probe(): void;
}

/** Sends a frame out of a port. */
export type SendFrame = (port: PortRef, frame: Uint8Array) => void;
