/** Ports with queues, for tests. */
import type { Action } from '../../protocol/wire/openflow/action.ts';
import type { QueueOptions } from '../../vswitch/port-queue.ts';

export const SPEED_KBPS = 100_000;
/** The port that has queues. */
export const OUT = 2;

export function portsWith(queues: readonly QueueOptions[], speedKbps = SPEED_KBPS) {
  return [1, OUT, 3, 4].map((portNo) => ({
    portNo,
    name: `s1-eth${portNo}`,
    hwAddr: 0x0200_0000_0000 + portNo,
    speedKbps,
    ...(portNo === OUT && { queues }),
  }));
}

export function toQueue(queueId: number, port = OUT): Action[] {
  return [
    { type: 'setQueue', queueId },
    { type: 'output', port, maxLen: 0 },
  ];
}
