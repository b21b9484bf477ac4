/** All that a controller tells of what happens: the one stream that the feed, the log, the metrics and whoever else listens read. */
import type { NetworkEvent } from './network/network.ts';
import type { Notice } from './network/notice.ts';
import type { PolicyStateName } from './policy/policy-states.ts';
import type { DeliveryEvent } from './push/delivery.ts';
import type { Fault } from './southbound/fault-count.ts';
import type { ClaimOutcome } from './southbound/switchboard.ts';
import type { TableShortage } from './table-room.ts';

export type ControllerEvent =
  | NetworkEvent
  | Notice
  | DeliveryEvent
  | TableShortage
  | { readonly type: 'switch-error'; readonly dpid: string; readonly errorType: number; readonly code: number }
  /** `count` is that since the switch connected. */
  | { readonly type: 'switch-fault'; readonly dpid: string; readonly fault: Fault; readonly count: number }
  | {
      readonly type: 'dpid-claimed';
      readonly dpid: string;
      readonly connection: string;
      readonly holder: string;
      readonly outcome: ClaimOutcome;
    }
  | { readonly type: 'connection-refused'; readonly connection: string; readonly reason: string }
  | { readonly type: 'store-failed'; readonly reason: string }
  | {
      readonly type: 'policy-state';
      readonly id: string;
      readonly state: PolicyStateName;
      readonly reason: string | undefined;
    }
  | { readonly type: 'channel-closed'; readonly connection: string; readonly reason: string; readonly detail: string };
