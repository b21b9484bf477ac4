/**
 * OpenFlow 1.3.5, sections 7.3.9 and 7.3.10: controller roles, and which asynchronous messages a controller wants.
 */
import { pad, u32, u64 } from './codec.ts';
import { array, struct } from './struct.ts';

export const ROLE = { noChange: 0, equal: 1, master: 2, slave: 3 } as const;

/** Request and reply have the same body. */
export const RoleBody = struct({ role: u32, _pad: pad(4), generationId: u64 });

/** Each pair is a mask of reasons (`1 << reason`): first for a master or equal controller, second for a slave. */
export const AsyncConfigBody = struct({
  packetInMask: array(u32, 2),
  portStatusMask: array(u32, 2),
  flowRemovedMask: array(u32, 2),
});
