/**
 * What a controller does with its switches: which rules they should have, and what becomes of the packets they send here.
 *
 * Everything else, who is connected, what is confirmed, what users add, is the same for all apps and not theirs to know.
 */
import type { MessageOf } from '../../protocol/wire/openflow/message.ts';
import type { Nanos } from '../../protocol/wire/openflow/session.ts';
import type { NetworkEvent, PortRef } from '../network/network.ts';
import type { Plan } from '../plan.ts';
import type { SwitchState } from '../switch-state.ts';

export const APP_NAMES = ['fabric', 'learning'] as const;

export type AppName = (typeof APP_NAMES)[number];

export interface App {
  /** What each switch should have. What is as it was before is the same object. */
  compile(now: Nanos): Plan;
  /** Some program is gone from all switches. True when the plan could be a better one now. */
  programReleased(): boolean;
  receivePacket(state: SwitchState, packet: MessageOf<'packetIn'>, now: Nanos): void;
  /** It has its rules, for the first time since it connected. */
  switchConfirmed(dpid: string, now: Nanos): void;
  switchLeft(dpid: string): void;
  portChanged(port: PortRef, now: Nanos): void;
  /** The network has changed, and everybody else knows. */
  follow(event: NetworkEvent, now: Nanos): void;
  /** Every `PROBE_INTERVAL`. */
  probe(now: Nanos): void;
  poll(now: Nanos): void;
  pollAt(): Nanos | undefined;
  /** Tables are not to be computed yet: too little is known to do better than what switches have. */
  isWaiting(now: Nanos): boolean;
  /** The store has taken, or not, what the app wanted kept. */
  persisted(failure: string | undefined): void;
}
